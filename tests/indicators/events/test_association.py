"""Events and prosperity: the correlation is the plain one within districts, and the interval covers what it should."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest

from indicators.events.association import FEWEST_MONTHS, activity_and_prosperity
from indicators.frames import ContractError


def table_of(events: np.ndarray, index: np.ndarray) -> pl.DataFrame:
    months = pl.date_range(date(2020, 1, 1), date(2029, 12, 1), "1mo", eager=True)[: len(events)]
    parts = [
        pl.DataFrame(
            {
                "period": months,
                "district_code": f"{at:02d}",
                "n_events": events[:, at],
                "prosperity_index": index[:, at],
            }
        )
        for at in range(events.shape[1])
    ]
    return pl.concat(parts)


def wave(random: np.random.Generator, months: int, districts: int, common: float, memory: float) -> np.ndarray:
    """Autocorrelated series that share a part of their ups and downs."""
    own, all_ = random.normal(size=(months + 40, districts)), random.normal(size=(months + 40, 1))
    noise = np.sqrt(1 - common) * own + np.sqrt(common) * all_
    found = np.zeros_like(noise)
    for at in range(1, len(noise)):
        found[at] = memory * found[at - 1] + np.sqrt(1 - memory**2) * noise[at]
    return found[40:]


def test_the_correlation_is_that_of_the_demeaned_pairs():
    random = np.random.default_rng(7)
    events, index = random.poisson(6, (40, 3)).astype(float), random.normal(50, 4, (40, 3))
    found = activity_and_prosperity(table_of(events, index), lags=2)
    for lag, n, correlation in found.select("lag_months", "n", "correlation").iter_rows():
        x = events[max(-lag, 0) : 40 - max(lag, 0)]
        y = index[max(lag, 0) : 40 + min(lag, 0)]
        x, y = (part - part.mean(axis=0) for part in (x, y))
        assert n == 3 * (40 - abs(lag))
        assert correlation == pytest.approx(np.corrcoef(x.ravel(), y.ravel())[0, 1], abs=1e-12)


def test_an_echo_is_found_at_its_lag_and_levels_of_districts_do_not_matter():
    random = np.random.default_rng(3)
    events = random.poisson(8, (60, 4)).astype(float) + 100 * np.arange(4)
    index = 50 + np.vstack([np.zeros((3, 4)), (events - 100 * np.arange(4))[:-3]]) - 5 * np.arange(4)
    found = activity_and_prosperity(table_of(events, index))
    best = found.sort("correlation").tail(1)
    assert best.select("lag_months").item() == 3
    assert best.select("correlation").item() > 0.99
    assert found["lag_months"].to_list() == list(range(-6, 7))
    assert found.filter(pl.col("correlation") > pl.col("high")).is_empty()


def test_months_that_repeat_each_other_are_worth_less_and_districts_too():
    random = np.random.default_rng(11)

    def worth(common: float, memory: float) -> float:
        waves = [wave(random, 96, 8, common, memory) for _ in range(2)]
        table = table_of(100 + waves[0] * 5, 50 + waves[1])
        return activity_and_prosperity(table, lags=0)["n_effective"].item()

    free, held, shared = worth(0.0, 0.0), worth(0.0, 0.8), worth(0.9, 0.0)
    assert free > 400
    assert held < free / 2
    assert shared < free / 4


@pytest.mark.parametrize(("months", "districts", "common", "memory"), [(48, 16, 0.5, 0.6), (48, 1, 0.0, 0.6)])
def test_the_interval_covers_nothing_at_all_about_as_often_as_it_says(months, districts, common, memory):
    random = np.random.default_rng(20261122)
    covered = 0
    for _ in range(150):
        waves = [wave(random, months, districts, common, memory) for _ in range(2)]
        low, high = activity_and_prosperity(table_of(100 + waves[0], 50 + waves[1]), 0).select("low", "high").row(0)
        covered += low <= 0 <= high
    assert covered >= 0.9 * 150


def test_too_little_and_nothing():
    few = table_of(np.ones((FEWEST_MONTHS - 1, 2)), np.ones((FEWEST_MONTHS - 1, 2)))
    assert activity_and_prosperity(few, 0).row(0) == (0, 0, 0, None, None, None, None)
    flat = table_of(np.full((24, 2), 0.1), np.random.default_rng(1).normal(50, 1, (24, 2)))
    assert activity_and_prosperity(flat, 0).select("n", "correlation").row(0) == (48, None)
    assert activity_and_prosperity(few.clear()).is_empty()
    with pytest.raises(ContractError, match="lags -1 is not accepted"):
        activity_and_prosperity(few, -1)


def test_unknown_months_are_left_out_in_pairs():
    random = np.random.default_rng(5)
    table = table_of(random.poisson(5, (30, 2)).astype(float), random.normal(50, 2, (30, 2)))
    holes = table.with_columns(pl.when(pl.col("period") != date(2021, 1, 1)).then("n_events").alias("n_events"))
    assert activity_and_prosperity(holes, 0)["n"].item() == 58
    assert_same = activity_and_prosperity(holes.filter(pl.col("n_events").is_not_null()), 0)["correlation"].item()
    assert activity_and_prosperity(holes, 0)["correlation"].item() == pytest.approx(assert_same)
