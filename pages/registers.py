"""Registers: members, partners with their offers and needs, the library, communication, programmes of events."""

from __future__ import annotations

import streamlit as st

from data.access import Action
from pages.parts import blocks, filters, session
from pages.parts.registers import (
    register_choices,
    register_exchange,
    register_library,
    register_matching,
    register_media,
    register_members,
    register_programmes,
)
from pages.parts.session import Visit

SHOWN = {
    "members": register_members.show,
    "partners": register_exchange.show,
    "matching": register_matching.show,
    "library": register_library.show,
    "communication": register_media.show,
    "programmes": register_programmes.show,
}


def render(visit: Visit) -> None:
    """Choose, read, compute, show."""
    head = st.container()
    filters.kept(visit)
    view = register_choices.view(visit, tuple(SHOWN))
    with head:
        subtitle = visit.say(f"registers.about_{view}")
        blocks.title(visit, visit.say("registers.title"), subtitle, *register_choices.DATASETS[view])
    SHOWN[view](visit)


if __name__ == "__main__":
    render(session.open_page(Action.VIEW))
