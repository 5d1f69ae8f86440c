"""The store under kill -9 and under several writers: all or nothing, and nobody's rows are lost."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import polars as pl
import pytest

from data.access import DEMO_VIEWERS
from data.settings import Settings
from data.snapshots import sweep
from data.store import Store

ROOT = Path(__file__).parents[2]
PARKS = pl.DataFrame({"park_id": ["P1"], "city_id": ["beijing"], "district_code": ["110105"]})
ROWS = 1_000
KILLS = 40
OPENING = """
import os, sys, threading
from datetime import date
from pathlib import Path
from types import SimpleNamespace
import polars as pl
import pysqlite3, sqlalchemy.dialects.sqlite.pysqlite
from data.access import Role, Scope, Viewer
from data.settings import Settings
from data.store import ConflictError, Provenance, Store

home, url = Path(sys.argv[1]), sys.argv[2]

def opened(who="ann"):
    parks = pl.DataFrame({"park_id": ["P1"], "city_id": ["beijing"], "district_code": ["110105"]})
    store = Store.open(Settings(home, url, 8501, "127.0.0.1", "demo"), parks)
    return store.for_viewer(Viewer(who, Role.ANALYST, Scope(None)))

def events(name, n):
    frame = pl.DataFrame({"event_id": [f"{name}-{i}" for i in range(n)]})
    frame = frame.with_columns(date=date(2026, 10, 5), is_synthetic=False)
    return SimpleNamespace(dataset="events", accepted=frame)
"""
# Forks a child for each line it reads, so that a kill costs no new start of Python; the child says when it begins.
NURSERY = """
waiting = {"line": [7], "cells": ["{}"], "reasons": ["[]"]}
def load(analyst, name, n):
    waits = pl.DataFrame(waiting, schema={"line": pl.UInt32, "cells": pl.String, "reasons": pl.String})
    analyst.add(events(name, n), Provenance(name, name.encode() * n, "ann"), waiting=waits)

for line in sys.stdin:
    if not (pid := os.fork()):
        analyst = opened()
        os.write(1, b"ready\\n")
        for name in line.split()[1:]:
            load(analyst, name, int(line.split()[0]))
        os._exit(0)
    os.write(1, b"%d\\n" % pid)
    os.waitpid(pid, 0)
    os.write(1, b"ended\\n")
"""
THREADS = """
names, n = sys.argv[3].split(","), int(sys.argv[4])
analyst = opened()
def load(name):
    analyst.add(events(name, n), Provenance(name, name.encode() * n, "ann"))
threads = [threading.Thread(target=load, args=(name,)) for name in names]
print("ready", flush=True)
for thread in threads: thread.start()
for thread in threads: thread.join()
print("stored", flush=True)
"""
ANALYST = """
who = sys.argv[3]
analyst = opened(who)
for line in sys.stdin:
    what, number = line.split()
    rows = [("monthly", date(2026, 10, 1), park, "a", answer, False)
            for park, answer in (("P1", "up" if who == "ann" else "down"), (f"{who}-{number}", "same"))]
    frame = pl.DataFrame(rows, schema=["questionnaire_id", "period", "park_id", "item_id", "answer", "is_synthetic"],
                         orient="row")
    file = SimpleNamespace(dataset="answers", accepted=frame)
    if what == "look":
        seen = analyst.preview(file).seen
        print("seen", flush=True)
        continue
    try:
        stored = analyst.add(file, Provenance("f.csv", f"{who} {number}".encode(), who), seen, over=what == "over")
        print("stored", stored.upload_id, flush=True)
    except ConflictError as error:
        print("told", *error.changes.select("who", "park_id").row(-1), flush=True)
