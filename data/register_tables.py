"""The tables of the registers people keep by hand: programmes, partners, offers, needs and what became of them,
documents, publications and scorecards. They are data sets like any other; `schema` puts them with the rest.

An entry that no longer holds is stored again with `retired_on` and `retired_reason`; nothing is deleted.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa


def texts(*names: str) -> list[sa.Column[Any]]:
    """Columns of text that may be empty."""
    return [sa.Column(name, sa.Text) for name in names]


def whole_numbers(*names: str) -> list[sa.Column[Any]]:
    """Columns of whole numbers that may be empty."""
    return [sa.Column(name, sa.Integer) for name in names]


def numbers(*names: str) -> list[sa.Column[Any]]:
    """Columns of numbers that may be empty."""
    return [sa.Column(name, sa.Double) for name in names]


def days(*names: str) -> list[sa.Column[Any]]:
    """Columns of days that may be empty."""
    return [sa.Column(name, sa.Date) for name in names]


def retirement() -> list[sa.Column[Any]]:
    """When an entry ceased to hold, and why."""
    return [*days("retired_on"), *texts("retired_reason")]


def register_tables(metadata: sa.MetaData) -> dict[str, sa.Table]:
    """The tables of these registers by data set."""

    def table(
        name: str, key: list[sa.Column[Any]], *columns: sa.Column[Any], later: list[sa.Column[Any]] | None = None
    ) -> sa.Table:
        for column in key:
            column.primary_key, column.nullable = True, False
        owner = sa.Column("upload_id", sa.Integer, sa.ForeignKey("upload.upload_id"), primary_key=True)
        synthetic = sa.Column("is_synthetic", sa.Boolean, nullable=False)
        return sa.Table(name, metadata, owner, *key, *columns, synthetic, *(later or []), sqlite_with_rowid=False)

    return {"programmes": _programme(table), **_exchange(table), **_published(table), "scorecards": _scorecard(table)}


def _programme(table: Any) -> sa.Table:
    named = texts("name_zh", "name_en", "organiser", "source_title")
    made: sa.Table = table("programme", texts("programme_id"), *named, *retirement())
    return made


def _exchange(table: Any) -> dict[str, sa.Table]:
    """Who offers, who needs, and what became of an offer made for a need."""
    partner = texts("name_zh", "name_en", "partner_type", "stage", "city_id", "province", "tags")
    offer = texts("partner_id", "title", "tags", "stage", "region", "service_package")
    need = texts("park_id", "enterprise_name", "title", "tags", "stage", "region")
    since = (*days("since"), *texts("source_title"))
    return {
        "partners": table("partner", texts("partner_id"), *partner, *since, *retirement()),
        "offers": table("offer", texts("offer_id"), *offer, *days("since", "until"), *retirement()),
        "needs": table("need", texts("need_id"), *need, *days("since", "until"), *retirement()),
        "followups": table(
            "followup",
            [*texts("need_id", "offer_id"), *days("date")],
            *texts("status", "event_id", "note"),
            later=retirement(),
        ),
    }


def _published(table: Any) -> dict[str, sa.Table]:
    """Documents of others, and what was published in the channels of our own."""
    told = (*texts("title", "issuer", "level"), *days("date"), *texts("topic", "link", "summary", "parks"))
    key = [*texts("channel"), *days("period"), *texts("kind")]
    counts = whole_numbers("n", "reads", "likes")
    return {
        "documents": table("document", texts("document_id"), *told, *texts("source_title"), *retirement()),
        "publications": table(
            "publication", key, *texts("city_id"), *counts, *texts("source_title"), later=retirement()
        ),
    }


def _scorecard(table: Any) -> sa.Table:
    shares = numbers("share_production", "share_research", "share_commerce", "share_housing", "share_public")
    use = numbers("occupancy_pct", "open_hours_week")
    told = (*texts("services", "governance"), *numbers("local_linkage_pct"), *texts("source_title"))
    key = [*texts("park_id"), *whole_numbers("year")]
    made: sa.Table = table("scorecard", key, *shares, *use, *told, later=retirement())
    return made
