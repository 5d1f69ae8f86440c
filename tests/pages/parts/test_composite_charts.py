"""The charts of peers and of the composite: what is drawn where, in which colour, and nothing for what is missing."""

from __future__ import annotations

import polars as pl
import pytest

from pages.parts import theme
from pages.parts.cities import composite_charts

WORDS = {"rank": "rank", "point": "Rank", "median": "peer median"}


def ranks(n: int) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "label": [f"c{place:02}" for place in range(n)],
            "rank": range(1, n + 1),
            "rank_q5": [max(1.0, place - 1.0) for place in range(1, n + 1)],
            "rank_q95": [min(float(n), place + 1.0) for place in range(1, n + 1)],
            "own": [place == 1 for place in range(n)],
            "hover": [f"h{place}" for place in range(n)],
        }
    )


@pytest.mark.parametrize("dark", [False, True])
def test_distances_stand_nearest_first_with_the_nearest_five_in_brick(dark):
    rows = pl.DataFrame(
        {"label": list("abcdefg"), "rank": [7, 1, 2, 3, 4, 5, None], "relative": [1.0, 0.1, 0.2, 0.3, 0.4, 0.5, None],
         "hover": list("abcdefg")}
    )  # fmt: skip
    [bar] = composite_charts.distance_bars(rows, dark=dark).data
    assert list(bar.y) == list("bcdefa")
    t = theme.tokens(dark)
    assert list(bar.marker.color) == [t.brick] * 5 + [t.other]
    assert bar.text[0] == "0.10"


def test_standings_go_right_for_strengths_and_left_for_weaknesses():
    rows = pl.DataFrame(
        {"label": ["x", "a long name of an indicator that a phone has to break into two lines", "z"],
         "note": ["1 (2)", "3 (4)", "5 (6)"], "standing": [1.5, -2.0, None],
         "finding": ["strength", "weakness", None], "hover": ["x", "y", "z"]}
    )  # fmt: skip
    figure = composite_charts.standings(rows, WORDS)
    [bar] = figure.data
    assert list(bar.x) == [1.5, -2.0]
    assert list(bar.marker.color) == [theme.LIGHT.brick, theme.LIGHT.steel]
    told = [one.text for one in figure.layout.annotations]
    assert "<br>" in told[1].split("<span")[0]
    assert told[-1] == "peer median"
    low, high = figure.layout.xaxis.range
    assert low == -high
    assert high > 2
    assert figure.layout.height >= max(bar.y) + 40


def test_ranks_are_intervals_with_a_point_and_the_chosen_city_in_brick():
    figure = composite_charts.rank_intervals(ranks(4), WORDS)
    lines = [trace for trace in figure.data if trace.mode == "lines"]
    points = [trace for trace in figure.data if trace.mode == "markers"]
    assert {(trace.y[0], *trace.x) for trace in lines} == {
        ("c00", 1.0, 2.0), ("c01", 1.0, 3.0), ("c02", 2.0, 4.0), ("c03", 3.0, 4.0),
    }  # fmt: skip
    own = next(trace for trace in points if trace.marker.color == theme.LIGHT.brick)
    assert (list(own.x), list(own.y)) == ([2], ["c01"])
    assert list(figure.layout.yaxis.categoryarray) == ["c00", "c01", "c02", "c03"]
    assert list(figure.layout.xaxis.tickvals) == [1, 2, 3, 4]


def test_many_cities_have_few_ticks():
    ticks = composite_charts.rank_intervals(ranks(95), WORDS).layout.xaxis.tickvals
    assert len(ticks) <= 11
    assert ticks[0] == 1
