"""Indices of unevenness: definitions without sorting, order and ties, published examples, missing values."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from indicators.clustering.published import cell_quotients, published_quotients
from indicators.clustering.share_indices import INDICES, cluster_index, share_indices, standardised_quotients
from indicators.clustering.specialisation import location_quotients

FACTS = Path(__file__).parents[3].parent / "shared" / "facts"
small = settings(max_examples=50, deadline=None)
column = st.lists(
    st.tuples(st.integers(0, 9), st.integers(1, 5), st.integers(1, 9)), min_size=2, max_size=12
)  # few values: many ties


def frame_of(rows: list[tuple]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=["value", "weight", "reference"], orient="row").cast(pl.Float64)


def gini(value: np.ndarray, weight: np.ndarray) -> float:
    """The definition: no sorting, so that neither order nor ties can matter."""
    apart = np.abs(value[:, None] - value[None, :]) * weight[:, None] * weight[None, :]
    return float(apart.sum() / (2 * weight.sum() * (weight * value).sum()))


@small
@given(column.filter(lambda rows: sum(value for value, _, _ in rows)))
def test_every_gini_is_its_definition(rows):
    frame = frame_of(rows)
    value, weight, reference = (frame[name].to_numpy() for name in frame.columns)
    found = share_indices(frame).row(0, named=True)
    one = np.ones(len(value))
    assert found["gini"] == pytest.approx(gini(value, one), abs=1e-12)
    assert found["gini_weighted"] == pytest.approx(gini(value, weight), abs=1e-12)
    assert found["gini_of_quotients"] == pytest.approx(gini(value / reference, one), abs=1e-12)
    assert found["gini_locational"] == pytest.approx(gini(value / reference, reference), abs=1e-12)
    share, norm = value / value.sum(), reference / reference.sum()
    assert found["hhi"] == pytest.approx((share**2).sum())
    assert found["krugman"] == pytest.approx(np.abs(share - norm).sum(), abs=1e-12)
    assert found["average_quotient"] == pytest.approx((share / norm * share).sum())
    assert found["average_quotient"] >= 1 - 1e-12


@small
@given(column, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(rows, random):
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert_frame_equal(share_indices(frame_of(rows)), share_indices(frame_of(shuffled)), abs_tol=1e-12)


def test_weights_follow_their_rows():
    """A package sorts the values and not the weights: 0.39 for rows in another order."""
    rows = [(1.0, 5.0, 1.0), (2.0, 1.0, 1.0), (9.0, 2.0, 1.0)]
    once, turned = share_indices(frame_of(rows)), share_indices(frame_of(rows[-1:] + rows[:-1]))
    assert once["gini_weighted"][0] == turned["gini_weighted"][0]
    assert once["gini_weighted"][0] == pytest.approx(gini(np.array([1.0, 2, 9]), np.array([5.0, 1, 2])), abs=1e-12)


def test_missing_values_are_counted_and_empty_groups_have_no_index():
    frame = pl.DataFrame(
        {
            "g": ["a", "a", "a", "b", "b", "c"],
            "value": [1.0, 3.0, None, 0.0, 0.0, None],
            "reference": [1.0, 1.0, 5.0, 1.0, 1.0, 1.0],
        }
    )
    found = share_indices(frame, "g")
    assert found.select("g", "n", "n_unknown").rows() == [("a", 2, 1), ("b", 2, 0), ("c", 0, 1)]
    assert found["hhi"].to_list() == [0.625, None, None]
    assert all(found[name][1] is None for name in INDICES)
    assert all(found[name][2] is None for name in INDICES)
    alone = share_indices(pl.DataFrame({"value": [4.0]})).row(0, named=True)
    assert (alone["hhi"], alone["gini"], alone["gini_corrected"], alone["hoover"]) == (1.0, 0.0, None, None)
    assert share_indices(pl.DataFrame(schema={"value": pl.Float64})).is_empty()


def test_a_value_against_a_reference_of_nothing_has_no_quotient():
    found = share_indices(pl.DataFrame({"value": [1.0, 1.0], "reference": [0.0, 2.0]})).row(0, named=True)
    assert (found["average_quotient"], found["gini_locational"], found["gini_of_quotients"]) == (None, None, None)
    assert found["krugman"] == 1.0
    neither = share_indices(pl.DataFrame({"value": [0.0, 1.0, 1.0], "reference": [0.0, 2.0, 2.0]})).row(0, named=True)
    assert (neither["average_quotient"], neither["gini_locational"]) == (1.0, 0.0)


@small
@given(st.lists(st.tuples(st.sampled_from("xyz"), st.sampled_from("abcd")), min_size=4, max_size=40))
def test_standardised_quotients_have_mean_0_for_every_industry(rows):
    """A package subtracts the means of the regions, recycled down the industries."""
    firms = pl.DataFrame(rows, schema=["district_code", "industry_code"], orient="row").with_row_index("enterprise_id")
    table = location_quotients(firms.with_columns(pl.col("enterprise_id").cast(pl.String)))
    found = standardised_quotients(table)
    means = found.group_by("industry_code").agg(pl.col("standardised").mean())["standardised"].drop_nulls()
    assert means.abs().max() is None or means.abs().max() < 1e-9
    sds = found.group_by("industry_code").agg(pl.col("standardised").std())["standardised"].drop_nulls()
    assert sds.to_list() == pytest.approx([1.0] * len(sds))
    logs = standardised_quotients(table, log10=True)
    assert logs.filter(pl.col("location_quotient") == 0)["standardised"].null_count() == (table["n"] == 0).sum()


def test_the_cluster_index_needs_every_denominator():
    names = (
        "amount",
        "industry_amount",
        "area_km2",
        "total_area_km2",
        "population",
        "total_population",
        "n",
        "industry_n",
    )
    row = {name: [1.0] for name in names}
    assert cluster_index(pl.DataFrame(row))["cluster_index"].item() == 1.0
    assert cluster_index(pl.DataFrame(row | {"area_km2": [0.0]}))["cluster_index"].item() is None
    assert cluster_index(pl.DataFrame(row | {"amount": [0.0], "n": [0.0]}))["cluster_index"].item() == 0.0


@pytest.fixture
def vectors() -> dict[str, dict]:
    return {vector["id"]: vector for vector in json.loads((FACTS / "cluster_vectors_concentration.json").read_text())}


def indices(value: list, reference: list | None = None, weight: list | None = None) -> dict[str, float]:
    given = {"value": value} | ({"reference": reference} if reference else {}) | ({"weight": weight} if weight else {})
    return share_indices(pl.DataFrame(given, strict=False).cast(pl.Float64)).row(0, named=True)


reference = pytest.mark.skipif(not FACTS.is_dir(), reason="the reference files are not here")


@pytest.mark.reference
@reference
def test_published_quotients_of_single_cells(vectors):
    one = vectors["lq_fk2013"]
    given = one["input"]
    assert single(given["e_ij"], given["e_j"], given["e_i"], given["e"]) == pytest.approx(
        [one["expected"]], abs=one["tol"]
    )
    many = vectors["lq_goettingen_2017"]
    given = many["input"]
    found = single(given["e_ij"], given["e_j_total"], given["e_i"], given["e_total"])
    assert found == pytest.approx(many["expected"], abs=many["tol"])


def single(amount: object, region: float, industry: object, total: float) -> list[float]:
    share = pl.Series(industry if isinstance(industry, list) else [industry]).cast(pl.Float64) / total
    frame = pl.DataFrame({"amount": amount if isinstance(amount, list) else [amount]}).cast(pl.Float64)
    counts = frame.with_columns(region_amount=float(region), base_share_low=share, base_share_high=share)
    return published_quotients(counts.with_columns(pl.col("region_amount").cast(pl.Float64)))[
        "location_quotient"
    ].to_list()


@pytest.mark.reference
@reference
def test_published_tables_of_five_regions(vectors):
    matrix = vectors["lq_econgeo_5x5"]
    rows = [
        (f"r{i}", f"i{j}", float(n))
        for i, line in enumerate(matrix["input"]["regions_by_industries"])
        for j, n in enumerate(line)
    ]
    cells = pl.DataFrame(rows, schema=["district_code", "industry_code", "amount"], orient="row")
    table = cell_quotients(cells)
    assert table["location_quotient"].to_list() == pytest.approx(np.ravel(matrix["expected"]), abs=1e-12)
    mix = share_indices(table.with_columns(value="amount", reference="industry_amount"), "district_code")
    assert mix["average_quotient"].to_list() == pytest.approx(vectors["avg_lq_econgeo"]["expected"], abs=1e-12)
    assert mix["krugman"].to_list() == pytest.approx(vectors["krugman_econgeo"]["expected"], abs=1e-12)
    spread = share_indices(table.with_columns(value="amount", reference="region_amount"), "industry_code")
    half = [value / 2 for value in spread["gini_locational"]]
    assert half == pytest.approx(vectors["locational_gini_econgeo"]["expected"], abs=1e-9)


@pytest.mark.reference
@reference
def test_published_indices_of_single_columns(vectors):
    for name, keys in {
        "hhi_doersam": ("hhi", "hhi_normalised", "equivalent_number"),
        "gini_doersam": ("gini", "gini_corrected"),
        "gini_gdp_germany_2015": ("gini", "gini_corrected"),
        "hhi_gdp_germany_2015": ("hhi",),
    }.items():
        found = indices(vectors[name]["input"])
        assert [found[key] for key in keys] == pytest.approx(np.ravel(vectors[name]["expected"]), abs=1e-9), name
    for name in ("gini_weighted_income", "gini_weighted_income_shuffled"):
        given = vectors[name]["input"]
        assert indices(given["x"], weight=given["w"])["gini_weighted"] == pytest.approx(
            vectors[name]["expected"], abs=1e-9
        )
    for name, keys in {"hoover_gdp_pop": ("hoover", "hoover_equal"), "hoover_econgeo": ("hoover",)}.items():
        found = indices(vectors[name]["input"]["x"], vectors[name]["input"]["ref"])
        assert [found[key] for key in keys] == pytest.approx(np.ravel(vectors[name]["expected"]), abs=1e-9), name
    for name, other in (("gini_conc_fk", "e_j"), ("gini_spec_fk", "e_i")):
        given = vectors[name]["input"]
        assert indices(given["e_ij"], given[other])["gini_of_quotients"] == pytest.approx(
            vectors[name]["expected"], abs=1e-9
        )
    given = vectors["lq_goettingen_2017"]["input"]
    assert indices(given["e_ij"], given["e_i"])["krugman"] == pytest.approx(
        vectors["krugman_goettingen_2017"]["expected"], abs=1e-9
    )
    given = vectors["krugman_fk_disjoint"]["input"]
    assert indices(given["a"], given["b"])["krugman"] == pytest.approx(2.0, abs=1e-12)


@pytest.mark.reference
@reference
def test_published_cluster_index(vectors):
    given = vectors["litzenberger_fk2014"]["input"]
    names = {"e_ij": "amount", "e_i": "industry_amount", "a_j": "area_km2", "a": "total_area_km2", "p_j": "population"}
    names |= {"p": "total_population", "b_ij": "n", "b_i": "industry_n"}
    row = pl.DataFrame({names[key]: [float(value)] for key, value in given.items()})
    assert cluster_index(row)["cluster_index"].item() == pytest.approx(
        vectors["litzenberger_fk2014"]["expected"], abs=1e-9
    )
