"""What every engine takes and gives: a series without gaps, its shocks, and the parts it is made of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from indicators.seasonal.spring_festival import month_starts

Floats = NDArray[np.float64]

SHOCKS = {"AO": "one month", "LS": "level from that month on"}
"""The kinds of shock: an additive outlier and a level shift."""


class SeasonalError(ValueError):
    """A series that cannot be adjusted as asked: the sentence says why and what to do."""


@dataclass(frozen=True, order=True)
class Shock:
    """A month out of line: AO (only that month) or LS (the level from that month on)."""

    month: date
    kind: str

    def __str__(self) -> str:
        return f"{self.kind}{self.month:%Y-%m}"

    def column(self, first: date, months: int) -> Floats:
        """The shock as a regressor: AO is 1 in its month, LS is 1 from its month on.

        >>> Shock(date(2020, 2, 1), "LS").column(date(2020, 1, 1), 3).tolist()
        [0.0, 1.0, 1.0]
        """
        at = months_between(first, self.month)
        index = np.arange(months)
        return np.asarray((index == at) if self.kind == "AO" else (index >= at), dtype=np.float64)


@dataclass(frozen=True)
class Components:
    """What an engine found: one value a month from the first month to ``ahead`` months past the last."""

    engine: str
    window: str
    seasonal: Floats
    festival: Floats
    shocks: dict[Shock, float]
    found: tuple[Shock, ...]
    residuals: Floats
    figures: dict[str, float] = field(default_factory=dict)

    def outlier_effect(self, first: date, months: int) -> Floats:
        """The sum of the shocks in each month, in the unit of the series."""
        effect = np.zeros(months)
        for shock, size in self.shocks.items():
            effect += size * shock.column(first, months)
        return effect


def months_between(first: date, last: date) -> int:
    """How many months lie between two first days of a month.

    >>> months_between(date(2025, 11, 1), date(2026, 1, 1))
    2
    """
    return (last.year - first.year) * 12 + last.month - first.month


def declared_shocks(crisis: Iterable[str | date]) -> tuple[Shock, ...]:
    """The months of a crisis as shocks: a month is an AO; LS before it makes it a level shift.

    Raises SeasonalError for a text that is not a month. Source: our choice, after the names of X-13ARIMA-SEATS.

    >>> [str(shock) for shock in declared_shocks(["2020-02", "LS2020-03"])]
    ['AO2020-02', 'LS2020-03']
    """
    return tuple(dict.fromkeys(_shock(month) for month in crisis))


def usable_shocks(declared: Iterable[Shock], first: date, months: int) -> tuple[Shock, ...]:
    """Those shocks that lie in the series; a level shift in its first month is its level.

    >>> usable_shocks(declared_shocks(["LS2026-01", "2026-02", "2027-01"]), date(2026, 1, 1), 12)[0].kind
    'AO'
    """
    start = {"AO": 0, "LS": 1}
    return tuple(shock for shock in declared if start[shock.kind] <= months_between(first, shock.month) < months)


def _shock(month: str | date) -> Shock:
    if isinstance(month, date):
        return Shock(month.replace(day=1), "AO")
    match = re.fullmatch(r"(AO|LS)?(\d{4})-(0[1-9]|1[0-2])(?:-01)?", month.strip())
    if match is None:
        raise SeasonalError(
            f"crisis month '{month}' is not accepted; accepted: a month written YYYY-MM, with LS before it for a "
            f"level shift, such as 2020-02 or LS2020-02; correct it."
        )
    return Shock(date(int(match[2]), int(match[3]), 1), match[1] or "AO")


def month_name(first: date, index: int) -> str:
    """The month ``index`` months after ``first``, written YYYY-MM.

    >>> month_name(date(2026, 11, 1), 3)
    '2027-02'
    """
    return f"{month_starts(first, index + 1)[-1]:%Y-%m}"
