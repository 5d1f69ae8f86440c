"""How sure the prosperity index is: standard error, 95 % band, and the test of a change.

A survey of the members is nearly a census, so the band takes the finite population into account;
parks that answer in both months make a change surer than two separate months would be.
Sources: Cochran, Sampling Techniques (stratified means, finite-population correction, ratios);
Wolter, Introduction to Variance Estimation (linearisation); Kish, Survey Sampling (overlap).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import erfc, stdtrit

from indicators.frames import ANSWERS, ContractError, grouping, require_named
from indicators.levels import require_levels, score, with_levels
from indicators.prosperity import require_items, weighted_items
from indicators.weights import require_frame, response_weights

QUANTILE_95 = 1.959963984540054
"""Half width of a 95 % band in standard errors, normal distribution."""


def quantiles_95(freedom: Numbers) -> Numbers:
    """Half width of a 95 % band in standard errors that are themselves estimated from a few parks.

    Formula: t(0.975; freedom), Student's t; freedom = degrees of freedom, 1 or more. Not a number, as
    where nothing is left to chance, gives the normal quantile. Source: Cochran, Sampling Techniques.

    >>> quantiles_95(np.array([1.0, 4.0, 60.0, np.nan])).round(3).tolist()
    [12.706, 2.776, 2.0, 1.96]
    """
    half: Numbers = np.where(np.isnan(freedom), QUANTILE_95, stdtrit(freedom, 0.975))
    return half


Numbers = NDArray[np.float64]
_Names = str | Sequence[str]
_ZERO = 1e-9


def standard_errors(
    answers: pl.DataFrame,
    items: pl.DataFrame,
    frame_counts: pl.DataFrame | None,
    by: _Names,
    strata: _Names | None = None,
    reweight: bool = True,
) -> pl.DataFrame:
    """The prosperity index of each cell with its standard error and 95 % band.

    Formula: z(i) = sum over questions of weight(k) * w(i) * (a(i,k) - R(k)) / sum of w, with a the
    favourable score 0..1 and R(k) its mean; Var = sum over strata of (1 - n/N) * n/(n - 1) * sum of
    (z - mean z)^2, plus for every question (n - n(k))/N * n(k)/(n(k) - 1) * sum of its squared parts,
    which is 0 where nobody left a question out; se_points = 100 * sqrt(Var); band = index +- t * se, t =
    0.975 quantile of Student's t with Satterthwaite's degrees of freedom: Var^2 / sum over strata of
    (part of Var)^2 / (n - 1), a stratum of one answer counting as n = 2; n - 1 without strata.
    With ``strata`` each stratum counts as in the frame (``response_weights``; not with
    reweight=False), so Var is sum of W^2 (1 - n/N) s^2 / n.
    Columns in: ANSWERS, those of ``by`` and ``strata``; ITEMS (weights sum to 1); frame counts:
    n_frame with the columns of ``strata`` and any of ``by``; None = frame not known, no correction.
    Columns out: ``by``, index Float64 (index points, 0..100), se_points, low, high (index points),
    n UInt32 (parks with a valid answer to a weighted question), n_frame UInt32 (parks), n_strata,
    n_strata_empty UInt32 (strata with and without an answer).
    A stratum where one of several parks answered is measured against the mean of the whole cell; one
    where all answered adds nothing; one without an answer is stood for by the others. A cell with one
    answering park of several has no se_points; one without an index has none of the four.
    Raises ContractError and WeightError. Source: Cochran; Wolter; Satterthwaite (1946).

    >>> october = pl.Series(["2026-10-01"] * 4).str.to_date()
    >>> answers = pl.DataFrame({"period": october, "park_id": list("abcd"), "item_id": ["rent"] * 4,
    ...     "answer": ["up", "up", "down", "down"]})
    >>> items = pl.DataFrame({"item_id": ["rent"], "direction": [1], "weight": [1.0]})
    >>> standard_errors(answers, items, pl.DataFrame({"n_frame": [16]}), "period").select("index", "se_points").row(0)
    (50.0, 25.0)
    """
    keys = [name for name in grouping(by) if name != "item_id"]
    weighted = weighted_items(items)
    scored, cells = _scored(answers, weighted, frame_counts, keys, strata, reweight)
    return _banded(scored, cells, frame_counts, keys, strata, weighted.height)


def item_errors(
    answers: pl.DataFrame,
    items: pl.DataFrame,
    frame_counts: pl.DataFrame | None,
    by: _Names,
    strata: _Names | None = None,
    reweight: bool = True,
) -> pl.DataFrame:
    """The favourable index of every question with its standard error and 95 % band, question by question.

    As ``standard_errors``, each question by itself with weight 1; n counts its valid answers.
    Columns in: as ``standard_errors``. Columns out: ``by``, item_id, then those of ``standard_errors``.
    Source: Cochran; Wolter.
    """
    keys = [*(name for name in grouping(by) if name != "item_id"), "item_id"]
    alone = require_items(items).with_columns(weight=pl.lit(1.0))
    scored, cells = _scored(answers, alone, frame_counts, keys, strata, reweight)
    return _banded(scored, cells, frame_counts, keys, strata, 1)


def change_test(
    answers: pl.DataFrame,
    items: pl.DataFrame,
    frame_counts: pl.DataFrame | None,
    by: _Names = "period",
    strata: _Names | None = None,
    months: int = 1,
    level: float = 0.05,
    reweight: bool = True,
) -> pl.DataFrame:
    """Whether the index has moved since ``months`` ago by more than the parks that happened to answer explain.

    Formula: d = index(t) - index(t - months); Var(d) = V(t) + V(t - months) - 2 Cov; Cov = sum over
    strata of (1 - n1 n2 / (n12 N)) * n12/(n12 - 1) * sum over the n12 parks of both months of
    z1 z2 about their means, held within the product of the two standard errors; z = d / se;
    p_value = P(|Z| >= |z|), normal.
    Columns in: as ``standard_errors``; ``by`` must hold period. Columns out: ``by``, change_points
    Float64 (d, index points), se_points, z, p_value (0..1), significant Boolean (p_value < level),
    n_overlap UInt32 (parks in both months); null where either month has no index or no standard error.
    With no standard error at all (everybody answered twice) any change is significant and z null.
    Where two months share a single park of a stratum, its product stands for the covariance.
    Raises ContractError and WeightError. Source: Kish; Cochran.

    >>> months = pl.Series(["2026-09-01"] * 2 + ["2026-10-01"] * 2).str.to_date()
    >>> answers = pl.DataFrame({"period": months, "park_id": list("abab"), "item_id": ["rent"] * 4,
    ...     "answer": ["up", "down", "up", "same"]})
    >>> items = pl.DataFrame({"item_id": ["rent"], "direction": [1], "weight": [1.0]})
    >>> result = change_test(answers, items, pl.DataFrame({"n_frame": [4]}))
    >>> result.select("change_points", "significant", "n_overlap").rows()
    [(None, None, None), (25.0, False, 2)]
    """
    keys = [name for name in grouping(by) if name != "item_id"]
    if "period" not in keys:
        raise ContractError(ANSWERS, ["by does not hold period; accepted: period and other columns; add it."])
    weighted = weighted_items(items)
    scored, cells = _scored(answers, weighted, frame_counts, keys, strata, reweight)
    parts, groups = _linearised(scored, keys), list(dict.fromkeys([*keys, *grouping(strata or ())]))
    parks = _by_park(parts, groups)
    framed = _framed(parks, cells, frame_counts, groups, strata)
    errors = _errors(parts, framed, cells, keys, groups, weighted.height)
    return _tested(errors, _covariances(parks, framed, keys, groups, months), keys, months, level)


def _scored(
    answers: pl.DataFrame,
    items: pl.DataFrame,
    frame_counts: pl.DataFrame | None,
    keys: Sequence[str],
    strata: _Names | None,
    reweight: bool,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The valid answers with their favourable score _a, park weight _w and question weight _v; and all cells.

    Parks and questions stand there as numbers, unless they name the cells: they are quicker to group by.
    """
    if not [name for name in keys if name != "item_id"]:
        raise ContractError(ANSWERS, ["by names no column; accepted: at least one, such as period; name one."])
    groups = list(dict.fromkeys([*keys, *grouping(strata or ())]))
    frame = require_levels(with_levels(answers, items))
    require_named(frame, groups, ANSWERS)
    asked = frame.join(items.select("item_id", "direction", _v="weight"), on="item_id", how="inner")
    cells = (asked if "item_id" in keys else frame).select(groups).unique()
    if strata is not None and reweight and frame_counts is not None:
        asked = response_weights(asked, frame_counts, keys, strata)
    favourable = score(asked)
    scored = asked.select(
        *groups,
        *(pl.col(name).cast(pl.Categorical).to_physical() for name in ("park_id", "item_id") if name not in groups),
        pl.when(pl.col("direction") == -1).then(1.0 - favourable).otherwise(favourable).alias("_a"),
        (pl.col("weight") if "weight" in asked.columns else pl.lit(1.0)).alias("_w"),
        "_v",
    )
    return scored.filter(pl.col("_a").is_not_null() & (pl.col("_w") > 0)), cells


