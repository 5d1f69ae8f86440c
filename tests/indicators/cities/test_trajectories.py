"""Every series at its own peak = 100: which peaks are confirmed, which are not observed, which a source names."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data import registry
from indicators.cities.trajectories import STRETCH, trajectories
from indicators.frames import FIGURES, ContractError

COAL = pl.DataFrame({"city_id": ["ruhr"], "indicator_id": ["coal_employment"], "period": ["1956"],
                     "peak_source": ["Regionalverband Ruhr"]})  # fmt: skip
small = settings(max_examples=40, deadline=None)


def series(values: dict[int, float]) -> pl.DataFrame:
    row = dict.fromkeys(FIGURES.schema, "x") | {"trust": "A", "definition": None}
    rows = [row | {"period": str(year), "value": value} for year, value in values.items()]
    return pl.DataFrame(rows, schema=FIGURES.schema)


@pytest.fixture(scope="module")
def shipped() -> pl.DataFrame:
    return trajectories(registry.city_figures().select(list(FIGURES.schema)), COAL)


def of(shipped: pl.DataFrame, city: str, indicator: str, territory: str = "", counted: str = "") -> pl.DataFrame:
    rows = shipped.filter(pl.col("city_id") == city, pl.col("indicator_id") == indicator)
    text = pl.col("definition").fill_null("")
    return rows.filter(pl.col("territory").str.starts_with(territory), text.str.contains(counted, literal=True))


@pytest.mark.parametrize(
    ("city", "indicator", "territory", "peak", "year", "later"),
    [
        ("ruhr", "coal_employment", "", "documented", "1956", {"1960": 83.0, "2001": 10.4, "2006": 6.2, "2012": 3.7}),
        ("pittsburgh", "employment_manufacturing", "Pittsburgh, PA MSA (7", "not_observed", None,
         {"1971": 89.2, "1979": 88.6, "1990": 42.3, "2011": 27.7}),
        ("essen", "population", "Urban", "confirmed", "1960", {"2010": 80.5, "2020": 80.7}),
        ("dortmund", "population", "Urban", "confirmed", "1965", {"2020": 92.0}),
        ("duisburg", "population", "Urban", "confirmed", "1980", {"2020": 93.2}),
        ("bochum", "population", "Urban", "confirmed", "1995", {"2020": 93.9}),
        ("changzhou", "secondary_share_gdp", "", "confirmed", "1993", {"1949": 19.3, "1999": 84.0}),
        ("guangzhou", "employment_secondary_share", "", "confirmed", "2009", {"2015": 70.6, "2021": 56.3}),
        ("shanghai", "secondary_share_gdp", "", "not_observed", None, {"1999": 100.0}),
        ("shenzhen", "gdp", "", "confirmed", "2017", {"2017": 100.0}),
        ("duisburg", "employment_manufacturing_share_workplace", "", "not_observed", None, {"2008": 100.0}),
        ("hangzhou", "secondary_share_gdp", "", "not_observed", None, {"2007": 100.0}),
        ("chengdu", "secondary_share_gdp", "", "not_observed", None, {"2007": 100.0}),
    ],
)  # fmt: skip
def test_the_peaks_of_the_register(shipped, city, indicator, territory, peak, year, later):
    rows = of(shipped, city, indicator, territory).filter(pl.col("segment") == pl.col("segment").max())
    assert rows["peak"].unique().to_list() == [peak]
    assert rows["peak_period"].unique().to_list() == [year]
    index = dict(rows.select("period", pl.col("index").round(1)).iter_rows())
    assert {name: index[name] for name in later} == later


def test_pittsburgh_city_population(shipped):
    rows = of(shipped, "pittsburgh", "population", "City proper", "decennial")
    assert rows["peak"].unique().to_list() == ["confirmed"]
    assert rows.filter(pl.col("period") == "1950").select("peak_value", "years_since").row(0) == (676806.0, 0)
    index = dict(rows.select("period", pl.col("index").round(1)).iter_rows())
    assert (index["1980"], index["2010"]) == (62.6, 45.2)


def test_shanghai_and_beijing_start_after_their_peaks(shipped):
    for city in ("shanghai", "beijing"):
        rows = of(shipped, city, "secondary_share_gdp").filter(pl.col("period") < "2018")
        assert rows["peak"].unique().to_list() == ["not_observed"]
        assert rows.filter(pl.col("period") == "1999").select("index", "years_since", "peak_value").row(0) == (
            100.0,
            0,
            None,
        )


def test_a_threshold_of_95_would_confirm_shanghai():
    figures = registry.city_figures().filter(pl.col("city_id") == "shanghai").select(list(FIGURES.schema))
    loose = trajectories(figures, threshold_pct=95.0).filter(pl.col("indicator_id") == "secondary_share_gdp")
    assert loose.select("peak", "peak_period").unique().rows() == [("confirmed", "2004")]


def test_without_the_source_the_ruhr_would_peak_in_1922():
    figures = registry.city_figures().filter(pl.col("indicator_id") == "coal_employment").select(list(FIGURES.schema))
    alone = trajectories(figures).filter(pl.col("city_id") == "ruhr")
    assert alone.select("peak", "base_period").unique().rows() == [("not_observed", "1922")]
    assert trajectories(figures, first="1945").filter(pl.col("city_id") == "ruhr")[
        "base_period"
    ].unique().to_list() == ["1956"]


@small
@given(st.dictionaries(st.integers(1900, 2020), st.floats(1, 1e6), min_size=1, max_size=12))
def test_the_rule(values):
    rows = trajectories(series(values))
    years = sorted(values)
    top = max(values.values())
    year = next(y for y in years if values[y] == top)
    earlier = [values[y] for y in years if y < year]
    confirmed = bool(earlier) and min(earlier) / top <= 0.9
    assert rows["peak"].unique().to_list() == ["confirmed" if confirmed else "not_observed"]
    base = year if confirmed else years[0]
    assert rows["base_period"].unique().to_list() == [str(base)]
    assert rows["index"].to_list() == pytest.approx([100 * values[y] / values[base] for y in years])
    assert rows["years_since"].to_list() == [y - base for y in years]
    assert rows["n"].unique().to_list() == [len(values)]


@small
@given(st.lists(st.floats(1, 1e3), min_size=2, max_size=8), st.floats(0.1, 50))
def test_the_unit_does_not_matter(numbers, factor):
    values = {2000 + place: number for place, number in enumerate(numbers)}
    one = trajectories(series(values), threshold_pct=80.0)
    other = trajectories(series({year: value * factor for year, value in values.items()}), threshold_pct=80.0)
    if one["peak"].to_list() == other["peak"].to_list():  # a value on the very threshold may fall on either side
        assert one["index"].to_list() == pytest.approx(other["index"].to_list())


def test_nothing_is_indexed_across_a_break():
    figures = series({2000: 10.0, 2001: 20.0, 2002: 60.0, 2003: 30.0})
    breaks = pl.DataFrame({"city_id": ["x"], "indicator_id": ["x"], "period": ["2002"], "reason": ["census"]})
    rows = trajectories(figures, breaks=breaks)
    assert rows.select("segment", "base_period", "index").rows() == [
        (1, "2001", 50.0),
        (1, "2001", 100.0),
        (2, "2002", 100.0),
        (2, "2002", 50.0),
    ]
    assert rows.group_by(STRETCH).agg(pl.col("base_value").n_unique())["base_value"].to_list() == [1, 1]


def test_zero_and_below_have_no_index():
    assert trajectories(series({2000: 0.0, 2001: -5.0}))["index"].to_list() == [None, None]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"peaks": COAL.with_columns(period=pl.lit("1957"))}, "ruhr, coal_employment: no annual figure for the"),
        ({"peaks": COAL, "first": "1960"}, "widen the window"),
        ({"peaks": pl.concat([COAL, COAL.with_columns(period=pl.lit("1960"))])}, "two documented peaks for one series"),
        ({"first": "60"}, "first '60' is not accepted; accepted: a year"),
        ({"threshold_pct": 100.0}, "threshold_pct 100 is not accepted"),
    ],
)
def test_what_is_refused(options, sentence):
    figures = registry.city_figures().filter(pl.col("city_id") == "ruhr").select(list(FIGURES.schema))
    with pytest.raises(ContractError, match=sentence):
        trajectories(figures, **options)


def test_a_peak_of_another_city_or_territory_is_left_alone():
    figures = series({2000: 10.0, 2001: 20.0})
    assert trajectories(figures, COAL)["peak"].to_list() == ["confirmed"] * 2
    assert trajectories(series({})).is_empty()
