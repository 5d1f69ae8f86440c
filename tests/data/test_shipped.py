"""Shipped rows under stored ones: an export uploaded again is identical, nothing that is shipped is stored twice."""

from __future__ import annotations

import contextlib
import csv
import io
from datetime import UTC, datetime
from types import SimpleNamespace

import polars as pl
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from data import registry
from data.access import DEMO_VIEWERS
from data.current_registers import registers
from data.entry_files import entries_csv, entries_xlsx
from data.ingest import check
from data.overlay import REGISTER, STORED
from data.schema import TABLES, columns
from data.scoped import OVERLAID
from data.shipped import beyond, laid
from data.store import Provenance, Store, Stored
from tests.data.test_entries import ENTRIES, TODAY, put

MADE = {"csv": entries_csv, "xlsx": entries_xlsx}
SHIPPED = pl.DataFrame({"programme_id": ["a", "b", "c"], "name_zh": ["甲", "乙", None], "organiser": ["X", None, None]})
SCHEMA = columns(TABLES["programmes"])
CELL = st.sampled_from([None, "甲", "乙", "X"])
FILE = st.dictionaries(st.sampled_from("abcd"), st.tuples(CELL, CELL), min_size=1)


@pytest.fixture
def editor(settings):
    """A store of either kind with every register as it is shipped."""
    with contextlib.closing(Store.open(settings)) as opened:
        yield opened.for_viewer(DEMO_VIEWERS["analyst"])


def read(store, dataset, data, name):
    checked = check(dataset, data, name, registers(store), TODAY)
    assert checked.rejected.is_empty(), checked.rejected
    return checked


def counts(seen):
    return seen.n_new, seen.n_changed, seen.n_identical, seen.n_removed


def rows_of(file):
    """A file of programmes: id -> name_zh, organiser."""
    rows = [{"programme_id": key, "name_zh": name, "organiser": by} for key, (name, by) in file.items()]
    full = pl.DataFrame(rows, schema={name: SCHEMA.get(name) for name in SCHEMA}, orient="row")
    return full.with_columns(is_synthetic=pl.lit(False))


def test_every_register_exported_and_uploaded_again_is_identical(editor):
    put(editor, "parks", {"park_id": "P1", "name_zh": "甲园", "city_id": "beijing", "district_code": "110105"})
    for dataset, (first, _) in ENTRIES.items():
        put(editor, dataset, first)
    for dataset in ENTRIES:
        origins = editor.entries(dataset).collect()
        for kind, made in MADE.items():
            data = made(editor, dataset, registers(editor), "zh")
            seen = editor.preview(read(editor, dataset, data, f"{dataset}.{kind}"))
            assert counts(seen) == (0, 0, origins.height, 0), (dataset, kind, seen.changes)
            assert seen.changes.is_empty()
    assert {name: editor.entries(name).collect().height for name in OVERLAID} == {
        "parks": registry.parks().height + 2,  # P1 and the entry P7
        "programmes": registry.programmes().height + 1,
        "documents": registry.library().height + 1,
    }


@pytest.mark.parametrize("dataset", OVERLAID)
@pytest.mark.parametrize("kind", MADE)
def test_a_shipped_register_uploaded_again_stores_nothing(editor, dataset, kind):
    data = MADE[kind](editor, dataset, registers(editor), "en")
    checked = read(editor, dataset, data, f"{dataset}.{kind}")
    seen = editor.preview(checked)
    assert counts(seen) == (0, 0, editor.entries(dataset).collect().height, 0)
    assert editor.add(checked, Provenance("f", data, "ann"), seen.seen) == Stored(0, 0, False)
    assert editor.uploads().is_empty()
    assert set(editor.entries(dataset).collect()["origin"]) == {REGISTER}


