"""Nearest peers: which cities are most alike over the figures they share, and where the chosen one stands out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import polars as pl
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from data import registry
from indicators.cities.metrics import CHANGE
from indicators.cities.neighbours import FEWEST
from pages.parts import blocks, filters, sourced, tables
from pages.parts.blocks import Foot
from pages.parts.cities import cached_cities, cached_composite, composite_charts, figure_tables
from pages.parts.cities.cached_composite import CHANGES, GAP, GAPS, LEVELS, PROFILE_SPANS, SPANS, TOP, Basis
from pages.parts.filters import Selection
from pages.parts.session import Visit

NEAREST = "nearest"
FOUND = ("strength", "weakness", "above", "below", "equal")
FIGURE = {word: word for word in ("city", "indicator", "value", "unit", "period", "territory", "definition", "trust",
                                  "source")}  # fmt: skip
PROFILE = {"indicator": "indicator", "value": "value", "column_median": "peer_median", "unit": "unit",
           "period": "period", "column_peer_years": "years", "column_difference": "difference",
           "column_standing": "standing", "column_place": "place", "column_finding": "found", "territory": "territory",
           "definition": "definition", "trust": "trust", "source": "source"}  # fmt: skip


def show(visit: Visit, selection: Selection, room: DeltaGenerator) -> None:
    """The nearest peers of the city, why others are not compared, and its strengths and weaknesses."""
    city = selection.city_id
    name = cached_cities.name_of(visit, city)
    with room:
        gap = int(filters.pick(visit.say("cities.peers_gap"), "gap", {g: _years(visit, g) for g in GAPS}, str(GAP)))
    left, right = st.columns(2)
    with left:
        names = {way: visit.say(f"cities.peers_by_{way}") for way in (LEVELS, CHANGES)}
        way = filters.pick(visit.say("cities.peers_by"), "by", names, LEVELS)
    with right:
        groups = cached_composite.groups(visit)
        options = {NEAREST: visit.say("cities.peers_nearest")} | {key: told for key, (told, _) in groups.items()}
        against = filters.pick(visit.say("cities.peers_against"), "against", options, NEAREST)
    basis = Basis(city, gap, SPANS[way])
    found = cached_composite.peers(visit.key, basis, visit)
    ranked = found.drop_nulls("rank")
    st.subheader(_finding(visit, name, ranked, way), anchor=False)
    if ranked.height:
        _distances(visit, basis, name, ranked)
    _not_compared(visit, name, found.filter(pl.col("rank").is_null()))
    nearest = ranked.filter(pl.col("rank") <= TOP)["peer_id"].to_list()
    chosen = nearest if against == NEAREST else [other for other in groups[against][1] if other != city]
    _profile(visit, Basis(city, gap, PROFILE_SPANS), name, chosen, options[against])


def _years(visit: Visit, gap: str) -> str:
    return visit.say("cities.peers_years", n=gap) if gap != "0" else visit.say("cities.peers_same_year")


def _finding(visit: Visit, name: str, ranked: pl.DataFrame, way: str) -> str:
    """Who is nearest, or that nobody can be compared, as a sentence."""
    if not ranked.height:
        return visit.say(f"cities.peers_none_{way}", city=name, fewest=FEWEST)
    first = ranked.row(0, named=True)
    peer = cached_cities.name_of(visit, first["peer_id"])
    return visit.say("cities.peers_found", city=name, peer=peer, n=ranked.height, shared=first["n_shared"])


def _shown(visit: Visit, rows: pl.DataFrame) -> pl.DataFrame:
    """The peers with names, and the shared metrics by name."""
    cities = dict(cached_cities.cities(visit.key, visit).select("city_id", visit.named()).iter_rows())
    metrics = cached_composite.metric_names(visit.key, visit.language, visit)
    shared = [
        "; ".join(metrics.get(one, one) for one in (told or "").split("; ") if one) or None for told in rows["shared"]
    ]
    label = pl.col("peer_id").replace_strict(cities, default=pl.col("peer_id"))
    return rows.with_columns(label.alias("label"), pl.Series("shared", shared, dtype=pl.String))


def _distances(visit: Visit, basis: Basis, name: str, ranked: pl.DataFrame) -> None:
    rows = _shown(visit, ranked)
    hover = [
        visit.say("cities.peers_hover", peer=label, distance=tables.number(distance, 2), n=n)
        + "<br>" + "<br>".join((shared or "").split("; "))
        for label, distance, n, shared in rows.select("label", "distance", "n_shared", "shared").iter_rows()
    ]  # fmt: skip
    rows = rows.with_columns(pl.Series("hover", hover))
    used = _used(visit, basis, ranked)
    if told := only_source(used, ranked):
        metrics = cached_composite.metric_names(visit.key, visit.language, visit)
        shared = visit.say("cities.and").join(metrics.get(one, one) for one in told[1])
        st.markdown(visit.say("cities.peers_one_source", city=name, source=sourced.escaped(told[0]), shared=shared))
    foot = Foot(
        visit.say("cities.sources_each"), unit=visit.say("cities.peers_unit"), period=span(used), territory=name,
        n=visit.say("cities.peers_n", n=rows.height), method="nearest_peers",
    )  # fmt: skip
    words = {"peer": "label", "rank": "rank", "distance": "distance", "relative": "relative", "n_shared": "n_shared",
             "shared": "shared"}  # fmt: skip
    data = rows.select(pl.col(column).alias(visit.say(f"cities.column_{word}")) for word, column in words.items())
    figure = composite_charts.distance_bars(rows, dark=visit.dark)
    blocks.chart(visit, visit.say("cities.peers_bars", city=name), figure, foot, "peer-distances", data)
    st.caption(visit.say("cities.peers_rule", fewest=FEWEST, gap=basis.gap))
    _figures_used(visit, used, foot)


def _used(visit: Visit, basis: Basis, ranked: pl.DataFrame) -> pl.DataFrame:
    """The figures behind the distances: those of the city and its peers on the metrics that any pair shares."""
    focal = str(basis.focal)
    others = cached_composite.candidates(visit.key, focal, visit)
    rows = cached_composite.values(visit.key, basis, (focal, *others), visit)
    shared = {metric for told in ranked["shared"].drop_nulls() for metric in told.split("; ")}
    compared = [focal, *ranked["peer_id"]]
    return rows.filter(pl.col("indicator_id").is_in(list(shared)) & pl.col("city_id").is_in(compared))


def only_source(used: pl.DataFrame, ranked: pl.DataFrame) -> tuple[str, list[str]] | None:
    """The one source that all figures behind the nearest peers come from, and the metrics; None if there are more.

    In: used: city_id, indicator_id, source_title (several of one figure joined by " | "); ranked: city_id, peer_id,
    rank, shared (metrics with "; " between).

    >>> near = pl.DataFrame({"city_id": ["a"], "peer_id": ["b"], "rank": [1], "shared": ["population; gdp"]})
    >>> rows = {"city_id": ["a", "b", "a"], "indicator_id": ["population", "population", "jobs"]}
    >>> only_source(pl.DataFrame(rows | {"source_title": ["UN", "UN", "RVR"]}), near)
    ('UN', ['population'])
    >>> only_source(pl.DataFrame(rows | {"source_title": ["UN", "Eurostat", "RVR"]}), near)
    """
    near = ranked.filter(pl.col("rank") <= TOP)
    metrics = {one for told in near["shared"].drop_nulls() for one in told.split("; ")}
    compared = [*near["city_id"], *near["peer_id"]]
    rows = used.filter(pl.col("indicator_id").is_in(list(metrics)) & pl.col("city_id").is_in(compared))
    titles = {title for titles in rows["source_title"] for title in titles.split(registry.SEPARATOR)}
    told = sorted(rows["indicator_id"].unique(), key=lambda one: (one.partition(CHANGE)[0], len(one), one))
    return (titles.pop(), told) if len(titles) == 1 else None


def _figures_used(visit: Visit, used: pl.DataFrame, foot: Foot) -> None:
    """Every figure a distance rests on, with its source."""
    with st.expander(visit.say("cities.figures_used", n=used.height)):
        blocks.table(
            visit, visit.say("cities.figures_compared"), figure_table(visit, used), replace(foot, status="published"),
            "peer-figures",
        )  # fmt: skip


def figure_table(visit: Visit, rows: pl.DataFrame) -> pl.DataFrame:
    """The figures as a person reads them: city, indicator, value, unit, year, territory, definition, trust, source."""
    return linked(visit, named(visit, rows).sort("indicator", "city"), FIGURE)


def named(visit: Visit, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of figures with words instead of codes (`figure_tables.readable`), metrics by their own names."""
    metrics = cached_composite.metric_names(visit.key, visit.language, visit)
    metric = pl.col("indicator_id").replace_strict(metrics, default=pl.col("indicator_id"))
    return figure_tables.readable(visit, rows).with_columns(indicator=metric).drop("link")


