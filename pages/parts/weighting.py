"""The weights of the monthly index: those of the version of the questionnaire that holds in each month."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import polars as pl

from data import registry
from data.questionnaires import MONTHLY, newest, questions_of, valid_in

COLUMNS = ("item_id", "direction", "weight", "levels")


def every_version() -> pl.DataFrame:
    """The questions of the monthly questionnaire in all its versions."""
    return questions_of(registry.questionnaire_items(), MONTHLY)


def questions(month: date | None = None) -> pl.DataFrame:
    """The questions that hold in a month, all columns of the register; before the first version those of the first."""
    items = every_version()
    if month is None or not items.height:
        return newest(items)
    first: date = items["valid_from"].min()  # type: ignore[assignment]
    return valid_in(items, max(month, first))


def item_weights(month: date | None = None) -> pl.DataFrame:
    """item_id, direction, weight, levels of the version that holds in a month, by default the newest."""
    return questions(month).select(*COLUMNS[:3], pl.col("levels").fill_null(3))


def starts() -> list[date]:
    """The first month of every version, oldest first."""
    return every_version()["valid_from"].unique().sort().to_list()


def begins(month: date) -> bool:
    """Whether a later version than the first begins to hold in the month: its change mixes two sets of weights."""
    return month in starts()[1:]


def spans() -> list[tuple[date | None, date | None]]:
    """From which month (None: from ever) to before which month (None: to this day) each version holds."""
    found = starts()
    return list(zip([None, *found[1:]], [*found[1:], None], strict=True)) if found else [(None, None)]


def within(rows: pl.DataFrame, span: tuple[date | None, date | None]) -> pl.DataFrame:
    """The rows (period) of a span of months."""
    first, end = span
    rows = rows if first is None else rows.filter(pl.col("period") >= first)
    return rows if end is None else rows.filter(pl.col("period") < end)


def by_version(rows: pl.DataFrame, compute: Callable[[pl.DataFrame, pl.DataFrame], pl.DataFrame]) -> pl.DataFrame:
    """`compute(rows, items)` for the months of each version with that version's items, one below the other.

    A figure that looks at the month before is missing in the first month of a version: it would mix two weightings.
    """
    parts = [(within(rows, span), item_weights(span[0] or date.min)) for span in spans()]
    held = [(part, items) for part, items in parts if part.height]
    return pl.concat([compute(part, items) for part, items in held or [(rows, item_weights())]])
