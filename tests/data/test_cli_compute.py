"""`compute`: the list, the help, the golden results, every method on its documented columns, and what is refused."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from data.cli.entry import main
from indicators.frames import Column
from indicators.methods import METHODS, Method

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
REQUIRED = {
    "changes": {"value": "figure"},
    "group_contributions": {"by": "park_id"},
    "hexagons": {"epsg": "32650"},
    "park_linkage": {"chains": "a>b"},
    "relative_density": {"industry": "a"},
    "cell_counts": {"epsg": "32650", "outline": "POLYGON ((116 39, 117 39, 117 40, 116 39))", "side_m": "5000"},
    "cluster_industries": {"epsg": "32650"},
    "cluster_members": {"epsg": "32650"},
    "cluster_snapshots": {"epsg": "32650"},
    "clusters": {"epsg": "32650"},
    "hexagon_frame": {"epsg": "32650", "side_m": "5000"},
    "survival_test": {"by": "industry_code"},
    "ratio_figures": {"numerator": "a", "denominator": "b"},
    "runs": {"value": "figure"},
    "suppress": {"values": "figure"},
}
SAMPLES = {"lon": "116.4", "lat": "39.9", "item_weight": "1", "weight": "1", "district_code": "110105"} | {
    "up_pct": "40",
    "same_pct": "35",
    "down_pct": "25",
    "year": "2026",
    "services": "canteen; transport",
    "base_share_low": "0.5",
    "base_share_high": "0.5",
    "low": "0",
    "high": "10",
    "parent_id": "",
    "path": "soft",
    "x_m": "500000",
    "y_m": "4400000",
    "outline_wkt": '"POLYGON ((116 39, 117 39, 117 40, 116 39))"',
}


@pytest.fixture(autouse=True)
def _language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARK_LANG", "en")


def written(folder: Path, text: str, encoding: str = "utf-8") -> str:
    (folder / "rows.csv").write_text(text, encoding=encoding)
    return str(folder / "rows.csv")


def test_compute_list_names_every_method(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compute", "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(METHODS)
    assert all(method.summary in line for method, line in zip(METHODS.values(), lines, strict=True))


@pytest.mark.parametrize("method", METHODS.values(), ids=list(METHODS))
def test_compute_help_tells_columns_units_options_and_source(
    capsys: pytest.CaptureFixture[str], method: Method
) -> None:
    assert main(["compute", method.name, "--help"]) == 0
    said = capsys.readouterr().out
    assert all(f"{name} ({unit})" in said for name, unit in method.columns_out)
    assert all(f"--{name}: {option.note}" in said for name, option in method.options.items())
    assert method.source in said
    assert all(column.unit in said and column.note in said for column in method.columns_in.columns)


@pytest.mark.parametrize(
    "case", sorted(path.stem.removesuffix("_input") for path in (GOLDEN / "prosperity_index").glob("*_input.csv"))
)
def test_compute_gives_the_golden_result(capsysbinary: pytest.CaptureFixture[bytes], case: str, tmp_path: Path) -> None:
    file = GOLDEN / "prosperity_index" / f"{case}_input.csv"
    expected = pl.read_csv(GOLDEN / "prosperity_index" / f"{case}_expected.csv")
    assert main(["compute", "prosperity_index", str(file)]) == 0
    printed = capsysbinary.readouterr().out
    assert_frame_equal(pl.read_csv(printed), expected, check_dtypes=False, abs_tol=1e-9)
    assert main(["compute", "prosperity_index", str(file), "--by", "period", "--out", str(tmp_path / "out.csv")]) == 0
    assert (tmp_path / "out.csv").read_bytes() == printed


def sample(column: Column) -> str:
    """A value the column accepts."""
    if column.name in SAMPLES:
        return SAMPLES[column.name]
    if column.allowed:
        return str(column.allowed[0])
    if column.dtype == pl.Date or column.name == "period":
        return "2026-10" if column.month or column.dtype == pl.String else "2026-10-05"
    return "a" if column.dtype == pl.String else "7"


@pytest.mark.parametrize("method", METHODS.values(), ids=list(METHODS))
def test_every_method_runs_on_its_documented_columns(
    capsysbinary: pytest.CaptureFixture[bytes], tmp_path: Path, method: Method
) -> None:
    required = REQUIRED.get(method.name, {})
    chosen = {name: option.default for name, option in method.options.items()} | required
    columns = method.contract(chosen).columns
    text = ",".join(column.name for column in columns) + "\n" + ",".join(map(sample, columns)) + "\n"
    options = [word for name, value in required.items() for word in (f"--{name}", value)]
    assert main(["compute", method.name, written(tmp_path, text), *options]) == 0
    header = capsysbinary.readouterr().out.decode().splitlines()[0].split(",")
    documented = [name for name, _ in method.columns_out if " " not in name]
    assert set(documented) <= set(header)


@pytest.mark.parametrize(
    ("text", "words", "code", "told"),
    [
        ("period,park_id,item_id,answer\n2026-10,a,b,sideways\n", [], 1, "sideways"),
        ("period,park_id,item_id\n2026-10,a,b\n", [], 1, "column answer is missing"),
        ("period,park_id,item_id,answer\n2026-10,a,b\n", [], 1, "2"),
        ("period,park_id,item_id,answer\n2026-10,a,b,up\n", ["--by", "city_id"], 1, "city_id"),
        ("", [], 1, "empty"),
        ("period,park_id,item_id,answer\n2026-10,a,b,up\n", ["--out", "/nowhere/at/all.csv"], 2, "--out"),
    ],
)
def test_compute_refuses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, words: list[str], code: int, told: str
) -> None:
    assert main(["compute", "shares", written(tmp_path, text), *words]) == code
    said = capsys.readouterr()
    assert said.out == ""
    assert told in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize(("epsg", "code"), [("pigs", 2), ("0", 1), ("4326", 1), ("999999", 1)])
def test_compute_refuses_a_projection(tmp_path: Path, epsg: str, code: int) -> None:
    file = written(tmp_path, "enterprise_id,lon,lat\nE1,116.4,39.9\n")
    assert main(["compute", "hexagons", file, "--epsg", epsg]) == code


def test_compute_keeps_headers_and_takes_dashes(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    file = written(tmp_path, "line,n,figure\nx,9,1.5\ny,2,2.5\n", encoding="utf-8-sig")
    assert main(["compute", "suppress", file, "--values", "figure"]) == 0
    assert "line" in capsysbinary.readouterr().out.decode().splitlines()[0]
    points = written(tmp_path, "enterprise_id,lon,lat\nE1,116.4,39.9\n")
    assert main(["compute", "hexagons", points, "--epsg", "32650", "--side-m", "250"]) == 0
