"""Text to cells: delimiters, line numbers, ragged rows, limits."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.ingest.limits import Limits
from data.ingest.problems import IngestError, Rule
from data.ingest.table import Reading, read_table

LIMIT_CELL, LIMIT_COLUMNS = Limits().cell_chars, Limits().columns
FOUND, ORDINARY = Reading(), Limits()

EXAMPLES = Path(__file__).parents[3].parent / "shared" / "csv_examples"


def refused(data: bytes, reading: Reading = FOUND, limits: Limits = ORDINARY) -> IngestError:
    with pytest.raises(IngestError) as caught:
        read_table(data, "file.csv", reading, limits)
    assert caught.value.sentence("zh")
    return caught.value


def asked(data: bytes, reading: Reading = FOUND) -> list[str]:
    questions = read_table(data, "file.csv", reading).questions
    assert all(question.sentence(language) for question in questions for language in ("zh", "en"))
    return [question.key.removeprefix("question.") for question in questions]


def noted(data: bytes, name: str = "file.csv") -> list[str]:
    notes = read_table(data, name).notes
    assert all(note.sentence(language) for note in notes for language in ("zh", "en"))
    return [note.key.removeprefix("note.") for note in notes]


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


@pytest.mark.parametrize("line", [b"\n", b"#\n", b"1,2\r", b"1\n", b'"x\n",2\n'])
def test_many_more_lines_than_rows_are_refused_before_they_are_read(line):
    assert refused(b"a,b\n" + line * 300, limits=Limits(rows=100)).rule is Rule.TOO_MANY_ROWS


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


@pytest.mark.parametrize("data", [b"just words\nin two lines\n", "月份，园区\n2026-10，竞园\n".encode(), b"alone\n"])
def test_words_without_a_delimiter_are_not_a_table(data):
    assert refused(data).rule is Rule.NOT_A_TABLE


def test_one_column_without_anything_that_could_separate_is_a_table():
    assert read_table(b"code\n001\n002\n", "file.csv").frame.rows() == [(2, "001"), (3, "002")]


@pytest.mark.parametrize(
    "above",
    [
        "2026年10月景气调查,,,\n",
        "2026年10月景气调查\n\n单位：万元\n",
        "# made by the register\n",
        "some notes...\nmore notes,...\n",
        ",,,\n2026年,景气调查,,\n",
    ],
)
def test_titles_above_the_header_are_left_out_and_told(above):
    data = f"{above}月份,园区,业务量,人数\n2026-10,竞园,上升,12\n".encode()
    table = read_table(data, "file.csv")
    assert table.header == ("月份", "园区", "业务量", "人数")
    assert table.header_line == above.count("\n") + 1
    assert table.frame.rows() == [(table.header_line + 1, "2026-10", "竞园", "上升", "12")]
    assert noted(data) == ["title_rows"]
    assert asked(data) == []


def test_rows_above_the_header_that_look_like_data_are_asked():
    data = b"1,2,3,,,,\na,b,c,d,e,f,\n7,8,9,,,,9\n7,8,9,1,2,3,9\n"
    assert asked(data) == ["rows_above"]
    assert read_table(data, "file.csv", Reading(header_row=1)).header_line == 1
    assert asked(b'"a,d,e,f"\n1,2,3,4\n2,3,4,5\n') == ["rows_above"]


def test_a_header_with_a_gap_stays_the_header():
    table = read_table(b"nameA,nameB,,nameD\nA,,C,D\nF,G,M,T\n", "file.csv")
    assert (table.header_line, table.frame.height) == (1, 2)


def test_remarks_between_the_rows_are_left_out_and_told():
    data = b"a,b\n1,2\n# a remark\n#3,4\n"
    assert read_table(data, "file.csv").frame.rows() == [(2, "1", "2"), (4, "#3", "4")]
    assert noted(data) == ["comments_left_out"]


def test_a_first_row_of_data_is_asked_but_years_are_names():
    assert asked(b"7,P1,12.5\n8,P2,13\n9,P3,14\n10,P4,15\n") == ["header_is_data"]
    assert asked(b"city,2024,2025\nA,1,2\nB,3,4\nC,5,6\n") == []
    assert asked(b"7,P1,12.5\n8,P2,13\n9,P3,14\n10,P4,15\n", Reading(header_row=1)) == []


def test_unsteady_rows_doubled_names_and_two_possible_delimiters_are_asked():
    assert asked(b"a,b,c\n1,2\n1,2,3,4\n1,2,3\n") == ["unsteady_width"]
    assert asked(b"a,b,c\n1,2\n1,2,3,4\n1,2,3\n1,2,3\n") == []  # two rows are named, the table is in no doubt
    assert asked(b"a,b,c\n" + b"1,2\n" * 3 + b"1,2,3\n" * 8) == ["unsteady_width"]
    assert asked(b"a,b,a\n1,2,3\n") == ["doubled_names"]
    assert asked(b"a,b;c,d\n1,2;3,4\n5,6;7,8\n") == []
    assert asked(b"a,b;c\n1,2;3\n5,6;7\n") == ["delimiter"]
    assert asked(b"a,b;c\n1,2;3\n5,6;7\n", Reading(delimiter=";")) == []
    assert asked(b"a,b,a\n1,2\n", Reading(sure=True)) == []


def test_what_a_person_says_goes_before_what_would_be_found():
    data = "x;y\nKöln;1,5\nUlm;2,5\n".encode("cp1252")
    table = read_table(data, "file.csv", Reading(encoding="cp1252", delimiter=",", header_row=2))
    assert table.header == ("Köln;1", "5")
    assert (table.header_line, table.encoding, table.delimiter) == (2, "cp1252", ",")
    assert refused(data, Reading(header_row=9)).rule is Rule.EMPTY_FILE
    assert refused(b"a,b\n\n1,2\n", Reading(header_row=2)).rule is Rule.HEADER_NOT_FOUND


def test_the_separator_line_of_spreadsheets():
    table = read_table(b"sep=;\na,b;c\n1,5;2\n", "file.csv")
    assert (table.header, table.header_line, table.frame.rows()) == (("a,b", "c"), 2, [(3, "1,5", "2")])


def test_backslashes_and_single_quotes_where_they_make_the_rows_steady():
    escaped = "".join(f"t{i},A\\, B\\, C,{i}\n" if i % 2 else f"t{i},A,{i}\n" for i in range(20))
    assert read_table(f"id,title,n\n{escaped}".encode(), "f.csv").frame["title"].unique().sort().to_list() == [
        "A",
        "A, B, C",
    ]
    single = "".join(f"'t{i}','A, B','{i}'\n" if i % 2 else f"'t{i}','A','{i}'\n" for i in range(20))
    assert read_table(f"'id','title','n'\n{single}".encode(), "f.csv").header == ("id", "title", "n")


@pytest.mark.parametrize(("name", "notes"), [("a.csv", []), ("a.txt", []), ("a.xlsx", ["other_kind"]), ("a", [])])
def test_a_name_that_says_something_else_is_told_and_the_file_is_read(name, notes):
    assert noted(b"a,b\n1,2\n", name) == notes


def test_formulas_stay_text():
    table = read_table(b"a,b\n=cmd|' /C calc'!A0,@x\n", "file.csv")
    assert table.frame.rows() == [(2, "=cmd|' /C calc'!A0", "@x")]


def test_names_of_columns_over_two_lines_keep_the_line_numbers():
    table = read_table(b'"a\nx",b\n1,2\n', "file.csv")
    assert (table.header, table.header_line, table.frame["line"].to_list()) == (("a\nx", "b"), 1, [3])


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


@pytest.mark.parametrize("filling", ["x", "x" * 20_000])
def test_row_limit(filling):
    data = f"a,{filling}\n\n".encode() + b"1,2\n" * 50_000
    assert read_table(data, "file.csv", limits=Limits(rows=50_000)).frame.height == 50_000
    error = refused(data + b"1,2\n", limits=Limits(rows=50_000))
    assert (error.rule, error.values["line"]) == (Rule.TOO_MANY_ROWS, 50_003)


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


@pytest.mark.parametrize(
    ("data", "rows"),
    [
        (b"7,P1,12.5\n8,P2,13\n", [(1, "7", "P1", "12.5"), (2, "8", "P2", "13")]),
        (b"\n1,2,3,4\n", [(2, "1", "2", "3", "4")]),
        (b'"1,000.00"\n"2,000.50"\n', [(1, "1,000.00"), (2, "2,000.50")]),
        (b"sep=;\na;b\n", [(2, "a", "b")]),
    ],
)
def test_a_file_without_column_names_is_read_where_a_person_says_so(data, rows):
    table = read_table(data, "file.csv", Reading(header_row=0))
    assert (table.frame.rows(), table.header_line) == (rows, 0)
    assert table.header == tuple(f"#{place}" for place in range(1, len(rows[0])))
    assert table.questions == ()


def outcome(path: Path, reading: Reading = FOUND) -> tuple[object, ...]:
    try:
        table = read_table(path.read_bytes(), path.name, reading)
    except IngestError as error:
        return ("refused", error.rule)
    bad = [problem.line - table.header_line for problem in table.problems]
    return (table.frame.height, len(table.header), bad, table.notes, table.questions)


@pytest.mark.reference
@pytest.mark.skipif(not (EXAMPLES / "INDEX.csv").exists(), reason="the folder of example files is not there")
def test_every_example_file_gets_the_outcome_of_its_index():
    with open(EXAMPLES / "INDEX.csv", encoding="utf-8", newline="") as stream:
        index = list(csv.DictReader(stream))
    assert len(index) == 37
    for example in index:
        found = outcome(EXAMPLES / example["file"])
        headless = example["header_lines"] == "0"
        if example["expected"] == "warn":
            assert found[0] == "refused" or found[3] or found[4], example["file"]
        elif headless:  # refused or asked about, and read where a person says that there are no column names
            assert found[0] == "refused" or found[4], example["file"]
            told = Reading(encoding=example["encoding"] if found[1] is Rule.WRONG_ENCODING else None, header_row=0)
            shape = (int(example["rows"]), int(example["cols"]))
            assert outcome(EXAMPLES / example["file"], told)[:2] == shape, example["file"]
        else:
            questions = {question.key for question in found[4]}
            assert questions <= {"question.doubled_names", "question.unsteady_width"}, example["file"]
            if example["rows"]:
                assert found[:2] == (int(example["rows"]), int(example["cols"])), example["file"]
            bad = [int(place) for place in example["bad_rows"].split()]
            assert not bad or found[2] == bad
