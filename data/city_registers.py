"""Two registers about cities told in sentences: benchmark parks field by field, and dated milestones of each city.

Both rest on rows of the other registers: `basis` names that row, and the source is the row's own. A sentence in two
languages is our wording of the row; nothing is in it that the row does not say.
"""

from __future__ import annotations

from functools import lru_cache

import polars as pl

from data.registry import read_register

BENCHMARK_FIELDS = ("kind", "development", "functions", "distance", "talent", "operator", "area")


@lru_cache(maxsize=1)
def benchmark_parks() -> pl.DataFrame:
    """The parks other cities are advised to learn from, one row per park and field that a source speaks of.

    Columns: park_id, city_id, name_zh, name_en, field (kind, development, functions, distance to the city centre,
    talent, operator, area), year (Int64, the year the statement holds for; null where none is printed), text_zh,
    text_en, trust (as in `city_figures`), basis (the row it rests on: "parks|park_id" or
    "city_figures|city_id|indicator_id|territory|period"), source_title, source_url (null where there is no address).
    Missing: a field no source speaks of has no row. Errors: RegistryError. Source: source_title of the row.

    >>> benchmark_parks().filter(pl.col("field") == "distance").select("park_id", "year", "text_en").row(0)
    ('GZ-009', 2017, '35 km')
    """
    return read_register("benchmark_parks.csv", {"year": pl.Int64})


@lru_cache(maxsize=1)
def milestones() -> pl.DataFrame:
    """The dated turns of each city's transition, the oldest first.

    Columns: city_id, year (Int64), text_zh, text_en, basis (the row it rests on: register and key, joined by "|"),
    source_title, source_url (several sources joined as in the other registers). Missing: a city without a sourced
    milestone has no row. Errors: RegistryError. Source: source_title of the row.

    >>> milestones().filter((pl.col("city_id") == "ruhr") & (pl.col("year") == 1956))["basis"].item()
    'city_figures|ruhr|coal_employment|Metropole Ruhr (RVR area)|1956'
    """
    return read_register("milestones.csv", {"year": pl.Int64}).sort("city_id", "year", maintain_order=True)


def milestones_of(city_id: str) -> pl.DataFrame:
    """The milestones of one city, the oldest first; an unknown city has none.

    Columns out: those of `milestones`.

    >>> milestones_of("changzhou")["year"].to_list(), milestones_of("atlantis").height
    ([1949, 1993, 1999, 2019], 0)
    """
    return milestones().filter(pl.col("city_id") == city_id)
