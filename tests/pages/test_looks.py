"""Every look at single answers stands in the audit log: once a visit, for every person, never shown where it cannot."""

from __future__ import annotations

import contextlib
import csv
import io
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from data.access import DEMO_VIEWERS, Role, Scope, Viewer
from data.store import Provenance, ScopedStore, StoreError
from pages.parts.text import TEXTS
from pages.parts.upload import uploads

ANALYST = {"as": "analyst", "lang": "en"}
FILE = (Path(__file__).parents[2] / "data" / "demo" / "survey_2026-11.csv").read_bytes()
NOVEMBER = date(2026, 11, 1)


@pytest.fixture
def looks(copied, stored):
    """Who looked at what since the test began; other tests have looked at the store it is a copy of."""
    before = stored().audit()["audit_id"].max()

    def since() -> list[tuple[str, str]]:
        store = stored()
        assert store.audit_intact()
        entries = store.audit().filter((pl.col("what") == "viewed") & (pl.col("audit_id") > before))
        return entries.select("who", "about").rows()

    return since


@pytest.fixture
def closed(monkeypatch):
    """A store that can be read and not written."""

    @contextlib.contextmanager
    def full(self):
        raise StoreError("The disk is full: nothing was stored.")
        yield

    monkeypatch.setattr(ScopedStore, "_writing", full)


def park_of(stored) -> str:
    answers = stored().answers().filter(pl.col("questionnaire_id") == "monthly")
    return answers.select(pl.col("park_id").min()).collect().item()


def has_answers(shown) -> bool:
    return any("Question" in table.columns for table in shown.tables())


# a park's page --------------------------------------------------------------------------------------------------------


def test_a_rerun_is_no_second_look_and_a_second_analyst_s_is_one_although_it_is_cached(
    copied, looks, look, screen, stored, monkeypatch
):
    park = park_of(stored)
    about = f"answers of {park}: 2025-11 to 2026-10"
    at = look("parks", park=park, **ANALYST)
    assert has_answers(screen(at))
    assert looks() == [("demo-analyst", about)]
    at.run()
    assert looks() == [("demo-analyst", about)]
    look("parks", park=park, **ANALYST)  # the same person in a new visit
    assert looks() == [("demo-analyst", about)] * 2
    monkeypatch.setitem(DEMO_VIEWERS, "analyst", Viewer("li", Role.ANALYST, Scope(None)))
    assert has_answers(screen(look("parks", park=park, **ANALYST)))
    assert looks()[2:] == [("li", about)]


@pytest.mark.parametrize("role", ["leadership", "official"])
def test_who_sees_no_answer_looks_at_none(copied, looks, look, screen, stored, role):
    shown = screen(look("parks", park=park_of(stored), **{"as": role, "lang": "en"}))
    assert not has_answers(shown)
    assert looks() == []


def test_a_park_without_answers_and_the_register_are_no_look(copied, looks, look, stored):
    look("parks", park="HZ-017", **ANALYST)
    look("parks", **ANALYST)
    assert looks() == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_cannot_be_audited_is_not_shown_and_the_page_says_why(copied, look, screen, stored, closed, language):
    at = look("parks", park=park_of(stored), **{"as": "analyst", "lang": language})
    assert not at.exception
    why = TEXTS.sentence("refuse.not_audited", language, why="The disk is full: nothing was stored.")
    assert [error.value for error in at.error] == [why]
    question = TEXTS.sentence("parks.question", language)
    assert not any(question in table.columns for table in screen(at).tables())
    assert screen(at).said().count("The disk is full") == 1


# the data desk --------------------------------------------------------------------------------------------------------


def other_answers(data: bytes) -> bytes:
    """The same file with every 上升 a 下降: what is stored will stand beside it."""
    return data.decode("utf-8-sig").replace("上升", "下降").encode()


def sent_to_desk(look, data: bytes):
    at = look("upload", **ANALYST)
    at.file_uploader[0].upload("november.csv", data).run()
    assert not at.exception
    return at


def test_the_own_file_is_no_look_and_stored_answers_beside_it_are(copied, looks, look, screen, stored):
    at = sent_to_desk(look, FILE)
    assert not [about for _, about in looks() if about.startswith("preview")]
    at.button(key="store").click().run()
    assert at.success
    assert not [about for _, about in looks() if about.startswith("preview")]
    at = sent_to_desk(look, other_answers(FILE))
    seen = [about for _, about in looks() if about.startswith("preview")]
    assert len(seen) == 1
    assert seen[0].startswith("preview beside answers of BJ-")
    assert seen[0].endswith(": 2026-11")
    shown = screen(at).table("before", "after")
    assert set(shown["park_id"]) <= set(seen[0].removeprefix("preview beside answers of ").split(": ")[0].split(", "))
    at.run()
    assert [about for _, about in looks() if about.startswith("preview")] == seen


def test_the_desk_shows_no_stored_answer_that_was_not_audited(copied, look, screen, stored, monkeypatch):
    store = stored()
    first = sent_to_desk(look, FILE)
    first.button(key="store").click().run()
    assert store.answers().filter(pl.col("period") == NOVEMBER).collect().height

    @contextlib.contextmanager
    def full(self):
        raise StoreError("The disk is full: nothing was stored.")
        yield

    monkeypatch.setattr(ScopedStore, "_writing", full)
    at = sent_to_desk(look, other_answers(FILE))
    assert not any({"before", "after"} <= set(table.columns) for table in screen(at).tables())
    assert any("every look at single answers" in error.value for error in at.error)


