"""Curves with their bands: localised, dispersed, structureless; weights, sites, seeds, and what is refused."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from indicators.clustering import concentration as module
from indicators.clustering.concentration import Chance, k_density, relative_density
from indicators.clustering.pair_density import bandwidth
from indicators.frames import ContractError

QUICK = Chance(draws=99, seed=7)


def places_of(n: int = 400, own: int = 60, packed: bool = True, seed: int = 4) -> pl.DataFrame:
    """A city in which industry a lies in one quarter, or anywhere."""
    random = np.random.default_rng(seed)
    x, y = random.uniform(500_000, 520_000, (2, n))
    if packed:
        x[:own], y[:own] = random.normal(503_000, 800, own), random.normal(505_000, 800, own)
    return pl.DataFrame({"x_m": x, "y_m": y, "industry_code": ["a"] * own + ["b"] * (n - own)})


def test_a_quarter_of_one_industry_is_localised_at_short_distances_only():
    found = k_density(places_of(), "a", chance=QUICK)
    assert found["distance_m"][-1] == bandwidth(*places_of().select("x_m", "y_m").to_numpy().T).median_m
    near = found.filter(pl.col("distance_m") < 1_500)
    assert set(near["reading"]) == {"localised"}
    assert found["reading"][-1] == "within"
    assert found.select("n", "n_sites", "n_all", "draws", "way", "shown").row(0) == (60, 60, 400, 99, "pairs", True)
    relative = relative_density(places_of(), "a", chance=QUICK)
    assert relative["reading"][50] == "localised"
    assert relative["relative_density"][50] > 3


def test_an_industry_in_every_corner_is_dispersed():
    random = np.random.default_rng(8)
    middle = random.normal(510_000, 1_000, (300, 2))
    corners = np.array([[a, b] for a in (500_000, 520_000) for b in (500_000, 520_000)] * 5) + random.normal(
        0, 50, (20, 2)
    )
    x, y = np.vstack([middle, corners]).T
    far = pl.DataFrame({"x_m": x, "y_m": y, "industry_code": ["b"] * 300 + ["a"] * 20})
    assert "localised" in k_density(far, "a", 21_000.0, chance=QUICK)["reading"].to_list()  # five to a corner
    one_each = far.with_columns(
        pl.when(pl.int_range(pl.len()) >= 316).then(pl.lit("a")).otherwise(pl.lit("b")).alias("industry_code")
    )
    found = k_density(one_each, "a", 10_000.0, 500.0, chance=QUICK)
    assert "dispersed" in found["reading"].to_list()
    assert not found["shown"][0]


def test_structureless_industries_leave_the_global_band_no_more_often_than_they_may():
    outside = 0
    for seed in range(40):
        found = k_density(places_of(250, 40, packed=False, seed=seed), "a", chance=Chance(99, seed))
        outside += (found["reading"] != "within").any()
    assert outside <= 6  # 5 % of 40 is 2; 7 or more has a chance of 0.3 %


@pytest.mark.parametrize("own", [60, 1_100])
def test_a_seed_gives_the_same_bands_with_and_without_numba(own, monkeypatch):
    places = places_of(3 * own, own)
    chance = Chance(4, 3)
    found, other = k_density(places, "a", chance=chance), k_density(places, "a", chance=Chance(4, 4))
    assert_frame_equal(found, k_density(places, "a", chance=chance))
    assert not found["local_high"].equals(other["local_high"])
    assert found["density"].equals(other["density"])
    monkeypatch.setattr("indicators.clustering.pair_density.compiled", lambda loop: None)
    monkeypatch.setattr("indicators.clustering.raster_density.compiled", lambda loop: None)
    assert_frame_equal(k_density(places, "a", chance=chance), found, rel_tol=1e-9)


def test_draws_come_from_all_places_without_replacement(monkeypatch):
    seen = []
    monkeypatch.setattr(
        module, "density_of", lambda *_, **__: (lambda chosen, w: seen.append((chosen, w)) or np.zeros(11), "pairs")
    )
    places = places_of(100, 30).with_columns(weight=pl.Series(np.arange(1.0, 101.0)))
    k_density(places, "a", 1_000.0, 100.0, chance=Chance(50))
    assert len(seen) == 50
    assert all(len(set(chosen)) == 30 for chosen, _ in seen)
    assert {place for chosen, _ in seen for place in chosen} == set(range(100))
    assert all(sorted(weight) == list(range(1, 31)) for _, weight in seen)
    assert seen[0][1].tolist() != seen[1][1].tolist()


def test_weights_change_the_curve_and_rows_without_one_are_counted():
    places = places_of().with_columns(weight=pl.Series([1.0] * 50 + [None] * 5 + [0.0] * 5 + [1.0] * 340))
    found = k_density(places, "a", 5_000.0, chance=Chance(0))
    assert found.select("n", "n_all", "n_unknown").row(0) == (50, 390, 10)
    heavy = places.with_columns(weight=pl.when(pl.int_range(pl.len()) < 2).then(100.0).otherwise(pl.col("weight")))
    assert not k_density(heavy, "a", 5_000.0, chance=Chance(0))["density"].equals(found["density"])


def test_sites_are_a_second_line():
    places = places_of()
    crowded = pl.concat([places, *[places.head(1)] * 80])
    firms, sites = (k_density(crowded, "a", 4_000.0, chance=Chance(0), sites=sites) for sites in (False, True))
    assert firms.select("n", "n_sites", "n_all").row(0) == (140, 60, 480)
    assert sites.select("n", "n_sites", "n_all").row(0) == (60, 60, 400)
    assert firms["density"][0] > 3 * sites["density"][0]
    assert_frame_equal(sites.drop("n_all"), k_density(places, "a", 4_000.0, chance=Chance(0)).drop("n_all"))


def test_all_enterprises_have_a_curve_and_no_bands():
    found = k_density(places_of().drop("industry_code"), reach_m=1_000.0)
    assert found["density"].null_count() == 0
    assert found["reading"].null_count() == found.height == 101
    assert found["draws"][0] == 0


def test_three_hundred_on_one_point_have_no_curve():
    one = pl.DataFrame({"x_m": [500_000.0] * 300, "y_m": [1.0] * 300, "industry_code": ["a"] * 300})
    found = k_density(one, "a", 1_000.0, chance=QUICK)
    assert found["density"].null_count() == found.height
    assert found.select("n", "n_sites", "h_m").row(0) == (300, 1, None)
    relative = relative_density(one, "a", 100.0, 100.0, QUICK)
    assert relative["relative_density"].to_list() == [1.0, 1.0]
    assert relative["reading"].to_list() == ["within", "within"]


def test_a_place_without_neighbours_is_no_zero():
    far = pl.DataFrame({"x_m": [0.0, 9e5, 5e5], "y_m": [1e3] * 3, "industry_code": ["a", "a", "b"]})
    found = relative_density(far, "a", 1_000.0, 500.0, Chance(5))
    assert found["relative_density"].to_list() == [None] * 3
    assert found["reading"].to_list() == [None] * 3


def test_relative_density_of_an_industry_that_is_everything_is_one():
    found = relative_density(places_of().with_columns(industry_code=pl.lit("a")), "a", 3_000.0, 500.0, Chance(9))
    assert found["relative_density"].drop_nulls().to_list() == pytest.approx([1.0] * found["relative_density"].count())


def test_no_rows_give_the_same_columns_without_rows():
    empty = places_of().clear()
    for curve in (
        lambda rows: k_density(rows, "a", 100.0, chance=Chance(2)),
        lambda rows: relative_density(rows, "a", chance=Chance(2)),
    ):
        assert curve(empty).schema == curve(places_of()).schema
        assert curve(empty).is_empty()


@pytest.mark.parametrize(
    ("places", "options", "words"),
    [
        (places_of(), {"industry": "q"}, "industry 'q' has no place with a weight"),
        (places_of(), {"industry": "a", "reach_m": -5.0}, "reach_m -5, step_m -0.05 are not accepted"),
        (places_of(), {"industry": "a", "chance": Chance(-1)}, "draws -1 is not accepted"),
        (places_of(), {"industry": "a", "chance": Chance(9, 0, 0.5)}, "level 0.5 is not accepted"),
        (places_of(), {"industry": ""}, "industry '' is not accepted"),
        (places_of().with_columns(pl.col("x_m", "y_m") / 6_000), {"industry": "a"}, "look like degrees"),
        (
            places_of().with_columns(x_m=pl.lit(None, pl.Float64)),
            {"industry": "a"},
            "column x_m, row 1: the value is empty",
        ),
    ],
)
def test_wrong_input_is_named(places, options, words):
    with pytest.raises(ContractError, match=words):
        k_density(places, **options)
