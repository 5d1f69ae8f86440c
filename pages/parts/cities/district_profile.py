"""What the registers say of the chosen district: area, population with its date, parks on record."""

from __future__ import annotations

import polars as pl

from data import registry
from pages.parts import blocks, cached, tables
from pages.parts.blocks import Foot
from pages.parts.filters import Selection
from pages.parts.session import Visit


def show(visit: Visit, selection: Selection) -> None:
    """The table of the chosen district; nothing while the whole city is chosen."""
    rows = registry.districts_of(selection.city_id).filter(pl.col("district_code") == (selection.district_code or ""))
    if not rows.height:
        return
    row = rows.row(0, named=True)
    parks = cached.parks(visit.key, visit).filter(
        (pl.col("district_code") == selection.district_code) & ~pl.col("is_synthetic")
    )
    population = tables.figure(row["population"], visit.language)
    area, people = f"{tables.number(row['area_km2'])} km²", row["population_source_url"]
    lines = [
        (visit.say("cities.area"), area, row["area_source"], row["source_title"], row["source_url"]),
        (visit.say("cities.population"), population, row["population_date"], row["population_source_title"], people),
        (visit.say("nav.parks"), str(parks.height), "", visit.say("source.register"), None),
    ]
    names = [visit.say(f"cities.{word}") for word in ("indicator", "value", "definition", "source", "link")]
    cells = [[*(str(cell or tables.MISSING) for cell in line[:4]), line[4]] for line in lines]
    data = pl.DataFrame(cells, schema=dict.fromkeys(names, pl.String), orient="row")
    where = blocks.territory(visit, selection)
    foot = Foot(visit.say("cities.sources_each"), "published", territory=where)
    blocks.table(visit, visit.say("cities.district", district=where), data, foot, "district-profile")
