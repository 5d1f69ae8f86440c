"""Documents: each with its issuer and address; the parks it speaks of are parks of the register."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from data import registry
from data.ingest import check

TODAY = date(2026, 11, 22)
HEADER = "文献编号,标题,发布机构,层级,日期,主题,链接,相关园区"


@pytest.fixture(scope="session")
def run(registers):
    def checked(*rows: str, header: str = HEADER):
        return check("documents", "\n".join([header, *rows]).encode(), "d.csv", registers, TODAY)

    return checked


def test_documents(run):
    checked = run("D1,管理办法,北京市,市级,2024年5月6日,政策,https://example.org/a,798艺术区；BJ-021；BJ-005")
    assert checked.rejected.is_empty()
    shown = ("document_id", "level", "date", "parks")
    assert checked.accepted.select(shown).row(0) == ("D1", "municipal", date(2024, 5, 6), "BJ-005;BJ-021")


def test_document_problems(run):
    checked = run(
        "D1,办法,,市级,,,https://example.org,",
        "D2,办法,北京市,市级,,,,",
        "D3,办法,北京市,市级,,,example.org,",
        "D4,办法,北京市,国际,,,https://example.org,",
        "D5,,北京市,市级,,,https://example.org,无名园",
    )
    assert checked.rejected.select("line", "column", "rule").rows() == [
        (2, "发布机构", "document_without_source"),
        (3, "链接", "document_without_source"),
        (4, "链接", "bad_url"),
        (5, "层级", "bad_choice"),
        (6, "标题", "missing_value"),
        (6, "相关园区", "unknown_park"),
    ]
    bare = run("D1,办法,市级", header="文献编号,标题,层级")
    assert set(bare.rejected["rule"]) == {"document_without_source"}


def test_the_shipped_library_passes_its_own_check(registers):
    data = registry.library().write_csv().encode()
    shipped = replace(registers, parks=registry.parks())  # which the documents name
    checked = check("documents", data, "library.csv", shipped, TODAY)
    assert checked.rejected.is_empty()
    assert checked.n_accepted == registry.library().height == 22
