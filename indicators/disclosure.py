"""Small cells are hidden, so that a figure never gives away what one park answered."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from indicators.frames import Column, Contract, ContractError, grouping, require, require_named


def counts_contract(n: str) -> Contract:
    """The contract of a table of cells: a count in every row.

    >>> counts_contract("n_parks").columns[0].name
    'n_parks'
    """
    return Contract("cells", (Column(n, pl.Int64, "count", "how many parks or answers are behind the cell", low=0),))


def suppress(
    frame: pl.DataFrame,
    n: str,
    values: str | Sequence[str],
    minimum: int = 5,
    within: str | Sequence[str] | None = None,
) -> pl.DataFrame:
    """The table with the figures of small cells blanked and a column that says which.

    Formula: a cell is hidden where 0 < n < minimum. If it is the only hidden one of its
    ``within`` group, the smallest other cell with n > 0 of that group is hidden too (the first
    such row on a tie), because the group's total would otherwise give it back.
    Columns in: ``n`` whole number (count), the ``values``, those of ``within``. Columns out: all
    columns in their order, ``values`` null where hidden, then suppressed Boolean.
    n itself stays visible. A cell with n = 0 has nothing to hide. Where a group has no other cell
    with n > 0, only the small one is hidden: do not show that group's total. ``within=()`` takes
    the whole table as one group, None hides small cells only.
    Raises ContractError. Source: Handbook on Statistical Disclosure Control, chapter 4 (minimum
    frequency, secondary suppression); minimum 5 is our choice. Known limit: simple complementary
    suppression does not stop someone who combines several tables.

    >>> table = pl.DataFrame({"district": ["a", "b", "c"], "n": [3, 9, 7], "index": [40.0, 50.0, 60.0]})
    >>> suppress(table, "n", "index", within=())["index"].to_list()
    [None, 50.0, None]
    """
    contract, hidden, groups = counts_contract(n), grouping(values), None if within is None else grouping(within)
    require_named(frame, [n, *hidden, *(groups or [])], contract)
    if minimum < 1:
        problem = f"minimum {minimum} is not accepted; accepted: a whole number from 1; give a larger minimum."
        raise ContractError(contract, [problem])
    require(frame.select(n), contract)
    marked = _marked(frame, n, minimum, groups)
    blanked = [pl.when(~pl.col("suppressed")).then(pl.col(name)).alias(name) for name in hidden]
    return marked.with_columns(blanked).select([*(c for c in frame.columns if c != "suppressed"), "suppressed"])


def _marked(frame: pl.DataFrame, n: str, minimum: int, groups: list[str] | None) -> pl.DataFrame:
    """The frame with ``suppressed``: the small cells and, in a group with just one, the next smallest."""
    small = (pl.col(n) > 0) & (pl.col(n) < minimum)
    marked = frame.with_columns(small.alias("suppressed"))
    if groups is None or not marked["suppressed"].any():
        return marked
    over = [pl.col(name) for name in groups] or [pl.lit(1)]
    lone = pl.col("suppressed").sum().over(over) == 1
    other = ~pl.col("suppressed") & (pl.col(n) > 0)
    size = pl.when(other).then(pl.col(n))
    rank = size.rank("ordinal").over(over)
    return marked.with_columns((pl.col("suppressed") | (lone & (rank == 1)).fill_null(value=False)).alias("suppressed"))
