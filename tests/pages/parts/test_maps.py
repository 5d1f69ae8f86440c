"""Decks as plain JSON: offline, with ids, colours and labels; and what a click says."""

from __future__ import annotations

import json

import polars as pl
import pydeck as pdk
import pytest

from pages.parts import maps, placement, theme


def square(code, lon, lat, side):
    ring = [[lon, lat], [lon + side, lat], [lon + side, lat + side], [lon, lat + side], [lon, lat]]
    properties = {"district_code": code, "name": f"name {code}"}
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [ring]}}


SHAPES = {
    "type": "FeatureCollection",
    "attribution": "made up",
    "features": [square("1", 116.0, 39.5, 0.5), square("2", 116.5, 39.5, 0.5), square("3", 116.5, 40.0, 0.02)],
}
DISTRICTS = pl.DataFrame(
    {
        "district_code": ["1", "2", "3"],
        "label": ["朝阳区", "海淀区\n48.0", "东城区"],
        "lon": [116.25, 116.75, 116.51],
        "lat": [39.75, 39.75, 40.01],
        "value": [53.0, 48.0, None],
        "text": ["朝阳区: 53.0", "海淀区: 48.0", "东城区: —"],
    }
)
CITIES = pl.DataFrame(
    {
        "city_id": ["beijing", "ruhr", "nowhere"],
        "label": ["北京", "鲁尔区", "?"],
        "lon": [116.4, 7.2, None],
        "lat": [39.9, 51.5, None],
        "text": ["北京: 1", "鲁尔区: 2", "?"],
    }
)
HEXES = pl.DataFrame(
    {
        "q": [0, 1],
        "r": [0, 0],
        "n": pl.Series([4, 100], dtype=pl.UInt32),
        "ring": [[[116.1234567, 39.6], [116.2, 39.7], [116.1, 39.8], [116.1234567, 39.6]]] * 2,
    }
)
DECKS = {
    "districts": lambda dark: maps.district_deck(DISTRICTS, SHAPES, "1", None, "diverging", dark, 50.0),
    "bubbles": lambda dark: maps.district_deck(DISTRICTS, None, "1", None, "sequential", dark),
    "hexagons": lambda dark: maps.hexagon_deck(HEXES, SHAPES, DISTRICTS, None, dark),
    "cities": lambda dark: maps.city_deck(CITIES, "beijing", None, dark),
}


def layers(deck):
    return {layer["id"]: layer for layer in json.loads(deck.to_json())["layers"]}


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("kind", DECKS)
def test_decks_ask_nobody_and_every_layer_has_its_own_id(kind, dark):
    deck = DECKS[kind](dark)
    text = deck.to_json()
    spec = json.loads(text)
    assert "http" not in text
    assert spec.get("mapProvider") is None
    assert spec["mapStyle"] == json.loads(pdk.Deck(map_provider=None).to_json())["mapStyle"] == "__MAP_STYLE__"
    ids = [layer["id"] for layer in spec["layers"]]
    assert len(set(ids)) == len(ids)
    assert all(len(name) < 20 for name in ids)  # pydeck gives a random 36-character id where none is set
    assert "@table" not in text
    assert all("text" in str(layer["data"]) for layer in spec["layers"] if layer["pickable"])
    assert deck.deck_widget is None
    assert "{text}" in deck._tooltip["html"]
    assert deck._tooltip["style"]["backgroundColor"] == theme.tokens(dark).card


@pytest.mark.parametrize("kind", DECKS)
def test_chinese_labels_use_the_automatic_character_set(kind):
    labels = layers(DECKS[kind](False))["labels"]
    assert labels["characterSet"] == "auto"
    assert not labels["fontFamily"].startswith("@@=")


def test_spliced_json_equals_what_pydeck_writes():
    spliced = json.loads(maps.city_deck(CITIES, "beijing").to_json())
    rows = next(layer for layer in spliced["layers"] if layer["id"] == "cities")["data"]
    plain = pdk.Layer(
        "ScatterplotLayer",
        id="cities",
        data=rows,
        get_position="[lon, lat]",
        get_radius="size",
        radius_units=pdk.types.String("pixels"),
        get_fill_color="fill",
        get_line_color="line",
        stroked=True,
        line_width_min_pixels=1.5,
        pickable=True,
    )
    written = json.loads(pdk.Deck(map_provider=None, layers=[plain]).to_json())
    assert written["layers"][0] == next(layer for layer in spliced["layers"] if layer["id"] == "cities")
    assert spliced.keys() == written.keys()


