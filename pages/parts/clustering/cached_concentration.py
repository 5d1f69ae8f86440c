"""Specialisation, concentration, linkage and survival of enterprises, computed once per store revision and scope."""

from __future__ import annotations

from datetime import date

import polars as pl

from data import registry
from indicators.clustering.agglomeration import agglomeration, coagglomeration
from indicators.clustering.concentration import Chance, k_density
from indicators.clustering.hexagons import cells
from indicators.clustering.linkage import (
    UNITS,
    industry_network,
    linkage_findings,
    park_linkage,
)
from indicators.clustering.share_indices import share_indices
from indicators.clustering.specialisation import Base, location_quotients
from indicators.clustering.survival import net_entry, survival_curve, survival_summary, survival_test
from pages.parts.clustering import cached_clusters, cached_firms
from pages.parts.clustering.cached_firms import CULTURE, Lens, figures
from pages.parts.clustering.industry_chains import LINKS
from pages.parts.filters import Selection
from pages.parts.session import Visit

BASES = ("all", "class")
FEW, RANKED = 5, 10
# Up to so many enterprises of the industry, so many draws: a curve and its second line stay under about 4 s of CPU.
DRAWS = ((5_000, 1_000), (10_000, 499), (20_000, 299), (50_000, 99), (10**9, 39))
SITE_DRAWS = ((10_000, 199), (20_000, 99), (10**9, 39))  # the same for the curve over distinct places, the second line
GAMMA_DRAWS, MOST_DRAWN = 200, 20_000  # draws of plants behind the interval of gamma, for so many plants at most
STAR_RULE = (10.0, 2.0)  # a star: the top 10 % of regions; for specialisation a quotient of 2
TOP_GROUPS = 5


@figures
def specialisation(key: str, city_id: str, scheme: str, base: str, _visit: Visit) -> pl.DataFrame:
    """Location quotients of the city's districts (`location_quotients`), the code as `industry`.

    base: "all" divides by the totals of all enterprises, "class" by those of the culture enterprises alone (which then
    are the only ones looked at). Industries of the culture classification are of culture enterprises either way.
    """
    rows = cached_firms.firms(_visit, Lens(Selection(city_id), scheme))
    rows = rows.with_columns(
        culture=pl.when(pl.col("culture_code").is_not_null()).then(pl.lit("yes")).otherwise(pl.lit("no")),
        industry=pl.col("industry").fill_null("") if scheme == CULTURE else "industry",
    )
    one = base == "class" or scheme == CULTURE
    chosen = Base(only=("culture", "yes") if one else None, of=base if one else None)
    found = location_quotients(rows, "district_code", "industry", minimum=FEW, ranked=RANKED, base=chosen)
    return found.filter(pl.col("industry") != "")


def shares_against(firms: pl.DataFrame, unit: str, over: str) -> pl.DataFrame:
    """The share indices of each unit's enterprises over the values of a column, against all enterprises.

    Columns out: unit, n_enterprises Int64, and those of `share_indices`. Enterprises without either are left out.
    """
    counted = firms.drop_nulls(["district_code", "industry"]).group_by(unit, over)
    counted = counted.agg(value=pl.len().cast(pl.Float64))
    whole = counted.group_by(over).agg(reference=pl.col("value").sum())
    grid = counted.select(unit).unique().join(whole, how="cross")
    filled = grid.join(counted, on=[unit, over], how="left").with_columns(pl.col("value").fill_null(0))
    n = counted.group_by(unit).agg(n_enterprises=pl.col("value").sum().cast(pl.Int64))
    return share_indices(filled, unit).drop("n").join(n, on=unit)


@figures
def district_mix(key: str, city_id: str, scheme: str, _visit: Visit) -> pl.DataFrame:
    """district_code, n, hhi, equivalent_number, krugman, hoover of each district's industries against the city."""
    firms = cached_firms.firms(_visit, Lens(Selection(city_id), scheme))
    table = shares_against(firms, "district_code", "industry")
    columns = ("district_code", "n_enterprises", "hhi", "equivalent_number", "krugman", "hoover")
    return table.select(columns).sort("n_enterprises", "district_code", descending=[True, False])


def _plants(key: str, city_id: str, scheme: str, visit: Visit) -> pl.DataFrame:
    rows = cached_firms.firms(visit, Lens(Selection(city_id), scheme))
    return rows.select("district_code", pl.col("employees").cast(pl.Float64), industry_code="industry")


@figures
def gamma(key: str, city_id: str, scheme: str, _visit: Visit) -> pl.DataFrame:
    """Ellison-Glaeser gamma of every industry of the city (`agglomeration`), by employees, with draws of its plants."""
    plants = _plants(key, city_id, scheme, _visit).drop_nulls("industry_code")
    return agglomeration(plants, RANKED, GAMMA_DRAWS if plants.height <= MOST_DRAWN else 0)


@figures
def pairs(key: str, city_id: str, scheme: str, _visit: Visit) -> pl.DataFrame:
    """Which industries settle in the same districts (`coagglomeration`), pairs with enough enterprises only."""
    found = coagglomeration(_plants(key, city_id, scheme, _visit).drop_nulls("industry_code"))
    return found.filter("shown").sort("coagglomeration", "industry_a", "industry_b", descending=[True, False, False])


