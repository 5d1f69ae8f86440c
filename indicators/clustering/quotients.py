"""Location quotients from sums by region and industry: totals, quotient, interval, and why there is none."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from indicators.clustering.intervals import log_variance, quantile

AREA = "_area"
FEW = 40
"""Enterprises under which an interval of employees is only an indication: it covers less than it says."""


@dataclass(frozen=True)
class Shown:
    """From how many enterprises a quotient is shown and ranked, and how sure its interval is."""

    minimum: int = 5
    ranked: int = 10
    confidence: float = 0.95


def grid(sums: pl.DataFrame, region: str, industry: str, areas: pl.DataFrame | None = None) -> pl.DataFrame:
    """Every region with every industry of its area: the pairs a table of quotients has rows for.

    In: sums (``region``, ``industry``), areas (``region``, ``AREA``; none: one area). Out: ``region``, ``industry``,
    ``AREA``.

    >>> grid(pl.DataFrame({"r": ["x", "y"], "i": ["a", "b"]}), "r", "i").height
    4
    """
    placed = placed_in(sums, region, areas)
    regions, industries = placed.select(region, AREA).unique(), placed.select(industry, AREA).unique()
    return regions.join(industries, on=AREA).select(region, industry, AREA)


def placed_in(sums: pl.DataFrame, region: str, areas: pl.DataFrame | None) -> pl.DataFrame:
    """The sums with the area each region is compared with; one area where none are given.

    >>> placed_in(pl.DataFrame({"r": ["x"]}), "r", None)["_area"].to_list()
    ['']
    """
    return sums.with_columns(pl.lit("").alias(AREA)) if areas is None else sums.join(areas, on=region, how="left")


def quotient_table(
    cells: pl.DataFrame,
    whole: pl.DataFrame,
    region: str,
    industry: str,
    shown: Shown,
    published: dict[str, pl.DataFrame] | None = None,
) -> pl.DataFrame:
    """The quotients of every cell against its area.

    In: cells (``region``, ``industry``, ``AREA``, n, n_unknown, suppressed, amount and squares, null where not
    known), whole (the same columns: what the totals of regions and of the area are taken from; the cells
    themselves, or more), published (by ``region``, ``industry`` or ``AREA``: totals that stand in place of the sums).
    Out: see ``specialisation.location_quotients``. Totals leave out what is not known; a total of which
    nothing is known is null.

    >>> cells = pl.DataFrame({"r": ["x", "x", "y"], "i": ["a", "b", "a"], "_area": "", "n": [1, 2, 3],
    ...     "n_unknown": 0, "suppressed": False, "amount": [1, 2, 3], "squares": [1, 2, 3]})
    >>> quotient_table(cells, cells, "r", "i", Shown(1)).select("r", "i", "location_quotient").rows()
    [('x', 'a', 0.5), ('x', 'b', 2.0), ('y', 'a', 1.5)]
    """
    parts = {"region": (whole, [region]), "total": (whole, [AREA]), "industry": (cells, [industry, AREA])}
    table = cells
    for name, (source, by) in parts.items():
        given = (published or {}).get(by[0])
        totals = _totals(source, by, name)
        table = table.join(totals if given is None else _replaced(totals, given, by[0], name), on=by, how="left")
    table = table.with_columns(_quotient().alias("location_quotient"), _share().alias("share_pct"), _reason())
    return _with_interval(table, shown).sort(region, industry)


def _totals(source: pl.DataFrame, by: list[str], name: str) -> pl.DataFrame:
    """Amount and squares of one kind of total, and whether a suppressed cell is missing from it."""
    found = ((pl.col("n") > 0) | (pl.col("n").is_null() & pl.col("amount").is_not_null())).any()
    found |= pl.col("amount").is_not_null().all()
    return source.group_by(by).agg(
        pl.when(found).then(pl.col("amount").sum()).alias(f"{name}_amount"),
        pl.col("squares").sum().alias(f"_{name}_squares"),
        pl.col("suppressed").any().alias(f"_{name}_incomplete"),
    )


def _replaced(totals: pl.DataFrame, given: pl.DataFrame, key: str, name: str) -> pl.DataFrame:
    """The totals with the published ones in place of the sums; a published count is its own sum of squares."""
    both = totals.join(given, on=key, how="left", suffix="_given")
    told = pl.col(f"{name}_amount_given")
    return both.with_columns(
        pl.coalesce(told, f"{name}_amount").alias(f"{name}_amount"),
        pl.coalesce(told, f"_{name}_squares").alias(f"_{name}_squares"),
        (pl.col(f"_{name}_incomplete") & told.is_null()).alias(f"_{name}_incomplete"),
    ).drop(f"{name}_amount_given")


def _numbers(*names: str) -> list[pl.Expr]:
    return [pl.col(name).cast(pl.Float64) for name in names]


def _quotient() -> pl.Expr:
    amount, region, industry, total = _numbers("amount", "region_amount", "industry_amount", "total_amount")
    return pl.when((region > 0) & (industry > 0)).then((amount * total) / (region * industry))


def _share() -> pl.Expr:
    amount, region = _numbers("amount", "region_amount")
    return pl.when(region > 0).then(100.0 * amount / region)


def _reason() -> pl.Expr:
    """Why a row has no quotient; empty where it has one."""
    nothing = (
        pl.when(pl.col("suppressed"))
        .then(pl.lit("suppressed"))
        .when(pl.col("amount").is_null())
        .then(pl.lit("amount_unknown"))
        .when(~(pl.col("region_amount") > 0))
        .then(pl.lit("region_total_zero"))
        .otherwise(pl.lit("industry_total_zero"))
    )
    return pl.when(_quotient().is_null()).then(nothing).alias("reason")


def _with_interval(table: pl.DataFrame, shown: Shown) -> pl.DataFrame:
    amount, region, industry, total = _numbers("amount", "region_amount", "industry_amount", "total_amount")
    cell, of_region, of_industry, of_total = _numbers(
        "squares", "_region_squares", "_industry_squares", "_total_squares"
    )
    variance = log_variance(amount, region, industry, total, (cell, of_region, of_industry, of_total))
    reach = quantile(shown.confidence) * variance.sqrt()
    certain = (pl.col("location_quotient") > 0) & ~pl.col("_incomplete")
    incomplete = pl.any_horizontal(f"_{name}_incomplete" for name in ("region", "industry", "total")).alias(
        "_incomplete"
    )
    return table.with_columns(incomplete).with_columns(
        pl.when(certain).then(pl.col("location_quotient") * (-reach).exp()).alias("low"),
        pl.when(certain).then(pl.col("location_quotient") * reach.exp()).alias("high"),
        (pl.col("n") >= shown.minimum).alias("shown"),
        (pl.col("n") >= shown.ranked).alias("ranked"),
        (~pl.col("_incomplete")).alias("totals_complete"),
    )
