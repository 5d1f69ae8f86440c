"""The stars of clusters: size, specialisation and growth of each industry in each district, with the rank behind."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from pages.parts import blocks, tables
from pages.parts.blocks import Foot
from pages.parts.clustering import cached_concentration, cached_linkage, cluster_cells, cluster_link_charts
from pages.parts.clustering.cached_concentration import FEW, STAR_RULE
from pages.parts.clustering.cached_firms import Lens
from pages.parts.session import Visit

RANKED_FOR = ("size", "specialisation", "growth")


def stars(visit: Visit, lens: Lens, foot: Foot) -> None:
    """The grid of stars, with the numbers and ranks of each in the table behind it."""
    city = lens.selection.city_id
    cells = cached_concentration.specialisation(visit.key, city, lens.scheme, "all", visit)
    found = cached_linkage.stars(visit.key, city, lens.scheme, visit)
    if not cells.height or not found.height:
        return
    rows = cluster_cells.shown(visit, lens, cells).join(
        found, on=["district_code", "industry_code"], maintain_order="left"
    )
    rows = rows.with_columns(pl.when(pl.col("value").is_not_null() & (pl.col("n") > 0)).then("stars").alias("stars"))
    rows = rows.with_columns(
        rank=pl.format("{}/{}", "size_rank", "n_regions"),
        text=pl.Series([_told(visit, row) for row in rows.iter_rows(named=True)], dtype=pl.String),
    )
    if rows["stars"].null_count() == rows.height:
        return
    figure = cluster_link_charts.stars_grid(rows, dark=visit.dark)
    foot = replace(
        foot,
        unit=visit.say("unit.stars"),
        n=tables.count(rows["n"].sum(), visit.language),
        method="cluster_stars",
        source=f"{foot.source} · {_note(visit, rows)}",
    )
    blocks.chart(visit, _finding(visit, rows), figure, foot, "cluster-stars", _table(visit, rows))


def _told(visit: Visit, row: dict[str, object]) -> str:
    """The hover text of a cell: every strength that was judged, with value and rank."""
    if row["stars"] is None:
        return ""
    parts = [f"{row['industry']} · {row['district']}", visit.say("clustering.stars_of", **_counts(row))]
    values = {"size": f"{row['n']:,}", "specialisation": tables.number(row["value"], 2)}  # type: ignore[arg-type]
    values["growth"] = tables.signed(row["growth_pct"]) + " %"  # type: ignore[arg-type]
    for name in RANKED_FOR:
        rank = row[f"{name}_rank"]
        if rank is not None:
            told = f"{visit.say(f'clustering.star_{name}')} {values[name]} ({rank}/{row['n_regions']})"
            parts.append(told + (f" {cluster_link_charts.STAR}" if row[f"{name}_star"] else ""))
    return "<br>".join(parts)


def _counts(row: dict[str, object]) -> dict[str, object]:
    return {"stars": row["stars"], "of": row["stars_of"]}


def _finding(visit: Visit, rows: pl.DataFrame) -> str:
    """How many clusters reach the most stars any has, and the largest of them."""
    best = rows.filter(pl.col("stars") == pl.col("stars").max()).sort("n", descending=True)
    top = best.row(0, named=True)
    words = {"n": best.height, "stars": top["stars"], "industry": top["industry"], "district": top["district"]}
    return visit.say("clustering.stars_found", **words)


def _note(visit: Visit, rows: pl.DataFrame) -> str:
    first, last, regions = rows["first"][0], rows["last"][0], rows["n_regions"].max()
    rule = {"top": f"{STAR_RULE[0]:g}", "quotient": f"{STAR_RULE[1]:g}"}
    span = f"{first}–{last}" if last else tables.MISSING
    return visit.say("clustering.stars_note", **rule, span=span, regions=regions, minimum=FEW)


def _table(visit: Visit, rows: pl.DataFrame) -> pl.DataFrame:
    """Every shown cell: its stars, and value and rank of each strength."""
    order = rows.drop_nulls("stars").sort("stars", "n", "industry", descending=[True, True, False])
    words = {"district": "district", "industry": "industry", "enterprises": "n", "stars": "stars"}
    words |= {"judged": "stars_of", "size_rank": "size_rank", "lq": "value", "lq_rank": "specialisation_rank"}
    words |= {"growth_pct": "growth_pct", "growth_rank": "growth_rank", "regions": "n_regions"}
    names = {"lq": "lq_short"}
    return order.with_columns(pl.col("value").round(2), pl.col("growth_pct").round(1)).select(
        pl.col(column).alias(visit.say(f"clustering.{names.get(word, word)}")) for word, column in words.items()
    )
