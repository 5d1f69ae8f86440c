"""Text of a delimited file to rows of text cells, each with its own line number in the file.

Two lanes give the same rows: the csv module reads anything; Polars reads large regular files, where every line is one
record, and leaves the lines with quotes or too many cells to the csv module.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

import numpy as np
import polars as pl

from data.ingest.dialect import COMMENT, HEAD, Dialect, Record
from data.ingest.limits import Limits
from data.ingest.marks import BLANK, NEWLINE, Counts, Lines, beside, count_of, has_bare_returns, marks_by_line
from data.ingest.problems import IngestError, Problem, Rule

LINE = "line"
ROWS_AT_ONCE = 50_000
LINES_PER_ROW = 2  # of a text, on average, blank lines and lines inside cells counted
MOST_ODD = 0.2  # of the lines; where more have quotes or cells too many, the csv module reads all of them
# what stands for a delimiter or a first blank inside a cell, and for a cell that is not there
STAND_INS = ("\ue000", "\ue001", "\ue002")
PRIVATE = b"\xee"  # the first byte of all of them; in a text that has it no stand-in can be trusted
QUOTED = '"(?:[^"]|"")*"'
BLANKS = "".join(map(chr, filter(lambda code: chr(code).isspace(), range(0x3001))))


@dataclass(frozen=True, eq=False)
class Body:
    """The rows below the column names.

    frame: line UInt32, then a String column for each name; null where a short row has no cell. problems: rows that are
    too short or too long. comments: lines left out because they are remarks. steady: rows as wide as the names.
    """

    frame: pl.DataFrame
    problems: tuple[Problem, ...]
    comments: tuple[int, ...]
    steady: int


def head_records(raw: bytes, written: Dialect, limits: Limits, after: int = 0) -> list[Record]:
    """The first records below the line `after` that are not blank. Errors: as for `body_of`."""
    return list(islice(_records(raw, written, limits, after), HEAD + 1))


def body_of(raw: bytes, written: Dialect, columns: Sequence[str], after: int, limits: Limits, quick: bool) -> Body:
    """The rows below the line `after` of a text in UTF-8. quick: by Polars where the text allows it.

    Errors: IngestError open_quote, cell_too_long, too_many_rows, too_many_columns.
    """
    plain = written.quote == '"' and written.escape is None and len(columns) > 1
    body = _quick_body(raw, written, columns, after, limits) if quick and plain else None
    return body or _thorough_body(raw, written, columns, after, limits)


def _records(raw: bytes, written: Dialect, limits: Limits, after: int = 0) -> Iterator[Record]:
    """Every record below the line `after` that is not blank, with the line it starts on."""
    lines = _lines(raw)
    begin = max(after, written.skipped)
    for _ in islice(lines, begin):
        pass
    reader = written.rows(lines)
    start = last = begin + 1
    try:
        for cells in reader:
            end = begin + reader.line_num
            _refuse_oversized(start, end, cells, limits)
            if any(cell.strip() for cell in cells):
                yield Record(start, cells, end)
            last, start = start, end + 1
    except csv.Error:  # a cell above the csv module's own limit of 131,072 characters
        raise IngestError(Rule.CELL_TOO_LONG, line=start, limit=limits.cell_chars) from None
    _refuse_open_quote(raw, written, last)


def _lines(raw: bytes) -> io.TextIOWrapper:
    """The lines with their ends, decoded as they are read: the whole text as one would take four times the memory."""
    return io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8", newline="")


def _refuse_oversized(start: int, end: int, cells: Sequence[str], limits: Limits) -> None:
    if len(cells) > limits.columns:
        raise IngestError(Rule.TOO_MANY_COLUMNS, line=start, value=len(cells), limit=limits.columns)
    if any(len(cell) > limits.cell_chars for cell in cells):
        raise IngestError(Rule.CELL_TOO_LONG, line=start, limit=limits.cell_chars)
    if end - start >= limits.record_lines:
        raise IngestError(Rule.OPEN_QUOTE, line=start)


def _refuse_open_quote(raw: bytes, written: Dialect, last: int) -> None:
    """The csv module reads an unclosed quote to the end of the file without a word; its strict mode tells."""
    tail = list(islice(_lines(raw), last - 1, None))
    try:
        list(written.rows(tail, strict=True))
    except csv.Error as why:
        if "unexpected end" in str(why):
            raise IngestError(Rule.OPEN_QUOTE, line=last) from None


def _thorough_body(raw: bytes, written: Dialect, columns: Sequence[str], after: int, limits: Limits) -> Body:
    """The rows as the csv module reads them, made into frames piece by piece, as lists of cells take much memory."""
    width = len(columns)
    frames, problems, comments, count = [rows_frame([], columns)], list[Problem](), list[int](), 0
    records = _records(raw, written, limits, after)
    while piece := list(islice(records, ROWS_AT_ONCE)):
        comments += [record.line for record in piece if is_comment(record.cells, width)]
        kept = [record for record in piece if not is_comment(record.cells, width)]
        problems += [problem for record in kept for problem in shape_problems(record, width)]
        count += len(kept)
        if count > limits.rows:
            refuse_too_many_rows(count, kept[limits.rows - count].line, limits)
        frames.append(rows_frame(kept, columns))
    return Body(pl.concat(frames, rechunk=False), tuple(problems), tuple(comments), count - len(problems))


def refuse_too_many_rows(count: int, line: int, limits: Limits) -> None:
    """Refuse a table above the limit; line: its first row too many. Errors: IngestError too_many_rows."""
    if count > limits.rows:
        raise IngestError(Rule.TOO_MANY_ROWS, line=line, limit=f"{limits.rows:,}")


def refuse_too_many_lines(raw: bytes, limits: Limits) -> None:
    """Refuse a text with so many lines that reading them would take too long. Errors: IngestError too_many_rows."""
    count = max(count_of(raw, mark) for mark in b"\n\r")
    if count > LINES_PER_ROW * limits.rows + HEAD:
        raise IngestError(Rule.TOO_MANY_ROWS, line=count, limit=f"{limits.rows:,}")


def is_comment(cells: Sequence[str], width: int) -> bool:
    """Whether a row is a remark: it begins with # and is narrower than the table."""
    return cells[0].startswith(COMMENT) and len(cells) < width


