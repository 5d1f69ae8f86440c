"""The figures of clustering as plain functions: what is drawn is what the methods say, and nothing is made up."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from indicators.clustering.concentration import Chance, k_density, relative_density
from indicators.clustering.survival import net_entry, survival_curve
from pages.parts import theme
from pages.parts.clustering import cluster_charts, cluster_link_charts

WORDS = {"curve": "87", "band": "chance", "x": "km"}


@pytest.fixture
def curve():
    places = pl.DataFrame(
        {
            "x_m": [1000.0 + 37 * (k % 17) for k in range(60)] + [1000.0 + 211 * k for k in range(60)],
            "y_m": [5000.0 + 53 * (k % 11) for k in range(60)] + [5000.0 + 97 * (k % 29) for k in range(60)],
            "industry_code": ["a"] * 60 + ["b"] * 60,
        }
    )
    return k_density(places, "a", chance=Chance(40))


def test_the_curve_has_its_global_band_and_its_distances_in_kilometres(curve):
    figure = cluster_charts.density_curve(curve, WORDS)
    band, *_, line = figure.data
    assert band.fill == "toself"
    assert list(band.y[: curve.height]) == curve["global_high"].to_list()
    assert list(line.x) == (curve["distance_m"] / 1000).to_list()
    assert list(line.y) == curve["density"].to_list()
    assert {note.text for note in figure.layout.annotations} == {"87", "chance"}


def test_a_curve_without_draws_has_no_band(curve):
    blank = curve.with_columns(pl.lit(None, pl.Float64).alias(c) for c in ("global_low", "global_high"))
    assert len(cluster_charts.density_curve(blank, WORDS).data) == 1


def test_the_curve_over_addresses_is_a_dashed_line_under_the_other(curve):
    words = WORDS | {"sites": "addresses"}
    figure = cluster_charts.density_curve(curve, words, curve.with_columns(pl.col("density") / 2))
    dashed = next(trace for trace in figure.data if trace.line.dash == "dash")
    assert list(dashed.y) == (curve["density"] / 2).to_list()
    assert list(figure.data[-1].y) == curve["density"].to_list()
    assert [note.text for note in figure.layout.annotations] == ["addresses", "chance", "87"]


def test_m_has_its_band_and_the_line_of_one(curve):
    places = pl.DataFrame({"x_m": [1000.0 + 9 * k for k in range(40)], "y_m": 5000.0}).with_columns(
        industry_code=pl.Series(["a", "b"] * 20)
    )
    found = relative_density(places, "a", 100.0, 10.0, Chance(40))
    figure = cluster_charts.relative_curve(found, WORDS | {"one": "as all"})
    assert list(figure.data[-1].y) == found["relative_density"].to_list()
    assert figure.layout.shapes[0].y0 == figure.layout.shapes[0].y1 == 1
    assert "as all" in {note.text for note in figure.layout.annotations}
    assert figure.data[0].fill == "toself"


def test_stars_are_written_and_unknown_cells_left_blank():
    rows = pl.DataFrame(
        {
            "industry": ["film", "film", "steel", "steel"],
            "district": ["x", "y", "x", "y"],
            "stars": [2, None, 0, 1],
            "rank": ["1/2", None, "2/2", "1/2"],
            "text": ["film x", "", "steel x", "steel y"],
        }
    )
    grid, words = cluster_link_charts.stars_grid(rows).data
    assert list(words.text) == ["★★<br>1/2", "", "2/2", "★<br>1/2"]
    assert [list(row) for row in grid.z] == [[0.5, None], [0.0, 0.25]]
    assert [list(row) for row in grid.customdata] == [["film x", ""], ["steel x", "steel y"]]


@pytest.mark.parametrize("dark", [False, True])
def test_what_parks_do_is_stacked_to_a_hundred_and_hatched_if_synthetic(dark):
    rows = pl.DataFrame(
        {
            "label": ["p", "p", "q", "q"],
            "function": ["making", "trade"] * 2,
            "share_pct": [95.0, 5.0, 40.0, 60.0],
            "n": [19, 1, 4, 6],
        }
    )
    names = {"making": "Making", "trade": "Trade"}
    figure = cluster_link_charts.functional_bars(rows, names, synthetic=True, dark=dark)
    making, trade = figure.data
    assert list(making.x) == [95.0, 40.0]
    assert list(trade.text) == ["", "60"], "a narrow part has no number"
    assert making.marker.pattern.shape == "/"
    assert making.customdata[0] == "p<br>Making 95.0%<br>n=19"


def test_life_lines_span_their_years_and_the_dead_are_crossed():
    lines = pl.DataFrame(
        {"label": ["A", "B"], "first": [2015, 2016], "last": [2020, 2018], "peak": [90.0, 30.0], "alive": [True, False]}
    )
    points = pl.DataFrame({"label": ["A"], "year": [2017], "transition": ["merge"], "text": ["A 2017"]})
    words = {"birth": "born", "merge": "merged", "split": "split", "ended": "ended by"}
    figure = cluster_charts.life_lines(lines, points, words)
    alive, dead = (trace for trace in figure.data if trace.mode == "lines")
    assert (list(alive.x), list(dead.x)) == ([2015, 2020], [2016, 2018])
    assert alive.line.width > dead.line.width
    assert alive.line.color == theme.tokens(False).brick != dead.line.color
    crossed = next(trace for trace in figure.data if trace.marker.symbol == "x-thin-open")
    assert list(crossed.customdata) == ["B<br>ended by 2019"]
    merged = next(trace for trace in figure.data if trace.marker.symbol == "triangle-up")
    assert list(merged.x) == [2017]


def enterprises():
    return pl.DataFrame(
        {
            "enterprise_id": list("abcdef"),
            "opened_on": [date(2020, 1, 1)] * 3 + [date(2021, 1, 1)] * 3,
            "closed_on": [date(2021, 6, 1), None, None, date(2022, 1, 1), date(2022, 5, 1), None],
            "park": ["inside", "inside", "outside", "outside", "inside", "outside"],
        }
    )


def test_closures_stand_below_the_line_and_the_net_is_their_sum():
    rows = net_entry(enterprises())
    words = {"n_opened": "opened", "n_closed": "closed", "net": "net"}
    opened, closed, net = cluster_charts.entries(rows, words, synthetic=True, language="en").data
    assert list(opened.y) == rows["n_opened"].to_list() == [3, 3, 0]
    assert list(closed.y) == [0, -1, -2]
    assert [a + b for a, b in zip(opened.y, closed.y, strict=True)] == list(net.y)
    assert opened.marker.pattern.shape == "/"
    plain = cluster_charts.entries(rows, words, synthetic=False, language="en").data[0]
    assert plain.marker.pattern.shape is None


def test_survival_falls_in_steps_from_a_hundred_with_its_band():
    curves = survival_curve(enterprises(), "park")
    figure = cluster_charts.survival(curves, "park", {"inside": "In", "outside": "Out"}, "years")
    steps = [trace for trace in figure.data if trace.customdata is not None]
    assert len(steps) == 2
    assert len(figure.data) == 6
    for trace in steps:
        assert trace.y[0] == 100.0
        assert list(trace.y) == sorted(trace.y, reverse=True)
        assert trace.line.shape == "hv"
    assert {note.text.split(" ")[0] for note in figure.layout.annotations} == {"In", "Out"}


def test_a_cell_has_quotient_interval_and_n_and_a_hidden_one_nothing():
    rows = pl.DataFrame(
        {
            "industry": ["i", "i"], "district": ["x", "y"], "value": [1.5, None], "low": [1.2, None],
            "high": [1.9, None], "n": [40, None],
        }
    )  # fmt: skip
    heat, text = cluster_charts.quotients(rows, "LQ").data
    assert list(text.text) == ["1.50<br>1.2–1.9<br>n=40", ""]
    assert heat.customdata[0][1] == ""
    assert "1.2–1.9" in heat.customdata[0][0]


def test_pairs_are_named_and_ordered():
    pairs = pl.DataFrame(
        {
            "industry_a": ["1", "2"],
            "industry_b": ["2", "3"],
            "coagglomeration": [0.02, 0.1],
            "n_a": [9, 9],
            "n_b": [1, 2],
        }
    )
    bars = cluster_charts.pair_table(pairs, {"1": "one", "2": "two"}).data[0]
    assert list(bars.y) == ["two + 3", "one + two"]
    assert "n=11" in bars.customdata[0]
