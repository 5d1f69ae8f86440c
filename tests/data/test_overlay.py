"""Stored rows over shipped ones: cell by cell, nothing lost, nothing made up."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from data import registry
from data.overlay import overlay, with_own_places

CELLS = st.one_of(st.none(), st.sampled_from("abc"))
ROWS = st.dictionaries(st.sampled_from("PQRST"), st.tuples(CELLS, CELLS), max_size=5)
SCHEMA = {"id": pl.String, "x": pl.String, "y": pl.String}


def frame(rows, **more):
    return pl.DataFrame([(key, *cells) for key, cells in rows.items()], SCHEMA, orient="row").with_columns(**more)


@given(ROWS, ROWS)
def test_a_stored_cell_goes_before_the_shipped_one_and_an_empty_one_leaves_it(shipped, stored):
    seen = overlay(frame(shipped), frame(stored, is_synthetic=pl.lit(True)).lazy(), ["id"]).collect()
    assert seen["id"].to_list() == [*shipped, *(key for key in stored if key not in shipped)]
    for key, x, y, synthetic, origin in seen.select("id", "x", "y", "is_synthetic", "origin").iter_rows():
        under, over = shipped.get(key, (None, None)), stored.get(key, (None, None))
        assert (x, y) == tuple(o if o is not None else u for o, u in zip(over, under, strict=True))
        assert synthetic is (key in stored)
        assert origin == ("stored" if key in stored else "register")


def test_columns_that_only_stored_rows_have_come_with_them():
    shipped = pl.DataFrame({"id": ["P"], "name": ["old"]})
    stored = pl.LazyFrame({"id": ["P"], "grade": ["A"], "is_synthetic": [False]})
    assert overlay(shipped, stored, ["id"]).collect().row(0, named=True) == {
        "id": "P", "name": "old", "grade": "A", "is_synthetic": False, "origin": "stored",
    }  # fmt: skip


def test_a_stored_position_is_a_site_and_a_stored_district_has_its_name():
    stored = pl.LazyFrame(
        {
            "park_id": ["BJ-018", "BJ-005", "X-1", "X-2"],
            "lon": [116.5, None, None, 116.4],
            "lat": [39.9, None, None, 39.9],
            "district_code": [None, "110106", "110105", None],
            "source_title": ["实测", None, None, None],
            "is_synthetic": [False] * 4,
        },
        schema_overrides={"lon": pl.Float64},
    )
    register = registry.parks()
    seen = with_own_places(overlay(register, stored, ["park_id"]), stored, register, registry.districts()).collect()
    shown = ("park_id", "lon", "coord_precision", "coord_source", "district_zh")
    rows = {row[0]: row[1:] for row in seen.select(shown).iter_rows()}
    assert rows["BJ-018"] == (116.5, "site", "实测", "朝阳区")
    assert rows["BJ-005"][1::2] == ("district_centroid", "丰台区")
    assert rows["X-1"] == (None, "none", None, "朝阳区")
    assert rows["X-2"] == (116.4, "site", None, None)
    rest = seen.filter(pl.col("origin") == "register").select(register.columns)
    assert rest.equals(register.filter(~pl.col("park_id").is_in(["BJ-018", "BJ-005"])))


def test_a_stored_row_that_repeats_point_and_district_leaves_what_is_said_of_them():
    """An edit of another cell takes the point along: 23 foreign districts and 13 sources of points stay."""
    register = registry.parks()
    own = pl.when(pl.col("coord_precision") == "site")
    stored = register.lazy().select(
        "park_id", "district_code", *(own.then(name).alias(name) for name in ("lon", "lat")),
        is_synthetic=pl.lit(False), source_title=pl.lit("another source"),
    )  # fmt: skip
    seen = with_own_places(overlay(register, stored, ["park_id"]), stored, register, registry.districts()).collect()
    same = [name for name in register.columns if name != "source_title"]
    assert seen.select(same).equals(register.select(same))


def test_a_stored_district_without_a_chinese_name_has_its_own_name():
    register = registry.parks()
    stored = pl.LazyFrame(
        {"park_id": ["PG-002"], "district_code": ["PGH-72"], "lon": [None], "lat": [None], "source_title": [None]},
        schema_overrides={"lon": pl.Float64, "lat": pl.Float64, "source_title": pl.String},
    ).with_columns(is_synthetic=pl.lit(False))
    seen = with_own_places(overlay(register, stored, ["park_id"]), stored, register, registry.districts()).collect()
    assert seen.filter(park_id="PG-002")["district_zh"].item() == registry.district_name("PGH-72")


def test_a_register_without_places_is_left_alone():
    bare = pl.LazyFrame({"park_id": ["P1"]})
    seen = with_own_places(bare, bare, bare.collect(), registry.districts())
    assert seen.collect().columns == ["park_id"]