def linked(visit: Visit, rows: pl.DataFrame, columns: Mapping[str, str]) -> pl.DataFrame:
    """The columns (key of the heading: column) with their headings, and behind them the links to the sources."""
    links = sourced.with_links(rows, visit.say("cities.link"))
    told = [pl.col(column).alias(visit.say(f"cities.{word}")) for word, column in columns.items()]
    return links.select(*told, *links.columns[len(rows.columns) :])


def span(rows: pl.DataFrame) -> str:
    """The first and last year of the figures, changes left out."""
    years = rows.filter(~pl.col("indicator_id").str.contains(CHANGE, literal=True))["period"]
    first, last = years.min(), years.max()
    return str(last) if first == last else f"{first}–{last}"


def _not_compared(visit: Visit, name: str, rows: pl.DataFrame) -> None:
    """The cities that share too few figures, each with how many it shares and which."""
    if not rows.height:
        return
    shown = _shown(visit, rows).sort("n_shared", "label", descending=[True, False])
    with st.expander(visit.say("cities.peers_left_out", n=rows.height, fewest=FEWEST)):
        why = [visit.say("cities.peers_too_few", n=n, fewest=FEWEST) for n in shown["n_shared"]]
        st.dataframe(
            shown.select(
                pl.col("label").alias(visit.say("cities.column_peer")),
                pl.Series(visit.say("cities.column_why"), why),
                pl.col("shared").alias(visit.say("cities.column_shared")),
            ),
            hide_index=True, width="stretch", placeholder=tables.MISSING,
            alt=visit.say("cities.peers_left_out", n=rows.height, fewest=FEWEST),
        )  # fmt: skip


