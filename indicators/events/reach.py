"""Which share of the parks, or of the districts, had an event lately."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import polars as pl

from indicators.events.coding import coded_among, figures
from indicators.events.loops import Floats
from indicators.frames import Column, Contract, ContractError, require


def unit_counts_contract(unit: str = "park_id") -> Contract:
    """The contract of monthly counts by park or district: an empty unit holds the events without one.

    >>> [column.name for column in unit_counts_contract("district_code").columns]
    ['period', 'district_code', 'n_events']
    """
    columns = (
        Column("period", pl.Date, "month", "the month, as its first day", month=True),
        Column(unit, pl.String, "code", "the park or district; empty = events without one", nullable=True),
        Column("n_events", pl.Float64, "events", "the count", low=0),
    )
    return Contract("counts by unit", columns)


def reach(
    counts: pl.DataFrame, units: Iterable[str] | None = None, unit: str = "park_id", months: int = 3
) -> pl.DataFrame:
    """The share of the parks, or of the districts, that had at least one event in the last months.

    Formula: share_pct(t) = 100 n_reached / n_units, n_reached = units with an event in the ``months`` months up to t.
    Columns in: period Date (first of the month), ``unit`` text (empty: events without one), n_events (a count): a month
    without any row is not covered, a unit without a row in a covered month had none (as ``event_counts`` by ``unit``
    gives it). ``units``: every unit there is, by default those of the rows, which then miss the units that never had
    one. Columns out: period Date, n_reached, n_units UInt32, share_pct Float64 (0 to 100), n_events, n_unplaced
    (without a unit), n_outside (in a unit not among ``units``) UInt32, all of the last ``months`` months; one row a
    covered month. Null where one of these months is not covered, share_pct also without units. No rows give no rows.
    Raises ContractError. Source: our choice.

    >>> months = pl.Series(["2026-01-01", "2026-02-01", "2026-03-01"]).str.to_date()
    >>> counts = pl.DataFrame({"period": months, "park_id": ["a", "b", "a"], "n_events": [1, 0, 2]})
    >>> reach(counts, ["a", "b", "c", "d"]).select("n_reached", "share_pct").rows()
    [(None, None), (None, None), (1, 25.0)]
    """
    contract = unit_counts_contract(unit)
    if months < 1:
        raise ContractError(contract, [f"months {months} is not accepted; accepted: 1 or more; correct it."])
    frame = require(counts, contract)
    wanted = frame[unit].drop_nulls() if units is None else pl.Series(unit, list(units), dtype=pl.String)
    known = sorted(set(wanted))
    if not frame.height:
        return _shaped(frame["period"], dict.fromkeys(_WHOLE, np.zeros(0)), len(known))
    held, covered, months_in = _table(frame, known, unit)
    sure = _last(covered[None, :], months)[0] == months
    totals = _last(np.stack([held.sum(axis=0), held[-1], held[-2]]), months)
    reached = (_last((held[:-2] > 0).astype(np.float64), months) > 0).sum(axis=0)
    found = dict(zip(_WHOLE, (reached, *totals), strict=True))
    pick = covered > 0
    columns = {name: np.where(sure, numbers, np.nan)[pick] for name, numbers in found.items()}
    return _shaped(months_in, columns, len(known))


_WHOLE = ("n_reached", "n_events", "n_unplaced", "n_outside")


def _table(frame: pl.DataFrame, known: list[str], unit: str) -> tuple[Floats, Floats, pl.Series]:
    """Counts of units (then: of other units, of none) by month; which months are covered; the covered months."""
    month = frame["period"].to_numpy().astype("datetime64[M]").astype(np.int64)
    start = int(month.min())
    size = int(month.max()) - start + 1
    place = coded_among(frame[unit], known) * size + (month - start)
    size_of_all = (len(known) + 2) * size
    held = np.bincount(place, frame["n_events"].to_numpy(), minlength=size_of_all).astype(np.float64, copy=False)
    covered = (np.bincount(month - start, minlength=size) > 0).astype(np.float64)
    days = (np.flatnonzero(covered) + start).astype("datetime64[M]").astype("datetime64[D]")
    return held.reshape(-1, size), covered, pl.Series("period", days)


def _last(table: Floats, months: int) -> Floats:
    """The sum of each row over the months up to and with each column; nothing before the first column.

    Of whole numbers, so that the difference of two running sums is exact.
    """
    running = np.cumsum(table, axis=1)
    summed = running.copy()
    summed[:, months:] -= running[:, :-months]
    return summed


def _shaped(periods: pl.Series, columns: dict[str, Floats], n_units: int) -> pl.DataFrame:
    whole = {name: figures(name, columns[name], pl.UInt32) for name in _WHOLE}
    units = pl.Series("n_units", np.full(len(periods), n_units, dtype=np.uint32))
    share = figures("share_pct", 100.0 * columns["n_reached"] / (n_units or np.nan))
    first = [periods, whole["n_reached"], units, share]
    return pl.DataFrame([*first, *(whole[name] for name in _WHOLE[1:])])
