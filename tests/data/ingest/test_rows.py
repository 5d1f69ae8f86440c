"""Rows on their way: problems and warnings by mask, doubled keys, what is good, what comes out."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from data.ingest.headers import Field, match_headers
from data.ingest.problems import Problem, Rule
from data.ingest.registers import Lookup
from data.ingest.rows import Rows, accepted_frame, read_fields
from data.ingest.table import Table

FIELDS = (
    Field("event_id", "id", required=True),
    Field("city_id", "city"),
    Field("district_code", "district"),
    Field("people", "whole", low=0),
    Field("name", "text"),
    Field("is_synthetic", "yes_no"),
)
TODAY = date(2026, 11, 22)


def table(*rows, header=("event_id", "city_id", "district_code", "people", "name"), first=2, **more):
    frame = pl.DataFrame(list(rows), schema=dict.fromkeys(header, pl.String), orient="row")
    lines = pl.int_range(first, first + len(rows), dtype=pl.UInt32, eager=True).alias("line")
    return Table(frame.insert_column(0, lines), tuple(header), tuple(header), 1, "utf-8", ",", **more)


@pytest.fixture
def rows(registers):
    read = table(
        ("E1", "beijing", "朝阳区", "12", "=1+1"),
        ("E2", "上海", "朝阳区", "-1", "好"),
        ("E1", None, None, None, None),
        ("", "beijing", "110107", "1.2万", "-"),
    )
    found = Rows(read, match_headers(read, FIELDS))
    read_fields(found, FIELDS, Lookup(registers), TODAY)
    return found


def told(rows, dataset="events"):
    return rows.checked(dataset, accepted_frame(rows, FIELDS)).rejected.select("line", "column", "value", "rule").rows()


def test_values_are_typed_and_null_where_missing_or_refused(rows):
    assert rows.values.columns == [entry.name for entry in FIELDS]
    assert rows.values["people"].to_list() == [12, None, None, 12_000]
    assert rows.values["district_code"].to_list() == ["110105", None, None, "110107"]
    assert rows.values["is_synthetic"].dtype == pl.Boolean
    assert [note.key for note in rows.notes] == ["note.formula_like"]


def test_problems_of_the_reading_and_of_a_mask_come_in_the_order_of_the_file(rows):
    rows.report_doubled(rows.values.select("event_id"), "event_id", Rule.DOUBLED_ID)
    rows.report_where(rows.values["people"] > 10, "people", Rule.BAD_CHOICE, pl.col("event_id"), rows.lines.cast(str))
    checked = rows.checked("events", accepted_frame(rows, FIELDS))
    assert checked.rejected.rows() == [
        (2, "event_id", "E1", "doubled_id", "", "2, 4"),
        (2, "people", "12", "bad_choice", "E1", "2"),
        (3, "district_code", "朝阳区", "district_of_other_city", "", "beijing"),
        (3, "people", "-1", "negative_number", "", "0"),
        (4, "event_id", "E1", "doubled_id", "", "2, 4"),
        (5, "event_id", "", "missing_value", "", ""),
        (5, "people", "1.2万", "bad_choice", "", "5"),
    ]
    assert checked.accepted.is_empty()
    assert checked.rejected_rows["line"].to_list() == [2, 3, 4, 5]
    assert (checked.n_rows, checked.n_accepted) == (4, 0)


def test_a_suggestion_may_be_the_same_expression_for_all_rows(rows):
    rows.report_where(rows.lines > 2, "people", Rule.BAD_NUMBER, pl.lit("x"), pl.lit(None, pl.String))
    checked = rows.checked("events", accepted_frame(rows, FIELDS))
    assert checked.rejected.filter(rule="bad_number").select("line", "suggestion", "accepted").rows() == [
        (3, "x", ""),
        (4, "x", ""),
        (5, "x", ""),
    ]


def test_warnings_stop_nothing_and_null_in_a_mask_is_false(rows):
    rows.warn_where(rows.values["people"] > 5, "people", Rule.NUMBER_TOO_LARGE, accepted="5")
    checked = rows.checked("events", accepted_frame(rows, FIELDS))
    assert checked.warnings.rows() == [
        (2, "people", "12", "number_too_large", "", "5"),
        (5, "people", "1.2万", "number_too_large", "", "5"),
    ]
    assert checked.warnings.schema == checked.rejected.schema
    assert checked.accepted["event_id"].to_list() == ["E1", "E1"]
    assert checked.lines.rows() == [(2, "E1"), (4, "E1")]
    assert checked.accepted["is_synthetic"].to_list() == [False, False]


def test_a_missing_column_keeps_all_rows_out(rows):
    rows.report_header("mode", "mode / 形式")
    assert not rows.good().any()
    assert told(rows)[0] == (1, "mode", "", "missing_header")


def test_problems_of_the_table_keep_their_rows_out(registers):
    read = table(("E1", "beijing"), ("E2", None), header=("event_id", "city_id"))
    read = Table(**{**vars(read), "problems": (Problem(3, "", "1", Rule.SHORT_ROW, accepted="2"),)})
    rows = Rows(read, match_headers(read, FIELDS))
    read_fields(rows, FIELDS, Lookup(registers), TODAY)
    assert rows.good().to_list() == [True, False]
    assert told(rows) == [(3, "", "1", "short_row")]


def test_long_cells_are_told_in_short_and_absent_columns_without_value(rows):
    read = table(("E" * 900, "beijing"), header=("event_id", "city_id"))
    found = Rows(read, match_headers(read, FIELDS))
    everything = pl.Series([True])
    found.report_where(everything, "event_id", Rule.BAD_ID)
    found.report_where(everything, "people", Rule.BAD_NUMBER)
    cells = found.checked("events", pl.DataFrame(schema={"event_id": pl.String})).rejected["value"].to_list()
    assert cells == ["E" * 200 + "…", ""]
    assert found.cells("people").to_list() == [None]
    assert found.missing("people").to_list() == [True]


def test_where_limits_what_is_read_and_told(rows):
    where = pl.Series([True, False, True, False])
    values = rows.read(Field("name", "text"), lambda raw: raw * 2, where)
    assert values.to_list() == ["=1+1=1+1", None, None, None]


def test_a_better_suggestion_goes_to_its_own_line_and_rule(rows):
    rows.resuggest(Rule.NEGATIVE_NUMBER, pl.Series([None, "1", "x", "y"]))
    checked = rows.checked("events", accepted_frame(rows, FIELDS))
    assert checked.rejected.select("rule", "suggestion").rows() == [
        ("district_of_other_city", ""),
        ("negative_number", "1"),
        ("missing_value", ""),
    ]


def test_keys_of_several_columns_and_keys_with_a_null(rows):
    keys = pl.DataFrame({"a": [1, 1, 1, None], "b": ["x", "x", "y", "x"]})
    rows.report_doubled(keys, "event_id", Rule.DOUBLED_ID)
    assert [(line, rule) for line, _, _, rule in told(rows) if rule == "doubled_id"] == [
        (2, "doubled_id"),
        (3, "doubled_id"),
    ]


def test_the_first_ten_lines_of_a_key_are_named(registers):
    read = table(*[("E1", "beijing")] * 12, header=("event_id", "city_id"), first=5)
    rows = Rows(read, match_headers(read, FIELDS))
    read_fields(rows, FIELDS, Lookup(registers), TODAY)
    rows.report_doubled(rows.values.select("event_id"), "event_id", Rule.DOUBLED_ID)
    rejected = rows.checked("events", accepted_frame(rows, FIELDS)).rejected
    assert rejected.height == 12
    assert set(rejected["accepted"]) == {"5, 6, 7, 8, 9, 10, 11, 12, 13, 14"}
