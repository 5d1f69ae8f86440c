"""What is wrong with one entry, said without the line of a file: the field by its name, and what is accepted."""

from __future__ import annotations

import re
from collections.abc import Callable

import polars as pl

from data.ingest import explained

PLACES = {
    "en": (
        (r"“([^”]*)” in line \d+, column “([^”]*)”,", r"“\1” in “\2”"),
        (r" in line \d+, column “([^”]*)”", r" in “\1”"),
        (r" in column “([^”]*)”, line \d+,", r" in “\1”"),
        (r"\bcolumn “([^”]*)” in line \d+", r"“\1”"),
        (r"\bColumn “([^”]*)” in line \d+", r"“\1”"),
        (r"\bIn line \d+ t", "T"),
        (r" (of|in) line \d+\b,?", ""),
        (r"\bLine \d+\b", "The entry"),
        (r"\bcolumn “([^”]*)”", r"“\1”"),
        (r" \(lines: [^)]*\)", ""),
    ),
    "zh": ((r"第 \d+ 行的?", ""), (r"（行：[^）]*）", "")),
}
"""How a sentence about a row of a file is made one about an entry: pattern, what stands in its place."""


def sentences(problems: pl.DataFrame, label: Callable[[str], str], language: str) -> list[str]:
    """One paragraph a problem: the field, what is wrong with it, what is accepted; what to do is for files.

    Columns in: those of `Checked.rejected`; label: the name of a field as its box has it.
    """
    between = "" if language == "zh" else " "
    told = explained(problems, language).select("column", "what", "accepted")
    return [
        f"**{label(name or '')}** · " + between.join((placeless(what, name or "", label, language), accepted))
        for name, what, accepted in told.iter_rows()
    ]


def placeless(sentence: str, name: str, label: Callable[[str], str], language: str) -> str:
    """The sentence without the line, and with the field's label in place of its name.

    >>> told = "“-5” in line 3, column “participants_online”, is too small."
    >>> placeless(told, "participants_online", lambda name: "Participants online", "en")
    '“-5” in “Participants online” is too small.'
    """
    for pattern, place in PLACES[language]:
        sentence = re.sub(pattern, place, sentence)
    return sentence.replace(f"“{name}”", f"“{label(name)}”") if name else sentence
