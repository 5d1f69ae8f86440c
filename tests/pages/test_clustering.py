"""The page of enterprise clustering: each view against the methods themselves, computed beside the page."""

from __future__ import annotations

import polars as pl
import pytest

from data import registry
from indicators.clustering.clusters import cluster_members
from indicators.clustering.hexagon_frame import cell_counts, hexagon_frame, outlines_of
from indicators.clustering.hotspots import hot_spots
from indicators.clustering.specialisation import Base, location_quotients
from indicators.clustering.survival import net_entry, survival_test
from pages.parts.clustering.cluster_choices import VIEWS

pytestmark = pytest.mark.usefixtures("demo")
EPSG = 32650


@pytest.fixture
def register(demo, stored):
    return stored().enterprises().filter(pl.col("city_id") == "beijing").collect()


@pytest.fixture
def open_enterprises(register):
    return register.filter((pl.col("status") == "active") & pl.col("closed_on").is_null())


def layers(screen, at):
    return {layer["id"]: layer for layer in screen(at).decks()[0]["layers"]}


def features(layer):
    return [feature["properties"] for feature in layer["data"]["features"]]


def test_the_figures_on_top_and_the_table_are_those_of_the_method(look, screen, open_enterprises):
    at = look("clustering", lang="en")
    figures = screen(at).figures()
    assert figures["Open enterprises"] == f"{open_enterprises.height:,}"
    inside = open_enterprises["park_id"].is_not_null().sum()
    assert figures["Inside parks"] == f"{100 * inside / open_enterprises.height:.1f} %"
    assert at.title[0].value == f"{figures['Enterprise clusters']} enterprise clusters in Beijing"
    points = open_enterprises.drop_nulls(["lon", "lat"]).select("enterprise_id", "lon", "lat")
    found = cluster_members(points, EPSG, 300.0, 20).drop_nulls("cluster")
    sizes = found.group_by("cluster").len().sort("cluster")["len"].to_list()
    table = screen(at).table("Cluster", "Enterprises", "Leading industry")
    assert table["Enterprises"].to_list() == sizes
    assert int(figures["Enterprise clusters"]) == len(sizes) > 20


def test_what_is_left_out_is_counted(look, open_enterprises, register):
    said = "\n".join(caption.value for caption in look("clustering", lang="en").caption)
    missing = open_enterprises.height - open_enterprises.drop_nulls(["lon", "lat"]).height
    assert f"{missing} are left out of distance methods: no coordinates {missing}" in said
    vacant = register.filter(pl.col("status") == "vacant").height
    assert f"{vacant} vacant premises; {register.height:,} rows of the register are synthetic" in said


def test_a_district_shows_the_clusters_that_reach_into_it_whole(look, screen):
    whole = screen(look("clustering", lang="en")).table("Cluster", "Enterprises")
    at = look("clustering", lang="en", district="110108")
    here = screen(at).table("Cluster", "Enterprises", "In this district")
    assert "Haidian" in at.title[0].value
    assert 0 < here.height < whole.height
    assert (here["In this district"] >= 5).all()
    assert (here["In this district"] <= here["Enterprises"]).all()
    assert here.join(whole, on=["No.", "Enterprises"]).height == here.height


def test_hot_spots_are_those_of_the_exact_test_over_the_whole_frame(look, screen, open_enterprises, demo):
    from data import boundaries

    at = look("clustering", lang="en", layer="hotspots")
    drawn = layers(screen, at)["hotspots"]["data"]
    frame = hexagon_frame(outlines_of(boundaries.load(demo, "beijing")), EPSG, 500.0)
    points = open_enterprises.drop_nulls(["lon", "lat"]).select("enterprise_id", "lon", "lat")
    counted = cell_counts(points, frame, EPSG, 500.0).with_columns(pl.col("n").cast(pl.Float64))
    hot = hot_spots(counted).filter(pl.col("kind") != "none")
    assert len(drawn) == hot.height > 10
    assert all("q = " in cell["text"] and "p = " in cell["text"] for cell in drawn)
    assert any(f"{frame.height:,} hexagons of the city" in caption.value for caption in at.caption)


