"""Charts of published figures as plain functions: ranked bars with the peers' median, lines that break, peaks at 100.

Like `charts`: Polars frame in, Plotly figure out, names already in the visitor's language. Lines join published
figures of one stretch only; nothing is drawn across a break.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go
import polars as pl
from plotly.subplots import make_subplots

from pages.parts import axes, charts, tables, theme

PANEL_PX, TITLE_LINE_PX = 150, 17
WIDTH_PX, LEAST_PX = {1: 330, 2: 300, 3: 230}, {1: 0, 2: 640, 3: 860}  # by number of columns
SHOWN_YEARS = (-60, 75)


def ranked(
    frame: pl.DataFrame, median: float | None, word: str, highlight: str | None, unit: str, language: str, dark: bool
) -> go.Figure:
    """Bars of one indicator, longest first, the chosen city in brick, the median of the others as a named line.

    Columns in: label (city, year, trust), value, amount (as read), hover. `median` None draws no line.
    """
    t, rows = theme.tokens(dark), frame.sort("value", descending=True, nulls_last=True, maintain_order=True)
    figure = charts.bars(rows, "label", "value", highlight, unit, language=language, dark=dark)
    figure.data[0].customdata, figure.data[0].text = rows["hover"].to_list(), rows["amount"].to_list()
    figure.update_xaxes(range=[0, 1.35 * float(rows["value"].max() or 1)])  # type: ignore[arg-type]
    if median is not None:
        figure.add_vline(x=median, line={"color": t.ink, "width": 1, "dash": "dot"}, layer="below")
        figure.add_annotation(
            x=1, xref="paper", y=1, yref="paper", yanchor="bottom", xanchor="right", text=f"┊ {word}", showarrow=False,
            font={"color": t.ink, "size": 12},
        )  # fmt: skip
        figure.update_layout(margin_t=30, height=figure.layout.height + 20)
    return figure


def shares(frame: pl.DataFrame, highlight: str | None, dark: bool) -> go.Figure:
    """Bars of coverage from 0 to 100 %, the chosen city in brick. Columns in: label, share_pct, text."""
    t = theme.tokens(dark)
    figure = go.Figure(layout={"template": theme.template(dark), "height": max(110, 50 + 28 * frame.height)})
    names = frame["label"].to_list()
    for values, colours in (([100.0] * frame.height, t.missing), (frame["share_pct"].to_list(), None)):
        own = [t.brick if name == highlight else t.steel for name in names]
        figure.add_bar(
            y=names, x=values, orientation="h", width=0.6, marker_color=colours or own,
            hoverinfo="skip" if colours else None, customdata=frame["text"].to_list(),
            hovertemplate=None if colours else "%{y}<br>%{customdata}<extra></extra>",
        )  # fmt: skip
    figure.update_layout(barmode="overlay", margin_r=64)
    for name, text in zip(names, frame["text"], strict=True):
        figure.add_annotation(
            x=1, xref="paper", y=name, text=text, showarrow=False, xanchor="left", xshift=4,
            font={"color": t.ink, "size": 12},
        )  # fmt: skip
    figure.update_xaxes(range=[0, 100], tickvals=[0, 50, 100], ticksuffix="%")
    figure.update_yaxes(autorange="reversed", showgrid=False, tickfont_color=t.ink, ticks="", ticksuffix=" ")
    return figure


def lines(frame: pl.DataFrame, titles: Mapping[int, str], cut: str, dark: bool) -> go.Figure:
    """One panel a line, all on the same years; a level break is a gap with a dotted vertical and the word `cut`.

    Columns in: line, segment, year (Int64), value, hover, break_reason (on the first figure after a break).
    """
    t = theme.tokens(dark)
    figure, places = _panels(titles, min(2, len(titles)), t)
    for line, where in places.items():
        rows = frame.filter(pl.col("line") == line).sort("year")
        for _, stretch in rows.group_by("segment", maintain_order=True):
            _stretch(figure, stretch, "year", "value", t.brick, where)
        for year, reason in rows.drop_nulls("break_reason").select("year", "break_reason").iter_rows():
            figure.add_vline(x=year - 0.5, line={"color": t.muted, "width": 1.5, "dash": "dot"}, **where)
            figure.add_annotation(
                x=year - 0.5, y=1, yref="y domain", yanchor="top", xanchor="left", text=f"{cut} {year}", xshift=3,
                hovertext=reason, showarrow=False, font={"color": t.muted, "size": 12}, **where,
            )  # fmt: skip
        values = rows["value"].to_list()
        room = 0.12 * ((max(values) - min(values)) or abs(values[0]) or 1.0)
        figure.update_yaxes(range=[min(values) - room, max(values) + 2 * room], nticks=4, **where)
    years = frame["year"]
    first, last = int(years.min()), int(years.max())  # type: ignore[arg-type]
    beside = max(1.0, 0.03 * (last - first))
    figure.update_xaxes(range=[first - beside, last + beside], tickformat="d", nticks=5)
    return figure


def since_peak(frame: pl.DataFrame, titles: Mapping[str, str], chosen: Sequence[str], dark: bool) -> go.Figure:
    """One panel a series, own peak = 100 at year 0; dashed where the peak was not observed.

    Columns in: series, years_since, index, state, hover. The series in `chosen` are in brick, the others in steel.
    """
    t = theme.tokens(dark)
    figure, places = _panels(titles, min(3, len(titles)), t)
    low, high = SHOWN_YEARS
    for series, where in places.items():
        rows = frame.filter((pl.col("series") == series) & pl.col("years_since").is_between(low, high))
        rows = rows.sort("years_since")
        colour = t.brick if series in chosen else t.steel
        dash = "6px,3px" if rows["state"][0] == "not_observed" else "solid"
        figure.add_vline(x=0, line={"color": t.rule, "width": 1}, **where)
        _stretch(figure, rows, "years_since", "index", colour, where, dash)
        last = rows.row(-1, named=True)
        figure.add_annotation(
            x=last["years_since"], y=last["index"], text=tables.number(last["index"]), showarrow=False,
            xanchor="left", xshift=6, font={"color": theme.readable(colour, t.card)}, **where,
        )  # fmt: skip
        figure.add_hline(y=100, line={"color": t.muted, "width": 1}, **where)
    top = max(112.0, 1.08 * float(frame["index"].max() or 0))  # type: ignore[arg-type]
    figure.update_yaxes(range=[0, top], tickvals=[0, 50, 100])
    figure.update_xaxes(range=[low, high + 15], tickvals=[-50, -25, 0, 25, 50, 75])
    return figure


def _panels(titles: Mapping, columns: int, t: theme.Tokens) -> tuple[go.Figure, dict]:
    """Empty small charts with their titles above, and where each has its place."""
    folded = [_folded(title, WIDTH_PX[columns]) for title in titles.values()]
    above = TITLE_LINE_PX * max(map(len, folded)) + 34
    rows = -(-len(folded) // columns)
    height = (PANEL_PX + above) * rows
    figure = make_subplots(
        rows, columns, subplot_titles=["<br>".join(one) for one in folded], horizontal_spacing=0.08,
        vertical_spacing=above / height if rows > 1 else 0, shared_xaxes="all",
    )  # fmt: skip
    figure.update_annotations(font={"size": 12, "color": t.ink}, yshift=4)
    figure.update_layout(template=theme.template(t == theme.DARK), height=height + 14, margin_t=above - 24)
    figure.update_layout(meta={"least_px": LEAST_PX[columns]})
    figure.update_xaxes(showticklabels=True, tickfont_size=11)
    figure.update_yaxes(tickfont_size=11)
    return figure, {key: {"row": n // columns + 1, "col": n % columns + 1} for n, key in enumerate(titles)}


def _folded(title: str, width: int) -> list[str]:
    """The lines of a title; its own first line is bold."""
    first, *others = title.split("\n")
    bold = [f"<b>{line}</b>" for line in axes.lines_of(first, width, 13)]
    return [*bold, *(line for part in others for line in axes.lines_of(part, width, 12))]


def _stretch(
    figure: go.Figure, rows: pl.DataFrame, x: str, y: str, colour: str, where: Mapping[str, int], dash: str = "solid"
) -> None:
    """The figures of one stretch: a dot each, joined by a thin line."""
    figure.add_scatter(
        x=rows[x].to_list(), y=rows[y].to_list(), mode="lines+markers", customdata=rows["hover"].to_list(),
        hovertemplate="%{customdata}<extra></extra>", line={"color": colour, "width": 1.8, "dash": dash},
        marker={"size": 5 if rows.height < 40 else 3, "color": colour}, **where,
    )  # fmt: skip
