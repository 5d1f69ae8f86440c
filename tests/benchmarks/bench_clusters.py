"""Clusters and hot spots beside scikit-learn, the dbscan package and esda: CPU time and peak memory.

Run it on a calm machine: ``nice .venv/bin/python tests/benchmarks/bench_clusters.py --peers PYTHON``, where
PYTHON is an interpreter with numpy, scikit-learn, dbscan, libpysal and esda (default: this one). Every
measurement is a process of its own that reads the same file, after a first call on a few points, so that
compiling is not counted; labels and chances are compared before times are shown. ``--large`` adds
scikit-learn on 1 million points (41 CPU seconds, 9 GB). It prints Markdown tables.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))
EPS_M, MINIMUM = 300.0, 20
SIDE_M = 126_500.0
SCALING = (10_000, 100_000, 1_000_000, 5_000_000)
CELLS_ACROSS = 316


def city(n: int, repeated: float, seed: int = 20261122) -> np.ndarray:
    """A made-up city of 16,000 km2: crowded centres of very different size, villages, and repeated addresses."""
    random = np.random.default_rng(seed)
    centres, spread = random.uniform(0, SIDE_M, (400, 2)), random.uniform(200, 2_500, 400)
    share = random.pareto(1.2, 400) + 0.2
    in_centres = int(0.92 * n)
    centre = random.choice(400, in_centres, p=share / share.sum())
    crowd = centres[centre] + random.normal(size=(in_centres, 2)) * spread[centre][:, None]
    places = np.vstack([crowd, random.uniform(0, SIDE_M, (n - in_centres, 2))])
    places = np.clip(places, 0, SIDE_M)[random.permutation(n)]
    again = random.permutation(n)[: int(repeated * n)]
    places[again] = places[random.integers(0, n, again.size)]
    return np.asfortranarray(np.round(places + np.array([400_000, 4_400_000]), 2))  # columns, as a frame holds them


def counts(n_across: int) -> np.ndarray:
    """Enterprises of a rhombus of hexagons: mostly few, some many."""
    return np.random.default_rng(7).negative_binomial(0.8, 0.25, n_across * n_across).astype(float)


def rhombus(n_across: int) -> tuple[np.ndarray, np.ndarray]:
    q, r = np.meshgrid(np.arange(n_across), np.arange(n_across), indexing="ij")
    return q.ravel(), r.ravel()


def grid_numba(places: np.ndarray) -> Callable[[], np.ndarray]:
    from indicators.clustering.grid_dbscan import dbscan, kernels

    if kernels() is None:
        raise SystemExit("numba is not installed")
    x, y = places[:, 0], places[:, 1]
    return lambda: dbscan(x, y, EPS_M, MINIMUM)[0]


def grid_numpy(places: np.ndarray) -> Callable[[], np.ndarray]:
    from indicators.clustering import grid_dbscan

    grid_dbscan.kernels = lambda: None
    x, y = places[:, 0], places[:, 1]
    return lambda: grid_dbscan.dbscan(x, y, EPS_M, MINIMUM)[0]


def scikit_learn(places: np.ndarray) -> Callable[[], np.ndarray]:
    from sklearn.cluster import DBSCAN

    rows = np.ascontiguousarray(places)
    return lambda: DBSCAN(eps=EPS_M, min_samples=MINIMUM).fit(rows).labels_


def dbscan_package(places: np.ndarray) -> Callable[[], np.ndarray]:
    from dbscan import DBSCAN

    rows = np.ascontiguousarray(places)
    return lambda: DBSCAN(rows, eps=EPS_M, min_samples=MINIMUM)[0]


def exact_chances(values: np.ndarray) -> Callable[[], np.ndarray]:
    from indicators.clustering.adjacency import hexagon_neighbours
    from indicators.clustering.local_scores import gi_star_z
    from indicators.clustering.permutation import exact_tails

    neighbours = hexagon_neighbours(*rhombus(round(values.size**0.5)))
    degrees = np.diff(neighbours.indptr).astype(np.int64)

    def work() -> np.ndarray:
        gi_star_z(values, neighbours)
        return exact_tails(values, degrees, neighbours @ values)[0]

    return work


def whole_table(values: np.ndarray) -> Callable[[], np.ndarray]:
    import polars as pl

    from indicators.clustering.hotspots import hot_spots

    q, r = rhombus(round(values.size**0.5))
    cells = pl.DataFrame({"q": q, "r": r, "n": values})
    return lambda: hot_spots(cells)["p_hi"].to_numpy()


def esda_999(values: np.ndarray) -> Callable[[], np.ndarray]:
    import warnings

    from esda.getisord import G_Local
    from libpysal.weights import W

    warnings.simplefilter("ignore")
    n = round(values.size**0.5)
    steps = ((1, 0), (0, 1), (-1, 1), (-1, 0), (0, -1), (1, -1))
    near = {
        q * n + r: [(q + a) * n + r + b for a, b in steps if 0 <= q + a < n and 0 <= r + b < n]
        for q in range(n)
        for r in range(n)
    }
    weights = W(near, silence_warnings=True)
    return lambda: G_Local(values, weights, transform="B", permutations=999, star=True, n_jobs=1, seed=1).p_sim


ENGINES: dict[str, Callable[[np.ndarray], Callable[[], np.ndarray]]] = {
    "ParkPulse": grid_numba,
    "ParkPulse without numba": grid_numpy,
    "dbscan (PyPI)": dbscan_package,
    "scikit-learn": scikit_learn,
    "exact tails": exact_chances,
    "hot_spots, the whole table": whole_table,
    "esda, 999 permutations": esda_999,
}
PEERS = {"dbscan (PyPI)", "scikit-learn", "esda, 999 permutations"}


def peak_mb() -> float:
    """The peak of this process alone; what ``resource`` says includes the parent's before the program began."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def child(engine: str, source: str, result: str, repeats: int) -> None:
    """One measurement: a small call first, then the best of ``repeats``."""
    data = np.load(source)
    small = city(2_000, 0.3) if data.ndim == 2 else counts(12)
    ENGINES[engine](small)()
    work = ENGINES[engine](data)
    seconds = []
    for _ in range(repeats):
        start = time.process_time()
        found = work()
        seconds.append(time.process_time() - start)
    np.save(result, found)
    print(json.dumps({"cpu": min(seconds), "mb": peak_mb()}))


