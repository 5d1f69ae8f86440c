"""Presets: recognised by their headers, every change told, and the reference files read through the check."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from data import registry
from data.ingest import Registers, check_table, read_table
from data.ingest.presets import PRESETS, prepared, recognised_preset
from data.text import messages

TODAY = date(2026, 11, 22)
FACTS = Path(__file__).parents[4] / "shared" / "facts"
GENERIC = (
    "enterprise_id,name,lon,lat,coord_system,category_raw,industry_code,industry_scheme,district,area_code,opened_on,"
    "status,size_measure,size_value,source"
)


def with_districts(registers: Registers, city_id: str, *names: str) -> Registers:
    rows = [(f"{city_id}-{place}", city_id, None, name) for place, name in enumerate(names)]
    districts = registers.districts.select("district_code", "city_id", "name_zh", "name_en")
    more = pl.DataFrame(rows, schema=districts.schema, orient="row")
    return replace(registers, districts=pl.concat([districts, more]))


def run(registers, text: str, city_id: str | None = None, coordinates: str | None = None):
    table = read_table(text.encode(), "file.csv")
    name = recognised_preset(table)
    assert name is not None
    ready = prepared(table, name, registers, city_id)
    return name, check_table("enterprises", ready.table, registers, TODAY, ready.mapping, coordinates)


def notes(checked):
    return [note.key for note in checked.notes]


def test_the_berlin_register(registers):
    text = (
        "opendata_id,city,postcode,latitude,longitude,ihk_branch_id,nace_id,employees_range,business_age,business_type,Bezirk\n"
        "755150660,Berlin,12683,52.5277,13.5718,123,5920,0,-1,x,Mitte\n"
        "755150661,Berlin,NULL,NULL,NULL,123,NULL,unbekannt,5,x,NULL\n"
    )
    name, checked = run(with_districts(registers, "berlin", "Mitte"), text)
    assert name == "ihk_berlin"
    assert checked.rejected.is_empty()
    first, second = checked.accepted.rows(named=True)
    assert (first["enterprise_id"], first["city_id"], first["industry_scheme"]) == ("ber-755150660", "berlin", "NACE")
    assert (first["industry_code"], first["lon"], first["district_code"]) == ("5920", 13.5718, "berlin-0")
    assert first["employees"] is None
    assert second["lon"] is None
    assert second["district_code"] is None
    assert notes(checked).count("note.preset_added") == 4


def test_the_melbourne_census_with_its_lost_zeros(registers):
    text = (
        "census_year,block_id,property_id,clue_small_area,trading_name,industry_anzsic4_code,longitude,latitude\n"
        "2021,1110,620308,Docklands,Vacant,0,144.938,-37.813\n"
        "2021,1110,620308,Docklands,Farm,111,144.938,-37.813\n"
    )
    name, checked = run(with_districts(registers, "melbourne", "Docklands"), text)
    assert name == "clue"
    assert checked.rejected.is_empty()
    told = checked.accepted.select("enterprise_id", "industry_code", "status").rows()
    assert told == [
        ("clue-2021-1110-620308-1", "0000", "vacant"),
        ("clue-2021-1110-620308-2", "0111", "active"),
    ]
    assert "note.preset_changed" in notes(checked)


def test_an_american_register_asks_for_its_coordinate_system(registers):
    text = (
        "Location Id,DBA Name,City,NAICS Code,Location Start Date,Location End Date,Business Location\n"
        "1-01,Cafe,San Francisco,722515,1/31/2014,,POINT (-79.99 40.44)\n"
        '1-02,Mill,San Francisco,31-33,01/02/2010,12/31/2019,"(40.45, -80.0)"\n'
    )
    name, asked = run(registers, text, "ruhr")
    assert name == "naics"
    assert "missing_header" in asked.rejected["rule"].to_list()
    pittsburgh = with_districts(registers, "pittsburgh", "Strip")
    _, checked = run(pittsburgh, text, "pittsburgh", "WGS84")
    assert checked.rejected.is_empty()
    assert checked.accepted.select("status", "opened_on", "closed_on", "industry_code", "lon").rows() == [
        ("active", date(2014, 1, 31), None, "722515", -79.99),
        ("closed", date(2010, 1, 2), date(2019, 12, 31), "31-33", -80.0),
    ]


def test_map_points_of_amap_wait_for_agreement(registers):
    text = (
        "id,name,type,typecode,address,location,cityname,adcode,adname\n"
        'B000A1,某公司,公司企业;公司;广告装饰,170202,某路1号,"116.4962,39.9814",北京市,110105,朝阳区\n'
    )
    name, refused = run(registers, text)
    assert name == "amap"
    assert refused.rejected["rule"].to_list() == ["coord_system_not_agreed"]
    _, checked = run(registers, text, coordinates="GCJ-02")
    row = checked.accepted.row(0, named=True)
    assert (row["district_code"], row["industry_code"], row["industry_scheme"]) == ("110105", "170202", "other")
    assert 116.489 < row["lon"] < 116.491


def test_the_general_table_with_all_its_habits(registers):
    rows = [
        GENERIC,
        "a-1,,6.77,51.43,WGS-84 (as stated),x,5920,NACE2-4 (WZ2008),埃森,LOR:1,,added:2023-04,sq_feet,10,s",
        "a-1,,6.77,51.43,WGS-84 (as stated),x,62,NACE2-4 (WZ2008),NULL,LOR:1,,deleted:2023-04,sq_feet,10,s",
        "a-3,,,,WGS-84 (as stated),x,0111,NACE2-4 (WZ2008),Essen,LOR:1,,other:9,sq_feet,10,s",
    ]
    name, checked = run(registers, "\n".join(rows), "ruhr")
    assert name == "generic"
    assert checked.rejected.is_empty()
    assert checked.accepted.select("enterprise_id", "status", "closed_on", "district_code").rows() == [
        ("a-1", "active", None, "05113000"),
        ("a-1:deleted:2023-04", "closed", date(2023, 4, 1), None),
        ("a-3", "unknown", None, "05113000"),
    ]
    told = {note.values.get("column"): note.values for note in checked.notes if note.key == "note.preset_changed"}
    assert told["status"] == {"column": "status", "count": 3, "value": "added:2023-04", "accepted": "active"}
    assert told["coord_system"]["count"] == 3


def test_zones_that_are_no_districts_are_left_out_aloud(registers):
    rows = [GENERIC, *(f"a-{n},,,,,x,,,TAZ {n},,,active,,,s" for n in range(7)), "a-9,,,,,x,,,朝阳区,,,active,,,s"]
    _, checked = run(registers, "\n".join(rows), "beijing")
    assert checked.accepted["district_code"].null_count() == 8
    zones = next(note for note in checked.notes if note.key == "note.zones_left_out")
    assert zones.values["count"] == 8
    assert "TAZ 0" in zones.sentence("zh")


def test_one_unknown_district_among_known_ones_is_a_problem(registers):
    rows = [GENERIC, *(f"a-{n},,,,,x,,,朝阳区,,,active,,,s" for n in range(4)), "a-9,,,,,x,,,月球区,,,active,,,s"]
    _, checked = run(registers, "\n".join(rows), "beijing")
    assert checked.rejected.select("line", "column", "rule").rows() == [(6, "district", "unknown_district")]


def test_the_file_itself_is_kept_under_its_own_lines_and_headers(registers):
    table = read_table((GENERIC + "\na-1,,,,,x,,,朝阳,,,other:1,,,s\n").encode(), "f.csv")
    ready = prepared(table, "generic", registers, "beijing")
    assert ready.table.frame["line"].to_list() == [2]
    assert ready.table.header[: len(table.header)] == table.header
    assert ready.mapping["size_value"] == ready.mapping["category_raw"] == ""
    assert ready.mapping["status"] == "status"
    assert set(ready.table.columns) | {"line"} == set(ready.table.frame.columns)
    assert table.frame["status"].item() == "other:1"


def test_a_table_of_no_known_source(registers):
    assert recognised_preset(read_table(b"p,q\n1,2\n", "f.csv")) is None
    assert recognised_preset(read_table(b"enterprise_id,status\n1,active\n", "f.csv")) is None
    with pytest.raises(KeyError):
        prepared(read_table(b"p,q\n1,2\n", "f.csv"), "nothing", registers)


def test_every_preset_has_a_label_in_both_languages():
    for name, preset in PRESETS.items():
        assert preset.name == name
        assert all(messages().sentence(f"preset.{name}", language) for language in ("zh", "en"))


@pytest.fixture(scope="module")
def shipped() -> Registers:
    return Registers(
        parks=registry.parks(),
        items=registry.questionnaire_items(),
        answers=registry.answer_scales(),
        programmes=registry.programmes(),
        districts=registry.districts(),
        industries=registry.industries(),
    )


def reference(registers: Registers, name: str, city_id: str, coordinates: str | None = None):
    path = FACTS / f"enterprises_{name}.csv.gz"
    if not path.exists():
        pytest.skip("no reference files")
    table = read_table(gzip.decompress(path.read_bytes()), path.stem)
    zones = set(table.frame["district"].drop_nulls()) - {"NULL"}
    known = with_districts(registers, city_id, *sorted(zones)) if city_id in ("berlin", "melbourne") else registers
    ready = prepared(table, recognised_preset(table) or "", known, city_id)
    return check_table("enterprises", ready.table, known, TODAY, ready.mapping, coordinates)


def counted(checked, column):
    return dict(checked.accepted[column].value_counts().iter_rows())


@pytest.mark.reference
def test_melbourne_without_its_vacant_premises(shipped):
    checked = reference(shipped, "melbourne_clue2021", "melbourne")
    assert counted(checked, "status") == {"active": 14_513, "vacant": 5_401}
    values = {note.key: note.values for note in checked.notes}
    assert values["note.not_active"]["count"] == 5_401
    assert values["note.shared_positions"] == {"count": 17_233, "limit": 4_491, "value": 300}
    assert checked.accepted.filter(pl.col("status") == "vacant")["industry_code"].unique().to_list() == ["0000"]
    assert checked.accepted["district_code"].n_unique() == 13
    assert checked.warnings.is_empty()


@pytest.mark.reference
def test_allegheny_with_its_missing_points_and_placeholder_days(shipped):
    checked = reference(shipped, "pittsburgh_allegheny_food2019", "pittsburgh")
    assert checked.rejected.is_empty()
    assert counted(checked, "status") == {"active": 9_142, "closed": 2_847, "unknown": 12}
    assert checked.accepted["lon"].null_count() == checked.accepted["lat"].null_count() == 2_551
    told = checked.warnings.filter(pl.col("rule") == "placeholder_date")["value"]
    assert dict(told.value_counts().iter_rows()) == {"1984-06-17": 588, "1970-01-01": 29}
    assert checked.accepted["opened_on"].null_count() == 588 + 29 + 11
    zones = next(note for note in checked.notes if note.key == "note.zones_left_out")
    assert zones.values["count"] == 160


@pytest.mark.reference
def test_a_month_of_changes_in_berlin(shipped):
    checked = reference(shipped, "berlin_2023-04_changes", "berlin")
    assert checked.rejected.is_empty()
    assert counted(checked, "status") == {"active": 1_825, "closed": 978}
    assert checked.accepted["district_code"].drop_nulls().n_unique() == 12
    assert checked.accepted["district_code"].null_count() == 18
    assert checked.accepted["industry_code"].null_count() == 8 + 2  # empty, and the word NULL
    assert checked.warnings.select("value", "rule").rows() == [("82", "mixed_code_depth")]
    assert checked.accepted.filter(pl.col("status") == "closed")["closed_on"].unique().to_list() == [date(2023, 4, 1)]


@pytest.mark.reference
def test_shenzhen_says_one_thing_and_the_map_another(shipped):
    """No zones are at hand, so the share inside them is not recomputed; the shift the conversion makes is."""
    asked = reference(shipped, "shenzhen_ev_stations", "shenzhen")
    assert asked.rejected.select("rule", "value").rows() == [("coord_system_not_agreed", "GCJ-02")]
    kept = reference(shipped, "shenzhen_ev_stations", "shenzhen", "WGS84").accepted
    moved = reference(shipped, "shenzhen_ev_stations", "shenzhen", "GCJ-02").accepted
    assert kept.height == moved.height == 1_587
    east = (kept["lon"] - moved["lon"]).to_numpy() * 111_320 * np.cos(np.radians(22.6))
    metres = np.hypot(east, (kept["lat"] - moved["lat"]).to_numpy() * 110_750)
    assert metres.min() > 575
    assert metres.max() < 620
