"""Counts, jobs and squared sizes of every region and industry, in one pass over the enterprises."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from indicators.clustering.compiled import compiled
from indicators.frames import ENTERPRISES, Column, Contract, ContractError, require_named

Codes = npt.NDArray[np.uint8] | npt.NDArray[np.uint16] | npt.NDArray[np.uint32]
Integers = npt.NDArray[np.int64]

SUMS = ("n", "n_known", "employees", "employees_sq")
"""What is summed in a cell: enterprises, those with known employees, their employees and the squares."""

UNKNOWN = -1
"""What stands for employees that are not known inside the pass; never seen outside."""


def cell_sums(
    enterprises: pl.DataFrame, region: str = "district_code", industry: str = "industry_code"
) -> pl.DataFrame:
    """What each industry of each region adds up to: enterprises, employees and the squares an interval needs.

    Formula: n = enterprises; n_known = those with a known number of employees; employees = sum e;
    employees_sq = sum e^2 over those. One pass, compiled where numba is installed, else by Polars.
    Columns in: ``region`` and ``industry`` (text, Categorical or Enum; may be empty; Enum is quickest);
    employees (whole numbers from 0, may be empty; the column may be absent: none is known).
    Columns out: ``region``, ``industry`` String (sorted), n UInt32 (from 1), n_known UInt32, employees,
    employees_sq Int64 (persons, persons squared). A row without region or industry is left out, a cell
    without an enterprise has no row. No rows give no rows. Repeated ids are not looked for: see ``require``.
    Raises ContractError: a column is missing or of another kind, employees below 0.
    Source: our choice.

    >>> firms = pl.DataFrame({"district_code": ["r1", "r1", "r1"], "industry_code": ["a", "a", "b"],
    ...     "employees": [3, None, 5]})
    >>> cell_sums(firms).rows()
    [('r1', 'a', 2, 1, 3, 9), ('r1', 'b', 1, 1, 5, 25)]
    """
    contract = _contract(region, industry)
    require_named(enterprises, [region, industry], contract)
    persons = _persons(enterprises, contract)
    across, regions = _coded(enterprises[region], contract)
    down, industries = _coded(enterprises[industry], contract)
    loop = compiled(_sums_loop)
    if loop is None:
        return _grouped(enterprises.select(region, industry), persons, region, industry)
    sums = np.zeros((len(regions) + 1, len(industries) + 1, len(SUMS)), dtype=np.int64)
    loop(across, down, persons.to_numpy(), sums)
    flat = sums[:-1, :-1].reshape(-1, len(SUMS))
    names = pl.DataFrame({region: regions}).join(pl.DataFrame({industry: industries}), how="cross")
    table = names.with_columns(pl.Series(name, flat[:, k]) for k, name in enumerate(SUMS))
    return _finished(table.filter(pl.col("n") > 0), region, industry)


def _contract(region: str, industry: str) -> Contract:
    employees = ENTERPRISES.columns[3]
    codes = ((region, "the region"), (industry, "the industry"))
    columns = tuple(Column(name, pl.String, "code", note, nullable=True) for name, note in codes)
    return Contract("enterprises", (*columns, employees))


def _persons(enterprises: pl.DataFrame, contract: Contract) -> pl.Series:
    """Employees as whole numbers, UNKNOWN where they are not known."""
    if "employees" not in enterprises.columns:
        return pl.repeat(UNKNOWN, enterprises.height, dtype=pl.Int64, eager=True).alias("employees")
    persons = enterprises["employees"]
    if not (persons.dtype.is_integer() or persons.dtype == pl.Null):
        problem = (
            f"column employees: dtype is {persons.dtype}; accepted: a whole number not below 0, or empty; convert it."
        )
        raise ContractError(contract, [problem])
    least = persons.min()
    if isinstance(least, int) and least < 0:
        row = (persons < 0).arg_true()[0]
        problem = (
            f"column employees, row {row + 1}: {persons[row]} is not accepted; accepted: a whole number not below 0."
        )
        raise ContractError(contract, [problem + " Correct the value or leave the row out."])
    filled = persons.fill_null(UNKNOWN) if persons.null_count() else persons
    return filled if filled.dtype == pl.Int64 else filled.cast(pl.Int64)


def _coded(values: pl.Series, contract: Contract) -> tuple[Codes, pl.Series]:
    """Whole numbers in place of the codes, and the codes they stand for; the next number stands for empty."""
    if values.dtype not in (pl.String, pl.Categorical, pl.Enum, pl.Null):
        problem = f"column {values.name}: dtype is {values.dtype}; accepted: text; convert the column before the call."
        raise ContractError(contract, [problem])
    if isinstance(values.dtype, pl.Enum):
        names = values.dtype.categories
    else:
        words = values.cast(pl.String)
        names = words.drop_nulls().unique().sort()
        values = words.cast(pl.Enum(names))
    numbers = values.to_physical()
    if values.null_count():
        numbers = numbers.cast(pl.UInt32).fill_null(len(names))
    return numbers.to_numpy(), names


def _grouped(codes: pl.DataFrame, persons: pl.Series, region: str, industry: str) -> pl.DataFrame:
    """The Polars way of the pass, for a machine without numba."""
    known = pl.when(pl.col("employees") != UNKNOWN).then(pl.col("employees"))
    table = (
        codes.with_columns(persons.alias("employees"))
        .drop_nulls([region, industry])
        .group_by(region, industry)
        .agg(n=pl.len(), n_known=known.count(), employees_sq=(known * known).sum(), employees=known.sum())
    )
    return _finished(table.with_columns(pl.col(region, industry).cast(pl.String)), region, industry)


def _finished(table: pl.DataFrame, region: str, industry: str) -> pl.DataFrame:
    kinds = {"n": pl.UInt32, "n_known": pl.UInt32, "employees": pl.Int64, "employees_sq": pl.Int64}
    return table.select(region, industry, *(pl.col(name).cast(kind) for name, kind in kinds.items())).sort(
        region, industry
    )


def _sums_loop(across: Codes, down: Codes, persons: Integers, sums: npt.NDArray[np.int64]) -> None:
    """Adds every enterprise to its cell; sums has a last row and column for empty codes."""
    for k in range(across.size):
        i, j = across[k], down[k]
        size = persons[k]
        sums[i, j, 0] += 1
        if size >= 0:
            sums[i, j, 1] += 1
            sums[i, j, 2] += size
            sums[i, j, 3] += size * size
