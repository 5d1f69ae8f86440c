"""Which series is adjusted, from which months, and what is refused by name."""

from __future__ import annotations

import subprocess
import sys
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from indicators.frames import ContractError
from indicators.methods import run
from indicators.seasonal.components import SeasonalError
from indicators.seasonal.policy import clipped, diagnostics, factors_ahead, seasonally_adjusted
from indicators.seasonal.spring_festival import FestivalError
from indicators.seasonal.x13_program import x13_is_installed

ROOT = Path(__file__).parents[3]
PLAIN = {"engine": "structural"}
EFFECTS = ["adjusted", "seasonal_factor", "festival_effect", "outlier_effect"]


@pytest.mark.parametrize(
    ("months", "status"),
    [
        (1, "not_adjusted_short"),
        (23, "not_adjusted_short"),
        (24, "experimental"),
        (47, "experimental"),
        (48, "adjusted"),
    ],
)
def test_the_length_decides(simulate, months, status):
    frame = simulate(1, months).frame
    result = seasonally_adjusted(frame, **PLAIN)
    assert result["status"].unique().to_list() == [status]
    assert result["value"].to_list() == frame["value"].to_list()
    short = status == "not_adjusted_short"
    nulls = result.select([*EFFECTS, "engine", "window"]).null_count().row(0)
    assert set(nulls) == ({months} if short else {0})
    assert factors_ahead(frame, **PLAIN).height == (0 if short else 12)
    checks = diagnostics(frame, **PLAIN)
    assert checks["n_estimated"].item() == (0 if short else months - months % 12)
    assert checks["ljung_box_q"].null_count() == (1 if months <= 24 else 0), "two years leave 11 residuals"


def test_the_best_engine_that_is_there_is_taken_from_48_months_to_estimate_from(simulate):
    full = "x13" if x13_is_installed() else "structural"
    for months, engine in ((47, "structural"), (48, full), (59, full), (60, full)):
        assert seasonally_adjusted(simulate(1, months).frame)["engine"][0] == engine
    assert seasonally_adjusted(simulate(1, 59, first=date(2019, 2, 1)).frame)["engine"][0] == full
    assert seasonally_adjusted(simulate(1, 50, first=date(2019, 9, 1)).frame)["engine"][0] == "structural"


def test_parts_add_up_and_factors_sum_to_about_zero(simulate):
    result = seasonally_adjusted(simulate(2).frame, **PLAIN)
    rebuilt = result["adjusted"] + result["seasonal_factor"] + result["festival_effect"]
    assert rebuilt.to_list() == pytest.approx(result["value"].to_list())
    years = result.group_by(pl.col("period").dt.year()).agg(pl.col("seasonal_factor").sum())
    assert years["seasonal_factor"].to_list() == pytest.approx([0.0] * 5, abs=1e-8)


def test_factors_do_not_move_before_january(simulate):
    whole = simulate(3, 72).frame
    december = seasonally_adjusted(whole[:60], **PLAIN)
    november = seasonally_adjusted(whole[:71], **PLAIN)
    assert_frame_equal(november[:60], december)
    ahead = factors_ahead(whole[:60], **PLAIN)
    assert november["seasonal_factor"][60:].to_list() == pytest.approx(ahead["seasonal_factor"][:11].to_list())
    assert november["festival_effect"][60:].to_list() == pytest.approx(ahead["festival_effect"][:11].to_list())
    january = seasonally_adjusted(whole, **PLAIN)
    assert january["seasonal_factor"][0] != december["seasonal_factor"][0]
    at_once = seasonally_adjusted(whole[:71], estimate="last_month", **PLAIN)
    assert at_once["seasonal_factor"][0] != december["seasonal_factor"][0]
    assert diagnostics(whole[:71], **PLAIN).select("n_months", "n_estimated", "estimated_to").row(0) == (
        71,
        60,
        date(2023, 12, 1),
    )


def test_a_series_without_two_years_to_december_is_estimated_from_all_its_months(simulate):
    frame = simulate(3, 30, first=date(2022, 2, 1)).frame
    assert diagnostics(frame, **PLAIN)["n_estimated"].item() == 30
    assert diagnostics(frame.head(29), **PLAIN)["n_estimated"].item() == 29


def test_the_window_is_not_left_to_two_festivals(simulate):
    still = simulate(5, 35, size=(0.0, 0.0)).frame
    assert seasonally_adjusted(still, estimate="last_month", **PLAIN)["window"][0] == "two_weeks"
    assert seasonally_adjusted(still, window="none", **PLAIN)["festival_effect"].unique().to_list() == [0.0]


def test_factors_ahead_are_those_of_the_months_after_the_last(simulate):
    frame = simulate(4, 65).frame
    ahead = factors_ahead(frame, months=20, **PLAIN)
    assert ahead["period"].to_list()[::19] == [date(2024, 6, 1), date(2026, 1, 1)]
    inside = seasonally_adjusted(frame, **PLAIN)
    assert ahead["seasonal_factor"][0] == pytest.approx(inside["seasonal_factor"][53])
    assert ahead.filter(pl.col("period") == date(2025, 6, 1))["festival_effect"].item() == 0.0
    assert factors_ahead(frame, months=0, **PLAIN).is_empty()


