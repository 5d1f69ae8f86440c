"""Which word a change and an index get: rounded as published first, and every word is in the text files."""

from __future__ import annotations

import polars as pl
import pytest

from pages.parts import findings
from pages.parts.text import TEXTS


@pytest.mark.parametrize(
    ("change", "word"),
    [(0.05, "up"), (0.049, "flat"), (0.0, "flat"), (-0.049, "flat"), (-0.05, "down"), (None, "no_previous")],
)
def test_the_direction_is_that_of_the_published_change(change, word):
    assert findings.direction(change) == word


@pytest.mark.parametrize(
    ("index", "word"), [(50.05, "above"), (50.04, "at"), (50.0, "at"), (49.96, "at"), (49.94, "below"), (0.0, "below")]
)
def test_the_side_is_that_of_the_published_index(index, word):
    assert findings.side(index) == word


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("index", [40.0, 50.0, 60.0])
@pytest.mark.parametrize("change", [-1.0, 0.0, 1.0, None])
def test_every_finding_and_every_part_of_the_sentence_is_a_text(index, change, language):
    for significant in (True, False, None):
        assert "Oct" in TEXTS.sentence(findings.finding(index, change, significant), language, month="Oct")
    assert TEXTS.sentence(f"finding.{findings.direction(change)}", language, points="1.0")
    assert TEXTS.sentence(f"finding.{findings.side(index)}", language)


@pytest.mark.parametrize(("change", "word"), [(0.3, "up"), (-0.3, "down"), (0.0, "flat"), (None, "new")])
def test_a_change_within_chance_is_neither_a_rise_nor_a_fall(change, word):
    for sure in (True, None):
        assert findings.finding(51.0, change, sure) == f"finding.above_{word}"
    moved = word in ("up", "down")
    assert findings.finding(51.0, change, significant=False) == f"finding.above_{'little' if moved else word}"


@pytest.mark.parametrize(
    ("suppressed", "key"), [([], "survey"), ([True, False], "survey_small"), ([False, False], "survey_incomplete")]
)
def test_why_there_is_no_index(suppressed, key):
    index = pl.DataFrame({"suppressed": suppressed}, schema={"suppressed": pl.Boolean})
    assert findings.no_index(index) == f"empty.{key}"
    assert TEXTS.sentence(f"empty.{key}", "zh", minimum=5)
