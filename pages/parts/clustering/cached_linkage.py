"""Stars, spread and links of industries, and what a cluster is made of; computed once per store revision and scope."""

from __future__ import annotations

import polars as pl

from indicators.clustering.concentration import Chance, relative_density
from indicators.clustering.linkage import functional_mix
from indicators.clustering.stars import cluster_stars
from pages.parts.clustering import cached_clusters, cached_concentration, cached_firms
from pages.parts.clustering.cached_concentration import FEW
from pages.parts.clustering.cached_firms import Lens, figures
from pages.parts.clustering.industry_chains import FUNCTIONS
from pages.parts.filters import Selection
from pages.parts.session import Visit

GROWTH_YEARS = 5
REACH_M, STEP_M = 3_000.0, 50.0
MOST_PLACES = 100_000  # up to so many enterprises the neighbours of each are counted for M
M_DRAWS = ((10_000, 199), (MOST_PLACES, 39))
TREND_YEARS = 12
MOST_LISTED, MOST_NAMES = 500, 3


@figures
def spread(key: str, city_id: str, scheme: str, _visit: Visit) -> pl.DataFrame:
    """industry, n_enterprises, gini_locational, krugman, hhi, equivalent_number over the districts of the city.

    Enterprises of the industry by district against all that have a code of the classification (`share_indices`).
    """
    firms = cached_firms.firms(_visit, Lens(Selection(city_id), scheme))
    table = cached_concentration.shares_against(firms, "industry", "district_code")
    columns = ("industry", "n_enterprises", "gini_locational", "krugman", "hhi", "equivalent_number")
    return table.select(columns).sort("gini_locational", "industry", descending=[True, False], nulls_last=True)


@figures
def stars(key: str, city_id: str, scheme: str, _visit: Visit) -> pl.DataFrame:
    """The stars of each industry in each district (`cluster_stars`), with n_before, first and last (years of growth).

    Size: open enterprises; specialisation: quotient against all enterprises of the city; growth: enterprises at the
    end of the last whole year over those GROWTH_YEARS before (empty under FEW). Productivity is never judged: a
    register of enterprises holds neither output nor wages.
    """
    cells = cached_concentration.specialisation(key, city_id, scheme, "all", _visit)
    pair = {"district_code": "district_code", "industry": "industry_code"}
    cells = cells.rename(pair).with_columns(amount=pl.col("n").cast(pl.Float64))
    span = cached_firms.years(key, city_id, _visit)
    first, last = (span[1] - GROWTH_YEARS, span[1]) if span else (0, 0)
    before, after = (_existing(key, city_id, scheme, year, _visit) for year in (first, last))
    grown = before.join(after, on=list(pair.values()), how="left", suffix="_after").select(
        *pair.values(),
        n_before="n",
        growth_pct=pl.when(pl.col("n") >= FEW).then(100.0 * (pl.col("n_after").fill_null(0) / pl.col("n") - 1.0)),
    )
    rows = cells.join(grown, on=list(pair.values()), how="left")
    found = cluster_stars(
        rows.select("district_code", "industry_code", "amount", "location_quotient", "growth_pct"),
        *cached_concentration.STAR_RULE,
    )
    told = found.join(rows.select(*pair.values(), "growth_pct", "n_before"), on=list(pair.values()))
    return told.with_columns(first=pl.lit(first), last=pl.lit(last))


def _existing(key: str, city_id: str, scheme: str, year: int, visit: Visit) -> pl.DataFrame:
    """district_code, industry_code, n: the enterprises at the end of a year; none without dates."""
    rows = cached_firms.firms(visit, Lens(Selection(city_id), scheme, year=year)).drop_nulls("district_code")
    rows = rows.drop_nulls("industry") if year else rows.clear()
    return rows.group_by("district_code", industry_code="industry").agg(n=pl.len().cast(pl.Float64))


@figures
def relative(key: str, city_id: str, scheme: str, industry: str, _visit: Visit) -> pl.DataFrame:
    """Marcon and Puech's M of an industry with bands (`relative_density`); no rows for a city too large for it."""
    rows = cached_clusters.members(key, Lens(Selection(city_id), scheme), _visit)
    n = rows.filter(pl.col("industry_code") == industry).height
    if not n or rows.height > MOST_PLACES:
        return pl.DataFrame(schema={"distance_m": pl.Float64})
    draws = next(number for most, number in M_DRAWS if n <= most)
    places = rows.select("x_m", "y_m", "industry_code")
    return relative_density(places, industry, REACH_M, STEP_M, Chance(draws))


