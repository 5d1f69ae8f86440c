"""Entries of registers: added, changed, retired, taken back; every change told cell by cell."""

from __future__ import annotations

import contextlib
from datetime import date

import polars as pl
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from data import registry
from data.access import DEMO_VIEWERS, Role, Scope, Viewer
from data.current_registers import registers
from data.entries import entry, entry_file_name
from data.keys import KEYS
from data.store import AccessError, ConflictError, Store, StoreError
from tests.data.rows_to_store import PARKS, answers, make_settings, sent

TODAY = date(2026, 11, 22)
FIRST, SECOND = date(2026, 10, 1), date(2026, 11, 1)
MEMBER = {"body": "association", "member_id": "001", "name_zh": "甲会员"}
# one entry of each register, in an order in which everything they refer to is there, and a change of it
ENTRIES = {
    "events": (
        {"event_id": "E1", "date": FIRST, "programme_id": "training", "city_id": "beijing"},
        {"title": "开放日"},
    ),
    "enterprises": ({"enterprise_id": "F1", "city_id": "beijing", "status": "active"}, {"employees": 12}),
    "parks": ({"park_id": "P7", "name_zh": "新园", "city_id": "beijing", "district_code": "110105"}, {"grade": "市级"}),
    "members": (MEMBER, {"left_on": SECOND}),
    "figures": (
        {"city_id": "beijing", "territory": "", "indicator_id": "gdp", "period": "2025", "definition": "", "value": 1.5}
        | {"unit": "CNY", "source_title": "年鉴"},
        {"value": 2.5},
    ),
    "programmes": ({"programme_id": "salon", "name_zh": "沙龙"}, {"organiser": "协会"}),
    "partners": ({"partner_id": "A1", "name_en": "Acme", "partner_type": "media"}, {"tags": "design"}),
    "offers": ({"offer_id": "O1", "partner_id": "A1", "title": "设计", "tags": "design"}, {"until": date(2028, 1, 1)}),
    "needs": ({"need_id": "N1", "park_id": "P1", "title": "改造", "tags": "design"}, {"stage": "both"}),
    "followups": ({"need_id": "N1", "offer_id": "O1", "date": FIRST, "status": "meeting"}, {"status": "signed"}),
    "documents": (
        {"document_id": "D1", "title": "办法", "issuer": "市", "level": "municipal", "link": "https://a.example"},
        {"summary": "摘要"},
    ),
    "publications": ({"channel": "wechat", "period": FIRST, "kind": "article", "n": 20}, {"reads": 500}),
    "scorecards": ({"park_id": "P1", "year": 2025, "share_production": 35.0}, {"services": "canteen;legal"}),
}
RETIRED = tuple(name for name in ENTRIES if name not in ("enterprises", "figures"))
NEEDED = {"offers": ("partners",), "followups": ("partners", "offers", "needs")}  # what they refer to


def put(store, dataset, values, **more):
    return entry(store, dataset, values, registers(store), TODAY, "ann", **more)


def key_of(dataset, values):
    return {name: values[name] for name in KEYS[dataset]}


def stored(result):
    assert result.checked.rejected.is_empty(), result.checked.rejected
    assert result.stored is not None
    return result.stored


def test_every_register_takes_entries_changes_and_undo(analyst):
    for dataset, (first, change) in ENTRIES.items():
        key = key_of(dataset, first)
        assert stored(put(analyst, dataset, first)).is_new
        as_first = analyst.stored_entry(dataset, key)
        assert {name: as_first[name] for name in first} == first
        changed = stored(put(analyst, dataset, key | change))
        now = analyst.stored_entry(dataset, key)
        assert {name: cell for name, cell in now.items() if as_first[name] != cell} == change  # all else stays
        analyst.undo(changed.upload_id)
        assert analyst.stored_entry(dataset, key) == as_first
    assert set(ENTRIES) == set(KEYS) - {"answers"}


