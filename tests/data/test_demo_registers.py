"""The demonstration's registers: synthetic, consistent with the published counts and with one another."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from data import registry
from data.demo import registers as demo_registers
from data.demo.exchange import PATHS

SHIPPED = Path(registry.__file__).parent / "demo"


def read(name: str) -> pl.DataFrame:
    return pl.read_csv(SHIPPED / f"{name}.csv", infer_schema_length=0)


def published(fact_id: str) -> float:
    return float(registry.events_published().filter(pl.col("fact_id") == fact_id)["value"].item())


def test_members_are_as_many_as_published_on_both_days():
    members = read("members")
    joined = members["joined_on"]
    assert (joined == demo_registers.FIRST.isoformat()).sum() == published("EV-019") == 86
    assert joined.min() == demo_registers.FIRST.isoformat()  # nobody joined before it was founded
    assert (joined <= demo_registers.SECOND.isoformat()).sum() == published("EV-021") == 105 == members.height
    early = members.filter(pl.col("joined_on") <= demo_registers.FIRST.isoformat())
    assert early.filter(pl.col("member_type") == "市级文化产业园区").height == published("EV-020") == 84
    assert members["name_en"].str.contains(r"^Synthetic member \d{3}$").all()


def test_results_of_2022_add_up_to_the_published_funnel():
    events = read("events").filter(pl.col("programme_id") == "wenkehui", pl.col("city_id") == "beijing")
    first = events.filter(pl.col("date").str.starts_with("2022"))
    sums = first.select(pl.col("projects_published", "projects_pitched", "cooperations_signed").cast(pl.Int64).sum())
    assert sums.row(0) == tuple(published(fact) for fact in ("EV-010", "EV-011", "EV-012")) == (64, 27, 37)
    assert events.height >= 30
    assert events["projects_published"].null_count() == 0
    others = read("events").filter((pl.col("programme_id") != "wenkehui") | (pl.col("city_id") != "beijing"))
    assert others["projects_published"].null_count() == others.height


def test_offers_needs_and_followups_refer_to_one_another():
    partners, offers, needs, steps = (read(name) for name in ("partners", "offers", "needs", "followups"))
    assert (partners.height, offers.height, needs.height, steps.height) == (24, 40, 40, 60)
    assert set(offers["partner_id"]) <= set(partners["partner_id"])
    assert set(steps["need_id"]) <= set(needs["need_id"])
    assert set(steps["offer_id"]) <= set(offers["offer_id"])
    assert set(steps["event_id"].drop_nulls()) <= set(read("events")["event_id"])
    named = steps.drop_nulls("event_id").join(read("events"), on="event_id", suffix="_of_event")
    assert set(named.select("status", "programme_id").rows()) == {("pitched", "wenkehui"), ("signed", "matchmaking")}
    assert (named["date"] == named["date_of_event"]).all()  # the step is made on the day of the event
    assert steps.filter(status="signed")["event_id"].null_count()  # some were signed at no event
    both = steps.join(needs.select("need_id", a="tags"), on="need_id").join(
        offers.select("offer_id", b="tags"), on="offer_id"
    )
    assert all(set(a.split(";")) & set(b.split(";")) for a, b in both.select("a", "b").iter_rows())


def test_events_state_the_cooperations_that_followups_signed_at_them():
    steps = read("followups").drop_nulls("event_id")
    events = read("events").with_columns(pl.col("cooperations_signed", "projects_pitched").cast(pl.Int64))
    signed = steps.filter(status="signed").group_by("event_id").len("n")
    stated = events.filter(pl.col("cooperations_signed").is_not_null(), pl.col("programme_id") != "wenkehui")
    assert stated.select("event_id", "cooperations_signed").sort("event_id").rows() == signed.sort("event_id").rows()
    pitched = steps.filter(status="pitched").group_by("event_id").len("n").join(events, on="event_id")
    assert (pitched["n"] <= pitched["projects_pitched"]).all()


def test_every_pair_goes_one_of_the_paths_and_dates_follow():
    steps = read("followups").sort("date", maintain_order=True)
    for _, pair in steps.group_by("need_id", "offer_id"):
        assert tuple(pair["status"]) in PATHS
        assert pair["date"].is_unique().all()


def test_whatever_speaks_of_a_park_speaks_of_an_invented_one():
    for name in ("needs", "scorecards"):
        assert set(read(name)["park_id"]) <= set(read("parks")["park_id"])


def test_publications_cover_four_channels_and_every_month_from_2022_on():
    rows = read("publications")
    assert rows.group_by("channel").agg(pl.col("period").n_unique())["period"].to_list() == [58] * 4
    assert (rows["period"].min(), rows["period"].max()) == ("2022-01", "2026-10")
    first = rows.filter(pl.col("period").str.starts_with("2022"))
    counts = dict(first.group_by("kind").agg(pl.col("n").cast(pl.Int64).sum()).iter_rows())
    assert 300 > counts["article"] > published("EV-013") == 200
    assert 200 > counts["video"] > published("EV-014") == 100
    assert rows["n"].cast(pl.Int64).min() > 0
    assert 0 < rows["reads"].null_count() < rows.height / 4


@pytest.mark.parametrize("park", range(12))
def test_shares_of_a_scorecard_are_the_whole_floor(park):
    row = read("scorecards").row(park, named=True)
    assert sum(int(row[name]) for name in demo_registers.SHARES) == 100
