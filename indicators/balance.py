"""Up, same and down answers as shares, and the three scales built on them.

Sources: NBS, manufacturing PMI (diffusion index); European Commission, Joint Harmonised EU
Programme of Business and Consumer Surveys (balance); NBS, 企业景气指数 (0-200 scale).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

import polars as pl

from indicators.frames import ANSWERS, ContractError, grouping, require, require_named

_NOISE = Decimal("1e-9")
_SHARES = {"up_pct": "up", "same_pct": "same", "down_pct": "down"}


def shares(answers: pl.DataFrame, by: str | Sequence[str]) -> pl.DataFrame:
    """How many per cent of the answers in each cell say up, same and down.

    Formula: up_pct = 100 * sum of the weights of the answers "up" / sum of the weights of all
    valid answers; without a ``weight`` column every answer weighs 1.
    Columns in: ANSWERS (period Date, park_id, item_id, answer text; weight Float64 optional) and
    those of ``by``. Columns out: ``by``, n UInt32 (valid answers, a count), up_pct, same_pct,
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
    frame = _cells(answers, keys)
    weights = pl.col("weight") if "weight" in frame.columns else pl.lit(1.0)
    weight = pl.when(pl.col("answer").is_not_null()).then(weights).otherwise(0.0)
    sums = [pl.col("_weight").filter(pl.col("answer") == answer).sum().alias(name) for name, answer in _SHARES.items()]
    total = pl.col("_weight").sum().alias("_total")
    grouped = frame.with_columns(weight.alias("_weight")).group_by(keys)
    counted = grouped.agg((pl.col("_weight") > 0).sum().cast(pl.UInt32).alias("n"), *sums, total)
    percent = [
        pl.when(pl.col("_total") > 0).then((100.0 * pl.col(name) / pl.col("_total")).clip(0, 100)).alias(name)
        for name in _SHARES
    ]
    return counted.with_columns(percent).drop("_total").sort(keys, nulls_last=True)


def diffusion_index(answers: pl.DataFrame, by: str | Sequence[str]) -> pl.DataFrame:
    """The answers of each cell as one number, on the three scales in use.

    Formula: diffusion_index = up_pct + same_pct / 2; balance = up_pct - down_pct;
    sentiment_index = 100 + balance. So diffusion_index = 50 + balance / 2 and
    sentiment_index = 2 * diffusion_index.
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
    balance = pl.col("up_pct") - pl.col("down_pct")
    return shares(answers, by).with_columns(
        (pl.col("up_pct") + pl.col("same_pct") / 2).alias("diffusion_index"),
        balance.alias("balance"),
        (100.0 + balance).alias("sentiment_index"),
    )


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
    frame = require(answers, ANSWERS)
    require_named(frame, keys, ANSWERS)
    return frame
