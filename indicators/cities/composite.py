"""One index of a city from many indicators, locked until every compared city has nearly all of them.

Fixed goalposts, a mean of the parts level by level, ranks beside scores, and what happens without one of the parts. The
composite of the prosperity survey is another method: ``indicators.composite``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from indicators.cities.aggregation import descending_rank, wide
from indicators.cities.comparability import ComparabilityError
from indicators.cities.normalise import Numbers, goalposts, min_max, percent_rank, z_score
from indicators.cities.structure import STRUCTURE, Part, Tree, element_scores, tree
from indicators.frames import Column, Contract, ContractError, require

NEEDED_PCT = 90.0
"""How many per cent of the indicators every compared city must have."""

NORMALISATIONS = ("goalposts", "min_max", "z_score", "percent_rank")
Z_FLOOR = 0.2
"""The least z-score of mean 10 and deviation 2 that enters a geometric mean: 4.9 deviations below the mean."""

VALUES = Contract(
    "values",
    (
        Column("city_id", pl.String, "code", "the city or other unit"),
        Column("indicator_id", pl.String, "code", "the indicator"),
        Column("value", pl.Float64, "see unit of the indicator", "the figure; empty = missing", nullable=True),
    ),
    key=("city_id", "indicator_id"),
)
"""One row per city and indicator."""


class CompositeLockedError(ComparabilityError):
    """A compared city lacks too many of the indicators; ``lock`` holds one row a city with its missing cells."""

    def __init__(self, lock: pl.DataFrame, needed_pct: float) -> None:
        self.lock = lock
        poor = lock.filter("locked")
        cells = "; ".join(f"{city}: {missing}" for city, missing in poor.select("city_id", "missing").iter_rows())
        super().__init__(
            f"the composite is locked: {poor.height} of {lock.height} cities have fewer than {needed_pct:g} per cent "
            f"of the {lock['n_wanted'][0]} indicators; missing: {cells}; add these figures or leave the city or "
            f"indicator out."
        )


@dataclass(frozen=True)
class Recipe:
    """How a composite is made: normalisation, mean, lowest and highest score, and when it is locked.

    ``scale`` None: 0..100, or 1..100 where the mean is geometric or harmonic.
    """

    normalisation: str = "goalposts"
    kind: str = "arithmetic"
    scale: tuple[float, float] | None = None
    needed_pct: float = NEEDED_PCT


def composite_lock(
    values: pl.DataFrame,
    indicators: Sequence[str],
    cities: Sequence[str] | None = None,
    needed_pct: float = NEEDED_PCT,
) -> pl.DataFrame:
    """Which cities have too few of the chosen indicators, and which cells are missing.

    Formula: share_pct = 100 * n_present / n_wanted; locked if it is below needed_pct. One locked city locks the whole.
    Columns in: VALUES; ``indicators``, ``cities``: ids (None = every city of the table). Columns out: city_id text,
    n_present, n_wanted UInt32, share_pct Float64 (null if no indicator was chosen), locked Boolean, missing text (ids
    with "; " between, null = none), in the order asked for, else sorted. Raises ContractError. Source: our choice.

    >>> rows = pl.DataFrame({"city_id": ["ruhr", "ruhr", "shenzhen"], "indicator_id": ["gdp", "parks", "gdp"],
    ...     "value": [1.0, 2.0, 3.0]})
    >>> composite_lock(rows, ["gdp", "parks"]).rows()
    [('ruhr', 2, 2, 100.0, False, None), ('shenzhen', 1, 2, 50.0, True, 'parks')]
    """
    rows = require(values, VALUES)
    wanted = list(dict.fromkeys(indicators))
    compared = list(dict.fromkeys(cities)) if cities is not None else rows["city_id"].unique().sort().to_list()
    known = rows.filter(pl.col("value").is_not_null() & pl.col("indicator_id").is_in(wanted))
    have = {city: set(part["indicator_id"]) for (city,), part in known.group_by("city_id")}
    missing = [[name for name in wanted if name not in have.get(city, set())] for city in compared]
    present = [len(wanted) - len(names) for names in missing]
    share = [100.0 * count / len(wanted) if wanted else None for count in present]
    return pl.DataFrame(
        {
            "city_id": pl.Series(compared, dtype=pl.String),
            "n_present": pl.Series(present, dtype=pl.UInt32),
            "n_wanted": pl.Series([len(wanted)] * len(compared), dtype=pl.UInt32),
            "share_pct": pl.Series(share, dtype=pl.Float64),
            "locked": pl.Series([part is None or part < needed_pct for part in share], dtype=pl.Boolean),
            "missing": pl.Series(["; ".join(names) or None for names in missing], dtype=pl.String),
        }
    )


def city_composite(values: pl.DataFrame, structure: pl.DataFrame, recipe: Recipe | None = None) -> pl.DataFrame:
    """The score and rank of every city on every element: indicators, dimensions and the index.

    Formula: normalised indicator (direction -1 turned first), then level by level the weighted mean of the parts that
    are there. Goalposts: low + (value between the posts) * scale, on the logarithm where curve is log; min_max; z_score
    with mean 10 and deviation 2; percent_rank.
    Columns in: VALUES; ``structure``: STRUCTURE (low and high for goalposts). Columns out: city_id, element_id text,
    level Int64 (1 = indicators), score Float64 (points), rank UInt32 (1 = highest, equal scores share the better),
    n_present, n_wanted UInt32 (indicators of the city), sorted by level, element, city. No rows give no rows.
    Raises CompositeLockedError naming the missing cells; ContractError. Source: OECD/JRC Handbook; COINr; UNDP (HDI).

    >>> rows = pl.DataFrame({"city_id": ["a", "a", "b", "b"], "indicator_id": ["x", "y"] * 2, "value": [1.0, 4, 3, 8]})
    >>> built = pl.DataFrame({"element_id": ["x", "y", "index"], "parent_id": ["index", "index", None],
    ...     "low": [0.0, 0.0, None], "high": [4.0, 8.0, None]})
    >>> city_composite(rows, built).filter(pl.col("element_id") == "index").select("city_id", "score", "rank").rows()
    [('a', 37.5, 2), ('b', 87.5, 1)]
    """
    plan = recipe or Recipe()
    if require(values, VALUES).is_empty() or require(structure, STRUCTURE).is_empty():
        return pl.DataFrame(schema=_OUT)
    built, cities, table = gated(values, structure, plan)
    scores = element_scores(indicator_scores(table, built, plan), built, plan.kind)
    count = np.isfinite(table).sum(axis=1)
    frame = pl.DataFrame(
        {
            "city_id": np.repeat(np.array(cities, dtype=object), len(built.elements)).tolist(),
            "element_id": list(built.elements) * len(cities),
            "level": list(built.levels) * len(cities),
            "score": pl.Series(scores.ravel(), dtype=pl.Float64).fill_nan(None),
            "n_present": pl.Series(np.repeat(count, len(built.elements)), dtype=pl.UInt32),
            "n_wanted": pl.Series([built.n_indicators] * scores.size, dtype=pl.UInt32),
        }
    ).with_columns(descending_rank("score", "element_id"))
    places = {name: at for at, name in enumerate(built.elements)}
    place = pl.col("element_id").replace_strict(places, return_dtype=pl.Int64)
    return frame.sort(place, "city_id").select(list(_OUT))


def leave_one_out(
    values: pl.DataFrame, structure: pl.DataFrame, recipe: Recipe | None = None, level: int = 1
) -> pl.DataFrame:
    """Which rank each city would have without one of the elements: "without X, Pittsburgh moves from 2 to 3".

    Rule: each element of ``level`` (1 = indicators) is left out in turn, the weights of the others are renormalised.
    Columns in: as city_composite. Columns out: element_id, city_id text, rank, rank_without UInt32, change Int64
    (rank_without - rank, positive = worse), score, score_without Float64, mean_abs_change Float64 (over all cities, of
    the element), sorted by element in the order of the structure, then city. No rows give no rows. Raises
    CompositeLockedError; ContractError, also for a level without elements or the index itself. Source: COINr
    remove_elements.

    >>> rows = pl.DataFrame({"city_id": ["a", "a", "b", "b"], "indicator_id": ["x", "y"] * 2, "value": [1.0, 8, 3, 4]})
    >>> built = pl.DataFrame({"element_id": ["x", "y", "index"], "parent_id": ["index", "index", None],
    ...     "low": [0.0, 0.0, None], "high": [4.0, 8.0, None]})
    >>> leave_one_out(rows, built).select("element_id", "city_id", "rank", "rank_without", "change").rows()
    [('x', 'a', 1, 1, 0), ('x', 'b', 1, 2, 1), ('y', 'a', 1, 2, 1), ('y', 'b', 1, 1, 0)]
    """
    plan = recipe or Recipe()
    if require(values, VALUES).is_empty() or require(structure, STRUCTURE).is_empty():
        return pl.DataFrame(schema=_WITHOUT)
    built, cities, table = gated(values, structure, plan)
    left = [place for place, height in enumerate(built.levels[:-1]) if height == level]
    if not left:
        problem = f"level {level} has no element below the index; accepted: 1 to {built.levels[-1] - 1}; correct it."
        raise ContractError(STRUCTURE, [problem])
    scores = indicator_scores(table, built, plan)
    nominal = element_scores(scores, built, plan.kind)[:, -1]
    parts = [_without(scores, built, plan.kind, place, nominal, cities) for place in left]
    change = pl.col("rank_without").cast(pl.Int64) - pl.col("rank").cast(pl.Int64)
    whole = pl.concat(parts).with_columns(change=change)
    mean = pl.col("change").abs().mean().over("element_id").alias("mean_abs_change")
    return whole.with_columns(mean).select(list(_WITHOUT))


def indicator_scores(table: Numbers, built: Tree, recipe: Recipe) -> Numbers:
    """The values of the indicators as scores, cities x indicators.

    Numbers in: the figures in their own units. Out: points, nan where the figure is missing. Raises ContractError for
    goalposts that are missing, equal, or not above 0 on a logarithm. Source: see ``city_composite``.

    >>> built = tree(pl.DataFrame({"element_id": ["x", "all"], "parent_id": ["all", None], "direction": [-1, 1]}))
    >>> indicator_scores(np.array([[1.0], [5.0]]), built, Recipe("min_max")).tolist()
    [[100.0], [0.0]]
    """
    if recipe.normalisation not in NORMALISATIONS:
        accepted = ", ".join(NORMALISATIONS)
        problem = f"normalisation '{recipe.normalisation}' is not accepted; accepted: {accepted}; choose one of them."
        raise ContractError(STRUCTURE, [problem])
    low, high = recipe.scale or (0.0 if recipe.kind == "arithmetic" else 1.0, 100.0)
    turned = table * built.direction
    if recipe.normalisation == "goalposts":
        return low + (high - low) * _between_posts(table, built)
    if recipe.normalisation == "min_max":
        return min_max(turned, low, high)
    if recipe.normalisation == "percent_rank":
        return low + (high - low) * percent_rank(turned)
    standard = z_score(turned, 10.0, 2.0)
    return standard if recipe.kind == "arithmetic" else np.maximum(standard, Z_FLOOR)


_OUT = {"city_id": pl.String, "element_id": pl.String, "level": pl.Int64, "score": pl.Float64, "rank": pl.UInt32,
        "n_present": pl.UInt32, "n_wanted": pl.UInt32}  # fmt: skip
_WITHOUT = {"element_id": pl.String, "city_id": pl.String, "rank": pl.UInt32, "rank_without": pl.UInt32,
            "change": pl.Int64, "score": pl.Float64, "score_without": pl.Float64,
            "mean_abs_change": pl.Float64}  # fmt: skip


def gated(values: pl.DataFrame, structure: pl.DataFrame, recipe: Recipe) -> tuple[Tree, list[str], Numbers]:
    """The checked structure, the cities and their table of figures; refused where a city has too few of them.

    Columns in: as city_composite. Raises CompositeLockedError; ContractError. Source: our choice.

    >>> rows = pl.DataFrame({"city_id": ["a"], "indicator_id": ["x"], "value": [1.0]})
    >>> gated(rows, pl.DataFrame({"element_id": ["x", "y", "all"], "parent_id": ["all", "all", None]}), Recipe())
    Traceback (most recent call last):
    ...
    indicators.cities.composite.CompositeLockedError: the composite is locked: 1 of 1 cities have fewer than 90 per \
