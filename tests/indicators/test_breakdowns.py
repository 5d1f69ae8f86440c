"""The index by group: the headline's figures, one group at a time, with the same band."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from indicators.breakdowns import breakdown, item_breakdown, size_classes
from indicators.frames import ContractError
from indicators.prosperity import prosperity_index
from indicators.uncertainty import standard_errors

ITEMS = pl.DataFrame(
    {"item_id": ["rent", "jobs", "cost", "mood"], "direction": [1, 1, -1, 1], "weight": [0.5, 0.3, 0.2, 0.0]}
)
PARKS = pl.DataFrame(
    {"park_id": [f"P{i:02d}" for i in range(24)], "district": [f"d{i % 5}" for i in range(24)]}
).with_columns(pl.when(pl.col("district") == "d4").then(None).otherwise("district").alias("district"))
FIGURES = ["prosperity_index", "se_points", "low", "high"]


def survey(seed: int, rate: float = 0.8, weighted: bool = False) -> pl.DataFrame:
    """Three months of answers of 24 parks, some parks and some answers missing."""
    random = np.random.default_rng(seed)
    grid = pl.DataFrame({"period": [date(2026, month, 1) for month in (8, 9, 10)]}).join(
        PARKS.select("park_id"), how="cross"
    )
    answering = grid.filter(pl.Series(random.random(grid.height) < rate)).join(ITEMS.select("item_id"), how="cross")
    n = answering.height
    given = pl.Series(np.array(["up", "same", "down"])[random.integers(0, 3, n)], dtype=pl.String)
    answers = answering.with_columns(pl.when(pl.Series(random.random(n) < 0.9)).then(given).alias("answer"))
    return answers.with_columns(weight=pl.Series(random.integers(1, 5, n) / 2)) if weighted else answers


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([0.05, 0.4, 0.8, 1.0]), st.booleans())
def test_every_group_has_the_index_and_band_of_standard_errors(seed, rate, weighted):
    answers = survey(seed, rate, weighted).join(PARKS, on="park_id")
    frame = PARKS.group_by("district").len("n_frame")
    plain = standard_errors(answers, ITEMS, frame, ["period", "district"]).rename({"index": "prosperity_index"})
    result = breakdown(answers.drop("district"), ITEMS, PARKS, "district", minimum=1)
    shared = result.join(plain.select("period", "district"), on=["period", "district"], nulls_equal=True, how="semi")
    columns = ["period", "district", *FIGURES]
    assert_frame_equal(shared.select(columns), plain.select(columns), abs_tol=1e-9, check_row_order=False)


@pytest.mark.parametrize("weighted", [False, True])
def test_all_parks_together_are_the_headline(weighted):
    answers = survey(1, weighted=weighted)
    result = breakdown(answers, ITEMS, PARKS, ())
    index = prosperity_index(answers, ITEMS, "period")
    assert_frame_equal(result.select(index.columns), index, abs_tol=1e-9)
    band = standard_errors(answers, ITEMS, pl.DataFrame({"n_frame": [24]}), "period")
    assert_frame_equal(result.select(FIGURES[1:]), band.select(FIGURES[1:]), abs_tol=1e-9)
    assert result["n_frame"].to_list() == [24] * 3


def test_without_a_frame_there_is_no_correction():
    answers = survey(2).join(PARKS, on="park_id")
    result = breakdown(answers, ITEMS, None, "district", minimum=1)
    plain = standard_errors(answers, ITEMS, None, ["period", "district"])
    assert_frame_equal(result.select(FIGURES[1:]), plain.select(FIGURES[1:]), abs_tol=1e-9)
    assert result["n_frame"].null_count() == result.height


def test_every_group_of_the_frame_has_a_row_in_every_month():
    answers = survey(3).filter(pl.col("park_id") == "P00")
    result = breakdown(answers, ITEMS, PARKS, "district", minimum=1)
    assert result.height == 5 * answers["period"].n_unique()
    silent = result.filter(pl.col("district") == "d1")
    assert silent.select("prosperity_index", "se_points", "n_parks", "n_frame").unique().row(0) == (None, None, 0, 5)
    alone = result.filter(pl.col("district") == "d0")
    assert alone["se_points"].null_count() == alone.height


def test_small_groups_are_blanked_and_never_alone():
    answers = survey(4, rate=1.0)
    few = PARKS.with_columns(
        kind=pl.when(pl.col("park_id") < "P03").then(pl.lit("a")).otherwise(pl.lit("b"))
    ).with_columns(kind=pl.when(pl.col("park_id") > "P11").then(pl.lit("c")).otherwise("kind"))
    result = breakdown(answers, ITEMS, few, "kind").filter(pl.col("period") == date(2026, 8, 1))
    assert result.select("kind", "n_parks", "suppressed").rows() == [("a", 3, True), ("b", 9, True), ("c", 12, False)]
    assert result.filter("suppressed").select(FIGURES).null_count().row(0) == (2, 2, 2, 2)
    cities = few.with_columns(city=pl.when(pl.col("kind") == "c").then(pl.lit("m")).otherwise(pl.lit("n")))
    inside = breakdown(answers, ITEMS, cities, ["city", "kind"], within="city")
    assert set(inside.filter("suppressed")["kind"]) == {"a", "b"}
    by_item = item_breakdown(answers, ITEMS, few, "kind")
    assert by_item.filter("suppressed")["diffusion_index"].null_count() == by_item["suppressed"].sum()
    assert set(by_item["item_id"]) == {"rent", "jobs", "cost"}


def test_a_question_nobody_answered_leaves_no_index():
    answers = survey(5).filter((pl.col("item_id") != "cost") | (pl.col("period") != date(2026, 9, 1)))
    result = breakdown(answers, ITEMS, PARKS, ())
    assert result["prosperity_index"].is_null().to_list() == [False, True, False]
    assert result["se_points"].is_null().to_list() == [False, True, False]


def test_names_and_order_change_nothing():
    answers = survey(6)
    renamed = answers.with_columns("park " + pl.col("park_id")).sample(fraction=1.0, shuffle=True, seed=1)
    frame = PARKS.with_columns("park " + pl.col("park_id"))[::-1]
    assert_frame_equal(
        breakdown(renamed, ITEMS[::-1], frame, "district"), breakdown(answers, ITEMS, PARKS, "district"), abs_tol=1e-9
    )


def test_size_classes():
    parks = pl.DataFrame({"park_id": list("abcd"), "area_m2": [9999.5, 10000, 50000, None]})
    classes = size_classes(parks, "area_m2", [10000, 50000])["size_class"].to_list()
    assert classes == ["1: under 10000", "2: 10000 to under 50000", "3: 50000 and over", None]
    with pytest.raises(ContractError, match=r"limits \[2, 1\] are not accepted"):
        size_classes(parks, "area_m2", [2, 1])
    with pytest.raises(ContractError, match=r"column area_m2, row 1: -1\.0 is not accepted"):
        size_classes(parks.with_columns(area_m2=pl.lit(-1.0)), "area_m2", [10])
