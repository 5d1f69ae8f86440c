"""Communication: what each channel published in each month, how it was read, beside the events of the month."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import streamlit as st

from data.ingest.publications import PUBLICATION_FIELDS
from pages.parts import axes, blocks, charts, filters, tables
from pages.parts.blocks import Foot
from pages.parts.filters import Selection
from pages.parts.registers import (
    cached_registers,
    entry_fields,
    register_charts,
    register_choices,
    register_list,
    register_members,
)
from pages.parts.registers.register_members import QUALIFIERS
from pages.parts.session import Visit

FACTS = ("EV-013", "EV-014")
KINDS = tuple(next(field.choices for field in PUBLICATION_FIELDS if field.name == "kind"))
SHOWN = ("period", "n_items", "n_events", "items_per_event", "reads", "reads_per_item", "likes")


def show(visit: Visit) -> None:
    """The published totals, items by channel, items for each event, reads for each item, the register."""
    left, middle, _ = st.columns(3)
    with left:
        names = filters.city_names(visit)
        first = next(iter(names))
        city_id = filters.pick(visit.say("filter.city"), "city", names, first, on_change=filters.forget_district)
    with middle:
        kind = register_choices.coded(visit, visit.say("field.kind"), "media_kind", "kind", KINDS)
    where = blocks.territory(visit, Selection(city_id))
    source, status = register_choices.source(visit, "publications")
    foot = Foot(source, status, visit.say("unit.items"), territory=where, method="communication")
    published(visit, city_id)
    by_channel = cached_registers.published(visit.key, city_id, kind, ("channel",), visit)
    if by_channel.is_empty():
        register_choices.empty(visit, "publications")
    else:
        whole = cached_registers.published(visit.key, city_id, kind, (), visit)
        channels(visit, by_channel, whole, foot)
        left, right = st.columns(2)
        with left:
            beside_events(visit, whole, foot)
        with right:
            per_event(visit, whole, foot)
        reading(visit, by_channel, foot)
    rows = cached_registers.entries(visit.key, "publications", visit)
    rows = rows.filter(pl.col("city_id").fill_null("beijing") == city_id)
    rows = rows.filter(pl.col("kind") == kind) if kind else rows
    channel, form = (pl.col(name).replace(entry_fields.vocabulary(visit, name)) for name in ("channel", "kind"))
    called = pl.format("{} · {} · {}", pl.col("period").dt.strftime("%Y-%m"), channel, form)
    ordered = rows.sort("period", "channel", "kind", descending=[True, False, False])
    plain, start = replace(foot, method=""), {"city_id": city_id} | ({"kind": kind} if kind else {})
    register_list.show(visit, "publications", ordered, called, plain, start=start)


def published(visit: Visit, city_id: str) -> None:
    """The association's published totals, apart from what is counted."""
    if city_id != "beijing":
        return
    for column, fact in zip(st.columns(3), register_members.facts(FACTS), strict=False):
        value = QUALIFIERS.get(str(fact["qualifier"]), "") + tables.figure(float(str(fact["value"])), visit.language)
        foot = Foot(
            str(fact["source_title"]), "published", visit.unit(str(fact["unit"])),
            tables.period_label(str(fact["year"]), visit.language), visit.say("code.body.association"),
        )  # fmt: skip
        with column:
            blocks.metric(visit, visit.say(f"registers.fact_{fact['metric']}"), value, None, "", "", foot)


def channels(visit: Visit, rows: pl.DataFrame, whole: pl.DataFrame, foot: Foot) -> None:
    """Items a month, stacked by channel; channels are counted apart, so they may be stacked."""
    names = {code: visit.say(f"code.channel.{code}") for code in rows["channel"].unique().sort()}
    figure = charts.stacked_months(
        rows, series="channel", value="n_items", labels=names, unit=foot.unit, synthetic=foot.status != "computed",
        language=visit.language, dark=visit.dark,
    )  # fmt: skip
    register_charts.coloured(figure, by_name(visit, rows, names), visit.dark)
    first, last = (tables.period_label(whole["period"][place], visit.language) for place in (0, -1))
    unstated = int(rows["n_rows"].sum() - rows["n_rows_stated"].sum())
    note = f"{foot.source} · {visit.say('registers.not_stated_n', n=unstated)}" if unstated else foot.source
    n = tables.count(whole["n_items"].sum(), visit.language)
    heading = visit.say("registers.items_found", month=last, n=tables.count(whole["n_items"][-1], visit.language))
    line = replace(foot, source=note, period=f"{first} – {last}", n=n)
    shown = rows.select(
        pl.col("period").dt.strftime("%Y-%m").alias(visit.say("field.period")),
        pl.col("channel").replace(names).alias(visit.say("field.channel")),
        *(pl.col(name).alias(visit.say(f"registers.{name}")) for name in SHOWN[1:]),
    )
    blocks.chart(visit, heading, figure, line, "items", shown)


