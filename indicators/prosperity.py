"""The monthly prosperity index of the parks: favourable answers, question by question and together.

Source: the shape of NBS, manufacturing PMI: fixed weights that sum to 1, inverse questions mirrored.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from indicators.balance import diffusion_index
from indicators.frames import ANSWERS, ITEMS, ContractError, grouping, require
from indicators.levels import with_levels

TOLERANCE = 1e-9
"""How far the weights may sum from 1."""

_MIRRORED = pl.col("direction") == -1


class WeightError(ValueError):
    """The weights of the questions do not sum to 1, so no index can be formed."""


def require_items(items: pl.DataFrame) -> pl.DataFrame:
    """The questions, checked: each has a direction and a weight, named in the refusal where it has not.

    Columns in and out: ITEMS. Raises ContractError naming the question and the rule. Source: our choice.

    >>> require_items(pl.DataFrame({"item_id": ["cost"], "direction": [None], "weight": [1.0]}))
    Traceback (most recent call last):
    ...
    indicators.frames.ContractError: items: question 'cost' has no direction; accepted: 1 (up is favourable) or -1 \
(up is unfavourable); enter it.
    """
    rules = {"direction": "1 (up is favourable) or -1 (up is unfavourable)", "weight": "0 (not in the index) to 1"}
    lacking = [
        f"question '{item}' has no {name}; accepted: {rule}; enter it."
        for name, rule in rules.items()
        if {"item_id", name} <= set(items.columns) and items[name].null_count()
        for item in items.filter(pl.col(name).is_null() & pl.col("item_id").is_not_null())["item_id"]
    ]
    if lacking:
        raise ContractError(ITEMS, lacking)
    return require(items, ITEMS)


def weighted_items(items: pl.DataFrame) -> pl.DataFrame:
    """The questions that carry weight, in one order; their weights must sum to 1.

    Columns in and out: ITEMS. Raises ContractError, and WeightError naming the questions and their
    sum. Source: our choice.

    >>> weighted_items(pl.DataFrame({"item_id": ["rent"], "direction": [1], "weight": [0.9]}))
    Traceback (most recent call last):
    ...
    indicators.prosperity.WeightError: items: the weights sum to 0.9 (rent 0.9); accepted: a sum of 1; \
