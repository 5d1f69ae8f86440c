"""The two connections to the store, one that writes and one that only reads, and its faults in one sentence each.

SQLite is used with settings that lose no committed row; a second SQLite library on the file is never loaded. Versions
3.7.0 to 3.51.2 can corrupt a write-ahead log when it is reset (sqlite.org/wal.html, "The WAL Reset Bug"; fixed in
3.51.3, 3.50.7 and 3.44.6): on those the store keeps a rollback journal instead, slower and safe.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

BUSY_MS = 10_000
CONNECT_S = 10
CACHE_KB = 65_536  # a large upload is not written out twice before its commit
CHECKED_BYTES = 64 * 2**20
FORMS = "sqlite:////full/path/file.db or postgresql+psycopg://user:password@host/database"


class StoreError(Exception):
    """The store cannot be opened, read or written; the text is one sentence: what, where, what to do."""


@dataclass(frozen=True)
class Engines:
    """The writing engine takes the write lock when a transaction begins; the reading one can never write."""

    write: sa.Engine
    read: sa.Engine

    @property
    def url(self) -> sa.URL:
        """The address of the store."""
        return self.write.url

    def close(self) -> None:
        """Close every pooled connection."""
        self.write.dispose()
        self.read.dispose()


def wal_is_safe(version: tuple[int, ...]) -> bool:
    """Whether this SQLite resets its write-ahead log without the corruption bug.

    >>> [wal_is_safe(v) for v in ((3, 40, 1), (3, 44, 6), (3, 50, 6), (3, 50, 7), (3, 51, 2), (3, 51, 3), (3, 53, 4))]
    [False, True, False, True, False, True, True]
    """
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51) or (3, 44, 6) <= version < (3, 45)


def sqlite_library() -> ModuleType:
    """The SQLite to use: the pysqlite3 package if it is installed, else the interpreter's; a safe one before others."""
    found = []
    for name in ("pysqlite3", "sqlite3"):
        try:
            found.append(importlib.import_module(name))
        except ImportError:
            continue
    return next((module for module in found if wal_is_safe(_version(module))), found[0])


def journal_mode(library: ModuleType) -> str:
    """WAL where it is safe, else DELETE (rollback journal)."""
    return "wal" if wal_is_safe(_version(library)) else "delete"


def place(url: sa.URL) -> str:
    """Where the store is, in words that never hold a password.

    >>> place(sa.make_url("sqlite:////srv/park/parkpulse.db"))
    'The store file /srv/park/parkpulse.db'
    >>> place(sa.make_url("postgresql://ann:secret@db.example/park"))
    'The store postgresql://ann:***@db.example/park'
    """
    if url.get_backend_name() == "sqlite":
        return f"The store file {url.database}"
    return f"The store {url.render_as_string(hide_password=True)}"


def open_engines(database_url: str) -> Engines:
    """Both engines for the address; nothing is connected yet.

    Errors: StoreError for an address that is not understood, names another kind of database or needs a missing driver.
    """
    url = _understood(database_url)
    try:
        return _sqlite(url) if url.get_backend_name() == "sqlite" else _postgresql(url)
    except ImportError as error:
        raise StoreError(
            f"{place(url)} needs the package psycopg, which is not installed: run `pip install psycopg[binary]`, "
            "or leave PARK_DATABASE_URL unset to use the store file."
        ) from error


def check_file(engines: Engines) -> None:
    """Look through an SQLite file for damage before anybody reads it; a large file, and PostgreSQL, are not checked.

    Errors: StoreError for a damaged page; the driver's own error for a file that is no database.
    """
    if engines.url.get_backend_name() != "sqlite":
        return
    path = Path(engines.url.database or "")
    if path.is_file() and path.stat().st_size > CHECKED_BYTES:
        return
    with engines.read.connect() as connection:
        found = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar())
    if found != "ok":
        raise StoreError(_sqlite_sentence(engines.url, f"malformed: {found.splitlines()[-1]}"))


@contextmanager
def reported(url: sa.URL) -> Iterator[None]:
    """Turn every fault of database or disk inside the block into a StoreError."""
    try:
        yield
    except (sa.exc.SQLAlchemyError, OSError) as error:
        raise StoreError(explain(url, error)) from error


