"""The store: uploads kept for good or not at all, and rows handed out already cut to what the viewer may see.

The database is the record; pages read Parquet snapshots of its current state. The current state of a key is the row of
the newest active upload that has it; for answers a newer file supersedes a park's month as a whole. Nothing is ever
overwritten or deleted: a correction is a newer upload, `undo` only sets an upload aside.
"""

from __future__ import annotations

import hashlib
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import polars as pl
import sqlalchemy as sa

from data import records
from data.access import Action, Viewer, decide
from data.comparison import Preview, compare
from data.engines import Engines, StoreError, check_file, open_engines, reported
from data.migrations import migrate
from data.schema import ACTIVE, UNDONE, audit, upload
from data.settings import Settings
from data.snapshots import Snapshots, put, sweep

__all__ = ["AccessError", "Checked", "Preview", "Provenance", "ScopedStore", "Store", "StoreError", "Stored"]


class AccessError(Exception):
    """The viewer may not do this; `reason` is a key of the text files."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Checked(Protocol):
    """What the store needs of a checked file."""

    @property
    def dataset(self) -> str:
        """answers, events, enterprises or parks."""

    @property
    def accepted(self) -> pl.DataFrame:
        """The rows to store."""


@dataclass(frozen=True)
class Provenance:
    """Where the rows come from: the file as sent, and who sent it."""

    file_name: str
    data: bytes
    uploader: str
    note: str = ""


@dataclass(frozen=True)
class Stored:
    """The upload's number, the store's revision after it, and whether anything was written."""

    upload_id: int
    revision: int
    is_new: bool


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

    def _current(self, dataset: str) -> pl.LazyFrame:
        with self._lock, reported(self._engines.url), self._engines.read.begin() as connection:
            number, mark = records.state_of(connection, dataset)
            return self._snapshots.frame(dataset, number, mark, lambda: records.current_rows(connection, dataset))

    def _parks(self) -> pl.LazyFrame:
        shipped = self.register
        if "is_synthetic" not in shipped.columns:
            shipped = shipped.with_columns(is_synthetic=pl.lit(False))
        added = self._current("parks").join(shipped.lazy().select("park_id"), on="park_id", how="anti")
        return pl.concat([shipped.lazy(), added], how="diagonal_relaxed")


class ScopedStore:
    """The store through one viewer's eyes."""

    def __init__(self, store: Store, viewer: Viewer) -> None:
        self._store = store
        self._engines = store._engines
        self.viewer = viewer

    def revision(self) -> int:
        """The sum of all data sets' revision numbers: with the scope's key, the key of every cache."""
        return self._store.revision()

    def answers(self) -> pl.LazyFrame:
        """The current answers of the parks in the viewer's districts, one row a park, month and item.

        Columns: questionnaire_id, period (Date), park_id, item_id, answer (a code), is_synthetic, city_id,
        district_code. A park unknown to the register has null city and district; only an unrestricted scope sees it.
        """
        where = self._store._parks().select("park_id", "city_id", "district_code")
        answers = self._store._current("answers").join(where, on="park_id", how="left", maintain_order="left")
        scope = self._scope()
        return answers if scope is None else answers.filter(pl.col("district_code").is_in(scope))

    def events(self) -> pl.LazyFrame:
        """The current event rows; public, the same for every viewer."""
        return self._store._current("events")

    def enterprises(self) -> pl.LazyFrame:
        """The current enterprise rows; name-free and public, the same for every viewer."""
        return self._store._current("enterprises")

    def parks(self) -> pl.LazyFrame:
        """The shipped register and the stored additions, with is_synthetic; a shipped park is never replaced."""
        return self._store._parks()

    def uploads(self) -> pl.DataFrame:
        """Every upload, newest first: number, data set, file, uploader, rows, status, time (UTC), questionnaire."""
        with reported(self._engines.url), self._engines.read.begin() as connection:
            return records.upload_list(connection)

    def preview(self, checked: Checked) -> Preview:
        """What storing the rows would change in what the viewer sees. Errors: AccessError, StoreError."""
        self._require_upload()
        rows = records.fitting(checked.dataset, checked.accepted)
        seen = self.answers() if checked.dataset == "answers" else self._store._current(checked.dataset)
        return compare(checked.dataset, seen.select(rows.columns).collect(), rows)

    def add(self, checked: Checked, provenance: Provenance) -> Stored:
        """Store the accepted rows as one upload, all or nothing; the same bytes again are the same upload.

        The file's bytes go to raw/<sha256> first; upload, rows, revision and audit follow in one transaction.
        Errors: AccessError if the viewer may not upload these rows; StoreError if they do not fit or cannot be written.
        """
        self._require_upload()
        dataset, rows = checked.dataset, records.fitting(checked.dataset, checked.accepted)
        self._require_scope(dataset, rows)
        sha256 = hashlib.sha256(provenance.data).hexdigest()
        with reported(self._engines.url):
            with self._engines.read.begin() as connection:
                if (known := records.active_upload(connection, dataset, sha256)) is not None:
                    return Stored(known, records.revision_sum(connection), False)
            put(self._store.home / "raw", sha256, provenance.data)
            return self._write(dataset, rows, sha256, provenance)

    def undo(self, upload_id: int) -> int:
        """Set an upload aside, so that what it superseded is current again; the store's revision after it.

        An upload that is set aside already stays so. Errors: AccessError; StoreError for a number that does not exist.
        """
        self._require_upload()
        with reported(self._engines.url), self._engines.write.begin() as connection:
            self._set_aside(connection, upload_id)
            return records.revision_sum(connection)

    def remove_synthetic(self) -> int:
        """Set aside every active upload whose rows are all synthetic; how many. Errors: AccessError."""
        self._require_upload()
        chosen = sa.select(upload.c.upload_id).where(upload.c.is_synthetic, upload.c.status == ACTIVE)
        with reported(self._engines.url), self._engines.write.begin() as connection:
            numbers = connection.scalars(chosen.order_by(upload.c.upload_id)).all()
            return sum(self._set_aside(connection, number) for number in numbers)

    def _write(self, dataset: str, rows: pl.DataFrame, sha256: str, provenance: Provenance) -> Stored:
        with self._engines.write.begin() as connection:
            number = records.hold(connection, dataset) + 1
            if (known := records.active_upload(connection, dataset, sha256)) is not None:
                return Stored(known, records.revision_sum(connection), False)
            row = {
                "dataset": dataset,
                "sha256": sha256,
                "file_name": provenance.file_name,
                "uploader": provenance.uploader,
                "note": provenance.note,
                "n_rows": rows.height,
                "is_synthetic": bool(rows["is_synthetic"].all()),
                "status": ACTIVE,
                "revision": number,
                "stored_at": _now(),
            }
            added = connection.execute(sa.insert(upload).values(row).returning(upload.c.upload_id)).scalar_one()
            records.write_rows(connection, dataset, added, rows)
            records.set_revision(connection, dataset, number)
            self._note(connection, "upload", f"upload {added}: {rows.height} rows of {dataset}, sha256 {sha256}")
            return Stored(added, records.revision_sum(connection), True)

    def _set_aside(self, connection: sa.Connection, upload_id: int) -> bool:
        this = upload.c.upload_id == upload_id
        dataset = connection.scalar(sa.select(upload.c.dataset).where(this))
        if dataset is None:
            raise StoreError(
                f"There is no upload {upload_id}: the list of uploads has the numbers; nothing was changed."
            )
        if self._scope() is not None:
            self._require_scope(dataset, records.upload_rows(connection, dataset, upload_id))
        number = records.hold(connection, dataset) + 1
        if connection.scalar(sa.select(upload.c.status).where(this)) == UNDONE:
            return False
        records.set_revision(connection, dataset, number)
        connection.execute(sa.update(upload).where(this).values(status=UNDONE))
        self._note(connection, "undo", f"upload {upload_id}: {dataset}")
        return True

    def _note(self, connection: sa.Connection, what: str, about: str) -> None:
        row = {"at": _now(), "who": self.viewer.name, "role": str(self.viewer.role), "what": what, "about": about}
        connection.execute(sa.insert(audit).values(row))

    def _scope(self) -> list[str] | None:
        districts = self.viewer.scope.districts
        return None if districts is None else sorted(districts)

    def _require_upload(self) -> None:
        verdict = decide(self.viewer, Action.UPLOAD)
        if not verdict.allowed:
            raise AccessError(verdict.reason)

    def _require_scope(self, dataset: str, rows: pl.DataFrame) -> None:
        """Who sees some districts only may store and set aside rows of those only."""
        scope = self._scope()
        if scope is None:
            return
        if dataset == "answers":
            where = self._store._parks().select("park_id", "district_code").collect()
            rows = rows.select("park_id").join(where, on="park_id", how="left")
        if not rows["district_code"].is_in(scope).fill_null(False).all():
            raise AccessError("access.outside_scope")


def _prepare_home(home: Path) -> None:
    try:
        for folder in ("raw", "snapshots"):
            (home / folder).mkdir(parents=True, exist_ok=True)
            sweep(home / folder)
    except OSError as error:
        raise StoreError(
            f"The data folder {home} cannot be written ({error.strerror}): mend its rights, or set another PARK_HOME."
        ) from error


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def _shipped_parks() -> pl.DataFrame:
    from data import registry

    return registry.parks()
