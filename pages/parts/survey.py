"""Survey figures on screen: the bulletin sentence, item trends, item shares, the 13-month table."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import plotly.graph_objects as go
import polars as pl

from data import registry
from pages.parts import blocks, cached, charts, findings, tables
from pages.parts.blocks import Foot
from pages.parts.filters import Selection
from pages.parts.session import Visit


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


def months_table(visit: Visit, shown: pl.DataFrame, month: date, foot: Foot) -> None:
    """The 13 months up to the chosen one: index, change on the month and on the year, parks that answered."""
    rows = shown.filter(pl.col("period") <= month).tail(13).sort("period", descending=True)
    words = {"index": "prosperity_index", "change": "change_month", "year_change": "change_year", "n_parks": "n_parks"}
    data = rows.select(
        pl.col("period").dt.strftime("%Y-%m").alias(visit.say("filter.month")),
        *(pl.col(column).alias(visit.say(f"prosperity.{word}")) for word, column in words.items()),
    )
    foot, data = spanning(visit, foot, rows, "n_parks"), blocks.as_published(data)
    blocks.table(visit, visit.say("prosperity.table"), data, foot, "months", column_config=blocks.one_decimal(data))
