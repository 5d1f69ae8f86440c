"""The funnel: intervals of statsmodels, no rate where it widens, and a flag wherever it does."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from indicators.events.funnel import REASONS, STAGES, STEPS, funnel, wilson


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 5000), st.data(), st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_wilson_is_that_of_statsmodels(trials, data, confidence):
    successes = data.draw(st.integers(0, trials))
    low, high = wilson(np.array([float(successes)]), np.array([float(trials)]), confidence)
    expected = proportion_confint(successes, trials, alpha=1 - confidence, method="wilson")
    assert abs(low[0] - expected[0]) <= 1e-12
    assert abs(high[0] - expected[1]) <= 1e-12
    assert 0 <= low[0] <= successes / trials + 1e-12
    assert successes / trials - 1e-12 <= high[0] <= 1


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_the_funnel_never_widens_without_a_flag(registers, data):
    events = data.draw(registers)
    found = funnel(events, "programme_id", "year")
    assert found.height % 3 == 0
    for row in found.iter_rows(named=True):
        rows = events.filter(
            (pl.col("programme_id") == row["programme_id"]) & (pl.col("date").dt.year() == row["period"].year)
        )
        start, end = STEPS[row["step"]]
        both = rows.drop_nulls([start, end])
        assert row["n_events"] == both.height
        assert row["n_widening"] == (both[end] > both[start]).sum()
        assert (row["n_from"], row["n_to"]) == ((both[start].sum(), both[end].sum()) if both.height else (None, None))
        assert row["all_from"] == (rows[start].sum() if rows[start].count() else None)
        assert row["all_to"] == (rows[end].sum() if rows[end].count() else None)
        assert row["widens"] == (both.height > 0 and row["n_to"] > row["n_from"])
        assert (row["rate_pct"] is None) == (row["reason"] in REASONS)
        if row["rate_pct"] is not None:
            assert not row["widens"]
            assert 0 <= row["low_pct"] <= row["rate_pct"] + 1e-9
            assert row["rate_pct"] - 1e-9 <= row["high_pct"] <= 100


def test_each_reason_and_the_order_of_the_steps():
    common = {"programme_id": "p", "city_id": "beijing", "district_code": None}
    numbers = {"widens": (9, 3, 4), "zero": (0, 0, 0), "apart": (5, None, 1)}
    rows = [
        {"event_id": name, "date": date(2026, 1, 1), **common, "mode": mode, **dict(zip(STAGES, values, strict=True))}
        for mode, (name, values) in zip(("online", "onsite", "hybrid"), numbers.items(), strict=True)
    ]
    found = funnel(pl.DataFrame(rows), "mode")
    assert found["step"].to_list() == list(STEPS) * 3
    reasons = dict(found.group_by("mode", maintain_order=True).agg("reason").iter_rows())
    assert reasons == {
        "hybrid": ["no_event_states_both", "no_event_states_both", None],
        "online": [None, "widens", "widens_within"],
        "onsite": ["nothing_to_start_from"] * 3,
    }


def test_events_without_any_project():
    row = {"event_id": "1", "date": date(2026, 1, 1), "programme_id": "p", "city_id": "beijing", "district_code": None}
    found = funnel(pl.DataFrame([row]))
    assert found["reason"].to_list() == ["no_event_states_both"] * 3
    assert found["n_events"].to_list() == [0, 0, 0]
    assert found["all_from"].null_count() == 3
