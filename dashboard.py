"""ParkPulse: the entry script. Page settings, the frame around every page, and the list of pages."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.parts import session, text

HERE = Path(__file__).parent
SECTIONS = {
    "nav.indicators": ("overview", "prosperity", "surveys", "events", "clustering", "cities"),
    "nav.lists": ("parks", "registers"),
    "nav.data": ("upload", "responses", "history", "methods"),
}


def navigation(spoken: str) -> dict[str, list[st.Page]]:
    """The pages by section, titled in the visitor's language; the addresses stay the same in both."""
    return {
        text.say(section, spoken): [
            st.Page(
                HERE / "pages" / f"{name}.py",
                title=text.say(f"nav.{name}", spoken),
                url_path=name,
                default=name == "overview",
            )
            for name in names
        ]
        for section, names in SECTIONS.items()
    }


spoken = session.language()
st.set_page_config(
    page_title=text.say("app.name", spoken),
    page_icon=str(HERE / "pages" / "parts" / "static" / "favicon.png"),
    layout="wide",
)
session.frame()
sections = navigation(spoken)
page = st.navigation(sections)
session.resume(listed for pages in sections.values() for listed in pages)
page.run()
