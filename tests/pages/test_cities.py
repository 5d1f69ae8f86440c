"""The page of city comparison: published values with year, territory and source, never joined across a break."""

from __future__ import annotations

import polars as pl

from data import registry


def test_every_row_names_year_unit_territory_and_source(demo, look, screen):
    shown = screen(look("cities", lang="en"))
    for table in [table for table in shown.tables() if {"City", "Year"} <= set(table.columns)]:
        for column in ("City", "Territory", "Year", "Value", "Unit", "Source", "Trust"):
            assert table[column].null_count() == 0, column


def test_values_are_those_of_the_register(demo, look, screen):
    at = look("cities", lang="en", indicator="gdp", city="shanghai")
    assert at.query_params == {"lang": "en", "indicator": "gdp", "city": "shanghai"}
    figures = registry.city_figures().filter((pl.col("indicator_id") == "gdp") & (pl.col("city_id") == "shanghai"))
    latest = screen(at).table("City", "Year")
    row = latest.filter(pl.col("City") == "Shanghai").row(0, named=True)
    known = figures.filter((pl.col("period") == row["Year"]) & (pl.col("territory") == row["Territory"]))
    assert row["Value"] in known["value"].to_list()
    assert row["Source"] in known["source_title"].to_list()


def test_a_series_has_one_territory_unit_and_source(demo, look, screen):
    for city in ("beijing", "shanghai", "ruhr", "pittsburgh"):
        at = look("cities", lang="en", city=city, indicator="population")
        assert not at.exception
        tables = [table for table in screen(at).tables() if {"City", "Year", "Indicator"} <= set(table.columns)]
        for table in tables:
            if table["City"].n_unique() == table["Indicator"].n_unique() == 1 and table.height > 1:
                assert table.select(pl.col("Territory", "Unit", "Source").n_unique()).row(0) == (1, 1, 1)
                assert table["Year"].n_unique() == table.height


def test_the_chosen_district_shows_what_the_registers_say(demo, look, screen):
    at = look("cities", lang="en", district="110105")
    area = registry.districts().filter(pl.col("district_code") == "110105")["area_km2"].item()
    cells = [cell for table in screen(at).tables() for cell in table.select(pl.col(pl.String)).rows()]
    assert any(f"{area:,.1f} km²" in row for row in cells)


def test_nothing_of_the_survey_is_on_this_page(demo, look, screen):
    at = look("cities")
    assert not at.metric
    assert "景气" not in "".join(title.value for title in [*at.title, *at.subheader])
    assert any("点击地图上的城市" in caption.value for caption in at.caption)
