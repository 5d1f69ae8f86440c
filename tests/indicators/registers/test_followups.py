"""Follow-ups: the last and the furthest step of each pair, and the event that any of its steps names."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.frames import ContractError
from indicators.registers import last_steps
from indicators.registers.followups import FOLLOWUPS, REACHED, STATUSES

DAY = date(2026, 5, 1)
STEP = st.tuples(
    st.sampled_from("mn"), st.sampled_from("op"), st.integers(0, 5), st.sampled_from(STATUSES),
    st.sampled_from([None, "E1", "E2"]),
)  # fmt: skip


def frame(*steps):
    rows = [(need, offer, DAY + timedelta(days=days), *rest) for need, offer, days, *rest in steps]
    return pl.DataFrame(rows, schema=FOLLOWUPS.schema, orient="row")


@settings(max_examples=100, deadline=None)
@given(st.lists(STEP, unique_by=lambda step: step[:4]), st.randoms())
def test_every_pair_has_one_row_in_whatever_order_the_steps_come(steps, chance):
    found = last_steps(frame(*steps))
    assert found["n_steps"].sum() == len(steps)
    assert found.select("need_id", "offer_id").rows() == sorted({step[:2] for step in steps})
    for row in found.iter_rows(named=True):
        own = [step for step in steps if step[:2] == (row["need_id"], row["offer_id"])]
        last = max(own, key=lambda step: (step[2], STATUSES.index(step[3])))
        assert (row["status"], row["date"]) == (last[3], DAY + timedelta(days=last[2]))
        far = [step[3] for step in own if step[3] != "declined"]
        assert row["reached"] == (max(far, key=REACHED.index) if far else None)
        named = {step[4] for step in own} - {None}
        assert row["event_id"] in named if named else row["event_id"] is None
    mixed = list(steps)
    chance.shuffle(mixed)
    assert last_steps(frame(*mixed)).drop("event_id").equals(found.drop("event_id"))


def test_an_event_counts_though_a_later_step_names_none():
    steps = (("n", "o", 0, "pitched", "E1"), ("n", "o", 9, "signed", None), ("n", "p", 0, "meeting", None))
    found = last_steps(frame(*steps))
    assert found.select("status", "reached", "event_id").rows() == [
        ("signed", "signed", "E1"), ("meeting", "meeting", None),
    ]  # fmt: skip


def test_of_two_steps_on_a_day_the_further_one_is_the_last():
    found = last_steps(frame(("n", "o", 3, "signed", "E2"), ("n", "o", 3, "pitched", "E1")))
    assert found.select("status", "n_steps", "event_id").row(0) == ("signed", 2, "E2")


def test_no_steps_and_an_unknown_word():
    assert last_steps(frame()).is_empty()
    with pytest.raises(ContractError, match="column status, row 1: 'won' is not accepted"):
        last_steps(frame(("n", "o", 0, "won", None)))
