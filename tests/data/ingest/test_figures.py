"""City figures: typed rows, and every rule at its line and column."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.ingest import check
from data.ingest.figures import period_of
from data.ingest.problems import Refused

TODAY = date(2026, 11, 22)
HEADER = "city_id,city_name,territory,indicator_id,period,value,unit,definition,trust,source_title,source_url"


@pytest.fixture(scope="session")
def run(registers):
    def checked(*rows: str, header: str = HEADER):
        return check("figures", "\n".join([header, *rows]).encode(), "figures.csv", registers, TODAY)

    return checked


def found(checked):
    return checked.rejected.select("line", "column", "rule").rows()


def test_figures_of_known_and_of_new_cities(run):
    checked = run(
        "北京,,全市,gdp,2025年,4.5万,亿元,,A,统计公报,https://example.org/a",
        "leipzig,Leipzig,,visitors,2025-06,1200,persons,overnight,,Amt für Statistik,",
    )
    assert checked.rejected.is_empty()
    assert checked.accepted.rows() == [
        ("beijing", None, "全市", "gdp", "2025", 45000.0, "亿元", "", "A", "统计公报", "https://example.org/a", False),
        (
            "leipzig",
            "Leipzig",
            "",
            "visitors",
            "2025-06",
            1200.0,
            "persons",
            "overnight",
            "own",
            "Amt für Statistik",
            None,
            False,
        ),
    ]
    assert checked.lines.columns == ["line", "city_id", "territory", "indicator_id", "period", "definition"]


def test_figure_problems(run):
    checked = run(
        "leipzig,,,gdp,2025,1,EUR,,,S,",
        "Leipzig!,Leipzig,,gdp,2025,1,EUR,,,S,",
        "beijing,,,gdp,2025Q1,1,EUR,,,S,",
        "beijing,,,gdp,2027,1,EUR,,,S,",
        "beijing,,,gdp,2025,many,EUR,,,S,",
        "beijing,,,gdp,2024,,,,C,,",
        "beijing,,,gdp,2023,1,EUR,,,S,javascript:alert(1)",
        "beijing,,,gdp,2022,1,EUR,,,S,",
        "beijing,,,gdp,2022,2,EUR,,,S,",
        "beijing,,,gdp,2022,2,EUR,other,,S,",
    )
    assert found(checked) == [
        (2, "city_id", "unknown_city"),
        (3, "city_id", "unknown_city"),
        (4, "period", "bad_period"),
        (5, "period", "future_month"),
        (6, "value", "bad_number"),
        (7, "value", "missing_value"),
        (7, "unit", "missing_value"),
        (7, "trust", "bad_choice"),
        (7, "source_title", "missing_value"),
        (8, "source_url", "bad_url"),
        (9, "indicator_id", "doubled_id"),
        (10, "indicator_id", "doubled_id"),
    ]
    assert checked.accepted["definition"].to_list() == ["other"]


@given(st.dates(date(1950, 1, 1), TODAY))
def test_a_written_period_is_read_back(day):
    for raw in (f"{day:%Y-%m}", f"{day:%Y/%m}", f"{day:%Y}年{day.month}月"):
        assert period_of(raw, TODAY) == f"{day:%Y-%m}"
    for raw in (f"{day:%Y}", f"{day:%Y}年", f" {day:%Y}年度"):
        assert period_of(raw, TODAY) == f"{day:%Y}"


@pytest.mark.parametrize("raw", ["25", "2025.1", "2025Q1", "2025上半年", "20255", "1850", "24年3月"])
def test_what_is_no_period(raw):
    with pytest.raises(Refused):
        period_of(raw, TODAY)