def _linearised(scored: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """The answers with _r, the mean of their question, and _z, what they add to the deviation of the index."""
    questions = list(dict.fromkeys([*keys, "item_id"]))
    weighed = pl.col("_w") * pl.col("_a")
    means = scored.group_by(questions).agg(pl.col("_w").sum().alias("_sum"), weighed.sum().alias("_r"))
    means = means.with_columns(pl.col("_r") / pl.col("_sum"))
    joined = scored.join(means, on=questions, how="left", nulls_equal=True)
    return joined.with_columns(_z=pl.col("_v") * pl.col("_w") * (pl.col("_a") - pl.col("_r")) / pl.col("_sum"))


def _by_park(parts: pl.DataFrame, groups: Sequence[str]) -> pl.DataFrame:
    return parts.group_by(*groups, "park_id").agg(pl.col("_z").sum())


def _moments(parts: pl.DataFrame, groups: Sequence[str]) -> pl.DataFrame:
    """Parks _n, and n/(n - 1) times the sum of squares about the mean; of a single park, its square."""
    n, total, squares = pl.len(), pl.col("_z").sum(), (pl.col("_z") ** 2).sum()
    about = (squares - total**2 / n).clip(lower_bound=0.0) * n / (n - 1)
    return parts.group_by(groups).agg(
        n.cast(pl.Int64).alias("_n"), pl.when(n > 1).then(about).otherwise(squares).alias("_s")
    )


def _framed(
    parks: pl.DataFrame,
    cells: pl.DataFrame,
    frame_counts: pl.DataFrame | None,
    groups: Sequence[str],
    strata: _Names | None,
) -> pl.DataFrame:
    """Every cell and stratum: _n, _s, n_frame (null where the frame is not known)."""
    moments = _moments(parks, groups)
    counted = cells.join(moments, on=list(groups), how="left", nulls_equal=True)
    counted = counted.with_columns(pl.col("_n").fill_null(0), pl.col("_s").fill_null(0.0))
    if frame_counts is None:
        return counted.with_columns(n_frame=pl.lit(None, pl.Int64))
    framed = require_frame(frame_counts, counted.drop("_s"), groups, grouping(strata or ()))
    return framed.join(moments.drop("_n"), on=list(groups), how="left", nulls_equal=True).with_columns(
        pl.col("_s").fill_null(0.0)
    )


def _banded(
    scored: pl.DataFrame,
    cells: pl.DataFrame,
    frame_counts: pl.DataFrame | None,
    keys: Sequence[str],
    strata: _Names | None,
    n_items: int,
) -> pl.DataFrame:
    parts, groups = _linearised(scored, keys), list(dict.fromkeys([*keys, *grouping(strata or ())]))
    framed = _framed(_by_park(parts, groups), cells, frame_counts, groups, strata)
    return _errors(parts, framed, cells, keys, groups, n_items)


def _errors(
    parts: pl.DataFrame,
    framed: pl.DataFrame,
    cells: pl.DataFrame,
    keys: Sequence[str],
    groups: Sequence[str],
    n_items: int,
) -> pl.DataFrame:
    """The index of each cell with its error and band; ``framed`` counts its strata."""
    framed = framed.join(cells.select(keys).unique(), on=list(keys), how="semi", nulls_equal=True)
    fraction = (pl.col("_n") / pl.col("n_frame")).fill_null(0.0)
    gaps = _left_out(parts, framed, groups).group_by(groups).agg(pl.col("_gap").sum())
    variance = (1.0 - fraction) * pl.col("_s") + pl.col("_gap").fill_null(0.0)
    strata_of = framed.join(gaps, on=groups, how="left", nulls_equal=True).with_columns(
        _variance=pl.when(pl.col("_n") > 0).then(variance).otherwise(0.0)
    )
    known = pl.col("n_frame").count() == pl.len()
    spread = (pl.col("_variance") ** 2 / (pl.col("_n") - 1).clip(lower_bound=1)).sum()
    summed = strata_of.group_by(keys).agg(
        pl.col("_variance").sum(),
        spread.alias("_spread"),
        pl.col("_n").sum().cast(pl.UInt32).alias("n"),
        pl.when(known).then(pl.col("n_frame").sum()).cast(pl.UInt32).alias("n_frame"),
        (pl.col("_n") > 0).sum().cast(pl.UInt32).alias("n_strata"),
        (pl.col("_n") == 0).sum().cast(pl.UInt32).alias("n_strata_empty"),
    )
    joined = summed.join(_index(parts, keys, n_items), on=list(keys), how="left", nulls_equal=True)
    return _with_band(joined, keys)


def _index(parts: pl.DataFrame, keys: Sequence[str], n_items: int) -> pl.DataFrame:
    """The index of each cell, null where a weighted question has no answer."""
    questions = parts.group_by(list(dict.fromkeys([*keys, "item_id"]))).agg(pl.col("_r", "_v").first())
    complete = pl.len() == n_items
    index = (100.0 * (pl.col("_r") * pl.col("_v")).sum()).clip(0, 100)
    return questions.group_by(keys).agg(pl.when(complete).then(index).alias("index"))


def _left_out(parts: pl.DataFrame, framed: pl.DataFrame, groups: Sequence[str]) -> pl.DataFrame:
    """_gap: what the variance gains because some parks left a question out, question by question."""
    questions = list(dict.fromkeys([*groups, "item_id"]))
    moments = _moments(parts, questions).rename({"_n": "_n_item", "_s": "_s_item"})
    joined = moments.join(framed.select(*groups, "_n", "n_frame"), on=list(groups), how="left", nulls_equal=True)
    gap = (pl.col("_n") - pl.col("_n_item")) / pl.col("n_frame") * pl.col("_s_item")
    return joined.select(*groups, gap.fill_null(0.0).alias("_gap"))


def _with_band(summed: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    measured = (pl.col("n") > 1) | (pl.col("n") == pl.col("n_frame")).fill_null(value=False)
    se = pl.when(measured & pl.col("index").is_not_null()).then(100.0 * pl.col("_variance").sqrt())
    freedom = summed.select(pl.col("_variance") ** 2 / pl.col("_spread"))["_variance"].to_numpy()
    band = pl.Series(quantiles_95(freedom)) * pl.col("se_points")
    return (
        summed.with_columns(se_points=se)
        .select(
            *keys,
            "index",
            "se_points",
            (pl.col("index") - band).clip(0, 100).alias("low"),
            (pl.col("index") + band).clip(0, 100).alias("high"),
            "n",
            "n_frame",
            "n_strata",
            "n_strata_empty",
        )
        .sort(keys, nulls_last=True)
    )


def _covariances(
    parks: pl.DataFrame, framed: pl.DataFrame, keys: Sequence[str], groups: Sequence[str], months: int
) -> pl.DataFrame:
    """_covariance and n_overlap of each cell with the one ``months`` before it."""
    counts = framed.select(*groups, "_n", "n_frame")
    later = pl.col("period").dt.offset_by(f"{months}mo")
    both = parks.join(parks.with_columns(later).rename({"_z": "_z2"}), on=[*groups, "park_id"], nulls_equal=True)
    one, two, n = pl.col("_z"), pl.col("_z2"), pl.len()
    about = ((one * two).sum() - one.sum() * two.sum() / n) * n / (n - 1)
    product = pl.when(n > 1).then(about).otherwise((one * two).sum())
    pairs = both.group_by(groups).agg(n.cast(pl.Int64).alias("_n12"), product.alias("_s12"))
    before = counts.with_columns(later).rename({"_n": "_n2", "n_frame": "_frame2"})
    pairs = pairs.join(counts, on=list(groups), nulls_equal=True).join(before, on=list(groups), nulls_equal=True)
    frame = pl.max_horizontal("n_frame", "_frame2")
    fraction = (pl.col("_n") * pl.col("_n2") / (pl.col("_n12") * frame)).fill_null(0.0)
    covariance = ((1.0 - fraction) * pl.col("_s12")).sum().alias("_covariance")
    return pairs.group_by(keys).agg(covariance, pl.col("_n12").sum().cast(pl.UInt32).alias("n_overlap"))


def _tested(
    errors: pl.DataFrame, covariances: pl.DataFrame, keys: Sequence[str], months: int, level: float
) -> pl.DataFrame:
    now = errors.select(*keys, "index", "se_points")
    later = pl.col("period").dt.offset_by(f"{months}mo")
    before = now.with_columns(later).rename({"index": "_before", "se_points": "_se_before"})
    joined = now.join(before, on=list(keys), how="left", nulls_equal=True)
    joined = joined.join(covariances, on=list(keys), how="left", nulls_equal=True)
    known = pl.col("_before").is_not_null() & pl.col("index").is_not_null()
    most = pl.col("se_points") * pl.col("_se_before")
    covariance = (1e4 * pl.col("_covariance").fill_null(0.0)).clip(-most, most)
    variance = pl.col("se_points") ** 2 + pl.col("_se_before") ** 2 - 2.0 * covariance
    se = variance.clip(lower_bound=0.0).sqrt()
    moved = joined.select(
        *keys,
        change_points=pl.col("index") - pl.col("_before"),
        se_points=pl.when(se > _ZERO).then(se).when(se.is_not_null()).then(0.0),
        n_overlap=pl.when(known).then(pl.col("n_overlap").fill_null(0)),
    )
    z = pl.when(pl.col("se_points") > 0).then(pl.col("change_points") / pl.col("se_points"))
    tested = moved.with_columns(z=z)
    tested = tested.with_columns(_p_values(tested)).with_columns(significant=pl.col("p_value") < level)
    columns = [*keys, "change_points", "se_points", "z", "p_value", "significant", "n_overlap"]
    return tested.select(columns).sort(keys, nulls_last=True)


def _p_values(tested: pl.DataFrame) -> pl.Series:
    """Two-sided normal probabilities; without any standard error a change is certain, and so is none."""
    change, se, z = (tested[name].to_numpy() for name in ("change_points", "se_points", "z"))
    certain = np.where(np.abs(change) < _ZERO, 1.0, 0.0)
    p_value = np.where(np.isnan(z), certain, erfc(np.abs(z) / math.sqrt(2.0)))
    return pl.Series("p_value", np.where(np.isnan(change) | np.isnan(se), np.nan, p_value), nan_to_null=True)
