"""Which enterprises existed in each month or year, and the clusters they formed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from indicators.clustering.clusters import by_size
from indicators.clustering.grid_dbscan import dbscan_of_parts
from indicators.clustering.hexagons import IN_METRES, metres
from indicators.clustering.tracking import SNAPSHOTS
from indicators.frames import POINTS, Column, Contract, ContractError, require

EVERY = {"month": "1mo", "year": "1y"}
NEVER = np.iinfo(np.int32).max
"""The day of a closure that has not come, counted as dates are."""

DATES = (
    Column("opened_on", pl.Date, "day", "opening; empty = not known, such enterprises are left out", nullable=True),
    Column("closed_on", pl.Date, "day", "closure; empty = still open", nullable=True),
)
LIVES = Contract("lives", (POINTS.columns[0], *DATES), POINTS.key)
"""Enterprises with their dates."""

DATED_POINTS = Contract("dated_points", (*POINTS.columns, *DATES, *IN_METRES), POINTS.key)
"""Enterprises with their places and dates."""


def enterprise_snapshots(
    enterprises: pl.DataFrame, every: str = "year", first: date | None = None, last: date | None = None
) -> pl.DataFrame:
    """The enterprises that existed at the end of each month or year.

    Formula: an enterprise exists in a period when opened_on <= its last day < closed_on (or it has not
    closed). Columns in: LIVES: enterprise_id, opened_on, closed_on (dates). ``every``: month or year;
    ``first``, ``last``: any day of the first and last period; default those of the earliest opening
    and of the newest date of the file. Enterprises without opening date are in no snapshot: nobody
    knows since when they exist; ``undated`` counts them.
    Columns out: period Date (first day), enterprise_id, then the other columns; sorted by both.
    No dated rows give no rows. Raises ContractError, also for a closure before the opening.
    Source: our choice.

    >>> rows = pl.DataFrame({"enterprise_id": ["a", "b"], "opened_on": [date(2024, 5, 1), date(2025, 3, 1)],
    ...     "closed_on": [date(2025, 6, 30), None]})
    >>> enterprise_snapshots(rows).select(pl.col("period").dt.year(), "enterprise_id").rows()
    [(2024, 'a'), (2025, 'b')]
    """
    known = require(enterprises, LIVES)
    periods = periods_of(known, every, first, last)
    require_order(known)
    rows = known.drop_nulls("opened_on").sort("enterprise_id")
    end = pl.col("period").dt.offset_by(EVERY[every]).dt.offset_by("-1d")
    existing = (pl.col("opened_on") <= end) & (pl.col("closed_on").is_null() | (pl.col("closed_on") > end))
    parts = [rows.with_columns(pl.lit(period, pl.Date).alias("period")).filter(existing) for period in periods]
    found = pl.concat(parts) if parts else rows.with_columns(pl.lit(None, pl.Date).alias("period")).clear()
    return found.select("period", "enterprise_id", pl.exclude("period", "enterprise_id"))


def undated(enterprises: pl.DataFrame) -> int:
    """How many enterprises no snapshot can hold, because their opening date is not known.

    >>> undated(pl.DataFrame({"enterprise_id": ["a"], "opened_on": [None], "closed_on": [None]}))
    1
    """
    return require(enterprises, LIVES)["opened_on"].null_count()


def cluster_snapshots(
    enterprises: pl.DataFrame,
    epsg: int,
    eps_m: float = 300.0,
    minimum: int = 20,
    every: str = "year",
    first: date | None = None,
    last: date | None = None,
) -> pl.DataFrame:
    """The clusters of each month or year, from opening and closing dates.

    Formula: ``enterprise_snapshots``, then ``clusters.cluster_members`` within each period, by one rule.
    Columns in: DATED_POINTS: enterprise_id, lon, lat (degrees, WGS84), opened_on, closed_on; optional x_m, y_m
    as in ``hexagons.hexagons``.
    Columns out: period Date, enterprise_id String, cluster UInt32 (number within the period; empty:
    in none), member UInt32 (the number of the enterprise among those with an opening date, by id, from 0); as
    ``tracking`` reads them, sorted by period and id. Raises ContractError. Source: as the two.

    >>> rows = pl.DataFrame({"enterprise_id": ["a", "b"], "lon": [117.0] * 2, "lat": [0.0] * 2,
    ...     "opened_on": [date(2024, 5, 1), date(2025, 3, 1)], "closed_on": [None, None]})
    >>> cluster_snapshots(rows, 32650, minimum=2).select(pl.col("period").dt.year(), "cluster").rows()
    [(2024, None), (2025, 1), (2025, 1)]
    """
    rows = require(enterprises, DATED_POINTS)
    periods = periods_of(rows, every, first, last)
    require_order(rows)
    rows = rows.filter(pl.col("opened_on").is_not_null())
    rows = rows if rows["enterprise_id"].is_sorted() else rows.sort("enterprise_id")
    x, y = metres(rows, epsg)
    labels = dbscan_of_parts(x, y, _existing(rows, periods, every), eps_m, minimum)
    numbers = [by_size(label) for label in labels]
    there = [np.flatnonzero(part).astype(np.uint32) for part in _existing(rows, periods, every)]
    return _drawn_up(rows["enterprise_id"], periods, there, numbers)


def _existing(rows: pl.DataFrame, periods: list[date], every: str) -> Iterator[npt.NDArray[np.bool_]]:
    """Whether each enterprise exists at the end of each of the periods."""
    opened, closed = (rows[name].to_physical().fill_null(NEVER).to_numpy() for name in ("opened_on", "closed_on"))
    for period in periods:
        end = pl.select(pl.lit(period).dt.offset_by(EVERY[every]).dt.offset_by("-1d").to_physical()).item()
        yield (opened <= end) & (closed > end)


def _drawn_up(
    ids: pl.Series, periods: list[date], there: list[npt.NDArray[np.uint32]], numbers: list[npt.NDArray[np.uint32]]
) -> pl.DataFrame:
    """The rows of all periods: who existed, and in which cluster."""
    if not periods:
        return pl.DataFrame(schema=SNAPSHOTS.schema | {"member": pl.UInt32})
    member, cluster = (
        pl.Series(name, np.concatenate(parts)) for name, parts in (("member", there), ("cluster", numbers))
    )
    sizes = np.array([part.size for part in there])
    days = (
        pl.Series("period", np.repeat(np.array(periods, "datetime64[D]").astype(np.int32), sizes))
        .cast(pl.Date)
        .set_sorted()
    )
    return pl.DataFrame([days, ids.gather(member), cluster.set(cluster == 0, None), member])


def periods_of(rows: pl.DataFrame, every: str, first: date | None, last: date | None) -> list[date]:
    """First days of the months or years from ``first`` to ``last``, by default of all dates in the file.

    >>> periods_of(pl.DataFrame({"opened_on": [date(2024, 5, 1)], "closed_on": [date(2025, 1, 9)]}), "year", None, None)
    [datetime.date(2024, 1, 1), datetime.date(2025, 1, 1)]
    """
    if every not in EVERY:
        problem = f"every '{every}' is not accepted; accepted: month or year; choose one of them."
        raise ContractError(LIVES, [problem])
    earliest = first or rows["opened_on"].min()
    newest = last or rows.select(pl.max_horizontal(pl.col("opened_on").max(), pl.col("closed_on").max())).item()
    if not isinstance(earliest, date) or not isinstance(newest, date):
        return []
    if earliest > newest:
        problem = f"first {earliest} lies after last {newest}; accepted: an earlier first period; correct it."
        raise ContractError(LIVES, [problem])
    start = pl.select(pl.lit(earliest, pl.Date).dt.truncate(EVERY[every])).item()
    return list(pl.date_range(start, newest, EVERY[every], eager=True))


def require_order(rows: pl.DataFrame) -> None:
    """Refuse a closure before the opening, with its row."""
    wrong = (rows["closed_on"] < rows["opened_on"]).fill_null(value=False).arg_true()
    if len(wrong):
        row = int(np.asarray(wrong)[0])
        problem = (
            f"column closed_on, row {row + 1}: {rows['closed_on'][row]} lies before opened_on {rows['opened_on'][row]} "
            f"({len(wrong)} such rows); accepted: a day from the opening on; correct it or leave the row out."
        )
        raise ContractError(LIVES, [problem])
