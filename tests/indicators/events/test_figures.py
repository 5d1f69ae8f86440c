"""Attendance, reach, concentration, changes, calendar: identities that hold for every register."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from scipy.stats import chi2
from statsmodels.stats.rates import confint_poisson

from indicators.clustering.share_indices import share_indices
from indicators.events import (
    attendance,
    count_changes,
    event_calendar,
    event_concentration,
    event_counts,
    event_density,
    period_counts,
    poisson_interval,
    reach,
)
from indicators.frames import EVENTS, ContractError

FIRST, LAST = date(2023, 1, 1), date(2026, 3, 31)


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_months_add_up_to_quarters_and_years_and_districts_to_the_city(registers, data):
    events = data.draw(registers)
    monthly = event_counts(events, "district_code", FIRST, LAST)
    for every, unit in (("quarter", "1q"), ("year", "1y")):
        summed = monthly.group_by(pl.col("period").dt.truncate(unit), "district_code").agg(pl.col("n_events").sum())
        longer = period_counts(events, "district_code", every, FIRST, LAST)
        order = ["period", "district_code"]
        assert_frame_equal(longer.select(*order, "n_events"), summed.sort(order, nulls_last=True), check_dtypes=False)
        together = longer.group_by("period", maintain_order=True).agg(pl.col("n_events").sum())
        assert_frame_equal(period_counts(events, (), every, FIRST, LAST).select("period", "n_events"), together)
    whole = period_counts(events, (), "year", FIRST, LAST)
    assert whole["n_months"].to_list() == [12, 12, 12, 3]
    assert whole["whole"].to_list() == [True, True, True, False]
    assert whole["n_events"].sum() == events.height - (events["date"] > LAST).sum()


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_the_calendar_adds_up_to_the_months(registers, data):
    events = data.draw(registers)
    days = event_calendar(events, FIRST, LAST)
    monthly = days.group_by(pl.col("date").dt.truncate("1mo").alias("period"), maintain_order=True)
    assert_frame_equal(monthly.agg(pl.col("n_events").sum()), event_counts(events, (), FIRST, LAST))
    assert days["week"].to_list() == [int(day.strftime("%W")) for day in days["date"]]
    assert days["weekday"].to_list() == [day.isoweekday() for day in days["date"]]
    assert event_calendar(events).height >= (events["date"].max() - events["date"].min()).days + 1


@pytest.mark.parametrize(
    ("first", "last", "n_days", "n_events"),
    [
        (None, None, 31, 1),
        (date(2026, 1, 1), date(2026, 1, 5), 5, 0),
        (date(2026, 3, 3), date(2026, 3, 3), 1, 1),
        (date(2026, 3, 4), date(2026, 4, 1), 29, 0),
        (date(2026, 2, 28), None, 32, 1),
    ],
)
def test_the_days_of_the_calendar_are_those_covered(first, last, n_days, n_events):
    event = pl.DataFrame([("1", date(2026, 3, 3), "forum", "beijing", None)], schema=EVENTS.schema, orient="row")
    days = event_calendar(event, first, last)
    assert (days.height, days["n_events"].sum()) == (n_days, n_events)
    with pytest.raises(ContractError, match="first 2026-04-02 lies after last 2026-04-01"):
        event_calendar(event, date(2026, 4, 2), date(2026, 4, 1))


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_attendance_counts_only_what_is_stated(registers, data):
    events = data.draw(registers)
    found = attendance(events, ())
    for name, n in (("participants_online", "n_online"), ("enterprises", "n_enterprises"), ("media_items", "n_media")):
        stated = events[name].drop_nulls()
        assert found[n].item() == len(stated)
        assert found[name].item() == (stated.sum() if len(stated) else None)
    needed = {"online": ["participants_online"], "onsite": ["participants_onsite"]}
    people = []
    for row in events.iter_rows(named=True):
        online, onsite = row["participants_online"], row["participants_onsite"]
        wanted = needed.get(row["mode"], ["participants_online", "participants_onsite"])
        missing = [name for name in wanted if row[name] is None]
        if not missing or (row["mode"] is None and len(missing) == 1):
            people.append((online or 0) + (onsite or 0))
    assert found["n_stated"].item() == len(people)
    assert found["participants"].item() == (sum(people) if people else None)
    if people:
        assert found["participants_per_event"].item() == pytest.approx(sum(people) / len(people))
    by_mode = attendance(events, "mode", "year")
    assert by_mode["n_stated"].sum() == len(people)


def test_attendance_of_events_that_state_nothing():
    bare = pl.DataFrame([("1", date(2026, 1, 2), "forum", "beijing", None)], schema=EVENTS.schema, orient="row")
    found = attendance(bare)
    assert found["n_events"].item() == 1
    assert found.select("participants", "enterprises", "participants_per_event").row(0) == (None, None, None)
    assert attendance(bare.clear()).is_empty()


@settings(max_examples=25, deadline=None)
@given(st.data(), st.integers(1, 4))
def test_reach_is_what_the_rows_say(registers, data, months):
    events, parks = data.draw(registers), ["P1", "P3", "P4"]
    found = reach(event_counts(events, "park_id", FIRST, LAST), parks, months=months)
    assert found.height == 39
    assert found["n_reached"].null_count() == months - 1
    assert found["share_pct"].drop_nulls().is_between(0, 100).all()
    for period, n_reached, n_events, n_unplaced, n_outside in found.select(
        "period", "n_reached", "n_events", "n_unplaced", "n_outside"
    ).iter_rows():
        if n_reached is None:
            continue
        start, end = (pl.lit(period).dt.offset_by(f"{step}mo") for step in (1 - months, 1))
        rows = events.filter((pl.col("date") >= start) & (pl.col("date") < end))
        assert n_events == rows.height
        assert n_unplaced == rows["park_id"].null_count()
        assert n_outside == (rows["park_id"] == "P2").sum()
        assert n_reached == rows.filter(pl.col("park_id").is_in(parks))["park_id"].n_unique()


def test_reach_without_parks_and_with_wrong_months():
    counts = pl.DataFrame({"period": [date(2026, 1, 1)], "park_id": [None], "n_events": [2]})
    empty = reach(counts.with_columns(pl.col("park_id").cast(pl.String)), [], months=1)
    assert empty.select("n_units", "share_pct", "n_unplaced").row(0) == (0, None, 2)
    with pytest.raises(ContractError, match="months 0 is not accepted"):
        reach(counts, months=0)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 50), min_size=1, max_size=16))
def test_concentration_is_that_of_the_table_of_indices(numbers):
    names = [f"{at:02d}" for at in range(len(numbers))]
    counts = pl.DataFrame({"district_code": names, "n_events": numbers})
    found = event_concentration(counts, districts=names)
    expected = share_indices(counts.select(value=pl.col("n_events").cast(pl.Float64)))
    columns = ["hhi", "hhi_normalised", "equivalent_number", "gini"]
    assert_frame_equal(found.select(columns), expected.select(columns), abs_tol=1e-12)
    doubled = counts.with_columns(pl.col("n_events") * 2)
    assert_frame_equal(event_concentration(doubled).select(columns), found.select(columns), abs_tol=1e-12)


def test_concentration_and_density_of_nothing():
    nothing = pl.DataFrame(schema={"district_code": pl.String, "n_events": pl.Float64, "n_enterprises": pl.Float64})
    assert event_concentration(nothing).is_empty()
    assert event_density(nothing).is_empty()
    nowhere = pl.DataFrame({"district_code": [None], "n_events": [3]}, schema_overrides={"district_code": pl.String})
    assert event_concentration(nowhere).select("n_unplaced", "hhi").row(0) == (3, None)


def test_density_does_not_depend_on_the_size_of_a_district():
    table = pl.DataFrame({"district_code": ["a", "b"], "n_events": [5, 50], "n_enterprises": [100, 1000]})
    assert event_density(table)["quotient"].to_list() == [1.0, 1.0]
    assert event_density(table)["rank"].to_list() == [1, 1]
    reach_of = event_density(table).select(pl.col("high_per_100") - pl.col("low_per_100")).to_series()
    assert reach_of[0] > 3 * reach_of[1]  # few events say little
    with pytest.raises(ContractError, match="given in an earlier row"):
        event_density(pl.concat([table, table]))


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 5000), st.sampled_from([0.8, 0.95, 0.99]))
def test_the_interval_of_a_count_is_that_of_scipy_and_statsmodels(k, confidence):
    low, high = (float(end[0]) for end in poisson_interval(np.array([float(k)]), confidence))
    tail = (1 - confidence) / 2
    assert low == pytest.approx(chi2.ppf(tail, 2 * k) / 2 if k else 0.0, rel=1e-10)
    assert high == pytest.approx(chi2.ppf(1 - tail, 2 * k + 2) / 2, rel=1e-10)
    expected = confint_poisson(k, 1, method="exact-c", alpha=1 - confidence)
    assert (low, high) == pytest.approx(tuple(np.nan_to_num(expected)), rel=1e-10)
    assert low <= k < high


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.integers(0, 40), st.one_of(st.none(), st.integers(0, 9)), min_size=1, max_size=41))
def test_changes_are_found_by_the_calendar_and_need_every_month(values):
    def month(at: int) -> date:
        return date(2022 + at // 12, at % 12 + 1, 1)

    table = pl.DataFrame(
        {"period": [month(at) for at in values], "n_events": list(values.values())},
        schema={"period": pl.Date, "n_events": pl.Int64},
    )
    found = count_changes(table)
    assert found["period"].to_list() == table["period"].to_list()

    def total(months: list[int]) -> int | None:
        parts = [values.get(at) for at in months]
        return None if None in parts else sum(parts)

    def minus(a: int | None, b: int | None) -> int | None:
        return None if a is None or b is None else a - b

    def per_cent(a: int | None, b: int | None) -> float | None:
        return None if a is None or not b else pytest.approx(100 * (a - b) / b)

    for at, row in zip(values, found.iter_rows(named=True), strict=True):
        year = list(range(at - at % 12, at + 1))
        before = total([step - 12 for step in year])
        now, last, ago = values[at], values.get(at - 1), values.get(at - 12)
        assert (row["change_month"], row["change_year"]) == (minus(now, last), minus(now, ago))
        assert (row["change_month_pct"], row["change_year_pct"]) == (per_cent(now, last), per_cent(now, ago))
        assert (row["year_to_date"], row["year_to_date_before"]) == (total(year), before)
        assert row["change_to_date_pct"] == per_cent(total(year), before)
        assert row["total_12_months"] == total(list(range(at - 11, at + 1)))


def test_changes_of_groups_keep_apart_and_twelve_months_are_a_year():
    months = pl.date_range(date(2024, 1, 1), date(2025, 12, 1), "1mo", eager=True)
    groups = [("online", 3), (None, 1)]
    parts = [pl.DataFrame({"period": months, "mode": mode, "n_events": np.arange(24) * k}) for mode, k in groups]
    table = pl.concat(parts, how="vertical_relaxed").sort("mode", nulls_last=False)
    found = count_changes(table, "mode").filter(pl.col("period") == date(2025, 12, 1))
    assert found["total_12_months"].to_list() == [sum(range(12, 24)), 3 * sum(range(12, 24))]
    assert_frame_equal(found.select("total_12_months"), found.select(pl.col("year_to_date").alias("total_12_months")))
    assert found["change_year"].to_list() == [12.0, 36.0]
    with pytest.raises(ContractError, match="given in an earlier row"):
        count_changes(table)
