"""Workbooks to tables: row numbers, merged names, dates, numbers, errors, sheets."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

from data.ingest import workbook
from data.ingest.limits import Limits
from data.ingest.problems import IngestError, Rule
from data.ingest.table import Reading, Table, read_table

GOLDEN = Path(__file__).parents[2] / "golden" / "workbooks"
FOUND = Reading()


def made(*fills: Callable[..., object], names: tuple[str, ...] = ()) -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        for place, fill in enumerate(fills):
            fill(book.add_worksheet(names[place] if names else None), book)
    return stream.getvalue()


def read(*fills: Callable[..., object], reading: Reading = FOUND, names: tuple[str, ...] = ()) -> Table:
    return read_table(made(*fills, names=names), "survey.xlsx", reading)


def rows_of(rows) -> Callable[..., None]:
    def fill(sheet, book) -> None:
        for line, row in enumerate(rows):
            sheet.write_row(line, 0, row)

    return fill


def keys(notes) -> list[str]:
    assert all(note.sentence(language) for note in notes for language in ("zh", "en"))
    return [note.key.partition(".")[2] for note in notes]


PLAIN = rows_of([["park_id", "value"], ["BJ-005", 1], ["BJ-011", 2.5]])


def test_a_plain_sheet():
    table = read(PLAIN)
    assert (table.kind, table.sheet, table.sheets) == ("xlsx", "Sheet1", ("Sheet1",))
    assert (table.header, table.header_line, table.encoding, table.delimiter) == (("park_id", "value"), 1, "", "")
    assert table.frame.rows() == [(2, "BJ-005", "1"), (3, "BJ-011", "2.5")]
    assert (table.notes, table.questions, table.problems) == ((), (), ())


def test_row_numbers_are_those_of_the_spreadsheet():
    def fill(sheet, book) -> None:
        sheet.write_row("B4", ["park_id", "value"])
        sheet.write_row("B5", ["BJ-005", 1])
        sheet.write_row("B9", ["BJ-011", 2])

    table = read(fill)
    assert (table.header_line, table.frame["line"].to_list()) == (4, [5, 9])


def test_values_are_as_a_person_would_type_them():
    def fill(sheet, book) -> None:
        day, moment, time = (
            book.add_format({"num_format": text}) for text in ("yyyy-mm-dd", "yyyy-mm-dd hh:mm", "hh:mm:ss")
        )
        sheet.write_row("A1", ["what", "value"])
        values = [123.0, 0.1 + 0.2, 1e15, 1e-7, "00123", " x ", True, "=cmd|x", "a\nb", -5]
        for line, value in enumerate(values, start=1):
            sheet.write(line, 0, "x")
            (sheet.write_string if isinstance(value, str) else sheet.write)(line, 1, value)
        sheet.write_row(11, 0, ["x", dt.date(2024, 3, 1)], day)
        sheet.write_row(12, 0, ["x", dt.datetime(2024, 3, 1, 12, 30)], moment)
        sheet.write_row(13, 0, ["x", dt.time(12, 30)], time)

    assert read(fill).frame["value"].to_list() == [
        *["123", "0.3", "1000000000000000", "0.0000001", "00123", " x ", "true", "=cmd|x", "a\nb", "-5"],
        *["2024-03-01", "2024-03-01 12:30:00", "12:30:00"],
    ]


def test_formulas_are_read_as_their_stored_result_and_never_computed():
    def fill(sheet, book) -> None:
        sheet.write_row("A1", ["a", "b"])
        sheet.write_formula("A2", "=1+1", None, 7)
        sheet.write_formula("B2", "=cmd|' /C calc'!A0", None, "harmless")

    assert read(fill).frame.rows() == [(2, "7", "harmless")]


def test_formulas_without_a_result_are_asked():
    data = made(rows_of([["a", "b"], [1, 2], [3, 4]]))
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"<v>4</v>", b"<f>A3+1</f>"))
    (question,) = read_table(stream.getvalue(), "a.xlsx").questions
    assert (question.key, question.values["count"]) == ("question.formula_without_result", 1)


def test_errors_are_problems_with_their_row_and_column():
    def fill(sheet, book) -> None:
        sheet.write_row("B2", ["name", "rent"])
        sheet.write_row("B3", ["A", 5])
        sheet.write("B4", "B")
        sheet.write_formula("C4", "=1/0", None, "#DIV/0!")
        sheet.write("B5", "C")
        sheet.write_formula("C5", "=NA()", None, "#N/A")

    table = read(fill)
    found = [(problem.line, problem.column, problem.value, problem.rule) for problem in table.problems]
    assert found == [(4, "rent", "#DIV/0!", Rule.CELL_ERROR), (5, "rent", "#N/A", Rule.CELL_ERROR)]
    assert table.frame["rent"].to_list() == ["5", "#DIV/0!", "#N/A"]


def test_percent_is_the_number_behind_it_and_told():
    def fill(sheet, book) -> None:
        sheet.write_row("A1", ["name", "rate"])
        sheet.write("A2", "A")
        sheet.write("B2", 0.123, book.add_format({"num_format": "0.0%"}))

    table = read(fill)
    assert table.frame["rate"].to_list() == ["0.123"]
    (note,) = table.notes
    assert (note.key, note.values["items"]) == ("note.percent_cells", "B")


def test_titles_merged_names_and_merged_cells():
    def fill(sheet, book) -> None:
        sheet.merge_range("A1:D1", "2026年10月景气调查")
        sheet.merge_range("A2:A3", "园区")
        sheet.merge_range("B2:C2", "营业收入")
        sheet.merge_range("D2:D3", "备注")
        sheet.write_row("B3", ["本月", "上月"])
        sheet.merge_range("A4:A5", "竞园")
        sheet.write_row("B4", [1, 2, "x"])
        sheet.write_row("B5", [3, 4, "y"])

    table = read(fill)
    assert table.header == ("园区", "营业收入 本月", "营业收入 上月", "备注")
    assert (table.header_line, keys(table.notes)) == (2, ["title_rows"])
    assert table.frame.rows() == [(4, "竞园", "1", "2", "x"), (5, "竞园", "3", "4", "y")]
    (question,) = table.questions
    assert question.values == {"items": "A4:A5", "count": 2}
    assert keys(table.questions) == ["merged_cells"]


def test_names_grouped_sideways_only():
    def fill(sheet, book) -> None:
        sheet.write("A1", "园区")
        sheet.merge_range("B1:C1", "营业收入")
        sheet.write_row("B2", ["本月", "上月"])
        sheet.write_row("A3", ["竞园", 1, 2])

    assert read(fill).header == ("园区", "营业收入 本月", "营业收入 上月")


def test_several_sheets_with_data_are_asked_and_one_can_be_chosen():
    notes = rows_of([["please read"]])
    other = rows_of([["park_id", "value"], ["SH-001", 9]])
    table = read(notes, PLAIN, other, names=("说明", "十月", "九月"))
    assert (table.sheet, table.sheets, keys(table.questions)) == ("十月", ("说明", "十月", "九月"), ["sheet"])
    chosen = read(notes, PLAIN, other, names=("说明", "十月", "九月"), reading=Reading(sheet="九月"))
    assert (chosen.frame.rows(), chosen.questions) == ([(2, "SH-001", "9")], ())
    assert read(PLAIN, other, reading=Reading(sure=True)).questions == ()


def test_hidden_sheets_are_not_asked_about():
    def hidden(sheet, book) -> None:
        rows_of([["list", "of", "parks"]] * 9)(sheet, book)
        sheet.hide()

    table = read(PLAIN, hidden)
    assert (table.sheet, table.questions) == ("Sheet1", ())


def test_a_sheet_that_is_not_there():
    with pytest.raises(IngestError) as caught:
        read(PLAIN, reading=Reading(sheet="x"))
    assert (caught.value.rule, caught.value.values["accepted"]) == (Rule.UNKNOWN_SHEET, "Sheet1")


def test_the_row_of_the_names_can_be_said():
    fill = rows_of([["x", "y"], ["park_id", "value"], ["BJ-005", 1]])
    assert read(fill, reading=Reading(header_row=2)).header == ("park_id", "value")
    with pytest.raises(IngestError) as caught:
        read(fill, reading=Reading(header_row=7))
    assert caught.value.rule in (Rule.EMPTY_FILE, Rule.HEADER_NOT_FOUND)


def test_a_sheet_without_column_names_is_read_where_a_person_says_so():
    table = read(rows_of([["BJ-005", 1], ["BJ-011", 2]]), reading=Reading(header_row=0))
    assert (table.header, table.header_line) == (("#1", "#2"), 0)
    assert table.frame.rows() == [(1, "BJ-005", "1"), (2, "BJ-011", "2")]


def test_blank_columns_without_a_name_are_dropped_and_others_kept():
    def fill(sheet, book) -> None:
        sheet.write_row("A1", ["a", "", "b"])
        sheet.write_row("A2", [1, 2, 3])
        sheet.write_blank("K2", None, book.add_format({"bold": True}))

    assert read(fill).header == ("a", "", "b")


@pytest.mark.parametrize(
    ("fill", "rule"),
    [
        (rows_of([]), Rule.EMPTY_FILE),
        (rows_of([["a", "b"]]), Rule.NO_ROWS),
        (rows_of([["a", "b"], ["x", "y" * 30_000]]), Rule.CELL_TOO_LONG),
        (rows_of([["a", "b"], *[["x", 1]] * 101]), Rule.TOO_MANY_ROWS),
    ],
)
def test_sheets_that_are_no_table(fill, rule):
    with pytest.raises(IngestError) as caught:
        read_table(made(fill), "a.xlsx", limits=Limits(rows=100, cell_chars=20_000))
    assert caught.value.rule is rule


@pytest.mark.parametrize("name", ["survey.csv", "survey.xls"])
def test_a_wrong_ending_is_told_and_read(name):
    table = read_table(made(PLAIN), name)
    assert (table.kind, keys(table.notes)) == ("xlsx", ["other_kind"])


def test_text_called_a_workbook_is_read_as_text():
    table = read_table(b"a,b\n1,2\n", "survey.xlsx")
    assert (table.kind, keys(table.notes)) == ("csv", ["other_kind"])


def test_an_old_workbook_with_merged_names_and_an_error():
    table = read_table((GOLDEN / "merged.xls").read_bytes(), "merged.xls")
    assert (table.kind, table.sheet, table.sheets) == ("xls", "十月", ("十月", "说明"))
    assert table.header == ("园区", "营业收入 本月", "营业收入 上月", "填报日期")
    assert table.frame.rows() == [
        (4, "竞园", "123", "12.5", "2026-10-31"),
        (5, "竞园", "00123", "7", "2026-11-01"),
        (7, "首钢园", "1200", "#DIV/0!", ""),
    ]
    assert [(problem.line, problem.column) for problem in table.problems] == [(7, "营业收入 上月")]
    assert keys(table.questions) == ["merged_cells"]


def test_days_that_count_from_1904():
    assert read_table((GOLDEN / "from_1904.xls").read_bytes(), "a.xls").frame.rows() == [(2, "2024-03-01", "5")]

    def fill(sheet, book) -> None:
        sheet.write_row("A1", ["day", "n"])
        sheet.write("A2", 43_890, book.add_format({"num_format": "yyyy-mm-dd"}))
        sheet.write("B2", 5)

    data = made(fill)
    assert read_table(data, "a.xlsx").frame.rows() == [(2, "2020-02-29", "5")]
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"<workbookPr ", b'<workbookPr date1904="1" '))
    assert read_table(stream.getvalue(), "a.xlsx").frame.rows() == [(2, "2024-03-01", "5")]


def test_a_parser_that_dies_or_lingers_takes_nobody_with_it(monkeypatch, tmp_path):
    for text, value in [("import os; os.abort()", "code -6"), ("import time; time.sleep(60)", "> 3 s")]:
        script = tmp_path / "child.py"
        script.write_text(text)
        monkeypatch.setattr(workbook, "CHILD", script)
        with pytest.raises(IngestError) as caught:
            read_table(made(PLAIN), "a.xlsx", limits=Limits(seconds=1))
        assert (caught.value.rule, caught.value.values["value"]) == (Rule.UNREADABLE_WORKBOOK, value)
        assert caught.value.sentence("zh")


def test_too_little_memory_is_a_refusal():
    with pytest.raises(IngestError) as caught:
        read_table(made(PLAIN), "a.xlsx", limits=Limits(memory_bytes=60_000_000))
    assert caught.value.rule is Rule.UNREADABLE_WORKBOOK
