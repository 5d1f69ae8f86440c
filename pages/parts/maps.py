"""The maps of every page: pydeck decks that ask no outside server, and what a click on them means.

A deck is built once with a placeholder for each table and the tables' JSON is spliced in, which spares pydeck's slow
writer. Rules that keep a map offline and readable: `map_provider=None` and never a `map_style` argument, an id on every
layer, `character_set` auto for Chinese labels. Tooltips show the plain-text field `text`; line breaks are kept.
"""

from __future__ import annotations

import html
import itertools
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl
import pydeck as pdk

from pages.parts import placement, tables, theme
from pages.parts.placement import Boundaries, View, view_of

__all__ = [
    "Boundaries",
    "RawDeck",
    "View",
    "city_deck",
    "clicked",
    "district_deck",
    "hexagon_deck",
    "hexagon_layer",
    "layered_deck",
    "legend",
    "limits",
    "rgba",
    "shade",
    "spliced",
    "view_of",
]

DECIMALS = 5  # about 1 m
_TOOLTIP = '<div style="white-space:pre-line">{text}</div>'
_TABLE = re.compile('"@table ([0-9]+)@"')
_FONT = "Source Han Sans SC, Noto Sans CJK SC, PingFang SC, Microsoft YaHei, Segoe UI, sans-serif"


class _Json(str):
    """Text that is already JSON: the data of a layer."""


class RawDeck:
    """Finished deck JSON in the place of a `pdk.Deck`: all that `st.pydeck_chart` asks of one."""

    deck_widget = None

    def __init__(self, text: str, tooltip: dict[str, Any] | None = None) -> None:
        self._text, self._tooltip = text, tooltip

    def to_json(self) -> str:
        """The JSON the browser gets."""
        return self._text


def limits(values: Iterable[float | None], kind: str, neutral: float | None = None) -> tuple[float, float] | None:
    """The ends of the colour scale: symmetric around the neutral value if diverging, else from zero to the largest.

    >>> limits([48.0, 53.0, None], "diverging", 50.0), limits([2.0, 8.0], "sequential"), limits([None], "sequential")
    ((47.0, 53.0), (0.0, 8.0), None)
    """
    known = [v for v in values if v is not None and math.isfinite(v)]
    if not known:
        return None
    if kind == "diverging":
        middle = 0.0 if neutral is None else neutral
        reach = max(abs(v - middle) for v in known) or 1.0
        return middle - reach, middle + reach
    return min(0.0, *known), max(known) or 1.0


def shade(value: float | None, ends: tuple[float, float] | None, kind: str, dark: bool = False) -> str:
    """The colour of a value on a scale (`diverging`, `sequential`, or `root` of the value); grey if it is missing."""
    if value is None or ends is None or not math.isfinite(value):
        return theme.tokens(dark).missing
    share = max((value - ends[0]) / (ends[1] - ends[0]), 0.0)
    if kind == "diverging":
        return theme.diverging(2 * share - 1, dark)
    return theme.sequential(0.08 + 0.92 * (math.sqrt(share) if kind == "root" else share), dark)


def district_deck(
    districts: pl.DataFrame,
    boundaries: Boundaries | None,
    selected: str | None = None,
    view: View | None = None,
    kind: str = "sequential",
    dark: bool = False,
    neutral: float | None = None,
) -> RawDeck:
    """The districts coloured by value: polygons if there are boundaries, else bubbles; layer `districts` is clickable.

    `districts` has district_code, label, lon, lat, value (null = grey) and text (plain text of the tooltip). A label
    appears where it fits the district at this view and overlaps no other; the selected one always does.
    """
    view = view or view_of(boundaries or districts)
    ends = limits(districts["value"], kind, neutral)
    shaded = {row["district_code"]: shade(row["value"], ends, kind, dark) for row in districts.to_dicts()}
    if boundaries is None:
        bubbles = _bubbles(districts, shaded, selected, ends, kind, dark)
        radii = {row["district_code"]: row["size"] for row in bubbles}
        names = _labels(districts, None, view, selected, dark, radii)
        return _compose([_circles("districts", bubbles), names], view, dark)
    texts = dict(districts.select("district_code", "text").iter_rows())
    features = [_feature(feature, texts, shaded, dark) for feature in boundaries["features"]]
    layers = [_areas("districts", features, dark, pickable=True), *_outline(boundaries, selected, dark)]
    return _compose(
        [*layers, _labels(districts, boundaries, view, selected, dark), *_scale_bar(view, dark)], view, dark
    )


