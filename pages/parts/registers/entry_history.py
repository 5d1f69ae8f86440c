"""The life of one entry on screen: who changed what when, in words and in the visitor's own time."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl
import streamlit as st

from data.access import DEMO_VIEWERS
from data.ingest import Field, Registers, fields_of
from pages.parts import tables
from pages.parts.registers import entry_fields
from pages.parts.session import Visit, zone

MINUTES = "%Y-%m-%d %H:%M"
DEMONSTRATION = {viewer.name for viewer in DEMO_VIEWERS.values()}
COMMAND_LINE = "command line"


def show(visit: Visit, dataset: str, key: Mapping[str, object], registers: Registers) -> None:
    """Every change of the entry, newest first, and the way to undo one."""
    rows = visit.store.entry_history(dataset, key)
    if rows.is_empty():
        st.info(visit.say("entry.no_history"))
        return
    here = zone()
    st.dataframe(
        worded(visit, dataset, rows, registers, here), hide_index=True, width="stretch", placeholder=tables.MISSING,
        alt=visit.say("entry.history"),
    )  # fmt: skip
    st.caption(visit.say("entry.zone", zone=here))
    st.page_link("pages/history.py", label=visit.say("entry.to_history"))


def worded(visit: Visit, dataset: str, rows: pl.DataFrame, registers: Registers, here: str) -> pl.DataFrame:
    """The changes as a person reads them: field, old, new, time in the zone `here`, who, upload, state."""
    fields = {field.name: field for field in fields_of(dataset, registers)}

    def column(title: str, said: Callable[[dict[str, object]], str | None]) -> pl.Series:
        return pl.Series(visit.say(title), [said(row) for row in rows.iter_rows(named=True)], dtype=pl.String)

    told = cells(visit, fields, registers)
    return rows.select(
        column("entry.field", lambda row: name_of(visit, fields, str(row["column"]))),
        column("entry.before", lambda row: told(str(row["column"]), row["before"])),
        column("entry.after", lambda row: told(str(row["column"]), row["after"])),
        pl.col("at").dt.convert_time_zone(here).dt.strftime(MINUTES).alias(visit.say("entry.at")),
        column("entry.who", lambda row: person(visit, str(row["who"]), str(row["role"]))),
        pl.col("upload_id").alias(visit.say("upload.number")),
        column("upload.status", lambda row: visit.say(f"upload.{row['status']}")),
    )


def preview(
    visit: Visit,
    fields: Mapping[str, Field],
    before: Mapping[str, object],
    after: Mapping[str, object],
    registers: Registers,
) -> pl.DataFrame:
    """Field, old and new cell of every field of `after`, in the words of the history."""
    told = cells(visit, fields, registers)
    rows = [
        (name_of(visit, fields, name), told(name, before.get(name)), told(name, value)) for name, value in after.items()
    ]
    titles = [visit.say(f"entry.{word}") for word in ("field", "before", "after")]
    return pl.DataFrame(rows, schema=dict.fromkeys(titles, pl.String), orient="row")


def person(visit: Visit, who: str, role: str) -> str:
    """Who made a change, and as what: the demonstration and the command line have no name of a person."""
    return f"{named(visit, who)} · {visit.say(f'role.{role}')}"


def named(visit: Visit, who: str) -> str:
    """The name of who made a change, as it is read."""
    if who in DEMONSTRATION:
        return visit.say("entry.demonstration")
    return visit.say("entry.command_line") if who == COMMAND_LINE else who


def name_of(visit: Visit, fields: Mapping[str, Field], name: str) -> str:
    """A column by the label its box has in the form."""
    return entry_fields.label(visit, name, fields[name].kind if name in fields else "")


def cells(visit: Visit, fields: Mapping[str, Field], registers: Registers) -> Callable[[str, object], str | None]:
    """What says a cell of a column in words; the names behind codes are looked up once a column."""
    known: dict[str, entry_fields.Names] = {}

    def said(name: str, value: object) -> str | None:
        if name not in fields:
            return entry_fields.worded(visit, name, value)
        if name not in known:
            pointing = fields[name].kind in entry_fields.POINTING
            known[name] = entry_fields.choices(visit, fields[name], registers, retired=True) if pointing else {}
        return entry_fields.told(visit, fields[name], value, known[name])

    return said
