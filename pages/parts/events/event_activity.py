"""The view of activity and prosperity: do districts with more events than usual fare better, before, then or later?"""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import streamlit as st

from pages.parts import blocks, tables
from pages.parts.events import cached_events, event_charts, event_choices
from pages.parts.events.event_choices import Looked
from pages.parts.session import Visit


def show(visit: Visit, at: Looked) -> None:
    """The warning first, then the correlation at every lag with its interval, n and how to read it."""
    st.markdown(f"**{visit.say('events.no_cause')}**")
    rows = cached_events.activity(visit.key, at.lens, visit)
    known = rows.drop_nulls("correlation")
    if not known.height:
        blocks.empty(visit, "events.no_activity")
        return
    said = pl.Series("hover", [hover(visit, row) for row in rows.to_dicts()], dtype=pl.String)
    figure = event_charts.lags(rows.with_columns(said), visit.dark)
    survey, status = blocks.source(visit, "answers", at.lens.selection.city_id)
    both = at.foot.status if status == "computed" else status
    now = rows.filter(pl.col("lag_months") == 0).row(0, named=True)
    foot = replace(
        event_choices.of_city(visit, at), status=both, unit=visit.say("events.correlation_unit"),
        period=event_choices.span(visit, *at.covered), source=f"{at.foot.source} · {survey}",
        n=visit.say("events.pairs", n=now["n"], districts=now["n_districts"]), method="activity_and_prosperity",
    )  # fmt: skip
    data = event_choices.worded(visit, blocks.as_published(rows.rename({"n": "n_pairs_used"}), 3))
    blocks.chart(visit, reading(visit, rows), figure, foot, "activity", data)
    st.caption(visit.say("events.activity_note"))


def reading(visit: Visit, rows: pl.DataFrame) -> str:
    """The sentence above the chart: at how many lags the interval leaves zero, of how many that have one."""
    told = rows.drop_nulls(["low", "high"])
    apart = told.filter((pl.col("low") > 0) | (pl.col("high") < 0)).height
    key = "activity_none" if not apart else "activity_some"
    return visit.say(f"events.{key}" if told.height else "events.activity_no_interval", apart=apart, n=told.height)


def hover(visit: Visit, row: dict[str, float | int | None]) -> str:
    """One lag in words."""
    lag = int(row["lag_months"] or 0)
    when = visit.say(
        "events.lag_same" if not lag else "events.lag_after" if lag > 0 else "events.lag_before", n=abs(lag)
    )
    low, high = (tables.signed(row[name], 2) for name in ("low", "high"))
    value = tables.signed(row["correlation"], 2)
    interval = "" if row["low"] is None else f" [{low}, {high}]"
    return f"{when}<br>{value}{interval}<br>n={row['n']:,}"
