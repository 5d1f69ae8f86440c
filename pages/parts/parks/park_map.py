"""The map of the register: one circle a district, its area the parks; a point of its own only where a park's is known.

A position that is known by district only is never drawn: its park is counted in the circle of its district.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import polars as pl
import pydeck as pdk
import streamlit as st

from data import registry
from pages.parts import blocks, cached, filters, mapped, maps, theme
from pages.parts.blocks import Foot
from pages.parts.clustering import cluster_map
from pages.parts.filters import Selection
from pages.parts.maps import rgba, spliced
from pages.parts.session import Visit

SITE = "site"
LEAST_PX, MOST_PX, SITE_PX = 4.0, 18.0, 5.0


def show(visit: Visit, selection: Selection, rows: pl.DataFrame, foot: Foot) -> None:
    """The map of the parks on record in the city; a click on a district filters, one on a park opens its page."""
    recorded = rows.filter(~pl.col("is_synthetic"))
    places = by_district(visit, selection.city_id, recorded)
    sites = of_sites(visit, recorded)
    shapes = cached.city_boundaries(visit.home, selection.city_id)
    view = maps.view_of(shapes or places, width=blocks.NARROW_MAP)
    layers = [circles(places, bare=shapes is None, dark=visit.dark), *points(sites, visit.dark)]
    radii = {row["district_code"]: row["size"] for row in sized(places)}
    drawn = maps.layered_deck(layers, shapes, numbered(places), view, visit.dark, selection.district_code, radii)
    words = [visit.say("parks.legend_circle"), visit.say("parks.legend_site") if sites.height else ""]
    foot = mapped.credited(visit, noted(visit, recorded, sites, selection, foot), shapes)
    with st.container(border=True, height="stretch"):
        st.subheader(visit.say("parks.map"), anchor=False)
        chart = f"parks-map-{st.session_state.get('district')}"

        def clicked() -> None:
            filters.on_map_click(chart, "sites", "park_id", "park")
            filters.on_map_click(chart)

        st.pydeck_chart(drawn, height=blocks.MAP_HEIGHT, key=chart, alt=visit.say("parks.map"), on_select=clicked)
        st.html(cluster_map.spot_legend(*words, visit.dark))
        told = (numbers(visit, places), visit.say("filter.map_hint_districts"), foot.line(visit))
        st.caption("  \n".join(filter(None, told)))


def noted(visit: Visit, recorded: pl.DataFrame, sites: pl.DataFrame, selection: Selection, foot: Foot) -> Foot:
    """The foot of the map: the whole city, and how many parks are drawn how."""
    lost = recorded["district_code"].null_count()
    note = visit.say("parks.map_note", sites=sites.height, lost=lost)
    city = blocks.territory(visit, Selection(selection.city_id))
    return replace(foot, territory=city, n=str(recorded.height), source=f"{foot.source} · {note}")


def by_district(visit: Visit, city_id: str, recorded: pl.DataFrame) -> pl.DataFrame:
    """district_code, label, lon, lat, n, text: every district of the city with its number of parks on record."""
    every = registry.districts_of(city_id).select(
        "district_code", label=visit.named(), lon="centroid_lon", lat="centroid_lat"
    )
    numbers = recorded.drop_nulls("district_code").group_by("district_code").agg(n=pl.len())
    filled = every.join(numbers, on="district_code", how="left", maintain_order="left").with_columns(
        pl.col("n").fill_null(0)
    )
    return filled.with_columns(text=pl.format("{}: {} {}", "label", "n", pl.lit(visit.say("unit.parks"))))


def of_sites(visit: Visit, recorded: pl.DataFrame) -> pl.DataFrame:
    """park_id, lon, lat, text: the parks whose own place is known."""
    here = recorded.filter(pl.col("coord_precision") == SITE).drop_nulls(["lon", "lat"])
    return here.select("park_id", "lon", "lat", text=pl.coalesce(visit.named(), "park_id"))


def sized(places: pl.DataFrame) -> list[dict[str, Any]]:
    """The districts with parks and a place, the largest first, each with the pixels of its circle (size)."""
    most = float(places["n"].max() or 1)  # type: ignore[arg-type]
    rows = places.filter(pl.col("n") > 0).drop_nulls(["lon", "lat"]).sort("n", descending=True).to_dicts()
    for row in rows:
        row["size"] = round(LEAST_PX + (MOST_PX - LEAST_PX) * math.sqrt(row["n"] / most), 1)
    return rows


def numbered(places: pl.DataFrame) -> pl.DataFrame:
    """The districts with the number of their parks behind their name, where there are any."""
    named = pl.format("{} {}", "label", "n")
    return places.with_columns(label=pl.when(pl.col("n") > 0).then(named).otherwise("label"))


def numbers(visit: Visit, places: pl.DataFrame) -> str:
    """The number of parks of every district that has any, the most first: also of those whose name has no room."""
    rows = numbered(places.filter(pl.col("n") > 0).sort("n", "district_code", descending=[True, False]))
    return visit.say("parks.map_numbers", numbers=visit.say("parks.comma").join(rows["label"])) if rows.height else ""


def circles(places: pl.DataFrame, *, bare: bool, dark: bool = False) -> pdk.Layer:
    """A circle a district with parks, its area growing with their number; districts without any have none.

    bare: there are no areas below to click, so the circles are the districts.
    """
    t = theme.tokens(dark)
    data = pl.DataFrame(sized(places), schema=[*places.columns, "size"]).write_json()
    return pdk.Layer(
        "ScatterplotLayer", id="districts" if bare else "circles", data=spliced(data), get_position="[lon, lat]",
        get_radius="size", radius_units=pdk.types.String("pixels"), get_fill_color=rgba(t.brick, 120),
        get_line_color=rgba(t.brick), stroked=True, line_width_min_pixels=1, pickable=bare,
    )  # fmt: skip


def points(sites: pl.DataFrame, dark: bool = False) -> list[pdk.Layer]:
    """The layer `sites`: one point a park whose own place is known; none without such parks."""
    if not sites.height:
        return []
    t = theme.tokens(dark)
    return [
        pdk.Layer(
            "ScatterplotLayer", id="sites", data=spliced(sites.write_json()), get_position="[lon, lat]",
            get_radius=SITE_PX, radius_units=pdk.types.String("pixels"), get_fill_color=rgba(t.steel),
            get_line_color=rgba(t.card), stroked=True, line_width_min_pixels=1.5, pickable=True,
        )
    ]  # fmt: skip
