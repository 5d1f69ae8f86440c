"""Answers from any list of choices: how many gave each one, without an order and without a score."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from indicators.frames import Column, Contract, grouping, require, require_named

CHOICES = Contract(
    "choices",
    (
        Column("period", pl.Date, "month", "the month of the wave, as its first day", month=True),
        Column("park_id", pl.String, "code", "the park that answered"),
        Column("item_id", pl.String, "code", "the question"),
        Column("answer", pl.String, "code", "the choice; empty = no valid answer, left out", nullable=True),
    ),
    key=("period", "park_id", "item_id"),
)
"""One row per park, wave and question; the choices may be anything."""


def choice_shares(answers: pl.DataFrame, by: str | Sequence[str]) -> pl.DataFrame:
    """How many per cent of the answers of each cell gave each choice.

    Formula: share_pct = 100 * n / n_answers, where n_answers is the sum of n over the choices of
    the cell; every answer counts 1.
    Columns in: CHOICES (period Date, park_id, item_id, answer text) and those of ``by``. Columns
    out: ``by``, answer text, n UInt32 (answers with this choice), n_answers UInt32 (valid answers of
    the cell), share_pct Float64 (per cent, 0..100), sorted.
    The grid is complete over the choices that occur: every cell has a row for each choice that any
    cell gave, of the same question where ``by`` holds item_id; 0 where nobody in the cell did, a
    true zero. A choice nobody gave at all has no row. A cell without a valid answer has n and
    n_answers 0 and no share. ``by`` should hold item_id, or questions are counted together.
    Raises ContractError. Source: our choice, plain relative frequencies; the grid is that of a
    contingency table.

    >>> june = pl.Series(["2026-06-01"] * 3).str.to_date()
    >>> answers = pl.DataFrame({"period": june, "park_id": ["a", "b", "c"], "item_id": ["parking"] * 3,
    ...     "answer": ["planned", "fully", "fully"]})
    >>> choice_shares(answers, "item_id").select("answer", "n", "n_answers", pl.col("share_pct").round(1)).rows()
    [('fully', 2, 3, 66.7), ('planned', 1, 3, 33.3)]
    """
    keys = [name for name in grouping(by) if name != "answer"]
    frame = require(answers, CHOICES)
    require_named(frame, keys, CHOICES)
    valid = frame.filter(pl.col("answer").is_not_null())
    counted = valid.group_by([*keys, "answer"]).agg(pl.len().alias("n"))
    joined = _grid(frame, valid, keys).join(counted, on=[*keys, "answer"], how="left", nulls_equal=True)
    filled = joined.with_columns(pl.col("n").fill_null(0).cast(pl.UInt32))
    total = pl.col("n").sum().over(keys) if keys else pl.col("n").sum()
    shares = filled.with_columns(total.cast(pl.UInt32).alias("n_answers"))
    share = pl.when(pl.col("n_answers") > 0).then(100.0 * pl.col("n") / pl.col("n_answers"))
    result = shares.select(*keys, "answer", "n", "n_answers", share.alias("share_pct"))
    return result.sort(*keys, "answer", nulls_last=True)


def _grid(frame: pl.DataFrame, valid: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    """Every cell with every choice that occurs, of the same question where the cells tell questions apart."""
    if "item_id" in keys:
        return frame.select(keys).unique().join(valid.select("item_id", "answer").unique(), on="item_id")
    choices = valid.select("answer").unique()
    return frame.select(keys).unique().join(choices, how="cross") if keys else choices