def shape_problems(record: Record, width: int) -> list[Problem]:
    """What is wrong with the number of cells of a row; blank cells too many are nothing."""
    line, cells, _ = record
    if len(cells) < width:
        return [Problem(line, "", str(len(cells)), Rule.SHORT_ROW, accepted=str(width))]
    if any(cell.strip() for cell in cells[width:]):
        return [Problem(line, "", str(len(cells)), Rule.LONG_ROW, accepted=str(width))]
    return []


def rows_frame(records: Sequence[Record], columns: Sequence[str]) -> pl.DataFrame:
    """Records as a frame: line, then the columns; null where a record has no cell, cells too many are cut."""
    width = len(columns)
    rows = [[*cells[:width], *[None] * (width - len(cells))] for _, cells, _ in records]
    cells = zip(*rows, strict=True) if rows else [()] * width
    series = [pl.Series(name, column, dtype=pl.String) for name, column in zip(columns, cells, strict=True)]
    return pl.DataFrame([pl.Series(LINE, [record.line for record in records], dtype=pl.UInt32), *series])


def _quick_body(raw: bytes, written: Dialect, columns: Sequence[str], after: int, limits: Limits) -> Body | None:
    """The rows as Polars reads them; None where the text is too irregular for that."""
    if PRIVATE in raw:
        return None
    regular = _regular_rows(raw, written.delimiter, columns, after)
    if regular is not None:
        return _quick_result(regular, [], columns, limits)
    if has_bare_returns(raw):
        raw = raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if not raw.endswith(b"\n"):
        raw += b"\n"
    width = len(columns)
    lines = marks_by_line(raw, written.delimiter, after)
    odd = np.flatnonzero(((lines.cells != width) & (lines.end > lines.begin)) | (lines.quotes > 0))
    if not len(lines.cells):
        return None
    if len(odd) > max(10, MOST_ODD * len(lines.cells)):
        frame = _quoted_rows(raw, lines, written.delimiter, columns)
        return None if frame is None else _quick_result(frame, [], columns, limits)
    mended = _mended(raw, lines, written, odd)
    if mended is None or any(len(record.cells) > limits.columns for record in mended):
        return None
    if mended:
        raw = _rewritten(raw, lines, odd, mended, written.delimiter, width)
    frame = _plain_rows(raw, lines, written.delimiter, columns, mended)
    return None if frame is None else _quick_result(frame, mended, columns, limits)


