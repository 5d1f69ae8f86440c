"""Weight within a radius: the definition, ties at the radius, both ways alike."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.clustering import neighbours as module
from indicators.clustering.neighbours import weight_within

RADII = np.array([0.0, 1.0, 5.0, 6.0, 13.0])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 12)] * 2, st.integers(1, 5)), min_size=1, max_size=25))
def test_both_ways_are_the_definition(rows):
    x, y, w = np.array(rows, dtype=float).T
    distance = np.hypot(x[:, None] - x, y[:, None] - y)
    expected = np.stack([((distance <= r) * w).sum(axis=1) - w for r in RADII], axis=1)
    np.testing.assert_allclose(weight_within(x, y, w, RADII), expected, atol=1e-9)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "compiled", lambda loop: None)
        patch.setattr(module, "_ROWS", 4)
        np.testing.assert_allclose(weight_within(x, y, w, RADII), expected, atol=1e-9)


def test_a_single_radius_of_0_counts_the_same_address_only():
    found = weight_within(np.array([1.0, 1.0, 2.0]), np.zeros(3), np.ones(3), np.array([0.0]))
    assert found.ravel().tolist() == [1.0, 1.0, 0.0]
