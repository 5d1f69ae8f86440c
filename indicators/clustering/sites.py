"""Which rows stand at the same place, and how many enterprises and places each group of rows has.

Registers pile up hundreds of enterprises at one address; the number of places stands beside every number of
enterprises, so both are counted in one go.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from indicators.clustering.compiled import compiled
from indicators.frames import Column

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.int32]

SITE = Column(
    "site", pl.UInt32, "number", "the same number: the same place; absent: told by the coordinates", optional=True
)
"""The place of a row where it is known already: see ``site_numbers``."""

DENSE_PER_ROW = 4
"""Up to so many codes a row they are counted in one array; beyond, they are sorted."""


def site_numbers(x: Floats, y: Floats) -> Numbers:
    """The number of each row's place, from 0 by first appearance; rows with the same x and y share it.

    In: x, y (metres or degrees, finite), row by row. Out: Int32. No rows give none. Places must be equal to
    the last digit; 0.0 and -0.0 are equal. Source: our choice.

    >>> site_numbers(np.array([5.0, 6.0, 5.0]), np.array([0.0, 0.0, 0.0])).tolist()
    [0, 1, 0]
    """
    x, y = np.ascontiguousarray(x, np.float64), np.ascontiguousarray(y, np.float64)
    loop = compiled(_site_loop)
    if loop is not None:
        slots = np.full(1 << max(4, int(2 * x.size).bit_length()), -1, np.int32)
        return np.asarray(loop(x + 0.0, y + 0.0, slots))
    _, first, number = np.unique(x + 0.0 + 1j * (y + 0.0), return_index=True, return_inverse=True)
    rank = np.empty(first.size, np.int32)
    rank[np.argsort(first)] = np.arange(first.size, dtype=np.int32)
    return rank[number]


def firms_and_sites(code: Integers, site: Numbers) -> tuple[Integers, Integers, Integers]:
    """How many rows each code has, and at how many different places.

    In: code (whole numbers, any), site (from 0, as ``site_numbers``). Out: the codes that occur, ascending; rows;
    distinct places. No rows give none.

    >>> [part.tolist() for part in firms_and_sites(np.array([7, 7, 7, 2]), np.array([0, 1, 0, 0], np.int32))]
    [[2, 7], [1, 3], [1, 2]]
    """
    if not code.size:
        return code, code, code
    low, span = int(code.min()), int(code.max()) - int(code.min()) + 1
    if span <= max(DENSE_PER_ROW * code.size, 1 << 16):
        place, codes = code - low, None
    else:
        codes, place = np.unique(code, return_inverse=True)
        span = codes.size
    loop = compiled(_counting_loop)
    n, n_sites = np.zeros(span, np.int64), np.zeros(span, np.int64)
    if loop is None or not loop(place, site, np.full(int(site.max()) + 1, -1, np.int64), n, n_sites):
        n = np.bincount(place, minlength=span)
        one_each = np.unique(place * (int(site.max()) + 1) + site, return_index=True)[1]
        n_sites = np.bincount(place[one_each], minlength=span)
    held = np.flatnonzero(n)
    return held + low if codes is None else codes, n[held], n_sites[held]


def _counting_loop(place: Integers, site: Numbers, group: Integers, n: Integers, n_sites: Integers) -> bool:
    """Counts rows and sites; whether each site lies in one group, as it does on a map: else the sites are wrong."""
    for i in range(place.size):
        n[place[i]] += 1
        if group[site[i]] < 0:
            group[site[i]] = place[i]
            n_sites[place[i]] += 1
        elif group[site[i]] != place[i]:
            return False
    return True


def _site_loop(x: Floats, y: Floats, slots: Numbers) -> Numbers:
    number, mask, known = np.empty(x.size, np.int32), np.uint64(slots.size - 1), 0
    across, up = x.view(np.uint64), y.view(np.uint64)
    first = np.empty(x.size, np.int32)
    for i in range(x.size):
        mixed = across[i] * np.uint64(0x9E3779B97F4A7C15) ^ up[i] * np.uint64(0xC2B2AE3D27D4EB4F)
        slot = (mixed ^ (mixed >> np.uint64(29)) ^ (mixed >> np.uint64(47))) & mask
        while slots[slot] >= 0:
            j = first[slots[slot]]
            if across[j] == across[i] and up[j] == up[i]:
                break
            slot = (slot + np.uint64(1)) & mask
        if slots[slot] < 0:
            slots[slot] = known
            first[known] = i
            known += 1
        number[i] = slots[slot]
    return number
