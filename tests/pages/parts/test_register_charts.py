"""The charts of the registers: what is drawn where, and nothing for what is missing."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from pages.parts import charts, theme
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


def test_the_text_of_a_mark_at_the_left_edge_stands_on_its_right():
    figure = register_charts.growth(pl.DataFrame(), MARKS, WORDS, False, "zh", False)
    assert list(figure.data[-1].textposition) == ["top right", "top left"]
    late = months(*range(1, 13)).with_columns(pl.col("period").dt.offset_by("-3y"))
    figure = register_charts.growth(late, MARKS, WORDS, False, "zh", False)
    assert list(figure.data[-1].textposition) == ["top left", "top left"]


def test_items_and_events_are_two_panels_with_one_time_and_no_second_axis():
    frame = pl.DataFrame(
        {"period": [date(2026, 1, 1), date(2026, 2, 1)], "n_items": [8, 6], "n_events": [4, None]},
    )
    figure = register_charts.items_and_events(frame, {"n_items": "i", "n_events": "e"}, False, "en", False)
    items, events = figure.data
    assert (list(items.y), list(events.y)) == ([8, 6], [4, None])
    assert (items.yaxis, events.yaxis) == ("y", "y2")
    assert figure.layout.yaxis.overlaying is None
    assert figure.layout.yaxis2.overlaying is None
    assert figure.layout.yaxis.domain[0] > figure.layout.yaxis2.domain[1]
    assert figure.layout.xaxis.matches == "x2"


def test_a_channel_has_one_colour_in_bars_lines_and_labels():
    rows = pl.DataFrame(
        {
            "period": [date(2026, month, 1) for month in (1, 2) for _ in range(2)],
            "channel": ["douyin", "wechat"] * 2,
            "n_items": [2, 9, 3, 8],
            "reads_per_item": [5.0, 1.0, 6.0, 2.0],
        }
    )
    t = theme.tokens(False)
    colours = register_charts.channel_colours(rows, False)
    assert colours == {"douyin": t.steel, "wechat": t.brick}
    names = {"douyin": "Douyin", "wechat": "WeChat"}
    shown = {names[code]: colour for code, colour in colours.items()}
    bars = charts.stacked_months(rows, series="channel", value="n_items", labels=names)
    lines = charts.trend(rows, y="reads_per_item", series="channel", label=names)
    for figure in (bars, lines):
        register_charts.coloured(figure, shown, False)
        assert {trace.name: trace.marker.color for trace in figure.data} == shown
    assert {trace.name: trace.line.color for trace in lines.data} == shown
    ends = {label.text.split(" ")[0]: label.font.color for label in lines.layout.annotations}
    assert ends == {name: theme.readable(colour, t.card) for name, colour in shown.items()}


def test_more_than_six_channels_share_the_colour_of_others():
    rows = pl.DataFrame({"channel": [f"c{n}" for n in range(8)], "n_items": list(range(8, 0, -1))})
    colours = register_charts.channel_colours(rows, False)
    assert len(set(colours.values())) == 7
    assert colours["c6"] == colours["c7"] == theme.tokens(False).other
