"""How often chance alone puts so much around a cell: tails of the neighbour sum under permutation.

Each cell keeps its value and its k neighbours are a random k of the other n - 1 cells. One law of the
neighbour sum serves Gi, Gi* (the own value is a constant) and local Moran (the own sign picks the
tail). A tie counts in both tails: where most cells are empty, nearly all sums are ties.
Source: Anselin (1995), conditional permutation; Newton's identities for the elementary symmetric
polynomials of x^value; Benjamini and Hochberg (1995); de Castro and Singer (2006).
"""

from __future__ import annotations

from itertools import pairwise
from math import comb

import numpy as np
import numpy.typing as npt
import polars as pl

from indicators.frames import Column, Contract, ContractError

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

DIRECT_UP_TO = 5e5
"""Products of lengths up to which polynomials are multiplied term by term; beyond, by FFT."""

FAR = 1e-12
"""Below this a tail that came out of an FFT is not trusted in relative terms."""

MOST_WORK = 1e9
"""Multiplications beyond which values are drawn instead of counted: two seconds."""

CROWDED = 4.0
"""Newton's sums lose digits like exp(k^2 / n): up to this ratio they keep thirteen."""

DRAWS = 99_999
"""Draws shared by all cells; 999 are off by up to 0.018 on one map, in the same direction everywhere."""

CELLS = Contract("cells", (Column("value", pl.Float64, "count or amount", "the value of the cell", low=0),))


def exact_tails(values: Floats, degrees: Integers, sums: Floats) -> tuple[Floats, Floats]:
    """P(S >= sum) and P(S <= sum) for each cell, counted over all subsets, none drawn.

    Formula: the number of k-subsets with sum s is the coefficient of t^k x^s in the product of
    (1 + t x^value) over the cells, the elementary symmetric polynomial e_k of x^value; Newton:
    k e_k = sum_m (-1)^(m-1) e_(k-m) p_m, p_m = sum_i x^(m value_i). Dropping the cell itself:
    e_k without i = e_k - x^(value_i) * (e_(k-1) without i). The upper tail is summed from the top.
    In: values (counts, whole numbers from 0), degrees (neighbours k of each cell), sums (of the
    neighbours' values). Out: p_hi, p_lo, 0 to 1; 1 for a cell without neighbours. Equal to full
    enumeration within 1e-12; a tail under 1e-12 that came out of an FFT is counted again without
    any subtraction (``far_tails``), and so is every tail where k^2 > 4 n. Raises ContractError if a value is no count.

    >>> p_hi, p_lo = exact_tails(np.array([0.0, 0, 1, 2]), np.array([2, 2, 2, 2]), np.array([3.0, 1, 0, 1]))
    >>> p_hi.round(6).tolist()  # pairs from {0, 1, 2}: 1, 2, 3; from {0, 0, 2}: 0, 2, 2; from {0, 0, 1}: 0, 1, 1
    [0.333333, 1.0, 1.0, 0.666667]
    >>> p_lo.round(6).tolist()
    [1.0, 0.333333, 0.333333, 1.0]
    """
    counts = _counts(values)
    p_hi, p_lo = np.ones(counts.size), np.ones(counts.size)
    if not counts.size or not degrees.max():
        return p_hi, p_lo
    if int(degrees.max()) ** 2 > CROWDED * counts.size:
        return far_tails(values, degrees, sums, np.arange(counts.size))
    observed = np.rint(sums).astype(np.int64)
    symmetric, by_fft = _symmetric(counts, int(degrees.max()))
    groups, start = _groups(counts, degrees)
    for at, end in pairwise(start.tolist()):
        cells = groups[at:end]
        value, k = int(counts[cells[0]]), int(degrees[cells[0]])
        if k:
            p_hi[cells], p_lo[cells] = _tails(_without(symmetric, value, k, counts.size), observed[cells])
    if by_fft:
        _recount(counts, degrees, observed, p_hi, p_lo)
    return p_hi, p_lo


