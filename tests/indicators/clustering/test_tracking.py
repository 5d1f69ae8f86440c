"""Transitions, lasting ids and life lines of clusters."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from indicators.clustering.life_lines import cluster_lives, life_lines
from indicators.clustering.tracking import transitions
from indicators.frames import ContractError

SCHEMA = {"period": pl.Date, "enterprise_id": pl.String, "cluster": pl.UInt32}


def story(*years: dict[str, int | None]) -> pl.DataFrame:
    """One dict a year: members (letters) and their cluster; a letter that is absent does not exist."""
    rows = [(date(2020 + y, 1, 1), f, cluster) for y, held in enumerate(years) for f, cluster in held.items()]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def held(*groups: str, outside: str = "") -> dict[str, int | None]:
    return {f: n for n, group in enumerate(groups, 1) for f in group} | dict.fromkeys(outside)


def second(*years: dict[str, int | None], **options) -> list[tuple]:
    """The transitions of the last year."""
    table = transitions(story(*years), **options)
    newest = table.filter(pl.col("period") == pl.lit(table["period"].max(), pl.Date))
    return newest.select("transition", "from_cluster", "to_cluster").rows()


def test_the_first_period_has_births_only():
    table = transitions(story(held("abc", "de", outside="x")))
    assert table.select("transition", "to_cluster", "weight_to").rows() == [("birth", 1, 3.0), ("birth", 2, 2.0)]


@pytest.mark.parametrize(("after", "word"), [("abcd", "stable"), ("abcde", "grew"), ("abc", "shrank")])
def test_a_survivor_grows_shrinks_or_stays(after, word):
    assert second(held("abcd", outside="e"), held(after, outside="de" if after == "abc" else "")) == [(word, 1, 1)]


def test_small_changes_are_stable_if_so_chosen():
    assert second(held("abcd"), held("abcde"), tolerance_pct=25.0) == [("stable", 1, 1)]
    assert second(held("abcd"), held("abcde"), tolerance_pct=24.0) == [("grew", 1, 1)]


def test_closures_do_not_count_as_leaving():
    table = transitions(story(held("abcdef"), held("ab")))
    row = table.filter(pl.col("transition") == "shrank").row(0, named=True)
    assert (row["overlap"], row["weight_common"], row["weight_from"], row["weight_to"]) == (1.0, 2.0, 6.0, 2.0)


def test_a_cluster_that_halves_is_a_split_though_one_half_would_survive():
    assert second(held("abcd"), held("ab", "cd")) == [("split", 1, 1), ("split", 1, 2)]
    assert second(held("abcde"), held("abc", "de"), split=0.4) == [("split", 1, 1), ("split", 1, 2)]
    assert second(held("abcde"), held("abc", "de"), split=0.45) == [("shrank", 1, 1), ("birth", None, 2)]


def test_pieces_that_are_too_little_together_are_no_split():
    gone = held("abc", "def", outside="ghij")
    assert second(held("abcdefghij"), gone, survival=0.7) == [
        ("death", 1, None),
        ("birth", None, 1),
        ("birth", None, 2),
    ]
    assert [row[0] for row in second(held("abcdefghij"), gone, survival=0.6)] == ["split", "split"]


def test_two_become_one():
    assert second(held("abc", "de"), held("abcde")) == [("merge", 1, 1), ("merge", 2, 1)]


def test_a_cluster_that_splits_does_not_merge():
    rows = second(held("abcd", "ef"), held("abef", "cd"))
    assert rows == [("split", 1, 1), ("split", 1, 2), ("grew", 2, 1)]


def test_death_by_leaving_and_by_closing():
    assert second(held("abcd"), held(outside="abcd")) == [("death", 1, None)]
    assert second(held("abcd", "xy"), held("xy")) == [("death", 1, None), ("stable", 2, 1)]


def test_weights_decide():
    rows = story(held("abc"), held("a", outside="bc")).with_columns(
        weight=pl.when(pl.col("enterprise_id") == "a").then(10.0).otherwise(1.0)
    )
    assert transitions(rows)["transition"].to_list() == ["birth", "shrank"]
    assert transitions(rows.drop("weight"))["transition"].to_list() == ["birth", "death", "birth"]


def test_nothing_gives_nothing_and_wrong_rules_are_refused():
    assert transitions(story()).is_empty()
    assert cluster_lives(story()).is_empty()
    assert cluster_lives(story(held(outside="abc"))).is_empty()
    for options, told in (
        ({"survival": 0.4}, "survival 0.4"),
        ({"split": 0.5}, "split 0.5"),
        ({"tolerance_pct": -1}, "-1"),
    ):
        with pytest.raises(ContractError, match=told):
            transitions(story(), **options)
    with pytest.raises(ContractError, match="given in an earlier row"):
        transitions(pl.concat([story(held("a"))] * 2))


def ids(*years: dict[str, int | None], **options) -> list[list[str]]:
    lives = cluster_lives(story(*years), **options)
    return [part["cluster_id"].to_list() for part in lives.partition_by("period", maintain_order=True)]


def test_a_survivor_keeps_its_id_even_when_its_namesake_closes():
    assert ids(held("abc"), held("bc"), held("bcd")) == [["2020-01/a"], ["2020-01/a"], ["2020-01/a"]]


def test_the_larger_supplier_is_the_heir_and_the_other_is_absorbed():
    years = held("abc", "de"), held("abcde"), held("abcde")
    assert ids(*years) == [["2020-01/a", "2020-01/d"], ["2020-01/a"], ["2020-01/a"]]
    lines = {row["cluster_id"]: row for row in life_lines(cluster_lives(story(*years))).rows(named=True)}
    assert (lines["2020-01/d"]["ended"], lines["2020-01/d"]["successors"]) == ("absorbed", "2020-01/a")
    assert (lines["2020-01/a"]["ended"], lines["2020-01/a"]["n_periods"]) == ("alive", 3)
    assert lines["2020-01/a"]["peak"] == date(2021, 1, 1)


def test_where_nobody_supplies_half_the_id_is_new():
    years = held("ab", "cd", "ef"), held("abcdef")
    assert ids(*years)[1] == ["2021-01/a"]
    lives = cluster_lives(story(*years)).row(-1, named=True)
    assert (lives["parents"], lives["heir_of"]) == ("2020-01/a|2020-01/c|2020-01/e",) * 2
    assert life_lines(cluster_lives(story(*years)))["ended"].to_list() == ["absorbed"] * 3 + ["alive"]


def test_exact_halves_go_to_the_larger_before_then_to_the_smaller_id():
    assert ids(held("abx", "cd"), held("abcd"))[1] == ["2020-01/a"]  # x has closed
    assert ids(held("ab", "cdx"), held("abcd"))[1] == ["2020-01/c"]
    assert ids(held("ab", "cd"), held("abcd"))[1] == ["2020-01/a"]


def test_products_of_a_split_are_new_with_their_parent():
    years = held("abcd"), held("ab", "cd")
    lives = cluster_lives(story(*years))
    assert ids(*years)[1] == ["2021-01/a", "2021-01/c"]
    assert lives["parents"].to_list() == [None, "2020-01/a", "2020-01/a"]
    assert life_lines(lives)["ended"].to_list() == ["split", "alive", "alive"]


def test_a_piece_that_joins_a_survivor_takes_its_id():
    lives = cluster_lives(story(held("abcd", "ef"), held("abef", "cd")))
    assert lives.filter(pl.col("period").dt.year() == 2021)["cluster_id"].to_list() == ["2020-01/e", "2021-01/c"]


def test_what_dies_and_comes_back_is_another_cluster():
    years = held("abc"), held(outside="abc"), held("abc")
    assert ids(*years) == [["2020-01/a"], ["2022-01/a"]]
    assert life_lines(cluster_lives(story(*years)))["ended"].to_list() == ["death", "alive"]


names = st.sampled_from("abcdefghij")
year = st.dictionaries(names, st.one_of(st.none(), st.integers(1, 3)), max_size=10)


@settings(max_examples=80, deadline=None)
@given(st.lists(year, min_size=1, max_size=4), st.integers(0, 50))
def test_every_cluster_is_accounted_for_once_and_again_the_same(years, seed):
    rows = story(*years)
    steps, lives = transitions(rows), cluster_lives(rows)
    made = rows.drop_nulls("cluster").select("period", "cluster").unique().sort("period", "cluster")
    assert lives.select("period", "cluster").equals(made)
    assert not lives.select("period", "cluster_id").is_duplicated().any()
    born = steps.drop_nulls("to_cluster").select("period", cluster="to_cluster").unique().sort("period", "cluster")
    assert born.equals(made)
    kinds = steps.drop_nulls("from_cluster").group_by("period", "from_cluster").agg(pl.col("transition").n_unique())
    assert kinds["transition"].max() in (None, 1)  # one fate each
    shuffled = rows.sample(fraction=1.0, shuffle=True, seed=seed)
    assert_frame_equal(cluster_lives(shuffled), lives)
    lines = life_lines(lives)
    assert lines["n_periods"].sum() == lives.height
    assert lines["cluster_id"].n_unique() == lines.height
