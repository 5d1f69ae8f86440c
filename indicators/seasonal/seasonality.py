"""Is there a season, and is anything left in the residuals: the tests printed beside an adjusted series."""

from __future__ import annotations

import math

import numpy as np

from indicators.seasonal.components import Floats

LAGS = 24
"""Lags of the Ljung-Box test, where the series is long enough: two years."""


def seasonality_f(values: Floats, start: int) -> tuple[float, float]:
    """F and p of the test that all calendar months have the same mean, once the trend is out.

    Formula: d = value - centred 2x12 moving average; F = (between months / (k - 1)) / (within months /
    (n - k)) over the n months that have an average, k = 12 months. ``start`` is the first month, 1 to 12.
    Missing: nan, nan for fewer than 36 values or no variation. p below 0.01 says seasonal.
    Source: the stable seasonality test of X-11 (Ladiray and Quenneville 2001), on our trend.

    >>> noise = np.arange(48.0) % 5 / 10
    >>> seasonality_f(np.tile([1.0, -1.0], 24) + noise, 1)[1] < 0.01 < seasonality_f(noise, 1)[1]
    True
    """
    if len(values) < 36:
        return math.nan, math.nan
    weights = np.array([0.5, *[1.0] * 11, 0.5]) / 12
    detrended = values[6:-6] - np.convolve(values, weights, "valid")
    months = (np.arange(len(detrended)) + start + 5) % 12
    means = np.array([detrended[months == month].mean() for month in range(12)])
    within = float(((detrended - means[months]) ** 2).sum())
    between = float(((means[months] - detrended.mean()) ** 2).sum())
    free = len(detrended) - 12
    if within <= 1e-12 * max(float((values**2).sum()), 1e-300) or free < 1:
        return math.nan, math.nan
    from scipy.stats import f

    statistic = (between / 11) / (within / free)
    return statistic, float(f.sf(statistic, 11, free))


def ljung_box(residuals: Floats, fitted: int = 2) -> tuple[float, float]:
    """Q and p of the test that the residuals are free of autocorrelation.

    Formula: Q = n (n + 2) sum over the lags l of r_l^2 / (n - l), with 24 lags or a third of n if that is
    fewer; p from chi-squared with lags - ``fitted`` degrees of freedom.
    Missing: nan, nan for fewer than 12 residuals or no variation. p below 0.05 says something is left.
    Source: Ljung and Box (1978).

    >>> ljung_box(np.array([1.0, -1.0] * 20))[1] < 0.001
    True
    """
    count = len(residuals)
    lags = min(LAGS, count // 3)
    centred = residuals - residuals.mean() if count else residuals
    total = float((centred**2).sum())
    if count < 12 or total < 1e-12:
        return math.nan, math.nan
    from scipy.stats import chi2

    correlations = np.array([float(centred[lag:] @ centred[:-lag]) / total for lag in range(1, lags + 1)])
    statistic = count * (count + 2) * float((correlations**2 / (count - np.arange(1, lags + 1))).sum())
    return statistic, float(chi2.sf(statistic, lags - fitted))
