"""The page of events: counted by month, programme and district; published totals apart with their qualifiers."""

from __future__ import annotations

import polars as pl
import pytest

MONTH = pl.date(2026, 10, 1)

pytestmark = pytest.mark.usefixtures("demo")


@pytest.fixture
def events(demo, stored):
    rows = stored().events().filter(pl.col("city_id") == "beijing").collect()
    return rows.with_columns(period=pl.col("date").dt.truncate("1mo"))


def test_the_title_counts_the_month(look, events):
    n = events.filter(pl.col("period") == MONTH).height
    assert look("events", lang="en").title[0].value == f"{n} events in Oct 2026"
    assert look("events").title[0].value == f"2026年10月举办活动{n}场"


def test_programmes_of_the_month_the_year_and_the_year_before(look, screen, events):
    table = screen(look("events", lang="en")).table("Programme", "Month", "Year to date")
    year = events.filter(pl.col("date").dt.year() == 2026)
    before = events.filter(pl.col("date").is_between(pl.date(2025, 1, 1), pl.date(2025, 10, 31)))
    assert table["Month"].sum() == events.filter(pl.col("period") == MONTH).height
    assert table["Year to date"].sum() == year.height
    assert table["Same months last year"].sum() == before.height


def test_before_the_records_begin_there_is_no_zero(look, screen):
    table = screen(look("events", lang="en", month="2022-05")).table("Programme", "Month", "Year to date")
    assert table["Same months last year"].null_count() == table.height


def test_a_district_and_a_month_change_the_count(look, events):
    at = look("events", lang="en", district="110105", month="2026-03")
    here = (pl.col("district_code") == "110105") & (pl.col("period") == pl.date(2026, 3, 1))
    assert at.title[0].value == f"{events.filter(here).height} events in Mar 2026"


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


def test_published_totals_keep_their_qualifier_and_stay_apart(look, screen):
    at = look("events", lang="en")
    table = screen(at).table("Organiser", "Value", "Source")
    assert any(value.startswith("≥ ") for value in table["Value"])
    assert table["Source"].null_count() == 0
    assert "unit" not in " ".join(table.columns)
