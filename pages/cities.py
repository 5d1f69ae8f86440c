"""City comparison: published figures with year, territory and source; nothing joined that does not belong together."""

from __future__ import annotations

import polars as pl
import streamlit as st

from data import registry
from data.access import Action
from pages.parts import blocks, cached, charts, compared, filters, session
from pages.parts.blocks import Foot
from pages.parts.session import Visit


def render(visit: Visit) -> None:
    """Choose, read, compute, show."""
    head = st.container()
    selection, room = filters.place(visit)
    names = compared.indicator_names(visit)
    with room:
        indicator = filters.pick(visit.say("filter.indicator"), "indicator", names, "secondary_share_gdp")
    with head:
        blocks.title(visit, visit.say("cities.title"), visit.say("cities.subtitle"))
    rows = cached.city_latest((), (indicator,)).sort("value", descending=True)
    left, right = st.columns([3, 2])
    with left:
        compared.bars(visit, selection, rows, names[indicator])
    with right:
        compared.map_of(visit, selection, rows)
    series(visit, selection.city_id, indicator, names[indicator])
    compared.district(visit, selection)
    compared.profile(visit, selection)
    compared.heritage(visit)


def series(visit: Visit, city_id: str, indicator: str, name: str) -> None:
    """The years of one territory, definition and unit of the chosen city."""
    figures = registry.city_figures().filter(
        (pl.col("city_id") == city_id) & (pl.col("indicator_id") == indicator) & (pl.col("period").str.len_chars() == 4)
    )
    if figures.height < 2:
        return
    one = compared.longest_run(figures)
    territory, unit = one.select("territory", "unit").row(0)
    figure = charts.trend(
        one.with_columns(period=pl.date(pl.col("period").cast(pl.Int32), 1, 1)), y="value", yearly=True,
        language=visit.language, dark=visit.dark, unit=visit.unit(unit), label=territory,
    )  # fmt: skip
    sources = " | ".join(one["source_title"].unique().sort())
    span = f"{one['period'].min()}–{one['period'].max()}"
    foot = Foot(f"{sources} · {visit.say('cities.series_note')}", "published", visit.unit(unit), span, territory)
    heading = visit.say("cities.series", indicator=f"{compared.city_name(visit, city_id)} · {name}")
    blocks.chart(visit, heading, figure, foot, "city-series", compared.as_shown(visit, one))


if __name__ == "__main__":
    render(session.open_page(Action.VIEW))
