"""Questionnaires as tables: which questions belong to one, and which version of them holds in a month.

The tables are those of `registry.questionnaire_items` or of a test: nothing here reads a file.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import polars as pl

MONTHLY = "monthly"
CHANGE = "change3"


class Version(NamedTuple):
    """One version of a questionnaire: from when it holds (None: from ever), and the scale of each of its questions."""

    valid_from: date | None
    scales: dict[str, str]


def further(items: pl.DataFrame) -> tuple[str, ...]:
    """The questionnaires besides the monthly one, in the order of the table.

    Columns in: questionnaire_id (text; a table without it holds the monthly questionnaire only).

    >>> further(pl.DataFrame({"questionnaire_id": ["monthly", "digitalisation", "digitalisation"]}))
    ('digitalisation',)
    """
    if "questionnaire_id" not in items.columns:
        return ()
    found = items["questionnaire_id"].unique(maintain_order=True)
    return tuple(name for name in found if name is not None and name != MONTHLY)


def questions_of(items: pl.DataFrame, questionnaire_id: str) -> pl.DataFrame:
    """The questions of one questionnaire in all its versions; a table without the id holds the monthly one only."""
    if "questionnaire_id" not in items.columns:
        return items if questionnaire_id == MONTHLY else items.clear()
    return items.filter(pl.col("questionnaire_id") == questionnaire_id)


def valid_in(items: pl.DataFrame, month: date) -> pl.DataFrame:
    """The questions of each questionnaire in the version that holds in a month: the newest not after it.

    Formula: of the versions with valid_from <= month the one with the latest valid_from, of two such the higher number.
    Columns in: questionnaire_id (text), version (Int64), valid_from (Date). Columns out: the same, in their order.
    Missing: a questionnaire whose first version comes later has no rows.

    >>> items = pl.DataFrame({"questionnaire_id": ["monthly"] * 3, "version": [1, 2, 2], "item_id": ["a", "a", "b"],
    ...     "valid_from": [date(2022, 1, 1), date(2024, 7, 1), date(2024, 7, 1)]})
    >>> valid_in(items, date(2024, 6, 1))["item_id"].to_list(), valid_in(items, date(2024, 7, 1))["item_id"].to_list()
    (['a'], ['a', 'b'])
    >>> valid_in(items, date(2021, 12, 1)).height
    0
    """
    known = items.filter(pl.col("valid_from") <= month)
    latest = pl.struct("valid_from", "version")
    return known.filter(latest == latest.sort_by("valid_from", "version").last().over("questionnaire_id"))


def newest(items: pl.DataFrame) -> pl.DataFrame:
    """The questions of each questionnaire in its newest version."""
    last = items["valid_from"].max()
    return items if not isinstance(last, date) else valid_in(items, last)


def versions(items: pl.DataFrame) -> tuple[Version, ...]:
    """The versions of one questionnaire, oldest first; a table without valid_from is one version.

    Columns in: item_id, optional scale_id (text; absent: three levels), valid_from (Date), version.

    >>> [version.scales for version in versions(pl.DataFrame({"item_id": ["rent"]}))]
    [{'rent': 'change3'}]
    """
    scale = "scale_id" if "scale_id" in items.columns else pl.lit(CHANGE).alias("scale_id")
    if "valid_from" not in items.columns:
        return (Version(None, dict(items.select("item_id", scale).iter_rows())),)
    ordered = items.sort("valid_from", "version", maintain_order=True)
    groups = ordered.group_by("valid_from", "version", maintain_order=True)
    parts = [(held_from, part) for (held_from, _), part in groups]
    return tuple(Version(held_from, dict(part.select("item_id", scale).iter_rows())) for held_from, part in parts)


def version_in(found: Sequence[Version], month: date | None) -> int:
    """The place of the version that holds in a month; the newest for an unknown month, the first for an earlier one.

    >>> first, second = Version(date(2022, 1, 1), {}), Version(date(2024, 7, 1), {})
    >>> [version_in((first, second), month) for month in (date(2020, 1, 1), date(2024, 6, 1), date(2024, 7, 1), None)]
    [0, 0, 1, 1]
    """
    if month is None:
        return len(found) - 1
    held = [place for place, version in enumerate(found) if version.valid_from is None or version.valid_from <= month]
    return max(held, default=0)
