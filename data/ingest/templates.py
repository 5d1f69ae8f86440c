"""Empty tables to fill in: the columns of a data set in plain words, a workbook with drop-down lists, a CSV file.

Headers, choices and lists are in one language; the check reads either. Names come from the registers, so a list shows
what is accepted today. No cell can act as a formula in a spreadsheet.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import polars as pl
import xlsxwriter  # type: ignore[import-untyped]

from data.ingest import fields_of
from data.ingest.headers import Field
from data.ingest.registers import CITY_NAMES, Registers
from data.ingest.values import FORMULA_STARTS, inert, name_key
from data.questionnaires import CHANGE
from data.text import messages

HEADER_ROW = 1  # counted from 0; above it stands the example
ROWS = 5_000  # as far down as the drop-down lists reach
LIST_SHEET = "lists"
DATA_SHEET = {"zh": "填报", "en": "data"}
YES_NO = {"zh": ("是", "否"), "en": ("yes", "no")}
WIDTH = {"text": 28, "park": 24}
OPEN_KINDS = (
    "park",
    "city",
    "district",
    "several",
    "partner",
    "offer",
    "need",
)  # an id or another spelling is accepted too
EXAMPLES = {
    "month": "2026-11",
    "date": "2026-11-05",
    "number": "12.5",
    "whole": "12",
    "time": "14:00",
    "year": "2024",
    "percent": "35",
    "tags": "设计; 展览",
    "region": "全国",
    "industry": "87",
    "culture": "03",
}
LONGEST_NOTE, LONGEST_PROMPT = 2_000, 255

Register = tuple[str, str]  # id, name in the language


class Column(NamedTuple):
    """One column of a template: its field, header, what it accepts in words, its drop-down list, an example cell."""

    field: Field
    header: str
    accepts: str
    choices: tuple[str, ...]
    example: str


def column_list(dataset: str, registers: Registers, language: str) -> pl.DataFrame:
    """The columns of a data set in plain words.

    Columns out: header (in the language), accepts (what a cell may be), required (Boolean), field (the stored name).
    Errors: IngestError unknown_dataset; TextError for an unknown language.
    """
    rows = [
        (column.header, column.accepts, column.field.required, column.field.name)
        for column in _columns(dataset, registers, language)
    ]
    schema = {"header": pl.String, "accepts": pl.String, "required": pl.Boolean, "field": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def template_csv(dataset: str, registers: Registers, language: str) -> bytes:
    """An empty CSV file of a data set that Excel opens rightly: UTF-8 with a byte order mark, headers, an example.

    The example is one cell above the headers that begins with #: a title, which the check passes over. Errors: as
    `column_list`.
    """
    columns = _columns(dataset, registers, language)
    lines = io.StringIO(newline="")
    writer = csv.writer(lines)
    writer.writerow([_example(columns, language)])
    writer.writerow([inert(column.header) for column in columns])
    return b"\xef\xbb\xbf" + lines.getvalue().encode()


def template_xlsx(dataset: str, registers: Registers, language: str) -> bytes:
    """An empty workbook of a data set: drop-down lists, a note at every header, ids and months kept as text.

    The example is one cell above the headers: a title, which the check passes over. The lists are on a hidden sheet.
    Errors: as `column_list`.
    """
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        sheet = book.add_worksheet(DATA_SHEET[language])
        lists = book.add_worksheet(LIST_SHEET)
        lists.hide()
        formats = {name: book.add_format(look) for name, look in _LOOKS.items()}
        columns = _columns(dataset, registers, language)
        for place, column in enumerate(columns):
            _write_column(sheet, lists, place, column, formats, language)
        sheet.write_string(0, 0, _example(columns, language), formats["example"])
        sheet.freeze_panes(HEADER_ROW + 1, 0)
        sheet.activate()
    return buffer.getvalue()


_LOOKS: dict[str, dict[str, Any]] = {
    "required": {"bold": True, "bg_color": "#FCE4D6", "border": 1, "text_wrap": True, "valign": "vcenter"},
    "optional": {"bold": True, "bg_color": "#EDEDED", "border": 1, "text_wrap": True, "valign": "vcenter"},
    "example": {"italic": True, "font_color": "#7F7F7F", "num_format": "@"},
    "text": {"num_format": "@"},
    "date": {"num_format": "yyyy-mm-dd"},
    "plain": {},
}


def _write_column(sheet: Any, lists: Any, place: int, column: Column, formats: dict[str, Any], language: str) -> None:
    kind = column.field.kind
    cells = formats["date" if kind == "date" else "plain" if kind in ("number", "whole") else "text"]
    sheet.set_column(place, place, WIDTH.get(kind, 16), cells)
    sheet.write_string(HEADER_ROW, place, column.header, formats["required" if column.field.required else "optional"])
    note = messages().sentence("template.note", language, accepted=column.accepts, value=column.example)
    sheet.write_comment(HEADER_ROW, place, note[:LONGEST_NOTE], {"x_scale": 2})
    for row, choice in enumerate(column.choices):
        lists.write_string(row, place, choice)
    rule = _validation(column, place, language)
    if rule:
        sheet.data_validation(HEADER_ROW + 1, place, ROWS, place, rule)


def _validation(column: Column, place: int, language: str) -> dict[str, Any]:
    """What Excel checks while cells are typed; a list of names only warns, as ids and other spellings are right too."""
    entry, said = column.field, {"error_message": column.accepts[:LONGEST_PROMPT], "ignore_blank": True}
    said["error_title"] = messages().sentence("template.check", language)
    if column.choices:
        letter = xlsxwriter.utility.xl_col_to_name(place)
        source = f"={LIST_SHEET}!${letter}$1:${letter}${len(column.choices)}"
        kind = "warning" if entry.kind in OPEN_KINDS else "stop"
        return {"validate": "list", "source": source, "error_type": kind, **said}
    if entry.kind in ("number", "whole") and entry.low is not None and entry.high is not None:
        limits = {"criteria": "between", "minimum": entry.low, "maximum": entry.high, "error_type": "warning"}
        return {"validate": "decimal", **limits, **said}
    return {}


def _columns(dataset: str, registers: Registers, language: str) -> list[Column]:
    shown = []
    fields = fields_of(dataset, registers)
    has_names = any(entry.name == "park_name" for entry in fields)
    for entry in fields:
        choices = _choices(entry, registers, language)
        if entry.name == "park_id" and has_names:
            choices = tuple(registers.parks["park_id"].drop_nulls())
        example = choices[0] if choices else EXAMPLES.get(entry.kind, "")
        shown.append(
            Column(entry, header_of(entry, language), accepts_of(entry, registers, language), choices, example)
        )
    return shown


def header_of(entry: Field, language: str) -> str:
    """The header of a column in a language: its first spelling in that script, the stored name where there is none.

    >>> header_of(Field("city_id", "city", aliases=("城市", "city")), "zh")
    '城市'
    """
    fitting = [spelling for spelling in entry.aliases if spelling.isascii() != (language == "zh")]
    return fitting[0] if fitting and (language == "zh" or entry.kind == "answer") else entry.name


def accepts_of(entry: Field, registers: Registers, language: str) -> str:
    """What the cells of a column may be, in words: the kind, its choices or limits. Errors: TextError."""
    texts = messages()
    parts = [texts.sentence(f"kind.{entry.kind}", language)]
    if entry.kind in ("choice", "several", "answer"):
        parts.append(" / ".join(_choices(entry, registers, language)))
    if entry.low is not None and entry.high is not None:
        parts.append(f"{entry.low:,.0f} – {entry.high:,.0f}")
    if entry.required:
        parts.append(texts.sentence("kind.required", language))
    return " · ".join(part for part in parts if part)


def _choices(entry: Field, registers: Registers, language: str) -> tuple[str, ...]:
    """The cells a drop-down list offers; each is read back as the id it stands for."""
    offered: dict[str, Callable[[], Sequence[str]]] = {
        "yes_no": lambda: YES_NO[language],
        "choice": lambda: _choice_words(entry, language),
        "several": lambda: _choice_words(entry, language),
        "answer": lambda: _answer_words(entry, registers, language),
        "park": lambda: _distinct(_named(registers.parks, "park_id", language)),
        "programme": lambda: _distinct(_named(registers.programmes, "programme_id", language)),
        "district": lambda: _distinct(_named(registers.districts, "district_code", language)),
        "city": lambda: _cities(registers, language),
        "partner": lambda: _distinct(_named(registers.partners, "partner_id", language)),
        "offer": lambda: _distinct(_titled(registers.offers, "offer_id")),
        "need": lambda: _distinct(_titled(registers.needs, "need_id")),
    }
    return tuple(offered[entry.kind]()) if entry.kind in offered else ()


def _choice_words(entry: Field, language: str) -> list[str]:
    fitting = {
        value: [word for word in spellings if not word.isascii()] if language == "zh" else []
        for value, spellings in entry.choices.items()
    }
    return [words[0] if words else value for value, words in fitting.items()]


def _answer_words(entry: Field, registers: Registers, language: str) -> list[str]:
    answers = registers.answers
    if "scale_id" in answers.columns:
        answers = answers.filter(pl.col("scale_id") == (entry.scale or CHANGE))
    return answers[f"label_{language}"].drop_nulls().to_list()


def _named(register: pl.DataFrame, key: str, language: str) -> list[Register]:
    names = [f"name_{language}", "name_en" if language == "zh" else "name_zh"]
    rows = register.select(key, pl.coalesce(*names, key)).unique(maintain_order=True)
    return [(code, name) for code, name in rows.iter_rows() if code is not None]


def _titled(register: pl.DataFrame, key: str) -> list[Register]:
    return list(register.select(key, pl.coalesce("title", key)).iter_rows())


def _distinct(rows: Sequence[Register]) -> list[str]:
    """Names; the id where two have the same name, or where a spreadsheet would take the name for a formula."""
    keys = [name_key(name) for _, name in rows]
    alone = {key for key in keys if keys.count(key) == 1} if len(keys) < 2_000 else set(keys)
    return [
        name if key in alone and key and not name.startswith(FORMULA_STARTS) else code
        for (code, name), key in zip(rows, keys, strict=True)
    ]


def _cities(registers: Registers, language: str) -> list[str]:
    ids = sorted({*registers.districts["city_id"], *registers.parks["city_id"]} - {None})
    return [CITY_NAMES[city][0] if language == "zh" and city in CITY_NAMES else city for city in ids]


def _example(columns: Sequence[Column], language: str) -> str:
    """One row filled in, as a remark."""
    filled = [f"{column.header} = {column.example}" for column in columns if column.example]
    return "# " + messages().sentence("template.example", language, value=" | ".join(filled))
