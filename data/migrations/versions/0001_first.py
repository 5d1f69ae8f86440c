"""The first schema: uploads, their rows, one revision number a data set, audit."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def _owned(table: str, *columns: sa.Column[Any], key: tuple[str, ...], check: str | None = None) -> None:
    checks = [] if check is None else [sa.CheckConstraint(check, name=op.f(f"ck_{table}_{table}"))]
    op.create_table(
        table,
        sa.Column("upload_id", sa.Integer, nullable=False),
        *columns,
        sa.Column("is_synthetic", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("upload_id", *key, name=op.f(f"pk_{table}")),
        sa.ForeignKeyConstraint(["upload_id"], ["upload.upload_id"], name=op.f(f"fk_{table}_upload_id_upload")),
        *checks,
        sqlite_with_rowid=False,
    )


def _text(*names: str, nullable: bool = True) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text, nullable=nullable) for name in names]


def _books() -> None:
    revisions = op.create_table(
        "revision",
        sa.Column("dataset", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("dataset", name=op.f("pk_revision")),
    )
    op.bulk_insert(revisions, [{"dataset": d, "number": 0} for d in ("answers", "events", "enterprises", "parks")])
    op.create_table(
        "upload",
        sa.Column("upload_id", sa.Integer, nullable=False),
        *_text("dataset", "sha256", "file_name", "uploader", "note", nullable=False),
        sa.Column("n_rows", sa.Integer, nullable=False),
        sa.Column("is_synthetic", sa.Boolean, nullable=False),
        *_text("status", nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("stored_at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("upload_id", name=op.f("pk_upload")),
        sa.ForeignKeyConstraint(["dataset"], ["revision.dataset"], name=op.f("fk_upload_dataset_revision")),
        sa.CheckConstraint("status IN ('active', 'undone')", name=op.f("ck_upload_status")),
    )
    active = sa.text("status = 'active'")
    op.create_index(
        "uq_upload_dataset_sha256_active",
        "upload",
        ["dataset", "sha256"],
        unique=True,
        sqlite_where=active,
        postgresql_where=active,
    )
    op.create_table(
        "audit",
        sa.Column("audit_id", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        *_text("who", "role", "what", "about", nullable=False),
        sa.PrimaryKeyConstraint("audit_id", name=op.f("pk_audit")),
    )


def upgrade() -> None:
    _books()
    _owned(
        "answer",
        *_text("questionnaire_id", nullable=False),
        sa.Column("period", sa.Date, nullable=False),
        *_text("park_id", "item_id", "answer", nullable=False),
        key=("questionnaire_id", "period", "park_id", "item_id"),
        check="answer IN ('up', 'same', 'down')",
    )
    _owned(
        "event",
        *_text("event_id", nullable=False),
        sa.Column("date", sa.Date, nullable=False),
        *_text("programme_id", "city_id", "district_code", "park_id", "mode"),
        *(sa.Column(name, sa.Integer) for name in ("participants_online", "participants_onsite", "enterprises")),
        key=("event_id",),
    )
    _owned(
        "enterprise",
        *_text("enterprise_id", nullable=False),
        *_text("city_id", "district_code"),
        sa.Column("lon", sa.Double),
        sa.Column("lat", sa.Double),
        *_text("coord_system", "industry_code", "culture_code", "park_id"),
        sa.Column("opened_on", sa.Date),
        sa.Column("closed_on", sa.Date),
        sa.Column("employees", sa.Integer),
        *_text("status"),
        key=("enterprise_id",),
    )
    _owned(
        "park",
        *_text("park_id", nullable=False),
        *_text("name_zh", "name_en", "city_id", "district_code", "conversion_mode"),
        key=("park_id",),
    )


def downgrade() -> None:
    raise NotImplementedError("A ParkPulse store is not taken back to an older schema: restore a backup instead.")
