"""Which industries a district has more of than the whole: location quotients.

Source of the formula: Hoover (1936), Balassa (1965); base as in US Bureau of Labor Statistics,
Quarterly Census of Employment and Wages, location quotients: the total of all enterprises.
"""

from __future__ import annotations

import polars as pl

from indicators.frames import ENTERPRISES, Column, Contract, ContractError, require

MEASURES = ("enterprises", "employees")
"""What can be counted; the two are never mixed in one table."""


def location_quotients(
    enterprises: pl.DataFrame,
    region: str = "district_code",
    industry: str = "industry_code",
    measure: str = "enterprises",
    minimum: int = 5,
) -> pl.DataFrame:
    """How much more of an industry a district has than the whole; 1 = the same share as the whole.

    Formula: location_quotient = (amount / region_amount) / (industry_amount / total_amount);
    share_pct = 100 * amount / region_amount. The whole is every row given that has a region and
    an industry, so give the city to compare districts with their city, the pool of cities to
    compare with the pool. Vacant and closed premises are no enterprises: leave them out before.
    Columns in: enterprise_id, ``region`` and ``industry`` (text codes, may be empty); with measure
    "employees" also employees Int64 (persons, may be empty).
    Columns out: ``region``, ``industry`` (every pair of the two, sorted), n UInt32 (enterprises
    measured), amount, region_amount, industry_amount, total_amount Int64 (enterprises or persons),
    share_pct Float64 (per cent, 0..100), location_quotient Float64 (0 upwards), shown Boolean
    (n >= minimum: too few enterprises make the quotient jump), n_unknown UInt32 (enterprises left
    out because their employees are not known).
    A region without the industry has quotient 0 exactly. Null where the region's or the industry's
    total is 0. Where there are enterprises and none has a known number of employees, amount and
    quotient are null, not 0. One region gives 1 everywhere. Rows without region or industry are
    left out, ``unassigned`` counts them. No rows give no rows.
    Raises ContractError. Source: Hoover-Balassa; BLS (base); minimum 5 is our choice.

    >>> firms = pl.DataFrame({"enterprise_id": list("123456"), "district_code": ["r1"] * 3 + ["r2"] * 3,
    ...     "industry_code": ["a", "b", "b", "a", "a", "a"]})
    >>> location_quotients(firms).select("district_code", "industry_code", "n", "location_quotient").rows()
    [('r1', 'a', 1, 0.5), ('r1', 'b', 2, 2.0), ('r2', 'a', 3, 1.5), ('r2', 'b', 0, 0.0)]
    """
    contract = specialisation_contract(region, industry, measure)
    _require_options(contract, region, industry, measure, minimum)
    firms = require(enterprises, contract).drop_nulls([region, industry])
    value = pl.col("employees") if measure == "employees" else pl.lit(1, dtype=pl.Int64)
    cells = firms.select(region, industry, value.alias("_value")).group_by(region, industry).agg(*_sums())
    grid = firms.select(region).unique().join(firms.select(industry).unique(), how="cross")
    table = grid.join(cells, on=[region, industry], how="left").with_columns(
        pl.col("n", "n_unknown").fill_null(0),
        pl.when(pl.col("n").is_null()).then(0).otherwise(pl.col("amount")).alias("amount"),
    )
    return _quotients(_totals(table, region, industry), region, industry, minimum)


def unassigned(enterprises: pl.DataFrame, region: str = "district_code", industry: str = "industry_code") -> int:
    """How many enterprises no quotient can count, because their district or their industry is not known.

    Formula: the number of rows where ``region`` or ``industry`` is empty.
    Columns in: enterprise_id, ``region``, ``industry`` (text). Out: a count, from 0; 0 for no rows.
    Raises ContractError. Source: our choice.

    >>> firms = pl.DataFrame({"enterprise_id": ["1", "2"], "district_code": ["r1", None], "industry_code": ["a", "a"]})
    >>> unassigned(firms)
    1
    """
    firms = require(enterprises, specialisation_contract(region, industry, "enterprises"))
    return firms.height - firms.drop_nulls([region, industry]).height


def specialisation_contract(region: str, industry: str, measure: str) -> Contract:
    """The columns one table of quotients needs; employees only where persons are counted.

    >>> specialisation_contract("city_id", "culture_code", "enterprises").columns[1].name
    'city_id'
    """
    known = {column.name: column for column in ENTERPRISES.columns}
    columns = (
        known["enterprise_id"],
        known.get(region, Column(region, pl.String, "code", "the region", nullable=True)),
        known.get(industry, Column(industry, pl.String, "code", "the industry", nullable=True)),
    )
    return Contract("enterprises", columns + ((known["employees"],) if measure == "employees" else ()), ENTERPRISES.key)


def _require_options(contract: Contract, region: str, industry: str, measure: str, minimum: int) -> None:
    problems = []
    if measure not in MEASURES:
        problems.append(f"measure '{measure}' is not accepted; accepted: {' or '.join(MEASURES)}; choose one of them.")
    if region == industry:
        problems.append(f"region and industry are both '{region}'; accepted: two columns; name another column.")
    if minimum < 1:
        problems.append(f"minimum {minimum} is not accepted; accepted: a whole number from 1; give a larger minimum.")
    if problems:
        raise ContractError(contract, problems)


def _sums() -> tuple[pl.Expr, ...]:
    """Enterprises measured, enterprises without a value, and the amount: null where nothing is known."""
    known = pl.col("_value").count()
    return (
        known.cast(pl.UInt32).alias("n"),
        pl.col("_value").null_count().cast(pl.UInt32).alias("n_unknown"),
        pl.when(known > 0).then(pl.col("_value").sum()).cast(pl.Int64).alias("amount"),
    )


def _totals(table: pl.DataFrame, region: str, industry: str) -> pl.DataFrame:
    """The totals of the region, the industry and the whole; a total with nothing measured in it is null."""
    measured = pl.col("n").sum() > 0
    total = pl.col("amount").sum()
    return table.with_columns(
        pl.when(measured.over(region)).then(total.over(region)).alias("region_amount"),
        pl.when(measured.over(industry)).then(total.over(industry)).alias("industry_amount"),
        pl.when(measured).then(total).alias("total_amount"),
    )


def _quotients(table: pl.DataFrame, region: str, industry: str, minimum: int) -> pl.DataFrame:
    amount, of_region, of_industry, of_all = (
        pl.col(name).cast(pl.Float64) for name in ("amount", "region_amount", "industry_amount", "total_amount")
    )
    return (
        table.with_columns(
            pl.when(of_region > 0).then(100.0 * amount / of_region).alias("share_pct"),
            pl.when((of_region > 0) & (of_industry > 0))
            .then((amount * of_all) / (of_region * of_industry))
            .alias("location_quotient"),
            (pl.col("n") >= minimum).alias("shown"),
        )
        .select(
            *(region, industry, "n", "amount", "region_amount", "industry_amount", "total_amount"),
            *("share_pct", "location_quotient", "shown", "n_unknown"),
        )
        .sort(region, industry)
    )
