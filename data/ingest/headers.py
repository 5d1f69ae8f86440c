"""Columns as declared and columns as a file names them: Chinese or English headers to fields."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import polars as pl
from rapidfuzz import fuzz, process

from data.ingest.problems import IngestError, Note, Problem, Rule
from data.ingest.table import Table
from data.ingest.values import name_key, tidy

Kind = Literal[
    "month",
    "date",
    "time",
    "year",
    "number",
    "whole",
    "percent",
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
    "tags",
    "several",
    "parks",
    "region",
    "partner",
    "offer",
    "need",
]
MOST_SUGGESTIONS = 50
LONGEST_COMPARED = 40
MOST_FIELDS = 5
LEAST_SCORE = 60.0
SHORT_SCORE = 50.0
UNKNOWN = {"header": pl.String, "field": pl.String, "score": pl.Float64}
_BRACKETS = re.compile(r"[(\[【].*?[)\]】]")


@dataclass(frozen=True)
class Field:
    """One column of a data set as declared.

    name: of the stored column. kind: how a cell is read. required: the header and every cell of it must be there.
    aliases: header spellings, Chinese and English; the name itself always counts. low, high: limits of a number.
    choices: stored value -> accepted spellings, for kinds "choice" and "several"; refusal: the rule another cell
    breaks. scale: whose answers are accepted, for kind "answer". ahead: days after today that a date may lie.
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
    ahead: int = 0

    @property
    def spellings(self) -> tuple[str, ...]:
        """Every header that names this column."""
        return (self.name, *self.aliases)


@dataclass(frozen=True)
class Headers:
    """Which column of a table is which field.

    titles: field -> header as in the file. columns: field -> frame column. unknown: header, field, score (0 to 100):
    the fields that a header which is not known may mean, the likeliest first; field null where none is near.
    """

    titles: Mapping[str, str]
    columns: Mapping[str, str]
    problems: tuple[Problem, ...]
    notes: tuple[Note, ...]
    unknown: pl.DataFrame

    @property
    def mapping(self) -> dict[str, str]:
        """Header as in the file -> field."""
        return {title: name for name, title in self.titles.items()}


def match_headers(
    table: Table,
    fields: Sequence[Field],
    one_of: Sequence[Sequence[str]] = (),
    mapping: Mapping[str, str] | None = None,
) -> Headers:
    """Fields found in a table's header; unknown headers are remarks, missing and doubled ones are problems.

    one_of: groups of fields of which at least one must be there (park_id or park_name). mapping: header as in the file
    -> field, or "" to leave the column out, as a person has confirmed it; it goes before every known spelling.
    Errors: IngestError header_not_found when no header at all is known; a table without any says so by its line 0.
    """
    confirmed = mapping or {}
    places = _places(table.header, fields, confirmed)
    if not places and table.header_line:
        shown = ", ".join(title for title in table.header if title)[:120]
        raise IngestError(Rule.HEADER_NOT_FOUND, line=table.header_line, value=shown)
    taken = {place for found in places.values() for place in found}
    unknown = [place for place, title in enumerate(table.header) if place not in taken and confirmed.get(title) != ""]
    free = [table.header[place] for place in unknown if table.header[place]]
    doubled = [
        Problem(table.header_line, table.header[place], table.header[place], Rule.DOUBLED_HEADER, accepted=name)
        for name, found in places.items()
        for place in found[1:]
    ]
    missing = _missing(table.header_line, places, fields, one_of, free)
    near = _near_fields(free, [entry for entry in fields if entry.name not in places])
    return Headers(
        titles={name: table.header[found[0]] for name, found in places.items()},
        columns={name: table.columns[found[0]] for name, found in places.items()},
        problems=(*doubled, *missing),
        notes=(*_mapping_notes(fields, confirmed), *_unknown_notes(table, unknown, near)),
        unknown=_unknown_frame(free, near),
    )


def _header_keys(title: str) -> tuple[str, str]:
    return name_key(title), name_key(_BRACKETS.sub("", tidy(title)))


