"""Bands: shares outside, ties, one draw, readings."""

from __future__ import annotations

import numpy as np
import pytest

from indicators.clustering.bands import global_band, local_band, readings


@pytest.mark.parametrize("level", [0.05, 0.2])
def test_at_most_the_level_of_the_draws_leaves_the_global_band(level):
    curves = np.random.default_rng(3).normal(size=(400, 25)).cumsum(axis=1)
    low, high = global_band(curves, level)
    outside = ((curves < low) | (curves > high)).any(axis=1).mean()
    assert 0 < outside <= level
    local_low, local_high = local_band(curves, level)
    assert (low <= local_low).all()
    assert (high >= local_high).all()


def test_the_band_of_draws_that_are_all_alike_is_that_draw():
    low, high = global_band(np.ones((50, 4)))
    assert (low == 1).all()
    assert (high == 1).all()
    low, high = global_band(np.array([[1.0, 2.0]]))
    assert (low.tolist(), high.tolist()) == ([1.0, 2.0], [1.0, 2.0])


def test_many_equal_values_do_not_drop_draws():
    curves = np.zeros((100, 3))
    curves[:3, 0] = 5.0
    _, high = global_band(curves, 0.05)
    assert high.tolist() == [0.0, 0.0, 0.0]
    curves[:6, 0] = 5.0
    assert global_band(curves, 0.05)[1].tolist() == [5.0, 0.0, 0.0]


def test_dispersed_only_where_the_curve_is_nowhere_above():
    low, high = np.ones(3), np.full(3, 2.0)
    assert readings(np.array([0.5, 1.5, 1.0]), low, high) == ["dispersed", "within", "within"]
    assert readings(np.array([0.5, 1.5, 2.5]), low, high) == ["within", "within", "localised"]
