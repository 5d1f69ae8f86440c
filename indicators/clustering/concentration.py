"""At which distances an industry is concentrated, beyond where all enterprises are: K-density and M, with bands.

Sources: Duranton & Overman (2005), Testing for localization using micro-geographic data; Marcon & Puech (2010),
Measures of the geographic concentration of industries: improving distance-based methods.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from indicators.clustering.bands import global_band, local_band, readings
from indicators.clustering.metres import require_metres
from indicators.clustering.neighbours import weight_within
from indicators.clustering.pair_density import PAIRS_BELOW, Bandwidth, bandwidth, density_of, exact_density
from indicators.frames import Column, Contract, ContractError, require

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

STEPS = 100
"""Distances a curve is given at where no step is said."""

PLACES = Contract(
    "places",
    (
        Column("x_m", pl.Float64, "metres east", "place in the city's projected system"),
        Column("y_m", pl.Float64, "metres north", "place in the city's projected system"),
        Column("industry_code", pl.String, "code", "the industry", nullable=True, optional=True),
        Column(
            "weight", pl.Float64, "as given", "such as employees; absent = 1 each", low=0, nullable=True, optional=True
        ),
    ),
)
"""One row per enterprise whose place is known to the site; never a district's label point."""


@dataclass(frozen=True)
class Chance:
    """How chance is drawn: the number of draws, their seed, the share left outside the bands."""

    draws: int = 1000
    seed: int = 0
    level: float = 0.05


@dataclass(frozen=True)
class Places:
    """All places, which of them are of the industry, and what each weighs."""

    x: Floats
    y: Floats
    weight: Floats
    chosen: Integers
    weighted: bool
    n_sites: int


def k_density(
    places: pl.DataFrame,
    industry: str | None = None,
    reach_m: float | None = None,
    step_m: float | None = None,
    sites: bool = False,
    chance: Chance = Chance(),
    minimum: int = 10,
) -> pl.DataFrame:
    """How often two enterprises of an industry lie each distance apart, and whether chance would give that.

    Formula: ``pair_density.exact_density``; below 1,000 enterprises from every pair, from there on by a raster whose
    error is under
    5e-4 of the maximum. Chance: as many places drawn without replacement from ALL places, ``draws`` times with a
    seed; weights are
    dealt to them in random order. The bandwidth comes from the industry once and is used for every draw.
    Columns in: PLACES: x_m, y_m Float64 (projected metres); optional industry_code (text), weight Float64 (jobs; a
    row without a
    weight, or with 0, is left out). ``industry``: the code looked at (None: all rows, no bands). ``reach_m``:
    largest distance
    (None: the median pair distance of all places); ``step_m`` (None: a hundredth); ``sites``: each distinct place
    once, unweighted.
    Columns out: distance_m Float64 (0, step, ..), density Float64 (per metre), local_low, local_high, global_low,
    global_high
    Float64 (null without draws), reading String (localised, dispersed, within), n, n_sites, n_all UInt32
    (enterprises of the industry
    or sites, distinct places of the industry, all drawn from), n_unknown UInt32 (rows without a weight), h_m
    Float64, draws
    UInt32, way String (pairs or raster), shown Boolean (n >= minimum). The curve does not depend on reach_m.
    All on one place, or fewer than two: density null. No rows give no rows.
    Raises ContractError: degrees instead of metres, an unknown industry, options. Source: Duranton & Overman (2005).

    >>> row = pl.DataFrame({"x_m": [1000.0, 1300.0, 1000.0], "y_m": [0.0, 0.0, 400.0]})  # distances 300, 400, 500
    >>> found = k_density(row, reach_m=400, step_m=400)
    >>> found.select("distance_m", pl.col("density").round(6), pl.col("h_m").round(2), "n").rows()
    [(0.0, 0.0, 53.92, 3), (400.0, 0.00335, 53.92, 3)]
    """
    found, n_unknown = _places(places, industry, sites, chance)
    if not len(found.x):
        return _empty({"density": pl.Float64, **_BANDS, "reading": pl.String, **_FACTS, "h_m": pl.Float64, **_END})
    own = bandwidth(found.x[found.chosen], found.y[found.chosen])
    middle = own.median_m if reach_m or industry is None else bandwidth(found.x, found.y).median_m
    radii = _radii(reach_m or middle or 1.0, step_m)
    curves = _densities(found, own, radii, chance if industry is not None else Chance(0))
    facts = {"h_m": own.h_m, "way": curves.way, "n_unknown": n_unknown, "shown": len(found.chosen) >= minimum}
    return _table(radii, "density", curves, found, facts)


