"""Every milestone and every field of a benchmark park says what its row says, with that row's source and year."""

from __future__ import annotations

import re
from collections.abc import Callable

import polars as pl
import pytest

from data import city_registers, registry

ROWS = pl.concat(
    [
        frame.select("city_id", "year", "text_zh", "text_en", "basis", "source_title", "source_url")
        for frame in (city_registers.milestones(), city_registers.benchmark_parks())
    ]
)
TOLD_BY_A_MEMBER = {"essen", "dortmund", "duisburg", "bochum"}


def figure(city: str, indicator: str, territory: str, period: str) -> pl.DataFrame:
    rows = registry.city_figures()
    same = pl.struct("city_id", "indicator_id", "territory", "period")
    return rows.filter(same == {"city_id": city, "indicator_id": indicator, "territory": territory, "period": period})


def heritage(city: str, batch: str) -> pl.DataFrame:
    return registry.industrial_heritage().filter((pl.col("city") == city) & (pl.col("batch") == int(batch)))


FOUND: dict[str, Callable[..., pl.DataFrame]] = {
    "city_figures": figure,
    "parks": lambda key: registry.parks().filter(pl.col("park_id") == key),
    "events_published": lambda key: registry.events_published().filter(pl.col("fact_id") == key),
    "industrial_heritage": heritage,
    "old_industrial_zones": lambda key: registry.old_industrial_zones().filter(pl.col("row_id") == key),
}


def basis_of(row: dict[str, str]) -> pl.DataFrame:
    register, *key = row["basis"].split("|")
    return FOUND[register](*key)


@pytest.mark.parametrize("row", ROWS.to_dicts(), ids=lambda row: f"{row['city_id']}-{row['basis'][-24:]}")
def test_the_source_is_that_of_the_row_it_rests_on(row: dict[str, str]) -> None:
    known = {
        citation for found in basis_of(row).to_dicts()
        for citation in registry.citations(found["source_title"], found["source_url"])
    }  # fmt: skip
    assert known, row["basis"]
    assert set(registry.citations(row["source_title"], row["source_url"])) <= known


def years_of(found: dict[str, object]) -> set[str]:
    told = [
        found.get(name) for name in ("period", "year", "opened_year", "announce_date", "notes", "grade", "eval_2020")
    ]
    written = " ".join(str(value) for value in [*told, found.get("source_title")] if value is not None)
    return set(re.findall(r"(?:19|20)\d\d", written))


@pytest.mark.parametrize(
    "row", city_registers.milestones().to_dicts(), ids=lambda row: f"{row['city_id']}-{row['year']}"
)
def test_the_year_is_one_the_row_tells(row: dict[str, str]) -> None:
    assert str(row["year"]) in set().union(*(years_of(found) for found in basis_of(row).to_dicts()))


def numbers(text: str) -> set[float]:
    plain = re.sub(r"(?<=\d)[, ](?=\d{3})", "", text)
    return {float(found) for found in re.findall(r"\d+(?:\.\d+)?", plain)}


@pytest.mark.parametrize(
    "row", ROWS.filter(pl.col("basis").str.starts_with("city_figures")).to_dicts(), ids=lambda row: row["basis"][-40:]
)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_milestone_of_a_figure_tells_its_value(row: dict[str, str], language: str) -> None:
    value = basis_of(row)["value"].item()
    scales = (0.1, 1, 10, 1e4, 1e6)  # billion EUR as 亿, 100 million CNY as billions, persons as 万
    scaled = [value / scale for scale in scales if value / scale > 1]
    near = [told for told in numbers(row[f"text_{language}"]) for figure in scaled if abs(told - figure) <= 0.0501]
    assert near, (value, row[f"text_{language}"])


def test_the_main_cities_have_a_story_of_at_least_six_turns() -> None:
    counted = dict(city_registers.milestones().group_by("city_id").len().iter_rows())
    for city in ("beijing", "shanghai", "shenzhen", "ruhr", "pittsburgh"):
        assert counted[city] >= 6, city


def test_milestones_are_of_known_cities_and_in_order() -> None:
    rows = city_registers.milestones()
    assert set(rows["city_id"]) <= set(registry.cities()["city_id"])
    for city in rows["city_id"].unique():
        assert city_registers.milestones_of(city)["year"].is_sorted()
    assert rows.select("city_id", "text_en").is_unique().all()


def test_a_milestone_is_of_the_city_its_row_is_of() -> None:
    for row in city_registers.milestones().to_dicts():
        of = {found.get("city_id") for found in basis_of(row).to_dicts()} - {None}
        assert not of or of == {row["city_id"]} or (row["city_id"] in TOLD_BY_A_MEMBER and of == {"ruhr"}), row


def test_benchmark_parks_are_the_seven_of_the_articles() -> None:
    rows = city_registers.benchmark_parks()
    assert sorted(rows["park_id"].unique()) == ["DG-001", "GZ-008", "GZ-009", "HZ-017", "HZ-018", "HZ-019", "SZ-037"]
    assert set(rows["field"]) == set(city_registers.BENCHMARK_FIELDS)
    assert rows.select("park_id", "field").is_unique().all()
    talent = rows.filter((pl.col("park_id") == "SZ-037") & (pl.col("field") == "talent")).row(0, named=True)
    assert (talent["year"], talent["text_en"], talent["trust"]) == (2017, "20,000 persons (highly qualified)", "seed")


@pytest.mark.parametrize("name", ["text_zh", "text_en"])
def test_every_sentence_is_there_in_both_languages(name: str) -> None:
    assert ROWS[name].null_count() == 0
    assert not ROWS[name].str.contains(r"^\s|\s$|[.。]$").any()
    if name == "text_en":
        assert not ROWS[name].str.contains(r"[\u4e00-\u9fff]").any()
