"""WGS84, GCJ-02 and BD-09: positions from one coordinate system to another, and the test which one a file is in.

GCJ-02 is the system of Chinese map services (AMap, Tencent), 300 to 700 m off WGS84; BD-09 (Baidu) is GCJ-02 with a
further shift. Nobody publishes them officially: the formulas are those in use since 2010 (`eviltransform`,
`coordtransform`), and the ready-made Python packages of them convert one point at a time, so they stand here once more
on whole columns. The way back has no closed form; it is iterated to well below 1e-7 degrees (1 cm).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

WGS84, GCJ02, BD09 = "WGS84", "GCJ-02", "BD-09"
SYSTEMS = (WGS84, GCJ02, BD09)
# west, south, east, north: outside of it the map services do not shift; the rectangle is part of the formulas in use
SHIFTED = (72.004, 0.8293, 137.8347, 55.8271)
AXIS_M, ECCENTRICITY_SQUARED = 6378245.0, 0.00669342162296594323  # Krasovsky 1940
CLEAR_LEAD_PCT = 10.0

Floats = npt.NDArray[np.float64]
Points = tuple[Floats, Floats]

_TURN = np.pi * 3000.0 / 180.0
_CLOSE_DEGREES, _MOST_ROUNDS = 1e-11, 30


def to_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike, system: str) -> Points:
    """Positions of a coordinate system in WGS84.

    Formula: the w for which from_wgs84(w) is the position, by iteration w <- w - (from_wgs84(w) - position).
    In: longitudes and latitudes in degrees, not-a-number where there is none; system: WGS84, GCJ-02 or BD-09.
    Out: two arrays of the same length in degrees; not-a-number stays. Points outside the Chinese rectangle stay as they
    are: the map services do not shift them. Errors: ValueError for another system.
    Source: inverse by fixed point, as in PRCoords and eviltransform (gcj2wgs_exact).

    >>> lon, lat = to_wgs84([116.4102444992], [39.9164042815], "GCJ-02")
    >>> round(float(lon[0]), 6), round(float(lat[0]), 6)
    (116.404, 39.915)
    """
    shift = _shift_of(system)
    stated = _points(lon, lat)
    inside = _in_rectangle(*stated)
    found = (stated[0].copy(), stated[1].copy())
    if system == WGS84 or not inside.any():
        return found
    target = (stated[0][inside], stated[1][inside])
    guess = target
    for _ in range(_MOST_ROUNDS):
        reached = shift(*guess)
        miss = (reached[0] - target[0], reached[1] - target[1])
        guess = (guess[0] - miss[0], guess[1] - miss[1])
        if max(np.abs(miss[0]).max(), np.abs(miss[1]).max()) < _CLOSE_DEGREES:
            break
    found[0][inside], found[1][inside] = guess
    return found


def from_wgs84(lon: npt.ArrayLike, lat: npt.ArrayLike, system: str) -> Points:
    """WGS84 positions in another coordinate system, as a map service would show them.

    In and out, missing, errors: as `to_wgs84`. Source: eviltransform (GCJ-02), coordtransform (BD-09); both MIT.

    >>> lon, lat = from_wgs84([116.481499, 7.0], [39.990475, 51.5], "GCJ-02")
    >>> round(float(lon[0]), 6), round(float(lat[0]), 6), float(lon[1])
    (116.487586, 39.991754, 7.0)
    """
    shift = _shift_of(system)
    stated = _points(lon, lat)
    inside = _in_rectangle(*stated)
    found = (stated[0].copy(), stated[1].copy())
    found[0][inside], found[1][inside] = shift(stated[0][inside], stated[1][inside])
    return found


def placement(points: pl.DataFrame, boundaries: Mapping[str, Any]) -> pl.DataFrame:
    """The share of points inside their own stated district: as they are, and converted from GCJ-02 and from BD-09.

    A wrong coordinate system moves every point by about 500 m, out of small districts: the reading with the clearly
    highest share is the right one (in the Shenzhen file of section 4 of the design note 95.8 % against 46.9 %).
    Columns in: lon, lat (Float64, degrees), district_code (text). boundaries: GeoJSON FeatureCollection with
    properties.district_code. Columns out: coord_system (WGS84 = as they are), n and n_inside (Int64, points whose
    district has a polygon), share_pct (Float64, 0..100; null where n = 0). Points without position or district are not
    counted. A point on the border is inside. Errors: none.

    >>> ring = [[116.0, 39.0], [117.0, 39.0], [117.0, 40.0], [116.0, 40.0], [116.0, 39.0]]
    >>> layer = {"features": [{"properties": {"district_code": "a"}, "geometry": {"type": "Polygon",
    ...     "coordinates": [ring]}}]}
    >>> points = pl.DataFrame({"lon": [116.001, 116.5], "lat": [39.5, 39.5], "district_code": ["a", "a"]})
    >>> placement(points, layer)["share_pct"].to_list()
    [100.0, 50.0, 50.0]
    """
    tested = _testable(points, boundaries)
    lon, lat = tested["lon"].to_numpy(), tested["lat"].to_numpy()
    rows = []
    for system in SYSTEMS:
        inside = int(_inside(tested["district_code"], to_wgs84(lon, lat, system), boundaries).sum())
        share = 100.0 * inside / tested.height if tested.height else None
        rows.append((system, tested.height, inside, share))
    schema = {"coord_system": pl.String, "n": pl.Int64, "n_inside": pl.Int64, "share_pct": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def disagreement(placed: pl.DataFrame, stated: str) -> str | None:
    """The coordinate system that puts clearly more points into their districts than the stated one; None if none does.

    In: the table of `placement`. Clearly: by at least 10 percentage points (our choice). No tested point: None.

    >>> placed = pl.DataFrame({"coord_system": ["WGS84", "GCJ-02", "BD-09"], "share_pct": [95.8, 46.9, 20.0]})
    >>> disagreement(placed, "GCJ-02"), disagreement(placed, "WGS84")
    ('WGS84', None)
    """
    shares = {system: share for system, share in placed.select("coord_system", "share_pct").iter_rows() if share}
    if not shares:
        return None
    best = max(shares, key=lambda system: shares[system])
    return best if shares[best] - shares.get(stated, 0.0) >= CLEAR_LEAD_PCT else None


def _shift_of(system: str) -> Callable[[Floats, Floats], Points]:
    shifts: dict[str, Callable[[Floats, Floats], Points]] = {
        WGS84: lambda lon, lat: (lon, lat),
        GCJ02: _gcj02,
        BD09: lambda lon, lat: _bd09(*_gcj02(lon, lat)),
    }
    if system not in shifts:
        raise ValueError(f"no coordinate system {system!r}; there are {', '.join(SYSTEMS)}")
    return shifts[system]


def _points(lon: npt.ArrayLike, lat: npt.ArrayLike) -> Points:
    return np.array(lon, dtype=np.float64), np.array(lat, dtype=np.float64)


def _in_rectangle(lon: Floats, lat: Floats) -> npt.NDArray[np.bool_]:
    west, south, east, north = SHIFTED
    inside: npt.NDArray[np.bool_] = (lon >= west) & (lon <= east) & (lat >= south) & (lat <= north)
    return inside


def _gcj02(lon: Floats, lat: Floats) -> Points:
    """WGS84 to GCJ-02: a wave pattern in metres around (105, 35), on the ellipsoid of Krasovsky."""
    x, y = lon - 105.0, lat - 35.0
    both = 0.1 * x * y + (20.0 * np.sin(6.0 * np.pi * x) + 20.0 * np.sin(2.0 * np.pi * x)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * np.sqrt(np.abs(x)) + both
    east += (20.0 * np.sin(np.pi * x) + 40.0 * np.sin(np.pi * x / 3.0)) * 2.0 / 3.0
    east += (150.0 * np.sin(np.pi * x / 12.0) + 300.0 * np.sin(np.pi * x / 30.0)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.2 * np.sqrt(np.abs(x)) + both
    north += (20.0 * np.sin(np.pi * y) + 40.0 * np.sin(np.pi * y / 3.0)) * 2.0 / 3.0
    north += (160.0 * np.sin(np.pi * y / 12.0) + 320.0 * np.sin(np.pi * y / 30.0)) * 2.0 / 3.0
    phi = np.radians(lat)
    root = np.sqrt(1.0 - ECCENTRICITY_SQUARED * np.sin(phi) ** 2)
    degrees_east = np.degrees(east * root / (AXIS_M * np.cos(phi)))
    degrees_north = np.degrees(north * root**3 / (AXIS_M * (1.0 - ECCENTRICITY_SQUARED)))
    return lon + degrees_east, lat + degrees_north


def _bd09(lon: Floats, lat: Floats) -> Points:
    """GCJ-02 to BD-09: longitude and latitude taken as polar coordinates, with a ripple, then moved."""
    radius = np.hypot(lon, lat) + 0.00002 * np.sin(lat * _TURN)
    angle = np.arctan2(lat, lon) + 0.000003 * np.cos(lon * _TURN)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006


def _testable(points: pl.DataFrame, boundaries: Mapping[str, Any]) -> pl.DataFrame:
    codes = [_code(feature) for feature in boundaries.get("features", ())]
    kept = points.select("lon", "lat", "district_code").drop_nulls()
    return kept.filter(pl.col("district_code").is_in(codes))


def _code(feature: Mapping[str, Any]) -> str:
    return str((feature.get("properties") or {}).get("district_code"))


def _inside(codes: pl.Series, at: Points, boundaries: Mapping[str, Any]) -> npt.NDArray[np.bool_]:
    """Whether each position lies in the polygon of its own district, borders included."""
    import shapely
    from shapely.geometry import shape

    inside = np.zeros(len(codes), dtype=np.bool_)
    for feature in boundaries.get("features", ()):
        own = (codes == _code(feature)).to_numpy()
        if own.any():
            area = shape(feature["geometry"])
            shapely.prepare(area)
            inside[own] |= shapely.intersects_xy(area, at[0][own], at[1][own])
    return inside
