"""Who still owes an answer: of every park of the frame, whether it has answered a month, and since when it has not.

Source: OECD, Business Tendency Surveys: A Handbook (follow-up of non-respondents); the run of missing months is ours.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from indicators.frames import Column, Contract, require
from indicators.levels import require_levels

_FRAME = Contract("frame", (Column("park_id", pl.String, "code", "a park of the frame"),), key=("park_id",))


def response_status(frame: pl.DataFrame, answers: pl.DataFrame, month: date, months: int = 12) -> pl.DataFrame:
    """Each park of the frame: has it answered the month, when did it last, and how often in the last months.

    Formula: last_period = the newest month not after ``month`` with a valid answer; n_missing = months from
    last_period to ``month``, 0 where the month itself is answered; n_answered = months with a valid answer among the
    ``months`` that end with ``month``.
    Columns in: frame: park_id and any others; ANSWERS. Columns out: those of ``frame``, answered Boolean, last_period
    Date (null: never), n_missing UInt32 (months; null: never answered), n_answered UInt32 (months, 0..``months``).
    Answers of parks outside the frame are left out. Raises ContractError. Source: our choice.

    >>> answers = pl.DataFrame({"period": [date(2026, 8, 1), date(2026, 10, 1)], "park_id": ["a", "b"],
    ...     "item_id": ["rent"] * 2, "answer": ["up", "same"]})
    >>> frame = pl.DataFrame({"park_id": ["a", "b", "c"]})
    >>> response_status(frame, answers, date(2026, 10, 1)).drop("last_period").rows()
    [('a', False, 2, 1), ('b', True, 0, 1), ('c', False, None, 0)]
    """
    listed = require(frame, _FRAME)
    until = pl.col("period") <= month
    valid = require_levels(answers).filter(pl.col("answer").is_not_null() & until)
    first = pl.lit(month).dt.offset_by(f"-{months - 1}mo")
    given = (
        valid.select("park_id", "period")
        .unique()
        .group_by("park_id")
        .agg(last_period=pl.col("period").max(), n_answered=(pl.col("period") >= first).sum().cast(pl.UInt32))
    )
    last = pl.col("last_period")
    missing = (month.year - last.dt.year()) * 12 + (month.month - last.dt.month().cast(pl.Int32))
    return listed.join(given, on="park_id", how="left", maintain_order="left").select(
        *listed.columns,
        answered=(last == month).fill_null(value=False),
        last_period=last,
        n_missing=missing.cast(pl.UInt32),
        n_answered=pl.col("n_answered").fill_null(0),
    )
