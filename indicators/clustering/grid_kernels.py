"""The grid DBSCAN compiled: points sorted by cell, cores, joined cells, labels. Only ``grid_dbscan`` calls it.

Needs numba; ``grid_arrays`` gives the same labels without. Compiled once, kept beside the source
(or in NUMBA_CACHE_DIR where that folder cannot be written). Nothing runs in parallel: two readers
who ask at the same moment must not disturb each other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

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

BLOCK = 64
"""So many distances are measured before asking whether the minimum is reached."""

NEAR_EDGE = 0.4143
"""Part of a cell: from farther inside, the second cell beyond the edge is out of reach (the root of 2 less 1)."""

DENSE_PER_POINT = 4
"""Up to so many cells a point the cells are counted in one array; beyond, the keys are sorted."""


def _compiled(function: Callable[P, R], **options: Any) -> Callable[P, R]:
    try:
        ready = numba.njit(cache=True, nogil=True, **options)(function)
    except RuntimeError:  # nowhere to keep the compiled code: it is made again in each process
        ready = numba.njit(nogil=True, **options)(function)
    return cast("Callable[P, R]", ready)


def _inlined(function: Callable[P, R]) -> Callable[P, R]:
    return _compiled(function, inline="always")


def _summing(function: Callable[P, R]) -> Callable[P, R]:
    """Weights may be summed in any order: exact for counts of firms."""
    return _compiled(function, fastmath={"reassoc", "nsz"})


def labels(x: Floats, y: Floats, weights: Floats | None, grid: Grid, eps2: float, minimum: float) -> tuple[Keys, Flags]:
    """The label (-1 = noise) and the core flag of every point, in their order; see ``grid_dbscan.dbscan``."""
    keys = _keys(x, y, grid)
    n_cells = int(keys.max()) + 1
    if n_cells <= max(DENSE_PER_POINT * x.size, 1 << 16):
        order = _counted_order(keys, n_cells)
    else:
        order = np.argsort(keys, kind="stable").astype(np.int32)
    cells, start = _occupied(keys, order)
    del keys
    xs, ys = x[order], y[order]
    ws = np.ones(order.size) if weights is None else weights[order]
    site_of, n = _site_of(xs, ys, start)
    first, start = _collapsed(xs, ys, ws, order, start, site_of)
    xs, ys, ws = xs[:n], ys[:n], ws[:n]
    core = _cores(xs, ys, ws, cells, start, grid, eps2, minimum)
    parent = _joined(xs, ys, core, cells, start, grid[3], eps2)
    number = _numbers(core, start, parent, first)
    label = _site_labels(xs, ys, core, cells, start, grid, eps2, number)
    del xs, ys, ws, first
    return _to_points(label, core, order, site_of)


@_compiled
def _keys(x: Floats, y: Floats, grid: Grid) -> Keys:
    west, south, per_m, width = grid
    keys = np.empty(x.size, np.int64)
    for i in range(x.size):
        keys[i] = (np.int64((y[i] - south) * per_m) + 2) * width + np.int64((x[i] - west) * per_m) + 2
    return keys


@_compiled
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


@_compiled
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


@_compiled
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


@_compiled
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


@_inlined
def _within(xs: Floats, ys: Floats, ws: Floats, x: float, y: float, low: int, high: int, eps2: float) -> float:
    """The weight of the sites low..high within reach of (x, y); no branch, so that several are measured at once."""
    have = 0.0
    for j in range(np.uint64(low), np.uint64(high)):
        dx, dy = x - xs[j], y - ys[j]
        have += ws[j] if dx * dx + dy * dy <= eps2 else 0.0
    return have


@_summing
def _cores(
    xs: Floats, ys: Floats, ws: Floats, cells: Keys, start: Places, grid: Grid, eps2: float, minimum: float
) -> Flags:
    """Which sites have the minimum weight within reach; a cell that holds it alone is all core."""
    west, south, per_m, width = grid
    core, upto = np.zeros(xs.size, np.bool_), np.zeros(xs.size + 1)
    for i in range(xs.size):
        upto[i + 1] = upto[i] + ws[i]
    enough = minimum - 1e-9 * upto[xs.size]
    edge, a, end = np.zeros((5, 4), np.int64), np.zeros(5, np.int64), np.zeros(5, np.int64)
    for q in range(cells.size):
        own = ws[start[q] : start[q + 1]].sum()
        if own >= minimum:
            core[start[q] : start[q + 1]] = True
            continue
        around = _edges(cells, start, q, width, edge, upto)
        if around < enough:
            continue
        for i in range(start[q], start[q + 1]):
            across, up = (xs[i] - west) * per_m % 1.0, (ys[i] - south) * per_m % 1.0
            rest = 0.0
            for row in range(5):
                a[row] = start[edge[row, 0 if across < NEAR_EDGE else 1]]
                end[row] = start[edge[row, 3 if across > 1.0 - NEAR_EDGE else 2]]
                if (row == 0 and up > NEAR_EDGE) or (row == 4 and up < 1.0 - NEAR_EDGE):
                    end[row] = a[row]
                rest += upto[end[row]] - upto[a[row]]
            have = 0.0
            for row in (2, 1, 3, 0, 4):
                if have + rest < enough or have >= minimum:
                    break
                rest -= upto[end[row]] - upto[a[row]]
                for block in range(a[row], end[row], BLOCK):
                    have += _within(xs, ys, ws, xs[i], ys[i], block, min(block + BLOCK, end[row]), eps2)
                    if have >= minimum:
                        break
            core[i] = have >= minimum
    return core


@_inlined
def _edges(cells: Keys, start: Places, q: int, width: int, edge: Keys, upto: Floats) -> float:
    """Moves the edges of five rows of cells to those around cell q: from column -2, -1, to column 1, 2 (exclusive)."""
    around = 0.0
    for row in range(5):
        left, other = cells[q] + (row - 2) * width - 2, edge[row, 0]
        while other < cells.size and cells[other] < left:
            other += 1
        edge[row, 0] = other
        other += other < cells.size and cells[other] == left
        edge[row, 1] = other
        while other < cells.size and cells[other] < left + 4:
            other += 1
        edge[row, 2] = other
        other += other < cells.size and cells[other] == left + 4
        edge[row, 3] = other
        around += upto[start[other]] - upto[start[edge[row, 0]]]
    return around


@_inlined
def _root(parent: Places, cell: int) -> int:
    while parent[cell] != cell:
        parent[cell] = parent[parent[cell]]
        cell = parent[cell]
    return cell


@_inlined
def _touching(xs: Floats, ys: Floats, core: Flags, i: int, low: int, high: int, eps2: float) -> bool:
    """Whether a core of the sites low..high lies within reach of site i."""
    x, y, found = xs[i], ys[i], False
    for j in range(np.uint64(low), np.uint64(high)):
        dx, dy = x - xs[j], y - ys[j]
        if dx * dx + dy * dy <= eps2 and core[j]:
            found = True
            break
    return found


@_compiled
def _joined(xs: Floats, ys: Floats, core: Flags, cells: Keys, start: Places, width: int, eps2: float) -> Places:
    """The union of cells whose cores reach each other: for each cell a parent; -1 for a cell without cores.

    Near cells first: they join early, and pairs already joined are not measured.
    """
    parent = np.full(cells.size, -1, np.int32)
    for q in range(cells.size):
        if core[start[q] : start[q + 1]].any():
            parent[q] = q
    for dx, dy in ((1, 0), (0, 1), (1, 1), (-1, 1), (2, 0), (0, 2), (2, 1), (-2, 1), (1, 2), (-1, 2), (2, 2), (-2, 2)):
        step, other = dy * width + dx, 0
        for q in range(cells.size):
            if parent[q] < 0:
                continue
            while other < cells.size and cells[other] < cells[q] + step:
                other += 1
            if other == cells.size:
                break
            if cells[other] != cells[q] + step or parent[other] < 0:
                continue
            a, b = _root(parent, q), _root(parent, other)
            if a != b:
                for i in range(start[q], start[q + 1]):
                    if core[i] and _touching(xs, ys, core, i, start[other], start[other + 1], eps2):
                        parent[max(a, b)] = min(a, b)
                        break
    return parent


@_compiled
def _numbers(core: Flags, start: Places, parent: Places, first: Places) -> Places:
    """The number of each cell's cluster, counted by the earliest core row; -1 for a cell without cores."""
    n_cells = parent.size
    earliest = np.full(n_cells, np.int64(2**31), np.int64)
    for q in range(n_cells):
        if parent[q] >= 0:
            root = _root(parent, q)
            for i in range(start[q], start[q + 1]):
                if core[i] and first[i] < earliest[root]:
                    earliest[root] = first[i]
    roots = np.flatnonzero(earliest < 2**31)
    number = np.full(n_cells, -1, np.int32)
    number[roots[np.argsort(earliest[roots])]] = np.arange(roots.size).astype(np.int32)
    for q in range(n_cells):
        if parent[q] >= 0:
            number[q] = number[_root(parent, q)]
    return number