def hexagon_deck(
    hexes: pl.DataFrame,
    boundaries: Boundaries | None,
    districts: pl.DataFrame,
    view: View | None = None,
    dark: bool = False,
) -> RawDeck:
    """Flat hexagons (ring, n, text if there is one) coloured by the root of n, on clickable districts (kind `root`)."""
    view = view or view_of(boundaries or districts)
    return layered_deck([hexagon_layer(hexes, dark)], boundaries, districts, view, dark)


def hexagon_layer(hexes: pl.DataFrame, dark: bool = False) -> pdk.Layer:
    """The layer `hexagons`: rings (ring, n, text if there is one) coloured by the root of n."""
    t, most = theme.tokens(dark), float(hexes["n"].max() or 1)
    shades = {n: rgba(shade(n, (0.0, most), "root", dark), 230) for n in hexes["n"].unique()}
    cells = hexes.select(
        pl.col("ring").list.eval(pl.element().list.eval(pl.element().round(DECIMALS))),
        (pl.col("text") if "text" in hexes.columns else pl.format("n={}", "n")).alias("text"),
        pl.col("n").replace_strict(shades, return_dtype=pl.List(pl.Int64)).alias("fill"),
        *[column for column in ("q", "r", "n") if column in hexes.columns],
    )
    return pdk.Layer(
        "PolygonLayer", id="hexagons", data=_Json(cells.write_json()), get_polygon="ring",
        _sub_layer_props={"fill": {"getFillColor": "@@=fill"}},
        get_line_color=rgba(t.paper, 120), line_width_min_pixels=0.5, pickable=True, extruded=False,
    )  # fmt: skip


def layered_deck(
    layers: Sequence[pdk.Layer],
    boundaries: Boundaries | None,
    districts: pl.DataFrame,
    view: View,
    dark: bool = False,
    selected: str | None = None,
    radii: Mapping[str, float] | None = None,
) -> RawDeck:
    """Layers (data by `spliced`) between clickable blank districts below and their names and a scale bar above.

    A district's tooltip is its `text`, if there is such a column, else its label; radii: see `placement.fitting`.
    """
    told = "text" if "text" in districts.columns else "label"
    names = dict(districts.select("district_code", told).iter_rows())
    bare = [
        {
            **f,
            "properties": {
                "fill": rgba(theme.tokens(dark).card),
                "district_code": _code(f),
                "text": names.get(_code(f), ""),
            },
        }
        for f in (boundaries or {}).get("features", [])
    ]
    ground = [_areas("districts", bare, dark, pickable=True)] if bare else []
    outline = _outline(boundaries, selected, dark) if boundaries else []
    above = [_labels(districts, boundaries, view, selected, dark, radii), *_scale_bar(view, dark)]
    return _compose([*ground, *layers, *outline, *above], view, dark)


def spliced(json_text: str) -> _Json:
    """Text that is already JSON, as the data of a layer of `layered_deck`."""
    return _Json(json_text)


def city_deck(
    cities: pl.DataFrame, selected: str | None = None, view: View | None = None, dark: bool = False
) -> RawDeck:
    """Cities (city_id, label, lon, lat, text) as labelled points on a graticule, without any border."""
    t, known = theme.tokens(dark), cities.drop_nulls(["lon", "lat"])
    rows = known.select("city_id", "label", "lon", "lat", "text").to_dicts()
    for row in rows:
        chosen = row["city_id"] == selected
        row |= {"fill": rgba(t.brick if chosen else t.steel), "line": rgba(t.paper), "size": 8 if chosen else 6}
    view = view or view_of(known)
    names = _labels(
        known.rename({"city_id": "district_code"}),
        None,
        view,
        selected,
        dark,
        {row["city_id"]: row["size"] for row in rows},
    )
    return _compose([_graticule(dark), _circles("cities", rows), names], view, dark)


def clicked(event: Mapping[str, Any] | None, layer: str = "districts", field: str = "district_code") -> str | None:
    """The code of the object clicked on a layer, from a chart's event or its selection; None if nothing is selected."""
    selection = (event or {}).get("selection", event) or {}
    found = (selection.get("objects") or {}).get(layer) or []
    if not found:
        return None
    thing = found[0] or {}
    code = thing.get(field, (thing.get("properties") or {}).get(field))
    return None if code is None else str(code)


