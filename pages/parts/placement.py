"""Where things lie on a map: the view that shows them all, their size in pixels, and the labels that fit."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from pages.parts.axes import text_width

LABEL_PX = 13
LINE_HEIGHT = 1.2
FILLED = 0.85  # a label may take this share of its polygon
TILE_PX = 512  # the world's width at deck.gl's zoom 0
EQUATOR_M = 40_075_016.686
SHAPE_ROOM, POINT_ROOM = 0.06, 0.12  # on each side, as shares of the map; points need more for their labels
WORLD = (0.0, 20.0, 0.4)

Boundaries = Mapping[str, Any]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class View:
    """What a map shows at first: its centre, its zoom, and the size in pixels for which the zoom was chosen."""

    lon: float
    lat: float
    zoom: float
    width: int
    height: int

    @property
    def world_px(self) -> float:
        """The width of the whole world in pixels."""
        return float(TILE_PX * 2**self.zoom)

    @property
    def metres_per_pixel(self) -> float:
        """Metres on the ground per pixel at the centre."""
        return EQUATOR_M * math.cos(math.radians(self.lat)) / self.world_px

    def pixels(self, lon: float, lat: float) -> tuple[float, float]:
        """Where a place lies: pixels right of and below the centre."""
        return (lon - self.lon) / 360 * self.world_px, (_mercator(self.lat) - _mercator(lat)) * self.world_px

    def place(self, right: float, down: float) -> list[float]:
        """The place [lon, lat] that many pixels right of and below the centre."""
        return [self.lon + right / self.world_px * 360, _latitude(_mercator(self.lat) - down / self.world_px)]


def _mercator(lat: float) -> float:
    """The height of a latitude on the world map, in widths of the world above the equator."""
    return math.asinh(math.tan(math.radians(lat))) / (2 * math.pi)


def _latitude(height: float) -> float:
    return math.degrees(math.atan(math.sinh(2 * math.pi * height)))


def view_of(shapes: Boundaries | pl.DataFrame, width: int = 560, height: int = 430, room: float | None = None) -> View:
    """The view in which the boundaries, or the points (lon, lat) of a frame, fill the map with some room around."""
    room = room if room is not None else POINT_ROOM if isinstance(shapes, pl.DataFrame) else SHAPE_ROOM
    if isinstance(shapes, pl.DataFrame):
        places = shapes.select("lon", "lat").drop_nulls().rows()
    else:
        places = [(p[0], p[1]) for feature in shapes["features"] for rings in polygons(feature) for p in rings[0]]
    if not places:
        return View(*WORLD, width, height)
    lons, heights = [lon for lon, _ in places], [_mercator(lat) for _, lat in places]
    wide = max((max(lons) - min(lons)) / 360, 1e-4)
    tall = max(max(heights) - min(heights), 1e-4)
    inside = 1 - 2 * room
    zoom = min(math.log2(width * inside / (TILE_PX * wide)), math.log2(height * inside / (TILE_PX * tall)))
    lat = _latitude((max(heights) + min(heights)) / 2)
    return View(round((max(lons) + min(lons)) / 2, 5), round(lat, 5), round(zoom, 3), width, height)


def polygons(feature: Mapping[str, Any]) -> Iterator[list[list[list[float]]]]:
    """The polygons of a GeoJSON feature, each as its rings; nothing for other geometries."""
    geometry = feature.get("geometry") or {}
    if geometry.get("type") == "Polygon":
        yield geometry["coordinates"]
    elif geometry.get("type") == "MultiPolygon":
        yield from geometry["coordinates"]


def area_px(feature: Mapping[str, Any], view: View) -> float:
    """The square pixels of a feature's largest polygon, holes not subtracted."""
    return max((_ring_px(rings[0], view) for rings in polygons(feature)), default=0.0)


def _ring_px(ring: Sequence[Sequence[float]], view: View) -> float:
    points = [view.pixels(point[0], point[1]) for point in ring]
    turns = (a[0] * b[1] - b[0] * a[1] for a, b in zip(points, points[1:] + points[:1], strict=True))
    return abs(sum(turns)) / 2


def fitting(
    places: Sequence[Mapping[str, Any]],
    view: View,
    sizes: Mapping[str, float],
    selected: str | None = None,
    radii: Mapping[str, float] | None = None,
) -> list[dict[str, Any]]:
    """The labels (position, offset in pixels, label) that can be read: within their polygon and clear of each other.

    `places` have code, label (lines by line breaks), lon, lat. `sizes` are the square pixels of the codes that are
    polygons, `radii` the pixels of the codes that are dots: their labels stand above, right, left or below and clear of
    all dots. The selected place always gets its label, above its polygon if that is too small; then larger ones go
    before smaller ones. Where two lines do not fit, the first is tried alone.
    """
    known = [p for p in places if p["lon"] is not None and p["lat"] is not None]
    points = {p["code"]: view.pixels(p["lon"], p["lat"]) for p in known}
    dots = {code: radius for code, radius in (radii or {}).items() if code in points}
    taken = [(x - r, y - r, x + r, y + r) for (x, y), r in ((points[code], r) for code, r in dots.items())]
    shown = []
    named = [place for place in known if place["label"]]
    for place in sorted(named, key=lambda p: (p["code"] != selected, -sizes.get(p["code"], 0.0))):
        code, best = place["code"], None
        for text in dict.fromkeys((place["label"], place["label"].split("\n")[0])):
            tries = _offsets(text, sizes.get(code), dots.get(code), always=code == selected)
            boxes = [(offset, _box(text, points[code][0] + offset[0], points[code][1] + offset[1])) for offset in tries]
            free = [pair for pair in boxes if not any(_overlap(pair[1], other) for other in taken)]
            best = free[0] if free else boxes[0] if code == selected and boxes else None
            if best:
                position = [place["lon"], place["lat"]]
                shown.append({"code": code, "label": text, "position": position, "offset": best[0]})
                taken.append(best[1])
                break
    return shown


def _offsets(text: str, size: float | None, radius: float | None, always: bool) -> list[list[float]]:
    """Where a label may stand, in pixels right of and below its point, best first; nowhere in too small a polygon."""
    left, top, right, bottom = _box(text, 0.0, 0.0)
    if radius is not None:
        up, aside = radius + bottom + 1, radius + right + 2
        return [[0, -up], [aside, 0], [-aside, 0], [0, up]]
    if size is None or (right - left) * (bottom - top) <= FILLED * size:
        return [[0, 0]]
    return [[0, -round(math.sqrt(size) / 2 + bottom, 1)]] if always else []


def _box(text: str, x: float, y: float) -> Box:
    lines = text.split("\n")
    wide, tall = max(text_width(line, LABEL_PX) for line in lines) + 4, len(lines) * LABEL_PX * LINE_HEIGHT + 2
    return x - wide / 2, y - tall / 2, x + wide / 2, y + tall / 2


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def scale_km(view: View, longest_px: float = 110) -> float:
    """The longest round distance (1, 2 or 5 times a power of ten, in km) no longer than that many pixels."""
    most = view.metres_per_pixel * longest_px / 1000
    power = 10.0 ** math.floor(math.log10(most))
    return next(step * power for step in (5, 2, 1) if step * power <= most)
