"""How unevenly something is spread, and how far its mix is from a yardstick: one table of indices.

Sources: Hoover (1936), Krugman (1991), Herfindahl-Hirschman, Gini; Hachman (1995); Farhauer & Kroell (2013) for the
worked examples. No index depends on the order of the rows, and equal values cannot matter.
"""

from __future__ import annotations

import polars as pl

from indicators.frames import Column, Contract, grouping, require

SHARES = Contract(
    "shares",
    (
        Column("value", pl.Float64, "as given", "what is spread; empty = not known", low=0, nullable=True),
        Column(
            "reference", pl.Float64, "as given", "the yardstick, such as all jobs or the population", low=0,
            nullable=True, optional=True,
        ),
        Column("weight", pl.Float64, "as given", "how many the row stands for; absent = 1", low=0, optional=True),
    ),
)  # fmt: skip
"""One row per region of an industry, or per industry of a region."""

INDICES = (
    "hhi", "hhi_normalised", "equivalent_number", "gini", "gini_corrected", "gini_weighted", "hoover_equal",
    "hoover", "krugman", "gini_of_quotients", "gini_locational", "average_quotient", "hachman",
)  # fmt: skip
"""The columns of ``share_indices``."""


def share_indices(rows: pl.DataFrame, by: str | tuple[str, ...] = ()) -> pl.DataFrame:
    """How uneven the values of each group are, and how far their mix is from the mix of the yardstick.

    Formula: s = value / sum of values, x = reference / sum of references, both over the rows with value and (where
    it is
    given) reference. hhi = sum s^2; hhi_normalised = (hhi - 1/n) / (1 - 1/n); equivalent_number = 1 / hhi. Every
    Gini is
    sum_ab w_a w_b abs(v_a - v_b) / (2 W^2 m), m the mean of v weighted with w: gini v = value, w = 1; gini_corrected =
    gini n / (n - 1); gini_weighted v = value, w = weight; gini_of_quotients v = value / reference, w = 1;
    gini_locational
    v = value / reference, w = reference (Krugman 1991 prints half of it). hoover_equal = sum abs(s - 1/n) / 2;
    hoover = sum abs(s - x) / 2; krugman = 2 hoover; average_quotient = sum s^2 / x (the quotients weighted with the
    shares); hachman = 1 / average_quotient.
    Columns in: ``by`` (any; none: one group), value Float64 (0 or more, empty = not known), optional reference, weight.
    Columns out: ``by``, n UInt32 (rows used), n_unknown UInt32 (rows left out because value or reference is empty:
    the indices are of the rest), and Float64: hhi (1/n..1), hhi_normalised (0..1), equivalent_number (1..n), gini,
    gini_corrected, gini_weighted, gini_of_quotients, gini_locational, hoover_equal, hoover (0..1), krugman (0..2),
    average_quotient (1 upwards), hachman (0..1). Null: all where the values sum to 0; those that need a reference
    where none is given or it sums to 0; hhi_normalised and gini_corrected for one row; those of quotients where a
    value stands against a reference of 0. No rows give no rows.
    Raises ContractError. Source: see the module.

    >>> rows = pl.DataFrame({"value": [20.0, 50.0, 20.0, 10.0]})  # 0.04 + 0.25 + 0.04 + 0.01
    >>> share_indices(rows).select(pl.col("hhi", "hhi_normalised", "gini", "gini_corrected").round(9)).row(0)
    (0.34, 0.12, 0.3, 0.4)
    """
    keys = grouping(by)
    checked = require(rows, SHARES)
    yardstick = "reference" in checked.columns
    absent = {name: pl.lit(None, pl.Float64) for name in ("reference",) if not yardstick}
    absent |= {"weight": pl.lit(1.0)} if "weight" not in checked.columns else {}
    names = [pl.col(name).cast(pl.String) for name in keys]
    table = checked.with_columns(**absent).with_columns(pl.lit("").alias("_all"), *names)
    unknown = pl.col("value").is_null() | (pl.col("reference").is_null() & yardstick)
    known = table.filter(~unknown).with_columns(
        (pl.col("value") / pl.col("reference")).alias("_ratio"), pl.lit(1.0).alias("_one")
    )
    group = keys or ["_all"]
    counted = table.group_by(group).agg(
        (~unknown).sum().cast(pl.UInt32).alias("n"), unknown.sum().cast(pl.UInt32).alias("n_unknown")
    )
    found = known.group_by(group).agg(**_sums()).with_columns(**_from_sums())
    return counted.join(found, on=group, how="left").sort(group).select(*keys, "n", "n_unknown", *INDICES)


