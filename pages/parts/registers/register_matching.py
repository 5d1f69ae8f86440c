"""Which offers fit which needs and why, how far each pair has come, and the next step written down."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
import streamlit as st

from pages.parts import blocks, filters, tables
from pages.parts.blocks import Foot
from pages.parts.registers import (
    cached_registers,
    entry_fields,
    entry_form,
    register_charts,
    register_choices,
    register_list,
)
from pages.parts.registers.cached_registers import PAIR, REACHED
from pages.parts.registers.register_choices import ALL
from pages.parts.session import Visit

BEST, FEW = 3, 20
SCORES = ("score", "tag_score", "stage_score", "region_score")


def show(visit: Visit) -> None:
    """A need is chosen, its offers are ranked; below, how far all pairs have come and every step."""
    today = date.today()
    found = cached_registers.matches(visit.key, today, visit)
    source, status = register_choices.source(visit, "needs")
    where = visit.say("registers.visible")
    foot = Foot(source, status, visit.say("unit.pairs"), today.isoformat(), where, method="match_scores")
    if found.is_empty():
        register_choices.empty(visit, "needs")
    else:
        needs = cached_registers.holding(visit, "needs", today).sort("need_id")
        names = {ALL: visit.say("registers.every_need")}
        names |= dict(needs.select("need_id", pl.format("{} {}", "need_id", "title").alias("name")).iter_rows())
        need = filters.pick(visit.say("field.need_id"), "need", names, ALL)
        ranking(visit, found, "" if need == ALL else need, foot)
    progress(visit, foot)
    followups(visit, foot)


def ranking(visit: Visit, found: pl.DataFrame, need: str, foot: Foot) -> None:
    """The offers for one need, best first, or the best three of every need; each part of the score in its column."""
    chosen = found.filter(pl.col("need_id") == need).head(FEW) if need else found.filter(pl.col("rank") <= BEST)
    if chosen.is_empty():
        st.info(visit.say("registers.no_match"))
        return
    partners = register_list.names(visit, "offers")["partner_id"]
    words = {name: visit.say(f"registers.{name}") for name in (*SCORES, "shared_tags")}
    data = chosen.select(
        pl.format("{} {}", "need_id", "need").alias(visit.say("field.need_id")),
        pl.format("{} {}", "offer_id", "offer").alias(visit.say("field.offer_id")),
        pl.col("partner_id").replace(partners).alias(visit.say("field.partner_id")),
        *(pl.col(name).alias(words[name]) for name in SCORES),
        pl.col("shared_tags").alias(words["shared_tags"]),
        entry_status(visit, chosen["status"]).alias(visit.say("registers.last_step")),
    )
    if need:
        data = data.drop(visit.say("field.need_id"))
    config: dict[str, object] = {
        words[name]: st.column_config.ProgressColumn(min_value=0, max_value=1, format="%.2f", width="small")
        for name in SCORES
    }
    best = chosen.row(0, named=True)
    heading = visit.say("registers.best_each", n=BEST)
    if need:
        heading = visit.say("registers.best", offer=f"{best['offer_id']} {best['offer']}", score=f"{best['score']:.2f}")
    line = replace(foot, n=f"{chosen.height:,}", source=f"{foot.source} · {visit.say('registers.score_note')}")
    blocks.table(visit, heading, data, line, "matches", column_config=config)
    if need and entry_form.may_edit(visit):
        next_step(visit, chosen)


def next_step(visit: Visit, chosen: pl.DataFrame) -> None:
    """The box of one offer for the need, and the button that opens a new step for the pair."""
    names = dict(chosen.select("offer_id", pl.format("{} {}", "offer_id", "offer").alias("name")).iter_rows())
    with st.container(horizontal=True, vertical_alignment="bottom"):
        offer = st.selectbox(
            visit.say("field.offer_id"), list(names), format_func=lambda code: names.get(code, code), key="step_offer",
            width=360,
        )  # fmt: skip
        row = chosen.filter(pl.col("offer_id") == offer)
        if row.height:
            start = {name: row[name][0] for name in PAIR} | {
                "status": following(row["status"][0]), "date": date.today()
            }  # fmt: skip
            entry_form.show(visit, "followups", None, visit.say("registers.write_step"), start)


def following(status: str | None) -> str:
    """The step that comes after the last one, as a proposal; the last one stays the last.

    >>> following(None), following("meeting"), following("signed"), following("declined")
    ('suggested', 'pitched', 'signed', 'suggested')
    """
    if status not in REACHED:
        return REACHED[0]
    return REACHED[min(REACHED.index(status) + 1, len(REACHED) - 1)]


def entry_status(visit: Visit, column: pl.Series) -> pl.Series:
    """The steps as words."""
    return tables.each(column, lambda cell: entry_fields.worded(visit, "status", cell))


def progress(visit: Visit, foot: Foot) -> None:
    """How many pairs came as far as each step: what the funnel of events is fed by."""
    counted = cached_registers.progress(visit.key, visit)
    pairs = cached_registers.pairs(visit.key, visit)
    if pairs.is_empty():
        register_choices.empty(visit, "followups")
        return
    source, status = register_choices.source(visit, "followups")
    names = {step: visit.say(f"code.status.{step}") for step in counted["status"]}
    signed = counted.filter(pl.col("status") == "signed")["n"].item()
    figure = register_charts.steps(counted, names, status != "computed", visit.dark)
    at_events = pairs.filter(pl.col("event_id").is_not_null()).height
    note = f"{source} · {visit.say('registers.progress_note', n=at_events)}"
    days = cached_registers.kept(visit, "followups")["date"]
    line = replace(
        foot, source=note, status=status, n=f"{pairs.height:,}", method="", period=f"{days.min()} – {days.max()}"
    )
    shown = counted.select(
        entry_status(visit, counted["status"]).alias(visit.say("field.status")),
        pl.col("n").alias(visit.say("registers.reached")),
        pl.col("now").alias(visit.say("registers.now_there")),
    )
    heading = visit.say("registers.progress", signed=signed, n=pairs.height)
    blocks.chart(visit, heading, figure, line, "followup-steps", shown)


def followups(visit: Visit, foot: Foot) -> None:
    """Every step that was written down, newest first."""
    source, status = register_choices.source(visit, "followups")
    rows = cached_registers.entries(visit.key, "followups", visit)
    line = replace(foot, source=source, status=status, unit=visit.say("unit.steps"), method="", period="")
    called = pl.format("{} · {} → {}", pl.col("date").cast(pl.String), "need_id", "offer_id")
    register_list.show(visit, "followups", rows.sort("date", *PAIR, descending=[True, False, False]), called, line)
