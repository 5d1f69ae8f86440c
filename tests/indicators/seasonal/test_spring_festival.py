"""The festival's dates are right, and its days are shared out over the months."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from indicators.seasonal.spring_festival import (
    SPRING_FESTIVAL,
    WINDOWS,
    FestivalError,
    festival_regressors,
    month_starts,
    regressors,
)

FACTS = Path(__file__).parents[3].parent / "shared" / "facts" / "index_validation_cny_dates.csv"


def counted(month, part):
    low, high = part
    festival = SPRING_FESTIVAL[month.year].toordinal()
    days = [date.fromordinal(festival + day) for day in range(low, high + 1)]
    return sum(day.replace(day=1) == month for day in days) / len(days)


def test_the_table_has_every_year_and_known_dates():
    assert list(SPRING_FESTIVAL) == list(range(2000, 2051))
    assert all((1, 21) <= (day.month, day.day) <= (2, 20) for day in SPRING_FESTIVAL.values())
    assert SPRING_FESTIVAL[2024] == date(2024, 2, 10)
    assert SPRING_FESTIVAL[2026] == date(2026, 2, 17)
    gaps = {(SPRING_FESTIVAL[year + 1] - SPRING_FESTIVAL[year]).days for year in range(2000, 2050)}
    assert gaps <= {353, 354, 355, 383, 384, 385}, "a lunar year has twelve or thirteen months"


def test_the_table_follows_the_rule_of_the_package_holidays():
    holidays = pytest.importorskip("holidays", reason="the package holidays is not installed")
    for year, festival in SPRING_FESTIVAL.items():
        days = holidays.China(years=year, language="zh_CN")
        assert min(day for day, name in days.items() if name == "春节") == festival


@pytest.mark.reference
@pytest.mark.skipif(not FACTS.exists(), reason="the reference files are not there")
def test_the_table_is_the_reference_table():
    facts = pl.read_csv(FACTS, columns=["year", "chinese_new_year"]).rows()
    assert {year: date.fromisoformat(day) for year, day in facts} == SPRING_FESTIVAL


@pytest.mark.parametrize("window", ["two_weeks", "holiday_week"])
def test_regressors_are_day_shares_less_their_long_run_mean(window):
    found = regressors(date(2000, 1, 1), 51 * 12, window)
    months = month_starts(date(2000, 1, 1), 51 * 12)
    for column, part in enumerate(WINDOWS[window]):
        shares = np.array([counted(month, part) for month in months]).reshape(51, 12)
        assert np.allclose(shares.sum(axis=1), 1), "every day of the window lies in some month of its year"
        assert np.allclose(found[:, column], (shares - shares.mean(axis=0)).ravel())
    assert np.allclose(found.reshape(51, 12, 2).mean(axis=0), 0)
    assert not found.reshape(51, 12, 2)[:, 3:].any()


def test_a_part_of_the_table_is_cut_out_and_not_shared():
    cut = regressors(date(2024, 2, 1), 2, "two_weeks")
    assert np.allclose(cut, regressors(date(2023, 1, 1), 24, "two_weeks")[13:15])
    cut[:] = 9
    assert regressors(date(2024, 2, 1), 2, "two_weeks").max() < 1


def test_the_window_none_has_no_regressors_and_no_limits():
    assert festival_regressors(date(1990, 1, 1), 2, "none").columns == ["period"]
    assert regressors(date(2060, 1, 1), 3, "none").shape == (3, 0)


def test_months_outside_the_table_and_unknown_windows_are_refused():
    with pytest.raises(FestivalError, match=r"2051-01 is not known; accepted: months from 2000-01 to 2050-12"):
        festival_regressors(date(2050, 12, 1), 2)
    with pytest.raises(FestivalError, match="1999-12 is not known"):
        festival_regressors(date(1999, 12, 1), 2)
    with pytest.raises(FestivalError, match="there is no window 'week'; accepted: two_weeks, holiday_week, none"):
        festival_regressors(date(2020, 1, 1), 2, "week")


def test_no_month():
    assert festival_regressors(date(2026, 1, 1), 0).schema == festival_regressors(date(2026, 1, 1), 1).schema
