"""Columns as declared and columns as a file names them: Chinese or English headers to fields."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from data.ingest.problems import IngestError, Note, Problem, Rule
from data.ingest.table import Table
from data.ingest.values import name_key, tidy

Kind = Literal[
    "month",
    "date",
    "number",
    "whole",
    "yes_no",
    "text",
    "id",
    "choice",
    "park",
    "city",
    "district",
    "programme",
    "industry",
    "culture",
    "answer",
]
MOST_SUGGESTIONS = 50
LONGEST_COMPARED = 40
_BRACKETS = re.compile(r"[(\[【].*?[)\]】]")


@dataclass(frozen=True)
class Field:
    """One column of a data set as declared.

    name: of the stored column. kind: how a cell is read. required: the header and every cell of it must be there.
    aliases: header spellings, Chinese and English; the name itself always counts. low, high: limits of a number.
    choices: stored value -> accepted spellings, for kind "choice"; refusal: the rule another cell breaks.
    scale: whose answers are accepted, for kind "answer".
    """

    name: str
    kind: Kind
    required: bool = False
    aliases: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    refusal: Rule = Rule.BAD_CHOICE
    scale: str = ""

    @property
    def spellings(self) -> tuple[str, ...]:
        """Every header that names this column."""
        return (self.name, *self.aliases)


@dataclass(frozen=True)
class Headers:
    """Which column of a table is which field.

    titles: field -> header as in the file. columns: field -> frame column.
    """

    titles: Mapping[str, str]
    columns: Mapping[str, str]
    problems: tuple[Problem, ...]
    notes: tuple[Note, ...]

    @property
    def mapping(self) -> dict[str, str]:
        """Header as in the file -> field."""
        return {title: name for name, title in self.titles.items()}


def match_headers(table: Table, fields: Sequence[Field], one_of: Sequence[Sequence[str]] = ()) -> Headers:
    """Fields found in a table's header; unknown headers are remarks, missing and doubled ones are problems.

    one_of: groups of fields of which at least one must be there (park_id or park_name).
    Errors: IngestError header_not_found when no header at all is known.
    """
    places = _places(table.header, fields)
    if not places:
        shown = ", ".join(title for title in table.header if title)[:120]
        raise IngestError(Rule.HEADER_NOT_FOUND, line=table.header_line, value=shown)
    unknown = [place for place in range(len(table.header)) if all(place not in found for found in places.values())]
    free = [table.header[place] for place in unknown if table.header[place]]
    doubled = [
        Problem(table.header_line, table.header[place], table.header[place], Rule.DOUBLED_HEADER, accepted=name)
        for name, found in places.items()
        for place in found[1:]
    ]
    missing = _missing(table.header_line, places, fields, one_of, free)
    return Headers(
        titles={name: table.header[found[0]] for name, found in places.items()},
        columns={name: table.columns[found[0]] for name, found in places.items()},
        problems=(*doubled, *missing),
        notes=tuple(_unknown_notes(table, unknown, fields, places)),
    )


def _header_keys(title: str) -> tuple[str, str]:
    return name_key(title), name_key(_BRACKETS.sub("", tidy(title)))


def _places(header: Sequence[str], fields: Sequence[Field]) -> dict[str, list[int]]:
    """Field -> positions of the headers that name it; an exact spelling goes before one with its (unit) cut off."""
    known = {name_key(spelling): entry.name for entry in reversed(fields) for spelling in reversed(entry.spellings)}
    known.update({name_key(entry.name): entry.name for entry in fields})
    places: dict[str, list[int]] = {}
    for place, title in enumerate(header):
        keys = _header_keys(title)
        name = known.get(keys[0]) or known.get(keys[1])
        if name is not None:
            places.setdefault(name, []).append(place)
    return places


def _missing(
    line: int,
    places: Mapping[str, object],
    fields: Sequence[Field],
    one_of: Sequence[Sequence[str]],
    free: Sequence[str],
) -> list[Problem]:
    by_name = {entry.name: entry for entry in fields}
    groups = [(entry.name,) for entry in fields if entry.required] + [tuple(group) for group in one_of]
    problems = []
    for group in groups:
        if any(name in places for name in group):
            continue
        spellings = [spelling for name in group for spelling in by_name[name].spellings]
        shown = " / ".join(dict.fromkeys(spelling for name in group for spelling in by_name[name].spellings[:2]))
        problems.append(Problem(line, group[0], "", Rule.MISSING_HEADER, _closest_title(spellings, free), shown))
    return problems


def _closest_title(spellings: Sequence[str], titles: Sequence[str]) -> str:
    by_key = {name_key(title): title for title in titles if len(title) <= LONGEST_COMPARED}
    for spelling in spellings[:10]:
        near = _closest(name_key(spelling), list(by_key)[:MOST_SUGGESTIONS])
        if near:
            return by_key[near]
    return ""


def _closest(key: str, keys: Sequence[str]) -> str:
    """The most similar key; of two characters, as in 月份, one may differ."""
    return next(iter(difflib.get_close_matches(key, keys, n=1, cutoff=0.5 if len(key) <= 3 else 0.6)), "")


def _unknown_notes(
    table: Table, unknown: Sequence[int], fields: Sequence[Field], places: Mapping[str, object]
) -> list[Note]:
    free = {name_key(s): s for entry in fields if entry.name not in places for s in entry.spellings}
    notes = []
    for count, place in enumerate(unknown):
        title = table.header[place]
        if not title:
            if table.frame[table.columns[place]].fill_null("").str.strip_chars().ne("").any():
                notes.append(Note("note.unnamed_column", {"place": place + 1}))
            continue
        key = name_key(title)
        comparable = count < MOST_SUGGESTIONS and len(key) <= LONGEST_COMPARED
        near = _closest(key, list(free)) if comparable else ""
        values = {"column": title[:80], "line": table.header_line, "suggestion": free[near] if near else None}
        notes.append(Note("note.unknown_header_near" if near else "note.unknown_header", values))
    return notes
