"""The response board: how many parks have answered, which have not and since when, and the list to remind them by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import polars as pl
import streamlit as st

from data import registry
from pages.parts import blocks, charts, filters, mapped, tables
from pages.parts.blocks import Foot
from pages.parts.filters import Selection
from pages.parts.session import Visit
from pages.parts.surveys import cached_response

MONTHS = 13


def up_to(months: Sequence[date], today: date) -> list[date]:
    """The months one can ask about: every month from the first with an answer to the present one.

    >>> up_to([date(2026, 9, 1)], date(2026, 11, 22))
    [datetime.date(2026, 9, 1), datetime.date(2026, 10, 1), datetime.date(2026, 11, 1)]
    >>> up_to([], date(2026, 11, 22))
    [datetime.date(2026, 11, 1)]
    """
    present = today.replace(day=1)
    first = min(months, default=present)
    return pl.date_range(first, max(present, max(months, default=present)), "1mo", eager=True).to_list()


def month(visit: Visit, selection: Selection) -> date:
    """The month on screen: by default the newest with an answer, at most the present one."""
    answered = cached_response.months(visit.key, selection, visit)
    return filters.month(visit, up_to(answered, date.today()), max(answered, default=None))


def headline(visit: Visit, status: pl.DataFrame, foot: Foot) -> None:
    """Asked, answered, not yet, silent for three months and more."""
    asked, answered = status.height, int(status["answered"].sum())
    silent = status.filter(pl.col("n_missing").is_null() | (pl.col("n_missing") >= 3)).height
    figures = {"asked": asked, "answered": answered, "missing": asked - answered, "silent": silent}
    for column, (word, number) in zip(st.columns(4), figures.items(), strict=True):
        note = ""
        if word == "answered":
            note = visit.say("responses.rate", rate=tables.percent(100 * answered / asked if asked else None))
        with column:
            blocks.metric(visit, visit.say(f"responses.{word}"), tables.number(number, 0), None, "", note, foot)


def parks(visit: Visit, status: pl.DataFrame, answered: bool, heading: str, foot: Foot) -> None:
    """The parks that have (not) answered; those longest silent first. The file is the list to remind them by."""
    names = dict(registry.districts().select("district_code", visit.named()).iter_rows())
    rows = status.filter(pl.col("answered") == answered).with_columns(
        pl.col("district_code").replace_strict(names, default=pl.col("district_code")),
        pl.col("last_period").dt.strftime("%Y-%m").fill_null(visit.say("responses.never")),
        name=visit.named(),
    )
    longest = pl.col("n_missing").is_null(), pl.col("n_missing")
    rows = rows.sort(*longest, "park_id", descending=[True, True, False])
    shown = ["name", "park_id", "district_code", "last_period", "n_missing", "n_answered"]
    titles = {name: visit.say(f"responses.column_{name}") for name in shown}
    data = rows.select(shown if not answered else [name for name in shown if name != "n_missing"]).rename(
        titles, strict=False
    )
    key = "answered" if answered else "reminders"
    blocks.table(visit, heading, data, replace(foot, n=str(data.height)), key, height=min(420, 38 + 35 * data.height))


def by_district(visit: Visit, selection: Selection, month: date, heading: str, foot: Foot) -> None:
    """The response rate of every district of the selection over the last 13 months, on the same axes."""
    rates = cached_response.rates(visit.key, selection, visit).filter(pl.col("period") <= month)
    last = rates["period"].unique().sort().tail(MONTHS)
    rates = rates.filter(pl.col("period").is_in(last.implode()))
    if not rates.height:
        return
    places = registry.districts_of(selection.city_id).select("district_code", visit.named())
    names = {code: name for code, name in places.iter_rows() if code in set(rates["district_code"])}
    unit = visit.unit("percent")
    figure = charts.small_multiples(
        rates, "district_code", y="response_rate_pct", labels=names, neutral=None, columns=4, n="n_frame",
        synthetic=foot.status == "computed_synthetic", unit=unit, language=visit.language, dark=visit.dark,
    )  # fmt: skip
    first, newest = (tables.period_label(one, visit.language) for one in (last[0], last[-1]))
    foot = replace(foot, unit=unit, period=f"{first} – {newest}", n=visit.say("responses.n_frame"))
    table = rates.with_columns(pl.col("district_code").replace_strict(names, default=pl.col("district_code")))
    titles = {name: visit.say(f"responses.column_{name}") for name in table.columns}
    blocks.chart(visit, heading, figure, foot, "response-rates", table.rename(titles))


def rate_map(visit: Visit, selection: Selection, month: date, heading: str, foot: Foot) -> None:
    """The response rate of every district of the city in one month; a click chooses the district."""
    rates = cached_response.rates(visit.key, Selection(selection.city_id), visit).filter(pl.col("period") == month)
    rate = pl.col("response_rate_pct")
    shown = tables.each(rates["response_rate_pct"], tables.percent)
    values = rates.select(
        "district_code", value=rate, text=pl.format("{} ({}/{})", pl.lit(shown), "n_answered", "n_frame").fill_null("—")
    )
    foot = replace(foot, unit=visit.unit("percent"), territory="", n=str(rates["n_frame"].sum()))
    mapped.districts(visit, selection, values, heading, foot, "response-map")
