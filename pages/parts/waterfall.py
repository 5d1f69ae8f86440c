"""A waterfall: the parts of a change one after the other, and their sum."""

from __future__ import annotations

from itertools import accumulate

import plotly.graph_objects as go
import polars as pl

from pages.parts import tables, theme


def waterfall(
    frame: pl.DataFrame, category: str, value: str, total: str, unit: str = "", dark: bool = False, height: int = 320
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
        y=[*rows[category].to_list(), total],
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
    room = 0.15 * (max(reached) - min(reached) or 1.0)
    figure.update_xaxes(
        zeroline=True, zerolinecolor=t.muted, showgrid=False, range=[min(reached) - room, max(reached) + room]
    )
    return figure
