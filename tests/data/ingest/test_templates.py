"""Templates: every column is read back, every drop-down choice is accepted, nothing can act as a formula."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import replace
from datetime import date
from xml.etree import ElementTree

import polars as pl
import pytest

from data.ingest import DATASETS, IngestError, check, datasets, fields_of, read_table, templates
from data.ingest.headers import match_headers
from data.ingest.templates import LIST_SHEET, column_list, template_csv, template_xlsx
from data.text import TextError

TODAY = date(2026, 11, 22)
LANGUAGES = ("zh", "en")
ALL = DATASETS
ELSEWHERE = {
    **dict.fromkeys(("普陀区", "Putuo", "M50创意园", "M50"), "shanghai"),
    **dict.fromkeys(("埃森", "Essen", "Villa Hügel"), "ruhr"),
}
NS = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def parts(book: bytes) -> dict[str, ElementTree.Element]:
    with zipfile.ZipFile(io.BytesIO(book)) as packed:
        return {name: ElementTree.fromstring(packed.read(name)) for name in packed.namelist() if name.endswith(".xml")}


def texts(book: bytes) -> list[str]:
    return ["".join(entry.itertext()) for entry in parts(book)["xl/sharedStrings.xml"]]


def column_cells(book: bytes, sheet: int) -> dict[str, list[str]]:
    """Column letter -> the texts of a sheet, row by row."""
    found, shared = {}, texts(book)
    for cell in parts(book)[f"xl/worksheets/sheet{sheet}.xml"].iterfind(".//m:c", NS):
        value = cell.find("m:v", NS)
        if value is not None:
            found.setdefault(re.sub(r"\d", "", cell.get("r")), []).append(shared[int(value.text)])
    return found


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("dataset", ALL)
def test_every_header_is_read_back_as_its_field(registers, dataset, language):
    listed = column_list(dataset, registers, language)
    fields = fields_of(dataset, registers)
    assert listed["field"].to_list() == [entry.name for entry in fields]
    assert listed["required"].to_list() == [entry.required for entry in fields]
    assert listed["header"].is_unique().all()
    assert all(listed["accepts"])
    table = read_table(
        template_csv(dataset, registers, language) + b"1" + b"," * (listed.height - 1) + b"\r\n", "t.csv"
    )
    headers = match_headers(table, fields)
    assert headers.mapping == dict(zip(listed["header"], listed["field"], strict=True))
    assert not headers.problems
    assert table.frame.height == 1


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("dataset", ALL)
def test_the_workbook_has_the_headers_of_the_list(registers, dataset, language):
    book = template_xlsx(dataset, registers, language)
    last_cells = [cells[-1] for cells in column_cells(book, 1).values()]
    assert last_cells == column_list(dataset, registers, language)["header"].to_list()
    assert column_cells(book, 1)["A"][0].startswith("# ")
    sheets = {
        sheet.get("name"): sheet.get("state") for sheet in parts(book)["xl/workbook.xml"].iterfind(".//m:sheet", NS)
    }
    assert sheets[LIST_SHEET] == "hidden"
    assert next(iter(sheets.values())) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_choice_of_a_list_is_accepted(registers, language):
    """Each drop-down cell of the events template, put into a row of its own, is read without a problem."""
    book = template_xlsx("events", registers, language)
    listed = column_list("events", registers, language)
    fields = dict(zip(listed["header"], listed["field"], strict=True))
    lists = column_cells(book, 2)
    titles = {letter: cells[-1] for letter, cells in column_cells(book, 1).items()}
    base = {"event_id": "", "date": "2026-10-05", "programme_id": "training", "city_id": ""}
    rows = []
    for letter, choices in lists.items():
        for choice in choices:
            row = base | {"event_id": f"E{len(rows)}"}
            field = fields[titles[letter]]
            row["city_id"] = ELSEWHERE.get(choice, "beijing")
            rows.append(row | {field: choice})
    frame = pl.DataFrame(
        rows, schema=dict.fromkeys((*base, "district_code", "park_id", "mode", "is_synthetic"), pl.String)
    )
    checked = check("events", frame.write_csv().encode(), "events.csv", registers, TODAY)
    assert checked.rejected.is_empty()
    assert checked.n_rows == sum(map(len, lists.values())) > 15


def test_lists_are_bound_to_their_column(registers):
    book = template_xlsx("answers", registers, "zh")
    rules = parts(book)["xl/worksheets/sheet1.xml"].findall(".//m:dataValidation", NS)
    lists = column_cells(book, 2)
    assert len(rules) == len(lists)
    for rule in rules:
        letter = rule.get("sqref")[0]
        assert rule.get("sqref").startswith(f"{letter}3:{letter}")
        assert rule.find("m:formula1", NS).text == f"{LIST_SHEET}!${letter}$1:${letter}${len(lists[letter])}"
        assert len(rule.get("error")) <= 255
    by_title = {cells[-1]: lists.get(letter) for letter, cells in column_cells(book, 1).items()}
    assert by_title["业务量"] == ["上升", "持平", "下降"]
    assert by_title["园区编号"][0] == "BJ-005"
    assert by_title["园区名称"][0] == "798艺术区"
    assert by_title["月份"] is None


def test_names_that_two_parks_have_are_offered_as_ids(registers):
    twice = pl.DataFrame([("BJ-300", "竞园", None, "beijing", None)], schema=registers.parks.schema, orient="row")
    more = replace(registers, parks=pl.concat([registers.parks, twice]))
    offered = [cell for cells in column_cells(template_xlsx("events", more, "zh"), 2).values() for cell in cells]
    assert "竞园" not in offered
    assert {"BJ-021", "BJ-300"} <= set(offered)


@pytest.mark.parametrize("evil", ["=cmd|' /C calc'!A0", "@SUM(A1)", "+1", "-2+3", "http://example.org"])
def test_no_cell_is_a_formula_or_a_link(registers, evil):
    row = pl.DataFrame([("=1+1", evil, evil, "beijing", None)], schema=registers.parks.schema, orient="row")
    more = replace(registers, parks=pl.concat([row, registers.parks]))
    book = template_xlsx("answers", more, "en")
    assert not any(part.findall(".//m:f", NS) or part.findall(".//m:hyperlink", NS) for part in parts(book).values())
    assert not any(
        name.endswith(".rels") and b"example.org" in zipfile.ZipFile(io.BytesIO(book)).read(name)
        for name in zipfile.ZipFile(io.BytesIO(book)).namelist()
    )
    text = template_csv("answers", more, "en").decode("utf-8-sig")
    assert not any(cell.startswith(("=", "+", "-", "@")) for line in csv.reader(io.StringIO(text)) for cell in line)


def test_a_header_that_looks_like_a_formula_is_inert(registers):
    items = pl.DataFrame([("monthly", "x", "=问题", "=question", None)], schema=registers.items.schema, orient="row")
    text = template_csv("answers", replace(registers, items=items), "en").decode("utf-8-sig")
    assert "'=question" in text.splitlines()[1]


def test_csv_opens_in_excel_and_has_one_header_and_one_example(registers):
    data = template_csv("members", registers, "zh")
    assert data.startswith(b"\xef\xbb\xbf")
    lines = data.decode("utf-8-sig").split("\r\n")
    assert lines[0].startswith("# ")
    assert lines[1].startswith("会员编号,会员名称,")
    assert lines[2:] == [""]
    with pytest.raises(IngestError):
        check("members", data, "members.csv", registers, TODAY)


@pytest.mark.parametrize("padding", ["", "," * 11])
def test_a_filled_template_is_taken(registers, padding):
    """Also when a spreadsheet has saved it and filled the example's row up with empty cells."""
    example, rest = template_csv("members", registers, "zh").decode("utf-8-sig").split("\r\n", 1)
    text = f"{example}{padding}\r\n{rest}001,甲,,协会,,北京,,2022-01-26,,,,\r\n002,乙,,联盟,,,,,,,,\r\n"
    checked = check("members", text.encode(), "members.csv", registers, TODAY)
    assert checked.rejected.is_empty()
    assert checked.accepted["member_id"].to_list() == ["001", "002"]
    assert not checked.questions


