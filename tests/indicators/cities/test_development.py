"""The Human Development Index: the published values, caps, missing figures, and the same by the composite engine."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from indicators.cities.composite import Recipe, city_composite
from indicators.cities.development import DEVELOPMENT, human_development
from indicators.cities.structure import structure_from_paths

FACTS = Path(__file__).parents[3].parent / "shared" / "facts" / "composite_vectors_hdi.csv"
GOLDEN = Path(__file__).parents[2] / "golden" / "human_development" / "undp_2021"
POSTS = {
    "life_expectancy_years": ("health", 20.0, 85.0, "linear"),
    "expected_schooling_years": ("education", 0.0, 18.0, "linear"),
    "mean_schooling_years": ("education", 0.0, 15.0, "linear"),
    "gni_per_capita_ppp2017": ("income", 100.0, 75000.0, "log"),
}
"""Dimension, goalposts and curve of every figure."""


def test_caps_and_missing_figures():
    rows = pl.DataFrame(
        [("top", 99.0, 30.0, 20.0, 1e6), ("none", 99.0, None, 20.0, 1e6), ("floor", 10.0, 0.0, 0.0, 1.0)],
        schema=list(DEVELOPMENT.schema), orient="row",
    )  # fmt: skip
    result = human_development(rows)
    assert dict(result.select("city_id", "hdi").iter_rows()) == {"floor": 0.0, "none": None, "top": 1.0}
    assert result.filter(pl.col("city_id") == "none").select("health", "education", "rank").row(0) == (1.0, None, None)
    assert human_development(rows.clear()).is_empty()


def by_engine(figures: pl.DataFrame) -> dict[str, float]:
    long = figures.unpivot(index="city_id", variable_name="indicator_id")
    schema = ["indicator_id", "path", "low", "high", "curve"]
    posts = pl.DataFrame([(name, *post) for name, post in POSTS.items()], schema=schema, orient="row")
    built = structure_from_paths(posts, group_kinds={"education": "arithmetic"})
    result = city_composite(long, built, Recipe("goalposts", "geometric", (0.0, 1.0)))
    return dict(result.filter(pl.col("element_id") == "index").select("city_id", "score").iter_rows())


def test_the_composite_engine_gives_the_same_index():
    figures = pl.read_csv(f"{GOLDEN}_input.csv")
    expected = dict(human_development(figures).select("city_id", "hdi").iter_rows())
    assert by_engine(figures) == pytest.approx(expected, abs=1e-12)


@pytest.mark.reference
@pytest.mark.skipif(not FACTS.exists(), reason="the facts file is not here")
def test_every_published_value():
    told = pl.read_csv(FACTS).rename({"iso3": "city_id"})
    figures = told.select(list(DEVELOPMENT.schema))
    found = human_development(figures, places=3)
    both = told.join(found, on="city_id", validate="1:1")
    assert both.height == 101
    assert both.filter((pl.col("hdi") - pl.col("hdi_published")).abs() > 1e-12).is_empty()
    assert by_engine(figures) == pytest.approx(dict(human_development(figures).select("city_id", "hdi").iter_rows()))
