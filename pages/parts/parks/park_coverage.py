"""How complete the register is: parks on record by name beside the totals that were published, with qualifiers."""

from __future__ import annotations

import re
from datetime import date

import polars as pl
import streamlit as st

from data import registry
from pages.parts import blocks, sourced, tables
from pages.parts.blocks import Foot
from pages.parts.events.programmes import QUALIFIERS
from pages.parts.filters import Selection
from pages.parts.session import Visit

TOTALS = (
    "municipal_parks", "municipal_parks_demonstration", "municipal_parks_demonstration_nominated",
    "municipal_parks_regular", "district_level_parks", "recognised_parks", "parks_total",
    "old_factories_converted_parks",
)  # fmt: skip
WIDTHS = {"what": 168, "where": 92, "published": 80}  # pixels: a phone shows these three
HEIGHT, FEW = 430, 11  # pixels; rows that stand in as many
DATED = re.compile(r"\d{4}(-\d{2}){0,2}")
PARTS = TOTALS[1:4]  # of the municipal parks of Beijing
BEIJING_FIRST = "首批市级文化创意产业园区(2018认定)"
DEMONSTRATION, NOMINATED, REGULAR = "市级文化产业示范园区", "市级文化产业示范园区(提名)", "市级文化产业园区"
GRADES: dict[str, dict[str, tuple[str, ...]]] = {
    "municipal_parks": {
        "beijing": (DEMONSTRATION, NOMINATED, REGULAR, BEIJING_FIRST),
        "shanghai": ("市级文化创意产业园区",),
        "shenzhen": (REGULAR, "市级文化创意产业园区(2013拟认定公示)"),
    },
    "municipal_parks_demonstration": {"beijing": (DEMONSTRATION,)},
    "municipal_parks_demonstration_nominated": {"beijing": (NOMINATED,)},
    "municipal_parks_regular": {"beijing": (REGULAR,)},
}
"""Which grades of the register a published total counts; of totals without an entry nothing is said."""


def show(visit: Visit, selection: Selection, rows: pl.DataFrame) -> None:
    """The statement and, behind it, every published total of the place; nothing where none was published.

    rows: the parks of the place, retired ones too: a total of a day counts the parks that were retired after it.
    """
    facts = published(selection)
    if not facts.height:
        st.caption(visit.say("parks.no_totals"))
        return
    named = rows.filter(~pl.col("is_synthetic"))
    recorded = named.filter(pl.col("retired_on").is_null())
    told = facts.with_columns(
        by_name=pl.Series([by_name(named, selection, row) for row in facts.to_dicts()], dtype=pl.Int64)
    )
    years = facts["year"].drop_nulls()
    notes = (visit.say("source.figures"), visit.say("parks.coverage_note"), first_list(visit, told))
    foot = Foot(
        " · ".join(filter(None, notes)), "published", visit.say("unit.parks"),
        f"{years.min()}–{years.max()}" if years.len() else "", blocks.territory(visit, selection),
        str(recorded.height),
    )  # fmt: skip
    blocks.table(
        visit,
        statement(visit, told, recorded.height),
        as_shown(visit, told),
        foot,
        "parks-coverage",
        height=HEIGHT if told.height > FEW else "content",
        column_config={visit.say(f"parks.{word}"): st.column_config.Column(width=px) for word, px in WIDTHS.items()},
    )


def published(selection: Selection) -> pl.DataFrame:
    """The published totals of parks of the city, or of the district that is chosen; newest first, parts after sums."""
    rows = registry.events_published().filter((pl.col("city_id") == selection.city_id) & pl.col("metric").is_in(TOTALS))
    if selection.district_code is not None:
        rows = rows.filter(pl.col("district_code") == selection.district_code)
    order = pl.col("metric").cast(pl.Enum(TOTALS))
    whole = pl.col("district").is_not_null()
    return rows.sort(whole, pl.col("year"), order, "fact_id", descending=[False, True, False, False], nulls_last=True)


def by_name(recorded: pl.DataFrame, selection: Selection, fact: dict[str, object]) -> int | None:
    """Parks on record with a grade the total counts, listed up to its year; None where that cannot be said.

    recorded: the parks on record of the place, retired ones too: those retired before the day of the total, or by now
    where it has none, are left out. A total of some districts of a city has no counterpart.
    """
    grades = GRADES.get(str(fact["metric"]), {}).get(selection.city_id)
    part_of_city = fact["district"] is not None and fact["district_code"] is None
    if grades is None or part_of_city:
        return None
    day = first_day(fact)
    kept = pl.col("retired_on").is_null() if day is None else (pl.col("retired_on") > day).fill_null(value=True)
    here = recorded.filter(pl.col("grade").is_in(grades), kept)
    if fact["district_code"] is not None:
        here = here.filter(pl.col("district_code") == fact["district_code"])
    if fact["year"] is not None:
        here = here.filter((pl.col("list_year") <= fact["year"]).fill_null(value=True))
    return here.height