def relative_density(
    places: pl.DataFrame,
    industry: str,
    reach_m: float = 2000.0,
    step_m: float | None = None,
    chance: Chance = Chance(),
    minimum: int = 10,
) -> pl.DataFrame:
    """How much more of its own industry an enterprise has within each distance than of everything: Marcon and
    Puech's M.

    Formula: M(r) = [sum_i same_i(r) / all_i(r)] / [sum_i (N_same - w_i) / (N_all - w_i)], i over the enterprises of
    the industry
    that have any neighbour within r; same_i, all_i: weight of the neighbours of the industry, of all; N_same, N_all:
    the weight of the
    industry, of all. 1 = like all enterprises. Chance: as many places drawn without replacement, each with its own
    weight.
    Columns in: as ``k_density``, industry_code is needed. ``industry``: the code looked at; ``reach_m``, ``step_m``:
    metres.
    Columns out: distance_m, relative_density Float64 (0 upwards; null: no enterprise has a neighbour), the bands,
    reading, n,
    n_sites, n_all, n_unknown, draws, way, shown as in ``k_density``. Places at one address are neighbours at 0.
    No rows give no rows. Raises ContractError. Source: Marcon & Puech (2010), equation 5.

    >>> four = pl.DataFrame({"x_m": [1000.0, 1000.0, 1000.0, 5000.0], "y_m": [0.0, 100.0, 100.0, 0.0],
    ...     "industry_code": ["a", "a", "b", "b"]})
    >>> found = relative_density(four, "a", 200.0, 100.0, Chance(0))  # each a: 1 of 2 neighbours; whole: 1 of 3
    >>> found["relative_density"].to_list()
    [0.0, 1.5, 1.5]
    """
    found, n_unknown = _places(places, industry, False, chance)
    if not len(found.x):
        return _empty({"relative_density": pl.Float64, **_BANDS, "reading": pl.String, **_FACTS, **_END})
    radii = _radii(reach_m, step_m)
    everything = weight_within(found.x, found.y, found.weight, radii)
    whole = found.weight.sum()

    def curve(chosen: Integers) -> Floats:
        own = found.weight[chosen]
        same = weight_within(found.x[chosen], found.y[chosen], own, radii)
        around = everything[chosen]
        some = around > 0
        near = np.where(some, same / np.where(some, around, 1.0), 0.0).sum(axis=0)
        usual = (some * ((own.sum() - own) / np.maximum(whole - own, 1e-300))[:, None]).sum(axis=0)
        return np.asarray(np.where(usual > 0, near / np.where(usual > 0, usual, 1.0), np.nan))

    draws = _draws(found, chance, lambda chosen, _: curve(chosen), len(radii))
    facts = {"way": "pairs", "n_unknown": n_unknown, "shown": len(found.chosen) >= minimum}
    return _table(radii, "relative_density", Curves(curve(found.chosen), draws, "pairs", chance.level), found, facts)


@dataclass(frozen=True)
class Curves:
    """The curve of the industry and those of the draws (none: no bands)."""

    data: Floats
    draws: Floats
    way: str
    level: float


def _densities(found: Places, own: Bandwidth, radii: Floats, chance: Chance) -> Curves:
    n = len(found.chosen)
    if own.h_m is None:
        return Curves(np.full(len(radii), np.nan), np.zeros((0, len(radii))), "pairs", chance.level)
    x, y, weight = found.x, found.y, found.weight[found.chosen]
    if n < PAIRS_BELOW:
        data, way = exact_density(x[found.chosen], y[found.chosen], weight, own.h_m, radii), "pairs"
    else:
        curve, way = density_of(x, y, n, own.h_m, radii)
        data = curve(found.chosen, weight)
    if not chance.draws:
        return Curves(data, np.zeros((0, len(radii))), way, chance.level)
    quick, _ = density_of(x, y, n, own.h_m, radii, single=True)
    return Curves(data, _draws(found, chance, quick, len(radii)), way, chance.level)


def _draws(found: Places, chance: Chance, curve: Callable[[Integers, Floats], Floats], n_radii: int) -> Floats:
    """One curve for each draw of as many places, without replacement, from all places."""
    random = np.random.default_rng(chance.seed)
    own, n = found.weight[found.chosen], len(found.chosen)
    curves = np.zeros((chance.draws, n_radii))
    for k in range(chance.draws):
        chosen = random.choice(len(found.x), n, replace=False, shuffle=False)
        curves[k] = curve(chosen, random.permutation(own) if found.weighted else own)
    return curves


