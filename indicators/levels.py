"""Answers on three, five or seven levels: their codes, their scores, and the share of each.

The score of an answer is its place between the worst (0) and the best (1), in equal steps:
sources: Cabinet Office of Japan, Economy Watchers Survey (five levels 1, 0.75, 0.5, 0.25, 0);
OECD, Business Tendency Surveys: A Handbook (three levels).
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from indicators.frames import ANSWERS, SHOWN_PER_COLUMN, ContractError, grouping, require, require_named

LEVELS: dict[int, tuple[str, ...]] = {
    3: ("up", "same", "down"),
    5: ("up2", "up", "same", "down", "down2"),
    7: ("up3", "up2", "up", "same", "down", "down2", "down3"),
}
"""The codes of each kind of question, best first; ``same`` is the middle."""

SCORES: dict[int, dict[str, float]] = {
    levels: {code: (levels - 1 - place) / (levels - 1) for place, code in enumerate(codes)}
    for levels, codes in LEVELS.items()
}
"""The score of each code: 1 for the best, 0.5 for ``same``, 0 for the worst."""

SIDES: dict[str, tuple[str, ...]] = {
    "up_pct": ("up", "up2", "up3"),
    "same_pct": ("same",),
    "down_pct": ("down", "down2", "down3"),
}
"""The codes above, at and below the middle."""


def require_levels(answers: pl.DataFrame) -> pl.DataFrame:
    """The answers, checked: each is one of the levels of its question.

    Columns in: ANSWERS; ``levels`` (3, 5 or 7) is optional, absent = 3. Columns out: the same.
    Raises ContractError naming the row, the question, its levels and the answer. Source: our choice.

    >>> october = pl.Series(["2026-10-01"]).str.to_date()
    >>> require_levels(pl.DataFrame({"period": october, "park_id": ["a"], "item_id": ["rent"], "answer": ["up2"]}))
    Traceback (most recent call last):
    ...
    indicators.frames.ContractError: answers: column answer, row 1: question 'rent' has 3 levels and 'up2' is not one \
of them; accepted: up, same or down, or empty; correct the answer or the levels of the question.
    """
    frame = require(answers, ANSWERS)
    levels = pl.col("levels") if "levels" in frame.columns else pl.lit(3, pl.Int8)
    outer = pl.col("answer").is_in(["up2", "down2"]) & (levels < 5) | pl.col("answer").is_in(["up3", "down3"]) & (
        levels < 7
    )
    rows = frame.select(outer.fill_null(value=False).alias("outer"))["outer"].arg_true().to_list()
    if rows:
        raise ContractError(ANSWERS, [_outside(frame, row) for row in rows[:SHOWN_PER_COLUMN]])
    return frame


def score(frame: pl.DataFrame) -> pl.Expr:
    """The score of each answer of a frame that ``require_levels`` has passed: 0 to 1, null for no answer.

    >>> answers = pl.DataFrame({"answer": ["up", "same", None], "levels": [5, 5, 5]})
    >>> answers.select(score(answers))["score"].to_list()
    [0.75, 0.5, None]
    """
    answer = pl.col("answer")
    if "levels" not in frame.columns:
        return _mapped(answer, 3).alias("score")
    three, five, seven = (_mapped(answer, levels) for levels in (3, 5, 7))
    above = pl.when(pl.col("levels") == 5).then(five).otherwise(seven)
    return pl.when(pl.col("levels") == 3).then(three).otherwise(above).alias("score")


def with_levels(answers: pl.DataFrame, items: pl.DataFrame) -> pl.DataFrame:
    """The answers with the ``levels`` of their question, where the items state them and the answers do not.

    >>> answers = pl.DataFrame({"item_id": ["rent"], "answer": ["up2"]})
    >>> with_levels(answers, pl.DataFrame({"item_id": ["rent"], "levels": [5]}))["levels"].to_list()
    [5]
    """
    if "levels" in answers.columns or "levels" not in items.columns or (items["levels"] == 3).all():
        return answers
    joined = answers.join(items.select("item_id", "levels"), on="item_id", how="left", maintain_order="left")
    return joined.with_columns(pl.col("levels").fill_null(3).cast(pl.Int8))


def answer_shares(answers: pl.DataFrame, by: str | Sequence[str]) -> pl.DataFrame:
    """How many per cent of the answers of each cell chose each level.

    Formula: share_pct = 100 * sum of the weights of the answers with this code / sum of the
    weights of all valid answers; without a ``weight`` column every answer weighs 1.
    Columns in: ANSWERS (``levels`` 3, 5 or 7 optional, absent = 3) and those of ``by``. Columns
    out: ``by``, levels Int8, position UInt8 (1 = best), answer text, n UInt32 (answers), share_pct
    Float64 (per cent, 0..100). Every level of a cell has a row: 0 where nobody chose it, null where
    the cell has no valid answer. ``by`` should hold item_id, or questions are counted together.
    Raises ContractError. Source: OECD, Business Tendency Surveys: A Handbook.

    >>> october = pl.Series(["2026-10-01"] * 4).str.to_date()
    >>> answers = pl.DataFrame({"period": october, "park_id": list("abcd"), "item_id": ["rent"] * 4,
    ...     "answer": ["up", "up", "same", None]})
    >>> answer_shares(answers, "item_id")["share_pct"].round(1).to_list()
    [66.7, 33.3, 0.0]
    """
    keys = grouping(by)
    frame = require_levels(answers)
    require_named(frame, keys, ANSWERS)
    levels = pl.col("levels") if "levels" in frame.columns else pl.lit(3, pl.Int8)
    weight = pl.col("weight") if "weight" in frame.columns else pl.lit(1.0)
    counted = frame.select(*keys, levels.alias("levels"), "answer", weight.alias("_weight"))
    cells = counted.select(*keys, "levels").unique()
    valid = counted.filter(pl.col("answer").is_not_null() & (pl.col("_weight") > 0))
    sums = valid.group_by(*keys, "levels", "answer").agg(pl.len().alias("n"), pl.col("_weight").sum())
    grid = cells.join(_codes(), on="levels").join(
        sums, on=[*keys, "levels", "answer"], how="left", nulls_equal=True, maintain_order="left"
    )
    total = pl.col("_weight").sum().over([*keys, "levels"]) if keys else pl.col("_weight").sum().over("levels")
    share = pl.when(total > 0).then((100.0 * pl.col("_weight").fill_null(0.0) / total).clip(0, 100))
    counts = pl.col("n").fill_null(0).cast(pl.UInt32)
    columns = [*keys, "levels", "position", "answer", counts, share.alias("share_pct")]
    return grid.select(columns).sort(*keys, "levels", "position", nulls_last=True)


def _codes() -> pl.DataFrame:
    rows = [(levels, place, code) for levels, codes in LEVELS.items() for place, code in enumerate(codes, 1)]
    return pl.DataFrame(rows, schema={"levels": pl.Int8, "position": pl.UInt8, "answer": pl.String}, orient="row")


def _mapped(answer: pl.Expr, levels: int) -> pl.Expr:
    return answer.replace_strict(SCORES[levels], default=None, return_dtype=pl.Float64)


def _outside(frame: pl.DataFrame, row: int) -> str:
    levels = frame["levels"][row] if "levels" in frame.columns else 3
    codes = LEVELS[levels]
    return (
        f"column answer, row {row + 1}: question '{frame['item_id'][row]}' has {levels} levels and "
        f"'{frame['answer'][row]}' is not one of them; accepted: {', '.join(codes[:-1])} or {codes[-1]}, or empty; "
        f"correct the answer or the levels of the question."
    )
