"""The four figures on top of the overview: prosperity, answers, events, clusters."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import polars as pl

from pages.parts import blocks, cached, tables
from pages.parts.blocks import Foot
from pages.parts.clustering import cached_clusters, cached_firms
from pages.parts.clustering.cached_firms import Lens
from pages.parts.events import cached_events
from pages.parts.filters import Selection
from pages.parts.session import Visit
from pages.parts.surveys import explained


def prosperity(visit: Visit, selection: Selection, latest: dict[str, Any], foot: Foot) -> None:
    """The headline figure with its change on the month and on the year, and whether the month's is more than chance."""
    year = tables.signed(latest["change_year"])
    note = f"{visit.say('overview.year_change')} {year} {visit.say('unit.points')}"
    if sure := explained.significance_note(visit, selection, latest["period"]):
        note += f"  \n{sure}"
    foot = replace(foot, n=str(latest["n_parks"]))
    value, against = tables.number(latest["prosperity_index"], 1), visit.say("overview.month_change")
    blocks.metric(visit, visit.say("overview.headline"), value, latest["change_month"], against, note, foot, "headline")


def answered(visit: Visit, selection: Selection, latest: dict[str, Any], foot: Foot) -> None:
    """How many parks answered, of how many in the frame."""
    frame = cached.frame_size(visit.key, selection, visit)
    rate = tables.number(100 * latest["n_parks"] / frame, 0) if frame else "—"
    note = visit.say("overview.answered_note", frame=frame, rate=rate)
    n = str(latest["n_parks"])
    blocks.metric(visit, visit.say("overview.answered"), n, None, "", note, replace(foot, n=n))


def events(visit: Visit, selection: Selection, where: str) -> None:
    """The events of the newest month on record and of the month before."""
    months = cached_events.monthly(visit, selection)
    records, status = blocks.source(visit, "events", selection.city_id)
    label, unit = visit.say("overview.events"), visit.say("unit.events")
    if not months.height:
        blocks.metric(visit, label, "—", None, "", visit.say("status.missing"), Foot(records, status, unit))
        return
    now = months.row(-1, named=True)
    before = months.row(-2, named=True)["n_events"] if months.height > 1 else "—"
    n, when = str(now["n_events"]), tables.period_label(now["period"], visit.language)
    foot = Foot(records, status, unit, when, where, n, "event_counts")
    blocks.metric(visit, label, n, None, "", visit.say("overview.events_note", previous=before), foot)


def clusters(visit: Visit, selection: Selection, where: str) -> None:
    """The number of clusters of enterprises, the month the register reaches, and the rule behind it."""
    totals = cached_firms.enterprise_totals(visit.key, selection, visit)
    register, status = blocks.source(visit, "enterprises", selection.city_id)
    label, unit = visit.say("overview.clusters"), visit.say("unit.clusters")
    note = visit.say("overview.clusters_note", eps=f"{cached_clusters.EPS_M:g}", minimum=cached_clusters.MINIMUM)
    known = totals["with_point"] > 0
    value = str(cached_clusters.clusters(visit.key, Lens(selection), visit).height) if known else "—"
    n = tables.count(totals["with_point"], visit.language) if known else ""
    month = cached_firms.register_month(visit.key, selection.city_id, visit) if known else None
    when = tables.period_label(month, visit.language) if month else ""
    blocks.metric(visit, label, value, None, "", note, Foot(register, status, unit, when, where, n, "clusters"))


def published(visit: Visit, cities: tuple[str, ...], indicators: tuple[str, ...]) -> pl.DataFrame:
    """The latest published figures of some cities: shown apart from computed ones, each with its period and source."""
    return cached.city_latest(cities, indicators)
