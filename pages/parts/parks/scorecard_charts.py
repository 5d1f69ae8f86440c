"""The radar of a scorecard: one park's scores beside the median of its peers, each side from 0 to 100."""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go
import polars as pl

from pages.parts import tables, theme

HEIGHT, LEAST_SIDES = 400, 3
WRAP = 12  # letters of a side's name from which on it goes on in a second line


def radar(
    rows: pl.DataFrame, labels: Mapping[str, str], words: Mapping[str, str], *, synthetic: bool, dark: bool = False
) -> go.Figure:
    """Scores and medians over the sides that are known; sides without enough peers have a gap in the median's line.

    Columns in: dimension, value, score, peer_median (null: too few peers), n_peers. words: park, peers.
    """
    t = theme.tokens(dark)
    figure = go.Figure(layout={"template": theme.template(dark), "height": HEIGHT})
    sides = ["<br>".join(two_lines(labels[side])) for side in rows["dimension"]]
    own = {"color": t.brick, "width": 2.5, "dash": "dash" if synthetic else "solid"}
    if rows["peer_median"].count():
        hover = [
            f"{words['peers']}<br>{labels[side]}: {tables.number(median)}{tables.cases(n)}"
            for side, median, n in rows.select("dimension", "peer_median", "n_peers").iter_rows()
        ]
        figure.add_scatterpolar(**ring(sides, rows["peer_median"].to_list(), hover), name=words["peers"],
                                line={"color": t.steel, "width": 1.5, "dash": "dot"}, mode="lines+markers",
                                marker={"size": 5, "symbol": "diamond"}, connectgaps=False)  # fmt: skip
    hover = [
        f"{words['park']}<br>{labels[side]}: {tables.number(score)}"
        for side, score in rows.select("dimension", "score").iter_rows()
    ]
    figure.add_scatterpolar(**ring(sides, rows["score"].to_list(), hover), name=words["park"], line=own,
                            fill="toself", fillcolor=theme.rgba(t.brick, 0.15), mode="lines+markers",
                            marker={"size": 7})  # fmt: skip
    axis = {"gridcolor": t.rule, "linecolor": t.rule}
    figure.update_polars(
        bgcolor="rgba(0,0,0,0)",
        radialaxis={**axis, "range": [0, 100], "tickvals": [25, 50, 75, 100], "tickfont": {"color": t.muted},
                    "angle": 90, "tickangle": 90},
        angularaxis={**axis, "rotation": 90, "direction": "clockwise", "tickfont": {"color": t.ink}},
    )  # fmt: skip
    figure.update_layout(
        showlegend=True,
        legend={"x": 0, "y": 1.16, "traceorder": "reversed"},
        margin={"l": 56, "r": 56, "t": 72, "b": 32},
    )
    return figure


def ring(sides: list[str], values: list[float | None], hover: list[str]) -> dict[str, object]:
    """The points of a line that comes back to where it began.

    >>> ring(["a", "b"], [1.0, 2.0], ["A", "B"])["r"]
    [1.0, 2.0, 1.0]
    """
    return {
        "theta": [*sides, *sides[:1]],
        "r": [*values, *values[:1]],
        "customdata": [*hover, *hover[:1]],
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def two_lines(label: str) -> list[str]:
    """A long name on two lines, broken at the space nearest to its middle; a short one or one without spaces on one.

    >>> two_lines("Mix of functions"), two_lines("Services")
    (['Mix of', 'functions'], ['Services'])
    """
    spaces = [place for place, letter in enumerate(label) if letter == " "]
    if len(label) < WRAP or not spaces:
        return [label]
    middle = min(spaces, key=lambda place: abs(place - len(label) / 2))
    return [label[:middle], label[middle + 1 :]]
