"""How a composite is built: order, levels, effective weights, paths, and structures that are none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.cities.structure import effective_weights, element_scores, structure_from_paths, tree
from indicators.frames import ContractError

FACTS = Path(__file__).parents[3].parent / "shared" / "facts"
small = settings(max_examples=60, deadline=None)


def built(*rows: tuple, names: tuple[str, ...] = ("element_id", "parent_id", "weight")) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=list(names), orient="row")


SOFT = (("x", "soft", 3.0), ("y", "soft", 1.0), ("z", "all", 1.0), ("soft", "all", 1.0), ("all", None, 1.0))


@small
@given(st.permutations(SOFT))
def test_the_order_of_rows_does_not_matter(rows):
    found = effective_weights(built(*rows))
    assert dict(found.select("element_id", "effective_weight").iter_rows()) == pytest.approx(
        {"x": 0.375, "y": 0.125, "z": 0.5, "soft": 0.5, "all": 1.0}
    )
    assert dict(found.select("element_id", "level").iter_rows()) == {"x": 1, "y": 1, "z": 1, "soft": 2, "all": 3}
    order = tree(built(*rows)).elements
    assert order[-1] == "all"
    assert order.index("soft") > max(order.index("x"), order.index("y"))


@small
@given(st.permutations(SOFT), st.lists(st.floats(1, 9), min_size=3, max_size=3))
def test_the_index_is_the_sum_of_effective_weights(rows, values):
    structure = tree(built(*rows))
    shares = dict(effective_weights(built(*rows)).select("element_id", "effective_weight").iter_rows())
    found = element_scores(np.array([values]), structure, "arithmetic")[0, -1]
    expected = sum(shares[name] * value for name, value in zip(structure.indicators, values, strict=True))
    assert found == pytest.approx(expected)


def test_a_missing_dimension_is_left_out():
    found = element_scores(np.array([[np.nan, np.nan, 7.0]]), tree(built(*SOFT)), "arithmetic")[0]
    assert np.array_equal(found, [np.nan, np.nan, 7.0, np.nan, 7.0], equal_nan=True)


def test_one_dimension_may_have_a_mean_of_its_own():
    rows = [(*row, "arithmetic" if row[0] == "soft" else None) for row in SOFT]
    structure = tree(built(*rows, names=("element_id", "parent_id", "weight", "kind")))
    found = element_scores(np.array([[2.0, 6.0, 12.0]]), structure, "geometric")[0]
    assert found[-2:].tolist() == pytest.approx([3.0, 6.0])


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([("x", None, 1.0), ("y", None, 1.0)], "elements without a parent: x, y; accepted: exactly one"),
        ([("x", "y", 1.0)], "parent_id 'y' is no element"),
        ([("x", "y", 1.0), ("y", "x", 1.0), ("all", None, 1.0)], "is its own part; accepted: a tree"),
        ([("x", "all", 0.0), ("all", None, 1.0)], "all parts of 'all' have weight 0"),
        ([("x", "all", 1.0), ("x", "all", 1.0), ("all", None, 1.0)], "was given in an earlier row"),
    ],
)
def test_what_is_no_tree(rows, sentence):
    with pytest.raises(ContractError, match=sentence):
        tree(built(*rows))
    with pytest.raises(ContractError, match="kind 'median' is not accepted"):
        element_scores(np.ones((1, 3)), tree(built(*SOFT)), "median")


def test_paths():
    rows = pl.DataFrame(
        {
            "city_id": ["a", "b", "a", "a"],
            "indicator_id": ["x", "x", "y", "z"],
            "path": ["soft > people", "soft > people", "soft>people>index", None],
            "direction": [-1, -1, 1, None],
            "weight": [2.0, 2.0, 1.0, 1.0],
        }
    )
    structure = structure_from_paths(rows, {"people": 3.0}, {"soft": "geometric"})
    assert structure.select("element_id", "parent_id", "weight", "direction", "kind").rows() == [
        ("x", "soft", 2.0, -1, None),
        ("y", "soft", 1.0, 1, None),
        ("z", "index", 1.0, 1, None),
        ("soft", "people", 1.0, 1, "geometric"),
        ("people", "index", 3.0, 1, None),
        ("index", None, 1.0, 1, None),
    ]
    assert tree(structure).levels == (1, 1, 1, 2, 3, 4)
    assert structure_from_paths(rows.clear()).is_empty()


@pytest.mark.parametrize(
    ("change", "groups", "sentence"),
    [
        ({"path": ["soft > a", "soft > b"]}, {}, "path: 'soft' stands under two dimensions"),
        ({"path": ["soft", "soft"]}, {"hard": 1.0}, "dimension 'hard' is in no path; accepted: soft, index"),
        ({"indicator_id": ["x", "x"], "path": ["soft", "hard"]}, {}, "indicator 'x' has two sets of path"),
    ],
)
def test_paths_that_are_refused(change, groups, sentence):
    rows = pl.DataFrame({"indicator_id": ["x", "y"]} | change)
    with pytest.raises(ContractError, match=sentence):
        structure_from_paths(rows, groups)


@pytest.mark.reference
@pytest.mark.skipif(not FACTS.exists(), reason="the facts files are not here")
def test_coinr_effective_weights():
    meta = pl.read_csv(FACTS / "composite_vectors_asem_meta.csv", null_values="NA").drop_nulls("Level")
    structure = meta.select(
        pl.col("iCode").alias("element_id"), pl.col("Parent").alias("parent_id"), pl.col("Weight").alias("weight")
    )
    found = dict(effective_weights(structure).select("element_id", "effective_weight").iter_rows())
    told = pl.read_csv(FACTS / "composite_vectors_coinr_functions.csv").filter(pl.col("case") == "effective_weights")
    assert told.height == 30
    assert [found[name] for name in told["element"]] == pytest.approx(told["value"].to_list(), abs=1e-9)
