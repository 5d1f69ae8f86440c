"""Members: the stock is what came minus what went, in every group and in all."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from indicators.frames import ContractError
from indicators.registers import membership

START = date(2022, 1, 26)
MEMBER = st.tuples(
    st.one_of(st.none(), st.integers(0, 900)),
    st.one_of(st.none(), st.integers(0, 400)),
    st.sampled_from(["park", None]),
)


def members_of(rows: list[tuple[int | None, int | None, str | None]]) -> pl.DataFrame:
    table = []
    for number, (joined, stay, kind) in enumerate(rows):
        day = None if joined is None else START + timedelta(days=joined)
        left = None if day is None or stay is None else day + timedelta(days=stay)
        table.append((str(number), day, left, kind))
    schema = {"member_id": pl.String, "joined": pl.Date, "left_on": pl.Date, "member_type": pl.String}
    return pl.DataFrame(table, schema=schema, orient="row")


@settings(max_examples=60, deadline=None)
@given(st.lists(MEMBER, min_size=1, max_size=30))
def test_the_stock_is_what_the_dates_say_at_the_end_of_each_month(rows):
    members = members_of(rows)
    found = membership(members)
    for period, stock, net, undated in found.select("period", "n_members", "net_growth", "n_undated").iter_rows():
        end = (period.replace(day=28) + timedelta(days=4)).replace(day=1)
        inside = members.filter((pl.col("joined") < end) & (pl.col("left_on").is_null() | (pl.col("left_on") >= end)))
        assert stock == inside.height
        assert undated == members["joined"].null_count()
        assert net == found.filter(pl.col("period") == period).select(
            pl.col("n_joined").cast(pl.Int64) - pl.col("n_left")
        ).item()  # fmt: skip
    summed = membership(members, "member_type").group_by("period", maintain_order=True).agg(
        pl.col("n_members", "n_joined", "n_left", "net_growth", "n_undated").sum()
    )  # fmt: skip
    assert_frame_equal(summed, found)


def test_months_asked_for_keep_the_stock_from_before():
    members = members_of([(0, None, "park"), (40, 60, "park")])
    found = membership(members, first=date(2022, 3, 15), last=date(2022, 6, 1))
    assert found["n_members"].to_list() == [2, 2, 1, 1]
    assert found["n_left"].to_list() == [0, 0, 1, 0]
    later = membership(members, first=date(2023, 1, 1), last=date(2023, 2, 1))
    assert later["n_members"].to_list() == [1, 1]


def test_growth_from_86_to_105_members_as_the_association_reports():
    first = [(0, None, "park")] * 86
    year = [(20 + number * 17, None, "park") for number in range(19)]
    found = membership(members_of(first + year), first=START, last=date(2023, 1, 10))
    assert found.head(1)["n_members"].item() == 86
    assert found.tail(1)["n_members"].item() == 105
    assert found["n_joined"].sum() == 105


def test_nobody_dated_and_wrong_dates():
    assert membership(members_of([(None, None, "park")])).is_empty()
    asked = membership(members_of([(None, None, "park")]), first=date(2022, 1, 1), last=date(2022, 2, 1))
    assert asked.select("n_members", "n_undated").rows() == [(0, 1), (0, 1)]
    wrong = members_of([(9, None, "park")]).with_columns(pl.lit(START).alias("left_on"))
    with pytest.raises(ContractError, match="column left_on, row 1: 2022-01-26 lies before joined 2022-02-04"):
        membership(wrong)
    with pytest.raises(ContractError, match="first 2022-02 lies after last 2022-01"):
        membership(members_of([(0, None, None)]), first=date(2022, 2, 1), last=date(2022, 1, 1))
