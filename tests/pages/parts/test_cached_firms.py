"""Enterprises behind the pages: loaded once for all roles; codes of every classification under their division."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import polars as pl
import pytest
import streamlit as st

from data import registry
from data.access import DEMO_VIEWERS
from pages.parts.clustering import cached_clusters, cached_concentration, cached_firms, cached_linkage, cluster_choices
from pages.parts.clustering.cached_firms import CULTURE, GBT, Lens, divisions
from pages.parts.filters import Selection
from pages.parts.session import Visit

BEIJING = Selection("beijing")


@pytest.fixture(autouse=True)
def forgotten():
    """Nothing kept from one test to the next."""
    for keep in (st.cache_data, st.cache_resource):
        keep.clear()
    yield
    for keep in (st.cache_data, st.cache_resource):
        keep.clear()


def rows(codes: list[str | None], scheme: str = GBT) -> pl.DataFrame:
    """Open enterprises in the middle of Beijing, 25 m from one to the next, with these codes."""
    n = len(codes)
    return pl.DataFrame(
        {
            "enterprise_id": [f"E{k:03}" for k in range(n)],
            "city_id": "beijing",
            "district_code": ["110101", "110102"][: 1 + (n > 1)] * (n // 2) + ["110101"] * (n % 2),
            "lon": [116.40 + 0.0003 * k for k in range(n)],
            "lat": 39.91,
            "coord_system": "WGS84",
            "industry_code": codes,
            "industry_scheme": scheme,
            "culture_code": None,
            "park_id": None,
            "opened_on": pl.Series([None] * n, dtype=pl.Date),
            "closed_on": pl.Series([None] * n, dtype=pl.Date),
            "employees": 5,
            "status": "active",
            "is_synthetic": True,
        },
        schema_overrides={"culture_code": pl.String, "park_id": pl.String, "industry_code": pl.String},
    )


@pytest.fixture
def seen(empty):
    """A visitor of each role before the same store, and how often its enterprises were read."""

    def through(table: pl.DataFrame, role: str = "leadership", revision: int = 1) -> tuple[Visit, list[str]]:
        read: list[str] = []

        def enterprises() -> pl.LazyFrame:
            read.append(role)
            return table.lazy()

        parks = registry.parks().with_columns(is_synthetic=False).lazy()
        store = SimpleNamespace(enterprises=enterprises, parks=lambda: parks)
        return Visit(DEMO_VIEWERS[role], "en", False, store, revision, str(empty), "sqlite:///same.db"), read

    return through


def test_every_role_sees_the_same_enterprises_read_once(seen):
    table = rows(["86"] * 25 + ["65"] * 15)
    first, read = seen(table)
    other, again = seen(table.clear(), "official")  # would show nothing if it were read
    assert first.key != other.key
    assert first.viewer.scope != other.viewer.scope
    one, two = (cached_firms.register(visit.key, "beijing", visit) for visit in (first, other))
    assert one is two
    found = [cached_clusters.clusters(visit.key, Lens(BEIJING), visit) for visit in (first, other)]
    assert found[0].height == 1
    assert found[0].equals(found[1])
    totals = [cached_firms.enterprise_totals(visit.key, BEIJING, visit) for visit in (first, other)]
    assert totals[0] == totals[1]
    assert totals[0]["open"] == 40
    for part in (cached_concentration.specialisation, cached_concentration.pairs):
        assert len({part(v.key, "beijing", GBT, *(["all"] if part.__name__ == "specialisation" else []), v).height
                    for v in (first, other)}) == 1  # fmt: skip
    assert cached_linkage.spread(other.key, "beijing", GBT, other).height == 2
    assert len(read) == 1
    assert not again


def test_a_new_revision_and_another_store_are_read_anew(seen):
    first, _ = seen(rows(["86"] * 4))
    later, _ = seen(rows(["86"] * 5), revision=2)
    elsewhere = replace(seen(rows(["86"] * 6))[0], origin="sqlite:///other.db")
    found = [cached_firms.enterprise_totals(v.key, BEIJING, v)["open"] for v in (first, later, elsewhere)]
    assert found == [4, 5, 6]


def test_a_code_counts_under_its_division_however_it_is_written():
    written = ["J59", "J59.11", "5911", "59", "J", "8610", "31-33", "3254", "44-45", "451", "a01", "", None]
    kept = ["59", "59", "59", "59", "J", "86", "31-33", "32", "44-45", "45", "01", "", None]
    assert divisions(pl.Series(written)).to_list() == kept
    alone = [code for code in written if code and code.isdigit()]
    assert divisions(pl.Series(alone)).to_list() == ["59", "59", "86", "32", "45"]
    assert divisions(pl.Series([None], dtype=pl.String)).to_list() == [None]


@pytest.mark.parametrize(
    ("scheme", "codes", "industry", "n"),
    [
        ("NACE", ["J59", "J59.11", "5911", "J", "69", "C31", None], "J", 4),
        ("NACE", ["J59", "J59.11", "5911", "J", "69"], "59", 3),
        ("NAICS", ["31-33", "311", "3254", "33", "44-45", "5121"], "31-33", 4),
        ("NAICS", ["31-33", "311", "3254", "33"], "32", 1),
        ("NAICS", ["44-45", "4481", "452", "5121", "51"], "51", 2),
        (GBT, ["R", "86", "8610", "R86", "65", ""], "R", 4),
        (GBT, ["86", "65", None], "", 3),
    ],
)
def test_an_industry_of_the_tree_finds_its_codes(seen, scheme, codes, industry, n):
    visit, _ = seen(rows(codes, scheme))
    lens = Lens(BEIJING, scheme, industry)
    assert cached_firms.firms(visit, lens).height == n
    other = replace(lens, scheme="NACE" if scheme != "NACE" else GBT)
    assert cached_firms.firms(visit, other).height == (0 if industry else len(codes))


def test_the_tree_adds_codes_that_name_a_section_only_to_the_section(seen):
    visit, _ = seen(rows(["J59", "5911", "J", "69.1", "99X"], "NACE"))
    tree = cluster_choices.branches(visit, "beijing", "NACE")
    assert tree["J"].startswith("J ")
    assert tree["J"].endswith("(3)")
    assert tree["59"].endswith("(2)")
    counted = dict(cached_firms.codes(visit.key, "beijing", "NACE", visit).iter_rows())
    assert counted == {"59": 2, "J": 1, "69": 1, "99": 1}
    visit, _ = seen(rows(["31-33", "311", "3254"], "NAICS"), revision=2)
    tree = cluster_choices.branches(visit, "beijing", "NAICS")
    assert tree["31-33"].endswith("(3)")
    assert tree["32"].endswith("(1)")


def test_culture_codes_are_found_by_their_own_column(seen):
    table = rows(["86", "86", "65"]).with_columns(culture_code=pl.Series(["02", "03", None]))
    visit, _ = seen(table)
    assert cached_firms.firms(visit, Lens(BEIJING, CULTURE, "02")).height == 1
    assert cached_firms.schemes(visit.key, "beijing", visit) == [GBT, CULTURE]
    assert dict(cached_firms.codes(visit.key, "beijing", CULTURE, visit).iter_rows()) == {"02": 1, "03": 1}


def test_places_of_one_address_are_projected_once_and_alike(seen, monkeypatch):
    table = rows(["86"] * 6).with_columns(lon=pl.Series([116.4, 116.5, 116.4, None, 116.5, 116.4]))
    asked = []
    plain = cached_firms.projected
    monkeypatch.setattr(cached_firms, "projected", lambda at, code: (asked.append(at.height), plain(at, code))[1])
    visit, _ = seen(table)
    found = cached_firms.register(visit.key, "beijing", visit)
    x, y = plain(table.drop_nulls("lon"), 32650)
    assert asked == [2]
    assert found["site"].to_list() == [0, 1, 0, None, 1, 0]
    assert found.drop_nulls("x_m")["x_m"].to_list() == x.tolist()
    assert found.drop_nulls("y_m")["y_m"].to_list() == y.tolist()
    assert found["number"].to_list() == [0, 1, 2, 3, 4, 5]
