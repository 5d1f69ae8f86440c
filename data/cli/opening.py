"""The store as the command line uses it: is there one, open it, close it again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from data.access import Role, Scope, Viewer
from data.settings import Settings
from data.store import ScopedStore, Store

COMMAND_LINE = Viewer(name="command line", role=Role.ANALYST, scope=Scope(None))


def is_there(settings: Settings) -> bool:
    """Whether these settings already have a store; nothing is created by asking. Errors: StoreError."""
    import sqlalchemy as sa

    from data.engines import open_engines, reported
    from data.schema import upload

    engines = open_engines(settings.database_url)
    try:
        if engines.url.get_backend_name() == "sqlite":
            path = Path(engines.url.database or "")
            return path.exists() and (path.is_dir() or path.stat().st_size > 0)
        with reported(engines.url):
            return sa.inspect(engines.read).has_table(upload.name)
    finally:
        engines.close()


@contextmanager
def opened(settings: Settings) -> Iterator[ScopedStore]:
    """The store of these settings, created or upgraded first, through the command line's eyes. Errors: StoreError."""
    store = Store.open(settings)
    try:
        yield store.for_viewer(COMMAND_LINE)
    finally:
        store.close()
