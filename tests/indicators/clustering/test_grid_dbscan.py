"""The labels of DBSCAN: those of scikit-learn, whatever the engine, the weights and the duplicates."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from indicators.clustering import grid_arrays, grid_dbscan
from indicators.clustering.grid_dbscan import dbscan, dbscan_of_parts
from indicators.frames import ContractError

VECTORS = Path(__file__).parents[4] / "shared" / "facts" / "cluster_vectors_dbscan.json"
ENGINES = {"numba": grid_dbscan.kernels, "numpy": lambda: None}


@pytest.fixture(params=ENGINES)
def engine(request, monkeypatch):
    monkeypatch.setattr(grid_dbscan, "kernels", ENGINES[request.param])
    return request.param


def places(rows) -> tuple[np.ndarray, np.ndarray]:
    x, y = np.array(rows, float).reshape(-1, 2).T
    return x, y


def by_definition(x, y, eps_m, minimum, weights=None):
    """Every pair measured; clusters grown from the earliest core; a border place takes the lowest label."""
    near = (x[:, None] - x) ** 2 + (y[:, None] - y) ** 2 <= eps_m * eps_m
    core = near @ (np.ones(x.size) if weights is None else weights) >= minimum
    label, n = np.full(x.size, -1), 0
    for i in np.flatnonzero(core):
        if label[i] >= 0:
            continue
        waiting, label[i] = [i], n
        while waiting:
            for j in np.flatnonzero(near[waiting.pop()] & core & (label < 0)):
                label[j] = n
                waiting.append(j)
        n += 1
    for i in np.flatnonzero(~core):
        if (near[i] & core).any():
            label[i] = label[near[i] & core].min()
    return label, core


# Coordinates on a lattice of quarters: squares of distances are exact, ties at eps and duplicates are common.
lattice = st.integers(0, 28).map(lambda k: 25.0 * k)
crowd = st.lists(st.tuples(lattice, lattice), min_size=1, max_size=90)
fine = st.lists(st.tuples(st.integers(0, 1600), st.integers(0, 1600)).map(lambda p: (p[0] / 4, p[1] / 4)), min_size=1)
sets = st.one_of(crowd, fine, st.tuples(crowd, st.integers(1, 4)).map(lambda t: t[0] * t[1]))
reach = st.sampled_from([25.0, 35.35533905932738, 50.0, 75.0, 100.0, 125.0, 300.0])


@settings(max_examples=250, deadline=None)
@given(sets, reach, st.integers(1, 12), st.integers(0, 2**31))
def test_labels_are_those_of_scikit_learn_bit_for_bit(rows, eps_m, minimum, seed):
    cluster = pytest.importorskip("sklearn.cluster")
    rows = np.random.default_rng(seed).permutation(np.array(rows, float))
    x, y = places(rows)
    expected = cluster.DBSCAN(eps=eps_m, min_samples=minimum).fit(rows)
    core = np.isin(np.arange(len(rows)), expected.core_sample_indices_)
    for kernels in ENGINES.values():
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(grid_dbscan, "kernels", kernels)
            label, is_core = dbscan(x, y, eps_m, minimum, vouched=True)
        assert label.tolist() == expected.labels_.tolist()
        assert is_core.tolist() == core.tolist()


@settings(max_examples=60, deadline=None)
@given(crowd, st.data(), reach, st.integers(1, 40))
def test_weights_are_repeated_rows(rows, data, eps_m, minimum):
    weights = np.array(data.draw(st.lists(st.integers(0, 9), min_size=len(rows), max_size=len(rows))), float)
    x, y = places(rows)
    expected = by_definition(x, y, eps_m, minimum, weights)
    row_of = np.repeat(np.arange(x.size), weights.astype(int))
    for kernels in ENGINES.values():
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(grid_dbscan, "kernels", kernels)
            label, core = dbscan(x, y, eps_m, minimum, weights, vouched=True)
            repeated, repeated_core = dbscan(x[row_of], y[row_of], eps_m, minimum, vouched=True)
        assert label.tolist() == expected[0].tolist()
        assert core.tolist() == expected[1].tolist()
        assert repeated_core.tolist() == core[row_of].tolist()
        if (weights > 0).all():
            assert repeated.tolist() == label[row_of].tolist()


@settings(max_examples=40, deadline=None)
@given(fine, reach, st.integers(1, 8))
@example([(0.0, 0.0), (50.0, 50.0)], 70.71067811865476, 2)
def test_cells_far_from_the_corner_follow_the_definition(rows, eps_m, minimum):
    x, y = places([*rows, (4_000_000.0, 4_000_000.0)])
    label, core = dbscan(x, y, eps_m, minimum)
    expected = by_definition(x, y, eps_m, minimum)
    assert (label.tolist(), core.tolist()) == (expected[0].tolist(), expected[1].tolist())


def test_a_border_place_between_two_clusters_joins_the_lower(engine):
    west, east = [(1000, 0), (1100, 0), (1000, 100), (1100, 100)], [(1700, 0), (1800, 0), (1700, 100), (1800, 100)]
    between = (1400, 0)  # 300 m exactly from (1100, 0) and from (1700, 0)
    for order in ([between, *west, *east], [between, *east, *west]):
        label, core = dbscan(*places(order), 300.0, 4)
        assert label.tolist() == [0] * 5 + [1] * 4
        assert core.tolist() == [False] + [True] * 8


def test_three_hundred_firms_at_one_address_are_one_cluster(engine):
    x, y = places([(400_000, 4_400_000)] * 300 + [(400_300.01, 4_400_000)])
    label, core = dbscan(x, y, 300.0, 20)
    assert label.tolist() == [0] * 300 + [-1]
    assert core.tolist() == [True] * 300 + [False]
    first, weight, place = grid_arrays.collapsed(x, y)
    assert (first.tolist(), weight.tolist()) == ([0, 300], [300.0, 1.0])
    assert place.tolist() == [0] * 300 + [1]


def test_a_stray_place_costs_no_memory(engine):
    rng = np.random.default_rng(3)
    x = np.append(rng.uniform(0, 1e4, 2000), 1e7)  # 47,000 x 47,000 cells of 212 m would be 18 GB
    tracemalloc.start()
    label, _ = dbscan(x, np.append(rng.uniform(0, 1e4, 2000), 1e7), 300.0, 5)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert label[-1] == -1
    assert peak < 200e6


def test_engines_agree_on_a_clustered_city(monkeypatch):
    rng = np.random.default_rng(11)
    centres = rng.uniform(0, 30_000, (12, 2))
    rows = np.vstack([rng.normal(centres[rng.integers(0, 12, 4000)], 400), rng.uniform(0, 30_000, (2000, 2))])
    rows = np.vstack([rows, rows[rng.integers(0, 6000, 2000)]]) + 400_000
    found = []
    for kernels in ENGINES.values():
        monkeypatch.setattr(grid_dbscan, "kernels", kernels)
        found.append(dbscan(rows[:, 0], rows[:, 1], 300.0, 12))
    assert found[0][0].max() > 3
    assert all((a == b).all() for a, b in zip(*found, strict=True))


@settings(max_examples=60, deadline=None)
@given(sets, reach, st.integers(1, 6), st.lists(st.integers(0, 2**32), min_size=1, max_size=4))
def test_parts_of_the_places_have_the_labels_they_have_alone(rows, eps_m, minimum, seeds):
    x, y = places(rows)
    x = x + 400_000
    parts = [np.random.default_rng(seed).random(x.size) < seed % 5 / 4 for seed in seeds]  # from none to all of them
    expected = [dbscan(x[there], y[there], eps_m, minimum, vouched=True)[0].tolist() for there in parts]
    for kernels in ENGINES.values():
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(grid_dbscan, "kernels", kernels)
            found = [label.tolist() for label in dbscan_of_parts(x, y, parts, eps_m, minimum)]
        assert found == expected


def test_parts_of_no_places_are_empty(engine):
    none = np.empty(0)
    assert [label.size for label in dbscan_of_parts(none, none, [none.astype(bool)] * 2, 300.0, 2)] == [0, 0]


def test_without_numba_the_other_way_is_taken(monkeypatch):
    monkeypatch.setattr(grid_dbscan.importlib, "import_module", lambda name: (_ for _ in ()).throw(ImportError(name)))
    assert grid_dbscan.kernels() is None


def test_no_places_give_no_labels(engine):
    label, core = dbscan(np.empty(0), np.empty(0), 300.0, 2)
    assert (label.size, core.size) == (0, 0)


@pytest.mark.parametrize(
    ("x", "y", "options", "told"),
    [
        ([116.4], [39.9], {}, "look like degrees"),
        ([0.0, 0.0], [0.0, 0.0], {}, "look like degrees"),
        ([500_000.0, np.nan], [1.0, 1.0], {}, "1 of 2 places are not finite"),
        ([5e5], [4e6], {"eps_m": 0.0}, "eps_m 0 is not accepted"),
        ([5e5], [4e6], {"eps_m": np.nan}, "eps_m nan is not accepted"),
        ([5e5], [4e6], {"minimum": -1}, "minimum -1 is not accepted"),
        ([5e5], [4e6], {"weights": np.array([-1.0])}, "a weight is below 0"),
        ([5e5, 1e300], [4e6, 4e6], {}, "set stray places aside"),
    ],
)
def test_wrong_input_is_refused(x, y, options, told):
    with pytest.raises(ContractError, match=told):
        dbscan(np.array(x), np.array(y), **({"eps_m": 300.0, "minimum": 2} | options))


@pytest.mark.reference
@pytest.mark.skipif(not VECTORS.exists(), reason="the reference files are absent")
def test_reference_vectors(engine):
    for case in json.loads(VECTORS.read_text(encoding="utf-8"))["cases"]:
        weights = None if case["weights"] is None else np.array(case["weights"], float)
        label, core = dbscan(*places(case["points"]), case["eps"], case["min_samples"], weights)
        assert label.tolist() == case["labels"], case["id"]
        assert core.astype(int).tolist() == [int(flag) for flag in case["core"]], case["id"]
