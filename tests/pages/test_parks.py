"""The park register on screen: real parks and sample parks told apart, searched, counted by district."""

from __future__ import annotations

import polars as pl
import pytest

from data import registry

pytestmark = pytest.mark.usefixtures("demo")


@pytest.fixture
def parks(demo, stored):
    return stored().parks().filter(pl.col("city_id") == "beijing").collect()


def test_sample_parks_are_not_counted_as_parks_on_record(look, screen, parks):
    at = look("parks", lang="en")
    recorded = registry.parks().filter(pl.col("city_id") == "beijing").height
    samples = parks.height - recorded
    assert samples
    assert f"Beijing · {recorded} parks on record · and {samples} synthetic sample parks" in at.caption[0].value
    table = screen(at).table("Park", "Source")
    assert table.height == parks.height
    assert table.filter(pl.col("Source") == "synthetic").height == samples
    assert table["Source"].null_count() == 0


def test_the_map_counts_the_recorded_parks(look, screen):
    known = registry.parks().filter(pl.col("city_id") == "beijing").drop_nulls("district_code")
    districts = screen(look("parks", lang="en")).districts()
    for code, n in known.group_by("district_code").len().iter_rows():
        assert f": {n} parks" in districts[code][0]


def test_a_search_finds_names_former_uses_and_nothing_else(look, screen):
    at = look("parks", lang="zh")
    before = screen(at).table("园区", "来源").height
    at.text_input(key="park_search").input("751").run()
    assert not at.exception
    table = screen(at).table("园区", "来源")
    assert 1 <= table.height < before
    assert table["园区"].str.contains("751").any()
    at.text_input(key="park_search").input("没有这样的园区").run()
    assert not at.exception
    assert screen(at).table("园区", "来源").height == 0


def test_a_search_is_no_pattern(look, screen):
    at = look("parks", lang="zh")
    at.text_input(key="park_search").input(".*(").run()
    assert not at.exception
    assert screen(at).table("园区", "来源").height == 0


def test_a_district_lists_its_parks_only(look, screen, parks):
    table = screen(look("parks", lang="zh", district="110101")).table("园区", "区")
    assert table.height == parks.filter(pl.col("district_code") == "110101").height
    assert set(table["区"]) == {"东城区"}
