"""Prosperity index: the trend around the neutral line, the items, the districts, the last 13 months."""

from __future__ import annotations

from datetime import date

import polars as pl
import streamlit as st

from data.access import Action, sees_rows
from pages.parts import blocks, cached, filters, findings, mapped, session, tables
from pages.parts.blocks import Foot
from pages.parts.filters import Selection
from pages.parts.session import Visit
from pages.parts.surveys import explained, survey


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
        title(visit, selection, where, month, now)
    choices(visit, selection, foot)
    left, right = st.columns([3, 2])
    with left:
        explained.contributions(visit, selection, month, foot)
    with right:
        heading = visit.say("prosperity.map", month=tables.period_label(month, visit.language))
        mapped.prosperity(visit, selection, month, heading, "prosperity-map")
    survey.item_trends(visit, selection, foot)
    survey.item_table(visit, selection, month, foot)
    survey.responses(visit, selection, month, foot)
    explained.breakdowns(visit, selection, month, foot)
    survey.months_table(visit, selection, month, foot)
    survey.quality(visit, selection)
    if sees_rows(visit.viewer):
        explained.what_if(visit, selection, month)


def choices(visit: Visit, selection: Selection, foot: Foot) -> None:
    """The trend on the scale, with the weights and the series the visitor chooses."""
    columns = st.columns(3)
    options = {"scale": survey.SCALES, "weights": survey.WEIGHTS, "view": survey.VIEWS}
    words = {"scale": "scale", "weights": "weighting", "view": "prosperity"}
    chosen = {}
    for column, (key, values) in zip(columns, options.items(), strict=True):
        with column:
            names = {value: visit.say(f"{words[key]}.{value}") for value in values}
            chosen[key] = filters.pick(visit.say(f"prosperity.{key}"), key, names, values[0])
    st.caption(survey.weights_note(visit, selection))
    survey.banded_trend(visit, selection, foot, chosen["scale"], chosen["weights"], chosen["view"])


def title(visit: Visit, selection: Selection, where: str, month: date, now: dict[str, float]) -> None:
    """The finding as title, and under it the sentence a bulletin would print."""
    when = tables.period_label(month, visit.language)
    found = explained.headline(visit, selection, now)
    blocks.title(visit, found, visit.say("prosperity.subtitle", territory=where), "answers", city_id=None)
    said = survey.sentence(visit, where, when, now)
    st.markdown(f"{said} {explained.panel_notes(visit, selection, month)}")


if __name__ == "__main__":
    render(session.open_page(Action.VIEW))
