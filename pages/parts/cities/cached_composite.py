"""What cities are compared on, who is most alike, and what a composite starts from; once per store revision."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from data import registry
from data.city_groups import city_groups, indicator_directions, ratio_indicators
from indicators.cities.comparability import COLUMNS
from indicators.cities.metrics import CHANGE, change_values, comparable_values, ratio_figures, round_goalposts
from indicators.cities.neighbours import city_profile, nearest_peers
from pages.parts.cached import figures
from pages.parts.cities import cached_cities
from pages.parts.session import Visit

HARMONISED = ("Urban agglomeration as defined by UN WUP 2018",)
"""Areas drawn by one rule for every city: figures for them are compared with each other only."""

OLDEST, GAP, GAPS = 2010, 3, ("0", "1", "2", "3", "5", "10")
LEVELS, CHANGES = "levels", "changes"
SPANS = {LEVELS: (), CHANGES: (5, 10, 20, 50)}
PROFILE_SPANS, COMPOSITE_SPANS = (5, 10), (5, 10)
DEFAULT_SPAN, MOST_DEFAULT, TOP = 10, 8, 5


@dataclass(frozen=True)
class Basis:
    """On what cities are compared: the city that comes first, the years figures may lie apart, changes over spans."""

    focal: str | None
    gap: int = GAP
    spans: tuple[int, ...] = ()


@figures
def figures_and_ratios(key: str, _visit: Visit) -> pl.DataFrame:
    """Every figure of every city, and the ratios of `ratio_indicators`, with the columns of FIGURES."""
    rows = cached_cities.every_figure(key, _visit).filter(~pl.col("city_id").is_in(cached_cities.CONTEXT))
    known = rows.select(COLUMNS)
    return pl.concat([known, ratio_figures(known, ratio_indicators())])


@figures
def values(key: str, basis: Basis, cities: tuple[str, ...], _visit: Visit) -> pl.DataFrame:
    """One comparable figure per city and metric (`comparable_values` and `change_values`); no cities named = all."""
    rows = figures_and_ratios(key, _visit)
    rows = rows.filter(pl.col("city_id").is_in(list(cities))) if cities else rows
    defaults = dict(registry.cities().drop_nulls("territory_en").select("city_id", "territory_en").iter_rows())
    levels = comparable_values(rows, defaults, HARMONISED, basis.gap, basis.focal, OLDEST)
    return pl.concat([levels, change_values(rows, levels, basis.spans)]) if basis.spans else levels


@figures
def peers(key: str, basis: Basis, _visit: Visit) -> pl.DataFrame:
    """The other cities by distance from the focal one (`nearest_peers`), every one of them, also without a figure.

    A city without any comparable figure has n_shared 0.
    """
    focal = str(basis.focal)
    others = candidates(key, focal, _visit)
    rows = values(key, basis, (focal, *others), _visit)
    found = nearest_peers(rows, focal) if focal in rows["city_id"] else nearest_peers(rows.clear())
    known = set(found["peer_id"])
    absent = [name for name in others if name not in known]
    none = pl.DataFrame({"city_id": focal, "peer_id": absent, "n_shared": 0, "reason": "too_few_shared"})
    none = none.cast({"n_shared": pl.UInt32}) if absent else found.clear().select("peer_id")
    return pl.concat([found, none], how="diagonal_relaxed")


def candidates(key: str, city_id: str, visit: Visit) -> list[str]:
    """Who can be a peer of a city: all cities but itself, the region it lies in, and the cities of its own region."""
    regions = city_groups().filter(kind="region")
    akin = {city_id, *regions.filter(group_id=city_id)["city_id"], *regions.filter(city_id=city_id)["group_id"]}
    names = cached_cities.cities(key, visit)["city_id"].to_list()
    return [name for name in names if name not in akin and name not in cached_cities.CONTEXT]


@figures
def profile(key: str, basis: Basis, against: tuple[str, ...], _visit: Visit) -> pl.DataFrame:
    """What the focal city is strong and weak in against others (`city_profile`), with its figure and its source.

    Columns more: period, unit, territory, definition, trust, source_title, source_url of the city's figure,
    years (those of the others' figures), judged (Boolean: a direction is declared; only then there is a finding),
    reason_zh, reason_en. Sorted by standing, the judged first.
    """
    focal = str(basis.focal)
    rows = values(key, basis, (focal, *against), _visit).join(
        indicator_directions().select("indicator_id", "direction", "reason_zh", "reason_en"), on="indicator_id",
        how="left",
    )  # fmt: skip
    judged = pl.col("direction").fill_null(0) != 0
    parts = []
    for side in (True, False):
        asked = rows.filter(judged if side else ~judged)
        asked = asked if side else asked.with_columns(direction=pl.lit(1, pl.Int8))
        scored = asked.select("city_id", "indicator_id", "value", "direction")
        finding = pl.col("finding") if side else pl.lit(None, pl.String)
        found = city_profile(scored, focal, list(against), TOP)
        parts.append(found.with_columns(finding.alias("finding"), pl.lit(side).alias("judged")))
    own = rows.filter(pl.col("city_id") == focal).drop("city_id", "value", "direction")
    years = rows.filter(pl.col("city_id") != focal).group_by("indicator_id").agg(years=_years(pl.col("period")))
    joined = pl.concat(parts).join(own, on="indicator_id", maintain_order="left")
    return joined.join(years, on="indicator_id", how="left", maintain_order="left").with_columns(city_id=pl.lit(focal))


def _years(period: pl.Expr) -> pl.Expr:
    """The different periods as one text."""
    return period.unique().sort().str.join(", ")


@figures
def metric_names(key: str, language: str, _visit: Visit) -> dict[str, str]:
    """The name of every metric in the visitor's language: indicators, ratios, and their changes over some years."""
    name = f"indicator_name_{language}"
    known = cached_cities.every_figure(key, _visit).group_by("indicator_id").agg(pl.col(name).drop_nulls().first())
    names = dict(known.iter_rows()) | dict(ratio_indicators().select("indicator_id", _visit.name).iter_rows())
    spans = sorted({*SPANS[CHANGES], *PROFILE_SPANS, *COMPOSITE_SPANS})
    changed = {
        f"{metric}{CHANGE}{years}": _visit.say("cities.metric_change", indicator=told, years=years)
        for metric, told in names.items() for years in spans
    }  # fmt: skip
    return names | changed


def groups(visit: Visit) -> dict[str, tuple[str, list[str]]]:
    """The groups of cities to choose from: group_id -> (name, cities)."""
    rows = city_groups().filter(kind="choice")
    return {
        str(group): (str(part[visit.name][0]), part["city_id"].to_list())
        for (group,), part in rows.group_by("group_id", maintain_order=True)
    }


def default_indicators(rows: pl.DataFrame, cities: Iterable[str]) -> list[str]:
    """The metrics a composite of these cities starts with: those with a declared direction, changes over 10 years only.

    Rule: if at least three of them are known for every city, these; else the most widely known, at most eight, so that
    the page can say which cells are missing. Columns in: those of `values`.
    """
    wanted = list(cities)
    judged = indicator_directions().filter(pl.col("direction") != 0)["indicator_id"]
    span = pl.col("indicator_id").str.split(CHANGE).list.get(1, null_on_oob=True)
    asked = rows.filter(
        pl.col("indicator_id").is_in(judged.implode())
        & (span.is_null() | (span == str(DEFAULT_SPAN)))
        & pl.col("city_id").is_in(wanted)
    )
    counted = asked.group_by("indicator_id").agg(n=pl.col("city_id").n_unique())
    place = {name: at for at, name in enumerate(judged)}
    order = pl.col("indicator_id").replace_strict(place, return_dtype=pl.Int64)
    shared = counted.filter(pl.col("n") == len(wanted)).sort(order)["indicator_id"].to_list()
    if len(shared) >= 3:
        return shared
    return counted.sort(-pl.col("n").cast(pl.Int64), order).head(MOST_DEFAULT)["indicator_id"].to_list()


@figures
def goalposts(key: str, gap: int, cities: tuple[str, ...], metrics: tuple[str, ...], _visit: Visit) -> pl.DataFrame:
    """Where each metric's scores start and end, before anybody moves them: indicator_id, low, high, direction.

    Rule: the smallest and the largest figure among all cities that are comparable on the metric, the compared ones
    included, moved outward to round numbers (`round_goalposts`). So the posts do not move with the weights and hardly
    with the choice of cities. Direction: the declared one; 1 where none is declared.
    """
    here = values(key, Basis(None, gap, COMPOSITE_SPANS), cities, _visit)
    everywhere = values(key, Basis(cities[0] if cities else None, gap, COMPOSITE_SPANS), (), _visit)
    same = everywhere.join(here.select("indicator_id", "unit").unique(), on=["indicator_id", "unit"])
    ends = pl.concat([here, same]).group_by("indicator_id").agg(a=pl.col("value").min(), b=pl.col("value").max())
    declared = dict(indicator_directions().select("indicator_id", "direction").iter_rows())
    known = {name: round_goalposts(a, b) for name, a, b in ends.iter_rows()}
    chosen = [name for name in metrics if name in known]
    return pl.DataFrame(
        {
            "indicator_id": chosen,
            "low": [known[name][0] for name in chosen],
            "high": [known[name][1] for name in chosen],
            "direction": [declared.get(name) or 1 for name in chosen],
        },
        schema={"indicator_id": pl.String, "low": pl.Float64, "high": pl.Float64, "direction": pl.Int64},
    )
