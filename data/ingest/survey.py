"""A survey, monthly or special: one row per park and month, one column per question, made into one row per answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

import polars as pl

from data.ingest.headers import Field, match_headers
from data.ingest.problems import Note, Rule
from data.ingest.registers import Lookup, Registers
from data.ingest.rows import Checked, Rows, parser_of
from data.ingest.table import Table
from data.ingest.values import is_missing
from data.questionnaires import CHANGE, MONTHLY, Version, questions_of, version_in, versions

SYNTHETIC = Field("is_synthetic", "yes_no", aliases=("合成数据", "是否合成", "是否合成数据", "synthetic"))
MONTH = Field(
    "month",
    "month",
    required=True,
    aliases=("月份", "period", "调查月份", "填报月份", "统计月份", "年月", "survey month"),
)
PARK_ID = Field("park_id", "park", aliases=("园区编号", "园区代码", "园区ID", "编号", "park code", "park no"))
PARK_NAME = Field("park_name", "park", aliases=("园区名称", "园区", "填报园区", "单位名称", "park name", "park"))
SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "questionnaire_id": pl.String,
    "period": pl.Date,
    "park_id": pl.String,
    "item_id": pl.String,
    "answer": pl.String,
    "is_synthetic": pl.Boolean,
}


def survey_fields(items: pl.DataFrame, questionnaire_id: str = MONTHLY) -> tuple[Field, ...]:
    """The columns of a survey file: month, park, one per question of the questionnaire, is_synthetic."""
    return (MONTH, PARK_ID, PARK_NAME, *_item_fields(questions_of(items, questionnaire_id)), SYNTHETIC)


def check_survey(table: Table, registers: Registers, today: date, questionnaire_id: str = MONTHLY) -> Checked:
    """Answers of a survey table, checked against one questionnaire.

    Columns out: questionnaire_id, period (first day of the month), park_id, item_id, answer (a code of the question's
    scale in the version that holds in the month), is_synthetic. Missing: a blank answer is no row; a row without any
    answer is a problem. One bad cell keeps its whole park-month out. Errors: IngestError header_not_found.
    """
    items = questions_of(registers.items, questionnaire_id)
    item_fields = _item_fields(items)
    names = [entry.name for entry in item_fields]
    fields = survey_fields(registers.items, questionnaire_id)
    headers = match_headers(table, fields, one_of=(("park_id", "park_name"), names))
    rows = Rows(table, headers)
    lookup = Lookup(registers)
    months = rows.read(MONTH, parser_of(MONTH, lookup, today))
    parks = _parks(rows, lookup)
    synthetic = rows.read(SYNTHETIC, parser_of(SYNTHETIC, lookup, today))
    asked = [entry for entry in item_fields if rows.has(entry.name)]
    answers = _answers(rows, asked, versions(items), months, lookup)
    _report_empty_rows(rows, [entry.name for entry in asked])
    keys = [(period, park) if period and park else None for period, park in zip(months, parks, strict=True)]
    rows.report_doubled(keys, "park_id" if rows.has("park_id") else "park_name", Rule.DOUBLED_PARK_MONTH)
    left_out = [entry.aliases[0] for entry in item_fields if not rows.has(entry.name)]
    if left_out and asked:
        rows.notes.append(Note("note.items_not_in_file", {"items": ", ".join(left_out)}))
    return rows.checked("answers", _long(rows, questionnaire_id, months, parks, answers, synthetic))


def _item_fields(items: pl.DataFrame) -> tuple[Field, ...]:
    """One field per question; a question of several versions has the headings of all and the scale of the newest."""
    fields: dict[str, Field] = {}
    scale = "scale_id" if "scale_id" in items.columns else pl.lit(CHANGE).alias("scale_id")
    columns = items.select("item_id", "name_zh", "name_en", "aliases", scale)
    for item_id, name_zh, name_en, aliases, scale_id in columns.iter_rows():
        earlier = fields[item_id].aliases if item_id in fields else ()
        spellings = [spelling for spelling in (name_zh, name_en, *(aliases or "").split("|")) if spelling]
        known = tuple(dict.fromkeys([*spellings, *earlier, item_id]))
        fields[item_id] = Field(item_id, "answer", aliases=known, scale=scale_id)
    return tuple(fields.values())


def _answers(
    rows: Rows, asked: Sequence[Field], found: Sequence[Version], months: Sequence[date | None], lookup: Lookup
) -> dict[str, list[str | None]]:
    """The answers by question, each read with the scale its question has in the version of the row's month."""
    held = [version_in(found, month) for month in months]
    first = found[0].valid_from
    early = [index for index, month in enumerate(months) if month and first and month < first]
    rows.remark_lines("note.before_first_version", early, accepted=f"{first:%Y-%m}" if first else "")
    answers: dict[str, list[str | None]] = {entry.name: [None] * len(rows) for entry in asked}
    for place, version in enumerate(found):
        where = [number == place for number in held]
        for entry in asked:
            if entry.name not in version.scales:
                _report_not_asked(rows, entry, version, where)
                continue
            scaled = replace(entry, scale=version.scales[entry.name])
            read = rows.read(scaled, partial(lookup.answer, scale=scaled.scale), where)
            answers[entry.name] = [
                new if now else old for new, now, old in zip(read, where, answers[entry.name], strict=True)
            ]
    return answers


