"""Stars and ranks: cut-offs, ties, few regions, what is not known."""

from __future__ import annotations

import polars as pl
import pytest

from indicators.clustering.stars import FEW_REGIONS, cluster_stars


def regions_of(n: int, **columns: list) -> pl.DataFrame:
    frame = pl.DataFrame({"district_code": [f"r{i:03d}" for i in range(n)], "industry_code": "a"})
    return frame.with_columns(pl.Series(name, values, dtype=pl.Float64) for name, values in columns.items())


@pytest.mark.parametrize(
    ("top_pct", "n", "stars"), [(10.0, 16, 1), (10.0, 20, 2), (20.0, 16, 3), (10.0, 100, 10), (1.0, 16, 1)]
)
def test_the_best_share_of_the_regions_gets_the_star(top_pct, n, stars):
    found = cluster_stars(regions_of(n, amount=list(range(1, n + 1))), top_pct)
    assert found["size_star"].sum() == stars
    assert found.filter(pl.col("size_rank") == 1)["district_code"].item() == f"r{n - 1:03d}"
    assert found["few_regions"].all() == (n < FEW_REGIONS)
    assert set(found["n_regions"]) == {n}


def test_equal_values_share_the_better_rank_and_the_star():
    found = cluster_stars(regions_of(4, amount=[5, 9, 9, 1]))
    assert found["size_rank"].to_list() == [3, 1, 1, 4]
    assert found["size_star"].to_list() == [False, True, True, False]


def test_quotients_come_from_the_amounts_where_none_are_given():
    one = regions_of(2, amount=[30, 10])
    other = one.with_columns(industry_code=pl.lit("b"), amount=pl.Series([10.0, 50.0]))
    found = cluster_stars(pl.concat([one, other]), quotient=1.5)
    row = found.filter(district_code="r000", industry_code="a").row(0, named=True)
    assert row["location_quotient"] == pytest.approx((30 / 40) / (40 / 100))
    assert row["specialisation_star"]
    assert found.filter(district_code="r001", industry_code="a")["specialisation_star"].item() is False


def test_what_is_not_known_is_not_judged_and_what_is_absent_is_not_ranked():
    growth, quotients = [3, None, 7, 9], [1.0, 1.0, 0.0, 1.0]
    table = regions_of(4, amount=[10, 5, 0, None], growth_pct=growth, location_quotient=quotients)
    found = cluster_stars(table)
    assert found["growth_rank"].to_list() == [1, None, None, None]
    assert found["stars_of"].to_list() == [3, 2, 0, 0]
    assert found["productivity_star"].null_count() == 4
    assert set(found["n_regions"]) == {2}


def test_industries_are_ranked_apart_and_no_rows_give_no_rows():
    both = pl.concat(
        [regions_of(3, amount=[1, 2, 3]), regions_of(3, amount=[9, 8, 7]).with_columns(industry_code=pl.lit("b"))]
    )
    assert cluster_stars(both).sort("industry_code", "district_code")["size_rank"].to_list() == [3, 2, 1, 1, 2, 3]
    assert cluster_stars(both.clear()).is_empty()
    assert cluster_stars(both.clear()).schema == cluster_stars(both).schema
