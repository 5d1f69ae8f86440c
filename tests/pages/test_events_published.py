"""The view of published totals: every digit, qualifier, unit, source and note, beside the counts and never inside."""

from __future__ import annotations

import json

import polars as pl
import pytest

from data import registry
from pages.parts.events.programmes import QUALIFIERS, ROWS, as_stated

pytestmark = pytest.mark.usefixtures("demo")


def feet(at):
    return [caption.value.replace("\xa0", " ") for caption in at.caption]


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        (115_000_000.0, "1.15亿", "115M"),
        (3_000_000.0, "300万", "3M"),
        (200_000.0, "200,000", "200,000"),
        (1038.0, "1,038", "1,038"),
        (422_770_000_000.0, "4,227.7亿", "422.77bn"),
        (99_999_999.0, "9,999.9999万", "99.999999M"),
        (0.0, "0", "0"),
    ],
)
def test_a_published_value_keeps_its_digits(value, zh, en):
    assert (as_stated(value, "zh"), as_stated(value, "en")) == (zh, en)


def test_published_totals_keep_their_qualifier_unit_and_source(look, screen):
    at = look("events", lang="en", look="published")
    table = screen(at).table("What", "Published", "As of", "Published by")
    facts = registry.events_published().filter(pl.col("city_id") == "beijing")
    assert table.height <= facts.height
    assert any(value.startswith(QUALIFIERS["at_least"]) for value in table["Published"])
    assert "≥ 30 members" in table["Published"].to_list()
    assert table["Source"].null_count() == 0
    assert table["Link"].drop_nulls().str.starts_with("http").all()
    assert "Description" not in table.columns  # they are Chinese
    assert {"105 organisations", "86 organisations"} <= set(
        table.filter(pl.col("What").str.contains("Members of"))["Published"]
    )
    foot = next(foot for foot in feet(at) if "sub-series overlap" in foot)
    assert f"n = {table.height}" in foot
    assert "Beijing" in foot
    assert "2017 – 2023" in foot


def test_the_words_of_the_source_stand_in_chinese(look, screen):
    table = screen(look("events", look="published")).table("内容", "公布数", "时点")
    assert "1年后会员数" in table["说明"].to_list()
    assert table.filter(pl.col("说明") == "1年后会员数").select("内容", "公布数", "时点").row(0) == (
        "协会会员", "105家", "2023-01-10",
    )  # fmt: skip


def test_short_tables_stand_in_sight_as_a_whole(look):
    at = look("events", lang="en", look="published")
    assert all(len(frame.value) <= ROWS for frame in at.dataframe)
    assert all(frame.proto.row_height == 0 for frame in at.dataframe)


def test_only_filters_that_change_the_view_are_shown(look):
    kept = {
        "overview": {"city", "district", "month", "programme", "mode"},
        "reach": {"city", "district", "month", "programme", "mode"},
        "funnel": {"city", "district", "programme", "mode", "of_year"},
        "published": {"city", "district"},
        "activity": {"city", "programme", "mode"},
        "list": {"city", "district", "programme", "mode"},
    }
    titles = set()
    for view, boxes in kept.items():
        at = look("events", lang="en", look=view)
        assert {box.key for box in at.selectbox} - {"as"} == boxes, view
        titles.add(at.title[0].value)
    assert len(titles) == len(kept)


def test_a_district_narrows_what_is_published(look, screen):
    at = look("events", lang="en", look="published", district="110101")
    table = screen(at).table("What", "Published", "Published by")
    assert set(table["District"]) == {"Dongcheng"}
    at = look("events", lang="en", look="published", district="110109")
    assert any("No total is published for Mentougou alone" in foot for foot in feet(at))


