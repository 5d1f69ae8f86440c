"""Rows of a table on their way through the check: cells read column by column, every problem found in one pass."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any

import polars as pl

from data.ingest.delimited import LINE
from data.ingest.findings import LINES_SHOWN, Findings, doubled, lines_of_doubled, nothing_found
from data.ingest.headers import Field, Headers
from data.ingest.lanes import Column, Parser, Wanted, missing_among, missing_cells, nothing_told, read_by, read_columns
from data.ingest.problems import Note, Problem, Rule
from data.ingest.readers import parser_of
from data.ingest.registers import NEAR_PARKS, Lookup
from data.ingest.table import Table
from data.ingest.values import FORMULA_STARTS
from data.keys import UNITS

DTYPES: Mapping[str, pl.DataType] = MappingProxyType(
    {"month": pl.Date(), "date": pl.Date(), "yes_no": pl.Boolean()}
    | {"number": pl.Float64(), "percent": pl.Float64(), "whole": pl.Int64(), "year": pl.Int64()}
)
COLUMNS_AT_ONCE = 4
Told = str | pl.Series | pl.Expr


@dataclass(frozen=True, eq=False)
class Checked:
    """What a check found.

    accepted: rows of the data set, ready to store. rejected: one row per problem: line UInt32, column, value, rule,
    suggestion, accepted (String). warnings: the same columns; they stop nothing. rejected_rows: the rows with a
    problem as the file has them, with their line. lines: line of each accepted row of the file and what it is stored
    as (UNITS). n_rows: rows of data read; n_rows = n_accepted + rejected_rows.height. mapping: header of the file ->
    field. questions: what a person must confirm before anything is stored. unknown_headers: header, field, score;
    unknown_parks: value, rank, park_id, name, score; the likeliest first. table: the file as it was read.
    """

    dataset: str
    accepted: pl.DataFrame
    rejected: pl.DataFrame
    rejected_rows: pl.DataFrame
    notes: tuple[Note, ...]
    encoding: str
    delimiter: str
    n_rows: int
    mapping: dict[str, str]
    table: Table
    lines: pl.DataFrame
    unknown_headers: pl.DataFrame
    unknown_parks: pl.DataFrame
    warnings: pl.DataFrame = field(default_factory=nothing_found)
    questions: tuple[Note, ...] = ()

    @property
    def n_accepted(self) -> int:
        """Rows of the file without any problem (for a survey one row gives one accepted row per answer)."""
        return self.n_rows - self.rejected_rows.height


class Rows:
    """The rows of one table, their cells and values by field, and what has been found about them so far.

    values: the typed values, one column per field, after `read_fields`; null where missing or refused. A mask is a
    Boolean series of the table's length; null is false.
    """

    def __init__(self, table: Table, headers: Headers, lookup: Lookup | None = None) -> None:
        self.table = table
        self.headers = headers
        self.lookup = lookup
        self.lines: pl.Series = table.frame[LINE]
        self.notes: list[Note] = [*table.notes, *headers.notes]
        self.values = pl.DataFrame()
        self._found = Findings(table, headers)
        self._missing: dict[str, pl.Series] = {}

    def __len__(self) -> int:
        return len(self.lines)

    def has(self, name: str) -> bool:
        """Whether the file has a column for this field."""
        return name in self.headers.columns

    def cells(self, name: str) -> pl.Series:
        """The raw cells of a field; null where the file or the row has none."""
        column = self.headers.columns.get(name)
        return self._all(None, pl.String(), name) if column is None else self.table.frame[column].alias(name)

    def missing(self, name: str) -> pl.Series:
        """Whether each cell of a field says that there is no value; also where the row has no such cell."""
        return self.all_missing([name])[name]

    def all_missing(self, names: Sequence[str]) -> pl.DataFrame:
        """`missing` of several fields, one column each."""
        read = [name for name in names if name not in self._missing and name in self.values.columns]
        self._missing |= {name: missing_among(self.cells(name), self.values[name].is_null()) for name in read}
        unread = [name for name in names if name not in self._missing]
        if unread:
            found = missing_cells(pl.DataFrame([self.cells(name) for name in unread]))
            self._missing |= {column.name: column for column in found}
        return pl.DataFrame([self._missing[name] for name in names])

    def title(self, name: str) -> str:
        """The header of a field as the file has it; the field's own name where the file has none."""
        return self.headers.titles.get(name, name)

    def report_where(self, mask: pl.Series, name: str, rule: Rule, suggestion: Told = "", accepted: Told = "") -> None:
        """Note a problem at one field of every row where the mask is true; a row with a problem is not stored.

        suggestion, accepted: one text for all, a series of the table's length, or an expression over `values`.
        """
        self._found.tell(name, self._told(mask, rule, suggestion, accepted))

    def warn_where(self, mask: pl.Series, name: str, rule: Rule, suggestion: Told = "", accepted: Told = "") -> None:
        """Note a warning as `report_where` notes a problem; it stops nothing."""
        self._found.tell(name, self._told(mask, rule, suggestion, accepted), warn=True)

    def report_header(self, name: str, accepted: str, rule: Rule = Rule.MISSING_HEADER, value: str = "") -> None:
        """Note that the file lacks a column, or what is wrong with all of it; no row can be stored then."""
        self._found.add([Problem(self.table.header_line, self.title(name), value, rule, accepted=accepted)])

    def report_doubled(self, keys: pl.DataFrame, name: str, rule: Rule) -> None:
        """Note every row whose key another row has too; which one is meant cannot be known. A null is no key."""
        mask = doubled(keys)
        if mask.any():
            told = lines_of_doubled(self.lines, keys, mask)
            self._found.tell(name, told.with_columns(rule=pl.lit(str(rule)), suggestion=pl.lit("")))

    def resuggest(self, rule: Rule, suggestion: pl.Series) -> None:
        """Put a better suggestion into the problems of one rule; null leaves a row's suggestion as it is."""
        self._found.resuggest(rule, suggestion)

    def read(self, entry: Field, parser: Parser, where: pl.Series | None = None) -> pl.Series:
        """The values of one field, null where missing, refused or not `where`; each different cell is read once."""
        return self.read_all([entry], [parser], where)[entry.name]

    def read_all(
        self, entries: Sequence[Field], parsers: Sequence[Parser], where: pl.Series | None = None
    ) -> pl.DataFrame:
        """The values of several fields, one column each, as `read` gives them; all columns are read side by side."""
        cells = pl.DataFrame([self.cells(entry.name) for entry in entries])
        if where is not None:
            cells = cells.select(pl.when(where).then(pl.all()))
        wanted = [
            Wanted(entry.name, parser, entry.required, _dtype(entry))
            for entry, parser in zip(entries, parsers, strict=True)
        ]
        read = zip(entries, read_columns(cells, wanted), strict=True)
        return pl.DataFrame([self._kept(entry, column) for entry, column in read])

    def read_by(self, entry: Field, by: pl.Series, parser: Callable[[str, Any], Any]) -> pl.Series:
        """The values of a field whose meaning hangs on another value of its row: `parser(cell, by)`."""
        column = read_by(self.cells(entry.name), by, parser, entry.required, _dtype(entry))
        return self._kept(entry, column)

    def remark_where(self, mask: pl.Series, key: str, **values: object) -> None:
        """A remark on some rows: how many, and the first of their lines."""
        lines = self.lines.filter(mask)
        if len(lines):
            shown = ", ".join(map(str, lines.head(LINES_SHOWN)))
            self.notes.append(Note(key, {"count": len(lines), "lines": shown, **values}))

    def good(self) -> pl.Series:
        """Whether each row may be stored: no problem of its own and none of the header."""
        bad = self._found.bad_lines()
        if self.table.header_line in bad:
            return self._all(False, pl.Boolean(), "good")
        return (~self.lines.is_in(bad.implode())).alias("good")

    def checked(self, dataset: str, accepted: pl.DataFrame, units: pl.DataFrame | None = None) -> Checked:
        """The result, problems in the order of the file.

        units: what each good row is stored as, where a row of the file is not one row of `accepted`.
        """
        good, rejected = self.good(), self._found.problems()
        stored = accepted.select(UNITS[dataset]) if units is None else units
        unknown = rejected.filter(pl.col("rule") == Rule.UNKNOWN_PARK)["value"].unique(maintain_order=True)
        return Checked(
            dataset=dataset,
            accepted=accepted,
            rejected=rejected,
            rejected_rows=self.table.frame.filter(~good),
            notes=tuple(self.notes),
            encoding=self.table.encoding,
            delimiter=self.table.delimiter,
            n_rows=len(self),
            mapping=self.headers.mapping,
            table=self.table,
            lines=pl.DataFrame([self.lines.filter(good), *stored]),
            unknown_headers=self.headers.unknown,
            unknown_parks=pl.DataFrame(schema=NEAR_PARKS) if self.lookup is None else self.lookup.near_parks(unknown),
            warnings=self._found.warnings(),
            questions=self.table.questions,
        )

    def _all(self, value: object, dtype: pl.DataType, name: str) -> pl.Series:
        return pl.Series(name, [value], dtype=dtype).new_from_index(0, len(self))

    def _told(self, mask: pl.Series, rule: Rule, suggestion: Told, accepted: Told) -> pl.DataFrame:
        if not mask.any():
            return nothing_told()
        rows = mask.fill_null(False).arg_true().cast(pl.UInt32)
        told = pl.DataFrame({"row": rows}).with_columns(rule=pl.lit(str(rule)))
        for name, said in (("suggestion", suggestion), ("accepted", accepted)):
            text: pl.Expr | pl.Series = pl.lit(said) if isinstance(said, str) else pl.lit("")
            if isinstance(said, pl.Series):
                text = said.gather(rows)
            elif isinstance(said, pl.Expr):
                text = self.values[rows].with_columns(said.alias(name))[name]
            told = told.with_columns(text.alias(name).fill_null(""))
        return told

    def _kept(self, entry: Field, column: Column) -> pl.Series:
        self._found.tell(entry.name, column.refused)
        self._found.tell(entry.name, column.unsure, warn=True)
        return column.values.alias(entry.name)


