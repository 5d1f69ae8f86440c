"""How long the prosperity index with bands, contributions and breakdowns takes, beside plain pandas.

Run it on a calm machine: ``nice .venv/bin/python tests/benchmarks/bench_prosperity.py``. It prints a
Markdown table. Every measurement is a process of its own that reads the same Parquet file, so that
CPU time and peak memory are its own; results of both sides are compared before times are shown.
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
N_ITEMS = 12
WEIGHTS = [0.15, 0.15, 0.1, 0.1, 0.1, 0.1, 0.05, 0.05, 0.05, 0.05, 0.05, 0.05]
ITEMS = pl.DataFrame(
    {
        "item_id": [f"item_{i:02d}" for i in range(N_ITEMS)],
        "direction": [-1 if i in (3, 8) else 1 for i in range(N_ITEMS)],
        "weight": WEIGHTS,
    },
    schema={"item_id": pl.String, "direction": pl.Int8, "weight": pl.Float64},
)
BREAKDOWNS = ("district", "park_type", "size_class", "city")
DECOMPOSED = ("district", "park_type")
SIZES = {"small": (100, 60), "large": (10_000, 120)}
SCALING = (1_250, 2_500, 5_000, 10_000)


def parks_of(n_parks: int) -> pl.DataFrame:
    """A frame of parks a quarter larger than the number that answers each month."""
    rows = range(n_parks * 5 // 4)
    return pl.DataFrame(
        {
            "park_id": [f"P{i:05d}" for i in rows],
            "district": [f"11{i % 16:04d}" for i in rows],
            "park_type": [("converted", "new_build", "street", "campus")[i * 7 // 3 % 4] for i in rows],
            "size_class": [("small", "medium", "large")[i * 5 // 2 % 3] for i in rows],
            "city": [("beijing", "shanghai", "shenzhen")[i // 5 % 3] for i in rows],
        }
    )


def answers_of(n_parks: int, n_months: int) -> pl.DataFrame:
    """Answers of ``n_parks`` parks a month drawn from the frame, 2 % of them empty, in random order of parks."""
    random = np.random.default_rng(20261122)
    frame = n_parks * 5 // 4
    parks = np.concatenate([random.permutation(frame)[:n_parks] for _ in range(n_months)])
    n = parks.size * N_ITEMS
    months = pl.Series([date(2015 + m // 12, m % 12 + 1, 1) for m in range(n_months)])
    answer = random.choice(4, n, p=[0.34, 0.4, 0.24, 0.02]).astype(np.uint8)
    return pl.DataFrame(
        {
            "period": months.gather(np.repeat(np.arange(n_months), n_parks * N_ITEMS)),
            "park_id": pl.Series([f"P{i:05d}" for i in range(frame)]).gather(np.repeat(parks, N_ITEMS)),
            "item_id": ITEMS["item_id"].gather(np.tile(np.arange(N_ITEMS), parks.size)),
            "answer": pl.Series(["up", "same", "down", None]).gather(answer),
        }
    )


def ours(answers: pl.DataFrame, parks: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The report through the product's functions, the answers coded once."""
    from indicators.breakdowns import breakdown, item_breakdown
    from indicators.coding import coded
    from indicators.contributions import group_contributions, item_contributions

    survey = coded(answers, ITEMS)
    report = {"index": breakdown(survey, ITEMS, parks, ())}
    report["items"] = item_contributions(item_breakdown(survey, ITEMS, None, (), minimum=1), ITEMS)
    for name in BREAKDOWNS:
        report[f"by {name}"] = breakdown(survey, ITEMS, parks, name, minimum=1)
    for name in DECOMPOSED:
        report[f"contributions by {name}"] = group_contributions(survey, ITEMS, name, parks, minimum=1)
    return report


