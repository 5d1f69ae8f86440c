"""How many enterprises lie in each cell of an equal-area hexagon map.

The hexagons lie in the projected plane of the city's own coordinate system, so that they all
have the same area; their grid starts at the origin of that system and never depends on the data.
Source: axial coordinates with cube rounding (Red Blob Games, Hexagonal Grids); equal-area local
hexagons rather than H3 cells are our choice.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import polars as pl
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from indicators.clustering.compiled import compiled
from indicators.clustering.sites import SITE, firms_and_sites, site_numbers
from indicators.frames import POINTS, Column, Contract, ContractError, require

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

NEIGHBOURS = ((1, 0), (0, 1), (-1, 1), (-1, 0), (0, -1), (1, -1))
"""Steps (q, r) to the six hexagons that share an edge."""

GRACE_DEGREES = 3.0
"""How far outside a projection's own area points may lie; beyond, distances are no longer true."""

HEXAGONS = Contract(
    "hexagons",
    (
        Column("q", pl.Int64, "cell", "column of the hexagon in the axial grid"),
        Column("r", pl.Int64, "cell", "row of the hexagon in the axial grid"),
        Column("n", pl.UInt32, "enterprises", "enterprises in the hexagon", low=0),
        Column("n_sites", pl.UInt32, "places", "distinct coordinates in the hexagon", low=0),
        Column("lon", pl.Float64, "degrees east, WGS84", "centre", low=-180, high=180),
        Column("lat", pl.Float64, "degrees north, WGS84", "centre", low=-90, high=90),
    ),
    key=("q", "r"),
)
"""One row per hexagon with at least one enterprise."""

IN_METRES = (
    Column("x_m", pl.Float64, "metres", "east, in the projected system of the city", nullable=True, optional=True),
    Column("y_m", pl.Float64, "metres", "north, in the projected system of the city", nullable=True, optional=True),
)
"""Places that have been projected before: taken if they are right, else lon and lat are projected anew."""

ANY_PLACE = replace(
    POINTS,
    columns=tuple(replace(c, low=None, high=None, nullable=c.name != "enterprise_id") for c in POINTS.columns),
)
"""Points before their places are checked, so that a wrong place is told as such."""

READY_PLACE = replace(ANY_PLACE, columns=(*ANY_PLACE.columns, *IN_METRES, SITE))
"""The same, possibly with what was found before: metres and the number of the place."""

LOOKED_AT = 64
"""Rows whose given metres are compared with the projection."""


def hexagons(points: pl.DataFrame, epsg: int, side_m: float = 500.0) -> pl.DataFrame:
    """How many enterprises lie in each hexagon of the city's map, and at how many different places.

    Formula: project to metres (x, y); q = (sqrt(3)/3 x - y/3) / side_m, r = (2/3 y) / side_m,
    rounded to the nearest hexagon (cube rounding). Area of each: 3 sqrt(3)/2 * side_m^2.
    Columns in: POINTS: enterprise_id text, lon, lat Float64 (degrees, WGS84). ``epsg``: the city's
    projected coordinate system in metres, e.g. 32650 for Beijing; ``side_m``: side in metres. Optional, to spare
    time: x_m, y_m (as ``projected`` gave them) and site (as ``sites.site_numbers`` gave it).
    Columns out: q, r Int64 (the cell), n UInt32 (enterprises, from 1), n_sites UInt32 (distinct
    coordinates, 1..n), lon, lat Float64 (centre, degrees), ring List[List[Float64]] (six corners
    counter-clockwise and the first again, [lon, lat]), sorted by q, r. Enterprises at one address
    all count. Hexagons without enterprises have no row; no points give no rows.
    Raises ContractError, saying how many points: without coordinates, at (0, 0), outside
    -180..180 or -90..90, far outside the area of the system; and for a system that is not
    projected to metres. Set such points aside before the call and show their number.
    Source: Red Blob Games (axial coordinates, cube rounding); side 500 m is our choice.

    >>> firms = pl.DataFrame({"enterprise_id": ["1", "2", "3"], "lon": [117.0, 117.0, 117.01], "lat": [0.0, 0.0, 0.0]})
    >>> hexagons(firms, 32650).select("q", "r", "n", "n_sites").rows()
    [(577, 0, 2, 1), (579, 0, 1, 1)]
    """
    placed = require(points, READY_PLACE)
    counted = counted_cells(*cells(*metres(placed, epsg), side_m), sites_of(placed))
    return _drawn(counted, Transformer.from_crs(CRS.from_epsg(4326), metric_system(epsg), always_xy=True), side_m)


