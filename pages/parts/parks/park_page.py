"""One park's own page: who it is, how it scores, its events, what is around it, its answers, needs and documents."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from data import registry
from pages.parts import blocks, cached
from pages.parts.parks import park_activity, park_answers, park_choices, park_facts, park_scorecard, park_surroundings
from pages.parts.registers import entry_form
from pages.parts.session import Visit

Park = dict[str, Any]


def show(visit: Visit, park: Park) -> None:
    """Everything on record about one park; what is confidential only to those who may see it."""
    bar(visit, park)
    title(visit, park)
    park_facts.figures(visit, park)
    left, right = st.columns([3, 2])
    with left:
        park_facts.identity(visit, park)
    with right:
        park_surroundings.show(visit, park)
        park_facts.remarks(visit, park)
        park_activity.documents(visit, park)
    park_scorecard.show(visit, park)
    park_activity.events(visit, park)
    park_answers.show(visit, park)
    park_activity.needs(visit, park)


def bar(visit: Visit, park: Park) -> None:
    """The way back, the other parks of the city, and the entry's form for those who may edit."""
    left, middle, right = st.columns([1, 2, 1], vertical_alignment="bottom")
    with left:
        st.button(visit.say("parks.back"), key="park_back", on_click=park_choices.to_register)
    with middle:
        others = cached.parks(visit.key, visit).filter(pl.col("city_id") == park["city_id"]).sort("park_id")
        park_choices.open_park(visit, others["park_id"], visit.say("parks.back"))
    with right:
        entry_form.show(visit, "parks", {"park_id": park["park_id"]}, visit.say("parks.edit"))


def title(visit: Visit, park: Park) -> None:
    """The name; city, district and grade; whether it was retired, and whether the page shows samples."""
    blocks.title(visit, park_facts.name(visit, park), subtitle(visit, park), "parks", "events", city_id=park["city_id"])
    if park["retired_on"] is not None:
        st.warning(visit.say("parks.retired", day=park["retired_on"], reason=park["retired_reason"]))


def subtitle(visit: Visit, park: Park) -> str:
    """City, district, grade, and the number it has in the register."""
    cities = registry.cities().filter(pl.col("city_id") == park["city_id"])
    parts = [cities.select(visit.named()).item() if cities.height else park["city_id"]]
    parts += [park_facts.district(visit, park), park_facts.worded(visit, "grade", park["grade"]), park["park_id"]]
    if park["is_synthetic"]:
        parts.append(visit.say("parks.sample"))
    return " · ".join(part for part in parts if part)
