"""A survey, monthly or special: one row per park and month, one column per question, made into one row per answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial

import polars as pl

from data.ingest.headers import Field, match_headers
from data.ingest.lanes import coded
from data.ingest.problems import Note, Rule
from data.ingest.readers import parser_of
from data.ingest.registers import Lookup, Registers
from data.ingest.rows import Checked, Rows
from data.ingest.table import Table
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


def check_survey(
    table: Table,
    registers: Registers,
    today: date,
    mapping: Mapping[str, str] | None = None,
    questionnaire_id: str = MONTHLY,
) -> Checked:
    """Answers of a survey table, checked against one questionnaire.

    Columns out: questionnaire_id, period (first day of the month), park_id, item_id, answer (a code of the question's
    scale in the version that holds in the month), is_synthetic. Missing: a blank answer is no row; a row without any
    answer is a problem. One bad cell keeps its whole park-month out. Errors: IngestError header_not_found.
    """
    items = questions_of(registers.items, questionnaire_id)
    item_fields = _item_fields(items)
    one_of = (("park_id", "park_name"), [entry.name for entry in item_fields])
    headers = match_headers(table, survey_fields(registers.items, questionnaire_id), one_of, mapping)
    lookup = Lookup(registers)
    rows = Rows(table, headers, lookup)
    months = rows.read(MONTH, parser_of(MONTH, lookup, today, table.kind != "csv")).alias("period")
    parks = _parks(rows, lookup)
    synthetic = rows.read(SYNTHETIC, parser_of(SYNTHETIC, lookup, today)).fill_null(False)
    asked = [entry for entry in item_fields if rows.has(entry.name)]
    answers = _answers(rows, asked, versions(items), months, lookup)
    _report_empty_rows(rows, [entry.name for entry in asked])
    named = "park_id" if rows.has("park_id") else "park_name"
    rows.report_doubled(pl.DataFrame([months, parks]), named, Rule.DOUBLED_PARK_MONTH)
    left_out = [entry.aliases[0] for entry in item_fields if not rows.has(entry.name)]
    if left_out and asked:
        rows.notes.append(Note("note.items_not_in_file", {"items": ", ".join(left_out)}))
    stored = pl.DataFrame([months, parks, synthetic]).filter(rows.good())
    stored = stored.insert_column(0, pl.lit(questionnaire_id).alias("questionnaire_id"))
    long = _long(stored, [answer.filter(rows.good()) for answer in answers])
    return rows.checked("answers", long, stored.drop("is_synthetic"))


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
    rows: Rows, asked: Sequence[Field], found: Sequence[Version], months: pl.Series, lookup: Lookup
) -> list[pl.Series]:
    """The answers to each question, read with the scale it has in the version of the row's month."""
    held = _versions_held(found, months)
    first = found[0].valid_from
    if first:
        rows.remark_where((months < first).fill_null(False), "note.before_first_version", accepted=f"{first:%Y-%m}")
    answers = {entry.name: rows.cells(entry.name).clear(len(rows)) for entry in asked}
    for place, version in enumerate(found):
        where = held == place
        scaled = [entry for entry in asked if entry.name in version.scales]
        parsers = [partial(lookup.answer, scale=version.scales[entry.name]) for entry in scaled]
        for answer in rows.read_all(scaled, parsers, where) if scaled else ():
            answers[answer.name] = answer.zip_with(where, answers[answer.name]) if len(found) > 1 else answer
        for entry in asked:
            if entry.name not in version.scales:
                _report_not_asked(rows, entry, version, where)
    return list(answers.values())


def _versions_held(found: Sequence[Version], months: pl.Series) -> pl.Series:
    """The place of the version that holds in each row's month."""
    different = months.unique()
    places = pl.Series([version_in(found, month) for month in different], dtype=pl.UInt32)
    return months.replace_strict(different, places)


def _report_not_asked(rows: Rows, entry: Field, version: Version, where: pl.Series) -> None:
    """An answer to a question that the version of its month does not have."""
    since = f"{version.valid_from:%Y-%m}" if version.valid_from else ""
    rows.report_where(where & ~rows.missing(entry.name), entry.name, Rule.ITEM_NOT_ASKED, accepted=since)


def _parks(rows: Rows, lookup: Lookup) -> pl.Series:
    """The park of each row: by id, by name where the row has no id."""
    no_id, no_name = rows.missing("park_id"), rows.missing("park_name")
    by_id = rows.read(PARK_ID, lookup.park)
    by_name = rows.read(PARK_NAME, lookup.park, where=no_id)
    present = [name for name in ("park_id", "park_name") if rows.has(name)]
    if present:
        there = pl.DataFrame([rows.cells(name) for name in present]).select(pl.any_horizontal(pl.all().is_not_null()))
        rows.report_where(no_id & no_name & there.to_series(), present[0], Rule.MISSING_VALUE)
    _compare_names(rows, lookup, by_id, ~no_id & ~no_name)
    return by_id.zip_with(by_id.is_not_null(), by_name).alias("park_id")


def _compare_names(rows: Rows, lookup: Lookup, by_id: pl.Series, both: pl.Series) -> None:
    """Where a row has both id and name they must mean the same park; a name not in the register is a remark."""
    names, codes = coded(rows.cells("park_name"))
    meant = pl.Series([lookup.park_named(name) for name in names], dtype=pl.String).gather(codes)
    rows.remark_where(both & meant.is_null(), "note.park_name_differs")
    labels = {park_id: lookup.park_label(park_id) for park_id in {*meant.unique(), *by_id.unique()} - {None}}
    shown, found = (ids.replace_strict(labels, default=None, return_dtype=pl.String) for ids in (meant, by_id))
    rows.report_where(both & (meant != by_id), "park_name", Rule.PARK_ID_NAME_CONFLICT, accepted=found + " | " + shown)
    better = both & by_id.is_null() & meant.is_not_null()
    rows.resuggest(Rule.UNKNOWN_PARK, shown.zip_with(better, shown.clear(len(rows))))


def _report_empty_rows(rows: Rows, asked: Sequence[str]) -> None:
    if asked:
        empty = rows.all_missing(asked).select(pl.all_horizontal(pl.all())).to_series()
        there = pl.DataFrame([rows.cells(name) for name in asked]).select(pl.all_horizontal(pl.all().is_not_null()))
        rows.report_where(empty & there.to_series(), asked[0], Rule.EMPTY_ROW_ANSWERS)


def _long(stored: pl.DataFrame, answers: Sequence[pl.Series]) -> pl.DataFrame:
    """One row per answer of the good rows, in the order of the file."""
    if not answers:
        return pl.DataFrame(schema=SCHEMA)
    names = [answer.name for answer in answers]
    each = stored.with_columns(
        pl.DataFrame(list(answers)).select(answer=pl.concat_list(pl.all()))["answer"],
        item_id=pl.lit(pl.Series([names])).first(),
    )
    return each.explode("item_id", "answer").drop_nulls("answer").select(*SCHEMA)
