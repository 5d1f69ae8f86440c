"""Counts over time on the first view: columns by programme, district or mode, how far they moved, the leading parks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
import streamlit as st

from pages.parts import blocks, charts, filters, tables
from pages.parts.events import cached_events, event_charts, event_choices
from pages.parts.events.cached_events import NOT_STATED
from pages.parts.events.event_choices import BY, Looked
from pages.parts.session import Visit

MOVED = {
    "total_12_months": "",
    "change_month_pct": "%",
    "change_year_pct": "%",
    "change_to_date_pct": "%",
}
"""What the line of changes can show, with its unit ("": events)."""
PARKS_PX = 388  # the leading ten parks; the others below them


def columns(visit: Visit, at: Looked, every: str, split: str) -> None:
    """Events by month, quarter or year, stacked by programme, district or mode: each event belongs to one."""
    column = BY[split]
    counts = cached_events.counts(visit.key, at.lens, (column,), every, visit)
    counts = counts.with_columns(pl.col(column).fill_null(NOT_STATED))
    names = event_choices.dimension_names(visit, at.lens.selection.city_id, split)
    periods = {day: event_choices.period_name(visit, day, every) for day in counts["period"].unique()}
    words, notes = in_part(visit, at, every)
    figure = event_charts.columns(
        counts, column, "n_events", names, periods, unit=at.foot.unit,
        part=words,
        synthetic=at.foot.status != "computed", language=visit.language, dark=visit.dark,
    )  # fmt: skip
    total = tables.count(counts["n_events"].sum(), visit.language)
    source = " · ".join([at.foot.source, *notes])
    foot = replace(
        at.foot, period=event_choices.span(visit, *at.covered), n=total, source=source, method="period_counts"
    )
    named = counts.filter(pl.col("n_events") > 0).select(
        "period", pl.col(column).alias(split), name=pl.col(column).replace(names), n_events="n_events",
        n_months="n_months",
    )  # fmt: skip
    data = event_choices.worded(visit, named.drop(split).rename({"name": split}))
    blocks.chart(visit, leading(visit, counts, column, names, every, split), figure, foot, "events", data)


def in_part(visit: Visit, at: Looked, every: str) -> tuple[dict[date, str], list[str]]:
    """The periods the records cover in part only: the word above each column, and the notes of the foot."""
    rows = cached_events.counts(visit.key, at.lens, (), every, visit).filter(~pl.col("whole"))
    parts = dict(rows.select("period", "n_months").iter_rows())
    words = {day: visit.say("events.part_months", n=n) for day, n in parts.items()}
    names = {day: event_choices.period_name(visit, day, every) for day in parts}
    return words, [visit.say("events.part", period=names[day], n=n) for day, n in parts.items()]


def leading(visit: Visit, counts: pl.DataFrame, column: str, names: dict[str, str], every: str, split: str) -> str:
    """The heading: which programme, district or mode has most of the events, and its share."""
    totals = counts.group_by(column).agg(pl.col("n_events").sum()).sort("n_events", column, descending=[True, False])
    first, most = totals.row(0)
    share = tables.number(100 * most / totals["n_events"].sum(), 0)
    return visit.say(f"events.trend_{every}", by=visit.say(f"events.by_{split}"), name=names.get(first, first),
                     share=share)  # fmt: skip


def measure(visit: Visit) -> str:
    """What the line of changes shows."""
    return filters.switch(
        visit.say("events.moved"), "moved", {name: visit.say(f"events.field_{name}") for name in MOVED}
    )


def moves(visit: Visit, at: Looked, chosen: str) -> None:
    """How far the count moved, month by month: the moving twelve months, or one of the three changes in per cent."""
    rows = cached_events.changes(visit.key, at.lens, visit).filter(pl.col("period") <= at.month)
    unit = MOVED[chosen] or at.foot.unit
    figure = charts.trend(
        rows, y=chosen, label=visit.say(f"events.field_{chosen}"), neutral=0.0 if MOVED[chosen] else None, unit=unit,
        synthetic=at.foot.status != "computed", yearly=False, places=1 if MOVED[chosen] else 0, height=330,
        language=visit.language, dark=visit.dark,
    )  # fmt: skip
    note = visit.say("events.moves_note")
    first = rows.drop_nulls(chosen)["period"]
    period = event_choices.span(visit, first.min(), first.max()) if first.len() else ""  # type: ignore[arg-type]
    foot = at.foot.noted(note, unit=unit, period=period, n=tables.count(rows["n_events"].sum(), visit.language),
                         method="count_changes")  # fmt: skip
    data = event_choices.worded(visit, blocks.as_published(rows))
    blocks.chart(visit, moved(visit, rows, chosen, at.month), figure, foot, "moves", data)


def moved(visit: Visit, rows: pl.DataFrame, chosen: str, month: date) -> str:
    """The heading: the newest value of the line, or that there is none yet."""
    value = rows.filter(pl.col("period") == month)[chosen]
    when = tables.period_label(month, visit.language)
    name = visit.say(f"events.field_{chosen}")
    if not value.len() or value.item() is None:
        return visit.say("events.moves_none", name=name, month=when)
    unit = MOVED[chosen] or visit.say("unit.events")
    shown = tables.signed(value.item()) if MOVED[chosen] else tables.number(value.item(), 0)
    return visit.say("events.moves", name=name, month=when, value=tables.with_unit(shown, unit))


def parks(visit: Visit, at: Looked) -> None:
    """The parks with most events of twelve months, with their share of all; events that name no park in the foot."""
    rows = cached_events.by_park(visit.key, at.lens, *at.year, visit)
    total, unplaced = rows["n_events"].sum(), rows.filter(pl.col("park_id").is_null())["n_events"].sum()
    named = rows.drop_nulls("park_id").filter(pl.col("n_events") > 0)
    foot = at.foot.noted(
        visit.say("events.no_park", n=unplaced), period=event_choices.span(visit, *at.year),
        n=tables.count(total, visit.language), method="event_counts",
    )  # fmt: skip
    if not named.height:
        blocks.empty(visit, "events.parks_none")
        return
    named = named.with_columns(
        park=pl.coalesce(visit.named(), "park_id"), share_pct=100 * pl.col("n_events") / max(total, 1)
    )
    first = named.row(0, named=True)
    share = tables.percent(first["share_pct"])
    heading = visit.say("events.parks", park=first["park"], n=first["n_events"], share=share, parks=named.height)
    data = named.select("park", "n_events", pl.col("share_pct").alias("share_of_events"))
    data = event_choices.worded(visit, blocks.as_published(data))
    park, n, part = data.columns
    options = {
        park: st.column_config.Column(width=185, pinned=True),
        n: st.column_config.NumberColumn(width=60),
        part: st.column_config.NumberColumn(width=70, format="%.1f"),
    }
    blocks.table(visit, heading, data, foot, "event-parks", height=PARKS_PX, column_config=options)
