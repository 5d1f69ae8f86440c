"""Weights that the data give themselves, and two other ways to rank cities on several criteria: TOPSIS and VIKOR.

A matrix has one row a city and one column a criterion; nothing may be missing. Direction -1 means less is better.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from indicators.cities.aggregation import descending_rank, wide
from indicators.cities.normalise import Numbers, min_max
from indicators.frames import Column, Contract, ContractError, require

CRITERIA = Contract(
    "criteria",
    (
        Column("city_id", pl.String, "code", "the city or other alternative"),
        Column("indicator_id", pl.String, "code", "the criterion"),
        Column("value", pl.Float64, "see unit of the criterion", "the figure; nothing may be missing"),
        Column("direction", pl.Int8, "sign", "-1: less is better; absent = 1", allowed=(1, -1), optional=True),
        Column("weight", pl.Float64, "weight", "weight of the criterion; absent = equal", low=0, optional=True),
    ),
    key=("city_id", "indicator_id"),
)
"""One row per city and criterion."""


def entropy_weights(x: Numbers) -> Numbers:
    """More weight to criteria on which the cities differ, by the entropy of their shares.

    Formula: p = x / sum of x; e = -(1 / ln m) sum p ln p, 0 ln 0 = 0; w = (1 - e) / sum of (1 - e). Numbers in (0 or
    more, m cities x criteria), one weight a criterion out, sum 1. No differences at all, one city: equal weights.
    Raises
    ContractError below 0 or where a column sums to 0. Source: Xu (2004); Shannon entropy method.

    >>> entropy_weights(np.array([[1.0, 1.0], [1.0, 3.0]])).round(6).tolist()
    [0.0, 1.0]
    """
    if (x < 0).any() or (x.sum(axis=0) <= 0).any():
        raise _problem(
            "a value is below 0 or a criterion has only zeros; accepted: 0 or more; shift the criterion first."
        )
    p = x / x.sum(axis=0)
    part = np.where(p > 0, p * np.log(np.where(p > 0, p, 1.0)), 0.0)
    spread = 1.0 + part.sum(axis=0) / np.log(max(len(x), 2))
    return _shares(np.where(np.abs(spread) < _TINY, 0.0, spread))


def critic_weights(x: Numbers, direction: Numbers | None = None) -> Numbers:
    """More weight to criteria that differ much and say something else than the others (CRITIC).

    Formula: columns by min-max (direction -1 turned); C_j = s_j * sum over k of (1 - r_jk), s with n - 1; w = C / sum
    C. Numbers in, one weight a criterion out, sum 1; a criterion without spread weighs nothing. Source: Diakoulaki
    (1995).

    >>> critic_weights(np.array([[1.0, 2.0], [2.0, 1.0], [3.0, 3.0]])).tolist()
    [0.5, 0.5]
    """
    scores = min_max(x * (1.0 if direction is None else direction), 0.0, 1.0)
    varied = np.isfinite(scores).all(axis=0)
    inside = scores[:, varied]
    strength = np.zeros(x.shape[1])
    if inside.shape[1] and len(inside) > 1:
        related = np.atleast_2d(np.corrcoef(inside, rowvar=False))
        strength[varied] = inside.std(axis=0, ddof=1) * (1.0 - related).sum(axis=0)
    return _shares(np.maximum(strength, 0.0))


def variation_weights(x: Numbers) -> Numbers:
    """More weight to criteria with a larger coefficient of variation.

    Formula: w_j = (s_j / mean_j) / sum, s with n - 1. Numbers in (mean above 0), one weight a criterion out, sum 1.
    Raises ContractError for a mean of 0 or less. Source: Shuai et al. (2012).

    >>> variation_weights(np.array([[1.0, 5.0], [3.0, 5.0]])).tolist()
    [1.0, 0.0]
    """
    mean = x.mean(axis=0)
    if (mean <= 0).any():
        raise _problem("the mean of a criterion is 0 or less; accepted: above 0; shift the criterion first.")
    return _shares(x.std(axis=0, ddof=1) / mean if len(x) > 1 else np.zeros(x.shape[1]))


def topsis(x: Numbers, weights: Numbers, direction: Numbers) -> Numbers:
    """How near each city is to the best of every criterion and how far from the worst, 0 to 1, more is better.

    Formula: r = x / sqrt(sum x^2), 1 - r for direction -1; v = w r; D+ and D- the Euclidean distances to the largest
    and the smallest v of each criterion; C = D- / (D- + D+). Numbers in, one a city out; no differences give nan.
    Source: Hwang & Yoon (1981), vector normalisation with 1 - r for costs as in Ersoy (2021).

    >>> topsis(np.array([[3.0], [4.0]]), np.array([1.0]), np.array([1.0])).tolist()
    [0.0, 1.0]
    """
    length = np.sqrt((x**2).sum(axis=0))
    r = x / np.where(length > 0, length, 1.0)
    v = np.where(direction < 0, 1.0 - r, r) * (weights / weights.sum())
    best = np.sqrt(((v - v.max(axis=0)) ** 2).sum(axis=1))
    worst = np.sqrt(((v - v.min(axis=0)) ** 2).sum(axis=1))
    total = best + worst
    return np.asarray(worst / np.where(total > 0, total, np.nan))


def vikor(x: Numbers, weights: Numbers, direction: Numbers, majority: float = 0.5) -> Numbers:
    """How far each city is from the best compromise, 0 to 1, less is better (Q of VIKOR).

    Formula: g = w (f* - f) / (f* - f-); S = sum g; R = max g; Q = v (S - S*) / (S- - S*) + (1 - v)(R - R*) / (R- - R*),
    v = ``majority``, f* the best and f- the worst of the criterion. A criterion without spread adds nothing. Numbers
    in, one a city out; no differences give 0. Source: Opricovic & Tzeng (2004).

    >>> vikor(np.array([[3.0], [4.0]]), np.array([1.0]), np.array([1.0])).tolist()
    [1.0, 0.0]
    """
    turned = x * np.sign(direction)
    best, worst = turned.max(axis=0), turned.min(axis=0)
    spread = np.where(best > worst, best - worst, 1.0)
    gap = (weights / weights.sum()) * (best - turned) / spread
    return majority * min_max_or_zero(gap.sum(axis=1)) + (1.0 - majority) * min_max_or_zero(gap.max(axis=1))


def min_max_or_zero(x: Numbers) -> Numbers:
    """Numbers from 0 to 1 by min-max, all 0 where they do not differ.

    Numbers in and out. Source: VIKOR.

    >>> min_max_or_zero(np.array([2.0, 2.0])).tolist(), min_max_or_zero(np.array([2.0, 4.0])).tolist()
    ([0.0, 0.0], [0.0, 1.0])
    """
    return np.nan_to_num(min_max(x, 0.0, 1.0))


WEIGHTINGS = ("entropy", "critic", "variation")
RANKINGS = ("topsis", "vikor")


def derived_weights(criteria: pl.DataFrame, kind: str = "entropy") -> pl.DataFrame:
    """The weight of every criterion as the data give it: by entropy, CRITIC or coefficient of variation.

    Columns in: CRITERIA (direction for critic only, weight is not used). Columns out: indicator_id text, weight Float64
    (share of 1), n UInt32 (cities), in the order of appearance. No rows give no rows. Raises ContractError, also for a
    missing cell. Source: Xu (2004); Diakoulaki (1995); Shuai et al. (2012).

    >>> rows = pl.DataFrame({"city_id": ["a", "b"] * 2, "indicator_id": ["x", "x", "y", "y"],
    ...     "value": [1.0, 3.0, 5.0, 5.0]})
    >>> derived_weights(rows, "variation").select("indicator_id", "weight").rows()
    [('x', 1.0), ('y', 0.0)]
    """
    _require_choice("kind", kind, WEIGHTINGS)
    rows = require(criteria, CRITERIA)
    cities, names, x = _complete(rows)
    if not cities:
        weight = np.empty(0)
    elif kind == "entropy":
        weight = entropy_weights(x)
    else:
        weight = critic_weights(x, _per(rows, names, "direction")) if kind == "critic" else variation_weights(x)
    return pl.DataFrame(
        {
            "indicator_id": pl.Series(names, dtype=pl.String),
            "weight": pl.Series(weight, dtype=pl.Float64),
            "n": pl.Series([len(cities)] * len(names), dtype=pl.UInt32),
        }
    )


def multi_criteria_scores(criteria: pl.DataFrame, kind: str = "topsis", majority: float = 0.5) -> pl.DataFrame:
    """The score and rank of every city by TOPSIS (more is better) or VIKOR (less is better).

    Columns in: CRITERIA. ``majority``: v of VIKOR, 0..1. Columns out: city_id text, score Float64 (0..1), rank UInt32
    (1 = best, equal scores share the better), n UInt32 (criteria), sorted by city_id. No differences: topsis null. No
    rows
    give no rows. Raises ContractError, also for a missing cell. Source: Hwang & Yoon (1981); Opricovic & Tzeng (2004).

    >>> rows = pl.DataFrame({"city_id": ["a", "b"], "indicator_id": ["x"] * 2, "value": [3.0, 4.0]})
    >>> multi_criteria_scores(rows, "vikor").select("city_id", "score", "rank").rows()
    [('a', 1.0, 2), ('b', 0.0, 1)]
    """
    _require_choice("kind", kind, RANKINGS)
    if not 0 <= majority <= 1:
        raise _problem(f"majority {majority:g} is not accepted; accepted: 0 to 1; correct it.")
    rows = require(criteria, CRITERIA)
    cities, names, x = _complete(rows)
    weights, direction = _per(rows, names, "weight"), _per(rows, names, "direction")
    if names and not weights.sum() > 0:
        raise _problem("all weights are 0; accepted: at least one above 0; correct the weights.")
    if not cities:
        score = np.empty(0)
    else:
        score = topsis(x, weights, direction) if kind == "topsis" else vikor(x, weights, direction, majority)
    ordered = pl.col("score") if kind == "topsis" else -pl.col("score")
    return (
        pl.DataFrame({"city_id": pl.Series(cities, dtype=pl.String), "score": pl.Series(score, dtype=pl.Float64)})
        .with_columns(pl.col("score").fill_nan(None))
        .with_columns(_ordered=ordered)
        .select("city_id", "score", descending_rank("_ordered"), pl.lit(len(names), pl.UInt32).alias("n"))
    )


_TINY = 1e-12


def _complete(rows: pl.DataFrame) -> tuple[list[str], list[str], Numbers]:
    cities, names, x = wide(rows)
    if np.isnan(x).any():
        down, along = np.argwhere(np.isnan(x))[0]
        raise _problem(f"{cities[down]} has no value of {names[along]}; accepted: every cell; add it or leave one out.")
    return cities, names, x


def _per(rows: pl.DataFrame, names: list[str], column: str) -> Numbers:
    """The one direction or weight of every criterion."""
    if column not in rows.columns:
        return np.ones(len(names))
    found = rows.select("indicator_id", column).unique(maintain_order=True)
    torn = found.filter(pl.col("indicator_id").is_duplicated())["indicator_id"].to_list()
    if torn:
        raise _problem(f"column {column}: criterion '{torn[0]}' has two values; accepted: one; make its rows agree.")
    known = dict(found.iter_rows())
    return np.array([float(known[name]) for name in names])


def _shares(strength: Numbers) -> Numbers:
    total = strength.sum()
    return np.asarray(strength / total if total > 0 else np.full(strength.shape, 1.0 / max(strength.size, 1)))


def _require_choice(name: str, value: str, accepted: tuple[str, ...]) -> None:
    if value not in accepted:
        raise _problem(f"{name} '{value}' is not accepted; accepted: {', '.join(accepted)}; choose one of them.")


def _problem(text: str) -> ContractError:
    return ContractError(CRITERIA, [text])
