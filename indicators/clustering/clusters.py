"""Clusters of enterprises: places crowded with firms that hang together, and what each cluster is made of.

A cluster is what the DBSCAN of ``grid_dbscan`` finds in projected metres. The two numbers of the rule,
eps_m and minimum, are policy: one pair for all cities, shown with every result. Firms at one address
count as so many firms. Rows are put in the order of their ids first, so that the order of an upload
changes nothing.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from indicators.clustering.cluster_shapes import FOOTPRINTS, shapes
from indicators.clustering.grid_dbscan import dbscan
from indicators.clustering.hexagons import ANY_PLACE, metres, sites_and_firms
from indicators.clustering.specialisation import location_quotients
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
    ),
    POINTS.key,
)
"""Every enterprise with its place in metres and its cluster."""


def cluster_members(firms: pl.DataFrame, epsg: int, eps_m: float = 300.0, minimum: int = 20) -> pl.DataFrame:
    """Every enterprise with the cluster it belongs to.

    Formula: DBSCAN in projected metres: a place is core where at least ``minimum`` enterprises lie
    within ``eps_m`` (itself included); see ``grid_dbscan``. Clusters are numbered by their enterprises,
    the largest first, ties by the smallest enterprise id.
    Columns in: POINTS: enterprise_id text, lon, lat (degrees, WGS84); others stay. ``epsg``: the
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
    placed = require(firms, ANY_PLACE).drop("x_m", "y_m", "cluster", "core", strict=False).sort("enterprise_id")
    x, y = metres(placed, epsg)
    label, core = dbscan(x, y, eps_m, minimum)
    sizes = np.bincount(label[label >= 0])
    earliest = np.full(sizes.size, label.size)
    np.minimum.at(earliest, label[label >= 0], np.flatnonzero(label >= 0))
    rank = np.empty(sizes.size + 1, np.uint32)
    rank[np.lexsort((earliest, -sizes))] = np.arange(1, sizes.size + 1)
    number = pl.Series("cluster", rank[label], dtype=pl.UInt32)
    return placed.with_columns(
        pl.Series("x_m", x), pl.Series("y_m", y), number, pl.Series("core", core, dtype=pl.Boolean)
    ).with_columns(pl.when(pl.Series(label >= 0)).then(pl.col("cluster")).alias("cluster"))


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
    clustered = checked.drop_nulls("cluster")
    sizes = clustered.group_by("cluster").agg(
        pl.when(pl.col("employees").count() > 0).then(pl.col("employees").sum()).alias("employees"),
        pl.col("employees").null_count().cast(pl.UInt32).alias("n_unknown"),
        pl.col("x_m").mean(),
        pl.col("y_m").mean(),
    )
    counted = sites_and_firms(clustered.drop("lon", "lat", strict=False), "cluster").rename({"n": "n_enterprises"})
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


def _complete(members: pl.DataFrame) -> pl.DataFrame:
    """The members, with empty columns where employees or industry are not given."""
    checked = require(members, MEMBERS)
    absent = [column for column in _OPTIONAL if column.name not in checked.columns]
    return checked.with_columns(pl.lit(None, column.dtype).alias(column.name) for column in absent)


def _ranked(members: pl.DataFrame, minimum: int) -> pl.DataFrame:
    """Every industry of every cluster by rank, with its quotient against all members."""
    rows = members.select("enterprise_id", pl.col("cluster").cast(pl.String).fill_null(""), "industry_code")
    quotients = location_quotients(rows, region="cluster", industry="industry_code", minimum=minimum)
    found = quotients.filter((pl.col("cluster") != "") & (pl.col("n") > 0)).with_columns(
        pl.col("cluster").cast(pl.UInt32)
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
