"""A sheet of a workbook laid out as a table: where its column names are, merged cells, blank rows and columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from data.ingest.delimited import LINE, numbered_names, refuse_too_many_rows, unique_names
from data.ingest.dialect import HEAD, Record, are_names, filled, header_at
from data.ingest.limits import Limits
from data.ingest.problems import IngestError, Problem, Rule
from data.ingest.workbook import Merged, Sheet, spread
from data.ingest.workbook_check import column_letters

TITLE_SHARE = 0.8  # of the columns of a table: a range merged over more of them is a title, not a column name


@dataclass(frozen=True, eq=False)
class Layout:
    """A sheet as a table. titles: rows above the column names. spread: merged ranges below them, as A4:A6."""

    frame: pl.DataFrame
    header: tuple[str, ...]
    header_line: int
    titles: tuple[Record, ...]
    problems: tuple[Problem, ...]
    spread: tuple[str, ...]
    spread_cells: int


def laid_out(sheet: Sheet, header_row: int | None, limits: Limits) -> Layout:
    """The table in a sheet.

    header_row: row of the column names where a person has said it, 0 where there are none. Column names over several
    rows, merged cells, are joined from the top; the value of a merged range below them is put into each of its rows.
    Errors: IngestError header_not_found, no_rows, empty_file, too_many_rows, too_many_columns, cell_too_long.
    """
    width = sheet.frame.width - 1
    wide = [area for area in sheet.merged if area.right - area.left + 1 <= max(1, TITLE_SHARE * width)]
    frame = spread(sheet.frame, wide)
    head = _head(frame, header_row or 1)
    if not head:
        raise IngestError(Rule.EMPTY_FILE)
    if header_row == 0:
        at, top, bottom, names = 0, 0, 0, numbered_names(width)
    else:
        at = _header_place(head, header_row)
        top, bottom = head[at].line, _last_header_line(head, at, wide)
        names = _joined([record.cells for record in head if top <= record.line <= bottom], width)
    body = frame.filter(pl.col(LINE) > bottom)
    body = body.filter(~pl.all_horizontal(pl.exclude(LINE).str.strip_chars() == ""))
    kept = [at for at, name in enumerate(names) if name or _has_content(body[f"c{at}"])]
    header = tuple(names[at] for at in kept)
    columns = unique_names(header)
    body = body.select(LINE, *(pl.col(f"c{at}").alias(name) for at, name in zip(kept, columns, strict=True)))
    _refuse_too_large(body, top, limits)
    titles = tuple(record for record in head[:at] if record.line < top)
    areas = [area for area in wide if area.top > bottom]
    return Layout(
        frame=body,
        header=header,
        header_line=top,
        titles=titles,
        problems=_cell_errors(sheet, bottom, dict(zip(kept, header, strict=True))),
        spread=tuple(_address(area, sheet.left) for area in areas),
        spread_cells=sum((area.bottom - area.top + 1) * (area.right - area.left + 1) for area in areas),
    )


def _head(frame: pl.DataFrame, first: int) -> list[Record]:
    """The first rows that are not blank; a row with one text all over, a merged title, has it once."""
    rows = frame.filter(pl.col(LINE) >= first)
    rows = rows.filter(~pl.all_horizontal(pl.exclude(LINE).str.strip_chars() == "")).head(HEAD + 1)
    records = []
    for line, *cells in rows.iter_rows():
        texts = {cell for cell in cells if cell.strip()}
        shown = [*texts, *[""] * (len(cells) - 1)] if len(texts) == 1 else cells
        records.append(Record(line, shown, line))
    return records


def _header_place(head: Sequence[Record], header_row: int | None) -> int:
    if header_row is not None:
        if head[0].line != header_row:
            raise IngestError(Rule.HEADER_NOT_FOUND, line=header_row, value="")
        return 0
    reach = [max(at for at, cell in enumerate(record.cells, start=1) if cell.strip()) for record in head]
    counts = Counter(size for size, record in zip(reach, head, strict=True) if filled(record.cells) > 1)
    width = max(counts, key=lambda size: (counts[size], size)) if counts else 1
    return header_at(head, width)


def _last_header_line(head: Sequence[Record], at: int, merged: Sequence[Merged]) -> int:
    """The last row of column names: as far down as a name is merged, or the row below names merged sideways."""
    top = head[at].line
    starting = [area for area in merged if area.top == top]
    bottom = max((area.bottom for area in starting), default=top)
    if bottom > top or at + 1 >= len(head):
        return min(bottom, head[-1].line)
    below = head[at + 1]
    grouped = any(filled(below.cells[area.left : area.right + 1]) for area in starting if area.right > area.left)
    return below.line if grouped and below.line == top + 1 and are_names(below.cells) else top


def _joined(rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """The names of columns that go over several rows, each part once."""
    parts = [dict.fromkeys(row[at].strip() for row in rows if row[at].strip()) for at in range(width)]
    return [" ".join(names) for names in parts]


def _has_content(cells: pl.Series) -> bool:
    return bool((cells.str.strip_chars() != "").any())


def _refuse_too_large(body: pl.DataFrame, top: int, limits: Limits) -> None:
    if body.width - 1 > limits.columns:
        raise IngestError(Rule.TOO_MANY_COLUMNS, line=top, value=body.width - 1, limit=limits.columns)
    if body.is_empty():
        raise IngestError(Rule.NO_ROWS, line=top)
    if body.height > limits.rows:
        refuse_too_many_rows(body.height, body[LINE][limits.rows], limits)
    for name in body.columns[1:]:
        if (body[name].str.len_bytes().max() or 0) > limits.cell_chars:  # type: ignore[operator]
            long = body.filter(pl.col(name).str.len_chars() > limits.cell_chars)
            if not long.is_empty():
                raise IngestError(Rule.CELL_TOO_LONG, line=long[LINE][0], limit=limits.cell_chars)


def _cell_errors(sheet: Sheet, bottom: int, titles: dict[int, str]) -> tuple[Problem, ...]:
    return tuple(
        Problem(line, titles[column] or f"#{column + 1}", text, Rule.CELL_ERROR)
        for line, column, text in sorted(sheet.errors)
        if line > bottom and column in titles
    )


def _address(area: Merged, left: int) -> str:
    """A merged range as a spreadsheet writes it."""
    begin, end = column_letters(left + area.left + 1), column_letters(left + area.right + 1)
    return f"{begin}{area.top}:{end}{area.bottom}"
