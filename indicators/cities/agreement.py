"""Whether two rankings, or the indicators of one group, agree; and how fast a short series grew."""

from __future__ import annotations

import numpy as np
import polars as pl

from indicators.cities.aggregation import wide
from indicators.cities.normalise import SCORED, Numbers
from indicators.frames import Column, Contract, ContractError, require

PAIRED = Contract(
    "pairs",
    (
        Column("first", pl.Float64, "rank or points", "the figure in the first ranking", nullable=True),
        Column("second", pl.Float64, "rank or points", "the figure in the second ranking", nullable=True),
    ),
)
"""One row per city with both figures."""

YEARLY = Contract(
    "series",
    (
        Column("indicator_id", pl.String, "code", "the series"),
        Column("year", pl.Int64, "year", "the year"),
        Column("value", pl.Float64, "see unit of the series", "the figure; empty = missing", nullable=True),
    ),
    key=("indicator_id", "year"),
)
"""One row per series and year."""


def spearman(first: Numbers, second: Numbers) -> float:
    """The rank correlation of two rankings, 1 = the same order, -1 = the opposite one.

    Formula: 1 - 6 sum d^2 / (n (n^2 - 1)), d the difference of the ranks. Ranks in, -1..1 out; fewer than two give nan.
    Source: Spearman (1904).

    >>> spearman(np.array([1.0, 2, 3, 4, 5]), np.array([1.0, 3, 2, 4, 5]))
    0.9
    """
    n = first.size
    return float(1.0 - 6.0 * ((first - second) ** 2).sum() / (n * (n * n - 1.0))) if n > 1 else float("nan")


def similarity(first: Numbers, second: Numbers) -> float:
    """How alike two rankings are where it matters, at the top; 1 = the same (WS coefficient).

    Formula: 1 - sum 2^(-x) |x - y| / max(|x - 1|, |x - n|), x the rank in the first ranking. Ranks in, 0..1 out; fewer
    than two give nan. Not symmetric. Source: Salabun & Urbaniak (2020).

    >>> round(similarity(np.array([1.0, 2, 3, 4, 5]), np.array([1.0, 3, 2, 4, 5])), 4)
    0.8542
    """
    n = first.size
    if n < 2:
        return float("nan")
    farthest = np.maximum(np.abs(first - 1.0), np.abs(first - n))
    return float(1.0 - (2.0**-first * np.abs(first - second) / farthest).sum())


def ranking_agreement(pairs: pl.DataFrame) -> pl.DataFrame:
    """How far two rankings of the same cities agree: Spearman, WS and Pearson in one row.

    Columns in: PAIRED (ranks; rows with a missing figure are left out). Columns out: n UInt32 (pairs), spearman,
    similarity_ws, pearson Float64 (null with fewer than two pairs; pearson also without spread). Spearman and WS take
    the figures as ranks. No rows give no rows. Raises ContractError. Source: Spearman (1904); Salabun & Urbaniak
    (2020).

    >>> pairs = pl.DataFrame({"first": [1.0, 2, 3, 4, 5], "second": [1.0, 3, 2, 4, 5]})
    >>> ranking_agreement(pairs).select("n", "spearman").row(0)
    (5, 0.9)
    """
    rows = require(pairs, PAIRED).select("first", "second").drop_nulls()
    schema = {"n": pl.UInt32, "spearman": pl.Float64, "similarity_ws": pl.Float64, "pearson": pl.Float64}
    if rows.is_empty():
        return pl.DataFrame(schema=schema)
    first, second = rows["first"].to_numpy(), rows["second"].to_numpy()
    varied = rows.height > 1 and bool(np.ptp(first)) and bool(np.ptp(second))
    pearson = float(np.corrcoef(first, second)[0, 1]) if varied else float("nan")
    row = [rows.height, spearman(first, second), similarity(first, second), pearson]
    return pl.DataFrame([row], schema=schema, orient="row").fill_nan(None)


