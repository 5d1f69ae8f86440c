"""Beijing, Shanghai and Shenzhen side by side: parks, enterprises, culture by one definition, our own figures."""

from __future__ import annotations

from datetime import date

import polars as pl
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from indicators.cities.comparability import COLUMNS, ComparabilityError
from indicators.cities.definitions import BASES
from indicators.cities.lines import require_one_basis
from pages.parts import blocks, filters, tables
from pages.parts.blocks import Foot
from pages.parts.cities import cached_cities, city_indicators, figure_charts, figure_tables
from pages.parts.filters import Selection
from pages.parts.overview import c3
from pages.parts.overview.c3 import C3
from pages.parts.session import Visit

BOTH = "both"
CULTURE = {
    "national": ("culture_value_added", "culture_share_gdp"),
    "local": ("cci_value_added_local", "cci_share_gdp_local"),
}
OTHERS = (
    "cultural_parks", "park_enterprises", "culture_enterprises_above_size", "culture_units_above_size",
    "culture_enterprises_total", "gdp", "secondary_share_gdp", "population",
)  # fmt: skip

PARTS = {"park_enterprises": "98 municipal cultural parks"}
"""Indicators that are published for a part of a city only, and which part: all recognised parks, not a single one."""


def show(visit: Visit, selection: Selection, room: DeltaGenerator) -> None:
    """Choose the definition; bars of culture value added, the table of the three, every figure with its source."""
    with room:
        names = {value: visit.say(f"cities.definition_{value}") for value in (*BASES, BOTH)}
        definition = filters.pick(visit.say("cities.definition_of"), "definition", names, BASES[0])
    try:
        culture = of_definition(visit, definition)
    except ComparabilityError:
        st.warning(refusal(visit))
        culture = newest(visit, ()).clear()
    else:
        bars(visit, selection, culture, definition)
    rows = pl.concat([culture, newest(visit, OTHERS)])
    table(visit, rows, definition)
    foot = Foot(
        f"{visit.say('cities.sources_each')} · {visit.say('cities.trust_note')}", "published",
        period=visit.say("cities.period_each"), territory=visit.say("cities.territory_each"), n=str(rows.height),
    )  # fmt: skip
    blocks.table(visit, visit.say("cities.c3_rows"), figure_tables.as_shown(visit, rows), foot, "c3-figures")


def of_definition(visit: Visit, definition: str) -> pl.DataFrame:
    """The newest culture figures of the three cities by one definition.

    Errors: ComparabilityError when both definitions are asked for: they are never put side by side.
    """
    wanted = [definition] if definition in BASES else list(BASES)
    rows = pl.concat([newest(visit, CULTURE[side]) for side in wanted])
    return require_one_basis(rows).select(COLUMNS)


def newest(visit: Visit, indicators: tuple[str, ...]) -> pl.DataFrame:
    """The newest figure of each of the three cities that has one, whatever its unit: no row where there is none."""
    found = [
        cached_cities.newest_in(visit.key, indicator, PARTS[indicator], visit)
        if indicator in PARTS
        else cached_cities.levels(visit.key, indicator, visit).select(COLUMNS)
        for indicator in indicators
    ]
    empty = cached_cities.levels(visit.key, OTHERS[0], visit).select(COLUMNS).clear()
    return pl.concat([empty, *found]).filter(pl.col("city_id").is_in(C3) & pl.col("value").is_not_null())


def refusal(visit: Visit) -> str:
    """Why the two definitions are not shown together, with one figure of each side."""
    said = {side: newest(visit, CULTURE[side][:1]).head(1) for side in BASES}
    read = {side: figure_tables.readable(visit, rows).row(0, named=True) for side, rows in said.items()}
    told = {
        side: f"{row['city']} {row['indicator']} {figure_tables.stated(visit, said[side].row(0, named=True))}"
        for side, row in read.items()
    }
    return visit.say("cities.c3_refused", **told)


