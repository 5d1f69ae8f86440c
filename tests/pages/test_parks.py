"""The park register on screen: real and sample parks told apart, searched, filtered, mapped, its gaps stated."""

from __future__ import annotations

import polars as pl
import pytest

from data import registry
from pages.parts.text import TEXTS

pytestmark = pytest.mark.usefixtures("demo")


@pytest.fixture
def parks(demo, stored):
    return stored().parks().filter(pl.col("city_id") == "beijing").collect()


def test_sample_parks_are_not_counted_as_parks_on_record(look, screen, parks):
    at = look("parks", lang="en")
    recorded = registry.parks().filter(pl.col("city_id") == "beijing").height
    samples = parks.height - recorded
    assert samples
    assert f"Beijing · {recorded} parks on record · and {samples} synthetic sample parks" in at.caption[0].value
    table = screen(at).table("Park", "Source")
    assert table.height == parks.height
    assert table.filter(pl.col("Source") == "synthetic").height == samples
    assert table["Source"].null_count() == 0


def test_the_map_counts_the_recorded_parks(look, screen):
    known = registry.parks().filter(pl.col("city_id") == "beijing").drop_nulls("district_code")
    districts = screen(look("parks", lang="en")).districts()
    for code, n in known.group_by("district_code").len().iter_rows():
        assert f": {n} parks" in districts[code][0]


def test_what_a_park_is_stands_first_in_the_table(look, screen):
    table = screen(look("parks", lang="en")).table("Park", "Source")
    assert table.columns[:6] == ["Park", "District", "Grade", "Former use", "Conversion mode", "Opened"]


def test_every_number_of_the_map_is_in_its_card(look):
    known = registry.parks().filter(pl.col("city_id") == "beijing").drop_nulls("district_code")
    names = dict(registry.districts().select("district_code", "name_en").iter_rows())
    [told] = [c.value for c in look("parks", lang="en").caption if c.value.startswith("Parks on record: ")]
    for code, n in known.group_by("district_code").len().iter_rows():
        assert f"{names[code]} {n}" in told


def test_a_search_finds_names_former_uses_and_nothing_else(look, screen):
    at = look("parks", lang="zh")
    before = screen(at).table("园区", "来源").height
    at.text_input(key="park_search").input("751").run()
    assert not at.exception
    table = screen(at).table("园区", "来源")
    assert 1 <= table.height < before
    assert table["园区"].str.contains("751").any()
    at.text_input(key="park_search").input("没有这样的园区").run()
    assert not at.exception
    assert screen(at).table("园区", "来源").height == 0


def test_a_search_is_no_pattern(look, screen):
    at = look("parks", lang="zh")
    at.text_input(key="park_search").input(".*(").run()
    assert not at.exception
    assert screen(at).table("园区", "来源").height == 0


def test_a_district_lists_its_parks_only(look, screen, parks):
    table = screen(look("parks", lang="zh", district="110101")).table("园区", "区")
    assert table.height == parks.filter(pl.col("district_code") == "110101").height
    assert set(table["区"]) == {"东城区"}


def layers(deck) -> dict[str, list[dict]]:
    """The rows of the point layers of a map by layer."""
    return {layer["id"]: layer["data"] for layer in deck["layers"] if layer["@@type"] == "ScatterplotLayer"}


def test_a_position_known_by_district_is_a_circle_and_never_a_point(look, screen):
    known = registry.parks().filter(pl.col("city_id") == "beijing").drop_nulls("district_code")
    drawn = layers(screen(look("parks", lang="en")).decks()[0])
    assert set(drawn) == {"circles"}
    counts = dict(known.group_by("district_code").len().iter_rows())
    assert {row["district_code"]: row["n"] for row in drawn["circles"]} == counts


def test_parks_with_their_own_place_are_points_too(look, screen):
    ruhr = registry.parks().filter(pl.col("city_id") == "ruhr")
    sites = ruhr.filter(pl.col("coord_precision") == "site")
    drawn = layers(screen(look("parks", city="ruhr", lang="en")).decks()[0])
    assert {row["park_id"] for row in drawn["sites"]} == set(sites["park_id"])
    circles = drawn.get("circles", drawn.get("districts"))
    assert sum(row["n"] for row in circles) == ruhr["district_code"].count()