def far_tails(values: Floats, degrees: Integers, sums: Floats, cells: Integers) -> tuple[Floats, Floats]:
    """The tails of ``exact_tails`` for some cells, right in relative terms however small.

    Formula: product over the distinct values v of (1 + t x^v)^count(v), cut at t^k: nothing is ever
    subtracted. Slower. In, out and errors: as ``exact_tails``, for the rows ``cells``.

    >>> values = np.array([0.0, 0, 1, 2])
    >>> far_tails(values, np.full(4, 2), np.array([3.0, 1, 0, 1]), np.array([0]))[0].round(6).tolist()
    [0.333333]
    """
    counts = _counts(values)
    observed = np.rint(sums).astype(np.int64)
    p_hi, p_lo = np.ones(cells.size), np.ones(cells.size)
    for value in np.unique(counts[cells]):
        same = np.flatnonzero(counts[cells] == value)
        product = _product(counts, int(value), int(degrees[cells[same]].max()))
        for k in np.unique(degrees[cells[same]]):
            chosen = same[degrees[cells[same]] == k]
            if k:
                p_hi[chosen], p_lo[chosen] = _tails(product[k], observed[cells[chosen]])
    return p_hi, p_lo


def drawn_tails(
    values: Floats, degrees: Integers, sums: Floats, draws: int = DRAWS, seed: int = 0
) -> tuple[Floats, Floats]:
    """The same two tails by drawing, for jobs and revenue, with draws shared by all cells and measures.

    Formula: ``draws`` random subsets without replacement, each the first k of one draw; p = (draws
    at least as extreme + 1) / (draws + 1). Sums that differ by less than 1e-9 of the largest are
    ties. The cell itself stays in the pool, which moves p by about k / n. The same seed and number
    of cells give the same subsets, so that enterprises, jobs and revenue of a map can be compared.
    In and out: as ``exact_tails``; values may be any numbers. Raises ContractError for draws < 1.

    >>> p_hi, p_lo = drawn_tails(np.array([0.5, 0.5, 0.5]), np.array([1, 1, 0]), np.array([0.5, 0.5, 0.0]), draws=9)
    >>> p_hi.tolist(), p_lo.tolist()
    ([1.0, 1.0, 1.0], [1.0, 1.0, 1.0])
    """
    if draws < 1:
        raise ContractError(CELLS, [f"draws {draws} is not accepted; accepted: a whole number from 1; draw more."])
    p_hi, p_lo = np.ones(values.size), np.ones(values.size)
    if not values.size or not degrees.max():
        return p_hi, p_lo
    subsets = _subsets(values.size, int(degrees.max()), draws, seed)
    total = np.zeros(draws)
    for k in range(1, int(degrees.max()) + 1):
        total = total + values[subsets[:, k - 1]]
        cells = np.flatnonzero(degrees == k)
        if not cells.size:
            continue
        drawn = np.sort(total)
        near = 1e-9 * max(1e-300, float(np.abs(drawn).max()))
        p_lo[cells] = (np.searchsorted(drawn, sums[cells] + near, "right") + 1) / (draws + 1)
        p_hi[cells] = (draws - np.searchsorted(drawn, sums[cells] - near, "left") + 1) / (draws + 1)
    return p_hi, p_lo


def countable(values: Floats, degrees: Integers) -> bool:
    """Whether ``exact_tails`` can be used: counts, and not more work than a page may ask for.

    >>> countable(np.array([0.0, 3.0]), np.array([1, 1])), countable(np.array([0.5, 3.0]), np.array([1, 1]))
    (True, False)
    """
    if not values.size or not degrees.max():
        return True
    if (values < 0).any() or (values != np.rint(values)).any() or values.max() > 2**31:
        return False
    n_values, k, largest = np.unique(values).size, float(degrees.max()), float(values.max())
    if k * k > CROWDED * values.size:
        return n_values**2 * k**3 * largest <= MOST_WORK
    return n_values * k**2 * largest <= MOST_WORK


def benjamini_hochberg(p: Floats) -> Floats:
    """The false discovery rate at which each test is just called: q = min over later ranks of p * n / rank.

    In: p, 0 to 1, one test a row. Out: q, 0 to 1, not below p; a test is called where q <= level.
    No tests give none. Source: Benjamini and Hochberg (1995), step-up with <=.

    >>> benjamini_hochberg(np.array([0.01, 0.04, 0.03, 0.5])).round(4).tolist()
    [0.04, 0.0533, 0.0533, 0.5]
    """
    order = np.argsort(p, kind="stable")[::-1]
    rank = np.arange(p.size, 0, -1)
    q = np.empty(p.size)
    q[order] = np.minimum.accumulate(np.minimum(p[order] * p.size / rank, 1.0))
    return q


def _counts(values: Floats) -> Integers:
    counts = values.astype(np.int64)
    if (counts != values).any() or (counts < 0).any():
        row = int(np.flatnonzero((counts != values) | (counts < 0))[0])
        problem = f"row {row + 1}: {values[row]:g} is no count; accepted: whole numbers from 0; take the draws instead."
        raise ContractError(CELLS, [problem])
    return counts


