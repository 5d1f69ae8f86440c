"""Whether parks belong together industrially: the sentence with its numbers, what their enterprises do, and pairs."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import streamlit as st

from pages.parts import blocks, filters, tables
from pages.parts.blocks import Foot
from pages.parts.clustering import cached_concentration, cached_linkage, cluster_charts, cluster_link_charts
from pages.parts.clustering.cached_concentration import RANKED, industry_names
from pages.parts.clustering.cached_firms import GBT, Lens
from pages.parts.clustering.industry_chains import KINDS
from pages.parts.session import Visit

STRONGEST, BARS = 12, 10
EVERY = ""  # the row of all parks together


def linkage(visit: Visit, lens: Lens, foot: Foot) -> None:
    """One park's sentence and what parks do, all parks with their numbers, and the industries that settle together."""
    rows = cached_concentration.linkage(visit.key, lens.selection, visit)
    rows = rows.filter(pl.col("n") >= pl.col("n_from"))
    if rows.height:
        rows = rows.with_columns(name=pl.coalesce(visit.named(), "name_zh", "park_id"))
        _parks(visit, rows, foot)
        park = _sentence(visit, rows, foot)
        _functions(visit, lens, rows, park, foot)
    else:
        blocks.empty(visit, "clustering.no_park_rows" if lens.scheme == GBT else "clustering.no_chain_rows")
    _pairs(visit, lens, foot)


def _parks(visit: Visit, rows: pl.DataFrame, foot: Foot) -> None:
    """Every park: the finding, and what it is made of."""
    said = {value: visit.say(f"clustering.finding_{value}") for value in rows["finding"].unique()}
    most = rows["finding"].value_counts(sort=True).sort("count", "finding", descending=[True, False])["finding"][0]
    weak, n = rows.filter(finding="concentrated_weak").height, rows.height
    rounded = {"dense": "density_ratio", "ratio": "partner_ratio"}
    shares = {"leading": "leading_chain_pct", "partner": "partner_pct", "chance": "expected_partner_pct"}
    shares |= {"up": "upstream_pct", "down": "downstream_pct"}
    table = rows.with_columns(
        sentence=pl.col("finding").replace_strict(said),
        chain=pl.col("leading_chain").replace_strict(_chains(visit, rows), default=None),
        **{name: pl.col(column).round(2) for name, column in rounded.items()},
        **{name: pl.col(column).round(1) for name, column in shares.items()},
    )
    words = {"park": "name", "finding": "sentence", "enterprises": "n", "density_ratio": "dense", "chain": "chain"}
    words |= {"leading_pct": "leading", "upstream_pct": "up", "downstream_pct": "down"}
    words |= {"partner_pct": "partner", "chance_pct": "chance", "partner_ratio": "ratio"}
    data = table.select(pl.col(column).alias(visit.say(f"clustering.{word}")) for word, column in words.items())
    often = visit.say("clustering.most_often", finding=said[most])
    source = f"{foot.source} · {_limits(visit, rows)} · {often}"
    foot = replace(foot, unit=visit.say("unit.parks"), n=str(n), method="linkage_findings", source=source)
    heading = visit.say("clustering.parks_finding", weak=weak, n=n)
    blocks.table(visit, heading, data, foot, "park-linkage", height=380, column_config=blocks.pinned(data))


def _chains(visit: Visit, rows: pl.DataFrame) -> dict[str, str]:
    return {value: visit.say(f"clustering.chain_{value}") for value in rows["leading_chain"].drop_nulls().unique()}


def _limits(visit: Visit, rows: pl.DataFrame) -> str:
    """From where a park is called concentrated, strong, weak."""
    limits = rows.row(0, named=True)
    return visit.say(
        "clustering.parks_note",
        density=f"{limits['density_ratio_from']:g}",
        leading=f"{limits['leading_chain_from_pct']:g}",
        ratio=f"{limits['partner_ratio_from']:g}",
        minimum=limits["n_from"],
    )


