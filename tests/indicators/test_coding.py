"""Coded answers mean what the frame means, and refuse what the frame's checks refuse."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from indicators.breakdowns import breakdown, item_breakdown
from indicators.cells import answering, months_back, sums
from indicators.coding import coded, distinct
from indicators.disclosure import suppress
from indicators.frames import ContractError
from indicators.groups import regrouped
from indicators.prosperity import WeightError, prosperity_index, sub_indices

SCHEMA = {"period": pl.Date, "park_id": pl.String, "item_id": pl.String, "answer": pl.String, "weight": pl.Float64}
ITEMS = pl.DataFrame(
    {"item_id": ["rent", "jobs", "cost", "mood"], "direction": [1, 1, -1, 1], "weight": [0.5, 0.3, 0.2, 0.0]}
)
small = settings(max_examples=25, deadline=None)


def answers_of(rows: list[tuple]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def one(answer: str | None = "up", park: str = "a", item: str = "rent", month: int = 9, weight: float = 1.0) -> tuple:
    return (date(2026, month, 1), park, item, answer, weight)


@st.composite
def surveys(draw: st.DrawFn) -> pl.DataFrame:
    """Two months a gap apart, some parks and answers missing, questions outside the questionnaire, weights of 0."""
    cells = [(month, f"P{park}", item) for month in (9, 11) for park in range(6) for item in (*ITEMS["item_id"], "sun")]
    kept = draw(st.lists(st.sampled_from(cells), unique=True, max_size=60))
    answer = st.sampled_from(["up", "same", "down", None])
    return answers_of(
        [(date(2026, m, 1), park, item, draw(answer), draw(st.integers(0, 6)) / 2) for m, park, item in kept]
    )


def districts(survey: pl.DataFrame) -> pl.DataFrame:
    return survey.with_columns(
        pl.col("park_id").replace_strict({f"P{i}": "xyz"[i // 2] for i in range(6)}).alias("district")
    )


@small
@given(surveys())
def test_coded_sums_are_those_of_sub_indices(survey):
    plain = sub_indices(survey, ITEMS, "period").filter(pl.col("n") > 0)
    result = item_breakdown(survey, ITEMS, None, (), minimum=1).filter(pl.col("n") > 0)
    weighted = plain.filter(pl.col("item_id") != "mood").select(result.columns[:-1])
    assert_frame_equal(result.drop("suppressed"), weighted, abs_tol=1e-9)


@small
@given(surveys())
def test_coded_index_and_counts_are_those_of_prosperity_index(survey):
    framed = districts(survey)
    for by in ((), "district", ("district", "park_id")):
        keys = ["period", *([by] if isinstance(by, str) else by)]
        plain = prosperity_index(framed, ITEMS, keys)
        result = breakdown(framed, ITEMS, None, by, minimum=1)
        assert_frame_equal(result.select(plain.columns), plain, abs_tol=1e-9)


@small
@given(surveys())
def test_texts_and_categories_give_the_same(survey):
    names = ["park_id", "item_id", "answer"]
    written = survey.with_columns(pl.col(names).cast(pl.Categorical))
    assert_frame_equal(breakdown(written, ITEMS, None, ()), breakdown(survey, ITEMS, None, ()))


@small
@given(surveys())
def test_coding_once_gives_the_same_as_coding_each_time(survey):
    once = coded(survey, ITEMS)
    parks = pl.DataFrame({"park_id": [f"P{i}" for i in range(6)], "kind": list("aabbcc"), "city": list("mmmmnn")})
    for by in ((), "kind", ["city", "kind"]):
        assert_frame_equal(breakdown(once, ITEMS, parks, by), breakdown(survey, ITEMS, parks, by))
    others = ITEMS.with_columns(weight=pl.Series([0.0, 0.0, 0.0, 1.0]))
    assert_frame_equal(breakdown(once, others, parks, "kind"), breakdown(survey, others, parks, "kind"))


@pytest.mark.parametrize("kind", ["answers", "items"])
def test_questions_of_five_and_seven_levels(kind):
    items = pl.DataFrame({"item_id": ["rent", "cost"], "direction": [1, -1], "weight": [0.5, 0.5], "levels": [5, 7]})
    answers = answers_of([one("up"), one("up2", "b"), one("up", item="cost"), one("down3", "b", "cost")])
    if kind == "answers":
        answers = answers.with_columns(levels=pl.Series([5, 5, 7, 7], dtype=pl.Int8))
    result = item_breakdown(answers, items, None, (), minimum=1)
    assert result["diffusion_index"].to_list() == pytest.approx([100 - 100 * (4 / 6 + 0) / 2, 87.5])
    with pytest.raises(ContractError, match="has 5 levels and 'up3' is not one"):
        item_breakdown(answers.with_columns(answer=pl.lit("up3")), items, None, ())


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([one("better")], "column answer, row 1: 'better' is not accepted"),
        ([one("up2")], "question 'rent' has 3 levels and 'up2' is not one"),
        ([one(), one("down")], "row 2: 2026-09-01, 'a', 'rent' was given in an earlier row"),
        ([one(weight=-1.0)], "column weight, row 1: -1.0 is not accepted"),
        ([one(weight=float("nan"))], "column weight, row 1: nan is not accepted"),
        ([one(park=None)], "column park_id, row 1: the value is empty"),
        ([(date(2026, 9, 2), "a", "rent", "up", 1.0)], "column period, row 1: 2026-09-02 is not accepted"),
    ],
)  # fmt: skip
def test_what_the_contract_refuses_is_refused_in_the_same_words(rows, sentence):
    for refuse in (lambda: coded(answers_of(rows), ITEMS), lambda: prosperity_index(answers_of(rows), ITEMS, "period")):
        with pytest.raises(ContractError, match=sentence):
            refuse()


def test_levels_that_are_none_are_refused():
    for levels in (4, None):
        with pytest.raises(ContractError, match="column levels, row 1"):
            coded(answers_of([one()]).with_columns(levels=pl.lit(levels, pl.Int8)), ITEMS)
    many = answers_of([one(f"answer {i}", park=f"P{i}") for i in range(300)])
    with pytest.raises(ContractError, match="'answer 0' is not accepted"):
        coded(many, ITEMS)


def test_columns_are_checked():
    with pytest.raises(ContractError, match="column answer is missing"):
        coded(answers_of([one()]).drop("answer"), ITEMS)
    with pytest.raises(ContractError, match="column period: dtype is String"):
        coded(answers_of([one()]).with_columns(pl.col("period").cast(pl.String)), ITEMS)
    with pytest.raises(ContractError, match="column city is missing"):
        coded(answers_of([one()]), ITEMS, "city")
    with pytest.raises(ContractError, match="question 'rent' has no direction"):
        coded(answers_of([one()]), ITEMS.with_columns(direction=None))


def test_groups_and_weights_of_coded_answers_are_checked():
    once = coded(answers_of([one()]), ITEMS)
    grouped = coded(answers_of([one()]).with_columns(city=pl.lit("m")), ITEMS, "city")
    with pytest.raises(ContractError, match="the answers were coded with groups of their own"):
        regrouped(grouped, ITEMS, "city", pl.DataFrame({"park_id": ["a"], "city": ["m"]}))
    with pytest.raises(ContractError, match="by names city, the coded answers have others"):
        regrouped(once, ITEMS, "city")
    assert regrouped(once, ITEMS, "period").shape == (1, 1, 4)
    with pytest.raises(ContractError, match="question 'rain' is not among the coded ones"):
        regrouped(once, pl.DataFrame({"item_id": ["rain"], "direction": [1], "weight": [1.0]}), ())
    with pytest.raises(WeightError, match=r"the weights sum to 0\.5"):
        regrouped(once, ITEMS.head(1), ())


def test_a_park_without_attributes_is_refused():
    parks = pl.DataFrame({"park_id": ["b"], "city": ["m"]})
    with pytest.raises(ContractError, match=r"park 'a' has answered but has no row \(1 such parks\)"):
        regrouped(answers_of([one()]), ITEMS, "city", parks)
    with pytest.raises(ContractError, match="row 2: 'b' was given in an earlier row"):
        regrouped(answers_of([one()]), ITEMS, "city", pl.concat([parks, parks]))
    with pytest.raises(ContractError, match="column kind is missing"):
        regrouped(answers_of([one()]), ITEMS, "kind", parks)


def test_months_are_calendar_months():
    survey = coded(answers_of([one(month=11), one(month=9), one(month=9, park="b", answer=None)]), ITEMS)
    assert survey.observed[:, 0].tolist() == [True, False, True]
    assert survey.month.tolist() == [0, 0, 2]
    assert answering(survey).tolist() == [[1], [0], [1]]
    assert months_back(12) == 12
    with pytest.raises(ContractError, match="months 0 is not accepted"):
        months_back(0)


def test_far_apart_places_are_counted_without_a_table():
    places = np.array([5, 10**12, 5])
    assert distinct(places, 10**13).tolist() == [5, 10**12]
    assert distinct(places[:1], 6).tolist() == [5]


def test_a_park_of_two_groups_in_a_month_counts_in_both():
    answers = answers_of([one(), one(item="jobs")]).with_columns(section=pl.Series(["s", "t"]))
    survey = coded(answers, ITEMS, "section")
    assert answering(survey).tolist() == [[1, 1]]
    assert sums(survey).n.sum(axis=2).tolist() == [[1, 1]]


@small
@given(surveys())
def test_parks_with_one_weight_a_month_are_packed_and_count_the_same(survey):
    """The same weight for all questions of a park month; halving one answer's weight undoes the packing."""
    weight = (pl.col("park_id").str.slice(1).cast(pl.Float64) + 1.0) / 4
    weighed = survey.with_columns(weight=weight)
    plain = prosperity_index(weighed, ITEMS, "period")
    assert all(len(pack.rows) == 3 or 3 in pack.rows for pack in coded(weighed, ITEMS).packs)
    assert_frame_equal(breakdown(weighed, ITEMS, None, (), minimum=1).select(plain.columns), plain, abs_tol=1e-9)


