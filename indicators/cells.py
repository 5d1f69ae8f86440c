"""What coded answers add up to in each month, group and question, and frames made of such tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from indicators.coding import CodedAnswers, Flags, Numbers
from indicators.frames import ANSWERS, ContractError


@dataclass(frozen=True, eq=False)
class Sums:
    """Counts, weights and weighted scores of the answers, each months x groups x questions."""

    n: NDArray[np.int64]
    weight: Numbers
    score: Numbers

    @property
    def index(self) -> Numbers:
        """The turned diffusion index of every cell and question, 0..100; NaN without an answer."""
        return 100.0 * divided(self.score, self.weight)


def headline(index: Numbers, weights: Numbers) -> Numbers:
    """The weighted mean over the last axis; NaN where a question with weight has no index."""
    part = weights > 0
    mean: Numbers = index[..., part] @ weights[part]
    return mean


def divided(above: Numbers, below: Numbers) -> Numbers:
    """The quotient where ``below`` is above 0, NaN elsewhere."""
    quotient: Numbers = np.divide(above, below, out=np.full(above.shape, np.nan), where=below > 0)
    return quotient


def since(values: Numbers, back: int) -> Numbers:
    """The change of each value against ``back`` months (rows) before; NaN where there is none."""
    change = np.full(values.shape, np.nan)
    change[back:] = values[back:] - values[:-back]
    return change


def months_back(months: int) -> int:
    """``months`` if it is 1 or more, refused otherwise."""
    if months < 1:
        problem = f"months {months} is not accepted; accepted: 1 (since last month), 12 (since last year) or another"
        raise ContractError(ANSWERS, [f"{problem} whole number from 1; correct it."])
    return months


def sums(survey: CodedAnswers) -> Sums:
    """Counts, weights and weighted scores in each month, group and question."""
    months, groups, questions = survey.shape
    cell, size = survey.cell, months * groups
    n, weight, score = (np.zeros((questions, size)) for _ in range(3))
    listed = np.bincount(cell, minlength=size)
    for row in range(questions):
        weights = survey.weight[row]
        n[row] = listed - np.bincount(cell[np.flatnonzero(weights == 0)], minlength=size)
        weight[row] = n[row] if weights.dtype == np.bool_ else added(cell, weights, size)
        score[row] = added(cell, weighed(survey, row), size)
    counted, *others = (np.ascontiguousarray(table.T).reshape(survey.shape) for table in (n, weight, score))
    return Sums(counted.astype(np.int64), *others)


def weighed(survey: CodedAnswers, row: int) -> Numbers:
    """The weighted scores of one question, 0 without an answer."""
    score: Numbers = survey.score[row]
    return score if survey.weight.dtype == np.bool_ else score * survey.weight[row]


def answered(survey: CodedAnswers) -> Flags:
    """Which park months hold a valid answer to a question with weight."""
    found: Flags = np.any(survey.weight[survey.item_weights > 0], axis=0)
    return found


def answering(survey: CodedAnswers) -> NDArray[np.int64]:
    """Distinct parks with a valid answer to a question with weight, in each month and group."""
    months, groups, _ = survey.shape
    n: NDArray[np.int64] = np.bincount(survey.cell[answered(survey)], minlength=months * groups)
    return n.reshape(months, groups)


def added(place: NDArray[np.int64], values: NDArray[Any], size: int) -> Numbers:
    """The sum of ``values`` at each of ``size`` places."""
    return np.asarray(np.bincount(place, weights=values, minlength=size), dtype=np.float64)


def cells(survey: CodedAnswers, columns: dict[str, NDArray[Any]]) -> pl.DataFrame:
    """A frame with a row for each observed month and group: period, the groups' columns, ``columns``.

    Arrays are months x groups, or months x groups x questions: then item_id follows the groups'
    columns. NaN becomes null. Rows are sorted by month, group and question.
    """
    month, group = np.nonzero(survey.observed)
    by_item = any(values.ndim == 3 for values in columns.values())
    questions = survey.items.height if by_item else 1
    keys = survey.groups.drop("_group")[np.repeat(group, questions)]
    named = [periods(survey.first, np.repeat(month, questions)), *keys.get_columns()]
    if by_item:
        named.append(survey.items["item_id"].gather(np.tile(np.arange(questions), len(month))))
    figures = [pl.Series(name, values[month, group].ravel(), nan_to_null=True) for name, values in columns.items()]
    return pl.DataFrame([*named, *figures])


def periods(first: int, month: NDArray[Any]) -> pl.Series:
    """The months as dates, first day of each."""
    days = (month.astype(np.int64) + first).astype("datetime64[M]").astype("datetime64[D]")
    return pl.Series("period", days.astype(np.int32), dtype=pl.Int32).cast(pl.Date)
