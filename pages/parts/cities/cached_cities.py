"""The figures of every city, shipped and uploaded, and what the methods make of them, once per store revision."""

from __future__ import annotations

import polars as pl

from data import registry
from data.units import in_register_units
from indicators.cities.comparability import COLUMNS, coverage, latest
from indicators.cities.definitions import basis, part_of_year
from indicators.cities.lines import LINE, changes_over, figure_lines, left_out, year_on_year
from indicators.cities.trajectories import STRETCH, trajectories
from pages.parts.cached import figures
from pages.parts.filters import CITIES
from pages.parts.session import Visit

LISTED = ["city_id", "name_zh", "name_en", "territory", "lon", "lat", "own"]
CONTEXT = ("cn_old_industrial", "cn_national", "de_national")
"""What has figures and is no city: a group of cities, a country."""

WHOLE = (
    "市域|全市|全域|Kreisfreie Stadt|agglomeration|City proper|MSA|Metro|Region|County|^Greater |^City of |^Houston|^$"
)
"""Territories that are a city or its region as a whole, not one district, park or museum of it."""

YEARS = (1, 5, 10)
PEAK_INDICATORS = {
    "industry": ("coal_employment", "steel_output_index", "employment_manufacturing", "employment_secondary_share",
                 "employment_manufacturing_share_workplace", "secondary_share_gdp"),
    "population": ("population",),
}  # fmt: skip
COMMON_SHARE = 0.75
FEWEST = 4  # figures a series needs to be drawn from its peak


@figures
def every_figure(key: str, _visit: Visit) -> pl.DataFrame:
    """The shipped figures and the uploaded ones, with the columns of `registry.city_figures` and two more.

    Columns more: own (Boolean, uploaded here), is_synthetic. An uploaded figure of a known indicator carries the
    indicator's names, another its own id; a figure uploaded for a shipped key stands beside it, with its own source.
    Its unit is that of the register where the conversion is exact (`units.in_register_units`), else as it was written.
    """
    shipped = registry.city_figures().with_columns(own=pl.lit(False), is_synthetic=pl.lit(False))
    stored = _visit.store.figures().collect()
    if not stored.height:
        return shipped
    names = shipped.group_by("indicator_id").agg(pl.col("indicator_name_zh", "indicator_name_en").first())
    places = registry.cities().select("city_id", city_name_zh="name_zh", city_name_en="name_en")
    own = (
        in_register_units(stored, shipped)
        .join(names, on="indicator_id", how="left")
        .join(places, on="city_id", how="left")
    )
    own = own.with_columns(
        pl.coalesce(f"indicator_name_{language}", "indicator_id").alias(f"indicator_name_{language}")
        for language in ("zh", "en")
    ).with_columns(
        pl.coalesce(f"city_name_{language}", "city_name", "city_id").alias(f"city_name_{language}")
        for language in ("zh", "en")
    )
    own = own.with_columns(own=pl.lit(True), source_publisher=pl.lit(None, pl.String))
    return pl.concat([shipped, own.select(c for c in shipped.columns if c in own.columns)], how="diagonal_relaxed")


@figures
def cities(key: str, _visit: Visit) -> pl.DataFrame:
    """Every city with at least one figure: city_id, name_zh, name_en, territory, lon, lat, own; the five main first.

    A city that only an upload knows has own = true and no position.
    """
    known = (
        every_figure(key, _visit)
        .group_by("city_id")
        .agg(pl.col("city_name_zh", "city_name_en").first(), own=pl.col("own").all(), n=pl.len())
    )
    register = registry.cities().select("city_id", "lon", "lat", territory="territory_en")
    first = pl.col("city_id").replace_strict(dict(zip(CITIES, range(9), strict=False)), default=9)
    named = known.join(register, on="city_id", how="left").rename(
        {"city_name_zh": "name_zh", "city_name_en": "name_en"}
    )
    return named.sort(first, -pl.col("n").cast(pl.Int64), "city_id").select(LISTED)


def name_of(visit: Visit, city_id: str) -> str:
    """A city's name in the visitor's language."""
    return str(cities(visit.key, visit).filter(pl.col("city_id") == city_id).select(visit.named()).item())


def names(visit: Visit) -> dict[str, str]:
    """city_id -> name in the visitor's language, of every city with figures."""
    return dict(cities(visit.key, visit).select("city_id", visit.named()).iter_rows())


