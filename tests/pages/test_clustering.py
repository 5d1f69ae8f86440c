"""The page of enterprise clustering: open enterprises, clusters, quotients; the map one chooses."""

from __future__ import annotations

import polars as pl
import pytest

from indicators.clustering.specialisation import location_quotients

pytestmark = pytest.mark.usefixtures("demo")


@pytest.fixture
def open_enterprises(demo, stored):
    rows = stored().enterprises().filter(pl.col("city_id") == "beijing")
    return rows.filter((pl.col("status") == "active") & pl.col("closed_on").is_null()).collect()


def test_the_figures_on_top(look, screen, open_enterprises):
    at = look("clustering", lang="en")
    figures = screen(at).figures()
    assert figures["Open enterprises"] == f"{open_enterprises.height:,}"
    inside = open_enterprises["park_id"].is_not_null().sum()
    assert figures["Inside parks"] == f"{100 * inside / open_enterprises.height:.1f} %"
    assert at.title[0].value == f"{figures['Enterprise clusters']} enterprise clusters in Beijing"
    assert screen(at).table("Cluster", "Enterprises").height == int(figures["Enterprise clusters"])


def test_a_district_has_its_own_figures(look, screen, open_enterprises):
    at = look("clustering", lang="en", district="110108")
    here = open_enterprises.filter(pl.col("district_code") == "110108")
    assert screen(at).figures()["Open enterprises"] == f"{here.height:,}"
    assert "Haidian" in at.title[0].value


def test_the_quotients_are_those_of_the_method_and_small_cells_stay_blank(look, screen, open_enterprises):
    known = location_quotients(open_enterprises, region="district_code", industry="industry_code")
    table = screen(look("clustering", lang="en")).table("District code", "Industry code", "Value")
    both = table.join(known, left_on=["District code", "Industry code"], right_on=["district_code", "industry_code"])
    assert both.height == table.height > 100
    small = both.filter(~pl.col("shown"))
    assert small.height
    assert small["Value"].null_count() == small.height
    assert small.filter(pl.col("n") > 0).height == 0
    large = both.filter("shown")
    assert (large["Value"] - large["location_quotient"]).abs().max() < 1e-9


def test_the_analyst_sees_small_cells_and_the_official_those_of_the_own_district(look, screen):
    columns = ("District code", "Industry code", "Value")
    every = screen(look("clustering", lang="en", **{"as": "analyst"})).table(*columns)
    assert every.filter(pl.col("n").is_between(1, 4))["Value"].null_count() == 0
    own = screen(look("clustering", lang="en", **{"as": "official"})).table(*columns)
    assert set(own["District code"]) == {"110105"}
    assert own["Value"].null_count() == 0


def test_the_other_classification_and_the_other_map(look, screen):
    at = look("clustering", lang="en", scheme="culture_code", layer="districts")
    assert not at.exception
    assert screen(at).table("Culture industry code", "Value").height
    assert ": " in screen(at).districts()["110105"][0]
    assert at.query_params == {"lang": "en", "scheme": "culture_code", "layer": "districts"}


@pytest.mark.parametrize("layer", ["hexagons", "districts"])
def test_a_map_that_promises_a_click_has_districts_to_click(look, screen, layer):
    at = look("clustering", lang="en", layer=layer)
    promised = any("Click a district on the map" in caption.value for caption in at.caption)
    clickable = [one for one in screen(at).decks()[0]["layers"] if one["id"] == "districts" and one["pickable"]]
    assert promised == bool(clickable)
    if clickable:
        assert "110105" in screen(at).districts()
