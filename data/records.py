"""The rows of the store: writing those of one upload, and the current state of a data set over all active uploads.

Every statement here runs on SQLite and PostgreSQL alike; the caller owns the transaction.
"""

from __future__ import annotations

import polars as pl
import polars.selectors as cs
import sqlalchemy as sa

from data.engines import StoreError
from data.schema import ACTIVE, KEYS, TABLES, UNITS, columns, revision, upload
from data.snapshots import fingerprint


def fitting(dataset: str, accepted: pl.DataFrame) -> pl.DataFrame:
    """The accepted rows with exactly the columns of the store: absent optional columns empty, others left out.

    Errors: StoreError for an unknown data set, no rows, a required column that is absent or has an empty cell, a value
    of another type, or a key that occurs twice.
    """
    if dataset not in TABLES:
        raise StoreError(f"There is no data set {dataset}: the store keeps {', '.join(TABLES)}.")
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
    )
    if empty := [name for name in required if rows[name].null_count()]:
        raise StoreError(f"The rows of {dataset} have empty cells in {', '.join(empty)}: nothing was stored.")
    if twice := rows.select(pl.struct(KEYS[dataset]).is_duplicated().sum()).item():
        raise StoreError(f"{twice} rows of {dataset} share their {', '.join(KEYS[dataset])}: nothing was stored.")
    return rows


def write_rows(connection: sa.Connection, dataset: str, upload_id: int, rows: pl.DataFrame) -> None:
    """Insert the rows as those of the upload.

    Tuples straight to the driver, inside SQLAlchemy's transaction: half the time of dictionaries (SQLite).
    """
    table = TABLES[dataset]
    owned = rows.select(pl.lit(upload_id).alias("upload_id"), pl.all())
    statement = sa.insert(table).values({name: sa.bindparam(name) for name in owned.columns})
    compiled = statement.compile(dialect=connection.dialect)
    if not compiled.positional:
        connection.execute(sa.insert(table), owned.to_dicts())
        return
    order = list(compiled.positiontup or owned.columns)
    plain = owned.select(order).with_columns(cs.date().dt.to_string("%Y-%m-%d"))
    connection.exec_driver_sql(str(compiled), plain.rows())


def current_rows(connection: sa.Connection, dataset: str) -> pl.DataFrame:
    """The current state: of each unit (a key; for answers a park's month) the rows of its newest active upload.

    Columns out: the data set's columns in the store's order, sorted by key; no rows before the first upload.
    """
    table, unit = TABLES[dataset], UNITS[dataset]
    newest = (
        sa.select(*(table.c[name] for name in unit), sa.func.max(table.c.upload_id).label("upload_id"))
        .join(upload, upload.c.upload_id == table.c.upload_id)
        .where(upload.c.status == ACTIVE)
        .group_by(*(table.c[name] for name in unit))
        .subquery()
    )
    same = [table.c[name] == newest.c[name] for name in (*unit, "upload_id")]
    schema = columns(table)
    found = connection.execute(sa.select(*(table.c[name] for name in schema)).join(newest, sa.and_(*same)))
    return pl.DataFrame([tuple(row) for row in found], schema=schema, orient="row").sort(KEYS[dataset])


def upload_rows(connection: sa.Connection, dataset: str, upload_id: int) -> pl.DataFrame:
    """The rows one upload brought."""
    table = TABLES[dataset]
    schema = columns(table)
    found = connection.execute(sa.select(*(table.c[name] for name in schema)).where(table.c.upload_id == upload_id))
    return pl.DataFrame([tuple(row) for row in found], schema=schema, orient="row")


def upload_list(connection: sa.Connection) -> pl.DataFrame:
    """Every upload, newest first; `stored_at` in UTC; `questionnaire_id` of answers, null for other data sets."""
    answer, schema = TABLES["answers"], columns(upload)
    asked = sa.select(answer.c.questionnaire_id).where(answer.c.upload_id == upload.c.upload_id).limit(1)
    named = asked.correlate(upload).scalar_subquery().label("questionnaire_id")
    chosen = sa.select(*(upload.c[name] for name in schema), named).order_by(upload.c.upload_id.desc())
    found = [tuple(row) for row in connection.execute(chosen)]
    uploads = pl.DataFrame(found, schema=schema | {"questionnaire_id": pl.String}, orient="row")
    return uploads.with_columns(pl.col("stored_at").dt.replace_time_zone("UTC"))


def state_of(connection: sa.Connection, dataset: str) -> tuple[int, str]:
    """The data set's revision number and a fingerprint of its active uploads and columns."""
    number = connection.scalar(sa.select(revision.c.number).where(revision.c.dataset == dataset))
    active = connection.execute(
        sa.select(upload.c.upload_id, upload.c.sha256, upload.c.stored_at)
        .where(upload.c.dataset == dataset, upload.c.status == ACTIVE)
        .order_by(upload.c.upload_id)
    )
    return number or 0, fingerprint(list(columns(TABLES[dataset])), [tuple(row) for row in active])


def revision_sum(connection: sa.Connection) -> int:
    """The revision of the whole store: the sum of all data sets' numbers; it only ever grows."""
    return int(connection.scalar(sa.select(sa.func.sum(revision.c.number))) or 0)


def active_upload(connection: sa.Connection, dataset: str, sha256: str) -> int | None:
    """The number of the active upload of these bytes, if there is one."""
    found = sa.select(upload.c.upload_id).where(
        upload.c.dataset == dataset, upload.c.sha256 == sha256, upload.c.status == ACTIVE
    )
    return connection.scalar(found)


def hold(connection: sa.Connection, dataset: str) -> int:
    """Make every other writer of the data set wait until the commit; its revision number now.

    SQLite holds the whole file since BEGIN IMMEDIATE and reads no FOR UPDATE.
    """
    number = sa.select(revision.c.number).where(revision.c.dataset == dataset).with_for_update()
    return int(connection.execute(number).scalar_one())


def set_revision(connection: sa.Connection, dataset: str, number: int) -> None:
    """Write the data set's revision number; `hold` comes first."""
    connection.execute(sa.update(revision).where(revision.c.dataset == dataset).values(number=number))


def _fits(found: pl.DataType, wanted: pl.DataType) -> bool:
    """Whether a column can be stored as it is; nothing is parsed or rounded here."""
    if found in (wanted, pl.Null) or (wanted == pl.String and found in (pl.Categorical, pl.Enum)):
        return True
    return (wanted == pl.Int64 and found.is_integer()) or (wanted == pl.Float64 and found.is_numeric())
