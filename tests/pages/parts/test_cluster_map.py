"""The layers of the map of clusters as the browser gets them."""

from __future__ import annotations

import json

import polars as pl
import pytest

from indicators.clustering.clusters import cluster_members, cluster_table
from pages.parts import maps, theme
from pages.parts.clustering import cluster_map
from pages.parts.maps import View

NAMES = pl.DataFrame({"district_code": ["1"], "label": ["区"], "lon": [117.0], "lat": [0.0]})


def drawn(layer):
    deck = maps.layered_deck([layer], None, NAMES, View(117.0, 0.0, 9.0, 400, 400))
    return {one["id"]: one for one in json.loads(deck.to_json())["layers"]}[layer.id]


@pytest.fixture
def clusters():
    rows = [(f"{k}", 117.0 + 0.0005 * (k % 5), 0.0005 * (k // 5)) for k in range(25)]
    rows += [(f"one{k}", 117.2, 0.0) for k in range(25)]
    members = cluster_members(pl.DataFrame(rows, ["enterprise_id", "lon", "lat"], orient="row"), 32650)
    table = cluster_table(members, 32650)
    return table.with_columns(mark=pl.col("cluster").cast(pl.String), text=pl.lit('a "b" <c>'))


def test_outlines_carry_their_mark_and_one_place_has_no_ground(clusters):
    assert clusters["outline_wkt"].null_count() == 1
    layer = drawn(cluster_map.outlines(clusters, None))
    (shape,) = layer["data"]["features"]
    assert layer["pickable"]
    assert shape["properties"]["text"] == 'a "b" <c>'
    assert (
        maps.clicked({"selection": {"objects": {"clusters": [shape]}}}, "clusters", "mark")
        == shape["properties"]["mark"]
    )
    corners = shape["geometry"]["coordinates"][0]
    assert corners[0] == corners[-1]
    assert all(round(value, maps.DECIMALS) == value for corner in corners for value in corner)


def test_the_chosen_cluster_is_filled(clusters):
    known = clusters.drop_nulls("outline_wkt")
    mark = known["mark"][0]
    plain, chosen = (drawn(cluster_map.outlines(known, one))["data"]["features"][0] for one in (None, mark))
    assert chosen["properties"]["fill"][3] > plain["properties"]["fill"][3]
    assert chosen["properties"]["line"] != plain["properties"]["line"]


def test_only_hot_and_cold_cells_are_drawn_and_the_certain_ones_darker():
    ring = [[[117.0, 0.0], [117.1, 0.0], [117.0, 0.1], [117.0, 0.0]]] * 3
    cells = pl.DataFrame(
        {"kind": ["hot", "cold", "hot"], "q": [0.0001, 0.03, 0.04], "text": ["a", "b", "c"], "ring": ring}
    )
    none = pl.DataFrame({"kind": ["none"], "q": [0.9], "text": ["d"], "ring": [None]}, cells.schema)
    rows = drawn(cluster_map.spots(pl.concat([cells, none])))["data"]
    assert [row["text"] for row in rows] == ["a", "b", "c"]
    brick, steel = ([*theme.rgb(getattr(theme.LIGHT, name))] for name in ("brick", "steel"))
    assert [row["fill"][:3] for row in rows] == [brick, steel, brick]
    assert rows[0]["fill"][3] > rows[2]["fill"][3]


def test_a_place_is_true_to_scale_and_four_times_the_firms_are_twice_the_width():
    sites = pl.DataFrame({"lon": [117.1234567, 117.0], "lat": [0.0, 0.0], "n": [1, 4]})
    layer = drawn(cluster_map.places(sites, "enterprises"))
    one, four = layer["data"]
    assert one["lon"] == 117.12346
    assert four["size"] == 2 * one["size"] == 28.0
    assert four["text"] == "4 enterprises"
    assert "radiusUnits" not in layer
    assert layer["radiusMaxPixels"] == 16


def test_no_layer_asks_an_outside_server(clusters):
    deck = maps.layered_deck([cluster_map.outlines(clusters, None)], None, NAMES, View(117.0, 0.0, 9.0, 400, 400))
    assert "http" not in deck.to_json()
