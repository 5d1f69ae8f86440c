"""The list of events: searched, downloaded, and kept by analysts entry by entry."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import streamlit as st

from pages.parts import blocks, tables
from pages.parts.events import event_choices, event_overview, event_rows
from pages.parts.events.cached_events import EventLens
from pages.parts.events.event_choices import Looked
from pages.parts.registers import entry_form
from pages.parts.session import Visit

SHOWN = 500  # rows of the list on screen; the files hold all
ROWS = "events-list-rows"


def show(visit: Visit, at: Looked) -> None:
    """Search, the newest rows, files of all rows found, and the forms of an editor; retired events when asked for."""
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    text = left.text_input(visit.say("events.search"), key="event_search", placeholder=visit.say("events.search_hint"))
    n = event_rows.n_retired(visit, at.lens)
    also = bool(n) and right.checkbox(visit.say("registers.also_retired", n=n), key="event_retired")
    rows = event_rows.listed(visit, at.lens, text, also)
    if rows.height:
        table(visit, at, rows)
    else:
        st.info(visit.say("events.nothing_found"))
    editing(visit, at, rows)


def found(visit: Visit, at: Looked) -> str:
    """The title: how many events the filters leave, and how many of them are planned."""
    n, planned = event_rows.n_listed(visit, at.lens)
    return visit.say("events.title_list", n=tables.number(n, 0), planned=tables.number(planned, 0))


def table(visit: Visit, at: Looked, rows: pl.DataFrame) -> None:
    """The newest of the rows, the line that says what they are, and files of all of them."""
    shown = rows.head(SHOWN)
    shown = shown.select(name for name in shown.columns if name == "event_id" or shown[name].count())
    n = tables.count(rows.height, visit.language)
    months = rows.select(pl.col("date").min().alias("a"), pl.col("date").max().alias("b")).row(0)
    foot = replace(at.foot, period=event_choices.span(visit, *months), n=n)
    kept = rows.filter(event_rows.KEPT) if "retired_on" in rows.columns else rows
    planned = kept.filter(pl.col("date") > at.lens.today).height
    heading = visit.say("events.list", n=tables.count(kept.height, visit.language), planned=planned)
    choosing = {"on_select": "rerun", "selection_mode": "single-row"} if entry_form.may_edit(visit) else {}
    with st.container(border=True):
        st.subheader(heading, anchor=False)
        st.dataframe(
            event_choices.worded(visit, shown), hide_index=True, width="stretch", height=420, alt=heading,
            placeholder=tables.MISSING, key=ROWS, **choosing,
        )  # type: ignore[call-overload]  # fmt: skip
        if rows.height > SHOWN:
            st.caption(visit.say("events.list_cut", shown=SHOWN, n=n))
        st.caption(foot.line(visit))
        whole(visit, rows, heading, foot)


def first(visit: Visit, lens: EventLens) -> None:
    """A city without an event held: what is planned, and the forms of an editor."""
    month = lens.today.replace(day=1)
    at = event_choices.looked(visit, lens, month, (month, month))
    event_overview.upcoming(visit, at)
    editing(visit, at, pl.DataFrame())


def whole(visit: Visit, rows: pl.DataFrame, heading: str, foot: blocks.Foot) -> None:
    """Files of all the rows found, made when one is asked for."""
    notes, named, n = (heading, foot.line(visit)), event_choices.worded(visit, rows), f"{rows.height:,}"
    files = {
        "csv": ("events.download_all", "text/csv", lambda: tables.csv_bytes(named, notes)),
        "xlsx": ("events.book_all", tables.XLSX, lambda: tables.xlsx_bytes(named, notes)),
    }
    with st.container(horizontal=True, gap="medium"):
        for ending, (label, kind, made) in files.items():
            st.download_button(
                visit.say(label, n=n), made, f"all-events.{ending}", kind, key=f"events-all-{ending}",
                on_click="ignore", type="tertiary",
            )  # fmt: skip


def editing(visit: Visit, at: Looked, rows: pl.DataFrame) -> None:
    """For who may edit: a new event, the chosen one, and the way to a whole file with its template."""
    if not entry_form.may_edit(visit):
        return
    city, district = at.lens.selection.city_id, at.lens.selection.district_code
    start = {"city_id": city} | ({"district_code": district} if district else {})
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        entry_form.show(visit, "events", None, visit.say("events.add"), start)
        event_id = chosen(visit, at, rows)
        if event_id is not None:
            label = visit.say("events.edit", event=event_id)
            entry_form.show(visit, "events", {"event_id": event_id}, label)
        entry_form.files(visit, "events")
        st.page_link("pages/upload.py", label=visit.say("events.to_upload"))
    st.caption(visit.say("events.edit_note"))


def chosen(visit: Visit, at: Looked, rows: pl.DataFrame) -> str | None:
    """The event one clicked in the list, or the one the address names if the city has it."""
    state = st.session_state.get(ROWS)
    picked = state["selection"]["rows"] if state else []
    if picked and picked[0] < rows.height:
        return str(rows["event_id"][picked[0]])
    named = st.query_params.get("event")
    known = event_rows.register(visit.key, at.lens.selection.city_id, visit)["event_id"]
    if named and not (known == named).any():
        st.caption(visit.say("events.unknown_event"))
        return None
    return named
