"""What the portrait of a city shows of its figures, computed once per store revision."""

from __future__ import annotations

import polars as pl

from indicators.cities.comparability import coverage as figures_of_all
from indicators.cities.lines import figure_lines
from pages.parts import cached
from pages.parts.cached import figures
from pages.parts.cities import cached_cities, city_facts
from pages.parts.session import Visit

LEAST = 3  # years that make a line worth drawing
PREFERRED = ("coal_employment", "secondary_share_gdp", "employment_manufacturing", "employment_secondary_share")
ENOUGH = 5  # years from which a preferred series is shown first


@figures
def of_city(key: str, city_id: str, _visit: Visit) -> pl.DataFrame:
    """Every figure of one city, shipped and uploaded."""
    return cached_cities.every_figure(key, _visit).filter(pl.col("city_id") == city_id)


@figures
def newest(key: str, city_id: str, _visit: Visit) -> pl.DataFrame:
    """The newest figures of the city (`city_facts.newest`)."""
    return city_facts.newest(of_city(key, city_id, _visit))


@figures
def coverage(key: str, _visit: Visit) -> pl.DataFrame:
    """For how many of all indicators each city has a figure (`comparability.coverage`)."""
    rows = cached_cities.every_figure(key, _visit)
    listed = cached_cities.cities(key, _visit)["city_id"].to_list()
    return figures_of_all(rows, listed, rows["indicator_id"].unique().to_list())


@figures
def lines(key: str, city_id: str, _visit: Visit) -> pl.DataFrame:
    """The lines of the city (`figure_lines`), each figure with year (Date) and the number of years of its line."""
    found = figure_lines(of_city(key, city_id, _visit))
    return found.with_columns(
        year=pl.col("period").str.slice(0, 4).str.to_date("%Y", strict=False)
        if found.height
        else pl.lit(None, pl.Date),
        n_line=pl.len().over("indicator_id", "line"),
    )


@figures
def drawn(key: str, city_id: str, _visit: Visit) -> list[str]:
    """The indicators with a line worth drawing, the one to show first in front.

    First come the industrial series that tell of a transition, from five years on; then the longest lines.
    """
    rows = lines(key, city_id, _visit).group_by("indicator_id").agg(pl.col("n_line").max())
    wanted = pl.col("indicator_id").replace_strict(
        {name: place for place, name in enumerate(PREFERRED)}, default=None, return_dtype=pl.Int64
    )
    first = pl.when(pl.col("n_line") >= ENOUGH).then(wanted)
    ordered = rows.filter(pl.col("n_line") >= LEAST).sort(
        first, pl.col("n_line"), "indicator_id", descending=[False, True, False], nulls_last=True
    )
    return ordered["indicator_id"].to_list()


@figures
def parks(key: str, city_id: str, _visit: Visit) -> pl.DataFrame:
    """The parks of the city on record, demonstration rows left out."""
    return cached.parks(key, _visit).filter((pl.col("city_id") == city_id) & ~pl.col("is_synthetic"))
