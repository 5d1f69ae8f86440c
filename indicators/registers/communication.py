"""What was published through which channel, beside the events of the same month."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from indicators.frames import Column, Contract, ContractError, grouping, require, require_named

PUBLICATIONS = Contract(
    "publications",
    (
        Column("channel", pl.String, "word", "where it was published"),
        Column("period", pl.Date, "month", "the month, as its first day", month=True),
        Column("kind", pl.String, "word", "article, video, image or live"),
        Column("n", pl.Int64, "items", "items published; empty = not known", low=0, nullable=True),
        Column(
            "reads", pl.Int64, "reads", "times read or watched; empty = not known", low=0, nullable=True, optional=True
        ),
        Column("likes", pl.Int64, "likes", "times liked; empty = not known", low=0, nullable=True, optional=True),
    ),
)
"""One row per channel, month and kind (and city)."""

COUNTS = Contract(
    "events a month",
    (
        Column("period", pl.Date, "month", "the month, as its first day", month=True),
        Column("n_events", pl.Int64, "events", "events of the month; empty = not known", low=0, nullable=True),
    ),
    key=("period",),
)
"""One row per month covered by the register of events."""


def communication(
    publications: pl.DataFrame, counts: pl.DataFrame, by: str | Sequence[str] = ("channel",)
) -> pl.DataFrame:
    """How many items each channel published in each month, how they were read, and how many there were for each event.

    Formula: n_items = sum of n; items_per_event = n_items / n_events of the same month; reads_per_item = reads / items
    of the rows that state both.
    Columns in: channel, kind text, period Date (first of the month), n, and where there are any reads, likes (counts,
    may be empty), one row each channel, month and kind; counts: period, n_events (a month without a row is not
    covered). ``by``: channel, kind, both, other columns, or nothing. Columns out: period, ``by``, n_items, reads, likes
    Int64, n_rows, n_rows_stated UInt32 (rows, and those of them with n), n_channels UInt32 (channels that report),
    n_events Int64, items_per_event, reads_per_item Float64, sorted. One row a month and combination that report.
    A month a channel does not report has no row, not 0; a sum nobody states is null; items_per_event is null where the
    month is not covered or has no events. No rows give no rows. Raises ContractError. Source: our choice.

    >>> import datetime
    >>> may = datetime.date(2026, 5, 1)
    >>> items = pl.DataFrame({"channel": ["wechat"] * 2, "period": may, "kind": ["article", "video"], "n": [6, 2]})
    >>> found = communication(items, pl.DataFrame({"period": [may], "n_events": [4]}))
    >>> found.select("n_items", "reads", "items_per_event").row(0)
    (8, None, 2.0)
    """
    keys = [name for name in grouping(by) if name != "period"]
    frame, months = require(publications, PUBLICATIONS), require(counts, COUNTS).select("period", "n_events")
    require_named(frame, keys, PUBLICATIONS)
    _require_single(frame)
    absent = [name for name in ("reads", "likes") if name not in frame.columns]
    full = frame.with_columns(pl.lit(None, pl.Int64).alias(name) for name in absent)
    both = pl.col("reads").is_not_null() & pl.col("n").is_not_null()
    grouped = full.group_by("period", *keys).agg(
        *(_stated(name).alias(out) for name, out in (("n", "n_items"), ("reads", "reads"), ("likes", "likes"))),
        pl.len().cast(pl.UInt32).alias("n_rows"),
        pl.col("n").count().cast(pl.UInt32).alias("n_rows_stated"),
        pl.col("channel").n_unique().cast(pl.UInt32).alias("n_channels"),
        pl.col("reads").filter(both).sum().alias("_reads"),
        pl.col("n").filter(both).sum().alias("_read_items"),
    )
    joined = grouped.join(months, on="period", how="left").sort("period", *keys, nulls_last=True)
    rated = joined.with_columns(
        pl.when(pl.col("n_events") > 0).then(pl.col("n_items") / pl.col("n_events")).alias("items_per_event"),
        pl.when(pl.col("_read_items") > 0).then(pl.col("_reads") / pl.col("_read_items")).alias("reads_per_item"),
    )
    return rated.drop("_reads", "_read_items")


def _stated(name: str) -> pl.Expr:
    return pl.when(pl.col(name).count() > 0).then(pl.col(name).sum())


def _require_single(frame: pl.DataFrame) -> None:
    """Refuse a channel that reports a kind twice for a month (and city)."""
    key = [name for name in ("channel", "period", "kind", "city_id") if name in frame.columns]
    twice = frame.with_row_index("_row", 1).filter(~pl.struct(key).is_first_distinct())
    if twice.height:
        row = twice["_row"][0]
        problem = (
            f"columns {', '.join(key)}, row {row}: given in an earlier row; accepted: one row each; leave one out."
        )
        raise ContractError(PUBLICATIONS, [problem])
