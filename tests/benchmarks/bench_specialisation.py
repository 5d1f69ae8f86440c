"""How long a table of location quotients with intervals takes for 5 million enterprises, beside Polars and pandas.

Run it on a calm machine: ``nice .venv/bin/python tests/benchmarks/bench_specialisation.py``. It prints a
Markdown table. Every measurement is a process of its own that reads the same Parquet file, so that CPU time
(over all threads) and peak memory are its own; the results of all sides are compared before times are shown.
"""

from __future__ import annotations

import argparse
import json
import math
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
import polars as pl
from polars.testing import assert_frame_equal

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))
N_FIRMS, N_REGIONS, N_INDUSTRIES = 5_000_000, 16, 100
SCALING = (50_000, 250_000, 1_000_000, 5_000_000)
REGION, INDUSTRY = "district_code", "industry_code"
KEYS = [REGION, INDUSTRY]
OUT = ["n", "amount", "location_quotient", "share_pct", "low", "high"]
QUANTILE = 1.959963984540054


def firms_of(n: int) -> pl.DataFrame:
    """Enterprises with uneven regions and industries, lognormal sizes in 32-bit numbers."""
    random = np.random.default_rng(20261122)
    regions = pl.Enum([f"1101{i:02d}" for i in range(N_REGIONS)])
    industries = pl.Enum([f"{i:02d}" for i in range(N_INDUSTRIES)])
    share = np.arange(1, N_REGIONS + 1) / sum(range(1, N_REGIONS + 1))
    weight = 1.0 / np.arange(1, N_INDUSTRIES + 1) ** 0.7
    jobs = pl.Series("employees", random.lognormal(1.8, 1.2, n).astype(np.int32) + 1)
    return pl.DataFrame(
        {
            REGION: pl.Series(random.choice(N_REGIONS, n, p=share).astype(np.uint8)).cat.to(regions),
            INDUSTRY: pl.Series(random.choice(N_INDUSTRIES, n, p=weight / weight.sum()).astype(np.uint8)).cat.to(
                industries
            ),
            "employees": jobs,
        }
    )


