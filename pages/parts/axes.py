"""What the charts put around their data: month grids without holes, date ticks, neutral lines, labels at line ends."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import plotly.graph_objects as go
import polars as pl

from pages.parts import tables, theme

LABEL_GAP_PX = 16
_TICKS = {"zh": ("%-m月\n%Y年", "%Y年"), "en": ("%b\n%Y", "%Y")}  # ticks less, at least a year apart
_STEPS = (1, 2, 3, 6, 12, 24, 60, 120)  # months


def is_yearly(dates: pl.Series) -> bool:
    """Whether all dates lie in the same month of their years, so that a year, not a month, is the step of the axis."""
    known = dates.drop_nulls().unique()
    return dates.dtype == pl.Date and known.len() > 1 and known.dt.month().n_unique() == 1


def calendar(rows: pl.DataFrame, x: str, yearly: bool) -> pl.DataFrame:
    """The rows on a complete grid of dates: a date without a row becomes a row of nulls, so that its line breaks."""
    rows = rows.sort(x)
    if rows.schema[x] != pl.Date or rows.height < 2:
        return rows
    grid = pl.date_range(rows[x].min(), rows[x].max(), "1y" if yearly else "1mo", eager=True).alias(x).to_frame()
    return grid.join(rows, on=x, how="left").select(rows.columns)


def time_axis(
    figure: go.Figure, dates: pl.Series, yearly: bool, language: str, wanted: int = 6, columns: bool = False
) -> None:
    """About `wanted` date ticks in the visitor's language; the year stands under a month only where it changes.

    columns: half a period stays free on both sides, so that the first and the last column are whole.
    """
    if dates.dtype != pl.Date or dates.drop_nulls().is_empty():
        figure.update_xaxes(type=None if dates.dtype.is_numeric() else "category")
        return
    first, last = dates.min(), dates.max()
    span = (last.year - first.year) * 12 + last.month - first.month
    least = 12 if yearly else 1
    step = next((s for s in _STEPS if s >= least and span / s <= wanted), _STEPS[-1])
    months, years = _TICKS[language]
    beside = timedelta(days=max((last - first).days, 31) * 0.015)
    if columns:
        beside = half_period(dates)
    figure.update_xaxes(
        type="date",
        tickformat=years if step >= 12 else months,
        dtick=f"M{step}",
        tick0=first if yearly else first.replace(month=1),
        range=[first - beside, last + beside],
    )


def half_period(dates: pl.Series) -> timedelta:
    """Half of the shortest time between two of the dates: what a column reaches to each side.

    >>> half_period(pl.Series([date(2025, 1, 1), date(2026, 1, 1)])).days
    182
    """
    gaps = dates.drop_nulls().unique().sort().diff().drop_nulls()
    return (gaps.min() if gaps.len() else timedelta(days=31)) / 2  # type: ignore[operator]


def value_axis(figure: go.Figure, values: Sequence[float], room: float = 0.08) -> None:
    """A value axis from the least to the greatest value with some room; figures that are all equal get two units."""
    if not values:
        return
    low, high = min(values), max(values)
    pad = (high - low) * room or 1.0
    figure.update_yaxes(range=[low - pad, high + pad])


def neutral_line(
    figure: go.Figure,
    value: float | None,
    label: str,
    points: Sequence[tuple[date, float]],
    verticals: Iterable[date],
    height: int,
    dark: bool,
) -> None:
    """The heavier line at the neutral value, named where the lines through `points` and the verticals leave room."""
    if value is None:
        return
    t = theme.tokens(dark)
    figure.add_hline(y=value, line={"color": t.muted, "width": 1.5})
    low, high = figure.layout.yaxis.range
    half = LABEL_GAP_PX * (high - low) / (height - 60) / 2
    crossed = [(when, value + side * half) for when in verticals for side in (1, -1)]
    share, side = _clearest([*points, *crossed], value, half)
    figure.add_annotation(
        x=share, xref="x domain", y=value, text=label or f"{value:g}", showarrow=False, xanchor="left",
        yanchor="bottom" if side > 0 else "top", font={"color": t.muted, "size": 12}, bgcolor=theme.rgba(t.paper, 0.85),
    )  # fmt: skip


def _clearest(points: Sequence[tuple[date, float]], value: float, half: float) -> tuple[float, int]:
    """The start (share of the time span) and side (1 above, -1 below) of the window farthest from all points."""
    if not points or not hasattr(points[0][0], "toordinal"):
        return 0.0, 1
    days = [when.toordinal() for when, _ in points]
    first, span = min(days), (max(days) - min(days)) or 1
    shares = [(day - first) / span for day in days]

    def room(place: tuple[float, int]) -> float:
        near = (y for share, (_, y) in zip(shares, points, strict=True) if 0 <= share - place[0] <= 0.22)
        return min((abs(y - value - place[1] * half) for y in near), default=1e9)

    return max(((start / 10, side) for start in range(8) for side in (1, -1)), key=room)


def marks(figure: go.Figure, dated: Iterable[tuple[date, str]], dark: bool) -> None:
    """Thin verticals at dates, with their word at the top: on the left where the next vertical is nearer than the last.

    A phone shows a word in three tenths of the span: with that much room on the right it always stands there.
    """
    t, ordered = theme.tokens(dark), sorted(dated)
    start, end = figure.layout.xaxis.range if ordered else (None, None)
    for order, (when, word) in enumerate(ordered):
        following = ordered[order + 1][0] if order + 1 < len(ordered) else end
        before = ordered[order - 1][0] if order else start
        near = (following - when) < min((end - start) * 0.3, when - before)
        figure.add_shape(
            type="line", x0=when, x1=when, y0=0, y1=1, yref="paper", line={"color": t.muted, "width": 1, "dash": "dot"}
        )
        figure.add_annotation(
            x=when, y=1, yref="paper", text=word, showarrow=False, xanchor="right" if near else "left", yanchor="top",
            yshift=-16 * (order % 2),
            xshift=-3 if near else 3, font={"color": t.muted, "size": 12},
        )  # fmt: skip


def text_width(text: str, size_px: float = theme.CAPTION_PX) -> float:
    """About how wide a text is in pixels: a Chinese character one size, any other 0.56 of it.

    >>> text_width("朝阳", 10), text_width("51.2", 10)
    (20.0, 22.4)
    """
    return round(sum(1.0 if letter >= "\u2e80" else 0.56 for letter in text) * size_px, 1)


def lines_of(text: str, most_px: float, size_px: float = theme.CAPTION_PX) -> list[str]:
    """The text in lines of at most so many pixels, broken at spaces; a longer word stays whole.

    >>> lines_of("seasonally adjusted 50.9", 110), lines_of("季节调整 50.9", 110)
    (['seasonally', 'adjusted 50.9'], ['季节调整 50.9'])
    """
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size_px) <= most_px:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def panel_title(name: str, values: pl.Series, places: int) -> str:
    """The title of a small chart: what it shows and its last known value, in lines that fit a third of a phone."""
    known = values.drop_nulls()
    last = f" <b>{tables.number(known[-1], places)}</b>" if known.len() else ""
    lines = textwrap.wrap(name, 16) if text_width(name) > 110 else [name]
    return "<br>".join(lines) + (last.replace(" ", "<br>") if text_width(lines[-1]) > 70 else last)


def apart(positions: Sequence[float], gap: float) -> list[float]:
    """The ascending positions moved as little as a simple sweep can so that neighbours are at least `gap` apart.

    >>> apart([0.0, 1.0, 50.0], 10.0)
    [-4.5, 5.5, 50.0]
    """
    groups: list[tuple[float, int]] = []  # centre, members
    for position in positions:
        groups.append((position, 1))
        while len(groups) > 1 and groups[-1][0] - groups[-2][0] < gap * (groups[-1][1] + groups[-2][1]) / 2:
            (second, b), (first, a) = groups.pop(), groups.pop()
            groups.append(((first * a + second * b) / (a + b), a + b))
    return [centre + gap * (k - (members - 1) / 2) for centre, members in groups for k in range(members)]


def end_labels(
    figure: go.Figure, ends: Sequence[tuple[date, float, str, str]], height: int, dark: bool, most_px: float = 104
) -> None:
    """The names of lines at their last points (x, y, text, colour), moved apart where they would overlap.

    A name that would take more than a third of a phone stands in several lines.
    """
    if not ends:
        return
    texts = {text: lines_of(text, most_px) for _, _, text, _ in ends}
    low, high = figure.layout.yaxis.range
    pixels = (height - 60) / (high - low)
    ranked = sorted(ends, key=lambda end: end[1])
    places = apart([y * pixels for _, y, _, _ in ranked], LABEL_GAP_PX * max(map(len, texts.values())))
    for (x, y, text, colour), place in zip(ranked, places, strict=True):
        figure.add_annotation(
            x=x, y=y, yshift=place - y * pixels, text="<br>".join(texts[text]), showarrow=False, xanchor="left",
            xshift=6, align="left", font={"color": theme.readable(colour, theme.tokens(dark).card)},
        )  # fmt: skip
    figure.update_layout(margin_r=20 + max(text_width(line) for lines in texts.values() for line in lines))
