"""Upload data: choose a file, see what is in it and what is wrong with it, preview the effect, store it."""

from __future__ import annotations

import streamlit as st

from data.access import Action
from pages.parts import blocks, desk, filters, session
from pages.parts.session import Visit


def render(visit: Visit) -> None:
    """Choose, read, compute, show."""
    blocks.title(visit, visit.say("upload.title"), visit.say("upload.subtitle"), "answers")
    selection, room = filters.place(visit)
    with room:
        dataset = filters.pick(visit.say("upload.dataset"), "dataset", desk.datasets(visit), "answers")
    desk.message(visit)
    left, right = st.columns([3, 2])
    with left, st.container(border=True):
        sent = st.file_uploader(visit.say("upload.file"), key=f"file_{dataset}", max_upload_size=20)
        if sent is not None:
            desk.examine(visit, selection, dataset, sent.name, sent.getvalue())
    with right:
        desk.columns(visit, dataset)
    desk.coverage(visit, selection)
    desk.history(visit)


if __name__ == "__main__":
    render(session.open_page(Action.UPLOAD))