@contextmanager
def driver_faults(connection: sa.Connection) -> Iterator[None]:
    """Faults of the driver's own cursor, told as SQLAlchemy tells those of its statements."""
    driver: Any = connection.dialect.loaded_dbapi
    try:
        yield
    except driver.Error as error:
        raise sa.exc.DBAPIError.instance(None, None, error, driver.Error, dialect=connection.dialect) from error


def explain(url: sa.URL, error: Exception) -> str:
    """One sentence for a fault of the database or the disk: what, where, what to do.

    >>> explain(sa.make_url("sqlite:////srv/p.db"), OSError(28, "No space left on device"))
    'The store file /srv/p.db or its folder cannot be written (No space left on device): free space or mend the rights.'
    """
    if isinstance(error, OSError):
        return (
            f"{place(url)} or its folder cannot be written ({error.strerror or error}): free space or mend the rights."
        )
    detail = (str(getattr(error, "orig", None) or error).strip().splitlines() or [type(error).__name__])[0]
    if url.get_backend_name() == "sqlite":
        return _sqlite_sentence(url, detail)
    if isinstance(error, sa.exc.OperationalError):
        return f"{place(url)} does not answer ({detail}): check PARK_DATABASE_URL and that the server is running."
    return f"{place(url)} failed ({detail}): the store is unchanged; look at the server's log and try again."


def _sqlite_sentence(url: sa.URL, detail: str) -> str:
    path = Path(url.database or "")
    if path.is_dir():
        return f"{place(url)} is a folder: move it away, or point PARK_DATABASE_URL at a file."
    if "not a database" in detail or "malformed" in detail or "corrupt" in detail:
        return (
            f"{place(url)} is damaged or no store ({detail}): put a backup in its place, "
            "or move the file away to start with an empty store."
        )
    if "locked" in detail or "busy" in detail:
        return f"{place(url)} is in use by another program ({detail}): wait until that has finished and try again."
    if "unable to open" in detail or "readonly" in detail or "disk" in detail:
        return f"{place(url)} cannot be read and written ({detail}): mend the rights, or free space, on {path.parent}."
    return f"{place(url)} failed ({detail}): the store is unchanged; try again, or put a backup in its place."


def _version(library: ModuleType) -> tuple[int, ...]:
    return tuple(int(part) for part in library.sqlite_version.split("."))


def _understood(database_url: str) -> sa.URL:
    """The address, taken apart; never repeated in a message, a broken one may show its password."""
    try:
        url = sa.make_url(database_url)
        driver = url.get_driver_name()
    except (sa.exc.ArgumentError, ValueError) as error:
        raise StoreError(f"PARK_DATABASE_URL is not the address of a database: give {FORMS}.") from error
    if (url.get_backend_name(), driver) not in (("sqlite", "pysqlite"), ("postgresql", "psycopg")):
        raise StoreError(f"PARK_DATABASE_URL names {url.drivername}, which ParkPulse cannot use: give {FORMS}.")
    if url.get_backend_name() == "sqlite" and (url.database or ":memory:").startswith((":memory:", "file:")):
        raise StoreError(f"PARK_DATABASE_URL names no file: a store in memory would be lost; give {FORMS}.")
    return url


def _sqlite(url: sa.URL) -> Engines:
    library = sqlite_library()
    write, read = sa.create_engine(url, module=library), sa.create_engine(url, module=library)
    _prepare(write, begin="BEGIN IMMEDIATE", journal=journal_mode(library))
    _prepare(read, begin="BEGIN", journal=None)
    return Engines(write, read)


def _prepare(engine: sa.Engine, begin: str, journal: str | None) -> None:
    @event.listens_for(engine, "connect")
    def settings(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must open no transaction of its own
        connection.execute(f"PRAGMA busy_timeout={BUSY_MS}")
        if journal is None:
            connection.execute("PRAGMA query_only=ON")
            return
        if connection.execute("PRAGMA journal_mode").fetchone()[0] != journal:
            connection.execute(f"PRAGMA journal_mode={journal}")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute(f"PRAGMA cache_size=-{CACHE_KB}")

    @event.listens_for(engine, "begin")
    def start(connection: sa.Connection) -> None:
        connection.exec_driver_sql(begin)


def _postgresql(url: sa.URL) -> Engines:
    connect = {"connect_timeout": CONNECT_S}
    write = sa.create_engine(url, connect_args=connect)
    reading = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    read = sa.create_engine(url, connect_args=connect, execution_options=reading)
    return Engines(write, read)
