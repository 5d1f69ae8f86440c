"""The cells of the new kinds, one spelling each; and a position of a park only in WGS84."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from data.ingest import check, explained
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
        ("BJ-300,新园,beijing,116.5,,WGS84,,,,,,", "lat", "half_position"),
        ("BJ-300,新园,beijing,,,,12000,,,,,", "area_kind", "missing_value"),
        ("BJ-300,新园,beijing,,,,,,1698,,,", "opened_year", "bad_year"),
        ("BJ-300,新园,beijing,,,,,,,a.example,,", "source_url", "bad_url"),
        ("BJ-300,新园,beijing,,,,,,,https://a.example | b.example,,", "source_url", "bad_url"),
        ("BJ-300,新园,beijing,,,,,,,,,没有日期", "retired_on", "retired_without_reason"),
        ("BJ-300,竞园,beijing,,,,,,,,,", "name_zh", "park_id_name_conflict"),
    ],
)
def test_park_problems(registers, row, column, rule):
    found = parks(registers, row).rejected.select("column", "rule").rows()
    assert (column, rule) in found


@pytest.mark.parametrize(
    ("cell", "stored"),
    [
        ("https://a.example | http://b.example/x|y", "https://a.example | http://b.example/x|y"),
        ("https://a.example |  | http://b.example", "https://a.example |  | http://b.example"),
        (" | https://a.example", " | https://a.example"),
        ("https://a.example |", "https://a.example | "),
    ],
)
def test_a_park_has_an_address_for_each_source_or_none(registers, cell, stored):
    checked = parks(registers, f"BJ-300,新园,beijing,,,,,,,{cell},,")
    assert checked.rejected.is_empty()
    assert checked.accepted["source_url"].item() == stored


def test_half_a_position_is_told_in_a_sentence(registers):
    rejected = parks(registers, "BJ-300,新园,beijing,116.5,,WGS84,,,,,,").rejected
    for language, words in (("zh", ("位置只有一半", "lat", "都留空")), ("en", ("half a position", "lat", "both"))):
        told = explained(rejected, language)
        sentence = " ".join(told.select("what", "todo").row(0))
        assert all(word in sentence for word in words), sentence


RETIREMENT = ",retired_on,retired_reason"


@pytest.mark.parametrize(
    ("dataset", "header", "row"),
    [
        ("followups", "need_id,offer_id,date,status", "N1,O1,2026-10-01,meeting"),
        ("publications", "channel,period,kind,n", "wechat,2026-10,article,20"),
        ("scorecards", "park_id,year,share_production", "BJ-021,2025,35"),
    ],
)
def test_follow_ups_publications_and_scorecards_are_retired_with_day_and_reason(registers, dataset, header, row):
    known = replace(
        registers,
        offers=pl.DataFrame({"offer_id": ["O1"], "title": ["设计"]}),
        needs=pl.DataFrame({"need_id": ["N1"], "title": ["改造"]}),
    )

    def run(end):
        return check(dataset, f"{header}{RETIREMENT}\n{row},{end}".encode(), "f.csv", known, TODAY)

    good = run("2026-11-01,重复").accepted
    assert good.select("retired_on", "retired_reason").row(0) == (date(2026, 11, 1), "重复")
    for end, column in (("2026-11-01,", "retired_reason"), (",重复", "retired_on")):
        assert run(end).rejected.select("column", "rule").rows() == [(column, "retired_without_reason")]
    assert run("2027-01-01,重复").rejected["rule"].to_list() == ["future_date"]