def test_the_outlines_are_clickable_and_the_address_opens_a_cluster(look, screen):
    at = look("clustering", lang="en")
    outlines = layers(screen, at)["clusters"]
    assert outlines["pickable"]
    marks = [shape["mark"] for shape in features(outlines)]
    chosen = look("clustering", lang="en", cluster=marks[3])
    assert chosen.query_params["cluster"] == marks[3]
    assert chosen.selectbox(key="cluster").value == marks[3]
    assert any("km² of ground" in text.value for text in chosen.markdown)
    quotients = screen(chosen).table("Industry code", "Location quotient", "95 % low")
    assert 1 <= quotients.height <= 6
    nobody = look("clustering", lang="en", cluster="nobody")
    assert "cluster" not in nobody.query_params
    assert not nobody.exception


def test_places_are_drawn_only_on_request_and_no_place_is_a_label_point(look, screen):
    at = look("clustering", lang="en")
    assert "firms" not in layers(screen, at)
    at.toggle(key="places").set_value(True).run()
    drawn = layers(screen, at)["firms"]["data"]
    labels = set(registry.districts_of("beijing").select("centroid_lon", "centroid_lat").iter_rows())
    assert len(drawn) > 1000
    assert not labels & {(place["lon"], place["lat"]) for place in drawn}


@pytest.mark.parametrize(("scheme", "industry"), [("GB/T 4754-2017", "R"), ("文化及相关产业分类(2018)", "02")])
def test_an_industry_of_the_tree_narrows_the_map(look, screen, open_enterprises, scheme, industry):
    at = look("clustering", lang="en", scheme=scheme, industry=industry, layer="districts")
    divisions = registry.industries().filter(
        (pl.col("scheme") == scheme) & ((pl.col("parent_code") == industry) | (pl.col("code") == industry))
    )["code"]
    column = "industry_code" if scheme.startswith("GB") else "culture_code"
    here = open_enterprises.filter(pl.col(column).is_in(divisions.to_list()) & (pl.col("district_code") == "110105"))
    assert screen(at).districts()["110105"][0].endswith(f": {here.height} enterprises")


def test_the_year_shows_who_existed_then(look, screen, register):
    at = look("clustering", lang="en", year="2020", layer="districts")
    end = pl.date(2020, 12, 31)
    then = register.filter(
        (pl.col("status") != "vacant")
        & (pl.col("opened_on") <= end)
        & (pl.col("closed_on").is_null() | (pl.col("closed_on") > end))
        & (pl.col("district_code") == "110105")
    )
    assert screen(at).districts()["110105"][0].endswith(f": {then.height} enterprises")
    assert any("2020" in caption.value for caption in at.caption)


def test_the_quotients_are_those_of_the_method_and_small_cells_stay_blank(look, screen, open_enterprises):
    known = location_quotients(open_enterprises, region="district_code", industry="industry_code")
    table = screen(look("clustering", lang="en", view="mix")).table("District code", "Industry code", "Value")
    both = table.join(known, left_on=["District code", "Industry code"], right_on=["district_code", "industry_code"])
    assert both.height == table.height > 100
    small = both.filter(~pl.col("shown"))
    assert small.height
    assert small.select("Value", "95 % low", "95 % high").null_count().row(0) == (small.height,) * 3
    assert small.filter(pl.col("n") > 0).height == 0
    large = both.filter("shown")
    assert (large["Value"] - large["location_quotient"]).abs().max() < 1e-9
    assert (large["95 % high"] - large["high"]).abs().max() < 1e-9


def test_another_base_is_printed_and_changes_the_numbers(look, screen, open_enterprises):
    at = look("clustering", lang="en", view="mix", base="class")
    table = screen(at).table("District code", "Industry code", "Value")
    of_class = open_enterprises.with_columns(culture=pl.when(pl.col("culture_code").is_not_null()).then(pl.lit("yes")))
    base = Base(only=("culture", "yes"), of="class")
    known = location_quotients(of_class, "district_code", "industry_code", base=base).filter("shown")
    both = table.join(known, left_on=["District code", "Industry code"], right_on=["district_code", "industry_code"])
    assert both.height > 50
    assert (both["Value"] - both["location_quotient"]).abs().max() < 1e-9
    assert "culture=yes" in table["Base"][0]
    assert any("base: culture enterprises only" in caption.value for caption in at.caption)


