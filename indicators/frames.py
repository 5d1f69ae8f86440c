"""Column contracts: what a frame must look like before a figure is computed from it.

A contract names each column with its dtype, unit and accepted values. ``require`` checks a
typed frame against it, ``typed`` turns a frame of text (a CSV as read) into the contract's
dtypes. Both refuse with a ``ContractError`` that names the contract, the column, the row
(1 = first data row), the value, what would be accepted and what to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import polars as pl

SHOWN_PER_COLUMN = 5
"""How many rows of one column a ContractError lists before it only counts the rest."""

_KINDS: dict[type[pl.DataType], str] = {
    pl.String: "text",
    pl.Date: "a date written YYYY-MM-DD",
    pl.Int8: "a whole number",
    pl.Int64: "a whole number",
    pl.UInt32: "a whole number from 0",
    pl.Float64: "a number with a decimal point and no thousands separator",
}


@dataclass(frozen=True)
class Column:
    """One column of a contract; ``month`` dates must be the first day of a month.

    ``also`` lists values beside ``allowed`` that the function accepts where another column says so.
    """

    name: str
    dtype: type[pl.DataType]
    unit: str
    note: str
    allowed: tuple[str | int, ...] | None = None
    low: float | None = None
    high: float | None = None
    nullable: bool = False
    optional: bool = False
    month: bool = False
    also: tuple[str | int, ...] = ()

    def accepted(self) -> str:
        """What the column accepts, as the end of a sentence."""
        if self.allowed is not None:
            words = " or ".join(filter(None, (", ".join(map(str, self.allowed[:-1])), str(self.allowed[-1]))))
        elif self.month:
            words = "a month written YYYY-MM or its first day YYYY-MM-01"
        else:
            words = _KINDS.get(self.dtype, str(self.dtype))
        if self.low is not None and self.high is not None:
            words += f" between {self.low:g} and {self.high:g}"
        elif self.low is not None:
            words += f" not below {self.low:g}"
        elif self.high is not None:
            words += f" not above {self.high:g}"
        more = f"; on more levels also {', '.join(map(str, self.also))}" if self.also else ""
        return words + (", or empty" if self.nullable else "") + more


@dataclass(frozen=True)
class Contract:
    """The columns a function expects; ``key`` columns together name a row and must not repeat."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = field(default=())

    @property
    def schema(self) -> dict[str, type[pl.DataType]]:
        """Names and dtypes of the columns that are not optional."""
        return {column.name: column.dtype for column in self.columns if not column.optional}


class ContractError(ValueError):
    """A frame does not keep its contract; ``problems`` holds one sentence a problem."""

    def __init__(self, contract: Contract, problems: Iterable[str]) -> None:
        self.contract = contract
        self.problems: tuple[str, ...] = tuple(problems)
        super().__init__("\n".join(f"{contract.name}: {problem}" for problem in self.problems))


