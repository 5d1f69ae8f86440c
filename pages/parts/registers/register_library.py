"""The library of policies and research: words found in every text and marked, every entry with its link."""

from __future__ import annotations

import html
from collections.abc import Iterable

import polars as pl
import streamlit as st

from data.ingest.documents import LEVELS
from data.library_pieces import excerpt
from data.library_search import MOST
from data.store import StoreError
from pages.parts import filters, theme
from pages.parts.blocks import Foot
from pages.parts.registers import cached_registers, entry_fields, register_choices, register_list
from pages.parts.registers.register_choices import ALL
from pages.parts.session import Visit

LISTED = 20
COMPILED = "汇总"  # the word by which the source of a document says that it is a compiled list
COLUMNS = ("title", "issuer", "level", "date", "topic", "link", "summary", "parks", "source_title", "document_id")
TEXT = ("title", "summary", "issuer", "topic", "source_title")


def show(visit: Visit) -> None:
    """The box of words, the level, the topic; the finds in order, and below them the entries that fit."""
    rows = worded(visit, cached_registers.entries(visit.key, "documents", visit))
    first, second, third = st.columns([2, 1, 1])
    with first:
        words = st.text_input(visit.say("registers.look_for"), key="library_words", persist_state="session") or ""
    with second:
        level = register_choices.coded(visit, visit.say("field.level"), "level", "level", tuple(LEVELS))
    with third:
        topics = dict(rows.select("topic", "topic_words").drop_nulls().unique().sort("topic_words").iter_rows())
        topic = filters.pick(visit.say("field.topic"), "topic", {ALL: visit.say("registers.all")} | topics, ALL)
    if level:
        rows = rows.filter(pl.col("level") == level)
    if topic != ALL:
        rows = rows.filter(pl.col("topic") == topic)
    among = rows.height
    if words.strip():
        rows = finds(visit, rows, words)
    foot = Foot(visit.say("registers.library_source"), "published", visit.say("unit.documents"))
    shown = rows.sort("date", "document_id", descending=[True, False], nulls_last=True)
    called = pl.format("{} {}", "document_id", "title")
    more = {visit.say("registers.made"): "made"} if shown["made"].count() else {}
    register_list.show(visit, "documents", shown.drop("topic_words"), called, foot, COLUMNS, more, among=among)


def worded(visit: Visit, rows: pl.DataFrame) -> pl.DataFrame:
    """The documents with topic_words, their topic as it is read, and made: that the text is a compiled list.

    A topic nobody has a word for stays as written.
    """
    compiled = pl.col("source_title").str.contains(COMPILED, literal=True)
    return rows.with_columns(
        topic_words=pl.col("topic").replace(entry_fields.vocabulary(visit, "topic")),
        made=pl.when(compiled).then(pl.lit(visit.say("registers.compiled"))),
    )


def finds(visit: Visit, rows: pl.DataFrame, words: str) -> pl.DataFrame:
    """The documents with every one of the words, best first, the words marked where they stand; their rows.

    A store that cannot be searched is told, and all rows stay.
    """
    try:
        hits = cached_registers.library(visit.key, visit).found(words)
    except StoreError as error:
        st.error(visit.say("registers.search_failed", why=error))
        return rows
    found = hits.join(rows, on="document_id", how="inner")
    if found.is_empty():
        st.info(visit.say("registers.not_found", words=words.strip()))
        return rows.clear()
    key = "registers.found_most" if found.height >= MOST else "registers.found"
    with st.container(border=True):
        st.subheader(visit.say(key, n=found.height, words=words.strip()), anchor=False)
        entries = found.sort("rank").head(LISTED).iter_rows(named=True)
        st.html("".join(find(visit, row, words) for row in entries))
        if found.height > LISTED:
            st.caption(visit.say("desk.more", shown=LISTED, n=found.height))
        st.caption(visit.say("registers.search_note"))
    return rows.join(hits, on="document_id", how="semi", maintain_order="left")


def find(visit: Visit, row: dict[str, object], words: str) -> str:
    """One find as HTML: the title with its link, who, level, day and topic, and the place where the words stand."""
    t = theme.tokens(visit.dark)
    link, title = str(row["link"] or ""), _marked(excerpt(str(row["title"]), words), t.brick)
    if link.startswith(("https://", "http://")):
        title = f'<a href="{html.escape(link)}" style="color:inherit" target="_blank" rel="noopener">{title}</a>'
    level = entry_fields.worded(visit, "level", row["level"])
    about = " · ".join(
        html.escape(str(part)) for part in (row["issuer"], level, row["date"], row["topic_words"], row["made"]) if part
    )
    column = str(row["column"])
    text = str(row[column] if column not in ("title", "topic") else row["summary"] or "")
    place = f"<div>{_marked(excerpt(text, words), t.brick)}</div>" if text else ""
    small = f'style="color:{t.muted};font-size:{theme.CAPTION_PX}px"'
    return f'<div style="margin:0 0 14px"><div><b>{title}</b></div><div {small}>{about}</div>{place}</div>'


def _marked(pieces: Iterable[tuple[str, bool]], colour: str) -> str:
    """The pieces as HTML, the words in the accent and underlined: never by colour alone."""
    style = f'style="color:{colour};background:none;font-weight:600;text-decoration:underline"'
    return "".join(f"<mark {style}>{html.escape(text)}</mark>" if hit else html.escape(text) for text, hit in pieces)
