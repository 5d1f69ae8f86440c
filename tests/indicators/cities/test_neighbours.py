"""Nearest peers and the profile against them."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data import registry
from indicators.cities.comparability import ComparabilityError, latest
from indicators.cities.neighbours import city_profile, nearest_peers
from indicators.frames import FIGURES, ContractError

small = settings(max_examples=40, deadline=None)
METRICS = [f"m{place}" for place in range(6)]
cells = st.dictionaries(
    st.tuples(st.sampled_from("abcde"), st.sampled_from(METRICS)), st.integers(-50, 50).map(float), min_size=1
)


def table(values: dict[tuple[str, str], float]) -> pl.DataFrame:
    rows = [(city, metric, value) for (city, metric), value in values.items()]
    return pl.DataFrame(rows, schema=["city_id", "indicator_id", "value"], orient="row")


@small
@given(cells)
def test_distances_are_mutual_and_the_farthest_is_one(values):
    found = nearest_peers(table(values), fewest=2)
    cities = {city for city, _ in values}
    assert found.height == len(cities) * (len(cities) - 1)
    there = found.select("city_id", "peer_id", "distance", "n_shared")
    back = there.select(pl.col("peer_id").alias("city_id"), pl.col("city_id").alias("peer_id"), "distance", "n_shared")
    both = there.join(back, on=["city_id", "peer_id"])
    assert (both["distance"].fill_null(-1.0) - both["distance_right"].fill_null(-1.0)).abs().max() in (0.0, None)
    compared = found.drop_nulls("distance")
    assert (compared["n_shared"] >= 2).all()
    assert found.filter(pl.col("n_shared") < 2)["reason"].to_list() == ["too_few_shared"] * (
        found.height - compared.height
    )
    for part in compared.partition_by("city_id"):
        assert part["relative"].max() in (0.0, 1.0)
        assert part["distance"].is_sorted()


@small
@given(cells, st.floats(0.1, 9), st.floats(-9, 9))
def test_units_do_not_matter(values, factor, shift):
    other = {
        (city, metric): value * factor + shift if metric == "m0" else value for (city, metric), value in values.items()
    }
    one = nearest_peers(table(values), fewest=1).sort("city_id", "peer_id")["distance"]
    two = nearest_peers(table(other), fewest=1).sort("city_id", "peer_id")["distance"]
    assert np.allclose(one.fill_null(-1.0), two.fill_null(-1.0), atol=1e-6)


def test_the_distance_by_hand():
    values = {("a", "x"): 0.0, ("b", "x"): 1.0, ("c", "x"): 2.0, ("a", "y"): 10.0, ("b", "y"): 10.0, ("c", "y"): 40.0}
    found = nearest_peers(table(values), "a", fewest=2).select("peer_id", "distance", "relative", "shared")
    b, c = found.rows()
    assert b == ("b", pytest.approx(np.sqrt(1 / 2)), pytest.approx(np.sqrt(1 / 2) / c[1]), "x; y")
    assert c[1] == pytest.approx(np.sqrt((4 + 3) / 2))
    assert c[2] == 1.0


def test_five_shared_metrics_are_needed():
    values = {(city, metric): float(i + j) for i, city in enumerate("abc") for j, metric in enumerate(METRICS[:5])}
    assert nearest_peers(table(values), "a")["reason"].null_count() == 2
    del values["b", "m4"]
    assert nearest_peers(table(values), "a").select("peer_id", "rank", "n_shared", "reason").rows() == [
        ("c", 1, 5, None),
        ("b", None, 4, "too_few_shared"),
    ]


def test_metrics_without_spread_are_not_used():
    values = {(city, "flat"): 3.0 for city in "ab"} | {("a", "x"): 1.0, ("b", "x"): 2.0}
    assert nearest_peers(table(values), "a", fewest=1)["shared"].to_list() == ["x"]


def test_a_city_alone_and_an_unknown_city():
    assert nearest_peers(table({("a", "x"): 1.0}), "a").is_empty()
    with pytest.raises(ComparabilityError, match="'z' has no figure; accepted: a; choose one"):
        nearest_peers(table({("a", "x"): 1.0}), "z")
    with pytest.raises(ContractError, match="fewest 0 is not accepted"):
        nearest_peers(table({("a", "x"): 1.0}), fewest=0)


def test_the_ruhr_cities_find_each_other_in_the_register():
    figures = latest(registry.city_figures().select(list(FIGURES.schema)), not_after="2020")
    values = figures.select("city_id", "indicator_id", "value").unique(["city_id", "indicator_id"])
    found = nearest_peers(values, "essen").filter(pl.col("rank").is_not_null())
    assert set(found["peer_id"]) <= {"bochum", "dortmund", "duisburg", "ruhr"}
    assert found["n_shared"].min() >= 5
    assert found["relative"].max() == 1.0


def group(direction: int = 1) -> pl.DataFrame:
    values = {("a", "x"): 9.0, ("b", "x"): 1.0, ("c", "x"): 2.0, ("d", "x"): 3.0}
    return table(values).with_columns(direction=pl.lit(direction))


def test_less_is_better_makes_a_weakness():
    assert city_profile(group(), "a", ["b", "c", "d", "a", "b"]).select("standing", "rank", "finding").row(0) == (
        7.0,
        1,
        "strength",
    )
    assert city_profile(group(-1), "a", ["b", "c", "d"]).select("standing", "rank", "finding").row(0) == (
        -7.0,
        4,
        "weakness",
    )


def test_equal_peers_few_peers_and_missing_figures():
    flat = group().with_columns(value=pl.when(pl.col("city_id") != "a").then(2.0).otherwise(pl.col("value")))
    assert city_profile(flat, "a", ["b", "c", "d"]).select("standing", "finding", "n_group").row(0) == (None, None, 4)
    assert city_profile(group(), "a", ["b", "c"]).is_empty()
    assert city_profile(group(), "z", ["b", "c", "d"]).is_empty()
    assert city_profile(group(), "a", ["b", "c"], fewest=2).height == 1


def test_only_the_top_is_marked():
    values = {(city, metric): float((city == "a") * (place - 2) * 10 + "abcd".index(city)) for city in "abcd"
              for place, metric in enumerate(METRICS)}  # fmt: skip
    found = city_profile(table(values), "a", list("bcd"), top=2)
    assert found["finding"].to_list() == ["strength", "strength", None, None, "weakness", "weakness"]
    assert found["standing"].is_sorted(descending=True)