def bars(visit: Visit, selection: Selection, culture: pl.DataFrame, definition: str) -> None:
    """Culture value added of the three cities by one definition, each with its year; a city without one says so."""
    rows = culture.filter(pl.col("indicator_id") == CULTURE[definition][0])
    names = cached_cities.names(visit)
    said = [f"{names[row['city_id']]} {figure_tables.stated(visit, row)}" for row in rows.iter_rows(named=True)]
    listed = visit.say("cities.and").join(said) or visit.say("cities.c3_nothing")
    word = visit.say(f"cities.definition_{definition}")
    heading = visit.say("cities.c3_finding", definition=word, cities=listed)
    read = city_indicators.labelled(visit, rows)
    absent = [c for c in C3 if c not in rows["city_id"].to_list()]
    empty = pl.DataFrame({"label": [names[c] for c in absent]}, schema={"label": pl.String})
    shown = pl.concat([read, empty.with_columns(hover="label", amount=pl.lit(""))], how="diagonal")
    own = read.filter(pl.col("city_id") == selection.city_id)["label"].to_list()
    unit = read["unit"][0] if read.height else ""
    figure = figure_charts.ranked(shown, None, "", own[0] if own else None, unit, visit.language, visit.dark)
    missing = reasons(visit, CULTURE[definition][0], absent)
    notes = [visit.say("cities.sources_each"), visit.say("cities.c3_note"), *([missing] if missing else [])]
    span = " / ".join(rows["period"].unique().sort())
    foot = Foot(" · ".join(notes), "published", unit, span, visit.say("cities.territory_each"), str(rows.height))
    blocks.chart(visit, heading, figure, foot, "c3-culture", figure_tables.as_shown(visit, culture))


def table(visit: Visit, rows: pl.DataFrame, definition: str) -> None:
    """One row a measure, one column a city: values with unit, year and trust; why a cell is empty; computed rows."""
    names, indicators = cached_cities.names(visit), cached_cities.indicator_names(visit)
    culture = CULTURE.get(definition, ())
    lines = [published(visit, rows, indicator, indicators[indicator]) for indicator in (*culture, *OTHERS)]
    month = newest_month(visit)
    for label, values, last in c3.computed(visit, month):
        lines.append({"measure": label, **values, "status": next(iter(last.values())), "missing": None})
    data = pl.DataFrame(lines, schema=dict.fromkeys(("measure", *C3, "status", "missing"), pl.String)).rename(
        {"measure": visit.say("c3.measure"), **{c: names[c] for c in C3}, "status": visit.say("c3.status"),
         "missing": visit.say("cities.c3_missing")}
    )  # fmt: skip
    wide = {names[c]: st.column_config.TextColumn(width=170) for c in C3}
    wide[visit.say("c3.measure")] = st.column_config.TextColumn(width=210, pinned=True)
    status = blocks.source(visit, "answers", C3[0])[1]
    period = tables.period_label(month, visit.language) if month else ""
    foot = Foot(f"{visit.say('cities.sources_each')} · {visit.say('cities.c3_note')}", status, period=period,
                territory=visit.say("cities.and").join(names[c] for c in C3))  # fmt: skip
    blocks.table(
        visit, visit.say("cities.c3_table"), data, foot, "c3-side", height="content", row_height=c3.LINES_PX,
        column_config=wide,
    )  # fmt: skip


def published(visit: Visit, rows: pl.DataFrame, indicator: str, name: str) -> dict[str, str | None]:
    """The row of one indicator: values with year and trust, the part of the city where it is one, sources, reasons."""
    found = {row["city_id"]: row for row in rows.filter(pl.col("indicator_id") == indicator).iter_rows(named=True)}
    cells = {city: cell(visit, found.get(city)) for city in C3}
    titles = " | ".join(sorted({row["source_title"] for row in found.values()}))
    missing = reasons(visit, indicator, [city for city in C3 if city not in found])
    return {"measure": f"{name} ({visit.say('status.published')})", **cells, "status": titles, "missing": missing}


def reasons(visit: Visit, indicator: str, absent: list[str]) -> str | None:
    """Why cells of an indicator are empty: nothing is published, or only by the other definition."""
    other = [twin for one, two in zip(*CULTURE.values(), strict=True) for twin in (one, two)
             if indicator in (one, two) and twin != indicator]  # fmt: skip
    elsewhere = set(newest(visit, tuple(other))["city_id"])
    names, said = cached_cities.names(visit), []
    for key, listed in (
        ("cities.c3_missing_other", [names[city] for city in absent if city in elsewhere]),
        ("cities.c3_missing_of", [names[city] for city in absent if city not in elsewhere]),
    ):
        if listed:
            said.append(visit.say(key, cities=visit.say("cities.and").join(listed)))
    return visit.say("cities.semicolon").join(said) or None


def cell(visit: Visit, figure: dict[str, object] | None) -> str:
    """A published value; one of a part of the city names that part."""
    if figure is None:
        return tables.MISSING
    said = figure_tables.stated(visit, figure)
    part = pl.Series([figure["territory"]], dtype=pl.String).str.contains(cached_cities.WHOLE).item()
    return said if part else f"{said} · {figure['territory']}"


def newest_month(visit: Visit) -> date | None:
    """The newest month for which one of the three cities has a prosperity index."""
    months = [c3.city_index(visit, Selection(city)).drop_nulls("prosperity_index")["period"].max() for city in C3]
    return max((month for month in months if isinstance(month, date)), default=None)
