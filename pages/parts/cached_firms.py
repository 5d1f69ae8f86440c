"""Enterprises of a city, read once per store revision: which count, which have a place, which industry they are in.

Small results are kept by value; the enterprises themselves, which may be a million rows, are kept as one shared frame
(`st.cache_resource`) that nobody changes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date
from typing import cast

import polars as pl
import shapely
import streamlit as st

from data import registry
from data.ingest.coordinates import WGS84
from pages.parts import cached
from pages.parts.cached import figures
from pages.parts.filters import Selection
from pages.parts.session import Visit

GBT, CULTURE = "GB/T 4754-2017", "文化及相关产业分类(2018)"
ROOM_DEGREES = 0.02  # about 2 km around the city: a place beyond lies in another city
FAR_DEGREES = 1.2  # the same where a city has no boundary layer: from the district farthest out
KEPT = (
    "enterprise_id", "district_code", "lon", "lat", "industry_code", "culture_code", "park_id", "opened_on",
    "closed_on", "employees", "status",
)  # fmt: skip
shared = st.cache_resource(max_entries=3, show_spinner=False)


@dataclass(frozen=True)
class Lens:
    """What the page of clustering looks at: a place, an industry of one classification ("": all), a year (0: now)."""

    selection: Selection
    scheme: str = GBT
    industry: str = ""
    year: int = 0

    @property
    def of_city(self) -> Lens:
        """The same for the whole city: clusters do not end at the border of a district."""
        return replace(self, selection=Selection(self.selection.city_id))

    @property
    def column(self) -> str:
        """The column with the codes of the classification."""
        return "culture_code" if self.scheme == CULTURE else "industry_code"

    def of_industry(self) -> pl.Expr:
        """Whether an enterprise is of the industry: a section of GB/T 4754 is its divisions, any other code a prefix.

        >>> Lens(Selection("beijing"), GBT, "R").of_industry().meta.root_names()
        ['scheme', 'industry_code']
        """
        code = pl.col(self.column)
        here = code.is_not_null() if self.scheme == CULTURE else pl.col("scheme") == self.scheme
        if not self.industry:
            return pl.lit(value=True)
        divisions = registry.industries().filter(
            (pl.col("scheme") == self.scheme) & (pl.col("parent_code") == self.industry)
        )["code"]
        found = code.is_in(divisions.to_list()) if len(divisions) else code.str.starts_with(self.industry)
        return (here & found).fill_null(value=False)


def epsg(city_id: str) -> int | None:
    """The projected coordinate system of a city, from the register; None where it has none."""
    cities = registry.cities().filter(pl.col("city_id") == city_id)
    code = cities["epsg"].item() if cities.height else None
    return int(code) if code else None


def enterprises_of(visit: Visit, selection: Selection) -> pl.DataFrame:
    """The enterprise rows of the selection."""
    return selection.of(visit.store.enterprises()).collect()


@shared
def register(key: str, city_id: str, _visit: Visit) -> pl.DataFrame:
    """The city's enterprises by id: KEPT, scheme, open and place (why it has no usable place; "site" where it has)."""
    rows = Selection(city_id).of(_visit.store.enterprises())
    columns = set(rows.collect_schema().names())
    stated = pl.col("industry_scheme").fill_null(GBT) if "industry_scheme" in columns else pl.lit(GBT)
    return (
        rows.with_columns(
            scheme=stated,
            open=(pl.col("status") == "active") & pl.col("closed_on").is_null(),
            place=_place(_visit, city_id, columns),
        )
        .select(*KEPT, "scheme", "open", "place", "is_synthetic")
        .sort("enterprise_id")
        .collect()
    )


def _place(visit: Visit, city_id: str, columns: set[str]) -> pl.Expr:
    """site, or why the point must not enter a distance method: none, district, system, outside."""
    west, south, east, north = _bounds(visit, city_id)
    lon, lat = pl.col("lon"), pl.col("lat")
    labels = registry.districts_of(city_id).select("centroid_lon", "centroid_lat").drop_nulls()
    label = pl.any_horizontal(
        pl.lit(value=False), *((lon.round(4) == round(x, 4)) & (lat.round(4) == round(y, 4)) for x, y in labels.rows())
    )
    if "coord_precision" in columns:
        label = label | (pl.col("coord_precision").fill_null("site") != "site")
    return (
        pl.when(lon.is_null() | lat.is_null() | ((lon == 0) & (lat == 0))).then(pl.lit("none"))
        .when((pl.col("coord_system") != WGS84).fill_null(value=False)).then(pl.lit("system"))
        .when(~(lon.is_between(west, east) & lat.is_between(south, north))).then(pl.lit("outside"))
        .when(label).then(pl.lit("district"))
        .otherwise(pl.lit("site"))
    )  # fmt: skip


