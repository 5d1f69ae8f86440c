"""The store: uploads kept for good or not at all, and rows handed out already cut to what the viewer may see.

The database is the record; pages read Parquet snapshots of its current state. The current state of a key is the row of
the newest active upload that has it; for answers a newer file supersedes a park's month as a whole. Nothing is ever
overwritten or deleted: a correction is a newer upload, `undo` only sets an upload aside and `redo` takes it back at its
old place. What people do, and what they were refused, stands in the audit log.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import polars as pl
import sqlalchemy as sa

from data import history, records, worklist
from data.access import Viewer
from data.comparison import ConflictError, Preview, compare
from data.engines import Engines, StoreError, check_file, open_engines, reported
from data.migrations import migrate
from data.records import Checked, Provenance, Stored
from data.schema import ACTIVE, UNDONE
from data.scoped import AccessError, ScopedRows
from data.settings import Settings
from data.shipped import as_seen, beyond, laid, own_points
from data.snapshots import Snapshots, put, sweep

__all__ = [
    "AccessError",
    "Checked",
    "ConflictError",
    "Preview",
    "Provenance",
    "ScopedStore",
    "Store",
    "StoreError",
    "Stored",
]

_WORDS = {ACTIVE: "redo", UNDONE: "undo"}


class Store:
    """One open store. Rows are reached through `for_viewer` only."""

    def __init__(self, home: Path, engines: Engines, parks: pl.DataFrame) -> None:
        self.home = home
        self.register = parks
        self._engines = engines
        self._snapshots = Snapshots(home / "snapshots")
        self._lock = threading.Lock()

    @classmethod
    def open(cls, settings: Settings, parks: pl.DataFrame | None = None) -> Store:
        """Open the store of these settings, creating or upgrading it first; `parks` defaults to the shipped register.

        Errors: StoreError, one sentence, for a data folder that cannot be written, an address that is not understood,
        a server that does not answer, a damaged file, or a store of another program or of a newer version.
        """
        _prepare_home(settings.home)
        engines = open_engines(settings.database_url)
        try:
            with reported(engines.url):
                check_file(engines)
                migrate(engines)
        except StoreError:
            engines.close()
            raise
        return cls(settings.home, engines, _shipped_parks() if parks is None else parks)

    def for_viewer(self, viewer: Viewer) -> ScopedStore:
        """The store as this person may see and use it."""
        return ScopedStore(self, viewer)

    def revision(self) -> int:
        """The sum of all data sets' revision numbers: it grows with every upload and every undo."""
        with reported(self._engines.url), self._engines.read.begin() as connection:
            return records.revision_sum(connection)

    def close(self) -> None:
        """Close the connections; the store is not used afterwards."""
        self._engines.close()

    def _current(self, dataset: str, at: datetime | None = None) -> pl.LazyFrame:
        """The data set now, or as it was at a time."""
        active = records.active_uploads(dataset) if at is None else history.uploads_at(dataset, at)
        name = dataset if at is None else f"past_{dataset}"
        with self._lock, reported(self._engines.url), self._engines.read.begin() as connection:
            number, mark = records.state_of(connection, dataset, active)
            return self._snapshots.frame(name, number, mark, lambda: records.current_rows(connection, dataset, active))

    def _shipped(self, dataset: str) -> pl.DataFrame | None:
        """The rows of a data set that the product ships; None for a data set of uploads alone."""
        if dataset == "parks":
            return self.register
        from data import registry  # the store opens without the registers it does not need

        shipped = {"programmes": registry.programmes, "documents": registry.library}
        return shipped[dataset]() if dataset in shipped else None

    def _laid(self, dataset: str, at: datetime | None) -> pl.LazyFrame:
        """The shipped rows with the stored ones, of now or of a time, over them."""
        return laid(dataset, self._shipped(dataset), self._current(dataset, at))

    def _parks(self, at: datetime | None = None) -> pl.LazyFrame:
        return self._laid("parks", at)

    def _programmes(self, at: datetime | None = None) -> pl.LazyFrame:
        return self._laid("programmes", at)

    def _documents(self, at: datetime | None = None) -> pl.LazyFrame:
        return self._laid("documents", at)


