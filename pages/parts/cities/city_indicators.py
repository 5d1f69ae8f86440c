"""The view of indicators: every city's newest figure ranked, how far it moved, and the chosen city over the years."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl
from streamlit.delta_generator import DeltaGenerator

from pages.parts import blocks, filters
from pages.parts.blocks import Foot
from pages.parts.cities import (
    cached_cities,
    cached_composite,
    city_lines,
    district_profile,
    figure_charts,
    figure_tables,
)
from pages.parts.filters import Selection
from pages.parts.session import Visit

FIRST = "secondary_share_gdp"
FEWEST_PEERS = 2


@dataclass(frozen=True)
class Ranking:
    """What the ranked bars say: the compared rows, the chosen city's row, the median of the others."""

    rows: pl.DataFrame
    own: dict[str, object] | None
    median: float | None
    unit: str

    @property
    def place(self) -> int:
        """The place of the chosen city, the largest figure first."""
        return 0 if self.own is None else 1 + self.rows.filter(pl.col("value") > self.own["value"]).height

    @property
    def years(self) -> str:
        """The years of the compared figures: 2017, or 1999–2023."""
        first, last = str(self.rows["period"].min()), str(self.rows["period"].max())
        return first if first == last else f"{first}–{last}"


def show(visit: Visit, selection: Selection, room: DeltaGenerator) -> None:
    """Choose an indicator; bars, the table of levels and changes, the chosen city's lines, coverage."""
    names = cached_cities.indicator_names(visit)
    with room:
        indicator = filters.pick(visit.say("filter.indicator"), "indicator", names, FIRST)
    levels = cached_cities.levels(visit.key, indicator, visit)
    bars(visit, selection, levels, names[indicator])
    table(visit, levels, indicator, names[indicator])
    city_lines.show(visit, selection.city_id, indicator, names[indicator])
    district_profile.show(visit, selection)
    coverage(visit, selection)


def ranking(levels: pl.DataFrame, city_id: str, peers: Sequence[str]) -> Ranking:
    """The compared figures of `cached_cities.levels` around the chosen city; `peers`: whose median is drawn."""
    rows = levels.filter(pl.col("reason").is_null()).sort("value", "city_id", descending=[True, False])
    own = rows.filter(pl.col("city_id") == city_id)
    others = rows.filter(pl.col("city_id").is_in(list(peers)))["value"]
    median = float(others.median()) if others.len() >= FEWEST_PEERS else None  # type: ignore[arg-type]
    return Ranking(rows, own.row(0, named=True) if own.height else None, median, rows["unit"][0] if rows.height else "")


def bars(visit: Visit, selection: Selection, levels: pl.DataFrame, name: str) -> None:
    """The newest figure of every city that can be compared, with year and trust, and the median of the peers."""
    peers = cached_composite.candidates(visit.key, selection.city_id, visit)
    found = ranking(levels, selection.city_id, peers)
    if not found.rows.height:
        blocks.empty(visit, "empty.figures")
        return
    shown = labelled(visit, found.rows)
    unit = visit.unit(found.unit)
    own = shown.filter(pl.col("city_id") == selection.city_id)["label"].to_list()
    median = figure_tables.amount(visit, found.median, found.unit)
    word = visit.say("cities.median", value=median)
    figure = figure_charts.ranked(shown, found.median, word, own[0] if own else None, unit, visit.language, visit.dark)
    foot = Foot(
        f"{visit.say('source.figures')} · {visit.say('cities.bars_note')}", "published", unit, found.years,
        visit.say("cities.territory_each"), str(found.rows.height),
    )  # fmt: skip
    heading = headline(visit, selection.city_id, found, name)
    blocks.chart(visit, heading, figure, foot, "city-bars", figure_tables.as_shown(visit, found.rows))


def headline(visit: Visit, city_id: str, found: Ranking, name: str) -> str:
    """The finding: where the chosen city stands among how many, and the median of the others."""
    city = cached_cities.name_of(visit, city_id)
    if found.own is None:
        return visit.say("cities.bars_without", indicator=name, city=city, n=found.rows.height)
    return visit.say(
        "cities.bars_finding", indicator=name, city=city, value=figure_tables.stated(visit, found.own),
        place=found.place, n=found.rows.height,
    )  # fmt: skip


