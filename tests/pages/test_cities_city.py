"""A city's own page: what is on record of it, its maps, its story, every figure with its source; also an added city."""

from __future__ import annotations

import re

import polars as pl
import pytest

from data import city_registers, registry

ADDED = (
    "leipzig,Leipzig,Stadt,population,2019,593145,persons,,A,Statistisches Jahrbuch,https://example.org/a",
    "leipzig,Leipzig,Stadt,population,2020,597493,persons,,A,Statistisches Jahrbuch,https://example.org/a",
    "leipzig,Leipzig,Stadt,population,2021,601866,persons,,A,Statistisches Jahrbuch,https://example.org/a",
    "leipzig,Leipzig,Stadt,tram_lines,2021,13,lines,,B,Zeitung,",
)


def layers(deck: dict) -> dict[str, list[dict]]:
    return {layer["id"]: layer["data"] for layer in deck["layers"] if isinstance(layer["data"], list)}


def all_indicators(shown) -> pl.DataFrame:
    """The table of all indicators; the one behind the chart has the same columns and comes before it."""
    return [table for table in shown.tables() if {"Topic", "Indicator", "Figures"} <= set(table.columns)][-1]


def timeline(at) -> str:
    return next(one.value for one in at.markdown if "border-left" in one.value)


@pytest.fixture
def with_leipzig(copied, upload_figures):
    upload_figures(*ADDED)
    return copied


def test_what_is_on_record_is_counted_against_all_indicators(demo, look, screen):
    at = look("cities", lang="en", look="city", city="beijing")
    figures = registry.city_figures().filter(pl.col("city_id") == "beijing")
    every = registry.city_figures()["indicator_id"].n_unique()
    shown = screen(at).figures()
    assert shown == {"Indicators on record": "37", "Figures on record": "141", "Parks on record": "68"}
    assert (figures["indicator_id"].n_unique(), figures.height, every) == (37, 141, 123)
    assert any(one.value == "Beijing: published figures for 37 of 123 indicators (30%)" for one in at.subheader)
    assert any("trust A: 99 · trust B: 33 · trust seed: 9" in one.value for one in at.caption)
    assert any("/parks?city=beijing" in one.value for one in at.caption)


@pytest.mark.parametrize("city", ["beijing", "ruhr", "houston", "zigong"])
def test_every_row_has_year_unit_territory_trust_and_source(demo, look, screen, city):
    table = all_indicators(screen(look("cities", lang="en", look="city", city=city)))
    for column in ("Indicator", "Value", "Unit", "Year", "Territory", "Trust", "Source"):
        assert table[column].null_count() == 0, column
    links = [name for name in table.columns if name.startswith("Link")]
    assert table.select(pl.col(links).drop_nulls().str.starts_with("http").all()).row(0) == (True,) * len(links)
    figures = registry.city_figures().filter(pl.col("city_id") == city)
    assert table["Indicator"].n_unique() == figures["indicator_name_en"].n_unique()
    known = set(figures.select("value", "period", "source_url").rows())
    assert set(table.select("Value", "Year", links[0]).rows()) <= known


def test_the_newest_figure_of_each_territory_is_shown(demo, look, screen):
    table = all_indicators(screen(look("cities", lang="en", look="city", city="pittsburgh")))
    rows = table.filter(pl.col("Indicator") == "Manufacturing employment")
    newest = dict(rows.select("Territory", "Year").rows())
    assert newest["Pittsburgh, PA MSA (2023 delineation)"] == "2026-01"
    assert "2011" in newest.values()
    assert rows["Value"].to_list() != [0.0]


