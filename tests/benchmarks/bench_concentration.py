"""How long the K-density of 100,000 enterprises and an envelope of 1,000 draws take, beside all-pairs code.

Run it on a calm machine: ``nice .venv/bin/python tests/benchmarks/bench_concentration.py``. It prints a
Markdown table. Every measurement is a process of its own, so that CPU time (over all threads) and peak memory
are its own. The all-pairs envelope would take the better part of an hour: a stated share of its draws is run
and the time multiplied up, which is fair because every draw does the same work.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))
Floats = npt.NDArray[np.float64]
N_FIRMS, N_OWN, N_DRAWS, SHARE = 100_000, 5_000, 1_000, 8
REACH_M, STEP_M = 20_000.0, 40.0
ENVELOPE_STEPS = 128
SCALING = (10_000, 30_000, 100_000, 300_000, 1_000_000)


def city(n: int) -> pl.DataFrame:
    """Enterprises of a synthetic city of 40 km: six in ten in 40 clusters, the others anywhere."""
    random = np.random.default_rng(20261122)
    centre = random.uniform(5_000, 35_000, (40, 2))
    inside = n * 6 // 10
    near = centre[random.integers(0, 40, inside)] + random.normal(0, 1_200, (inside, 2))
    x, y = np.vstack([near, random.uniform(0, 40_000, (n - inside, 2))]).T + np.array([[400_000.0], [4_400_000.0]])
    own = np.zeros(n, dtype=bool)
    own[random.choice(n, min(N_OWN, n), replace=False)] = True
    return pl.DataFrame({"x_m": x, "y_m": y, "industry_code": np.where(own, "a", "b")})


def curve(places: pl.DataFrame) -> Floats:
    """The K-density of all enterprises through the product's function."""
    from indicators.clustering.concentration import k_density

    return k_density(places, reach_m=REACH_M, step_m=STEP_M)["density"].to_numpy()


def numpy_pairs(places: pl.DataFrame) -> Floats:
    """The same curve as a person who knows NumPy writes it: all pairs in blocks, counted in bins of 5 m, smoothed."""
    from indicators.clustering.pair_density import bandwidth

    x, y = places["x_m"].to_numpy(), places["y_m"].to_numpy()
    h, n, bin_m, block = bandwidth(x, y).h_m, len(x), 5.0, 64
    assert h is not None
    n_bins = int((REACH_M + 8 * h) / bin_m) + 2
    bins = np.zeros(n_bins + 1)
    for start in range(0, n, block):
        rows = slice(start, min(start + block, n))
        square = (x[rows, None] - x[None, rows.stop :]) ** 2 + (y[rows, None] - y[None, rows.stop :]) ** 2
        place = np.minimum(np.sqrt(square) / bin_m + 0.5, n_bins).astype(np.int64)
        bins += np.bincount(place.ravel(), minlength=n_bins + 1)
        i, j = np.triu_indices(rows.stop - start, 1)
        inner = np.hypot(x[rows][i] - x[rows][j], y[rows][i] - y[rows][j])
        bins += np.bincount(np.minimum(inner / bin_m + 0.5, n_bins).astype(np.int64), minlength=n_bins + 1)
    width = np.sqrt(h * h - bin_m**2 / 12)
    centre, radii = np.arange(n_bins) * bin_m, np.arange(0.0, REACH_M + 1, STEP_M)
    near, far = (radii[:, None] - centre) / width, (radii[:, None] + centre) / width
    kernel = (np.exp(-0.5 * near**2) + np.exp(-0.5 * far**2)) / (width * np.sqrt(2 * np.pi))
    return kernel @ bins[:-1] / (n * (n - 1) / 2)


def envelope(places: pl.DataFrame) -> Floats:
    """Curve and bands of the industry through the product's function, every draw."""
    from indicators.clustering.concentration import Chance, k_density

    found = k_density(places, "a", chance=Chance(N_DRAWS, 1))
    return found.select("density", "local_low", "local_high").to_numpy()


def envelope_pairs(places: pl.DataFrame) -> Floats:
    """SHARE draws the way dbmss makes each: all pair distances in one array, bandwidth, reflection, 1,024 bins,
    kernel."""
    from scipy.spatial.distance import pdist

    from indicators.clustering.pair_density import bandwidth

    points = places.select("x_m", "y_m").to_numpy()
    random = np.random.default_rng(1)
    radii = np.linspace(0.0, bandwidth(*points.T).median_m or 1.0, ENVELOPE_STEPS)
    curves = []
    for _ in range(SHARE):
        distance = pdist(points[random.choice(len(points), N_OWN, replace=False)])
        lower, upper = np.percentile(distance, [25, 75])
        h = 0.9 * min(distance.std(ddof=1), (upper - lower) / 1.34) * len(distance) ** -0.2
        both = np.concatenate([distance, -distance])
        low, high, n_bins = -7 * h, radii[-1] + 7 * h, 1024
        step = (high - low) / (n_bins - 1)
        place = (both - low) / step
        place = place[(place >= 0) & (place < n_bins - 1)]
        whole = place.astype(np.int64)
        bins = np.bincount(whole, 1.0 - (place - whole), n_bins) + np.bincount(whole + 1, place - whole, n_bins)
        grid = low + np.arange(n_bins) * step
        kernel = np.exp(-0.5 * ((radii[:, None] - grid) / h) ** 2) / (h * np.sqrt(2 * np.pi))
        curves.append(kernel @ bins / len(distance))
    return np.array(curves)


