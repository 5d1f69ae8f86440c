"""Runs on one side of neutral, averages, and since when a figure was not as high or low."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from indicators.frames import ContractError
from indicators.runs import runs

FACTS = Path(__file__).parents[2].parent / "shared" / "facts" / "index_validation_shares_dev.csv"


def series(values: list[float | None], first: date = date(2026, 1, 1)) -> pl.DataFrame:
    months = pl.date_range(first, first.replace(year=first.year + 20), "1mo", eager=True)[: len(values)]
    return pl.DataFrame({"period": months, "index": values}, schema={"period": pl.Date, "index": pl.Float64})


def test_a_run_counts_the_months_on_one_side():
    result = runs(series([49.0, 51.0, 52.0, 50.0, 50.0, 48.0]), "index")
    written = [f"{n}({side})" for n, side in result.select("n_run", "side").iter_rows()]
    assert written == ["1(-)", "1(+)", "2(+)", "1(=)", "2(=)", "1(-)"]


def test_figures_are_compared_as_published():
    values = series([50.04, 50.06, 49.96])
    assert runs(values, "index")["side"].to_list() == ["+", "+", "-"]
    assert runs(values, "index", places=1)["side"].to_list() == ["=", "+", "="]
    assert runs(values, "index", places=1)["highest_since"].to_list() == [None, None, date(2026, 2, 1)]
    noise = series([0.1 + 0.2 + 49.7])
    assert runs(noise, "index")["side"].item() == "="


def test_the_balance_scale_has_neutral_0():
    assert runs(series([-3.0, 2.0, 1.0]), "index", neutral=0.0)["n_run"].to_list() == [1, 1, 2]


def test_a_missing_month_or_value_ends_the_run():
    gap = series([51.0, 52.0, 53.0, 54.0]).filter(pl.col("period") != date(2026, 2, 1))
    assert runs(gap, "index")["n_run"].to_list() == [1, 1, 2]
    empty = runs(series([51.0, None, 53.0]), "index")
    assert empty["n_run"].to_list() == [1, None, 1]
    assert empty.row(1)[2:] == (None,) * 6
    assert empty["series_average"].to_list() == [51.0, None, 52.0]


def test_three_months_need_all_three():
    result = runs(series([50.0, 51.0, 52.0, None, 54.0]), "index")
    assert result["mean_3_months"].to_list() == [None, None, 51.0, None, None]


def test_highest_and_lowest_since():
    result = runs(series([55.0, 51.0, 53.0, 52.0, 54.0, 56.0, 50.0]), "index")
    assert [month and month.month for month in result["highest_since"]] == [None, 1, 1, 3, 1, None, 6]
    assert [month and month.month for month in result["lowest_since"]] == [None, None, 2, 2, 4, 5, None]


values = st.lists(st.one_of(st.none(), st.integers(40, 60).map(float)), max_size=30)


@settings(max_examples=50, deadline=None)
@given(values)
def test_since_is_the_latest_month_as_high_or_as_low(given_values):
    table = series(given_values)
    months, figures = table["period"].to_list(), table["index"].to_list()
    result = runs(table, "index")
    for row, figure in enumerate(figures):
        earlier = [(m, v) for m, v in zip(months[:row], figures[:row], strict=True) if v is not None]
        high = None if figure is None else max((m for m, v in earlier if v >= figure), default=None)
        low = None if figure is None else max((m for m, v in earlier if v <= figure), default=None)
        assert result.select("highest_since", "lowest_since").row(row) == (high, low)


@settings(max_examples=25, deadline=None)
@given(values, values)
def test_series_side_by_side_are_as_each_alone(one, two):
    named = [series(v).with_columns(city_id=pl.lit(c)) for v, c in ((one, "a"), (two, None))]
    both = pl.concat(named).sample(fraction=1.0, shuffle=True, seed=1)
    alone = pl.concat([runs(part, "index") for part in named])
    result = runs(both, "index", "city_id")
    assert result.select(both.columns).equals(both)
    assert_frame_equal(result, alone, check_row_order=False)


def test_running_twice_replaces_the_columns():
    once = runs(series([49.0, 51.0]), "index")
    assert_frame_equal(runs(once, "index"), once)


def test_bad_series_are_refused():
    with pytest.raises(ContractError, match="column index is missing"):
        runs(series([1.0]).drop("index"), "index")
    with pytest.raises(ContractError, match="was given in an earlier row"):
        runs(pl.concat([series([1.0]), series([2.0])]), "index")
    assert runs(series([]), "index").is_empty()


@pytest.mark.reference
@pytest.mark.skipif(not FACTS.exists(), reason="the reference files are not there")
def test_the_trend_column_of_dallas_tables_is_met():
    with FACTS.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["code"] in ("TMOS", "TSSOS") and row["trend_months"]]
    keyed = {(row["code"], row["horizon"], row["indicator"], row["period"]): row for row in rows}
    checked = 0
    for (code, horizon, indicator, period), row in keyed.items():
        year, month = map(int, period.split("-"))
        later = keyed.get((code, horizon, indicator, f"{year + month // 12}-{month % 12 + 1:02d}"))
        if later is None:
            continue
        trend, index = int(row["trend_months"]), float(row["published_index"])
        start = [index] * (abs(trend) - 1)
        table = series([*start, index, float(later["published_index"])], date(1990, 1, 1))
        n_run, side = runs(table, "index", neutral=0.0).select("n_run", "side").row(-1)
        if side != "=":
            assert (-n_run if side == "-" else n_run) == int(later["trend_months"])
            checked += 1
    assert checked >= 20
