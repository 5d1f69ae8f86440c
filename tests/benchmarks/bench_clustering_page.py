"""The page of enterprise clustering on synthetic cities of 100,000 and 1,000,000 enterprises: CPU seconds a view.

``nice .venv/bin/python tests/benchmarks/bench_clustering_page.py [--sizes 100000,1000000]``. A process of its own for
each size, with the demonstration rows of Beijing's districts as the pattern; the loops are compiled before. Three
times are printed: first (nothing computed yet in this process), other (a second choice: another industry or district,
with what the city shares already there) and warm (the same choice again, as after any click). It prints Markdown.
"""

from __future__ import annotations

import argparse
import logging
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import polars as pl

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))


def city(n: int, seed: int = 20261122) -> pl.DataFrame:
    """A made-up Beijing: crowded addresses near the label points of its districts, dates, industries, some closed."""
    from data import registry

    random = np.random.default_rng(seed)
    districts = registry.districts_of("beijing").drop_nulls("centroid_lon")
    place = random.choice(districts.height, n, p=random.dirichlet(np.full(districts.height, 2.0)))
    hubs = random.normal(size=(districts.height, 40, 2)) * 0.04
    hub = hubs[place, random.choice(40, n, p=(lambda w: w / w.sum())(1.0 / np.arange(1, 41)))]
    offset = np.round(random.normal(size=(n, 2)) * 0.006, 4)  # about 10 m: several enterprises at an address
    codes = random.choice([f"{k}" for k in range(13, 91)], n)
    opened = np.datetime64("2005-01-01") + random.integers(0, 7_900, n).astype("timedelta64[D]")
    closed = random.random(n) < 0.1
    return pl.DataFrame(
        {
            "enterprise_id": [f"E{k:08}" for k in range(n)],
            "city_id": "beijing",
            "district_code": districts["district_code"].gather(place),
            "lon": districts["centroid_lon"].to_numpy()[place] + hub[:, 0] + offset[:, 0],
            "lat": districts["centroid_lat"].to_numpy()[place] + hub[:, 1] + offset[:, 1],
            "coord_system": "WGS84",
            "industry_code": codes,
            "industry_scheme": "GB/T 4754-2017",
            "culture_code": pl.Series(np.where(random.random(n) < 0.3, "02", "")).replace("", None),
            "park_id": pl.Series(np.where(random.random(n) < 0.1, "BJ-001", "")).replace("", None),
            "opened_on": pl.Series(opened).cast(pl.Date),
            "employees": random.lognormal(2, 1, n).astype(np.int64),
            "status": np.where(closed, "closed", "active"),
            "is_synthetic": True,
        }
    ).with_columns(closed_on=pl.when(pl.col("status") == "closed").then(pl.date(2026, 10, 1)))


def visit(rows: pl.DataFrame, home: str) -> object:
    """A visitor of a store that holds these enterprises and the shipped registers, boundaries included."""
    from data import boundaries, registry
    from data.access import DEMO_VIEWERS
    from pages.parts.session import Visit

    boundaries.ensure(Path(home), ["beijing"])
    path = Path(home) / "enterprises.parquet"
    rows.write_parquet(path)
    parks = registry.parks().with_columns(is_synthetic=False).lazy()
    store = SimpleNamespace(enterprises=lambda: pl.scan_parquet(path), parks=lambda: parks)
    return Visit(DEMO_VIEWERS["leadership"], "en", False, store, 1, home, home)  # type: ignore[arg-type]


def views(seen: object) -> dict[str, Callable[[str, str | None], object]]:
    """What each view of the page computes and draws, for an industry and a district."""
    from pages.parts import cached, maps
    from pages.parts.clustering import cached_clusters, cached_concentration, cached_firms, cluster_map, enterprises
    from pages.parts.clustering.cached_firms import GBT, Lens
    from pages.parts.filters import Selection

    key = seen.key  # type: ignore[attr-defined]

    def first_view(industry: str, district: str | None, hot: bool = False) -> object:
        lens = Lens(Selection("beijing", district), GBT, industry)
        cached_firms.enterprise_totals(key, lens.selection, seen)
        cached_firms.years(key, "beijing", seen)
        cached_firms.codes(key, "beijing", GBT, seen)
        found = enterprises.named(seen, cached_clusters.clusters(key, lens, seen))
        drawn, *_ = (enterprises._spots if hot else enterprises._hexagons)(seen, lens, enterprises.Foot(""))
        layers = [*drawn, cluster_map.outlines(found, None)]
        shapes = cached.city_boundaries(seen.home, "beijing")  # type: ignore[attr-defined]
        names, view = enterprises._places(seen, lens), enterprises._view(seen, lens, found, None)
        return maps.layered_deck(layers, shapes, names, view)

    def lens(industry: str, district: str | None) -> Lens:
        return Lens(Selection("beijing", district), GBT, industry)

    concentration = cached_concentration
    return {
        "map, hexagons and clusters": first_view,
        "map, hot spots": lambda i, d: first_view(i, d, True),
        "specialisation": lambda i, d: concentration.specialisation(key, "beijing", GBT, "class" if i else "all", seen),
        "openings, survival in and outside parks": lambda i, d: (
            concentration.entry(key, lens(i, d), seen), concentration.survival(key, lens(i, d), "park", seen),
        ),
        "linkage of parks and pairs": lambda i, d: (
            concentration.linkage(key, Selection("beijing", d), seen), concentration.pairs(key, "beijing", GBT, seen),
        ),
        "K-density of one industry": lambda i, d: concentration.curve(key, "beijing", GBT, i or "65", False, seen),
        "clusters over 12 years": lambda i, d: cached_clusters.lives(key, lens(i, d), seen),
    }  # fmt: skip


def measure(n: int) -> None:
    """One size: a line a view."""
    import streamlit as st

    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as small, tempfile.TemporaryDirectory() as large:
        for run in views(visit(city(5_000), small)).values():
            run("", None)  # compile
        st.cache_data.clear()
        st.cache_resource.clear()
        seen = visit(city(n), large)
        for name, run in views(seen).items():
            times = []
            for choice in (("", None), ("65", "110105"), ("", None)):
                start = time.process_time()
                run(*choice)
                times.append(time.process_time() - start)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(f"| {n:,} | {name} | {times[0]:.2f} | {times[1]:.2f} | {times[2]:.3f} | {peak:.0f} |", flush=True)


def main() -> None:
    """The table of all sizes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="100000,1000000")
    parser.add_argument("--one", type=int)
    options = parser.parse_args()
    if options.one:
        measure(options.one)
        return
    print(f"{date.today():%Y-%m-%d}, CPU seconds\n")
    print("| n | view | first | other | warm | peak MB |\n|---|---|---|---|---|---|", flush=True)
    for size in options.sizes.split(","):
        subprocess.run([sys.executable, __file__, "--one", size], check=True)


if __name__ == "__main__":
    main()
