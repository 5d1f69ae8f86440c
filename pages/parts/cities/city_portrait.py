"""The page of one city: what is known of it, where it and its parks are, its story, all its indicators."""

from __future__ import annotations

import polars as pl
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.parts import blocks, filters, sourced, tables
from pages.parts.blocks import Foot
from pages.parts.cities import cached_cities, cached_portrait, city_facts, city_map, city_story, portrait_charts
from pages.parts.filters import Selection
from pages.parts.session import Visit
from pages.parts.upload import desk_columns

UPLOAD, NO_SERIES = "/upload?dataset=figures", "cities.portrait_no_series"
SHORT = 6  # milestones beside which there is room for a map


def show(visit: Visit, selection: Selection, room: DeltaGenerator) -> None:
    """The finding, the figures on record, two maps, the story with its main series, every indicator, the way to add."""
    city = selection.city_id
    name = cached_cities.name_of(visit, city)
    rows = cached_portrait.of_city(visit.key, city, visit)
    indicators = _drawn_names(visit, city, rows)
    with room:
        chosen = _series_box(visit, indicators)
    st.subheader(_finding(visit, city, name), anchor=False)
    _numbers(visit, city, name, rows)
    left, right = st.columns(2)
    with left:
        told = city_story.show(visit, city, name, UPLOAD)
    with right:
        _series(visit, city, name, chosen, indicators) if chosen else blocks.empty(visit, NO_SERIES, city=name)
        city_map.of_parks(visit, selection, name)
    with right if told > SHORT else left:
        city_map.world(visit, selection)
    _table(visit, city, name)
    add_your_own(visit)


def _finding(visit: Visit, city: str, name: str) -> str:
    """How much is known of the city, in one sentence."""
    counted = cached_portrait.coverage(visit.key, visit).filter(pl.col("city_id") == city).row(0, named=True)
    return visit.say(
        "cities.portrait_finding", city=name, n=counted["n_present"], all=counted["n_wanted"],
        share=tables.percent(counted["share_pct"], 0),
    )  # fmt: skip


def _numbers(visit: Visit, city: str, name: str, rows: pl.DataFrame) -> None:
    """Four counts: indicators against all, figures with their years, sources, parks on record with the way there."""
    counted = cached_portrait.coverage(visit.key, visit).filter(pl.col("city_id") == city).row(0, named=True)
    years = rows["period"].str.slice(0, 4)
    span = f"{years.min()}–{years.max()}" if rows.height else ""
    trust = rows["trust"].drop_nulls().value_counts().sort("trust")
    badges = " · ".join(f"{city_facts.trust(visit, code)}: {n}" for code, n in trust.iter_rows())
    own = rows.filter("own").height
    foot = Foot(visit.say("source.figures"), "published", territory=name)
    parks = cached_portrait.parks(visit.key, city, visit).height
    share = visit.say("cities.portrait_of_all", all=counted["n_wanted"], share=tables.percent(counted["share_pct"], 0))
    note = " · ".join(filter(None, (badges, visit.say("cities.portrait_own", n=own) if own else "")))
    to_parks = visit.say("cities.portrait_to_parks", link=f"/parks?city={city}") if parks else ""
    register = Foot(visit.say("source.register"), "published", territory=name)
    cells = (
        ("indicators", str(counted["n_present"]), share, foot),
        ("figures", str(rows.height), note, Foot(foot.source, foot.status, "", span, name)),
        ("parks", str(parks), to_parks, register),
    )
    for column, (word, value, told, line) in zip(st.columns(3), cells, strict=True):
        with column:
            blocks.metric(visit, visit.say(f"cities.portrait_{word}"), value, None, "", told, line)


def _drawn_names(visit: Visit, city: str, rows: pl.DataFrame) -> dict[str, str]:
    """indicator_id -> name of the series that can be drawn, the one to show first in front."""
    names = dict(rows.select("indicator_id", f"indicator_{visit.name}").unique("indicator_id").iter_rows())
    return {indicator: str(names[indicator]) for indicator in cached_portrait.drawn(visit.key, city, visit)}


def _series_box(visit: Visit, indicators: dict[str, str]) -> str | None:
    """The series to draw; nothing to choose where no line is long enough."""
    if not indicators:
        return None
    return filters.pick(visit.say("cities.portrait_series"), "series", indicators, next(iter(indicators)))


def _series(visit: Visit, city: str, name: str, indicator: str, indicators: dict[str, str]) -> None:
    """The lines of one indicator in the unit of its longest line; other units are in the table of all indicators."""
    every = cached_portrait.lines(visit.key, city, visit).filter(pl.col("indicator_id") == indicator)
    longest = every.sort("n_line", "period").row(-1, named=True)
    rows = every.filter(pl.col("unit") == longest["unit"])
    unit, places = city_facts.unit_of(visit, longest["unit"]), rows["territory"].n_unique()
    named = rows.select("line", "segment", "territory").unique() if places > 1 else rows.clear()
    labels = {
        f"{row['line']}.{row['segment']}": city_facts.territory_of(visit, row["territory"]) for row in named.to_dicts()
    }
    drawn = portrait_charts.story(rows, labels, unit, visit.language, visit.say("cities.portrait_break"), visit.dark)
    one = (
        city_facts.territory_of(visit, longest["territory"])
        if places == 1
        else visit.say("cities.portrait_territories", n=places)
    )
    span = f"{rows['period'].min()}–{rows['period'].max()}"
    sources = rows.select("source_title", "source_url").unique(maintain_order=True)
    cited = " · ".join(sourced.cited(title, url) for title, url in sources.head(3).iter_rows())
    more = "" if sources.height <= 3 else visit.say("cities.portrait_more_sources", n=sources.height - 3)
    foot = Foot(cited + more, "published", unit, span, one, str(rows.height))
    data = city_facts.as_shown(visit, _with_names(visit, rows))
    heading = visit.say("cities.portrait_line", city=name, indicator=indicators[indicator])
    blocks.chart(visit, heading, drawn, foot, "portrait-series", data)


def _with_names(visit: Visit, rows: pl.DataFrame) -> pl.DataFrame:
    """Line rows with what the table needs besides: the names of the indicator, the publisher, how many in the line."""
    every = cached_cities.every_figure(visit.key, visit)
    names = every.select("indicator_id", "indicator_name_zh", "indicator_name_en").unique("indicator_id")
    publishers = every.select("source_title", "source_publisher").unique("source_title")
    named = rows.join(names, on="indicator_id", how="left").join(publishers, on="source_title", how="left")
    return named.with_columns(n="n_line")


def _table(visit: Visit, city: str, name: str) -> None:
    """Every indicator of the city with its newest figure, grouped by topic, each with the link to its source."""
    rows = cached_portrait.newest(visit.key, city, visit)
    data = city_facts.as_shown(visit, rows)
    foot = Foot(f"{visit.say('source.figures')} · {visit.say('cities.trust_note')}", "published", n=str(data.height))
    heading = visit.say("cities.portrait_table", city=name, n=rows["indicator_id"].n_unique())
    settings = city_facts.link_columns(visit, data)
    blocks.table(visit, heading, data, foot, "portrait", column_config=settings, height=520)


def add_your_own(visit: Visit) -> None:
    """How to add a city of one's own: where, with which columns, and what happens then."""
    with st.container(border=True):
        st.subheader(visit.say("cities.add_title"), anchor=False)
        st.markdown(visit.say("cities.add_text", link=UPLOAD))
        with st.expander(visit.say("cities.add_columns")):
            desk_columns.columns(visit, "figures")
