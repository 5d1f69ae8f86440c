"""Registers, computed once per store revision and viewer: members over time, matches, follow-ups, communication."""

from __future__ import annotations

from datetime import date

import polars as pl
import streamlit as st

from data.city_groups import provinces, regions
from data.library_search import LibraryIndex
from indicators.events import event_counts
from indicators.registers import communication, last_steps, match_scores, membership
from indicators.registers.followups import REACHED
from pages.parts.cached import figures
from pages.parts.session import Visit
from pages.parts.text import LANGUAGES, TEXTS, say

PAIR = ("need_id", "offer_id")


@figures
def entries(key: str, dataset: str, _visit: Visit) -> pl.DataFrame:
    """The rows of one register as this viewer may see them, retired ones too."""
    return _visit.store.entries(dataset).collect()


def members_of(visit: Visit, body: str) -> pl.DataFrame:
    """The members of one body with joined and left_on as they count: a retired entry counts until it was retired."""
    rows = entries(visit.key, "members", visit).filter(pl.col("body") == body)
    left = pl.min_horizontal("left_on", "retired_on")
    return rows.with_columns(joined="joined_on", left_on=left).filter(
        ~(pl.col("left_on") < pl.col("joined")).fill_null(value=False)
    )


def kept(visit: Visit, dataset: str) -> pl.DataFrame:
    """The entries of a register that count: all that are not retired."""
    return entries(visit.key, dataset, visit).filter(pl.col("retired_on").is_null())


@figures
def members(key: str, body: str, by: tuple[str, ...], last: date, _visit: Visit) -> pl.DataFrame:
    """period, by…, n_members, n_joined, n_left, net_growth, n_undated up to the month of `last`."""
    rows = members_of(_visit, body)
    joined = rows["joined"].drop_nulls()
    if joined.is_empty():
        return pl.DataFrame()
    return membership(rows, by=by, last=max(last, joined.max()))  # type: ignore[type-var]


def holding(visit: Visit, dataset: str, today: date) -> pl.DataFrame:
    """The entries of a register that hold today: not retired, not over; an offer no longer than its partner."""
    rows = entries(visit.key, dataset, visit)
    if dataset == "offers":
        gone = entries(visit.key, "partners", visit).filter(pl.col("retired_on") <= today)
        rows = rows.join(gone.select("partner_id"), on="partner_id", how="anti", maintain_order="left")
    if "retired_on" in rows.columns:
        rows = rows.filter(pl.col("retired_on").is_null() | (pl.col("retired_on") > today))
    over = pl.col("until") < today if "until" in rows.columns else pl.lit(value=False)
    return rows.filter(~over.fill_null(value=False))


@figures
def matches(key: str, today: date, _visit: Visit) -> pl.DataFrame:
    """Every need with the offers that fit it, the parts of the score, and how far their follow-up has come.

    Columns: those of `match_scores`, need, offer (titles), park_id, partner_id, status, date (of the last step). Tags
    are weighed by the offers that hold, which are the same for every viewer, so a pair has one score for all. A region
    is read as its city or province however it is spelled.
    """
    known = regions()
    needs, offers = (
        holding(_visit, name, today).with_columns(pl.col("region").str.strip_chars().replace(known))
        for name in ("needs", "offers")
    )
    scored = match_scores(needs, offers, provinces())
    named = scored.join(needs.select("need_id", "park_id", need="title"), on="need_id", how="left")
    named = named.join(offers.select("offer_id", "partner_id", offer="title"), on="offer_id", how="left")
    steps = pairs(key, _visit).select(*PAIR, "status", "date")
    return named.join(steps, on=PAIR, how="left").sort("need_id", "rank", "offer_id")


@figures
def pairs(key: str, _visit: Visit) -> pl.DataFrame:
    """What `last_steps` says of every pair this viewer sees; a retired step is none."""
    return last_steps(kept(_visit, "followups"))


