"""Scorecards: shares of floor area in per cent, together no more than the whole."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.ingest import check
from data.ingest.scorecards import SHARES, WHOLE

TODAY = date(2026, 11, 22)
HEADER = ",".join(("park_id", "year", *SHARES, "occupancy_pct", "open_hours_week", "services", "governance"))


@pytest.fixture(scope="session")
def run(registers):
    def checked(*rows: str):
        return check("scorecards", "\n".join([HEADER, *rows]).encode(), "s.csv", registers, TODAY)

    return checked


def found(checked):
    return checked.rejected.select("line", "column", "rule").rows()


def test_scorecards(run):
    checked = run("竞园,2025,10%,20,30,5.5,,92%,168,餐饮；legal；餐饮,政企合作")
    assert checked.rejected.is_empty()
    assert checked.accepted.select("park_id", "year", *SHARES, "occupancy_pct").row(0) == (
        "BJ-021", 2025, 10.0, 20.0, 30.0, 5.5, None, 92.0,
    )  # fmt: skip
    assert checked.accepted.select("services", "governance").row(0) == ("canteen;legal", "mixed")


def test_scorecard_problems(run):
    checked = run(
        "竞园,2025,50,30,20,1,,,,,",
        "竞园,2024,0.5,0.2,0.3,,,,,,",
        "竞园,2023,101,,,,,,,,",
        "竞园,2022,,,,,,120,169,sauna,king",
        "竞园,2030,,,,,,,,,",
        "竞园,,,,,,,,,,",
        "798艺术区,2025,,,,,,1,,,",
        "BJ-005,2025,,,,,,2,,,",
    )
    assert found(checked) == [
        (2, "share_production", "shares_above_whole"),
        (3, "share_production", "shares_of_one"),
        (4, "share_production", "number_too_large"),
        (5, "occupancy_pct", "number_too_large"),
        (5, "open_hours_week", "number_too_large"),
        (5, "services", "bad_choice"),
        (5, "governance", "bad_choice"),
        (6, "year", "bad_year"),
        (7, "year", "missing_value"),
        (8, "park_id", "doubled_id"),
        (9, "park_id", "doubled_id"),
    ]


@given(st.lists(st.integers(0, 400), min_size=5, max_size=5))
def test_shares_are_taken_exactly_up_to_the_whole(run, quarters):
    shares = [quarter / 4 for quarter in quarters]
    checked = run(f"竞园,2025,{','.join(map(str, shares))},,,,")
    total = sum(shares)
    accepted = total <= WHOLE and not 0.5 <= total <= 1.005
    assert checked.accepted.height == accepted
