"""What holds on every page: it opens in both languages, says where its figures come from, and knows what is missing."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from pages.parts.text import TEXTS

ROOT = Path(__file__).parents[2]
SECONDS = 60
PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py") if path.stem != "__init__")
LANGUAGES = ("zh", "en")
PUBLISHED_ONLY = {"cities", "methods"}
PUBLISHED_FIGURES = {"registers": ("86", "105")}  # published numbers need no store
ANALYST_ONLY = {"history", "upload"}
CHINESE = re.compile(r"[\u4e00-\u9fff]")
PLACEHOLDER = re.compile(r"\{[a-z_]+\}")
DOTTED = re.compile(r"\b[a-z0-9_]+(?:\.[a-z0-9_]+)+\b")
BOTH_LANGUAGES = {"中文", "Language / 语言"}
NEXT_STEP = {"zh": "上传", "en": "upload"}


def test_there_are_the_pages_the_navigation_lists():
    tree = ast.parse((ROOT / "dashboard.py").read_text(encoding="utf-8"))
    sections = next(node.value for node in tree.body if isinstance(node, ast.Assign) and "SECTIONS" in ast.dump(node))
    listed = [page for pages in ast.literal_eval(sections).values() for page in pages]
    assert sorted(listed) == PAGES


def headings(at):
    """What is written by the product itself and not by a source: titles, labels, column names."""
    widgets = [*at.selectbox, *at.text_input, *at.button, *at.download_button, *at.file_uploader, *at.metric]
    labels = [element.value for element in [*at.title, *at.subheader]] + [widget.label for widget in widgets]
    return labels + [str(column) for table in at.dataframe for column in table.value.columns]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", PAGES)
def test_an_ordinary_month(demo, look, screen, page, language):
    at = look(page, **{"as": "analyst", "lang": language})
    assert not at.exception
    assert not at.error
    assert not at.warning
    assert len(at.title) == 1
    shown = screen(at)
    assert bool(CHINESE.search(at.title[0].value)) == (language == "zh")
    line = TEXTS.sentence("status.synthetic_line", language)
    assert sum(line in caption.value for caption in at.caption) == (page not in PUBLISHED_ONLY)
    assert_every_block_names_its_source(at, page, language)
    assert_no_key_or_placeholder(shown, language)
    if language == "en":
        foreign = [text for text in headings(at) if CHINESE.search(text) and text not in BOTH_LANGUAGES]
        assert foreign == []


def assert_every_block_names_its_source(at, page, language):
    word = {"zh": "来源：", "en": "Source: "}[language]
    feet = [caption.value for caption in at.caption if word in caption.value]
    blocks = [*at.get("plotly_chart"), *at.get("deck_gl_json_chart"), *at.metric]
    assert len(feet) >= len(blocks)
    assert all(re.search(rf"{word}\S", foot) for foot in feet)
    if page not in {"methods", *ANALYST_ONLY}:
        assert feet


def assert_no_key_or_placeholder(shown, language):
    texts = [text for text in shown.strings() if not text.startswith(("{", "["))]
    keys = TEXTS.keys(language)
    assert [text for text in texts if set(DOTTED.findall(text)) & keys] == []
    assert [text for text in texts if PLACEHOLDER.search(text)] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", PAGES)
def test_an_empty_store_says_what_is_missing_and_what_to_do(empty, look, screen, page, language):
    for role in ("analyst", "official") if page not in ANALYST_ONLY else ("analyst",):
        at = look(page, **{"as": role, "lang": language})
        assert not at.exception
        assert not at.error
        assert len(at.title) == 1
        shown = screen(at)
        assert set(shown.figures().values()) <= {"—", *PUBLISHED_FIGURES.get(page, ())}
        assert_no_key_or_placeholder(shown, language)
        assert not any(TEXTS.sentence("status.synthetic_line", language) in caption.value for caption in at.caption)
        if page in {"overview", "prosperity", "events", "clustering", "upload"}:
            assert [info.value for info in at.info] == [TEXTS.sentence("empty.store", language)]
            assert NEXT_STEP[language] in at.info[0].value
            assert "python -m data demo load" in at.info[0].value


def test_an_empty_store_has_no_zero_in_the_three_cities(empty, look, screen):
    at = look("overview", lang="en")
    table = screen(at).table("Beijing", "Shanghai", "Shenzhen")
    computed = table.head(5)
    assert {cell for city in ("Beijing", "Shanghai", "Shenzhen") for cell in computed[city]} == {"—"}
    assert table.height > 5


@pytest.mark.parametrize("city", ["shanghai", "ruhr"])
def test_every_city_has_every_page_and_turning_pages_keeps_it(demo, look, turn, city):
    at = look("overview", city=city)
    for page in ["cities", "parks", "overview", *PAGES]:
        at = turn(at, page)
        assert not at.exception, page
        assert at.query_params == {"city": city}, page
        assert at.session_state["city"] == city
        assert len(at.title) == (page not in ANALYST_ONLY), page


def test_a_city_without_records_shows_no_zero_for_them(demo, look, screen, turn):
    at = look("overview", city="pittsburgh")
    assert set(screen(at).figures().values()) == {"—"}
    assert "No survey answers" in look("prosperity", city="pittsburgh", lang="en").info[0].value


@pytest.mark.parametrize("page", PAGES)
def test_a_stranger_who_opens_a_page_file_is_asked_who_they_are(demo, page):
    at = AppTest.from_file(str(ROOT / "pages" / f"{page}.py"), default_timeout=SECONDS)
    at.query_params = {"lang": "en"}
    at.run()
    assert not at.exception
    if page in ANALYST_ONLY:
        assert [error.value for error in at.error] == [
            "**This page cannot be opened**\n\n"
            + TEXTS.sentence("access.upload_needs_analyst", "en", role=TEXTS.sentence("role.leadership", "en"))
        ]
        assert not at.file_uploader
        assert not at.title
    else:
        assert len(at.title) == 1
        assert not at.error


def test_a_stranger_at_an_address_of_a_new_server_comes_through_the_door(demo):
    at = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=SECONDS)
    at.context = {"url": "http://127.0.0.1:8501/parks", "locale": "en-GB"}
    at.query_params = {"city": "shanghai"}
    at._page_hash = calc_hash("parks")
    at.run()
    assert not at.exception
    assert [title.value for title in at.title] == ["Park register"]
    assert at.query_params == {"city": "shanghai"}
    assert at.session_state["city"] == "shanghai"
    assert at.selectbox(key="as").value == "leadership"
