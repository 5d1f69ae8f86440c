"""What a cluster is called: after the park it covers, else after the district most of its enterprises are in."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from indicators.clustering.clusters import MEMBERS
from indicators.clustering.hexagons import projected
from indicators.clustering.metres import require_positive
from indicators.frames import Column, Contract, require

SITE = "site"
"""The only precision of a park's point that is near enough for distances."""

_NAMES = (
    Column("name_zh", pl.String, "text", "Chinese name", nullable=True),
    Column("name_en", pl.String, "text", "English name", nullable=True),
)
PARKS = Contract(
    "parks",
    (
        Column("park_id", pl.String, "code", "the park"),
        *_NAMES,
        Column("lon", pl.Float64, "degrees east, WGS84", "longitude", low=-180, high=180, nullable=True),
        Column("lat", pl.Float64, "degrees north, WGS84", "latitude", low=-90, high=90, nullable=True),
        Column("coord_precision", pl.String, "word", "site: the park itself; anything else: only its district"),
    ),
    key=("park_id",),
)
"""Parks with their points and how exact these are."""

DISTRICTS = Contract(
    "districts", (Column("district_code", pl.String, "code", "the district"), *_NAMES), ("district_code",)
)
"""Districts or sub-districts with their names."""


def parks_inside(members: pl.DataFrame, parks: pl.DataFrame, epsg: int, eps_m: float = 300.0) -> pl.DataFrame:
    """The parks that lie in each cluster.

    Formula: a park lies in the cluster of the nearest clustered enterprise, if that is within ``eps_m``,
    the distance that makes enterprises neighbours. n_near = clustered enterprises whose nearest such
    park it is, within eps_m. Parks whose point is not the park itself (coord_precision other than
    site) are left out: a district's label point is no place.
    Columns in: MEMBERS (``cluster_members``); PARKS. Columns out: cluster UInt32, park_id String, n_near
    UInt32, sorted by cluster, most near first. No parks inside give no rows. Raises ContractError.
    Source: our choice.

    >>> members = pl.DataFrame({"enterprise_id": ["a"], "x_m": [500e3], "y_m": [100.0], "cluster": [1]})
    >>> park = {"park_id": "P", "name_zh": "园", "name_en": None, "lon": 117.0, "lat": 0.0, "coord_precision": "site"}
    >>> parks_inside(members, pl.DataFrame([park]), 32650).rows()
    [(1, 'P', 1)]
    """
    require_positive(MEMBERS, eps_m=eps_m)
    return _inside(_clustered(members), parks, epsg, eps_m)


def _inside(clustered: pl.DataFrame, parks: pl.DataFrame, epsg: int, eps_m: float) -> pl.DataFrame:
    """The same for members that have been checked."""
    from scipy.spatial import cKDTree

    known = pl.col("lon").is_not_null() & pl.col("lat").is_not_null()
    sites = require(parks, PARKS).filter((pl.col("coord_precision") == SITE) & known).sort("park_id")
    empty = pl.DataFrame(schema={"cluster": pl.UInt32, "park_id": pl.String, "n_near": pl.UInt32})
    if not clustered.height or not sites.height:
        return empty
    place = np.column_stack(projected(sites.select(pl.col("park_id").alias("enterprise_id"), "lon", "lat"), epsg))
    reach = float(np.nextafter(eps_m, np.inf))
    near = _near(clustered, place, reach)
    if not near.height:
        return empty
    firms = near.select("x_m", "y_m").to_numpy()
    distance, nearest = cKDTree(firms).query(place, distance_upper_bound=reach)
    inside = np.flatnonzero(np.isfinite(distance))
    if not inside.size:
        return empty
    _, of_firm = cKDTree(place[inside]).query(firms, distance_upper_bound=reach)
    n_near = np.bincount(of_firm[of_firm < inside.size], minlength=inside.size)
    cluster = near["cluster"].to_numpy()[nearest[inside]]
    found = {"cluster": cluster, "park_id": sites["park_id"].gather(inside), "n_near": n_near}
    table = pl.DataFrame(found).cast({"cluster": pl.UInt32, "n_near": pl.UInt32})
    return table.sort("cluster", "n_near", "park_id", descending=[False, True, False])


def _clustered(members: pl.DataFrame) -> pl.DataFrame:
    """The members of clusters by id, with what is needed here and no more: columns cost time."""
    wanted = ("enterprise_id", "x_m", "y_m", "cluster", "district_code")
    rows = require(members.select(name for name in wanted if name in members.columns), MEMBERS)
    rows = rows.filter(pl.col("cluster").is_not_null())
    return rows if rows["enterprise_id"].is_sorted() else rows.sort("enterprise_id")


