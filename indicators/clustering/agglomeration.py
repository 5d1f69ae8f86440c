"""Whether an industry is more concentrated than its few large plants explain, and which industries settle together.

Sources: Ellison & Glaeser (1997), geographic concentration and coagglomeration of a group; Ellison, Glaeser & Kerr
(2010), pairs.
Defined here exactly because a much used package adds the shares of several industries without weights.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from indicators.frames import Column, Contract, ContractError, require

Floats = npt.NDArray[np.float64]

PLANTS = Contract(
    "plants",
    (
        Column("industry_code", pl.String, "code", "the industry", nullable=True),
        Column("district_code", pl.String, "code", "the region", nullable=True),
        Column("employees", pl.Float64, "persons", "size of the plant; empty = not known", low=0, nullable=True),
        Column(
            "region_employees", pl.Float64, "persons", "all employees of the region; absent = the sum of the plants",
            low=0, optional=True,
        ),
    ),
)  # fmt: skip
"""One row per plant or enterprise."""

GIVEN, SUMMED = "region totals as given", "sum of the plants"


@dataclass(frozen=True)
class Located:
    """The plants by industry and region: ``share`` industries x regions, ``reference`` of each region."""

    industries: list[str]
    regions: list[str]
    share: Floats
    reference: Floats
    plant_hhi: Floats
    employees: Floats
    plants: npt.NDArray[np.int64]
    basis: str

    @property
    def room(self) -> float:
        """1 - sum of the squared shares of the regions; 0 where there is one region only."""
        return float(1.0 - (self.reference**2).sum())


def agglomeration(plants: pl.DataFrame, minimum: int = 10, draws: int = 0, seed: int = 0) -> pl.DataFrame:
    """Whether each industry is more concentrated than its plants would be if darts had placed them.

    Formula: s = share of the industry's jobs in a region, x = share of all jobs there, z = share of a plant in the
    industry;
    concentration G = sum (s - x)^2, plant_hhi H = sum z^2, gamma = (G / (1 - sum x^2) - H) / (1 - H).
    Columns in: industry_code, district_code (text, may be empty), employees Float64 (persons), optional
    region_employees (all
    employees of the row's region, the same in every row of a region; absent: the sum of the plants given).
    Columns out: industry_code, n_plants UInt32, employees Float64, concentration, plant_hhi, gamma Float64 (0 = as
    darts;
    null: one plant, or one region), low, high Float64 (2.5 and 97.5 per cent of ``draws`` seeded draws of the plants
    with
    replacement; null without draws), shown Boolean (n_plants >= minimum), basis String (what x is), n_unknown UInt32.
    A region without a plant still counts in x: give it a row with region_employees and no industry. Plants without
    industry or region, without known employees or with none are left out; n_unknown counts the
    industry's. Sorted.
    No rows give no rows. Raises ContractError. Source: Ellison & Glaeser (1997), equation 5; minimum 10 is our choice.

    >>> plants = pl.DataFrame({"industry_code": "a", "district_code": ["x", "x", "x", "y"], "employees": 10.0,
    ...     "region_employees": 500.0})  # G = 2 * 0.25^2, H = 1/4: (0.125 / 0.5 - 0.25) / 0.75
    >>> agglomeration(plants).select("n_plants", "concentration", "plant_hhi", "gamma").row(0)
    (4, 0.125, 0.25, 0.0)
    """
    checked, known = _known(plants)
    found = _located(checked, known)
    gamma = _gamma(found.share, found.reference, found.plant_hhi)
    low, high = _bootstrap(known, found, draws, seed)
    table = pl.DataFrame(
        {
            "industry_code": pl.Series(found.industries, dtype=pl.String),
            "n_plants": pl.Series(found.plants, dtype=pl.UInt32),
            "employees": found.employees,
            "concentration": ((found.share - found.reference) ** 2).sum(axis=1),
            "plant_hhi": found.plant_hhi,
            "gamma": gamma,
            "low": low,
            "high": high,
        }
    ).with_columns(pl.selectors.float().fill_nan(None))
    lost = checked.group_by("industry_code").agg(pl.len().alias("_rows"))
    table = table.join(lost, on="industry_code", how="left").with_columns(
        (pl.col("n_plants") >= minimum).alias("shown"),
        pl.lit(found.basis).alias("basis"),
        (pl.col("_rows") - pl.col("n_plants")).cast(pl.UInt32).alias("n_unknown"),
    )
    return table.drop("_rows").sort("industry_code")


def coagglomeration(plants: pl.DataFrame, minimum: int = 10) -> pl.DataFrame:
    """Which pairs of industries settle in the same regions: the matrix, one row a pair.

    Formula: coagglomeration = sum over regions of (s_1 - x)(s_2 - x) / (1 - sum x^2); above 0: together, below 0:
    apart.
    Columns in: as ``agglomeration``. Columns out: industry_a, industry_b String (a before b), coagglomeration Float64
    (null: one region), n_a, n_b UInt32 (plants), shown Boolean (both at least minimum), basis String. Sorted.
    One industry gives no rows. Raises ContractError. Source: Ellison, Glaeser & Kerr (2010), equation 1.

    >>> plants = pl.DataFrame({"industry_code": ["a", "b", "c"], "district_code": ["x", "x", "y"],
    ...     "employees": [5.0, 5.0, 10.0]})
    >>> coagglomeration(plants)["coagglomeration"].to_list()  # x = 1/2, 1/2: (1/2 * 1/2 + 1/2 * 1/2) / (1/2)
    [1.0, -1.0, -1.0]
    """
    found = _located(*_known(plants))
    away = found.share - found.reference
    matrix = away @ away.T / found.room if found.room > 0 else np.full((len(away), len(away)), np.nan)
    first, second = np.triu_indices(len(found.industries), 1)
    names = pl.Series(found.industries, dtype=pl.String)
    count = pl.Series(found.plants, dtype=pl.UInt32)
    table = pl.DataFrame(
        {
            "industry_a": names.gather(first),
            "industry_b": names.gather(second),
            "coagglomeration": matrix[first, second],
            "n_a": count.gather(first),
            "n_b": count.gather(second),
        }
    ).with_columns(pl.col("coagglomeration").fill_nan(None))
    enough = (pl.col("n_a") >= minimum) & (pl.col("n_b") >= minimum)
    return table.with_columns(enough.alias("shown"), pl.lit(found.basis).alias("basis"))


def group_coagglomeration(plants: pl.DataFrame, industries: tuple[str, ...] = (), minimum: int = 10) -> pl.DataFrame:
    """Whether several industries as a group settle together more than each of them does alone.

    Formula: w = share of an industry in the jobs of the group, s = sum w s_j, G = sum (s - x)^2; coagglomeration =
    (G / (1 - sum x^2) - sum w^2 H - sum gamma w^2 (1 - H)) / (1 - sum w^2). For two industries it is the index of
    the pair.
    Columns in: as ``agglomeration``. ``industries``: the group (empty: all of the file); the shares x are of all
    plants given.
    Columns out: n_industries UInt32, n_plants UInt32, coagglomeration Float64 (null: fewer than two industries, one
    region),
    shown Boolean (each industry at least minimum plants), basis String; one row. No rows give no rows.
    Raises ContractError: an industry of the group has no plant. Source: Ellison & Glaeser (1997), equation 6.

    >>> plants = pl.DataFrame({"industry_code": ["a", "b", "c"], "district_code": ["x", "x", "y"],
    ...     "employees": [5.0, 5.0, 10.0]})
    >>> group_coagglomeration(plants, ("a", "b"))["coagglomeration"].item()
    1.0
    """
    found = _located(*_known(plants))
    missing = [name for name in industries if name not in found.industries]
    if missing:
        accepted = ", ".join(found.industries[:10]) or "none"
        raise ContractError(PLANTS, [f"industry '{missing[0]}' has no plant; accepted: {accepted}; leave it out."])
    at = [i for i, name in enumerate(found.industries) if not industries or name in industries]
    weight = found.employees[at] / found.employees[at].sum() if at else np.zeros(0)
    value = None
    if len(at) > 1 and found.room > 0:
        spread = ((weight @ found.share[at] - found.reference) ** 2).sum() / found.room
        # gamma (1 - H) = G / room - H: written so that an industry of one plant, whose gamma is not defined, needs none
        own = ((found.share[at] - found.reference) ** 2).sum(axis=1) / found.room
        value = float((spread - (weight**2 * own).sum()) / (1.0 - (weight**2).sum()))
    row = {
        "n_industries": pl.Series([len(at)], dtype=pl.UInt32),
        "n_plants": pl.Series([int(found.plants[at].sum())], dtype=pl.UInt32),
        "coagglomeration": pl.Series([value], dtype=pl.Float64),
        "shown": [bool(len(at) and (found.plants[at] >= minimum).all())],
        "basis": [found.basis],
    }
    return pl.DataFrame(row) if plants.height else pl.DataFrame(row).clear()


def _known(plants: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The checked rows, and those with industry, region and employees."""
    checked = require(plants, PLANTS)
    known = checked.drop_nulls(["industry_code", "district_code", "employees"]).filter(pl.col("employees") > 0)
    return checked, known.sort("industry_code", "district_code", "employees")


def _located(checked: pl.DataFrame, known: pl.DataFrame) -> Located:
    sums = known.group_by("industry_code", "district_code").agg(pl.col("employees").sum())
    reference, basis = _reference(checked)
    industries = sums["industry_code"].unique().sort()
    regions = reference["district_code"]
    jobs = np.zeros((len(industries), len(regions)))
    row = sums["industry_code"].cast(pl.Enum(industries)).to_physical().to_numpy()
    column = sums["district_code"].cast(pl.Enum(regions)).to_physical().to_numpy()
    jobs[row, column] = sums["employees"].to_numpy()
    total = jobs.sum(axis=1)
    size = known.group_by("industry_code").agg(
        ((pl.col("employees") / pl.col("employees").sum()) ** 2).sum().alias("hhi"), pl.len().alias("n")
    )
    size = size.sort("industry_code")
    whole = reference["_all"].to_numpy()
    return Located(
        industries.to_list(), regions.to_list(), jobs / total[:, None], whole / whole.sum() if len(whole) else whole,
        size["hhi"].to_numpy(), total, size["n"].to_numpy().astype(np.int64), basis,
    )  # fmt: skip


def _reference(checked: pl.DataFrame) -> tuple[pl.DataFrame, str]:
    """All employees of each region, sorted by region: as given, or the sum of the plants."""
    rows = checked.drop_nulls("district_code")
    if "region_employees" not in rows.columns:
        sums = rows.group_by("district_code").agg(pl.col("employees").sum().alias("_all"))
        return sums.sort("district_code"), SUMMED
    given = rows.select("district_code", pl.col("region_employees").alias("_all")).unique().sort("district_code")
    twice = given.filter(pl.col("district_code").is_duplicated())
    if twice.height:
        problem = f"column region_employees: {twice['district_code'][0]} has several totals; accepted: one a region"
        raise ContractError(PLANTS, [f"{problem}; correct the rows."])
    return given, GIVEN


def _gamma(share: Floats, reference: Floats, plant_hhi: Floats) -> Floats:
    room = 1.0 - (reference**2).sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        raw = ((share - reference) ** 2).sum(axis=1) / (room if room > 1e-12 else np.nan)
        return np.asarray((raw - plant_hhi) / np.where(plant_hhi < 1.0 - 1e-12, 1.0 - plant_hhi, np.nan))


def _bootstrap(known: pl.DataFrame, found: Located, draws: int, seed: int) -> tuple[Floats, Floats]:
    """2.5 and 97.5 per cent of gamma over seeded draws of each industry's plants with replacement."""
    low, high = np.full((2, len(found.industries)), np.nan)
    if draws < 1:
        return low, high
    random = np.random.default_rng(seed)
    regions = pl.Enum(found.regions)
    for k, (_, plants) in enumerate(known.group_by("industry_code", maintain_order=True)):
        size = plants["employees"].to_numpy()
        region = plants["district_code"].cast(regions).to_physical().to_numpy()
        here = np.zeros((len(size), len(found.regions)))
        here[np.arange(len(size)), region] = size
        times = random.multinomial(len(size), np.full(len(size), 1.0 / len(size)), size=draws)
        total = times @ size
        gamma = _gamma(times @ here / total[:, None], found.reference, times @ size**2 / total**2)
        gamma = gamma[np.isfinite(gamma)]
        if len(gamma):
            low[k], high[k] = np.percentile(gamma, [2.5, 97.5])
    return low, high
