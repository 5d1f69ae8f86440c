"""Charts of the events page as plain functions: columns by period, a year's calendar, the funnel, rates, lags.

Like `charts`: Polars frame in, Plotly figure out, names already in the visitor's language, a missing value is no mark.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import plotly.graph_objects as go
import polars as pl

from pages.parts import axes, charts, tables, theme

CALENDAR_PX, STAGE_PX = 620, 76  # below this width the days of a year are too small; the height of a stage
STEP_PX = 350  # what a line between two stages may take, in its smaller letters still within a phone
LEAST_WEEKS = 26  # of a year that has just begun so many weeks have room
FEW = 5  # a district with fewer events is paler
LAG_HEIGHT, RATE_HEIGHT, YEAR_PX = 320, 300, 30


def columns(
    frame: pl.DataFrame,
    series: str,
    value: str,
    labels: Mapping[str, str],
    periods: Mapping[date, str],
    *,
    part: Mapping[date, str] | None = None,
    unit: str = "",
    synthetic: bool = False,
    height: int = 430,
    language: str = "zh",
    dark: bool = False,
) -> go.Figure:
    """Stacked columns by period; `periods` are the names of the periods as they are read in the hover text.

    Columns in: period, `series`, `value`. A series is named in `labels`. A period of `part` is covered in part only: it
    is paler, with its word above.
    """
    figure = charts.stacked_months(
        frame, series=series, value=value, labels=labels, unit=unit, synthetic=synthetic, height=height,
        language=language, dark=dark,
    )  # fmt: skip
    part = part or {}
    width = 1.5 * axes.half_period(frame["period"]).total_seconds() * 1000
    for bars in figure.data:
        days, series_name, amounts = bars.x, bars.name, bars.y  # each look at a trace costs as much as a row
        bars.width = width
        if part:
            bars.marker.opacity = [0.5 if day in part else 1.0 for day in days]
        told = [tables.with_unit(f"{amount:,.0f}", unit) for amount in amounts]
        bars.customdata = [
            f"{periods.get(day, str(day))}<br>{series_name} {amount}" for day, amount in zip(days, told, strict=True)
        ]
    heights = dict(frame.group_by("period").agg(pl.col(value).sum()).iter_rows())
    for period, word in part.items():
        figure.add_annotation(
            x=period, y=heights.get(period, 0), text=word, showarrow=False, yanchor="bottom",
            font={"color": theme.tokens(dark).muted, "size": 12},
        )  # fmt: skip
    return figure


def calendar(
    frame: pl.DataFrame, weekdays: Sequence[str], months: Sequence[str], unit: str, dark: bool = False, key: str = ""
) -> go.Figure:
    """The days of a year, a week a column: the more events, the darker; a day that is not covered is blank.

    Columns in: date, week (0 to 53), weekday (1 = Monday), n_events. `weekdays` and `months` are their names, `key`
    says what the colours stand for.
    """
    t = theme.tokens(dark)
    cells = {(day, week): (when, n) for when, week, day, n in frame.select(
        "date", "week", "weekday", "n_events").iter_rows()}  # fmt: skip
    weeks = range(54)
    shades = [[cells[day, week][1] if (day, week) in cells else None for week in weeks] for day in range(1, 8)]
    hover = [[_day(cells.get((day, week)), weekdays[day - 1], unit) for week in weeks] for day in range(1, 8)]
    most = max([*frame["n_events"], 1])
    figure = go.Figure(layout={"template": theme.template(dark), "height": 270, "meta": {"least_px": CALENDAR_PX}})
    figure.add_heatmap(
        z=shades, x=list(weeks), y=list(weekdays), customdata=hover, hovertemplate="%{customdata}<extra></extra>",
        hoverongaps=False, colorscale=[[0, theme.mix(t.rule, t.card, 0.4)], *_ramp(dark)], zmin=0, zmax=most,
        xgap=2, ygap=2, colorbar={
            "orientation": "h", "x": 1, "xanchor": "right", "y": 0, "yanchor": "top", "ypad": 6, "len": 0.3,
            "thickness": 9, "outlinewidth": 0, "tickvals": sorted({0, 1, most}), "tickfont": {"color": t.muted},
            "title": {"text": key, "side": "top", "font": {"color": t.muted, "size": 12}},
        },
    )  # fmt: skip
    starts = frame.filter(pl.col("date").dt.day() == 1).select("week", pl.col("date").dt.month()).rows()
    figure.update_xaxes(
        tickvals=[week for week, _ in starts], ticktext=[months[month - 1] for _, month in starts], side="top",
        showline=False, ticks="", range=[-0.5, max(*frame["week"], LEAST_WEEKS) + 0.5], tickangle=0,
    )  # fmt: skip
    figure.update_yaxes(autorange="reversed", showgrid=False, ticks="", type="category", side="right")
    return figure


def _ramp(dark: bool) -> list[list[float | str]]:
    """From a first tint to brick: a day with one event is never as pale as one with none."""
    return [[0.0001 + 0.9999 * step / 8, theme.sequential(0.18 + 0.82 * step / 8, dark)] for step in range(9)]


def _day(cell: tuple[date, int] | None, weekday: str, unit: str) -> str:
    return "" if cell is None else f"{cell[0]} {weekday}<br>{tables.with_unit(f'{cell[1]:,}', unit)}"


def stages(frame: pl.DataFrame, synthetic: bool = False, dark: bool = False) -> go.Figure:
    """The stages of a funnel as bars below each other, and between them what goes on, with its interval.

    Columns in: stage (name), n, text (as read), step (what leads to the next stage; empty for the last), widens.
    A stage nobody states is "—". A step that widens stands in brick.
    """
    t, names = theme.tokens(dark), frame["stage"].to_list()
    figure = go.Figure(layout={"template": theme.template(dark), "height": 40 + 2 * STAGE_PX * frame.height})
    figure.add_bar(
        y=[2 * place for place in range(frame.height)], x=frame["n"].to_list(), orientation="h", width=0.8,
        text=frame["text"].to_list(), textposition="outside", cliponaxis=False, textfont_color=t.ink,
        marker={"color": [t.steel] * (frame.height - 1) + [t.brick], "pattern": _hatch(synthetic, t)},
        customdata=[f"{a}<br>{b}" for a, b in frame.select("stage", "text").iter_rows()],
        hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip
    for place, (name, amount, step, widens) in enumerate(frame.select("stage", "n", "step", "widens").iter_rows()):
        figure.add_annotation(
            x=0, y=2 * place - 0.58, text=name, showarrow=False, xanchor="left", font_color=t.ink, yanchor="middle",
        )  # fmt: skip
        if amount is None:
            figure.add_annotation(x=0, y=2 * place, text=tables.MISSING, showarrow=False, xanchor="left")
        if step:
            colour = t.brick if widens else t.muted
            figure.add_annotation(
                x=0, y=2 * place + 0.44, showarrow=False,
                text="<br>".join(part for line in f"↓ {step}".splitlines() for part in axes.lines_of(line, STEP_PX)),
                xanchor="left", yanchor="top", align="left", font={"color": theme.readable(colour, t.card), "size": 12},
            )  # fmt: skip
    most = max([*frame["n"].drop_nulls(), 1])
    figure.update_xaxes(range=[0, 1.2 * most], showticklabels=False, ticks="", showline=False)
    figure.update_yaxes(range=[2 * len(names) - 1.1, -1.0], visible=False)
    return figure


def rates(frame: pl.DataFrame, labels: Mapping[str, str], unit: str, dark: bool = False) -> go.Figure:
    """Rates by year with their intervals, one colour a step, side by side; a rate that cannot be given is no mark.

    Columns in: year (text), step, rate_pct, low_pct, high_pct, hover. `labels` names the steps, in their order.
    """
    t = theme.tokens(dark)
    figure = go.Figure(layout={"template": theme.template(dark), "height": RATE_HEIGHT, "showlegend": True})
    years = frame["year"].unique(maintain_order=True).to_list()
    for place, (step, name) in enumerate(labels.items()):
        rows = frame.filter((pl.col("step") == step) & pl.col("rate_pct").is_not_null())
        figure.add_scatter(
            x=[years.index(year) + 0.16 * (place - (len(labels) - 1) / 2) for year in rows["year"]],
            y=rows["rate_pct"].to_list(), mode="markers", name=name,
            marker={"size": 9, "color": t.categories[place], "symbol": ("circle", "diamond", "square")[place % 3]},
            error_y=_reach(rows, "rate_pct", "low_pct", "high_pct"), customdata=rows["hover"].to_list(),
            hovertemplate="%{customdata}<extra></extra>",
        )  # fmt: skip
    figure.update_xaxes(tickvals=list(range(len(years))), ticktext=years, range=[-0.5, max(len(years), 1) - 0.5])
    figure.update_yaxes(range=[0, 105], ticksuffix=unit)
    return figure


def lags(frame: pl.DataFrame, dark: bool = False, caption: str = "") -> go.Figure:
    """The correlation at each lag with its interval, around a heavier zero; in brick where the interval leaves it.

    Columns in: lag_months, correlation, low, high, hover. A lag without a correlation is no mark. `caption` says what
    the lags are.
    """
    t = theme.tokens(dark)
    figure = go.Figure(layout={"template": theme.template(dark), "height": LAG_HEIGHT})
    rows = frame.drop_nulls("correlation")
    apart = ((pl.col("low") > 0) | (pl.col("high") < 0)).fill_null(value=False)
    for colour, chosen in ((t.steel, ~apart), (t.brick, apart)):
        part = rows.filter(chosen)
        figure.add_scatter(
            x=part["lag_months"].to_list(), y=part["correlation"].to_list(), mode="markers",
            marker={"size": 9, "color": colour}, error_y=_reach(part, "correlation", "low", "high"),
            customdata=part["hover"].to_list(), hovertemplate="%{customdata}<extra></extra>",
        )  # fmt: skip
    figure.add_hline(y=0, line={"color": t.muted, "width": 1.5})
    ends = [abs(value) for name in ("correlation", "low", "high") for value in rows[name].drop_nulls()]
    most = min(1.0, max([*ends, 0.1]) * 1.15)
    figure.update_yaxes(range=[-most, most], tickformat=".2~f")
    figure.update_xaxes(
        tickvals=frame["lag_months"].to_list(),
        ticktext=[tables.signed(lag, 0) for lag in frame["lag_months"]],
        title={"text": "<br>".join(axes.lines_of(caption, 300)), "font": {"color": t.muted, "size": 12}},
    )
    return figure


def densities(frame: pl.DataFrame, chosen: str | None, synthetic: bool = False, dark: bool = False) -> go.Figure:
    """Bars from zero with their intervals, as given; the chosen district in brick, one of fewer than FEW events paler.

    Columns in: district_code, name, value, low, high, n_events, text (as read, behind the interval), hover. An interval
    that reaches beyond twice the longest bar of FEW events or more is cut at the edge.
    """
    t = theme.tokens(dark)
    figure = go.Figure(layout={"template": theme.template(dark), "height": 40 + 30 * frame.height})
    sure = frame.filter(pl.col("n_events") >= FEW)["value"]
    longest = float(frame["value"].max() or 1.0)  # type: ignore[arg-type]
    edge = max(2.0 * float(sure.max() or 0.0), 1.1 * longest)  # type: ignore[arg-type]
    figure.add_bar(
        y=frame["name"].to_list(), x=frame["value"].to_list(), orientation="h", width=0.62,
        marker={
            "color": [t.brick if code == chosen else t.steel for code in frame["district_code"]],
            "opacity": [1.0 if n >= FEW else 0.45 for n in frame["n_events"]], "pattern": _hatch(synthetic, t),
        },
        error_x={**_reach(frame.with_columns(pl.col("high").clip(upper_bound=edge)), "value", "low", "high"),
                 "color": t.ink}, customdata=frame["hover"].to_list(),
        hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip
    figure.add_scatter(
        y=frame["name"].to_list(), x=[min(high, edge) for high in frame["high"]], mode="text",
        text=[f" {text}" for text in frame["text"]], textposition="middle right", textfont_color=t.ink,
        hoverinfo="skip", cliponaxis=False,
    )  # fmt: skip
    figure.update_xaxes(range=[0, 1.45 * edge], showticklabels=False, ticks="", showline=False)
    figure.update_yaxes(autorange="reversed", showgrid=False, tickfont_color=t.ink, ticks="", ticksuffix=" ")
    return figure


def published_years(frame: pl.DataFrame, dark: bool = False) -> go.Figure:
    """Published figures of single years as bars below each other with their qualifier; nothing for years between.

    Columns in: year (Int64), value, text (with its qualifier), derived (Boolean: hatched), hover.
    """
    t, rows = theme.tokens(dark), frame.sort("year")
    figure = go.Figure(layout={"template": theme.template(dark), "height": 40 + YEAR_PX * rows.height})
    figure.add_bar(
        y=[str(year) for year in rows["year"]], x=rows["value"].to_list(), orientation="h", width=0.62,
        text=rows["text"].to_list(), textposition="outside", cliponaxis=False, textfont_color=t.ink,
        marker={"color": t.steel, "pattern": {"shape": ["/" if flag else "" for flag in rows["derived"]]}},
        customdata=rows["hover"].to_list(), hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip
    most = float(rows["value"].max() or 1)  # type: ignore[arg-type]
    figure.update_xaxes(range=[0, 1.6 * most], showticklabels=False, ticks="", showline=False)
    figure.update_yaxes(type="category", autorange="reversed", showgrid=False, tickfont_color=t.ink, ticksuffix=" ")
    return figure


def _reach(rows: pl.DataFrame, middle: str, low: str, high: str) -> dict[str, Any]:
    """The interval of each mark; none where it is not known."""
    up = (rows[high] - rows[middle]).fill_null(0.0).to_list()
    down = (rows[middle] - rows[low]).fill_null(0.0).to_list()
    return {"type": "data", "symmetric": False, "array": up, "arrayminus": down, "thickness": 1.4, "width": 4}


def _hatch(synthetic: bool, t: theme.Tokens) -> dict[str, Any]:
    """Thin lines across a bar whose figures are synthetic."""
    lines = {"shape": "/", "size": 6, "solidity": 0.12, "fillmode": "overlay", "fgcolor": t.card, "fgopacity": 0.6}
    return lines if synthetic else {}
