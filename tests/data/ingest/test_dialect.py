"""Delimiter, quote, escape, and the row of the column names."""

from __future__ import annotations

import pytest

from data.ingest.dialect import Dialect, Record, are_names, dialect_of, header_at, is_data, is_one_column
from data.ingest.problems import IngestError, Rule


def records(*rows):
    return [Record(line, list(cells), line) for line, cells in enumerate(rows, start=1)]


@pytest.mark.parametrize(
    ("text", "delimiter", "width"),
    [
        ("a;b\n1,5;2,5\n3,5;4,5\n", ";", 2),
        ("a\tb, c\n1\t2, 3\n4\t5\n", "\t", 2),
        ("a|b|c\n1|2, 3|4\n", "|", 3),
        ("name,note\nA,x; y; z\nB,u; v; w\nC,p\n", ",", 2),
        ("no delimiter\nhere\n", ",", 1),
    ],
)
def test_the_delimiter_is_the_one_with_steady_rows(text, delimiter, width):
    found = dialect_of(text)
    assert (found.width, found.delimiter if width > 1 else ",") == (width, delimiter)


def test_two_delimiters_that_fit_alike_are_rivals():
    assert dialect_of("a,b;c\n1,2;3\n").rival in ",;"
    assert dialect_of("a,b;c\n1,2;3\n").rival != ""
    assert dialect_of("a,b,c\n1,2,3\n").rival == ""


def test_a_said_delimiter_is_taken():
    assert dialect_of("a,b;c\n1,2;3\n", ";").delimiter == ";"
    assert dialect_of("a:b\n1:2\n", ":").width == 2


def test_the_share_tells_how_steady_the_rows_are():
    assert dialect_of("a,b\n1,2\n1,2\n1,2,3\n").share == 0.75


def test_an_endless_cell_ends_the_sample():
    assert dialect_of('a,b\n1,2\n"' + "x" * 200_000).width == 2


def test_the_reader_knows_escape_and_quote():
    assert list(Dialect(",", "'", "\\").rows(["'a,b',c\\,d\n"])) == [["a,b", "c,d"]]


def test_the_header_is_the_first_wide_row():
    assert header_at(records(["t", "", ""], ["a", "b", "c"], ["1", "2", "3"]), 3) == 1
    assert header_at(records(["a", "", "c"], ["x", "y", "z"], ["1", "2", "3"]), 3) == 1
    assert header_at(records(["a", "b"], ["x", "y", "z"], ["u", "v", "w"]), 3) == 0
    assert header_at(records(["a", "b"], ["x", "y", "z"]), 3) == 0


def test_no_row_wide_enough():
    with pytest.raises(IngestError) as caught:
        header_at(records(["a", "", "", ""], ["b", "", "", ""]), 4)
    assert caught.value.rule is Rule.HEADER_NOT_FOUND


@pytest.mark.parametrize("cell", ["1", "-1.5", "1,200", "12%", "¥3", "1e5", "1 200"])
def test_numbers_are_no_names(cell):
    assert not are_names(["a", cell])


@pytest.mark.parametrize("cell", ["2024", "2024-03", "202403", "", "Q1", "1月", "a1"])
def test_years_and_words_are_names(cell):
    assert are_names(["a", cell])


def test_data_needs_three_rows_of_numbers_below():
    rows = [("1", "a"), ("2", "b"), ("3", "c")]
    assert is_data(["7", "x"], rows)
    assert not is_data(["7", "x"], rows[:2])
    assert not is_data(["7", "x"], [("a", "a"), *rows])
    assert not is_data(["7", "x"], [("", "a")] * 3)
    assert not is_data(["id", "x"], rows)


def test_one_column():
    assert is_one_column(records(["code"], ["1"]))
    assert not is_one_column(records(["code"]))
    assert not is_one_column(records(["月份，园区"], ["1"]))
    assert not is_one_column([])
