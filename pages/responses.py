"""Response board: who has answered the month, who has not, the list to remind them by, the rate by district."""

from __future__ import annotations

import streamlit as st

from data.access import Action
from pages.parts import blocks, filters, session, tables
from pages.parts.blocks import Foot
from pages.parts.filters import Selection
from pages.parts.session import Visit
from pages.parts.surveys import board, cached_response


def render(visit: Visit) -> None:
    """Choose, read, compute, show."""
    head = st.container()
    selection, room = filters.place(visit)
    where = blocks.territory(visit, selection)
    with room:
        month = board.month(visit, selection)
    status = cached_response.status(visit.key, selection, month, visit)
    when = tables.period_label(month, visit.language)
    n, asked = int(status["answered"].sum()), status.height
    with head:
        found = visit.say("responses.finding", month=when, answered=n, asked=asked)
        blocks.title(visit, found, visit.say("responses.subtitle", territory=where), "answers")
    if not status.height or not cached_response.months(visit.key, Selection(selection.city_id), visit):
        blocks.empty(visit, "empty.no_parks")
        return
    source, kind = blocks.source(visit, "answers", selection.city_id)
    foot = Foot(source, kind, visit.say("unit.parks"), when, where)
    board.headline(visit, status, foot)
    left, right = st.columns([3, 2])
    with left:
        board.parks(visit, status, False, visit.say("responses.not_answered", month=when), foot)
    with right:
        board.rate_map(visit, selection, month, visit.say("responses.map", month=when), foot)
    board.by_district(visit, selection, month, visit.say("responses.by_district"), foot)
    board.parks(visit, status, True, visit.say("responses.have_answered", month=when), foot)


if __name__ == "__main__":
    render(session.open_page(Action.VIEW))
