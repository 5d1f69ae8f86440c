"""How the text of a delimited file is written: delimiter, quote, escape, and which row holds the column names.

The delimiter is the one whose most frequent number of cells is the most stable. The column names are in the first row
that is as wide as the table; rows above it are titles.
"""

from __future__ import annotations

import contextlib
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from data.ingest.problems import IngestError, Rule

if TYPE_CHECKING:
    from _csv import Reader

DELIMITERS = ",;\t|"
QUOTES = "\"'"
COMMENT = "#"
SAMPLE = 100_000
HEAD = 60  # records of the beginning among which the column names are looked for
LEAST_SCORE = 0.05  # of a delimiter that is nowhere
LEAST_ROWS = 3  # rows below the first one that show what its columns hold
WIDE_SHARE = 0.8  # of its cells are filled in a row of column names that needs no comparing
BETTER = 0.05  # a rarer way of writing must make the rows that much steadier to be believed
_SEPARATOR_LINE = re.compile(r"\ufeff?sep=(.)[\r\n]", re.IGNORECASE)
_NUMBER = re.compile(r"[-+]?[¥$€£]?\d[\d,. ]*(?:[eE][-+]?\d+)?\s?%?")
_YEAR = re.compile(r"(?:18|19|20|21)\d\d(?:[-./]?(?:0?[1-9]|1[0-2]))?")
_OTHER_SEPARATOR = re.compile(r"[\s,;|，、；:：^~]")


class Record(NamedTuple):
    """One row as text cells, with the line it begins and the line it ends on."""

    line: int
    cells: list[str]
    end: int


@dataclass(frozen=True)
class Dialect:
    """How records are written. width: the most frequent number of cells; share: of the records that have it.

    rival: another delimiter that fits nearly as well, or nothing. skipped: lines before the first record.
    """

    delimiter: str = ","
    quote: str = '"'
    escape: str | None = None
    width: int = 1
    share: float = 0.0
    rival: str = ""
    skipped: int = 0

    def rows(self, lines: Iterator[str] | Sequence[str], strict: bool = False) -> Reader:
        """The csv module's reader of lines written this way."""
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quotechar=self.quote,
            escapechar=self.escape,
            skipinitialspace=True,
            strict=strict,
        )


def dialect_of(text: str, delimiter: str | None = None) -> Dialect:
    r"""How a text is written, judged by its beginning.

    delimiter: the character where a person has said it. A first line `sep=;` counts as said.

    >>> found = dialect_of("a;b\n1,5;2\n3,5;4\n")
    >>> found.delimiter, found.width, found.share
    (';', 2, 1.0)
    """
    stated = _SEPARATOR_LINE.match(text)
    skipped = 1 if stated else 0
    sample = _sample(text)[stated.end() if stated else 0 :]
    if delimiter is None and stated:
        delimiter = stated.group(1)
    ranked = sorted(
        (_judged(sample, Dialect(mark, skipped=skipped)) for mark in delimiter or DELIMITERS),
        key=lambda judged: -judged[0],
    )
    score, best = ranked[0]
    best = _rarer_ways(sample, best)
    close = [other.delimiter for rate, other in ranked[1:] if rate > LEAST_SCORE and score - rate < BETTER]
    return replace(best, rival=close[0] if close else "")


def _sample(text: str) -> str:
    if len(text) <= SAMPLE:
        return text
    sample = text[:SAMPLE]
    return sample[: max(sample.rfind("\n"), sample.rfind("\r")) + 1] or sample


def _judged(sample: str, found: Dialect) -> tuple[float, Dialect]:
    """The score of one way of writing, and the same with width and share filled in.

    Rows of one cell at the top are titles: they do not make the rows below less steady, but they are less evidence.
    """
    every = list(_widths(sample, found))
    first = next((at for at, width in enumerate(every[:HEAD]) if width > 1), 0)
    widths = every[first:]
    if not widths:
        return 0.0, found
    counts = Counter(widths)
    width = max(counts, key=lambda size: (counts[size], -widths.index(size)))
    share = counts[width] / len(widths)
    evidence = (1 + len(widths) / len(every)) / 2
    score = share * evidence * (1 - 1 / (width + 0.5)) if width > 1 else LEAST_SCORE
    return score, replace(found, width=width, share=share)


