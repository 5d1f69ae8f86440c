"""Text to cells: delimiters, line numbers, ragged rows, limits."""

from __future__ import annotations

import contextlib
import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.ingest.problems import IngestError, Rule
from data.ingest.limits import Limits
from data.ingest.table import read_table

LIMIT_CELL, LIMIT_COLUMNS, LIMIT_ROWS = Limits().cell_chars, Limits().columns, Limits().rows

EXAMPLES = Path(__file__).parents[3].parent / "shared" / "csv_examples"


def refused(data: bytes) -> IngestError:
    with pytest.raises(IngestError) as caught:
        read_table(data, "file.csv")
    assert caught.value.sentence("zh")
    return caught.value


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(delimiter, end):
    text = end.join(["a,b,c", "1,2,3", "", "4,,6", ""]).replace(",", delimiter)
    table = read_table(text.encode(), "file.csv")
    assert table.header == ("a", "b", "c")
    assert table.delimiter == delimiter
    assert table.frame.rows() == [(2, "1", "2", "3"), (4, "4", "", "6")]


def test_the_steadiest_width_wins_over_the_most_frequent_character():
    data = '名称;备注\n一园;"a,b,c"\n二园;"d,e"\n三园;f\n'.encode()
    assert read_table(data, "file.csv").delimiter == ";"


def test_line_numbers_count_quoted_line_ends_and_blank_rows():
    data = b'a,b\n"x\ny",1\n\n,\nz,2\n'
    assert read_table(data, "file.csv").frame["line"].to_list() == [2, 6]


def test_codes_keep_their_zeros_and_cells_their_blanks():
    assert read_table(b"a,b\n00123, x \n", "file.csv").frame.rows() == [(2, "00123", "x ")]


def test_short_and_long_rows_are_reported_and_kept():
    table = read_table(b"a,b,c\n1,2\n1,2,3\n1,2,3,4\n1,2,3,,\n", "file.csv")
    assert [(p.line, p.rule, p.value, p.accepted) for p in table.problems] == [
        (2, Rule.SHORT_ROW, "2", "3"),
        (4, Rule.LONG_ROW, "4", "3"),
    ]
    assert table.frame.height == 4
    assert table.frame["c"].to_list() == [None, "3", "3", "3"]


def test_doubled_blank_and_reserved_header_names_get_columns_of_their_own():
    table = read_table(b"line,a,a,,\n1,2,3,,5\n", "file.csv")
    assert table.header == ("line", "a", "a", "", "")
    assert len(set(table.columns)) == 5
    assert table.frame.columns == ["line", *table.columns]
    assert table.frame["line"].to_list() == [2]


@pytest.mark.parametrize("data", [b"just words\nin two lines\n", b"a\n1\n2\n", "月份，园区\n2026-10，竞园\n".encode()])
def test_one_column_is_not_a_table(data):
    assert refused(data).rule is Rule.NOT_A_TABLE


def test_a_title_above_the_header_is_told():
    error = refused("2026年10月景气调查,,,\n月份,园区,业务量,出租率\n2026-10,竞园,上升,持平\n".encode())
    assert error.rule is Rule.HEADER_NOT_FOUND
    assert error.values["line"] == 1


def test_a_header_without_rows():
    assert refused("月份,园区\n\n".encode()).rule is Rule.NO_ROWS


def test_only_delimiters_is_empty():
    assert refused(b",,,\n,,,\n").rule in (Rule.EMPTY_FILE, Rule.NOT_A_TABLE)


def test_a_quote_never_closed():
    error = refused(b'a,b\n1,2\n"3,4\n5,6\n')
    assert (error.rule, error.values["line"]) == (Rule.OPEN_QUOTE, 3)


def test_a_record_over_very_many_lines_is_an_open_quote():
    data = b'a,b\n"3,4\n' + b"5,6\n" * 60 + b'x",7\n'
    assert refused(data).rule is Rule.OPEN_QUOTE


@pytest.mark.parametrize("length", [LIMIT_CELL + 1, 200_000])
def test_cell_limit(length):
    error = refused(b"a,b\n1,2\n3," + b"x" * length + b"\n")
    assert (error.rule, error.values["line"]) == (Rule.CELL_TOO_LONG, 3)


def test_column_limit():
    assert refused(b"a," * LIMIT_COLUMNS + b"a\n1,2\n").rule is Rule.TOO_MANY_COLUMNS


def test_row_limit():
    assert refused(b"a,b\n" + b"1,2\n" * (LIMIT_ROWS + 1)).rule is Rule.TOO_MANY_ROWS


cells = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(cells, min_size=3, max_size=3), min_size=1, max_size=6), st.sampled_from(",;\t|"))
def test_what_the_csv_module_writes_comes_back(rows, delimiter):
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows([["月份", "园区", "业务量"], *rows])
    full = [tuple(row) for row in rows if any(cell.strip() for cell in row)]
    if full:
        assert read_table(stream.getvalue().encode(), "file.csv").frame.drop("line").rows() == full
    else:
        assert refused(stream.getvalue().encode()).rule is Rule.NO_ROWS


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from('ab,;\t|"\n\r 月上'), max_size=60))
def test_any_text_is_a_table_or_an_ingest_error(text):
    try:
        table = read_table(text.encode(), "file.csv")
    except IngestError:
        return
    assert table.frame.height >= 1
    assert table.frame["line"].is_sorted()
    assert table.frame.width == len(table.header) + 1


@pytest.mark.reference
@pytest.mark.skipif(not (EXAMPLES / "INDEX.csv").exists(), reason="the folder of example files is not there")
def test_example_files_never_raise_anything_else():
    with open(EXAMPLES / "INDEX.csv", encoding="utf-8", newline="") as stream:
        index = list(csv.DictReader(stream))
    for example in index:
        with contextlib.suppress(IngestError):
            assert read_table((EXAMPLES / example["file"]).read_bytes(), example["file"]).frame.height >= 1
