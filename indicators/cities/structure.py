"""How a composite is built: indicators under dimensions under one index, with weights, directions and goalposts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from indicators.cities.aggregation import KINDS, arithmetic_mean, geometric_mean, harmonic_mean
from indicators.cities.normalise import Numbers
from indicators.frames import Column, Contract, ContractError, require

MEANS = {"arithmetic": arithmetic_mean, "geometric": geometric_mean, "harmonic": harmonic_mean}

STRUCTURE = Contract(
    "structure",
    (
        Column("element_id", pl.String, "code", "the indicator, or the dimension it belongs to"),
        Column("parent_id", pl.String, "code", "the element it is part of; empty = the index itself", nullable=True),
        Column("weight", pl.Float64, "weight", "its weight in its parent; absent = 1", low=0, optional=True),
        Column("direction", pl.Int8, "sign", "-1: less is better; absent = 1", allowed=(1, -1), optional=True),
        Column("low", pl.Float64, "unit of the indicator", "the goalpost of score 0", nullable=True, optional=True),
        Column("high", pl.Float64, "unit of the indicator", "the goalpost of the full score", nullable=True,
               optional=True),
        Column("curve", pl.String, "word", "linear, or log: on the logarithm; absent = linear",
               allowed=("linear", "log"), nullable=True, optional=True),
        Column("kind", pl.String, "word", "the mean of its parts; empty = as for the whole index", allowed=KINDS,
               nullable=True, optional=True),
    ),
    key=("element_id",),
)  # fmt: skip
"""One row per element; the elements that are nobody's parent are the indicators."""


@dataclass(frozen=True)
class Part:
    """An element that is made of others: which, with which weights, by which mean (None = as for the index)."""

    element_id: str
    children: tuple[int, ...]
    weights: tuple[float, ...]
    kind: str | None


@dataclass(frozen=True)
class Tree:
    """A checked structure: elements in the order in which they are computed, indicators first, the index last."""

    elements: tuple[str, ...]
    levels: tuple[int, ...]
    n_indicators: int
    parts: tuple[Part, ...]
    direction: Numbers
    low: Numbers
    high: Numbers
    log: NDArray[np.bool_]

    @property
    def indicators(self) -> list[str]:
        """The elements that have values of their own."""
        return list(self.elements[: self.n_indicators])


def tree(structure: pl.DataFrame) -> Tree:
    """The structure, checked and in the order of computing.

    Columns in: STRUCTURE. Levels: 1 = indicators, one more than the highest of its parts for the others. Raises
    ContractError for two tops, an unknown parent, a circle, or an element whose parts all have weight 0.
    Source: our choice; COINr iMeta.

    >>> built = tree(pl.DataFrame({"element_id": ["x", "y", "all"], "parent_id": ["all", "all", None]}))
    >>> built.elements, built.levels, built.parts[0].children
    (('x', 'y', 'all'), (1, 1, 2), (0, 1))
    """
    rows = require(structure, STRUCTURE)
    rows = rows.with_columns(pl.lit(1.0).alias("weight")) if "weight" not in rows.columns else rows
    parent = dict(rows.select("element_id", "parent_id").iter_rows())
    _require_one_top(parent)
    inside = set(parent.values())
    order = [name for name in parent if name not in inside]
    n_indicators, level = len(order), dict.fromkeys(order, 1)
    parts = []
    while waiting := [name for name in parent if name not in level]:
        ready = [name for name in waiting if all(child in level for child in _children(parent, name))]
        if not ready:
            raise _problem(f"'{waiting[0]}' is its own part; accepted: a tree; correct parent_id.")
        for name in ready:
            children = _children(parent, name)
            parts.append(_part(rows, name, children, order))
            level[name] = 1 + max(level[child] for child in children)
            order.append(name)
    ends = rows.filter(pl.col("element_id").is_in(order[:n_indicators]))
    curve = ends["curve"] if "curve" in ends.columns else pl.Series([None] * n_indicators, dtype=pl.String)
    direction, low, high = (_numbers(ends, name) for name in ("direction", "low", "high"))
    return Tree(
        elements=tuple(order),
        levels=tuple(level[name] for name in order),
        n_indicators=n_indicators,
        parts=tuple(parts),
        direction=direction,
        low=low,
        high=high,
        log=(curve.fill_null("linear") == "log").to_numpy(),
    )


