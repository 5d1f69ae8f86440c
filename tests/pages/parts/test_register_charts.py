"""The charts of the registers: what is drawn where, and nothing for what is missing."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from pages.parts import theme
from pages.parts.registers import register_charts

WORDS = {"counted": "counted", "published": "published", "needs": "needs", "offers": "offers"}
MARKS = pl.DataFrame(
    {"date": [date(2022, 1, 26), date(2023, 1, 10)], "value": [86.0, 105.0], "text": ["86", "105"]}
)  # fmt: skip


def months(*n):
    periods = [date(2022, 1 + place, 1) for place in range(len(n))]
    return pl.DataFrame({"period": periods, "n_members": n}, schema={"period": pl.Date, "n_members": pl.UInt32})


def test_published_numbers_are_marks_that_no_line_joins():
    figure = register_charts.growth(months(80, 90, 120), MARKS, WORDS, True, "en", False)
    marks = figure.data[-1]
    assert marks.mode == "markers+text"
    assert list(marks.y) == [86, 105]
    assert list(marks.text) == ["86", "105"]
    assert figure.data[0].line.dash is not None
    low, high = figure.layout.yaxis.range
    assert low == 0
    assert high > 120


def test_a_register_without_members_shows_the_published_numbers_alone():
    figure = register_charts.growth(pl.DataFrame(), MARKS, WORDS, False, "zh", True)
    drawn = [trace for trace in figure.data if trace.y is not None and len(trace.y)]
    assert [list(trace.y) for trace in drawn] == [[86, 105]]
    first, last = figure.layout.xaxis.range
    assert first < date(2022, 1, 26)
    assert last > date(2023, 1, 10)


@pytest.mark.parametrize("dark", [False, True])
def test_needs_and_offers_stand_side_by_side_on_one_scale(dark):
    frame = pl.DataFrame({"tag": ["roof", "law"], "needs": [3, 1], "offers": [0, 2]})
    needs, offers = register_charts.sides(frame, WORDS, False, dark).data
    t = theme.tokens(dark)
    assert (needs.marker.color, offers.marker.color) == (t.brick, t.steel)
    assert list(needs.x) == [3, 1]
    assert list(offers.x) == [0, 2]
    assert (needs.xaxis, offers.xaxis) == (None, None)


def test_steps_keep_their_order_and_a_declined_pair_is_not_in_the_accent():
    frame = pl.DataFrame({"status": ["suggested", "signed", "declined"], "n": [3, 1, 2], "now": [0, 1, 2]})
    names = {"suggested": "a", "signed": "b", "declined": "c"}
    [bar] = register_charts.steps(frame, names, False, False).data
    t = theme.tokens(False)
    assert list(bar.y) == ["a", "b", "c"]
    assert list(bar.marker.color) == [t.steel, t.brick, t.other]
    assert bar.marker.pattern.shape is None


def test_synthetic_bars_are_hatched():
    assert register_charts.hatched(True, False)["shape"] == "/"
    assert register_charts.hatched(False, False) == {}