cent of the 2 indicators; missing: a: y; add these figures or leave the city or indicator out.
    """
    built = tree(structure)
    lock = composite_lock(values, built.indicators, needed_pct=recipe.needed_pct)
    if lock["locked"].any():
        raise CompositeLockedError(lock, recipe.needed_pct)
    cities, _, table = wide(require(values, VALUES), built.indicators)
    return built, cities, table


def _between_posts(table: Numbers, built: Tree) -> Numbers:
    low, high = built.low, built.high
    odd = ~(np.isfinite(low) & np.isfinite(high) & (low != high)) | (built.log & ~((low > 0) & (high > 0)))
    if odd.any():
        name = built.indicators[int(np.argmax(odd))]
        problem = (
            f"indicator '{name}' has no two goalposts; accepted: low and high, different, above 0 for a log curve; \
enter them or choose another normalisation."
        )
        raise ContractError(STRUCTURE, [problem])
    with np.errstate(divide="ignore", invalid="ignore"):
        x = np.where(built.log, np.log(np.maximum(table, np.where(built.log, np.minimum(low, high), 1.0))), table)
        lower, upper = (np.where(built.log, np.log(post), post) for post in (low, high))
    flipped = built.direction < 0
    return goalposts(x, np.where(flipped, upper, lower), np.where(flipped, lower, upper))


def _without(scores: Numbers, built: Tree, kind: str, place: int, nominal: Numbers, cities: list[str]) -> pl.DataFrame:
    """The scores and ranks without one element: it weighs nothing."""
    parts = tuple(
        replace(part, weights=tuple(0.0 if child == place else weight for child, weight in _weighted(part)))
        for part in built.parts
    )
    left = element_scores(scores, replace(built, parts=parts), kind)[:, -1]
    return pl.DataFrame(
        {
            "element_id": [built.elements[place]] * len(cities),
            "city_id": cities,
            "score": pl.Series(nominal).fill_nan(None),
            "score_without": pl.Series(left).fill_nan(None),
        }
    ).with_columns(descending_rank("score").alias("rank"), descending_rank("score_without").alias("rank_without"))


def _weighted(part: Part) -> list[tuple[int, float]]:
    return list(zip(part.children, part.weights, strict=True))