@figures
def functions(key: str, selection: Selection, _visit: Visit) -> pl.DataFrame:
    """What the enterprises of each park do (`functional_mix`), the rows of all parks together under "" in park_id."""
    firms = cached_firms.firms(_visit, Lens(Selection(selection.city_id)))
    rows = firms.select("enterprise_id", "park_id", industry_code="industry")
    kinds = pl.DataFrame(FUNCTIONS, schema=["industry_code", "function"], orient="row")
    inside = rows.drop_nulls("park_id").with_columns(park_id=pl.lit(""))
    return pl.concat([functional_mix(inside, kinds), functional_mix(rows, kinds)])


@figures
def trends(key: str, lens: Lens, _visit: Visit) -> pl.DataFrame:
    """cluster, years (of each point), trend: enterprises at the cluster's present addresses at the end of each year.

    Closed enterprises count while they existed, enterprises without an opening date in no year. No rows without dates.
    """
    span = cached_firms.years(key, lens.selection.city_id, _visit)
    found = cached_clusters.members(key, lens.of_city, _visit).drop_nulls("cluster")
    if span is None or not found.height:
        return pl.DataFrame(schema={"cluster": pl.UInt32, "years": pl.List(pl.Int64), "trend": pl.List(pl.Int64)})
    last = min(lens.year or span[1], span[1])
    years = list(range(max(span[0], last - TREND_YEARS + 1), last + 1))
    at = ["lon", "lat"]
    rows = cached_firms.register(key, lens.selection.city_id, _visit).filter(lens.of_industry())
    here = rows.join(found.select(*at, "cluster").unique(at), on=at)
    counts = here.group_by("cluster").agg(cached_firms.existing(year).sum().alias(str(year)) for year in years)
    trend = pl.concat_list(pl.col(str(year)).cast(pl.Int64) for year in years)
    return counts.select("cluster", years=pl.lit(years), trend=trend).sort("cluster")


@figures
def enterprises(key: str, lens: Lens, cluster: int, _visit: Visit) -> pl.DataFrame:
    """The enterprises of a cluster with name, industry, opening date and employees, the largest first, at most 500."""
    ids = cached_clusters.members(key, lens.of_city, _visit).filter(pl.col("cluster") == cluster)
    rows = cached_firms.firms(_visit, lens.of_city).join(ids.select("enterprise_id"), on="enterprise_id", how="semi")
    largest = rows.sort("employees", "enterprise_id", descending=[True, False], nulls_last=True).head(MOST_LISTED)
    named = largest.join(_names(_visit, lens, largest["enterprise_id"]), on="enterprise_id", how="left")
    columns = ("enterprise_id", "name", "industry", "district_code", "opened_on", "employees")
    return named.sort("employees", "enterprise_id", descending=[True, False], nulls_last=True).select(columns)


def _names(visit: Visit, lens: Lens, ids: pl.Series | None = None) -> pl.DataFrame:
    """enterprise_id, name of the city's enterprises whose name the register keeps."""
    rows = Selection(lens.selection.city_id).of(visit.store.enterprises())
    if "name" not in rows.collect_schema().names():
        return pl.DataFrame(schema={"enterprise_id": pl.String, "name": pl.String})
    rows = rows if ids is None else rows.filter(pl.col("enterprise_id").is_in(ids.implode()))
    return rows.filter(pl.col("name").is_not_null()).select("enterprise_id", "name").collect()


@figures
def site_names(key: str, lens: Lens, _visit: Visit) -> pl.DataFrame:
    """lon, lat, names: the first names at each place, joined by line breaks; places without a name have no row."""
    known = _names(_visit, lens)
    if not known.height:
        return pl.DataFrame(schema={"lon": pl.Float64, "lat": pl.Float64, "names": pl.String})
    rows = cached_firms.firms(_visit, lens).filter(pl.col("place") == "site")
    found = rows.select("enterprise_id", "lon", "lat").join(known, on="enterprise_id")
    first = pl.col("name").sort().head(MOST_NAMES).str.join("\n")
    return found.group_by("lon", "lat").agg(names=first).sort("lon", "lat")
