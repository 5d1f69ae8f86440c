"""Sums of region and industry cells: both ways alike, every kind of code column, bad sizes refused."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from indicators.clustering import cell_sums as module
from indicators.clustering.cell_sums import cell_sums
from indicators.frames import ContractError

small = settings(max_examples=40, deadline=None)
row = st.tuples(
    st.sampled_from(["r1", "r2", "r3", None]),
    st.sampled_from(["13", "131", "a", None]),
    st.one_of(st.none(), st.integers(0, 10**6)),
)
SCHEMA = {"district_code": pl.String, "industry_code": pl.String, "employees": pl.Int64}


def firms_of(rows: list[tuple]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


@small
@given(st.lists(row, max_size=40).map(firms_of))
def test_the_compiled_way_is_the_polars_way_is_the_definition(frame):
    known = frame.drop_nulls(["district_code", "industry_code"])
    expected = (
        known.group_by("district_code", "industry_code")
        .agg(
            pl.len().alias("n"),
            pl.col("employees").count().alias("n_known"),
            pl.col("employees").sum(),
            (pl.col("employees") ** 2).sum().alias("employees_sq"),
        )
        .sort("district_code", "industry_code")
    )
    found = cell_sums(frame)
    assert_frame_equal(found, expected, check_dtypes=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "compiled", lambda loop: None)
        assert_frame_equal(cell_sums(frame), found)


@pytest.mark.parametrize("kind", [pl.Categorical, pl.Enum(["b", "a", "unused"]), pl.String])
def test_every_kind_of_code_column(kind):
    frame = firms_of([("b", "x", 1), ("a", "x", 2), (None, "x", 5), ("a", "x", None)])
    found = cell_sums(frame.with_columns(pl.col("district_code").cast(kind)))
    assert found.rows() == [("a", "x", 2, 1, 2, 4), ("b", "x", 1, 1, 1, 1)]
    assert found.schema["district_code"] == pl.String


def test_large_sizes_do_not_overflow_and_absent_sizes_are_unknown():
    frame = firms_of([("r", "a", 1_000_000)] * 1_000)
    assert cell_sums(frame).row(0) == ("r", "a", 1_000, 1_000, 10**9, 10**15)
    assert cell_sums(frame.drop("employees")).row(0) == ("r", "a", 1_000, 0, 0, 0)
    assert cell_sums(frame.with_columns(pl.lit(None).alias("employees"))).row(0)[3:] == (0, 0, 0)
    assert cell_sums(firms_of([])).is_empty()


@pytest.mark.parametrize(
    ("column", "words"),
    [
        (pl.Series("employees", [3, -1]), "column employees, row 2: -1 is not accepted"),
        (pl.Series("employees", [3.5, 1.0]), "column employees: dtype is Float64"),
        (pl.Series("industry_code", [13, 14]), "column industry_code: dtype is Int64"),
    ],
)
def test_wrong_columns_are_named(column, words):
    with pytest.raises(ContractError, match=words):
        cell_sums(firms_of([("r", "a", 1), ("r", "b", 2)]).with_columns(column))
    with pytest.raises(ContractError, match="column street is missing"):
        cell_sums(firms_of([]), region="street")
