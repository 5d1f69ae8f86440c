"""Events as arrays of whole numbers, made once and used for every figure of the events page.

A page counts the same events by month, programme, district and mode again and again, anew after every
change of a filter. With months and names as numbers from 0, each count is one pass over an array. The
functions of this package take events as a frame or coded, with the same result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from indicators.events.contracts import AMOUNTS, DIMENSIONS, EVENT_TABLE
from indicators.events.loops import Codes, Floats, Sizes, added, counted, placed
from indicators.frames import EVENTS, ContractError, grouping, require, require_named

EVERY = {"month": 1, "quarter": 3, "year": 12}
"""The lengths of a period, in months."""

ALL = "all"
"""One period for the whole coverage."""

_ROOMY = 8
"""A table of all possible places is used up to this many times the number of events, and always up to _SMALL."""

_SMALL = 1_000_000
_FEW = 2**32 - 1
_SINCE = 1970


@dataclass(frozen=True, eq=False)
class CodedEvents:
    """Events as arrays, checked. Made by ``coded_events``; narrowed by ``only``.

    ``day`` counts days since 1970, ``month`` months since the month ``origin`` (itself counted since January 1970).
    ``codes`` gives, for each column events are counted by, the place of an event's value in ``values`` (sorted, empty
    last). ``amounts`` hold not a number where nothing is stated; ``participants`` is one of them: the people online and
    on site where an event states every part its mode calls for (an unknown mode: at least one).
    """

    origin: int
    day: NDArray[np.int32]
    month: Codes
    codes: Mapping[str, Codes]
    values: Mapping[str, pl.Series]
    amounts: Mapping[str, Floats]

    @property
    def n(self) -> int:
        """How many events there are."""
        return len(self.day)

    @cached_property
    def span(self) -> tuple[int, int]:
        """The first and last month of an event, as ``month`` counts them; the last before the first without events."""
        return (int(self.month.min()), int(self.month.max())) if self.n else (0, -1)

    def only(self, **wanted: str | Sequence[str | None]) -> CodedEvents:
        """The events whose columns have one of the values wanted: what a filter of a page leaves.

        In: column = value or values (None = the empty one). A value no event has leaves none. Raises ContractError
        for a column that was not coded. Source: our choice.
        """
        require_coded(self, tuple(wanted))
        if not wanted:
            return self
        keep = np.ones(self.n, dtype=np.bool_)
        for name, chosen in wanted.items():
            values = self.values[name]
            asked = [chosen] if isinstance(chosen, str) else list(chosen)
            sought = pl.Series(asked, dtype=values.dtype)
            keep &= values.is_in(sought, nulls_equal=True).to_numpy()[self.codes[name]] if len(values) else False
        rows = np.flatnonzero(keep)
        codes = {name: array[rows] for name, array in self.codes.items()}
        amounts = {name: array[rows] for name, array in self.amounts.items()}
        return replace(self, day=self.day[rows], month=self.month[rows], codes=codes, amounts=amounts)


def coded_events(events: pl.DataFrame, by: str | Sequence[str] | None = None) -> CodedEvents:
    """Events as numbers, checked like everywhere else, ready for many figures.

    Columns in: EVENT_TABLE; ``by``: the columns to count by, by default those of DIMENSIONS that are there. Out: see
    CodedEvents. An empty name is a value of its own, an empty number is not stated. No events give empty arrays.
    Raises ContractError. Source: our choice.

    >>> events = pl.DataFrame({"event_id": ["1", "2"], "date": [date(1970, 2, 1), date(1971, 1, 31)],
    ...     "programme_id": ["forum", "training"], "city_id": ["beijing"] * 2, "district_code": ["110105", None]})
    >>> coded = coded_events(events)
    >>> coded.origin, coded.month.tolist(), coded.codes["district_code"].tolist()
    (1, [0, 11], [0, 1])
    """
    frame = require(events, EVENT_TABLE)
    names = [name for name in DIMENSIONS if name in frame.columns] if by is None else keys_of(by)
    require_named(frame, names, EVENT_TABLE)
    day = frame["date"].to_physical().to_numpy().astype(np.int64)
    month = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    origin = int(month.min()) if len(month) else 0
    coded = {name: coded_column(frame[name]) for name in names}
    numbers = {name: frame[name] for name in AMOUNTS if name in frame.columns}
    return CodedEvents(
        origin,
        day.astype(np.int32),
        (month - origin).astype(np.uint32),
        {name: codes for name, (codes, _) in coded.items()},
        {name: values for name, (_, values) in coded.items()},
        {name: series.cast(pl.Float64).to_numpy() for name, series in numbers.items()} | _participants(frame),
    )


def _participants(frame: pl.DataFrame) -> dict[str, Floats]:
    """The people of each event, not a number unless every part its mode calls for is stated."""
    parts = [name for name in ("participants_online", "participants_onsite") if name in frame.columns]
    if not parts:
        return {}
    online, onsite = (pl.col(name) if name in parts else pl.lit(None, pl.Int64) for name in _ONLINE_ONSITE)
    mode = pl.col("mode") if "mode" in frame.columns else pl.lit(None, pl.String)
    people = (
        pl.when(online.is_not_null() & onsite.is_not_null())
        .then(online + onsite)
        .when((mode == "online") | (mode.is_null() & onsite.is_null()))
        .then(online)
        .when((mode == "onsite") | mode.is_null())
        .then(onsite)
    )
    return {"participants": frame.select(people.cast(pl.Float64).alias("participants")).to_series().to_numpy()}


_ONLINE_ONSITE = ("participants_online", "participants_onsite")


def as_coded(events: pl.DataFrame | CodedEvents, by: str | Sequence[str]) -> CodedEvents:
    """Events as they come, coded at least by ``by``.

    A frame is coded, coded events are taken as they are. Raises ContractError for a column that is not there.
    """
    if isinstance(events, pl.DataFrame):
        return coded_events(events, by)
    require_coded(events, keys_of(by))
    return events


def require_coded(events: CodedEvents, names: Sequence[str]) -> None:
    """Refuse events that were not coded by one of the names."""
    if any(name not in events.codes for name in names):
        require_named(pl.DataFrame(schema=dict.fromkeys(events.codes, pl.String)), names, EVENT_TABLE)


def keys_of(by: str | Sequence[str]) -> list[str]:
    """The columns of ``by`` other than the period.

    >>> keys_of(("period", "mode"))
    ['mode']
    """
    return [name for name in grouping(by) if name != "period"]


@dataclass(frozen=True, eq=False)
class Places:
    """Where each event stands in a full table periods x combinations of names.

    An event of month m (from 0) with combination ``code`` stands in cell ``start_of[m] + code`` of a table of ``width``
    columns, of which ``found`` occur; cells behind the last period hold the events outside the months covered.
    ``n_months`` says how many covered months a period has, ``n_events`` how many events a cell.
    """

    month: Codes
    start_of: Codes
    code: Codes
    width: int
    found: Sizes
    periods: list[date]
    n_months: list[int]
    combinations: pl.DataFrame
    n_events: Floats

    @cached_property
    def place(self) -> Codes:
        """The cell of each event."""
        return placed(self.month, self.start_of, self.code)

    @property
    def n_cells(self) -> int:
        """How many cells the covered months have, empty combinations included."""
        return len(self.periods) * self.width

    def total(self, amounts: Floats | None) -> tuple[Floats, Floats]:
        """What the events of each cell state together, and how many state it, in the order of ``frame``.

        In: the amount of each event; None: nobody states anything. The sum is not a number where nobody states it.
        """
        size = self.n_cells
        sums, n = added(self.place, amounts, size) if amounts is not None else (np.zeros(size), np.zeros(size))
        whole = np.where(n > 0, sums, np.nan)
        return self.those_found(whole), self.those_found(n)

    def those_found(self, cells: Floats) -> Floats:
        """The cells of combinations that occur, out of all cells of the covered months (the first axis)."""
        if len(self.found) == self.width:
            return cells
        rest = cells.shape[1:]
        return cells.reshape(len(self.periods), self.width, *rest)[:, self.found].reshape(-1, *rest)

    def frame(self, *columns: pl.Series) -> pl.DataFrame:
        """The cells, sorted, empty names last: period, names, then the columns given, one value a cell."""
        dates = pl.Series("period", self.periods, dtype=pl.Date)
        if not self.combinations.width:
            return pl.DataFrame([dates, *columns])
        rows = np.tile(np.arange(len(self.found), dtype=np.uint32), len(self.periods))
        spans = np.repeat(np.arange(len(self.periods), dtype=np.uint32), len(self.found))
        names = (gathered(column, rows) for column in self.combinations)
        return pl.DataFrame([gathered(dates, spans), *names, *columns])

    def months(self) -> NDArray[np.uint32]:
        """How many covered months the period of each cell has."""
        return np.repeat(np.array(self.n_months, dtype=np.uint32), len(self.found))


def gathered(column: pl.Series, rows: NDArray[np.uint32]) -> pl.Series:
    """The values at these rows: as ``gather``, without planning a query first.

    >>> gathered(pl.Series(["a", "b"]), np.array([1, 1], dtype=np.uint32)).to_list()
    ['b', 'b']
    """
    return column[pl.Series(rows)]


def figures(name: str, numbers: Floats, dtype: type[pl.DataType] = pl.Float64) -> pl.Series:
    """Numbers as a column, empty where not a number.

    >>> figures("n", np.array([1.0, np.nan]), pl.Int64).to_list()
    [1, None]
    """
    column = pl.Series(name, numbers, nan_to_null=True)
    return column if dtype == pl.Float64 else column.cast(dtype)


def places(events: CodedEvents, names: Sequence[str], every: str, first: date | None, last: date | None) -> Places:
    """The full table of periods and of the combinations of names that occur, with the place of each event in it.

    In: ``every`` month, quarter, year or all; ``first``, ``last`` any day of the first and last month covered, by
    default those of the events. Without a bound and without events there are no periods. Raises ContractError.
    """
    if every not in (*EVERY, ALL):
        accepted = ", ".join((*EVERY, ALL))
        raise ContractError(EVENTS, [f"period '{every}' is not known; accepted: {accepted}; choose one of them."])
    start, end = _bounds(events, first, last)
    length = EVERY.get(every, max(end - start + 1, 1))
    begin = start if every == ALL else start - start % length
    periods = list(range(begin, end + 1, length))
    code, width, columns = _combined(events, names, len(periods))
    months = np.arange(events.origin, events.origin + events.span[1] + 1)
    row = np.where((months < start) | (months > end), len(periods), (months - begin) // length)
    start_of = (row * width).astype(np.uint32)
    table = counted(events.month, start_of, code, (len(periods) + 1) * width).reshape(len(periods) + 1, width)
    found = np.flatnonzero(table.any(axis=0)) if names else np.arange(width)
    inside = table[: len(periods), found].ravel().astype(np.float64)
    covered = [min(end, at + length - 1) - max(start, at) + 1 for at in periods]
    dates = [_day(at) for at in periods]
    return Places(events.month, start_of, code, width, found, dates, covered, _named(columns, found), inside)


def _bounds(events: CodedEvents, first: date | None, last: date | None) -> tuple[int, int]:
    """The first and last month covered; the last before the first where nothing says them."""
    if first and last and first.replace(day=1) > last.replace(day=1):
        raise ContractError(EVENTS, [_reversed(f"{first:%Y-%m}", f"{last:%Y-%m}")])
    if not events.n and not (first and last):
        return 0, -1
    start = _month(first) if first else events.origin + events.span[0]
    end = _month(last) if last else events.origin + events.span[1]
    if start > end:
        raise ContractError(EVENTS, [_reversed(f"{_day(start):%Y-%m}", f"{_day(end):%Y-%m}")])
    return start, end


def _reversed(first: str, last: str) -> str:
    return f"first {first} lies after last {last}; accepted: first not after last; change one of them."


def _month(day: date) -> int:
    return (day.year - _SINCE) * 12 + day.month - 1


def _day(month: int) -> date:
    return date(_SINCE + month // 12, month % 12 + 1, 1)


_Columns = dict[str, pl.Series]


def _combined(events: CodedEvents, names: Sequence[str], n_periods: int) -> tuple[Codes, int, _Columns]:
    """The number of each event's combination of names, how many numbers there are, and the names behind each number.

    All possible combinations are numbered where that leaves a table of a fair size, else those that occur.
    """
    if not names:
        return np.zeros(events.n, dtype=np.uint32), 1, {}
    sizes = [len(events.values[name]) for name in names]
    width = int(np.prod(sizes, dtype=object))
    code: NDArray[Any] = events.codes[names[0]]
    for name, size in zip(names[1:], sizes[1:], strict=True):
        code = np.add(code.astype(np.uint64 if width > _FEW else np.uint32, copy=False) * size, events.codes[name])
    if width * (n_periods + 1) <= max(_SMALL, _ROOMY * events.n):
        numbers: Sizes = np.arange(width)
    else:
        numbers, code = np.unique(code, return_inverse=True)
    columns, n = {}, len(numbers)
    for name, size in zip(reversed(names), reversed(sizes), strict=True):
        columns[name] = gathered(events.values[name], (numbers % max(size, 1)).astype(np.uint32)).alias(name)
        numbers = numbers // max(size, 1)
    return code.astype(np.uint32, copy=False), n, dict(reversed(columns.items()))


def _named(columns: _Columns, found: Sizes) -> pl.DataFrame:
    return pl.DataFrame([gathered(column, found.astype(np.uint32)) for column in columns.values()])


def coded_among(column: pl.Series, known: Sequence[str]) -> NDArray[np.int64]:
    """The place of each text among those known; behind them those of other texts (n), then the empty ones (n + 1).

    >>> coded_among(pl.Series(["b", None, "z", "a"]), ["a", "b"]).tolist()
    [1, 3, 2, 0]
    """
    codes = column.cast(pl.Enum(known), strict=False).to_physical().fill_null(len(known))
    places = codes.to_numpy().astype(np.int64)
    if column.null_count():
        places[column.is_null().to_numpy()] = len(known) + 1
    return places


def coded_column(column: pl.Series) -> tuple[Codes, pl.Series]:
    """The place of each value among the sorted ones, empty last, and these values.

    >>> codes, values = coded_column(pl.Series(["b", None, "a", "b"]))
    >>> codes.tolist(), values.to_list()
    ([1, 2, 0, 1], ['a', 'b', None])
    """
    if column.dtype in (pl.Categorical, pl.Enum):
        column = column.cast(pl.String)
    values = column.drop_nulls().unique().sort()
    if column.dtype == pl.String:
        codes = column.cast(pl.Enum(values)).to_physical()
    else:
        numbers = pl.DataFrame({"value": values, "code": np.arange(len(values))})
        codes = pl.DataFrame({"value": column}).join(numbers, on="value", how="left", maintain_order="left")["code"]
    if column.null_count():
        codes = codes.fill_null(len(values))
        values = pl.concat([values, pl.Series(values.name, [None], dtype=values.dtype)])
    return codes.to_numpy().astype(np.uint32), values
