"""Rights: who may store, and whose rows each viewer gets."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from types import SimpleNamespace

import polars as pl
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from data.access import DEMO_VIEWERS, Role, Scope, Viewer
from data.store import AccessError, Store, StoreError
from tests.data.rows_to_store import NOVEMBER, OCTOBER, PARKS, answers, events, held, make_settings, parks, sent

ANALYST = DEMO_VIEWERS["analyst"]


@pytest.mark.parametrize("name", ["leadership", "official"])
def test_who_may_not_upload(settings, store, name):
    scoped = store.for_viewer(DEMO_VIEWERS[name])
    for attempt in (
        lambda: scoped.add(events("E1"), sent(b"1")),
        lambda: scoped.preview(events("E1")),
        lambda: scoped.undo(1),
        scoped.remove_synthetic,
    ):
        with pytest.raises(AccessError) as caught:
            attempt()
        assert caught.value.reason == "access.upload_needs_analyst"
    assert (scoped.revision(), list((settings.home / "raw").iterdir())) == (0, [])


def test_parks_are_the_register_with_what_is_stored_over_it(analyst):
    number = analyst.add(parks("P1", "P4", district="110101"), sent(b"1")).upload_id
    shown = ("park_id", "name_zh", "district_code", "area_m2", "is_synthetic", "origin")
    shipped = [
        ("P1", "甲园", "110105", 10.0, False, "register"),
        ("P2", "乙园", "110106", None, False, "register"),
        ("P3", "丙园", "310104", 30.0, False, "register"),
    ]
    assert (
        analyst.parks().sort("park_id").collect().select(shown).rows()
        == [
            ("P1", "甲园", "110101", 10.0, True, "stored"),  # an empty stored cell leaves the shipped one
            *shipped[1:],
            ("P4", None, "110101", None, True, "stored"),
        ]
    )
    analyst.undo(number)
    assert analyst.parks().sort("park_id").collect().select(shown).rows() == shipped


def needs(*rows):
    frame = pl.DataFrame(rows, ["need_id", "park_id", "enterprise_name", "title"], orient="row")
    return SimpleNamespace(dataset="needs", accepted=frame.with_columns(is_synthetic=pl.lit(True)))


def followups(*rows):
    frame = pl.DataFrame(rows, ["need_id", "offer_id", "note"], orient="row")
    frame = frame.with_columns(date=OCTOBER, status=pl.lit("contacted"), is_synthetic=pl.lit(True))
    return SimpleNamespace(dataset="followups", accepted=frame)


def test_needs_are_as_confidential_as_answers(store, analyst):
    analyst.add(
        needs(("N1", "P1", "甲企业", "设计"), ("N2", "P2", "乙企业", "展览"), ("N3", "P9", None, "无名")), sent(b"1")
    )
    analyst.add(followups(("N1", "O1", "打电话"), ("N2", "O1", "写信")), sent(b"2"))
    local = store.for_viewer(Viewer("li", Role.ANALYST, Scope(frozenset({"110105"}))))
    shown = {}
    for name, viewer in DEMO_VIEWERS.items():
        scoped = store.for_viewer(viewer)
        shown[name] = scoped.needs().sort("need_id").select("need_id", "enterprise_name").collect().rows()
        assert scoped.needs().collect_schema() == analyst.needs().collect_schema()
        notes = scoped.followups().collect()["note"].drop_nulls().len()
        assert notes == (2 if name == "analyst" else 0)
    assert shown["analyst"] == [("N1", "甲企业"), ("N2", "乙企业"), ("N3", None)]
    assert shown["leadership"] == [("N1", None), ("N2", None), ("N3", None)]
    assert shown["official"] == [("N1", None)]
    assert local.needs().select("enterprise_name").collect().rows() == [("甲企业",)]
    assert local.followups().select("need_id").collect().rows() == [("N1",)]
    assert local.as_of("needs", datetime.now(UTC)).collect().height == 1
    assert local.preview(needs(("N2", "P1", None, "设计"))).n_new == 1  # what it is not shown does not exist for it


def test_free_text_of_needs_and_followups_is_for_analysts_only(store, analyst):
    """Why an entry was retired is free text: it can name the enterprise as the note can."""
    retired = {"retired_on": pl.lit(OCTOBER), "retired_reason": pl.lit("甲企业迁出")}
    for data, file in ((b"1", needs(("N1", "P1", "甲企业", "设计"))), (b"2", followups(("N1", "O1", "打电话")))):
        analyst.add(SimpleNamespace(dataset=file.dataset, accepted=file.accepted.with_columns(**retired)), sent(data))
    for name, viewer in DEMO_VIEWERS.items():
        scoped = store.for_viewer(viewer)
        for dataset, text in (("needs", "enterprise_name"), ("followups", "note")):
            row = scoped.entries(dataset).select(text, "retired_reason", "retired_on").collect().row(0)
            assert (row[:2] == (None, None)) is (name != "analyst")
            assert row[2] == OCTOBER  # that it is retired is told
            assert scoped.entries(dataset).collect_schema() == analyst.entries(dataset).collect_schema()


def test_nobody_draws_an_entry_of_another_district_into_the_own_one(store, analyst):
    """A need, a follow-up, a scorecard or a park: what is stored of it decides as well as what the row says."""
    analyst.add(needs(("N1", "P1", None, "设计"), ("N2", "P2", None, "展览")), sent(b"1"))
    analyst.add(with_district(events("E2"), "110106"), sent(b"1"))
    local = store.for_viewer(Viewer("li", Role.ANALYST, Scope(frozenset({"110105"}))))
    card = pl.DataFrame({"park_id": ["P2"], "year": [2025], "is_synthetic": [False]})
    for foreign in (
        needs(("N2", "P1", None, "展览")),
        needs(("N9", "P2", None, "展览")),
        followups(("N2", "O1", None)),
        followups(("N7", "O1", None)),
        SimpleNamespace(dataset="scorecards", accepted=card),
        parks("P2", district="110105"),
        with_district(events("E2"), "110105"),
        SimpleNamespace(dataset="programmes", accepted=pl.DataFrame({"programme_id": ["x"], "is_synthetic": [False]})),
    ):
        with pytest.raises(AccessError, match=r"access\.outside_scope"):
            local.add(foreign, sent(b"2"))
    assert local.add(needs(("N1", "P1", None, "改名")), sent(b"3")).is_new
    assert local.add(parks("P1"), sent(b"4")).is_new
    assert local.add(
        SimpleNamespace(dataset="scorecards", accepted=card.with_columns(park_id=pl.lit("P1"))), sent(b"5")
    )


def test_answers_carry_city_and_district_and_the_official_sees_one_district(store, analyst):
    analyst.add(parks("P4"), sent(b"1"))
    analyst.add(answers(*((OCTOBER, park, "a", "up") for park in ("P1", "P2", "P3", "P4", "P9"))), sent(b"2"))
    places = analyst.answers().select("park_id", "city_id", "district_code").sort("park_id").collect().rows()
    assert places == [
        ("P1", "beijing", "110105"),
        ("P2", "beijing", "110106"),
        ("P3", "shanghai", "310104"),
        ("P4", "beijing", "110105"),
        ("P9", None, None),
    ]
    assert [row[0] for row in held(store.for_viewer(DEMO_VIEWERS["official"]))] == ["P1", "P4"]
    assert len(held(store.for_viewer(DEMO_VIEWERS["leadership"]))) == 5


def test_a_restricted_analyst_stores_and_undoes_own_districts_only(store, analyst):
    local = store.for_viewer(Viewer("li", Role.ANALYST, Scope(frozenset({"110105"}))))
    own, foreign = answers((OCTOBER, "P1", "a", "up")), answers((OCTOBER, "P1", "a", "up"), (OCTOBER, "P2", "a", "up"))
    number = local.add(own, sent(b"1")).upload_id
    everybody = analyst.add(foreign, sent(b"2")).upload_id
    unknown, undistricted = answers((OCTOBER, "P9", "a", "up")), events("E1")
    for attempt in (
        lambda: local.add(foreign, sent(b"3")),
        lambda: local.add(unknown, sent(b"4")),
        lambda: local.add(parks("P7", district="110101"), sent(b"5")),
        lambda: local.undo(everybody),
    ):
        with pytest.raises(AccessError, match=r"access\.outside_scope"):
            attempt()
    with pytest.raises(AccessError, match=r"access\.outside_scope"):
        local.add(with_district(undistricted, None), sent(b"6"))
    assert local.add(with_district(undistricted, "110105"), sent(b"7")).is_new
    assert local.undo(number) == 4
    assert local.preview(foreign).n_identical == 1


def with_district(checked, code):
    frame = checked.accepted.with_columns(district_code=pl.lit(code, dtype=pl.String))
    return SimpleNamespace(dataset=checked.dataset, accepted=frame)


DISTRICTS = [f"1101{n:02d}" for n in range(1, 7)]
HOMES = st.lists(st.one_of(st.none(), st.sampled_from(DISTRICTS)), min_size=12, max_size=12)
SCOPES = st.one_of(st.none(), st.frozensets(st.sampled_from([*DISTRICTS, "999999"])))


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """Twelve parks answering in two months, two of them unknown to every register."""
    settings = make_settings(tmp_path_factory.mktemp("world"))
    with contextlib.closing(Store.open(settings, PARKS)) as store:
        rows = [(month, f"W{n:02d}", item, "up") for month in (OCTOBER, NOVEMBER) for n in range(14) for item in "ab"]
        store.for_viewer(ANALYST).add(answers(*rows), sent(b"world"))
        yield store


@given(HOMES, SCOPES, st.sampled_from(list(Role)))
@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nobody_ever_gets_a_row_of_another_district(world, homes, districts, role):
    ids = [f"W{n:02d}" for n in range(12)]
    schema = {"park_id": pl.String, "city_id": pl.String, "district_code": pl.String}
    world.register = pl.DataFrame({"park_id": ids, "city_id": ["beijing"] * 12, "district_code": homes}, schema=schema)
    frame = world.for_viewer(Viewer("somebody", role, Scope(districts))).answers().collect()
    if districts is None:
        assert frame.height == 14 * 4
        return
    assert set(frame["district_code"]) <= districts
    assert set(frame["park_id"]) == {park for park, home in zip(ids, homes, strict=True) if home in districts}
    assert frame.height == 4 * frame["park_id"].n_unique()


# looks at single answers ----------------------------------------------------------------------------------------------


def looked(scoped):
    entries = scoped.audit().filter(pl.col("what") == "viewed")
    return entries.select("who", "role", "about").rows()


def test_a_look_is_audited_once_a_visit_and_person_and_breaks_no_chain(store, analyst):
    other = store.for_viewer(Viewer("li", Role.ANALYST, Scope(None)))
    visit = set()
    for scoped in (analyst, analyst, other, other):
        scoped.viewed("answers of P1: 2026-10", visit)
    analyst.viewed("answers of P1: 2026-10", set())  # the same person in another browser
    analyst.viewed("answers of P2: 2026-10", visit)
    about = "answers of P1: 2026-10"
    assert looked(analyst) == [
        ("demo-analyst", "analyst", about),
        ("li", "analyst", about),
        ("demo-analyst", "analyst", about),
        ("demo-analyst", "analyst", "answers of P2: 2026-10"),
    ]
    assert analyst.audit_intact()
    assert analyst.revision() == 0, "a look changes no figure, so nothing is computed anew"


def test_a_look_is_audited_again_the_next_day(analyst, monkeypatch):
    visit = set()
    for day in (1, 1, 2):
        monkeypatch.setattr("data.history.now", lambda day=day: datetime(2026, 11, day))
        analyst.viewed("answers of P1: 2026-10", visit)
    assert len(looked(analyst)) == 2


def test_a_look_that_cannot_be_audited_is_an_error_and_is_not_remembered(analyst, monkeypatch):
    @contextlib.contextmanager
    def closed(self):
        raise StoreError("The disk is full: nothing was stored.")
        yield

    visit = set()
    with monkeypatch.context() as patch:
        patch.setattr(type(analyst), "_writing", closed)
        with pytest.raises(StoreError, match="disk is full"):
            analyst.viewed("answers of P1: 2026-10", visit)
    assert (visit, looked(analyst)) == (set(), [])
    analyst.viewed("answers of P1: 2026-10", visit)
    assert len(looked(analyst)) == 1


def test_the_history_of_an_answer_is_a_look_and_that_of_an_event_is_none(analyst):
    analyst.add(answers((OCTOBER, "P1", "a", "up")), sent(b"1"))
    analyst.add(events("E1"), sent(b"2"))
    key = {"questionnaire_id": "monthly", "period": OCTOBER, "park_id": "P1", "item_id": "a"}
    assert analyst.entry_history("answers", key).height
    assert analyst.entry_history("events", {"event_id": "E1"}).height
    assert analyst.entry_history("answers", key | {"park_id": "P2"}).is_empty()
    assert [about for *_, about in looked(analyst)] == ["history of answers: monthly, 2026-10-01, P1, a"]