def test_crisis_months_and_found_shocks_are_reported_apart(simulate):
    series = simulate(2, 72)
    shaken = series.value.copy()
    shaken[30] += 25
    shaken[[49, 50]] -= 30
    frame = series.frame.with_columns(value=shaken)
    checks = diagnostics(frame, crisis=("2023-02", "LS2030-01", "2023-03"), **PLAIN).row(0, named=True)
    assert checks["crisis"] == "AO2023-02 AO2023-03"
    assert checks["outliers"] == "AO2021-07"
    result = seasonally_adjusted(frame, crisis=("2023-02", "2023-03"), **PLAIN)
    assert result["outlier_effect"][[30, 49, 50]].to_list() == pytest.approx([25, -30, -30], abs=6)
    assert result["adjusted"][49] < 30, "the crisis is in the adjusted series"


def test_diagnostics_see_the_season_go(simulate):
    checks = diagnostics(simulate(6, 96).frame, **PLAIN).row(0, named=True)
    assert checks["f_before_p"] < 0.001
    assert checks["f_after_p"] > 0.05
    assert checks["ljung_box_p"] > 0.01
    assert checks["m7"] is None


def test_groups_are_series_of_their_own_in_any_row_order(simulate):
    parts = [
        simulate(seed, months).frame.with_columns(city_id=pl.lit(city, pl.String))
        for seed, months, city in ((1, 48, "b"), (2, 10, None), (3, 60, "a"))
    ]
    mixed = pl.concat(parts).sample(fraction=1, shuffle=True, seed=1)
    result = seasonally_adjusted(mixed, by="city_id", **PLAIN)
    assert result.columns[:3] == ["period", "city_id", "value"]
    assert result["city_id"].unique(maintain_order=True).to_list() == ["a", "b", None]
    alone = seasonally_adjusted(simulate(1, 48).frame, **PLAIN)
    assert_frame_equal(result.filter(pl.col("city_id") == "b").drop("city_id"), alone)
    assert diagnostics(mixed, by="city_id", **PLAIN)["n_months"].to_list() == [60, 48, 10]
    assert factors_ahead(mixed, by="city_id", **PLAIN)["city_id"].value_counts(sort=True)["count"].to_list() == [12, 12]


def test_gaps_are_refused_by_the_name_of_the_month(simulate):
    frame = simulate(1, 30).frame
    with pytest.raises(SeasonalError, match=r"column value: 2019-06 has no value; .* from 2019-01 to 2021-06; add"):
        seasonally_adjusted(frame.filter(pl.col("period") != date(2019, 6, 1)))
    empty = frame.with_columns(value=pl.when(pl.col("period").dt.month() == 3).then(None).otherwise("value"))
    with pytest.raises(SeasonalError, match=r"column value, item_id rent: 2019-03 and 2 more has no value"):
        seasonally_adjusted(empty.with_columns(item_id=pl.lit("rent")), by="item_id")
    with pytest.raises(ContractError, match="was given in an earlier row"):
        seasonally_adjusted(pl.concat([frame, frame[:1]]))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"engine": "seats"}, "option engine 'seats' is not accepted; accepted: auto, structural, x13"),
        ({"window": "week"}, "option window 'week' is not accepted; accepted: auto, two_weeks, holiday_week, none"),
        ({"estimate": "now"}, "option estimate 'now' is not accepted; accepted: last_december, last_month"),
        ({"crisis": ("covid",)}, "crisis month 'covid' is not accepted"),
    ],
)
def test_unknown_options_are_refused_even_for_a_short_series(simulate, options, sentence):
    for months in (3, 30):
        with pytest.raises(SeasonalError, match=sentence):
            seasonally_adjusted(simulate(1, months).frame, **options)


def test_months_before_the_table_of_festivals_need_the_window_none(simulate):
    frame = simulate(1, 40).frame.with_columns(pl.col("period").dt.offset_by("-30y"))
    with pytest.raises(FestivalError, match="the Spring Festival of 1989-01 is not known"):
        seasonally_adjusted(frame, **PLAIN)
    assert seasonally_adjusted(frame, window="none", **PLAIN)["adjusted"].null_count() == 0


def test_an_empty_frame_gives_empty_results_with_all_columns(simulate):
    nothing = simulate(1, 24).frame.clear()
    for function in (seasonally_adjusted, factors_ahead, diagnostics):
        assert function(nothing).is_empty()
        assert function(nothing).schema == function(simulate(1, 24).frame, **PLAIN).schema


def test_the_command_line_takes_texts(simulate):
    written = (
        simulate(1, 36)
        .frame.rename({"value": "index"})
        .with_columns(pl.col("period").dt.strftime("%Y-%m"), pl.col("index").cast(pl.String))
    )
    options = {"value": "index", "engine": "structural", "crisis": "2020-02, LS2020-05", "window": "two_weeks"}
    result = run("seasonally_adjusted", written, **options)
    assert result.filter(pl.col("outlier_effect") != 0).height == 1 + 20
    assert run("factors_ahead", written, value="index", months="3").height == 3


def test_clipped_is_for_display():
    frame = pl.DataFrame({"adjusted": [-3.0, 103.0, None], "n": [1, 2, 3]})
    assert clipped(frame).rows() == [(0.0, 1), (100.0, 2), (None, 3)]
    assert clipped(frame, -100)["adjusted"].to_list() == [-3.0, 100.0, None]


def test_slow_packages_are_loaded_only_where_they_are_used():
    slow = ("statsmodels", "scipy.stats", "numba", "pandas")
    script = f"import sys, indicators.methods; print([m for m in {slow!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
