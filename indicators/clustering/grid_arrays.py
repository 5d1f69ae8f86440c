"""The grid DBSCAN in NumPy and SciPy, for a machine without numba: the same labels, more time.

Points are collapsed to places with weights first. Distances are measured only between cells that
can reach each other, so many pairs at a time, and with the same formula as ``grid_kernels``.
Only ``grid_dbscan`` calls it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]
Grid = tuple[float, float, float, int]

PAIRS_AT_ONCE = 1_000_000
HALF = ((1, 0), (0, 1), (1, 1), (-1, 1), (2, 0), (0, 2), (2, 1), (-2, 1), (1, 2), (-1, 2), (2, 2), (-2, 2))
"""Steps to the cells in reach, nearest first, one of each opposite two."""
AROUND = tuple(step for dx, dy in HALF for step in ((dx, dy), (-dx, -dy)))


class Sites(NamedTuple):
    """Distinct places sorted by cell, and the cells that hold some."""

    x: Floats
    y: Floats
    weight: Floats
    first: Integers
    """The earliest row at the place."""
    cells: Integers
    start: Integers
    """Where the sites of each cell start; one more at the end."""
    cell_of: Integers


def labels(
    x: Floats, y: Floats, weights: Floats | None, grid: Grid, eps2: float, minimum: float
) -> tuple[Integers, Flags]:
    """The label (-1 = noise) and the core flag of every point, in their order; see ``grid_dbscan.dbscan``."""
    sites, site_of = _sites(x, y, weights, grid)
    core = _cores(sites, grid[3], eps2, minimum)
    number = _numbers(sites, core, grid[3], eps2)
    label = _site_labels(sites, core, number, grid[3], eps2)
    return label[site_of], core[site_of]


def collapsed(x: Floats, y: Floats, weights: Floats | None = None) -> tuple[Integers, Floats, Integers]:
    """The rows brought together by place: first row and weight of each place, and the place of each row.

    In: x, y (any unit), weights (none = 1 each). Out: places in the order of their first row.

    >>> first, weight, place = collapsed(np.array([5.0, 7.0, 5.0]), np.array([1.0, 1.0, 1.0]))
    >>> first.tolist(), weight.tolist(), place.tolist()
    ([0, 1], [2.0, 1.0], [0, 1, 0])
    """
    order = np.lexsort((y, x))
    new = np.ones(x.size, np.bool_)
    new[1:] = (np.diff(x[order]) != 0) | (np.diff(y[order]) != 0)
    place = np.empty(x.size, np.int64)
    place[order] = np.cumsum(new) - 1
    earliest = order[new]
    rank = np.empty(earliest.size, np.int64)
    rank[np.argsort(earliest)] = np.arange(earliest.size)
    place = rank[place]
    return np.sort(earliest), np.bincount(place, weights=weights, minlength=earliest.size).astype(np.float64), place


def _sites(x: Floats, y: Floats, weights: Floats | None, grid: Grid) -> tuple[Sites, Integers]:
    west, south, per_m, width = grid
    first, weight, place = collapsed(x, y, weights)
    x, y = x[first], y[first]
    keys = (((y - south) * per_m).astype(np.int64) + 2) * width + ((x - west) * per_m).astype(np.int64) + 2
    order = np.argsort(keys, kind="stable")
    cells, start = np.unique(keys[order], return_index=True)
    start = np.append(start, order.size)
    at = np.empty(order.size, np.int64)
    at[order] = np.arange(order.size)
    cell_of = np.repeat(np.arange(cells.size), np.diff(start))
    return Sites(x[order], y[order], weight[order], first[order], cells, start, cell_of), at[place]


def _cell_at(cells: Integers, wanted: Integers) -> Integers:
    """The position of each wanted cell among the occupied ones, -1 where it is empty."""
    found = np.minimum(np.searchsorted(cells, wanted), cells.size - 1)
    return np.where(cells[found] == wanted, found, -1)


def _members(low: Integers, high: Integers) -> Iterator[tuple[Integers, Integers]]:
    """Every member of the ranges low..high with the number of its range, a block of them at a time."""
    ends = np.cumsum(high - low)
    begin = 0
    while begin < low.size:
        done = ends[begin - 1] if begin else 0
        end = max(begin + 1, int(np.searchsorted(ends, done + PAIRS_AT_ONCE)))
        length = (high - low)[begin:end]
        owner = np.repeat(np.arange(begin, end), length)
        yield owner, np.arange(owner.size) - np.repeat(np.cumsum(length) - length - low[begin:end], length)
        begin = end


def _near(sites: Sites, i: Integers, j: Integers, eps2: float) -> Flags:
    dx, dy = sites.x[i] - sites.x[j], sites.y[i] - sites.y[j]
    return np.asarray(dx * dx + dy * dy <= eps2)


def _cores(sites: Sites, width: int, eps2: float, minimum: float) -> Flags:
    held = np.add.reduceat(sites.weight, sites.start[:-1])
    around = held.copy()
    for dx, dy in AROUND:
        other = _cell_at(sites.cells, sites.cells + dy * width + dx)
        around += np.where(other >= 0, held[other], 0.0)
    have = held[sites.cell_of]
    possible = around[sites.cell_of] >= minimum - 1e-9 * held.sum()
    for dx, dy in AROUND:
        open_sites = np.flatnonzero(possible & (have < minimum))
        other = _cell_at(sites.cells, sites.cells[sites.cell_of[open_sites]] + dy * width + dx)
        open_sites, other = open_sites[other >= 0], other[other >= 0]
        for owner, j in _members(sites.start[other], sites.start[other + 1]):
            near = _near(sites, open_sites[owner], j, eps2)
            more = np.bincount(owner[near] - owner[0], sites.weight[j[near]], minlength=owner[-1] - owner[0] + 1)
            have[open_sites[owner[0] : owner[-1] + 1]] += more
    return np.asarray(have >= minimum)


def _numbers(sites: Sites, core: Flags, width: int, eps2: float) -> Integers:
    """The number of each cell's cluster, counted by the earliest core row; -1 for a cell without cores."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    has_core = np.logical_or.reduceat(core, sites.start[:-1])
    group = np.arange(sites.cells.size)
    links: list[npt.NDArray[np.int64]] = []
    for dx, dy in HALF:
        other = _cell_at(sites.cells, sites.cells + dy * width + dx)
        pairs = np.flatnonzero(has_core & (other >= 0) & has_core[other] & (group != group[other]))
        links.append(np.stack([pairs, other[pairs]])[:, _joined(sites, core, pairs, other[pairs], eps2)])
        a, b = np.concatenate(links, axis=1)
        edges = coo_array((np.ones(a.size, np.bool_), (a, b)), shape=(group.size, group.size))
        group = connected_components(edges, directed=False)[1].astype(np.int64)
    earliest = np.full(group.size, np.iinfo(np.int64).max)
    np.minimum.at(earliest, group[sites.cell_of[core]], sites.first[core])
    rank = np.empty(group.size, np.int64)
    rank[np.argsort(earliest, kind="stable")] = np.arange(group.size)
    return np.where(has_core, rank[group], -1)


