"""Weights from the data, TOPSIS and VIKOR: the printed examples, their symmetries, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from indicators.cities.agreement import similarity, spearman
from indicators.cities.multi_criteria import (
    critic_weights,
    derived_weights,
    entropy_weights,
    multi_criteria_scores,
    topsis,
    variation_weights,
    vikor,
)
from indicators.frames import ContractError

FACTS = Path(__file__).parents[3].parent / "shared" / "facts" / "composite_vectors_mcdm.csv"
small = settings(max_examples=60, deadline=None)
tables = hnp.arrays(np.float64, st.tuples(st.integers(2, 7), st.just(3)), elements=st.integers(1, 100).map(float))
UP = np.ones(3)


@small
@given(tables)
def test_weights_sum_to_one_and_are_not_negative(x):
    for function in (entropy_weights, critic_weights, variation_weights):
        weight = function(x)
        assert weight.sum() == pytest.approx(1.0)
        assert (weight >= 0).all()
    assert np.allclose(entropy_weights(x * 3.5), entropy_weights(x), atol=1e-6)


@small
@given(tables, hnp.arrays(np.float64, 3, elements=st.floats(0.1, 5)))
def test_a_city_that_is_best_on_everything_wins(x, w):
    x = np.vstack([x, x.max(axis=0) + 1.0, x.min(axis=0) - 0.5])
    near, far = topsis(x, w, UP), vikor(x, w, UP)
    assert (near[-2], near[-1]) == pytest.approx((1.0, 0.0))
    assert (far[-2], far[-1]) == pytest.approx((0.0, 1.0))
    assert ((near >= 0) & (near <= 1)).all()
    assert ((far >= -1e-12) & (far <= 1 + 1e-12)).all()
    assert np.allclose(vikor(-x, w, -UP), far)
    assert np.allclose(topsis(x, 9 * w, UP), near)


def test_no_differences():
    same = np.full((3, 2), 4.0)
    for function in (entropy_weights, critic_weights, variation_weights):
        assert function(same).tolist() == [0.5, 0.5]
    assert np.isnan(topsis(same, np.ones(2), np.ones(2))).all()
    assert vikor(same, np.ones(2), np.ones(2)).tolist() == [0.0] * 3
    assert variation_weights(np.array([[1.0, 2.0]])).tolist() == [0.5, 0.5]


def rows(**more: object) -> pl.DataFrame:
    base = {"city_id": ["a", "b", "a", "b"], "indicator_id": ["x", "x", "y", "y"], "value": [1.0, 3.0, 5.0, 2.0]}
    return pl.DataFrame(base | more)


def test_direction_turns_a_criterion():
    one = multi_criteria_scores(rows(direction=[1, 1, -1, -1]))
    assert one.select("city_id", "score", "rank").rows() == [("a", 0.0, 2), ("b", 1.0, 1)]
    assert multi_criteria_scores(rows(direction=[1, 1, -1, -1]), "vikor")["rank"].to_list() == [2, 1]


@pytest.mark.parametrize(
    ("table", "options", "sentence"),
    [
        (rows(), {"kind": "ahp"}, "kind 'ahp' is not accepted; accepted: topsis, vikor"),
        (rows(), {"kind": "vikor", "majority": 2.0}, "majority 2 is not accepted"),
        (rows().head(3), {}, "b has no value of y; accepted: every cell"),
        (rows(weight=[1.0, 2.0, 1.0, 1.0]), {}, "criterion 'x' has two values"),
        (rows(weight=[0.0] * 4), {}, "all weights are 0"),
    ],
)
def test_what_is_refused(table, options, sentence):
    with pytest.raises(ContractError, match=sentence):
        multi_criteria_scores(table, **options)


@pytest.mark.parametrize(
    ("values", "kind", "sentence"),
    [
        ([1.0, -3.0, 5.0, 2.0], "entropy", "a value is below 0"),
        ([0.0, 0.0, 5.0, 2.0], "entropy", "only zeros"),
        ([1.0, -3.0, 5.0, 2.0], "variation", "the mean of a criterion is 0 or less"),
        ([1.0, 3.0, 5.0, 2.0], "ahp", "kind 'ahp' is not accepted; accepted: entropy, critic, variation"),
    ],
)
def test_weights_refused(values, kind, sentence):
    with pytest.raises(ContractError, match=sentence):
        derived_weights(rows(value=values), kind)


METHODS = {
    "entropy_weights": lambda x, t, w, p: entropy_weights(x),
    "critic_weights": lambda x, t, w, p: critic_weights(x, np.ones(x.shape[1]) if "note" in p else t),
    "coefficient_of_variation_weights": lambda x, t, w, p: variation_weights(x),
    "topsis": lambda x, t, w, p: topsis(x, w, t),
    "vikor": lambda x, t, w, p: vikor(x, w, t, p["v"]),
    "rank_correlation_spearman": lambda x, t, w, p: [spearman(x[0], x[1])],
    "rank_similarity_WS": lambda x, t, w, p: [similarity(x[0], x[1])],
}


@pytest.mark.reference
@pytest.mark.skipif(not FACTS.exists(), reason="the facts file is not here")
def test_every_printed_example():
    cases = pl.read_csv(FACTS).to_dicts()
    assert len(cases) == 8
    for case in cases:
        x, types = np.array(json.loads(case["matrix_json"]), dtype=float), np.array(json.loads(case["types_json"]))
        weights = np.array(json.loads(case["weights_json"] or "[]") or [1.0])
        found = METHODS[case["method"]](x, types, weights, json.loads(case["params_json"]))
        printed = json.loads(case["expected_json"])
        half = 0.5 * 10.0 ** -case["decimals"]
        assert list(found) == pytest.approx(printed, abs=half + 1e-9), case["case_id"]
