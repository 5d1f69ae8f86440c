"""Migrations: from nothing to the newest schema, the same as the models, and never a row lost."""

from __future__ import annotations

import contextlib
import hashlib
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from data.engines import StoreError, open_engines
from data.migrations import FOLDER, HEAD, migrate, stored_revision
from data.schema import METADATA, TABLES, audit, status_change, upload

ROOT = Path(__file__).parents[2]
ROW_AT_0001 = (
    "INSERT INTO upload VALUES (1, 'events', 'ff', 'f.csv', 'ann', '', 1, FALSE, 'active', 1, '2026-11-01 08:00:00')",
    "INSERT INTO event (upload_id, event_id, date, is_synthetic) VALUES (1, 'E1', '2026-10-05', FALSE)",
    "UPDATE revision SET number = 1 WHERE dataset = 'events'",
    "INSERT INTO upload VALUES (2, 'answers', 'ee', 's.csv', 'ann', '', 1, FALSE, 'active', 2, '2026-11-01 09:00:00')",
    "INSERT INTO answer VALUES (2, 'monthly', '2026-10-01', 'P1', 'rent_level', 'up', FALSE)",
)


@pytest.fixture
def engines(tmp_path):
    with contextlib.closing(open_engines(f"sqlite:///{tmp_path / 'p.db'}")) as opened:
        yield opened


@pytest.fixture
def either(database):
    """The engines of an empty database of each kind."""
    with contextlib.closing(open_engines(database)) as opened:
        yield opened


def _ours(name, kind, _parent):
    """Not what only one engine can make, the words of the search of the library: `test_library_search` uses it."""
    return not (kind == "table" and str(name).startswith("library_words"))


def _indexes(look, table):
    return [
        (i["name"], i["column_names"], i["unique"], str(i["dialect_options"]["sqlite_where"]))
        for i in look.get_indexes(table)
    ]


def test_head_is_the_newest_file():
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_upgrade_from_empty(either):
    migrate(either)
    with either.read.connect() as connection:
        assert stored_revision(connection) == HEAD
        assert set(METADATA.tables) <= set(sa.inspect(connection).get_table_names())
        numbers = connection.execute(sa.text("SELECT dataset, number FROM revision ORDER BY dataset")).all()
    assert [tuple(row) for row in numbers] == [(dataset, 0) for dataset in sorted(TABLES)]


def test_the_models_are_the_migrated_schema(either):
    migrate(either)
    with either.read.connect() as connection:
        compared = {"compare_type": True, "compare_server_default": True, "include_name": _ours}
        found = MigrationContext.configure(connection, opts=compared)
        assert compare_metadata(found, METADATA) == []


@pytest.mark.parametrize("table", sorted(METADATA.tables))
def test_keys_checks_and_names_are_those_of_the_models(engines, tmp_path, table):
    migrate(engines)
    with contextlib.closing(open_engines(f"sqlite:///{tmp_path / 'models.db'}")) as models:
        METADATA.create_all(models.write)
        seen = []
        for engine in (engines.read, models.read):
            look = sa.inspect(engine)
            constraints = (
                look.get_pk_constraint(table),
                look.get_foreign_keys(table),
                look.get_check_constraints(table),
            )
            columns = [(c["name"], str(c["type"]), c["nullable"]) for c in look.get_columns(table)]
            seen.append((columns, *constraints, _indexes(look, table), look.get_table_options(table)))
    assert seen[0] == seen[1]


def test_a_row_stored_at_0001_survives(either):
    migrate(either, "0001")
    with either.write.begin() as connection:
        for statement in ROW_AT_0001:
            connection.exec_driver_sql(statement)
    migrate(either)
    with either.read.connect() as connection:
        event = TABLES["events"]
        assert connection.scalars(sa.select(event.c.event_id)).all() == ["E1"]
        assert connection.scalar(sa.text("SELECT number FROM revision WHERE dataset = 'events'")) == 1
        kept = connection.execute(sa.select(TABLES["answers"])).one()
    assert tuple(kept) == (2, "monthly", date(2026, 10, 1), "P1", "rent_level", "up", False)


