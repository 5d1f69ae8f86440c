"""The frame: every hexagon of the city once, every place of the city in it, true zeros."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Transformer

from indicators.clustering.hexagon_frame import cell_counts, hexagon_frame, outlines_of, outside_frame
from indicators.clustering.hexagons import cells, hexagons
from indicators.clustering.metres import PLACES, require_metres, require_positive
from indicators.frames import ContractError

BEIJING = 32650
CITY = shapely.Polygon([(116.2, 39.8), (116.5, 39.8), (116.55, 39.95), (116.3, 40.0), (116.2, 39.8)])
HOLED = shapely.difference(CITY, shapely.box(116.33, 39.86, 116.40, 39.92))


def outline(*shapes) -> pl.DataFrame:
    return pl.DataFrame({"outline_wkt": [shape.wkt for shape in shapes]}, schema={"outline_wkt": pl.String})


def firms(lon, lat, **more) -> pl.DataFrame:
    rows = pl.DataFrame({"lon": np.asarray(lon, float), "lat": np.asarray(lat, float)} | more)
    return rows.with_columns(pl.int_range(pl.len()).cast(pl.String).alias("enterprise_id"))


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([300.0, 500.0, 1500.0]))
def test_every_place_of_the_city_lies_in_the_frame(seed, side_m):
    frame = hexagon_frame(outline(HOLED), BEIJING, side_m)
    rng = np.random.default_rng(seed)
    lon, lat = rng.uniform(116.2, 116.55, 400), rng.uniform(39.8, 40.0, 400)
    inside = shapely.contains_xy(HOLED, lon, lat)
    points = firms(lon[inside], lat[inside])
    assert outside_frame(points, frame, BEIJING, side_m) == 0
    counted = cell_counts(points, frame, BEIJING, side_m)
    assert counted.height == frame.height
    assert counted["n"].sum() == points.height
    held = counted.filter(pl.col("n") > 0).select("q", "r", "n", "n_sites")
    assert held.equals(hexagons(points, BEIJING, side_m).select("q", "r", "n", "n_sites"))


def test_shares_add_up_to_the_city():
    frame = hexagon_frame(outline(HOLED), BEIJING, 500.0)
    to_metres = Transformer.from_crs(4326, BEIJING, always_xy=True)
    area = shapely.transform(shapely.segmentize(HOLED, 0.0005), to_metres.transform, interleaved=False).area
    assert frame["share_inside"].sum() * 1.5 * math.sqrt(3) * 500.0**2 == pytest.approx(area, rel=1e-6)
    assert frame["share_inside"].is_between(0, 1, closed="right").all()
    assert not frame.select("q", "r").is_duplicated().any()


def test_districts_make_the_frame_of_their_city():
    west, east = (
        shapely.intersection(CITY, shapely.box(116, 39, 116.37, 41)),
        shapely.difference(CITY, shapely.box(116, 39, 116.37, 41)),
    )
    whole, parts = hexagon_frame(outline(CITY), BEIJING), hexagon_frame(outline(west, east), BEIJING)
    assert parts.select("q", "r").equals(whole.select("q", "r"))
    assert (parts["share_inside"] - whole["share_inside"]).abs().max() < 1e-3


def test_the_grid_is_that_of_the_hexagons_whatever_the_outline():
    frame = hexagon_frame(outline(CITY), BEIJING)
    to_metres = Transformer.from_crs(4326, BEIJING, always_xy=True)
    q, r = cells(*(np.array([v]) for v in to_metres.transform(116.35, 39.9)), 500.0)
    assert frame.filter((pl.col("q") == q[0]) & (pl.col("r") == r[0]))["share_inside"].to_list() == [1.0]


def test_geojson_is_read():
    features = {"type": "Feature", "properties": {}, "geometry": shapely.geometry.mapping(CITY)}
    found = outlines_of({"type": "FeatureCollection", "features": [features, features]})
    assert found.height == 2
    assert shapely.from_wkt(found["outline_wkt"][0]).equals(CITY)
    assert outlines_of({"type": "FeatureCollection", "features": []}).is_empty()


def test_amounts_are_summed_and_the_unknown_said():
    points = firms([116.4, 116.4, 116.3], [39.9, 39.9, 39.9], amount=[5.0, None, None])
    frame = hexagon_frame(outline(CITY), BEIJING, 2000.0)
    counted = cell_counts(points, frame, BEIJING, 2000.0)
    held = counted.filter(pl.col("n") > 0).sort("n")
    assert held.select("n", "n_sites", "amount", "n_unknown").rows() == [(1, 1, None, 1), (2, 1, 5.0, 1)]
    empty = counted.filter(pl.col("n") == 0)
    assert empty.select(pl.col("amount", "n_unknown").sum()).row(0) == (0.0, 0)
    assert empty["amount"].null_count() == 0


def test_places_outside_are_counted():
    frame = hexagon_frame(outline(CITY), BEIJING)
    points = firms([116.4, 117.9], [39.9, 39.9])
    assert outside_frame(points, frame, BEIJING) == 1
    assert cell_counts(points, frame, BEIJING)["n"].sum() == 1


def test_no_outline_gives_no_cells():
    assert hexagon_frame(outline(), BEIJING).is_empty()


@pytest.mark.parametrize(
    ("text", "side_m", "told"),
    [
        ("POINT (116 39)", 500.0, "row 1: 'POINT"),
        ("nothing", 500.0, "row 1: 'nothing' is no polygon"),
        ("POLYGON EMPTY", 500.0, "is no polygon"),
        ("POLYGON ((39 116, 40 116, 40 117, 39 116))", 500.0, "accepted: degrees, longitude before latitude"),
        (CITY.wkt, 0.0, "side_m 0 is not accepted"),
        (CITY.wkt, 1.0, "take a longer side"),
    ],
)
def test_wrong_outlines_are_refused(text, side_m, told):
    with pytest.raises(ContractError, match=told):
        hexagon_frame(pl.DataFrame({"outline_wkt": [text]}), BEIJING, side_m)


def test_points_that_are_none_are_refused():
    frame = hexagon_frame(outline(CITY), BEIJING)
    with pytest.raises(ContractError, match=r"lie at \(0, 0\)"):
        cell_counts(firms([0.0], [0.0]), frame, BEIJING)
    with pytest.raises(ContractError, match="far outside the area"):
        cell_counts(firms([39.9], [50.0]), frame, BEIJING)


def test_degrees_are_told_from_metres():
    require_metres(np.array([180.1]), np.array([0.0]))
    require_metres(np.array([116.4, 500_000.0]), np.array([39.9, 4e6]))
    require_metres(np.array([3.0]), np.array([4.0]), vouched=True)
    with pytest.raises(ContractError, match="all 2 places look like degrees"):
        require_metres(np.array([116.4, -80.0]), np.array([39.9, 40.4]))
    require_positive(PLACES, eps_m=1e-9)
    with pytest.raises(ContractError, match="eps_m inf"):
        require_positive(PLACES, eps_m=np.inf)
