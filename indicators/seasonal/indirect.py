"""The seasonally adjusted prosperity index: every question adjusted first, then put together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import polars as pl

from indicators.frames import grouping, require, require_named
from indicators.prosperity import weighted_items
from indicators.rebase import series_contract
from indicators.seasonal.components import SeasonalError
from indicators.seasonal.policy import ADJUSTED, EXPERIMENTAL, seasonally_adjusted

_PARTS = ("adjusted", "seasonal_factor", "festival_effect", "outlier_effect")


def adjusted_composite(
    sub_indices: pl.DataFrame,
    items: pl.DataFrame,
    by: str | Sequence[str] = (),
    engine: str = "auto",
    window: str = "auto",
    crisis: Iterable[str | date] = (),
    estimate: str = "last_december",
) -> pl.DataFrame:
    """The prosperity index adjusted for the season the indirect way: sub-indices adjusted, then weighted.

    Formula: prosperity_index = sum of weight * sub-index; adjusted, seasonal_factor, festival_effect and
    outlier_effect = sum of weight * the same of each sub-index, so adjusted = prosperity_index -
    seasonal_factor - festival_effect holds for the sum too.
    Columns in: the result of ``indicators.prosperity.sub_indices`` (period, ``by``, item_id,
    diffusion_index, turned so that above 50 is favourable); ITEMS (weights above 0 sum to 1). Options:
    as ``seasonally_adjusted``. Columns out: period, ``by``, prosperity_index, then the four above in
    index points, status (the weakest of the questions'), engine, window (those of the questions, in
    alphabetical order with + between). Fewer than 24 months: only prosperity_index and the status.
    Raises WeightError, SeasonalError (a weighted question without a value in a month) and ContractError.
    Source: our choice; the PMI of NBS is the weighted sum of its adjusted sub-indices too.

    >>> months = pl.date_range(date(2026, 1, 1), date(2026, 2, 1), "1mo", eager=True)
    >>> rows = pl.DataFrame({"period": months, "item_id": ["rent"] * 2, "diffusion_index": [50.0, 52.0]})
    >>> items = pl.DataFrame({"item_id": ["rent"], "direction": [1], "weight": [1.0]})
    >>> adjusted_composite(rows, items)["prosperity_index"].to_list()
    [50.0, 52.0]
    """
    keys = [name for name in grouping(by) if name not in ("period", "item_id")]
    weights = weighted_items(items).select("item_id", "weight")
    contract = series_contract("diffusion_index", [*keys, "item_id"])
    require_named(sub_indices, [*keys, "item_id"], contract)
    frame = require(sub_indices, contract).filter(pl.col("item_id").is_in(weights["item_id"].to_list()))
    _require_every_item(frame, weights["item_id"].to_list(), keys)
    options = {"engine": engine, "window": window, "estimate": estimate}
    parts = seasonally_adjusted(frame, "diffusion_index", [*keys, "item_id"], crisis=tuple(crisis), **options)
    weighted = parts.join(weights, on="item_id")
    complete = pl.col("adjusted").is_not_null().all()
    summed = [
        pl.when(complete).then((pl.col("weight") * pl.col(name)).sum()).alias(name).cast(pl.Float64) for name in _PARTS
    ]
    cells = weighted.sort([*keys, "period", "item_id"], nulls_last=True).group_by(
        ["period", *keys], maintain_order=True
    )
    return cells.agg(
        (pl.col("weight") * pl.col("value")).sum().alias("prosperity_index"),
        *summed,
        pl.col("status").sort_by(pl.col("status").replace_strict(_STRENGTH, default=0)).first(),
        *[_joined(name) for name in ("engine", "window")],
    )


_STRENGTH = {EXPERIMENTAL: 1, ADJUSTED: 2}


def _joined(name: str) -> pl.Expr:
    values = pl.col(name).drop_nulls().unique().sort()
    return pl.when(values.len() > 0).then(values.str.join("+")).alias(name)


def _require_every_item(frame: pl.DataFrame, items: list[str], keys: list[str]) -> None:
    """Refuse a month in which a weighted question has no row."""
    months = frame.select(*keys, "period").unique()
    wanted = months.join(pl.DataFrame({"item_id": items}, schema={"item_id": pl.String}), how="cross")
    there = frame.select(*keys, "period", "item_id")
    missing = wanted.join(there, on=[*keys, "period", "item_id"], how="anti", nulls_equal=True)
    if missing.height:
        row = missing.sort("period", "item_id").row(0, named=True)
        more = f" and {missing.height - 1} more" if missing.height > 1 else ""
        raise SeasonalError(
            f"question '{row['item_id']}' has no row for {row['period']:%Y-%m}{more}; accepted: every weighted "
            f"question in every month; add it, start the series after it, or take the question out of the weights."
        )