def _near(clustered: pl.DataFrame, place: npt.NDArray[np.float64], reach: float) -> pl.DataFrame:
    """The rows in the squares around the places, so that a search tree of a million rows need not be grown."""
    squares = np.floor(place / reach)
    steps = np.array([(across, up) for across in (-1, 0, 1) for up in (-1, 0, 1)])
    around = np.unique((squares[:, None, :] + steps).reshape(-1, 2), axis=0)
    (west, south), (east, north) = around.min(axis=0), around.max(axis=0)
    across, up = (np.floor(clustered[name].to_numpy() / reach) for name in ("x_m", "y_m"))
    within = np.flatnonzero((across >= west) & (across <= east) & (up >= south) & (up <= north))
    code = (across[within] - west) * (north - south + 1) + (up[within] - south)
    held = np.isin(code, (around[:, 0] - west) * (north - south + 1) + (around[:, 1] - south))
    return clustered[within[held]]


def cluster_names(
    members: pl.DataFrame, parks: pl.DataFrame, districts: pl.DataFrame, epsg: int, eps_m: float = 300.0
) -> pl.DataFrame:
    """A name for each cluster, and the parks it covers.

    Formula: the name of the park with most enterprises near it (``parks_inside``; ties: smallest id);
    without a park the name of the district (or sub-district) most members are in (ties: smallest
    code). Clusters of the same name are told apart by a number, the largest first: "Chaoyang 2".
    Columns in: MEMBERS, with district_code text if districts are to name; PARKS; DISTRICTS.
    Columns out: cluster UInt32, named_by String (park, district, none), place_id String, name_zh,
    name_en String (empty where the register has none), n_parks UInt32, park_ids String (with |
    between, most enterprises near first). Raises ContractError. Source: our choice.

    >>> members = pl.DataFrame({"enterprise_id": ["a", "b"], "x_m": [500e3, 600e3], "y_m": [0.0, 0.0],
    ...     "cluster": [1, 2], "district_code": ["110105", "110105"]})
    >>> districts = pl.DataFrame({"district_code": ["110105"], "name_zh": ["朝阳区"], "name_en": ["Chaoyang"]})
    >>> names = cluster_names(members, pl.DataFrame(schema=PARKS.schema), districts, 32650)
    >>> names["name_zh"].to_list(), names["named_by"].to_list()
    (['朝阳区 1', '朝阳区 2'], ['district', 'district'])
    """
    require_positive(MEMBERS, eps_m=eps_m)
    checked = _clustered(members)
    inside = _inside(checked, parks, epsg, eps_m)
    covered = inside.group_by("cluster", maintain_order=True).agg(
        pl.len().cast(pl.UInt32).alias("n_parks"),
        pl.col("park_id").first().alias("park"),
        pl.col("park_id").str.join("|").alias("park_ids"),
    )
    named = checked.select("cluster").unique().join(covered, on="cluster", how="left")
    named = named.join(_main_district(checked), on="cluster", how="left")
    by_park = parks.select(pl.col("park_id").alias("park"), park_zh="name_zh", park_en="name_en")
    by_district = require(districts, DISTRICTS).select("district_code", district_zh="name_zh", district_en="name_en")
    named = named.join(by_park, on="park", how="left").join(by_district, on="district_code", how="left")
    park, district = pl.col("park").is_not_null(), pl.col("district_code").is_not_null()
    table = named.with_columns(
        pl.when(park).then(pl.lit("park")).when(district).then(pl.lit("district")).otherwise(pl.lit("none"))
        .alias("named_by"),
        pl.coalesce("park", "district_code").alias("place_id"),
        pl.when(park).then(pl.col("park_zh")).otherwise(pl.col("district_zh")).alias("name_zh"),
        pl.when(park).then(pl.col("park_en")).otherwise(pl.col("district_en")).alias("name_en"),
        pl.col("n_parks").fill_null(0),
    ).sort("cluster")  # fmt: skip
    columns = ("cluster", "named_by", "place_id", "name_zh", "name_en", "n_parks", "park_ids")
    return table.with_columns(_told_apart("name_zh"), _told_apart("name_en")).select(columns)


def _main_district(members: pl.DataFrame) -> pl.DataFrame:
    """The district most members of each cluster are in."""
    if "district_code" not in members.columns:
        return pl.DataFrame(schema={"cluster": pl.UInt32, "district_code": pl.String})
    counted = members.drop_nulls("district_code").group_by("cluster", "district_code").agg(pl.len().alias("n"))
    ordered = counted.sort("cluster", "n", "district_code", descending=[False, True, False])
    return ordered.unique("cluster", keep="first", maintain_order=True).drop("n")


def _told_apart(name: str) -> pl.Expr:
    """The name, with a number where clusters named after the same place would share it."""
    number = pl.int_range(pl.len()).over("named_by", "place_id") + 1
    numbered = pl.format("{} {}", name, number)
    return pl.when(pl.len().over("named_by", "place_id") > 1).then(numbered).otherwise(pl.col(name)).alias(name)
