"""Old industrial cities, zones, heritage and benchmark parks: the published numbers, each with its source."""

from __future__ import annotations

import re

import polars as pl
import pytest

from data import city_registers, registry
from pages.parts.cities import city_heritage, city_industrial
from pages.parts.text import say

ARTICLE = "振兴老工业基地积聚新动能"
LISTED = {"miit": 195, "cast": 300, "tourism": 142, "mining": 88}


def captions(at) -> str:
    return "\n".join(one.value for one in at.caption)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_cards_show_the_published_numbers(demo, look, screen, lang):
    shown = list(screen(look("cities", lang=lang, look="industrial")).figures().values())
    unit = {"zh": "万亿元", "en": " trillion CNY"}[lang]
    assert shown == [f"10.11{unit}", f"17.71{unit}", "+75.2%", "120", "20", "648"]


def test_every_card_names_year_territory_trust_and_source(demo, look):
    at = look("cities", lang="en", look="industrial")
    cards = [one.value for one in at.caption if ARTICLE in one.value]
    assert len(cards) == 6
    for card in cards:
        assert re.search(r"· (2013|2023|2024|2013–2023) ·", card), card
        assert "trust seed" in card
    assert sum("computed" in card.splitlines()[-1] for card in cards) == 1
    assert any("95 prefecture-level + 25 municipalities" in card and "(http://www.gov.cn/" in card for card in cards)
    assert any("presumably real growth" in card for card in cards)


def test_growth_is_that_of_the_two_figures():
    figures = registry.city_figures().with_columns(own=pl.lit(False))
    before, after = (city_industrial.one(figures, "cn_old_industrial", "gdp_group", period=y) for y in ("2013", "2023"))
    assert city_industrial.growth_pct(before["value"], after["value"]) == pytest.approx(100 * (17.71 - 10.11) / 10.11)


def test_an_uploaded_row_never_takes_the_place_of_a_published_card():
    figures = registry.city_figures().with_columns(own=pl.lit(False))
    added = figures.filter(pl.col("indicator_id") == "gdp_group").tail(1)
    added = added.with_columns(value=pl.lit(99.0), period=pl.lit("2025"), own=pl.lit(True))
    assert city_industrial.one(pl.concat([figures, added]), "cn_old_industrial", "gdp_group")["value"] == 17.71


def test_the_zones_say_which_batch_is_inferred_and_leave_unknown_grades_blank(demo, look, screen):
    table = screen(look("cities", lang="en", look="industrial")).table("Zone", "Basis of the batch")
    assert dict(table.group_by("Basis of the batch").len().rows()) == {"published list": 20, "inferred": 7}
    assert table.filter(pl.col("Basis of the batch") == "inferred")["Batch"].unique().to_list() == [2]
    assert dict(table.group_by("Evaluation 2020").len().rows()) == {"excellent": 7, "good": 12, None: 8}
    assert table["Source"].null_count() == 0
    beijing = table.filter(pl.col("City") == "北京").row(0, named=True)
    assert (beijing["Zone"], beijing["Evaluation 2020"]) == ("北京京西", "excellent")
    links = [name for name in table.columns if name.startswith("Link")]
    assert len(links) == 2
    assert table[links[0]].str.starts_with("http").all()


def test_three_cities_abroad_with_year_and_source(demo, look):
    told = "\n".join(one.value for one in look("cities", lang="en", look="industrial").markdown)
    for fact in ("**8,500 enterprises**", "**3.1M visitors**", "**500 organisations**", "**700 enterprises**"):
        assert fact in told
    assert "April-October 2018 only (7 months)" in told
    for city in ("manchester", "liverpool", "houston"):
        assert f"(/cities?look=city&city={city})" in told
    assert "[FRED HOUS448MFG" in told


# heritage -------------------------------------------------------------------------------------------------------------


