"""The store against a plain model: uploads, corrections, undo, redo and every past state, in any order."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import polars as pl
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from data.access import DEMO_VIEWERS
from data.settings import Settings
from data.store import ConflictError, Provenance, Store, StoreError

PARKS = pl.DataFrame({"park_id": ["P1"], "city_id": ["beijing"], "district_code": ["110105"]})
SCHEMA = {"questionnaire_id": pl.String, "period": pl.Date, "park_id": pl.String}
SCHEMA |= {"item_id": pl.String, "answer": pl.String, "is_synthetic": pl.Boolean}
UNITS = [(date(2026, month, 1), park) for month in (9, 10) for park in ("P1", "P2", "P3")]
MONTHS = st.dictionaries(st.sampled_from("ab"), st.sampled_from(["up", "same", "down"]), max_size=2)
FILES = st.dictionaries(st.sampled_from(UNITS), MONTHS, min_size=1, max_size=4)


def checked(file):
    """The file as rows; a month without answers was taken back."""
    rows = []
    for (period, park), month in file.items():
        for item, answer in (month or {"*": "withdrawn"}).items():
            rows.append(("monthly", period, park, item, answer, False))
    return SimpleNamespace(dataset="answers", accepted=pl.DataFrame(rows, schema=SCHEMA, orient="row"))


def held(frame):
    """Rows as the model has them: unit -> item -> answer."""
    state = {}
    for period, park, item, answer in frame.select("period", "park_id", "item_id", "answer").collect().iter_rows():
        state.setdefault((period, park), {})[item] = answer
    return state


class StoreMachine(RuleBasedStateMachine):
    """The model: every upload with its months, whether it counts, and the bytes it came in."""

    def __init__(self):
        super().__init__()
        self.home = Path(tempfile.mkdtemp(prefix="machine-"))
        self.uploads: dict[int, dict] = {}
        self.past: list[dict] = []
        self.n_changes = 0

    @initialize()
    def open(self):
        url = f"sqlite:///{self.home}/p.db"
        self.store = Store.open(Settings(self.home, url, 8501, "127.0.0.1", "demo"), PARKS)
        self.analyst = self.store.for_viewer(DEMO_VIEWERS["analyst"])

    def teardown(self):
        with contextlib.suppress(AttributeError):
            self.store.close()
        shutil.rmtree(self.home)

    def state(self, data=None):
        """The newest active upload of each unit, of all uploads or of those of the same bytes."""
        months = {}
        for number in sorted(self.uploads):
            one = self.uploads[number]
            if one["counts"] and data in (None, one["data"]):
                months |= one["months"]
        return months

    def changed(self):
        self.n_changes += 1
        self.past.append(self.state())

    @rule(file=FILES, data=st.sampled_from([b"1", b"2", b"3", b"4"]), since=st.integers(0, 3))
    def upload(self, file, data, since):
        before = self.state(data)
        new = {unit: month for unit, month in file.items() if before.get(unit) != month}
        seen = max(0, self.n_changes - since)
        touched = set().union(*(one["months"] for one in self.uploads.values() if one["changed"] > seen))
        try:
            stored = self.analyst.add(checked(file), Provenance("f.csv", data, "ann"), seen)
        except ConflictError as error:
            found = set(error.changes.select("period", "park_id").iter_rows())
            assert found == touched & set(new) != set()
            return
        assert not touched & set(new)
        assert stored.is_new == bool(new)
        if new:
            assert stored.n_rows == sum(max(1, len(month)) for month in new.values())
            self.changed_upload(stored.upload_id, {"months": new, "data": data, "counts": True})

    @precondition(lambda self: self.uploads)
    @rule(pick=st.integers(0, 50))
    def undo(self, pick):
        number = sorted(self.uploads)[pick % len(self.uploads)]
        assert self.analyst.undo(number) == self.n_changes + self.uploads[number]["counts"]
        if self.uploads[number]["counts"]:
            self.changed_upload(number, {**self.uploads[number], "counts": False})

    @precondition(lambda self: self.uploads)
    @rule(pick=st.integers(0, 50))
    def redo(self, pick):
        number = sorted(self.uploads)[pick % len(self.uploads)]
        one = self.uploads[number]
        try:
            self.analyst.redo(number)
        except StoreError:
            same = [o for n, o in self.uploads.items() if n != number and o["data"] == one["data"] and o["counts"]]
            assert not one["counts"]
            assert same
            return
        if not one["counts"]:
            self.changed_upload(number, {**one, "counts": True})

    def changed_upload(self, number, one):
        self.uploads[number] = one | {"changed": self.n_changes + 1}
        self.changed()

    @invariant()
    def the_store_has_what_the_model_has(self):
        if not hasattr(self, "analyst"):
            return
        assert self.analyst.revision() == self.n_changes
        assert held(self.analyst.answers()) == {unit: month for unit, month in self.state().items() if month}

    @precondition(lambda self: self.past)
    @rule(pick=st.integers(0, 50))
    def look_back(self, pick):
        changes = self.analyst.history().sort("revision")
        assert changes["revision"].to_list() == list(range(1, self.n_changes + 1))
        place = pick % self.n_changes
        seen = held(self.analyst.as_of("answers", changes["at"][place]))
        assert seen == {unit: month for unit, month in self.past[place].items() if month}
        assert self.analyst.audit_intact()
        assert self.analyst.audit().height == self.n_changes


TestStoreMachine = StoreMachine.TestCase
TestStoreMachine.settings = settings(
    max_examples=20, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
