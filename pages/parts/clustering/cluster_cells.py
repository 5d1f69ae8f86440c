"""Which cells of industry and district a visitor sees: the largest industries, small cells blank outside one's own."""

from __future__ import annotations

import polars as pl

from data import registry
from pages.parts.clustering.cached_concentration import industry_names
from pages.parts.clustering.cached_firms import Lens
from pages.parts.session import Visit, minimum_cell

LARGEST = 12


def shown(visit: Visit, lens: Lens, rows: pl.DataFrame) -> pl.DataFrame:
    """The largest industries with names; cells under the minimum are blank for those outside their district.

    Columns in: those of `specialisation`. Added: industry_code, district, total, value (the quotient, may be blank).
    """
    largest = rows.group_by("industry").agg(total=pl.col("n").sum())
    largest = largest.sort("total", "industry", descending=[True, False]).head(LARGEST)
    titles = industry_names(visit, lens.scheme)
    rows = rows.join(largest, on="industry").rename({"industry": "industry_code"})
    rows = rows.with_columns(
        industry=pl.col("industry_code").replace_strict(titles, default=pl.col("industry_code")).cast(pl.String)
    )
    places = registry.districts_of(lens.selection.city_id).select("district_code", district=visit.named())
    rows = rows.join(places, on="district_code")
    if lens.selection.district_code is not None:
        rows = rows.filter(district_code=lens.selection.district_code)
    inside = visit.viewer.scope.districts or frozenset()
    visible = pl.col("shown") | pl.col("district_code").is_in(sorted(inside)) | (minimum_cell(visit) == 1)
    rows = rows.with_columns(
        pl.when(visible).then(pl.col("location_quotient")).alias("value"),
        *(pl.when(visible).then(pl.col(end)).alias(end) for end in ("low", "high")),
        pl.when(visible | (pl.col("n") == 0)).then(pl.col("n")).alias("n"),
    )
    return rows.sort("total", "industry", "district_code", descending=[True, False, False])
