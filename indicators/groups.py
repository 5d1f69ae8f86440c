"""Groups of parks for coded answers: from columns of the answers, or from the attributes of the parks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from indicators.coding import CodedAnswers, coded, group_names
from indicators.frames import ANSWERS, ITEMS, Column, Contract, ContractError, require, require_named
from indicators.prosperity import weighted_items


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
    names, weighted = group_names(by), weighted_items(items)
    if attributes is None:
        if isinstance(answers, pl.DataFrame):
            return coded(answers, weighted, names)
        if names != [name for name in answers.groups.columns if name != "_group"]:
            problem = f"by names {', '.join(names) or 'no group'}, the coded answers have others; accepted: those"
            raise ContractError(ANSWERS, [f"{problem} that were coded; give attributes or code the answers again."])
        return _reweighted(answers, weighted)
    contract = attributes_contract(names)
    listed = require(attributes, contract)
    require_named(listed, names, contract)
    if isinstance(answers, pl.DataFrame):
        return _with_attributes(coded(answers, weighted), listed, names)
    survey = _reweighted(answers, weighted)
    if survey.groups.width > 1 and survey.n_frame is None:
        problem = "the answers were coded with groups of their own; accepted: answers coded without by"
        raise ContractError(contract, [f"{problem}, when attributes are given; code them again."])
    return _with_attributes(survey, listed, names)


def attributes_contract(by: Sequence[str] = ()) -> Contract:
    """The contract of the attributes of parks: one row a park, any value or none in each column.

    >>> attributes_contract(["district_code"]).key
    ('park_id',)
    """
    columns = (Column("park_id", pl.String, "code", "the park"),)
    return Contract(f"attributes ({', '.join(by)})" if by else "attributes", columns, key=("park_id",))


def _with_attributes(survey: CodedAnswers, listed: pl.DataFrame, names: list[str]) -> CodedAnswers:
    months = np.zeros(len(survey.observed), dtype=np.bool_) | survey.observed.any(axis=1)
    if names:
        groups = listed.select(names).unique().sort(names, nulls_last=True).with_row_index("_group")
        columns = list(dict.fromkeys(["park_id", *names]))
        placed = listed.select(columns).join(groups, on=names, how="left", nulls_equal=True)
    else:
        groups = pl.DataFrame({"_group": [0]})
        placed = listed.select("park_id", pl.lit(0).alias("_group"))
    parks = survey.parks.alias("park_id").to_frame()
    found = parks.join(placed.select("park_id", "_group"), on="park_id", how="left", maintain_order="left")
    outside = found.filter(pl.col("_group").is_null())["park_id"]
    if len(outside):
        problem = f"park '{outside[0]}' has answered but has no row ({len(outside)} such parks); accepted: a row for"
        raise ContractError(attributes_contract(names), [f"{problem} every park that answers; add the missing rows."])
    group = found["_group"].to_numpy().astype(np.int32)[survey.park] if names else None
    n_frame = np.bincount(placed["_group"].to_numpy(), minlength=groups.height)
    observed = np.repeat(months[:, None], groups.height, axis=1)
    return replace(survey, groups=groups, group=group, observed=observed, n_frame=n_frame)


def _reweighted(survey: CodedAnswers, weighted: pl.DataFrame) -> CodedAnswers:
    pairs = survey.items.select("item_id", "direction")
    unknown = weighted.join(pairs, on=["item_id", "direction"], how="anti")["item_id"]
    if len(unknown):
        problem = f"question '{unknown[0]}' is not among the coded ones, or has another direction there"
        raise ContractError(ITEMS, [f"{problem}; accepted: the coded questions; code the answers again."])
    given = dict(weighted.select("item_id", "weight").iter_rows())
    if given == {item: weight for item, weight in survey.items.select("item_id", "weight").iter_rows() if weight > 0}:
        return survey
    weights = survey.items.drop("weight").join(
        weighted.select("item_id", "weight"), on="item_id", how="left", maintain_order="left"
    )
    return replace(survey, items=weights.with_columns(pl.col("weight").fill_null(0.0)))
