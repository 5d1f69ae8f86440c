"""K-density: the definition, both quick ways against it, coincident places, and no dependence on the plotted range."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.clustering import pair_density as module
from indicators.clustering import raster_density
from indicators.clustering.pair_density import (
    bandwidth,
    density_of,
    exact_density,
    pair_histogram,
    smoothing,
)

FACTS = Path(__file__).parents[3].parent / "shared" / "facts"


def city(n: int, seed: int = 0, height: float = 40_000.0) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    x = np.concatenate([random.uniform(0, 40_000, n // 2), random.normal(20_000, 2_500, n - n // 2)])
    y = np.concatenate([random.uniform(0, 1, n // 2), random.normal(0.5, 0.06, n - n // 2)]) * height
    return x, y


def by_hand(x, y, w, h, radii):
    """The double sum of the definition, pair by pair."""
    density, total = np.zeros(len(radii)), 0.0
    for i in range(len(x)):
        for j in range(i + 1, len(x)):
            distance, both = np.hypot(x[i] - x[j], y[i] - y[j]), w[i] * w[j]
            total += both
            for sign in (-1, 1):
                density += both * np.exp(-0.5 * ((radii + sign * distance) / h) ** 2) / np.sqrt(2 * np.pi)
    return density / (h * total)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 50)] * 2, st.integers(1, 9)), min_size=2, max_size=12))
def test_the_exact_curve_is_the_double_sum(rows):
    x, y, w = np.array(rows, dtype=float).T
    radii = np.linspace(0, 80, 9)
    np.testing.assert_allclose(exact_density(x, y, w, 7.0, radii), by_hand(x, y, w, 7.0, radii), rtol=1e-12)


def test_the_exact_curve_does_not_depend_on_its_blocks_and_integrates_to_one(monkeypatch):
    x, y = city(150)
    radii = np.arange(0.0, 80_000.0, 500.0)
    whole = exact_density(x, y, np.ones(150), 1_000.0, radii)
    assert whole.sum() * 500.0 - 250.0 * whole[0] == pytest.approx(1.0, abs=1e-6)
    monkeypatch.setattr(module, "_ROWS", 7)
    np.testing.assert_allclose(exact_density(x, y, np.ones(150), 1_000.0, radii), whole, rtol=1e-12)


@pytest.mark.parametrize(
    ("n", "height", "tolerance", "way"),
    [
        (300, 40_000.0, 1e-5, "pairs"),
        (300, 2_000.0, 1e-5, "pairs"),
        (1_000, 40_000.0, 3e-4, "raster"),
        (1_000, 2_000.0, 5e-4, "raster"),
        (3_000, 40_000.0, 5e-4, "raster"),
        (3_000, 2_000.0, 5e-4, "raster"),
    ],
)
@pytest.mark.parametrize("weighted", [False, True])
def test_the_quick_ways_are_as_right_as_they_say(n, height, tolerance, way, weighted):
    x, y = city(n, seed=n, height=height)
    w = np.random.default_rng(1).integers(1, 50, n).astype(float) if weighted else np.ones(n)
    if weighted and n == 3_000:
        x, y, w, n = x[::2], y[::2], w[::2], 1_500  # the exact sum of 4.5 million pairs is taken once
    found = bandwidth(x, y)
    radii = np.linspace(0.0, found.median_m, 9)
    curve, name = density_of(x, y, n, found.h_m, radii)
    exact = exact_density(x, y, w, found.h_m, radii)
    assert name == way
    assert np.abs(curve(np.arange(n), w) - exact).max() / exact.max() < tolerance


@pytest.mark.parametrize("n", [400, 1_200])
def test_places_at_one_address_count_as_pairs_at_distance_0(n):
    x, y = city(n // 4)
    x, y = np.repeat(x, 4), np.repeat(y, 4)
    found = bandwidth(x, y)
    radii = np.linspace(0.0, 5 * found.h_m, 6)
    curve, _ = density_of(x, y, n, found.h_m, radii)
    exact = exact_density(x, y, np.ones(n), found.h_m, radii)
    quick = curve(np.arange(n), np.ones(n))
    assert np.abs(quick - exact).max() / exact.max() < 5e-4
    once, weights = np.arange(0, n, 4), np.full(n // 4, 4.0)
    assert curve(once, weights)[0] < 0.99 * quick[0]  # sites alone lack the pairs inside


@pytest.mark.parametrize("n", [800, 12_000])
def test_the_curve_does_not_depend_on_the_range_plotted(n):
    """A package takes the bandwidth from distances up to twice the range, and is off by a tenth from 10,000 on."""
    x, y = city(n)
    h = bandwidth(x, y).h_m
    curves = []
    for reach in (10_000.0, 20_000.0):
        curve, _ = density_of(x, y, n, h, np.arange(0.0, reach + 1, 500.0))
        curves.append(curve(np.arange(n), np.ones(n))[:21])
    assert np.abs(curves[0] - curves[1]).max() / curves[0].max() < 1e-9


def test_the_bandwidth_is_its_formula():
    x, y = city(500)
    i, j = np.triu_indices(500, 1)
    distance = np.hypot(x[i] - x[j], y[i] - y[j])
    lower, median, upper = np.percentile(distance, [25, 50, 75])
    found = bandwidth(x, y)
    assert found.h_m == pytest.approx(0.9 * min(distance.std(ddof=1), (upper - lower) / 1.34) * len(distance) ** -0.2)
    assert found.median_m == pytest.approx(median)


def test_the_bandwidth_of_many_places_is_a_seeded_sample_close_to_all_pairs(monkeypatch):
    x, y = city(4_000)
    sampled = bandwidth(x, y)
    assert sampled == bandwidth(x, y)
    assert sampled != bandwidth(x, y, seed=1)
    monkeypatch.setattr(module, "EXACT_UP_TO", 4_000)
    exact = bandwidth(x, y)
    assert sampled.h_m == pytest.approx(exact.h_m, rel=0.01)
    assert sampled.median_m == pytest.approx(exact.median_m, rel=0.01)


def test_places_without_any_distance_have_no_bandwidth():
    assert bandwidth(np.zeros(0), np.zeros(0)).h_m is None
    assert bandwidth(np.ones(1), np.ones(1)).h_m is None
    assert bandwidth(np.ones(300), np.ones(300)).h_m is None
    mostly_one = np.concatenate([np.zeros(20), [1_000.0]])
    assert bandwidth(mostly_one, np.zeros(21)).h_m > 0  # the quartiles are 0, the spread is not


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(*[st.integers(0, 40)] * 2, st.integers(1, 9)), min_size=2, max_size=20))
def test_the_histogram_without_numba_is_the_same(rows):
    x, y, w = np.array(rows, dtype=float).T
    found = pair_histogram(x, y, w, 2.0, 20)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "compiled", lambda loop: None)
        np.testing.assert_allclose(pair_histogram(x, y, w, 2.0, 20), found, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("n", [50, 1_200])
def test_the_raster_without_numba_is_the_same(monkeypatch, n):
    x, y = city(n)
    nodes = raster_density.raster(x, y, 300.0, 8_000.0)
    chosen = np.random.default_rng(2).integers(0, n, n)
    weight = np.linspace(1.0, 7.0, n)
    found = raster_density.pair_bins(nodes, chosen, weight)
    again = raster_density.pair_bins(nodes, chosen, weight, raster_density.room(nodes))
    monkeypatch.setattr(raster_density, "compiled", lambda loop: None)
    plain = raster_density.pair_bins(nodes, chosen, weight)
    assert np.array_equal(found, again)
    np.testing.assert_allclose(plain, found, atol=1e-9 * found.max())


def test_many_draws_may_use_short_numbers():
    x, y = city(3_000)
    h = bandwidth(x, y).h_m
    weight = np.random.default_rng(4).lognormal(2.0, 1.5, 3_000)
    radii = np.linspace(0.0, 15_000.0, 41)
    exact, quick = (density_of(x, y, 3_000, h, radii, single)[0](np.arange(3_000), weight) for single in (False, True))
    assert 0 < np.abs(exact - quick).max() < 1e-5 * exact.max()


def test_the_raster_spreads_all_weight_and_knows_each_place_with_itself():
    x, y = city(60)
    nodes = raster_density.raster(x, y, 500.0, 5_000.0)
    weight = np.linspace(1.0, 3.0, 60)
    mass = np.full(nodes.used, 9.0)
    own = raster_density.spread(nodes, np.arange(60), weight, mass)
    assert mass.sum() == pytest.approx(weight.sum())
    every = own[0, 0] + 2 * own[0, 1:].sum() + 2 * own[1:, 0].sum() + 4 * own[1:, 1:].sum()
    assert every == pytest.approx((weight**2).sum())


def test_smoothing_reflects_at_0_and_keeps_the_total():
    matrix = smoothing(200, 10.0, 50.0, np.arange(0.0, 2_400.0, 5.0))
    area = matrix.sum(axis=0) * 5.0 - 2.5 * matrix[0]
    np.testing.assert_allclose(area, 1.0, atol=1e-6)


@pytest.mark.reference
@pytest.mark.skipif(not FACTS.is_dir(), reason="the reference files are not here")
def test_published_curve():
    known = json.loads((FACTS / "cluster_vectors_kdensity.json").read_text())
    x, y = np.array(known["points_m"]).T
    found = bandwidth(x, y)
    assert found.h_m == pytest.approx(known["h"], rel=1e-12)
    assert found.median_m == pytest.approx(known["median_distance"], rel=1e-12)
    radii, chosen = np.array(known["r"]), np.arange(len(x))
    for weight, name in ((np.ones(len(x)), "K"), (np.array(known["weights"]), "K_weighted")):
        exact = np.array(known[name])
        assert np.abs(exact_density(x, y, weight, found.h_m, radii) - exact).max() < 1e-12 * exact.max()
        nodes = raster_density.raster(x, y, found.h_m / 4, radii[-1] + 8 * found.h_m)
        bins = raster_density.pair_bins(nodes, chosen, weight) / ((weight.sum() ** 2 - (weight**2).sum()) / 2)
        fast = smoothing(len(bins), nodes.step_m, found.h_m, radii) @ bins
        assert np.abs(fast - exact).max() < 5e-4 * exact.max()
