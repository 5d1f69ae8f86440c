"""Groups of parks for coded answers: from columns of the answers, or from the attributes of the parks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from indicators.coding import CodedAnswers, coded_for, group_names, rows_of_groups
from indicators.frames import ANSWERS, ITEMS, Column, Contract, ContractError, require, require_named
from indicators.packs import Flags
from indicators.prosperity import TOLERANCE, weighted_items


def regrouped(
    answers: pl.DataFrame | CodedAnswers,
    items: pl.DataFrame,
    by: str | Sequence[str],
    attributes: pl.DataFrame | None = None,
) -> CodedAnswers:
    """The coded answers with the cells that ``by`` names, from the attributes of the parks where given.

    Columns in: as ``coded``; ``attributes`` (the frame of parks): park_id without repeats and the
    columns of ``by``. With attributes every group of every month counts as observed. A park that
    answered but is not among the attributes is refused: it would have no group.
    Weights of the questions are those of ``items``, which must sum to 1; coded answers may be read
    with other weights than those they were coded with, but not with other questions.
    Raises WeightError, ContractError. Source: our choice.
    """
    names = group_names(by)
    if isinstance(answers, pl.DataFrame):
        weighted = weighted_items(items)
        if attributes is None:
            return coded_for(answers, weighted, names)
        parks = _parks(attributes, names)
        return _with_attributes(coded_for(answers, weighted, []), attributes, parks, names)
    survey = _reweighted(answers, items)
    if attributes is not None:
        parks = _parks(attributes, names)
        if survey.groups.width > 1 and survey.n_frame is None:
            problem = "the answers were coded with groups of their own; accepted: answers coded without by"
            told = f"{problem}, when attributes are given; code them again."
            raise ContractError(attributes_contract(names), [told])
        return _with_attributes(survey, attributes, parks, names)
    if names != [name for name in answers.groups.columns if name != "_group"]:
        problem = f"by names {', '.join(names) or 'no group'}, the coded answers have others; accepted: those"
        raise ContractError(ANSWERS, [f"{problem} that were coded; give attributes or code the answers again."])
    return survey


def attributes_contract(by: Sequence[str] = ()) -> Contract:
    """The contract of the attributes of parks: one row a park, any value or none in each column.

    >>> attributes_contract(["district_code"]).key
    ('park_id',)
    """
    columns = (Column("park_id", pl.String, "code", "the park"),)
    return Contract(f"attributes ({', '.join(by)})" if by else "attributes", columns, key=("park_id",))


def _parks(attributes: pl.DataFrame, names: Sequence[str]) -> dict[str, int]:
    """The rows of the parks, checked: each park has one."""
    contract = attributes_contract(names)
    listed = attributes.get_column("park_id", default=None)
    if listed is None or listed.dtype != pl.String:
        listed = require(attributes, contract)["park_id"]
    rows = {park: row for row, park in enumerate(listed.to_list())}
    if len(rows) < attributes.height or None in rows:
        require(attributes, contract)
    require_named(attributes, names, contract)
    return rows


def _with_attributes(
    survey: CodedAnswers, attributes: pl.DataFrame, rows: dict[str, int], names: Sequence[str]
) -> CodedAnswers:
    """The coded answers in the groups of the parks, all of them in every month; ``rows`` are those of the parks."""
    found = [rows.get(park, -1) for park in survey.parks.to_list()]
    if -1 in found:
        problem = f"park '{survey.parks[found.index(-1)]}' has answered but has no row ({found.count(-1)} such parks)"
        rule = "accepted: a row for every park that answers; add the missing rows."
        raise ContractError(attributes_contract(names), [f"{problem}; {rule}"])
    months: Flags = np.any(survey.observed, axis=1)
    if names:
        groups, placed = rows_of_groups(attributes, names)
        group = placed[found][survey.park]
    else:
        groups, placed, group = pl.DataFrame({"_group": [0]}), np.zeros(attributes.height, dtype=np.int32), None
    n_frame = np.bincount(placed, minlength=groups.height)
    observed = np.repeat(months[:, None], groups.height, axis=1)
    return replace(survey, groups=groups, group=group, observed=observed, n_frame=n_frame)


def _reweighted(survey: CodedAnswers, items: pl.DataFrame) -> CodedAnswers:
    """The coded answers with the weights of ``items``, checked unless they are those the answers were coded with."""
    if items.equals(survey.items) and abs(survey.item_weights.sum() - 1.0) <= TOLERANCE:
        return survey
    weighted = weighted_items(items)
    pairs = survey.items.select("item_id", "direction")
    unknown = weighted.join(pairs, on=["item_id", "direction"], how="anti")["item_id"]
    if len(unknown):
        problem = f"question '{unknown[0]}' is not among the coded ones, or has another direction there"
        raise ContractError(ITEMS, [f"{problem}; accepted: the coded questions; code the answers again."])
    weights = survey.items.drop("weight").join(
        weighted.select("item_id", "weight"), on="item_id", how="left", maintain_order="left"
    )
    return replace(survey, items=weights.with_columns(pl.col("weight").fill_null(0.0)))
