"""Every hexagon of a city, the empty ones too: the frame within which a crowded cell is a finding.

A hot spot compares a cell with all others. Which others there are decides the figure, so the frame
is made from the outline of the city, is an argument of the method, and is kept with its result.
Source: our choice; Getis and Ord (1992) on the dependence on the study area.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
import shapely
from pyproj import Transformer

from indicators.clustering.hexagons import (
    READY_PLACE,
    cells,
    centres,
    corners,
    counted_cells,
    metres,
    metric_system,
    sites_of,
)
from indicators.clustering.metres import require_positive
from indicators.frames import POINTS, Column, Contract, ContractError, require

MOST_CELLS = 5_000_000
EDGE_DEGREES = 0.005
"""Longer edges are cut before they are projected: a straight line in degrees is not one in metres."""

OUTLINES = Contract(
    "outlines",
    (Column("outline_wkt", pl.String, "WKT", "POLYGON or MULTIPOLYGON in degrees, WGS84, lon before lat"),),
)
"""The city as one polygon or as those of its districts, one a row."""

FRAME = Contract(
    "frame",
    (
        Column("q", pl.Int64, "cell", "column of the hexagon in the axial grid"),
        Column("r", pl.Int64, "cell", "row of the hexagon in the axial grid"),
    ),
    key=("q", "r"),
)
"""One row per hexagon of the city."""

AMOUNT = Column("amount", pl.Float64, "persons or money", "jobs or revenue of the enterprise", low=0, nullable=True)


def outlines_of(geojson: Mapping[str, Any]) -> pl.DataFrame:
    """The polygons of a GeoJSON FeatureCollection, Feature or geometry as ``hexagon_frame`` reads them.

    In: GeoJSON in degrees, WGS84. Out: outline_wkt String, one row a polygon. No features give no rows.

    >>> corner = [[116, 39], [117, 39], [117, 40], [116, 39]]
    >>> outlines_of({"type": "Polygon", "coordinates": [corner]})["outline_wkt"].item()
    'POLYGON ((116 39, 117 39, 117 40, 116 39))'
    """
    shapes = shapely.get_parts(shapely.from_geojson(json.dumps(geojson)))
    return pl.DataFrame({"outline_wkt": shapely.to_wkt(shapes, rounding_precision=9).tolist()}, OUTLINES.schema)


def hexagon_frame(outlines: pl.DataFrame, epsg: int, side_m: float = 500.0) -> pl.DataFrame:
    """Every hexagon that touches the city, whether it holds an enterprise or not.

    Formula: the hexagons of ``hexagons`` (same grid, same numbers) that share area with the outline,
    projected to metres. A place inside the outline always lies in one of them.
    Columns in: outline_wkt text (POLYGON or MULTIPOLYGON, degrees, WGS84), one row or several.
    ``epsg``, ``side_m``: as ``hexagons``.
    Columns out: q, r Int64, sorted; share_inside Float64 (part of the hexagon's area inside the
    city, above 0 to 1: a cell on the border has less room for enterprises).
    No outline gives no rows. Raises ContractError for text that is no polygon, for outlines outside
    the area of the system and for more than 5,000,000 hexagons. Source: our choice.

    >>> square = pl.DataFrame({"outline_wkt": ["POLYGON ((117 0, 117.02 0, 117.02 0.02, 117 0.02, 117 0))"]})
    >>> frame = hexagon_frame(square, 32650, 1000.0)
    >>> frame.height, round(frame["share_inside"].sum() * 3 * 3**0.5 / 2, 2)  # 2.225 km * 2.211 km = 4.92 km2
    (6, 4.92)
    """
    require_positive(OUTLINES, side_m=side_m)
    system = metric_system(epsg)
    given = require(outlines, OUTLINES)
    if not given.height:
        return pl.DataFrame(schema={"q": pl.Int64, "r": pl.Int64, "share_inside": pl.Float64})
    to_metres = Transformer.from_crs(4326, system, always_xy=True)
    city = shapely.union_all(_projected(_read(given), to_metres))
    q, r = _candidates(city, side_m)
    ring_x, ring_y = corners(q, r, side_m)
    shapes = shapely.polygons(np.stack([ring_x, ring_y], axis=2))
    shapely.prepare(city)
    inside = shapely.contains_properly(city, shapes)
    edge = ~inside & shapely.intersects(city, shapes)
    share = inside.astype(np.float64)
    share[edge] = shapely.area(shapely.intersection(shapes[edge], city)) / shapely.area(shapes[edge])
    kept = share > 0
    frame = pl.DataFrame({"q": q[kept], "r": r[kept], "share_inside": np.minimum(share[kept], 1.0)})
    return frame.sort("q", "r")


def cell_counts(points: pl.DataFrame, frame: pl.DataFrame, epsg: int, side_m: float = 500.0) -> pl.DataFrame:
    """Enterprises, places and (where given) jobs or revenue of every hexagon of the frame; 0 where there is none.

    Formula: counts of the enterprises whose place falls in the hexagon; amount = the sum of their
    known amounts. Columns in: POINTS and, if wanted, amount (number from 0, may be empty); ``frame``:
    q, r as from ``hexagon_frame``, with the same ``epsg`` and ``side_m``.
    Columns out: the columns of the frame, n UInt32, n_sites UInt32 (distinct places), and with an
    amount also amount Float64 and n_unknown UInt32 (enterprises whose amount is not known: the cell's
    amount is then too low; it is empty where none is known). 0 is a true zero inside the frame.
    Enterprises outside the frame are not in it; ``outside_frame`` counts them.
    Raises ContractError. Source: our choice.

    >>> firms = pl.DataFrame({"enterprise_id": ["1", "2", "3"], "lon": [117.0, 117.0, 117.01], "lat": [0.0, 0.0, 0.0]})
    >>> cell_counts(firms, pl.DataFrame({"q": [577, 578], "r": [0, 0]}), 32650).rows()
    [(577, 0, 2, 1), (578, 0, 0, 0)]
    """
    placed = _placed(points, epsg, side_m)
    inside = counted_cells(placed["q"].to_numpy(), placed["r"].to_numpy(), sites_of(placed))
    if "amount" in points.columns:
        known = pl.when(pl.col("amount").count() > 0).then(pl.col("amount").sum()).alias("amount")
        unknown = pl.col("amount").null_count().cast(pl.UInt32).alias("n_unknown")
        inside = inside.join(placed.group_by("q", "r").agg(known, unknown), on=["q", "r"])
    table = require(frame, FRAME).join(inside, on=["q", "r"], how="left", maintain_order="left")
    empty = pl.col("n").is_null()
    return table.with_columns(
        pl.when(empty).then(0).otherwise(pl.col(name)).cast(inside.schema[name]).alias(name)
        for name in inside.columns
        if name not in ("q", "r")
    ).sort("q", "r")


def outside_frame(points: pl.DataFrame, frame: pl.DataFrame, epsg: int, side_m: float = 500.0) -> int:
    """How many enterprises lie in no hexagon of the frame: outside the city, or wrongly placed.

    Columns in: as ``cell_counts``. Out: a count, from 0. Raises ContractError. Source: our choice.

    >>> firms = pl.DataFrame({"enterprise_id": ["1", "2"], "lon": [117.0, 118.0], "lat": [0.0, 0.0]})
    >>> outside_frame(firms, pl.DataFrame({"q": [577], "r": [0]}), 32650)
    1
    """
    return _placed(points, epsg, side_m).join(require(frame, FRAME), on=["q", "r"], how="anti").height


def _placed(points: pl.DataFrame, epsg: int, side_m: float) -> pl.DataFrame:
    columns = (*READY_PLACE.columns, AMOUNT) if "amount" in points.columns else READY_PLACE.columns
    checked = require(points, Contract("points", columns, POINTS.key))
    x, y = metres(checked, epsg)
    q, r = cells(x, y, side_m)
    return checked.with_columns(pl.Series("q", q), pl.Series("r", r))


def _read(outlines: pl.DataFrame) -> npt.NDArray[Any]:
    """The polygons, made valid; anything else is refused with its row."""
    shapes = shapely.from_wkt(outlines["outline_wkt"].to_numpy(), on_invalid="ignore")
    areal = np.isin(shapely.get_type_id(shapes), (3, 6)) & ~shapely.is_empty(shapes)
    if not areal.all():
        row = int(np.flatnonzero(~areal)[0])
        text = str(outlines["outline_wkt"][row])[:40]
        accepted = "accepted: POLYGON or MULTIPOLYGON in WKT; correct it."
        raise ContractError(OUTLINES, [f"column outline_wkt, row {row + 1}: '{text}' is no polygon; {accepted}"])
    west, south, east, north = shapely.total_bounds(shapes)
    if not (west >= -180 and east <= 180 and south >= -90 and north <= 90):
        accepted = "accepted: degrees, longitude before latitude; correct it."
        raise ContractError(
            OUTLINES, [f"the outline reaches from {west:g}, {south:g} to {east:g}, {north:g}; {accepted}"]
        )
    return np.asarray(shapely.make_valid(shapes))


def _projected(shapes: npt.NDArray[Any], to_metres: Transformer) -> npt.NDArray[Any]:
    fine = shapely.segmentize(shapes, EDGE_DEGREES)
    moved = shapely.transform(fine, lambda lon, lat: to_metres.transform(lon, lat), interleaved=False)
    if not np.isfinite(shapely.get_coordinates(moved)).all():
        problem = "the outline cannot be projected; accepted: the city in the area of the system; choose another EPSG."
        raise ContractError(OUTLINES, [problem])
    return np.asarray(shapely.make_valid(moved))


def _candidates(city: Any, side_m: float) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The hexagons whose centre lies in the bounding box, a side wider."""
    west, south, east, north = shapely.bounds(city)
    n_cells = (east - west + 2 * side_m) * (north - south + 2 * side_m) / (1.5 * np.sqrt(3.0) * side_m**2)
    if n_cells > MOST_CELLS:
        problem = f"side_m {side_m:g} gives {n_cells:.3g} hexagons; accepted: up to {MOST_CELLS:,}; take a longer side."
        raise ContractError(OUTLINES, [problem])
    rows = np.arange(np.floor((south - side_m) / (1.5 * side_m)), np.ceil((north + side_m) / (1.5 * side_m)) + 1)
    step = np.sqrt(3.0) * side_m
    r = rows.astype(np.int64)
    least = np.floor((west - side_m) / step - r / 2.0).astype(np.int64)
    across = int(np.ceil((east - west + 2 * side_m) / step)) + 2
    q = (least[:, None] + np.arange(across)).ravel()
    r = np.repeat(r, across)
    x, _ = centres(q, r, side_m)
    near = (x >= west - step) & (x <= east + step)
    return q[near], r[near]
