"""At which distances an industry is concentrated (K-density, M), and how unevenly industries lie over the districts."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import streamlit as st

from pages.parts import blocks, filters, tables
from pages.parts.blocks import Foot
from pages.parts.clustering import cached_concentration, cached_firms, cached_linkage, cluster_charts
from pages.parts.clustering.cached_concentration import DRAWS, MOST_DRAWN, RANKED, industry_names
from pages.parts.clustering.cached_firms import Lens
from pages.parts.session import Visit

SHARED = 0.95  # with fewer distinct places than this share of enterprises the curve over places is drawn too


def distance(visit: Visit, lens: Lens, foot: Foot) -> None:
    """K-density and M of one industry with their bands; every industry's spread over the districts, and its gamma."""
    city = lens.selection.city_id
    counted = cached_firms.codes(visit.key, city, lens.scheme, visit).filter(pl.col("n") >= RANKED)
    if not counted.height:
        blocks.empty(visit, "clustering.no_industry")
        return
    titles = industry_names(visit, lens.scheme)
    names = {code: f"{code} {titles.get(code, '')} ({n:,})" for code, n in counted.iter_rows()}
    first = lens.industry if lens.industry in names else next(iter(names))
    industry = filters.pick(visit.say("clustering.curve_of"), "curve", names, first)
    foot = replace(foot, territory=blocks.territory(visit, lens.of_city.selection))
    left, right = st.columns(2)
    with left:
        _curve(visit, lens, industry, titles.get(industry, industry), foot)
    with right:
        _relative(visit, lens, industry, titles.get(industry, industry), foot)
    _spread(visit, lens, titles, foot)
    _gamma(visit, lens, titles, foot)


def _curve(visit: Visit, lens: Lens, industry: str, name: str, foot: Foot) -> None:
    city = lens.selection.city_id
    curve = cached_concentration.curve(visit.key, city, lens.scheme, industry, False, visit)
    if not curve.height or curve["density"].null_count() == curve.height or not curve["shown"][0]:
        blocks.empty(visit, "clustering.no_industry")
        return
    facts = curve.row(0, named=True)
    sites = None
    if facts["n_sites"] < SHARED * facts["n"]:
        sites = cached_concentration.curve(visit.key, city, lens.scheme, industry, True, visit)
    words = {"curve": name, "band": visit.say("clustering.band"), "x": visit.say("clustering.distance")}
    words["sites"] = visit.say("clustering.sites_curve", n=f"{facts['n_sites']:,}")
    figure = cluster_charts.density_curve(curve, words, sites, dark=visit.dark)
    told = visit.say(
        "clustering.curve_note",
        h=tables.number(facts["h_m"], 0),
        draws=f"{facts['draws']:,}",
        all=f"{facts['n_all']:,}",
        reach=tables.number(curve["distance_m"].max() / 1000, 1),
        way=visit.say(f"clustering.way_{facts['way']}"),
        sites=f"{facts['n_sites']:,}",
    )
    told += coarse(visit, facts["draws"])
    if sites is not None:
        told += " · " + _of_sites(visit, sites)
    foot = foot.noted(told, unit=visit.say("unit.density"), n=f"{facts['n']:,}", method="k_density")
    blocks.chart(visit, _finding(visit, curve, name), figure, foot, "k-density", _with_sites(curve, sites))


def coarse(visit: Visit, draws: int) -> str:
    """What is to be said of a band of fewer draws than the usual 1,000; nothing of one that has them."""
    usual = DRAWS[0][1]
    return "" if draws >= usual else visit.say("clustering.few_draws", draws=f"{draws:,}", usual=f"{usual:,}")


def _of_sites(visit: Visit, sites: pl.DataFrame) -> str:
    """The reading of the second line: every address once, against its own band."""
    facts = sites.row(0, named=True)
    told = {"draws": f"{facts['draws']:,}", "h": tables.number(facts["h_m"], 0), "all": f"{facts['n_all']:,}"}
    near = ranges(sites)
    reading = "sites_localised" if near else "sites_not"
    return visit.say(f"clustering.{reading}", ranges=near, **told) + coarse(visit, facts["draws"])


