"""Answers on three, five and seven levels: scores, shares, and refusals that name the question."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.balance import diffusion_index, half_up, published, scales, shares
from indicators.frames import ContractError
from indicators.levels import LEVELS, SCORES, answer_shares, require_levels, score, with_levels
from indicators.prosperity import prosperity_index, sub_indices

small = settings(max_examples=30, deadline=None)

MONTH = date(2026, 10, 1)


def survey(answers: list[str | None], levels: int | None = None, item: str = "rent") -> pl.DataFrame:
    columns = {"period": [MONTH] * len(answers), "park_id": [str(i) for i in range(len(answers))]}
    frame = pl.DataFrame(
        columns | {"item_id": [item] * len(answers), "answer": answers}, schema_overrides={"answer": pl.String}
    )
    return frame if levels is None else frame.with_columns(levels=pl.lit(levels, pl.Int8))


def test_scores_fall_in_equal_steps_from_1_to_0_with_same_in_the_middle():
    assert SCORES[3] == {"up": 1.0, "same": 0.5, "down": 0.0}
    assert list(SCORES[5].values()) == [1.0, 0.75, 0.5, 0.25, 0.0]
    assert list(SCORES[7].values()) == pytest.approx([1, 5 / 6, 4 / 6, 0.5, 2 / 6, 1 / 6, 0])
    assert all(scores["same"] == 0.5 for scores in SCORES.values())


def test_five_published_shares_give_the_published_index():
    """Economy Watchers Survey: 2.6, 20.4, 51.0, 22.2, 3.8 per cent make 48.95, printed as 48.9."""
    frame = survey(list(LEVELS[5]), 5).with_columns(weight=pl.Series([2.6, 20.4, 51.0, 22.2, 3.8]))
    result = diffusion_index(frame, "item_id").row(0, named=True)
    assert str(half_up(result["diffusion_index"], 2)) == "48.95"
    assert result["balance"] == pytest.approx(2 * 48.95 - 100)
    assert (result["up_pct"], result["down_pct"]) == (pytest.approx(23.0), pytest.approx(26.0))


@small
@given(
    st.sampled_from([3, 5, 7]).flatmap(
        lambda k: st.tuples(st.just(k), st.lists(st.sampled_from(LEVELS[k]), min_size=1))
    )
)
def test_the_three_scales_agree_and_a_swap_mirrors(drawn):
    levels, answers = drawn
    swap = dict(zip(LEVELS[levels], reversed(LEVELS[levels]), strict=True))
    row, turned = (
        diffusion_index(survey(list(given), levels), "item_id").row(0, named=True)
        for given in (answers, [swap[answer] for answer in answers])
    )
    assert row["diffusion_index"] == pytest.approx(50 + row["balance"] / 2)
    assert row["sentiment_index"] == pytest.approx(2 * row["diffusion_index"])
    assert turned["diffusion_index"] == pytest.approx(100 - row["diffusion_index"])
    assert row["up_pct"] + row["same_pct"] + row["down_pct"] == pytest.approx(100)


@pytest.mark.parametrize("levels", [3, 5, 7])
def test_all_best_is_100_and_all_worst_is_0(levels):
    best, worst = LEVELS[levels][0], LEVELS[levels][-1]
    assert diffusion_index(survey([best] * 3, levels), "item_id")["diffusion_index"].item() == 100
    assert diffusion_index(survey([worst] * 3, levels), "item_id")["diffusion_index"].item() == 0


def test_three_levels_stated_or_not_are_the_same():
    answers = ["up", "up", "same", "down", None]
    stated, silent = diffusion_index(survey(answers, 3), "item_id"), diffusion_index(survey(answers), "item_id")
    assert stated.rows() == silent.rows()
    assert shares(survey(answers, 3), "item_id").rows() == shares(survey(answers), "item_id").rows()


@pytest.mark.parametrize(
    ("answer", "levels", "accepted"),
    [
        (
            "up2",
            None,
            "question 'rent' has 3 levels and 'up2' is not one of them; accepted: up, same or down, or empty",
        ),
        ("down3", 5, "question 'rent' has 5 levels and 'down3' is not one of them; accepted: up2, up, same, down or"),
    ],
)
def test_an_answer_outside_the_levels_of_its_question_is_refused(answer, levels, accepted):
    with pytest.raises(ContractError) as error:
        require_levels(survey(["up", answer], levels))
    assert error.value.problems[0].startswith(f"column answer, row 2: {accepted}")
    with pytest.raises(ContractError, match="question 'rent' has"):
        shares(survey(["up", answer], levels), "item_id")


def test_other_levels_are_refused():
    with pytest.raises(ContractError, match="column levels, row 1: 4 is not accepted; accepted: 3, 5 or 7"):
        require_levels(survey(["up"], 4))


def test_items_state_the_levels_of_their_answers():
    items = pl.DataFrame({"item_id": ["rent", "cost"], "direction": [1, -1], "weight": [0.5, 0.5], "levels": [3, 5]})
    answers = pl.concat([survey(["up", "same"]), survey(["up", "down2"], item="cost")])
    index = dict(sub_indices(answers, items, "period").select("item_id", "diffusion_index").rows())
    assert index == {"cost": 100 - 37.5, "rent": 75.0}
    assert prosperity_index(answers, items, "period")["prosperity_index"].item() == (62.5 + 75) / 2
    assert with_levels(answers, items.drop("levels")) is answers
    assert with_levels(answers, items.with_columns(levels=3)) is answers


def test_score_of_no_answer_is_missing():
    assert survey(["up", None], 7).select(score(survey([], 7)))["score"].to_list() == [4 / 6, None]


def test_shares_of_answers_have_every_level_and_add_up():
    result = answer_shares(survey(["up3", "same", "same", None], 7), "item_id")
    assert result["answer"].to_list() == list(LEVELS[7])
    assert result["share_pct"].sum() == pytest.approx(100)
    assert result.filter(pl.col("answer") == "same").select("n", "share_pct").row(0) == (2, pytest.approx(200 / 3))
    assert answer_shares(survey([]), "item_id").is_empty()
    assert answer_shares(survey([None]), ["period", "item_id"])["share_pct"].to_list() == [None] * 3


def test_published_shares_may_be_rounded_but_not_wrong():
    frame = pl.DataFrame({"up_pct": [30.0, None], "same_pct": [45.1, 1.0], "down_pct": [25.0, 2.0]})
    assert scales(frame, places=1)["balance"].to_list() == [5.0, None]
    with pytest.raises(ContractError, match="row 1: the shares of up, same and down add up to 102; accepted: a sum of"):
        scales(pl.DataFrame({"up_pct": [30.0], "same_pct": [45.0], "down_pct": [27.0]}))


def test_rounding_for_publication_takes_ties_away_from_zero():
    frame = pl.DataFrame({"index": [51.55, 0.25, -0.25, -51.55, 2.5e-10, None]})
    assert published(frame, "index", 1)["index"].to_list() == [51.6, 0.3, -0.3, -51.6, 0.0, None]
    assert published(pl.DataFrame({"index": [None]}), "index", 1)["index"].dtype == pl.Float64