def standardised_quotients(
    quotients: pl.DataFrame, region: str = "district_code", industry: str = "industry_code", log10: bool = False
) -> pl.DataFrame:
    """The quotients of each industry on one scale: how many standard deviations a region lies above the average region.

    Formula: standardised = (q - mean) / sd over the regions of one INDUSTRY, q = location_quotient, or its logarithm
    to the base 10
    with ``log10`` (for skewed quotients; a quotient of 0 has none and is left out); sd with n - 1. The mean of a row
    is 0.
    Columns in: ``region``, ``industry`` (text), location_quotient Float64 (may be empty).
    Columns out: ``region``, ``industry``, location_quotient, standardised Float64 (null: no quotient, one region, or
    all equal),
    n_regions UInt32 (regions the mean is taken over; with 16 districts few: read it as a rank). Order as given.
    No rows give no rows. Raises ContractError. Source: O'Donoghue & Gleave (2004); REAT subtracts means of regions
    by mistake.

    >>> table = pl.DataFrame({"district_code": ["x", "y", "z"], "industry_code": "a",
    ...     "location_quotient": [0.5, 1.0, 1.5]})
    >>> standardised_quotients(table)["standardised"].to_list()
    [-1.0, 0.0, 1.0]
    """
    columns = tuple(
        Column(name, pl.String, "code", f"the {note}") for name, note in ((region, "region"), (industry, "industry"))
    )
    quotient = Column(
        "location_quotient", pl.Float64, "ratio, 1 = as in the whole", "the quotient", low=0, nullable=True
    )
    rows = require(quotients, Contract("quotients", (*columns, quotient), key=(region, industry)))
    value = pl.col("location_quotient")
    value = pl.when(value > 0).then(value.log10()) if log10 else value
    spread = pl.col("_q").std(ddof=1)
    uneven = spread > 1e-12 * pl.col("_q").abs().max()
    scaled = rows.with_columns(value.alias("_q")).with_columns(
        pl.when(uneven.over(industry))
        .then(((pl.col("_q") - pl.col("_q").mean()) / spread).over(industry))
        .alias("standardised"),
        pl.col("_q").count().over(industry).cast(pl.UInt32).alias("n_regions"),
    )
    return scaled.select(region, industry, "location_quotient", "standardised", "n_regions")


def cluster_index(rows: pl.DataFrame) -> pl.DataFrame:
    """How dense an industry is in a region, by area and population, with the size of its enterprises allowed for.

    Formula: cluster_index = ((e_ij/a_j)/(e_i/a)) * ((e_ij/p_j)/(e_i/p)) / ((e_ij/b_ij)/(e_i/b_i)), e jobs of the
    industry, a area,
    p population, b enterprises of the industry, j the region, without j the whole. Above 1: denser than the whole.
    Columns in: amount, industry_amount (persons), area_km2, total_area_km2, population, total_population, n,
    industry_n (enterprises of the industry in the region and in the whole), all Float64.
    Columns out: all columns given, then cluster_index Float64 (0 upwards, not standardised; null where a denominator
    is 0).
    A region without the industry has 0. No rows give no rows. Raises ContractError. Source: Litzenberger & Sternberg
    (2006).

    >>> row = dict(amount=[30.0], industry_amount=[60.0], area_km2=[10.0], total_area_km2=[100.0], population=[50.0],
    ...     total_population=[200.0], n=[3.0], industry_n=[9.0])
    >>> round(cluster_index(pl.DataFrame(row))["cluster_index"].item(), 9)  # (0.5*10) * (0.5*4) / (0.5*3)
    6.666666667
    """
    rows = require(rows, LITZENBERGER)
    share = pl.col("amount") / pl.col("industry_amount")
    area, people = pl.col("total_area_km2") / pl.col("area_km2"), pl.col("total_population") / pl.col("population")
    size = pl.col("industry_n") / pl.col("n")
    sound = pl.all_horizontal(pl.col(c.name) > 0 for c in LITZENBERGER.columns)
    none = (pl.col("amount") == 0) & (pl.col("n") == 0) & (pl.col("industry_amount") > 0)
    value = pl.when(sound).then((share * area) * (share * people) / (share * size)).when(none).then(0.0)
    return rows.with_columns(value.alias("cluster_index"))


