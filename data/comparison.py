"""What storing a checked file would change: the current rows against the new ones, before anything is written."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from data.engines import StoreError
from data.keys import KEYS, UNITS
from data.schema import WITHDRAWN


@dataclass(frozen=True)
class Preview:
    """Counts of rows by key, and the changes cell by cell.

    `changes`: the key columns, `column`, `before`, `after` (text). `n_removed` counts rows that would disappear:
    answers of a park's month that the new file leaves out; in `changes` their `after` is null. `seen`: the data set's
    revision the rows were compared with; given to `ScopedStore.add` it tells whether somebody changed them since.
    """

    n_new: int
    n_changed: int
    n_identical: int
    changes: pl.DataFrame
    n_removed: int = 0
    seen: int = 0


class ConflictError(StoreError):
    """Somebody changed the same records after they were previewed; nothing was stored.

    changes: the unit's columns (for answers questionnaire_id, period, park_id), upload_id, status, who, at (UTC).
    """

    def __init__(self, dataset: str, changes: pl.DataFrame) -> None:
        newest, units = changes.row(-1, named=True), changes.select(UNITS[dataset]).unique(maintain_order=True)
        some = "; ".join(" ".join(str(cell) for cell in unit) for unit in units.head(3).iter_rows())
        more = " …" if units.height > 3 else ""
        super().__init__(
            f"{units.height} of these records of {dataset} were changed since the preview ({some}{more}), "
            f"last by {newest['who']} at {newest['at']:%Y-%m-%d %H:%M:%S} UTC in upload {newest['upload_id']}: "
            "nothing was stored; look at a new preview, then store again."
        )
        self.changes = changes


def compare(dataset: str, current: pl.DataFrame, rows: pl.DataFrame, seen: int = 0) -> Preview:
    """Compare new rows with the current ones by the data set's key; two missing values are equal.

    Columns in: those of the data set, same types in both frames. Columns out: see `Preview`.

    >>> old = pl.DataFrame({"event_id": ["E1", "E2"], "mode": ["online", "onsite"]})
    >>> new = pl.DataFrame({"event_id": ["E2", "E3"], "mode": ["hybrid", "online"]})
    >>> seen = compare("events", old, new)
    >>> seen.n_new, seen.n_changed, seen.n_identical, seen.changes.rows()
    (1, 1, 0, [('E2', 'mode', 'onsite', 'hybrid')])
    """
    key, unit = list(KEYS[dataset]), list(UNITS[dataset])
    units = rows.select(unit).unique()
    if dataset == "answers":  # a month that was taken back brings no rows and leaves out all there are
        rows = rows.filter(pl.col("item_id") != WITHDRAWN["item_id"])
    values = [name for name in rows.columns if name not in key]
    before = current.select(*key, *(pl.col(name).alias(f"{name}|before") for name in values))
    known = rows.join(before, on=key, how="inner", nulls_equal=True)
    differs = [pl.col(name).ne_missing(pl.col(f"{name}|before")) for name in values]
    n_changed = known.filter(pl.any_horizontal(differs)).height
    left_out = current.join(units, on=unit, how="semi").join(rows, on=key, how="anti")
    parts = [_changes(known.filter(test), key, name) for name, test in zip(values, differs, strict=True)]
    if unit != key:
        gone = left_out.with_columns(pl.col(name).alias(f"{name}|before") for name in values)
        gone = gone.with_columns(pl.lit(None, dtype=gone.schema[name]).alias(name) for name in values)
        parts += [_changes(gone, key, name) for name in values if name != "is_synthetic"]
    return Preview(
        n_new=rows.height - known.height,
        n_changed=n_changed,
        n_identical=known.height - n_changed,
        changes=pl.concat(parts).sort(*key, "column"),
        n_removed=left_out.height if unit != key else 0,
        seen=seen,
    )


def _changes(frame: pl.DataFrame, key: list[str], column: str) -> pl.DataFrame:
    return frame.select(
        *key,
        pl.lit(column).alias("column"),
        pl.col(f"{column}|before").cast(pl.String).alias("before"),
        pl.col(column).cast(pl.String).alias("after"),
    )
