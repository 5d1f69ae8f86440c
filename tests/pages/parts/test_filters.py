"""City and district boxes: kept in the address, inside the scope; the click on a map goes through the same box."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from streamlit.testing.v1 import AppTest

from pages.parts.filters import Selection


def boxes(districts: list[str] | None = None, language: str = "en") -> None:
    """A page with the two boxes for a viewer of some districts, and with what they select."""
    import streamlit as st

    from data.access import Role, Scope, Viewer
    from pages.parts import filters
    from pages.parts.session import Visit

    scope = Scope(None if districts is None else frozenset(districts))
    visit = Visit(Viewer("v", Role.OFFICIAL, scope), language, False, None, 1, "home", "origin")  # type: ignore[arg-type]
    selection, _ = filters.place(visit)
    st.text(f"{selection.city_id}/{selection.district_code}")


def clicks(objects: dict[str, list[dict[str, str]]], now: str, box: str = "district") -> None:
    """A map was clicked while the box held `now`."""
    import streamlit as st

    from pages.parts import filters

    st.session_state[box] = now
    st.session_state["map"] = {"selection": {"objects": objects, "indices": {}}}
    layer, field = {"district": ("districts", "district_code"), "city": ("cities", "city_id")}[box]
    filters.on_map_click("map", layer, field, box)
    st.text(st.session_state[box])


def months() -> None:
    """A page with the box of months."""
    from datetime import date

    import streamlit as st

    from data.access import DEMO_VIEWERS
    from pages.parts import filters
    from pages.parts.session import Visit

    visit = Visit(DEMO_VIEWERS["analyst"], "en", False, None, 1, "home", "origin")  # type: ignore[arg-type]
    st.text(filters.month(visit, [date(2026, 8, 1), date(2026, 10, 1), date(2026, 9, 1)]).isoformat())


def shown(function, query: dict[str, str] | None = None, **arguments: object) -> AppTest:
    at = AppTest.from_function(function, default_timeout=20, kwargs=arguments)
    at.query_params = query or {}
    at.run()
    assert not at.exception
    return at


def test_everyone_begins_with_the_first_city_and_all_its_districts():
    at = shown(boxes)
    assert at.text[0].value == "beijing/None"
    assert at.selectbox(key="city").options == ["Beijing", "Shanghai", "Shenzhen", "Ruhr", "Pittsburgh"]
    assert at.selectbox(key="district").options[0] == "All districts"
    assert len(at.selectbox(key="district").options) == 17


def test_a_link_opens_city_and_district():
    at = shown(boxes, {"city": "shanghai", "district": "310101"})
    assert at.text[0].value == "shanghai/310101"
    assert at.query_params == {"city": "shanghai", "district": "310101"}


def test_a_district_of_another_city_is_dropped():
    at = shown(boxes, {"city": "shanghai", "district": "110105"})
    assert at.text[0].value == "shanghai/None"
    assert at.query_params == {"city": "shanghai"}


def test_one_district_in_scope_is_the_only_choice():
    at = shown(boxes, {"city": "shanghai", "district": "310101"}, districts=["110105"])
    assert at.text[0].value == "beijing/110105"
    assert at.selectbox(key="city").options == ["Beijing"]
    assert at.selectbox(key="district").options == ["Chaoyang"]
    assert at.query_params == {}


def test_several_districts_in_scope_come_with_all_of_them():
    at = shown(boxes, districts=["110105", "110106"])
    assert at.text[0].value == "beijing/None"
    assert at.selectbox(key="district").options == ["All districts", "Chaoyang", "Fengtai"]
    at.selectbox(key="district").select("110106").run()
    assert at.text[0].value == "beijing/110106"
    assert at.query_params == {"district": "110106"}


def test_a_scope_in_two_cities_offers_both():
    at = shown(boxes, districts=["110105", "310101"])
    assert at.selectbox(key="city").options == ["Beijing", "Shanghai"]
    assert at.selectbox(key="district").options == ["All districts", "Chaoyang"]
    at.selectbox(key="city").select("shanghai").run()
    assert at.selectbox(key="district").options[1:] == ["Huangpu"]
    assert at.text[0].value == "shanghai/None"


@pytest.mark.parametrize(
    ("objects", "now", "then"),
    [
        ({"districts": [{"district_code": "110105"}]}, "all", "110105"),
        ({"districts": [{"properties": {"district_code": "110105"}}]}, "110106", "110105"),
        ({"districts": [{"district_code": "110105"}]}, "110105", "all"),
        ({}, "110105", "all"),
        ({"hexagons": [{"n": "7"}]}, "110105", "110105"),
    ],
)
def test_a_click_on_a_district_chooses_it_and_a_second_one_clears_it(objects, now, then):
    assert shown(clicks, objects=objects, now=now).text[0].value == then


def test_a_click_beside_a_city_keeps_the_city():
    assert shown(clicks, objects={"cities": [{"city_id": "ruhr"}]}, now="beijing", box="city").text[0].value == "ruhr"
    assert shown(clicks, objects={"cities": [{"city_id": "ruhr"}]}, now="ruhr", box="city").text[0].value == "ruhr"
    assert shown(clicks, objects={}, now="ruhr", box="city").text[0].value == "ruhr"


def test_months_newest_first():
    at = shown(months)
    assert at.selectbox(key="month").options == ["Oct 2026", "Sep 2026", "Aug 2026"]
    assert at.text[0].value == date(2026, 10, 1).isoformat()
    assert shown(months, {"month": "2026-08"}).text[0].value == "2026-08-01"
    assert shown(months, {"month": "nonsense"}).text[0].value == "2026-10-01"


def test_a_selection_keeps_the_rows_of_its_place():
    rows = pl.LazyFrame(
        {
            "city_id": ["beijing", "beijing", "shanghai", "beijing"],
            "district_code": ["a", "b", "a", None],
            "n": range(4),
        }
    )
    assert Selection("beijing").of(rows).collect()["n"].to_list() == [0, 1, 3]
    assert Selection("beijing", "a").of(rows).collect()["n"].to_list() == [0]
