"""The sentences: same keys and placeholders in both languages, and one for everything the code can say."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import data.ingest
import data.units
from data.ingest.problems import PARTS, VALUES, IngestError, Rule
from data.text import MESSAGES, TextError, Texts, messages

LANGUAGES = ("zh", "en")
NOTE_VALUES = {"count", "lines", "items", "place", "encoding", "delimiter"}
SOURCES = [*sorted(Path(data.ingest.__file__).parent.glob("*.py")), Path(data.units.__file__)]


def _calls_and_names(path: Path) -> tuple[set[str], set[str]]:
    """Names after `Rule.` in a module, and dotted texts that start with note. or report."""
    rules, keys = set(), set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Rule":
            rules.add(node.attr)
        if isinstance(node, ast.Constant) and str(node.value).startswith(("note.", "report.")):
            keys.add(str(node.value))
    return rules, keys


def test_both_languages_have_the_same_keys_and_placeholders():
    texts = messages()
    assert set(texts.languages) == set(LANGUAGES)
    assert texts.keys("zh") == texts.keys("en")
    for key in texts.keys("zh"):
        assert texts.placeholders(key, "zh") == texts.placeholders(key, "en"), key
        assert texts.placeholders(key, "zh") <= {*VALUES, *NOTE_VALUES}, key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_has_its_three_sentences_and_no_rule_is_idle(language):
    wanted = {f"problem.{rule}.{part}" for rule in Rule for part in PARTS}
    assert {key for key in messages().keys(language) if key.startswith("problem.")} == wanted
    for key in wanted:
        sentence = messages().sentence(key, language, **dict.fromkeys(VALUES, "X"))
        assert sentence.endswith("。" if language == "zh" else ".")
    used = set().union(*(_calls_and_names(path)[0] for path in SOURCES if path.name != "problems.py"))
    assert used == set(Rule.__members__)


def test_every_remark_of_the_code_has_its_sentence_and_the_other_way_round():
    used = set().union(*(_calls_and_names(path)[1] for path in SOURCES))
    assert used == {key for key in messages().keys("en") if key.startswith(("note.", "report."))}


def test_a_refused_file_speaks_both_languages():
    error = IngestError(Rule.NOT_A_TABLE, value="信.txt")
    assert error.key == "problem.not_a_table"
    assert "信.txt" in error.sentence("zh")
    assert str(error) == error.sentence("en")
    assert all(str(IngestError(rule)) for rule in Rule)


def test_braces_in_a_value_are_only_braces():
    assert "{line}" in messages().sentence("problem.bad_month.what", "en", value="{line}", line=3, column="月份")


def test_missing_values_keys_and_languages():
    texts = messages()
    assert texts.sentence("report.closest", "en", suggestion=None) == "Closest known: —."
    with pytest.raises(TextError, match="suggestion"):
        texts.sentence("report.closest", "en")
    with pytest.raises(TextError, match="nowhere"):
        texts.sentence("nowhere", "en")
    with pytest.raises(TextError, match="'fr'"):
        texts.sentence("report.closest", "fr")


def test_a_folder_of_ones_own(tmp_path):
    (tmp_path / "en.toml").write_text('title = "Park {name}"\n[page]\nsource = "Source"\n', encoding="utf-8")
    texts = Texts(tmp_path)
    assert texts.keys("en") == {"title", "page.source"}
    assert texts.placeholders("title", "en") == {"name"}
    assert texts.sentence("title", "en", name="798", unused=1) == "Park 798"
    with pytest.raises(TextError, match="no language file"):
        Texts(MESSAGES / "nowhere")
