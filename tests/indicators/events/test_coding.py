"""Coded events give the same figures as a frame, and a filter the same as filtered rows."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from indicators.events import coding, loops
from indicators.events.attendance import attendance
from indicators.events.coding import coded_events
from indicators.events.counts import event_counts, period_counts
from indicators.events.funnel import funnel
from indicators.frames import ContractError

BY = st.sampled_from(
    [(), "programme_id", "district_code", ("mode", "park_id"), ("programme_id", "district_code", "mode")]
)


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_coded_or_not_gives_the_same(registers, data):
    events, by = data.draw(registers), data.draw(BY)
    coded = coded_events(events)
    for figure in (event_counts, period_counts, attendance, funnel):
        assert_frame_equal(figure(coded, by), figure(events, by))


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_a_filter_is_the_same_as_filtered_rows(registers, data):
    events = data.draw(registers)
    programmes = data.draw(st.lists(st.sampled_from(["forum", "training", "unheard of"]), max_size=2))
    mode = data.draw(st.sampled_from(["online", None]))
    narrowed = coded_events(events).only(programme_id=programmes, mode=[mode])
    rows = events.filter(pl.col("programme_id").is_in(programmes) & pl.col("mode").eq_missing(pl.lit(mode)))
    assert narrowed.n == rows.height
    for figure in (event_counts, attendance, funnel):
        assert_frame_equal(figure(narrowed, "district_code"), figure(rows, "district_code"))


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_without_numba_and_with_a_small_table_the_numbers_are_the_same(registers, data):
    events, by = data.draw(registers), data.draw(BY)
    usual = [figure(events, by) for figure in (event_counts, attendance, funnel)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loops, "compiled", lambda loop: None)
        patch.setattr(coding, "_SMALL", 0)
        patch.setattr(coding, "_ROOMY", 0)
        for figure, before in zip((event_counts, attendance, funnel), usual, strict=True):
            assert_frame_equal(figure(events, by), before)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.one_of(st.none(), st.integers(0, 9))), max_size=30))
def test_the_loops_leave_out_what_is_not_stated_and_what_lies_behind(rows):
    place = np.array([cell for cell, _ in rows], np.int32)
    amounts = np.array([np.nan if amount is None else amount for _, amount in rows])
    total, n = loops.added(place, amounts, 4)
    stated = [(cell, amount) for cell, amount in rows if cell < 4 and amount is not None]
    assert total.tolist() == [sum(amount for at, amount in stated if at == cell) for cell in range(4)]
    assert n.tolist() == [sum(at == cell for at, _ in stated) for cell in range(4)]


def test_a_column_that_was_not_coded_is_refused():
    events = pl.DataFrame(schema=coding.EVENT_TABLE.schema)
    with pytest.raises(ContractError, match="column mode is missing"):
        coded_events(events).only(mode="online")
    with pytest.raises(ContractError, match="column title is missing"):
        event_counts(coded_events(events), "title")


def test_other_columns_can_be_counted_by_too():
    columns = {"event_id": ["1", "2", "3"], "date": ["2026-01-01"] * 3, "programme_id": ["forum"] * 3}
    events = pl.DataFrame({**columns, "city_id": ["beijing"] * 3, "district_code": [None] * 3, "level": [2, None, 1]})
    events = events.with_columns(pl.col("date").str.to_date())
    assert event_counts(events, "level")["level"].to_list() == [1, 2, None]
    named = events.with_columns(pl.col("programme_id").cast(pl.Categorical))
    assert event_counts(named).row(0)[1:] == ("forum", 3)