ENGINES: dict[str, Callable[[pl.DataFrame], Floats]] = {
    "curve": curve,
    "pairs": numpy_pairs,
    "envelope": envelope,
    "draws": envelope_pairs,
}
LABELS = {
    "curve": f"K-density, {N_FIRMS:,} enterprises, 501 distances: ParkPulse",
    "pairs": "the same: NumPy, all pairs",
    "envelope": f"envelope, {N_DRAWS:,} draws of {N_OWN:,}: ParkPulse",
    "draws": f"the same: all pairs as in dbmss, {SHARE} draws run × {N_DRAWS // SHARE}",
}


def measure(engine: str, file: Path, repeats: int) -> dict[str, float]:
    """Run one engine on the file in this process; its result goes beside the file."""
    places = pl.read_parquet(file)
    run = ENGINES[engine]
    if engine in ("curve", "envelope"):
        run(places.head(30_000))  # compiled code is loaded
    walls, processor = [], []
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        result = run(places)
        walls.append(time.perf_counter() - wall)
        processor.append(time.process_time() - cpu)
    np.save(file.parent / f"{engine}.npy", result)
    scale = N_DRAWS / SHARE if engine == "draws" else 1.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"wall": min(walls) * scale, "cpu": min(processor) * scale, "peak_mib": peak}


def child(engine: str, file: Path, repeats: int) -> dict[str, float]:
    """The measurement of one engine in a process of its own."""
    command = [sys.executable, __file__, "--child", engine, str(file), str(repeats)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def machine() -> str:
    """The processor, cores, Python and library versions."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = [line.split(":")[1].strip() for line in lines if "model name" in line]
    import numba
    import scipy

    versions = f"NumPy {np.__version__}, SciPy {scipy.__version__}, numba {numba.__version__}"
    cores = len(os.sched_getaffinity(0))
    return f"{model[0] if model else platform.machine()}, {cores} cores; Python {platform.python_version()}, {versions}"


def main() -> None:
    """Measure everything and print the page."""
    print(f"Measured {date.today():%Y-%m-%d} on {machine()}; load of other work before: {os.getloadavg()[0]:.1f}.\n")
    print("| work | elapsed | CPU time | peak memory |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for n in SCALING:
            (folder / str(n)).mkdir()
            city(n).write_parquet(folder / str(n) / "places.parquet")
        file = folder / str(N_FIRMS) / "places.parquet"
        found = {engine: child(engine, file, 5 if engine == "curve" else 1) for engine in ENGINES}
        for engine, result in found.items():
            print(
                f"| {LABELS[engine]} | {result['wall']:.2f} s | {result['cpu']:.2f} s | {result['peak_mib']:.0f} MiB |"
            )
        ours, exact, bands, draws = (np.load(file.parent / f"{engine}.npy") for engine in ENGINES)
        times = [child("curve", folder / str(n) / "places.parquet", 3)["cpu"] for n in SCALING]
    error = np.abs(ours - exact).max() / exact.max()
    ends = [np.interp(np.linspace(0, 1, ENVELOPE_STEPS), np.linspace(0, 1, len(bands)), bands[:, k]) for k in (1, 2)]
    apart = max(np.abs(draws.mean(axis=0) - np.mean(ends, axis=0)).max() / draws.max(), 0.0)
    print(f"\n- Largest difference of the two curves: {error:.1e} of the maximum.")
    print(
        f"- Middle of the local band beside the mean of the {SHARE} all-pairs draws: at most {apart:.1e} of it apart."
    )
    for one, other in (("curve", "pairs"), ("envelope", "draws")):
        ratio = found[other]["cpu"] / found[one]["cpu"]
        print(f"- CPU time, {LABELS[one].split(':')[0]}: all pairs {ratio:,.0f} times ours.")
    slope = float(np.polyfit(np.log(SCALING), np.log(times), 1)[0])
    steps = ", ".join(f"{n:,} {1000 * seconds:.0f} ms" for n, seconds in zip(SCALING, times, strict=True))
    print(f"- Growth of the K-density, CPU time: {steps}; log-log slope {slope:.2f}.")
    assert error < 1e-3


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--child", nargs=3, metavar=("ENGINE", "FILE", "REPEATS"))
    given = parser.parse_args()
    if given.child:
        print(json.dumps(measure(given.child[0], Path(given.child[1]), int(given.child[2]))))
    else:
        main()
