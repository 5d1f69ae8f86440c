"""Comparison: new, changed, identical and removed rows, missing values included."""

from __future__ import annotations

from datetime import date

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from data.comparison import compare
from data.schema import TABLES, columns

SCHEMA = columns(TABLES["answers"])
OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)


def answers(*rows, synthetic=False):
    full = [("monthly", period, park, item, answer, synthetic) for period, park, item, answer in rows]
    return pl.DataFrame(full, schema=SCHEMA, orient="row")


def test_counts_and_changes_by_hand():
    current = answers(
        (OCTOBER, "P1", "a", "up"), (OCTOBER, "P1", "b", "up"), (OCTOBER, "P1", "c", "up"), (OCTOBER, "P2", "a", "same")
    )
    new = answers((OCTOBER, "P1", "a", "up"), (OCTOBER, "P1", "b", "down"), (NOVEMBER, "P1", "a", "up"))
    seen = compare("answers", current, new)
    assert (seen.n_new, seen.n_changed, seen.n_identical, seen.n_removed) == (1, 1, 1, 1)
    assert seen.changes.drop("questionnaire_id").rows() == [
        (OCTOBER, "P1", "b", "answer", "up", "down"),
        (OCTOBER, "P1", "c", "answer", "up", None),
    ]


def test_real_answers_in_place_of_synthetic_ones_are_a_change():
    row = (OCTOBER, "P1", "a", "up")
    seen = compare("answers", answers(row, synthetic=True), answers(row))
    assert (seen.n_changed, seen.n_identical) == (1, 0)
    assert seen.changes.select("column", "before", "after").rows() == [("is_synthetic", "true", "false")]


def test_missing_cells_are_equal_to_missing_cells_and_different_from_values():
    old = pl.DataFrame({"event_id": ["E1", "E2", "E3"], "mode": [None, None, "online"]})
    new = pl.DataFrame({"event_id": ["E1", "E2", "E3"], "mode": [None, "onsite", None]})
    seen = compare("events", old, new)
    assert (seen.n_new, seen.n_changed, seen.n_identical, seen.n_removed) == (0, 2, 1, 0)
    assert seen.changes.rows() == [("E2", "mode", None, "onsite"), ("E3", "mode", "online", None)]


def test_an_empty_store():
    seen = compare("answers", answers(), answers((OCTOBER, "P1", "a", "up")))
    assert (seen.n_new, seen.n_changed, seen.n_identical, seen.changes.height) == (1, 0, 0, 0)


WORLDS = st.dictionaries(
    st.tuples(st.sampled_from([OCTOBER, NOVEMBER]), st.sampled_from(["P1", "P2"]), st.sampled_from("abc")),
    st.sampled_from(["up", "same", "down"]),
)


@given(WORLDS, WORLDS)
def test_counts_agree_with_plain_sets(before, after):
    seen = compare("answers", *(answers(*((*key, value) for key, value in w.items())) for w in (before, after)))
    both = before.keys() & after.keys()
    changed = {key for key in both if before[key] != after[key]}
    months = {key[:2] for key in after}
    removed = {key for key in before.keys() - after.keys() if key[:2] in months}
    assert seen.n_new == len(after.keys() - before.keys())
    assert (seen.n_changed, seen.n_identical) == (len(changed), len(both) - len(changed))
    assert (seen.n_removed, seen.changes.height) == (len(removed), len(changed) + len(removed))
