"""What a park does and asks for: its events, its needs with what became of them, the documents that concern it."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import streamlit as st

from pages.parts import blocks, tables
from pages.parts.blocks import Foot
from pages.parts.parks import cached_parks, park_facts
from pages.parts.registers import entry_fields
from pages.parts.session import Visit

Park = dict[str, Any]
MOST_ROWS, HEIGHT = 9, 380
PEOPLE = ("participants_online", "participants_onsite", "enterprises", "cooperations_signed")


def events(visit: Visit, park: Park) -> None:
    """The park's events, newest first: held ones counted, planned ones marked and not counted."""
    today = date.today()
    rows = cached_parks.events(visit.key, park["park_id"], visit)
    until = cached_parks.recorded_until(visit.key, park["city_id"], today, visit)
    if not rows.height or until is None:
        none(visit, "parks.events", "parks.events_none" if until else "parks.events_no_records")
        return
    held = rows.filter(pl.col("date") <= today)
    year = held.filter(pl.col("date") > until.replace(year=until.year - 1, day=min(until.day, 28))).height
    data = events_shown(visit, rows, today)
    source, status = blocks.source(visit, "events", park["city_id"])
    span = f"{held['date'].min()} – {until}" if held.height else ""
    foot = Foot(source, status, visit.say("unit.events"), span, park_facts.name(visit, park), str(held.height))
    planned = rows.height - held.height
    heading = visit.say("parks.events_found", n=held.height, year=year, until=until, planned=planned)
    blocks.table(visit, heading, data, foot, "park-events", height="content" if data.height <= MOST_ROWS else HEIGHT)


def events_shown(visit: Visit, rows: pl.DataFrame, today: date) -> pl.DataFrame:
    """Day, what, programme, mode, whether planned, people; a number nobody stated is blank."""
    states = {True: visit.say("parks.planned"), False: visit.say("parks.held")}
    named = rows.with_columns(
        programme=pl.coalesce(f"programme_{visit.language}", "programme_zh", "programme_id"),
        mode=blocks.worded(visit, rows["mode"]),
        state=(pl.col("date") > today).replace_strict(states, return_dtype=pl.String),
        date=pl.col("date").cast(pl.String),
    )
    shown = ("date", "title", "programme_id", "mode", *PEOPLE)
    columns = [
        pl.col("programme" if name == "programme_id" else name).alias(entry_fields.label(visit, name)) for name in shown
    ]
    return named.select(*columns[:4], pl.col("state").alias(visit.say("parks.state")), *columns[4:])


def needs(visit: Visit, park: Park) -> None:
    """The park's needs that still hold, as far as the visitor may see them, each with its newest follow-up."""
    rows = cached_parks.needs(visit.key, park["park_id"], visit)
    if not rows.height:
        hidden = visit.viewer.scope.districts is not None and not visit.viewer.scope.allows(park["district_code"])
        none(visit, "parks.needs", "parks.needs_other_district" if hidden else "parks.needs_none")
        return
    worded = rows.with_columns(
        *(blocks.worded(visit, rows[name]) for name in ("stage", "status")), since=pl.col("since").cast(pl.String)
    )
    shown = ["title", "enterprise_name", "tags", "stage", "since", "status"]
    if not rows["enterprise_name"].count():
        shown.remove("enterprise_name")
    data = worded.select(pl.col(name).alias(entry_fields.label(visit, name)) for name in shown).with_columns(
        rows["n_offers"].alias(visit.say("parks.n_offers"))
    )
    status = "synthetic" if rows["is_synthetic"].any() else "recorded"
    foot = Foot(
        visit.say("parks.source_needs"), status, visit.say("parks.unit_needs"),
        territory=park_facts.name(visit, park), n=str(rows.height),
    )  # fmt: skip
    heading = visit.say("parks.needs_found", n=rows.height, followed=rows["n_offers"].count())
    blocks.table(visit, heading, data, foot, "park-needs", height="content")


def documents(visit: Visit, park: Park) -> None:
    """The documents of the library that name the park."""
    rows = cached_parks.documents(visit.key, park["park_id"], visit)
    if not rows.height:
        none(visit, "parks.documents", "parks.documents_none")
        return
    worded = rows.with_columns(blocks.worded(visit, rows["level"]), date=pl.col("date").cast(pl.String))
    data = worded.select(
        pl.col(name).alias(entry_fields.label(visit, name))
        for name in ("title", "issuer", "level", "date", "summary", "link")
    )
    foot = Foot(
        visit.say("parks.source_library"), "synthetic" if rows["is_synthetic"].any() else "published",
        visit.say("parks.unit_documents"), territory=park_facts.name(visit, park), n=str(rows.height),
    )  # fmt: skip
    heading = visit.say("parks.documents_found", n=tables.number(rows.height, 0))
    blocks.table(visit, heading, data, foot, "park-documents", height="content")


def none(visit: Visit, heading: str, key: str) -> None:
    """A heading with the sentence that nothing is on record, or why nothing is shown."""
    with st.container(border=True):
        st.subheader(visit.say(heading), anchor=False)
        st.caption(visit.say(key))
