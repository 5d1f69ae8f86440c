"""Which offers fit which needs and why, how far each pair has come, and the next step written down."""

from __future__ import annotations

from collections.abc import Mapping
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
PARTS = ("tag_score", "stage_score", "region_score")
WIDTHS = {"need": 130, "offer": 160, "score": 72}  # pixels: a phone shows these three


def show(visit: Visit) -> None:
    """A need is chosen, its offers are ranked; below, how far all pairs have come and every step."""
    today = date.today()
    found = cached_registers.matches(visit.key, today, visit)
    source, status = register_choices.source(visit, "needs", "offers")
    where = visit.say("registers.visible")
    foot = Foot(source, status, visit.say("unit.pairs"), today.isoformat(), where, method="match_scores")
    if found.is_empty():
        register_choices.empty(visit, "needs")
    else:
        needs = cached_registers.holding(visit, "needs", today).sort("need_id")
        names = {ALL: visit.say("registers.every_need")} | titles(needs, "need_id", "title")
        need = filters.pick(visit.say("field.need_id"), "need", names, ALL)
        ranking(visit, found, "" if need == ALL else need, foot)
    progress(visit, foot)
    followups(visit, foot)


def titles(rows: pl.DataFrame, key: str, title: str) -> dict[str, str]:
    """Id -> title; where two have one title the id stands behind it.

    >>> titles(pl.DataFrame({"id": ["A", "B", "C"], "title": ["law", "law", "roof"]}), "id", "title")
    {'A': 'law (A)', 'B': 'law (B)', 'C': 'roof'}
    """
    once = rows.select(key, title).unique(key, maintain_order=True)
    twice = set(once.filter(once[title].is_duplicated())[title])
    return {code: f"{name} ({code})" if name in twice else name or code for code, name in once.iter_rows()}


def ranking(visit: Visit, found: pl.DataFrame, need: str, foot: Foot) -> None:
    """The offers for one need, best first, or the best three of every need, each with what does not fit."""
    chosen = found.filter(pl.col("need_id") == need).head(FEW) if need else found.filter(pl.col("rank") <= BEST)
    if chosen.is_empty():
        st.info(visit.say("registers.no_match"))
        return
    data = as_shown(visit, found, chosen, one_need=bool(need))
    config: dict[str, object] = {
        visit.say(f"registers.{name}"): st.column_config.ProgressColumn(
            min_value=0, max_value=1, format="%.2f", width=WIDTHS["score"]
        )
        for name in ("score", *PARTS)
    }
    config |= {
        visit.say(f"field.{name}_id"): st.column_config.TextColumn(width=WIDTHS[name], pinned=True)
        for name in ("need", "offer")
        if visit.say(f"field.{name}_id") in data.columns[:1]
    }
    heading = visit.say("registers.best_each", n=BEST)
    if need:
        best = chosen.row(0, named=True)
        offer, why = titles(found, "offer_id", "offer")[best["offer_id"]], reason(visit, best)
        heading = visit.say("registers.best", offer=offer, score=f"{best['score']:.2f}", why=why)
    line = replace(foot, n=f"{chosen.height:,}", source=f"{foot.source} · {visit.say('registers.score_note')}")
    blocks.table(visit, heading, data, line, "matches", column_config=config)
    if need and entry_form.may_edit(visit):
        next_step(visit, chosen)


def as_shown(visit: Visit, found: pl.DataFrame, chosen: pl.DataFrame, one_need: bool) -> pl.DataFrame:
    """Need, score, offer, what fits, shared tags, last step, partner, the parts of the score: by name, not by id."""
    partners = register_list.names(visit, "offers")["partner_id"]
    shared = tables.each(chosen["shared_tags"], lambda cell: entry_fields.worded(visit, "tags", cell))
    cells = {
        "field.need_id": chosen["need_id"].replace(titles(found, "need_id", "need")),
        "registers.score": chosen["score"],
        "field.offer_id": chosen["offer_id"].replace(titles(found, "offer_id", "offer")),
        "registers.fits": pl.Series([reason(visit, row) for row in chosen.iter_rows(named=True)], dtype=pl.String),
        "registers.shared_tags": shared,
        "registers.last_step": entry_status(visit, chosen["status"]),
        "field.partner_id": chosen["partner_id"].replace(partners),
        **{f"registers.{name}": chosen[name] for name in PARTS},
    }
    order = ["field.offer_id", *(key for key in cells if key not in ("field.need_id", "field.offer_id"))]
    return pl.DataFrame([cells[key].alias(visit.say(key)) for key in (order if one_need else cells)])


def reason(visit: Visit, row: Mapping[str, object]) -> str:
    """What of a pair does not fit or is not known, in words; that all fits where all does.

    Tags fit when they are the same; a part of the score that is between is told as partly.
    """
    misfits = []
    for name in PARTS:
        part = row[name]
        word = "unknown" if part is None else "none" if part == 0 else "partly" if float(str(part)) < 1 else ""
        if word:
            misfits.append(visit.say(f"registers.{word}_{name.removesuffix('_score')}"))
    return visit.say("registers.between").join(misfits) or visit.say("registers.all_fits")


def next_step(visit: Visit, chosen: pl.DataFrame) -> None:
    """The box of one offer for the need, and the button that opens a new step for the pair."""
    names = titles(chosen, "offer_id", "offer")
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
    names = register_list.names(visit, "followups")
    pair = [pl.col(name).replace(names[name]) for name in PAIR]
    called = pl.format("{} · {} → {}", pl.col("date").cast(pl.String), *pair)
    register_list.show(visit, "followups", rows.sort("date", *PAIR, descending=[True, False, False]), called, line)
