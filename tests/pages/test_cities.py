"""The page of cities as a whole: which view, which city, and that every figure of every view names its source."""

from __future__ import annotations

import polars as pl
import pytest

from data import registry
from pages.parts.cities import cached_cities
from pages.parts.cities.city_choices import VIEWS


def test_the_address_chooses_the_view_and_any_city_with_figures(demo, look):
    at = look("cities", lang="en", look="trajectories", city="houston")
    assert at.query_params == {"lang": "en", "look": "trajectories", "city": "houston"}
    assert [box.value for box in at.selectbox if box.key == "city"] == ["houston"]
    assert not at.exception


def test_only_the_chosen_view_is_computed(demo, look, screen):
    shown = screen(look("cities", lang="en", look="c3"))
    assert not any("Years since" in table.columns for table in shown.tables())


def test_an_unknown_city_or_view_falls_back_to_the_first(demo, look):
    at = look("cities", lang="en", city="atlantis", look="league_table")
    assert {box.key: box.value for box in at.selectbox}["city"] == "beijing"
    assert VIEWS[0] == "indicators"
    assert "look" not in at.query_params


def test_nothing_of_the_survey_is_on_the_view_of_indicators(demo, look):
    at = look("cities")
    assert not at.metric
    assert "景气" not in "".join(title.value for title in [*at.title, *at.subheader])


@pytest.mark.parametrize("role", ["leadership", "official"])
def test_public_figures_are_the_same_for_every_role(demo, look, screen, role):
    table = screen(look("cities", lang="en", indicator="gdp", **{"as": role})).table("City", "Year")
    assert table.filter(pl.col("City") == "Shanghai")["Value"].item() == 30632.99


def test_groups_and_countries_are_no_cities_to_rank():
    groups = registry.cities().filter(pl.col("city_id").is_in(cached_cities.CONTEXT))
    assert groups.height == len(cached_cities.CONTEXT)
