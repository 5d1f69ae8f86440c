"""The methods of enterprise clustering on the hexagon map: hexagons and the clusters they form."""

from __future__ import annotations

import polars as pl

from indicators.catalogue import Method, Option
from indicators.clustering.hexagon_groups import hexagon_clusters
from indicators.clustering.hexagons import HEXAGONS, hexagons
from indicators.frames import POINTS


def _hexagons(points: pl.DataFrame, epsg: int, side_m: float) -> pl.DataFrame:
    """hexagons with the ring as one text, which a CSV can hold and a map program reads (WKT)."""
    corner = pl.element().list.get(0).cast(pl.String) + " " + pl.element().list.get(1).cast(pl.String)
    ring = pl.lit("POLYGON ((") + pl.col("ring").list.eval(corner).list.join(", ") + "))"
    return hexagons(points, epsg, side_m).with_columns(ring.alias("ring_wkt")).drop("ring")


ENTRIES: tuple[Method, ...] = (
    Method(
        "hexagons",
        "Enterprises counted in equal hexagons.",
        _hexagons,
        POINTS,
        {
            "epsg": Option(int, None, "the projected system in metres, such as 32650 for Beijing", required=True),
            "side_m": Option(float, 500.0, "side of a hexagon in metres"),
        },
        (
            ("q", "axial coordinate"),
            ("r", "axial coordinate"),
            ("n", "enterprises"),
            ("n_sites", "distinct places"),
            ("lon", "degrees east, WGS84, centre"),
            ("lat", "degrees north, WGS84, centre"),
            ("ring_wkt", "outline in degrees, WKT"),
        ),
        "axial hexagon grid with cube rounding; our choice",
    ),
    Method(
        "hexagon_clusters",
        "Groups of adjoining hexagons that each hold many enterprises (the result of hexagons is the input).",
        hexagon_clusters,
        HEXAGONS,
        {"minimum": Option(int, 20, "fewest enterprises of a hexagon that belongs to a cluster")},
        (
            ("cluster_id", "number, 1 = largest"),
            ("n_enterprises", "enterprises"),
            ("n_sites", "distinct places"),
            ("n_hexagons", "hexagons"),
            ("lon", "degrees east, WGS84"),
            ("lat", "degrees north, WGS84"),
        ),
        "our choice",
    ),
)
