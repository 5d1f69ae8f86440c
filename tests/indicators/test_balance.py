"""Shares and the three scales: identities, symmetries and published values."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from indicators.balance import diffusion_index, half_up, shares
from indicators.frames import ContractError

FACTS = Path(__file__).parents[2].parent / "shared" / "facts" / "index_validation_shares_dev.csv"
CELLS = ["period", "item_id"]
COLUMNS = ("period", "park_id", "item_id", "answer", "weight")
SCHEMA = dict(zip(COLUMNS, (pl.Date, pl.String, pl.String, pl.String, pl.Float64), strict=True))


def answers_of(rows: list[tuple]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


@st.composite
def surveys(draw: st.DrawFn, choices: tuple[str | None, ...] = ("up", "same", "down", None)) -> pl.DataFrame:
    parks = draw(st.integers(1, 12))
    keys = [(date(2026, month, 1), f"P{park:02}", item) for month in (9, 10) for park in range(parks) for item in "xy"]
    rows = [(*key, draw(st.sampled_from(choices)), draw(st.integers(1, 40)) / 4) for key in keys]
    return answers_of(rows)


small = settings(max_examples=25, deadline=None)


@small
@given(surveys())
def test_the_three_scales_are_one_number(survey):
    result = diffusion_index(survey, CELLS)
    filled = result.filter(pl.col("n") > 0)
    index = filled["diffusion_index"]
    assert (index - (50 + filled["balance"] / 2)).abs().max() in (None, pytest.approx(0, abs=1e-9))
    assert (filled["sentiment_index"] - 2 * index).abs().max() in (None, pytest.approx(0, abs=1e-9))
    total = filled.select(pl.sum_horizontal("up_pct", "same_pct", "down_pct")).to_series()
    assert (total - 100).abs().max() in (None, pytest.approx(0, abs=1e-9))
    assert index.is_between(0, 100).all()
    assert result.filter(pl.col("n") == 0)["up_pct"].null_count() == result.filter(pl.col("n") == 0).height


@pytest.mark.parametrize(("answer", "value"), [("up", 100.0), ("same", 50.0), ("down", 0.0)])
def test_everybody_of_one_mind(answer, value):
    survey = answers_of([(date(2026, 9, 1), str(i), "x", answer, 0.1 * (i + 1)) for i in range(30)])
    assert diffusion_index(survey, "item_id")["diffusion_index"].item() == pytest.approx(value, abs=1e-9)
    assert diffusion_index(survey.drop("weight"), "item_id")["diffusion_index"].item() == value


@small
@given(surveys())
def test_swapping_up_and_down_mirrors(survey):
    swapped = survey.with_columns(pl.col("answer").replace({"up": "down", "down": "up"}))
    plain, mirrored = diffusion_index(survey, CELLS), diffusion_index(swapped, CELLS)
    expected = plain.with_columns(
        up_pct="down_pct",
        down_pct="up_pct",
        diffusion_index=100 - pl.col("diffusion_index"),
        balance=-pl.col("balance"),
        sentiment_index=200 - pl.col("sentiment_index"),
    )
    assert_frame_equal(mirrored, expected, check_exact=False, abs_tol=1e-9)


@small
@given(surveys(), st.randoms(use_true_random=False))
def test_names_of_parks_and_order_of_rows_change_nothing(survey, random):
    order = list(range(survey.height))
    random.shuffle(order)
    changed = survey.with_columns("园区 " + pl.col("park_id").str.reverse())[order]
    assert_frame_equal(diffusion_index(changed, CELLS), diffusion_index(survey, CELLS), abs_tol=1e-9)


@small
@given(surveys())
def test_a_park_split_in_two_halves_changes_no_share(survey):
    split = pl.col("park_id") == "P00"
    half = survey.filter(split).with_columns(pl.col("weight") / 2)
    twice = pl.concat([survey.filter(~split), half, half.with_columns(pl.lit("P00b").alias("park_id"))])
    assert_frame_equal(shares(twice, CELLS).drop("n"), shares(survey, CELLS).drop("n"), abs_tol=1e-9)


@small
@given(surveys())
def test_equal_weights_are_no_weights(survey):
    even = survey.with_columns(pl.lit(7.0).alias("weight"))
    assert_frame_equal(shares(even, CELLS), shares(survey.drop("weight"), CELLS), abs_tol=1e-9)


def test_weight_zero_is_not_counted():
    survey = answers_of([(date(2026, 9, 1), "a", "x", "up", 0.0), (date(2026, 9, 1), "b", "x", "down", 1.0)])
    assert shares(survey, "item_id").row(0) == ("x", 1, 0.0, 0.0, 100.0)
    assert shares(survey.head(1), "item_id").row(0) == ("x", 0, None, None, None)


def test_an_empty_frame_gives_an_empty_result():
    result = diffusion_index(answers_of([]), "item_id")
    assert result.is_empty()
    assert result.schema == {"item_id": pl.String, "n": pl.UInt32} | dict.fromkeys(result.columns[2:], pl.Float64)


def test_by_must_name_columns_that_are_there():
    with pytest.raises(ContractError, match="column city_id is missing"):
        shares(answers_of([]), ("period", "city_id"))
    with pytest.raises(ContractError, match="by names no column"):
        shares(answers_of([]), ())


@pytest.mark.parametrize(
    ("value", "places", "published"),
    [
        (51.55, 1, "51.6"),
        (51.45, 1, "51.5"),
        (0.25, 1, "0.3"),
        (-0.25, 1, "-0.3"),
        (-12.45, 1, "-12.5"),
        (2.5, 0, "3"),
        (-0.04, 1, "0.0"),
        (0.1 + 0.2, 2, "0.30"),
        (51.55 - 1e-14, 1, "51.6"),
        (51.5499, 1, "51.5"),
        (7, 1, "7.0"),
        (1234567.5, 0, "1234568"),
    ],
)
def test_half_up(value, places, published):
    assert str(half_up(value, places)) == published


@given(st.integers(-100_000, 100_000))
def test_half_up_takes_every_tie_away_from_zero(tenths):
    tie = Decimal(tenths * 10 + (5 if tenths >= 0 else -5)) / 100
    expected = Decimal(tenths + (1 if tenths >= 0 else -1)) / 10
    assert half_up(float(tie), 1) == expected


def test_half_up_of_nothing_and_of_no_number():
    assert half_up(None, 1) is None
    with pytest.raises(ValueError, match="half_up: nan is not a number"):
        half_up(float("nan"), 1)


@pytest.mark.reference
@pytest.mark.skipif(not FACTS.exists(), reason="the reference files are not there")
def test_published_shares_give_the_published_index():
    with FACTS.open(encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    rows = []
    for number, row in enumerate(table):
        up, same, down = (float(row[f"share_{name}"]) for name in ("up", "same", "down"))
        middle = same if row["index_scale"].startswith("diffusion") else 100 - up - down
        for answer, share in (("up", up), ("same", middle), ("down", down)):
            rows.append((date(2020, 1, 1), answer, f"{number:04}", answer, max(share, 0.0)))
    result = diffusion_index(answers_of(rows), "item_id")
    exact = 0
    for row, index, balance in zip(table, result["diffusion_index"], result["balance"], strict=True):
        published = Decimal(row["published_index"])
        if row["index_scale"].startswith("diffusion"):
            assert abs(half_up(index, 1) - published) <= Decimal("0.1")
        else:
            exact += half_up(balance, 1) == published
    assert exact == sum(not row["index_scale"].startswith("diffusion") for row in table)
