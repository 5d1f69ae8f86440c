"""The view of indicators: ranked levels with the peers' median, changes, every line apart, and what is refused."""

from __future__ import annotations

import polars as pl
import pytest

from data import registry
from pages.parts.cities import city_indicators, figure_charts

LEVELS = ("City", "Year", "10 years")
LINES = ("Line", "Year", "1 year")


def captions(at) -> str:
    return "\n".join(caption.value for caption in at.caption)


def headings(at) -> str:
    return "\n".join(one.value for one in at.subheader)


def left_out(shown) -> pl.DataFrame:
    """The table of figures that are in no annual line."""
    own = {"Year", "Why not compared"}
    return next(t for t in shown.tables() if own <= set(t.columns) and not {"Line", "10 years"} & set(t.columns))


def test_the_finding_names_city_value_year_trust_place_and_number(demo, look):
    at = look("cities", lang="en", indicator="gdp", city="shenzhen")
    assert "Gross domestic product, current prices: Shenzhen 22,490.1 ×100M CNY (2017, A), place 3 of 6" in headings(at)


def test_levels_are_those_of_the_register_and_units_are_never_mixed(demo, look, screen):
    table = screen(look("cities", lang="en", indicator="gdp")).table(*LEVELS)
    rows = {row["City"]: row for row in table.iter_rows(named=True)}
    assert len(rows) == 18
    assert (rows["Beijing"]["Value"], rows["Beijing"]["Year"]) == (43760.7, "2023")
    assert (rows["Shanghai"]["Value"], rows["Shanghai"]["Year"]) == (30632.99, "2017")
    ruhr = next(row for city, row in rows.items() if city.startswith("Ruhr"))
    assert (ruhr["Value"], ruhr["Unit"], ruhr["Why not compared"]) == (
        194.0, "billion EUR", "another unit, without an exact conversion",
    )  # fmt: skip
    missing = table.filter(pl.col("Value").is_null())
    assert set(missing["Why not compared"]) == {"no published figure"}
    assert missing.height == 10


def test_changes_stand_beside_the_level_and_refusals_say_why(demo, look, screen):
    table = screen(look("cities", lang="en", indicator="gdp")).table(*LEVELS)
    shanghai = table.filter(pl.col("City") == "Shanghai").row(0, named=True)
    figures = dict(
        registry.city_figures().filter(city_id="shanghai", indicator_id="gdp").select("period", "value").iter_rows()
    )
    ten = 100 * (figures["2017"] / figures["2007"] - 1)
    assert shanghai["10 years"] == f"↑ +{ten:.1f}%"
    assert shanghai["1 year"] == f"↑ +{100 * (figures['2017'] / figures['2016'] - 1):.1f}%"
    beijing = table.filter(pl.col("City") == "Beijing").row(0, named=True)
    assert (beijing["1 year"], beijing["10 years"]) == ("—", "—")
    assert "10 y: that year stands in another line (vintage of the data)" in beijing["Why no change is computed"]


def test_shares_move_in_percentage_points(demo, look, screen):
    table = screen(look("cities", lang="en", indicator="secondary_share_gdp")).table(*LEVELS)
    assert table.filter(pl.col("City") == "Changzhou")["10 years"].item() == "↓ −4.2 percentage points"


def test_population_is_compared_in_the_one_territory_nearly_all_have(demo, look, screen):
    table = screen(look("cities", lang="en", indicator="population")).table(*LEVELS)
    compared = table.filter(pl.col("Why not compared").is_null())
    shenzhen = compared.filter(pl.col("City") == "Shenzhen").row(0, named=True)
    assert (shenzhen["Value"], shenzhen["Year"]) == (12356820.0, "2020")
    assert shenzhen["Territory"] == "Urban agglomeration as defined by UN WUP 2018"


def test_the_median_is_that_of_the_peers_without_the_own_region():
    levels = pl.DataFrame(
        {
            "city_id": ["a", "b", "c", "d", "e"],
            "value": [10.0, 20.0, 40.0, 99.0, None],
            "period": ["2017", "2020", "2017", "2017", None],
            "unit": ["%", "%", "%", "%", None],
            "reason": [None, None, None, None, "no_figure"],
        }
    )
    found = city_indicators.ranking(levels, "b", ["a", "c", "e"])
    assert (found.place, found.median, found.years, found.rows.height) == (3, 25.0, "2017–2020", 4)
    assert city_indicators.ranking(levels, "b", ["a"]).median is None
    assert city_indicators.ranking(levels, "e", ["a", "c"]).own is None


