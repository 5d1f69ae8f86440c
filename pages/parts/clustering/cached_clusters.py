"""Clusters, hot spots and hexagons of enterprises, computed once per store revision, scope and what one looks at."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import polars as pl
from pyproj import Transformer

from data import registry
from indicators.clustering.cluster_names import DISTRICTS, PARKS, cluster_names
from indicators.clustering.clusters import cluster_industries, cluster_marks, cluster_members, cluster_table
from indicators.clustering.hexagon_frame import cell_counts, hexagon_frame, outlines_of
from indicators.clustering.hexagons import corners, hexagons
from indicators.clustering.hotspots import hot_spots
from indicators.clustering.life_lines import cluster_lives, cluster_majority
from indicators.clustering.snapshots import cluster_snapshots
from pages.parts import cached
from pages.parts.clustering import cached_firms
from pages.parts.clustering.cached_firms import Lens, figures, shared
from pages.parts.session import Visit

EPS_M, MINIMUM = 300.0, 20
HEXAGON_SIDE_M = 500.0
LEVEL = 0.05
FEWEST_HERE = 5  # enterprises a cluster has in a district to be one of its clusters
MOST_SITES = 40_000  # places a map sends to the browser
YEARS = 12
SURVIVAL, SPLIT = 0.5, 0.3


def system(lens: Lens) -> int:
    """The projected system of the city."""
    found = cached_firms.epsg(lens.selection.city_id)
    if found is None:
        raise LookupError(f"{lens.selection.city_id} has no projected coordinate system in data/registry/cities.csv")
    return found


POINT = ("enterprise_id", "lon", "lat", "x_m", "y_m", "site")


def _placed(visit: Visit, lens: Lens, *columns: str) -> pl.DataFrame:
    """The columns of the enterprises the lens shows that have a place; the fewer the quicker."""
    shown = cached_firms.shown(visit, lens).filter(pl.col("place") == "site")
    return shown.select(columns or POINT).collect()


@figures
def density(key: str, lens: Lens, _visit: Visit) -> pl.DataFrame:
    """The hexagons of the enterprises that have a place (`indicators.clustering.hexagons.hexagons`)."""
    points = _placed(_visit, lens)
    return hexagons(points, system(lens), HEXAGON_SIDE_M)


@shared
def members(key: str, lens: Lens, _visit: Visit) -> pl.DataFrame:
    """Every enterprise of the city with a place and its cluster (`indicators.clustering.clusters.cluster_members`)."""
    columns = (*POINT, "number", "district_code", "employees", "opened_on", "closed_on", "industry")
    rows = _placed(_visit, lens.of_city, *columns).rename({"industry": "industry_code"})
    return cluster_members(rows, system(lens), EPS_M, MINIMUM)


@figures
def city_clusters(key: str, lens: Lens, _visit: Visit) -> pl.DataFrame:
    """The clusters of the city: `cluster_table`, names and parks, and a mark that lasts: the smallest enterprise id.

    n_parks is null where the register knows no park of the city by its own place: then none inside is not known.
    """
    found = members(key, lens, _visit)
    city = lens.selection.city_id
    parks = _visit.store.parks().filter(pl.col("city_id") == city).select(list(PARKS.schema)).collect()
    districts = registry.districts_of(city).select(list(DISTRICTS.schema))
    named = cluster_names(found, parks.drop_nulls("coord_precision"), districts, system(lens), EPS_M)
    if not (parks["coord_precision"] == "site").any():
        named = named.with_columns(n_parks=pl.lit(None, named.schema["n_parks"]))
    marks = cluster_marks(found)
    return cluster_table(found, system(lens)).join(named, on="cluster").join(marks, on="cluster").sort("cluster")


@figures
def clusters(key: str, lens: Lens, _visit: Visit) -> pl.DataFrame:
    """The clusters that reach into the selection, largest first, with n_here: their enterprises in it."""
    found = city_clusters(key, lens.of_city, _visit)
    place = lens.selection.district_code
    if place is None:
        return found.with_columns(n_here="n_enterprises")
    inside = members(key, lens.of_city, _visit).filter(pl.col("district_code") == place).drop_nulls("cluster")
    here = inside.group_by("cluster").agg(n_here=pl.len().cast(pl.UInt32))
    return found.join(here, on="cluster").filter(pl.col("n_here") >= FEWEST_HERE).sort("cluster")


@figures
def leading(key: str, lens: Lens, cluster: int, _visit: Visit) -> pl.DataFrame:
    """The leading industries of one cluster (`indicators.clustering.clusters.cluster_industries`)."""
    return cluster_industries(members(key, lens.of_city, _visit), 6).filter(pl.col("cluster") == cluster)


@figures
def sites(key: str, lens: Lens, _visit: Visit) -> pl.DataFrame:
    """lon, lat, n: the distinct places of the selection's enterprises, the fullest first, at most MOST_SITES."""
    places = _placed(_visit, lens, "site", "lon", "lat").group_by("site").agg(pl.col("lon", "lat").first(), n=pl.len())
    places = places.drop("site")
    return places.sort("n", "lon", "lat", descending=[True, False, False]).head(MOST_SITES)


