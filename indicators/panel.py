"""The panel behind a monthly figure: who was asked, who answered, and what the same parks say.

Sources: OECD, Business Tendency Surveys: A Handbook (response accounting); Trebing (2011), Federal
Reserve Bank of Philadelphia (matched panel).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from indicators.cells import answering, cells, headline, months_back, since, sums
from indicators.coding import CodedAnswers, roomy
from indicators.frames import Column, Contract, ContractError, grouping, require, require_named
from indicators.groups import regrouped
from indicators.levels import require_levels

_ASKED = (
    Column("period", pl.Date, "month", "the month; absent = the same parks every month", month=True, optional=True),
    Column("park_id", pl.String, "code", "a park of the frame"),
    Column("invited", pl.Boolean, "true or false", "whether it was asked; absent = all were", optional=True),
)


def response_accounting(frame: pl.DataFrame, answers: pl.DataFrame, by: str | Sequence[str] = "period") -> pl.DataFrame:
    """How many parks there are, were asked and answered.

    Formula: response_rate_pct = 100 * n_answered / n_invited. A park has answered a month when it
    gave at least one valid answer.
    Columns in: ``frame`` = the parks: park_id, the columns of ``by``, period Date (optional: without
    it the frame is the same in every month of the answers), invited Boolean (optional: without it
    all were asked); ANSWERS. Columns out: ``by``, n_frame, n_invited, n_answered UInt32 (parks; park
    months where ``by`` does not name the period), response_rate_pct Float64 (per cent, 0..100).
    A group nobody answered in has n_answered 0; one nobody was asked in has no rate. A park that
    answers without being in the frame, or without being asked, is refused. Raises ContractError.
    Source: OECD, Business Tendency Surveys: A Handbook (response rates).

    >>> october = pl.Series(["2026-10-01"] * 2).str.to_date()
    >>> answers = pl.DataFrame({"period": october, "park_id": ["a", "b"], "item_id": ["rent"] * 2,
    ...     "answer": ["up", None]})
    >>> frame = pl.DataFrame({"park_id": ["a", "b", "c", "d"]})
    >>> response_accounting(frame, answers, ()).row(0)
    (4, 4, 1, 25.0)
    """
    keys = grouping(by)
    listed = _listed(frame, answers, keys)
    return _counted(listed, keys).with_columns(
        pl.when(pl.col("n_invited") > 0)
        .then(100.0 * pl.col("n_answered") / pl.col("n_invited"))
        .alias("response_rate_pct")
    )


def item_response(frame: pl.DataFrame, answers: pl.DataFrame, by: str | Sequence[str] = "period") -> pl.DataFrame:
    """How many of the parks that answered gave a valid answer to each question.

    Formula: item_response_pct = 100 * n_valid / n_answered. Columns in: as ``response_accounting``.
    Columns out: ``by``, item_id, n_answered, n_valid UInt32 (parks), item_response_pct Float64 (per
    cent, 0..100; null where nobody answered). Every question of the answers has a row in every
    cell, with n_valid 0 where nobody answered it. Raises ContractError.
    Source: OECD, Business Tendency Surveys: A Handbook (item non-response).

    >>> october = pl.Series(["2026-10-01"] * 3).str.to_date()
    >>> answers = pl.DataFrame({"period": october, "park_id": ["a", "b", "a"],
    ...     "item_id": ["rent", "rent", "jobs"], "answer": ["up", "same", "down"]})
    >>> frame = pl.DataFrame({"park_id": ["a", "b", "c"]})
    >>> item_response(frame, answers).select("item_id", "n_answered", "n_valid", "item_response_pct").rows()
    [('jobs', 2, 1, 50.0), ('rent', 2, 2, 100.0)]
    """
    keys = [name for name in grouping(by) if name != "item_id"]
    listed = _listed(frame, answers, keys)
    valid = _valid(require_levels(answers)).select("period", "park_id", "item_id")
    placed = valid.join(listed, on=["period", "park_id"], how="inner")
    counts = placed.group_by([*keys, "item_id"]).agg(pl.len().cast(pl.UInt32).alias("n_valid"))
    grid = _counted(listed, keys).select(*keys, "n_answered").join(answers.select("item_id").unique(), how="cross")
    joined = grid.join(counts, on=[*keys, "item_id"], how="left", nulls_equal=True)
    share = pl.when(pl.col("n_answered") > 0).then(100.0 * pl.col("n_valid") / pl.col("n_answered"))
    whole = joined.select(*keys, "item_id", "n_answered", pl.col("n_valid").fill_null(0))
    return whole.with_columns(share.alias("item_response_pct")).sort(*keys, "item_id", nulls_last=True)


def matched_change(
    answers: pl.DataFrame | CodedAnswers,
    items: pl.DataFrame,
    by: str | Sequence[str] = "period",
    attributes: pl.DataFrame | None = None,
    months: int = 1,
) -> pl.DataFrame:
    """How far the same parks moved, and what came from parks joining and leaving.

    Formula: matched_change = sum over the questions of weight * (sub-index now - sub-index before),
    both of the answers that the same park gave to the same question in both months; headline_change
    = the same of all answers; composition_effect = headline_change - matched_change.
    Columns in: ANSWERS (or ``coded`` ones); ITEMS (weights sum to 1); ``by``: period and columns of the
    answers or, where given, of ``attributes`` (park_id, ...); months = how far back, 1 or 12.
    Columns out: ``by``, headline_change, matched_change, composition_effect Float64 (index points),
    n_matched, n_joined, n_left UInt32 (parks with a matched answer; without one now; without one before).
    Null where the earlier month is missing or a question with weight has no (matched) answer. Only a
    change: never add these up to a level, its error would grow without end.
    Raises WeightError, ContractError. Source: Trebing (2011), Philadelphia Fed MBOS; our choice of pairs.

    >>> answers = pl.DataFrame({"period": pl.Series(["2026-09-01"] * 2 + ["2026-10-01"] * 3).str.to_date(),
    ...     "park_id": ["a", "b", "a", "b", "new"], "item_id": ["rent"] * 5,
    ...     "answer": ["same", "down", "up", "down", "up"]})
    >>> items = pl.DataFrame({"item_id": ["rent"], "direction": [1], "weight": [1.0]})
    >>> matched_change(answers, items).select("matched_change", "n_matched", "n_joined").rows()[1]
    (25.0, 2, 1)
    """
    survey, back = regrouped(answers, items, by, attributes), months_back(months)
    now, before = _pairs(survey, back)
    pairs = sums(now).index - sums(before).index
    matched = headline(pairs, survey.item_weights)
    whole = since(headline(sums(survey).index, survey.item_weights), back)
    figures = {"headline_change": whole, "matched_change": matched, "composition_effect": whole - matched}
    counts = _turnover(survey, now, back)
    result = cells(survey, {**figures, **counts})
    known = pl.col("period").dt.offset_by(f"-{back}mo").is_in(result["period"].unique().implode())
    turnover = [pl.when(known).then(pl.col(name)).alias(name) for name in ("n_joined", "n_left")]
    return result.with_columns(turnover)


def _pairs(survey: CodedAnswers, back: int) -> tuple[CodedAnswers, CodedAnswers]:
    """The answers that the same park and group gave to the same question now and ``back`` months before, as of now."""
    months, groups, _ = survey.shape
    step = len(survey.parks) * groups
    place = (survey.month.astype(np.int64) * len(survey.parks) + survey.park) * groups
    place += 0 if survey.group is None else survey.group
    now = np.flatnonzero(survey.month >= back)
    before = _found(place, place[now] - back * step, months * step)
    now, before = now[before >= 0], before[before >= 0]
    later, earlier = (
        replace(
            survey,
            month=survey.month[now],
            park=survey.park[now],
            group=None if survey.group is None else survey.group[now],
            packs=tuple(pack.matched(rows, others) for pack in survey.packs),
        )
        for rows, others in ((now, before), (before, now))
    )
    return later, earlier


def _found(places: NDArray[np.int64], wanted: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Where each wanted place stands in ``places``, -1 where it is not there."""
    if roomy(size, len(places)):
        rows = np.full(size, -1, dtype=np.int64)
        rows[places] = np.arange(len(places))
        return rows[wanted]
    order = np.argsort(places)
    row = order[np.minimum(np.searchsorted(places[order], wanted), len(places) - 1)]
    return np.where(places[row] == wanted, row, -1)


