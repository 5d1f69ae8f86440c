"""The story of a city's transition: dated milestones, each resting on a row of a register and linked to its source."""

from __future__ import annotations

import polars as pl
import streamlit as st

from data import city_registers
from pages.parts import blocks, sourced
from pages.parts.blocks import Foot
from pages.parts.session import Visit

RULE = '<div style="border-left:3px solid var(--brick);padding-left:14px">'


def show(visit: Visit, city: str, name: str, upload: str) -> int:
    """The dated milestones of the city's transition, each linked to its source, or that there are none; how many."""
    rows = city_registers.milestones_of(city)
    if not rows.height:
        with st.container(border=True):
            st.subheader(visit.say("cities.story_none", city=name), anchor=False)
            st.caption(visit.say("cities.story_none_note", link=upload))
        return 0
    years = "–".join(str(year) for year in dict.fromkeys((rows["year"].min(), rows["year"].max())))
    heading = visit.say("cities.story", city=name, span=years, n=rows.height)
    with st.container(border=True):
        st.subheader(heading, anchor=False)
        st.markdown(time_line(visit, rows), unsafe_allow_html=True)
        data = as_shown(visit, rows)
        foot = Foot(visit.say("cities.story_source"), "published", territory=name, n=str(rows.height))
        blocks.below(visit, heading, foot, "story", data)
    return rows.height


def time_line(visit: Visit, rows: pl.DataFrame) -> str:
    """The milestones in Markdown, one paragraph each, with a rule down their left side."""
    told = [
        f"**{row['year']}** {sourced.escaped(row[f'text_{visit.language}'])}  \n"
        f":small[{sourced.cited(row['source_title'], row['source_url'])}]"
        for row in rows.to_dicts()
    ]
    return "\n\n".join([RULE, *told, "</div>"])


def as_shown(visit: Visit, rows: pl.DataFrame) -> pl.DataFrame:
    """The milestones as a table: year, what happened, the row it rests on, source and address."""
    linked = sourced.with_links(rows, visit.say("cities.facts_link"))
    links = [column for column in linked.columns if column.startswith(visit.say("cities.facts_link"))]
    words = {"year": "period", f"text_{visit.language}": "story_what", "basis": "story_basis", "source_title": "source"}
    return linked.select(*(pl.col(c).alias(visit.say(f"cities.{word}")) for c, word in words.items()), *links)
