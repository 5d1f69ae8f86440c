"""A register as a table: searched, retired entries told apart, downloaded, and for editors opened entry by entry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl
import streamlit as st

from data.ingest import fields_of
from data.keys import KEYS
from pages.parts import blocks, tables
from pages.parts.blocks import Foot
from pages.parts.registers import entry_fields, entry_form
from pages.parts.session import Visit
from pages.parts.upload import cached_desk

POINTING = ("city", "district", "region", "park", "programme", "partner", "offer", "need")
LEADING = 3  # columns before the further ones
FEW = 5  # rows that are read without a search
HIDDEN = ("is_synthetic", "origin", "retired_on", "retired_reason")


def show(
    visit: Visit,
    dataset: str,
    rows: pl.DataFrame,
    name: pl.Expr,
    foot: Foot,
    columns: Sequence[str] = (),
    more: Mapping[str, str] | None = None,
    start: Mapping[str, object] | None = None,
) -> None:
    """The register's table with its search, its tools for editors and its downloads.

    rows: the entries with the columns of the data set; name: how one is called; columns: those shown, by default all
    fields; more: further columns of `rows` by their title; start: the cells a new entry begins with. Retired entries
    are left out unless the box is ticked.
    """
    heading = visit.say(f"upload.{dataset}")
    st.subheader(heading, anchor=False)
    retired = rows["retired_on"].is_not_null().sum() if "retired_on" in rows.columns else 0
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    words: str | None = ""
    if rows.height > FEW:
        words = left.text_input(visit.say("registers.search"), key=f"search_{dataset}", persist_state="session")
    also = bool(retired) and right.checkbox(visit.say("registers.also_retired", n=retired), key=f"retired_{dataset}")
    kept = rows if also or not retired else rows.filter(pl.col("retired_on").is_null())
    found = searched(kept, words)
    entry_form.tools(visit, dataset, found, name, start)
    if found.is_empty():
        st.info(visit.say("registers.nothing_found" if rows.height else "registers.no_entries"))
        return
    told = visit.say("registers.shown", n=f"{found.height:,}", all=f"{rows.height:,}")
    foot = replace(foot, n=f"{found.height:,}")
    data = as_shown(visit, dataset, found, columns, also)
    extra = [found[column].alias(title) for title, column in (more or {}).items()]
    data = pl.DataFrame([*data.get_columns()[:LEADING], *extra, *data.get_columns()[LEADING:]])
    blocks.table(visit, told, data, foot, dataset, column_config=columns_of(data))


def columns_of(data: pl.DataFrame) -> dict[str, object]:
    """Column settings of a register: days without a clock, months as 2026-10, the first column always in sight."""
    config = blocks.pinned(data)
    for title, column in zip(data.columns, data.get_columns(), strict=True):
        if column.dtype == pl.Date:
            months = column.count() and (column.drop_nulls().dt.day() == 1).all()
            form = "YYYY-MM" if months and column.len() > 1 else "YYYY-MM-DD"
            config[title] = st.column_config.DateColumn(format=form, pinned=title == data.columns[0])
    return config


def searched(rows: pl.DataFrame, words: str | None) -> pl.DataFrame:
    """The rows that have every one of the words in one of their cells of text.

    >>> rows = pl.DataFrame({"id": ["a", "b"], "name": ["Red brick", None]})
    >>> searched(rows, "BRICK red")["id"].to_list(), searched(rows, " ").height
    (['a'], 2)
    """
    texts = [name for name, kind in rows.schema.items() if kind == pl.String and name not in HIDDEN]
    for word in (words or "").lower().split():
        hit = pl.any_horizontal(
            pl.col(name).fill_null("").str.to_lowercase().str.contains(word, literal=True) for name in texts
        )
        rows = rows.filter(hit)
    return rows


def as_shown(
    visit: Visit, dataset: str, rows: pl.DataFrame, columns: Sequence[str] = (), retired: bool = False
) -> pl.DataFrame:
    """The entries as a person reads them: fields named, codes as words, empty columns left out, synthetic rows told."""
    fields = {field.name: field for field in fields_of(dataset, cached_desk.registers(visit))}
    key = KEYS[dataset]
    wanted = [name for name in (columns or fields) if name in rows.columns and name not in HIDDEN]
    wanted = [name for name in wanted if name in key or rows[name].count()]
    named = names(visit, dataset)
    out = {entry_fields.label(visit, name, fields[name].kind): _worded(visit, rows[name], named) for name in wanted}
    if retired:
        out |= {entry_fields.label(visit, name): rows[name] for name in ("retired_on", "retired_reason")}
    if "is_synthetic" in rows.columns and rows["is_synthetic"].any():
        said = {True: visit.say("upload.synthetic"), False: None}
        out[visit.say("upload.kind")] = rows["is_synthetic"].replace_strict(said, return_dtype=pl.String)
    return pl.DataFrame(out)


def names(visit: Visit, dataset: str) -> dict[str, dict[str, str]]:
    """Field -> stored value -> shown name, for the fields of a data set that point at other registers."""
    known = cached_desk.registers(visit)
    pointing = [field for field in fields_of(dataset, known) if field.kind in POINTING]
    return {field.name: entry_fields.choices(visit, field, known) for field in pointing}


def _worded(visit: Visit, column: pl.Series, named: Mapping[str, Mapping[str, str]]) -> pl.Series:
    if column.dtype != pl.String:
        return column
    if column.name in named:
        return tables.each(column, lambda cell: named[column.name].get(cell, cell))
    return tables.each(column, lambda cell: entry_fields.worded(visit, column.name, cell))
