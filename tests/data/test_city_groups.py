"""Groups of cities, directions and ratios: every code is known, every group can be shown in both languages."""

from __future__ import annotations

import polars as pl

from data import registry
from data.city_groups import city_groups, indicator_directions, provinces, ratio_indicators, regions

MEMBERS = {"essen", "dortmund", "bochum", "duisburg"}


def test_every_city_of_a_group_has_figures_and_one_name_per_group():
    known = set(registry.city_figures()["city_id"])
    assert set(city_groups()["city_id"]) <= known
    named = city_groups().group_by("group_id", "kind").agg(pl.col("name_zh", "name_en").n_unique())
    assert named.select("name_zh", "name_en").unique().rows() == [(1, 1)]
    assert set(city_groups()["kind"]) == {"choice", "region"}


def test_the_members_of_the_ruhr_are_municipalities_of_its_register():
    region = city_groups().filter(kind="region")
    assert set(region["city_id"]) == MEMBERS
    names = set(registry.districts_of("ruhr")["name_en"])
    cities = registry.cities().filter(pl.col("city_id").is_in(MEMBERS))
    assert set(cities["name_en"]) <= names


def test_every_city_has_its_province_and_the_lists_of_heritage_agree():
    cities = registry.cities()
    places = cities.filter(~pl.col("city_id").str.contains("national|old_industrial"))
    assert set(provinces()) == set(places["city_id"])
    assert cities["province_zh"].is_null().equals(cities["province_en"].is_null())
    listed = registry.industrial_heritage().select("province", name_zh=pl.col("city").str.strip_suffix("市")).unique()
    both = places.filter(country_zh="中国").join(listed, on="name_zh")
    assert both.height >= 15
    assert (both["province_zh"] == both["province"]).all()


def test_a_region_is_read_as_its_city_or_its_province():
    known = regions()
    assert {known[name] for name in ("guangzhou", "广州", "广州市", "Guangzhou")} == {"guangzhou"}
    assert {known[name] for name in ("广东", "广东省", "Guangdong")} == {"广东省"}
    assert {known[name] for name in ("西藏", "Xizang")} == {"西藏自治区"}
    assert set(known.values()) == set(provinces()) | set(provinces().values())
    assert "national" not in known


def test_directions_are_of_known_indicators_with_a_reason():
    known = {*registry.city_figures()["indicator_id"], *ratio_indicators()["indicator_id"]}
    rows = indicator_directions()
    assert {name.split("~")[0] for name in rows["indicator_id"]} <= known
    assert rows["indicator_id"].n_unique() == rows.height
    assert set(rows["direction"]) == {-1, 0, 1}
    assert rows.select("dimension", "reason_zh", "reason_en").null_count().row(0) == (0, 0, 0)


def test_totals_are_size_and_never_a_merit():
    totals = ["population", "gdp", "unemployed", "establishments_total", "culture_value_added"]
    rows = indicator_directions().filter(pl.col("indicator_id").is_in(totals))
    assert rows["direction"].to_list() == [0] * 5


def test_both_sides_of_a_ratio_are_published_indicators():
    known = set(registry.city_figures()["indicator_id"])
    rows = ratio_indicators()
    assert {*rows["numerator_id"], *rows["denominator_id"]} <= known
    assert not set(rows["indicator_id"]) & known
    assert set(rows["factor"]) == {100.0, 1000.0}
