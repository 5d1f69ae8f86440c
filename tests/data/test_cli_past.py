"""`undo`, `redo`, `history`, `audit`, `waiting` and `template` as a person and a program meet them."""

from __future__ import annotations

import json
from datetime import date

import fastexcel
import pytest

from data import boundaries, registry
from data.access import Viewer
from data.cli import files
from data.cli.entry import main
from data.cli.opening import COMMAND_LINE
from data.keys import KEYS
from data.settings import Settings
from data.store import Store

EVENTS = "event_id,date,city_id,programme_id\nE1,2026-10-01,beijing,park_show\nE2,2026-10-02,beijing,park_show\n"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    for name in ("PARK_DATABASE_URL", "PARK_LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PARK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(boundaries, "ensure", lambda _home: tuple(boundaries.CHINESE_CITIES))
    monkeypatch.setattr(files, "today", lambda: date(2026, 11, 22))
    return tmp_path


@pytest.fixture
def loaded(home):
    """Two uploads of events, the second corrects the first."""
    for name, text in (("a.csv", EVENTS), ("b.csv", EVENTS.replace("10-02", "10-03"))):
        (home / name).write_text(text)
        assert main(["load", "events", str(home / name)]) == 0
    return home


def run(capsys, *argv, code=0):
    capsys.readouterr()
    assert main(argv) == code
    said = capsys.readouterr()
    assert said.err == ""
    return said.out


def refused(capsys, *argv):
    capsys.readouterr()
    assert main(argv) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.count("\n")) == ("", 1)
    return said.err


def days():
    store = Store.open(Settings.from_environment())
    try:
        return store.for_viewer(COMMAND_LINE).events().collect()["date"].dt.day().to_list()
    finally:
        store.close()


def test_undo_and_redo(loaded, capsys):
    assert days() == [1, 3]
    assert run(capsys, "undo", "2") == "Upload 2 is set aside; the store is at revision 3.\n"
    assert days() == [1, 2]
    assert "was set aside already" in run(capsys, "undo", "2")
    document = json.loads(run(capsys, "redo", "2", "1", "--json"))
    assert document["uploads"] == [
        {"upload": 2, "changed": True, "revision": 4},
        {"upload": 1, "changed": False, "revision": 4},
    ]
    assert days() == [1, 3]
    assert "There is no upload 9" in refused(capsys, "undo", "9")


def test_history_is_newest_first(loaded, capsys):
    run(capsys, "undo", "1")
    lines = run(capsys, "history").splitlines()
    assert [line.split("  ")[2] for line in lines] == ["undo", "upload", "upload"]
    assert "a.csv  by command line  (now set aside)" in lines[0]
    assert "2 earlier changes" in run(capsys, "history", "--limit", "1")
    assert len(run(capsys, "history", "--limit", "0").splitlines()) == 3
    document = json.loads(run(capsys, "history", "--json"))
    assert [change["status"] for change in document["changes"]] == ["undone", "active", "active"]
    assert document["changes"][0]["at"].endswith("+00:00")


def test_the_audit_log_is_shown_exported_and_judged(loaded, capsys):
    said = run(capsys, "audit").splitlines()
    assert [line.split("  ")[4] for line in said[:-1]] == ["upload", "upload"]
    assert said[-1] == "2 entries; the chain is unbroken."
    run(capsys, "audit", "--out", "log.csv")
    assert (loaded / "log.csv").read_bytes().startswith(b"\xef\xbb\xbfaudit_id,")
    store = Store.open(Settings.from_environment())
    with store._engines.write.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_no_update")
        connection.exec_driver_sql("UPDATE audit SET who = 'nobody' WHERE audit_id = 1")
    store.close()
    assert "THE CHAIN IS BROKEN" in run(capsys, "audit", code=1)
    document = json.loads(run(capsys, "audit", "--json", code=1))
    assert (document["intact"], document["exit_code"], len(document["entries"])) == (False, 1, 2)
    assert "cannot be written" in refused(capsys, "audit", "--out", "absent/log.csv")


def test_waiting_rows_are_listed_and_settled(home, capsys):
    (home / "a.csv").write_text(
        EVENTS.replace("10-01", "99-01").replace("E2,2026-10-02", "E2,soon") + "E3,2026-10-03,beijing,park_show\n"
    )
    run(capsys, "load", "events", "a.csv", "--accept-valid")
    said = run(capsys, "waiting")
    assert "1  events  a.csv, row 2, kept by command line" in said
    assert "“soon”" in said
    document = json.loads(run(capsys, "waiting", "--drop", "1", "99", "--json"))
    assert document["settled"] == 1
    [row] = document["rows"]
    assert (row["line"], row["cells"]["date"], row["problems"][0]["rule"]) == (3, "soon", "bad_date")
    assert "1 waiting rows were taken off" in run(capsys, "waiting", "--stored", str(row["waiting_id"]))
    assert run(capsys, "waiting") == "No row waits.\n"


def test_waiting_answers_that_somebody_else_kept_are_audited_before_they_are_printed(home, capsys, monkeypatch):
    head = ",".join(["month", "park_id", *registry.survey_items()["name_en"]])
    ups = ",".join(["up"] * (head.count(",") - 1))
    (home / "s.csv").write_text(f"{head}\n2026-10,BJ-001,{ups}\n2026-10,NOWHERE,{ups}\n")
    run(capsys, "load", "survey", "s.csv", "--accept-valid")
    assert "s.csv, row 3" in run(capsys, "waiting")
    assert "viewed" not in run(capsys, "audit")  # the rows it kept itself
    somebody = Viewer("li", COMMAND_LINE.role, COMMAND_LINE.scope)
    monkeypatch.setattr("data.cli.opening.COMMAND_LINE", somebody)
    for options in ([], ["--json"]):
        assert "NOWHERE" in run(capsys, "waiting", *options)
    looks = [line for line in run(capsys, "audit").splitlines() if "viewed" in line]
    assert len(looks) == 2
    assert all("li" in line and "waiting rows 1 of s.csv" in line for line in looks)


@pytest.mark.parametrize("dataset", ["survey", *(name for name in KEYS if name != "answers"), "digitalisation"])
def test_a_template_of_every_data_set(home, capsys, dataset):
    assert run(capsys, "template", dataset) == f"Written to {dataset}.xlsx.\n"
    assert len(fastexcel.read_excel((home / f"{dataset}.xlsx").read_bytes()).sheet_names) >= 1
    document = json.loads(run(capsys, "template", dataset, "--out", "t.csv", "--json"))
    assert document["file"] == "t.csv"
    assert (home / "t.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert not (home / "home").exists()  # asking for a template creates no store


def test_a_template_names_the_parks_of_the_store(home, capsys):
    (home / "p.csv").write_text("park_id,name_zh,city_id,district_code\nXX-007,新园区,beijing,110105\n")
    run(capsys, "load", "parks", "p.csv")
    run(capsys, "template", "survey")
    names = fastexcel.read_excel((home / "survey.xlsx").read_bytes())
    assert registry.parks().height > 0
    assert len(names.sheet_names) >= 1


@pytest.mark.parametrize(
    "argv",
    [
        ["undo"],
        ["undo", "two"],
        ["redo", "1.5"],
        ["history", "--limit", "many"],
        ["template"],
        ["template", "weather"],
        ["template", "survey", "--out", "t.pdf"],
        ["template", "survey", "--out", "absent/t.xlsx"],
        ["history"],
        ["audit"],
        ["waiting"],
        ["undo", "1"],
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_creates_nothing(home, capsys, argv):
    assert "Traceback" not in refused(capsys, *argv)
    assert list(home.iterdir()) == []
