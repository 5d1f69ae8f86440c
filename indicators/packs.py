"""The answers to several questions as one small whole number, so that one pass over the park months counts them all.

Three questions on three levels have 4 * 4 * 4 = 64 possible answers together, an empty one included.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Flags = NDArray[np.bool_]

LARGEST = 128
"""How many answers together a pack may tell apart: its tables stay small and its codes fit in a byte."""


@dataclass(frozen=True, eq=False)
class Pack:
    """The answers to the questions ``rows`` in every park month.

    ``codes`` holds the numbers of the answers (0 = no valid answer, below ``base``) as the digits of
    one number, the first question the highest; ``weight`` the weight of each park month, None = 1 each.
    """

    rows: tuple[int, ...]
    base: int
    codes: NDArray[np.uint8]
    weight: Numbers | None = None

    @property
    def width(self) -> int:
        """How many codes there can be."""
        width: int = self.base ** len(self.rows)
        return width

    @property
    def digits(self) -> NDArray[np.intp]:
        """Questions x codes: the answer to each question that a code stands for.

        >>> Pack((0, 1), 2, np.zeros(0, np.uint8)).digits.tolist()
        [[0, 0, 1, 1], [0, 1, 0, 1]]
        """
        return np.array(np.unravel_index(np.arange(self.width), (self.base,) * len(self.rows)))

    def margins(self, counts: Numbers) -> Numbers:
        """Counts by cell and code (cells x codes) added up to questions x cells x answers."""
        marks = (self.digits[:, :, None] == np.arange(self.base)).astype(np.float64)
        total: Numbers = counts @ marks
        return total

    def joint(self, tables: Sequence[Numbers]) -> Numbers:
        """Cells x codes: the sum of what the tables (cells x answers, one a question) hold for each code."""

        def added(one: Numbers, two: Numbers) -> Numbers:
            return (one[:, :, None] + two[:, None, :]).reshape(len(one), one.shape[1] * two.shape[1])

        return reduce(added, tables)

    def answered(self, chosen: Flags) -> Flags:
        """Which park months hold a valid answer to a ``chosen`` question (one flag for each of all questions)."""
        among = chosen[list(self.rows)]
        if among.all():
            return self.codes > 0
        held: Flags = np.any(self.digits[among] > 0, axis=0)
        return held.take(self.codes)

    def matched(self, here: NDArray[np.int64], there: NDArray[np.int64]) -> Pack:
        """The park months ``here``, without the answers to questions that have no valid answer ``there``.

        >>> pack = Pack((0, 1), 3, np.array([5, 2, 3], dtype=np.uint8))
        >>> pack.matched(np.array([0, 0]), np.array([1, 2])).codes.tolist()
        [2, 3]
        """
        digits, scale = self.digits, self.base ** np.arange(len(self.rows))[::-1]
        left = np.einsum("kh,k,kt->ht", digits, scale, digits > 0).astype(np.uint8)
        codes = left.ravel().take(self.codes[here].astype(np.intp) * self.width + self.codes[there])
        return replace(self, codes=codes, weight=None if self.weight is None else self.weight[here])

    def apart(self) -> list[Pack]:
        """The same answers with a pack for each question."""
        numbers = self.digits.astype(np.uint8)
        return [replace(self, rows=(row,), codes=numbers[k].take(self.codes)) for k, row in enumerate(self.rows)]


def packed(numbers: NDArray[np.uint8], base: int, weights: Numbers | None = None) -> tuple[Pack, ...]:
    """The numbers of the answers (questions x park months, each below ``base``), as many together as a byte takes.

    ``weights`` hold one number for each park month, or for each question and park month: then every
    question has a pack of its own. None = 1 each.

    >>> [pack.rows for pack in packed(np.zeros((4, 2), dtype=np.uint8), 4)]
    [(0, 1, 2), (3,)]
    """
    if weights is not None and weights.ndim == 2:
        return tuple(Pack((row,), base, codes, weights[row]) for row, codes in enumerate(numbers))
    each = 1
    while base ** (each + 1) <= LARGEST:
        each += 1
    parts = [tuple(range(start, min(start + each, len(numbers)))) for start in range(0, len(numbers), each)]
    step = np.uint8(base)
    return tuple(
        Pack(rows, base, reduce(lambda high, low: high * step + low, numbers[rows[0] : rows[-1] + 1]), weights)
        for rows in parts
    )