def test_the_analyst_sees_small_cells_and_the_official_those_of_the_own_district(look, screen):
    columns = ("District code", "Industry code", "Value")
    every = screen(look("clustering", lang="en", view="mix", **{"as": "analyst"})).table(*columns)
    assert every.filter(pl.col("n").is_between(1, 4))["Value"].null_count() == 0
    own = screen(look("clustering", lang="en", view="mix", **{"as": "official"})).table(*columns)
    assert set(own["District code"]) == {"110105"}
    assert own["Value"].null_count() == 0


def test_the_curve_says_h_range_draws_and_benchmark(look, screen, open_enterprises):
    at = look("clustering", lang="en", view="distance", curve="87")
    n_all = open_enterprises.drop_nulls(["lon", "lat"]).height
    said = next(caption.value for caption in at.caption if "draws" in caption.value)
    assert f"all {n_all:,} enterprises with a place; h = " in said
    assert "1,000 draws (seed 0)" in said
    table = screen(at).table("Distance (m)", "Global low", "Global high", "Reading")
    assert table["Distance (m)"][0] == 0
    assert (table["Global low"] <= table["Global high"]).all()
    gammas = screen(at).table("Code", "γ")
    assert (
        gammas.filter(pl.col("Enterprises") < 10)["γ"].null_count() == gammas.filter(pl.col("Enterprises") < 10).height
    )


def test_openings_and_survival_are_those_of_the_methods(look, screen, register):
    at = look("clustering", lang="en", view="lives")
    table = screen(at).table("Year", "Opened", "Closed", "Net")
    dated = register.filter((pl.col("status") != "vacant") & pl.col("opened_on").is_not_null())
    known = net_entry(dated).with_columns(pl.col("period").dt.year().alias("Year"))
    both = table.join(known, on="Year")
    assert both.height == table.height > 5
    assert both["Net"].to_list() == both["net"].to_list()
    assert both["Opened"].to_list() == both["n_opened"].to_list()
    park = dated.with_columns(park=pl.when(pl.col("park_id").is_null()).then(pl.lit("o")).otherwise(pl.lit("i")))
    p = survival_test(park, "park")["p"][0]
    assert any(f"log-rank p = {p:.3f}" in caption.value for caption in at.caption)


def test_every_park_has_its_sentence_with_its_numbers(look, screen):
    at = look("clustering", lang="en", view="linkage")
    table = screen(at).table("Park", "Finding", "In leading chain %", "Ratio")
    assert (table["Enterprises"] >= 10).all()
    weak = table.filter(pl.col("Finding") == "geographically concentrated, industrially weak")
    assert any(heading.value.startswith(f"{weak.height} of {table.height} parks") for heading in at.subheader)
    assert ((weak["Density ratio"] >= 2) & (weak["In leading chain %"] < 50) & (weak["Ratio"] < 1.25)).all()


def test_life_lines_tell_births_and_ends(look, screen):
    table = screen(look("clustering", lang="en", view="growth")).table("Cluster", "Change", "Lasting id")
    assert {"born", "grew"} <= set(table["Change"])
    firsts = table.sort("Year").unique("Lasting id", keep="first")
    assert set(firsts["Change"]) <= {"born", "merged", "from a split"}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_in_a_district_for_an_official(look, view, language):
    at = look("clustering", lang=language, view=view, **{"as": "official"})
    assert not at.exception
    feet = [caption.value for caption in at.caption if "/methods#" in caption.value]
    assert feet


def test_a_city_without_a_file_says_so_and_links_to_the_upload(look, screen):
    at = look("clustering", lang="en", city="ruhr")
    assert "no enterprise file" in at.info[0].value
    assert at.get("page_link")
    assert not screen(at).figures()


@pytest.mark.parametrize("layer", ["hexagons", "hotspots", "districts"])
def test_a_map_has_districts_to_click(look, screen, layer):
    at = look("clustering", lang="en", layer=layer)
    clickable = [one for one in screen(at).decks()[0]["layers"] if one["id"] == "districts" and one["pickable"]]
    assert clickable
    assert "110105" in screen(at).districts()
