"""How long the figures of the events page take for 200,000 events of ten years, beside pandas.

Run it on a calm machine: ``nice .venv/bin/python tests/benchmarks/bench_events.py``. It prints a Markdown table. Both
sides first prepare the events once (ours: checked and coded; pandas: months and categories), then compute the same
figures again and again; every figure is compared before a time is shown. Times are the least CPU time of several
runs, so that other work on the machine counts little. The last lines are changes of a filter: narrow the
events, then compute every figure of the page.
"""

from __future__ import annotations

import argparse
import platform
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from indicators.events import (  # noqa: E402
    CodedEvents,
    attendance,
    coded_events,
    count_changes,
    event_calendar,
    event_concentration,
    event_counts,
    funnel,
    period_counts,
    reach,
)

N_EVENTS, FIRST, LAST = 200_000, date(2016, 1, 1), date(2025, 12, 31)
DISTRICTS = [f"1101{number:02d}" for number in range(1, 17)]
PARKS = [f"P{number:03d}" for number in range(1, 99)]
PROGRAMMES = [f"programme_{number:02d}" for number in range(1, 13)]
NUMBERS = ("participants_online", "participants_onsite", "enterprises", "media_items")
STAGES = ("projects_published", "projects_pitched", "cooperations_signed")
NAMES = ("programme_id", "city_id", "district_code", "park_id", "mode")


def events_of(n: int) -> pl.DataFrame:
    """Events with uneven districts and programmes; some without a district, park or number."""
    random = np.random.default_rng(20261122)

    def some(values: np.ndarray, known: float) -> pl.Series:
        return pl.select(pl.when(pl.Series(random.random(n) < known)).then(pl.Series(values))).to_series()

    def named(names: list[str], known: float = 1.0) -> pl.Series:
        share = 1.0 / np.arange(1, len(names) + 1) ** 0.7
        return some(np.array(names)[random.choice(len(names), n, p=share / share.sum())], known)

    days = np.sort(random.integers(0, (LAST - FIRST).days + 1, n))
    start = (FIRST - date(1970, 1, 1)).days
    table: dict[str, Any] = {
        "event_id": [f"E{number:06d}" for number in range(n)],
        "date": pl.Series((days + start).astype(np.int32)).cast(pl.Date),
        "programme_id": named(PROGRAMMES),
        "city_id": ["beijing"] * n,
        "district_code": named(DISTRICTS, 0.97),
        "park_id": named(PARKS, 0.8),
        "mode": named(["onsite", "online", "hybrid"], 0.98),
    }
    table |= {name: some(random.poisson(40, n), 0.7) for name in NUMBERS}
    table |= {name: some(random.poisson(9 - 3 * at, n), 0.1) for at, name in enumerate(STAGES)}
    return pl.DataFrame(table)


def as_pandas(events: pl.DataFrame, prepared: bool = True) -> pd.DataFrame:
    """The events as a person who knows pandas prepares them: dates, months and categories; else texts as read."""
    data = pd.DataFrame({name: events[name].to_numpy() for name in (*NUMBERS, *STAGES)})
    data["date"] = events["date"].to_numpy().astype("datetime64[s]")
    data["period"] = events["date"].to_numpy().astype("datetime64[M]").astype("datetime64[s]")
    for name in NAMES:
        data[name] = (
            pd.Categorical(events[name].to_list()) if prepared else pd.Series(events[name].to_list(), dtype="str")
        )
    return data


def pandas_counts(data: pd.DataFrame, names: list[str], every: str = "MS") -> pd.DataFrame:
    """A table periods x combinations found, 0 where there was no event; empty names are a group."""
    period = data["period"] if every == "MS" else data["period"].dt.to_period(every).dt.start_time
    groups = data.groupby([period, *(data[name] for name in names)], observed=True, dropna=False).size()
    return groups.unstack(list(range(1, len(names) + 1)), fill_value=0) if names else groups.to_frame()


