"""What one chooses on the page of clustering: the view, the industry by its tree, the year, the cluster."""

from __future__ import annotations

import polars as pl
import streamlit as st

from data import registry
from pages.parts import filters
from pages.parts.clustering import cached_firms
from pages.parts.clustering.cached_firms import CULTURE, GBT, Lens
from pages.parts.filters import Selection
from pages.parts.session import Visit, link, remembered

VIEWS = ("map", "growth", "mix", "distance", "linkage", "lives")
LAYERS = ("hexagons", "hotspots", "districts")
ALL, NOW = "all", "now"


def view(visit: Visit) -> str:
    """The part of the page one looks at; only that part is computed."""
    names = {value: visit.say(f"clustering.view_{value}") for value in VIEWS}
    return filters.switch(visit.say("clustering.view"), "view", names)


def lens(visit: Visit, selection: Selection) -> Lens:
    """The classification, an industry of its tree, and the year."""
    left, middle, right = st.columns(3)
    with left:
        used = cached_firms.schemes(visit.key, selection.city_id, visit) or [GBT]
        names = {value: scheme_name(visit, value) for value in used}
        scheme = filters.pick(visit.say("filter.industry"), "scheme", names, used[0])
    with middle:
        tree = {ALL: visit.say("clustering.every_industry"), **branches(visit, selection.city_id, scheme)}
        industry = filters.pick(visit.say("clustering.industry"), "industry", tree, ALL)
    with right:
        year = slide(visit, selection)
    return Lens(selection, scheme, "" if industry == ALL else industry, year)


def scheme_name(visit: Visit, scheme: str) -> str:
    """The name of a classification; one the product has no register of stands by its own name."""
    known = {GBT: "clustering.scheme_gbt", CULTURE: "clustering.scheme_culture"}
    return visit.say(known[scheme]) if scheme in known else scheme


def branches(visit: Visit, city_id: str, scheme: str) -> dict[str, str]:
    """The industries with enterprises in the city as a tree: a section, then its divisions, moved in; with numbers."""
    counted = dict(cached_firms.codes(visit.key, city_id, scheme, visit).iter_rows())
    known = registry.industries().filter(pl.col("scheme") == scheme)
    rows = known.select("code", "parent_code", visit.named().alias("name")).to_dicts()
    below: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        if row["parent_code"] and row["code"] in counted:
            below.setdefault(row["parent_code"], []).append(row)
    tree: dict[str, str] = {}
    for row in rows:
        code, parts = row["code"], below.get(row["code"], [])
        n = counted.get(code, 0) + sum(counted[part["code"]] for part in parts)
        if n and not row["parent_code"]:
            tree[code] = f"{code} {row['name']} ({n:,})"
        tree |= {part["code"]: f"\u2003{part['code']} {part['name']} ({counted[part['code']]:,})" for part in parts}
    return tree | {code: f"{code} ({n:,})" for code, n in counted.items() if code not in tree}


def slide(visit: Visit, selection: Selection) -> int:
    """The year at whose end one looks, or 0 for the register as it is now."""
    span = cached_firms.years(visit.key, selection.city_id, visit)
    if span is None or span[0] == span[1]:
        return 0
    options = [*map(str, range(span[0], span[1] + 1)), NOW]
    st.session_state["year"] = remembered("year", options, NOW)
    st.select_slider(
        visit.say("clustering.year_end"), options, key="year", persist_state="session",
        format_func=lambda value: visit.say("clustering.now") if value == NOW else value,
    )  # fmt: skip
    link("year", NOW)
    value = st.session_state["year"]
    return 0 if value == NOW else int(value)


def layer(visit: Visit) -> tuple[str, bool, bool]:
    """The layer of the map, and whether outlines of clusters and places of enterprises lie above it."""
    left, middle, right = st.columns([2, 1, 1], vertical_alignment="bottom")
    with left:
        names = {value: visit.say(f"clustering.layer_{value}") for value in LAYERS}
        chosen = filters.pick(visit.say("clustering.layer"), "layer", names, LAYERS[0])
    with middle:
        lines = st.toggle(visit.say("clustering.outlines"), value=True, key="outlines", persist_state="session")
    with right:
        points = st.toggle(visit.say("clustering.places"), key="places", persist_state="session")
    return chosen, bool(lines), bool(points)


def cluster(visit: Visit, named: dict[str, str]) -> str | None:
    """The mark of the chosen cluster, from the box, the map or the address; None while none is chosen."""
    options = {ALL: visit.say("clustering.no_cluster"), **named}
    chosen = filters.pick(visit.say("clustering.profile_of"), "cluster", options, ALL)
    return None if chosen == ALL else chosen
