"""Weights of the parks: capped, frozen by year, put on answers; weights that make up for silent parks."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.frames import ContractError
from indicators.prosperity import prosperity_index
from indicators.weights import frozen_weights, park_weights, response_weights, twins, weigh

small = settings(max_examples=30, deadline=None)

ITEMS = pl.DataFrame({"item_id": ["rent"], "direction": [1], "weight": [1.0]})


def sizes(*values: float | None) -> pl.DataFrame:
    parks = [f"p{number}" for number in range(len(values))]
    return pl.DataFrame({"park_id": parks, "size": values}, schema={"park_id": pl.String, "size": pl.Float64})


def survey(rows: list[tuple[date, str, str | None, str]]) -> pl.DataFrame:
    schema = {"period": pl.Date, "park_id": pl.String, "answer": pl.String, "district": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(item_id=pl.lit("rent"))


@small
@given(
    st.lists(st.floats(0.01, 1e6), min_size=1, max_size=60),
    st.sampled_from(["none", "sqrt", "size"]),
    st.floats(1, 100),
)
def test_weights_sum_to_1_keep_their_order_and_the_cap(values, kind, cap):
    result = park_weights(sizes(*values), kind, cap)
    assert result["weight"].sum() == pytest.approx(1)
    assert result["weight"].max() <= max(cap / 100, 1 / len(values)) + 1e-9
    ordered = result.with_columns(size=pl.Series(values)).sort("size")["weight"].to_list()
    assert all(a <= b + 1e-12 for a, b in pairwise(ordered))
    at_cap = result.filter("capped")["weight"]
    assert (at_cap - max(cap / 100, 1 / len(values))).abs().max() in (None, pytest.approx(0, abs=1e-9))


def test_the_cap_is_applied_again_until_none_is_above_it():
    result = park_weights(sizes(100, 30, 4, 3, 3), "size", 35)
    assert result["weight"].to_list() == pytest.approx([0.35, 0.35, 0.12, 0.09, 0.09])
    assert result["capped"].to_list() == [True, True, False, False, False]


def test_parks_without_a_size_and_a_cap_that_cannot_be_kept():
    assert park_weights(sizes(4, None, 16), "sqrt", 100)["weight"].to_list() == pytest.approx([2 / 9, 3 / 9, 4 / 9])
    assert park_weights(sizes(None, None), "size", 100)["weight"].to_list() == [0.5, 0.5]
    few = park_weights(sizes(9, 1, 1), "size", 10)
    assert few["weight"].to_list() == pytest.approx([1 / 3] * 3)
    assert few["capped"].all()
    assert park_weights(sizes()).is_empty()
    assert park_weights(sizes(5), "none", 100).row(0) == ("p0", 1.0, True, True)


@pytest.mark.parametrize(
    ("values", "kind", "cap", "sentence"),
    [
        ((1.0,), "area", 10, "kind 'area' is not accepted; accepted: none, sqrt, size"),
        ((1.0,), "size", 0, "cap_pct 0 is not accepted; accepted: above 0 and not above 100"),
        ((1.0, 0.0), "size", 10, "column size: park 'p1' has size 0; accepted: a number above 0, or empty"),
        ((-1.0,), "size", 10, "column size, row 1: -1.0 is not accepted"),
    ],
)
def test_wrong_sizes_are_refused(values, kind, cap, sentence):
    with pytest.raises(ContractError, match=sentence):
        park_weights(sizes(*values), kind, cap)


def test_a_year_is_frozen_by_itself_and_newcomers_weigh_the_mean():
    known = pl.DataFrame({"year": [2025, 2025, 2026], "park_id": ["a", "b", "a"], "size": [3.0, 1.0, 7.0]})
    weights = frozen_weights(known, "size", 100)
    answers = survey(
        [(date(2025, 1, 1), "a", "up", "x"), (date(2026, 1, 1), "a", "up", "x"), (date(2026, 2, 1), "b", "up", "x")]
    )
    assert weigh(answers, weights)["weight"].to_list() == [0.75, 1.0, 1.0]
    assert weigh(answers, weights.filter(year=2025).drop("year"))["weight"].to_list() == [0.75, 0.75, 0.25]
    with pytest.raises(ContractError, match="there are no weights for the year 2026"):
        weigh(answers, weights.filter(year=2025))
    with pytest.raises(ContractError, match="there are no weights for the year 2025"):
        weigh(answers, weights.drop("year").clear())
    assert frozen_weights(known.clear()).is_empty()


def test_the_unweighted_twin_stands_beside_the_weighted_index():
    answers = survey([(date(2026, 1, 1), park, answer, "x") for park, answer in (("a", "up"), ("b", "down"))])
    result = twins(answers, ITEMS, pl.DataFrame({"park_id": ["a", "b"], "weight": [0.8, 0.2]}))
    assert result.select(pl.exclude("period")).row(0) == (pytest.approx(80), 50.0, pytest.approx(30), 2, 2)


def test_response_weights_give_each_stratum_its_share_of_the_frame():
    month = date(2026, 1, 1)
    answers = survey(
        [(month, "a", "up", "x"), (month, "b", "up", "x"), (month, "c", "down", "y"), (month, "d", None, "y")]
    )
    frame = pl.DataFrame({"district": ["x", "y"], "n_frame": [5, 15]})
    weighed = response_weights(answers, frame, "period", "district")
    assert weighed["weight"].to_list() == [2.5, 2.5, 15.0, 15.0]
    assert prosperity_index(weighed, ITEMS, "period")["prosperity_index"].item() == pytest.approx(25)
    heavier = response_weights(answers.with_columns(weight=2.0), frame, "period", "district")
    assert heavier["weight"].to_list() == [5.0, 5.0, 30.0, 30.0]


@pytest.mark.parametrize(
    ("frame", "sentence"),
    [
        ({"district": ["x"], "n_frame": [5]}, "period 2026-01-01, district y: n_frame is missing"),
        ({"district": ["x", "y", "y"], "n_frame": [5, 5, 6]}, "district y: n_frame is given twice"),
        ({"district": ["x", "y"], "n_frame": [1, 5]}, "district x: 2 parks answered but n_frame is 1"),
        ({"n_frame": [5]}, "column district is missing"),
    ],
)
def test_frames_that_cannot_be_are_refused(frame, sentence):
    month = date(2026, 1, 1)
    answers = survey([(month, "a", "up", "x"), (month, "b", "up", "x"), (month, "c", "down", "y")])
    with pytest.raises(ContractError, match=sentence):
        response_weights(answers, pl.DataFrame(frame), "period", "district")
