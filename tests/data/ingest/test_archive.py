"""A ZIP of survey files: what comes out, what is left out, what is refused."""

from __future__ import annotations

import io
import zipfile

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from data.ingest.archive import Sent, unpacked
from data.ingest.limits import Limits
from data.ingest.problems import IngestError, Rule

CSV = "月份,园区\n2026-10,竞园\n".encode()
ORDINARY = Limits()


def packed(files: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return stream.getvalue()


def workbook() -> bytes:
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        book.add_worksheet().write(0, 0, "a")
    return stream.getvalue()


def refusal(data: bytes, limits: Limits = ORDINARY) -> IngestError:
    with pytest.raises(IngestError) as caught:
        unpacked(data, "all.zip", limits)
    assert caught.value.sentence("zh")
    return caught.value


def test_a_file_and_a_workbook_are_themselves():
    assert unpacked(CSV, "a.csv") == (Sent("a.csv", CSV),)
    assert unpacked(workbook(), "a.xlsx") == (Sent("a.xlsx", workbook()),)


def test_the_survey_files_of_an_archive_in_its_order():
    book = workbook()
    sent = unpacked(packed({"b.csv": CSV, "folder/a.xlsx": book, "c.XLS": b"\xd0\xcf"}), "all.zip")
    assert [(file.name, file.data) for file in sent] == [
        ("b.csv", CSV),
        ("folder/a.xlsx", book),
        ("c.XLS", b"\xd0\xcf"),
    ]


def test_files_of_the_system_and_pictures_are_left_out_with_a_remark():
    files = {"__MACOSX/._a.csv": b"x", ".DS_Store": b"x", "~$a.xlsx": b"x", ".hidden/b.csv": b"x", "photo.png": b"x"}
    sent = unpacked(packed({**files, "a.csv": CSV}), "all.zip")
    assert [file.name for file in sent] == ["a.csv"]
    (note,) = sent[0].notes
    assert note.values["count"] == 5
    assert "photo.png" in note.sentence("en")
    assert note.sentence("zh")


@pytest.mark.parametrize(
    ("encoding", "name"), [("gb18030", "朝阳区十月"), ("gb18030", "鑫淼\u4dae园"), ("utf-8", "朝阳区")]
)
def test_names_without_the_mark_for_utf8(encoding, name):
    raw = name.encode(encoding)
    data = packed({"X" * len(raw) + ".csv": CSV}).replace(b"X" * len(raw), raw)
    assert unpacked(data, "all.zip")[0].name == f"{name}.csv"


def test_names_with_the_mark_for_utf8():
    assert unpacked(packed({"石景山区/十月.csv": CSV}), "all.zip")[0].name == "石景山区/十月.csv"


@pytest.mark.parametrize(
    "name",
    ["../a.csv", "x/../../a.csv", "/etc/a.csv", "C:\\a.csv", "..\\a.csv", "\\\\host\\a.csv", "c:a.csv", "../x.png"],
)
def test_names_that_lead_out_of_the_archive(name):
    error = refusal(packed({"good.csv": CSV, name: CSV}))
    assert error.rule is Rule.UNSAFE_NAME
    assert error.values["value"] == name


@pytest.mark.parametrize("name", ["inner.zip", "x/inner.ZIP", "a.rar", "a.7z", "disguised.csv"])
def test_archives_in_archives(name):
    assert refusal(packed({"good.csv": CSV, name: packed({"a.csv": CSV})})).rule is Rule.NESTED_ARCHIVE


def test_bombs_and_lies():
    assert refusal(packed({"a.csv": bytes(5_000_000)})).rule is Rule.UNPACKED_TOO_LARGE  # packed 1,000 times
    many = packed({f"{i}.csv": b"ab," * 300_000 for i in range(20)}, zipfile.ZIP_STORED)
    assert refusal(many, Limits(unpacked_bytes=10_000_000)).rule is Rule.UNPACKED_TOO_LARGE
    data = bytearray(packed({"a.csv": CSV}))
    at = data.rfind(b"PK\x01\x02")
    data[at + 24] = 1
    assert refusal(bytes(data)).rule is Rule.FORGED_ARCHIVE


def test_one_member_is_no_larger_than_a_file_may_be():
    assert refusal(packed({"a.csv": b"ab" * 5_000}), Limits(file_bytes=9_000)).rule is Rule.UNPACKED_TOO_LARGE
    assert refusal(packed({"a.csv": CSV}), Limits(file_bytes=90)).rule is Rule.FILE_TOO_LARGE


def test_too_many_files():
    files = {f"{i}.csv": CSV for i in range(4)}
    assert len(unpacked(packed(files), "all.zip", Limits(zip_members=4))) == 4
    error = refusal(packed(files), Limits(zip_members=3))
    assert (error.rule, error.values["value"], error.values["limit"]) == (Rule.TOO_MANY_FILES, 4, 3)


def test_encrypted_damaged_and_empty_archives():
    data = bytearray(packed({"a.csv": CSV}))
    data[data.rfind(b"PK\x01\x02") + 8] |= 1
    assert refusal(bytes(data)).rule is Rule.ENCRYPTED_FILE
    assert refusal(packed({"a.csv": CSV})[:-30]).rule is Rule.DAMAGED_ARCHIVE
    assert refusal(packed({})).rule is Rule.EMPTY_FILE
    assert refusal(packed({"readme.md": b"x"})).rule is Rule.EMPTY_FILE


def test_an_archive_with_a_file_without_a_name_is_refused():
    whole = packed({"a.csv": CSV})
    entry = whole.rfind(b"PK\x01\x02")
    nameless = whole[: entry + 28] + bytes(2) + whole[entry + 30 : entry + 46] + whole[entry + 51 :]
    end = nameless.rfind(b"PK\x05\x06")
    size = int.from_bytes(nameless[end + 12 : end + 16], "little") - 5
    assert (
        refusal(nameless[: end + 12] + size.to_bytes(4, "little") + nameless[end + 16 :]).rule is Rule.DAMAGED_ARCHIVE
    )


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_damaged_archive_is_never_anything_but_refused(data):
    whole = packed({"a.csv": CSV, "b/c.csv": CSV})
    at = data.draw(st.integers(0, len(whole) - 1))
    changed = whole[:at] + bytes([data.draw(st.integers(0, 255))]) + whole[at + 1 :]
    try:
        told = [file.name for file in unpacked(changed, "all.zip")]
    except IngestError as error:
        told = [error.sentence("en")]
    assert all(told)
