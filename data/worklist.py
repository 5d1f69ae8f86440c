"""Rows that wait for their correction, and the column mappings a person has confirmed for the files of a source.

A waiting row keeps its cells as the file has them (JSON: header -> text) and its problems (JSON). It is settled when
its line is accepted from the same bytes later, or when a person says how it ended. The caller owns the transaction.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Protocol

import polars as pl
import sqlalchemy as sa

from data.engines import StoreError
from data.history import now
from data.schema import SETTLED, columns, mapping, waiting_row

KEPT: dict[str, pl.DataType] = {"line": pl.UInt32(), "cells": pl.String(), "reasons": pl.String()}
REASONS = ("line", "column", "value", "rule", "suggestion", "accepted")


class Rejected(Protocol):
    """What the work list needs of a checked file."""

    @property
    def rejected(self) -> pl.DataFrame:
        """One row per problem: line, column, value, rule, suggestion, accepted."""

    @property
    def rejected_rows(self) -> pl.DataFrame:
        """The rows with a problem as the file has them, with their line."""


def waiting_rows(checked: Rejected) -> pl.DataFrame:
    """The rejected rows of a checked file as the work list keeps them: what `ScopedStore.add(waiting=...)` takes.

    Columns out: line UInt32, cells (JSON: header -> text), reasons (JSON: one object a problem). No row: empty frame.
    """
    reasons: dict[int, list[dict[str, object]]] = {}
    for problem in checked.rejected.select(REASONS).iter_rows(named=True):
        reasons.setdefault(problem["line"], []).append({name: problem[name] for name in REASONS[1:]})
    kept = []
    for cells in checked.rejected_rows.iter_rows(named=True):
        line = cells.pop("line")
        kept.append((line, _json(cells), _json(reasons.get(line, []))))
    return pl.DataFrame(kept, schema=KEPT, orient="row")


def waiting_cells(waiting: pl.DataFrame) -> pl.DataFrame:
    """Waiting rows as a table to edit: waiting_id, line, then one column per header in the order of the files.

    Columns in: those of `ScopedStore.waiting`. A header that a row's file does not have is null there.

    >>> rows = pl.DataFrame({"waiting_id": [1, 2], "line": [2, 9], "cells": ['{"月份": "2026-10"}', '{"园区": "甲"}']})
    >>> waiting_cells(rows).rows()
    [(1, 2, '2026-10', None), (2, 9, None, '甲')]
    """
    rows = [json.loads(cells) for cells in waiting["cells"]]
    headers = dict.fromkeys(header for row in rows for header in row)
    cells = {header: pl.Series(header, [row.get(header) for row in rows], dtype=pl.String) for header in headers}
    return waiting.select("waiting_id", "line").with_columns(**cells)


def waiting_problems(waiting: pl.DataFrame) -> pl.DataFrame:
    """The problems of waiting rows: waiting_id, then the columns of `Checked.rejected`, ready for `ingest.explained`.

    >>> told = '[{"column": "月份", "value": "soon", "rule": "bad_month", "suggestion": "", "accepted": ""}]'
    >>> waiting_problems(pl.DataFrame({"waiting_id": [1], "line": [2], "reasons": [told]})).rows()
    [(1, 2, '月份', 'soon', 'bad_month', '', '')]
    """
    told = [
        (number, line, *(reason[name] for name in REASONS[1:]))
        for number, line, reasons in waiting.select("waiting_id", "line", "reasons").iter_rows()
        for reason in json.loads(reasons)
    ]
    schema = {"waiting_id": pl.Int64, "line": pl.UInt32, **dict.fromkeys(REASONS[1:], pl.String)}
    return pl.DataFrame(told, schema=schema, orient="row")


def keep(
    connection: sa.Connection, rows: pl.DataFrame, who: str, file: Mapping[str, object], upload_id: int | None
) -> int:
    """Put rows on the work list; a line of the same bytes that waits already is not doubled. How many are new.

    rows: see `waiting_rows`. file: dataset, file_name, sha256, source.
    """
    if absent := [name for name in KEPT if name not in rows.columns]:
        raise StoreError(f"The waiting rows lack {', '.join(absent)}: make them with waiting_rows; nothing was stored.")
    there = sa.select(waiting_row.c.line).where(_open_of(file))
    known = set(connection.scalars(there))
    fixed = {**file, "upload_id": upload_id, "kept_by": who, "kept_at": now()}
    new = [row | fixed for row in rows.select(*KEPT).to_dicts() if row["line"] not in known]
    if new:
        connection.execute(sa.insert(waiting_row), new)
    return len(new)


def settle_lines(connection: sa.Connection, file: Mapping[str, object], lines: pl.Series, who: str) -> int:
    """The waiting rows of these bytes whose lines have now been accepted are settled as stored; how many."""
    there = connection.execute(sa.select(waiting_row.c.waiting_id, waiting_row.c.line).where(_open_of(file))).all()
    accepted = set(lines)
    return settle(connection, [number for number, line in there if line in accepted], SETTLED[0], who)


def settle(connection: sa.Connection, waiting_ids: Sequence[int], how: str, who: str) -> int:
    """Take rows off the work list; how many were on it. Errors: StoreError for a `how` that is not in SETTLED."""
    if how not in SETTLED:
        raise StoreError(f"A waiting row cannot end as {how}: give {' or '.join(SETTLED)}; nothing was changed.")
    done = {"settled_by": who, "settled_at": now(), "settled_how": how}
    this = sa.update(waiting_row).where(waiting_row.c.waiting_id == sa.bindparam("this"))
    open_ = this.where(waiting_row.c.settled_at.is_(None)).values(done)
    return sum(connection.execute(open_, {"this": number}).rowcount for number in dict.fromkeys(waiting_ids))


def waiting_list(connection: sa.Connection, who: str | None = None) -> pl.DataFrame:
    """The rows that wait, oldest first; `kept_at` in UTC; those one person kept where `who` is given."""
    schema = {name: dtype for name, dtype in columns(waiting_row).items() if not name.startswith("settled")}
    chosen = sa.select(*(waiting_row.c[name] for name in schema)).where(waiting_row.c.settled_at.is_(None))
    if who is not None:
        chosen = chosen.where(waiting_row.c.kept_by == who)
    found = [tuple(row) for row in connection.execute(chosen.order_by(waiting_row.c.waiting_id))]
    return pl.DataFrame(found, schema=schema, orient="row").with_columns(pl.col("kept_at").dt.replace_time_zone("UTC"))


def remember(connection: sa.Connection, source: str, dataset: str, fields: Mapping[str, str], who: str) -> int:
    """Keep the field each header means in the files of this source; how many are new or different."""
    known = remembered(connection, source, dataset)
    fixed = {"source": source, "dataset": dataset, "who": who, "at": now()}
    new = [{**fixed, "header": h, "field": f} for h, f in fields.items() if known.get(h) != f]
    if new:
        connection.execute(sa.insert(mapping), new)
    return len(new)


def remembered(connection: sa.Connection, source: str, dataset: str) -> dict[str, str]:
    """Header -> field as last confirmed for this source and data set; an empty field means: leave the column out."""
    kept = sa.select(mapping.c.header, mapping.c.field).where(mapping.c.source == source, mapping.c.dataset == dataset)
    return dict(connection.execute(kept.order_by(mapping.c.mapping_id)).all())


def _open_of(file: Mapping[str, object]) -> sa.ColumnElement[bool]:
    row = waiting_row.c
    return sa.and_(row.dataset == file["dataset"], row.sha256 == file["sha256"], row.settled_at.is_(None))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
