"""Which figure stands for a city: newest, annual, trusted, one unit, one territory."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from indicators.cities.comparability import COLUMNS, coverage, latest
from indicators.frames import FIGURES, ContractError, typed

GOLDEN = Path(__file__).parents[2] / "golden" / "latest_figures"
SCHEMA = {**dict.fromkeys(COLUMNS, pl.String), "value": pl.Float64, "alternatives": pl.UInt32}
FACTS = Path(__file__).parents[3].parent / "shared" / "facts" / "city_figures.csv"

small = settings(max_examples=40, deadline=None)


def figure(period: str, value: float = 1.0, **other: str | None) -> dict:
    row = dict.fromkeys(FIGURES.schema, "x") | {"city_id": "ruhr", "indicator_id": "gdp", "trust": "A"}
    return row | {"period": period, "value": value} | other


def figures_of(*rows: dict) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=FIGURES.schema)


rows = st.builds(
    figure,
    st.sampled_from(["2017", "2018", "2018-06", "2019-01"]),
    st.sampled_from([1.0, 2.0]),
    city_id=st.sampled_from(["ruhr", "shenzhen"]),
    indicator_id=st.sampled_from(["gdp", "museums"]),
    trust=st.sampled_from(["A", "B", "seed"]),
    unit=st.sampled_from(["EUR", "CNY"]),
    territory=st.sampled_from(["city", "region"]),
    definition=st.sampled_from(["local", None]),
)
tables = st.lists(rows, max_size=15).map(lambda given_rows: figures_of(*given_rows))


def test_the_rules_by_hand():
    figures = typed(pl.read_csv(GOLDEN / "hand_input.csv", infer_schema=False), FIGURES)
    result = latest(figures, ["alpha", "beta"], ["gdp", "parks", "unemployed"], territories={"alpha": "whole"})
    assert_frame_equal(result, pl.read_csv(GOLDEN / "hand_expected.csv", schema=SCHEMA))


@small
@given(tables, st.integers(0, 5))
def test_one_published_row_a_pair_whatever_the_order(figures, seed):
    result = latest(figures)
    assert not result.select("city_id", "indicator_id").is_duplicated().any()
    assert result.height == figures.select("city_id", "indicator_id").n_unique()
    assert result.join(figures, on=COLUMNS, how="anti", nulls_equal=True).is_empty()
    assert_frame_equal(latest(figures.sample(fraction=1, shuffle=True, seed=seed)), result)
    assert dict(result.schema) == SCHEMA


@small
@given(tables)
def test_alternatives_count_the_other_rows_of_the_period(figures):
    for row in latest(figures).iter_rows(named=True):
        same = figures.filter(*(pl.col(name) == row[name] for name in ("city_id", "indicator_id", "period")))
        assert row["alternatives"] == same.height - 1
        assert same["trust"].replace({"A": "0", "B": "1", "seed": "2"}).min() == {"A": "0", "B": "1", "seed": "2"}.get(
            row["trust"]
        )


@pytest.mark.parametrize(
    ("not_after", "period"),
    [
        (None, "2018"),
        ("2018", "2018"),
        ("2018-12", "2018"),
        ("2018-11", "2016"),
        ("2017", "2016"),
        ("2016-11", "2015-03"),
    ],
)
def test_a_period_must_have_ended(not_after, period):
    figures = figures_of(figure("2016"), figure("2018"), figure("2015-03"), figure("2019-05"))
    assert latest(figures, not_after=not_after)["period"].to_list() == [period]


def test_a_month_never_beats_a_year_and_stands_in_where_there_is_none():
    figures = figures_of(figure("2010"), figure("2019-12"), figure("2019-11", indicator_id="unemployed"))
    assert latest(figures).select("indicator_id", "period").rows() == [("gdp", "2010"), ("unemployed", "2019-11")]


@pytest.mark.parametrize(("trusts", "kept"), [(["seed", "B"], "B"), (["B", "A"], "A"), (["seed", "A", "B"], "A")])
def test_trust_decides_between_two_definitions(trusts, kept):
    figures = figures_of(*(figure("2018", definition=trust, unit=trust, trust=trust) for trust in trusts))
    row = latest(figures).row(0, named=True)
    assert (row["trust"], row["definition"], row["unit"], row["alternatives"]) == (kept, kept, kept, len(trusts) - 1)


def test_the_default_territory_binds_only_the_city_it_is_named_for():
    figures = figures_of(
        figure("2018", territory="region"), figure("2020", territory="city"), figure("2020", city_id="essen")
    )
    found = latest(figures, territories={"ruhr": "region"}).select("city_id", "period").rows()
    assert found == [("essen", "2020"), ("ruhr", "2018")]
    assert latest(figures, ["ruhr"], territories={"ruhr": "metropolis"}).is_empty()


def test_what_was_not_asked_for_or_never_published_has_no_row():
    figures = figures_of(figure("2018"), figure("2018", city_id="essen"))
    assert latest(figures, ["ruhr", "shenzhen"], ["gdp", "museums"])["city_id"].to_list() == ["ruhr"]
    assert latest(figures, [], None).is_empty()


def test_coverage_names_every_city_in_the_order_asked():
    figures = figures_of(figure("2018"), figure("2019"), figure("2018", indicator_id="parks", territory="old town"))
    asked = (["shenzhen", "ruhr", "ruhr"], ["gdp", "parks", "museums", "gdp"])
    table = coverage(figures, *asked)
    assert table.select("city_id", "n_present", "n_wanted").rows() == [("shenzhen", 0, 3), ("ruhr", 2, 3)]
    assert table["share_pct"].to_list() == pytest.approx([0.0, 200 / 3])
    assert coverage(figures, *asked, territories={"ruhr": "x"})["n_present"].to_list() == [0, 1]
    assert coverage(figures, ["ruhr"], [])["share_pct"].to_list() == [None]


@small
@given(tables)
def test_coverage_counts_what_latest_finds(figures):
    cities, wanted = ["ruhr", "shenzhen", "essen"], ["gdp", "museums"]
    found = latest(figures, cities, wanted)
    counts = {city: found.filter(pl.col("city_id") == city).height for city in cities}
    assert dict(coverage(figures, cities, wanted).select("city_id", "n_present").iter_rows()) == counts


def test_what_a_user_says_of_oneself_is_trusted_least():
    figures = figures_of(figure("2019", 1.0, trust="own"), figure("2019", 2.0, trust="seed"))
    assert latest(figures)["value"].to_list() == [2.0]
    assert latest(figures.head(1))["trust"].to_list() == ["own"]


def test_no_figures_give_no_rows_of_the_right_dtypes():
    none = figures_of()
    assert dict(latest(none, ["ruhr"], ["gdp"], "2020", {"ruhr": "x"}).schema) == SCHEMA
    assert coverage(none, ["ruhr"], ["gdp"]).rows() == [("ruhr", 0, 1, 0.0)]
    dtypes = {"city_id": pl.String, "n_present": pl.UInt32, "n_wanted": pl.UInt32, "share_pct": pl.Float64}
    assert dict(coverage(none, [], []).schema) == dtypes


@pytest.mark.parametrize("period", ["2018-13", "2018/06", "2018-2019", "18"])
def test_odd_periods_are_named(period):
    with pytest.raises(ContractError, match=f"column period, row 2: '{period}'"):
        latest(figures_of(figure("2018"), figure(period)))
    with pytest.raises(ContractError, match="not_after"):
        latest(figures_of(figure("2018")), not_after=period)


def test_unshippable_trust_is_refused():
    with pytest.raises(ContractError, match="column trust, row 1: 'C'"):
        latest(figures_of(figure("2018", trust="C")))


@pytest.mark.reference
@pytest.mark.skipif(not FACTS.is_file(), reason="the reference files are not here")
def test_the_full_file_of_city_figures():
    trust = pl.col("definition_note").str.extract(r"^\[(A|B|C|seed)")
    table = pl.read_csv(FACTS, infer_schema=False).with_columns(trust=trust, definition=pl.col("definition_note"))
    figures = typed(table.filter(pl.col("trust") != "C"), FIGURES)
    assert figures.height == 2_139
    found = latest(figures, not_after="2023")
    assert found.height == figures.filter(pl.col("period").str.slice(0, 4) <= "2023").select(COLUMNS[:2]).n_unique()
    whole = {"shenzhen": "Whole municipality (市域)"}
    culture = latest(figures, ["shenzhen"], ["culture_value_added"], territories=whole).row(0, named=True)
    assert (culture["period"], culture["value"], culture["alternatives"]) == ("2022", 2462.03, 0)
