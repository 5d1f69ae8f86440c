"""Registers kept by hand become data sets; events, parks and members get the columns their pages need."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_ADDED = ("programmes", "partners", "offers", "needs", "followups", "documents", "publications", "scorecards")


def upgrade() -> None:
    _wider()
    _exchange()
    _published()
    numbers = sa.table("revision", sa.column("dataset", sa.Text), sa.column("number", sa.Integer))
    op.bulk_insert(numbers, [{"dataset": dataset, "number": 0} for dataset in _ADDED])


def downgrade() -> None:
    raise NotImplementedError("A ParkPulse store is not taken back to an older schema: restore a backup instead.")


def _of(kind: Any, *names: str, nullable: bool = True) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=nullable) for name in names]


def _retirement() -> list[sa.Column[Any]]:
    return [*_of(sa.Date, "retired_on"), *_of(sa.Text, "retired_reason")]


def _wider() -> None:
    event = [
        *_of(sa.Text, "title"),
        *_of(sa.Date, "end_date"),
        *_of(sa.Text, "start_time", "end_time", "host", "partners"),
        *_of(sa.Integer, "projects_published", "projects_pitched", "cooperations_signed", "media_items"),
        *_retirement(),
    ]
    park = [
        *_of(sa.Text, "grade"),
        *_of(sa.Integer, "list_year"),
        *_of(sa.Text, "address"),
        *_of(sa.Double, "lon", "lat"),
        *_of(sa.Text, "coord_system"),
        *_of(sa.Double, "area_m2"),
        *_of(sa.Text, "area_kind"),
        *_of(sa.Integer, "opened_year"),
        *_of(sa.Text, "former_use", "operator"),
        *_of(sa.Integer, "enterprises", "enterprises_year", "public_cultural_spaces"),
        *_of(sa.Text, "source_title", "source_url"),
        *_retirement(),
    ]
    for table, columns in (("event", event), ("park", park), ("member", _retirement())):
        for column in columns:
            op.add_column(table, column)


def _owned(table: str, key: list[sa.Column[Any]], *columns: sa.Column[Any]) -> None:
    op.create_table(
        table,
        sa.Column("upload_id", sa.Integer, nullable=False),
        *key,
        *columns,
        sa.Column("is_synthetic", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("upload_id", *(column.name for column in key), name=op.f(f"pk_{table}")),
        sa.ForeignKeyConstraint(["upload_id"], ["upload.upload_id"], name=op.f(f"fk_{table}_upload_id_upload")),
        sqlite_with_rowid=False,
    )


def _key(*names: str) -> list[sa.Column[Any]]:
    return _of(sa.Text, *names, nullable=False)


def _exchange() -> None:
    named = ("name_zh", "name_en")
    _owned("programme", _key("programme_id"), *_of(sa.Text, *named, "organiser", "source_title"), *_retirement())
    told = _of(sa.Text, *named, "partner_type", "stage", "city_id", "province", "tags")
    source = _of(sa.Text, "source_title")
    _owned("partner", _key("partner_id"), *told, *_of(sa.Date, "since"), *source, *_retirement())
    told = _of(sa.Text, "partner_id", "title", "tags", "stage", "region", "service_package")
    _owned("offer", _key("offer_id"), *told, *_of(sa.Date, "since", "until"), *_retirement())
    told = _of(sa.Text, "park_id", "enterprise_name", "title", "tags", "stage", "region")
    _owned("need", _key("need_id"), *told, *_of(sa.Date, "since", "until"), *_retirement())
    key = [*_key("need_id", "offer_id"), *_of(sa.Date, "date", nullable=False)]
    _owned("followup", key, *_of(sa.Text, "status", "event_id", "note"))


def _published() -> None:
    told = [*_of(sa.Text, "title", "issuer", "level"), *_of(sa.Date, "date")]
    rest = _of(sa.Text, "topic", "link", "summary", "parks", "source_title")
    _owned("document", _key("document_id"), *told, *rest, *_retirement())
    key = [*_key("channel"), *_of(sa.Date, "period", nullable=False), *_key("kind")]
    counts = _of(sa.Integer, "n", "reads", "likes")
    _owned("publication", key, *_of(sa.Text, "city_id"), *counts, *_of(sa.Text, "source_title"))
    key = [*_key("park_id"), *_of(sa.Integer, "year", nullable=False)]
    shares = ("share_production", "share_research", "share_commerce", "share_housing", "share_public")
    numbers = _of(sa.Double, *shares, "occupancy_pct", "open_hours_week")
    words = [*_of(sa.Text, "services", "governance"), *_of(sa.Double, "local_linkage_pct")]
    _owned("scorecard", key, *numbers, *words, *_of(sa.Text, "source_title"))
