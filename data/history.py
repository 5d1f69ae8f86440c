"""Who did what when: status changes of uploads, past states, and the audit log, each entry chained to the one before.

The chain: hash = sha256 of the JSON list [previous_hash, audit_id, at, who, role, what, about] (UTF-8, `at` in UTC with
microseconds). An entry that is changed, left out or put in breaks it; the database refuses such changes as well. Every
statement here runs on SQLite and PostgreSQL alike; the caller owns the transaction.
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta

import polars as pl
import sqlalchemy as sa

from data.access import Viewer
from data.engines import StoreError
from data.schema import ACTIVE, TABLES, audit, columns, revision, status_change, upload

CHANGES = ("upload", "undo", "redo")
VIEWED = "viewed"  # somebody looked at single answers of others; `data.looks` says at which


def now() -> datetime:
    """The time in UTC as the store keeps it, without a time zone."""
    return datetime.now(UTC).replace(tzinfo=None)


def lock(connection: sa.Connection) -> None:
    """Make every other writer wait until the commit: one writer at a time on both kinds of database.

    SQLite holds the whole file since BEGIN IMMEDIATE and reads no FOR UPDATE; PostgreSQL locks the revision rows.
    """
    connection.execute(sa.select(revision.c.number).order_by(revision.c.dataset).with_for_update()).all()


def note(connection: sa.Connection, viewer: Viewer, what: str, about: str) -> None:
    """Append an entry to the audit log, chained to the last one."""
    lock(connection)
    newest = sa.select(audit.c.audit_id, audit.c.hash).order_by(audit.c.audit_id.desc()).limit(1)
    last, previous = connection.execute(newest).one_or_none() or (0, "")
    entry = (last + 1, now(), viewer.name, str(viewer.role), what, about)
    row = dict(zip(("audit_id", "at", "who", "role", "what", "about"), entry, strict=True))
    connection.execute(sa.insert(audit).values(**row, previous_hash=previous, hash=_hash(previous, *entry)))


def _hash(previous: str, audit_id: int, at: datetime, who: str, role: str, what: str, about: str) -> str:
    told = [previous, audit_id, at.isoformat(timespec="microseconds"), who, role, what, about]
    return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


def audit_list(connection: sa.Connection, who: str | None = None) -> pl.DataFrame:
    """The audit log, oldest first; `at` in UTC; of one person only where `who` is given."""
    schema = columns(audit)
    chosen = sa.select(*(audit.c[name] for name in schema)).order_by(audit.c.audit_id)
    if who is not None:
        chosen = chosen.where(audit.c.who == who)
    return _in_utc(pl.DataFrame([tuple(row) for row in connection.execute(chosen)], schema=schema, orient="row"))


def spreadsheet(entries: pl.DataFrame) -> bytes:
    """The entries as CSV for a spreadsheet: UTF-8 with a byte order mark; text that would act as a formula gets a '."""
    from data.ingest.values import is_formula_like  # the store opens without the readers

    def inert(cell: str) -> str:
        return f"'{cell}" if is_formula_like(cell) else cell

    texts = [name for name, dtype in entries.schema.items() if dtype == pl.String]
    safe = entries.with_columns(
        pl.Series(name, [cell and inert(cell) for cell in entries[name]], dtype=pl.String) for name in texts
    )
    safe = safe.with_columns(pl.col("at").dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ"))
    return b"\xef\xbb\xbf" + safe.write_csv(line_terminator="\r\n").encode()


def is_intact(connection: sa.Connection) -> bool:
    """Whether the chain is unbroken, and no upload, undo or redo is without its entry (an end cut off)."""
    previous, known = "", 0
    for *entry, before, own in connection.execute(sa.select(audit).order_by(audit.c.audit_id)):
        if before != previous or own != _hash(previous, *entry):
            return False
        previous, known = own, known + (entry[4] in CHANGES)
    return known >= (connection.scalar(sa.select(sa.func.count()).select_from(status_change)) or 0)


def change_status(
    connection: sa.Connection, viewer: Viewer, dataset: str, upload_id: int, status: str, number: int
) -> None:
    """Keep that the upload counts, or no longer counts, from now on; `number` is the data set's revision after it."""
    last = sa.select(sa.func.max(status_change.c.at)).join(upload).where(upload.c.dataset == dataset)
    before = connection.scalar(last)
    at = now() if before is None else max(now(), before + timedelta(microseconds=1))
    same = sa.select(sa.func.count()).select_from(status_change).where(status_change.c.upload_id == upload_id)
    row = {"upload_id": upload_id, "number": (connection.scalar(same) or 0) + 1, "status": status, "at": at}
    row |= {"who": viewer.name, "role": str(viewer.role), "revision": number}
    connection.execute(sa.insert(status_change).values(row))
    connection.execute(sa.update(upload).where(upload.c.upload_id == upload_id).values(status=status))


def uploads_at(dataset: str, at: datetime) -> sa.Select[tuple[int]]:
    """The numbers of the data set's uploads that counted at this time. A time without a zone is UTC."""
    until = at if at.tzinfo is None else at.astimezone(UTC).replace(tzinfo=None)
    change = status_change
    newest = (
        sa.select(change.c.upload_id, sa.func.max(change.c.number).label("number"))
        .where(change.c.at <= until)
        .group_by(change.c.upload_id)
        .subquery()
    )
    same = sa.and_(change.c.upload_id == newest.c.upload_id, change.c.number == newest.c.number)
    found = sa.select(change.c.upload_id).join(newest, same).join(upload, upload.c.upload_id == change.c.upload_id)
    return found.where(change.c.status == ACTIVE, upload.c.dataset == dataset)


def upload_list(connection: sa.Connection) -> pl.DataFrame:
    """Every upload, newest first; `stored_at` in UTC; `questionnaire_id` of answers, null for other data sets."""
    schema = columns(upload)
    chosen = sa.select(*(upload.c[name] for name in schema), _asked()).order_by(upload.c.upload_id.desc())
    found = [tuple(row) for row in connection.execute(chosen)]
    return _in_utc(pl.DataFrame(found, schema=schema | {"questionnaire_id": pl.String}, orient="row"))


def change_list(connection: sa.Connection) -> pl.DataFrame:
    """Every upload, undo and redo, newest first: see `ScopedStore.history`."""
    change, own = columns(status_change), columns(upload)
    told = ("dataset", "file_name", "sha256", "part", "uploader", "note", "n_rows", "is_synthetic")
    schema = change | {name: own[name] for name in told} | {"questionnaire_id": pl.String(), "now": pl.String()}
    chosen = (
        sa.select(*(status_change.c[name] for name in change), *(upload.c[name] for name in told), _asked())
        .add_columns(upload.c.status.label("now"))
        .join(upload, upload.c.upload_id == status_change.c.upload_id)
        .order_by(status_change.c.at.desc(), status_change.c.upload_id.desc(), status_change.c.number.desc())
    )
    return _in_utc(pl.DataFrame([tuple(row) for row in connection.execute(chosen)], schema=schema, orient="row"))


def upload_row(connection: sa.Connection, upload_id: int) -> sa.RowMapping:
    """The upload of this number. Errors: StoreError when there is none."""
    found = connection.execute(sa.select(upload).where(upload.c.upload_id == upload_id)).mappings().one_or_none()
    if found is None:
        raise StoreError(f"There is no upload {upload_id}: the list of uploads has the numbers; nothing was changed.")
    return found


def uploaded_by(connection: sa.Connection, upload_id: int) -> str | None:
    """The name of the viewer who stored the upload; the uploader as the file was sent may be somebody else."""
    first = sa.select(status_change.c.who).where(status_change.c.upload_id == upload_id, status_change.c.number == 1)
    return connection.scalar(first)


def _asked() -> sa.Label[str]:
    answer = TABLES["answers"]
    asked = sa.select(answer.c.questionnaire_id).where(answer.c.upload_id == upload.c.upload_id).limit(1)
    return asked.correlate(upload).scalar_subquery().label("questionnaire_id")


def _in_utc(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.col(pl.Datetime).dt.replace_time_zone("UTC"))
