"""Changes of a monthly series against the month before and the same month of the year before."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from indicators.frames import Column, Contract, grouping, require, require_named

_CHANGES = {"change_month": "-1mo", "change_year": "-1y"}


def series_contract(value: str, by: Sequence[str] = ()) -> Contract:
    """The contract of a monthly series: one row per month and group, values may be missing.

    >>> series_contract("diffusion_index", ["city_id"]).key
    ('period', 'city_id')
    """
    columns = (
        Column("period", pl.Date, "month", "the month, as its first day", month=True),
        Column(value, pl.Float64, "index points", "the figure whose change is wanted", nullable=True),
    )
    return Contract("series", columns, key=("period", *by))


def changes(series: pl.DataFrame, value: str, by: str | Sequence[str] = ()) -> pl.DataFrame:
    """How far a figure has moved since last month and since the same month last year.

    Formula: change_month(t) = value(t) - value(t - 1 month), change_year(t) = value(t) -
    value(t - 12 months), found by calendar month, never by the row above.
    Columns in: period Date (first of the month), ``value`` Float64 (may be null), those of
    ``by``; one row per month and group. Columns out: all columns of ``series`` in their order,
    then change_month, change_year Float64 (points of the figure, any sign). Rows keep their order.
    A change is null where either month is missing or has no value; the first month has none.
    Raises ContractError, also for a month given twice in a group. Source: our choice; NBS and
    PBoC print both changes in points.

    >>> months = pl.Series(["2026-08-01", "2026-09-01", "2026-11-01"]).str.to_date()
    >>> changes(pl.DataFrame({"period": months, "index": [50.0, 51.5, 49.0]}), "index")["change_month"].to_list()
    [None, 1.5, None]
    """
    keys = [name for name in grouping(by) if name != "period"]
    contract = series_contract(value, keys)
    require_named(series, keys, contract)
    names = [name for name in series.columns if name not in _CHANGES]
    frame = require(series, contract).select(names)
    for name, offset in _CHANGES.items():
        earlier = frame.select(*keys, pl.col("period").alias("_earlier"), pl.col(value).alias("_value"))
        shifted = frame.with_columns(pl.col("period").dt.offset_by(offset).alias("_earlier"))
        joined = shifted.join(earlier, on=[*keys, "_earlier"], how="left", nulls_equal=True, maintain_order="left")
        frame = joined.with_columns((pl.col(value) - pl.col("_value")).alias(name)).drop("_earlier", "_value")
    return frame