def test_published_stands_beside_counted_and_never_inside(look, screen, stored):
    at = look("events", lang="en", look="published")
    table = screen(at).table("What", "Published", "Counted here (synthetic)", "Months on record")
    assert table.columns[:3] == ["What", "Published", "Counted here (synthetic)"]
    rows = {row["What"]: row for row in table.to_dicts()}
    counted = {name: row["Counted here (synthetic)"] for name, row in rows.items()}
    assert (rows["Wenkehui sessions"]["Published"], counted["Wenkehui sessions"]) == ("5 events", 5)
    assert (rows["Wenkehui: people online"]["Published"], counted["Wenkehui: people online"]) == ("1,038 persons", 1038)
    assert counted["Wenkehui: people on site"] == 277
    assert counted["Wenkehui: enterprises"] == 157
    assert counted["Wenkehui: projects published"] == 64
    assert rows["Wenkehui: cooperations"]["Published"] == "≥ 37 deals"
    assert rows["Themed events (Beijing Cultural Park SHOW)"]["Published"] == "≥ 120 events"
    assert rows["Articles"]["Published"] == "≥ 200 articles"
    items = stored().publications().filter(city_id="beijing", kind="article").filter(pl.col("period").dt.year() == 2022)
    reported = items.select(pl.col("n").sum(), months=pl.col("period").n_unique()).collect().row(0, named=True)
    assert counted["Articles"] == (reported["n"] if reported["months"] == 12 else None)
    assert rows["Wenkehui sessions"]["Months on record"] == "12/12"
    assert rows["Articles"]["Months on record"] == f"{reported['months']}/12"
    assert any("left: published, right: computed from synthetic records" in foot for foot in feet(at))


@pytest.mark.parametrize("city", ["beijing", "shanghai", "shenzhen"])
def test_totals_of_the_three_cities_together_stand_apart(look, screen, city):
    at = look("events", lang="en", look="published", city=city)
    tables = [table for table in screen(at).tables() if "Published by" in table.columns]
    together = tables[-1]
    assert together["Published by"].str.starts_with("C3").all()
    assert {"≥ 20 events", "≈ 100 deals"} <= set(together["Published"])
    assert not any(table["Published by"].str.starts_with("C3").any() for table in tables[:-1])
    assert any("overlap with what each city publishes itself" in foot for foot in feet(at))


def test_without_records_only_published_totals_are_shown(empty, look, screen):
    at = look("events", lang="en")
    assert not at.exception
    assert screen(at).figures() == {}
    assert screen(at).table("What", "Published")["Published"].is_in(["≥ 120 events"]).any()
    assert {group.key for group in at.get("button_group")} == {"lang"}


def test_chaoyang_has_ten_thousand_events_and_63_of_84_parks(look, screen):
    at = look("events", lang="en", look="published")
    figures = screen(at).figures()
    assert figures["Cultural events a year, Chaoyang"] == "≥ 10,000"
    assert figures["Parks with public cultural space, Chaoyang"] == "63 / 84"
    assert any("75 %" in foot and "2019" in foot and "published" in foot for foot in feet(at))
    assert (
        "Cultural events a year, Chaoyang"
        not in screen(look("events", lang="en", look="published", district="110108")).figures()
    )


def test_shenzhen_has_its_venues_by_year_and_by_district_of_every_year(look, screen):
    at = look("events", lang="en", city="shenzhen", look="published")
    years = screen(at).table("Year", "Published")
    assert years.columns[-1] == "Address of the source"
    assert dict(years.select("Year", "Published").iter_rows()) == {
        "2004": "1", "2015": "61", "2016": "66", "2017": "68", "2023": "64",
    }  # fmt: skip
    districts = screen(at).table("District", "2014", "2016", "2017")
    assert districts["2017"].sum() == 68
    assert districts.height == 10
    rows = {row["District"]: row for row in districts.to_dicts()}
    assert rows["Longhua"]["2014"] == 6
    assert rows["Bao'an"]["2016"] == 10
    assert rows["Dapeng New District"] == {"District": "Dapeng New District", "2014": None, "2016": None, "2017": 2}
    assert any("never one series" in foot for foot in feet(at))


def test_the_ruhr_has_visits_and_venues_without_any_record(look, screen):
    at = look("events", lang="en", city="ruhr")
    assert not at.exception
    tables = [table for table in screen(at).tables() if set(table.columns) >= {"Year", "Published"}]
    visits, venues = (dict(table.select("Year", "Published").iter_rows()) for table in tables[:2])
    assert (visits["2011"], visits["2024"], visits["2019"]) == ("≥ 200,000", "≈ 150,000", "≈ 300,000")
    assert visits["2023"] == "≈ 200,000 (derived)"
    assert venues == {"2019": "50", "2022": "43", "2023": "43", "2024": "33"}
    bars = json.loads(at.get("plotly_chart")[0].proto.spec)["data"][0]
    assert "≈ 200,000 (derived)" in bars["text"]
    rows = screen(at).table("What", "Published", "As of")
    assert "≥ 115M visits" in rows["Published"].to_list()
    assert "≈ 200,000 visits (derived)" in rows["Published"].to_list()
