"""Enterprises of a city, read once per store revision: which count, which have a place, which industry they are in.

Enterprises come from public registers and are the same for every viewer (`data.scoped.enterprises`), as are the parks:
what is computed of them is kept by store and revision, for all roles together. Whatever depends on who is looking
(names in a language, small cells that are blank) does not belong here.
Small results are kept by value; the enterprises themselves, which may be a million rows, are kept as one shared frame
(`st.cache_resource`) that nobody changes.
"""

from __future__ import annotations

import json
import string
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar, cast

import numpy as np
import polars as pl
import shapely
import streamlit as st

from data import registry
from data.ingest.coordinates import WGS84
from indicators.clustering.hexagons import projected
from indicators.clustering.sites import site_numbers
from pages.parts import cached
from pages.parts.filters import Selection
from pages.parts.session import Visit

GBT, CULTURE = "GB/T 4754-2017", "文化及相关产业分类(2018)"
ROOM_DEGREES = 0.02  # about 2 km around the city: a place beyond lies in another city
FAR_DEGREES = 1.2  # the same where a city has no boundary layer: from the district farthest out
KEPT = (
    "enterprise_id", "district_code", "lon", "lat", "industry_code", "culture_code", "park_id", "opened_on",
    "closed_on", "employees", "status",
)  # fmt: skip
PLACES = pl.Enum(["none", "system", "outside", "district", "site"])
"""Why a point is of no use for distances; site: it is."""
P = ParamSpec("P")
R = TypeVar("R")


def _for_everybody(
    keep: Callable[[Callable[Concatenate[str, P], R]], Callable[Concatenate[str, P], R]],
) -> Callable[[Callable[Concatenate[str, P], R]], Callable[Concatenate[str, P], R]]:
    """Keeps what a function of public rows gives by store and revision, whatever role and scope the visit's key names.

    The function's first argument is `Visit.key`, its last, not hashed, the visit.
    """

    def kept_of(function: Callable[Concatenate[str, P], R]) -> Callable[Concatenate[str, P], R]:
        kept = keep(function)

        @wraps(function)
        def found(key: str, *rest: P.args, **named: P.kwargs) -> R:
            visit = cast("Visit", named.get("_visit", rest[-1] if rest else None))
            return kept(f"{visit.origin}|{visit.revision}", *rest, **named)

        return found

    return kept_of


figures = _for_everybody(cached.figures)
shared = _for_everybody(st.cache_resource(max_entries=3, show_spinner=False))


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

    def of_industry(self) -> pl.Expr:
        """Whether an enterprise of the register is of the industry: a section is its divisions and its bare name.

        >>> codes = pl.DataFrame({"scheme": "NACE", "division": ["59", "J", "69", None]})
        >>> codes.select(Lens(Selection("berlin"), "NACE", "J").of_industry()).to_series().to_list()
        [True, True, False, False]
        """
        if not self.industry:
            return pl.lit(value=True)
        if self.scheme == CULTURE:
            return pl.col("culture_code").str.starts_with(self.industry).fill_null(value=False)
        below = registry.industries().filter(scheme=self.scheme, parent_code=self.industry)["code"].to_list()
        found = pl.col("division").is_in([self.industry, *below])
        return ((pl.col("scheme") == self.scheme) & found).fill_null(value=False)


