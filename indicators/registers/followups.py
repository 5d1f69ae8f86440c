"""How far each offer made for a need has come: the one reading of its steps that every page uses."""

from __future__ import annotations

import polars as pl

from indicators.frames import Column, Contract, require

REACHED = ("suggested", "contacted", "meeting", "pitched", "signed")
"""The steps of a follow-up in their order."""

STATUSES = (*REACHED, "declined")
"""All that a step can be; declined ends a follow-up at any of them."""

FOLLOWUPS = Contract(
    "followups",
    (
        Column("need_id", pl.String, "code", "the need"),
        Column("offer_id", pl.String, "code", "the offer made for it"),
        Column("date", pl.Date, "day", "the day of the step"),
        Column("status", pl.String, "word", "the step; empty = not known", allowed=STATUSES, nullable=True),
        Column("event_id", pl.String, "code", "the event it was made at; empty = at none", nullable=True),
    ),
)
"""One row per step."""


def last_steps(followups: pl.DataFrame) -> pl.DataFrame:
    """Where each pair of a need and an offer stands, how far it ever came, and the event that is named with it.

    Formula: the last step is that of the latest day, of two steps on one day the further one; reached = the furthest
    step but declined; event_id = the event named last by any step, as a pair introduced at an event and signed a month
    later by post is still a result of that event.
    Columns in: need_id, offer_id, date Date, status text (STATUSES), event_id text (may be empty). Columns out:
    need_id, offer_id, status, date (of the last step), reached text (null where the pair was only declined), n_steps
    UInt32, event_id (null where no step names one), sorted by pair. No rows give no rows. Retired steps are left out by
    the caller. Raises ContractError. Source: our choice.

    >>> from datetime import date
    >>> steps = {"need_id": ["n"] * 2, "offer_id": ["o"] * 2, "date": [date(2026, 5, 1), date(2026, 6, 1)],
    ...     "status": ["pitched", "signed"], "event_id": ["E1", None]}
    >>> last_steps(pl.DataFrame(steps)).select("status", "n_steps", "event_id").row(0)
    ('signed', 2, 'E1')
    """
    rows = require(followups, FOLLOWUPS).with_columns(pl.col("status").cast(pl.Enum(STATUSES)))
    pair = ("need_id", "offer_id")
    grouped = rows.sort("date", "status", "event_id").group_by(pair, maintain_order=True).agg(
        pl.col("status", "date").last(),
        reached=pl.col("status").filter(pl.col("status") != "declined").max(),
        n_steps=pl.len(),
        event_id=pl.col("event_id").drop_nulls().last(),
    )  # fmt: skip
    return grouped.with_columns(pl.col("status", "reached").cast(pl.String)).sort(pair)
