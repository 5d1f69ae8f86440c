"""Overview: the newest month in one minute - prosperity, answers, events, clusters, the C3 cities side by side."""

from __future__ import annotations

import streamlit as st

from data.access import Action
from pages.parts import blocks, cached, filters, findings, mapped, session, tables
from pages.parts.blocks import Foot
from pages.parts.filters import Selection
from pages.parts.overview import c3, headline
from pages.parts.session import Visit
from pages.parts.surveys import explained, survey


def render(visit: Visit) -> None:
    """Choose, read, compute, show."""
    head = st.container()
    selection, _ = filters.place(visit)
    where = blocks.territory(visit, selection)
    index = cached.prosperity(visit.key, selection, False, visit)
    shown = index.drop_nulls("prosperity_index")
    latest = shown.row(-1, named=True) if shown.height else None
    with head:
        title(visit, selection, where, latest)
    first, second, third, fourth = st.columns(4)
    source, status = blocks.source(visit, "answers", selection.city_id)
    when = tables.period_label(latest["period"], visit.language) if latest else ""
    foot = Foot(source, status, visit.say("unit.index"), when, where, method="prosperity_index")
    if latest is None:
        blocks.empty(visit, findings.no_index(index), minimum=5)
    else:
        with first:
            headline.prosperity(visit, selection, latest, foot)
        with second:
            parks = Foot(source, status, visit.say("unit.parks"), when, where)
            headline.answered(visit, selection, latest, parks)
    with third:
        headline.events(visit, selection, where)
    with fourth:
        headline.clusters(visit, selection, where)
    if latest is not None:
        left, right = st.columns([3, 2])
        with left:
            data = shown.select("period", "prosperity_index", "n_parks", "change_month", "change_year")
            figure = survey.index_trend(visit, shown, where, status, height=440)
            span = " – ".join(tables.period_label(p, visit.language) for p in (shown["period"][0], shown["period"][-1]))
            n = f"{shown['n_parks'].min()}–{shown['n_parks'].max()}"
            trend_foot = Foot(source, status, foot.unit, span, where, n, "prosperity_index")
            blocks.chart(visit, visit.say("overview.trend"), figure, trend_foot, "prosperity", data)
        with right:
            mapped.prosperity(visit, selection, latest["period"], visit.say("overview.map"), "overview-map")
    c3.table(visit, latest["period"] if latest else None)


def title(visit: Visit, selection: Selection, where: str, latest: dict[str, object] | None) -> None:
    """The finding as the title, or a plain title while there is none."""
    if latest is None:
        blocks.title(visit, visit.say("overview.title_empty"), where, "events", "enterprises")
        return
    when = tables.period_label(latest["period"], visit.language)
    found = explained.headline(visit, selection, latest)
    subtitle = visit.say("overview.subtitle", territory=where, month=when)
    blocks.title(visit, found, subtitle, "answers", "events", "enterprises")


if __name__ == "__main__":
    render(session.open_page(Action.VIEW))
