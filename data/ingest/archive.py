"""A ZIP of survey files taken apart in memory; nothing is ever written where a name in the archive points."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from data.ingest.decode import ZIP_STARTS, refuse_too_large
from data.ingest.limits import Limits
from data.ingest.problems import IngestError, Note, Rule
from data.ingest.workbook_check import CONTENT_TYPES, members_of, refuse_stated_sizes, unpacked_blocks

SURVEY_ENDINGS = {".csv", ".tsv", ".txt", ".tab", ".xlsx", ".xls"}
ARCHIVE_ENDINGS = {".zip", ".rar", ".7z", ".gz", ".tar", ".bz2", ".xz"}
IGNORED_FOLDERS = {"__macosx"}
UTF8_FLAG = 0x800
NAMES_SHOWN = 10
_DRIVE = re.compile(r"[A-Za-z]:")
DEFAULT_LIMITS = Limits()


@dataclass(frozen=True)
class Sent:
    """One file as sent: its name, its bytes, and remarks on how it came."""

    name: str
    data: bytes
    notes: tuple[Note, ...] = ()


def unpacked(data: bytes, file_name: str, limits: Limits = DEFAULT_LIMITS) -> tuple[Sent, ...]:
    """The survey files in an archive, in its order; a file that is no archive, or is a workbook, is itself.

    Hidden files, folders of the system and files that hold no table are left out with a remark on the first file.
    Errors: IngestError file_too_large, empty_file, damaged_archive, forged_archive, encrypted_file, too_many_files,
    unpacked_too_large, unsafe_name, nested_archive.

    >>> [sent.name for sent in unpacked(b"a,b", "x.csv")]
    ['x.csv']
    """
    refuse_too_large(data, limits)
    if not data.startswith(ZIP_STARTS):
        return (Sent(file_name, data),)
    members = [(readable_name(member), member) for member in members_of(data) if not member.is_dir()]
    if any(name == CONTENT_TYPES for name, _ in members):
        return (Sent(file_name, data),)
    for name, _ in members:
        _refuse_unsafe(name)
    kept = [(name, member) for name, member in members if _is_survey(name)]
    left_out = [name for name, _ in members if not _is_survey(name)]
    if len(kept) > limits.zip_members:
        raise IngestError(Rule.TOO_MANY_FILES, value=len(kept), limit=limits.zip_members)
    if not kept:
        raise IngestError(Rule.EMPTY_FILE)
    refuse_stated_sizes([member for _, member in kept], limits)
    sent, room = list[Sent](), limits.unpacked_bytes
    for name, member in kept:
        content = _content(data, member, min(room, limits.file_bytes), limits)
        room -= len(content)
        sent.append(Sent(name, content, _remark(left_out) if not sent else ()))
    return tuple(sent)


def _content(data: bytes, member: zipfile.ZipInfo, room: int, limits: Limits) -> bytes:
    content = b"".join(unpacked_blocks(data, member, room))
    if len(content) != member.file_size:
        raise IngestError(Rule.FORGED_ARCHIVE, value=readable_name(member)[:80])
    if content.startswith(ZIP_STARTS) and not readable_name(member).lower().endswith(".xlsx"):
        raise IngestError(Rule.NESTED_ARCHIVE, value=readable_name(member)[:80])
    return content


def readable_name(member: zipfile.ZipInfo) -> str:
    """The name of a file in an archive; without a mark for UTF-8 it is in the encoding of the system that packed it.

    >>> member = zipfile.ZipInfo("朝阳.csv".encode("gbk").decode("cp437"))
    >>> readable_name(member)
    '朝阳.csv'
    """
    if member.flag_bits & UTF8_FLAG:
        return member.filename
    try:
        raw = member.filename.encode("cp437")
    except UnicodeEncodeError:
        return member.filename
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return member.filename


def _refuse_unsafe(name: str) -> None:
    """Refuse names that lead out of the archive, and archives in it. Errors: unsafe_name, nested_archive."""
    path = name.replace("\\", "/")
    if path.startswith("/") or _DRIVE.match(path) or ".." in path.split("/") or "\x00" in name:
        raise IngestError(Rule.UNSAFE_NAME, value=name[:80])
    if PurePosixPath(path).suffix.lower() in ARCHIVE_ENDINGS and not _is_hidden(path):
        raise IngestError(Rule.NESTED_ARCHIVE, value=name[:80])


def _is_hidden(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return any(part.startswith((".", "~$")) or part.lower() in IGNORED_FOLDERS for part in parts)


def _is_survey(name: str) -> bool:
    path = name.replace("\\", "/")
    return PurePosixPath(path).suffix.lower() in SURVEY_ENDINGS and not _is_hidden(path)


def _remark(names: Sequence[str]) -> tuple[Note, ...]:
    if not names:
        return ()
    shown = ", ".join(names[:NAMES_SHOWN]) + (" …" if len(names) > NAMES_SHOWN else "")
    return (Note("note.archive_left_out", {"count": len(names), "items": shown}),)
