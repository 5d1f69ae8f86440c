"""The charts of the events page as figures: what is missing is no mark, what is synthetic is hatched."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest

from pages.parts import theme
from pages.parts.events import event_charts

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = tuple("JFMAMJJASOND")


def days(first: date, last: date, busy: dict[date, int]) -> pl.DataFrame:
    every = [first + timedelta(days=place) for place in range((last - first).days + 1)]
    rows = [(day, int(day.strftime("%W")), day.isoweekday(), busy.get(day, 0)) for day in every]
    return pl.DataFrame(rows, ["date", "week", "weekday", "n_events"], orient="row")


def test_columns_say_the_period_as_it_is_read():
    frame = pl.DataFrame({"period": [date(2026, 1, 1), date(2026, 4, 1)], "series": ["a", "a"], "n": [3, 1234]})
    names = {date(2026, 1, 1): "Q1 2026", date(2026, 4, 1): "Q2 2026"}
    figure = event_charts.columns(frame, "series", "n", {"a": "Forum"}, names, unit="events")
    assert list(figure.data[0].customdata) == ["Q1 2026<br>Forum 3 events", "Q2 2026<br>Forum 1,234 events"]


def test_a_day_that_is_not_covered_is_blank_and_a_day_without_events_is_zero():
    frame = days(date(2026, 1, 1), date(2026, 1, 31), {date(2026, 1, 5): 2})
    heat = event_charts.calendar(frame, WEEKDAYS, MONTHS, "events").data[0]
    cells = [cell for row in heat.z for cell in row]
    assert sum(cell is not None for cell in cells) == 31
    assert sum(cell or 0 for cell in cells) == 2
    assert heat.z[0][1] == 2  # the first Monday of the year is in week 1
    assert heat.customdata[0][1] == "2026-01-05 Mon<br>2 events"
    assert heat.z[0][0] is None


def test_the_months_of_the_calendar_stand_over_their_first_day():
    frame = days(date(2026, 1, 1), date(2026, 3, 31), {})
    figure = event_charts.calendar(frame, WEEKDAYS, MONTHS, "events")
    assert list(figure.layout.xaxis.ticktext) == ["J", "F", "M"]
    assert list(figure.layout.xaxis.tickvals) == [0, 4, 8]
    assert figure.layout.meta["least_px"] == event_charts.CALENDAR_PX


def funnel(**changed) -> pl.DataFrame:
    cells = {"stage": ["published", "pitched", "signed"], "n": [64, 27, 37], "text": ["64", "27", "37"],
             "step": ["42 %", "it widens", None], "widens": [False, True, None]}  # fmt: skip
    return pl.DataFrame(cells | changed)


def test_a_step_that_widens_stands_out():
    notes = {note.text: note.font.color for note in event_charts.stages(funnel()).layout.annotations}
    brick, muted = (theme.readable(colour, theme.LIGHT.card) for colour in (theme.LIGHT.brick, theme.LIGHT.muted))
    assert (notes["↓ it widens"], notes["↓ 42 %"]) == (brick, muted)


def test_a_stage_nobody_states_is_a_dash_and_no_bar():
    frame = funnel(n=[None, 27, None], text=["—", "27", "—"], step=[None, None, None], widens=[None, None, None])
    frame = frame.with_columns(pl.col("step").cast(pl.String), pl.col("widens").cast(pl.Boolean))
    figure = event_charts.stages(frame)
    assert list(figure.data[0].x) == [None, 27, None]
    assert [note.text for note in figure.layout.annotations].count("—") == 2


@pytest.mark.parametrize("synthetic", [True, False])
def test_synthetic_bars_are_hatched(synthetic):
    assert bool(event_charts.stages(funnel(), synthetic).data[0].marker.pattern.shape) == synthetic


def test_a_rate_that_cannot_be_given_is_no_mark():
    frame = pl.DataFrame(
        {"year": ["2022", "2023"], "step": ["s", "s"], "rate_pct": [None, 50.0], "low_pct": [None, 30.0],
         "high_pct": [None, 75.0], "hover": ["a", "b"]}
    )  # fmt: skip
    figure = event_charts.rates(frame, {"s": "pitched → signed"}, "%")
    marks = figure.data[0]
    assert (list(marks.x), list(marks.y), list(marks.customdata)) == ([1.0], [50.0], ["b"])
    assert (list(marks.error_y.array), list(marks.error_y.arrayminus)) == ([25.0], [20.0])
    assert list(figure.layout.xaxis.ticktext) == ["2022", "2023"]


def test_lags_whose_interval_leaves_out_zero_are_in_brick():
    frame = pl.DataFrame(
        {"lag_months": [-1, 0, 1], "correlation": [0.1, 0.3, None], "low": [-0.1, 0.1, None],
         "high": [0.3, 0.5, None], "hover": ["a", "b", "c"]}
    )  # fmt: skip
    figure = event_charts.lags(frame)
    plain, apart = figure.data
    assert (list(plain.x), list(apart.x)) == ([-1], [0])
    assert apart.marker.color == theme.LIGHT.brick
    low, high = figure.layout.yaxis.range
    assert low == -high
    assert high >= 0.5
    assert list(figure.layout.xaxis.ticktext) == ["−1", "0", "+1"]


def test_lags_without_a_correlation_are_an_empty_chart():
    frame = pl.DataFrame(
        {"lag_months": [0], "correlation": [None], "low": [None], "high": [None], "hover": ["a"]},
        {"lag_months": pl.Int64, "correlation": pl.Float64, "low": pl.Float64, "high": pl.Float64, "hover": pl.String},
    )
    assert [len(mark.x) for mark in event_charts.lags(frame).data] == [0, 0]


def test_published_years_are_not_joined_and_derived_ones_hatched():
    frame = pl.DataFrame(
        {"year": [2024, 2011], "value": [150.0, 200.0], "text": ["≈ 150", "≥ 200"], "derived": [True, False],
         "hover": ["b", "a"]}
    )  # fmt: skip
    figure = event_charts.published_years(frame)
    bars = figure.data[0]
    assert (list(bars.y), list(bars.text)) == (["2011", "2024"], ["≥ 200", "≈ 150"])
    assert list(bars.marker.pattern.shape) == ["", "/"]
    assert figure.layout.yaxis.type == "category"


def test_a_period_covered_in_part_is_paler_and_says_so():
    frame = pl.DataFrame({"period": [date(2025, 1, 1), date(2026, 1, 1)], "series": ["a", "a"], "n": [3, 2]})
    names = {day: f"{day.year}" for day in frame["period"]}
    figure = event_charts.columns(frame, "series", "n", {}, names, part={date(2026, 1, 1): "10 months"})
    assert list(figure.data[0].marker.opacity) == [1.0, 0.5]
    (note,) = figure.layout.annotations
    assert (note.text, note.x, note.y) == ("10 months", date(2026, 1, 1), 2)
    first, last = figure.layout.xaxis.range
    assert first <= date(2024, 7, 3)
    assert last >= date(2026, 7, 2)


def test_the_calendar_has_a_key_and_ends_with_the_newest_week():
    frame = days(date(2026, 1, 1), date(2026, 10, 31), {date(2026, 1, 5): 4})
    figure = event_charts.calendar(frame, WEEKDAYS, MONTHS, "events", key="events of the day")
    bar = figure.data[0].colorbar
    assert (list(bar.tickvals), bar.title.text) == ([0, 1, 4], "events of the day")
    assert figure.layout.xaxis.range[1] == frame["week"].max() + 0.5


def test_the_two_lines_between_stages_are_broken_where_they_were_given():
    steps = ["published → pitched: 42 %\n27 of 64", None, None]
    notes = [note.text for note in event_charts.stages(funnel(step=steps)).layout.annotations]
    assert "↓ published → pitched: 42 %<br>27 of 64" in notes


def test_the_lags_have_a_caption():
    frame = pl.DataFrame({"lag_months": [0], "correlation": [0.1], "low": [0.0], "high": [0.2], "hover": ["a"]})
    assert event_charts.lags(frame, caption="months after").layout.xaxis.title.text == "months after"


def test_densities_of_few_events_are_paler_and_their_intervals_cut_at_the_edge():
    frame = pl.DataFrame(
        {"district_code": ["a", "b"], "name": ["A", "B"], "value": [20.0, 5.0], "low": [0.5, 4.0],
         "high": [111.0, 6.0], "n_events": [1, 50], "text": ["20.0 (1/5)", "5.0 (50/1,000)"], "hover": ["x", "y"]}
    )  # fmt: skip
    bars, texts = event_charts.densities(frame, "b").data
    assert list(bars.marker.opacity) == [0.45, 1.0]
    assert list(bars.marker.color) == [theme.LIGHT.steel, theme.LIGHT.brick]
    assert list(texts.x) == [pytest.approx(22.0), 6.0]
    assert bars.error_x.array[0] == pytest.approx(2.0)
    assert bars.error_x.array[1] == 1.0
