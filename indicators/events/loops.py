"""The two loops behind every table of events: find each event's cell and count it; add up what events state.

Compiled where numba is installed, else done with NumPy: the same numbers, some times slower.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from indicators.clustering.compiled import compiled

Codes = NDArray[np.int32]
Floats = NDArray[np.float64]
Sizes = NDArray[np.int64]


def placed(month: Codes, start_of: Sizes, code: Codes, cells: int) -> tuple[Codes, Sizes]:
    """The cell of each event and the number of events of each cell.

    Formula: place = start_of[month] + code. In: month and code of each event, the first cell of each month, the number
    of cells. Out: place, n (one number a cell). Source: our choice.

    >>> placed(np.array([0, 1], np.int32), np.array([0, 3]), np.array([2, 0], np.int32), 6)[1].tolist()
    [0, 0, 1, 1, 0, 0]
    """
    loop = compiled(_placed)
    if loop is None:
        place = start_of.astype(np.int32)[month] + code
        return place, np.bincount(place, minlength=cells).astype(np.int64)
    place, counted = np.empty(len(month), np.int32), np.zeros(cells, np.int64)
    loop(month, start_of, code, place, counted)
    return place, counted


def added(place: Codes, amounts: Floats, cells: int) -> tuple[Floats, Floats]:
    """The sum of what the events of each cell state, and how many of them state it.

    In: the cell of each event, its amount (not a number: not stated), the number of cells; events in cells behind the
    last are left out. Out: sum (0 where nothing is stated) and number, one each a cell. Source: our choice.

    >>> total, n = added(np.array([0, 1, 1], np.int32), np.array([np.nan, 2.0, 3.0]), 2)
    >>> total.tolist(), n.tolist()
    ([0.0, 5.0], [0.0, 2.0])
    """
    loop = compiled(_added)
    if loop is None:
        stated = ~np.isnan(amounts)
        kept, said = place[stated], amounts[stated]
        sums: Floats = np.bincount(kept, said, minlength=cells)[:cells].astype(np.float64)
        counted: Floats = np.bincount(kept, minlength=cells)[:cells].astype(np.float64)
        return sums, counted
    size = max(cells, int(place.max()) + 1 if len(place) else 0)
    total, n = np.zeros(size), np.zeros(size)
    loop(place, amounts, total, n)
    return total[:cells], n[:cells]


def _placed(month: Codes, start_of: Sizes, code: Codes, place: Codes, counted: Sizes) -> None:
    for at in range(len(month)):
        cell = start_of[month[at]] + code[at]
        place[at] = cell
        counted[cell] += 1


def _added(place: Codes, amounts: Floats, total: Floats, n: Floats) -> None:
    for at in range(len(place)):
        cell = place[at]
        amount = amounts[at]
        known = amount == amount  # not a number is unlike itself
        total[cell] += amount if known else 0.0
        n[cell] += 1.0 if known else 0.0
