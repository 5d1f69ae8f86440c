"""The waterfall: every part, largest first, and their sum."""

from __future__ import annotations

import polars as pl
import pytest

from pages.parts import theme
from pages.parts.surveys.waterfall import waterfall

PARTS = pl.DataFrame({"name": ["rent", "jobs", "gone"], "points": [-0.5, 1.25, None]})


@pytest.mark.parametrize("dark", [False, True])
def test_parts_come_largest_first_and_end_in_their_sum(dark):
    bar = waterfall(PARTS, "name", "points", "Total", "points", dark).data[0]
    assert list(bar.y) == ["jobs", "rent", "Total"]
    assert list(bar.x) == [1.25, -0.5, None]
    assert list(bar.measure) == ["relative", "relative", "total"]
    assert list(bar.text) == ["+1.25", "−0.50", "+0.75"]
    assert bar.increasing.marker.color == theme.tokens(dark).brick
    assert bar.decreasing.marker.color == theme.tokens(dark).steel


def test_nothing_to_show_is_an_empty_sum():
    bar = waterfall(PARTS.clear(), "name", "points", "Total").data[0]
    assert list(bar.y) == ["Total"]
    assert list(bar.text) == ["0.00"]


def test_a_phone_keeps_the_numbers_and_the_names():
    parts = pl.DataFrame({"name": ["New leases and enquiries", "jobs"], "points": [1.25, -2.0]})
    figure = waterfall(parts, "name", "points", "Total")
    assert figure.data[0].y[0] == "New leases and<br>enquiries"
    assert figure.layout.margin.r >= 40, "the numbers stand right of the bars"
    low, high = figure.layout.xaxis.range
    assert low <= -0.75 - 0.3 * 2, "and left of a fall that reaches the end"
    assert high < 1.25 * 1.1