def _multiplied(a: Floats, b: Floats) -> tuple[Floats, bool]:
    if a.size * b.size <= DIRECT_UP_TO:
        return np.convolve(a, b), False
    from scipy.fft import irfft, next_fast_len, rfft

    length = a.size + b.size - 1
    size = next_fast_len(length, real=True)
    return irfft(rfft(a, size) * rfft(b, size), size)[:length], True


def _symmetric(counts: Integers, most: int) -> tuple[list[Floats], bool]:
    """e_0 .. e_most, each over n^k, and whether an FFT was used."""
    values, times = np.unique(counts, return_counts=True)
    powers = []
    for m in range(1, most + 1):
        power = np.zeros(m * int(values[-1]) + 1)
        power[m * values] = times / float(counts.size) ** m
        powers.append(power)
    found, any_fft = [np.ones(1)], False
    for k in range(1, most + 1):
        total = np.zeros(k * int(values[-1]) + 1)
        for m in range(1, k + 1):
            part, by_fft = _multiplied(found[k - m], powers[m - 1])
            total[: part.size] += part if m % 2 else -part
            any_fft |= by_fft
        found.append(total / k)
    return found, any_fft


def _without(symmetric: list[Floats], value: int, k: int, n: int) -> Floats:
    """e_k with one cell of this value taken out of the pool."""
    left = np.ones(1)
    for q in range(1, k + 1):
        rest = symmetric[q].copy()
        rest[value : value + left.size] -= left[: max(0, rest.size - value)] / n
        left = rest
    return left


def _tails(law: Floats, observed: Integers) -> tuple[Floats, Floats]:
    """Both tails of a law given as counts by sum; sums off the law are impossible above, certain below."""
    law = np.maximum(law, 0.0)
    above, below = np.cumsum(law[::-1])[::-1], np.cumsum(law)
    at = np.minimum(observed, law.size - 1)
    return above[at] / above[0], below[at] / below[-1]


def _groups(counts: Integers, degrees: Integers) -> tuple[Integers, Integers]:
    """The cells sorted by value and number of neighbours, and where each group of equals starts."""
    key = counts * (int(degrees.max()) + 1) + degrees
    order = np.argsort(key, kind="stable")
    start = np.flatnonzero(np.diff(key[order], prepend=-1))
    return order, np.append(start, key.size)


def _recount(counts: Integers, degrees: Integers, observed: Integers, p_hi: Floats, p_lo: Floats) -> None:
    """Tails under 1e-12 again without subtraction, or 1e-12 where even that would take too long."""
    far = np.flatnonzero((np.minimum(p_hi, p_lo) < FAR) & (degrees > 0))
    if not far.size:
        return
    work = np.unique(counts[far]).size * np.unique(counts).size * float(degrees[far].max()) ** 3 * counts.max() / 2
    if work <= MOST_WORK:
        p_hi[far], p_lo[far] = far_tails(counts.astype(np.float64), degrees, observed.astype(np.float64), far)
    else:
        p_hi[far], p_lo[far] = np.maximum(p_hi[far], FAR), np.maximum(p_lo[far], FAR)


def _product(counts: Integers, focal: int, most: int) -> Floats:
    """Rows k = 0..most: subsets of k other cells by sum, over n^k."""
    values, times = np.unique(counts, return_counts=True)
    law = np.zeros((most + 1, most * int(values[-1]) + 1))
    law[0, 0] = 1.0
    for value, n_cells in zip(values.tolist(), times.tolist(), strict=True):
        pool = n_cells - (value == focal)
        for k in range(most, 0, -1):
            for m in range(1, min(k, pool) + 1):
                ways = comb(pool, m) / float(counts.size) ** m
                law[k, m * value :] += ways * law[k - m, : law.shape[1] - m * value]
    return law


def _subsets(n: int, most: int, draws: int, seed: int) -> Integers:
    """Random ``most`` of n cells for each draw, in random order, without replacement."""
    random = np.random.default_rng(seed)
    if n < 4 * most * most:
        keys = random.random((draws, n))
        return np.argsort(keys, axis=1)[:, :most]
    drawn = random.integers(0, n, (draws, most))
    while True:
        ordered = np.sort(drawn, axis=1)
        repeats = (ordered[:, 1:] == ordered[:, :-1]).any(axis=1)
        if not repeats.any():
            return drawn
        drawn[repeats] = random.integers(0, n, (int(repeats.sum()), most))
