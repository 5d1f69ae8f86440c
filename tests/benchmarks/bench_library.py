"""How long the store's own engine takes to index 1,000 and 10,000 documents of the library and to search them.

    python tests/benchmarks/bench_library.py [sqlalchemy address of an empty PostgreSQL schema]

Documents of about 300 characters in five texts, made of 4,000 Chinese words with a fixed seed. `index`: the first
search of an empty index, least of three; `one changed`: the first search after one document was changed; searches:
least of ten.
"""

from __future__ import annotations

import contextlib
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import sqlalchemy as sa

sys.path.insert(0, str(Path(__file__).parents[2]))

from data.engines import Engines, open_engines
from data.library_search import LibraryIndex
from data.migrations import migrate
from data.schema import library_text

SIZES = (1_000, 10_000)
LETTERS = {"title": 24, "issuer": 9, "topic": 6, "summary": 240, "source_title": 15}
WORDS = {
    "in four of ten": "园区",
    "four characters": "工业遗产",
    "two words": "文化 园区",
    "in few": "第77号",
}


def texts(chance: random.Random) -> Iterator[str]:
    """Texts of about as many letters as asked for by `send`, every one with a number."""
    signs = [chr(0x4E00 + n) for n in range(3000)]
    words = ["".join(chance.choices(signs, k=chance.choice((2, 2, 2, 3, 4)))) for _ in range(4000)]
    words += ["园区", "文化", "工业遗产"]
    often = [1 / (n + 10) for n in range(4000)] + [0.03, 0.03, 0.005]
    letters = yield ""
    while True:
        letters = yield "".join(chance.choices(words, often, k=letters // 3)) + f" 第{chance.randrange(999)}号"


def library(n: int) -> pl.DataFrame:
    """Documents with their five texts."""
    made = texts(random.Random(n))
    next(made)
    rows = [[f"D{place:05}", *(made.send(letters) for letters in LETTERS.values())] for place in range(n)]
    return pl.DataFrame(rows, schema=["document_id", *LETTERS], orient="row")


def seconds(work: Callable[[], object]) -> float:
    """How long the work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def measured(engines: Engines, n: int) -> None:
    """Print the times of one size on one store."""
    documents, taken = library(n), []
    for _ in range(3):
        with engines.write.begin() as connection:
            connection.execute(sa.delete(library_text))
        index = LibraryIndex(engines, documents)
        taken.append(seconds(lambda index=index: index.found("没有")))
    changed = documents.with_columns(title=pl.when(document_id="D00003").then(pl.lit("改了")).otherwise("title"))
    opened = min(seconds(lambda: LibraryIndex(engines, documents)) for _ in range(5))
    one = seconds(lambda: LibraryIndex(engines, changed).found("改了"))
    kind = engines.url.get_backend_name()
    print(f"{kind}, {n:,}: digests {opened * 1e3:.0f} ms, index {min(taken):.2f} s, one changed {one * 1e3:.0f} ms")
    for name, words in WORDS.items():
        least = min(seconds(lambda words=words: index.found(words)) for _ in range(10))
        print(f"  {name}: {index.found(words, most=n).height:,} found, best 200 in {least * 1e3:.0f} ms")


def main(postgresql: str | None) -> None:
    """Both sizes on both stores."""
    print(f"load {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        for url in filter(None, (f"sqlite:///{folder}/parkpulse.db", postgresql)):
            with contextlib.closing(open_engines(url)) as engines:
                migrate(engines)
                for n in SIZES:
                    measured(engines, n)
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
