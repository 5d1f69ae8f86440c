"""Industrial heritage of China: four lists and what they share, the national list by province, batch and item.

Counted, never mapped: positions are known by city or district only, and no approved national map is at hand.
"""

from __future__ import annotations

import polars as pl
import streamlit as st

from data import registry
from pages.parts import blocks, charts, filters, sourced, tables
from pages.parts.blocks import Foot
from pages.parts.cities import cached_cities, city_facts, portrait_charts
from pages.parts.filters import ALL, Selection
from pages.parts.session import Visit

WITHOUT_DOUBLES = "All lists, duplicates removed"
LISTS = {
    "National industrial heritage (MIIT, 5 batches)": "miit",
    "中国工业遗产保护名录 (CAST/planning society, 3 batches)": "cast",
    "National industrial-tourism demonstration bases (MCT)": "tourism",
    "National mining parks (3 batches)": "mining",
}
MOST_PROVINCES = 16
ITEM_WORDS = ("item", "batch", "announced", "document", "province", "city", "district", "source")


def show(visit: Visit, selection: Selection) -> None:
    """The four lists; then the national list by province and batch under two filters, and its items."""
    _lists(visit)
    items = registry.industrial_heritage()
    left, right, _ = st.columns(3)
    with left:
        provinces = {ALL: visit.say("cities.heritage_all_provinces")} | {p: p for p in by_province(items)["category"]}
        province = filters.pick(visit.say("cities.province"), "province", provinces, ALL)
    with right:
        batches = {ALL: visit.say("cities.heritage_all_batches")} | {
            str(batch): visit.say("cities.heritage_batch", n=batch) for batch in sorted(items["batch"].unique())
        }
        batch = filters.pick(visit.say("cities.heritage_word_batch"), "batch", batches, ALL)
    of_batch = items if batch == ALL else items.filter(pl.col("batch") == int(batch))
    of_province = items if province == ALL else items.filter(pl.col("province") == province)
    left, right = st.columns(2)
    with left:
        _provinces(visit, of_batch, province if province != ALL else home_of(items, selection.city_id))
    with right:
        _batches(visit, of_province, province, batch)
    both = of_batch if province == ALL else of_batch.filter(pl.col("province") == province)
    _items(visit, both)


def _lists(visit: Visit) -> None:
    """The four national lists, their sum, and how many sites remain once double listings are removed."""
    every = cached_cities.every_figure(visit.key, visit).filter(~pl.col("own"))
    rows = every.filter(pl.col("indicator_id") == "industrial_heritage_sites")
    lists = rows.filter(pl.col("territory").is_in(list(LISTS)))
    single = rows.filter(pl.col("territory") == WITHOUT_DOUBLES).row(0, named=True)
    total = int(lists["value"].sum())
    named = lists.with_columns(
        category=pl.col("territory").replace_strict({k: visit.say(f"cities.list_{v}") for k, v in LISTS.items()})
    )
    heading = visit.say(
        "cities.heritage_lists", single=int(single["value"]), total=total, double=total - int(single["value"])
    )
    figure = charts.bars(
        named, category="category", value="value", unit=city_facts.unit_of(visit, "sites"), period=single["period"],
        language=visit.language, dark=visit.dark,
    )  # fmt: skip
    source = sourced.cited(single["source_title"], single["source_url"], single["source_publisher"])
    badge = city_facts.trust(visit, single["trust"])
    foot = Foot(
        f"{source} · {badge} · {visit.say('cities.heritage_lists_note')}", "published",
        city_facts.unit_of(visit, "sites"), tables.period_label(single["period"], visit.language),
        visit.say("cities.heritage_china"), str(total),
    )  # fmt: skip
    data = city_facts.as_shown(visit, pl.concat([named.drop("category"), rows.filter(
        pl.col("territory") == WITHOUT_DOUBLES)]).with_columns(n=pl.lit(1)))  # fmt: skip
    blocks.chart(visit, heading, figure, foot, "heritage-lists", data)


def by_province(items: pl.DataFrame) -> pl.DataFrame:
    """category (province) and value: the items of each province, most first; an item without a province is left out."""
    counted = items.drop_nulls("province").group_by(category="province").agg(value=pl.len())
    return counted.sort("value", "category", descending=[True, False])


