"""Response accounting, item response, and the change of the same parks."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from indicators.coding import coded
from indicators.frames import ContractError
from indicators.panel import item_response, matched_change, response_accounting
from indicators.prosperity import prosperity_index
from indicators.rebase import changes

ITEMS = pl.DataFrame({"item_id": ["rent", "cost", "mood"], "direction": [1, -1, 1], "weight": [0.6, 0.4, 0.0]})
SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)
FRAME = pl.DataFrame({"park_id": ["a", "b", "c", "d"], "district": ["x", "x", "y", "z"]})
FIGURES = ["headline_change", "matched_change", "composition_effect"]


def answers_of(rows: list[tuple], *more: str) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["period", "park_id", "item_id", "answer", *more], orient="row")


def survey(seed: int, rate: float = 0.7, parks: int = 12) -> pl.DataFrame:
    random = np.random.default_rng(seed)
    months = [date(2025, 10, 1), date(2026, 8, 1), SEPTEMBER, OCTOBER]
    grid = pl.DataFrame({"period": months}).join(
        pl.DataFrame({"park_id": [f"P{i}" for i in range(parks)]}), how="cross"
    )
    answering = grid.filter(pl.Series(random.random(grid.height) < rate)).join(ITEMS.select("item_id"), how="cross")
    n = answering.height
    return answering.with_columns(
        answer=pl.Series(np.array(["up", "same", "down"])[random.integers(0, 3, n)]),
        weight=pl.Series(random.integers(1, 5, n) / 2),
        district=pl.when(pl.col("park_id") < "P4").then(pl.lit("x")).otherwise(pl.lit("y")),
    ).filter(pl.Series(random.random(n) < 0.9))


def test_parks_asked_and_answering_are_counted_by_district():
    answers = answers_of([(OCTOBER, "a", "rent", "up"), (OCTOBER, "b", "rent", None), (OCTOBER, "c", "cost", "down")])
    result = response_accounting(FRAME, answers, ["period", "district"])
    assert result.rows() == [
        (OCTOBER, "x", 2, 2, 1, 50.0),
        (OCTOBER, "y", 1, 1, 1, 100.0),
        (OCTOBER, "z", 1, 1, 0, 0.0),
    ]
    assert response_accounting(FRAME, answers).row(0) == (OCTOBER, 4, 4, 2, 50.0)


def test_the_frame_may_change_and_not_everybody_is_asked():
    frame = pl.DataFrame(
        {
            "period": [SEPTEMBER, SEPTEMBER, OCTOBER, OCTOBER],
            "park_id": ["a", "b", "a", "c"],
            "invited": [True, True, True, False],
        }
    )
    answers = answers_of([(SEPTEMBER, "a", "rent", "up"), (OCTOBER, "a", "rent", "up")])
    assert response_accounting(frame, answers).rows() == [(SEPTEMBER, 2, 2, 1, 50.0), (OCTOBER, 2, 1, 1, 100.0)]
    assert response_accounting(frame, answers, ()).row(0) == (4, 3, 2, pytest.approx(200 / 3))
    nobody = response_accounting(frame.with_columns(invited=pl.lit(value=False)), answers.clear())
    assert nobody.select("n_invited", "response_rate_pct").rows() == [(0, None), (0, None)]
    stranger = answers_of([(OCTOBER, "c", "rent", "up")])
    with pytest.raises(
        ContractError, match=r"frame: park 'c' answered in 2026-10 but is not among the parks .* \(1 such"
    ):
        response_accounting(frame, stranger)


def test_a_frame_is_checked():
    answers = answers_of([(OCTOBER, "q", "rent", "up")])
    with pytest.raises(ContractError, match="park 'q' answered in 2026-10 but is not among the parks that were asked"):
        response_accounting(FRAME, answers)
    with pytest.raises(ContractError, match="frame: column park_id, row 5: 'a' was given in an earlier row"):
        response_accounting(pl.concat([FRAME, FRAME[:1]]), answers)
    with pytest.raises(ContractError, match="frame: column city is missing"):
        response_accounting(FRAME, answers, ["period", "city"])


def test_weights_of_0_are_no_answers():
    answers = answers_of([(OCTOBER, "a", "rent", "up", 0.0), (OCTOBER, "b", "rent", "up", 1.0)], "weight")
    assert response_accounting(FRAME, answers)["n_answered"].item() == 1
    assert item_response(FRAME, answers)["n_valid"].item() == 1


def test_item_response_counts_every_question_in_every_cell():
    answers = answers_of([(OCTOBER, "a", "rent", "up"), (OCTOBER, "b", "rent", None), (OCTOBER, "b", "cost", "up")])
    result = item_response(FRAME, answers, ["period", "district"])
    assert result.drop("period").rows() == [
        ("x", "cost", 2, 1, 50.0),
        ("x", "rent", 2, 1, 50.0),
        ("y", "cost", 0, 0, None),
        ("y", "rent", 0, 0, None),
        ("z", "cost", 0, 0, None),
        ("z", "rent", 0, 0, None),
    ]


def by_hand(answers: pl.DataFrame, by: list[str], months: int) -> pl.DataFrame:
    """The index of the paired answers alone, each month once as the later and once as the earlier one."""
    later = answers.with_columns(pl.col("period").dt.offset_by(f"{months}mo"))
    keys = ["period", "park_id", "item_id", *by]
    now, before = answers.join(later, on=keys, how="semi"), later.join(answers, on=keys, how="semi")
    ends = [prosperity_index(end, ITEMS, ["period", *by]).drop("n_answers") for end in (now, before)]
    joined = ends[0].join(ends[1], on=["period", *by], suffix="_before")
    change = pl.col("prosperity_index") - pl.col("prosperity_index_before")
    return joined.select("period", *by, change.alias("matched_change"), n_matched="n_parks")


@settings(max_examples=20, deadline=None)
@given(
    st.integers(0, 10**6),
    st.sampled_from([0.2, 0.7, 1.0]),
    st.sampled_from([[], ["district"]]),
    st.sampled_from([1, 12]),
)
def test_matched_change_is_the_change_of_the_paired_answers(seed, rate, by, months):
    answers = survey(seed, rate)
    result = matched_change(answers, ITEMS, ["period", *by], months=months)
    expected = by_hand(answers, by, months)
    shared = result.join(expected.filter(pl.col("n_matched") > 0), on=["period", *by], suffix="_hand")
    assert shared["matched_change"].to_list() == pytest.approx(shared["matched_change_hand"].to_list(), nan_ok=True)
    assert shared["n_matched"].to_list() == shared["n_matched_hand"].to_list()
    index = prosperity_index(answers, ITEMS, ["period", *by])
    column = {1: "change_month", 12: "change_year"}[months]
    headline = changes(index, "prosperity_index", by)[column]
    assert result["headline_change"].to_list() == pytest.approx(headline.to_list())
    gap = result["headline_change"] - result["matched_change"] - result["composition_effect"]
    assert gap.drop_nulls().abs().max() in (None, pytest.approx(0, abs=1e-9))


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6))
def test_names_order_and_a_park_in_two_halves_change_nothing(seed):
    answers = survey(seed)
    plain = matched_change(answers, ITEMS)
    renamed = answers.with_columns("park " + pl.col("park_id")).sample(fraction=1.0, shuffle=True, seed=seed)
    assert_frame_equal(matched_change(renamed, ITEMS[::-1]), plain, abs_tol=1e-9)
    half = answers.filter(pl.col("park_id") == "P1").with_columns(pl.col("weight") / 2)
    twice = pl.concat([answers.filter(pl.col("park_id") != "P1"), half, half.with_columns(park_id=pl.lit("P1b"))])
    assert_frame_equal(matched_change(twice, ITEMS).select(FIGURES), plain.select(FIGURES), abs_tol=1e-9)


def test_the_same_parks_leave_no_composition_effect():
    answers = survey(1, rate=1.0).filter(pl.col("park_id") != "P3")
    complete = answers.filter(pl.len().over("park_id", "item_id") == 4)
    effects = matched_change(complete, ITEMS)["composition_effect"].drop_nulls()
    assert effects.abs().max() == pytest.approx(0, abs=1e-9)


def test_parks_far_between_are_matched_without_a_table(monkeypatch):
    answers = survey(2)
    plain = matched_change(answers, ITEMS, ["period", "district"])
    monkeypatch.setattr("indicators.panel.roomy", lambda size, taken: False)
    assert_frame_equal(matched_change(answers, ITEMS, ["period", "district"]), plain)


def test_attributes_and_coded_answers_give_the_same():
    answers = survey(3)
    parks = answers.select("park_id", "district").unique()
    plain = matched_change(answers, ITEMS, ["period", "district"])
    assert_frame_equal(matched_change(answers.drop("district"), ITEMS, "district", parks), plain)
    assert_frame_equal(matched_change(coded(answers, ITEMS), ITEMS, "district", parks), plain)


def test_joined_and_left_are_unknown_where_the_earlier_month_is_missing():
    answers = answers_of([(date(2026, 7, 1), "a", "rent", "up"), (SEPTEMBER, "a", "rent", "up")])
    result = matched_change(answers, ITEMS)
    assert result.select("n_matched", "n_joined", "n_left").rows() == [(0, None, None)] * 2
    assert result.select(FIGURES).null_count().row(0) == (2, 2, 2)
    with pytest.raises(ContractError, match="months 0 is not accepted"):
        matched_change(answers, ITEMS, months=0)
    assert matched_change(answers.clear(), ITEMS).schema == result.schema
