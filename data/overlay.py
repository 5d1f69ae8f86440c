"""Stored rows laid over the rows the product ships: an entry is edited by storing what is different about it."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

REGISTER, STORED = "register", "stored"
_PLACE = ("district_code", "lon", "lat")


def overlay(shipped: pl.DataFrame, stored: pl.LazyFrame, key: Sequence[str]) -> pl.LazyFrame:
    """The shipped rows with what is stored under the same key over them, and the rows that are stored only.

    A stored cell goes before the shipped one; an empty stored cell leaves the shipped one. Columns out: those of both,
    the shipped first; is_synthetic of a row that is stored is the stored one's; origin (register, stored: has a stored
    row). Missing: null where neither says anything.

    >>> register = pl.DataFrame({"id": ["A", "B"], "name": ["old", "kept"]})
    >>> stored = pl.LazyFrame({"id": ["A", "C"], "name": ["new", None], "is_synthetic": [False, True]})
    >>> overlay(register, stored, ["id"]).collect().rows()
    [('A', 'new', False, 'stored'), ('B', 'kept', False, 'register'), ('C', None, True, 'stored')]
    """
    base = shipped.lazy()
    if "is_synthetic" not in shipped.columns:
        base = base.with_columns(is_synthetic=pl.lit(False))
    names = base.collect_schema().names()
    kept = stored.with_columns(origin=pl.lit(STORED))
    both = [name for name in names if name in kept.collect_schema().names() and name not in key]
    laid = (
        base.join(kept, on=list(key), how="left", suffix="|stored", maintain_order="left")
        .with_columns(pl.coalesce(f"{name}|stored", name).alias(name) for name in both)
        .drop(f"{name}|stored" for name in both)
        .with_columns(pl.col("origin").fill_null(REGISTER))
    )
    added = kept.join(base.select(key), on=list(key), how="anti", maintain_order="left")
    return pl.concat([laid, added], how="diagonal_relaxed")


def with_own_places(
    parks: pl.LazyFrame, stored: pl.LazyFrame, shipped: pl.DataFrame, districts: pl.DataFrame
) -> pl.LazyFrame:
    """What the register says about a park's place, put right where a stored row gives another place.

    In: parks (an `overlay`), stored (park_id, district_code, lon, lat, source_title), shipped (park_id, district_code,
    lon, lat), districts (district_code, name_zh, name_en). Columns out: those of parks. Where the stored row has
    another position than the shipped one, coord_precision is site (a shipped district point is none) and coord_source
    the stored source; a park without any is none. Where it has another district, district_zh is that district's name.
    A stored row that repeats the shipped point or district leaves what is said about it. Parks without these columns
    come back as they are.
    """
    if not {"coord_precision", "coord_source", "district_zh"} <= set(parks.collect_schema().names()):
        return parks
    name = pl.coalesce("name_zh", "name_en")
    names = districts.lazy().select("district_code", own_district=name).unique("district_code")
    places = stored.select("park_id", "district_code", "lon", "lat", own_source="source_title")
    before = shipped.lazy().select("park_id", *(pl.col(part).alias(f"{part}|shipped") for part in _PLACE))
    own = places.join(before, on="park_id", how="left").join(names, on="district_code", how="left")
    moved = pl.col("lon").ne_missing(pl.col("lon|shipped")) | pl.col("lat").ne_missing(pl.col("lat|shipped"))
    elsewhere = pl.col("district_code").ne_missing(pl.col("district_code|shipped"))
    own = own.select(
        "park_id",
        "own_source",
        own_point=pl.col("lon").is_not_null() & moved,
        own_district=pl.when(elsewhere).then("own_district"),
    )
    here = pl.col("own_point").fill_null(False)
    return (
        parks.join(own, on="park_id", how="left", maintain_order="left")
        .with_columns(
            coord_precision=pl.when(here).then(pl.lit("site")).otherwise(pl.col("coord_precision").fill_null("none")),
            coord_source=pl.when(here).then("own_source").otherwise("coord_source"),
            district_zh=pl.coalesce("own_district", "district_zh"),
        )
        .drop("own_point", "own_source", "own_district")
    )
