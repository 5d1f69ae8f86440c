"""Enterprise figures on screen: density and district maps, clusters, location quotients, openings and closures."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from data import registry
from pages.parts import blocks, cached, charts, mapped, maps, tables
from pages.parts.blocks import Foot
from pages.parts.filters import Selection
from pages.parts.session import Visit, minimum_cell

LARGEST = 12
MINIMUM = 5
WIDE_MAP, TALL_MAP = 620, 640
SCHEME_OF = {"industry_code": "GB/T 4754-2017", "culture_code": "文化及相关产业分类(2018)"}


def hexagon_map(visit: Visit, selection: Selection, totals: dict[str, int], foot: Foot) -> None:
    """Equal-area hexagons coloured by enterprises, over the district borders."""
    cells = cached.density(visit.key, selection, visit)
    if not cells.height:
        blocks.empty(visit, "empty.enterprises")
        return
    shapes = cached.city_boundaries(visit.home, selection.city_id)
    unit = visit.say("unit.enterprises")
    sites = visit.say("clustering.sites")
    cells = cells.with_columns(text=pl.format(f"{{}} {unit} · {{}} {sites}", "n", "n_sites"))
    names = registry.districts_of(selection.city_id).select(
        "district_code", label=visit.named(), lon="centroid_lon", lat="centroid_lat"
    )
    core = cells.filter(
        pl.col("lon").is_between(*quantiles(cells["lon"])) & pl.col("lat").is_between(*quantiles(cells["lat"]))
    )
    view = maps.view_of(core, width=WIDE_MAP, height=TALL_MAP)
    drawn = maps.hexagon_deck(cells, shapes, names, view, visit.dark)
    low, high = float(cells["n"].min()), float(cells["n"].max())  # type: ignore[arg-type]
    legend = maps.legend("root", low, high, None, unit, visit.dark)
    missing = totals["open"] - totals["with_point"]
    note = visit.say(
        "clustering.hexagons_note", n=thousands(totals["with_point"]), sites=thousands(totals["sites"]), missing=missing
    )
    foot = replace(foot, source=f"{foot.source} · {note}", n=tables.count(totals["with_point"], visit.language))
    foot = mapped.credited(visit, replace(foot, method="hexagons"), shapes)
    blocks.deck(visit, visit.say("clustering.hexagons"), drawn, legend, foot, "hexagons", TALL_MAP)


def thousands(number: float) -> str:
    """A count with thousands separators.

    >>> thousands(5324)
    '5,324'
    """
    return tables.number(number, 0)


def quantiles(values: pl.Series) -> tuple[float, float]:
    """Where the middle 94 % of the hexagons lie, so that a far village does not shrink the map."""
    return float(values.quantile(0.03) or 0), float(values.quantile(0.97) or 0)


def district_map(visit: Visit, selection: Selection, foot: Foot) -> None:
    """Open enterprises by district."""
    numbers = cached.enterprises_by_district(visit.key, selection.city_id, visit)
    foot = replace(foot, territory="", n=tables.count(numbers["n"].sum(), visit.language))
    heading, unit = visit.say("clustering.districts"), visit.say("unit.enterprises")
    mapped.counts(visit, selection, numbers, heading, foot, "enterprises-map", unit)


def years(visit: Visit, selection: Selection, totals: dict[str, int], foot: Foot) -> None:
    """Open enterprises at year end, with openings and closures in the table behind the chart."""
    stock = cached.enterprise_years(visit.key, selection, visit)
    figure = charts.trend(
        stock.with_columns(period=pl.date("year", 1, 1)), y="stock", yearly=True, places=0, height=220, unit=foot.unit,
        label=visit.say("clustering.stock"), synthetic=foot.status != "computed", language=visit.language,
        dark=visit.dark,
    )  # fmt: skip
    note = visit.say("clustering.trend_note", undated=totals["undated"])
    span = f"{stock['year'].min()}–{stock['year'].max()}"
    foot = replace(foot, source=f"{foot.source} · {note}", period=span, n=thousands(stock["opened"].sum()))
    blocks.chart(visit, visit.say("clustering.trend"), figure, foot, "enterprise-years", stock)


def cluster_table(visit: Visit, selection: Selection, foot: Foot) -> None:
    """The clusters, largest first, with the district of the enterprise nearest to their centre."""
    places = registry.districts_of(selection.city_id).select("district_code", near=visit.named())
    found = cached.placed_clusters(visit.key, selection, visit).join(places, on="district_code", how="left")
    words = {
        "cluster": "cluster_id",
        "near": "near",
        "enterprises": "n_enterprises",
        "sites": "n_sites",
        "hexes": "n_hexagons",
    }
    data = found.sort("cluster_id").select(
        pl.col(column).alias(visit.say(f"clustering.{word}")) for word, column in words.items()
    )
    foot = replace(foot, method="hexagon_clusters")
    blocks.table(visit, visit.say("clustering.table"), data, foot, "clusters", height=250)


def heat_table(visit: Visit, selection: Selection, scheme: str, foot: Foot) -> None:
    """Location quotients of the largest industries by district; small cells are blank for those outside."""
    quotients = cached.specialisation(visit.key, selection.city_id, scheme, visit)
    largest = quotients.group_by(scheme).agg(total=pl.col("n").sum())
    largest = largest.sort("total", scheme, descending=[True, False]).head(LARGEST)
    names = registry.industries().filter(pl.col("scheme") == SCHEME_OF[scheme])
    rows = (
        quotients.join(largest, on=scheme)
        .join(names.select("code", industry=visit.named()), left_on=scheme, right_on="code", how="left")
        .join(
            registry.districts_of(selection.city_id).select("district_code", district=visit.named()), on="district_code"
        )
    )
    if selection.district_code is not None:
        rows = rows.filter(pl.col("district_code") == selection.district_code)
    inside = visit.viewer.scope.districts or frozenset()
    visible = pl.col("shown") | pl.col("district_code").is_in(sorted(inside)) | (minimum_cell(visit) == 1)
    rows = rows.with_columns(pl.when(visible).then(pl.col("location_quotient")).alias("value"))
    rows = rows.with_columns(pl.when(visible | (pl.col("n") == 0)).then(pl.col("n")).alias("n"))
    rows = rows.sort("total", "industry", "district_code", descending=[True, False, False])
    figure = charts.heat_table(
        rows, rows="industry", columns="district", value="value", n="n", unit="", dark=visit.dark
    )
    note = visit.say("clustering.lq_note", minimum=MINIMUM)
    n = tables.count(rows["n"].sum(), visit.language)
    foot = replace(foot, unit=visit.say("unit.lq"), source=f"{foot.source} · {note}", n=n, method="location_quotients")
    data = rows.select("district_code", "district", scheme, "industry", "n", "value")
    blocks.chart(visit, visit.say("clustering.lq", n=LARGEST), figure, foot, "location-quotients", data)
