"""Bytes of an uploaded file to text: which encoding, and which files are no text at all.

Order: byte order mark, strict UTF-8, GB18030 (never gbk: it lacks the four-byte characters), then, and only then, a
guess over a short list of encodings, which is always told to the reader. Files that are no text are refused with the
way out.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass

import charset_normalizer

from data.ingest.problems import IngestError, Note, Rule

LIMIT_BYTES = 20_000_000
BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
BINARY_STARTS = (
    (b"PK\x03\x04", "XLSX / ZIP"),
    (b"PK\x05\x06", "ZIP"),
    (b"\xd0\xcf\x11\xe0", "XLS"),
    (b"%PDF-", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x1f\x8b", "GZIP"),
    (b"7z\xbc\xaf", "7Z"),
    (b"Rar!\x1a", "RAR"),
)
CANDIDATES = ["gb18030", "big5", "cp949", "cp1252", "cp1251", "iso8859_7", "cp1254"]
LEAST_EVIDENCE = 16  # fewer bytes above ASCII say nothing about an encoding
COMMON_SHARE = 0.8  # of the characters of a real GB18030 text, at least this share is in the old set GB 2312
SAMPLE = 100_000
NEAR = 50_000


@dataclass(frozen=True)
class Decoded:
    """Text of a file, the encoding it was read in, and remarks on how sure that is."""

    text: str
    encoding: str
    notes: tuple[Note, ...] = ()


def decode(data: bytes) -> Decoded:
    r"""Text of an uploaded file.

    Errors: IngestError file_too_large, empty_file, binary_file, wrong_encoding.

    >>> decode("月份,园区\n".encode("gb18030")).encoding
    'gb18030'
    """
    if len(data) > LIMIT_BYTES:
        raise IngestError(Rule.FILE_TOO_LARGE, value=f"{len(data) / 1e6:.1f}", limit=f"{LIMIT_BYTES / 1e6:.0f}")
    for start, kind in BINARY_STARTS:
        if data.startswith(start):
            raise IngestError(Rule.BINARY_FILE, value=kind)
    decoded = _decoded(data)
    if "\x00" in decoded.text:
        raise IngestError(Rule.BINARY_FILE, value="NUL")
    if not decoded.text.strip():
        raise IngestError(Rule.EMPTY_FILE)
    return decoded


def _decoded(data: bytes) -> Decoded:
    for mark, name in BOMS:
        if data.startswith(mark):
            return _marked(data, name)
    try:
        return Decoded(data.decode("utf-8"), "utf-8")
    except UnicodeDecodeError as error:
        if b"\x00" in data:
            raise IngestError(Rule.BINARY_FILE, value="NUL") from None
        _refuse_damaged_utf8(data, error.start)
    text = _gb18030(data)
    if text is not None:
        return Decoded(text, "gb18030", (Note("note.read_as", {"encoding": "GB18030"}),))
    return _guessed(data)


def _marked(data: bytes, name: str) -> Decoded:
    try:
        return Decoded(data.decode(name), name)
    except UnicodeDecodeError as error:
        raise _wrong(data, error.start, name) from None


def _refuse_damaged_utf8(data: bytes, at: int) -> None:
    """A UTF-8 file with one cut character is a damaged UTF-8 file, not a GB18030 file."""
    near = data[max(0, at - NEAR) : at + NEAR].decode("utf-8", "surrogateescape")
    damaged = sum("\udc80" <= character <= "\udcff" for character in near)
    sound = sum(character > "\x7f" for character in near) - damaged
    if sound >= 10 * damaged:
        raise _wrong(data, at, "utf-8")


def _wrong(data: bytes, at: int, encoding: str) -> IngestError:
    if encoding.startswith(("utf-16", "utf-32")):
        return IngestError(Rule.WRONG_ENCODING, line=None, value=encoding)
    return IngestError(Rule.WRONG_ENCODING, line=data.count(b"\n", 0, at) + 1, value=data[at : at + 4].hex(" "))


def _gb18030(data: bytes) -> str | None:
    """The text when it reads as GB18030 and looks like Chinese; German in cp1252 reads too, but as rare characters."""
    try:
        text = data.decode("gb18030")
        text.encode("utf-8")
    except UnicodeError:
        return None
    wide = "".join(character for character in text[:SAMPLE] if character > "\x7f")
    common = len(wide.encode("gb2312", "ignore").decode("gb2312"))
    return text if common >= COMMON_SHARE * len(wide) else None


def _guessed(data: bytes) -> Decoded:
    at = next(place for place, byte in enumerate(data) if byte > 0x7F)
    evidence = len(data) - len(data.translate(None, bytes(range(0x80, 0x100))))
    best = charset_normalizer.from_bytes(data, cp_isolation=CANDIDATES).best() if evidence >= LEAST_EVIDENCE else None
    if best is None:
        raise _wrong(data, at, "unknown")
    try:
        text = data.decode(best.encoding)
        text.encode("utf-8")
    except UnicodeError:
        raise _wrong(data, at, best.encoding) from None
    return Decoded(text, best.encoding, (Note("note.encoding_guessed", {"encoding": best.encoding}),))
