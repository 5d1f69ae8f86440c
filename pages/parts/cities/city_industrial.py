"""Old industrial cities of China, their zones and heritage, the foreign examples, and the parks to learn from."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from data import registry
from pages.parts import blocks, filters, sourced, tables
from pages.parts.blocks import Foot
from pages.parts.cities import benchmark_parks, cached_cities, city_facts, city_heritage
from pages.parts.filters import Selection
from pages.parts.session import Visit

SUBJECTS = ("cities", "heritage", "benchmarks")
OLD, ALL_CHINA = "cn_old_industrial", "cn_national"
ABROAD: dict[str, tuple[tuple[str, str], ...]] = {
    "manchester": (
        ("culture_enterprises_total", "Greater Manchester"),
        ("cci_employment", "Manchester creative cluster (travel-to-work area)"),
        ("tourism_jobs_fte", "Greater Manchester"),
    ),
    "liverpool": (
        ("visitors_site", "National Museums Liverpool (all venues)"),
        ("visitors_site", "Merseyside Maritime Museum (Albert Dock)"),
        ("visitors_site", "Tate Liverpool"),
    ),
    "houston": (
        ("aerospace_companies", "Houston"),
        ("biomedical_companies", "Houston"),
        ("employment_manufacturing", "Houston MSA"),
    ),
}
ZONE_WORDS = ("zone", "province", "city", "batch", "basis", "evaluation", "source")


def show(visit: Visit, selection: Selection, room: DeltaGenerator) -> None:
    """The chosen subject; the others are not computed."""
    with room:
        names = {subject: visit.say(f"cities.industrial_{subject}") for subject in SUBJECTS}
        subject = filters.pick(visit.say("cities.industrial_subject"), "subject", names, SUBJECTS[0])
    if subject == "heritage":
        city_heritage.show(visit, selection)
    elif subject == "benchmarks":
        benchmark_parks.show(visit)
    else:
        _cities(visit)


def _cities(visit: Visit) -> None:
    """The 95 cities' growth as the finding, the counts as cards, the zones, and three cities abroad."""
    every = cached_cities.every_figure(visit.key, visit)
    before, after = (one(every, OLD, "gdp_group", period=year) for year in ("2013", "2023"))
    growth = growth_pct(before["value"], after["value"])
    st.subheader(
        visit.say(
            "cities.industrial_finding", n=95, before=city_facts.amount(visit, before["value"], before["unit"]),
            after=city_facts.amount(visit, after["value"], after["unit"]), growth=tables.percent(growth),
        ), anchor=False,
    )  # fmt: skip
    _growth_cards(visit, every, before, after, growth)
    _count_cards(visit, every)
    _zones(visit)
    st.subheader(visit.say("cities.abroad"), anchor=False)
    for column, city in zip(st.columns(len(ABROAD)), ABROAD, strict=True):
        with column:
            _abroad(visit, every, city)


def one(figures: pl.DataFrame, city: str, indicator: str, territory: str = "", period: str = "") -> dict[str, Any]:
    """The newest shipped figure of a city and indicator, in one territory or period if said."""
    rows = figures.filter((pl.col("city_id") == city) & (pl.col("indicator_id") == indicator) & ~pl.col("own"))
    if territory:
        rows = rows.filter(pl.col("territory") == territory)
    if period:
        rows = rows.filter(pl.col("period") == period)
    return rows.sort("period").row(-1, named=True)


def growth_pct(before: float, after: float) -> float:
    """Growth between two figures in per cent of the first.

    >>> round(growth_pct(10.11, 17.71), 1)
    75.2
    """
    return 100 * (after / before - 1)


def foot_of(visit: Visit, figure: dict[str, Any], status: str = "published") -> Foot:
    """The foot of a card that shows one figure: unit, year, territory, trust and the source with its link."""
    source = sourced.cited(figure["source_title"], figure["source_url"], figure["source_publisher"])
    badge = city_facts.trust(visit, figure["trust"])
    when = tables.period_label(figure["period"], visit.language)
    where = city_facts.territory_of(visit, figure["territory"])
    return Foot(f"{source} · {badge}", status, city_facts.unit_of(visit, figure["unit"]), when, where)


def _card(visit: Visit, label: str, value: str, note: str, foot: Foot) -> None:
    blocks.metric(visit, label, value, None, "", note, foot)