def test_a_warning_that_tells_of_the_past_of_a_park_is_a_look(copied, looks, look, screen, stored):
    """All answers of a park turned down: its last balance stands in the warning."""
    rows = list(csv.reader(io.StringIO(FILE.decode("utf-8-sig"))))
    turned = [rows[0], *([cell.replace("上升", "下降").replace("持平", "下降") for cell in row] for row in rows[1:6])]
    data = io.StringIO()
    csv.writer(data).writerows(turned)
    at = sent_to_desk(look, data.getvalue().encode())
    told = [about for _, about in looks() if about.startswith("warnings from past answers of")]
    assert len(told) == 1
    at.run()
    assert [about for _, about in looks() if about.startswith("warnings")] == told


def kept_by_another(stored):
    """A row of answers on the work list that somebody else kept there."""
    from data.current_registers import registers
    from data.ingest import check
    from data.worklist import waiting_rows

    store = stored()
    text = "月份,园区编号,企业入驻\n2026-10,NOWHERE,上升\n".encode()
    checked = check("survey", text, "rejected.csv", registers(store), date(2026, 11, 22))
    assert checked.rejected.height
    other = store._store.for_viewer(Viewer("li", Role.ANALYST, Scope(None)))
    other.add(checked, Provenance("rejected.csv", text, "li"), waiting=waiting_rows(checked))


def test_waiting_rows_that_another_kept_are_a_look(copied, looks, look, screen, stored, monkeypatch):
    kept_by_another(stored)
    at = look("upload", **ANALYST)
    assert screen(at).table("Line", "Value").height
    assert looks() == [("demo-analyst", "waiting rows 1 of rejected.csv")]
    at.run()
    assert len(looks()) == 1
    monkeypatch.setitem(DEMO_VIEWERS, "analyst", Viewer("li", Role.ANALYST, Scope(None)))
    look("upload", **ANALYST)
    assert len(looks()) == 1, "the own rows are no look"


# a past state, and the log itself -------------------------------------------------------------------------------------


class Seen:
    """What a download needs of a visit."""

    def __init__(self, store: ScopedStore, language: str = "en") -> None:
        self.store, self.language = store, language

    def say(self, key: str, **values: object) -> str:
        return TEXTS.sentence(key, self.language, **values)


def test_a_past_state_is_counted_without_a_look_and_taken_with_one(copied, looks, look, stored):
    at = look("history", **ANALYST)
    assert not at.exception
    assert looks() == []
    store = stored()
    now = store.audit()["at"].max()
    taken = uploads.past_file(Seen(store), "answers", now)
    n = store.answers().collect().height
    assert taken.count(b"\n") > n
    uploads.past_file(Seen(store), "events", now)
    assert looks() == [("demo-analyst", f"all answers as of {now.strftime(uploads.MINUTES)}: {n} rows")]


def test_a_past_state_that_cannot_be_audited_is_a_file_that_says_so(copied, stored, closed):
    store = stored()
    taken = uploads.past_file(Seen(store), "answers", store.audit()["at"].max()).decode("utf-8-sig")
    assert "every look at single answers" in taken
    assert "BJ-" not in taken


@pytest.mark.parametrize(
    ("language", "words"), [("zh", ("查看单个答复", "入库")), ("en", ("single answers viewed", "upload"))]
)
def test_the_log_says_it_in_the_reader_s_language(copied, look, screen, stored, language, words):
    look("parks", park=park_of(stored), **ANALYST)
    at = look("history", **{"as": "analyst", "lang": language})
    step = TEXTS.sentence("history.what", language)
    log = next(table for table in screen(at).tables() if step in table.columns)
    assert log[step][0] == words[0]
    assert words[1] in log[step].to_list()


def test_every_deed_of_the_log_has_a_word():
    for language in ("zh", "en"):
        assert {key for key in TEXTS.keys(language) if key.startswith("deed.")} == {f"deed.{w}" for w in uploads.DEEDS}


READERS = {  # every door to single answers, and the modules that go through it
    "answers_of_park(": {"pages/parts/parks/cached_parks.py"},
    "cached_parks.answers(": {"pages/parts/parks/park_answers.py"},
    "store.as_of(": {"pages/parts/upload/uploads.py"},
    "store.waiting(": {"pages/parts/upload/worklist.py", "data/cli/past.py"},
    "store.entry_history(": {"pages/parts/registers/entry_history.py"},
    "store.preview(": {"pages/parts/upload/desk_storing.py", "data/cli/files.py"},
    "history_warnings(": {"pages/parts/upload/cached_desk.py", "data/cli/files.py"},
}


def test_single_answers_have_no_other_door():
    """A new reader of single answers belongs in this list, and its look into the log."""
    root = Path(__file__).parents[2]
    modules = [path for folder in ("pages", "data/cli") for path in sorted((root / folder).rglob("*.py"))]
    texts = {path.relative_to(root).as_posix(): path.read_text(encoding="utf-8") for path in modules}
    for door, readers in READERS.items():
        assert {name for name, text in texts.items() if door in text} == readers, door
