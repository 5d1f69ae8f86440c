"""Three small registers of what the comparison of cities takes for granted: groups, directions, ratios."""

from __future__ import annotations

from functools import lru_cache

import polars as pl

from data.registry import read_register


@lru_cache(maxsize=1)
def city_groups() -> pl.DataFrame:
    """Which cities belong together, one row per group and city, in the order of the choice on the page.

    Columns: group_id, kind (choice: offered for a composite; region: group_id is the city_id of a region and the row
    one of its member cities), name_zh, name_en, city_id, source_title.
    Errors: RegistryError. Source: source_title of the row.

    >>> city_groups().filter(kind="region")["city_id"].to_list()
    ['essen', 'dortmund', 'bochum', 'duisburg']
    """
    return read_register("city_groups.csv", {})


@lru_cache(maxsize=1)
def indicator_directions() -> pl.DataFrame:
    """Whether more of an indicator is better, and which side of a city it tells of.

    Columns: indicator_id (id, or id~years for its change over so many years), direction (Int8: 1 more is better, -1
    less is better, 0 neither: shown as above or below, never as a strength), dimension (structure, work, growth,
    culture, size), reason_zh, reason_en, source_title. An indicator without a row has no declared direction.
    Errors: RegistryError. Source: our choice.

    >>> indicator_directions().filter(indicator_id="unemployed_per_thousand")["direction"].item()
    -1
    """
    return read_register("indicator_directions.csv", {"direction": pl.Int8})


@lru_cache(maxsize=1)
def ratio_indicators() -> pl.DataFrame:
    """The indicators this product computes as a ratio of two published ones.

    Columns: indicator_id, name_zh, name_en, numerator_id, denominator_id, factor (Float64), unit, source_title.
    Errors: RegistryError. Source: our choice.

    >>> ratio_indicators().filter(indicator_id="ict_share_establishments").select("factor", "unit").row(0)
    (100.0, '%')
    """
    return read_register("ratio_indicators.csv", {"factor": pl.Float64})