def projected(points: pl.DataFrame, epsg: int) -> tuple[Floats, Floats]:
    """The places in metres east and north of the city's own system, after the checks of ``hexagons``.

    Columns in: POINTS; ``epsg``: a projected system in metres. Out: x, y Float64, in the order of the
    rows. Raises ContractError as ``hexagons``. Source: PROJ.

    >>> firm = pl.DataFrame({"enterprise_id": ["1"], "lon": [117.0], "lat": [0.0]})
    >>> x, y = projected(firm, 32650)  # on the central meridian, at the equator
    >>> round(float(x[0]), 3), round(float(y[0]), 3)
    (500000.0, 0.0)
    """
    return metres(require(points, ANY_PLACE), epsg)


def metres(placed: pl.DataFrame, epsg: int) -> tuple[Floats, Floats]:
    """As ``projected``, for places whose columns have been checked already; x_m, y_m are taken where they are right."""
    system = metric_system(epsg)
    _require_places(placed, system)
    to_metres = Transformer.from_crs(CRS.from_epsg(4326), system, always_xy=True)
    if (given := _given(placed, to_metres)) is not None:
        return given
    x, y = to_metres.transform(placed["lon"].to_numpy(), placed["lat"].to_numpy())
    return np.asarray(x, np.float64), np.asarray(y, np.float64)


def _given(placed: pl.DataFrame, to_metres: Transformer) -> tuple[Floats, Floats] | None:
    """The metres that stand in the frame already, if a sample of them is what the projection gives."""
    if not {"x_m", "y_m"} <= set(placed.columns) or placed["x_m"].null_count() or placed["y_m"].null_count():
        return None
    some = np.unique(np.linspace(0, placed.height - 1, min(LOOKED_AT, placed.height)).astype(np.int64))
    looked = placed.select("lon", "lat", "x_m", "y_m")[some].to_numpy()
    x, y = to_metres.transform(looked[:, 0], looked[:, 1])
    if not (np.array_equal(x, looked[:, 2]) and np.array_equal(y, looked[:, 3])):
        return None
    return placed["x_m"].to_numpy(), placed["y_m"].to_numpy()


def sites_of(placed: pl.DataFrame) -> npt.NDArray[np.int32]:
    """The number of each row's place: the column site where there is one, else told by lon, lat (or x_m, y_m).

    >>> sites_of(pl.DataFrame({"lon": [5.0, 6.0, 5.0], "lat": [0.0, 0.0, 0.0]})).tolist()
    [0, 1, 0]
    """
    if "site" in placed.columns and not placed["site"].null_count():
        return placed["site"].to_numpy().astype(np.int32)
    place = ("lon", "lat") if "lon" in placed.columns else ("x_m", "y_m")
    return site_numbers(placed[place[0]].to_numpy(), placed[place[1]].to_numpy())


