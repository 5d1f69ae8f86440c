"""Park register: every park on record, searchable, counted by district, each row with its source."""

from __future__ import annotations

import polars as pl
import streamlit as st

from data import registry
from data.access import Action
from pages.parts import blocks, cached, filters, mapped, session
from pages.parts.blocks import Foot
from pages.parts.filters import Selection
from pages.parts.session import Visit

COLUMNS = ("name", "district", "grade", "opened", "former_use", "area", "area_kind", "operator", "source")
SEARCHED = ("name_zh", "name_en", "address", "former_use")


def render(visit: Visit) -> None:
    """Choose, read, compute, show."""
    head = st.container()
    selection, room = filters.place(visit)
    where = blocks.territory(visit, selection)
    with room:
        wanted = st.text_input(visit.say("parks.search"), key="park_search", persist_state="session")
    rows = found(visit, selection, wanted)
    with head:
        recorded = rows.filter(~pl.col("is_synthetic")).height
        subtitle = visit.say("parks.subtitle", territory=where, n=recorded)
        if samples := rows.height - recorded:
            subtitle += f" · {visit.say('parks.samples', n=samples)}"
        blocks.title(visit, visit.say("parks.title"), subtitle, "parks")
    foot = Foot(visit.say("source.register"), "published", territory=where, n=str(recorded))
    left, right = st.columns([3, 2])
    with left:
        blocks.table(visit, visit.say("parks.table"), as_shown(visit, rows), foot, "parks", height=560)
        if selection.city_id == "beijing":
            known = rows.filter(pl.col("grade").is_not_null() & (pl.col("list_year") >= 2018)).height
            st.caption(visit.say("parks.coverage", known=known))
    with right:
        real = cached.parks(visit.key, visit).filter(~pl.col("is_synthetic"))
        counted = real.filter(pl.col("city_id") == selection.city_id)
        numbers = counted.drop_nulls("district_code").group_by("district_code").agg(n=pl.len())
        foot = Foot(f"{visit.say('source.register')} · {visit.say('parks.map_note')}", "published")
        unit = visit.say("unit.parks")
        mapped.counts(visit, selection, numbers, visit.say("parks.map"), foot, "parks-map", unit)


def found(visit: Visit, selection: Selection, wanted: str) -> pl.DataFrame:
    """The parks of the selection whose name, address or former use contains the words."""
    rows = selection.of(cached.parks(visit.key, visit).lazy()).sort("park_id").collect()
    if not wanted.strip():
        return rows
    hit = pl.any_horizontal(
        pl.col(column).fill_null("").str.to_lowercase().str.contains(wanted.strip().lower(), literal=True)
        for column in SEARCHED
    )
    return rows.filter(hit)


def as_shown(visit: Visit, rows: pl.DataFrame) -> pl.DataFrame:
    """The columns a person reads; an unknown value stays blank."""
    names = registry.districts_of(rows["city_id"].first() or "")
    named = rows.join(names.select("district_code", district=visit.named()), on="district_code", how="left")
    source = pl.when("is_synthetic").then(pl.lit(visit.say("upload.synthetic"))).otherwise("source_title")
    shown = named.with_columns(
        *(blocks.worded(visit, named[column]) for column in ("grade", "area_kind")),
        name=visit.named(), opened=pl.col("opened_year"), area=pl.col("area_m2"), source=source,
    )  # fmt: skip
    return shown.select(pl.col(column).alias(visit.say(f"parks.{column}")) for column in COLUMNS)


if __name__ == "__main__":
    render(session.open_page(Action.VIEW))
