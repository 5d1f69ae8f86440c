"""The charts of clustering: K-density with its band, life lines of clusters, entries and exits, survival, quotients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go
import polars as pl

from pages.parts import axes, charts, tables, theme

LINE_PX = 26
SIGNS = {"merge": "triangle-up", "split": "diamond", "birth": "circle"}
YEAR_DAYS = 365.25


def density_curve(
    curve: pl.DataFrame,
    words: Mapping[str, str],
    sites: pl.DataFrame | None = None,
    *,
    dark: bool = False,
    height: int = 340,
) -> go.Figure:
    """K-density over distance with the global band as a tint and the local one dotted; that of `sites` dashed.

    `curve`, `sites` are results of `k_density`; `words`: curve, band, sites, x (axis title in kilometres).
    """
    t = theme.tokens(dark)
    figure = go.Figure(layout={"template": theme.template(dark), "height": height})
    _band(figure, curve, words["band"], t)
    named = [(words["curve"], t.brick), (words["band"], t.steel)]
    if sites is not None:
        km = (sites["distance_m"] / 1000).to_list()
        figure.add_scatter(
            x=km, y=sites["density"].to_list(), mode="lines", name=words["sites"],
            line={"color": t.ochre, "width": 2, "dash": "dash"}, hoverinfo="skip",
        )  # fmt: skip
        named.append((words["sites"], t.ochre))
    _line(figure, curve, "density", words["curve"], "{:.1f} km<br>{:.3g} / m", t)
    figure.update_xaxes(title=words["x"], ticksuffix="", range=[0, max(figure.data[-1].x, default=1)])
    figure.update_yaxes(tickformat=".1e", rangemode="tozero")
    _words(figure, named, t)
    return figure


def relative_curve(
    curve: pl.DataFrame, words: Mapping[str, str], *, dark: bool = False, height: int = 340
) -> go.Figure:
    """Marcon and Puech's M over distance with its bands and the line at 1, where an industry is as all enterprises are.

    `curve` is the result of `relative_density`; `words`: curve, band, one, x (axis title in kilometres).
    """
    t = theme.tokens(dark)
    figure = go.Figure(layout={"template": theme.template(dark), "height": height})
    _band(figure, curve, words["band"], t)
    figure.add_hline(y=1, line={"color": t.muted, "width": 1.5})
    _line(figure, curve, "relative_density", words["curve"], "{:.2f} km<br>M = {:.2f}", t)
    figure.update_xaxes(title=words["x"], ticksuffix="", range=[0, max(figure.data[-1].x, default=1)])
    _words(figure, [(words["curve"], t.brick), (words["band"], t.steel), (words["one"], t.muted)], t)
    return figure


def _band(figure: go.Figure, curve: pl.DataFrame, name: str, t: theme.Tokens) -> None:
    """The global band as a tint and the ends of the local one as dots; nothing without draws."""
    km = (curve["distance_m"] / 1000).to_list()
    if curve["global_low"].null_count() == curve.height:
        return
    ends = [*curve["global_high"], *curve["global_low"].reverse()]
    figure.add_scatter(
        x=[*km, *reversed(km)], y=ends, fill="toself", mode="none", fillcolor=theme.rgba(t.steel, 0.18),
        hoverinfo="skip", name=name,
    )  # fmt: skip
    for end in ("local_low", "local_high"):
        figure.add_scatter(
            x=km, y=curve[end].to_list(), mode="lines", hoverinfo="skip",
            line={"color": t.steel, "width": 1, "dash": "dot"},
        )  # fmt: skip


def _line(figure: go.Figure, curve: pl.DataFrame, column: str, name: str, told: str, t: theme.Tokens) -> None:
    """The curve itself, in brick."""
    km = (curve["distance_m"] / 1000).to_list()
    hover = [told.format(d, v) for d, v in zip(km, curve[column].fill_null(0), strict=True)]
    figure.add_scatter(
        x=km, y=curve[column].to_list(), mode="lines", line={"color": t.brick, "width": 2.5}, name=name,
        customdata=hover, hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip


def _words(figure: go.Figure, named: Sequence[tuple[str, str]], t: theme.Tokens) -> None:
    """The names of lines one below the other above the chart, in their colours, so that none lies on a line."""
    for place, (word, colour) in enumerate(reversed(named)):
        figure.add_annotation(
            x=0, y=1, xref="paper", yref="paper", xanchor="left", yanchor="bottom", yshift=4 + 17 * place,
            showarrow=False, text=word, font={"color": theme.readable(colour, t.card)},
        )  # fmt: skip
    figure.update_layout(margin_t=16 + 17 * len(named))


def life_lines(lines: pl.DataFrame, points: pl.DataFrame, words: Mapping[str, str], *, dark: bool = False) -> go.Figure:
    """One line a cluster from its first to its last year, thicker the larger it was, with signs for what happened.

    `lines`: label (unique), first, last (years), peak, alive; top to bottom. `points`: label, year, transition, text.
    `words` name the transitions that have a sign, and `ended`.
    """
    t = theme.tokens(dark)
    figure = go.Figure(layout={"template": theme.template(dark), "height": 60 + LINE_PX * lines.height})
    most = float(lines["peak"].max() or 1)  # type: ignore[arg-type]
    for label, first, last, peak, alive in lines.select("label", "first", "last", "peak", "alive").iter_rows():
        colour = t.brick if alive else t.other
        figure.add_scatter(
            x=[first, last], y=[label, label], mode="lines", hoverinfo="skip",
            line={"color": colour, "width": 2 + 12 * (peak / most) ** 0.5},
        )  # fmt: skip
        if not alive:
            _signs(figure, [last], [label], [f"{label}<br>{words['ended']} {last + 1}"], "x-thin-open", t)
    for transition, sign in SIGNS.items():
        rows = points.filter(pl.col("transition") == transition)
        _signs(figure, rows["year"].to_list(), rows["label"].to_list(), rows["text"].to_list(), sign, t)
    low, high = int(lines["first"].min() or 0), int(lines["last"].max() or 0)  # type: ignore[call-overload]
    figure.update_xaxes(range=[low - 0.4, high + 0.4], tickformat="d", dtick=max(1, -(-(high - low) // 5)), tickangle=0)
    figure.update_yaxes(
        autorange="reversed", showgrid=False, ticks="", tickfont_color=t.ink, type="category",
        categoryorder="array", categoryarray=lines["label"].to_list(),
    )  # fmt: skip
    return figure


def _signs(
    figure: go.Figure, x: Sequence[int], y: Sequence[str], texts: Sequence[str], sign: str, t: theme.Tokens
) -> None:
    figure.add_scatter(
        x=list(x), y=list(y), mode="markers", cliponaxis=False, customdata=list(texts),
        hovertemplate="%{customdata}<extra></extra>",
        marker={"symbol": sign, "size": 9, "color": t.ink, "line": {"color": t.card, "width": 1}},
    )  # fmt: skip


def entries(
    rows: pl.DataFrame, words: Mapping[str, str], *, synthetic: bool, language: str, dark: bool = False
) -> go.Figure:
    """Openings above, closures below the line, and their difference, year by year (n_opened, n_closed, net)."""
    t = theme.tokens(dark)
    figure = go.Figure(layout={"template": theme.template(dark), "height": 300, "barmode": "relative"})
    lines = {"shape": "/", "size": 6, "solidity": 0.12, "fillmode": "overlay", "fgcolor": t.card, "fgopacity": 0.6}
    hatch = lines if synthetic else {}
    years = rows["period"].dt.year()
    when = [tables.period_label(str(year), language) for year in years]
    for name, sign, colour in (("n_opened", 1, t.brick), ("n_closed", -1, t.steel)):
        values = rows[name].cast(pl.Int64) * sign
        figure.add_bar(
            x=years.to_list(), y=values.to_list(), marker={"color": theme.rgba(colour, 0.75), "pattern": hatch},
            customdata=[f"{at}<br>{words[name]} {n:,}" for at, n in zip(when, rows[name], strict=True)],
            hovertemplate="%{customdata}<extra></extra>",
        )  # fmt: skip
    figure.add_scatter(
        x=years.to_list(), y=rows["net"].to_list(), mode="lines+markers", line={"color": t.ink, "width": 2},
        customdata=[f"{at}<br>{words['net']} {tables.signed(n, 0)}" for at, n in zip(when, rows["net"], strict=True)],
        hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip
    figure.add_hline(y=0, line={"color": t.muted, "width": 1.5})
    figure.update_xaxes(tickformat="d")
    for place, (name, colour) in enumerate((("n_opened", t.brick), ("n_closed", t.steel), ("net", t.ink))):
        figure.add_annotation(
            x=0, y=1, xref="paper", yref="paper", xanchor="left", yanchor="top", yshift=-17 * place, showarrow=False,
            text=words[name], font={"color": theme.readable(colour, t.card)},
        )  # fmt: skip
    return figure


def survival(curves: pl.DataFrame, by: str, names: Mapping[str, str], x: str, *, dark: bool = False) -> go.Figure:
    """Kaplan-Meier steps by group with their 95 % bands; the groups in the order of `names`, named at their ends."""
    t = theme.tokens(dark)
    figure = go.Figure(layout={"template": theme.template(dark), "height": 340})
    ends = []
    for (key, name), colour in zip(names.items(), t.categories, strict=False):
        rows = curves.filter(pl.col(by) == key).with_columns(pl.col("age_days") / YEAR_DAYS)
        age, share = rows["age_days"].to_list(), (100 * rows["survival"]).to_list()
        low, high = (100 * rows["low"]).to_list(), (100 * rows["high"]).to_list()
        for values, fill in ((high, None), (low, "tonexty")):
            figure.add_scatter(
                x=age, y=values, mode="lines", line={"width": 0, "shape": "hv"}, fill=fill, hoverinfo="skip",
                fillcolor=theme.rgba(colour, 0.12),
            )  # fmt: skip
        hover = [f"{name}<br>{a:.1f}: {tables.percent(s)}{tables.cases(n)}" for a, s, n in
                 zip(age, share, rows["n_at_risk"], strict=True)]  # fmt: skip
        figure.add_scatter(
            x=age, y=share, mode="lines", line={"color": colour, "width": 2, "shape": "hv"}, customdata=hover,
            hovertemplate="%{customdata}<extra></extra>",
        )  # fmt: skip
        ends.append((age[-1], share[-1], name, colour))
    longest = max((end[0] for end in ends), default=1.0)
    ends = [(longest, share, name, colour) for _, share, name, colour in ends]  # beside the chart, not in a band
    axes.value_axis(figure, [100.0, *(end[1] for end in ends)], room=0.15)
    axes.end_labels(figure, ends, 340, dark)
    figure.update_yaxes(ticksuffix="%")
    figure.update_xaxes(title=x, range=[0, longest])
    return figure


def quotients(rows: pl.DataFrame, unit: str, *, dark: bool = False) -> go.Figure:
    """Location quotients by industry (down) and district (across): the quotient, its interval, the enterprises.

    Columns in: industry, district, value (null: blank), low, high, n; rows in the order to be shown.
    """
    t = theme.tokens(dark)
    figure = charts.heat_table(rows, "industry", "district", "value", "n", unit=unit, dark=dark)
    texts = {
        (industry, district): _cell(*rest)
        for industry, district, *rest in rows.select("industry", "district", "value", "low", "high", "n").iter_rows()
    }
    down = rows["industry"].unique(maintain_order=True).to_list()
    across = rows["district"].unique(maintain_order=True).to_list()
    written = [texts.get((a, b), "") for a in down for b in across]
    figure.data[1].text = written
    figure.data[1].textfont.size = 11
    figure.data[0].customdata = [
        [f"{a} · {b}<br>{texts.get((a, b), '')}" if texts.get((a, b)) else "" for b in across] for a in down
    ]
    figure.update_layout(height=70 + 60 * len(down), meta={"least_px": 170 + 66 * len(across)})
    figure.update_yaxes(tickfont_color=t.ink)
    return figure


def _cell(value: float | None, low: float | None, high: float | None, n: int | None) -> str:
    """The three lines of a cell; blank where the value is not shown.

    >>> _cell(1.5, 1.2, 1.9, 40), _cell(None, 1.0, 2.0, 3), _cell(0.0, None, None, 0)
    ('1.50<br>1.2–1.9<br>n=40', '', '0.00<br>n=0')
    """
    if value is None:
        return ""
    between = "" if low is None else f"<br>{tables.number(low, 1)}–{tables.number(high, 1)}"
    return f"{tables.number(value, 2)}{between}{tables.cases(n)}"


def pair_table(pairs: pl.DataFrame, names: Mapping[str, str], *, dark: bool = False) -> go.Figure:
    """The strongest pairs of industries as bars from zero (industry_a, industry_b, coagglomeration, n_a, n_b)."""
    rows = pairs.with_columns(
        pair=pl.format("{} + {}", *(pl.col(side).replace(names) for side in ("industry_a", "industry_b"))),
        n=pl.col("n_a") + pl.col("n_b"),
    )
    figure = charts.bars(rows, "pair", "coagglomeration", n="n", places=3, dark=dark)
    return figure.update_layout(meta={"least_px": 720})
