"""Coordinate systems: published points, the way there and back, and the share of points in their own district."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.ingest.coordinates import BD09, GCJ02, SYSTEMS, WGS84, disagreement, from_wgs84, placement, to_wgs84

SHARED = Path(__file__).parents[4] / "shared"
# eviltransform, python/test.py (MIT): lat and lon swapped round; agrees to 6 decimals
EVILTRANSFORM = [
    ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
    ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
    ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
]
# coordtransform, test/app.js (MIT): the printed results
WANDERGIS = ((116.404, 39.915), (116.41024449916938, 39.91640428150164))
GCJ_TO_BD = ((116.404, 39.915), (116.41036949371029, 39.92133699351021))
# AMap's own conversion service, documented example, as MapCoords quotes it: GPS -> AMap -> Baidu, 6 decimals
AMAP = ((116.481499, 39.990475), (116.487586, 39.991754), (116.49412, 39.997716))
INSIDE = st.tuples(st.floats(73.5, 135.0), st.floats(3.5, 53.5))
METRES = 111_320.0


def _one(convert, point, system):
    lon, lat = convert([point[0]], [point[1]], system)
    return float(lon[0]), float(lat[0])


@pytest.mark.parametrize(("wgs", "gcj"), [*EVILTRANSFORM, WANDERGIS, AMAP[:2]])
def test_published_points_in_gcj02(wgs, gcj):
    assert _one(from_wgs84, wgs, GCJ02) == pytest.approx(gcj, abs=1e-6)
    assert _one(to_wgs84, gcj, GCJ02) == pytest.approx(wgs, abs=1.1e-6)


def test_published_points_in_bd09():
    assert _one(from_wgs84, AMAP[0], BD09) == pytest.approx(AMAP[2], abs=1e-6)
    assert _one(to_wgs84, AMAP[2], BD09) == pytest.approx(AMAP[0], abs=1.1e-6)
    through_gcj = _one(to_wgs84, GCJ_TO_BD[0], GCJ02)
    assert _one(from_wgs84, through_gcj, BD09) == pytest.approx(GCJ_TO_BD[1], abs=1e-9)


def test_the_shift_is_that_of_the_cities():
    """Design note on registries, section 8: metres between GCJ-02 and WGS84, measured at each city."""
    for point, metres in (((116.4, 39.9), 556), ((121.47, 31.23), 482), ((114.06, 22.54), 606)):
        lon, lat = _one(from_wgs84, point, GCJ02)
        east = (lon - point[0]) * METRES * np.cos(np.radians(point[1]))
        assert np.hypot(east, (lat - point[1]) * METRES) == pytest.approx(metres, rel=0.06)


@given(INSIDE, st.sampled_from(SYSTEMS))
def test_there_and_back_is_the_same_point(point, system):
    assert _one(to_wgs84, _one(from_wgs84, point, system), system) == pytest.approx(point, abs=1e-9)


@given(INSIDE, st.sampled_from((GCJ02, BD09)))
def test_back_and_there_is_the_same_point(point, system):
    assert _one(from_wgs84, _one(to_wgs84, point, system), system) == pytest.approx(point, abs=1e-9)


@given(INSIDE)
def test_no_point_moves_more_than_two_kilometres(point):
    for system in (GCJ02, BD09):
        lon, lat = _one(from_wgs84, point, system)
        east = (lon - point[0]) * METRES * np.cos(np.radians(point[1]))
        assert 0 < np.hypot(east, (lat - point[1]) * METRES) < 2_500


@pytest.mark.parametrize("system", SYSTEMS)
def test_points_abroad_and_missing_points_stay(system):
    lon, lat = to_wgs84([7.01, -80.0, np.nan], [51.45, 40.44, 39.9], system)
    assert lon[:2].tolist() == [7.01, -80.0]
    assert lat[:2].tolist() == [51.45, 40.44]
    assert np.isnan(lon[2])
    empty = to_wgs84([], [], system)
    assert empty[0].size == empty[1].size == 0


def test_the_given_arrays_are_not_changed():
    lon, lat = np.array([116.4]), np.array([39.9])
    for convert in (to_wgs84, from_wgs84):
        convert(lon, lat, GCJ02)
        assert (lon[0], lat[0]) == (116.4, 39.9)


def test_an_unknown_system():
    with pytest.raises(ValueError, match="WGS84, GCJ-02, BD-09"):
        to_wgs84([116.4], [39.9], "UTM")


def _square(code, west, south, side=0.02):
    ring = [[west, south], [west + side, south], [west + side, south + side], [west, south + side], [west, south]]
    return {"properties": {"district_code": code}, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def _layer():
    """A chequer of small districts round Beijing: a shift of 500 m is seen."""
    squares = [_square(f"{i}-{j}", 116.3 + 0.02 * i, 39.8 + 0.02 * j) for i in range(5) for j in range(5)]
    return {"type": "FeatureCollection", "features": squares}


def _points(system):
    draw = np.random.default_rng(7)
    lon, lat = 116.3 + draw.uniform(0, 0.1, 500), 39.8 + draw.uniform(0, 0.1, 500)
    codes = [f"{int((x - 116.3) / 0.02)}-{int((y - 39.8) / 0.02)}" for x, y in zip(lon, lat, strict=True)]
    shown = from_wgs84(lon, lat, system)
    return pl.DataFrame({"lon": shown[0], "lat": shown[1], "district_code": codes})


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_right_system_places_all_points_in_their_districts(system):
    placed = placement(_points(system), _layer())
    shares = dict(placed.select("coord_system", "share_pct").iter_rows())
    assert shares[system] == 100.0
    assert all(share < 80.0 for other, share in shares.items() if other != system)
    assert disagreement(placed, system) is None
    wrong = WGS84 if system != WGS84 else GCJ02
    assert disagreement(placed, wrong) == system


def test_points_without_place_or_polygon_are_not_counted():
    points = pl.DataFrame(
        {
            "lon": [116.31, None, 116.31, 116.31],
            "lat": [39.81, 39.81, 39.81, 39.81],
            "district_code": ["0-0", "0-0", None, "x"],
        }
    )
    placed = placement(points, _layer())
    assert placed["n"].to_list() == [1, 1, 1]
    assert placed["n_inside"].to_list()[0] == 1
    nothing = placement(points.clear(), _layer())
    assert nothing["share_pct"].null_count() == 3
    assert disagreement(nothing, GCJ02) is None
    assert placement(points, {})["n"].to_list() == [0, 0, 0]


def test_holes_and_parts_of_a_district_and_its_border():
    hole = [[116.305, 39.805], [116.315, 39.805], [116.315, 39.815], [116.305, 39.815], [116.305, 39.805]]
    outer = _square("a", 116.3, 39.8)["geometry"]["coordinates"][0]
    far = _square("a", 117.0, 40.0)["geometry"]["coordinates"][0]
    geometry = {"type": "MultiPolygon", "coordinates": [[outer, hole], [far]]}
    layer = {"features": [{"properties": {"district_code": "a"}, "geometry": geometry}]}
    points = pl.DataFrame(
        {"lon": [116.31, 116.302, 117.01, 116.3], "lat": [39.81, 39.802, 40.01, 39.81], "district_code": ["a"] * 4}
    )
    assert placement(points, layer)["n_inside"].to_list()[0] == 3


@pytest.mark.reference
@pytest.mark.parametrize("city", ["beijing", "shanghai", "shenzhen"])
def test_parts_of_real_districts_tell_the_systems_apart(city):
    """Points drawn inside the real districts are in place as they are, and fewer are after a wrong conversion."""
    path = SHARED / "geo" / f"{city}_districts.geojson"
    if not path.exists():
        pytest.skip("no reference boundaries")
    shapely = pytest.importorskip("shapely")
    layer = json.loads(path.read_text(encoding="utf-8"))
    draw = np.random.default_rng(3)
    frames = []
    for feature in layer["features"]:
        area = shapely.geometry.shape(feature["geometry"])
        west, south, east, north = area.bounds
        lon, lat = draw.uniform(west, east, 400), draw.uniform(south, north, 400)
        kept = shapely.intersects_xy(area, lon, lat)
        code = feature["properties"]["district_code"]
        frames.append(pl.DataFrame({"lon": lon[kept], "lat": lat[kept], "district_code": [code] * int(kept.sum())}))
    shares = placement(pl.concat(frames), layer)["share_pct"].to_list()
    assert shares[0] == 100.0
    assert max(shares[1:]) < 99.5
