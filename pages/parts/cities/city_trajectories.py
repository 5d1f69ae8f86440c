"""The view since the industrial peak: each series at its own peak = 100, with a word where none was observed."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
from streamlit.delta_generator import DeltaGenerator

from data import registry
from pages.parts import blocks, filters, tables
from pages.parts.blocks import Foot
from pages.parts.cities import cached_cities, figure_charts, figure_tables
from pages.parts.filters import Selection
from pages.parts.session import Visit

UN = "Urban agglomeration as defined by UN WUP 2018"
STORIES = (
    ("ruhr", "coal_employment", None),
    ("pittsburgh", "employment_manufacturing", None),
    ("pittsburgh", "population", "City proper (incorporated city)"),
    ("essen", "population", UN),
    ("dortmund", "population", UN),
    ("duisburg", "population", UN),
    ("bochum", "population", UN),
    ("changzhou", "secondary_share_gdp", None),
    ("guangzhou", "employment_secondary_share", None),
    ("shanghai", "secondary_share_gdp", None),
    ("beijing", "secondary_share_gdp", None),
    ("shenzhen", "secondary_share_gdp", None),
    ("guangzhou", "secondary_share_gdp", None),
    ("duisburg", "employment_manufacturing_share_workplace", None),
    ("liverpool", "population", UN),
)
"""The series told first: city, indicator and, where there are several, the territory."""

THEMES = ("stories", *cached_cities.PEAK_INDICATORS)
STATES = ("documented", "confirmed", "rising", "not_observed")
SERIES = ["city_id", "indicator_id", "territory", "line", "segment"]


def show(visit: Visit, selection: Selection, room: DeltaGenerator) -> None:
    """Choose the series; small charts on one pair of axes, then the table behind them."""
    with room:
        names = {theme: visit.say(f"cities.theme_{theme}") for theme in THEMES}
        theme = filters.pick(visit.say("cities.theme"), "theme", names, THEMES[0])
    rows = series(visit, theme, selection.city_id)
    if not rows.height:
        blocks.empty(visit, "cities.no_peaks")
        return
    last = newest(rows)
    counted = dict(last.group_by("state").len().iter_rows())
    heading = visit.say("cities.peaks", **{state: counted.get(state, 0) for state in STATES})
    read = labelled(visit, rows)
    titles = {row["series"]: title(visit, row) for row in newest(read).iter_rows(named=True)}
    own = newest(read).filter(pl.col("city_id") == selection.city_id)["series"].to_list()
    figure = figure_charts.since_peak(read, titles, own, visit.dark)
    foot = Foot(
        f"{visit.say('cities.sources_each')} · {documented(visit, last)}{visit.say('cities.peaks_note')}", "published",
        visit.say("cities.peaks_unit"), f"{rows['period'].min()}–{rows['period'].max()}",
        visit.say("cities.territory_each"), str(last.height),
    )  # fmt: skip
    blocks.chart(visit, heading, figure, foot, "city-peaks", behind(visit, read))
    table(visit, labelled(visit, last), replace(foot, source=visit.say("cities.sources_each")))


def series(visit: Visit, theme: str, city_id: str) -> pl.DataFrame:
    """The series of a theme in the order they are told; the stories begin with those of the chosen city.

    Of several stretches of one city, indicator and territory the longest is taken.
    """
    themes = list(cached_cities.PEAK_INDICATORS) if theme == "stories" else [theme]
    rows = pl.concat([cached_cities.since_peak(visit.key, name, visit) for name in themes])
    longest = newest(rows).sort("n", "line", descending=[True, False]).unique(SERIES[:3], maintain_order=True)
    if theme == "stories":
        told = [story(longest, *one) for one in STORIES]
        own = longest.filter(pl.col("city_id") == city_id).sort("indicator_id", "territory")
        longest = pl.concat([own, *told]).unique(SERIES, keep="first", maintain_order=True)
    else:
        order = {city: n for n, city in enumerate(cached_cities.names(visit))}
        first = pl.col("city_id") != city_id
        longest = longest.sort(first, pl.col("city_id").replace_strict(order, default=99), "indicator_id", "territory")
    ranked = longest.select(SERIES).with_row_index("place")
    return rows.join(ranked, on=SERIES).sort("place", "period")


def story(rows: pl.DataFrame, city_id: str, indicator_id: str, territory: str | None) -> pl.DataFrame:
    """The series of one city and indicator, in one territory or the longest one."""
    found = rows.filter((pl.col("city_id") == city_id) & (pl.col("indicator_id") == indicator_id))
    return found.head(1) if territory is None else found.filter(pl.col("territory") == territory)


def newest(rows: pl.DataFrame) -> pl.DataFrame:
    """The newest figure of every series, in the order of the series."""
    return rows.filter(pl.col("period") == pl.col("period").max().over(SERIES))


def state(visit: Visit, row: dict[str, object]) -> str:
    """What is known of a peak: documented, observed with its year, still rising, or not observed."""
    return visit.say(f"cities.peak_{row['state']}", year=row["base_period"])


def title(visit: Visit, row: dict[str, object]) -> str:
    """The series with its territory and what is known of its peak."""
    name = visit.say("cities.peak_series", city=row["city"], indicator=row["indicator"])
    return f"{name}\n{row['territory']}\n{state(visit, row)}"


def documented(visit: Visit, last: pl.DataFrame) -> str:
    """The sentences that name the sources of documented peaks."""
    found = figure_tables.readable(visit, last.filter(pl.col("state") == "documented"))
    said = [
        visit.say("cities.peaks_documented_note", city=city, indicator=indicator, year=year, source=source)
        for city, indicator, year, source in found.select("city", "indicator", "base_period", "peak_source").rows()
    ]
    return "".join(f"{sentence} · " for sentence in said)


def labelled(visit: Visit, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows as they are read, with `series`, `hover` and the columns of the table."""
    read = figure_tables.readable(visit, rows)
    cells = rows.select("value", "base_value", "unit").iter_rows()
    texts = [(figure_tables.amount(visit, now, u), figure_tables.amount(visit, base, u)) for now, base, u in cells]
    shown = pl.DataFrame(texts, schema=["amount", "base"], orient="row")
    index = pl.lit(tables.each(rows["index"], tables.number))
    states = [state(visit, row) for row in rows.select("state", "base_period").iter_rows(named=True)]
    return pl.concat([read, shown], how="horizontal").with_columns(
        series=pl.concat_str(SERIES, separator="|"),
        hover=pl.format("{}: {} = {}<br>{}<br>{}<br>{}", "period", "amount", index, "indicator", "territory", "source"),
        peak_state=pl.Series(states), peak_base=pl.format("{} ({})", "base", "base_period"), peak_index=pl.col("index"),
        peak_newest=pl.format("{} ({}, {})", "amount", "period", "trust"), peak_years=pl.col("years_since"),
    )  # fmt: skip


