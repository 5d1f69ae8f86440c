"""`check` and `load` of several files: archives, readings a person states, mappings, work list, JSON."""

from __future__ import annotations

import io
import json
import sys
import zipfile
from datetime import date

import polars as pl
import pytest

from data import boundaries, registry
from data.access import Role, Scope, Viewer
from data.cli import files
from data.cli.console import MESSAGES
from data.cli.entry import main
from data.cli.progress import bar
from data.settings import Settings
from data.store import Provenance, Store
from data.text import Texts

ITEMS = registry.survey_items()["name_en"].to_list()
HEAD = ",".join(["month", "park_id", *ITEMS])


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    for name in ("PARK_DATABASE_URL", "PARK_LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PARK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setattr(boundaries, "ensure", lambda _home: tuple(boundaries.CHINESE_CITIES))
    monkeypatch.setattr(files, "today", lambda: date(2026, 11, 22))
    assert main(["init", "--without-demo"]) == 0
    return tmp_path


def survey(month="2026-10", parks=("BJ-001",), head=HEAD, words=("up", "same", "down")):
    rows = [
        ",".join([month, park, *(words[(place + row) % 3] for place in range(len(ITEMS)))])
        for row, park in enumerate(parks)
    ]
    return "\n".join([head, *rows, ""])


def written(folder, name, text):
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(folder / name)


def packed(**members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in members.items():
            archive.writestr(name.replace("_csv", ".csv"), text)
    return buffer.getvalue()


def run(capsys, *argv, code=0):
    """What one command says on standard output."""
    capsys.readouterr()
    assert main(argv) == code
    said = capsys.readouterr()
    assert said.err == ""
    return said.out


def told(capsys, *argv, code=0):
    """The JSON document of one command."""
    document = json.loads(run(capsys, *argv, "--json", code=code))
    assert document["exit_code"] == code
    return document


def store():
    opened = Store.open(Settings.from_environment())
    return opened, opened.for_viewer(Viewer("bo", Role.ANALYST, Scope(None)))


def test_several_files_and_an_archive_each_stand_for_themselves(home, capsys):
    first = written(home, "a.csv", survey(parks=("BJ-001",)))
    bad = written(home, "b.csv", survey(parks=("QQ-999",)))
    archive = written(home, "c.zip", packed(c1_csv=survey(parks=("BJ-002",)), c2_csv=survey(parks=("SH-001",))))
    document = told(capsys, "load", first, bad, archive, code=1)
    assert [(f["file"], f["archive"], f["outcome"]) for f in document["files"]] == [
        ("a.csv", None, "stored"),
        ("b.csv", None, "nothing_to_store"),
        ("c1.csv", "c.zip", "stored"),
        ("c2.csv", "c.zip", "stored"),
    ]
    assert [f["upload"] for f in document["files"]] == [1, None, 2, 3]
    assert [f.get("part") for f in document["files"]] == [1, None, 1, 1]
    said = run(capsys, "load", first, archive)
    assert "c.zip › c1.csv: survey answers" in said
    assert said.count("is already stored as upload") == 3


def test_the_document_says_all_about_a_file(home, capsys):
    text = survey(parks=("BJ-001", "BJ-999")).replace("down", "terrible", 1)
    [file] = told(capsys, "check", "survey", written(home, "a.csv", text), code=1)["files"]
    assert {k: file[k] for k in ("dataset", "checked_as", "kind", "rows", "accepted", "rejected", "outcome")} == {
        "dataset": "answers",
        "checked_as": "survey",
        "kind": "csv",
        "rows": 2,
        "accepted": 0,
        "rejected": 2,
        "outcome": "checked",
    }
    rules = {problem["rule"]: problem for problem in file["problems"]}
    assert (rules["bad_answer"]["line"], rules["bad_answer"]["value"]) == (2, "terrible")
    assert rules["bad_answer"]["todo"]
    assert rules["unknown_park"]["value"] == "BJ-999"
    assert file["mapping"]["park_id"] == "park_id"
    assert file["changes"] is None
    assert file["waiting"] == 0


@pytest.mark.parametrize("text", ["", "just a sentence\n", b"PK\x03\x04 broken"])
def test_a_file_that_cannot_be_read_is_refused_and_the_next_one_is_stored(home, capsys, text):
    bad, good = written(home, "a.csv", text), written(home, "b.csv", survey())
    document = told(capsys, "load", bad, good, code=1)
    assert [f["outcome"] for f in document["files"]] == ["refused", "stored"]
    assert document["files"][0]["error"]["text"]
    assert "rule" in document["files"][0]["error"]


def test_a_file_is_read_as_the_person_says(home, capsys):
    text = "Quarterly report\n\n" + survey().replace(",", "|")
    stated = ("--encoding", "utf-16-le", "--delimiter", "|", "--header-row", "3", "--sure")
    [file] = told(capsys, "check", "survey", written(home, "a.txt", text.encode("utf-16-le")), *stated)["files"]
    assert (file["delimiter"], file["header_line"], file["rows"], file["questions"]) == ("|", 3, 1, [])


def test_nothing_is_stored_while_a_question_is_open(home, capsys):
    doubled = survey(head=f"{HEAD},remark,remark").replace("down\n", "down,a,b\n").replace("up\n", "up,a,b\n")
    file = written(home, "a.csv", doubled)
    asked = told(capsys, "load", "survey", file, code=1)["files"][0]
    assert asked["questions"]
    assert asked["outcome"] == "asked"
    assert "To be confirmed:" in run(capsys, "check", "survey", file, code=1)
    assert told(capsys, "load", "survey", file, "--sure")["files"][0]["outcome"] == "stored"


def test_a_mapping_is_remembered_for_the_source(home, capsys):
    head = HEAD.replace("park_id", "Objekt", 1)
    first = written(home, "a.csv", survey(head=head))
    second = written(home, "b.csv", survey(month="2026-09", head=head))
    run(capsys, "load", "survey", first, code=1)
    mapped = told(capsys, "load", "survey", first, "--map", "Objekt=park_id", "--source", "朝阳区")["files"][0]
    assert (mapped["outcome"], mapped["mapping"]["Objekt"]) == ("stored", "park_id")
    run(capsys, "check", "survey", second, code=1)
    assert told(capsys, "load", "survey", second, "--source", "朝阳区")["files"][0]["outcome"] == "stored"


@pytest.mark.parametrize(
    "words",
    [
        ("--map", "Objekt"),
        ("--map", "=park_id"),
        ("--map", "park_id=parc"),
        ("--delimiter", "ab"),
        ("--header-row", "x"),
    ],
)
def test_what_cannot_be_meant_is_one_sentence(home, capsys, words):
    assert main(["load", "survey", written(home, "a.csv", survey()), *words]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "Traceback" not in said


def test_rows_that_are_not_accepted_wait_until_the_park_is_known(home, capsys):
    file = written(home, "a.csv", survey(parks=("BJ-001", "XX-007")))
    first = told(capsys, "load", "survey", file, "--accept-valid")["files"][0]
    assert (first["outcome"], first["waiting"], first["upload"]) == ("stored", 1, 1)
    assert "1 rows wait" in run(capsys, "waiting")
    park = "park_id,name_zh,city_id,district_code\nXX-007,新园区,beijing,110105\n"
    assert told(capsys, "load", "parks", written(home, "p.csv", park))["files"][0]["outcome"] == "stored"
    said = run(capsys, "load", "survey", file)
    assert f"stored before; {len(ITEMS)} records that it did not bring then are stored as upload 3" in said
    assert "No row waits." in run(capsys, "waiting")
    again = told(capsys, "load", "survey", file)["files"][0]
    assert (again["outcome"], again["upload"]) == ("already", 3)


def test_somebody_who_was_first_is_named(home, capsys, monkeypatch):
    file = written(home, "a.csv", survey())

    def meanwhile(_desk, _preview):
        opened, bo = store()
        rows = {"questionnaire_id": "monthly", "period": date(2026, 10, 1), "park_id": "BJ-001", "item_id": "occupancy"}
        frame = pl.DataFrame([rows | {"answer": "up", "is_synthetic": False}])
        bo.add(type("File", (), {"dataset": "answers", "accepted": frame})(), Provenance("b.csv", b"1", "bo"))
        opened.close()
        return True

    monkeypatch.setattr(files.Desk, "_confirmed", meanwhile)
    document = told(capsys, "load", file, code=1)
    assert document["files"][0]["outcome"] == "conflict"
    assert "last by bo at" in document["files"][0]["conflict"]
    assert document["files"][0]["upload"] is None


def test_a_jump_against_the_stored_months_is_a_warning(home, capsys):
    parks = tuple(f"BJ-{n:03}" for n in range(1, 4))
    for month in ("2026-08", "2026-09"):
        run(capsys, "load", written(home, f"{month}.csv", survey(month, parks)))
    jumped = survey("2026-10", parks, words=("down", "down", "down"))
    [file] = told(capsys, "load", written(home, "j.csv", jumped))["files"]
    assert file["outcome"] == "stored"
    assert {warning["line"] for warning in file["warnings"]} == {2, 3, 4}
    assert all(warning["what"] and warning["todo"] for warning in file["warnings"])
    assert "Warnings, which stop nothing" in run(capsys, "check", str(home / "j.csv"))


def test_a_bar_is_for_terminals_and_long_work_only(capsys, monkeypatch):
    with bar(3) as progress:
        progress.step()
    assert capsys.readouterr().err == ""  # no terminal
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    with bar(3) as progress:
        progress.step()
    assert capsys.readouterr().err.strip() == ""  # a terminal, but it was quick
    monkeypatch.setattr("data.cli.progress.DELAY_S", 0.0)
    with bar(3) as progress:
        progress.name("a.csv")
        progress.expect(1)
        progress.step(2)
        with progress.aside():
            assert capsys.readouterr().err.endswith("\r")
    assert "a.csv" in capsys.readouterr().err


def test_both_languages_say_the_same():
    texts = Texts(MESSAGES)
    assert texts.keys("zh") == texts.keys("en")
    for key in texts.keys("en"):
        assert texts.placeholders(key, "zh") == texts.placeholders(key, "en"), key


def test_warnings_from_the_past_answers_of_a_park_are_audited_before_they_are_printed(home, capsys):
    """BJ-001 answered up, then down on everything: the warning names its last balance; the other park is new."""
    run(capsys, "load", "survey", written(home, "a.csv", survey(words=("up", "up", "up"))))
    run(capsys, "check", "survey", written(home, "a.csv", survey(words=("up", "up", "up"))))
    assert "viewed" not in run(capsys, "audit")
    down = survey("2026-11", parks=("BJ-001", "BJ-002"), words=("down", "down", "down"))
    assert "2026-10" in run(capsys, "check", "survey", written(home, "b.csv", down))
    entries = json.loads(run(capsys, "audit", "--json"))["entries"]
    looked = [(entry["who"], entry["about"]) for entry in entries if entry["what"] == "viewed"]
    assert looked == [("command line", "warnings from past answers of BJ-001")]


def test_units_of_figures_are_told_as_the_register_reads_them(home, capsys):
    head = "city_id,city_name,territory,indicator_id,period,value,unit,definition,trust,source_title,source_url"
    rows = ["hefei,Hefei,全市,gdp,2023,1.2,万亿元,,,own,", "hefei,Hefei,全市,population,2023,9,箱,,,own,"]
    said = run(capsys, "check", "figures", written(home, "f.csv", "\n".join([head, *rows, ""])))
    assert "万亿元 = 10,000 × 100 million CNY" in said
    assert "no exact conversion for these units: 箱" in said
