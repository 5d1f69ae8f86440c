"""Every register from the first entry to its export: added, changed, retired, told, exported, brought back, undone."""

from __future__ import annotations

import contextlib

import polars as pl
import pytest

from data.access import DEMO_VIEWERS
from data.current_registers import registers
from data.entries import NOT_BY_HAND, entry
from data.entry_files import entries_csv, entries_xlsx
from data.ingest import check, fields_of
from data.keys import KEYS
from data.schema import TABLES, columns
from data.store import AccessError, Provenance, Store, StoreError
from tests.data.rows_to_store import make_settings
from tests.data.test_entries import ENTRIES, NEEDED, RETIRED, TODAY, key_of, put, stored

KINDS = {("csv", "zh"): entries_csv, ("xlsx", "en"): entries_xlsx}
PLACE = ("lon", "lat", "coord_system")


@pytest.fixture
def home(tmp_path):
    """A store with the registers as they are shipped, and the entry of P1 the other entries refer to."""
    with contextlib.closing(Store.open(make_settings(tmp_path))) as store:
        analyst = store.for_viewer(DEMO_VIEWERS["analyst"])
        park = {"park_id": "P1", "name_zh": "甲园", "city_id": "beijing", "district_code": "110105"}
        put(analyst, "parks", park)
        yield store


@pytest.fixture
def editor(home):
    return home.for_viewer(DEMO_VIEWERS["analyst"])


def kept(store, dataset):
    """The register as pages read it, without the point of the district a shipped park is placed by."""
    rows = store.entries(dataset).select(*columns(TABLES[dataset])).sort(KEYS[dataset]).collect()
    if dataset != "parks":
        return rows
    own = store.entries(dataset).sort("park_id").collect()["coord_precision"] == "site"
    return rows.with_columns(pl.when(own).then(pl.col(name)).alias(name) for name in PLACE)


def walked(store, dataset):
    """One entry added, changed and retired; the number of the last upload."""
    first, change = ENTRIES[dataset]
    for name in NEEDED.get(dataset, ()):
        put(store, name, ENTRIES[name][0])
    stored(put(store, dataset, first))
    stored(put(store, dataset, key_of(dataset, first) | change))
    return stored(put(store, dataset, key_of(dataset, first), retire="重复;见 =B2")).upload_id


@pytest.mark.parametrize("dataset", RETIRED)
def test_every_register_from_the_first_entry_to_its_export_and_back(editor, dataset):
    number, key = walked(editor, dataset), key_of(dataset, ENTRIES[dataset][0])
    told = editor.entry_history(dataset, key)
    assert told.select("upload_id", "status").unique().height == 3
    assert told.filter(pl.col("upload_id") == number)["column"].sort().to_list() == ["retired_on", "retired_reason"]
    before = kept(editor, dataset)
    for (kind, language), made in KINDS.items():
        data = made(editor, dataset, registers(editor), language)
        checked = check(dataset, data, f"{dataset}.{kind}", registers(editor), TODAY)
        assert checked.rejected.is_empty(), checked.rejected
        assert not checked.unknown_headers.height
        assert checked.accepted.sort(KEYS[dataset]).equals(before.select(checked.accepted.columns))
    brought = editor.add(checked, Provenance("back.xlsx", data, "ann"))
    assert kept(editor, dataset).equals(before)
    assert editor.entry_history(dataset, key).equals(told)  # an import that changes nothing is no change
    editor.undo(brought.upload_id)
    editor.undo(number)
    assert editor.stored_entry(dataset, key)["retired_on"] is None
    assert kept(editor, dataset).filter(*(pl.col(name) == value for name, value in key.items())).height == 1


@pytest.mark.parametrize("dataset", RETIRED)
def test_only_analysts_edit_retire_read_the_history_and_export(home, editor, dataset):
    walked(editor, dataset)
    first, change = ENTRIES[dataset]
    key, known, revision = key_of(dataset, first), registers(editor), editor.revision()
    attempts = (
        lambda viewer: entry(viewer, dataset, first, known, TODAY, "eve"),
        lambda viewer: entry(viewer, dataset, key | change, known, TODAY, "eve"),
        lambda viewer: entry(viewer, dataset, key, known, TODAY, "eve", retire="weg"),
        lambda viewer: viewer.entry_history(dataset, key),
        lambda viewer: entries_csv(viewer, dataset, known, "zh"),
        lambda viewer: entries_xlsx(viewer, dataset, known, "en"),
    )
    for name in ("leadership", "official"):
        viewer = home.for_viewer(DEMO_VIEWERS[name])
        for attempt in attempts:
            with pytest.raises(AccessError, match=r"access\.edit_needs_analyst"):
                attempt(viewer)
    refused = editor.audit().filter(pl.col("what") == "refused")
    assert refused["who"].to_list() == ["demo-leadership"] * 6 + ["demo-official"] * 6
    assert refused["about"].str.contains(dataset).all()
    assert editor.revision() == revision


def test_every_data_set_with_entries_has_an_export_and_the_others_none(editor):
    known = registers(editor)
    for dataset in KEYS:
        if dataset in NOT_BY_HAND:
            with pytest.raises(StoreError, match="no entries of answers"):
                entries_csv(editor, dataset, known, "zh")
        else:
            head = entries_csv(editor, dataset, known, "en").decode("utf-8-sig").splitlines()[0]
            assert head.split(",") == [field.name for field in fields_of(dataset, known)]
    with pytest.raises(StoreError, match="no entries of wages"):
        entries_xlsx(editor, "wages", known, "zh")


def test_no_cell_of_an_export_is_a_formula_and_it_comes_back_as_it_was(editor):
    odd = {"name_zh": "=1+1", "name_en": "'@x", "organiser": "'tis", "source_title": "-5 km"}
    stored(put(editor, "programmes", {"programme_id": "+odd"} | odd))
    data = entries_csv(editor, "programmes", registers(editor), "en")
    line = next(line for line in data.decode("utf-8-sig").splitlines() if "'tis" in line)
    assert line.split(",")[:5] == ["'+odd", "'=1+1", "''@x", "'tis", "'-5 km"]
    back = check("programmes", data, "p.csv", registers(editor), TODAY).accepted
    row = back.filter(pl.col("programme_id") == "+odd").row(0, named=True)
    assert {name: row[name] for name in odd} == odd


def test_a_number_a_workbook_cannot_hold_comes_back_exactly(editor):
    area = 0.1 + 0.2
    stored(put(editor, "parks", {"park_id": "P1", "area_m2": area, "area_kind": "site"}))
    for (kind, language), made in KINDS.items():
        data = made(editor, "parks", registers(editor), language)
        back = check("parks", data, f"p.{kind}", registers(editor), TODAY).accepted
        assert back.filter(pl.col("park_id") == "P1")["area_m2"].item() == area
