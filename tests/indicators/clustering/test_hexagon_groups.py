"""Clusters of crowded hexagons: joining, numbering, sums."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from indicators.clustering.hexagon_groups import hexagon_clusters, hexagon_members
from indicators.clustering.hexagons import HEXAGONS, NEIGHBOURS, hexagons
from indicators.frames import ContractError

small = settings(max_examples=40, deadline=None)


def map_of(counts: dict[tuple[int, int], int]) -> pl.DataFrame:
    rows = [(q, r, n, 1, 116.0 + q / 100, 40.0 + r / 100) for (q, r), n in counts.items()]
    return pl.DataFrame(rows, schema=HEXAGONS.schema, orient="row")


cell = st.tuples(st.integers(-4, 4), st.integers(-4, 4))
maps = st.dictionaries(cell, st.integers(1, 40), max_size=40)


@pytest.mark.parametrize("step", NEIGHBOURS)
def test_all_six_neighbours_join(step):
    assert hexagon_clusters(map_of({(3, -2): 20, (3 + step[0], -2 + step[1]): 20}))["n_hexagons"].to_list() == [2]


@pytest.mark.parametrize("step", [(1, 1), (-1, -1), (2, -1), (2, 0)])
def test_the_next_ring_does_not_join(step):
    assert hexagon_clusters(map_of({(0, 0): 20, step: 20}))["n_hexagons"].to_list() == [1, 1]


def test_a_thin_hexagon_is_no_bridge():
    table = hexagon_clusters(map_of({(0, 0): 20, (1, 0): 19, (2, 0): 25}))
    assert table.select("cluster_id", "n_enterprises", "n_hexagons").rows() == [(1, 25, 1), (2, 20, 1)]


def test_a_ring_is_one_cluster_whose_centre_is_the_mean():
    table = hexagon_clusters(map_of({**dict.fromkeys(NEIGHBOURS, 30), (0, 0): 1}))
    assert table.select("cluster_id", "n_enterprises", "n_sites", "n_hexagons").row(0) == (1, 180, 6, 6)
    assert table.select("lon", "lat").row(0) == pytest.approx((116.0, 40.0), abs=1e-9)


def test_equal_sizes_are_numbered_by_their_smallest_cell():
    members = hexagon_members(map_of({(5, 0): 20, (-5, 3): 20, (0, 0): 21}))
    assert members.select("q", "cluster_id").rows() == [(-5, 2), (0, 1), (5, 3)]


@small
@given(maps, st.integers(1, 30), st.integers(0, 5))
def test_clusters_hold_every_crowded_hexagon_once_whatever_the_order(counts, minimum, seed):
    frame = map_of(counts)
    table, members = hexagon_clusters(frame, minimum), hexagon_members(frame, minimum)
    crowded = {cell: n for cell, n in counts.items() if n >= minimum}
    assert table["n_enterprises"].sum() == sum(crowded.values())
    assert table["n_hexagons"].sum() == len(crowded)
    assert table["cluster_id"].to_list() == list(range(1, table.height + 1))
    assert table["n_enterprises"].to_list() == sorted(table["n_enterprises"].to_list(), reverse=True)
    number = {(q, r): cluster for q, r, cluster in members.select("q", "r", "cluster_id").iter_rows()}
    assert {cell for cell, cluster in number.items() if cluster is not None} == set(crowded)
    for q, r in crowded:
        assert {number[near] for dq, dr in NEIGHBOURS if (near := (q + dq, r + dr)) in crowded} <= {number[q, r]}
    shuffled = frame.sample(fraction=1, shuffle=True, seed=seed)
    assert_frame_equal(hexagon_clusters(shuffled, minimum), table, abs_tol=1e-9)


def test_from_places_to_clusters():
    crowd = [(116.40, 39.90)] * 20 + [(116.50, 39.95)] * 30 + [(116.60, 39.80)] * 3
    points = pl.DataFrame(crowd, schema={"lon": pl.Float64, "lat": pl.Float64}, orient="row")
    points = points.with_columns(pl.int_range(pl.len()).cast(pl.String).alias("enterprise_id"))
    table = hexagon_clusters(hexagons(points, 32650))
    assert table.select("cluster_id", "n_enterprises", "n_sites", "n_hexagons").rows() == [(1, 30, 1, 1), (2, 20, 1, 1)]
    assert table["lon"].to_list() == pytest.approx([116.50, 116.40], abs=0.01)


def test_no_hexagons_or_no_crowd_give_no_rows_of_the_right_dtypes():
    names = {"cluster_id": pl.UInt32, "n_enterprises": pl.UInt32, "n_sites": pl.UInt32, "n_hexagons": pl.UInt32}
    for frame in (map_of({}), map_of({(0, 0): 3})):
        table = hexagon_clusters(frame)
        assert table.is_empty()
        assert dict(table.schema) == {**names, "lon": pl.Float64, "lat": pl.Float64}
    assert hexagon_members(map_of({})).schema["cluster_id"] == pl.UInt32


def test_wrong_input_is_named():
    with pytest.raises(ContractError, match="minimum 0"):
        hexagon_clusters(map_of({}), minimum=0)
    with pytest.raises(ContractError, match="given in an earlier row"):
        hexagon_clusters(pl.concat([map_of({(0, 0): 20})] * 2))
    with pytest.raises(ContractError, match="column n_sites is missing"):
        hexagon_clusters(map_of({(0, 0): 20}).drop("n_sites"))
