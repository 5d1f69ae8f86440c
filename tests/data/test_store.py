"""The store: corrections supersede, the same bytes are the same upload, scopes cut rows."""

from __future__ import annotations

import contextlib
import hashlib
import time
from datetime import UTC, date, datetime
from types import SimpleNamespace

import polars as pl
import pytest
import sqlalchemy as sa

from data.access import DEMO_VIEWERS, Role, Scope, Viewer
from data.records import withdrawn
from data.schema import TABLES, audit, columns
from data.store import AccessError, ConflictError, Store, StoreError
from tests.data.rows_to_store import NOVEMBER, OCTOBER, PARKS, answers, events, held, make_settings, sent

ANALYST = DEMO_VIEWERS["analyst"]


def test_an_empty_store(store, analyst):
    assert analyst.revision() == store.revision() == 0
    assert analyst.uploads().is_empty()
    for frame in (analyst.answers(), analyst.events(), analyst.enterprises()):
        assert frame.collect().is_empty()
    assert analyst.answers().collect_schema().names() == [*columns(TABLES["answers"]), "city_id", "district_code"]
    assert analyst.events().collect_schema() == pl.Schema(columns(TABLES["events"]))


def test_rows_come_back_as_they_were_stored(analyst):
    row = {
        "enterprise_id": "E1",
        "city_id": "beijing",
        "district_code": "110105",
        "lon": 116.4871234,
        "lat": 39.9,
        "coord_system": "WGS84",
        "industry_code": "87",
        "culture_code": None,
        "park_id": "P1",
        "opened_on": date(2020, 2, 29),
        "closed_on": None,
        "employees": 12,
        "status": "active",
        "is_synthetic": False,
        "name": "甲公司",
        "industry_scheme": None,
    }
    frame = pl.DataFrame([row], schema=columns(TABLES["enterprises"]))
    analyst.add(SimpleNamespace(dataset="enterprises", accepted=frame), sent(b"1"))
    assert analyst.enterprises().collect().rows(named=True) == [row]


def test_an_upload_is_listed_audited_and_its_bytes_are_kept(settings, store, analyst):
    before = datetime.now(UTC)
    stored = analyst.add(answers((OCTOBER, "P1", "a", "up"), (OCTOBER, "P1", "b", "down")), sent(b"bytes", "十月.csv"))
    assert (stored.is_new, stored.revision) == (True, 1)
    digest = hashlib.sha256(b"bytes").hexdigest()
    assert (settings.home / "raw" / digest).read_bytes() == b"bytes"
    (row,) = analyst.uploads().rows(named=True)
    assert before <= row.pop("stored_at") <= datetime.now(UTC)
    assert row == {
        "upload_id": stored.upload_id,
        "dataset": "answers",
        "sha256": digest,
        "file_name": "十月.csv",
        "uploader": "ann",
        "note": "first try",
        "n_rows": 2,
        "is_synthetic": False,
        "status": "active",
        "revision": 1,
        "part": 1,
        "questionnaire_id": "monthly",
    }
    with store._engines.read.connect() as connection:
        noted = connection.execute(sa.select(audit.c.who, audit.c.role, audit.c.what, audit.c.about)).all()
    assert [tuple(n) for n in noted] == [
        ("demo-analyst", "analyst", "upload", f"upload {stored.upload_id}: 2 rows of answers, sha256 {digest}")
    ]


def test_a_corrected_month_supersedes_the_whole_month_of_that_park_only(analyst):
    analyst.add(
        answers(
            (OCTOBER, "P1", "a", "up"),
            (OCTOBER, "P1", "b", "up"),
            (OCTOBER, "P2", "a", "same"),
            (NOVEMBER, "P1", "a", "down"),
        ),
        sent(b"1"),
    )
    analyst.add(answers((OCTOBER, "P1", "a", "down")), sent(b"2"))
    assert held(analyst) == [("P1", "a", "down"), ("P2", "a", "same"), ("P1", "a", "down")]


def test_another_questionnaire_is_another_month(analyst):
    analyst.add(answers((OCTOBER, "P1", "a", "up")), sent(b"1"))
    other = answers((OCTOBER, "P1", "b", "up"))
    other.accepted = other.accepted.with_columns(questionnaire_id=pl.lit("yearly"))
    analyst.add(other, sent(b"2"))
    assert held(analyst) == [("P1", "a", "up"), ("P1", "b", "up")]


