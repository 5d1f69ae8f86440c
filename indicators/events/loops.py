"""The loops behind every table of events: count the events of a cell, add up what they state, and how it goes on.

Compiled where numba is installed, else done with NumPy: the same numbers, some times slower.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from indicators.clustering.compiled import compiled

Codes = NDArray[np.uint32]
"""Numbers from 0: with a sign every access to a table would ask first whether it counts from the end."""

Floats = NDArray[np.float64]
Sizes = NDArray[np.int64]


def counted(month: Codes, start_of: Codes, code: Codes, cells: int) -> Sizes:
    """The number of events of each cell.

    Formula: cell = start_of[month] + code. In: month and code of each event, the first cell of each month, the number
    of cells. Source: our choice.

    >>> counted(np.array([0, 1], np.uint32), np.array([0, 3], np.uint32), np.array([2, 0], np.uint32), 6).tolist()
    [0, 0, 1, 1, 0, 0]
    """
    loop = compiled(_counted)
    if loop is None:
        return np.bincount(placed(month, start_of, code), minlength=cells).astype(np.int64)
    n = np.zeros(cells, np.int64)
    loop(month, start_of, code, n)
    return n


def placed(month: Codes, start_of: Codes, code: Codes) -> Codes:
    """The cell of each event, as ``counted`` counts it.

    >>> placed(np.array([0, 1], np.uint32), np.array([0, 3], np.uint32), np.array([2, 0], np.uint32)).tolist()
    [2, 3]
    """
    loop = compiled(_placed)
    place: Codes = np.empty(len(month), np.uint32) if loop else start_of[month] + code
    if loop is not None:
        loop(month, start_of, code, place)
    return place


def added(place: Codes, amounts: Floats, cells: int) -> tuple[Floats, Floats]:
    """The sum of what the events of each cell state, and how many of them state it.

    In: the cell of each event, its amount (not a number: not stated), the number of cells; events in cells behind the
    last are left out. Out: sum (0 where nothing is stated) and number, one each a cell. Source: our choice.

    >>> total, n = added(np.array([0, 1, 1], np.uint32), np.array([np.nan, 2.0, 3.0]), 2)
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


def stepped(place: Codes, stages: Sequence[Floats], cells: int) -> Floats:
    """What the events of each cell state at three stages, and how it goes on from one stage to another.

    In: the cell of each event, its amount at each stage (not a number: not stated), the number of cells; events in
    cells behind the last are left out. Out: table cells x (stage, stage) x 4: of the events that state both stages the
    sum at the first one, the sum at the second, their number, and how many state more at the second. Only stages that
    are not before the first are filled; a stage with itself gives its own sum. Source: our choice.

    >>> nan = np.nan
    >>> stages = np.array([4.0, 1.0, nan]), np.array([2.0, 3.0, 9.0]), np.array([nan, nan, nan])
    >>> table = stepped(np.zeros(3, np.uint32), stages, 1)
    >>> table[0, 0, 1].tolist(), table[0, 1, 1].tolist()
    ([5.0, 5.0, 2.0, 1.0], [14.0, 14.0, 3.0, 0.0])
    """
    size = max(cells, int(place.max()) + 1 if len(place) else 0)
    table = np.zeros((size, 3, 3, 4))
    loop = compiled(_stepped)
    if loop is not None:
        loop(place, *stages, table)
        return table[:cells]
    for start, source in enumerate(stages):
        for end, target in list(enumerate(stages))[start:]:
            both = ~(np.isnan(source) | np.isnan(target))
            first, second = source[both], target[both]
            for column, amounts in enumerate((first, second, np.ones(len(first)), (second > first).astype(np.float64))):
                table[:, start, end, column] = np.bincount(place[both], amounts, minlength=size)
    return table[:cells]


def _counted(month: Codes, start_of: Codes, code: Codes, n: Sizes) -> None:
    for at in range(len(month)):
        n[start_of[month[at]] + code[at]] += 1


def _placed(month: Codes, start_of: Codes, code: Codes, place: Codes) -> None:
    for at in range(len(month)):
        place[at] = start_of[month[at]] + code[at]


def _added(place: Codes, amounts: Floats, total: Floats, n: Floats) -> None:
    for at in range(len(place)):
        cell = place[at]
        amount = amounts[at]
        known = amount == amount  # not a number is unlike itself
        total[cell] += amount if known else 0.0
        n[cell] += 1.0 if known else 0.0


def _stepped(place: Codes, stage0: Floats, stage1: Floats, stage2: Floats, table: Floats) -> None:
    for at in range(len(place)):
        stated = (stage0[at], stage1[at], stage2[at])
        if np.isnan(stated[0]) and np.isnan(stated[1]) and np.isnan(stated[2]):
            continue
        for start in range(3):
            first = stated[start]
            for end in range(start, 3):
                second = stated[end]
                if not (np.isnan(first) or np.isnan(second)):
                    row = table[place[at], start, end]
                    row[0] += first
                    row[1] += second
                    row[2] += 1.0
                    row[3] += 1.0 if second > first else 0.0
