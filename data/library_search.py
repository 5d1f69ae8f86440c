"""Full-text search in the library: Chinese words of any length and English words, best first, with the place found.

The library is shipped rows with stored ones over them, so no table of the store holds it as it is seen. The store's own
engine (`library_engines`) therefore indexes texts, not entries: `library_text` knows every text by its digest, and a
search is cut to the digests of the documents that a viewer sees. A changed document has another digest; one that was
undone, or that the viewer does not see, has none. Both tables are a cache outside the record: whoever empties
`library_text` empties both, and the next search puts back what is missing.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

import polars as pl
import sqlalchemy as sa

from data.engines import Engines, reported
from data.history import now
from data.library_engines import ENGINES, WEIGHTS, Question
from data.library_pieces import asked, holds
from data.schema import library_text

FOUND = {"document_id": pl.String(), "score": pl.Float64(), "column": pl.String(), "rank": pl.UInt32()}
MOST = 200
KEPT = timedelta(days=1)  # texts of other documents than those searched stay so long
_FORM = f"1 {unicodedata.unidata_version}"  # a text cut into other pieces is another text


class LibraryIndex:
    """The search of some documents; holds no connection and may be asked by several threads at once."""

    def __init__(self, engines: Engines, documents: pl.DataFrame) -> None:
        """Nothing is written yet: the first search indexes the texts the store does not know.

        documents: document_id and any of the columns of WEIGHTS (String, may be empty), one row a document.
        """
        self._engines = engines
        self._engine = ENGINES[engines.url.get_backend_name()]
        names = [pl.col(name) if name in documents.columns else pl.lit("").alias(name) for name in WEIGHTS]
        rows = documents.select("document_id", *(name.fill_null("") for name in names)).sort("document_id").rows()
        self._texts: dict[str, Sequence[str]] = {}
        self._documents: dict[str, list[str]] = defaultdict(list)
        for document_id, *texts in rows:
            digest = digest_of(texts)
            self._texts[digest] = texts
            self._documents[digest].append(document_id)

    def found(self, words: str, most: int = MOST) -> pl.DataFrame:
        """The documents that hold every one of the words, the best `most` of them, best first.

        Formula: score on SQLite = BM25 of Okapi with the WEIGHTS of the columns, on PostgreSQL = ts_rank with the same
        weights over the largest, by 1 + log of the length: the same documents, perhaps in another order. Columns out:
        document_id, score (larger is better), column (the weightiest column with one of the words), rank (from 1; the
        same score is ordered by document_id). No words, and words nobody wrote, give no rows. Errors: StoreError for a
        store that cannot be read, or, where a text is not indexed yet, cannot be written. Source: Robertson and
        Zaragoza (2009), FTS5 bm25(); PostgreSQL ts_rank(); weights and pairs of characters our choice.
        """
        question = asked(words)
        if not question or not self._texts:
            return pl.DataFrame(schema=FOUND)
        scores = self._scores(question)
        hits = (
            (-score, document_id, digest) for digest, score in scores.items() for document_id in self._documents[digest]
        )
        rows = [
            (document_id, -minus, self._where(digest, question), rank)
            for rank, (minus, document_id, digest) in enumerate(sorted(hits)[:most], start=1)
        ]
        return pl.DataFrame(rows, schema=FOUND, orient="row")

    def _scores(self, question: Question) -> dict[str, float]:
        """Score by digest, of our texts only; if one is not indexed yet, it is, in one transaction with the search."""
        with reported(self._engines.url), self._engines.read.begin() as connection:
            held = _held(connection)
            if self._texts.keys() <= held.keys():
                return self._own(held, self._engine.scores(connection, question))
        with reported(self._engines.url), self._engines.write.begin() as connection:
            self._engine.lock(connection)
            self._complete(connection)
            return self._own(_held(connection), self._engine.scores(connection, question))

    def _own(self, held: Mapping[str, int], scores: Mapping[int, float]) -> dict[str, float]:
        return {digest: scores[held[digest]] for digest in self._texts if held[digest] in scores}

    def _complete(self, connection: sa.Connection) -> None:
        """Index the texts that are missing and drop those that others have not needed for a day."""
        old = sa.select(library_text.c.text_id, library_text.c.digest).where(library_text.c.made_at < now() - KEPT)
        gone = [{"gone": n} for n, digest in connection.execute(old).all() if digest not in self._texts]
        if gone:
            connection.execute(sa.delete(library_text).where(library_text.c.text_id == sa.bindparam("gone")), gone)
        missing = self._texts.keys() - _held(connection).keys()
        if missing:
            rows = [{"digest": digest, "made_at": now()} for digest in missing]
            connection.execute(sa.insert(library_text), rows)
            held = _held(connection)
            self._engine.add(connection, ((held[digest], self._texts[digest]) for digest in missing))

    def _where(self, digest: str, question: Question) -> str:
        held = zip(WEIGHTS, self._texts[digest], strict=True)
        return next((name for name, text in held if any(holds(text, question))), next(iter(WEIGHTS)))


def digest_of(texts: Iterable[str]) -> str:
    """The SHA-256 of a document's searched texts, in the order of WEIGHTS, and of the way they are cut into pieces.

    >>> digest_of(["a", "b"]) == digest_of(["a", "b"]), digest_of(["a", "b"]) == digest_of(["ab", ""])
    (True, False)
    """
    return hashlib.sha256(json.dumps([_FORM, *texts]).encode()).hexdigest()


def _held(connection: sa.Connection) -> dict[str, int]:
    """text_id of every indexed text by its digest."""
    rows = connection.execute(sa.select(library_text.c.digest, library_text.c.text_id))
    return {row.digest: row.text_id for row in rows}