@pytest.mark.parametrize("dataset", RETIRED)
def test_an_entry_is_retired_with_a_reason_and_never_deleted(analyst, dataset):
    for name in (*NEEDED.get(dataset, ()), dataset):
        put(analyst, name, ENTRIES[name][0])
    key = key_of(dataset, ENTRIES[dataset][0])
    number = stored(put(analyst, dataset, key, retire="重复")).upload_id
    row = analyst.stored_entry(dataset, key)
    assert (row["retired_on"], row["retired_reason"]) == (TODAY, "重复")
    assert analyst.entries(dataset).filter(*(pl.col(n) == v for n, v in key.items())).collect().height == 1
    told = analyst.entry_history(dataset, key).filter(pl.col("upload_id") == number)
    assert set(told.select("column", "before", "after").rows()) == {
        ("retired_on", None, "2026-11-22"),
        ("retired_reason", None, "重复"),
    }
    back = put(analyst, dataset, key | {"retired_on": None, "retired_reason": None})
    assert stored(back).is_new
    assert analyst.stored_entry(dataset, key)["retired_on"] is None


def test_a_shipped_entry_is_changed_where_it_differs(analyst):
    shipped = registry.programmes().filter(pl.col("programme_id") == "training").row(0, named=True)
    number = stored(put(analyst, "programmes", {"programme_id": "training", "organiser": "培训部"})).upload_id
    now = analyst.programmes().filter(pl.col("programme_id") == "training").collect().row(0, named=True)
    assert now["organiser"] == "培训部"
    assert now["source_title"] == shipped["source_title"]
    assert (now["origin"], now["is_synthetic"]) == ("stored", False)
    told = analyst.entry_history("programmes", {"programme_id": "training"})
    assert told.select("upload_id", "status", "column", "before", "after").rows() == [
        (number, "active", "organiser", None, "培训部")
    ]
    name = stored(put(analyst, "programmes", {"programme_id": "training", "name_en": "Courses"})).upload_id
    analyst.undo(number)
    now = analyst.programmes().filter(pl.col("programme_id") == "training").collect().row(0, named=True)
    assert (now["organiser"], now["name_en"]) == ("培训部", "Courses")  # the newer entry holds the older cell too
    analyst.undo(name)
    now = analyst.programmes().filter(pl.col("programme_id") == "training").collect().row(0, named=True)
    assert (now["organiser"], now["origin"]) == (shipped["organiser"], "register")


def test_a_part_of_a_position_takes_the_other_along(analyst):
    place = {"lon": 116.49, "lat": 39.98, "coord_system": "WGS84"}
    half = put(analyst, "parks", {"park_id": "P1", "lon": 116.49, "coord_system": "WGS84"})
    assert half.stored is None
    assert half.checked.rejected.select("column", "rule").rows() == [("lat", "half_position")]
    stored(put(analyst, "parks", {"park_id": "P1"} | place))
    stored(put(analyst, "parks", {"park_id": "P1", "lat": 39.97}))
    now = analyst.stored_entry("parks", {"park_id": "P1"})
    assert {name: now[name] for name in place} == place | {"lat": 39.97}
    assert put(analyst, "parks", {"park_id": "P1", "lat": None}).checked.rejected["rule"].to_list() == ["half_position"]
    stored(put(analyst, "parks", {"park_id": "P1"} | dict.fromkeys(place)))
    assert analyst.stored_entry("parks", {"park_id": "P1"})["lon"] is None


def test_only_a_place_of_its_own_is_taken_along(shipped):
    analyst = shipped
    near = put(analyst, "parks", {"park_id": "BJ-018", "lon": 116.49, "coord_system": "WGS84"})
    assert near.checked.rejected.select("column", "rule").rows() == [("lat", "half_position")]
    site = registry.parks().filter(pl.col("park_id") == "RU-001").row(0, named=True)
    stored(put(analyst, "parks", {"park_id": "RU-001", "lon": 7.05}))
    now = analyst.stored_entry("parks", {"park_id": "RU-001"})
    assert (now["lon"], now["lat"], now["coord_system"]) == (7.05, site["lat"], "WGS84")
    stored(put(analyst, "parks", {"park_id": "RU-002", "grade": "x"}))
    assert analyst.stored_entry("parks", {"park_id": "RU-002"})["lon"] is None


