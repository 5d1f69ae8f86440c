"""A register as a file that can be uploaded again: every entry, retired ones too, in the columns of its data set.

Unchanged it brings back what is stored. No cell can act as a formula in a spreadsheet: such text gets an apostrophe in
front, which the check takes off.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import polars as pl
import xlsxwriter  # type: ignore[import-untyped]

from data.engines import StoreError
from data.entries import NOT_BY_HAND
from data.ingest import Field, Registers, fields_of
from data.ingest.templates import DATA_SHEET, header_of
from data.ingest.values import inert
from data.keys import KEYS
from data.shipped import own_points
from data.store import ScopedStore

MONTH, DAY = "%Y-%m", "yyyy-mm-dd"


def entries_csv(store: ScopedStore, dataset: str, registers: Registers, language: str) -> bytes:
    """Every entry of a register the viewer sees, as CSV: UTF-8 with a byte order mark, headers in the language.

    A shipped park that is placed by its district only has no position. Errors: AccessError for all but analysts;
    StoreError for a data set without entries by hand or an unknown one.
    """
    fields, rows = _fields(store, dataset, registers), _rows(store, dataset)
    lines = io.StringIO(newline="")
    writer = csv.writer(lines)
    writer.writerow(header_of(field, language) for field in fields)
    for row in _told(rows, fields):
        writer.writerow("" if cell is None else repr(cell) if isinstance(cell, float) else str(cell) for cell in row)
    return b"\xef\xbb\xbf" + lines.getvalue().encode()


def entries_xlsx(store: ScopedStore, dataset: str, registers: Registers, language: str) -> bytes:
    """The same as a workbook: ids and months are text, days are days, numbers are numbers. Errors: as `entries_csv`."""
    fields, rows = _fields(store, dataset, registers), _rows(store, dataset)
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet(DATA_SHEET[language])
        bold, day = book.add_format({"bold": True}), book.add_format({"num_format": DAY})
        for place, field in enumerate(fields):
            sheet.write_string(0, place, header_of(field, language), bold)
        for line, row in enumerate(_told(rows, fields), start=1):
            for place, cell in enumerate(row):
                _write(sheet, line, place, cell, day)
        sheet.freeze_panes(1, 0)
        sheet.autofit(400)
    return buffer.getvalue()


def _fields(store: ScopedStore, dataset: str, registers: Registers) -> tuple[Field, ...]:
    store.require_edit(f"export of {dataset}")
    if dataset not in KEYS or dataset in NOT_BY_HAND:
        raise StoreError(f"There are no entries of {dataset} to export.")
    return tuple(fields_of(dataset, registers))


def _rows(store: ScopedStore, dataset: str) -> pl.DataFrame:
    return own_points(store.entries(dataset)).sort(*KEYS[dataset]).collect()


def _told(rows: pl.DataFrame, fields: tuple[Field, ...]) -> Iterator[tuple[Any, ...]]:
    """The rows in the order of the fields: truth as yes and no, months as 2026-11, text that is no formula."""
    said = [_saying(field) for field in fields]
    for row in rows.iter_rows(named=True):
        yield tuple(
            None if (cell := row.get(field.name)) is None else say(cell)
            for field, say in zip(fields, said, strict=True)
        )


def _saying(field: Field) -> Callable[[Any], Any]:
    if field.kind == "yes_no":
        return lambda cell: "yes" if cell else "no"
    if field.kind == "month":
        return lambda cell: cell.strftime(MONTH)
    return lambda cell: inert(cell) if isinstance(cell, str) else cell


def _write(sheet: Any, line: int, place: int, cell: Any, day: Any) -> None:
    """One cell; a number that a workbook cannot hold exactly is written as text."""
    if isinstance(cell, date):
        sheet.write_datetime(line, place, cell, day)
    elif isinstance(cell, int | float) and float(f"{cell:.16G}") == cell:
        sheet.write_number(line, place, cell)
    elif cell is not None:
        sheet.write_string(line, place, repr(cell) if isinstance(cell, float) else str(cell))
