"""Who has answered the monthly survey, computed once per store revision, viewer scope and selection."""

from __future__ import annotations

from datetime import date

import polars as pl

from indicators.panel import response_accounting
from indicators.response import response_status
from pages.parts import cached
from pages.parts.cached import figures
from pages.parts.filters import Selection
from pages.parts.session import Visit

ANSWER = ("period", "park_id", "item_id", "answer")


def _asked(visit: Visit, selection: Selection) -> pl.DataFrame:
    """park_id, name_zh, name_en, district_code of the parks that are asked every month and that the viewer may see.

    Of a district outside the viewer's scope nothing is known here, so it must not look as if nobody answered.
    """
    rows = selection.of(visit.store.parks()).filter(pl.col("district_code").is_not_null())
    if visit.viewer.scope.districts is not None:
        rows = rows.filter(pl.col("district_code").is_in(sorted(visit.viewer.scope.districts)))
    return rows.select("park_id", "name_zh", "name_en", "district_code").collect().sort("district_code", "park_id")


def _answers(visit: Visit, selection: Selection) -> pl.DataFrame:
    asked = _asked(visit, selection)["park_id"].implode()
    return cached.answers_of(visit, selection).select(ANSWER).filter(pl.col("park_id").is_in(asked))


@figures
def status(key: str, selection: Selection, month: date, _visit: Visit) -> pl.DataFrame:
    """park_id, name_zh, name_en, district_code, answered, last_period, n_missing, n_answered (of 12 months)."""
    return response_status(_asked(_visit, selection), _answers(_visit, selection), month)


@figures
def rates(key: str, selection: Selection, _visit: Visit) -> pl.DataFrame:
    """period, district_code, n_frame, n_answered, response_rate_pct of the districts of the selection."""
    asked = _asked(_visit, selection).select("park_id", "district_code")
    found = response_accounting(asked, _answers(_visit, selection), ["period", "district_code"])
    return found.select("period", "district_code", "n_frame", "n_answered", "response_rate_pct")


@figures
def months(key: str, selection: Selection, _visit: Visit) -> list[date]:
    """The months with at least one answer, oldest first."""
    return _answers(_visit, selection)["period"].unique().sort().to_list()
