"""What moved the index: contributions, breakdowns by group, the panel, and an analyst's what-if."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import polars as pl
import streamlit as st

from data import registry
from indicators.prosperity import WeightError
from indicators.uncertainty import QUANTILE_95
from pages.parts import blocks, cached, filters, findings, tables, weighting
from pages.parts.blocks import Foot
from pages.parts.filters import Selection
from pages.parts.session import Visit
from pages.parts.surveys import cached_survey, survey, waterfall

GROUPS = ("district_code", "park_type", "size_class", "city_id")
C3 = ("beijing", "shanghai", "shenzhen")


def group_names(visit: Visit, selection: Selection, group: str) -> dict[str, str]:
    """The groups' names in the visitor's language."""
    if group == "district_code":
        return dict(registry.districts_of(selection.city_id).select("district_code", visit.named()).iter_rows())
    if group == "city_id":
        return dict(registry.cities().select("city_id", visit.named()).iter_rows())
    if group == "park_type":
        return {kind: visit.say(f"park_type.{kind}") for kind in ("converted", "new_build", "unknown")}
    words = ("1: under 20", "2: 20 to under 50", "3: 50 and over")
    return {word: visit.say(f"size_class.{word[0]}") for word in words}


def named(visit: Visit, selection: Selection, rows: pl.DataFrame, group: str) -> pl.DataFrame:
    """The rows with a column `name`: the group's name, or a word for the unknown."""
    unknown = visit.say("status.unknown")
    names = group_names(visit, selection, group)
    return rows.with_columns(name=pl.col(group).replace_strict(names, default=unknown).fill_null(unknown))


def contributions(visit: Visit, selection: Selection, month: date, foot: Foot) -> None:
    """The waterfall of the month's change: by item, by district, by park type; the parts add up to it."""
    options = {"item_id": visit.say("prosperity.item"), **{g: visit.say(f"group.{g}") for g in GROUPS[:2]}}
    left, _ = st.columns([1, 2])
    with left:
        by = filters.pick(visit.say("prosperity.parts_by"), "parts", options, "item_id")
    if by == "item_id":
        rows = cached_survey.item_parts(visit.key, selection, visit).filter(pl.col("period") == month)
        names = survey.item_names(visit, month).rename({"item": "name"}).drop("weight")
        rows = rows.join(names, on="item_id")
        rows = rows.select("name", "weight", "change", "contribution", "headline_change")
    else:
        rows = cached_survey.group_parts(visit.key, selection, by, visit).filter(pl.col("period") == month)
        rows = named(visit, selection, rows, by).filter((pl.col("n_parks") > 0) | (pl.col("n_parks_before") > 0))
        rows = rows.select("name", "n_parks", "share_pct", "within_effect", "composition_effect", "contribution",
                           "headline_change", "suppressed")  # fmt: skip
    if not rows.drop_nulls("contribution").height:
        blocks.empty(visit, "prosperity.no_parts")
        return
    shown = with_rest(visit, rows)
    total = visit.say("prosperity.parts_total")
    figure = waterfall.waterfall(shown, "name", "contribution", total, visit.say("unit.points"), visit.dark)
    when = tables.period_label(month, visit.language)
    foot = replace(foot, unit=visit.say("unit.points"), period=when, method="item_contributions")
    heading = visit.say("prosperity.parts", month=when)
    blocks.chart(visit, heading, figure, foot, f"contributions-{by}", blocks.as_published(rows, 2))


def with_rest(visit: Visit, rows: pl.DataFrame) -> pl.DataFrame:
    """The parts that are shown, and one for all that are not, so that they add up to the change."""
    shown = rows.drop_nulls("contribution").select("name", "contribution")
    rest = (rows["headline_change"].drop_nulls().first() or 0.0) - shown["contribution"].sum()
    if abs(rest) < 1e-9:
        return shown
    return pl.concat([shown, pl.DataFrame({"name": [visit.say("prosperity.parts_rest")], "contribution": [rest]})])


