"""Days and months that are not certain: read with a warning, or refused with the likely reading."""

from __future__ import annotations

from datetime import date

import pytest

from data.ingest.headers import Field
from data.ingest.problems import Refused, Rule, Unsure
from data.ingest.readers import parser_of
from data.ingest.registers import Lookup

TODAY = date(2026, 11, 22)


@pytest.fixture
def read(registers):
    def one(kind, raw, workbook=False, **more):
        try:
            return parser_of(Field("it", kind, **more), Lookup(registers), TODAY, workbook)(raw)
        except Refused as refused:
            return refused.rule, refused.suggestion

    return one


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ("24年3月15日", date(2024, 3, 15)),
        ("99年12月1号", date(1999, 12, 1)),
        ("24/3/15", date(2024, 3, 15)),
        ("69-12-31", None),
        ("70-1-1", date(1970, 1, 1)),
        ("\uff12\uff14年3月15日", date(2024, 3, 15)),
        ("24-3-15 08:30", date(2024, 3, 15)),
        ("5/11/24", (Rule.BAD_DATE, "")),
        ("24.3.15", (Rule.BAD_DATE, "")),
        ("24/3-15", (Rule.BAD_DATE, "")),
        ("24年2月30日", (Rule.BAD_DATE, "")),
        ("24年3月", (Rule.BAD_DATE, "")),
    ],
)
def test_days_with_a_year_of_two_digits(read, raw, found):
    result = read("date", raw)
    if found is None:
        assert result == (Rule.FUTURE_DATE, "")
    elif isinstance(found, date):
        assert result == Unsure(found, Rule.TWO_DIGIT_YEAR, found.isoformat(), result.accepted)
    else:
        assert result == found


def test_months_with_a_year_of_two_digits(read):
    found = read("month", "24年3月")
    assert (found.value, found.rule, found.suggestion) == (date(2024, 3, 1), Rule.TWO_DIGIT_YEAR, "2024-03")
    assert read("month", "24年13月") == (Rule.BAD_MONTH, "")
    assert read("month", "24-03") == (Rule.BAD_MONTH, "")
    assert read("month", "27年3月") == (Rule.FUTURE_MONTH, "")


def test_days_as_spreadsheets_count_them(read):
    assert read("date", "45352") == (Rule.BAD_DATE, "2024-03-01")
    assert read("month", "45366") == (Rule.BAD_MONTH, "2024-03")
    from_workbook = read("date", "45352.75", workbook=True)
    assert (from_workbook.value, from_workbook.rule) == (date(2024, 3, 1), Rule.SERIAL_DATE)
    assert read("month", "45366", workbook=True).value == date(2024, 3, 1)
    for raw in ("19999", "73051", "2024", "453520", "-45352", "4535²"):
        assert read("date", raw, workbook=True) == (Rule.BAD_DATE, "")
    assert read("date", "60000", workbook=True) == (Rule.FUTURE_DATE, "")


def test_certain_days_carry_no_warning(read):
    for raw in (
        "2024-03-15",
        "2024/3/15 14:05:09",
        "2024-03-15T23:59:59.5Z",
        "20240315",
        "2024年3月15号",
        "二〇二四年三月15日",
    ):
        assert read("date", raw, workbook=True) == date(2024, 3, 15)
    assert read("date", "2024-3-1 00:00:00") == date(2024, 3, 1)
    assert read("date", "2024-3-1 25:00") == (Rule.BAD_DATE, "")


def test_limits_and_choices(read):
    assert read("number", "-3", low=0) == (Rule.NEGATIVE_NUMBER, "")
    assert read("whole", "1千", high=999) == (Rule.NUMBER_TOO_LARGE, "")
    choices = {"online": ("线上", "On line")}
    assert read("choice", " ONLINE", choices=choices) == read("choice", "线 上", choices=choices) == "online"
    assert read("choice", "live", choices=choices) == (Rule.BAD_CHOICE, "")
