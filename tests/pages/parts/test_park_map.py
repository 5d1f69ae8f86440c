"""The circles and points of the map of parks as plain functions."""

from __future__ import annotations

import json
import math
from datetime import date

import polars as pl

from pages.parts.filters import Selection
from pages.parts.parks import park_map
from pages.parts.parks.park_choices import UNKNOWN, Wanted
from pages.parts.parks.park_coverage import by_name, parts

PLACES = pl.DataFrame(
    {
        "district_code": ["1", "2", "3", "4"],
        "label": ["a", "b", "c", "d"],
        "lon": [1.0, 2.0, 3.0, None],
        "lat": [1.0, 2.0, 3.0, None],
        "n": [16, 4, 0, 3],
        "text": ["a: 16", "b: 4", "c: 0", "d: 3"],
    }
)


def rows(layer) -> list[dict]:
    return json.loads(str(layer.data))


def test_the_area_of_a_circle_grows_with_the_parks_and_none_has_no_circle():
    drawn = {row["district_code"]: row["size"] for row in rows(park_map.circles(PLACES, bare=False))}
    assert set(drawn) == {"1", "2"}
    reach = park_map.MOST_PX - park_map.LEAST_PX
    assert drawn["1"] == park_map.MOST_PX
    assert drawn["2"] == round(park_map.LEAST_PX + reach * math.sqrt(4 / 16), 1)


def test_without_areas_the_circles_are_the_districts_to_click():
    assert park_map.circles(PLACES, bare=True).id == "districts"
    assert park_map.circles(PLACES, bare=True).pickable
    assert not park_map.circles(PLACES, bare=False).pickable
    assert rows(park_map.circles(PLACES.clear(), bare=True)) == []


def test_there_is_no_layer_of_points_without_a_place():
    sites = pl.DataFrame({"park_id": ["P"], "lon": [1.0], "lat": [2.0], "text": ["name"]})
    assert park_map.points(sites.clear()) == []
    assert [row["park_id"] for row in rows(park_map.points(sites)[0])] == ["P"]


REGISTER = pl.DataFrame(
    {
        "park_id": ["A", "B", "C", "D"],
        "district_code": ["1", "1", "2", None],
        "grade": ["市级文化创意产业园区", "市级文化创意产业园区", "市级文化创意产业园区", None],
        "conversion_mode": [None, "new_build", "new_build", "other"],
        "former_use": ["Mill", None, "mill (cotton)", "depot"],
        "list_year": [2015, 2019, None, None],
        "retired_on": [None, None, None, date(2026, 1, 1)],
    }
)


def found(**wanted: object) -> list[str]:
    return Wanted(**wanted).of(REGISTER)["park_id"].to_list()  # type: ignore[arg-type]


def test_each_choice_narrows_and_retired_parks_are_left_out_unless_asked_for():
    assert found() == ["A", "B", "C"]
    assert found(retired=True) == ["A", "B", "C", "D"]
    assert found(words=" MILL ") == ["A", "C"]
    assert found(conversion="new_build", words="mill") == ["C"]
    assert found(conversion=UNKNOWN) == ["A"]
    assert found(grade=UNKNOWN, retired=True) == ["D"]


def test_only_parks_listed_up_to_the_year_of_the_total_are_compared_with_it():
    fact = {"metric": "municipal_parks", "district": None, "district_code": None, "year": 2018, "as_of": None}
    shanghai = Selection("shanghai")
    assert by_name(REGISTER, shanghai, fact) == 2
    assert by_name(REGISTER, shanghai, fact | {"year": None}) == 3
    assert by_name(REGISTER, shanghai, fact | {"district": "x", "district_code": "1"}) == 1
    assert by_name(REGISTER, shanghai, fact | {"district": "x/y"}) is None
    assert by_name(REGISTER, shanghai, fact | {"metric": "parks_total"}) is None
    assert by_name(REGISTER, Selection("ruhr"), fact) is None


def test_parts_are_told_only_where_they_add_up():
    told = pl.DataFrame(
        {
            "metric": ["municipal_parks_demonstration", "municipal_parks_regular"],
            "year": [2020, 2020],
            "district": [None, None],
            "value": [10.0, 78.0],
        },
        schema_overrides={"district": pl.String},
    )
    whole = {"metric": "municipal_parks", "district": None, "year": 2020, "value": 88.0}
    assert parts(told, whole) == "10 + 78"
    assert parts(told, whole | {"value": 98.0}) == ""
    assert parts(told, whole | {"year": 2019}) == ""


def test_labels_have_the_number_of_parks_where_there_are_any():
    assert park_map.numbered(PLACES)["label"].to_list() == ["a 16", "b 4", "c", "d 3"]
    assert [row["district_code"] for row in park_map.sized(PLACES)] == ["1", "2"]
