"""Sentences for people, in Chinese and English, kept in TOML files and found by a dotted key.

One folder holds one file per language (`zh.toml`, `en.toml`); both have the same keys and the same placeholders.
"""

from __future__ import annotations

import string
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

MESSAGES = Path(__file__).with_name("messages")
NOTHING = "—"


class TextError(LookupError):
    """A sentence was asked for that the text files do not have, or a value for one of its placeholders is missing."""


class Texts:
    """The sentences of one folder, read once.

    Errors: TextError when the folder has no language file, a key or language is unknown, or a placeholder has no value.
    """

    def __init__(self, folder: Path) -> None:
        self._by_language = {path.stem: dict(_flat(_read(path))) for path in sorted(folder.glob("*.toml"))}
        if not self._by_language:
            raise TextError(f"no language file (zh.toml, en.toml) in {folder}")

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages there is a file for, in alphabetical order."""
        return tuple(self._by_language)

    def keys(self, language: str) -> frozenset[str]:
        """Every dotted key of one language."""
        return frozenset(self._of(language))

    def placeholders(self, key: str, language: str) -> frozenset[str]:
        """The names in braces of one sentence."""
        parts = string.Formatter().parse(self._pattern(key, language))
        return frozenset(name for _, name, _, _ in parts if name is not None)

    def sentence(self, key: str, language: str, **values: object) -> str:
        """One sentence with its values put in.

        Missing: a value of None is written as a dash. Values without a placeholder are left aside.
        Errors: TextError for an unknown key or language, or a placeholder without a value.

        >>> messages().sentence("report.closest", "en", suggestion="BJ-011")
        'Closest known: BJ-011.'
        """
        shown = {name: NOTHING if value is None else value for name, value in values.items()}
        try:
            return self._pattern(key, language).format(**shown)
        except (KeyError, IndexError) as missing:
            raise TextError(f"the text {key} ({language}) needs a value for {missing}") from None

    def _of(self, language: str) -> dict[str, str]:
        if language not in self._by_language:
            raise TextError(f"no texts in the language {language!r}; there are {', '.join(self._by_language)}")
        return self._by_language[language]

    def _pattern(self, key: str, language: str) -> str:
        pattern = self._of(language).get(key)
        if pattern is None:
            raise TextError(f"no text {key!r} in the language {language!r}")
        return pattern


@cache
def messages() -> Texts:
    """The sentences of the data layer: file problems, row problems, notes."""
    return Texts(MESSAGES)


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _flat(tree: Mapping[str, Any], above: str = "") -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for name, branch in tree.items():
        if isinstance(branch, Mapping):
            pairs += _flat(branch, f"{above}{name}.")
        else:
            pairs.append((f"{above}{name}", str(branch)))
    return pairs
