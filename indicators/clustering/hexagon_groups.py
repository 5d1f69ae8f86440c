"""Where crowded hexagons touch, they are one cluster.

Source: our choice, a rule a reader can check on the map: connected hexagons above a minimum.
"""

from __future__ import annotations

import polars as pl

from indicators.clustering.hexagons import HEXAGONS, NEIGHBOURS
from indicators.frames import ContractError, require

Cell = tuple[int, int]


def hexagon_clusters(hexagons: pl.DataFrame, minimum: int = 20) -> pl.DataFrame:
    """The clusters of the map, the largest first: crowded hexagons that touch each other.

    Formula: a hexagon with n >= minimum is crowded; crowded hexagons that share an edge belong to
    one cluster. n_enterprises = sum of n, n_sites = sum of n_sites (a place lies in one hexagon
    only); lon, lat = mean of the centres, weighted with n.
    Columns in: those of ``hexagons.hexagons`` (q, r, n, n_sites, lon, lat; ring is not needed).
    Columns out: cluster_id UInt32 (1 = most enterprises; a number for this table, not a lasting
    name), n_enterprises UInt32 (from minimum), n_sites UInt32, n_hexagons UInt32 (from 1), lon,
    lat Float64 (degrees, WGS84). Equal sizes are numbered by their smallest (q, r). One crowded
    hexagon is a cluster. No crowded hexagon gives no rows.
    Raises ContractError. Source: our choice; minimum 20 is our choice.

    >>> hexagons = pl.DataFrame({"q": [0, 1, 5], "r": [0, 0, 5], "n": [20, 30, 40], "n_sites": [2, 3, 4],
    ...     "lon": [116.0, 116.5, 117.0], "lat": [40.0, 40.0, 40.0]})
    >>> hexagon_clusters(hexagons).rows()
    [(1, 50, 5, 2, 116.3, 40.0), (2, 40, 4, 1, 117.0, 40.0)]
    """
    crowded = hexagon_members(hexagons, minimum).drop_nulls("cluster_id")
    weight = pl.col("n").cast(pl.Float64)
    return (
        crowded.group_by("cluster_id")
        .agg(
            pl.col("n").sum().cast(pl.UInt32).alias("n_enterprises"),
            pl.col("n_sites").sum().cast(pl.UInt32),
            pl.len().cast(pl.UInt32).alias("n_hexagons"),
            ((pl.col("lon") * weight).sum() / weight.sum()).alias("lon"),
            ((pl.col("lat") * weight).sum() / weight.sum()).alias("lat"),
        )
        .sort("cluster_id")
    )


def hexagon_members(hexagons: pl.DataFrame, minimum: int = 20) -> pl.DataFrame:
    """The hexagons, each with the number of the cluster it belongs to, for drawing them on the map.

    Columns in: as ``hexagon_clusters``. Columns out: all columns, then cluster_id UInt32 (null: the
    hexagon is in no cluster), sorted by q, r. Raises ContractError. Source: as ``hexagon_clusters``.

    >>> hexagons = pl.DataFrame({"q": [0, 1], "r": [0, 0], "n": [20, 3], "n_sites": [2, 3],
    ...     "lon": [116.0, 116.5], "lat": [40.0, 40.0]})
    >>> hexagon_members(hexagons)["cluster_id"].to_list()
    [1, None]
    """
    if minimum < 1:
        problem = f"minimum {minimum} is not accepted; accepted: a whole number from 1; give a larger minimum."
        raise ContractError(HEXAGONS, [problem])
    checked = require(hexagons, HEXAGONS).drop("cluster_id", strict=False)
    sizes = {(q, r): n for q, r, n in checked.select("q", "r", "n").iter_rows() if n >= minimum}
    clusters = sorted(_connected(set(sizes)), key=lambda cluster: (-sum(sizes[cell] for cell in cluster), min(cluster)))
    rows = [(*cell, number) for number, cluster in enumerate(clusters, 1) for cell in cluster]
    schema = {"q": pl.Int64, "r": pl.Int64, "cluster_id": pl.UInt32}
    members = pl.DataFrame(rows, schema=schema, orient="row")
    return checked.join(members, on=["q", "r"], how="left").sort("q", "r")


def _connected(cells: set[Cell]) -> list[list[Cell]]:
    """The cells in groups that hang together over shared edges."""
    groups, waiting = [], set(cells)
    while waiting:
        group = [waiting.pop()]
        for q, r in group:  # the list grows while it is read
            touching = {(q + dq, r + dr) for dq, dr in NEIGHBOURS} & waiting
            waiting -= touching
            group.extend(touching)
        groups.append(group)
    return groups
