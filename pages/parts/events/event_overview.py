"""The first view of the events page: what comes next, how many there were, where, and on which days."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import streamlit as st

from pages.parts import blocks, mapped, tables
from pages.parts.events import cached_events, event_charts, event_choices, event_rows, event_trend, programmes
from pages.parts.events.event_choices import Looked
from pages.parts.filters import Selection
from pages.parts.session import Visit

NEXT = 12  # planned events shown
NEWEST_FIRST = "<style>.st-key-wide-calendar{direction:rtl}.st-key-wide-calendar>*{direction:ltr}</style>"
PLANNED = ("date", "start_time", "end_date", "title", "programme", "district", "park", "mode", "host")


def show(visit: Visit, at: Looked) -> None:
    """Planned events first; then the figures of the month, the columns, the map, changes, parks, days, programmes."""
    upcoming(visit, at)
    figures(visit, at)
    counts = cached_events.counts(visit.key, at.lens, ("programme_id",), "month", visit)
    if not counts["n_events"].sum():
        blocks.empty(visit, "events.none_chosen")
        return
    with st.container(horizontal=True, gap="medium"):
        every, split = event_choices.every(visit), event_choices.by(visit)
    left, right = st.columns([3, 2])
    with left:
        event_trend.columns(visit, at, every, split)
    with right:
        year_map(visit, at)
    measure = event_trend.measure(visit)
    left, right = st.columns([3, 2])
    with left:
        event_trend.moves(visit, at, measure)
    with right:
        event_trend.parks(visit, at)
    calendar(visit, at)
    programmes.to_date(visit, counts, at.month, at.foot)


def found(visit: Visit, at: Looked) -> str:
    """The title: how many events the month had."""
    months = cached_events.counts(visit.key, at.lens, (), "month", visit)
    n = tables.number(months.filter(period=at.month)["n_events"].sum(), 0)
    return visit.say("events.title_month", month=tables.period_label(at.month, visit.language), n=n)


def upcoming(visit: Visit, at: Looked) -> None:
    """The next planned events: day, time, place and host."""
    rows = event_rows.upcoming(visit, at.lens)
    if not rows.height:
        st.caption(visit.say("events.no_upcoming"))
        return
    shown = rows.head(NEXT).select(PLANNED).with_columns(pl.col("title").fill_null(pl.col("programme")))
    shown = shown.select(name for name in PLANNED if name == "title" or shown[name].count())
    day = f"{at.lens.today:%Y-%m-%d}"
    foot = replace(at.foot, period=visit.say("events.from_day", day=day), n=str(rows.height))
    heading = visit.say("events.upcoming", n=rows.height, shown=shown.height)
    blocks.table(visit, heading, event_choices.worded(visit, shown), foot, "upcoming", height="content")


def figures(visit: Visit, at: Looked) -> None:
    """The month, the year before, the year to date and twelve months; what cannot be compared is missing."""
    months = cached_events.changes(visit.key, at.lens, visit)
    now = months.filter(pl.col("period") == at.month).row(0, named=True)
    when = tables.period_label(at.month, visit.language)
    foot = replace(at.foot, period=when, method="count_changes")
    none = visit.say("events.not_covered", first=tables.period_label(at.covered[0], visit.language))
    first, second, third, fourth = st.columns(4)

    def against(key: str, missing: bool, **values: object) -> str:
        return none if missing else visit.say(f"events.{key}", **values)

    with first:
        note = visit.say("events.running", day=f"{at.lens.today:%Y-%m-%d}") if at.running else ""
        blocks.metric(
            visit, visit.say("events.figure_month", month=when), number(now["n_events"]), now["change_month"],
            visit.say("events.on_month"), note, replace(foot, method="event_counts"), places=0,
        )  # fmt: skip
    before = None if now["change_year"] is None else now["n_events"] - now["change_year"]
    with second:
        note = against("figure_year_note", before is None, now=number(now["n_events"]), before=number(before))
        value = tables.with_unit(tables.signed(now["change_year_pct"]), "%")
        blocks.metric(visit, visit.say("events.figure_year"), value, None, "", note, replace(foot, unit="%"))
    with third:
        note = against("figure_date_note", now["year_to_date_before"] is None,
                       before=number(now["year_to_date_before"]), pct=percent(now["change_to_date_pct"]))  # fmt: skip
        blocks.metric(visit, visit.say("events.figure_date"), number(now["year_to_date"]), None, "", note, foot)
    with fourth:
        earlier = months.filter(pl.col("period") == at.month.replace(year=at.month.year - 1))
        total = earlier["total_12_months"].item() if earlier.height else None
        change = 100 * (now["total_12_months"] / total - 1) if total and now["total_12_months"] is not None else None
        note = against("figure_12_note", total is None, before=number(total), pct=percent(change))
        blocks.metric(visit, visit.say("events.figure_12"), number(now["total_12_months"]), None, "", note, foot)


def number(value: float | None) -> str:
    """A count as it is read; missing is "—"."""
    return tables.number(value, 0)


def percent(value: float | None) -> str:
    """A change in per cent with its sign."""
    return tables.with_unit(tables.signed(value), "%")


def year_map(visit: Visit, at: Looked) -> None:
    """Events of the last twelve months by district; events without a district are counted in the foot."""
    first, last = at.year
    rows = cached_events.by_district(visit.key, at.lens, first, last, visit)
    unplaced = rows.filter(pl.col("district_code").is_null())["n"].sum()
    note = f"{at.foot.source} · {visit.say('events.unplaced', n=unplaced)}" if unplaced else at.foot.source
    foot = replace(
        event_choices.of_city(visit, at), source=note, period=event_choices.span(visit, first, last),
        n=tables.count(rows["n"].sum(), visit.language), method="event_counts",
    )  # fmt: skip
    heading = visit.say("events.map_year", month=tables.period_label(at.month, visit.language))
    numbers = rows.drop_nulls("district_code")
    selection: Selection = at.lens.selection
    mapped.counts(visit, selection, numbers, heading, foot, "events-map", visit.say("unit.events"))


def calendar(visit: Visit, at: Looked) -> None:
    """The days of the year of the month on screen; a phone begins with the newest."""
    year = at.month.year
    days = cached_events.calendar(visit.key, at.lens, year, visit)
    if not days["n_events"].sum():
        st.caption(visit.say("events.calendar_none", year=year))
        return
    weekdays = visit.say("events.weekdays").split()
    months = visit.say("events.months").split()
    key = visit.say("events.calendar_key")
    figure = event_charts.calendar(days, weekdays, months, at.foot.unit, visit.dark, key)
    busiest = days.sort("n_events", "date", descending=[True, False]).row(0, named=True)
    period = f"{days['date'].min()} – {days['date'].max()}"
    n = tables.count(days["n_events"].sum(), visit.language)
    foot = replace(at.foot, period=period, n=n, method="event_calendar")
    heading = visit.say("events.calendar", year=year, day=f"{busiest['date']:%Y-%m-%d}", n=busiest["n_events"])
    st.html(NEWEST_FIRST)
    blocks.chart(visit, heading, figure, foot, "calendar", event_choices.worded(visit, days.select("date", "n_events")))
