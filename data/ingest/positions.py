"""Positions of a file of enterprises: one coordinate system, both halves or none, inside the city, then in WGS84."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import polars as pl

from data.ingest.coordinates import WGS84, to_wgs84
from data.ingest.problems import Note, Rule
from data.ingest.rows import Rows

Box = tuple[float, float, float, float]
# west, south, east, north in WGS84 degrees, generous; elsewhere the whole world, except Chinese points turned round
BOXES: Mapping[str, Box] = MappingProxyType(
    {
        "beijing": (115.3, 39.3, 117.7, 41.2),
        "shanghai": (120.7, 30.5, 122.4, 32.0),
        "shenzhen": (113.6, 22.2, 114.8, 23.0),
        "ruhr": (6.2, 51.0, 8.2, 52.0),
        "pittsburgh": (-80.9, 39.6, -78.9, 41.2),
    }
)
CHINA: Box = (73.4, 3.3, 135.2, 53.7)
WORLD: Box = (-180.0, -90.0, 180.0, 90.0)
DECIMALS = 7  # about 1 cm


def check_positions(rows: Rows, agreed: str | None) -> None:
    """The positions of the rows checked and brought to WGS84; what cannot be used is reported, what is odd remarked.

    agreed: the coordinate system a person says they are in; None: the one the file states, which must then be WGS84.
    Values in: lon, lat (Float64, degrees), coord_system, city_id. Values out: the same columns, lon and lat in WGS84,
    coord_system as stated in the file, else as agreed; null where a row has no position and the file states nothing.
    """
    no_lon, no_lat = _missing(rows, "lon"), _missing(rows, "lat")
    stated = rows.values["coord_system"]
    placed = ~(no_lon & no_lat)
    if not _mixed(rows, stated.filter(placed)):
        if agreed is None:
            _require_wgs84(rows, stated, placed)
        else:
            _convert(rows, agreed)
            _remark_agreement(rows, stated, agreed)
    _report_unusable(rows, no_lon, no_lat)


def _mixed(rows: Rows, stated: pl.Series) -> bool:
    """Whether the positions are stated to be in more than one coordinate system, which is reported."""
    mixed = stated.drop_nulls().n_unique() > 1
    if mixed:
        counts = stated.drop_nulls().value_counts(name="n").sort("coord_system").rows()
        shown = ", ".join(f"{system}: {count}" for system, count in counts)
        rows.report_header("coord_system", shown, Rule.MIXED_COORD_SYSTEMS)
    return mixed


def _require_wgs84(rows: Rows, stated: pl.Series, placed: pl.Series) -> None:
    """What stands against storing positions as they are while nobody has agreed to a coordinate system."""
    if not placed.any():
        return
    if not rows.has("coord_system"):
        rows.report_header("coord_system", "coord_system / 坐标系")
        return
    rows.report_where(placed & rows.missing("coord_system"), "coord_system", Rule.BAD_COORD_SYSTEM, accepted=WGS84)
    found = stated.filter(placed).drop_nulls().first()
    if found is not None and found != WGS84:
        rows.report_header("coord_system", WGS84, Rule.COORD_SYSTEM_NOT_AGREED, value=str(found))


def _convert(rows: Rows, system: str) -> None:
    if system == WGS84:
        return
    lon, lat = (rows.values[name].cast(pl.Float64) for name in ("lon", "lat"))
    found = to_wgs84(lon.fill_null(float("nan")).to_numpy(), lat.fill_null(float("nan")).to_numpy(), system)
    rows.values = rows.values.with_columns(
        pl.Series(name, half).round(DECIMALS).fill_nan(None) for name, half in zip(("lon", "lat"), found, strict=True)
    )


def _remark_agreement(rows: Rows, stated: pl.Series, agreed: str) -> None:
    """What the file said of its coordinate system and what was agreed; a row that says nothing gets what was agreed."""
    placed = rows.values.select(pl.col("lon").is_not_null() & pl.col("lat").is_not_null()).to_series()
    said = ", ".join(stated.filter(placed).drop_nulls().unique().sort()) or None
    if said != WGS84 or agreed != WGS84:
        values = {"count": int(placed.sum()), "value": said, "accepted": agreed}
        rows.notes.append(Note("note.coordinates_agreed", values))
    filled = pl.when(placed).then(pl.col("coord_system").fill_null(agreed)).otherwise("coord_system")
    rows.values = rows.values.with_columns(filled.alias("coord_system"))


def _missing(rows: Rows, name: str) -> pl.Series:
    """Whether each cell says that there is no value; a cell with a value need not be looked at."""
    empty = rows.values[name].is_null()
    return empty & rows.missing(name) if empty.any() else empty


def _report_unusable(rows: Rows, no_lon: pl.Series, no_lat: pl.Series) -> None:
    """Half a position, 0,0, the halves swapped, outside the city."""
    here = [city for city in BOXES if city in rows.values["city_id"].unique()]
    fine = rows.values.lazy().select(fine=_by_city(here, _fine)).collect()["fine"]
    odd = (~fine).arg_true()  # few: which half of theirs is wrong is asked of them only
    half = rows.values[odd].select(half=_by_city(here, _half))["half"]
    alone = no_lon != no_lat
    shown = _by_city(here, lambda box, known: pl.lit(_shown(box)))
    lon, lat = (pl.col(half).cast(pl.String).str.strip_suffix(".0") for half in ("lon", "lat"))
    swapped = pl.when(_by_city(here, _turned)).then(pl.format("lon {}, lat {}", lat, lon)).otherwise(pl.lit(""))
    rows.report_where(alone & no_lon, "lon", Rule.HALF_POSITION, accepted=shown)
    rows.report_where(alone & no_lat, "lat", Rule.HALF_POSITION, accepted=shown)
    for name in ("lon", "lat"):
        wrong = fine.clear(len(rows)).scatter(odd.filter(half == name), True)
        rows.report_where(wrong, name, Rule.BAD_COORDINATE, swapped, shown)


def _by_city(here: Sequence[str], judged: Callable[[Box, bool], pl.Expr]) -> pl.Expr:
    """For each row what the box of its city says; cities without one have the world's."""
    found = judged(WORLD, False)
    for city in here:
        found = pl.when(pl.col("city_id") == city).then(judged(BOXES[city], True)).otherwise(found)
    return found


def _turned(box: Box, known: bool) -> pl.Expr:
    """Whether a position would lie in its box with its halves swapped; without a box of its own, in China."""
    return _within(pl.col("lat"), pl.col("lon"), box if known else CHINA)


def _fine(box: Box, known: bool) -> pl.Expr:
    """Whether a position can be where its city is; null where it is not there."""
    lon, lat = pl.col("lon"), pl.col("lat")
    fine = _within(lon, lat, box) & ~_zero()
    return fine if known else fine & (~_turned(box, known) | _within(lon, lat, CHINA))


def _half(box: Box, known: bool) -> pl.Expr:
    """Which half of a position that cannot be is wrong: lon or lat."""
    turned = _turned(box, known)
    lat_only = pl.col("lon").is_between(box[0], box[2]) & ~turned & ~_zero()
    return pl.when(lat_only).then(pl.lit("lat")).otherwise(pl.lit("lon"))


def _zero() -> pl.Expr:
    return (pl.col("lon") == 0) & (pl.col("lat") == 0)


def _within(lon: pl.Expr, lat: pl.Expr, box: Box) -> pl.Expr:
    west, south, east, north = box
    return lon.is_between(west, east) & lat.is_between(south, north)


def _shown(box: Box) -> str:
    return f"lon {box[0]:g} – {box[2]:g}, lat {box[1]:g} – {box[3]:g}"
