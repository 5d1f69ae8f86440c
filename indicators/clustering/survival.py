"""How many enterprises open and close, and how long they stay: net entry, Kaplan-Meier, log-rank.

Source: Kaplan and Meier (1958); Greenwood (1926); Mantel (1966) and Peto and Peto (1972), log-rank;
Kalbfleisch and Prentice (1980), interval on the log-log scale; delayed entry: Klein and Moeschberger,
section 4.6; net entry: Eurostat-OECD Manual on Business Demography Statistics (2007).
"""

from __future__ import annotations

from datetime import date

import numpy as np
import numpy.typing as npt
import polars as pl

from indicators.clustering.snapshots import EVERY, LIVES, periods_of, require_order
from indicators.frames import Column, Contract, ContractError, grouping, require

Floats = npt.NDArray[np.float64]

SCALES = ("plain", "log-log")
AGES = {"survival_1y": 365, "survival_3y": 1095, "survival_5y": 1826}
CURVE: dict[str, type[pl.DataType]] = {
    "age_days": pl.Int64,
    "n_at_risk": pl.UInt32,
    "n_closed": pl.UInt32,
    "survival": pl.Float64,
    "standard_error": pl.Float64,
    "low": pl.Float64,
    "high": pl.Float64,
}
TEST: dict[str, type[pl.DataType]] = {
    "n": pl.UInt32,
    "n_closed": pl.UInt32,
    "n_expected": pl.Float64,
    "chi_square": pl.Float64,
    "degrees": pl.UInt32,
    "p": pl.Float64,
}


def net_entry(
    enterprises: pl.DataFrame,
    by: str | tuple[str, ...] = (),
    every: str = "year",
    first: date | None = None,
    last: date | None = None,
) -> pl.DataFrame:
    """Openings, closures and their difference in each month or year, and the rates over the enterprises there were.

    Formula: n_opened, n_closed = dates in the period; net = n_opened - n_closed; n_before = enterprises
    opened before and not closed before the period; entry_rate_pct, exit_rate_pct, net_rate_pct = 100 *
    n_opened, n_closed, net / n_before.
    Columns in: enterprise_id, opened_on, closed_on (dates, may be empty), the columns of ``by`` (text, may
    be empty). ``every``: month or year; ``first``, ``last``: days of the first and last period; default the
    earliest opening and the newest date of the file.
    Columns out: period Date, the columns of ``by``, n_before, n_opened, n_closed UInt32, net Int64,
    rates Float64 (per cent; empty where n_before is 0). Every period has a row for every group: 0 is a
    true zero inside the coverage of the file. Enterprises without opening date are left out
    (``snapshots.undated`` counts them). No dated rows give no rows.
    Raises ContractError, also for a closure before the opening. Source: Eurostat-OECD (2007), 5 and 6;
    the manual divides by the enterprises active in the year, which a register of dates does not hold.

    >>> rows = pl.DataFrame({"enterprise_id": ["a", "b"], "opened_on": [date(2024, 5, 1), date(2025, 3, 1)],
    ...     "closed_on": [date(2025, 6, 30), None]})
    >>> net_entry(rows).select("n_before", "n_opened", "n_closed", "net", "exit_rate_pct").rows()
    [(0, 1, 0, 1, None), (1, 1, 1, 0, 100.0)]
    """
    rows, keys = _dated(enterprises, by)
    periods = periods_of(rows, every, first, last)
    counted = [
        rows.drop_nulls(column)
        .group_by(pl.col(column).dt.truncate(EVERY[every]).alias("period"), *keys)
        .agg(pl.len().cast(pl.Int64).alias(name))
        for name, column in (("n_opened", "opened_on"), ("n_closed", "closed_on"))
    ]
    grid = pl.DataFrame({"period": periods}, schema={"period": pl.Date}).join(rows.select(keys).unique(), how="cross")
    table = (
        pl.concat([grid, *counted], how="diagonal").group_by("period", *keys).agg(pl.col("n_opened", "n_closed").sum())
    )
    table = table.sort("period", *keys).with_columns((pl.col("n_opened") - pl.col("n_closed")).alias("net"))
    table = table.with_columns((pl.col("net").cum_sum() - pl.col("net")).over(keys).alias("n_before"))
    before = pl.when(pl.col("n_before") > 0).then(pl.col("n_before"))
    rates = {"entry_rate_pct": "n_opened", "exit_rate_pct": "n_closed", "net_rate_pct": "net"}
    return table.filter(pl.col("period").is_in(periods)).select(
        "period",
        *grouping(by),
        *(pl.col(name).cast(pl.UInt32) for name in ("n_before", "n_opened", "n_closed")),
        "net",
        *((100.0 * pl.col(name) / before).alias(rate) for rate, name in rates.items()),
    )


