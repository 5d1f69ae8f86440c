"""Headers to fields: spellings, suggestions, missing and doubled columns."""

from __future__ import annotations

import pytest

from data.ingest.headers import Field, match_headers
from data.ingest.problems import IngestError, Rule
from data.ingest.table import read_table

FIELDS = (
    Field("month", "month", required=True, aliases=("月份", "survey month")),
    Field("park_id", "park", aliases=("园区编号",)),
    Field("park_name", "park", aliases=("园区名称",)),
    Field("employees", "whole", aliases=("从业人员",)),
)
PARK = (("park_id", "park_name"),)


def matched(header: str, one_of=PARK):
    width = header.count(",") + 1
    return match_headers(read_table(f"{header}\n{'1,' * (width - 1)}1\n".encode(), "file.csv"), FIELDS, one_of)


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
