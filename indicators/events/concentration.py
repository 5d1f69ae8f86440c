"""How unevenly events are spread over districts, and how many there are for the enterprises of each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from indicators.events.coding import coded_among, figures
from indicators.events.loops import Floats
from indicators.frames import Column, Contract, grouping, require, require_named

DISTRICT_COUNTS = Contract(
    "counts by district",
    (
        Column("district_code", pl.String, "code", "the district; empty = events without one", nullable=True),
        Column("n_events", pl.Float64, "events", "the events held there", low=0),
    ),
)
"""One row per district (and group); a district without events has 0."""

DENSITY = Contract(
    "events and enterprises by district",
    (
        *DISTRICT_COUNTS.columns,
        Column(
            "n_enterprises", pl.Float64, "enterprises", "enterprises there; empty = not known", low=0, nullable=True
        ),
    ),
)
"""The same with the enterprises there."""


def event_concentration(
    counts: pl.DataFrame, by: str | Sequence[str] = (), districts: Iterable[str] | None = None
) -> pl.DataFrame:
    """How unevenly the events of each group are spread over the districts.

    Formula: s = events of the district / events of all districts: hhi = sum s^2 (1/n = even, 1 = all in one district);
    hhi_normalised = (hhi - 1/n) / (1 - 1/n); equivalent_number = 1 / hhi; gini = sum over the districts
    in rising order, i = 1 to n, of (2i - n - 1) events / (n times all events).
    Columns in: ``by`` (any, such as period), district_code text (empty: events without a district), n_events (count, 0
    where a district had none); counts of one district are added up. ``districts``: every district there is; one without
    a row had no event. By default the districts of the rows of all groups.
    Columns out: ``by``, n_districts UInt32, n_events, n_unplaced Int64 (events of these districts; events without a
    district, which are left out of the indices), hhi, hhi_normalised (0 to 1), equivalent_number (1 to n), gini (0 to
    1) Float64, sorted. Null without events in a district; hhi_normalised also for one district. Events of a district
    not among ``districts`` are left out. No rows give no rows.
    Raises ContractError. Source: Herfindahl-Hirschman, Gini; the same as in ``share_indices``.

    >>> counts = pl.DataFrame({"district_code": ["a", "b", None], "n_events": [3, 1, 9]})
    >>> event_concentration(counts).select("n_districts", "n_unplaced", "hhi", "gini").row(0)
    (2, 9, 0.625, 0.25)
    """
    keys = grouping(by)
    require_named(counts, keys, DISTRICT_COUNTS)
    frame = require(counts, DISTRICT_COUNTS)
    known = sorted(set(frame["district_code"].drop_nulls() if districts is None else districts))
    column = coded_among(frame["district_code"], known)
    groups = frame.select(keys).unique().sort(keys, nulls_last=True) if keys else frame.select().head(0)
    group, n_groups = _rows(frame, groups, keys)
    width = len(known) + 2
    held = np.bincount(group * width + column, frame["n_events"].to_numpy(), minlength=n_groups * width)
    table = held.reshape(n_groups, width).astype(np.float64, copy=False)
    inside = table[:, : len(known)]
    n_districts = pl.Series("n_districts", np.full(n_groups, len(known), dtype=np.uint32))
    totals = (
        figures(name, part, pl.Int64) for name, part in (("n_events", inside.sum(axis=1)), ("n_unplaced", table[:, -1]))
    )
    found = _indices(inside)
    return pl.DataFrame([*groups, n_districts, *totals, *(figures(name, found[name]) for name in _INDICES)])


def _rows(frame: pl.DataFrame, groups: pl.DataFrame, keys: list[str]) -> tuple[NDArray[np.int64], int]:
    """The number of each row's group, and how many groups there are."""
    if not keys:
        return np.zeros(frame.height, dtype=np.int64), min(frame.height, 1)
    numbered = frame.select(keys).join(
        groups.with_row_index("_row"), on=keys, how="left", nulls_equal=True, maintain_order="left"
    )
    return numbered["_row"].to_numpy().astype(np.int64), groups.height


