"""Exact tails against full enumeration, drawn tails against exact ones, the false discovery rate."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.clustering import permutation
from indicators.clustering.permutation import (
    benjamini_hochberg,
    countable,
    drawn_tails,
    exact_tails,
    far_tails,
)
from indicators.frames import ContractError

VECTORS = Path(__file__).parents[4] / "shared" / "facts" / "cluster_vectors_exact_perm.json"


def enumerated(values, degrees, sums) -> tuple[np.ndarray, np.ndarray]:
    tails = []
    for i, (k, s) in enumerate(zip(degrees, sums, strict=True)):
        every = [sum(c) for c in itertools.combinations(np.delete(values, i), int(k))]
        tails.append((np.mean([t >= s for t in every]), np.mean([t <= s for t in every])))
    return tuple(np.array(tails).T)


maps = st.lists(st.integers(0, 6), min_size=2, max_size=9)


@st.composite
def situations(draw):
    values = np.array(draw(maps), float)
    n = values.size
    degrees = np.array(draw(st.lists(st.integers(0, n - 1), min_size=n, max_size=n)))
    order = [draw(st.permutations([j for j in range(n) if j != i])) for i in range(n)]
    sums = np.array([values[order[i][: degrees[i]]].sum() for i in range(n)])
    return values, degrees, sums


@settings(max_examples=100, deadline=None)
@given(situations())
def test_tails_are_those_of_full_enumeration(situation):
    values, degrees, sums = situation
    high, low = enumerated(values, degrees, sums)
    for p_hi, p_lo in (exact_tails(*situation), far_tails(*situation, np.arange(values.size))):
        assert p_hi == pytest.approx(high, abs=1e-12)
        assert p_lo == pytest.approx(low, abs=1e-12)
        assert (p_hi + p_lo >= 1 - 1e-12).all()  # a tie counts in both


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_newton_and_the_product_agree_on_a_larger_map(seed):
    rng = np.random.default_rng(seed)
    values = rng.poisson(1.0, 60).astype(float)
    degrees = rng.integers(0, 7, 60)
    sums = np.array([rng.choice(values, k, replace=False).sum() for k in degrees])
    newton, product = exact_tails(values, degrees, sums), far_tails(values, degrees, sums, np.arange(60))
    assert newton[0] == pytest.approx(product[0], abs=1e-13, rel=1e-10)
    assert newton[1] == pytest.approx(product[1], abs=1e-13, rel=1e-10)


def test_a_cell_among_empty_cells_is_no_cold_spot():
    values = np.array([3.0] + [0.0] * 99)
    p_hi, p_lo = exact_tails(values, np.full(100, 6), np.zeros(100))
    assert p_hi.tolist() == [1.0] * 100
    assert p_lo[0] == pytest.approx(1.0)
    assert p_lo[1] == pytest.approx(93 / 99)  # six of 99 others miss the one that holds something


def test_a_far_tail_is_right_in_relative_terms(monkeypatch):
    values = np.concatenate([np.zeros(400), np.full(6, 300.0), [0.0]])
    degrees, sums = np.full(values.size, 6), np.where(np.arange(values.size) == 406, 1800.0, 0.0)
    expected = 1.0
    for taken in range(6):
        expected *= (6 - taken) / (406 - taken)
    assert expected < 1e-12
    for limit in (permutation.DIRECT_UP_TO, 1.0):  # term by term, and by FFT
        monkeypatch.setattr(permutation, "DIRECT_UP_TO", limit)
        assert exact_tails(values, degrees, sums)[0][406] == pytest.approx(expected, rel=1e-9)
    monkeypatch.setattr(permutation, "MOST_WORK", 0.0)
    assert exact_tails(values, degrees, sums)[0][406] == permutation.FAR  # said to be at most that


def test_drawn_tails_come_near_the_exact_ones_and_are_shared():
    rng = np.random.default_rng(5)
    values = rng.poisson(2.0, 900).astype(float)
    degrees = np.full(900, 6)
    sums = np.array([rng.choice(values, 6, replace=False).sum() for _ in range(900)])
    exact, drawn = exact_tails(values, degrees, sums), drawn_tails(values, degrees, sums)
    assert max(np.abs(a - b).max() for a, b in zip(exact, drawn, strict=True)) < 0.01
    tenfold = drawn_tails(values * 0.1, degrees, sums * 0.1)  # the same draws, ties kept in spite of rounding
    assert all((a == b).all() for a, b in zip(drawn, tenfold, strict=True))
    assert (drawn_tails(values, degrees, sums, seed=1)[0] != drawn[0]).any()


def test_draws_from_few_cells_are_without_replacement():
    subsets = permutation._subsets(5, 4, 500, 0)
    assert all(len(set(row)) == 4 for row in subsets.tolist())
    large = permutation._subsets(200, 6, 5_000, 0)
    assert all(len(set(row)) == 6 for row in large.tolist())


def test_what_is_counted_and_what_is_drawn():
    k = np.full(50, 6)
    assert countable(np.arange(50.0), k)
    assert not countable(np.full(50, 0.5), k)
    assert not countable(np.full(50, -1.0), k)
    assert not countable(np.arange(50.0) * 1e8, k)
    assert countable(np.empty(0), np.empty(0, np.int64))
    with pytest.raises(ContractError, match=r"row 2: 0\.5 is no count"):
        exact_tails(np.array([1.0, 0.5]), np.array([1, 1]), np.array([0.5, 1.0]))
    with pytest.raises(ContractError, match="draws 0 is not accepted"):
        drawn_tails(np.ones(3), np.ones(3, np.int64), np.ones(3), draws=0)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 1), max_size=40))
def test_the_false_discovery_rate_follows_its_definition(chances):
    p = np.array(chances)
    q = benjamini_hochberg(p)
    order = np.sort(p)
    expected = [min([1.0, *(v * p.size / (i + 1) for i, v in enumerate(order) if v >= one)]) for one in p]
    assert q == pytest.approx(expected)
    assert (q >= p - 1e-15).all()


@pytest.mark.reference
@pytest.mark.skipif(not VECTORS.exists(), reason="the reference files are absent")
def test_reference_vectors():
    case = json.loads(VECTORS.read_text(encoding="utf-8"))
    degrees = np.array([len(row) for row in case["neighbours"]])
    p_hi, p_lo = exact_tails(np.array(case["y"]), degrees, np.array(case["neighbour_sum"]))
    assert p_hi == pytest.approx(case["p_hi"], abs=case["tol"])
    assert p_lo == pytest.approx(case["p_lo"], abs=case["tol"])
