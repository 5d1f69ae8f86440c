"""One index from several published ones: weighted mean, geometric mean, and present with expected.

Sources: NBS, manufacturing PMI (arithmetic, inverse components); NBS, 企业景气指数 (0.4 present, 0.6
expected); ifo, Business Climate (geometric mean of situation and expectations).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import polars as pl

from indicators.balance import published
from indicators.frames import Column, Contract, ContractError, grouping, require, require_named
from indicators.prosperity import TOLERANCE, WeightError

Figure = TypeVar("Figure", float, pl.Expr, pl.Series)

SCALES: dict[str, tuple[float, float]] = {"0-100": (0.0, 100.0), "balance": (-100.0, 100.0), "0-200": (0.0, 200.0)}
"""Lowest and highest value of each scale."""

KINDS = ("arithmetic", "geometric")

COMPONENTS = Contract(
    "components",
    (
        Column("component_id", pl.String, "code", "the component"),
        Column(
            "value", pl.Float64, "index points", "the component's index on the scale; empty = missing", nullable=True
        ),
    ),
)
"""One row per cell and component."""

WEIGHTS = Contract(
    "component weights",
    (
        Column("component_id", pl.String, "code", "the component"),
        Column("weight", pl.Float64, "share of 1", "weight of the component", low=0, high=1),
        Column("direction", pl.Int8, "sign", "1, or -1 = inverse; absent = 1", allowed=(1, -1), optional=True),
    ),
    key=("component_id",),
)
"""One row per component; the weights sum to 1."""


def composite(
    components: pl.DataFrame,
    weights: pl.DataFrame,
    kind: str = "arithmetic",
    by: str | Sequence[str] = "period",
    scale: str = "0-100",
    places: int | None = None,
) -> pl.DataFrame:
    """One index a cell from the indices of its components, with declared weights.

    Formula: arithmetic: sum of weight * value, an inverse component turned first (100 - v on 0-100,
    -v on the balance scale, 200 - v on 0-200). Geometric, on the balance scale: product of
    (v + 200)^weight, less 200; for two equal weights sqrt((v1 + 200)(v2 + 200)) - 200; values on
    another scale are taken to the balance scale and back.
    Columns in: component_id, value Float64 (index points) and those of ``by`` (any dtype, such as a
    quarter as text); weights: component_id, weight (share of 1, sum 1), direction (1 or -1;
    absent = 1). Columns out: ``by``, composite Float64 (on ``scale``), n_components UInt32 (with a
    value); ``places`` rounds composite half up for publication, never before.
    A cell that lacks a component with weight has composite null: weights are never scaled up.
    Raises WeightError naming the components and their sum; ContractError naming a component without
    weight or direction, one given twice in a cell, a value outside the scale, another kind or scale.
    Source: NBS, manufacturing PMI; ifo, Business Climate.

    >>> parts = pl.DataFrame({"period": ["2013-Q3"] * 2, "component_id": ["now", "ahead"], "value": [117.9, 123.9]})
    >>> shares = pl.DataFrame({"component_id": ["now", "ahead"], "weight": [0.4, 0.6]})
    >>> composite(parts, shares, scale="0-200", places=1).row(0)
    ('2013-Q3', 121.5, 2)
    """
    _require_choice("kind", kind, KINDS)
    _require_choice("scale", scale, tuple(SCALES))
    keys = grouping(by)
    shares = require_weights(weights).filter(pl.col("weight") > 0)
    frame = _require_components(components, keys, scale)
    low, high = SCALES[scale]
    value = pl.when(pl.col("direction") == -1).then(low + high - pl.col("value")).otherwise(pl.col("value"))
    turned = frame.join(shares, on="component_id", how="inner").with_columns(_value=value).sort(*keys, "component_id")
    if kind == "arithmetic":
        index = (pl.col("weight") * pl.col("_value")).sum()
    else:
        balance = (pl.col("_value") - (low + high) / 2) * (200.0 / (high - low))
        product = (pl.col("weight") * (balance + 200.0).log()).sum().exp() - 200.0
        index = product * ((high - low) / 200.0) + (low + high) / 2
    complete = pl.col("_value").count() == shares.height
    grouped = turned.group_by(keys, maintain_order=True).agg(
        pl.when(complete).then(index.clip(low, high)).alias("composite"),
        pl.col("_value").count().cast(pl.UInt32).alias("n_components"),
    )
    all_cells = frame.select(keys).unique().join(grouped, on=keys, how="left", nulls_equal=True)
    result = all_cells.with_columns(pl.col("n_components").fill_null(0)).sort(keys, nulls_last=True)
    return result if places is None else published(result, "composite", places)


def current_expected(current: Figure, expected: Figure, share: float = 0.4) -> Figure:
    """The present and the expected situation in one figure, on the scale both are on.

    Formula: share * current + (1 - share) * expected. Numbers, Polars series or expressions; missing
    stays missing. Raises WeightError where share is outside 0..1. Source: NBS, 企业景气指数 (0.4 and 0.6).

    >>> round(current_expected(117.9, 123.9), 6)
    121.5
    """
    if not 0 <= share <= 1:
        raise WeightError(f"current_expected: share {share:g} is not accepted; accepted: 0 to 1; correct it.")
    return share * current + (1.0 - share) * expected


def require_weights(weights: pl.DataFrame) -> pl.DataFrame:
    """The weights of the components, checked: they sum to 1 and every component has a direction.

    >>> require_weights(pl.DataFrame({"component_id": ["orders", "jobs"], "weight": [0.5, 0.6]}))
    Traceback (most recent call last):
    ...
    indicators.prosperity.WeightError: components: the weights sum to 1.1 (orders 0.5, jobs 0.6); accepted: a sum \
of 1; correct the weights of the components.
    """
    stated = weights if "direction" in weights.columns else weights.with_columns(direction=pl.lit(1, pl.Int8))
    problems = [
        f"component '{name}' has no {column}; accepted: {rule}; enter it."
        for column, rule in (("weight", "0 to 1"), ("direction", "1 or -1 (inverse)"))
        if {"component_id", column} <= set(stated.columns)
        for name in stated.filter(pl.col(column).is_null())["component_id"]
    ]
    if problems:
        raise ContractError(WEIGHTS, problems)
    checked = require(stated, WEIGHTS)
    total = float(checked["weight"].sum())
    if abs(total - 1.0) > TOLERANCE:
        listed = ", ".join(f"{name} {weight:g}" for name, weight in checked.select("component_id", "weight").rows())
        raise WeightError(
            f"components: the weights sum to {total:.10g} ({listed or 'no component'}); accepted: a sum of 1; "
            f"correct the weights of the components."
        )
    return checked


def _require_choice(name: str, value: str, accepted: Sequence[str]) -> None:
    if value not in accepted:
        problem = f"{name} '{value}' is not accepted; accepted: {', '.join(accepted)}; choose one of them."
        raise ContractError(COMPONENTS, [problem])


def _require_components(components: pl.DataFrame, keys: Sequence[str], scale: str) -> pl.DataFrame:
    require_named(components, keys, COMPONENTS)
    frame = require(components, Contract(COMPONENTS.name, COMPONENTS.columns, key=(*keys, "component_id")))
    low, high = SCALES[scale]
    outside = frame.filter((pl.col("value") < low) | (pl.col("value") > high))
    if not outside.is_empty():
        name, value = outside.select("component_id", "value").row(0)
        rule = f"accepted: {low:g} to {high:g} on the scale {scale}; correct the value or the scale."
        raise ContractError(COMPONENTS, [f"component '{name}' has the value {value:g}; {rule}"])
    return frame.select(*keys, "component_id", "value")