def _with_sites(curve: pl.DataFrame, sites: pl.DataFrame | None) -> pl.DataFrame:
    """The table behind the chart; the two curves have each their own distances, so that of sites comes below."""
    columns = ("distance_m", "density", "local_low", "local_high", "global_low", "global_high", "reading")
    data = curve.select(*columns, line=pl.lit("enterprises"))
    return data if sites is None else pl.concat([data, sites.select(*columns, line=pl.lit("sites"))])


def _finding(visit: Visit, curve: pl.DataFrame, name: str) -> str:
    """Where the curve leaves its band, in one sentence."""
    near = ranges(curve)
    if near:
        return visit.say("clustering.localised", industry=name, ranges=near)
    if (curve["reading"] == "dispersed").any():
        return visit.say("clustering.dispersed", industry=name)
    return visit.say("clustering.by_chance", industry=name)


def ranges(curve: pl.DataFrame) -> str:
    """The ranges of distance (kilometres) in which the reading is localised, one after the other.

    >>> told = ["localised", "localised", "within", "localised"]
    >>> ranges(pl.DataFrame({"distance_m": [0.0, 500.0, 1000.0, 1500.0], "reading": told}))
    '0.0–0.5, 1.5–1.5'
    """
    runs = curve.with_columns(run=pl.col("reading").rle_id()).filter(pl.col("reading") == "localised")
    ends = runs.group_by("run", maintain_order=True).agg(
        low=pl.col("distance_m").min(), high=pl.col("distance_m").max()
    )
    return ", ".join(
        f"{tables.number(low / 1000, 1)}–{tables.number(high / 1000, 1)}"
        for low, high in ends.select("low", "high").iter_rows()
    )


def _relative(visit: Visit, lens: Lens, industry: str, name: str, foot: Foot) -> None:
    """Marcon and Puech's M: how many times as much of its own industry an enterprise has around it as of everything."""
    curve = cached_linkage.relative(visit.key, lens.selection.city_id, lens.scheme, industry, visit)
    if not curve.height:
        blocks.empty(visit, "clustering.no_relative", most=f"{cached_linkage.MOST_PLACES:,}")
        return
    facts = curve.row(0, named=True)
    if not facts["shown"]:
        return
    words = {"curve": name, "band": visit.say("clustering.band"), "x": visit.say("clustering.within")}
    words["one"] = visit.say("clustering.as_all")
    figure = cluster_charts.relative_curve(curve, words, dark=visit.dark)
    told = visit.say(
        "clustering.relative_note", draws=f"{facts['draws']:,}", all=f"{facts['n_all']:,}",
        sites=f"{facts['n_sites']:,}",
    )  # fmt: skip
    told += coarse(visit, facts["draws"])
    foot = foot.noted(told, unit=visit.say("unit.ratio_m"), n=f"{facts['n']:,}", method="relative_density")
    known = curve.drop_nulls("relative_density").filter(pl.col("distance_m") > 0)
    at = known.filter(pl.col("distance_m") >= min(500.0, known["distance_m"].max() or 0)).row(0, named=True)
    m, km = tables.number(at["relative_density"], 2), tables.number(at["distance_m"] / 1000, 1)
    reading = visit.say(f"clustering.m_{at['reading'] or 'within'}")
    heading = visit.say("clustering.relative", industry=name, km=km, m=m, reading=reading)
    ends = ("local_low", "local_high", "global_low", "global_high", "reading")
    data = curve.select("distance_m", pl.col("relative_density").alias("M"), *ends)
    blocks.chart(visit, heading, figure, foot, "relative-density", data)


