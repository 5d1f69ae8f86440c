"""The survey: wide rows to answers, every problem at its line and column."""

from __future__ import annotations

import contextlib
import csv
import io
import random
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.ingest import IngestError, check, explained

TODAY = date(2026, 11, 22)
HEADER = "月份,园区编号,园区名称,业务量,新签租约,出租率"
EXAMPLES = Path(__file__).parents[3].parent / "shared" / "csv_examples"


@pytest.fixture(scope="session")
def survey(registers):
    def run(*rows: str, header: str = HEADER, encoding: str = "utf-8"):
        return check("survey", "\n".join([header, *rows]).encode(encoding), "survey.csv", registers, TODAY)

    return run


def problems(checked):
    return checked.rejected.select("line", "column", "value", "rule").rows()


def test_wide_rows_become_one_row_per_answer(survey):
    checked = survey("2026年10月,BJ-005,798艺术区,上升,持平,无", "2026-09,bj-011,,减少,,+")
    assert checked.accepted.rows() == [
        ("monthly", date(2026, 10, 1), "BJ-005", "business_volume", "up", False),
        ("monthly", date(2026, 10, 1), "BJ-005", "new_leases", "same", False),
        ("monthly", date(2026, 9, 1), "BJ-011", "business_volume", "down", False),
        ("monthly", date(2026, 9, 1), "BJ-011", "occupancy", "up", False),
    ]
    assert checked.rejected.is_empty()
    assert (checked.dataset, checked.n_rows, checked.n_accepted) == ("answers", 2, 2)
    assert checked.mapping["新签租约"] == "new_leases"


def test_english_headers_semicolons_names_and_synthetic_mark(survey):
    checked = survey(
        "202610;798 Art Zone;Up;yes",
        "2026/10;Shougang park;flat;",
        header="Month;Park name;Business volume;is_synthetic",
    )
    assert checked.accepted.select("park_id", "answer", "is_synthetic").rows() == [
        ("BJ-005", "up", True),
        ("BJ-011", "same", False),
    ]
    assert {note.key for note in checked.notes} == {"note.delimiter", "note.items_not_in_file"}


def test_gb18030_with_four_byte_characters(survey):
    checked = survey("2026-10,,鑫淼\u4dae园,上升,上升,上升", encoding="gb18030")
    assert checked.encoding == "gb18030"
    assert checked.accepted["park_id"].unique().to_list() == ["BJ-099"]


def test_all_problems_in_one_pass(survey):
    checked = survey(
        "2026-10,BJ-005,,上升,持平,下降",  # line 2 is good
        "2026-12,BJ-055,,较好,上升,上升",
        "2024.1,BJ-005,首钢文化产业园,上升,上升,还行",
        "",
        "2026-10,BJ-021,,,-,无",
        "2026-10,,,上升,上升,上升",
        ",BJ-021,,上升,上升,上升",
        "2026-10,BJ-021,,上升,上升",
        "2026-08,BJ-021,,上升,上升,上升,多,余",
    )
    assert problems(checked) == [
        (3, "月份", "2026-12", "future_month"),
        (3, "园区编号", "BJ-055", "unknown_park"),
        (3, "业务量", "较好", "bad_answer"),
        (4, "月份", "2024.1", "bad_month"),
        (4, "园区名称", "首钢文化产业园", "park_id_name_conflict"),
        (4, "出租率", "还行", "bad_answer"),
        (6, "园区编号", "BJ-021", "doubled_park_month"),
        (6, "业务量", "", "empty_row_answers"),
        (7, "园区编号", "", "missing_value"),
        (8, "月份", "", "missing_value"),
        (9, "园区编号", "BJ-021", "doubled_park_month"),
        (9, "", "5", "short_row"),
        (10, "", "8", "long_row"),
    ]
    assert checked.n_rows == 9 - 1
    assert checked.rejected_rows["line"].to_list() == [3, 4, 6, 7, 8, 9, 10]
    assert checked.accepted.height == 3


def test_a_bad_answer_keeps_the_whole_park_month_out_and_lists_what_is_accepted(survey):
    checked = survey("2026-10,BJ-005,,上升,不错,上升")
    assert checked.accepted.is_empty()
    told = explained(checked.rejected, "zh").row(0, named=True)
    assert (told["line"], told["column"], told["value"]) == (2, "新签租约", "不错")
    assert "上升" in told["accepted"]
    assert "持平" in told["accepted"]
    assert "减少" in told["accepted"]


@pytest.mark.parametrize(
    ("cells", "suggestion"),
    [(",首都钢文化产业园", "BJ-011 首钢文化产业园"), ("BJ-999,竞园", "BJ-021 竞园"), (",完全不同的地方名称", "")],
)
def test_an_unknown_park_comes_with_the_closest(survey, cells, suggestion):
    checked = survey(f"2026-10,{cells},上升,上升,上升")
    assert checked.rejected["rule"].to_list() == ["unknown_park"]
    assert checked.rejected["suggestion"].item() == suggestion
    assert explained(checked.rejected, "en")["todo"].item().endswith(f"{suggestion}." if suggestion else "this file.")


