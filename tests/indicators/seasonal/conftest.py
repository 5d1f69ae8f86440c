"""Simulated series whose season, festival effect and rest are known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from indicators.seasonal.spring_festival import SPRING_FESTIVAL, month_starts

FIRST = date(2019, 1, 1)


@dataclass(frozen=True)
class Simulated:
    """value = rest + season + festival; rest = cycle + noise is what an adjusted series should be."""

    first: date
    rest: np.ndarray
    season: np.ndarray
    festival: np.ndarray

    @property
    def value(self):
        return self.rest + self.season + self.festival

    @property
    def frame(self):
        return pl.DataFrame({"period": month_starts(self.first, len(self.rest)), "value": self.value})


def festival_share(month, low, high):
    """Share of the days low..high from the festival that lie in the month, counted day by day."""
    festival = SPRING_FESTIVAL[month.year]
    days = [festival + timedelta(day) for day in range(low, high + 1)]
    return sum((day.year, day.month) == (month.year, month.month) for day in days) / len(days)


def simulated_series(seed, months=60, noise=1.5, fall=(-7, 6), rise=(7, 20), size=(-6.0, 4.0), first=FIRST):
    """Cycle + noise 1.5 + season with standard deviation 2.5 + festival effect -6 then +4."""
    draw = np.random.default_rng(seed)
    time = np.arange(months)
    cycle = 50 + 4 * np.sin(2 * np.pi * time / draw.uniform(30, 50) + draw.uniform(0, 2 * np.pi))
    season = draw.normal(size=12)
    season = 2.5 * (season - season.mean()) / season.std()
    calendar = [[date(year, month, 1) for month in range(1, 13)] for year in SPRING_FESTIVAL]
    effect = np.array(
        [[size[0] * festival_share(m, *fall) + size[1] * festival_share(m, *rise) for m in year] for year in calendar]
    )
    effect -= effect.mean(axis=0)
    start = (first.year - min(SPRING_FESTIVAL)) * 12 + first.month - 1
    return Simulated(
        first,
        cycle + draw.normal(scale=noise, size=months),
        season[(time + first.month - 1) % 12],
        effect.ravel()[start : start + months],
    )


@pytest.fixture(scope="session")
def simulate():
    return simulated_series
