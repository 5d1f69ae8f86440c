"""What the comparison of cities takes for granted: groups, provinces, directions, ratios."""

from __future__ import annotations

from functools import lru_cache

import polars as pl

from data.registry import cities, read_register


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


def provinces() -> dict[str, str]:
    """The province every city lies in: city_id -> Chinese name; a city without one is left out.

    >>> provinces()["guangzhou"] == provinces()["shenzhen"], "cn_national" in provinces()
    (True, False)
    """
    return dict(cities().drop_nulls("province_zh").select("city_id", "province_zh").iter_rows())


def regions() -> dict[str, str]:
    """What the spelling of a region means: a city_id, or the Chinese name of a province.

    A city is known by its names, also with 市; a province by its English name and without 省, 市, 自治区. The full
    Chinese name of a province stays the province, also of a city that is one.

    >>> regions()["广州市"], regions()["Guangdong"], regions()["广东"], regions()["北京"], regions()["北京市"]
    ('guangzhou', '广东省', '广东省', 'beijing', '北京市')
    """
    rows = cities().drop_nulls("province_zh").select("city_id", "name_zh", "name_en", "province_zh", "province_en")
    provinces = {en: zh for *_, zh, en in rows.iter_rows()}
    provinces |= {zh.removesuffix("省").removesuffix("市").removesuffix("自治区"): zh for zh in provinces.values()}
    named = {name: city for city, zh, en, *_ in rows.iter_rows() for name in (city, zh, f"{zh}市", en)}
    return provinces | named | {zh: zh for zh in provinces.values()}


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
