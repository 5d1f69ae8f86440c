"""Records: what fits the store and what does not, before anything is written."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from data.engines import StoreError
from data.records import fitting
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
