"""The methods that weight the parks and say how sure the index is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import polars as pl

from indicators.catalogue import BY_NOTE, BY_OUT, Method, Option
from indicators.entries.survey import ANSWERS_WITH_ITEMS, questions
from indicators.frames import Contract
from indicators.uncertainty import change_test, item_errors, standard_errors
from indicators.weights import FRAME_COUNTS, SIZES, YEAR, frozen_weights, park_weights

_FRAME = replace(
    FRAME_COUNTS.columns[0],
    note="parks of the row's cell and stratum that could have answered; absent = not known, no correction",
    optional=True,
)
_SURVEYED = replace(ANSWERS_WITH_ITEMS, columns=(*ANSWERS_WITH_ITEMS.columns, _FRAME))


def _frame_counts(answers: pl.DataFrame, by: tuple[str, ...], strata: tuple[str, ...]) -> pl.DataFrame | None:
    """The frame of each cell and stratum, as the rows of the answers state it."""
    if "n_frame" not in answers.columns:
        return None
    groups = [name for name in dict.fromkeys((*by, *strata)) if name != "item_id"]
    return answers.select(*(name for name in groups if name in answers.columns), "n_frame").unique(maintain_order=True)


def _standard_errors(answers: pl.DataFrame, by: tuple[str, ...], strata: tuple[str, ...]) -> pl.DataFrame:
    """standard_errors on one file: each answer carries its question's direction and weight, and the frame."""
    counts = _frame_counts(answers, by, strata)
    return standard_errors(answers, questions(answers), counts, by, strata or None)


def _item_errors(answers: pl.DataFrame, by: tuple[str, ...], strata: tuple[str, ...]) -> pl.DataFrame:
    """item_errors on one file, as _standard_errors."""
    counts = _frame_counts(answers, by, strata)
    return item_errors(answers, questions(answers), counts, by, strata or None)


def _change_test(
    answers: pl.DataFrame, by: tuple[str, ...], strata: tuple[str, ...], months: int, level: float
) -> pl.DataFrame:
    """change_test on one file, as _standard_errors."""
    counts = _frame_counts(answers, by, strata)
    return change_test(answers, questions(answers), counts, by, strata or None, months, level)


_BY = {"by": Option(tuple, ("period",), BY_NOTE)}
_STRATA = {"strata": Option(tuple, (), "columns of the strata, with commas between; empty = one stratum a cell")}
_BAND = (
    ("index", "index points, 0 to 100, neutral 50"),
    ("se_points", "index points"),
    ("low", "index points, 95 % band"),
    ("high", "index points, 95 % band"),
    ("n", "parks that answered"),
    ("n_frame", "parks"),
    ("n_strata", "strata with an answer"),
    ("n_strata_empty", "strata without one"),
)
_WEIGHT_OPTIONS = {
    "kind": Option(str, "none", "none, sqrt (square root of size) or size"),
    "cap_pct": Option(float, 10.0, "largest weight of a park, per cent of all"),
}
_WEIGHT_OUT = (
    ("park_id", "code"),
    ("weight", "share of 1"),
    ("capped", "true or false"),
    ("size_known", "true or false"),
)


def _weights(name: str, summary: str, function: Callable[..., pl.DataFrame], yearly: bool) -> Method:
    columns = (YEAR, *SIZES.columns) if yearly else SIZES.columns
    key = ("year", "park_id") if yearly else ("park_id",)
    out = (("year", "calendar year"), *_WEIGHT_OUT) if yearly else _WEIGHT_OUT
    source = "ifo and European Commission, BCS (weights by size); cap, square root and frozen year are our choice"
    return Method(name, summary, function, Contract("sizes", columns, key=key), _WEIGHT_OPTIONS, out, source)


ENTRIES: tuple[Method, ...] = (
    _weights("park_weights", "The weight of each park by its size, none above the cap.", park_weights, False),
    _weights("frozen_weights", "The weight of each park for each calendar year.", frozen_weights, True),
    Method(
        "standard_errors",
        "The prosperity index with its standard error and 95 % band.",
        _standard_errors,
        _SURVEYED,
        _BY | _STRATA,
        (BY_OUT, *_BAND),
        "Cochran, Sampling Techniques; Wolter, Introduction to Variance Estimation",
    ),
    Method(
        "item_errors",
        "The favourable index of every question with its standard error and 95 % band.",
        _item_errors,
        _SURVEYED,
        _BY | _STRATA,
        (BY_OUT, ("item_id", "code"), *_BAND),
        "Cochran, Sampling Techniques; Wolter, Introduction to Variance Estimation",
    ),
    Method(
        "change_test",
        "Whether the index has moved by more than the parks that happened to answer explain.",
        _change_test,
        _SURVEYED,
        _BY
        | _STRATA
        | {
            "months": Option(int, 1, "how many months back the index is compared with"),
            "level": Option(float, 0.05, "p_value below which a change is significant"),
        },
        (
            BY_OUT,
            ("change_points", "index points"),
            ("se_points", "index points"),
            ("z", "ratio"),
            ("p_value", "0 to 1"),
            ("significant", "true or false"),
            ("n_overlap", "parks in both months"),
        ),
        "Kish, Survey Sampling; Cochran, Sampling Techniques",
    ),
)
