"""Who has answered, who has not, and since when."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.frames import ContractError
from indicators.panel import response_accounting
from indicators.response import response_status

OCTOBER = date(2026, 10, 1)
FRAME = pl.DataFrame({"park_id": ["a", "b", "c", "d"], "district_code": ["1", "1", "2", "2"]})


def answers(*rows: tuple[str, date, str | None]) -> pl.DataFrame:
    parks, months, said = zip(*rows, strict=True) if rows else ((), (), ())
    return pl.DataFrame(
        {"park_id": parks, "period": months, "item_id": ["rent"] * len(rows), "answer": said},
        schema={"park_id": pl.String, "period": pl.Date, "item_id": pl.String, "answer": pl.String},
    )


def status(*rows: tuple[str, date, str | None], month: date = OCTOBER) -> dict[str, tuple]:
    found = response_status(FRAME, answers(*rows), month)
    return {row[0]: row[2:] for row in found.rows()}


def test_each_park_of_the_frame_has_one_row_in_the_frames_order():
    found = response_status(FRAME, answers(("c", OCTOBER, "up")), OCTOBER)
    assert found.columns == ["park_id", "district_code", "answered", "last_period", "n_missing", "n_answered"]
    assert found["park_id"].to_list() == ["a", "b", "c", "d"]
    assert found.schema["n_missing"] == pl.UInt32


def test_a_park_that_answered_years_ago_counts_the_months_since():
    assert status(("a", date(2024, 12, 1), "same"))["a"] == (False, date(2024, 12, 1), 22, 0)


def test_a_park_that_never_answered_is_told_apart_from_one_that_stopped():
    assert status(("a", date(2026, 9, 1), "same"))["b"] == (False, None, None, 0)


def test_an_empty_answer_is_no_answer():
    assert status(("a", OCTOBER, None), ("a", date(2026, 9, 1), "down"))["a"] == (False, date(2026, 9, 1), 1, 1)


def test_later_months_are_not_known_yet():
    rows = (("a", date(2026, 11, 1), "up"), ("a", date(2026, 8, 1), "up"))
    assert status(*rows)["a"] == (False, date(2026, 8, 1), 2, 1)


def test_only_the_last_twelve_months_are_counted():
    months = pl.date_range(date(2025, 1, 1), OCTOBER, "1mo", eager=True).to_list()
    assert status(*[("a", month, "up") for month in months])["a"] == (True, OCTOBER, 0, 12)


def test_a_doubled_park_is_refused():
    with pytest.raises(ContractError, match="park_id"):
        response_status(pl.concat([FRAME, FRAME]), answers(), OCTOBER)


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abcdx"),
            st.sampled_from([date(2026, month, 1) for month in range(6, 12)]),
            st.sampled_from(["up", "same", "down", None]),
        ),
        unique_by=lambda row: row[:2],
        min_size=1,
    )
)
def test_the_board_counts_as_the_response_accounting_does(rows):
    inside = answers(*[row for row in rows if row[0] != "x"])
    found = response_status(FRAME, answers(*rows), OCTOBER)
    counted = response_accounting(FRAME, inside, "period").filter(pl.col("period") == OCTOBER)
    assert found["answered"].sum() == (counted["n_answered"].item() if counted.height else 0)
    assert (found["n_missing"].fill_null(1) == 0).equals(found["answered"])