def test_going_back_to_an_old_state_is_a_new_entry_and_the_same_again_is_none(analyst):
    put(analyst, "members", MEMBER)
    for name in ("乙", "甲会员", "乙"):
        assert stored(put(analyst, "members", MEMBER | {"name_zh": name})).is_new
    assert put(analyst, "members", MEMBER | {"name_zh": "乙"}).stored is None
    told = analyst.entry_history("members", {"body": "association", "member_id": "001"})
    changes = told.filter(pl.col("column") == "name_zh").select("before", "after").rows()
    assert changes == [("甲会员", "乙"), ("乙", "甲会员"), ("甲会员", "乙"), (None, "甲会员")]
    assert told["at"].is_sorted(descending=True)


def test_history_tells_undo_and_redo(analyst):
    put(analyst, "members", MEMBER)
    number = stored(put(analyst, "members", MEMBER | {"province": "北京市"})).upload_id
    analyst.undo(number)
    analyst.redo(number)
    told = analyst.entry_history("members", {"body": "association", "member_id": "001"})
    assert told.filter(pl.col("column") == "province").select("status", "before", "after").rows() == [
        ("active", None, "北京市"),
        ("undone", "北京市", None),
        ("active", None, "北京市"),
    ]
    assert set(told["who"]) == {"demo-analyst"}
    assert analyst.entry_history("members", {"body": "alliance", "member_id": "001"}).is_empty()


def test_a_broken_rule_stores_nothing(analyst):
    put(analyst, "members", MEMBER)
    before = analyst.revision()
    bad = put(analyst, "members", MEMBER | {"joined_on": SECOND, "left_on": FIRST})
    assert bad.stored is None
    assert bad.checked.rejected["rule"].to_list() == ["left_before_joined"]
    assert put(analyst, "offers", ENTRIES["offers"][0]).checked.rejected["rule"].to_list() == ["unknown_partner"]
    assert put(analyst, "members", MEMBER, retire="").checked.rejected["rule"].to_list() == ["retired_without_reason"]
    assert analyst.revision() == before


def test_what_is_odd_against_the_store_is_told(analyst):
    for name in ("partners", "offers", "needs", "followups"):
        put(analyst, name, ENTRIES[name][0] | ({"status": "signed"} if name == "followups" else {}))
    step = {"need_id": "N1", "offer_id": "O1", "date": SECOND, "status": "contacted"}
    result = put(analyst, "followups", step)
    assert stored(result).is_new
    assert result.checked.warnings["rule"].to_list() == ["back_from_signed"]


@pytest.mark.parametrize("name", ["leadership", "official"])
def test_only_analysts_edit(store, analyst, name):
    scoped = store.for_viewer(DEMO_VIEWERS[name])
    for attempt in (
        lambda: put(scoped, "members", MEMBER),
        lambda: scoped.stored_entry("members", {"body": "association", "member_id": "001"}),
        lambda: scoped.entry_history("members", {"body": "association", "member_id": "001"}),
    ):
        with pytest.raises(AccessError) as caught:
            attempt()
        assert caught.value.reason == "access.edit_needs_analyst"
    assert analyst.audit()["what"].to_list() == ["refused"] * 3


def test_a_local_analyst_edits_and_reads_the_own_districts_only(store, analyst):
    local = store.for_viewer(Viewer("li", Role.ANALYST, Scope(frozenset({"110105"}))))
    need = {"need_id": "N1", "park_id": "P1", "title": "改造", "tags": "design"}
    foreign = need | {"need_id": "N2", "park_id": "P2"}
    put(analyst, "needs", need)
    put(analyst, "needs", foreign)
    assert stored(put(local, "needs", need | {"title": "节能"})).is_new
    assert stored(put(local, "parks", {"park_id": "P1", "grade": "市级"})).is_new
    assert local.entry_history("needs", {"need_id": "N1"}).height
    for attempt in (
        lambda: put(local, "needs", foreign | {"title": "节能"}),
        lambda: put(local, "needs", foreign | {"park_id": "P1"}),
        lambda: put(local, "parks", {"park_id": "P2", "district_code": "110105"}),
        lambda: local.entry_history("needs", {"need_id": "N2"}),
    ):
        with pytest.raises(AccessError, match=r"access\.outside_scope"):
            attempt()


