"""Windows and shocks are found where they are, seldom where they are not, and by the likelihood of the state space."""

from __future__ import annotations

import warnings
from datetime import date

import numpy as np
import pytest

from indicators.seasonal.components import SeasonalError, Shock, declared_shocks, month_name
from indicators.seasonal.selection import design, selected
from indicators.seasonal.spring_festival import WINDOWS

DRAWS = 20


def names(selection):
    return [str(shock) for shock in selection.found]


def state_space(values, columns):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from statsmodels.tsa.statespace.structural import UnobservedComponents

        return UnobservedComponents(
            values, level="smooth trend", seasonal=12, stochastic_seasonal=False, exog=columns, use_exact_diffuse=True
        )


@pytest.mark.parametrize("months", [36, 60])
def test_the_variances_are_those_statsmodels_would_estimate(simulate, months):
    series = simulate(3, months)
    chosen = selected(series.value, series.first, "two_weeks", ())
    model = state_space(series.value, design(series.first, months, "two_weeks", ()))
    ours = model.loglike([chosen.variance, chosen.variance * chosen.ratio, *chosen.likeliest])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = model.fit(disp=0, maxiter=500)
    assert ours >= theirs.llf - 1e-3
    assert chosen.likeliest == pytest.approx(theirs.params[2:], abs=0.02)


def test_differences_of_aicc_are_those_of_the_state_space_likelihood(simulate):
    series = simulate(5)
    aicc = selected(series.value, series.first, "auto", ()).aicc
    free = len(series.value) - 13
    for window in ("two_weeks", "none"):
        chosen = selected(series.value, series.first, window, ())
        columns = design(series.first, 60, window, ())
        width = columns.shape[1]
        model = state_space(series.value, columns if width else None)
        likelihood = model.loglike([chosen.variance, chosen.variance * chosen.ratio, *chosen.likeliest])
        count = width + 2
        aicc[window] -= -2 * likelihood + 2 * count * free / (free - count - 1)
    assert aicc["two_weeks"] == pytest.approx(aicc["none"], abs=1e-4)


def test_the_window_that_made_the_series_is_chosen(simulate):
    made = [simulate(seed, 84, 0.5) for seed in range(DRAWS)]
    assert all(selected(series.value, series.first, "auto", ()).window == "two_weeks" for series in made)
    week = [simulate(seed, 84, 0.5, *WINDOWS["holiday_week"]) for seed in range(DRAWS)]
    assert sum(selected(series.value, series.first, "auto", ()).window == "holiday_week" for series in week) >= 18
    still = [simulate(seed, 84, size=(0.0, 0.0)) for seed in range(DRAWS)]
    assert sum(selected(series.value, series.first, "auto", ()).window == "none" for series in still) >= 14


@pytest.mark.parametrize(("kind", "at", "size"), [("AO", 40, 12), ("AO", 31, -12), ("LS", 30, -14), ("LS", 22, 14)])
def test_a_shock_is_found_in_its_month_and_with_its_size(simulate, kind, at, size):
    hits, sizes = 0, []
    for seed in range(DRAWS):
        series = simulate(seed)
        name = f"{kind}{month_name(series.first, at)}"
        value = series.value + size * declared_shocks([name])[0].column(series.first, 60)
        chosen = selected(value, series.first, "auto", ())
        if name in names(chosen):
            hits += 1
            where = chosen.shocks.index(declared_shocks([name])[0]) - len(chosen.shocks)
            sizes.append(chosen.coefficients[where])
    assert hits >= 16
    assert np.mean(sizes) == pytest.approx(size, abs=1.5)


def test_shocks_are_seldom_found_where_there_are_none(simulate):
    draws = [simulate(seed) for seed in range(100, 160)]
    assert sum(bool(names(selected(series.value, series.first, "auto", ()))) for series in draws) <= 7


def test_two_shocks_are_found_together(simulate):
    series = simulate(2, 120, 1.0)
    value = series.value.copy()
    value[70] += 15
    value[40:] -= 15
    found = selected(value, series.first, "auto", ()).found
    assert {str(shock) for shock in found} == {"LS2022-05", "AO2024-11"}


def test_no_shock_is_looked_for_in_two_years_or_beyond_the_limit(simulate):
    series = simulate(4, 35)
    value = series.value.copy()
    value[20] += 40
    assert selected(value, series.first, "none", ()).found == ()
    series = simulate(4, 40)
    value = series.value.copy()
    value[[9, 20, 30]] += 40
    assert len(selected(value, series.first, "none", ()).found) <= 1


def test_declared_shocks_are_kept_and_not_found_again(simulate):
    series = simulate(6)
    value = series.value.copy()
    value[30] -= 20
    declared = declared_shocks(["2021-07", "LS2022-01"])
    chosen = selected(value, series.first, "two_weeks", declared)
    assert chosen.shocks[:2] == declared
    assert Shock(date(2021, 7, 1), "AO") not in chosen.found
    assert chosen.coefficients[2] == pytest.approx(-20, abs=5)


def test_too_many_crisis_months_are_refused(simulate):
    series = simulate(1, 24)
    declared = declared_shocks([f"2019-{month:02}" for month in range(1, 7)])
    with pytest.raises(SeasonalError, match=r"6 crisis months in 24 months leave too little .* accepted: at most 5"):
        selected(series.value, series.first, "none", declared)


@pytest.mark.parametrize("level", [0.0, 50.0, 1e6])
def test_a_constant_or_exact_series_has_no_shock_and_no_window(level):
    season = np.tile([2.0, -2.0, 1.0, -1.0, 0, 0, 0, 0, 3.0, -3.0, 0, 0], 5)
    for value in (np.full(60, level), level + season, level + season + np.arange(60) / 4):
        chosen = selected(value, date(2019, 1, 1), "auto", ())
        assert (chosen.window, chosen.found) == ("none", ())


def test_the_unit_of_a_series_changes_nothing_but_the_unit(simulate):
    series = simulate(8)
    one = selected(series.value, series.first, "auto", ())
    other = selected(1000 * series.value + 7, series.first, "auto", ())
    assert (one.window, one.found) == (other.window, other.found)
    assert other.coefficients == pytest.approx(1000 * one.coefficients, rel=1e-5)


def test_the_festival_is_drawn_towards_nothing_the_less_the_more_is_known(simulate):
    def kept(months, noise):
        chosen = [selected(simulate(seed, months, noise).value, date(2019, 1, 1), "two_weeks", ()) for seed in range(8)]
        return np.mean([np.abs(one.coefficients[:2]).sum() / np.abs(one.likeliest[:2]).sum() for one in chosen])

    assert kept(48, 1.5) < kept(120, 1.5) < 1
    assert kept(48, 0.01) == pytest.approx(1, abs=1e-3)


def test_a_shock_is_not_drawn_towards_nothing_and_does_not_loosen_the_festival(simulate):
    series = simulate(6)
    declared = declared_shocks(["2021-07"])
    shaken = series.value + 40 * declared[0].column(series.first, 60)
    calm, told = (selected(value, series.first, "two_weeks", declared) for value in (series.value, shaken))
    assert told.coefficients[:2] == pytest.approx(calm.coefficients[:2], abs=1e-6)
    assert told.coefficients[2] - calm.coefficients[2] == pytest.approx(40, abs=1e-6)


def test_without_a_festival_the_coefficients_are_the_likeliest(simulate):
    chosen = selected(simulate(3).value, date(2019, 1, 1), "none", declared_shocks(["2021-07"]))
    assert chosen.coefficients.tolist() == chosen.likeliest.tolist()
