"""The command line as a person meets it: what is printed, what is stored, the exit code."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from data import boundaries, registry
from data.cli import files, start
from data.cli.entry import main

REPOSITORY = Path(__file__).resolve().parents[2]
ANSWER_CYCLE = {"zh": ("上升", "持平", "下降"), "en": ("up", "same", "down")}


@pytest.fixture(autouse=True)
def _environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PARK_DATABASE_URL", "PARK_PORT", "PARK_ADDRESS", "PARK_AUTH", "PARK_LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PARK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setattr(boundaries, "ensure", lambda _home: tuple(boundaries.CHINESE_CITIES))
    monkeypatch.setattr(files, "today", lambda: date(2026, 11, 22))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    assert main(["init", "--without-demo"]) == 0
    return tmp_path / "home"


def survey(month: str, language: str = "en", parks: tuple[str, ...] = ("BJ-001", "BJ-002", "SH-001")) -> str:
    items = registry.survey_items()[f"name_{language}"].to_list()
    keys = ["月份", "园区编号"] if language == "zh" else ["month", "park_id"]
    words = ANSWER_CYCLE[language]
    lines = [
        ",".join([month, park, *(words[(place + row) % 3] for place in range(len(items)))])
        for row, park in enumerate(parks)
    ]
    return "\n".join([",".join(keys + items), *lines, ""])


def written(folder: Path, text: str, name: str = "survey.csv", encoding: str = "utf-8") -> str:
    (folder / name).write_text(text, encoding=encoding)
    return str(folder / name)


def status(capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    assert main(["status"]) == 0
    return capsys.readouterr().out


# init


def test_init_loads_the_demonstration_once(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["init"]) == 0
    first = capsys.readouterr()
    assert first.err == ""
    assert re.fullmatch(
        r"Store: .*\nRows: .*\(with demonstration data\)\nAddress: http://127\.0\.0\.1:8501\n", first.out
    )
    monkeypatch.setattr(start, "_load_demo", lambda _store: pytest.fail("the demonstration is loaded once"))
    assert main(["init"]) == 0
    assert capsys.readouterr().out == first.out
    uploads = status(capsys)
    assert (
        re.findall(r"(\w+\.csv)  by demonstration", uploads)
        == [name for _, name in reversed(start.DEMO_FILES)][: start.SHOWN_UPLOADS]
    )


def test_init_without_demo_stays_empty(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    assert "0 answers, 0 events, 0 enterprises, 0 added parks\n" in capsys.readouterr().out
    assert main(["init"]) == 0
    assert "0 answers" in capsys.readouterr().out
    assert not (home / start.MARKER).exists()


def test_retired_events_are_not_counted(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    header = "event_id,date,programme_id,city_id,retired_on,retired_reason"
    lines = "E1,2026-10-05,training,beijing,,", "E2,2026-10-06,training,beijing,2026-10-07,cancelled"
    path = home / "events.csv"
    path.write_text("\n".join([header, *lines]))
    assert main(["load", "events", str(path)]) == 0
    assert "0 answers, 1 events, 0 enterprises" in status(capsys)


def test_an_interrupted_first_init_is_completed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    loaded: list[object] = []

    def interrupted(_store: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(start, "_load_demo", interrupted)
    assert main(["init"]) == 130
    monkeypatch.setattr(start, "_load_demo", loaded.append)
    assert main(["init"]) == 0
    assert main(["init"]) == 0
    assert len(loaded) == 1
    assert not (tmp_path / "home" / start.MARKER).exists()


def test_demonstration_rows_never_join_somebodys_own(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["load", written(home, survey("2026-10"))]) == 0
    (home / start.MARKER).touch()
    monkeypatch.setattr(start, "_load_demo", lambda _store: pytest.fail("own rows are there"))
    assert main(["init"]) == 0
    assert not (home / start.MARKER).exists()


def test_init_says_which_boundaries_are_missing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(boundaries, "ensure", lambda _home: ("beijing",))
    assert main(["init", "--without-demo"]) == 0
    assert "no district boundaries for shanghai, shenzhen" in capsys.readouterr().err


def test_missing_demonstration_files_are_a_note(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(start, "DEMO", tmp_path)
    assert main(["init"]) == 0
    assert "demonstration files are not in" in capsys.readouterr().err


def test_demo_load_and_remove(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    folder = home / "demo"
    folder.mkdir()
    files_here = (("parks", "parks.csv"), ("survey", "survey.csv"))
    parks = "park_id,name_zh,city_id,district_code,is_synthetic\nX-1,某园区(合成),beijing,110105,yes\n"
    written(folder, parks, "parks.csv")
    [head, row, *_] = survey("2026-10", parks=("X-1",)).splitlines()
    written(folder, f"{head},is_synthetic\n{row},yes\n")
    monkeypatch.setattr(start, "DEMO", folder)
    monkeypatch.setattr(start, "DEMO_FILES", files_here)
    for expected in ("11 rows in 2 uploads", "already loaded"):
        assert main(["demo", "load"]) == 0
        assert expected in capsys.readouterr().out
    assert main(["demo", "remove"]) == 0
    assert "2 uploads" in capsys.readouterr().out
    assert "0 answers" in status(capsys)


# settings and store


def refused(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    """The one line on standard error of a command that ends with exit code 2."""
    capsys.readouterr()
    assert main(argv) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    return said.err


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("PARK_DATABASE_URL", "nonsense", "PARK_DATABASE_URL is not the address"),
        ("PARK_DATABASE_URL", "mysql://host/db", "PARK_DATABASE_URL names mysql"),
        ("PARK_DATABASE_URL", "sqlite://", "PARK_DATABASE_URL names no file"),
        ("PARK_ADDRESS", "0.0.0.0", "PARK_ADDRESS=0.0.0.0"),
        ("PARK_PORT", "many", "PARK_PORT=many"),
        ("PARK_AUTH", "oidc", "PARK_AUTH=oidc"),
    ],
)
def test_a_wrong_setting_is_one_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str, value: str, told: str
) -> None:
    monkeypatch.setenv(name, value)
    for argv in (["init"], ["status"], ["load", str(REPOSITORY / "data" / "demo" / "survey.csv")]):
        assert told in refused(capsys, *argv)


@pytest.mark.parametrize("command", ["init", "status"])
def test_a_broken_store_is_one_sentence_and_untouched(
    home: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    for file in home.glob("parkpulse.db*"):
        file.unlink()
    (home / "parkpulse.db").write_bytes(b"this is no database" * 100)
    assert "parkpulse.db" in refused(capsys, command)
    assert (home / "parkpulse.db").read_bytes() == b"this is no database" * 100


def test_status_and_demo_remove_create_no_store(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert "python -m data init" in refused(capsys, "status")
    assert "python -m data init" in refused(capsys, "demo", "remove")
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["dance"],
        ["load"],
        ["check", "survey"],
        ["check", "weather", "x.csv"],
        ["load", "a", "b", "c"],
        ["demo"],
        ["init", "--fast"],
        ["boundaries"],
        ["boundaries", "add", "ruhr"],
        ["compute"],
        ["compute", "nonsense", "x.csv"],
        ["compute", "shares"],
        ["compute", "shares", "x.csv", "--colour", "red"],
        ["compute", "shares", "absent.csv"],
    ],
)
def test_wrong_usage_is_one_sentence(capsys: pytest.CaptureFixture[str], argv: list[str]) -> None:
    assert "Traceback" not in refused(capsys, *argv)


def test_help_is_no_fault(capsys: pytest.CaptureFixture[str]) -> None:
    for argv in (["--help"], ["load", "--help"], ["boundaries", "add", "--help"], ["compute", "--help"]):
        assert main(argv) == 0
        assert "python -m data" in capsys.readouterr().out


def test_answers_in_chinese(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert "数据库" in status(capsys)
    assert main(["load", written(home, "a,b\n1,2\n")]) == 1
    assert "没有入库" in capsys.readouterr().out
    monkeypatch.setenv("PARK_LANG", "en")
    assert "Store" in status(capsys)


# check and load


@pytest.mark.parametrize(("language", "encoding"), [("zh", "gb18030"), ("en", "utf-8"), ("zh", "utf-8-sig")])
def test_load_a_new_month(home: Path, capsys: pytest.CaptureFixture[str], language: str, encoding: str) -> None:
    file = written(home, survey("2026-11", language), encoding=encoding)
    assert main(["load", file]) == 0
    said = capsys.readouterr().out
    assert "Accepted: 3 rows, 30 records" in said
    assert "Against the store: 30 new, 0 changed, 0 identical" in said
    assert "Stored as upload 1" in said
    assert "30 answers" in status(capsys)
    assert main(["load", file]) == 0
    assert "already stored as upload 1" in capsys.readouterr().out


def test_check_never_stores_and_needs_no_store(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = written(tmp_path, survey("2026-11"))
    assert main(["check", "survey", file]) == 0
    assert "Nothing was stored" in capsys.readouterr().out
    assert not (tmp_path / "home").exists()
    assert main(["init", "--without-demo"]) == 0
    assert main(["check", file]) == 0
    assert "30 new" in capsys.readouterr().out
    assert "0 answers" in status(capsys)


BAD = {
    "empty.csv": b"",
    "header.csv": b"a,b,c\n1,2,3\n",
    "no_rows.csv": b"month,park_id,rent level\n",
    "no_table.csv": b"just a sentence about a park\n",
    "picture.csv": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(200),
    "future.csv": survey("2027-01").encode(),
    "month.csv": survey("soon").encode(),
    "park.csv": survey("2026-11", parks=("BJ-001", "BJ-999")).encode(),
    "twice.csv": survey("2026-11", parks=("BJ-001", "BJ-001")).encode(),
    "answer.csv": survey("2026-11").replace("down", "terrible", 1).encode(),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_reported_and_nothing_changes(home: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert main(["load", written(home, survey("2026-10"))]) == 0
    before = status(capsys)
    (home / name).write_bytes(BAD[name])
    for command in ("check", "load"):
        assert main([command, "survey", str(home / name)]) == 1
        said = capsys.readouterr()
        assert said.err == ""
        assert "Nothing was stored" in said.out
    assert status(capsys) == before


def test_the_report_names_line_column_value_and_remedy(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["load", written(home, BAD["answer.csv"].decode())]) == 1
    [problem] = [line for line in capsys.readouterr().out.splitlines() if "terrible" in line]
    assert "2" in problem
    assert registry.survey_items()["name_en"][2] in problem


def test_accept_valid_stores_the_good_rows(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["load", "survey", written(home, BAD["park.csv"].decode()), "--accept-valid"]) == 0
    assert "10 answers" in status(capsys)
    assert main(["load", "survey", written(home, survey("2027-01")), "--accept-valid"]) == 1
    assert "10 answers" in status(capsys)


@pytest.mark.parametrize(("answer", "words", "code"), [("n", (), 1), ("y", (), 0), ("n", ("--yes",), 0)])
def test_a_person_at_a_terminal_confirms_a_replacement(
    home: Path, monkeypatch: pytest.MonkeyPatch, answer: str, words: tuple[str, ...], code: int
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    assert main(["load", written(home, survey("2026-10"))]) == 0
    monkeypatch.setattr(sys, "stdin", Terminal(f"{answer}\n"))
    assert main(["load", written(home, survey("2026-10", parks=("SH-001", "BJ-001"))), *words]) == code


def test_a_long_list_of_problems_is_cut(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parks = tuple(f"QQ-{number:03}" for number in range(50))
    assert main(["load", written(home, survey("2026-11", parks=parks))]) == 1
    assert "30 more problems" in capsys.readouterr().out


@pytest.mark.parametrize(
    "dataset", ["parks", "survey", "events", "enterprises", "survey_digitalisation", "survey_rent_relief"]
)
def test_the_headers_tell_the_data_set(dataset: str) -> None:
    known = {"survey": "answers"}.get(dataset, dataset.removeprefix("survey_"))
    data = (REPOSITORY / "data" / "demo" / f"{dataset}.csv").read_bytes()
    assert files.likely_dataset(b"\n".join(data.splitlines()[:3]), "x.csv") == known


def test_a_special_survey_is_loaded_by_its_name_and_by_its_headers(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "月份,园区编号,数字化管理平台,数字化主要障碍\n2026-06,BJ-001,全面应用,资金不足\n2026-06,BJ-002,试点,\n"
    file = written(home, text, "special.csv")
    assert main(["load", "digitalisation", file]) == 0
    assert "3 answers" in status(capsys)
    assert main(["load", file]) == 0
    assert "already stored" in capsys.readouterr().out
    assert main(["check", "survey", file]) == 1
    assert main(["load", "rent_relief", file]) == 1


def test_a_wrong_answer_of_a_special_survey_lists_those_of_its_question(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["load", "digitalisation", written(home, "month,park_id,data_sharing\n2026-06,BJ-001,maybe\n")]) == 1
    said = capsys.readouterr().out
    assert "“maybe”" in said
    assert "Yes" in said
    assert "Fully in use" not in said


def test_the_names_of_the_special_surveys_are_in_the_usage(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "digitalisation, rent_relief" in refused(capsys, "load", "wages", "x.csv")


def test_unknown_headers_count_as_survey() -> None:
    assert files.likely_dataset(b"a,b\n1,2\n", "x.csv") == "survey"


# as a program


def program(*argv: str, home: Path) -> subprocess.CompletedProcess[str]:
    environment = {"PARK_HOME": str(home), "PATH": "", "PYTHONUTF8": "1"}
    command = [sys.executable, *argv]
    return subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False)


def test_exit_code_one_for_rejected_rows(home: Path) -> None:
    done = program("-m", "data", "load", written(home, survey("2026-11", parks=("BJ-999",))), home=home)
    assert done.returncode == 1
    assert "BJ-999" in done.stdout
    assert done.stderr == ""


def test_exit_code_two_for_a_broken_store(tmp_path: Path) -> None:
    (tmp_path / "parkpulse.db").write_bytes(b"no database" * 100)
    done = program("-m", "data", "init", home=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1


def test_a_second_init_loads_nothing_heavy(home: Path) -> None:
    for city in boundaries.CHINESE_CITIES:
        code = sorted(boundaries.district_codes(city))[0]
        found = {"type": "FeatureCollection", "features": [{"properties": {"district_code": code}}]}
        (home / "boundaries").mkdir(exist_ok=True)
        (home / "boundaries" / f"{city}.geojson").write_text(json.dumps(found), encoding="utf-8")
    heavy = "{'alembic', 'pandas', 'frykit', 'pyproj', 'shapely', 'streamlit', 'charset_normalizer', 'data.ingest'}"
    code = f"import sys; from data.cli.entry import main; assert main(['init']) == 0; print({heavy} & set(sys.modules))"
    done = program("-c", code, home=home)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "set()"
