"""How a number, a month and a table are written: the same in every metric, label, hover text and download.

Rounding is that of published figures (ties away from zero) and comes before any wording, so a change that rounds to
nothing is never "down 0.0". Missing is always "—", never zero.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import polars as pl
import xlsxwriter
from polars._typing import PolarsDataType

from indicators.balance import half_up

MISSING = "—"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MINUS = "−"
_STEPS = {"zh": ((10_000, "万"), (100_000_000, "亿")), "en": ((1_000, "k"), (1_000_000, "M"), (1_000_000_000, "bn"))}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_POINTS = {"zh": ("个百分点", "点"), "en": ("percentage points", "points")}
_FORMULA = re.compile(r"[\s\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?%?")
_SEPARATORS = str.maketrans({",": "\uff0c", ";": "\uff1b", "\t": " ", "\r": " ", "\n": " "})


def rounded(value: float, places: int = 1) -> float:
    """The value as it is published.

    >>> rounded(51.55), rounded(-0.04)
    (51.6, 0.0)
    """
    return float(half_up(value, places) or 0)


def number(value: float | None, places: int = 1) -> str:
    """The published value with thousands separators; "—" if missing.

    >>> number(1234.55), number(-0.04), number(None), number(-2.0, 0)
    ('1,234.6', '0.0', '—', '−2')
    """
    shown = None if value is None or value != value else half_up(value, places)
    return MISSING if shown is None else f"{shown:,}".replace("-", MINUS)


def signed(value: float | None, places: int = 1) -> str:
    """A difference with its sign; exactly nothing has none.

    >>> signed(0.25), signed(-1.0), signed(0.04), signed(None)
    ('+0.3', '−1.0', '0.0', '—')
    """
    text = number(value, places)
    return f"+{text}" if value is not None and text != MISSING and half_up(value, places) > 0 else text


def arrow(value: float | None, places: int = 1) -> str:
    """↑, ↓ or → of the published change; nothing if missing."""
    if value is None or value != value:
        return ""
    shown = half_up(value, places)
    return "↑" if shown > 0 else "↓" if shown < 0 else "→"


def change(value: float | None, language: str, places: int = 1, percentage: bool = False) -> str:
    """A change of an index (points) or of a percentage (percentage points) with arrow, sign and unit.

    >>> change(0.5, "zh"), change(-0.5, "en", percentage=True), change(None, "zh")
    ('↑ +0.5点', '↓ −0.5 percentage points', '—')
    """
    text = signed(value, places)
    if text == MISSING:
        return MISSING
    return f"{arrow(value, places)} {with_unit(text, _POINTS[language][0 if percentage else 1])}"


def percent(value_pct: float | None, places: int = 1) -> str:
    """A percentage of a column whose name ends in _pct.

    >>> percent(12.34), percent(None)
    ('12.3%', '—')
    """
    return with_unit(number(value_pct, places), "%")


def count(value: float | None, language: str) -> str:
    """A whole number up to 9,999; beyond, one decimal with 万/亿 or k/M/bn.

    >>> count(9999, "zh"), count(12345678, "zh"), count(12345678, "en"), count(99999999, "zh"), count(None, "en")
    ('9,999', '1,234.6万', '12.3M', '1.0亿', '—')
    """
    if value is None or value != value:
        return MISSING
    if abs(value) < 10_000:
        return number(value, 0)
    for step, (size, word) in enumerate(steps := _STEPS[language]):
        text, following = number(value / size, 1), steps[step + 1][0] if step + 1 < len(steps) else None
        if following is None or abs(rounded(value / size)) * size < following:
            return text + word
    raise AssertionError("the largest unit has no limit")


def figure(value: float | None, language: str) -> str:
    """A published figure of any size: large ones like `count`, whole ones whole, others with one decimal.

    >>> figure(2185.3, "zh"), figure(50.6, "en"), figure(12.0, "zh"), figure(21893100, "zh")
    ('2,185.3', '50.6', '12', '2,189.3万')
    """
    if value is None or value != value or abs(value) >= 10_000:
        return count(value, language)
    return number(value, 0 if float(value).is_integer() else 1)


def decimals(values: pl.Series, places: int | None = None) -> int:
    """The decimals of a column's figures: as asked, else none if all are whole, else one.

    >>> decimals(pl.Series([1.0, None])), decimals(pl.Series([1.5])), decimals(pl.Series([1.5]), 2)
    (0, 1, 2)
    """
    whole = not values.dtype.is_float() or bool((values.drop_nulls() % 1 == 0).all())
    return places if places is not None else 0 if whole else 1


def cases(n: int | None) -> str:
    """The second line of a hover text; nothing if the number of cases is not known.

    >>> cases(1234), cases(None)
    ('<br>n=1,234', '')
    """
    return "" if n is None else f"<br>n={n:,}"


def with_unit(text: str, unit: str) -> str:
    """A number with its unit: "%" and Chinese units follow directly, others after a space; "—" stays alone.

    >>> with_unit("12.3", "%"), with_unit("5", "家"), with_unit("5", "points"), with_unit("—", "%")
    ('12.3%', '5家', '5 points', '—')
    """
    if not unit or text == MISSING:
        return text
    return text + ("" if unit[0] in "%‰°" or unit[0] >= "\u2e80" else " ") + unit


def period_label(period: date | str | None, language: str) -> str:
    """A month (date, or "YYYY-MM") or a year ("YYYY") as it is read; other text is returned as it is.

    >>> period_label(date(2026, 10, 1), "zh"), period_label("2026-10", "en"), period_label("2025", "zh")
    ('2026年10月', 'Oct 2026', '2025年')
    """
    if period is None:
        return MISSING
    found = re.fullmatch(r"(\d{4})(?:-(\d{2})(?:-\d{2})?)?", str(period))
    if not found or not 1 <= int(found[2] or 1) <= 12:
        return str(period)
    year, month = found[1], int(found[2]) if found[2] else None
    if language == "zh":
        return f"{year}年" if month is None else f"{year}年{month}月"
    return year if month is None else f"{_MONTHS[month - 1]} {year}"


def each(values: pl.Series, said: Callable[[Any], Any], dtype: PolarsDataType = pl.String) -> pl.Series:
    """What a function makes of every value of a column; missing stays missing.

    Never by `map_elements` of an expression: it calls Python from the threads of Polars, and waits for ever where
    another visitor's table is made at the same time and holds the interpreter while it waits for these threads.

    >>> each(pl.Series("n", [1, None]), str).to_list()
    ['1', None]
    """
    return pl.Series(values.name, [None if value is None else said(value) for value in values], dtype=dtype)


def csv_bytes(frame: pl.DataFrame, notes: Sequence[str] = (), names: Mapping[str, str] | None = None) -> bytes:
    """The table as a CSV file that Excel opens rightly: UTF-8 with a byte order mark, no cell can act as a formula.

    Each note becomes a "# …" line above the header (its commas become full-width, so it stays one cell); `names` are
    the headings shown instead of the column names. A missing value is an empty cell; a list is one cell, parts by "|".
    """
    text = [c for c, kind in frame.schema.items() if kind in (pl.String, pl.Categorical) or isinstance(kind, pl.Enum)]
    lists = [c for c, kind in frame.schema.items() if isinstance(kind, pl.List)]
    safe = frame.with_columns(pl.col(lists).list.eval(pl.element().cast(pl.String)).list.join("|"))
    safe = safe.with_columns(each(safe[name].cast(pl.String), _inert) for name in text + lists)
    safe = safe.rename({c: _inert((names or {}).get(c, c)) for c in frame.columns})
    lines = "".join(f"# {note.translate(_SEPARATORS)}\r\n" for note in notes)
    return b"\xef\xbb\xbf" + lines.encode() + safe.write_csv(line_terminator="\r\n").encode()


def xlsx_bytes(frame: pl.DataFrame, notes: Sequence[str] = ()) -> bytes:
    """The table as a workbook: notes above the header, text never a formula or a link, negatives not red."""
    buffer = io.BytesIO()
    lists = [c for c, kind in frame.schema.items() if isinstance(kind, pl.List)]
    flat = frame.with_columns(pl.col(lists).list.eval(pl.element().cast(pl.String)).list.join("|"))
    options = {"strings_to_formulas": False, "strings_to_urls": False, "in_memory": True}
    with xlsxwriter.Workbook(buffer, options) as book:
        sheet = book.add_worksheet("data")
        for row, note in enumerate(notes):
            sheet.write_string(row, 0, note)
        flat.write_excel(
            book, sheet, position=(len(notes), 0), dtype_formats={pl.Float64: "0.0##", pl.Int64: "0"}, autofit=True
        )
    return buffer.getvalue()


def _inert(cell: str) -> str:
    """The cell with an apostrophe in front if a spreadsheet would read it as a formula; a plain number stays one."""
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell


def metadata_bytes(lines: Mapping[str, str]) -> bytes:
    """The text file that accompanies a download: one "name: value" line each, readable in any editor."""
    text = "".join(f"{name}: {' '.join(value.split()) or MISSING}\r\n" for name, value in lines.items())
    return b"\xef\xbb\xbf" + text.encode()
