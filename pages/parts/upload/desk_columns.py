"""What a data set's columns are: a list in plain words, and templates with drop-down lists to fill in."""

from __future__ import annotations

import streamlit as st

from data.ingest.templates import column_list, template_csv, template_xlsx
from pages.parts import tables
from pages.parts.session import Visit
from pages.parts.upload import cached_desk


def columns(visit: Visit, dataset: str) -> None:
    """The columns of a data set in plain words, and its templates."""
    known = cached_desk.registers(visit)
    with st.container(border=True):
        st.subheader(visit.say("upload.columns"), anchor=False)
        rows = column_list(dataset, known, visit.language)
        titles = {name: visit.say(f"upload.{name}") for name in rows.columns}
        st.dataframe(rows.rename(titles), hide_index=True, width="stretch", height=300)
        book = {"file_name": f"{dataset}.xlsx", "mime": tables.XLSX, "on_click": "ignore", "key": "template-xlsx"}
        plain = {"file_name": f"{dataset}.csv", "mime": "text/csv", "on_click": "ignore", "key": "template-csv"}
        chosen = (dataset, known, visit.language)
        with st.container(horizontal=True):
            st.download_button(visit.say("upload.template_book"), lambda: template_xlsx(*chosen), **book)  # type: ignore[arg-type]
            st.download_button(visit.say("upload.template"), lambda: template_csv(*chosen), **plain)  # type: ignore[arg-type]