def test_a_renamed_park_is_taken_by_its_id_with_a_remark(survey):
    checked = survey("2026-10,BJ-011,首钢园,上升,上升,上升")
    assert checked.accepted.height == 3
    assert [(note.key, note.values["lines"]) for note in checked.notes] == [("note.park_name_differs", "2")]


def test_doubled_park_months_name_both_lines(survey):
    checked = survey("2026-10,BJ-005,,上升,上升,上升", "2026/10,,798艺术区,下降,下降,下降")
    assert checked.rejected["rule"].to_list() == ["doubled_park_month"] * 2
    assert checked.rejected["accepted"].to_list() == ["2, 3"] * 2
    assert checked.accepted.is_empty()


@pytest.mark.parametrize(
    ("header", "rule", "column"),
    [
        ("园区编号,业务量,出租率", "missing_header", "month"),
        ("月份,业务量,出租率", "missing_header", "park_id"),
        ("月份,园区编号,备注", "missing_header", "business_volume"),
        ("月份,月份,园区编号,业务量", "doubled_header", "月份"),
    ],
)
def test_header_problems_keep_every_row_out(survey, header, rule, column):
    row = ",".join({"月份": "2026-10", "园区编号": "BJ-005"}.get(title, "上升") for title in header.split(","))
    checked = survey(row, header=header)
    assert (1, column, rule) in checked.rejected.select("line", "column", "rule").rows()
    assert checked.accepted.is_empty()
    assert checked.rejected_rows.height == checked.n_rows == 1


def test_seeded_errors_are_found_exactly(survey):
    draw = random.Random(7)
    rows, wrong = [], set()
    months = [f"{year}-{number:02d}" for year in range(1990, 2025) for number in range(1, 13)]
    for line, (period, park) in enumerate(((m, p) for m in months for p in ("BJ-005", "BJ-021")), start=2):
        cells = [period, park, "", *draw.choices(["上升", "持平", "下降", ""], k=2), "上升"]
        if draw.random() < 0.1:
            place, value, rule = draw.choice(
                [
                    (0, "2O24-01", "bad_month"),
                    (1, "QQ", "unknown_park"),
                    (3, "好!", "bad_answer"),
                    (5, "差?", "bad_answer"),
                ]
            )
            cells[place] = value
            wrong.add((line, HEADER.split(",")[place], value, rule))
        rows.append(",".join(cells))
    checked = survey(*rows)
    assert len(wrong) > 50
    assert set(problems(checked)) == wrong
    assert checked.rejected.height == len(wrong)


dirty = st.sampled_from(
    [
        "2026-10",
        "2026年9月",
        "9999-99",
        "BJ-005",
        "798艺术区",
        "?",
        "",
        "上升",
        "下降",
        "无",
        "=1+1",
        "\n",
        '"',
        "\u4dae",
        "1e5",
    ]
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.sampled_from([*HEADER.split(","), "备注", "", "line"]), min_size=2, max_size=8),
    st.lists(st.lists(dirty, min_size=1, max_size=9), min_size=1, max_size=8),
)
def test_dirty_tables_are_checked_or_refused_and_every_row_is_accounted_for(registers, header, rows):
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows([header, *rows])
    for dataset in ("answers", "events", "enterprises", "parks"):
        try:
            checked = check(dataset, stream.getvalue().encode(), "dirty.csv", registers, TODAY)
        except IngestError:
            continue
        stored = checked.accepted.height
        if dataset == "answers":
            stored = checked.accepted.select("period", "park_id").unique().height
        assert stored + checked.rejected_rows.height == checked.n_rows
        assert set(checked.rejected_rows["line"]) - {1} <= set(range(2, 200))
        assert explained(checked.rejected, "en").height == checked.rejected.height


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["utf-8", "gb18030", "utf-16"]))
def test_random_bytes_raise_nothing_but_ingest_errors(registers, data, encoding):
    for tail in (data, f"{HEADER}\n2026-10,BJ-005,,上升,上升,".encode(encoding) + data):
        try:
            checked = check("survey", tail, "random.csv", registers, TODAY)
        except IngestError:
            continue
        assert isinstance(checked.accepted, pl.DataFrame)


@pytest.mark.reference
@pytest.mark.skipif(not (EXAMPLES / "INDEX.csv").exists(), reason="the folder of example files is not there")
@pytest.mark.parametrize("dataset", ["survey", "events", "enterprises", "parks"])
def test_example_files_are_checked_or_refused(registers, dataset):
    for path in sorted(EXAMPLES.glob("*/*.csv")):
        with contextlib.suppress(IngestError):
            checked = check(dataset, path.read_bytes(), path.name, registers, TODAY)
            assert checked.n_accepted + checked.rejected_rows.height == checked.n_rows
