"""Numbers, months and downloads as they are written."""

from __future__ import annotations

import io
from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.parts import tables


def test_ties_are_rounded_away_from_zero():
    assert tables.number(51.55) == "51.6"
    assert tables.number(-0.25) == "−0.3"
    assert tables.rounded(50.45) == 50.5


@pytest.mark.parametrize("value", [None, float("nan")])
def test_missing_is_a_dash_everywhere(value):
    assert tables.number(value) == tables.signed(value) == tables.percent(value) == tables.MISSING
    assert tables.count(value, "zh") == tables.figure(value, "en") == tables.change(value, "zh") == tables.MISSING
    assert tables.arrow(value) == ""
    assert tables.period_label(None, "zh") == tables.MISSING


def test_zero_is_not_missing():
    assert tables.number(0) == "0.0"
    assert tables.count(0, "zh") == "0"
    assert tables.signed(0.0) == tables.signed(-0.04) == "0.0"
    assert tables.arrow(-0.04) == "→"


@pytest.mark.parametrize(
    ("value", "zh", "en"),
    [
        (999, "999", "999"),
        (9_999, "9,999", "9,999"),
        (10_000, "1.0万", "10.0k"),
        (21_893_095, "2,189.3万", "21.9M"),
        (99_994_999, "9,999.5万", "100.0M"),
        (99_999_999, "1.0亿", "100.0M"),
        (1_411_750_000, "14.1亿", "1.4bn"),
        (999_950_000, "10.0亿", "1.0bn"),
        (-12_345, "−1.2万", "−12.3k"),
    ],
)
def test_large_counts_by_language(value, zh, en):
    assert (tables.count(value, "zh"), tables.count(value, "en")) == (zh, en)


def test_changes_have_arrow_sign_and_unit():
    assert tables.change(0.25, "zh") == "↑ +0.3点"
    assert tables.change(-1.0, "zh", percentage=True) == "↓ −1.0个百分点"
    assert tables.change(0.0, "en") == "→ 0.0 points"


@pytest.mark.parametrize(
    ("period", "zh", "en"),
    [
        (date(2026, 1, 1), "2026年1月", "Jan 2026"),
        ("2026-12", "2026年12月", "Dec 2026"),
        ("2025", "2025年", "2025"),
        ("2026-13", "2026-13", "2026-13"),
        ("2020-2025", "2020-2025", "2020-2025"),
    ],
)
def test_periods_by_language(period, zh, en):
    assert (tables.period_label(period, "zh"), tables.period_label(period, "en")) == (zh, en)


def test_whole_columns_have_no_decimals():
    assert tables.decimals(pl.Series([1, 2])) == 0
    assert tables.decimals(pl.Series([1.0, 2.0, None])) == 0
    assert tables.decimals(pl.Series([50.0, 50.5])) == 1
    assert tables.decimals(pl.Series([1]), 2) == 2


@pytest.mark.parametrize(
    "cell", ["=1+1", "+cmd", "-x", "@SUM(A1)", "\tx", " =1", "\uff1d1+1", "\uff0dx", "-2+3", "=\nx"]
)
def test_no_cell_of_a_download_is_a_formula(cell):
    lines = tables.csv_bytes(pl.DataFrame({"name": [cell]})).decode("utf-8-sig")
    assert pl.read_csv(io.StringIO(lines))["name"][0] == f"'{cell}"


@pytest.mark.parametrize("cell", ["朝阳区", "-5.3", "+2%", "a=b", "3-4", ""])
def test_plain_texts_and_numbers_stay_as_they_are(cell):
    text = tables.csv_bytes(pl.DataFrame({"name": [cell], "x": [1]})).decode("utf-8-sig")
    assert text.splitlines()[1] == (f"{cell},1" if cell else '"",1')


def test_download_has_mark_header_dates_and_empty_for_missing():
    frame = pl.DataFrame({"period": [date(2026, 10, 1)], "n": [-3], "index": [None], "tags": [["a", "b"]]})
    data = tables.csv_bytes(frame.cast({"index": pl.Float64}), names={"n": "=n"})
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.decode("utf-8-sig") == "period,'=n,index,tags\r\n2026-10-01,-3,,a|b\r\n"


def test_notes_stand_above_the_header_in_one_cell_each():
    data = tables.csv_bytes(pl.DataFrame({"a": [1]}), notes=("景气指数, 10月", "x,=1\n=2;=3"))
    lines = data.decode("utf-8-sig").split("\r\n")
    assert lines[:2] == ["# 景气指数\uff0c 10月", "# x\uff0c=1 =2\uff1b=3"]
    assert pl.read_csv(data, comment_prefix="#").rows() == [(1,)]


def test_metadata_is_one_line_per_fact():
    text = tables.metadata_bytes({"source": "two\nlines", "period": ""}).decode("utf-8-sig")
    assert text == "source: two lines\r\nperiod: —\r\n"


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12))
def test_sign_and_arrow_agree_with_the_published_figure(value):
    shown = tables.signed(value)
    expected = {"+": "↑", tables.MINUS: "↓"}.get(shown[0], "→")
    assert tables.arrow(value) == expected
    assert "-" not in shown
