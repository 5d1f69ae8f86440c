"""Figures as plain functions: what is drawn, what is named, and that missing stays missing."""

from __future__ import annotations

import itertools
import json
from datetime import date

import polars as pl
import pytest

from pages.parts import axes, charts, tables, theme

MONTHS = [date(2026, month, 1) for month in range(1, 7)]


def monthly(values, **columns):
    frame = pl.DataFrame({"period": MONTHS[: len(values)], "index": values}, schema_overrides={"index": pl.Float64})
    return frame.with_columns(**columns)


def cities(*names, months=3):
    rows = [(MONTHS[m], name, 50.0 + place + m) for place, name in enumerate(names) for m in range(months)]
    return pl.DataFrame(rows, schema=["period", "city", "index"], orient="row")


def lines(figure):
    return [trace for trace in figure.data if trace.mode == "lines+markers"]


def words(figure):
    return [note.text for note in figure.layout.annotations]


def test_trend_is_one_brick_line_named_by_its_last_value():
    figure = charts.trend(monthly([49.0, 50.25, 51.55]), y="index", label="北京", unit="点")
    (line,) = lines(figure)
    assert line.line.color == theme.LIGHT.brick
    assert line.line.dash == "solid"
    assert words(figure) == ["51.6"]
    assert figure.layout.showlegend is None  # the template says no
    assert figure.layout.template.layout.showlegend is False


def test_neutral_line_is_drawn_and_named():
    figure = charts.trend(monthly([49.0, 51.0]), y="index", neutral=50.0, neutral_label="临界点 50")
    (shape,) = figure.layout.shapes
    assert shape.y0 == shape.y1 == 50.0
    assert "临界点 50" in words(figure)
    low, high = figure.layout.yaxis.range
    assert low < 49 < 50 < 51 < high
    assert not charts.trend(monthly([49.0]), y="index").layout.shapes


def test_a_missing_month_is_a_gap():
    frame = monthly([50.0, 51.0, 52.0, 53.0]).filter(pl.col("period") != MONTHS[1])
    (line,) = lines(charts.trend(frame, y="index"))
    assert list(line.y) == [50.0, None, 52.0, 53.0]
    assert line.connectgaps is False
    assert line.marker.size[0] == 5  # a month without neighbours would be invisible as a line
    (line,) = lines(charts.trend(monthly([50.0, None, 52.0]), y="index"))
    assert list(line.y) == [50.0, None, 52.0]


def test_years_are_found_out_from_the_dates():
    frame = pl.DataFrame({"period": [date(y, 12, 31) for y in (2019, 2020, 2022)], "stock": [1, 2, 3]})
    figure = charts.trend(frame, y="stock")
    (line,) = lines(figure)
    assert list(line.y) == [1, 2, None, 3]
    assert "2022年<br>" in line.customdata[-1]
    assert figure.layout.xaxis.dtick == "M12"
    assert figure.layout.xaxis.tickformat == "%Y年"
    assert words(figure) == ["3"]


def test_hover_names_period_value_unit_and_cases():
    frame = monthly([50.25], n=pl.lit(1234))
    (line,) = lines(charts.trend(frame, y="index", label="北京", unit="点", n="n"))
    assert list(line.customdata) == ["2026年1月<br>北京 50.3点<br>n=1,234"]
    (line,) = lines(charts.trend(frame, y="index", label="Beijing", unit="points", language="en"))
    assert list(line.customdata) == ["Jan 2026<br>Beijing 50.3 points"]
    assert line.hovertemplate == "%{customdata}<extra></extra>"


def test_chosen_is_brick_compared_is_steel_others_muted_and_chosen_on_top():
    figure = charts.trend(cities("a", "b", "c"), y="index", series="city", chosen="a", compared="c")
    assert [line.name for line in lines(figure)] == ["b", "c", "a"]
    colours = {line.name: line.line.color for line in lines(figure)}
    assert colours == {"a": theme.LIGHT.brick, "b": theme.LIGHT.other, "c": theme.LIGHT.steel}


def test_lines_are_named_at_their_ends_and_labels_do_not_overlap():
    names = {"a": "北京", "b": "上海", "c": "深圳"}
    frame = cities(*names).with_columns(index=pl.lit(50.0))
    figure = charts.trend(frame, y="index", series="city", label=names)
    assert sorted(words(figure)) == sorted(f"{name} 50" for name in names.values())
    heights = sorted(note.yshift for note in figure.layout.annotations)
    assert all(b - a >= axes.LABEL_GAP_PX - 1e-9 for a, b in itertools.pairwise(heights))
    assert figure.layout.margin.r > axes.text_width("北京 50")


def test_more_than_six_lines_without_a_choice_stay_unnamed():
    figure = charts.trend(cities(*"abcdefg"), y="index", series="city")
    assert {line.line.color for line in lines(figure)} == {theme.LIGHT.other}
    assert words(figure) == []
    chosen = charts.trend(cities(*"abcdefg"), y="index", series="city", chosen="g")
    assert words(chosen) == ["g 58"]


