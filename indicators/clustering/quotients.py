"""Location quotients from sums by region and industry: totals, quotient, interval, and why there is none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from indicators.clustering.cell_sums import grid_sums
from indicators.clustering.intervals import log_variance, quantile

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

AREA = "_area"
"""The column of the area a region is compared with."""

REASONS = (None, "suppressed", "amount_unknown", "region_total_zero", "industry_total_zero")
"""Why a cell has no quotient; the first: it has one."""

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
    Out: see ``specialisation.location_quotients``, sorted. Totals leave out what is not known; a total of which
    nothing is known is null.

    >>> cells = pl.DataFrame({"r": ["x", "x", "y"], "i": ["a", "b", "a"], "_area": "", "n": [1, 2, 3],
    ...     "n_unknown": 0, "suppressed": False, "amount": [1, 2, 3], "squares": [1, 2, 3]})
    >>> quotient_table(cells, cells, "r", "i", Shown(1)).select("r", "i", "location_quotient").rows()
    [('x', 'a', 0.5), ('x', 'b', 2.0), ('y', 'a', 1.5)]
    """
    whole, cells = whole if whole is not cells else cells.sort(region, industry), cells.sort(region, industry)
    parts = {"region": (whole, [region]), "industry": (cells, [industry, AREA]), "total": (whole, [AREA])}
    totals = {
        name: _total(cells, source, by, (published or {}).get(by[0]), name) for name, (source, by) in parts.items()
    }
    amount, squares, suppressed = _floats(cells["amount"]), _floats(cells["squares"]), cells["suppressed"].to_numpy()
    found, reason = computed(amount, squares, suppressed, totals, shown.confidence)
    kind = cells.schema["amount"]
    given = {f"{name}_amount": _known(total.amount).cast(kind) for name, total in totals.items()}
    n, complete = cells["n"], ~np.logical_or.reduce([total.incomplete for total in totals.values()])
    flags = {"shown": n >= shown.minimum, "ranked": n >= shown.ranked, "totals_complete": pl.Series(complete)}
    return cells.with_columns(**given, **found, reason=reason, **flags)


def both_measures(
    enterprises: pl.DataFrame,
    region: str = "district_code",
    industry: str = "industry_code",
    shown: Shown | None = None,
) -> dict[str, pl.DataFrame]:
    """The quotients of enterprises and of employees against all rows, from one pass over the enterprises.

    In: as ``cell_sums.cell_sums``. Out: "enterprises" and "employees", each as ``specialisation.location_quotients``
    without base: for millions of enterprises, whose ids have been checked on the way in.
    Raises ContractError. Source: as ``specialisation.location_quotients``.

    >>> firms = pl.DataFrame({"d": ["x", "x", "y"], "i": ["a", "b", "b"], "employees": [6, 2, 4]})
    >>> both_measures(firms, "d", "i")["employees"]["location_quotient"].to_list()  # (6/8)/(6/12), ...
    [1.5, 0.5, 0.0, 2.0]
    """
    shown = shown or Shown()
    sums, regions, industries = grid_sums(enterprises, region, industry)
    shape = sums[0].shape
    codes = {
        region: pl.Series(np.repeat(np.array(regions.to_list(), dtype=object), shape[1]), dtype=pl.String),
        industry: pl.Series(np.tile(np.array(industries.to_list(), dtype=object), shape[0]), dtype=pl.String),
    }
    n, n_known, jobs, squares = (one.astype(np.float64) for one in sums)
    unknown = (n > 0) & (n_known == 0)
    tables = {
        "enterprises": (n, n, n, 0 * n),
        "employees": (np.where(unknown, np.nan, jobs), squares, n_known, n - n_known),
    }
    return {name: _dense(codes, *arrays, shown, name == "employees") for name, arrays in tables.items()}


def _dense(
    codes: dict[str, pl.Series],
    amount: Floats,
    squares: Floats,
    n: Floats,
    n_unknown: Floats,
    shown: Shown,
    people: bool,
) -> pl.DataFrame:
    """One table of ``both_measures``: arrays of regions x industries."""
    sides = {"region": 1, "industry": 0, "total": None}
    totals = {name: _axis_total(amount, squares, n, axis) for name, axis in sides.items()}
    flat = amount.ravel(), squares.ravel(), np.zeros(amount.size, dtype=np.bool_)
    found, reason = computed(*flat, totals, shown.confidence)
    counted = pl.Series(n.ravel()).cast(pl.UInt32)
    given = {f"{name}_amount": _known(total.amount).cast(pl.Int64) for name, total in totals.items()}
    few = np.isfinite(found["low"].to_numpy()) & (n.ravel() < FEW) & people
    columns = {
        "n": counted, "amount": _known(flat[0]).cast(pl.Int64), **given,
        "share_pct": found["share_pct"], "location_quotient": found["location_quotient"],
        "shown": counted >= shown.minimum,
        "n_unknown": pl.Series(n_unknown.ravel()).cast(pl.UInt32), "low": found["low"], "high": found["high"],
        "indicative": pl.Series(few), "ranked": counted >= shown.ranked, "reason": reason,
    }  # fmt: skip
    return pl.DataFrame(codes | columns)