@figures
def indicators(key: str, _visit: Visit) -> pl.DataFrame:
    """indicator_id, name_zh, name_en, n_cities: the indicators most cities publish first; groups are no cities."""
    spread = (
        every_figure(key, _visit)
        .group_by("indicator_id")
        .agg(
            name_zh=pl.col("indicator_name_zh").first(),
            name_en=pl.col("indicator_name_en").first(),
            n_cities=pl.col("city_id").filter(~pl.col("city_id").is_in(CONTEXT)).n_unique(),
        )
    )
    return spread.sort("n_cities", "indicator_id", descending=[True, False])


def indicator_names(visit: Visit) -> dict[str, str]:
    """indicator_id -> name in the visitor's language, the indicators most cities publish first."""
    return dict(indicators(visit.key, visit).select("indicator_id", visit.named()).iter_rows())


def _of(visit: Visit, indicator_id: str) -> pl.DataFrame:
    """The figures of an indicator for every city, groups and countries left out."""
    rows = every_figure(visit.key, visit).filter(pl.col("indicator_id") == indicator_id)
    return rows.filter(~pl.col("city_id").is_in(CONTEXT)).select(COLUMNS)


@figures
def levels(key: str, indicator_id: str, _visit: Visit) -> pl.DataFrame:
    """One row a city: the newest figure of an indicator, and why it is not compared where it is not.

    Columns: those of `latest` (null where the city has no figure) and reason (null = compared): no_figure, part_of_city
    (only a district, park or site), part_of_year, month (others have years), other_unit (than most cities),
    other_definition (local among national ones, or the other way round). A territory that is named alike in at least
    three quarters of the cities (the agglomerations of the United Nations) stands first, then the city's default one,
    then another of the whole city, and last a figure of a part; before all that comes the definition of most cities.
    """
    rows = _of(_visit, indicator_id)
    part = part_of_year(pl.col("definition"), pl.col("indicator_id"), pl.col("unit"))
    whole = rows.filter(pl.col("territory").str.contains(WHOLE) & ~part)
    fitting = whole.filter(_usual_basis(whole))
    usual = dict(registry.cities().drop_nulls("territory_en").select("city_id", "territory_en").iter_rows())
    found = latest(fitting.filter(pl.col("territory") == _common(fitting)))
    others = (fitting, whole, rows.filter(~part), rows)
    for more in (latest(fitting, territories=usual), *(latest(other) for other in others)):
        found = pl.concat([found, more.join(found, on="city_id", how="anti")])
    annual = bool((found["period"].str.len_chars() == 4).any())
    reasons = {
        "part_of_year": part,
        "part_of_city": ~pl.col("territory").str.contains(WHOLE),
        "month": (pl.col("period").str.len_chars() > 4) & annual,
    }
    told = found.with_columns(reason=pl.coalesce(pl.when(test).then(pl.lit(code)) for code, test in reasons.items()))
    told = _alike(told, "other_unit", pl.col("unit"))
    told = _alike(told, "other_definition", basis(pl.col("definition"), pl.col("indicator_id")))
    here = cities(key, _visit).filter(~pl.col("city_id").is_in(CONTEXT)).select("city_id")
    every = here.join(told, on="city_id", how="left", maintain_order="left")
    missing = pl.col("value").is_null()
    return every.with_columns(
        indicator_id=pl.lit(indicator_id),
        reason=pl.when(missing).then(pl.lit("no_figure")).otherwise("reason"),
    )


@figures
def newest_in(key: str, indicator_id: str, territory: str, _visit: Visit) -> pl.DataFrame:
    """The newest figure of every city for an indicator in one territory by its name, with the columns of FIGURES."""
    return latest(_of(_visit, indicator_id).filter(pl.col("territory") == territory)).select(COLUMNS)


def _usual_basis(rows: pl.DataFrame) -> pl.Expr:
    """Whether a figure follows the definition, national or local, of most cities; one that says neither fits both."""
    kind = basis(pl.col("definition"), pl.col("indicator_id"))
    spread = rows.group_by(kind).agg(n=pl.col("city_id").n_unique()).drop_nulls("basis")
    most = spread.sort("n", "basis", descending=[True, False])["basis"].first()
    return kind.is_null() | (kind == pl.lit(most, pl.String))


