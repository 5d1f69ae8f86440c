"""Events day by day, laid out for a calendar heat map."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from indicators.events.coding import CodedEvents, as_coded
from indicators.frames import EVENTS, ContractError


def event_calendar(
    events: pl.DataFrame | CodedEvents, first: date | None = None, last: date | None = None
) -> pl.DataFrame:
    """How many events begin on each day, and where the day stands on a calendar sheet.

    Formula: n_events = events whose date is the day; week = the number of Mondays of the year up to and with the day,
    so that the days before the first Monday stand in week 0.
    Columns in: EVENTS. ``first``, ``last``: the days covered, by default the first of the month of the earliest event
    and the last of the month of the latest. Columns out: date Date, year Int32, month Int8 (1 to 12), week Int8 (0 to
    53), weekday Int8 (1 = Monday), n_events UInt32; one row a day, sorted.
    A day covered without events counts 0; days not covered have no row. Events outside are left out; one that lasts
    several days counts on its first. Without events and days no rows. Raises ContractError. Source: our choice.

    >>> events = pl.DataFrame({"event_id": ["1", "2"], "date": [date(2026, 1, 5)] * 2, "programme_id": ["forum"] * 2,
    ...     "city_id": ["beijing"] * 2, "district_code": [None] * 2})
    >>> event_calendar(events, date(2026, 1, 4), date(2026, 1, 5)).rows()  # a Sunday, a Monday
    [(datetime.date(2026, 1, 4), 2026, 1, 0, 7, 0), (datetime.date(2026, 1, 5), 2026, 1, 1, 1, 2)]
    """
    day = as_coded(events, ()).day
    start, end = _days(day, first, last)
    if start > end and first and last:
        problem = f"first {first} lies after last {last}; accepted: first not after last; change one of them."
        raise ContractError(EVENTS, [problem])
    size = max(end - start + 1, 0)
    held = np.zeros(size, dtype=np.int64)
    if len(day):
        lowest = int(day.min())
        each = np.bincount(day - lowest)
        begin, stop = max(start, lowest), min(end + 1, lowest + len(each))
        held[begin - start : max(stop, begin) - start] = each[begin - lowest : max(stop, begin) - lowest]
    days = pl.Series("date", np.arange(start, start + size).astype(np.int32)).cast(pl.Date)
    sheet = (pl.Series(name, numbers) for name, numbers in _sheet(np.arange(start, start + size)).items())
    return pl.DataFrame([days, *sheet, pl.Series("n_events", held.astype(np.uint32))])


def _sheet(days: NDArray[np.int64]) -> dict[str, NDArray[np.int32 | np.int8]]:
    """Year, month, week and weekday of days counted since Thursday 1 January 1970."""
    stamps = days.astype("datetime64[D]")
    year, month = stamps.astype("datetime64[Y]"), stamps.astype("datetime64[M]")
    weekday = (days + 3) % 7 + 1
    of_year = days - year.astype("datetime64[D]").astype(np.int64) + 1
    return {
        "year": (year.astype(np.int64) + 1970).astype(np.int32),
        "month": (month.astype(np.int64) % 12 + 1).astype(np.int8),
        "week": ((of_year + 7 - weekday) // 7).astype(np.int8),
        "weekday": weekday.astype(np.int8),
    }


def _days(day: NDArray[np.int32], first: date | None, last: date | None) -> tuple[int, int]:
    """The first and last day covered, counted since 1970; none where nothing says them."""
    if not len(day) and not (first and last):
        return 0, -1
    start = np.datetime64(first) if first else _stamp(int(day.min())).astype("datetime64[M]")
    end = (
        np.datetime64(last)
        if last
        else (_stamp(int(day.max())).astype("datetime64[M]") + 1).astype("datetime64[D]") - 1
    )
    return int(start.astype("datetime64[D]").astype(int)), int(end.astype("datetime64[D]").astype(int))


def _stamp(day: int) -> np.datetime64:
    return np.datetime64(day, "D")
