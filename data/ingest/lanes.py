"""A column of cells to values: plain spellings by Polars, each different other one once by its reader.

Both lanes give the same value for every cell; what the fast one does not know it leaves to the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

import numpy as np
import polars as pl

from data.ingest.problems import Refused, Rule, Unsure
from data.ingest.values import INVISIBLE, MARKED, MISSING, is_missing

Parser = Callable[[str], Any]
LONGEST_MISSING = max(map(len, MISSING))
EXACT = 2**53
LARGE, NEARLY_ALL = 5_000, 0.95
_DAY = r"^(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}$"
_MONTH = r"^(?:19|20)[0-9]{2}-[0-9]{2}$"
_ID = r"^[A-Za-z0-9_.-]*[0-9][A-Za-z0-9_.-]*$"  # has a digit, so it is no word for a missing value
_TEXT = rf"^[^\s\p{{C}}][^{INVISIBLE}]*[^\s\p{{C}}]$"


@dataclass(frozen=True)
class Reader:
    """How the cells of a column are read.

    read: any spelling. plain: the same for plain spellings, null for all others. repeats: the cells of the column are
    much the same in many rows, so the different ones are looked for first.
    """

    read: Parser
    plain: Callable[[pl.Expr], pl.Expr] | None = None
    repeats: bool = True

    def __call__(self, raw: str) -> Any:
        """The value of one cell, by the slow lane."""
        return self.read(raw)


@dataclass(frozen=True)
class Wanted:
    """What a column is to be read as."""

    name: str
    parser: Parser
    required: bool
    dtype: pl.DataType

    @property
    def plain(self) -> Callable[[pl.Expr], pl.Expr] | None:
        """The fast lane for the whole column; none where the different cells are looked for first."""
        return self.parser.plain if isinstance(self.parser, Reader) and not self.parser.repeats else None

    def no_values(self, height: int) -> pl.Series:
        """A series without any value."""
        return pl.Series(self.name, [None], dtype=self.dtype).new_from_index(0, height)


@dataclass(frozen=True, eq=False)
class Column:
    """What became of a column: the values, and for rows that are told of: row UInt32, rule, suggestion, accepted."""

    values: pl.Series
    refused: pl.DataFrame
    unsure: pl.DataFrame


TOLD_SCHEMA = {"rule": pl.String, "suggestion": pl.String, "accepted": pl.String}


def nothing_told() -> pl.DataFrame:
    """No row to tell of."""
    return pl.DataFrame(schema={"row": pl.UInt32, **TOLD_SCHEMA})


def plain_number(low: float | None = None, high: float | None = None) -> Callable[[pl.Expr], pl.Expr]:
    """Digits with an optional sign, point and exponent, within limits."""

    def plain(raw: pl.Expr) -> pl.Expr:
        value = raw.cast(pl.Float64, strict=False)
        return _within(value, value.is_finite(), low, high)

    return plain


def plain_whole(low: float | None = None, high: float | None = None) -> Callable[[pl.Expr], pl.Expr]:
    """Digits with an optional sign, within limits and exact as a number with a point."""

    def plain(raw: pl.Expr) -> pl.Expr:
        value = raw.cast(pl.Int64, strict=False)
        return _within(value, value.is_between(-EXACT, EXACT), low, high)

    return plain


def plain_day(today: date) -> Callable[[pl.Expr], pl.Expr]:
    """2026-11-05, not after today."""
    return lambda raw: _not_after(pl.when(raw.str.contains(_DAY)).then(raw), today)


def plain_month(today: date) -> Callable[[pl.Expr], pl.Expr]:
    """2026-11, not after today."""
    return lambda raw: _not_after(pl.when(raw.str.contains(_MONTH)).then(raw + "-01"), today)


def plain_id(raw: pl.Expr) -> pl.Expr:
    """Letters and digits of ASCII, at least one digit."""
    return pl.when(raw.str.contains(_ID), raw.str.len_bytes() <= 100).then(raw)


def plain_text(raw: pl.Expr) -> pl.Expr:
    """Text too long to be a word for a missing value, with nothing to cut off."""
    long_enough = raw.str.len_chars() > LONGEST_MISSING
    plain = raw.str.contains(_TEXT) & ~raw.str.contains(MARKED)
    return pl.when(long_enough, raw.str.len_bytes() <= 500, plain).then(raw)


def _within(value: pl.Expr, sound: pl.Expr, low: float | None, high: float | None) -> pl.Expr:
    sound = sound if low is None else sound & (value >= low)
    sound = sound if high is None else sound & (value <= high)
    return pl.when(sound).then(value)


def _not_after(text: pl.Expr, today: date) -> pl.Expr:
    found = text.str.to_date("%Y-%m-%d", strict=False)
    return pl.when(found <= today).then(found)


def read_columns(cells: pl.DataFrame, wanted: Sequence[Wanted]) -> list[Column]:
    """The values of columns of cells, in the order wanted: all fast lanes side by side, then what they left."""
    there = _with_usual(cells, [each for each in wanted if cells[each.name].null_count() < cells.height])
    found = _read_plain(cells, [each for each in there if each.plain is not None])
    found |= _read_repeated(cells, [each for each in there if each.plain is None])
    nothing = nothing_told()
    return [found.get(each.name) or Column(each.no_values(cells.height), nothing, nothing) for each in wanted]


def _with_usual(cells: pl.DataFrame, wanted: Sequence[Wanted]) -> list[Wanted]:
    """Columns that say the same in nearly every row get a fast lane for that one spelling."""
    repeated = [each for each in wanted if each.plain is None and cells.height >= LARGE]
    if not repeated:
        return list(wanted)
    first = {each.name: cells[each.name].drop_nulls().item(0) for each in repeated}
    alike = cells.select((pl.col(name) == cell).mean() for name, cell in first.items()).row(0, named=True)
    known = {each.name: read_one(first[each.name], each.parser, each.required) for each in repeated}
    usual = {
        name: Reader(parser, partial(_usual, cell=first[name], value=value), repeats=False)
        for name, parser, value in ((each.name, each.parser, known[each.name]) for each in repeated)
        if alike[name] >= NEARLY_ALL and not isinstance(value, Refused | Unsure) and value is not None
    }
    return [replace(each, parser=usual.get(each.name, each.parser)) for each in wanted]


def _usual(raw: pl.Expr, cell: str, value: Any) -> pl.Expr:
    return pl.when(raw == cell).then(pl.lit(value))


def _read_plain(cells: pl.DataFrame, wanted: Sequence[Wanted]) -> dict[str, Column]:
    """Columns of which most cells are plain: those by Polars, the few others spelling by spelling."""
    if not wanted:
        return {}
    asked = [each.plain(pl.col(each.name)).alias(each.name) for each in wanted if each.plain is not None]
    plain = cells.lazy().select(asked).collect()  # an eager select would compute what an expression names twice, twice
    both = cells.select(pl.col(each.name).alias(f"={each.name}") for each in wanted).with_columns(plain.get_columns())
    left = both.select(_left(each).arg_true().implode().alias(each.name) for each in wanted)
    return {each.name: _mended(cells[each.name], plain[each.name], left[each.name].item(), each) for each in wanted}


def _left(each: Wanted) -> pl.Expr:
    """Whether the fast lane has left a cell; a blank one only where that is a problem."""
    raw = pl.col(f"={each.name}")
    return pl.col(each.name).is_null() & (raw.is_not_null() if each.required else raw != "")


def _mended(raw: pl.Series, plain: pl.Series, rows: pl.Series, wanted: Wanted) -> Column:
    """A column read by the fast lane, with the cells it has left."""
    nothing = nothing_told()
    if rows.is_empty():
        return Column(plain, nothing, nothing)
    places: dict[str, int] = {}
    codes = [places.setdefault(cell, len(places)) for cell in raw.gather(rows)]
    slow = _outcome([read_one(cell, wanted.parser, wanted.required) for cell in places], wanted.dtype)
    at = pl.Series(codes, dtype=pl.UInt32)
    values = plain.scatter(rows, slow.values.gather(at))
    return Column(values, _spread(slow.refused, at, rows), _spread(slow.unsure, at, rows))


def _read_repeated(cells: pl.DataFrame, wanted: Sequence[Wanted]) -> dict[str, Column]:
    """Columns whose cells are much the same in many rows: each different one read once."""
    if not wanted:
        return {}
    cells = cells.select(each.name for each in wanted)
    spelt = _spellings(cells)
    codes = _codes(cells, spelt)
    slow = {each.name: _read_spellings(spelt[each.name], each) for each in wanted}
    values = codes.select(pl.lit(column.values).gather(pl.col(name)).alias(name) for name, column in slow.items())
    return {
        name: Column(values[name], _spread(column.refused, codes[name]), _spread(column.unsure, codes[name]))
        for name, column in slow.items()
    }


def _spellings(left: pl.DataFrame) -> dict[str, pl.Series]:
    """The different cells of each column."""
    lists = left.select(pl.all().drop_nulls().unique().implode()) if left.width else left
    return {column.name: column.item() for column in lists}


def _codes(left: pl.DataFrame, spelt: Mapping[str, pl.Series]) -> pl.DataFrame:
    """For each cell the place of its spelling among those of its column."""
    return left.select(pl.col(name).cast(pl.Enum(known)).to_physical() for name, known in spelt.items())


def read_by(
    raw: pl.Series, by: pl.Series, parser: Callable[[str, Any], Any], required: bool, dtype: pl.DataType
) -> Column:
    """The values of cells whose meaning hangs on another value of their row; each different pair is read once."""
    spellings, cells = coded(raw)
    held = by.drop_nulls().unique()
    values = [*held, None]
    pairs = cells.cast(pl.UInt64) * len(values)
    if len(held) > 1:
        others = by.cast(pl.String).cast(pl.Enum(held.cast(pl.String))).to_physical().cast(pl.UInt64)
        pairs = pairs + others.fill_null(len(held))
    elif by.null_count():
        pairs = pairs + by.is_null().cast(pl.UInt64) * len(held)
    different = pairs.unique().drop_nulls().sort()
    found = [
        read_one(spellings[int(p) // len(values)], parser, required, values[int(p) % len(values)]) for p in different
    ]
    codes = different.search_sorted(pairs.fill_null(0)).set(pairs.is_null(), None)
    slow = _outcome(found, dtype)
    return Column(slow.values.gather(codes), _spread(slow.refused, codes), _spread(slow.unsure, codes))


def missing_cells(cells: pl.DataFrame) -> pl.DataFrame:
    """Whether each cell says that there is no value; a cell with a digit in it says something."""
    asked = cells.select(pl.when(~pl.all().str.contains("[0-9]")).then(pl.all()))
    spelt = _spellings(asked)
    codes = _codes(asked, spelt)
    said = {name: pl.Series([is_missing(word) for word in words], dtype=pl.Boolean) for name, words in spelt.items()}
    found = codes.select(
        pl.lit(words).gather(pl.col(name)).fill_null(False).alias(name) for name, words in said.items()
    )
    return found.with_columns(pl.col(column.name) | column.is_null() for column in cells)


def missing_among(raw: pl.Series, empty: pl.Series) -> pl.Series:
    """`missing_cells` of one column that has been read: only cells without a value (`empty`) need be looked at."""
    rows = empty.arg_true()
    if rows.is_empty():
        return empty
    left = missing_cells(raw.gather(rows).to_frame("raw"))["raw"]
    return empty if left.all() else empty.scatter(rows.filter(~left), False)


def coded(raw: pl.Series) -> tuple[pl.Series, pl.Series]:
    """The different spellings of a column, and for each row the place of its own among them."""
    spelt = _spellings(raw.to_frame("raw"))
    return spelt["raw"], _codes(raw.to_frame("raw"), spelt)["raw"]


def read_one(raw: str, parser: Callable[..., Any], required: bool, *by: Any) -> Any:
    """One cell: its value, None where it says that there is none, or what it is refused or doubted for."""
    if is_missing(raw):
        return Refused(Rule.MISSING_VALUE) if required else None
    try:
        return parser(raw, *by)
    except Refused as refused:  # a new one: the traceback of this one would keep the whole table in memory
        return Refused(refused.rule, refused.suggestion, refused.accepted)


def _read_spellings(spellings: pl.Series, wanted: Wanted) -> Column:
    """Each spelling read once, plain ones by Polars; `row` is then the place of the spelling."""
    parser = wanted.parser
    if not isinstance(parser, Reader) or parser.plain is None:
        return _outcome([read_one(cell, parser, wanted.required) for cell in spellings], wanted.dtype)
    plain = spellings.to_frame("raw").select(parser.plain(pl.col("raw")).alias("raw"))["raw"]
    return _mended(spellings, plain, plain.is_null().arg_true(), wanted)


def _outcome(found: list[Any], dtype: pl.DataType) -> Column:
    """What the reader gave for each spelling, taken apart."""
    values = [None if isinstance(each, Refused) else each.value if isinstance(each, Unsure) else each for each in found]
    schema = {"row": pl.UInt32, **TOLD_SCHEMA}
    refused, unsure = (
        [
            (place, str(each.rule), each.suggestion, each.accepted)
            for place, each in enumerate(found)
            if isinstance(each, kind)
        ]
        for kind in (Refused, Unsure)
    )
    told = [pl.DataFrame(rows, schema=schema, orient="row") for rows in (refused, unsure)]
    return Column(pl.Series(values, dtype=dtype), told[0], told[1])


def _spread(told: pl.DataFrame, codes: pl.Series, rows: pl.Series | None = None) -> pl.DataFrame:
    """What is told of a spelling, told of every row that has it; codes: the spelling of each row, or of `rows`."""
    if told.is_empty():
        return told
    places = told["row"].to_numpy()
    told_at = np.full(places.max() + 2, -1, dtype=np.int64)  # the last place stands for all spellings above
    told_at[places] = np.arange(len(places))
    known = codes.fill_null(len(told_at) - 1).clip(upper_bound=len(told_at) - 1)
    found = told_at[known.to_numpy()]
    at = pl.Series("row", np.flatnonzero(found >= 0), dtype=pl.UInt32)
    lines = at if rows is None else rows.gather(at).cast(pl.UInt32).alias("row")
    spread: pl.DataFrame = told[found[found >= 0]]
    return spread.with_columns(lines)
