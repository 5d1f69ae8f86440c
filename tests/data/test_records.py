"""Records: what fits the store and what does not, before anything is written."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.engines import StoreError
from data.records import _cells, fitting, withdrawn
from data.schema import TABLES, columns

EVENT = {"event_id": ["E1"], "date": [date(2026, 10, 5)], "is_synthetic": [False]}


def test_absent_optional_columns_are_empty_and_others_left_out():
    rows = fitting("events", pl.DataFrame({"remark": ["x"], **EVENT}))
    assert dict(rows.schema) == columns(TABLES["events"])
    assert rows.row(0, named=True) == {**dict.fromkeys(rows.columns), **{name: v[0] for name, v in EVENT.items()}}


def test_narrow_numbers_and_categories_fit():
    narrow = pl.DataFrame({**EVENT, "enterprises": [7], "mode": ["online"]}).with_columns(
        pl.col("enterprises").cast(pl.UInt16), pl.col("mode").cast(pl.Categorical)
    )
    row = fitting("events", narrow).row(0, named=True)
    assert (row["enterprises"], row["mode"]) == (7, "online")


@pytest.mark.parametrize(
    ("dataset", "change", "sentence"),
    [
        ("recipes", {}, "There is no data set recipes"),
        ("events", {"event_id": []}, "no accepted row of events"),
        ("events", {"date": None}, "lack date"),
        ("events", {"is_synthetic": [None]}, "empty cells in is_synthetic"),
        ("events", {"date": ["2026-10-05"]}, "Column date of events is String, not Date"),
        ("events", {"enterprises": [7.5]}, "Column enterprises of events is Float64, not Int64"),
        ("events", {"event_id": [1]}, "Column event_id of events is Int64, not String"),
    ],
)
def test_rows_that_do_not_fit(dataset, change, sentence):
    cells = {name: values for name, values in {**EVENT, **change}.items() if values is not None}
    frame = pl.DataFrame(cells) if all(cells.values()) else pl.DataFrame(schema=list(cells))
    with pytest.raises(StoreError, match=sentence):
        fitting(dataset, frame)


def test_a_key_twice():
    twice = pl.DataFrame(EVENT)
    with pytest.raises(StoreError, match="2 rows of events share their event_id"):
        fitting("events", pl.concat([twice, twice]))


def test_what_is_not_a_number_is_missing():
    firms = {"enterprise_id": ["E1", "E2"], "lon": [float("nan"), 1.0], "is_synthetic": [False, False]}
    assert fitting("enterprises", pl.DataFrame(firms))["lon"].to_list() == [None, 1.0]


def test_a_month_is_taken_back_or_answered_not_both():
    month = pl.DataFrame({"questionnaire_id": ["monthly"], "period": [date(2026, 10, 1)], "park_id": ["P1"]})
    answer = withdrawn(month).with_columns(item_id=pl.lit("a"), answer=pl.lit("up"))
    other = answer.with_columns(park_id=pl.lit("P2"))
    assert fitting("answers", pl.concat([withdrawn(month), other])).height == 2
    with pytest.raises(StoreError, match="1 answers stand beside the mark"):
        fitting("answers", pl.concat([withdrawn(month), answer, other]))


@given(st.lists(st.one_of(st.none(), st.sampled_from(["a", "b", ""]), st.text(max_size=3)), max_size=30))
def test_cells_are_the_values_of_the_column(texts):
    assert list(_cells(pl.Series("name", texts, dtype=pl.String))) == texts
