"""Spellings of units: every row of the register is exact and of a known unit, and figures keep their size."""

from __future__ import annotations

from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data import registry
from data.text import messages
from data.units import folded, in_register_units, readings, unit_notes, unit_spellings

SHIPPED = registry.city_figures()
SPELLINGS = unit_spellings()
GOLDEN = [  # indicator, value and unit as written, value and unit of the register; each checked by hand
    ("gdp", 41061.0, "亿元", 41061.0, "100 million CNY"),
    ("gdp", 4.1061, "万亿元", 41061.0, "100 million CNY"),
    ("gdp", 410610000.0, "万元", 41061.0, "100 million CNY"),
    ("gdp", 56.3, "billion EUR", 56.3, "billion EUR"),
    ("gdp", 563.0, "亿欧元", 56.3, "billion EUR"),
    ("gdp", 56.3, "Mrd. €", 56.3, "billion EUR"),
    ("gdp_per_capita", 18.8, "万元", 188000.0, "CNY"),
    ("population", 2183.2, "万人", 21832000.0, "persons"),
    ("population", 1.005, "万人", 10050.0, "persons"),
    ("students", 60.5, "万人", 605000.0, "students"),
    ("secondary_share_gdp", 14.3, "％", 14.3, "%"),
    ("secondary_share_gdp", 14.3, "percent", 14.3, "%"),
    ("factory_conversion_area", 120.0, "万平方米", 1200000.0, "m2"),
    ("area_km2", 16410.0, "平方公里", 16410.0, "km2"),
    ("area_km2", 100.0, "万平方米", 1.0, "km2"),
    ("coal_output", 250.0, "万吨", 2.5, "million t"),
    ("visitors_site", 150.0, "万人次", 1500000.0, "visitors"),
    ("tourist_arrivals", 150.0, "万人次", 1500000.0, "arrivals"),
    ("establishments_total", 1.4, "万家", 14000.0, "establishments"),
    ("park_cultural_enterprises", 87.0, "家", 87.0, "enterprises"),
    ("of_nobody", 5.0, "亿元", 5.0, "100 million CNY"),
    ("of_nobody", 5.0, "万人", 50000.0, "persons"),
    ("of_nobody", 5.0, "家", 5.0, "家"),
    ("of_nobody", 5.0, "万人次", 5.0, "万人次"),
    ("gdp", 5.0, "斤", 5.0, "斤"),
]


@pytest.mark.parametrize(("indicator", "value", "written", "read", "unit"), GOLDEN)
def test_a_figure_is_read_in_the_unit_of_its_indicator(indicator, value, written, read, unit):
    own = pl.DataFrame({"indicator_id": [indicator], "value": [value], "unit": [written]})
    assert in_register_units(own, SHIPPED).row(0) == (indicator, read, unit)


def test_only_units_of_the_register_are_meant_and_every_row_is_one_reading():
    known = set(SHIPPED["unit"])
    assert set(SPELLINGS["unit"]) <= known
    assert (SPELLINGS["times"] > 0).all()
    assert (SPELLINGS["over"] > 0).all()
    keys = SPELLINGS.with_columns(pl.Series("spelling", [folded(unit) for unit in SPELLINGS["spelling"]]))
    assert keys.select("spelling", "unit").is_unique().all()
    alone = keys.filter("alone")["spelling"]
    assert alone.is_unique().all(), "a spelling means one unit where no indicator tells"
    same = SPELLINGS.filter(pl.col("spelling") == pl.col("unit"))
    assert not same.height, "a unit of the register needs no row for itself"


def test_two_ways_round_give_the_same_size():
    """Wherever a spelling has two readings of one kind of thing, they differ by one fixed factor."""
    both = SPELLINGS.join(SPELLINGS, on="spelling", suffix="_other").filter(pl.col("unit") < pl.col("unit_other"))
    factors: dict[tuple[str, str], set[Fraction]] = {}
    for row in both.iter_rows(named=True):
        one, other = (Fraction(row[f"times{end}"], row[f"over{end}"]) for end in ("", "_other"))
        factors.setdefault((row["unit"], row["unit_other"]), set()).add(one / other)
    assert factors[("100 million CNY", "CNY")] == {Fraction(1, 10**8)}
    assert factors[("km2", "m2")] == {Fraction(1, 10**6)}
    assert {pair: found for pair, found in factors.items() if len(found) > 1} == {}


@pytest.mark.parametrize("unit", sorted(set(SHIPPED["unit"])))
def test_a_shipped_figure_reads_as_itself(unit):
    rows = SHIPPED.filter(pl.col("unit") == unit)
    assert in_register_units(rows, SHIPPED).equals(rows)


@given(st.floats(min_value=-1e12, max_value=1e12, allow_nan=False), st.sampled_from(["亿元", "万亿元", "元", "%"]))
def test_no_figure_changes_its_size(value, unit):
    own = pl.DataFrame({"indicator_id": ["gdp"], "value": [value], "unit": [unit]})
    found, read = in_register_units(own, SHIPPED).row(0, named=True), readings(own, SHIPPED).row(0, named=True)
    assert found["value"] == pytest.approx(value * read["times"] / read["over"], rel=1e-15)


def test_a_missing_value_and_other_columns_stay():
    own = pl.DataFrame({"city_id": ["x", "x"], "indicator_id": ["gdp"] * 2, "value": [None, 1.0], "unit": ["亿元"] * 2})
    rows = in_register_units(own, SHIPPED)
    assert rows.columns == own.columns
    assert rows["value"].to_list() == [None, 1.0]


def test_the_desk_says_what_is_read_and_what_stands_apart():
    rows = pl.DataFrame({"indicator_id": ["gdp", "population", "gdp"], "unit": ["亿元", "万人", "斤"]})
    read, apart = unit_notes("figures", rows)
    assert read.values["items"] == "亿元 = 100 million CNY; 万人 = 10,000 × persons"
    assert apart.values["items"] == "斤"
    for language in ("zh", "en"):
        assert "斤" in apart.sentence(language)
        assert "万人" in read.sentence(language)
    assert unit_notes("events", rows) == unit_notes("figures", rows.clear()) == ()
    assert {"note.units_read", "note.units_apart"} <= messages().keys("zh") & messages().keys("en")
    assert not unit_notes("figures", pl.DataFrame({"indicator_id": ["gdp"], "unit": ["100 million CNY"]}))
