"""Event tables: programmes to date, and published totals with their qualifiers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl

from data import registry
from pages.parts import blocks, tables
from pages.parts.blocks import Foot
from pages.parts.events import event_rows
from pages.parts.filters import Selection
from pages.parts.session import Visit

EVENT_UNITS = (
    "events", "persons", "projects", "deals", "visits", "articles", "videos", "reports", "surveys", "actions", "venues",
    "members", "organisations",
)  # fmt: skip
MILLION = 1_000_000
QUALIFIERS = {"exact": "", "at_least": "≥ ", "approx": "≈ ", "derived": ""}


def to_date(visit: Visit, counts: pl.DataFrame, month: date, foot: Foot) -> None:
    """By programme: the month, the year to date, the same months of last year (— where records start later)."""
    if not counts.height:
        return
    names = event_rows.programme_names(visit)
    period, n = pl.col("period"), pl.col("n_events")
    before = month.replace(year=month.year - 1)
    covered = counts["period"].min() <= before.replace(month=1)
    last_year = n.filter(period.is_between(before.replace(month=1), before)).sum() if covered else pl.lit(None)
    when = tables.period_label(month, visit.language)
    data = (
        counts.group_by("programme_id")
        .agg(
            this_month=n.filter(period == month).sum(),
            this_year=n.filter(period.is_between(month.replace(month=1), month)).sum(),
            last_year=last_year,
        )
        .with_columns(programme=pl.col("programme_id").replace_strict(names, default=pl.col("programme_id")))
        .sort("this_year", "programme_id", descending=[True, False])
        .select(
            pl.col(word).alias(visit.say(f"events.{word}"))
            for word in ("programme", "this_month", "this_year", "last_year")
        )
    )
    foot = replace(foot, period=when)
    blocks.table(visit, visit.say("events.programmes", month=when), data, foot, "programmes", height="content")


def qualified(visit: Visit, facts: pl.DataFrame) -> pl.Series:
    """The published values as they are read, each with its ≥ or ≈: whole ones below a million in full."""

    def read(value: float) -> str:
        whole = float(value).is_integer() and abs(value) < MILLION
        return tables.number(value, 0) if whole else tables.figure(value, visit.language)

    pairs = zip(facts["qualifier"], facts["value"], strict=True)
    texts = [QUALIFIERS.get(sign, "") + read(value) for sign, value in pairs]
    return pl.Series("text", texts, dtype=pl.String)


def published(visit: Visit, selection: Selection) -> None:
    """The published totals of the city's organisers, qualifier kept, never inside the counts."""
    counted = pl.col("unit").is_in(EVENT_UNITS)
    facts = registry.events_published().filter((pl.col("city_id") == selection.city_id) & counted)
    if not facts.height:
        return
    facts = facts.with_columns(qualified(visit, facts), word=tables.each(facts["unit"], visit.unit))
    places = registry.districts_of(selection.city_id).select("district_code", place=visit.named())
    facts = facts.join(places, on="district_code", how="left", maintain_order="left")
    data = facts.sort("year", descending=True, nulls_last=True).select(
        pl.col("year").cast(pl.String).fill_null("—").alias(visit.say("events.year")),
        pl.col("org").alias(visit.say("events.organiser")),
        pl.coalesce("place", "district").alias(visit.say("events.field_district")),
        pl.col("description").alias(visit.say("events.description")),
        pl.col("text").alias(visit.say("events.value")),
        pl.col("word").alias(visit.say("cities.unit")),
        pl.col("source_title").alias(visit.say("cities.source")),
    )
    data = data.select(name for name in data.columns if data[name].count())
    foot = Foot(visit.say("source.figures") + " · " + visit.say("events.published_note"), "published")
    blocks.table(visit, visit.say("events.published"), data, foot, "published-events")
