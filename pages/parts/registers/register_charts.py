"""Charts of the registers as plain functions: growth of members, tags offered and needed, items beside events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go
import polars as pl

from pages.parts import axes, charts, theme

ROW_PX, TAG_PX = 30, 38


def growth(
    counted: pl.DataFrame, published: pl.DataFrame, words: Mapping[str, str], synthetic: bool, language: str, dark: bool
) -> go.Figure:
    """Members at each month end as a line, and the published numbers as diamonds that no line joins.

    Columns in: counted: period, n_members (may have no rows); published: date, value, text. words: counted, published.
    """
    t = theme.tokens(dark)
    dates = pl.concat([counted["period"], published["date"]]) if counted.height else published["date"]
    figure = charts.trend(
        counted if counted.height else pl.DataFrame(schema={"period": pl.Date, "n_members": pl.Int64}),
        y="n_members", label=words["counted"], synthetic=synthetic, places=0, yearly=False, height=340,
        language=language, dark=dark,
    )  # fmt: skip
    figure.add_scatter(
        x=published["date"].to_list(), y=published["value"].to_list(), mode="markers+text",
        text=published["text"].to_list(), textposition="top left", name=words["published"],
        marker={"symbol": "diamond", "size": 11, "color": t.steel}, textfont={"color": t.ink, "size": 12},
        hovertemplate="%{x|%Y-%m-%d}<br>%{text}<extra></extra>", cliponaxis=False,
    )  # fmt: skip
    values = [*(counted["n_members"] if counted.height else ()), *published["value"]]
    figure.update_yaxes(range=[0, 1.15 * max(values, default=1)])
    axes.time_axis(figure, dates, False, language)
    figure.update_layout(hovermode="closest", showlegend=False)
    return figure


def sides(frame: pl.DataFrame, words: Mapping[str, str], synthetic: bool, dark: bool) -> go.Figure:
    """Two bars a tag on one scale: how many needs have it, and how many offers. Columns in: tag, needs, offers."""
    t = theme.tokens(dark)
    figure = go.Figure(layout={"template": theme.template(dark), "height": max(160, 90 + TAG_PX * frame.height)})
    for side, colour in (("needs", t.brick), ("offers", t.steel)):
        figure.add_bar(
            y=frame["tag"].to_list(), x=frame[side].to_list(), orientation="h", name=words[side],
            text=frame[side].to_list(), textposition="outside", cliponaxis=False, textfont={"color": t.ink, "size": 12},
            marker={"color": colour, "pattern": hatched(synthetic, dark)},
            hovertemplate=f"%{{y}}<br>{words[side]} %{{x}}<extra></extra>",
        )  # fmt: skip
    figure.update_layout(barmode="group", bargap=0.3, bargroupgap=0.06, legend_traceorder="normal", showlegend=True)
    figure.update_xaxes(showticklabels=False, ticks="", rangemode="tozero")
    figure.update_yaxes(autorange="reversed", showgrid=False, tickfont_color=t.ink, ticks="", ticksuffix=" ")
    return figure


def steps(frame: pl.DataFrame, names: Mapping[str, str], synthetic: bool, dark: bool) -> go.Figure:
    """Bars in the order of the steps, not of their length. Columns in: status, n, now; the hover tells both."""
    t = theme.tokens(dark)
    labels = [names[status] for status in frame["status"]]
    colours = [
        t.other if status == "declined" else t.brick if status == "signed" else t.steel for status in frame["status"]
    ]
    figure = go.Figure(layout={"template": theme.template(dark), "height": 60 + ROW_PX * frame.height})
    figure.add_bar(
        y=labels, x=frame["n"].to_list(), orientation="h", text=frame["n"].to_list(), textposition="outside",
        cliponaxis=False, textfont={"color": t.ink}, marker={"color": colours, "pattern": hatched(synthetic, dark)},
        customdata=frame["now"].to_list(), hovertemplate="%{y}: %{x} (%{customdata})<extra></extra>", width=0.66,
    )  # fmt: skip
    figure.update_xaxes(showticklabels=False, ticks="", range=[0, 1.18 * float(frame["n"].max() or 1)])  # type: ignore[arg-type]
    figure.update_yaxes(autorange="reversed", showgrid=False, tickfont_color=t.ink, ticks="", ticksuffix=" ")
    return figure


def hatched(synthetic: bool, dark: bool) -> dict[str, Any]:
    """Thin lines across a bar whose figures are synthetic; nothing for others."""
    lines = {"shape": "/", "size": 6, "solidity": 0.12, "fillmode": "overlay", "fgcolor": theme.tokens(dark).card}
    return {**lines, "fgopacity": 0.6} if synthetic else {}