@cached.figures
def frame(home: str, city_id: str) -> pl.DataFrame | None:
    """Every hexagon of the city, empty ones too; None without a boundary layer. Registers only, the same for all."""
    shapes = cached.city_boundaries(home, city_id)
    code = cached_firms.epsg(city_id)
    if shapes is None or code is None:
        return None
    return hexagon_frame(outlines_of(shapes), code, HEXAGON_SIDE_M)


@figures
def hot(key: str, lens: Lens, _visit: Visit) -> pl.DataFrame | None:
    """The hexagons of the city with Gi*, exact chance and false discovery rate; ring and centre of hot and cold ones.

    None where the city has no boundary layer: without its frame nothing can be called hot.
    """
    cells = frame(_visit.home, lens.selection.city_id)
    if cells is None:
        return None
    points = _placed(_visit, lens.of_city)
    counted = cell_counts(points, cells, system(lens), HEXAGON_SIDE_M)
    scored = hot_spots(counted.with_columns(pl.col("n").cast(pl.Float64)), level=LEVEL)
    return ringed(scored.rename({"value": "n"}), system(lens))


def ringed(cells: pl.DataFrame, epsg: int) -> pl.DataFrame:
    """The hexagons (q, r, kind) with `ring` in degrees where kind is hot or cold, else null.

    >>> ringed(pl.DataFrame({"q": [577], "r": [0], "kind": ["none"]}), 32650)["ring"].to_list()
    [None]
    """
    found = cells.filter(pl.col("kind") != "none")
    x, y = corners(found["q"].to_numpy(), found["r"].to_numpy(), HEXAGON_SIDE_M)
    to_metres = Transformer.from_crs(4326, epsg, always_xy=True)
    lon, lat = to_metres.transform(x, y, direction="INVERSE")
    rings = np.stack([np.asarray(lon), np.asarray(lat)], axis=2).tolist()
    drawn = found.select("q", "r", pl.Series("ring", rings, dtype=pl.List(pl.List(pl.Float64))))
    return cells.join(drawn, on=["q", "r"], how="left")


@figures
def lives(key: str, lens: Lens, _visit: Visit) -> pl.DataFrame:
    """Every cluster of the city at the end of each of the last years, with an id that lasts (`cluster_lives`).

    Adds district_code (where most of its enterprises are) and, in the last year, current: the cluster of today in
    which most of them are. Enterprises without opening date are in no year.
    """
    span = cached_firms.years(key, lens.selection.city_id, _visit)
    rows = cached_firms.register(key, lens.selection.city_id, _visit)
    sound = pl.col("closed_on").is_null() | (pl.col("closed_on") >= pl.col("opened_on"))
    known = sound & pl.col("opened_on").is_not_null()
    dated = rows.lazy().filter(
        (pl.col("place") == "site") & (pl.col("status") != "vacant") & lens.of_industry() & known
    )
    dated = dated.select(*POINT, "opened_on", "closed_on", "number", "district_code").collect()
    if span is None or not dated.height:
        return pl.DataFrame(schema={"period": pl.Date, "cluster_id": pl.String})
    first, last = date(max(span[0], span[1] - YEARS + 1), 1, 1), date(span[1], 12, 31)
    enterprises = dated.drop("district_code", "number")
    found = cluster_snapshots(enterprises, system(lens), EPS_M, MINIMUM, "year", first, last)
    lines = cluster_lives(found, SURVIVAL, SPLIT)
    within = found.select("period", "cluster", "member").filter(pl.col("cluster").is_not_null())
    newest = within.filter(pl.col("period") == date(span[1], 1, 1))
    now = members(key, replace(lens.of_city, year=0), _visit).select("number", "cluster").drop_nulls()
    current = np.zeros(rows.height, np.int64)  # 0: in none today
    current[now["number"].to_numpy()] = now["cluster"].to_numpy()
    today = cluster_majority(newest, current[dated["number"].to_numpy()] - 1)
    districts = dated["district_code"].unique().drop_nulls().sort()
    district = dated["district_code"].cast(pl.Enum(districts)).to_physical().cast(pl.Int64).fill_null(-1)
    where = cluster_majority(within, district.to_numpy())
    where = where.select("period", "cluster", district_code=districts.gather(where["value"]))
    today = today.select("period", "cluster", current=(pl.col("value") + 1).cast(pl.UInt32))
    unit = ["period", "cluster"]
    return lines.join(where, on=unit, how="left").join(today, on=unit, how="left").sort(unit)
