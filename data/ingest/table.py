"""Text of a delimited file to a table of text cells, each row with its own line number in the file.

Nothing is repaired: a row with too few or too many cells is kept and reported, blank rows are no data but keep their
line numbers, a quote that is never closed refuses the file.
"""

from __future__ import annotations

import contextlib
import csv
import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from data.ingest.decode import decode
from data.ingest.problems import IngestError, Note, Problem, Rule

DELIMITERS = ",;\t|"
LIMIT_ROWS = 300_000
SAMPLE = 300_000
LIMIT_CELL = 65_536
LIMIT_COLUMNS = 2_000
LIMIT_RECORD_LINES = 50
LINE = "line"

Record = tuple[int, list[str]]


@dataclass(frozen=True, eq=False)
class Table:
    """A file as text cells.

    frame: line UInt32 (line of the file), then one String column per header cell; null where a short row has no cell.
    header: the names as the file has them; columns: the frame's column for each (unique where the file doubles a name).
    """

    frame: pl.DataFrame
    header: tuple[str, ...]
    columns: tuple[str, ...]
    header_line: int
    encoding: str
    delimiter: str
    notes: tuple[Note, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_table(data: bytes, file_name: str) -> Table:
    r"""A delimited file as text cells with line numbers; the delimiter is found among comma, semicolon, TAB and bar.

    Errors: IngestError empty_file, file_too_large, binary_file, wrong_encoding, not_a_table, header_not_found, no_rows,
    open_quote, cell_too_long, too_many_columns, too_many_rows.

    >>> read_table(b"a;b\n\n1;2\n", "x.csv").frame.rows()
    [(3, '1', '2')]
    """
    decoded = decode(data)
    delimiter, width = _dialect(decoded.text)
    if width < 2:
        raise IngestError(Rule.NOT_A_TABLE, value=file_name)
    records = _records(decoded.text, delimiter)
    header_line, header = _header(records, width)
    columns = _unique_names(header)
    problems = [problem for record in records[1:] for problem in _shape_problems(record, len(header))]
    notes = list(decoded.notes)
    if delimiter != ",":
        notes.append(Note("note.delimiter", {"delimiter": "TAB" if delimiter == "\t" else delimiter}))
    return Table(
        frame=_frame(records[1:], columns),
        header=tuple(header),
        columns=columns,
        header_line=header_line,
        encoding=decoded.encoding,
        delimiter=delimiter,
        notes=tuple(notes),
        problems=tuple(problems),
    )


def _dialect(text: str) -> tuple[str, int]:
    """The delimiter whose most frequent number of cells is the most stable, and that number."""
    sample = text[:SAMPLE]
    if len(text) > SAMPLE:
        sample = sample[: max(sample.rfind("\n"), sample.rfind("\r")) + 1] or sample
    found, best = (",", 1), 0.05
    for delimiter in DELIMITERS:
        widths = _widths(sample, delimiter)
        if not widths:
            continue
        width, count = Counter(widths).most_common(1)[0]
        score = count / len(widths) * (1 - 1 / (width + 0.5))
        if width > 1 and score > best:
            found, best = (delimiter, width), score
    return found


def _widths(sample: str, delimiter: str) -> list[int]:
    widths: list[int] = []
    rows = csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter)
    with contextlib.suppress(csv.Error):  # an endless cell; the rows before it are judged
        widths.extend(len(cells) for cells in rows if any(cell.strip() for cell in cells))
    return widths


def _records(text: str, delimiter: str) -> list[Record]:
    """Every record that is not blank, with the line it starts on."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    records: list[Record] = []
    start, last = 1, 1
    try:
        for cells in reader:
            _refuse_oversized(start, reader.line_num, cells)
            if any(cell.strip() for cell in cells):
                records.append((start, cells))
            if len(records) > LIMIT_ROWS + 1:
                raise IngestError(Rule.TOO_MANY_ROWS, line=start, limit=f"{LIMIT_ROWS:,}")
            last, start = start, reader.line_num + 1
    except csv.Error:  # a cell above the csv module's own limit of 131,072 characters
        raise IngestError(Rule.CELL_TOO_LONG, line=start, limit=LIMIT_CELL) from None
    _refuse_open_quote(text, delimiter, last)
    return records


def _refuse_oversized(start: int, end: int, cells: Sequence[str]) -> None:
    if len(cells) > LIMIT_COLUMNS:
        raise IngestError(Rule.TOO_MANY_COLUMNS, line=start, value=len(cells), limit=LIMIT_COLUMNS)
    if any(len(cell) > LIMIT_CELL for cell in cells):
        raise IngestError(Rule.CELL_TOO_LONG, line=start, limit=LIMIT_CELL)
    if end - start >= LIMIT_RECORD_LINES:
        raise IngestError(Rule.OPEN_QUOTE, line=start)


def _refuse_open_quote(text: str, delimiter: str, last: int) -> None:
    """The csv module reads an unclosed quote to the end of the file without a word; its strict mode tells."""
    tail = io.StringIO(text, newline="").readlines()[last - 1 :]
    try:
        list(csv.reader(tail, delimiter=delimiter, skipinitialspace=True, strict=True))
    except csv.Error as why:
        if "unexpected end" in str(why):
            raise IngestError(Rule.OPEN_QUOTE, line=last) from None


def _header(records: Sequence[Record], width: int) -> tuple[int, list[str]]:
    if not records:
        raise IngestError(Rule.EMPTY_FILE)
    line, cells = records[0]
    if sum(bool(cell.strip()) for cell in cells) < max(2, width / 2):
        raise IngestError(Rule.HEADER_NOT_FOUND, line=line, value=" ".join(cells).strip()[:80])
    if len(records) == 1:
        raise IngestError(Rule.NO_ROWS, line=line)
    return line, [cell.strip() for cell in cells]


def _unique_names(header: Sequence[str]) -> tuple[str, ...]:
    taken = {LINE}
    names: list[str] = []
    for place, title in enumerate(header, start=1):
        name = title or f"#{place}"
        while name in taken:
            name = f"{name} #{place}"
        taken.add(name)
        names.append(name)
    return tuple(names)


def _shape_problems(record: Record, width: int) -> list[Problem]:
    line, cells = record
    if len(cells) < width:
        return [Problem(line, "", str(len(cells)), Rule.SHORT_ROW, accepted=str(width))]
    if any(cell.strip() for cell in cells[width:]):
        return [Problem(line, "", str(len(cells)), Rule.LONG_ROW, accepted=str(width))]
    return []


def _frame(records: Sequence[Record], columns: Sequence[str]) -> pl.DataFrame:
    width = len(columns)
    rows = [[*cells[:width], *[None] * (width - len(cells))] for _, cells in records]
    lines = pl.Series(LINE, [line for line, _ in records], dtype=pl.UInt32)
    cells = [
        pl.Series(name, column, dtype=pl.String) for name, column in zip(columns, zip(*rows, strict=True), strict=True)
    ]
    return pl.DataFrame([lines, *cells])