def survival_curve(
    enterprises: pl.DataFrame,
    by: str | tuple[str, ...] = (),
    until: date | None = None,
    observed_from: date | None = None,
    interval: str = "plain",
    confidence: float = 0.95,
) -> pl.DataFrame:
    """The share of enterprises that still exist at each age, by group, with interval (Kaplan-Meier).

    Formula: survival = product over ages t of (1 - closed at t / at risk at t); Greenwood: standard_error =
    survival * sqrt(sum closed / (at risk * (at risk - closed))); interval plain: survival -+ z *
    standard_error, cut to 0..1; log-log: survival ^ exp(-+ z * sqrt(the sum) / |log survival|).
    Age is counted in days from opened_on; open enterprises are censored at ``until`` (default: the
    newest date of the file). ``observed_from``: the register holds only enterprises that existed on
    this day or opened later; each counts from the age it had then (delayed entry).
    Columns in: enterprise_id, opened_on, closed_on (dates, may be empty), the columns of ``by``.
    Columns out: the columns of ``by``, age_days Int64, n_at_risk, n_closed UInt32, survival Float64 (0..1),
    standard_error, low, high Float64; one row at age 0 with survival 1, then one an age at which
    enterprises closed. Where the last at risk close, survival is 0 and has no interval.
    Enterprises without opening date, opened after ``until`` or closed before ``observed_from`` are left
    out. No rows give no rows. Raises ContractError. Source: see the module; plain is our choice.

    >>> rows = pl.DataFrame({"enterprise_id": list("abc"), "opened_on": [date(2024, 1, 1)] * 3,
    ...     "closed_on": [date(2024, 1, 11), date(2024, 1, 21), None]})
    >>> survival_curve(rows).select("age_days", "n_at_risk", "survival").rows()  # 2/3, then 2/3 * 1/2
    [(0, 3, 1.0), (10, 3, 0.6666666666666667), (20, 2, 0.33333333333333337)]
    """
    if interval not in SCALES or not 0 < confidence < 1:
        problem = f"interval '{interval}', confidence {confidence:g}: accepted: plain or log-log; between 0 and 1."
        raise ContractError(LIVES, [problem])
    rows, keys = _spells(enterprises, by, until, observed_from)
    from scipy.special import ndtri

    z = float(ndtri(0.5 + confidence / 2))
    parts = [
        _curve(part, z, interval).select(
            *(pl.lit(value, pl.String).alias(key) for key, value in zip(keys, group, strict=True)), pl.all()
        )
        for group, part in _by_group(rows, keys)
    ]
    schema: dict[str, type[pl.DataType]] = {**dict.fromkeys(keys, pl.String), **CURVE}
    return pl.concat([pl.DataFrame(schema=schema), *parts]).drop("_all", strict=False)


