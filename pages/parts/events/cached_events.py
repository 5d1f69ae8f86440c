"""Every figure of the events page, computed once per store revision, day and selection.

The events are read and numbered once (`held`); each figure is then a pass over arrays, so that a change of a filter
stays quick with hundreds of thousands of events. What is planned after today is never counted, and no event
that was retired.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import cast

import polars as pl
import streamlit as st

from data import registry
from indicators.events import (
    CodedEvents,
    activity_and_prosperity,
    attendance,
    coded_events,
    count_changes,
    event_calendar,
    event_concentration,
    event_counts,
    event_density,
    funnel,
    period_counts,
    reach,
)
from indicators.registers import last_steps
from indicators.registers.followups import STATUSES
from pages.parts import cached
from pages.parts.cached import figures
from pages.parts.clustering import cached_firms
from pages.parts.clustering.cached_firms import Lens
from pages.parts.filters import Selection
from pages.parts.session import Visit

NOT_STATED = "not_stated"
shared = st.cache_resource(max_entries=6, show_spinner=False)


@dataclass(frozen=True)
class EventLens:
    """What the page of events looks at: a place, the day it is today, a programme and a mode ("": all)."""

    selection: Selection
    today: date
    programme: str = ""
    mode: str = ""

    @property
    def of_city(self) -> EventLens:
        """The same for the whole city."""
        return replace(self, selection=Selection(self.selection.city_id))

    def wanted(self) -> dict[str, list[str | None]]:
        """The values of each column an event must have.

        >>> EventLens(Selection("beijing"), date(2026, 11, 22), mode="not_stated").wanted()
        {'city_id': ['beijing'], 'mode': [None]}
        """
        asked: dict[str, list[str | None]] = {"city_id": [self.selection.city_id]}
        if self.selection.district_code is not None:
            asked["district_code"] = [self.selection.district_code]
        if self.programme:
            asked["programme_id"] = [self.programme]
        if self.mode:
            asked["mode"] = [None if self.mode == NOT_STATED else self.mode]
        return asked


def today() -> date:
    """The day on which what comes later is planned."""
    return date.today()


@shared
def held(key: str, day: date, _visit: Visit) -> CodedEvents:
    """The events of every city held up to `day`, as numbers, without those that were retired."""
    rows = _visit.store.events().filter(pl.col("date") <= day, pl.col("retired_on").is_null())
    return coded_events(rows.collect())


@figures
def coverage(key: str, city_id: str, day: date, _visit: Visit) -> tuple[date, date] | None:
    """The first and last month with an event of the city, as their first days; None without events."""
    events = held(key, day, _visit).only(city_id=city_id)
    if not events.n:
        return None
    months = event_counts(events, ())["period"]
    return months[0], months[-1]


@st.cache_resource(max_entries=4, show_spinner=False)
def chosen(key: str, lens: EventLens, _visit: Visit) -> CodedEvents:
    """The events the lens shows: a view asks for them again and again, so the last few narrowings are kept."""
    return held(key, lens.today, _visit).only(**lens.wanted())


def monthly(visit: Visit, selection: Selection, by: tuple[str, ...] = ()) -> pl.DataFrame:
    """period, by…, n_events of the selection, up to today: the counts of pages that are about something else."""
    return counts(visit.key, EventLens(selection, today()), by, "month", visit)


@figures
def counts(key: str, lens: EventLens, by: tuple[str, ...], every: str, _visit: Visit) -> pl.DataFrame:
    """period, by…, n_events, n_months, whole on the complete grid of the city's records: none there is a true zero."""
    first, last = coverage(key, lens.selection.city_id, lens.today, _visit) or (None, None)
    return period_counts(chosen(key, lens, _visit), by, every, first, last)


@figures
def changes(key: str, lens: EventLens, _visit: Visit) -> pl.DataFrame:
    """period, n_events and how far it moved: in a month, in a year, to date, over twelve months."""
    return count_changes(counts(key, lens, (), "month", _visit).select("period", "n_events"))


@figures
def calendar(key: str, lens: EventLens, year: int, _visit: Visit) -> pl.DataFrame:
    """The days of a year that the city's records cover, up to today, with the events that begin on each."""
    covered = coverage(key, lens.selection.city_id, lens.today, _visit)
    events = chosen(key, lens, _visit)
    if covered is None:
        return event_calendar(events).clear()
    first = max(covered[0], date(year, 1, 1))
    last = min(month_end(covered[1]), date(year, 12, 31), lens.today)
    return event_calendar(events, first, last)