def element_scores(scores: Numbers, built: Tree, kind: str) -> Numbers:
    """The scores of every element: those of the indicators, then each mean of its parts.

    Numbers in: cities x indicators, out: cities x elements in the order of ``built.elements``. Missing scores are left
    out of the mean and the weights of the others renormalised. Raises ContractError for a kind that is not known, and
    for a geometric mean of zero or less. Source: COINr Aggregate.

    >>> built = tree(pl.DataFrame({"element_id": ["x", "y", "all"], "parent_id": ["all", "all", None]}))
    >>> element_scores(np.array([[2.0, 8.0]]), built, "geometric").round(6).tolist()
    [[2.0, 8.0, 4.0]]
    """
    if kind not in MEANS:
        raise _problem(f"kind '{kind}' is not accepted; accepted: {', '.join(MEANS)}; choose one of them.")
    out = np.full((scores.shape[0], len(built.elements)), np.nan)
    out[:, : built.n_indicators] = scores
    for place, part in enumerate(built.parts, built.n_indicators):
        out[:, place] = MEANS[part.kind or kind](out[:, part.children], np.array(part.weights))
    return out


def effective_weights(structure: pl.DataFrame) -> pl.DataFrame:
    """How much of the index each element is, all levels taken together.

    Formula: weight / sum of the weights under the same parent, times the effective weight of the parent; the index is
    1. Columns in: STRUCTURE. Columns out: element_id, level Int64 (1 = indicators), effective_weight Float64 (0..1),
    in the order of computing. No rows give no rows. Raises ContractError. Source: COINr get_eff_weights.

    >>> shares = pl.DataFrame({"element_id": ["x", "y", "all"], "parent_id": ["all", "all", None], "weight": [3, 1, 1]})
    >>> effective_weights(shares)["effective_weight"].to_list()
    [0.75, 0.25, 1.0]
    """
    schema = {"element_id": pl.String, "level": pl.Int64, "effective_weight": pl.Float64}
    if require(structure, STRUCTURE).is_empty():
        return pl.DataFrame(schema=schema)
    built = tree(structure)
    share = np.ones(len(built.elements))
    for place, part in reversed(list(enumerate(built.parts, built.n_indicators))):
        for child, weight in zip(part.children, part.weights, strict=True):
            share[child] = share[place] * weight / sum(part.weights)
    return pl.DataFrame([list(built.elements), list(built.levels), share.tolist()], schema=schema)


