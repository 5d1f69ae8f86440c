"""Hostile workbooks: each is refused by a clear sentence before a parser could take memory for it."""

from __future__ import annotations

import io
import resource
import struct
import zipfile
from collections.abc import Callable, Iterable

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from data.ingest.limits import Limits
from data.ingest.problems import IngestError, Rule
from data.ingest.table import read_table
from data.ingest.workbook_check import MOST_PARTS, checked_workbook, column_letters, column_number

SHEET = "xl/worksheets/sheet1.xml"
OPEN = b'<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
CLOSE = b"</sheetData></worksheet>"
ORDINARY = Limits()
Change = Callable[[str, bytes], bytes | Iterable[bytes]]


def book(fill: Callable[..., object]) -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as workbook:
        fill(workbook.add_worksheet())
    return stream.getvalue()


def small(sheet) -> None:
    sheet.write_row("A1", ["park_id", "value"])
    sheet.write_row("A2", ["BJ-005", 1])


def repacked(change: Change, data: bytes | None = None) -> bytes:
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data or book(small))) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            changed = change(name, old.read(name))
            with new.open(name, "w", force_zip64=True) as part:
                for block in [changed] if isinstance(changed, bytes) else changed:
                    part.write(block)
    return stream.getvalue()


def with_rows(rows: bytes | Iterable[bytes]) -> bytes:
    blocks = [rows] if isinstance(rows, bytes) else rows
    return repacked(lambda name, data: data if name != SHEET else [OPEN, *blocks, CLOSE])


def refusal(data: bytes, limits: Limits = ORDINARY) -> IngestError:
    with pytest.raises(IngestError) as caught:
        read_table(data, "survey.xlsx", limits=limits)
    assert caught.value.sentence("zh")
    assert caught.value.sentence("en")
    return caught.value


def test_an_ordinary_workbook_is_measured():
    seen = checked_workbook(book(small), ORDINARY)[SHEET]
    assert (seen.rows, seen.columns, seen.cells, seen.merged, seen.without_result) == (2, 2, 4, False, 0)


@pytest.fixture(scope="module")
def bomb() -> bytes:
    """60 MB of cells in 60 kB."""
    row = b'<row r="%d"><c r="A%d" t="inlineStr"><is><t>' + b"A" * 100_000 + b"</t></is></c></row>"
    return with_rows(row % (i, i) for i in range(1, 600))


def test_a_zip_bomb(bomb):
    assert refusal(bomb).rule is Rule.UNPACKED_TOO_LARGE  # its ratio is too high
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    error = refusal(bomb, Limits(unpacked_bytes=50_000_000, ratio=10_000))
    assert error.rule is Rule.UNPACKED_TOO_LARGE
    assert "MB" in str(error)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30_000  # kB


def test_a_zip_bomb_whose_directory_lies(bomb):
    data = bytearray(bomb)
    at = data.rfind(SHEET.encode()) - 46
    data[at + 24 : at + 28] = struct.pack("<I", 1000)
    assert refusal(bytes(data), Limits(unpacked_bytes=50_000_000)).rule is Rule.UNPACKED_TOO_LARGE
    assert refusal(bytes(data)).rule is Rule.FORGED_ARCHIVE


@pytest.mark.parametrize("stated", [10, 1_000_000_000])
def test_sizes_that_lie(stated):
    data = bytearray(book(small))
    at = data.rfind(SHEET.encode()) - 46
    data[at + 24 : at + 28] = struct.pack("<I", stated)
    assert refusal(bytes(data)).rule in (Rule.FORGED_ARCHIVE, Rule.UNPACKED_TOO_LARGE)


def test_ten_gigabytes_declared():
    data = bytearray(book(small))
    at = data.rfind(SHEET.encode()) - 46
    length, extra = struct.unpack("<HH", data[at + 28 : at + 32])
    field = struct.pack("<HHQ", 1, 8, 10_000_000_000)
    data[at + 24 : at + 28] = b"\xff\xff\xff\xff"
    data[at + 30 : at + 32] = struct.pack("<H", extra + len(field))
    data[at + 46 + length : at + 46 + length] = field
    end = data.rfind(b"PK\x05\x06")
    size = struct.unpack("<I", data[end + 12 : end + 16])[0]
    data[end + 12 : end + 16] = struct.pack("<I", size + len(field))
    error = refusal(bytes(data))
    assert error.rule is Rule.UNPACKED_TOO_LARGE
    assert "10,000" in str(error)


def test_one_cell_of_two_hundred_megabytes():
    cell = b'<row r="1"><c r="A1" t="inlineStr"><is><t>%s</t></is></c></row>' % (b"ab" * 100_000_000)
    assert refusal(with_rows(cell)).rule is Rule.UNPACKED_TOO_LARGE
    assert refusal(with_rows(cell), Limits(ratio=10_000)).rule is Rule.FORGED_ARCHIVE  # megabytes of XML without a tag


@pytest.mark.parametrize(
    "row",
    [
        b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        b"<row r = '1048576'><c r = 'XFD1048576'><v>1</v></c></row>",
        b'<row r="1"><c r="XFD1048576"><v>1</v></c></row>',
        b'<row r="1"><c r="xfd1048576"/></row>',
        b'<row spans="1:1"\nr="1048576"><c\ts="1" r="XFD1"/></row>',
        b"<row>" + b"<c><v>1</v></c>" * 16_384 + b'</row><row r="1048576"><c><v>2</v></c></row>',
        b"<row/>" * 3_000 + b"<row>" + b"<c/>" * 16_384 + b"</row>",
        b'<x:row xmlns:x="a" r="1048576"><x:c r="XFD1048576"><x:v>1</x:v></x:c></x:row>',
        b'<row r="99999999"><c r="A99999999"/></row>' + b'<row r="1"><c r="B1"/></row>',
    ],
)
def test_a_cell_far_away(row):
    error = refusal(with_rows(row))
    assert error.rule is Rule.SHEET_TOO_LARGE
    assert "Ctrl+End" in str(error)