def _profile(visit: Visit, basis: Basis, name: str, against: list[str], group: str) -> None:
    """Strengths and weaknesses against the peers, and what lies above or below them without being either."""
    if not against:
        return
    rows = cached_composite.profile(visit.key, basis, tuple(against), visit)
    if not rows.height:
        st.info(visit.say("cities.profile_none", city=name, group=group))
        return
    cities = dict(cached_cities.cities(visit.key, visit).select("city_id", visit.named()).iter_rows())
    peers = "、".join(cities[one] for one in against) if visit.language == "zh" else ", ".join(map(cities.get, against))  # type: ignore[arg-type]
    shown = _worded(visit, rows)
    foot = Foot(
        visit.say("cities.sources_each"), unit=visit.say("cities.profile_unit"), period=span(rows), territory=name,
        n=visit.say("cities.peers_n", n=len(against)), method="city_profile",
    )  # fmt: skip
    counted = {kind: rows.filter(finding=kind).height for kind in ("strength", "weakness")}
    heading = visit.say("cities.profile", city=name, strengths=counted["strength"], weaknesses=counted["weakness"])
    marked = shown.drop_nulls("finding")
    if marked.height:
        words = {"median": visit.say("cities.profile_median")}
        figure = composite_charts.standings(marked, words, dark=visit.dark)
        blocks.chart(visit, heading, figure, foot, "city-profile", _profile_table(visit, marked))
    st.caption(visit.say("cities.profile_rule", peers=peers))
    others = shown.filter(~pl.col("judged"))
    if others.height:
        heading = visit.say("cities.profile_neutral")
        blocks.table(visit, heading, _profile_table(visit, others), foot, "city-profile-neutral")


def _worded(visit: Visit, rows: pl.DataFrame) -> pl.DataFrame:
    """The profile with words: label, note (own figure and year, median), hover (territory and source too)."""
    rows = named(visit, rows)
    note, hover = [], []
    for row in rows.iter_rows(named=True):
        own, median = (
            tables.with_unit(tables.figure(row[side], visit.language), row["unit"]) for side in ("value", "peer_median")
        )
        note.append(visit.say("cities.profile_note", own=own, period=row["period"], median=median, trust=row["trust"]))
        place = visit.say("cities.profile_rank", rank=row["rank"], n=row["n_group"])
        hover.append("<br>".join([row["indicator"], note[-1], place, row["territory"], row["source"]]))
    return rows.with_columns(pl.Series("note", note), pl.Series("hover", hover), label="indicator")


def _profile_table(visit: Visit, rows: pl.DataFrame) -> pl.DataFrame:
    """The profile as a table: own figure, peer median, difference, rank, finding and why, source."""
    side = pl.when(pl.col("difference") > 0).then(pl.lit("above")).when(pl.col("difference") < 0).then(pl.lit("below"))
    words = {kind: visit.say(f"cities.finding_{kind}") for kind in FOUND}
    rows = rows.with_columns(
        pl.coalesce("finding", side.otherwise(pl.lit("equal"))).replace_strict(words).alias("found"),
        pl.concat_str("rank", pl.lit("/"), "n_group").alias("place"),
        pl.col("difference", "standing", "peer_median", "value").round(2),
    )
    return linked(visit, rows, {**PROFILE, "column_why": f"reason_{visit.language}"})