def _common(rows: pl.DataFrame) -> str:
    """The territory in which at least three quarters of the cities have a figure; nothing if there is none."""
    spread = rows.group_by("territory").agg(n=pl.col("city_id").n_unique()).sort("n", "territory", descending=True)
    most = spread.row(0) if spread.height else ("", 0)
    return str(most[0]) if most[1] >= COMMON_SHARE * max(rows["city_id"].n_unique(), 1) else ""


def _alike(rows: pl.DataFrame, code: str, kind: pl.Expr) -> pl.DataFrame:
    """The rows with the reason `code` for those of another kind than most of the compared ones; null is of any kind."""
    marked = rows.with_columns(_kind=kind)
    counted = marked.filter(pl.col("reason").is_null()).drop_nulls("_kind").group_by("_kind").len()
    most = counted.sort("len", "_kind", descending=[True, False])["_kind"].first()
    other = pl.col("reason").is_null() & (pl.col("_kind") != pl.lit(most, pl.String))
    return marked.with_columns(reason=pl.when(other).then(pl.lit(code)).otherwise("reason")).drop("_kind")


@figures
def moves(key: str, indicator_id: str, _visit: Visit) -> pl.DataFrame:
    """How far the newest figure of each city moved over 1, 5 and 10 years (`changes_over`), one row a city and span."""
    newest = levels(key, indicator_id, _visit).drop_nulls("value")
    where = ["city_id", "territory", "unit", "period", "value"]
    lines = figure_lines(_of(_visit, indicator_id)).select(*LINE, *where[1:])
    changed = changes_over(_of(_visit, indicator_id), YEARS)
    return newest.select(where).join(lines, on=where).join(changed, on=[*LINE, *where[1:]])


@figures
def covered(key: str, _visit: Visit) -> pl.DataFrame:
    """city_id, n_present, n_wanted, share_pct: for how many of all indicators each city has a figure (`coverage`)."""
    listed = [city for city in cities(key, _visit)["city_id"] if city not in CONTEXT]
    wanted = indicators(key, _visit)["indicator_id"].to_list()
    return coverage(every_figure(key, _visit).select(COLUMNS), listed, wanted)


@figures
def lines(key: str, city_id: str, indicator_id: str, _visit: Visit) -> pl.DataFrame:
    """The lines of one city and indicator (`figure_lines`), each figure with its change on the year before."""
    rows = every_figure(key, _visit).filter((pl.col("city_id") == city_id) & (pl.col("indicator_id") == indicator_id))
    rows = rows.select(COLUMNS)
    moved = year_on_year(rows).select(*LINE, "period", "change", "change_unit", "reason")
    return figure_lines(rows).join(moved, on=[*LINE, "period"], how="left", maintain_order="left")


@figures
def outside(key: str, city_id: str, indicator_id: str, _visit: Visit) -> pl.DataFrame:
    """The figures of one city and indicator that are in no line, each with the reason (`left_out`)."""
    rows = every_figure(key, _visit).filter((pl.col("city_id") == city_id) & (pl.col("indicator_id") == indicator_id))
    return left_out(rows.select(COLUMNS))


@figures
def since_peak(key: str, theme: str, _visit: Visit) -> pl.DataFrame:
    """Every series of a theme (industry, population) with at least four figures, as index of its own peak = 100.

    Columns: those of `trajectories`, and state: documented, confirmed, rising (the peak is the newest figure) or
    not_observed. Groups and countries are left out.
    """
    wanted = pl.col("indicator_id").is_in(PEAK_INDICATORS[theme]) & ~pl.col("city_id").is_in(CONTEXT)
    peaks = registry.documented_peaks().filter(pl.col("indicator_id").is_in(PEAK_INDICATORS[theme]))
    peaks = peaks.rename({"source_title": "peak_source"})
    rows = trajectories(every_figure(key, _visit).filter(wanted).select(COLUMNS), peaks)
    newest = pl.col("peak_period") == pl.col("period").max().over(STRETCH)
    rising = newest & (pl.col("peak") == "confirmed")
    return rows.filter(pl.col("n") >= FEWEST).with_columns(
        state=pl.when(rising).then(pl.lit("rising")).otherwise("peak")
    )
