"""The Human Development Index: life expectancy, schooling and income between fixed goalposts, by geometric mean."""

from __future__ import annotations

import polars as pl

from indicators.balance import published
from indicators.frames import Column, Contract, require

DEVELOPMENT = Contract(
    "human development",
    (
        Column("city_id", pl.String, "code", "the city, country or other unit"),
        Column("life_expectancy_years", pl.Float64, "years", "life expectancy at birth", low=0, nullable=True),
        Column("expected_schooling_years", pl.Float64, "years", "expected years of schooling", low=0, nullable=True),
        Column("mean_schooling_years", pl.Float64, "years", "mean years of schooling", low=0, nullable=True),
        Column(
            "gni_per_capita_ppp2017",
            pl.Float64,
            "international dollars of 2017",
            "income per head",
            low=0,
            nullable=True,
        ),
    ),
    key=("city_id",),
)
"""One row per unit."""


def human_development(figures: pl.DataFrame, places: int | None = None) -> pl.DataFrame:
    """The Human Development Index of every unit and its three parts.

    Formula: health = (life - 20) / 65; education = mean of expected / 18 and mean / 15; income = (ln gni - ln 100) /
    (ln 75000 - ln 100); each cut to 0..1 (each part of education too); hdi = (health * education * income)^(1/3).
    Columns in: DEVELOPMENT. Columns out: city_id text, health, education, income, hdi Float64 (0..1), rank UInt32 (1 =
    highest, equal ones share the better), sorted by city_id; ``places`` rounds hdi half up, never before. A unit that
    lacks one of the four figures has no hdi. No rows give no rows. Raises ContractError. Source: UNDP, Human
    Development Report 2021/22, technical note 1.

    >>> row = pl.DataFrame({"city_id": ["AFG"], "life_expectancy_years": [61.9824],
    ...     "expected_schooling_years": [10.26384398],
    ...     "mean_schooling_years": [2.98506999], "gni_per_capita_ppp2017": [1824.190915]})
    >>> human_development(row, places=3)["hdi"].item()
    0.478
    """
    rows = require(figures, DEVELOPMENT).sort("city_id")
    expected, mean = _share("expected_schooling_years", 0, 18), _share("mean_schooling_years", 0, 15)
    income = pl.col("gni_per_capita_ppp2017").clip(100.0, 75000.0).log()
    parts = rows.select(
        "city_id",
        _share("life_expectancy_years", 20, 85).alias("health"),
        ((expected + mean) / 2.0).alias("education"),
        ((income - pl.lit(100.0).log()) / (pl.lit(75000.0).log() - pl.lit(100.0).log())).alias("income"),
    )
    product = pl.col("health") * pl.col("education") * pl.col("income")
    whole = parts.with_columns(hdi=product ** (1.0 / 3.0))
    rank = pl.col("hdi").round_sig_figs(12).rank("min", descending=True).cast(pl.UInt32).alias("rank")
    ranked = whole.with_columns(rank)
    return ranked if places is None else published(ranked, "hdi", places)


def _share(column: str, low: float, high: float) -> pl.Expr:
    return ((pl.col(column) - low) / (high - low)).clip(0.0, 1.0)
