"""How far a location quotient could have come out otherwise: the interval around it.

Source of the variance: delta method on the logarithm of the quotient, the region being a part of its
base; our own derivation, its coverage simulated (docs/methods.md, location_quotients).
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def log_variance(amounts: tuple[Floats, ...], squares: tuple[Floats, ...]) -> Floats:
    """The variance of the logarithm of a quotient, from the four sums and the same sums of squares.

    Formula: A, R, I, T = sums over cell, region, industry, all; QA, QR, QI, QT = the same sums of the
    squared sizes of the enterprises: V = QA (1/A - 1/R - 1/I + 1/T)^2 + (QR - QA)(1/T - 1/R)^2
    + (QI - QA)(1/T - 1/I)^2 + (QT - QR - QI + QA) / T^2. For counts every size is 1 and
    V = 1/A - 1/R - 1/I - 1/T + 2A/(RI). Never below 0; not a number or infinite where a sum is 0.
    Source: clustering by shares, our own derivation.

    >>> sums = tuple(np.array([n]) for n in (10.0, 40.0, 20.0, 200.0))
    >>> float(log_variance(sums, sums).round(6)[0])  # 1/10 - 1/40 - 1/20 - 1/200 + 20/800
    0.045
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        one, by_region, by_industry, by_total = (1.0 / amount for amount in amounts)
        own, of_region, of_industry, of_total = squares
        cell = own * (one - by_region - by_industry + by_total) ** 2
        rest_of_region = (of_region - own) * (by_total - by_region) ** 2
        rest_of_industry = (of_industry - own) * (by_total - by_industry) ** 2
        elsewhere = (of_total - of_region - of_industry + own) * by_total**2
        return np.maximum(cell + rest_of_region + rest_of_industry + elsewhere, 0.0)


def quantile(confidence: float) -> float:
    """How many standard errors the interval reaches to either side.

    Formula: the normal quantile at (1 + confidence) / 2. In: confidence between 0 and 1 (0.95 = 95 %).

    >>> round(quantile(0.95), 4)
    1.96
    """
    return NormalDist().inv_cdf(0.5 + confidence / 2.0)