def month_end(month: date) -> date:
    """The last day of a month.

    >>> month_end(date(2024, 2, 1))
    datetime.date(2024, 2, 29)
    """
    return cast("date", pl.select(pl.lit(month).dt.month_end()).item())


def year_to(month: date, covered: tuple[date, date]) -> tuple[date, date]:
    """The first and last of the twelve months up to a month, as far as the records cover them.

    >>> year_to(date(2022, 5, 1), (date(2022, 1, 1), date(2026, 10, 1)))
    (datetime.date(2022, 1, 1), datetime.date(2022, 5, 1))
    """
    return max(pl.select(pl.lit(month).dt.offset_by("-11mo")).item(), covered[0]), month


@figures
def people(
    key: str, lens: EventLens, by: tuple[str, ...], every: str, first: date, last: date, _visit: Visit
) -> pl.DataFrame:
    """What `attendance` says of the events between two months."""
    return attendance(chosen(key, lens, _visit), by, every, first, last)


@figures
def by_district(key: str, lens: EventLens, first: date, last: date, _visit: Visit) -> pl.DataFrame:
    """district_code, n: the events of a span of months by district of the city; null for those without one."""
    found = event_counts(chosen(key, lens.of_city, _visit), ("district_code",), first, last)
    return found.group_by("district_code").agg(n=pl.col("n_events").sum()).sort("district_code", nulls_last=True)


@figures
def by_park(key: str, lens: EventLens, first: date, last: date, _visit: Visit) -> pl.DataFrame:
    """park_id, name_zh, name_en, n_events: events of a span of months by park, most first; null for those without."""
    rows = attendance(chosen(key, lens, _visit), ("park_id",), "all", first, last).select("park_id", "n_events")
    names = _visit.store.parks().select("park_id", "name_zh", "name_en").collect().unique("park_id")
    found = rows.join(names, on="park_id", how="left")
    return found.sort("n_events", "park_id", descending=[True, False], nulls_last=True)


@figures
def reached(key: str, lens: EventLens, unit: str, _visit: Visit) -> pl.DataFrame:
    """The share of the parks of the selection, or of the districts of the city, with an event in three months."""
    covered = coverage(key, lens.selection.city_id, lens.today, _visit)
    where = lens if unit == "park_id" else lens.of_city
    rows = event_counts(chosen(key, where, _visit), (unit,), *(covered or (None, None)))
    units = parks_of(key, lens.selection, _visit) if unit == "park_id" else districts_of(lens.selection.city_id)
    if not rows.height and covered:  # nothing of this programme: every covered month had none
        months = event_counts(chosen(key, where, _visit), (), *covered)["period"]
        rows = pl.DataFrame({"period": months, unit: pl.Series([None] * len(months), dtype=pl.String), "n_events": 0})
    return reach(rows, units, unit)


def districts_of(city_id: str) -> list[str]:
    """The codes of a city's districts."""
    return registry.districts_of(city_id)["district_code"].to_list()


@figures
def parks_of(key: str, selection: Selection, _visit: Visit) -> list[str]:
    """The parks of the register in the selection, without those that are retired."""
    rows = selection.of(_visit.store.parks()).filter(pl.col("retired_on").is_null())
    return rows.select("park_id").collect()["park_id"].to_list()


@figures
def concentration(key: str, lens: EventLens, first: date, last: date, _visit: Visit) -> pl.DataFrame:
    """How unevenly the events of a span of months are spread over the districts: one row; none without events."""
    numbers = by_district(key, lens, first, last, _visit).rename({"n": "n_events"})
    return event_concentration(numbers, (), districts_of(lens.selection.city_id))


@figures
def density(key: str, lens: EventLens, first: date, last: date, _visit: Visit) -> pl.DataFrame:
    """district_code, n_events, n_enterprises, events_per_100, quotient, rank: events for 100 open enterprises."""
    every = pl.DataFrame({"district_code": districts_of(lens.selection.city_id)}, {"district_code": pl.String})
    numbers = by_district(key, lens, first, last, _visit).rename({"n": "n_events"})
    firms = cached_firms.enterprises_by_district(key, Lens(Selection(lens.selection.city_id)), _visit)
    table = every.join(numbers, on="district_code", how="left").join(firms, on="district_code", how="left")
    return event_density(table.select("district_code", pl.col("n_events").fill_null(0), n_enterprises="n"))


@figures
def matched(key: str, lens: EventLens, by: tuple[str, ...], every: str, year: int, _visit: Visit) -> pl.DataFrame:
    """What `funnel` says of the events of a year (0: of all years on record)."""
    first, last = coverage(key, lens.selection.city_id, lens.today, _visit) or (None, None)
    if year and first and last:
        first, last = max(first, date(year, 1, 1)), min(last, date(year, 12, 1))
    return funnel(chosen(key, lens, _visit), by, every, first, last)


