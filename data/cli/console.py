"""What the command line says and where: results on standard output, faults on standard error, zh or en."""

from __future__ import annotations

import json
import os
import sys
from datetime import date
from functools import cache
from pathlib import Path
from typing import TextIO

import polars as pl

from data.text import Texts

MESSAGES = Path(__file__).with_name("messages")
OK, REJECTED, UNUSABLE = 0, 1, 2


class Refusal(Exception):
    """A command that cannot be carried out: a text key of the command line, its values, and the exit code."""

    def __init__(self, key: str, exit_code: int = UNUSABLE, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.exit_code = exit_code
        self.values = values


def language() -> str:
    """The language of the answers: PARK_LANG, else LANG; Chinese when it starts with zh, else English."""
    wanted = os.environ.get("PARK_LANG", "").strip() or os.environ.get("LANG", "")
    return "zh" if wanted.strip().lower().startswith("zh") else "en"


@cache
def texts() -> Texts:
    """The sentences of the command line itself."""
    return Texts(MESSAGES)


def sentence(key: str, **values: object) -> str:
    """One sentence of the command line in the person's language."""
    return texts().sentence(key, language(), **values)


def say(key: str, **values: object) -> None:
    """Print one sentence of the command line on standard output."""
    show(sentence(key, **values))


def show(text: str) -> None:
    """Print text that is ready on standard output."""
    _print(text, sys.stdout)


def complain(text: str) -> None:
    """Print text that is ready on standard error."""
    _print(text, sys.stderr)


def contents(path: Path) -> bytes:
    """The bytes of a file a person named. Errors: Refusal, exit code 2."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise Refusal("usage.file_unreadable", file=path, reason=error.strerror or error) from error


def show_csv(frame: pl.DataFrame) -> None:
    """Write the frame as CSV (UTF-8, comma, header) on standard output, whatever the terminal's encoding."""
    sys.stdout.flush()
    sys.stdout.buffer.write(frame.write_csv().encode("utf-8"))
    sys.stdout.buffer.flush()


def show_json(value: object) -> None:
    """Write one JSON document (UTF-8) on standard output, whatever the terminal's encoding; days and times as ISO."""
    sys.stdout.flush()
    told = json.dumps(value, ensure_ascii=False, indent=1, default=_iso)
    sys.stdout.buffer.write(told.encode("utf-8") + b"\n")
    sys.stdout.buffer.flush()


def written(path: Path, data: bytes) -> None:
    """The bytes in a file a person named. Errors: Refusal, exit code 2."""
    try:
        path.write_bytes(data)
    except OSError as error:
        raise Refusal("usage.out_unwritable", file=path, reason=error.strerror or error) from error


def _iso(value: date) -> str:
    return value.isoformat()


def _print(text: str, stream: TextIO) -> None:
    """Print; a character the terminal cannot show becomes its number instead of an exception."""
    encoding = stream.encoding or "utf-8"
    print(text.encode(encoding, "backslashreplace").decode(encoding), file=stream)
