"""A sheet of a workbook as rows of text cells, with the row numbers a spreadsheet shows.

Two lines of defence: the archive is judged before it is parsed, and it is parsed in a process of its own with limits of
memory and time, since the parsers end the whole process on a hostile file.
"""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import polars as pl

from data.ingest.delimited import LINE
from data.ingest.limits import Limits
from data.ingest.problems import IngestError, Rule
from data.ingest.workbook_check import Seen, checked_workbook

CHILD = Path(__file__).with_name("workbook_child.py")
ERRORS = {
    "Div0": "#DIV/0!",
    "NA": "#N/A",
    "Name": "#NAME?",
    "Null": "#NULL!",
    "Num": "#NUM!",
    "Ref": "#REF!",
    "Value": "#VALUE!",
    "GettingData": "#GETTING_DATA",
}
PATIENCE = 3  # seconds waited for one second of processor time: the machine may be busy with others
PERCENT_FORMATS = {"9", "10"}
MIDNIGHT = r"^(\d{4}-\d{2}-\d{2}) 00:00:00$"
TIME_ONLY = r"^1899-12-3[01] (\d{2}:\d{2}:\d{2})$"
_XLSX_1904 = re.compile(rb"""date1904\s*=\s*["'](?:1|true|on)""")
_XLS_1904 = b"\x22\x00\x02\x00\x01\x00"
_WIDE = {"encrypted": "EncryptedPackage", "macros": "_VBA_PROJECT", "book": "Book", "workbook": "Workbook"}

Kind = Literal["xlsx", "xls"]


@dataclass(frozen=True)
class Merged:
    """A merged range: first and last row as a spreadsheet counts them, first and last column of the frame from 0."""

    top: int
    bottom: int
    left: int
    right: int


@dataclass(frozen=True, eq=False)
class Sheet:
    """One sheet as read.

    frame: line UInt32, then text columns c0, c1 …, blank cells empty. others: further sheets with data. errors: (line,
    column, text) of cells that hold an error. without_result: formulas without a stored result. percent: letters of the
    columns with cells shown as percent. left: columns of the sheet before c0.
    """

    frame: pl.DataFrame
    name: str
    names: tuple[str, ...]
    others: tuple[str, ...]
    errors: tuple[tuple[int, int, str], ...]
    merged: tuple[Merged, ...]
    without_result: int
    percent: tuple[str, ...]
    left: int


def sheet_of(data: bytes, kind: Kind, wanted: str | None, limits: Limits) -> Sheet:
    """One sheet of a workbook: the wanted one, or the visible one with the most cells.

    Errors: IngestError unknown_sheet, unreadable_workbook, empty_file, encrypted_file, macros, binary_file,
    sheet_too_large, unpacked_too_large, damaged_archive, forged_archive.
    """
    if kind == "xls":
        _judge_xls(data)
        parts: dict[str, Seen] = {}
    else:
        parts = checked_workbook(data, limits)
    merged = "m" if kind == "xls" or any(seen.merged for seen in parts.values()) else ""
    facts, frame = _parsed(data, wanted or "", merged + ("d" if _counts_from_1904(data, kind) else ""), limits)
    part = _part_of(data, facts["sheet"]) if parts else ""
    seen = parts.get(part, Seen())
    left = facts["left"]
    errors = tuple((row + 1, column, _error_text(detail)) for row, column, detail in facts["errors"])
    return Sheet(
        frame=_changed(_as_text(frame), errors),
        name=facts["sheet"],
        names=tuple(facts["sheets"]),
        others=tuple(facts["others"]),
        errors=errors,
        merged=tuple(Merged(a[0] + 1, b[0] + 1, a[1] - left, b[1] - left) for a, b in facts["merged"]),
        without_result=seen.without_result,
        percent=_percent_columns(data, seen) if seen.styles else (),
        left=left,
    )


def _judge_xls(data: bytes) -> None:
    """What the directory of an old workbook tells. Errors: IngestError encrypted_file, macros, binary_file."""
    found = {name: text.encode("utf-16-le") in data for name, text in _WIDE.items()}
    if found["encrypted"]:
        raise IngestError(Rule.ENCRYPTED_FILE)
    if not (found["workbook"] or found["book"]):
        raise IngestError(Rule.BINARY_FILE, value="OLE")
    if found["macros"]:
        raise IngestError(Rule.MACROS)


def _counts_from_1904(data: bytes, kind: Kind) -> bool:
    """Whether the days of the workbook count from 1904, as old programs on the Macintosh wrote them."""
    if kind == "xls":
        return _XLS_1904 in data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return bool(_XLSX_1904.search(archive.read(_book(archive))))


def _book(archive: zipfile.ZipFile) -> str:
    return next(name for name in archive.namelist() if name.lower().endswith("workbook.xml"))


