"""The events themselves: what is planned next, and the list one searches."""

from __future__ import annotations

import polars as pl

from data import registry
from pages.parts.cached import figures
from pages.parts.events.cached_events import EventLens, shared
from pages.parts.session import Visit

SHOWN = (
    "date", "end_date", "start_time", "end_time", "title", "programme", "district", "park", "mode", "host", "partners",
    "participants_online", "participants_onsite", "enterprises", "projects_published", "projects_pitched",
    "cooperations_signed", "media_items", "event_id",
)  # fmt: skip
"""The columns of the list in their order."""
RETIRED = ("retired_on", "retired_reason")
KEPT = pl.col("retired_on").is_null()


@figures
def programmes(key: str, _visit: Visit) -> pl.DataFrame:
    """programme_id, name_zh, name_en, retired_on of the register of programmes, shipped and stored."""
    return _visit.store.programmes().select("programme_id", "name_zh", "name_en", "retired_on").collect()


def programme_names(visit: Visit) -> dict[str, str]:
    """Every programme's name in the visitor's language; one without a name by its id."""
    rows = programmes(visit.key, visit).select("programme_id", pl.coalesce(visit.named(), "programme_id"))
    return dict(rows.iter_rows())


@shared
def register(key: str, city_id: str, _visit: Visit) -> pl.DataFrame:
    """The city's events, past, planned and retired, newest first, with the names of programme, park and district.

    Also `sought`: everything one can search for, in small letters.
    """
    rows = _visit.store.events().filter(pl.col("city_id") == city_id).collect()
    names = ("name_zh", "name_en")
    joined = (
        ("programme_id", programmes(key, _visit)),
        ("park_id", _visit.store.parks().select("park_id", *names).collect()),
        ("district_code", registry.districts_of(city_id).select("district_code", *names)),
    )
    for column, table in joined:
        named = table.select(column, *(pl.col(name).alias(f"{column}|{name}") for name in names))
        rows = rows.join(named.unique(column), on=column, how="left")
    told = ["event_id", "title", "host", "partners", *(f"{column}|{name}" for column, _ in joined for name in names)]
    sought = pl.concat_str(pl.col(told), separator="\n", ignore_nulls=True).str.to_lowercase()
    return rows.with_columns(sought=sought).sort("date", "event_id", descending=[True, False])


def listed(visit: Visit, lens: EventLens, text: str = "", retired: bool = False) -> pl.DataFrame:
    """The events the lens shows that have every word of `text`, newest first: SHOWN in the visitor's language.

    retired: those that were retired too, with when (as text, 2026-11-22) and why.
    """
    rows = register(visit.key, lens.selection.city_id, visit).lazy().filter(_wanted(lens))
    rows = rows if retired else rows.filter(KEPT)
    for word in text.lower().split():
        rows = rows.filter(pl.col("sought").str.contains(word, literal=True))
    rows = _named(visit, rows).with_columns(pl.col("retired_on").dt.strftime("%Y-%m-%d"))
    return rows.select(*SHOWN, *(RETIRED if retired else ())).collect()


def n_retired(visit: Visit, lens: EventLens) -> int:
    """How many of the events the lens shows were retired."""
    rows = register(visit.key, lens.selection.city_id, visit).lazy().filter(_wanted(lens), ~KEPT)
    return int(rows.select(pl.len()).collect().item())


def n_listed(visit: Visit, lens: EventLens) -> tuple[int, int]:
    """How many events the lens shows that are not retired, and how many of them are still to come."""
    rows = register(visit.key, lens.selection.city_id, visit).lazy().filter(_wanted(lens), KEPT)
    return rows.select(pl.len(), (pl.col("date") > lens.today).sum()).collect().row(0)


def upcoming(visit: Visit, lens: EventLens) -> pl.DataFrame:
    """The events the lens shows that are neither over nor retired, the next one first: SHOWN."""
    rows = register(visit.key, lens.selection.city_id, visit).lazy().filter(_wanted(lens), KEPT)
    rows = rows.filter(pl.coalesce("end_date", "date") >= lens.today).sort("date", "start_time", "event_id")
    return _named(visit, rows).select(SHOWN).collect()


def _wanted(lens: EventLens) -> pl.Expr:
    found = pl.lit(value=True)
    for column, values in lens.wanted().items():
        found &= pl.col(column).is_in(values, nulls_equal=True)
    return found


def _named(visit: Visit, rows: pl.LazyFrame) -> pl.LazyFrame:
    """The rows with programme, park and district by their names and the mode in words."""
    order = ("name_zh", "name_en") if visit.language == "zh" else ("name_en", "name_zh")
    names = {
        word: pl.coalesce(*(f"{column}|{name}" for name in order), column)
        for word, column in (("programme", "programme_id"), ("park", "park_id"), ("district", "district_code"))
    }
    modes = {mode: visit.say(f"events.mode_{mode}") for mode in ("online", "onsite", "hybrid")}
    return rows.with_columns(**names, mode=pl.col("mode").replace(modes))
