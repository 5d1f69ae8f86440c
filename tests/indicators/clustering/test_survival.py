"""Net entry, Kaplan-Meier and log-rank, against hand counts and statsmodels."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.clustering.snapshots import enterprise_snapshots
from indicators.clustering.survival import net_entry, survival_curve, survival_summary, survival_test
from indicators.frames import ContractError

END = date(2020, 1, 1)


def followed(ages, closed, group=None, since=None) -> pl.DataFrame:
    """Enterprises that reach these ages (days) on one last day, on which some of them close."""
    rows = {
        "opened_on": [END - timedelta(int(age)) for age in ages],
        "closed_on": [END if event else None for event in closed],
    }
    table = pl.DataFrame(rows, schema={"opened_on": pl.Date, "closed_on": pl.Date})
    table = table if group is None else table.with_columns(pl.Series("group", group, dtype=pl.String))
    return table.with_columns(pl.format("E{}", pl.int_range(pl.len())).alias("enterprise_id"))


samples = st.lists(st.tuples(st.integers(1, 30), st.booleans(), st.sampled_from("ab")), min_size=2, max_size=60)


@settings(max_examples=60, deadline=None)
@given(samples)
def test_curve_and_error_are_those_of_statsmodels(rows):
    survfunc = pytest.importorskip("statsmodels.duration.survfunc")
    ages, closed, _ = (np.array(column) for column in zip(*rows, strict=True))
    curve = survival_curve(followed(ages, closed), until=END)[1:]
    if not closed.any():
        assert curve.is_empty()
        return
    peer = survfunc.SurvfuncRight(ages, closed.astype(int))
    assert curve["age_days"].to_list() == peer.surv_times.tolist()
    assert curve["n_at_risk"].to_list() == peer.n_risk.tolist()
    assert curve["n_closed"].to_list() == peer.n_events.tolist()
    assert curve["survival"].to_numpy() == pytest.approx(peer.surv_prob, abs=1e-12)
    known = curve["survival"].to_numpy() > 1e-12
    assert curve["standard_error"].to_numpy()[known] == pytest.approx(peer.surv_prob_se[known], abs=1e-12)
    assert curve["standard_error"].is_null().to_numpy().tolist() == (~known).tolist()


@settings(max_examples=60, deadline=None)
@given(samples)
def test_the_log_rank_is_that_of_statsmodels(rows):
    survfunc = pytest.importorskip("statsmodels.duration.survfunc")
    ages, closed, group = (np.array(column) for column in zip(*rows, strict=True))
    table = survival_test(followed(ages, closed, group), "group", until=END)
    assert table["n_expected"].sum() == pytest.approx(closed.sum(), abs=1e-9)
    if table["p"].null_count():
        assert len(set(group)) == 1 or not closed.any() or table["degrees"][0] == 0
        return
    chi_square, p = survfunc.survdiff(ages, closed.astype(int), group)
    assert table["chi_square"][0] == pytest.approx(chi_square, rel=1e-9, abs=1e-9)
    assert table["p"][0] == pytest.approx(p, abs=1e-9)


def test_delayed_entry_counts_only_what_could_be_seen():
    survfunc = pytest.importorskip("statsmodels.duration.survfunc")
    rng = np.random.default_rng(4)
    ages, closed = rng.integers(20, 900, 200), rng.random(200) < 0.6
    since = END - timedelta(400)
    entry = np.maximum(ages - 400, 0)
    peer = survfunc.SurvfuncRight(ages, closed.astype(int), entry=entry - (entry == 0) * 0.5)
    curve = survival_curve(followed(ages, closed), until=END, observed_from=since)[1:]
    assert curve["n_at_risk"].to_list() == peer.n_risk.tolist()
    assert curve["survival"].to_numpy() == pytest.approx(peer.surv_prob, abs=1e-9)
    whole = survival_curve(followed(ages, closed), until=END)
    assert whole["survival"].min() > curve["survival"].min()  # survivors alone look longer-lived


def test_an_enterprise_closed_before_the_register_began_is_not_counted():
    rows = pl.DataFrame(
        {"enterprise_id": ["a", "b"], "opened_on": [date(2010, 1, 1)] * 2, "closed_on": [date(2011, 1, 1), None]}
    )
    kept = survival_summary(rows, until=END, observed_from=date(2015, 1, 1))
    assert kept.select("n", "n_closed").row(0) == (1, 0)


def test_intervals_stay_within_bounds_and_hold_the_curve():
    rng = np.random.default_rng(6)
    rows = followed(rng.integers(1, 400, 80), rng.random(80) < 0.8)
    for interval in ("plain", "log-log"):
        curve = survival_curve(rows, until=END, interval=interval)[1:].drop_nulls("low")
        assert ((curve["low"] <= curve["survival"]) & (curve["survival"] <= curve["high"])).all()
        assert curve["low"].min() >= 0
        assert curve["high"].max() <= 1
    wide, narrow = (survival_curve(rows, until=END, confidence=c)[1:] for c in (0.99, 0.8))
    assert ((wide["high"] - wide["low"]) >= (narrow["high"] - narrow["low"])).all()


def test_who_closes_on_the_day_of_opening_counts_at_age_zero():
    rows = pl.DataFrame({"enterprise_id": ["a", "b"], "opened_on": [END, END], "closed_on": [END, None]})
    assert survival_curve(rows, until=END).select("age_days", "n_at_risk", "survival").rows() == [
        (0, 2, 1.0),
        (0, 2, 0.5),
    ]


def test_closures_after_the_last_day_are_not_known_yet():
    rows = pl.DataFrame({"enterprise_id": ["a"], "opened_on": [date(2019, 1, 1)], "closed_on": [date(2021, 1, 1)]})
    assert survival_summary(rows, until=END).select("n", "n_closed", "survival_1y").row(0) == (1, 0, 1.0)
    assert survival_summary(rows, until=date(2018, 1, 1)).is_empty()


def test_groups_that_nobody_names_are_one_of_their_own():
    rows = followed([5, 9, 7], [True, True, False], ["a", None, "a"])
    assert survival_curve(rows, "group", until=END)["group"].unique(maintain_order=True).to_list() == ["a", None]
    summary = survival_summary(rows, "group", until=END)
    assert summary.select("group", "n", "n_closed", "median_days").rows() == [(None, 1, 1, 9), ("a", 2, 1, 5)]
    assert survival_test(rows, "group", until=END)["n"].to_list() == [2, 1]


def test_one_group_has_no_test():
    table = survival_test(followed([5, 9], [True, True], ["a", "a"]), "group")
    assert table.select("chi_square", "degrees", "p").row(0) == (None, 0, None)


def test_a_strong_difference_keeps_its_digits():
    rows = followed([*range(1, 400), *range(2000, 2400)], [True] * 799, ["a"] * 399 + ["b"] * 400)
    assert 0 < survival_test(rows, "group")["p"][0] < 1e-60


spans = st.lists(
    st.tuples(st.integers(0, 900), st.one_of(st.none(), st.integers(0, 700)), st.sampled_from("ab")),
    min_size=1,
    max_size=25,
)


@settings(max_examples=40, deadline=None)
@given(spans, st.sampled_from(["month", "year"]))
def test_entries_balance_with_the_stock(rows, every):
    table = pl.DataFrame(
        [(END + timedelta(a), None if b is None else END + timedelta(a + b), g) for a, b, g in rows],
        schema={"opened_on": pl.Date, "closed_on": pl.Date, "group": pl.String}, orient="row",
    ).with_columns(pl.format("E{}", pl.int_range(pl.len())).alias("enterprise_id"))  # fmt: skip
    flow = net_entry(table, every=every)
    assert flow["n_opened"].sum() == table.height
    assert flow["n_closed"].sum() == table["closed_on"].count()
    stock = enterprise_snapshots(table, every).group_by("period").len().sort("period")
    after = flow.select("period", left=pl.col("n_before").cast(pl.Int64) + pl.col("net")).join(
        stock, on="period", how="left"
    )
    assert (after["left"] - after["len"].fill_null(0)).to_list() == [0] * after.height
    parts = net_entry(table, "group", every)
    summed = parts.group_by("period").agg(pl.col("n_before", "n_opened", "n_closed", "net").sum()).sort("period")
    assert summed.equals(flow.select("period", "n_before", "n_opened", "n_closed", "net"))


def test_a_later_first_period_knows_the_stock_before_it():
    rows = pl.DataFrame({"enterprise_id": list("abc"), "opened_on": [date(2019, 5, 1)] * 2 + [date(2021, 2, 1)],
                         "closed_on": [date(2020, 3, 1), None, None]})  # fmt: skip
    table = net_entry(rows, first=date(2021, 7, 1), last=date(2022, 1, 1))
    assert table.select(pl.col("period").dt.year(), "n_before", "n_opened", "entry_rate_pct").rows() == [
        (2021, 1, 1, 100.0),
        (2022, 2, 0, 0.0),
    ]


def test_wrong_input_is_refused():
    with pytest.raises(ContractError, match="lies before opened_on"):
        net_entry(pl.DataFrame({"enterprise_id": ["a"], "opened_on": [END], "closed_on": [date(2019, 1, 1)]}))
    with pytest.raises(ContractError, match="interval 'wide'"):
        survival_curve(followed([1], [True]), interval="wide")
    with pytest.raises(ContractError, match="column group is missing"):
        survival_test(followed([1], [True]), "group")
