"""Counts over time on the first view: by programme, district and mode, how far they moved, the leading parks."""

from __future__ import annotations

import json
from datetime import date

import polars as pl
import pytest

from data import registry

pytestmark = pytest.mark.usefixtures("demo")
TODAY = date(2026, 11, 22)
YEAR = (pl.date(2025, 11, 1), pl.date(2026, 10, 31))


@pytest.fixture
def events(demo, stored):
    return stored().events().filter(pl.col("city_id") == "beijing", pl.col("date") <= TODAY).collect()


def feet(at):
    return [caption.value for caption in at.caption]


@pytest.mark.parametrize(
    ("split", "column", "heading"),
    [("programme", "programme_id", "Programme"), ("district", "district_code", "District"), ("mode", "mode", "Mode")],
)
def test_the_columns_can_be_split_by_programme_district_and_mode(look, screen, events, split, column, heading):
    table = screen(look("events", lang="en", split=split)).table("Month", heading, "Events", "Months on record")
    assert table["Events"].sum() == events.height
    assert table[heading].null_count() == 0
    held = events.group_by(column).len().sort("len", descending=True)
    counted = table.group_by(heading).agg(pl.col("Events").sum()).sort("Events", descending=True)
    assert counted["Events"].to_list() == held["len"].to_list()


def test_events_without_a_district_are_a_series_of_their_own(look, screen, events):
    table = screen(look("events", lang="en", split="district")).table("Month", "District", "Events")
    told = table.filter(pl.col("District") == "District not stated")["Events"].sum()
    assert told == events["district_code"].null_count()


@pytest.mark.parametrize("every", ["month", "quarter", "year"])
def test_the_first_and_the_last_column_are_whole(look, every):
    at = look("events", lang="en", every=every)
    figure = json.loads(at.get("plotly_chart")[0].proto.spec)
    first, last = (date.fromisoformat(str(end)[:10]) for end in figure["layout"]["xaxis"]["range"])
    days = {"month": 14, "quarter": 45, "year": 182}[every]
    assert (date(2022, 1, 1) - first).days >= days
    newest = {"month": date(2026, 10, 1), "quarter": date(2026, 10, 1), "year": date(2026, 1, 1)}[every]
    assert (last - newest).days >= days
    notes = [note["text"] for note in figure["layout"].get("annotations", [])]
    assert notes == {"month": [], "quarter": ["1 mo."], "year": ["10 mo."]}[every]


def test_the_line_of_changes_is_that_of_the_months(look, screen, events):
    table = screen(look("events", lang="en")).table("Month", "12-month total", "On the year %", "Year to date %")
    last = table.filter(pl.col("Month") == "2026-10").row(0, named=True)
    assert last["12-month total"] == events.filter(pl.col("date").is_between(*YEAR)).height
    months = events.group_by(pl.col("date").dt.strftime("%Y-%m").alias("month")).len()
    n = dict(months.iter_rows())
    assert last["On the year %"] == pytest.approx(100 * (n["2026-10"] / n["2025-10"] - 1), abs=0.051)
    assert last["On the month %"] == pytest.approx(100 * (n["2026-10"] / n["2026-09"] - 1), abs=0.051)
    assert table["12-month total"].null_count() == 11


@pytest.mark.parametrize("moved", ["change_month_pct", "change_year_pct", "change_to_date_pct"])
def test_each_change_can_be_drawn(look, moved):
    at = look("events", lang="en", moved=moved)
    assert not at.exception
    headings = [heading.value for heading in at.subheader]
    assert any("Oct 2026: " in heading and heading.endswith("%") for heading in headings)
    assert any(foot.startswith("% · ") and "above zero" in foot for foot in feet(at))


def test_a_change_before_the_records_begin_is_said_not_to_be_known(look):
    at = look("events", lang="en", moved="change_year_pct", month="2022-05")
    assert any("May 2022: the records are too short" in heading.value for heading in at.subheader)


def test_parks_are_ranked_with_their_share_and_the_table_holds_all(look, screen, events):
    rows = events.filter(pl.col("date").is_between(*YEAR))
    held = rows.drop_nulls("park_id").group_by("park_id").len().sort("len", descending=True)
    at = look("events", lang="en")
    table = screen(at).table("Park", "Events", "Share %")
    assert table["Events"].to_list() == held["len"].to_list()
    assert table["Share %"][0] == pytest.approx(100 * held["len"][0] / rows.height, abs=0.051)
    assert any(f"{rows['park_id'].null_count()} of them name no park" in foot for foot in feet(at))
    assert any(f"of {held.height} parks with events" in heading.value for heading in at.subheader)


def test_parks_follow_the_filters_and_the_rights(look, screen, events, stored):
    rows = events.filter(pl.col("date").is_between(*YEAR), pl.col("district_code") == "110105")
    held = rows.drop_nulls("park_id")["park_id"].n_unique()
    for query in ({"district": "110105"}, {"as": "official"}):
        assert screen(look("events", lang="en", **query)).table("Park", "Events", "Share %").height == held


def test_an_empty_selection_has_no_busiest_day_and_no_lone_heading(look):
    at = look("events", lang="en", city="shanghai", programme="wenkehui")
    assert not any("most events on" in heading.value for heading in at.subheader)
    assert not at.get("plotly_chart")
    assert not at.get("deck_gl_json_chart")


def test_a_year_without_events_has_no_calendar(look, events):
    held = events.group_by("programme_id", pl.col("date").dt.year().alias("year")).len()
    codes = registry.programmes()["programme_id"]
    had = set(held.select("programme_id", "year").iter_rows())
    known = {code for code, _ in had}
    code, year = next((code, year) for code in codes for year in range(2022, 2027)
                      if code in known and (code, year) not in had)  # fmt: skip
    at = look("events", lang="en", programme=code, month=f"{year}-06")
    assert any(f"No event of {year} fits the filters" in foot for foot in feet(at))
