"""Full-text search in the library: Chinese words of any length and English words, best first, with the place found.

The library is shipped rows with stored ones over them, so no table of the store holds it as it is seen: the index is
made in memory from the documents a viewer sees, by SQLite's FTS5, and is the same on either kind of store. Chinese has
no blanks between words; a run of Chinese characters is indexed as its pairs of neighbours (工业遗产 as 工业, 业遗, 遗产
and the last 产), and a word is looked for as its pairs in a row, so that exactly the texts are found that contain it.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterable, Sequence

import polars as pl

from data.engines import sqlite_library

WEIGHTS = {"title": 8.0, "issuer": 4.0, "topic": 4.0, "summary": 2.0, "source_title": 1.0}
"""The columns that are searched and how much a find in each counts: our choice, titles first."""

FOUND = {"document_id": pl.String(), "score": pl.Float64(), "column": pl.String(), "rank": pl.UInt32()}
BEFORE, AFTER = 24, 96
MOST = 200
_CHINESE = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_PARTS = re.compile(rf"[{_CHINESE}]+|[^\W_{_CHINESE}]+")
_RUN = re.compile(rf"[{_CHINESE}]")


def tokens(text: str) -> list[str]:
    """The pieces a text is indexed by: words and numbers in small letters, Chinese as pairs and the last character.

    Wide and compatibility forms are read as the plain ones.

    >>> tokens("C3 工业遗产〔2017〕589号")
    ['c3', '工业', '业遗', '遗产', '产', '2017', '589', '号']
    """
    return [token for part in _parts(text) for token in (*_pairs(part), part[-1] if _is_chinese(part) else part)]


def match_query(words: str) -> str:
    """What FTS5 is asked for these words: every word, each as its pieces in a row, the last piece as a beginning.

    Words without a letter, a character or a digit ask for nothing.

    >>> match_query('工业遗产 Park'), match_query('园'), match_query('"( )"')
    ('"工业 业遗 遗产"* AND "park"*', '"园"*', '')
    """
    return " AND ".join(f'"{" ".join(pieces)}"*' for word in words.split() if (pieces := _asked(word)))


def excerpt(text: str, words: str) -> list[tuple[str, bool]]:
    """The part of a text around the first of the words, cut into pieces; True: one of the words.

    A text without any of them begins at its beginning. An excerpt that leaves something out says so with "…".

    >>> excerpt("七大课题研究报告", "课题")
    [('七大', False), ('课题', True), ('研究报告', False)]
    """
    places = _places(text, words)
    start = max(0, places[0][0] - BEFORE) if places and places[0][0] > BEFORE else 0
    end = min(len(text), start + BEFORE + AFTER)
    pieces, at = [("…", False)] if start else [], start
    for first, last in places:
        if first >= at and last <= end:
            pieces += [(text[at:first], False), (text[first:last], True)]
            at = last
    pieces += [(text[at:end], False), ("…" if end < len(text) else "", False)]
    return [(piece, hit) for piece, hit in pieces if piece]


class LibraryIndex:
    """The index of some documents; asked from several threads one after the other."""

    def __init__(self, documents: pl.DataFrame) -> None:
        """Index the documents.

        documents: document_id and any of the columns of WEIGHTS (String, may be empty), one row a document.
        """
        library = sqlite_library()
        self._lock = threading.Lock()
        self._columns = [name for name in WEIGHTS if name in documents.columns]
        self._texts = documents.select("document_id", *self._columns).sort("document_id").rows()
        self._connection = library.connect(":memory:", check_same_thread=False)
        names = ", ".join(self._columns)
        self._connection.execute(f"CREATE VIRTUAL TABLE library USING fts5({names}, tokenize='unicode61')")
        holes = ", ".join("?" for _ in range(len(self._columns) + 1))
        rows = ((place, *(" ".join(tokens(text or "")) for text in row[1:])) for place, row in enumerate(self._texts))
        self._connection.executemany(f"INSERT INTO library (rowid, {names}) VALUES ({holes})", rows)

    def found(self, words: str, most: int = MOST) -> pl.DataFrame:
        """The documents that hold every one of the words, the best `most` of them, best first.

        Formula: score = BM25 of Okapi over the pieces with the WEIGHTS of the columns. Columns out: document_id, score
        (larger is better), column (the weightiest column with one of the words), rank (from 1; the same score is
        ordered by document_id). No words, and words nobody wrote, give no rows. Source: Robertson and Zaragoza (2009);
        FTS5 bm25(); weights and pairs of characters our choice.

        >>> library = pl.DataFrame({"document_id": ["a", "b"], "title": ["工业遗产名单", "园区白皮书"]})
        >>> LibraryIndex(library).found("遗产")["document_id"].to_list()
        ['a']
        """
        query = match_query(words)
        if not query:
            return pl.DataFrame(schema=FOUND)
        weights = ", ".join(str(WEIGHTS[name]) for name in self._columns)
        asked = f"SELECT rowid, -bm25(library, {weights}) AS score FROM library WHERE library MATCH ?"
        with self._lock:
            hits = self._connection.execute(f"{asked} ORDER BY score DESC, rowid LIMIT ?", (query, most)).fetchall()
        rows = [
            (self._texts[place][0], float(score), self._where(place, words), rank)
            for rank, (place, score) in enumerate(hits, start=1)
        ]
        return pl.DataFrame(rows, schema=FOUND, orient="row")

    def close(self) -> None:
        """Give the memory back; the index is not asked afterwards."""
        self._connection.close()

    def _where(self, place: int, words: str) -> str:
        held = zip(self._columns, self._texts[place][1:], strict=True)
        return next((name for name, text in held if text and _places(text, words)), self._columns[0])


def _parts(text: str) -> list[str]:
    return _PARTS.findall(_plain(text))


def _plain(text: str) -> str:
    """Wide and compatibility forms as the plain ones, in small letters."""
    return unicodedata.normalize("NFKC", text).casefold()


def _is_chinese(part: str) -> bool:
    return bool(_RUN.match(part))


def _pairs(part: str) -> Iterable[str]:
    """The pairs of neighbours of a Chinese run; of anything else none."""
    return (part[at : at + 2] for at in range(len(part) - 1)) if _is_chinese(part) else ()


def _asked(word: str) -> list[str]:
    """The pieces of a word that is looked for; its last Chinese run may go on in the text, so only its pairs count."""
    *whole, last = _parts(word) or [""]
    return [*(token for part in whole for token in tokens(part)), *(tuple(_pairs(last)) or filter(None, (last,)))]


def _places(text: str, words: str) -> list[tuple[int, int]]:
    """Where the words stand in a text as it is written, from left to right, none inside another."""
    plain, origin = _traced(text)
    found: list[tuple[int, int]] = []
    for parts in filter(None, (_parts(word) for word in words.split())):
        begins = "" if _is_chinese(parts[0]) else rf"(?<![^\W_{_CHINESE}])"
        pattern = begins + r"[\W_]*".join(re.escape(part) for part in parts)
        found += [(origin[hit.start()], origin[hit.end() - 1] + 1) for hit in re.finditer(pattern, plain)]
    return _apart(sorted(found, key=lambda place: (place[0], -place[1])))


def _apart(places: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    kept: list[tuple[int, int]] = []
    for first, last in places:
        if not kept or first >= kept[-1][1]:
            kept.append((first, last))
    return kept


def _traced(text: str) -> tuple[str, list[int]]:
    """The text as it is compared, and for each of its characters the place it came from."""
    plain = [(letter, at) for at, written in enumerate(text) for letter in _plain(written)]
    return "".join(letter for letter, _ in plain), [at for _, at in plain]
