"""The first view of clustering: figures on top, the map with its layers, the table of clusters, one cluster in full."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import streamlit as st

from data import registry
from pages.parts import blocks, cached, charts, filters, mapped, maps, tables
from pages.parts.blocks import Foot
from pages.parts.clustering import cached_clusters, cached_firms, cached_linkage, cluster_choices, cluster_map
from pages.parts.clustering.cached_concentration import FEW, industry_names
from pages.parts.clustering.cached_firms import Lens
from pages.parts.session import Visit

Clusters = pl.DataFrame
WIDE_MAP, TALL_MAP = 760, 620
M2_IN_KM2, SMALL_KM2 = 1_000_000.0, 0.01


def figures(visit: Visit, lens: Lens, found: pl.DataFrame, foot: Foot, rule: Foot) -> None:
    """Open enterprises and the share inside parks now, clusters as the `rule` line says; and what is not counted."""
    totals = cached_firms.enterprise_totals(visit.key, lens.selection, visit)
    first, second, third = st.columns(3)
    with first:
        left_out = ("closed", "vacant", "synthetic")
        note = visit.say("clustering.open_note", **{name: f"{totals[name]:,}" for name in left_out})
        value = tables.count(totals["open"], visit.language)
        blocks.metric(visit, visit.say("clustering.open"), value, None, "", note, foot)
    with second:
        share = tables.number(100 * totals["in_parks"] / totals["open"], 1) + " %"
        n = tables.count(totals["in_parks"], visit.language)
        inside = replace(foot, unit=visit.say("unit.pct"), n=n)
        blocks.metric(visit, visit.say("clustering.in_parks"), share, None, "", no_place(visit, totals), inside)
    with third:
        label, rule = visit.say("clustering.clusters"), replace(rule, unit=visit.say("unit.clusters"))
        n = tables.count(totals["with_point"], visit.language)
        rule = replace(rule, method="clusters", n=n)
        blocks.metric(visit, label, str(found.height), None, "", rule_note(visit), rule)


def missing(visit: Visit) -> None:
    """What a city without an enterprise file says, and the way to the page where one is uploaded."""
    blocks.empty(visit, "empty.enterprises")
    if visit.revision:
        st.page_link("pages/upload.py", label=visit.say("clustering.to_upload"))


def rule_note(visit: Visit) -> str:
    """The rule of clusters with its two numbers."""
    eps = f"{cached_clusters.EPS_M:g}"
    return visit.say("overview.clusters_note", eps=eps, minimum=cached_clusters.MINIMUM)


def no_place(visit: Visit, totals: dict[str, int]) -> str:
    """How many open enterprises no distance method may use, and why."""
    missing = totals["open"] - totals["with_point"]
    why = {name: f"{totals[name]:,}" for name in ("none", "district", "system", "outside")}
    return visit.say("clustering.no_place", missing=f"{missing:,}", **why)


def named(visit: Visit, found: pl.DataFrame) -> pl.DataFrame:
    """The clusters with `label`, their name or number, and `text` for the map."""
    number = pl.format("{} {}", pl.lit(visit.say("clustering.cluster")), "cluster")
    unit, sites = visit.say("unit.enterprises"), visit.say("clustering.sites")
    rows = found.with_columns(label=pl.coalesce(visit.named(), number))
    return rows.with_columns(
        text=pl.format("{}\n{} {} · {} {}", "label", "n_enterprises", pl.lit(unit), "n_sites", pl.lit(sites))
    )


def marks(found: pl.DataFrame) -> dict[str, str]:
    """The names of the clusters by their mark, numbered by size."""
    return {mark: f"{number} · {label}" for mark, number, label in found.select("mark", "cluster", "label").iter_rows()}


def map_block(visit: Visit, lens: Lens, found: pl.DataFrame, chosen: str | None, foot: Foot) -> None:
    """The map: one layer of the city, above it outlines of clusters and, near by, the places of enterprises."""
    layer, lines, points = cluster_choices.layer(visit)
    if layer == "districts":
        numbers = cached_firms.enterprises_by_district(visit.key, lens, visit)
        foot = replace(foot, territory="", n=tables.count(numbers["n"].sum(), visit.language))
        heading, unit = visit.say("clustering.districts"), visit.say("unit.enterprises")
        mapped.counts(visit, lens.selection, numbers, heading, foot, "enterprises-map", unit)
        return
    totals = cached_firms.enterprise_totals(visit.key, lens.selection, visit)
    if layer == "hotspots":
        layers, legend, heading, foot = _spots(visit, lens, foot)
    else:
        layers, legend, heading, foot = _hexagons(visit, lens, foot)
    if lines:
        layers.append(cluster_map.outlines(found, chosen, visit.dark))
        legend += f'<div class="legend">{visit.say("clustering.outline_legend")}</div>'
    if points:
        sites = cached_clusters.sites(visit.key, lens, visit)
        names = cached_linkage.site_names(visit.key, lens, visit)
        layers.append(cluster_map.places(sites, visit.say("unit.enterprises"), visit.dark, names))
        drawn = visit.say("clustering.places_note", n=f"{sites.height:,}", sites=f"{totals['sites']:,}")
        foot = replace(foot, source=f"{foot.source} · {drawn}")
    shapes = cached.city_boundaries(visit.home, lens.selection.city_id)
    view, place = _view(visit, lens, found, chosen), lens.selection.district_code
    drawn_deck = maps.layered_deck(layers, shapes, _places(visit, lens), view, visit.dark, place)
    _deck(visit, heading, drawn_deck, legend, mapped.credited(visit, foot, shapes))


def _places(visit: Visit, lens: Lens) -> pl.DataFrame:
    return registry.districts_of(lens.selection.city_id).select(
        "district_code", label=visit.named(), lon="centroid_lon", lat="centroid_lat"
    )


def _view(visit: Visit, lens: Lens, found: pl.DataFrame, chosen: str | None) -> maps.View:
    """The chosen cluster from near by, else where most of the enterprises are."""
    outline = found.filter(pl.col("mark") == (chosen or ""))["outline_wkt"].drop_nulls()
    if len(outline):
        corners = outline.str.extract_all(r"[0-9.]+ [0-9.]+").explode().str.split(" ")
        near = pl.DataFrame({"lon": corners.list.get(0).cast(pl.Float64), "lat": corners.list.get(1).cast(pl.Float64)})
        return maps.view_of(near, width=WIDE_MAP, height=TALL_MAP)
    cells = cached_clusters.density(visit.key, lens, visit)
    (west, east), (south, north) = (quantiles(cells[axis], cells["n"]) for axis in ("lon", "lat"))
    core = cells.filter(pl.col("lon").is_between(west, east) & pl.col("lat").is_between(south, north))
    return maps.view_of(core if core.height else _places(visit, lens), width=WIDE_MAP, height=TALL_MAP)


def quantiles(values: pl.Series, weights: pl.Series) -> tuple[float, float]:
    """Between where the middle 90 % of the weight lies, so that a far village does not shrink the map.

    >>> quantiles(pl.Series([1.0, 2.0, 3.0]), pl.Series([1, 98, 1]))
    (2.0, 2.0)
    """
    order = values.arg_sort()
    ordered, below = values.gather(order), weights.gather(order).cast(pl.Float64).cum_sum() / (weights.sum() or 1)
    inside = ordered.filter((below >= 0.05) & (below.shift(1, fill_value=0.0) <= 0.95))
    return (float(inside.min() or 0), float(inside.max() or 0)) if len(inside) else (0.0, 0.0)  # type: ignore[arg-type]


Drawn = tuple[list[object], str, str, Foot]


def _hexagons(visit: Visit, lens: Lens, foot: Foot) -> Drawn:
    """Enterprises by hexagon."""
    cells = cached_clusters.density(visit.key, lens, visit)
    unit, sites = visit.say("unit.enterprises"), visit.say("clustering.sites")
    shown = cells.with_columns(text=pl.format("{} {} · {} {}", "n", pl.lit(unit), "n_sites", pl.lit(sites)))
    most = float(cells["n"].max() or 0)  # type: ignore[arg-type]
    legend = maps.legend("root", 0.0, most, None, unit, visit.dark)
    foot = replace(foot, n=f"{cells['n'].sum():,}", method="hexagons")
    return (
        [maps.hexagon_layer(shown, visit.dark)] if cells.height else [],
        legend,
        visit.say("clustering.hexagons_found", most=f"{most:,.0f}") if most else visit.say("clustering.hexagons"),
        foot,
    )


def _spots(visit: Visit, lens: Lens, foot: Foot) -> Drawn:
    """Hot and cold spots by exact chance; the false discovery rate decides, not the score."""
    heading = visit.say("clustering.hotspots", level=f"{100 * cached_clusters.LEVEL:g}")
    cells = cached_clusters.hot(visit.key, lens, visit)
    if cells is None:
        return [], f'<div class="legend">{visit.say("clustering.no_frame")}</div>', heading, foot
    cells = cells.with_columns(q=pl.when(pl.col("kind") == "cold").then("q_cold").otherwise("q_hot"))
    parts = [pl.format("{} {}", pl.col("n").cast(pl.Int64), pl.lit(visit.say("unit.enterprises")))]
    for name, column in (("Gi* z", "z_gi_star"), ("p", "p_two_sided"), ("q", "q")):
        parts.append(pl.format(f"{name} = {{}}", pl.col(column).round_sig_figs(2)))
    cells = cells.with_columns(text=pl.concat_str(parts, separator="\n", ignore_nulls=True))
    hot, cold = ((cells["kind"] == kind).sum() for kind in ("hot", "cold"))
    words = [visit.say(f"clustering.{kind}_cells", n=n) for kind, n in (("hot", hot), ("cold", cold))]
    told = visit.say(
        "clustering.spots_note", cells=f"{cells.height:,}", way=visit.say(f"clustering.way_{cells['way'][0]}")
    )
    if not cold:
        told += visit.say("clustering.no_cold")
    heading = visit.say("clustering.hotspots_found", hot=hot, cold=cold, level=f"{100 * cached_clusters.LEVEL:g}")
    foot = replace(foot, n=f"{int(cells['n'].sum()):,}", method="hot_spots", source=f"{foot.source} · {told}")
    legend = cluster_map.spot_legend(words[0], words[1] if cold else "", visit.dark)
    return [cluster_map.spots(cells, visit.dark)], legend, heading, foot


def _deck(visit: Visit, heading: str, drawn: maps.RawDeck, legend: str, foot: Foot) -> None:
    """The block of the map; a click on a cluster or a district goes into its box."""
    with st.container(border=True):
        st.subheader(heading, anchor=False)
        chart = f"clusters-{st.session_state.get('district')}-{st.session_state.get('cluster')}"

        def clicked() -> None:
            filters.on_map_click(chart, "clusters", "mark", "cluster")
            filters.on_map_click(chart)

        st.pydeck_chart(drawn, height=TALL_MAP, key=chart, alt=heading, on_select=clicked)
        st.html(legend)
        st.caption(f"{visit.say('clustering.map_hint')}  \n{foot.line(visit)}")


def cluster_table(visit: Visit, lens: Lens, found: pl.DataFrame, foot: Foot) -> None:
    """The clusters, largest first, each with a small curve of its enterprises year by year."""
    industries = industry_names(visit, lens.scheme)
    trends = cached_linkage.trends(visit.key, lens, visit)
    shown = found.join(trends, on="cluster", how="left", maintain_order="left").with_columns(
        leading=pl.col("leading_industry").replace_strict(industries, default=pl.col("leading_industry")),
        lq=pl.when("leading_shown").then(pl.col("leading_lq").round(2)),
        area=square_kilometres(pl.col("area_m2")),
        density=pl.col("density_per_km2").round(0).cast(pl.Int64),
        mix=pl.col("diversity").round(1),
    )
    words = {"rank": "cluster", "name": "label", "enterprises": "n_enterprises", "trend_curve": "trend"}
    words |= {"sites": "n_sites", "employees": "employees", "area": "area", "density": "density"}
    words |= {"leading": "leading", "lq_leading": "lq", "diversity": "mix", "parks": "n_parks"}
    titles = {word: visit.say(f"clustering.{word}") for word in words}
    if trends.height:
        years = trends["years"][0]
        titles["trend_curve"] = visit.say("clustering.trend_years", first=years[0], last=years[-1])
    else:
        del words["trend_curve"]
    data = shown.select(pl.col(column).alias(titles[word]) for word, column in words.items())
    if lens.selection.district_code is not None:
        data = data.with_columns(shown["n_here"].alias(visit.say("clustering.here")))
    config = {titles["name"]: st.column_config.Column(pinned=True)}
    config[titles["trend_curve"]] = st.column_config.LineChartColumn(width="medium", y_min=0)  # type: ignore[assignment]
    _ranked(visit, lens, found, data, config, foot)


def _ranked(
    visit: Visit, lens: Lens, found: pl.DataFrame, data: pl.DataFrame, config: dict[str, object], foot: Foot
) -> None:
    """The block of the ranked table with its title, the share of the largest clusters, and its notes."""
    unknown = int(found["n_unknown"].sum())
    told = visit.say("clustering.table_note", unknown=f"{unknown:,}", minimum=FEW)
    if visit.say("clustering.trend_curve") not in data.columns and len(config) > 1:
        undated = cached_firms.enterprise_totals(visit.key, lens.selection, visit)["undated"]
        told += visit.say("clustering.curve_told", undated=f"{undated:,}")
    foot = replace(
        foot, method="clusters", unit=visit.say("unit.clusters"), n=str(found.height),
        source=f"{foot.source} · {rule_note(visit)} · {told}",
    )  # fmt: skip
    heading = visit.say("clustering.table")
    if found.height:
        top, every = found.row(0, named=True), found["n_enterprises"].sum()
        share = tables.percent(100 * top["n_enterprises"] / every, 0)
        heading = visit.say("clustering.table_found", name=top["label"], n=f"{top['n_enterprises']:,}", share=share)
    blocks.table(visit, heading, data, foot, "clusters", height=380, column_config=config)


def square_kilometres(area_m2: pl.Expr) -> pl.Expr:
    """Areas in square kilometres with two decimals; one under 0.01 keeps its first digit, so that it is not 0.

    >>> pl.DataFrame({"m2": [939_512.0, 831.0, None]}).select(square_kilometres(pl.col("m2"))).to_series().to_list()
    [0.94, 0.0008, None]
    """
    km2 = area_m2 / M2_IN_KM2
    return pl.when(km2 >= SMALL_KM2).then(km2.round(2)).otherwise(km2.round_sig_figs(1))


def ground(area_m2: float | None, visit: Visit) -> str:
    """The ground of a cluster with its unit: small ones in square metres; of one on a line or a place there is none."""
    if area_m2 is None:
        return visit.say("clustering.no_ground")
    small = area_m2 < SMALL_KM2 * M2_IN_KM2
    shown = tables.number(area_m2, 0) if small else tables.number(area_m2 / M2_IN_KM2, 2)
    return visit.say("clustering.ground_m2" if small else "clustering.ground_km2", area=shown)


def profile(visit: Visit, lens: Lens, found: pl.DataFrame, mark: str, foot: Foot) -> None:
    """One cluster: size, ground, employees, leading industries with quotient and interval, parks, enterprises."""
    row = found.filter(pl.col("mark") == mark).row(0, named=True)
    with st.container(border=True):
        st.subheader(row["label"], anchor=False)
        people = tables.count(row["employees"], visit.language)
        st.markdown(
            visit.say(
                "clustering.profile", n=f"{row['n_enterprises']:,}", sites=f"{row['n_sites']:,}", people=people,
                unknown=f"{row['n_unknown']:,}", ground=ground(row["area_m2"], visit),
                mix=tables.number(row["diversity"], 1),
            )
        )  # fmt: skip
        parks = _parks(visit, row["park_ids"])
        st.markdown(visit.say("clustering.parks_inside", parks=parks) if parks else visit.say("clustering.no_parks"))
        _leading(visit, lens, row, foot)
    _members(visit, lens, row, foot)


def _members(visit: Visit, lens: Lens, row: dict[str, object], foot: Foot) -> None:
    """The enterprises of a cluster, the largest first, with the names the public register gives them."""
    rows = cached_linkage.enterprises(visit.key, lens, int(str(row["cluster"])), visit)
    industries, n_named = industry_names(visit, lens.scheme), rows["name"].count()
    named = rows.with_columns(
        industry=pl.col("industry").replace_strict(industries, default=pl.col("industry")),
        name=pl.col("name").fill_null(pl.col("enterprise_id")),
    )
    words = {"firm": "name", "industry": "industry", "opened_on": "opened_on", "firm_size": "employees"}
    words |= {"firm_id": "enterprise_id"} if n_named else {}
    data = named.select(pl.col(column).alias(visit.say(f"clustering.{word}")) for word, column in words.items())
    days = {visit.say("clustering.opened_on"): st.column_config.DateColumn(format="YYYY-MM-DD")}
    config = blocks.pinned(data) | days
    note = visit.say("clustering.members_note", named=f"{n_named:,}", shown=f"{rows.height:,}")
    n, label = f"{row['n_enterprises']:,}", str(row["label"])
    foot = replace(
        foot, unit=visit.say("unit.enterprises"), n=n, territory=label, method="cluster_members",
        source=f"{foot.source} · {note}",
    )  # fmt: skip
    heading = visit.say("clustering.members", name=label, n=n)
    blocks.table(visit, heading, data, foot, "cluster-members", height=300, column_config=config)


def _parks(visit: Visit, park_ids: str | None) -> str:
    """The names of the parks inside; only parks whose own place is known can be."""
    if not park_ids:
        return ""
    ids = park_ids.split("|")
    names = dict(cached.parks(visit.key, visit).select("park_id", visit.named()).iter_rows())
    return ", ".join(names.get(park) or park for park in ids)


def _leading(visit: Visit, lens: Lens, row: dict[str, object], foot: Foot) -> None:
    rows = cached_clusters.leading(visit.key, lens, int(str(row["cluster"])), visit)
    shown = rows.filter("shown")
    if not shown.height:
        st.caption(visit.say("clustering.few_industries", minimum=FEW))
        return
    figure = charts.bars(
        shown, "industry_code", "location_quotient", labels=industry_names(visit, lens.scheme), n="n", places=2,
        synthetic=foot.status != "computed", language=visit.language, dark=visit.dark,
    )  # fmt: skip
    data = shown.select("industry_code", "n", "share_pct", "location_quotient", "low", "high")
    foot = replace(
        foot, unit=visit.say("unit.lq"), n=str(row["n_enterprises"]), territory=str(row["label"]),
        method="cluster_industries",
    )  # fmt: skip
    blocks.chart(visit, visit.say("clustering.leading_industries"), figure, foot, "cluster-industries", data)