def by_batch(items: pl.DataFrame, every: pl.DataFrame) -> pl.DataFrame:
    """batch, announce_date and value: the items in each batch of the whole list; a batch without any is a true zero."""
    known = every.group_by("batch").agg(pl.col("announce_date").min())
    counted = items.group_by("batch").agg(value=pl.len().cast(pl.Int64))
    return known.join(counted, on="batch", how="left").with_columns(pl.col("value").fill_null(0)).sort("batch")


def home_of(items: pl.DataFrame, city_id: str) -> str | None:
    """The province of a city that has an item of its own on the list; null if it has none."""
    names = registry.cities().filter(pl.col("city_id") == city_id)["name_zh"].to_list()
    rows = items.filter(pl.col("city").is_in([f"{name}市" for name in names]))
    return None if not rows.height else str(rows["province"][0])


def _foot(visit: Visit, items: pl.DataFrame, note: str) -> Foot:
    """The foot of everything drawn from the national list: source with its link, the note, items, years."""
    first = registry.industrial_heritage().row(0, named=True)
    source = f"{sourced.cited(first['source_title'], first['source_url'])} · {note}"
    years = items["announce_date"].dt.year()
    span = f"{years.min()}–{years.max()}" if items.height else ""
    unit = visit.say("cities.heritage_unit")
    return Foot(source, "published", unit, span, visit.say("cities.heritage_china"), str(items.height))


def _provinces(visit: Visit, items: pl.DataFrame, highlight: str | None) -> None:
    counted = by_province(items)
    figure = charts.bars(
        counted.head(MOST_PROVINCES), category="category", value="value", highlight=highlight,
        unit=visit.say("cities.heritage_unit"), language=visit.language, dark=visit.dark,
    )  # fmt: skip
    most = counted.row(0)
    heading = visit.say(
        "cities.heritage_provinces", n=items.height, provinces=counted.height, first=most[0], most=most[1]
    )
    data = counted.rename({"category": visit.say("cities.province"), "value": visit.say("cities.items")})
    note = visit.say("cities.heritage_note")
    if counted.height > MOST_PROVINCES:
        note = f"{visit.say('cities.heritage_first', n=MOST_PROVINCES)} · {note}"
    blocks.chart(visit, heading, figure, _foot(visit, items, note), "heritage", data)


def _batches(visit: Visit, items: pl.DataFrame, province: str, batch: str) -> None:
    counted = by_batch(items, registry.industrial_heritage())
    rows = counted.with_columns(
        category=pl.format("{}<br>{}", "batch", pl.col("announce_date").dt.year()),
        text=pl.format("{} · {}: {}", "announce_date", "batch", "value"),
    )
    chosen = rows.filter(pl.col("batch").cast(pl.String) == batch)["category"].to_list()
    figure = portrait_charts.columns(rows, chosen[0] if chosen else None, dark=visit.dark)
    where = visit.say("cities.heritage_china") if province == ALL else province
    heading = visit.say("cities.heritage_batches", territory=where, n=items.height)
    words = {"batch": "heritage_word_batch", "announce_date": "heritage_word_announced", "value": "items"}
    counted = counted.with_columns(pl.col("announce_date").cast(pl.String))
    data = counted.select(pl.col(column).alias(visit.say(f"cities.{word}")) for column, word in words.items())
    foot = _foot(visit, items, visit.say("cities.heritage_batch_note"))
    blocks.chart(visit, heading, figure, foot, "heritage-batches", data)


def _items(visit: Visit, items: pl.DataFrame) -> None:
    """The items under both filters, each with the document that announced it and the link to its source."""
    link = visit.say("cities.facts_link")
    rows = sourced.with_links(items.sort("batch", "heritage_id"), link).with_columns(
        item="name_zh",
        announced=pl.col("announce_date").cast(pl.String),
        document="miit_doc",
        district="district_zh",
        source="source_title",
    )
    links = [name for name in rows.columns if name.startswith(link)]
    kept = [pl.col(word).alias(visit.say(f"cities.heritage_word_{word}")) for word in ITEM_WORDS]
    data = rows.select(*kept[:-1], *links, kept[-1])
    heading = visit.say("cities.heritage_items", n=items.height)
    foot = _foot(visit, items, visit.say("cities.heritage_note"))
    blocks.table(visit, heading, data, foot, "heritage-items", column_config=city_facts.link_columns(visit, data))