@figures
def followups(key: str, selection: Selection, _visit: Visit) -> pl.DataFrame:
    """status, n, n_at_event: where each offer made for a need of the selection stands, as this viewer may see it.

    n_at_event: the pairs of which any step names an event (`last_steps`).
    """
    parks = _visit.store.parks().select("park_id", "city_id", "district_code")
    needs = selection.of(_visit.store.needs().select("need_id", "park_id").join(parks, on="park_id"))
    steps = _visit.store.followups().filter(pl.col("retired_on").is_null())
    rows = steps.join(needs.select("need_id"), on="need_id", how="semi").collect()
    found = last_steps(rows).group_by("status").agg(n=pl.len(), n_at_event=pl.col("event_id").count())
    order = {status: place for place, status in enumerate(STATUSES)}
    return found.sort(pl.col("status").replace_strict(order, default=len(order), return_dtype=pl.Int64))


@figures
def needs_of(key: str, selection: Selection, _visit: Visit) -> int:
    """How many needs of the selection this viewer sees, without retired ones."""
    parks = selection.of(_visit.store.parks()).select("park_id")
    held = _visit.store.needs().filter(pl.col("retired_on").is_null())
    rows = held.join(parks, on="park_id", how="semi")
    return int(rows.select(pl.len()).collect().item())


@figures
def activity_table(key: str, lens: EventLens, _visit: Visit) -> pl.DataFrame:
    """period, district_code, n_events, prosperity_index, suppressed: of the districts with index values in sight."""
    city = Selection(lens.selection.city_id)
    wanted = ("period", "district_code", "prosperity_index", "suppressed")
    index = cached.prosperity(key, city, True, _visit).select(wanted)
    covered = coverage(key, city.city_id, lens.today, _visit)
    if covered is None:
        return index.with_columns(n_events=pl.lit(None, pl.Int64)).clear()
    numbers = event_counts(chosen(key, lens.of_city, _visit), ("district_code",), *covered)
    inside = pl.col("period").is_between(*covered)
    joined = index.join(numbers, on=["period", "district_code"], how="full", coalesce=True).filter(
        pl.col("district_code").is_in(index["district_code"].unique().implode())
    )
    grid = _grid(joined, covered)
    table = grid.join(joined, on=["period", "district_code"], how="left")
    return table.with_columns(n_events=pl.when(inside).then(pl.col("n_events").fill_null(0)))


@figures
def activity(key: str, lens: EventLens, _visit: Visit) -> pl.DataFrame:
    """`activity_and_prosperity` of the city's districts, from the index values this viewer may see."""
    return activity_and_prosperity(activity_table(key, lens, _visit).drop("suppressed"))


@figures
def activity_districts(key: str, lens: EventLens, _visit: Visit) -> pl.DataFrame:
    """district_code, months, suppressed: how many months a district has with both figures, and how many are hidden."""
    both = pl.all_horizontal(pl.col("n_events", "prosperity_index").is_not_null())
    rows = activity_table(key, lens, _visit).group_by("district_code")
    return rows.agg(months=both.sum(), suppressed=pl.col("suppressed").sum()).sort("district_code")


def _grid(rows: pl.DataFrame, covered: tuple[date, date]) -> pl.DataFrame:
    """Every month of the rows and of the records, for every district of the rows."""
    first = min(covered[0], *rows["period"].drop_nulls())
    last = max(covered[1], *rows["period"].drop_nulls())
    months = pl.date_range(first, last, "1mo", eager=True).alias("period").to_frame()
    return months.join(rows.select("district_code").drop_nulls().unique(), how="cross")


@figures
def published_items(key: str, city_id: str, kind: str, year: int, _visit: Visit) -> tuple[int | None, int]:
    """Items of a kind that the city's channels report for a year, None unless for every month; and how many months."""
    rows = _visit.store.publications().filter(
        pl.col("city_id") == city_id,
        pl.col("kind") == kind,
        pl.col("period").dt.year() == year,
        pl.col("retired_on").is_null(),
    )
    found = rows.select(n=pl.col("n").sum(), months=pl.col("period").n_unique()).collect().row(0, named=True)
    return (int(found["n"]) if found["months"] == 12 else None), found["months"]


def months_with_records(visit: Visit, city_id: str, day: date, year: int) -> int:
    """How many months of a year have an event of the city on record."""
    months = counts(visit.key, EventLens(Selection(city_id), day), (), "month", visit)
    return months.filter(pl.col("period").dt.year() == year, pl.col("n_events") > 0).height
