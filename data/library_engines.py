"""The full-text index of each kind of store, the table `library_words` beside `library_text` (migration 0006).

On SQLite it is a table of FTS5 with one column a searched text, on PostgreSQL a `tsvector` with a GIN index. Both get
our own pieces, so that no language's rules stand between a word and the texts that hold it: both find the same texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

import sqlalchemy as sa

from data.library_pieces import in_a_row, tokens

WEIGHTS = {"title": 8.0, "issuer": 4.0, "topic": 4.0, "summary": 2.0, "source_title": 1.0}
"""The columns that are searched and how much a find in each counts: our choice, titles first."""

Question = Sequence[Sequence[str]]
"""The words looked for, each as its pieces (`library_pieces.asked`)."""

MARK = "…"  # no piece of ours: the texts that PostgreSQL holds in part only
LAST_PLACE = 16_383
MOST_PLACES = 255
ROOM = 2**19  # bytes; a tsvector holds 2**20
_GRADES = {"title": "A", "issuer": "B", "topic": "B", "summary": "C", "source_title": "D"}


class Engine(Protocol):
    """What the index asks of a kind of store."""

    def lock(self, connection: sa.Connection) -> None:
        """Let nobody else write the index until the commit."""

    def add(self, connection: sa.Connection, texts: Iterable[tuple[int, Sequence[str]]]) -> None:
        """Index these texts (text_id, the text of each column of WEIGHTS)."""

    def scores(self, connection: sa.Connection, question: Question) -> dict[int, float]:
        """text_id of every indexed text that holds all the words, and how well it fits: larger is better."""


class Fts5:
    """SQLite's FTS5; score = BM25 of Okapi over the pieces with the WEIGHTS of the columns, among the texts indexed."""

    def lock(self, connection: sa.Connection) -> None:
        """BEGIN IMMEDIATE holds the whole file already."""

    def add(self, connection: sa.Connection, texts: Iterable[tuple[int, Sequence[str]]]) -> None:
        """Index these texts."""
        rows = [{"text_id": n} | _columns(" ".join(tokens(text)) for text in row) for n, row in texts]
        names = ", ".join(WEIGHTS)
        holes = ", ".join(f":{name}" for name in WEIGHTS)
        connection.execute(sa.text(f"INSERT INTO library_words (rowid, {names}) VALUES (:text_id, {holes})"), rows)

    def scores(self, connection: sa.Connection, question: Question) -> dict[int, float]:
        """text_id and score of the texts with all the words."""
        weights = ", ".join(str(weight) for weight in WEIGHTS.values())
        found = sa.text(
            f"SELECT rowid, -bm25(library_words, {weights}) FROM library_words WHERE library_words MATCH :q"
        )
        return {int(n): float(score) for n, score in connection.execute(found, {"q": fts5_query(question)})}


class TsVector:
    """PostgreSQL's tsvector; score = ts_rank, which weighs every find by its column (A title to D source, as WEIGHTS)
    and how near the words stand, divided by 1 + log of the text's pieces.

    A tsvector keeps 255 places of a piece, none above 16,383, and a megabyte in all. A text with more is indexed as far
    as that goes, marked, and held as its pieces in a row: every question asks for the marked texts too and reads these.
    """

    def lock(self, connection: sa.Connection) -> None:
        """One writer at a time; readers go on."""
        connection.execute(sa.text("LOCK TABLE library_text IN SHARE ROW EXCLUSIVE MODE"))

    def add(self, connection: sa.Connection, texts: Iterable[tuple[int, Sequence[str]]]) -> None:
        """Index these texts."""
        rows = [{"text_id": n} | _indexed([tokens(text) for text in row]) for n, row in texts]
        insert = (
            "INSERT INTO library_words (text_id, words, pieces) VALUES (:text_id, CAST(:words AS tsvector), :pieces)"
        )
        connection.execute(sa.text(insert), rows)

    def scores(self, connection: sa.Connection, question: Question) -> dict[int, float]:
        """text_id and score of the texts with all the words."""
        rows = {f"row_{n}": in_a_row(pieces) for n, pieces in enumerate(question)}
        held = " AND ".join(f"strpos(pieces, :{name}) > 0" for name in rows)
        scale = max(WEIGHTS.values())
        grades = {grade: WEIGHTS[name] / scale for name, grade in _GRADES.items()}
        weights = [grades[grade] for grade in "DCBA"]
        found = sa.text(
            "SELECT text_id, ts_rank(CAST(:weights AS real[]), words, CAST(:q AS tsquery), 1) FROM library_words "
            f"WHERE words @@ CAST(:wide AS tsquery) AND (pieces IS NULL OR {held})"
        )
        query = ts_query(question)
        values = {"weights": weights, "q": query, "wide": f"({query}) | '{MARK}'", **rows}
        return {int(n): float(score) for n, score in connection.execute(found, values)}


ENGINES: dict[str, Engine] = {"sqlite": Fts5(), "postgresql": TsVector()}


def fts5_query(question: Question) -> str:
    """What FTS5 is asked: every word, each as its pieces in a row, the last piece as a beginning.

    >>> fts5_query([["工业", "业遗", "遗产"], ["park"]])
    '"工业 业遗 遗产"* AND "park"*'
    """
    return " AND ".join(f'"{" ".join(pieces)}"*' for pieces in question)


def ts_query(question: Question) -> str:
    """The same for PostgreSQL.

    >>> ts_query([["工业", "业遗", "遗产"], ["park"]])
    "('工业' <-> '业遗' <-> '遗产':*) & ('park':*)"
    """
    return " & ".join("(" + " <-> ".join(f"'{piece}'" for piece in pieces) + ":*)" for pieces in question)


def ts_vector(columns: Sequence[Sequence[str]]) -> tuple[str, bool]:
    """The pieces of the columns of WEIGHTS as a tsvector in writing, and whether it holds them all at their places.

    Between two columns a place stays free: no words in a row go from one into the next.

    >>> ts_vector([["工业", "业"], ["park"]])
    ("'工业':1A '业':2A 'park':4B", True)
    """
    places: dict[str, list[str]] = {}
    start, size, whole = 1, 0, True
    for grade, pieces in zip(_GRADES.values(), columns, strict=False):
        for place, piece in enumerate(pieces, start):
            at = places.get(piece)
            if place > LAST_PLACE or size > ROOM or (at is not None and len(at) == MOST_PLACES):
                whole = False
            elif at is None:
                places[piece] = [f"{place}{grade}"]
                size += 4 * len(piece) + 8
            else:
                at.append(f"{place}{grade}")
                size += 2
        start += len(pieces) + 1
    return " ".join([f"'{piece}':{','.join(at)}" for piece, at in places.items()]), whole


def _indexed(columns: Sequence[Sequence[str]]) -> dict[str, str | None]:
    vector, whole = ts_vector(columns)
    if whole:
        return {"words": vector, "pieces": None}
    return {"words": f"{vector} '{MARK}'", "pieces": "\n".join(in_a_row(pieces) for pieces in columns)}


def _columns(texts: Iterable[str]) -> dict[str, object]:
    return dict(zip(WEIGHTS, texts, strict=True))
