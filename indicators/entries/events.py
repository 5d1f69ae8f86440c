"""The methods of the events register."""

from __future__ import annotations

from datetime import date

from indicators.catalogue import BY_OUT, Method, Option
from indicators.events import event_counts
from indicators.frames import EVENTS

ENTRIES: tuple[Method, ...] = (
    Method(
        "event_counts",
        "How many events were held in each month, with a row for every month in between.",
        event_counts,
        EVENTS,
        {
            "by": Option(tuple, ("programme_id",), "columns to count by, with commas between; empty = all together"),
            "first": Option(date, None, "first month of the coverage"),
            "last": Option(date, None, "last month of the coverage"),
        },
        (("period", "month"), BY_OUT, ("n_events", "events")),
        "our choice",
    ),
)
