"""The points of a file of enterprises: which coordinate system they are in, shown on the map, asked, never guessed."""

from __future__ import annotations

import polars as pl
import streamlit as st

from data import registry
from data.ingest import Checked
from data.ingest.coordinates import SYSTEMS, disagreement, placement, to_wgs84
from indicators.clustering.hexagons import hexagons
from pages.parts import cached, maps, tables
from pages.parts.clustering import cached_firms
from pages.parts.session import Visit

SIDE_M, MOST = 1_000.0, 20_000
FAR_DEGREES = 1.2  # a point farther out lies in another city, or its longitude and latitude are swapped
ASKED = ("coord_system_not_agreed", "mixed_coord_systems", "missing_header", "bad_coord_system")


def agreed(key: str) -> str | None:
    """The coordinate system the analyst has chosen; None while nothing is chosen."""
    return st.session_state.get(f"_coordinates_{key}")


def question(visit: Visit, key: str, found: Checked, city_id: str) -> None:
    """The box of coordinate systems with the share of points inside their stated district, and two maps to compare."""
    points = _points(found)
    if not points.height:
        return
    with st.container(border=True):
        st.markdown(f"**{visit.say('desk.coordinates')}**")
        st.caption(visit.say("desk.coordinates_note"))
        shapes = cached.city_boundaries(visit.home, city_id)
        placed = placement(points, shapes) if shapes else None
        names = {system: _named(visit, system, placed) for system in SYSTEMS}
        now = agreed(key)
        widget = f"coordinates_{key}"
        st.radio(
            visit.say("desk.coordinates_asked"), list(names), index=list(names).index(now) if now in names else None,
            format_func=names.__getitem__, key=widget, on_change=_agree, args=(key, widget),
        )  # fmt: skip
        if placed is not None and now and (other := disagreement(placed, now)):
            st.warning(visit.say("desk.disagreement", chosen=now, other=other))
        for column, system in zip(
            st.columns(2), ("WGS84", now if now not in (None, "WGS84") else "GCJ-02"), strict=True
        ):
            with column:
                _map(visit, points, system, city_id, shapes, f"{key}-{system}")


def _agree(key: str, widget: str) -> None:
    st.session_state[f"_coordinates_{key}"] = st.session_state[widget]


def _named(visit: Visit, system: str, placed: pl.DataFrame | None) -> str:
    """The system, what happens to the points, and how many fall into the district their row states."""
    said = visit.say("desk.as_is") if system == "WGS84" else visit.say("desk.convert", system=system)
    if placed is None or not placed["n"][0]:
        return said
    row = placed.row(by_predicate=pl.col("coord_system") == system, named=True)
    return f"{said} · {visit.say('desk.placed', n=row['n'], share=tables.percent(row['share_pct']))}"


def _points(found: Checked) -> pl.DataFrame:
    """lon, lat, district_code of the rows as the file has them; no rows where it has no such columns."""
    places = {field: header for header, field in found.mapping.items()}
    if not {"lon", "lat"} <= set(places):
        return pl.DataFrame(schema={"lon": pl.Float64, "lat": pl.Float64, "district_code": pl.String})
    names = dict(zip(found.table.header, found.table.columns, strict=True))
    cells = found.table.frame.head(MOST)
    codes = registry.districts()
    known = {}
    for code, zh, en in codes.select("district_code", "name_zh", "name_en").iter_rows():
        known |= {code: code, zh: code} | ({en: code} if en else {})
    district = (
        pl.col(names[places["district_code"]]).str.strip_chars().replace_strict(known, default=None)
        if "district_code" in places
        else pl.lit(None, pl.String)
    )
    rows = cells.select(
        *(
            pl.col(names[places[name]]).str.strip_chars().cast(pl.Float64, strict=False).alias(name)
            for name in ("lon", "lat")
        ),
        district_code=district,
    )
    return rows.filter(pl.col("lon").is_between(-180, 180) & pl.col("lat").is_between(-90, 90))


def _near(labels: pl.Series, axis: str) -> pl.Expr:
    """Whether points lie at most FAR_DEGREES beyond the label points of the city's districts."""
    low, high = float(labels.min() or 0), float(labels.max() or 0)  # type: ignore[arg-type]
    return pl.col(axis).is_between(low - FAR_DEGREES, high + FAR_DEGREES)


def _map(
    visit: Visit, points: pl.DataFrame, system: str, city_id: str, shapes: dict[str, object] | None, key: str
) -> None:
    """Where the points fall if they are in this system."""
    st.caption(_named(visit, system, None))
    epsg = cached_firms.epsg(city_id)
    if epsg is None:
        return
    lon, lat = to_wgs84(points["lon"].to_numpy(), points["lat"].to_numpy(), system)
    ids = pl.Series("enterprise_id", [str(place) for place in range(points.height)])
    districts = registry.districts_of(city_id).select(
        "district_code", visit.named().alias("label"), lon="centroid_lon", lat="centroid_lat"
    )
    placed = pl.DataFrame({"lon": lon, "lat": lat}).with_columns(ids)
    near = placed.filter(*(_near(districts[axis], axis) for axis in ("lon", "lat")))
    if far := placed.height - near.height:
        st.caption(visit.say("desk.far_points", far=f"{far:,}", n=f"{placed.height:,}"))
    if not near.height:
        return
    cells = hexagons(near, epsg, SIDE_M)
    drawn = maps.hexagon_deck(cells, shapes, districts, maps.view_of(cells, width=330), visit.dark)
    st.pydeck_chart(drawn, height=300, key=f"points-{key}", alt=_named(visit, system, None))