def each_call_codes(answers: pl.DataFrame, parks: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The same report with each function given the frame, as a page calls them."""
    from indicators.breakdowns import breakdown, item_breakdown
    from indicators.contributions import group_contributions, item_contributions

    report = {"index": breakdown(answers, ITEMS, parks, ())}
    report["items"] = item_contributions(item_breakdown(answers, ITEMS, None, (), minimum=1), ITEMS)
    for name in BREAKDOWNS:
        report[f"by {name}"] = breakdown(answers, ITEMS, parks, name, minimum=1)
    for name in DECOMPOSED:
        report[f"contributions by {name}"] = group_contributions(answers, ITEMS, name, parks, minimum=1)
    return report


def standard_errors_alone(answers: pl.DataFrame, parks: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Index and band alone, through ``indicators.uncertainty``, which also knows strata and covariances."""
    from indicators.uncertainty import standard_errors

    return {"index": standard_errors(answers, ITEMS, pl.DataFrame({"n_frame": [parks.height]}), "period")}


def pandas_version(answers: pl.DataFrame, parks: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The same report as a person who knows pandas writes it: merges and group-bys, no loop over parks."""
    import pandas as pd
    from scipy.special import stdtrit

    score = {"up": 1.0, "same": 0.5, "down": 0.0}
    data, attributes = answers.to_pandas(), parks.to_pandas()
    items = ITEMS.to_pandas()
    data["score"] = data["answer"].map(score).astype("float64")
    data = data.dropna(subset=["score"]).merge(items, on="item_id").merge(attributes, on="park_id")
    data["score"] = data["score"].where(data["direction"] == 1, 1.0 - data["score"])
    weights = items.set_index("item_id")["weight"]

    def banded(by: list[str]) -> pd.DataFrame:
        keys = ["period", *by]
        part = data[[*keys, "park_id", "item_id", "score", "weight"]].copy()
        cell = part.groupby([*keys, "item_id"])["score"]
        part["mean"], part["n_item"] = cell.transform("mean"), cell.transform("size")
        part["z"] = part["weight"] * (part["score"] - part["mean"]) / part["n_item"]
        part["z2"] = part["z"] ** 2
        park = part.groupby([*keys, "park_id"])["z"].sum().reset_index()
        park["z2"] = park["z"] ** 2
        result = park.groupby(keys).agg(n_parks=("z", "size"), total=("z", "sum"), squares=("z2", "sum")).reset_index()
        if by:
            result = result.merge(attributes.groupby(by).size().rename("n_frame").reset_index(), on=by)
        else:
            result["n_frame"] = len(attributes)
        item = part.groupby([*keys, "item_id"]).agg(
            mean=("mean", "first"), weight=("weight", "first"), n=("z", "size"), z2=("z2", "sum")
        )
        item = item.reset_index().merge(result[[*keys, "n_parks", "n_frame"]], on=keys)
        item["index"] = 100.0 * item["weight"] * item["mean"]
        item["gap"] = (item["n_parks"] - item["n"]) / item["n_frame"] * item["n"] / (item["n"] - 1) * item["z2"]
        sums = item.groupby(keys).agg(prosperity_index=("index", "sum"), gap=("gap", "sum"), n_answers=("n", "sum"))
        result = result.merge(sums.reset_index(), on=keys)
        n = result["n_parks"]
        moment = (result["squares"] - result["total"] ** 2 / n) * n / (n - 1)
        variance = (1 - n / result["n_frame"]) * moment + result["gap"]
        result["se_points"] = 100.0 * np.sqrt(variance)
        band = stdtrit(n - 1, 0.975) * result["se_points"]
        result["low"] = (result["prosperity_index"] - band).clip(0, 100)
        result["high"] = (result["prosperity_index"] + band).clip(0, 100)
        return result.sort_values(keys)

    def decomposed(by: str) -> pd.DataFrame:
        total = data.groupby(["period", "item_id"])["score"].agg(["sum", "size"])
        group = data.groupby([by, "period", "item_id"])["score"].agg(["sum", "size"]).reset_index()
        group = group.merge(total.reset_index(), on=["period", "item_id"], suffixes=("", "_all"))
        group["share"] = group["size"] / group["size_all"]
        group["index"] = 100.0 * group["sum"] / group["size"]
        group["whole"] = 100.0 * group["sum_all"] / group["size_all"]
        group = group.sort_values([by, "item_id", "period"])
        earlier = group.groupby([by, "item_id"])[["share", "index", "whole"]].shift(1)
        weight = group["item_id"].map(weights)
        group["within_effect"] = weight * (group["share"] + earlier["share"]) / 2 * (group["index"] - earlier["index"])
        level = (group["index"] + earlier["index"]) / 2 - (group["whole"] + earlier["whole"]) / 2
        group["composition_effect"] = weight * (group["share"] - earlier["share"]) * level
        effects = group.groupby(["period", by])[["within_effect", "composition_effect"]].sum(min_count=N_ITEMS)
        effects["contribution"] = effects["within_effect"] + effects["composition_effect"]
        return effects.reset_index().sort_values(["period", by])

    table = (100.0 * data.groupby(["period", "item_id"])["score"].mean()).rename("diffusion_index").reset_index()
    table = table.sort_values(["item_id", "period"])
    table["change"] = table.groupby("item_id")["diffusion_index"].diff()
    table["contribution"] = table["item_id"].map(weights) * table["change"]
    report = {"index": banded([]), "items": table.sort_values(["period", "item_id"])}
    report |= {f"by {name}": banded([name]) for name in BREAKDOWNS}
    report |= {f"contributions by {name}": decomposed(name) for name in DECOMPOSED}
    return {name: _from_pandas(frame) for name, frame in report.items()}


def _from_pandas(frame: object) -> pl.DataFrame:
    return pl.from_pandas(frame).with_columns(pl.col("period").cast(pl.Date))


ENGINES: dict[str, Callable[[pl.DataFrame, pl.DataFrame], dict[str, pl.DataFrame]]] = {
    "ours": ours,
    "each": each_call_codes,
    "errors": standard_errors_alone,
    "pandas": pandas_version,
}
LABELS = {
    "ours": "ParkPulse, answers coded once",
    "each": "ParkPulse, each function given the frame",
    "errors": "index and band alone by `standard_errors`",
    "pandas": "plain pandas",
}


def measure(engine: str, folder: Path, repeats: int) -> dict[str, float]:
    """Run one engine on the files of ``folder`` in this process; the report goes to ``folder``."""
    answers, parks = pl.read_parquet(folder / "answers.parquet"), pl.read_parquet(folder / "parks.parquet")
    run = ENGINES[engine]
    run(answers.filter(pl.col("period") < date(2015, 4, 1)), parks)
    walls, processor = [], []
    for _ in range(repeats):
        wall, cpu = time.perf_counter(), time.process_time()
        report = run(answers, parks)
        walls.append(time.perf_counter() - wall)
        processor.append(time.process_time() - cpu)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    for name, frame in report.items():
        frame.write_parquet(folder / f"{engine} {name}.parquet")
    return {"wall": min(walls), "cpu": min(processor), "peak_mib": peak}


def child(engine: str, folder: Path, repeats: int = 1) -> dict[str, float]:
    """The measurement of one engine in a process of its own."""
    command = [sys.executable, __file__, "--child", engine, str(folder), str(repeats)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def least(engine: str, folder: Path, processes: int, repeats: int) -> dict[str, float]:
    """The least elapsed and CPU time of several processes, which other work on the machine disturbs least."""
    found = [child(engine, folder, repeats) for _ in range(processes)]
    return {
        "wall": min(one["wall"] for one in found),
        "cpu": min(one["cpu"] for one in found),
        "peak_mib": max(one["peak_mib"] for one in found),
    }


def compare(folder: Path, one: str, other: str) -> int:
    """Both reports must agree to 1e-8 in every column they share; how many figures were compared."""
    compared = 0
    for path in sorted(folder.glob(f"{one} *.parquet")):
        theirs = folder / path.name.replace(one, other, 1)
        if theirs.exists():
            left, right = pl.read_parquet(path), pl.read_parquet(theirs)
            names = [name for name in left.columns if name in right.columns and name not in ("n_strata", "weight")]
            numbers = [name for name in names if left.schema[name].is_numeric()]
            both = [
                frame.select(names).with_columns(pl.col(numbers).cast(pl.Float64).fill_nan(None))
                for frame in (left, right)
            ]
            assert_frame_equal(*both, abs_tol=1e-8, rel_tol=0, check_dtypes=False)
            compared += len(numbers) * left.height
    return compared


def prepared(folder: Path, n_parks: int, n_months: int) -> Path:
    """The input files, written by a process of its own so that this one stays small."""
    folder.mkdir()
    command = [sys.executable, __file__, "--write", str(folder), str(n_parks), str(n_months)]
    subprocess.run(command, check=True, cwd=ROOT)
    return folder


def machine() -> str:
    """The processor, cores, memory, Python and library versions."""
    model = [
        line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line
    ]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    import pandas as pd

    return (
        f"{model[0] if model else platform.machine()}, {len(os.sched_getaffinity(0))} cores, {memory:.0f} GiB; "
        f"Python {platform.python_version()}, Polars {pl.__version__}, NumPy {np.__version__}, pandas {pd.__version__}"
    )


def row(size: str, engine: str, found: dict[str, float]) -> str:
    """One line of the table."""
    unit = (1000, "ms") if found["wall"] < 1 else (1, "s")
    times = " | ".join(f"{found[name] * unit[0]:.{1 if unit[1] == 'ms' else 2}f} {unit[1]}" for name in ("wall", "cpu"))
    return f"| {size} | {LABELS[engine]} | {times} | {found['peak_mib']:.0f} MiB |"


def main() -> None:
    """Measure everything and print the page."""
    print(f"Measured {date.today():%Y-%m-%d} on {machine()}; load of other work before: {os.getloadavg()[0]:.1f}.\n")
    print("| size | version | elapsed | CPU time | peak memory |\n|---|---|---|---|---|")
    notes = []
    with tempfile.TemporaryDirectory() as name:
        for size, (n_parks, n_months) in SIZES.items():
            folder = prepared(Path(name) / size, n_parks, n_months)
            title = f"{n_parks:,} parks × {n_months} months × {N_ITEMS} questions"
            found = {engine: least(engine, folder, *((1, 40) if size == "small" else (3, 1))) for engine in ENGINES}
            n = min(compare(folder, "ours", "pandas"), compare(folder, "each", "pandas"))
            for engine, result in found.items():
                print(row(title, engine, result), flush=True)
            ratios = [found["pandas"][key] / found["ours"][key] for key in ("wall", "cpu")]
            notes.append(
                f"- {title}: {n:,} figures equal to within 1e-8; pandas needs {ratios[0]:.1f} times the elapsed and "
                f"{ratios[1]:.1f} times the CPU time."
            )
        times = []
        for n_parks in SCALING:
            folder = prepared(Path(name) / str(n_parks), n_parks, 120)
            times.append(least("ours", folder, 3, 1)["cpu"])
    slope = float(np.polyfit(np.log(SCALING), np.log(times), 1)[0])
    steps = ", ".join(f"{n:,} parks {seconds:.2f} s" for n, seconds in zip(SCALING, times, strict=True))
    print("\n" + "\n".join(notes))
    print(f"- Growth, CPU time of 120 months, least of 3: {steps}; log-log slope {slope:.2f}.")
    assert math.isfinite(slope)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--child", nargs=3, metavar=("ENGINE", "FOLDER", "REPEATS"))
    parser.add_argument("--write", nargs=3, metavar=("FOLDER", "PARKS", "MONTHS"))
    given = parser.parse_args()
    if given.child:
        print(json.dumps(measure(given.child[0], Path(given.child[1]), int(given.child[2]))))
    elif given.write:
        target, count, length = Path(given.write[0]), int(given.write[1]), int(given.write[2])
        answers_of(count, length).write_parquet(target / "answers.parquet")
        parks_of(count).write_parquet(target / "parks.parquet")
    else:
        main()