def _parsed(data: bytes, wanted: str, flags: str, limits: Limits) -> tuple[dict[str, Any], pl.DataFrame]:
    """What the parsing process tells about the workbook, and the cells of the sheet. Nothing has a name on disk."""
    arguments = [str(limits.memory_bytes), str(limits.seconds), wanted, flags]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PARK_")}
    with tempfile.TemporaryFile() as workbook, tempfile.TemporaryFile() as answer:
        workbook.write(data)
        workbook.seek(0)
        try:
            done = subprocess.run(
                [sys.executable, "-I", str(CHILD), *arguments],
                stdin=workbook,
                stdout=answer,
                stderr=subprocess.DEVNULL,
                timeout=limits.seconds * PATIENCE,
                env=environment,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise _unreadable(f"> {limits.seconds * PATIENCE} s", limits) from None
        answer.seek(0)
        facts = json.loads(answer.readline() or b"{}")
        _refuse_told(facts, wanted, limits)
        if done.returncode or not facts:
            raise _unreadable(f"code {done.returncode}", limits)
        return facts, pl.read_ipc_stream(answer)


def _unreadable(why: str, limits: Limits) -> IngestError:
    return IngestError(Rule.UNREADABLE_WORKBOOK, value=why, limit=limits.seconds)


def _refuse_told(facts: Mapping[str, Any], wanted: str, limits: Limits) -> None:
    match facts.get("error"):
        case "password":
            raise IngestError(Rule.ENCRYPTED_FILE)
        case "sheet":
            raise IngestError(Rule.UNKNOWN_SHEET, value=wanted, accepted=", ".join(facts["sheets"]))
        case "empty":
            raise IngestError(Rule.EMPTY_FILE)
        case str(why):
            raise _unreadable(why, limits)


def _as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Cells as a person would type them: a day without its midnight, a time without its day, blank cells empty."""
    names = [f"c{place}" for place in range(frame.width)]
    frame = frame.rename(dict(zip(frame.columns, names, strict=True))).select(pl.all().cast(pl.String).fill_null(""))
    dated = [name for name in names if frame[name].str.contains(r" \d\d:\d\d:\d\d$").any()]
    texts = [pl.col(name).str.replace(MIDNIGHT, "$1").str.replace(TIME_ONLY, "$1") for name in dated]
    return frame.with_columns(texts).with_row_index(LINE, offset=1)


def _error_text(detail: str) -> str:
    name = detail.rpartition("Error(")[2].partition(")")[0]
    return ERRORS.get(name, f"#{name.upper()}!"[:20])


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _part_of(data: bytes, sheet: str) -> str:
    """The part of the archive that holds a sheet; nothing where the workbook does not say so plainly."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        book = _book(archive)
        folder, _, file = book.rpartition("/")
        links = f"{folder}/_rels/{file}.rels".lstrip("/")
        if links not in archive.namelist():
            return ""
        try:
            entries = [item for item in ET.fromstring(archive.read(book)).iter() if _local(item.tag) == "sheet"]
            targets = {item.get("Id"): item.get("Target", "") for item in ET.fromstring(archive.read(links))}
        except ET.ParseError:
            return ""
    for entry in entries:
        if entry.get("name") == sheet:
            link = next((value for name, value in entry.attrib.items() if _local(name) == "id"), "")
            target = targets.get(link, "")
            return target.lstrip("/") if target.startswith("/") else f"{folder}/{target}".lstrip("/")
    return ""


def _percent_columns(data: bytes, seen: Seen) -> tuple[str, ...]:
    """Letters of the columns that have cells shown as percent."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        name = next((name for name in archive.namelist() if name.lower().endswith("styles.xml")), None)
        try:
            root = ET.fromstring(archive.read(name)) if name else ET.Element("styles")
        except ET.ParseError:
            return ()
    formats = [item for item in root.iter() if _local(item.tag) == "numFmt"]
    percent = PERCENT_FORMATS | {item.get("numFmtId", "") for item in formats if "%" in item.get("formatCode", "")}
    cells = next((item for item in root.iter() if _local(item.tag) == "cellXfs"), ())
    styles = [str(place) for place, item in enumerate(cells) if item.get("numFmtId", "") in percent]
    columns = {letters for style in styles for letters in seen.styles.get(style, ())}
    return tuple(sorted(columns, key=lambda letters: (len(letters), letters)))


def spread(frame: pl.DataFrame, merged: Sequence[Merged]) -> pl.DataFrame:
    """The frame with the value of each merged range in all of its cells."""
    cells = [
        (line, column, frame.item(area.top - 1, area.left + 1))
        for area in merged
        if area.left >= 0 and area.right < frame.width - 1
        for line in range(area.top, min(area.bottom, frame.height) + 1)
        for column in range(area.left, area.right + 1)
    ]
    return _changed(frame, cells)


def _changed(frame: pl.DataFrame, cells: Sequence[tuple[int, int, str]]) -> pl.DataFrame:
    """The frame with other texts in some cells, each as line, column, text."""
    by_column: dict[int, list[tuple[int, str]]] = {}
    for line, column, text in cells:
        by_column.setdefault(column, []).append((line, text))
    for column, changes in by_column.items():
        values = frame[f"c{column}"].to_list()
        for line, text in changes:
            values[line - 1] = text
        frame = frame.with_columns(pl.Series(f"c{column}", values, dtype=pl.String))
    return frame
