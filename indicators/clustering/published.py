"""Location quotients of published counts: tables with suppressed cells, and the check against what an office printed.

Source: US Bureau of Labor Statistics, QCEW, location quotients: local share over national share, both
of the total of all ownerships; suppressed cells carry a disclosure code and are not zeros.
"""

from __future__ import annotations

from typing import Literal

import polars as pl

from indicators.clustering.quotients import AREA, Shown, grid, quotient_table
from indicators.frames import Column, Contract, require

TRUE_ZERO = "-"
"""The disclosure code of a cell in which there was nothing to count; any other code means suppressed."""

HALF_STEP = 0.005
"""Half of the last digit of a quotient printed with two decimals."""

_SECRET = Column(
    "disclosure_code", pl.String, "code", "why a cell is not published; - = a true zero", nullable=True, optional=True
)

CELLS = Contract(
    "cells",
    (
        Column("district_code", pl.String, "code", "the region"),
        Column("industry_code", pl.String, "code", "the industry"),
        Column(
            "amount", pl.Float64, "enterprises or persons", "what is counted; empty = not known", low=0, nullable=True
        ),
        Column("n", pl.Float64, "enterprises", "enterprises of the cell", low=0, nullable=True, optional=True),
        _SECRET,
        Column(
            "region_amount",
            pl.Float64,
            "enterprises or persons",
            "published total of the region",
            low=0,
            nullable=True,
            optional=True,
        ),
        Column(
            "industry_amount",
            pl.Float64,
            "enterprises or persons",
            "published total of the industry",
            low=0,
            nullable=True,
            optional=True,
        ),
        Column(
            "total_amount",
            pl.Float64,
            "enterprises or persons",
            "published total of all",
            low=0,
            nullable=True,
            optional=True,
        ),
    ),
)
"""One row per region and industry, as offices publish them."""

PUBLISHED = Contract(
    "published",
    (
        Column("amount", pl.Float64, "enterprises or persons", "industry in the region", low=0, nullable=True),
        Column(
            "region_amount",
            pl.Float64,
            "enterprises or persons",
            "all in the region, every ownership",
            low=0,
            nullable=True,
        ),
        Column(
            "base_share_low",
            pl.Float64,
            "share of 1",
            "least share of the industry in the base",
            low=0,
            high=1.1,
            nullable=True,
        ),
        Column(
            "base_share_high",
            pl.Float64,
            "share of 1",
            "largest share of the industry in the base",
            low=0,
            high=1.1,
            nullable=True,
        ),
        Column("published", pl.Float64, "ratio", "the quotient as printed", low=0, nullable=True, optional=True),
        _SECRET,
    ),
)
"""A count with the totals it is divided by; the share of the base may be known as a range only."""

TOTALS = ("region_amount", "industry_amount", "total_amount")


