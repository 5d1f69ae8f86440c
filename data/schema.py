"""The tables of the store. A change here needs a new file in `migrations/versions`; a test compares the two.

Uploads are never overwritten: a row belongs to the upload that brought it, and the current state is worked out from
the active uploads (see `records`). The store counts one revision per data set. `status_change` keeps when an upload
began and ceased to count, so that every past state can be read; it and `audit` can only grow (triggers in 0003).

A park's month without any answer is one row of `answer` with item_id `*` and answer `withdrawn` (see WITHDRAWN): it
supersedes the answers of older uploads like any row and is never handed out.

`library_text`, with the table `library_words` that only the engine's own words can make (0006), is a cache of the
library's search: it may be emptied at any time and has neither revision nor audit.
"""

from __future__ import annotations

from typing import Any

import polars as pl
import sqlalchemy as sa

from data.register_tables import days, numbers, register_tables, retirement, texts, whole_numbers

ACTIVE = "active"
UNDONE = "undone"
SETTLED = ("stored", "dropped")  # how a waiting row ends: its correction was stored, or nobody will correct it
WITHDRAWN = {"item_id": "*", "answer": "withdrawn"}  # marks a park's month whose answers were taken back

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
    # The same bytes may bring more rows once the registers have grown: the second upload of them is part 2.
    sa.Column("part", sa.Integer, nullable=False, server_default=sa.text("1")),
    sa.CheckConstraint("status IN ('active', 'undone')", name="status"),
)
sa.Index(
    "uq_upload_dataset_sha256_part_active",
    upload.c.dataset,
    upload.c.sha256,
    upload.c.part,
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
    *texts("title"),
    *days("end_date"),
    *texts("start_time", "end_time", "host", "partners"),  # HH:MM; partners with ; between
    *whole_numbers("projects_published", "projects_pitched", "cooperations_signed", "media_items"),
    *retirement(),
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
    sa.Column("name", sa.Text),
    sa.Column("industry_scheme", sa.Text),
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
    *texts("grade"),
    *whole_numbers("list_year"),
    *texts("address"),
    *numbers("lon", "lat"),
    *texts("coord_system"),
    *numbers("area_m2"),
    *texts("area_kind"),
    *whole_numbers("opened_year"),
    *texts("former_use", "operator"),
    *whole_numbers("enterprises", "enterprises_year", "public_cultural_spaces"),
    *texts("source_title", "source_url"),
    *retirement(),
    sqlite_with_rowid=False,
)

member = sa.Table(
    "member",
    METADATA,
    _owner(),
    sa.Column("body", sa.Text, primary_key=True),
    sa.Column("member_id", sa.Text, primary_key=True),
    sa.Column("name_zh", sa.Text),
    sa.Column("name_en", sa.Text),
    sa.Column("member_type", sa.Text),
    sa.Column("city_id", sa.Text),
    sa.Column("province", sa.Text),
    sa.Column("joined_on", sa.Date),
    sa.Column("left_on", sa.Date),
    sa.Column("is_synthetic", sa.Boolean, nullable=False),
    *retirement(),  # of the entry; left_on is the day of leaving
    sqlite_with_rowid=False,
)

figure = sa.Table(
    "figure",
    METADATA,
    _owner(),
    sa.Column("city_id", sa.Text, primary_key=True),
    sa.Column("territory", sa.Text, primary_key=True),  # empty text where the file names none, as definition
    sa.Column("indicator_id", sa.Text, primary_key=True),
    sa.Column("period", sa.Text, primary_key=True),  # YYYY or YYYY-MM
    sa.Column("definition", sa.Text, primary_key=True),
    sa.Column("city_name", sa.Text),
    sa.Column("value", sa.Double),
    sa.Column("unit", sa.Text),
    sa.Column("trust", sa.Text),
    sa.Column("source_title", sa.Text),
    sa.Column("source_url", sa.Text),
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
    sa.Column("previous_hash", sa.Text, nullable=False, server_default=sa.text("''")),
    sa.Column("hash", sa.Text, nullable=False, server_default=sa.text("''")),  # of this entry and previous_hash
)

status_change = sa.Table(
    "status_change",
    METADATA,
    sa.Column("upload_id", sa.Integer, sa.ForeignKey("upload.upload_id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),  # 1: stored; then undone and redone in turn
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("at", sa.DateTime, nullable=False),  # UTC; within a data set each change is later than the one before
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),  # of the data set, after the change
    sa.CheckConstraint("status IN ('active', 'undone')", name="status"),
)

waiting_row = sa.Table(
    "waiting_row",
    METADATA,
    sa.Column("waiting_id", sa.Integer, primary_key=True),
    sa.Column("upload_id", sa.Integer, sa.ForeignKey("upload.upload_id")),
    sa.Column("dataset", sa.Text, sa.ForeignKey("revision.dataset"), nullable=False),
    sa.Column("file_name", sa.Text, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("line", sa.Integer, nullable=False),
    sa.Column("cells", sa.Text, nullable=False),  # JSON: header -> text as in the file
    sa.Column("reasons", sa.Text, nullable=False),  # JSON: column, value, rule, suggestion, accepted of each problem
    sa.Column("kept_by", sa.Text, nullable=False),
    sa.Column("kept_at", sa.DateTime, nullable=False),  # UTC
    sa.Column("settled_by", sa.Text),
    sa.Column("settled_at", sa.DateTime),  # UTC
    sa.Column("settled_how", sa.Text),
    sa.CheckConstraint("settled_how IN ('stored', 'dropped')", name="settled_how"),
)
sa.Index(
    "uq_waiting_row_dataset_sha256_line_open",
    waiting_row.c.dataset,
    waiting_row.c.sha256,
    waiting_row.c.line,
    unique=True,
    sqlite_where=waiting_row.c.settled_at.is_(None),
    postgresql_where=waiting_row.c.settled_at.is_(None),
)

mapping = sa.Table(
    "mapping",
    METADATA,
    sa.Column("mapping_id", sa.Integer, primary_key=True),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("dataset", sa.Text, nullable=False),
    sa.Column("header", sa.Text, nullable=False),
    sa.Column("field", sa.Text, nullable=False),  # empty: leave the column out
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("at", sa.DateTime, nullable=False),  # UTC
)

library_text = sa.Table(
    "library_text",
    METADATA,
    sa.Column("text_id", sa.Integer, primary_key=True),
    sa.Column("digest", sa.Text, nullable=False, unique=True),  # of the searched texts of one document
    sa.Column("made_at", sa.DateTime, nullable=False),  # UTC
)

TABLES: dict[str, sa.Table] = {
    "answers": answer,
    "events": event,
    "enterprises": enterprise,
    "parks": park,
    "members": member,
    "figures": figure,
    **register_tables(METADATA),
}

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
