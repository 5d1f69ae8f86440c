"""What a register of events holds: the column contract of every figure of the events page."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from indicators.frames import EVENTS, Column, Contract

MODES = ("online", "onsite", "hybrid")
"""How an event can be held."""

DIMENSIONS = ("programme_id", "city_id", "district_code", "park_id", "mode")
"""The columns events are counted by."""

_COUNTED = {
    "participants_online": ("persons", "people who took part online"),
    "participants_onsite": ("persons", "people who came"),
    "enterprises": ("enterprises", "enterprises that took part"),
    "projects_published": ("projects", "projects made public"),
    "projects_pitched": ("projects", "projects presented to partners"),
    "cooperations_signed": ("agreements", "agreements signed"),
    "media_items": ("items", "items in the media"),
}

AMOUNTS = tuple(_COUNTED)
"""The whole numbers an event can state."""

_PARK = Column("park_id", pl.String, "code", "the park it was held in", nullable=True, optional=True)
_MODE = Column("mode", pl.String, "word", "how it was held", allowed=MODES, nullable=True, optional=True)


def events_with(*names: str) -> Contract:
    """The contract of events with some of their further columns, each of which may be absent.

    In: names out of park_id, mode and AMOUNTS. An empty amount is not stated, never 0. A contract is returned.
    Source: our choice.

    >>> [column.name for column in events_with("mode").columns]
    ['event_id', 'date', 'programme_id', 'city_id', 'district_code', 'mode']
    """
    more = {"park_id": _PARK, "mode": _MODE} | {
        name: Column(name, pl.Int64, unit, f"{note}; empty = not stated", low=0, nullable=True, optional=True)
        for name, (unit, note) in _COUNTED.items()
    }
    return replace(EVENTS, columns=(*EVENTS.columns, *(more[name] for name in names)))


EVENT_TABLE = events_with("park_id", "mode", *AMOUNTS)
"""One row per event, with everything it can state."""
