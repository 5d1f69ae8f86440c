"""No figure without a source: all figures the page can show, and every row its tables do show."""

from __future__ import annotations

import polars as pl
import pytest

from data import registry
from data.store import ScopedStore
from pages.parts.cities import cached_cities

NEEDED = ("source_title", "unit", "period", "territory")


def without(figures: pl.DataFrame, column: str) -> pl.DataFrame:
    return figures.filter(pl.col(column).is_null() | (pl.col(column).str.strip_chars() == ""))


class FakeVisit:
    """What the cached functions need of a visit."""

    key, name = "sources", "name_en"

    def __init__(self, store: ScopedStore) -> None:
        self.store = store


def test_every_figure_has_source_unit_period_and_territory(demo, stored):
    figures = cached_cities.every_figure("sources", FakeVisit(stored()))
    assert figures.height == registry.city_figures().height >= 2_139
    for column in NEEDED:
        assert without(figures, column).rows() == [], column
    assert figures["period"].str.contains(r"^\d{4}(-\d{2})?$").all()
    linked = figures["source_url"].drop_nulls()
    assert linked.str.contains(r"^https?://[^ ]+$").all()
    bare = figures.filter(pl.col("source_url").is_null())
    assert bare["source_publisher"].null_count() == 0


@pytest.mark.parametrize("column", NEEDED)
def test_the_walk_would_find_a_figure_without_one(column):
    figures = (
        registry.city_figures()
        .head(3)
        .with_columns(pl.when(pl.int_range(pl.len()) == 1).then(pl.lit("")).otherwise(column).alias(column))
    )
    assert without(figures, column).height == 1


VIEWS = [
    ("indicators", "gdp", "shenzhen"),
    ("indicators", "population", "pittsburgh"),
    ("indicators", "visitors_site", "manchester"),
    ("indicators", "cultural_parks", "beijing"),
    ("trajectories", "", "beijing"),
    ("c3", "", "shanghai"),
]


@pytest.mark.parametrize(("view", "indicator", "city"), VIEWS)
def test_every_row_of_a_view_names_its_source_and_links_to_it(demo, look, screen, view, indicator, city):
    query = {"indicator": indicator} if indicator else {}
    tables = screen(look("cities", lang="en", look=view, city=city, **query)).tables()
    figures = [table for table in tables if {"Source", "Link"} <= set(table.columns)]
    assert figures
    known = registry.city_figures()
    links = dict(known.select("source_title", "source_url").unique("source_title").iter_rows())
    for table in figures:
        shown = table.filter(pl.col("Value").is_not_null()) if "Value" in table.columns else table
        assert shown.height
        for column in {"Source", "Territory", "Unit", "Year", "Trust"} & set(shown.columns):
            assert without(shown.with_columns(pl.col(column).cast(pl.String)), column).height == 0, column
        for source, link in shown.select("Source", "Link").iter_rows():
            assert link == links[source] if source in links else link is None, source


def test_every_indicator_has_a_level_row_with_its_source_for_every_city_that_has_figures(demo, stored):
    visit = FakeVisit(stored())
    for indicator in cached_cities.indicators("sources", visit).filter(pl.col("n_cities") > 0)["indicator_id"]:
        levels = cached_cities.levels("sources", indicator, visit)
        here = levels.filter(pl.col("reason").fill_null("") != "no_figure")
        cities = registry.city_figures().filter(indicator_id=indicator)["city_id"].unique()
        assert set(here["city_id"]) == set(cities) - set(cached_cities.CONTEXT), indicator
        for column in NEEDED:
            assert without(here, column).height == 0, (indicator, column)
        compared = levels.filter(pl.col("reason").is_null())
        assert compared["unit"].n_unique() <= 1, indicator
        assert (compared["period"].str.len_chars() == 4).n_unique() <= 1, indicator


def test_an_uploaded_figure_stands_beside_the_shipped_ones_with_its_own_source(copied, upload_figures, look, screen):
    lines = (
        "hangzhou,,Whole municipality (市域),cci_value_added_local,2015,855,100 million CNY,NBS definition,B,Bulletin,"
        "https://example.org/b",
        "leipzig,Leipzig,,secondary_share_gdp,2020,24.5,%,,,Own count,",
    )
    upload_figures(*lines)
    table = screen(look("cities", lang="en", city="leipzig")).table("City", "Year")
    row = table.filter(pl.col("City") == "Leipzig").row(0, named=True)
    assert (row["Value"], row["Unit"], row["Trust"], row["Territory"]) == (24.5, "%", "own", "not stated in the upload")
    assert (row["Source"], row["Link"]) == ("Own count", None)
    apart = screen(look("cities", lang="en", city="hangzhou", indicator="cci_value_added_local"))
    values = apart.table("Line", "Year").sort("Value")
    assert values.select("Value", "Year").rows() == [(855.0, "2015"), (2232.14, "2015")]
    assert values["Line"].n_unique() == 2
    assert any("differ in national or local definition" in caption.value for caption in apart.at.caption)
    level = apart.table("City", "Year").filter(pl.col("City") == "Hangzhou")
    assert level["Value"].item() == 2232.14
