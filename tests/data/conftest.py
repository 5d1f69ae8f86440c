"""A private PostgreSQL server for the tests that need one, and an empty store on either kind of database."""

from __future__ import annotations

import contextlib
import glob
import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from data.access import DEMO_VIEWERS
from data.engines import Engines, open_engines
from data.migrations import migrate
from data.settings import Settings
from data.store import ScopedStore, Store
from tests.data.rows_to_store import PARKS, make_settings

SCHEMA = f"parkpulse_test_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"  # PARK_TEST_POSTGRES serves every process
OPTIONS = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c listen_addresses='' -c max_connections=50"


def binaries() -> Path | None:
    """The folder of the newest PostgreSQL server on this machine."""
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"), key=lambda path: int(Path(path).parts[4]))
    path = found[-1] if found else shutil.which("initdb")
    return Path(path).parent if path else None


def run_as_server(*command: str) -> None:
    """PostgreSQL refuses to run as root; then it runs as the user postgres its package has made."""
    words = ["runuser", "-u", "postgres", "--", *command] if os.geteuid() == 0 else list(command)
    subprocess.run(words, check=True, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The address of an empty database: PARK_TEST_POSTGRES, or a server of our own behind a socket in a new folder."""
    if importlib.util.find_spec("psycopg") is None:
        pytest.skip("The package psycopg is not installed.")
    if given := os.environ.get("PARK_TEST_POSTGRES"):
        yield given
        return
    folder = binaries()
    if folder is None:
        pytest.skip("No PostgreSQL server is installed on this machine and PARK_TEST_POSTGRES is not set.")
    home = Path(tempfile.mkdtemp(prefix="pp-pg-", dir="/tmp"))  # a short path: a socket's name has 107 characters
    if os.geteuid() == 0:
        shutil.chown(home, "postgres", "postgres")
    control = (str(folder / "pg_ctl"), "-D", str(home / "data"), "-w")
    run_as_server(
        str(folder / "initdb"), "-D", str(home / "data"), "-U", "park", "-A", "trust", "-E", "UTF8", "--no-sync"
    )
    run_as_server(*control, "-l", str(home / "log"), "-o", f"{OPTIONS} -c unix_socket_directories={home}", "start")
    try:
        yield f"postgresql+psycopg://park@/postgres?host={home}"
    finally:
        run_as_server(*control, "-m", "immediate", "stop")
        shutil.rmtree(home, ignore_errors=True)


def empty_schema(server: str, name: str) -> str:
    """The address of an empty schema on the server."""
    engine = sa.create_engine(server)
    with engine.begin() as connection:
        connection.execute(sa.text(f"DROP SCHEMA IF EXISTS {name} CASCADE"))
        connection.execute(sa.text(f"CREATE SCHEMA {name}"))
    engine.dispose()
    url = sa.make_url(server).update_query_dict({"options": f"-csearch_path={name}"})
    return url.render_as_string(hide_password=False)


@pytest.fixture
def postgres(postgres_server: str) -> str:
    """The address of an empty schema on the server."""
    return empty_schema(postgres_server, SCHEMA)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'parkpulse.db'}"
    return str(request.getfixturevalue("postgres"))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def searched(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engines]:
    """The engines of a store of each kind that many tests of a file search; on PostgreSQL in a schema of its own."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('searched') / 'parkpulse.db'}"
    else:
        url = empty_schema(request.getfixturevalue("postgres_server"), f"{SCHEMA}_searched")
    with contextlib.closing(open_engines(url)) as opened:
        migrate(opened)
        yield opened


@pytest.fixture(scope="session")
def new_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a store that was just created: to make its tables takes a good part of a test."""
    home = tmp_path_factory.mktemp("new")
    Store.open(make_settings(home), PARKS).close()
    return home / "parkpulse.db"


@pytest.fixture
def settings(database: str, tmp_path: Path) -> Settings:
    """The settings of an empty store of each kind."""
    return Settings(tmp_path, database, 8501, "127.0.0.1", "demo")


@pytest.fixture
def store(settings: Settings, new_store: Path) -> Iterator[Store]:
    """An empty store of each kind, with three parks in its register."""
    if settings.database_url.startswith("sqlite"):
        shutil.copy(new_store, settings.home)
    with contextlib.closing(Store.open(settings, PARKS)) as opened:
        yield opened


@pytest.fixture
def analyst(store: Store) -> ScopedStore:
    """The store through the eyes of an analyst of all districts."""
    return store.for_viewer(DEMO_VIEWERS["analyst"])
