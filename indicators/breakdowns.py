"""The prosperity index of every kind of park, such as districts, cities, park types or size classes.

The method is that of the headline: same questions, same weights, same band; only the parks differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from indicators.cells import Counts, Sums, added, answering, cells, counts, divided, headline, shown, sums
from indicators.coding import CodedAnswers, group_names
from indicators.frames import Column, Contract, ContractError, require
from indicators.groups import regrouped
from indicators.packs import Numbers
from indicators.uncertainty import quantiles_95

_FIGURES = ("prosperity_index", "se_points", "low", "high")


def breakdown(
    answers: pl.DataFrame | CodedAnswers,
    items: pl.DataFrame,
    attributes: pl.DataFrame | None,
    by: str | Sequence[str],
    minimum: int = 5,
    within: str | Sequence[str] = (),
) -> pl.DataFrame:
    """The prosperity index of each month and group of parks, with its band, small groups blanked.

    Formula: as ``prosperity_index``, and as ``standard_errors`` with each group as its own
    population: se_points with the finite-population correction of the group's n_frame parks, band
    +- t(0.975; n_parks - 1) * se_points.
    Columns in: ANSWERS (or ``coded`` ones); ITEMS (weights sum to 1); attributes = the frame, every park
    once: park_id and the columns of ``by``, any value or none; None = groups are columns of the
    answers and the frame is not known (no correction, n_frame null). Columns out: period, ``by``,
    prosperity_index, se_points, low, high Float64 (index points; band 95 %, within 0..100), n_parks
    UInt32 (with a valid answer to a weighted question), n_answers UInt32, n_frame UInt32 (parks),
    suppressed Boolean (1 to ``minimum`` - 1 parks, or blanked with the only such group of the same
    period and ``within``, see ``suppress``; minimum 1 shows all).
    Every group of the frame has a row in every month of the answers, with n_parks 0 and no figures
    where nobody answered. A question with weight that nobody answered leaves no index; one park of
    several no band. A park that answers but is not in the frame is refused.
    Raises WeightError, ContractError. Source: NBS, manufacturing PMI (by size of enterprise); Cochran.

    >>> october = pl.Series(["2026-10-01"] * 3).str.to_date()
    >>> answers = pl.DataFrame({"period": october, "park_id": ["a", "b", "c"], "item_id": ["rent"] * 3,
    ...     "answer": ["up", "down", "up"]})
    >>> parks = pl.DataFrame({"park_id": list("abcd"), "conversion_mode": ["old", "old", "new", "new"]})
    >>> items = pl.DataFrame({"item_id": ["rent"], "direction": [1], "weight": [1.0]})
    >>> result = breakdown(answers, items, parks, "conversion_mode", minimum=1)
    >>> result.select("conversion_mode", "prosperity_index", "se_points", "n_parks", "n_frame").rows()
    [('new', 100.0, None, 1, 2), ('old', 50.0, 0.0, 2, 2)]
    """
    survey = regrouped(answers, items, by, attributes)
    counted, n_parks = counts(survey), answering(survey)
    totals = sums(survey, counted)
    index = headline(totals.index, survey.item_weights).clip(0, 100)
    n_frame = np.broadcast_to(0 if survey.n_frame is None else survey.n_frame, index.shape)
    se = np.where(np.isnan(index), np.nan, _standard_error(survey, counted, totals, n_parks, n_frame))
    band = quantiles_95(np.maximum(n_parks - 1.0, 1.0)) * se
    figures = {
        "prosperity_index": index,
        "se_points": se,
        "low": (index - band).clip(0, 100),
        "high": (index + band).clip(0, 100),
        "n_parks": n_parks.astype(np.uint32),
        "n_answers": totals.n[..., survey.item_weights > 0].sum(axis=2).astype(np.uint32),
        "n_frame": n_frame.astype(np.uint32),
    }
    table = cells(survey, figures)
    if survey.n_frame is None:
        table = table.with_columns(pl.lit(None, pl.UInt32).alias("n_frame"))
    return shown(table, n_parks[survey.observed], _FIGURES, minimum, ["period", *group_names(within)])


def item_breakdown(
    answers: pl.DataFrame | CodedAnswers,
    items: pl.DataFrame,
    attributes: pl.DataFrame | None,
    by: str | Sequence[str],
    minimum: int = 5,
    within: str | Sequence[str] = (),
) -> pl.DataFrame:
    """The turned diffusion index of each question in each month and group of parks, small groups blanked.

    Formula: as ``sub_indices``, for the questions with weight. Columns in: as ``breakdown``. Columns out:
    period, ``by``, item_id, n UInt32 (valid answers = parks), diffusion_index Float64 (index points,
    0..100, above 50 favourable), suppressed Boolean (as in ``breakdown``, question by question).
    The result with minimum 1 is what ``item_contributions`` takes. Raises WeightError, ContractError.
    Source: NBS, manufacturing PMI.

    >>> october = pl.Series(["2026-10-01"] * 2).str.to_date()
    >>> answers = pl.DataFrame({"period": october, "park_id": ["a", "b"], "item_id": ["rent"] * 2,
    ...     "answer": ["up", "down"]})
    >>> parks = pl.DataFrame({"park_id": ["a", "b"], "district_code": ["x", "y"]})
    >>> items = pl.DataFrame({"item_id": ["rent"], "direction": [1], "weight": [1.0]})
    >>> item_breakdown(answers, items, parks, "district_code", minimum=1)["diffusion_index"].to_list()
    [100.0, 0.0]
    """
    survey = regrouped(answers, items, by, attributes)
    counted, weighted = sums(survey), survey.item_weights > 0
    n = counted.n[..., weighted].astype(np.uint32)
    figures: dict[str, NDArray[Any]] = {"n": n, "diffusion_index": counted.index[..., weighted]}
    table = cells(survey, figures, survey.items["item_id"].filter(pl.Series(weighted)))
    return shown(table, n[survey.observed], "diffusion_index", minimum, ["period", "item_id", *group_names(within)])


def size_classes(parks: pl.DataFrame, column: str, limits: Sequence[float]) -> pl.DataFrame:
    """The parks with the class their size falls in, ready to break the index down by.

    Formula: class k holds sizes from the k-th limit (included) to the next one (not included).
    Columns in: ``column`` Float64 (such as area_m2; may be null), others untouched. Columns out: all,
    then size_class text: "1: under 10000", "2: 10000 to under 50000", "3: 50000 and over"; null where
    the size is not known. Raises ContractError (a negative size; limits not rising). Source: our choice.

    >>> parks = pl.DataFrame({"park_id": ["a", "b", "c"], "area_m2": [9000.0, 10000.0, None]})
    >>> size_classes(parks, "area_m2", [10000])["size_class"].to_list()
    ['1: under 10000', '2: 10000 and over', None]
    """
    contract = Contract("parks", (Column(column, pl.Float64, "size", "the size of the park", low=0, nullable=True),))
    if not limits or any(a >= b for a, b in pairwise(limits)):
        problem = f"limits {list(limits)} are not accepted; accepted: one or more rising numbers; correct them."
        raise ContractError(contract, [problem])
    checked = require(parks, contract)
    names = [
        f"1: under {limits[0]:.15g}",
        *(f"{k}: {a:.15g} to under {b:.15g}" for k, (a, b) in enumerate(pairwise(limits), 2)),
        f"{len(limits) + 1}: {limits[-1]:.15g} and over",
    ]
    size = checked[column]
    place = sum(((size >= limit).cast(pl.UInt32) for limit in limits), start=pl.repeat(0, len(size), eager=True))
    return parks.with_columns(pl.Series("size_class", names).gather(place))


def _standard_error(
    survey: CodedAnswers, counted: Counts, totals: Sums, n: NDArray[np.int64], n_frame: NDArray[np.int64]
) -> Numbers:
    """The formula of ``standard_errors`` without strata, on tables: months x groups, in index points."""
    framed = np.where(n_frame > 0, n_frame, np.inf)
    parts = _parts(survey, totals)
    n_item = totals.n.transpose(2, 0, 1)
    squares = np.einsum("qca,qca,qca->qc", counted.square, parts, parts).reshape(n_item.shape)
    gaps = (n - n_item) / framed * np.where(n_item > 1, n_item / np.maximum(n_item - 1, 1), 1.0) * squares
    left_out = gaps[survey.item_weights > 0].sum(axis=0)
    variance = (1.0 - n / framed) * _moment(_deviations(counted, parts), survey.cell, n) + left_out
    known = (n > 1) | ((n > 0) & (n == n_frame))
    return np.where(known, 100.0 * np.sqrt(np.maximum(variance, 0.0)), np.nan)


def _parts(survey: CodedAnswers, totals: Sums) -> Numbers:
    """What an answer of weight 1 adds to the deviation of the index: questions x cells x numbers of answers."""
    factor = np.nan_to_num(divided(np.broadcast_to(survey.item_weights, totals.weight.shape), totals.weight))
    mean = np.nan_to_num(divided(totals.score, totals.weight))
    by_item = (survey.items.height, -1, 1)
    parts: Numbers = factor.T.swapaxes(1, 2).reshape(by_item) * (survey.values - mean.T.swapaxes(1, 2).reshape(by_item))
    parts[..., 0] = 0.0
    return parts


def _deviations(counted: Counts, parts: Numbers) -> Numbers:
    """What each park month adds to the deviation of the index; 0 where it has no answer that counts."""
    total = np.zeros(len(counted.places[0]))
    for pack, place in zip(counted.packs, counted.places, strict=True):
        part = pack.joint([parts[row] for row in pack.rows]).ravel().take(place)
        total += part if pack.weight is None else part * pack.weight
    return total


def _moment(part: Numbers, cell: NDArray[np.int64], n: NDArray[np.int64]) -> Numbers:
    """n/(n - 1) times the sum of squares of the parks' parts about their mean; of a single park, its square."""
    total, squares = added(cell, part, n.size).reshape(n.shape), added(cell, part**2, n.size).reshape(n.shape)
    about = np.maximum(squares - total**2 / np.maximum(n, 1), 0.0) * n / np.maximum(n - 1, 1)
    return np.where(n > 1, about, squares)