def _widths(sample: str, found: Dialect) -> Iterator[int]:
    with contextlib.suppress(csv.Error):  # an endless cell; the rows before it are judged
        for cells in found.rows(io.StringIO(sample, newline="")):
            if any(cell.strip() for cell in cells) and not (cells[0].startswith(COMMENT) and len(cells) == 1):
                yield len(cells)


def _rarer_ways(sample: str, plain: Dialect) -> Dialect:
    """Backslash before a delimiter or quote, or single quotes, where these make the rows clearly steadier."""
    best = plain
    mark = plain.delimiter
    ways = []
    if f"\\{mark}" in sample or '\\"' in sample:
        ways.append(replace(plain, escape="\\"))
    if f"{mark}'" in sample and f"'{mark}" in sample:
        ways.append(replace(plain, quote="'"))
    for way in ways:
        found = _judged(sample, way)[1]
        if found.width > 1 and found.share > best.share + BETTER:
            best = found
    return best


def header_at(records: Sequence[Record], width: int) -> int:
    """Which of the first records holds the column names: the first as wide as the table, unless a clearer one follows.

    Errors: IngestError header_not_found when none is wide enough.

    >>> rows = [["Survey 2026", "", ""], ["month", "park", "n"], ["2026-10", "P", "5"]]
    >>> header_at([Record(line, cells, line) for line, cells in enumerate(rows, start=1)], 3)
    1
    """
    wide = [at for at, record in enumerate(records[:HEAD]) if filled(record.cells) >= max(1, width / 2)]
    if not wide:
        shown = " ".join(records[0].cells).strip()[:80]
        raise IngestError(Rule.HEADER_NOT_FOUND, line=records[0].line, value=shown)
    first = wide[0]
    if len(records[first].cells) >= width and filled(records[first].cells) >= WIDE_SHARE * width:
        return first
    return next((at for at in wide[1:4] if _is_clearer(records, at, width)), first)


def _is_clearer(records: Sequence[Record], at: int, width: int) -> bool:
    """Whether a later row is full of names and the row below it is not: then the narrower rows above are titles."""
    cells = records[at].cells
    full = len(cells) >= width and filled(cells) >= WIDE_SHARE * width and are_names(cells)
    return full and at + 1 < len(records) and not are_names(records[at + 1].cells)


def filled(cells: Sequence[str]) -> int:
    """How many cells have content."""
    return sum(bool(cell.strip()) for cell in cells)


def _is_complete(cells: Sequence[str], width: int) -> bool:
    return len(cells) >= width and filled(cells) >= 0.8 * width


def are_names(cells: Sequence[str]) -> bool:
    """Whether cells can be column names: none of them a number, years aside.

    >>> are_names(["area", "2024", "2025"]), are_names(["Mitte", "12.5", "13"])
    (True, False)
    """
    return not any(_NUMBER.fullmatch(cell.strip()) and not _YEAR.fullmatch(cell.strip()) for cell in cells)


def is_data(header: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether the row taken for column names looks like the rows below it: a number where they have numbers."""
    if len(rows) < LEAST_ROWS:
        return False
    for place, cell in enumerate(header):
        if cell.strip() and not are_names([cell]):
            below = [row[place] for row in rows if place < len(row) and row[place].strip()]
            if below and all(_NUMBER.fullmatch(other.strip()) for other in below):
                return True
    return False


def is_one_column(records: Sequence[Record]) -> bool:
    """Whether a file without any delimiter can be a table of one column: nothing in its first row could separate."""
    return len(records) > 1 and not _OTHER_SEPARATOR.search(records[0].cells[0].strip())
