"""Members of the association and of the alliance: published numbers beside counted ones, growth, and who they are."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
import streamlit as st

from data import registry
from pages.parts import blocks, charts, filters, tables
from pages.parts.blocks import Foot
from pages.parts.registers import cached_registers, entry_fields, register_charts, register_choices, register_list
from pages.parts.session import Visit

BODIES = ("association", "alliance")
FACTS = {
    "association": ("EV-019", "EV-021"),
    "alliance": ("EV-031", "EV-029", "EV-032"),
}
"""The published facts about each body by their id in `registry.events_published`, as they are shown."""
ON_THE_LINE = {"association": ("EV-019", "EV-021"), "alliance": ("EV-030", "EV-031")}
"""Those that are numbers of members, at a day."""
GROUPS = ("member_type", "province", "city_id")
QUALIFIERS = {"at_least": "≥ ", "approx": "≈ "}


def show(visit: Visit) -> None:
    """Published and counted numbers, the growth, the members by type, province or city, the register."""
    names = {body: visit.say(f"code.body.{body}") for body in BODIES}
    left, middle, _ = st.columns(3)
    with left:
        body = filters.pick(visit.say("field.body"), "body", names, BODIES[0])
    with middle:
        words = {group: entry_fields.label(visit, group) for group in GROUPS}
        group = filters.pick(visit.say("registers.by"), "members_by", words, GROUPS[0])
    source, status = register_choices.source(visit, "members")
    foot = Foot(source, status, visit.say("unit.members"), territory=names[body], method="membership")
    counted = cached_registers.members(visit.key, body, (), date.today(), visit)
    figures(visit, body, counted, foot)
    if counted.is_empty():
        growth(visit, body, counted, foot)
    else:
        left, right = st.columns([3, 2])
        with left:
            growth(visit, body, counted, foot)
        with right:
            groups(visit, body, group, foot)
    rows = cached_registers.entries(visit.key, "members", visit).filter(pl.col("body") == body)
    plain = replace(foot, method="")
    register_list.show(visit, "members", rows.sort("member_id"), _called(visit), plain, start={"body": body})


def _called(visit: Visit) -> pl.Expr:
    return pl.format("{} {}", "member_id", visit.named())


def facts(ids: tuple[str, ...]) -> list[dict[str, object]]:
    """The published facts in the order of their ids."""
    rows = {row["fact_id"]: row for row in registry.events_published().iter_rows(named=True)}
    return [rows[fact_id] for fact_id in ids]


def figures(visit: Visit, body: str, counted: pl.DataFrame, foot: Foot) -> None:
    """What was published, each with its day, and beside it what the register counts now."""
    shown = facts(FACTS[body])
    columns = st.columns(len(shown) + 1)
    for column, fact in zip(columns, shown, strict=False):
        value = QUALIFIERS.get(str(fact["qualifier"]), "") + tables.figure(float(str(fact["value"])), visit.language)
        unit = _unit(visit, fact, foot)
        line = Foot(str(fact["source_title"]), "published", unit, str(fact["as_of"]), foot.territory)
        with column:
            told = visit.say(f"registers.fact_{fact['metric']}")
            label = f"{told}, {fact['as_of']}"
            blocks.metric(visit, label, value, None, "", in_words(visit, fact), line)
    with columns[-1]:
        last = counted.row(-1, named=True) if counted.height else {}
        value = tables.count(last.get("n_members"), visit.language)
        undated = last.get("n_undated") or 0
        note = visit.say("registers.undated", n=undated) if undated else ""
        when = tables.period_label(last["period"], visit.language) if last else ""
        line = replace(foot, period=when, n=value) if last else replace(foot, status="missing", method="")
        blocks.metric(visit, visit.say("registers.counted"), value, None, "", note, line)


def _unit(visit: Visit, fact: dict[str, object], foot: Foot) -> str:
    """The unit of a published number: that of the counted ones where it counts the same thing."""
    return foot.unit if fact["metric"] == "members" else visit.unit(str(fact["unit"]))


def in_words(visit: Visit, fact: dict[str, object]) -> str:
    """What the source says of a number, so that another number of another report is read with it."""
    return visit.say("registers.in_words", words=fact["description"]) if fact["description"] else ""


def growth(visit: Visit, body: str, counted: pl.DataFrame, foot: Foot) -> None:
    """The members at each month end, and the published numbers as marks that no line joins."""
    marks = pl.DataFrame(
        [(date.fromisoformat(str(f["as_of"])), float(str(f["value"]))) for f in facts(ON_THE_LINE[body])],
        schema={"date": pl.Date, "value": pl.Float64}, orient="row",
    ).with_columns(text=pl.format("{} ({})", pl.col("value").cast(pl.Int64), "date"))  # fmt: skip
    words = {"counted": visit.say("registers.counted"), "published": visit.say("status.published")}
    synthetic = foot.status != "computed"
    figure = register_charts.growth(counted, marks, words, synthetic, visit.language, visit.dark)
    key = "registers.growth" if counted.height else "registers.growth_published"
    heading = visit.say(key, first=f"{marks['value'][0]:.0f}", last=f"{marks['value'][-1]:.0f}")
    span = marks["date"].dt.strftime("%Y-%m").to_list()
    if counted.height:
        span = [tables.period_label(counted["period"][place], visit.language) for place in (0, -1)]
    told = [f"{f['as_of']} {f['source_title']} ({f['description']})" for f in facts(ON_THE_LINE[body])]
    sources = " | ".join(told).replace(" (None)", "")
    unit = " / ".join(dict.fromkeys(_unit(visit, f, foot) for f in facts(ON_THE_LINE[body])))
    line = replace(foot, source=sources, status="published", unit=unit, period=" – ".join(span), method="")
    if counted.height:
        n = tables.count(counted["n_members"][-1], visit.language)
        note = f"{foot.source} · {visit.say('status.published')}: {sources}"
        line = replace(foot, source=note, period=" – ".join(span), n=n)
    shown = counted if counted.height else marks
    blocks.chart(visit, heading, figure, line, "members-growth", _read(visit, shown))


def _read(visit: Visit, rows: pl.DataFrame) -> pl.DataFrame:
    """The columns of members over time as a person reads them."""
    known = {"period": "field.period", "date": "field.date", "value": "registers.n_members_value"}
    known |= {name: f"registers.{name}" for name in ("n_members", "n_joined", "n_left", "net_growth", "n_undated")}
    return rows.select(pl.col(name).alias(visit.say(key)) for name, key in known.items() if name in rows.columns)


def groups(visit: Visit, body: str, group: str, foot: Foot) -> None:
    """The members of today by type, province or city."""
    counted = cached_registers.members(visit.key, body, (group,), date.today(), visit)
    now = counted.filter(pl.col("period") == counted["period"].max()).filter(pl.col("n_members") > 0)
    cities = register_list.names(visit, "members")["city_id"]
    unknown = visit.say("registers.not_stated")
    named = now.with_columns(pl.col(group).fill_null(unknown))
    read = cities if group == "city_id" else entry_fields.vocabulary(visit, group)
    labels = {code: read.get(code, code) for code in named[group]}
    total = tables.count(named["n_members"].sum(), visit.language)
    when = tables.period_label(counted["period"].max(), visit.language)  # type: ignore[arg-type]
    figure = charts.bars(
        named, group, "n_members", unit="", labels=labels, synthetic=foot.status != "computed", period=when,
        language=visit.language, dark=visit.dark,
    )  # fmt: skip
    heading = visit.say("registers.members_by", group=entry_fields.label(visit, group))
    shown = named.select(
        pl.col(group).replace(labels).alias(entry_fields.label(visit, group)),
        pl.col("n_members").alias(visit.say("registers.n_members")),
    )
    blocks.chart(visit, heading, figure, replace(foot, period=when, n=total), "members-groups", shown)
