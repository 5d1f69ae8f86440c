"""What one chooses on the page of events: the view, programme, mode and month; and how its figures are footed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import polars as pl
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from data import registry
from pages.parts import blocks, filters, tables
from pages.parts.blocks import Foot
from pages.parts.events import cached_events, event_rows
from pages.parts.events.cached_events import NOT_STATED, EventLens
from pages.parts.filters import Selection
from pages.parts.session import Visit
from pages.parts.text import TEXTS

LOOKS = ("overview", "reach", "funnel", "published", "activity", "list")
EVERY = ("month", "quarter", "year")
BY = {"programme": "programme_id", "district": "district_code", "mode": "mode"}
MONTHLY = ("overview", "reach")  # the views that look at one month
CITYWIDE = ("activity",)  # the views a district does not change
UNNARROWED = ("published",)  # the views neither programme nor mode changes
MODES = ("online", "onsite", "hybrid", NOT_STATED)
ALL = "all"


@dataclass(frozen=True)
class Looked:
    """What is on screen: the lens, the month, the span the records cover, the name of the place, the foot line."""

    lens: EventLens
    month: date
    covered: tuple[date, date]
    where: str
    foot: Foot

    @property
    def year(self) -> tuple[date, date]:
        """The first and last of the twelve months up to the month, as far as the records go."""
        return cached_events.year_to(self.month, self.covered)

    @property
    def running(self) -> bool:
        """Whether the month is not over yet."""
        return self.month >= self.lens.today.replace(day=1)


def view(visit: Visit) -> str:
    """The part of the page one looks at; only that part is computed."""
    names = {value: visit.say(f"events.look_{value}") for value in LOOKS}
    return filters.switch(visit.say("events.look"), "look", names)


def place(visit: Visit, look: str) -> tuple[Selection, DeltaGenerator]:
    """City and district; the city alone in a view that a district does not change."""
    if look not in CITYWIDE:
        return filters.place(visit)
    names = filters.city_names(visit)
    left, room, _ = st.columns(3)
    with left:
        label = visit.say("filter.city")
        city = filters.pick(label, "city", names, next(iter(names)), on_change=filters.forget_district)
    return Selection(city), room


def lens(visit: Visit, selection: Selection, look: str) -> EventLens:
    """The programme and the mode, beside the place, in the views they change."""
    if look in UNNARROWED:
        return EventLens(selection, cached_events.today())
    left, right = st.columns(2)
    with left:
        names = {ALL: visit.say("events.every_programme"), **event_rows.programme_names(visit)}
        programme = filters.pick(visit.say("events.programme"), "programme", names, ALL)
    with right:
        names = {ALL: visit.say("events.every_mode"), **{mode: visit.say(f"events.mode_{mode}") for mode in MODES}}
        mode = filters.pick(visit.say("events.mode"), "mode", names, ALL)
    chosen = ["" if value == ALL else value for value in (programme, mode)]
    return EventLens(selection, cached_events.today(), *chosen)


def month(visit: Visit, covered: tuple[date, date], day: date, room: DeltaGenerator, look: str) -> date:
    """The month on screen: by default the newest with events that is over, always so in views of all months."""
    months = pl.date_range(*covered, "1mo", eager=True).to_list()
    over = [month for month in months if month < day.replace(day=1)]
    if look not in MONTHLY:
        return max(over or months)
    with room:
        return filters.month(visit, months, max(over or months))


def looked(visit: Visit, lens: EventLens, month: date, covered: tuple[date, date]) -> Looked:
    """Everything a view needs; programme and mode stand in the territory of every foot line."""
    source, status = blocks.source(visit, "events", lens.selection.city_id)
    where = blocks.territory(visit, lens.selection)
    foot = Foot(source, status, visit.say("unit.events"), territory=" · ".join([where, *narrowed(visit, lens)]))
    return Looked(lens, month, covered, where, foot)


def narrowed(visit: Visit, lens: EventLens) -> list[str]:
    """The programme and the mode in words, where one is chosen."""
    programme = [event_rows.programme_names(visit).get(lens.programme, lens.programme)] if lens.programme else []
    return programme + ([visit.say(f"events.mode_{lens.mode}")] if lens.mode else [])


def of_city(visit: Visit, at: Looked) -> Foot:
    """The foot of a figure that is about the whole city, whatever district is chosen."""
    city = blocks.territory(visit, Selection(at.lens.selection.city_id))
    return replace(at.foot, territory=" · ".join([city, *narrowed(visit, at.lens)]))


def every(visit: Visit) -> str:
    """Month, quarter or year as the width of a column."""
    names = {value: visit.say(f"events.every_{value}") for value in EVERY}
    return filters.switch(visit.say("events.every"), "every", names)


def by(visit: Visit) -> str:
    """What the columns are stacked by."""
    names = {value: visit.say(f"events.by_{value}").capitalize() for value in BY}
    return filters.switch(visit.say("events.by"), "split", names)


def dimension_names(visit: Visit, city_id: str, by: str) -> dict[str, str]:
    """The names of what columns are stacked by, also of events that do not state it (NOT_STATED)."""
    if by == "programme":
        return event_rows.programme_names(visit)
    if by == "mode":
        return {mode: visit.say(f"events.mode_{mode}") for mode in MODES}
    return {**district_names(visit, city_id), NOT_STATED: visit.say("events.no_district")}


def period_name(visit: Visit, period: date, every: str) -> str:
    """A month, quarter or year as it is read."""
    if every == "quarter":
        return visit.say("events.quarter", year=period.year, quarter=(period.month + 2) // 3)
    return tables.period_label(f"{period:%Y}" if every == "year" else period, visit.language)


def span(visit: Visit, first: date, last: date) -> str:
    """Two months as one period."""
    ends = [tables.period_label(month, visit.language) for month in (first, last)]
    return " – ".join(dict.fromkeys(ends))


def district_names(visit: Visit, city_id: str) -> dict[str, str]:
    """The names of a city's districts in the visitor's language."""
    return dict(registry.districts_of(city_id).select("district_code", visit.named()).iter_rows())


def worded(visit: Visit, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with the headings a person reads, days as 2026-11-28; a column without a word keeps its name."""
    known = TEXTS.keys(visit.language)
    days = [name for name in ("date", "end_date") if rows.schema.get(name) == pl.Date]
    rows = rows.with_columns(pl.col(days).dt.strftime("%Y-%m-%d"))
    found = {name: (f"events.field_{name}", f"field.{name}") for name in rows.columns}
    said = {name: next((key for key in keys if key in known), "") for name, keys in found.items()}
    return rows.rename({name: visit.say(key) for name, key in said.items() if key})
