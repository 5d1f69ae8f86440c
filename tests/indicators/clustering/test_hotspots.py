"""Hot spots: published scores, exact chances, false alarms, everything that has no score."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from indicators.clustering.hotspots import hot_spot_summary, hot_spots, local_statistics
from indicators.frames import ContractError

FACTS = Path(__file__).parents[4] / "shared" / "facts"
SIX = pl.DataFrame(
    {
        "x_m": [10.0, 20.0, 40.0, 15.0, 30.0, 30.0],
        "y_m": [10.0, 10.0, 10.0, 20.0, 20.0, 30.0],
        "value": [2.0, 3.0, 3.2, 5.0, 8.0, 7.0],
    }
)
reference = pytest.mark.skipif(not FACTS.exists(), reason="the reference files are absent")


def rhombus(side: int, values: np.ndarray) -> pl.DataFrame:
    q, r = (axis.ravel() for axis in np.meshgrid(np.arange(side), np.arange(side), indexing="ij"))
    return pl.DataFrame({"q": q, "r": r, "n": values})


def test_row_weights_give_the_same_scores():
    """A package whose variance holds for weights of 0 and 1 only gives -0.6207 for the first place."""
    binary, row = (local_statistics(SIX, 15.0, weights, coordinates="metres") for weights in ("binary", "row"))
    assert row["z_gi"].to_list() == pytest.approx(binary["z_gi"].to_list(), abs=1e-12)
    assert row["z_gi_star"].to_list() == pytest.approx(binary["z_gi_star"].to_list(), abs=1e-12)
    assert row["z_gi"][0] == pytest.approx(-1.0136728986, abs=1e-7)


@pytest.mark.parametrize("mean", [0.2, 0.5, 1.0, 3.0])
def test_no_structure_gives_no_more_alarms_than_promised(mean):
    """A package that counts ties in the upper tail only calls up to a third of such maps cold at 0.01."""
    shares = []
    for seed in range(4):
        counts = np.random.default_rng(seed).poisson(mean, 3600)
        table = hot_spots(rhombus(60, counts))
        shares.append([(table["p_hi"] < 0.01).mean(), (table["p_lo"] < 0.01).mean()])
        assert table["p_two_sided"].max() <= 1
        assert (table["kind"] != "none").sum() <= 2
    high, low = np.mean(shares, axis=0)
    assert high <= 0.0125
    assert low <= 0.0125
    assert high + low <= 0.02


def test_a_crowd_is_a_hot_spot_and_a_hole_a_cold_one():
    counts = np.random.default_rng(2).poisson(5.0, 900).reshape(30, 30)
    counts[4:9, 4:9], counts[20:26, 20:26] = 40, 0
    table = hot_spots(rhombus(30, counts.ravel()))
    kind = {(q, r): kind for q, r, kind in table.select("q", "r", "kind").rows()}
    assert {kind[q, r] for q in range(5, 8) for r in range(5, 8)} == {"hot"}
    assert {kind[q, r] for q in range(22, 24) for r in range(22, 24)} == {"cold"}
    quadrant = {(q, r): word for q, r, word in table.select("q", "r", "quadrant").rows()}
    assert (quadrant[6, 6], quadrant[23, 23]) == ("HH", "LL")
    assert table["way"].unique().to_list() == ["exact"]


def test_empty_cells_are_part_of_the_frame():
    counts = np.zeros((20, 20), int)
    counts[9:12, 9:12] = 3
    whole = hot_spots(rhombus(20, counts.ravel()))
    held = hot_spots(rhombus(20, counts.ravel()).filter(pl.col("n") > 0))
    assert whole.filter(pl.col("kind") == "hot").height > 0
    assert held["reason"].unique().to_list() == ["constant"]  # the cells that hold something are all alike


def test_a_constant_map_has_no_scores_and_no_findings():
    table = hot_spots(rhombus(4, np.full(16, 7)))
    assert table["reason"].unique().to_list() == ["constant"]
    assert table.select("z_gi_star", "z_gi", "moran_i").null_count().row(0) == (16, 16, 16)
    assert table.select(pl.col("p_hi", "p_lo", "p_two_sided", "q_hot", "q_cold").min()).row(0) == (1.0,) * 5
    assert table["quadrant"].unique().to_list() == ["unclassified"]


def test_a_cell_without_neighbours_says_so_and_is_not_tested():
    cells = pl.DataFrame({"q": [0, 1, 2, 9], "r": [0, 0, 0, 9], "n": [1, 2, 3, 50]})
    alone = hot_spots(cells).filter(pl.col("q") == 9).row(0, named=True)
    assert (alone["n_neighbours"], alone["reason"], alone["z_gi_star"], alone["p_hi"]) == (0, "no_neighbours", None, 1)
    assert alone["q_hot"] == 1.0
    q_of_three = hot_spots(cells).filter(pl.col("q") < 9)
    assert q_of_three["q_hot"].min() >= q_of_three["p_hi"].min()


def test_where_every_cell_is_near_there_is_nothing_to_compare():
    table = hot_spots(pl.DataFrame({"q": [0, 1, 0], "r": [0, 0, 1], "n": [1, 2, 4]}))
    assert table["reason"].to_list() == ["everything_near"] * 3
    assert table["p_hi"].to_list() == [1.0] * 3
    assert table["moran_i"].null_count() == 3


def test_one_cell_that_holds_everything_has_no_gi_but_a_gi_star():
    counts = np.zeros(25, int)
    counts[12] = 9
    table = hot_spots(rhombus(5, counts)).filter((pl.col("q") == 2) & (pl.col("r") == 2)).row(0, named=True)
    assert table["z_gi"] is None
    assert table["z_gi_star"] > 0
    assert table["reason"] is None


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 5), min_size=16, max_size=16), st.integers(0, 99))
def test_the_order_of_rows_changes_nothing(counts, seed):
    cells = rhombus(4, np.array(counts))
    assert_frame_equal(hot_spots(cells.sample(fraction=1.0, shuffle=True, seed=seed)), hot_spots(cells))


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=16, max_size=16), st.sampled_from([0.25, 3.0]))
def test_scores_do_not_depend_on_the_unit(counts, factor):
    cells = rhombus(4, np.array(counts, float))
    scores = ("z_gi_star", "z_gi", "moran_i")
    scaled = hot_spots(cells.with_columns(pl.col("n") * factor), way="draws", draws=99)
    assert_frame_equal(scaled.select(scores), hot_spots(cells).select(scores), abs_tol=1e-9)


def test_jobs_are_drawn_and_close_to_counted():
    counts = np.random.default_rng(8).poisson(2.0, 400)
    counted, drawn = (hot_spots(rhombus(20, counts), way=way) for way in ("exact", "draws"))
    assert drawn["way"].unique().to_list() == ["draws"]
    assert (counted["p_hi"] - drawn["p_hi"]).abs().max() < 0.01
    revenue = rhombus(20, counts * 1.5).rename({"n": "revenue"})
    assert hot_spots(revenue, "revenue")["way"].unique().to_list() == ["draws"]
    assert_frame_equal(hot_spots(revenue, "revenue"), hot_spots(revenue, "revenue"))


def test_the_summary_says_whether_cold_could_be_found():
    sparse = np.random.default_rng(1).poisson(0.2, 900)
    row = hot_spot_summary(rhombus(30, sparse)).row(0, named=True)
    zeros = int((sparse == 0).sum())
    chance = np.prod([(zeros - k) / (899 - k) for k in range(6)])
    assert row["least_p_cold"] == pytest.approx(chance)
    assert row["least_p_cold"] > 0.05
    assert (row["n_cells"], row["n_cold"], row["expected_moran"]) == (900, 0, -1 / 899)
    striped = hot_spot_summary(rhombus(20, np.repeat([0, 10], 200))).row(0, named=True)
    assert striped["global_moran"] > 0.8
    assert striped["n_hot"] > 50


@pytest.mark.parametrize(
    ("cells", "options", "told"),
    [
        ({"q": [0], "r": [0], "n": [None]}, {}, "the value is empty"),
        ({"q": [0, 0], "r": [0, 0], "n": [1, 1]}, {}, "given in an earlier row"),
        ({"q": [0], "r": [0]}, {}, "column n is missing"),
        ({"q": [0], "r": [0], "n": [1]}, {"way": "guess"}, "way 'guess' is not accepted"),
        ({"q": [0], "r": [0], "n": [1]}, {"level": 1.0}, "level 1 is not accepted"),
        ({"q": [0, 1, 2, 3], "r": [0] * 4, "n": [0.5, 1, 2, 3]}, {"way": "exact"}, "is no count"),
    ],
)
def test_wrong_input_is_refused(cells, options, told):
    schema = {"n": pl.Float64} if cells.get("n") == [None] else None
    with pytest.raises(ContractError, match=told):
        hot_spots(pl.DataFrame(cells, schema_overrides=schema), **options)


def test_degrees_and_wrong_weights_are_refused():
    with pytest.raises(ContractError, match="look like degrees"):
        local_statistics(SIX, 15.0)
    with pytest.raises(ContractError, match="weights 'queen'"):
        local_statistics(SIX, 15.0, weights="queen")


@pytest.mark.reference
@reference
@pytest.mark.parametrize("distance", [30, 90, 150])
def test_reference_scores_of_getis_and_ord(distance):
    file = pl.read_csv(FACTS / "cluster_vectors_getisord.csv")
    floats = file.select(x_m=pl.col("x").cast(float), y_m=pl.col("y").cast(float), value=pl.col("val").cast(float))
    table = local_statistics(floats, float(distance), draws=99)
    assert (table["z_gi"] - file[f"Gi_z_{distance}"]).abs().max() < 1e-9
    assert (table["z_gi_star"] - file[f"Gistar_z_{distance}"]).abs().max() < 1e-9
    if distance == 30:
        assert (table["moran_i"] - file["local_moran_30"]).abs().max() < 1e-9
    published = json.loads((FACTS / "cluster_vectors_getisord.json").read_text(encoding="utf-8"))["published"]
    value = next((row["Gistar"] for row in published if row["d"] == distance), None)
    shown = table["z_gi_star"][119] * np.sqrt(255 / 256)  # the 1996 paper
    assert value is None or round(float(shown), 2) == value


@pytest.mark.reference
@reference
def test_reference_scores_of_six_places():
    case = json.loads((FACTS / "cluster_vectors_gi_six_points.json").read_text(encoding="utf-8"))
    table = local_statistics(SIX, 15.0, coordinates="metres")
    assert table["z_gi"].to_list() == pytest.approx(case["Gi_z"], abs=case["tol"])
    assert table["z_gi_star"].to_list() == pytest.approx(case["Gistar_z"], abs=case["tol"])
    moran = case["local_moran_z_total_randomisation"]["Ii"]
    assert table["moran_i"].to_list() == pytest.approx(moran, abs=1e-8)
