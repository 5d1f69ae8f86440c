"""One entry of a register on screen: add it, change it, retire it with a reason, and see what it was before.

A page calls `show` where the button is to stand; who may not edit sees no button. What is stored goes through
`data.entries`, so an entry made here is checked, undone and audited like any file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

import polars as pl
import streamlit as st

from data.access import Action, decide
from data.entries import POSITION, Entered, entry, own_position
from data.entry_files import entries_csv, entries_xlsx
from data.ingest import Field, IngestError, Registers, fields_of
from data.keys import KEYS
from data.store import AccessError, ConflictError, ScopedStore, StoreError
from pages.parts import tables
from pages.parts.registers import entry_fields, entry_history, entry_problems
from pages.parts.session import Visit
from pages.parts.upload import cached_desk, desk_storing

OPEN, OPENED = "_entry_open", "_entry_opened"
RETIREMENT = ("retired_on", "retired_reason")
Build = Callable[[ScopedStore, str, Registers, str], bytes]
NOT_ASKED = (*RETIREMENT, "is_synthetic")
WHO_READS = ("needs", "followups")  # data sets with words for everybody and words for analysts only


@dataclass(frozen=True)
class Opened:
    """The entry that is open: its data set and key (None: a new one), its cells and the revision when it was opened.

    What is stored is what was changed against `start`: a cell that others changed meanwhile is not set back.
    """

    mark: str
    dataset: str
    key: dict[str, object] | None
    start: dict[str, object]
    seen: int
    nonce: int


def may_edit(visit: Visit) -> bool:
    """Whether the visitor may change registers; a page may leave out what only editors need."""
    return decide(visit.viewer, Action.EDIT).allowed


def show(
    visit: Visit,
    dataset: str,
    key: Mapping[str, object] | None,
    label: str,
    start: Mapping[str, object] | None = None,
) -> None:
    """A button that opens one entry: `key` names it, None makes a new one that begins with the cells of `start`.

    Nothing is drawn for who may not edit. What the last click did is said above the button.
    """
    if not may_edit(visit):
        return
    desk_storing.messages()
    chosen, begun = None if key is None else dict(key), dict(start or {})
    mark = hashlib.sha256(repr((dataset, chosen, begun)).encode()).hexdigest()[:10]
    st.button(label, key=f"entry-{dataset}-{mark}", on_click=_open, args=(visit, mark, dataset, chosen, begun))
    opened = st.session_state.get(OPEN)
    if isinstance(opened, Opened) and opened.mark == mark:
        st.dialog(f"{visit.say(f'upload.{dataset}')} · {label}", width="medium", on_dismiss=_close)(_body)(visit)


def tools(
    visit: Visit, dataset: str, rows: pl.DataFrame, name: pl.Expr, start: Mapping[str, object] | None = None
) -> None:
    """What an editor can do with a register: add an entry, choose one of `rows` and open it, upload a whole file.

    rows: with the columns of the data set's key; name: how a row is called in the box. Drawn for editors only.
    """
    if not may_edit(visit):
        return
    desk_storing.messages()
    key, labels = list(KEYS[dataset]), rows.select(name.cast(pl.String).fill_null("")).to_series().to_list()
    named = dict(zip(rows.select(key).rows(), entry_fields.told_apart(labels), strict=True))
    held = st.session_state.get(box := f"entry-which-{dataset}")
    st.session_state[box] = held if held in named else None  # written anew: the browser still holds the old name
    with st.container(horizontal=True, vertical_alignment="bottom"):
        show(visit, dataset, None, visit.say("entry.add"), start)
        chosen = st.selectbox(
            visit.say("entry.which"), list(named), index=None, format_func=lambda cells: named.get(cells, ""),
            key=box, placeholder=visit.say("entry.choose"), width=320,
        )  # fmt: skip
        if chosen in named:
            show(visit, dataset, dict(zip(key, chosen, strict=True)), visit.say("entry.edit_chosen"))
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            files(visit, dataset)
            whole = visit.say("entry.whole_file")
            st.page_link("pages/upload.py", label=whole, query_params={"dataset": dataset})


def files(visit: Visit, dataset: str) -> None:
    """The whole register as a file to edit and upload again, retired entries too; drawn for editors only."""
    if not may_edit(visit):
        return
    made = {"xlsx": (tables.XLSX, entries_xlsx), "csv": ("text/csv", entries_csv)}
    with st.popover(visit.say("entry.export"), type="tertiary"):
        st.caption(visit.say("entry.export_note"))
        for ending, (kind, build) in made.items():
            st.download_button(
                visit.say(f"entry.export_{ending}"), partial(_file, visit, dataset, build),
                f"{dataset}-{date.today()}.{ending}", kind, key=f"entry-export-{dataset}-{ending}", on_click="ignore",
            )  # fmt: skip


def _file(visit: Visit, dataset: str, build: Build) -> bytes:
    return build(visit.store, dataset, cached_desk.registers(visit), visit.language)


def _open(visit: Visit, mark: str, dataset: str, key: dict[str, object] | None, start: dict[str, object]) -> None:
    nonce = st.session_state[OPENED] = st.session_state.get(OPENED, 0) + 1
    seen = visit.store.revision_of(dataset)
    st.session_state[OPEN] = Opened(
        mark, dataset, key, start if key is None else _row(visit, dataset, key), seen, nonce
    )


def _row(visit: Visit, dataset: str, key: Mapping[str, object]) -> dict[str, object]:
    """The entry as the store has it, empty where there is none; a park has the position it has of its own."""
    rows = visit.store.entries(dataset).filter(*(pl.col(name) == value for name, value in key.items())).collect()
    row = rows.row(0, named=True) if rows.height else {}
    if dataset == "parks" and row:
        row |= dict.fromkeys(POSITION) | own_position(visit.store, str(row["park_id"]))
    return row


def _close() -> None:
    st.session_state.pop(OPEN, None)


def _body(visit: Visit) -> None:
    """The inside of the dialog: the boxes, retiring, the history."""
    opened = st.session_state.get(OPEN)
    if not isinstance(opened, Opened):
        return
    registers = cached_desk.registers(visit)
    fields = {field.name: field for field in fields_of(opened.dataset, registers)}
    if opened.key is None:
        _edit(visit, opened, fields, registers)
        return
    now = _row(visit, opened.dataset, opened.key)
    if not now or not opened.start:
        st.info(visit.say("entry.gone"))
        return
    words = ["edit", *(["retire"] if "retired_on" in fields else []), "history"]
    tabs = dict(zip(words, st.tabs([visit.say(f"entry.{word}") for word in words]), strict=True))
    with tabs["edit"]:
        _edit(visit, opened, fields, registers)
    if "retire" in tabs:
        with tabs["retire"]:
            _retire(visit, opened, now, registers)
    with tabs["history"]:
        entry_history.show(visit, opened.dataset, opened.key, registers)


def _edit(visit: Visit, opened: Opened, fields: Mapping[str, Field], registers: Registers) -> None:
    """The boxes two in a row, what would change, and the button that stores."""
    if opened.dataset in WHO_READS:
        st.info(visit.say(f"entry.reads_{opened.dataset}"))
    asked, start = [field for field in fields.values() if field.name not in NOT_ASKED], opened.start
    values: dict[str, object] = {}
    for place in range(0, len(asked), 2):
        for column, field in zip(st.columns(2), asked[place : place + 2], strict=False):
            with column:
                fixed = opened.key is not None and field.name in KEYS[opened.dataset]
                key = f"entry_{opened.nonce}_{field.name}"
                values[field.name] = entry_fields.box(visit, field, start.get(field.name), key, registers, fixed)
    before: Mapping[str, object] = {} if opened.key is None else start
    different = {name: value for name, value in values.items() if value != before.get(name)}
    _notes(visit, opened, fields)
    if different:
        _changes(visit, entry_history.preview(visit, fields, before, different, registers))
    lacking = [entry_fields.label(visit, f.name, f.kind) for f in asked if f.required and values[f.name] is None]
    if different and lacking:
        st.warning(visit.say("entry.lacking", fields=visit.say("parks.comma").join(lacking)))
    still = not different or bool(lacking)
    if st.button(visit.say("entry.store"), type="primary", key=f"entry_store_{opened.nonce}", disabled=still):
        chosen = {name: values[name] for name in KEYS[opened.dataset]}
        _keep(visit, opened, chosen | different, registers)


def _notes(visit: Visit, opened: Opened, fields: Mapping[str, Field]) -> None:
    """What is to be known before storing: what is required, what goes together, that a sample stays one."""
    notes = ["required_note"]
    notes += ["position_note"] if set(POSITION) <= fields.keys() else []
    notes += ["synthetic_note"] if opened.start.get("is_synthetic") else []
    st.caption("  \n".join(visit.say(f"entry.{note}") for note in notes))


def _changes(visit: Visit, table: pl.DataFrame) -> None:
    """What storing would change: old → new."""
    st.markdown(f"**{visit.say('entry.preview')}**")
    st.dataframe(table, hide_index=True, width="stretch", placeholder="—", alt=visit.say("entry.preview"))


def _retire(visit: Visit, opened: Opened, now: Mapping[str, object], registers: Registers) -> None:
    """Say from when and why the entry no longer holds, or take that back; nothing is deleted."""
    chosen = dict(opened.key or {})
    if now.get("retired_on") is not None:
        st.markdown(visit.say("entry.is_retired", day=now["retired_on"], reason=now["retired_reason"]))
        if st.button(visit.say("entry.unretire"), key=f"entry_unretire_{opened.nonce}"):
            _keep(visit, opened, chosen | dict.fromkeys(RETIREMENT), registers, deed="unretired")
        return
    st.caption(visit.say("entry.retire_note"))
    reason = st.text_area(visit.say("field.retired_reason") + " *", key=f"entry_{opened.nonce}_reason").strip()
    if st.button(visit.say("entry.retire_now"), key=f"entry_retire_{opened.nonce}", disabled=not reason):
        _keep(visit, opened, chosen, registers, reason, "retired")


def _keep(
    visit: Visit,
    opened: Opened,
    values: Mapping[str, object],
    registers: Registers,
    retire: str | None = None,
    deed: str = "stored",
) -> None:
    """Check and store the entry; what is wrong is said in the dialog, and nothing is stored then.

    deed: what is said of it afterwards, stored, retired or unretired.
    """
    try:
        who = visit.viewer.name
        found = entry(visit.store, opened.dataset, values, registers, date.today(), who, retire, opened.seen)
    except AccessError as error:
        st.error(visit.say(error.reason, role=visit.say(f"role.{visit.viewer.role}")))
    except ConflictError as error:
        st.session_state[OPEN] = replace(opened, seen=visit.store.revision_of(opened.dataset))
        st.error(visit.say("entry.conflict", who=_others(visit, error.changes["who"])))
    except IngestError as error:
        st.error(error.sentence(visit.language))
    except StoreError as error:
        st.error(visit.say("entry.failed", why=error))
    else:
        _outcome(visit, opened, found, called(visit, opened.dataset, opened.start | dict(values), registers), deed)


def _others(visit: Visit, who: pl.Series) -> str:
    return ", ".join(entry_history.named(visit, name) for name in who.unique(maintain_order=True))


def called(visit: Visit, dataset: str, row: Mapping[str, object], registers: Registers) -> str:
    """What an entry is called: its name or its title, or else what names it in words."""
    first, *others = sorted(("name_zh", "name_en"), key=lambda name: name != visit.name)
    own = next((row[name] for name in (first, *others, "title") if row.get(name)), None)
    if own is not None:
        return str(own)
    fields = {field.name: field for field in fields_of(dataset, registers)}
    told = entry_history.cells(visit, fields, registers)
    return " · ".join(told(part, row[part]) or "" for part in KEYS[dataset])


def _outcome(visit: Visit, opened: Opened, found: Entered, name: str, deed: str) -> None:
    """Problems stay in the dialog; a stored entry closes it and is told on the page by its name."""

    def said(problems: pl.DataFrame) -> list[str]:
        return entry_problems.sentences(problems, partial(entry_fields.label, visit), visit.language)

    if found.checked.rejected.height:
        st.error("  \n".join([visit.say("entry.refused"), *said(found.checked.rejected)]))
        return
    if found.stored is None or not found.stored.is_new:
        st.info(visit.say("entry.same"))
        return
    desk_storing.tell("done", visit.say(f"entry.{deed}", name=name, id=found.stored.upload_id))
    if found.checked.warnings.height:
        odd = [visit.say("entry.odd"), *said(found.checked.warnings)]
        desk_storing.tell("odd", "  \n".join(odd))
    _close()
    st.rerun()