def first_day(fact: dict[str, object]) -> date | None:
    """The day a total was taken, the first one where only a month or a year is stated; None where nothing is.

    >>> first_day({"as_of": "2020-08-21", "year": 2020}), first_day({"as_of": None, "year": 2020})
    (datetime.date(2020, 8, 21), datetime.date(2020, 1, 1))
    >>> first_day({"as_of": None, "year": None})
    """
    stated = [str(fact["as_of"] or ""), str(fact["year"] or "")]
    found = next((text for text in stated if DATED.fullmatch(text)), None)
    return None if found is None else date.fromisoformat((found + "-01-01")[:10])


def statement(visit: Visit, told: pl.DataFrame, recorded: int) -> str:
    """The heading: the newest total that can be compared, as published and by name, and its parts if they add up."""
    first = told.filter(pl.col("by_name").is_not_null()).head(1)
    if not first.height:
        return visit.say("parks.coverage_none", n=recorded)
    row = first.row(0, named=True)
    sum_of = parts(told, row)
    key = "parks.coverage_parts" if sum_of else "parks.coverage"
    value = qualified(row["qualifier"], row["value"], visit.language)
    return visit.say(key, year=row["year"], total=value, known=row["by_name"], n=recorded, parts=sum_of)


def parts(told: pl.DataFrame, whole: dict[str, object]) -> str:
    """The parts of a total, "10 + 10 + 78", if they were published with it and add up to it; else nothing."""
    rows = told.filter(pl.col("metric").is_in(PARTS) & (pl.col("year") == whole["year"]) & pl.col("district").is_null())
    if whole["metric"] != TOTALS[0] or whole["district"] is not None or rows["value"].sum() != whole["value"]:
        return ""
    return " + ".join(tables.number(value, 0) for value in rows["value"])


def first_list(visit: Visit, told: pl.DataFrame) -> str:
    """Why the parts by name do not add up to the whole by name: the parks of the first list are in none of the parts.

    Nothing where the parts of the newest total are all there, or where it has none.
    """
    newest = told.filter((pl.col("metric") == TOTALS[0]) & pl.col("by_name").is_not_null()).head(1)
    if not newest.height:
        return ""
    whole = newest.row(0, named=True)
    rows = told.filter(pl.col("metric").is_in(PARTS) & (pl.col("year") == whole["year"]) & pl.col("district").is_null())
    left = whole["by_name"] - (rows["by_name"].sum() if parts(told, whole) else whole["by_name"])
    sums = " + ".join(str(n) for n in rows["by_name"])
    return visit.say("parks.first_list", n=left, parts=sums, known=whole["by_name"]) if left else ""


def qualified(qualifier: str | None, value: float, language: str) -> str:
    """A published value with its qualifier.

    >>> qualified("at_least", 50.0, "en"), qualified("exact", 98.0, "zh")
    ('≥ 50', '98')
    """
    return QUALIFIERS.get(qualifier or "", "") + tables.figure(value, language)


def as_shown(visit: Visit, told: pl.DataFrame) -> pl.DataFrame:
    """One row a published total: what, where, value, parks by name, when, the source's words, source, link."""
    link = visit.say("parks.link")
    linked = sourced.with_links(told, link)
    links = [name for name in linked.columns if name.startswith(link)]
    values = [qualified(*cell, visit.language) for cell in told.select("qualifier", "value").iter_rows()]
    words = {"what": [visit.say(f"parks.total_{metric}") for metric in told["metric"]]}
    return linked.select(
        pl.Series(visit.say("parks.what"), words["what"], dtype=pl.String),
        pl.Series(visit.say("parks.where"), [place_of(visit, row) for row in told.to_dicts()], dtype=pl.String),
        pl.Series(visit.say("parks.published"), values, dtype=pl.String),
        pl.col("by_name").alias(visit.say("parks.by_name")),
        pl.coalesce("as_of", pl.col("year").cast(pl.String)).alias(visit.say("parks.as_of")),
        pl.col("description").alias(visit.say("parks.words")),
        pl.col("source_title").alias(visit.say("parks.source")),
        *links,
    )


def place_of(visit: Visit, fact: dict[str, str]) -> str:
    """Where a total was counted: city or district and, where it is of a body of its own such as a zone, that body."""
    city = registry.cities().filter(pl.col("city_id") == fact["city_id"]).row(0, named=True)
    district = registry.districts().filter(pl.col("district_code") == (fact["district_code"] or ""))
    rows = district if district.height else pl.DataFrame([city])
    name = str(rows.select(visit.named()).item() if district.height or not fact["district"] else fact["district"])
    whole = f"{city['name_zh']}市"
    itself = {whole, f"{whole}(全市)", *(f"{whole}{zh}" for zh in district["name_zh"])}
    return name if fact["org"] in itself else f"{name} · {fact['org']}"
