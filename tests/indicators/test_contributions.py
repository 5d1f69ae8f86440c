"""Contributions add up to the change, whoever the groups are and however the parks are named."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from indicators.breakdowns import item_breakdown
from indicators.coding import coded
from indicators.contributions import group_contributions, item_contributions
from indicators.frames import ContractError
from indicators.prosperity import WeightError, prosperity_index, sub_indices
from indicators.rebase import changes

ITEMS = pl.DataFrame(
    {"item_id": ["rent", "jobs", "cost", "mood"], "direction": [1, 1, -1, 1], "weight": [0.5, 0.3, 0.2, 0.0]}
)
MONTHS = [date(2025, 9, 1), date(2025, 10, 1), date(2026, 9, 1), date(2026, 10, 1)]
PARKS = pl.DataFrame(
    {
        "park_id": [f"P{i:02d}" for i in range(15)],
        "district": [[None, "d1", "d2", "d3"][i % 4] for i in range(15)],
        "city": ["m" if i % 4 < 2 else "n" for i in range(15)],
    }
)
EFFECTS = ["within_effect", "composition_effect", "contribution", "headline_change"]
several = settings(max_examples=15, deadline=None)
seeds = st.integers(0, 10**6)


def survey(seed: int, weighted: bool = True, rate: float = 0.6) -> pl.DataFrame:
    random = np.random.default_rng(seed)
    grid = pl.DataFrame({"period": MONTHS}).join(PARKS.select("park_id"), how="cross")
    answering = grid.filter(pl.Series(random.random(grid.height) < rate)).join(ITEMS.select("item_id"), how="cross")
    n = answering.height
    kept = answering.with_columns(answer=pl.Series(np.array(["up", "same", "down"])[random.integers(0, 3, n)]))
    kept = kept.with_columns(weight=pl.Series(random.integers(1, 5, n) / 2)) if weighted else kept
    return kept.filter(pl.Series(random.random(n) < 0.9))


def headline_change(answers: pl.DataFrame, by: list[str], months: int) -> pl.DataFrame:
    column = {1: "change_month", 12: "change_year"}[months]
    index = prosperity_index(answers, ITEMS, ["period", *by])
    return changes(index, "prosperity_index", by).select("period", *by, pl.col(column).alias("change"))


@several
@given(seeds, st.sampled_from([1, 12]), st.booleans())
def test_contributions_of_the_questions_sum_to_the_change_of_the_index(seed, months, weighted):
    answers = survey(seed, weighted).join(PARKS, on="park_id")
    for by in ([], ["city"]):
        keys = ["period", *by]
        result = item_contributions(sub_indices(answers, ITEMS, keys), ITEMS, keys, months)
        complete = pl.col("contribution").count() == 3
        total = pl.when(complete).then(pl.col("contribution").sum()).alias("change")
        summed = result.group_by(keys).agg(total, pl.col("headline_change").first()).sort(keys)
        expected = headline_change(answers, by, months).sort(keys)
        assert_frame_equal(summed.select(*keys, "change"), expected, abs_tol=1e-9)
        assert_frame_equal(summed.select(*keys, change="headline_change"), expected, abs_tol=1e-9)


@several
@given(seeds, st.sampled_from([1, 12]), st.booleans(), st.sampled_from(["district", "city", "park_id"]))
def test_contributions_of_the_groups_sum_to_the_change_of_the_index(seed, months, weighted, by):
    answers = survey(seed, weighted)
    for attributes, given_answers in ((PARKS, answers), (None, answers.join(PARKS, on="park_id"))):
        result = group_contributions(given_answers, ITEMS, by, attributes, months=months, minimum=1)
        parts = pl.col("within_effect") + pl.col("composition_effect") - pl.col("contribution")
        assert result.select(parts.abs().max()).item() in (None, pytest.approx(0, abs=1e-9))
        total = pl.when(pl.col("contribution").count() == pl.len()).then(pl.col("contribution").sum())
        summed = result.group_by("period").agg(total.alias("change"), pl.col("headline_change").first()).sort("period")
        expected = headline_change(answers, [], months)
        assert_frame_equal(summed.select("period", "change"), expected, abs_tol=1e-9)
        assert_frame_equal(summed.select("period", change="headline_change"), expected, abs_tol=1e-9)
        shares = result.group_by("period").agg(pl.col("share_pct").sum())["share_pct"]
        assert shares.to_list() == pytest.approx([100.0] * len(shares))


@several
@given(seeds)
def test_districts_add_up_to_their_city(seed):
    answers = survey(seed)
    result = group_contributions(answers, ITEMS, "district", PARKS, within="city", minimum=1)
    assert result.columns[:3] == ["period", "city", "district"]
    total = pl.when(pl.col("contribution").count() == pl.len()).then(pl.col("contribution").sum())
    summed = result.group_by("period", "city").agg(total.alias("change")).sort("period", "city")
    expected = headline_change(answers.join(PARKS, on="park_id"), ["city"], 1)
    both = summed.join(expected, on=["period", "city"], how="left")
    assert_frame_equal(both.select("change"), both.select(change="change_right"), abs_tol=1e-9)


@several
@given(seeds)
def test_names_order_and_a_park_in_two_halves_change_nothing(seed):
    answers = survey(seed)
    plain = group_contributions(answers, ITEMS, "district", PARKS, minimum=1)
    renamed = answers.with_columns("park " + pl.col("park_id")).sample(fraction=1.0, shuffle=True, seed=seed)
    named = PARKS.with_columns("park " + pl.col("park_id"))[::-1]
    assert_frame_equal(group_contributions(renamed, ITEMS[::-1], "district", named, minimum=1), plain, abs_tol=1e-9)
    half = answers.filter(pl.col("park_id") == "P01").with_columns(pl.col("weight") / 2)
    twin = half.with_columns(park_id=pl.lit("P01b"))
    twice = pl.concat([answers.filter(pl.col("park_id") != "P01"), half, twin])
    parks = pl.concat([PARKS, PARKS.filter(pl.col("park_id") == "P01").with_columns(park_id=pl.lit("P01b"))])
    columns = ["period", "district", "share_pct", *EFFECTS]
    split = group_contributions(twice, ITEMS, "district", parks, minimum=1)
    assert_frame_equal(split.select(columns), plain.select(columns), abs_tol=1e-9)
    sums = item_contributions(sub_indices(twice, ITEMS, "period"), ITEMS)
    assert_frame_equal(sums, item_contributions(sub_indices(answers, ITEMS, "period"), ITEMS), abs_tol=1e-9)


def test_coded_answers_give_the_same():
    answers, once = survey(7), coded(survey(7), ITEMS)
    frame = group_contributions(answers, ITEMS, "district", PARKS)
    assert_frame_equal(group_contributions(once, ITEMS, "district", PARKS), frame)
    table = item_breakdown(once, ITEMS, None, (), minimum=1)
    plain = sub_indices(answers, ITEMS.filter(pl.col("weight") > 0), "period")
    assert_frame_equal(item_contributions(table, ITEMS), item_contributions(plain, ITEMS), abs_tol=1e-9)


def test_a_group_that_only_changes_its_share_has_composition_alone():
    rows = [(MONTHS[0], "a", "up"), (MONTHS[0], "b", "down"), (MONTHS[1], "a", "up"), (MONTHS[1], "b", "down")]
    answers = pl.DataFrame([*rows, (MONTHS[1], "a2", "up")], schema=["period", "park_id", "answer"], orient="row")
    parks = pl.DataFrame({"park_id": ["a", "a2", "b"], "kind": ["good", "good", "bad"]})
    items = pl.DataFrame({"item_id": ["rent"], "direction": [1], "weight": [1.0]})
    result = group_contributions(answers.with_columns(item_id=pl.lit("rent")), items, "kind", parks, minimum=1)
    october = result.filter(pl.col("period") == MONTHS[1]).sort("kind")
    assert october["within_effect"].to_list() == [0.0, 0.0]
    assert october["composition_effect"].to_list() == pytest.approx([(1 / 6) * (350 / 6), (1 / 6) * (250 / 6)])
    assert october["headline_change"].to_list() == pytest.approx([100 / 6] * 2)


def test_a_group_that_leaves_has_a_row_and_a_group_never_there_has_none():
    answers = survey(8, rate=1.0).join(PARKS, on="park_id")
    left = answers.filter((pl.col("city") == "m") | (pl.col("period") == MONTHS[0]))
    result = group_contributions(left, ITEMS, "city", minimum=1)
    gone = result.filter((pl.col("period") == MONTHS[1]) & (pl.col("city") == "n")).row(0, named=True)
    assert (gone["n_parks"], gone["n_parks_before"], gone["share_pct"], gone["within_effect"]) == (0, 7, 0.0, 0.0)
    assert result.filter(pl.col("period") > MONTHS[1])["city"].unique().to_list() == ["m"]


def test_small_groups_are_blanked_whichever_month_they_are_small_in():
    kinds = ["a"] * 4 + ["b"] * 5 + ["c"] * 6
    parks = PARKS.with_columns(kind=pl.Series(kinds))
    answers = survey(9, rate=1.0).filter(~pl.col("park_id").is_in(["P04"]) | (pl.col("period") != MONTHS[1]))
    result = group_contributions(answers, ITEMS, "kind", parks).filter(pl.col("period") == MONTHS[1])
    assert result.select("kind", "n_parks", "n_parks_before", "suppressed").rows() == [
        ("a", 4, 4, True),
        ("b", 4, 5, True),
        ("c", 6, 6, False),
    ]
    assert result.filter("suppressed").select(EFFECTS[:3]).null_count().row(0) == (2, 2, 2)
    assert result["headline_change"].null_count() == 0


def test_a_missing_question_leaves_no_change_of_the_index_but_the_others_stay():
    answers = survey(10, rate=1.0).filter((pl.col("item_id") != "cost") | (pl.col("period") != MONTHS[1]))
    result = item_contributions(sub_indices(answers, ITEMS, "period"), ITEMS).filter(pl.col("period") == MONTHS[1])
    assert result.select("item_id", pl.col("contribution").is_null()).rows() == [
        ("cost", True),
        ("jobs", False),
        ("rent", False),
    ]
    assert result["headline_change"].null_count() == 3
    groups = group_contributions(answers, ITEMS, "city", PARKS).filter(pl.col("period") == MONTHS[1])
    assert groups.select(EFFECTS).null_count().row(0) == (2, 2, 2, 2)


def test_bad_tables_are_refused():
    table = sub_indices(survey(11), ITEMS, "period")
    with pytest.raises(ContractError, match=r"sub-indices: column period, item_id, row 2: .* was given in an earlier"):
        item_contributions(pl.concat([table[:1], table[:1]]), ITEMS)
    with pytest.raises(ContractError, match="column city is missing"):
        item_contributions(table, ITEMS, ["period", "city"])
    with pytest.raises(WeightError, match=r"the weights sum to 0\.5"):
        item_contributions(table, ITEMS.head(1))
    with pytest.raises(ContractError, match="months 0 is not accepted"):
        item_contributions(table, ITEMS, months=0)
    with pytest.raises(ContractError, match="months -1 is not accepted"):
        group_contributions(survey(11), ITEMS, "city", PARKS, months=-1)