def test_a_sheet_under_another_name():
    moved = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(with_rows(b'<row r="1048576"><c r="XFD1048576"/></row>'))) as old,
        zipfile.ZipFile(moved, "w") as new,
    ):
        for name in old.namelist():
            data = old.read(name).replace(b"worksheets/sheet1.xml", b"elsewhere.xml")
            new.writestr("xl/elsewhere.xml" if name == SHEET else name, data)
    assert refusal(moved.getvalue()).rule is Rule.SHEET_TOO_LARGE


def test_more_cells_than_a_sheet_may_have():
    assert refusal(with_rows([b"<row>" + b"<c/>" * 100 + b"</row>"] * 200), Limits(sheet_cells=19_999)).rule is (
        Rule.SHEET_TOO_LARGE
    )


def test_cells_without_addresses_are_read_when_they_are_few():
    rows = b"<row>" + b"<c><v>5</v></c>" * 3 + b"</row>"
    assert checked_workbook(with_rows(rows * 10), ORDINARY)[SHEET].cells == 30


def test_too_many_columns():
    cells = b"<c><v>1</v></c>" * 3_000
    error = refusal(with_rows(b'<row r="1">%s</row><row r="2">%s</row>' % (cells, cells)))
    assert (error.rule, error.values["value"]) == (Rule.TOO_MANY_COLUMNS, 3_000)


@pytest.mark.parametrize(
    ("part", "word"),
    [
        (b'<!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;">]>' + OPEN + CLOSE, "DTD"),
        (b"<!-- <a> -->" + b"<!DOCTYPE a>" + OPEN + CLOSE, "DTD"),
        (OPEN.decode().encode("utf-16") + CLOSE, "NUL"),
        (OPEN + b"\x00" + CLOSE, "NUL"),
    ],
)
def test_xml_that_no_spreadsheet_writes(part, word):
    error = refusal(repacked(lambda name, data: part if name == SHEET else data))
    assert (error.rule, error.values["value"]) == (Rule.FORGED_ARCHIVE, word)


def test_macros():
    data = io.BytesIO(book(small))
    with zipfile.ZipFile(data, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
    assert refusal(data.getvalue()).rule is Rule.MACROS


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_one_part_twice():
    data = io.BytesIO(book(small))
    with zipfile.ZipFile(data, "a") as archive:
        archive.writestr(SHEET, OPEN + CLOSE)
    assert refusal(data.getvalue()).rule is Rule.FORGED_ARCHIVE


def test_too_many_parts():
    assert refusal(b"PK\x03\x04" + b"PK\x01\x02" * (MOST_PARTS + 1)).rule is Rule.FORGED_ARCHIVE


def test_encrypted():
    data = bytearray(book(small))
    data[data.rfind(SHEET.encode()) - 46 + 8] |= 1
    assert refusal(bytes(data)).rule is Rule.ENCRYPTED_FILE
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
    assert refusal(ole + "EncryptedPackage".encode("utf-16-le")).rule is Rule.ENCRYPTED_FILE
    assert refusal(ole + "Workbook _VBA_PROJECT_CUR".encode("utf-16-le")).rule is Rule.MACROS
    assert refusal(ole + "WordDocument".encode("utf-16-le")).values["value"] == "OLE"
    assert refusal(ole + "Workbook".encode("utf-16-le")).rule is Rule.UNREADABLE_WORKBOOK


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (["a.csv"], "ZIP"),
        (["[Content_Types].xml", "word/document.xml"], "Office"),
        (["[Content_Types].xml", "xl/workbook.bin"], "XLSB"),
    ],
)
def test_archives_that_are_no_workbook(names, kind):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name, "<a/>")
    error = refusal(stream.getvalue())
    assert (error.rule, error.values["value"]) == (Rule.BINARY_FILE, kind)


def test_an_unusual_compression():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
    assert refusal(stream.getvalue()).rule is Rule.FORGED_ARCHIVE


WHOLE = book(small)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_archive_is_never_anything_but_refused(data):
    whole = WHOLE
    at = data.draw(st.integers(0, len(whole) - 1))
    kept = (
        whole[:at]
        if data.draw(st.booleans())
        else whole[:at] + bytes([data.draw(st.integers(0, 255))]) + whole[at + 1 :]
    )
    try:
        told = list(checked_workbook(kept, ORDINARY))
    except IngestError as error:
        told = [error.sentence("en")]
    assert all(told)


def test_packed_and_unpacked_sizes_are_both_bounded():
    assert refusal(with_rows(b" " * 30_000_000), Limits(ratio=50)).rule is Rule.UNPACKED_TOO_LARGE
    assert refusal(book(small), Limits(unpacked_bytes=1_000)).rule is Rule.UNPACKED_TOO_LARGE
    assert refusal(book(small), Limits(file_bytes=1_000)).rule is Rule.FILE_TOO_LARGE


@given(st.integers(1, 16_384))
def test_letters_and_numbers_of_columns(number):
    assert column_number(column_letters(number)) == number