def test_a_newer_event_supersedes_by_its_id(analyst):
    analyst.add(events("E1", "E2"), sent(b"1"))
    analyst.add(events("E2", "E3", mode="onsite"), sent(b"2"))
    assert analyst.events().select("event_id", "mode").collect().rows() == [
        ("E1", "online"),
        ("E2", "onsite"),
        ("E3", "onsite"),
    ]


def test_the_same_bytes_again_write_nothing(settings, analyst):
    first = analyst.add(events("E1"), sent(b"1"))
    again = analyst.add(events("E1"), sent(b"1", "another name.csv"))
    assert again == type(first)(first.upload_id, 1, False)
    assert analyst.uploads()["file_name"].to_list() == ["f.csv"]
    assert analyst.revision() == 1
    assert analyst.add(answers((OCTOBER, "P1", "a", "up")), sent(b"1")).is_new  # the same bytes of another data set


def test_undo_makes_the_superseded_rows_current_again(analyst):
    analyst.add(answers((OCTOBER, "P1", "a", "up"), (OCTOBER, "P1", "b", "up")), sent(b"1"))
    second = analyst.add(answers((OCTOBER, "P1", "a", "down")), sent(b"2")).upload_id
    assert analyst.undo(second) == 3
    assert held(analyst) == [("P1", "a", "up"), ("P1", "b", "up")]
    assert analyst.uploads()["status"].to_list() == ["undone", "active"]
    assert analyst.undo(second) == 3  # a second time changes nothing
    assert analyst.add(answers((OCTOBER, "P1", "a", "down")), sent(b"2")).is_new
    assert held(analyst) == [("P1", "a", "down")]


def test_an_upload_that_does_not_exist(analyst):
    with pytest.raises(StoreError, match="There is no upload 7"):
        analyst.undo(7)


def test_removing_synthetic_rows_leaves_the_others(analyst):
    analyst.add(events("E1", synthetic=True), sent(b"1"))
    analyst.add(answers((OCTOBER, "P1", "a", "up"), synthetic=True), sent(b"2"))
    mixed = events("E3", "E4")
    mixed.accepted = mixed.accepted.with_columns(is_synthetic=pl.col("event_id") == "E3")
    analyst.add(mixed, sent(b"3"))
    assert analyst.remove_synthetic() == 2
    assert analyst.events().collect()["event_id"].to_list() == ["E3", "E4"]
    assert held(analyst) == []
    assert analyst.revision() == 5
    assert analyst.remove_synthetic() == 0


def test_preview_counts_and_writes_nothing(settings, analyst):
    analyst.add(answers((OCTOBER, "P1", "a", "up"), (OCTOBER, "P1", "b", "up"), (OCTOBER, "P1", "c", "up")), sent(b"1"))
    seen = analyst.preview(
        answers((OCTOBER, "P1", "a", "up"), (OCTOBER, "P1", "b", "down"), (NOVEMBER, "P9", "a", "up"))
    )
    assert (seen.n_new, seen.n_changed, seen.n_identical, seen.n_removed) == (1, 1, 1, 1)
    assert (analyst.revision(), len(list((settings.home / "raw").iterdir()))) == (1, 1)


def test_what_changed_since_the_preview_is_refused(store, analyst):
    first = answers((OCTOBER, "P1", "a", "up"))
    analyst.add(first, sent(b"0"))
    mine = answers((OCTOBER, "P1", "a", "down"), (OCTOBER, "P2", "a", "up"))
    seen = analyst.preview(mine).seen
    other = store.for_viewer(Viewer("bo", Role.ANALYST, Scope(None)))
    number = other.add(answers((OCTOBER, "P1", "a", "same"), (OCTOBER, "P3", "a", "same")), sent(b"1")).upload_id
    with pytest.raises(ConflictError, match=r"1 of these records .*monthly 2026-10-01 P1.* last by bo at") as caught:
        analyst.add(mine, sent(b"2"), seen)
    assert caught.value.changes.drop("at").rows() == [("monthly", OCTOBER, "P1", number, "active", "bo")]
    assert (analyst.revision(), analyst.uploads().height) == (2, 2)
    assert analyst.add(mine, sent(b"2"), seen, over=True).is_new
    assert held(analyst) == [("P1", "a", "down"), ("P2", "a", "up"), ("P3", "a", "same")]


