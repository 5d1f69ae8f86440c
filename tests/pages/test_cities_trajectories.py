"""The view since the peak: the expected values of every documented, confirmed and unobserved peak, on the page."""

from __future__ import annotations

import polars as pl
import pytest

from data import registry
from pages.parts.cities import cached_cities, city_trajectories, figure_charts

PEAKS = ("City", "Peak", "Years since", "Newest figure")


class FakeVisit:
    """What the cached functions need of a visit."""

    key, name = "trajectories", "name_en"

    def __init__(self, store) -> None:
        self.store = store


@pytest.fixture
def series(demo, stored):
    """The rows of one series: `series("ruhr", "coal_employment")`."""
    visit = FakeVisit(stored())
    themes = [cached_cities.since_peak("trajectories", theme, visit) for theme in cached_cities.PEAK_INDICATORS]
    rows = pl.concat(themes)

    def chosen(city: str, indicator: str, territory: str | None = None) -> pl.DataFrame:
        found = rows.filter(pl.col("city_id") == city, pl.col("indicator_id") == indicator)
        return city_trajectories.story(found, city, indicator, territory) if territory else found

    return chosen


UN, CITY = city_trajectories.UN, "City proper (incorporated city)"
EXPECTED = [
    ("ruhr", "coal_employment", None, "documented", "1956", 470_000,
     {"1960": 83.0, "2001": 10.4, "2006": 6.2, "2012": 3.7}),
    ("pittsburgh", "employment_manufacturing", None, "not_observed", "1970", 325_000,
     {"1971": 89.2, "1979": 88.6, "1990": 42.3, "2011": 27.7}),
    ("pittsburgh", "population", CITY, "confirmed", "1950", 676_806, {"1980": 62.6, "2010": 45.2}),
    ("essen", "population", UN, "confirmed", "1960", 721_021, {"2010": 80.5, "2020": 80.7}),
    ("dortmund", "population", UN, "confirmed", "1965", 640_642, {"2020": 92.0}),
    ("duisburg", "population", UN, "confirmed", "1980", 552_728, {"2020": 93.2}),
    ("bochum", "population", UN, "confirmed", "1995", 400_391, {"2020": 93.9}),
    ("changzhou", "secondary_share_gdp", None, "confirmed", "1993", 66.2, {"1999": 84.0}),
    ("guangzhou", "employment_secondary_share", None, "confirmed", "2009", 40.25, {"2015": 70.6, "2021": 56.3}),
    ("shanghai", "secondary_share_gdp", None, "not_observed", "1999", 47.38, {"2017": 64.3}),
    ("beijing", "secondary_share_gdp", None, "not_observed", "1999", 33.87, {"2017": 56.1}),
    ("shanghai", "population", UN, "rising", "2020", 27_058_479, {"2020": 100.0}),
]  # fmt: skip


@pytest.mark.parametrize(("city", "indicator", "territory", "state", "base", "value", "later"), EXPECTED)
def test_the_expected_peaks(series, city, indicator, territory, state, base, value, later):
    rows = series(city, indicator, territory) if territory else series(city, indicator)
    rows = rows.filter(pl.col("n") == rows["n"].max())
    assert rows.select("state", "base_period").unique().rows() == [(state, base)]
    assert rows["base_value"][0] == pytest.approx(value, abs=0.005)
    found = dict(rows.select("period", "index").iter_rows())
    assert {year: round(found[year], 1) for year in later} == later


def test_shanghai_has_no_observed_peak_and_beijing_2023_is_not_spliced_on(series):
    shanghai = series("shanghai", "secondary_share_gdp")
    assert shanghai["peak_period"].null_count() == shanghai.height
    assert "2004" in shanghai["period"].to_list()
    assert "2023" not in series("beijing", "secondary_share_gdp")["period"].to_list()


def test_no_month_and_no_country_is_on_the_view(series):
    assert series("pittsburgh", "employment_manufacturing")["period"].str.len_chars().unique().to_list() == [4]
    assert not series("de_national", "coal_employment").height


def test_the_documented_peak_is_a_row_of_the_figures_register():
    named = registry.documented_peaks()
    keys = ["city_id", "indicator_id", "territory", "period", "source_title", "source_url"]
    assert named.join(registry.city_figures(), on=keys, how="semi").height == named.height >= 1


def test_the_table_says_what_is_known_of_each_peak_and_who_says_so(demo, look, screen):
    at = look("cities", lang="en", look="trajectories")
    rows = {(row["City"], row["Indicator"]): row for row in screen(at).table(*PEAKS).iter_rows(named=True)}
    coal = next(row for (city, name), row in rows.items() if city.startswith("Ruhr") and "coal" in name)
    assert (coal["Peak"], coal["100 ="], coal["Own peak = 100"]) == (
        "documented peak 1956",
        "470,000 persons (1956)",
        3.7,
    )
    assert coal["Newest figure"] == "17,600 persons (2012, A)"
    assert coal["Who names the peak"] == "Metropole Ruhr - Wirtschaftskraft"
    assert coal["Its link"].startswith("http://www.metropoleruhr.de/")
    shanghai = rows["Shanghai", "Secondary industry share of GDP"]
    assert shanghai["Peak"] == "peak not observed, 1999 = 100"
    assert shanghai["Its link"] is None
    told = "\n".join(caption.value for caption in at.caption)
    assert "named as the peak by Metropole Ruhr - Wirtschaftskraft" in told


def test_the_heading_counts_the_kinds_of_peaks(demo, look, screen):
    at = look("cities", lang="en", look="trajectories", city="shanghai")
    states = screen(at).table(*PEAKS)["Peak"]
    n = states.str.starts_with("peak not observed").sum()
    heading = f"Since the peak: 1 documented, 7 confirmed, 1 still rising, {n} without an observed peak"
    assert heading in [one.value for one in at.subheader]


def test_the_chosen_city_comes_first_and_every_theme_opens(demo, look, screen):
    for theme in city_trajectories.THEMES:
        at = look("cities", lang="en", look="trajectories", city="houston", theme=theme)
        assert not at.exception
        first = screen(at).table(*PEAKS)["City"][0]
        assert (first == "Houston") == (theme != "industry")


# chart ----------------------------------------------------------------------------------------------------------------


def test_unobserved_peaks_are_dashed_and_far_years_stay_in_the_table():
    rows = pl.DataFrame(
        {
            "series": ["a", "a", "a", "b", "b"],
            "years_since": [-140, -10, 0, 0, 5],
            "index": [5.0, 80.0, 100.0, 100.0, 60.0],
            "state": ["confirmed"] * 3 + ["not_observed"] * 2,
            "hover": list("vwxyz"),
        }
    )
    figure = figure_charts.since_peak(rows, {"a": "A\nx", "b": "B\ny"}, ["a"], False)
    assert [list(trace.x) for trace in figure.data] == [[-10, 0], [0, 5]]
    assert [trace.line.dash for trace in figure.data] == ["solid", "6px,3px"]
    assert figure.data[0].line.color != figure.data[1].line.color
    assert {"60.0", "100.0"} <= {note.text for note in figure.layout.annotations}
