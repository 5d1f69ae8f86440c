"""What most members of a cluster have in common, against counting row by row."""

from __future__ import annotations

from collections import Counter
from datetime import date

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.clustering.life_lines import cluster_majority

DAYS = [date(2024, 1, 1), date(2025, 1, 1), date(2026, 1, 1)]
rows_of = st.lists(st.tuples(st.sampled_from(DAYS), st.integers(1, 4), st.integers(0, 9)), unique=True)
KINDS = {"period": pl.Date, "cluster": pl.UInt32, "member": pl.UInt32}


def counted(rows, values):
    found = {}
    for day, cluster in sorted({row[:2] for row in rows}):
        known = Counter(values[member] for *unit, member in rows if unit == [day, cluster] and values[member] >= 0)
        if known:
            found[day, cluster] = min(known, key=lambda value: (-known[value], value))
    return [(*unit, value) for unit, value in found.items()]


@settings(max_examples=100, deadline=None)
@given(rows_of, st.lists(st.integers(-1, 3), min_size=10, max_size=10))
def test_the_value_of_most_members_wins_and_the_smallest_on_a_tie(rows, values):
    frame = pl.DataFrame(sorted(rows), schema=KINDS, orient="row")
    found = cluster_majority(frame, np.array(values, np.int64))
    assert found.rows() == counted(rows, values)
    assert found.schema == {"period": pl.Date, "cluster": pl.UInt32, "value": pl.Int64}


def test_values_far_apart_are_counted_as_well():
    rows = pl.DataFrame([(DAYS[0], 1, 0), (DAYS[0], 1, 1), (DAYS[0], 2, 2)], schema=KINDS, orient="row")
    found = cluster_majority(rows, np.array([10**12, 10**12, 7]))
    assert found["value"].to_list() == [10**12, 7]