LITZENBERGER = Contract(
    "industry in a region",
    tuple(
        Column(name, pl.Float64, unit, note, low=0)
        for name, unit, note in (
            ("amount", "persons", "jobs of the industry in the region"),
            ("industry_amount", "persons", "jobs of the industry in the whole"),
            ("area_km2", "square kilometres", "area of the region"),
            ("total_area_km2", "square kilometres", "area of the whole"),
            ("population", "persons", "population of the region"),
            ("total_population", "persons", "population of the whole"),
            ("n", "enterprises", "enterprises of the industry in the region"),
            ("industry_n", "enterprises", "enterprises of the industry in the whole"),
        )
    ),
)
"""What the index of Litzenberger and Sternberg needs of one industry in one region."""


def _sums() -> dict[str, pl.Expr]:
    value, reference, n = pl.col("value"), pl.col("reference"), pl.len()
    share, yardstick = value / value.sum(), reference / reference.sum()
    gap = pl.when(reference.sum() > 0).then((share - yardstick).abs().sum() / 2.0)
    against_nothing = ((reference == 0) & (value > 0)).any()
    quotient = pl.when(reference > 0).then(share**2 / yardstick).otherwise(0.0).sum()
    return {
        "_total": value.sum(),
        "_n": n,
        "hhi": (share**2).sum(),
        "gini": _gini(value, pl.col("_one")),
        "gini_weighted": _gini(value, pl.col("weight")),
        "gini_of_quotients": pl.when((reference > 0).all()).then(_gini(pl.col("_ratio"), pl.col("_one"))),
        "gini_locational": pl.when(~against_nothing).then(_gini(pl.col("_ratio").fill_nan(0.0), reference)),
        "hoover_equal": (share - 1.0 / n).abs().sum() / 2.0,
        "hoover": gap,
        "average_quotient": pl.when(~against_nothing & (reference.sum() > 0)).then(quotient),
    }


def _gini(value: pl.Expr, weight: pl.Expr) -> pl.Expr:
    """Sum over rows in rising order of w v (2 W_up_to_here - w), over W times the sum of w v, minus 1."""
    rising, heavy = value.sort_by(value), weight.sort_by(value)
    below = 2.0 * heavy.cum_sum() - heavy
    whole = heavy.sum() * (heavy * rising).sum()
    return pl.when(whole > 0).then(((heavy * rising * below).sum() / whole - 1.0).clip(0.0, 1.0))


def _from_sums() -> dict[str, pl.Expr]:
    some, several, n = pl.col("_total") > 0, pl.col("_n") > 1, pl.col("_n").cast(pl.Float64)
    return {
        "hhi": pl.when(some).then("hhi"),
        "hhi_normalised": pl.when(some & several).then((pl.col("hhi") - 1.0 / n) / (1.0 - 1.0 / n)),
        "equivalent_number": pl.when(some).then(1.0 / pl.col("hhi")),
        "gini_corrected": pl.when(several).then(pl.col("gini") * n / (n - 1.0)),
        "hoover_equal": pl.when(some).then("hoover_equal"),
        "hoover": pl.when(some).then("hoover"),
        "krugman": pl.when(some).then(2.0 * pl.col("hoover")),
        "average_quotient": pl.when(some).then("average_quotient"),
        "hachman": pl.when(some).then(1.0 / pl.col("average_quotient")),
    }
