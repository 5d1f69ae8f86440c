"""Charts of a city's portrait and of the old industrial cities. No Streamlit in here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import plotly.graph_objects as go
import polars as pl

from pages.parts import charts, tables, theme

MOST_LINES = 4
LONG_YEARS = 50  # spans from which a tick stands every twenty years only
UNNAMED = "\u200b"  # the name of a stretch before a level break: its line is named at its end


def columns(frame: pl.DataFrame, highlight: str | None = None, unit: str = "", dark: bool = False) -> go.Figure:
    """Upright bars from zero in the order of the rows (category, value, text of the hover), values above them."""
    t = theme.tokens(dark)
    categories, values = frame["category"].to_list(), frame["value"].to_list()
    plain = t.other if highlight in categories else t.steel
    figure = go.Figure(layout={"template": theme.template(dark), "height": 300})
    figure.add_bar(
        x=categories, y=values, text=[tables.number(value, 0) for value in values], textposition="outside",
        cliponaxis=False, textfont={"color": t.ink}, width=0.6,
        marker={"color": [t.brick if one == highlight else plain for one in categories]},
        customdata=frame["text"].to_list(), hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip
    figure.update_yaxes(range=[0, 1.15 * max([*values, 1])], showticklabels=False, ticks="", title=unit)
    figure.update_xaxes(type="category", tickfont_color=t.ink, ticks="")
    return figure


def story(
    rows: pl.DataFrame, labels: Mapping[str, str], unit: str, language: str, break_word: str, dark: bool = False
) -> go.Figure:
    """The lines of one indicator (line, segment, year, value): the longest in brick, gaps where a year is missing.

    `labels` maps a line's key ("line.segment") to its name, if it needs one; a level break is a thin vertical with its
    word, and the segments on its two sides are never joined. At most four lines are drawn, the longest ones.
    """
    keyed = rows.with_columns(key=pl.format("{}.{}", "line", "segment"))
    sizes = keyed.group_by("key").agg(n=pl.len(), last=pl.col("year").max())
    kept = sizes.sort("n", "last", descending=True)["key"].head(MOST_LINES).to_list()
    shown = keyed.filter(pl.col("key").is_in(kept))
    breaks = shown.filter(pl.col("break_reason").is_not_null() & (pl.col("line") == int(kept[0].split(".")[0])))
    marks: list[tuple[date, str]] = [(when, break_word) for when in breaks["year"].unique().sort().to_list()]
    ends = shown.group_by("line").agg(pl.col("segment").max())
    named = {f"{line}.{segment}" for line, segment in ends.iter_rows()}
    words = {key: labels.get(key, UNNAMED) if key in named else UNNAMED for key in kept}
    figure = charts.trend(
        shown.select("year", "value", "key"), x="year", y="value", series="key", chosen=kept[0], label=words,
        yearly=True, marks=marks, unit=unit, language=language, dark=dark,
    )  # fmt: skip
    first, last = shown["year"].min(), shown["year"].max()
    if last.year - first.year > LONG_YEARS:
        figure.update_xaxes(dtick="M240", tick0=f"{first.year // 20 * 20}-01-01", tickangle=0)
    return figure
