"""Hexagons: geometry, counts, refused places."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from pyproj import Transformer

from indicators.clustering.hexagons import HEXAGONS, NEIGHBOURS, cells, centres, corners, hexagons
from indicators.frames import POINTS, ContractError, require, typed

GOLDEN = Path(__file__).parents[2] / "golden" / "hexagons"
CITIES = {  # EPSG, lon, lat of a central place
    "beijing": (32650, 116.40, 39.90),
    "shanghai": (32651, 121.47, 31.23),
    "shenzhen": (4547, 114.06, 22.54),
    "ruhr": (25832, 7.01, 51.46),
    "pittsburgh": (26917, -80.00, 40.44),
}

small = settings(max_examples=30, deadline=None)
metres = st.floats(300_000, 700_000, allow_nan=False)
northings = st.floats(2_000_000, 5_700_000, allow_nan=False)
places = st.lists(st.tuples(metres, northings), min_size=1, max_size=30)
sides = st.sampled_from([100.0, 333.3, 500.0, 2_000.0])


def points_of(rows: list[tuple]) -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema={"lon": pl.Float64, "lat": pl.Float64}, orient="row")
    return frame.with_columns(pl.int_range(pl.len()).cast(pl.String).alias("enterprise_id"))


def around(city: str, n: int, seed: int = 7) -> pl.DataFrame:
    """Places within about ten kilometres of the centre, a third of them at a shared address."""
    _, lon, lat = CITIES[city]
    shift = np.random.default_rng(seed).uniform(-0.1, 0.1, size=(n, 2))
    shift[: n // 3] = shift[0]
    return points_of([(lon + a, lat + b) for a, b in shift])


@small
@given(places, sides)
def test_every_place_lies_in_exactly_one_hexagon(rows, side):
    x, y = np.array(rows).T
    q, r = cells(x, y, side)
    own_x, own_y = centres(q, r, side)
    own = np.hypot(x - own_x, y - own_y)
    assert (own <= side * (1 + 1e-9)).all()
    for dq, dr in NEIGHBOURS:
        there_x, there_y = centres(q + dq, r + dr, side)
        assert (own <= np.hypot(x - there_x, y - there_y) + 1e-6).all()


@small
@given(st.integers(-3_000, 3_000), st.integers(-3_000, 9_000), sides)
def test_neighbours_lie_root_three_sides_apart_and_centres_come_back(q, r, side):
    steps = np.array([(0, 0), *NEIGHBOURS])
    x, y = centres(q + steps[:, 0], r + steps[:, 1], side)
    assert np.hypot(x[1:] - x[0], y[1:] - y[0]) == pytest.approx(math.sqrt(3) * side, rel=1e-9)
    assert len(set(NEIGHBOURS)) == 6
    assert {(-dq, -dr) for dq, dr in NEIGHBOURS} == set(NEIGHBOURS)
    if np.abs(x).max() > 180:
        back_q, back_r = cells(x, y, side)
        assert (back_q - q).tolist() == steps[:, 0].tolist()
        assert (back_r - r).tolist() == steps[:, 1].tolist()


@pytest.mark.parametrize("city", CITIES)
def test_all_hexagons_have_the_same_area_in_metres(city):
    epsg = CITIES[city][0]
    result = hexagons(around(city, 200), epsg)
    ring = np.array(result["ring"].to_list())
    assert ring.shape == (result.height, 7, 2)
    assert (ring[:, 0] == ring[:, 6]).all()
    x, y = Transformer.from_crs(4326, epsg, always_xy=True).transform(ring[..., 0], ring[..., 1])
    x, y = x - x[:, :1], y - y[:, :1]
    area = (x[:, :-1] * y[:, 1:] - x[:, 1:] * y[:, :-1]).sum(axis=1) / 2
    assert area == pytest.approx(1.5 * math.sqrt(3) * 500.0**2, rel=1e-9)


@pytest.mark.parametrize("city", CITIES)
def test_counts_add_up_and_row_order_changes_nothing(city):
    frame = around(city, 300)
    result = hexagons(frame, CITIES[city][0], 700.0)
    assert result["n"].sum() == 300
    assert result["n_sites"].sum() == frame.select("lon", "lat").n_unique() == 201
    assert_frame_equal(hexagons(frame.sample(fraction=1, shuffle=True, seed=3), CITIES[city][0], 700.0), result)
    require(result, HEXAGONS)


def test_adjoining_hexagons_share_a_corner():
    x, y = corners(np.array([0, 1]), np.array([0, 0]), 500.0)
    first, second = ({(round(a, 6), round(b, 6)) for a, b in zip(x[i], y[i], strict=True)} for i in (0, 1))
    assert len(first) == len(second) == 6
    assert len(first & second) == 2


def test_six_places_by_hand():
    points = typed(pl.read_csv(GOLDEN / "hand_input.csv", infer_schema=False), POINTS)
    result = hexagons(points, 32650, 500.0)
    expected = pl.read_csv(GOLDEN / "hand_expected.csv")
    assert_frame_equal(result.drop("ring"), expected, check_dtypes=False, abs_tol=1e-6, rel_tol=0)


def test_no_points_give_no_hexagons_of_the_right_dtypes():
    empty = hexagons(points_of([]), 32650)
    assert empty.is_empty()
    assert empty.schema == hexagons(around("beijing", 3), 32650).schema
    assert dict(empty.schema) == {**HEXAGONS.schema, "ring": pl.List(pl.List(pl.Float64))}
    with pytest.raises(ContractError, match="side_m 0"):
        hexagons(points_of([]), 32650, 0.0)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([(None, 39.9), (116.4, None), (116.4, 39.9)], "2 of 3 points have no coordinates, first in row 1"),
        ([(116.4, 39.9), (0.0, 0.0)], r"1 of 2 points lie at \(0, 0\).*first in row 2"),
        ([(39.9, 116.4), (116.4, 39.9)], "1 of 2 points lie outside longitude"),
        ([(448_000.0, 4_417_000.0)], "1 of 1 points lie outside longitude"),
        ([(7.0, 51.5), (116.4, 39.9), (7.1, 51.5)], "2 of 3 points lie far outside the area of WGS 84 / UTM zone 50N"),
        ([(float("nan"), 39.9)], "column lon, row 1"),
    ],
)
def test_places_that_are_none_are_refused_with_their_number(rows, words):
    with pytest.raises(ContractError, match=words):
        hexagons(points_of(rows), 32650)


@pytest.mark.parametrize(
    ("epsg", "words"), [(4326, "not projected to metres"), (2263, "not projected"), (1, "not known")]
)
def test_only_projected_metres_are_accepted(epsg, words):
    with pytest.raises(ContractError, match=words):
        hexagons(points_of([(116.4, 39.9)]), epsg)


@pytest.mark.parametrize("side", [0.0, -1.0, float("nan"), float("inf")])
def test_a_hexagon_needs_a_side(side):
    with pytest.raises(ContractError, match="side_m"):
        hexagons(points_of([(116.4, 39.9)]), 32650, side)


def test_degrees_and_infinity_are_no_metres():
    with pytest.raises(ContractError, match="all 2 projected places look like degrees"):
        cells(np.array([116.4, 7.0]), np.array([39.9, 51.5]), 500.0)
    with pytest.raises(ContractError, match="could not be projected"):
        cells(np.array([np.inf]), np.array([4_417_000.0]), 500.0)
