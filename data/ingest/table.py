"""An uploaded file as a table of text cells, each row with its own line number in the file or sheet.

Nothing is repaired in silence: titles and remarks that are left out are told, a row with too few or too many cells is
kept and reported, blank rows are no data but keep their line numbers, and what only a person can know is a question.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import polars as pl

from data.ingest.decode import OLE_START, ZIP_STARTS, decode, refuse_too_large
from data.ingest.delimited import LINE, Body, body_of, head_records, numbered_names, refuse_too_many_lines, unique_names
from data.ingest.dialect import (
    DELIMITERS,
    SAMPLE,
    Dialect,
    Record,
    are_names,
    dialect_of,
    filled,
    header_at,
    is_data,
    is_one_column,
)
from data.ingest.layout import Layout, laid_out
from data.ingest.limits import Limits
from data.ingest.problems import IngestError, Note, Problem, Rule
from data.ingest.workbook import Sheet, sheet_of

LARGE = 200_000  # characters from which the quick lane is worth its start
STEADY_SHARE = 0.8  # of the rows must be as wide as the column names, or a person is asked
MOST_ODD_ROWS = 2  # a row or two that do not fit are named as problems and do not put the table in doubt
LINES_SHOWN = 10
LOOKED_AT = 50  # rows below the column names that show what the columns hold
NAMES_SHOWN = 120

ENDINGS = {"csv": "csv", "tsv": "csv", "txt": "csv", "tab": "csv", "xlsx": "xlsx", "xlsm": "xlsx", "xls": "xls"}

FileKind = Literal["csv", "xlsx", "xls"]

__all__ = ["LINE", "FileKind", "Reading", "Table", "kind_of", "read_table", "shown_lines"]


@dataclass(frozen=True)
class Reading:
    """How a person wants a file to be read, in place of what would be found out; None: find out.

    encoding: a name of a text encoding. delimiter: one character. sheet: name of a sheet of a workbook. header_row: row
    of the column names, counted from 1 as an editor or a spreadsheet shows it; 0: there are none, and the columns are
    called #1, #2 …. sure: every question is answered yes.
    """

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header_row: int | None = None
    sure: bool = False


@dataclass(frozen=True, eq=False)
class Table:
    """A file as text cells.

    frame: line UInt32 (row of the file or sheet as an editor shows it), then one String column per header cell; null
    where a short row has no cell. header: the names as the file has them; columns: the frame's column for each (unique
    where the file doubles a name). encoding, delimiter: empty for a workbook. kind: what the file is by its bytes.
    sheet, sheets: the sheet read and all of them, in order. questions: what a person must confirm before anything of
    the file is stored.
    """

    frame: pl.DataFrame
    header: tuple[str, ...]
    columns: tuple[str, ...]
    header_line: int
    encoding: str
    delimiter: str
    notes: tuple[Note, ...] = ()
    problems: tuple[Problem, ...] = ()
    kind: FileKind = "csv"
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    questions: tuple[Note, ...] = ()


DEFAULT_READING = Reading()
DEFAULT_LIMITS = Limits()


def read_table(
    data: bytes, file_name: str, reading: Reading = DEFAULT_READING, limits: Limits = DEFAULT_LIMITS
) -> Table:
    r"""A delimited file or a workbook as text cells with line numbers; what the file is shows in its bytes.

    reading: what a person has said about the file; the rest is found out.
    Errors: IngestError empty_file, file_too_large, binary_file, wrong_encoding, not_a_table, header_not_found, no_rows,
    open_quote, cell_too_long, too_many_columns, too_many_rows; for workbooks those of `workbook.sheet_of`.

    >>> read_table(b"a;b\n\n1;2\n", "x.csv").frame.rows()
    [(3, '1', '2')]
    """
    refuse_too_large(data, limits)
    kind = kind_of(data)
    if kind == "csv":
        table = _delimited_table(data, file_name, reading, limits)
    else:
        table = _workbook_table(data, kind, reading, limits)
    notes = (*table.notes, *_kind_notes(file_name, kind))
    return replace(table, notes=notes, questions=() if reading.sure else table.questions)


def kind_of(data: bytes) -> FileKind:
    """What a file is by its first bytes: an archive is taken for a new workbook, an OLE file for an old one.

    >>> kind_of(b"PK\\x03\\x04"), kind_of(b"a,b")
    ('xlsx', 'csv')
    """
    if data.startswith(ZIP_STARTS):
        return "xlsx"
    return "xls" if data.startswith(OLE_START) else "csv"


def _kind_notes(file_name: str, kind: FileKind) -> list[Note]:
    """A remark when the name of a file says something else than its bytes."""
    ending = file_name.rpartition(".")[2].lower() if "." in file_name else ""
    if ending in ENDINGS and ENDINGS[ending] != kind:
        return [Note("note.other_kind", {"value": file_name[-NAMES_SHOWN:], "accepted": kind.upper()})]
    return []


def _delimited_table(data: bytes, file_name: str, reading: Reading, limits: Limits) -> Table:
    decoded = decode(data, reading.encoding, limits)
    raw, written = decoded.raw, dialect_of(decoded.head(SAMPLE + 1), reading.delimiter)
    refuse_too_many_lines(raw, limits)
    head = head_records(raw, written, limits, (reading.header_row or 1) - 1)
    if written.width < 2 and reading.delimiter is None and reading.header_row != 0 and not is_one_column(head):
        raise IngestError(Rule.NOT_A_TABLE, value=file_name)
    at = _header_place(head, written.width, reading)
    names = _numbered(head[0], written) if reading.header_row == 0 else head[at]
    header = tuple(cell.strip() for cell in names.cells)
    columns = unique_names(header)
    body = body_of(raw, written, columns, names.end, limits, quick=len(raw) >= LARGE)
    if body.frame.is_empty():
        raise IngestError(Rule.NO_ROWS, line=names.line)
    return Table(
        frame=body.frame,
        header=header,
        columns=columns,
        header_line=names.line,
        encoding=decoded.encoding,
        delimiter=written.delimiter,
        notes=(*decoded.notes, *_notes(written, head[:at], body)),
        problems=body.problems,
        questions=(
            *decoded.questions,
            *_width_questions(written, reading, len(header), body),
            *header_questions(header, head[:at], body.frame, reading),
        ),
    )


def _header_place(head: Sequence[Record], width: int, reading: Reading) -> int:
    if not head:
        raise IngestError(Rule.EMPTY_FILE)
    if reading.header_row is None:
        return header_at(head, width)
    if reading.header_row == 0:
        return 0
    if not head[0].line <= reading.header_row <= head[0].end:
        raise IngestError(Rule.HEADER_NOT_FOUND, line=reading.header_row, value="")
    return 0


def _numbered(first: Record, written: Dialect) -> Record:
    """Names for the columns of a file that has none; they stand on line 0."""
    return Record(0, numbered_names(max(written.width, len(first.cells))), written.skipped)


def _notes(written: Dialect, titles: Sequence[Record], body: Body) -> list[Note]:
    notes = []
    if written.delimiter != ",":
        notes.append(Note("note.delimiter", {"delimiter": _shown(written.delimiter)}))
    if titles:
        notes.append(title_note(titles))
    if body.comments:
        notes.append(Note("note.comments_left_out", {"count": len(body.comments), "lines": shown_lines(body.comments)}))
    return notes


def title_note(titles: Sequence[Record]) -> Note:
    """The remark that rows above the column names are not read."""
    words = " / ".join(" ".join(filter(None, record.cells)).strip() for record in titles)
    lines = shown_lines([record.line for record in titles])
    return Note("note.title_rows", {"lines": lines, "value": words[:NAMES_SHOWN]})


def shown_lines(lines: Sequence[int]) -> str:
    """The first line numbers as a sentence shows them.

    >>> shown_lines([3, 5])
    '3, 5'
    """
    return ", ".join(map(str, lines[:LINES_SHOWN])) + (" …" if len(lines) > LINES_SHOWN else "")


def _shown(delimiter: str) -> str:
    return "TAB" if delimiter == "\t" else delimiter


def _workbook_table(data: bytes, kind: Literal["xlsx", "xls"], reading: Reading, limits: Limits) -> Table:
    sheet = sheet_of(data, kind, reading.sheet, limits)
    shape = laid_out(sheet, reading.header_row, limits)
    notes = [title_note(shape.titles)] if shape.titles else []
    if sheet.percent:
        notes.append(Note("note.percent_cells", {"items": ", ".join(sheet.percent)}))
    return Table(
        frame=shape.frame,
        header=shape.header,
        columns=tuple(shape.frame.columns[1:]),
        header_line=shape.header_line,
        encoding="",
        delimiter="",
        notes=tuple(notes),
        problems=shape.problems,
        kind=kind,
        sheet=sheet.name,
        sheets=sheet.names,
        questions=(
            *_sheet_questions(sheet, shape, reading),
            *header_questions(shape.header, shape.titles, shape.frame, reading),
        ),
    )


def _sheet_questions(sheet: Sheet, shape: Layout, reading: Reading) -> list[Note]:
    questions = []
    if sheet.others and reading.sheet is None:
        values = {"value": sheet.name, "items": ", ".join(sheet.others)[:NAMES_SHOWN]}
        questions.append(Note("question.sheet", values))
    if shape.spread:
        ranges: dict[str, object] = {"items": ", ".join(shape.spread[:LINES_SHOWN]), "count": shape.spread_cells}
        questions.append(Note("question.merged_cells", ranges))
    if sheet.without_result:
        questions.append(Note("question.formula_without_result", {"count": sheet.without_result}))
    return questions


def _width_questions(written: Dialect, reading: Reading, width: int, body: Body) -> list[Note]:
    questions = []
    if reading.delimiter is None and written.rival:
        marks = {"delimiter": _shown(written.delimiter), "accepted": _shown(written.rival)}
        questions.append(Note("question.delimiter", marks))
    height, odd = body.frame.height, body.frame.height - body.steady
    many = odd > MOST_ODD_ROWS or odd > height / 2
    if reading.delimiter is None and body.steady < STEADY_SHARE * height and many:
        counts: dict[str, object] = {"count": odd, "accepted": width, "limit": height}
        questions.append(Note("question.unsteady_width", counts))
    return questions


def _may_be_data(cells: Sequence[str], width: int) -> bool:
    """Whether a row above the names has several cells and a number, or a whole row of names in one quoted cell."""
    if filled(cells) > 1:
        return not are_names(cells)
    return any(cell.count(mark) >= max(2, width - 1) for cell in cells for mark in DELIMITERS)


def header_questions(
    header: Sequence[str], titles: Sequence[Record], frame: pl.DataFrame, reading: Reading
) -> list[Note]:
    """What a person must confirm about the column names: that they are names, and which counts where two are the same.

    titles: the rows above, which are not read; one with several cells and a number may be data.
    """
    questions = []
    if reading.header_row is None:
        if is_data(header, frame.head(LOOKED_AT).drop(LINE).fill_null("").rows()):
            questions.append(Note("question.header_is_data", {"value": ", ".join(header)[:NAMES_SHOWN]}))
        rows = [record for record in titles if _may_be_data(record.cells, len(header))]
        if rows:
            values = {"lines": shown_lines([record.line for record in rows]), "value": ", ".join(header)[:NAMES_SHOWN]}
            questions.append(Note("question.rows_above", values))
    doubled = [name for name, count in Counter(header).items() if name and count > 1]
    if doubled:
        questions.append(Note("question.doubled_names", {"value": ", ".join(doubled)[:NAMES_SHOWN]}))
    return questions