def behind(visit: Visit, read: pl.DataFrame) -> pl.DataFrame:
    """Every figure of the shown series with its index."""
    words = ("city", "indicator", "territory", "period", "value", "unit", "trust", "peak_years", "peak_index",
             "peak_state", "definition", "source", "link")  # fmt: skip
    return blocks.as_published(figure_tables.headed(visit, read, *words), 2)


def table(visit: Visit, last: pl.DataFrame, foot: Foot) -> None:
    """One row a series: its peak, what 100 is, and where it stands now, each with its source."""
    named = last.with_columns(peak_link=pl.lit(None, pl.String))
    for row in registry.documented_peaks().iter_rows(named=True):
        here = (pl.col("city_id") == row["city_id"]) & (pl.col("indicator_id") == row["indicator_id"])
        link = pl.when(here & (pl.col("state") == "documented")).then(pl.lit(row["source_url"], pl.String))
        named = named.with_columns(peak_link=link.otherwise("peak_link"))
    words = ("city", "indicator", "peak_state", "peak_base", "peak_newest", "peak_index", "peak_years", "territory",
             "definition", "source", "link", "peak_source", "peak_link")  # fmt: skip
    data = blocks.as_published(figure_tables.headed(visit, named, *words))
    blocks.table(visit, visit.say("cities.peaks_table"), data, foot, "city-peak-table", column_config={
        **blocks.pinned(data), **blocks.one_decimal(data)})  # fmt: skip
