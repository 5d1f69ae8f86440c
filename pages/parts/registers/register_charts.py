"""Charts of the registers as plain functions: growth of members, tags offered and needed, items beside events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go
import polars as pl
from plotly.subplots import make_subplots

from pages.parts import axes, charts, theme

ROW_PX, TAG_PX, PANEL_PX = 30, 38, 150
EDGE = 0.25  # share of the time span at whose start a text stands on the right of its mark


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
    first, span = dates.min(), ((dates.max() - dates.min()).days or 1) if dates.len() else 1  # type: ignore[operator,union-attr]
    sides = ["top right" if (day - first).days / span < EDGE else "top left" for day in published["date"]]
    figure.add_scatter(
        x=published["date"].to_list(), y=published["value"].to_list(), mode="markers+text",
        text=published["text"].to_list(), textposition=sides, name=words["published"],
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


def items_and_events(
    months: pl.DataFrame, words: Mapping[str, str], synthetic: bool, language: str, dark: bool
) -> go.Figure:
    """Two panels one above the other with one time axis: items published a month, and events held a month.

    Columns in: period, n_items, n_events (null: the month is not covered, no bar). words: n_items, n_events.
    """
    t = theme.tokens(dark)
    names = ("n_items", "n_events")
    figure = make_subplots(2, 1, shared_xaxes=True, vertical_spacing=0.2, subplot_titles=[words[n] for n in names])
    for row, (name, colour) in enumerate(zip(names, (t.steel, t.brick), strict=True), start=1):
        figure.add_bar(
            x=months["period"].to_list(), y=months[name].to_list(), name=words[name], row=row, col=1,
            marker={"color": colour, "line": {"width": 0}, "pattern": hatched(synthetic, dark)},
            hovertemplate=f"%{{x|%Y-%m}}<br>{words[name]} %{{y}}<extra></extra>",
        )  # fmt: skip
    figure.update_layout(template=theme.template(dark), height=2 * PANEL_PX + 50, bargap=0.25, margin_t=36)
    figure.update_annotations(font={"size": theme.CAPTION_PX, "color": t.ink}, x=0, xanchor="left", yshift=8)
    axes.time_axis(figure, months["period"], False, language)
    figure.update_yaxes(rangemode="tozero", nticks=4)
    return figure


def channel_colours(rows: pl.DataFrame, dark: bool) -> dict[str, str]:
    """The colour of every channel in every chart of a page: the six largest by items, the others muted.

    Columns in: channel, n_items.
    """
    t = theme.tokens(dark)
    totals = rows.filter(pl.col("channel") != charts.OTHER).group_by("channel").agg(pl.col("n_items").sum())
    ordered = totals.sort("n_items", "channel", descending=[True, False])["channel"]
    named = dict(zip(ordered, t.categories, strict=False))
    return {code: named.get(code, t.other) for code in rows["channel"].unique().sort()}


def coloured(figure: go.Figure, colours: Mapping[str, str], dark: bool) -> go.Figure:
    """The figure with every bar, line and label at a line's end in the colour of its name. colours: by shown name."""
    for trace in figure.data:
        if trace.name in colours:
            trace.marker.color = colours[trace.name]
            if trace.type == "scatter":
                trace.line.color = colours[trace.name]
    for label in figure.layout.annotations:
        said = str(label.text).replace("<br>", " ")
        owners = sorted((name for name in colours if said.startswith(name)), key=len)
        if owners:
            label.font.color = theme.readable(colours[owners[-1]], theme.tokens(dark).card)
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