def test_since_0002_an_answer_may_be_any_code_but_not_nothing(either):
    migrate(either, "0001")
    for statement in ROW_AT_0001:
        with either.write.begin() as connection:
            connection.exec_driver_sql(statement)
    answer = "INSERT INTO answer VALUES (2, 'digitalisation', '2026-06-01', 'P1', 'smart_access', '{}', FALSE)"
    with pytest.raises(sa.exc.IntegrityError), either.write.begin() as connection:
        connection.exec_driver_sql(answer.format("fully"))
    migrate(either)
    with either.write.begin() as connection:
        connection.exec_driver_sql(answer.format("fully"))
    with pytest.raises(sa.exc.IntegrityError), either.write.begin() as connection:
        connection.exec_driver_sql(answer.format("").replace("P1", "P2"))


OLD_AUDIT = (
    "INSERT INTO upload VALUES (3, 'events', 'dd', 'g.csv', 'bo', '', 1, FALSE, 'undone', 2, '2026-11-01 10:00:00')",
    "INSERT INTO upload VALUES (4, 'parks', 'cc', 'p.csv', 'bo', '', 1, FALSE, 'undone', 1, '2026-11-01 12:00:00')",
    "INSERT INTO audit VALUES (1, '2026-11-01 08:00:00', 'ann', 'analyst', 'upload', 'upload 1: 1 rows of events')",
    "INSERT INTO audit VALUES (4, '2026-11-01 10:00:00', 'bo', 'analyst', 'upload', 'upload 3: 1 rows of events')",
    "INSERT INTO audit VALUES (5, '2026-11-01 11:00:00.5', '张', 'analyst', 'undo', 'upload 3: events')",
)


def test_0003_dates_what_happened_before_and_chains_the_audit(either):
    migrate(either, "0002")
    with either.write.begin() as connection:
        for statement in (*ROW_AT_0001, *OLD_AUDIT):
            connection.exec_driver_sql(statement)
    migrate(either)
    with either.read.connect() as connection:
        changes = connection.execute(sa.select(status_change).order_by(status_change.c["upload_id", "number"]))
        told = [(c.upload_id, c.number, c.status, f"{c.at:%H:%M:%S.%f}"[:10], c.who, c.revision) for c in changes]
        assert connection.scalars(sa.select(upload.c.part)).all() == [1, 1, 1, 1]
        [first, second, third] = connection.execute(sa.select(audit).order_by(audit.c.audit_id)).all()
    assert told == [
        (1, 1, "active", "08:00:00.0", "ann", 1),
        (2, 1, "active", "09:00:00.0", "ann", 2),  # the audit does not know it: what its own row says
        (3, 1, "active", "10:00:00.0", "bo", 2),
        (3, 2, "undone", "11:00:00.5", "张", 3),
        (4, 1, "active", "12:00:00.0", "bo", 1),
        (4, 2, "undone", "12:00:00.0", "", 1),
    ]
    assert (first.previous_hash, second.previous_hash, third.previous_hash) == ("", first.hash, second.hash)
    spoken = '["", 1, "2026-11-01T08:00:00.000000", "ann", "analyst", "upload", "upload 1: 1 rows of events"]'
    assert first.hash == hashlib.sha256(spoken.encode()).hexdigest()


@pytest.mark.parametrize("table", ["audit", "status_change"])
@pytest.mark.parametrize("harm", ["UPDATE {} SET who = 'bo'", "DELETE FROM {}"])
def test_since_0003_the_past_only_grows(either, table, harm):
    migrate(either, "0002")
    with either.write.begin() as connection:
        for statement in (*ROW_AT_0001, *OLD_AUDIT):
            connection.exec_driver_sql(statement)
    migrate(either)
    with pytest.raises(sa.exc.DBAPIError, match=f"the table {table} only grows"), either.write.begin() as connection:
        connection.exec_driver_sql(harm.format(table))


def test_a_second_time_changes_nothing(engines, tmp_path):
    migrate(engines)
    before = (tmp_path / "p.db").read_bytes()
    migrate(engines)
    assert (tmp_path / "p.db").read_bytes() == before


def test_a_failing_migration_leaves_the_old_schema(engines):
    @sa.event.listens_for(engines.write, "before_cursor_execute")
    def broken(_connection, _cursor, statement, *_rest):
        if "CREATE TABLE park" in statement:
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        migrate(engines)
    assert sa.inspect(engines.read).get_table_names() == []


