"""Enterprise clustering: where enterprises are dense, what districts specialise in, how the stock grows."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from data.access import Action
from pages.parts import blocks, cached, enterprises, filters, session, tables
from pages.parts.blocks import Foot
from pages.parts.session import Visit

SCHEMES = {"industry_code": "clustering.scheme_gbt", "culture_code": "clustering.scheme_culture"}
LAYERS = {"hexagons": "clustering.layer_hexagons", "districts": "clustering.layer_districts"}


def render(visit: Visit) -> None:
    """Choose, read, compute, show."""
    head = st.container()
    selection, room = filters.place(visit)
    where = blocks.territory(visit, selection)
    totals = cached.enterprise_totals(visit.key, selection, visit)
    if not totals["open"]:
        with head:
            blocks.title(visit, visit.say("clustering.title"), where)
        blocks.empty(visit, "empty.enterprises")
        return
    with room:
        schemes = {value: visit.say(key) for value, key in SCHEMES.items()}
        scheme = filters.pick(visit.say("filter.industry"), "scheme", schemes, "industry_code")
    source, status = blocks.source(visit, "enterprises", selection.city_id)
    foot = Foot(source, status, visit.say("unit.enterprises"), territory=where)
    foot = replace(
        foot, period=tables.period_label(cached.register_month(visit.key, selection.city_id, visit), visit.language)
    )
    found = cached.clusters(visit.key, selection, visit)
    with head:
        title = visit.say("clustering.title_found", territory=where, n=found.height)
        subtitle = visit.say("clustering.subtitle", territory=where, month=foot.period)
        blocks.title(visit, title, subtitle, "enterprises")
    figures(visit, totals, found.height, foot)
    left, right = st.columns([3, 2])
    with left:
        layers = {value: visit.say(key) for value, key in LAYERS.items()}
        if filters.pick(visit.say("clustering.layer"), "layer", layers, "hexagons") == "hexagons":
            enterprises.hexagon_map(visit, selection, totals, foot)
        else:
            enterprises.district_map(visit, selection, foot)
    with right:
        enterprises.years(visit, selection, totals, foot)
        enterprises.cluster_table(visit, selection, foot)
    enterprises.heat_table(visit, selection, scheme, foot)


def figures(visit: Visit, totals: dict[str, int], n_clusters: int, foot: Foot) -> None:
    """Open enterprises, the share inside parks, clusters."""
    first, second, third = st.columns(3)
    with first:
        note = visit.say("clustering.open_note", closed=totals["closed"], vacant=totals["vacant"])
        value = tables.count(totals["open"], visit.language)
        blocks.metric(visit, visit.say("clustering.open"), value, None, "", note, foot)
    with second:
        share = tables.number(100 * totals["in_parks"] / totals["open"], 1) + " %"
        n = tables.count(totals["in_parks"], visit.language)
        label = visit.say("clustering.in_parks")
        blocks.metric(visit, label, share, None, "", "", replace(foot, unit=visit.say("unit.pct"), n=n))
    with third:
        note = visit.say("overview.clusters_note", minimum=cached.CLUSTER_MINIMUM)
        rule = replace(foot, unit=visit.say("unit.clusters"), method="hexagon_clusters")
        blocks.metric(visit, visit.say("clustering.clusters"), str(n_clusters), None, "", note, rule)


if __name__ == "__main__":
    render(session.open_page(Action.VIEW))
