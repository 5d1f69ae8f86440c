"""The composite: locked where figures are missing, else ranks as intervals that follow the weights one moves."""

from __future__ import annotations

import polars as pl
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from indicators.cities.composite import NEEDED_PCT, composite_lock
from pages.parts import blocks, filters
from pages.parts.blocks import Foot
from pages.parts.cities import cached_cities, cached_composite, city_peers, composite_board, figure_tables
from pages.parts.cities.cached_composite import COMPOSITE_SPANS, GAP, GAPS, Basis
from pages.parts.cities.composite_board import Choice
from pages.parts.filters import Selection
from pages.parts.session import Visit

WITH_OWN, READY, MAIN = "with_own", "ruhr_cities", "main"
FEWEST_CITIES = 3


def show(visit: Visit, selection: Selection, room: DeltaGenerator) -> None:
    """A group of cities and indicators, and its composite or the reason why it is locked."""
    with room:
        gap = int(filters.pick(visit.say("cities.peers_gap"), "gap", _gaps(visit), str(GAP)))
    group, cities = _cities(visit, selection)
    rows = cached_composite.values(visit.key, Basis(None, gap, COMPOSITE_SPANS), tuple(cities), visit)
    metrics = _metrics(visit, rows, group, cities)
    if len(cities) < FEWEST_CITIES or not metrics:
        st.info(visit.say("cities.composite_few", fewest=FEWEST_CITIES))
        return
    lock = composite_lock(rows.select("city_id", "indicator_id", "value"), metrics, cities)
    if lock["locked"].any():
        _locked(visit, rows, lock, metrics)
        return
    composite_board.board(visit, Choice(selection.city_id, gap, tuple(cities), tuple(metrics)))


def _gaps(visit: Visit) -> dict[str, str]:
    same = {"0": visit.say("cities.peers_same_year")}
    return same | {gap: visit.say("cities.peers_years", n=gap) for gap in GAPS if gap != "0"}


def _cities(visit: Visit, selection: Selection) -> tuple[str, list[str]]:
    """The group one starts from and the cities, which one may add to or take from."""
    groups = cached_composite.groups(visit)
    left, right = st.columns([1, 2])
    with left:
        names = {key: name for key, (name, _) in groups.items()} | {WITH_OWN: visit.say("cities.composite_with_own")}
        home = next((key for key, (_, cities) in groups.items() if selection.city_id in cities), READY)
        first = home if home != MAIN else READY
        group = filters.pick(visit.say("cities.composite_group"), "group", names, first)
    listed = cached_cities.cities(visit.key, visit).filter(~pl.col("city_id").is_in(cached_cities.CONTEXT))
    known = dict(listed.select("city_id", visit.named()).iter_rows())
    if group == WITH_OWN:
        own = [selection.city_id, *listed.filter("own")["city_id"]]
        near = cached_composite.peers(visit.key, Basis(selection.city_id), visit).drop_nulls("rank")["peer_id"]
        members = list(dict.fromkeys([*own, *near.head(5)]))
    else:
        members = groups[group][1]
    with right:
        chosen = st.multiselect(
            visit.say("cities.composite_cities"), list(known), default=[one for one in members if one in known],
            format_func=known.__getitem__, key=f"composite-cities-{group}-{'-'.join(members)}",
        )  # fmt: skip
    return group, chosen


def _metrics(visit: Visit, rows: pl.DataFrame, group: str, cities: list[str]) -> list[str]:
    """The indicators, at first those the cities share and whose direction is declared."""
    names = cached_composite.metric_names(visit.key, visit.language, visit)
    counted = rows.group_by("indicator_id").agg(n=pl.len()).sort(-pl.col("n").cast(pl.Int64), "indicator_id")
    options = dict(counted.filter(pl.col("n") > 1).iter_rows())
    default = cached_composite.default_indicators(rows, cities)
    options |= dict.fromkeys((one for one in default if one not in options), 1)
    return st.multiselect(
        visit.say("cities.composite_indicators"), list(options), default=default,
        format_func=lambda one: visit.say(
            "cities.composite_known", indicator=names.get(one, one), n=options[one], of=len(cities)
        ),
        key=f"composite-indicators-{group}-{'-'.join(cities)}",
    )  # fmt: skip


def _locked(visit: Visit, rows: pl.DataFrame, lock: pl.DataFrame, metrics: list[str]) -> None:
    """Why there is no composite: per city how many of the indicators are there, and every missing cell."""
    names = cached_composite.metric_names(visit.key, visit.language, visit)
    cities = dict(cached_cities.cities(visit.key, visit).select("city_id", visit.named()).iter_rows())
    poor = lock.filter("locked")
    told = [
        visit.say(
            "cities.composite_lack", city=cities[city],
            missing=visit.say("cities.semicolon").join(names.get(one, one) for one in (missing or "").split("; ")),
        )
        for city, missing in poor.select("city_id", "missing").iter_rows()
    ]  # fmt: skip
    st.subheader(
        visit.say("cities.composite_locked", n=poor.height, of=lock.height, needed=f"{NEEDED_PCT:g}"), anchor=False
    )
    st.warning("\n".join(f"- {line}" for line in told))
    st.caption(visit.say("cities.composite_why_locked", needed=f"{NEEDED_PCT:g}"))
    known = rows.filter(pl.col("indicator_id").is_in(metrics) & pl.col("city_id").is_in(lock["city_id"].implode()))
    foot = Foot(visit.say("cities.sources_each"), "published", n=f"{known.height}/{lock.height * len(metrics)}")
    grid = _cells(visit, known, lock["city_id"].to_list(), metrics)
    blocks.table(visit, visit.say("cities.composite_cells"), grid, foot, "composite-cells")
    with st.expander(visit.say("cities.composite_figures", n=known.height)):
        data = city_peers.figure_table(visit, known)
        blocks.table(visit, visit.say("cities.figures_compared"), data, foot, "composite-known")


def _cells(visit: Visit, known: pl.DataFrame, cities: list[str], metrics: list[str]) -> pl.DataFrame:
    """One row an indicator, one column a city: the figure with unit and year, or empty where there is none."""
    names = cached_composite.metric_names(visit.key, visit.language, visit)
    named = dict(cached_cities.cities(visit.key, visit).select("city_id", visit.named()).iter_rows())
    told = {(row["city_id"], row["indicator_id"]): figure_tables.stated(visit, row) for row in known.to_dicts()}
    columns = {named[city]: [told.get((city, one)) for one in metrics] for city in cities}
    first = {visit.say("cities.indicator"): [names.get(one, one) for one in metrics]}
    return pl.DataFrame(first | columns, schema_overrides=dict.fromkeys(columns, pl.String))
