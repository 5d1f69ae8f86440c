"""Monthly counts against the month before, the year before, the year to date, and over twelve months."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from indicators.events.coding import keys_of
from indicators.events.loops import Floats
from indicators.frames import Column, Contract, require, require_named

_NEW = (
    "change_month", "change_month_pct", "change_year", "change_year_pct", "year_to_date", "year_to_date_before",
    "change_to_date_pct", "total_12_months",
)  # fmt: skip


def counts_contract(value: str = "n_events", by: Sequence[str] = ()) -> Contract:
    """The contract of monthly counts: one row per month and group; an empty count is not known.

    >>> counts_contract("n_events", ["city_id"]).key
    ('period', 'city_id')
    """
    columns = (
        Column("period", pl.Date, "month", "the month, as its first day", month=True),
        Column(value, pl.Float64, "events", "the count; empty = not known, never 0", low=0, nullable=True),
    )
    return Contract("counts", columns, key=("period", *by))


def count_changes(counts: pl.DataFrame, by: str | Sequence[str] = (), value: str = "n_events") -> pl.DataFrame:
    """How far a monthly count has moved: in a month, in a year, in the year to date, and over twelve months.

    Formula, v(t) = the count of month t: change_month = v(t) - v(t-1); change_year = v(t) - v(t-12); the same in per
    cent of the earlier one; year_to_date = v(January) + .. + v(t); year_to_date_before = the same sum a year earlier;
    change_to_date_pct = 100 (year_to_date / year_to_date_before - 1); total_12_months = v(t-11) + .. + v(t). Months are
    found by the calendar.
    Columns in: period Date (first of the month), ``value`` (a count, may be empty), those of ``by``; one row per month
    and group; the rows say which months are covered. Columns out: all columns given in their order, then Float64:
    change_month, change_year (events, any sign), change_month_pct, change_year_pct, change_to_date_pct (per cent, from
    -100), year_to_date, year_to_date_before, total_12_months (events). Rows keep their order.
    Null where one of the months needed has no row or no value (a month not covered is not a month without events), and
    per cent where the earlier count is 0. One row has a year_to_date if it is a January. Raises ContractError.
    Source: our choice; NBS calls the three changes 环比, 同比 and 累计同比.

    >>> months = pl.Series(["2025-12-01", "2026-01-01", "2026-02-01"]).str.to_date()
    >>> found = count_changes(pl.DataFrame({"period": months, "n_events": [4, 5, 6]}))
    >>> found.select("change_month", "change_month_pct", "year_to_date").rows()
    [(None, None, None), (1.0, 25.0, 5.0), (1.0, 20.0, 11.0)]
    """
    keys = keys_of(by)
    contract = counts_contract(value, keys)
    require_named(counts, keys, contract)
    frame = counts.select(name for name in counts.columns if name not in _NEW)
    checked = require(frame, contract)
    row, month, start, shape = _table(checked, keys)
    if not frame.height:
        return frame.with_columns(pl.lit(None, pl.Float64).alias(name) for name in _NEW)
    table = np.full(shape, np.nan)
    table[row, month - start] = checked[value].to_numpy()
    moved = _figures(table)
    found = [pl.Series(name, moved[name][row, month - start], nan_to_null=True) for name in _NEW]
    return pl.DataFrame([*frame.get_columns(), *found])


def _table(frame: pl.DataFrame, keys: list[str]) -> tuple[NDArray[Any], NDArray[Any], int, tuple[int, int]]:
    """Row and month of each value in a table groups x months that runs from a January to a December."""
    month = frame["period"].to_numpy().astype("datetime64[M]").astype(np.int64)
    if not len(month):
        return month, month, 0, (0, 0)
    start = int(month.min()) // 12 * 12
    end = int(month.max()) // 12 * 12 + 12
    if not keys:
        return np.zeros(len(month), dtype=np.int64), month, start, (1, end - start)
    groups = frame.select(keys).unique(maintain_order=True).with_row_index("_row")
    rows = frame.select(keys).join(groups, on=keys, how="left", nulls_equal=True, maintain_order="left")["_row"]
    return rows.to_numpy(), month, start, (groups.height, end - start)


def _figures(table: Floats) -> dict[str, Floats]:
    """Every figure of a table groups x months; not a number wherever a month is missing."""
    years = table.reshape(table.shape[0], -1, 12)
    to_date = np.cumsum(years, axis=2).reshape(table.shape)
    month, year, before = _earlier(table, 1), _earlier(table, 12), _earlier(to_date, 12)
    total = np.full(table.shape, np.nan)
    total[:, 11:] = np.lib.stride_tricks.sliding_window_view(table, 12, axis=1).sum(axis=2)
    return {
        "change_month": table - month,
        "change_month_pct": _per_cent(table, month),
        "change_year": table - year,
        "change_year_pct": _per_cent(table, year),
        "year_to_date": to_date,
        "year_to_date_before": before,
        "change_to_date_pct": _per_cent(to_date, before),
        "total_12_months": total,
    }


def _earlier(table: Floats, months: int) -> Floats:
    shifted = np.full(table.shape, np.nan)
    shifted[:, months:] = table[:, :-months]
    return shifted


def _per_cent(now: Floats, earlier: Floats) -> Floats:
    return 100.0 * (now - earlier) / np.where(earlier > 0, earlier, np.nan)
