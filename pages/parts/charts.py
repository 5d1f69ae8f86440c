"""The charts of every page as plain functions: Polars frame in, Plotly figure out.

All take their colours and fonts from `theme`, their numbers from `tables`, and names already in the visitor's language.
A missing value is a gap, never a zero. Lines carry their name at the end instead of a legend. Pass `theme=None` to
`st.plotly_chart`, or Streamlit paints over the template.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import plotly.graph_objects as go
import polars as pl
from plotly.subplots import make_subplots

from pages.parts import axes, tables, theme

MOST_SERIES = 6
LABELS_PX, CELL_PX = 170, 52  # what the rows' names and a cell of a heat table need to be read
OTHER = "other"
_OTHER_WORD = {"zh": "其他", "en": "Other"}
_DAYS = "日一二三四五六"
_ZH_DICTIONARY = {  # only what the one button of the bar can say
    "Double-click to zoom back out": "双击还原",
    "Download plot as a PNG": "下载图片（PNG）",
    "Snapshot succeeded": "图片已生成",
    "Sorry, there was a problem downloading your snapshot!": "图片未能生成",
    "Taking snapshot - this may take a few seconds": "正在生成图片",
}


def config(language: str = "zh") -> dict[str, Any]:
    """The Plotly configuration: no logo, only the picture download in the bar, Chinese dates and tool names for zh."""
    settings: dict[str, Any] = {
        "displaylogo": False,
        "responsive": True,
        "scrollZoom": False,
        "modeBarButtons": [["toImage"]],
        "toImageButtonOptions": {"format": "png", "scale": 2},
    }
    if language != "zh":
        return settings
    months = [f"{month}月" for month in range(1, 13)]
    words = {
        "months": months,
        "shortMonths": months,
        "days": [f"星期{day}" for day in _DAYS],
        "shortDays": [f"周{day}" for day in _DAYS],
        "date": "%Y-%m-%d",
    }
    return {**settings, "locale": "zh-CN", "locales": {"zh-CN": {"dictionary": _ZH_DICTIONARY, "format": words}}}


def trend(
    frame: pl.DataFrame,
    x: str = "period",
    y: str = "value",
    label: str | Mapping[str, str] = "",
    *,
    neutral: float | None = None,
    neutral_label: str = "",
    low: str | None = None,
    high: str | None = None,
    series: str | None = None,
    chosen: str | None = None,
    compared: str | None = None,
    marks: Sequence[tuple[date, str]] = (),
    n: str | None = None,
    synthetic: bool | str = False,
    unit: str = "",
    places: int | None = None,
    yearly: bool | None = None,
    height: int = 300,
    language: str = "zh",
    dark: bool = False,
) -> go.Figure:
    """Lines over time with their names and last values at the end.

    `label` names the one line, or maps each value of the `series` column to its name. The chosen line is brick, the
    compared one steel, all others muted; without a choice up to six lines get the category colours. `low` and `high`
    are the columns of a band around the (chosen) line. `synthetic` (true, or a Boolean column) draws dashed. A month
    (or year: `yearly`, found out from the dates if not said) without a row is a gap. `marks` are dated words.
    """
    figure = _figure(height, dark)
    ends, points, values = [], [], [] if neutral is None else [neutral]
    yearly = axes.is_yearly(frame[x]) if yearly is None else yearly
    places = tables.decimals(frame[y], places)
    lines = _lines(frame, x, series, yearly, chosen, compared)
    for key, colour, rows in _coloured(lines, chosen, compared, dark):
        name = (label.get(key, key) if isinstance(label, Mapping) else label) or key
        subject = series is None or key in (chosen, compared)
        if low and high and (series is None or key == chosen):
            _band(figure, rows, x, low, high, colour)
            values += [v for c in (low, high) for v in rows[c].drop_nulls()]
        hover = _hover(rows, x, y, n, name, unit, places, language, yearly)
        _line(figure, rows, x, y, colour, synthetic, hover, name, wide=subject)
        known = rows.drop_nulls(y)
        points += known.select(x, y).rows()
        if known.height and (subject or len(lines) <= MOST_SERIES):
            value = tables.with_unit(tables.number(known[y][-1], places), unit if unit == "%" else "")
            ends.append((known[x][-1], known[y][-1], f"{name} {value}".strip() if series else value, colour))
    axes.value_axis(figure, [*values, *(value for _, value in points)])
    axes.neutral_line(figure, neutral, neutral_label, points, [when for when, _ in marks], height, dark)
    axes.end_labels(figure, ends, height, dark)
    axes.time_axis(figure, frame[x], yearly, language)
    axes.marks(figure, marks, dark)
    figure.update_layout(hovermode="x" if series is None else "closest")
    return figure


def bars(
    frame: pl.DataFrame,
    category: str,
    value: str,
    highlight: str | Iterable[str] | None = None,
    unit: str = "",
    *,
    labels: Mapping[str, str] | None = None,
    n: str | None = None,
    synthetic: bool = False,
    period: str = "",
    places: int | None = None,
    ranked: bool = True,
    language: str = "zh",
    dark: bool = False,
) -> go.Figure:
    """Horizontal bars from zero, longest first (or as given), value at the end; the highlighted categories in brick.

    A category without a value stands at the bottom with "—". `labels` maps categories to names, `n` is the column of
    cases, `period` the period as read; both go into the hover text.
    """
    t, places = theme.tokens(dark), tables.decimals(frame[value], places)
    chosen = {highlight} if isinstance(highlight, str) else set(highlight or ())
    rows = frame.sort(pl.col(value), descending=True, nulls_last=True, maintain_order=True) if ranked else frame
    names = [(labels or {}).get(key, str(key)) for key in rows[category]]
    shown = [tables.with_unit(tables.number(v, places), unit) for v in rows[value]]
    cases = _cases(rows, n)
    hover = [f"{a}<br>{f'{period} ' if period else ''}{b}{c}" for a, b, c in zip(names, shown, cases, strict=True)]
    plain = t.other if chosen else t.steel
    colours = [t.brick if key in chosen else plain for key in rows[category]]
    figure = _figure(max(110, 40 + 28 * rows.height), dark)
    figure.add_bar(
        y=names, x=rows[value].to_list(), orientation="h", text=shown, textposition="outside", cliponaxis=False,
        textfont={"color": t.ink}, marker={"color": colours, "pattern": _hatch(synthetic, dark)},
        customdata=hover, hovertemplate="%{customdata}<extra></extra>", width=0.66,
    )  # fmt: skip
    for name, amount in zip(names, rows[value], strict=True):
        if amount is None:
            figure.add_annotation(x=0, y=name, text=tables.MISSING, showarrow=False, xanchor="left", font_color=t.muted)
    known = [*rows[value].drop_nulls(), 0.0]
    span = max(known) - min(known) or 1.0
    limits = [min(known) - (0.3 * span if min(known) < 0 else 0), max(known) + 0.18 * span]
    figure.update_xaxes(range=limits, showticklabels=False, ticks="", showline=False)
    figure.update_yaxes(autorange="reversed", showgrid=False, tickfont_color=t.ink, ticks="", ticksuffix=" ")
    figure.add_vline(x=0, line={"color": t.muted, "width": 1})
    return figure


def stacked_months(
    frame: pl.DataFrame,
    period: str = "period",
    series: str = "series",
    value: str = "value",
    labels: Mapping[str, str] | None = None,
    *,
    unit: str = "",
    synthetic: bool = False,
    yearly: bool | None = None,
    height: int = 320,
    language: str = "zh",
    dark: bool = False,
) -> go.Figure:
    """Stacked columns per month: the six largest series, the largest at the bottom, and the rest as "other"."""
    t = theme.tokens(dark)
    yearly = axes.is_yearly(frame[period]) if yearly is None else yearly
    figure = _figure(height, dark)
    rows, keys = _six_and_other(frame, period, series, value)
    names = {OTHER: _OTHER_WORD[language], **(labels or {})}
    for key, colour in zip(keys, (*t.categories, t.other), strict=False):
        one, name = rows.filter(pl.col(series) == key).sort(period), names.get(key, key)
        colour = t.other if key == OTHER else colour
        figure.add_bar(
            x=one[period].to_list(), y=one[value].to_list(), name=name,
            marker={"color": colour, "line": {"width": 0}, "pattern": _hatch(synthetic, dark)},
            customdata=_hover(one, period, value, None, name, unit, 0, language, yearly),
            hovertemplate="%{customdata}<extra></extra>",
        )  # fmt: skip
    axes.time_axis(figure, frame[period], yearly, language, columns=True)
    figure.update_layout(barmode="stack", bargap=0.25, showlegend=len(keys) > 1, legend_traceorder="normal")
    figure.update_yaxes(rangemode="tozero")
    return figure


def small_multiples(
    frame: pl.DataFrame,
    facet: str,
    x: str = "period",
    y: str = "value",
    labels: Mapping[str, str] | None = None,
    *,
    neutral: float | None = 50.0,
    columns: int = 3,
    n: str | None = None,
    synthetic: bool | str = False,
    unit: str = "",
    places: int | None = None,
    yearly: bool | None = None,
    panel_height: int = 130,
    language: str = "zh",
    dark: bool = False,
) -> go.Figure:
    """One small trend per facet in the order of `labels` or of the frame, all on the same axes, with its last value."""
    t = theme.tokens(dark)
    yearly = axes.is_yearly(frame[x]) if yearly is None else yearly
    keys, names, places = _order(frame[facet], labels), labels or {}, tables.decimals(frame[y], places)
    if not keys:
        return _figure(panel_height, dark)
    lines = -(-len(keys) // columns)
    titles = [axes.panel_title(names.get(k, k), frame.filter(pl.col(facet) == k).sort(x)[y], places) for k in keys]
    between = 22 + 17 * max(title.count("<br>") + 1 for title in titles)
    figure = make_subplots(
        lines, min(columns, len(keys)), shared_xaxes="all", shared_yaxes="all", subplot_titles=titles,
        horizontal_spacing=0.09, vertical_spacing=min(0.9 / max(lines - 1, 1), between / (panel_height * lines)),
    )  # fmt: skip
    figure.update_annotations(font={"size": theme.CAPTION_PX, "color": t.ink}, yshift=6)
    for place, key in enumerate(keys):
        where = {"row": place // columns + 1, "col": place % columns + 1}
        rows = axes.calendar(frame.filter(pl.col(facet) == key), x, yearly)
        hover = _hover(rows, x, y, n, names.get(key, key), unit, places, language, yearly)
        _line(figure, rows, x, y, t.brick, synthetic, hover, names.get(key, key), wide=True, **where)
        if neutral is not None:
            figure.add_hline(y=neutral, line={"color": t.muted, "width": 1}, **where)
        figure.update_xaxes(showticklabels=place + columns >= len(keys), **where)
    figure.update_layout(template=theme.template(dark), height=panel_height * lines + 60, margin_t=44)
    axes.time_axis(figure, frame[x], yearly, language, wanted=3)
    years = str(figure.layout.xaxis.tickformat).startswith("%Y")
    figure.update_xaxes(tickangle=0, tickfont_size=11, **({"tickformat": "%Y"} if years else {}))
    axes.value_axis(figure, [*frame[y].drop_nulls(), *([] if neutral is None else [neutral])], room=0.18)
    return figure


def heat_table(
    frame: pl.DataFrame,
    rows: str,
    columns: str,
    value: str,
    n: str,
    neutral: float = 1.0,
    *,
    row_labels: Mapping[str, str] | None = None,
    column_labels: Mapping[str, str] | None = None,
    unit: str = "",
    places: int = 2,
    dark: bool = False,
) -> go.Figure:
    """A table of ratios coloured by their distance from the neutral ratio (doubling = halving); n below each value.

    Rows and columns come in the order of their labels, or of the frame. A null value (suppressed) is a blank cell.
    `meta["least_px"]` of the layout is the width below which the cells could not be read.
    """
    t = theme.tokens(dark)
    down, across = _order(frame[rows], row_labels), _order(frame[columns], column_labels)
    cells = {(a, b): (v, c) for a, b, v, c in frame.select(rows, columns, value, n).iter_rows()}
    ratio = pl.DataFrame({"v": [cells.get((a, b), (None, None))[0] for a in down for b in across]}, {"v": pl.Float64})
    shades = (ratio["v"] / neutral).log(2.0).clip(-2.0, 2.0).to_list()
    width, names = len(across), [(column_labels or {}).get(key, str(key)) for key in across]
    titles = [(row_labels or {}).get(key, str(key)) for key in down]
    lines = ["<br>".join(axes.lines_of(title, LABELS_PX)) for title in titles]
    texts, hovers = [], []
    for a, title in zip(down, titles, strict=True):
        for b, name in zip(across, names, strict=True):
            amount, cases = cells.get((a, b), (None, None))
            texts.append("" if amount is None else tables.number(amount, places) + tables.cases(cases))
            hovers.append("" if amount is None else f"{title} · {name}<br>{unit} {texts[-1]}".strip())
    row_px = max(42, 4 + 17 * max((line.count("<br>") + 1 for line in lines), default=1))
    figure = _figure(70 + row_px * len(down), dark)
    figure.update_layout(meta={"least_px": LABELS_PX + CELL_PX * width})
    figure.add_heatmap(
        z=_folded(shades, width), x=names, y=lines, customdata=_folded(hovers, width),
        hovertemplate="%{customdata}<extra></extra>", hoverongaps=False, colorscale=theme.diverging_scale(dark),
        zmid=0, zmin=-2, zmax=2, showscale=False, xgap=1, ygap=1,
    )  # fmt: skip
    inks = [theme.text_on(theme.diverging((shade or 0.0) / 2, dark)) for shade in shades]
    figure.add_scatter(
        x=names * len(lines), y=[line for line in lines for _ in names], text=texts, mode="text", hoverinfo="skip",
        textfont={"size": 12, "color": inks},
    )  # fmt: skip
    figure.update_xaxes(side="top", showline=False, ticks="", tickfont_color=t.ink, type="category")
    figure.update_yaxes(autorange="reversed", showgrid=False, ticks="", tickfont_color=t.ink, type="category")
    return figure


def _figure(height: int, dark: bool) -> go.Figure:
    return go.Figure(layout={"template": theme.template(dark), "height": height})


def _lines(
    frame: pl.DataFrame, x: str, series: str | None, yearly: bool, chosen: str | None, compared: str | None
) -> dict[str, pl.DataFrame]:
    """The rows of each line on its grid of dates; the compared and the chosen line last, so that they lie on top."""
    if series is None:
        return {"": axes.calendar(frame, x, yearly)} if frame.height else {}
    found = frame[series].drop_nulls().unique(maintain_order=True)
    keys = sorted(found, key=lambda key: (key == chosen, key == compared))
    return {key: axes.calendar(frame.filter(pl.col(series) == key), x, yearly) for key in keys}


def _coloured(
    lines: Mapping[str, pl.DataFrame], chosen: str | None, compared: str | None, dark: bool
) -> Iterator[tuple[str, str, pl.DataFrame]]:
    t = theme.tokens(dark)
    plain = [t.other] * len(lines) if chosen or compared or len(lines) > MOST_SERIES else list(t.categories)
    for order, (key, rows) in enumerate(lines.items()):
        colour = t.brick if key and key == chosen else t.steel if key and key == compared else plain[order]
        yield key, colour, rows


def _line(
    figure: go.Figure,
    rows: pl.DataFrame,
    x: str,
    y: str,
    colour: str,
    synthetic: bool | str,
    hover: Sequence[str],
    name: str,
    wide: bool,
    **where: int,
) -> None:
    """One line with gaps, dashed where synthetic; points without neighbours and the last one are dots."""
    flags = pl.Series([bool(synthetic)] * rows.height, dtype=pl.Boolean)
    if isinstance(synthetic, str):
        flags = rows[synthetic].fill_null(False)
    touched = flags | flags.shift(1, fill_value=False) | flags.shift(-1, fill_value=False)
    present = rows[y].is_not_null()
    alone = present & ~present.shift(1, fill_value=False) & ~present.shift(-1, fill_value=False)
    last = present.arg_true().max() if present.any() else None
    for shown, dash, dotted in ((~flags, "solid", ~flags), (touched & flags.any(), "6px,3px", flags)):
        if not (shown & present).any():
            continue
        values = [v if s else None for v, s in zip(rows[y], shown, strict=True)]
        dots = [5 if d and (a or i == last) else 0 for i, (d, a) in enumerate(zip(dotted, alone, strict=True))]
        figure.add_scatter(
            x=rows[x].to_list(), y=values, name=name, mode="lines+markers", connectgaps=False, customdata=list(hover),
            hovertemplate="%{customdata}<extra></extra>", marker={"size": dots, "color": colour, "line": {"width": 0}},
            line={"color": colour, "width": 2.2 if wide else 1.4, "dash": dash}, **where,
        )  # fmt: skip


def _band(figure: go.Figure, rows: pl.DataFrame, x: str, low: str, high: str, colour: str) -> None:
    """The band between two columns as a 15 % tint, one piece per run of dates without a gap."""
    whole = rows.with_columns(run=pl.any_horizontal(pl.col(low, high).is_null()).rle_id()).drop_nulls([low, high])
    for _, piece in whole.group_by("run", maintain_order=True):
        figure.add_scatter(
            x=[*piece[x], *piece[x].reverse()], y=[*piece[high], *piece[low].reverse()], fill="toself", mode="none",
            fillcolor=theme.rgba(colour, 0.15), hoverinfo="skip", name="band",
        )  # fmt: skip


def _hover(
    rows: pl.DataFrame, x: str, y: str, n: str | None, name: str, unit: str, places: int, language: str, yearly: bool
) -> list[str]:
    """Period, name, value with unit, and cases, one text per row."""
    dates = rows[x].cast(pl.String).str.slice(0, 4 if yearly else None)
    when = (tables.period_label(p, language) for p in dates)
    shown = (tables.with_unit(tables.number(v, places), unit) for v in rows[y])
    return [f"{p}<br>{f'{name} ' if name else ''}{v}{c}" for p, v, c in zip(when, shown, _cases(rows, n), strict=True)]


def _cases(rows: pl.DataFrame, n: str | None) -> list[str]:
    return [""] * rows.height if n is None else [tables.cases(number) for number in rows[n]]


def _hatch(synthetic: bool, dark: bool) -> dict[str, Any]:
    """Thin lines of the card's colour across a bar, where its figures are synthetic."""
    lines = {"shape": "/", "size": 6, "solidity": 0.12, "fillmode": "overlay", "fgcolor": theme.tokens(dark).card}
    return {**lines, "fgopacity": 0.6} if synthetic else {}


def _six_and_other(frame: pl.DataFrame, period: str, series: str, value: str) -> tuple[pl.DataFrame, list[str]]:
    """period, series, value with all but the six largest series summed as "other"; the series by size, other last."""
    totals = frame.filter(pl.col(series) != OTHER).group_by(series).agg(pl.col(value).sum())
    kept = totals.sort(value, series, descending=[True, False])[series].head(MOST_SERIES).to_list()
    named = frame.with_columns(pl.when(pl.col(series).is_in(kept)).then(series).otherwise(pl.lit(OTHER)).alias(series))
    rows = named.group_by(period, series).agg(pl.col(value).sum())
    return rows, [*kept, *([OTHER] if OTHER in rows[series] else [])]


def _order(keys: pl.Series, labels: Mapping[str, str] | None) -> list[str]:
    """The keys that occur, in the order of their labels, the unlabelled after them."""
    found = keys.drop_nulls().unique(maintain_order=True).to_list()
    rank = {key: place for place, key in enumerate(labels or {})}
    return sorted(found, key=lambda key: rank.get(key, len(rank)))


def _folded(cells: Sequence[Any], width: int) -> list[list[Any]]:
    return [list(cells[start : start + width]) for start in range(0, len(cells), width)] if width else []
