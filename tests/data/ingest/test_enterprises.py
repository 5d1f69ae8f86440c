"""Places of business: every guard of the design note on a small file of its own."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import polars as pl
import pytest

from data import registry
from data.ingest import IngestError, Registers, Rule, check, explained
from data.ingest.coordinates import from_wgs84
from data.ingest.enterprises import placeholder_days

TODAY = date(2026, 11, 22)
HEADER = "enterprise_id,city_id,district_code,lon,lat,coord_system,industry_scheme,industry_code,opened_on,status,name"


@pytest.fixture(scope="session")
def run(registers):
    def checked(*rows: str, header: str = HEADER, coordinates: str | None = None):
        data = "\n".join([header, *rows]).encode()
        return check("enterprises", data, "file.csv", registers, TODAY, coordinates=coordinates)

    return checked


def found(checked):
    return checked.rejected.select("line", "column", "rule").rows()


def notes(checked):
    return {note.key: note.values for note in checked.notes}


def test_everything_in_its_column(run):
    row = run("00123,beijing,110105,116.49,39.98,WGS-84,GB/T 4754,R8710,2015-06-01,存续,某公司").accepted.row(
        0, named=True
    )
    assert row["enterprise_id"] == "00123"
    assert (row["lon"], row["lat"], row["coord_system"]) == (116.49, 39.98, "WGS84")
    assert (row["industry_scheme"], row["industry_code"], row["name"]) == ("GB/T 4754-2017", "87", "某公司")
    assert (row["status"], row["is_synthetic"], row["employees"]) == ("active", False, None)


def test_vacant_closed_and_unknown_are_told_apart_and_counted(run):
    checked = run(
        *(f"A{place},ruhr,,,,,,,,{word}," for place, word in enumerate(("active", "空置", "out_of_business", "不明")))
    )
    assert checked.accepted["status"].to_list() == ["active", "vacant", "closed", "unknown"]
    told = notes(checked)["note.not_active"]
    assert (told["count"], told["limit"]) == (3, 4)
    assert "note.not_active" not in notes(run("A1,ruhr,,,,,,,,active,"))


def test_missing_points_and_districts_are_counted_and_kept(run):
    checked = run("A1,beijing,110105,116.49,39.98,WGS84,,,,active,", "A2,beijing,NULL,NULL,-,,,,,active,")
    assert checked.rejected.is_empty()
    assert checked.accepted["lon"].to_list() == [116.49, None]
    assert checked.accepted["district_code"].to_list() == ["110105", None]
    assert notes(checked)["note.no_position"] == {"count": 1, "lines": "3"}
    assert notes(checked)["note.no_district"] == {"count": 1, "lines": "3"}


def test_rows_at_one_point_are_counted(run):
    points = ["116.49,39.98"] * 3 + ["116.50,39.98"] * 2 + ["116.51,39.98"]
    checked = run(*(f"A{place},beijing,110105,{point},WGS84,,,,active," for place, point in enumerate(points)))
    assert notes(checked)["note.shared_positions"] == {"count": 5, "limit": 3, "value": 3}


@pytest.mark.parametrize(
    ("point", "column", "rule", "suggestion"),
    [
        ("0,0", "lon", "bad_coordinate", ""),
        ("39.98,116.49", "lon", "bad_coordinate", "lon 116.49, lat 39.98"),
        ("121.4,31.2", "lon", "bad_coordinate", ""),
        ("116.49,31.2", "lat", "bad_coordinate", ""),
        ("116.49,", "lat", "half_position", ""),
        (",39.98", "lon", "half_position", ""),
    ],
)
def test_zero_islands_half_positions_swapped_halves_and_points_outside_the_city(run, point, column, rule, suggestion):
    checked = run(f"A1,beijing,110105,{point},WGS84,,,,active,")
    assert found(checked) == [(2, column, rule)]
    assert checked.rejected["suggestion"].item() == suggestion
    assert "115.3" in checked.rejected["accepted"].item()


def test_points_in_cities_without_a_frame(run):
    header = HEADER.replace("city_id,", "")
    assert found(run("A1,,7.0,51.4,WGS84,,,,active,", header=header)) == [(1, "city_id", "missing_header")]
    wide = run("A1,beijing,,116.49,39.98,WGS84,,,,active,")
    assert wide.rejected.is_empty()


@pytest.mark.parametrize("system", ["GCJ-02", "BD09", "百度坐标"])
def test_other_systems_are_stored_only_when_agreed(run, system):
    rows = [f"A1,beijing,110105,116.4962,39.9814,{system},,,,active,"]
    refused = run(*rows)
    assert found(refused) == [(1, "coord_system", "coord_system_not_agreed")]
    assert refused.accepted.is_empty()
    assert refused.rejected_rows.height == 1
    assert refused.rejected["value"].item() in ("GCJ-02", "BD-09")
    agreed = run(*rows, coordinates=system)
    assert agreed.rejected.is_empty()
    stored = agreed.accepted.row(0, named=True)
    assert stored["coord_system"] == refused.rejected["value"].item()
    assert 0.004 < 116.4962 - stored["lon"] < 0.014
    assert notes(agreed)["note.coordinates_agreed"]["count"] == 1


def test_agreed_positions_come_back_to_where_they_were(run):
    lon, lat = from_wgs84([116.49, 116.31], [39.98, 39.9], "GCJ-02")
    rows = [
        f"A{place},beijing,,{x!r},{y!r},GCJ-02,,,,active,"
        for place, (x, y) in enumerate(zip(lon.tolist(), lat.tolist(), strict=True))
    ]
    stored = run(*rows, coordinates="gcj02").accepted
    assert stored["lon"].to_list() == pytest.approx([116.49, 116.31], abs=1e-7)
    assert stored["lat"].to_list() == pytest.approx([39.98, 39.9], abs=1e-7)


def test_a_person_may_know_better_than_the_file(run):
    kept = run("A1,beijing,110105,116.49,39.98,GCJ-02,,,,active,", coordinates="WGS84")
    assert kept.accepted.select("lon", "coord_system").row(0) == (116.49, "GCJ-02")
    assert notes(kept)["note.coordinates_agreed"] == {"count": 1, "value": "GCJ-02", "accepted": "WGS84"}


def test_one_coordinate_system_a_file(run):
    rows = ("A1,beijing,110105,116.49,39.98,WGS84,,,,active,", "A2,beijing,110105,116.49,39.98,GCJ-02,,,,active,")
    mixed = run(*rows)
    assert found(mixed) == [(1, "coord_system", "mixed_coord_systems")]
    assert mixed.rejected["accepted"].item() == "GCJ-02: 1, WGS84: 1"
    assert mixed.accepted.is_empty()
    for language in ("zh", "en"):
        assert "GCJ-02: 1" in explained(mixed.rejected, language)["what"].item()


def test_mixed_systems_stay_refused_whatever_is_agreed(run):
    rows = ("A1,beijing,110105,116.49,39.98,WGS84,,,,active,", "A2,beijing,110105,116.49,39.98,GCJ-02,,,,active,")
    assert found(run(*rows, coordinates="GCJ-02")) == [(1, "coord_system", "mixed_coord_systems")]


def test_a_file_that_states_no_system(run):
    header = "enterprise_id,city_id,lon,lat,status"
    rows = ["A1,beijing,116.49,39.98,active", "A2,beijing,,,active"]
    assert found(run(*rows, header=header)) == [(1, "coord_system", "missing_header")]
    asked = run(*rows, header=header, coordinates="WGS84")
    assert asked.accepted["coord_system"].to_list() == ["WGS84", None]
    assert run("A2,beijing,,,active", header=header).rejected.is_empty()


def test_positions_of_some_rows_without_a_system(run):
    checked = run("A1,beijing,110105,116.49,39.98,WGS84,,,,active,", "A2,beijing,110105,116.49,39.98,,,,,active,")
    assert found(checked) == [(3, "coord_system", "bad_coord_system")]


def test_an_unknown_system_of_a_person(run):
    with pytest.raises(IngestError) as caught:
        run("A1,beijing,,,,,,,,active,", coordinates="UTM 50N")
    assert caught.value.rule is Rule.BAD_COORD_SYSTEM


@pytest.mark.parametrize(
    ("scheme", "code", "stored"),
    [
        ("NACE Rev. 2", "5911", "5911"),
        ("WZ2008", "59.11", "59.11"),
        ("NACE", "J59", "J59"),
        ("NAICS", "44-45", "44-45"),
        ("NAICS 2022", "711211", "711211"),
        ("ANZSIC", "0000", "0000"),
        ("ANZSIC2006", "0111", "0111"),
        ("文化及相关产业分类", "0111", "0111"),
        ("other", "公司企业;公司;广告装饰", "公司企业;公司;广告装饰"),
        ("", "8710", "87"),
    ],
)
def test_codes_are_text_in_their_own_classification(run, scheme, code, stored):
    checked = run(f"A1,ruhr,,,,,{scheme},{code},,active,")
    assert checked.rejected.is_empty()
    assert checked.accepted["industry_code"].item() == stored


@pytest.mark.parametrize(
    ("scheme", "code", "rule"),
    [
        ("NACE", "5", "bad_code"),
        ("NACE", "591111", "bad_code"),
        ("NAICS", "45-44", "bad_code"),
        ("NAICS", "0711", "bad_code"),
        ("ANZSIC", "1", "bad_code"),
        ("culture", "1001", "bad_code"),
        ("GB/T 4754-2017", "99", "unknown_industry"),
        ("NACE", "4.5E+03", "bad_id"),
        ("SIC", "5911", "bad_choice"),
    ],
)
def test_codes_that_are_none(run, scheme, code, rule):
    checked = run(f"A1,ruhr,,,,,{scheme},{code},,active,")
    assert [problem[2] for problem in found(checked)][-1] == rule


def test_codes_of_another_depth_are_warned_of_and_kept(run):
    codes = ["5911", "5920", "59", "NULL", "6201"]
    checked = run(*(f"A{place},ruhr,,,,,NACE,{code},,active," for place, code in enumerate(codes)))
    assert checked.rejected.is_empty()
    assert checked.warnings.select("line", "value", "rule", "accepted").rows() == [(4, "59", "mixed_code_depth", "4")]
    assert checked.accepted["industry_code"].to_list() == ["5911", "5920", "59", None, "6201"]
    assert run("A1,ruhr,,,,,GB,87,,active,", "A2,ruhr,,,,,GB,8710,,active,").warnings.is_empty()


def test_ids_a_spreadsheet_has_destroyed_are_refused(run):
    checked = run("2.01909E+11,ruhr,,,,,,,,active,", "00124,ruhr,,,,,,,,active,")
    assert found(checked) == [(2, "enterprise_id", "bad_id")]
    assert checked.accepted["enterprise_id"].to_list() == ["00124"]


def test_doubled_ids_are_reported_with_their_lines(run):
    checked = run("A1,ruhr,,,,,,,,active,", "A2,ruhr,,,,,,,,active,", "A1,ruhr,,,,,,,,closed,")
    assert found(checked) == [(2, "enterprise_id", "doubled_id"), (4, "enterprise_id", "doubled_id")]


def test_names_of_persons_are_left_out(run):
    rows = ("NACE,8690", "NACE,6910", "NACE,5911", "NAICS,541110", "ANZSIC,8511", "GB,8411", "other,8690")
    checked = run(*(f"A{place},ruhr,,,,,{code},,active,Dr. Muster" for place, code in enumerate(rows)))
    kept = dict(checked.accepted.select("enterprise_id", "name").iter_rows())
    assert [place for place, name in kept.items() if name] == ["A2", "A6"]
    assert notes(checked)["note.names_left_out"]["count"] == 5 - (checked.n_rows - checked.n_accepted)


def test_placeholder_days_are_warned_of_and_not_stored(run):
    days = [date(2000, 2, 1) + timedelta(days=31 * step) for step in range(200)]
    rows = [f"A{place},ruhr,,,,,,,{day},active," for place, day in enumerate(days)]
    rows += [f"B{place},ruhr,,,,,,,1984-06-17,active," for place in range(25)]
    rows += [f"C{place},ruhr,,,,,,,1970-01-01,active," for place in range(2)]
    checked = run(*rows)
    assert checked.rejected.is_empty()
    assert dict(checked.warnings["value"].value_counts().iter_rows()) == {"1984-06-17": 25, "1970-01-01": 2}
    assert set(checked.warnings["rule"]) == {"placeholder_date"}
    assert set(checked.warnings["accepted"]) == {"27"}
    assert checked.accepted["opened_on"].null_count() == 27


def test_what_is_no_placeholder():
    month = [date(2023, 4, 1)] * 500
    assert placeholder_days(pl.Series(month)) == []
    spread = [date(2000, 1, 1) + timedelta(days=step % 400) for step in range(4_000)]
    assert placeholder_days(pl.Series(spread)) == []
    assert placeholder_days(pl.Series("d", [None, None], dtype=pl.Date)) == []
    assert placeholder_days(pl.Series([date(1970, 1, 1)])) == []


def test_too_many_new_years_are_remarked(run):
    days = [date(2001, 1, 1) + timedelta(days=37 * step) for step in range(100)]
    rows = [f"A{place},ruhr,,,,,,,{day},active," for place, day in enumerate(days)]
    rows += [f"B{place},ruhr,,,,,,,{1990 + place}-01-01,active," for place in range(21)]
    assert notes(run(*rows))["note.new_year_dates"]["count"] == 22
    assert "note.new_year_dates" not in notes(run(*rows[:100]))


def test_the_demonstration_goes_on_loading():
    registers = Registers(
        parks=registry.parks(),
        items=registry.questionnaire_items(),
        answers=registry.answer_scales(),
        programmes=registry.programmes(),
        districts=registry.districts(),
        industries=registry.industries(),
    )
    folder = Path(registry.__file__).parent / "demo"
    parks = check("parks", (folder / "parks.csv").read_bytes(), "parks.csv", registers, TODAY).accepted
    more = replace(registers, parks=pl.concat([registers.parks, parks], how="diagonal"))
    checked = check("enterprises", (folder / "enterprises.csv").read_bytes(), "enterprises.csv", more, TODAY)
    assert checked.n_accepted == checked.n_rows > 9_000
    assert {"note.not_active", "note.no_position", "note.no_district", "note.shared_positions"} <= set(notes(checked))