correct the weights of the questions.
    """
    weighted = require_items(items).filter(pl.col("weight") > 0).sort("item_id")
    total = float(weighted["weight"].sum())
    if abs(total - 1.0) > TOLERANCE:
        listed = ", ".join(f"{name} {weight:g}" for name, weight in weighted.select("item_id", "weight").iter_rows())
        raise WeightError(
            f"items: the weights sum to {total:.10g} ({listed or 'no question has a weight above 0'}); "
            f"accepted: a sum of 1; correct the weights of the questions."
        )
    return weighted


def sub_indices(answers: pl.DataFrame, items: pl.DataFrame, by: str | Sequence[str]) -> pl.DataFrame:
    """The diffusion index of every question, read so that above 50 is always favourable.

    Formula: diffusion_index = up_pct + same_pct / 2 for direction 1; for direction -1 (such as
    cost pressure) up_pct and down_pct change places, so the index is 100 minus the plain one.
    Columns in: ANSWERS; ITEMS (item_id text, direction 1 or -1, weight share of 1; levels 3, 5 or 7
    where a question has more than three); those of ``by``. Columns out: ``by``, item_id, n UInt32
    (valid answers), up_pct, same_pct, down_pct (per cent, up = favourable), diffusion_index (index
    points, 0..100).
    Questions that are not in ``items`` are left out; a question without a valid answer has n = 0
    and nulls. Raises ContractError. Source: NBS, manufacturing PMI (逆指数 for delivery times).

    >>> october = pl.Series(["2026-10-01"] * 2).str.to_date()
    >>> answers = pl.DataFrame({"period": october, "park_id": ["a", "b"], "item_id": ["cost"] * 2,
    ...     "answer": ["up", "same"]})
    >>> items = pl.DataFrame({"item_id": ["cost"], "direction": [-1], "weight": [1.0]})
    >>> sub_indices(answers, items, "period").select("up_pct", "same_pct", "down_pct", "diffusion_index").row(0)
    (0.0, 50.0, 50.0, 25.0)
    """
    keys = _keys(by)
    questions = require_items(items)
    directions = questions.select("item_id", "direction")
    plain = diffusion_index(with_levels(answers, questions), [*keys, "item_id"]).join(
        directions, on="item_id", how="inner"
    )
    index = pl.col("diffusion_index")
    return plain.select(
        *keys,
        "item_id",
        "n",
        pl.when(_MIRRORED).then("down_pct").otherwise("up_pct").alias("up_pct"),
        "same_pct",
        pl.when(_MIRRORED).then("up_pct").otherwise("down_pct").alias("down_pct"),
        pl.when(_MIRRORED).then(100.0 - index).otherwise(index).alias("diffusion_index"),
    ).sort([*keys, "item_id"], nulls_last=True)


def prosperity_index(answers: pl.DataFrame, items: pl.DataFrame, by: str | Sequence[str]) -> pl.DataFrame:
    """The prosperity index of each cell: the weighted mean of its questions' indices.

    Formula: prosperity_index = sum over the questions of weight * diffusion_index, with the
    direction of inverse questions turned. Nothing is rounded on the way.
    Columns in: ANSWERS; ITEMS (weights above 0 must sum to 1); those of ``by``. Columns out:
    ``by``, prosperity_index Float64 (index points, 0..100, neutral 50), n_parks UInt32 (parks with
    a valid answer to a weighted question), n_answers UInt32 (their valid answers).
    A cell in which a weighted question has no valid answer has prosperity_index null: the other
    weights are never scaled up. One park is enough for an index; see ``suppress`` for small cells.
    Raises WeightError and ContractError. Source: NBS, manufacturing PMI; weights our choice.

    >>> october = pl.Series(["2026-10-01"] * 2).str.to_date()
    >>> answers = pl.DataFrame({"period": october, "park_id": ["a", "a"], "item_id": ["rent", "cost"],
    ...     "answer": ["up", "same"]})
    >>> items = pl.DataFrame({"item_id": ["rent", "cost"], "direction": [1, -1], "weight": [0.75, 0.25]})
    >>> prosperity_index(answers, items, "period").select("prosperity_index", "n_parks", "n_answers").row(0)
    (87.5, 1, 2)
    """
    keys = _keys(by)
    weighted = weighted_items(items)
    frame = with_levels(require(answers, ANSWERS), weighted)
    parts = sub_indices(frame, weighted, keys).join(weighted.select("item_id", "weight"), on="item_id")
    complete = pl.col("diffusion_index").count() == weighted.height
    index = pl.when(complete).then((pl.col("weight") * pl.col("diffusion_index")).sum().clip(0, 100))
    together = parts.sort(*keys, "item_id").group_by(keys, maintain_order=True).agg(index.alias("prosperity_index"))
    counted = _counts(frame, weighted, keys)
    joined = counted.join(together, on=keys, how="left", nulls_equal=True)
    return joined.select(*keys, "prosperity_index", "n_parks", "n_answers").sort(keys, nulls_last=True)


def _keys(by: str | Sequence[str]) -> list[str]:
    return [name for name in grouping(by) if name != "item_id"]


def _counts(answers: pl.DataFrame, weighted: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Parks and valid answers behind the index of each cell, 0 where there is none."""
    valid = pl.col("answer").is_not_null() & pl.col("item_id").is_in(weighted["item_id"].to_list())
    if "weight" in answers.columns:
        valid &= pl.col("weight") > 0
    return answers.group_by(keys).agg(
        pl.col("park_id").filter(valid).n_unique().cast(pl.UInt32).alias("n_parks"),
        valid.sum().cast(pl.UInt32).alias("n_answers"),
    )
