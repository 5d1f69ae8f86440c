"""Normalisation functions: COINr's values, order and scale kept, missing never a number."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from indicators.cities.normalise import (
    METHODS,
    borda,
    distance_to_max,
    distance_to_target,
    fraction_of_max,
    goalposts,
    min_max,
    normalised_values,
    percent_rank,
    ranks,
    scaled,
    z_score,
)
from indicators.frames import ContractError

FACTS = Path(__file__).parents[3].parent / "shared" / "facts"
small = settings(max_examples=60, deadline=None)
columns = hnp.arrays(np.float64, st.integers(2, 30), elements=st.floats(-1e6, 1e6).map(lambda x: round(x, 3)))
holes = st.integers(0, 3)


@small
@given(columns, holes, st.floats(0.01, 100), st.floats(-100, 100))
def test_order_scale_and_holes(x, gaps, factor, shift):
    x = x.copy()
    x[: min(gaps, x.size - 1)] = np.nan
    known = np.isfinite(x)
    for function in (min_max, z_score, ranks, borda, percent_rank, distance_to_max):
        y = function(x)
        assert (np.isfinite(y) <= known).all()
        if np.isfinite(y).any():
            order = np.argsort(x[known], kind="stable")
            assert (np.diff(y[known][order]) >= -1e-9).all()
    spread = np.ptp(x[known])
    if spread > 1e-3 * max(1.0, np.abs(x[known]).max()):
        for function in (min_max, z_score, distance_to_max):
            assert np.allclose(function(x * factor + shift), function(x), equal_nan=True, atol=1e-4)
        assert np.isclose(np.nanmin(min_max(x)), 0.0)
        assert np.isclose(np.nanmax(min_max(x)), 100.0)
        assert np.isclose(np.nanmean(z_score(x, 10, 2)), 10.0)
        assert np.isclose(np.nanstd(z_score(x, 10, 2), ddof=1), 2.0)


def test_no_spread_and_one_value_have_no_scores():
    for function in (min_max, z_score, distance_to_max):
        assert np.isnan(function(np.array([0.1, 0.1, 0.1]))).all()
        assert np.isnan(function(np.array([5.0]))).all()
        assert np.isnan(function(np.array([np.nan, np.nan]))).all()
    assert np.isnan(percent_rank(np.array([5.0]))).all()
    assert np.isnan(fraction_of_max(np.array([0.0, -1.0]))).all()


def test_columns_are_normalised_each_on_its_own():
    x = np.array([[1.0, 10.0], [2.0, np.nan], [3.0, 30.0]])
    assert np.array_equal(min_max(x), [[0, 0], [50, np.nan], [100, 100]], equal_nan=True)
    assert np.array_equal(ranks(x), [[1, 1], [2, np.nan], [3, 2]], equal_nan=True)
    assert np.array_equal(percent_rank(x), [[0, 0], [0.5, np.nan], [1, 1]], equal_nan=True)
    assert np.allclose(z_score(x)[:, 0], [-1, 0, 1])


def test_goalposts_cut_and_turn():
    assert goalposts(np.array([0.0, 5.0, 20.0]), 10.0, 0.0).tolist() == [1.0, 0.5, 0.0]
    assert np.isnan(goalposts(np.array([1.0]), 2.0, 2.0)).all()
    assert scaled(np.array([20.0]), 0.0, 10.0).tolist() == [200.0]
    assert distance_to_target(np.array([0.0, 10.0]), 5.0).tolist() == [0.0, 2.0]


def rows(*values: float | None, direction: int = 1) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "city_id": list("abcdefgh")[: len(values)],
            "indicator_id": ["x"] * len(values),
            "value": values,
            "direction": [direction] * len(values),
        },
        schema_overrides={"value": pl.Float64},
    )


@pytest.mark.parametrize("method", METHODS)
def test_less_is_better_turns_every_method(method):
    options = {"low": 0.0, "high": 10.0} if method in ("goalposts", "scaled") else {}
    options |= {"target": 4.0} if method.startswith("distance_to_target") else {}
    options |= {"reference": "b"} if method == "distance_to_reference" else {}
    result = normalised_values(rows(2.0, 4.0, None, 9.0, direction=-1), method, **options)
    assert result["n"].to_list() == [3] * 4
    best, middle, none, worst = result["normalised"]
    assert none is None
    if method == "fraction_of_max":
        assert (best, middle, worst) == (1.0, 2.0, 4.5)
    elif method == "distance_to_target_capped":
        assert best == middle == 1.0 > worst
    else:
        assert best > middle > worst


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"method": "sigmoid"}, "method 'sigmoid' is not accepted; accepted: min_max, z_score"),
        ({"method": "goalposts", "low": 1.0}, "low, high '1.0, None' is not accepted; accepted: two different numbers"),
        ({"method": "scaled", "low": 1.0, "high": 1.0}, "two different numbers"),
        ({"method": "distance_to_target"}, "target 'None' is not accepted"),
        ({"method": "distance_to_reference", "reference": "z"}, "reference 'z' is not accepted"),
    ],
)
def test_what_is_refused(options, sentence):
    with pytest.raises(ContractError, match=sentence):
        normalised_values(rows(1.0, 2.0), **options)


CASES = {
    "n_minmax_0_100(LPI)": lambda x, names: min_max(x),
    "n_zscore_m10_sd2(LPI)": lambda x, names: z_score(x, 10, 2),
    "n_rank_average(LPI)": lambda x, names: ranks(x),
    "n_borda_min(LPI)": lambda x, names: borda(x),
    "n_prank(LPI)": lambda x, names: percent_rank(x),
    "n_fracmax(LPI)": lambda x, names: fraction_of_max(x),
    "n_dist2max(LPI)": lambda x, names: distance_to_max(x),
    "n_dist2ref_iref1_AUS(LPI)": lambda x, names: distance_to_target(x, x[names.index("AUS")]),
    "n_goalposts_2_4_1(LPI)": lambda x, names: goalposts(x, 2, 4),
    "n_dist2targ_4_cap(LPI)": lambda x, names: distance_to_target(x, 4, capped=True),
    "n_scaled_1_5(LPI)": lambda x, names: scaled(x, 1, 5),
}


@pytest.mark.reference
@pytest.mark.skipif(not FACTS.exists(), reason="the facts files are not here")
@pytest.mark.parametrize("case", CASES)
def test_coinr_values(case):
    inputs = pl.read_csv(FACTS / "composite_vectors_coinr_functions_inputs.csv").filter(pl.col("case") == "input_LPI")
    expected = pl.read_csv(FACTS / "composite_vectors_coinr_functions.csv").filter(pl.col("case") == case)
    names = inputs["element"].to_list()
    found = dict(zip(names, CASES[case](inputs["value"].to_numpy(), names), strict=True))
    assert expected.height >= 26
    assert [found[name] for name in expected["element"]] == pytest.approx(expected["value"].to_list(), abs=1e-9, rel=0)