def _joined(sites: Sites, core: Flags, a: Integers, b: Integers, eps2: float) -> Flags:
    """Whether a core of cell a lies within reach of a core of cell b, for each pair of cells."""
    joined = np.zeros(a.size, np.bool_)
    for pair, i in _members(sites.start[a], sites.start[a + 1]):
        pair, i = pair[core[i]], i[core[i]]
        for owner, j in _members(sites.start[b[pair]], sites.start[b[pair] + 1]):
            near = core[j] & _near(sites, i[owner], j, eps2)
            joined[pair[owner[near]]] = True
    return joined


def _site_labels(sites: Sites, core: Flags, number: Integers, width: int, eps2: float) -> Integers:
    label = number[sites.cell_of]
    for dx, dy in AROUND:
        other = _cell_at(sites.cells, sites.cells + dy * width + dx)
        offered = np.where(other >= 0, number[other], -1)[sites.cell_of]
        sought = np.flatnonzero(~core & (offered >= 0) & ((label < 0) | (offered < label)))
        target = other[sites.cell_of[sought]]
        for owner, j in _members(sites.start[target], sites.start[target + 1]):
            reached = np.unique(owner[core[j] & _near(sites, sought[owner], j, eps2)])
            label[sought[reached]] = offered[sought[reached]]
    return label
