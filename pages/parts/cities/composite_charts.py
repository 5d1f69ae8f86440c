"""The charts of peers and of the composite: distances, strengths and weaknesses, ranks as intervals.

Plain functions: Polars frame in, Plotly figure out, names already in the visitor's language, missing is no mark.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go
import polars as pl

from pages.parts import axes, tables, theme

ROW_PX, BAR_PX, HEADING_PX, LINE_PX, PHONE_PX = 30, 16, 6, 17, 290
CLEAR = 1.22  # how far an axis of standings goes beyond the longest bar, so that its figure has room


def distance_bars(frame: pl.DataFrame, *, dark: bool = False) -> go.Figure:
    """How far each peer is from the city, the nearest first, the five nearest in brick; 1 = the farthest.

    Columns in: label, rank, relative (0..1), hover.
    """
    t = theme.tokens(dark)
    rows = frame.drop_nulls("relative").sort("rank", "label")
    figure = _figure(44 + ROW_PX * rows.height, dark)
    near = [rank <= 5 for rank in rows["rank"]]
    figure.add_bar(
        y=rows["label"].to_list(), x=rows["relative"].to_list(), orientation="h", width=0.62,
        text=[tables.number(value, 2) for value in rows["relative"]], textposition="outside", cliponaxis=False,
        textfont={"color": t.ink}, marker={"color": [t.brick if one else t.other for one in near]},
        customdata=rows["hover"].to_list(), hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip
    figure.update_xaxes(range=[0, 1.14], tickvals=[0, 0.5, 1], showline=False, ticks="")
    figure.update_yaxes(autorange="reversed", showgrid=False, tickfont_color=t.ink, ticks="", ticksuffix=" ")
    figure.add_vline(x=0, line={"color": t.muted, "width": 1})
    return figure


def standings(frame: pl.DataFrame, words: Mapping[str, str], *, dark: bool = False) -> go.Figure:
    """How far a city stands from the median of its peers, one bar an indicator under its name, in the order given.

    Columns in: label, note (own figure and median), standing (standard deviations of the peers), finding (strength,
    weakness or null), hover. Brick to the right is a strength, steel to the left a weakness; undecided bars are muted.
    `words`: median (the word at the middle).
    """
    t = theme.tokens(dark)
    rows = frame.drop_nulls("standing")
    lines = [axes.lines_of(label, PHONE_PX) for label in rows["label"]]
    middle, below = [], 0.0
    for heading in lines:
        middle.append(below + LINE_PX * (len(heading) + 1) + HEADING_PX + BAR_PX / 2)
        below = middle[-1] + BAR_PX / 2 + 8
    figure = _figure(int(below) + 40, dark)
    colour = {"strength": t.brick, "weakness": t.steel}
    figure.add_bar(
        y=middle, x=rows["standing"].to_list(), orientation="h", width=BAR_PX,
        text=[tables.signed(value) for value in rows["standing"]], textposition="outside", cliponaxis=False,
        textfont={"color": t.ink}, marker={"color": [colour.get(name or "", t.other) for name in rows["finding"]]},
        customdata=rows["hover"].to_list(), hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip
    for y, heading, note in zip(middle, lines, rows["note"], strict=True):
        told = "<br>".join([*heading, f"<span style='color:{t.muted};font-size:12px'>{note}</span>"])
        figure.add_annotation(
            x=0, xref="paper", y=y, yshift=BAR_PX / 2, text=told, showarrow=False, xanchor="left", yanchor="bottom",
            align="left", font={"color": t.ink}, bgcolor=theme.rgba(t.paper, 0.85),
        )  # fmt: skip
    most = max([abs(value) for value in rows["standing"]], default=1.0) * CLEAR or 1.0
    figure.update_xaxes(range=[-most, most], showline=False, ticks="", tickformat="+.0f", dtick=1, zeroline=False)
    figure.update_yaxes(range=[below, 0], visible=False)
    figure.add_vline(x=0, line={"color": t.muted, "width": 1})
    figure.add_annotation(
        x=0, y=0, yref="paper", yanchor="top", yshift=-16, text=words["median"], showarrow=False, font_color=t.muted
    )
    figure.update_layout(margin_b=38)
    return figure


def rank_intervals(frame: pl.DataFrame, words: Mapping[str, str], *, dark: bool = False) -> go.Figure:
    """The rank of every city as an interval, the rank without any draw as a point on it, the best at the top.

    Columns in: label, rank, rank_q5, rank_q95, own (Boolean: the chosen city, in brick), hover. `words`: rank (the
    title of the axis), interval and point (the legend).
    """
    t = theme.tokens(dark)
    rows = frame.sort("rank", "rank_q95", "label")
    figure = _figure(88 + (ROW_PX + 6) * rows.height, dark)
    for own in (False, True):
        one = rows.filter(pl.col("own") == own)
        for label, low, high in one.select("label", "rank_q5", "rank_q95").iter_rows():
            figure.add_scatter(
                x=[low, high], y=[label, label], mode="lines", hoverinfo="skip", showlegend=False,
                line={"color": theme.mix(t.brick if own else t.steel, t.paper, 0.45), "width": 12},
            )  # fmt: skip
        figure.add_scatter(
            x=one["rank"].to_list(), y=one["label"].to_list(), mode="markers", name=words["point"], showlegend=False,
            marker={"size": 11, "color": t.brick if own else t.steel, "line": {"color": t.card, "width": 2}},
            customdata=one["hover"].to_list(), hovertemplate="%{customdata}<extra></extra>",
        )  # fmt: skip
    n = max(rows.height, 1)
    figure.update_xaxes(
        range=[0.6, n + 0.4], tickvals=_ranks(n), side="top", showline=False, ticks="", showgrid=True, tickformat="d",
        gridcolor=t.rule, title={"text": words["rank"], "font": {"color": t.muted, "size": theme.CAPTION_PX}},
    )  # fmt: skip
    figure.update_yaxes(
        autorange="reversed", showgrid=False, tickfont_color=t.ink, ticks="", ticksuffix=" ", type="category",
        categoryorder="array", categoryarray=rows["label"].to_list(),
    )  # fmt: skip
    figure.update_layout(margin_t=52)
    return figure


def _ranks(n: int) -> Sequence[int]:
    """The ranks that are written on the axis: all up to a dozen, else about ten."""
    step = max(1, -(-n // 10)) if n > 12 else 1
    return [1, *(rank for rank in range(step, n + 1, step) if rank > 1)]


def _figure(height: int, dark: bool) -> go.Figure:
    return go.Figure(layout={"template": theme.template(dark), "height": height})
