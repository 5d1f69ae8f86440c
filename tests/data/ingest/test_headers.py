"""Headers to fields: spellings, suggestions, missing and doubled columns."""

from __future__ import annotations

import pytest

from data.ingest.headers import Field, match_headers, ranked
from data.ingest.problems import IngestError, Rule
from data.ingest.table import Reading, read_table

FIELDS = (
    Field("month", "month", required=True, aliases=("月份", "survey month")),
    Field("park_id", "park", aliases=("园区编号",)),
    Field("park_name", "park", aliases=("园区名称",)),
    Field("employees", "whole", aliases=("从业人员",)),
)
PARK = (("park_id", "park_name"),)


def matched(header: str, one_of=PARK, mapping=None):
    width = header.count(",") + 1
    table = read_table(f"{header}\n{'1,' * (width - 1)}1\n".encode(), "file.csv", Reading(sure=True))
    return match_headers(table, FIELDS, one_of, mapping)


@pytest.mark.parametrize(
    "header",
    [
        "月份,园区编号",
        "month,park_id",
        "Survey Month,Park ID",
        "*月份：,园区编号",
        "MONTH,park-id",
        " 月份 ,园 区 编 号",
    ],
)
def test_spellings(header):
    found = matched(header)
    assert set(found.titles) == {"month", "park_id"}
    assert not found.problems
    assert not found.notes


def test_a_unit_in_brackets_is_left_aside():
    found = matched("月份,园区编号,从业人员（人）")
    assert found.titles["employees"] == "从业人员（人）"
    assert found.mapping == {"月份": "month", "园区编号": "park_id", "从业人员（人）": "employees"}


def test_an_unknown_header_is_a_remark_with_the_closest_free_column():
    found = matched("月份,园区编号,从业人圆,备注")
    near, far = found.notes
    assert (near.key, near.values["column"], near.values["suggestion"]) == (
        "note.unknown_header_near",
        "从业人圆",
        "从业人员",
    )
    assert (far.key, far.values["column"]) == ("note.unknown_header", "备注")
    assert "从业人员" in near.sentence("zh")
    assert "备注" in far.sentence("en")


def test_missing_headers_are_all_told_at_once_with_what_may_be_meant():
    found = matched("月分,从业人员,备注")
    assert [(p.rule, p.column, p.suggestion) for p in found.problems] == [
        (Rule.MISSING_HEADER, "month", "月分"),
        (Rule.MISSING_HEADER, "park_id", ""),
    ]
    assert found.problems[1].accepted == "park_id / 园区编号 / park_name / 园区名称"


@pytest.mark.parametrize("header", ["月份,月份,园区编号", "月份,month,园区编号"])
def test_two_columns_for_one_field(header):
    found = matched(header)
    assert [(p.rule, p.accepted, p.line) for p in found.problems] == [(Rule.DOUBLED_HEADER, "month", 1)]


def test_two_unknown_columns_of_one_name_do_no_harm():
    assert not matched("月份,园区编号,备注,备注").problems


def test_a_column_without_name_is_told_when_it_has_content():
    assert [note.key for note in matched("月份,园区编号,").notes] == ["note.unnamed_column"]


def test_no_known_header_at_all():
    with pytest.raises(IngestError) as caught:
        matched("2026-10,BJ-005,上升")
    assert caught.value.rule is Rule.HEADER_NOT_FOUND
    assert "2026-10" in caught.value.sentence("en")


def test_unknown_headers_come_with_the_likeliest_fields():
    found = matched("月份,园区编号,园区各称,从业人圆,备注")
    assert found.unknown.columns == ["header", "field", "score"]
    best = found.unknown.group_by("header", maintain_order=True).first()
    assert best.select("header", "field").rows() == [
        ("园区各称", "park_name"),
        ("从业人圆", "employees"),
        ("备注", None),
    ]
    assert found.unknown["score"].drop_nulls().is_between(50, 100).all()


def test_of_a_field_only_the_nearest_spelling_counts():
    assert [key for key, _ in ranked("months", ["monthly", "month", "park"], 5)] == ["month", "monthly"]
    assert ranked("备注", ["园区编号"], 5) == []


def test_a_confirmed_mapping_goes_before_every_known_spelling():
    found = matched("月份,园区编号,编码,人数,备注", mapping={"编码": "park_id", "人数": "employees", "备注": ""})
    assert found.titles == {"park_id": "编码", "employees": "人数", "month": "月份"}
    assert found.columns["park_id"] == "编码"
    assert found.unknown["header"].unique().to_list() == ["园区编号"]
    assert not found.problems


def test_a_known_column_can_be_left_out():
    found = matched("月份,园区编号,园区名称,从业人员", mapping={"园区名称": "", "不在文件里": "employees"})
    assert set(found.titles) == {"month", "park_id", "employees"}
    assert not found.notes
    assert found.unknown.is_empty()


def test_two_columns_confirmed_for_one_field_and_a_field_that_is_not_there():
    found = matched("甲,乙,园区编号,丙", mapping={"甲": "month", "乙": "month", "丙": "wages"})
    assert [(p.rule, p.column) for p in found.problems] == [(Rule.DOUBLED_HEADER, "乙")]
    assert found.notes[0].key == "note.mapping_unknown"
    assert "wages" in found.notes[0].sentence("en")
    assert found.notes[1].values["column"] == "丙"