def _growth_cards(
    visit: Visit, every: pl.DataFrame, before: dict[str, Any], after: dict[str, Any], growth: float
) -> None:
    """GDP of the 95 cities in both years, and the growth computed from them, beside what the source prints."""
    printed = one(every, OLD, "gdp_group_growth_multiple")
    nation = one(every, ALL_CHINA, "gdp_group_growth_multiple")
    first, second, third = st.columns(3)
    for column, figure in ((first, before), (second, after)):
        with column:
            label = visit.say("cities.industrial_gdp", year=figure["period"])
            value = city_facts.amount(visit, figure["value"], figure["unit"])
            _card(visit, label, value, visit.say("cities.industrial_nominal"), foot_of(visit, figure))
    with third:
        note = visit.say(
            "cities.industrial_printed", printed=tables.number(printed["value"], 2),
            nation=tables.number(nation["value"], 2),
        )  # fmt: skip
        base = foot_of(visit, after, "computed")
        foot = Foot(base.source, "computed", visit.say("unit.pct"), "2013–2023", base.territory)
        _card(visit, visit.say("cities.industrial_growth"), f"+{tables.percent(growth)}", note, foot)


def _count_cards(visit: Visit, every: pl.DataFrame) -> None:
    """How many old industrial cities the plan names, how many zones there are, how many heritage sites are listed."""
    parts = [
        one(every, OLD, "old_industrial_cities", territory)
        for territory in (
            "China", "95 prefecture-level old industrial cities",
            "Municipalities, separately planned cities and provincial capitals", "Three north-eastern provinces",
        )
    ]  # fmt: skip
    zones = one(every, ALL_CHINA, "transition_zones")
    sites = one(every, ALL_CHINA, "industrial_heritage_sites", city_heritage.WITHOUT_DOUBLES)
    plan = registry.old_industrial_zones().filter(pl.col("row_id") == "OIC-125").row(0, named=True)
    numbers = [tables.number(part["value"], 0) for part in parts]
    cards = (
        (visit.say("cities.industrial_plan"), parts[0], visit.say(
            "cities.industrial_plan_note", large=numbers[1], other=numbers[2], north=numbers[3],
            source=sourced.cited(plan["source_title"], plan["source_url"]))),
        (visit.say("cities.industrial_zones"), zones, visit.say("cities.industrial_zones_note")),
        (visit.say("cities.industrial_sites"), sites, visit.say("cities.industrial_sites_note")),
    )  # fmt: skip
    for column, (label, figure, note) in zip(st.columns(3), cards, strict=True):
        with column:
            _card(visit, label, tables.number(figure["value"], 0), note, foot_of(visit, figure))


def _zones(visit: Visit) -> None:
    """The cities of the demonstration zones by batch with the evaluation of 2020; the second batch is inferred."""
    rows = zone_cities()
    listed, inferred = (rows.filter(pl.col("zone_basis") == basis) for basis in ("listed", "inferred"))
    heading = visit.say(
        "cities.zones", listed=listed["demo_zone_name"].n_unique(), inferred=inferred["demo_zone_name"].n_unique(),
        best=rows.filter(pl.col("eval_2020") == "优秀").height, good=rows.filter(pl.col("eval_2020") == "良好").height,
    )  # fmt: skip
    data = zones_as_shown(visit, rows)
    foot = Foot(visit.say("cities.zones_source"), "published", period="2020", n=str(rows.height))
    settings = city_facts.link_columns(visit, data)
    blocks.table(visit, heading, data, foot, "zones", column_config=settings, height=380)


def zone_cities() -> pl.DataFrame:
    """The zone cities of the register by batch, zone and city, without the totals of the plan."""
    rows = registry.old_industrial_zones().filter(pl.col("row_kind") == "zone_city")
    return rows.sort("demo_zone_batch", "demo_zone_name", "city_zh")


def zones_as_shown(visit: Visit, rows: pl.DataFrame) -> pl.DataFrame:
    """The zone cities as a table: batch, on what the batch rests, evaluation (blank: none in the source), sources."""
    link = visit.say("cities.facts_link")
    words = {
        "basis": {basis: visit.say(f"cities.zone_{basis}") for basis in ("listed", "inferred")},
        "evaluation": {"优秀": visit.say("cities.zone_best"), "良好": visit.say("cities.zone_good")},
    }
    named = sourced.with_links(rows, link).with_columns(
        zone="demo_zone_name", city="city_zh", batch="demo_zone_batch", source="source_title",
        basis=pl.col("zone_basis").replace_strict(words["basis"]),
        evaluation=pl.col("eval_2020").replace_strict(words["evaluation"], default=None, return_dtype=pl.String),
    )  # fmt: skip
    links = [name for name in named.columns if name.startswith(link)]
    kept = [pl.col(word).alias(visit.say(f"cities.zone_word_{word}")) for word in ZONE_WORDS]
    return named.select(*kept[:-1], *links, kept[-1])


def _abroad(visit: Visit, every: pl.DataFrame, city: str) -> None:
    """Three facts of a city abroad, each with territory, year, trust and source, and the way to its portrait."""
    with st.container(border=True, height="stretch"):
        st.markdown(f"**{sourced.escaped(cached_cities.name_of(visit, city))}**")
        for indicator, territory in ABROAD[city]:
            st.markdown(city_facts.fact(visit, one(every, city, indicator, territory)))
        st.markdown(visit.say("cities.abroad_more", link=f"/cities?look=city&city={city}"))
