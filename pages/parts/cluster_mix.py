"""What districts specialise in, how industries concentrate, and whether parks belong together industrially."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from data import registry
from pages.parts import blocks, cached_concentration, cached_firms, cluster_charts, filters, tables
from pages.parts.blocks import Foot
from pages.parts.cached_concentration import BASES, FEW, RANKED, industry_names
from pages.parts.cached_firms import Lens
from pages.parts.session import Visit, minimum_cell

LARGEST, STRONGEST = 12, 12


def specialisation(visit: Visit, lens: Lens, foot: Foot) -> None:
    """The heat table of quotients with interval and n, and the mix of each district in one row."""
    names = {value: visit.say(f"clustering.base_{value}") for value in BASES}
    base = filters.pick(visit.say("clustering.base"), "base", names, BASES[0])
    _quotients(visit, lens, base, foot)
    _districts(visit, lens, foot)


def _quotients(visit: Visit, lens: Lens, base: str, foot: Foot) -> None:
    city = lens.selection.city_id
    rows = cached_concentration.specialisation(visit.key, city, lens.scheme, base, visit)
    if not rows.height:
        blocks.empty(visit, "empty.enterprises")
        return
    rows = _shown(visit, lens, rows)
    figure = cluster_charts.quotients(rows, visit.say("unit.lq"), dark=visit.dark)
    unassigned = _unassigned(visit, lens)
    note = visit.say(
        "clustering.lq_note", minimum=FEW, ranked=RANKED, base=visit.say(f"clustering.base_{base}"), unknown=unassigned
    )
    foot = replace(
        foot,
        unit=visit.say("unit.lq"),
        source=f"{foot.source} · {note}",
        method="location_quotients",
        n=tables.count(rows["n"].sum(), visit.language),
    )
    columns = ("district_code", "district", "industry_code", "industry", "n", "value", "low", "high")
    data = rows.select(*columns, pl.col("base").alias(visit.say("clustering.base")))
    n = rows["industry_code"].n_unique()
    blocks.chart(visit, visit.say("clustering.lq", n=n), figure, foot, "location-quotients", data)


def _shown(visit: Visit, lens: Lens, rows: pl.DataFrame) -> pl.DataFrame:
    """The largest industries with names; cells under the minimum are blank for those outside their district."""
    largest = rows.group_by("industry").agg(total=pl.col("n").sum())
    largest = largest.sort("total", "industry", descending=[True, False]).head(LARGEST)
    titles = industry_names(visit, lens.scheme)
    rows = rows.join(largest, on="industry").rename({"industry": "industry_code"})
    rows = rows.with_columns(
        industry=pl.col("industry_code").replace_strict(titles, default=pl.col("industry_code")).cast(pl.String)
    )
    places = registry.districts_of(lens.selection.city_id).select("district_code", district=visit.named())
    rows = rows.join(places, on="district_code")
    if lens.selection.district_code is not None:
        rows = rows.filter(district_code=lens.selection.district_code)
    inside = visit.viewer.scope.districts or frozenset()
    visible = pl.col("shown") | pl.col("district_code").is_in(sorted(inside)) | (minimum_cell(visit) == 1)
    rows = rows.with_columns(
        pl.when(visible).then(pl.col("location_quotient")).alias("value"),
        *(pl.when(visible).then(pl.col(end)).alias(end) for end in ("low", "high")),
        pl.when(visible | (pl.col("n") == 0)).then(pl.col("n")).alias("n"),
    )
    return rows.sort("total", "industry", "district_code", descending=[True, False, False])


def _unassigned(visit: Visit, lens: Lens) -> str:
    """How many open enterprises have no code of the classification."""
    counted = cached_firms.codes(visit.key, lens.selection.city_id, lens.scheme, visit)["n"].sum()
    totals = cached_firms.enterprise_totals(visit.key, lens.of_city.selection, visit)
    return f"{totals['open'] - counted:,}"


def _districts(visit: Visit, lens: Lens, foot: Foot) -> None:
    """HHI, equivalent number and Krugman index of each district; few enterprises give none."""
    rows = cached_concentration.district_mix(visit.key, lens.selection.city_id, lens.scheme, visit)
    places = registry.districts_of(lens.selection.city_id).select("district_code", district=visit.named())
    rows = rows.join(places, on="district_code")
    if lens.selection.district_code is not None:
        rows = rows.filter(district_code=lens.selection.district_code)
    enough = pl.col("n_enterprises") >= RANKED
    values = [pl.when(enough).then(pl.col(name).round(3)).alias(name) for name in ("hhi", "krugman", "hoover")]
    equal = pl.when(enough).then(pl.col("equivalent_number").round(1)).alias("equivalent")
    data = rows.with_columns(*values, equal)
    words = {"district": "district", "enterprises": "n_enterprises", "hhi": "hhi", "equivalent": "equivalent"}
    words |= {"krugman": "krugman", "hoover": "hoover"}
    data = data.select(pl.col(column).alias(visit.say(f"clustering.{word}")) for word, column in words.items())
    foot = replace(
        foot, n=f"{rows['n_enterprises'].sum():,}", method="share_indices", unit=visit.say("unit.index_plain")
    )
    blocks.table(visit, visit.say("clustering.mix"), data, foot, "district-mix")


def distance(visit: Visit, lens: Lens, foot: Foot) -> None:
    """At which distances one industry is concentrated, with its band; and every industry's gamma."""
    city = lens.selection.city_id
    counted = cached_firms.codes(visit.key, city, lens.scheme, visit).filter(pl.col("n") >= RANKED)
    if not counted.height:
        blocks.empty(visit, "clustering.no_industry")
        return
    titles = industry_names(visit, lens.scheme)
    names = {code: f"{code} {titles.get(code, '')} ({n:,})" for code, n in counted.iter_rows()}
    first = lens.industry if lens.industry in names else next(iter(names))
    industry = filters.pick(visit.say("clustering.curve_of"), "curve", names, first)
    _curve(visit, lens, industry, titles.get(industry, industry), foot)
    _gamma(visit, lens, titles, foot)


