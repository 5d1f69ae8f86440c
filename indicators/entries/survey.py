"""The methods of the monthly survey: shares, one index a question, one index of all questions, changes."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from indicators.balance import SHARES, diffusion_index, scales, shares
from indicators.catalogue import BY_NOTE, BY_OUT, Method, Option
from indicators.frames import ANSWERS, ITEMS, Column, Contract, ContractError
from indicators.levels import answer_shares
from indicators.prosperity import prosperity_index
from indicators.rebase import changes

_SHARES_OUT = (("n", "valid answers"), ("up_pct", "per cent"), ("same_pct", "per cent"), ("down_pct", "per cent"))
_MONTH_COLUMNS = Contract("series", ANSWERS.columns[:1])
ANSWERS_WITH_ITEMS = Contract(
    "answers with items",
    (
        *ANSWERS.columns,
        replace(ITEMS.columns[1], nullable=True),
        replace(ITEMS.columns[2], name="item_weight", nullable=True),
    ),
    key=ANSWERS.key,
)
"""Answers whose rows carry the direction and weight of their question."""


def questions(answers: pl.DataFrame) -> pl.DataFrame:
    """The questions of ``ANSWERS_WITH_ITEMS``: their direction and weight; a stand-in where there are no rows."""
    items = answers.select("item_id", "direction", pl.col("item_weight").alias("weight")).unique(maintain_order=True)
    torn = items.filter(pl.col("item_id").is_duplicated())["item_id"]
    if len(torn):
        problem = (
            f"column direction, item_weight: question '{torn[0]}' has more than one direction or weight; "
            f"accepted: one of each per item_id; make its rows agree."
        )
        raise ContractError(ANSWERS_WITH_ITEMS, [problem])
    return pl.DataFrame({"item_id": ["none"], "direction": [1], "weight": [1.0]}) if items.is_empty() else items


def _prosperity(answers: pl.DataFrame, by: tuple[str, ...]) -> pl.DataFrame:
    """prosperity_index on one file: each answer carries the direction and weight of its question."""
    return prosperity_index(answers, questions(answers), by)


ENTRIES: tuple[Method, ...] = (
    Method(
        "shares",
        "How many per cent of the answers in each cell say up, same and down.",
        shares,
        ANSWERS,
        {"by": Option(tuple, ("period", "item_id"), BY_NOTE)},
        (BY_OUT, *_SHARES_OUT),
        "NBS, manufacturing PMI; OECD, Business Tendency Surveys",
    ),
    Method(
        "diffusion_index",
        "The answers of each cell as one number: up + same / 2, and the same on the two other scales in use.",
        diffusion_index,
        ANSWERS,
        {"by": Option(tuple, ("period", "item_id"), BY_NOTE)},
        (
            BY_OUT,
            *_SHARES_OUT,
            ("diffusion_index", "index points, 0 to 100, neutral 50"),
            ("balance", "index points, -100 to 100, neutral 0"),
            ("sentiment_index", "index points, 0 to 200, neutral 100"),
        ),
        "NBS, manufacturing PMI (0-100); European Commission, BCS (balance); NBS, 企业景气指数 (0-200)",
    ),
    Method(
        "prosperity_index",
        "The weighted mean of the questions' diffusion indices, inverse questions turned.",
        _prosperity,
        ANSWERS_WITH_ITEMS,
        {"by": Option(tuple, ("period",), BY_NOTE)},
        (
            BY_OUT,
            ("prosperity_index", "index points, 0 to 100, neutral 50"),
            ("n_parks", "parks"),
            ("n_answers", "valid answers"),
        ),
        "the form of NBS, manufacturing PMI; the weights are ours",
    ),
    Method(
        "changes",
        "How far a monthly figure has moved since last month and since the same month last year.",
        changes,
        _MONTH_COLUMNS,
        {
            "value": Option(str, None, "the column whose change is wanted", required=True),
            "by": Option(tuple, (), "columns that name the series, with commas between"),
        },
        (
            ("the columns of the file", "as given"),
            ("change_month", "points of the figure"),
            ("change_year", "points of the figure"),
        ),
        "our choice; NBS and PBoC print both changes in points",
        {"value": Column("value", pl.Float64, "as given", "the figure", nullable=True)},
    ),
    Method(
        "scales",
        "Shares up, same and down, as published, as one number on the three scales.",
        scales,
        SHARES,
        {"places": Option(int, None, "decimals the three figures are rounded to, half up; empty = not rounded")},
        (
            ("the columns of the file", "as given"),
            ("diffusion_index", "index points, 0 to 100, neutral 50"),
            ("balance", "index points, -100 to 100, neutral 0"),
            ("sentiment_index", "index points, 0 to 200, neutral 100"),
        ),
        "NBS, manufacturing PMI (0-100); European Commission, BCS (balance); NBS, 企业景气指数 (0-200)",
    ),
    Method(
        "answer_shares",
        "How many per cent of the answers chose each level of a question with three, five or seven levels.",
        answer_shares,
        ANSWERS,
        {"by": Option(tuple, ("period", "item_id"), BY_NOTE)},
        (
            BY_OUT,
            ("levels", "3, 5 or 7"),
            ("position", "place of the level, 1 = best"),
            ("answer", "code"),
            ("n", "answers"),
            ("share_pct", "per cent"),
        ),
        "OECD, Business Tendency Surveys: A Handbook",
    ),
)
