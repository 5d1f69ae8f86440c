"""The view of published totals: what the organisers say of themselves, beside what is counted here, never inside it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
import streamlit as st

from data import registry
from pages.parts import blocks, cached, tables
from pages.parts.events import cached_events, event_choices, event_series, programmes
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


def found(visit: Visit, at: Looked) -> str:
    """The title: how many totals are published."""
    city = at.lens.selection.city_id
    facts = registry.events_published().filter(pl.col("city_id") == city, pl.col("unit").is_in(programmes.EVENT_UNITS))
    return visit.say("events.title_published", place=blocks.territory(visit, Selection(city)), n=facts.height)


def show(visit: Visit, at: Looked) -> None:
    """Published beside counted, then what is published only, then every published total of the city."""
    beside(visit, at)
    if at.lens.selection.city_id == "beijing" and at.lens.selection.district_code in (None, CHAOYANG):
        chaoyang(visit)
    only_published(visit, at.lens.selection)


def only_published(visit: Visit, selection: Selection) -> None:
    """What a city publishes of its events, venues and visits; also of a city without any record here."""
    if selection.city_id == "shenzhen":
        event_series.fair(visit)
    elif selection.city_id == "ruhr":
        event_series.night(visit)
    programmes.published(visit, selection)


def beside(visit: Visit, at: Looked) -> None:
    """Each published total that has a counterpart, with what is counted here for the same year and its months."""
    city = at.lens.selection.city_id
    facts = registry.events_published().filter((pl.col("city_id") == city) & pl.col("metric").is_in(COMPARED))
    if not facts.height:
        return
    numbers = [counted(visit, at, metric, year) for metric, year in facts.select("metric", "year").iter_rows()]
    facts = facts.with_columns(
        programmes.qualified(visit, facts, units=True), programmes.what(visit, facts["metric"]).alias("what"),
        counted=pl.Series([n for n, _ in numbers], dtype=pl.Int64),
        months=pl.Series([f"{months}/12" for _, months in numbers], dtype=pl.String),
    )  # fmt: skip
    made_up = any(cached.has_synthetic(visit.key, name, city, visit) for name in ("events", "publications"))
    columns = {"what": "events.what", "told": "events.published_value",
               "counted": "events.counted_synthetic" if made_up else "events.counted", "months": "events.of_year",
               "year": "events.year", "source_title": "cities.source", "source_url": "events.link"}  # fmt: skip
    data = facts.with_columns(pl.col("year").cast(pl.String)).select(
        pl.col(name).alias(visit.say(said)) for name, said in columns.items()
    )
    years = facts["year"].drop_nulls().unique().sort().cast(pl.String).to_list()
    both = visit.say("events.beside_status_synthetic" if made_up else "events.beside_status")
    source = " · ".join((visit.say("source.register_events"), at.foot.source, both, visit.say("events.beside_note")))
    foot = replace(
        at.foot, source=source, unit=visit.say("events.unit_rows"), period=", ".join(years), n=str(facts.height),
        territory=blocks.territory(visit, Selection(city)),
    )  # fmt: skip
    name, told, here = data.columns[:3]  # on a phone all three are in sight
    options = {
        name: st.column_config.Column(width=120 if visit.language == "zh" else 140, pinned=True),
        told: st.column_config.Column(width=80 if visit.language == "zh" else 95),
        here: st.column_config.NumberColumn(width=155, format="localized", alignment="left"),
    }  # fmt: skip
    heading = visit.say("events.beside")
    blocks.table(visit, heading, data, foot, "published-beside", height="content", column_config=options)


def counted(visit: Visit, at: Looked, metric: str, year: int) -> tuple[int | None, int]:
    """What is counted here for a published total of a year, None where it is not over or begins earlier; its months."""
    city, day = at.lens.selection.city_id, at.lens.today
    first, last = date(year, 1, 1), date(year, 12, 1)
    if metric in ITEMS:
        return cached_events.published_items(visit.key, city, ITEMS[metric], year, visit)
    months = cached_events.months_with_records(visit, city, day, year)
    if at.covered[0] > first or at.covered[1] < last or year >= day.year:
        return None, months
    programme = SESSIONS.get(metric, "wenkehui")
    lens = EventLens(Selection(city), day, programme)
    if metric in SESSIONS:
        rows = cached_events.counts(visit.key, lens, (), "year", visit)
        return int(rows.filter(pl.col("period") == first)["n_events"].sum()), months
    if metric in RESULTS:
        found = cached_events.people(visit.key, lens, (), "all", first, last, visit)[RESULTS[metric]].item()
        return None if found is None else int(found), months
    step, column = FUNNEL[metric]
    rows = cached_events.matched(visit.key, lens, (), "all", year, visit).filter(pl.col("step") == step)
    return None if not rows.height or rows[column].item() is None else int(rows[column].item()), months


def chaoyang(visit: Visit) -> None:
    """Chaoyang: events of a year, and parks with public cultural space among its parks, both of June 2019."""
    here = (pl.col("org") == "北京市朝阳区") & (pl.col("as_of") == "2019-06-30")
    events = event_series.facts_of(visit, here, pl.col("metric") == "cultural_events_per_year")
    spaces = event_series.facts_of(visit, here, pl.col("metric") == "parks_with_public_cultural_space")
    parks = event_series.facts_of(visit, here, pl.col("metric") == "parks_total")
    where = event_choices.district_names(visit, "beijing")[CHAOYANG]
    left, right = st.columns(2)
    with left:
        foot = event_series.foot_of(visit, events, visit.say("events.chaoyang_note"), where)
        label = visit.say("events.chaoyang_events")
        blocks.metric(visit, label, events["text"][0], None, "", "", replace(foot, n=""))
    with right:
        foot = event_series.foot_of(visit, spaces, visit.say("events.spaces_note"), where)
        share = tables.number(100 * spaces["value"][0] / parks["value"][0], 0)
        value = f"{spaces['text'][0]} / {parks['text'][0]}"
        note = visit.say("events.spaces_share", share=share)
        label = visit.say("events.chaoyang_spaces")
        blocks.metric(visit, label, value, None, "", note, replace(foot, n=parks["text"][0]))
