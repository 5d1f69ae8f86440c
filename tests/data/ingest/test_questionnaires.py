"""Every questionnaire takes the same road: its own questions, its own answers, the version of the row's month."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
import pytest

from data import registry
from data.ingest import DATASETS, check, datasets, explained, fields_of, questionnaire_of, read_table, recognised

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def shipped():
    from data.ingest import Registers

    return Registers(
        parks=registry.parks(),
        items=registry.questionnaire_items(),
        answers=registry.answer_scales(),
        programmes=registry.programmes(),
        districts=registry.districts(),
        industries=registry.industries(),
    )


def checked(registers, dataset, text):
    return check(dataset, text.encode(), "file.csv", registers, TODAY)


def test_what_a_file_can_be(shipped, registers):
    assert datasets(shipped) == (*DATASETS, "digitalisation", "rent_relief")
    assert datasets(registers) == DATASETS
    assert questionnaire_of("answers") == "monthly"


def test_answers_go_into_the_answers_under_their_questionnaire(shipped):
    text = "月份,园区编号,智慧停车,数字化预算,主要障碍,合成数据\n2026年6月,BJ-005,已全面应用,上升,缺资金,是\n"
    found = checked(shipped, "digitalisation", text)
    assert found.rejected.is_empty()
    assert found.dataset == "answers"
    assert found.accepted.rows() == [
        ("digitalisation", date(2026, 6, 1), "BJ-005", "smart_access", "fully", True),
        ("digitalisation", date(2026, 6, 1), "BJ-005", "digital_budget", "up", True),
        ("digitalisation", date(2026, 6, 1), "BJ-005", "main_obstacle", "funds", True),
    ]
    assert found.notes[0].key == "note.items_not_in_file"


def test_english_headings_and_answers(shipped):
    text = "month,park_id,Months of relief,Vacancy after relief\n2022-12,BJ-005,3-5,better\n"
    found = checked(shipped, "rent_relief", text)
    assert found.accepted["answer"].to_list() == ["months_3_5", "up"]


@pytest.mark.parametrize(
    ("column", "answer", "among", "foreign"),
    [
        ("数字化预算", "很好", "大幅下降", "全面应用"),
        ("数据共享", "上升", "未开放", "持平"),
        ("主要障碍", "无意愿", "资金不足", "持平"),
    ],
)
def test_a_wrong_answer_lists_those_of_its_own_scale(shipped, column, answer, among, foreign):
    found = checked(shipped, "digitalisation", f"月份,园区编号,{column}\n2026-06,BJ-005,{answer}\n")
    told = explained(found.rejected, "zh").row(0, named=True)
    assert (told["rule"], told["value"], told["column"]) == ("bad_answer", answer, column)
    assert among in told["accepted"]
    assert foreign not in told["accepted"]
    assert found.accepted.is_empty()


@pytest.mark.parametrize("dataset", ["answers", "digitalisation", "rent_relief"])
@pytest.mark.parametrize("name", ["name_zh", "name_en", "item_id"])
def test_questionnaires_are_told_apart_by_their_headings(shipped, dataset, name):
    titles = registry.survey_items(questionnaire_of(dataset))[name].to_list()
    header = ",".join(["month", "park_id", *titles])
    table = read_table(f"{header}\n{',' * header.count(',')}x\n".encode(), "file.csv")
    assert recognised(table, shipped) == dataset
    known = {field.name for field in fields_of(dataset, shipped)}
    assert set(registry.survey_items(questionnaire_of(dataset))["item_id"]) < known


VERSIONS = [
    ("monthly", 1, date(2022, 1, 1), "rent", "租金", "Rent", "", "change3"),
    ("monthly", 1, date(2022, 1, 1), "fairs", "展会", "Fairs", "", "change3"),
    ("monthly", 2, date(2024, 7, 1), "rent", "租金水平", "Rent level", "", "change5"),
]
COLUMNS = ["questionnaire_id", "version", "valid_from", "item_id", "name_zh", "name_en", "aliases", "scale_id"]


@pytest.fixture(scope="module")
def versioned(shipped):
    return replace(shipped, items=pl.DataFrame(VERSIONS, schema=COLUMNS, orient="row"))


def test_each_month_is_read_with_the_scale_of_its_version(versioned):
    rows = ("2024-06,BJ-005,上升", "2024-07,BJ-005,明显上升", "2024-06,BJ-011,明显上升", "2024-08,BJ-011,上升")
    found = checked(versioned, "answers", "\n".join(["月份,园区编号,租金", *rows, ""]))
    assert found.accepted.select("period", "answer").rows() == [
        (date(2024, 6, 1), "up"), (date(2024, 7, 1), "up2"), (date(2024, 8, 1), "up"),
    ]  # fmt: skip
    assert found.rejected.select("line", "value", "rule").rows() == [(4, "明显上升", "bad_answer")]


def test_a_question_the_month_did_not_ask_keeps_the_row_out_unless_it_is_empty(versioned):
    text = "月份,园区编号,租金水平,展会\n2024-07,BJ-005,持平,上升\n2024-07,BJ-011,持平,\n2024-06,BJ-011,持平,上升\n"
    found = checked(versioned, "answers", text)
    assert found.rejected.select("line", "column", "rule").rows() == [(2, "展会", "item_not_asked")]
    assert "2024-07" in explained(found.rejected, "en")["accepted"].item()
    assert found.accepted.height == 3


def test_months_before_the_first_version_are_read_with_it_and_said_so(versioned):
    found = checked(versioned, "answers", "月份,园区编号,租金,展会\n2021-05,BJ-005,上升,下降\n")
    assert found.accepted["answer"].to_list() == ["up", "down"]
    (note,) = found.notes
    assert note.key == "note.before_first_version"
    assert "2022-01" in note.sentence("zh")
