"""Events: counts by month and programme, by district, and the published totals beside them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
import streamlit as st

from data import registry
from data.access import Action
from pages.parts import blocks, cached, charts, filters, mapped, programmes, session, tables
from pages.parts.blocks import Foot
from pages.parts.filters import Selection
from pages.parts.session import Visit


def render(visit: Visit) -> None:
    """Choose, read, compute, show."""
    head = st.container()
    selection, room = filters.place(visit)
    where = blocks.territory(visit, selection)
    counts = cached.events(visit.key, selection, ("programme_id",), visit)
    if not counts.height:
        with head:
            blocks.title(visit, visit.say("events.title"), where)
        blocks.empty(visit, "empty.events")
        programmes.published(visit, selection)
        return
    with room:
        month = filters.month(visit, counts["period"].unique().to_list())
    source, status = blocks.source(visit, "events", selection.city_id)
    foot = Foot(source, status, visit.say("unit.events"), territory=where, method="event_counts")
    when = tables.period_label(month, visit.language)
    n = counts.filter(pl.col("period") == month)["n_events"].sum()
    with head:
        found = visit.say("events.title_month", month=when, n=n)
        blocks.title(visit, found, visit.say("events.subtitle", territory=where), "events")
    left, right = st.columns([3, 2])
    with left:
        trend(visit, counts, foot)
    with right:
        year_map(visit, selection, month, foot)
    programmes.to_date(visit, counts, month, foot)
    programmes.published(visit, selection)


def trend(visit: Visit, counts: pl.DataFrame, foot: Foot) -> None:
    """Events a month, stacked by programme."""
    names = registry.programmes().select("programme_id", visit.named().alias("programme"))
    named = counts.join(names, on="programme_id", how="left")
    figure = charts.stacked_months(
        counts, period="period", series="programme_id", value="n_events", labels=dict(names.iter_rows()),
        unit=foot.unit, synthetic=foot.status != "computed", height=430, language=visit.language, dark=visit.dark,
    )  # fmt: skip
    span = [tables.period_label(p, visit.language) for p in (counts["period"].min(), counts["period"].max())]
    total = tables.count(counts["n_events"].sum(), visit.language)
    foot = replace(foot, period=" – ".join(span), n=total)
    blocks.chart(visit, visit.say("events.trend"), figure, foot, "events", named.filter(pl.col("n_events") > 0))


def year_map(visit: Visit, selection: Selection, month: date, foot: Foot) -> None:
    """Events of the last twelve months by district; events without a district are counted in the foot."""
    city = cached.events(visit.key, Selection(selection.city_id), ("district_code",), visit)
    year = city.filter(pl.col("period").is_between(month.replace(year=month.year - 1), month, closed="right"))
    numbers = year.drop_nulls("district_code").group_by("district_code").agg(n=pl.col("n_events").sum())
    unplaced = year.filter(pl.col("district_code").is_null())["n_events"].sum()
    when = tables.period_label(month, visit.language)
    note = f"{foot.source} · {visit.say('events.unplaced', n=unplaced)}" if unplaced else foot.source
    foot = replace(foot, source=note, period=when, territory="")
    heading = visit.say("events.map_year", month=when)
    mapped.counts(visit, selection, numbers, heading, foot, "events-map", visit.say("unit.events"))


if __name__ == "__main__":
    render(session.open_page(Action.VIEW))
