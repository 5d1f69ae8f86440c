"""Events per month: every month is there, and nothing is counted twice."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from indicators.events import event_counts
from indicators.frames import EVENTS, ContractError

NO_EVENTS = pl.DataFrame(schema=EVENTS.schema)


def events_of(days: list[date], programmes: list[str] | None = None) -> pl.DataFrame:
    names = programmes or ["forum"] * len(days)
    ids = [str(number) for number in range(len(days))]
    columns = {"event_id": ids, "date": days, "programme_id": names, "city_id": ["beijing"] * len(days)}
    return pl.DataFrame({**columns, "district_code": [None] * len(days)}, schema=EVENTS.schema)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 800), st.sampled_from(["forum", "training", "services"])), min_size=1, max_size=40
    )
)
def test_counts_add_up_over_a_full_grid(rows):
    days = [date(2024, 1, 1) + timedelta(days=offset) for offset, _ in rows]
    events = events_of(days, [programme for _, programme in rows])
    result = event_counts(events)
    months = (max(days).year - min(days).year) * 12 + max(days).month - min(days).month + 1
    assert result["n_events"].sum() == len(rows)
    assert result.height == months * len({programme for _, programme in rows})
    assert result["period"].dt.day().unique().to_list() == [1]
    together = result.group_by("period", maintain_order=True).agg(pl.col("n_events").sum())
    assert_frame_equal(event_counts(events, by=()), together)
    assert_frame_equal(event_counts(events.reverse()), result)


def test_coverage_is_given_as_any_day_of_its_months():
    result = event_counts(events_of([date(2026, 2, 28)]), by=(), first=date(2026, 1, 20), last=date(2026, 3, 3))
    assert result["n_events"].to_list() == [0, 1, 0]
    assert result["period"].to_list() == [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]


def test_missing_districts_are_a_group_of_their_own():
    result = event_counts(events_of([date(2026, 2, 1), date(2026, 2, 2)]), by="district_code")
    assert result.row(0) == (date(2026, 2, 1), None, 2)


def test_the_same_event_twice_is_refused():
    twice = pl.concat([events_of([date(2026, 2, 1)])] * 2)
    with pytest.raises(ContractError, match="column event_id, row 2: '0' was given in an earlier row"):
        event_counts(twice)


def test_no_events():
    schema = {"period": pl.Date, "programme_id": pl.String, "n_events": pl.UInt32}
    assert event_counts(NO_EVENTS).schema == schema
    assert event_counts(NO_EVENTS, first=date(2026, 1, 1), last=date(2026, 3, 1)).is_empty()
    zeros = event_counts(NO_EVENTS, by=(), first=date(2026, 1, 1), last=date(2026, 3, 1))
    assert zeros["n_events"].to_list() == [0, 0, 0]
    assert event_counts(NO_EVENTS, by=()).schema == {"period": pl.Date, "n_events": pl.UInt32}


def test_wrong_calls():
    with pytest.raises(ContractError, match="first 2026-03 lies after last 2026-01"):
        event_counts(NO_EVENTS, first=date(2026, 3, 1), last=date(2026, 1, 1))
    with pytest.raises(ContractError, match="column park_id is missing"):
        event_counts(NO_EVENTS, by="park_id")
