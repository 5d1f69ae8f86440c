"""Events: what is planned, how many there were, who came, what came of them, and the published totals beside them."""

from __future__ import annotations

import streamlit as st

from data.access import Action
from pages.parts import blocks, session
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

ROOMS = {
    "overview": event_overview,
    "reach": event_reach,
    "funnel": event_funnel,
    "published": event_published,
    "activity": event_activity,
    "list": event_list,
}


def render(visit: Visit) -> None:
    """Choose, read, compute, show: a view has its own title, and only the filters that change it."""
    head, boxes, bar = st.container(), st.container(), st.empty()
    with bar:
        look = event_choices.view(visit)
    with boxes:
        selection, room = event_choices.place(visit, look)
    covered = cached_events.coverage(visit.key, selection.city_id, cached_events.today(), visit)
    if covered is None:
        bar.empty()
        with head:
            blocks.title(visit, visit.say("events.title"), blocks.territory(visit, selection))
        blocks.empty(visit, "empty.events")
        event_list.first(visit, EventLens(selection, cached_events.today()))
        event_published.only_published(visit, selection)
        return
    with boxes:
        lens = event_choices.lens(visit, selection, look)
        month = event_choices.month(visit, covered, lens.today, room, look)
    at = event_choices.looked(visit, lens, month, covered)
    with head:
        subtitle = visit.say(
            f"events.subtitle_{look}", territory=at.foot.territory, period=event_choices.span(visit, *covered)
        )
        blocks.title(visit, ROOMS[look].found(visit, at), subtitle, "events")
    ROOMS[look].show(visit, at)


if __name__ == "__main__":
    render(session.open_page(Action.VIEW))
