"""The ground a cluster covers: the convex hull of its places, or the small hexagons that hold one."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import shapely
from pyproj import Transformer

from indicators.clustering.compiled import compiled
from indicators.clustering.hexagons import cells, corners, metric_system
from indicators.clustering.metres import PLACES, require_positive

FOOTPRINTS = ("hull", "hexagons")
POLYGON = 3
LEAST_M2 = 1.0
"""Smaller hulls are places on one line, up to rounding."""
INNER_M2 = 0.01
"""A place counts as inside only beyond any doubt of rounding: twice the area of the triangle with a side."""
SCHEMA = {"cluster": pl.UInt32, "area_m2": pl.Float64, "outline_wkt": pl.String}


def shapes(clustered: pl.DataFrame, epsg: int, footprint: str = "hull", side_m: float = 100.0) -> pl.DataFrame:
    """Area and outline of each cluster.

    Formula: footprint "hull": the convex hull of the places, in metres; "hexagons": the union of the
    hexagons of side ``side_m`` (3 sqrt(3) / 2 * side_m^2 each) that hold a place.
    Columns in: cluster (no empty ones), x_m, y_m (metres). Columns out: cluster UInt32, area_m2
    Float64, outline_wkt String (degrees, WGS84). A hull of fewer than three places, or of places on one
    line, has no area: both are empty. No clusters give no rows. Raises ContractError. Source: our choice.

    >>> corner = pl.DataFrame({"cluster": [1, 1, 1], "x_m": [500e3, 501e3, 500e3], "y_m": [0.0, 0.0, 1000.0]})
    >>> shapes(corner, 32650)["area_m2"].item()
    500000.0
    >>> round(shapes(corner, 32650, "hexagons")["area_m2"].item(), 1)  # three hexagons of 25,980.8 m2
    77942.3
    """
    require_positive(PLACES, side_m=side_m)
    system = metric_system(epsg)
    if not clustered.height:
        return pl.DataFrame(schema=SCHEMA)
    found = _hulls(clustered) if footprint == "hull" else _cells(clustered, side_m)
    to_metres = Transformer.from_crs(4326, system, always_xy=True)
    drawn = shapely.transform(
        found["shape"].to_numpy(),
        lambda x, y: to_metres.transform(x, y, direction="INVERSE"),
        interleaved=False,
    )
    area = shapely.area(found["shape"].to_numpy())
    text = shapely.to_wkt(drawn, rounding_precision=7)
    return pl.DataFrame({"cluster": found["cluster"], "area_m2": area, "outline_wkt": text.tolist()}, schema=SCHEMA)


def _hulls(clustered: pl.DataFrame) -> pl.DataFrame:
    """Hulls that are polygons; a line or a point has none."""
    places = _outer(clustered).sort("cluster", maintain_order=True)
    several = places.filter(pl.len().over("cluster") > 2)
    cluster, index = np.unique(several["cluster"].to_numpy(), return_inverse=True)
    lines = shapely.linestrings(several.select("x_m", "y_m").to_numpy(), indices=index)
    hulls = shapely.convex_hull(lines)
    areal = (shapely.get_type_id(hulls) == POLYGON) & (shapely.area(hulls) >= LEAST_M2)
    return _frame(cluster[areal], hulls[areal])


def _outer(clustered: pl.DataFrame) -> pl.DataFrame:
    """The places that can be corners of a hull: not those well inside the octagon of the outermost ones.

    The hull of these is the hull of all; in a crowded cluster they are a few in a hundred. Without numba: all.
    """
    loop = compiled(_outer_loop)
    places = clustered.select("cluster", "x_m", "y_m")
    if loop is None or not places.height:
        return places
    cluster, x, y = (places[name].to_numpy() for name in places.columns)
    return places.filter(pl.Series(loop(cluster, x, y, np.int64(cluster.max()) + 1)))


def _outer_loop(
    cluster: npt.NDArray[np.uint32], x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], n: int
) -> npt.NDArray[np.bool_]:
    ends, far = np.zeros((n, 8), np.int64), np.full((n, 8), -np.inf)
    for i in range(x.size):
        c = cluster[i]
        plus, minus = x[i] + y[i], x[i] - y[i]
        for k, value in enumerate((x[i], plus, y[i], -minus, -x[i], -plus, -y[i], minus)):  # counter-clockwise
            if value > far[c, k]:
                far[c, k], ends[c, k] = value, i
    kept = np.ones(x.size, np.bool_)
    for i in range(x.size):
        c, inside, n_sides = cluster[i], True, 0
        for k in range(8):
            a, b = ends[c, k], ends[c, (k + 1) % 8]
            if x[a] == x[b] and y[a] == y[b]:
                continue
            n_sides += 1
            turn = (x[b] - x[a]) * (y[i] - y[a]) - (y[b] - y[a]) * (x[i] - x[a])
            if turn <= INNER_M2:
                inside = False
                break
        kept[i] = not (inside and n_sides > 2)
    return kept


def _cells(clustered: pl.DataFrame, side_m: float) -> pl.DataFrame:
    q, r = cells(clustered["x_m"].to_numpy(), clustered["y_m"].to_numpy(), side_m)
    held = pl.DataFrame({"cluster": clustered["cluster"], "q": q, "r": r}).unique().sort("cluster", "q", "r")
    ring_x, ring_y = corners(held["q"].to_numpy(), held["r"].to_numpy(), side_m)
    tiles = shapely.set_precision(shapely.polygons(np.stack([ring_x, ring_y], axis=2)), 1e-6)
    cluster, start = np.unique(held["cluster"].to_numpy(), return_index=True)
    joined = [shapely.union_all(part) for part in np.split(tiles, start[1:])]
    return _frame(cluster, np.array(joined, dtype=object))


def _frame(cluster: npt.NDArray[Any], shape: npt.NDArray[Any]) -> pl.DataFrame:
    return pl.DataFrame({"cluster": pl.Series(cluster, dtype=pl.UInt32), "shape": pl.Series(shape, dtype=pl.Object)})
