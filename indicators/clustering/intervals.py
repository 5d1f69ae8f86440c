"""How far a location quotient could have come out otherwise: the interval around it.

Source of the variance: delta method on the logarithm of the quotient, the region being a part of its
base; our own derivation, its coverage simulated (docs/methods.md, location_quotients).
"""

from __future__ import annotations

from statistics import NormalDist

import polars as pl


def log_variance(
    amount: pl.Expr,
    region: pl.Expr,
    industry: pl.Expr,
    total: pl.Expr,
    squares: tuple[pl.Expr, pl.Expr, pl.Expr, pl.Expr],
) -> pl.Expr:
    """The variance of the logarithm of a quotient, from the four sums and the same sums of squares.

    Formula: A, R, I, T = sums over cell, region, industry, all; QA, QR, QI, QT = the same sums of the
    squared sizes of the enterprises: V = QA (1/A - 1/R - 1/I + 1/T)^2 + (QR - QA)(1/T - 1/R)^2
    + (QI - QA)(1/T - 1/I)^2 + (QT - QR - QI + QA) / T^2. For counts every size is 1 and
    V = 1/A - 1/R - 1/I - 1/T + 2A/(RI). Never below 0. Only for A > 0.
    Source: clustering by shares, our own derivation.

    >>> row = pl.DataFrame({"a": [10.0], "r": [40.0], "i": [20.0], "t": [200.0]})
    >>> sums = [pl.col(name) for name in "arit"]
    >>> round(row.select(log_variance(*sums, tuple(sums))).item(), 6)  # 1/10 - 1/40 - 1/20 - 1/200 + 20/800
    0.045
    """
    one = 1.0 / total
    cell = squares[0] * (1.0 / amount - 1.0 / region - 1.0 / industry + one) ** 2
    rest_of_region = (squares[1] - squares[0]) * (one - 1.0 / region) ** 2
    rest_of_industry = (squares[2] - squares[0]) * (one - 1.0 / industry) ** 2
    elsewhere = (squares[3] - squares[1] - squares[2] + squares[0]) * one**2
    return (cell + rest_of_region + rest_of_industry + elsewhere).clip(lower_bound=0.0)


def quantile(confidence: float) -> float:
    """How many standard errors the interval reaches to either side.

    Formula: the normal quantile at (1 + confidence) / 2. In: confidence between 0 and 1 (0.95 = 95 %).

    >>> round(quantile(0.95), 4)
    1.96
    """
    return NormalDist().inv_cdf(0.5 + confidence / 2.0)
