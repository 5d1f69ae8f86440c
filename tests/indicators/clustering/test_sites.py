"""Places are counted as plain comparison counts them, compiled or not."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.clustering import cluster_shapes, sites
from indicators.clustering.sites import firms_and_sites, site_numbers

POINTS = st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3), st.integers(-5, 5)), min_size=1, max_size=80)


@pytest.fixture(params=["compiled", "plain"])
def way(request, monkeypatch):
    if request.param == "plain":
        monkeypatch.setattr(sites, "compiled", lambda loop: None)
        monkeypatch.setattr(cluster_shapes, "compiled", lambda loop: None)
    return request.param


def numbers_by_hand(places):
    known = {}
    return [known.setdefault(place, len(known)) for place in places]


def test_numbers_count_places_by_first_appearance(way):
    @given(POINTS)
    def check(rows):
        x, y = (np.array([row[k] / 4.0 for row in rows]) for k in (0, 1))
        assert site_numbers(x, y).tolist() == numbers_by_hand([row[:2] for row in rows])

    check()


def test_negative_zero_is_zero(way):
    assert site_numbers(np.array([0.0, -0.0]), np.array([-0.0, 0.0])).tolist() == [0, 0]


def test_no_rows_give_none(way):
    empty = np.empty(0)
    assert not site_numbers(empty, empty).size
    assert [part.size for part in firms_and_sites(np.empty(0, np.int64), np.empty(0, np.int32))] == [0, 0, 0]


def test_groups_are_counted_as_polars_counts_them_even_where_a_place_lies_in_two(way):
    @given(POINTS, st.sampled_from([1, 10**7]))
    def check(rows, apart):
        x, y = (np.array([float(row[k]) for row in rows]) for k in (0, 1))
        code = np.array([row[2] * apart for row in rows], dtype=np.int64)
        frame = pl.DataFrame({"code": code, "x": x, "y": y})
        wanted = frame.group_by("code").agg(n=pl.len(), sites=pl.struct("x", "y").n_unique()).sort("code")
        found = firms_and_sites(code, site_numbers(x, y))
        assert [part.tolist() for part in found] == [wanted[name].to_list() for name in wanted.columns]

    check()


def test_a_hull_of_the_outer_places_is_the_hull_of_all(way):
    random = np.random.default_rng(3)
    cluster = random.integers(1, 5, 4_000).astype(np.uint32)
    x = 500_000 + 700 * random.normal(size=4_000) * cluster
    y = 4_400_000 + np.round(400 * random.normal(size=4_000), -1)
    rows = pl.DataFrame({"cluster": cluster, "x_m": x, "y_m": y})
    outer = cluster_shapes._outer(rows)
    assert outer.height == 4_000 if way == "plain" else outer.height < 1_200
    everything = cluster_shapes.shapely.convex_hull(
        [
            cluster_shapes.shapely.multipoints(part.select("x_m", "y_m").to_numpy())
            for part in rows.sort("cluster").partition_by("cluster", maintain_order=True)
        ]
    )
    found = cluster_shapes._hulls(rows)["shape"].to_list()
    assert all(
        a.equals(b) and a.area == pytest.approx(b.area, rel=1e-12) for a, b in zip(found, everything, strict=True)
    )