def test_other_months_and_parks_are_no_conflict(analyst):
    mine = answers((OCTOBER, "P1", "a", "down"))
    seen = analyst.preview(mine).seen
    analyst.add(answers((NOVEMBER, "P1", "a", "same"), (OCTOBER, "P2", "a", "same")), sent(b"1"))
    analyst.add(events("E1"), sent(b"2"))
    assert analyst.add(mine, sent(b"3"), seen).is_new


def test_an_undo_since_the_preview_is_a_conflict_too(analyst):
    number = analyst.add(events("E1"), sent(b"1")).upload_id
    seen = analyst.preview(events("E1", mode="onsite")).seen
    analyst.undo(number)
    with pytest.raises(ConflictError) as caught:
        analyst.add(events("E1", mode="onsite"), sent(b"2"), seen)
    assert caught.value.changes.select("event_id", "status").rows() == [("E1", "undone")]


def test_the_same_bytes_store_the_rows_they_did_not_bring_before(analyst):
    analyst.add(answers((OCTOBER, "P1", "a", "up")), sent(b"1"))
    analyst.add(answers((OCTOBER, "P1", "a", "down")), sent(b"2"))  # a correction of P1 stays
    grown = answers((OCTOBER, "P1", "a", "up"), (OCTOBER, "P2", "a", "up"), (OCTOBER, "P2", "b", "up"))
    stored = analyst.add(grown, sent(b"1"))
    assert (stored.upload_id, stored.is_new, stored.n_rows, stored.part) == (3, True, 2, 2)
    assert held(analyst) == [("P1", "a", "down"), ("P2", "a", "up"), ("P2", "b", "up")]
    assert analyst.add(grown, sent(b"1")) == type(stored)(3, 3, False)
    fewer = answers((OCTOBER, "P2", "a", "up"))
    assert analyst.add(fewer, sent(b"1")).part == 3  # read in another way: the month of P2 has one answer
    assert held(analyst) == [("P1", "a", "down"), ("P2", "a", "up")]


def test_a_month_that_was_taken_back_has_no_answers(analyst):
    analyst.add(answers(*((OCTOBER, park, item, "up") for park in ("P1", "P2") for item in "ab")), sent(b"1"))
    back = answers()
    back.accepted = withdrawn(pl.DataFrame({"questionnaire_id": ["monthly"], "period": [OCTOBER], "park_id": ["P1"]}))
    seen = analyst.preview(back)
    assert (seen.n_new, seen.n_changed, seen.n_identical, seen.n_removed) == (0, 0, 0, 2)
    number = analyst.add(back, sent(b"2")).upload_id
    assert held(analyst) == [("P2", "a", "up"), ("P2", "b", "up")]
    assert not analyst.add(back, sent(b"2")).is_new
    analyst.undo(number)
    assert len(held(analyst)) == 4


def test_members_and_figures(store, analyst):
    member = {"body": "association", "member_id": "M1", "name_zh": "甲", "joined_on": OCTOBER, "is_synthetic": False}
    figure = {"city_id": "beijing", "territory": "", "indicator_id": "gdp", "period": "2025", "definition": ""}
    figure |= {"value": 1.5, "is_synthetic": False}
    for dataset, row in (("members", member), ("figures", figure)):
        analyst.add(SimpleNamespace(dataset=dataset, accepted=pl.DataFrame([row])), sent(dataset.encode()))
        [kept] = getattr(analyst, dataset)().collect().rows(named=True)
        assert kept == dict.fromkeys(kept) | row
    local = store.for_viewer(Viewer("li", Role.ANALYST, Scope(frozenset({"110105"}))))
    with pytest.raises(AccessError, match=r"access\.outside_scope"):
        local.add(SimpleNamespace(dataset="members", accepted=pl.DataFrame([member])), sent(b"3"))


def test_a_store_opened_again_has_everything_and_opens_fast(settings, store, analyst):
    analyst.add(answers((OCTOBER, "P1", "a", "up")), sent(b"1"))
    started = time.process_time()
    with contextlib.closing(Store.open(settings, PARKS)) as again:
        assert time.process_time() - started < 1.5
        assert held(again.for_viewer(ANALYST)) == [("P1", "a", "up")]


