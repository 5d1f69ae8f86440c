"""The words on screen, in Chinese and English, read from two TOML files with the same keys."""

from __future__ import annotations

from pathlib import Path

from data.text import Texts

LANGUAGES = ("zh", "en")
TEXTS = Texts(Path(__file__).with_name("text"))


def language_of(locale: str | None) -> str:
    """The interface language for a browser's locale: Chinese for zh-*, English for any other, Chinese when unknown.

    >>> language_of("zh-CN"), language_of("de-DE"), language_of(None)
    ('zh', 'en', 'zh')
    """
    return "zh" if not locale or locale.lower().startswith("zh") else "en"


def say(key: str, language: str, **values: object) -> str:
    """The sentence `key` in the language, with its {placeholders} filled."""
    return TEXTS.sentence(key, language, **values)


def name_column(language: str) -> str:
    """The register column that holds names in this language.

    >>> name_column("en")
    'name_en'
    """
    return f"name_{language}"
