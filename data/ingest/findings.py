"""What a check has found so far: problems and warnings as frames, each at its line, column and cell of the file."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from data.ingest.delimited import LINE
from data.ingest.headers import Headers
from data.ingest.problems import Problem, Rule
from data.ingest.table import Table

REJECTED_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    LINE: pl.UInt32,
    "column": pl.String,
    "value": pl.String,
    "rule": pl.String,
    "suggestion": pl.String,
    "accepted": pl.String,
}
LONGEST_SHOWN = 200
LINES_SHOWN = 10


def nothing_found() -> pl.DataFrame:
    """No problem and no warning."""
    return pl.DataFrame(schema=REJECTED_SCHEMA)


class Findings:
    """Problems (they keep a row out) and warnings (they stop nothing) of the rows of one table."""

    def __init__(self, table: Table, headers: Headers) -> None:
        self._table = table
        self._headers = headers
        self._problems: list[pl.DataFrame] = []
        self._warnings: list[pl.DataFrame] = []
        self.add([*headers.problems, *table.problems])

    def add(self, problems: Sequence[Problem]) -> None:
        """Problems that know their line."""
        self._problems.append(pl.DataFrame(problems, schema=REJECTED_SCHEMA, orient="row"))

    def tell(self, name: str, told: pl.DataFrame, warn: bool = False) -> None:
        """Problems, or warnings, at one field. Columns in: row UInt32 (place), rule, suggestion, accepted."""
        if told.is_empty():
            return
        value = pl.col("value").fill_null("")
        cut = pl.when(value.str.len_chars() > LONGEST_SHOWN).then(value.str.head(LONGEST_SHOWN) + "…").otherwise(value)
        column = self._headers.columns.get(name)
        cells = pl.lit("") if column is None else self._table.frame[column].gather(told["row"])
        placed = told.select(
            self._table.frame[LINE].gather(told["row"]).alias(LINE),
            pl.lit(self._headers.titles.get(name, name)).alias("column"),
            cells.alias("value"),
            "rule",
            "suggestion",
            "accepted",
        )
        (self._warnings if warn else self._problems).append(placed.with_columns(cut))

    def resuggest(self, rule: Rule, suggestion: pl.Series) -> None:
        """Put a better suggestion into the problems of one rule; null leaves a row's suggestion as it is."""
        better = pl.DataFrame({LINE: self._table.frame[LINE], "better": suggestion}).drop_nulls()
        if better.is_empty():
            return
        told = pl.when(pl.col("rule") == rule).then(pl.coalesce("better", "suggestion")).otherwise("suggestion")
        self._problems = [
            frame.join(better, on=LINE, how="left", maintain_order="left").with_columns(suggestion=told).drop("better")
            for frame in self._problems
        ]

    def bad_lines(self) -> pl.Series:
        """The lines that have a problem, that of the header among them."""
        return pl.concat([frame[LINE] for frame in self._problems]).unique()

    def problems(self) -> pl.DataFrame:
        """The problems in the order of the file; columns: REJECTED_SCHEMA."""
        return self._ordered(self._problems)

    def warnings(self) -> pl.DataFrame:
        """The warnings in the order of the file; columns: REJECTED_SCHEMA."""
        return self._ordered(self._warnings)

    def _ordered(self, frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
        order = {column: place for place, column in enumerate(self._table.header)}
        place = pl.col("column").replace_strict(order, default=len(order), return_dtype=pl.UInt32)
        return pl.concat([nothing_found(), *frames]).sort(pl.col(LINE), place, maintain_order=True)


def doubled(keys: pl.DataFrame) -> pl.Series:
    """Whether another row has the same key; a key with a null is none.

    >>> doubled(pl.DataFrame({"a": ["x", "y", "x", None, None]})).to_list()
    [True, False, True, False, False]
    """
    if keys.width == 1 and keys.to_series().drop_nulls().n_unique() == keys.height - keys.to_series().null_count():
        return pl.Series([False]).new_from_index(0, keys.height)
    whole = keys.select(pl.all_horizontal(pl.all().is_not_null())).to_series()
    hashed = keys.hash_rows()
    ordered = hashed.filter(whole).sort()
    twice = ordered.filter(ordered == ordered.shift())
    rows = (hashed.is_in(twice.implode()) & whole).arg_true()
    found = pl.Series([False]).new_from_index(0, keys.height)
    return found if rows.is_empty() else found.scatter(rows, keys[rows].is_duplicated())


def lines_of_doubled(lines: pl.Series, keys: pl.DataFrame, mask: pl.Series) -> pl.DataFrame:
    """For each doubled row: its place (row) and the first lines that have its key (accepted)."""
    named = [f"key{place}" for place in range(keys.width)]
    groups = keys.rename(dict(zip(keys.columns, named, strict=True))).with_columns(lines.alias(LINE))
    shown = pl.col(LINE).head(LINES_SHOWN).cast(pl.String).implode().list.join(", ").over(named)
    return groups.with_row_index("row").filter(mask).select("row", accepted=shown)
