"""From projects made public to projects presented to agreements signed: how many go on, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from statistics import NormalDist
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from indicators.events.coding import ALL, CodedEvents, as_coded, figures, gathered, keys_of, places
from indicators.events.loops import Floats, stepped

STAGES = ("projects_published", "projects_pitched", "cooperations_signed")
"""The stages of the funnel, in their order."""

STEPS = {
    "published_to_pitched": STAGES[:2],
    "pitched_to_signed": STAGES[1:],
    "published_to_signed": (STAGES[0], STAGES[2]),
}
"""The steps a rate is given for, the last one over the whole funnel."""

REASONS = ("no_event_states_both", "nothing_to_start_from", "widens", "widens_within")
"""Why a rate is empty."""


def wilson(successes: Floats, trials: Floats, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """The interval a share lies in, good also for few cases (Wilson score interval).

    Formula: p = x / n, q = the normal quantile: (p + q^2/2n -+ q sqrt(p(1-p)/n + q^2/4n^2)) / (1 + q^2/n).
    In: x and n (0 <= x <= n). Out: low, high (0 to 1); not a number where n is 0.
    Source: Wilson (1927); the same as ``proportion_confint(method="wilson")`` of statsmodels.

    >>> low, high = wilson(np.array([1.0]), np.array([2.0]))
    >>> round(float(low[0]), 4), round(float(high[0]), 4)
    (0.0945, 0.9055)
    """
    square = NormalDist().inv_cdf(0.5 + confidence / 2.0) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        share = successes / trials
        middle = share + square / (2.0 * trials)
        reach = np.sqrt(square * (share * (1.0 - share) / trials + square / (4.0 * trials**2)))
        shrink = 1.0 + square / trials
        return np.maximum((middle - reach) / shrink, 0.0), np.minimum((middle + reach) / shrink, 1.0)


def funnel(
    events: pl.DataFrame | CodedEvents,
    by: str | Sequence[str] = (),
    every: str = ALL,
    first: date | None = None,
    last: date | None = None,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """How many of the projects made public were presented, and how many of those led to an agreement.

    Formula: rate_pct = 100 n_to / n_from over the events that state both stages of the step; low_pct, high_pct = its
    Wilson interval. The steps: published_to_pitched, pitched_to_signed, published_to_signed.
    Columns in: EVENTS, ``by`` and where there are any projects_published, projects_pitched, cooperations_signed
    (counts, empty = not stated). ``every`` month, quarter, year or all. Columns out: period Date, ``by``, step text,
    n_events UInt32 (events that state both), n_from, n_to Int64 (of these events), all_from, all_to Int64 (of all
    events that state the stage), rate_pct, low_pct, high_pct Float64 (0 to 100), widens Boolean (n_to > n_from),
    n_widening UInt32 (events for which it does), reason text; sorted, three rows each.
    The rate and its interval are null, with the reason, where the step widens (agreements are then no part of the
    projects), for the whole funnel also where a step inside it widens, where no event states both, and where n_from is
    0. Sums are null where nobody states them. Coverage and empty cases as in ``event_counts``. Raises ContractError.
    Source: our choice; interval Wilson (1927).

    >>> one = {"event_id": "1", "date": date(2022, 12, 31), "programme_id": "p", "city_id": "beijing",
    ...     "district_code": None, "projects_published": 64, "projects_pitched": 27, "cooperations_signed": 37}
    >>> funnel(pl.DataFrame([one])).select("n_from", "n_to", "rate_pct", "reason").rows()
    [(64, 27, 42.1875, None), (27, 37, None, 'widens'), (64, 37, None, 'widens_within')]
    """
    keys = keys_of(by)
    table = as_coded(events, keys)
    cells = places(table, keys, every, first, last)
    nothing = np.full(table.n, np.nan)
    stages = [table.amounts.get(stage, nothing) for stage in STAGES]
    counted = cells.those_found(stepped(cells.place, stages, cells.n_cells))
    totals = {stage: _step(counted, stage, stage)["n_from"] for stage in STAGES}
    steps = {step: _step(counted, *ends) for step, ends in STEPS.items()}
    widens = {step: part["n_to"] > part["n_from"] for step, part in steps.items()}
    inside = {"published_to_signed": widens["published_to_pitched"] | widens["pitched_to_signed"]}
    n = len(cells.n_events)
    columns = [
        _rated(
            {**steps[step], "all_from": totals[start], "all_to": totals[end]}, inside.get(step, _NOWHERE), confidence
        )
        for step, (start, end) in STEPS.items()
    ]
    mixed = {name: np.stack([part[name] for part in columns], axis=1).ravel() for name in _OUT[1:]}
    names = pl.Series("step", list(STEPS) * n, dtype=pl.String)
    thrice = [gathered(column, np.repeat(np.arange(n, dtype=np.uint32), 3)) for column in cells.frame()]
    return pl.DataFrame([*thrice, names, *(_typed(name, numbers) for name, numbers in mixed.items())])


_NOWHERE = np.zeros(1, dtype=np.bool_)
_WHOLE = ("n_from", "n_to", "all_from", "all_to")
_OUT = (
    "step", "n_events", "n_from", "n_to", "all_from", "all_to", "rate_pct", "low_pct", "high_pct", "widens",
    "n_widening", "reason",
)  # fmt: skip


def _step(table: Floats, start: str, end: str) -> dict[str, Floats]:
    """One step, of the events that state both its ends; not a number where no event does."""
    n_from, n_to, n_both, n_widening = table[:, STAGES.index(start), STAGES.index(end)].T
    source, target = (np.where(n_both > 0, numbers, np.nan) for numbers in (n_from, n_to))
    return {"n_events": n_both, "n_from": source, "n_to": target, "n_widening": n_widening}


def _rated(found: dict[str, Floats], inside: NDArray[np.bool_], confidence: float) -> dict[str, NDArray[Any]]:
    """The columns of one step; ``inside``: a step inside this one widens."""
    start, end = found["n_from"], found["n_to"]
    checks = (np.isnan(start), end > start, start == 0, np.broadcast_to(inside, start.shape))
    reason = np.select(checks, (REASONS[0], REASONS[2], REASONS[1], REASONS[3]), default="")
    source, target = (np.where(reason == "", part, np.nan) for part in (start, end))
    low, high = wilson(target, source, confidence)
    rates = {"rate_pct": 100.0 * target / source, "low_pct": 100.0 * low, "high_pct": 100.0 * high}
    return {**found, **rates, "widens": end > start, "reason": reason}


def _typed(name: str, numbers: NDArray[Any]) -> pl.Series:
    if name in ("n_events", "n_widening"):
        return pl.Series(name, numbers.astype(np.uint32))
    if name == "reason":
        return pl.Series(name, [reason or None for reason in numbers.tolist()], dtype=pl.String)
    if name == "widens":
        return pl.Series(name, numbers)
    return figures(name, numbers, pl.Int64 if name in _WHOLE else pl.Float64)
