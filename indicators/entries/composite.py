"""The method that makes one index of several published ones."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from indicators.catalogue import BY_NOTE, BY_OUT, Method, Option
from indicators.composite import COMPONENTS, WEIGHTS, composite
from indicators.frames import Column, Contract, ContractError

_WEIGHTED = Contract("components", (*COMPONENTS.columns, *(replace(c, nullable=True) for c in WEIGHTS.columns[1:])))


def _composite(
    components: pl.DataFrame, kind: str, by: tuple[str, ...], scale: str, places: int | None
) -> pl.DataFrame:
    """composite on one file: each row carries the weight and direction of its component."""
    stated = [name for name in ("weight", "direction") if name in components.columns]
    weights = components.select("component_id", *stated).unique(maintain_order=True)
    torn = weights.filter(pl.col("component_id").is_duplicated())["component_id"]
    if len(torn):
        problem = (
            f"column weight, direction: component '{torn[0]}' has more than one weight or direction; "
            f"accepted: one of each per component_id; make its rows agree."
        )
        raise ContractError(_WEIGHTED, [problem])
    if weights.is_empty():
        weights = pl.DataFrame({"component_id": ["none"], "weight": [1.0]})
    return composite(components.drop(stated), weights, kind, by, scale, places)


ENTRIES: tuple[Method, ...] = (
    Method(
        "composite",
        "One index of several published ones: their weighted mean, or their geometric mean.",
        _composite,
        _WEIGHTED,
        {
            "kind": Option(str, "arithmetic", "arithmetic or geometric"),
            "by": Option(tuple, ("period",), BY_NOTE),
            "scale": Option(str, "0-100", "the scale of the values: 0-100, balance or 0-200"),
            "places": Option(int, None, "decimals the composite is rounded to, half up; empty = not rounded"),
        },
        (BY_OUT, ("composite", "index points on the scale"), ("n_components", "components with a value")),
        "NBS, manufacturing PMI and 企业景气指数 (arithmetic); ifo, Business Climate (geometric)",
        {"by": Column("by", pl.String, "text", "names the cell, such as 2017-02 or 2013-Q3")},
    ),
)
