"""Runs of months on one side of neutral, and since when a figure was not as high or as low.

Source: Federal Reserve Bank of Dallas, Texas Manufacturing Outlook Survey (trend, series average).
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from indicators.balance import half_up
from indicators.frames import grouping, require, require_named
from indicators.rebase import series_contract

SIDES = {1: "+", 0: "=", -1: "-"}
"""How the side of neutral is written: above, at, below."""

_RUNS = ("n_run", "side", "series_average", "mean_3_months", "highest_since", "lowest_since")
_NOISE = 1e-9


def runs(
    series: pl.DataFrame, value: str, by: str | Sequence[str] = (), neutral: float = 50.0, places: int | None = None
) -> pl.DataFrame:
    """How long a figure has been on its side of neutral, and since when it was not as high or low.

    Formula: n_run = months in a row, this one included, on the same side of ``neutral``;
    series_average = mean of all months up to this one; mean_3_months = mean of this month and the
    two before; highest_since = the latest earlier month with a value as high or higher (null: there
    is none, this is the highest so far), lowest_since likewise.
    Columns in: period Date (first of the month), ``value`` Float64 (may be null), those of ``by``; one
    row per month and group. ``places`` compares the figures as published, rounded half up, so that
    50.04 printed as 50.0 is at neutral, not above. Columns out: all of ``series``, then n_run UInt32
    (months), side text (+ above, = at, - below neutral), series_average, mean_3_months Float64 (points
    of the figure, not rounded), highest_since, lowest_since Date. Rows keep their order.
    A missing month or value ends the run and has no figures itself. A Dallas table prints "5(+)":
    n_run, then side in brackets. Raises ContractError. Source: Dallas Fed, TMOS (trend).

    >>> months = pl.Series(["2026-07-01", "2026-08-01", "2026-09-01", "2026-10-01"]).str.to_date()
    >>> result = runs(pl.DataFrame({"period": months, "index": [52.0, 49.0, 50.5, 51.0]}), "index")
    >>> result.select("n_run", "side").rows()
    [(1, '+'), (1, '-'), (1, '+'), (2, '+')]
    >>> result["series_average"].to_list()[-1], result["highest_since"].to_list()[-1].month
    (50.625, 7)
    """
    keys = [name for name in grouping(by) if name != "period"]
    contract = series_contract(value, keys)
    require_named(series, keys, contract)
    names = [name for name in series.columns if name not in _RUNS]
    frame = require(series, contract).select(names).with_row_index("_row").sort(*keys, "period", nulls_last=True)
    compared = pl.Series("_compared", _compared(frame[value], places), dtype=pl.Float64)
    frame = frame.with_columns(compared, pl.struct(*keys, pl.lit(0)).rank("dense").alias("_series"))
    result = _with_runs(frame, neutral).with_columns(_averages(value))
    earlier = [_since(result, "highest_since", 1.0), _since(result, "lowest_since", -1.0)]
    missing = pl.col(value).is_null()
    figures = [pl.when(~missing).then(pl.col(name)).alias(name) for name in _RUNS]
    return result.with_columns(earlier).with_columns(figures).sort("_row").select(*names, *_RUNS)


def _with_runs(frame: pl.DataFrame, neutral: float) -> pl.DataFrame:
    distance = pl.col("_compared") - neutral
    sign = pl.when(distance > _NOISE).then(1).when(distance < -_NOISE).then(-1).when(distance.is_not_null()).then(0)
    signed = frame.with_columns(sign.alias("_sign"))
    next_month = pl.col("period").dt.offset_by("-1mo") == pl.col("period").shift(1)
    goes_on = next_month & (pl.col("_sign") == pl.col("_sign").shift(1))
    started = signed.with_columns((~goes_on.fill_null(value=False)).over("_series").alias("_start"))
    numbered = started.with_columns(pl.col("_start").cum_sum().alias("_run"))
    length = pl.int_range(1, pl.len() + 1).over("_series", "_run").cast(pl.UInt32)
    return numbered.with_columns(
        length.alias("n_run"), pl.col("_sign").replace_strict(SIDES, default=None, return_dtype=pl.String).alias("side")
    )


def _averages(value: str) -> list[pl.Expr]:
    figure, month = pl.col(value), pl.col("period")
    average = figure.cum_sum() / figure.cum_count()
    complete = (month.shift(1) == month.dt.offset_by("-1mo")) & (month.shift(2) == month.dt.offset_by("-2mo"))
    three = pl.when(complete).then((figure + figure.shift(1) + figure.shift(2)) / 3)
    return [average.over("_series").alias("series_average"), three.over("_series").alias("mean_3_months")]


def _since(frame: pl.DataFrame, name: str, sign: float) -> pl.Series:
    """For each row the latest earlier month of its series with a value not below (sign 1) or above (-1)."""
    found: list[int | None] = []
    open_rows: list[int] = []
    values, series = frame["_compared"].to_list(), frame["_series"].to_list()
    for row, value in enumerate(values):
        if row == 0 or series[row] != series[row - 1]:
            open_rows = []
        if value is None:
            found.append(None)
            continue
        while open_rows and sign * (value - values[open_rows[-1]]) > _NOISE:
            open_rows.pop()
        found.append(open_rows[-1] if open_rows else None)
        open_rows.append(row)
    return frame["period"].gather(pl.Series(found, dtype=pl.UInt32)).alias(name)


def _compared(values: pl.Series, places: int | None) -> list[float | None]:
    if places is None:
        return values.to_list()
    return [None if value is None else float(half_up(value, places) or 0) for value in values]
