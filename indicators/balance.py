"""Up, same and down answers as shares, and the three scales built on them.

Sources: NBS, manufacturing PMI (diffusion index); European Commission, Joint Harmonised EU
Programme of Business and Consumer Surveys (balance); NBS, 企业景气指数 (0-200 scale).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

import polars as pl

from indicators.frames import ANSWERS, Column, Contract, ContractError, grouping, require, require_named
from indicators.levels import SIDES, require_levels, score

_NOISE = Decimal("1e-9")
_SCALES = ("diffusion_index", "balance", "sentiment_index")
_BALANCE = pl.col("up_pct") - pl.col("down_pct")
_THREE = (
    (pl.col("up_pct") + pl.col("same_pct") / 2).alias("diffusion_index"),
    _BALANCE.alias("balance"),
    (100.0 + _BALANCE).alias("sentiment_index"),
)

SHARES = Contract(
    "shares",
    tuple(
        Column(name, pl.Float64, "per cent", f"share of the answers {word} the middle", low=0, high=100, nullable=True)
        for name, word in (("up_pct", "above"), ("same_pct", "at"), ("down_pct", "below"))
    ),
)
"""Shares as published, one cell a row; rounded shares may add up to a little more or less than 100."""


def shares(answers: pl.DataFrame, by: str | Sequence[str]) -> pl.DataFrame:
    """How many per cent of the answers in each cell say up, same and down.

    Formula: up_pct = 100 * sum of the weights of the answers "up" / sum of the weights of all
    valid answers; without a ``weight`` column every answer weighs 1. On five or seven levels up
    is every level above the middle, down every level below it.
    Columns in: ANSWERS (period Date, park_id, item_id, answer text; weight Float64 and levels Int8
    optional) and those of ``by``. Columns out: ``by``, n UInt32 (valid answers, a count), up_pct, same_pct,
    down_pct Float64 (per cent, 0..100, adding up to 100), sorted by ``by``.
    An empty answer, or one with weight 0, is left out of n and of the shares. One answer makes a
    cell of 100 and two zeros. A cell without a valid answer keeps its row with n = 0 and shares
    null. Raises ContractError. Source: NBS, manufacturing PMI; OECD, Business Tendency Surveys.

    >>> october = pl.Series(["2026-10-01"] * 4).str.to_date()
    >>> answers = pl.DataFrame({"period": october, "park_id": list("abcd"), "item_id": ["rent"] * 4,
    ...     "answer": ["up", "up", "same", "down"]})
    >>> shares(answers, "item_id").row(0)
    ('rent', 4, 50.0, 25.0, 25.0)
    """
    keys = grouping(by)
    return _counted(_cells(answers, keys), keys).drop("_score")


def diffusion_index(answers: pl.DataFrame, by: str | Sequence[str]) -> pl.DataFrame:
    """The answers of each cell as one number, on the three scales in use.

    Formula: diffusion_index = up_pct + same_pct / 2; balance = up_pct - down_pct;
    sentiment_index = 100 + balance. So diffusion_index = 50 + balance / 2 and
    sentiment_index = 2 * diffusion_index. On five or seven levels diffusion_index = 100 * weighted
    mean of the scores (1, .75, .5, .25, 0 for five) and balance = 2 * diffusion_index - 100: the
    outer levels count in full, the inner ones in part.
    Columns in: as ``shares``. Columns out: those of ``shares``, then diffusion_index (index
    points, 0..100, neutral 50), balance (-100..100, neutral 0), sentiment_index (0..200, neutral
    100), all Float64 and null where n = 0. Raises ContractError. Source: NBS, manufacturing PMI
    (扩散指数); European Commission, BCS (balance); NBS, 企业景气指数 (0-200).

    >>> october = pl.Series(["2026-10-01"] * 4).str.to_date()
    >>> answers = pl.DataFrame({"period": october, "park_id": list("abcd"), "item_id": ["rent"] * 4,
    ...     "answer": ["up", "up", "same", "down"]})
    >>> diffusion_index(answers, "item_id").select("diffusion_index", "balance", "sentiment_index").row(0)
    (62.5, 25.0, 125.0)
    """
    keys = grouping(by)
    frame = _cells(answers, keys)
    if "levels" not in frame.columns:
        return _counted(frame, keys).drop("_score").with_columns(_THREE)
    index = pl.col("_score")
    return _counted(frame, keys).select(
        pl.exclude("_score"),
        index.alias("diffusion_index"),
        (2 * index - 100.0).alias("balance"),
        (2 * index).alias("sentiment_index"),
    )


def scales(shares: pl.DataFrame, places: int | None = None) -> pl.DataFrame:
    """Shares up, same and down, as counted or as published, as one number on the three scales in use.

    Formula: as ``diffusion_index``: up_pct + same_pct / 2, up_pct - down_pct, 100 + up_pct - down_pct.
    Columns in: up_pct, same_pct, down_pct Float64 (per cent; rounded ones need not add up to 100).
    Columns out: those of ``shares``, then diffusion_index (index points, 0..100), balance
    (-100..100), sentiment_index (0..200), null where a share is missing; ``places`` rounds the three
    half up for publication. Raises ContractError where the shares of a row add up to less than 99
    or more than 101. Source: as ``diffusion_index``.

    >>> october = pl.DataFrame({"up_pct": [26.1], "same_pct": [59.3], "down_pct": [14.6]})
    >>> scales(october, places=1).row(0)[3:]
    (55.8, 11.5, 111.5)
    """
    frame = require(shares, SHARES)
    far = (pl.sum_horizontal(list(SIDES)) - 100.0).abs() > 1.0
    rows = frame.select((far & pl.all_horizontal(pl.col(list(SIDES)).is_not_null())).alias("far"))["far"].arg_true()
    if len(rows):
        total = sum(frame.select(list(SIDES)).row(rows[0]))
        rule = "accepted: a sum of 100, give or take 1 for rounding; correct the shares."
        raise ContractError(SHARES, [f"row {rows[0] + 1}: the shares of up, same and down add up to {total:g}; {rule}"])
    names = [name for name in shares.columns if name not in _SCALES]
    scaled = frame.select(names).with_columns(_THREE)
    return scaled if places is None else published(scaled, _SCALES, places)


def published(frame: pl.DataFrame, columns: str | Sequence[str], places: int) -> pl.DataFrame:
    """A frame with some figures rounded half up for publication, as ``half_up`` does; null stays null.

    >>> published(pl.DataFrame({"index": [51.55, -0.25, None]}), "index", 1)["index"].to_list()
    [51.6, -0.3, None]
    """
    rounded = [
        pl.Series(name, [None if value is None else float(half_up(value, places) or 0) for value in frame[name]])
        for name in grouping(columns)
    ]
    return frame.with_columns(series.cast(pl.Float64) for series in rounded)


def half_up(value: float | None, places: int) -> Decimal | None:
    """A figure rounded for publication: ties go away from zero, as statistical offices round.

    The shortest decimal that reads back as the float is rounded, after binary noise below 1e-9
    has been dropped. Never use it on the inputs of another figure. None stays None; a value that
    is not finite raises ValueError. Source: NBS publishes 51.6 for 51.55 (February 2017), where
    Python's round() gives 51.5.

    >>> half_up(51.55, 1), half_up(-0.25, 1), half_up(None, 1)
    (Decimal('51.6'), Decimal('-0.3'), None)
    """
    if value is None:
        return None
    exact = Decimal(repr(float(value)))
    if not exact.is_finite():
        raise ValueError(f"half_up: {value} is not a number that can be rounded; pass a finite number or None.")
    rounded = exact.quantize(_NOISE).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return rounded if rounded else abs(rounded)


def _cells(answers: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    if not keys:
        raise ContractError(ANSWERS, ["by names no column; accepted: at least one, such as period; name one."])
    frame = require_levels(answers)
    require_named(frame, keys, ANSWERS)
    return frame


def _counted(frame: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """Valid answers, shares and, on five or seven levels, 100 times the mean score of each cell."""
    several = "levels" in frame.columns
    weights = pl.col("weight") if "weight" in frame.columns else pl.lit(1.0)
    weight = pl.when(pl.col("answer").is_not_null()).then(weights).otherwise(0.0)
    answer = pl.col("answer")
    sums = [
        pl.col("_weight").filter(answer.is_in(codes) if several else answer == codes[0]).sum().alias(name)
        for name, codes in SIDES.items()
    ]
    scored = (pl.col("_weight") * score(frame)).sum() if several else pl.lit(None, pl.Float64)
    grouped = frame.with_columns(weight.alias("_weight")).group_by(keys)
    counted = grouped.agg(
        (pl.col("_weight") > 0).sum().cast(pl.UInt32).alias("n"),
        *sums,
        scored.alias("_score"),
        pl.col("_weight").sum().alias("_total"),
    )
    percent = [
        pl.when(pl.col("_total") > 0).then((100.0 * pl.col(name) / pl.col("_total")).clip(0, 100)).alias(name)
        for name in (*SIDES, "_score")
    ]
    return counted.with_columns(percent).drop("_total").sort(keys, nulls_last=True)
