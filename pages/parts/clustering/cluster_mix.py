"""What districts specialise in: quotients with interval and n, stars of clusters, and how mixed each district is."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from data import registry
from pages.parts import blocks, filters, tables
from pages.parts.blocks import Foot
from pages.parts.clustering import cached_concentration, cached_firms, cluster_cells, cluster_charts, cluster_stars
from pages.parts.clustering.cached_concentration import BASES, FEW, RANKED
from pages.parts.clustering.cached_firms import Lens
from pages.parts.session import Visit


def specialisation(visit: Visit, lens: Lens, foot: Foot) -> None:
    """The heat table of quotients with interval and n, the stars, and the mix of each district in one row."""
    names = {value: visit.say(f"clustering.base_{value}") for value in BASES}
    base = filters.pick(visit.say("clustering.base"), "base", names, BASES[0])
    _quotients(visit, lens, base, foot)
    cluster_stars.stars(visit, lens, foot)
    _districts(visit, lens, foot)


def _quotients(visit: Visit, lens: Lens, base: str, foot: Foot) -> None:
    city = lens.selection.city_id
    rows = cached_concentration.specialisation(visit.key, city, lens.scheme, base, visit)
    if not rows.height:
        blocks.empty(visit, "empty.enterprises")
        return
    rows = cluster_cells.shown(visit, lens, rows)
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
    blocks.chart(visit, _strongest(visit, rows), figure, foot, "location-quotients", data)


def _strongest(visit: Visit, rows: pl.DataFrame) -> str:
    """The highest quotient that rests on enough enterprises to be ranked, in one sentence."""
    ranked = rows.filter((pl.col("n") >= RANKED) & pl.col("value").is_not_null())
    if not ranked.height:
        return visit.say("clustering.lq", n=rows["industry_code"].n_unique())
    top = ranked.sort("value", "n", descending=True).row(0, named=True)
    lq = tables.number(top["value"], 2)
    return visit.say("clustering.lq_found", district=top["district"], industry=top["industry"], lq=lq, n=top["n"])


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
    known = rows.filter(enough).drop_nulls("krugman").sort("krugman", descending=True)
    heading = visit.say("clustering.mix")
    if known.height > 1:
        most, least = known.row(0, named=True), known.row(-1, named=True)
        ends = {"most": most["district"], "k": tables.number(most["krugman"], 2), "least": least["district"]}
        heading = visit.say("clustering.mix_found", **ends, k_least=tables.number(least["krugman"], 2))
    blocks.table(visit, heading, data, foot, "district-mix", column_config=blocks.pinned(data))