def divisions(codes: pl.Series) -> pl.Series:
    """The division each industry code begins with: 59 of 5911, J59.11 and J59; a code that names a section stays it.

    >>> divisions(pl.Series(["J59.11", "5911", "J", "R9", "31-33", "3254", None])).to_list()
    ['59', '59', 'J', '9', '31-33', '32', None]
    """
    ranges = registry.industries().filter(pl.col("level") == "section")["code"].unique()
    ranges = ranges.filter(ranges.str.contains("-", literal=True))
    ranged = codes.is_in(ranges.implode())
    if not ((codes >= "A") | ranged).any():  # digits alone: as quick as that
        return codes.str.slice(0, 2)
    digits = codes.str.strip_chars_start(string.ascii_letters)
    return codes.zip_with((digits == "") | ranged, digits.str.slice(0, 2))


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
    """The city's enterprises by id: KEPT, division (`divisions`), scheme, open and place (why it has none that is of
    use; "site" where it has).

    Also x_m, y_m (metres in the city's system) and site (the same number: the same place), so that no view has to
    project or compare coordinates again; null without a usable place, and where the city has no system. number: the
    row, from 0, by which views find the enterprise again quicker than by its id.
    """
    rows = Selection(city_id).of(_visit.store.enterprises())
    columns = set(rows.collect_schema().names())
    stated = pl.col("industry_scheme").fill_null(GBT) if "industry_scheme" in columns else pl.lit(GBT)
    exact = pl.col("coord_precision").fill_null("site") if "coord_precision" in columns else pl.lit("site")
    found = rows.select(
        pl.col(KEPT),
        scheme=stated,
        open=(pl.col("status") == "active") & pl.col("closed_on").is_null(),
        far=(pl.col("coord_system") != WGS84).fill_null(value=False),
        near=exact == "site",
        is_synthetic="is_synthetic",
    ).collect()
    found = found if found["enterprise_id"].is_sorted() else found.sort("enterprise_id")
    found = found.with_columns(pl.col("employees").cast(pl.Int32))  # at most a million each: half the memory to read
    found = found.with_columns(
        label=_at_label(found, city_id) | ~found["near"], division=divisions(found["industry_code"])
    )
    found = found.select(*KEPT, "division", "scheme", "open", _place(_bounds(_visit, city_id)), "is_synthetic")
    return found.hstack(_measured(found, epsg(city_id))).with_columns(number=pl.int_range(pl.len(), dtype=pl.UInt32))


def _measured(rows: pl.DataFrame, code: int | None) -> pl.DataFrame:
    """x_m, y_m and site of the rows that have a usable place; each address is projected once."""
    usable = (rows["place"] == "site").arg_true().to_numpy()
    site = np.full(rows.height, -1, np.int64)
    metres = np.full((2, rows.height), np.nan)
    number = site_numbers(*(rows[name].gather(usable).to_numpy() for name in ("lon", "lat")))
    site[usable] = number
    first = np.empty(int(number.max(initial=-1)) + 1, np.int64)
    first[number[::-1]] = usable[::-1]
    if code is not None and usable.size:
        at = projected(rows.select("enterprise_id", "lon", "lat")[first], code)
        metres[:, usable] = [axis[number] for axis in at]
    return pl.DataFrame({"x_m": metres[0], "y_m": metres[1], "site": site}, nan_to_null=True).select(
        "x_m", "y_m", site=pl.when(pl.col("site") >= 0).then("site").cast(pl.UInt32)
    )


def _at_label(rows: pl.DataFrame, city_id: str) -> pl.Series:
    """Whether a point is the label point of a district, which stands for all of the district."""
    labels = registry.districts_of(city_id).select(lon="centroid_lon", lat="centroid_lat").drop_nulls().unique()
    labels = labels.select(pl.all().round(4))
    points = rows.select(pl.col("lon", "lat").round(4))
    likely = (points["lon"].is_in(labels["lon"].implode()) & points["lat"].is_in(labels["lat"].implode())).arg_true()
    found = points[likely].with_columns(row=likely).join(labels, on=["lon", "lat"], how="semi")
    hit = np.zeros(rows.height, np.bool_)
    hit[found["row"].to_numpy()] = True
    return pl.Series("label", hit)


def _place(bounds: tuple[float, float, float, float]) -> pl.Expr:
    """site, or why the point must not enter a distance method: none, district, system, outside."""
    west, south, east, north = bounds
    lon, lat = pl.col("lon"), pl.col("lat")
    why = (
        pl.when(lon.is_null() | lat.is_null() | ((lon == 0) & (lat == 0))).then(0)
        .when("far").then(1)
        .when(~(lon.is_between(west, east) & lat.is_between(south, north))).then(2)
        .when("label").then(3)
        .otherwise(4)
    )  # fmt: skip
    return why.cast(pl.UInt32).cat.to(PLACES).alias("place")


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
    return shown(visit, lens).collect()