class ScopedStore(ScopedRows):
    """The store through one viewer's eyes: rows already cut, and what an analyst may do; every deed is audited."""

    def history(self) -> pl.DataFrame:
        """Every upload, undo and redo, newest first.

        Columns: upload_id, number (1: stored), status (after it), at (UTC), who, role, revision (of the data set),
        dataset, file_name, sha256, part, uploader, note, n_rows, is_synthetic, questionnaire_id, now (status today).
        """
        self._require_upload("history")
        with self._reading() as connection:
            return history.change_list(connection)

    def original(self, upload_id: int) -> tuple[str, bytes]:
        """Name and bytes of the file an upload came in, as sent; who asks is audited.

        A viewer of some districts gets the files of own uploads only: a file may hold rows of others.
        Errors: AccessError; StoreError when there is no such upload, or its file is missing or changed.
        """
        self._require_upload(f"original of upload {upload_id}")
        with self._reading() as connection:
            row, by = history.upload_row(connection, upload_id), history.uploaded_by(connection, upload_id)
        if self._scope() is not None and by != self.viewer.name:
            self._refuse("access.outside_scope", f"original of upload {upload_id}")
        path = self._store.home / "raw" / row["sha256"]
        with reported(self._engines.url):
            data = path.read_bytes() if path.is_file() else b""
        if hashlib.sha256(data).hexdigest() != row["sha256"]:
            raise StoreError(f"The kept file of upload {upload_id}, {path}, is missing or changed: restore a backup.")
        with self._writing() as connection:
            history.note(connection, self.viewer, "original", f"upload {upload_id}: {row['file_name']}")
        return row["file_name"], data

    def preview(self, checked: Checked) -> Preview:
        """What storing the rows would change in what the viewer sees, shipped rows among it.

        Errors: AccessError, StoreError.
        """
        self._require_upload(f"preview of {checked.dataset}")
        rows = records.fitting(checked.dataset, checked.accepted)
        with self._reading() as connection:
            seen = records.revision_of(connection, checked.dataset)  # before the rows: a change between is told
        shown = own_points(self._seen(checked.dataset)).select(rows.columns).collect()
        after = as_seen(checked.dataset, self._store._shipped(checked.dataset), rows)
        return compare(checked.dataset, shown, after, seen)

    def add(
        self,
        checked: Checked,
        provenance: Provenance,
        seen: int | None = None,
        over: bool = False,
        waiting: pl.DataFrame | None = None,
    ) -> Stored:
        """Store the accepted rows as one upload, all or nothing.

        The same bytes again store nothing, unless they now bring more or other rows: those are stored as a further
        upload (`Stored.part`). A row that leaves a shipped one as it is and no upload has stored is not stored either
        (`data.shipped`). seen: `Preview.seen`; records that others changed after it are refused unless `over`.
        waiting: rows for the work list (`worklist.waiting_rows`), kept in the same transaction; without any accepted
        row they are kept alone. The file's bytes go to raw/<sha256> first.
        Errors: AccessError if the viewer may not upload these rows; ConflictError; StoreError if they do not fit or
        cannot be written.
        """
        dataset = checked.dataset
        self._require_upload(f"upload of {provenance.file_name}")
        only_waiting = checked.accepted.is_empty() and waiting is not None and waiting.height > 0
        rows = None if only_waiting else records.fitting(dataset, checked.accepted)
        if rows is not None:
            self._require_scope(dataset, rows, f"upload of {provenance.file_name}")
        sha256 = hashlib.sha256(provenance.data).hexdigest()
        file = {"dataset": dataset, "file_name": provenance.file_name, "sha256": sha256, "source": provenance.source}
        with reported(self._engines.url):
            put(self._store.home / "raw", sha256, provenance.data)
        with self._writing() as connection:
            stored = self._write(connection, rows, file, provenance, None if over else seen)
            if (lines := getattr(checked, "lines", None)) is not None:
                worklist.settle_lines(connection, file, lines["line"], self.viewer.name)
            return stored if waiting is None else self._wait(connection, stored, waiting, file)

    def undo(self, upload_id: int) -> int:
        """Set an upload aside, so that what it superseded is current again; the store's revision after it.

        An upload that is set aside already stays so. Errors: AccessError; StoreError for a number that does not exist.
        """
        return self._change(upload_id, UNDONE)

    def redo(self, upload_id: int) -> int:
        """Let an upload that was set aside count again, at its old place; the store's revision after it.

        Newer uploads still supersede it; one that counts already stays so. Errors: AccessError; StoreError for a number
        that does not exist, and where the same file was stored anew since.
        """
        return self._change(upload_id, ACTIVE)

    def remove_synthetic(self) -> int:
        """Set aside every active upload whose rows are all synthetic; how many. Errors: AccessError."""
        self._require_upload("remove_synthetic")
        chosen = self.uploads().filter(pl.col("is_synthetic") & (pl.col("status") == ACTIVE))["upload_id"].sort()
        for number in chosen:
            self._require_own(number, f"undo of upload {number}")
        with self._writing() as connection:
            return sum(self._set(connection, number, UNDONE) for number in chosen)

    def audit(self) -> pl.DataFrame:
        """The audit log, oldest first: audit_id, at (UTC), who, role, what, about, previous_hash, hash.

        A viewer of some districts sees own entries only. Errors: AccessError.
        """
        self._require_upload("audit")
        with self._reading() as connection:
            return history.audit_list(connection, self._own())

    def audit_intact(self) -> bool:
        """Whether no entry of the audit log was changed, left out or put in. Errors: AccessError."""
        self._require_upload("audit")
        with self._reading() as connection:
            return history.is_intact(connection)

    def audit_csv(self) -> bytes:
        """The audit log as a CSV file for a spreadsheet: UTF-8 with a byte order mark, no cell can act as a formula."""
        return history.spreadsheet(self.audit())

    def waiting(self) -> pl.DataFrame:
        """The rows that wait for their correction, oldest first: see `worklist` for reading cells and reasons.

        Columns: waiting_id, upload_id, dataset, file_name, sha256, source, line, cells, reasons, kept_by, kept_at.
        A viewer of some districts sees the rows kept by the same person only: a rejected row may name no district.
        """
        self._require_upload("waiting")
        with self._reading() as connection:
            return worklist.waiting_list(connection, self._own())

    def settle(self, waiting_ids: Sequence[int], how: str) -> int:
        """Take rows off the work list as stored or dropped; how many were on it. Errors: AccessError, StoreError."""
        self._require_upload("settle")
        with self._writing() as connection:
            mine = set(worklist.waiting_list(connection, self._own())["waiting_id"])
            chosen = [number for number in dict.fromkeys(waiting_ids) if number in mine]
            n = worklist.settle(connection, chosen, how, self.viewer.name)
            if n:
                history.note(connection, self.viewer, "settle", f"{n} waiting rows {how}: {_numbers(chosen)}")
        return n

    def remember(self, source: str, dataset: str, mapping: Mapping[str, str]) -> int:
        """Keep what the headers in the files of a source mean (header -> field, empty: left out); how many are new."""
        self._require_upload("remember")
        with self._writing() as connection:
            n = worklist.remember(connection, source, dataset, mapping, self.viewer.name)
            if n:
                history.note(connection, self.viewer, "remember", f"{n} headers of {dataset} from {source}")
        return n

    def remembered(self, source: str, dataset: str) -> dict[str, str]:
        """Header -> field as last confirmed for the files of this source; empty where nothing is known."""
        self._require_upload("remembered")
        with self._reading() as connection:
            return worklist.remembered(connection, source, dataset)

    def _write(
        self,
        connection: sa.Connection,
        rows: pl.DataFrame | None,
        file: Mapping[str, str],
        provenance: Provenance,
        seen: int | None,
    ) -> Stored:
        dataset = file["dataset"]
        number = records.hold(connection, dataset) + 1
        if rows is None:
            return Stored(0, records.revision_sum(connection), False)
        rows, known, part = records.not_yet_stored(connection, dataset, file["sha256"], rows)
        if (shipped := self._store._shipped(dataset)) is not None:
            rows = beyond(dataset, shipped, rows, records.held_keys(connection, dataset))
        if rows.is_empty():
            return Stored(known, records.revision_sum(connection), False)
        if seen is not None and (changed := records.changed_since(connection, dataset, rows, seen)).height:
            raise ConflictError(dataset, changed)
        row: dict[str, object] = {name: file[name] for name in ("dataset", "file_name", "sha256")}
        row |= {"uploader": provenance.uploader, "note": provenance.note, "n_rows": rows.height, "part": part}
        row |= {"is_synthetic": bool(rows["is_synthetic"].all()), "status": ACTIVE, "revision": number}
        added = records.write_upload(connection, row | {"stored_at": history.now()}, rows)
        history.change_status(connection, self.viewer, dataset, added, ACTIVE, number)
        about = f"upload {added}: {rows.height} rows of {dataset}, sha256 {file['sha256']}"
        history.note(connection, self.viewer, "upload", about + (f", part {part}" if part > 1 else ""))
        return Stored(added, records.revision_sum(connection), True, rows.height, part)

    def _wait(
        self, connection: sa.Connection, stored: Stored, waiting: pl.DataFrame, file: Mapping[str, str]
    ) -> Stored:
        n = worklist.keep(connection, waiting, self.viewer.name, file, stored.upload_id or None)
        if n:
            history.note(connection, self.viewer, "wait", f"{n} rows of {file['dataset']}, sha256 {file['sha256']}")
        return replace(stored, n_waiting=n)

    def _change(self, upload_id: int, status: str) -> int:
        attempt = f"{_WORDS[status]} of upload {upload_id}"
        self._require_upload(attempt)
        self._require_own(upload_id, attempt)
        with self._writing() as connection:
            self._set(connection, upload_id, status)
            return records.revision_sum(connection)

    def _require_own(self, upload_id: int, attempt: str) -> None:
        """The rows of an upload never change, so they are looked at before the transaction that writes."""
        with self._reading() as connection:
            dataset = history.upload_row(connection, upload_id)["dataset"]
            rows = None if self._scope() is None else records.upload_rows(connection, dataset, upload_id)
        if rows is not None:
            self._require_scope(dataset, rows, attempt)

    def _set(self, connection: sa.Connection, upload_id: int, status: str) -> bool:
        """Whether the upload's status was another one."""
        history.lock(connection)
        row = history.upload_row(connection, upload_id)
        if row["status"] == status:
            return False
        if status == ACTIVE:
            records.refuse_twice(connection, row)
        number = records.hold(connection, row["dataset"]) + 1
        records.set_revision(connection, row["dataset"], number)
        history.change_status(connection, self.viewer, row["dataset"], upload_id, status, number)
        history.note(connection, self.viewer, _WORDS[status], f"upload {upload_id}: {row['dataset']}")
        return True


def _prepare_home(home: Path) -> None:
    try:
        for folder in ("raw", "snapshots"):
            (home / folder).mkdir(parents=True, exist_ok=True)
            sweep(home / folder)
    except OSError as error:
        raise StoreError(
            f"The data folder {home} cannot be written ({error.strerror}): mend its rights, or set another PARK_HOME."
        ) from error


def _shipped_parks() -> pl.DataFrame:
    from data import registry

    return registry.parks()


def _numbers(numbers: Sequence[int]) -> str:
    return ", ".join(str(number) for number in numbers)
