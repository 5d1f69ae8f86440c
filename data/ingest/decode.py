"""Bytes of an uploaded file to text: which encoding, and which files are no text at all.

Order: byte order mark, strict UTF-8, UTF-16 without a mark, GB18030 (never gbk: it lacks the four-byte characters),
then, and only then, a guess over a short list of encodings, which is always told to the reader. What rests on little
evidence is a question; files that are no text are refused with the way out.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, replace

import charset_normalizer
import polars as pl

from data.ingest.limits import Limits
from data.ingest.problems import IngestError, Note, Rule

BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
WITHOUT_BOM = ("utf-16-le", "utf-16-be")
ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")
OLE_START = b"\xd0\xcf\x11\xe0"
BINARY_STARTS = (
    (ZIP_STARTS[0], "XLSX / ZIP"),
    (ZIP_STARTS[1], "ZIP"),
    (OLE_START, "XLS"),
    (b"%PDF-", "PDF"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"\x1f\x8b", "GZIP"),
    (b"7z\xbc\xaf", "7Z"),
    (b"Rar!\x1a", "RAR"),
    (b"{\\rtf", "RTF"),
    (b"PAR1", "PARQUET"),
    (b"SQLite format 3", "SQLITE"),
)
MARKUP = re.compile(r"\s*<(?:!doctype\s+html|html|head|body|table|meta|\?xml)\b", re.IGNORECASE)
CANDIDATES = ["gb18030", "big5", "cp932", "cp949", "cp1252", "cp1251", "iso8859_7", "cp1254"]
LEAST_EVIDENCE = 16  # fewer bytes above ASCII say little about an encoding
COMMON_SHARE = 0.8  # of the characters of a real GB18030 text, at least this share is in the old set GB 2312
OTHER_SCRIPT_SHARE = (
    0.98  # Hangul among the different characters of a Korean text; Chinese read as Korean has far fewer
)
LEAST_WORDS, LEAST_KANA = 20, 5  # different characters
SAMPLE = 100_000
NEAR = 50_000
MOST_NULS = 10
MOST_BYTES = 4  # of a character in UTF-8
LINES_SHOWN = 10
_WIDE = re.compile(r"[^\x00-\x7f]+")
_ORDINARY = re.compile(
    "[\\t\\r\\n\x20-\x7e\xa0-\u024f\u2010-\u203b\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff5e]+"
)
DEFAULT_LIMITS = Limits()


@dataclass(frozen=True)
class Decoded:
    """Text of a file, the encoding it was read in, remarks, and what a person should confirm about the encoding.

    raw: the text in UTF-8; a file that is UTF-8 is kept as it is, since its text takes twice the memory and more.
    """

    raw: bytes
    encoding: str
    notes: tuple[Note, ...] = ()
    questions: tuple[Note, ...] = ()

    @property
    def text(self) -> str:
        """The whole text."""
        return self.raw.decode()

    def head(self, characters: int) -> str:
        """The beginning of the text: at least so many characters where it has them."""
        return self.raw[: MOST_BYTES * characters].decode(errors="ignore")


def decode(data: bytes, encoding: str | None = None, limits: Limits = DEFAULT_LIMITS) -> Decoded:
    r"""Text of an uploaded file.

    encoding: the name of the encoding where a person has said it; else it is found out.
    Errors: IngestError file_too_large, empty_file, binary_file, wrong_encoding.

    >>> decode("月份,园区名称,业务量\n".encode("gb18030")).encoding
    'gb18030'
    """
    refuse_too_large(data, limits)
    for start, kind in BINARY_STARTS:
        if data.startswith(start):
            raise IngestError(Rule.BINARY_FILE, value=kind)
    decoded = _decoded(data) if encoding is None else _as_told(data, encoding)
    if b"\x00" in decoded.raw:
        decoded = _without_nuls(decoded)
    head = decoded.head(SAMPLE)
    if not head.strip() and not decoded.text.strip():
        raise IngestError(Rule.EMPTY_FILE)
    markup = MARKUP.match(head)
    if markup:
        raise IngestError(Rule.BINARY_FILE, value="XML" if "?" in markup.group() else "HTML")
    return decoded


def refuse_too_large(data: bytes, limits: Limits) -> None:
    """Refuse a file above the limit. Errors: IngestError file_too_large."""
    if len(data) > limits.file_bytes:
        raise IngestError(Rule.FILE_TOO_LARGE, value=f"{len(data) / 1e6:.1f}", limit=f"{limits.file_bytes / 1e6:.0f}")


def _as_told(data: bytes, encoding: str) -> Decoded:
    try:
        name = codecs.lookup(encoding).name
        raw = data.decode(name).removeprefix("\ufeff").encode()
    except LookupError:
        raise IngestError(Rule.WRONG_ENCODING, value=encoding) from None
    except UnicodeError as error:
        raise _wrong(data, getattr(error, "start", 0), name) from None
    return Decoded(raw, name, (Note("note.read_as", {"encoding": name.upper()}),))


def _decoded(data: bytes) -> Decoded:
    for mark, name in BOMS:
        if data.startswith(mark):
            return _marked(data, name)
    wide = _utf16(data) if b"\x00" in data else None
    if wide is not None:
        return wide
    if is_utf8(data):
        return Decoded(data, "utf-8")
    if b"\x00" in data:
        raise IngestError(Rule.BINARY_FILE, value="NUL")
    _refuse_damaged_utf8(data)
    return _gb18030(data) or _guessed(data)


def is_utf8(data: bytes) -> bool:
    """Whether bytes are UTF-8, without making a text of them.

    >>> is_utf8("园".encode()), is_utf8("中".encode("gb18030"))
    (True, False)
    """
    if data.isascii():
        return True
    try:
        pl.Series([data], dtype=pl.Binary).cast(pl.String)
    except pl.exceptions.PolarsError:
        return False
    return True


def _marked(data: bytes, name: str) -> Decoded:
    if name == "utf-8-sig" and is_utf8(data):
        return Decoded(data[len(codecs.BOM_UTF8) :], name)
    try:
        return Decoded(data.decode(name).encode(), name)
    except UnicodeDecodeError as error:
        raise _wrong(data, error.start, name) from None


def _utf16(data: bytes) -> Decoded | None:
    """The text when the bytes are UTF-16 without a mark: ordinary characters and line ends, in either order."""
    for name in WITHOUT_BOM:
        try:
            text = data.decode(name)
            raw = text.encode()
        except UnicodeError:
            continue
        sample = text[:SAMPLE]
        ordinary = sum(map(len, _ORDINARY.findall(sample)))
        if "\x00" not in text and ("\n" in text or "\r" in text) and ordinary >= 0.9 * len(sample):
            return Decoded(raw, name, (Note("note.read_as", {"encoding": name.upper()}),))
    return None


def _without_nuls(decoded: Decoded) -> Decoded:
    """A few stray NUL characters are left out and told; more of them are no text. Errors: IngestError binary_file."""
    text = decoded.text
    if text.count("\x00") > MOST_NULS or "\x00\x00" in text:
        raise IngestError(Rule.BINARY_FILE, value="NUL")
    places = [match.start() for match in re.finditer("\x00", text)]
    lines = ", ".join(str(text.count("\n", 0, at) + 1) for at in places[:LINES_SHOWN])
    note = Note("note.nul_left_out", {"count": len(places), "lines": lines})
    return Decoded(text.replace("\x00", "").encode(), decoded.encoding, (*decoded.notes, note), decoded.questions)


def _refuse_damaged_utf8(data: bytes) -> None:
    """A UTF-8 file with one cut character is a damaged UTF-8 file, not a GB18030 file."""
    at = _first_damaged(data)
    near = data[max(0, at - NEAR) : at + NEAR].decode("utf-8", "surrogateescape")
    damaged = sum("\udc80" <= character <= "\udcff" for character in near)
    sound = sum(character > "\x7f" for character in near) - damaged
    if sound >= 10 * damaged:
        raise _wrong(data, at, "utf-8")


def _first_damaged(data: bytes) -> int:
    try:
        data.decode()
    except UnicodeDecodeError as error:
        return error.start
    return len(data)


def _wrong(data: bytes, at: int, encoding: str) -> IngestError:
    if encoding.startswith(("utf-16", "utf-32")):
        return IngestError(Rule.WRONG_ENCODING, line=None, value=encoding)
    return IngestError(Rule.WRONG_ENCODING, line=data.count(b"\n", 0, at) + 1, value=data[at : at + 4].hex(" "))


def _evidence(data: bytes) -> int:
    return len(data) - len(data.translate(None, bytes(range(0x80, 0x100))))


def _gb18030(data: bytes) -> Decoded | None:
    """The text when it reads as GB18030 and looks like Chinese; German in cp1252 reads too, but as rare characters."""
    try:
        text = data.decode("gb18030")
        raw = text.encode()
    except UnicodeError:
        return None
    wide = "".join(_WIDE.findall(text[:SAMPLE]))
    common = len(wide.encode("gb2312", "ignore").decode("gb2312"))
    if common < COMMON_SHARE * len(wide):
        return None
    doubt = _other_script(wide)
    if doubt:
        return _asked(Decoded(raw, "gb18030"), doubt)
    decoded = Decoded(raw, "gb18030", (Note("note.read_as", {"encoding": "GB18030"}),))
    return decoded if _evidence(data) >= LEAST_EVIDENCE else _asked(decoded, "")


def _other_script(wide: str) -> str:
    """Korean and Japanese bytes read as GB18030 too; the name of the other encoding where they look like that."""
    words = sorted({character for character in wide if character > "\u2fff"})
    kana = sum("\u3041" <= character <= "\u30ff" for character in words)
    if kana >= LEAST_KANA and kana > 0.2 * len(words):
        return "EUC-JP"
    if len(words) < LEAST_WORDS:
        return ""
    korean = "".join(words).encode("gb18030").decode("cp949", "replace")
    hangul = sum("\uac00" <= character <= "\ud7a3" for character in korean)
    return "CP949" if hangul >= OTHER_SCRIPT_SHARE * len(korean) else ""


def _asked(decoded: Decoded, other: str) -> Decoded:
    """The same text with a question that shows some of its words."""
    line = next((line for line in decoded.text.splitlines() if _WIDE.search(line)), "")
    name = f"{decoded.encoding.upper()} / {other}" if other else decoded.encoding.upper()
    question = Note("question.encoding", {"encoding": name, "value": line.strip()[:80]})
    return replace(decoded, questions=(*decoded.questions, question))


def _guessed(data: bytes) -> Decoded:
    at = next(place for place, byte in enumerate(data) if byte > 0x7F)
    best = charset_normalizer.from_bytes(data, cp_isolation=CANDIDATES).best()
    if best is None:
        raise _wrong(data, at, "unknown")
    try:
        raw = data.decode(best.encoding).encode()
    except UnicodeError:
        raise _wrong(data, at, best.encoding) from None
    decoded = Decoded(raw, best.encoding, (Note("note.encoding_guessed", {"encoding": best.encoding}),))
    return decoded if _evidence(data) >= LEAST_EVIDENCE else _asked(decoded, "")
