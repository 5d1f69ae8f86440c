"""Changes follow the calendar, not the row above."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from indicators.frames import ContractError
from indicators.rebase import changes

MONTHS = pl.date_range(date(2023, 1, 1), date(2026, 10, 1), "1mo", eager=True)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 1000), min_size=len(MONTHS), max_size=len(MONTHS)), st.randoms(use_true_random=False))
def test_changes_are_shifts_of_a_full_series_in_any_row_order(values, random):
    series = pl.DataFrame({"period": MONTHS, "index": [value / 8 for value in values]})
    expected = series.with_columns(
        change_month=pl.col("index") - pl.col("index").shift(1), change_year=pl.col("index") - pl.col("index").shift(12)
    )
    order = list(range(series.height))
    random.shuffle(order)
    assert_frame_equal(changes(series[order], "index"), expected[order])


def test_month_changes_of_a_year_add_up_to_the_year_change():
    series = pl.DataFrame({"period": MONTHS, "index": [50 + (i * 7 % 13) / 2 for i in range(len(MONTHS))]})
    result = changes(series, "index")
    assert result["change_month"].tail(12).sum() == pytest.approx(result["change_year"][-1])


def test_groups_without_a_name_are_series_too_and_columns_keep_their_order():
    series = pl.DataFrame(
        {
            "note": ["a", "b", "c", "d"],
            "district_code": [None, None, "110105", "110105"],
            "index": [1.0, 3.0, 5.0, 4.0],
            "period": [MONTHS[0], MONTHS[1]] * 2,
        }
    )
    result = changes(series, "index", "district_code")
    assert result.columns == [*series.columns, "change_month", "change_year"]
    assert result["change_month"].to_list() == [None, 2.0, None, -1.0]
    assert result["change_year"].null_count() == 4


def test_earlier_changes_are_replaced():
    series = changes(pl.DataFrame({"period": MONTHS[:2], "a": [1.0, 2.0], "b": [5.0, 3.0]}), "a")
    assert changes(series, "b")["change_month"].to_list() == [None, -2.0]


def test_one_row_and_no_row():
    one = pl.DataFrame({"period": MONTHS[:1], "index": [50]})
    assert changes(one, "index").row(0) == (MONTHS[0], 50.0, None, None)
    assert changes(one.clear(), "index").schema == changes(one, "index").schema


def test_a_month_given_twice_is_refused():
    twice = pl.DataFrame({"period": [MONTHS[0]] * 2, "index": [1.0, 2.0], "city_id": ["a", "b"]})
    assert changes(twice, "index", ["city_id"])["change_month"].null_count() == 2
    with pytest.raises(ContractError, match="column period, row 2: 2023-01-01 was given in an earlier row"):
        changes(twice, "index")


def test_missing_columns_and_texts_are_refused():
    with pytest.raises(ContractError, match="column index is missing"):
        changes(pl.DataFrame({"period": MONTHS[:1]}), "index")
    with pytest.raises(ContractError, match="column index: dtype is String, first value '5'"):
        changes(pl.DataFrame({"period": MONTHS[:1], "index": ["5"]}), "index")
    with pytest.raises(ContractError, match="column city_id is missing"):
        changes(pl.DataFrame({"period": MONTHS[:1], "index": [5.0]}), "index", "city_id")
