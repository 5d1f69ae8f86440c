"""Indicators with different units on one scale: the normalisation functions of the composite-indicator handbook.

Every function takes NumPy numbers in columns (one column or several), skips missing ones and leaves them missing. The
names and formulas are those of COINr (1.1.14); a column without spread has no normalised values.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from indicators.frames import Column, Contract, ContractError, require

Numbers = NDArray[np.float64]

SCORED = Contract(
    "values",
    (
        Column("city_id", pl.String, "code", "the city or other unit"),
        Column("indicator_id", pl.String, "code", "the indicator"),
        Column("value", pl.Float64, "see unit of the indicator", "the figure; empty = missing", nullable=True),
        Column("direction", pl.Int8, "sign", "-1: less is better; absent = 1", allowed=(1, -1), optional=True),
    ),
    key=("city_id", "indicator_id"),
)
"""One row per city and indicator."""


def min_max(x: Numbers, low: float = 0.0, high: float = 100.0) -> Numbers:
    """The smallest value at ``low``, the largest at ``high``.

    Formula: low + (high - low) * (x - min) / (max - min). Numbers in and out (points); missing stays missing; one value
    or no spread gives missing. Source: OECD/JRC Handbook, step 5; COINr n_minmax.

    >>> min_max(np.array([1.0, 2.0, 5.0])).tolist()
    [0.0, 25.0, 100.0]
    """
    return _ratio(x - _least(x), _most(x) - _least(x)) * (high - low) + low


def z_score(x: Numbers, mean: float = 0.0, sd: float = 1.0) -> Numbers:
    """How many standard deviations from the mean, set to ``mean`` and ``sd``.

    Formula: (x - mean of x) / s * sd + mean, s with n - 1. Numbers in and out; missing stays missing; one value or no
    spread gives missing. Source: OECD/JRC Handbook, step 5; COINr n_zscore.

    >>> z_score(np.array([1.0, 2.0, 3.0])).tolist()
    [-1.0, 0.0, 1.0]
    """
    known = np.isfinite(x)
    count = known.sum(axis=0)
    centre = np.where(known, x, 0.0).sum(axis=0) / np.where(count > 0, count, np.nan)
    squares = (np.where(known, x - centre, 0.0) ** 2).sum(axis=0) / np.where(count > 1, count - 1.0, np.nan)
    flat = _most(x) == _least(x)
    return _ratio(x - centre, np.where(flat, 0.0, np.sqrt(squares))) * sd + mean


def ranks(x: Numbers, ties: str = "average") -> Numbers:
    """The ascending rank of each value, 1 = the smallest.

    ``ties``: average, or min (equal values share the lowest rank). Numbers in and out; missing stays missing and does
    not count. Source: OECD/JRC Handbook, step 5; COINr n_rank.

    >>> ranks(np.array([30.0, 10.0, 30.0])).tolist(), ranks(np.array([30.0, 10.0, 30.0]), "min").tolist()
    ([2.5, 1.0, 2.5], [2.0, 1.0, 2.0])
    """
    from scipy.stats import rankdata

    return np.asarray(rankdata(x, method=ties, axis=0, nan_policy="omit"), dtype=np.float64)


def borda(x: Numbers) -> Numbers:
    """How many values are smaller.

    Formula: ascending rank - 1, ties at the lowest. Numbers in and out; missing stays missing. Source: COINr n_borda.

    >>> borda(np.array([30.0, 10.0, 20.0])).tolist()
    [2.0, 0.0, 1.0]
    """
    return ranks(x, "min") - 1.0


def percent_rank(x: Numbers) -> Numbers:
    """The share of the other values that are smaller, 0 to 1.

    Formula: (rank - 1) / (n - 1), ties at the lowest. Numbers in and out; missing stays missing; one value gives
    missing. Source: COINr n_prank.

    >>> percent_rank(np.array([30.0, 10.0, 20.0])).tolist()
    [1.0, 0.0, 0.5]
    """
    return _ratio(borda(x), np.isfinite(x).sum(axis=0) - 1.0)


def fraction_of_max(x: Numbers) -> Numbers:
    """Each value as share of the largest.

    Formula: x / max. Numbers in and out; missing stays missing; a maximum of zero gives missing. Source: COINr
    n_fracmax.

    >>> fraction_of_max(np.array([1.0, 2.0, 4.0])).tolist()
    [0.25, 0.5, 1.0]
    """
    return _ratio(x, _most(x))


def distance_to_max(x: Numbers) -> Numbers:
    """How near each value is to the largest, 1 = there.

    Formula: 1 - (max - x) / (max - min). Numbers in and out; missing stays missing; no spread gives missing.
    Source: COINr n_dist2max.

    >>> distance_to_max(np.array([1.0, 2.0, 5.0])).tolist()
    [0.0, 0.25, 1.0]
    """
    return 1.0 - _ratio(_most(x) - x, _most(x) - _least(x))


def distance_to_target(x: Numbers, target: float, capped: bool = False) -> Numbers:
    """How near each value is to a target, 1 = there; ``capped``: never above 1.

    Formula: 1 - (target - x) / (target - min). The target may be the value of a reference city. Numbers in and out;
    missing stays missing; a target at the minimum gives missing. Source: COINr n_dist2targ, n_dist2ref.

    >>> distance_to_target(np.array([1.0, 2.0, 5.0]), 3.0, capped=True).tolist()
    [0.0, 0.5, 1.0]
    """
    score = 1.0 - _ratio(target - x, target - _least(x))
    return np.minimum(score, 1.0) if capped else score


def goalposts(x: Numbers, low: float | Numbers, high: float | Numbers, scale: float = 1.0) -> Numbers:
    """Where each value lies between two fixed posts, 0 at ``low`` and ``scale`` at ``high``, never outside.

    Formula: scale * (x - low) / (high - low), cut to 0..scale. Numbers in and out; missing stays missing; equal posts
    give missing. Source: UNDP, Human Development Report, technical note 1; COINr n_goalposts.

    >>> goalposts(np.array([15.0, 40.0, 90.0]), 20.0, 60.0, 100.0).tolist()
    [0.0, 50.0, 100.0]
    """
    return np.clip(_ratio(x - low, np.asarray(high, dtype=np.float64) - low), 0.0, 1.0) * scale


def scaled(x: Numbers, low: float, high: float) -> Numbers:
    """Where each value lies between two numbers, 0 to 100, also outside them.

    Formula: 100 * (x - low) / (high - low). Numbers in and out; missing stays missing. Source: COINr n_scaled.

    >>> scaled(np.array([0.0, 3.0]), 1.0, 5.0).tolist()
    [-25.0, 50.0]
    """
    return _ratio(x - low, np.float64(high - low)) * 100.0


def normalised_values(
    values: pl.DataFrame,
    method: str = "min_max",
    low: float | None = None,
    high: float | None = None,
    target: float | None = None,
    reference: str | None = None,
) -> pl.DataFrame:
    """Every indicator on one scale, by one of the functions of this module.

    Methods: min_max (from low 0 to high 100), z_score (low = mean 0, high = standard deviation 1), rank, borda,
    percent_rank, fraction_of_max, distance_to_max, distance_to_target (target), distance_to_target_capped,
    distance_to_reference (the value of the city ``reference``), goalposts (low, high, needed; 0..1), scaled (low, high;
    0..100). An indicator with direction -1 is turned first: its sign changes, for posts and targets too.
    Columns in: SCORED. Columns out: those, normalised Float64 (see the method), n UInt32 (values of the indicator), in
    the order of the rows. Missing stays missing; an indicator without spread has no normalised values. No rows give no
    rows. Raises ContractError. Source: COINr 1.1.14.

    >>> rows = pl.DataFrame({"city_id": ["a", "b"], "indicator_id": ["x"] * 2, "value": [2.0, 6.0],
    ...     "direction": [-1] * 2})
    >>> normalised_values(rows)["normalised"].to_list()
    [100.0, 0.0]
    """
    rows = require(values, SCORED)
    function = _function(method, low, high, target)
    sign = rows["direction"].to_numpy() if "direction" in rows.columns else np.ones(rows.height)
    number = rows["value"].cast(pl.Float64).to_numpy().astype(np.float64) * sign
    out, count = np.full(rows.height, np.nan), np.zeros(rows.height, dtype=np.uint32)
    for members in rows.with_row_index("_row").partition_by("indicator_id", maintain_order=True):
        at = members["_row"].to_numpy()
        toward = number[at[(members["city_id"] == reference).to_numpy()]] if method == "distance_to_reference" else None
        if toward is not None and toward.size == 0:
            raise _refused("reference", reference, "a city of every indicator")
        out[at] = (
            function(number[at], float(sign[at[0]])) if toward is None else distance_to_target(number[at], toward[0])
        )
        count[at] = np.isfinite(number[at]).sum()
    return rows.with_columns(pl.Series("normalised", out).fill_nan(None), pl.Series("n", count, dtype=pl.UInt32))


METHODS = ("min_max", "z_score", "rank", "borda", "percent_rank", "fraction_of_max", "distance_to_max",
           "distance_to_target", "distance_to_target_capped", "distance_to_reference", "goalposts",
           "scaled")  # fmt: skip
"""The names ``normalised_values`` accepts."""


def _function(
    method: str, low: float | None, high: float | None, target: float | None
) -> Callable[[Numbers, float], Numbers]:
    """The function of a method, as function of the numbers and the direction."""
    if method not in METHODS:
        raise _refused("method", method, ", ".join(METHODS))
    if method in ("goalposts", "scaled") and (low is None or high is None or low == high):
        raise _refused("low, high", f"{low}, {high}", "two different numbers")
    if method.startswith("distance_to_target") and target is None:
        raise _refused("target", target, "a number")
    a, b = 0.0 if low is None else low, high
    toward = 0.0 if target is None else target
    table: dict[str, Callable[[Numbers, float], Numbers]] = {
        "min_max": lambda x, _: min_max(x, a, 100.0 if b is None else b),
        "z_score": lambda x, _: z_score(x, a, 1.0 if b is None else b),
        "rank": lambda x, _: ranks(x),
        "borda": lambda x, _: borda(x),
        "percent_rank": lambda x, _: percent_rank(x),
        "fraction_of_max": lambda x, _: fraction_of_max(x),
        "distance_to_max": lambda x, _: distance_to_max(x),
        "distance_to_target": lambda x, sign: distance_to_target(x, toward * sign),
        "distance_to_target_capped": lambda x, sign: distance_to_target(x, toward * sign, capped=True),
        "distance_to_reference": lambda x, _: x,
        "goalposts": lambda x, sign: goalposts(x, *_posts(a, b or 0.0, sign)),
        "scaled": lambda x, sign: scaled(x, *_posts(a, b or 0.0, sign)),
    }
    return table[method]


def _posts(low: float, high: float, sign: float) -> tuple[float, float]:
    return (low, high) if sign > 0 else (-high, -low)


def _refused(name: str, value: object, accepted: str) -> ContractError:
    return ContractError(SCORED, [f"{name} '{value}' is not accepted; accepted: {accepted}; correct it."])


def _ratio(part: Numbers, whole: Numbers | np.float64) -> Numbers:
    """part / whole, missing where whole is zero."""
    safe = np.where(whole == 0, np.nan, whole)
    return np.asarray(part / safe, dtype=np.float64)


def _least(x: Numbers) -> Numbers:
    least = np.where(np.isfinite(x), x, np.inf).min(axis=0, initial=np.inf)
    return np.asarray(np.where(np.isfinite(least), least, np.nan))


def _most(x: Numbers) -> Numbers:
    return -_least(-x)