def edited(data, changes, *more):
    """An exported file with other cells: (key, column) -> cell; more: further rows."""
    table = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    key = next(iter(table[0]))
    for row in table:
        row |= {column: cell for (name, column), cell in changes.items() if row[key] == name}
    lines = io.StringIO()
    writer = csv.DictWriter(lines, list(table[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows([*table, *more])
    return lines.getvalue().encode()


def test_of_a_file_that_changes_two_parks_and_adds_one_three_rows_are_stored(editor):
    before, moment = editor.parks().collect(), datetime.now(UTC)
    data = entries_csv(editor, "parks", registers(editor), "en")
    new = {"park_id": "X-1", "name_zh": "新园", "city_id": "beijing", "district_code": "110105"}
    data = edited(data, {("RU-001", "operator"): "Stiftung", ("BJ-005", "opened_year"): "2003"}, new)
    checked = read(editor, "parks", data, "parks.csv")
    seen = editor.preview(checked)
    assert counts(seen) == (1, 2, before.height - 2, 0)
    assert seen.changes.rows() == [
        ("BJ-005", "opened_year", before.filter(park_id="BJ-005")["opened_year"].cast(pl.String).item(), "2003"),
        ("RU-001", "operator", None, "Stiftung"),
    ]
    stored = editor.add(checked, Provenance("parks.csv", data, "ann"), seen.seen)
    assert (stored.is_new, stored.n_rows, editor.uploads()["n_rows"].item()) == (True, 3, 3)
    after = editor.parks().collect()
    assert after.filter(origin=STORED)["park_id"].sort().to_list() == ["BJ-005", "RU-001", "X-1"]
    own = after.filter(park_id="RU-001").row(0, named=True)
    assert (own["operator"], own["district_zh"], own["coord_precision"]) == ("Stiftung", "Essen", "site")
    assert own["coord_source"] == before.filter(park_id="RU-001")["coord_source"].item()
    same = [name for name in before.columns if name not in ("origin", "operator", "opened_year")]
    assert after.filter(pl.col("park_id") != "X-1").select(same).equals(before.select(same))
    assert counts(editor.preview(checked)) == (0, 0, before.height + 1, 0)
    assert editor.add(checked, Provenance("parks.csv", data, "ann")) == Stored(stored.upload_id, 1, False)
    assert editor.as_of("parks", moment).collect().equals(before)
    editor.undo(stored.upload_id)
    assert editor.parks().collect().equals(before)


def test_a_cell_the_file_leaves_empty_stays_as_shipped_and_is_no_change(editor):
    rows = pl.DataFrame({"park_id": ["BJ-005"], "name_zh": [None], "is_synthetic": [False]})
    bare = SimpleNamespace(dataset="parks", accepted=rows)
    assert counts(editor.preview(bare)) == (0, 0, 1, 0)
    assert not editor.add(bare, Provenance("f", b"1", "ann")).is_new
    odd = SimpleNamespace(dataset="parks", accepted=rows.with_columns(is_synthetic=True))
    assert counts(editor.preview(odd)) == (0, 1, 0, 0)
    assert editor.add(odd, Provenance("f", b"2", "ann")).is_new


def test_a_row_that_an_upload_holds_is_stored_again_and_outlives_it(editor):
    """What two files say holds until both are set aside."""
    one = SimpleNamespace(dataset="programmes", accepted=rows_of({"forum": ("论坛", "协会")}))
    two = SimpleNamespace(dataset="programmes", accepted=rows_of({"forum": ("论坛", "协会"), "salon": ("沙龙", None)}))
    first = editor.add(one, Provenance("1", b"1", "ann"))
    assert counts(editor.preview(two)) == (1, 0, 1, 0)
    assert editor.add(two, Provenance("2", b"2", "ann")).n_rows == 2
    editor.undo(first.upload_id)
    assert editor.programmes().filter(pl.col("programme_id") == "forum").collect()["organiser"].item() == "协会"


def seen_of(stored):
    return laid("programmes", SHIPPED, stored.lazy()).drop("origin").sort("programme_id").collect()


@given(FILE, st.dictionaries(st.sampled_from("abcd"), st.tuples(CELL, CELL)))
def test_what_is_left_out_changes_nothing_that_is_seen(file, before):
    rows, held = rows_of(file), rows_of(before)
    kept = beyond("programmes", SHIPPED, rows, held.select("programme_id"))
    states = [seen_of(pl.concat([held.join(new, on="programme_id", how="anti"), new])) for new in (rows, kept)]
    assert states[0].equals(states[1])
    assert beyond("programmes", SHIPPED, kept, held.select("programme_id")).equals(kept)
    left = rows.join(kept, on="programme_id", how="anti")
    assert not set(left["programme_id"]) & set(held["programme_id"])
    alone = seen_of(rows.clear())
    changed = [row for row in seen_of(left).iter_rows() if row not in alone.rows()]
    assert not changed


@hypothesis_settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(steps=st.lists(st.tuples(FILE, st.booleans()), min_size=1, max_size=4))
def test_uploads_and_undo_show_what_they_would_if_every_row_were_stored(store, steps, monkeypatch):
    """The model keeps every row of every file; the store leaves out what is as shipped."""
    monkeypatch.setattr(registry, "programmes", lambda: SHIPPED)
    analyst, model = store.for_viewer(DEMO_VIEWERS["analyst"]), {}
    for number in analyst.uploads()["upload_id"]:  # of the example before
        analyst.undo(number)
    for place, (file, undone) in enumerate(steps):
        checked = SimpleNamespace(dataset="programmes", accepted=rows_of(file))
        seen = analyst.preview(checked)
        stored = analyst.add(checked, Provenance("f", f"{datetime.now(UTC)} {place}".encode(), "ann"), seen.seen)
        assert stored.n_rows >= seen.n_new + seen.n_changed
        model[place] = rows_of(file)
        if undone:
            if stored.is_new:
                analyst.undo(stored.upload_id)
            del model[place]
        whole = rows_of({})
        for rows in model.values():
            whole = pl.concat([whole.join(rows, on="programme_id", how="anti"), rows])
        shown = analyst.programmes().drop("origin").sort("programme_id").collect()
        assert shown.equals(seen_of(whole).select(shown.columns))
