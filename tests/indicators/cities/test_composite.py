"""The city composite: the lock, COINr's scores and ranks, goalposts, and the ranks without one of the parts."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data import registry
from indicators.cities.comparability import latest
from indicators.cities.composite import (
    CompositeLockedError,
    Recipe,
    city_composite,
    composite_lock,
    leave_one_out,
)
from indicators.frames import FIGURES, ContractError

FACTS = Path(__file__).parents[3].parent / "shared" / "facts"
FIVE = ("beijing", "shanghai", "shenzhen", "ruhr", "pittsburgh")
small = settings(max_examples=40, deadline=None)


def table(values: dict[str, list[float | None]], cities: str = "abcdefgh") -> pl.DataFrame:
    rows = [
        (city, name, value)
        for name, column in values.items()
        for city, value in zip(cities, column, strict=False)
    ]  # fmt: skip
    return pl.DataFrame(
        rows, schema={"city_id": pl.String, "indicator_id": pl.String, "value": pl.Float64}, orient="row"
    )


def flat(names: str, **more: list) -> pl.DataFrame:
    base = {"element_id": [*names, "index"], "parent_id": [*["index"] * len(names), None]}
    return pl.DataFrame(base).with_columns(pl.Series(name, [*values, None]) for name, values in more.items())


def index_of(result: pl.DataFrame) -> dict[str, tuple[float, int]]:
    rows = result.filter(pl.col("element_id").str.to_lowercase() == "index")
    return {city: (score, rank) for city, score, rank in rows.select("city_id", "score", "rank").iter_rows()}


def test_five_cities_one_indicator_missing_in_two_is_locked_with_the_reason():
    values = table({"gdp": [1.0] * 5, "jobs": [2.0] * 5, "parks": [3.0, 3.0, 3.0, None, None]})
    with pytest.raises(CompositeLockedError) as error:
        city_composite(values, flat(["gdp", "jobs", "parks"]), Recipe("min_max"))
    assert str(error.value) == (
        "the composite is locked: 2 of 5 cities have fewer than 90 per cent of the 3 indicators; missing: d: parks; "
        "e: parks; add these figures or leave the city or indicator out."
    )
    assert error.value.lock.filter("locked")["city_id"].to_list() == ["d", "e"]
    with pytest.raises(CompositeLockedError):
        leave_one_out(values, flat(["gdp", "jobs", "parks"]), Recipe("min_max"))


def test_the_five_cities_of_the_register_are_locked():
    names = ["gdp", "secondary_share_gdp", "cultural_parks", "museums", "culture_value_added", "unemployment_rate"]
    figures = latest(registry.city_figures().select(list(FIGURES.schema)), FIVE, names)
    values = figures.select("city_id", "indicator_id", "value")
    lock = composite_lock(values, names, FIVE)
    assert lock["city_id"].to_list() == list(FIVE)
    assert lock["locked"].all()
    missing = dict(lock.select("city_id", "missing").iter_rows())
    assert missing["pittsburgh"] == "secondary_share_gdp; cultural_parks; museums; culture_value_added"
    assert missing["beijing"] == "museums; unemployment_rate"
    with pytest.raises(CompositeLockedError, match="pittsburgh: secondary_share_gdp; cultural_parks"):
        city_composite(values, flat(names), Recipe("min_max"))


@small
@given(st.integers(1, 30), st.integers(0, 30), st.sampled_from([50.0, 90.0, 100.0]))
def test_the_lock_counts_cells(wanted, gaps, needed):
    names = [f"i{place}" for place in range(wanted)]
    column = [[None if place < gaps else 1.0, 2.0] for place in range(wanted)]
    lock = composite_lock(table(dict(zip(names, column, strict=True))), names, ["a", "b", "none"], needed)
    share = 100.0 * max(wanted - gaps, 0) / wanted
    assert lock["share_pct"].to_list() == pytest.approx([share, 100.0, 0.0])
    assert lock["locked"].to_list() == [share < needed, False, True]
    assert [len(told.split("; ")) if told else 0 for told in lock["missing"]] == [min(gaps, wanted), 0, wanted]


def test_a_lock_without_indicators_is_locked():
    assert composite_lock(table({"x": [1.0]}), []).select("share_pct", "locked", "missing").row(0) == (None, True, None)


def test_goalposts_on_both_curves_and_directions():
    values = table({"x": [10.0, 100.0, 1000.0, 5.0], "y": [0.0, 5.0, 20.0, 10.0]})
    built = flat("xy", low=[10.0, 0.0], high=[1000.0, 10.0], curve=["log", "linear"], direction=[1, -1])
    result = city_composite(values, built.with_columns(pl.col("direction").fill_null(1)))
    score = {(city, name): points for city, name, points in result.select("city_id", "element_id", "score").iter_rows()}
    assert [score[city, "x"] for city in "abcd"] == pytest.approx([0.0, 50.0, 100.0, 0.0])
    assert [score[city, "y"] for city in "abcd"] == pytest.approx([100.0, 50.0, 0.0, 0.0])
    assert index_of(result)["b"] == (pytest.approx(50.0), 1)


@small
@given(st.lists(st.lists(st.floats(0, 10), min_size=3, max_size=3), min_size=1, max_size=6))
def test_a_score_does_not_depend_on_the_other_cities(rows):
    values = table({name: [row[place] for row in rows] for place, name in enumerate("xyz")})
    built = flat("xyz", low=[0.0] * 3, high=[10.0] * 3)
    whole = index_of(city_composite(values, built))
    alone = index_of(city_composite(values.filter(pl.col("city_id") == "a"), built))
    assert alone["a"][0] == pytest.approx(whole["a"][0])
    scores = [score for score, _ in whole.values()]
    for score, rank in whole.values():
        assert rank == 1 + sum(other > score + 1e-9 for other in scores) or min(
            abs(other - score) for other in scores if other != score
        ) < 1e-8  # fmt: skip


def test_missing_cells_below_the_gate_are_left_out_not_zero():
    values = table({f"i{place}": [5.0, None if place == 0 else 5.0] for place in range(10)})
    names = [f"i{place}" for place in range(10)]
    result = city_composite(values, flat(names, low=[0.0] * 10, high=[10.0] * 10))
    assert index_of(result) == {"a": (50.0, 1), "b": (50.0, 1)}
    assert result.filter(pl.col("city_id") == "b")["n_present"].unique().to_list() == [9]
    hole = result.filter(pl.col("city_id") == "b", pl.col("element_id") == "i0").select("score", "rank")
    assert hole.row(0) == (None, None)


@pytest.mark.parametrize(
    ("recipe", "more", "sentence"),
    [
        (Recipe(), {}, "indicator 'x' has no two goalposts"),
        (Recipe(), {"low": [1.0], "high": [1.0]}, "low and high, different"),
        (Recipe(), {"low": [0.0], "high": [1.0], "curve": ["log"]}, "above 0 for a log curve"),
        (Recipe("sigmoid"), {}, "normalisation 'sigmoid' is not accepted; accepted: goalposts"),
        (Recipe("min_max", "median"), {}, "kind 'median' is not accepted"),
        (Recipe("min_max", "geometric", (0.0, 1.0)), {}, "a score is zero or less"),
    ],
)
def test_what_is_refused(recipe, more, sentence):
    with pytest.raises(ContractError, match=sentence):
        city_composite(table({"x": [1.0, 2.0]}), flat("x", **more), recipe)


def test_without_one_indicator_the_others_decide():
    values = table({"x": [1.0, 3.0, 2.0], "y": [8.0, 4.0, 1.0]})
    built = flat("xy", low=[0.0, 0.0], high=[4.0, 8.0])
    result = leave_one_out(values, built)
    for name, other in ("xy", "yx"):
        alone = city_composite(
            values.filter(pl.col("indicator_id") == other), built.filter(pl.col("element_id") != name)
        )
        told = dict(result.filter(pl.col("element_id") == name).select("city_id", "rank_without").iter_rows())
        assert told == {city: rank for city, (_, rank) in index_of(alone).items()}
    assert (result["change"] == result["rank_without"].cast(int) - result["rank"].cast(int)).all()
    with pytest.raises(ContractError, match="level 3 has no element below the index; accepted: 1 to 1"):
        leave_one_out(values, built, level=3)


def test_an_index_of_one_indicator_has_no_score_without_it():
    result = leave_one_out(table({"x": [1.0, 2.0]}), flat("x"), Recipe("min_max"))
    assert result["rank_without"].to_list() == [None, None]


@cache
def asem() -> tuple[pl.DataFrame, pl.DataFrame]:
    treated = pl.read_csv(FACTS / "composite_vectors_asem_treated.csv", null_values="NA")
    values = treated.rename({"uCode": "city_id"}).unpivot(index="city_id", variable_name="indicator_id")
    meta = pl.read_csv(FACTS / "composite_vectors_asem_meta.csv", null_values="NA").drop_nulls("Level")
    names = {"iCode": "element_id", "Parent": "parent_id", "Weight": "weight", "Direction": "direction"}
    return values.with_columns(pl.col("value").cast(pl.Float64)), meta.select(*names).rename(names)


def told(case: str) -> dict[str, float]:
    rows = pl.read_csv(FACTS / "composite_vectors_coinr_functions.csv").filter(pl.col("case") == case)
    assert rows.height
    return dict(rows.select("element", "value").iter_rows())


@pytest.mark.reference
@pytest.mark.skipif(not FACTS.exists(), reason="the facts files are not here")
def test_asem_every_score_and_rank():
    result = city_composite(*asem(), Recipe("min_max"))
    expected = pl.read_csv(FACTS / "composite_vectors_asem_expected.csv")
    both = expected.join(result, left_on=["unit", "element"], right_on=["city_id", "element_id"], validate="1:1")
    assert both.height == 286
    assert both.select((pl.col("score") - pl.col("expected_score")).abs().max()).item() < 1e-9
    ranked = both.filter(pl.col("element") == "Index")
    assert (ranked["rank"] == ranked["expected_index_rank"]).all()


@pytest.mark.reference
@pytest.mark.skipif(not FACTS.exists(), reason="the facts files are not here")
@pytest.mark.parametrize(
    ("recipe", "case", "place"),
    [
        (Recipe("min_max", "geometric"), "index_gmean_minmax1_100", 0),
        (Recipe("min_max", "geometric"), "index_rank_gmean_minmax1_100", 1),
        (Recipe("z_score"), "index_amean_zscore10_2", 0),
        (Recipe("min_max"), "published_UA_rankstats_Nominal", 1),
    ],
)
def test_coinr_indices(recipe, case, place):
    found = {city: pair[place] for city, pair in index_of(city_composite(*asem(), recipe)).items()}
    expected = told(case)
    assert len(expected) == 26
    assert [found[city] for city in expected] == pytest.approx(list(expected.values()), abs=1e-9, rel=0)


@pytest.mark.reference
@pytest.mark.skipif(not FACTS.exists(), reason="the facts files are not here")
def test_coinr_leave_one_out_and_correlation():
    result = leave_one_out(*asem(), Recipe("min_max"), level=2)
    found = dict(result.select("element_id", "mean_abs_change").unique().iter_rows())
    expected = {
        name: value for name, value in told("remove_elements_L2_mean_abs_rank_diff").items() if name != "Nominal"
    }
    assert len(expected) == 4
    assert [found[name] for name in expected] == pytest.approx(list(expected.values()), abs=1e-9)
    scores = city_composite(*asem(), Recipe("min_max")).pivot("element_id", index="city_id", values="score")
    correlation = np.corrcoef(scores["Index"], scores["Conn"])[0, 1]
    assert correlation == pytest.approx(told("corr_pearson_index_vs_subindex")["Index Conn"], abs=1e-9)
