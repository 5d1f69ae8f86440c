"""Shares of choices: they add up, the grid is complete, order and names of parks do not matter."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from indicators.balance import shares
from indicators.choice_shares import choice_shares
from indicators.frames import ContractError

WAVES = (date(2025, 6, 1), date(2026, 6, 1))
SCHEMA = {"period": pl.Date, "park_id": pl.String, "item_id": pl.String, "answer": pl.String}
CELLS = ["period", "item_id"]
small = settings(max_examples=30, deadline=None)


def answers_of(rows: list[tuple]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


@st.composite
def surveys(draw: st.DrawFn, choices: tuple[str | None, ...] = ("yes", "no", "partly", None)) -> pl.DataFrame:
    parks = draw(st.integers(1, 10))
    keys = [(wave, f"P{park:02}", item) for wave in WAVES for park in range(parks) for item in "xy"]
    return answers_of([(*key, draw(st.sampled_from(choices))) for key in keys])


@small
@given(surveys())
def test_shares_add_up_and_counts_are_the_answers(survey):
    result = choice_shares(survey, CELLS)
    totals = result.group_by(CELLS).agg(pl.col("share_pct", "n").sum(), pl.col("n_answers").first())
    assert (totals["n"] == totals["n_answers"]).all()
    filled = totals.filter(pl.col("n_answers") > 0)
    assert all(total == pytest.approx(100) for total in filled["share_pct"])
    assert result["n"].sum() == survey["answer"].count()
    assert result.filter(pl.col("n_answers") == 0)["share_pct"].null_count() == result.filter(n_answers=0).height


@small
@given(surveys())
def test_every_cell_has_every_choice_of_its_question(survey):
    result = choice_shares(survey, CELLS)
    for (item,), rows in survey.drop_nulls("answer").group_by("item_id"):
        expected = sorted(rows["answer"].unique())
        for wave in WAVES:
            assert result.filter(period=wave, item_id=item)["answer"].to_list() == expected


@small
@given(surveys(), st.randoms(use_true_random=False))
def test_the_order_and_the_names_of_the_parks_change_nothing(survey, chance):
    names = survey["park_id"].unique().sort().to_list()
    others = [f"Q{place}" for place in range(len(names))]
    chance.shuffle(others)
    renamed = survey.with_columns(pl.col("park_id").replace_strict(dict(zip(names, others, strict=True))))
    assert_frame_equal(choice_shares(renamed.sort("park_id", descending=True), CELLS), choice_shares(survey, CELLS))


@small
@given(surveys(("up", "same", "down", None)))
def test_on_three_levels_they_are_the_shares_of_the_monthly_survey(survey):
    levels = shares(survey, CELLS)
    for code in ("up", "same", "down"):
        one = choice_shares(survey, CELLS).filter(pl.col("answer") == code)
        both = levels.join(one, on=CELLS)
        assert (both["share_pct"] - both[f"{code}_pct"]).abs().max() in (None, pytest.approx(0, abs=1e-9))


def test_without_the_question_in_by_all_choices_meet():
    survey = answers_of([(WAVES[0], "a", "x", "yes"), (WAVES[0], "b", "x", "no"), (WAVES[1], "a", "y", "much")])
    assert choice_shares(survey, "period").select("answer", "n").rows() == [
        ("much", 0), ("no", 1), ("yes", 1), ("much", 1), ("no", 0), ("yes", 0),
    ]  # fmt: skip
    assert choice_shares(survey, ())["share_pct"].round(1).to_list() == [33.3, 33.3, 33.3]
    assert choice_shares(survey, "answer").equals(choice_shares(survey, ()))


def test_cells_may_be_of_unknown_district():
    survey = answers_of([(WAVES[0], "a", "x", "yes"), (WAVES[0], "b", "x", "no")])
    placed = survey.with_columns(district_code=pl.Series(["110105", None]))
    result = choice_shares(placed, ("district_code", "item_id"))
    assert result.select("district_code", "answer", "share_pct").rows() == [
        ("110105", "no", 0.0), ("110105", "yes", 100.0), (None, "no", 100.0), (None, "yes", 0.0),
    ]  # fmt: skip


def test_nothing_answered_nothing_shown():
    assert choice_shares(answers_of([(WAVES[0], "a", "x", None)]), CELLS).is_empty()
    assert choice_shares(answers_of([]), CELLS).columns == [*CELLS, "answer", "n", "n_answers", "share_pct"]


def test_a_park_that_answers_twice_and_an_unknown_column_are_refused():
    twice = answers_of([(WAVES[0], "a", "x", "yes"), (WAVES[0], "a", "x", "no")])
    with pytest.raises(ContractError, match=r"choices: column period, park_id, item_id, row 2: .* 'a', 'x' was given"):
        choice_shares(twice, CELLS)
    with pytest.raises(ContractError, match="column district is missing"):
        choice_shares(answers_of([]), "district")
