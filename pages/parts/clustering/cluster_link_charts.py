"""The charts of stars and links: stars by industry and district, and what the enterprises of parks do."""

from __future__ import annotations

from collections.abc import Mapping

import plotly.graph_objects as go
import polars as pl

from pages.parts import axes, tables, theme

LABELS_PX, CELL_PX, ROW_PX = 170, 62, 46
STAR, MOST_STARS = "★", 4
NARROW_PCT = 9.0  # a part of a bar narrower than this has no number in it


def stars_grid(rows: pl.DataFrame, *, dark: bool = False) -> go.Figure:
    """The stars of each industry (down) in each district (across), with the rank by size below; blank where not shown.

    Columns in: industry, district, stars (null: blank), rank and text (hover); rows in the order to be shown.
    """
    t = theme.tokens(dark)
    down = rows["industry"].unique(maintain_order=True).to_list()
    across = rows["district"].unique(maintain_order=True).to_list()
    cells = {(a, b): rest for a, b, *rest in rows.select("industry", "district", "stars", "rank", "text").iter_rows()}
    grid = [[cells.get((a, b), [None, None, ""]) for b in across] for a in down]
    lines = ["<br>".join(axes.lines_of(name, LABELS_PX)) for name in down]
    figure = go.Figure(layout={"template": theme.template(dark), "height": 80 + ROW_PX * len(down)})
    figure.update_layout(meta={"least_px": LABELS_PX + CELL_PX * len(across)})
    shades = [[None if stars is None else stars / MOST_STARS for stars, _, _ in row] for row in grid]
    figure.add_heatmap(
        z=shades, x=across, y=lines, customdata=[[text for _, _, text in row] for row in grid],
        hovertemplate="%{customdata}<extra></extra>", hoverongaps=False, zmin=0, zmax=1, showscale=False,
        colorscale=[[step / 8, theme.sequential(0.9 * step / 8, dark)] for step in range(9)], xgap=1, ygap=1,
    )  # fmt: skip
    figure.add_scatter(
        x=across * len(lines), y=[line for line in lines for _ in across], mode="text", hoverinfo="skip",
        text=[_stars(stars, rank) for row in grid for stars, rank, _ in row],
        textfont={
            "size": 12,
            "color": [theme.text_on(theme.sequential(0.9 * (s or 0), dark)) for row in shades for s in row],
        },
    )  # fmt: skip
    figure.update_xaxes(side="top", showline=False, ticks="", tickfont_color=t.ink, type="category")
    figure.update_yaxes(autorange="reversed", showgrid=False, ticks="", tickfont_color=t.ink, type="category")
    return figure


def _stars(stars: int | None, rank: str | None) -> str:
    """What stands in a cell.

    >>> _stars(2, "1/16"), _stars(0, "9/16"), _stars(None, None)
    ('★★<br>1/16', '9/16', '')
    """
    if stars is None:
        return ""
    return f"{STAR * stars}<br>{rank}" if stars else str(rank)


def functional_bars(rows: pl.DataFrame, names: Mapping[str, str], *, synthetic: bool, dark: bool = False) -> go.Figure:
    """What the enterprises of each park do as bars of 100 %, one park a bar, a key above.

    Columns in: label (top to bottom), function, share_pct, n; `names`: the functions in the order of the bar's parts.
    """
    t = theme.tokens(dark)
    labels = rows["label"].unique(maintain_order=True).to_list()
    lines = {label: "<br>".join(axes.lines_of(label, LABELS_PX)) for label in labels}
    figure = go.Figure(layout={"template": theme.template(dark), "height": 130 + 38 * len(labels), "barmode": "stack"})
    hatch = {"shape": "/", "size": 10, "solidity": 0.06, "fillmode": "overlay", "fgcolor": t.card, "fgopacity": 0.25}
    colours = (*t.categories, t.other)
    for (kind, name), colour in zip(names.items(), colours, strict=False):
        part = rows.filter(pl.col("function") == kind)
        share = part["share_pct"].to_list()
        figure.add_bar(
            x=share, y=[lines[label] for label in part["label"]], orientation="h", name=name,
            marker={"color": colour, "pattern": hatch if synthetic else {}},
            text=[f"{value:.0f}" if value is not None and value >= NARROW_PCT else "" for value in share],
            textposition="inside", insidetextanchor="middle", textangle=0, textfont_color=theme.text_on(colour),
            customdata=[
                f"{label}<br>{name} {tables.percent(value)}{tables.cases(n)}"
                for label, value, n in part.select("label", "share_pct", "n").iter_rows()
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )  # fmt: skip
    figure.update_layout(
        showlegend=True,
        legend={"orientation": "h", "traceorder": "normal", "yanchor": "bottom", "y": 1.0, "x": 0, "xanchor": "left"},
        meta={"least_px": 640},
        bargap=0.25,
    )
    figure.update_xaxes(range=[0, 100], ticksuffix="%", showline=False)
    figure.update_yaxes(autorange="reversed", showgrid=False, ticks="", tickfont_color=t.ink, type="category")
    return figure
