"""How a file on the desk is read: what was found out, what an analyst overrides, which column is which field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from data.ingest import Checked, Reading, Table, fields_of
from pages.parts.session import Visit
from pages.parts.upload import cached_desk

ENCODINGS = ("utf-8", "utf-8-sig", "gb18030", "big5", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "shift_jis")
DELIMITERS = {",": ",", ";": ";", "\t": "TAB", "|": "|"}
REASONS = ("原因", "reason")


def reading(key: str) -> Reading:
    """What the analyst wants in place of what would be found out; nothing at first."""
    return st.session_state.get(f"_reading_{key}", Reading())


def _set(key: str, **values: object) -> None:
    st.session_state[f"_reading_{key}"] = replace(reading(key), **values)  # type: ignore[arg-type]


def source_of(file_name: str) -> str:
    """Who a file is from, as far as its name tells: without date, number and ending.

    >>> source_of("朝阳区/园区月报_2026年11月 (2).xlsx"), source_of("2026-11.csv")
    ('园区月报', '')
    """
    stem = re.sub(r"\.[A-Za-z]+$", "", file_name.rsplit("/", 1)[-1])
    return re.sub(r"\d+\s*[年月日]?|[\s_\-()().]+", " ", stem).strip()


def mapping(visit: Visit, key: str, dataset: str, file_name: str) -> dict[str, str]:
    """Header as in the file -> field: what was confirmed here, else what is remembered of this source."""
    chosen = st.session_state.get(f"_mapping_{key}")
    if chosen is not None:
        return dict(chosen)
    remembered: Mapping[str, str] = visit.store.remembered(source_of(file_name), dataset)
    return {**dict.fromkeys(REASONS, ""), **remembered}


def told(visit: Visit, found: Checked) -> None:
    """How many rows were read, from what kind of file, and every remark."""
    table = found.table
    if table.kind == "csv":
        shown = DELIMITERS.get(table.delimiter, table.delimiter)
        said = visit.say("upload.read", n=found.n_rows, encoding=table.encoding, delimiter=shown)
    else:
        said = visit.say("upload.read_sheet", n=found.n_rows, kind=table.kind.upper(), sheet=table.sheet)
    st.markdown(said)
    notes = [note.sentence(visit.language) for note in found.notes]
    if notes:
        st.info("  \n".join(notes))


def controls(visit: Visit, key: str, table: Table | None) -> None:
    """Boxes to read the file in another way: encoding, delimiter or sheet, and the row of the column names."""
    with st.expander(visit.say("desk.reading"), expanded=table is None):
        left, middle, right = st.columns(3)
        auto, now = visit.say("desk.found_out"), reading(key)
        with left:
            if table is None or table.kind == "csv":
                _box(visit, key, "encoding", ENCODINGS, now.encoding, auto)
            else:
                _box(visit, key, "sheet", table.sheets, now.sheet, auto)
        with middle:
            if table is None or table.kind == "csv":
                _box(visit, key, "delimiter", tuple(DELIMITERS), now.delimiter, auto)
        with right:
            _box(visit, key, "header_row", tuple(range(31)), now.header_row, auto)


def _box(visit: Visit, key: str, name: str, options: tuple[object, ...], now: object, auto: str) -> None:
    """A box whose first entry leaves it to the program."""
    choices = [None, *options]
    words = {None: auto, 0: visit.say("desk.no_header_row"), **DELIMITERS}
    widget = f"_{name}_{key}"
    st.selectbox(
        visit.say(f"desk.{name}"),
        choices,
        index=choices.index(now) if now in choices else 0,
        key=widget,
        format_func=lambda value: words.get(value, str(value)),
        on_change=lambda: _set(key, **{name: st.session_state[widget]}),
    )


def settled(visit: Visit, key: str, found: Checked) -> bool:
    """Whether every question about the file is answered; as long as one is open nothing can be stored."""
    if not found.questions:
        return True
    asked = "\n".join(f"- {note.sentence(visit.language)}" for note in found.questions)
    st.warning(f"**{visit.say('desk.questions')}**\n\n{asked}")
    st.dataframe(found.table.frame.head(8), hide_index=True, width="stretch")
    st.button(visit.say("desk.sure"), key=f"sure_{key}", on_click=_set, args=(key,), kwargs={"sure": True})
    return False


def columns_found(visit: Visit, key: str, dataset: str, file_name: str, found: Checked) -> None:
    """The columns nobody knows, each with a box of the fields it may be; what is confirmed is remembered."""
    unknown = found.unknown_headers
    if not unknown.height:
        return
    near = dict(unknown.sort("score", descending=True).unique("header", keep="first").select("header", "field").rows())
    taken = set(found.mapping.values())
    fields = {field.name: field for field in fields_of(dataset, cached_desk.registers(visit))}
    free = ["", *(name for name in fields if name not in taken)]
    with st.container(border=True):
        st.markdown(f"**{visit.say('desk.unknown_columns')}**")
        chosen = {}
        columns = st.columns(3)
        for place, header in enumerate(near):
            with columns[place % 3]:
                first = near[header] if near[header] in free else ""
                chosen[header] = st.selectbox(
                    header, free, index=free.index(first), key=f"map_{key}_{place}",
                    format_func=lambda name: _titled(visit, fields, name),
                )  # fmt: skip
        source = st.text_input(visit.say("desk.source"), source_of(file_name), key=f"source_{key}")
        values = {header: name or "" for header, name in chosen.items()}
        st.button(
            visit.say("desk.use_columns"), key=f"use_{key}", on_click=_use, args=(visit, key, dataset, source, values)
        )


def _titled(visit: Visit, fields: Mapping[str, object], name: str) -> str:
    if not name:
        return visit.say("desk.leave_out")
    chinese = visit.language == "zh"
    aliases = getattr(fields[name], "aliases", ())
    return next((word for word in aliases if word.isascii() != chinese), name)


def _use(visit: Visit, key: str, dataset: str, source: str, values: dict[str, str]) -> None:
    """Take the columns as chosen, and remember them for files of this source."""
    before = st.session_state.get(f"_mapping_{key}") or {}
    st.session_state[f"_mapping_{key}"] = {**dict.fromkeys(REASONS, ""), **before, **values}
    if source.strip():
        visit.store.remember(source.strip(), dataset, values)
