"""Members: typed rows, and every rule at its line and column."""

from __future__ import annotations

from datetime import date

import pytest

from data.ingest import check

TODAY = date(2026, 11, 22)
HEADER = "会员编号,会员名称,英文名称,组织,会员类型,城市,省份,入会日期,退会日期"


@pytest.fixture(scope="session")
def run(registers):
    def checked(*rows: str, header: str = HEADER):
        return check("members", "\n".join([header, *rows]).encode(), "members.csv", registers, TODAY)

    return checked


def found(checked):
    return checked.rejected.select("line", "column", "rule").rows()


def test_members_of_both_bodies(run):
    checked = run(
        "001,798文化,,协会,副会长单位,北京,北京市,2022年1月26日,",
        "001,,Zollverein,alliance,,ruhr,,2023-05-01,2024-06-30",
    )
    assert checked.rejected.is_empty()
    assert checked.accepted.drop("retired_on", "retired_reason").rows() == [
        ("001", "798文化", None, "association", "副会长单位", "beijing", "北京市", date(2022, 1, 26), None, False),
        ("001", None, "Zollverein", "alliance", None, "ruhr", None, date(2023, 5, 1), date(2024, 6, 30), False),
    ]
    assert checked.lines.columns == ["line", "body", "member_id"]


def test_member_problems(run):
    checked = run(
        "001,甲,,协会,,,,,",
        "001,乙,,协会,,,,,",
        "002,,,协会,,,,,",
        "003,丙,,商会,,,,,",
        "004,丁,,联盟,,,,2024-05-01,2023-05-01",
        ",戊,,联盟,,,,2027-01-01,",
        "006,己,,,,,,,",
    )
    assert found(checked) == [
        (2, "会员编号", "doubled_id"),
        (3, "会员编号", "doubled_id"),
        (4, "会员名称", "missing_value"),
        (5, "组织", "bad_choice"),
        (6, "退会日期", "left_before_joined"),
        (7, "会员编号", "missing_value"),
        (7, "入会日期", "future_date"),
        (8, "组织", "missing_value"),
    ]
    assert checked.accepted.is_empty()


def test_an_entry_is_retired_with_its_day_and_reason(run):
    header = "会员编号,会员名称,组织,停用日期,停用原因"
    good = run("001,甲,协会,2026-05-01,重复登记", header=header)
    assert good.accepted.select("retired_on", "retired_reason").row(0) == (date(2026, 5, 1), "重复登记")
    bad = run("001,甲,协会,2026-05-01,", "002,乙,协会,,没有日期", header=header)
    assert found(bad) == [(2, "停用原因", "retired_without_reason"), (3, "停用日期", "retired_without_reason")]


def test_a_city_outside_the_register_is_a_warning(run):
    checked = run("001,甲,,联盟,,沈阳,辽宁省,,", "002,乙,,联盟,,bejing,,,", "003,丙,,联盟,,-,,,")
    assert checked.rejected.is_empty()
    assert checked.accepted["city_id"].to_list() == [None, None, None]
    assert checked.accepted["province"].to_list() == ["辽宁省", None, None]
    told = checked.warnings.select("line", "value", "rule", "suggestion").rows()
    assert told == [(2, "沈阳", "unknown_city", ""), (3, "bejing", "unknown_city", "beijing")]


def test_a_file_without_any_name(run):
    assert found(run("001,协会", header="会员编号,组织"))[0][2] == "missing_header"
    assert run("001,Zollverein,alliance", header="member_id,name_en,body").rejected.is_empty()
