"""The parks the product's articles hold up as examples, side by side on the fields that sources speak of."""

from __future__ import annotations

import polars as pl
import streamlit as st

from data import city_registers, registry
from data.city_registers import BENCHMARK_FIELDS
from pages.parts import blocks, sourced, tables
from pages.parts.blocks import Foot
from pages.parts.cities import city_facts
from pages.parts.session import Visit


def show(visit: Visit) -> None:
    """Choose parks, compare them field by field, and read where every cell comes from."""
    rows = city_registers.benchmark_parks()
    names = park_names(visit, rows)
    st.subheader(visit.say("cities.benchmark_finding", n=len(names), cells=rows.height,
                           possible=len(names) * len(BENCHMARK_FIELDS)), anchor=False)  # fmt: skip
    st.caption(visit.say("cities.benchmark_note"))
    label = visit.say("cities.benchmark_choose")
    chosen = st.pills(
        label, list(names), selection_mode="multi", default=list(names), key="benchmarks",
        format_func=names.__getitem__, persist_state="session",
    )  # fmt: skip
    kept = rows.filter(pl.col("park_id").is_in(chosen or list(names)))
    compared, sources = side_by_side(visit, kept)
    first = visit.say("cities.benchmark_field")
    settings = {name: st.column_config.TextColumn(width=168) for name in compared.columns}
    settings[first] = st.column_config.TextColumn(width=104, pinned=True)
    territory = "、".join(kept["name_zh"].unique(maintain_order=True)) if visit.language == "zh" else ", ".join(
        kept["name_en"].unique(maintain_order=True))  # fmt: skip
    years = kept["year"].drop_nulls()
    foot = Foot(
        visit.say("cities.benchmark_source"), "published", period=f"{years.min()}–{years.max()}" if years.len() else "",
        territory=territory, n=str(kept.height),
    )  # fmt: skip
    heading = visit.say("cities.benchmark_table", n=kept["park_id"].n_unique())
    blocks.table(visit, heading, compared, foot, "benchmarks", column_config=settings, row_height=72, height="content")
    st.markdown("  \n".join(f":small[\\[{place}\\] {told}]" for place, told in sources))
    data = cells(visit, kept)
    foot = Foot(visit.say("cities.benchmark_source"), "published", n=str(data.height))
    settings = city_facts.link_columns(visit, data)
    blocks.table(visit, visit.say("cities.benchmark_cells"), data, foot, "benchmark-cells", column_config=settings)


def park_names(visit: Visit, rows: pl.DataFrame) -> dict[str, str]:
    """park_id -> name and city of each park, in the order of the register."""
    cities = dict(registry.cities().select("city_id", visit.named()).iter_rows())
    listed = rows.unique("park_id", maintain_order=True).select("park_id", "city_id", visit.named())
    bracket = "{}({})" if visit.language == "zh" else "{} ({})"
    return {park: bracket.format(name, cities[city]) for park, city, name in listed.iter_rows()}


def side_by_side(visit: Visit, rows: pl.DataFrame) -> tuple[pl.DataFrame, list[tuple[int, str]]]:
    """(fields down, parks across, each cell with its year and the number of its source; the numbered sources).

    A field no source speaks of says so; nothing is filled in.
    """
    names = park_names(visit, rows)
    numbered: dict[tuple[str, str | None], int] = {}
    cell: dict[tuple[str, str], str] = {}
    for row in rows.to_dicts():
        place = numbered.setdefault((row["source_title"], row["source_url"]), len(numbered) + 1)
        text = row[f"text_{visit.language}"]
        year = f" ({row['year']})" if row["year"] and str(row["year"]) not in text else ""
        cell[row["park_id"], row["field"]] = f"{text}{year} [{place}]"
    none = f"{tables.MISSING} ({visit.say('cities.benchmark_none')})"
    table = pl.DataFrame(
        {visit.say("cities.benchmark_field"): [visit.say(f"cities.benchmark_{field}") for field in BENCHMARK_FIELDS]}
        | {name: [cell.get((park, field), none) for field in BENCHMARK_FIELDS] for park, name in names.items()}
    )
    return table, [(place, sourced.cited(title, url)) for (title, url), place in numbered.items()]


def cells(visit: Visit, rows: pl.DataFrame) -> pl.DataFrame:
    """One row per statement: park, field, text, year, trust, the row it rests on, source and address."""
    link = visit.say("cities.facts_link")
    names = park_names(visit, rows)
    linked = sourced.with_links(rows, link)
    links = [name for name in linked.columns if name.startswith(link)]
    fields = {field: visit.say(f"cities.benchmark_{field}") for field in BENCHMARK_FIELDS}
    return linked.select(
        pl.col("park_id").replace_strict(names).alias(visit.say("cities.benchmark_park")),
        pl.col("field").replace_strict(fields).alias(visit.say("cities.benchmark_field")),
        pl.col(f"text_{visit.language}").alias(visit.say("cities.benchmark_text")),
        pl.col("year").alias(visit.say("cities.period")),
        pl.col("trust").alias(visit.say("cities.trust")),
        *links,
        pl.col("source_title").alias(visit.say("cities.source")),
        pl.col("basis").alias(visit.say("cities.story_basis")),
    )
