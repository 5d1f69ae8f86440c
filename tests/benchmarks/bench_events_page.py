"""The events page on 200,000 events of ten years: the server's time for every change of a filter, view by view.

``nice .venv/bin/python tests/benchmarks/bench_events_page.py [--events 200000]``. The real page runs against a store in
a folder of its own, which holds the demonstration data and the made-up events. Wall time and CPU time of the page's
thread, from the click to the last element; each choice is made for the first time, so nothing is cached for it. It
prints a Markdown table.
"""

from __future__ import annotations

import argparse
import logging
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]
LOOKS = ("overview", "reach", "funnel", "published", "activity", "list")
CHANGES = (
    ("programme", "park_show"), ("mode", "online"), ("district", "110105"), ("month", "2025-03"),
    ("programme", "forum"), ("mode", "all"), ("district", "110108"), ("programme", "all"), ("city", "shanghai"),
)  # fmt: skip


def fill(home: str, n: int) -> None:
    """A store with the demonstration data and n made-up events of Beijing, November 2016 to October 2026."""
    from bench_events import events_of

    from data import registry
    from data.access import DEMO_VIEWERS
    from data.cli.entry import main
    from data.settings import Settings
    from data.store import Provenance, Store

    os.environ["PARK_HOME"] = home
    main(["init"])
    parks = registry.parks().filter(pl.col("city_id") == "beijing").drop_nulls("district_code")
    names = {
        "programme_id": registry.programmes()["programme_id"],
        "district_code": registry.districts_of("beijing")["district_code"],
        "park_id": parks["park_id"],
    }
    rows = events_of(n).drop_nulls(["programme_id", "city_id"]).with_columns(pl.col("date").dt.offset_by("10mo"))
    for name, known in names.items():
        old = rows[name].drop_nulls().unique().sort()
        new = {value: known[place % known.len()] for place, value in enumerate(old)}
        rows = rows.with_columns(pl.col(name).replace_strict(new, default=None, return_dtype=pl.String))
    rows = rows.with_columns(title=pl.format("活动 {}", "event_id"), is_synthetic=True)
    store = Store.open(Settings.from_environment())
    sent = Provenance("events.csv", b"made up", "benchmark")
    store.for_viewer(DEMO_VIEWERS["analyst"]).add(SimpleNamespace(dataset="events", accepted=rows), sent)
    store.close()


def clocked() -> list[tuple[float, float]]:
    """Every run of a page from now on leaves its wall time and its thread's CPU time here."""
    from streamlit.runtime.scriptrunner import script_runner

    spent: list[tuple[float, float]] = []
    run = script_runner.ScriptRunner._run_script

    def timed(self: Any, *given: Any, **named: Any) -> None:
        wall, cpu = time.perf_counter(), time.thread_time()
        run(self, *given, **named)
        spent.append((time.perf_counter() - wall, time.thread_time() - cpu))

    script_runner.ScriptRunner._run_script = timed  # type: ignore[method-assign]
    return spent


def opened(look: str) -> Any:
    """The page as a browser opens it, on one of its views."""
    import streamlit as st
    from streamlit.runtime.pages_manager import PagesManager
    from streamlit.testing.v1 import AppTest
    from streamlit.util import calc_hash

    PagesManager.uses_pages_directory = False
    asked = st.config.get_option
    st.get_option = lambda name: "127.0.0.1" if name == "server.address" else asked(name)
    at = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=600)
    at.query_params = {"lang": "en", "look": look, "as": "leadership"}
    at._page_hash = calc_hash("events")
    return at


def main() -> None:
    """Fill the store, open every view, change every filter, print the times."""
    logging.disable(logging.WARNING)
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=int, default=200_000)
    n = parser.parse_args().events
    with tempfile.TemporaryDirectory() as home:
        fill(home, n)
        spent = clocked()
        print(f"{platform.machine()}, {os.cpu_count()} cores, {date.today()}, {n:,} events\n")
        print("| view | filter | wall ms | CPU ms |\n|---|---|---:|---:|")
        for look in LOOKS:
            at = opened(look)
            report(spent, look, "opened", at.run)
            for key, value in CHANGES:
                if key not in {box.key for box in at.selectbox}:  # a view shows only the filters that change it
                    continue
                at.selectbox(key=key).set_value(value)
                report(spent, look, f"{key} = {value}", at.run)


def report(spent: list[tuple[float, float]], look: str, change: str, run: Callable[[], Any]) -> None:
    """Run the page once more and print what it took."""
    spent.clear()
    at = run()
    assert not at.exception, at.exception[0].message
    wall, cpu = (1000 * sum(part) for part in zip(*spent, strict=True))
    print(f"| {look} | {change} | {wall:,.0f} | {cpu:,.0f} |", flush=True)


if __name__ == "__main__":
    main()