def test_a_change_by_others_since_is_a_conflict(analyst):
    put(analyst, "members", MEMBER)
    seen = analyst.revision_of("members")
    put(analyst, "members", MEMBER | {"province": "北京市"})
    with pytest.raises(ConflictError):
        put(analyst, "members", MEMBER | {"province": "天津市"}, seen=seen)
    assert analyst.stored_entry("members", {"body": "association", "member_id": "001"})["province"] == "北京市"


def test_the_entry_is_a_file_like_any(analyst):
    number = stored(put(analyst, "members", MEMBER, note="电话核实")).upload_id
    name, data = analyst.original(number)
    assert name == "entry-members-association-001.csv"
    assert data.decode("utf-8-sig").splitlines()[2].startswith("001,甲会员,")
    upload = analyst.uploads().row(0, named=True)
    assert (upload["uploader"], upload["note"], upload["n_rows"]) == ("ann", "电话核实", 1)
    assert analyst.audit_intact()
    assert "/" not in entry_file_name("members", {"body": "association", "member_id": "../x"})


@pytest.mark.parametrize(
    ("dataset", "values", "retire", "told"),
    [
        ("answers", {}, None, "no entries of answers"),
        ("wages", {}, None, "no entries of wages"),
        ("members", {"body": "association"}, None, "needs member_id"),
        ("members", MEMBER | {"colour": "red"}, None, "have no colour"),
        ("enterprises", {"enterprise_id": "F1"}, "alt", "not retired"),
    ],
)
def test_what_cannot_be_an_entry(analyst, dataset, values, retire, told):
    with pytest.raises(StoreError, match=told):
        put(analyst, dataset, values, retire=retire)


def test_history_needs_the_whole_key(analyst):
    with pytest.raises(StoreError, match="body, member_id"):
        analyst.entry_history("members", {"member_id": "001"})


def test_answers_of_other_districts_have_no_history(store, analyst):
    analyst.add(answers((FIRST, "P1", "a", "up"), (FIRST, "P2", "a", "up")), sent(b"1"))
    local = store.for_viewer(Viewer("li", Role.ANALYST, Scope(frozenset({"110105"}))))
    key = {"questionnaire_id": "monthly", "period": FIRST, "item_id": "a"}
    assert local.entry_history("answers", key | {"park_id": "P1"}).height
    with pytest.raises(AccessError, match=r"access\.outside_scope"):
        local.entry_history("answers", key | {"park_id": "P2"})


@pytest.fixture
def shipped(tmp_path):
    """An analyst with the register of parks as it is shipped."""
    with contextlib.closing(Store.open(make_settings(tmp_path))) as store:
        yield store.for_viewer(DEMO_VIEWERS["analyst"])


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    with contextlib.closing(Store.open(make_settings(tmp_path_factory.mktemp("world")), PARKS)) as store:
        yield store.for_viewer(DEMO_VIEWERS["analyst"])


EDITS = st.lists(
    st.tuples(
        st.sampled_from(["P1", "P2", "P8"]),
        st.dictionaries(st.sampled_from(["operator", "grade", "former_use"]), st.sampled_from(["甲", "乙", None])),
    ),
    min_size=1,
    max_size=6,
)


def state(store):
    return store.parks().sort("park_id").collect()


@given(EDITS, st.randoms(use_true_random=False))
@hypothesis_settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_edits_and_their_undo_in_any_order_give_the_former_state(world, edits, chance):
    before, uploads, expected = state(world), [], dict[str, dict[str, object]]()
    for park_id, cells in edits:
        values = {"park_id": park_id, "name_zh": f"园{park_id}", "city_id": "beijing", "district_code": "110105"}
        result = put(world, "parks", values | cells)
        uploads += [] if result.stored is None else [result.stored.upload_id]
        expected[park_id] = expected.get(park_id, {}) | cells
    after = state(world)
    for park_id, cells in expected.items():
        row = after.filter(pl.col("park_id") == park_id).row(0, named=True)
        assert {name: row[name] for name in cells} == cells
    chance.shuffle(uploads)
    for number in uploads:
        world.undo(number)
    assert state(world).equals(before)
    for number in chance.sample(uploads, len(uploads)):
        world.redo(number)
    assert state(world).equals(after)
    for number in uploads:
        world.undo(number)
