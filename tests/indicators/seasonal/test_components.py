"""Shocks are written, read and turned into columns in one way."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from indicators.seasonal.components import (
    Components,
    SeasonalError,
    Shock,
    declared_shocks,
    month_name,
    months_between,
    usable_shocks,
)

JANUARY = date(2020, 1, 1)


def test_months_are_counted_across_years():
    assert months_between(date(2019, 11, 1), date(2021, 2, 1)) == 15
    assert month_name(date(2019, 11, 1), 15) == "2021-02"


def test_crisis_months_are_read_in_every_spelling_once():
    given = ["2020-02", " AO2020-03 ", "LS2020-04", "2020-05-01", date(2020, 6, 15), "2020-02"]
    assert [str(shock) for shock in declared_shocks(given)] == [
        "AO2020-02",
        "AO2020-03",
        "LS2020-04",
        "AO2020-05",
        "AO2020-06",
    ]


@pytest.mark.parametrize("month", ["2020", "2020-13", "TC2020-01", "covid", ""])
def test_other_texts_are_refused(month):
    with pytest.raises(SeasonalError, match=f"crisis month '{month}' is not accepted; accepted: a month written"):
        declared_shocks([month])


def test_shocks_outside_the_series_are_left_out():
    shocks = declared_shocks(["2019-12", "LS2020-01", "2020-01", "LS2020-02", "2020-12", "2021-01"])
    assert [str(shock) for shock in usable_shocks(shocks, JANUARY, 12)] == ["AO2020-01", "LS2020-02", "AO2020-12"]


def test_the_effect_is_the_sum_of_the_shocks():
    none = np.zeros(0)
    shocks = {Shock(date(2020, 2, 1), "AO"): 5.0, Shock(date(2020, 3, 1), "LS"): -2.0}
    parts = Components("structural", "none", none, none, shocks, (), none)
    assert parts.outlier_effect(JANUARY, 4).tolist() == [0.0, 5.0, -2.0, -2.0]
