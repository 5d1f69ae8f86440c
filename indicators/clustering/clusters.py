"""Clusters of enterprises: places crowded with firms that hang together, and what each cluster is made of.

A cluster is what the DBSCAN of ``grid_dbscan`` finds in projected metres. The two numbers of the rule,
eps_m and minimum, are policy: one pair for all cities, shown with every result. Firms at one address
count as so many firms. Rows are put in the order of their ids first, so that the order of an upload
changes nothing.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from indicators.clustering.cell_sums import cell_sums
from indicators.clustering.cluster_shapes import FOOTPRINTS, shapes
from indicators.clustering.grid_dbscan import dbscan
from indicators.clustering.hexagons import READY_PLACE, metres, sites_of
from indicators.clustering.quotients import Shown
from indicators.clustering.sites import SITE, firms_and_sites
from indicators.clustering.specialisation import quotients_of_sums
from indicators.frames import ENTERPRISES, POINTS, Column, Contract, ContractError, require

_EMPLOYEES, _INDUSTRY = ENTERPRISES.columns[3], ENTERPRISES.columns[2]
_OPTIONAL = tuple(
    Column(c.name, c.dtype, c.unit, c.note, low=c.low, nullable=True, optional=True) for c in (_EMPLOYEES, _INDUSTRY)
)

FIRMS = Contract("firms", (*POINTS.columns, *_OPTIONAL), POINTS.key)
"""Open enterprises with a known place; employees and industry where they are known."""

MEMBERS = Contract(
    "members",
    (
        POINTS.columns[0],
        Column("x_m", pl.Float64, "metres", "east, in the projected system of the city"),
        Column("y_m", pl.Float64, "metres", "north, in the projected system of the city"),
        Column("cluster", pl.UInt32, "number", "the cluster; empty = in none", low=1, nullable=True),
        *_OPTIONAL,
        SITE,
    ),
    POINTS.key,
)
"""Every enterprise with its place in metres and its cluster."""


def cluster_members(firms: pl.DataFrame, epsg: int, eps_m: float = 300.0, minimum: int = 20) -> pl.DataFrame:
    """Every enterprise with the cluster it belongs to.

    Formula: DBSCAN in projected metres: a place is core where at least ``minimum`` enterprises lie
    within ``eps_m`` (itself included); see ``grid_dbscan``. Clusters are numbered by their enterprises,
    the largest first, ties by the smallest enterprise id.
    Columns in: POINTS: enterprise_id text, lon, lat (degrees, WGS84), optional x_m, y_m, site as in
    ``hexagons.hexagons``; others stay. ``epsg``: the
    city's projected system in metres, such as 32650. Only places known to the site: never points
    that stand for a district. Vacant and closed premises are no enterprises: leave them out before.
    Columns out: all columns, then x_m, y_m Float64 (metres), cluster UInt32 (1 = largest; empty: in
    none), core Boolean; sorted by enterprise_id. No rows give no rows.
    Raises ContractError as ``hexagons.hexagons`` and for eps_m or minimum not above 0.
    Source: Ester et al. (1996); eps_m 300 and minimum 20 are our choice.

    >>> firms = pl.DataFrame({"enterprise_id": ["a", "b", "c"], "lon": [117.0, 117.001, 117.1], "lat": [0.0] * 3})
    >>> cluster_members(firms, 32650, minimum=2).select("enterprise_id", "cluster", "core").rows()
    [('a', 1, True), ('b', 1, True), ('c', None, False)]
    """
    placed = require(firms, READY_PLACE).drop("cluster", "core", strict=False)
    placed = placed if placed["enterprise_id"].is_sorted() else placed.sort("enterprise_id")
    x, y = metres(placed, epsg)
    label, core = dbscan(x, y, eps_m, minimum)
    number = pl.Series("cluster", by_size(label), dtype=pl.UInt32)
    return placed.drop("x_m", "y_m", strict=False).with_columns(
        pl.Series("x_m", x),
        pl.Series("y_m", y),
        number.set(pl.Series(label < 0), None),
        pl.Series("core", core, dtype=pl.Boolean),
    )


def by_size(label: npt.NDArray[np.int64]) -> npt.NDArray[np.uint32]:
    """The clusters of ``grid_dbscan.dbscan`` numbered anew: 1 the largest, ties by the earliest row; 0 in none.

    >>> by_size(np.array([0, 1, 1, -1])).tolist()
    [2, 1, 1, 0]
    """
    sizes = np.bincount(label[label >= 0])
    earliest = np.full(sizes.size + 1, label.size)
    earliest[label[::-1]] = np.arange(label.size)[::-1]
    rank = np.zeros(sizes.size + 1, np.uint32)  # the last is of the label -1
    rank[np.lexsort((earliest[:-1], -sizes))] = np.arange(1, sizes.size + 1)
    return np.asarray(rank[label])


def cluster_table(
    members: pl.DataFrame, epsg: int, footprint: str = "hull", side_m: float = 100.0, minimum: int = 5
) -> pl.DataFrame:
    """The clusters, the largest first: size, footprint, employees, industries.

    Formula: area_m2 = area of the convex hull of the places (footprint "hull"), or of the hexagons of
    side ``side_m`` that hold one (footprint "hexagons"); density = n_enterprises / area in km2.
    diversity = 1 / sum of squared industry shares: as varied as so many industries of equal size.
    leading_industry = the industry with most enterprises (ties: smallest code); leading_lq = its share
    in the cluster over its share among all members given, clustered or not.
    Columns in: MEMBERS (``cluster_members``), every enterprise, not only the clustered.
    Columns out: cluster UInt32, n_enterprises, n_sites UInt32 (distinct places), employees Int64
    (persons, of those known; empty where none is), n_unknown UInt32 (enterprises whose employees are
    not known), area_m2, density_per_km2 Float64, n_industries UInt32, diversity Float64 (from 1),
    leading_industry String, leading_n UInt32, leading_share_pct Float64, leading_lq Float64,
    leading_shown Boolean (leading_n >= ``minimum``), x_m, y_m Float64 (mean place), outline_wkt String
    (degrees, WGS84). A hull needs three places that are not on one line: without them area, density
    and outline are empty; hexagons always have an area. Without industries or employees those columns
    are empty. No clusters give no rows. Raises ContractError. Source: our choice; LQ: Hoover-Balassa.

    >>> members = pl.DataFrame({"enterprise_id": list("abcd"), "x_m": [500e3, 501e3, 500e3, 600e3],
    ...     "y_m": [0.0, 0.0, 1000.0, 0.0], "cluster": [1, 1, 1, None], "industry_code": ["86", "86", "87", "87"]})
    >>> row = cluster_table(members, 32650).row(0, named=True)
    >>> row["n_enterprises"], row["area_m2"], round(row["diversity"], 2), row["leading_industry"], row["leading_lq"]
    (3, 500000.0, 1.8, '86', 1.3333333333333333)
    """
    if footprint not in FOOTPRINTS:
        problem = f"footprint '{footprint}' is not accepted; accepted: hull or hexagons; choose one of them."
        raise ContractError(MEMBERS, [problem])
    checked = _complete(members)
    clustered = checked.select("cluster", "x_m", "y_m", "employees").filter(pl.col("cluster").is_not_null())
    sizes = clustered.group_by("cluster").agg(
        pl.when(pl.col("employees").count() > 0).then(pl.col("employees").sum()).alias("employees"),
        pl.col("employees").null_count().cast(pl.UInt32).alias("n_unknown"),
        pl.col("x_m").mean(),
        pl.col("y_m").mean(),
    )
    counted = _counted(checked)
    table = counted.join(sizes, on="cluster").join(shapes(clustered, epsg, footprint, side_m), on="cluster", how="left")
    table = table.join(_mix(checked, minimum), on="cluster", how="left")
    density = pl.col("n_enterprises") / (pl.col("area_m2") / 1e6)
    return table.with_columns(density.alias("density_per_km2"), pl.col("n_industries").fill_null(0)).select(
        *("cluster", "n_enterprises", "n_sites", "employees", "n_unknown", "area_m2", "density_per_km2"),
        *("n_industries", "diversity", "leading_industry", "leading_n", "leading_share_pct", "leading_lq"),
        *("leading_shown", "x_m", "y_m", "outline_wkt"),
    ).sort("cluster")  # fmt: skip


def cluster_industries(members: pl.DataFrame, leading: int = 5, minimum: int = 5) -> pl.DataFrame:
    """The leading industries of each cluster with their location quotients, most enterprises first.

    Formula: rank by n, ties by code; share_pct = 100 n / enterprises of the cluster with a known
    industry; location_quotient = that share over the share among all members given (with interval,
    see ``specialisation.location_quotients``). Columns in: MEMBERS with industry_code.
    Columns out: cluster UInt32, rank UInt32 (1..``leading``), industry_code String, n UInt32,
    share_pct, location_quotient, low, high Float64, shown Boolean (n >= ``minimum``).
    A cluster without a known industry has no row. Raises ContractError. Source: Hoover-Balassa.

    >>> members = pl.DataFrame({"enterprise_id": list("abcd"), "x_m": [500e3] * 4, "y_m": [0.0] * 4,
    ...     "cluster": [1, 1, 1, None], "industry_code": ["86", "86", "87", "87"]})
    >>> cluster_industries(members).select("rank", "industry_code", "n", "location_quotient").row(0)
    (1, '86', 2, 1.3333333333333333)
    """
    columns = ("cluster", "rank", "industry_code", "n", "share_pct", "location_quotient", "low", "high", "shown")
    return _ranked(_complete(members), minimum).filter(pl.col("rank") <= leading).select(columns)


def cluster_marks(members: pl.DataFrame) -> pl.DataFrame:
    """A mark for each cluster that outlasts its number: the smallest id among its enterprises.

    Columns in: enterprise_id text, cluster (empty: in none). Columns out: cluster UInt32, mark String, by cluster.
    No clusters give no rows. Source: our choice.

    >>> cluster_marks(pl.DataFrame({"enterprise_id": ["b", "a", "c"], "cluster": [1, 1, None]})).rows()
    [(1, 'a')]
    """
    rows = members.select("enterprise_id", pl.col("cluster").fill_null(0).cast(pl.Int64))
    rows = rows if rows["enterprise_id"].is_sorted() else rows.sort("enterprise_id")
    cluster = rows["cluster"].to_numpy()
    first = np.full(int(cluster.max(initial=0)) + 1, -1, np.int64)
    first[cluster[::-1]] = np.arange(cluster.size)[::-1]
    held = np.flatnonzero(first[1:] >= 0) + 1
    return pl.DataFrame(
        {"cluster": pl.Series(held, dtype=pl.UInt32), "mark": rows["enterprise_id"].gather(first[held])}
    )


def _counted(members: pl.DataFrame) -> pl.DataFrame:
    """Enterprises and distinct places of each cluster."""
    cluster = members["cluster"].fill_null(0).to_numpy().astype(np.int64)
    places = members if "site" in members.columns else members.select("x_m", "y_m")
    code, n, n_sites = firms_and_sites(cluster, sites_of(places))
    found = {"cluster": code, "n_enterprises": n, "n_sites": n_sites}
    return pl.DataFrame(found, schema=dict.fromkeys(found, pl.UInt32)).filter(pl.col("cluster") > 0)


def _complete(members: pl.DataFrame) -> pl.DataFrame:
    """The members, with empty columns where employees or industry are not given."""
    checked = require(
        members.select(column.name for column in MEMBERS.columns if column.name in members.columns), MEMBERS
    )
    absent = [column for column in _OPTIONAL if column.name not in checked.columns]
    return checked.with_columns(pl.lit(None, column.dtype).alias(column.name) for column in absent)


def _ranked(members: pl.DataFrame, minimum: int) -> pl.DataFrame:
    """Every industry of every cluster by rank, with its quotient against all members."""
    most = int(members["cluster"].max() or 0)  # type: ignore[arg-type]
    names = pl.Enum([str(number) for number in range(most + 1)])
    sums = cell_sums(
        members.select(pl.col("cluster").fill_null(0).cat.to(names), "industry_code"), "cluster", "industry_code"
    )
    quotients = quotients_of_sums(sums, sums, "cluster", "industry_code", "enterprises", shown=Shown(minimum))
    found = quotients.with_columns(pl.col("cluster").cast(pl.UInt32)).filter(
        (pl.col("cluster") > 0) & (pl.col("n") > 0)
    )
    ordered = found.sort("cluster", "n", "industry_code", descending=[False, True, False])
    return ordered.with_columns((pl.int_range(pl.len()).over("cluster") + 1).cast(pl.UInt32).alias("rank"))


def _mix(members: pl.DataFrame, minimum: int) -> pl.DataFrame:
    """Number of industries, diversity and the leading industry of each cluster."""
    ranked = _ranked(members, minimum)
    first = pl.col("rank") == 1
    names = {"industry_code": "leading_industry", "n": "leading_n", "share_pct": "leading_share_pct"}
    names |= {"location_quotient": "leading_lq", "shown": "leading_shown"}
    return ranked.group_by("cluster").agg(
        pl.len().cast(pl.UInt32).alias("n_industries"),
        (1.0 / ((pl.col("share_pct") / 100.0) ** 2).sum()).alias("diversity"),
        *(pl.col(column).filter(first).first().alias(name) for column, name in names.items()),
    )