def ours(firms: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """One pass, then both tables."""
    from indicators.clustering.quotients import both_measures

    return both_measures(firms, *KEYS)


def without_numba(firms: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The same on a machine without numba."""
    from indicators.clustering import cell_sums

    cell_sums.compiled = lambda loop: None  # type: ignore[assignment]
    return ours(firms)


def polars_version(firms: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The same output as a person who knows Polars writes it: one lazy group-by, totals as windows."""
    jobs = pl.col("employees")
    cells = (
        firms.lazy()
        .group_by(KEYS)
        .agg(n=pl.len(), known=jobs.count(), jobs=jobs.sum(), squares=(jobs.cast(pl.Int64) ** 2).sum())
        .collect()
    )
    cells = cells.with_columns(pl.col(KEYS).cast(pl.String))
    grid = cells.select(REGION).unique().join(cells.select(INDUSTRY).unique(), how="cross")
    cells = grid.join(cells, on=KEYS, how="left").with_columns(pl.exclude(KEYS).fill_null(0))

    def table(n: str, amount: str, squares: str) -> pl.DataFrame:
        part = cells.select(
            *KEYS, n=pl.col(n), amount=pl.col(amount).cast(pl.Int64), squares=pl.col(squares).cast(pl.Float64)
        )
        a = pl.col("amount").cast(pl.Float64)
        r, i, t = a.sum().over(REGION), a.sum().over(INDUSTRY), a.sum()
        qa = pl.col("squares")
        qr, qi, qt = qa.sum().over(REGION), qa.sum().over(INDUSTRY), qa.sum()
        variance = qa * (1 / a - 1 / r - 1 / i + 1 / t) ** 2 + (qr - qa) * (1 / t - 1 / r) ** 2
        variance += (qi - qa) * (1 / t - 1 / i) ** 2 + (qt - qr - qi + qa) / t**2
        reach = QUANTILE * variance.clip(lower_bound=0).sqrt()
        part = part.with_columns(
            location_quotient=pl.when((r > 0) & (i > 0)).then(a * t / (r * i)),
            share_pct=pl.when(r > 0).then(100 * a / r),
            reach=reach,
        )
        quotient = pl.col("location_quotient")
        return part.with_columns(
            low=pl.when(quotient > 0).then(quotient * (-pl.col("reach")).exp()),
            high=pl.when(quotient > 0).then(quotient * pl.col("reach").exp()),
        ).sort(KEYS)

    return {"enterprises": table("n", "n", "n"), "employees": table("known", "jobs", "squares")}


def pandas_version(firms: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The same output as a person who knows pandas writes it, with categories."""
    import pandas as pd

    data = pd.DataFrame(
        {
            **{
                name: pd.Categorical.from_codes(firms[name].to_physical().to_numpy(), firms[name].dtype.categories)
                for name in KEYS
            },
            "employees": firms["employees"].to_numpy(),
        }
    )
    start = (time.perf_counter(), time.process_time())
    data["squares"] = data["employees"].astype("int64") ** 2
    groups = data.groupby(KEYS, observed=False)["employees"]
    cells = pd.DataFrame({"n": groups.size(), "known": groups.count(), "jobs": groups.sum()})
    cells["squares"] = data.groupby(KEYS, observed=False)["squares"].sum()
    cells = cells.reset_index()

    def table(n: str, amount: str, squares: str) -> pd.DataFrame:
        part = cells[KEYS].astype(str).assign(n=cells[n], amount=cells[amount].astype("int64"))
        a, qa = cells[amount].astype(float), cells[squares].astype(float)
        by_region, by_industry = part[REGION], part[INDUSTRY]
        r, i, t = a.groupby(by_region).transform("sum"), a.groupby(by_industry).transform("sum"), a.sum()
        qr, qi, qt = qa.groupby(by_region).transform("sum"), qa.groupby(by_industry).transform("sum"), qa.sum()
        variance = qa * (1 / a - 1 / r - 1 / i + 1 / t) ** 2 + (qr - qa) * (1 / t - 1 / r) ** 2
        variance += (qi - qa) * (1 / t - 1 / i) ** 2 + (qt - qr - qi + qa) / t**2
        reach = np.exp(QUANTILE * np.sqrt(variance.clip(lower=0)))
        part["location_quotient"] = a * t / (r * i)
        part["share_pct"] = 100 * a / r
        part["low"], part["high"] = part["location_quotient"] / reach, part["location_quotient"] * reach
        return part.sort_values(KEYS)

    result = {"enterprises": table("n", "n", "n"), "employees": table("known", "jobs", "squares")}
    SPENT[:] = [time.perf_counter() - start[0], time.process_time() - start[1]]
    return {name: pl.from_pandas(frame) for name, frame in result.items()}


SPENT: list[float] = []
"""Elapsed and CPU time of an engine that leaves its own preparation out (turning Polars columns into pandas ones)."""

ENGINES: dict[str, Callable[[pl.DataFrame], dict[str, pl.DataFrame]]] = {
    "ours": ours,
    "plain": without_numba,
    "polars": polars_version,
    "pandas": pandas_version,
}
LABELS = {
    "ours": "ParkPulse",
    "plain": "ParkPulse without numba",
    "polars": "plain Polars group-by",
    "pandas": "plain pandas, categories",
}


def measure(engine: str, file: Path, repeats: int) -> dict[str, float]:
    """Run one engine on the file in this process; its tables go beside the file."""
    firms = pl.read_parquet(file).rechunk()
    run = ENGINES[engine]
    run(firms.head(10_000))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    walls, processor = [], []
    for _ in range(repeats):
        SPENT.clear()
        wall, cpu = time.perf_counter(), time.process_time()
        tables = run(firms)
        walls.append(SPENT[0] if SPENT else time.perf_counter() - wall)
        processor.append(SPENT[1] if SPENT else time.process_time() - cpu)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    for name, frame in tables.items():
        frame.select(*KEYS, *OUT).write_parquet(file.parent / f"{engine} {name}.parquet")
    return {"wall": min(walls), "cpu": min(processor), "peak_mib": peak, "more_mib": peak - before}


def child(engine: str, file: Path, repeats: int) -> dict[str, float]:
    """The measurement of one engine in a process of its own."""
    command = [sys.executable, __file__, "--child", engine, str(file), str(repeats)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def compare(folder: Path, other: str) -> int:
    """Both tables of both sides must agree to 1e-9 of the value; how many figures were compared."""
    compared = 0
    for measured in ("enterprises", "employees"):
        both = [pl.read_parquet(folder / f"{engine} {measured}.parquet") for engine in ("ours", other)]
        both = [frame.with_columns(pl.col(OUT).cast(pl.Float64).fill_nan(None)) for frame in both]
        assert_frame_equal(*both, rel_tol=1e-9, abs_tol=1e-9, check_dtypes=False)
        compared += both[0].height * len(OUT)
    return compared


def written(folder: Path, n: int) -> Path:
    """The input file, written by a process of its own so that this one stays small."""
    folder.mkdir()
    subprocess.run([sys.executable, __file__, "--write", str(folder / "firms.parquet"), str(n)], check=True, cwd=ROOT)
    return folder / "firms.parquet"


def machine() -> str:
    """The processor, cores, Python and library versions."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = [line.split(":")[1].strip() for line in lines if "model name" in line]
    import pandas as pd

    return (
        f"{model[0] if model else platform.machine()}, {len(os.sched_getaffinity(0))} cores; Python "
        f"{platform.python_version()}, Polars {pl.__version__}, NumPy {np.__version__}, pandas {pd.__version__}"
    )


def main() -> None:
    """Measure everything and print the page."""
    print(f"Measured {date.today():%Y-%m-%d} on {machine()}; load of other work before: {os.getloadavg()[0]:.1f}.\n")
    size = f"{N_FIRMS:,} enterprises × {N_REGIONS} districts × {N_INDUSTRIES} industries"
    print(f"{size}, counts and employees with intervals.\n")
    print("| version | elapsed | CPU time | peak memory | above the data |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        file = written(Path(name) / "large", N_FIRMS)
        found = {engine: child(engine, file, 7 if engine != "pandas" else 3) for engine in ENGINES}
        for engine, result in found.items():
            times = " | ".join(f"{result[key] * 1000:.0f} ms" for key in ("wall", "cpu"))
            print(
                f"| {LABELS[engine]} | {times} | {result['peak_mib']:.0f} MiB | {result['more_mib']:.0f} MiB |",
                flush=True,
            )
        n = min(compare(file.parent, other) for other in ("plain", "polars", "pandas"))
        ratios = {other: found[other]["cpu"] / found["ours"]["cpu"] for other in ("polars", "pandas", "plain")}
        times = [child("ours", written(Path(name) / str(size), size), 7)["cpu"] for size in SCALING]
    print(f"\n- {n:,} figures equal to within 1e-9 on all sides.")
    print(
        "- CPU time, times ours: " + ", ".join(f"{LABELS[other]} {ratio:.1f}" for other, ratio in ratios.items()) + "."
    )
    slope = float(np.polyfit(np.log(SCALING), np.log(times), 1)[0])
    steps = ", ".join(f"{size:,} {1000 * seconds:.0f} ms" for size, seconds in zip(SCALING, times, strict=True))
    print(f"- Growth, CPU time: {steps}; log-log slope {slope:.2f}.")
    assert math.isfinite(slope)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--child", nargs=3, metavar=("ENGINE", "FILE", "REPEATS"))
    parser.add_argument("--write", nargs=2, metavar=("FILE", "ENTERPRISES"))
    given = parser.parse_args()
    if given.child:
        print(json.dumps(measure(given.child[0], Path(given.child[1]), int(given.child[2]))))
    elif given.write:
        firms_of(int(given.write[1])).write_parquet(given.write[0])
    else:
        main()