def _curve(visit: Visit, lens: Lens, industry: str, name: str, foot: Foot) -> None:
    curve = cached_concentration.curve(visit.key, lens.selection.city_id, lens.scheme, industry, False, visit)
    if not curve.height or curve["density"].null_count() == curve.height or not curve["shown"][0]:
        blocks.empty(visit, "clustering.no_industry")
        return
    facts = curve.row(0, named=True)
    words = {"curve": name, "band": visit.say("clustering.band"), "x": visit.say("clustering.distance")}
    figure = cluster_charts.density_curve(curve, words, dark=visit.dark)
    told = visit.say(
        "clustering.curve_note",
        h=tables.number(facts["h_m"], 0),
        draws=f"{facts['draws']:,}",
        all=f"{facts['n_all']:,}",
        reach=tables.number(curve["distance_m"].max() / 1000, 1),
        way=visit.say(f"clustering.way_{facts['way']}"),
        sites=f"{facts['n_sites']:,}",
    )
    foot = replace(
        foot,
        unit=visit.say("unit.density"),
        territory=_city(visit, lens),
        n=f"{facts['n']:,}",
        method="k_density",
        source=f"{foot.source} · {told}",
    )
    data = curve.select("distance_m", "density", "local_low", "local_high", "global_low", "global_high", "reading")
    blocks.chart(visit, _finding(visit, curve, name), figure, foot, "k-density", data)


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


def _city(visit: Visit, lens: Lens) -> str:
    return blocks.territory(visit, lens.of_city.selection)


def _gamma(visit: Visit, lens: Lens, titles: dict[str, str], foot: Foot) -> None:
    """Ellison-Glaeser gamma by industry; under ten enterprises blank."""
    rows = cached_concentration.gamma(visit.key, lens.selection.city_id, lens.scheme, visit)
    rows = rows.with_columns(
        industry=pl.col("industry_code").replace_strict(titles, default=pl.col("industry_code")),
        gamma=pl.when("shown").then(pl.col("gamma").round(4)),
        concentration=pl.when("shown").then(pl.col("concentration").round(4)),
        plant_hhi=pl.when("shown").then(pl.col("plant_hhi").round(4)),
    ).sort("gamma", "industry_code", descending=[True, False], nulls_last=True)
    words = {"code": "industry_code", "industry": "industry", "enterprises": "n_plants", "employees": "employees"}
    words |= {"gamma": "gamma", "raw": "concentration", "plant_hhi": "plant_hhi", "unknown_size": "n_unknown"}
    data = rows.select(pl.col(column).alias(visit.say(f"clustering.{word}")) for word, column in words.items())
    foot = replace(
        foot,
        unit=visit.say("unit.index_plain"),
        territory=_city(visit, lens),
        n=f"{rows['n_plants'].sum():,}",
        method="agglomeration",
        source=f"{foot.source} · {visit.say('clustering.gamma_note', minimum=RANKED)}",
    )
    blocks.table(visit, visit.say("clustering.gamma_table"), data, foot, "gamma", height=320)


