"""Which industries a district has more of than the whole: location quotients.

Source of the formula: Hoover (1936), Balassa (1965); base as in US Bureau of Labor Statistics,
Quarterly Census of Employment and Wages, location quotients: the total of all enterprises.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from indicators.clustering.cell_sums import cell_sums
from indicators.clustering.quotients import AREA, FEW, Shown, grid, placed_in, quotient_table
from indicators.frames import ENTERPRISES, Column, Contract, ContractError, require

MEASURES = ("enterprises", "employees")
"""What can be counted; the two are never mixed in one table."""

BASES = ("all", "class")
"""What the totals of region and area hold where only one class is looked at: everybody, or the class."""

CELLS = ("n", "amount", "region_amount", "industry_amount", "total_amount", "share_pct", "location_quotient")
BESIDE = ("shown", "n_unknown", "low", "high", "indicative", "ranked", "reason", "base")


@dataclass(frozen=True)
class Base:
    """What a quotient is measured against; printed with every result as ``label``.

    ``area``: the column of the area each region is compared with (a city; None: all rows given).
    ``level``: leading characters of the industry code that are compared (0: the code as it is).
    ``only``: column and value of the one class whose industries are looked at (None: every enterprise).
    ``of``: with ``only``, whether the totals hold "all" enterprises or the "class"; it must be said.
    """

    area: str | None = None
    level: int = 0
    only: tuple[str, str] | None = None
    of: str | None = None

    @property
    def label(self) -> str:
        """Area, level and enterprises of the base in one text.

        >>> Base("city_id", 2, ("ownership", "private"), "all").label
        'area=city_id; level=2; industries of ownership=private; totals of all enterprises'
        """
        area = f"area={self.area or 'all rows'}; level={self.level or 'as given'}; "
        if self.only is None:
            return area + "industries and totals of all enterprises"
        name = "=".join(self.only)
        return area + f"industries of {name}; totals of {'all enterprises' if self.of == 'all' else name}"


def location_quotients(
    enterprises: pl.DataFrame,
    region: str = "district_code",
    industry: str = "industry_code",
    measure: str = "enterprises",
    minimum: int = 5,
    base: Base | None = None,
    ranked: int = 10,
    confidence: float = 0.95,
) -> pl.DataFrame:
    """How much more of an industry a district has than the whole; 1 = the same share as the whole.

    Formula: location_quotient = (amount / region_amount) / (industry_amount / total_amount);
    share_pct = 100 * amount / region_amount; low, high = location_quotient * exp(-+ z sqrt V), V of
    ``intervals.log_variance``. The whole is ``base``; without one it is every row given that has a
    region and an industry. Vacant and closed premises are no enterprises: leave them out before.
    Columns in: enterprise_id, ``region`` and ``industry`` (text codes, may be empty); with measure
    "employees" also employees Int64 (persons, may be empty); the columns ``base`` names (text).
    Columns out: ``region``, ``industry`` (every pair of the two in an area, sorted), n UInt32 (enterprises
    measured), amount, region_amount, industry_amount, total_amount Int64 (enterprises or persons),
    share_pct Float64 (per cent, 0..100), location_quotient Float64 (0 upwards), shown Boolean
    (n >= minimum: too few enterprises make the quotient jump), n_unknown UInt32 (enterprises left
    out because their employees are not known), low, high Float64 (the interval), indicative Boolean (an interval of
    employees from fewer than 40 enterprises covers less than it says), ranked Boolean (n >= ranked), reason String
    (why there is
    no quotient), base String.
    A region without the industry has quotient 0 exactly and no interval. Null where the region's or the industry's
    total is 0. Where there are enterprises and none has a known number of employees, amount and
    quotient are null, not 0. One region gives 1 everywhere. Rows without region or industry, or with a code shorter
    than
    the level, are left out, ``unassigned`` counts them. No rows give no rows.
    Raises ContractError. Source: Hoover-Balassa; BLS (base); interval, minimum 5 and 10 are our choice.

    >>> firms = pl.DataFrame({"enterprise_id": list("123456"), "district_code": ["r1"] * 3 + ["r2"] * 3,
    ...     "industry_code": ["a", "b", "b", "a", "a", "a"]})
    >>> location_quotients(firms).select("district_code", "industry_code", "n", "location_quotient").rows()
    [('r1', 'a', 1, 0.5), ('r1', 'b', 2, 2.0), ('r2', 'a', 3, 1.5), ('r2', 'b', 0, 0.0)]
    """
    base = base or Base()
    contract = specialisation_contract(region, industry, measure, base)
    _require_options(contract, region, industry, measure, base, Shown(minimum, ranked, confidence))
    firms = at_level(require(enterprises, contract), industry, base.level)
    areas = _areas(firms, region, base.area, contract)
    whole = cell_sums(firms, region, industry)
    part = (
        whole if base.only is None else cell_sums(firms.filter(pl.col(base.only[0]) == base.only[1]), region, industry)
    )
    table = quotients_of_sums(
        part,
        whole if base.of != "class" else part,
        region,
        industry,
        measure,
        areas,
        Shown(minimum, ranked, confidence),
    )
    return table.with_columns(pl.lit(base.label).alias("base"))


def quotients_of_sums(
    part: pl.DataFrame, whole: pl.DataFrame, region: str, industry: str, measure: str,
    areas: pl.DataFrame | None = None, shown: Shown | None = None,
) -> pl.DataFrame:  # fmt: skip
    """The quotients of one measure from sums already made, so that one pass serves both measures.

    In: part, whole: results of ``cell_sums`` (the industries looked at; what the totals hold); areas
    (``region``, ``quotients.AREA``; None: one area). Out: as ``location_quotients`` without base.
    Source: as ``location_quotients``.

    >>> sums = cell_sums(pl.DataFrame({"d": ["x", "x", "y"], "i": ["a", "b", "b"], "employees": [6, 2, 4]}), "d", "i")
    >>> quotients_of_sums(sums, sums, "d", "i", "employees")["location_quotient"].to_list()  # (6/8)/(6/12), ...
    [1.5, 0.5, 0.0, 2.0]
    """
    pairs = grid(whole, region, industry, areas)
    if part is not whole:
        pairs = pairs.join(part.select(industry).unique(), on=industry, how="semi")
    cells = _measured(pairs.join(part, on=[region, industry], how="left"), measure)
    totals = cells if part is whole else _measured(placed_in(whole, region, areas), measure)
    table = quotient_table(cells, totals, region, industry, shown or Shown())
    few = pl.lit(measure == "employees") & pl.col("low").is_not_null() & (pl.col("n") < FEW)
    return table.with_columns(few.alias("indicative")).select(region, industry, *CELLS, *BESIDE[:-1])


def at_level(enterprises: pl.DataFrame, industry: str, level: int) -> pl.DataFrame:
    """The enterprises with their industry codes cut to ``level`` characters; a shorter code becomes empty.

    A column that mixes divisions (13) with groups (131) is compared at one level, or not at all: a code that is
    too short for the level cannot be placed and is counted by ``unassigned``. Level 0 leaves the codes as they are.
    Source: our choice; GB/T 4754 and NACE divisions are the first two characters.

    >>> at_level(pl.DataFrame({"code": ["1311", "13", "1", None]}), "code", 2)["code"].to_list()
    ['13', '13', None, None]
    """
    if not level:
        return enterprises
    code = pl.col(industry).cast(pl.String)
    return enterprises.with_columns(
        pl.when(code.str.len_chars() >= level).then(code.str.slice(0, level)).alias(industry)
    )


def unassigned(
    enterprises: pl.DataFrame, region: str = "district_code", industry: str = "industry_code", level: int = 0
) -> int:
    """How many enterprises no quotient can count, because their district or their industry is not known.

    Formula: the number of rows where ``region`` or ``industry`` is empty, or the code is shorter than ``level``.
    Columns in: enterprise_id, ``region``, ``industry`` (text). Out: a count, from 0; 0 for no rows.
    Raises ContractError. Source: our choice.

    >>> firms = pl.DataFrame({"enterprise_id": ["1", "2"], "district_code": ["r1", None], "industry_code": ["a", "a"]})
    >>> unassigned(firms)
    1
    """
    firms = at_level(require(enterprises, specialisation_contract(region, industry, "enterprises")), industry, level)
    return firms.height - firms.drop_nulls([region, industry]).height


def specialisation_contract(region: str, industry: str, measure: str, base: Base | None = None) -> Contract:
    """The columns one table of quotients needs; employees only where persons are counted.

    >>> specialisation_contract("city_id", "culture_code", "enterprises").columns[1].name
    'city_id'
    """
    known = {column.name: column for column in ENTERPRISES.columns}
    base = base or Base()
    further = [(base.area, "the area of the base")] + ([(base.only[0], "the class")] if base.only else [])
    columns = (
        known["enterprise_id"],
        known.get(region, Column(region, pl.String, "code", "the region", nullable=True)),
        known.get(industry, Column(industry, pl.String, "code", "the industry", nullable=True)),
        *(Column(name, pl.String, "code", note, nullable=True) for name, note in further if name),
    )
    return Contract("enterprises", columns + ((known["employees"],) if measure == "employees" else ()), ENTERPRISES.key)


def _require_options(contract: Contract, region: str, industry: str, measure: str, base: Base, shown: Shown) -> None:
    problems = []
    if measure not in MEASURES:
        problems.append(f"measure '{measure}' is not accepted; accepted: {' or '.join(MEASURES)}; choose one of them.")
    if region == industry:
        problems.append(f"region and industry are both '{region}'; accepted: two columns; name another column.")
    for name, value in (("minimum", shown.minimum), ("ranked", shown.ranked)):
        if value < 1:
            problems.append(f"{name} {value} is not accepted; accepted: a whole number from 1; give a larger {name}.")
    if not 0.0 < shown.confidence < 1.0:
        problems.append(f"confidence {shown.confidence} is not accepted; accepted: between 0 and 1, such as 0.95.")
    if base.level < 0:
        problems.append(f"level {base.level} is not accepted; accepted: a whole number from 0, 0 = as given.")
    if base.of not in (BASES if base.only else (None, *BASES)):
        problems.append(
            f"base '{base.of}' of a class is not accepted; accepted: {' or '.join(BASES)}; say which totals are meant."
        )
    if problems:
        raise ContractError(contract, problems)


def _areas(firms: pl.DataFrame, region: str, area: str | None, contract: Contract) -> pl.DataFrame | None:
    """The area of each region; a region in two areas, or in none, cannot be compared."""
    if area is None:
        return None
    areas = firms.select(region, pl.col(area).alias(AREA)).drop_nulls(region).unique()
    split = areas.filter(pl.col(region).is_duplicated() | pl.col(AREA).is_null())
    if split.height:
        place = f"{region} '{split[region].sort()[0]}' lies in several areas of {area}, or in none"
        raise ContractError(contract, [f"{place}; accepted: one {area} for each region; correct the rows."])
    return areas


def _measured(cells: pl.DataFrame, measure: str) -> pl.DataFrame:
    """One measure of the cells; a cell without an enterprise is a true zero, one without a known size is not."""
    filled = cells.with_columns(pl.col("n", "n_known", "employees", "employees_sq").fill_null(0))
    if measure == "enterprises":
        count = pl.col("n").cast(pl.Int64)
        values = {"amount": count, "squares": count, "n_unknown": pl.lit(0, dtype=pl.UInt32)}
    else:
        known = (pl.col("n_known") > 0) | (pl.col("n") == 0)
        unknown = pl.col("n") - pl.col("n_known")
        values = {
            "amount": pl.when(known).then("employees"),
            "squares": pl.when(known).then("employees_sq"),
            "n_unknown": unknown,
            "n": pl.col("n_known"),
        }
    return filled.with_columns(suppressed=pl.lit(value=False), **values)
