"""Exact DBSCAN of places in projected metres, each with a weight: which places are crowded and hang together.

The rule is fixed, so that nothing is left to the program that runs it: a place is core where the
weight within ``eps_m`` (itself included, distance <= eps_m) reaches the minimum; cores in reach of
each other are one cluster; clusters are numbered by their earliest core row; a border place joins
the lowest-numbered cluster with a core in reach; the rest is noise, -1. These are the labels of
scikit-learn, bit for bit.
Source: Ester, Kriegel, Sander and Xu (1996); grid after Gunawan (2013): cells of side eps / sqrt(2),
whose points are all neighbours of each other. Work and memory grow with the number of places.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator
from types import ModuleType

import numpy as np
import numpy.typing as npt

from indicators.clustering import grid_arrays
from indicators.clustering.metres import PLACES, require_metres, require_positive
from indicators.frames import ContractError

Floats = npt.NDArray[np.float64]

WIDEST = 2.0**31
"""The most cells across: beyond, the places are no city."""


def dbscan(
    x: Floats, y: Floats, eps_m: float, minimum: float, weights: Floats | None = None, vouched: bool = False
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """The cluster of each place (-1 = noise, 0 = the cluster of the earliest core row) and whether it is core.

    Formula: core where the sum of weights over d^2 <= eps_m^2 is at least ``minimum``; see the module.
    In: x, y (projected metres), eps_m (metres, above 0), minimum (weight, above 0), weights (from 0;
    none = 1 each; firms at the place). Rows at one place count as one place with their weights added.
    ``vouched``: coordinates that look like degrees are metres for certain.
    Out: labels Int64, core flags, in the order of the rows. No rows give none. Row order changes
    only the numbers and border ties: sort by a stable id first.
    Raises ContractError for degrees, for values that are not finite and for eps_m, minimum or
    weights out of range. Source: Ester et al. (1996); numbering and border rule as scikit-learn.

    >>> x, y = np.array([0.0, 300.0, 600.0, 900.001]), np.zeros(4)
    >>> label, core = dbscan(x, y, 300.0, 2)  # exactly 300 m is within reach, 300.001 is not
    >>> label.tolist(), core.tolist()
    ([0, 0, 0, -1], [True, True, True, False])
    """
    x, y = _checked(x, y, eps_m, minimum, vouched)
    weights = None if weights is None else np.ascontiguousarray(weights, np.float64)
    if weights is not None and not bool(np.all(np.isfinite(weights) & (weights >= 0))):
        problem = "a weight is below 0 or not finite; accepted: firms at the place, from 0; correct it."
        raise ContractError(PLACES, [problem])
    if not x.size:
        return np.empty(0, np.int64), np.empty(0, np.bool_)
    engine = kernels() or grid_arrays
    label, core = engine.labels(x, y, weights, _grid(x, y, eps_m), eps_m * eps_m, float(minimum))
    return label, core


def dbscan_of_parts(
    x: Floats, y: Floats, parts: Iterable[npt.NDArray[np.bool_]], eps_m: float, minimum: float, vouched: bool = False
) -> Iterator[npt.NDArray[np.int64]]:
    """The clusters of one part of the places after the other, such as those that existed in each year.

    Formula: ``dbscan`` of the rows of each part; the places are put in order once for all of them. In: x, y, eps_m,
    minimum, vouched as there, for all rows together; parts: a flag a row, whether it belongs to the part. Out: for
    each part the labels Int64 of its rows, in their order; a part without rows gives none.
    Raises ContractError as ``dbscan``, for all rows together. Source: as there.

    >>> x, y = np.array([0.0, 300.0, 600.0, 5000.0]), np.zeros(4)
    >>> parts = [np.array([True, True, True, True]), np.array([True, False, True, True])]
    >>> [label.tolist() for label in dbscan_of_parts(x, y, parts, 300.0, 2)]
    [[0, 0, 0, -1], [-1, -1, -1]]
    """
    x, y = _checked(x, y, eps_m, minimum, vouched)
    engine = kernels()
    if not x.size or engine is None:
        for there in parts:
            yield dbscan(x[there], y[there], eps_m, minimum, vouched=True)[0]
        return
    grid = _grid(x, y, eps_m)
    points = engine.sorted_points(x, y, grid)
    for there in parts:
        yield engine.labels_of_part(points, there, grid, eps_m * eps_m, float(minimum))


def _checked(x: Floats, y: Floats, eps_m: float, minimum: float, vouched: bool) -> tuple[Floats, Floats]:
    """The places as the loops read them, after the checks of ``dbscan``."""
    x, y = np.ascontiguousarray(x, np.float64), np.ascontiguousarray(y, np.float64)
    require_positive(PLACES, eps_m=eps_m, minimum=minimum)
    require_metres(x, y, vouched)
    return x, y


def kernels() -> ModuleType | None:
    """The compiled way, or None where numba is not installed; then NumPy and SciPy give the same labels."""
    try:
        return importlib.import_module("indicators.clustering.grid_kernels")
    except ImportError:
        return None


def _grid(x: Floats, y: Floats, eps_m: float) -> grid_arrays.Grid:
    """Cells whose diagonal is just under eps: shrunk by more than coordinates are rounded by.

    Two empty columns at each side keep a step to the left of one row from ending in the row above.
    """
    west, south = float(x.min()), float(y.min())
    across = max(float(x.max()) - west, float(y.max()) - south) * np.sqrt(2.0) / eps_m
    if across > WIDEST:
        problem = f"the places span {across:.3g} times eps_m {eps_m:g}; accepted: one city; set stray places aside."
        raise ContractError(PLACES, [problem])
    per_m = np.sqrt(2.0) / eps_m * (1.0 + 1e-12 + 1e-15 * across)
    return west, south, float(per_m), int((float(x.max()) - west) * per_m) + 5
