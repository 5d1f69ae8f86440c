"""Rows of a table on their way through the check: cells read field by field, every problem found in one pass."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

import polars as pl

from data.ingest.headers import Field, Headers
from data.ingest.problems import Note, Problem, Refused, Rule
from data.ingest.registers import Lookup
from data.ingest.table import LINE, Table
from data.ingest.values import (
    day,
    folded,
    identifier,
    is_formula_like,
    is_missing,
    month,
    number,
    text,
    whole_number,
    yes_no,
)

Parser = Callable[[str], Any]
Number = TypeVar("Number", int, float)
DTYPES: dict[str, pl.DataType | type[pl.DataType]] = {
    "month": pl.Date,
    "date": pl.Date,
    "number": pl.Float64,
    "whole": pl.Int64,
    "yes_no": pl.Boolean,
}
REJECTED_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    LINE: pl.UInt32,
    "column": pl.String,
    "value": pl.String,
    "rule": pl.String,
    "suggestion": pl.String,
    "accepted": pl.String,
}
LONGEST_SHOWN = 200
LINES_SHOWN = 10


@dataclass(frozen=True, eq=False)
class Checked:
    """What a check found.

    accepted: rows of the data set, ready to store. rejected: one row per problem: line UInt32, column, value, rule,
    suggestion, accepted (String). rejected_rows: the rows with a problem as the file has them, with their line.
    n_rows: rows of data read; n_rows = n_accepted + rejected_rows.height. mapping: header of the file -> field.
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

    @property
    def n_accepted(self) -> int:
        """Rows of the file without any problem (for a survey one row gives one accepted row per answer)."""
        return self.n_rows - self.rejected_rows.height


class Rows:
    """The rows of one table, their cells by field, and the problems found so far."""

    def __init__(self, table: Table, headers: Headers) -> None:
        self.table = table
        self.headers = headers
        self.lines: list[int] = table.frame[LINE].to_list()
        self.notes: list[Note] = [*table.notes, *headers.notes]
        self.problems: list[Problem] = [*headers.problems, *table.problems]
        self._cells: dict[str, list[str | None]] = {}

    def __len__(self) -> int:
        return len(self.lines)

    def has(self, name: str) -> bool:
        """Whether the file has a column for this field."""
        return name in self.headers.columns

    def cells(self, name: str) -> list[str | None]:
        """The raw cells of a field; None where the file or the row has none."""
        if name not in self._cells:
            column = self.headers.columns.get(name)
            self._cells[name] = [None] * len(self) if column is None else self.table.frame[column].to_list()
        return self._cells[name]

    def title(self, name: str) -> str:
        """The header of a field as the file has it; the field's own name where the file has none."""
        return self.headers.titles.get(name, name)

    def report(self, index: int, name: str, rule: Rule, suggestion: str = "", accepted: str = "") -> None:
        """Note a problem of one row at one field."""
        value = self.cells(name)[index] or ""
        shown = value if len(value) <= LONGEST_SHOWN else value[:LONGEST_SHOWN] + "…"
        self.problems.append(Problem(self.lines[index], self.title(name), shown, rule, suggestion, accepted))

    def report_header(self, name: str, accepted: str) -> None:
        """Note that the file lacks a column; no row can be stored then."""
        self.problems.append(Problem(self.table.header_line, name, "", Rule.MISSING_HEADER, accepted=accepted))

    def read(self, entry: Field, parser: Parser, where: Sequence[bool] | None = None) -> list[Any]:
        """The values of one field, None where missing, refused or not `where`; each different cell is read once."""
        seen: dict[str, Any] = {}
        values: list[Any] = []
        for index, raw in enumerate(self.cells(entry.name)):
            if raw is None or (where is not None and not where[index]):
                values.append(None)
                continue
            if raw not in seen:
                seen[raw] = _read(entry, raw, parser)
            value = seen[raw]
            if isinstance(value, Refused):
                self.report(index, entry.name, value.rule, value.suggestion, value.accepted)
                value = None
            values.append(value)
        return values

    def report_doubled(self, keys: Sequence[Hashable | None], name: str, rule: Rule) -> None:
        """Note every row whose key another row has too; which one is meant cannot be known."""
        places: defaultdict[Hashable, list[int]] = defaultdict(list)
        for index, key in enumerate(keys):
            if key is not None:
                places[key].append(index)
        for found in places.values():
            if len(found) > 1:
                shown = ", ".join(str(self.lines[index]) for index in found[:LINES_SHOWN])
                for index in found:
                    self.report(index, name, rule, accepted=shown)

    def remark_lines(self, key: str, indexes: Sequence[int], **values: object) -> None:
        """A remark on some rows: how many, and the first of their lines."""
        if indexes:
            shown = ", ".join(str(self.lines[index]) for index in indexes[:LINES_SHOWN])
            self.notes.append(Note(key, {"count": len(indexes), "lines": shown, **values}))

    def good(self) -> list[bool]:
        """Whether each row may be stored: no problem of its own and none of the header."""
        bad = {problem.line for problem in self.problems}
        if self.table.header_line in bad:
            return [False] * len(self)
        return [line not in bad for line in self.lines]

    def checked(self, dataset: str, accepted: pl.DataFrame) -> Checked:
        """The result, problems in the order of the file."""
        order = {column: place for place, column in enumerate(self.table.header)}
        problems = sorted(self.problems, key=lambda p: (p.line, order.get(p.column, len(order))))
        return Checked(
            dataset=dataset,
            accepted=accepted,
            rejected=pl.DataFrame(problems, schema=REJECTED_SCHEMA, orient="row"),
            rejected_rows=self.table.frame.filter(~pl.Series(self.good(), dtype=pl.Boolean)),
            notes=tuple(self.notes),
            encoding=self.table.encoding,
            delimiter=self.table.delimiter,
            n_rows=len(self),
            mapping=self.headers.mapping,
        )


