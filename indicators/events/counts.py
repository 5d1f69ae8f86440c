"""Events counted month by month, and by quarter and year."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
import polars as pl

from indicators.events.coding import EVERY, CodedEvents, as_coded, keys_of, places


def event_counts(
    events: pl.DataFrame | CodedEvents,
    by: str | Sequence[str] = ("programme_id",),
    first: date | None = None,
    last: date | None = None,
) -> pl.DataFrame:
    """How many events were held in each month, with a row for every month in between.

    Formula: n_events = number of events whose date lies in the month.
    Columns in: EVENTS (event_id text, date Date, programme_id, city_id text, district_code text or
    null) and those of ``by``. Columns out: period Date (first of the month), ``by``, n_events
    UInt32 (a count), sorted.
    The months run from ``first`` to ``last``, by default from the earliest event to the latest;
    state them where the coverage of the file is known, because inside them a month without events
    counts 0, a true zero, for every combination of ``by`` found in the file. Events outside are
    left out. Without events there are no combinations and no rows; with ``by=()`` the months asked
    for count 0. Raises ContractError. Source: our choice.

    >>> events = pl.DataFrame({"event_id": ["1", "2"], "date": [date(2026, 1, 9), date(2026, 3, 2)],
    ...     "programme_id": ["forum"] * 2, "city_id": ["beijing"] * 2, "district_code": ["110105", None]})
    >>> event_counts(events)["n_events"].to_list()
    [1, 0, 1]
    """
    keys = keys_of(by)
    cells = places(as_coded(events, keys), keys, "month", first, last)
    return cells.frame(pl.Series("n_events", cells.n_events.astype(np.uint32)))


def period_counts(
    events: pl.DataFrame | CodedEvents,
    by: str | Sequence[str] = ("programme_id",),
    every: str = "year",
    first: date | None = None,
    last: date | None = None,
) -> pl.DataFrame:
    """How many events were held in each month, quarter or year, and how many months of it are covered.

    Formula: n_events = number of events whose date lies in a covered month of the period.
    Columns in: as ``event_counts``; ``every`` month, quarter or year. Columns out: period Date (first day), ``by``,
    n_events UInt32 (a count), n_months UInt32 (covered months of the period), whole Boolean (all of them are covered:
    only then may the period be compared with another), sorted. Coverage, true zeros and empty cases as in
    ``event_counts``. Raises ContractError. Source: our choice.

    >>> events = pl.DataFrame({"event_id": ["1", "2"], "date": [date(2025, 10, 9), date(2026, 3, 2)],
    ...     "programme_id": ["forum"] * 2, "city_id": ["beijing"] * 2, "district_code": ["110105", None]})
    >>> period_counts(events, every="quarter").drop("programme_id").rows()  # doctest: +NORMALIZE_WHITESPACE
    [(datetime.date(2025, 10, 1), 1, 3, True), (datetime.date(2026, 1, 1), 1, 3, True)]
    """
    keys = keys_of(by)
    cells = places(as_coded(events, keys), keys, every, first, last)
    months = cells.months()
    return cells.frame(
        pl.Series("n_events", cells.n_events.astype(np.uint32)),
        pl.Series("n_months", months),
        pl.Series("whole", months == EVERY.get(every, 0)),
    )