def _regular_rows(raw: bytes, delimiter: str, columns: Sequence[str], after: int) -> pl.DataFrame | None:
    """The rows of a text without quotes whose lines all have the right number of cells; None for any other.

    Polars refuses a line with more cells, so the right number of delimiters in all says that no line has fewer.
    """
    begin = 0
    for _ in range(after):
        begin = raw.find(b"\n", begin) + 1
    if not raw.endswith(b"\n") or b'"' in raw or has_bare_returns(raw):
        return None
    count = count_of(raw, NEWLINE, begin)
    if not count or count_of(raw, ord(delimiter), begin) != count * (len(columns) - 1):
        return None
    numbers = np.arange(after + 1, after + 1 + count, dtype=np.uint32)
    try:
        frame = _read_csv(raw, delimiter, columns, None, after, extra_columns="raise")
    except (pl.exceptions.ComputeError, pl.exceptions.SchemaError):
        return None
    return (
        _without_first_blanks(frame, raw, delimiter).insert_column(0, pl.Series(LINE, numbers))
        if frame.height == count
        else None
    )


def _mended(raw: bytes, lines: Lines, written: Dialect, odd: Counts) -> list[Record] | None:
    """The records of the odd lines by the csv module; None when one of them goes over several lines.

    A last record of two quotes shows whether a quote is still open before it.
    """
    texts = [raw[lines.begin[at] : lines.end[at] + 1].decode() for at in odd]
    try:
        records = list(written.rows([*texts, '""\n']))
    except csv.Error:
        return None
    if len(records) != len(texts) + 1:
        return None
    return [Record(line, cells, line) for line, cells in zip(lines.numbers[odd].tolist(), records, strict=False)]


def _rewritten(raw: bytes, lines: Lines, odd: Counts, mended: Sequence[Record], delimiter: str, width: int) -> bytes:
    """The text with its odd lines written so that Polars reads them as the csv module did.

    Delimiters and first blanks inside cells and the cells that a short row does not have get stand-ins.
    """
    hidden, blank, missing = STAND_INS
    pieces, last = list[bytes](), 0
    for at, record in zip(odd, mended, strict=True):
        cells = [cell.replace(delimiter, hidden) for cell in record.cells[:width]]
        cells = [blank + cell[1:] if cell.startswith(" ") else cell for cell in cells]
        pieces.append(raw[last : lines.begin[at]])
        pieces.append(delimiter.join([*cells, *[missing] * (width - len(cells))]).encode())
        last = int(lines.end[at])
    return b"".join([*pieces, raw[last:]])


def _plain_rows(
    raw: bytes, lines: Lines, delimiter: str, columns: Sequence[str], mended: Sequence[Record]
) -> pl.DataFrame | None:
    """Every line as a row, quotes as they stand; None when Polars counts other lines than we do."""
    frame = _polars_rows(raw, lines, delimiter, columns, None)
    if frame is None:
        return None
    frame = _without_first_blanks(frame, raw, delimiter)
    for mark, text in zip(STAND_INS, (delimiter, " "), strict=False):
        places = {at for record in mended for at, cell in enumerate(record.cells[: len(columns)]) if text in cell}
        changed = [columns[at] for at in sorted(places)]
        frame = frame.with_columns(pl.col(changed).str.replace_all(mark, text, literal=True)) if changed else frame
    return frame


