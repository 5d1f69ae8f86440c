"""What became of one file: the check, the comparison with the store, the ending; as values for a program to read."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from data.cli.console import OK, REJECTED
from data.ingest import Checked, IngestError, Note, explained
from data.store import Preview, Stored

STORED = ("stored", "stored_more", "already", "unchanged")
CHANGES = ("new", "changed", "identical", "removed")


@dataclass(frozen=True, eq=False)
class Outcome:
    """One file of a `check` or `load`.

    archive: the ZIP it came in, else empty. kind: the data set or questionnaire it was checked as. odd: warnings
    against the stored rows. ending: of a load, a key of `report`; empty after a check and for a file that cannot be
    read (error says why).
    """

    file: str
    archive: str
    data: bytes
    kind: str = ""
    checked: Checked | None = None
    preview: Preview | None = None
    odd: pl.DataFrame | None = None
    error: IngestError | None = None
    ending: str = ""
    stored: Stored | None = None
    conflict: str = ""

    @property
    def exit_code(self) -> int:
        """0 when the file is stored, or checked without a problem or question; else 1."""
        if self.checked is None:
            return REJECTED
        clean = not (self.checked.rejected.height or self.checked.questions)
        return OK if (self.ending in STORED if self.ending else clean) else REJECTED

    def warnings(self) -> pl.DataFrame:
        """Everything odd that stops nothing: in the file itself, and against the stored rows."""
        if self.checked is None or self.odd is None:
            return pl.DataFrame() if self.checked is None else self.checked.warnings
        return pl.concat([self.checked.warnings, self.odd]).sort("line", maintain_order=True)

    def figures(self) -> dict[str, object]:
        """What the sentence about the ending names."""
        stored = self.stored or Stored(0, 0, False)
        told = {"upload": stored.upload_id, "revision": stored.revision, "rows": stored.n_rows, "part": stored.part}
        return told | {"waiting": stored.n_waiting, "conflict": self.conflict}


def document(command: str, outcomes: Sequence[Outcome], language: str) -> dict[str, Any]:
    """Everything about the files of one command, ready for JSON; the schema is in docs/operations.md."""
    code = max(outcome.exit_code for outcome in outcomes)
    return {"command": command, "exit_code": code, "files": [_file(outcome, language) for outcome in outcomes]}


def _file(outcome: Outcome, language: str) -> dict[str, Any]:
    sha256, stored = hashlib.sha256(outcome.data).hexdigest(), outcome.stored
    told: dict[str, Any] = {"file": outcome.file, "archive": outcome.archive or None, "sha256": sha256}
    told |= {"outcome": outcome.ending or ("refused" if outcome.checked is None else "checked")}
    if outcome.error is not None:
        return told | {"error": {"rule": str(outcome.error.rule), "text": outcome.error.sentence(language)}}
    told |= _check(outcome, language)
    seen = outcome.preview
    counts = None if seen is None else (seen.n_new, seen.n_changed, seen.n_identical, seen.n_removed)
    told |= {"changes": None if counts is None else dict(zip(CHANGES, counts, strict=True))}
    told |= {"upload": stored.upload_id if stored else None, "revision": stored.revision if stored else None}
    told |= {"part": stored.part if stored else None, "waiting": stored.n_waiting if stored else 0}
    return told | ({"conflict": outcome.conflict} if outcome.conflict else {})


def _check(outcome: Outcome, language: str) -> dict[str, Any]:
    checked = outcome.checked
    if checked is None:
        return {}
    table = checked.table
    return {
        "dataset": checked.dataset,
        "checked_as": outcome.kind,
        "kind": table.kind,
        "encoding": table.encoding,
        "delimiter": table.delimiter,
        "sheet": table.sheet,
        "header_line": table.header_line,
        "rows": checked.n_rows,
        "accepted": checked.n_accepted,
        "records": checked.accepted.height,
        "rejected": checked.rejected_rows.height,
        "problems": _findings(checked.rejected, language),
        "warnings": _findings(outcome.warnings(), language),
        "notes": _sentences(checked.notes, language),
        "questions": _sentences(checked.questions, language),
        "mapping": checked.mapping,
        "unknown_headers": checked.unknown_headers.to_dicts(),
        "unknown_parks": checked.unknown_parks.to_dicts(),
    }


def _findings(found: pl.DataFrame, language: str) -> list[dict[str, Any]]:
    """Problems or warnings with their sentences."""
    if found.is_empty():
        return []
    told = explained(found, language).select("what", expected="accepted", todo="todo")
    return pl.concat([found, told], how="horizontal").to_dicts()


def _sentences(notes: Sequence[Note], language: str) -> list[str]:
    return [note.sentence(language) for note in notes]
