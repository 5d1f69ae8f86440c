"""Parks that were retired: dated lists count them still, they keep their scores, and are nobody's peer."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import polars as pl
import pytest

from data import registry
from data.access import DEMO_VIEWERS
from data.current_registers import registers
from data.entries import entry
from data.settings import Settings
from data.store import Store
from pages.parts.filters import Selection
from pages.parts.parks import cached_parks, park_coverage

BEIJING = Selection("beijing")
TODAY = date(2026, 11, 22)
USED = {"BJ-001": 40.0, "BJ-002": 60.0, "BJ-004": 80.0, "BJ-005": 70.0}


@pytest.fixture
def analyst(empty):
    store = Store.open(Settings.from_environment())
    yield store.for_viewer(DEMO_VIEWERS["analyst"])
    store.close()


def put(store, dataset, values, retire=None, day=TODAY):
    found = entry(store, dataset, values, registers(store), day, "test", retire)
    assert found.checked.rejected.is_empty(), found.checked.rejected


def by_name(store):
    """fact_id -> parks on record by name."""
    rows = store.parks().filter(pl.col("city_id") == "beijing").collect()
    facts = park_coverage.published(BEIJING).to_dicts()
    return {fact["fact_id"]: park_coverage.by_name(rows, BEIJING, fact) for fact in facts}


def test_a_list_of_2020_counts_a_park_that_was_retired_later(analyst):
    before = by_name(analyst)
    assert (before["EV-037"], before["EV-038"]) == (17, 10)
    put(analyst, "parks", {"park_id": "BJ-002"}, retire="closed")
    assert by_name(analyst) == before


def test_a_park_retired_before_the_day_of_a_list_is_not_in_it(analyst):
    put(analyst, "parks", {"park_id": "BJ-002"}, retire="closed", day=date(2020, 8, 20))
    found = by_name(analyst)
    assert (found["EV-037"], found["EV-038"]) == (16, 9)
    undated = registry.events_published().filter(pl.col("fact_id") == "EV-037").row(0, named=True)
    undated |= {"as_of": "09-30 (year not stated)", "year": None}
    rows = analyst.parks().filter(pl.col("city_id") == "beijing").collect()
    assert park_coverage.by_name(rows, BEIJING, undated) == 16  # by now


def scores(store, key):
    found = cached_parks.scores.__wrapped__(key, "beijing", SimpleNamespace(store=store, key=key))
    return {row["park_id"]: (row["score"], row["peer_median"], row["n_peers"]) for row in found.to_dicts()}


def test_a_retired_park_keeps_its_scorecard_and_is_nobodys_peer(analyst):
    for park, use in USED.items():
        put(analyst, "scorecards", {"park_id": park, "year": 2025, "occupancy_pct": use, "source_title": "t"})
    before = scores(analyst, "before")
    assert before["BJ-005"] == (70.0, 60.0, 3)
    put(analyst, "parks", {"park_id": "BJ-005"}, retire="closed")
    put(analyst, "parks", {"park_id": "BJ-004"}, retire="closed")
    after = scores(analyst, "after")
    assert set(after) == set(USED)
    assert after["BJ-005"] == (70.0, None, 2)  # BJ-001 and BJ-002: too few for a median, and not BJ-004
    assert after["BJ-001"] == (40.0, None, 1)
