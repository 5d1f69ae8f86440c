"""Events: days and times, what is planned, programmes that ended, the park's own place, and counts that are odd."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import polars as pl
import pytest

from data.ingest import check, explained
from data.ingest.events import PEOPLE, PLANNED_DAYS, RESULTS

TODAY = date(2026, 11, 22)
HEADER = (
    "event_id,title,date,end_date,start_time,end_time,programme_id,city_id,district_code,park_id,mode,host,partners,"
    "participants_online,participants_onsite,enterprises,projects_published,projects_pitched,cooperations_signed,"
    "media_items,retired_on,retired_reason"
)
NAMES = HEADER.split(",")
PLAIN = {"event_id": "E1", "date": "2026-10-05", "programme_id": "training", "city_id": "beijing"}


@pytest.fixture(scope="session")
def run(registers):
    def checked(*rows: dict[str, str], known=registers):
        lines = [HEADER, *(",".join((PLAIN | row).get(name, "") for name in NAMES) for row in rows)]
        return check("events", "\n".join(lines).encode(), "events.csv", known, TODAY)

    return checked


def told(frame):
    return frame.select("line", "column", "rule", "accepted").rows()


def test_every_column_of_an_event(run):
    checked = run(
        {
            "title": "园区开放日",
            "end_date": "2026-10-06",
            "start_time": "9时",
            "end_time": "17:30",
            "district_code": "朝阳区",
            "park_id": "竞园",
            "mode": "混合",
            "host": "协会",
            "partners": "甲公司；乙公司",
            **dict.fromkeys(PEOPLE, "10"),
            **dict(zip(RESULTS, ("64", "27", "20", "3"), strict=True)),
        }
    )
    assert checked.rejected.is_empty()
    assert checked.warnings.is_empty()
    row = checked.accepted.row(0, named=True)
    assert (row["start_time"], row["end_time"], row["partners"]) == ("09:00", "17:30", "甲公司;乙公司")
    assert (row["date"], row["end_date"]) == (date(2026, 10, 5), date(2026, 10, 6))
    assert [row[name] for name in RESULTS] == [64, 27, 20, 3]


def test_an_event_does_not_end_before_it_starts(run):
    checked = run(
        {"end_date": "2026-10-04"},
        {"event_id": "E2", "start_time": "14:00", "end_time": "13:59"},
        {"event_id": "E3", "start_time": "14:00", "end_time": "13:59", "end_date": "2026-10-06"},
        {"event_id": "E4", "start_time": "14:00", "end_time": "14:00", "end_date": "2026-10-05"},
        {"event_id": "E5", "start_time": "25:00"},
    )
    assert told(checked.rejected)[:2] == [
        (2, "end_date", "ends_before_start", "2026-10-05"),
        (3, "end_time", "ends_before_start", "14:00"),
    ]
    assert told(checked.rejected)[2][:3] == (6, "start_time", "bad_time")
    assert checked.accepted["event_id"].to_list() == ["E3", "E4"]


def test_what_is_planned_has_no_results(run):
    last = TODAY + timedelta(days=PLANNED_DAYS)
    checked = run(
        {"event_id": "E1", "date": last.isoformat(), "mode": "online"},
        {"event_id": "E2", "date": (last + timedelta(days=1)).isoformat()},
        *({"event_id": f"N-{name}", "date": "2026-11-23", name: "0"} for name in (*PEOPLE, *RESULTS)),
        {"event_id": "E9", "date": TODAY.isoformat(), "enterprises": "5"},
    )
    assert checked.accepted["event_id"].to_list() == ["E1", "E9"]
    rejected = [row[1:3] for row in told(checked.rejected)]
    assert rejected == [
        ("date", "future_date"),
        *((name, "planned_with_results") for name in (*PEOPLE, *RESULTS)),
    ]


def test_a_programme_that_ended_has_no_later_events(run, registers):
    ends = registers.programmes.with_columns(
        retired_on=pl.when(pl.col("programme_id") == "training").then(pl.lit(date(2026, 10, 5)))
    )
    checked = run({"date": "2026-10-04"}, {"event_id": "E2"}, {"event_id": "E3", "programme_id": "park_show"},
                  known=replace(registers, programmes=ends))  # fmt: skip
    assert told(checked.rejected) == [(3, "programme_id", "retired_programme", "2026-10-05")]
    assert checked.accepted["event_id"].to_list() == ["E1", "E3"]


def test_a_park_lies_where_the_register_says(run):
    checked = run(
        {"park_id": "BJ-005", "district_code": "110107"},
        {"event_id": "E2", "park_id": "SH-001"},
        {"event_id": "E3", "park_id": "BJ-005"},
        {"event_id": "E4", "park_id": "BJ-099", "district_code": "110107"},
        {"event_id": "E5", "park_id": "SH-001", "district_code": "110105"},
    )
    assert told(checked.rejected) == [
        (2, "district_code", "park_elsewhere", "BJ-005 798艺术区"),
        (3, "city_id", "park_elsewhere", "SH-001 M50创意园"),
        (6, "city_id", "park_elsewhere", "SH-001 M50创意园"),
    ]
    assert checked.rejected["suggestion"].to_list() == ["110105", "shanghai", "shanghai"]
    assert checked.accepted["event_id"].to_list() == ["E3", "E4"]  # a park whose district nobody knows is believed


def test_a_park_gives_its_district_where_the_row_has_none(run):
    checked = run(
        {"park_id": "BJ-005"},
        {"event_id": "E2", "park_id": "BJ-005", "district_code": "110105"},
        {"event_id": "E3", "park_id": "BJ-099"},
        {"event_id": "E4"},
        {"event_id": "E5", "park_id": "SH-001"},
        {"event_id": "E6", "park_id": "竞园", "district_code": "-"},
        {"event_id": "E7", "park_id": "BJ-005", "district_code": "无此区"},
    )
    assert dict(checked.accepted.select("event_id", "district_code").iter_rows()) == {
        "E1": "110105",
        "E2": "110105",
        "E3": None,  # the register does not know where this park is
        "E4": None,
        "E6": "110105",
    }
    assert [row[:3] for row in told(checked.rejected)] == [
        (6, "city_id", "park_elsewhere"),
        (8, "district_code", "unknown_district"),
    ]
    (note,) = [note for note in checked.notes if note.key == "note.district_of_park"]
    assert note.values == {"count": 2, "lines": "2, 7"}
    assert note.sentence("zh") == "2 行写了园区而没有写所在区，已补上园区所在的区（行号：2, 7）。"
    assert note.sentence("en").startswith("2 rows name a park and no district")
    whole = run({"park_id": "BJ-005", "district_code": "110105"})
    assert "note.district_of_park" not in [note.key for note in whole.notes]


def test_a_retired_event_says_when_and_why(run):
    checked = run(
        {"retired_on": "2026-11-20", "retired_reason": "重复登记"},
        {"event_id": "E2", "retired_on": "2026-11-20"},
        {"event_id": "E3", "retired_reason": "重复登记"},
        {"event_id": "E4", "retired_on": "2026-11-23", "retired_reason": "取消"},
    )
    assert [row[1:3] for row in told(checked.rejected)] == [
        ("retired_reason", "retired_without_reason"),
        ("retired_on", "retired_without_reason"),
        ("retired_on", "future_date"),
    ]
    assert checked.accepted.select("retired_on", "retired_reason").rows() == [(date(2026, 11, 20), "重复登记")]


def test_odd_counts_are_told_and_stored(run):
    checked = run(
        {"projects_published": "64", "projects_pitched": "27", "cooperations_signed": "37"},
        {"event_id": "E2", "projects_published": "5", "projects_pitched": "6", "cooperations_signed": "6"},
        {"event_id": "E3", "projects_published": "5", "cooperations_signed": "6"},
        {"event_id": "E4", "projects_pitched": "0", "cooperations_signed": "0"},
        {"event_id": "E5", "mode": "online", "participants_onsite": "12", "participants_online": "1"},
        {"event_id": "E6", "mode": "onsite", "participants_online": "3"},
        {"event_id": "E7", "mode": "online", "participants_onsite": "0"},
    )
    assert checked.rejected.is_empty()
    assert checked.accepted.height == 7
    assert told(checked.warnings) == [
        (2, "cooperations_signed", "funnel_widens", "27"),
        (3, "projects_pitched", "funnel_widens", "5"),
        (4, "cooperations_signed", "funnel_widens", "5"),
        (6, "participants_onsite", "mode_and_people", "online"),
        (7, "participants_online", "mode_and_people", "onsite"),
    ]


def test_negative_people_and_unknown_programmes_stay_problems(run):
    checked = run({"participants_onsite": "-1"}, {"event_id": "E2", "programme_id": "party"})
    assert [row[1:3] for row in told(checked.rejected)] == [
        ("participants_onsite", "negative_number"),
        ("programme_id", "unknown_programme"),
    ]
    words = explained(run({"end_date": "2026-10-04"}).rejected, "zh").row(0, named=True)
    assert "早于开始（2026-10-05）" in words["what"]
