"""How sure a rank is: the ranks of many draws over weights, normalisation and mean, told as an interval before the
point.

All draws of one normalisation and mean are one product of tables, so the interval can follow a slider.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from indicators.cities.aggregation import descending_rank
from indicators.cities.composite import NORMALISATIONS, VALUES, Recipe, gated, indicator_scores
from indicators.cities.normalise import Numbers
from indicators.cities.structure import MEANS, STRUCTURE, Part, Tree, element_scores
from indicators.frames import ContractError, require

PLACES = 9
"""Decimals at which two scores of a draw are equal."""


@dataclass(frozen=True)
class Doubt:
    """What is varied: draws and their seed, weights by ± ``spread_pct``, which normalisations and which means.

    An empty list keeps that of the recipe.
    """

    draws: int = 1000
    seed: int = 0
    spread_pct: float = 25.0
    normalisations: tuple[str, ...] = ("min_max", "z_score")
    kinds: tuple[str, ...] = ("arithmetic", "geometric")


def rank_intervals(
    values: pl.DataFrame, structure: pl.DataFrame, recipe: Recipe | None = None, doubt: Doubt | None = None
) -> pl.DataFrame:
    """The rank of every city with its interval: the 5th to the 95th per cent of the ranks of all draws.

    Rule: every draw multiplies every weight, at every level, by a number between 1 - spread and 1 + spread (uniform,
    renormalised), and picks a normalisation and a mean at random. Quantiles are those of R type 7. Two cities are not
    distinguishable if their intervals touch.
    Columns in: as city_composite. Columns out: city_id text, score Float64, rank UInt32 (without any draw), rank_mean,
    rank_median, rank_q5, rank_q95 Float64, first_pct Float64 (per cent of draws in first place), n_overlapping UInt32,
    not_distinguishable_from text (ids with "; " between, null = none), draws UInt32, sorted by rank, then city.
    The same seed gives the same ranks. No rows give no rows. Raises CompositeLockedError; ContractError.
    Source: COINr get_sensitivity (weights ± 25 per cent, swapped methods); OECD/JRC Handbook, step 7.

    >>> rows = pl.DataFrame({"city_id": ["a", "b", "c"], "indicator_id": ["x"] * 3, "value": [1.0, 2.0, 3.0]})
    >>> built = pl.DataFrame({"element_id": ["x", "index"], "parent_id": ["index", None]})
    >>> rank_intervals(rows, built, Recipe("min_max")).select("city_id", "rank", "rank_q5", "rank_q95").rows()
    [('c', 1, 1.0, 1.0), ('b', 2, 2.0, 2.0), ('a', 3, 3.0, 3.0)]
    """
    plan, varied = recipe or Recipe(), doubt or Doubt()
    _require_doubt(varied)
    if require(values, VALUES).is_empty() or require(structure, STRUCTURE).is_empty():
        return pl.DataFrame(schema=_OUT)
    built, cities, table = gated(values, structure, plan)
    score = element_scores(indicator_scores(table, built, plan), built, plan.kind)[:, -1]
    drawn = drawn_ranks(table, built, plan, varied)
    low, middle, high = np.quantile(drawn, [0.05, 0.5, 0.95], axis=1)
    touching = (low[:, None] <= high) & (low <= high[:, None])
    np.fill_diagonal(touching, val=False)
    others = ["; ".join(city for city, near in zip(cities, row, strict=True) if near) or None for row in touching]
    return (
        pl.DataFrame(
            {
                "city_id": cities,
                "score": pl.Series(score).fill_nan(None),
                "rank_mean": drawn.mean(axis=1),
                "rank_median": middle,
                "rank_q5": low,
                "rank_q95": high,
                "first_pct": 100.0 * (drawn == 1).mean(axis=1),
                "n_overlapping": pl.Series(touching.sum(axis=1), dtype=pl.UInt32),
                "not_distinguishable_from": pl.Series(others, dtype=pl.String),
                "draws": pl.Series([varied.draws] * len(cities), dtype=pl.UInt32),
            }
        )
        .with_columns(descending_rank("score"))
        .sort("rank", "city_id")
        .select(list(_OUT))
    )


def drawn_ranks(table: Numbers, built: Tree, recipe: Recipe, doubt: Doubt) -> NDArray[np.int64]:
    """The rank of every city in every draw, cities x draws, 1 = highest, equal scores share the better rank.

    Numbers in: the figures, cities x indicators. Errors: as ``indicator_scores``. Source: see ``rank_intervals``.

    >>> from indicators.cities.structure import tree
    >>> built = tree(pl.DataFrame({"element_id": ["x", "all"], "parent_id": ["all", None]}))
    >>> drawn_ranks(np.array([[1.0], [5.0]]), built, Recipe("min_max"), Doubt(draws=2)).tolist()
    [[2, 2], [1, 1]]
    """
    random = np.random.default_rng(doubt.seed)
    ways = [(n, k) for n in doubt.normalisations or (recipe.normalisation,) for k in doubt.kinds or (recipe.kind,)]
    picked = random.integers(len(ways), size=doubt.draws)
    spread = doubt.spread_pct / 100.0
    noise = random.uniform(1.0 - spread, 1.0 + spread, size=(doubt.draws, len(built.elements)))
    score = np.empty((table.shape[0], doubt.draws))
    for way, (normalisation, kind) in enumerate(ways):
        here = np.flatnonzero(picked == way)
        if here.size:
            scores = indicator_scores(table, built, replace(recipe, normalisation=normalisation, kind=kind))
            score[:, here] = _index(scores, built, kind, noise[here])
    return _ranks(np.round(score, PLACES))


def _index(scores: Numbers, built: Tree, kind: str, noise: Numbers) -> Numbers:
    """The index, cities x draws."""
    computed: dict[int, Numbers] = {}
    for place, part in enumerate(built.parts, built.n_indicators):
        weights = noise[:, part.children] * np.array(part.weights)
        if max(part.children) < built.n_indicators:
            computed[place] = _mean_of_indicators(scores[:, part.children], weights, part.kind or kind)
        else:
            computed[place] = _mean_of_parts(scores, computed, part, weights, part.kind or kind)
    return computed[len(built.elements) - 1]


def _mean_of_indicators(scores: Numbers, weights: Numbers, kind: str) -> Numbers:
    """The mean of scores that are the same in every draw, cities x draws."""
    x = _straight(scores, kind)
    known = np.isfinite(x)
    if known.all():
        return _curved((x @ weights.T) / weights.sum(axis=1), kind)
    total = known @ weights.T
    return _curved((np.where(known, x, 0.0) @ weights.T) / np.where(total > 0, total, np.nan), kind)


def _mean_of_parts(scores: Numbers, computed: dict[int, Numbers], part: Part, weights: Numbers, kind: str) -> Numbers:
    """The mean of parts of which some differ from draw to draw, cities x draws."""
    summed = np.zeros((scores.shape[0], weights.shape[0]))
    total = np.zeros_like(summed)
    for child, weight in zip(part.children, weights.T, strict=True):
        x = _straight(computed.get(child, scores[:, [child]] if child < scores.shape[1] else summed), kind)
        known = np.isfinite(x)
        summed += np.where(known, x, 0.0) * weight
        total += known * weight
    return _curved(summed / np.where(total > 0, total, np.nan), kind)


def _straight(x: Numbers, kind: str) -> Numbers:
    """The scores on the scale on which the mean is a plain weighted mean."""
    if kind != "arithmetic" and (x[np.isfinite(x)] <= 0).any():
        problem = f"a score is zero or less; accepted for the {kind} mean: above 0; choose a scale that starts above 0."
        raise ContractError(STRUCTURE, [problem])
    return np.asarray(x if kind == "arithmetic" else np.log(x) if kind == "geometric" else 1.0 / x)


def _curved(x: Numbers, kind: str) -> Numbers:
    return np.asarray(x if kind == "arithmetic" else np.exp(x) if kind == "geometric" else 1.0 / x)


def _ranks(score: Numbers) -> NDArray[np.int64]:
    """Descending ranks down every column; equal scores share the better one."""
    order = np.argsort(-score, axis=0)
    ordered = np.take_along_axis(score, order, axis=0)
    place = np.arange(1, score.shape[0] + 1)[:, None]
    new = np.ones_like(order, dtype=bool)
    new[1:] = ordered[1:] != ordered[:-1]
    shared = np.maximum.accumulate(np.where(new, place, 0), axis=0)
    out = np.empty_like(order)
    np.put_along_axis(out, order, shared, axis=0)
    return out


def _require_doubt(doubt: Doubt) -> None:
    checks: Sequence[tuple[bool, str]] = (
        (doubt.draws < 1, f"draws {doubt.draws} is not accepted; accepted: 1 or more; correct it."),
        (
            not 0 <= doubt.spread_pct < 100,
            f"spread_pct {doubt.spread_pct:g} is not accepted; accepted: 0 to below 100.",
        ),
        (
            not set(doubt.normalisations) <= set(NORMALISATIONS),
            f"normalisations: accepted: {', '.join(NORMALISATIONS)}.",
        ),
        (not set(doubt.kinds) <= set(MEANS), f"kinds: accepted: {', '.join(MEANS)}; correct them."),
    )
    problems = [problem for wrong, problem in checks if wrong]
    if problems:
        raise ContractError(STRUCTURE, problems)


_OUT = {"city_id": pl.String, "score": pl.Float64, "rank": pl.UInt32, "rank_mean": pl.Float64,
        "rank_median": pl.Float64, "rank_q5": pl.Float64, "rank_q95": pl.Float64, "first_pct": pl.Float64,
        "n_overlapping": pl.UInt32, "not_distinguishable_from": pl.String, "draws": pl.UInt32}  # fmt: skip
