"""Nearest peers on the page: who is compared with whom on what, who is not and why, what is strong and what is weak."""

from __future__ import annotations

import statistics

import polars as pl
import pytest

from data import registry
from data.city_groups import indicator_directions, ratio_indicators
from indicators.cities.comparability import COLUMNS
from indicators.cities.metrics import comparable_values, ratio_figures
from pages.parts.cities.cached_composite import HARMONISED

RUHR = ["dortmund", "duisburg", "bochum"]
OWN = [
    ("establishments_total", 2023, 14000, "establishments"),
    ("establishments_ict", 2023, 560, "establishments"),
    ("establishments_arts", 2023, 490, "establishments"),
    ("establishments_manufacturing", 2023, 570, "establishments"),
    ("unemployed", 2024, 18000, "persons"),
    ("employment_social_insurance_residence", 2024, 140000, "persons"),
    ("population", 2024, 360000, "persons"),
]


def by_hand(city: str, others: list[str]) -> dict[str, float]:
    """The distances from a city, with nothing but loops."""
    figures = registry.city_figures().select(COLUMNS)
    both = pl.concat([figures, ratio_figures(figures, ratio_indicators())])
    both = both.filter(pl.col("city_id").is_in([city, *others]))
    whole = dict(registry.cities().drop_nulls("territory_en").select("city_id", "territory_en").iter_rows())
    values = comparable_values(both, whole, HARMONISED, 3, city, 2010)
    z: dict[str, dict[str, float]] = {}
    for (metric,), part in values.group_by("indicator_id"):
        known = part["value"].to_list()
        if len(set(known)) > 1:
            z[metric] = {c: (v - statistics.mean(known)) / statistics.stdev(known)
                         for c, v in part.select("city_id", "value").iter_rows()}  # fmt: skip
    found = {}
    for other in others:
        gaps = [own[city] - own[other] for own in z.values() if city in own and other in own]
        if len(gaps) >= 5:
            found[other] = (sum(gap**2 for gap in gaps) / len(gaps)) ** 0.5
    return found


@pytest.fixture
def with_own(copied, upload_figures):
    """A store to which figures of a city of one's own were uploaded."""
    upload_figures(*(f"eigenstadt,Eigenstadt,Stadt,{i},{y},{v},{u},,,own count," for i, y, v, u in OWN))
    return copied


def test_the_nearest_peer_is_named_and_distances_are_those_of_a_plain_loop(demo, look, screen):
    at = look("cities", lang="en", look="peers", city="essen")
    assert not at.exception
    assert at.subheader[0].value.startswith("Dortmund is the city most like Essen (12 shared indicators; 3 cities")
    shown = screen(at).table("City", "Rank", "Relative")
    assert shown["City"].to_list() == ["Dortmund", "Duisburg", "Bochum"]
    others = sorted(set(registry.city_figures()["city_id"]) - {"essen", "ruhr", "cn_national", "de_national",
                                                               "cn_old_industrial"})  # fmt: skip
    wanted = by_hand("essen", others)
    assert set(wanted) == set(RUHR)
    assert shown["Distance (s.d.)"].to_list() == pytest.approx([wanted[city] for city in RUHR])
    assert shown["Relative"].to_list() == pytest.approx([wanted[city] / max(wanted.values()) for city in RUHR])


def test_who_shares_too_little_is_listed_and_a_region_is_no_peer_of_its_cities(demo, look, screen):
    shown = screen(look("cities", lang="en", look="peers", city="essen"))
    left = shown.table("City", "Why", "Shared indicators")
    assert left.filter(pl.col("City") == "Shanghai")["Why"].item() == "1 shared, fewer than 5"
    everyone = {*left["City"], *shown.table("City", "Rank")["City"]}
    assert "Ruhr" not in everyone
    assert "Germany (national context)" not in everyone
    assert {"Beijing", "Pittsburgh", "Dortmund", "Houston"} <= everyone


