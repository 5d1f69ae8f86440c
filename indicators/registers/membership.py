"""How many members there are at the end of each month, and how many came and went."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import polars as pl

from indicators.frames import Column, Contract, ContractError, grouping, require, require_named

MEMBERS = Contract(
    "members",
    (
        Column("member_id", pl.String, "code", "the member"),
        Column("joined", pl.Date, "day", "the day it joined; empty = not known", nullable=True),
        Column("left_on", pl.Date, "day", "the first day it is no member any more; empty = still one", nullable=True),
    ),
    key=("member_id",),
)
"""One row per member."""

_FLOWS = ("n_joined", "n_left")


def membership(
    members: pl.DataFrame, by: str | Sequence[str] = (), first: date | None = None, last: date | None = None
) -> pl.DataFrame:
    """How many members there are at the end of each month, by type, province or city.

    Formula: n_members(t) = members with joined up to the end of month t that have not left by then = n_members(t-1) +
    n_joined(t) - n_left(t); net_growth = n_joined - n_left.
    Columns in: member_id text, joined, left_on Date (may be empty), those of ``by``; ``first``, ``last`` any day of the
    months wanted, by default from the first joining to the last joining or leaving. Columns out: period Date (first of
    the month), ``by``, n_members, n_joined, n_left UInt32, net_growth Int64 (members), n_undated UInt32 (members whose
    joining day is not known; in no other column), sorted; every month for every combination of ``by`` found.
    A month without joining or leaving keeps the members of the month before. No dated member and no months asked for:
    no rows. Raises ContractError, also where a member left before it joined. Source: our choice.

    >>> members = pl.DataFrame({"member_id": ["a", "b"], "joined": [date(2022, 1, 26), date(2022, 3, 1)],
    ...     "left_on": [None, date(2022, 4, 2)]}, schema_overrides={"left_on": pl.Date})
    >>> membership(members).select("n_members", "net_growth").rows()
    [(1, 1), (1, 0), (2, 1), (1, -1)]
    """
    keys = [name for name in grouping(by) if name != "period"]
    frame = require(members, MEMBERS)
    require_named(frame, keys, MEMBERS)
    _require_order(frame)
    dated = frame.filter(pl.col("joined").is_not_null())
    moves = pl.concat([_moves(dated, "joined", keys, 1), _moves(dated.drop_nulls("left_on"), "left_on", keys, -1)])
    months = _months(moves["period"], first, last)
    groups = frame.group_by(keys).agg(_undated()) if keys else frame.select(_undated())
    grid = months.join(groups, how="cross")
    order = ["period", *keys]
    summed = moves.group_by(order).agg(
        pl.col("_step").filter(pl.col("_step") > 0).sum().alias("n_joined"),
        -pl.col("_step").filter(pl.col("_step") < 0).sum().alias("n_left"),
    )
    wide = pl.concat([grid.select(order), summed.select(order)]).unique().sort(order, nulls_last=True)
    full = wide.join(summed, on=order, how="left", nulls_equal=True, maintain_order="left")
    filled = full.with_columns(pl.col(_FLOWS).fill_null(0))
    net = pl.col("n_joined") - pl.col("n_left")
    stock = net.cum_sum().over(keys) if keys else net.cum_sum()
    table = filled.with_columns(stock.alias("n_members"), net.cast(pl.Int64).alias("net_growth"))
    joined = grid.join(table, on=order, how="left", nulls_equal=True, maintain_order="left")
    shown = joined.sort(order, nulls_last=True).with_columns(pl.col("n_members", *_FLOWS).cast(pl.UInt32))
    return shown.select("period", *keys, "n_members", *_FLOWS, "net_growth", "n_undated")


def _undated() -> pl.Expr:
    return pl.col("joined").is_null().sum().cast(pl.UInt32).alias("n_undated")


def _moves(frame: pl.DataFrame, day: str, keys: list[str], step: int) -> pl.DataFrame:
    month = pl.col(day).dt.truncate("1mo").alias("period")
    return frame.select(month, *keys, pl.lit(step, pl.Int64).alias("_step"))


def _months(moved: pl.Series, first: date | None, last: date | None) -> pl.DataFrame:
    earliest, latest = moved.min(), moved.max()
    start = first.replace(day=1) if first else earliest
    end = last.replace(day=1) if last else latest
    if not isinstance(start, date) or not isinstance(end, date):
        return pl.DataFrame(schema={"period": pl.Date})
    if start > end:
        problem = (
            f"first {start:%Y-%m} lies after last {end:%Y-%m}; accepted: first not after last; change one of them."
        )
        raise ContractError(MEMBERS, [problem])
    return pl.DataFrame({"period": pl.date_range(start, end, "1mo", eager=True)})


def _require_order(frame: pl.DataFrame) -> None:
    wrong = frame.with_row_index("_row", 1).filter(pl.col("left_on") < pl.col("joined"))
    if wrong.height:
        row, joined, left = wrong.select("_row", "joined", "left_on").row(0)
        problem = f"column left_on, row {row}: {left} lies before joined {joined}; accepted: a later day; correct it."
        raise ContractError(MEMBERS, [problem])
