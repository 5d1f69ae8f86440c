"""Enterprise clustering: where enterprises crowd, in which industry, whether by chance, and how clusters live."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from data.access import Action
from pages.parts import blocks, filters, session, tables
from pages.parts.blocks import Foot
from pages.parts.clustering import (
    cached_clusters,
    cached_firms,
    cluster_choices,
    cluster_distance,
    cluster_growth,
    cluster_links,
    cluster_mix,
    enterprises,
)
from pages.parts.clustering.cached_firms import Lens
from pages.parts.session import Visit


def render(visit: Visit) -> None:
    """Choose, read, compute, show."""
    head = st.container()
    selection, room = filters.place(visit)
    where = blocks.territory(visit, selection)
    if not cached_firms.enterprise_totals(visit.key, selection, visit)["open"]:
        with head:
            blocks.title(visit, visit.say("clustering.title"), where)
        enterprises.missing(visit)
        return
    lens = cluster_choices.lens(visit, selection)
    source, status = blocks.source(visit, "enterprises", selection.city_id)
    month = cached_firms.register_month(visit.key, selection.city_id, visit)
    when = tables.period_label(str(lens.year) if lens.year else month, visit.language)
    foot = Foot(source, status, visit.say("unit.enterprises"), when, where)
    found = enterprises.named(visit, cached_clusters.clusters(visit.key, lens, visit))
    with head:
        title = visit.say("clustering.title_found", territory=where, n=found.height)
        subtitle = visit.say("clustering.subtitle", territory=where, month=when)
        blocks.title(visit, title, subtitle, "enterprises", city_id=selection.city_id)
    with room:
        chosen = cluster_choices.cluster(visit, enterprises.marks(found))
    now = replace(foot, period=tables.period_label(month, visit.language))
    enterprises.figures(visit, lens, found, now, foot)
    show(visit, lens, cluster_choices.view(visit), found, chosen, foot, now)


def show(
    visit: Visit, lens: Lens, view: str, found: enterprises.Clusters, chosen: str | None, foot: Foot, now: Foot
) -> None:
    """The chosen view; the others are not computed."""
    if view == "map":
        enterprises.map_block(visit, lens, found, chosen, foot)
        if chosen:
            enterprises.profile(visit, lens, found, chosen, foot)
        enterprises.cluster_table(visit, lens, found, foot)
    elif view == "growth":
        cluster_growth.clusters(visit, lens, found, now)
    elif view == "mix":
        cluster_mix.specialisation(visit, lens, now)
    elif view == "distance":
        cluster_distance.distance(visit, lens, now)
    elif view == "linkage":
        cluster_links.linkage(visit, lens, now)
    else:
        cluster_growth.openings(visit, lens, now)


if __name__ == "__main__":
    render(session.open_page(Action.VIEW))
