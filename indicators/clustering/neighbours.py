"""How much lies within a distance of each place: the counts behind Marcon and Puech's M."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from indicators.clustering.compiled import compiled

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

_ROWS = 256


def weight_within(x: Floats, y: Floats, weight: Floats, radii: Floats) -> Floats:
    """The weight of the other places within each radius of every place; a place at distance 0 is a neighbour, itself
    is not.

    Formula: sum of w_j over j != i with d_ij <= r. In: x, y (metres), weight, radii (metres, rising). Out: places x
    radii.
    Compiled where numba is installed, else by a tree of SciPy; both compare squared distances, so that they agree.
    Source: Marcon & Puech (2010).

    >>> weight_within(np.array([0.0, 0.0, 3.0]), np.zeros(3), np.array([1.0, 2.0, 4.0]), np.array([0.0, 3.0])).tolist()
    [[2.0, 6.0], [1.0, 5.0], [0.0, 3.0]]
    """
    order = np.argsort(x, kind="stable")
    found = np.zeros((len(x), len(radii)))
    loop = compiled(_within_loop) or _within_tree
    loop(x[order], y[order], weight[order], radii * radii, radii[-1], found)
    result = np.empty_like(found)
    result[order] = found.cumsum(axis=1)
    return result


def _within_loop(x: Floats, y: Floats, weight: Floats, squares: Floats, reach: float, found: Floats) -> None:
    """Places in rising order of x: only those up to reach to the right are looked at, each pair once."""
    per_step = (squares.size - 1) / max(reach, 1e-300)
    for i in range(x.size - 1):
        for j in range(i + 1, x.size):
            across = x[j] - x[i]
            if across > reach:
                break
            up = y[j] - y[i]
            square = across * across + up * up
            if square <= squares[-1]:
                k = min(int(np.sqrt(square) * per_step), squares.size - 1)
                while squares[k] < square:
                    k += 1
                while k > 0 and squares[k - 1] >= square:
                    k -= 1
                found[i, k] += weight[j]
                found[j, k] += weight[i]


def _within_tree(x: Floats, y: Floats, weight: Floats, squares: Floats, reach: float, found: Floats) -> None:
    """The SciPy way of ``_within_loop``: a few hundred places at a time, so that memory stays small."""
    tree = cKDTree(np.column_stack([x, y]))
    n = len(squares)
    for start in range(0, len(x), _ROWS):
        here = np.arange(start, min(start + _ROWS, len(x)))
        near = tree.query_ball_point(tree.data[here], reach * (1.0 + 1e-9))
        i = np.repeat(here, [len(one) for one in near])
        j = np.fromiter((place for one in near for place in one), dtype=np.int64, count=len(i))
        square = (x[j] - x[i]) ** 2 + (y[j] - y[i]) ** 2
        kept = (i != j) & (square <= squares[-1])
        bin_of = np.searchsorted(squares, square[kept])
        flat = np.bincount((i[kept] - start) * n + bin_of, weight[j[kept]], len(here) * n)
        found[here] += flat.reshape(len(here), n)
