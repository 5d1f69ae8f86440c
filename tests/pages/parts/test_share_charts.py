"""Bars of 100 % and shares over the waves: what is drawn, what is named, and that missing stays missing."""

from __future__ import annotations

import polars as pl
import pytest

from pages.parts import theme
from pages.parts.surveys import share_charts

COLUMNS = ("item", "n_answers", "label", "kind", "place", "places", "share_pct")
PARKING = [
    ("Parking", 20, "Fully in use", "ordered", 0, 3, 55.0),
    ("Parking", 20, "Planned", "ordered", 1, 3, 42.5),
    ("Parking", 20, "Not planned", "ordered", 2, 3, 2.5),
]
BUDGET = [("Budget", 12, "Up", "change", 0, 2, 25.0), ("Budget", 12, "Down", "change", 1, 2, 75.0)]


def rows(*cells):
    return pl.DataFrame(list(cells), schema=list(COLUMNS), orient="row")


def words(figure):
    return [note.text for note in figure.layout.annotations]


@pytest.mark.parametrize("dark", [False, True])
def test_every_question_is_one_bar_of_a_hundred(dark):
    figure = share_charts.stacked(rows(*PARKING, *BUDGET), dark=dark)
    ends = {}
    for trace in figure.data:
        for place, share in zip(trace.y, trace.x, strict=True):
            ends[place] = ends.get(place, 0.0) + share
    assert list(ends.values()) == [100.0, 100.0]
    assert figure.layout.barmode == "stack"
    assert tuple(figure.layout.xaxis.range) == (0, 100)


def test_a_wide_part_says_its_name_a_narrow_one_is_named_above_the_bar():
    figure = share_charts.stacked(rows(*PARKING))
    inside = [trace.text[0] for trace in figure.data]
    assert inside == ["Fully in use 55%", "Planned 43%", ""]
    (heading,) = words(figure)
    assert heading.startswith("Parking ")
    assert "n=20" in heading
    assert "Not planned 3%" in heading
    assert "Planned 43%" not in heading


def test_the_hover_text_has_question_answer_share_and_n():
    figure = share_charts.stacked(rows(*BUDGET))
    assert figure.data[1].customdata[0] == "Budget<br>Down 75.0%<br>n=12"


def test_favourable_is_brick_unfavourable_steel_and_a_ladder_fades():
    assert share_charts.fill("change", 0, 5) == theme.diverging(0.8)
    assert share_charts.fill("change", 2, 5) == theme.diverging(0.0)
    assert share_charts.fill("change", 4, 5) == theme.diverging(-0.8)
    ladder = [theme.contrast(share_charts.fill("ordered", place, 4), "#FFFFFF") for place in range(4)]
    assert ladder == sorted(ladder, reverse=True)
    assert share_charts.fill("nominal", 9, 10) == theme.LIGHT.other
    assert share_charts.fill("ordered", 0, 1)


def test_nothing_to_draw_draws_nothing():
    assert not share_charts.stacked(rows().cast({"place": pl.Int64, "places": pl.Int64})).data


def waves(*cells):
    return pl.DataFrame(list(cells), schema=["item", "note", "wave", "n_answers", "share_pct"], orient="row")


def test_waves_are_dots_the_newest_brick_with_its_value():
    frame = waves(
        ("Parking", "Fully", "2025", 20, 40.0),
        ("Parking", "Fully", "2026", 22, 55.5),
        ("Plans", "New", "2026", 22, 10.0),
    )
    figure = share_charts.over_waves(frame, ["2025", "2026"])
    dots = {trace.name: trace for trace in figure.data if trace.name}
    assert list(dots["2025"].x) == [40.0]
    assert list(dots["2026"].x) == [55.5, 10.0]
    assert list(dots["2026"].text) == ["55.5%", "10.0%"]
    assert dots["2026"].marker.color == theme.LIGHT.brick
    assert dots["2025"].mode == "markers"
    assert figure.layout.showlegend
    assert any(word.startswith("Plans ") and "New" in word for word in words(figure))


def test_a_suppressed_wave_is_no_dot():
    frame = waves(("Parking", "Fully", "2025", 3, None), ("Parking", "Fully", "2026", 22, 55.5))
    figure = share_charts.over_waves(frame, ["2025", "2026"])
    assert [len(trace.x) for trace in figure.data if trace.name] == [1, 0]


def test_what_a_phone_leaves_out_of_a_bar_stands_above_it_in_lines_that_fit():
    obstacles = [("Obstacle", 40, f"No common standard {k}", "nominal", k, 4, share)
                 for k, share in enumerate((40.0, 30.0, 20.0, 10.0))]  # fmt: skip
    heading = words(share_charts.stacked(rows(*obstacles)))[0]
    assert heading.startswith("Obstacle")
    assert all(f"No common standard {k}" in heading for k in range(4))
    assert heading.count("<br>") >= 2
    wide = words(share_charts.stacked(rows(*PARKING)))[0]
    assert "Fully in use" not in wide, "it fits a phone"


def test_a_question_with_many_lines_does_not_move_the_others_apart():
    short = share_charts.stacked(rows(*BUDGET))
    long = [(f"{word} " * 30, 12, "Up", "change", 0, 2, 100.0) for word in ("Obstacle",)]
    both = share_charts.stacked(rows(*BUDGET, *long))
    assert both.data[0].y[0] == short.data[0].y[0]
    assert both.data[0].y[1] - both.data[0].y[0] > 100
    assert both.layout.yaxis.range[0] > short.layout.yaxis.range[0]
