"""How many people, enterprises and media items events had: only what was stated, with the number of events behind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl

from indicators.events.coding import ALL, CodedEvents, as_coded, figures, keys_of, places


def attendance(
    events: pl.DataFrame | CodedEvents,
    by: str | Sequence[str] = ("programme_id",),
    every: str = ALL,
    first: date | None = None,
    last: date | None = None,
) -> pl.DataFrame:
    """How many people and enterprises took part, in all and per event, and how many events say so.

    Formula: participants = people online + on site over the events that state every part their mode calls for (online:
    the people online; onsite: those who came; hybrid: both; mode not known: at least one); participants_per_event =
    participants / n_stated; enterprises_per_event = enterprises / n_enterprises.
    Columns in: EVENTS, ``by``, and where there are any mode (online, onsite, hybrid), participants_online,
    participants_onsite, enterprises, media_items (counts; empty = not stated). ``every`` month, quarter, year or all.
    Columns out: period Date, ``by``, n_events UInt32, then for participants, participants_online, participants_onsite,
    enterprises, media_items the sum Int64 and the number of events stating it UInt32 (n_stated, n_online, n_onsite,
    n_enterprises, n_media), participants_per_event and enterprises_per_event Float64, sorted.
    A number not stated is left out, never 0: a sum is null where no event states it, and is a lower bound where some do
    not. Coverage and empty cases as in ``event_counts``. Raises ContractError. Source: our choice.

    >>> events = pl.DataFrame({"event_id": ["1", "2", "3"], "date": [date(2026, 1, 9)] * 3, "city_id": ["beijing"] * 3,
    ...     "programme_id": ["forum"] * 3, "district_code": [None] * 3, "mode": ["online", "hybrid", "onsite"],
    ...     "participants_online": [30, 50, None], "participants_onsite": [None, None, 20]})
    >>> attendance(events).select("n_events", "n_stated", "participants", "participants_per_event").row(0)
    (3, 2, 50, 25.0)
    """
    keys = keys_of(by)
    table = as_coded(events, keys)
    cells = places(table, keys, every, first, last)
    columns = [pl.Series("n_events", cells.n_events.astype(np.uint32))]
    rates = []
    for name, n_name in _PARTS:
        total, n = cells.total(table.amounts.get(name))
        columns += [figures(name, total, pl.Int64), pl.Series(n_name, n.astype(np.uint32))]
        if name in _PER_EVENT:
            rates.append(figures(f"{name}_per_event", total / np.where(n > 0, n, np.nan)))
    return cells.frame(*columns, *rates)


_PER_EVENT = ("participants", "enterprises")
_PARTS = (
    ("participants", "n_stated"),
    ("participants_online", "n_online"),
    ("participants_onsite", "n_onsite"),
    ("enterprises", "n_enterprises"),
    ("media_items", "n_media"),
)
