"""District maps of a page's figure: values joined to districts, drawn, captioned and clickable."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl

from data import registry
from pages.parts import blocks, cached, findings, maps, tables
from pages.parts.blocks import Foot
from pages.parts.filters import Selection
from pages.parts.session import Visit


def districts(
    visit: Visit,
    selection: Selection,
    values: pl.DataFrame,
    heading: str,
    foot: Foot,
    key: str,
    neutral: float | None = None,
    missing: str = "status.missing",
) -> None:
    """A clickable district map of `values` (district_code, value, text); missing districts stay grey."""
    shapes = cached.city_boundaries(visit.home, selection.city_id)
    places = registry.districts_of(selection.city_id).select(
        "district_code", visit.named().alias("label"), pl.col("centroid_lon").alias("lon"), "centroid_lat"
    )
    frame = places.rename({"centroid_lat": "lat"}).join(values, on="district_code", how="left", maintain_order="left")
    frame = frame.with_columns(
        text=pl.format("{}: {}", "label", pl.col("text").fill_null(f"— ({visit.say('status.missing')})"))
    )
    kind = "sequential" if neutral is None else "diverging"
    drawn = maps.district_deck(
        frame,
        shapes,
        selection.district_code,
        maps.view_of(shapes or frame, width=blocks.NARROW_MAP),
        kind,
        visit.dark,
        neutral,
    )
    low, high = frame["value"].min(), frame["value"].max()
    legend = maps.legend(kind, low, high, neutral, foot.unit, visit.dark, missing=visit.say(missing))
    blocks.deck(visit, heading, drawn, legend, credited(visit, foot, shapes), key)


def credited(visit: Visit, foot: Foot, shapes: dict[str, object] | None) -> Foot:
    """The foot with the attribution of the boundary layer, or the word that there is none."""
    layer = str(shapes["attribution"]) if shapes else visit.say("source.no_boundaries")
    return replace(foot, source=f"{foot.source} · {layer}")


def prosperity(visit: Visit, selection: Selection, month: date, heading: str, key: str) -> None:
    """The prosperity index of every district in one month, around the neutral 50."""
    city = Selection(selection.city_id)
    index = cached.prosperity(visit.key, city, True, visit).filter(pl.col("period") == month)
    few, missing = visit.say("status.suppressed", minimum=5), f"— ({visit.say('status.missing')})"
    published = pl.lit(tables.each(index["prosperity_index"], tables.number))
    values = index.select(
        "district_code",
        value=pl.col("prosperity_index"),
        text=pl.when(pl.col("suppressed"))
        .then(pl.lit(few))
        .otherwise(pl.format("{} (n={})", published, "n_parks").fill_null(missing)),
    )
    survey, status = blocks.source(visit, "answers", selection.city_id)
    when = tables.period_label(month, visit.language)
    n = str(index.filter(pl.col("prosperity_index").is_not_null())["n_parks"].sum())
    foot = Foot(survey, status, visit.say("unit.index"), when, n=n, method="prosperity_index")
    districts(visit, selection, values, heading, foot, key, findings.NEUTRAL, "status.missing_or_few")


def counts(
    visit: Visit,
    selection: Selection,
    numbers: pl.DataFrame,
    heading: str,
    foot: Foot,
    key: str,
    unit: str,
    scoped: bool = False,
) -> None:
    """A count (district_code, n) by district, light to dark; the records cover the city, so none is a true zero.

    `scoped` records cover what the viewer may see: of other districts nothing is known.
    """
    every = registry.districts_of(selection.city_id).select("district_code")
    if scoped and visit.viewer.scope.districts is not None:
        every = every.filter(pl.col("district_code").is_in(sorted(visit.viewer.scope.districts)))
    filled = every.join(numbers, on="district_code", how="left").with_columns(pl.col("n").fill_null(0))
    values = filled.select(
        "district_code", value=pl.col("n").cast(pl.Float64), text=pl.format("{} {}", "n", pl.lit(unit))
    )
    districts(visit, selection, values, heading, foot, key)
