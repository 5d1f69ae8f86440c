"""Events, enterprises and parks: typed rows, and every rule at its line and column."""

from __future__ import annotations

import random
import time
from datetime import date

import polars as pl
import pytest

from data.ingest import DATASETS, IngestError, Rule, check, fields_of, read_table, recognised

TODAY = date(2026, 11, 22)
EVENTS = (
    "event_id,date,programme_id,city_id,district_code,park_id,mode,participants_online,participants_onsite,enterprises"
)
ENTERPRISES = (
    "enterprise_id,city_id,district_code,lon,lat,coord_system,industry_code,culture_code,park_id,opened_on,closed_on,"
    "employees,status"
)
PARKS = "park_id,name_zh,name_en,city_id,district_code,conversion_mode"
MEMBERS = "member_id,name_zh,body,member_type,city_id,joined_on"
REGISTERS = (
    "programme_id,name_zh,organiser",
    "partner_id,name_zh,partner_type,tags",
    "offer_id,partner_id,title,tags,service_package",
    "need_id,park_id,enterprise_name,title,tags",
    "need_id,offer_id,date,status,note",
    "document_id,title,issuer,level,link",
    "channel,period,kind,n,reads",
    "park_id,year,share_production,governance",
)
FIGURES = "city_id,territory,indicator_id,period,value,unit,source_title"
GOOD_POINT = "116.49,39.98,WGS84"


@pytest.fixture(scope="session")
def run(registers):
    def checked(dataset: str, header: str, *rows: str):
        return check(dataset, "\n".join([header, *rows]).encode(), "file.csv", registers, TODAY)

    return checked


def rules(checked):
    return checked.rejected.select("line", "column", "rule").rows()


def test_events_by_code_and_by_name(run):
    checked = run(
        "events",
        EVENTS + ",is_synthetic",
        'E1,2026-10-05,park_show,beijing,110105,BJ-005,online,"1,200",,12,是',
        "E2,2026年10月6日,培训,北京,朝阳,798艺术区,线下,,0,无,",
    )
    assert checked.rejected.is_empty()
    assert checked.accepted.select(*EVENTS.split(","), "is_synthetic").rows() == [
        ("E1", date(2026, 10, 5), "park_show", "beijing", "110105", "BJ-005", "online", 1200, None, 12, True),
        ("E2", date(2026, 10, 6), "training", "beijing", "110105", "BJ-005", "onsite", None, 0, None, False),
    ]
    assert checked.accepted.schema["participants_online"] == pl.Int64


def test_event_problems(run):
    checked = run(
        "events",
        EVENTS,
        "E1,2026-10,party,atlantis,110105,BJ-005,live,-1,1.5,many",
        "E2,2029-12-01,training,beijing,310107,ZZ,online,99999999,1,1",
        "E3,2026-10-01,training,shanghai,月球区,,online,1,1,1",
        "E4,2026-10-01,training,beijing,,,,,,",
        "E4,2026-10-02,training,beijing,,,,,,",
        ",,,,,,,,,1",
    )
    assert rules(checked) == [
        (2, "date", "bad_date"),
        (2, "programme_id", "unknown_programme"),
        (2, "city_id", "unknown_city"),
        (2, "mode", "bad_choice"),
        (2, "participants_online", "negative_number"),
        (2, "participants_onsite", "not_whole_number"),
        (2, "enterprises", "bad_number"),
        (3, "date", "future_date"),
        (3, "district_code", "district_of_other_city"),
        (3, "park_id", "unknown_park"),
        (3, "participants_online", "number_too_large"),
        (4, "district_code", "unknown_district"),
        (5, "event_id", "doubled_id"),
        (6, "event_id", "doubled_id"),
        (7, "event_id", "missing_value"),
        (7, "date", "missing_value"),
        (7, "programme_id", "missing_value"),
        (7, "city_id", "missing_value"),
    ]
    assert checked.accepted.is_empty()


def test_enterprises_keep_codes_as_text_and_missing_as_null(run):
    checked = run(
        "enterprises",
        ENTERPRISES,
        f"00123,beijing,110105,{GOOD_POINT},R8710,03,BJ-005,2015-06-01,,12,存续",
        "00124,ruhr,05113000,,,,01,,,,,,vacant",
    )
    assert checked.rejected.is_empty()
    first, second = checked.accepted.rows(named=True)
    assert (first["enterprise_id"], first["industry_code"], first["culture_code"]) == ("00123", "87", "03")
    assert (first["lon"], first["lat"], first["status"], first["is_synthetic"]) == (116.49, 39.98, "active", False)
    assert second["district_code"] == "05113000"
    assert second["lon"] is None
    assert second["employees"] is None


@pytest.mark.parametrize(
    ("point", "column", "rule", "suggestion"),
    [
        ("0,0,WGS84", "lon", "bad_coordinate", ""),
        ("39.98,116.49,WGS84", "lon", "bad_coordinate", "lon 116.49, lat 39.98"),
        ("121.4,31.2,WGS84", "lon", "bad_coordinate", ""),
        ("116.49,31.2,WGS84", "lat", "bad_coordinate", ""),
        ("116.49,,WGS84", "lat", "half_position", ""),
        ("116.49,39.98,UTM 50N", "coord_system", "bad_coord_system", ""),
        ("116.49,39.98,", "coord_system", "bad_coord_system", ""),
        ("116.49°,39.98,WGS84", "lon", "bad_number", ""),
    ],
)
def test_positions(run, point, column, rule, suggestion):
    checked = run("enterprises", ENTERPRISES, f"A1,beijing,110105,{point},87,03,,,,,active")
    assert rules(checked) == [(2, column, rule)]
    assert checked.rejected["suggestion"].item() == suggestion


