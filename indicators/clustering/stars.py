"""Stars of clusters: one each for size, specialisation, productivity and growth, with the rank behind each.

Source: European Cluster Observatory (size, specialisation, focus; 2013), European Cluster Panorama (size,
specialisation, productivity, growth). The cut-offs are arguments and stand in the result.
"""

from __future__ import annotations

import polars as pl

from indicators.clustering.published import cell_quotients
from indicators.frames import Column, Contract, require

STRENGTHS = {
    "size": "amount",
    "specialisation": "location_quotient",
    "productivity": "productivity",
    "growth": "growth_pct",
}
"""What a star is given for, and the column that is ranked."""

FEW_REGIONS = 50
"""Under so many regions the best tenth is a handful: read the rank, not the star (our choice)."""

REGIONS = Contract(
    "regions of an industry",
    (
        Column("district_code", pl.String, "code", "the region"),
        Column("industry_code", pl.String, "code", "the industry"),
        Column(
            "amount", pl.Float64, "persons or enterprises", "size of the industry in the region", low=0, nullable=True
        ),
        Column(
            "location_quotient",
            pl.Float64,
            "ratio",
            "absent = from the amounts of the file",
            low=0,
            nullable=True,
            optional=True,
        ),
        Column("productivity", pl.Float64, "as given", "such as wages per person", nullable=True, optional=True),
        Column(
            "growth_pct", pl.Float64, "per cent", "growth of the industry in the region", nullable=True, optional=True
        ),
    ),
    key=("district_code", "industry_code"),
)
"""One row per region and industry."""


def cluster_stars(regions: pl.DataFrame, top_pct: float = 10.0, quotient: float = 2.0) -> pl.DataFrame:
    """How many stars the cluster of an industry in a region has, and its rank among the regions for each.

    Formula: among the regions of one industry that have a value, rank 1 = the largest, equal values share the better
    rank.
    A star for size, productivity and growth: rank <= top_pct per cent of the regions, rounded down, at least 1; for
    specialisation: location_quotient >= quotient. stars = number of stars, stars_of = strengths that could be judged.
    Columns in: district_code, industry_code (text), amount Float64 (0 = none: it has no cluster and no star), optional
    location_quotient (absent: from the amounts, base all rows given), productivity, growth_pct Float64 (may be empty).
    Columns out: district_code, industry_code, amount, location_quotient, then for each of size, specialisation,
    productivity, growth: <name>_rank UInt32, <name>_star Boolean (null: no value); n_regions UInt32 (regions with
    the industry),
    stars, stars_of UInt32, few_regions Boolean (under 50: print "rank 2 of 16", the star is one or two regions).
    Sorted.
    No rows give no rows. Raises ContractError. Source: see the module; cut-offs 10 per cent and 2 as published,
    arguments here.

    >>> table = pl.DataFrame({"district_code": ["x", "y", "z"], "industry_code": "a", "amount": [60.0, 30.0, 10.0],
    ...     "location_quotient": [2.5, 2.0, 0.1]})
    >>> cluster_stars(table).select("size_rank", "size_star", "specialisation_star", "stars", "stars_of").rows()
    [(1, True, True, 2, 2), (2, False, True, 1, 2), (3, False, False, 0, 2)]
    """
    rows = require(regions, REGIONS)
    if "location_quotient" not in rows.columns:
        pair = ["district_code", "industry_code"]
        known = cell_quotients(rows.select(*pair, "amount")).select(*pair, "location_quotient")
        rows = rows.join(known, on=pair, how="left")
    absent = [name for name in STRENGTHS.values() if name not in rows.columns]
    rows = rows.with_columns(pl.lit(None, pl.Float64).alias(name) for name in absent)
    here = pl.col("amount") > 0
    ranked = rows.with_columns(
        _rank(pl.when(here).then(pl.col(value))).alias(f"{name}_rank") for name, value in STRENGTHS.items()
    )
    starred = ranked.with_columns(
        *(_star(name, value, top_pct, quotient) for name, value in STRENGTHS.items()),
        here.sum().over("industry_code").cast(pl.UInt32).alias("n_regions"),
    )
    stars = [pl.col(f"{name}_star") for name in STRENGTHS]
    columns = [f"{name}_{part}" for name in STRENGTHS for part in ("rank", "star")]
    return (
        starred.with_columns(
            pl.sum_horizontal(stars).cast(pl.UInt32).alias("stars"),
            pl.sum_horizontal(star.is_not_null() for star in stars).cast(pl.UInt32).alias("stars_of"),
            (pl.col("n_regions") < FEW_REGIONS).alias("few_regions"),
        )
        .select(
            "district_code",
            "industry_code",
            "amount",
            "location_quotient",
            *columns,
            "n_regions",
            "stars",
            "stars_of",
            "few_regions",
        )
        .sort("district_code", "industry_code")
    )


def _rank(value: pl.Expr) -> pl.Expr:
    return value.rank("min", descending=True).over("industry_code").cast(pl.UInt32)


def _star(name: str, value: str, top_pct: float, quotient: float) -> pl.Expr:
    """Whether the rank, or for specialisation the quotient, reaches the cut-off; null where nothing is known."""
    rank = pl.col(f"{name}_rank")
    places = (rank.count().over("industry_code") * (top_pct / 100.0) + 1e-9).floor().clip(lower_bound=1.0)
    reached = pl.col(value) >= quotient if name == "specialisation" else rank <= places
    return pl.when(rank.is_not_null()).then(reached).alias(f"{name}_star")
