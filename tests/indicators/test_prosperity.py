"""The prosperity index: direction, weights, missing questions, and published composites."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from itertools import groupby
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from indicators.balance import half_up
from indicators.frames import ContractError
from indicators.prosperity import WeightError, prosperity_index, sub_indices

FACTS = Path(__file__).parents[2].parent / "shared" / "facts" / "index_validation_composite_dev.csv"
SCHEMA = {"period": pl.Date, "park_id": pl.String, "item_id": pl.String, "answer": pl.String, "weight": pl.Float64}
ITEMS = pl.DataFrame(
    {"item_id": ["rent", "jobs", "cost", "mood"], "direction": [1, 1, -1, 1], "weight": [0.5, 0.3, 0.2, 0.0]}
)
FAVOURABLE = {"rent": "up", "jobs": "up", "cost": "down", "mood": "up"}
TURNED = {"up": "down", "down": "up", "same": "same"}


def answers_of(rows: list[tuple]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


@st.composite
def surveys(draw: st.DrawFn) -> pl.DataFrame:
    parks = draw(st.integers(1, 8))
    keys = [
        (date(2026, month, 1), f"P{park}", item) for month in (9, 10) for park in range(parks) for item in FAVOURABLE
    ]
    return answers_of(
        [(*key, draw(st.sampled_from(["up", "same", "down"])), draw(st.integers(1, 9)) / 2) for key in keys]
    )


def everybody(turn: bool) -> pl.DataFrame:
    answer = {item: TURNED[good] if turn else good for item, good in FAVOURABLE.items()}
    return answers_of(
        [(date(2026, 9, 1), str(park), item, answer[item], 1.0) for park in range(7) for item in FAVOURABLE]
    )


@pytest.mark.parametrize(("turn", "value"), [(False, 100.0), (True, 0.0)])
def test_everybody_favourable_is_100_and_nobody_0(turn, value):
    assert prosperity_index(everybody(turn), ITEMS, "period").row(0) == (date(2026, 9, 1), pytest.approx(value), 7, 21)
    assert sub_indices(everybody(turn), ITEMS, "period")["diffusion_index"].to_list() == [value] * 4


small = settings(max_examples=20, deadline=None)


@small
@given(surveys())
def test_swapping_all_answers_mirrors_the_index(survey):
    swapped = prosperity_index(survey.with_columns(pl.col("answer").replace(TURNED)), ITEMS, "period")
    plain = prosperity_index(survey, ITEMS, "period")
    assert_frame_equal(swapped, plain.with_columns(prosperity_index=100 - pl.col("prosperity_index")), abs_tol=1e-9)


@small
@given(surveys(), st.randoms(use_true_random=False))
def test_names_and_order_change_nothing(survey, random):
    order = list(range(survey.height))
    random.shuffle(order)
    renamed = survey.with_columns("park " + pl.col("park_id"))[order]
    assert_frame_equal(
        prosperity_index(renamed, ITEMS[::-1], "period"), prosperity_index(survey, ITEMS, "period"), abs_tol=1e-9
    )


@small
@given(surveys())
def test_a_park_split_in_two_halves_keeps_the_index(survey):
    split = pl.col("park_id") == "P0"
    half = survey.filter(split).with_columns(pl.col("weight") / 2)
    twice = pl.concat([survey.filter(~split), half, half.with_columns(pl.lit("P0b").alias("park_id"))])
    columns = ["period", "prosperity_index"]
    assert_frame_equal(
        prosperity_index(twice, ITEMS, "period").select(columns),
        prosperity_index(survey, ITEMS, "period").select(columns),
        abs_tol=1e-9,
    )


@small
@given(surveys())
def test_the_index_is_the_weighted_mean_of_the_sub_indices(survey):
    parts = sub_indices(survey, ITEMS, "period").join(ITEMS.select("item_id", "weight"), on="item_id")
    mean = (
        parts.group_by("period").agg((pl.col("weight") * pl.col("diffusion_index")).sum().alias("mean")).sort("period")
    )
    assert prosperity_index(survey, ITEMS, "period")["prosperity_index"].to_list() == pytest.approx(
        mean["mean"].to_list()
    )


def test_an_inverse_question_is_read_the_favourable_way_round():
    rows = [(date(2026, 9, 1), str(i), "cost", answer, 1.0) for i, answer in enumerate(["up", "up", "same", "down"])]
    result = sub_indices(answers_of(rows), ITEMS, "period").row(0, named=True)
    assert (result["up_pct"], result["same_pct"], result["down_pct"]) == (25.0, 25.0, 50.0)
    assert result["diffusion_index"] == 37.5


def test_a_missing_question_leaves_no_index_and_is_never_reweighted():
    survey = everybody(turn=False)
    without = prosperity_index(survey.filter(pl.col("item_id") != "jobs"), ITEMS, "period")
    assert without.row(0) == (date(2026, 9, 1), None, 7, 14)
    blank = survey.with_columns(pl.when(pl.col("item_id") != "jobs").then("answer").alias("answer"))
    assert_frame_equal(prosperity_index(blank, ITEMS, "period"), without)
    silent = prosperity_index(survey.filter(pl.col("item_id") != "mood"), ITEMS, "period")
    assert silent["prosperity_index"].item() == pytest.approx(100.0)


def test_questions_outside_the_questionnaire_are_left_out():
    extra = answers_of([(date(2026, 9, 1), "1", "weather", "down", 1.0)])
    survey = pl.concat([everybody(turn=False), extra])
    assert_frame_equal(sub_indices(survey, ITEMS, "period"), sub_indices(everybody(turn=False), ITEMS, "period"))


def test_weights_that_do_not_sum_to_1_are_refused_with_their_sum():
    with pytest.raises(
        WeightError, match=r"items: the weights sum to 0\.8 \(jobs 0\.3, rent 0\.5\); accepted: a sum of 1"
    ):
        prosperity_index(everybody(turn=False), ITEMS.filter(pl.col("item_id") != "cost"), "period")
    with pytest.raises(WeightError, match="no question has a weight above 0"):
        prosperity_index(everybody(turn=False), ITEMS.with_columns(weight=pl.lit(0.0)), "period")


def test_weights_within_the_tolerance_are_taken():
    tenths = pl.DataFrame({"item_id": list(FAVOURABLE), "direction": [1] * 4, "weight": [0.1, 0.2, 0.3, 0.4 + 1e-12]})
    assert prosperity_index(everybody(turn=False), tenths, "period")["prosperity_index"].item() == pytest.approx(70.0)


def test_a_direction_that_is_none_is_refused():
    with pytest.raises(ContractError, match="items: column direction, row 1: 0 is not accepted"):
        sub_indices(everybody(turn=False), ITEMS.with_columns(direction=pl.lit(0)), "period")


def test_cells_without_a_name_are_kept():
    survey = everybody(turn=False).with_columns(district_code=pl.lit(None, pl.String))
    assert prosperity_index(survey, ITEMS, ["period", "district_code"])["prosperity_index"].item() == pytest.approx(100)


def test_an_empty_frame_gives_an_empty_result():
    empty = answers_of([])
    assert sub_indices(empty, ITEMS, "period").schema == sub_indices(everybody(turn=True), ITEMS, "period").schema
    assert prosperity_index(empty, ITEMS, "period").schema == {
        "period": pl.Date,
        "prosperity_index": pl.Float64,
        "n_parks": pl.UInt32,
        "n_answers": pl.UInt32,
    }


def on_0_100(value: float, scale: str) -> float:
    return {"0_100": value, "0_200": value / 2}.get(scale, (100 + value) / 2)


@pytest.mark.reference
@pytest.mark.skipif(not FACTS.exists(), reason="the reference files are not there")
@pytest.mark.parametrize("code", ["NBS_PMI", "NBS_ECI", "RICHMOND_MFG", "KC_MFG"])
def test_published_sub_indices_give_the_published_composite(code):
    with FACTS.open(encoding="utf-8") as file:
        table = [row for row in csv.DictReader(file) if row["code"] == code]
    first = [row for row in table if row["period"] == table[0]["period"]]
    items = pl.DataFrame(
        {
            "item_id": [row["component"] for row in first],
            "direction": [-1 if row["inverted"] == "True" else 1 for row in first],
            "weight": [float(row["weight"]) for row in first],
        }
    )
    rows = []
    for row in table:
        index = on_0_100(float(row["component_value"]), row["scale"])
        for answer, share in (("up", index), ("down", 100 - index)):
            rows.append((date(2000, 1, 1), f"{answer} {row['period']}", row["component"], answer, share))
    survey = answers_of(rows).with_columns(pl.col("park_id").str.split(" ").list.last().alias("wave"))
    result = dict(prosperity_index(survey, items, "wave").select("wave", "prosperity_index").iter_rows())
    for wave, group in groupby(table, key=lambda row: row["period"]):
        row = next(group)
        published, tolerance = Decimal(row["composite_published"]), Decimal(row["tolerance"])
        scaled = {"0_100": 1.0, "0_200": 2.0}.get(row["scale"])
        value = result[wave] * scaled if scaled else 2 * (result[wave] - 50)
        if row["rounding"].startswith("half_up"):
            assert half_up(value, 1) == published
        else:
            assert abs(value - float(published)) <= float(tolerance) + 1e-9
