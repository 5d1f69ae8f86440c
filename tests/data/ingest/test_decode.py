"""Bytes to text: the encodings of Chinese offices, and the files that are no text."""

from __future__ import annotations

import codecs
import io
import time
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.ingest.decode import decode
from data.ingest.limits import Limits

LIMIT_BYTES = Limits().file_bytes
from data.ingest.problems import IngestError, Rule

RARE = "\u4dae\u355d"  # 䶮 㼝 in escapes: four bytes each in GB18030, not in GBK at all
SURVEY = f"月份,园区名称,业务量\n2026-10,首钢文化产业园,上升\n2026-10,鑫淼{RARE}园,持平\n"


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("gb18030", "gb18030"),
        ("utf-16", "utf-16"),
        ("utf-32", "utf-32"),
    ],
)
@pytest.mark.parametrize("rows", [1, 3, 1000])
def test_encodings_of_chinese_files(encoding, name, rows):
    text = SURVEY * rows
    decoded = decode(text.encode(encoding))
    assert (decoded.text, decoded.encoding) == (text, name)


def test_big_endian_utf16_with_mark():
    data = codecs.BOM_UTF16_BE + SURVEY.encode("utf-16-be")
    assert decode(data).text == SURVEY


def test_four_byte_characters_need_gb18030():
    data = SURVEY.encode("gb18030")
    with pytest.raises(UnicodeDecodeError):
        data.decode("gbk")
    assert RARE in decode(data).text
    assert [note.key for note in decode(data).notes] == ["note.read_as"]


@pytest.mark.parametrize(("encoding", "text"), [("cp1252", "Gemeinde;Straße;Umsatz\nKöln;Müllerstraße;5\n" * 20)])
def test_other_encodings_are_guessed_aloud(encoding, text):
    decoded = decode(text.encode(encoding))
    assert decoded.text == text
    assert [note.key for note in decoded.notes] == ["note.encoding_guessed"]


def test_traditional_chinese_in_big5_is_not_taken_for_gb18030():
    text = "填報單位,園區名稱,所屬區,調查月份\n" + "R1,松山文創園區,信義區,2024年3月\n" * 20
    decoded = decode(text.encode("big5"))
    assert decoded.text == text


def test_too_few_foreign_bytes_are_no_evidence():
    with pytest.raises(IngestError) as caught:
        decode("a,b\nKöln,1\n".encode("cp1252"))
    assert caught.value.rule is Rule.WRONG_ENCODING
    assert caught.value.values["line"] == 2


def test_one_damaged_character_does_not_turn_utf8_into_gb18030():
    good = ("月份,园区\n" + "2026-10,首钢文化产业园\n" * 30).encode()
    with pytest.raises(IngestError) as caught:
        decode(good + b"2026-10,\xe9\xa6\n" + good)
    assert caught.value.rule is Rule.WRONG_ENCODING
    assert caught.value.values["line"] == 32


def _workbook() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (_workbook(), "XLSX"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(20), "XLS"),
        (b"%PDF-1.7\n1 0 obj", "PDF"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"a,b\n1,\x002\n", "NUL"),
        ("月份,园区\n".encode("utf-16-le"), "NUL"),
    ],
)
def test_binary_files_are_refused_with_the_way_out(data, kind):
    with pytest.raises(IngestError) as caught:
        decode(data)
    assert caught.value.rule is Rule.BINARY_FILE
    assert kind in str(caught.value.values["value"])
    assert "CSV" in caught.value.sentence("zh")
    assert "CSV" in str(caught.value)


@pytest.mark.parametrize("data", [b"", b" \r\n\t\n", codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF8 + b"\n"])
def test_empty_files(data):
    with pytest.raises(IngestError) as caught:
        decode(data)
    assert caught.value.rule is Rule.EMPTY_FILE


def test_a_cut_utf16_file_is_a_wrong_encoding():
    with pytest.raises(IngestError) as caught:
        decode(codecs.BOM_UTF16_LE + b"a\x00b")
    assert caught.value.rule is Rule.WRONG_ENCODING


def test_size_limit():
    with pytest.raises(IngestError) as caught:
        decode(b"a,b\n" * (LIMIT_BYTES // 4 + 1))
    assert caught.value.rule is Rule.FILE_TOO_LARGE


def test_a_megabyte_of_gb18030_decodes_in_a_blink():
    data = (SURVEY * 20_000).encode("gb18030")
    began = time.perf_counter()
    decode(data)
    assert (time.perf_counter() - began) / (len(data) / 1e6) < 0.25  # seconds per MB; ordinarily 0.03


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_give_text_or_an_ingest_error(data):
    try:
        text = decode(data).text
    except IngestError as error:
        text = f"{error} {error.sentence('zh')}"
    assert text.strip()
    assert "\x00" not in text
    text.encode("utf-8")
