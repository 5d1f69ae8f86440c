"""The page of events: the first view counts by month, programme, district and day; planned ones stand apart."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from data.access import DEMO_VIEWERS
from data.current_registers import registers
from data.entries import entry

MONTH = pl.date(2026, 10, 1)
TODAY = date(2026, 11, 22)

pytestmark = pytest.mark.usefixtures("demo")


@pytest.fixture
def events(demo, stored):
    rows = stored().events().filter(pl.col("city_id") == "beijing", pl.col("date") <= TODAY).collect()
    return rows.with_columns(period=pl.col("date").dt.truncate("1mo"))


def feet(at):
    return [caption.value for caption in at.caption]


def test_the_title_counts_the_month(look, events):
    n = events.filter(pl.col("period") == MONTH).height
    assert look("events", lang="en").title[0].value == f"{n} events in Oct 2026"
    assert look("events").title[0].value == f"2026年10月举办活动{n}场"


def test_the_figures_compare_month_year_year_to_date_and_twelve_months(look, screen, events):
    def between(first, last):
        return events.filter(pl.col("date").is_between(first, last)).height

    figures = screen(look("events", lang="en")).figures()
    now, before = between(date(2026, 10, 1), date(2026, 10, 31)), between(date(2025, 10, 1), date(2025, 10, 31))
    assert figures["Events in Oct 2026"] == f"{now}"
    change = 100 * (now / before - 1)
    assert figures["On the year before"] == f"{change:+.1f}%".replace("-", "−")
    assert figures["Year to date"] == f"{between(date(2026, 1, 1), date(2026, 10, 31))}"
    assert figures["Moving 12 months"] == f"{between(date(2025, 11, 1), date(2026, 10, 31))}"


def test_the_delta_of_a_count_is_a_whole_number(look, events):
    metric = look("events", lang="en").metric[0]
    change = (
        events.filter(pl.col("period") == MONTH).height - events.filter(pl.col("period") == pl.date(2026, 9, 1)).height
    )
    assert metric.delta == f"{change:+d}".replace("-", "−")


def test_before_the_records_begin_nothing_is_compared(look, screen):
    at = look("events", lang="en", month="2022-05")
    table = screen(at).table("Programme", "Month", "Year to date")
    assert table["Same months last year"].null_count() == table.height
    assert screen(at).figures()["On the year before"] == "—"
    assert screen(at).figures()["Moving 12 months"] == "—"
    assert any("the records begin in Jan 2022" in foot for foot in feet(at))


def test_programmes_of_the_month_the_year_and_the_year_before(look, screen, events):
    table = screen(look("events", lang="en")).table("Programme", "Month", "Year to date")
    year = events.filter(pl.col("date").dt.year() == 2026)
    before = events.filter(pl.col("date").is_between(pl.date(2025, 1, 1), pl.date(2025, 10, 31)))
    assert table["Month"].sum() == events.filter(pl.col("period") == MONTH).height
    assert table["Year to date"].sum() == year.height
    assert table["Same months last year"].sum() == before.height


@pytest.mark.parametrize(
    ("query", "chosen"),
    [
        ({"district": "110105"}, pl.col("district_code") == "110105"),
        ({"programme": "park_show"}, pl.col("programme_id") == "park_show"),
        ({"mode": "online"}, pl.col("mode") == "online"),
        ({"programme": "park_voice", "mode": "hybrid"},
         (pl.col("programme_id") == "park_voice") & (pl.col("mode") == "hybrid")),
    ],
)  # fmt: skip
def test_every_filter_changes_the_count(look, events, query, chosen):
    at = look("events", lang="en", month="2026-03", **query)
    n = events.filter(chosen & (pl.col("period") == pl.date(2026, 3, 1))).height
    assert at.title[0].value == f"{n} events in Mar 2026"


def test_a_programme_without_any_event_has_zero_and_no_chart(look, screen):
    at = look("events", lang="en", city="shanghai", programme="wenkehui")
    assert not at.exception
    assert at.title[0].value == "0 events in Oct 2026"
    assert any("No event of this programme" in info.value for info in at.info)


@pytest.mark.parametrize(("every", "rows"), [("month", 58), ("quarter", 20), ("year", 5)])
def test_months_quarters_and_years_hold_the_same_events(look, screen, events, every, rows):
    at = look("events", lang="en", every=every)
    table = screen(at).table("Programme", "Events", "Months on record")
    assert table["Events"].sum() == events.height
    assert table["Month"].n_unique() == rows
    assert any("2026: 10 months on record" in foot for foot in feet(at)) == (every == "year")


def test_the_map_counts_twelve_months_and_names_what_it_leaves_out(look, screen, events):
    at = look("events", lang="en")
    year = events.filter(pl.col("date").is_between(pl.date(2025, 11, 1), pl.date(2026, 10, 31)))
    districts = screen(at).districts()
    placed = dict(year.drop_nulls("district_code").group_by("district_code").len().iter_rows())
    for code, n in placed.items():
        assert f": {n} " in districts[code][0]
    unplaced = year["district_code"].null_count()
    assert unplaced
    assert any(f"{unplaced} of them" in caption.value for caption in at.caption)


def test_the_calendar_holds_every_day_of_the_year_up_to_the_last_month(look, screen, events):
    days = screen(look("events", lang="en", month="2025-05")).table("Date", "Events")
    year = events.filter(pl.col("date").dt.year() == 2025)
    assert days.height == 365
    assert days["Events"].sum() == year.height


def test_what_is_planned_comes_first_and_is_never_counted(copied, look, screen, stored, monkeypatch):
    analyst = stored()
    before = look("events", lang="en").title[0].value
    values = {
        "event_id": "P-1", "title": "冬季论坛", "date": date(2026, 11, 25), "start_time": "14:00",
        "programme_id": "forum", "city_id": "beijing", "district_code": "110105", "mode": "onsite", "host": "协会",
    }  # fmt: skip
    kept = entry(analyst, "events", values, registers(analyst), TODAY, DEMO_VIEWERS["analyst"].name)
    assert kept.stored is not None
    for role, n in (("leadership", 7), ("official", 3)):  # an official's page opens with the own district
        at = look("events", lang="en", **{"as": role})
        table = screen(at).table("Title", "Start time", "Host")
        assert table.select("Title", "Start time", "Host").row(0) == ("冬季论坛", "14:00", "协会")
        assert table["Date"][0] == "2026-11-25"
        assert at.subheader[0].value == f"Planned events: the next {n} of {n}"
    assert look("events", lang="en").title[0].value == before


def test_a_city_without_records_says_so_and_keeps_its_planned_events(copied, look, screen, stored):
    analyst = stored()
    values = {"event_id": "P-2", "date": date(2027, 6, 26), "programme_id": "exhibition", "city_id": "ruhr"}
    assert entry(analyst, "events", values, registers(analyst), TODAY, DEMO_VIEWERS["analyst"].name).stored is not None
    at = look("events", lang="en", city="ruhr", **{"as": "analyst"})
    assert any("No events in this selection" in info.value for info in at.info)
    assert screen(at).table("Date", "Programme")["Date"].to_list() == ["2027-06-26"]
    assert "Add an event" in {button.label for button in at.button}
