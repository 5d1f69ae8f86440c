"""Networks, mixes, chains and the sentence: identities, chance by drawing, ties, what is not known."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.clustering.agglomeration import coagglomeration
from indicators.clustering.linkage import Thresholds, functional_mix, industry_network, linkage_findings, park_linkage

small = settings(max_examples=40, deadline=None)
CHAINS = pl.DataFrame({"industry_from": ["steel", "parts", "ink"], "industry_to": ["parts", "cars", "books"]})
firm = st.tuples(st.sampled_from(["p", "q", None]), st.sampled_from(["steel", "parts", "cars", "ink", "bakery", None]))


def firms_of(rows: list[tuple]) -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema={"park_id": pl.String, "industry_code": pl.String}, orient="row")
    return frame.with_row_index("enterprise_id").with_columns(pl.col("enterprise_id").cast(pl.String))


@small
@given(st.lists(firm, max_size=25))
def test_partners_are_counted_enterprise_by_enterprise(rows):
    found = park_linkage(firms_of(rows), CHAINS)
    links = set(CHAINS.iter_rows())
    for row in found.iter_rows(named=True):
        own = [industry for park, industry in rows if park == row["park_id"] and industry]
        up = sum(any((b, a) in links for k, b in enumerate(own) if k != i) for i, a in enumerate(own))
        down = sum(any((a, b) in links for k, b in enumerate(own) if k != i) for i, a in enumerate(own))
        either = sum(any({(a, b), (b, a)} & links for k, b in enumerate(own) if k != i) for i, a in enumerate(own))
        assert row["n"] == len(own)
        expected = [100 * count / len(own) for count in (up, down, either)] if own else [None] * 3
        assert [row[name] for name in ("upstream_pct", "downstream_pct", "partner_pct")] == pytest.approx(expected)
        metal, print_ = (sum(a in chain for a in own) for chain in ({"steel", "parts", "cars"}, {"ink", "books"}))
        assert row["n_leading"] == max(metal, print_)
        assert row["n_unknown"] == sum(park == row["park_id"] and industry is None for park, industry in rows)


def test_chance_is_what_drawing_the_others_gives():
    city = ["steel"] * 30 + ["parts"] * 50 + ["cars"] * 10 + ["bakery"] * 110
    park = ["steel", "parts", "parts", "bakery", "cars"]
    rows = [(None, industry) for industry in city] + [("p", industry) for industry in park]
    expected = park_linkage(firms_of(rows), CHAINS)["expected_partner_pct"].item()
    random, everybody = np.random.default_rng(6), city + park
    partners = {"steel": {"parts"}, "parts": {"steel", "cars"}, "cars": {"parts"}, "bakery": set()}
    met = [bool(partners[own] & set(random.choice(everybody, len(park) - 1))) for _ in range(4_000) for own in park]
    assert 100 * np.mean(met) == pytest.approx(expected, abs=1.5)


def test_an_enterprise_is_not_its_own_partner():
    chains = pl.DataFrame({"industry_from": ["steel"], "industry_to": ["steel"]})
    alone, two = [("p", "steel"), ("p", "bakery")], [("p", "steel"), ("p", "steel")]
    assert park_linkage(firms_of(alone), chains)["partner_pct"].item() == 0.0
    assert park_linkage(firms_of(two), chains)["partner_pct"].item() == 100.0


def test_named_chains_may_share_industries_and_a_tie_takes_the_smaller_name():
    chains = pl.DataFrame(
        {"industry_from": ["a", "b", "x"], "industry_to": ["b", "c", "b"], "chain_id": ["two", "one", None]}
    )
    found = park_linkage(firms_of([("p", "a"), ("p", "b"), ("p", "c"), ("q", "z")]), chains)
    assert found.select("park_id", "leading_chain", "n_leading").rows() == [("p", "one", 2), ("q", None, 0)]
    assert found["leading_chain_pct"].to_list() == [pytest.approx(200 / 3), 0.0]
    assert found["partner_ratio"].to_list()[1] is None


def test_parks_without_a_known_industry_have_no_percentages():
    found = park_linkage(firms_of([("p", None), ("p", None)]), CHAINS).row(0, named=True)
    assert (found["n"], found["n_unknown"], found["partner_pct"], found["leading_chain_pct"]) == (0, 2, None, None)
    assert park_linkage(firms_of([]), CHAINS).is_empty()
    none = park_linkage(firms_of([("p", "a")]), CHAINS.clear()).row(0, named=True)
    assert (none["partner_pct"], none["expected_partner_pct"], none["leading_chain"]) == (0.0, 0.0, None)


@small
@given(st.lists(firm, max_size=25))
def test_the_mix_of_a_park_adds_up(rows):
    functions = pl.DataFrame({"industry_code": ["steel", "parts", "bakery"], "function": ["making", "making", "shops"]})
    found = functional_mix(firms_of(rows), functions)
    for (park,), part in found.group_by("park_id"):
        own = [industry for at, industry in rows if at == park]
        assert part["n"].sum() == part["n_park"][0] == sum(industry in {"steel", "parts", "bakery"} for industry in own)
        assert part["n_park"][0] + part["n_unknown"][0] == len(own)
        assert part.height == 2
        if part["n_park"][0]:
            assert part["share_pct"].sum() == pytest.approx(100.0)
        else:
            assert part["share_pct"].null_count() == 2


def test_the_network_comes_from_the_matrix():
    random = np.random.default_rng(11)
    regions = np.array(["x", "y", "z", "w"])
    chances = {
        "a": [0.85, 0.05, 0.05, 0.05],
        "b": [0.8, 0.1, 0.05, 0.05],
        "c": [0.05, 0.05, 0.1, 0.8],
        "d": [0.05, 0.05, 0.05, 0.85],
        "e": [0.25] * 4,
    }
    rows = [(name, region, 10.0) for name, p in chances.items() for region in random.choice(regions, 80, p=p)]
    plants = pl.DataFrame(rows, schema=["industry_code", "district_code", "employees"], orient="row")
    network = industry_network(coagglomeration(plants), least=0.1)
    assert network.select("industry_a", "industry_b", "n_group").sort("industry_a").rows() == [
        ("a", "b", 2),
        ("c", "d", 2),
    ]
    assert sorted(network["group_id"]) == [1, 2]
    assert network["coagglomeration"].is_sorted(descending=True)
    assert industry_network(coagglomeration(plants), least=2.0).is_empty()
    assert industry_network(coagglomeration(plants), least=-2.0)["n_group"].unique().to_list() == [5]


def test_the_thresholds_decide_and_stand_in_the_result():
    park = pl.DataFrame(
        {
            "park_id": ["p"],
            "n": [40],
            "density_ratio": [3.0],
            "leading_chain_pct": [45.0],
            "partner_pct": [30.0],
            "expected_partner_pct": [20.0],
        }
    )
    assert linkage_findings(park)["finding"].item() == "concentrated_partly"
    strict = linkage_findings(park, Thresholds(4.0, 40.0, 1.5, 50)).row(0, named=True)
    assert strict["finding"] == "unknown_unknown"
    found = linkage_findings(park, Thresholds(4.0, 40.0, 1.5, 20)).row(0, named=True)
    assert (found["finding"], found["density_ratio_from"], found["n_from"]) == ("spread_strong", 4.0, 20)
    weak = park.with_columns(partner_pct=pl.lit(10.0))
    assert linkage_findings(weak)["industry"].item() == "weak"
    assert linkage_findings(weak.with_columns(partner_pct=pl.lit(None, pl.Float64)))["industry"].item() == "unknown"
