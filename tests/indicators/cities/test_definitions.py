"""What a definition says: counted, basis, part of a year, vintage; nothing of it depends on one figure's remarks."""

from __future__ import annotations

import polars as pl
import pytest

from data import registry
from indicators.cities.definitions import basis, counted, part_of_year, vintage


def one(expression: pl.Expr, **columns: str | None) -> object:
    return pl.DataFrame({name: pl.Series([value], dtype=pl.String) for name, value in columns.items()}).select(
        expression
    ).item()  # fmt: skip


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        ('"über 470.000", peak of coal', None),
        ("page also prints 39,000 for 2000 (2.5% of all employees) - narrower definition, not stored", None),
        ('"at the beginning of the 1970s ... just over 325 thousand" - rounded, year set to 1970', None),
        ("80,717 ha", None),
        ("winter term 2011/12, \"gut 223.000\"", None),
        ('"超386亿元", NBS definition', "NBS definition"),
        ("NBS definition (pre-revision GDP)", "NBS definition (pre-revision GDP)"),
        ("share of GDP, current prices (stored page is cut after this value)", "share of GDP, current prices"),
        ("mid-year population; estimate of the 2018 revision", "mid-year population, of the 2018 revision"),
        ("mid-year population; projection of the 2018 revision", "mid-year population, of the 2018 revision"),
        ("地方口径；约数", "地方口径, 约数"),
        ("", None),
        (None, None),
    ],
)  # fmt: skip
def test_what_is_counted(definition, expected):
    assert one(counted(pl.col("d")), d=definition) == expected


def test_both_sides_of_a_level_break_count_the_same():
    plain = "current prices, vintage of the 2019 export (before the 4th economic census revision)"
    told = f"{plain}; LEVEL BREAK 2004/2005 (+44.6%): values up to 2004 not revised by the 1st economic census"
    assert one(counted(pl.col("d")), d=told) == one(counted(pl.col("d")), d=plain) == plain


@pytest.mark.parametrize(
    ("definition", "indicator", "expected"),
    [
        ("local definition, NOT comparable with 2022 NBS-definition value 2462.03", "culture", "local"),
        ("文化创意产业 (Beijing local 9-sector definition)", "culture", "local"),
        ("国标口径", "culture", "national"),
        ("地方口径", "culture", "local"),
        (None, "cci_value_added_local", "local"),
        ("NBS definition", "cci_value_added_local", "national"),
        ("secondary_va / gdp of the same NBS export", "secondary_share_gdp", None),
        ("local authority district", "population", None),
        (None, "culture", None),
    ],
)
def test_whose_rules(definition, indicator, expected):
    assert one(basis(pl.col("d"), pl.col("i")), d=definition, i=indicator) == expected


@pytest.mark.parametrize(
    ("definition", "unit", "expected"),
    [
        ("Jan-Jun", "100 million CNY", True),
        ("January–June 2022, above size", "100 million CNY", True),
        ("2022年1-6月", "亿元", True),
        ("1—9月累计", "亿元", True),
        ("上半年", "亿元", True),
        ("April-October 2018 only (7 months)", "visitors", True),
        ("average of the first nine months of 1979", "%", True),
        ("2023 H1", "visitors", True),
        ("year to date", "EUR", True),
        ("Jan-Dec", "100 million CNY", False),
        ("1-12月", "亿元", False),
        ("12-month average", "persons", False),
        ("mean of the 12 seasonally adjusted months of 1990", "persons", False),
        ("calendar year inferred (table stands between 2017-H1 and 2015)", "visitors", False),
        ("converted cultural parks, first half of 2019", "parks", False),
        (None, "EUR", False),
    ],
)
def test_parts_of_a_year(definition, unit, expected):
    assert one(part_of_year(pl.col("d"), pl.col("i"), pl.col("u")), d=definition, i="revenue", u=unit) is expected


def test_an_id_can_tell_of_a_part_of_the_year():
    assert one(part_of_year(pl.col("d"), pl.col("i"), pl.col("u")), d=None, i="revenue_ytd", u="EUR") is True


def test_vintages():
    said = ["vintage of the 2019 export", "older nomenclature", "based on 1987 census", "annual average", None]
    found = pl.DataFrame({"d": said}).select(vintage(pl.col("d")))["d"].to_list()
    assert found == [True, True, True, False, False]


def test_the_register_is_read_without_surprises():
    """Parts of a year and bases of the shipped figures, all of them: a change here is a change of what may be drawn."""
    figures = registry.city_figures()
    columns = [pl.col(name) for name in ("definition", "indicator_id", "unit")]
    parts = figures.filter(part_of_year(*columns)).select("city_id", "indicator_id", "period").sort("city_id")
    assert parts.rows() == [
        ("liverpool", "visitors_site", "2018"),
        ("manchester", "visitors_site", "2018"),
        ("pittsburgh", "unemployment_rate", "1979"),
    ]
    sides = figures.with_columns(basis(*columns[:2])).drop_nulls("basis")
    assert set(sides.filter(pl.col("basis") == "local")["indicator_id"]) == {
        "cci_employment", "cci_output_local", "cci_share_gdp_local", "cci_value_added_local",
    }  # fmt: skip
    national = set(sides.filter(pl.col("basis") == "national")["indicator_id"])
    assert national == {"culture_share_gdp", "culture_value_added"}