def cell_quotients(
    cells: pl.DataFrame,
    region: str = "district_code",
    industry: str = "industry_code",
    measure: Literal["enterprises", "employees"] = "enterprises",
    minimum: int = 5,
    ranked: int = 10,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """Location quotients from a table of counts by region and industry, suppressed cells kept apart from zeros.

    Formula: as ``specialisation.location_quotients``. Totals are the published ones where the table has them, else
    the sums of
    the cells that are known. Counts of enterprises have an interval; of employees not: it needs the size of each
    enterprise.
    Columns in: ``region``, ``industry`` (text), amount Float64 (empty = not known); optional n (enterprises of the
    cell),
    disclosure_code (text; any code but "-" means suppressed: its amount, often written 0, is ignored), region_amount,
    industry_amount, total_amount (published totals). A pair that has no row is a true zero.
    Columns out: ``region``, ``industry``, n, amount, region_amount, industry_amount, total_amount, share_pct,
    location_quotient,
    shown, ranked (null where n is not known), low, high, suppressed Boolean, totals_complete Boolean (no suppressed
    cell is missing from a total that was summed here), reason.
    No rows give no rows. Raises ContractError. Source: Hoover-Balassa; BLS, QCEW.

    >>> cells = pl.DataFrame({"district_code": ["x", "x", "y"], "industry_code": ["a", "b", "a"],
    ...     "amount": [10.0, 20.0, 30.0], "disclosure_code": ["", "", "N"]})
    >>> cell_quotients(cells).select("amount", "location_quotient", "reason").row(2)
    (None, None, 'suppressed')
    """
    rows = _checked(cells, region, industry)
    counted = pl.col("amount") if measure == "enterprises" else pl.col("n")
    rows = rows.with_columns(
        n=pl.coalesce("n", counted), squares=pl.col("amount") if measure == "enterprises" else None
    )
    pairs = grid(rows, region, industry)
    table = pairs.join(rows.drop(AREA), on=[region, industry], how="left")
    here = pl.col("_row").is_not_null()
    zero = [pl.when(here).then(pl.col(name)).otherwise(0.0).alias(name) for name in ("amount", "n", "squares")]
    table = table.with_columns(*zero, pl.col("suppressed").fill_null(value=False), n_unknown=pl.lit(0, pl.UInt32))
    found = _with_published_totals(table, region, industry, Shown(minimum, ranked, confidence))
    if measure == "employees":
        found = found.with_columns(low=pl.lit(None, pl.Float64), high=pl.lit(None, pl.Float64))
    out = ("n", "amount", *TOTALS, "share_pct", "location_quotient", "shown", "ranked", "low", "high", "suppressed")
    return found.select(region, industry, *out, "totals_complete", "reason")


def published_quotients(counts: pl.DataFrame) -> pl.DataFrame:
    """What a quotient must have been from counts and published totals, and whether the printed one agrees.

    Formula: share = amount / region_amount; low = share / base_share_high, high = share / base_share_low, middle =
    share /
    mean of both; inside: printed between low - 0.005 and high + 0.005 (1e-9 for floating point); rounds_equal: the
    middle
    rounded half up to two decimals is the printed one. The total of the region must hold ALL ownerships.
    Columns in: amount, region_amount (all ownerships), base_share_low, base_share_high (equal where the share is
    known);
    optional published, disclosure_code. Columns out: all columns given, then suppressed Boolean, low, high,
    location_quotient
    Float64 (the middle; null where suppressed or a total is 0), inside, rounds_equal Boolean (null without a printed
    quotient).
    A suppressed cell is never a quotient of 0. No rows give no rows. Raises ContractError.
    Source: BLS, QCEW, location quotients; base settled by measurement (docs/methods.md).

    >>> hotels = pl.DataFrame({"amount": [21429.0], "region_amount": [122698.0], "base_share_low": [0.013146],
    ...     "base_share_high": [0.013156], "published": [13.28]})
    >>> published_quotients(hotels).select(pl.col("location_quotient").round(2), "inside", "rounds_equal").row(0)
    (13.28, True, True)
    """
    rows = require(counts, PUBLISHED)
    rows = rows.with_columns(published=None) if "published" not in rows.columns else rows
    hidden = _suppressed(rows)
    known = ~hidden & (pl.col("region_amount") > 0)
    share = pl.when(known).then(pl.col("amount") / pl.col("region_amount"))
    least, most = pl.col("base_share_low"), pl.col("base_share_high")
    table = rows.with_columns(hidden.alias("suppressed")).with_columns(
        pl.when(most > 0).then(share / most).alias("low"),
        pl.when(least > 0).then(share / least).alias("high"),
        pl.when(least + most > 0).then(2.0 * share / (least + most)).alias("location_quotient"),
    )
    printed, reach = pl.col("published").cast(pl.Float64), HALF_STEP + 1e-9
    rounded = (pl.col("location_quotient") * 100.0 + 0.5 + 1e-9).floor() / 100.0
    return table.with_columns(
        ((printed >= pl.col("low") - reach) & (printed <= pl.col("high") + reach)).alias("inside"),
        ((rounded - printed).abs() < 1e-6).alias("rounds_equal"),
    )


def implied_base_shares(counts: pl.DataFrame, by: tuple[str, ...] = ("industry_code",)) -> pl.DataFrame:
    """The share of the base that all printed quotients of an industry agree on: a test of what the base is.

    Formula: each printed quotient q of a region with share s allows base shares s/(q + 0.005) .. s/(q - 0.005);
    base_share_low =
    largest lower end, base_share_high = smallest upper end over the regions; consistent: low <= high (1e-12 for
    floating point). If
    the totals given are those the office divided by, the ranges of all regions meet; with any other total they do not.
    Columns in: ``by``, amount, region_amount, published; optional disclosure_code. Columns out: ``by``, n_regions
    UInt32
    (used), base_share_low, base_share_high Float64, consistent Boolean. A suppressed cell, an amount of 0 and a
    total of 0 say
    nothing and are left out. No rows give no rows. Raises ContractError. Source: own test of the definition of BLS.

    >>> rows = pl.DataFrame({"industry_code": ["a", "a"], "amount": [10.0, 30.0], "region_amount": [100.0, 100.0],
    ...     "published": [0.5, 1.5]})
    >>> implied_base_shares(rows).with_columns(pl.selectors.float().round(4)).row(0)  # 0.3/1.505 .. 0.3/1.495
    ('a', 2, 0.1993, 0.2007, True)
    """
    columns = [column for column in PUBLISHED.columns if not column.name.startswith("base_share")]
    keys = tuple(Column(name, pl.String, "code", "the industry") for name in by)
    rows = require(counts, Contract("published", (*keys, *columns)))
    used = rows.filter(
        ~_suppressed(rows), pl.col("amount") > 0, pl.col("region_amount") > 0, pl.col("published").is_not_null()
    )
    share, printed = pl.col("amount") / pl.col("region_amount"), pl.col("published")
    upper = pl.when(printed > HALF_STEP).then(share / (printed - HALF_STEP)).otherwise(float("inf"))
    ranges = used.group_by(by).agg(
        pl.len().cast(pl.UInt32).alias("n_regions"),
        (share / (printed + HALF_STEP)).max().alias("base_share_low"),
        upper.min().alias("base_share_high"),
    )
    agree = pl.col("base_share_low") <= pl.col("base_share_high") * (1.0 + 1e-12)
    return ranges.with_columns(agree.alias("consistent")).sort(by)


def _suppressed(rows: pl.DataFrame) -> pl.Expr:
    if "disclosure_code" not in rows.columns:
        return pl.lit(value=False)
    code = pl.col("disclosure_code").fill_null("").str.strip_chars()
    return (code != "") & (code != TRUE_ZERO)


def _checked(cells: pl.DataFrame, region: str, industry: str) -> pl.DataFrame:
    names = {"district_code": region, "industry_code": industry}
    columns = tuple(
        Column(names.get(c.name, c.name), c.dtype, c.unit, c.note, low=c.low, nullable=c.nullable, optional=c.optional)
        for c in CELLS.columns
    )
    rows = require(cells, Contract("cells", columns, key=(region, industry)))
    absent = [name for name in ("n", *TOTALS) if name not in rows.columns]
    rows = rows.with_columns(pl.lit(None, pl.Float64).alias(name) for name in absent)
    rows = rows.with_columns(_suppressed(rows).alias("suppressed"), pl.lit("").alias(AREA), pl.lit(1).alias("_row"))
    return rows.with_columns(pl.when(~pl.col("suppressed")).then("amount").alias("amount"))


def _with_published_totals(table: pl.DataFrame, region: str, industry: str, shown: Shown) -> pl.DataFrame:
    """The quotients, each summed total replaced by the published one where there is one."""
    by = {"region_amount": region, "industry_amount": industry, "total_amount": AREA}
    given = {name: table.drop_nulls(name).group_by(key).agg(pl.col(name).first()) for name, key in by.items()}
    return quotient_table(
        table.drop(TOTALS),
        table,
        region,
        industry,
        shown,
        {by[name]: frame for name, frame in given.items() if frame.height},
    )
