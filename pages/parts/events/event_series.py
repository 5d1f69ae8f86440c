"""Published figures of single years: the venues of Shenzhen's culture fair, the Ruhr's night of industrial culture."""

from __future__ import annotations

import polars as pl
import streamlit as st

from data import registry
from pages.parts import blocks
from pages.parts.blocks import Foot
from pages.parts.events import event_charts, event_choices, programmes
from pages.parts.filters import Selection
from pages.parts.session import Visit


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


def fair(visit: Visit) -> None:
    """Shenzhen: branch venues of the culture fair by year, and by district for the years published."""
    venues = pl.col("metric") == "branch_venues"
    city = facts_of(visit, venues, pl.col("district").is_null())
    where = blocks.territory(visit, Selection("shenzhen"))
    left, right = st.columns(2)
    with left:
        years(visit, city, "fair_years", visit.say("events.fair_note"), where, "fair-years")
    with right:
        fair_districts(visit, facts_of(visit, venues, pl.col("district").is_not_null()), where)


def fair_districts(visit: Visit, facts: pl.DataFrame, where: str) -> None:
    """Venues by district, each year a column of its own: the years count by other definitions and are never joined."""
    names = event_choices.district_names(visit, "shenzhen")
    others = {place: visit.say(word) for place, word in programmes.PLACES.items()}
    named = facts.with_columns(
        pl.coalesce(
            pl.col("district_code").replace_strict(names, default=None, return_dtype=pl.String),
            pl.col("district").replace(others),
        ).alias("district"),
        pl.col("year").cast(pl.String), pl.col("value").cast(pl.Int64),
    )  # fmt: skip
    columns = named["year"].unique().sort()
    table = named.pivot("year", index="district", values="value", on_columns=columns)
    newest = columns[-1]
    table = table.sort(newest, "district", descending=[True, False], nulls_last=True)
    foot = foot_of(visit, facts, visit.say("events.fair_districts_note"), where)
    first = table.row(0, named=True)
    heading = visit.say("events.fair_districts", year=newest, district=first["district"], n=first[newest])
    data = event_choices.worded(visit, table)
    blocks.table(visit, heading, data, foot, "fair-districts", height="content", column_config=blocks.pinned(data))


def night(visit: Visit) -> None:
    """The Ruhr's night of industrial culture: visits and venues by year."""
    own = pl.col("org").str.starts_with("ExtraSchicht")
    where = blocks.territory(visit, Selection("ruhr"))
    for column, metric in zip(st.columns(2), ("visitors", "venues"), strict=True):
        with column:
            facts = facts_of(visit, own, pl.col("metric") == metric)
            note = visit.say(f"events.night_{metric}_note")
            years(visit, facts, f"night_{metric}", note, where, f"night-{metric}")


def years(visit: Visit, facts: pl.DataFrame, heading: str, note: str, where: str, key: str) -> None:
    """Published figures of single years as bars; `heading` is the key of a sentence with the newest."""
    values = programmes.qualified(visit, facts, units=True)
    told = [f"{year}<br>{text}" for year, text in zip(facts["year"], values, strict=True)]
    rows = facts.with_columns(hover=pl.Series(told, dtype=pl.String), derived=pl.col("qualifier") == "derived")
    columns = {"published_value": "text", "description": "description", "source_title": "source_title",
               "source_url": "source_url"}  # fmt: skip
    if not programmes.readable(visit, facts):
        columns.pop("description")
    data = facts.select(pl.col("year").cast(pl.String), **columns)
    heading = visit.say(f"events.{heading}", year=facts["year"][-1], value=values[-1])
    figure = event_charts.published_years(rows, visit.dark)
    blocks.chart(visit, heading, figure, foot_of(visit, facts, note, where), key, event_choices.worded(visit, data))