@small
@given(surveys(), st.integers(1, 5))
def test_tables_of_many_cells_and_answers_read_piece_by_piece_change_nothing(survey, rows):
    framed = districts(survey)
    with pytest.MonkeyPatch.context() as patch:
        plain = [breakdown(framed, ITEMS, None, by, minimum=1) for by in ((), "district")]
        patch.setattr("indicators.cells.roomy", lambda size, taken: False)
        patch.setattr("indicators.coding._ROWS_AT_ONCE", rows)
        for before, by in zip(plain, ((), "district"), strict=True):
            assert_frame_equal(breakdown(framed, ITEMS, None, by, minimum=1), before, abs_tol=1e-9)


@small
@given(surveys(), st.integers(1, 4))
def test_what_is_shown_is_what_suppress_leaves(survey, minimum):
    whole = breakdown(districts(survey), ITEMS, None, "district", minimum=1)
    figures = ["prosperity_index", "se_points", "low", "high"]
    left = suppress(whole.drop("suppressed"), "n_parks", figures, minimum, ["period"])
    assert_frame_equal(breakdown(districts(survey), ITEMS, None, "district", minimum=minimum), left)
    with pytest.raises(ContractError, match="minimum 0 is not accepted"):
        breakdown(survey, ITEMS, None, (), minimum=0)


def test_no_answers_at_all():
    empty = coded(answers_of([]), ITEMS)
    assert empty.shape == (0, 1, 4)
    assert breakdown(answers_of([]), ITEMS, None, ()).schema == breakdown(answers_of([one()]), ITEMS, None, ()).schema
    silent = breakdown(answers_of([one(None)]), ITEMS, None, ())
    assert silent.select("prosperity_index", "n_parks", "suppressed").row(0) == (None, 0, False)
