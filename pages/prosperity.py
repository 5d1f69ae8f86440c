"""Prosperity index: the trend around the neutral line, the items, the districts, the last 13 months."""

from __future__ import annotations

from datetime import date

import polars as pl
import streamlit as st

from data.access import Action
from pages.parts import blocks, cached, filters, findings, mapped, session, survey, tables
from pages.parts.blocks import Foot
from pages.parts.session import Visit


def render(visit: Visit) -> None:
    """Choose, read, compute, show."""
    head = st.container()
    selection, room = filters.place(visit)
    where = blocks.territory(visit, selection)
    index = cached.prosperity(visit.key, selection, False, visit)
    shown = index.drop_nulls("prosperity_index")
    if not shown.height:
        with head:
            blocks.title(visit, visit.say("prosperity.title"), where)
        blocks.empty(visit, findings.no_index(index), minimum=5)
        return
    with room:
        month = filters.month(visit, shown["period"].to_list())
    now = shown.filter(pl.col("period") == month).row(0, named=True)
    source, status = blocks.source(visit, "answers", selection.city_id)
    foot = Foot(source, status, visit.say("unit.index"), territory=where, method="prosperity_index")
    with head:
        title(visit, where, month, now)
    trend(visit, where, shown, foot)
    left, right = st.columns([3, 2])
    with left:
        survey.item_trends(visit, selection, foot)
    with right:
        mapped.prosperity(visit, selection, month, month_text(visit, "prosperity.map", month), "prosperity-map")
    survey.item_table(visit, selection, month, foot)
    survey.months_table(visit, shown, month, foot)


def month_text(visit: Visit, key: str, month: date) -> str:
    """A heading that names the month."""
    return visit.say(key, month=tables.period_label(month, visit.language))


def title(visit: Visit, where: str, month: date, now: dict[str, float]) -> None:
    """The finding as title, and under it the sentence a bulletin would print."""
    when = tables.period_label(month, visit.language)
    found = visit.say(findings.finding(now["prosperity_index"], now["change_month"]), month=when)
    blocks.title(visit, found, visit.say("prosperity.subtitle", territory=where), "answers", city_id=None)
    st.markdown(survey.sentence(visit, where, when, now))


def trend(visit: Visit, where: str, shown: pl.DataFrame, foot: Foot) -> None:
    """The index over time with the neutral line and n in the hover text."""
    figure = survey.index_trend(visit, shown, where, foot.status)
    data = shown.select("period", "prosperity_index", "n_parks", "change_month", "change_year")
    heading = visit.say("prosperity.trend", territory=where)
    blocks.chart(visit, heading, figure, survey.spanning(visit, foot, shown, "n_parks"), "prosperity", data)


if __name__ == "__main__":
    render(session.open_page(Action.VIEW))