def linkage(visit: Visit, lens: Lens, foot: Foot) -> None:
    """The sentence about each park with its numbers, and the industries that settle together."""
    _parks(visit, lens, foot)
    city = lens.selection.city_id
    pairs = cached_concentration.pairs(visit.key, city, lens.scheme, visit)
    if not pairs.height:
        return
    network = cached_concentration.network(visit.key, city, lens.scheme, visit)
    titles = industry_names(visit, lens.scheme)
    figure = cluster_charts.pair_table(pairs.head(STRONGEST), titles, dark=visit.dark)
    linked = network["group_id"].n_unique() if network.height else 0
    told = visit.say("clustering.pairs_note", links=network.height, pairs=pairs.height, groups=linked, minimum=RANKED)
    foot = replace(
        foot,
        unit=visit.say("unit.index_plain"),
        territory=_city(visit, lens),
        method="industry_network",
        n=str(pairs.height),
        source=f"{foot.source} · {told}",
    )
    data = network.select("industry_a", "industry_b", "coagglomeration", "n_a", "n_b", "group_id")
    blocks.chart(visit, visit.say("clustering.pairs", n=min(STRONGEST, pairs.height)), figure, foot, "pairs", data)


def _parks(visit: Visit, lens: Lens, foot: Foot) -> None:
    rows = cached_concentration.linkage(visit.key, lens.selection, visit)
    rows = rows.filter(pl.col("n") >= pl.col("n_from"))
    if not rows.height:
        blocks.empty(visit, "clustering.no_park_rows")
        return
    said = {value: visit.say(f"clustering.finding_{value}") for value in rows["finding"].unique()}
    counted = rows["finding"].value_counts(sort=True)
    weak, n = rows.filter(finding="concentrated_weak").height, rows.height
    chains = {value: visit.say(f"clustering.chain_{value}") for value in rows["leading_chain"].drop_nulls().unique()}
    ratio = pl.when(pl.col("expected_partner_pct") > 0).then(pl.col("partner_pct") / pl.col("expected_partner_pct"))
    shown = rows.with_columns(
        name=pl.coalesce(visit.named(), "park_id"),
        sentence=pl.col("finding").replace_strict(said),
        chain=pl.col("leading_chain").replace_strict(chains, default=None),
        dense=pl.col("density_ratio").round(2),
        ratio=ratio.round(2),
        leading=pl.col("leading_chain_pct").round(1),
        partner=pl.col("partner_pct").round(1),
        chance=pl.col("expected_partner_pct").round(1),
    )
    words = {"park": "name", "finding": "sentence", "enterprises": "n", "density_ratio": "dense", "chain": "chain"}
    words |= {"leading_pct": "leading", "partner_pct": "partner", "chance_pct": "chance", "partner_ratio": "ratio"}
    data = shown.select(pl.col(column).alias(visit.say(f"clustering.{word}")) for word, column in words.items())
    limits = rows.row(0, named=True)
    told = visit.say(
        "clustering.parks_note",
        density=f"{limits['density_ratio_from']:g}",
        leading=f"{limits['leading_chain_from_pct']:g}",
        ratio=f"{limits['partner_ratio_from']:g}",
        minimum=limits["n_from"],
    )
    foot = replace(
        foot, unit=visit.say("unit.parks"), n=str(n), method="linkage_findings", source=f"{foot.source} · {told}"
    )
    heading = visit.say("clustering.parks_finding", weak=weak, n=n)
    most = counted["finding"][0]
    foot = replace(foot, source=f"{foot.source} · {visit.say('clustering.most_often', finding=said[most])}")
    blocks.table(visit, heading, data, foot, "park-linkage", height=420)
