"""Files that are whole or absent, also after a crash, and the Parquet snapshots the pages read.

A snapshot is one data set in one state, named `<dataset>-<revision>-<fingerprint>.parquet`. It holds nothing that the
database does not: deleting the folder costs one rebuild. The fingerprint keeps a snapshot from being taken for another
store's, or for a restored store's, revision of the same number.
"""

from __future__ import annotations

import hashlib
import io
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl

KEPT = 3
DRAFT_MINUTES = 10.0


def put(folder: Path, name: str, data: bytes, replace: bool = False) -> Path:
    """Put the bytes at folder/name so that a crash leaves the whole file or none; the path of the file.

    A file that is there already, with the same length, is left alone unless `replace`. Errors: OSError.
    """
    target = folder / name
    if not replace and target.is_file() and target.stat().st_size == len(data):
        return target
    folder.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=folder, prefix=f"{name}.", suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, target)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
    _sync_folder(folder)
    return target


def sweep(folder: Path, older_than_minutes: float = DRAFT_MINUTES) -> int:
    """Remove the drafts a crash left in the folder; how many.

    Younger drafts stay: another process may be writing them now.
    """
    oldest = time.time() - 60 * older_than_minutes
    removed = 0
    for draft in folder.glob("*.tmp"):
        try:
            if draft.stat().st_mtime < oldest:
                draft.unlink()
                removed += 1
        except FileNotFoundError:
            continue
    return removed


def fingerprint(*parts: object) -> str:
    """A short text that differs when any part differs.

    >>> fingerprint("a", 1) == fingerprint("a", 1), fingerprint("a", 1) == fingerprint("a", 2)
    (True, False)
    """
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:12]


class Snapshots:
    """The snapshots in one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._checked: set[str] = set()

    def frame(self, dataset: str, revision: int, mark: str, build: Callable[[], pl.DataFrame]) -> pl.LazyFrame:
        """The data set in this state, lazily; written first by `build` if there is no readable snapshot of it.

        The last three snapshots of the data set stay, so that a page that has begun to read can finish.
        Errors: OSError when the folder cannot be written.
        """
        name = f"{dataset}-{revision:08d}-{mark}.parquet"
        path = self.folder / name
        if not self._is_readable(path):
            buffer = io.BytesIO()
            build().write_parquet(buffer)
            put(self.folder, name, buffer.getvalue(), replace=True)
            self._checked.add(name)
            self._drop_old(dataset, path)
        return pl.scan_parquet(path, glob=False)

    def _is_readable(self, path: Path) -> bool:
        if not path.is_file():
            return False
        if path.name not in self._checked:
            try:
                pl.read_parquet(path)
            except (pl.exceptions.PolarsError, OSError):
                return False
            self._checked.add(path.name)
        return True

    def _drop_old(self, dataset: str, newest: Path) -> None:
        """Age decides, not the number: after a restore the numbers start again lower."""
        others = [p for p in self.folder.glob(f"{dataset}-*.parquet") if p != newest]
        others.sort(key=lambda p: p.stat().st_mtime_ns if p.exists() else 0, reverse=True)
        for old in others[KEPT - 1 :]:
            old.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """The name itself must reach the disk too; Windows has no such call."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
