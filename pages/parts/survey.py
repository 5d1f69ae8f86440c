"""Survey figures on screen: the bulletin sentence, item trends, item shares, the 13-month table."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import plotly.graph_objects as go
import polars as pl
import streamlit as st

from data import registry
from pages.parts import blocks, cached, cached_survey, charts, findings, tables
from pages.parts.blocks import Foot
from pages.parts.filters import Selection
from pages.parts.session import Visit

SCALES = ("0-100", "balance", "0-200")
NEUTRAL_OF = {"0-100": findings.NEUTRAL, "balance": 0.0, "0-200": 100.0}
WEIGHTS = ("none", "sqrt")
VIEWS = ("raw", "both")


def item_names(visit: Visit) -> pl.DataFrame:
    """item_id, item (name in the visitor's language), weight, position of the monthly questionnaire."""
    items = registry.survey_items().filter(pl.col("questionnaire_id") == cached.QUESTIONNAIRE)
    return items.select("item_id", visit.named().alias("item"), "weight", "position")


def weight(value: float) -> str:
    """The weight of an item in the headline; a dash for items shown beside it.

    >>> weight(0.25), weight(0.0)
    ('0.25', '—')
    """
    return tables.number(value, 2) if value else tables.MISSING


def sentence(visit: Visit, where: str, when: str, now: dict[str, Any]) -> str:
    """The sentence of the bulletin: value, change on the month in points, side of neutral; rounded first."""
    way = findings.direction(now["change_month"])
    change = visit.say(f"finding.{way}", points=tables.number(abs(now["change_month"] or 0), 1))
    neutral = visit.say(f"finding.{findings.side(now['prosperity_index'])}")
    value = tables.number(now["prosperity_index"], 1)
    return visit.say("finding.sentence", month=when, territory=where, value=value, month_change=change, neutral=neutral)


def index_trend(visit: Visit, shown: pl.DataFrame, where: str, status: str, height: int = 300) -> go.Figure:
    """The prosperity index over time with the neutral line; dashed where it rests on synthetic answers."""
    return charts.trend(
        shown,
        y="prosperity_index",
        label=where,
        n="n_parks",
        neutral=findings.NEUTRAL,
        neutral_label=visit.say("chart.neutral"),
        unit=visit.say("unit.points"),
        synthetic=status != "computed",
        height=height,
        language=visit.language,
        dark=visit.dark,
    )


def banded_trend(visit: Visit, selection: Selection, foot: Foot, scale: str, weights: str, view: str) -> None:
    """The index with its 95 % band on the chosen scale, the seasonally adjusted line beside it, shocks marked."""
    rows = trend_lines(visit, selection, scale, weights, view)
    figure = banded_figure(visit, rows, scale, foot.status != "computed")
    notes = [visit.say("prosperity.band"), visit.say(f"weighting.{weights}")]
    if view == "both":
        notes.append(adjustment_note(visit, selection))
    foot = spanning(visit, foot, rows.filter(pl.col("line") == "raw").drop_nulls("value"), "n")
    source = " · ".join((foot.source, *notes))
    foot = replace(foot, unit=visit.say(f"scale.{scale}"), source=source, method="standard_errors")
    data = blocks.as_published(rows.select("period", "line", "value", "low", "high", "n"))
    blocks.chart(visit, visit.say("prosperity.trend", territory=foot.territory), figure, foot, "prosperity", data)


def trend_lines(visit: Visit, selection: Selection, scale: str, weights: str, view: str) -> pl.DataFrame:
    """period, line (raw, adjusted), value, low, high, n on a display scale; the adjusted line has no band."""
    bands = cached_survey.banded(visit.key, selection, weights, visit)
    rows = bands.select("period", "low", "high", "n", value="index", line=pl.lit("raw"))
    if view == "both":
        smooth = cached_survey.adjusted(visit.key, selection, visit)
        smooth = smooth.select("period", value="adjusted", line=pl.lit("adjusted")).drop_nulls("value")
        rows = pl.concat([rows, smooth], how="diagonal")
    return rows.with_columns(on_scale(pl.col("value", "low", "high"), scale)).sort("line", "period")


def banded_figure(visit: Visit, rows: pl.DataFrame, scale: str, synthetic: bool) -> go.Figure:
    """The trend of `trend_lines`: raw in brick with its band, adjusted in steel, neutral line, shocks."""
    labels = {line: visit.say(f"prosperity.{line}") for line in ("raw", "adjusted")}
    shocks = registry.crisis_months().group_by(visit.name).agg(pl.col("period").min())
    return charts.trend(
        rows,
        y="value",
        label=labels,
        series="line",
        chosen="raw",
        compared="adjusted",
        low="low",
        high="high",
        n="n",
        neutral=NEUTRAL_OF[scale],
        neutral_label=visit.say("chart.neutral") if scale == "0-100" else "",
        marks=[(when, word) for word, when in shocks.iter_rows()],
        unit=visit.say("unit.points"),
        synthetic=synthetic,
        height=360,
        language=visit.language,
        dark=visit.dark,
    )


def adjustment_note(visit: Visit, selection: Selection) -> str:
    """Which engine adjusted the series for the season, and how far it may be trusted."""
    last = cached_survey.adjusted(visit.key, selection, visit).tail(1)
    if not last.height:
        return visit.say("prosperity.status_not_adjusted_short")
    status = visit.say(f"prosperity.status_{last['status'].item()}")
    return visit.say("prosperity.adjust_note", engine=last["engine"].item() or tables.MISSING, status=status)


def on_scale(value: pl.Expr, scale: str) -> pl.Expr:
    """A diffusion index on a display scale: 0-100 as it is, balance 2 v - 100, 0-200 2 v."""
    return {"0-100": value, "balance": value * 2 - 100, "0-200": value * 2}[scale]


def quality(visit: Visit, selection: Selection) -> None:
    """The diagnostics of the seasonal adjustment, one row."""
    rows = cached_survey.adjustment_quality(visit.key, selection, visit)
    with st.expander(visit.say("prosperity.quality")):
        st.dataframe(blocks.as_published(rows, 3), hide_index=True, width="stretch", placeholder=tables.MISSING)


def spanning(visit: Visit, foot: Foot, shown: pl.DataFrame, n: str) -> Foot:
    """The foot of a figure over many months: first to last month, smallest to largest n."""
    ends = (shown["period"].min(), shown["period"].max())
    span = " – ".join(tables.period_label(p, visit.language) for p in ends)
    return replace(foot, period=span, n=f"{shown[n].min()}–{shown[n].max()}")


def item_trends(visit: Visit, selection: Selection, foot: Foot) -> None:
    """Small multiples of the items' diffusion indices, sharing axes."""
    shown = cached.items(visit.key, selection, visit).drop_nulls("diffusion_index")
    named = shown.join(item_names(visit), on="item_id").sort("position", "period")
    labels = dict(item_names(visit).sort("position").select("item_id", "item").iter_rows())
    figure = charts.small_multiples(
        named, facet="item_id", x="period", y="diffusion_index", labels=labels, n="n", language=visit.language,
        dark=visit.dark, neutral=findings.NEUTRAL, unit=visit.say("unit.points"), synthetic=foot.status != "computed",
    )  # fmt: skip
    data = named.select("period", "item_id", "item", "n", "up_pct", "same_pct", "down_pct", "diffusion_index")
    span = replace(spanning(visit, foot, shown, "n"), method="diffusion_index")
    blocks.chart(visit, visit.say("prosperity.items"), figure, span, "items", data)


def item_table(visit: Visit, selection: Selection, month: date, foot: Foot) -> None:
    """Shares up, unchanged, down of every item in one month, with n, weight and change."""
    rows = cached.items(visit.key, selection, visit).filter(pl.col("period") == month)
    when = tables.period_label(month, visit.language)
    named = rows.join(item_names(visit), on="item_id").sort("position")
    shown = {
        "item": "item", "weight": "weight", "index": "diffusion_index", "change": "change_month",
        "year_change": "change_year", "up": "up_pct", "same": "same_pct", "down": "down_pct", "n": "n",
    }  # fmt: skip
    weighted = named.with_columns(pl.col("weight").map_elements(weight, return_dtype=pl.String))
    data = weighted.select(pl.col(column).alias(visit.say(f"prosperity.{word}")) for word, column in shown.items())
    data = blocks.as_published(data)
    month_foot = replace(foot, period=when, method="diffusion_index")
    heading = visit.say("prosperity.items_table", month=when)
    blocks.table(visit, heading, data, month_foot, "item-shares", column_config=blocks.one_decimal(data))


def months_table(visit: Visit, selection: Selection, month: date, foot: Foot) -> None:
    """The 13 months up to the chosen one: index, changes, run, average, band, n, response rate."""
    runs = cached_survey.run_lengths(visit.key, selection, visit)
    index = cached.prosperity(visit.key, selection, False, visit).select("period", "change_month", "change_year")
    bands = cached_survey.banded(visit.key, selection, "none", visit).select("period", "low", "high")
    panel = cached_survey.panel(visit.key, selection, visit).select("period", "response_rate_pct")
    rows = runs.drop("change_month", "change_year", strict=False)
    shares = cached_survey.headline_shares(visit.key, selection, visit)
    rows = rows.with_columns(previous=pl.col("prosperity_index").shift(1))
    for other in (index, bands, panel, shares):
        rows = rows.join(other, on="period", how="left")
    rows = rows.filter(pl.col("period") <= month).sort("period").tail(13).sort("period", descending=True)
    rows = rows.with_columns(run=pl.format("{}({})", "n_run", "side"))
    words = {"index": "prosperity_index", "previous": "previous", "change": "change_month",
             "year_change": "change_year", "run": "run", "average": "series_average", "low": "low", "high": "high",
             "up": "up_pct", "same": "same_pct", "down": "down_pct", "n_parks": "n_parks",
             "rate": "response_rate_pct"}  # fmt: skip
    data = rows.select(
        pl.col("period").dt.strftime("%Y-%m").alias(visit.say("filter.month")),
        *(pl.col(column).alias(visit.say(f"prosperity.{word}")) for word, column in words.items()),
    )
    foot, data = spanning(visit, foot, rows, "n_parks"), blocks.as_published(data)
    blocks.table(visit, visit.say("prosperity.table"), data, foot, "months", column_config=blocks.one_decimal(data))