@_compiled
def _site_labels(
    xs: Floats, ys: Floats, core: Flags, cells: Keys, start: Places, grid: Grid, eps2: float, number: Places
) -> Places:
    """Cores take the number of their cell, other sites the lowest number of a core within reach."""
    west, south, per_m, width = grid
    label = np.full(xs.size, -1, np.int32)
    low, near, at = np.zeros(5, np.int64), np.empty(25, np.int64), np.empty((25, 2))
    for q in range(cells.size):
        label[start[q] : start[q + 1]] = number[q]
        if core[start[q] : start[q + 1]].all():
            continue
        n_near = 0
        for row in range(5):
            left = cells[q] + (row - 2) * width - 2
            while low[row] < cells.size and cells[low[row]] < left:
                low[row] += 1
            other = low[row]
            while other < cells.size and cells[other] <= left + 4:
                if number[other] >= 0 and (number[q] < 0 or number[other] < number[q]):
                    near[n_near], at[n_near, 0], at[n_near, 1] = other, cells[other] - left - 2, row - 2
                    n_near += 1
                other += 1
        for i in range(start[q], start[q + 1]):
            if not core[i]:
                across, up = (xs[i] - west) * per_m % 1.0, (ys[i] - south) * per_m % 1.0
                for k in range(n_near):
                    gap_x = max(at[k, 0] - across, across - at[k, 0] - 1.0, 0.0)
                    gap_y = max(at[k, 1] - up, up - at[k, 1] - 1.0, 0.0)
                    other = near[k]
                    lower = label[i] < 0 or number[other] < label[i]
                    reached = lower and gap_x * gap_x + gap_y * gap_y < 2.001
                    if reached and _touching(xs, ys, core, i, start[other], start[other + 1], eps2):
                        label[i] = number[other]
    return label


@_compiled
def _to_points(label: Places, core: Flags, order: Places, site_of: Places) -> tuple[Keys, Flags]:
    """Labels and core flags in the order of the points; both scattered as one number."""
    both = np.empty(order.size, np.int32)
    for k in range(order.size):
        both[order[k]] = 2 * label[site_of[k]] + core[site_of[k]]
    return (both >> 1).astype(np.int64), (both & 1).astype(np.bool_)