def test_grade_and_conversion_narrow_the_table_the_map_and_the_address(look, screen):
    real = registry.parks().filter(pl.col("city_id") == "beijing")
    grade = "市级文化产业示范园区"
    at = look("parks", lang="en", grade=grade)
    assert not at.exception
    shown = screen(at)
    assert shown.table("Park", "Source").height == 10
    assert set(shown.table("Park", "Source")["Grade"]) == {"municipal demonstration park"}
    circles = layers(shown.decks()[0])["circles"]
    assert sum(row["n"] for row in circles) == real.filter(pl.col("grade") == grade)["district_code"].count()
    at.selectbox(key="conversion").select("artist_led_gov_managed(798模式)").run()
    assert screen(at).table("Park", "Source")["Park"].to_list() == ["798 Art Zone"]
    assert at.query_params["conversion"] == "artist_led_gov_managed(798模式)"


def test_parks_of_unknown_grade_can_be_found(look, screen, parks):
    at = look("parks", lang="en", grade="unknown")
    assert screen(at).table("Park", "Source").height == parks["grade"].null_count()


def test_the_register_says_how_far_it_reaches_the_published_totals(look, screen):
    at = look("parks", lang="en")
    real = registry.parks().filter(pl.col("city_id") == "beijing")
    municipal = {
        "市级文化产业示范园区", "市级文化产业示范园区(提名)", "市级文化产业园区", "首批市级文化创意产业园区(2018认定)",
    }  # fmt: skip
    known = real.filter(pl.col("grade").is_in(municipal)).height
    heading = f"Of 98 municipal parks published for 2020 (10 + 10 + 78), {known} are on record by name; "
    assert any(head.value.startswith(heading) for head in at.subheader)
    table = screen(at).table("Published total", "On record by name")
    parts = table.filter(pl.col("Published total").str.starts_with("of these"))
    assert parts["Published (parks)"].to_list() == ["10", "10", "78"]
    assert parts["On record by name"].to_list() == [10, 0, 3]
    first = real.filter(pl.col("grade") == "首批市级文化创意产业园区(2018认定)").height
    assert first == known - 13
    note = f"of the {known} on record by name {first} are of the first list of 2018"
    assert any(note in caption.value and "(10 + 0 + 3)" in caption.value for caption in at.caption)
    whole = table.filter(pl.col("Published total") == "municipal cultural parks")
    part_of_city = whole.filter(pl.col("Place").str.contains("/"))
    assert part_of_city["Published (parks)"].to_list() == ["74"]
    assert part_of_city["On record by name"].null_count() == 1


@pytest.mark.parametrize(("city", "year", "total"), [("shanghai", "2018", "137"), ("shenzhen", "2019", "61")])
def test_the_other_cities_have_their_own_totals(look, city, year, total):
    heading = f"Of {total} municipal parks published for {year}, "
    assert any(head.value.startswith(heading) for head in look("parks", city=city, lang="en").subheader)


def test_a_district_has_its_own_total_with_its_qualifier(look, screen):
    at = look("parks", district="110105", lang="en")
    assert any(head.value.startswith("Of 32 municipal parks published for 2020, ") for head in at.subheader)
    table = screen(at).table("Published total", "On record by name")
    zone = table["Place"] == "Chaoyang · 国家文化产业创新实验区"
    assert set(table.filter(~zone)["Place"]) == {"Chaoyang"}
    assert table.filter(zone)["On record by name"].null_count() == zone.sum() > 0
    assert "≥ 50" in table["Published (parks)"].to_list()


def test_where_no_total_was_published_none_is_made_up(look):
    at = look("parks", city="pittsburgh", lang="en")
    assert TEXTS.sentence("parks.no_totals", "en") in [caption.value for caption in at.caption]
