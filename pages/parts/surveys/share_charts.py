"""Charts of shares as plain functions: bars of 100 % with their words inside, and shares over the waves of a survey.

Like `charts`: Polars frame in, Plotly figure out, names already in the visitor's language, a missing value is no mark.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go
import polars as pl

from pages.parts import axes, tables, theme

BAR_PX, LABEL_PX, LINE_PX, ROOM_PX, BOTTOM_PX = 42, 12, 17, 8, 30
DESKTOP_PX, PHONE_PX = 560, 300  # the width of a bar on a narrow desktop and on a phone
Word = tuple[str, str]  # as it is read, as it is written
OLDEST_WAVES = 0.55


def stacked(frame: pl.DataFrame, *, synthetic: bool = False, dark: bool = False) -> go.Figure:
    """One bar of 100 % per question: its choices side by side, named inside where wide enough, else above the bar.

    What has no room for its name on a phone is named above, because a phone leaves it out inside.

    Columns in: item, n_answers (of the question), label, kind (change, ordered, nominal), place (0 = most favourable),
    places, share_pct; rows in the order of the questions and of their choices.
    """
    t = theme.tokens(dark)
    above = {
        str(item): _folded(str(item), _beside(rows, f"n={n:,}", dark), t)
        for (item, n), rows in frame.group_by("item", "n_answers", maintain_order=True)
    }
    figure, row = _figure(above, BAR_PX / 2, BAR_PX / 2 + 14, dark)
    for place in range(int(frame["places"].max() or 0) if frame.height else 0):  # type: ignore[call-overload]
        part = frame.filter(pl.col("place") == place)
        fills = [fill(*cells, dark) for cells in part.select("kind", "place", "places").iter_rows()]
        figure.add_bar(
            y=[row[item] for item in part["item"]], x=part["share_pct"].to_list(),
            orientation="h", width=BAR_PX,
            text=[_inside(label, share) for label, share in part.select("label", "share_pct").iter_rows()],
            textposition="inside", insidetextanchor="middle", textangle=0,
            textfont={"size": LABEL_PX, "color": [theme.text_on(colour) for colour in fills]},
            marker={"color": fills, "line": {"color": t.rule, "width": 1}, "pattern": _hatch(synthetic, dark)},
            customdata=[_hover(*cells) for cells in part.select("item", "label", "share_pct", "n_answers").iter_rows()],
            hovertemplate="%{customdata}<extra></extra>",
        )  # fmt: skip
    for item, lines in above.items():
        _heading(figure, row[item], lines, BAR_PX / 2, t)
    figure.update_layout(barmode="stack", bargap=0, uniformtext={"minsize": LABEL_PX - 1, "mode": "hide"})
    figure.update_xaxes(range=[0, 100], visible=False)
    return figure


def over_waves(frame: pl.DataFrame, waves: Sequence[str], *, dark: bool = False) -> go.Figure:
    """One line of dots per question, a dot a wave: the newest in brick with its value, earlier ones muted.

    Columns in: item, note (what is counted), wave, n_answers, share_pct. `waves` are the names, oldest first.
    """
    t = theme.tokens(dark)
    notes = frame.select("item", "note").unique(maintain_order=True).iter_rows()
    above = {item: _folded(item, [(line, line) for line in axes.lines_of(note or "", PHONE_PX, LABEL_PX)], t)
             for item, note in notes}  # fmt: skip
    figure, row = _figure(above, 12, 36, dark, top=34)
    for item, place in row.items():
        known = frame.filter(pl.col("item") == item)["share_pct"].drop_nulls()
        for ends, colour, width in (((0, 100), t.rule, 1), ((known.min(), known.max()), t.other, 3)):
            if known.len():
                figure.add_scatter(
                    x=list(ends), y=[place, place], mode="lines", line={"color": colour, "width": width},
                    hoverinfo="skip", showlegend=False,
                )  # fmt: skip
    for age, wave in enumerate(reversed(waves)):
        one = frame.filter((pl.col("wave") == wave) & pl.col("share_pct").is_not_null())
        told = one.select("item", "note", "share_pct", "n_answers").iter_rows()
        colour = (t.brick, t.steel)[age] if age < 2 else theme.mix(t.steel, t.paper, OLDEST_WAVES)
        figure.add_scatter(
            x=one["share_pct"].to_list(), y=[row[item] for item in one["item"]], name=wave,
            mode="markers+text" if age == 0 else "markers", marker={"size": 13 if age == 0 else 10, "color": colour},
            text=[tables.percent(value) for value in one["share_pct"]], textposition="bottom center",
            textfont={"color": theme.readable(colour, t.card)}, cliponaxis=False,
            customdata=[f"{wave}<br>{_hover(*cells)}" for cells in told],
            hovertemplate="%{customdata}<extra></extra>",
        )  # fmt: skip
    for item, lines in above.items():
        _heading(figure, row[item], lines, 12, t)
    figure.update_layout(showlegend=True, legend_traceorder="reversed")
    figure.update_xaxes(range=[-2, 102], tickvals=[0, 25, 50, 75, 100], ticksuffix="%", showline=False, ticks="")
    return figure


def fill(kind: str, place: int, places: int, dark: bool = False) -> str:
    """The colour of a choice: brick to steel on a scale of change, dark to pale brick on a ladder, else a category's.

    >>> fill("change", 0, 3) != fill("change", 2, 3), fill("nominal", 1, 4)
    (True, '#2F6690')
    """
    down = place / (places - 1) if places > 1 else 0.0
    if kind == "change":
        return theme.diverging(0.8 * (1 - 2 * down), dark)
    if kind == "ordered":
        return theme.sequential(0.85 - 0.75 * down, dark)
    categories = theme.tokens(dark).categories
    return categories[place] if place < len(categories) else theme.tokens(dark).other


def _figure(
    headings: Mapping[str, Sequence[str]], up_px: float, down_px: float, dark: bool, top: int = 8
) -> tuple[go.Figure, dict[str, float]]:
    """A figure whose value axis counts pixels from its top, and where each row has its middle.

    A row takes its heading, and so many pixels above and below its middle.
    """
    row, below = {}, 0.0
    for item, lines in headings.items():
        row[item] = below + LINE_PX * len(lines) + 6 + up_px
        below = row[item] + down_px
    height = below + top + BOTTOM_PX
    figure = go.Figure(layout={"template": theme.template(dark), "height": height, "margin": {"t": top}})
    figure.update_yaxes(range=[below, 0], visible=False)
    figure.update_layout(margin_b=BOTTOM_PX)
    return figure, row


def _heading(figure: go.Figure, row: float, lines: Sequence[str], above_px: float, t: theme.Tokens) -> None:
    """The question above its bar, and beside or below it, muted, how many answered or what is counted."""
    figure.add_annotation(
        x=0, y=row, yshift=above_px + 3, xanchor="left", yanchor="bottom", showarrow=False, align="left",
        text="<br>".join(lines), font={"color": t.ink},
    )  # fmt: skip


def _folded(title: str, notes: Sequence[Word], t: theme.Tokens) -> list[str]:
    """The heading of a bar in lines that fit a phone: the question, then its notes, small and muted."""
    first = axes.lines_of(title, PHONE_PX)
    lines, used = list(first), axes.text_width(first[-1]) if first else 0.0
    for plain, written in notes:
        width = axes.text_width(f"  {plain}", LABEL_PX)
        small = f"<span style='color:{t.muted};font-size:{LABEL_PX}px'>{written}</span>"
        if lines and used + width <= PHONE_PX:
            lines[-1], used = f"{lines[-1]}  {small}", used + width
        else:
            lines, used = [*lines, small], width
    return lines


def _inside(label: str, share: float | None) -> str:
    """What stands in a part of a bar: its name and share in one or two lines if they fit, else its share, else nothing.

    >>> _inside("全面应用", 40.0), _inside("全面应用", 12.0), _inside("全面应用", 7.0), _inside("全面应用", 2.0)
    ('全面应用 40%', '全面应用<br>12%', '7%', '')
    """
    if share is None:
        return ""
    room, shown = share / 100 * DESKTOP_PX - ROOM_PX, tables.percent(share, 0)
    lines = textwrap.wrap(label, 16) if label.isascii() else [label]
    ways = [f"{label} {shown}", "<br>".join([*lines[:-1], f"{lines[-1]} {shown}"]), f"{label}<br>{shown}", shown]
    fitting = (way for way in ways if all(axes.text_width(line, LABEL_PX) <= room for line in way.split("<br>")))
    return next((way for way in fitting if way.count("<br>") < 2), "")


def _beside(rows: pl.DataFrame, cases: str, dark: bool) -> list[Word]:
    """How many answered, and the choices whose part of the bar is on a phone too narrow for their name."""
    words = [(cases, cases)]
    for label, share, *look in rows.select("label", "share_pct", "kind", "place", "places").iter_rows():
        inside = _inside(label, share)
        widest = max(axes.text_width(line, LABEL_PX) for line in inside.split("<br>"))
        read = inside if widest <= (share or 0) / 100 * PHONE_PX - ROOM_PX else ""
        if share and not read.startswith(textwrap.wrap(label, 16)[0]):
            shown = label if read else f"{label} {tables.percent(share, 0)}"
            words.append((f"■ {shown}", f"<span style='color:{fill(*look, dark)}'>■</span> {shown}"))
    return words


def _hover(item: str, label: str, share: float | None, n: int | None) -> str:
    return f"{item}<br>{label} {tables.percent(share)}{tables.cases(n)}"


def _hatch(synthetic: bool, dark: bool) -> dict[str, Any]:
    lines = {"shape": "/", "size": 10, "solidity": 0.06, "fillmode": "overlay", "fgcolor": theme.tokens(dark).card}
    return {**lines, "fgopacity": 0.25} if synthetic else {}
