"""Alembic migrations of the store, run from code: `migrate(engines)` brings any older store to the newest schema.

One file a change in `versions/`, never edited after a release. Migrations add and copy; they never drop rows.
"""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa

from data.engines import Engines, StoreError, place

HEAD = "0006"
FOLDER = Path(__file__).resolve().parent
_LOCK = 7_203_545  # PostgreSQL: two servers that start at once migrate one after the other


def stored_revision(connection: sa.Connection) -> str | None:
    """The schema revision of the database; None for one without our tables.

    Errors: StoreError for an SQLite file that holds the tables of another program.
    """
    names = set(sa.inspect(connection).get_table_names())
    if "alembic_version" not in names:
        if names and connection.dialect.name == "sqlite":
            raise StoreError(
                f"{place(connection.engine.url)} belongs to another program (tables {', '.join(sorted(names)[:3])}): "
                "point PARK_DATABASE_URL at a ParkPulse store or at a file that does not exist yet."
            )
        return None
    found = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return None if found is None else str(found)


def migrate(engines: Engines, target: str = HEAD) -> None:
    """Bring the store to the target revision in one transaction; nothing happens if it is there already.

    Errors: StoreError if the store was written by a newer version of the product, or by another program.
    """
    with engines.read.connect() as connection:
        if stored_revision(connection) == target:
            return
    from alembic import command  # half a second that an up-to-date store does not need
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    with engines.write.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        found = stored_revision(connection)
        if found == target:  # another process was first
            return
        known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
        if found is not None and found not in known:
            raise StoreError(
                f"{place(engines.url)} has schema {found}, unknown to this version of ParkPulse (it knows {HEAD}): "
                "install the newer version that wrote it, or point PARK_DATABASE_URL at another store."
            )
        config.attributes["connection"] = connection
        command.upgrade(config, target)