def test_synthetic_parts_are_dashed():
    whole = lines(charts.trend(monthly([50.0, 51.0]), y="index", synthetic=True))
    assert [line.line.dash for line in whole] == ["6px,3px"]
    frame = monthly([50.0, 51.0, 52.0], made=pl.Series([False, False, True]))
    solid, dashed = lines(charts.trend(frame, y="index", synthetic="made"))
    assert (solid.line.dash, list(solid.y)) == ("solid", [50.0, 51.0, None])
    assert (dashed.line.dash, list(dashed.y)) == ("6px,3px", [None, 51.0, 52.0])


def test_band_is_a_tint_in_pieces_around_gaps():
    frame = monthly([50.0, 51.0, None, 52.0]).with_columns(low=pl.col("index") - 1, high=pl.col("index") + 1)
    figure = charts.trend(frame, y="index", low="low", high="high")
    bands = [trace for trace in figure.data if trace.fill == "toself"]
    assert [list(band.y) for band in bands] == [[51.0, 52.0, 50.0, 49.0], [53.0, 51.0]]
    assert bands[0].fillcolor == "rgba(166,61,47,0.15)"
    assert figure.layout.yaxis.range[1] > 53


def test_marks_are_verticals_with_words():
    figure = charts.trend(monthly([50.0] * 6), y="index", marks=[(MONTHS[2], "春节"), (MONTHS[1], "改版")])
    assert [shape.x0 for shape in figure.layout.shapes] == [MONTHS[1], MONTHS[2]]
    assert {"春节", "改版"} <= set(words(figure))


def test_equal_values_still_have_an_axis():
    low, high = charts.trend(monthly([50.0, 50.0]), y="index").layout.yaxis.range
    assert (low, high) == (49.0, 51.0)


@pytest.mark.parametrize("dark", [False, True])
def test_nothing_to_show_is_an_empty_figure(dark):
    empty = monthly([]).with_columns(city=pl.lit("a"))
    assert not charts.trend(empty, y="index", neutral=50.0, dark=dark).data
    assert not charts.trend(empty, y="index", series="city", dark=dark).data
    assert not charts.small_multiples(empty, "city", y="index", dark=dark).data
    assert not charts.stacked_months(empty, series="city", value="index", dark=dark).data
    charts.bars(empty, "city", "index", dark=dark)
    charts.heat_table(empty.with_columns(n=pl.lit(1)), "period", "city", "index", "n", dark=dark)


def test_all_values_missing_draw_nothing_and_name_nothing():
    figure = charts.trend(monthly([None, None]), y="index", neutral=50.0)
    assert not figure.data
    assert words(figure) == ["50"]


def test_bars_are_sorted_start_at_zero_and_show_missing_as_a_dash():
    frame = pl.DataFrame({"district": ["a", "b", "c"], "share": [10.0, None, 30.5], "n": [4, None, 6]})
    figure = charts.bars(frame, "district", "share", "a", "%", labels={"c": "朝阳"}, n="n", period="2026年10月")
    (bar,) = figure.data
    assert list(bar.y) == ["朝阳", "a", "b"]
    assert list(bar.x) == [30.5, 10.0, None]
    assert list(bar.text) == ["30.5%", "10.0%", tables.MISSING]
    assert list(bar.marker.color) == [theme.LIGHT.other, theme.LIGHT.brick, theme.LIGHT.other]
    assert bar.customdata[0] == "朝阳<br>2026年10月 30.5%<br>n=6"
    assert figure.layout.xaxis.range[0] == 0
    assert figure.layout.yaxis.autorange == "reversed"
    assert tables.MISSING in words(figure)


def test_bars_with_negative_values_have_room_on_both_sides():
    figure = charts.bars(pl.DataFrame({"c": ["a", "b"], "v": [-2.0, 3.0]}), "c", "v", synthetic=True)
    low, high = figure.layout.xaxis.range
    assert low < -2
    assert high > 3
    assert figure.data[0].marker.pattern.shape == "/"
    assert set(figure.data[0].marker.color) == {theme.LIGHT.steel}


def test_stacked_months_keep_six_series_and_sum_the_rest():
    rows = [(month, f"p{k}", 10 - k) for month in MONTHS[:2] for k in range(8)]
    frame = pl.DataFrame(rows, schema=["period", "programme", "events"], orient="row")
    names = {f"p{k}": f"Programme {k}" for k in range(8)}
    figure = charts.stacked_months(frame, series="programme", value="events", labels=names, language="en")
    assert [bar.name for bar in figure.data] == [*(f"Programme {k}" for k in range(6)), "Other"]
    assert list(figure.data[-1].y) == [4 + 3, 4 + 3]
    assert sum(sum(bar.y) for bar in figure.data) == frame["events"].sum()
    assert figure.layout.barmode == "stack"
    assert figure.data[0].marker.color == theme.LIGHT.brick
    assert figure.data[-1].marker.color == theme.LIGHT.other


