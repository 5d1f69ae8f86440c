"""Upload data: choose files, see what is in them and what is wrong, mend, preview the effect, store."""

from __future__ import annotations

import streamlit as st

from data.access import Action
from pages.parts import blocks, filters, session
from pages.parts.session import Visit
from pages.parts.upload import desk, desk_columns, desk_storing, worklist


def render(visit: Visit) -> None:
    """Choose, read, compute, show."""
    blocks.title(visit, visit.say("upload.title"), visit.say("upload.subtitle"), "answers")
    selection, room = filters.place(visit)
    with room:
        dataset = filters.pick(visit.say("upload.dataset"), "dataset", desk.datasets(visit), "answers")
    desk_storing.messages()
    if not visit.revision:
        blocks.empty(visit, "empty.store")
    with st.container(border=True):
        works = desk.received(visit, dataset)
        st.caption(visit.say("upload.formats"))
        if works:
            work = works[0] if len(works) == 1 else desk.several(visit, selection, works)
            desk.examine(visit, selection, work)
    worklist.board(visit)
    desk_columns.columns(visit, dataset)


if __name__ == "__main__":
    render(session.open_page(Action.UPLOAD))