def test_a_restored_store_does_not_show_snapshots_of_the_lost_future(tmp_path):
    settings = make_settings(tmp_path)
    file = tmp_path / "parkpulse.db"
    with contextlib.closing(Store.open(settings, PARKS)) as store:
        store.for_viewer(ANALYST).add(events("E1"), sent(b"1"))
        assert store.for_viewer(ANALYST).events().collect().height == 1
    file.unlink()
    with contextlib.closing(Store.open(settings, PARKS)) as store:
        store.for_viewer(ANALYST).add(events("E9"), sent(b"2"))
        assert store.for_viewer(ANALYST).events().collect()["event_id"].to_list() == ["E9"]


def test_a_failure_in_mid_transaction_leaves_nothing(store, analyst, monkeypatch):
    def broken(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("data.records.set_revision", broken)
    with pytest.raises(StoreError, match="No space left"):
        analyst.add(events("E1"), sent(b"1"))
    monkeypatch.undo()
    assert (analyst.revision(), analyst.uploads().height, analyst.events().collect().height) == (0, 0, 0)
    assert analyst.add(events("E1"), sent(b"1")).is_new


def test_a_disk_that_fills_up_while_rows_are_written_leaves_nothing(settings, store, analyst):
    if settings.database_url.startswith("postgresql"):
        pytest.skip("The server's disk is not ours to fill.")
    with store._engines.write.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count={pages + 5}")
    with pytest.raises(StoreError, match=r"disk is full.*unchanged|cannot be read and written .*full"):
        analyst.add(events(*(f"E{n}" for n in range(20_000))), sent(b"1"))
    assert (analyst.revision(), analyst.uploads().height, analyst.audit().height) == (0, 0, 0)


def test_any_text_comes_back_as_it_was(analyst, database):
    texts = ["", "\\N", "\\.", "a\tb", "a\nb\r\n\\.\n", '"', "'", ",", "\\", "\U00020000", "é", "x" * 5_000, " a "]
    rows = pl.DataFrame({"enterprise_id": [f"E{n:02}" for n in range(len(texts) + 1)], "name": [*texts, None]})
    checked = SimpleNamespace(dataset="enterprises", accepted=rows.with_columns(is_synthetic=False))
    analyst.add(checked, sent(b"1"))
    assert analyst.enterprises().collect()["name"].to_list() == [*texts, None]
    assert not analyst.add(checked, sent(b"1")).is_new
    rows = rows.with_columns(name=pl.lit("a\x00b"), is_synthetic=False)
    if database.startswith("postgresql"):
        with pytest.raises(StoreError, match="0x00"):
            analyst.add(SimpleNamespace(dataset="enterprises", accepted=rows), sent(b"2"))
        assert analyst.uploads().height == 1


def test_large_uploads_are_quick(store, analyst):
    """In processor time, so that a busy machine does not fail it."""
    n = 10_000
    firms = pl.DataFrame({"enterprise_id": [f"E{i:05d}" for i in range(n)]}).with_columns(
        city_id=pl.lit("beijing"), district_code=pl.lit("110105"), lon=116.4, lat=39.9, industry_code=pl.lit("87"),
        opened_on=OCTOBER, employees=12, status=pl.lit("active"), is_synthetic=True,
    )  # fmt: skip
    months = pl.date_range(date(2022, 1, 1), date(2029, 6, 1), "1mo", eager=True).alias("period").to_frame()
    some_parks = pl.DataFrame({"park_id": [f"P{i:03d}" for i in range(100)]})
    items = pl.DataFrame({"item_id": [f"item_{i}" for i in range(10)]})
    rows = months.join(some_parks, how="cross").join(items, how="cross").with_columns(
        questionnaire_id=pl.lit("monthly"), answer=pl.lit("up"), is_synthetic=True
    )  # fmt: skip
    assert rows.height == 90_000
    for dataset, frame, limit in (("enterprises", firms, 1.5), ("answers", rows, 3.0)):
        started = time.process_time()
        analyst.add(SimpleNamespace(dataset=dataset, accepted=frame), sent(dataset.encode()))
        assert time.process_time() - started < limit
    assert analyst.answers().collect().height == 90_000
