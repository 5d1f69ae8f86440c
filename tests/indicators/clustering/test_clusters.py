"""Clusters of enterprises: members, table, ground, industries, names."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from pyproj import Transformer

from indicators.clustering.cluster_names import DISTRICTS, PARKS, cluster_names, parks_inside
from indicators.clustering.cluster_shapes import shapes
from indicators.clustering.clusters import cluster_industries, cluster_members, cluster_table
from indicators.frames import ContractError

EPSG = 32650
BACK = Transformer.from_crs(EPSG, 4326, always_xy=True)
X0, Y0 = 450_000.0, 4_417_000.0


def firms(*groups: tuple[float, float, int], spread: float = 100.0, seed: int = 1, **more) -> pl.DataFrame:
    """Groups (metres east and north of a corner of Beijing, how many)."""
    rng = np.random.default_rng(seed)
    places = [rng.uniform(-spread, spread, (n, 2)) + np.array([X0 + x, Y0 + y]) for x, y, n in groups]
    lon, lat = BACK.transform(*np.vstack(places).T)
    rows = pl.DataFrame({"lon": lon, "lat": lat} | more)
    return rows.with_columns(
        pl.format("E{}", pl.int_range(pl.len()).cast(pl.String).str.zfill(4)).alias("enterprise_id")
    )


def members_of(**columns) -> pl.DataFrame:
    n = len(columns["cluster"])
    base = {"enterprise_id": [f"E{i:03d}" for i in range(n)], "x_m": [X0] * n, "y_m": [Y0] * n}
    return pl.DataFrame(base | columns, schema_overrides={"cluster": pl.UInt32})


def park(park_id: str, x: float, y: float, precision: str = "site", name: str | None = "园") -> dict:
    lon, lat = BACK.transform(X0 + x, Y0 + y)
    names = {"park_id": park_id, "name_zh": name, "name_en": None}
    return names | {"lon": lon, "lat": lat, "coord_precision": precision}


def test_clusters_are_numbered_by_size_and_the_rest_is_in_none():
    rows = firms((0, 0, 25), (5_000, 0, 40), (9_000, 0, 3))
    members = cluster_members(rows, EPSG)
    sizes = members.group_by("cluster").len().sort("cluster", nulls_last=True)
    assert sizes.rows() == [(1, 40), (2, 25), (None, 3)]
    assert members.filter(pl.col("cluster").is_null())["core"].any() is False
    assert (members["x_m"].head(25) - X0).abs().max() < 101


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(0, 99))
def test_the_order_of_an_upload_changes_nothing(seed, order):
    rows = firms((0, 0, 30), (700, 0, 30), (350, 200, 10), spread=250.0, seed=seed)
    shuffled = rows.sample(fraction=1.0, shuffle=True, seed=order)
    assert_frame_equal(cluster_members(shuffled, EPSG), cluster_members(rows, EPSG))


def test_table_counts_places_persons_and_industries():
    codes = ["86"] * 12 + ["87"] * 8 + [None] * 5 + ["87"] * 20
    persons = [10] * 5 + [None] * 20 + [7] * 20
    rows = firms((0, 0, 25), (5_000, 0, 20), industry_code=codes, employees=persons)
    table = cluster_table(cluster_members(rows, EPSG), EPSG)
    first, second = table.rows(named=True)
    assert (first["n_enterprises"], first["n_sites"], first["employees"], first["n_unknown"]) == (25, 25, 50, 20)
    assert (first["leading_industry"], first["leading_n"], first["leading_share_pct"]) == ("86", 12, 60.0)
    assert first["leading_lq"] == pytest.approx((12 / 20) / (12 / 40))
    assert first["diversity"] == pytest.approx(1 / (0.6**2 + 0.4**2))
    assert (second["n_industries"], second["diversity"], second["employees"]) == (1, 1.0, 140)
    assert first["density_per_km2"] == pytest.approx(25 / (first["area_m2"] / 1e6))


def test_without_employees_or_industries_those_columns_are_empty():
    row = cluster_table(cluster_members(firms((0, 0, 25)), EPSG), EPSG).row(0, named=True)
    assert (row["employees"], row["leading_industry"], row["diversity"], row["n_industries"]) == (None, None, None, 0)
    assert row["n_unknown"] == 25


def test_three_hundred_enterprises_on_one_point():
    lon, lat = BACK.transform(X0, Y0)
    rows = pl.DataFrame({"enterprise_id": [str(i) for i in range(300)], "lon": [lon] * 300, "lat": [lat] * 300})
    members = cluster_members(rows, EPSG)
    hull, hexes = (cluster_table(members, EPSG, kind).row(0, named=True) for kind in ("hull", "hexagons"))
    assert (hull["n_enterprises"], hull["n_sites"], hull["area_m2"], hull["density_per_km2"]) == (300, 1, None, None)
    assert hull["outline_wkt"] is None
    assert hexes["area_m2"] == pytest.approx(1.5 * math.sqrt(3) * 100**2, rel=1e-6)


def test_places_on_one_line_have_no_hull():
    line = members_of(cluster=[1] * 4, x_m=[X0 + k * 0.1 for k in range(4)], y_m=[Y0 + k * 0.3 for k in range(4)])
    assert shapes(line, EPSG).is_empty()
    assert cluster_table(line, EPSG)["area_m2"].to_list() == [None]


def test_outlines_hold_their_enterprises():
    rows = firms((0, 0, 60), (4_000, 0, 40), spread=200.0)
    members = cluster_members(rows, EPSG)
    for kind, grace in (("hull", 1e-6), ("hexagons", 1e-6)):
        found = shapes(members.drop_nulls("cluster"), EPSG, kind)
        for cluster, _, text in found.rows():
            own = members.filter(pl.col("cluster") == cluster)
            assert shapely.contains_xy(
                shapely.from_wkt(text).buffer(grace), own["lon"].to_numpy(), own["lat"].to_numpy()
            ).all()


def test_leading_industries_come_with_quotient_and_interval():
    codes = ["86"] * 12 + ["87"] * 8 + ["90"] * 5 + ["87"] * 20
    rows = firms((0, 0, 25), (5_000, 0, 20), industry_code=codes)
    table = cluster_industries(cluster_members(rows, EPSG), leading=2)
    assert table.select("cluster", "rank", "industry_code", "n").rows() == [
        (1, 1, "86", 12),
        (1, 2, "87", 8),
        (2, 1, "87", 20),
    ]
    assert table["location_quotient"].to_list() == pytest.approx([(12 / 25) / (12 / 45), (8 / 25) / (28 / 45), 45 / 28])
    assert (table["low"].fill_null(0) <= table["location_quotient"]).all()


def test_no_firms_and_no_clusters_give_no_rows():
    none = firms((0, 0, 3))
    for rows in (none, none.clear()):
        members = cluster_members(rows, EPSG)
        table = cluster_table(members, EPSG)
        assert table.is_empty()
        assert table.schema["outline_wkt"] == pl.String
        assert cluster_industries(members).is_empty()
        assert parks_inside(members, pl.DataFrame([park("P", 0, 0)]), EPSG).is_empty()


@pytest.mark.parametrize(
    ("lon", "lat", "told"), [(0.0, 0.0, r"\(0, 0\)"), (39.9, 116.4, "latitude"), (200.0, 39.0, "180")]
)
def test_points_that_are_no_place_are_refused(lon, lat, told):
    rows = pl.DataFrame({"enterprise_id": ["a"], "lon": [lon], "lat": [lat]})
    with pytest.raises(ContractError, match=told):
        cluster_members(rows, EPSG)


def test_wrong_options_are_refused():
    with pytest.raises(ContractError, match="degrees are no distances"):
        cluster_members(firms((0, 0, 3)), 4326)
    with pytest.raises(ContractError, match="footprint 'circle'"):
        cluster_table(members_of(cluster=[1]), EPSG, "circle")


def test_a_park_lies_in_the_cluster_next_to_it():
    members = members_of(cluster=[1, 2, None], x_m=[X0, X0 + 2_000, X0 + 5_000])
    parks = [park("A", 299, 0), park("B", 0, 301), park("C", 2_000, 0), park("D", 5_000, 0)]
    parks += [park("E", 0, 0, "district_centroid"), {**park("F", 0, 0), "lon": None}]
    assert parks_inside(members, pl.DataFrame(parks), EPSG).rows() == [(1, "A", 1), (2, "C", 1)]


def test_names_come_from_the_park_then_from_the_district():
    members = members_of(
        cluster=[1, 1, 1, 2, 2, 3, 4], x_m=[X0, X0 + 10, X0 + 400, X0 + 9_000, X0 + 9_000, X0 + 20_000, X0 + 40_000]
    ).with_columns(district_code=pl.Series(["1", "1", "1", "2", "2", "2", None]))
    parks = pl.DataFrame([park("B", 0, 0, name="乙园"), park("A", 405, 0, name="甲园")])
    districts = pl.DataFrame({"district_code": ["2"], "name_zh": ["朝阳区"], "name_en": ["Chaoyang"]})
    names = cluster_names(members, parks, districts, EPSG)
    assert names.select("named_by", "place_id", "name_zh", "name_en", "n_parks", "park_ids").rows() == [
        ("park", "B", "乙园", None, 2, "B|A"),
        ("district", "2", "朝阳区 1", "Chaoyang 1", 0, None),
        ("district", "2", "朝阳区 2", "Chaoyang 2", 0, None),
        ("none", None, None, None, 0, None),
    ]


def test_names_need_neither_parks_nor_districts():
    names = cluster_names(
        members_of(cluster=[1, 2]), pl.DataFrame(schema=PARKS.schema), pl.DataFrame(schema=DISTRICTS.schema), EPSG
    )
    assert names["named_by"].to_list() == ["none", "none"]
    with pytest.raises(ContractError, match="coord_precision is missing"):
        parks_inside(members_of(cluster=[1]), pl.DataFrame([park("P", 0, 0)]).drop("coord_precision"), EPSG)
