"""Events counted month by month."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from indicators.frames import EVENTS, ContractError, grouping, require, require_named


def event_counts(
    events: pl.DataFrame,
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
    keys = [name for name in grouping(by) if name != "period"]
    frame = require(events, EVENTS)
    require_named(frame, keys, EVENTS)
    dated = frame.with_columns(pl.col("date").dt.truncate("1mo").alias("period"))
    grid = _months(dated["period"], first, last)
    if keys:
        grid = grid.join(dated.select(keys).unique(), how="cross")
    counted = dated.group_by("period", *keys).agg(pl.len().alias("n_events"))
    joined = grid.join(counted, on=["period", *keys], how="left", nulls_equal=True)
    filled = joined.with_columns(pl.col("n_events").fill_null(0).cast(pl.UInt32))
    return filled.select("period", *keys, "n_events").sort("period", *keys, nulls_last=True)


def _months(periods: pl.Series, first: date | None, last: date | None) -> pl.DataFrame:
    """Every month from the first to the last; none without a bound and without events."""
    earliest, latest = periods.min(), periods.max()
    start = first.replace(day=1) if first else earliest
    end = last.replace(day=1) if last else latest
    if not isinstance(start, date) or not isinstance(end, date):
        return pl.DataFrame(schema={"period": pl.Date})
    if start > end:
        problem = (
            f"first {start:%Y-%m} lies after last {end:%Y-%m}; accepted: first not after last; change one of them."
        )
        raise ContractError(EVENTS, [problem])
    return pl.DataFrame({"period": pl.date_range(start, end, "1mo", eager=True)})
