"""Whether districts with more events than usual also have a higher prosperity index, before, then or later.

No proof of cause: both may follow the season, a city-wide upswing or a new park. The interval allows for months that
resemble the one before and for districts that move together, both of which make plain intervals far too narrow.
"""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import polars as pl
from numpy.typing import NDArray

from indicators.events.loops import Floats
from indicators.frames import Column, Contract, ContractError, require

ACTIVITY = Contract(
    "events and prosperity",
    (
        Column("period", pl.Date, "month", "the month, as its first day", month=True),
        Column("district_code", pl.String, "code", "the district"),
        Column("n_events", pl.Float64, "events", "events of the month; empty = not known", low=0, nullable=True),
        Column(
            "prosperity_index",
            pl.Float64,
            "index points",
            "the index; empty = not known",
            low=0,
            high=200,
            nullable=True,
        ),
    ),
    key=("period", "district_code"),
)
"""One row per month and district."""

FEWEST_MONTHS = 12
"""A district counts at a lag if it has at least so many months with both figures."""

_SHAPE = {
    "lag_months": pl.Int64, "n": pl.UInt32, "n_districts": pl.UInt32, "n_effective": pl.Float64,
    "correlation": pl.Float64, "low": pl.Float64, "high": pl.Float64,
}  # fmt: skip


def activity_and_prosperity(table: pl.DataFrame, lags: int = 6, confidence: float = 0.95) -> pl.DataFrame:
    """Whether the prosperity of districts goes with their events, some months before, at once or some months later.

    Formula: x = events of a district in month t, y = its index in month t + lag, each minus its mean over the months of
    the district used at this lag: correlation = sum xy / sqrt(sum x^2 sum y^2), over all districts and months.
    Interval: tanh(artanh(correlation) -+ q / sqrt(n_effective - 3)); n_effective = n / (1 + 2 sum_k (1 - k/T) rx(k)
    ry(k)) / (D sum_ab A_ab B_ab / (sum A_aa sum B_bb)), not above n: T months, D districts, r(k) the autocorrelations
    for k up to T / 4, A and B the covariances between districts of x and of y.
    Columns in: period Date (first of the month), district_code text, n_events (count), prosperity_index (0 to 200),
    both may be empty. Columns out: lag_months Int64 (-``lags`` to ``lags``; above 0: the index that many months after
    the events), n, n_districts UInt32 (pairs and districts used), n_effective Float64 (how many independent pairs they
    are worth), correlation, low, high Float64 (-1 to 1), one row a lag.
    A district counts at a lag with at least FEWEST_MONTHS months with both figures. Null without districts or without
    any change in one of the figures; the interval also where n_effective is 4 or less. No rows give no rows. Raises
    ContractError. Source: Bartlett (1935, 1946) for the months, the same sum over districts our choice; Fisher (1921).

    >>> months = pl.date_range(pl.date(2025, 1, 1), pl.date(2025, 12, 1), "1mo", eager=True)
    >>> rows = pl.DataFrame({"period": months, "district_code": "a", "n_events": [1, 2] * 6,
    ...     "prosperity_index": [50.0, 52.0] * 6})
    >>> activity_and_prosperity(rows, lags=0).select("n", "correlation").row(0)
    (12, 1.0)
    """
    if lags < 0:
        raise ContractError(ACTIVITY, [f"lags {lags} is not accepted; accepted: 0 or more; correct it."])
    frame = require(table, ACTIVITY)
    if not frame.height:
        return pl.DataFrame(schema=_SHAPE)
    events, index = _tables(frame)
    rows = [{"lag_months": lag, **_at(events, index, lag, confidence)} for lag in range(-lags, lags + 1)]
    found = pl.DataFrame(rows, schema=_SHAPE)
    return found.with_columns(pl.col(pl.Float64).fill_nan(None))


def _tables(frame: pl.DataFrame) -> tuple[Floats, Floats]:
    """Events and index as tables months x districts, not a number where not known."""
    month = frame["period"].to_numpy().astype("datetime64[M]").astype(np.int64)
    month -= month.min()
    names = frame["district_code"].unique().sort()
    district = frame["district_code"].cast(pl.Enum(names)).to_physical().to_numpy()
    tables = np.full((2, int(month.max()) + 1, len(names)), np.nan)
    for table, name in zip(tables, ("n_events", "prosperity_index"), strict=True):
        table[month, district] = frame[name].to_numpy()
    return tables[0], tables[1]


def _at(events: Floats, index: Floats, lag: int, confidence: float) -> dict[str, float | int]:
    """The correlation at one lag with its interval."""
    later = index[max(lag, 0) : len(index) + min(lag, 0)]
    now = events[max(-lag, 0) : len(events) - max(lag, 0)]
    used = np.isfinite(now) & np.isfinite(later)
    enough = used.sum(axis=0) >= FEWEST_MONTHS
    used = used[:, enough]
    x, y = _demeaned(now[:, enough], used), _demeaned(later[:, enough], used)
    n, n_districts = int(used.sum()), int(enough.sum())
    whole = float((x * x).sum() * (y * y).sum())
    nothing = {"n": n, "n_districts": n_districts}
    if whole <= 0.0:
        return {**nothing, **dict.fromkeys(("n_effective", "correlation", "low", "high"), np.nan)}
    correlation = float(np.clip((x * y).sum() / np.sqrt(whole), -1.0, 1.0))
    worth = n / _repeats_of_months(x, y) / _repeats_of_districts(x, y)
    worth = min(worth, float(n))
    low, high = _fisher(correlation, worth, confidence)
    return {**nothing, "n_effective": worth, "correlation": correlation, "low": low, "high": high}


def _demeaned(values: Floats, used: NDArray[np.bool_]) -> Floats:
    """Each district minus its mean; 0 where a month is not used, and where only rounding is left."""
    kept = np.where(used, values, 0.0)
    centred = np.where(used, kept - kept.sum(axis=0) / np.maximum(used.sum(axis=0), 1), 0.0)
    return np.where(
        np.abs(centred).max(axis=0, initial=0.0) > 1e-12 * np.abs(kept).max(axis=0, initial=0.0), centred, 0.0
    )


def _repeats_of_months(x: Floats, y: Floats) -> float:
    """How many times over the months repeat each other: 1 + 2 sum (1 - k/T) rx(k) ry(k)."""
    size = len(x)
    total = 0.0
    for k in range(1, size // 4 + 1):
        of_x, of_y = ((part[k:] * part[:-k]).sum() / (part * part).sum() for part in (x, y))
        total += (1.0 - k / size) * float(of_x * of_y)
    return max(1.0 + 2.0 * total, 1e-9)


def _repeats_of_districts(x: Floats, y: Floats) -> float:
    """How many times over the districts repeat each other: 1 where each goes its own way, D where all go together."""
    a, b = x.T @ x, y.T @ y
    return float(max(x.shape[1] * (a * b).sum() / (np.trace(a) * np.trace(b)), 1.0))


def _fisher(correlation: float, worth: float, confidence: float) -> tuple[float, float]:
    if worth <= 4.0:
        return np.nan, np.nan
    if abs(correlation) >= 1.0:
        return correlation, correlation
    reach = NormalDist().inv_cdf(0.5 + confidence / 2.0) / np.sqrt(worth - 3.0)
    middle = np.arctanh(correlation)
    return float(np.tanh(middle - reach)), float(np.tanh(middle + reach))