def test_a_filled_workbook_is_taken_without_a_question(registers, monkeypatch):
    """The example above the headers and the hidden lists are no second table to ask about."""
    filled = {"member_id": "001", "name_zh": "甲", "body": "协会", "city_id": "北京", "joined_on": "2022-01-26"}
    written = templates._write_column

    def with_a_row(sheet, lists, place, column, *more):
        written(sheet, lists, place, column, *more)
        if column.field.name in filled:
            sheet.write_string(templates.HEADER_ROW + 1, place, filled[column.field.name])

    monkeypatch.setattr(templates, "_write_column", with_a_row)
    checked = check("members", template_xlsx("members", registers, "zh"), "members.xlsx", registers, TODAY)
    assert checked.rejected.is_empty()
    assert checked.questions == ()
    assert checked.accepted.select("member_id", "body", "city_id").rows() == [("001", "association", "beijing")]


def test_further_questionnaires_have_templates_too(registers):
    extra = pl.DataFrame([("digital", "budget", "预算", "Budget", None)], schema=registers.items.schema, orient="row")
    more = replace(registers, items=pl.concat([registers.items, extra]))
    assert datasets(more)[-1] == "digital"
    assert "Budget" in column_list("digital", more, "en")["header"].to_list()


def test_unknown_data_sets_and_languages(registers):
    with pytest.raises(IngestError):
        column_list("wages", registers, "zh")
    with pytest.raises(TextError):
        column_list("events", registers, "fr")
