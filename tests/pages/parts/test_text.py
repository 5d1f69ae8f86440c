"""The two text files: the same keys, the same placeholders, and every key the pages ask for."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from data import registry
from data.access import DEMO_VIEWERS, Action, Role, Scope, Viewer, decide
from pages.parts.events.programmes import EVENT_UNITS
from pages.parts.text import LANGUAGES, TEXTS, language_of, name_column, say

ROOT = Path(__file__).parents[3]
SOURCES = [ROOT / "dashboard.py", *sorted((ROOT / "pages").rglob("*.py"))]
KEYS = TEXTS.keys("zh")
SECTIONS = {key.split(".", 1)[0] for key in KEYS}
KEY = re.compile(r"([a-z0-9_]+)\.[a-z0-9_]+")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
BOTH_LANGUAGES = {"app.name", "frame.language", "kind.month", "kind.answer"}


def asked(path: Path) -> tuple[set[str], set[str]]:
    """The keys written out in a source file, and the beginnings of those that are put together."""
    whole, begun = set(), set()
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    parts = {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in [node for node in nodes if id(node) not in parts]:
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) == "say":
            whole |= {arg.value for arg in node.args[:1] if isinstance(arg, ast.Constant)}
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found = KEY.fullmatch(node.value)
            if found and found[1] in SECTIONS and not node.value.endswith((".csv", ".py", ".md")):
                whole.add(node.value)
        if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
            beginning = str(node.values[0].value)
            if beginning.split(".", 1)[0] in SECTIONS and "." in beginning:
                begun.add(beginning)
    return whole, begun


def test_both_languages_have_the_same_keys():
    assert TEXTS.keys("en") == KEYS
    assert set(TEXTS.languages) == set(LANGUAGES)


def test_both_languages_have_the_same_placeholders():
    assert [key for key in KEYS if TEXTS.placeholders(key, "zh") != TEXTS.placeholders(key, "en")] == []


def test_no_sentence_is_empty_and_english_has_no_chinese():
    for key in KEYS:
        assert str(TEXTS._pattern(key, "zh")).strip()
        english = TEXTS._pattern(key, "en")
        assert english.strip()
        assert key in BOTH_LANGUAGES or not CHINESE.search(english), key


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_key_a_page_asks_for_is_there(path):
    whole, begun = asked(path)
    assert sorted(whole - KEYS) == []
    assert [beginning for beginning in begun if not any(key.startswith(beginning) for key in KEYS)] == []


def test_the_search_for_keys_finds_some():
    whole, begun = asked(ROOT / "pages" / "overview.py")
    assert {"overview.trend", "unit.index"} <= whole
    assert "status." in asked(ROOT / "pages" / "parts" / "blocks.py")[1]
    assert "nav." in asked(ROOT / "dashboard.py")[1]
    assert not begun & whole


def test_every_unit_of_the_registers_has_a_word():
    units = set(registry.city_figures()["unit"]) | set(EVENT_UNITS)
    counted = registry.events_published().filter(registry.events_published()["unit"].is_in(EVENT_UNITS))
    units |= set(counted["unit"])
    assert sorted(f"units.{unit}" for unit in units if f"units.{unit}" not in KEYS) == []


def test_every_role_page_data_set_and_reason_has_a_word():
    pages = [path.stem for path in (ROOT / "pages").glob("*.py") if path.stem != "__init__"]
    assert {f"nav.{page}" for page in pages} <= KEYS
    assert {f"role.{role}" for role in Role} <= KEYS
    nobody = Viewer("nobody", "visitor", Scope(None))  # type: ignore[arg-type]
    refused = {decide(nobody, action).reason for action in Action}
    assert refused | {decide(viewer, Action.UPLOAD).reason for viewer in DEMO_VIEWERS.values()} - KEYS == refused | {
        "access.allowed"
    }
    assert refused <= KEYS


@pytest.mark.parametrize(
    ("locale", "language"),
    [("zh-CN", "zh"), ("zh-TW", "zh"), ("ZH", "zh"), ("en-GB", "en"), ("de", "en"), ("", "zh"), (None, "zh")],
)
def test_the_language_follows_the_browser(locale, language):
    assert language_of(locale) == language


def test_a_sentence_is_filled_and_a_missing_value_is_a_dash():
    assert say("upload.rows", "en") == "Rows"
    assert say("overview.events_note", "en", previous=None).count("—") == 1
    assert name_column("zh") == "name_zh"
