"""Survey figures on screen: the bulletin sentence, item trends, item shares, the 13-month table."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import plotly.graph_objects as go
import polars as pl
import streamlit as st

from data import registry
from pages.parts import blocks, cached, charts, findings, tables, weighting
from pages.parts.blocks import Foot
from pages.parts.filters import Selection
from pages.parts.session import Visit
from pages.parts.surveys import cached_survey

SCALES = ("0-100", "balance", "0-200")
NEUTRAL_OF = {"0-100": findings.NEUTRAL, "balance": 0.0, "0-200": 100.0}
WEIGHTS = ("none", "sqrt")
VIEWS = ("raw", "both")
COUNTED = ("n_frame", "n_invited", "n_answered")
FEW_FESTIVALS = 5  # fewer Spring Festivals to estimate from: five years are the length the method was measured on
READ = ("estimated_to", "n_festivals", "ljung_box_p", "f_before_p", "f_after_p", "m7", "q", "outliers", "crisis")


def item_names(visit: Visit, month: date | None = None) -> pl.DataFrame:
    """item_id, item (name in the visitor's language), weight, position of the version that holds in a month."""
    return weighting.questions(month).select("item_id", visit.named().alias("item"), "weight", "position")


def every_item(visit: Visit) -> dict[str, str]:
    """The names of all items that were ever asked, those of the newest version first."""
    older = weighting.every_version().sort("valid_from", "position", descending=[True, False])
    rows = older.select("item_id", visit.named()).unique("item_id", keep="first", maintain_order=True)
    return dict(rows.iter_rows())


def weight(value: float) -> str:
    """The weight of an item in the headline; a dash for items shown beside it.

    >>> weight(0.25), weight(0.0)
    ('0.25', '—')
    """
    return tables.number(value, 2) if value else tables.MISSING


def sentence(visit: Visit, where: str, when: str, now: dict[str, Any]) -> str:
    """The sentence of the bulletin: value, change on the month in points, side of neutral; rounded first."""
    way = findings.direction(now["change_month"])
    change = visit.say(f"finding.{way}", points=tables.number(abs(now["change_month"] or 0), 1))
    neutral = visit.say(f"finding.{findings.side(now['prosperity_index'])}")
    value = tables.number(now["prosperity_index"], 1)
    return visit.say("finding.sentence", month=when, territory=where, value=value, month_change=change, neutral=neutral)


def index_trend(visit: Visit, shown: pl.DataFrame, where: str, status: str, height: int = 300) -> go.Figure:
    """The prosperity index over time with the neutral line; dashed where it rests on synthetic answers."""
    return charts.trend(
        shown,
        y="prosperity_index",
        label=where,
        n="n_parks",
        neutral=findings.NEUTRAL,
        neutral_label=visit.say("chart.neutral"),
        unit=visit.say("unit.points"),
        synthetic=status != "computed",
        height=height,
        language=visit.language,
        dark=visit.dark,
    )


def banded_trend(visit: Visit, selection: Selection, foot: Foot, scale: str, weights: str, view: str) -> None:
    """The index with its 95 % band on the chosen scale, the seasonally adjusted line beside it, shocks marked."""
    rows = trend_lines(visit, selection, scale, weights, view)
    figure = banded_figure(visit, rows, scale, foot.status != "computed")
    notes = [visit.say("prosperity.band"), visit.say(f"weighting.{weights}")]
    if view == "both":
        notes.append(adjustment_note(visit, selection))
    foot = spanning(visit, foot, rows.filter(pl.col("line") == "raw").drop_nulls("value"), "n")
    source = " · ".join((foot.source, *notes))
    foot = replace(foot, unit=visit.say(f"scale.{scale}"), source=source, method="standard_errors")
    data = blocks.as_published(rows.select("period", "line", "value", "low", "high", "n", "status"))
    blocks.chart(visit, visit.say("prosperity.trend", territory=foot.territory), figure, foot, "prosperity", data)


def trend_lines(visit: Visit, selection: Selection, scale: str, weights: str, view: str) -> pl.DataFrame:
    """period, line (raw, adjusted), value, low, high, n, status on a display scale; the adjusted line has no band.

    status: of an adjusted month adjusted or experimental, or projected where its factors are.
    """
    bands = cached_survey.banded(visit.key, selection, weights, visit)
    unknown = pl.lit(None, pl.String).alias("status")
    rows = bands.select("period", "low", "high", "n", unknown, value="index", line=pl.lit("raw"))
    if view == "both":
        ahead = pl.col("period") >= (first_projected(visit, selection) or date.max)
        smooth = cached_survey.adjusted(visit.key, selection, visit).drop_nulls("adjusted")
        smooth = smooth.select(
            "period", pl.when(ahead).then(pl.lit("projected")).otherwise("status").alias("status"), value="adjusted",
            line=pl.lit("adjusted"),
        )  # fmt: skip
        rows = pl.concat([rows, smooth], how="diagonal")
    return rows.with_columns(on_scale(pl.col("value", "low", "high"), scale)).sort("line", "period")


def banded_figure(visit: Visit, rows: pl.DataFrame, scale: str, synthetic: bool) -> go.Figure:
    """The trend of `trend_lines`: raw in brick with its band, adjusted in steel, neutral line, shocks, projection."""
    labels = {line: visit.say(f"prosperity.{line}") for line in ("raw", "adjusted")}
    shocks = registry.crisis_months().group_by(visit.name).agg(pl.col("period").min())
    projected = rows.filter(pl.col("status") == "projected")["period"].min()
    marks = [(when, word) for word, when in shocks.iter_rows()]
    if isinstance(projected, date):
        marks.append((projected, visit.say("prosperity.projected")))
    return charts.trend(
        rows,
        y="value",
        label=labels,
        series="line",
        chosen="raw",
        compared="adjusted",
        low="low",
        high="high",
        n="n",
        neutral=NEUTRAL_OF[scale],
        neutral_label=visit.say("chart.neutral") if scale == "0-100" else "",
        marks=marks,
        unit=visit.say("unit.points"),
        synthetic=synthetic,
        height=360,
        language=visit.language,
        dark=visit.dark,
    )


def adjustment_note(visit: Visit, selection: Selection) -> str:
    """Which engine adjusted the series for the season, from when factors are projected, and how far to trust them."""
    last = cached_survey.adjusted(visit.key, selection, visit).drop_nulls("adjusted").tail(1)
    if not last.height:
        return visit.say("prosperity.not_adjusted")
    status = visit.say(f"prosperity.status_{last['status'].item()}")
    engine = blocks.worded(visit, last["engine"]).item()
    note = visit.say("prosperity.adjust_note", engine=engine, status=status)
    first, found = first_projected(visit, selection), cached_survey.adjustment_quality(visit.key, selection, visit)
    if first is None:
        return note
    n, until = found.select("n_festivals", "estimated_to").row(0)
    words = {"month": first, "until": until}
    told = {name: tables.period_label(month, visit.language) for name, month in words.items()}
    few = visit.say("prosperity.projected_few") if n < FEW_FESTIVALS else ""
    return f"{note} · {visit.say('prosperity.projected_note', n=n, **told)}{few}"


def first_projected(visit: Visit, selection: Selection) -> date | None:
    """The first month whose seasonal factors are projected because the last estimation ended before it, if there is."""
    quality = cached_survey.adjustment_quality(visit.key, selection, visit).drop_nulls("estimated_to")
    rows = cached_survey.adjusted(visit.key, selection, visit).drop_nulls("adjusted")
    if not quality.height:
        return None
    later = rows.filter(pl.col("period") > quality["estimated_to"].item())["period"].min()
    return later if isinstance(later, date) else None


def on_scale(value: pl.Expr, scale: str) -> pl.Expr:
    """A diffusion index on a display scale: 0-100 as it is, balance 2 v - 100, 0-200 2 v."""
    return {"0-100": value, "balance": value * 2 - 100, "0-200": value * 2}[scale]


def quality(visit: Visit, selection: Selection) -> None:
    """The diagnostics of the seasonal adjustment: what was tested, the figure, how to read it."""
    with (box := st.expander(visit.say("prosperity.quality"), key="quality", on_change="rerun")):
        if not box.open:  # the first adjustment in a process takes seconds
            return
        rows = cached_survey.adjustment_quality(visit.key, selection, visit)
        if not rows.height:
            st.caption(visit.say("prosperity.not_adjusted"))
            return
        row = blocks.titled(visit, rows).row(0)
        shown = [tables.number(v, 3) if isinstance(v, float) else str(v or tables.MISSING) for v in row]
        told = [visit.say(f"prosperity.read_{name}") if name in READ else "" for name in rows.columns]
        words = [visit.say(f"prosperity.{word}") for word in ("diagnostic", "value", "reading")]
        columns = (list(blocks.titled(visit, rows).columns), shown, told)
        data = pl.DataFrame(dict(zip(words, columns, strict=True)))
        st.dataframe(data, hide_index=True, width="stretch", height="content", placeholder=tables.MISSING)


def spanning(visit: Visit, foot: Foot, shown: pl.DataFrame, n: str) -> Foot:
    """The foot of a figure over many months: first to last month, smallest to largest n."""
    ends = (shown["period"].min(), shown["period"].max())
    span = " – ".join(tables.period_label(p, visit.language) for p in ends)
    return replace(foot, period=span, n=f"{shown[n].min()}–{shown[n].max()}")


def item_trends(visit: Visit, selection: Selection, foot: Foot) -> None:
    """Small multiples of the items' diffusion indices, sharing axes."""
    shown = cached.items(visit.key, selection, visit).drop_nulls("diffusion_index")
    labels = every_item(visit)
    place = pl.col("item_id").replace_strict({item: k for k, item in enumerate(labels)}, return_dtype=pl.Int64)
    named = shown.with_columns(item=pl.col("item_id").replace_strict(labels)).sort(place, "period")
    figure = charts.small_multiples(
        named, facet="item_id", x="period", y="diffusion_index", labels=labels, n="n", language=visit.language,
        dark=visit.dark, neutral=findings.NEUTRAL, unit=visit.say("unit.points"), synthetic=foot.status != "computed",
    )  # fmt: skip
    data = named.select("period", "item_id", "item", "n", "up_pct", "same_pct", "down_pct", "diffusion_index")
    span = replace(spanning(visit, foot, shown, "n"), method="diffusion_index")
    blocks.chart(visit, visit.say("prosperity.items"), figure, span, "items", data)


def item_table(visit: Visit, selection: Selection, month: date, foot: Foot) -> None:
    """Shares up, unchanged, down of every item in one month, with n, weight and change."""
    rows = cached.items(visit.key, selection, visit).filter(pl.col("period") == month)
    when = tables.period_label(month, visit.language)
    answered = cached_survey.item_responses(visit.key, selection, False, visit).filter(pl.col("period") == month)
    named = rows.join(item_names(visit, month), on="item_id").join(
        answered.select("item_id", "item_response_pct"), on="item_id", how="left"
    ).sort("position")  # fmt: skip
    shown = {
        "item": "item", "weight": "weight", "index": "diffusion_index", "change": "change_month",
        "year_change": "change_year", "up": "up_pct", "same": "same_pct", "down": "down_pct", "n": "n",
        "item_rate": "item_response_pct",
    }  # fmt: skip
    weighted = named.with_columns(tables.each(named["weight"], weight))
    data = weighted.select(pl.col(column).alias(visit.say(f"prosperity.{word}")) for word, column in shown.items())
    data = blocks.as_published(data)
    month_foot = replace(foot, period=when, method="diffusion_index")
    heading = visit.say("prosperity.items_table", month=when)
    options = {**blocks.one_decimal(data), **blocks.pinned(data)}
    blocks.table(visit, heading, data, month_foot, "item-shares", height="content", column_config=options)


def responses(visit: Visit, selection: Selection, month: date, foot: Foot) -> None:
    """Response accounting: the parks of the frame, invited and answered by district, and valid answers to each item."""
    now, when = pl.col("period") == month, tables.period_label(month, visit.language)
    parks = cached_survey.responses(visit.key, selection, visit).filter(now)
    valid = cached_survey.item_responses(visit.key, selection, True, visit).filter(now)
    items = dict(item_names(visit, month).sort("position").select("item_id", "item").iter_rows())
    counts = valid.pivot("item_id", index="district_code", values="n_valid")
    rows = parks.join(counts, on="district_code", how="left").sort("n_frame", "district_code", descending=[True, False])
    n = [name for name in (*COUNTED, *items) if name in rows.columns]
    rate = (100 * pl.col("n_answered") / pl.col("n_invited")).alias("response_rate_pct")
    whole = rows.select(pl.lit(visit.say("prosperity.whole")).alias("district"), *(pl.col(name).sum() for name in n))
    names = dict(registry.districts_of(selection.city_id).select("district_code", visit.named()).iter_rows())
    district = pl.col("district_code").replace_strict(names, default=pl.col("district_code"))
    named = rows.select(district.alias("district"), *n)
    data = pl.concat([whole, named] if rows.height > 1 else [named], how="vertical_relaxed").with_columns(rate)
    titles = {"district": "filter.district", "n_frame": "prosperity.n_frame", "n_invited": "prosperity.invited",
              "n_answered": "prosperity.n_parks", "response_rate_pct": "prosperity.rate"}  # fmt: skip
    data = blocks.as_published(data).select(
        *(pl.col(column).alias(visit.say(title)) for column, title in titles.items()),
        *(pl.col(item).alias(name) for item, name in items.items() if item in n),
    )
    note = visit.say("prosperity.responses_note")
    foot = replace(foot, unit=visit.say("unit.parks"), period=when, source=f"{foot.source} · {note}",
                   n=str(rows["n_answered"].sum()), method="response_accounting")  # fmt: skip
    heading = visit.say("prosperity.responses", month=when)
    options = {**blocks.one_decimal(data), **blocks.pinned(data)}
    blocks.table(visit, heading, data, foot, "responses", height="content", column_config=options)


def weights_note(visit: Visit, selection: Selection) -> str:
    """Which weights of the parks there are, which there are not, and why."""
    n, area, enterprises = cached_survey.sizes_known(visit.key, selection, visit)
    return visit.say("prosperity.weights_note", n=n, area=area, enterprises=enterprises)


def months_table(visit: Visit, selection: Selection, month: date, foot: Foot) -> None:
    """The 13 months up to the chosen one: index, changes, run, average, band, n, response rate."""
    runs = cached_survey.run_lengths(visit.key, selection, visit)
    index = cached.prosperity(visit.key, selection, False, visit).select("period", "change_month", "change_year")
    bands = cached_survey.banded(visit.key, selection, "none", visit).select("period", "low", "high")
    panel = cached_survey.panel(visit.key, selection, visit).select("period", "response_rate_pct")
    rows = runs.drop("change_month", "change_year", strict=False)
    shares = cached_survey.headline_shares(visit.key, selection, visit)
    rows = rows.with_columns(previous=pl.col("prosperity_index").shift(1))
    for other in (index, bands, panel, shares):
        rows = rows.join(other, on="period", how="left")
    rows = rows.filter(pl.col("period") <= month).sort("period").tail(13).sort("period", descending=True)
    rows = rows.with_columns(run=pl.format("{}({})", "n_run", "side"))
    words = {"index": "prosperity_index", "previous": "previous", "change": "change_month",
             "year_change": "change_year", "run": "run", "average": "series_average", "low": "low", "high": "high",
             "up": "up_pct", "same": "same_pct", "down": "down_pct", "n_parks": "n_parks",
             "rate": "response_rate_pct"}  # fmt: skip
    data = rows.select(
        pl.col("period").dt.strftime("%Y-%m").alias(visit.say("filter.month")),
        *(pl.col(column).alias(visit.say(f"prosperity.{word}")) for word, column in words.items()),
    )
    foot, data = spanning(visit, foot, rows, "n_parks"), blocks.as_published(data)
    options = {**blocks.one_decimal(data), **blocks.pinned(data)}
    blocks.table(visit, visit.say("prosperity.table"), data, foot, "months", height="content", column_config=options)
