"""The tables of the store. A change here needs a new file in `migrations/versions`; a test compares the two.

Uploads are never overwritten: a row belongs to the upload that brought it, and the current state is worked out from
the active uploads (see `records`). The store counts one revision per data set.
"""

from __future__ import annotations

from typing import Any

import polars as pl
import sqlalchemy as sa

ACTIVE = "active"
UNDONE = "undone"

METADATA = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

upload = sa.Table(
    "upload",
    METADATA,
    sa.Column("upload_id", sa.Integer, primary_key=True),
    sa.Column("dataset", sa.Text, sa.ForeignKey("revision.dataset"), nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("file_name", sa.Text, nullable=False),
    sa.Column("uploader", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("n_rows", sa.Integer, nullable=False),
    sa.Column("is_synthetic", sa.Boolean, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("stored_at", sa.DateTime, nullable=False),  # UTC
    sa.CheckConstraint("status IN ('active', 'undone')", name="status"),
)
sa.Index(
    "uq_upload_dataset_sha256_active",
    upload.c.dataset,
    upload.c.sha256,
    unique=True,
    sqlite_where=upload.c.status == ACTIVE,
    postgresql_where=upload.c.status == ACTIVE,
)


def _owner() -> sa.Column[int]:
    return sa.Column("upload_id", sa.Integer, sa.ForeignKey("upload.upload_id"), primary_key=True)


answer = sa.Table(
    "answer",
    METADATA,
    _owner(),
    sa.Column("questionnaire_id", sa.Text, primary_key=True),
    sa.Column("period", sa.Date, primary_key=True),
    sa.Column("park_id", sa.Text, primary_key=True),
    sa.Column("item_id", sa.Text, primary_key=True),
    sa.Column("answer", sa.Text, nullable=False),
    sa.Column("is_synthetic", sa.Boolean, nullable=False),
    sa.CheckConstraint("answer <> ''", name="answer"),  # the codes of a scale are in the registers
    sqlite_with_rowid=False,
)

event = sa.Table(
    "event",
    METADATA,
    _owner(),
    sa.Column("event_id", sa.Text, primary_key=True),
    sa.Column("date", sa.Date, nullable=False),
    sa.Column("programme_id", sa.Text),
    sa.Column("city_id", sa.Text),
    sa.Column("district_code", sa.Text),
    sa.Column("park_id", sa.Text),
    sa.Column("mode", sa.Text),
    sa.Column("participants_online", sa.Integer),
    sa.Column("participants_onsite", sa.Integer),
    sa.Column("enterprises", sa.Integer),
    sa.Column("is_synthetic", sa.Boolean, nullable=False),
    sqlite_with_rowid=False,
)

enterprise = sa.Table(
    "enterprise",
    METADATA,
    _owner(),
    sa.Column("enterprise_id", sa.Text, primary_key=True),
    sa.Column("city_id", sa.Text),
    sa.Column("district_code", sa.Text),
    sa.Column("lon", sa.Double),
    sa.Column("lat", sa.Double),
    sa.Column("coord_system", sa.Text),
    sa.Column("industry_code", sa.Text),
    sa.Column("culture_code", sa.Text),
    sa.Column("park_id", sa.Text),
    sa.Column("opened_on", sa.Date),
    sa.Column("closed_on", sa.Date),
    sa.Column("employees", sa.Integer),
    sa.Column("status", sa.Text),
    sa.Column("is_synthetic", sa.Boolean, nullable=False),
    sqlite_with_rowid=False,
)

park = sa.Table(
    "park",
    METADATA,
    _owner(),
    sa.Column("park_id", sa.Text, primary_key=True),
    sa.Column("name_zh", sa.Text),
    sa.Column("name_en", sa.Text),
    sa.Column("city_id", sa.Text),
    sa.Column("district_code", sa.Text),
    sa.Column("conversion_mode", sa.Text),
    sa.Column("is_synthetic", sa.Boolean, nullable=False),
    sqlite_with_rowid=False,
)

revision = sa.Table(
    "revision",
    METADATA,
    sa.Column("dataset", sa.Text, primary_key=True),
    sa.Column("number", sa.Integer, nullable=False),
)

audit = sa.Table(
    "audit",
    METADATA,
    sa.Column("audit_id", sa.Integer, primary_key=True),
    sa.Column("at", sa.DateTime, nullable=False),  # UTC
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("about", sa.Text, nullable=False),
)

TABLES: dict[str, sa.Table] = {"answers": answer, "events": event, "enterprises": enterprise, "parks": park}

KEYS: dict[str, tuple[str, ...]] = {
    "answers": ("questionnaire_id", "period", "park_id", "item_id"),
    "events": ("event_id",),
    "enterprises": ("enterprise_id",),
    "parks": ("park_id",),
}

# What a newer upload replaces as a whole; for answers a park's month, so that a correction can leave an answer out.
UNITS: dict[str, tuple[str, ...]] = {**KEYS, "answers": ("questionnaire_id", "period", "park_id")}

_POLARS: tuple[tuple[type[Any], pl.DataType], ...] = (
    (sa.Boolean, pl.Boolean()),
    (sa.DateTime, pl.Datetime("us")),
    (sa.Date, pl.Date()),
    (sa.Integer, pl.Int64()),
    (sa.Float, pl.Float64()),
    (sa.Text, pl.String()),
)


def columns(table: sa.Table) -> dict[str, pl.DataType]:
    """The table's columns as Polars sees them, in order, without the owning upload of a data row.

    >>> columns(revision)
    {'dataset': String, 'number': Int64}
    >>> list(columns(park))[:2]
    ['park_id', 'name_zh']
    """
    data_row = table in TABLES.values()
    return {c.name: _dtype(c) for c in table.columns if not (data_row and c.name == "upload_id")}


def _dtype(column: sa.Column[object]) -> pl.DataType:
    return next(dtype for kind, dtype in _POLARS if isinstance(column.type, kind))
