"""The history of uploads: undo and redo, a past state, the original file, the audit log, and who may see it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from pages.parts.upload import uploads

FILE = (Path(__file__).parents[2] / "data" / "demo" / "survey_2026-11.csv").read_bytes()
ANALYST = {"as": "analyst", "lang": "en"}


@pytest.fixture
def november(copied, look):
    """The demonstration store with the November survey as its newest upload."""
    at = look("upload", **ANALYST)
    at.file_uploader[0].upload("november.csv", FILE).run()
    at.button(key="store").click().run()
    assert at.success


def answered(stored) -> int:
    return stored().answers().filter(pl.col("period") == date(2026, 11, 1)).collect().height


def test_an_upload_is_undone_and_redone_and_the_log_says_who(november, look, screen, stored):
    at = look("history", **ANALYST)
    assert not at.exception
    newest = screen(at).table("Upload", "File", "State").row(0, named=True)
    assert (newest["File"], newest["State"]) == ("november.csv", "active")
    before = answered(stored)
    assert before
    at.button(key="change").click().run()
    assert at.success[0].value == f"Upload {newest['Upload']} is set aside; every page shows the figures without it."
    assert answered(stored) == 0
    assert at.button(key="change").label == f"Redo upload {newest['Upload']}"
    at.button(key="change").click().run()
    assert answered(stored) == before
    steps = screen(at).table("Entry", "Step", "By")
    assert steps["Step"].to_list()[:3] == ["redo", "undo", "upload"]
    assert steps["By"].to_list()[:3] == ["demo-analyst"] * 3
    assert [line for line in at.success if "The log is whole" in line.value]


def test_a_past_state_is_read_back(november, look, stored):
    at = look("history", **ANALYST)
    today = datetime.now(UTC).date()
    at.date_input[0].set_value(date(today.year - 1, 1, 1)).run()
    assert [line for line in at.markdown if line.value.startswith("0 rows counted at")]
    at.date_input[0].set_value(today).run()
    at.time_input[0].set_value(time(23, 59)).run()
    n = stored().answers().collect().height
    assert [line for line in at.markdown if line.value.startswith(f"{n:,} rows counted at")]


def test_times_are_those_of_the_visitor_and_the_zone_is_named(november, look, screen, stored, monkeypatch):
    monkeypatch.setattr(uploads, "zone", lambda: "Asia/Shanghai")
    at = look("history", **ANALYST)
    assert "Times are those of Asia/Shanghai." in [caption.value for caption in at.caption]
    newest = stored().uploads().row(0, named=True)["stored_at"]
    shown = at.dataframe[0].value.iloc[0]
    told = next(cell for cell in shown if re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", str(cell)))
    there = newest.replace(tzinfo=newest.tzinfo or UTC).astimezone(ZoneInfo("Asia/Shanghai"))
    assert told == f"{there:%Y-%m-%d %H:%M:%S}"
    at.date_input[0].set_value(date(2025, 3, 1)).run()
    at.time_input[0].set_value(time(7, 30)).run()
    assert [line for line in at.markdown if "2025-03-01 07:30:00 Asia/Shanghai" in line.value]


def test_a_broken_log_is_told(november, look, stored):
    import sqlite3

    path = stored()._store.home / "parkpulse.db"
    with sqlite3.connect(path) as connection:
        triggers = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")]
        for name in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("UPDATE audit SET who = 'somebody' WHERE audit_id = 1")
    at = look("history", **ANALYST)
    assert "The log is broken" in at.error[0].value


@pytest.mark.parametrize("role", ["leadership", "official"])
def test_only_analysts_see_the_history(demo, look, role):
    at = look("history", **{"as": role, "lang": "en"})
    assert "may not upload data" in at.error[0].value
    assert not at.dataframe
