"""What is wrong and what is odd in a file: counts per rule, then every problem with place, value and remedy."""

from __future__ import annotations

import polars as pl
import streamlit as st

from data import looks
from data.ingest import Checked, explained
from pages.parts import tables
from pages.parts.session import Visit, may_show

SHOWN = 1_000


def problems(visit: Visit, found: Checked) -> None:
    """The problems that keep rows out; nothing if there are none."""
    if found.rejected.height:
        rows = visit.say("upload.rejected")
        st.error(f"**{visit.say('upload.problems')}** · {rows}: {found.rejected_rows.height}")
        _listed(visit, found.rejected, "problems")


def warnings(visit: Visit, found: Checked) -> None:
    """What is odd but stops nothing, apart from the problems; what tells of a park's past answers is audited first."""
    if found.warnings.height and may_show(visit, looks.in_warnings(found, found.warnings)):
        with st.expander(f"{visit.say('desk.warnings')} ({found.warnings.height})"):
            st.caption(visit.say("desk.warnings_note"))
            _listed(visit, found.warnings, "warnings")


def _listed(visit: Visit, found: pl.DataFrame, name: str) -> None:
    told = explained(found, visit.language)
    words = {word: visit.say(f"upload.{word}") for word in ("count", "what", "line", "column", "value", "todo")}
    by_rule = told.group_by("rule", maintain_order=True).agg(count=pl.len(), what=pl.col("what").first())
    st.dataframe(_titled(by_rule.sort("count", descending=True), words, "count", "what"), hide_index=True)
    told = told.with_columns(todo=pl.format("{} {}", "accepted", "todo"))
    shown = _titled(told, words, "line", "column", "value", "what", "todo")
    st.dataframe(shown.head(SHOWN), hide_index=True, width="stretch", height=min(300, 38 + 35 * shown.height))
    if shown.height > SHOWN:
        st.caption(visit.say("desk.more", shown=SHOWN, n=shown.height))
    st.download_button(
        visit.say("upload.download_problems"),
        lambda: tables.csv_bytes(shown),
        file_name=f"{name}.csv",
        mime="text/csv",
        on_click="ignore",
        key=f"download_{name}",
    )


def _titled(frame: pl.DataFrame, words: dict[str, str], *names: str) -> pl.DataFrame:
    return frame.select(pl.col(name).alias(words[name]) for name in names)
