"""Scores against a slow transcription of the formulas."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from indicators.clustering.adjacency import hexagon_neighbours, near_neighbours, row_standardised
from indicators.clustering.local_scores import defined, gi_star_z, gi_z, global_moran, local_moran, quadrants
from indicators.frames import ContractError

Q, R = (axis.ravel() for axis in np.meshgrid(np.arange(4), np.arange(4), indexing="ij"))
HEXES = hexagon_neighbours(Q, R)


def slow_gi(values, weights, own: float) -> list[float]:
    """Ord and Getis (1995) term by term; own = 1: Gi*, 0: Gi with mean and spread of the others."""
    scores = []
    for i in range(values.size):
        w = weights[i].copy()
        w[i] = own
        pool = values if own else np.delete(values, i)
        n, total, squares = pool.size, w.sum(), (w**2).sum()
        mean, spread = pool.mean(), pool.std()
        root = np.sqrt((n * squares - total**2) / (n - 1))
        scores.append(((w * values).sum() - mean * total) / (spread * root))
    return scores


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=16, max_size=16).filter(lambda v: len(set(v)) > 2))
def test_gi_and_gi_star_are_the_formula(values):
    values = np.array(values, float)
    dense = HEXES.toarray()
    assert gi_star_z(values, HEXES) == pytest.approx(np.array(slow_gi(values, dense, 1.0)), abs=1e-9)
    assert gi_z(values, HEXES) == pytest.approx(np.array(slow_gi(values, dense, 0.0)), abs=1e-9)
    halved = csr_array((HEXES.data / 2, HEXES.indices, HEXES.indptr), shape=HEXES.shape)
    assert gi_z(values, halved) == pytest.approx(gi_z(values, HEXES), abs=1e-9)
    assert gi_star_z(values, row_standardised(HEXES)) == pytest.approx(gi_star_z(values, HEXES), abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=16, max_size=16).filter(lambda v: len(set(v)) > 1))
def test_moran_is_the_formula_and_its_mean_is_global(values):
    values = np.array(values, float)
    z, k = values - values.mean(), HEXES.toarray().sum(axis=1)
    moran, lag = local_moran(values, HEXES)
    assert lag == pytest.approx(HEXES.toarray() @ z / k, abs=1e-12)
    assert moran == pytest.approx(z / (z**2).mean() * (HEXES.toarray() @ z / k), abs=1e-9)
    whole = (HEXES.toarray() / k[:, None] * np.outer(z, z)).sum() / (z**2).sum()
    assert global_moran(values, HEXES) == pytest.approx(whole, abs=1e-9)


def test_one_huge_cell_leaves_the_spread_of_the_others_exact():
    values = np.array([1e12, 1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3.0])
    assert gi_z(values, HEXES)[0] == pytest.approx(slow_gi(values, HEXES.toarray(), 0.0)[0], rel=1e-9)


def test_what_has_no_score():
    assert np.isnan(gi_star_z(np.full(16, 0.1), HEXES)).all()
    assert np.isnan(local_moran(np.full(16, 0.1), HEXES)[0]).all()
    assert global_moran(np.full(16, 0.1), HEXES) is None
    assert not defined(np.empty(0), csr_array((0, 0))).size
    assert quadrants(np.array([1.0, 1.0]), np.array([0.5, -0.5])).tolist() == ["unclassified"] * 2


def test_hexagons_know_their_neighbours_whatever_the_order():
    order = np.random.default_rng(0).permutation(16)
    shuffled = hexagon_neighbours(Q[order], R[order]).toarray()
    assert (shuffled == HEXES.toarray()[np.ix_(order, order)]).all()
    for i in range(16):
        steps = np.stack([Q - Q[i], R - R[i]], axis=1)
        apart = (np.abs(steps).sum(axis=1) + np.abs(steps.sum(axis=1))) // 2  # cube distance
        assert (HEXES.toarray()[i] == (apart == 1)).all()


def test_a_place_within_reach_is_a_neighbour_and_one_at_no_distance_too():
    x = np.array([5e5, 5e5, 5e5 + 300, 5e5 + 600.001])
    found = near_neighbours(x, np.full(4, 4e6), 300.0).toarray()
    assert found.tolist() == [[0, 1, 1, 0], [1, 0, 1, 0], [1, 1, 0, 0], [0, 0, 0, 0]]
    assert near_neighbours(np.empty(0), np.empty(0), 300.0).shape == (0, 0)
    with pytest.raises(ContractError, match="distance_m 0 is not accepted"):
        near_neighbours(x, x, 0.0)