def _places(header: Sequence[str], fields: Sequence[Field], confirmed: Mapping[str, str]) -> dict[str, list[int]]:
    """Field -> positions of the headers that name it: those a person has confirmed, else those spelt like it.

    An exact spelling goes before one with its (unit) cut off.
    """
    names = {entry.name for entry in fields}
    places: dict[str, list[int]] = {}
    for place, title in enumerate(header):
        if confirmed.get(title) in names:
            places.setdefault(confirmed[title], []).append(place)
    known = {name_key(spelling): entry.name for entry in reversed(fields) for spelling in reversed(entry.spellings)}
    known.update({name_key(entry.name): entry.name for entry in fields})
    spelt: dict[str, list[int]] = {}
    for place, title in enumerate(header):
        keys = _header_keys(title)
        name = known.get(keys[0]) or known.get(keys[1])
        if name is not None and name not in places and confirmed.get(title) not in (*names, ""):
            spelt.setdefault(name, []).append(place)
    return places | spelt


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
        near = ranked(name_key(spelling), list(by_key)[:MOST_SUGGESTIONS], 1)
        if near:
            return by_key[near[0][0]]
    return ""


def ranked(key: str, keys: Sequence[str], most: int) -> list[tuple[str, float]]:
    """The most similar keys with their scores (0 to 100); of two characters, as in 月份, one may differ.

    >>> ranked("月分", ["月份", "园区编号"], 2)
    [('月份', 50.0)]
    """
    least = SHORT_SCORE if len(key) <= 3 else LEAST_SCORE
    if most == 1:
        best = process.extractOne(key, keys, scorer=fuzz.ratio, score_cutoff=least)
        return [(best[0], round(best[1], 1))] if best else []
    found = process.extract(key, keys, scorer=fuzz.ratio, limit=most, score_cutoff=least)
    return [(near, round(score, 1)) for near, score, _ in found]


def _near_fields(titles: Sequence[str], fields: Sequence[Field]) -> dict[str, list[tuple[str, str, float]]]:
    """Header that is not known -> field, its nearest spelling and the score, the likeliest field first."""
    spellings = {name_key(spelling): (entry.name, spelling) for entry in fields for spelling in entry.spellings}
    near: dict[str, list[tuple[str, str, float]]] = {}
    for title in titles[:MOST_SUGGESTIONS]:
        key = name_key(title)
        if not key or len(key) > LONGEST_COMPARED:
            continue
        best: dict[str, tuple[str, str, float]] = {}
        for found, score in ranked(key, list(spellings), 4 * MOST_FIELDS):
            name, spelling = spellings[found]
            best.setdefault(name, (name, spelling, score))
        near[title] = list(best.values())[:MOST_FIELDS]
    return near


def _unknown_frame(titles: Sequence[str], near: Mapping[str, Sequence[tuple[str, str, float]]]) -> pl.DataFrame:
    rows: list[tuple[str, str | None, float | None]] = []
    for title in dict.fromkeys(titles):
        rows += [(title, name, score) for name, _, score in near.get(title, ())] or [(title, None, None)]
    return pl.DataFrame(rows, schema=UNKNOWN, orient="row")


def _mapping_notes(fields: Sequence[Field], confirmed: Mapping[str, str]) -> list[Note]:
    """Fields that a confirmed mapping names and this data set does not have."""
    names = {entry.name for entry in fields}
    return [
        Note("note.mapping_unknown", {"column": title[:80], "value": name[:80]})
        for title, name in confirmed.items()
        if name and name not in names
    ]


def _unknown_notes(
    table: Table, unknown: Sequence[int], near: Mapping[str, Sequence[tuple[str, str, float]]]
) -> list[Note]:
    notes = []
    for place in unknown:
        title = table.header[place]
        if not title:
            if table.frame[table.columns[place]].fill_null("").str.strip_chars().ne("").any():
                notes.append(Note("note.unnamed_column", {"place": place + 1}))
            continue
        spelling = next((spelling for _, spelling, _ in near.get(title, ())), None)
        values = {"column": title[:80], "line": table.header_line, "suggestion": spelling}
        notes.append(Note("note.unknown_header_near" if spelling else "note.unknown_header", values))
    return notes
