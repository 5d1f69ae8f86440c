"""Rights: who may store, and whose rows each viewer gets."""

from __future__ import annotations

import contextlib
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from data.access import DEMO_VIEWERS, Role, Scope, Viewer
from data.schema import TABLES, columns
from data.settings import Settings
from data.store import AccessError, Provenance, Store

ANALYST = DEMO_VIEWERS["analyst"]
OCTOBER, NOVEMBER = date(2026, 10, 1), date(2026, 11, 1)
PARKS = pl.DataFrame(
    {
        "park_id": ["P1", "P2", "P3"],
        "name_zh": ["甲园", "乙园", "丙园"],
        "name_en": ["One", "Two", "Three"],
        "city_id": ["beijing", "beijing", "shanghai"],
        "district_code": ["110105", "110106", "310104"],
        "area_m2": [10.0, None, 30.0],
    }
)


def answers(*rows, synthetic=False):
    full = [("monthly", period, park, item, answer, synthetic) for period, park, item, answer in rows]
    frame = pl.DataFrame(full, schema=columns(TABLES["answers"]), orient="row")
    return SimpleNamespace(dataset="answers", accepted=frame)


def events(*ids, mode="online", synthetic=False):
    frame = pl.DataFrame({"event_id": ids}).with_columns(date=OCTOBER, mode=pl.lit(mode), is_synthetic=synthetic)
    return SimpleNamespace(dataset="events", accepted=frame)


def parks(*ids, district="110105"):
    frame = pl.DataFrame({"park_id": ids}).with_columns(
        city_id=pl.lit("beijing"), district_code=pl.lit(district), is_synthetic=True
    )
    return SimpleNamespace(dataset="parks", accepted=frame)


def sent(data: bytes, name="f.csv"):
    return Provenance(name, data, "ann", "first try")


def held(scoped):
    return scoped.answers().sort("period", "park_id", "item_id").select("park_id", "item_id", "answer").collect().rows()


def make_settings(home, url=None):
    return Settings(Path(home), url or f"sqlite:///{home / 'parkpulse.db'}", 8501, "127.0.0.1", "demo")


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


def test_parks_are_the_register_and_the_additions(analyst):
    analyst.add(parks("P1", "P4", district="110101"), sent(b"1"))
    seen = analyst.parks().sort("park_id").collect()
    assert seen.select("park_id", "district_code", "area_m2", "is_synthetic").rows() == [
        ("P1", "110105", 10.0, False),  # the shipped row stays
        ("P2", "110106", None, False),
        ("P3", "310104", 30.0, False),
        ("P4", "110101", None, True),
    ]


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
