"""Published figures of a city in a reader's words: amounts with units, one fact as a sentence, a table with sources."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import polars as pl
import streamlit as st

from data import registry
from pages.parts import sourced, tables
from pages.parts.session import Visit
from pages.parts.text import TEXTS

TOPICS = (
    ("culture", r"^(cultur|cci_|parks?_|association_|museums|festivals|theatres|arts_|factor|talent_|distance_)"),
    ("heritage", r"^(visitors_|tour|jobs_heritage|heritage_|industrial_(heritage|monuments))"),
    ("industry", r"^(coal_|steel_|employment_(manuf|fabric|machin|primary)|establish|enterprises|manufacturing_)"),
    ("industry", r"^(primary_metals|goods_|aerospace|biomedical|innovation_|old_industrial|transition_)"),
    ("work", r"^(employ|unemploy|labour|jobs)"),
    ("economy", r"^(gdp|gva|secondary_|tertiary_|industry_share|producing_|services_)"),
    ("people", r"^(population|bachelor|students|universities)"),
    ("land", r"^(area|agriculture|forest|recreation|settlement|transport|vegetation)"),
)
ORDER = ("economy", "industry", "work", "people", "culture", "heritage", "land", "other")
NAMED = {
    "topic": "facts_topic",
    "indicator": "indicator",
    "value": "value",
    "unit": "unit",
    "period": "period",
    "territory": "territory",
    "n": "facts_n",
    "trust": "trust",
    "definition": "definition",
    "source": "source",
}


def topic(indicator_id: str) -> str:
    """The group an indicator is shown in; one of an upload that fits none is "other".

    >>> topic("coal_employment"), topic("gdp_per_capita"), topic("cultural_parks"), topic("trams")
    ('industry', 'economy', 'culture', 'other')
    """
    return next((name for name, pattern in TOPICS if re.match(pattern, indicator_id)), "other")


def unit_of(visit: Visit, unit: str) -> str:
    """A unit as it is read; one that only an upload uses stays as it was written."""
    return visit.unit(unit) if f"units.{unit}" in TEXTS.keys(visit.language) else unit


def territory_of(visit: Visit, territory: str) -> str:
    """A territory in the visitor's language where the register of cities translates it, else as it is on record."""
    return _territories(visit.language).get(territory, territory)


@lru_cache(maxsize=2)
def _territories(language: str) -> dict[str, str]:
    rows = registry.cities().drop_nulls("territory_en")
    return dict(rows.select("territory_en", shown=f"territory_{language}").iter_rows())


def amount(visit: Visit, value: float, unit: str) -> str:
    """A published value with its unit, as exact as it was published up to two decimals; millions are shortened.

    Examples: 17.71 trillion CNY, 62,972 persons, 2.7M persons.
    """
    if abs(value) >= 1e6:
        return tables.with_unit(tables.figure(value, visit.language), unit_of(visit, unit))
    places = 0 if float(value).is_integer() else 2 if abs(value) < 100 else 1
    return tables.with_unit(tables.number(value, places), unit_of(visit, unit))


def fact(visit: Visit, row: dict[str, Any]) -> str:
    """One figure as Markdown: value, indicator, territory, year, trust, definition, and the link to its source."""
    name = row[f"indicator_{visit.name}"]
    told = [
        territory_of(visit, row["territory"]),
        tables.period_label(row["period"], visit.language),
        trust(visit, row["trust"]),
        row["definition"],
    ]
    about = " · ".join(sourced.escaped(str(part)) for part in told if part)
    source = sourced.cited(row["source_title"], row["source_url"], row["source_publisher"])
    shown = sourced.escaped(amount(visit, row["value"], row["unit"]))
    return f"**{shown}** {sourced.escaped(str(name))}  \n:small[:gray[{about}]]  \n:small[{source}]"


def trust(visit: Visit, code: str | None) -> str:
    """The trust badge of a figure as it is read."""
    return visit.say("cities.facts_trust", code=code) if code else ""


def newest(figures: pl.DataFrame) -> pl.DataFrame:
    """The newest figures of each city, indicator, territory and unit; n: how many there are, first: since when.

    A year ends after its months. Where two definitions or sources tell the same newest period, both stay.
    """
    group = ["city_id", "indicator_id", "territory", "unit"]
    end = pl.when(pl.col("period").str.len_chars() == 4).then(pl.col("period") + "-12").otherwise("period")
    rows = figures.with_columns(_end=end).with_columns(
        n=pl.len().over(group), first=pl.col("period").min().over(group), last=pl.col("_end").max().over(group)
    )
    return rows.filter(pl.col("_end") == pl.col("last")).drop("_end", "last")


def as_shown(visit: Visit, figures: pl.DataFrame) -> pl.DataFrame:
    """Figures as a table a person reads, grouped by topic, every row with year, territory, trust and source."""
    link = visit.say("cities.facts_link")
    grouped = figures.with_columns(
        _place=tables.each(figures["indicator_id"], lambda i: ORDER.index(topic(i)), pl.Int64),
        topic=tables.each(figures["indicator_id"], lambda i: visit.say(f"cities.topic_{topic(i)}")),
        indicator=pl.col(f"indicator_{visit.name}"),
        territory=tables.each(figures["territory"], lambda t: territory_of(visit, t)),
        unit=tables.each(figures["unit"], lambda u: unit_of(visit, u)),
        source=pl.concat_str("source_title", "source_publisher", separator=" · ", ignore_nulls=True),
    )
    rows = sourced.with_links(grouped.sort("_place", "indicator", "territory", "period"), link)
    links = [name for name in rows.columns if name.startswith(link)]
    kept = [pl.col(word).alias(visit.say(f"cities.{named}")) for word, named in NAMED.items()]
    return rows.select(*kept[:-1], *links, kept[-1])


def link_columns(visit: Visit, data: pl.DataFrame) -> dict[str, object]:
    """Column settings that show every address as one word to click, and figures as they were published."""
    link = visit.say("cities.facts_link")
    open_word = visit.say("cities.facts_open")
    found: dict[str, object] = {
        name: st.column_config.LinkColumn(display_text=open_word) for name in data.columns if name.startswith(link)
    }
    reals = (name for name, kind in data.schema.items() if kind.is_float())
    return found | {name: st.column_config.NumberColumn(format="localized") for name in reals}