def test_positions_without_a_column_for_the_coordinate_system(run):
    checked = run("enterprises", "enterprise_id,city_id,lon,lat,status", "A1,beijing,116.49,39.98,active")
    assert rules(checked) == [(1, "coord_system", "missing_header")]
    assert checked.rejected_rows.height == 1
    assert run("enterprises", "enterprise_id,city_id,status", "A1,beijing,active").rejected.is_empty()


def test_enterprise_problems(run):
    checked = run(
        "enterprises",
        ENTERPRISES,
        "2.01909E+11,beijing,110105,,,,1,9,,2016-01-01,2015-01-01,-3,gone",
        "A2,beijing,,,,,99,,,2030-01-01,,,active",
        "A3,beijing,,,,,,,,,,,",
    )
    assert rules(checked) == [
        (2, "enterprise_id", "bad_id"),
        (2, "industry_code", "unknown_industry"),
        (2, "culture_code", "unknown_industry"),
        (2, "closed_on", "closed_before_opened"),
        (2, "employees", "negative_number"),
        (2, "status", "bad_choice"),
        (3, "industry_code", "unknown_industry"),
        (3, "opened_on", "future_date"),
        (4, "status", "missing_value"),
    ]
    assert checked.rejected["suggestion"].to_list()[1] == "01"


def test_parks_and_their_names(run):
    checked = run(
        "parks",
        PARKS,
        "BJ-200,新园,New Park,beijing,110105,new_build",
        "RU-100,,Zeche Neu,ruhr,05113000,",
        "BJ-005,798艺术区,,beijing,110105,",
        "BJ-201,竞园,,beijing,,",
        "BJ-202,,,beijing,,",
        "BJ-203,甲园,,beijing,,",
        "bj203,乙园,,beijing,,",
    )
    assert checked.accepted["park_id"].to_list() == ["BJ-200", "RU-100", "BJ-005"]
    assert rules(checked) == [
        (5, "name_zh", "park_id_name_conflict"),
        (6, "name_zh", "missing_value"),
        (7, "park_id", "doubled_id"),
        (8, "park_id", "doubled_id"),
    ]


def test_cells_that_look_like_formulas_are_kept_as_text_with_a_remark(run):
    checked = run("parks", PARKS, 'BJ-300,"=HYPERLINK(""http://x"")",@name,beijing,,')
    assert checked.accepted["name_zh"].item() == '=HYPERLINK("http://x")'
    assert [(note.key, note.values["column"]) for note in checked.notes] == [
        ("note.formula_like", "name_zh"),
        ("note.formula_like", "name_en"),
    ]


def test_a_district_name_of_several_cities_is_settled_by_the_city(registers):
    twice = pl.DataFrame(
        [("440100", "guangzhou", "朝阳区", None)], schema=registers.districts.schema, orient="row"
    ).vstack(registers.districts)
    more = type(registers)(**{**vars(registers), "districts": twice})
    data = f"{PARKS}\nBJ-200,新园,,beijing,朝阳区,".encode()
    assert check("parks", data, "f.csv", more, TODAY).accepted["district_code"].item() == "110105"


def test_ten_thousand_enterprises_take_under_two_seconds(run):
    draw = random.Random(1)
    rows = []
    for number in range(10_000):
        lon, lat = 116.4 + draw.uniform(-0.3, 0.3), 39.9 + draw.uniform(-0.3, 0.3)
        park = draw.choice(["BJ-005", "", f"没有的园区{number}"])
        opened = f"20{draw.randint(10, 25)}-0{draw.randint(1, 9)}-1{draw.randint(0, 9)}"
        people = draw.randint(0, 900)
        rows.append(f"N{number:06d},beijing,110105,{lon:.5f},{lat:.5f},WGS84,87,03,{park},{opened},,{people},active")
    began = time.perf_counter()
    checked = run("enterprises", ENTERPRISES, *rows)
    assert time.perf_counter() - began < 2
    assert checked.n_rows == 10_000
    assert set(checked.rejected["rule"]) == {"unknown_park"}


def test_data_sets_are_told_apart_by_their_headers(registers):
    headers = ("月份,园区名称,业务量,出租率", EVENTS, ENTERPRISES, PARKS, MEMBERS, FIGURES, *REGISTERS)
    for dataset, header in zip(DATASETS, headers, strict=True):
        table = read_table(f"{header}\n{'1,' * header.count(',')}1\n".encode(), "file.csv")
        assert recognised(table, registers) == dataset
        assert fields_of(dataset, registers)
    assert recognised(read_table(b"p,q\n1,2\n", "file.csv"), registers) is None


@pytest.mark.parametrize(
    "call", [lambda r: check("wages", b"a,b\n1,2\n", "f", r, TODAY), lambda r: fields_of("wages", r)]
)
def test_an_unknown_data_set(registers, call):
    with pytest.raises(IngestError) as caught:
        call(registers)
    assert caught.value.rule is Rule.UNKNOWN_DATASET
    assert "enterprises" in str(caught.value)
