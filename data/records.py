"""The rows of the store: writing those of one upload, and the current state of a data set over all active uploads.

Every statement here runs on SQLite and PostgreSQL alike; the caller owns the transaction.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import polars as pl
import polars.selectors as cs
import sqlalchemy as sa

from data.engines import StoreError, driver_faults
from data.history import lock
from data.keys import KEYS, UNITS
from data.schema import ACTIVE, TABLES, WITHDRAWN, columns, revision, status_change, upload
from data.snapshots import fingerprint

REPEATED = 1_000
ESCAPED = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}


class Checked(Protocol):
    """What the store needs of a checked file; `lines`, the accepted lines of the file, is used where there is one."""

    @property
    def dataset(self) -> str:
        """answers, events, enterprises, parks, members or figures."""

    @property
    def accepted(self) -> pl.DataFrame:
        """The rows to store."""


@dataclass(frozen=True)
class Provenance:
    """Where the rows come from: the file as sent, who sent it, and the source whose column mapping is remembered."""

    file_name: str
    data: bytes
    uploader: str
    note: str = ""
    source: str = ""


@dataclass(frozen=True)
class Stored:
    """What storing did.

    upload_id: the upload that holds the rows (0 where none does: every row only waits, or is as it is shipped).
    revision: of the store, after it. is_new: whether rows were written. n_rows: how many. part: 1, or for bytes that
    were stored before and now bring more or other rows 2, 3, …: only those rows were written. n_waiting: rows newly on
    the work list.
    """

    upload_id: int
    revision: int
    is_new: bool
    n_rows: int = 0
    part: int = 1
    n_waiting: int = 0


def require_known(dataset: str) -> None:
    """Refuse the name of a data set the store does not keep. Errors: StoreError."""
    if dataset not in TABLES:
        raise StoreError(f"There is no data set {dataset}: the store keeps {', '.join(TABLES)}.")


def fitting(dataset: str, accepted: pl.DataFrame) -> pl.DataFrame:
    """The accepted rows with exactly the columns of the store: absent optional columns empty, others left out.

    Errors: StoreError for an unknown data set, no rows, a required column that is absent or has an empty cell, a value
    of another type, or a key that occurs twice.
    """
    require_known(dataset)
    if accepted.is_empty():
        raise StoreError(f"The file has no accepted row of {dataset}: there is nothing to store.")
    table = TABLES[dataset]
    required = [name for name in columns(table) if not table.c[name].nullable]
    if absent := [name for name in required if name not in accepted.columns]:
        raise StoreError(f"The rows of {dataset} lack {', '.join(absent)}: nothing was stored.")
    found = dict(accepted.schema)
    for name, dtype in columns(table).items():
        if name in found and not _fits(found[name], dtype):
            raise StoreError(f"Column {name} of {dataset} is {found[name]}, not {dtype}: nothing was stored.")
    rows = accepted.select(
        (pl.col(name) if name in found else pl.lit(None)).cast(dtype).alias(name)
        for name, dtype in columns(table).items()
    ).with_columns(cs.float().fill_nan(None))
    if empty := [name for name in required if rows[name].null_count()]:
        raise StoreError(f"The rows of {dataset} have empty cells in {', '.join(empty)}: nothing was stored.")
    if twice := rows.select(pl.struct(KEYS[dataset]).is_duplicated().sum()).item():
        raise StoreError(f"{twice} rows of {dataset} share their {', '.join(KEYS[dataset])}: nothing was stored.")
    if dataset == "answers":
        _refuse_answers_beside_withdrawal(rows)
    return rows


def withdrawn(units: pl.DataFrame, is_synthetic: bool = False) -> pl.DataFrame:
    """Rows of answers that take back a park's month: stored, they supersede its answers and leave it without any.

    Columns in: questionnaire_id, period (Date), park_id. Columns out: those of answers.

    >>> month = pl.DataFrame({"questionnaire_id": ["monthly"], "period": [None], "park_id": ["BJ-001"]})
    >>> withdrawn(month).row(0)
    ('monthly', None, 'BJ-001', '*', 'withdrawn', False)
    """
    unit = units.select(UNITS["answers"])
    return unit.with_columns(**{name: pl.lit(text) for name, text in WITHDRAWN.items()}, is_synthetic=is_synthetic)


def _refuse_answers_beside_withdrawal(rows: pl.DataFrame) -> None:
    taken_back = rows.filter(pl.col("item_id") == WITHDRAWN["item_id"]).select(UNITS["answers"])
    if beside := rows.join(taken_back, on=UNITS["answers"]).height - taken_back.height:
        raise StoreError(f"{beside} answers stand beside the mark that takes their month back: nothing was stored.")


def write_rows(connection: sa.Connection, dataset: str, upload_id: int, rows: pl.DataFrame) -> None:
    """Insert the rows as those of the upload, in the order of the key and inside SQLAlchemy's transaction.

    SQLite takes tuples straight to the driver, half the time of dictionaries; PostgreSQL takes COPY.
    """
    owned = rows.sort(KEYS[dataset]).select(pl.lit(upload_id).alias("upload_id"), pl.all())
    names = ", ".join(connection.dialect.identifier_preparer.quote(name) for name in owned.columns)
    cursor: Any = connection.connection.cursor()  # of the driver: neither knows of the other's COPY or stream of rows
    with driver_faults(connection), contextlib.closing(cursor):
        if connection.dialect.name == "postgresql":
            with cursor.copy(f"COPY {TABLES[dataset].name} ({names}) FROM STDIN") as copy:
                copy.write(_copy_text(owned))
            return
        plain = owned.with_columns(cs.date().dt.to_string("%Y-%m-%d"), cs.boolean().cast(pl.Int8))
        marks = ", ".join("?" * owned.width)
        cursor.executemany(f"INSERT INTO {TABLES[dataset].name} ({names}) VALUES ({marks})", _tuples(plain))


def _copy_text(rows: pl.DataFrame) -> str:
    """The rows in the text format of COPY: TAB between cells, backslash before what would end a cell or a row."""
    plain = rows.with_columns(cs.string().str.replace_many(list(ESCAPED), list(ESCAPED.values())))
    return plain.write_csv(include_header=False, separator="\t", quote_style="never", null_value="\\N")


def _tuples(rows: pl.DataFrame) -> Iterator[tuple[object, ...]]:
    """The rows one by one; text that repeats is one object, which spares the driver a third of its time."""
    return zip(*(_cells(column) for column in rows.get_columns()), strict=True)


def _cells(column: pl.Series) -> Iterable[object]:
    different = column.unique() if column.dtype == pl.String else column
    if different.len() > REPEATED or column.dtype != pl.String:
        return column.to_list()
    texts = dict(enumerate(different.to_list()))
    places = column.replace_strict(different, pl.int_range(different.len(), eager=True))
    return map(texts.__getitem__, places.to_list())


def write_upload(connection: sa.Connection, row: dict[str, object], rows: pl.DataFrame) -> int:
    """Insert an upload and its rows; its number. The row's revision becomes the data set's; `hold` comes first."""
    dataset = str(row["dataset"])
    added = int(connection.execute(sa.insert(upload).values(row).returning(upload.c.upload_id)).scalar_one())
    write_rows(connection, dataset, added, rows)
    set_revision(connection, dataset, int(str(row["revision"])))
    return added


def current_rows(
    connection: sa.Connection, dataset: str, active: sa.Select[tuple[int]] | None = None, *, marks: bool = False
) -> pl.DataFrame:
    """The state of a data set: of each unit (a key; for answers a park's month) the rows of its newest upload.

    active: the numbers of the uploads that count; without it those that count now. marks: keep the marks of months that
    were taken back. Columns out: the data set's columns in the store's order, sorted by key; no rows before any upload.
    """
    table, unit = TABLES[dataset], UNITS[dataset]
    counting = active_uploads(dataset) if active is None else active
    newest = (
        sa.select(*(table.c[name] for name in unit), sa.func.max(table.c.upload_id).label("upload_id"))
        .where(table.c.upload_id.in_(counting))
        .group_by(*(table.c[name] for name in unit))
        .subquery()
    )
    same = [table.c[name] == newest.c[name] for name in (*unit, "upload_id")]
    schema = columns(table)
    chosen = sa.select(*(table.c[name] for name in schema)).join(newest, sa.and_(*same))
    if dataset == "answers" and not marks:
        chosen = chosen.where(table.c.item_id != WITHDRAWN["item_id"])
    return read_rows(connection, chosen, schema).sort(KEYS[dataset])


def active_uploads(dataset: str) -> sa.Select[tuple[int]]:
    """The numbers of the uploads of the data set that count now."""
    return sa.select(upload.c.upload_id).where(upload.c.dataset == dataset, upload.c.status == ACTIVE)


def held_keys(connection: sa.Connection, dataset: str) -> pl.DataFrame:
    """The keys that uploads which count now hold. Columns out: those of the key."""
    table, schema = TABLES[dataset], columns(TABLES[dataset])
    key = {name: schema[name] for name in KEYS[dataset]}
    chosen = (
        sa.select(*(table.c[name] for name in key)).distinct().where(table.c.upload_id.in_(active_uploads(dataset)))
    )
    return read_rows(connection, chosen, key)


def upload_rows(connection: sa.Connection, dataset: str, upload_id: int) -> pl.DataFrame:
    """The rows one upload brought."""
    table = TABLES[dataset]
    schema = columns(table)
    chosen = sa.select(*(table.c[name] for name in schema)).where(table.c.upload_id == upload_id)
    return read_rows(connection, chosen, schema)


def not_yet_stored(
    connection: sa.Connection, dataset: str, sha256: str, rows: pl.DataFrame
) -> tuple[pl.DataFrame, int, int]:
    """The rows that active uploads of the same bytes do not hold: all rows of every unit that differs.

    Registers may have grown since, or the file was read in another way. Also: the newest such upload (0: none) and the
    part the next one will be. Units that the bytes brought then and do not bring now stay as they are.
    """
    same = active_uploads(dataset).where(upload.c.sha256 == sha256)
    newest = sa.select(sa.func.max(upload.c.upload_id), sa.func.max(upload.c.part))
    known, part = connection.execute(newest.where(upload.c.upload_id.in_(same))).one()
    if known is None:
        return rows, 0, 1
    unit, every = list(UNITS[dataset]), rows.columns
    held = current_rows(connection, dataset, same, marks=True)
    differing = pl.concat(
        [
            rows.join(held, on=every, how="anti", nulls_equal=True).select(unit),
            held.join(rows, on=every, how="anti", nulls_equal=True).select(unit),
        ]
    )
    return rows.join(differing.unique(), on=unit, how="semi"), known, part + 1


def refuse_twice(connection: sa.Connection, row: sa.RowMapping) -> None:
    """Refuse to let an upload count again while another upload of the same file does. Errors: StoreError."""
    same = active_uploads(row["dataset"]).where(upload.c.sha256 == row["sha256"], upload.c.part == row["part"])
    if (other := connection.scalar(same)) is not None:
        raise StoreError(
            f"Upload {row['upload_id']} cannot count again: the same file was stored anew as upload {other}; "
            "nothing was changed; set that one aside first."
        )


def changed_since(connection: sa.Connection, dataset: str, rows: pl.DataFrame, seen: int) -> pl.DataFrame:
    """The units of the rows that other uploads changed after the data set's revision `seen`.

    Columns out: the unit, upload_id, status (active: stored or redone, undone), who, at (UTC); newest last.
    """
    table, unit, change = TABLES[dataset], UNITS[dataset], status_change
    later = sa.select(change.c.upload_id, change.c.status, change.c.who, change.c.at).join(upload)
    found = connection.execute(later.where(upload.c.dataset == dataset, change.c.revision > seen).order_by(change.c.at))
    schema = {name: columns(change)[name] for name in ("upload_id", "status", "who", "at")}
    changes = pl.DataFrame([tuple(row) for row in found], schema=schema, orient="row")
    touched = sa.select(*(table.c[name] for name in (*unit, "upload_id"))).distinct()
    touched = touched.where(table.c.upload_id.in_(sorted(set(changes["upload_id"]))))
    of_unit = {name: columns(table)[name] for name in unit} | {"upload_id": pl.Int64()}
    same = (
        read_rows(connection, touched, of_unit)
        .join(rows.select(unit).unique(), on=unit, how="semi")
        .join(changes, on="upload_id")
    )
    return same.sort("at", *unit).with_columns(pl.col("at").dt.replace_time_zone("UTC"))


def state_of(connection: sa.Connection, dataset: str, active: sa.Select[tuple[int]] | None = None) -> tuple[int, str]:
    """The data set's revision number and a fingerprint of the uploads that count and of its columns."""
    number = connection.scalar(sa.select(revision.c.number).where(revision.c.dataset == dataset))
    counting = active_uploads(dataset) if active is None else active
    found = connection.execute(
        sa.select(upload.c.upload_id, upload.c.sha256, upload.c.stored_at)
        .where(upload.c.upload_id.in_(counting))
        .order_by(upload.c.upload_id)
    )
    return number or 0, fingerprint(list(columns(TABLES[dataset])), [tuple(row) for row in found])


def revision_sum(connection: sa.Connection) -> int:
    """The revision of the whole store: the sum of all data sets' numbers; it only ever grows."""
    return int(connection.scalar(sa.select(sa.func.sum(revision.c.number))) or 0)


def revision_of(connection: sa.Connection, dataset: str) -> int:
    """The data set's revision number."""
    return int(connection.scalar(sa.select(revision.c.number).where(revision.c.dataset == dataset)) or 0)


def hold(connection: sa.Connection, dataset: str) -> int:
    """Make every other writer wait until the commit; the data set's revision number now."""
    lock(connection)
    return revision_of(connection, dataset)


def set_revision(connection: sa.Connection, dataset: str, number: int) -> None:
    """Write the data set's revision number; `hold` comes first."""
    connection.execute(sa.update(revision).where(revision.c.dataset == dataset).values(number=number))


def read_rows(connection: sa.Connection, chosen: sa.Select[Any], schema: dict[str, pl.DataType]) -> pl.DataFrame:
    """The rows of a query. The driver's own tuples: SQLAlchemy would convert cell by cell, Polars does it by column."""
    result = connection.execute(chosen)
    with driver_faults(connection), contextlib.closing(result):
        rows = result.cursor.fetchall() if result.cursor is not None else []
    if connection.dialect.name == "postgresql":
        return pl.DataFrame(rows, schema=schema, orient="row")
    stored = {pl.Date(): pl.String(), pl.Boolean(): pl.Int64()}  # SQLite has neither days nor truth
    frame = pl.DataFrame(rows, schema={name: stored.get(kind, kind) for name, kind in schema.items()}, orient="row")
    days = [pl.col(name).str.to_date("%Y-%m-%d") for name, kind in schema.items() if kind == pl.Date]
    return frame.with_columns(*days, *(pl.col(name).cast(pl.Boolean) for name, k in schema.items() if k == pl.Boolean))


def _fits(found: pl.DataType, wanted: pl.DataType) -> bool:
    """Whether a column can be stored as it is; nothing is parsed or rounded here."""
    if found in (wanted, pl.Null) or (wanted == pl.String and found in (pl.Categorical, pl.Enum)):
        return True
    return (wanted == pl.Int64 and found.is_integer()) or (wanted == pl.Float64 and found.is_numeric())