def _indices(held: Floats) -> dict[str, Floats]:
    """The indices of each row of a table groups x districts; not a number for a row without events."""
    n, total = held.shape[1], held.sum(axis=1)
    total = np.where(total > 0, total, np.nan)
    hhi = ((held / total[:, None]) ** 2).sum(axis=1) if n else total
    weight = 2.0 * np.arange(1, n + 1) - n - 1.0
    return {
        "hhi": hhi,
        "hhi_normalised": (hhi - 1.0 / n) / (1.0 - 1.0 / n) if n > 1 else np.full(len(held), np.nan),
        "equivalent_number": 1.0 / hhi,
        "gini": (np.sort(held, axis=1) * weight).sum(axis=1) / (n * total) if n else total,
    }


_INDICES = ("hhi", "hhi_normalised", "equivalent_number", "gini")


def poisson_interval(counts: Floats, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """The interval the expected number lies in where so many were counted, good also for few (Garwood, exact).

    Formula: a = 1 - confidence: low = the a/2 quantile of chi-squared with 2k degrees of freedom / 2 (0 where k = 0),
    high = the 1 - a/2 quantile with 2k + 2 / 2. In: k (0 or more). Out: low, high (events).
    Source: Garwood (1936); the same as ``chi2.ppf`` of scipy gives.

    >>> low, high = poisson_interval(np.array([0.0, 3.0]))
    >>> low.round(3).tolist(), high.round(3).tolist()
    ([0.0, 0.619], [3.689, 8.767])
    """
    from scipy.special import gammaincinv

    tail = (1.0 - confidence) / 2.0
    low = np.where(counts > 0, gammaincinv(np.maximum(counts, 1e-9), tail), 0.0)
    return low, np.asarray(gammaincinv(counts + 1.0, 1.0 - tail), dtype=np.float64)


def event_density(districts: pl.DataFrame, confidence: float = 0.95) -> pl.DataFrame:
    """How many events a district has for every 100 enterprises, so that large districts do not win by size.

    Formula: events_per_100 = 100 n_events / n_enterprises; low_per_100, high_per_100 = 100 times the exact Poisson
    interval of n_events / n_enterprises; quotient = events_per_100 / the same of all districts with a known number of
    enterprises together (1 = as many as in the whole).
    Columns in: district_code text (one row each; empty: events without a district), n_events (count), n_enterprises
    (count, empty = not known). Columns out: all columns given, then events_per_100, low_per_100, high_per_100 Float64
    (events for 100 enterprises), quotient Float64 (1 = as in the whole), rank UInt32 (1 = most; equal ones share a
    rank). Order as given. Null without a district or where n_enterprises is empty or 0; the quotient also where there
    are no events at all. No rows give no rows. Raises ContractError. Source: our choice; interval Garwood (1936).

    >>> table = pl.DataFrame({"district_code": ["a", "b"], "n_events": [30, 10], "n_enterprises": [600, 100]})
    >>> event_density(table).select("events_per_100", "rank").rows()
    [(5.0, 2), (10.0, 1)]
    """
    contract = Contract(DENSITY.name, DENSITY.columns, key=("district_code",))
    checked = require(districts, contract)
    sound = pl.col("district_code").is_not_null() & (pl.col("n_enterprises") > 0)
    events, firms = pl.col("n_events"), pl.col("n_enterprises")
    whole = 100.0 * events.filter(sound).sum() / firms.filter(sound).sum()
    density = pl.when(sound).then(100.0 * events / firms)
    ends = poisson_interval(checked["n_events"].to_numpy(), confidence)
    low, high = (pl.when(sound).then(100.0 * pl.lit(pl.Series(end)) / firms) for end in ends)
    found = checked.select(
        density.alias("events_per_100"),
        low.alias("low_per_100"),
        high.alias("high_per_100"),
        pl.when(whole > 0).then(density / whole).alias("quotient"),
        density.rank("min", descending=True).cast(pl.UInt32).alias("rank"),
    )
    return districts.select(name for name in districts.columns if name not in found.columns).hstack(found)