def require(frame: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """The frame, checked: presence, dtype, empty values, accepted values, range and repeated keys.

    Columns in: those of the contract. Narrower numbers are widened and categories become text;
    text never becomes a number here (see ``typed``). Columns out: the contract's columns first,
    then any others untouched. An empty frame passes if its columns are there.
    Raises ContractError. Source: our choice.

    >>> require(pl.DataFrame({"item_id": ["rent"], "direction": [1], "weight": [1.0]}), ITEMS).height
    1
    >>> require(pl.DataFrame({"item_id": ["rent"], "direction": [2], "weight": [1.0]}), ITEMS)
    Traceback (most recent call last):
    ...
    indicators.frames.ContractError: items: column direction, row 1: 2 is not accepted; \
accepted: 1 or -1; correct the value or leave the row out.
    """
    _require_present(frame, contract)
    present = [column for column in contract.columns if column.name in frame.columns]
    problems = [_dtype_problem(frame, column) for column in present if not _fits(frame, column)]
    if problems:
        raise ContractError(contract, problems)
    narrow = [column for column in present if frame.schema[column.name] != column.dtype]
    checked = frame.with_columns(pl.col(column.name).cast(column.dtype) for column in narrow) if narrow else frame
    problems = [line for column in _doubtful(checked, present) for line in _value_problems(checked, checked, column)]
    problems += _key_problems(checked, contract)
    if problems:
        raise ContractError(contract, problems)
    names = [column.name for column in present]
    ordered = names + [name for name in checked.columns if name not in names]
    return checked if ordered == checked.columns else checked.select(ordered)


def typed(frame: pl.DataFrame, contract: Contract) -> pl.DataFrame:
    """A frame read from a CSV, every text column turned into the contract's dtype, then checked.

    Text is stripped and empty text is a missing value, in every column. Months may be written
    YYYY-MM. Columns that already have a dtype are left to ``require``; columns outside the
    contract stay text.
    Raises ContractError with the row, the value as it was written and what is accepted.

    >>> typed(pl.DataFrame({"item_id": ["rent"], "direction": ["-1"], "weight": ["1"]}), ITEMS).row(0)
    ('rent', -1, 1.0)
    """
    _require_present(frame, contract)
    present = [column for column in contract.columns if column.name in frame.columns]
    texts = [column for column in present if frame.schema[column.name] == pl.String]
    written = frame.with_columns(_blank_to_null(name) for name, dtype in frame.schema.items() if dtype == pl.String)
    parsed = written.with_columns(_parsed(column) for column in texts)
    problems: list[str] = []
    for column in texts:
        unread = written[column.name].is_not_null() & parsed[column.name].is_null()
        problems += _listed(written, column, unread)
        problems += _value_problems(parsed, written, column)
    if problems:
        raise ContractError(contract, problems)
    return require(parsed, contract)


def grouping(by: str | Sequence[str]) -> list[str]:
    """The names in ``by`` as a list without repeats: one name or several.

    >>> grouping("period"), grouping(("period", "city_id", "period"))
    (['period'], ['period', 'city_id'])
    """
    return [by] if isinstance(by, str) else list(dict.fromkeys(by))


def require_named(frame: pl.DataFrame, names: Sequence[str], contract: Contract) -> None:
    """Refuse a frame that lacks one of the columns a caller asked for by name."""
    missing = [name for name in names if name not in frame.columns]
    if missing:
        raise ContractError(contract, [_missing_problem(name, "asked for by name", frame) for name in missing])


def _require_present(frame: pl.DataFrame, contract: Contract) -> None:
    missing = [column for column in contract.columns if not column.optional and column.name not in frame.columns]
    if missing:
        raise ContractError(contract, [_missing_problem(c.name, f"{c.note}; {c.accepted()}", frame) for c in missing])


def _missing_problem(name: str, note: str, frame: pl.DataFrame) -> str:
    found = ", ".join(frame.columns) or "none"
    return f"column {name} is missing ({note}); columns found: {found}; add the column or rename one to {name}."


def _fits(frame: pl.DataFrame, column: Column) -> bool:
    """Whether the dtype is the contract's or widens to it without loss."""
    have, want = frame.schema[column.name], column.dtype
    if have == want or have == pl.Null:
        return True
    if want == pl.String:
        return have in (pl.Categorical, pl.Enum)
    if want == pl.Float64:
        return have.is_numeric()
    if want.is_integer() and have.is_integer():
        values = frame[column.name]
        return bool(values.cast(want, strict=False).is_null().eq(values.is_null()).all())
    return False


def _dtype_problem(frame: pl.DataFrame, column: Column) -> str:
    values = frame[column.name].drop_nulls()
    shown = f", first value {_quoted(values[0])}" if len(values) else ""
    have = frame.schema[column.name]
    return (
        f"column {column.name}: dtype is {have}{shown}; accepted: {column.dtype.__name__}, {column.accepted()}; "
        f"convert the column before the call."
    )


def _value_problems(parsed: pl.DataFrame, written: pl.DataFrame, column: Column) -> list[str]:
    """Problems of one column of a typed frame, quoted as they stand in ``written``."""
    values = parsed[column.name]
    problems = [] if column.nullable else _empty_problems(written, column)
    bad = pl.repeat(False, parsed.height, eager=True)
    if column.allowed is not None:
        bad |= ~values.is_in([*column.allowed, *column.also])
    if values.dtype == pl.Float64:
        bad |= ~values.is_finite()
    if column.low is not None:
        bad |= values < column.low
    if column.high is not None:
        bad |= values > column.high
    if column.month and values.dtype == pl.Date:
        bad |= values.dt.day() != 1
    return problems + _listed(written, column, bad.fill_null(value=False))


def _doubtful(frame: pl.DataFrame, columns: Sequence[Column]) -> list[Column]:
    """The columns with a value that is not accepted, asked in one query: far quicker than looking for the rows."""
    asked = {column.name: rule for column in columns if (rule := _sound(column)) is not None}
    sound = frame.select(**asked).row(0, named=True) if asked else {}
    empty = {column.name for column in columns if not column.nullable and frame[column.name].null_count()}
    return [column for column in columns if sound.get(column.name) is False or column.name in empty]


def _sound(column: Column) -> pl.Expr | None:
    """Whether every value that is there is accepted; None where any is."""
    values = pl.col(column.name)
    rules = []
    if column.allowed is not None:
        rules.append(values.is_in([*column.allowed, *column.also]).all())
    if column.dtype == pl.Float64:
        rules.append(values.is_finite().all())
    if column.low is not None:
        rules.append((values.min() >= column.low).fill_null(value=True))
    if column.high is not None:
        rules.append((values.max() <= column.high).fill_null(value=True))
    if column.month and column.dtype == pl.Date:
        rules.append((values.dt.day() == 1).all())
    return pl.all_horizontal(rules) if rules else None


def _empty_problems(written: pl.DataFrame, column: Column) -> list[str]:
    if not written[column.name].null_count():
        return []
    rows = written[column.name].is_null().arg_true().to_list()
    lines = [
        f"column {column.name}, row {row + 1}: the value is empty; accepted: {column.accepted()}; "
        f"fill it in or leave the row out."
        for row in rows[:SHOWN_PER_COLUMN]
    ]
    return lines + _rest(column.name, len(rows))


def _listed(written: pl.DataFrame, column: Column, bad: pl.Series) -> list[str]:
    rows = bad.arg_true().to_list()
    lines = [
        f"column {column.name}, row {row + 1}: {_quoted(written[column.name][row])} is not accepted; "
        f"accepted: {column.accepted()}; correct the value or leave the row out."
        for row in rows[:SHOWN_PER_COLUMN]
    ]
    return lines + _rest(column.name, len(rows))


def _rest(name: str, count: int) -> list[str]:
    rest = count - SHOWN_PER_COLUMN
    return [f"column {name}: {rest} more rows with such a value."] if rest > 0 else []


def _key_problems(frame: pl.DataFrame, contract: Contract) -> list[str]:
    if not contract.key or _ascending(frame, contract.key) or not frame.select(contract.key).is_duplicated().any():
        return []
    repeats = frame.select(contract.key).with_row_index("row", 1).filter(~pl.struct(contract.key).is_first_distinct())
    lines = [
        f"column {', '.join(contract.key)}, row {row[0]}: {', '.join(_quoted(value) for value in row[1:])} "
        f"was given in an earlier row; accepted: one row each; leave one of the rows out."
        for row in repeats.head(SHOWN_PER_COLUMN).iter_rows()
    ]
    return lines + _rest(", ".join(contract.key), repeats.height)


def _ascending(frame: pl.DataFrame, key: Sequence[str]) -> bool:
    """Whether every key stands above the one before, so that none can repeat: far quicker than looking for repeats."""
    *leading, last = ((frame[name].head(-1), frame[name].tail(-1)) for name in key)
    rising = last[1] > last[0]
    for before, after in reversed(leading):
        rising = (after > before) | ((after == before) & rising)
    return bool(rising.all(ignore_nulls=False))


def _quoted(value: object) -> str:
    return f"'{value}'" if isinstance(value, str) else str(value)


def _blank_to_null(name: str) -> pl.Expr:
    stripped = pl.col(name).str.strip_chars()
    return pl.when(stripped != "").then(stripped).alias(name)


def _parsed(column: Column) -> pl.Expr:
    text = pl.col(column.name)
    if column.dtype == pl.String:
        return text
    if column.dtype == pl.Date:
        short = text.str.contains(r"^\d{4}-\d{2}$") if column.month else pl.lit(value=False)
        whole = pl.when(short).then(text + "-01").otherwise(text)
        exact = pl.when(whole.str.contains(r"^\d{4}-\d{2}-\d{2}$")).then(whole)
        return exact.str.to_date("%Y-%m-%d", strict=False).alias(column.name)
    return text.cast(column.dtype, strict=False)


_MONTH = Column("period", pl.Date, "month", "the month, as its first day", month=True)

ANSWERS = Contract(
    "answers",
    (
        _MONTH,
        Column("park_id", pl.String, "code", "the park that answered"),
        Column("item_id", pl.String, "code", "the question"),
        Column(
            "answer",
            pl.String,
            "answer",
            "the answer; empty = no valid answer, left out",
            allowed=("up", "same", "down"),
            also=("up2", "down2", "up3", "down3"),
            nullable=True,
        ),
        Column("weight", pl.Float64, "weight", "weight of the park; absent = 1 each", low=0, optional=True),
        Column("levels", pl.Int8, "count", "answers to choose from; absent = 3", allowed=(3, 5, 7), optional=True),
    ),
    key=("period", "park_id", "item_id"),
)
"""One row per park, month and question."""

ITEMS = Contract(
    "items",
    (
        Column("item_id", pl.String, "code", "the question"),
        Column("direction", pl.Int8, "sign", "1: up is favourable, -1: up is unfavourable", allowed=(1, -1)),
        Column("weight", pl.Float64, "share of 1", "weight in the index, 0 = not part of it", low=0, high=1),
        Column("levels", pl.Int8, "count", "answers to choose from; absent = 3", allowed=(3, 5, 7), optional=True),
    ),
    key=("item_id",),
)
"""The questions of a questionnaire."""

EVENTS = Contract(
    "events",
    (
        Column("event_id", pl.String, "code", "the event"),
        Column("date", pl.Date, "day", "the day it was held"),
        Column("programme_id", pl.String, "code", "the programme it belongs to"),
        Column("city_id", pl.String, "code", "the city"),
        Column("district_code", pl.String, "code", "the district", nullable=True),
    ),
    key=("event_id",),
)
"""One row per event."""

ENTERPRISES = Contract(
    "enterprises",
    (
        Column("enterprise_id", pl.String, "code", "the enterprise"),
        Column("district_code", pl.String, "code", "the district", nullable=True),
        Column("industry_code", pl.String, "code", "the industry (GB/T 4754 division)", nullable=True),
        Column("employees", pl.Int64, "persons", "persons employed; empty = not known, never 0", low=0, nullable=True),
    ),
    key=("enterprise_id",),
)
"""One row per enterprise."""

POINTS = Contract(
    "points",
    (
        Column("enterprise_id", pl.String, "code", "the enterprise"),
        Column("lon", pl.Float64, "degrees east, WGS84", "longitude", low=-180, high=180),
        Column("lat", pl.Float64, "degrees north, WGS84", "latitude", low=-90, high=90),
    ),
    key=("enterprise_id",),
)
"""One row per enterprise with a known place."""

FIGURES = Contract(
    "figures",
    (
        Column("city_id", pl.String, "code", "the city"),
        Column("territory", pl.String, "text", "the area the figure is for"),
        Column("indicator_id", pl.String, "code", "the indicator"),
        Column("period", pl.String, "year or month", "YYYY or YYYY-MM"),
        Column("value", pl.Float64, "see unit", "the figure as published"),
        Column("unit", pl.String, "text", "unit of the value"),
        Column("definition", pl.String, "text", "what the source counts", nullable=True),
        Column("trust", pl.String, "grade", "trust in the source", allowed=("A", "B", "seed", "own")),
        Column("source_title", pl.String, "text", "the source"),
        Column("source_url", pl.String, "address", "address of the source", nullable=True),
    ),
)
"""Published figures of cities, one row each."""
