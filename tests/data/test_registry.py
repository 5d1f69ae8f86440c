"""The shipped registers obey the rules of publication."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from urllib.parse import urlparse

import polars as pl
import pytest

from data import registry
from indicators.frames import FIGURES, require

FILES = sorted(registry.FOLDER.glob("*.csv"))
WITH_SOURCE = [path for path in FILES if path.stem not in {"survey_items", "survey_answers", "sources"}]
WITH_URL = ["parks", "events_published", "industrial_heritage", "old_industrial_zones", "districts", "city_figures"]
MAIN = ["beijing", "shanghai", "shenzhen", "ruhr", "pittsburgh"]


def raw(name: str) -> pl.DataFrame:
    return pl.read_csv(registry.FOLDER / f"{name}.csv", infer_schema=False)


def cells(path: Path) -> list[str]:
    return [str(value) for row in raw(path.stem).iter_rows() for value in row if value is not None]


# what may be published ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_internal_provenance_is_shipped(path: Path) -> None:
    header = path.read_text(encoding="utf-8").splitlines()[0]
    assert not re.search(r"retrieved_from|boundary_file|in_120", header)
    forbidden = re.compile(
        r"from memory|memory_|unverified|seed:|seed file|stored copy|mirror|镜像|geojson|Tencent id|腾讯POI",
        re.I,
    )
    assert [cell for cell in cells(path) if forbidden.search(cell)] == []


@pytest.mark.parametrize("path", WITH_SOURCE, ids=lambda path: path.stem)
def test_every_row_names_its_source(path: Path) -> None:
    titles = raw(path.stem)["source_title"]
    assert titles.null_count() == 0
    assert all(part.strip() for title in titles for part in title.split(registry.SEPARATOR))


@pytest.mark.parametrize("name", WITH_URL)
def test_titles_and_addresses_match_one_to_one(name: str) -> None:
    for title, url in raw(name).select("source_title", "source_url").iter_rows():
        for citation in registry.citations(title, url):
            assert citation.url is None or re.match(r"https?://[^/\s|]+\.[a-z]+(:\d+)?(/|$)", citation.url), citation


@pytest.mark.parametrize("name", ["parks", "events_published"])
def test_copies_of_an_outlet_are_not_linked(name: str) -> None:
    for title, url in raw(name).select("source_title", "source_url").iter_rows():
        for citation in registry.citations(title, url):
            host = urlparse(citation.url or "").netloc
            assert not (host and re.search(r"mirror|镜像", citation.title, re.I)), citation
            assert not (host and "Wikipedia" in citation.title and not host.endswith("wikipedia.org")), citation


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_files_are_plain_utf8_with_unix_line_ends(path: Path) -> None:
    data = path.read_bytes()
    assert not data.startswith(b"\xef\xbb\xbf")
    assert b"\r" not in data
    assert not re.search(rb"[ \t]\n", data)
    data.decode("utf-8")


def test_sources_lists_every_other_register_once() -> None:
    assert sorted(registry.sources()["register"]) == [path.name for path in FILES if path.stem != "sources"]
    assert registry.sources().null_count().row(0) == (0, 0, 0, 0, 0)


def test_the_licences_that_ask_for_an_attribution_get_it() -> None:
    attribution = registry.sources().filter(pl.col("register") == "districts.csv")["attribution"].item()
    assert "© GeoBasis-DE / BKG 2021 (Daten verändert)" in attribution
    assert "天地图" in attribution


# parks ----------------------------------------------------------------------------------------------------------------


def test_parks_per_city() -> None:
    counts = dict(registry.parks().group_by("city_id").len().iter_rows())
    assert registry.parks().height == 228
    assert [counts[city] for city in MAIN] == [68, 34, 37, 29, 10]
    assert counts["hangzhou"] == 19
    assert registry.parks()["park_id"].is_unique().all()


def test_guessed_districts_are_blank() -> None:
    guessed = registry.parks().filter(pl.col("park_id").is_in(["BJ-003", "BJ-010", "BJ-012", "SH-029", "SH-034"]))
    assert guessed["district_code"].null_count() == guessed["district_zh"].null_count() == guessed.height == 5
    assert not guessed["notes"].str.contains("区,|西城|大兴|海淀|黄浦|杨浦").any()


def test_points_without_a_citable_origin_sit_on_their_district() -> None:
    points = {row[0]: row[1:] for row in registry.districts()["district_code", "centroid_lon", "centroid_lat"].rows()}
    moved = registry.parks().filter(pl.col("park_id").is_in(["BJ-018", "RU-003"]))
    for row in moved.iter_rows(named=True):
        assert (row["lon"], row["lat"]) == points[row["district_code"]]
        assert (row["coord_system"], row["coord_precision"]) == ("WGS84", "district_centroid")
    assert moved["district_code"].to_list() == ["110105", "05119000"]


def test_coordinates_are_wgs84_with_precision_and_public_origin() -> None:
    parks = registry.parks()
    assert dict(parks.group_by("coord_precision").len().iter_rows()) == {
        "site": 13,
        "district_centroid": 149,
        "none": 66,
    }
    placed = parks.filter(pl.col("coord_precision") != "none")
    assert placed["coord_system"].unique().to_list() == ["WGS84"]
    assert placed["lon", "lat", "coord_source"].null_count().row(0) == (0, 0, 0)
    assert parks.filter(pl.col("coord_precision") == "none")["lon"].null_count() == 66
    assert set(placed["coord_source"]) == {
        "district label point (Tianditu)",
        "municipality label point (BKG VG5000)",
        "neighbourhood label point (City of Pittsburgh)",
        "Wikipedia",
        "Wikipedia (de)",
        "detourgems.com",
        "pano.graphish.de",
    }


def test_area_kinds_are_kept_apart() -> None:
    parks = registry.parks()
    assert parks.filter(pl.col("area_m2").is_not_null() != pl.col("area_kind").is_not_null()).height == 0
    kinds = dict(parks.drop_nulls("area_kind").group_by("area_kind").len().iter_rows())
    assert len(kinds) == 16
    assert (kinds["site"], kinds["planned_floor_2007"], kinds["district_scale"]) == (32, 10, 2)


def test_an_enterprise_count_has_its_year_or_none_and_is_never_zero() -> None:
    parks = registry.parks()
    assert parks.filter((pl.col("enterprises") == 0) | (pl.col("area_m2") == 0)).height == 0
    assert parks["enterprises"].count() == 16


def test_park_districts_exist_and_belong_to_the_city() -> None:
    known = registry.districts().select("district_code", pl.col("city_id").alias("city_of_district"))
    joined = registry.parks().drop_nulls("district_code").join(known, on="district_code", how="left")
    assert joined["city_of_district"].null_count() == 0
    assert joined.filter(pl.col("city_id") != pl.col("city_of_district")).height == 0


# districts and cities -------------------------------------------------------------------------------------------------


def test_district_counts_and_codes() -> None:
    districts = registry.districts()
    assert districts.height == 193
    assert districts["district_code"].is_unique().all()
    assert [registry.districts_of(city).height for city in MAIN] == [16, 16, 9, 53, 91]
    assert "4261000" not in districts["district_code"]
    assert "4261000" not in districts["parent_code"]
    assert districts.schema["district_code"] == pl.String
    assert {"05112000", "05170", "42003", "PGH-20"} <= set(districts["district_code"])


def test_chaoyang_is_110105() -> None:
    assert registry.districts().filter(pl.col("name_zh") == "朝阳区")["district_code"].to_list() == ["110105"]


def test_every_municipality_code_has_eight_digits_and_a_leading_zero() -> None:
    codes = registry.districts().filter(pl.col("level").is_in(["gemeinde", "kreisfreie_stadt"]))["district_code"]
    assert len(codes) == 53
    assert codes.str.contains(r"^05\d{6}$").all()


def test_neighbourhoods_of_pittsburgh_lie_in_allegheny_county() -> None:
    parents = registry.districts().filter(pl.col("level") == "neighborhood")["parent_code"]
    assert (len(parents), set(parents)) == (90, {"42003"})


def test_a_population_is_dated_or_explained_and_never_zero() -> None:
    people = registry.districts().drop_nulls("population")
    assert people["population"].min() > 0
    assert people["population_source_title"].null_count() == 0
    beijing = people.filter((pl.col("city_id") == "beijing") & (pl.col("level") == "district"))
    assert beijing["population"].sum() == 21_893_095


def test_names_fall_back_to_what_is_known() -> None:
    assert registry.district_name("110105") == "朝阳区"
    assert registry.district_name("110105", "en") == "Chaoyang"
    assert registry.district_name("PGH-39", "zh") == "Hazelwood"
    assert registry.district_name("000000") == "000000"


def test_every_city_of_the_registers_is_known() -> None:
    used = (
        set(registry.parks()["city_id"])
        | set(registry.city_figures()["city_id"])
        | set(registry.districts()["city_id"])
    )
    assert set(registry.cities()["city_id"]) == used
    assert registry.cities().height == 38
    assert (
        registry.cities()["city_id", "name_zh", "name_en", "country_zh", "country_en"]
        .null_count()
        .sum_horizontal()
        .item()
        == 0
    )


def test_main_cities_are_complete() -> None:
    main = registry.cities().head(5)
    assert main["city_id"].to_list() == MAIN
    assert main["epsg"].to_list() == ["32650", "32651", "32650", "25832", "26917"]
    assert main.null_count().sum_horizontal().item() == 0
    assert main["is_c3"].to_list() == [True, True, True, False, False]
    assert main["has_districts"].all()
    assert registry.cities()["epsg"].count() == 5


def test_default_territories_are_spelled_as_in_the_figures() -> None:
    figures = registry.city_figures().select("city_id", "territory").unique()
    wanted = registry.cities().drop_nulls("territory_en").select("city_id", pl.col("territory_en").alias("territory"))
    assert wanted.join(figures, on=["city_id", "territory"], how="anti").height == 0


# figures, events, heritage, zones -------------------------------------------------------------------------------------


def test_figures_have_trust_of_their_own_and_no_doubtful_row() -> None:
    figures = registry.city_figures()
    assert dict(figures.group_by("trust").len().iter_rows()) == {"A": 1892, "B": 215, "seed": 32}
    assert not figures["definition"].drop_nulls().str.contains(r"^\s*\[").any()
    assert dict(figures.drop_nulls("trust_note").group_by("trust_note").len().iter_rows()) == {
        "derived": 105,
        "labels recovered": 136,
    }
    assert figures["indicator_id"].n_unique() == 123
    assert figures["source_publisher"].null_count() == 0


def test_figures_fit_the_contract_of_the_indicators() -> None:
    assert require(registry.city_figures(), FIGURES).height == 2139


def test_a_figure_is_given_once_per_territory_and_period() -> None:
    keys = registry.city_figures().select("city_id", "territory", "indicator_id", "period")
    assert keys.is_duplicated().sum() == 0
    assert keys["period"].str.contains(r"^\d{4}(-(0[1-9]|1[0-2]))?$").all()


def test_seed_articles_have_no_address_and_all_others_have_one() -> None:
    figures = registry.city_figures()
    assert set(figures.filter(pl.col("source_url").is_null())["trust"]) == {"seed"}
    assert figures.filter(pl.col("trust") == "seed")["source_url"].count() == 0


def test_events_keep_their_qualifier() -> None:
    events = registry.events_published()
    assert dict(events.group_by("qualifier").len().iter_rows()) == {
        "exact": 101,
        "at_least": 30,
        "approx": 10,
        "derived": 1,
    }
    assert events.filter(pl.col("fact_id") == "EV-001").select("metric", "value", "qualifier").row(0) == (
        "themed_events",
        120.0,
        "at_least",
    )
    assert events["value"].null_count() == 0


def test_events_without_a_year_stay_without() -> None:
    events = registry.events_published()
    undated = events.filter(pl.col("district") == "通州区")
    assert (undated.height, undated["year"].count()) == (6, 0)
    assert events["year"].null_count() == 8


def test_event_districts_are_codes_of_the_register() -> None:
    events = registry.events_published()
    named = events.drop_nulls("district_code")
    assert named.height > 0
    for code, name in named.select("district_code", "district").iter_rows():
        assert name in (registry.district_name(code), registry.district_name(code, "en"))
    unnamed = events.filter(pl.col("district").is_not_null() & pl.col("district_code").is_null())["district"]
    assert set(unnamed) == {"东城/西城/朝阳/海淀", "钟楼区", "大鹏新区"}


def test_the_two_definitions_of_chaoyang_parks_keep_their_names() -> None:
    chaoyang = registry.events_published().filter(pl.col("org") == "北京市朝阳区")
    counts = {
        (metric, year): value
        for metric, year, value in chaoyang.select("metric", "year", "value").iter_rows()
        if metric in {"old_factories_converted_parks", "parks_total"}
    }
    assert counts == {
        ("old_factories_converted_parks", 2017): 30,
        ("old_factories_converted_parks", 2018): 57,
        ("parks_total", 2019): 84,
        ("parks_total", 2021): 102,
    }


def test_heritage_by_batch() -> None:
    heritage = registry.industrial_heritage()
    batches = heritage.group_by("batch").len().sort("batch")
    assert batches.rows() == [(1, 11), (2, 42), (3, 49), (4, 61), (5, 31), (6, 37), (7, 32)]
    assert heritage["announce_date"].min() == dt.date(2017, 12, 22)
    assert heritage["announce_date"].max() == dt.date(2025, 10, 22)
    assert "site" not in set(heritage["coord_precision"])


def test_zones_are_not_the_list_of_120() -> None:
    zones = registry.old_industrial_zones()
    assert dict(zones.group_by("row_kind").len().iter_rows()) == {"zone_city": 27, "aggregate": 4}
    cities = zones.filter(pl.col("row_kind") == "zone_city")
    assert cities["demo_zone_name"].null_count() == 0
    assert cities.filter(pl.col("demo_zone_batch") == 1)["demo_zone_name"].n_unique() == 12
    inferred = cities.filter(pl.col("demo_zone_batch") == 2)
    assert set(inferred["zone_basis"]) == {"inferred"}
    assert inferred["notes"].str.contains("inferred").all()
    assert sorted(inferred["city_zh"]) == sorted(["北京", "大连", "徐州", "萍乡", "洛阳", "韶关", "六盘水"])
    assert dict(cities.drop_nulls("eval_2020").group_by("eval_2020").len().iter_rows()) == {"优秀": 7, "良好": 12}
    assert not zones["source_title"].str.contains("附表").any()


# reading --------------------------------------------------------------------------------------------------------------


def test_a_missing_register_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "FOLDER", tmp_path)
    with pytest.raises(registry.RegistryError, match=r"programmes\.csv is missing"):
        registry.programmes.__wrapped__()


def test_a_missing_column_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "events_published.csv").write_text("fact_id,year\nEV-1,2022\n", encoding="utf-8")
    monkeypatch.setattr(registry, "FOLDER", tmp_path)
    with pytest.raises(registry.RegistryError, match="no column value"):
        registry.events_published.__wrapped__()


def test_a_value_of_the_wrong_kind_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "city_figures.csv").write_text("city_id,value\nbeijing,many\n", encoding="utf-8")
    monkeypatch.setattr(registry, "FOLDER", tmp_path)
    with pytest.raises(registry.RegistryError, match=r"city_figures\.csv holds a value of the wrong kind"):
        registry.city_figures.__wrapped__()


def test_titles_and_addresses_that_do_not_match_are_refused() -> None:
    with pytest.raises(registry.RegistryError, match="2 source titles but 1 addresses"):
        registry.citations("A | B", "https://a.example")


# library --------------------------------------------------------------------------------------------------------------


def test_parks_of_a_document_are_those_whose_rows_speak_of_it() -> None:
    parks = {row["document_id"]: (row["parks"] or "").split(";") for row in registry.library().to_dicts()}
    named = {key: ids for key, ids in parks.items() if ids != [""]}
    assert set(named) == {"LIB-102", "LIB-103", "LIB-106", "LIB-202"}
    rows = {row["park_id"]: row for row in registry.parks().to_dicts()}
    graded = {key for key, row in rows.items() if row["list_year"] == 2020 and row["city_id"] == "beijing"}
    assert set(named.pop("LIB-202")) == graded
    assert len(graded) == 12
    for document, ids in named.items():
        batch = {"LIB-102": "二", "LIB-103": "三", "LIB-106": "六"}[document]
        for park in ids:
            assert f"国家工业遗产第{batch}批" in f"{rows[park]['notes']} {rows[park]['former_use']}", park
    said = {park for park, row in rows.items() if "国家工业遗产第" in f"{row['notes']} {row['former_use']}"}
    assert said == {park for ids in named.values() for park in ids}


def test_no_publisher_and_no_occasion_stands_for_the_issuer_of_a_document() -> None:
    rows = registry.library()
    vague = r"出版社|论坛|^北京市$|^上海市$"
    assert rows.filter(pl.col("issuer").str.contains(vague)).is_empty()
    compiled = rows.filter(pl.col("link").str.contains("github.com"))
    assert compiled["document_id"].to_list() == [f"LIB-10{n}" for n in range(1, 8)]
    assert compiled["summary"].str.contains("链接为汇编名单", literal=True).all()
    assert "题目待查明后补充" in rows.filter(document_id="LIB-301")["summary"].item()
