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


@pytest.mark.parametrize(
    ("text", "encoding"), [("a,b\nKöln,1\n", "cp1252"), ("park,value\n竞园,1\n", "gb18030"), ("a,b\n園,1\n", "big5")]
)
def test_what_rests_on_few_bytes_is_a_question_that_shows_the_words(text, encoding):
    found = decode(text.encode(encoding))
    (question,) = found.questions
    assert question.key == "question.encoding"
    assert next(line for line in found.text.splitlines() if not line.isascii()) in question.sentence("zh")
    told = decode(text.encode(encoding), encoding)
    assert (told.text, told.questions) == (text, ())


def simplified(rows):
    lines = (
        f"R{i:04d},鑫淼{RARE}园,朝阳区,2024年{i % 12 + 1}月,{i}.{i % 100:02d},上升,“租金上涨”\n" for i in range(rows)
    )
    return "填报单位,园区名称,所属区,调查月份,营业收入(万元),景气判断,备注\n" + "".join(lines)


def traditional(rows):
    lines = (f"R{i},松山文創園區,信義區,2024年{i % 12 + 1}月,{i * 37}\n" for i in range(rows))
    return "填報單位,園區名稱,所屬區,調查月份,營業收入(萬元)\n" + "".join(lines)


CHINESE = [
    "utf-8",
    "utf-8-sig",
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "utf-16-be-mark",
    "gb18030",
    "gbk",
    "gb2312",
    "big5",
]


@pytest.mark.parametrize("rows", [0, 1, 3, 10, 100, 5000])
@pytest.mark.parametrize("encoding", CHINESE)
def test_every_encoding_of_chinese_offices_is_read_exactly(encoding, rows):
    text = traditional(rows) if encoding == "big5" else simplified(rows)
    if encoding in ("gbk", "gb2312"):
        text = text.replace(RARE, "创意")
    name, mark = encoding.removesuffix("-mark"), codecs.BOM_UTF16_BE if encoding.endswith("-mark") else b""
    decoded = decode(mark + text.encode(name))
    assert decoded.text == text
    assert decoded.questions == ()


@pytest.mark.parametrize(
    "text",
    [
        "이름,값\n홍길동,서울특별시,가나다라마바사아자차카타파하,대한민국\n" * 3,
        "名前,値\nひらがなとカタカナのなまえ,ふるさと\n" * 3,
    ],
)
def test_korean_and_japanese_that_read_as_chinese_are_asked(text):
    data = text.encode("euc-jp" if "ひ" in text else "cp949")
    assert "question.encoding" in [question.key for question in decode(data).questions]
    assert decode(data, "euc-jp" if "ひ" in text else "cp949").text == text


def test_japanese_of_windows_is_guessed_aloud():
    text = "名前,年齢\n本田,30\n渡辺,25\n松本,41\n" * 6
    decoded = decode(text.encode("cp932"))
    assert decoded.text == text
    assert [note.key for note in decoded.notes] == ["note.encoding_guessed"]


@pytest.mark.parametrize(
    ("encoding", "value"), [("klingon", "klingon"), ("ascii", "e6 9c 88 e4"), ("utf-16", "utf-16")]
)
def test_an_encoding_that_does_not_fit_is_told(encoding, value):
    with pytest.raises(IngestError) as caught:
        decode("月份,园区\n1".encode(), encoding)
    assert caught.value.rule is Rule.WRONG_ENCODING
    assert value in str(caught.value.values["value"])


def test_a_stray_nul_is_left_out_and_told():
    decoded = decode(b"a|b\n1|\x002\n")
    assert decoded.text == "a|b\n1|2\n"
    (note,) = decoded.notes
    assert (note.key, note.values["lines"]) == ("note.nul_left_out", "2")


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
        (b"a,b\n1,\x00\x00\x00\n", "NUL"),
        (b"a,b\n" + b"1,\x002\n" * 50, "NUL"),
        (b"a,b\n1,2\n" + bytes(5_000_000), "NUL"),
        (b"<html><body><table><tr><td>a</td></tr></table>", "HTML"),
        (b'<?xml version="1.0"?>\n<Workbook/>', "XML"),
        (b"SQLite format 3\x00", "SQLITE"),
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
    assert decode(b"a,b\n" * 25, limits=Limits(file_bytes=100)).encoding == "utf-8"
    with pytest.raises(IngestError) as caught:
        decode(b"a,b\n" * 26, limits=Limits(file_bytes=100))
    assert caught.value.rule is Rule.FILE_TOO_LARGE


def test_a_megabyte_of_gb18030_decodes_in_a_blink():
    data = (SURVEY * 20_000).encode("gb18030")
    began = time.process_time()
    decode(data)
    assert (time.process_time() - began) / (len(data) / 1e6) < 0.25  # processor seconds per MB; ordinarily 0.03


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