def survival_summary(
    enterprises: pl.DataFrame,
    by: str | tuple[str, ...] = (),
    until: date | None = None,
    observed_from: date | None = None,
) -> pl.DataFrame:
    """Each group in one row: enterprises, closures, median age at closure, share that lives 1, 3 and 5 years.

    Formula: median_days = the first age at which survival <= 0.5; survival_1y = survival at 365 days,
    3y at 1,095, 5y at 1,826. Columns in and options: as ``survival_curve``.
    Columns out: the columns of ``by``, n, n_closed UInt32, median_days Int64 (empty: more than half live on),
    survival_1y, survival_3y, survival_5y Float64 (empty where no enterprise was followed so long).
    No rows give no rows. Raises ContractError. Source: as ``survival_curve``.

    >>> rows = pl.DataFrame({"enterprise_id": list("abc"), "opened_on": [date(2024, 1, 1)] * 3,
    ...     "closed_on": [date(2024, 1, 11), date(2024, 1, 21), None]})
    >>> survival_summary(rows, until=date(2025, 1, 1)).rows()
    [(3, 2, 20, 0.33333333333333337, None, None)]
    """
    rows, keys = _spells(enterprises, by, until, observed_from)
    curve = survival_curve(enterprises, by, until, observed_from)
    curve = curve if by else curve.with_columns(pl.lit("").alias("_all"))
    medians = curve.filter(pl.col("survival") <= 0.5).group_by(keys).agg(pl.col("age_days").min().alias("median_days"))
    table = rows.group_by(keys).agg(
        pl.len().cast(pl.UInt32).alias("n"),
        pl.col("closed").sum().cast(pl.UInt32).alias("n_closed"),
        pl.col("age").max().alias("_longest"),
    )
    table = table.join(medians, on=keys, how="left", nulls_equal=True)
    for name, days in AGES.items():
        at = curve.filter(pl.col("age_days") <= days).group_by(keys).agg(pl.col("survival").min().alias(name))
        table = table.join(at, on=keys, how="left", nulls_equal=True)
        table = table.with_columns(pl.when(pl.col("_longest") >= days).then(pl.col(name)).alias(name))
    return table.sort(keys).drop("_longest").drop("_all", strict=False)


def survival_test(
    enterprises: pl.DataFrame, by: str, until: date | None = None, observed_from: date | None = None
) -> pl.DataFrame:
    """Whether groups of enterprises close at different ages, such as those in parks and those outside (log-rank).

    Formula: expected = sum over ages of at risk in the group * closed / at risk; chi_square = (observed -
    expected)' V^-1 (observed - expected), V the hypergeometric covariance; degrees = groups - 1.
    Columns in and options: as ``survival_curve``; ``by``: one column with the groups (text).
    Columns out: ``by``, n, n_closed UInt32, n_expected Float64 (closures if all groups were alike),
    chi_square Float64, degrees UInt32, p Float64 (0..1; the last three the same in every row). One group,
    or no closures: chi_square and p are empty. No rows give no rows. Raises ContractError.
    Source: Mantel (1966), Peto and Peto (1972).

    >>> rows = pl.DataFrame({"enterprise_id": list("abcd"), "opened_on": [date(2024, 1, 1)] * 4,
    ...     "closed_on": [date(2024, 1, day) for day in (2, 3, 4, 5)], "in_park": ["no", "no", "yes", "yes"]})
    >>> test = survival_test(rows, "in_park")
    >>> test["n_expected"].round(4).to_list(), round(test["chi_square"][0], 4)  # no: 2/4 + 1/3 of one closure each
    ([0.8333, 3.1667], 2.8824)
    """
    from scipy.special import chdtrc

    rows, keys = _spells(enterprises, by, until, observed_from)
    groups = _by_group(rows, keys)
    if not groups:
        return pl.DataFrame(schema={by: pl.String, **TEST})
    expected, covariance = _log_rank([part for _, part in groups], rows)
    closed = np.array([int(part["closed"].sum()) for _, part in groups])
    difference = (closed - expected)[:-1]
    degrees = int(np.linalg.matrix_rank(covariance[:-1, :-1])) if difference.size else 0
    chi = float(difference @ np.linalg.pinv(covariance[:-1, :-1]) @ difference) if degrees else None
    found = {
        by: [group[0] for group, _ in groups],
        "n": [part.height for _, part in groups],
        "n_closed": closed,
        "n_expected": expected,
    }
    table = pl.DataFrame(found, schema={by: pl.String} | {name: TEST[name] for name in list(found)[1:]})
    return table.with_columns(
        pl.lit(chi, pl.Float64).alias("chi_square"),
        pl.lit(degrees, pl.UInt32).alias("degrees"),
        pl.lit(None if chi is None else float(chdtrc(degrees, chi)), pl.Float64).alias("p"),
    )


