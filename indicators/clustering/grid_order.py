"""The compiled order of places: sorted by cell, and the points of one place brought together. See ``grid_kernels``.

Needs numba. Compiled once, kept beside the source (or in NUMBA_CACHE_DIR where that folder cannot be written).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, ParamSpec, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Keys = npt.NDArray[np.int64]
Places = npt.NDArray[np.int32]
Grid = tuple[float, float, float, int]
"""West and south edge in metres, cells a metre, and cells across with two empty ones at each side."""
P = ParamSpec("P")
R = TypeVar("R")

FEW = 8
"""Up to so many points of a cell are compared each with each, to find those at one place."""

DENSE_PER_POINT = 4
"""Up to so many cells a point the cells are counted in one array; beyond, the keys are sorted."""


class Sites(NamedTuple):
    """Distinct places sorted by cell, and the cells that hold some."""

    x: Floats
    y: Floats
    weight: Floats
    first: Places
    """The earliest row at the place."""
    cells: Keys
    start: Places
    """Where the sites of each cell start; one more at the end."""


class Sorted(NamedTuple):
    """All points in the order of their cells, each with its cell and its site: what the parts of them share."""

    order: Places
    keys: Keys
    x: Floats
    y: Floats
    site: Places
    n_sites: int


def kernel(function: Callable[P, R], **options: Any) -> Callable[P, R]:
    """The function compiled when it is first called; the compiled code is kept where it can be."""
    try:
        ready = numba.njit(cache=True, nogil=True, **options)(function)
    except RuntimeError:  # nowhere to keep the compiled code: it is made again in each process
        ready = numba.njit(nogil=True, **options)(function)
    return cast("Callable[P, R]", ready)


def inlined(function: Callable[P, R]) -> Callable[P, R]:
    """The same, made part of the functions that call it."""
    return kernel(function, inline="always")


def summing(function: Callable[P, R]) -> Callable[P, R]:
    """Weights may be summed in any order: exact for counts of firms."""
    return kernel(function, fastmath={"reassoc", "nsz"})


def sites_of(x: Floats, y: Floats, weights: Floats | None, grid: Grid) -> tuple[Sites, Places, Places]:
    """The distinct places of the points, the points in the order of their cells, and the site of each of these."""
    keys, order = _in_cells(x, y, grid)
    cells, start = _occupied(keys, order)
    del keys
    xs, ys = x[order], y[order]
    ws = np.ones(order.size) if weights is None else weights[order]
    site_of, n = _site_of(xs, ys, start)
    first, start = _collapsed(xs, ys, ws, order, start, site_of)
    return Sites(xs[:n], ys[:n], ws[:n], first, cells, start), order, site_of


def sorted_points(x: Floats, y: Floats, grid: Grid) -> Sorted:
    """The points in the order of their cells, once for all the parts of them that are looked at."""
    keys, order = _in_cells(x, y, grid)
    _, start = _occupied(keys, order)
    xs, ys = x[order], y[order]
    site, n_sites = _site_of(xs, ys, start)
    return Sorted(order, keys[order], xs, ys, site, n_sites)


def sites_of_part(points: Sorted, there: Flags) -> tuple[Sites, Places, Places]:
    """The same as ``sites_of`` for the points that are there (a flag a row), each of weight 1."""
    order, site_of, x, y, weight, first, cells, start = _part(*points, there)
    return Sites(x, y, weight, first, cells, start), order, site_of


def _in_cells(x: Floats, y: Floats, grid: Grid) -> tuple[Keys, Places]:
    """The cell of each point, and the points sorted by cell."""
    keys = _keys(x, y, grid)
    n_cells = int(keys.max()) + 1
    if n_cells <= max(DENSE_PER_POINT * x.size, 1 << 16):
        return keys, _counted_order(keys, n_cells)
    return keys, np.argsort(keys, kind="stable").astype(np.int32)


@kernel
def _keys(x: Floats, y: Floats, grid: Grid) -> Keys:
    west, south, per_m, width = grid
    keys = np.empty(x.size, np.int64)
    for i in range(x.size):
        keys[i] = (np.int64((y[i] - south) * per_m) + 2) * width + np.int64((x[i] - west) * per_m) + 2
    return keys


@kernel
def _counted_order(keys: Keys, n_cells: int) -> Places:
    """The points sorted by cell, in their own order within a cell."""
    at = np.zeros(n_cells + 1, np.int32)
    for key in keys:
        at[key + 1] += 1
    for cell in range(n_cells):
        at[cell + 1] += at[cell]
    order = np.empty(keys.size, np.int32)
    for i in range(keys.size):
        order[at[keys[i]]] = i
        at[keys[i]] += 1
    return order


@kernel
def _occupied(keys: Keys, order: Places) -> tuple[Keys, Places]:
    """The cells that hold points, ascending, and where in ``order`` the points of each start."""
    cells, start = np.empty(order.size, np.int64), np.empty(order.size + 1, np.int32)
    n, last = 0, np.int64(-1)
    for k in range(order.size):
        key = keys[order[k]]
        if key != last:
            cells[n], start[n], last = key, k, key
            n += 1
    start[n] = order.size
    return cells[:n].copy(), start[: n + 1].copy()


@kernel
def _site_of(xs: Floats, ys: Floats, start: Places) -> tuple[Places, int]:
    """The number of each point's site (distinct place), counted along the sorted points; and how many there are."""
    site_of, n_sites = np.empty(xs.size, np.int32), 0
    table = np.empty(16, np.int32)
    for q in range(start.size - 1):
        low, high, mask = start[q], start[q + 1], 1
        while mask < 2 * (high - low):
            mask = 2 * mask + 1
        if high - low > FEW and table.size <= mask:
            table = np.empty(mask + 1, np.int32)
        if high - low > FEW:
            table[: mask + 1] = -1
        for k in range(low, high):
            found = -1
            if high - low <= FEW:
                for j in range(low, k):
                    if xs[j] == xs[k] and ys[j] == ys[k]:
                        found = site_of[j]
                        break
            else:
                mixed = np.int64(xs[k] * 4096.0) * 73856093 ^ np.int64(ys[k] * 4096.0) * 19349663
                slot = (mixed ^ (mixed >> 13) ^ (mixed >> 27)) & mask
                while table[slot] >= 0 and found < 0:
                    j = table[slot]
                    if xs[j] == xs[k] and ys[j] == ys[k]:
                        found = site_of[j]
                    slot = (slot + 1) & mask
                if found < 0:
                    table[slot] = k
            if found < 0:
                found = n_sites
                n_sites += 1
            site_of[k] = found
    return site_of, n_sites


