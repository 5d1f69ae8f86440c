"""Who existed when, and the clusters of each period."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.clustering.clusters import cluster_members
from indicators.clustering.hexagons import projected
from indicators.clustering.life_lines import cluster_lives
from indicators.clustering.snapshots import cluster_snapshots, enterprise_snapshots, undated
from indicators.frames import ContractError

DAY = date(2024, 1, 1)


def lives(*rows: tuple[date | None, date | None]) -> pl.DataFrame:
    table = pl.DataFrame(rows, schema={"opened_on": pl.Date, "closed_on": pl.Date}, orient="row")
    return table.with_columns(pl.format("E{}", pl.int_range(pl.len())).alias("enterprise_id"))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 900), st.one_of(st.none(), st.integers(0, 700))), min_size=1, max_size=12))
def test_an_enterprise_is_there_from_its_opening_to_the_day_before_its_closure(spans):
    rows = lives(*((DAY + timedelta(a), None if b is None else DAY + timedelta(a + b)) for a, b in spans))
    found = enterprise_snapshots(rows, "month")
    for period in found["period"].unique():
        end = (period.replace(day=28) + timedelta(4)).replace(day=1) - timedelta(1)
        there = {
            f
            for f, a, b in rows.select("enterprise_id", "opened_on", "closed_on").rows()
            if a <= end and (b is None or b > end)
        }
        assert set(found.filter(pl.col("period") == period)["enterprise_id"]) == there


def test_years_months_and_ends():
    rows = lives((date(2024, 12, 31), date(2025, 12, 31)), (date(2025, 1, 1), None))
    years = enterprise_snapshots(rows).select(pl.col("period").dt.year(), "enterprise_id").rows()
    assert years == [(2024, "E0"), (2025, "E1")]  # closed on the last day: no longer there
    months = enterprise_snapshots(rows, "month", first=date(2025, 2, 5), last=date(2025, 3, 9))
    assert months["period"].unique().sort().to_list() == [date(2025, 2, 1), date(2025, 3, 1)]


def test_who_has_no_opening_date_is_counted_and_left_out():
    rows = lives((None, None), (None, date(2025, 1, 1)), (date(2024, 3, 1), None))
    assert undated(rows) == 2
    assert enterprise_snapshots(rows)["enterprise_id"].unique().to_list() == ["E2"]
    assert enterprise_snapshots(rows.filter(pl.col("opened_on").is_null()).clear()).is_empty()


def test_clusters_of_a_year_are_those_of_its_enterprises():
    rows = lives(*[(date(2024, 1, 1), None)] * 20, *[(date(2025, 1, 1), None)] * 10)
    rows = rows.with_columns(lon=pl.lit(116.4) + pl.int_range(pl.len()) * 1e-5, lat=pl.lit(39.9))
    found = cluster_snapshots(rows, 32650)
    assert found.group_by("period", "cluster").len().sort("period")["len"].to_list() == [20, 30]
    whole = cluster_members(rows, 32650).select("enterprise_id", "cluster")
    assert found.filter(pl.col("period") == date(2025, 1, 1)).drop("period", "member").equals(whole)
    assert found["member"].to_list() == [*found["member"].head(20), *range(30)]
    named = dict(found.select("member", "enterprise_id").unique().iter_rows())
    assert [named[k] for k in range(30)] == sorted(set(named.values()))


def test_the_number_of_an_enterprise_changes_no_life():
    rows = lives(
        *[(date(2024, 1, 1), None)] * 20, *[(date(2025, 1, 1), None)] * 25, *[(date(2024, 1, 1), date(2025, 5, 1))] * 9
    )
    near = pl.int_range(pl.len()) * 1e-5
    rows = rows.with_columns(
        lon=116.4 + near + pl.when(pl.int_range(pl.len()) > 39).then(0.01).otherwise(0.0), lat=39.9
    )
    found = cluster_snapshots(rows, 32650, minimum=5)
    assert cluster_lives(found).equals(cluster_lives(found.drop("member")))
    assert cluster_lives(found).equals(cluster_lives(found.sample(fraction=1.0, shuffle=True, seed=1).drop("member")))


def test_metres_given_before_are_taken_and_wrong_ones_are_not():
    rows = lives(*[(date(2024, 1, 1), None)] * 20).with_columns(lon=116.4 + pl.int_range(pl.len()) * 1e-5, lat=39.9)
    x, y = projected(rows, 32650)
    right = rows.with_columns(x_m=pl.Series(x), y_m=pl.Series(y))
    wrong = right.with_columns(pl.col("x_m") * 50.0)
    assert cluster_snapshots(rows, 32650).equals(cluster_snapshots(right, 32650))
    assert cluster_snapshots(rows, 32650).equals(cluster_snapshots(wrong, 32650))


def test_wrong_dates_and_periods_are_refused():
    with pytest.raises(ContractError, match=r"row 1: 2024-01-01 lies before opened_on 2024-02-01 \(1 such rows\)"):
        enterprise_snapshots(lives((date(2024, 2, 1), date(2024, 1, 1))))
    with pytest.raises(ContractError, match="every 'week' is not accepted"):
        enterprise_snapshots(lives((DAY, None)), "week")
    with pytest.raises(ContractError, match="lies after last"):
        enterprise_snapshots(lives((DAY, None)), first=date(2025, 1, 1), last=date(2024, 1, 1))
