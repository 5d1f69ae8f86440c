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
from pages.parts.registers import cached_registers, entry_fields, entry_form
from pages.parts.session import Visit
from pages.parts.upload import cached_desk

LEADING = 3  # columns before the further ones
NAMED = "named"  # the kind of a field whose codes are shown as names
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
    among: int = 0,
) -> None:
    """The register's table with its search, its tools for editors and its downloads.

    rows: the entries with the columns of the data set; name: how one is called; columns: those shown, by default all
    fields; more: further columns of `rows` by their title; start: the cells a new entry begins with; among: of how many
    entries the page found `rows` by words of its own, 0 if it asks for none. Retired entries are left out unless the
    box is ticked.
    """
    heading = visit.say(f"upload.{dataset}")
    st.subheader(heading, anchor=False)
    retired = rows["retired_on"].is_not_null().sum() if "retired_on" in rows.columns else 0
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    words: str | None = ""
    if rows.height > FEW and not among:
        words = left.text_input(visit.say("registers.search"), key=f"search_{dataset}", persist_state="session")
    also = bool(retired) and right.checkbox(visit.say("registers.also_retired", n=retired), key=f"retired_{dataset}")
    kept = rows if also or not retired else rows.filter(pl.col("retired_on").is_null())
    found = searched(kept, words, as_shown(visit, dataset, kept)) if (words or "").strip() else kept
    entry_form.tools(visit, dataset, found, name, start)
    if found.is_empty():
        st.info(visit.say("registers.nothing_found" if rows.height else "registers.no_entries"))
        return
    told = visit.say("registers.shown", n=f"{found.height:,}", all=f"{among or rows.height:,}")
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


def searched(rows: pl.DataFrame, words: str | None, read: pl.DataFrame | None = None) -> pl.DataFrame:
    """The rows that have every one of the words in one of their cells of text, as stored or as they are `read`.

    >>> rows = pl.DataFrame({"id": ["a", "b"], "name": ["Red brick", None]})
    >>> searched(rows, "BRICK red")["id"].to_list(), searched(rows, " ").height
    (['a'], 2)
    >>> searched(rows, "stone", pl.DataFrame({"Name": [None, "Grey stone"]}))["id"].to_list()
    ['b']
    """
    cells = [column for column in rows.get_columns() if column.name not in HIDDEN]
    texts = [column for column in (*cells, *(() if read is None else read)) if column.dtype == pl.String]
    found = pl.repeat(value=True, n=rows.height, eager=True)
    for word in (words or "").lower().split():
        hits = pl.repeat(value=False, n=rows.height, eager=True)
        for column in texts:
            hits |= column.fill_null("").str.to_lowercase().str.contains(word, literal=True)
        found &= hits
    return rows.filter(found)


def as_shown(
    visit: Visit, dataset: str, rows: pl.DataFrame, columns: Sequence[str] = (), retired: bool = False
) -> pl.DataFrame:
    """The entries as a person reads them: fields named, codes as words, empty columns left out, synthetic rows told.

    Two columns never have one title: the second would take the place of the first.
    """
    fields = {field.name: field for field in fields_of(dataset, cached_desk.registers(visit))}
    key = KEYS[dataset]
    wanted = [name for name in (columns or fields) if name in rows.columns and name not in HIDDEN]
    wanted = [name for name in wanted if name in key or rows[name].count()]
    named = names(visit, dataset)
    kinds = {name: NAMED if name in named else fields[name].kind for name in wanted}
    out = [(entry_fields.label(visit, name, kinds[name]), _worded(visit, rows[name], named)) for name in wanted]
    if retired:
        out += [(entry_fields.label(visit, name), rows[name]) for name in ("retired_on", "retired_reason")]
    if "is_synthetic" in rows.columns and rows["is_synthetic"].any():
        said = {True: visit.say("upload.synthetic"), False: None}
        out.append((visit.say("upload.kind"), rows["is_synthetic"].replace_strict(said, return_dtype=pl.String)))
    titles = entry_fields.told_apart([title for title, _ in out])
    return pl.DataFrame([column.alias(title) for title, (_, column) in zip(titles, out, strict=True)])


def names(visit: Visit, dataset: str) -> dict[str, dict[str, str]]:
    """Field -> stored value -> shown name without the code, for the fields of a data set that point at others."""
    known = cached_desk.registers(visit)
    pointing = [field for field in fields_of(dataset, known) if field.kind in entry_fields.POINTING]
    found = {one.name: entry_fields.plain(entry_fields.choices(visit, one, known, retired=True)) for one in pointing}
    if dataset == "followups":
        found["event_id"] = cached_registers.event_names(visit.key, visit.language, visit)
    return found


def _worded(visit: Visit, column: pl.Series, named: Mapping[str, Mapping[str, str]]) -> pl.Series:
    if column.dtype != pl.String:
        return column
    if column.name in named:
        return tables.each(column, lambda cell: entry_fields.joined(named[column.name], cell))
    return tables.each(column, lambda cell: entry_fields.worded(visit, column.name, cell))