def test_four_lists_add_up_and_lose_their_doubles(demo, look, screen):
    at = look("cities", lang="en", look="industrial", subject="heritage")
    assert "Four national lists name 725 sites; without 77 double listings 648 remain" in [
        s.value for s in at.subheader
    ]
    rows = screen(at).table("Topic", "Territory")
    values = dict(rows.select("Territory", "Value").rows())
    assert sorted(values.values()) == [88, 142, 195, 300, 648]
    assert sum(LISTED.values()) == 725 == 648 + 77
    note = say("cities.industrial_sites_note", "en")
    assert [int(number) for number in re.findall(r"\d+", note)] == [*LISTED.values(), 725, 77]


def test_batches_and_provinces_are_those_of_the_list(demo, look, screen):
    shown = screen(look("cities", lang="en", look="industrial", subject="heritage"))
    batches = shown.table("Batch", "Announced", "Items")
    assert batches["Items"].to_list() == [11, 42, 49, 61, 31, 37, 32]
    assert sum([11, 42, 49, 62, 31]) == 195
    provinces = shown.table("Province", "Items")
    assert provinces["Items"].sum() == 263
    assert dict(provinces.rows())["北京市"] == 14
    items = shown.table("Item", "Document", "Link")
    assert items.height == 263
    assert (
        items.select(pl.col("Item", "Batch", "Announced", "Document", "Source", "Link").null_count()).row(0) == (0,) * 6
    )


def test_the_filters_narrow_list_and_charts(demo, look, screen):
    query = {"look": "industrial", "subject": "heritage", "province": "北京市", "batch": "2"}
    at = look("cities", lang="en", **query)
    assert at.query_params == {"lang": "en", **query}
    shown = screen(at)
    items = shown.table("Item", "Document", "Link")
    assert sorted(items["Item"]) == ["北京卫星制造厂", "原子能“一堆一器”", "国营738厂", "国营751厂"]
    assert shown.table("Batch", "Announced", "Items")["Items"].to_list() == [0, 4, 2, 1, 2, 2, 3]
    assert shown.table("Province", "Items")["Items"].sum() == 42
    assert "an addition to an item of batch 2" in captions(at)


def test_a_chosen_city_on_the_list_is_found_by_its_province():
    items = registry.industrial_heritage()
    assert city_heritage.home_of(items, "beijing") == "北京市"
    assert city_heritage.home_of(items, "chengdu") == "四川省"
    assert city_heritage.home_of(items, "ruhr") is None


# benchmark parks ------------------------------------------------------------------------------------------------------


def test_parks_are_compared_on_what_sources_say_and_nothing_else(demo, look, screen):
    at = look("cities", lang="en", look="industrial", subject="benchmarks")
    shown = screen(at)
    table = shown.table("Field")
    assert table.height == 7
    cells = [cell for name in table.columns[1:] for cell in table[name]]
    assert cells.count("— (no source)") == len(cells) - city_registers.benchmark_parks().height == 34
    by_field = dict(table.select("Field", "Sino-Singapore Guangzhou Knowledge City (Guangzhou)").rows())
    assert re.fullmatch(r"35 km \(2017\) \[\d\]", by_field["Distance to the centre"])
    assert by_field["Operator"] == "— (no source)"
    talent = dict(table.select("Field", "Tian'an Cyber Park (Shenzhen)").rows())["Talent"]
    assert talent.startswith("20,000 persons (highly qualified) (2017)")


def test_every_number_in_brackets_is_a_source(demo, look, screen):
    at = look("cities", lang="zh", look="industrial", subject="benchmarks")
    table = screen(at).table("项目")
    used = {number for name in table.columns[1:] for cell in table[name] for number in re.findall(r"\[(\d+)\]$", cell)}
    told = next(one.value for one in at.markdown if one.value.startswith(":small[\\[1\\]"))
    assert set(re.findall(r"\\\[(\d+)\\\]", told)) == used
    assert "深圳百科" in told
    assert "(http://szbaike.com/" in told
    single = screen(at).table("园区", "内容")
    assert single.height == 15
    assert single.select(pl.col("来源", "可信级").null_count()).row(0) == (0, 0)