def test_small_multiples_share_axes_and_show_the_last_value():
    frame = cities("a", "b", "c", "d")
    figure = charts.small_multiples(frame, "city", y="index", labels={"d": "丁", "a": "甲"}, neutral=50.0)
    assert [line.name for line in lines(figure)] == ["丁", "甲", "b", "c"]
    assert words(figure) == ["丁 <b>55</b>", "甲 <b>52</b>", "b <b>53</b>", "c <b>54</b>"]
    assert len(figure.layout.shapes) == 4
    ranges = {axis.range for axis in figure.select_yaxes()}
    assert len(ranges) == 1
    assert [axis.showticklabels for axis in figure.select_xaxes()][:4] == [False, True, True, True]


def test_heat_table_colours_by_ratio_and_leaves_suppressed_cells_blank():
    rows = [("x", "a", 2.0, 40), ("x", "b", 0.5, 8), ("y", "a", None, 2), ("y", "b", 0.0, 0), ("z", "a", 9.0, None)]
    frame = pl.DataFrame(rows, schema=["industry", "district", "lq", "n"], orient="row")
    figure = charts.heat_table(frame, "industry", "district", "lq", "n", row_labels={"y": "乙"}, unit="区位商")
    heat, texts = figure.data
    assert list(heat.y) == ["乙", "x", "z"]
    assert [list(row) for row in heat.z] == [[None, -2.0], [1.0, -1.0], [2.0, None]]
    assert list(texts.text) == ["", "0.00<br>n=0", "2.00<br>n=40", "0.50<br>n=8", "9.00", ""]
    assert heat.customdata[1][0] == "x · a<br>区位商 2.00<br>n=40"
    assert (heat.zmin, heat.zmid, heat.zmax) == (-2, 0, 2)


@pytest.mark.parametrize(("months", "step"), [(4, "M1"), (12, "M2"), (18, "M3"), (36, "M6"), (60, "M12"), (200, "M60")])
def test_date_ticks_thin_out(months, step):
    dates = [date(2010, 1, 1), date(2010 + months // 12, months % 12 + 1, 1)]
    figure = charts.trend(pl.DataFrame({"period": dates, "value": [1.0, 2.0]}), yearly=False)
    assert figure.layout.xaxis.dtick == step


def test_config_is_chinese_only_for_zh_and_names_no_server():
    zh, en = charts.config("zh"), charts.config("en")
    assert zh["displaylogo"] is en["displaylogo"] is False
    assert zh["locale"] == "zh-CN"
    assert zh["locales"]["zh-CN"]["format"]["shortMonths"][9] == "10月"
    assert "locale" not in en
    assert "http" not in json.dumps([zh, en])


@pytest.mark.parametrize("dark", [False, True])
def test_figures_name_no_outside_address(dark):
    text = charts.trend(monthly([50.0, 51.0]), y="index", neutral=50.0, dark=dark).to_json()
    assert "http" not in text


def test_a_heat_table_says_how_wide_it_must_be_and_folds_long_names():
    long = "Science and technology promotion and application services"
    frame = pl.DataFrame({"i": [long] * 8, "d": list("abcdefgh"), "lq": [1.0] * 8, "n": [9] * 8})
    figure = charts.heat_table(frame, "i", "d", "lq", "n")
    assert figure.layout.meta["least_px"] == charts.LABELS_PX + 8 * charts.CELL_PX
    assert figure.data[0].y[0].count("<br>") >= 1
    assert figure.data[0].y[0].replace("<br>", " ") == long
    assert set(figure.data[1].y) == set(figure.data[0].y)


def test_the_words_of_marks_do_not_stand_on_each_other_or_beyond_the_end():
    dates = pl.date_range(date(2022, 1, 1), date(2026, 10, 1), "1mo", eager=True)
    frame = pl.DataFrame({"period": dates, "value": [50.0 + k % 3 for k in range(len(dates))]})
    marks = [(date(2022, 11, 1), "shock"), (date(2026, 1, 1), "projected factors")]
    notes = {note.text: note for note in charts.trend(frame, marks=marks).layout.annotations}
    assert (notes["shock"].xanchor, notes["projected factors"].xanchor) == ("left", "right")
    assert notes["shock"].yshift != notes["projected factors"].yshift


def test_a_long_name_at_the_end_of_a_line_takes_at_most_a_third_of_a_phone():
    frame = cities("a", "b")
    names = {"a": "seasonally adjusted and more", "b": "raw"}
    figure = charts.trend(frame, y="index", series="city", label=names)
    assert any("<br>" in text for text in words(figure))
    assert figure.layout.margin.r < 130


def test_bars_stand_as_given_where_they_are_not_to_be_ranked():
    frame = pl.DataFrame({"step": ["first", "second"], "n": [1, 5]})
    assert list(charts.bars(frame, "step", "n", ranked=False).data[0].y) == ["first", "second"]
    assert list(charts.bars(frame, "step", "n").data[0].y) == ["second", "first"]