def cronbach_alpha(x: Numbers) -> float:
    """How far the indicators of a group measure the same thing, 1 = fully; it can be negative.

    Formula: k / (k - 1) * (1 - sum of variances / sum of all covariances), covariances over the pairs that are there.
    Numbers in (cities x indicators, nan = missing); fewer than two indicators or no spread give nan.
    Source: Cronbach (1951); COINr get_cronbach.

    >>> cronbach_alpha(np.array([[1.0, 1.0], [2.0, 2.0], [3.0, 3.0]]))
    1.0
    """
    k = x.shape[1]
    if k < 2:
        return float("nan")
    known = np.isfinite(x)
    total = 0.0
    spread = 0.0
    for i in range(k):
        for j in range(k):
            both = known[:, i] & known[:, j]
            covariance = _covariance(x[both, i], x[both, j])
            total += covariance
            spread += covariance if i == j else 0.0
    return float(k / (k - 1.0) * (1.0 - spread / total)) if total else float("nan")


def reliability(values: pl.DataFrame) -> pl.DataFrame:
    """Cronbach's alpha of the indicators of a file, one row.

    Columns in: SCORED (values are taken as they are; direction -1 turns one). Columns out: alpha Float64 (null with
    fewer than two indicators or no spread), n_indicators, n_cities UInt32. No rows give no rows. Raises ContractError.
    Source: Cronbach (1951); COINr get_cronbach.

    >>> rows = pl.DataFrame({"city_id": list("abab"), "indicator_id": list("xxyy"), "value": [1.0, 2.0, 1.0, 2.0]})
    >>> reliability(rows).row(0)
    (1.0, 2, 2)
    """
    rows = require(values, SCORED)
    schema = {"alpha": pl.Float64, "n_indicators": pl.UInt32, "n_cities": pl.UInt32}
    if rows.is_empty():
        return pl.DataFrame(schema=schema)
    if "direction" in rows.columns:
        rows = rows.with_columns(pl.col("value") * pl.col("direction"))
    cities, names, x = wide(rows)
    row = [cronbach_alpha(x), len(names), len(cities)]
    return pl.DataFrame([row], schema=schema, orient="row").fill_nan(None)


def growth_rates(series: pl.DataFrame) -> pl.DataFrame:
    """How fast each series grew: the compound annual rate, and the slope of its trend.

    Formula: cagr_pct = 100 * ((last / first)^(1 / years) - 1); trend_pct = 100 * OLS slope / first fitted value, per
    year. Columns in: YEARLY, the figures of one line. Columns out: indicator_id text, year_from, year_to Int64,
    cagr_pct, trend_pct Float64 (null with fewer than two figures, or where first or last is zero or less), n UInt32,
    sorted. Missing figures are left out. No rows give no rows. Raises ContractError. Source: COINr CAGR, prc_change.

    >>> rows = pl.DataFrame({"indicator_id": ["x"] * 4, "year": [2010, 2011, 2012, 2013],
    ...     "value": [100.0, 110, 130, 125]})
    >>> round(growth_rates(rows)["cagr_pct"].item(), 4)
    7.7217
    """
    rows = require(series, YEARLY).drop_nulls("value").sort("indicator_id", "year")
    span = pl.col("year").last() - pl.col("year").first()
    first, last = pl.col("value").first(), pl.col("value").last()
    grown = pl.when((span > 0) & (first > 0) & (last > 0)).then(100.0 * ((last / first) ** (1.0 / span) - 1.0))
    slope = pl.cov("year", "value") / pl.col("year").var()
    fitted = pl.col("value").mean() + slope * (pl.col("year").first() - pl.col("year").mean())
    return rows.group_by("indicator_id", maintain_order=True).agg(
        pl.col("year").first().alias("year_from"),
        pl.col("year").last().alias("year_to"),
        grown.alias("cagr_pct"),
        pl.when((pl.len() > 1) & (fitted != 0)).then(100.0 * slope / fitted).alias("trend_pct"),
        pl.len().cast(pl.UInt32).alias("n"),
    )


def _covariance(a: Numbers, b: Numbers) -> float:
    if a.size < 2:
        problem = "two indicators have fewer than two cities in common; accepted: two or more; leave one of them out."
        raise ContractError(SCORED, [problem])
    return float(((a - a.mean()) * (b - b.mean())).sum() / (a.size - 1.0))
