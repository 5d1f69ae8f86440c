"""The two lanes of reading: whatever the text, both give the same rows, problems and refusals."""

from __future__ import annotations

import csv
import io

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from data.ingest import delimited
from data.ingest.delimited import body_of
from data.ingest.dialect import Dialect
from data.ingest.limits import Limits
from data.ingest.problems import IngestError, Rule

COLUMNS = ("c1", "c2", "c3")
ORDINARY = Limits()
ODD_CELLS = ["", "a", "a,b", 'x"y', " s", "s ", "#", "园区", "　", "\x1c", "a\nb", "a\rb", ",", "\ue000"]
characters = st.text(st.sampled_from('ab,,\n\n\r "#月　\x1c'), max_size=80)
cells = st.lists(st.sampled_from(ODD_CELLS), min_size=2, max_size=4)


def read(text: str, quick: bool, limits: Limits = ORDINARY, delimiter: str = ","):
    written = Dialect(delimiter, width=3)
    try:
        body = body_of(f"h1,h2,h3\n{text}".encode(), written, COLUMNS, 1, limits, quick)
    except IngestError as error:
        return error.rule, error.values
    return body.frame.rows(), body.frame.schema, body.problems, body.comments, body.steady


def written(rows: list[list[str]], quoting: int) -> str:
    stream = io.StringIO(newline="")
    csv.writer(stream, quoting=quoting, lineterminator="\n").writerows(rows)
    return stream.getvalue()


@settings(max_examples=400, deadline=None)
@given(characters)
@example("a,b,c\n,,\n ,x, y\n\n#remark\n1,2\n1,2,3,4\n,,,z\n")
@example('"a","b ""x""",c\n' * 12)
@example('a,b,"c\n')
@example("1,2\n1,2,3,4\n")  # as many delimiters as two regular rows
def test_both_lanes_read_any_text_alike(text):
    assert read(text, quick=True) == read(text, quick=False)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(cells, max_size=40),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.sampled_from(["\n", "\r\n", "\r"]),
)
def test_both_lanes_read_written_rows_alike(rows, quoting, end):
    text = written(rows, quoting).replace("\n", end)
    assert read(text, quick=True) == read(text, quick=False)


plain = st.lists(st.sampled_from(["", "a", " s", "s ", "#", "园区", "\u3000", "\x1c", "0"]), min_size=3, max_size=3)


@settings(max_examples=200, deadline=None)
@given(st.lists(plain, min_size=1, max_size=30), st.sampled_from(["\n", "\r\n"]))
def test_regular_lines_need_no_mending(rows, end):
    text = "".join(",".join(row) + end for row in rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(delimited, "marks_by_line", None)
        assert read(text, quick=True) == read(text, quick=False)


@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
def test_the_quick_lane_is_taken_for_regular_files(quoting, monkeypatch):
    rows = [["R1", "园区", "租金上涨, 回款慢" if i % 30 == 0 else str(i)] for i in range(300)]
    monkeypatch.setattr(delimited, "_thorough_body", None)
    frame = read(written(rows, quoting), quick=True)[0]
    assert [list(row[1:]) for row in frame] == rows


def test_rows_keep_the_lines_of_the_file_in_both_lanes():
    text = "1,2,3\n\n4,5,6\n\n\n7,8\n"
    for quick in (False, True):
        rows, _, problems, _, steady = read(text, quick)
        assert rows == [(2, "1", "2", "3"), (4, "4", "5", "6"), (7, "7", "8", None)]
        assert [(problem.line, problem.rule) for problem in problems] == [(7, Rule.SHORT_ROW)]
        assert steady == 2


@pytest.mark.parametrize("quick", [True, False])
@pytest.mark.parametrize(
    ("text", "rule", "line"),
    [
        ("1,2,3\n" * 6, Rule.TOO_MANY_ROWS, 7),
        ("1,2,3\n" + "1,2," + "x" * 21 + "\n", Rule.CELL_TOO_LONG, 3),
        ("1,2,3\n" + "1," * 12 + "\n", Rule.TOO_MANY_COLUMNS, 3),
        ('1,2,3\n"a' + "\n" * 6 + '",2,3\n', Rule.OPEN_QUOTE, 3),
    ],
)
def test_limits_name_the_line_in_both_lanes(quick, text, rule, line):
    found, values = read(text, quick, Limits(rows=5, cell_chars=20, columns=10, record_lines=5))
    assert (found, values["line"]) == (rule, line)


def test_a_cell_of_chinese_is_measured_in_characters():
    text = "".join(f"1,2,{'园' * 20}\n" for _ in range(12))
    assert len(read(text, True, Limits(cell_chars=20))[0]) == 12


def test_many_rows_go_through_in_pieces(monkeypatch):
    monkeypatch.setattr(delimited, "ROWS_AT_ONCE", 7)
    rows = read('1,"2\n2",3\n' * 50, quick=True)[0]
    assert [row[0] for row in rows] == list(range(2, 102, 2))
    assert pl.Series([row[2] for row in rows]).unique().to_list() == ["2\n2"]
