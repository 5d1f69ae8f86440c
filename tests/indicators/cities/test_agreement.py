"""Rank agreement, Cronbach's alpha, growth rates."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from indicators.cities.agreement import (
    cronbach_alpha,
    growth_rates,
    ranking_agreement,
    reliability,
    similarity,
    spearman,
)
from indicators.frames import ContractError

FACTS = Path(__file__).parents[3].parent / "shared" / "facts"
small = settings(max_examples=60, deadline=None)


@small
@given(st.permutations(range(1, 9)), st.permutations(range(1, 9)))
def test_agreement_of_rankings(first, second):
    a, b = np.array(first, dtype=float), np.array(second, dtype=float)
    assert spearman(a, b) == pytest.approx(stats.spearmanr(a, b).statistic)
    assert spearman(a, b) == spearman(b, a)
    assert spearman(a, 9 - a) == pytest.approx(-1.0)
    assert similarity(a, a) == spearman(a, a) == 1.0
    assert 0 <= similarity(a, b) <= 1


def test_agreement_of_nothing_one_and_equals():
    none = pl.DataFrame(schema={"first": pl.Float64, "second": pl.Float64})
    assert ranking_agreement(none).is_empty()
    assert ranking_agreement(pl.DataFrame({"first": [1.0, 2.0], "second": [1.0, None]})).row(0) == (1, None, None, None)
    assert ranking_agreement(pl.DataFrame({"first": [1.0, 2.0], "second": [3.0, 3.0]}))["pearson"].item() is None


def test_alpha_of_missing_and_of_too_little():
    x = np.array([[1.0, 2.0, np.nan], [2.0, 4.0, 1.0], [3.0, 7.0, 2.0], [5.0, np.nan, 4.0]])
    cov = pl.DataFrame(x, schema=["a", "b", "c"], orient="row").fill_nan(None).to_pandas().cov().to_numpy()
    assert cronbach_alpha(x) == pytest.approx(3 / 2 * (1 - np.trace(cov) / cov.sum()))
    assert np.isnan(cronbach_alpha(x[:, :1]))
    with pytest.raises(ContractError, match="fewer than two cities in common"):
        cronbach_alpha(np.array([[1.0, np.nan], [np.nan, 2.0]]))


def test_a_turned_indicator_agrees_again():
    cells = {"city_id": list("abcabc"), "indicator_id": list("xxxyyy"), "value": [1.0, 2.0, 3.0, 9.0, 8.0, 7.0]}
    table = pl.DataFrame(cells)
    assert reliability(table)["alpha"].item() is None  # the two cancel out: the sum has no spread
    assert reliability(table.with_columns(direction=pl.Series([1, 1, 1, -1, -1, -1])))["alpha"].item() == 1.0


def test_growth_of_short_and_crossing_series():
    table = pl.DataFrame(
        {
            "indicator_id": ["one", "two", "two", "sign", "sign", "gap", "gap", "gap"],
            "year": [2000, 2000, 2010, 2000, 2001, 2000, 2001, 2002],
            "value": [5.0, 100.0, 200.0, -1.0, 1.0, 100.0, None, 121.0],
        }
    )
    found = {row[0]: row[1:] for row in growth_rates(table).rows()}
    assert found["one"] == (2000, 2000, None, None, 1)
    assert found["two"][2] == pytest.approx(100 * (2**0.1 - 1))
    assert found["two"][3] == pytest.approx(10.0)
    assert found["sign"][2] is None
    assert found["gap"][2] == pytest.approx(10.0)
    assert found["gap"][4] == 2


@pytest.mark.reference
@pytest.mark.skipif(not FACTS.exists(), reason="the facts files are not here")
def test_coinr_values():
    told = pl.read_csv(FACTS / "composite_vectors_coinr_functions.csv")
    raw = pl.read_csv(FACTS / "composite_vectors_asem_raw.csv", null_values="NA")
    meta = pl.read_csv(FACTS / "composite_vectors_asem_meta.csv", null_values="NA")
    expected = told.filter(pl.col("case") == "cronbach_alpha_raw")
    assert expected.height == 3
    for group, alpha in expected.select("element", "value").iter_rows():
        members = meta.filter(pl.col("Parent") == group)["iCode"].to_list()
        x = raw.select(pl.col(members).cast(pl.Float64)).to_numpy()
        assert cronbach_alpha(x) == pytest.approx(alpha, abs=1e-9)
    values = {"indicator_id": ["y"] * 4, "year": range(2010, 2014), "value": [100.0, 110.0, 130.0, 125.0]}
    growth = growth_rates(pl.DataFrame(values))
    cagr = told.filter(pl.col("case") == "CAGR")["value"].item()
    assert growth["cagr_pct"].item() == pytest.approx(100 * cagr, abs=1e-9)
