"""A park's own answers to the monthly survey, month by month: for analysts only."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

from data import looks, registry
from data.access import sees_park_answers
from pages.parts import blocks, tables
from pages.parts.blocks import Foot
from pages.parts.parks import cached_parks, park_facts
from pages.parts.session import Visit, may_show

Park = dict[str, Any]
MONTHS = 12


def show(visit: Visit, park: Park) -> None:
    """The answers of the twelve months to the last one with any, or why they are not shown, or that there are none.

    The look is audited first, whoever had them computed before.
    """
    if not sees_park_answers(visit.viewer, park["district_code"]):
        block(visit, "parks.answers_confidential")
        return
    rows = cached_parks.answers(visit.key, park["park_id"], visit)
    if not rows.height:
        block(visit, "parks.answers_none")
        return
    months = rows["period"].unique().sort()
    shown = rows.filter(pl.col("period") > pl.lit(months[-1]).dt.offset_by(f"-{MONTHS}mo"))
    if not may_show(visit, looks.answers_of(shown.with_columns(park_id=pl.lit(park["park_id"])))):
        return
    data = as_shown(visit, shown)
    synthetic = bool(rows["is_synthetic"].any())
    source = visit.say("source.survey_synthetic" if synthetic else "source.survey")
    first, last = (tables.period_label(month, visit.language) for month in (months[0], months[-1]))
    foot = Foot(
        f"{source} · {visit.say('parks.answers_note')}", "synthetic" if synthetic else "recorded",
        visit.say("parks.unit_answer"), f"{first} – {last}", park_facts.name(visit, park), str(months.len()),
    )  # fmt: skip
    heading = visit.say("parks.answers_found", months=months.len(), last=last)
    blocks.table(visit, heading, data, foot, "park-answers", height="content", column_config=blocks.pinned(data))


def block(visit: Visit, key: str) -> None:
    """The heading with a sentence in place of the answers."""
    with st.container(border=True):
        st.subheader(visit.say("parks.answers"), anchor=False)
        st.caption(visit.say(key))


def as_shown(visit: Visit, rows: pl.DataFrame) -> pl.DataFrame:
    """One row a question, one column a month, newest first; a question not answered is blank, so is a month."""
    label = f"label_{visit.language}"
    items = registry.questionnaire_items().filter(pl.col("questionnaire_id") == "monthly").sort("version")
    items = items.unique("item_id", keep="last").select("item_id", "position", "scale_id", name=visit.named())
    words = registry.answer_scales().select("scale_id", "answer", word=label)
    told = rows.join(items, on="item_id", how="left").join(words, on=["scale_id", "answer"], how="left").with_columns(
        name=pl.coalesce("name", "item_id"), word=pl.coalesce("word", "answer"),
        month=pl.col("period").dt.strftime("%Y-%m"),
    )  # fmt: skip
    every = pl.date_range(rows["period"].min(), rows["period"].max(), "1mo", eager=True)  # type: ignore[arg-type]
    months = every.dt.strftime("%Y-%m").reverse().to_list()
    wide = told.pivot("month", index=["position", "name"], values="word", aggregate_function="last").sort("position")
    blank = [pl.lit(None, pl.String).alias(month) for month in months if month not in wide.columns]
    return wide.with_columns(blank).select(pl.col("name").alias(visit.say("parks.question")), *months)
