"""Outliers of an indicator before it enters a composite: skewness and kurtosis, winsorising, the logarithm.

An indicator has outliers if abs(skewness) and kurtosis are both at or above their limits. The most extreme value is
set to the next one, again and again up to a maximum; if that is not enough, the logarithm of the original values is
taken.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from indicators.cities.normalise import SCORED, Numbers
from indicators.frames import ContractError, require


@dataclass(frozen=True)
class Limits:
    """From where an indicator has outliers, and how many values may be winsorised."""

    skewness: float = 2.0
    kurtosis: float = 3.5
    most: int = 5


def skewness(x: Numbers) -> float:
    """How lopsided the values are, 0 = not at all (G1, adjusted for n).

    Formula: sqrt(n (n - 1)) / (n - 2) * m3 / m2^1.5, m2 and m3 the central moments divided by n. Missing values are
    left out; fewer than three values or no spread give nan. Source: COINr skew; Excel SKEW.

    >>> skewness(np.array([1.0, 2.0, 3.0])), round(skewness(np.array([1.0, 1.0, 4.0])), 6)
    (0.0, 1.732051)
    """
    centred, n = _centred(x)
    if n < 3 or not centred.any():
        return float("nan")
    ratio = np.sqrt(n) * (centred**3).sum() / (centred**2).sum() ** 1.5
    return float(ratio * np.sqrt(n * (n - 1.0)) / (n - 2.0))


def excess_kurtosis(x: Numbers) -> float:
    """How heavy the tails are, 0 = like the normal distribution (G2, adjusted for n).

    Formula: (n - 1) / ((n - 2)(n - 3)) * ((n + 1)(m4 / m2^2 - 3) + 6). Missing values are left out; fewer than four
    values or no spread give nan. Source: COINr kurt; Excel KURT.

    >>> round(excess_kurtosis(np.array([1.0, 2.0, 3.0, 4.0])), 6)
    -1.2
    """
    centred, n = _centred(x)
    if n < 4 or not centred.any():
        return float("nan")
    ratio = n * (centred**4).sum() / (centred**2).sum() ** 2
    return float(((n + 1.0) * (ratio - 3.0) + 6.0) * (n - 1.0) / ((n - 2.0) * (n - 3.0)))


def winsorised(x: Numbers, limits: Limits | None = None) -> tuple[Numbers, int]:
    """The values with the most extreme ones set to the next, and how many were.

    Rule: while there are outliers and fewer than ``limits.most`` values were changed, all values equal to the largest
    (smallest, if the skewness is negative) become the next largest (smallest). Numbers in and out; missing stays
    missing. Source: COINr winsorise.

    >>> changed, n = winsorised(np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 30.0, 100.0]))
    >>> changed.tolist()[-2:], n
    ([30.0, 30.0], 1)
    """
    bounds = limits or Limits()
    changed = np.array(x, dtype=np.float64)
    high = low = 0
    while _has_outliers(changed, bounds) and high + low < bounds.most:
        sign = 1.0 if skewness(changed) >= 0 else -1.0
        turned = changed * sign
        top = turned == np.nanmax(turned)
        changed[top] = np.nanmax(turned[~top]) * sign
        high, low = (int(top.sum()), low) if sign > 0 else (high, int(top.sum()))
    return changed, high + low


def logarithm(x: Numbers) -> Numbers:
    """The logarithm of the values, moved so that the smallest has one.

    Formula: ln(x - min + 0.01 (max - min)). Numbers in and out; missing stays missing; no spread gives missing.
    Source: COINr log_CT.

    >>> logarithm(np.array([0.0, 100.0])).round(6).tolist()
    [0.0, 4.615121]
    """
    known = x[np.isfinite(x)]
    spread = float(known.max() - known.min()) if known.size else 0.0
    if spread == 0:
        return np.full_like(x, np.nan)
    return np.asarray(np.log(x - known.min() + 0.01 * spread))


def treated_values(values: pl.DataFrame, limits: Limits | None = None) -> pl.DataFrame:
    """Every indicator with its outliers treated: winsorised, or if that is not enough its logarithm.

    Columns in: SCORED (direction is left alone). Columns out: those, treated Float64 (the value, the next value, or the
    logarithm), treatment text (none, winsorised or log), n_changed UInt32 (values changed by winsorising), skewness,
    kurtosis Float64 (before), skewness_after, kurtosis_after Float64, n UInt32, in the order of the rows. Fewer than
    four values: nothing is treated, kurtosis is null. Missing stays missing. Raises ContractError.
    Source: COINr Treat with its defaults (2, 3.5, 5).

    >>> rows = pl.DataFrame({"city_id": list("abcdefgh"), "indicator_id": ["x"] * 8,
    ...     "value": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 100.0]})
    >>> treated_values(rows).select("treated", "treatment", "n_changed").row(7)
    (7.0, 'winsorised', 1)
    """
    bounds = limits or Limits()
    if bounds.most < 0 or bounds.skewness < 0:
        problem = f"most {bounds.most}, skewness {bounds.skewness:g}: accepted: not below 0; correct it."
        raise ContractError(SCORED, [problem])
    rows = require(values, SCORED).with_row_index("_row")
    parts = [_treated(part, bounds) for part in rows.partition_by("indicator_id", maintain_order=True)]
    return pl.concat(parts or [_treated(rows, bounds)]).sort("_row").drop("_row")


def _treated(part: pl.DataFrame, limits: Limits) -> pl.DataFrame:
    x = part["value"].to_numpy().astype(np.float64)
    changed, count = winsorised(x, limits)
    treatment = "winsorised" if count else "none"
    if _has_outliers(changed, limits):
        changed, treatment, count = logarithm(x), "log", 0
    figures = {"skewness": skewness(x), "kurtosis": excess_kurtosis(x)}
    figures |= {"skewness_after": skewness(changed), "kurtosis_after": excess_kurtosis(changed)}
    return part.with_columns(
        pl.Series("treated", changed, dtype=pl.Float64).fill_nan(None),
        treatment=pl.lit(treatment),
        n_changed=pl.lit(count, pl.UInt32),
        **{name: pl.lit(None if np.isnan(number) else number, pl.Float64) for name, number in figures.items()},
        n=pl.lit(int(np.isfinite(x).sum()), pl.UInt32),
    )


def _has_outliers(x: Numbers, limits: Limits) -> bool:
    """Whether both skewness and kurtosis reach their limits; not known is no."""
    return abs(skewness(x)) >= limits.skewness and excess_kurtosis(x) >= limits.kurtosis


def _centred(x: Numbers) -> tuple[Numbers, int]:
    known = x[np.isfinite(x)]
    flat = known.size == 0 or known.max() == known.min()
    return (np.zeros_like(known) if flat else known - known.mean()), int(known.size)
