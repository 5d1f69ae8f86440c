"""Which known source a file of enterprises is from: said aloud, and another one chosen where the columns mislead."""

from __future__ import annotations

import streamlit as st

from data.ingest.presets import PRESETS
from data.text import messages
from pages.parts.session import Visit

AUTO, NONE = "auto", "none"


def choice(key: str) -> str:
    """What the analyst has chosen for a file: auto, none or the name of a preset."""
    return str(st.session_state.get(f"_preset_{key}", AUTO))


def chosen(key: str, recognised: str) -> str:
    """The preset a file is read with: the one its columns show, unless another or none was chosen; "" for none."""
    wanted = choice(key)
    return recognised if wanted == AUTO else "" if wanted == NONE else wanted


def named(visit: Visit, name: str) -> str:
    """A preset in the visitor's language."""
    return messages().sentence(f"preset.{name}", visit.language)


def question(visit: Visit, key: str, recognised: str) -> None:
    """The sentence that says how the file was recognised, whom to name, and the box to read it otherwise."""
    used = chosen(key, recognised)
    with st.container(border=True):
        told = said(visit, key, recognised)
        if told:
            st.markdown(told)
        if used and PRESETS[used].attribution:
            st.caption(visit.say("desk.preset_source", attribution=PRESETS[used].attribution))
        plain = visit.say("desk.preset_none")
        auto = visit.say("desk.preset_auto", name=named(visit, recognised) if recognised else plain)
        labels = {AUTO: auto, NONE: plain, **{name: named(visit, name) for name in PRESETS}}
        widget = f"preset_{key}"
        st.selectbox(
            visit.say("desk.preset"), list(labels), index=list(labels).index(choice(key)), key=widget,
            format_func=labels.__getitem__, on_change=_choose, args=(key, widget),
        )  # fmt: skip


def said(visit: Visit, key: str, recognised: str) -> str:
    """How the file is read and why; nothing for a plain table that is read as one."""
    used, found = chosen(key, recognised), named(visit, recognised) if recognised else ""
    if choice(key) == AUTO or used == recognised:
        return visit.say("desk.preset_found", name=found) if recognised else ""
    if not used:
        return visit.say("desk.preset_off", found=found)
    other = "preset_other" if recognised else "preset_chosen"
    return visit.say(f"desk.{other}", name=named(visit, used), found=found)


def _choose(key: str, widget: str) -> None:
    st.session_state[f"_preset_{key}"] = st.session_state[widget]
