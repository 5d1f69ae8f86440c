"""Ellison and Glaeser: identities, the group index that a package gets wrong, published examples, missing plants."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from indicators.clustering.agglomeration import agglomeration, coagglomeration, group_coagglomeration
from indicators.frames import ContractError

FACTS = Path(__file__).parents[3].parent / "shared" / "facts"
small = settings(max_examples=40, deadline=None)
plants = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), st.integers(1, 300)), min_size=3, max_size=30
)


def plants_of(rows: list[tuple]) -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema=["industry_code", "district_code", "employees"], orient="row")
    return frame.with_columns(pl.col("employees").cast(pl.Float64))


@small
@given(plants)
def test_the_group_of_two_is_the_pair(rows):
    frame = plants_of(rows)
    for row in coagglomeration(frame).iter_rows(named=True):
        group = group_coagglomeration(frame, (row["industry_a"], row["industry_b"]))["coagglomeration"].item()
        if row["coagglomeration"] is None:
            assert group is None
        else:
            assert group == pytest.approx(row["coagglomeration"], abs=1e-9)


@small
@given(plants)
def test_the_definition_plant_by_plant(rows):
    frame = plants_of(rows)
    total = sum(size for _, _, size in rows)
    x = {region: sum(size for _, at, size in rows if at == region) / total for _, region, _ in rows}
    room = 1 - sum(share**2 for share in x.values())
    for row in agglomeration(frame).iter_rows(named=True):
        own = [(at, size) for industry, at, size in rows if industry == row["industry_code"]]
        jobs = sum(size for _, size in own)
        hhi = sum((size / jobs) ** 2 for _, size in own)
        g = sum((sum(size for at, size in own if at == region) / jobs - x[region]) ** 2 for region in x)
        assert (row["plant_hhi"], row["concentration"]) == pytest.approx((hhi, g))
        if room < 1e-9 or len(own) == 1:
            assert row["gamma"] is None
        else:
            assert row["gamma"] == pytest.approx((g / room - hhi) / (1 - hhi), abs=1e-9)


@small
@given(plants, st.integers(0, 3))
def test_the_order_of_plants_changes_nothing_not_even_the_draws(rows, seed):
    frame = plants_of(rows)
    turned = frame.sample(fraction=1.0, shuffle=True, seed=seed)
    assert_frame_equal(agglomeration(frame, draws=20), agglomeration(turned, draws=20), abs_tol=1e-9)
    assert_frame_equal(coagglomeration(frame), coagglomeration(turned), abs_tol=1e-9)


def test_industry_shares_of_a_group_are_weighted():
    """A package adds the shares of several industries: far above 1 for a group that is all over the place."""
    rows = [(industry, region, 10) for industry in "abcd" for region in "xyz"]
    assert group_coagglomeration(plants_of(rows))["coagglomeration"].item() == pytest.approx(0.0, abs=1e-12)
    one_place = group_coagglomeration(plants_of([*rows, ("e", "x", 5), ("f", "x", 7)]), ("e", "f"))
    assert one_place["coagglomeration"].item() < 1.0


def test_a_region_without_plants_counts_in_the_reference():
    frame = plants_of([("a", "x", 10), ("a", "y", 10)]).with_columns(region_employees=pl.Series([100.0, 100.0]))
    empty = pl.DataFrame(
        {"industry_code": [None], "district_code": ["z"], "employees": [None], "region_employees": [200.0]}
    )
    with_empty = pl.concat([frame, empty], how="vertical_relaxed")
    assert agglomeration(frame)["concentration"].item() == 0.0
    assert agglomeration(with_empty)["concentration"].item() == pytest.approx(2 * 0.25**2 + 0.5**2)


def test_plants_left_out_are_counted_and_few_are_not_shown():
    frame = plants_of([("a", "x", 10), ("a", "y", 0), ("a", None, 5), ("a", "y", None), (None, "x", 3), ("a", "y", 4)])
    row = agglomeration(frame, minimum=2).row(0, named=True)
    assert (row["n_plants"], row["n_unknown"], row["shown"], row["basis"]) == (2, 3, True, "sum of the plants")
    assert not agglomeration(frame)["shown"].any()


def test_draws_say_how_far_few_plants_decide():
    many = plants_of([("a", region, 10) for region in "xy" for _ in range(200)] + [("b", "x", 50), ("b", "y", 90)])
    found = agglomeration(many, draws=200).with_columns(width=pl.col("high") - pl.col("low"))
    assert found["width"][0] < 0.05 < found["width"][1]
    assert agglomeration(many)["low"].null_count() == 2
    assert_frame_equal(found.drop("width"), agglomeration(many, draws=200))


def test_wrong_input_is_named():
    frame = plants_of([("a", "x", 10), ("a", "x", 10)])
    with pytest.raises(ContractError, match="x has several totals"):
        agglomeration(frame.with_columns(region_employees=pl.Series([1.0, 2.0])))
    with pytest.raises(ContractError, match="industry 'q' has no plant; accepted: a"):
        group_coagglomeration(frame, ("a", "q"))
    assert coagglomeration(frame).is_empty()
    assert agglomeration(frame.clear()).is_empty()
    assert group_coagglomeration(frame.clear()).is_empty()


@pytest.mark.reference
@pytest.mark.skipif(not FACTS.is_dir(), reason="the reference files are not here")
def test_published_plants():
    known = json.loads((FACTS / "cluster_vectors_eg.json").read_text())
    rows = pl.read_csv(FACTS / "cluster_vectors_eg_plants.csv", schema_overrides={"region": pl.String})
    frame = rows.select(industry_code="industry", district_code="region", employees=pl.col("emp").cast(pl.Float64))
    totals = pl.col("district_code").replace_strict(known["region_total_employment"], return_dtype=pl.Float64)
    given = frame.with_columns(totals.alias("region_employees"))
    for table, name in ((frame, "gamma_x_from_plants"), (given, "gamma_x_from_region_totals")):
        found = dict(agglomeration(table).select("industry_code", "gamma").iter_rows())
        assert found == pytest.approx(known[name], abs=known["tol"])
    pairs = {f"{a}|{b}": value for a, b, value in coagglomeration(given).select(pl.nth(0, 1, 2)).iter_rows()}
    assert pairs == pytest.approx(known["pairwise_gamma_c_x_from_region_totals"], abs=known["tol"])
    group = group_coagglomeration(given)["coagglomeration"].item()
    assert group == pytest.approx(known["group_gamma_c_all4_x_from_region_totals"], abs=known["tol"])


@pytest.mark.reference
@pytest.mark.skipif(not FACTS.is_dir(), reason="the reference files are not here")
def test_published_single_industry():
    vectors = json.loads((FACTS / "cluster_vectors_concentration.json").read_text())
    one = next(vector for vector in vectors if vector["id"] == "eg_fk2014_single")
    frame = pl.DataFrame({"employees": one["input"]["plant_emp"], "district_code": one["input"]["plant_region"]})
    totals = pl.col("district_code").replace_strict(one["input"]["region_emp"], return_dtype=pl.Float64)
    found = agglomeration(frame.with_columns(pl.lit("a").alias("industry_code"), totals.alias("region_employees")))
    assert found.select("gamma", "concentration", "plant_hhi").row(0) == pytest.approx(one["expected"], abs=1e-9)
