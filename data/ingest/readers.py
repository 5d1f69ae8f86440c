"""How the cells of each kind of column are read: every spelling by a function, plain ones by an expression as well."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import TypeVar

from data.ingest.headers import Field
from data.ingest.lanes import Reader, plain_day, plain_id, plain_month, plain_number, plain_text, plain_whole
from data.ingest.problems import Refused, Rule, Unsure
from data.ingest.registers import Lookup
from data.ingest.values import (
    SEVERAL,
    clock,
    day,
    folded,
    identifier,
    month,
    number,
    parts_of,
    percent,
    serial_day,
    short_year,
    tags,
    text,
    whole_number,
    year,
    yes_no,
)

Number = TypeVar("Number", int, float)


def parser_of(entry: Field, lookup: Lookup, today: date, workbook: bool = False) -> Reader:
    """How the cells of a field are read.

    today: months, years and days after it are refused, days only after the days `ahead` of the field. workbook: the
    cells come from one, so a bare number in a column of days is a day as spreadsheets count them; elsewhere it is
    refused, with that day as suggestion. Districts are read with `Lookup.district`, as they need the city, answers with
    `Lookup.answer`, as they need the scale of the month's questionnaire.
    """
    limits, last = (entry.low, entry.high), today + timedelta(days=entry.ahead)
    readers: dict[str, Reader] = {
        "month": Reader(lambda raw: _not_after(_month(raw, workbook), today, Rule.FUTURE_MONTH), plain_month(today)),
        "date": Reader(lambda raw: _not_after(_day(raw, workbook), last, Rule.FUTURE_DATE), plain_day(last)),
        "time": Reader(clock),
        "year": Reader(lambda raw: year(raw, today)),
        "number": Reader(lambda raw: _in_range(number(raw), entry), plain_number(*limits), repeats=False),
        "whole": Reader(lambda raw: _in_range(whole_number(raw), entry), plain_whole(*limits), repeats=False),
        "percent": Reader(lambda raw: _in_range(percent(raw), entry), repeats=False),
        "yes_no": Reader(yes_no),
        "text": Reader(text, plain_text, repeats=False),
        "id": Reader(identifier, plain_id, repeats=False),
        "choice": Reader(lambda raw: _choice(raw, entry)),
        "park": Reader(lookup.park),
        "city": Reader(lookup.city),
        "programme": Reader(lookup.programme),
        "industry": Reader(lookup.industry),
        "culture": Reader(lookup.culture),
        "tags": Reader(tags),
        "several": Reader(lambda raw: _several(raw, lambda part: _choice(part, entry))),
        "parks": Reader(lambda raw: _several(raw, lookup.park)),
        "region": Reader(lookup.region),
        "partner": Reader(lookup.partner),
        "offer": Reader(lookup.offer),
        "need": Reader(lookup.need),
    }
    return readers[entry.kind]


def _month(raw: str, workbook: bool) -> date | Unsure:
    """A month, with a warning where only two digits of the year or a spreadsheet's count of days name it."""
    try:
        return month(raw)
    except Refused as refused:
        return _doubted(refused, short_year(raw, whole=False), serial_day(raw), workbook)


def _day(raw: str, workbook: bool) -> date | Unsure:
    """A day, with a warning where only two digits of the year or a spreadsheet's count of days name it."""
    try:
        return day(raw)
    except Refused as refused:
        return _doubted(refused, short_year(raw, whole=True), serial_day(raw), workbook)


def _doubted(refused: Refused, short: date | None, counted: date | None, workbook: bool) -> Unsure:
    """The likely reading with its warning, or the refusal with the likely reading as suggestion."""
    likely = short or counted
    if likely is None:
        raise refused
    shown = f"{likely:%Y-%m}" if refused.rule is Rule.BAD_MONTH else likely.isoformat()
    if short is None and not workbook:
        raise Refused(refused.rule, shown, refused.accepted)
    found = likely.replace(day=1) if refused.rule is Rule.BAD_MONTH else likely
    return Unsure(found, Rule.TWO_DIGIT_YEAR if short else Rule.SERIAL_DATE, shown, refused.accepted)


def _not_after(found: date | Unsure, today: date, rule: Rule) -> date | Unsure:
    if (found.value if isinstance(found, Unsure) else found) > today:
        raise Refused(rule, accepted=today.isoformat())
    return found


def _in_range(value: Number, entry: Field) -> Number:
    if entry.low is not None and value < entry.low:
        raise Refused(Rule.NEGATIVE_NUMBER, accepted=f"{entry.low:g}")
    if entry.high is not None and value > entry.high:
        raise Refused(Rule.NUMBER_TOO_LARGE, accepted=f"{entry.high:,.0f}")
    return value


def _several(raw: str, parser: Callable[[str], str]) -> str:
    """Every part of a cell read by itself, each once, in the order of the cell."""
    return SEVERAL.join(dict.fromkeys(parser(part) for part in parts_of(raw)))


def _choice(raw: str, entry: Field) -> str:
    for value, spellings in entry.choices.items():
        if folded(raw) in {folded(spelling) for spelling in (value, *spellings)}:
            return value
    accepted = "; ".join(f"{value} ({', '.join(spellings)})" for value, spellings in entry.choices.items())
    raise Refused(entry.refusal, accepted=accepted)