def test_a_newer_store_is_left_alone(either):
    migrate(either)
    with either.write.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreError, match="has schema 9999, unknown to this version of ParkPulse"):
        migrate(either)


def test_a_database_of_another_program_is_left_alone(engines):
    with engines.write.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE recipes (name TEXT)")
    with pytest.raises(StoreError, match="belongs to another program"):
        migrate(engines)
    assert sa.inspect(engines.read).get_table_names() == ["recipes"]


def test_two_programs_start_at_once(tmp_path):
    code = (
        "import sys; from data.engines import open_engines; from data.migrations import migrate;"
        "migrate(open_engines(sys.argv[1]))"
    )
    url = f"sqlite:///{tmp_path / 'p.db'}"
    running = [
        subprocess.Popen([sys.executable, "-c", code, url], cwd=ROOT, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    assert [(process.communicate()[1], process.returncode) for process in running] == [("", 0)] * 3


def test_an_up_to_date_store_opens_without_alembic(engines, tmp_path):
    migrate(engines)
    code = (
        "import sys; from data.engines import open_engines; from data.migrations import migrate;"
        "migrate(open_engines(sys.argv[1])); sys.exit('alembic' in sys.modules)"
    )
    url = f"sqlite:///{tmp_path / 'p.db'}"
    assert subprocess.run([sys.executable, "-c", code, url], cwd=ROOT, check=False).returncode == 0


ROWS_AT_0003 = (
    "INSERT INTO upload (upload_id, dataset, sha256, file_name, uploader, note, n_rows, is_synthetic, status, revision,"
    " stored_at) VALUES (1, '{0}', 'ff', 'f.csv', 'ann', '', 1, FALSE, 'active', 1, '2026-11-01 08:00:00')",
    "UPDATE revision SET number = 1 WHERE dataset = '{0}'",
)


@pytest.mark.parametrize(
    ("dataset", "insert", "kept"),
    [
        (
            "events",
            "INSERT INTO event (upload_id, event_id, date, mode, is_synthetic)"
            " VALUES (1, 'E1', '2026-10-05', 'online', FALSE)",
            {"event_id": "E1", "mode": "online", "title": None, "end_date": None, "cooperations_signed": None},
        ),
        (
            "parks",
            "INSERT INTO park (upload_id, park_id, name_zh, is_synthetic) VALUES (1, 'P1', '甲', FALSE)",
            {"park_id": "P1", "name_zh": "甲", "lon": None, "retired_on": None},
        ),
        (
            "members",
            "INSERT INTO member (upload_id, body, member_id, is_synthetic) VALUES (1, 'alliance', '1', FALSE)",
            {"body": "alliance", "member_id": "1", "retired_reason": None},
        ),
    ],
)
def test_rows_at_0003_keep_their_cells_and_get_empty_new_ones(either, dataset, insert, kept):
    migrate(either, "0003")
    with either.write.begin() as connection:
        for statement in (*ROWS_AT_0003, insert):
            connection.exec_driver_sql(statement.format(dataset))
    migrate(either)
    with either.read.connect() as connection:
        row = connection.execute(sa.select(TABLES[dataset])).mappings().one()
        assert {name: row[name] for name in kept} == kept
        numbers = dict(tuple(row) for row in connection.execute(sa.text("SELECT dataset, number FROM revision")))
    assert numbers == {name: int(name == dataset) for name in TABLES}


def test_since_0006_the_words_of_the_library_go_with_their_texts(either):
    migrate(either, "0004")
    with either.write.begin() as connection:
        for statement in ROWS_AT_0003:
            connection.exec_driver_sql(statement.format("documents"))
    migrate(either)
    words = {"sqlite": "(rowid, title) VALUES (7, '工业 业')", "postgresql": "VALUES (7, '''工业'':1A')"}
    with either.write.begin() as connection:
        name = connection.dialect.name
        connection.exec_driver_sql("INSERT INTO library_text VALUES (7, 'ff', '2026-11-01 08:00:00')")
        connection.exec_driver_sql(f"INSERT INTO library_words {words[name]}")
    with either.write.begin() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM library_words")) == 1
        connection.exec_driver_sql("DELETE FROM library_text")
        assert connection.scalar(sa.text("SELECT count(*) FROM library_words")) == 0
        assert connection.scalar(sa.text("SELECT number FROM revision WHERE dataset = 'documents'")) == 1
