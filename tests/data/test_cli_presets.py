"""`check --preset`: a file of a known source read as such, said aloud; a hint where a preset would fit."""

from __future__ import annotations

import json
from datetime import date

import pytest

from data import boundaries
from data.cli import files
from data.cli.entry import main
from data.ingest.presets import PRESETS

HEAD = "ttxid,dba name,naics code,latitude,longitude,location start date,location end date\n"
FIRMS = HEAD + "A-1,Steel Plate Cafe,7225,40.44,-79.99,01/31/2015,\nA-2,Mill Press,3231,40.45,-79.98,02/01/2016,\n"


@pytest.fixture
def file(tmp_path, monkeypatch):
    for name in ("PARK_DATABASE_URL", "PARK_LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PARK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setattr(boundaries, "ensure", lambda _home: tuple(boundaries.CHINESE_CITIES))
    monkeypatch.setattr(files, "today", lambda: date(2026, 11, 22))
    path = tmp_path / "firms.csv"
    path.write_text(FIRMS)
    return str(path)


def test_with_its_preset_a_register_is_read_without_a_mapping(file, capsys):
    words = ["check", file, "--preset", "naics", "--city", "pittsburgh", "--coordinates", "WGS84", "--json"]
    assert main(words) == 0
    [told] = json.loads(capsys.readouterr().out)["files"]
    assert (told["dataset"], told["accepted"], told["rejected"]) == ("enterprises", 2, 0)
    assert "read as that of a known source (naics)" in str(told)
    assert "opened" in str(told) or "location start date" in str(told)


def test_without_it_the_file_is_left_alone_and_the_preset_named(file, capsys):
    assert main(["check", "enterprises", file]) == 1
    assert "with --preset naics it is read" in capsys.readouterr().out


def test_the_help_lists_every_preset_and_another_name_is_refused(file, capsys):
    for command in ("check", "load"):
        assert main([command, "--help"]) == 0
        told = capsys.readouterr().out
        assert all(name in told for name in PRESETS)
    assert main(["check", file, "--preset", "yellow_pages"]) == 2
    assert "yellow_pages" in capsys.readouterr().err