def _dtype(entry: Field) -> pl.DataType:
    return DTYPES.get(entry.kind, pl.String())


def read_fields(rows: Rows, fields: Sequence[Field], lookup: Lookup, today: date) -> pl.DataFrame:
    """The values of every field of a table with one row per thing, also as `rows.values`.

    A district is read against the row's city. Cells that look like formulas are remarked.
    """
    rows.lookup = lookup
    plain = [entry for entry in fields if entry.kind != "district"]
    workbook = rows.table.kind != "csv"
    values = rows.read_all(plain, [parser_of(entry, lookup, today, workbook) for entry in plain])
    districts = [
        rows.read_by(entry, values["city_id"], lookup.district) for entry in fields if entry.kind == "district"
    ]
    rows.values = values.with_columns(districts).select(entry.name for entry in fields)
    for name in [entry.name for entry in fields if entry.kind in ("text", "id") and rows.has(entry.name)]:
        rows.remark_where(_formula_like(rows.values[name]), "note.formula_like", column=rows.title(name))
    return rows.values


def _formula_like(values: pl.Series) -> pl.Series:
    signs = (values < "0") | ((values > ":") & (values < "A")) | (values >= "＋")  # few: letters and digits are not
    suspects = values.to_frame("it").select(pl.when(signs).then("it"))["it"]
    return suspects.str.head(1).is_in(FORMULA_STARTS).fill_null(False)


def _batches(names: Sequence[str], size: int) -> list[Sequence[str]]:
    return [names[first : first + size] for first in range(0, len(names), size)]


def accepted_frame(rows: Rows, fields: Sequence[Field]) -> pl.DataFrame:
    """The good rows, one column per field in declared order; is_synthetic is false where the file does not say.

    It is the last thing done with `rows.values`, which are given up column by column, as they are large.
    """
    good, values = rows.good(), rows.values
    rows.values = pl.DataFrame()
    kept: list[pl.Series] = []
    for names in _batches([entry.name for entry in fields], COLUMNS_AT_ONCE):
        kept.extend(values.select(names).filter(good))
        values = values.drop(names)
    frame = pl.DataFrame(kept)
    return frame.with_columns(pl.col("is_synthetic").fill_null(False)) if "is_synthetic" in frame.columns else frame
