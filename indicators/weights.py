"""Weights of the parks: by size, capped, frozen for a calendar year; and weights that make up for silent parks.

Sources: European Commission, Joint Harmonised EU Programme of Business and Consumer Surveys, and ifo
(weights by size); OECD, Business Tendency Surveys: A Handbook (response weights inside strata).
The cap, the square root and the frozen year are our choice.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from indicators.frames import ANSWERS, Column, Contract, ContractError, grouping, require, require_named
from indicators.prosperity import prosperity_index

KINDS = ("none", "sqrt", "size")

SIZES = Contract(
    "sizes",
    (
        Column("park_id", pl.String, "code", "the park"),
        Column("size", pl.Float64, "m2 or enterprises", "size of the park; empty = not known", low=0, nullable=True),
    ),
    key=("park_id",),
)
"""One row per park."""

YEAR = Column("year", pl.Int64, "year", "the calendar year the weight holds for", low=1900, high=2200)

FRAME_COUNTS = Contract(
    "frame counts",
    (Column("n_frame", pl.Int64, "parks", "parks that could have answered, silent ones too", low=0),),
)
"""Parks of the frame; further columns say of which cell or stratum."""


def park_weights(sizes: pl.DataFrame, kind: str = "none", cap_pct: float = 10.0) -> pl.DataFrame:
    """The weight of each park, so that no park counts for more than the cap.

    Formula: none: 1 / N; sqrt: in proportion to the square root of size; size: in proportion to
    size. A weight above the cap is set to the cap and the rest is shared out among the other parks
    in proportion, until none is above it.
    Columns in: park_id, size Float64 (m2, enterprises or any other measure, above 0; may be null).
    Columns out: park_id, weight Float64 (share of 1, sum 1), capped Boolean, size_known Boolean, in
    the order of the rows. A park without a size weighs as much as the mean of the others (before
    the cap). With N * cap_pct <= 100 the cap cannot be kept: every park weighs 1 / N and is capped.
    Raises ContractError for another kind, a cap outside 0..100 and a size of 0. Source: our choice.

    >>> sizes = pl.DataFrame({"park_id": list("abc"), "size": [6.0, 2.0, 1.0]})
    >>> park_weights(sizes, "size", cap_pct=50)["weight"].round(4).to_list()
    [0.5, 0.3333, 0.1667]
    """
    frame = _require_sizes(sizes, SIZES, kind, cap_pct)
    return _weighed(frame, kind, cap_pct)


def frozen_weights(sizes: pl.DataFrame, kind: str = "none", cap_pct: float = 10.0) -> pl.DataFrame:
    """The weights of the parks for each calendar year, from the sizes known at its start.

    Formula: ``park_weights`` for each year by itself.
    Columns in: year Int64, park_id, size Float64; one row per year and park. Columns out: year,
    park_id, weight Float64 (sum 1 in each year), capped, size_known, sorted by year and park.
    Raises as ``park_weights``. Source: our choice; ifo and the EU surveys fix weights for a year or more.

    >>> sizes = pl.DataFrame({"year": [2025, 2025, 2026], "park_id": ["a", "b", "a"], "size": [3.0, 1.0, 3.0]})
    >>> frozen_weights(sizes, "size", cap_pct=100)["weight"].to_list()
    [0.75, 0.25, 1.0]
    """
    contract = Contract("sizes", (YEAR, *SIZES.columns), key=("year", "park_id"))
    frame = _require_sizes(sizes, contract, kind, cap_pct)
    years = [_weighed(part, kind, cap_pct, "year") for part in frame.partition_by("year", maintain_order=True)]
    return pl.concat(years or [_weighed(frame, kind, cap_pct, "year")]).sort("year", "park_id")


def weigh(answers: pl.DataFrame, weights: pl.DataFrame) -> pl.DataFrame:
    """The answers with the weight of their park: that of the year where weights are frozen by year.

    Columns in: ANSWERS; weights: park_id, weight Float64 and, if frozen, year. Columns out: those of
    ``answers`` with weight. A park that is not in the weights (new since the start of the year)
    weighs as much as the mean of those that are. Raises ContractError where a year has no weights.

    >>> answers = pl.DataFrame({"period": pl.Series(["2026-10-01"] * 2).str.to_date(), "park_id": ["a", "new"],
    ...     "item_id": ["rent"] * 2, "answer": ["up"] * 2})
    >>> weights = pl.DataFrame({"year": [2026, 2026], "park_id": ["a", "b"], "weight": [0.8, 0.2]})
    >>> weigh(answers, weights)["weight"].to_list()
    [0.8, 0.5]
    """
    frame = require(answers.drop("weight", strict=False), ANSWERS)
    keys = ["_year"] if "year" in weights.columns else []
    dated = frame.with_columns(pl.col("period").dt.year().cast(pl.Int64).alias("_year"))
    known = weights.rename({"year": "_year"} if keys else {}).select(*keys, "park_id", "weight")
    known = known.cast(dict.fromkeys(keys, pl.Int64)).with_columns(_mean=_mean_weight(keys))
    means = known.select(*keys, "_mean").unique()
    joined = dated.join(means, on=keys, how="left", maintain_order="left") if keys else dated.join(means, how="cross")
    if joined.height < dated.height or joined["_mean"].has_nulls():
        without = joined.filter(pl.col("_mean").is_null())["_year"] if keys else dated["_year"]
        rule = "accepted: weights for every year of the answers; add them or leave the weights out."
        raise ContractError(SIZES, [f"there are no weights for the year {without.to_list()[0]}; {rule}"])
    own = joined.join(known.drop("_mean"), on=[*keys, "park_id"], how="left", maintain_order="left")
    columns = [name for name in answers.columns if name != "weight"]
    return own.select(*columns, pl.col("weight").fill_null(pl.col("_mean")))


def _mean_weight(keys: Sequence[str]) -> pl.Expr:
    return pl.col("weight").mean().over(keys) if keys else pl.col("weight").mean()


def response_weights(
    answers: pl.DataFrame, frame_counts: pl.DataFrame, by: str | Sequence[str], strata: str | Sequence[str]
) -> pl.DataFrame:
    """The answers weighted so that each stratum counts as in the frame, however many of its parks are silent.

    Formula: weight = park weight * n_frame / n_answered of the stratum in the cell, so the index is
    sum over strata of (n_frame share) * (mean of the stratum) where park weights are equal.
    Columns in: ANSWERS, those of ``by`` (cells; item_id is ignored) and ``strata``; frame counts:
    n_frame Int64 (parks) with the columns of ``strata`` and any of ``by``. Columns out: those of
    ``answers`` with weight. n_answered counts the parks with a valid answer to any question of
    ``answers``. A stratum where nobody answered has no rows: the others stand for it.
    Raises ContractError. Source: OECD, Business Tendency Surveys (non-response inside strata).

    >>> answers = pl.DataFrame({"period": pl.Series(["2026-10-01"] * 3).str.to_date(), "park_id": list("abc"),
    ...     "item_id": ["rent"] * 3, "answer": ["up", "up", "down"], "district": ["x", "x", "y"]})
    >>> frame = pl.DataFrame({"district": ["x", "y"], "n_frame": [4, 6]})
    >>> response_weights(answers, frame, "period", "district")["weight"].to_list()
    [2.0, 2.0, 6.0]
    """
    groups = [name for name in dict.fromkeys([*grouping(by), *grouping(strata)]) if name != "item_id"]
    frame = require(answers, ANSWERS)
    require_named(frame, groups, ANSWERS)
    valid = pl.col("answer").is_not_null()
    if "weight" in frame.columns:
        valid &= pl.col("weight") > 0
    counted = frame.group_by(groups).agg(pl.col("park_id").filter(valid).n_unique().alias("_n"))
    framed = require_frame(frame_counts, counted, groups, grouping(strata)).drop("_n")
    counted = counted.join(framed, on=groups, how="left", nulls_equal=True)
    joined = frame.join(counted, on=groups, how="left", nulls_equal=True, maintain_order="left")
    own = pl.col("weight") if "weight" in frame.columns else pl.lit(1.0)
    factor = pl.when(pl.col("_n") > 0).then(pl.col("n_frame") / pl.col("_n")).otherwise(0.0)
    columns = [name for name in answers.columns if name != "weight"]
    return joined.with_columns((own * factor).alias("weight")).select(*columns, "weight")


def twins(
    answers: pl.DataFrame, items: pl.DataFrame, weights: pl.DataFrame, by: str | Sequence[str] = "period"
) -> pl.DataFrame:
    """The prosperity index with the weights of the parks, and beside it the one where every park counts alike.

    Columns in: ANSWERS; ITEMS; weights as for ``weigh``. Columns out: ``by``, prosperity_index,
    prosperity_index_unweighted Float64 (index points, 0..100), difference (points), n_parks, n_answers.
    Raises as ``weigh`` and ``prosperity_index``. Source: our choice.
    """
    weighed = prosperity_index(weigh(answers, weights), items, by)
    plain = prosperity_index(answers.drop("weight", strict=False), items, by)
    keys = [name for name in grouping(by) if name != "item_id"]
    twin = plain.select(*keys, pl.col("prosperity_index").alias("prosperity_index_unweighted"))
    joined = weighed.join(twin, on=keys, how="left", nulls_equal=True, maintain_order="left")
    difference = pl.col("prosperity_index") - pl.col("prosperity_index_unweighted")
    names = [*keys, "prosperity_index", "prosperity_index_unweighted", "difference", "n_parks", "n_answers"]
    return joined.with_columns(difference.alias("difference")).select(names)


def require_frame(
    frame_counts: pl.DataFrame, cells: pl.DataFrame, groups: Sequence[str], strata: Sequence[str]
) -> pl.DataFrame:
    """The frame counts of every cell and stratum of ``groups``: counts without a month hold for every month.

    ``cells`` has the columns ``groups`` and _n (parks that answered). Columns out: ``groups``, n_frame
    Int64, _n (0 where nobody answered). Only period may be absent from the counts: the frame of a
    district says nothing about the park types in it. Raises ContractError where a count is missing, given twice or
    smaller than the number of parks that answered. Source: our choice.
    """
    counts = require(frame_counts, FRAME_COUNTS)
    require_named(counts, [*strata, *(name for name in groups if name not in ("period", "item_id"))], FRAME_COUNTS)
    shared = [name for name in groups if name in counts.columns]
    counts = counts.select(*(pl.col(name).cast(cells.schema[name]) for name in shared), "n_frame")
    twice = counts.filter(pl.struct(shared).is_duplicated()) if shared else counts.slice(1)
    if not twice.is_empty():
        raise ContractError(FRAME_COUNTS, [f"{_told(twice, shared)}: n_frame is given twice; accepted: one row each."])
    alone = [name for name in groups if name not in shared]
    rows = counts.join(cells.select(alone).unique(), how="cross") if alone else counts
    placed = rows.select(*groups, "n_frame").join(cells, on=groups, how="left", nulls_equal=True)
    known = placed.with_columns(pl.col("_n").fill_null(0))
    unknown = cells.join(counts, on=shared, how="anti", nulls_equal=True) if shared else cells.clear()
    if not unknown.is_empty():
        raise ContractError(FRAME_COUNTS, [f"{_told(unknown, groups)}: n_frame is missing; add a row for it."])
    short = known.filter(pl.col("_n") > pl.col("n_frame"))
    if not short.is_empty():
        answered, framed = short.select("_n", "n_frame").row(0)
        told = f"{_told(short, groups)}: {answered} parks answered but n_frame is {framed}"
        raise ContractError(FRAME_COUNTS, [f"{told}; accepted: every park of the frame counted once; correct n_frame."])
    return known


def _told(rows: pl.DataFrame, names: Sequence[str]) -> str:
    return ", ".join(f"{name} {value}" for name, value in zip(names, rows.select(names).row(0), strict=True)) or "row 1"


def _require_sizes(sizes: pl.DataFrame, contract: Contract, kind: str, cap_pct: float) -> pl.DataFrame:
    problems = []
    if kind not in KINDS:
        problems.append(f"kind '{kind}' is not accepted; accepted: {', '.join(KINDS)}; choose one of them.")
    if not 0 < cap_pct <= 100:
        problems.append(f"cap_pct {cap_pct:g} is not accepted; accepted: above 0 and not above 100; correct it.")
    if problems:
        raise ContractError(contract, problems)
    frame = require(sizes, contract)
    nothing = frame.filter(pl.col("size") == 0)["park_id"]
    if len(nothing):
        rule = "accepted: a number above 0, or empty where the size is not known"
        raise ContractError(contract, [f"column size: park '{nothing[0]}' has size 0; {rule}; correct it."])
    return frame


def _weighed(frame: pl.DataFrame, kind: str, cap_pct: float, *keys: str) -> pl.DataFrame:
    size = frame["size"].to_numpy().astype(np.float64)
    share = np.ones(len(size)) if kind == "none" else np.sqrt(size) if kind == "sqrt" else size
    known = np.isfinite(share)
    share = np.where(known, share, share[known].mean() if known.any() else 1.0)
    weight, capped = _capped(share / share.sum() if len(share) else share, cap_pct / 100.0)
    columns = [
        pl.Series("weight", weight),
        pl.Series("capped", capped),
        frame["size"].is_not_null().alias("size_known"),
    ]
    return frame.select(*keys, "park_id").with_columns(columns)


def _capped(share: NDArray[np.float64], cap: float) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Shares of 1 with none above the cap, and which ones stand at it."""
    capped = np.zeros(len(share), dtype=np.bool_)
    if len(share) * cap <= 1.0:
        return np.full(len(share), 1.0 / max(len(share), 1)), ~capped
    weight = share
    while (over := ~capped & (weight > cap)).any():
        capped |= over
        rest = share[~capped].sum()
        weight = np.where(capped, cap, share * (1.0 - cap * capped.sum()) / rest)
    return weight, capped
