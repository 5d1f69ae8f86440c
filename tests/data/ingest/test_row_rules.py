"""The cells of the new kinds, one spelling each; and a position of a park only in WGS84."""

from __future__ import annotations

from datetime import date

import pytest

from data.ingest import check
from data.ingest.problems import Refused
from data.ingest.registers import Lookup
from data.ingest.values import clock, percent, tags, year

TODAY = date(2026, 11, 22)
PARK = "park_id,name_zh,city_id,lon,lat,coord_system,area_m2,area_kind,opened_year,source_url,retired_on,retired_reason"


@pytest.mark.parametrize("raw", ["24:00", "14", "14:", "14:5", "9点半", "-1:00", "noon"])
def test_what_is_no_time(raw):
    with pytest.raises(Refused):
        clock(raw)


@pytest.mark.parametrize("raw", ["24", "1024", "2027", "2024-05", "二〇二四"])
def test_what_is_no_year(raw):
    with pytest.raises(Refused):
        year(raw, TODAY)


def test_full_width_and_signs():
    assert clock("\uff11\uff14\uff1a\uff13\uff10") == "14:30"
    assert year("2024.0", TODAY) == 2024
    assert percent("\uff13\uff15\uff05") == 35.0
    assert percent("0.1%") == 0.1
    assert tags("A|b\uff0cA") == "a;b"


@pytest.mark.parametrize(
    ("raw", "region"), [("全国", "national"), ("National", "national"), ("上海市", "shanghai"), ("河北省", "河北省")]
)
def test_regions(registers, raw, region):
    assert Lookup(registers).region(raw) == region


def parks(registers, *rows: str):
    return check("parks", "\n".join([PARK, *rows]).encode(), "p.csv", registers, TODAY)


def test_a_park_with_all_that_is_known(registers):
    checked = parks(registers, "BJ-300,新园,beijing,116.5,39.9,WGS84,12000,site,1998,https://a.example,2026-01-01,拆除")
    assert checked.rejected.is_empty()
    shown = ("lon", "lat", "coord_system", "area_m2", "opened_year", "retired_on")
    assert checked.accepted.select(shown).row(0) == (116.5, 39.9, "WGS84", 12_000.0, 1998, date(2026, 1, 1))


@pytest.mark.parametrize(
    ("row", "column", "rule"),
    [
        ("BJ-300,新园,beijing,116.5,39.9,GCJ-02,,,,,,", "coord_system", "coord_system_not_agreed"),
        ("BJ-300,新园,beijing,39.9,116.5,WGS84,,,,,,", "lon", "bad_coordinate"),
        ("BJ-300,新园,beijing,,,,12000,,,,,", "area_kind", "missing_value"),
        ("BJ-300,新园,beijing,,,,,,1698,,,", "opened_year", "bad_year"),
        ("BJ-300,新园,beijing,,,,,,,a.example,,", "source_url", "bad_url"),
        ("BJ-300,新园,beijing,,,,,,,,,没有日期", "retired_on", "retired_without_reason"),
        ("BJ-300,竞园,beijing,,,,,,,,,", "name_zh", "park_id_name_conflict"),
    ],
)
def test_park_problems(registers, row, column, rule):
    found = parks(registers, row).rejected.select("column", "rule").rows()
    assert (column, rule) in found
