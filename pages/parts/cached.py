"""Every figure a page shows, computed once per store revision, viewer scope and selection.

`key` is `Visit.key`: it carries store, revision, role and scope, and it is hashed. Frames are never arguments.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import streamlit as st

from data import boundaries, registry
from data.ingest import questionnaire_of
from data.keys import KEYS
from data.questionnaires import MONTHLY
from indicators.choice_shares import choice_shares
from indicators.cities.comparability import latest
from indicators.disclosure import suppress
from indicators.prosperity import prosperity_index, sub_indices
from indicators.rebase import changes
from pages.parts.filters import Selection
from pages.parts.session import Visit, minimum_cell
from pages.parts.weighting import by_version

figures = st.cache_data(max_entries=256, show_spinner=False)


def answers_of(visit: Visit, selection: Selection) -> pl.DataFrame:
    """The monthly answers of the selection, as this viewer may use them."""
    rows = visit.store.answers().filter(pl.col("questionnaire_id") == MONTHLY)
    return selection.of(rows).collect()


@figures
def prosperity(key: str, selection: Selection, by_district: bool, _visit: Visit) -> pl.DataFrame:
    """period[, district_code], prosperity_index, n_parks, suppressed, change_month, change_year of the selection.

    A district alone shows what it shows among the districts of its city: no page gives back what another one hides.
    """
    if selection.district_code is not None and not by_district:
        among = prosperity(key, Selection(selection.city_id), True, _visit)
        return among.filter(pl.col("district_code") == selection.district_code).drop("district_code")
    by = ["period", "district_code"] if by_district else ["period"]
    answers = answers_of(_visit, selection).filter(pl.all_horizontal(pl.col(by).is_not_null()))
    index = by_version(answers, lambda rows, items: prosperity_index(rows, items, by))
    shown = suppress(
        index, "n_parks", ["prosperity_index"], minimum_cell(_visit), within="period" if by_district else None
    )
    return changes(shown, "prosperity_index", by[1:]).sort(by)


@figures
def items(key: str, selection: Selection, _visit: Visit) -> pl.DataFrame:
    """period, item_id, n, shares, diffusion_index, suppressed, change_month, change_year of the selection."""
    index = by_version(answers_of(_visit, selection), lambda rows, items: sub_indices(rows, items, ["period"]))
    values = ["diffusion_index", "up_pct", "same_pct", "down_pct"]
    shown = suppress(index, "n", values, minimum_cell(_visit))
    hidden = prosperity(key, selection, False, _visit).filter("suppressed")["period"].implode()
    shown = shown.with_columns(pl.when(~pl.col("period").is_in(hidden)).then(pl.col(values)))
    return changes(shown, "diffusion_index", ["item_id"]).sort("period", "item_id")


def _rows_of(visit: Visit, dataset: str) -> pl.LazyFrame:
    """The visible rows of a data set; of answers those to one questionnaire."""
    if dataset in KEYS and dataset != "answers":
        return visit.store.entries(dataset)
    return visit.store.answers().filter(pl.col("questionnaire_id") == questionnaire_of(dataset))


@figures
def waves(key: str, questionnaire_id: str, selection: Selection, by_district: bool, _visit: Visit) -> pl.DataFrame:
    """period[, district_code], n_parks: the parks with at least one answer to each wave of a questionnaire."""
    by = ["period", "district_code"] if by_district else ["period"]
    rows = selection.of(_rows_of(_visit, questionnaire_id)).filter(pl.all_horizontal(pl.col(by).is_not_null()))
    return rows.group_by(by).agg(n_parks=pl.col("park_id").n_unique()).sort(by).collect()


@figures
def choices(key: str, questionnaire_id: str, selection: Selection, by_district: bool, _visit: Visit) -> pl.DataFrame:
    """period[, district_code], item_id, answer, n, n_answers, share_pct, suppressed of each wave of a questionnaire.

    Small cells are blank as in `prosperity`; a district alone shows what it shows among the districts of its city.
    """
    if selection.district_code is not None and not by_district:
        among = choices(key, questionnaire_id, Selection(selection.city_id), True, _visit)
        return among.filter(pl.col("district_code") == selection.district_code).drop("district_code")
    by = ["period", "district_code", "item_id"] if by_district else ["period", "item_id"]
    rows = selection.of(_rows_of(_visit, questionnaire_id)).filter(pl.all_horizontal(pl.col(by).is_not_null()))
    shares = choice_shares(rows.collect(), by)
    cells = shares.select(*by, "n_answers").unique(maintain_order=True)
    within = ["period", "item_id"] if by_district else None
    marked = suppress(cells, "n_answers", (), minimum_cell(_visit), within).select(*by, "suppressed")
    values = ["n", "share_pct"]
    shown = shares.join(marked, on=by, maintain_order="left")
    return shown.with_columns(pl.when(~pl.col("suppressed")).then(pl.col(values)))


@figures
def has_synthetic(key: str, dataset: str, city_id: str | None, _visit: Visit) -> bool:
    """Whether the visible rows of a data set (in one city) contain demonstration rows."""
    rows = _rows_of(_visit, dataset)
    rows = rows if city_id is None else rows.filter(pl.col("city_id") == city_id)
    return bool(rows.select(pl.col("is_synthetic").any()).collect().item())


@figures
def parks(key: str, _visit: Visit) -> pl.DataFrame:
    """The park register as this viewer may see it: the shipped rows and stored additions."""
    return _visit.store.parks().collect()


@figures
def frame_size(key: str, selection: Selection, _visit: Visit) -> int:
    """The number of parks in the survey frame: registered in the selection with a known district."""
    rows = selection.of(_visit.store.parks()).filter(pl.col("district_code").is_not_null())
    return int(rows.select(pl.len()).collect().item())


@figures
def city_latest(cities: tuple[str, ...], indicators: tuple[str, ...]) -> pl.DataFrame:
    """The latest published value of each city and indicator: its default territory, else the newest of the others.

    An empty tuple means every city.
    """
    table = registry.city_figures()
    chosen = list(cities) or table["city_id"].unique().sort().to_list()
    defaults = dict(registry.cities().drop_nulls("territory_en").select("city_id", "territory_en").iter_rows())
    first = latest(table, chosen, list(indicators), territories=defaults)
    rest = latest(table, chosen, list(indicators)).join(first, on=["city_id", "indicator_id"], how="anti")
    return pl.concat([first, rest.select(first.columns)]).sort("city_id", "indicator_id")


@st.cache_data(max_entries=8, show_spinner=False)
def city_boundaries(home: str, city_id: str) -> dict[str, Any] | None:
    """The district boundaries of a city (GeoJSON with attribution) or None; registers only, the same for everyone."""
    return boundaries.load(Path(home), city_id)


def with_answers(visit: Visit, selection: Selection, accepted: pl.DataFrame) -> pl.DataFrame:
    """The prosperity index as it would be with these answers stored: a park's month is replaced as a whole."""
    where = visit.store.parks().select("park_id", "city_id", "district_code").collect()
    unit = ["questionnaire_id", "period", "park_id"]
    new = selection.of(accepted.join(where, on="park_id", how="left").lazy()).collect()
    kept = answers_of(visit, selection).join(new.select(unit).unique(), on=unit, how="anti")
    both = pl.concat([kept, new], how="diagonal_relaxed")
    return by_version(both, lambda rows, items: prosperity_index(rows, items, ["period"]))
