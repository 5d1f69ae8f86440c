"""Several scores of a city in one: arithmetic, geometric and harmonic mean, and outranking (Copeland).

Every function takes a table of numbers, one row a city and one column an indicator, and one weight a column; missing
scores are left out and the weights of the others renormalised, so missing is never zero.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from indicators.cities.normalise import Numbers
from indicators.frames import Column, Contract, ContractError, require

KINDS = ("arithmetic", "geometric", "harmonic")
"""The means that work on one city alone."""

WEIGHTED = Contract(
    "scores",
    (
        Column("city_id", pl.String, "code", "the city or other unit"),
        Column("indicator_id", pl.String, "code", "the indicator"),
        Column("value", pl.Float64, "points", "the normalised score; empty = missing", nullable=True),
        Column("weight", pl.Float64, "weight", "weight of the indicator; absent = equal", low=0, optional=True),
    ),
    key=("city_id", "indicator_id"),
)
"""One row per city and indicator."""


def arithmetic_mean(x: Numbers, weights: Numbers) -> Numbers:
    """The weighted mean of each row.

    Formula: sum w x / sum w over the scores that are there. Numbers in (cities x indicators), one number a city out;
    a city without scores gives nan. Source: OECD/JRC Handbook, step 6; COINr a_amean.

    >>> arithmetic_mean(np.array([[10.0, 40.0], [10.0, np.nan]]), np.array([2.0, 1.0])).tolist()
    [20.0, 10.0]
    """
    known = np.isfinite(x)
    total = known @ weights
    return np.asarray((np.where(known, x, 0.0) @ weights) / np.where(total > 0, total, np.nan))


def geometric_mean(x: Numbers, weights: Numbers) -> Numbers:
    """The weighted geometric mean of each row: a low score is not made good by a high one.

    Formula: exp(sum w ln x / sum w). Numbers in (above 0), one number a city out; missing left out. Raises
    ContractError for a score of zero or less: normalise to 1..100 first. Source: COINr a_gmean.

    >>> round(float(geometric_mean(np.array([[4.0, 9.0]]), np.array([1.0, 1.0]))[0]), 6)
    6.0
    """
    _require_positive(x, "geometric")
    return np.asarray(np.exp(arithmetic_mean(np.log(x), weights)))


def harmonic_mean(x: Numbers, weights: Numbers) -> Numbers:
    """The weighted harmonic mean of each row: low scores count most.

    Formula: sum w / sum (w / x). Numbers in (above 0), one number a city out; missing left out. Raises ContractError
    for a score of zero or less. Source: COINr a_hmean.

    >>> harmonic_mean(np.array([[1.0, 3.0]]), np.array([1.0, 1.0])).tolist()
    [1.5]
    """
    _require_positive(x, "harmonic")
    return np.asarray(1.0 / arithmetic_mean(1.0 / x, weights))


def copeland(x: Numbers, weights: Numbers) -> Numbers:
    """How many other cities a city outranks, less those that outrank it.

    Rule: a city outranks another if the indicators on which it is higher have more than half of the weight, ties
    counted half. Numbers in, a whole number a city out, -(n - 1) to n - 1; a city with a missing score gives nan and is
    compared with none. Source: COINr a_copeland, outrankMatrix.

    >>> copeland(np.array([[3.0, 3.0], [2.0, 2.0], [1.0, 4.0]]), np.array([2.0, 1.0])).tolist()
    [2.0, 0.0, -2.0]
    """
    complete = np.isfinite(x).all(axis=1)
    known = x[complete]
    share = np.zeros((known.shape[0], known.shape[0]))
    for column, weight in zip(known.T, weights / weights.sum(), strict=True):
        share += weight * ((column[:, None] > column) + 0.5 * (column[:, None] == column))
    out = np.full(x.shape[0], np.nan)
    out[complete] = np.sign(np.round(share - 0.5, 12)).sum(axis=1)
    return out


def aggregated_values(values: pl.DataFrame, kind: str = "arithmetic") -> pl.DataFrame:
    """One score a city from its normalised scores.

    Columns in: WEIGHTED. ``kind``: arithmetic, geometric, harmonic or copeland. Columns out: city_id, score Float64
    (points; copeland: cities outranked less outranking), rank UInt32 (1 = highest, equal scores share the better),
    n UInt32 (scores used), n_wanted UInt32, sorted by city_id. Missing scores are left out (copeland: the city has no
    score). No rows give no rows. Raises ContractError, also where an indicator has two weights or all weigh nothing.
    Source: COINr.

    >>> rows = pl.DataFrame({"city_id": ["a", "a", "b", "b"], "indicator_id": ["x", "y"] * 2,
    ...     "value": [4.0, 9.0, 5.0, None]})
    >>> [(city, round(score, 6), rank) for city, score, rank, *_ in aggregated_values(rows, "geometric").rows()]
    [('a', 6.0, 1), ('b', 5.0, 2)]
    """
    functions: dict[str, Callable[[Numbers, Numbers], Numbers]] = {
        "arithmetic": arithmetic_mean,
        "geometric": geometric_mean,
        "harmonic": harmonic_mean,
        "copeland": copeland,
    }
    if kind not in functions:
        problem = f"kind '{kind}' is not accepted; accepted: {', '.join(functions)}; choose one of them."
        raise ContractError(WEIGHTED, [problem])
    rows = require(values, WEIGHTED)
    cities, indicators, table = wide(rows)
    weights = np.array([_weight_of(rows, name) for name in indicators], dtype=np.float64)
    if indicators and not weights.sum() > 0:
        raise ContractError(WEIGHTED, ["all weights are 0; accepted: at least one above 0; correct the weights."])
    score = functions[kind](table, weights) if cities else np.empty(0)
    counts = np.isfinite(table).sum(axis=1) if cities else np.empty(0)
    return pl.DataFrame(
        {
            "city_id": pl.Series(cities, dtype=pl.String),
            "score": pl.Series(score, dtype=pl.Float64).fill_nan(None),
            "n": pl.Series(counts, dtype=pl.UInt32),
            "n_wanted": pl.Series([len(indicators)] * len(cities), dtype=pl.UInt32),
        }
    ).select("city_id", "score", descending_rank("score"), "n", "n_wanted")


def wide(rows: pl.DataFrame, indicators: list[str] | None = None) -> tuple[list[str], list[str], Numbers]:
    """The cities (sorted), the indicators (as asked for, else in order of appearance) and the table of their values.

    Columns in: city_id, indicator_id, value, one row a pair. A pair without a row or value is nan. Errors: none.
    Source: our choice.

    >>> rows = pl.DataFrame({"city_id": ["b", "a"], "indicator_id": ["x", "y"], "value": [1.0, 2.0]})
    >>> wide(rows)[0:2], wide(rows)[2].tolist()
    ((['a', 'b'], ['x', 'y']), [[nan, 2.0], [1.0, nan]])
    """
    cities = rows["city_id"].unique().sort().to_list()
    columns = indicators if indicators is not None else rows["indicator_id"].unique(maintain_order=True).to_list()
    table = np.full((len(cities), len(columns)), np.nan)
    known = rows.filter(pl.col("value").is_not_null() & pl.col("indicator_id").is_in(columns))
    places = {name: place for place, name in enumerate(columns)}
    down = {name: place for place, name in enumerate(cities)}
    if known.height:
        row = known["city_id"].replace_strict(down, return_dtype=pl.Int64).to_numpy()
        column = known["indicator_id"].replace_strict(places, return_dtype=pl.Int64).to_numpy()
        table[row, column] = known["value"].to_numpy()
    return cities, columns, table


def descending_rank(score: str, within: str | None = None) -> pl.Expr:
    """The rank of a score, 1 = the highest, equal ones share the better rank; null stays null.

    Scores are compared at 12 significant digits, so that the order of summing decides no rank. Source: our choice.

    >>> pl.DataFrame({"s": [5.0, 9.0, 5.0]}).select(descending_rank("s"))["rank"].to_list()
    [2, 1, 2]
    """
    rank = pl.col(score).round_sig_figs(12).rank("min", descending=True)
    return (rank if within is None else rank.over(within)).cast(pl.UInt32).alias("rank")


def _weight_of(rows: pl.DataFrame, indicator: str) -> float:
    if "weight" not in rows.columns:
        return 1.0
    found = rows.filter(pl.col("indicator_id") == indicator)["weight"].unique().to_list()
    if len(found) > 1:
        problem = (
            f"column weight: indicator '{indicator}' has {len(found)} weights; accepted: one; make its rows agree."
        )
        raise ContractError(WEIGHTED, [problem])
    return float(found[0])


def _require_positive(x: Numbers, kind: str) -> None:
    if (x[np.isfinite(x)] <= 0).any():
        problem = f"a score is zero or less; accepted for the {kind} mean: above 0; normalise to 1..100 first."
        raise ContractError(WEIGHTED, [problem])
