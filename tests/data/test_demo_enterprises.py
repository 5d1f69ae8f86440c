"""The demonstration's enterprises: enough of them, concentrated, with plausible codes and the usual quirks."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from data import registry
from data.demo.enterprises import FIRST_OPENING, LAST_DAY, PLACEHOLDER_DAY
from data.demo.mix import INDUSTRIES, TILTS
from data.demo.parks import DemoPark, demo_parks, sample_parks
from data.demo.places import PLACES

SHIPPED = Path(registry.__file__).parent / "demo"
SEED = 20220101


@pytest.fixture(scope="module")
def enterprises() -> pl.DataFrame:
    return pl.read_csv(SHIPPED / "enterprises.csv", infer_schema_length=0)


@pytest.fixture(scope="module")
def parks() -> list[DemoPark]:
    return demo_parks(registry.parks(), sample_parks(registry.parks(), registry.districts(), SEED))


def test_enough_enterprises_about_half_in_parks(enterprises, parks):
    district = {park.park_id: park.district_code for park in parks}
    assert 9_000 <= enterprises.height <= 10_000
    assert enterprises["enterprise_id"].is_unique().all()
    inside = enterprises.drop_nulls("park_id")
    assert 0.4 < inside.height / enterprises.height < 0.6
    assert all(district[park_id] == code for park_id, code in inside.select("park_id", "district_code").iter_rows())
    assert dict(enterprises.group_by("city_id").len().iter_rows()).keys() == {"beijing", "shanghai", "shenzhen"}


def test_codes_dates_and_sizes_are_plausible(enterprises):
    industries = registry.industries()
    divisions = set(industries.filter(pl.col("scheme").str.starts_with("GB/T"))["code"])
    classes = set(industries.filter(~pl.col("scheme").str.starts_with("GB/T"))["code"])
    assert set(enterprises["industry_code"].drop_nulls()) == set(INDUSTRIES) <= divisions
    assert set(enterprises["culture_code"].drop_nulls()) == {f"0{number}" for number in range(1, 10)} <= classes
    assert enterprises["coord_system"].unique().to_list() == ["WGS84"]
    opened, closed = (enterprises[column].str.to_date() for column in ("opened_on", "closed_on"))
    assert opened.min() >= FIRST_OPENING
    assert opened.max() <= LAST_DAY
    assert closed.max() <= LAST_DAY
    assert (closed > opened).drop_nulls().all()
    assert enterprises["employees"].cast(pl.Int64).min() >= 1
    assert 0.04 < enterprises["employees"].null_count() / enterprises.height < 0.10


def test_the_quirks_of_real_registers_are_there_in_small_numbers(enterprises):
    share = {
        "vacant": (pl.col("status") == "vacant"),
        "no point": pl.col("lon").is_null() & pl.col("lat").is_null(),
        "no district": pl.col("district_code").is_null(),
        "placeholder": pl.col("opened_on") == PLACEHOLDER_DAY.isoformat(),
        "no industry": pl.col("industry_code").is_null() & (pl.col("status") != "vacant"),
    }
    for name, condition in share.items():
        rows = enterprises.filter(condition).height
        assert 10 <= rows < 0.03 * enterprises.height, name
    assert (enterprises["lon"].is_null() == enterprises["lat"].is_null()).all()
    assert 0.05 < enterprises.filter(pl.col("status") == "closed").height / enterprises.height < 0.15
    vacant = enterprises.filter(pl.col("status") == "vacant")
    assert vacant["industry_code"].null_count() == vacant["employees"].null_count() == vacant.height
    assert (enterprises.drop_nulls("closed_on")["status"] == "closed").all()


def test_firms_share_points_and_gather(enterprises):
    points = enterprises.drop_nulls("lon").group_by("lon", "lat").len()
    assert points.height < 0.5 * points["len"].sum()
    assert points["len"].max() >= 20
    chaoyang = enterprises.filter(pl.col("district_code") == "110105")
    lon, lat = chaoyang["lon"].cast(pl.Float64), chaoyang["lat"].cast(pl.Float64)
    near_798 = ((lon - 116.490).abs() < 0.02) & ((lat - 39.984).abs() < 0.015)
    assert near_798.sum() > 300


def test_district_profiles_differ(enterprises):
    active = enterprises.filter((pl.col("status") == "active") & (pl.col("city_id") == "beijing"))

    def share(code: str, industry: str) -> float:
        local = active.filter(pl.col("district_code") == code)
        return local.filter(pl.col("industry_code") == industry).height / local.height

    assert share("110108", "65") > 2 * share("110105", "65")
    assert share("110105", "87") > 1.5 * share("110108", "87")


def test_tilts_name_known_places_and_divisions():
    known = {place.district_code for place in PLACES} | {place.city_id for place in PLACES}
    assert set(TILTS) <= known
    assert {code for tilt in TILTS.values() for code in tilt} <= set(INDUSTRIES)
    assert known - {"beijing", "shanghai", "shenzhen"} <= set(registry.districts()["district_code"])


def test_points_lie_in_their_district(enterprises, tmp_path):
    shapely = pytest.importorskip("shapely")
    from data import boundaries

    boundaries.ensure(tmp_path)
    for city_id in ("beijing", "shanghai", "shenzhen"):
        layer = boundaries.load(tmp_path, city_id)
        if layer is None:
            pytest.skip("no district boundaries on this machine")
        for feature in layer["features"]:
            code = feature["properties"]["district_code"]
            rows = enterprises.filter(pl.col("district_code") == code).drop_nulls("lon")
            if rows.is_empty():
                continue
            area = shapely.geometry.shape(feature["geometry"])
            inside = shapely.contains_xy(area, *rows.select(pl.col("lon", "lat").cast(pl.Float64)).to_numpy().T)
            assert inside.mean() > 0.99, code
