"""History: undo and redo, past states, originals, and an audit log that cannot be changed unseen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace

import polars as pl
import pytest
import sqlalchemy as sa

from data import history
from data.access import DEMO_VIEWERS, Role, Scope, Viewer
from data.store import AccessError, Provenance, StoreError
from tests.data.rows_to_store import OCTOBER, events

LOCAL = Viewer("li", Role.ANALYST, Scope(frozenset({"110105"})))


def answers(*parks, answer="up"):
    words = {"questionnaire_id": "monthly", "item_id": "a", "answer": answer}
    frame = pl.DataFrame({"park_id": parks}).with_columns(pl.lit(v).alias(k) for k, v in words.items())
    frame = frame.with_columns(period=OCTOBER, is_synthetic=False)
    return SimpleNamespace(dataset="answers", accepted=frame)


def sent(data, name="f.csv"):
    return Provenance(name, data, "ann")


def modes(scoped):
    return dict(scoped.events().select("event_id", "mode").collect().rows())


def told(scoped):
    return [tuple(row) for row in scoped.audit().select("who", "what", "about").rows()]


def test_redo_takes_an_upload_back_at_its_old_place(analyst):
    first = analyst.add(events("E1", "E2"), sent(b"1")).upload_id
    second = analyst.add(events("E2", mode="onsite"), sent(b"2")).upload_id
    analyst.undo(first)
    assert modes(analyst) == {"E2": "onsite"}
    assert analyst.redo(first) == 4
    assert modes(analyst) == {"E1": "online", "E2": "onsite"}
    assert analyst.redo(first) == 4  # it counts already
    analyst.undo(second)
    assert modes(analyst) == {"E1": "online", "E2": "online"}
    with pytest.raises(StoreError, match="There is no upload 9"):
        analyst.redo(9)


def test_a_file_stored_anew_since_is_not_doubled_by_redo(analyst):
    first = analyst.add(events("E1"), sent(b"1")).upload_id
    analyst.undo(first)
    again = analyst.add(events("E1"), sent(b"1")).upload_id
    with pytest.raises(StoreError, match=f"Upload {first} cannot count again: .* as upload {again}"):
        analyst.redo(first)
    analyst.undo(again)
    analyst.redo(first)
    assert analyst.uploads()["status"].to_list() == ["undone", "active"]


def test_history_has_every_change_newest_first(store, analyst):
    number = analyst.add(answers("P1"), sent(b"1", "十月.csv")).upload_id
    other = store.for_viewer(Viewer("bo", Role.ANALYST, Scope(None)))
    other.undo(number)
    analyst.redo(number)
    seen = analyst.history()
    assert seen.select("upload_id", "number", "status", "who", "role", "revision", "now").rows() == [
        (number, 3, "active", "demo-analyst", "analyst", 3, "active"),
        (number, 2, "undone", "bo", "analyst", 2, "active"),
        (number, 1, "active", "demo-analyst", "analyst", 1, "active"),
    ]
    assert set(seen.select("dataset", "file_name", "questionnaire_id", "n_rows", "part").rows()) == {
        ("answers", "十月.csv", "monthly", 1, 1)
    }
    assert seen["at"].is_sorted(descending=True)
    assert seen.schema["at"] == pl.Datetime("us", "UTC")


def test_every_past_state_can_be_read(analyst):
    before = datetime.now(UTC)
    first = analyst.add(events("E1", "E2"), sent(b"1")).upload_id
    analyst.add(events("E2", mode="onsite"), sent(b"2"))
    analyst.undo(first)
    times = analyst.history()["at"].to_list()[::-1]
    states = [dict(analyst.as_of("events", at).select("event_id", "mode").collect().rows()) for at in (before, *times)]
    assert states == [{}, {"E1": "online", "E2": "online"}, {"E1": "online", "E2": "onsite"}, {"E2": "onsite"}]
    east = times[1].astimezone(timezone(timedelta(hours=8)))
    bare = times[1].replace(tzinfo=None)
    for at in (east, bare):
        assert analyst.as_of("events", at).collect().height == 2
    assert analyst.as_of("events", times[0] - timedelta(microseconds=1)).collect().is_empty()
    assert analyst.as_of("events", datetime.max).collect().equals(analyst.events().collect())
    with pytest.raises(StoreError, match="There is no data set recipes"):
        analyst.as_of("recipes", before)


def test_a_past_state_is_cut_to_the_scope(store, analyst):
    analyst.add(answers("P1", "P2", "P9"), sent(b"1"))
    at = analyst.history()["at"][0]
    analyst.add(answers("P1", "P2", answer="down"), sent(b"2"))
    past = store.for_viewer(LOCAL).as_of("answers", at).select("park_id", "answer", "district_code").collect()
    assert past.rows() == [("P1", "up", "110105")]
    assert analyst.as_of("answers", at).collect().columns == analyst.answers().collect().columns
    assert analyst.as_of("parks", at).collect().height == 3


def test_a_clock_that_goes_back_does_not_mix_up_the_past(analyst, monkeypatch):
    first = analyst.add(events("E1"), sent(b"1")).upload_id
    monkeypatch.setattr(history, "now", lambda: datetime(2020, 1, 1))
    analyst.undo(first)
    analyst.redo(first)
    changes = analyst.history()
    assert changes["number"].to_list() == [3, 2, 1]
    assert changes["at"].is_sorted(descending=True)
    assert changes["at"].n_unique() == 3


def test_the_file_comes_back_byte_for_byte(settings, store, analyst):
    number = analyst.add(events("E1"), sent(b"\x00\xff raw", "e.csv")).upload_id
    assert analyst.original(number) == ("e.csv", b"\x00\xff raw")
    assert told(analyst)[-1] == ("demo-analyst", "original", f"upload {number}: e.csv")
    [file] = (settings.home / "raw").iterdir()
    for harm in (lambda: file.write_bytes(b"other"), file.unlink):
        harm()
        with pytest.raises(StoreError, match=f"kept file of upload {number}.*missing or changed"):
            analyst.original(number)


def test_a_viewer_of_some_districts_gets_own_files_only(store, analyst):
    local = store.for_viewer(LOCAL)
    other, own = analyst.add(answers("P1"), sent(b"1")).upload_id, local.add(answers("P1"), sent(b"2")).upload_id
    assert local.original(own) == ("f.csv", b"2")
    with pytest.raises(AccessError, match=r"access\.outside_scope"):
        local.original(other)
    assert set(local.audit()["who"]) == {"li"}
    assert set(analyst.audit()["who"]) == {"li", "demo-analyst"}


@pytest.mark.parametrize("name", ["leadership", "official"])
def test_who_may_not_is_refused_and_that_is_audited(store, analyst, name):
    viewer = DEMO_VIEWERS[name]
    scoped = store.for_viewer(viewer)
    attempts = (
        lambda: scoped.undo(1),
        lambda: scoped.redo(1),
        scoped.history,
        lambda: scoped.as_of("events", datetime(2026, 1, 1)),
        lambda: scoped.original(1),
        scoped.audit,
        scoped.audit_intact,
        scoped.audit_csv,
        scoped.waiting,
        lambda: scoped.settle([1], "dropped"),
        lambda: scoped.remember("s", "events", {"a": "b"}),
        lambda: scoped.remembered("s", "events"),
        lambda: scoped.add(events("E1"), sent(b"1")),
    )
    for attempt in attempts:
        with pytest.raises(AccessError, match=r"access\.upload_needs_analyst"):
            attempt()
    refused = [row for row in told(analyst) if row[0] == viewer.name]
    assert len(refused) == len(attempts)
    assert refused[0] == (viewer.name, "refused", "undo of upload 1: access.upload_needs_analyst")
    assert analyst.audit_intact()


def test_a_refusal_stands_when_it_cannot_be_audited(store, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(history, "note", full)
    with pytest.raises(AccessError):
        store.for_viewer(DEMO_VIEWERS["official"]).undo(1)


def release(store):
    """Drop the triggers, as somebody with the rights of the database's owner can."""
    with store._engines.write.begin() as connection:
        if connection.dialect.name == "postgresql":
            for table in ("audit", "status_change"):
                connection.execute(sa.text(f"DROP TRIGGER {table}_only_grows ON {table}"))
            return
        for table in ("audit", "status_change"):
            for word in ("update", "delete"):
                connection.execute(sa.text(f"DROP TRIGGER {table}_no_{word}"))


