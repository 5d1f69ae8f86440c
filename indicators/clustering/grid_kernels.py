"""The grid DBSCAN compiled: cores, joined cells, labels of the places of ``grid_order``. Only ``grid_dbscan`` calls it.

Needs numba; ``grid_arrays`` gives the same labels without. Compiled once, kept beside the source
(or in NUMBA_CACHE_DIR where that folder cannot be written). Nothing runs in parallel: two readers
who ask at the same moment must not disturb each other.
"""

from __future__ import annotations

import numpy as np

from indicators.clustering.grid_order import (
    Flags,
    Floats,
    Grid,
    Keys,
    Places,
    Sites,
    Sorted,
    inlined,
    kernel,
    sites_of,
    sites_of_part,
    sorted_points,
    summing,
)

__all__ = ["labels", "labels_of_part", "sorted_points"]

BLOCK = 64
"""So many distances are measured before asking whether the minimum is reached."""

NEAR_EDGE = 0.4143
"""Part of a cell: from farther inside, the second cell beyond the edge is out of reach (the root of 2 less 1)."""


def labels(x: Floats, y: Floats, weights: Floats | None, grid: Grid, eps2: float, minimum: float) -> tuple[Keys, Flags]:
    """The label (-1 = noise) and the core flag of every point, in their order; see ``grid_dbscan.dbscan``."""
    sites, order, site_of = sites_of(x, y, weights, grid)
    label, core = _labelled(sites, grid, eps2, minimum)
    del sites
    return _to_points(label, core, order, site_of)


def labels_of_part(points: Sorted, there: Flags, grid: Grid, eps2: float, minimum: float) -> Keys:
    """The labels of the points that are there (a flag a row), each of weight 1, in the order of the rows."""
    sites, order, site_of = sites_of_part(points, there)
    label, _ = _labelled(sites, grid, eps2, minimum)
    return _to_rows(label, order, site_of, there)


def _labelled(sites: Sites, grid: Grid, eps2: float, minimum: float) -> tuple[Places, Flags]:
    """The label and the core flag of each site."""
    xs, ys, ws, first, cells, start = sites
    core = _cores(xs, ys, ws, cells, start, grid, eps2, minimum)
    parent = _joined(xs, ys, core, cells, start, grid[3], eps2)
    number = _numbers(core, start, parent, first)
    return _site_labels(xs, ys, core, cells, start, grid, eps2, number), core


@inlined
def _within(xs: Floats, ys: Floats, ws: Floats, x: float, y: float, low: int, high: int, eps2: float) -> float:
    """The weight of the sites low..high within reach of (x, y); no branch, so that several are measured at once."""
    have = 0.0
    for j in range(np.uint64(low), np.uint64(high)):
        dx, dy = x - xs[j], y - ys[j]
        have += ws[j] if dx * dx + dy * dy <= eps2 else 0.0
    return have


@summing
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


@inlined
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


@inlined
def _root(parent: Places, cell: int) -> int:
    while parent[cell] != cell:
        parent[cell] = parent[parent[cell]]
        cell = parent[cell]
    return cell


@inlined
def _touching(xs: Floats, ys: Floats, core: Flags, i: int, low: int, high: int, eps2: float) -> bool:
    """Whether a core of the sites low..high lies within reach of site i."""
    x, y, found = xs[i], ys[i], False
    for j in range(np.uint64(low), np.uint64(high)):
        dx, dy = x - xs[j], y - ys[j]
        if dx * dx + dy * dy <= eps2 and core[j]:
            found = True
            break
    return found


@kernel
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


@kernel
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


@kernel
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


@kernel
def _to_points(label: Places, core: Flags, order: Places, site_of: Places) -> tuple[Keys, Flags]:
    """Labels and core flags in the order of the points; both scattered as one number."""
    both = np.empty(order.size, np.int32)
    for k in range(order.size):
        both[order[k]] = 2 * label[site_of[k]] + core[site_of[k]]
    return (both >> 1).astype(np.int64), (both & 1).astype(np.bool_)


@kernel
def _to_rows(label: Places, order: Places, site_of: Places, there: Flags) -> Keys:
    """The labels of the points that are there in the order of their rows; no branch, as it could not be foretold."""
    of_row, found, n = np.empty(there.size, np.int32), np.empty(order.size + 1, np.int64), 0
    for k in range(order.size):
        of_row[order[k]] = label[site_of[k]]
    for row in range(there.size):
        found[n] = of_row[row]
        n += there[row]
    return found[:n]
