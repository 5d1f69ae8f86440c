"""What one chooses on the page of cities: the view; only that view is computed."""

from __future__ import annotations

import streamlit as st

from pages.parts.session import Visit, link, remembered

VIEWS = ("indicators", "trajectories", "c3", "peers", "composite", "industrial", "city")


def view(visit: Visit) -> str:
    """The part of the page one looks at."""
    names = {value: visit.say(f"cities.view_{value}") for value in VIEWS}
    st.session_state["look"] = remembered("look", list(VIEWS), VIEWS[0])
    st.segmented_control(
        visit.say("cities.view"), VIEWS, key="look", format_func=names.__getitem__, required=True,
        persist_state="session", label_visibility="collapsed",
    )  # fmt: skip
    link("look", VIEWS[0])
    return str(st.session_state["look"])