def pandas_changes(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """The same changes on a complete grid of months, in per cent too."""
    to_date = table.groupby(table.index.year).cumsum()
    before, year, month = to_date.shift(12), table.shift(12), table.shift(1)
    return {
        "change_month": table - month,
        "change_month_pct": 100 * (table - month) / month.where(month > 0),
        "change_year": table - year,
        "change_year_pct": 100 * (table - year) / year.where(year > 0),
        "year_to_date": to_date,
        "year_to_date_before": before,
        "change_to_date_pct": 100 * (to_date - before) / before.where(before > 0),
        "total_12_months": table.rolling(12).sum(),
    }


def pandas_attendance(data: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Sums and numbers of events behind them, participants only where all parts of the mode are stated."""
    online, onsite = data["participants_online"], data["participants_onsite"]
    mode = data["mode"]
    known = (online.notna() | (mode == "onsite")) & (onsite.notna() | (mode == "online"))
    known = known.where(mode.notna(), online.notna() | onsite.notna()).astype(bool)
    people = (online.fillna(0) + onsite.fillna(0)).where(known)
    both = data[[*names, *NUMBERS]].assign(participants=people)
    groups = both.groupby(names, observed=True, dropna=False)
    table = groups.sum(min_count=1).join(groups.count().add_suffix("_n"))
    return table.assign(n_events=groups.size()).reset_index()


def pandas_funnel(data: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Projects of events that state both stages of a step."""
    parts = {}
    for start, end in ((0, 1), (1, 2), (0, 2)):
        both = data[[*names, STAGES[start], STAGES[end]]].dropna(subset=[STAGES[start], STAGES[end]])
        groups = both.groupby(names, observed=False, dropna=False)
        parts[f"{start}{end}"] = groups.agg(n_from=(STAGES[start], "sum"), n_to=(STAGES[end], "sum"))
    return pd.concat(parts, axis=1).reset_index()


def pandas_calendar(data: pd.DataFrame) -> pd.DataFrame:
    """Every day with its number of events and its place on the sheet."""
    days = data.groupby("date").size().reindex(pd.date_range(FIRST, LAST), fill_value=0)
    stamp = days.index
    place = {"year": stamp.year, "month": stamp.month, "week": stamp.strftime("%W").astype(int)}
    return pd.DataFrame({"date": stamp, **place, "weekday": stamp.day_of_week + 1, "n_events": days.to_numpy()})


def pandas_reach(data: pd.DataFrame) -> pd.DataFrame:
    """Parks with an event in the last three months."""
    table = data.groupby(["period", "park_id"], observed=False).size().unstack()
    reached = (table.rolling(3).sum() > 0).sum(axis=1)
    return pd.DataFrame({"period": table.index, "n_reached": reached.to_numpy()})


def pandas_concentration(data: pd.DataFrame) -> pd.DataFrame:
    """Herfindahl and Gini of the districts, year by year."""
    table = data.groupby([data["period"].dt.year, "district_code"], observed=False).size().unstack()
    shares = table.div(table.sum(axis=1), axis=0)
    rising = np.sort(table.to_numpy(), axis=1)
    order = 2 * np.arange(1, rising.shape[1] + 1) - rising.shape[1] - 1
    gini = (rising * order).sum(axis=1) / (rising.shape[1] * rising.sum(axis=1))
    return pd.DataFrame({"year": table.index, "hhi": (shares**2).sum(axis=1).to_numpy(), "gini": gini})


Work = tuple[str, Callable[[CodedEvents], pl.DataFrame], Callable[[pd.DataFrame], Any], tuple[str, ...]]


def _counted(names: tuple[str, ...]) -> Work:
    title = f"by month, {', '.join(names) or 'all'}"
    return (
        title,
        lambda events: event_counts(events, names),
        lambda data: pandas_counts(data, list(names)),
        ("n_events",),
    )


def _by_period(names: tuple[str, ...], every: str, pandas_every: str) -> Work:
    return (
        f"by {every}, {', '.join(names)}",
        lambda events: period_counts(events, names, every),
        lambda data: pandas_counts(data, list(names), pandas_every),
        ("n_events",),
    )


CHANGED = (
    "change_month", "change_month_pct", "change_year", "change_year_pct", "year_to_date", "year_to_date_before",
    "change_to_date_pct", "total_12_months",
)  # fmt: skip
FIGURES: list[Work] = [
    *(_counted(names) for names in ((), ("programme_id",), ("district_code",), ("park_id",), ("mode",))),
    _counted(("programme_id", "district_code", "mode")),
    _by_period(("programme_id",), "quarter", "Q"),
    _by_period(("district_code",), "year", "Y"),
    (
        "changes, programmes",
        lambda events: count_changes(event_counts(events), "programme_id"),
        lambda data: pandas_changes(pandas_counts(data, ["programme_id"])),
        CHANGED,
    ),
    (
        "attendance, programmes",
        attendance,
        lambda data: pandas_attendance(data, ["programme_id"]),
        ("n_events", "participants", *NUMBERS),
    ),
    (
        "funnel, programmes",
        lambda events: funnel(events, "programme_id"),
        lambda data: pandas_funnel(data, ["programme_id"]),
        (),
    ),
    (
        "reach of parks",
        lambda events: reach(event_counts(events, "park_id"), PARKS),
        pandas_reach,
        (),
    ),
    (
        "concentration over districts, yearly",
        lambda events: event_concentration(period_counts(events, "district_code"), "period", DISTRICTS),
        pandas_concentration,
        ("hhi", "gini"),
    ),
    ("calendar", lambda events: event_calendar(events, FIRST, LAST), pandas_calendar, ("week", "weekday", "n_events")),
]  # fmt: skip


def compare(title: str, ours: pl.DataFrame, theirs: Any, columns: tuple[str, ...]) -> int:
    """How many figures agree; stops where one does not."""
    for name in columns:
        left = ours[name].cast(pl.Float64).to_numpy()
        table = isinstance(theirs, pd.DataFrame) and name not in theirs.columns
        right = (theirs if table else theirs[name]).to_numpy(dtype=float).ravel()
        assert left.shape == right.shape, (title, name, left.shape, right.shape)
        np.testing.assert_allclose(np.sort(left), np.sort(right), rtol=1e-9, err_msg=f"{title}: {name}")
    if title.startswith("funnel"):
        pairs = (ours.sort("step", "programme_id")[name].to_list() for name in ("n_from", "n_to"))
        left = np.array([*pairs], dtype=float)
        order = ["12", "01", "02"]
        right = np.array([np.concatenate([theirs[(step, name)] for step in order]) for name in ("n_from", "n_to")])
        np.testing.assert_allclose(np.sort(left), np.sort(right))
        return left.size
    if title.startswith("reach"):
        left = ours["n_reached"].drop_nulls().to_numpy()
        np.testing.assert_array_equal(left, theirs["n_reached"].to_numpy()[2:])
        return left.size
    return sum(ours.height for _ in columns)


def line(title: str, spent: np.ndarray) -> str:
    """A line of the table."""
    first, second = spent[1:] / spent[0]
    return f"| {title} | {spent[0]:.2f} ms | {spent[1]:.1f} ms | {first:.1f} | {spent[2]:.1f} ms | {second:.1f} |"


def cpu(work: Callable[[], object], runs: int) -> float:
    """The least CPU time of several runs, in milliseconds."""
    work()
    times = []
    for _ in range(runs):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return 1000.0 * min(times)


def page(events: CodedEvents) -> None:
    """Every figure once."""
    for _, ours, _, _ in FIGURES:
        ours(events)


def main() -> None:
    """Compare every figure, then print the times."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--events", type=int, default=N_EVENTS)
    options.add_argument("--runs", type=int, default=15)
    chosen = options.parse_args()
    events = events_of(chosen.events)
    data, plain, coded = as_pandas(events), as_pandas(events, prepared=False), coded_events(events)
    print(f"{platform.machine()}, Python {platform.python_version()}, Polars {pl.__version__}, pandas {pd.__version__}")
    print("\n| figure | ours | pandas, texts | ratio | pandas, categories | ratio |\n|---|---|---|---|---|---|")
    agreed, totals = 0, np.zeros(3)
    for title, ours, theirs, columns in FIGURES:
        agreed += compare(title, ours(coded), theirs(data), columns)
        works = (lambda: ours(coded), lambda: theirs(plain), lambda: theirs(data))  # noqa: B023
        spent = np.array([cpu(work, chosen.runs) for work in works])
        totals += spent
        print(line(title, spent), flush=True)
    print(line("**all of them**", totals))
    works = (lambda: coded_events(events), lambda: as_pandas(events, prepared=False), lambda: as_pandas(events))
    print(line("preparing once", np.array([cpu(work, 5) for work in works])))
    print(f"\n{agreed:,} figures equal to within 1e-9. A change of a filter, then every figure above:")
    filters: dict[str, dict[str, Any]] = {
        "one district": {"district_code": DISTRICTS[0]},
        "three programmes": {"programme_id": PROGRAMMES[:3]},
        "held online, with unknown": {"mode": ["online", None]},
        "no filter": {},
    }
    for title, wanted in filters.items():
        start = time.perf_counter()
        page(coded.only(**wanted))
        elapsed = 1000.0 * (time.perf_counter() - start)
        print(f"- {title}: {elapsed:.0f} ms elapsed, {cpu(lambda: page(coded.only(**wanted)), 5):.0f} ms CPU")  # noqa: B023
    whole = timedelta(milliseconds=cpu(lambda: page(coded_events(events)), 3))
    print(f"- after an upload, coded anew: {whole.total_seconds() * 1000:.0f} ms CPU")


if __name__ == "__main__":
    main()
