"""Alembic runs this file for every command; the connection, already inside a transaction, comes from `migrate`."""

from __future__ import annotations

from alembic import context

from data.schema import METADATA


def run() -> None:
    """Run the migrations on the caller's connection; the caller commits."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=METADATA,
        render_as_batch=True,  # SQLite changes a table by copying it
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


if __name__ == "env_py":  # the name Alembic gives it
    run()
