"""The default engine takes out the season and the festival, and nothing else."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from indicators.seasonal.components import declared_shocks
from indicators.seasonal.structural import structural_components

DRAWS = 24


def errors(series, months, window="auto"):
    """Squared errors with and without adjustment, a row each."""
    parts = structural_components(series.value, series.first, 0, window, ())
    adjusted = series.value - parts.seasonal[:months] - parts.festival[:months]
    return np.array([(adjusted - series.rest) ** 2, (series.value - series.rest) ** 2])


def ratio(squares, months):
    first_quarter = np.arange(months) % 12 < 3
    adjusted, plain = np.sqrt(np.mean(squares[:, :, first_quarter], axis=(0, 2)))
    return adjusted / plain


@pytest.mark.parametrize(("months", "most"), [(60, 0.5), (36, 0.6)])
def test_the_error_of_january_to_march_is_at_most_half_of_no_adjustment(simulate, months, most):
    squares = np.array([errors(simulate(seed, months), months) for seed in range(DRAWS)])
    assert ratio(squares, months) <= most
    adjusted, plain = np.sqrt(squares.mean(axis=(0, 2)))
    assert adjusted <= 0.5 * plain


def test_a_festival_of_another_shape_than_the_windows_is_halved_too(simulate):
    made = [simulate(seed, fall=(-10, 3), rise=(4, 24)) for seed in range(DRAWS)]
    assert ratio(np.array([errors(series, 60) for series in made]), 60) <= 0.5


def test_the_festival_of_the_year_after_four_of_them_is_not_overdone(simulate):
    """From 2022 the four festivals lie before 11 February; that of 2026, the 17th, is outside what they show."""
    before, first_quarter = 48, np.arange(60) % 12 < 3
    ahead = first_quarter & (np.arange(60) >= before)
    squares = []
    for seed in range(DRAWS):
        series = simulate(seed, first=date(2022, 1, 1))
        parts = structural_components(series.value[:before], series.first, 12, "auto", ())
        taken, true = parts.seasonal + parts.festival, series.season + series.festival
        squares.append([((taken - true) ** 2)[ahead], (true**2)[ahead]])
    adjusted, plain = np.sqrt(np.mean(squares, axis=(0, 2)))
    assert adjusted <= 0.65 * plain, "0.55 as measured; 0.85 with the coefficients of the highest likelihood"


def test_the_festival_matters_more_than_anything_else(simulate):
    made = [simulate(seed) for seed in range(DRAWS)]
    with_festival = ratio(np.array([errors(series, 60) for series in made]), 60)
    without = ratio(np.array([errors(series, 60, "none") for series in made]), 60)
    assert with_festival < 0.6 * without


def test_the_season_sums_to_zero_repeats_and_goes_on(simulate):
    series = simulate(7, 53)
    parts = structural_components(series.value, series.first, 26, "two_weeks", ())
    assert len(parts.seasonal) == len(parts.festival) == 79
    assert parts.seasonal[12:] == pytest.approx(parts.seasonal[:-12], abs=1e-8)
    assert [parts.seasonal[start : start + 12].sum() for start in (0, 30, 60)] == pytest.approx([0, 0, 0], abs=1e-8)
    assert parts.festival[53:61].tolist() == [0.0] * 7 + [parts.festival[60]]
    assert parts.festival[60:62].any()


def test_known_parts_come_back(simulate):
    exact = simulate(7, 48, 0.0)
    line = 50 + np.arange(48) / 4
    parts = structural_components(line + exact.season + exact.festival, exact.first, 0, "two_weeks", ())
    assert parts.seasonal == pytest.approx(exact.season, abs=1e-6)
    assert parts.festival == pytest.approx(exact.festival, abs=1e-6)


def test_a_crisis_month_stays_in_the_series_and_out_of_the_factors(simulate):
    series = simulate(9)
    shaken = series.value.copy()
    shaken[[13, 14]] -= 35
    declared = declared_shocks(["2020-02", "2020-03"])
    calm = structural_components(series.value, series.first, 0, "two_weeks", declared)
    told = structural_components(shaken, series.first, 0, "two_weeks", declared)
    assert told.seasonal == pytest.approx(calm.seasonal, abs=1e-6)
    assert told.festival == pytest.approx(calm.festival, abs=1e-6)
    effects = told.outlier_effect(series.first, 60) - calm.outlier_effect(series.first, 60)
    assert effects[[12, 13, 14, 15]] == pytest.approx([0, -35, -35, 0], abs=1e-6)


def test_the_series_turned_or_moved_gives_the_parts_turned_or_unmoved(simulate):
    series = simulate(10)
    one = structural_components(series.value, series.first, 0, "auto", ())
    turned = structural_components(100 - series.value, series.first, 0, "auto", ())
    assert turned.seasonal == pytest.approx(-one.seasonal, abs=1e-5)
    assert turned.festival == pytest.approx(-one.festival, abs=1e-5)


def test_a_constant_series_has_no_season():
    parts = structural_components(np.full(48, 50.0), date(2022, 1, 1), 12, "auto", ())
    assert parts.seasonal == pytest.approx(np.zeros(60), abs=1e-6)
    assert parts.window == "none"
    assert not parts.festival.any()


def test_the_residuals_are_those_of_the_months_after_the_start(simulate):
    parts = structural_components(simulate(11).value, date(2019, 1, 1), 0, "two_weeks", ())
    assert len(parts.residuals) == 60 - 13
    assert np.std(parts.residuals) == pytest.approx(1, abs=0.35)
