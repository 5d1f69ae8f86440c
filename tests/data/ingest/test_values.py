"""Cells to values. Full-width forms stand as escapes: editors normalise them and the test then tests nothing."""

from __future__ import annotations

import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.ingest.problems import Refused, Rule
from data.ingest.values import (
    day,
    folded,
    identifier,
    is_formula_like,
    is_missing,
    month,
    name_key,
    number,
    text,
    whole_number,
    yes_no,
)

NUMBERS = {
    "\uff11\uff0c\uff12\uff13\uff14\uff0e\uff15": 1234.5,
    "1,234.5": 1234.5,
    "3.2万": 32000.0,
    "1.5亿": 1.5e8,
    "2千": 2000.0,
    "3百万": 3e6,
    "1234.5": 1234.5,
    "95.6%": 0.956,
    "-3": -3.0,
    "1E+05": 1e5,
    ".5": 0.5,
    "5.": 5.0,
    "1e-100": 1e-100,
    "12.3%": 0.123,
    "12.3\uff05": 0.123,
    "5‰": 0.005,
    "\uff0d3": -3.0,
    "−3": -3.0,
    "\uff081,200\uff09": -1200.0,
    "(1,200)": -1200.0,
    "¥1,200.00": 1200.0,
    "\uffe51200元": 1200.0,
    "3.2万元": 32000.0,
    "1 234": 1234.0,
    "1\u00a0234": 1234.0,
    "1e5": 1e5,
    "+5": 5.0,
    " 7 ": 7.0,
    "0": 0.0,
}
NO_NUMBERS = (
    "约3000|3000左右|1.2.3|1,23|壹佰|12-3|2024年|3万5千|0x10|inf|NaN|1_000|10³|1½|①|(-5)|(5|5)|1¥2|1 2|abc|.|1,|1e9999|"
    + "9" * 400
).split("|")
MONTHS = {
    "2024年3月": 3,
    "\uff12\uff10\uff12\uff14年\uff13月": 3,
    "2024年03月": 3,
    "2024.3": 3,
    "2024-03-15": 3,
    "2024-03": 3,
    "2024-3": 3,
    "2024/3": 3,
    "2024.03": 3,
    "2024.10": 10,
    "202403": 3,
    "2024年3月15日": 3,
    "2024-03-01": 3,
    "2024/3/15": 3,
    "20240315": 3,
    "2024-03-01 00:00:00": 3,
    "2024年 3 月": 3,
    "二〇二四年三月": 3,
    "二零二四年十二月": 12,
    "2024年十月": 10,
}
NO_MONTHS = [
    "24年3月",
    "2024年13月",
    "3月",
    "Mar 2024",
    "2024Q1",
    "45352",
    "1998-00",
    "2024年2月30日",
    "20243",
    "2024.1",
    "2024-031",
    "2024年³月",
    "无",
]


def rule_of(read, raw):
    with pytest.raises(Refused) as caught:
        read(raw)
    return caught.value.rule


@pytest.mark.parametrize(("raw", "value"), NUMBERS.items())
def test_numbers(raw, value):
    assert number(raw) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize("raw", NO_NUMBERS)
def test_what_is_no_certain_number(raw):
    assert rule_of(number, raw) is Rule.BAD_NUMBER


def test_whole_numbers():
    assert whole_number("1.2万") == 12_000
    assert rule_of(whole_number, "12.5") is Rule.NOT_WHOLE_NUMBER
    assert rule_of(whole_number, "1e99") is Rule.NOT_WHOLE_NUMBER
    assert rule_of(whole_number, "x") is Rule.BAD_NUMBER


@pytest.mark.parametrize(("raw", "expected"), MONTHS.items())
def test_months(raw, expected):
    assert month(raw) == date(2024, expected, 1)


@pytest.mark.parametrize("raw", NO_MONTHS)
def test_what_is_no_certain_month(raw):
    assert rule_of(month, raw) is Rule.BAD_MONTH


def test_days_need_a_day():
    for raw in ("2026-11-05", "2026/11/5", "20261105", "2026年11月5日", "2026.11.05", "2026-11-05T00:00"):
        assert day(raw) == date(2026, 11, 5)
    for raw in ("2026/11/5 9:05", "2026-11-05 23:59:59", "2026年11月5号", "2026-11-5 00:00:00"):
        assert day(raw) == date(2026, 11, 5)
    for raw in ("2026-11", "202611", "2026", "2026-02-30", "46331", "5/11/2026"):
        assert rule_of(day, raw) is Rule.BAD_DATE


@pytest.mark.parametrize(
    "raw", ["", " ", "-", "\uff0d", "—", "无", "空", "N/A", "n/a", "NULL", "None", "\ufeff", "未填", "不适用", None]
)
def test_missing_words(raw):
    assert is_missing(raw)


@pytest.mark.parametrize("raw", ["0", "否", "+", "=", "无锡"])
def test_what_is_not_missing(raw):
    assert not is_missing(raw)


def test_yes_no():
    assert [yes_no(raw) for raw in ("是", "YES", " true ", "1", "\uff11")] == [True] * 5
    assert [yes_no(raw) for raw in ("否", "No", "FALSE", "0")] == [False] * 4
    assert rule_of(yes_no, "maybe") is Rule.BAD_YES_NO


def test_ids_stay_text_and_destroyed_ones_are_refused():
    assert identifier(" 00123 ") == "00123"
    assert identifier("\uff21\uff11") == "A1"
    assert rule_of(identifier, "2.01909E+11") is Rule.BAD_ID
    assert rule_of(identifier, "x" * 101) is Rule.TEXT_TOO_LONG


@pytest.mark.parametrize("raw", ['=HYPERLINK("http://x")', "+1", "-1+1", "@SUM(A1)", "\uff1d1+1"])
def test_formulas_stay_text(raw):
    assert text(raw) == raw
    assert is_formula_like(raw)


def test_spellings_are_compared_without_width_case_and_blanks():
    assert folded(" U\uff50 ") == "up"
    assert folded("\uff0b") == "+"
    assert name_key("“新华1949”文化 园") == name_key("新华1949文化园")


@given(st.text(max_size=30))
def test_any_cell_is_read_or_refused(raw):
    for read in (month, day, number, whole_number, yes_no, text, identifier):
        with contextlib.suppress(Refused):
            assert read(raw) is not None
