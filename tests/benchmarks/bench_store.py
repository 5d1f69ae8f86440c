"""How long 200,000 rows of 18 columns take to store in one transaction, and how long a page waits to read them.

    python tests/benchmarks/bench_store.py [sqlalchemy address of an empty PostgreSQL schema]

The rows are enterprises with every column filled (17 columns, and the number of their upload), generated with a fixed
seed. One transaction holds the rows, the row of the upload, the revision, the status change and the audit entry; the
file's bytes are written and synced before it.
"""

from __future__ import annotations

import contextlib
import resource
import sys
import tempfile
import time
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import polars as pl

sys.path.insert(0, str(Path(__file__).parents[2]))

from data.access import DEMO_VIEWERS
from data.schema import TABLES, columns
from data.settings import Settings
from data.store import Provenance, Store

N = 200_000
PARKS = pl.DataFrame({"park_id": ["P1"], "city_id": ["beijing"], "district_code": ["110105"]})


def enterprises() -> SimpleNamespace:
    """The rows, in the order of no key."""
    chance = np.random.default_rng(5)
    frame = pl.DataFrame({"enterprise_id": chance.permutation([f"E{n:06d}" for n in range(N)])}).with_columns(
        city_id=pl.lit("beijing"),
        district_code=pl.Series(chance.choice(["110101", "110105", "110106"], N)),
        lon=pl.Series(chance.uniform(116, 117, N)),
        lat=pl.Series(chance.uniform(39, 40, N)),
        coord_system=pl.lit("WGS84"),
        industry_code=pl.Series(chance.choice(["86", "87", "88"], N)),
        culture_code=pl.lit("02"),
        park_id=pl.Series(chance.choice(["P1", "P2", None], N), dtype=pl.String),
        opened_on=pl.lit(date(2015, 3, 1)),
        closed_on=pl.lit(date(2025, 3, 1)),
        employees=pl.Series(chance.integers(0, 500, N)),
        status=pl.lit("active"),
        is_synthetic=pl.lit(True),
        name=pl.format("文化科技有限公司{}", pl.int_range(N)),
        industry_scheme=pl.lit("GB/T 4754-2017"),
    )
    assert set(frame.columns) == set(columns(TABLES["enterprises"])), set(columns(TABLES["enterprises"]))
    return SimpleNamespace(dataset="enterprises", accepted=frame)


def main(url: str | None) -> None:
    """Store twice (the second supersedes every row), then read."""
    checked = enterprises()
    print(f"{N:,} rows, {checked.accepted.width + 1} columns with the upload's number")
    with tempfile.TemporaryDirectory() as home:
        settings = Settings(Path(home), url or f"sqlite:///{home}/p.db", 8501, "127.0.0.1", "demo")
        with contextlib.closing(Store.open(settings, PARKS)) as store:
            analyst = store.for_viewer(DEMO_VIEWERS["analyst"])
            for name, act in (
                ("add", lambda: analyst.add(checked, Provenance("1.csv", b"1" * 27_000_000, "ann"))),
                ("the same bytes again", lambda: analyst.add(checked, Provenance("1.csv", b"1" * 27_000_000, "ann"))),
                ("preview", lambda: analyst.preview(checked)),
                ("add, superseding all", lambda: analyst.add(checked, Provenance("2.csv", b"2" * 27_000_000, "ann"))),
                ("first page after it", lambda: analyst.enterprises().collect()),
                ("next page", lambda: analyst.enterprises().collect()),
                ("undo", lambda: analyst.undo(2)),
            ):
                started, cpu = time.perf_counter(), time.process_time()
                act()
                took = (time.perf_counter() - started, time.process_time() - cpu)
                print(f"{name:24} {took[0]:6.2f} s, of the processor {took[1]:6.2f} s")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
