"""Sources as links: what can be opened is a link, what cannot is named, and nothing breaks the page."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from data import registry
from pages.parts import sourced


def test_only_addresses_a_browser_opens_become_links():
    assert sourced.cited("Article", "seed:003_1f01.txt", "Daily") == "Article (Daily)"
    assert sourced.cited("Article", None) == "Article"
    assert sourced.cited(None, None) == ""
    assert sourced.cited("Report [2]", "https://a.example/b c") == r"[Report \[2\]](https://a.example/b%20c)"


def test_every_source_of_a_row_is_cited_in_order():
    told = sourced.cited("A | B | C", "https://a.example |  | https://c.example")
    assert told == "[A](https://a.example) · B · [C](https://c.example)"


def test_the_publisher_is_named_once():
    assert sourced.cited("Annual Review (Museums)", "https://a.example", "Museums").count("Museums") == 1


def test_link_columns_hold_every_address_and_blanks_elsewhere():
    rows = pl.DataFrame(
        {"source_title": ["A | B", "C", "D"], "source_url": ["https://a.example | https://b.example", None, "seed:x"]}
    )
    linked = sourced.with_links(rows, "Link")
    assert linked["Link 1"].to_list() == ["https://a.example", None, None]
    assert linked["Link 2"].to_list() == ["https://b.example", None, None]
    assert sourced.with_links(rows.tail(2), "Link").columns == [*rows.columns, "Link"]
    assert sourced.with_links(rows.clear(), "Link").schema["Link"] == pl.String


def test_every_shipped_figure_has_a_source_that_can_be_shown():
    for title, url in registry.city_figures().select("source_title", "source_url").unique().iter_rows():
        told = sourced.cited(title, url)
        assert told
        assert ("](http" in told) == bool(url and url.startswith("http"))


@given(st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=40))
def test_escaped_text_keeps_every_letter(text):
    told = sourced.escaped(text)
    plain = "".join(part.replace("\\", "") if part != "\\\\" else "\\" for part in told.split("\\\\"))
    assert plain == text.replace("\\", "")
    assert len(told) >= len(text)
