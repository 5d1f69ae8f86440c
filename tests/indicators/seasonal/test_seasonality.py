"""The tests beside an adjusted series find a season where there is one, and only there."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest

from indicators.seasonal.seasonality import ljung_box, seasonality_f


def test_a_season_is_found_whatever_the_trend_and_the_first_month(simulate):
    series = simulate(1, months=72)
    trend = np.linspace(0, 80, 72)
    assert math.isnan(seasonality_f(series.season + trend, 1)[0]), (
        "nothing but season and line leaves no variation within months"
    )
    assert seasonality_f(series.value + trend, 1)[1] < 0.001
    shifted = seasonality_f(series.value[5:], 6)[0]
    assert shifted == pytest.approx(seasonality_f(series.value[5:], 1)[0]), "the test does not ask which month is which"


def test_noise_is_seldom_called_seasonal_or_correlated():
    draws = [np.random.default_rng(seed).normal(size=120) for seed in range(100)]
    assert sum(seasonality_f(draw, 1)[1] < 0.05 for draw in draws) <= 12
    assert sum(ljung_box(draw, 0)[1] < 0.05 for draw in draws) <= 12


def test_f_against_a_table_worked_out_by_hand():
    values = np.tile([1.0, -1.0], 24) + np.arange(48) % 5 / 10
    trend = np.array([values[t - 6 : t + 7] @ np.array([0.5, *[1.0] * 11, 0.5]) / 12 for t in range(6, 42)])
    table = (values[6:42] - trend).reshape(3, 12)
    between = 3 * ((table.mean(axis=0) - table.mean()) ** 2).sum() / 11
    within = ((table - table.mean(axis=0)) ** 2).sum() / 24
    assert seasonality_f(values, 1)[0] == pytest.approx(between / within)


def test_q_is_that_of_statsmodels():
    residuals = np.random.default_rng(3).normal(size=90)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from statsmodels.stats.diagnostic import acorr_ljungbox
    theirs = acorr_ljungbox(residuals, lags=[24], model_df=2)
    ours = ljung_box(residuals)
    assert ours == pytest.approx((theirs["lb_stat"].item(), theirs["lb_pvalue"].item()))


def test_too_short_or_constant_series_have_no_figure():
    assert all(map(math.isnan, seasonality_f(np.arange(35.0), 1)))
    assert all(map(math.isnan, seasonality_f(np.full(60, 50.0), 1)))
    assert all(map(math.isnan, ljung_box(np.ones(11))))
    assert all(map(math.isnan, ljung_box(np.ones(40))))
    assert all(map(math.isnan, ljung_box(np.zeros(0))))