def test_every_figure_behind_the_distances_has_its_source(demo, look, screen):
    table = screen(look("cities", lang="en", look="peers", city="shanghai")).table("City", "Indicator", "Source")
    for column in ("City", "Indicator", "Value", "Unit", "Year", "Territory", "Trust", "Source", "Link"):
        assert table[column].null_count() == 0, column
    gdp = table.filter(pl.col("Indicator").str.starts_with("Gross domestic"))
    assert set(gdp["Year"]) == {"2017"}  # Beijing's figure of 2023 is of another vintage
    assert set(gdp["City"]) == {"Shanghai", "Beijing", "Shenzhen", "Guangzhou", "Hangzhou", "Chengdu"}


def test_strengths_have_a_declared_direction_and_totals_are_neither(demo, look, screen):
    shown = screen(look("cities", lang="en", look="peers", city="duisburg"))
    tables = [table for table in shown.tables() if "Finding" in table.columns]
    judged, neutral = tables
    assert set(judged["Finding"]) <= {"strength", "weakness"}
    assert set(neutral["Finding"]) <= {"above", "below", "equal"}
    name = "Insured employees living here, per 1,000 residents"
    employed = judged.filter(pl.col("Indicator") == name).row(0, named=True)
    assert (employed["Finding"], employed["Place/cities"]) == ("weakness", "4/4")
    assert employed["Value"] == pytest.approx(1000 * 183866 / 502270, abs=0.01)
    peers = [1000 * 218894 / 574682, 1000 * 229834 / 603462, 1000 * 141084 / 358676]
    assert employed["Peer median"] == pytest.approx(statistics.median(peers), abs=0.01)
    assert employed["Link 1"].startswith("http")
    assert employed["Why"] == "more employment is better"
    assert "Population" in neutral["Indicator"].to_list()
    assert judged.filter(pl.col("Finding") == "strength").height <= 5
    assert indicator_directions().filter(pl.col("indicator_id") == "population")["direction"].item() == 0


def test_without_peers_the_page_says_so_and_changes_make_paths_comparable(demo, look, screen):
    at = look("cities", lang="en", look="peers", city="pittsburgh")
    assert at.subheader[0].value.startswith("No city shares 5 indicators of one definition with Pittsburgh")
    assert not any("Rank" in table.columns for table in screen(at).tables())
    at = look("cities", lang="en", look="peers", city="pittsburgh", by="changes")
    ranked = screen(at).table("City", "Rank")
    assert ranked["City"][0] == "Essen"
    assert ranked.height == 15
    assert set(ranked["Shared"]) == {5}


def test_an_uploaded_city_is_placed_among_the_peers(with_own, look, screen):
    at = look("cities", lang="en", look="peers", city="eigenstadt")
    assert not at.exception
    assert at.subheader[0].value.startswith("Bochum is the city most like Eigenstadt (12 shared indicators; 4 cities")
    rows = screen(at).table("City", "Indicator", "Source").filter(pl.col("City") == "Eigenstadt")
    assert set(rows["Source"]) == {"own count"}
    assert set(rows["Trust"]) == {"own"}
    share = rows.filter(pl.col("Indicator").str.starts_with("Information & communication among"))
    assert share["Value"].item() == pytest.approx(100 * 560 / 14000)
    theirs = screen(look("cities", lang="en", look="peers", city="bochum")).table("City", "Rank")
    assert "Eigenstadt" in theirs["City"].to_list()
    at = look("cities", lang="en", look="composite", city="eigenstadt", group="with_own")
    assert "Eigenstadt" in screen(at).table("City", "Rank interval")["City"].to_list()


@pytest.mark.parametrize(
    ("city", "by", "alone"),
    [("pittsburgh", "changes", True), ("liverpool", "changes", True), ("essen", "levels", False)],
)
def test_peers_that_rest_on_one_source_say_so(demo, look, city, by, alone):
    at = look("cities", lang="en", look="peers", city=city, by=by)
    said = [one.value for one in at.markdown if "by figures of one source only" in one.value]
    assert len(said) == alone
    if alone:
        assert "World Urbanization Prospects: The 2018 Revision" in said[0]
        assert "Population" in said[0]
        zh = look("cities", lang="zh", look="peers", city=city, by=by)
        assert sum("只依据一个来源" in one.value for one in zh.markdown) == 1
