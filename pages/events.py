"""Events: what is planned, how many there were, who came, what came of them, and the published totals beside them."""

from __future__ import annotations

import streamlit as st

from data.access import Action
from pages.parts import blocks, filters, session, tables
from pages.parts.events import (
    cached_events,
    event_activity,
    event_choices,
    event_funnel,
    event_list,
    event_overview,
    event_published,
    event_reach,
)
from pages.parts.events.cached_events import EventLens
from pages.parts.session import Visit

SHOWN = {
    "overview": event_overview.show,
    "reach": event_reach.show,
    "funnel": event_funnel.show,
    "published": event_published.show,
    "activity": event_activity.show,
    "list": event_list.show,
}


def render(visit: Visit) -> None:
    """Choose, read, compute, show."""
    head = st.container()
    selection, room = filters.place(visit)
    covered = cached_events.coverage(visit.key, selection.city_id, cached_events.today(), visit)
    if covered is None:
        with head:
            blocks.title(visit, visit.say("events.title"), blocks.territory(visit, selection))
        blocks.empty(visit, "empty.events")
        event_list.first(visit, EventLens(selection, cached_events.today()))
        event_published.only_published(visit, selection)
        return
    lens = event_choices.lens(visit, selection)
    month = event_choices.month(visit, covered, lens.today, room)
    at = event_choices.looked(visit, lens, month, covered)
    months = cached_events.counts(visit.key, lens, (), "month", visit)
    n = tables.number(months.filter(period=month)["n_events"].sum(), 0)
    with head:
        found = visit.say("events.title_month", month=tables.period_label(month, visit.language), n=n)
        blocks.title(visit, found, visit.say("events.subtitle", territory=at.foot.territory), "events")
    SHOWN[event_choices.view(visit)](visit, at)


if __name__ == "__main__":
    render(session.open_page(Action.VIEW))
