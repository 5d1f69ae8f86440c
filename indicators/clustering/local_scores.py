"""Scores of one cell and its neighbours: Getis-Ord Gi* and Gi, local and global Moran.

Each takes the values and a sparse matrix of weights (rows: cells, 0 on the diagonal). A score that
is not defined is nan: the caller makes it an empty value with its reason.
Source: Ord and Getis (1995); Anselin (1995); Moran (1950).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Floats = npt.NDArray[np.float64]


def gi_star_z(values: Floats, weights: csr_array) -> Floats:
    """How far the sum around a cell, itself included, is above what the whole map would give, in standard deviations.

    Formula: (sum_j w_ij y_j - mean W_i) / (s sqrt((n S1_i - W_i^2) / (n - 1))), j includes i with the
    mean weight of its row, W_i = sum_j w_ij, S1_i = sum_j w_ij^2, s^2 = sum (y - mean)^2 / n.
    Multiplying a row by a number does not change z. nan for a constant map, for a cell without
    neighbours and for one whose neighbours are all other cells.
    Source: Ord and Getis (1995), eq. 14.2. Getis and Ord (1996) print z * sqrt((n - 1) / n).

    >>> from scipy.sparse import csr_array
    >>> line = csr_array(np.array([[0.0, 1, 0], [1, 0, 1], [0, 1, 0]]))
    >>> gi_star_z(np.array([3.0, 3.0, 0.0]), line).round(4).tolist()  # mean 2, s = 1.4142, root 1
    [1.4142, nan, -0.7071]
    """
    n, own = values.size, _own_weight(weights)
    centred, spread = _centred(values)
    lag = weights @ centred + own * centred
    total = _sums(weights) + own
    squares = _squares(weights) + own**2
    root = (n * squares - total**2) / max(n - 1, 1)
    return _divided(lag, np.sqrt(np.maximum(root, 0.0)) * spread, defined(values, weights))


def gi_z(values: Floats, weights: csr_array) -> Floats:
    """The same for the neighbours alone, the cell left out of the sum, the mean and the spread.

    Formula: (sum_j w_ij y_j - m_i W_i) / (s_i sqrt(((n - 1) S1_i - W_i^2) / (n - 2))), j without i; m_i
    and s_i^2 = mean and variance of the other n - 1 cells. nan also where the others are all equal.
    Source: Ord and Getis (1995).

    >>> from scipy.sparse import csr_array
    >>> line = csr_array(np.array([[0.0, 1, 0], [1, 0, 1], [0, 1, 0]]))
    >>> gi_z(np.array([3.0, 4.0, 0.0]), line).round(4).tolist()  # others 4, 0: mean 2, s 2, root 1
    [1.0, nan, 1.0]
    """
    n = values.size
    centred = values - np.median(values) if n else values
    mean = (centred.sum() - centred) / max(n - 1, 1)
    variance = ((centred**2).sum() - centred**2) / max(n - 1, 1) - mean**2
    for cell in np.flatnonzero(centred**2 > 0.5 * (centred**2).sum()):  # there the differences would lose digits
        others = np.delete(centred, cell)
        mean[cell], variance[cell] = others.mean(), others.var() if (others != others[:1]).any() else 0.0
    total = _sums(weights)
    root = ((n - 1) * _squares(weights) - total**2) / max(n - 2, 1)
    scale = np.sqrt(np.maximum(root, 0.0) * np.maximum(variance, 0.0))
    return _divided(weights @ centred - mean * total, scale, defined(values, weights) & (variance > 0))


def local_moran(values: Floats, neighbours: csr_array) -> tuple[Floats, Floats]:
    """How alike a cell and its neighbours are, and the mean deviation of the neighbours (the lag).

    Formula: I_i = (z_i / m2) * lag_i, z = y - mean, lag_i = mean of the neighbours' z, m2 = sum z^2 / n.
    Out: I, positive among alike; lag in the unit of the values. nan where not defined.
    Source: Anselin (1995); with m2 by n as spdep ``localmoran`` (mlvar) does.

    >>> from scipy.sparse import csr_array
    >>> line = csr_array(np.array([[0.0, 1, 0], [1, 0, 1], [0, 1, 0]]))
    >>> moran, lag = local_moran(np.array([3.0, 3.0, 0.0]), line)  # z = 1, 1, -2, m2 = 2
    >>> moran.round(9).tolist(), lag.tolist()
    ([0.5, -0.25, -1.0], [1.0, -0.5, 1.0])
    """
    centred, spread = _centred(values)
    known = (_sums(neighbours) > 0) & bool(values.size and (values != values[0]).any())
    lag = _divided(neighbours @ centred, _sums(neighbours), known)
    return _divided(centred * lag, np.full(values.size, spread**2), known), lag


def quadrants(values: Floats, lag: Floats) -> npt.NDArray[np.str_]:
    """HH: high among high, LL, HL: high among low, LH; unclassified where either is exactly average or unknown.

    >>> quadrants(np.array([3.0, 3.0, 0.0]), np.array([1.0, -0.5, np.nan])).tolist()
    ['HH', 'HL', 'unclassified']
    """
    centred, spread = _centred(values)
    tiny = 1e-12 * spread
    own = np.where(centred > tiny, "H", np.where(centred < -tiny, "L", ""))
    around = np.where(lag > tiny, "H", np.where(lag < -tiny, "L", ""))
    both = np.char.add(own, around)
    return np.where(np.char.str_len(both) == 2, both, "unclassified")


def global_moran(values: Floats, neighbours: csr_array) -> float | None:
    """How alike neighbours are on the whole map: the mean over cells with neighbours of z_i * lag_i, over m2.

    Formula: (n / S0) sum_ij w_ij z_i z_j / sum z^2, row-standardised, so S0 = the number of cells with
    neighbours. None for a constant map or without any neighbours. Source: Moran (1950).

    >>> from scipy.sparse import csr_array
    >>> line = csr_array(np.array([[0.0, 1, 0], [1, 0, 1], [0, 1, 0]]))
    >>> round(global_moran(np.array([3.0, 3.0, 0.0]), line), 9)
    -0.25
    """
    moran, _ = local_moran(values, neighbours)
    known = moran[np.isfinite(moran)]
    return float(known.mean()) if known.size else None


def defined(values: Floats, weights: csr_array) -> npt.NDArray[np.bool_]:
    """Which cells have a score: some neighbours, not all the others, on a map that is not constant.

    >>> from scipy.sparse import csr_array
    >>> defined(np.array([1.0, 2.0]), csr_array(np.array([[0.0, 1], [1, 0]]))).tolist()
    [False, False]
    """
    degrees = np.diff(weights.indptr)
    varied = bool(values.size and (values != values[0]).any())
    return np.asarray((degrees > 0) & (degrees < values.size - 1) & varied)


def _centred(values: Floats) -> tuple[Floats, float]:
    centred = values - values.mean() if values.size else values
    return centred, float(np.sqrt((centred**2).mean())) if values.size else 0.0


def _own_weight(weights: csr_array) -> Floats:
    """The weight of the cell itself in Gi*: the mean weight of its neighbours, 1 where weights are 0 and 1."""
    degrees = np.diff(weights.indptr)
    return np.asarray(_sums(weights) / np.maximum(degrees, 1))


def _sums(weights: csr_array) -> Floats:
    return np.asarray(weights.sum(axis=1), dtype=np.float64).ravel()


def _squares(weights: csr_array) -> Floats:
    return np.asarray(weights.multiply(weights).sum(axis=1), dtype=np.float64).ravel()


def _divided(above: Floats, below: Floats, known: npt.NDArray[np.bool_]) -> Floats:
    out = np.full(above.size, np.nan)
    good = known & (below > 0)
    out[good] = above[good] / below[good]
    return out
