"""Counts, jobs and squared sizes of every region and industry, in one pass over the enterprises."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from indicators.clustering.compiled import compiled
from indicators.frames import ENTERPRISES, Column, Contract, ContractError, require, require_named

Codes = npt.NDArray[np.uint8] | npt.NDArray[np.uint16] | npt.NDArray[np.uint32]
Integers = npt.NDArray[np.int64]

SUMS = ("n", "n_known", "employees", "employees_sq")
"""What is summed in a cell: enterprises, those with known employees, their employees and the squares."""

UNKNOWN = -1
"""What stands for employees that are not known inside the pass; never seen outside."""

_BLOCK = 1 << 20
"""Enterprises after which the packed sums are emptied: a count and a sum of employees share 64 bits."""

_LARGE = 1 << 20
"""Employees from which an enterprise is added apart, so that a packed sum cannot overflow."""

_ONE = 1 << 41
"""One enterprise in a packed sum: its employees take the 41 bits below."""


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
    sums, regions, industries = grid_sums(enterprises, region, industry)
    i, j = np.nonzero(sums[0])
    found = {name: pl.Series(sums[k, i, j]).cast(_KINDS[name]) for k, name in enumerate(SUMS)}
    return pl.DataFrame({region: regions.gather(i), industry: industries.gather(j)} | found)


def grid_sums(enterprises: pl.DataFrame, region: str, industry: str) -> tuple[Integers, pl.Series, pl.Series]:
    """The sums of ``cell_sums`` as one array, with a place for every pair of a region and an industry.

    In: as ``cell_sums``. Out: SUMS x regions x industries Int64, the regions and the industries that occur (String,
    sorted).
    Raises ContractError. Source: our choice.

    >>> firms = pl.DataFrame({"d": ["r2", "r1"], "i": ["a", "b"], "employees": [3, 4]})
    >>> sums, regions, _ = grid_sums(firms, "d", "i")
    >>> sums[2].tolist(), regions.to_list()
    ([[0, 4], [3, 0]], ['r1', 'r2'])
    """
    contract = _contract(region, industry)
    require_named(enterprises, [region, industry], contract)
    persons, n_unknown = _persons(enterprises, contract)
    across, regions = _coded(enterprises[region], contract)
    down, industries = _coded(enterprises[industry], contract)
    sums = np.zeros((len(SUMS), len(regions) + 1, len(industries) + 1), dtype=np.int64)
    least = (compiled(_sums_loop) or _sums_grouped)(across, down, persons.to_numpy(), sums)
    if least < UNKNOWN or int(sums[0].sum() - sums[1].sum()) != n_unknown:  # a -1 that stood for itself
        _require_sizes(enterprises)
    sums = sums[:, :-1, :-1]
    kept = [_occurring(names, sums[0].sum(axis=1 - k)) for k, names in enumerate((regions, industries))]
    return sums[:, kept[0][0]][:, :, kept[1][0]], kept[0][1], kept[1][1]


def _contract(region: str, industry: str) -> Contract:
    employees = ENTERPRISES.columns[3]
    codes = ((region, "the region"), (industry, "the industry"))
    columns = tuple(Column(name, pl.String, "code", note, nullable=True) for name, note in codes)
    return Contract("enterprises", (*columns, employees))


def _persons(enterprises: pl.DataFrame, contract: Contract) -> tuple[pl.Series, int]:
    """Employees as whole numbers, UNKNOWN where they are not known, and how many are not."""
    if "employees" not in enterprises.columns or enterprises.schema["employees"] == pl.Null:
        return pl.repeat(UNKNOWN, enterprises.height, dtype=pl.Int64, eager=True).alias("employees"), enterprises.height
    persons = enterprises["employees"]
    if not persons.dtype.is_integer():
        problem = f"column employees: dtype is {persons.dtype}; accepted: a whole number not below 0, or empty"
        raise ContractError(contract, [f"{problem}; convert the column before the call."])
    if not (n_unknown := persons.null_count()):
        return persons, 0
    return (persons if persons.dtype.is_signed_integer() else persons.cast(pl.Int64)).fill_null(UNKNOWN), n_unknown


def _require_sizes(enterprises: pl.DataFrame) -> None:
    """Refuse employees below 0, by their row."""
    if "employees" in enterprises.columns:
        require(enterprises.select("employees"), Contract("enterprises", (ENTERPRISES.columns[3],)))


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


def _occurring(names: pl.Series, n: Integers) -> tuple[Integers, pl.Series]:
    """The codes that have an enterprise, in the order of the text, and their numbers."""
    words = names.to_list()
    order = sorted(np.flatnonzero(n).tolist(), key=words.__getitem__)
    return np.array(order, dtype=np.int64), pl.Series([words[k] for k in order], dtype=pl.String)


def _sums_grouped(across: Codes, down: Codes, persons: Integers, sums: Integers) -> int:
    """The Polars way of ``_sums_loop``, for a machine without numba."""
    size = pl.col("size").cast(pl.Int64)
    rows = pl.LazyFrame({"across": across, "down": down, "size": persons}).with_columns(size)
    rows = rows.with_columns(known=pl.when(pl.col("size") >= 0).then("size"))
    known = pl.col("known")
    table = (
        rows.group_by("across", "down")
        .agg(
            n=pl.len(),
            n_known=known.count(),
            employees=known.sum(),
            employees_sq=(known * known).sum(),
            least=pl.col("size").min(),
        )
        .collect()
    )
    for k, name in enumerate(SUMS):
        sums[k, table["across"].to_numpy(), table["down"].to_numpy()] = table[name].to_numpy()
    return int(min(table["least"].to_list(), default=0))


_KINDS = {"n": pl.UInt32, "n_known": pl.UInt32, "employees": pl.Int64, "employees_sq": pl.Int64}


def _sums_loop(across: Codes, down: Codes, persons: Integers, sums: Integers) -> int:
    """Adds every enterprise to its cell, in blocks; gives the least number of employees that was met."""
    n, known, jobs, squares = sums[0], sums[1], sums[2], sums[3]
    packed = np.zeros(2 * n.size, np.int64)  # of each cell: enterprises and employees in one, then the squares
    width = np.uint64(n.shape[1])  # unsigned: no check for places counted from the end
    least = np.int64(0)
    for start in range(0, across.size, _BLOCK):
        packed[:] = 0
        block = slice(start, start + _BLOCK)
        i, j, size = across[block], down[block], persons[block]
        for k in range(i.size):
            cell = (np.uint64(i[k]) * width + np.uint64(j[k])) * np.uint64(2)
            e = np.int64(size[k])
            if 0 <= e < _LARGE:
                packed[cell] += e + _ONE
                packed[cell + np.uint64(1)] += e * e
            else:
                n[i[k], j[k]] += 1
                if e >= 0:
                    known[i[k], j[k]] += 1
                    jobs[i[k], j[k]] += e
                    squares[i[k], j[k]] += e * e
                else:
                    least = min(least, e)
        both = packed[::2].copy().reshape(n.shape)
        n += both // _ONE
        known += both // _ONE
        jobs += both % _ONE
        squares += packed[1::2].copy().reshape(n.shape)
    return int(least)
