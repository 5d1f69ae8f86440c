"""Event tables: programmes to date, and published totals with their qualifiers."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl

from data import registry
from pages.parts import blocks, tables
from pages.parts.blocks import Foot
from pages.parts.filters import Selection
from pages.parts.session import Visit

EVENT_UNITS = (
    "events", "persons", "projects", "deals", "visits", "articles", "videos", "reports", "surveys", "actions", "venues",
    "members", "organisations",
)  # fmt: skip
QUALIFIERS = {"exact": "", "at_least": "≥ ", "approx": "≈ ", "derived": ""}


def to_date(visit: Visit, counts: pl.DataFrame, month: date, foot: Foot) -> None:
    """By programme: the month, the year to date, the same months of last year (— where records start later)."""
    names = registry.programmes().select("programme_id", visit.named().alias("programme"))
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
        .join(names, on="programme_id", how="left")
        .sort("this_year", "programme_id", descending=[True, False])
        .select(
            pl.col(word).alias(visit.say(f"events.{word}"))
            for word in ("programme", "this_month", "this_year", "last_year")
        )
    )
    foot = replace(foot, period=when)
    blocks.table(visit, visit.say("events.programmes", month=when), data, foot, "programmes")


def published(visit: Visit, selection: Selection) -> None:
    """The published totals of the city's organisers, qualifier kept, never inside the counts."""
    counted = pl.col("unit").is_in(EVENT_UNITS)
    facts = registry.events_published().filter((pl.col("city_id") == selection.city_id) & counted)
    if not facts.height:
        return
    qualified = pl.col("qualifier").replace_strict(QUALIFIERS, default="") + pl.col("value").map_elements(
        lambda v: tables.figure(v, visit.language), return_dtype=pl.String
    )
    data = facts.sort("year", descending=True, nulls_last=True).select(
        pl.col("year").cast(pl.String).fill_null("—").alias(visit.say("events.year")),
        pl.col("org").alias(visit.say("events.organiser")),
        pl.col("description").alias(visit.say("events.description")),
        qualified.alias(visit.say("events.value")),
        pl.col("unit").map_elements(visit.unit, return_dtype=pl.String).alias(visit.say("cities.unit")),
        pl.col("source_title").alias(visit.say("cities.source")),
    )
    foot = Foot(visit.say("source.figures") + " · " + visit.say("events.published_note"), "published")
    blocks.table(visit, visit.say("events.published"), data, foot, "published-events")
