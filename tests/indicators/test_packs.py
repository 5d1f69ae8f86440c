"""Several answers in one number: nothing is lost, and tables by code are the tables of the single questions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.packs import LARGEST, packed

few = settings(max_examples=40, deadline=None)
sizes = st.tuples(st.integers(1, 9), st.integers(0, 30), st.sampled_from([4, 6, 8, 10]), st.integers(0, 10**6))


def numbers_of(size: tuple[int, int, int, int]) -> tuple[np.ndarray, int]:
    questions, park_months, base, seed = size
    return np.random.default_rng(seed).integers(0, base, (questions, park_months)).astype(np.uint8), base


@few
@given(sizes)
def test_every_answer_is_read_back(size):
    numbers, base = numbers_of(size)
    packs = packed(numbers, base)
    assert [row for pack in packs for row in pack.rows] == list(range(len(numbers)))
    assert all(pack.width <= LARGEST for pack in packs)
    for pack in packs:
        assert (pack.digits[:, pack.codes] == numbers[list(pack.rows)]).all()
        for one in pack.apart():
            assert (one.codes == numbers[one.rows[0]]).all()


@few
@given(sizes)
def test_margins_are_the_counts_of_each_question(size):
    numbers, base = numbers_of(size)
    cell = np.arange(numbers.shape[1]) % 2
    for pack in packed(numbers, base):
        joint = np.bincount(cell * pack.width + pack.codes, minlength=2 * pack.width)
        counted = pack.margins(joint.astype(np.float64).reshape(2, pack.width))
        for table, row in zip(counted, pack.rows, strict=True):
            assert table.ravel().tolist() == np.bincount(cell * base + numbers[row], minlength=2 * base).tolist()


@few
@given(sizes)
def test_joint_tables_hold_the_sum_of_what_the_questions_hold(size):
    numbers, base = numbers_of(size)
    tables = np.random.default_rng(size[3]).random((len(numbers), 1, base))
    for pack in packed(numbers, base):
        joint = pack.joint([tables[row] for row in pack.rows])[0, pack.codes]
        alone = sum(tables[row, 0, numbers[row]] for row in pack.rows)
        assert joint == pytest.approx(alone)


@few
@given(sizes, st.data())
def test_matched_answers_are_valid_at_both_ends(size, data):
    numbers, base = numbers_of(size)
    places = st.integers(0, max(numbers.shape[1] - 1, 0))
    pairs = data.draw(st.lists(st.tuples(places, places), max_size=20)) if numbers.shape[1] else []
    here, there = (np.array([pair[end] for pair in pairs], dtype=np.int64) for end in (0, 1))
    weights = np.arange(numbers.shape[1]) / 2
    for pack in packed(numbers, base, weights):
        own = numbers[list(pack.rows)]
        kept = np.where(own[:, there] > 0, own[:, here], 0)
        matched = pack.matched(here, there)
        assert (pack.digits[:, matched.codes] == kept).all()
        assert (matched.weight == weights[here]).all()


def test_which_park_months_answered():
    pack = packed(np.array([[0, 1, 0, 2], [0, 0, 3, 1]], dtype=np.uint8), 4)[0]
    assert pack.answered(np.array([True, True])).tolist() == [False, True, True, True]
    assert pack.answered(np.array([True, False])).tolist() == [False, True, False, True]
    assert pack.answered(np.array([False, False])).tolist() == [False] * 4


def test_weights_by_question_keep_the_questions_apart():
    numbers, weights = np.array([[1, 0], [2, 3]], dtype=np.uint8), np.array([[0.5, 1.0], [2.0, 1.0]])
    packs = packed(numbers, 4, weights)
    assert [pack.rows for pack in packs] == [(0,), (1,)]
    assert [pack.weight.tolist() for pack in packs] == weights.tolist()
