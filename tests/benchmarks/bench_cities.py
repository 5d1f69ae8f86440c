"""How long the rank intervals of a city composite take, beside the same draws looped in plain Python as COINr loops
them.

Run it on a calm machine: ``nice .venv/bin/python tests/benchmarks/bench_cities.py``. It prints a Markdown table. The
loop normalises, weighs, aggregates and ranks afresh in every draw, with the draws of the fast side; both must give the
same ranks before times are shown.
"""

from __future__ import annotations

import argparse
import math
import platform
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from indicators.cities.composite import Recipe, gated  # noqa: E402
from indicators.cities.rank_intervals import Doubt, drawn_ranks, rank_intervals  # noqa: E402
from indicators.cities.structure import Tree  # noqa: E402

SIZES = ((5, 30), (15, 30), (95, 30))
RECIPE = Recipe("min_max")


def example(cities: int, indicators: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Made-up figures that agree in part, and a structure of five dimensions."""
    random = np.random.default_rng(11)
    figures = random.normal(size=(cities, 1)) + random.normal(size=(cities, indicators))
    names = [f"i{place:02d}" for place in range(indicators)]
    values = pl.DataFrame(
        {
            "city_id": [f"c{place:03d}" for place in range(cities) for _ in names],
            "indicator_id": names * cities,
            "value": figures.ravel(),
        }
    )
    dimensions = [f"d{place}" for place in range(5)]
    structure = pl.DataFrame(
        {
            "element_id": [*names, *dimensions, "index"],
            "parent_id": [*(dimensions[place % 5] for place in range(indicators)), *["index"] * 5, None],
            "weight": [1.0 + place % 3 for place in range(indicators)] + [1.0] * 6,
        }
    )
    return values, structure


def looped(table: np.ndarray, built: Tree, doubt: Doubt) -> list[list[int]]:
    """The ranks of every draw, cities in rows, by plain Python loops and the random numbers of the fast side."""
    random = np.random.default_rng(doubt.seed)
    ways = [(n, k) for n in doubt.normalisations for k in doubt.kinds]
    picked = random.integers(len(ways), size=doubt.draws).tolist()
    spread = doubt.spread_pct / 100
    noise = random.uniform(1 - spread, 1 + spread, size=(doubt.draws, len(built.elements))).tolist()
    columns = table.T.tolist()
    ranks = []
    for way, factors in zip(picked, noise, strict=True):
        normalisation, kind = ways[way]
        scores = [normalised(column, normalisation, kind) for column in columns]
        for part in built.parts:
            weights = [factors[child] * weight for child, weight in zip(part.children, part.weights, strict=True)]
            scores.append(
                [mean([scores[child][c] for child in part.children], weights, kind) for c in range(len(table))]
            )
        index = [round(score, 9) for score in scores[-1]]
        first: dict[float, int] = {}
        for place, score in enumerate(sorted(index, reverse=True), 1):
            first.setdefault(score, place)
        ranks.append([first[score] for score in index])
    return [list(row) for row in zip(*ranks, strict=True)]


def normalised(column: list[float], normalisation: str, kind: str) -> list[float]:
    """One indicator on the scale of the draw."""
    if normalisation == "min_max":
        low, least, most = (0.0 if kind == "arithmetic" else 1.0), min(column), max(column)
        return [low + (100.0 - low) * (x - least) / (most - least) for x in column]
    centre, deviation = statistics.fmean(column), statistics.stdev(column)
    floor = -math.inf if kind == "arithmetic" else 0.2
    return [max(10.0 + 2.0 * (x - centre) / deviation, floor) for x in column]


def mean(scores: list[float], weights: list[float], kind: str) -> float:
    """The weighted mean of one city's scores."""
    straight = scores if kind == "arithmetic" else [math.log(score) for score in scores]
    whole = sum(x * weight for x, weight in zip(straight, weights, strict=True)) / sum(weights)
    return whole if kind == "arithmetic" else math.exp(whole)


def best(task: Callable[[], object], repeats: int) -> float:
    """The shortest of some runs, in milliseconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        task()
        times.append(1000 * (time.perf_counter() - start))
    return min(times)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=1000)
    draws = parser.parse_args().draws
    doubt = Doubt(draws=draws)
    print(f"Python {platform.python_version()}, NumPy {np.__version__}, {platform.machine()}, {draws} draws\n")
    print("| cities x indicators | rank_intervals (ms) | of which draws (ms) | plain loops (ms) | times faster |")
    print("|---|---|---|---|---|")
    for cities, indicators in SIZES:
        values, structure = example(cities, indicators)
        built, _, table = gated(values, structure, RECIPE)
        assert drawn_ranks(table, built, RECIPE, doubt).tolist() == looped(table, built, doubt), "ranks differ"
        whole = best(lambda v=values, s=structure: rank_intervals(v, s, RECIPE, doubt), 7)
        drawn = best(lambda t=table, b=built: drawn_ranks(t, b, RECIPE, doubt), 7)
        slow = best(lambda t=table, b=built: looped(t, b, doubt), 1 if cities > 50 else 3)
        print(f"| {cities} x {indicators} | {whole:.1f} | {drawn:.1f} | {slow:.0f} | {slow / whole:.0f} |")


if __name__ == "__main__":
    main()
