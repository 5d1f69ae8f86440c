"""Means and Copeland scores: COINr's values, bounds, missing scores, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from indicators.cities.aggregation import (
    aggregated_values,
    arithmetic_mean,
    copeland,
    descending_rank,
    geometric_mean,
    harmonic_mean,
    wide,
)
from indicators.frames import ContractError

FACTS = Path(__file__).parents[3].parent / "shared" / "facts"
PILLAR = ("LPI", "Flights", "Ship", "Bord", "Elec", "Gas", "ConSpeed", "Cov4G")
small = settings(max_examples=60, deadline=None)
tables = hnp.arrays(np.float64, st.tuples(st.integers(1, 8), st.just(4)), elements=st.floats(1, 100))
weights = hnp.arrays(np.float64, 4, elements=st.floats(0.1, 5))


@small
@given(tables, weights)
def test_the_means_are_ordered_and_inside_the_scores(x, w):
    harmonic, geometric, arithmetic = harmonic_mean(x, w), geometric_mean(x, w), arithmetic_mean(x, w)
    assert (x.min(axis=1) <= harmonic + 1e-9).all()
    assert (harmonic <= geometric + 1e-9).all()
    assert (geometric <= arithmetic + 1e-9).all()
    assert (arithmetic <= x.max(axis=1) + 1e-9).all()
    for function in (harmonic_mean, geometric_mean, arithmetic_mean):
        assert np.allclose(function(x, w), function(x, 7 * w))


@small
@given(tables, weights, st.integers(0, 3))
def test_a_missing_score_is_as_if_it_had_no_weight(x, w, column):
    holed, lighter = x.copy(), w.copy()
    holed[:, column], lighter[column] = np.nan, 0.0
    for function in (harmonic_mean, geometric_mean, arithmetic_mean):
        assert np.allclose(function(holed, w), function(x, lighter))
    assert np.isnan(arithmetic_mean(np.full((1, 4), np.nan), w)).all()
    assert np.isnan(copeland(holed, w)).all()


@small
@given(tables, weights)
def test_copeland_is_a_tournament(x, w):
    score = copeland(x, w)
    assert score.sum() == 0
    assert (np.abs(score) <= len(x) - 1).all()
    assert (copeland(-x, w) == -score).all()


def test_half_of_the_weight_is_a_draw():
    assert copeland(np.array([[1.0, 2.0], [2.0, 1.0]]), np.array([1.0, 1.0])).tolist() == [0.0, 0.0]
    assert copeland(np.array([[1.0, 1.0, 1.0], [1.0, 1.0, 1.0]]), np.array([0.1, 0.2, 0.3])).tolist() == [0.0, 0.0]


def scores(*cells: tuple[str, str, float | None], **more: list) -> pl.DataFrame:
    return pl.DataFrame(cells, schema=["city_id", "indicator_id", "value"], orient="row").with_columns(**more)


def test_ranks_ties_and_counts():
    table = scores(("a", "x", 5.0), ("a", "y", None), ("b", "x", 5.0), ("b", "y", 5.0), ("c", "y", 1.0))
    assert aggregated_values(table).rows() == [("a", 5.0, 1, 1, 2), ("b", 5.0, 1, 2, 2), ("c", 1.0, 3, 1, 2)]
    assert aggregated_values(table, "copeland")["score"].to_list() == [None, 0.0, None]


def test_the_order_of_summing_decides_no_rank():
    tied = pl.DataFrame({"s": [0.1 + 0.2, 0.3, None, 0.4]})
    assert tied.select(descending_rank("s"))["rank"].to_list() == [2, 2, None, 1]


def test_wide_puts_every_value_in_its_place():
    table = scores(("b", "y", 1.0), ("a", "x", 2.0), ("b", "z", 9.0))
    cities, names, x = wide(table, ["x", "y", "none"])
    assert (cities, names) == (["a", "b"], ["x", "y", "none"])
    assert np.array_equal(x, [[2, np.nan, np.nan], [np.nan, 1, np.nan]], equal_nan=True)


@pytest.mark.parametrize(
    ("kind", "more", "sentence"),
    [
        ("median", {}, "kind 'median' is not accepted; accepted: arithmetic, geometric, harmonic, copeland"),
        ("geometric", {}, "a score is zero or less; accepted for the geometric mean: above 0"),
        ("harmonic", {}, "accepted for the harmonic mean: above 0"),
        ("arithmetic", {"weight": pl.Series([1.0, 2.0])}, "indicator 'x' has 2 weights"),
        ("arithmetic", {"weight": pl.Series([0.0, 0.0])}, "all weights are 0"),
    ],
)
def test_what_is_refused(kind, more, sentence):
    with pytest.raises(ContractError, match=sentence):
        aggregated_values(scores(("a", "x", 0.0), ("b", "x", 1.0), **more), kind)


CASES = {
    "agg_amean_w1..n(Physical)": arithmetic_mean,
    "agg_gmean_w1..n(Physical,complete)": geometric_mean,
    "agg_hmean_w1..n(Physical,complete)": harmonic_mean,
    "agg_copeland_w1..n(Physical,complete)": copeland,
}


@pytest.mark.reference
@pytest.mark.skipif(not FACTS.exists(), reason="the facts files are not here")
@pytest.mark.parametrize("case", CASES)
def test_coinr_values(case):
    inputs = pl.read_csv(FACTS / "composite_vectors_coinr_functions_inputs.csv")
    parts = [inputs.filter(pl.col("case") == f"input_norm1_100_{name}") for name in PILLAR]
    found = CASES[case](np.column_stack([part["value"] for part in parts]), np.arange(1.0, 9.0))
    values = dict(zip(parts[0]["element"], found, strict=True))
    expected = pl.read_csv(FACTS / "composite_vectors_coinr_functions.csv").filter(pl.col("case") == case)
    assert expected.height >= 26
    assert [values[key] for key in expected["element"]] == pytest.approx(expected["value"].to_list(), abs=1e-9, rel=0)