def structure_from_paths(
    rows: pl.DataFrame,
    group_weights: Mapping[str, float] | None = None,
    group_kinds: Mapping[str, str] | None = None,
) -> pl.DataFrame:
    """The structure of indicators that name the dimensions above them.

    Columns in: indicator_id, and any of path (text such as "Physical > Conn", the nearest dimension first; empty =
    directly under the index), weight, direction, low, high, curve; other columns are left alone; rows of one indicator
    must agree. ``group_weights``, ``group_kinds``: weight (else 1) and mean of dimensions; the index is called "index".
    Columns out: STRUCTURE. Raises ContractError. Source: our choice.

    >>> rows = pl.DataFrame({"indicator_id": ["x", "y"], "path": ["soft", None]})
    >>> structure_from_paths(rows, {"soft": 2.0}).select("element_id", "parent_id", "weight").rows()
    [('x', 'soft', 1.0), ('y', 'index', 1.0), ('soft', 'index', 2.0), ('index', None, 1.0)]
    """
    told = [name for name in ("path", "weight", "direction", "low", "high", "curve") if name in rows.columns]
    once = rows.select("indicator_id", *told).unique(maintain_order=True)
    torn = once.filter(pl.col("indicator_id").is_duplicated())["indicator_id"].to_list()
    if torn:
        raise _problem(f"indicator '{torn[0]}' has two sets of {', '.join(told)}; accepted: one; make its rows agree.")
    path = pl.col("path") if "path" in told else pl.lit(None, pl.String).alias("path")
    parents, above = _chains(once.select("indicator_id", path))
    _require_known([*(group_weights or {}), *(group_kinds or {})], above)
    ends = once.drop("path", strict=False).rename({"indicator_id": "element_id"})
    ends = ends.with_columns(pl.Series("parent_id", list(parents.values()), dtype=pl.String))
    if "weight" not in ends.columns:
        ends = ends.with_columns(weight=pl.lit(1.0))
    groups = [*(name for name in above if name != TOP), *([TOP] if above else [])]
    tops = pl.DataFrame(
        {
            "element_id": pl.Series(groups, dtype=pl.String),
            "parent_id": pl.Series([above[name] for name in groups], dtype=pl.String),
            "weight": pl.Series([(group_weights or {}).get(name, 1.0) for name in groups], dtype=pl.Float64),
            "kind": pl.Series([(group_kinds or {}).get(name) for name in groups], dtype=pl.String),
        }
    )
    whole = pl.concat([ends, tops], how="diagonal_relaxed")
    return whole.with_columns(pl.col("direction").fill_null(1)) if "direction" in whole.columns else whole


def _chains(paths: pl.DataFrame) -> tuple[dict[str, str], dict[str, str | None]]:
    """The parent of each indicator, and of each dimension."""
    parents: dict[str, str] = {}
    above: dict[str, str | None] = {}
    for name, path in paths.iter_rows():
        chain = [part.strip() for part in (path or "").split(">") if part.strip()]
        chain = chain if chain[-1:] == [TOP] else [*chain, TOP]
        parents[name] = chain[0]
        for child, parent in zip(chain, [*chain[1:], None], strict=True):
            if above.setdefault(child, parent) != parent:
                raise _problem(f"path: '{child}' stands under two dimensions; accepted: one; correct the paths.")
    return parents, above


TOP = "index"
"""The name of the index itself where the dimensions are given as paths."""


def _children(parent: Mapping[str, str | None], name: str) -> list[str]:
    return [child for child, above in parent.items() if above == name]


def _part(rows: pl.DataFrame, name: str, children: list[str], order: list[str]) -> Part:
    """An element with the places, weights and mean of its parts."""
    weight = dict(rows.select("element_id", "weight").iter_rows())
    shares = tuple(float(weight[child]) for child in children)
    if not sum(shares) > 0:
        raise _problem(f"all parts of '{name}' have weight 0; accepted: at least one above 0; correct weight.")
    kind = rows.filter(pl.col("element_id") == name)["kind"].item() if "kind" in rows.columns else None
    return Part(name, tuple(order.index(child) for child in children), shares, kind)


def _require_one_top(parent: Mapping[str, str | None]) -> None:
    tops = [name for name, above in parent.items() if above is None]
    unknown = [above for above in parent.values() if above is not None and above not in parent]
    if unknown:
        raise _problem(f"parent_id '{unknown[0]}' is no element; accepted: an element_id; add its row.")
    if len(tops) != 1:
        shown = ", ".join(tops[:3]) or "none"
        raise _problem(f"elements without a parent: {shown}; accepted: exactly one, the index; correct parent_id.")


def _require_known(named: Sequence[str], groups: Mapping[str, str | None]) -> None:
    odd = [name for name in named if name not in groups]
    if odd:
        known = ", ".join(groups) or "none"
        raise _problem(f"dimension '{odd[0]}' is in no path; accepted: {known}; correct it.")


def _numbers(ends: pl.DataFrame, name: str) -> Numbers:
    missing = 1.0 if name == "direction" else np.nan
    if name not in ends.columns:
        return np.full(ends.height, missing)
    return np.asarray(ends[name].cast(pl.Float64).fill_null(missing).to_numpy(), dtype=np.float64)


def _problem(text: str) -> ContractError:
    return ContractError(STRUCTURE, [text])
