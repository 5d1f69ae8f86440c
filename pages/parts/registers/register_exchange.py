"""Partners of the alliance, what they offer and what parks need: three registers with one set of filters."""

from __future__ import annotations

from datetime import date

import polars as pl
import streamlit as st

from data.ingest.partners import PARTNER_TYPES
from pages.parts import blocks, filters, tables
from pages.parts.blocks import Foot
from pages.parts.registers import cached_registers, register_charts, register_choices, register_list
from pages.parts.registers.register_choices import ALL, STAGES
from pages.parts.session import Visit

REGISTERS = ("partners", "offers", "needs")


def show(visit: Visit) -> None:
    """Figures, tags offered and needed, the three registers."""
    today = date.today()
    held = {name: cached_registers.holding(visit, name, today) for name in REGISTERS}
    first, second, third = st.columns(3)
    with first:
        kind = register_choices.coded(
            visit, visit.say("field.partner_type"), "partner_type", "partner_type", tuple(PARTNER_TYPES)
        )
    with second:
        stage = register_choices.coded(visit, visit.say("field.stage"), "stage", "stage", STAGES)
    with third:
        tags = sorted({tag for rows in held.values() for tag in tags_of(rows)["tag"]})
        tag = filters.pick(
            visit.say("field.tags"), "tag", {ALL: visit.say("registers.all")} | {t: t for t in tags}, ALL
        )
        tag = "" if tag == ALL else tag
    source, status = register_choices.source(visit, "partners")
    foot = Foot(source, status, territory=visit.say("registers.visible"), period=today.isoformat())
    figures(visit, held, foot)
    balance(visit, held, foot)
    for name in REGISTERS:
        rows = cached_registers.entries(visit.key, name, visit)
        rows = register_choices.of_tag(register_choices.of_stage(rows, stage), tag)
        register(visit, name, by_type(visit, name, rows, kind), foot)


def by_type(visit: Visit, name: str, rows: pl.DataFrame, kind: str) -> pl.DataFrame:
    """The entries of partners of one type; needs are nobody's yet and stay."""
    if not kind or name == "needs":
        return rows
    partners = cached_registers.entries(visit.key, "partners", visit).filter(pl.col("partner_type") == kind)
    return rows.join(partners.select("partner_id"), on="partner_id", how="semi", maintain_order="left")


def tags_of(rows: pl.DataFrame) -> pl.DataFrame:
    """tag, n: how many of the entries have each tag.

    >>> tags_of(pl.DataFrame({"tags": ["roof;heating", "roof", None]})).rows()
    [('roof', 2), ('heating', 1)]
    """
    tags = rows.select(tag=pl.col("tags").str.split(";")).drop_nulls().explode("tag")
    return tags.group_by("tag").agg(n=pl.len()).sort("n", "tag", descending=[True, False])


def figures(visit: Visit, held: dict[str, pl.DataFrame], foot: Foot) -> None:
    """How many partners, offers and needs hold today; a register without entries has no number."""
    for column, name in zip(st.columns(3), REGISTERS, strict=True):
        source, status = register_choices.source(visit, name)
        stored = cached_registers.entries(visit.key, name, visit).height
        value = tables.count(held[name].height if stored else None, visit.language)
        note = visit.say("registers.of_stored", n=f"{stored:,}") if stored else ""
        line = Foot(source, status, visit.say(f"unit.{name}"), foot.period, foot.territory)
        with column:
            blocks.metric(visit, visit.say(f"registers.holding_{name}"), value, None, "", note, line)


def balance(visit: Visit, held: dict[str, pl.DataFrame], foot: Foot) -> None:
    """Needs and offers by tag, so that what nobody offers is seen."""
    needs, offers = (tags_of(held[name]).rename({"n": name}) for name in ("needs", "offers"))
    both = (
        needs.join(offers, on="tag", how="full", coalesce=True)
        .fill_null(0)
        .sort(["needs", "offers", "tag"], descending=[True, True, False])
    )
    for name, rows in (("needs", needs), ("offers", offers)):
        if rows.is_empty():
            register_choices.empty(visit, name)
            return
    words = {name: visit.say(f"upload.{name}") for name in ("needs", "offers")}
    without = both.filter((pl.col("needs") > 0) & (pl.col("offers") == 0)).height
    heading = visit.say("registers.tags_without", n=without) if without else visit.say("registers.tags_all")
    figure = register_charts.sides(both, words, foot.status != "computed", visit.dark)
    n = f"{held['needs'].height:,} + {held['offers'].height:,}"
    shown = both.select(pl.col("tag").alias(visit.say("field.tags")), *(pl.col(k).alias(v) for k, v in words.items()))
    line = Foot(foot.source, foot.status, visit.say("unit.entries"), foot.period, foot.territory, n, "match_scores")
    blocks.chart(visit, heading, figure, line, "tags", shown)


def register(visit: Visit, name: str, rows: pl.DataFrame, foot: Foot) -> None:
    """One of the three registers."""
    source, status = register_choices.source(visit, name)
    key = f"{name[:-1]}_id"
    called = pl.format("{} {}", key, visit.named() if name == "partners" else pl.col("title"))
    line = Foot(source, status, visit.say(f"unit.{name}"), foot.period, foot.territory)
    register_list.show(visit, name, rows.sort(key), called, line)