def shown(visit: Visit, lens: Lens) -> pl.LazyFrame:
    """The same, not collected: a caller who takes a few columns has no others copied."""
    rows = register(visit.key, lens.selection.city_id, visit).lazy()
    rows = rows.filter(existing(lens.year) & lens.of_industry())
    if lens.selection.district_code is not None:
        rows = rows.filter(pl.col("district_code") == lens.selection.district_code)
    return rows.with_columns(industry=industry_of(lens.scheme))


def industry_of(scheme: str) -> pl.Expr:
    """The division an enterprise is in by one classification; empty if its code is of another one."""
    if scheme == CULTURE:
        return pl.col("culture_code")
    return pl.when(pl.col("scheme") == scheme).then("division")


@figures
def enterprise_totals(key: str, selection: Selection, _visit: Visit) -> dict[str, int]:
    """Counts of the selection: open, in_parks, closed, vacant, with_point, sites, undated, and why open ones lack a
    place: none, district, system, outside."""
    every = register(key, selection.city_id, _visit).lazy()
    rows = every if selection.district_code is None else every.filter(district_code=selection.district_code)
    alive = rows.filter("open").select("place", "park_id", "site").collect()
    why = dict(alive.group_by(pl.col("place").cast(pl.String)).len().iter_rows())
    counted = rows.select(
        closed=(pl.col("status") == "closed").sum(),
        vacant=(pl.col("status") == "vacant").sum(),
        undated=((pl.col("status") != "vacant") & pl.col("opened_on").is_null()).sum(),
        synthetic=pl.col("is_synthetic").sum(),
    ).collect()
    return {
        "open": alive.height,
        "in_parks": alive.height - alive["park_id"].null_count(),
        **{name: int(value) for name, value in counted.row(0, named=True).items()},
        "with_point": int(why.get("site", 0)),
        "sites": _distinct(alive["site"]),
        **{reason: int(why.get(reason, 0)) for reason in ("none", "district", "system", "outside")},
    }


def _distinct(sites: pl.Series) -> int:
    """How many different places there are: far quicker on numbers from 0 than by comparing."""
    known = sites.drop_nulls().to_numpy()
    return int(np.count_nonzero(np.bincount(known)))


@figures
def register_month(key: str, city_id: str, _visit: Visit) -> date | None:
    """The newest month an opening or closing date of the city's enterprise register reaches; None without dates."""
    rows = register(key, city_id, _visit)
    newest = rows.select(pl.max_horizontal(pl.col("opened_on").max(), pl.col("closed_on").max())).item()
    return None if newest is None else cast("date", newest).replace(day=1)


@figures
def years(key: str, city_id: str, _visit: Visit) -> tuple[int, int] | None:
    """The first and last whole year the opening dates reach; None without dates."""
    opened = register(key, city_id, _visit)["opened_on"].drop_nulls()
    newest = register_month(key, city_id, _visit)
    if not len(opened) or newest is None:
        return None
    last = newest.year if newest.month == 12 else newest.year - 1
    early = opened.to_physical().to_numpy()
    earliest = np.partition(early, rank := int(0.05 * (early.size - 1)))[rank]
    return min(int(np.datetime64(int(earliest), "D").astype("datetime64[Y]").astype(int) + 1970), last), last


@figures
def enterprises_by_district(key: str, lens: Lens, _visit: Visit) -> pl.DataFrame:
    """district_code, n: the enterprises of each district of the city that the lens shows."""
    rows = firms(_visit, lens.of_city).drop_nulls("district_code")
    return rows.group_by("district_code").agg(n=pl.len()).sort("district_code")


@figures
def codes(key: str, city_id: str, scheme: str, _visit: Visit) -> pl.DataFrame:
    """code, n: the open enterprises of the city by division of a classification, most first."""
    rows = register(key, city_id, _visit).lazy().filter("open")
    counted = rows.group_by(code=industry_of(scheme)).agg(n=pl.len())
    found = counted.drop_nulls("code").collect()
    return found.sort("n", "code", descending=[True, False])


@figures
def schemes(key: str, city_id: str, _visit: Visit) -> list[str]:
    """The classifications the city's file holds codes of, the most used first; the culture classification last."""
    rows = register(key, city_id, _visit)
    used = rows.drop_nulls("industry_code")["scheme"].value_counts(sort=True)["scheme"].to_list()
    return [*used, *([CULTURE] if rows["culture_code"].count() else [])]
