"""Outliers: COINr's skewness, kurtosis, winsorising and logarithm; treatment changes only what it must."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy import stats

from indicators.cities.outliers import Limits, excess_kurtosis, logarithm, skewness, treated_values, winsorised
from indicators.frames import ContractError

FACTS = Path(__file__).parents[3].parent / "shared" / "facts"
small = settings(max_examples=60, deadline=None)
columns = hnp.arrays(np.float64, st.integers(4, 30), elements=st.integers(-1000, 1000).map(float))


@small
@given(columns)
def test_moments_agree_with_scipy(x):
    if np.ptp(x) == 0:
        assert np.isnan(skewness(x))
        assert np.isnan(excess_kurtosis(x))
        return
    assert skewness(x) == pytest.approx(stats.skew(x, bias=False), abs=1e-9)
    assert excess_kurtosis(x) == pytest.approx(stats.kurtosis(x, bias=False), abs=1e-8)


@small
@given(columns, st.integers(0, 6))
def test_winsorising_only_moves_the_ends_inwards(x, most):
    changed, n = winsorised(x, Limits(most=most))
    assert (changed != x).sum() == n
    assert changed.min() >= x.min()
    assert changed.max() <= x.max()
    assert n == 0 or changed.max() - changed.min() < x.max() - x.min()
    again, _ = winsorised(-x, Limits(most=most))
    assert np.array_equal(again, -changed) or abs(skewness(x)) < 1e-9 or abs(skewness(changed)) < 1e-9


def test_missing_stays_missing():
    x = np.array([1.0, 2.0, 3.0, 4.0, 5.0, np.nan, 6.0, 500.0])
    changed, n = winsorised(x)
    assert np.isnan(changed[5])
    assert (changed[7], n) == (6.0, 1)
    assert np.isnan(logarithm(x)[5])
    assert np.isnan(logarithm(np.array([2.0, 2.0]))).all()
    assert logarithm(np.array([np.nan])).size == 1


def test_low_outliers_are_raised_and_ties_go_together():
    changed, n = winsorised(np.array([-500.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]))
    assert (changed[0], n) == (1.0, 1)
    tied, n = winsorised(np.array([*range(1, 31), 900.0, 900.0]))
    assert n == 2
    assert tied[-2:].tolist() == [30.0, 30.0]


def table(values: list[float]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "city_id": [f"c{i}" for i in range(len(values))],
            "indicator_id": ["x"] * len(values),
            "value": values,
        },
        schema_overrides={"value": pl.Float64},
    )


def test_a_logarithm_where_winsorising_is_not_enough():
    values = [1.0] * 20 + [2.0, 3.0, 900.0, 2000.0, 5000.0]
    result = treated_values(table(values), Limits(most=1))
    assert result["treatment"].unique().to_list() == ["log"]
    assert result["treated"].to_list() == pytest.approx(logarithm(np.array(values)).tolist())
    assert result["n_changed"].unique().to_list() == [0]
    assert result["skewness"][0] > result["skewness_after"][0]


def test_few_or_equal_values_are_left_alone():
    for values in ([1.0, 2.0, 900.0], [3.0] * 6, []):
        result = treated_values(table(values))
        assert result["treated"].to_list() == values
        assert set(result["treatment"]) <= {"none"}
        assert result["kurtosis"].null_count() == len(values)
    with pytest.raises(ContractError, match="most -1"):
        treated_values(table([1.0]), Limits(most=-1))


@pytest.mark.reference
@pytest.mark.skipif(not FACTS.exists(), reason="the facts files are not here")
@pytest.mark.parametrize("name", ["Goods", "Flights"])
def test_coinr_values(name):
    inputs = pl.read_csv(FACTS / "composite_vectors_coinr_functions_inputs.csv").filter(
        pl.col("case") == f"input_raw_{name}"
    )
    told = pl.read_csv(FACTS / "composite_vectors_coinr_functions.csv")
    x, names = inputs["value"].to_numpy(), inputs["element"].to_list()
    changed, n = winsorised(x)
    for case, found in (
        (f"winsorised_winmax5_skew2_kurt3.5({name})", changed),
        (f"log_CT({name})", logarithm(x)),
    ):
        expected = told.filter(pl.col("case") == case)
        values = dict(zip(names, found, strict=True))
        assert expected.height >= 26
        assert [values[key] for key in expected["element"]] == pytest.approx(expected["value"].to_list(), abs=1e-9)
    figures = {"skewness_G1_raw": skewness(x), "excess_kurtosis_G2_raw": excess_kurtosis(x), "winsorise_n_points": n}
    figures |= {"skewness_G1_after_winsorise": skewness(changed)}
    figures |= {"excess_kurtosis_G2_after_winsorise": excess_kurtosis(changed)}
    for case, found in figures.items():
        expected = told.filter(pl.col("case") == case, pl.col("element") == name)
        assert expected.height == (name == "Goods")
        assert expected["value"].to_list() == pytest.approx([found] * expected.height, abs=1e-9)