@kernel
def _collapsed(
    xs: Floats, ys: Floats, ws: Floats, order: Places, start: Places, site_of: Places
) -> tuple[Places, Places]:
    """Brings the points of a site together, in place: first row of each site, and where those of each cell start.

    The first values of ``xs``, ``ys`` and ``ws`` are the sites afterwards; a site never stands behind its points.
    """
    first, begin = np.empty(order.size, np.int32), np.empty(start.size, np.int32)
    known = 0
    for q in range(start.size - 1):
        begin[q] = known
        for k in range(start[q], start[q + 1]):
            site = site_of[k]
            if site == known:
                xs[site], ys[site], ws[site], first[site] = xs[k], ys[k], ws[k], order[k]
                known += 1
            else:
                ws[site] += ws[k]
    begin[start.size - 1] = known
    return first[:known], begin


@kernel
def _part(
    order: Places, keys: Keys, xs: Floats, ys: Floats, site: Places, n_sites: int, there: Flags
) -> tuple[Places, Places, Floats, Floats, Floats, Places, Keys, Places]:
    """Order and site of the points that are there, then x, y, weight, first, cells and start of their sites."""
    n = there.sum()
    rows, of, at = np.empty(n, np.int32), np.empty(n, np.int32), np.full(n_sites, -1, np.int32)
    x, y, weight, first = np.empty(n), np.empty(n), np.empty(n), np.empty(n, np.int32)
    cells, start = np.empty(n, np.int64), np.empty(n + 1, np.int32)
    k, known, n_cells, last = 0, 0, 0, np.int64(-1)
    for j in range(order.size):
        row = order[j]
        if not there[row]:
            continue
        if keys[j] != last:
            cells[n_cells], start[n_cells], last = keys[j], known, keys[j]
            n_cells += 1
        here = at[site[j]]
        if here < 0:
            here = at[site[j]] = known
            x[here], y[here], weight[here], first[here] = xs[j], ys[j], 1.0, row
            known += 1
        else:
            weight[here] += 1.0
        rows[k], of[k] = row, here
        k += 1
    start[n_cells] = known
    return rows, of, x[:known], y[:known], weight[:known], first[:known], cells[:n_cells], start[: n_cells + 1]