def test_essen_is_not_measured_against_its_own_region(demo, look, screen):
    at = look("cities", lang="en", indicator="unemployed", city="essen")
    assert not at.exception
    assert "place" in headings(at)


def test_shenzhen_growth_of_2005_is_refused_on_the_page(demo, look, screen):
    at = look("cities", lang="en", indicator="gdp", city="shenzhen")
    rows = {row["Year"]: row for row in screen(at).table(*LINES).iter_rows(named=True)}
    assert rows["2005"]["1 year"] == "—"
    assert rows["2005"]["Why no change is computed"].startswith("level break: LEVEL BREAK 2004/2005 (+44.6%)")
    assert rows["2006"]["1 year"] == "↑ +17.4%"
    assert "2005: LEVEL BREAK 2004/2005 (+44.6%)" in captions(at)
    assert "one line, 1 level breaks" in headings(at)


def test_hangzhou_2015_shows_the_local_value_and_no_national_one(demo, look, screen):
    local = screen(look("cities", lang="en", indicator="cci_value_added_local", city="hangzhou")).table(*LEVELS)
    hangzhou = local.filter(pl.col("City") == "Hangzhou").row(0, named=True)
    assert (hangzhou["Value"], hangzhou["Year"]) == (2232.14, "2015")
    national = screen(look("cities", lang="en", indicator="culture_value_added", city="hangzhou")).table(*LEVELS)
    row = national.filter(pl.col("City") == "Hangzhou").row(0, named=True)
    assert (row["Value"], row["Why not compared"]) == (None, "no published figure")


def test_chaoyang_park_counts_are_no_figure_of_beijing_and_in_no_line_with_it(demo, look, screen):
    at = look("cities", lang="en", indicator="cultural_parks", city="beijing")
    shown = screen(at)
    levels = shown.table(*LEVELS)
    assert levels.filter(pl.col("City") == "Beijing").select("Value", "Year").row(0) == (98.0, "2020")
    lines = shown.table("Line", "Year")
    assert lines.sort("Year").select("Year", "Value").rows() == [("2019", 84.0), ("2020", 98.0)]
    assert lines["Line"].n_unique() == 2
    assert lines["1 year"].to_list() == ["—", "—"]
    assert "The lines differ in territory" in captions(at)


def test_months_and_parts_of_a_year_are_listed_with_their_reason(demo, look, screen):
    seven = screen(look("cities", lang="en", indicator="visitors_site", city="manchester"))
    left = left_out(seven)
    assert left.filter(pl.col("Year") == "2018")["Why not compared"].to_list() == ["only a part of the year"]
    jobs = left_out(screen(look("cities", lang="en", indicator="employment_manufacturing", city="pittsburgh")))
    assert set(jobs["Why not compared"]) == {"a month, not a year"}
    assert jobs.height == 12


def test_january_to_june_never_stands_beside_years(copied, upload_figures, look, screen):
    upload_figures(
        "beijing,,Whole municipality (市域),culture_revenue_above_size,2022,7955.3,100 million CNY,Jan-Jun,B,Bulletin,",
    )
    shown = screen(look("cities", lang="en", indicator="culture_revenue_above_size", city="beijing"))
    level = shown.table(*LEVELS).filter(pl.col("City") == "Beijing")
    assert level.select("Value", "Year").row(0) == (17563.8, "2021")
    assert "2022" not in shown.table("Line", "Year")["Year"].to_list()
    assert left_out(shown).select("Value", "Why not compared").rows() == [(7955.3, "only a part of the year")]


def test_the_coverage_of_a_city_counts_its_indicators(demo, look, screen):
    at = look("cities", lang="en", city="ruhr")
    table = screen(at).table("City", "Coverage of indicators")
    figures = registry.city_figures()
    n = figures.filter(city_id="ruhr")["indicator_id"].n_unique()
    assert f"{n} / {figures['indicator_id'].n_unique()}" in table["Coverage of indicators"].to_list()
    assert f"has figures for {n} of 123 indicators" in headings(at)


