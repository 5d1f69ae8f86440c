"""The methods of the events register."""

from __future__ import annotations

from datetime import date

import polars as pl

from indicators.catalogue import BY_OUT, Method, Option
from indicators.events.association import ACTIVITY, activity_and_prosperity
from indicators.events.attendance import attendance
from indicators.events.calendar import event_calendar
from indicators.events.changes import count_changes, counts_contract
from indicators.events.concentration import DENSITY, DISTRICT_COUNTS, event_concentration, event_density
from indicators.events.contracts import events_with
from indicators.events.counts import event_counts, period_counts
from indicators.events.funnel import STAGES, funnel
from indicators.events.reach import reach, unit_counts_contract
from indicators.frames import EVENTS

_BY = Option(tuple, ("programme_id",), "columns to count by, with commas between; empty = all together")
_TOGETHER = Option(tuple, (), "columns to count by, with commas between; empty = all together")
_COVERED = {
    "first": Option(date, None, "first month of the coverage"),
    "last": Option(date, None, "last month of the coverage"),
}
_PERIOD = ("period", "first month of the period")


def _reach(counts: pl.DataFrame, units: tuple[str, ...], unit: str, months: int) -> pl.DataFrame:
    return reach(counts, units or None, unit, months)


def _concentration(counts: pl.DataFrame, by: tuple[str, ...], districts: tuple[str, ...]) -> pl.DataFrame:
    return event_concentration(counts, by, districts or None)


_COUNTING = (
    Method(
        "event_counts",
        "How many events were held in each month, with a row for every month in between.",
        event_counts,
        EVENTS,
        {"by": _BY, **_COVERED},
        (("period", "month"), BY_OUT, ("n_events", "events")),
        "our choice",
    ),
    Method(
        "period_counts",
        "How many events were held in each quarter or year, and how many months of it are covered.",
        period_counts,
        EVENTS,
        {"by": _BY, "every": Option(str, "year", "length of a period: month, quarter or year"), **_COVERED},
        (_PERIOD, BY_OUT, ("n_events", "events"), ("n_months", "months"), ("whole", "true or false")),
        "our choice",
    ),
    Method(
        "event_calendar",
        "How many events begin on each day, and where the day stands on a calendar sheet.",
        event_calendar,
        EVENTS,
        {"first": Option(date, None, "first day of the coverage"), "last": Option(date, None, "last day of it")},
        (
            ("date", "day"), ("year", "year"), ("month", "1 to 12"), ("week", "0 to 53"), ("weekday", "1 = Monday"),
            ("n_events", "events"),
        ),
        "our choice",
    ),
    Method(
        "count_changes",
        "How far a monthly count has moved: in a month, in a year, in the year to date, and over twelve months.",
        count_changes,
        counts_contract(),
        {"by": _TOGETHER, "value": Option(str, "n_events", "the column of the count")},
        (
            ("the columns of the file", "as given"),
            *((name, "events") for name in ("change_month", "change_year", "year_to_date", "year_to_date_before")),
            *((name, "per cent") for name in ("change_month_pct", "change_year_pct", "change_to_date_pct")),
            ("total_12_months", "events"),
        ),
        "our choice; NBS",
        {"value": counts_contract().columns[1]},
    ),
)  # fmt: skip

_RESULTS = (
    Method(
        "attendance",
        "How many people and enterprises took part, in all and per event, and how many events say so.",
        attendance,
        events_with("mode", "participants_online", "participants_onsite", "enterprises", "media_items"),
        {"by": _BY, "every": Option(str, "all", "length of a period: month, quarter, year or all"), **_COVERED},
        (
            _PERIOD, BY_OUT, ("n_events", "events"), ("participants", "persons"), ("n_stated", "events"),
            ("participants_online", "persons"), ("n_online", "events"), ("participants_onsite", "persons"),
            ("n_onsite", "events"), ("enterprises", "enterprises"), ("n_enterprises", "events"),
            ("media_items", "items"), ("n_media", "events"), ("participants_per_event", "persons an event"),
            ("enterprises_per_event", "enterprises an event"),
        ),
        "our choice",
    ),
    Method(
        "funnel",
        "How many projects made public were presented, and how many of those led to an agreement.",
        funnel,
        events_with(*STAGES),
        {
            "by": _TOGETHER,
            "every": Option(str, "all", "length of a period: month, quarter, year or all"),
            **_COVERED,
            "confidence": Option(float, 0.95, "how sure the interval is, between 0 and 1"),
        },
        (
            _PERIOD, BY_OUT, ("step", "step of the funnel"), ("n_events", "events"), ("n_from", "projects"),
            ("n_to", "projects or agreements"), ("all_from", "projects"), ("all_to", "projects or agreements"),
            ("rate_pct", "per cent"), ("low_pct", "per cent"), ("high_pct", "per cent"),
            ("widens", "true or false"), ("n_widening", "events"), ("reason", "why there is no rate"),
        ),
        "our choice; Wilson (1927)",
    ),
)  # fmt: skip

_SPREAD = (
    Method(
        "reach",
        "The share of the parks, or of the districts, that had at least one event in the last months.",
        _reach,
        unit_counts_contract(),
        {
            "units": Option(tuple, (), "every park or district, with commas between; empty = those of the file"),
            "unit": Option(str, "park_id", "the column of the park or district"),
            "months": Option(int, 3, "how many months up to and with each month"),
        },
        (
            ("period", "month"), ("n_reached", "parks or districts"), ("n_units", "parks or districts"),
            ("share_pct", "per cent"), ("n_events", "events"), ("n_unplaced", "events"), ("n_outside", "events"),
        ),
        "our choice",
        {"unit": unit_counts_contract().columns[1]},
    ),
    Method(
        "event_concentration",
        "How unevenly the events of each group are spread over the districts.",
        _concentration,
        DISTRICT_COUNTS,
        {
            "by": Option(tuple, (), "columns that name the groups, with commas between"),
            "districts": Option(tuple, (), "every district there is, with commas between; empty = those of the file"),
        },
        (
            BY_OUT, ("n_districts", "districts"), ("n_events", "events"), ("n_unplaced", "events"),
            ("hhi", "1/n to 1"), ("hhi_normalised", "0 to 1"), ("equivalent_number", "districts"), ("gini", "0 to 1"),
        ),
        "Herfindahl-Hirschman; Gini",
    ),
    Method(
        "event_density",
        "How many events a district has for every 100 enterprises, so that large districts do not win by size.",
        event_density,
        DENSITY,
        {},
        (
            ("the columns of the file", "as given"), ("events_per_100", "events for 100 enterprises"),
            ("quotient", "ratio, 1 = as in the whole"), ("rank", "1 = most"),
        ),
        "our choice",
    ),
    Method(
        "activity_and_prosperity",
        "Whether the prosperity of districts goes with their events, some months before, at once or later.",
        activity_and_prosperity,
        ACTIVITY,
        {
            "lags": Option(int, 6, "how many months before and after"),
            "confidence": Option(float, 0.95, "how sure the interval is, between 0 and 1"),
        },
        (
            ("lag_months", "months, above 0: the index after the events"), ("n", "pairs"), ("n_districts", "districts"),
            ("n_effective", "independent pairs"), ("correlation", "-1 to 1"), ("low", "-1 to 1"), ("high", "-1 to 1"),
        ),
        "Bartlett (1935, 1946); Fisher (1921)",
    ),
)  # fmt: skip

ENTRIES: tuple[Method, ...] = (*_COUNTING, *_RESULTS, *_SPREAD)