def test_the_story_is_dated_linked_and_in_order(demo, look):
    told = timeline(look("cities", lang="en", look="city", city="ruhr"))
    years = [int(year) for year in re.findall(r"^\*\*(\d{4})\*\*", told, re.M)]
    assert years == city_registers.milestones_of("ruhr")["year"].to_list()
    assert "1956** Post-war peak of coal mining: more than 470,000 jobs" in told
    assert "[Metropole Ruhr - Wirtschaftskraft](http://www.metropoleruhr.de/" in told
    chinese = timeline(look("cities", lang="zh", look="city", city="pittsburgh"))
    assert "**1950** 市区人口峰值:676,806人" in chinese
    assert "https://github.com/cestastanford/historical-us-city-populations" in chinese


@pytest.mark.parametrize(("city", "sites", "rest"), [("ruhr", 6, 23), ("beijing", 0, 60), ("pittsburgh", 7, 3)])
def test_sites_are_points_and_all_other_parks_bubbles(demo, look, screen, city, sites, rest):
    decks = [layers(deck) for deck in screen(look("cities", lang="en", look="city", city=city)).decks()]
    drawn, world = sorted(decks, key=lambda deck: "cities" in deck)
    assert {row["city_id"] for row in world["cities"]} >= {"beijing", "ruhr", "essen", "pittsburgh"}
    assert len(drawn["sites"]) == sites
    assert len({(row["lon"], row["lat"]) for row in drawn["sites"]}) == sites
    counted = [int(re.search(r": (\d+) parks$", row["text"])[1]) for row in drawn["bubbles"]]
    assert sum(counted) == rest
    assert len({row["district_code"] for row in drawn["bubbles"]}) == len(counted)


def test_a_city_without_positions_says_so_and_draws_no_map_of_parks(demo, look, screen):
    at = look("cities", lang="en", look="city", city="hangzhou")
    assert len(screen(at).decks()) == 1
    assert any("Hangzhou has 19 parks on record" in one.value for one in at.info)
    assert any("no sourced position, not drawn:" in one.value and "Hangzhou" in one.value for one in at.caption)


def test_the_series_of_the_box_is_drawn_with_its_source(demo, look):
    at = look("cities", lang="en", look="city", city="shenzhen", series="gdp")
    assert any(one.value.endswith(": Gross domestic product, current prices") for one in at.subheader)
    assert any("2001–2017" in one.value and "](https://data.stats.gov.cn" in one.value for one in at.caption)


def test_a_city_without_a_line_or_a_story_says_what_is_missing(demo, look):
    at = look("cities", lang="zh", look="city", city="cn_national")
    assert any("没有同一口径下三年以上的指标" in one.value for one in at.info)
    assert any(one.value == "全国：尚无有来源的大事记" for one in at.subheader)


def test_the_way_to_add_a_city_is_shown_with_the_columns(demo, look, screen):
    at = look("cities", lang="en", look="city")
    assert any("(/upload?dataset=figures)" in one.value for one in at.markdown)
    columns = next(table for table in screen(at).tables() if "source_title" in table.to_series().to_list())
    assert {"city_id", "indicator_id", "value", "unit"} <= set(columns.to_series())


def test_an_added_city_has_a_portrait_of_its_own(with_leipzig, look, screen):
    at = look("cities", lang="en", look="city", city="leipzig")
    assert not at.exception
    assert screen(at).figures() == {"Indicators on record": "2", "Figures on record": "4", "Parks on record": "0"}
    assert any("4 of them uploaded here" in one.value for one in at.caption)
    table = all_indicators(screen(at))
    rows = table.select("Indicator", "Value", "Unit", "Year", "Territory", "Trust", "Source").rows()
    assert ("tram_lines", 13.0, "lines", "2021", "Stadt", "B", "Zeitung") in rows
    assert ("Population", 601866.0, "persons", "2021", "Stadt", "A", "Statistisches Jahrbuch") in rows
    assert any(one.value == "Leipzig: Population" for one in at.subheader)
    assert any(one.value == "Leipzig: no sourced milestone on record" for one in at.subheader)
    assert any("Leipzig" in one.value and "not drawn" in one.value for one in at.caption)