def _read(entry: Field, raw: str, parser: Parser) -> Any:
    if is_missing(raw):
        return Refused(Rule.MISSING_VALUE) if entry.required else None
    try:
        return parser(raw)
    except Refused as refused:
        return refused


def parser_of(entry: Field, lookup: Lookup, today: date) -> Parser:
    """How the cells of a field are read.

    today: months and days after it are refused. Districts are read with `Lookup.district`, as they need the city,
    answers with `Lookup.answer`, as they need the scale of the month's questionnaire.
    """
    parsers: dict[str, Parser] = {
        "month": lambda raw: _not_after(month(raw), today, Rule.FUTURE_MONTH),
        "date": lambda raw: _not_after(day(raw), today, Rule.FUTURE_DATE),
        "number": lambda raw: _in_range(number(raw), entry),
        "whole": lambda raw: _in_range(whole_number(raw), entry),
        "yes_no": yes_no,
        "text": text,
        "id": identifier,
        "choice": lambda raw: _choice(raw, entry),
        "park": lookup.park,
        "city": lookup.city,
        "programme": lookup.programme,
        "industry": lookup.industry,
        "culture": lookup.culture,
    }
    return parsers[entry.kind]


def _not_after(found: date, today: date, rule: Rule) -> date:
    if found > today:
        raise Refused(rule, accepted=today.isoformat())
    return found


def _in_range(value: Number, entry: Field) -> Number:
    if entry.low is not None and value < entry.low:
        raise Refused(Rule.NEGATIVE_NUMBER, accepted=f"{entry.low:g}")
    if entry.high is not None and value > entry.high:
        raise Refused(Rule.NUMBER_TOO_LARGE, accepted=f"{entry.high:,.0f}")
    return value


def _choice(raw: str, entry: Field) -> str:
    for value, spellings in entry.choices.items():
        if folded(raw) in {folded(spelling) for spelling in (value, *spellings)}:
            return value
    accepted = "; ".join(f"{value} ({', '.join(spellings)})" for value, spellings in entry.choices.items())
    raise Refused(entry.refusal, accepted=accepted)


def read_fields(rows: Rows, fields: Sequence[Field], lookup: Lookup, today: date) -> dict[str, list[Any]]:
    """The values of every field of a table with one row per thing; a district is read against the row's city."""
    values: dict[str, list[Any]] = {}
    for entry in fields:
        if entry.kind != "district":
            values[entry.name] = rows.read(entry, parser_of(entry, lookup, today))
    for entry in fields:
        if entry.kind == "district":
            values[entry.name] = _districts(rows, entry.name, values["city_id"], lookup)
    for name in [entry.name for entry in fields if entry.kind in ("text", "id")]:
        indexes = [index for index, value in enumerate(values[name]) if value and is_formula_like(value)]
        rows.remark_lines("note.formula_like", indexes, column=rows.title(name))
    return values


def _districts(rows: Rows, name: str, cities: Sequence[str | None], lookup: Lookup) -> list[str | None]:
    seen: dict[tuple[str, str | None], str | Refused] = {}
    codes: list[str | None] = []
    for index, (raw, city_id) in enumerate(zip(rows.cells(name), cities, strict=True)):
        if raw is None or is_missing(raw):
            codes.append(None)
            continue
        if (raw, city_id) not in seen:
            try:
                seen[raw, city_id] = lookup.district(raw, city_id)
            except Refused as refused:
                seen[raw, city_id] = refused
        found = seen[raw, city_id]
        if isinstance(found, Refused):
            rows.report(index, name, found.rule, found.suggestion, found.accepted)
        codes.append(None if isinstance(found, Refused) else found)
    return codes


def accepted_frame(rows: Rows, fields: Sequence[Field], values: dict[str, list[Any]]) -> pl.DataFrame:
    """The good rows, one column per field in declared order; is_synthetic is false where the file does not say."""
    good = rows.good()
    columns = []
    for entry in fields:
        kept = [value for value, keep in zip(values[entry.name], good, strict=True) if keep]
        series = pl.Series(entry.name, kept, dtype=DTYPES.get(entry.kind, pl.String))
        columns.append(series.fill_null(False) if entry.name == "is_synthetic" else series)
    return pl.DataFrame(columns)