@figures
def network(key: str, city_id: str, scheme: str, _visit: Visit) -> pl.DataFrame:
    """The linked pairs and their groups (`industry_network`)."""
    return industry_network(pairs(key, city_id, scheme, _visit))


@figures
def curve(key: str, city_id: str, scheme: str, industry: str, sites: bool, _visit: Visit) -> pl.DataFrame:
    """The K-density of an industry with bands against all enterprises that have a place (`k_density`).

    sites: every distinct place once, so that a full address counts as one.
    """
    rows = cached_clusters.members(key, Lens(Selection(city_id), scheme), _visit)
    n = rows.filter(pl.col("industry_code") == industry).height
    if not n:
        return pl.DataFrame()
    draws = next(number for most, number in (SITE_DRAWS if sites else DRAWS) if n <= most)
    return k_density(rows.select("x_m", "y_m", "industry_code"), industry, sites=sites, chance=Chance(draws))


@figures
def linkage(key: str, selection: Selection, _visit: Visit) -> pl.DataFrame:
    """The sentence about each park with its numbers (`linkage_findings`, `park_linkage`), most enterprises first."""
    firms = cached_firms.firms(_visit, Lens(Selection(selection.city_id)))
    rows = firms.select("enterprise_id", "park_id", industry_code="industry")
    chains = pl.DataFrame(LINKS, schema=["industry_from", "industry_to", "chain_id"], orient="row")
    linked = park_linkage(rows, chains)
    dense = _density(key, firms, selection.city_id, _visit)
    units = linked.join(dense, on="park_id", how="left").select(list(UNITS.schema))
    more = ("park_id", "leading_chain", "n_leading", "upstream_pct", "downstream_pct", "partner_ratio")
    told = linkage_findings(units).join(linked.select(more), on="park_id")
    names = _visit.store.parks().select("park_id", "name_zh", "name_en", "district_code").collect()
    found = told.join(names, on="park_id", how="left").sort("n", "park_id", descending=[True, False])
    return found if selection.district_code is None else found.filter(district_code=selection.district_code)


def _density(key: str, firms: pl.DataFrame, city_id: str, visit: Visit) -> pl.DataFrame:
    """park_id, density_ratio: how full the 500 m hexagons are that a park's enterprises lie in, over those of all.

    Both are means over enterprises, so that the empty land around a city does not make every park look dense.
    """
    found = cached_clusters.members(key, Lens(Selection(city_id)), visit)
    q, r = cells(found["x_m"].to_numpy(), found["y_m"].to_numpy(), cached_clusters.HEXAGON_SIDE_M)
    here = found.select("enterprise_id").with_columns(q=pl.Series(q), r=pl.Series(r))
    here = here.with_columns(around=pl.len().over("q", "r"))
    usual = here["around"].mean()
    parks = firms.select("enterprise_id", "park_id").drop_nulls().join(here, on="enterprise_id")
    return parks.group_by("park_id").agg(density_ratio=pl.col("around").mean() / pl.lit(usual, pl.Float64))


def _dated(visit: Visit, lens: Lens) -> pl.DataFrame:
    """Enterprises with sound dates, vacant premises left out; in_park and industry as text."""
    rows = cached_firms.register(visit.key, lens.selection.city_id, visit).filter(lens.of_industry())
    if lens.selection.district_code is not None:
        rows = rows.filter(district_code=lens.selection.district_code)
    sound = pl.col("closed_on").is_null() | (pl.col("closed_on") >= pl.col("opened_on"))
    park = pl.when(pl.col("park_id").is_not_null()).then(pl.lit("inside")).otherwise(pl.lit("outside"))
    dated = rows.filter((pl.col("status") != "vacant") & sound & pl.col("opened_on").is_not_null())
    return dated.with_columns(park=park, industry=cached_firms.industry_of(lens.scheme))


@figures
def entry(key: str, lens: Lens, _visit: Visit) -> pl.DataFrame:
    """period, n_before, n_opened, n_closed, net and rates of each whole year (`net_entry`)."""
    span = cached_firms.years(key, lens.selection.city_id, _visit)
    if span is None:
        return pl.DataFrame()
    return net_entry(_dated(_visit, lens), first=date(span[0], 1, 1), last=date(span[1], 12, 31))


@figures
def survival(key: str, lens: Lens, by: str, _visit: Visit) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """(curve, one row a group, log-rank test) by "park", "industry" (the five largest) or "district_code"."""
    rows = _dated(_visit, lens).drop_nulls(by)
    largest = rows[by].value_counts(sort=True).sort("count", by, descending=[True, False])[by].head(TOP_GROUPS)
    rows = rows.filter(pl.col(by).is_in(largest.to_list()))
    until = cached_firms.register(key, lens.selection.city_id, _visit).select(
        pl.max_horizontal(pl.col("opened_on").max(), pl.col("closed_on").max())
    ).item()  # fmt: skip
    found = survival_curve(rows, by, until)
    return found, survival_summary(rows, by, until), survival_test(rows, by, until)


def industry_names(visit: Visit, scheme: str) -> dict[str, str]:
    """The names of a classification's codes in the visitor's language."""
    rows = registry.industries().filter(pl.col("scheme") == scheme)
    return dict(rows.select("code", visit.named()).iter_rows())
