"""The shipped registers agree with the reference files, where those are present."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlparse

import polars as pl
import pytest

from data import registry

COPIES = {  # how the reference says that a copy of the source was read, and how we say it
    "(译文镜像)": "(转载译文)", "(镜像)": "(转载)", "(Infobox, mirror)": "(infobox, read in a copy)",
    "(mirrors: 1976)": "(further copies: 1976)", "Tribune-Review (mirror)": "Tribune-Review (reprint)",
    "(piglix mirror)": "(copy at piglix)", "(wikizero mirror)": "(copy at wikizero)",
    "(wikimili mirror)": "(copy at wikimili)", "(mirror)": "(read in a copy)",
}  # fmt: skip
FACTS = Path(__file__).parents[2].parent / "shared" / "facts"


def raw(name: str) -> pl.DataFrame:
    return pl.read_csv(registry.FOLDER / f"{name}.csv", infer_schema=False)


@pytest.fixture
def facts() -> Path:
    if not FACTS.is_dir():
        pytest.skip("the reference folder is absent")
    return FACTS


def fact(facts: Path, name: str) -> pl.DataFrame:
    """The reference file; a file inside a source is shipped as that source, a copy that was read as in COPIES."""
    path_inside = " data-pipeline/processed/heritage_sites.geojson"
    named = pl.col("source_title").str.replace_all(path_inside, " (IndustrialHeritageGIS)", literal=True)
    for words, ours in COPIES.items():
        named = named.str.replace_all(words, ours, literal=True)
    return pl.read_csv(facts / f"{name}.csv", infer_schema=False).with_columns(named)


@pytest.mark.reference
@pytest.mark.parametrize(
    ("name", "key", "changed", "left_out"),
    [
        ("parks", "park_id", {"coord_source", "source_url"}, {"retrieved_from"}),
        ("districts", "district_code", {"parent_code", "area_source"}, {"retrieved_from", "boundary_file"}),
        ("events_published", "fact_id", {"source_url"}, {"retrieved_from"}),
        ("industrial_heritage", "heritage_id", set(), {"retrieved_from"}),
    ],
)
def test_all_other_cells_are_the_reference_cells(
    facts: Path, name: str, key: str, changed: set[str], left_out: set[str]
) -> None:
    shipped, reference = raw(name), fact(facts, name)
    assert set(reference.columns) - set(shipped.columns) == left_out
    same = [column for column in reference.columns if column not in changed | left_out]
    exceptions = ["BJ-003", "BJ-010", "BJ-012", "SH-029", "SH-034", "BJ-018", "RU-003", "4261000"]
    rows = ~pl.col(key).is_in(exceptions)
    assert shipped.filter(rows).select(same).equals(reference.filter(rows).select(same))
    missing = set(reference[key]) - set(shipped[key])
    assert missing == ({"4261000"} if name == "districts" else set())


@pytest.mark.reference
def test_figures_are_the_trusted_reference_rows(facts: Path) -> None:
    reference = fact(facts, "city_figures").with_columns(
        trust=pl.col("definition_note").str.extract(r"^\[(A|B|C|seed)"),
        definition=pl.col("definition_note").str.replace(r"^\[[^\]]*\]\s*", "").replace("", None),
    )
    assert reference["trust"].null_count() == 0
    reference = reference.filter(pl.col("trust") != "C")
    same = ["city_id", "territory", "indicator_id", "period", "value", "unit", "trust", "definition", "source_title"]
    assert raw("city_figures").select(same).equals(reference.select(same))
    linked = ~reference["source_url"].str.starts_with("seed:")
    assert raw("city_figures")["source_url"].is_not_null().to_list() == linked.to_list()


@pytest.mark.reference
@pytest.mark.parametrize(("name", "n_marked"), [("parks", 37), ("events_published", 34)])
def test_hosts_of_reposts_are_linked_nowhere(facts: Path, name: str, n_marked: int) -> None:
    reference = fact(facts, name)
    marked = reference.filter(pl.col("retrieved_from").str.contains("mirror site"))
    assert marked.height == n_marked
    only = marked.filter(~pl.col("retrieved_from").str.contains(" | ", literal=True)).drop_nulls("source_url")
    hosts = {urlparse(url).netloc for urls in only["source_url"] for url in urls.split(registry.SEPARATOR)}
    assert hosts
    linked = {
        urlparse(citation.url).netloc
        for title, url in raw(name).select("source_title", "source_url").iter_rows()
        for citation in registry.citations(title, url)
        if citation.url
    }
    assert not hosts & linked
    key = reference.columns[0]
    fewer = marked.select(key, "source_url").join(raw(name).select(key, shipped="source_url"), on=key)
    assert fewer.filter(pl.col("source_url").eq_missing(pl.col("shipped"))).height == 0


@pytest.mark.reference
def test_shipped_addresses_come_from_the_reference_row(facts: Path) -> None:
    for name in ("parks", "events_published", "old_industrial_zones"):
        reference = fact(facts, "old_industrial_cities" if name == "old_industrial_zones" else name)
        known = dict(reference.select(reference.columns[0], "source_url").iter_rows())
        for key, title, url in raw(name).select(raw(name).columns[0], "source_title", "source_url").iter_rows():
            for citation in registry.citations(title, url):
                assert citation.url is None or citation.url in known[key].split(registry.SEPARATOR)


@pytest.mark.reference
def test_zones_are_the_sourced_reference_rows(facts: Path) -> None:
    reference = fact(facts, "old_industrial_cities")
    sourced = reference.filter(pl.col("in_120_list").is_null() | pl.col("demo_zone_name").is_not_null())
    same = ["row_id", "province", "city_zh", "demo_zone_batch", "demo_zone_name", "eval_2020", "notes"]
    assert raw("old_industrial_zones").select(same).equals(sourced.select(same))