def _sentence(visit: Visit, rows: pl.DataFrame, foot: Foot) -> str:
    """One park in words, every word with its number; the park chosen in the box comes back."""
    names = dict(rows.select("park_id", pl.format("{} ({})", "name", "n")).iter_rows())
    park = filters.pick(visit.say("clustering.park_in_words"), "linked_park", names, rows["park_id"][0])
    row = rows.row(by_predicate=pl.col("park_id") == park, named=True)
    chain = _chains(visit, rows).get(row["leading_chain"] or "", visit.say("clustering.no_chain"))
    numbers = {
        "density": tables.number(row["density_ratio"], 2),
        "leading": tables.percent(row["leading_chain_pct"]),
        "up": tables.percent(row["upstream_pct"]),
        "down": tables.percent(row["downstream_pct"]),
        "partner": tables.percent(row["partner_pct"]),
        "chance": tables.percent(row["expected_partner_pct"]),
        "ratio": tables.number(row["partner_ratio"], 2),
    }
    with st.container(border=True):
        finding = visit.say(f"clustering.finding_{row['finding']}")
        st.subheader(visit.say("clustering.park_sentence", park=row["name"], finding=finding), anchor=False)
        st.markdown(
            visit.say("clustering.park_numbers", n=row["n"], n_leading=row["n_leading"], chain=chain, **numbers)
        )
        line = replace(foot, unit=visit.say("unit.pct"), territory=str(row["name"]), n=str(row["n"]))
        st.caption(replace(line, method="park_linkage").line(visit))
    return park


def _functions(visit: Visit, lens: Lens, rows: pl.DataFrame, park: str, foot: Foot) -> None:
    """What the enterprises of all parks, of the chosen one and of the largest others do."""
    mix = cached_linkage.functions(visit.key, lens.selection, visit)
    largest = rows["park_id"].head(BARS).to_list()
    order = [EVERY, *([park] if park not in largest else []), *largest]
    names = dict(rows.select("park_id", "name").iter_rows()) | {EVERY: visit.say("clustering.all_parks")}
    places = pl.DataFrame({"park_id": order, "label": [names[one] for one in order], "place": range(len(order))})
    shown = mix.join(places, on="park_id").sort("place", "function")
    labels = pl.format("{} (n={})", "label", "n_park")
    kinds = {kind: visit.say(f"clustering.function_{kind}") for kind in KINDS}
    bars = shown.with_columns(label=labels)
    figure = cluster_link_charts.functional_bars(bars, kinds, synthetic=foot.status != "computed", dark=visit.dark)
    every = mix.filter(pl.col("park_id") == EVERY).sort("n", "function", descending=[True, False]).row(0, named=True)
    here = mix.filter(pl.col("park_id") == park).sort("n", "function", descending=[True, False]).row(0, named=True)
    heading = visit.say(
        "clustering.functions_found", park=names[park], kind=kinds[here["function"]],
        share=tables.percent(here["share_pct"], 0), all_kind=kinds[every["function"]],
        all_share=tables.percent(every["share_pct"], 0),
    )  # fmt: skip
    said = visit.say("clustering.functions_note", unknown=f"{every['n_unknown']:,}")
    foot = replace(
        foot, unit=visit.say("unit.pct"), n=f"{every['n_park']:,}", method="functional_mix",
        source=f"{foot.source} · {said}",
    )  # fmt: skip
    blocks.chart(visit, heading, figure, foot, "functional-mix", _wide(visit, mix, rows, kinds))


def _wide(visit: Visit, mix: pl.DataFrame, rows: pl.DataFrame, kinds: dict[str, str]) -> pl.DataFrame:
    """Every park in one row: enterprises with a known function, and the share of each function."""
    table = mix.with_columns(pl.col("share_pct").round(1), function=pl.col("function").replace_strict(kinds))
    names = rows.select("park_id", "name")
    parks = table.join(names, on="park_id").pivot("function", index=["name", "n_park"], values="share_pct")
    ordered = parks.sort("n_park", "name", descending=[True, False]).select("name", "n_park", *kinds.values())
    return ordered.rename({"name": visit.say("clustering.park"), "n_park": visit.say("clustering.enterprises")})


def _pairs(visit: Visit, lens: Lens, foot: Foot) -> None:
    """The pairs of industries that settle in the same districts, and the groups they hang together in."""
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
        territory=blocks.territory(visit, lens.of_city.selection),
        method="industry_network",
        n=str(pairs.height),
        source=f"{foot.source} · {told}",
    )
    data = network.select("industry_a", "industry_b", "coagglomeration", "n_a", "n_b", "group_id")
    top = pairs.row(0, named=True)
    first, second = (titles.get(top[end], top[end]) for end in ("industry_a", "industry_b"))
    value = tables.number(top["coagglomeration"], 3)
    heading = visit.say("clustering.pairs_found", first=first, second=second, value=value)
    blocks.chart(visit, heading, figure, foot, "pairs", data)