HARMS = (
    "UPDATE audit SET about = 'upload 1: 9 rows' WHERE audit_id = 1",
    "UPDATE audit SET who = 'bo' WHERE audit_id = 3",
    "DELETE FROM audit WHERE audit_id = 2",
    "DELETE FROM audit WHERE audit_id = 1",
    "DELETE FROM audit WHERE audit_id = 3",
    "DELETE FROM audit",
    "UPDATE audit SET hash = 'ff' WHERE audit_id = 3",
)


@pytest.mark.parametrize("harm", HARMS)
def test_a_change_of_the_audit_log_is_refused_and_seen(store, analyst, harm):
    number = analyst.add(events("E1"), sent(b"1")).upload_id
    analyst.undo(number)
    analyst.redo(number)
    assert analyst.audit_intact()
    for statement in (harm, "DELETE FROM status_change"):
        with pytest.raises(sa.exc.DBAPIError, match="only grows"), store._engines.write.begin() as connection:
            connection.execute(sa.text(statement))
    release(store)
    assert analyst.audit_intact()
    with store._engines.write.begin() as connection:
        connection.execute(sa.text(harm))
    assert not analyst.audit_intact()


def test_the_audit_log_as_a_spreadsheet(store, analyst):
    analyst.remember('=cmd|" /C calc"!A0', "events", {"日期": "date"})
    store.for_viewer(Viewer("=bo", Role.ANALYST, Scope(None))).add(events("E1"), sent(b"1"))
    data = analyst.audit_csv()
    assert data.startswith(b"\xef\xbb\xbfaudit_id,at,who,role,what,about,previous_hash,hash\r\n1,")
    rows = pl.read_csv(data[3:])
    assert rows["who"].to_list() == ["demo-analyst", "'=bo"]
    assert rows["at"][0] == f"{analyst.audit()['at'][0]:%Y-%m-%dT%H:%M:%S.%f}Z"