def _spread(visit: Visit, lens: Lens, titles: dict[str, str], foot: Foot) -> None:
    """Spatial Gini, Krugman index and HHI of each industry over the districts; under ten enterprises blank."""
    rows = cached_linkage.spread(visit.key, lens.selection.city_id, lens.scheme, visit)
    enough = pl.col("n_enterprises") >= RANKED
    values = ("gini_locational", "krugman", "hhi")
    rows = rows.with_columns(
        industry_name=pl.col("industry").replace_strict(titles, default=pl.col("industry")),
        equivalent_number=pl.when(enough).then(pl.col("equivalent_number").round(1)),
        **{name: pl.when(enough).then(pl.col(name).round(3)) for name in values},
    ).sort("gini_locational", "industry", descending=[True, False], nulls_last=True)
    words = {"code": "industry", "industry": "industry_name", "enterprises": "n_enterprises"}
    words |= {
        "gini": "gini_locational",
        "krugman": "krugman",
        "hhi": "hhi",
        "equivalent_districts": "equivalent_number",
    }
    data = rows.select(pl.col(column).alias(visit.say(f"clustering.{word}")) for word, column in words.items())
    note, n = visit.say("clustering.spread_note", minimum=RANKED), f"{rows['n_enterprises'].sum():,}"
    foot = foot.noted(note, unit=visit.say("unit.index_plain"), n=n, method="share_indices")
    top = rows.row(0, named=True)
    gini = tables.number(top["gini_locational"], 2)
    heading = visit.say("clustering.spread", industry=top["industry_name"], gini=gini, n=f"{top['n_enterprises']:,}")
    blocks.table(visit, heading, data, foot, "spread", height=320, column_config=_narrow(visit))


def _gamma(visit: Visit, lens: Lens, titles: dict[str, str], foot: Foot) -> None:
    """Ellison-Glaeser gamma by industry with the interval of its draws; under ten enterprises blank."""
    rows = cached_concentration.gamma(visit.key, lens.selection.city_id, lens.scheme, visit)
    if not rows.height:
        return
    values = ("gamma", "low", "high", "concentration", "plant_hhi")
    rows = rows.with_columns(
        industry=pl.col("industry_code").replace_strict(titles, default=pl.col("industry_code")),
        **{name: pl.when("shown").then(pl.col(name).round(4)) for name in values},
    ).sort("gamma", "industry_code", descending=[True, False], nulls_last=True)
    words = {"code": "industry_code", "industry": "industry", "enterprises": "n_plants", "employees": "employees"}
    words |= {"gamma": "gamma", "gamma_low": "low", "gamma_high": "high", "raw": "concentration"}
    words |= {"plant_hhi": "plant_hhi", "unknown_size": "n_unknown"}
    data = rows.select(pl.col(column).alias(visit.say(f"clustering.{word}")) for word, column in words.items())
    note = visit.say("clustering.gamma_note", minimum=RANKED)
    drawn_note = "gamma_drawn" if rows["low"].count() else "gamma_not_drawn"
    note += visit.say(f"clustering.{drawn_note}", draws=cached_concentration.GAMMA_DRAWS, most=f"{MOST_DRAWN:,}")
    n = f"{rows['n_plants'].sum():,}"
    foot = foot.noted(note, unit=visit.say("unit.index_plain"), n=n, method="agglomeration")
    known = rows.drop_nulls("gamma")
    heading = visit.say("clustering.gamma_table")
    if known.height:
        top, above = known.row(0, named=True), known.filter(pl.col("low") > 0).height
        values_told = {"industry": top["industry"], "gamma": tables.number(top["gamma"], 3), "n": known.height}
        heading = visit.say("clustering.gamma_found", above=above, **values_told)
        if not known["low"].count():
            heading = visit.say("clustering.gamma_top", **values_told)
    blocks.table(visit, heading, data, foot, "gamma", height=320, column_config=_narrow(visit))


def _narrow(visit: Visit) -> dict[str, object]:
    """Column settings that keep long names of industries from pushing the numbers out of sight."""
    return {visit.say("clustering.industry"): st.column_config.Column(width="medium")}
