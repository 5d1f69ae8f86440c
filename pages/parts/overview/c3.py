"""Beijing, Shanghai and Shenzhen side by side: computed figures by one method, published ones with year and source."""

from __future__ import annotations

from datetime import date
from typing import Any

import polars as pl
import streamlit as st

from data import registry
from pages.parts import blocks, cached, tables
from pages.parts.blocks import Foot
from pages.parts.cities import figure_tables
from pages.parts.clustering import cached_clusters, cached_firms
from pages.parts.clustering.cached_firms import Lens
from pages.parts.events import cached_events
from pages.parts.filters import Selection
from pages.parts.overview import headline
from pages.parts.session import Visit

C3 = ("beijing", "shanghai", "shenzhen")
PUBLISHED = ("gdp", "secondary_share_gdp", "population", "cultural_parks")
DASH = "—"
LINES_PX = 66  # a row in which a name or a source runs on in further lines
STORED = {"computed": "c3.stored", "computed_synthetic": "c3.stored_synthetic"}


def table(visit: Visit, month: date | None) -> None:
    """The C3 table of the overview, with one foot line for the computed rows and a source for each published one."""
    names = dict(registry.cities().select("city_id", visit.named()).iter_rows())
    rows = [*computed(visit, month), *published(visit)]
    data = pl.DataFrame(
        [{visit.say("c3.measure"): label, **{names[c]: values[c] for c in C3}, **last} for label, values, last in rows],
        orient="row",
    )
    widths = {names[city]: st.column_config.TextColumn(width=150) for city in C3}
    widths[visit.say("c3.measure")] = st.column_config.TextColumn(width=200, pinned=True)
    source, status = blocks.source(visit, "answers", C3[0])
    if visit.viewer.scope.districts is not None:
        source = f"{source} · {visit.say('overview.c3_scope')}"
    foot = Foot(source, status, period=tables.period_label(month, visit.language) if month else "")
    blocks.table(
        visit,
        visit.say("overview.c3"),
        data,
        foot,
        "c3",
        height="content",
        row_height=LINES_PX,
        column_config=widths,
    )


def computed(visit: Visit, month: date | None) -> list[tuple[str, dict[str, str], dict[str, str]]]:
    """Rows from this store: index, answers, events of the month, open enterprises, clusters."""
    when = tables.period_label(month, visit.language) if month else DASH
    found: dict[str, dict[str, str]] = {
        "prosperity": {},
        "answered": {},
        "events": {},
        "enterprises": {},
        "clusters": {},
    }
    now = pl.lit(False) if month is None else pl.col("period") == month
    for city in C3:
        selection = Selection(city)
        index = city_index(visit, selection).filter(now)
        found["prosperity"][city] = tables.number(index["prosperity_index"].item() if index.height else None, 1)
        found["answered"][city] = str(index["n_parks"].item()) if index.height else DASH
        events = cached_events.monthly(visit, selection).filter(now)
        found["events"][city] = str(events["n_events"].item()) if events.height else DASH
        totals = cached_firms.enterprise_totals(visit.key, selection, visit)
        found["enterprises"][city] = tables.count(totals["open"], visit.language) if totals["open"] else DASH
        clusters = cached_clusters.clusters(visit.key, Lens(selection), visit).height if totals["with_point"] else DASH
        found["clusters"][city] = str(clusters)
    status = {visit.say("c3.status"): visit.say(STORED[blocks.source(visit, "answers", C3[0])[1]])}
    return [(visit.say(f"c3.{key}", month=when), values, status) for key, values in found.items()]


def city_index(visit: Visit, selection: Selection) -> pl.DataFrame:
    """The city's index; no row for a viewer who sees some of its districts only, for a part is not the city."""
    index = cached.prosperity(visit.key, selection, False, visit)
    return index if visit.viewer.scope.districts is None else index.clear()


def published(visit: Visit) -> list[tuple[str, dict[str, str], dict[str, str]]]:
    """Rows of the figures register, each value followed by its year, with the publishers named."""
    figures = headline.published(visit, C3, PUBLISHED)
    names = registry.city_figures().unique("indicator_id").select("indicator_id", f"indicator_{visit.name}")
    labels = dict(names.iter_rows())
    rows = []
    for indicator in PUBLISHED:
        found = {f["city_id"]: f for f in figures.filter(pl.col("indicator_id") == indicator).to_dicts()}
        values = {c: cell(visit, found[c]) if c in found else DASH for c in C3}
        sources = " | ".join(sorted({f["source_title"] for f in found.values()}))
        label = f"{labels.get(indicator, indicator)} ({visit.say('status.published')})"
        rows.append((label, values, {visit.say("c3.status"): sources}))
    return rows


def cell(visit: Visit, figure: dict[str, Any]) -> str:
    """A published value with its unit and year."""
    return f"{figure_tables.amount(visit, figure['value'], figure['unit'])} ({figure['period']})"
