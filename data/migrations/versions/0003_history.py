"""Status changes, waiting rows, remembered mappings and a chained audit; members and figures."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_GROWING = ("audit", "status_change")
_TOLD = re.compile(r"upload (\d+):")


def upgrade() -> None:
    _data_sets()
    _books()
    _same_bytes_twice()
    _first_changes()
    _chain()
    _only_grow()


def downgrade() -> None:
    raise NotImplementedError("A ParkPulse store is not taken back to an older schema: restore a backup instead.")


def _text(*names: str, nullable: bool = True) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text, nullable=nullable) for name in names]


def _owned(table: str, *columns: sa.Column[Any], key: tuple[str, ...]) -> None:
    op.create_table(
        table,
        sa.Column("upload_id", sa.Integer, nullable=False),
        *columns,
        sa.Column("is_synthetic", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("upload_id", *key, name=op.f(f"pk_{table}")),
        sa.ForeignKeyConstraint(["upload_id"], ["upload.upload_id"], name=op.f(f"fk_{table}_upload_id_upload")),
        sqlite_with_rowid=False,
    )


def _data_sets() -> None:
    for column in _text("name", "industry_scheme"):
        op.add_column("enterprise", column)
    _owned(
        "member",
        *_text("body", "member_id", nullable=False),
        *_text("name_zh", "name_en", "member_type", "city_id", "province"),
        sa.Column("joined_on", sa.Date),
        sa.Column("left_on", sa.Date),
        key=("body", "member_id"),
    )
    key = ("city_id", "territory", "indicator_id", "period", "definition")
    value = sa.Column("value", sa.Double)
    rest = _text("unit", "trust", "source_title", "source_url")
    _owned("figure", *_text(*key, nullable=False), *_text("city_name"), value, *rest, key=key)
    numbers = sa.table("revision", sa.column("dataset", sa.Text), sa.column("number", sa.Integer))
    op.bulk_insert(numbers, [{"dataset": dataset, "number": 0} for dataset in ("members", "figures")])


def _books() -> None:
    op.create_table(
        "status_change",
        sa.Column("upload_id", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        *_text("status", nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        *_text("who", "role", nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("upload_id", "number", name=op.f("pk_status_change")),
        sa.ForeignKeyConstraint(["upload_id"], ["upload.upload_id"], name=op.f("fk_status_change_upload_id_upload")),
        sa.CheckConstraint("status IN ('active', 'undone')", name=op.f("ck_status_change_status")),
    )
    op.create_table(
        "waiting_row",
        sa.Column("waiting_id", sa.Integer, nullable=False),
        sa.Column("upload_id", sa.Integer),
        *_text("dataset", "file_name", "sha256", "source", nullable=False),
        sa.Column("line", sa.Integer, nullable=False),
        *_text("cells", "reasons", "kept_by", nullable=False),
        sa.Column("kept_at", sa.DateTime, nullable=False),
        *_text("settled_by"),
        sa.Column("settled_at", sa.DateTime),
        *_text("settled_how"),
        sa.PrimaryKeyConstraint("waiting_id", name=op.f("pk_waiting_row")),
        sa.ForeignKeyConstraint(["upload_id"], ["upload.upload_id"], name=op.f("fk_waiting_row_upload_id_upload")),
        sa.ForeignKeyConstraint(["dataset"], ["revision.dataset"], name=op.f("fk_waiting_row_dataset_revision")),
        sa.CheckConstraint("settled_how IN ('stored', 'dropped')", name=op.f("ck_waiting_row_settled_how")),
    )
    opened = sa.text("settled_at IS NULL")
    name, columns = "uq_waiting_row_dataset_sha256_line_open", ["dataset", "sha256", "line"]
    op.create_index(name, "waiting_row", columns, unique=True, sqlite_where=opened, postgresql_where=opened)
    op.create_table(
        "mapping",
        sa.Column("mapping_id", sa.Integer, nullable=False),
        *_text("source", "dataset", "header", "field", "who", nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("mapping_id", name=op.f("pk_mapping")),
    )


def _same_bytes_twice() -> None:
    op.add_column("upload", sa.Column("part", sa.Integer, nullable=False, server_default=sa.text("1")))
    op.drop_index("uq_upload_dataset_sha256_active", "upload")
    active = sa.text("status = 'active'")
    name, columns = "uq_upload_dataset_sha256_part_active", ["dataset", "sha256", "part"]
    op.create_index(name, "upload", columns, unique=True, sqlite_where=active, postgresql_where=active)


_AUDIT = sa.table(
    "audit",
    *(sa.column(name, sa.Integer) for name in ("audit_id",)),
    sa.column("at", sa.DateTime),
    *(sa.column(name, sa.Text) for name in ("who", "role", "what", "about", "previous_hash", "hash")),
)
_CHANGE = sa.table(
    "status_change",
    *(sa.column(name, sa.Integer) for name in ("upload_id", "number", "revision")),
    sa.column("at", sa.DateTime),
    *(sa.column(name, sa.Text) for name in ("status", "who", "role")),
)


def _first_changes() -> None:
    """What happened to the uploads so far, from the audit: each of its entries moved its data set by one revision."""
    connection = op.get_bind()
    found = connection.execute(
        sa.text(
            "SELECT upload_id, dataset, uploader, revision, stored_at, status FROM upload ORDER BY upload_id"
        ).columns(stored_at=sa.DateTime)
    )
    uploads = {row.upload_id: row for row in found}
    told_of = (_AUDIT.c[name] for name in ("at", "who", "role", "what", "about"))
    told = connection.execute(sa.select(*told_of).order_by(_AUDIT.c.audit_id))
    changes: dict[int, list[dict[str, Any]]] = {number: [] for number in uploads}
    revisions: Counter[str] = Counter()
    for at, who, role, what, about in told:
        named = _TOLD.match(about)
        if named is None or what not in ("upload", "undo") or int(named[1]) not in uploads:
            continue
        row = uploads[int(named[1])]
        revisions[row.dataset] += 1
        status = "active" if what == "upload" else "undone"
        _append(changes[row.upload_id], row.upload_id, status, at, who, role, revisions[row.dataset])
    for number, row in uploads.items():
        _complete(changes[number], number, row)
    if rows := [change for several in changes.values() for change in several]:
        connection.execute(sa.insert(_CHANGE), rows)


def _complete(changes: list[dict[str, Any]], number: int, row: Any) -> None:
    """An upload that the audit does not know, or not to its end, has at least what its own row says."""
    if not changes:
        _append(changes, number, "active", row.stored_at, row.uploader, "", row.revision)
    if changes[-1]["status"] != row.status:
        _append(changes, number, row.status, changes[-1]["at"], "", "", changes[-1]["revision"])


def _append(
    changes: list[dict[str, Any]], number: int, status: str, at: datetime, who: str, role: str, revised: int
) -> None:
    row = {"upload_id": number, "number": len(changes) + 1, "status": status, "at": at, "who": who, "role": role}
    changes.append(row | {"revision": revised})


def _chain() -> None:
    for name in ("previous_hash", "hash"):
        op.add_column("audit", sa.Column(name, sa.Text, nullable=False, server_default=sa.text("''")))
    connection, previous = op.get_bind(), ""
    told_of = ("audit_id", "at", "who", "role", "what", "about")
    entries = sa.select(*(_AUDIT.c[name] for name in told_of)).order_by(_AUDIT.c.audit_id)
    for audit_id, at, *words in connection.execute(entries).all():
        told = json.dumps([previous, audit_id, at.isoformat(timespec="microseconds"), *words], ensure_ascii=False)
        own = hashlib.sha256(told.encode()).hexdigest()
        this = sa.update(_AUDIT).where(_AUDIT.c.audit_id == audit_id)
        connection.execute(this.values(previous_hash=previous, hash=own))
        previous = own


def _only_grow() -> None:
    """The database itself refuses to change or delete what was once written to audit and status_change."""
    if op.get_bind().dialect.name == "sqlite":
        for table in _GROWING:
            for event in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, 'the table {table} only grows'); END"
                )
        return
    op.execute(
        "CREATE FUNCTION only_grows() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the table % only grows', TG_TABLE_NAME; END $$"
    )
    for table in _GROWING:
        op.execute(
            f"CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION only_grows()"
        )