def test_text_that_looks_like_a_placeholder_stays_text():
    frame = DISTRICTS.with_columns(text=pl.lit('"@table 0@" </b>'))
    features = layers(maps.district_deck(frame, SHAPES))["districts"]["data"]["features"]
    assert features[0]["properties"]["text"] == '"@table 0@" </b>'


def test_district_fills_follow_the_value_and_missing_is_grey():
    deck = layers(DECKS["districts"](False))
    assert deck["districts"]["pickable"] is True
    fills = {f["properties"]["district_code"]: f["properties"]["fill"] for f in deck["districts"]["data"]["features"]}
    assert fills["1"] == [*theme.rgb(theme.LIGHT.brick), 255]
    assert fills["2"] == [*theme.rgb(theme.diverging(-2 / 3)), 255]
    assert fills["3"] == [*theme.rgb(theme.LIGHT.missing), 255]


def test_a_district_without_a_row_is_grey_and_says_so():
    features = layers(maps.district_deck(DISTRICTS.head(1), SHAPES))["districts"]["data"]["features"]
    assert features[1]["properties"]["fill"] == [*theme.rgb(theme.LIGHT.missing), 255]
    assert features[1]["properties"]["text"] == "name 2: —"


def test_fill_is_out_of_reach_of_streamlits_fading():
    deck = layers(DECKS["districts"](False))
    assert "getFillColor" not in deck["districts"]
    assert deck["districts"]["_subLayerProps"] == {"polygons-fill": {"getFillColor": "@@=properties.fill"}}
    assert "getColor" not in deck["labels"]


def test_selected_district_is_outlined_only_if_there_is_one():
    assert len(layers(DECKS["districts"](False))["selected"]["data"]["features"]) == 1
    assert "selected" not in layers(maps.district_deck(DISTRICTS, SHAPES))
    assert "selected" not in layers(maps.district_deck(DISTRICTS, SHAPES, "9"))


def test_labels_appear_where_they_fit_and_always_for_the_selected():
    shown = [row["label"] for row in layers(maps.district_deck(DISTRICTS, SHAPES))["labels"]["data"]]
    assert shown == ["朝阳区", "海淀区\n48.0"]
    chosen = layers(maps.district_deck(DISTRICTS, SHAPES, "3"))["labels"]["data"]
    assert chosen[0]["label"] == "东城区"
    assert chosen[0]["offset"][1] < 0  # above its small polygon


def test_without_boundaries_districts_are_bubbles_by_area():
    rows = {row["district_code"]: row for row in layers(DECKS["bubbles"](False))["districts"]["data"]}
    assert rows["1"]["size"] > rows["2"]["size"] > rows["3"]["size"]
    assert rows["3"]["fill"][:3] == list(theme.rgb(theme.LIGHT.missing))
    assert rows["1"]["line"][:3] == list(theme.rgb(theme.LIGHT.ink))
    same = layers(maps.district_deck(DISTRICTS, None, None, None, "diverging", False, 50.0))["districts"]["data"]
    assert len({row["size"] for row in same}) == 1


def test_no_values_at_all_is_a_grey_map():
    frame = DISTRICTS.with_columns(value=pl.lit(None, dtype=pl.Float64))
    features = layers(maps.district_deck(frame, SHAPES))["districts"]["data"]["features"]
    assert {tuple(f["properties"]["fill"][:3]) for f in features} == {theme.rgb(theme.LIGHT.missing)}
    assert layers(maps.district_deck(frame, None))["districts"]["data"]


def test_hexagons_are_flat_darker_with_n_and_rounded():
    deck = layers(DECKS["hexagons"](False))
    few, many = deck["hexagons"]["data"]
    assert deck["hexagons"]["extruded"] is False
    assert sum(many["fill"][:3]) < sum(few["fill"][:3])
    assert few["ring"][0] == [116.12346, 39.6]
    assert few["text"] == "n=4"
    assert deck["districts"]["pickable"] is True
    assert all(f["properties"]["district_code"] for f in deck["districts"]["data"]["features"])
    assert "districts" not in layers(maps.hexagon_deck(HEXES, None, DISTRICTS))
    named = maps.hexagon_deck(HEXES.with_columns(text=pl.lit("4 家")), SHAPES, DISTRICTS)
    assert layers(named)["hexagons"]["data"][0]["text"] == "4 家"


def test_city_deck_leaves_out_places_without_a_point():
    deck = layers(DECKS["cities"](False))
    assert [row["city_id"] for row in deck["cities"]["data"]] == ["beijing", "ruhr"]
    assert [row["label"] for row in deck["labels"]["data"]] == ["北京", "鲁尔区"]
    beijing, ruhr = deck["cities"]["data"]
    assert (beijing["fill"][:3], ruhr["fill"][:3]) == (
        list(theme.rgb(theme.LIGHT.brick)),
        list(theme.rgb(theme.LIGHT.steel)),
    )


