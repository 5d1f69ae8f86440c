"""Partners: typed rows, and every rule at its line and column."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from data.ingest import check

TODAY = date(2026, 11, 22)
HEADER = "伙伴编号,伙伴名称,英文名称,伙伴类型,阶段,城市,省份,标签,开始日期"


@pytest.fixture(scope="session")
def run(registers):
    known = pl.DataFrame({"partner_id": ["P9"], "name_zh": ["老伙伴"], "name_en": ["Old partner"]})

    def checked(*rows: str):
        data = "\n".join([HEADER, *rows]).encode()
        return check("partners", data, "p.csv", replace(registers, partners=known), TODAY)

    return checked


def test_partners(run):
    checked = run(
        "P1,甲公司,,产业链伙伴,运营,北京,北京市,设计；Design、design,2025-01-02", "P2,,Media Ltd,媒体,,大连,辽宁省,,"
    )
    assert checked.rejected.is_empty()
    shown = ("partner_id", "partner_type", "stage", "city_id", "tags", "since")
    assert checked.accepted.select(shown).rows() == [
        ("P1", "value_chain", "operation", "beijing", "设计;design", date(2025, 1, 2)),
        ("P2", "media", None, None, None, None),
    ]
    assert checked.warnings.select("line", "value", "rule").rows() == [(3, "大连", "unknown_city")]


def test_partner_problems(run):
    checked = run(
        "P1,老伙伴,,媒体,,,,,", "P2,,,媒体,,,,,", "P3,丙,,朋友,,,,,", "P9,老伙伴,Old partner,媒体,,,,,2027-01-01"
    )
    assert checked.rejected.select("line", "column", "rule").rows() == [
        (2, "伙伴名称", "name_taken"),
        (3, "伙伴名称", "missing_value"),
        (4, "伙伴类型", "bad_choice"),
        (5, "开始日期", "future_date"),
    ]
