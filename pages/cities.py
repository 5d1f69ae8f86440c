"""City comparison: figures with year, territory, definition and source; nothing joined that is not one line."""

from __future__ import annotations

import streamlit as st

from data.access import Action
from pages.parts import blocks, filters, session
from pages.parts.cities import (
    cached_cities,
    city_c3,
    city_choices,
    city_composite,
    city_indicators,
    city_industrial,
    city_peers,
    city_portrait,
    city_trajectories,
)
from pages.parts.session import Visit

SHOWN = {
    "indicators": city_indicators.show,
    "trajectories": city_trajectories.show,
    "c3": city_c3.show,
    "peers": city_peers.show,
    "composite": city_composite.show,
    "industrial": city_industrial.show,
    "city": city_portrait.show,
}


def render(visit: Visit) -> None:
    """Choose, read, compute, show."""
    head = st.container()
    names = dict(cached_cities.cities(visit.key, visit).select("city_id", visit.named()).iter_rows())
    selection, room = filters.place(visit, names)
    with head:
        blocks.title(visit, visit.say("cities.title"), visit.say("cities.subtitle"))
    SHOWN[city_choices.view(visit)](visit, selection, room)


if __name__ == "__main__":
    render(session.open_page(Action.VIEW))
