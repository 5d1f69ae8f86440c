"""Which cells or places are neighbours: hexagons that share an edge, or places within a distance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from indicators.clustering.hexagons import NEIGHBOURS
from indicators.clustering.metres import PLACES, require_metres, require_positive

if TYPE_CHECKING:
    from scipy.sparse import csr_array

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


def hexagon_neighbours(q: Integers, r: Integers) -> csr_array:
    """The hexagons of the frame that share an edge, as a matrix of 0 and 1 in the order of the rows.

    In: q, r (axial cells, no repeats). Out: n x n, symmetric, up to six 1 in a row; a hexagon whose
    six neighbours are all outside the frame has none.

    >>> hexagon_neighbours(np.array([0, 1, 5]), np.array([0, 0, 5])).toarray().astype(int).tolist()
    [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
    """
    from scipy.sparse import csr_array

    n = q.size
    if not n:
        return csr_array((0, 0))
    width = int(q.max() - q.min()) + 3  # a column to spare at each side: a step never ends in another row
    keys = (r - r.min()) * width + (q - q.min())
    order = np.argsort(keys)
    ordered = keys[order]
    wanted = keys[:, None] + np.array(sorted(dr * width + dq for dq, dr in NEIGHBOURS))
    at = np.minimum(np.searchsorted(ordered, wanted), n - 1)
    there = ordered[at] == wanted
    start = np.concatenate([[0], np.cumsum(there.sum(axis=1))])
    column = order[at[there]]
    return csr_array((np.ones(column.size), column, start), shape=(n, n))


def near_neighbours(x: Floats, y: Floats, distance_m: float, vouched: bool = False) -> csr_array:
    """The other places within a distance, as a matrix of 0 and 1 in the order of the rows.

    Formula: 1 where d^2 <= distance_m^2; a place at distance 0 is a neighbour, the row itself is not.
    In: x, y (projected metres), distance_m (above 0); ``vouched``: as ``metres.require_metres``.
    Raises ContractError. Source: Getis and Ord (1992), binary weights.

    >>> near_neighbours(np.array([0.0, 300.0, 301.0]), np.zeros(3), 300.0).toarray().astype(int).tolist()
    [[0, 1, 0], [1, 0, 1], [0, 1, 0]]
    """
    from scipy.sparse import csr_array
    from scipy.spatial import cKDTree

    require_positive(PLACES, distance_m=distance_m)
    require_metres(x, y, vouched)
    n = x.size
    if not n:
        return csr_array((0, 0))
    pairs = cKDTree(np.column_stack([x, y])).query_pairs(distance_m * (1 + 1e-9), output_type="ndarray")
    i, j = pairs[:, 0], pairs[:, 1]
    near = (x[i] - x[j]) ** 2 + (y[i] - y[j]) ** 2 <= distance_m**2
    rows, columns = np.concatenate([i[near], j[near]]), np.concatenate([j[near], i[near]])
    return csr_array((np.ones(rows.size), (rows, columns)), shape=(n, n))


def row_standardised(neighbours: csr_array) -> csr_array:
    """The same neighbours with weights that add to 1 in each row; a row without neighbours stays empty.

    >>> from scipy.sparse import csr_array
    >>> row_standardised(csr_array(np.array([[0.0, 1, 1], [1, 0, 0], [0, 0, 0]]))).toarray().tolist()
    [[0.0, 0.5, 0.5], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]
    """
    from scipy.sparse import csr_array

    sums = np.asarray(neighbours.sum(axis=1)).ravel()
    scale = np.repeat(1.0 / np.where(sums > 0, sums, 1.0), np.diff(neighbours.indptr))
    return csr_array((neighbours.data * scale, neighbours.indices, neighbours.indptr), shape=neighbours.shape)
