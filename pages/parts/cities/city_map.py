"""The maps of a city's portrait: where the cities are, and where the chosen city's parks are as far as sources say.

A park whose site is known is a point; parks known by district only are one bubble per district, never stacked sites.
"""

from __future__ import annotations

from typing import Any

import polars as pl
import pydeck as pdk

from data import registry
from pages.parts import blocks, cached, mapped, maps, theme
from pages.parts.blocks import Foot
from pages.parts.cities import cached_cities, cached_portrait
from pages.parts.filters import Selection
from pages.parts.maps import rgba, spliced
from pages.parts.session import Visit

LARGEST_PX, SITE_PX = 24.0, 5.5
WORLD_PX = 280  # the cities span the world: a phone is what the first view must fit
GROUPS = ("cn_old_industrial", "cn_national", "de_national")  # have figures, are no place


def world(visit: Visit, selection: Selection) -> None:
    """Every city that has a position, labelled, without any border; a click chooses the city."""
    known = cached_cities.cities(visit.key, visit).select("city_id", "lon", "lat", label=visit.named())
    counted = cached_portrait.coverage(visit.key, visit).select("city_id", "n_present", "n_wanted")
    rows = known.join(counted, on="city_id", how="left").filter(~pl.col("city_id").is_in(GROUPS))
    placed = rows.drop_nulls(["lon", "lat"]).with_columns(
        text=pl.format(
            visit.say("cities.map_city", city="{}", n="{}", all="{}"), "label", pl.col("n_present"), pl.col("n_wanted")
        )
    )
    without = rows.filter(pl.col("lon").is_null() | pl.col("lat").is_null())["label"].to_list()
    view = maps.view_of(placed, width=WORLD_PX)
    drawn = maps.city_deck(placed.select("city_id", "label", "lon", "lat", "text"), selection.city_id, view, visit.dark)
    note = visit.say("cities.map_without", names="、".join(without) if visit.language == "zh" else ", ".join(without))
    source = f"{visit.say('cities.map_source')} · {note}" if without else visit.say("cities.map_source")
    foot = Foot(source, "published", n=str(placed.height))
    heading = visit.say("cities.map")
    blocks.deck(visit, heading, drawn, "", foot, "city-map", layer="cities", field="city_id", box="city")


def of_parks(visit: Visit, selection: Selection, name: str) -> None:
    """The parks of the chosen city: points where the site is known, else one bubble per district."""
    parks = cached_portrait.parks(visit.key, selection.city_id, visit)
    sites, counted, nowhere = by_precision(parks)
    heading = visit.say("cities.map_parks", city=name, sites=sites.height, rest=int(counted["n"].sum()))
    if not sites.height and not counted.height:
        blocks.empty(visit, "cities.map_no_parks", city=name, n=parks.height)
        return
    shapes = cached.city_boundaries(visit.home, selection.city_id)
    places = registry.districts_of(selection.city_id).select(
        "district_code", lon="centroid_lon", lat="centroid_lat", label=visit.named()
    )
    unit = visit.say("unit.parks")
    layers = [bubbles(counted.join(places, on="district_code"), unit, visit.dark), points(visit, sites)]
    where = pl.concat([places.select("lon", "lat"), sites.select("lon", "lat")])
    view = maps.view_of(shapes or where, width=blocks.NARROW_MAP)
    drawn = maps.layered_deck(layers, shapes, places, view, visit.dark, selection.district_code)
    source = f"{visit.say('source.register')} · {visit.say('cities.map_parks_note', n=nowhere)}"
    foot = mapped.credited(visit, Foot(source, "published", unit, territory=name, n=str(parks.height)), shapes)
    blocks.deck(visit, heading, drawn, "", foot, "park-places", layer="bubbles")


def by_precision(parks: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, int]:
    """(parks whose site is known, district_code and n of the parks known by district only, parks without either).

    A point that many parks share is their district's label point and is never taken for a site.
    """
    site = (pl.col("coord_precision") == "site") & pl.col("lon").is_not_null() & pl.col("lat").is_not_null()
    sites = parks.filter(site)
    rest = parks.filter(site.not_().fill_null(True))
    counted = rest.drop_nulls("district_code").group_by("district_code").agg(n=pl.len()).sort("district_code")
    return sites, counted, int(rest["district_code"].null_count())


def bubbles(counted: pl.DataFrame, unit: str, dark: bool = False) -> pdk.Layer:
    """The layer `bubbles`: one circle per district (district_code, label, lon, lat, n), its area growing with n."""
    t, most = theme.tokens(dark), float(counted["n"].max() or 1)
    rows = counted.sort("n", "district_code", descending=[True, False]).select(
        "district_code", pl.col("lon", "lat").round(maps.DECIMALS),
        text=pl.format("{}: {} {}", "label", "n", pl.lit(unit)),
        size=(4 + LARGEST_PX * (pl.col("n") / most).sqrt()).round(1),
    )  # fmt: skip
    return _circles("bubbles", rows, rgba(t.steel, 150), rgba(t.steel))


def points(visit: Visit, sites: pl.DataFrame) -> pdk.Layer:
    """The layer `sites`: one small point per park whose site is known, with its name."""
    t = theme.tokens(visit.dark)
    rows = sites.select(
        "park_id", pl.col("lon", "lat").round(maps.DECIMALS), text=visit.named(), size=pl.lit(SITE_PX)
    ).fill_null("")
    return _circles("sites", rows, rgba(t.brick), rgba(t.paper))


def _circles(layer: str, rows: pl.DataFrame, fill: list[int], line: list[int]) -> pdk.Layer:
    options: dict[str, Any] = {"get_fill_color": fill, "get_line_color": line, "stroked": True, "pickable": True}
    return pdk.Layer(
        "ScatterplotLayer", id=layer, data=spliced(rows.write_json()), get_position="[lon, lat]", get_radius="size",
        radius_units=pdk.types.String("pixels"), line_width_min_pixels=1.2, **options,
    )  # fmt: skip