def measured(engine: str, source: Path, peers: str, repeats: int = 3) -> tuple[float, float, np.ndarray]:
    """CPU seconds, peak MB and the result of an engine in a process of its own."""
    result = source.with_name("result.npy")
    python = peers if engine in PEERS else sys.executable
    command = [python, __file__, "--child", engine, str(source), str(result), str(repeats)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{engine}: {done.stderr[-2000:]}")
    found = json.loads(done.stdout.splitlines()[-1])
    return found["cpu"], found["mb"], np.load(result)


def dbscan_rows(folder: Path, peers: str, large: bool) -> None:
    """Labels that differ: for the dbscan package only noise is compared, since it numbers clusters its own way."""
    print("| points | repeated | engine | CPU s | x ours | peak MB | x ours | labels that differ |")
    print("|---|---|---|---|---|---|---|---|")
    for n, repeated in ((100_000, 0.0), (100_000, 0.3), (1_000_000, 0.0), (1_000_000, 0.3)):
        source = folder / "places.npy"
        np.save(source, city(n, repeated))
        names = ["ParkPulse", "ParkPulse without numba", "dbscan (PyPI)"]
        names += ["scikit-learn"] if n < 1_000_000 or large else []
        ours: tuple[float, float, np.ndarray] | None = None
        for name in names:
            slow = n >= 1_000_000 and name in ("scikit-learn", "ParkPulse without numba")
            cpu, peak, label = measured(name, source, peers, 1 if slow else 3)
            ours = ours or (cpu, peak, label)
            renumbered = name == "dbscan (PyPI)"
            differ = ((label < 0) != (ours[2] < 0)) if renumbered else (label != ours[2])
            times = f"{cpu:.3f} | {cpu / ours[0]:.1f} | {peak:.0f} | {peak / ours[1]:.1f}"
            print(f"| {n:,} | {repeated:.0%} | {name} | {times} | {int(differ.sum())} |", flush=True)


def scaling_rows(folder: Path, peers: str) -> None:
    print("\n| points | CPU s | microseconds a point | peak MB |\n|---|---|---|---|")
    found = []
    for n in SCALING:
        source = folder / "places.npy"
        np.save(source, city(n, 0.3))
        cpu, peak, _ = measured("ParkPulse", source, peers)
        found.append(cpu)
        print(f"| {n:,} | {cpu:.3f} | {1e6 * cpu / n:.2f} | {peak:.0f} |", flush=True)
    slope = np.polyfit(np.log(SCALING), np.log(found), 1)[0]
    print(f"\nSlope on log-log: {slope:.2f}")


def chance_rows(folder: Path, peers: str) -> None:
    source = folder / "counts.npy"
    np.save(source, counts(CELLS_ACROSS))
    print("\n| 100 k cells | CPU s | x exact | peak MB | largest difference of p |\n|---|---|---|---|---|")
    ours: tuple[float, np.ndarray] | None = None
    for name in ("exact tails", "hot_spots, the whole table", "esda, 999 permutations"):
        cpu, peak, p = measured(name, source, peers, 1 if name in PEERS else 5)
        ours = ours or (cpu, p)
        differ = "not comparable: one-sided by direction" if name in PEERS else f"{np.abs(p - ours[1]).max():.1e}"
        print(f"| {name} | {cpu:.3f} | {cpu / ours[0]:.0f} | {peak:.0f} | {differ} |", flush=True)


def main() -> None:
    """All tables, or one child."""
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5]))
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", default=sys.executable)
    parser.add_argument("--large", action="store_true")
    chosen = parser.parse_args()
    print(f"{platform.processor() or platform.machine()}, Python {platform.python_version()}\n")
    with tempfile.TemporaryDirectory() as name:
        dbscan_rows(Path(name), chosen.peers, chosen.large)
        scaling_rows(Path(name), chosen.peers)
        chance_rows(Path(name), chosen.peers)


if __name__ == "__main__":
    main()
