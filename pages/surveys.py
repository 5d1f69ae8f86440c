"""Special surveys: one questionnaire, one wave; shares by choice, by district and over the waves."""

from __future__ import annotations

from datetime import date

import polars as pl
import streamlit as st

from data.access import Action
from pages.parts import blocks, cached, filters, session, tables
from pages.parts.blocks import Foot
from pages.parts.filters import Selection
from pages.parts.session import Visit
from pages.parts.surveys import special


def render(visit: Visit) -> None:
    """Choose, read, compute, show."""
    head = st.container()
    selection, room = filters.place(visit)
    names = special.names(visit)
    with room:
        survey = filters.pick(visit.say("surveys.questionnaire"), "questionnaire", names, next(iter(names)))
    where = blocks.territory(visit, selection)
    rows = cached.choices(visit.key, survey, selection, False, visit)
    shown = rows.drop_nulls("share_pct")
    if not shown.height:
        with head:
            blocks.title(visit, visit.say("surveys.title"), f"{where} · {names[survey]}")
        blocks.empty(visit, "empty.special_small" if rows.height else "empty.special", survey=names[survey], minimum=5)
        return
    wave, item = choose(visit, survey, sorted(shown["period"].unique()))
    when = tables.period_label(wave, visit.language)
    n = dict(cached.waves(visit.key, survey, selection, False, visit).iter_rows())[wave]
    source, status = special.source(visit, survey, selection.city_id)
    foot = Foot(source, status, "%", when, where, str(n), "choice_shares")
    with head:
        finding = visit.say("surveys.finding", survey=names[survey], wave=when, n=n)
        blocks.title(visit, finding, f"{where} · {special.purpose(visit, survey)}", survey)
    answers(visit, survey, selection, wave, rows, foot)
    details(visit, survey, selection, wave, item, rows, foot)


def choose(visit: Visit, survey: str, waves: list[date]) -> tuple[date, str]:
    """The wave on screen, the newest by default, and the question that is shown by district."""
    left, right, _ = st.columns(3)
    labels = {f"{wave:%Y-%m}": tables.period_label(wave, visit.language) for wave in reversed(waves)}
    with left:
        wave = date.fromisoformat(filters.pick(visit.say("surveys.wave"), "wave", labels, next(iter(labels))) + "-01")
    items = dict(special.questions(visit, survey, wave).select("item_id", "item").iter_rows())
    with right:
        return wave, filters.pick(visit.say("surveys.question"), "question", items, next(iter(items)))


def answers(visit: Visit, survey: str, selection: Selection, wave: date, rows: pl.DataFrame, foot: Foot) -> None:
    """The shares of every question, who answered, and where."""
    known = special.choices(visit, special.questions(visit, survey, wave))
    left, right = st.columns([3, 2])
    with left:
        heading = visit.say("surveys.shares", wave=foot.period, territory=foot.territory)
        special.shares(visit, rows.filter(pl.col("period") == wave), known, heading, foot)
    with right:
        special.answered(visit, survey, selection, wave, foot)
        special.answered_map(visit, survey, selection, wave, foot)


def details(
    visit: Visit, survey: str, selection: Selection, wave: date, item: str, rows: pl.DataFrame, foot: Foot
) -> None:
    """One question by district, and every question over the waves."""
    known = special.choices(visit, special.questions(visit, survey, wave))
    special.over_waves(visit, special.followed(visit, rows, known), visit.say("surveys.waves"), foot)
    cells = cached.choices(visit.key, survey, Selection(selection.city_id), True, visit)
    special.by_district(visit, selection.city_id, wave, cells, known.filter(pl.col("item_id") == item), foot)


if __name__ == "__main__":
    render(session.open_page(Action.VIEW))
