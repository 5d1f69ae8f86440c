"""The store under kill -9 and under several writers: all or nothing, and nobody's rows are lost."""

from __future__ import annotations

import contextlib
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import polars as pl

from data.access import DEMO_VIEWERS
from data.settings import Settings
from data.snapshots import sweep
from data.store import Store

ROOT = Path(__file__).parents[2]
PARKS = pl.DataFrame({"park_id": ["P1"], "city_id": ["beijing"], "district_code": ["110105"]})
ROWS = 10_000
CHILD = """
import sys, threading
from datetime import date
from pathlib import Path
from types import SimpleNamespace
import polars as pl
from data.access import DEMO_VIEWERS
from data.settings import Settings
from data.store import Provenance, Store

home, names, n = Path(sys.argv[1]), sys.argv[2].split(","), int(sys.argv[3])
parks = pl.DataFrame({"park_id": ["P1"], "city_id": ["beijing"], "district_code": ["110105"]})
store = Store.open(Settings(home, f"sqlite:///{home}/parkpulse.db", 8501, "127.0.0.1", "demo"), parks)
analyst = store.for_viewer(DEMO_VIEWERS["analyst"])

def add(name):
    frame = pl.DataFrame({"event_id": [f"{name}-{i}" for i in range(n)]})
    frame = frame.with_columns(date=date(2026, 10, 5), is_synthetic=False)
    analyst.add(SimpleNamespace(dataset="events", accepted=frame), Provenance(name, name.encode() * n, "ann"))

threads = [threading.Thread(target=add, args=(name,)) for name in names]
print("ready", flush=True)
for thread in threads: thread.start()
for thread in threads: thread.join()
print("stored", flush=True)
"""


def opened(home):
    settings = Settings(home, f"sqlite:///{home}/parkpulse.db", 8501, "127.0.0.1", "demo")
    return contextlib.closing(Store.open(settings, PARKS))


def spawn(home, names, n):
    arguments = [sys.executable, "-c", CHILD, str(home), names, str(n)]
    return subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def counted(home):
    """Rows an active upload says it has, and rows it has, by file name; integrity checked."""
    with opened(home) as store:
        with store._engines.read.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        analyst = store.for_viewer(DEMO_VIEWERS["analyst"])
        uploads = dict(analyst.uploads().select("file_name", "n_rows").rows())
        names = analyst.events().collect().select(pl.col("event_id").str.split("-").list.first()).to_series()
        assert analyst.revision() == len(uploads)
        return uploads, dict(names.value_counts().rows())


def test_ten_kills_store_all_or_nothing(tmp_path):
    with spawn(tmp_path, "whole", ROWS) as child:
        assert child.stdout.readline() == "ready\n"
        started = time.perf_counter()
        assert child.stdout.readline() == "stored\n"
        whole = time.perf_counter() - started
    chance, outcomes = random.Random(5), []
    for k in range(10):
        with spawn(tmp_path, f"k{k}", ROWS) as child:
            assert child.stdout.readline() == "ready\n"
            time.sleep(chance.uniform(0, 1.2 * whole))
            child.kill()
        uploads, rows = counted(tmp_path)
        assert uploads == rows
        assert set(rows.values()) == {ROWS}
        outcomes.append(f"k{k}" in rows)
    with spawn(tmp_path, ",".join(f"k{k}" for k in range(10)), ROWS) as child:  # everybody presses the button again
        assert child.wait(120) == 0
    uploads, rows = counted(tmp_path)
    assert uploads == rows == dict.fromkeys(["whole", *(f"k{k}" for k in range(10))], ROWS)
    assert not all(outcomes)
    sweep(tmp_path / "raw", older_than_minutes=-1)
    assert len(list((tmp_path / "raw").iterdir())) == 11


def test_two_programs_and_four_threads_each_store_at_once(tmp_path):
    reading, faults = threading.Event(), []

    def watch(store):
        analyst = store.for_viewer(DEMO_VIEWERS["analyst"])
        while not reading.wait(0.02):
            rows = analyst.events().select(pl.len()).collect().item()
            if rows % 2_000:
                faults.append(rows)

    with opened(tmp_path) as store:
        watcher = threading.Thread(target=watch, args=(store,))
        watcher.start()
        running = [spawn(tmp_path, names, 2_000) for names in ("a,b,c,d", "e,f,g,h")]
        for child in running:
            assert child.communicate(timeout=120)[0] == "ready\nstored\n"
            assert child.returncode == 0
        reading.set()
        watcher.join()
    uploads, rows = counted(tmp_path)
    assert uploads == rows == dict.fromkeys("abcdefgh", 2_000)
    assert faults == []


def test_the_same_file_stored_by_two_programs_at_once_is_one_upload(tmp_path):
    running = [spawn(tmp_path, "a,a,a", 2_000) for _ in range(2)]
    for child in running:
        assert child.communicate(timeout=120)[0] == "ready\nstored\n"
    assert counted(tmp_path) == ({"a": 2_000}, {"a": 2_000})