@figures
def progress(key: str, _visit: Visit) -> pl.DataFrame:
    """status, n (pairs of a need and an offer that reached the step or a later one), now (whose last step it is)."""
    rows = pairs(key, _visit)
    order = {step: place for place, step in enumerate(REACHED)}
    far = rows["reached"].replace_strict(order, default=None, return_dtype=pl.Int64)
    told = [(step, int((far >= place).sum()), int((rows["status"] == step).sum())) for step, place in order.items()]
    told.append(("declined", int((rows["status"] == "declined").sum()), int((rows["status"] == "declined").sum())))
    return pl.DataFrame(told, schema={"status": pl.String, "n": pl.Int64, "now": pl.Int64}, orient="row")


@figures
def published(key: str, city_id: str, kind: str, by: tuple[str, ...], _visit: Visit) -> pl.DataFrame:
    """period, by…, n_items, reads, likes, n_events, items_per_event, reads_per_item of a city ("" kind: all kinds).

    Items without a city are the association's own and count with Beijing's, where it sits. Events are those of the
    city; a month before the first or after the last event on record is not covered. Retired entries do not count.
    """
    rows = kept(_visit, "publications").with_columns(pl.col("city_id").fill_null("beijing"))
    rows = rows.filter(pl.col("city_id") == city_id)
    chosen = rows.filter(pl.col("kind") == kind) if kind else rows
    if chosen.is_empty():
        return pl.DataFrame()
    return communication(chosen, event_months(key, city_id, _visit), by)


def _held(visit: Visit) -> pl.LazyFrame:
    """The events that have been held and are not retired."""
    return visit.store.events().filter(pl.col("date") <= date.today(), pl.col("retired_on").is_null())


@figures
def event_months(key: str, city_id: str, _visit: Visit) -> pl.DataFrame:
    """period, n_events of a city, from its first event on record to its last that has been held."""
    held = _held(_visit).filter(pl.col("city_id") == city_id).collect()
    counts = (
        event_counts(held, by=()) if held.height else pl.DataFrame(schema={"period": pl.Date, "n_events": pl.UInt32})
    )
    return counts.select("period", pl.col("n_events").cast(pl.Int64))


@figures
def programmes(key: str, _visit: Visit) -> pl.DataFrame:
    """The programmes with n_events, first and last (day) of their events on record that have been held."""
    counted = (
        _held(_visit)
        .group_by("programme_id")
        .agg(n_events=pl.len(), first=pl.col("date").min(), last=pl.col("date").max())
    )
    found = counted.collect()
    rows = entries(key, "programmes", _visit).join(found, on="programme_id", how="left", maintain_order="left")
    return rows.with_columns(pl.col("n_events").fill_null(0)) if found.height else rows


@figures
def event_names(key: str, language: str, _visit: Visit) -> dict[str, str]:
    """event_id -> what an event is called, with its day: its title, or else its programme."""
    programmes = entries(key, "programmes", _visit).select("programme_id", name=_visit.named())
    rows = _visit.store.events().select("event_id", "date", "title", "programme_id").collect()
    called = pl.coalesce("title", "name", "programme_id", "event_id")
    said = pl.when(pl.col("date").is_null()).then(called).otherwise(pl.format("{} ({})", called, "date"))
    named = rows.join(programmes, on="programme_id", how="left").select("event_id", said.alias("said"))
    return dict(named.iter_rows())


@st.cache_resource(max_entries=4, show_spinner=False)
def library(key: str, _visit: Visit) -> LibraryIndex:
    """The search of the library as this viewer sees it; a topic is found by its word in either language."""
    known = TEXTS.keys(LANGUAGES[0])
    topics = entries(key, "documents", _visit)["topic"].drop_nulls().unique()
    words = {
        topic: " ".join(say(f"code.topic.{topic}", language) for language in LANGUAGES)
        for topic in topics
        if f"code.topic.{topic}" in known
    }
    return _visit.store.library_index(words)