def labelled(visit: Visit, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with `label` (city, year, trust) and `hover` (value, territory, source) as they are read."""
    read = figure_tables.readable(visit, rows)
    cells = rows.select("value", "unit").rows()
    values = [figure_tables.amount(visit, value, unit) for value, unit in cells]
    return read.with_columns(
        amount=pl.Series([figure_tables.beside(visit, *row) for row in cells], dtype=pl.String),
        label=pl.format("{} ({}, {})", "city", "period", "trust"),
        hover=pl.format(
            "{} {}<br>{}<br>{}<br>{}", "city", "period", pl.Series(values, dtype=pl.String), "territory", "source"
        ),
    )


def coverage(visit: Visit, selection: Selection) -> None:
    """For how many of all indicators each city has a figure."""
    rows = cached_cities.covered(visit.key, visit).sort("n_present", "city_id", descending=[True, False])
    names = cached_cities.names(visit)
    wanted = int(rows["n_wanted"][0])
    shown = rows.select(
        "share_pct",
        label=pl.col("city_id").replace_strict(names),
        text=pl.format("{} / {}", "n_present", "n_wanted"),
    )
    figure = figure_charts.shares(shown, names.get(selection.city_id), visit.dark)
    foot = Foot(
        visit.say("source.figures"), "published", visit.say("cities.indicators_unit"),
        n=str(wanted), territory=visit.say("cities.territory_each"),
    )  # fmt: skip
    own = rows.filter(pl.col("city_id") == selection.city_id)
    heading = visit.say("cities.coverage")
    if own.height:
        city = cached_cities.name_of(visit, selection.city_id)
        heading = visit.say("cities.coverage_finding", city=city, n=int(own["n_present"][0]), wanted=wanted)
    data = shown.select(
        pl.col("label").alias(visit.say("cities.city")), pl.col("text").alias(visit.say("cities.coverage")),
        pl.col("share_pct").alias("%"),
    )  # fmt: skip
    blocks.chart(visit, heading, figure, foot, "city-coverage", blocks.as_published(data))


def table(visit: Visit, levels: pl.DataFrame, indicator: str, name: str) -> None:
    """Every city: level, change over 1, 5 and 10 years, and the reason for every cell that is empty."""
    moves = cached_cities.moves(visit.key, indicator, visit)
    rows = figure_tables.readable(visit, with_moves(visit, levels, moves))
    words = ["city", "period", "value", "unit", "trust", *(f"change_{n}" for n in cached_cities.YEARS), "not_compared",
             "not_moved", "territory", "definition", "source", "link"]  # fmt: skip
    missing = levels.filter(pl.col("reason") == "no_figure").height
    foot = Foot(
        f"{visit.say('cities.sources_each')} · {visit.say('cities.trust_note')}", "published",
        period=visit.say("cities.period_each"), territory=visit.say("cities.territory_each"),
        n=str(levels.height - missing),
    )  # fmt: skip
    heading = visit.say("cities.levels", indicator=name, missing=missing)
    data = figure_tables.headed(visit, rows, *words)
    blocks.table(visit, heading, data, foot, "city-levels", column_config=blocks.pinned(data))


def with_moves(visit: Visit, levels: pl.DataFrame, moves: pl.DataFrame) -> pl.DataFrame:
    """The levels with the changes as text, why a level is not compared, and why a change is not computed."""
    told: dict[str, dict[str, str]] = {}
    for row in moves.iter_rows(named=True):
        cells = told.setdefault(row["city_id"], {})
        cells[f"change_{row['years']}"] = figure_tables.moved(visit, row["change"], row["change_unit"])
        if row["reason"]:
            reason = visit.say("cities.over", years=row["years"], why=figure_tables.why(visit, row["reason"]))
            cells["not_moved"] = visit.say("cities.semicolon").join(filter(None, (cells.get("not_moved"), reason)))
    columns = [*(f"change_{n}" for n in cached_cities.YEARS), "not_moved"]
    more = {name: [told.get(city, {}).get(name) for city in levels["city_id"]] for name in columns}
    not_compared = [figure_tables.why(visit, reason) or None for reason in levels["reason"]]
    added = [pl.Series(name, cells, pl.String) for name, cells in {**more, "not_compared": not_compared}.items()]
    return levels.with_columns(added).sort(
        pl.col("value").is_null(), pl.col("reason").is_not_null(), -pl.col("value"), "city_id"
    )