def counted_cells(q: Integers, r: Integers, site: npt.NDArray[np.int32]) -> pl.DataFrame:
    """How many rows each hexagon holds, and at how many different places; q, r, n, n_sites, sorted by q, r.

    >>> counted_cells(np.array([1, 1, 0]), np.array([5, 5, 7]), np.array([0, 0, 1], np.int32)).rows()
    [(0, 7, 1, 1), (1, 5, 2, 1)]
    """
    low, height = (int(r.min()), int(r.max()) - int(r.min()) + 1) if r.size else (0, 1)
    code, n, n_sites = firms_and_sites(q * height + (r - low), site)
    return pl.DataFrame(
        {"q": code // height, "r": code % height + low, "n": n, "n_sites": n_sites},
        schema={"q": pl.Int64, "r": pl.Int64, "n": pl.UInt32, "n_sites": pl.UInt32},
    )


def cells(x: Floats, y: Floats, side_m: float) -> tuple[Integers, Integers]:
    """The hexagon (q, r) that each place in projected metres falls in.

    Formula: fractional q = (sqrt(3)/3 x - y/3) / side_m, r = (2/3 y) / side_m, s = -q - r; round
    all three and recompute the one that was rounded furthest, so that q + r + s = 0.
    In: x, y (metres), side_m (metres, above 0). Out: q, r, whole numbers. No places give none.
    Raises ContractError if every place looks like degrees (abs(x) <= 180 and abs(y) <= 90), or one
    is not finite.
    Source: Red Blob Games, Hexagonal Grids, section "Rounding".

    >>> q, r = cells(np.array([500_000.0]), np.array([0.0]), 500.0)  # 0.57735 * 500,000 / 500 = 577.35
    >>> int(q[0]), int(r[0])
    (577, 0)
    """
    _require_metres(x, y, side_m)
    loop = compiled(_cells_loop)
    if loop is not None:
        q, r = np.empty(x.size, np.int64), np.empty(x.size, np.int64)
        loop(x, y, side_m, np.sqrt(3.0) / 3.0, q, r)
        return q, r
    row = (2.0 / 3.0 * y) / side_m
    column = (np.sqrt(3.0) / 3.0 * x - y / 3.0) / side_m
    cube = np.stack([column, row, -column - row])
    rounded = np.rint(cube)
    off = np.abs(rounded - cube)
    furthest = np.argmax(off, axis=0)
    corrected = rounded - np.where(np.arange(3)[:, None] == furthest, rounded.sum(axis=0), 0.0)
    return corrected[0].astype(np.int64), corrected[1].astype(np.int64)


def _cells_loop(x: Floats, y: Floats, side_m: float, root: float, q: Integers, r: Integers) -> None:
    """The same point by point, in the same order of operations, so that no place on an edge changes its cell."""
    for i in range(x.size):
        row = (2.0 / 3.0 * y[i]) / side_m
        column = (root * x[i] - y[i] / 3.0) / side_m
        third = -column - row
        a, b, c = np.rint(column), np.rint(row), np.rint(third)
        off_a, off_b, off_c = abs(a - column), abs(b - row), abs(c - third)
        if off_a >= off_b and off_a >= off_c:
            a -= a + b + c
        elif off_b >= off_c:
            b -= a + b + c
        q[i], r[i] = np.int64(a), np.int64(b)


def centres(q: Integers, r: Integers, side_m: float) -> tuple[Floats, Floats]:
    """The centre of each hexagon in projected metres; neighbours lie sqrt(3) * side_m apart.

    Formula: x = side_m * sqrt(3) * (q + r/2), y = side_m * 3/2 * r.
    In: q, r whole numbers; side_m metres. Out: x, y metres. Source: Red Blob Games, Hexagonal Grids.

    >>> x, y = centres(np.array([0]), np.array([2]), 500.0)
    >>> round(float(x[0]), 3), float(y[0])
    (866.025, 1500.0)
    """
    return side_m * np.sqrt(3.0) * (q + r / 2.0), side_m * 1.5 * r.astype(np.float64)


def corners(q: Integers, r: Integers, side_m: float) -> tuple[Floats, Floats]:
    """The outline of each hexagon in projected metres: six corners and the first again, one row each.

    Formula: centre + side_m * (cos t, sin t), t = 30, 90, ..., 330 degrees.
    In: q, r whole numbers; side_m metres. Out: x, y metres, shape (hexagons, 7).

    >>> x, y = corners(np.array([0]), np.array([0]), 500.0)
    >>> x.shape, round(float(x[0, 0]), 3), round(float(y[0, 0]), 3)
    ((1, 7), 433.013, 250.0)
    """
    x, y = centres(q, r, side_m)
    turn = np.deg2rad(30.0 + 60.0 * (np.arange(7) % 6))
    return x[:, None] + side_m * np.cos(turn), y[:, None] + side_m * np.sin(turn)


def _drawn(counted: pl.DataFrame, to_metres: Transformer, side_m: float) -> pl.DataFrame:
    """The counted hexagons with centre and outline in degrees."""
    q, r = counted["q"].to_numpy(), counted["r"].to_numpy()
    lon, lat = to_metres.transform(*centres(q, r, side_m), direction="INVERSE")
    ring_lon, ring_lat = to_metres.transform(*corners(q, r, side_m), direction="INVERSE")
    return counted.with_columns(
        pl.Series("lon", np.asarray(lon)), pl.Series("lat", np.asarray(lat)), rings("ring", ring_lon, ring_lat)
    )


def rings(name: str, x: Floats, y: Floats) -> pl.Series:
    """Outlines as a column of lists of [x, y], one outline a row of the two arrays.

    >>> rings("ring", np.array([[1.0, 2.0]]), np.array([[3.0, 4.0]])).to_list()
    [[[1.0, 3.0], [2.0, 4.0]]]
    """
    both = np.stack([np.asarray(x), np.asarray(y)], axis=2)
    if not both.size:
        return pl.Series(name, [], dtype=pl.List(pl.List(pl.Float64)))
    fixed = pl.Series(name, both, dtype=pl.Array(pl.Float64, both.shape[1:]))
    return fixed.cast(pl.List(pl.List(pl.Float64)))


def _require_metres(x: Floats, y: Floats, side_m: float) -> None:
    if not (np.isfinite(side_m) and side_m > 0):
        problem = f"side_m {side_m} is not accepted; accepted: metres above 0; give the side of a hexagon in metres."
        raise ContractError(POINTS, [problem])
    if x.size and bool(np.all((np.abs(x) <= 180) & (np.abs(y) <= 90))):
        problem = f"all {x.size} projected places look like degrees; accepted: metres; project them first."
        raise ContractError(POINTS, [problem])
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        problem = "some places could not be projected; accepted: places in the area of the system; choose another EPSG."
        raise ContractError(POINTS, [problem])


def metric_system(epsg: int) -> CRS:
    """The coordinate system, refused unless it is projected to metres.

    >>> metric_system(32650).name
    'WGS 84 / UTM zone 50N'
    """
    try:
        system = CRS.from_epsg(epsg)
    except CRSError:
        problem = f"EPSG:{epsg} is not known; accepted: the EPSG number of a projected system in metres; correct it."
        raise ContractError(POINTS, [problem]) from None
    if not system.is_projected or any(axis.unit_name != "metre" for axis in system.axis_info):
        problem = (
            f"EPSG:{epsg} ({system.name}) is not projected to metres, and degrees are no distances; "
            f"accepted: a projected system in metres, e.g. the UTM zone of the city; choose one."
        )
        raise ContractError(POINTS, [problem])
    return system


def _require_places(points: pl.DataFrame, system: CRS) -> None:
    """Refuse points that are no place, or no place near the area the system is made for."""
    if _all_near(points, system):
        return
    lon, lat = pl.col("lon"), pl.col("lat")
    missing = lon.is_null() | lat.is_null()
    island = (lon == 0) & (lat == 0)
    beyond = (lon.abs() > 180) | (lat.abs() > 90)
    tests = {
        "have no coordinates": missing,
        "lie at (0, 0), which stands for an unknown place": island,
        "lie outside longitude -180..180, latitude -90..90 (metres, or longitude and latitude swapped?)": beyond,
    }
    area = system.area_of_use
    if area is not None and area.west < area.east:
        near_lon = lon.is_between(area.west - GRACE_DEGREES, area.east + GRACE_DEGREES)
        near_lat = lat.is_between(area.south - GRACE_DEGREES, area.north + GRACE_DEGREES)
        where = f"longitude {area.west:g}..{area.east:g}, latitude {area.south:g}..{area.north:g}"
        tests[f"lie far outside the area of {system.name} ({where})"] = ~(near_lon & near_lat | island | beyond)
    found = points.select(test.fill_null(value=False).alias(text) for text, test in tests.items())
    problems = [_places_problem(text, found[text]) for text in tests if found[text].any()]
    if problems:
        raise ContractError(POINTS, problems)


def _all_near(points: pl.DataFrame, system: CRS) -> bool:
    """Whether the farthest points are near the area, and none can be (0, 0): quicker than asking each point."""
    area = system.area_of_use
    if area is None or not area.west < area.east or points["lon"].null_count() or points["lat"].null_count():
        return False
    west, east, south, north = (
        float(end if end is not None else np.nan)  # type: ignore[arg-type]
        for end in (points["lon"].min(), points["lon"].max(), points["lat"].min(), points["lat"].max())
    )
    near_lon = max(area.west - GRACE_DEGREES, -180) <= west and east <= min(area.east + GRACE_DEGREES, 180)
    near_lat = max(area.south - GRACE_DEGREES, -90) <= south and north <= min(area.north + GRACE_DEGREES, 90)
    return near_lon and near_lat and not (west <= 0 <= east and south <= 0 <= north)


def _places_problem(text: str, hit: pl.Series) -> str:
    rows = hit.arg_true()
    return (
        f"{len(rows)} of {len(hit)} points {text}, first in row {rows[0] + 1}; "
        f"accepted: known places of the city; set them aside before the call and show their number."
    )
