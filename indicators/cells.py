"""What coded answers add up to in each month, group and question, and frames made of such tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from indicators.coding import CodedAnswers, roomy
from indicators.disclosure import suppress
from indicators.frames import ANSWERS, ContractError
from indicators.packs import Numbers, Pack


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


@dataclass(frozen=True, eq=False)
class Counts:
    """Valid answers, their weights and squared weights, each questions x cells x numbers of answers.

    ``places`` holds, for every pack of questions, the cell and code of every park month as one number.
    """

    n: Numbers
    weight: Numbers
    square: Numbers
    packs: tuple[Pack, ...]
    places: tuple[NDArray[np.int64], ...]


def counts(survey: CodedAnswers) -> Counts:
    """How often each answer was given to each question in each month and group."""
    cell, size = survey.cell, len(survey.observed) * survey.groups.height
    packs = packs_for(survey, size)
    first = {width: cell * width for width in {pack.width for pack in packs}}
    places = tuple(first[pack.width] + pack.codes for pack in packs)
    kinds = 1 if all(pack.weight is None for pack in packs) else 3
    tables = np.zeros((kinds, survey.items.height, size, len(survey.values)))
    for pack, place in zip(packs, places, strict=True):
        for power in range(kinds):
            weights = None if power == 0 or pack.weight is None else pack.weight**power
            joint = np.bincount(place, weights=weights, minlength=size * pack.width)
            tables[power, list(pack.rows)] = pack.margins(joint.astype(np.float64).reshape(size, pack.width))
    tables[..., 0] = 0.0
    return Counts(tables[0], tables[1 % kinds], tables[2 % kinds], packs, places)


def packs_for(survey: CodedAnswers, size: int) -> tuple[Pack, ...]:
    """The packs of the survey, or one for each question where tables of ``size`` cells x codes would be too large."""
    small = all(roomy(size * pack.width, len(pack.codes)) for pack in survey.packs)
    return survey.packs if small else tuple(one for pack in survey.packs for one in pack.apart())


def sums(survey: CodedAnswers, counted: Counts | None = None) -> Sums:
    """Counts, weights and weighted scores in each month, group and question."""
    counted = counts(survey) if counted is None else counted
    valid = np.ones(len(survey.values))
    parts = counted.n @ valid, counted.weight @ valid, counted.weight @ survey.values
    n, weight, score = (np.ascontiguousarray(table.T).reshape(survey.shape) for table in parts)
    return Sums(n.astype(np.int64), weight, score)


def answering(survey: CodedAnswers) -> NDArray[np.int64]:
    """Distinct parks with a valid answer to a question with weight, in each month and group."""
    months, groups, _ = survey.shape
    weighted = survey.item_weights > 0
    answered = np.zeros(len(survey.month), dtype=np.bool_)
    for pack in survey.packs:
        answered |= pack.answered(weighted)
    silent = survey.cell[np.flatnonzero(~answered)]
    n: NDArray[np.int64] = np.bincount(survey.cell, minlength=months * groups)
    return (n - np.bincount(silent, minlength=months * groups)).reshape(months, groups)


def added(place: NDArray[np.int64], values: NDArray[Any], size: int) -> Numbers:
    """The sum of ``values`` at each of ``size`` places."""
    return np.asarray(np.bincount(place, weights=values, minlength=size), dtype=np.float64)


def cells(survey: CodedAnswers, columns: dict[str, NDArray[Any]], items: pl.Series | None = None) -> pl.DataFrame:
    """A frame with a row for each observed month and group: period, the groups' columns, ``columns``.

    Arrays are months x groups, or with ``items`` months x groups x questions: then item_id follows the
    groups' columns. NaN becomes null. Rows are sorted by month, group and question.
    """
    month, group = np.nonzero(survey.observed)
    questions = 1 if items is None else len(items)
    named = [periods(survey.first, np.repeat(month, questions))]
    rows = np.repeat(group, questions)
    named += [column[rows] for column in survey.groups.get_columns() if column.name != "_group"]
    if items is not None:
        named.append(items[np.tile(np.arange(questions), len(month))])
    figures = [pl.Series(name, values[month, group].ravel(), nan_to_null=True) for name, values in columns.items()]
    return pl.DataFrame([*named, *figures])


def shown(
    table: pl.DataFrame, n: NDArray[Any], values: str | Sequence[str], minimum: int, within: Sequence[str]
) -> pl.DataFrame:
    """As ``suppress`` with ``n`` parks in each row; where no row is small, only the column that says so is added."""
    if minimum >= 1 and not ((n > 0) & (n < minimum)).any():
        return table.hstack([pl.Series("suppressed", np.zeros(table.height, dtype=np.bool_))])
    return suppress(table.with_columns(pl.Series("_n", n.ravel())), "_n", values, minimum, within).drop("_n")


def periods(first: int, month: NDArray[Any]) -> pl.Series:
    """The months as dates, first day of each."""
    days = (month.astype(np.int64) + first).astype("datetime64[M]").astype("datetime64[D]")
    return pl.Series("period", days.astype(np.int32), dtype=pl.Int32).cast(pl.Date)
