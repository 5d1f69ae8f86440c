"""Methods and sources: every method with its columns, source and command; every register with its licence."""

from __future__ import annotations

import polars as pl
import streamlit as st

from data import registry
from data.access import Action
from indicators.methods import METHODS, Method
from pages.parts import blocks, session
from pages.parts.session import Visit


def render(visit: Visit) -> None:
    """Choose, read, compute, show."""
    blocks.title(visit, visit.say("methods.title"), visit.say("methods.subtitle"))
    for method in METHODS.values():
        with st.container(border=True):
            show(visit, method)
    st.subheader(visit.say("methods.registers"), anchor="sources")
    words = ("register", "what", "licence", "attribution")
    sources = registry.sources()
    st.dataframe(
        sources.select(pl.col(word).alias(visit.say(f"methods.{word}")) for word in words),
        hide_index=True,
        width="stretch",
    )


def show(visit: Visit, method: Method) -> None:
    """One method: what it computes, its columns in and out, its source, the command that recomputes it."""
    st.subheader(f"{method.name}", anchor=method.name)
    st.markdown(method.summary)
    st.code(f"python -m data compute {method.name} FILE.csv", language="bash")
    left, right = st.columns(2)
    word = {name: visit.say(f"methods.{name}") for name in ("column", "dtype", "unit", "note")}
    columns = [(c.name, str(c.dtype), c.unit, c.note) for c in method.columns_in.columns]
    with left:
        st.caption(visit.say("methods.columns_in"))
        st.dataframe(pl.DataFrame(columns, schema=list(word.values()), orient="row"), hide_index=True, width="stretch")
    with right:
        st.caption(visit.say("methods.columns_out"))
        schema = [word["column"], word["unit"]]
        st.dataframe(
            pl.DataFrame(list(method.columns_out), schema=schema, orient="row"), hide_index=True, width="stretch"
        )
    st.caption(f"{visit.say('methods.source')}: {method.source}")


if __name__ == "__main__":
    render(session.open_page(Action.VIEW))
