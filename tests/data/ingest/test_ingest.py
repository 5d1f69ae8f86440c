"""The one entry: readings, mappings, mended rows, what is likely meant, and the sentences of it all."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from data.ingest import IngestError, Limits, Reading, Rule, check, check_table, edited, explained, read_table

TODAY = date(2026, 11, 22)
SURVEY = """月份,园区编号,业务量,新签租约,出租率
2026-10,BJ-005,上升,持平,下降
2026-10,BJ-O11,上升,持平,下降
2026-13,BJ-021,上升
2026-10,BJ-099,不错,持平,下降
"""


@pytest.fixture
def table():
    return read_table(SURVEY.encode(), "survey.csv", Reading(sure=True))


@pytest.fixture
def run(registers):
    return lambda table, **more: check_table("survey", table, registers, TODAY, **more)


def mended(table, line, **cells):
    row = table.frame.filter(pl.col("line") == line)
    return row.with_columns(**{name: pl.lit(text, pl.String) for name, text in cells.items()})


def test_checked_keeps_the_table_and_the_lines_of_what_is_accepted(run, table):
    checked = run(table)
    assert checked.table is table
    assert checked.lines.rows() == [(2, "monthly", date(2026, 10, 1), "BJ-005")]
    assert checked.warnings.is_empty()
    assert checked.questions == table.questions
    assert checked.rejected.select("line", "rule").rows() == [
        (3, "unknown_park"),
        (4, "bad_month"),
        (4, "short_row"),
        (5, "bad_answer"),
    ]


def test_unknown_parks_come_ranked(run, table):
    near = run(table).unknown_parks
    assert near.columns == ["value", "rank", "park_id", "name", "score"]
    assert near.row(0)[:4] == ("BJ-O11", 1, "BJ-011", "首钢文化产业园")
    assert near["value"].unique().to_list() == ["BJ-O11"]


def test_mended_rows_are_checked_again_in_their_place(run, table):
    first = mended(table, 3, 园区编号="BJ-011")
    second = mended(table, 4, 月份="2026-09", 新签租约="持平", 出租率=None)
    again = run(edited(table, pl.concat([second, first])))
    assert again.rejected.select("line", "rule").rows() == [(5, "bad_answer")]
    assert again.lines["line"].to_list() == [2, 3, 4]
    assert again.n_rows == 4


def test_editing_leaves_other_rows_the_order_and_the_first_table_as_they_are(table):
    again = edited(table, mended(table, 5, 业务量="上升").select(reversed(table.frame.columns)))
    assert again.frame["line"].to_list() == [2, 3, 4, 5]
    assert again.frame.head(3).equals(table.frame.head(3))
    assert again.frame["业务量"].to_list() == ["上升", "上升", "上升", "上升"]
    assert again.problems == table.problems
    assert table.frame["业务量"].to_list()[-1] == "不错"


def test_lines_that_the_file_does_not_have_are_no_rows(table):
    strange = mended(table, 5).with_columns(line=pl.lit(77, pl.UInt32))
    assert edited(table, strange).frame.equals(table.frame)
    assert edited(table, table.frame.clear()).frame.equals(table.frame)


def test_a_short_row_is_whole_after_an_edit_and_its_empty_cells_are_blank(registers):
    table = read_table(b"event_id,date,programme_id,city_id\nE1,2026-10-01\n", "f.csv", Reading(sure=True))
    again = check_table("events", edited(table, table.frame), registers, TODAY)
    assert again.rejected.select("column", "rule").rows() == [
        ("programme_id", "missing_value"),
        ("city_id", "missing_value"),
    ]


def test_an_edit_may_break_a_row(run, table):
    again = run(edited(table, mended(table, 2, 园区编号="BJ-099")))
    assert (5, "doubled_park_month") in again.rejected.select("line", "rule").rows()
    assert again.accepted.is_empty()


def test_a_confirmed_mapping_reads_a_column_under_another_name(registers):
    data = SURVEY.replace("园区编号", "代号").replace("业务量", "生意").encode()
    plain = check("survey", data, "f.csv", registers, TODAY)
    assert plain.accepted.is_empty()
    assert set(plain.unknown_headers["header"]) == {"代号", "生意"}
    mapping = {"代号": "park_id", "生意": "business_volume", "出租率": ""}
    checked = check("survey", data, "f.csv", registers, TODAY, mapping=mapping)
    assert checked.accepted["item_id"].to_list() == ["business_volume", "new_leases"]
    assert checked.mapping["生意"] == "business_volume"
    assert "出租率" not in checked.mapping


@pytest.mark.parametrize("dataset", ["events", "enterprises", "parks"])
def test_every_data_set_takes_a_mapping(registers, dataset):
    header = {"events": "event_id", "enterprises": "enterprise_id", "parks": "park_id"}[dataset]
    data = b"one,two\nA1,beijing\n"
    mapping = {"one": header, "two": "city_id"}
    assert check(dataset, data, "f.csv", registers, TODAY, mapping=mapping).mapping == mapping


def test_a_reading_and_limits_go_to_the_reader(registers):
    data = "月份;园区编号;业务量\n2026-10;BJ-005;上升\n".encode("gb18030")
    checked = check("survey", data, "f.csv", registers, TODAY, Reading(encoding="gb18030", delimiter=";"))
    assert (checked.n_accepted, checked.delimiter) == (1, ";")
    with pytest.raises(IngestError) as caught:
        check("survey", SURVEY.encode(), "f.csv", registers, TODAY, limits=Limits(rows=2))
    assert caught.value.rule is Rule.TOO_MANY_ROWS


def test_two_digit_years_are_read_with_a_warning_that_explains_itself(registers):
    data = "event_id,date,programme_id,city_id\nE1,24年3月5日,training,beijing\nE2,45352,training,beijing\n".encode()
    checked = check("events", data, "f.csv", registers, TODAY)
    assert checked.accepted["date"].to_list() == [date(2024, 3, 5)]
    assert checked.warnings.select("line", "column", "value", "rule", "suggestion").rows() == [
        (2, "date", "24年3月5日", "two_digit_year", "2024-03-05")
    ]
    assert "2024-03-05" in explained(checked.warnings, "zh")["what"].item()
    assert checked.rejected.select("line", "rule", "suggestion").rows() == [(3, "bad_date", "2024-03-01")]


def test_serial_days_of_a_workbook_are_read_with_a_warning(registers):
    table = read_table(b"event_id,date,programme_id,city_id\nE2,45352,training,beijing\n", "f.csv")
    workbook = type(table)(**{**vars(table), "kind": "xlsx"})
    checked = check_table("events", workbook, registers, TODAY)
    assert checked.accepted["date"].to_list() == [date(2024, 3, 1)]
    assert checked.warnings["rule"].to_list() == ["serial_date"]