def _report_not_asked(rows: Rows, entry: Field, version: Version, where: Sequence[bool]) -> None:
    """An answer to a question that the version of its month does not have."""
    since = f"{version.valid_from:%Y-%m}" if version.valid_from else ""
    for index, cell in enumerate(rows.cells(entry.name)):
        if where[index] and cell is not None and not is_missing(cell):
            rows.report(index, entry.name, Rule.ITEM_NOT_ASKED, accepted=since)


def _parks(rows: Rows, lookup: Lookup) -> list[str | None]:
    """The park of each row: by id, by name where the row has no id."""
    ids, names = rows.cells("park_id"), rows.cells("park_name")
    no_id = [is_missing(cell) for cell in ids]
    by_id = rows.read(PARK_ID, lookup.park)
    by_name = rows.read(PARK_NAME, lookup.park, where=no_id)
    present = [name for name in ("park_id", "park_name") if rows.has(name)]
    for index, name in enumerate(names):
        if no_id[index] and is_missing(name) and any(rows.cells(column)[index] is not None for column in present):
            rows.report(index, present[0], Rule.MISSING_VALUE)
    _compare_names(rows, lookup, by_id, no_id)
    return [found or named for found, named in zip(by_id, by_name, strict=True)]


def _compare_names(rows: Rows, lookup: Lookup, by_id: Sequence[str | None], no_id: Sequence[bool]) -> None:
    """Where a row has both id and name they must mean the same park; a name not in the register is a remark."""
    unregistered: list[int] = []
    meant: dict[int, str] = {}
    for index, name in enumerate(rows.cells("park_name")):
        if no_id[index] or name is None or is_missing(name):
            continue
        named, found = lookup.park_named(name), by_id[index]
        if named is None:
            unregistered.append(index)
        elif found is None:
            meant[rows.lines[index]] = lookup.park_label(named)
        elif named != found:
            both = f"{lookup.park_label(found)} | {lookup.park_label(named)}"
            rows.report(index, "park_name", Rule.PARK_ID_NAME_CONFLICT, accepted=both)
    rows.problems = [
        problem._replace(suggestion=meant.get(problem.line, problem.suggestion))
        if problem.rule is Rule.UNKNOWN_PARK
        else problem
        for problem in rows.problems
    ]
    rows.remark_lines("note.park_name_differs", unregistered)


def _report_empty_rows(rows: Rows, asked: Sequence[str]) -> None:
    if not asked:
        return
    for index, cells in enumerate(zip(*(rows.cells(name) for name in asked), strict=True)):
        if all(cell is not None and is_missing(cell) for cell in cells):
            rows.report(index, asked[0], Rule.EMPTY_ROW_ANSWERS)


def _long(
    rows: Rows,
    questionnaire_id: str,
    months: Sequence[date | None],
    parks: Sequence[str | None],
    answers: dict[str, list[Any]],
    synthetic: Sequence[bool | None],
) -> pl.DataFrame:
    """One row per answer of the good rows, in the order of the file."""
    out = [
        (questionnaire_id, months[index], parks[index], item_id, found[index], marked or False)
        for index, (good, marked) in enumerate(zip(rows.good(), synthetic, strict=True))
        if good
        for item_id, found in answers.items()
        if found[index] is not None
    ]
    return pl.DataFrame(out, schema=SCHEMA, orient="row")
