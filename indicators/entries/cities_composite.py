"""The methods of the city composite: lock, scores, rank intervals, leave-one-out and effective weights."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from indicators.catalogue import Method, MethodError, Option
from indicators.cities.composite import NEEDED_PCT, VALUES, Recipe, city_composite, composite_lock, leave_one_out
from indicators.cities.development import DEVELOPMENT, human_development
from indicators.cities.rank_intervals import Doubt, rank_intervals
from indicators.cities.structure import STRUCTURE, effective_weights, structure_from_paths
from indicators.frames import Column

_PATH = Column("path", pl.String, "codes", "the dimensions above, nearest first, with > between; empty = none",
               nullable=True, optional=True)  # fmt: skip
_LEAF = ("weight", "direction", "low", "high", "curve")
_BUILT = replace(
    VALUES, columns=(*VALUES.columns, _PATH, *(column for column in STRUCTURE.columns if column.name in _LEAF))
)
_RECIPE = {
    "normalisation": Option(str, "goalposts", "goalposts, min_max, z_score or percent_rank"),
    "kind": Option(str, "arithmetic", "the mean: arithmetic, geometric or harmonic"),
    "lowest": Option(float, None, "lowest score; not given = 0, or 1 for the geometric and harmonic mean"),
    "highest": Option(float, 100.0, "highest score"),
    "group_weights": Option(tuple, (), "weights of dimensions, name=2, with commas between; others 1"),
    "group_kinds": Option(tuple, (), "means of dimensions, name=geometric, with commas between"),
    "needed_pct": Option(float, NEEDED_PCT, "per cent of the indicators every city must have"),
}
_CITY = ("city_id", "code")
_ELEMENT = ("element_id", "code")
_RANK = ("rank", "number, 1 = highest")


def _pairs(name: str, given: tuple[str, ...]) -> dict[str, str]:
    """Names and values written name=value."""
    odd = [part for part in given if part.count("=") != 1]
    if odd:
        raise MethodError(f"option {name} '{odd[0]}' is not accepted; accepted: name=value; correct it.")
    return {key.strip(): value.strip() for key, value in (part.split("=") for part in given)}


def _structure(rows: pl.DataFrame, group_weights: tuple[str, ...], group_kinds: tuple[str, ...]) -> pl.DataFrame:
    """The structure told in the columns and options."""
    weights: dict[str, float] = {}
    for name, text in _pairs("group_weights", group_weights).items():
        try:
            weights[name] = float(text)
        except ValueError:
            problem = f"option group_weights '{name}={text}' is not accepted; accepted: a number; correct it."
            raise MethodError(problem) from None
    return structure_from_paths(rows, weights, _pairs("group_kinds", group_kinds))


def _recipe(normalisation: str, kind: str, lowest: float | None, highest: float, needed_pct: float) -> Recipe:
    least = lowest if lowest is not None else (0.0 if kind == "arithmetic" else 1.0)
    if not least < highest:
        raise MethodError(f"option highest '{highest:g}' is not accepted; accepted: above lowest; correct it.")
    scale = None if lowest is None and highest == 100.0 else (least, highest)
    return Recipe(normalisation, kind, scale, needed_pct)


def _values(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.select("city_id", "indicator_id", "value")


def _composite(
    rows: pl.DataFrame, normalisation: str, kind: str, lowest: float | None, highest: float,
    group_weights: tuple[str, ...], group_kinds: tuple[str, ...], needed_pct: float,
) -> pl.DataFrame:  # fmt: skip
    """city_composite on one file: each row carries the place and goalposts of its indicator."""
    recipe = _recipe(normalisation, kind, lowest, highest, needed_pct)
    return city_composite(_values(rows), _structure(rows, group_weights, group_kinds), recipe)


def _without(
    rows: pl.DataFrame, normalisation: str, kind: str, lowest: float | None, highest: float,
    group_weights: tuple[str, ...], group_kinds: tuple[str, ...], needed_pct: float, level: int,
) -> pl.DataFrame:  # fmt: skip
    """leave_one_out on one file."""
    recipe = _recipe(normalisation, kind, lowest, highest, needed_pct)
    return leave_one_out(_values(rows), _structure(rows, group_weights, group_kinds), recipe, level)


def _intervals(
    rows: pl.DataFrame, normalisation: str, kind: str, lowest: float | None, highest: float,
    group_weights: tuple[str, ...], group_kinds: tuple[str, ...], needed_pct: float,
    draws: int, seed: int, spread_pct: float, normalisations: tuple[str, ...], kinds: tuple[str, ...],
) -> pl.DataFrame:  # fmt: skip
    """rank_intervals on one file."""
    recipe = _recipe(normalisation, kind, lowest, highest, needed_pct)
    doubt = Doubt(draws, seed, spread_pct, tuple(normalisations), tuple(kinds))
    return rank_intervals(_values(rows), _structure(rows, group_weights, group_kinds), recipe, doubt)


def _lock(
    values: pl.DataFrame, cities: tuple[str, ...], indicators: tuple[str, ...], needed_pct: float
) -> pl.DataFrame:
    """composite_lock with every city and indicator of the file where none are named."""
    chosen = indicators or values["indicator_id"].unique(maintain_order=True).to_list()
    return composite_lock(values, chosen, cities or None, needed_pct)


ENTRIES: tuple[Method, ...] = (
    Method(
        "composite_lock",
        "Which cities have too few of the chosen indicators for a composite, and which cells are missing.",
        _lock,
        VALUES,
        {
            "cities": Option(tuple, (), "city ids with commas between; empty = all of the file"),
            "indicators": Option(tuple, (), "indicator ids with commas between; empty = all of the file"),
            "needed_pct": _RECIPE["needed_pct"],
        },
        (
            _CITY,
            ("n_present", "indicators with a figure"),
            ("n_wanted", "indicators chosen"),
            ("share_pct", "per cent"),
            ("locked", "true or false"),
            ("missing", "codes"),
        ),
        "our choice: every compared city needs 90 per cent",
    ),
    Method(
        "city_composite",
        "The score and rank of every city on every indicator, dimension and the index.",
        _composite,
        _BUILT,
        _RECIPE,
        (
            _CITY,
            _ELEMENT,
            ("level", "number, 1 = indicators"),
            ("score", "points"),
            _RANK,
            ("n_present", "indicators with a figure"),
            ("n_wanted", "indicators"),
        ),
        "OECD/JRC Handbook on Constructing Composite Indicators; COINr 1.1.14",
    ),
    Method(
        "rank_intervals",
        "The rank of every city with the interval of its ranks over draws of weights and methods.",
        _intervals,
        _BUILT,
        {
            **_RECIPE,
            "draws": Option(int, 1000, "draws"),
            "seed": Option(int, 0, "the seed of the draws"),
            "spread_pct": Option(float, 25.0, "how far a weight may move either way, per cent"),
            "normalisations": Option(tuple, ("min_max", "z_score"), "drawn from these; empty = that of the composite"),
            "kinds": Option(tuple, ("arithmetic", "geometric"), "means drawn from; empty = that of the composite"),
        },
        (
            _CITY,
            ("score", "points"),
            _RANK,
            ("rank_mean", "number"),
            ("rank_median", "number"),
            ("rank_q5", "number"),
            ("rank_q95", "number"),
            ("first_pct", "per cent of draws"),
            ("n_overlapping", "cities"),
            ("not_distinguishable_from", "codes"),
            ("draws", "draws"),
        ),
        "COINr, uncertainty analysis; OECD/JRC Handbook, step 7",
    ),
    Method(
        "leave_one_out",
        "Which rank every city would have without one of the elements.",
        _without,
        _BUILT,
        {**_RECIPE, "level": Option(int, 1, "which elements are left out in turn: 1 = indicators, 2 = dimensions …")},
        (
            _ELEMENT,
            _CITY,
            _RANK,
            ("rank_without", "number, 1 = highest"),
            ("change", "ranks, above 0 = worse without it"),
            ("score", "points"),
            ("score_without", "points"),
            ("mean_abs_change", "ranks, mean of all cities"),
        ),
        "COINr, remove_elements",
    ),
    Method(
        "effective_weights",
        "How much of the index each indicator and dimension is, all levels taken together.",
        effective_weights,
        replace(STRUCTURE, columns=STRUCTURE.columns[:3]),
        {},
        (_ELEMENT, ("level", "number, 1 = indicators"), ("effective_weight", "share of 1")),
        "COINr, get_eff_weights",
    ),
    Method(
        "human_development",
        "The Human Development Index and its three parts.",
        human_development,
        DEVELOPMENT,
        {"places": Option(int, None, "decimals the index is rounded to, half up; not given = not rounded")},
        (
            _CITY,
            ("health", "0 to 1"),
            ("education", "0 to 1"),
            ("income", "0 to 1"),
            ("hdi", "0 to 1"),
            _RANK,
        ),
        "UNDP, Human Development Report 2021/22, technical note 1",
    ),
)
