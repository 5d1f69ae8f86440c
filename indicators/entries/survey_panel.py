"""The methods behind the headline: response, the same parks, contributions, breakdowns and runs."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from indicators.breakdowns import breakdown
from indicators.catalogue import BY_NOTE, BY_OUT, Method, Option
from indicators.coding import group_names
from indicators.contributions import group_contributions, item_contributions, sub_index_contract
from indicators.entries.survey import ANSWERS_WITH_ITEMS, questions
from indicators.frames import ANSWERS, ITEMS, Column, Contract, ContractError, require_named
from indicators.panel import item_response, matched_change, response_accounting
from indicators.runs import runs

_TABLE = replace(
    sub_index_contract(),
    columns=(*sub_index_contract().columns, replace(ITEMS.columns[2], name="item_weight")),
)
_MONTHS = Option(int, 1, "how many months back the change goes: 1 or 12")
_MINIMUM = Option(int, 5, "fewest parks of a group that is shown")
_GROUPS_NOTE = "columns of the groups of parks, with commas between"
_WITHIN = Option(tuple, (), "columns of what the groups add up to, with commas between; empty = all parks")


def _asked(answers: pl.DataFrame, by: tuple[str, ...]) -> pl.DataFrame:
    """The frame of a file: every park of the month, also those whose answers are all empty."""
    require_named(answers, by, ANSWERS)
    names = dict.fromkeys(["period", "park_id", *group_names(by)])
    return answers.select(list(names)).unique()


def _response(answers: pl.DataFrame, by: tuple[str, ...]) -> pl.DataFrame:
    return response_accounting(_asked(answers, by), answers, by)


def _item_response(answers: pl.DataFrame, by: tuple[str, ...]) -> pl.DataFrame:
    return item_response(_asked(answers, by), answers, by)


def _matched(answers: pl.DataFrame, by: tuple[str, ...], months: int) -> pl.DataFrame:
    return matched_change(answers, questions(answers), by, months=months)


def _items(table: pl.DataFrame, by: tuple[str, ...], months: int) -> pl.DataFrame:
    weights = table.select("item_id", pl.lit(1, pl.Int8).alias("direction"), pl.col("item_weight").alias("weight"))
    items = weights.unique(maintain_order=True)
    torn = items.filter(pl.col("item_id").is_duplicated())["item_id"]
    if len(torn):
        problem = f"column item_weight: question '{torn[0]}' has more than one weight; accepted: one; make them agree."
        raise ContractError(_TABLE, [problem])
    if items.is_empty():
        items = pl.DataFrame({"item_id": ["none"], "direction": [1], "weight": [1.0]})
    return item_contributions(table, items, by, months)


def _groups(
    answers: pl.DataFrame, by: tuple[str, ...], within: tuple[str, ...], months: int, minimum: int
) -> pl.DataFrame:
    return group_contributions(answers, questions(answers), by, within=within, months=months, minimum=minimum)


def _breakdown(answers: pl.DataFrame, by: tuple[str, ...], minimum: int, within: tuple[str, ...]) -> pl.DataFrame:
    names = group_names(by)
    require_named(answers, names, ANSWERS)
    parks = answers.select("park_id", *names).unique(maintain_order=True)
    return breakdown(answers, questions(answers), parks, by, minimum, within)


_EFFECTS_OUT = (
    ("share_pct", "per cent of the answers, by their weights"),
    ("within_effect", "index points"),
    ("composition_effect", "index points"),
    ("contribution", "index points"),
    ("headline_change", "index points"),
    ("suppressed", "true or false"),
)
ENTRIES: tuple[Method, ...] = (
    Method(
        "response_accounting",
        "How many parks there are, were asked and answered.",
        _response,
        ANSWERS,
        {"by": Option(tuple, ("period",), BY_NOTE)},
        (
            BY_OUT,
            ("n_frame", "parks"),
            ("n_invited", "parks"),
            ("n_answered", "parks"),
            ("response_rate_pct", "per cent"),
        ),
        "OECD, Business Tendency Surveys: A Handbook",
    ),
    Method(
        "item_response",
        "How many of the parks that answered gave a valid answer to each question.",
        _item_response,
        ANSWERS,
        {"by": Option(tuple, ("period",), BY_NOTE)},
        (
            BY_OUT,
            ("item_id", "code"),
            ("n_answered", "parks"),
            ("n_valid", "parks"),
            ("item_response_pct", "per cent"),
        ),
        "OECD, Business Tendency Surveys: A Handbook",
    ),
    Method(
        "matched_change",
        "How far the same parks moved, and what came from parks joining and leaving.",
        _matched,
        ANSWERS_WITH_ITEMS,
        {"by": Option(tuple, ("period",), BY_NOTE + "; with period"), "months": _MONTHS},
        (
            BY_OUT,
            ("headline_change", "index points"),
            ("matched_change", "index points"),
            ("composition_effect", "index points"),
            ("n_matched", "parks"),
            ("n_joined", "parks"),
            ("n_left", "parks"),
        ),
        "Trebing (2011), Philadelphia Fed MBOS; pairs of answers are our choice",
    ),
    Method(
        "item_contributions",
        "How many points each question gave to the change of the prosperity index, or took from it.",
        _items,
        _TABLE,
        {"by": Option(tuple, ("period",), BY_NOTE + "; with period"), "months": _MONTHS},
        (
            BY_OUT,
            ("item_id", "code"),
            ("weight", "share of 1"),
            ("diffusion_index", "index points, 0 to 100, neutral 50"),
            ("change", "index points"),
            ("contribution", "index points"),
            ("headline_change", "index points"),
        ),
        "the weighted sum of NBS, manufacturing PMI",
    ),
    Method(
        "group_contributions",
        "How many points each group of parks, such as a district, gave to the change of the index.",
        _groups,
        ANSWERS_WITH_ITEMS,
        {
            "by": Option(tuple, None, _GROUPS_NOTE, required=True),
            "within": _WITHIN,
            "months": _MONTHS,
            "minimum": _MINIMUM,
        },
        (
            ("period", "month"),
            ("the columns of within and by", "as given"),
            ("n_parks", "parks"),
            ("n_parks_before", "parks"),
            *_EFFECTS_OUT,
        ),
        "midpoint shift-share (Marshall-Edgeworth weights), our choice",
    ),
    Method(
        "breakdown",
        "The prosperity index of each month and group of parks, with its 95 % band, small groups blanked.",
        _breakdown,
        ANSWERS_WITH_ITEMS,
        {"by": Option(tuple, (), _GROUPS_NOTE + "; empty = all parks"), "minimum": _MINIMUM, "within": _WITHIN},
        (
            ("period", "month"),
            BY_OUT,
            ("prosperity_index", "index points, 0 to 100, neutral 50"),
            ("se_points", "index points"),
            ("low", "index points"),
            ("high", "index points"),
            ("n_parks", "parks"),
            ("n_answers", "valid answers"),
            ("n_frame", "parks"),
            ("suppressed", "true or false"),
        ),
        "the headline's method; Cochran, Sampling Techniques (band)",
    ),
    Method(
        "runs",
        "How long a monthly figure has been on its side of neutral, and since when it was not as high or low.",
        runs,
        Contract("series", ANSWERS.columns[:1]),
        {
            "value": Option(str, None, "the column of the figure", required=True),
            "by": Option(tuple, (), "columns that name the series, with commas between"),
            "neutral": Option(float, 50.0, "the neutral value: 50, or 0 on the balance scale, 100 on the 0-200 scale"),
            "places": Option(int, None, "decimals as published, so that what prints as neutral is neutral"),
        },
        (
            ("the columns of the file", "as given"),
            ("n_run", "months"),
            ("side", "+ above, = at, - below neutral"),
            ("series_average", "points of the figure"),
            ("mean_3_months", "points of the figure"),
            ("highest_since", "month"),
            ("lowest_since", "month"),
        ),
        "Dallas Fed, Texas Manufacturing Outlook Survey",
        {"value": Column("value", pl.Float64, "as given", "the figure", nullable=True)},
    ),
)