def legend(
    kind: str,
    low: float | None,
    high: float | None,
    neutral: float | None = None,
    unit: str = "",
    dark: bool = False,
    missing: str = "",
    places: int | None = None,
) -> str:
    """A small HTML legend with the ends of the scale that the map uses for values from low to high."""
    t, ends = theme.tokens(dark), limits([low, high], kind, neutral)
    grey = f'<span class="swatch" style="background:{t.missing}"></span><span>{html.escape(missing)}</span>'
    if ends is None:
        return f'<div class="legend">{grey if missing else ""}</div>'
    if places is None:
        places = 0 if kind != "diverging" and all(float(end).is_integer() for end in ends) else 1
    marks = (ends[0], sum(ends) / 2, ends[1]) if kind == "diverging" else ends
    parts = [f"<span>{tables.number(marks[0], places)}</span>"]
    for start, stop in itertools.pairwise(marks):
        stops = [shade(start + (stop - start) * step / 10, ends, kind, dark) for step in range(11)]
        parts.append(f'<span class="ramp" style="background:linear-gradient(90deg,{",".join(stops)})"></span>')
        parts.append(f"<span>{tables.number(stop, places)}</span>")
    return f'<div class="legend">{"".join(parts)}<span>{html.escape(unit)}</span>{grey if missing else ""}</div>'


def _compose(layers: Sequence[pdk.Layer], view: View, dark: bool) -> RawDeck:
    """The deck of the layers with their tables spliced in; no argument here may name a map style."""
    texts = [layer.data for layer in layers]
    for place, layer in enumerate(layers):
        layer.data = f"@table {place}@"
    state = pdk.ViewState(longitude=view.lon, latitude=view.lat, zoom=view.zoom, min_zoom=0, max_zoom=16)
    skeleton = json.loads(pdk.Deck(map_provider=None, initial_view_state=state, layers=list(layers)).to_json())
    text = json.dumps(skeleton, ensure_ascii=False, separators=(",", ":"))
    t = theme.tokens(dark)
    style = {"backgroundColor": t.card, "color": t.ink, "border": f"1px solid {t.rule}", "fontFamily": theme.FONT}
    tooltip = {"html": _TOOLTIP, "style": {**style, "fontSize": f"{theme.CAPTION_PX}px", "padding": "6px 10px"}}
    return RawDeck(_TABLE.sub(lambda found: texts[int(found[1])], text), tooltip)


def _json(rows: Sequence[Mapping[str, Any]] | Mapping[str, Any]) -> _Json:
    return _Json(json.dumps(rows, ensure_ascii=False, allow_nan=False, separators=(",", ":")))


def rgba(colour: str, opacity: int = 255) -> list[int]:
    """The colour as deck.gl reads it: red, green, blue, opacity, each 0 to 255."""
    return [*theme.rgb(colour), opacity]


def _code(feature: Mapping[str, Any]) -> str | None:
    return (feature.get("properties") or {}).get("district_code")


def _feature(
    feature: Mapping[str, Any], texts: Mapping[str, str | None], shaded: Mapping[str, str], dark: bool
) -> dict[str, Any]:
    """The boundary with what the map needs of its district; a district without a row is grey and shows its name."""
    code = _code(feature)
    text = texts.get(code or "") or f"{feature['properties'].get('name', code)}: {tables.MISSING}"
    fill = rgba(shaded.get(code or "", theme.tokens(dark).missing))
    return {
        "type": "Feature",
        "properties": {"district_code": code, "text": text, "fill": fill},
        "geometry": feature["geometry"],
    }


def _areas(layer_id: str, features: Sequence[Mapping[str, Any]], dark: bool, pickable: bool) -> pdk.Layer:
    """Filled polygons; the fill sits on the sublayer, as Streamlit fades the fills of layers after a click."""
    return pdk.Layer(
        "GeoJsonLayer", id=layer_id, data=_json({"type": "FeatureCollection", "features": features}),
        _sub_layer_props={"polygons-fill": {"getFillColor": "@@=properties.fill"}},
        get_line_color=rgba(theme.tokens(dark).other), line_width_min_pixels=1, pickable=pickable,
    )  # fmt: skip


def _outline(boundaries: Boundaries, selected: str | None, dark: bool) -> list[pdk.Layer]:
    found = [f for f in boundaries["features"] if selected is not None and _code(f) == selected]
    if not found:
        return []
    shapes = [{"type": "Feature", "properties": {}, "geometry": feature["geometry"]} for feature in found]
    return [
        pdk.Layer(
            "GeoJsonLayer", id="selected", data=_json({"type": "FeatureCollection", "features": shapes}), filled=False,
            get_line_color=rgba(theme.tokens(dark).ink), line_width_min_pixels=2.5, pickable=False,
        )
    ]  # fmt: skip