def _without_first_blanks(frame: pl.DataFrame, raw: bytes, delimiter: str) -> pl.DataFrame:
    """The cells without the blanks they begin with, as the csv module leaves them out."""
    first = (ord(delimiter), NEWLINE)
    if not any(np.isin(before, first).any() for before in beside(raw, BLANK, -1)):
        return frame
    return frame.with_columns(pl.exclude(LINE).str.strip_chars_start(" "))


def _quoted_rows(raw: bytes, lines: Lines, delimiter: str, columns: Sequence[str]) -> pl.DataFrame | None:
    """Rows whose cells are quoted as the standard says, all with the right number of cells; None for any other."""
    mark = re.escape(delimiter)
    cell = f'(?:{QUOTED}|[^" {mark}][^"{mark}]*|)'
    texts = pl.read_lines(raw)["line"].slice(int(lines.numbers[0]) - 1)
    texts = texts.filter(texts.str.strip_chars(BLANKS) != "")
    if not texts.str.contains(f"^{cell}(?:{mark}{cell}){{{len(columns) - 1}}}\r?$").all():
        return None
    return _polars_rows(raw, lines, delimiter, columns, '"')


def _polars_rows(
    raw: bytes, lines: Lines, delimiter: str, columns: Sequence[str], quote: str | None
) -> pl.DataFrame | None:
    frame = _read_csv(raw, delimiter, columns, quote, int(lines.numbers[0]) - 1)
    if frame.height != len(lines.cells):
        return None
    return frame.insert_column(0, pl.Series(LINE, lines.numbers))


def _read_csv(
    raw: bytes,
    delimiter: str,
    columns: Sequence[str],
    quote: str | None,
    skipped: int,
    extra_columns: Literal["ignore", "raise"] = "ignore",
) -> pl.DataFrame:
    return pl.read_csv(
        raw,
        has_header=False,
        separator=delimiter,
        quote_char=quote,
        schema=dict.fromkeys(columns, pl.String),
        empty_string_is_null=False,
        null_values=STAND_INS[2],
        missing_columns="insert",
        extra_columns=extra_columns,
        skip_lines=skipped,
    )


def _quick_result(frame: pl.DataFrame, mended: Sequence[Record], columns: Sequence[str], limits: Limits) -> Body | None:
    """Without blank rows and remarks; None when a cell is too long, so that the thorough lane says where."""
    longest = frame.select(pl.max_horizontal(pl.col(columns).str.len_bytes().max())).item() or 0
    if longest > limits.cell_chars:
        return None
    width = len(columns)
    remarks = [record.line for record in mended if record.cells and is_comment(record.cells, width)]
    filled = [record for record in mended if any(cell.strip() for cell in record.cells)]
    is_blank = pl.all_horizontal(pl.col(columns).fill_null("").str.strip_chars(BLANKS) == "")
    begins_blank = pl.col(columns[0]).fill_null("").str.strip_chars(BLANKS) == ""
    blanks = frame.filter(begins_blank).filter(is_blank)[LINE]
    dropped = (set(blanks) - {record.line for record in filled}) | set(remarks)
    if dropped:
        frame = frame.filter(~pl.col(LINE).is_in(pl.Series(list(dropped), dtype=pl.UInt32).implode()))
    if frame.height > limits.rows:
        refuse_too_many_rows(frame.height, frame[LINE][limits.rows], limits)
    problems = [problem for record in filled if record.line not in dropped for problem in shape_problems(record, width)]
    return Body(frame, tuple(problems), tuple(remarks), frame.height - len(problems))


def numbered_names(width: int) -> list[str]:
    """Names for columns that have none: #1, #2 …."""
    return [f"#{place}" for place in range(1, width + 1)]


def unique_names(header: Sequence[str]) -> tuple[str, ...]:
    """A name for each column of a frame: the header's own, #3 where it has none, a place where it is taken.

    >>> unique_names(["a", "", "a", "line"])
    ('a', '#2', 'a #3', 'line #4')
    """
    taken = {LINE}
    names: list[str] = []
    for place, title in enumerate(header, start=1):
        name = title or f"#{place}"
        while name in taken:
            name = f"{name} #{place}"
        taken.add(name)
        names.append(name)
    return tuple(names)
