"""The figures behind the events page: months add up to years, districts to the city, and planned is never counted."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import polars as pl
import pytest

from data.access import DEMO_VIEWERS
from data.current_registers import registers
from data.entries import entry
from data.settings import Settings
from data.store import Provenance, Store
from pages.parts.events import cached_events, event_rows
from pages.parts.events.cached_events import EventLens
from pages.parts.filters import Selection
from pages.parts.session import Visit

TODAY = date(2026, 11, 22)
BEIJING = EventLens(Selection("beijing"), TODAY)
ROWS = (
    # event, day, programme, district, mode, online, on site
    ("E1", date(2025, 11, 5), "forum", "110105", "onsite", None, 30),
    ("E2", date(2025, 12, 9), "forum", "110101", "online", 80, None),
    ("E3", date(2026, 9, 9), "training", "110105", "hybrid", 10, None),
    ("E4", date(2026, 10, 1), "training", None, None, None, None),
    ("E5", date(2026, 11, 20), "forum", "110105", "onsite", None, 20),
    ("E6", date(2026, 12, 24), "forum", "110105", "onsite", None, None),
)


def frame(rows) -> pl.DataFrame:
    names = ("event_id", "date", "programme_id", "district_code", "mode", "participants_online", "participants_onsite")
    kinds = {"participants_online": pl.Int64, "participants_onsite": pl.Int64}
    table = pl.DataFrame(rows, schema=list(names), orient="row", schema_overrides=kinds)
    return table.with_columns(city_id=pl.lit("beijing"), is_synthetic=pl.lit(False))


@pytest.fixture
def visit(empty):
    store = Store.open(Settings.from_environment())
    analyst = store.for_viewer(DEMO_VIEWERS["analyst"])
    analyst.add(SimpleNamespace(dataset="events", accepted=frame(ROWS)), Provenance("e.csv", b"e", "test"))

    def through(role: str = "leadership") -> Visit:
        seen = store.for_viewer(DEMO_VIEWERS[role])
        return Visit(DEMO_VIEWERS[role], "en", False, seen, seen.revision(), str(empty), str(empty))

    yield through
    store.close()


def test_the_records_reach_to_the_last_event_held(visit):
    one = visit()
    assert cached_events.coverage(one.key, "beijing", TODAY, one) == (date(2025, 11, 1), date(2026, 11, 1))
    assert cached_events.coverage(one.key, "shanghai", TODAY, one) is None


def test_months_quarters_and_years_add_up_and_leave_out_what_is_planned(visit):
    one = visit()
    sums = [
        cached_events.counts(one.key, BEIJING, (), every, one)["n_events"].sum()
        for every in ("month", "quarter", "year")
    ]
    assert sums == [5, 5, 5]


def test_districts_and_events_without_one_add_up_to_the_city(visit):
    one = visit()
    rows = cached_events.by_district(one.key, BEIJING, date(2025, 11, 1), date(2026, 11, 1), one)
    assert dict(rows.iter_rows()) == {"110101": 1, "110105": 3, None: 1}


def test_a_day_later_the_planned_event_is_held(visit):
    one = visit()
    later = EventLens(Selection("beijing"), date(2026, 12, 24))
    assert cached_events.counts(one.key, later, (), "month", one)["n_events"].sum() == 6


def test_a_mode_that_is_not_stated_is_a_choice_of_its_own(visit):
    one = visit()
    lens = EventLens(Selection("beijing"), TODAY, mode=cached_events.NOT_STATED)
    assert cached_events.chosen(one.key, lens, one).n == 1
    assert event_rows.listed(one, lens)["event_id"].to_list() == ["E4"]


def test_a_month_without_events_is_zero_inside_the_records_and_nothing_outside(visit):
    one = visit()
    months = cached_events.changes(one.key, BEIJING, one)
    assert months.height == 13
    assert months.filter(pl.col("period") == date(2026, 3, 1))["n_events"].item() == 0
    assert months["change_year"].to_list() == [*[None] * 12, 0.0]


def test_people_are_counted_where_the_event_states_all_of_them(visit):
    one = visit()
    row = cached_events.people(one.key, BEIJING, (), "all", date(2025, 11, 1), date(2026, 11, 1), one).row(
        0, named=True
    )
    assert (row["n_events"], row["n_stated"], row["participants"]) == (5, 3, 130)


def test_a_programme_without_events_reaches_nothing_in_every_month(visit):
    one = visit()
    lens = EventLens(Selection("beijing"), TODAY, programme="exhibition")
    rows = cached_events.reached(one.key, lens, "district_code", one)
    assert rows.height == 13
    assert rows["share_pct"].drop_nulls().unique().to_list() == [0.0]


def test_the_calendar_ends_today(visit):
    one = visit()
    days = cached_events.calendar(one.key, BEIJING, 2026, one)
    assert (days["date"].min(), days["date"].max()) == (date(2026, 1, 1), TODAY)
    assert days["n_events"].sum() == 3


def test_another_revision_is_counted_anew(visit):
    one = visit("analyst")
    before = cached_events.counts(one.key, BEIJING, (), "month", one)["n_events"].sum()
    more = frame([("E7", date(2026, 10, 3), "forum", "110105", "onsite", None, 5)])
    one.store.add(SimpleNamespace(dataset="events", accepted=more), Provenance("f.csv", b"f", "test"))
    again = visit("analyst")
    assert again.key != one.key
    assert cached_events.counts(again.key, BEIJING, (), "month", again)["n_events"].sum() == before + 1


def test_upcoming_events_are_those_that_are_not_over_the_next_first(visit):
    one = visit()
    assert event_rows.upcoming(one, BEIJING)["event_id"].to_list() == ["E6"]
    earlier = EventLens(Selection("beijing"), date(2026, 10, 1))
    assert event_rows.upcoming(one, earlier)["event_id"].to_list() == ["E4", "E5", "E6"]


def listed_counts(one):
    months = cached_events.counts(one.key, BEIJING, (), "month", one)["n_events"].sum()
    districts = cached_events.by_district(one.key, BEIJING, date(2025, 11, 1), date(2026, 11, 1), one)["n"].sum()
    elsewhere = cached_events.monthly(one, Selection("beijing"))["n_events"].sum()
    return months, districts, elsewhere, event_rows.listed(one, BEIJING).height


def test_a_retired_event_leaves_every_count_and_undo_brings_it_back(visit, monkeypatch):
    monkeypatch.setattr(cached_events, "today", lambda: TODAY)
    one = visit("analyst")
    assert listed_counts(one) == (5, 5, 5, 6)
    key = {"event_id": "E3"}
    kept = entry(one.store, "events", key, registers(one.store), TODAY, "ann", retire="重复登记").stored
    after = visit("analyst")
    assert listed_counts(after) == (4, 4, 4, 5)
    assert event_rows.n_retired(after, BEIJING) == 1
    asked = event_rows.listed(after, BEIJING, retired=True)
    assert asked.drop_nulls("retired_on").select("event_id", "retired_on", "retired_reason").rows() == [
        ("E3", "2026-11-22", "重复登记")
    ]
    assert asked.height == 6
    told = after.store.entry_history("events", key).filter(pl.col("upload_id") == kept.upload_id)
    assert dict(told.select("column", "after").iter_rows()) == {
        "retired_on": "2026-11-22",
        "retired_reason": "重复登记",
    }
    after.store.undo(kept.upload_id)
    back = visit("analyst")
    assert listed_counts(back) == (5, 5, 5, 6)
    assert event_rows.n_retired(back, BEIJING) == 0


def test_a_retired_plan_is_not_upcoming(visit):
    one = visit("analyst")
    assert event_rows.upcoming(one, BEIJING).height == 1
    entry(one.store, "events", {"event_id": "E6"}, registers(one.store), TODAY, "ann", retire="取消")
    again = visit("analyst")
    assert event_rows.upcoming(again, BEIJING).is_empty()


def test_every_word_of_a_search_must_be_found(visit):
    one = visit()
    assert event_rows.listed(one, BEIJING, "朝阳 training")["event_id"].to_list() == ["E3"]
    assert event_rows.listed(one, BEIJING, "TRAINING")["event_id"].to_list() == ["E4", "E3"]
    assert event_rows.listed(one, BEIJING, "[").height == 0


def test_a_pair_counts_at_the_event_that_any_of_its_steps_names(visit):
    one, pair = visit("analyst"), {"need_id": "N", "offer_id": "O"}
    rows = (
        ("partners", {"partner_id": "A", "name_zh": "甲", "partner_type": "media"}),
        ("offers", {"offer_id": "O", "partner_id": "A", "title": "t", "tags": "x"}),
        ("needs", {"need_id": "N", "park_id": "BJ-005", "title": "t", "tags": "x"}),
        ("followups", {**pair, "date": date(2026, 9, 9), "status": "pitched", "event_id": "E3"}),
        ("followups", {**pair, "date": date(2026, 10, 9), "status": "signed"}),
    )  # fmt: skip
    for dataset, row in rows:
        assert entry(one.store, dataset, row, registers(one.store), TODAY, "ann").checked.rejected.is_empty()
    after = visit("analyst")
    found = cached_events.followups(after.key, Selection("beijing"), after)
    assert found.select("status", "n", "n_at_event").rows() == [("signed", 1, 1)]


@pytest.mark.parametrize("role", ["leadership", "official"])
def test_without_needs_there_are_no_follow_ups(visit, role):
    one = visit(role)
    assert cached_events.followups(one.key, Selection("beijing"), one).height == 0
    assert cached_events.needs_of(one.key, Selection("beijing"), one) == 0