def _bubbles(
    districts: pl.DataFrame,
    shaded: Mapping[str, str],
    selected: str | None,
    ends: tuple[float, float] | None,
    kind: str,
    dark: bool,
) -> list[dict[str, Any]]:
    """A circle per district: its area grows with an amount; around a neutral value all are of one size."""
    t, rows = theme.tokens(dark), districts.drop_nulls(["lon", "lat"]).to_dicts()
    most = max(6.0, min(26.0, 120 / math.sqrt(len(rows) or 1)))
    for row in rows:
        amount = None if row["value"] is None or ends is None or kind == "diverging" else row["value"] / ends[1]
        chosen = row["district_code"] == selected
        row |= {
            "fill": rgba(shaded[row["district_code"]], 235),
            "line": rgba(t.ink if chosen else t.other),
            "size": round(most / 2 if kind == "diverging" else 4 + (most - 4) * math.sqrt(max(amount or 0.0, 0.0)), 1),
        }
    return sorted(rows, key=lambda row: -row["size"])


def _circles(layer_id: str, rows: Sequence[Mapping[str, Any]]) -> pdk.Layer:
    return pdk.Layer(
        "ScatterplotLayer", id=layer_id, data=_json(rows), get_position="[lon, lat]", get_radius="size",
        radius_units=pdk.types.String("pixels"), get_fill_color="fill", get_line_color="line", stroked=True,
        line_width_min_pixels=1.5, pickable=True,
    )  # fmt: skip


def _labels(
    districts: pl.DataFrame,
    boundaries: Boundaries | None,
    view: View,
    selected: str | None,
    dark: bool,
    radii: Mapping[str, float] | None = None,
) -> pdk.Layer:
    """The labels that fit, in ink on a chip of paper, so that they can be read on every fill."""
    features = {_code(feature): feature for feature in (boundaries or {}).get("features", [])}
    sizes = {code: placement.area_px(feature, view) for code, feature in features.items() if code}
    places = districts.select("label", "lon", "lat", code="district_code").to_dicts()
    shown = placement.fitting(places, view, sizes, selected, radii)
    return _texts("labels", shown, dark)


def _texts(layer_id: str, rows: Sequence[Mapping[str, Any]], dark: bool) -> pdk.Layer:
    t = theme.tokens(dark)
    return pdk.Layer(
        "TextLayer", id=layer_id, data=_json(rows), get_position="position", get_text="label",
        get_size=placement.LABEL_PX, get_pixel_offset="offset",
        _sub_layer_props={"characters": {"getColor": rgba(t.ink)}},
        character_set=pdk.types.String("auto"), font_family=pdk.types.String(_FONT),
        line_height=placement.LINE_HEIGHT, background=True, get_background_color=rgba(t.paper, 190),
        background_padding=[3, 0, 3, 1], background_border_radius=3, pickable=False,
    )  # fmt: skip


def _scale_bar(view: View, dark: bool) -> list[pdk.Layer]:
    """A bar of a round length in the lower left corner; it lies on the ground, so it stays true when the map zooms."""
    long_km = placement.scale_km(view)
    long_px, left, down = long_km * 1000 / view.metres_per_pixel, -0.38 * view.width, view.height / 2 - 8
    path = [
        view.place(x, y)
        for x, y in ((left, down - 5), (left, down), (left + long_px, down), (left + long_px, down - 5))
    ]
    bar = _lines("scale", [path], theme.tokens(dark).muted, 1.5)
    word = {"position": view.place(left + long_px / 2, down), "label": f"{long_km:g} km", "offset": [0, -11]}
    return [bar, _texts("scale-label", [word], dark)]


def _graticule(dark: bool) -> pdk.Layer:
    """Meridians and parallels every 30 degrees."""
    lines = [[[lon, -80], [lon, 80]] for lon in range(-180, 181, 30)]
    lines += [[[-180, lat], [180, lat]] for lat in range(-60, 61, 30)]
    return _lines("graticule", lines, theme.tokens(dark).rule, 1)


def _lines(layer_id: str, paths: Sequence[Sequence[Sequence[float]]], colour: str, width_px: float) -> pdk.Layer:
    shapes = [
        {"type": "Feature", "properties": {}, "geometry": {"type": "LineString", "coordinates": p}} for p in paths
    ]
    return pdk.Layer(
        "GeoJsonLayer", id=layer_id, data=_json({"type": "FeatureCollection", "features": shapes}),
        get_line_color=rgba(colour), line_width_min_pixels=width_px, pickable=False,
    )  # fmt: skip
