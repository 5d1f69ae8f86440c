"""Where a change of the prosperity index comes from: question by question, and group by group of parks.

Source: the index is a weighted sum, so its change is one too (NBS and PBoC bulletins name the
questions that moved it); the split of a group's part into its own change and its share of the
answers is a midpoint shift-share decomposition (Marshall-Edgeworth weights), our choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from indicators.cells import added, answering, cells, divided, headline, months_back, shown, since, sums
from indicators.coding import CodedAnswers, Codes, group_names, rows_of_groups
from indicators.frames import Column, Contract, require, require_named
from indicators.groups import regrouped
from indicators.packs import Numbers
from indicators.prosperity import weighted_items

_INDEX = Column("diffusion_index", pl.Float64, "index points", "the sub-index", low=0, high=100, nullable=True)
_EFFECTS = ("within_effect", "composition_effect", "contribution")


def sub_index_contract(by: Sequence[str] = ("period",)) -> Contract:
    """The contract of a table of sub-indices: one row per month, group and question.

    >>> sub_index_contract(["period", "city_id"]).key
    ('period', 'city_id', 'item_id')
    """
    columns = (
        Column("period", pl.Date, "month", "the month, as its first day", month=True),
        Column("item_id", pl.String, "code", "the question"),
        _INDEX,
    )
    keys = ["period", *(name for name in by if name not in ("period", "item_id"))]
    return Contract("sub-indices", columns, key=(*keys, "item_id"))


def item_contributions(
    sub_indices: pl.DataFrame, items: pl.DataFrame, by: str | Sequence[str] = "period", months: int = 1
) -> pl.DataFrame:
    """How many points each question gave to the change of the prosperity index, or took from it.

    Formula: contribution = weight * (sub-index now - sub-index ``months`` calendar months before);
    headline_change = sum of the contributions = change of the prosperity index, before rounding.
    Columns in: period Date, item_id, diffusion_index Float64 (0..100, inverse questions turned, as
    ``sub_indices`` gives them) and those of ``by``; ITEMS. Columns out: ``by``, item_id, weight (share
    of 1), diffusion_index, change, contribution, headline_change Float64 (index points).
    Every question with weight has a row in every cell of the table. A question without a
    sub-index in one of the two months has no contribution, and then the index has no change there;
    the other contributions stay. Raises WeightError, ContractError. Source: NBS, manufacturing PMI.

    >>> table = pl.DataFrame({"period": pl.Series(["2026-09-01"] * 2 + ["2026-10-01"] * 2).str.to_date(),
    ...     "item_id": ["rent", "cost"] * 2, "diffusion_index": [50.0, 40.0, 54.0, 36.0]})
    >>> items = pl.DataFrame({"item_id": ["rent", "cost"], "direction": [1, -1], "weight": [0.75, 0.25]})
    >>> item_contributions(table, items).select("item_id", "contribution", "headline_change").rows()[2:]
    [('cost', -1.0, 2.0), ('rent', 3.0, 2.0)]
    """
    keys = ["period", *group_names(by)]
    weights = weighted_items(items).select("item_id", "weight")
    require_named(sub_indices, keys, sub_index_contract(keys))
    table = require(sub_indices, sub_index_contract(keys)).select(*keys, "item_id", "diffusion_index")
    grid = table.select(keys).unique().join(weights, how="cross")
    whole = grid.join(table, on=[*keys, "item_id"], how="left", nulls_equal=True)
    before = table.rename({"period": "_before", "diffusion_index": "_index"})
    shifted = whole.with_columns(pl.col("period").dt.offset_by(f"-{months_back(months)}mo").alias("_before"))
    joined = shifted.join(before, on=["_before", *keys[1:], "item_id"], how="left", nulls_equal=True)
    changed = joined.with_columns((pl.col("diffusion_index") - pl.col("_index")).alias("change"))
    valued = changed.with_columns((pl.col("weight") * pl.col("change")).alias("contribution"))
    part = pl.col("contribution")
    total = pl.when(part.count().over(keys) == weights.height).then(part.sum().over(keys))
    columns = [*keys, "item_id", "weight", "diffusion_index", "change", "contribution", "headline_change"]
    return valued.sort(*keys, "item_id", nulls_last=True).with_columns(total.alias("headline_change")).select(columns)


def group_contributions(
    answers: pl.DataFrame | CodedAnswers,
    items: pl.DataFrame,
    by: str | Sequence[str],
    attributes: pl.DataFrame | None = None,
    within: str | Sequence[str] = (),
    months: int = 1,
    minimum: int = 5,
) -> pl.DataFrame:
    """How many points each group of parks, such as a district, gave to the change of the index.

    Formula, question by question with s = the group's share of the answers (of their weights), D =
    its sub-index and T = that of all groups, a bar for the mean of the two months:
    within_effect = s_bar * (D now - D before), composition_effect = (s now - s before) * (D_bar -
    T_bar), both summed over the questions with their weights; contribution = both together. The
    contributions of all groups sum to headline_change, exactly before rounding. A group present in
    one month only has no change of its own: all of its part is composition.
    Columns in: ANSWERS (or ``coded`` ones); ITEMS; the columns of ``by`` (the groups) and ``within``
    (what they add up to, such as the city; none = all together), in the answers or, where given, in
    ``attributes`` (park_id, ...); months = how far back. Columns out: period, ``within``, ``by``,
    n_parks, n_parks_before UInt32, share_pct (per cent of the weight of the answers, 0..100, questions
    weighted), within_effect, composition_effect, contribution, headline_change Float64 (index points),
    suppressed Boolean. Groups of 1 to ``minimum`` - 1 parks in either month are blanked, and the
    next smallest if only one is, as in ``suppress``; minimum 1 shows all.
    All effects are null where a question with weight has no answer in one of the months. The effect
    of a group is null-free otherwise: 0 where it is in neither month. Raises WeightError, ContractError.
    Source: our choice (midpoint shift-share).

    >>> answers = pl.DataFrame({"period": pl.Series(["2026-09-01"] * 2 + ["2026-10-01"] * 2).str.to_date(),
    ...     "park_id": ["a", "b"] * 2, "item_id": ["rent"] * 4, "answer": ["same", "down", "up", "down"]})
    >>> parks = pl.DataFrame({"park_id": ["a", "b"], "district_code": ["x", "y"]})
    >>> items = pl.DataFrame({"item_id": ["rent"], "direction": [1], "weight": [1.0]})
    >>> result = group_contributions(answers, items, "district_code", parks, minimum=1)
    >>> result.select("district_code", "contribution", "headline_change").rows()[2:]
    [('x', 25.0, 25.0), ('y', 0.0, 25.0)]
    """
    outer, back = group_names(within), months_back(months)
    survey = _with_leavers(regrouped(answers, items, [*outer, *group_names(by)], attributes), back)
    total = rows_of_groups(survey.groups, outer)[1] if outer else np.zeros(survey.groups.height, dtype=np.int32)
    effects = _effects(survey, total, back)
    n = answering(survey)
    before = np.zeros_like(n)
    before[back:] = n[:-back]
    counted = {"n_parks": n.astype(np.uint32), "n_parks_before": before.astype(np.uint32)}
    table = cells(survey, {**counted, **effects})
    smaller = np.where(n == 0, before, np.where(before == 0, n, np.minimum(n, before)))
    return shown(table, smaller[survey.observed], ["share_pct", *_EFFECTS], minimum, ["period", *outer])


@dataclass(frozen=True, eq=False)
class _Shares:
    """Months x groups x questions: share of the answers, sub-index of the group, sub-index of all."""

    share: Numbers
    index: Numbers
    whole: Numbers


def _shares(survey: CodedAnswers, outer: Codes) -> _Shares:
    months, _, questions = survey.shape
    counted, size = sums(survey), int(outer.max(initial=0)) + 1
    month, question = np.arange(months)[:, None, None], np.arange(questions)
    place = ((month * size + outer[:, None]) * questions + question).ravel()
    weight, score = (
        added(place, values.ravel(), months * size * questions).reshape(months, size, questions)[:, outer, :]
        for values in (counted.weight, counted.score)
    )
    return _Shares(divided(counted.weight, weight), counted.index, 100.0 * divided(score, weight))


def _effects(survey: CodedAnswers, outer: Codes, back: int) -> dict[str, Numbers]:
    """The effects of each group, months x groups."""
    table, weights = _shares(survey, outer), survey.item_weights
    (share, share_before), (index, index_before), (whole, whole_before) = (
        (values[back:], values[:-back]) for values in (table.share, table.index, table.whole)
    )
    now, before = _filled(index, index_before), _filled(index_before, index)
    within = (share + share_before) / 2 * (now - before)
    moved = (share - share_before) * ((now + before) / 2 - (whole + whole_before) / 2)
    effects = {"within_effect": headline(within, weights), "composition_effect": headline(moved, weights)}
    later = {name: _from_month(values, survey.shape[:2], back) for name, values in effects.items()}
    return {
        "share_pct": 100.0 * headline(table.share, weights),
        **later,
        "contribution": later["within_effect"] + later["composition_effect"],
        "headline_change": since(headline(table.whole, weights), back),
    }


def _filled(index: Numbers, other: Numbers) -> Numbers:
    """The sub-index, that of the other month where a group has none, 0 where it has neither (its share is 0 then)."""
    return np.where(np.isnan(index), np.nan_to_num(other), index)


def _from_month(values: Numbers, shape: tuple[int, ...], back: int) -> Numbers:
    result = np.full(shape, np.nan)
    result[back:] = values
    return result


def _with_leavers(survey: CodedAnswers, back: int) -> CodedAnswers:
    """A group of the earlier month gets a row now, too: that it has left is part of the change."""
    observed = survey.observed.copy()
    observed[back:] |= survey.observed[:-back]
    observed &= np.any(survey.observed, axis=1, keepdims=True)
    return replace(survey, observed=observed)
