"""What a look at single confidential answers is about, in the words of the audit log.

A look is audited before anything is shown (`ScopedRows.viewed`). What the person's own file brought needs none; figures
over several parks are none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from data.ingest.problems import Rule

if TYPE_CHECKING:
    from data.ingest import Checked

FROM_STORED = (str(Rule.BALANCE_JUMP), str(Rule.UNUSUAL_BALANCE), str(Rule.LASTING_STRAIGHT_LINE))


def answers_of(rows: pl.DataFrame) -> str:
    """Whose answers of which months these rows are of. Columns in: park_id, period (Date).

    >>> from datetime import date
    >>> rows = {"park_id": ["BJ-2", "BJ-1"], "period": [date(2026, 10, 1), date(2026, 9, 1)]}
    >>> answers_of(pl.DataFrame(rows)), answers_of(pl.DataFrame(rows).head(1))
    ('answers of BJ-1, BJ-2: 2026-09 to 2026-10', 'answers of BJ-2: 2026-10')
    """
    months = rows.select(pl.col("period").unique().sort().dt.strftime("%Y-%m"))["period"]
    span = months[0] if months.len() == 1 else f"{months[0]} to {months[-1]}"
    return f"answers of {', '.join(rows['park_id'].unique().sort())}: {span}"


def in_preview(dataset: str, shown: pl.DataFrame) -> str | None:
    """Whose stored answers stand as `before` in these changes of a preview; None where there are none.

    In: park_id, period (Date), before of `Preview.changes`.

    >>> from datetime import date
    >>> rows = pl.DataFrame({"park_id": ["P1", "P2"], "period": [date(2026, 10, 1)] * 2, "before": ["up", None]})
    >>> in_preview("answers", rows), in_preview("events", rows)
    ('preview beside answers of P1: 2026-10', None)
    """
    if dataset != "answers":
        return None
    stored = shown.drop_nulls("before")
    return f"preview beside {answers_of(stored)}" if stored.height else None


def in_warnings(checked: Checked, found: pl.DataFrame) -> str | None:
    """Of whose stored answers these warnings about a file tell; None where they tell of none.

    In: warnings as in `Checked.warnings`; of those that compare a park with its own past (`FROM_STORED`).
    """
    if checked.dataset != "answers":
        return None
    lines = found.filter(pl.col("rule").is_in(FROM_STORED)).select("line").unique()
    parks = checked.lines.join(lines, on="line", how="semi")["park_id"].unique().sort()
    return f"warnings from past answers of {', '.join(parks)}" if parks.len() else None


def in_waiting(rows: pl.DataFrame, who: str) -> str | None:
    """Which rows of the work list that others kept these are, of files of answers; None where there are none.

    >>> rows = {"waiting_id": [3, 4], "dataset": ["answers"] * 2, "file_name": ["a.csv"] * 2, "kept_by": ["ann", "li"]}
    >>> in_waiting(pl.DataFrame(rows), "li"), in_waiting(pl.DataFrame(rows).tail(1), "li")
    ('waiting rows 3 of a.csv', None)
    """
    others = rows.filter((pl.col("dataset") == "answers") & (pl.col("kept_by") != who))
    if others.is_empty():
        return None
    names, numbers = others["file_name"].unique(maintain_order=True), others["waiting_id"]
    return f"waiting rows {', '.join(map(str, numbers))} of {', '.join(names)}"
