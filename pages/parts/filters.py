"""City and district: chosen in a box or on the map, kept in the address, never outside the viewer's scope."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from data import registry
from pages.parts import maps, tables
from pages.parts.session import Visit, link, remembered

ALL = "all"
CITIES = ("beijing", "shanghai", "shenzhen", "ruhr", "pittsburgh")


@dataclass(frozen=True)
class Selection:
    """The part of the world on screen: one city, and one of its districts or all of them (None)."""

    city_id: str
    district_code: str | None = None

    def of(self, frame: pl.LazyFrame) -> pl.LazyFrame:
        """The rows of `frame` (city_id, district_code) that lie in the selection."""
        rows = frame.filter(pl.col("city_id") == self.city_id)
        return rows if self.district_code is None else rows.filter(pl.col("district_code") == self.district_code)


def pick(label: str, key: str, names: dict[str, str], default: str, on_change: Callable[[], None] | None = None) -> str:
    """A select box over `names` (value: shown name) whose value lives under `key` in session and address.

    The value is written anew on every run: one that only the run before wrote does not follow to another page.
    """
    st.session_state[key] = remembered(key, list(names), default)
    st.selectbox(
        label, list(names), key=key, format_func=lambda v: names.get(v, v), persist_state="session", on_change=on_change
    )
    link(key, default)
    return str(st.session_state[key])


def place(visit: Visit, more: Mapping[str, str] | None = None) -> tuple[Selection, DeltaGenerator]:
    """The two boxes of every page and room for a third; an official finds only the districts of the scope in them.

    more: city_id -> name of further cities whose public figures the page shows.
    """
    names = city_names(visit) | dict(more or {})
    left, middle, right = st.columns(3)
    with left:
        city = pick(visit.say("filter.city"), "city", names, next(iter(names)), on_change=forget_district)
    options = _districts(visit, city)
    with middle:
        district = pick(visit.say("filter.district"), "district", options, next(iter(options)))
    return Selection(city, None if district == ALL else district), right


def switch(label: str, key: str, names: Mapping[str, str]) -> str:
    """A row of buttons of which one is pressed, the first at the start; the address keeps it as ?key=."""
    first = next(iter(names))
    st.session_state[key] = remembered(key, list(names), first)
    st.segmented_control(
        label, list(names), key=key, format_func=names.__getitem__, required=True,
        persist_state="session", label_visibility="collapsed",
    )  # fmt: skip
    link(key, first)
    return str(st.session_state[key])


def kept(visit: Visit) -> Selection:
    """The place chosen on other pages, kept in session and address by a page that asks for none."""
    chosen = []
    for key, names in (("city", city_names(visit)), ("district", None)):
        options = list(names if names is not None else _districts(visit, chosen[0]))
        chosen.append(remembered(key, options, options[0]))
        link(key, options[0])
    return Selection(chosen[0], None if chosen[1] == ALL else chosen[1])


def city_names(visit: Visit) -> dict[str, str]:
    """The cities with pages of their own by id; an official finds those of the scope."""
    scope, cities = visit.viewer.scope.districts, registry.cities()
    inside = registry.districts().filter(pl.col("district_code").is_in(sorted(scope))) if scope is not None else None
    allowed = CITIES if inside is None else tuple(c for c in CITIES if c in set(inside["city_id"])) or CITIES[:1]
    names = dict(cities.filter(pl.col("city_id").is_in(allowed)).select("city_id", visit.named()).iter_rows())
    return {city: names[city] for city in allowed}


def _districts(visit: Visit, city: str) -> dict[str, str]:
    """The districts of a city the viewer may choose, all of them first where there are several.

    Of a city outside the scope, whose public figures a page shows, no district can be chosen.
    """
    scope, rows = visit.viewer.scope.districts, registry.districts_of(city)
    every = {ALL: visit.say("filter.all_districts")}
    if scope is not None:
        rows = rows.filter(pl.col("district_code").is_in(sorted(scope)))
    options = dict(rows.select("district_code", visit.named()).iter_rows())
    return options if scope is not None and len(scope) == 1 and options else every | options


def month(visit: Visit, months: list[date], default: date | None = None) -> date:
    """The month on screen, newest first and, without a `default`, the newest; the address keeps it as 2026-10."""
    names = {f"{m:%Y-%m}": tables.period_label(m, visit.language) for m in sorted(months, reverse=True)}
    first = f"{default:%Y-%m}" if default else next(iter(names))
    return date.fromisoformat(pick(visit.say("filter.month"), "month", names, first) + "-01")


def forget_district() -> None:
    """A new city starts with all its districts."""
    st.session_state["district"] = ALL


def on_map_click(chart: str, layer: str = "districts", field: str = "district_code", box: str = "district") -> None:
    """The callback of a clickable map: the clicked object's code goes into the box; a second one clears a district.

    A click on another layer, such as a hexagon above the districts, leaves the box as it is.
    """
    picked = st.session_state[chart]["selection"]
    clicked = maps.clicked(picked, layer, field)
    if clicked and clicked != st.session_state.get(box):
        st.session_state[box] = clicked
    elif box == "district" and (clicked or not picked.get("objects")):
        st.session_state[box] = ALL