def test_the_chosen_district_shows_what_the_registers_say(demo, look, screen):
    at = look("cities", lang="en", district="110105")
    area = registry.districts().filter(pl.col("district_code") == "110105")["area_km2"].item()
    cells = [cell for table in screen(at).tables() for cell in table.select(pl.col(pl.String)).rows()]
    assert any(f"{area:,.1f} km²" in row for row in cells)


# charts ---------------------------------------------------------------------------------------------------------------


def test_ranked_bars_draw_the_median_and_no_zero_for_a_missing_city():
    frame = pl.DataFrame(
        {"label": ["B", "A", "C"], "value": [2.0, 5.0, None], "amount": ["2", "5", ""], "hover": ["b", "a", "c"]}
    )
    figure = figure_charts.ranked(frame, 3.5, "Median 3.5", "A", "%", "en", False)
    assert list(figure.data[0].y) == ["A", "B", "C"]
    assert list(figure.data[0].x) == [5.0, 2.0, None]
    assert list(figure.data[0].customdata) == ["a", "b", "c"]
    assert "┊ Median 3.5" in [note.text for note in figure.layout.annotations]
    assert any(shape.x0 == 3.5 == shape.x1 for shape in figure.layout.shapes)
    bare = figure_charts.ranked(frame, None, "", None, "%", "en", True)
    assert [note.text for note in bare.layout.annotations] == ["—"]


def test_a_line_is_cut_at_a_level_break_and_panels_are_apart():
    rows = pl.DataFrame(
        {
            "line": [1, 1, 1, 2, 2],
            "segment": [1, 2, 2, 1, 1],
            "year": [2004, 2005, 2006, 2010, 2020],
            "value": [1.0, 5.0, 6.0, 3.0, 4.0],
            "hover": ["a", "b", "c", "d", "e"],
            "break_reason": [None, "census", None, None, None],
        }
    )
    figure = figure_charts.lines(rows, {1: "One\nnote", 2: "Two"}, "break", False)
    assert [list(trace.x) for trace in figure.data] == [[2004], [2005, 2006], [2010, 2020]]
    assert [trace.yaxis for trace in figure.data] == ["y", "y", "y2"]
    notes = {note.text: note.hovertext for note in figure.layout.annotations}
    assert notes["break 2005"] == "census"
    assert figure.layout.shapes[0].x0 == 2004.5


def test_coverage_bars_reach_from_zero_to_a_hundred():
    frame = pl.DataFrame({"label": ["A", "B"], "share_pct": [50.0, 10.0], "text": ["5 / 10", "1 / 10"]})
    figure = figure_charts.shares(frame, "B", False)
    assert [list(bar.x) for bar in figure.data] == [[100.0, 100.0], [50.0, 10.0]]
    assert figure.data[1].marker.color[0] != figure.data[1].marker.color[1]
    assert pytest.approx((0, 100)) == tuple(figure.layout.xaxis.range)


# units ----------------------------------------------------------------------------------------------------------------


def test_figures_in_units_as_people_write_them_stand_among_the_others(copied, upload_figures, look, screen, stored):
    """万亿元 and 万人 join; what has no exact conversion stands apart and says so; the store keeps what was sent."""
    upload_figures(
        "hefei,Hefei,全市,gdp,2023,1.2674,万亿元,,,own count,",
        "hefei,Hefei,全市,population,2023,985.3,万人,,,own count,",
        "foshan,Foshan,全市,gdp,2023,13276.14,箱,,,own count,",
    )
    shown = screen(look("cities", lang="en", indicator="gdp", city="beijing"))
    levels = shown.table(*LEVELS)
    assert levels.filter(pl.col("City") == "Hefei")["Value"].item() == 12674.0
    assert levels.filter(pl.col("City") == "Hefei")["Why not compared"].item() is None
    foshan = levels.filter(pl.col("City") == "Foshan").row(0, named=True)
    assert (foshan["Value"], foshan["Why not compared"]) == (13276.14, "another unit, without an exact conversion")
    assert stored().figures().select("value", "unit").collect().rows()[:2] == [(13276.14, "箱"), (1.2674, "万亿元")]
    people = screen(look("cities", lang="en", indicator="population", city="beijing"))
    assert 9853000.0 in people.table(*LEVELS)["Value"].to_list()
