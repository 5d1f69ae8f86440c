"""The plain functions behind a city's portrait: newest figures, topics, lines with gaps, parks by precision."""

from __future__ import annotations

import json
from datetime import date

import polars as pl
import pytest

from data import registry
from pages.parts import maps, theme
from pages.parts.cities import city_facts, city_map, portrait_charts
from pages.parts.maps import View

NAMES = pl.DataFrame({"district_code": ["1"], "label": ["区"], "lon": [117.0], "lat": [0.0]})


def figures(*rows: tuple[str, str, float]) -> pl.DataFrame:
    table = pl.DataFrame(rows, ["territory", "period", "value"], orient="row")
    return table.with_columns(city_id=pl.lit("x"), indicator_id=pl.lit("jobs"), unit=pl.lit("persons"))


def test_the_newest_of_each_territory_and_two_sources_of_one_year_both():
    rows = figures(("city", "2019", 1), ("city", "2020", 2), ("city", "2020", 3), ("county", "2010", 4))
    found = city_facts.newest(rows).sort("value")
    assert found["value"].to_list() == [2, 3, 4]
    assert found["n"].to_list() == [3, 3, 1]
    assert found["first"].to_list() == ["2019", "2019", "2010"]


@pytest.mark.parametrize(("periods", "newest"), [(["2020", "2020-06"], "2020"), (["2020", "2021-01"], "2021-01")])
def test_a_year_ends_after_its_months(periods, newest):
    rows = figures(*(("city", period, 1.0) for period in periods))
    assert city_facts.newest(rows)["period"].to_list() == [newest]


def test_every_shipped_indicator_has_a_topic_and_every_topic_an_indicator():
    topics = [city_facts.topic(indicator) for indicator in registry.city_figures()["indicator_id"].unique()]
    assert set(topics) == set(city_facts.ORDER) - {"other"}
    assert city_facts.topic("gdp") == city_facts.topic("secondary_share_gdp") == "economy"
    assert city_facts.topic("employment_secondary_share") == "work"


# charts ---------------------------------------------------------------------------------------------------------------


def test_upright_bars_keep_their_order_and_start_at_zero():
    frame = pl.DataFrame({"category": ["1", "2"], "value": [42, 11], "text": ["one", "two"]})
    figure = portrait_charts.columns(frame, highlight="2")
    (bars,) = figure.data
    assert (list(bars.x), list(bars.y), list(bars.text)) == (["1", "2"], [42, 11], ["42", "11"])
    assert list(bars.marker.color) == [theme.tokens(False).other, theme.tokens(False).brick]
    assert figure.layout.yaxis.range[0] == 0


def lines(*rows: tuple[int, int, int, float, str | None]) -> pl.DataFrame:
    table = pl.DataFrame(
        rows, ["line", "segment", "_y", "value", "break_reason"], orient="row", infer_schema_length=None
    )
    return table.with_columns(year=pl.date(pl.col("_y"), 1, 1))


def points(trace) -> list[tuple[date, float]]:
    return [(x, y) for x, y in zip(trace.x, trace.y, strict=True)]


def test_a_level_break_is_a_gap_with_its_word():
    rows = lines((1, 1, 2003, 1.0, None), (1, 1, 2004, 2.0, None), (1, 2, 2005, 5.0, "LEVEL BREAK"))
    figure = portrait_charts.story(rows, {}, "", "en", "level break")
    drawn = sorted(points(trace) for trace in figure.data)
    assert drawn == [[(date(2003, 1, 1), 1.0), (date(2004, 1, 1), 2.0)], [(date(2005, 1, 1), 5.0)]]
    assert [note.text for note in figure.layout.annotations].count("level break") == 1


def test_a_missing_year_is_a_gap_and_never_filled():
    rows = lines((1, 1, 2003, 1.0, None), (1, 1, 2005, 3.0, None))
    (trace,) = portrait_charts.story(rows, {}, "", "en", "level break").data
    assert list(trace.y) == [1.0, None, 3.0]
    assert trace.connectgaps is False


def test_the_longest_lines_are_drawn_and_the_longest_stands_out():
    rows = lines(*((line, 1, 2000 + year, float(line), None) for line in range(1, 7) for year in range(line)))
    figure = portrait_charts.story(rows, {"6.1": "city"}, "", "en", "level break")
    assert len(figure.data) == portrait_charts.MOST_LINES
    (brick,) = [trace for trace in figure.data if trace.line.color == theme.tokens(False).brick]
    assert len(brick.y) == 6


# map ------------------------------------------------------------------------------------------------------------------


def test_parks_are_sorted_by_how_well_their_place_is_known():
    parks = pl.DataFrame(
        {
            "coord_precision": ["site", "site", "district_centroid", "district_centroid", "none", None],
            "lon": [7.0, None, 7.1, 7.1, None, None],
            "lat": [51.0, None, 51.1, 51.1, None, None],
            "district_code": ["1", "2", "1", "1", None, None],
        }
    )
    sites, counted, nowhere = city_map.by_precision(parks)
    assert sites.height == 1
    assert counted.rows() == [("1", 2), ("2", 1)]
    assert nowhere == 2


def test_the_parks_of_every_city_are_all_accounted_for():
    for _, parks in registry.parks().group_by("city_id"):
        sites, counted, nowhere = city_map.by_precision(parks)
        assert sites.height + counted["n"].sum() + nowhere == parks.height
        assert sites.select("lon", "lat").is_unique().all()


def test_bubbles_grow_by_area_and_can_be_clicked():
    counted = pl.DataFrame(
        {"district_code": ["1", "2"], "label": ["A", "B"], "lon": [1.0, 2.0], "lat": [0.0, 0.0], "n": [1, 4]}
    )
    deck = maps.layered_deck([city_map.bubbles(counted, "parks")], None, NAMES, View(117.0, 0.0, 9.0, 400, 400))
    layer = next(one for one in json.loads(deck.to_json())["layers"] if one["id"] == "bubbles")
    assert layer["pickable"]
    big, small = layer["data"]
    assert (big["text"], small["text"]) == ("B: 4 parks", "A: 1 parks")
    assert (big["size"] - 4) == pytest.approx(2 * (small["size"] - 4))
    assert maps.clicked({"selection": {"objects": {"bubbles": [small]}}}, "bubbles") == "1"
