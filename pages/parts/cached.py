"""Every figure a page shows, computed once per store revision, viewer scope and selection.

`key` is `Visit.key`: it carries store, revision, role and scope, and it is hashed. Frames are never arguments.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any, cast

import polars as pl
import streamlit as st

from data import boundaries, registry
from data.ingest import questionnaire_of
from data.questionnaires import MONTHLY
from indicators.choice_shares import choice_shares
from indicators.cities.comparability import latest
from indicators.clustering.hexagon_groups import hexagon_clusters
from indicators.clustering.hexagons import hexagons
from indicators.clustering.specialisation import location_quotients
from indicators.disclosure import suppress
from indicators.events import event_counts
from indicators.prosperity import prosperity_index, sub_indices
from indicators.rebase import changes
from pages.parts.filters import Selection
from pages.parts.session import Visit, minimum_cell
from pages.parts.weighting import by_version

CLUSTER_MINIMUM = 20
HEXAGON_SIDE_M = 500.0
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
    if dataset in ("events", "enterprises", "parks"):
        return cast("pl.LazyFrame", getattr(visit.store, dataset)())
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
def events(key: str, selection: Selection, by: tuple[str, ...], _visit: Visit) -> pl.DataFrame:
    """period, by…, n_events on the complete month grid of the city's records (a month without one is a true zero)."""
    city = _visit.store.events().filter(pl.col("city_id") == selection.city_id)
    first, last = city.select(pl.col("date").min().alias("a"), pl.col("date").max().alias("b")).collect().row(0)
    return event_counts(selection.of(city).collect(), by=by, first=first, last=last)


def enterprises_of(visit: Visit, selection: Selection) -> pl.DataFrame:
    """The enterprise rows of the selection."""
    return selection.of(visit.store.enterprises()).collect()


def _open(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.filter((pl.col("status") == "active") & pl.col("closed_on").is_null())


@figures
def enterprise_totals(key: str, selection: Selection, _visit: Visit) -> dict[str, int]:
    """Counts of the selection: open, in_parks, closed, vacant, with_point, undated, sites."""
    rows = enterprises_of(_visit, selection)
    alive = _open(rows)
    points = alive.drop_nulls(["lon", "lat"])
    return {
        "open": alive.height,
        "in_parks": alive["park_id"].is_not_null().sum(),
        "closed": rows.filter(pl.col("status") == "closed").height,
        "vacant": rows.filter(pl.col("status") == "vacant").height,
        "with_point": points.height,
        "sites": points.select("lon", "lat").n_unique() if points.height else 0,
        "undated": rows.filter((pl.col("status") != "vacant") & pl.col("opened_on").is_null()).height,
    }


def epsg(city_id: str) -> int | None:
    """The projected coordinate system of a city, from the register; None where it has none."""
    cities = registry.cities().filter(pl.col("city_id") == city_id)
    code = cities["epsg"].item() if cities.height else None
    return int(code) if code else None


@figures
def density(key: str, selection: Selection, _visit: Visit) -> pl.DataFrame:
    """The hexagons of the selection's open enterprises with coordinates (`indicators.clustering.hexagons.hexagons`)."""
    points = _open(enterprises_of(_visit, selection)).drop_nulls(["lon", "lat"]).select("enterprise_id", "lon", "lat")
    system = epsg(selection.city_id)
    if system is None:
        raise LookupError(f"{selection.city_id} has no projected coordinate system in data/registry/cities.csv")
    return hexagons(points, system, HEXAGON_SIDE_M)


@figures
def clusters(key: str, selection: Selection, _visit: Visit) -> pl.DataFrame:
    """The hexagon clusters of the selection (`indicators.clustering.hexagon_groups.hexagon_clusters`)."""
    return hexagon_clusters(density(key, selection, _visit), CLUSTER_MINIMUM)


@figures
def placed_clusters(key: str, selection: Selection, _visit: Visit) -> pl.DataFrame:
    """The clusters with the district_code of the open enterprise nearest to their centre."""
    points = _open(enterprises_of(_visit, selection)).drop_nulls(["lon", "lat", "district_code"])
    near = points.select("district_code", x="lon", y="lat")
    pairs = clusters(key, selection, _visit).join(near, how="cross")
    distance = (pl.col("lon") - pl.col("x")) ** 2 + (pl.col("lat") - pl.col("y")) ** 2
    nearest = pairs.sort("cluster_id", distance).unique("cluster_id", keep="first", maintain_order=True)
    return nearest.drop("x", "y")


@figures
def specialisation(key: str, city_id: str, industry: str, _visit: Visit) -> pl.DataFrame:
    """Location quotients of the city's districts; cells under the minimum are blank outside the viewer's scope."""
    rows = _open(enterprises_of(_visit, Selection(city_id)))
    return location_quotients(rows, region="district_code", industry=industry)


@figures
def enterprises_by_district(key: str, city_id: str, _visit: Visit) -> pl.DataFrame:
    """district_code, n: open enterprises of each district of the city."""
    rows = _open(enterprises_of(_visit, Selection(city_id))).drop_nulls("district_code")
    return rows.group_by("district_code").agg(n=pl.len()).sort("district_code")


@figures
def enterprise_years(key: str, selection: Selection, _visit: Visit) -> pl.DataFrame:
    """year, opened, closed, stock (open at year end, enterprises with an opening date only)."""
    rows = enterprises_of(_visit, selection).filter((pl.col("status") != "vacant") & pl.col("opened_on").is_not_null())
    opened = rows.group_by(year=pl.col("opened_on").dt.year()).agg(opened=pl.len())
    closed = rows.drop_nulls("closed_on").group_by(year=pl.col("closed_on").dt.year()).agg(closed=pl.len())
    both = opened.join(closed, on="year", how="full", coalesce=True).sort("year").fill_null(0)
    return both.with_columns(
        stock=pl.col("opened").cast(pl.Int64).cum_sum() - pl.col("closed").cast(pl.Int64).cum_sum()
    )


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


@figures
def register_month(key: str, city_id: str, _visit: Visit) -> date:
    """The newest month an opening or closing date of the city's enterprise register reaches."""
    rows = _visit.store.enterprises().filter(pl.col("city_id") == city_id)
    newest = rows.select(pl.max_horizontal(pl.col("opened_on").max(), pl.col("closed_on").max())).collect().item()
    return cast("date", newest).replace(day=1)


def with_answers(visit: Visit, selection: Selection, accepted: pl.DataFrame) -> pl.DataFrame:
    """The prosperity index as it would be with these answers stored: a park's month is replaced as a whole."""
    where = visit.store.parks().select("park_id", "city_id", "district_code").collect()
    unit = ["questionnaire_id", "period", "park_id"]
    new = selection.of(accepted.join(where, on="park_id", how="left").lazy()).collect()
    kept = answers_of(visit, selection).join(new.select(unit).unique(), on=unit, how="anti")
    both = pl.concat([kept, new], how="diagonal_relaxed")
    return by_version(both, lambda rows, items: prosperity_index(rows, items, ["period"]))
