"""The life of one entry of a register, cell by cell: what each upload, undo and redo made of it."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl
import sqlalchemy as sa

from data.engines import StoreError
from data.keys import KEYS
from data.records import read_rows
from data.schema import ACTIVE, TABLES, columns, status_change, upload

CHANGES: dict[str, pl.DataType] = {
    "at": pl.Datetime("us", "UTC"),
    "who": pl.String(),
    "role": pl.String(),
    "upload_id": pl.Int64(),
    "status": pl.String(),
    "column": pl.String(),
    "before": pl.String(),
    "after": pl.String(),
}
_TOLD = ("at", "who", "role", "upload_id", "status")


def changes_of(
    connection: sa.Connection, dataset: str, key: Mapping[str, object]
) -> tuple[pl.DataFrame, list[tuple[object, ...]]]:
    """The rows of one key in every upload that ever had it (with upload_id), and the status changes of these uploads.

    The changes are tuples of at, who, role, upload_id, status, oldest first. Errors: StoreError for another key.
    """
    table, wanted = TABLES[dataset], KEYS[dataset]
    if set(key) != set(wanted):
        raise StoreError(f"An entry of {dataset} is named by {', '.join(wanted)}, not by {', '.join(key)}.")
    schema = columns(table) | {"upload_id": pl.Int64()}
    chosen = sa.select(*(table.c[name] for name in schema)).where(*(table.c[name] == key[name] for name in wanted))
    rows = read_rows(connection, chosen, schema)
    told = sa.select(*(status_change.c[name] for name in _TOLD)).join(upload)
    told = told.where(status_change.c.upload_id.in_(rows["upload_id"].to_list()), upload.c.dataset == dataset)
    return rows, [tuple(row) for row in connection.execute(told.order_by(status_change.c.at))]


def told(
    rows: pl.DataFrame,
    changes: list[tuple[object, ...]],
    shipped: pl.DataFrame | None,
    dataset: str,
    key: Mapping[str, object],
) -> pl.DataFrame:
    """The changes of the entry's cells, newest first; a change that left every cell as it was has no row.

    Columns out: CHANGES. The entry after a change is the row of the newest upload that counts then, over the shipped
    row; without either every cell is null.
    """
    base = _texts(_shipped_row(shipped, key), columns(TABLES[dataset]))
    cells = {int(row["upload_id"]): _texts(row, columns(TABLES[dataset])) for row in rows.iter_rows(named=True)}
    counting: set[int] = set()
    before, found = base, list[tuple[object, ...]]()
    for change in changes:
        number = int(str(change[3]))
        counting = counting | {number} if change[4] == ACTIVE else counting - {number}
        newest = cells[max(counting)] if counting else {}
        after = {name: cell if newest.get(name) is None else newest[name] for name, cell in base.items()}
        different = [name for name in base if before[name] != after[name]]
        found += [(*change, name, before[name], after[name]) for name in different]
        before = after
    schema = CHANGES | {"at": pl.Datetime("us")}
    frame = pl.DataFrame(found, schema=schema, orient="row").with_row_index("place")
    frame = frame.sort(["at", "place"], descending=[True, False]).drop("place")
    return frame.with_columns(pl.col("at").dt.replace_time_zone("UTC"))


def _shipped_row(shipped: pl.DataFrame | None, key: Mapping[str, object]) -> Mapping[str, object]:
    if shipped is None:
        return {}
    found = shipped.filter(*(pl.col(name) == value for name, value in key.items()))
    return found.row(0, named=True) | {"is_synthetic": False} if found.height else {}


def _texts(row: Mapping[str, object], names: Mapping[str, pl.DataType]) -> dict[str, str | None]:
    """The cells as text, days as YYYY-MM-DD, whole numbers without a point, truth as yes and no."""
    return {name: _text(row.get(name)) for name in names}


def _text(cell: object) -> str | None:
    if cell is None or isinstance(cell, bool):
        return None if cell is None else "yes" if cell else "no"
    return f"{cell:.15g}" if isinstance(cell, float) else str(cell)
