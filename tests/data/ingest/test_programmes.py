"""Programmes: a register that grows, with one name for one programme."""

from __future__ import annotations

from datetime import date

import pytest

from data.ingest import check

TODAY = date(2026, 11, 22)
HEADER = "栏目编号,栏目名称,英文名称,主办方,停用日期,停用原因"


@pytest.fixture(scope="session")
def run(registers):
    def checked(*rows: str):
        return check("programmes", "\n".join([HEADER, *rows]).encode(), "p.csv", registers, TODAY)

    return checked


def found(checked):
    return checked.rejected.select("line", "column", "rule", "accepted").rows()


def test_programmes_new_changed_and_retired(run):
    checked = run("salon,沙龙,Salon,协会,,", "training,培训,,培训部,2026-06-30,并入沙龙")
    assert checked.rejected.is_empty()
    assert checked.accepted.rows() == [
        ("salon", "沙龙", "Salon", "协会", None, None, None, False),
        ("training", "培训", None, "培训部", None, date(2026, 6, 30), "并入沙龙", False),
    ]


def test_programme_problems(run):
    checked = run(
        "salon,培训,,,,",
        "show2,新名,beijing cultural park show,,,",
        "empty,,,,,",
        "twice,甲,,,,",
        "twice,乙,,,,",
        "later,丙,,,2027-01-01,明年",
        "why,丁,,,2026-01-01,",
    )
    assert found(checked) == [
        (2, "栏目名称", "name_taken", "training"),
        (3, "英文名称", "name_taken", "park_show"),
        (4, "栏目名称", "missing_value", ""),
        (5, "栏目编号", "doubled_id", "5, 6"),
        (6, "栏目编号", "doubled_id", "5, 6"),
        (7, "停用日期", "future_date", "2026-11-22"),
        (8, "停用原因", "retired_without_reason", ""),
    ]