def test_click_on_polygon_bubble_and_city():
    feature = {"indices": {"districts": [0]}, "objects": {"districts": [{"properties": {"district_code": "110105"}}]}}
    assert maps.clicked(feature) == "110105"
    assert maps.clicked({"selection": feature}) == "110105"
    assert maps.clicked({"objects": {"districts": [{"district_code": 5}]}}) == "5"
    assert maps.clicked({"objects": {"cities": [{"city_id": "ruhr"}]}}, "cities", "city_id") == "ruhr"


@pytest.mark.parametrize(
    "event",
    [None, {}, {"selection": None}, {"objects": {}}, {"objects": {"districts": []}}, {"objects": {"labels": [{}]}},
     {"objects": {"districts": [None]}}, {"objects": {"districts": [{"properties": None}]}}],
)  # fmt: skip
def test_no_click_is_none(event):
    assert maps.clicked(event) is None


@pytest.mark.parametrize("source", [SHAPES, DISTRICTS])
def test_view_shows_everything(source):
    view = maps.view_of(source, 560, 430)
    frame = source if isinstance(source, pl.DataFrame) else None
    points = frame.select("lon", "lat").rows() if frame is not None else [(116.0, 39.5), (117.0, 40.02)]
    for lon, lat in points:
        x, y = view.pixels(lon, lat)
        assert abs(x) <= 280
        assert abs(y) <= 215
        assert view.place(x, y) == pytest.approx([lon, lat])


def test_view_of_nothing_or_one_point_is_usable():
    assert maps.view_of({"type": "FeatureCollection", "features": []}).zoom < 1
    one = maps.view_of(DISTRICTS.head(1))
    assert (one.lon, one.lat) == (116.25, 39.75)
    assert 5 < one.zoom < 16


def test_metres_per_pixel_at_the_equator():
    assert placement.View(0, 0, 0, 512, 512).metres_per_pixel == pytest.approx(78271.5, abs=0.1)
    assert placement.scale_km(placement.View(0, 0, 0, 512, 512)) == 5000
    assert placement.scale_km(placement.View(0, 0, 10, 512, 512)) == 5


def test_multipolygon_counts_its_largest_part():
    big, small = square("1", 0, 0, 1.0)["geometry"]["coordinates"], square("1", 5, 5, 0.1)["geometry"]["coordinates"]
    feature = {"geometry": {"type": "MultiPolygon", "coordinates": [small, big]}}
    view = placement.View(0, 0, 8, 500, 500)
    assert placement.area_px(feature, view) == pytest.approx((256 * 512 / 360) ** 2, rel=0.001)
    assert placement.area_px({"geometry": None}, view) == 0


def test_labels_of_dots_avoid_dots_and_each_other():
    view = placement.View(0, 0, 8, 500, 500)
    near = [{"code": str(k), "label": "城市", "lon": 0.05 * k, "lat": 0.0} for k in range(6)]
    shown = placement.fitting(near, view, {}, None, {p["code"]: 6.0 for p in near})
    boxes = []
    for row in shown:
        x, y = view.pixels(*row["position"])
        boxes.append(placement._box(row["label"], x + row["offset"][0], y + row["offset"][1]))
    assert boxes
    assert not any(placement._overlap(a, b) for i, a in enumerate(boxes) for b in boxes[i + 1 :])


def test_limits_and_shades():
    assert maps.limits([50.0, 50.0], "diverging", 50.0) == (49.0, 51.0)
    assert maps.limits([float("nan"), None], "sequential") is None
    assert maps.limits([0.0], "sequential") == (0.0, 1.0)
    assert maps.shade(50.0, (47.0, 53.0), "diverging") == theme.LIGHT.paper
    assert maps.shade(25.0, (0.0, 100.0), "root") == maps.shade(50.0, (0.0, 100.0), "sequential")


def test_legend_shows_ends_middle_unit_and_missing_escaped():
    text = maps.legend("diverging", 48.0, 53.0, 50.0, "<点>", missing="无数据")
    assert all(f"<span>{number}</span>" in text for number in ("47.0", "50.0", "53.0"))
    assert "&lt;点&gt;" in text
    assert theme.LIGHT.missing in text
    assert theme.LIGHT.steel in text
    assert "<span>0</span>" in maps.legend("sequential", 3, 1200, unit="家")
    assert "<span>1,200</span>" in maps.legend("root", 3, 1200, unit="家", dark=True)
    assert "ramp" not in maps.legend("sequential", None, None, missing="无数据")
    assert maps.legend("sequential", None, None) == '<div class="legend"></div>'