def _dated(enterprises: pl.DataFrame, by: str | tuple[str, ...]) -> tuple[pl.DataFrame, list[str]]:
    """The enterprises with an opening date, and the columns of their groups: one for all where none is named."""
    keys = grouping(by)
    groups = (Column(key, pl.String, "code", "the group", nullable=True) for key in keys)
    checked = require(enterprises, Contract("lives", (*LIVES.columns, *groups), LIVES.key))
    require_order(checked)
    rows = checked.select("opened_on", "closed_on", *keys).drop_nulls("opened_on")
    return (rows, keys) if keys else (rows.with_columns(pl.lit("").alias("_all")), ["_all"])


def _spells(
    enterprises: pl.DataFrame, by: str | tuple[str, ...], until: date | None, observed_from: date | None
) -> tuple[pl.DataFrame, list[str]]:
    """age in days at the end, closed (or censored), and the age from which the enterprise is observed (-1: all)."""
    rows, keys = _dated(enterprises, by)
    last = until or rows.select(pl.max_horizontal(pl.col("opened_on").max(), pl.col("closed_on").max())).item()
    newest = pl.lit(last, pl.Date)
    closed = (pl.col("closed_on") <= newest).fill_null(value=False)
    end = pl.when(closed).then(pl.col("closed_on")).otherwise(newest)
    since = (pl.lit(observed_from, pl.Date) - pl.col("opened_on")).dt.total_days().fill_null(-1)
    spells = rows.filter(pl.col("opened_on") <= newest).select(
        *keys,
        (end - pl.col("opened_on")).dt.total_days().alias("age"),
        closed.alias("closed"),
        pl.when(since > 0).then(since).otherwise(-1).alias("since"),
    )
    return spells.filter(pl.col("age") > pl.col("since")), keys


def _by_group(rows: pl.DataFrame, keys: list[str]) -> list[tuple[tuple[str | None, ...], pl.DataFrame]]:
    parts = rows.sort(keys, nulls_last=True).partition_by(keys, as_dict=True, maintain_order=True)
    return list(parts.items())


def _at_risk(part: pl.DataFrame, ages: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Enterprises observed just before each age: entered before it and not ended before it."""
    entered = np.searchsorted(np.sort(part["since"].to_numpy()), ages, side="left")
    ended = np.searchsorted(np.sort(part["age"].to_numpy()), ages, side="left")
    return np.asarray(entered - ended)


def _curve(part: pl.DataFrame, z: float, interval: str) -> pl.DataFrame:
    ages, closed = np.unique(part.filter(pl.col("closed"))["age"].to_numpy(), return_counts=True)
    at_risk = _at_risk(part, ages)
    survival = np.cumprod(1.0 - closed / at_risk)
    left = np.where(at_risk > closed, at_risk - closed, 1)
    greenwood = np.sqrt(np.cumsum(closed / (at_risk * left)))
    known = np.cumprod(at_risk > closed).astype(bool)
    error = np.where(known, survival * greenwood, np.nan)
    low, high = np.maximum(survival - z * error, 0.0), np.minimum(survival + z * error, 1.0)
    if interval == "log-log":
        width = z * greenwood / np.abs(np.log(np.where(known, survival, 0.5)))
        low, high = (np.where(known, survival ** np.exp(sign * width), np.nan) for sign in (1, -1))
    start = {"age_days": [0], "n_at_risk": [int((part["since"] < 0).sum())], "n_closed": [0], "survival": [1.0]}
    columns = (ages, at_risk, closed, survival, error, low, high)
    curve = pl.DataFrame(dict(zip(CURVE, columns, strict=True))).cast(CURVE)  # type: ignore[arg-type]
    first = pl.DataFrame(start | {"standard_error": [0.0], "low": [1.0], "high": [1.0]}, schema=CURVE)
    return pl.concat([first, curve.with_columns(pl.col("standard_error", "low", "high").fill_nan(None))])


def _log_rank(parts: list[pl.DataFrame], rows: pl.DataFrame) -> tuple[Floats, Floats]:
    """Closures expected in each group if all closed alike, and the covariance of observed minus expected."""
    ages, closed = np.unique(rows.filter(pl.col("closed"))["age"].to_numpy(), return_counts=True)
    at_risk = np.stack([_at_risk(part, ages) for part in parts]).astype(np.float64)
    total = at_risk.sum(axis=0)
    share = at_risk / total
    spread = closed * (total - closed) / np.maximum(total - 1.0, 1.0)
    return share @ closed, np.diag(share @ spread) - (share * spread) @ share.T
