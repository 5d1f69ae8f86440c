"""Partners of the alliance, what they offer and what parks need: three registers with one set of filters."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import polars as pl
import streamlit as st

from data.city_groups import provinces, regions
from data.ingest.partners import PARTNER_TYPES
from pages.parts import blocks, filters, tables
from pages.parts.blocks import Foot
from pages.parts.registers import cached_registers, entry_fields, register_charts, register_choices, register_list
from pages.parts.registers.register_choices import ALL, STAGES
from pages.parts.session import Visit

REGISTERS = ("partners", "offers", "needs")
Held = dict[str, pl.DataFrame]


@dataclass(frozen=True)
class Wanted:
    """What one looks for: the type of partner, the stage, the tag, the region; "" for all of each."""

    kind: str = ""
    stage: str = ""
    tag: str = ""
    region: str = ""

    def of(self, rows: Held) -> Held:
        """The entries that fit. Needs are nobody's yet and no type of partner; a partner fits a region by an offer.

        rows: partners, offers and needs.
        """
        partners = rows["partners"].filter(pl.col("partner_type") == self.kind) if self.kind else rows["partners"]
        offers = rows["offers"]
        if self.kind:
            offers = offers.join(partners.select("partner_id"), on="partner_id", how="semi", maintain_order="left")
        offers = register_choices.of_region(offers, self.region, provinces(), regions())
        if self.region:
            partners = partners.join(offers.select("partner_id"), on="partner_id", how="semi", maintain_order="left")
        needs = register_choices.of_region(rows["needs"], self.region, provinces(), regions())
        every = {"partners": partners, "offers": offers, "needs": needs}
        return {
            name: register_choices.of_tag(register_choices.of_stage(found, self.stage), self.tag)
            for name, found in every.items()
        }


def show(visit: Visit) -> None:
    """The filters; figures, tags offered and needed, and the three registers, all of what fits."""
    today = date.today()
    stored = {name: cached_registers.entries(visit.key, name, visit) for name in REGISTERS}
    held = {name: cached_registers.holding(visit, name, today) for name in REGISTERS}
    wanted, words = asked(visit, held)
    foot = Foot("", territory=words or visit.say("registers.visible"), period=today.isoformat())
    kept, found = wanted.of(held), wanted.of(stored)
    figures(visit, kept, {name: rows.height for name, rows in found.items()}, stored, foot)
    if without := [name for name in ("needs", "offers") if held[name].is_empty()]:
        register_choices.empty(visit, without[0])
    else:
        balance(visit, kept, foot)
    for name in REGISTERS:
        register(visit, name, found[name], foot)


def asked(visit: Visit, held: Held) -> tuple[Wanted, str]:
    """The four boxes; what is chosen in them, and the same in words ("" where nothing is)."""
    every = {ALL: visit.say("registers.all")}
    tags = sorted({tag for rows in held.values() for tag in tags_of(rows)["tag"]})
    spelled = regions()
    used = {spelled.get(p, p) for name in ("offers", "needs") for p in held[name]["region"].drop_nulls()}
    places = {place: name for place, name in register_list.names(visit, "offers")["region"].items() if place in used}
    options = {
        "partner_type": {code: visit.say(f"code.partner_type.{code}") for code in PARTNER_TYPES},
        "stage": {code: visit.say(f"code.stage.{code}") for code in STAGES},
        "tags": {tag: entry_fields.worded(visit, "tags", tag) or tag for tag in tags},
        "region": places | {place: place for place in sorted(used - places.keys())},
    }
    keys = {"tags": "tag"}  # of the address, where it is not the field
    chosen: dict[str, str] = {}
    for column, (name, codes) in zip(st.columns(4), options.items(), strict=True):
        with column:
            picked = filters.pick(entry_fields.label(visit, name), keys.get(name, name), every | codes, ALL)
            chosen[name] = "" if picked == ALL else picked
    words = " · ".join(options[name][code] for name, code in chosen.items() if code)
    return Wanted(*chosen.values()), words


def tags_of(rows: pl.DataFrame) -> pl.DataFrame:
    """tag, n: how many of the entries have each tag.

    >>> tags_of(pl.DataFrame({"tags": ["roof;heating", "roof", None]})).rows()
    [('roof', 2), ('heating', 1)]
    """
    tags = rows.select(tag=pl.col("tags").str.split(";")).drop_nulls().explode("tag")
    return tags.group_by("tag").agg(n=pl.len()).sort("n", "tag", descending=[True, False])


def figures(visit: Visit, kept: Held, found: dict[str, int], stored: Held, foot: Foot) -> None:
    """How many partners, offers and needs hold today; a register without entries has no number.

    found: how many of the stored entries fit the filters, with those that hold no longer.
    """
    for column, name in zip(st.columns(3), REGISTERS, strict=True):
        source, status = register_choices.source(visit, name)
        known = stored[name].height
        value = tables.count(kept[name].height if known else None, visit.language)
        note = visit.say("registers.of_stored", n=f"{found[name]:,}") if known else ""
        line = Foot(source, status, visit.say(f"unit.{name}"), foot.period, foot.territory)
        with column:
            blocks.metric(visit, visit.say(f"registers.holding_{name}"), value, None, "", note, line)


def balance(visit: Visit, kept: Held, foot: Foot) -> None:
    """Needs and offers by tag, so that what nobody offers is seen."""
    needs, offers = (tags_of(kept[name]).rename({"n": name}) for name in ("needs", "offers"))
    both = (
        needs.join(offers, on="tag", how="full", coalesce=True)
        .fill_null(0)
        .sort(["needs", "offers", "tag"], descending=[True, True, False])
    )
    if both.is_empty():
        st.info(visit.say("registers.nothing_found"))
        return
    both = both.with_columns(tables.each(both["tag"], lambda tag: entry_fields.worded(visit, "tags", tag)))
    words = {name: visit.say(f"upload.{name}") for name in ("needs", "offers")}
    source, status = register_choices.source(visit, "needs", "offers")
    without = both.filter((pl.col("needs") > 0) & (pl.col("offers") == 0)).height
    heading = visit.say("registers.tags_without", n=without) if without else visit.say("registers.tags_all")
    figure = register_charts.sides(both, words, status != "computed", visit.dark)
    n = f"{kept['needs'].height:,} + {kept['offers'].height:,}"
    shown = both.select(pl.col("tag").alias(visit.say("field.tags")), *(pl.col(k).alias(v) for k, v in words.items()))
    line = Foot(source, status, visit.say("unit.entries"), foot.period, foot.territory, n, "match_scores")
    blocks.chart(visit, heading, figure, line, "tags", shown)


def register(visit: Visit, name: str, rows: pl.DataFrame, foot: Foot) -> None:
    """One of the three registers."""
    source, status = register_choices.source(visit, name)
    key = f"{name[:-1]}_id"
    called = pl.format("{} {}", key, visit.named() if name == "partners" else pl.col("title"))
    line = Foot(source, status, visit.say(f"unit.{name}"), foot.period, foot.territory)
    register_list.show(visit, name, rows.sort(key), called, line)
