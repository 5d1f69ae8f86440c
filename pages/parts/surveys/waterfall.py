"""A waterfall: the parts of a change one after the other, and their sum."""

from __future__ import annotations

from itertools import accumulate

import plotly.graph_objects as go
import polars as pl

from pages.parts import axes, tables, theme

NAME_PX = 110  # a phone's share for the names; the numbers stand beyond the plot, so that the bars fill it
NUMBER_PX = 44


def waterfall(
    frame: pl.DataFrame, category: str, value: str, total: str, unit: str = "", dark: bool = False, height: int = 400
) -> go.Figure:
    """One horizontal bar a row from where the one before ended, largest rise first, then the sum from zero.

    Rises are brick, falls steel, the sum ink. A row without a value is left out. The sum is that of the rows before
    rounding, so it is the change itself.
    """
    t = theme.tokens(dark)
    rows = frame.drop_nulls(value).sort(value, descending=True)
    values = rows[value].to_list()
    figure = go.Figure(layout={"template": theme.template(dark), "height": max(height, 60 + 30 * len(values))})
    figure.add_waterfall(
        orientation="h",
        y=["<br>".join(axes.lines_of(name, NAME_PX)) for name in [*rows[category].to_list(), total]],
        x=[*values, None],
        measure=["relative"] * len(values) + ["total"],
        text=[tables.signed(v, 2) for v in (*values, sum(values))],
        textposition="outside",
        cliponaxis=False,
        increasing={"marker": {"color": t.brick}},
        decreasing={"marker": {"color": t.steel}},
        totals={"marker": {"color": t.ink}},
        connector={"line": {"color": t.rule, "width": 1}},
        hovertemplate=f"%{{y}}<br>%{{text}} {unit}<extra></extra>",
    )
    figure.update_yaxes(autorange="reversed", automargin=True, showgrid=False, type="category")
    reached = [0.0, *accumulate(values)]
    span, low = max(reached) - min(reached) or 1.0, min(reached)
    left = 0.4 if any(v < 0 and abs(end - low) < 0.35 * span for v, end in zip(values, reached[1:], strict=True)) else 0
    figure.update_xaxes(
        zeroline=True, zerolinecolor=t.muted, showgrid=False, tickangle=0, nticks=4,
        range=[low - (left + 0.02) * span, max(reached) + 0.02 * span],
    )  # fmt: skip
    figure.update_layout(margin_r=NUMBER_PX)
    return figure