def _bounds(visit: Visit, city_id: str) -> tuple[float, float, float, float]:
    """West, south, east and north of the city with a little room."""
    shapes = cached.city_boundaries(visit.home, city_id)
    if shapes:
        parts = [shapely.from_geojson(json.dumps(feature["geometry"])) for feature in shapes["features"]]
        west, south, east, north = (float(end) for end in shapely.total_bounds(parts))
        return west - ROOM_DEGREES, south - ROOM_DEGREES, east + ROOM_DEGREES, north + ROOM_DEGREES
    places = registry.districts_of(city_id).select("centroid_lon", "centroid_lat").drop_nulls()
    if not places.height:
        row = registry.cities().filter(pl.col("city_id") == city_id)
        places = row.select(centroid_lon="lon", centroid_lat="lat")
    west, south, east, north = places.select(
        pl.col("centroid_lon").min(), pl.col("centroid_lat").min(),
        east=pl.col("centroid_lon").max(), north=pl.col("centroid_lat").max(),
    ).row(0)  # fmt: skip
    return west - FAR_DEGREES, south - FAR_DEGREES, east + FAR_DEGREES, north + FAR_DEGREES


def existing(year: int) -> pl.Expr:
    """Whether an enterprise exists: is open now (0), or existed at the end of the year by its dates."""
    if not year:
        return pl.col("open")
    end = date(year, 12, 31)
    still = pl.col("closed_on").is_null() | (pl.col("closed_on") > end)
    return ((pl.col("opened_on") <= end) & still & (pl.col("status") != "vacant")).fill_null(value=False)


def firms(visit: Visit, lens: Lens) -> pl.DataFrame:
    """The enterprises the lens shows, with `industry` (code of the classification at its first two characters)."""
    rows = register(visit.key, lens.selection.city_id, visit).lazy()
    rows = rows.filter(existing(lens.year) & lens.of_industry())
    if lens.selection.district_code is not None:
        rows = rows.filter(pl.col("district_code") == lens.selection.district_code)
    return rows.with_columns(industry=industry_of(lens.scheme)).collect()


def industry_of(scheme: str) -> pl.Expr:
    """The division an enterprise is in by one classification; empty if its code is of another one."""
    if scheme == CULTURE:
        return pl.col("culture_code")
    return pl.when(pl.col("scheme") == scheme).then(pl.col("industry_code").str.slice(0, 2))


@figures
def enterprise_totals(key: str, selection: Selection, _visit: Visit) -> dict[str, int]:
    """Counts of the selection: open, in_parks, closed, vacant, with_point, sites, undated, and why open ones lack a
    place: none, district, system, outside."""
    every = register(key, selection.city_id, _visit)
    rows = every if selection.district_code is None else every.filter(district_code=selection.district_code)
    alive = rows.filter("open")
    points = alive.filter(pl.col("place") == "site")
    why = dict(alive.group_by("place").len().iter_rows())
    return {
        "open": alive.height,
        "in_parks": alive.height - alive["park_id"].null_count(),
        "closed": rows.filter(pl.col("status") == "closed").height,
        "vacant": rows.filter(pl.col("status") == "vacant").height,
        "with_point": points.height,
        "sites": points.select("lon", "lat").unique().height,
        "undated": rows.filter((pl.col("status") != "vacant") & pl.col("opened_on").is_null()).height,
        "synthetic": int(rows["is_synthetic"].sum()),
        **{reason: int(why.get(reason, 0)) for reason in ("none", "district", "system", "outside")},
    }


@figures
def register_month(key: str, city_id: str, _visit: Visit) -> date | None:
    """The newest month an opening or closing date of the city's enterprise register reaches; None without dates."""
    rows = register(key, city_id, _visit)
    newest = rows.select(pl.max_horizontal(pl.col("opened_on").max(), pl.col("closed_on").max())).item()
    return None if newest is None else cast("date", newest).replace(day=1)


@figures
def years(key: str, city_id: str, _visit: Visit) -> tuple[int, int] | None:
    """The first and last whole year the opening dates reach; None without dates."""
    opened = register(key, city_id, _visit)["opened_on"].drop_nulls().dt.year()
    newest = register_month(key, city_id, _visit)
    if not len(opened) or newest is None:
        return None
    last = newest.year if newest.month == 12 else newest.year - 1
    return min(int(cast("int", opened.quantile(0.05, "lower"))), last), last


@figures
def enterprises_by_district(key: str, lens: Lens, _visit: Visit) -> pl.DataFrame:
    """district_code, n: the enterprises of each district of the city that the lens shows."""
    rows = firms(_visit, lens.of_city).drop_nulls("district_code")
    return rows.group_by("district_code").agg(n=pl.len()).sort("district_code")


@figures
def codes(key: str, city_id: str, scheme: str, _visit: Visit) -> pl.DataFrame:
    """code, n: the open enterprises of the city by division of a classification, most first."""
    rows = register(key, city_id, _visit).filter("open").select(code=industry_of(scheme)).drop_nulls()
    return rows.group_by("code").agg(n=pl.len()).sort("n", "code", descending=[True, False])


@figures
def schemes(key: str, city_id: str, _visit: Visit) -> list[str]:
    """The classifications the city's file holds codes of, the most used first; the culture classification last."""
    rows = register(key, city_id, _visit)
    used = rows.drop_nulls("industry_code")["scheme"].value_counts(sort=True)["scheme"].to_list()
    return [*used, *([CULTURE] if rows["culture_code"].count() else [])]
