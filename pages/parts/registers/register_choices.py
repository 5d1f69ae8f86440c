"""What one chooses on the page of registers: the register, and in it the body, the stage, the tag."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from pages.parts import blocks, cached, filters
from pages.parts.registers.entry_fields import NATIONAL
from pages.parts.session import Visit

ALL = "all"
STAGES = ("construction", "operation")
DATASETS = {
    "members": ("members",),
    "partners": ("partners", "offers", "needs"),
    "matching": ("offers", "needs", "followups"),
    "library": ("documents",),
    "communication": ("publications", "events"),
    "programmes": ("programmes", "events"),
}
"""The data sets each view rests on."""


def view(visit: Visit, views: tuple[str, ...]) -> str:
    """The register one looks at; only that one is computed. The address keeps it as ?register=."""
    names = {value: visit.say(f"registers.view_{value}") for value in views}
    return filters.switch(visit.say("registers.view"), "register", names)


def coded(visit: Visit, label: str, key: str, column: str, codes: tuple[str, ...]) -> str:
    """A box over the codes of a column, "" for all of them."""
    names = {ALL: visit.say("registers.all")} | {code: visit.say(f"code.{column}.{code}") for code in codes}
    chosen = filters.pick(label, key, names, ALL)
    return "" if chosen == ALL else chosen


def source(visit: Visit, *datasets: str) -> tuple[str, str]:
    """(source sentence, status key) of figures counted from the entries of one register or of several."""
    name = visit.say("parks.comma").join(visit.say(f"upload.{dataset}") for dataset in datasets)
    if any(cached.has_synthetic(visit.key, dataset, None, visit) for dataset in datasets):
        return visit.say("registers.source_synthetic", name=name), "computed_synthetic"
    return visit.say("registers.source", name=name), "computed"


def empty(visit: Visit, dataset: str) -> None:
    """What a register without entries says, and the next step."""
    blocks.empty(visit, "registers.empty", name=visit.say(f"upload.{dataset}"))


def of_stage(rows: pl.DataFrame, stage: str) -> pl.DataFrame:
    """The entries for a stage of a park; those for both stages are of either."""
    return rows.filter(pl.col("stage").is_in([stage, "both"])) if stage else rows


def of_region(rows: pl.DataFrame, region: str, around: Mapping[str, str], spelled: Mapping[str, str]) -> pl.DataFrame:
    """The entries for a region: those of the region itself, of its province (`around`) and of the whole country.

    spelled: a region as it is written -> as it is known.

    >>> rows = pl.DataFrame({"region": ["Beijing", "national", "shanghai", None]})
    >>> of_region(rows, "beijing", {}, {"Beijing": "beijing"})["region"].to_list()
    ['Beijing', 'national']
    """
    wide = [place for place in (region, around.get(region), NATIONAL) if place]
    known = pl.col("region").str.strip_chars().replace(dict(spelled))
    return rows.filter(known.is_in(wide)) if region else rows


def of_tag(rows: pl.DataFrame, tag: str) -> pl.DataFrame:
    """The entries that have a tag."""
    return rows.filter(pl.col("tags").str.split(";").list.contains(tag)) if tag else rows
