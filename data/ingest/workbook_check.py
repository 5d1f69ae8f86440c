"""A workbook judged before any parser sees it: one cell far away or one bomb makes a parser take all memory and die.

Only what really comes out of the archive is believed: the sizes in its directory may lie, cells and rows without an
address count on from the one before, names may carry a prefix, and a sheet may lie under any part name.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from data.ingest.limits import Limits
from data.ingest.problems import IngestError, Rule

BLOCK = 1 << 20
LARGE_PART = 1_000_000
MOST_PARTS = 2_000
MOST_COLUMNS = 16_384
MOST_DIGITS = 8
ENCRYPTED_FLAG = 1
CONTENT_TYPES = "[Content_Types].xml"
_ROW = re.compile(rb'[<:]row\s[^>]*?\br\s*=\s*["\'](\d{1,9})')
_CELL = re.compile(rb'[<:]c\s[^>]*?\br\s*=\s*["\']([A-Za-z]{1,3})(\d{1,9})')
_CELL_TAG = re.compile(rb"[<:]c[\s/>]")
_ROW_TAG = re.compile(rb"[<:]row[\s/>]")
_NO_RESULT = re.compile(rb"(?:</f>|<f[^>]*/>)\s*(?:<v\s*/>|<v></v>)?\s*</c>")
_LETTER = np.zeros(256, dtype=np.int64)
_LETTER[65:91] = _LETTER[97:123] = np.arange(1, 27)
_IS_DIGIT = np.isin(np.arange(256), list(b"0123456789"))
_ENDS_NAME = np.isin(np.arange(256), list(b" \t\r\n/>"))

Bytes = np.ndarray[Any, np.dtype[np.uint8]]
Places = np.ndarray[Any, np.dtype[np.int64]]


@dataclass
class Seen:
    """What one XML part of a workbook holds: an upper bound of rows and columns, cells, and what a reader must know."""

    rows: int = 1
    columns: int = 1
    cells: int = 0
    merged: bool = False
    without_result: int = 0
    styles: dict[str, set[str]] = field(default_factory=dict)


def checked_workbook(data: bytes, limits: Limits) -> dict[str, Seen]:
    """What each XML part of a workbook holds, by part name.

    Errors: IngestError damaged_archive, forged_archive, encrypted_file, macros, unpacked_too_large, sheet_too_large,
    binary_file for an archive that is no workbook.
    """
    members = members_of(data)
    names = [member.filename for member in members]
    if CONTENT_TYPES not in names:
        raise IngestError(Rule.BINARY_FILE, value="ZIP")
    if any(name.lower().endswith("workbook.bin") for name in names):
        raise IngestError(Rule.BINARY_FILE, value="XLSB")
    if any("vbaproject" in name.lower() for name in names):
        raise IngestError(Rule.MACROS)
    if not any(name.lower().endswith("workbook.xml") for name in names):
        raise IngestError(Rule.BINARY_FILE, value="Office")
    refuse_stated_sizes(members, limits)
    seen: dict[str, Seen] = {}
    room = limits.unpacked_bytes
    for member in members:
        extent = _Extent(limits)
        size = 0
        for block in unpacked_blocks(data, member, room):
            size += len(block)
            if member.filename.lower().endswith((".xml", ".rels")):
                extent.feed(block)
        if size != member.file_size:
            raise IngestError(Rule.FORGED_ARCHIVE, value=member.filename[:80])
        room -= size
        seen[member.filename] = extent.seen
    return seen


def members_of(data: bytes) -> list[zipfile.ZipInfo]:
    """The directory of an archive, refused when it cannot be honest.

    Errors: IngestError damaged_archive, forged_archive, encrypted_file.
    """
    if data.count(b"PK\x01\x02") > MOST_PARTS:
        raise IngestError(Rule.FORGED_ARCHIVE, value=f"> {MOST_PARTS}")
    try:
        members = zipfile.ZipFile(io.BytesIO(data)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error, OverflowError):
        raise IngestError(Rule.DAMAGED_ARCHIVE) from None
    names = [member.filename for member in members]
    if "" in names:
        raise IngestError(Rule.DAMAGED_ARCHIVE)
    doubled = next((name for name in names if names.count(name) > 1), None)
    if doubled is not None:
        raise IngestError(Rule.FORGED_ARCHIVE, value=doubled[:80])
    if any(member.flag_bits & ENCRYPTED_FLAG for member in members):
        raise IngestError(Rule.ENCRYPTED_FILE)
    return members


def refuse_stated_sizes(members: list[zipfile.ZipInfo], limits: Limits) -> None:
    """Refuse an archive that says itself that it is too large. Errors: IngestError unpacked_too_large."""
    stated = sum(member.file_size for member in members)
    packed = max((_ratio(member) for member in members if member.file_size > LARGE_PART), default=0.0)
    if stated > limits.unpacked_bytes or packed > limits.ratio:
        raise _too_large(limits, stated)


def _ratio(member: zipfile.ZipInfo) -> float:
    return member.file_size / max(1, member.compress_size)


def _too_large(limits: Limits, size: int) -> IngestError:
    limit = f"{limits.unpacked_bytes / 1e6:,.0f}"
    return IngestError(Rule.UNPACKED_TOO_LARGE, value=f"{size / 1e6:,.0f}", limit=limit)


def unpacked_blocks(data: bytes, member: zipfile.ZipInfo, room: int) -> Iterator[bytes]:
    """One part of an archive as it really is, block by block; neither size nor checksum of the directory is believed.

    room: bytes it may have. Errors: IngestError damaged_archive, forged_archive, unpacked_too_large.
    """
    at = member.header_offset
    head = data[at : at + 30]
    if len(head) < 30 or head[:4] != b"PK\x03\x04":
        raise IngestError(Rule.DAMAGED_ARCHIVE)
    begin = at + 30 + sum(struct.unpack("<HH", head[26:30]))
    packed = memoryview(data)[begin : begin + member.compress_size]
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise IngestError(Rule.FORGED_ARCHIVE, value=member.filename[:80])
    size = 0
    for block in _inflated(packed) if member.compress_type == zipfile.ZIP_DEFLATED else _cut(packed):
        size += len(block)
        if size > room:
            raise IngestError(Rule.UNPACKED_TOO_LARGE, value=f"> {size / 1e6:,.0f}", limit=f"{room / 1e6:,.0f}")
        yield block


def _cut(packed: memoryview) -> Iterator[bytes]:
    for at in range(0, len(packed), BLOCK):
        yield bytes(packed[at : at + BLOCK])


def _inflated(packed: memoryview) -> Iterator[bytes]:
    machine = zlib.decompressobj(-15)
    at, rest = 0, b""
    try:
        while not machine.eof:
            if not rest:
                rest, at = bytes(packed[at : at + (1 << 16)]), at + (1 << 16)
                if not rest:
                    raise IngestError(Rule.DAMAGED_ARCHIVE)
            yield machine.decompress(rest, BLOCK)
            rest = machine.unconsumed_tail
    except zlib.error:
        raise IngestError(Rule.DAMAGED_ARCHIVE) from None


class _Extent:
    """Upper bound of the rows and columns that a reader will take memory for, found block by block."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.seen = Seen()
        self.rest = b""
        self.top_row = self.top_column = 1
        self.loose_rows = self.widest = self.run = 0

    def feed(self, block: bytes) -> None:
        """Look at the next block of XML. Errors: IngestError forged_archive, sheet_too_large."""
        if b"\x00" in block:
            raise IngestError(Rule.FORGED_ARCHIVE, value="NUL")
        block = self.rest + block
        cut = block.rfind(b">") + 1  # whole tags only
        self.rest, block = block[cut:], block[:cut]
        if len(self.rest) > 8 * BLOCK:
            raise IngestError(Rule.FORGED_ARCHIVE, value="XML")
        if block:
            self._measure(block)

    def _measure(self, block: bytes) -> None:
        view = np.frombuffer(block + bytes(24), dtype=np.uint8)
        tags = np.flatnonzero(view == ord("<"))
        first, second = view[tags + 1], view[tags + 2]
        if (first == ord("!")).any() and b"<!DOCTYPE" in block:
            raise IngestError(Rule.FORGED_ARCHIVE, value="DTD")
        cells = tags[(first == ord("c")) & _ENDS_NAME[second]]
        rows = tags[(first == ord("r")) & (second == ord("o"))]
        if _has_prefixed(view) or not self._ordinary_cells(view, cells) or not self._ordinary_rows(view, rows):
            self._unusual(block)
        else:
            self.seen.cells += len(cells)
        height = self.top_row + self.loose_rows
        width = min(MOST_COLUMNS, self.top_column + self.widest)
        self.seen.rows, self.seen.columns = height, width
        if height * width > self.limits.sheet_box or self.seen.cells > self.limits.sheet_cells:
            shown = f"{height:,} × {width:,}"
            raise IngestError(Rule.SHEET_TOO_LARGE, value=shown, limit=f"{self.limits.sheet_box:,}")
        if (first == ord("f")).any():
            self.seen.without_result += len(_NO_RESULT.findall(block))
        self.seen.merged = self.seen.merged or bool((first == ord("m")).any() and b"mergeCell" in block)

    def _ordinary_cells(self, view: Bytes, tags: Places) -> bool:
        """Cells as nearly every program writes them, `<c r="AB12"`, read all at once; False where one is odd."""
        if not _starts(view, tags, b'<c r="'):
            return False
        place = tags + 6
        column = np.zeros(len(tags), dtype=np.int64)
        for _ in range(4):
            letter = _LETTER[view[place]]
            column = np.where(letter > 0, column * 26 + letter, column)
            place = place + (letter > 0)
        begin, place = place, _end_of_digits(view, place)
        if not ((column > 0) & (place > begin)).all():
            return False
        self.top_column = max(self.top_column, int(column.max(initial=1)))
        self._reach_down(view, begin, place)
        styled = (view[place + 1] == ord(" ")) & (view[place + 2] == ord("s"))
        if styled.any():
            _, style = _number(view, place[styled] + 5)
            for key in np.unique(style * 20_000 + column[styled]).tolist():
                self.seen.styles.setdefault(str(key // 20_000), set()).add(column_letters(key % 20_000))
        return True

    def _reach_down(self, view: Bytes, begin: Places, end: Places) -> None:
        """The lowest row of cells; their numbers are read only where those with most digits may lie below the rest."""
        length = end - begin
        longest = int(length.max(initial=1))
        if 10**longest > self.top_row:
            row = _number(view, begin[length == longest])[1]
            self.top_row = max(self.top_row, int(row.max(initial=1)))

    def _ordinary_rows(self, view: Bytes, tags: Places) -> bool:
        """Rows as nearly every program writes them, `<row r="12"`; False where one is odd."""
        if not _starts(view, tags, b'<row r="'):
            return False
        row = _number(view, tags + 8)[1]
        self.top_row = max(self.top_row, int(row.max(initial=1)))
        return bool((row > 0).all())

    def _unusual(self, block: bytes) -> None:
        """Cells and rows without an address, with other quotes or with a prefix."""
        tags = len(_CELL_TAG.findall(block))
        addresses = _CELL.findall(block)
        for letters, digits in set(addresses):
            self.top_column = max(self.top_column, column_number(letters.decode()))
            self.top_row = max(self.top_row, int(digits))
        if tags > len(addresses):
            inside = [len(_CELL_TAG.findall(row)) for row in _ROW_TAG.split(block)]
            inside[0] += self.run
            self.widest, self.run = max(self.widest, *inside), inside[-1]
        rows = [int(number) for number in _ROW.findall(block)]
        self.top_row = max(self.top_row, max(rows, default=1))
        self.loose_rows += max(0, len(_ROW_TAG.findall(block)) - len(rows))
        self.seen.cells += tags


def _starts(view: Bytes, tags: Places, text: bytes) -> bool:
    return all(bool((view[tags + place] == code).all()) for place, code in enumerate(text))


def _end_of_digits(view: Bytes, place: Places) -> Places:
    """Where the digits at some places end; at most eight of them are looked at."""
    place = place.copy()
    for _ in range(MOST_DIGITS):
        is_digit = _IS_DIGIT[view[place]]
        if not is_digit.any():
            break
        place += is_digit
    return place


def _number(view: Bytes, place: Places) -> tuple[Places, Places]:
    """Where the digits at some places end, and the numbers they make."""
    number, end = np.zeros(len(place), dtype=np.int64), _end_of_digits(view, place)
    for digit in range(int((end - place).max(initial=0))):
        at = place + digit
        inside = at < end
        number = np.where(inside, number * 10 + view[at] - ord("0"), number)
    return end, number


def _has_prefixed(view: Bytes) -> bool:
    """Whether there is a tag like `<x:c>` or `<x:row>`."""
    colons = np.flatnonzero(view == ord(":"))
    first, second = view[colons + 1], view[colons + 2]
    return bool((((first == ord("c")) & _ENDS_NAME[second]) | ((first == ord("r")) & (second == ord("o")))).any())


def column_letters(number: int) -> str:
    """The letters of a column by its place.

    >>> column_letters(1), column_letters(16384)
    ('A', 'XFD')
    """
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_number(letters: str) -> int:
    """The place of a column by its letters.

    >>> column_number("A"), column_number("XFD")
    (1, 16384)
    """
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number