"""


def opened(home):
    settings = Settings(home, f"sqlite:///{home}/parkpulse.db", 8501, "127.0.0.1", "demo")
    return contextlib.closing(Store.open(settings, PARKS))


def spawn(home, code, *words, url=None):
    command = [sys.executable, "-c", OPENING + code, str(home), url or f"sqlite:///{home}/parkpulse.db", *words]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def counted(home):
    """Rows an active upload says it has, and rows it has, by file name; everything else checked for integrity."""
    with opened(home) as store:
        with store._engines.read.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
        analyst = store.for_viewer(DEMO_VIEWERS["analyst"])
        uploads = dict(analyst.uploads().select("file_name", "n_rows").rows())
        names = analyst.events().collect().select(pl.col("event_id").str.split("-").list.first()).to_series()
        assert analyst.revision() == len(uploads) == analyst.history().height
        assert analyst.audit_intact()
        waiting = set(analyst.waiting()["file_name"])
        assert waiting in (set(), set(uploads))
        return uploads, dict(names.value_counts().rows())


def say(child, line):
    child.stdin.write(f"{line}\n")
    child.stdin.flush()
    return child.stdout.readline().strip()


def settled(home):
    """The files an untouched store opens with; every upload has all its rows, and the file is sound."""
    with opened(home) as store, store._engines.read.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        found = connection.exec_driver_sql(
            "SELECT file_name, n_rows, (SELECT count(*) FROM event e WHERE e.upload_id = u.upload_id), "
            "(SELECT count(*) FROM waiting_row w WHERE w.upload_id = u.upload_id), "
            "(SELECT count(*) FROM status_change s WHERE s.upload_id = u.upload_id) FROM upload u"
        ).all()
        assert {tuple(row[1:]) for row in found} == {(ROWS, ROWS, 1, 1)}
        assert connection.exec_driver_sql("SELECT sum(number) FROM revision").scalar() == len(found)
        entries = connection.exec_driver_sql("SELECT count(*) FROM audit WHERE what IN ('upload', 'wait')").scalar()
        assert entries == 2 * len(found)
        return {row[0] for row in found}


def load(nursery, *names, delay=None):
    """Loads from beginning to end, or killed after the delay; how long they took."""
    pid = int(say(nursery, f"{ROWS} {' '.join(names)}"))
    assert nursery.stdout.readline() == "ready\n"
    started = time.perf_counter()
    if delay is not None:
        time.sleep(delay)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    while nursery.stdout.readline() != "ended\n":
        continue
    return time.perf_counter() - started


@pytest.mark.parametrize("seed", range(5))
def test_kills_at_random_points_store_all_or_nothing(tmp_path, seed):
    """Five stores of forty kills each; then everybody sends the file again."""
    chance, names = random.Random(seed), [f"k{k}" for k in range(KILLS)]
    counted(tmp_path)
    with spawn(tmp_path, NURSERY) as nursery:
        whole = load(nursery, "whole")
        for name in names:
            load(nursery, name, delay=chance.uniform(0, 1.2 * whole))
            found = settled(tmp_path)
        assert len(found) <= KILLS  # at least one kill came before the end
        load(nursery, *names)
        nursery.stdin.close()
    uploads, rows = counted(tmp_path)
    assert uploads == rows == dict.fromkeys(["whole", *names], ROWS)
    sweep(tmp_path / "raw", older_than_minutes=-1)
    assert len(list((tmp_path / "raw").iterdir())) == KILLS + 1


def test_two_programs_and_four_threads_each_store_at_once(tmp_path):
    reading, faults = threading.Event(), []

    def watch(store):
        analyst = store.for_viewer(DEMO_VIEWERS["analyst"])
        while not reading.wait(0.02):
            rows = analyst.events().select(pl.len()).collect().item()
            if rows % ROWS:
                faults.append(rows)

    with opened(tmp_path) as store:
        watcher = threading.Thread(target=watch, args=(store,))
        watcher.start()
        running = [spawn(tmp_path, THREADS, names, str(ROWS)) for names in ("a,b,c,d", "e,f,g,h")]
        for child in running:
            assert child.communicate(timeout=120)[0] == "ready\nstored\n"
            assert child.returncode == 0
        reading.set()
        watcher.join()
    uploads, rows = counted(tmp_path)
    assert uploads == rows == dict.fromkeys("abcdefgh", ROWS)
    assert faults == []


def test_the_same_file_stored_by_two_programs_at_once_is_one_upload(tmp_path):
    running = [spawn(tmp_path, THREADS, "a,a,a", str(ROWS)) for _ in range(2)]
    for child in running:
        assert child.communicate(timeout=120)[0] == "ready\nstored\n"
    assert counted(tmp_path) == ({"a": ROWS}, {"a": ROWS})


def test_two_analysts_store_at_once_and_the_second_is_told(settings, store, analyst):
    """Twenty rounds: both look, both store the same month of P1 and one month of their own."""
    with (
        spawn(settings.home, ANALYST, "ann", url=settings.database_url) as ann,
        spawn(settings.home, ANALYST, "bo", url=settings.database_url) as bo,
    ):
        for number in range(20):
            assert [say(one, f"look {number}") for one in (ann, bo)] == ["seen", "seen"]
            for one in (ann, bo):
                one.stdin.write(f"go {number}\n")
            for one in (ann, bo):
                one.stdin.flush()
            said = {one: one.stdout.readline().split() for one in (ann, bo)}
            [first] = [one for one in said if said[one][0] == "stored"]
            [second] = [one for one in said if one is not first]
            assert said[second] == ["told", "ann" if first is ann else "bo", "P1"]
            assert say(second, f"over {number}").startswith("stored ")
            held = dict(analyst.answers().select("park_id", "answer").collect().rows())
            assert held["P1"] == ("up" if second is ann else "down")
            assert len(held) == 1 + 2 * (number + 1)
        for one in (ann, bo):
            one.stdin.close()
    assert analyst.revision() == analyst.uploads().height == 40
    assert analyst.audit_intact()
