"""The work list: rows that were kept out and wait for their correction, to be mended, stored or dropped."""

from __future__ import annotations

import polars as pl
import streamlit as st

from data import looks
from data.ingest import explained
from data.store import AccessError, StoreError
from data.worklist import waiting_problems
from pages.parts import tables
from pages.parts.session import Visit, may_show
from pages.parts.upload import desk_storing, uploads

REOPENED = "_reopened"


def board(visit: Visit) -> None:
    """The waiting rows by file with their reasons; a file can be downloaded whole or dropped from the list.

    A look at answers that somebody else kept is audited first.
    """
    rows = visit.store.waiting()
    st.subheader(visit.say("waiting.title", n=rows.height), anchor=False)
    if not rows.height:
        st.caption(visit.say("waiting.none"))
        return
    st.caption(visit.say("waiting.note"))
    files = rows.group_by("dataset", "sha256", "file_name", maintain_order=True).agg(
        pl.len().alias("n"), pl.col("kept_by").last(), pl.col("kept_at").max()
    )
    names = uploads.names(visit)
    labels = {
        row["sha256"]: f"{names.get(row['dataset'], row['dataset'])} · {row['file_name']} ({row['n']})"
        for row in files.iter_rows(named=True)
    }
    chosen = st.selectbox(visit.say("waiting.choose"), list(labels), format_func=labels.__getitem__, key="waiting_file")
    mine = rows.filter(pl.col("sha256") == chosen)
    if not may_show(visit, looks.in_waiting(mine, visit.viewer.name)):
        return
    shown = problems(visit, mine)
    st.dataframe(
        shown,
        hide_index=True,
        width="stretch",
        height=min(300, 38 + 35 * shown.height),
        alt=visit.say("waiting.title", n=rows.height),
    )
    file = {"file_name": "rows-to-mend.xlsx", "mime": tables.XLSX, "on_click": "ignore", "key": "waiting-xlsx"}
    with st.container(horizontal=True):
        st.button(visit.say("waiting.mend"), key="mend_waiting", on_click=_reopen, args=(visit, mine))
        st.download_button(visit.say("waiting.download"), lambda: tables.xlsx_bytes(shown), **file)  # type: ignore[arg-type]
        numbers = mine["waiting_id"].to_list()
        st.button(visit.say("waiting.drop", n=mine.height), key="drop_waiting", on_click=_drop, args=(visit, numbers))


def problems(visit: Visit, rows: pl.DataFrame) -> pl.DataFrame:
    """Line, column, value, what is wrong and what to do, one row per problem of the waiting rows."""
    told = explained(waiting_problems(rows).drop("waiting_id"), visit.language)
    told = told.with_columns(todo=pl.format("{} {}", "accepted", "todo"))
    words = ("line", "column", "value", "what", "todo")
    return told.select(pl.col(word).alias(visit.say(f"upload.{word}")) for word in words)


def _reopen(visit: Visit, rows: pl.DataFrame) -> None:
    """Lay the file of these rows on the desk again, as it was sent."""
    row = rows.drop_nulls("upload_id").sort("upload_id").row(-1, named=True)
    try:
        name, data = visit.store.original(row["upload_id"])
    except (AccessError, StoreError) as error:
        desk_storing.tell("refused", str(error))
        return
    st.session_state[REOPENED] = (row["dataset"], name, data)
    st.session_state["dataset"] = row["dataset"]


def _drop(visit: Visit, numbers: list[int]) -> None:
    try:
        dropped = visit.store.settle(numbers, "dropped")
    except (AccessError, StoreError) as error:
        desk_storing.tell("refused", str(error))
    else:
        desk_storing.tell("done", visit.say("waiting.dropped", n=dropped))
