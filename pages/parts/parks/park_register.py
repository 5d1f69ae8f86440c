"""The register of parks: found by place, grade, conversion mode and words; counted, mapped, compared with totals."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from data import registry
from pages.parts import blocks, cached, filters
from pages.parts.blocks import Foot
from pages.parts.filters import Selection
from pages.parts.parks import park_choices, park_coverage, park_facts, park_map
from pages.parts.registers import entry_form
from pages.parts.session import Visit

COLUMNS = (
    "name", "district", "grade", "former_use", "conversion", "opened", "area", "area_kind", "operator", "enterprises",
    "enterprises_year", "spaces", "precision", "source",
)  # fmt: skip
HEIGHT = 460
WIDTHS = {"name": 208, "district": 76, "grade": 164, "former_use": 160, "conversion": 164, "opened": 68}  # pixels


def show(visit: Visit) -> None:
    """Choose, read, compute, show."""
    head = st.container()
    selection, room = filters.place(visit)
    with room:
        words = st.text_input(visit.say("parks.search"), key="park_search", persist_state="session")
    everywhere = cached.parks(visit.key, visit)
    here = selection.of(everywhere.lazy()).sort("park_id").collect()
    wanted = park_choices.wanted(visit, here, words)
    rows = wanted.of(here)
    where, recorded = blocks.territory(visit, selection), rows.filter(~pl.col("is_synthetic")).height
    with head:
        title(visit, selection, where, rows.height, recorded)
    editing(visit, selection)
    foot = Foot(visit.say("source.register"), "published", visit.say("unit.parks"), territory=where, n=str(recorded))
    table(visit, rows, foot)
    left, right = st.columns([2, 3])
    with left:
        of_city = everywhere.filter(pl.col("city_id") == selection.city_id)
        park_map.show(visit, selection, wanted.of(of_city), foot)
    with right:
        park_coverage.show(visit, selection, here)


def title(visit: Visit, selection: Selection, where: str, found: int, recorded: int) -> None:
    """The title of the register with what was found; sample parks are never counted as parks on record."""
    subtitle = visit.say("parks.subtitle", territory=where, n=recorded)
    if samples := found - recorded:
        subtitle += f" · {visit.say('parks.samples', n=samples)}"
    blocks.title(visit, visit.say("parks.title"), subtitle, "parks", city_id=selection.city_id)


def editing(visit: Visit, selection: Selection) -> None:
    """For editors: a new entry, and the way to whole files and their templates."""
    if entry_form.may_edit(visit):
        start = {"city_id": selection.city_id, "district_code": selection.district_code}
        with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
            entry_form.show(visit, "parks", None, visit.say("parks.add"), start)
            entry_form.files(visit, "parks")
            st.page_link("pages/upload.py", label=visit.say("parks.to_upload"))


def table(visit: Visit, rows: pl.DataFrame, foot: Foot) -> None:
    """The table of the parks found; a click on a row opens the park's page."""
    data, parks = as_shown(visit, rows), rows["park_id"]
    settings: dict[str, Any] = {**widths(visit), **plain_years(visit)}
    blocks.table(
        visit, visit.say("parks.table"), data, foot, "parks", height=HEIGHT, column_config=settings,
        on_select=lambda: park_choices.on_row("parks-rows", parks), selection_mode="single-row",
    )  # fmt: skip


def widths(visit: Visit) -> dict[str, Any]:
    """Column settings that keep what a park is in sight on a desktop, and its name always."""
    return {
        visit.say(f"parks.{word}"): st.column_config.Column(width=width, pinned=word == "name")
        for word, width in WIDTHS.items()
    }


def plain_years(visit: Visit) -> dict[str, Any]:
    """Column settings that print years without a thousands separator."""
    years = {"opened": WIDTHS["opened"], "enterprises_year": None}
    return {
        visit.say(f"parks.{word}"): st.column_config.NumberColumn(format="%d", width=width)
        for word, width in years.items()
    }


def as_shown(visit: Visit, rows: pl.DataFrame) -> pl.DataFrame:
    """The columns a person reads; an unknown value stays blank."""
    names = registry.districts().select("district_code", district=visit.named())
    named = rows.join(names, on="district_code", how="left", maintain_order="left")
    source = pl.when("is_synthetic").then(pl.lit(visit.say("upload.synthetic"))).otherwise("source_title")
    known = pl.Series("coord_precision", [park_facts.precision(row) for row in rows.iter_rows(named=True)], pl.String)
    shown = named.with_columns(
        *(blocks.worded(visit, column) for column in (named["grade"], named["area_kind"], known)),
        conversion=blocks.worded(visit, named["conversion_mode"]),
        name=visit.named(), opened="opened_year", area="area_m2", spaces="public_cultural_spaces", source=source,
    ).with_columns(precision="coord_precision", name=_marked(visit))  # fmt: skip
    return shown.select(pl.col(column).alias(visit.say(f"parks.{column}")) for column in COLUMNS)


def _marked(visit: Visit) -> pl.Expr:
    """The name of a park, with the day it was retired on."""
    word = pl.lit(visit.say("parks.retired_short"))
    gone = pl.format("{} ({} {})", "name", word, pl.col("retired_on").dt.strftime("%Y-%m-%d"))
    return pl.when(pl.col("retired_on").is_null()).then("name").otherwise(gone)
