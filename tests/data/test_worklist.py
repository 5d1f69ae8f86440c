"""The work list: rows kept with the upload they came with, settled once, and mappings that are remembered."""

from __future__ import annotations

import json
from datetime import date
from types import SimpleNamespace

import polars as pl
import pytest

from data.access import Role, Scope, Viewer
from data.ingest import explained
from data.store import Provenance, StoreError
from data.worklist import waiting_cells, waiting_problems, waiting_rows

REASONS = {"line": pl.UInt32, **dict.fromkeys(("column", "value", "rule", "suggestion", "accepted"), pl.String)}


def checked(good=("E1",), bad=(3, 7), lines=None):
    """A file of events: the ids that were accepted, and the lines that were not."""
    accepted = pl.DataFrame({"event_id": good}, schema={"event_id": pl.String})
    accepted = accepted.with_columns(date=date(2026, 10, 5), is_synthetic=False)
    rows = pl.DataFrame({"line": bad, "日期": ["soon"] * len(bad), "园区": ["=甲"] * len(bad)})
    problems = [(line, "日期", "soon", "bad_date", "", "2026-10-05") for line in bad]
    found = SimpleNamespace(dataset="events", accepted=accepted, rejected_rows=rows)
    found.rejected = pl.DataFrame(problems, schema=REASONS, orient="row")
    if lines is not None:
        found.lines = pl.DataFrame({"line": lines}, schema={"line": pl.UInt32})
    return found


def sent(data=b"1", source="朝阳区"):
    return Provenance("f.csv", data, "ann", source=source)


def test_rejected_rows_become_waiting_rows():
    rows = waiting_rows(checked())
    assert rows["line"].to_list() == [3, 7]
    assert json.loads(rows["cells"][0]) == {"日期": "soon", "园区": "=甲"}
    reason = {"column": "日期", "value": "soon", "rule": "bad_date", "suggestion": "", "accepted": "2026-10-05"}
    assert json.loads(rows["reasons"][1]) == [reason]
    assert waiting_rows(checked(bad=())).is_empty()


def test_waiting_rows_are_kept_with_the_upload(analyst):
    found = checked()
    stored = analyst.add(found, sent(), waiting=waiting_rows(found))
    assert stored.n_waiting == 2
    waiting = analyst.waiting()
    assert waiting.select("upload_id", "dataset", "file_name", "source", "line", "kept_by").rows() == [
        (stored.upload_id, "events", "f.csv", "朝阳区", line, "demo-analyst") for line in (3, 7)
    ]
    assert waiting_cells(waiting).columns == ["waiting_id", "line", "日期", "园区"]
    problems = waiting_problems(waiting)
    assert problems["line"].to_list() == [3, 7]
    assert "soon" in explained(problems, "en")["what"][0]
    again = analyst.add(found, sent(), waiting=waiting_rows(found))
    assert (again.is_new, again.n_waiting) == (False, 0)  # the same lines wait once


def test_rows_can_wait_without_any_that_are_stored(analyst):
    found = checked(good=())
    stored = analyst.add(found, sent(), waiting=waiting_rows(found))
    assert (stored.upload_id, stored.is_new, stored.n_waiting) == (0, False, 2)
    assert analyst.waiting()["upload_id"].to_list() == [None, None]
    assert analyst.uploads().is_empty()
    with pytest.raises(StoreError, match="no accepted row"):
        analyst.add(found, sent())


def test_lines_that_are_accepted_later_wait_no_longer(analyst):
    found = checked()
    analyst.add(found, sent(), waiting=waiting_rows(found))
    better = checked(good=("E1", "E3"), bad=(7,), lines=[2, 3])
    stored = analyst.add(better, sent(), waiting=waiting_rows(better))
    assert (stored.n_rows, stored.part, stored.n_waiting) == (1, 2, 0)
    assert analyst.waiting()["line"].to_list() == [7]
    other = checked(good=("E9",), bad=(), lines=[7])
    analyst.add(other, sent(b"2"))
    assert analyst.waiting()["line"].to_list() == [7]  # line 7 of another file


def test_settling_is_said_once_and_audited(analyst):
    found = checked()
    analyst.add(found, sent(), waiting=waiting_rows(found))
    first, second = analyst.waiting()["waiting_id"]
    with pytest.raises(StoreError, match="cannot end as lost: give stored or dropped"):
        analyst.settle([first], "lost")
    assert analyst.settle([first, first, 99], "dropped") == 1
    assert analyst.settle([first], "stored") == 0
    assert analyst.waiting()["waiting_id"].to_list() == [second]
    assert analyst.audit().filter(pl.col("what") == "settle")["about"].to_list() == [f"1 waiting rows dropped: {first}"]
    kept = analyst.add(found, sent(), waiting=waiting_rows(found))
    assert kept.n_waiting == 1  # who sends the line again wants it to wait again


def test_a_viewer_of_some_districts_has_an_own_work_list(store, analyst):
    found = checked()
    analyst.add(found, sent(), waiting=waiting_rows(found))
    local = store.for_viewer(Viewer("li", Role.ANALYST, Scope(frozenset({"110105"}))))
    mine = checked(good=())
    local.add(mine, sent(b"2"), waiting=waiting_rows(mine))
    assert local.waiting()["kept_by"].to_list() == ["li", "li"]
    assert local.settle(analyst.waiting()["waiting_id"].to_list(), "dropped") == 2
    assert analyst.waiting()["kept_by"].to_list() == ["demo-analyst", "demo-analyst"]


def test_a_fault_keeps_neither_upload_nor_waiting_rows(analyst):
    found = checked()
    with pytest.raises(StoreError, match="lack cells, reasons"):
        analyst.add(found, sent(), waiting=found.rejected_rows)
    assert (analyst.uploads().height, analyst.waiting().height, analyst.revision()) == (0, 0, 0)


def test_the_newest_mapping_of_a_source_counts(analyst):
    assert analyst.remembered("朝阳区", "answers") == {}
    assert analyst.remember("朝阳区", "answers", {"租金情况": "rent_level", "备注": ""}) == 2
    assert analyst.remember("朝阳区", "answers", {"租金情况": "vacancy", "备注": ""}) == 1
    assert analyst.remember("朝阳区", "answers", {"租金情况": "vacancy"}) == 0
    assert analyst.remembered("朝阳区", "answers") == {"租金情况": "vacancy", "备注": ""}
    assert analyst.remembered("丰台区", "answers") == analyst.remembered("朝阳区", "events") == {}
