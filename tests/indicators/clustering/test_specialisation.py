"""Location quotients: identities, missing values, worked examples and published quotients."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from indicators.clustering.cell_sums import cell_sums
from indicators.clustering.quotients import both_measures
from indicators.clustering.specialisation import (
    Base,
    location_quotients,
    quotients_of_sums,
    specialisation_contract,
    unassigned,
)
from indicators.frames import ENTERPRISES, ContractError, typed

GOLDEN = Path(__file__).parents[2] / "golden" / "location_quotients"
FACTS = Path(__file__).parents[3].parent / "shared" / "facts"
PAIR = ["district_code", "industry_code"]

small = settings(max_examples=30, deadline=None)


def firms_of(rows: list[tuple]) -> pl.DataFrame:
    schema = {name: ENTERPRISES.schema[name] for name in ("district_code", "industry_code", "employees")}
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    return frame.with_columns(pl.int_range(pl.len()).cast(pl.String).alias("enterprise_id"))


def golden(case: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    given_rows = typed(pl.read_csv(GOLDEN / f"{case}_input.csv", infer_schema=False), ENTERPRISES)
    return given_rows, pl.read_csv(GOLDEN / f"{case}_expected.csv", schema_overrides=dict.fromkeys(PAIR, pl.String))


codes = st.sampled_from(["r1", "r2", "r3"]), st.sampled_from(["a", "b", "c", "d"])
firms = st.lists(st.tuples(*codes, st.integers(0, 500)), min_size=1, max_size=40).map(firms_of)


@small
@given(firms, st.sampled_from(["enterprises", "employees"]))
def test_quotients_weighted_with_the_size_of_the_regions_average_to_one(frame, measure):
    table = location_quotients(frame, measure=measure).filter(pl.col("location_quotient").is_not_null())
    weighted = pl.col("region_amount") / pl.col("total_amount") * pl.col("location_quotient")
    sums = table.group_by("industry_code").agg(weighted.sum().alias("sum"))["sum"].to_list()
    assert sums == pytest.approx([1.0] * len(sums), abs=1e-12)


@small
@given(firms)
def test_an_area_that_is_its_own_base_has_quotient_one(frame):
    whole = location_quotients(frame.with_columns(pl.lit("city").alias("district_code")))
    assert set(whole["location_quotient"]) == {1.0}
    assert whole["share_pct"].sum() == pytest.approx(100.0, abs=1e-9)


@small
@given(firms, st.sampled_from(["enterprises", "employees"]), st.integers(0, 5))
def test_the_order_of_rows_changes_nothing(frame, measure, seed):
    shuffled = frame.sample(fraction=1.0, shuffle=True, seed=seed)
    assert_frame_equal(
        location_quotients(shuffled, measure=measure), location_quotients(frame, measure=measure), check_exact=True
    )


@small
@given(firms)
def test_every_pair_has_a_row_and_the_counts_add_up(frame):
    table = location_quotients(frame)
    assert table.height == frame["district_code"].n_unique() * frame["industry_code"].n_unique()
    assert table["n"].sum() == frame.height == table["total_amount"][0]
    assert table.filter(pl.col("n") == 0)["location_quotient"].eq(0.0).all()


def test_published_example_and_the_absent_industry():
    frame, expected = golden("hand")
    result = location_quotients(frame)
    assert_frame_equal(result.select(expected.columns), expected, check_dtypes=False, abs_tol=1e-12, rel_tol=0)
    assert dict(result.select("industry_code", "location_quotient").tail(1).iter_rows()) == {"b": 0.0}


def test_unknown_employees_are_missing_and_counted_never_zero():
    frame, expected = golden("hand_employees")
    result = location_quotients(frame, measure="employees")
    assert_frame_equal(result.select(expected.columns), expected, check_dtypes=False, abs_tol=1e-12, rel_tol=0)
    assert unassigned(frame) == 2
    assert location_quotients(frame)["total_amount"][0] == 7


def test_a_region_of_which_nothing_is_known_has_no_total():
    frame = firms_of([("r1", "a", 10), ("r1", "b", 5), ("r2", "a", None)])
    table = location_quotients(frame, measure="employees").filter(pl.col("district_code") == "r2")
    assert table["region_amount"].to_list() == [None, None]
    assert table["location_quotient"].to_list() == [None, None]
    assert table["n_unknown"].to_list() == [1, 0]


def test_published_quotients_on_the_base_of_all_ownerships():
    frame, expected = golden("bls_qcew_2016_q4")
    result = location_quotients(frame, measure="employees").join(expected, on=PAIR, suffix="_published")
    assert result.height == 3
    assert (result["location_quotient"] - result["location_quotient_published"]).abs().max() <= 0.005
    atlantic = result.row(0, named=True)
    assert atlantic["share_pct"] == pytest.approx(17.465, abs=5e-4)
    assert round(atlantic["location_quotient"], 2) == 13.28


@pytest.mark.parametrize("minimum", [1, 5])
def test_shown_from_the_minimum_on(minimum):
    table = location_quotients(firms_of([("r1", "a", 1)] * 5 + [("r1", "b", 1)] * 4), minimum=minimum)
    assert table["shown"].to_list() == [True, minimum == 1]


def test_other_columns_can_be_region_and_industry():
    frame = firms_of([("r1", "a", 1), ("r2", "b", 2)]).rename(
        {"district_code": "city_id", "industry_code": "culture_code"}
    )
    table = location_quotients(frame, region="city_id", industry="culture_code")
    assert table.columns[:2] == ["city_id", "culture_code"]
    assert table["location_quotient"].to_list() == [2.0, 0.0, 0.0, 2.0]


@pytest.mark.parametrize("rows", [[], [(None, "a", 1), ("r1", None, 1)]])
@pytest.mark.parametrize("measure", ["enterprises", "employees"])
def test_no_assigned_rows_give_an_empty_table_of_the_right_dtypes(rows, measure):
    empty = location_quotients(firms_of(rows), measure=measure)
    assert empty.is_empty()
    assert empty.schema == location_quotients(firms_of([("r1", "a", 1)]), measure=measure).schema
    assert empty.schema["n"] == pl.UInt32
    assert empty.schema["location_quotient"] == pl.Float64
    assert unassigned(firms_of(rows)) == len(rows)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"measure": "revenue"}, "measure 'revenue'"),
        ({"minimum": 0}, "minimum 0"),
        ({"ranked": 0}, "ranked 0"),
        ({"confidence": 95.0}, "confidence 95.0"),
        ({"base": Base(level=-1)}, "level -1"),
        ({"base": Base(area="city_id")}, "column city_id is missing"),
        ({"region": "industry_code"}, "region and industry are both"),
        ({"region": "street"}, "column street is missing"),
    ],
)
def test_wrong_options_are_named(options, words):
    with pytest.raises(ContractError, match=words):
        location_quotients(firms_of([("r1", "a", 1)]), **options)


def test_an_enterprise_listed_twice_is_refused():
    frame = firms_of([("r1", "a", 1), ("r1", "b", 1)]).with_columns(pl.lit("same").alias("enterprise_id"))
    with pytest.raises(ContractError, match="given in an earlier row"):
        location_quotients(frame)
    assert "employees" not in specialisation_contract(*PAIR, "enterprises").schema


@small
@given(firms)
def test_intervals_of_counts_follow_the_short_formula(frame):
    table = location_quotients(frame).filter(pl.col("n") > 0)
    a, r, i, t = (
        table[name].cast(pl.Float64).to_numpy()
        for name in ("amount", "region_amount", "industry_amount", "total_amount")
    )
    variance = np.maximum(1 / a - 1 / r - 1 / i - 1 / t + 2 * a / (r * i), 0.0)
    reach = np.exp(1.959963984540054 * np.sqrt(variance))
    quotient = table["location_quotient"].to_numpy()
    # a variance of exactly 0 is a rounding error away from 0: its root is not
    np.testing.assert_allclose(table["low"], quotient / reach, rtol=1e-6)
    np.testing.assert_allclose(table["high"], quotient * reach, rtol=1e-6)


def test_intervals_of_employees_know_that_jobs_come_in_lumps():
    even = firms_of([("r1", "a", 10)] * 50 + [("r1", "b", 10)] * 50 + [("r2", "b", 10)] * 100)
    counted, people = location_quotients(even), location_quotients(even, measure="employees")
    assert people["high"].to_list() == pytest.approx(counted["high"].to_list(), nan_ok=True)
    lumpy = firms_of([("r1", "a", 1)] * 49 + [("r1", "a", 451)] + [("r1", "b", 10)] * 50 + [("r2", "b", 10)] * 100)
    wide = location_quotients(lumpy, measure="employees").row(0, named=True)
    assert wide["location_quotient"] == people["location_quotient"][0]
    assert wide["high"] > people["high"][0]
    assert not wide["indicative"]
    assert location_quotients(lumpy.head(39), measure="employees")["indicative"].all()


def test_coverage_of_the_interval_of_counts_is_near_95_per_cent():
    random = np.random.default_rng(5)
    chance = np.array([[0.04, 0.16], [0.06, 0.74]])
    true = chance[0, 0] / chance[0].sum() / (chance[:, 0].sum() / chance.sum())
    cells = random.multinomial(500, chance.ravel(), size=2_000)
    inside = 0
    for draw in cells[:400]:
        sums = pl.DataFrame({"d": ["x", "x", "y", "y"], "i": ["a", "b"] * 2, "n": draw}).filter(pl.col("n") > 0)
        sums = sums.with_columns(n_known=0, employees=0, employees_sq=0)
        row = quotients_of_sums(sums, sums, "d", "i", "enterprises").row(0, named=True)
        inside += row["low"] <= true <= row["high"]
    assert 0.92 <= inside / 400 <= 0.98


def test_no_interval_where_there_is_none_of_the_industry_and_the_reason_of_a_missing_quotient():
    frame = firms_of([("r1", "a", 0), ("r1", "b", 5), ("r2", "c", None), ("r3", "a", 0)])
    counted = location_quotients(frame)
    absent = counted.filter(pl.col("n") == 0)
    assert absent["location_quotient"].eq(0.0).all()
    assert absent["low"].null_count() == absent.height
    assert counted["reason"].null_count() == counted.height
    people = location_quotients(frame, measure="employees")
    reasons = {(row["district_code"], row["industry_code"]): row["reason"] for row in people.iter_rows(named=True)}
    assert reasons[("r2", "c")] == "amount_unknown"
    assert reasons[("r1", "a")] == "industry_total_zero"
    assert reasons[("r3", "b")] == "region_total_zero"
    assert reasons[("r1", "b")] is None


def test_industries_absent_in_a_region_do_not_recycle():
    """A package gives 1.5 for the absent pair: (r1 a 10, r1 b 20, r2 a 30)."""
    table = location_quotients(firms_of([("r1", "a", 1)] * 10 + [("r1", "b", 1)] * 20 + [("r2", "a", 1)] * 30))
    assert table["location_quotient"].to_list() == [0.5, 2.0, 1.5, 0.0]


def classed(base: str | None, only: tuple[str, str] | None = ("ownership", "private")) -> pl.DataFrame:
    frame = firms_of([("r1", "a", 2)] * 2 + [("r1", "b", 2)] * 2 + [("r2", "a", 2)] + [("r2", "b", 2)] * 3)
    owners = pl.Series("ownership", ["private", "private", "public", "public", *["private"] * 4])
    return location_quotients(frame.with_columns(owners), base=Base(only=only, of=base))


def test_the_base_of_a_class_is_said_and_changes_numbers_and_label():
    everybody, same = classed("all"), classed("class")
    assert everybody["location_quotient"].to_list() == pytest.approx([4 / 3, 0.0, 2 / 3, 2.0])
    assert same["location_quotient"].to_list() == pytest.approx([2.0, 0.0, 0.5, 1.5])
    assert everybody["base"][0].endswith("industries of ownership=private; totals of all enterprises")
    assert same["base"][0].endswith("totals of ownership=private")
    with pytest.raises(ContractError, match="base 'None' of a class is not accepted; accepted: all or class"):
        classed(None)


def test_the_base_of_an_area_and_the_level_of_the_industry():
    rows = [("r1", "131", 1), ("r1", "132", 1), ("r1", "14", 1), ("r2", "131", 1), ("s1", "13", 1), ("s1", "1", 1)]
    frame = firms_of(rows).with_columns(pl.col("district_code").str.slice(0, 1).alias("city_id"))
    table = location_quotients(frame, base=Base(area="city_id", level=2))
    assert table.select("district_code", "industry_code", "location_quotient").rows() == [
        ("r1", "13", pytest.approx(8 / 9)),
        ("r1", "14", pytest.approx(4 / 3)),
        ("r2", "13", pytest.approx(4 / 3)),
        ("r2", "14", 0.0),
        ("s1", "13", 1.0),
    ]
    assert unassigned(frame, level=2) == 1
    assert table["base"][0] == "area=city_id; level=2; industries and totals of all enterprises"
    moved = frame.with_columns(pl.Series("city_id", ["r", "s", "r", "r", "s", "s"]))
    with pytest.raises(ContractError, match="district_code 'r1' lies in several areas of city_id"):
        location_quotients(moved, base=Base(area="city_id"))


@small
@given(firms, st.booleans())
def test_the_tables_of_one_pass_are_the_tables_one_by_one(frame, gaps):
    if gaps:
        frame = frame.with_columns(pl.when(pl.col("employees") % 3 > 0).then("employees"))
    for measure, table in both_measures(frame, *PAIR).items():
        assert_frame_equal(table, location_quotients(frame, measure=measure).drop("base"))
        empty = both_measures(frame.clear(), *PAIR)[measure]
        assert empty.schema == table.schema
        assert empty.is_empty()


def test_one_pass_serves_both_measures():
    frame = firms_of([("r1", "a", 3), ("r1", "b", None), ("r2", "a", 7), ("r2", "b", 2)])
    sums = cell_sums(frame)
    for measure in ("enterprises", "employees"):
        alone = location_quotients(frame, measure=measure)
        assert_frame_equal(quotients_of_sums(sums, sums, *PAIR, measure), alone.drop("base"))


def _published(count: str, total: str, quotient: str, low: str, high: str) -> pl.DataFrame:
    """Private groups with an unsuppressed quotient, with the middle of the national share they agree on."""
    facts = [
        FACTS / name for name in ("lq_published_qcew_nj_2016q4.csv", "lq_published_qcew_us_share_bounds_2016q4.csv")
    ]
    counties, national = (pl.read_csv(path, infer_schema=False) for path in facts)
    keys = ["own_code", "agglvl_code", "industry_code"]
    clear = [pl.col(name).fill_null("") == "" for name in ("disclosure_code", "lq_disclosure_code")]
    return (
        counties.filter(pl.col("own_code") == "5", *clear)
        .join(national, on=keys)
        .select(
            pl.concat_str("agglvl_code", "industry_code", separator="-").alias("group"),
            pl.col("area_fips").alias("county"),
            pl.col(count, total).cast(pl.Int64),
            pl.col(quotient).cast(pl.Float64).alias("published"),
            ((pl.col(low).cast(pl.Float64) + pl.col(high).cast(pl.Float64)) / 2).alias("share"),
        )
        .drop_nulls()
        .rename({count: "amount", total: "all"})
    )


@pytest.mark.reference
@pytest.mark.skipif(not FACTS.is_dir(), reason="the reference files are not here")
@pytest.mark.parametrize(
    "columns",
    [
        ("month3_emplvl", "area_total_emp_m3", "lq_month3_emplvl", "us_emp_share_lo", "us_emp_share_hi"),
        ("qtrly_estabs_count", "area_total_estabs", "lq_qtrly_estabs_count", "us_estab_share_lo", "us_estab_share_hi"),
    ],
)
def test_all_published_private_quotients_of_new_jersey_counties(columns):
    base, checked = 10**12, 0
    for (_, share), group in _published(*columns).group_by("group", "share"):
        counties = [
            (county, industry, value)
            for county, amount, everything in group.select("county", "amount", "all").iter_rows()
            for industry, value in (("x", amount), ("rest", everything - amount))
        ]
        x, everything = group["amount"].sum(), group["all"].sum()
        nation = round(share * base)
        rest = [("US", "x", nation - x), ("US", "rest", base - nation - everything + x)]
        table = location_quotients(firms_of(counties + rest), measure="employees")
        found = table.join(group, left_on=PAIR, right_on=["county", pl.lit("x")])
        assert found.height == group.height
        assert (found["location_quotient"] - found["published"]).abs().max() <= 0.005 + 1e-9
        checked += found.height
    assert checked > 1_000
