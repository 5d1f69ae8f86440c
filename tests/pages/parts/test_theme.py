"""Brick and steel: contrasts, colour scales, trend colours, and the same tokens in Streamlit's own settings."""

from __future__ import annotations

import doctest
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from pages.parts import axes, charts, maps, placement, tables, theme

ROOT = Path(__file__).parents[3]
BOTH = pytest.mark.parametrize("dark", [False, True])


@pytest.mark.parametrize("module", [axes, charts, maps, placement, tables, theme])
def test_examples_in_the_docstrings(module):
    assert doctest.testmod(module).failed == 0


def test_importing_the_parts_loads_no_streamlit():
    names = ("theme", "charts", "maps", "tables", "axes", "placement")
    code = f"import sys; from pages.parts import {', '.join(names)}; sys.exit('streamlit' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


@BOTH
@pytest.mark.parametrize("name", ["ink", "muted", "brick", "steel", "red", "green"])
def test_text_colours_are_readable(dark, name):
    t = theme.tokens(dark)
    assert theme.contrast(getattr(t, name), t.paper) >= theme.READABLE
    assert theme.contrast(getattr(t, name), t.card) >= theme.READABLE


@BOTH
def test_every_category_has_a_readable_tone(dark):
    t = theme.tokens(dark)
    for colour in (*t.categories, t.other):
        assert theme.contrast(theme.readable(colour, t.card), t.card) >= theme.READABLE
    assert theme.readable(t.brick, t.card) == t.brick


@BOTH
def test_words_on_fills_are_readable(dark):
    for step in range(-10, 11):
        fill = theme.diverging(step / 10, dark)
        assert theme.contrast(theme.text_on(fill), fill) >= theme.READABLE


def test_contrast_of_black_and_white():
    assert theme.contrast("#FFFFFF", "#000000") == pytest.approx(21)
    assert theme.contrast("#777777", "#777777") == 1


@BOTH
def test_diverging_scale_is_symmetric_with_paper_in_the_middle(dark):
    t = theme.tokens(dark)
    scale = theme.diverging_scale(dark)
    assert [position for position, _ in scale] == pytest.approx([i / 10 for i in range(11)])
    assert (scale[0][1], scale[5][1], scale[-1][1]) == (t.steel, t.paper, t.brick)
    assert theme.diverging(3.0, dark) == t.brick


def test_sequential_scale_runs_from_paper_to_brick():
    scale = theme.sequential_scale()
    assert (scale[0][1], scale[-1][1]) == (theme.LIGHT.paper, theme.LIGHT.brick)


def seen_by_a_deuteranope(colour):
    """Viénot, Brettel and Mollon 1999, in linear light: red and green fall together."""
    red, green, blue = ((c / 255) ** 2.2 for c in theme.rgb(colour))
    level = 0.29275 * red + 0.70725 * green
    return level, level, -0.02234 * red + 0.02234 * green + blue


@BOTH
def test_both_sides_of_the_scale_differ_for_red_green_blindness(dark):
    low, high = (seen_by_a_deuteranope(theme.diverging(share, dark)) for share in (-1, 1))
    assert (low[2] - low[0]) > 0.1  # still bluish
    assert (high[2] - high[0]) < 0.0  # still yellowish
    t = theme.tokens(dark)
    middle = seen_by_a_deuteranope(t.paper)[0]
    assert all(abs(seen_by_a_deuteranope(c)[0] - middle) > 0.1 for c in (t.brick, t.steel))


def test_trend_colours_follow_the_setting():
    t = theme.LIGHT
    assert (theme.trend_colour(1, "cn"), theme.trend_colour(-1, "cn")) == (t.red, t.green)
    assert (theme.trend_colour(1, "intl"), theme.trend_colour(-1, "intl")) == (t.green, t.red)
    assert (theme.trend_colour(1), theme.trend_colour(-1)) == (t.brick, t.steel)
    assert theme.trend_colour(None) == theme.trend_colour(0.0) == t.muted
    assert (theme.metric_colour(1, "cn"), theme.metric_colour(1, "intl"), theme.metric_colour(-1)) == (
        "red",
        "green",
        "blue",
    )
    assert theme.metric_colour(None) == "gray"


@pytest.mark.parametrize("function", [theme.trend_colour, theme.metric_colour])
def test_an_unknown_trend_setting_is_named(function):
    with pytest.raises(ValueError, match=r"'rainbow'.*neutral, cn, intl"):
        function(1, "rainbow")


@BOTH
def test_template_and_style_sheet_use_the_tokens(dark):
    t = theme.tokens(dark)
    layout = theme.template(dark).layout
    assert layout.font.color == t.ink
    assert layout.showlegend is False
    assert list(layout.colorway) == list(t.categories)
    css = theme.page_css(dark)
    assert f"--paper:{t.paper};" in css
    assert css.count("{") == css.count("}")
    assert "http" not in css
    assert "@import" not in css


def test_streamlit_settings_repeat_the_tokens_and_stay_offline():
    settings = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    for part, t in (("light", theme.LIGHT), ("dark", theme.DARK)):
        section = settings["theme"][part]
        assert section["backgroundColor"] == t.paper
        assert section["secondaryBackgroundColor"] == t.card
        assert section["textColor"] == t.ink
        assert section["primaryColor"] == t.brick
        assert section["blueColor"] == section["blueTextColor"] == t.steel
        assert section["redColor"] == section["redTextColor"] == t.red
        assert section["greenColor"] == section["greenTextColor"] == t.green
        assert section["grayColor"] == section["grayTextColor"] == t.muted
        assert section["borderColor"] == t.rule
        assert section["chartCategoricalColors"] == list(t.categories)
    assert settings["theme"]["font"] == theme.FONT
    assert settings["browser"]["gatherUsageStats"] is False
    assert settings["server"]["address"] == "127.0.0.1"
    assert settings["server"]["maxUploadSize"] == 20
    assert settings["client"]["showErrorDetails"] in ("type", "none")


def test_favicon_is_a_small_square_picture():
    data = (ROOT / "pages" / "parts" / "static" / "favicon.png").read_bytes()
    assert data.startswith(b"\x89PNG")
    assert (int.from_bytes(data[16:20]), int.from_bytes(data[20:24])) == (64, 64)
    assert len(data) < 5_000