def _turnover(survey: CodedAnswers, now: CodedAnswers, back: int) -> dict[str, NDArray[Any]]:
    """Parks with a matched answer, those without one now, and those without one before."""
    n_matched, n_parks = answering(now), answering(survey)
    earlier = np.zeros_like(n_parks)
    earlier[back:] = n_parks[:-back]
    counts = {"n_matched": n_matched, "n_joined": n_parks - n_matched, "n_left": earlier - n_matched}
    return {name: n.astype(np.uint32) for name, n in counts.items()}


def _listed(frame: pl.DataFrame, answers: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    """The frame, a row for each park and month, with ``invited`` and ``answered``; all who answered are in it."""
    by_month = "period" in frame.columns
    contract = Contract("frame", _ASKED, key=("period", "park_id") if by_month else ("park_id",))
    asked = require(frame, contract)
    require_named(asked, [name for name in keys if name != "period"], contract)
    given = require_levels(answers)
    if not by_month:
        asked = given.select("period").unique().join(asked, how="cross")
    if "invited" not in asked.columns:
        asked = asked.with_columns(pl.lit(value=True).alias("invited"))
    answered = _valid(given).select("period", "park_id").unique()
    strangers = answered.join(asked.filter("invited"), on=["period", "park_id"], how="anti").sort("period", "park_id")
    if strangers.height:
        period, park = strangers.row(0)
        problem = f"park '{park}' answered in {period:%Y-%m} but is not among the parks that were asked then"
        rule = f"({strangers.height} such park months); accepted: answers of parks asked; add it to the frame."
        raise ContractError(contract, [f"{problem} {rule}"])
    names = list(dict.fromkeys(["period", "park_id", *keys, "invited"]))
    marked = answered.with_columns(pl.lit(value=True).alias("answered"))
    joined = asked.select(names).join(marked, on=["period", "park_id"], how="left")
    return joined.with_columns(pl.col("answered").fill_null(value=False))


def _counted(listed: pl.DataFrame, keys: Sequence[str]) -> pl.DataFrame:
    sums = [pl.col(name).sum().cast(pl.UInt32).alias(f"n_{name}") for name in ("invited", "answered")]
    counts = [pl.len().cast(pl.UInt32).alias("n_frame"), *sums]
    return listed.group_by(keys).agg(counts).sort(keys, nulls_last=True) if keys else listed.select(counts)


def _valid(answers: pl.DataFrame) -> pl.DataFrame:
    valid = answers.filter(pl.col("answer").is_not_null())
    return valid.filter(pl.col("weight") > 0) if "weight" in valid.columns else valid