def computed(
    amount: Floats, squares: Floats, suppressed: Flags, totals: dict[str, Total], confidence: float
) -> tuple[dict[str, pl.Series], pl.Series]:
    """Quotient, share and interval of every cell, and why there is no quotient; nan stands for not known.

    >>> def total(n: float) -> Total:
    ...     return Total(np.array([n]), np.array([n]), np.array([False]))
    >>> totals = {"region": total(30.0), "industry": total(20.0), "total": total(60.0)}
    >>> found, _ = computed(np.array([20.0]), np.array([20.0]), np.array([False]), totals, 0.95)
    >>> found["location_quotient"].item()  # (20/30) / (20/60)
    2.0
    """
    sums = (amount, *(total.amount for total in totals.values()))
    _, of_region, of_industry, of_total = sums
    with np.errstate(divide="ignore", invalid="ignore"):
        sound = (of_region > 0) & (of_industry > 0)
        quotient = np.where(sound, (amount * of_total) / (of_region * of_industry), np.nan)
        share = np.where(of_region > 0, 100.0 * amount / of_region, np.nan)
        variance = log_variance(sums, (squares, *(total.squares for total in totals.values())))
        reach = np.exp(quantile(confidence) * np.sqrt(variance))
        certain = (quotient > 0) & ~np.logical_or.reduce([total.incomplete for total in totals.values()])
        low, high = np.where(certain, quotient / reach, np.nan), np.where(certain, quotient * reach, np.nan)
    columns = {"location_quotient": quotient, "share_pct": share, "low": low, "high": high}
    conditions = [~np.isnan(quotient), suppressed, np.isnan(amount), ~(of_region > 0)]
    which = np.select(conditions, range(len(conditions)), default=len(conditions))
    reason = pl.Series([REASONS[k] for k in which.tolist()], dtype=pl.String)
    return {name: _known(values) for name, values in columns.items()}, reason


@dataclass(frozen=True)
class Total:
    """A total beside every cell: nan where nothing is known; ``incomplete``: a suppressed cell is missing from it."""

    amount: Floats
    squares: Floats
    incomplete: Flags


def _total(cells: pl.DataFrame, source: pl.DataFrame, by: list[str], given: pl.DataFrame | None, name: str) -> Total:
    """One kind of total; a published one stands in place of the sum, and a count is its own sum of squares."""
    here, there, n = _groups(cells, source, by)
    amount, squares, counted = (_floats(source[column]) for column in ("amount", "squares", "n"))
    known = ~np.isnan(amount)
    some = np.bincount(there, known & ~(counted == 0), n) > 0
    every = np.bincount(there, ~known, n) == 0
    sums = np.where(some | every, np.bincount(there, np.nan_to_num(amount), n), np.nan)[here]
    squared = np.asarray(np.bincount(there, np.nan_to_num(squares), n)[here], dtype=np.float64)
    incomplete = (np.bincount(there, source["suppressed"].to_numpy(), n) > 0)[here]
    if given is None:
        return Total(sums, squared, incomplete)
    told = _floats(cells.select(by[0]).join(given, on=by[0], how="left", maintain_order="left")[f"{name}_amount"])
    absent = np.isnan(told)
    return Total(np.where(absent, sums, told), np.where(absent, squared, told), incomplete & absent)


def _axis_total(amount: Floats, squares: Floats, n: Floats, axis: int | None) -> Total:
    """The total along one side of regions x industries, beside every cell."""
    unknown = np.isnan(amount)
    some = (n > 0).any(axis=axis, keepdims=True) | ~unknown.any(axis=axis, keepdims=True)
    sums = np.where(some, np.nansum(amount, axis=axis, keepdims=True), np.nan)
    squared = squares.sum(axis=axis, keepdims=True)
    whole = [np.broadcast_to(one, amount.shape).ravel() for one in (sums, squared)]
    return Total(whole[0], whole[1], np.zeros(amount.size, dtype=np.bool_))


def _groups(cells: pl.DataFrame, source: pl.DataFrame, by: list[str]) -> tuple[Integers, Integers, int]:
    """The number of the group of every cell and of every row of the source, and how many groups there are."""
    frames = (cells,) if cells is source else (cells, source)
    found = np.zeros(sum(frame.height for frame in frames), dtype=np.int64)
    for name in by:
        column = frames[0][name] if len(frames) == 1 else pl.concat([frame[name] for frame in frames])
        found = (found << 32) + column.cast(pl.Categorical).to_physical().to_numpy()
    names, numbers = np.unique(found, return_inverse=True)
    return numbers[: cells.height], numbers[-source.height :] if source.height else numbers, len(names)


def _floats(values: pl.Series) -> Floats:
    """Numbers with nan for null."""
    return values.cast(pl.Float64).to_numpy()


def _known(values: Floats) -> pl.Series:
    """Numbers with null for nan."""
    return pl.Series(values, nan_to_null=True, dtype=pl.Float64)