def breakdowns(visit: Visit, selection: Selection, month: date, foot: Foot) -> None:
    """The same index by district, park type, size: value, band, n, frame; small cells blank."""
    options = {g: visit.say(f"group.{g}") for g in GROUPS}
    left, _ = st.columns([1, 2])
    with left:
        by = filters.pick(visit.say("prosperity.groups_by"), "groups", options, "district_code")
    if by == "city_id":
        rows, foot = cached_survey.city_groups(visit.key, C3, visit), replace(foot, territory="C3")
    else:
        rows = cached_survey.groups(visit.key, selection, by, visit)
    rows = named(visit, selection, rows.filter(pl.col("period") == month), by).sort(
        "prosperity_index", "name", descending=[True, False], nulls_last=True
    )
    words = {"group": "name", "index": "prosperity_index", "low": "low", "high": "high", "n_parks": "n_parks",
             "n_frame": "n_frame"}  # fmt: skip
    data = rows.select(pl.col(column).alias(visit.say(f"prosperity.{word}")) for word, column in words.items())
    when = tables.period_label(month, visit.language)
    note = visit.say("status.suppressed", minimum=5)
    foot = replace(foot, period=when, source=f"{foot.source} · — = {note}", method="breakdown")
    data = blocks.as_published(data)
    heading = visit.say("prosperity.groups", month=when)
    options = {**blocks.one_decimal(data), **blocks.pinned(data)}
    blocks.table(visit, heading, data, foot, f"breakdown-{by}", height="content", column_config=options)


def what_if(visit: Visit, selection: Selection, month: date) -> None:
    """An analyst changes the weights and sees the headline beside the published one; nothing is stored."""
    with st.expander(visit.say("what_if.title")):
        st.caption(visit.say("what_if.note"))
        named_items = survey.item_names(visit, month).sort("position")
        start = named_items.select("item", "weight")
        edited = st.data_editor(
            start,
            hide_index=True,
            disabled=["item"],
            key="what_if",
            column_config={
                "item": visit.say("prosperity.item"),
                "weight": st.column_config.NumberColumn(
                    visit.say("prosperity.weight"), min_value=0.0, max_value=1.0, step=0.05, format="%.2f"
                ),
            },
        )
        weights = tuple(zip(named_items["item_id"], pl.DataFrame(edited)["weight"], strict=True))
        try:
            index = cached_survey.reweighted(visit.key, selection, weights, month, visit)
        except WeightError as error:
            total = sum(weight or 0.0 for _, weight in weights)
            st.warning(visit.say("what_if.sum", total=tables.number(total, 2)), icon=None)
            st.caption(str(error))
            return
        now = index.filter(pl.col("period") == month)["prosperity_index"]
        before = cached.prosperity(visit.key, selection, False, visit).filter(pl.col("period") == month)
        left, right = st.columns(2)
        left.metric(visit.say("what_if.published"), tables.number(before["prosperity_index"].item()))
        right.metric(visit.say("what_if.changed"), tables.number(now.item() if now.len() else None))


def panel_notes(visit: Visit, selection: Selection, month: date) -> str:
    """The sentence on response, matched parks and whether the change is more than chance."""
    rows = cached_survey.panel(visit.key, selection, visit).filter(pl.col("period") == month)
    if not rows.height:
        return ""
    row = rows.row(0, named=True)
    parts = [visit.say("panel.response", answered=row["n_answered"], frame=row["n_frame"],
                       rate=tables.number(row["response_rate_pct"], 1))]  # fmt: skip
    if row["matched_change"] is not None:
        parts.append(visit.say("panel.matched", n=row["n_matched"], change=tables.signed(row["matched_change"]),
                               composition=tables.signed(row["composition_effect"])))  # fmt: skip
    if weighting.begins(month):
        version = weighting.questions(month)["version"].max()
        parts.append(visit.say("prosperity.first_revised", version=version))
    return " ".join([*parts, significance_note(visit, selection, month)]).strip()


def tested(visit: Visit, selection: Selection, month: date) -> dict[str, Any]:
    """The test of a month's change (`change_test`); `significant` is None where it cannot be said."""
    test = cached_survey.significance(visit.key, selection, visit).filter(pl.col("period") == month)
    return test.row(0, named=True) if test.height else {"significant": None}


def headline(visit: Visit, selection: Selection, now: dict[str, Any]) -> str:
    """The finding that stands as a page's title: it speaks of a rise or a fall only where it is more than chance."""
    sure = tested(visit, selection, now["period"])["significant"]
    key = findings.finding(now["prosperity_index"], now["change_month"], sure)
    return visit.say(key, month=tables.period_label(now["period"], visit.language))


def significance_note(visit: Visit, selection: Selection, month: date) -> str:
    """The sentence that says whether the change on the month is more than chance; nothing where it cannot be said."""
    test = tested(visit, selection, month)
    if test["significant"] is None:
        return ""
    word = "panel.significant" if test["significant"] else "panel.not_significant"
    low, high = (test["change_points"] + side * QUANTILE_95 * (test["se_points"] or 0.0) for side in (-1, 1))
    return visit.say(word, low=tables.signed(low), high=tables.signed(high))
