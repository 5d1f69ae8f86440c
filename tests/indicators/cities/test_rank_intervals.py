"""Rank intervals: the same as draw by draw, seeded, inside 1..n, and near what COINr published for ASEM."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.cities.composite import CompositeLockedError, Recipe, city_composite, gated, indicator_scores
from indicators.cities.rank_intervals import Doubt, drawn_ranks, rank_intervals
from indicators.cities.structure import element_scores, tree
from indicators.frames import ContractError

FACTS = Path(__file__).parents[3].parent / "shared" / "facts"
small = settings(max_examples=20, deadline=None)
STRUCTURE = pl.DataFrame(
    {
        "element_id": ["w", "x", "y", "z", "soft", "index"],
        "parent_id": ["soft", "soft", "index", "soft", "index", None],
        "weight": [1.0, 2.0, 3.0, 1.0, 1.0, 1.0],
        "direction": [1, -1, 1, 1, 1, 1],
    }
)
QUICK = Doubt(draws=60)


def figures(seed: int, cities: int = 8, hole: bool = False) -> pl.DataFrame:
    random = np.random.default_rng(seed)
    names = [f"c{place}" for place in range(cities)]
    values = pl.DataFrame(
        {
            "city_id": [city for city in names for _ in "wxyz"],
            "indicator_id": list("wxyz") * cities,
            "value": random.normal(size=4 * cities),
        }
    )
    return values.filter(~((pl.col("city_id") == "c0") & (pl.col("indicator_id") == "w"))) if hole else values


def one_by_one(values: pl.DataFrame, recipe: Recipe, doubt: Doubt) -> list[list[int]]:
    """The same draws, each as a composite of its own."""
    random = np.random.default_rng(doubt.seed)
    ways = [(n, k) for n in doubt.normalisations for k in doubt.kinds]
    picked = random.integers(len(ways), size=doubt.draws)
    spread = doubt.spread_pct / 100
    order = tree(STRUCTURE).elements
    noise = random.uniform(1 - spread, 1 + spread, size=(doubt.draws, len(order)))
    weight = dict(STRUCTURE.select("element_id", "weight").iter_rows())
    ranks = []
    for way, factors in zip(picked, noise, strict=True):
        drawn = {name: weight[name] * factor for name, factor in zip(order, factors, strict=True)}
        built = STRUCTURE.with_columns(pl.Series("weight", [drawn[name] for name in STRUCTURE["element_id"]]))
        normalisation, kind = ways[way]
        result = city_composite(values, built, Recipe(normalisation, kind, needed_pct=recipe.needed_pct))
        ranks.append(result.filter(pl.col("element_id") == "index").sort("city_id")["rank"].to_list())
    return [list(row) for row in zip(*ranks, strict=True)]


@pytest.mark.parametrize("hole", [False, True])
def test_the_draws_are_composites_with_other_weights(hole):
    values, recipe = figures(3, hole=hole), Recipe("min_max", needed_pct=50.0)
    built, _, table = gated(values, STRUCTURE, recipe)
    doubt = Doubt(draws=40, normalisations=("min_max", "z_score", "percent_rank"), kinds=("arithmetic", "geometric"))
    assert drawn_ranks(table, built, recipe, doubt).tolist() == one_by_one(values, recipe, doubt)


@small
@given(st.integers(0, 1000), st.integers(1, 9))
def test_bounds_seeds_and_overlaps(seed, cities):
    values = figures(seed, cities + 1)
    result = rank_intervals(values, STRUCTURE, Recipe("min_max"), QUICK)
    assert result.equals(rank_intervals(values, STRUCTURE, Recipe("min_max"), QUICK))
    n = cities + 1
    for low, middle, mean, high in result.select("rank_q5", "rank_median", "rank_mean", "rank_q95").iter_rows():
        assert 1 <= low <= middle <= high <= n
        assert 1 <= mean <= n
    assert result["rank_mean"].sum() >= n * (n + 1) / 2 - 1e-6 - n  # ties share the better rank
    assert result["first_pct"].sum() >= 100.0 - 1e-9
    near = {row[0]: set((row[1] or "").split("; ")) - {""} for row in
            result.select("city_id", "not_distinguishable_from").iter_rows()}  # fmt: skip
    for city, others in near.items():
        assert all(city in near[other] for other in others)
        assert city not in others
    assert result["n_overlapping"].to_list() == [len(near[city]) for city in result["city_id"]]


def test_without_doubt_the_interval_is_the_rank():
    sure = Doubt(draws=5, spread_pct=0.0, normalisations=(), kinds=())
    result = rank_intervals(figures(1), STRUCTURE, Recipe("min_max"), sure)
    for name in ("rank_mean", "rank_median", "rank_q5", "rank_q95"):
        assert (result[name] == result["rank"]).all()
    assert result["not_distinguishable_from"].null_count() == 8
    assert result["first_pct"].to_list() == [100.0] + [0.0] * 7


def test_more_doubt_gives_wider_intervals():
    def width(spread: float) -> float:
        result = rank_intervals(figures(5, 30), STRUCTURE, Recipe("min_max"), Doubt(400, 1, spread, ("min_max",), ()))
        return float((result["rank_q95"] - result["rank_q5"]).sum())

    assert width(5.0) < width(25.0) < width(75.0)


def test_equal_cities_share_every_rank_and_are_not_distinguishable():
    values = figures(2, 3)
    twin = values.filter(pl.col("city_id") == "c1").with_columns(city_id=pl.lit("twin"))
    result = rank_intervals(pl.concat([values, twin]), STRUCTURE, Recipe("min_max"), QUICK)
    both = result.filter(pl.col("city_id").is_in(["c1", "twin"]))
    for name in ("score", "rank", "rank_mean", "rank_q5", "rank_q95", "first_pct"):
        assert both[name].n_unique() == 1
    assert "twin" in both.filter(pl.col("city_id") == "c1")["not_distinguishable_from"].item()


def test_the_lock_holds_here_too():
    with pytest.raises(CompositeLockedError, match="c0: w"):
        rank_intervals(figures(1, hole=True), STRUCTURE, Recipe("min_max"), QUICK)


@pytest.mark.parametrize(
    ("doubt", "sentence"),
    [
        (Doubt(draws=0), "draws 0 is not accepted"),
        (Doubt(spread_pct=100.0), "spread_pct 100 is not accepted; accepted: 0 to below 100"),
        (Doubt(normalisations=("rank",)), "normalisations: accepted: goalposts, min_max"),
        (Doubt(kinds=("median",)), "kinds: accepted: arithmetic, geometric, harmonic"),
    ],
)
def test_what_is_refused(doubt, sentence):
    with pytest.raises(ContractError, match=sentence):
        rank_intervals(figures(1), STRUCTURE, Recipe("min_max"), doubt)


def test_a_scale_from_zero_has_no_geometric_mean():
    with pytest.raises(ContractError, match="choose a scale that starts above 0"):
        rank_intervals(figures(1), STRUCTURE, Recipe("min_max", "arithmetic", (0.0, 1.0)), QUICK)


@pytest.mark.reference
@pytest.mark.skipif(not FACTS.exists(), reason="the facts files are not here")
def test_near_the_published_intervals_of_asem():
    treated = pl.read_csv(FACTS / "composite_vectors_asem_treated.csv", null_values="NA").rename({"uCode": "city_id"})
    values = treated.unpivot(index="city_id", variable_name="indicator_id").cast({"value": pl.Float64})
    meta = pl.read_csv(FACTS / "composite_vectors_asem_meta.csv", null_values="NA").drop_nulls("Level")
    names = {"iCode": "element_id", "Parent": "parent_id", "Weight": "weight", "Direction": "direction"}
    structure = meta.select(*names).rename(names)
    result = rank_intervals(values, structure, Recipe("min_max"))
    told = pl.read_csv(FACTS / "composite_vectors_coinr_functions.csv")
    for name, column, most in (
        ("Mean", "rank_mean", 1.5),
        ("Median", "rank_median", 2),
        ("Q5", "rank_q5", 2),
        ("Q95", "rank_q95", 2),
    ):
        expected = told.filter(pl.col("case") == f"published_UA_rankstats_{name}")
        both = expected.join(result, left_on="element", right_on="city_id", validate="1:1")
        assert both.height == 26
        assert both.select((pl.col("value") - pl.col(column)).abs().max()).item() <= most
    built, _, table = gated(values, structure, Recipe("min_max"))
    score = element_scores(indicator_scores(table, built, Recipe("min_max")), built, "arithmetic")[:, -1]
    assert result["score"].to_list() == pytest.approx(sorted(score, reverse=True))
