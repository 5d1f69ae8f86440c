"""The view of attendance and reach: who came, which parks and districts were reached, how evenly events are spread."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import streamlit as st

from pages.parts import blocks, charts, tables
from pages.parts.events import cached_events, event_charts, event_choices, event_rows, event_trend
from pages.parts.events.event_choices import Looked
from pages.parts.session import Visit

MONTHS = 3  # what counts as lately
NAMES = st.column_config.Column(pinned=True, width=160)  # leaves a phone room for figures


def show(visit: Visit, at: Looked) -> None:
    """Figures of twelve months, people by period, reach over time, the spread over districts."""
    figures(visit, at)
    every = event_choices.every(visit)
    left, right = st.columns(2)
    with left:
        people(visit, at, every)
    with right:
        reach(visit, at)
    programmes(visit, at)
    spread(visit, at)
    density(visit, at)


def found(visit: Visit, at: Looked) -> str:
    """The title: how many people took part in twelve months."""
    now = cached_events.people(visit.key, at.lens, (), "all", *at.year, visit).row(0, named=True)
    if now["participants"] is None:
        return visit.say("events.title_reach_none", n=now["n_events"])
    people = tables.count(now["participants"], visit.language)
    return visit.say("events.title_reach", people=people, stated=now["n_stated"])


def figures(visit: Visit, at: Looked) -> None:
    """People in all and per event with the events that say so; the share of parks and districts reached."""
    rows = cached_events.people(visit.key, at.lens, (), "all", *at.year, visit)
    now = rows.row(0, named=True)
    foot = replace(at.foot, period=event_choices.span(visit, *at.year), method="attendance")
    note = visit.say("events.stated", stated=now["n_stated"], n=now["n_events"])
    first, second, third, fourth = st.columns(4)
    told = replace(foot, n=str(now["n_stated"]))
    with first:
        value = tables.count(now["participants"], visit.language)
        blocks.metric(
            visit,
            visit.say("events.people"),
            value,
            None,
            "",
            note,
            replace(told, unit=visit.say("events.people_unit")),
        )
    with second:
        value = tables.number(now["participants_per_event"])
        unit = visit.say("events.persons_per_event")
        blocks.metric(visit, visit.say("events.people_per_event"), value, None, "", note, replace(told, unit=unit))
    with third:
        reached(visit, at, "park_id")
    with fourth:
        reached(visit, at, "district_code")


def reached(visit: Visit, at: Looked, unit: str) -> None:
    """The share of parks or of districts with an event in the three months up to the month."""
    rows = cached_events.reached(visit.key, at.lens, unit, visit).filter(pl.col("period") == at.month)
    now = rows.row(0, named=True)
    foot = at.foot if unit == "park_id" else event_choices.of_city(visit, at)
    period = visit.say("events.months_to", n=MONTHS, month=tables.period_label(at.month, visit.language))
    foot = replace(foot, unit="%", period=period, n=str(now["n_units"]), method="reach")
    if now["n_reached"] is None:
        note = visit.say("events.not_covered", first=tables.period_label(at.covered[0], visit.language))
    else:
        note = visit.say(f"events.reached_{unit}", reached=now["n_reached"], n=now["n_units"],
                         unplaced=now["n_unplaced"], events=now["n_events"])  # fmt: skip
    blocks.metric(visit, visit.say(f"events.share_{unit}"), tables.percent(now["share_pct"]), None, "", note, foot)


def people(visit: Visit, at: Looked, every: str) -> None:
    """People online and on site by period; what no event states is a gap, and sums are lower bounds."""
    rows = cached_events.people(visit.key, at.lens, (), every, *at.covered, visit)
    parts = {name: visit.say(f"field.{name}") for name in ("participants_online", "participants_onsite")}
    long = rows.unpivot(list(parts), index="period", variable_name="part", value_name="n").drop_nulls("n")
    if not long.height:
        blocks.empty(visit, "events.no_people")
        return
    periods = {day: event_choices.period_name(visit, day, every) for day in rows["period"]}
    words, notes = event_trend.in_part(visit, at, every)
    figure = event_charts.columns(
        long, "part", "n", parts, periods, part=words, unit=visit.say("events.people_unit"),
        synthetic=at.foot.status != "computed", height=320, language=visit.language, dark=visit.dark,
    )  # fmt: skip
    foot = at.foot.noted(
        parts_note(visit, rows), *notes, unit=visit.say("events.people_unit"),
        period=event_choices.span(visit, *at.covered),
        n=tables.count(rows["n_stated"].sum(), visit.language), method="attendance",
    )  # fmt: skip
    data = rows.select("period", "n_events", "n_stated", "participants", "participants_online", "n_online",
                       "participants_onsite", "n_onsite", "participants_per_event")  # fmt: skip
    heading = visit.say("events.people_trend")
    blocks.chart(visit, heading, figure, foot, "people", event_choices.worded(visit, data))


def parts_note(visit: Visit, rows: pl.DataFrame) -> str:
    """Which events stand behind the people in all, online and on site: they are not the same ones."""
    names = ("n_stated", "n_online", "n_onsite", "n_events")
    return visit.say("events.parts_note", **{name: tables.number(rows[name].sum(), 0) for name in names})


def reach(visit: Visit, at: Looked) -> None:
    """The share of parks and, for a whole city, of districts with an event in three months, month by month."""
    units = ("park_id", "district_code") if at.lens.selection.district_code is None else ("park_id",)
    parts = [cached_events.reached(visit.key, at.lens, unit, visit).with_columns(unit=pl.lit(unit)) for unit in units]
    rows = pl.concat(parts).filter(pl.col("period") <= at.month)
    names = {unit: visit.say(f"events.line_{unit}") for unit in units}
    figure = charts.trend(
        rows, y="share_pct", label=names, series="unit", n="n_units", unit="%", height=320,
        synthetic=at.foot.status != "computed", yearly=False, language=visit.language, dark=visit.dark,
    )  # fmt: skip
    figure.update_yaxes(range=[0, 105])
    period = event_choices.span(visit, at.covered[0], at.month)
    n = " / ".join(str(part["n_units"].max()) for part in parts)
    foot = replace(at.foot, unit="%", period=period, n=n, method="reach")
    data = rows.select("period", pl.col("unit").replace_strict(names).alias("group"), "n_reached", "n_units",
                       "share_pct", "n_events", "n_unplaced", "n_outside")  # fmt: skip
    heading = visit.say("events.reach_trend" if len(units) > 1 else "events.reach_parks", n=MONTHS)
    blocks.chart(visit, heading, figure, foot, "reach", event_choices.worded(visit, blocks.as_published(data)))


def programmes(visit: Visit, at: Looked) -> None:
    """People and enterprises by programme over twelve months, each with the events that say so."""
    rows = cached_events.people(visit.key, at.lens, ("programme_id",), "all", *at.year, visit)
    names = event_rows.programme_names(visit)
    rows = rows.with_columns(programme=pl.col("programme_id").replace_strict(names, default=pl.col("programme_id")))
    rows = rows.sort("participants", "programme", descending=[True, False], nulls_last=True)
    data = rows.select("programme", "n_events", "participants", "n_stated", "participants_per_event",
                       "participants_online", "n_online", "participants_onsite", "n_onsite", "enterprises",
                       pl.col("n_enterprises").alias("n_firms_stated"), "enterprises_per_event")  # fmt: skip
    foot = at.foot.noted(
        parts_note(visit, rows), unit=visit.say("events.people_units"), period=event_choices.span(visit, *at.year),
        method="attendance", n=tables.count(rows["n_stated"].sum(), visit.language),
    )  # fmt: skip
    data = event_choices.worded(visit, blocks.as_published(data))
    options = {**blocks.one_decimal(data), data.columns[0]: NAMES}
    heading = visit.say("events.people_programmes")
    blocks.table(visit, heading, data, foot, "people-programmes", height="content", column_config=options)


def spread(visit: Visit, at: Looked) -> None:
    """How unevenly the events of twelve months are spread over the districts of the city."""
    found = cached_events.concentration(visit.key, at.lens, *at.year, visit)
    if not found.height:
        return
    row = found.row(0, named=True)
    foot = replace(
        event_choices.of_city(visit, at), period=event_choices.span(visit, *at.year), n=str(row["n_events"]),
        method="event_concentration",
    )  # fmt: skip
    note = visit.say("events.spread_note", districts=row["n_districts"], unplaced=row["n_unplaced"])
    even = visit.say("events.equivalent_note", n=tables.number(row["equivalent_number"]))
    named = (
        ("equivalent_number", tables.number(row["equivalent_number"]), visit.say("events.districts")),
        ("hhi", tables.number(row["hhi"], 3), visit.say("events.hhi_unit", even=tables.number(
            1 / row["n_districts"] if row["n_districts"] else None, 3))),
        ("gini", tables.number(row["gini"], 3), visit.say("events.gini_unit")),
    )  # fmt: skip
    for column, (name, value, unit) in zip(st.columns(3), named, strict=True):
        with column:
            told = f"{even}  \n{note}" if name == "equivalent_number" and row["n_events"] else note
            blocks.metric(visit, visit.say(f"events.{name}"), value, None, "", told, replace(foot, unit=unit))


def density(visit: Visit, at: Looked) -> None:
    """Events for every 100 enterprises by district, so that large districts do not win by size."""
    rows = cached_events.density(visit.key, at.lens, *at.year, visit)
    names = event_choices.district_names(visit, at.lens.selection.city_id)
    rows = rows.with_columns(name=pl.col("district_code").replace_strict(names)).sort("rank", "name", nulls_last=True)
    known, hidden = (rows.filter(pl.col("events_per_100").is_null() == missing) for missing in (False, True))
    if not known.height:
        st.caption(visit.say("events.no_density"))
        return
    told = known.rename({"events_per_100": "value", "low_per_100": "low", "high_per_100": "high"})
    pairs = [f"{n:,.0f}/{firms:,.0f}" for n, firms in told.select("n_events", "n_enterprises").iter_rows()]
    told = told.with_columns(
        text=pl.Series([f"{tables.number(value)} ({pair})" for value, pair in zip(told["value"], pairs, strict=True)]),
        hover=pl.Series([said(visit, row) for row in told.to_dicts()], dtype=pl.String),
    )
    figure = event_charts.densities(told, at.lens.selection.district_code, at.foot.status != "computed", visit.dark)
    firms, _ = blocks.source(visit, "enterprises", at.lens.selection.city_id)
    notes = [firms, visit.say("events.density_note", few=event_charts.FEW)]
    if hidden.height:
        comma = visit.say("events.comma")
        notes.append(visit.say("events.density_hidden", names=comma.join(hidden["name"])))
    foot = event_choices.of_city(visit, at).noted(
        *notes, unit=visit.say("events.per_100"), period=event_choices.span(visit, *at.year),
        n=f"{told['n_events'].sum():,.0f}/{told['n_enterprises'].sum():,.0f}", method="event_density",
    )  # fmt: skip
    data = rows.select(pl.col("name").alias("district"), "n_events", "n_enterprises", "events_per_100", "low_per_100",
                       "high_per_100", "quotient", "rank")  # fmt: skip
    first = told.row(0, named=True)
    heading = visit.say("events.density", district=first["name"], value=first["text"])
    blocks.chart(visit, heading, figure, foot, "event-density",
                 event_choices.worded(visit, blocks.as_published(data, 2)))  # fmt: skip


def said(visit: Visit, row: dict[str, float]) -> str:
    """A district's density in words: events of enterprises, and the interval."""
    low, value, high = (tables.number(row[name]) for name in ("low", "value", "high"))
    return visit.say("events.density_hover", name=row["name"], n=f"{row['n_events']:,.0f}",
                     firms=f"{row['n_enterprises']:,.0f}", value=value, low=low, high=high)  # fmt: skip
