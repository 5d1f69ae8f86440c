"""Small cells are hidden, and not given back by their group's total."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.disclosure import suppress
from indicators.frames import ContractError


def table(counts: list[int]) -> pl.DataFrame:
    return pl.DataFrame(
        {"group": ["g"] * len(counts), "n": counts, "index": [float(count) for count in counts]},
        schema={"group": pl.String, "n": pl.UInt32, "index": pl.Float64},
    )


@pytest.mark.parametrize(
    ("counts", "hidden", "hidden_within"),
    [
        ([3, 9, 7], [0], [0, 2]),
        ([3, 9, 4], [0, 2], [0, 2]),
        ([3, 7, 7], [0], [0, 1]),
        ([3, 0, 7], [0], [0, 2]),
        ([3, 0], [0], [0]),
        ([3], [0], [0]),
        ([0, 5, 6], [], []),
        ([5, 6], [], []),
    ],
)
def test_which_cells_are_hidden(counts, hidden, hidden_within):
    plain, within = suppress(table(counts), "n", "index"), suppress(table(counts), "n", "index", within="group")
    assert plain["suppressed"].arg_true().to_list() == hidden
    assert within["suppressed"].arg_true().to_list() == hidden_within
    assert within.filter("suppressed")["index"].null_count() == len(hidden_within)
    assert within["n"].to_list() == counts


def test_groups_are_hidden_one_by_one():
    two = pl.concat([table([3, 9]), table([8, 9]).with_columns(group=pl.lit(None, pl.String))])
    assert suppress(two, "n", "index", within=["group"])["suppressed"].to_list() == [True, True, False, False]
    assert suppress(two, "n", "index", within=())["suppressed"].to_list() == [True, False, True, False]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 30), min_size=1, max_size=8), st.integers(1, 10))
def test_no_small_cell_is_shown_and_none_hides_alone(counts, minimum):
    result = suppress(table(counts), "n", ["index"], minimum, within="group")
    shown = result.filter(~pl.col("suppressed"))
    assert not shown["n"].is_between(1, minimum - 1).any()
    assert shown["index"].to_list() == [float(count) for count in shown["n"]]
    hidden = result["suppressed"].sum()
    assert hidden != 1 or (shown["n"] == 0).all()


def test_columns_keep_their_order_and_dtype():
    frame = table([3, 9]).with_columns(label=pl.lit("x")).select("index", "label", "n", "group")
    result = suppress(frame, "n", ("index", "label"))
    assert result.schema == {**frame.schema, "suppressed": pl.Boolean}
    assert result.row(0) == (None, None, 3, "g", True)
    assert suppress(result, "n", "index").columns == result.columns


def test_an_empty_table_and_wrong_calls():
    assert suppress(table([]), "n", "index", within="group").schema == {**table([]).schema, "suppressed": pl.Boolean}
    with pytest.raises(ContractError, match="column n_parks is missing"):
        suppress(table([1]), "n_parks", "index")
    with pytest.raises(ContractError, match="column balance is missing"):
        suppress(table([1]), "n", ["index", "balance"])
    with pytest.raises(ContractError, match="column n, row 1: -1 is not accepted"):
        suppress(pl.DataFrame({"n": [-1], "index": [1.0]}), "n", "index")
    with pytest.raises(ContractError, match="column n, row 1: the value is empty"):
        suppress(pl.DataFrame({"n": [None], "index": [1.0]}), "n", "index")
    with pytest.raises(ContractError, match="minimum 0 is not accepted"):
        suppress(table([1]), "n", "index", minimum=0)
