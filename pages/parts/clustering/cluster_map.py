"""The layers of the map of clusters: hot and cold hexagons, outlines of clusters, places of enterprises."""

from __future__ import annotations

import html
import json
from typing import Any

import polars as pl
import pydeck as pdk
import shapely

from pages.parts import maps, theme
from pages.parts.maps import rgba, spliced

STRONG_Q = 0.001  # from here on a spot has its full colour
SITE_M = 14.0  # what a place covers on the ground: a speck on the map of a city, a disc on that of a street


def outlines(clusters: pl.DataFrame, chosen: str | None, dark: bool = False) -> pdk.Layer:
    """The layer `clusters`: outlines (mark, text, outline_wkt), the chosen one filled; a click gives its mark.

    A cluster without an outline (all on one place or one line) is left out: it has no ground to draw.
    """
    t = theme.tokens(dark)
    features = []
    for mark, text, outline in clusters.drop_nulls("outline_wkt").select("mark", "text", "outline_wkt").iter_rows():
        shape = shapely.set_precision(shapely.from_wkt(outline), 10.0**-maps.DECIMALS)
        here = mark == chosen
        look = {"fill": rgba(t.brick, 70 if here else 14), "line": rgba(t.ink if here else t.plum, 235)}
        features.append(
            {"type": "Feature", "properties": {"mark": mark, "text": text, **look}, "geometry": _plain(shape)}
        )
    data = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False, separators=(",", ":"))
    return pdk.Layer(
        "GeoJsonLayer", id="clusters", data=spliced(data),
        _sub_layer_props={"polygons-fill": {"getFillColor": "@@=properties.fill"}},
        get_line_color="properties.line", line_width_min_pixels=1.6, pickable=True,
    )  # fmt: skip


def _plain(shape: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(shapely.to_geojson(shape))
    return found


def spots(cells: pl.DataFrame, dark: bool = False) -> pdk.Layer:
    """The layer `hotspots`: hexagons (ring, kind, text, q) in brick (hot) and steel (cold), paler the less certain."""
    t = theme.tokens(dark)
    drawn = cells.filter(pl.col("kind") != "none")
    rows = drawn.select(
        pl.col("ring").list.eval(pl.element().list.eval(pl.element().round(maps.DECIMALS))),
        "text",
        fill=pl.Series(
            [
                rgba(t.brick if kind == "hot" else t.steel, 230 if q <= STRONG_Q else 140)
                for kind, q in drawn.select("kind", "q").iter_rows()
            ],
            dtype=pl.List(pl.Int64),
        ),
    )
    return pdk.Layer(
        "PolygonLayer", id="hotspots", data=spliced(rows.write_json()), get_polygon="ring",
        _sub_layer_props={"fill": {"getFillColor": "@@=fill"}},
        get_line_color=rgba(t.paper, 120), line_width_min_pixels=0.5, pickable=True, extruded=False,
    )  # fmt: skip


def places(sites: pl.DataFrame, unit: str, dark: bool = False, names: pl.DataFrame | None = None) -> pdk.Layer:
    """The layer `firms`: one disc a place (lon, lat, n), true to scale, so that it is seen from near by only.

    names: lon, lat, names: what stands above the count in the hover text, where a register names its enterprises.
    """
    t = theme.tokens(dark)
    count = pl.format("{} {}", "n", pl.lit(unit))
    if names is not None and names.height:
        sites = sites.join(names, on=["lon", "lat"], how="left", maintain_order="left")
        count = pl.concat_str(pl.col("names"), count, separator="\n", ignore_nulls=True)
    rows = sites.select(
        pl.col("lon", "lat").round(maps.DECIMALS),
        size=(SITE_M * pl.col("n").cast(pl.Float64).sqrt()).round(0),
        text=count,
    )
    return pdk.Layer(
        "ScatterplotLayer", id="firms", data=spliced(rows.write_json()), get_position="[lon, lat]", get_radius="size",
        radius_max_pixels=16, get_fill_color=rgba(t.ink, 170), pickable=True,
    )  # fmt: skip


def spot_legend(hot: str, cold: str, dark: bool = False) -> str:
    """The legend of hot and cold spots; a word for a kind that cannot be found stands in place of its colour.

    >>> spot_legend("hot & certain", "").count("swatch")
    1
    """
    t, parts = theme.tokens(dark), []
    for colour, word in ((t.brick, hot), (t.steel, cold)):
        if word:
            parts.append(f'<span class="swatch" style="background:{colour}"></span><span>{html.escape(word)}</span>')
    return f'<div class="legend">{"".join(parts)}</div>'
