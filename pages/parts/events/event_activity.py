"""The view of activity and prosperity: do districts with more events than usual fare better, before, then or later?"""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import streamlit as st

from indicators.events.association import FEWEST_MONTHS
from pages.parts import blocks, session, tables
from pages.parts.events import cached_events, event_charts, event_choices
from pages.parts.events.event_choices import Looked
from pages.parts.session import Visit

Lag = dict[str, float | int | None]
FEW_LAGS = 1  # of 13 lags so many may leave out zero by chance alone


def found(visit: Visit, at: Looked) -> str:
    """The title: whether any sign of a connection is seen."""
    rows = cached_events.activity(visit.key, at.lens, visit).drop_nulls(["correlation", "low", "high"])
    if not rows.height:
        return visit.say("events.title_activity_few")
    n = apart(rows).height
    return visit.say("events.title_activity_some" if n > FEW_LAGS else "events.title_activity_none")


def show(visit: Visit, at: Looked) -> None:
    """The warning first, then the correlation at every lag with its interval, n and how to read it."""
    st.markdown(f"**{visit.say('events.no_cause')}**")
    rows = cached_events.activity(visit.key, at.lens, visit)
    used, notes = districts(visit, at)
    if not rows.drop_nulls("correlation").height:
        blocks.empty(visit, "events.no_activity")
        st.caption(" ".join(notes))
        return
    said = pl.Series("hover", [hover(visit, row) for row in rows.to_dicts()], dtype=pl.String)
    figure = event_charts.lags(rows.with_columns(said), visit.dark, visit.say("events.lag_caption"))
    survey, status = blocks.source(visit, "answers", at.lens.selection.city_id)
    both = at.foot.status if status == "computed" else status
    now = rows.filter(pl.col("lag_months") == 0).row(0, named=True)
    comma = visit.say("events.comma")
    place = " · ".join([comma.join(used), *event_choices.narrowed(visit, at.lens)])
    foot = replace(
        at.foot, territory=place, status=both, unit=visit.say("events.correlation_unit"),
        period=event_choices.span(visit, *at.covered), source=f"{at.foot.source} · {survey}",
        n=visit.say("events.pairs", n=tables.number(now["n"], 0), districts=now["n_districts"]),
        method="activity_and_prosperity",
    )  # fmt: skip
    data = blocks.as_published(rows.rename({"n": "n_pairs_used"}), 3)
    data = event_choices.worded(visit, data.with_columns(pl.col("n_effective").round(0).cast(pl.Int64)))
    blocks.chart(visit, reading(visit, rows), figure, foot, "activity", data)
    explained = visit.say("events.activity_note" if len(used) > 1 else "events.activity_note_one")
    st.caption(" ".join([explained, *notes]))


def districts(visit: Visit, at: Looked) -> tuple[list[str], list[str]]:
    """The names of the districts used, and why others are not: too few parks answer, or too few months."""
    names = event_choices.district_names(visit, at.lens.selection.city_id)
    rows = cached_events.activity_districts(visit.key, at.lens, visit)
    enough, hidden = pl.col("months") >= FEWEST_MONTHS, pl.col("suppressed") > 0
    used, few, short = (
        [names.get(code, code) for code in rows.filter(part)["district_code"]]
        for part in (enough, ~enough & hidden, ~enough & ~hidden)
    )
    comma, notes = visit.say("events.comma"), []
    if few:
        least = session.minimum_cell(visit)
        notes.append(visit.say("events.activity_hidden", names=comma.join(few), minimum=least))
    if short:
        notes.append(visit.say("events.activity_short", names=comma.join(short), months=FEWEST_MONTHS))
    if visit.viewer.scope.districts is not None:
        notes.append(visit.say("events.activity_own"))
    return used, notes


def apart(rows: pl.DataFrame) -> pl.DataFrame:
    """The lags whose interval leaves out zero."""
    return rows.filter((pl.col("low") > 0) | (pl.col("high") < 0))


def reading(visit: Visit, rows: pl.DataFrame) -> str:
    """The sentence above the chart: the strongest lag with its interval and n, and whether chance explains it."""
    told = rows.drop_nulls(["low", "high"])
    if not told.height:
        return visit.say("events.activity_no_interval")
    beyond = apart(told)
    key = "none" if not beyond.height else "one" if beyond.height <= FEW_LAGS else "some"
    row = (beyond if beyond.height else told).sort(pl.col("correlation").abs(), descending=True).row(0, named=True)
    r, low, high = (tables.signed(row[name], 2) for name in ("correlation", "low", "high"))
    return visit.say(f"events.activity_{key}", when=when(visit, row), r=r, low=low, high=high, apart=beyond.height,
                     n=tables.number(row["n"], 0), lags=told.height)  # fmt: skip


def when(visit: Visit, row: Lag) -> str:
    """A lag in words."""
    lag = int(row["lag_months"] or 0)
    key = "lag_same" if not lag else "lag_after" if lag > 0 else "lag_before"
    return visit.say(f"events.{key}", n=abs(lag))


def hover(visit: Visit, row: Lag) -> str:
    """One lag with its figures."""
    low, high = (tables.signed(row[name], 2) for name in ("low", "high"))
    value = tables.signed(row["correlation"], 2)
    interval = "" if row["low"] is None else f" [{low}, {high}]"
    return f"{when(visit, row)}<br>{value}{interval}<br>n={row['n']:,}"
