"""Beijing, Shanghai and Shenzhen side by side: one definition at a time, years beside the values, gaps with reasons."""

from __future__ import annotations

import polars as pl
import pytest

SIDE = ("Measure", "Beijing", "Shanghai", "Shenzhen", "Empty cells")


def rows(table: pl.DataFrame) -> dict[str, dict]:
    return {row["Measure"]: row for row in table.iter_rows(named=True)}


def test_national_culture_figures_with_both_years_and_a_reason_for_shanghai(demo, look, screen):
    at = look("cities", lang="en", look="c3")
    found = rows(screen(at).table(*SIDE))
    culture = found["Culture & related industries value added (NBS definition) (published)"]
    assert culture["Beijing"] == "3,770.2 ×100M CNY (2020, B)"
    assert culture["Shenzhen"] == "2,462.0 ×100M CNY (2022, B)"
    assert (culture["Shanghai"], culture["Empty cells"]) == ("—", "Shanghai: only under the other definition")
    assert not any("local broad definition" in measure for measure in found)
    heading = at.subheader[0].value
    assert "Beijing 3,770.2 ×100M CNY (2020, B), Shenzhen 2,462.0 ×100M CNY (2022, B)" in heading


def test_local_culture_figures_never_stand_beside_national_ones(demo, look, screen):
    at = look("cities", lang="en", look="c3", definition="local")
    found = rows(screen(at).table(*SIDE))
    culture = found["Cultural & creative industries value added (local broad definition) (published)"]
    assert culture["Beijing"] == "2,205.2 ×100M CNY (2012, B)"
    assert culture["Shanghai"] == "1,923.8 ×100M CNY (2011, B)"
    assert culture["Shenzhen"] == "2,621.8 ×100M CNY (2018, B)"
    shown = screen(at).table("City", "Indicator", "Link")
    assert not shown["Indicator"].str.contains("NBS").any()


def test_both_definitions_together_are_refused_with_the_reason(demo, look, screen):
    at = look("cities", lang="en", look="c3", definition="both")
    assert len(at.warning) == 1
    said = at.warning[0].value
    assert said.startswith("National and local definitions must not be mixed: Beijing")
    assert "(NBS definition) 3,770.2 ×100M CNY (2020, B) is national" in said
    assert "2,205.2 ×100M CNY (2012, B) is local" in said
    assert not any("Culture value added" in one.value for one in at.subheader)
    assert not any("value added (" in measure for measure in rows(screen(at).table(*SIDE)))


def test_parks_and_enterprises_are_those_of_the_whole_city_or_name_the_part(demo, look, screen):
    found = rows(screen(look("cities", lang="en", look="c3")).table(*SIDE))
    parks = found["Recognised cultural/creative industry parks (published)"]
    assert (parks["Beijing"], parks["Shanghai"], parks["Shenzhen"]) == (
        "98 parks (2020, B)",
        "114 parks (2011, A)",
        "—",
    )
    inside = found["Enterprises located in recognised parks (published)"]["Beijing"]
    assert inside == "9,540 enterprises (2019, B) · 98 municipal cultural parks"
    units = found["Above-designated-size culture units (published)"]["Beijing"]
    assert units == "5,252 units (2019, B)"


def test_the_products_own_rows_stand_below_by_one_method(demo, look, screen):
    found = rows(screen(look("cities", lang="en", look="c3")).table(*SIDE))
    computed = {measure: row for measure, row in found.items() if "(published)" not in measure}
    assert [measure.split(" (")[0] for measure in computed] == [
        "Prosperity index", "Parks that answered", "Events", "Open enterprises", "Enterprise clusters",
    ]  # fmt: skip
    assert {row["Source"] for row in computed.values()} == {"computed here, synthetic data"}
    index = next(row for measure, row in computed.items() if measure.startswith("Prosperity"))
    overview = screen(look("overview", lang="en")).table("Measure", "Beijing", "Shanghai", "Shenzhen")
    first = overview.filter(pl.col("Measure").str.starts_with("Prosperity")).row(0, named=True)
    assert (index["Beijing"], index["Shenzhen"]) == (first["Beijing"], first["Shenzhen"])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_view_opens_on_a_store_without_any_data(empty, look, language):
    at = look("cities", lang=language, look="c3")
    assert not at.exception
    assert at.dataframe
