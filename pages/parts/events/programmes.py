"""Event tables: programmes to date, and published totals with their qualifiers and sources."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import polars as pl
import streamlit as st

from data import registry
from pages.parts import blocks, tables
from pages.parts.blocks import Foot
from pages.parts.events import event_rows
from pages.parts.filters import Selection
from pages.parts.session import Visit
from pages.parts.text import TEXTS

EVENT_UNITS = (
    "events", "persons", "projects", "deals", "visits", "articles", "videos", "reports", "surveys", "actions", "venues",
    "members", "organisations",
)  # fmt: skip
MILLION = 1_000_000
SIZES = {"zh": ((100_000_000, "亿"), (10_000, "万")), "en": ((1_000_000_000, "bn"), (1_000_000, "M"))}
QUALIFIERS = {"exact": "", "at_least": "≥ ", "approx": "≈ ", "derived": "≈ "}
ALLIANCE, CITIES = "C3", ("beijing", "shanghai", "shenzhen")  # three sister organisations that publish totals together
PLACES = {"大鹏新区": "events.place_dapeng"}  # published places that are no district of the register
ROWS = 30  # a table of so many rows stands in sight as a whole


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


def as_stated(value: float, language: str) -> str:
    """A published value with every digit that was published: in full below a million, else with 万/亿 or M/bn.

    >>> as_stated(115_000_000, "zh"), as_stated(3_000_000, "zh"), as_stated(115_000_000, "en"), as_stated(12.5, "en")
    ('1.15亿', '300万', '115M', '12.5')
    """
    exact = Decimal(repr(float(value)))
    size, word = next((step for step in SIZES[language] if abs(value) >= max(step[0], MILLION)), (1, ""))
    shown = f"{(exact / size).normalize():,f}"
    return shown.replace("-", tables.MINUS) + word


def qualified(visit: Visit, facts: pl.DataFrame, units: bool = False) -> pl.Series:
    """The published values as they are read, with their ≥ or ≈, the unit if asked, and the word where we derived it."""
    derived = {"derived": visit.say("events.derived")}

    def read(sign: str, value: float, unit: str) -> str:
        shown = tables.with_unit(as_stated(value, visit.language), visit.unit(unit) if units else "")
        return f"{QUALIFIERS.get(sign, '')}{shown}{derived.get(sign, '')}"

    texts = [read(*cells) for cells in facts.select("qualifier", "value", "unit").iter_rows()]
    return pl.Series("told" if units else "text", texts, dtype=pl.String)


def what(visit: Visit, metrics: pl.Series) -> pl.Series:
    """What each published figure counts, in words."""
    known = TEXTS.keys(visit.language)
    names = {key: f"events.fact_{key}" for key in metrics.unique()}
    said = {key: visit.say(name) if name in known else key.replace("_", " ") for key, name in names.items()}
    return tables.each(metrics, said.__getitem__)


def readable(visit: Visit, facts: pl.DataFrame) -> bool:
    """Whether the descriptions, which are in the words of the source, are in the visitor's script."""
    return visit.language == "zh" or not facts["description"].str.contains(r"\p{Han}").any()


def published(visit: Visit, selection: Selection) -> None:
    """The published totals of the city's organisers, qualifier kept, never inside the counts."""
    chosen = (pl.col("city_id") == selection.city_id) & pl.col("unit").is_in(EVENT_UNITS)
    if selection.district_code is not None:
        chosen &= pl.col("district_code") == selection.district_code
    facts = registry.events_published().filter(chosen)
    where = blocks.territory(visit, selection)
    if facts.height:
        heading = visit.say("events.published", place=where, n=facts.height)
        listed(visit, facts, heading, visit.say("events.published_note"), where, "published-events")
    elif selection.district_code is not None:
        st.caption(visit.say("events.published_none", place=where))
    if selection.city_id in CITIES:
        alliance(visit)


def alliance(visit: Visit) -> None:
    """What the associations of three cities publish together: it contains events of each city, so it stands apart."""
    facts = registry.events_published().filter(pl.col("org").str.starts_with(ALLIANCE))
    heading = visit.say("events.alliance", n=facts.height)
    note, where = visit.say("events.alliance_note"), visit.say("events.alliance_place")
    listed(visit, facts, heading, note, where, "published-alliance")


def listed(visit: Visit, facts: pl.DataFrame, heading: str, note: str, where: str, key: str) -> None:
    """Published figures as a table: what, the value with its qualifier and unit, when, where, who, the source."""
    city = facts["city_id"][0]
    places = {} if city is None else dict(
        registry.districts_of(city).select("district_code", visit.named()).iter_rows())  # fmt: skip
    others = {place: visit.say(word) for place, word in PLACES.items()}
    facts = facts.with_columns(
        what(visit, facts["metric"]).alias("what"), qualified(visit, facts, units=True),
        place=pl.coalesce(pl.col("district_code").replace_strict(places, default=None, return_dtype=pl.String),
                          pl.col("district").replace(others)),
    ).sort("year", descending=True, nulls_last=True, maintain_order=True)  # fmt: skip
    columns = {"what": "events.what", "told": "events.published_value", "when": "events.as_of",
               "place": "events.field_district", "org": "events.published_by", "description": "events.description",
               "source_title": "cities.source", "source_url": "events.link"}  # fmt: skip
    if not readable(visit, facts):
        columns.pop("description")
    when = pl.coalesce("as_of", pl.col("year").cast(pl.String))
    data = facts.with_columns(when=when).select(pl.col(name).alias(visit.say(said)) for name, said in columns.items())
    data = data.select(name for name in data.columns if data[name].count())
    years = facts["year"].drop_nulls()
    period = " – ".join(dict.fromkeys((str(years.min()), str(years.max())))) if years.len() else ""
    foot = Foot(f"{visit.say('source.register_events')} · {note}", "published", visit.say("events.unit_rows"), period,
                where, str(facts.height))  # fmt: skip
    options = {data.columns[0]: st.column_config.Column(pinned=True, width=170 if visit.language == "zh" else 230)}
    height = "content" if facts.height <= ROWS else 38 * ROWS
    blocks.table(visit, heading, data, foot, key, height=height, column_config=options)
