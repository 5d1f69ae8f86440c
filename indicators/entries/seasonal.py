"""The methods of seasonal adjustment."""

from __future__ import annotations

import polars as pl

from indicators.catalogue import BY_OUT, Method, Option
from indicators.frames import Column, Contract, ContractError
from indicators.rebase import series_contract
from indicators.seasonal.indirect import adjusted_composite
from indicators.seasonal.policy import diagnostics, factors_ahead, seasonally_adjusted

_BY = Option(tuple, (), "columns that name the series, with commas between")
_OPTIONS = {
    "engine": Option(str, "auto", "auto, structural or x13"),
    "window": Option(str, "auto", "days around the Spring Festival: auto, two_weeks, holiday_week or none"),
    "crisis": Option(tuple, (), "crisis months as 2020-02, or LS2020-02 for a level shift, with commas between"),
    "estimate": Option(str, "last_december", "data the factors come from: last_december or last_month"),
}
_SERIES = Contract("series", series_contract("value").columns)
_VALUE = {"value": Option(str, "value", "the column to adjust"), "by": _BY}
_NAMED = {"value": _SERIES.columns[1]}
_EFFECTS = (("seasonal_factor", "unit of the value"), ("festival_effect", "unit of the value"))
_POINTS = (
    ("adjusted", "index points"),
    ("seasonal_factor", "index points"),
    ("festival_effect", "index points"),
    ("outlier_effect", "index points"),
)
_LABELS = (
    ("status", "not_adjusted_short, experimental or adjusted"),
    ("engine", "structural or x13"),
    ("window", "two_weeks, holiday_week or none"),
)
_SUB_INDICES = Contract(
    "sub-indices with weights",
    (
        _SERIES.columns[0],
        Column("item_id", pl.String, "code", "the question"),
        Column("diffusion_index", pl.Float64, "index points", "its sub-index, above 50 = favourable", nullable=True),
        Column("item_weight", pl.Float64, "share of 1", "weight of the question, 0 = not part of it", low=0, high=1),
    ),
)
_SOURCE = "Harvey (1989), statsmodels UnobservedComponents; U.S. Census Bureau, X-13ARIMA-SEATS and genhol"


def _composite(
    sub_indices: pl.DataFrame, by: tuple[str, ...], engine: str, window: str, crisis: tuple[str, ...], estimate: str
) -> pl.DataFrame:
    """adjusted_composite on one file: each sub-index carries the weight of its question."""
    items = sub_indices.select("item_id", pl.col("item_weight").alias("weight")).unique(maintain_order=True)
    torn = items.filter(pl.col("item_id").is_duplicated())["item_id"]
    if len(torn):
        problem = (
            f"column item_weight: question '{torn[0]}' has more than one weight; "
            f"accepted: one per item_id; make its rows agree."
        )
        raise ContractError(_SUB_INDICES, [problem])
    if items.is_empty():
        items = pl.DataFrame({"item_id": ["none"], "weight": [1.0]})
    turned = items.with_columns(pl.lit(1, pl.Int8).alias("direction"))
    return adjusted_composite(sub_indices, turned, by, engine, window, crisis, estimate)


ENTRIES: tuple[Method, ...] = (
    Method(
        "seasonally_adjusted",
        "A monthly series without its season and without the effect of the date of the Spring Festival.",
        seasonally_adjusted,
        _SERIES,
        _VALUE | _OPTIONS,
        (
            ("period", "month"),
            BY_OUT,
            ("value", "as given"),
            ("adjusted", "unit of the value"),
            *_EFFECTS,
            ("outlier_effect", "unit of the value"),
            *_LABELS,
        ),
        _SOURCE,
        _NAMED,
    ),
    Method(
        "factors_ahead",
        "The seasonal and festival factors of the months after the end of the series.",
        factors_ahead,
        _SERIES,
        _VALUE | _OPTIONS | {"months": Option(int, 12, "how many months ahead")},
        (("period", "month"), BY_OUT, *_EFFECTS, *_LABELS),
        _SOURCE,
        _NAMED,
    ),
    Method(
        "seasonal_diagnostics",
        "How well a series could be adjusted: season before and after, what is left in the residuals.",
        diagnostics,
        _SERIES,
        _VALUE | _OPTIONS,
        (
            BY_OUT,
            ("n_months", "months"),
            ("n_estimated", "months"),
            ("estimated_to", "month"),
            ("ljung_box_q", "chi-squared"),
            ("ljung_box_p", "probability, 0 to 1"),
            ("f_before", "F"),
            ("f_before_p", "probability, 0 to 1"),
            ("f_after", "F"),
            ("f_after_p", "probability, 0 to 1"),
            ("m7", "0 to 3, below 1 is good"),
            ("q", "0 to 3, below 1 is good"),
            ("qs_before", "chi-squared"),
            ("qs_after", "chi-squared"),
            ("outliers", "AO or LS and the month, found"),
            ("crisis", "AO or LS and the month, declared"),
            *_LABELS,
        ),
        "Ljung and Box (1978); X-11 stable seasonality test; X-13ARIMA-SEATS Reference Manual",
        _NAMED,
    ),
    Method(
        "adjusted_composite",
        "The prosperity index adjusted for the season: every question adjusted first, then weighted together.",
        _composite,
        _SUB_INDICES,
        {"by": _BY} | _OPTIONS,
        (("period", "month"), BY_OUT, ("prosperity_index", "index points, 0 to 100"), *_POINTS, *_LABELS),
        "indirect adjustment, our choice; " + _SOURCE,
    ),
)
