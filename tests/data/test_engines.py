"""Engines: SQLite's settings, the two kinds of transaction, and one sentence for every fault."""

from __future__ import annotations

import builtins
import contextlib
import sqlite3
import subprocess
import sys
import types
from pathlib import Path

import pytest
import sqlalchemy as sa

from data import engines as module
from data.engines import StoreError, explain, journal_mode, open_engines, reported, sqlite_library, wal_is_safe

ROOT = Path(__file__).parents[2]
SERVER = sa.make_url("postgresql+psycopg://ann:secret@db.example/park")


@pytest.fixture
def engines(tmp_path):
    with contextlib.closing(open_engines(f"sqlite:///{tmp_path / 'p.db'}")) as opened:
        yield opened


def library(version):
    return types.SimpleNamespace(sqlite_version=version)


def pragma(engine, name):
    with engine.connect() as connection:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar()


def test_an_affected_version_keeps_a_rollback_journal():
    versions = ("3.6.23", "3.40.1", "3.44.5", "3.44.6", "3.45.0", "3.50.6", "3.50.7", "3.51.2", "3.51.3", "3.53.4")
    modes = [journal_mode(library(version)) for version in versions]
    assert modes == [*["delete"] * 3, "wal", *["delete"] * 2, "wal", "delete", "wal", "wal"]


def test_pysqlite3_is_used_where_it_is_safe(monkeypatch):
    def importing(found):
        monkeypatch.setattr(module.importlib, "import_module", lambda name: found[name] if name in found else absent())

    def absent():
        raise ImportError

    old, new = library("3.40.1"), library("3.53.4")
    for found, wanted in (
        ({"pysqlite3": new, "sqlite3": old}, new),
        ({"pysqlite3": old, "sqlite3": new}, new),
        ({"sqlite3": old}, old),
        ({"sqlite3": new}, new),
    ):
        importing(found)
        assert sqlite_library() is wanted


def test_the_settings_of_the_writing_engine(engines):
    assert pragma(engines.write, "journal_mode") == journal_mode(sqlite_library())
    assert [pragma(engines.write, name) for name in ("synchronous", "busy_timeout", "foreign_keys")] == [2, 10_000, 1]


def test_without_a_safe_library_the_journal_is_rolled_back(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "sqlite_library", lambda: sqlite3)
    monkeypatch.setattr(module, "wal_is_safe", lambda _version: False)
    with contextlib.closing(open_engines(f"sqlite:///{tmp_path / 'p.db'}")) as opened:
        assert pragma(opened.write, "journal_mode") == "delete"
        with opened.write.begin() as connection:
            connection.exec_driver_sql("CREATE TABLE t (a)")
        assert [p.name for p in tmp_path.iterdir()] == ["p.db"]


def test_the_reading_engine_cannot_write(engines):
    with engines.write.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (a)")
    with pytest.raises(sa.exc.OperationalError, match="readonly"), engines.read.begin() as connection:
        connection.exec_driver_sql("INSERT INTO t VALUES (1)")


def test_a_writer_takes_the_lock_when_it_begins_and_readers_do_not_wait(engines, monkeypatch):
    monkeypatch.setattr(module, "BUSY_MS", 50)
    with engines.write.begin() as one:
        with pytest.raises(sa.exc.OperationalError, match="locked"), engines.write.begin():
            pass
        one.exec_driver_sql("CREATE TABLE t (a)")
        with engines.read.begin() as reading:
            assert reading.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar() == 0


@pytest.mark.parametrize(
    "url",
    ["", "nonsense", "sqlite", "postgresql://ann:secret@db:port/park", "/srv/secret.db", "foo://ann:secret@db/park"],
)
def test_an_address_that_is_none(url):
    with pytest.raises(StoreError, match=r"^PARK_DATABASE_URL .*: give sqlite:////full/path") as caught:
        open_engines(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["mysql://ann:secret@db/park", "sqlite+aiosqlite:////srv/p.db", "postgresql+asyncpg://ann:secret@db/park"]
)
def test_another_kind_of_database(url):
    with pytest.raises(StoreError, match=r"^PARK_DATABASE_URL names .*, which ParkPulse cannot use: give") as caught:
        open_engines(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite:///file:p?mode=memory&uri=true"])
def test_a_store_in_memory_is_refused(url):
    with pytest.raises(StoreError, match="names no file"):
        open_engines(url)


def test_a_missing_driver(monkeypatch):
    importing = builtins.__import__

    def without(name, *rest):
        if name.split(".")[0] == "psycopg":
            raise ModuleNotFoundError("No module named 'psycopg'")
        return importing(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(StoreError, match=r"needs the package psycopg.*pip install psycopg\[binary\]") as caught:
        open_engines("postgresql://ann:secret@db.example/park")
    assert "postgresql://ann:***@db.example/park" in str(caught.value)


def test_a_server_that_does_not_answer():
    fault = sa.exc.OperationalError("SELECT 1", {}, Exception("connection refused\nIs the server running?"))
    assert explain(SERVER, fault) == (
        "The store postgresql+psycopg://ann:***@db.example/park does not answer (connection refused): "
        "check PARK_DATABASE_URL and that the server is running."
    )


@pytest.mark.parametrize(
    ("detail", "wanted"),
    [
        ("file is not a database", "is damaged or no store"),
        ("database disk image is malformed", "is damaged or no store"),
        ("database is locked", "is in use by another program"),
        ("unable to open database file", "cannot be read and written"),
        ("attempt to write a readonly database", "cannot be read and written"),
        ("database or disk is full", "cannot be read and written"),
        ("UNIQUE constraint failed", "failed (UNIQUE constraint failed): the store is unchanged"),
    ],
)
def test_faults_of_the_file(detail, wanted):
    sentence = explain(sa.make_url("sqlite:////srv/p.db"), sa.exc.DatabaseError("INSERT", {}, Exception(detail)))
    assert sentence.startswith(f"The store file /srv/p.db {wanted}")
    assert sentence.count(".") - sentence.count("p.db") == 1
    assert "INSERT" not in sentence


def test_faults_of_the_disk_and_of_other_kinds():
    with pytest.raises(StoreError, match="No space left"), reported(SERVER):
        raise OSError(28, "No space left on device")
    with pytest.raises(KeyError), reported(SERVER):
        raise KeyError("a fault of ours stays one")


def test_no_second_sqlite_library_is_loaded():
    """ADBC and connectorx carry their own SQLite: on the open file it drops locks and loses committed rows."""
    code = "import sys, data.store; sys.exit(bool({'adbc_driver_sqlite', 'connectorx'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_the_installed_library_is_named_right():
    assert wal_is_safe(tuple(map(int, sqlite_library().sqlite_version.split(".")))) in (True, False)
