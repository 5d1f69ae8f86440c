"""The view of published totals: what the organisers say of themselves, beside what is counted here, never inside it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
import streamlit as st

from data import registry
from pages.parts import blocks, charts, tables
from pages.parts.blocks import Foot
from pages.parts.events import cached_events, event_charts, event_choices, programmes
from pages.parts.events.cached_events import EventLens
from pages.parts.events.event_choices import Looked
from pages.parts.filters import Selection
from pages.parts.session import Visit

SESSIONS = {
    "themed_events": "park_show",
    "gov_enterprise_meetings": "gov_enterprise",
    "cooperation_matchmaking": "matchmaking",
    "park_talk_sessions": "park_voice",
    "wenkehui_sessions": "wenkehui",
}
"""The programme whose events a published number of sessions is about."""

RESULTS = {
    "wenkehui_enterprises": "enterprises",
    "wenkehui_attendance_online": "participants_online",
    "wenkehui_attendance_offline": "participants_onsite",
}
FUNNEL = {
    "wenkehui_projects_published": ("published_to_pitched", "all_from"),
    "wenkehui_roadshow_projects": ("published_to_pitched", "all_to"),
    "wenkehui_deals": ("pitched_to_signed", "all_to"),
}
ITEMS = {"articles_published": "article", "short_videos_published": "video"}
COMPARED = (*SESSIONS, *RESULTS, *FUNNEL, *ITEMS)
CHAOYANG = "110105"


def show(visit: Visit, at: Looked) -> None:
    """Published beside counted, then what is published only, then every published total of the city."""
    beside(visit, at)
    if at.lens.selection.city_id == "beijing" and at.lens.selection.district_code in (None, CHAOYANG):
        chaoyang(visit)
    only_published(visit, at.lens.selection)


def only_published(visit: Visit, selection: Selection) -> None:
    """What a city publishes of its events, venues and visits; also of a city without any record here."""
    if selection.city_id == "shenzhen":
        fair(visit)
    elif selection.city_id == "ruhr":
        night(visit)
    programmes.published(visit, selection)


def beside(visit: Visit, at: Looked) -> None:
    """Each published total that has a counterpart, with what is counted here for the same year."""
    city = at.lens.selection.city_id
    facts = registry.events_published().filter((pl.col("city_id") == city) & pl.col("metric").is_in(COMPARED))
    if not facts.height:
        return
    numbers = [counted(visit, at, metric, year) for metric, year in facts.select("metric", "year").iter_rows()]
    facts = facts.with_columns(programmes.qualified(visit, facts), word=tables.each(facts["unit"], visit.unit))
    facts = facts.with_columns(counted=pl.Series(numbers, dtype=pl.Int64))
    data = facts.select(
        pl.col("year").cast(pl.String).alias(visit.say("events.year")),
        tables.each(facts["metric"], lambda name: visit.say(f"events.fact_{name}")).alias(visit.say("events.what")),
        pl.col("text").alias(visit.say("events.published_value")),
        pl.col("counted").alias(visit.say("events.counted")),
        pl.col("word").alias(visit.say("cities.unit")),
        pl.col("description").alias(visit.say("events.description")),
        pl.col("source_title").alias(visit.say("cities.source")),
    )
    years = facts["year"].drop_nulls().unique().sort().cast(pl.String).to_list()
    source = f"{visit.say('source.figures')} · {at.foot.source} · {visit.say('events.beside_note')}"
    foot = replace(
        at.foot, source=source, unit="", period=", ".join(years), n=str(facts.height),
        territory=blocks.territory(visit, Selection(city)),
    )  # fmt: skip
    blocks.table(visit, visit.say("events.beside"), data, foot, "published-beside", height="content")


def counted(visit: Visit, at: Looked, metric: str, year: int) -> int | None:
    """What is counted here for a published total of a year; None where the year is not covered as a whole."""
    city, day = at.lens.selection.city_id, at.lens.today
    first, last = date(year, 1, 1), date(year, 12, 1)
    if metric in ITEMS:
        return cached_events.published_items(visit.key, city, ITEMS[metric], year, visit)
    if at.covered[0] > first or at.covered[1] < last or year >= day.year:
        return None
    programme = SESSIONS.get(metric, "wenkehui")
    lens = EventLens(Selection(city), day, programme)
    if metric in SESSIONS:
        rows = cached_events.counts(visit.key, lens, (), "year", visit)
        return int(rows.filter(pl.col("period") == first)["n_events"].sum())
    if metric in RESULTS:
        found = cached_events.people(visit.key, lens, (), "all", first, last, visit)[RESULTS[metric]].item()
        return None if found is None else int(found)
    step, column = FUNNEL[metric]
    rows = cached_events.matched(visit.key, lens, (), "all", year, visit).filter(pl.col("step") == step)
    return None if not rows.height or rows[column].item() is None else int(rows[column].item())


def facts_of(visit: Visit, *chosen: pl.Expr) -> pl.DataFrame:
    """Published facts with `text` (the value with its qualifier), oldest first."""
    facts = registry.events_published().filter(*chosen).sort("year", nulls_last=True)
    return facts.with_columns(programmes.qualified(visit, facts))


def foot_of(visit: Visit, facts: pl.DataFrame, note: str, where: str = "") -> Foot:
    """The foot line of published figures: unit, years, every source, and what the figures mean."""
    years = facts["year"].drop_nulls()
    span = " – ".join(dict.fromkeys((str(years.min()), str(years.max())))) if years.len() else ""
    sources = " | ".join(facts["source_title"].drop_nulls().unique(maintain_order=True))
    unit = visit.unit(facts["unit"][0])
    return Foot(f"{sources} · {note}", "published", unit, span, where, str(facts.height))


def chaoyang(visit: Visit) -> None:
    """Chaoyang: events of a year, and parks with public cultural space among its parks, both of June 2019."""
    here = (pl.col("org") == "北京市朝阳区") & (pl.col("as_of") == "2019-06-30")
    events = facts_of(visit, here, pl.col("metric") == "cultural_events_per_year")
    spaces = facts_of(visit, here, pl.col("metric") == "parks_with_public_cultural_space")
    parks = facts_of(visit, here, pl.col("metric") == "parks_total")
    where = event_choices.district_names(visit, "beijing")[CHAOYANG]
    left, right = st.columns(2)
    with left:
        foot = foot_of(visit, events, visit.say("events.chaoyang_note"), where)
        label = visit.say("events.chaoyang_events")
        blocks.metric(visit, label, events["text"][0], None, "", "", replace(foot, n=""))
    with right:
        foot = foot_of(visit, spaces, visit.say("events.spaces_note"), where)
        share = tables.number(100 * spaces["value"][0] / parks["value"][0], 0)
        value = f"{spaces['text'][0]} / {parks['text'][0]}"
        note = visit.say("events.spaces_share", share=share)
        label = visit.say("events.chaoyang_spaces")
        blocks.metric(visit, label, value, None, "", note, replace(foot, n=parks["text"][0]))


def fair(visit: Visit) -> None:
    """Shenzhen: branch venues of the culture fair by year, and of one year by district."""
    venues = pl.col("metric") == "branch_venues"
    city = facts_of(visit, venues, pl.col("district").is_null())
    parts = facts_of(visit, venues, pl.col("district").is_not_null(), pl.col("year") == 2017)
    where = blocks.territory(visit, Selection("shenzhen"))
    left, right = st.columns(2)
    with left:
        years(visit, city, visit.say("events.fair_years"), visit.say("events.fair_note"), where, "fair-years")
    with right:
        names = event_choices.district_names(visit, "shenzhen")
        rows = parts.with_columns(name=pl.coalesce("district_code", "district"))
        figure = charts.bars(rows, "name", "value", unit="", labels=names, places=0, period="2017", dark=visit.dark)
        foot = foot_of(visit, parts, visit.say("events.fair_districts_note"), where)
        foot = replace(foot, n=tables.number(parts["value"].sum(), 0))
        data = rows.select(district=pl.col("name").replace(names), value="value", source_title="source_title")
        heading = visit.say("events.fair_districts")
        blocks.chart(visit, heading, figure, foot, "fair-districts", event_choices.worded(visit, data))


def night(visit: Visit) -> None:
    """The Ruhr's night of industrial culture: visits and venues by year."""
    own = pl.col("org").str.starts_with("ExtraSchicht")
    where = blocks.territory(visit, Selection("ruhr"))
    for column, metric in zip(st.columns(2), ("visitors", "venues"), strict=True):
        with column:
            facts = facts_of(visit, own, pl.col("metric") == metric)
            note = visit.say(f"events.night_{metric}_note")
            years(visit, facts, visit.say(f"events.night_{metric}"), note, where, f"night-{metric}")


def years(visit: Visit, facts: pl.DataFrame, heading: str, note: str, where: str, key: str) -> None:
    """Published figures of single years as columns."""
    unit = visit.unit(facts["unit"][0])
    told = [f"{year}<br>{tables.with_unit(text, unit)}" for year, text in facts.select("year", "text").iter_rows()]
    rows = facts.with_columns(hover=pl.Series(told, dtype=pl.String), derived=pl.col("qualifier") == "derived")
    data = facts.select(
        pl.col("year").cast(pl.String), published_value="text", description="description", source_title="source_title"
    )
    figure = event_charts.published_years(rows, visit.dark)
    blocks.chart(visit, heading, figure, foot_of(visit, facts, note, where), key, event_choices.worded(visit, data))
