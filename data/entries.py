"""One entry of a register added, changed or retired: a tiny upload of one row on the road of any file.

The row is checked like a file of one row and stored like it, so undo, redo, past states and the audit need nothing of
their own. Its bytes are a CSV file, kept as the original.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

import polars as pl

from data.engines import StoreError
from data.ingest import Checked, Reading, Registers, check_table, fields_of, read_table
from data.ingest.row_rules import NAMES
from data.ingest.values import inert
from data.ingest.warnings import history_warnings
from data.keys import KEYS
from data.records import Provenance, Stored
from data.store import ScopedStore

NOT_BY_HAND = ("answers",)
ALWAYS = ("district_code", *NAMES)  # said again with every change of a shipped row: scope and name are checked by them
POSITION = ("lon", "lat", "coord_system")  # of a park: said together, or not at all
READING = Reading(encoding="utf-8", delimiter=",", header_row=2, sure=True)


@dataclass(frozen=True)
class Entered:
    """What became of an entry: its check, and what was stored.

    stored is None where nothing was stored: a rule was broken (`checked.rejected`), or nothing is different.
    """

    checked: Checked
    stored: Stored | None


def entry(
    store: ScopedStore,
    dataset: str,
    values: Mapping[str, object],
    registers: Registers,
    today: date,
    who: str,
    retire: str | None = None,
    seen: int | None = None,
    note: str = "",
) -> Entered:
    """Add, change or retire one entry of a register.

    values: the whole key (typed as its columns), and the cells that are new (None empties a cell that was stored); all
    other cells stay as they are stored, of a shipped entry as they are shipped. A part of a park's position takes the
    other parts along, if it lies there itself and not only in its district. retire: the reason why the entry no
    longer holds from today on. seen: the data set's revision (`store.revision_of`) the person saw; a change by others
    after it is a conflict. Errors: AccessError for all but analysts; StoreError for an incomplete key, an unknown data
    set or column, or one whose entries are not retired; ConflictError; IngestError.
    """
    store.require_edit(f"entry of {dataset}")
    names = _names(dataset, values, registers, retire)
    number = store.revision_of(dataset)
    known = _stored_row(store, dataset, values)
    row = {name: values[name] if name in values else known.get(name) for name in names}
    if dataset == "parks" and not values.keys().isdisjoint(POSITION):
        place = own_position(store, str(values["park_id"]))
        row |= {name: place.get(name) for name in POSITION if name not in values}
    if retire is not None:
        row |= {"retired_on": today, "retired_reason": retire}
    data = _csv(dataset, row, number)
    file_name = entry_file_name(dataset, values)
    checked = check_table(dataset, read_table(data, file_name, READING), registers, today)
    checked = replace(checked, warnings=_warnings(store, checked, registers))
    if checked.rejected.height or checked.accepted.is_empty() or _same(store, dataset, checked.accepted):
        return Entered(checked, None)
    sent = Provenance(file_name, data, who, note)
    return Entered(checked, store.add(checked, sent, number if seen is None else seen))


def entry_file_name(dataset: str, key: Mapping[str, object]) -> str:
    """The name an entry's file is kept under.

    >>> entry_file_name("members", {"body": "association", "member_id": "001", "name_zh": "甲"})
    'entry-members-association-001.csv'
    """
    parts = "-".join(_cell(key[name]) for name in KEYS[dataset])
    return f"entry-{dataset}-{parts}.csv".replace("/", "_").replace("\\", "_")


def _names(dataset: str, values: Mapping[str, object], registers: Registers, retire: str | None) -> list[str]:
    """The columns of the entry's row. Errors: StoreError."""
    if dataset not in KEYS or dataset in NOT_BY_HAND:
        kept = ", ".join(name for name in KEYS if name not in NOT_BY_HAND)
        raise StoreError(f"There are no entries of {dataset}: entries can be made of {kept}.")
    names = [field.name for field in fields_of(dataset, registers)]
    if missing := [name for name in KEYS[dataset] if values.get(name) is None]:
        raise StoreError(f"An entry of {dataset} needs {', '.join(missing)}: nothing was stored.")
    if unknown := [name for name in values if name not in names]:
        raise StoreError(f"Entries of {dataset} have no {', '.join(unknown)}: nothing was stored.")
    if retire is not None and "retired_on" not in names:
        raise StoreError(f"Entries of {dataset} are not retired: undo the upload that brought a wrong one.")
    return names


def _stored_row(store: ScopedStore, dataset: str, values: Mapping[str, object]) -> dict[str, object]:
    """The entry as it is stored; of one that is only shipped what every row must say."""
    rows = store.entries(dataset)
    found = rows.filter(*(pl.col(name) == values[name] for name in KEYS[dataset])).collect()
    if found.is_empty():
        return {}
    row = found.row(0, named=True)
    if row.get("origin") != "register":
        own = store.stored_entry(dataset, {name: values[name] for name in KEYS[dataset]})
        return own | {name: row[name] for name in ("city_id", *ALWAYS) if name in row and own.get(name) is None}
    return {name: row[name] for name in ("city_id", *ALWAYS, *_REQUIRED.get(dataset, ())) if name in row}


_REQUIRED: Mapping[str, tuple[str, ...]] = {"documents": ("title", "issuer", "level", "link")}


def own_position(store: ScopedStore, park_id: str) -> dict[str, object]:
    """lon, lat and coord_system of a park that has a position of its own, shipped or stored; empty for any other."""
    rows = store.parks().filter(pl.col("park_id") == park_id)
    if "coord_precision" in rows.collect_schema().names():
        rows = rows.filter(pl.col("coord_precision") == "site")
    found = rows.select(POSITION).collect()
    return found.row(0, named=True) if found.height else {}


def _warnings(store: ScopedStore, checked: Checked, registers: Registers) -> pl.DataFrame:
    """What is odd about the entry, by itself and against what is stored."""
    odd = history_warnings(checked, store.entries(checked.dataset).collect(), registers)
    return pl.concat([checked.warnings, odd], how="vertical_relaxed")


def _same(store: ScopedStore, dataset: str, accepted: pl.DataFrame) -> bool:
    """Whether the row is stored already as it is."""
    stored = store.stored_entry(dataset, accepted.select(KEYS[dataset]).row(0, named=True))
    row = accepted.row(0, named=True)
    return bool(stored) and all(stored.get(name) == value for name, value in row.items())


def _csv(dataset: str, row: Mapping[str, object], number: int) -> bytes:
    """The entry as a file: a remark with the data set's revision, so that going back to an old state is a new file."""
    lines = io.StringIO(newline="")
    writer = csv.writer(lines)
    writer.writerow([f"# {dataset}: entry after revision {number}"])
    writer.writerow(row)
    writer.writerow([inert(_cell(value)) if isinstance(value, str) else _cell(value) for value in row.values()])
    return b"\xef\xbb\xbf" + lines.getvalue().encode()


def _cell(value: object) -> str:
    """A cell as a file would have it: days as YYYY-MM-DD, truth as yes or no, nothing for nothing."""
    if value is None or isinstance(value, bool):
        return "" if value is None else "yes" if value else "no"
    if isinstance(value, datetime):
        return value.date().isoformat()
    return repr(value) if isinstance(value, float) else str(value)
