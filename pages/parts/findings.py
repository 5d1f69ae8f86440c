"""The sentences a page says about its figures: round first, then choose the word."""

from __future__ import annotations

import polars as pl

from pages.parts.tables import rounded

NEUTRAL = 50.0


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)


def direction(change: float | None) -> str:
    """up, down, flat (equal after rounding to one decimal) or no_previous.

    >>> direction(0.04), direction(-0.06), direction(None)
    ('flat', 'down', 'no_previous')
    """
    if change is None:
        return "no_previous"
    return {1: "up", -1: "down", 0: "flat"}[_sign(rounded(change))]


def side(index: float) -> str:
    """above, below or at the neutral 50, after rounding to one decimal.

    >>> side(50.04), side(50.06)
    ('at', 'above')
    """
    return {1: "above", -1: "below", 0: "at"}[_sign(rounded(index) - NEUTRAL)]


def finding(index: float, change: float | None, significant: bool | None = None) -> str:
    """The text key of the headline finding, such as finding.above_up.

    significant: what the change test says; a change that is not more than chance is neither a rise nor a fall
    (`little`). None where there is no test: the published change decides.

    >>> finding(51.24, 0.3), finding(49.0, None)
    ('finding.above_up', 'finding.below_new')
    >>> finding(51.24, 0.3, significant=False), finding(51.24, 0.0, significant=False)
    ('finding.above_little', 'finding.above_flat')
    """
    way = direction(change)
    if way in ("up", "down") and significant is False:
        way = "little"
    return f"finding.{side(index)}_{'new' if way == 'no_previous' else way}"


def no_index(index: pl.DataFrame) -> str:
    """The text key that says why no month of `index` has a value: no answers, too few parks, or an item is missing.

    >>> no_index(pl.DataFrame({"suppressed": [False, True]})), no_index(pl.DataFrame({"suppressed": [False]}))
    ('empty.survey_small', 'empty.survey_incomplete')
    """
    if not index.height:
        return "empty.survey"
    return "empty.survey_small" if index["suppressed"].any() else "empty.survey_incomplete"
