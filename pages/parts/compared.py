"""Published city figures on screen: ranked bars, the locator map, a city's profile, the heritage list."""

from __future__ import annotations

import polars as pl

from data import registry
from pages.parts import blocks, cached, charts, filters, maps, tables
from pages.parts.blocks import Foot
from pages.parts.filters import Selection
from pages.parts.session import Visit

WORDS = ("city", "territory", "indicator", "period", "value", "unit", "trust", "source", "definition")


def indicator_names(visit: Visit) -> dict[str, str]:
    """indicator_id -> name, the indicators most cities publish first."""
    figures = registry.city_figures()
    column = f"indicator_{visit.name}"
    spread = figures.group_by("indicator_id").agg(pl.col(column).first(), cities=pl.col("city_id").n_unique())
    ordered = spread.sort("cities", column, descending=[True, False])
    return dict(ordered.select("indicator_id", column).iter_rows())


def city_name(visit: Visit, city_id: str) -> str:
    """A city's name in the visitor's language."""
    return str(registry.cities().filter(pl.col("city_id") == city_id).select(visit.named()).item())


def amount(visit: Visit, value: float, unit: str) -> str:
    """A published value with its unit; only millions and more are shortened.

    Examples: 43,760.7亿元, 2,046.3万人, 98 parks.
    """
    shown = tables.figure(value, visit.language) if abs(value) >= 1e6 or abs(value) < 1e4 else tables.number(value)
    return tables.with_unit(shown, visit.unit(unit))


def as_shown(visit: Visit, figures: pl.DataFrame) -> pl.DataFrame:
    """Figures as a table a person reads: names instead of ids, and every row with period, territory and source."""
    cities = registry.cities().select("city_id", city=visit.named())
    indicators = indicator_names(visit)
    named = figures.join(cities, on="city_id", how="left").with_columns(
        indicator=pl.col("indicator_id").replace_strict(indicators, default=None), source=pl.col("source_title")
    )
    named = named.with_columns(unit=pl.col("unit").map_elements(visit.unit, return_dtype=pl.String))
    return named.select(pl.col(word).alias(visit.say(f"cities.{word}")) for word in WORDS)


def longest_run(figures: pl.DataFrame) -> pl.DataFrame:
    """The most years that belong together: one territory, one unit, one source, one side of a level break."""
    same = ["territory", "unit", "source_title", "broken"]
    marked = figures.with_columns(broken=pl.col("definition").fill_null("").str.contains("LEVEL BREAK"))
    longest = marked.group_by(same).len().sort("len", *same, descending=[True, *[False] * len(same)]).head(1)
    return marked.join(longest.drop("len"), on=same).drop("broken").sort("period")


def bars(visit: Visit, selection: Selection, rows: pl.DataFrame, name: str) -> None:
    """The latest value of every city in one unit, year behind each value, the chosen city highlighted."""
    if not rows.height:
        blocks.empty(visit, "empty.figures")
        return
    unit = rows["unit"].mode().sort().first()
    cities = registry.cities().select("city_id", city=visit.named())
    comparable = rows.filter(pl.col("unit") == unit).join(cities, on="city_id")
    comparable = comparable.with_columns(category=pl.format("{} ({})", "city", "period")).sort("value", descending=True)
    chosen = comparable.filter(pl.col("city_id") == selection.city_id)["category"].to_list()
    figure = charts.bars(
        comparable.head(16), category="category", value="value", highlight=chosen[0] if chosen else None,
        unit=visit.unit(str(unit)), language=visit.language, dark=visit.dark,
    )  # fmt: skip
    foot = Foot(f"{visit.say('source.figures')} · {visit.say('cities.bars_note')}", "published", visit.unit(str(unit)))
    blocks.chart(visit, visit.say("cities.bars", indicator=name), figure, foot, "city-bars", as_shown(visit, rows))


def map_of(visit: Visit, selection: Selection, rows: pl.DataFrame) -> None:
    """The cities as labelled points without any border; a click chooses the city."""
    known = registry.cities().filter(pl.col("city_id").is_in(filters.CITIES) & pl.col("lon").is_not_null())
    value = {f["city_id"]: f"{amount(visit, f['value'], f['unit'])} ({f['period']})" for f in rows.to_dicts()}
    places = known.select("city_id", "lon", "lat", label=visit.named()).with_columns(
        text=pl.col("label") + ": " + pl.col("city_id").replace_strict(value, default=visit.say("cities.not_available"))
    )
    drawn = maps.city_deck(places, selection.city_id, maps.view_of(places, width=blocks.NARROW_MAP), visit.dark)
    foot = Foot(visit.say("source.figures"), "published")
    blocks.deck(
        visit, visit.say("cities.map"), drawn, "", foot, "city-map", layer="cities", field="city_id", box="city"
    )


def profile(visit: Visit, selection: Selection) -> None:
    """Every indicator of the chosen city with its latest published value, period, territory and source."""
    every = tuple(indicator_names(visit))
    rows = cached.city_latest((selection.city_id,), every).sort("indicator_id")
    heading = f"{visit.say('cities.table')}: {city_name(visit, selection.city_id)}"
    foot = Foot(f"{visit.say('source.figures')} · {visit.say('cities.trust_note')}", "published", n=str(rows.height))
    blocks.table(visit, heading, as_shown(visit, rows), foot, "city-profile")


def district(visit: Visit, selection: Selection) -> None:
    """What the registers say of the chosen district: area, population with its date, parks on record."""
    rows = registry.districts_of(selection.city_id).filter(pl.col("district_code") == (selection.district_code or ""))
    if not rows.height:
        return
    row = rows.row(0, named=True)
    parks = cached.parks(visit.key, visit).filter(
        (pl.col("district_code") == selection.district_code) & ~pl.col("is_synthetic")
    )
    population = tables.figure(row["population"], visit.language)
    lines = [
        (visit.say("cities.area"), f"{tables.number(row['area_km2'])} km²", row["area_source"], row["source_title"]),
        (visit.say("cities.population"), population, row["population_date"], row["population_source_title"]),
        (visit.say("nav.parks"), str(parks.height), "", visit.say("source.register")),
    ]
    names = [visit.say(f"cities.{word}") for word in ("indicator", "value", "definition", "source")]
    data = pl.DataFrame([[str(cell or tables.MISSING) for cell in line] for line in lines], schema=names, orient="row")
    foot = Foot(visit.say("source.figures"), "published", territory=blocks.territory(visit, selection))
    blocks.table(visit, blocks.territory(visit, selection), data, foot, "district-profile")


def heritage(visit: Visit) -> None:
    """National industrial heritage items by province: counted, not mapped, because positions are known by city only."""
    items = registry.industrial_heritage()
    counted = items.group_by("province").agg(items=pl.len()).sort("items", "province", descending=[True, False])
    figure = charts.bars(
        counted.head(12), category="province", value="items", highlight=None, unit=visit.say("cities.items"),
        language=visit.language, dark=visit.dark,
    )  # fmt: skip
    note = visit.say("cities.heritage_note")
    source = f"{items['source_title'][0]} · {note}"
    foot = Foot(source, "published", visit.say("cities.items"), "2017–2025", n=str(items.height))
    words = {"province": "province", "items": "items"}
    data = counted.select(pl.col(column).alias(visit.say(f"cities.{word}")) for word, column in words.items())
    blocks.chart(visit, visit.say("cities.heritage"), figure, foot, "heritage", data)
