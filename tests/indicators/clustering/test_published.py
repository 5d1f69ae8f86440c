"""Published tables: suppressed is not zero, published totals, and every quotient BLS printed."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.clustering.published import cell_quotients, implied_base_shares, published_quotients
from indicators.clustering.specialisation import location_quotients
from indicators.frames import ContractError

FACTS = Path(__file__).parents[3].parent / "shared" / "facts"
small = settings(max_examples=30, deadline=None)
amounts = st.lists(
    st.tuples(st.sampled_from("xyz"), st.sampled_from("abc"), st.integers(1, 50)),
    min_size=1,
    unique_by=lambda row: row[:2],
)


def cells_of(rows: list[tuple], codes: list[str] | None = None) -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema=["district_code", "industry_code", "amount"], orient="row")
    frame = frame.with_columns(pl.col("amount").cast(pl.Float64))
    return frame if codes is None else frame.with_columns(pl.Series("disclosure_code", codes, dtype=pl.String))


@small
@given(amounts)
def test_a_table_of_counts_gives_what_the_enterprises_give(rows):
    firms = [(region, industry) for region, industry, n in rows for _ in range(n)]
    frame = pl.DataFrame(firms, schema=["district_code", "industry_code"], orient="row").with_row_index("enterprise_id")
    known = location_quotients(frame.with_columns(pl.col("enterprise_id").cast(pl.String)))
    found = cell_quotients(cells_of(rows))
    for name in ("location_quotient", "share_pct", "low", "high"):
        assert found[name].to_list() == pytest.approx(known[name].to_list(), nan_ok=True), name
    assert found["shown"].to_list() == known["shown"].to_list()


def test_a_suppressed_cell_is_no_zero_and_marks_the_totals_it_is_missing_from():
    rows = [("x", "a", 10), ("x", "b", 20), ("y", "a", 30), ("y", "b", 0), ("z", "a", 0)]
    table = cell_quotients(cells_of(rows, ["", "", "", "N", "-"]))
    hidden = table.filter("suppressed").row(0, named=True)
    assert (hidden["amount"], hidden["location_quotient"], hidden["reason"]) == (None, None, "suppressed")
    assert table["total_amount"].to_list() == [60.0] * 6
    assert not table["totals_complete"].any()
    assert table["low"].null_count() == 6
    zero = table.filter(pl.col("district_code") == "z").row(0, named=True)
    assert (zero["amount"], zero["reason"], zero["suppressed"]) == (0.0, "region_total_zero", False)


def test_published_totals_stand_in_place_of_the_sums():
    rows = cells_of([("x", "a", 10), ("y", "a", 0)], ["", "N"]).with_columns(
        region_amount=pl.Series([100.0, 50.0]), industry_amount=30.0, total_amount=600.0
    )
    table = cell_quotients(rows)
    assert table["location_quotient"].to_list() == [(10 / 100) / (30 / 600), None]
    assert table["totals_complete"].all()
    low, high = table.select("low", "high").row(0)
    variance = 1 / 10 - 1 / 100 - 1 / 30 - 1 / 600 + 2 * 10 / (100 * 30)
    assert high / low == pytest.approx(2.718281828459045 ** (2 * 1.959963984540054 * variance**0.5))


def test_employees_have_no_interval_and_are_shown_by_their_enterprises():
    rows = cells_of([("x", "a", 1000), ("x", "b", 20), ("y", "a", 30)])
    alone = cell_quotients(rows, measure="employees")
    assert alone["shown"].to_list() == [None, None, None, False]  # the pair without a row has no enterprise
    counted = cell_quotients(rows.with_columns(n=pl.Series([5.0, 4.0, 12.0])), measure="employees")
    assert counted["shown"].to_list() == [True, False, True, False]
    assert counted["ranked"].to_list() == [False, False, True, False]
    assert counted["high"].null_count() == 4
    assert counted["location_quotient"][0] == pytest.approx((1000 / 1020) / (1030 / 1050))


def test_a_pair_given_twice_is_refused():
    with pytest.raises(ContractError, match="given in an earlier row"):
        cell_quotients(cells_of([("x", "a", 1), ("x", "a", 2)]))


def test_a_published_quotient_is_judged_by_its_last_digit():
    row = {"amount": [10.0], "region_amount": [100.0], "base_share_low": [0.05], "base_share_high": [0.05]}
    for printed, inside, equal in ((2.0, True, True), (2.005, True, False), (2.006, False, False)):
        found = published_quotients(pl.DataFrame(row | {"published": [printed]})).row(0, named=True)
        assert (found["location_quotient"], found["inside"], found["rounds_equal"]) == (2.0, inside, equal)
    for missing in ({"region_amount": [0.0]}, {"disclosure_code": ["N"]}, {"amount": [None]}):
        found = published_quotients(pl.DataFrame(row | {"published": [2.0]} | missing)).row(0, named=True)
        assert (found["location_quotient"], found["inside"]) == (None, None)


def test_the_base_is_found_out_by_whether_the_regions_agree():
    everything, private = [100.0, 200.0, 400.0], [90.0, 100.0, 390.0]
    rows = pl.DataFrame({"industry_code": "a", "amount": [10.0, 30.0, 20.0], "region_amount": everything})
    printed = (rows["amount"] / rows["region_amount"] / 0.08).round(2)
    assert implied_base_shares(rows.with_columns(published=printed))["consistent"].all()
    wrong = rows.with_columns(published=printed, region_amount=pl.Series(private))
    assert not implied_base_shares(wrong)["consistent"].any()


def counties(count: str, total: str, printed: str, low: str, high: str) -> pl.DataFrame:
    """All rows of the published file with the bounds of the national share; establishments are never suppressed."""
    names = ("lq_published_qcew_nj_2016q4.csv", "lq_published_qcew_us_share_bounds_2016q4.csv")
    file, national = (pl.read_csv(FACTS / name, infer_schema=False) for name in names)
    keys = ["own_code", "agglvl_code", "industry_code"]
    code = pl.coalesce(pl.col("disclosure_code", "lq_disclosure_code").replace("", None))
    wanted = {
        count: "amount",
        total: "region_amount",
        printed: "published",
        low: "base_share_low",
        high: "base_share_high",
    }
    return file.join(national, on=keys, how="left").select(
        *keys,
        "area_fips",
        *(pl.col(name).cast(pl.Float64).alias(to) for name, to in wanted.items()),
        (code if count == "month3_emplvl" else pl.lit(None, pl.String)).alias("disclosure_code"),
    )


JOBS = ("month3_emplvl", "area_total_emp_m3", "lq_month3_emplvl", "us_emp_share_lo", "us_emp_share_hi")
PLACES = ("qtrly_estabs_count", "area_total_estabs", "lq_qtrly_estabs_count", "us_estab_share_lo", "us_estab_share_hi")
reference = [
    pytest.mark.reference,
    pytest.mark.skipif(not FACTS.is_dir(), reason="the reference files are not here"),
]


@pytest.mark.parametrize(
    ("columns", "fewest"),
    [pytest.param(JOBS, 3_322, marks=reference), pytest.param(PLACES, 5_179, marks=reference)],
)
def test_every_published_quotient_is_inside_its_rounding_interval(columns, fewest):
    rows = counties(*columns)
    found = published_quotients(rows)
    judged = found.filter(~pl.col("suppressed"), pl.col("inside").is_not_null())
    assert judged.height >= fewest
    assert judged["inside"].all()
    assert judged["rounds_equal"].all()
    assert found.filter("suppressed")["location_quotient"].null_count() == found["suppressed"].sum()


@pytest.mark.parametrize(
    ("columns", "groups", "same"),
    [pytest.param(JOBS, 266, 1, marks=reference), pytest.param(PLACES, 373, 6, marks=reference)],
)
def test_the_base_of_the_published_quotients_is_all_ownerships_and_not_the_same_one(columns, groups, same):
    private = counties(*columns).filter(pl.col("own_code") == "5")
    own = private.filter(pl.col("agglvl_code") == "71").select("area_fips", pl.col("amount").alias("own_total"))
    private = private.join(own, on="area_fips")
    by = ("agglvl_code", "industry_code")
    everybody = implied_base_shares(private, by).filter(pl.col("n_regions") >= 5)
    alone = implied_base_shares(private.with_columns(region_amount=pl.col("own_total")), by)
    assert (everybody.height, everybody["consistent"].sum()) == (groups, groups)
    assert alone.filter(pl.col("n_regions") >= 5)["consistent"].sum() == same
