"""The methods of enterprise clustering: specialisation, hexagons and clusters."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from indicators.catalogue import Method, Option
from indicators.clustering.clusters import hexagon_clusters
from indicators.clustering.hotspots import HEXAGONS, hexagons
from indicators.clustering.specialisation import location_quotients
from indicators.frames import ENTERPRISES, POINTS

_PERSONS = ENTERPRISES.columns[-1]
_MEASURED = replace(ENTERPRISES, columns=(*ENTERPRISES.columns[:-1], replace(_PERSONS, optional=True)))
_REGION_AND_INDUSTRY = {"region": ENTERPRISES.columns[1], "industry": ENTERPRISES.columns[2]}


def _hexagons(points: pl.DataFrame, epsg: int, side_m: float) -> pl.DataFrame:
    """hexagons with the ring as one text, which a CSV can hold and a map program reads (WKT)."""
    corner = pl.element().list.get(0).cast(pl.String) + " " + pl.element().list.get(1).cast(pl.String)
    ring = pl.lit("POLYGON ((") + pl.col("ring").list.eval(corner).list.join(", ") + "))"
    return hexagons(points, epsg, side_m).with_columns(ring.alias("ring_wkt")).drop("ring")


ENTRIES: tuple[Method, ...] = (
    Method(
        "location_quotients",
        "How strongly each region specialises in each industry, against all regions of the file.",
        location_quotients,
        _MEASURED,
        {
            "region": Option(str, "district_code", "the column of the region"),
            "industry": Option(str, "industry_code", "the column of the industry"),
            "measure": Option(str, "enterprises", "enterprises or employees"),
            "minimum": Option(int, 5, "fewest enterprises of a cell that is shown"),
        },
        (
            ("the region and industry columns", "code"),
            ("n", "enterprises"),
            ("amount", "enterprises or persons"),
            ("region_amount", "enterprises or persons"),
            ("industry_amount", "enterprises or persons"),
            ("total_amount", "enterprises or persons"),
            ("share_pct", "per cent of the region"),
            ("location_quotient", "ratio, 1 = as in the whole"),
            ("shown", "true or false"),
            ("n_unknown", "enterprises whose employees are not known"),
        ),
        "Hoover-Balassa location quotient; BLS, QCEW (base: all enterprises)",
        _REGION_AND_INDUSTRY,
    ),
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