def by_name(visit: Visit, rows: pl.DataFrame, names: dict[str, str]) -> dict[str, str]:
    """The colour of every channel by its shown name: the same in every chart of the page."""
    return {names[code]: colour for code, colour in register_charts.channel_colours(rows, visit.dark).items()}


def covered(visit: Visit, whole: pl.DataFrame, foot: Foot) -> Foot:
    """The foot of figures beside events: the months both cover, how many events they are, what an empty month is."""
    known = whole.drop_nulls("n_events")
    events = tables.number(known["n_events"].sum(), 0)
    n = visit.say("registers.n_of_events", n=events) if known.height else ""
    note = f"{foot.source} · {visit.say('registers.events_note')}"
    return replace(foot, n=n, source=note, period=_span(visit, known))


def beside_events(visit: Visit, whole: pl.DataFrame, foot: Foot) -> None:
    """Items and events of every month, one above the other."""
    words = {name: visit.say(f"registers.{name}") for name in ("n_items", "n_events")}
    synthetic = foot.status != "computed"
    figure = register_charts.items_and_events(whole, words, synthetic, visit.language, visit.dark)
    unit = f"{foot.unit} / {visit.say('unit.events')}"
    line = replace(covered(visit, whole, foot), unit=unit, period=_span(visit, whole))
    blocks.chart(visit, visit.say("registers.beside_events"), figure, line, "items-and-events", _months(visit, whole))


def per_event(visit: Visit, whole: pl.DataFrame, foot: Foot) -> None:
    """Items for each event of the month; a month without events on record has no figure."""
    figure = charts.trend(
        whole, y="items_per_event", label=visit.say("registers.items_per_event"), n="n_events",
        synthetic=foot.status != "computed", places=1, language=visit.language, dark=visit.dark,
    )  # fmt: skip
    line = replace(covered(visit, whole, foot), unit=visit.say("unit.items_per_event"))
    heading = visit.say("registers.items_per_event")
    blocks.chart(visit, heading, figure, line, "items-per-event", _months(visit, whole))


def _months(visit: Visit, whole: pl.DataFrame) -> pl.DataFrame:
    """Month, items, events, items per event."""
    return whole.select(
        pl.col("period").dt.strftime("%Y-%m").alias(visit.say("field.period")),
        *(pl.col(name).alias(visit.say(f"registers.{name}")) for name in ("n_items", "n_events", "items_per_event")),
    )


def reading(visit: Visit, rows: pl.DataFrame, foot: Foot) -> None:
    """How often an item was read, by channel; only items whose reads are stated."""
    names = {code: visit.say(f"code.channel.{code}") for code in rows["channel"].unique().sort()}
    known = rows.drop_nulls("reads_per_item")
    figure = charts.trend(
        known, y="reads_per_item", series="channel", label=names, synthetic=foot.status != "computed", places=0,
        language=visit.language, dark=visit.dark,
    )  # fmt: skip
    register_charts.coloured(figure, by_name(visit, rows, names), visit.dark)
    axes.time_axis(figure, known["period"], False, visit.language, wanted=4)
    total = tables.count(known["n_items"].sum(), visit.language) if known.height else ""
    line = replace(foot, unit=visit.say("unit.reads_per_item"), period=_span(visit, known), n=total)
    shown = known.select(
        pl.col("period").dt.strftime("%Y-%m").alias(visit.say("field.period")),
        pl.col("channel").replace(names).alias(visit.say("field.channel")),
        *(pl.col(name).alias(visit.say(f"registers.{name}")) for name in ("reads", "reads_per_item")),
    )
    blocks.chart(visit, visit.say("registers.reads_per_item"), figure, line, "reads", shown)


def _span(visit: Visit, rows: pl.DataFrame) -> str:
    months = [tables.period_label(month, visit.language) for month in (rows["period"].min(), rows["period"].max())]  # type: ignore[arg-type]
    return " – ".join(months) if rows.height else ""
