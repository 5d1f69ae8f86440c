"""The scorecard: only what is known, each side on its own, peers without the park itself."""

from __future__ import annotations

from statistics import median

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.frames import ContractError
from indicators.registers.scorecard import DIMENSIONS, SCORECARDS, SERVICES, SHARES, scorecard


def card(park: str, **known: object) -> dict:
    return {"park_id": park, "year": 2025, **dict.fromkeys(list(SCORECARDS.schema)[2:]), **known}


def cards_of(*cards: dict) -> pl.DataFrame:
    return pl.DataFrame(list(cards), schema=SCORECARDS.schema)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.none(), st.floats(0, 100)), min_size=1, max_size=9), st.integers(1, 4))
def test_the_peers_are_the_others(occupancy, minimum):
    cards = cards_of(*(card(str(number), occupancy_pct=value) for number, value in enumerate(occupancy)))
    found = scorecard(cards, minimum=minimum)
    known = {str(number): value for number, value in enumerate(occupancy) if value is not None}
    assert found["park_id"].to_list() == list(known)
    for park, score, peers, n in found.select("park_id", "score", "peer_median", "n_peers").iter_rows():
        others = [value for name, value in known.items() if name != park]
        assert score == known[park]
        assert n == len(others)
        assert peers == (pytest.approx(median(others)) if len(others) >= minimum else None)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(0.0, 20.0), min_size=5, max_size=5), st.permutations(range(5)))
def test_the_mix_lies_between_one_function_and_five_equal_ones(shares, order):
    def mix(numbers: list[float]) -> float | None:
        found = scorecard(cards_of(card("a", **dict(zip(SHARES, numbers, strict=True)))))
        return found["score"].item() if found.height else None

    if sum(shares) == 0:
        assert mix(shares) is None
        return
    assert 0 <= mix(shares) <= 100
    assert mix([shares[at] for at in order]) == pytest.approx(mix(shares), abs=1e-9)
    assert mix([share / 2 for share in shares]) == pytest.approx(mix(shares), abs=1e-6)


def test_hand_made_mixes():
    for shares, score in (([50, 50, 0, 0, 0], 43.067656), ([20] * 5, 100.0), ([0, 0, 7, 0, 0], 0.0)):
        cards = cards_of(card("a", **dict(zip(SHARES, map(float, shares), strict=True))))
        assert scorecard(cards)["score"].item() == pytest.approx(score, abs=1e-6)  # ln 2 / ln 5 = 0.43067656


def test_each_side_stands_alone_and_in_order():
    full = card(
        "a", **dict.fromkeys(SHARES, 20.0), occupancy_pct=50.0, open_hours_week=168.0, local_linkage_pct=10.0,
        services="；".join(SERVICES),
    )  # fmt: skip
    found = scorecard(cards_of(full, card("b")))
    assert found["dimension"].to_list() == list(DIMENSIONS)
    assert found["score"].to_list() == [pytest.approx(100), 100.0, 50.0, 100.0, 10.0]
    assert found["park_id"].unique().to_list() == ["a"]
    assert scorecard(cards_of(card("b"))).is_empty()


def test_years_and_groups_are_peers_of_their_own():
    first = cards_of(*(card(str(number), occupancy_pct=10.0 * number) for number in range(4)))
    both = pl.concat([first, first.with_columns(year=pl.lit(2026, pl.Int64), occupancy_pct=pl.lit(1.0))])
    found = scorecard(both, minimum=3).filter(pl.col("park_id") == "0")
    assert found["peer_median"].to_list() == [20.0, 1.0]
    graded = first.with_columns(grade=pl.Series(["x", "x", "y", "y"]))
    assert scorecard(graded, "grade", minimum=1)["peer_median"].to_list() == [10.0, 0.0, 30.0, 20.0]


def test_wrong_cards():
    with pytest.raises(ContractError, match=r"row 1: the five shares are 125 together; accepted: at most 100\.5"):
        scorecard(cards_of(card("a", **dict.fromkeys(SHARES, 25.0))))
    with pytest.raises(ContractError, match="column services, row 2: 'cinema' is not accepted; accepted: canteen"):
        scorecard(cards_of(card("a", services="sport"), card("b", services="sport;cinema")))
    with pytest.raises(ContractError, match="given in an earlier row"):
        scorecard(cards_of(card("a"), card("a")))
