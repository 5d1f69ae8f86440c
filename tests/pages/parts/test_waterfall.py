"""The waterfall: every part, largest first, and their sum."""

from __future__ import annotations

import polars as pl
import pytest

from pages.parts import theme
from pages.parts.waterfall import waterfall

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
