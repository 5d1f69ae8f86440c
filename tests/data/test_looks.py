"""What a look is about: whose answers, which months, which rows of others - and when it is none."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import polars as pl
import pytest

from data import looks
from data.ingest.findings import REJECTED_SCHEMA
from data.ingest.problems import Rule

OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)


def changed(*rows):
    return pl.DataFrame(rows, ["park_id", "period", "column", "before", "after"], orient="row")


def test_a_preview_is_a_look_where_stored_answers_stand_in_it():
    rows = changed(("P2", NOVEMBER, "answer", "up", "down"), ("P1", OCTOBER, "answer", "up", None))
    assert looks.in_preview("answers", rows) == "preview beside answers of P1, P2: 2026-10 to 2026-11"
    fresh = rows.with_columns(before=pl.lit(None, pl.String))
    assert looks.in_preview("answers", fresh) is None
    assert looks.in_preview("events", rows) is None


def warned(*rules):
    rows = [(line, "park", "1", str(rule), "", "2") for line, rule in rules]
    return pl.DataFrame(rows, REJECTED_SCHEMA, orient="row")


@pytest.mark.parametrize("rule", [Rule.BALANCE_JUMP, Rule.UNUSUAL_BALANCE, Rule.LASTING_STRAIGHT_LINE])
def test_a_warning_that_tells_of_a_park_s_past_is_a_look_at_that_park(rule):
    lines = pl.DataFrame({"line": [2, 3], "park_id": ["P2", "P1"]}, schema_overrides={"line": pl.UInt32})
    checked = SimpleNamespace(dataset="answers", lines=lines)
    told = looks.in_warnings(checked, warned((2, rule), (3, Rule.STRAIGHT_LINE)))
    assert told == "warnings from past answers of P2"
    assert looks.in_warnings(checked, warned((2, Rule.STRAIGHT_LINE), (3, Rule.FIRST_ANSWER))) is None
    assert looks.in_warnings(SimpleNamespace(dataset="events", lines=lines), warned((2, rule))) is None


def test_waiting_rows_are_a_look_where_somebody_else_kept_them():
    rows = pl.DataFrame(
        {
            "waiting_id": [1, 2, 3],
            "dataset": ["answers", "answers", "events"],
            "file_name": ["a.csv", "b.csv", "c.csv"],
            "kept_by": ["ann", "li", "ann"],
        }
    )
    assert looks.in_waiting(rows, "zhao") == "waiting rows 1, 2 of a.csv, b.csv"
    assert looks.in_waiting(rows, "ann") == "waiting rows 2 of b.csv"
    assert looks.in_waiting(rows.tail(1), "li") is None