def _places(places: pl.DataFrame, industry: str | None, sites: bool, chance: Chance) -> tuple[Places, int]:
    _require_options(industry, chance)
    rows = require(places, PLACES)
    if "industry_code" not in rows.columns:
        rows = rows.with_columns(pl.lit(None, pl.String).alias("industry_code"))
    weighted = "weight" in rows.columns and not sites
    rows = rows if weighted else rows.with_columns(pl.lit(1.0).alias("weight"))
    kept = rows.filter(pl.col("weight") > 0)
    here = pl.lit(value=True) if industry is None else (pl.col("industry_code") == industry).fill_null(value=False)
    kept = kept.with_columns(here.alias("_chosen"))
    if sites:
        kept = kept.group_by("x_m", "y_m", maintain_order=True).agg(
            pl.col("_chosen").any(), pl.lit(1.0).alias("weight")
        )
    require_metres(kept["x_m"].to_numpy(), kept["y_m"].to_numpy(), contract=PLACES)
    _require_chosen(kept, industry)
    chosen = kept["_chosen"].arg_true().to_numpy().astype(np.int64)
    x, y, weight = (np.ascontiguousarray(kept[name].to_numpy()) for name in ("x_m", "y_m", "weight"))
    return Places(x, y, weight, chosen, weighted, _distinct(x[chosen], y[chosen])), rows.height - rows.filter(
        pl.col("weight") > 0
    ).height


def _distinct(x: Floats, y: Floats) -> int:
    """How many different places there are; only places that share an x are compared by y."""
    if not len(x):
        return 0
    order = np.argsort(x)
    same = np.diff(x[order]) == 0
    shared = np.append(same, False) | np.append(False, same)
    across, up = x[order][shared], y[order][shared]
    order = np.lexsort((up, across))
    steps = (np.diff(across[order]) != 0) | (np.diff(up[order]) != 0)
    return int((~shared).sum() + (len(up) and 1 + steps.sum()))


def _require_options(industry: str | None, chance: Chance) -> None:
    problems = []
    if chance.draws < 0:
        problems.append(f"draws {chance.draws} is not accepted; accepted: a whole number from 0, 1000 for a finding.")
    if not 0.0 < chance.level < 0.5:
        problems.append(f"level {chance.level} is not accepted; accepted: between 0 and 0.5, such as 0.05.")
    if industry == "":
        problems.append("industry '' is not accepted; accepted: a code of industry_code; name one.")
    if problems:
        raise ContractError(PLACES, problems)


def _require_chosen(kept: pl.DataFrame, industry: str | None) -> None:
    if kept.height and not kept["_chosen"].any():
        problem = f"industry '{industry}' has no place with a weight; accepted: a code of industry_code; name another."
        raise ContractError(PLACES, [problem])


def _radii(reach_m: float, step_m: float | None) -> Floats:
    step = step_m or reach_m / STEPS
    if not (reach_m > 0 and step > 0 and reach_m / step <= 100_000):
        problem = f"reach_m {reach_m:g}, step_m {step:g} are not accepted; accepted: metres above 0"
        raise ContractError(PLACES, [f"{problem}, at most 100,000 steps; choose others."])
    return np.asarray(np.arange(int(reach_m / step + 1e-9) + 1) * float(step))


_BANDS = dict.fromkeys(("local_low", "local_high", "global_low", "global_high"), pl.Float64)
_FACTS = dict.fromkeys(("n", "n_sites", "n_all"), pl.UInt32)
_END = {"n_unknown": pl.UInt32, "draws": pl.UInt32, "way": pl.String, "shown": pl.Boolean}


def _empty(columns: dict[str, type[pl.DataType]]) -> pl.DataFrame:
    return pl.DataFrame(schema={"distance_m": pl.Float64, **columns})


def _table(radii: Floats, name: str, curves: Curves, found: Places, facts: Mapping[str, object]) -> pl.DataFrame:
    table = pl.DataFrame({"distance_m": radii, name: curves.data}).with_columns(pl.col(name).fill_nan(None))
    if len(curves.draws):
        draws = np.where(np.isnan(curves.draws), 1.0, curves.draws)  # M of a draw without neighbours: like all
        local, whole = local_band(draws, curves.level), global_band(draws, curves.level)
        told = readings(curves.data, *whole)
        ends = zip(_BANDS, (*local, *whole), strict=True)
        table = table.with_columns(*(pl.Series(end, values) for end, values in ends), pl.Series("reading", told))
        table = table.with_columns(pl.when(pl.col(name).is_not_null()).then("reading").alias("reading"))
    else:
        table = table.with_columns(pl.lit(None, pl.Float64).alias(end) for end in _BANDS)
        table = table.with_columns(pl.lit(None, pl.String).alias("reading"))
    counts = {"n": len(found.chosen), "n_sites": found.n_sites, "n_all": len(found.x)}
    told_facts: dict[str, object] = {**counts, "draws": len(curves.draws), **facts}
    kinds = _FACTS | {"h_m": pl.Float64} | _END
    table = table.with_columns(
        pl.lit(told_facts[key]).cast(kind).alias(key) for key, kind in kinds.items() if key in told_facts
    )
    return table.select("distance_m", name, *_BANDS, "reading", *(key for key in kinds if key in told_facts))
