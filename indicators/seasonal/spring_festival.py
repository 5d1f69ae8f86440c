"""The Spring Festival (春节): its date in each year, and how it falls on the months around it.

The festival lies between 21 January and 20 February, so a fixed seasonal factor cannot follow
it. A window of days around the festival is shared out over the months instead: the share that
differs from the long-run share of that calendar month is what the festival's date explains.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

FIRST_YEAR = 2000
"""First year of the table of dates."""

_DAYS = [
    "0205",
    "0124",
    "0212",
    "0201",
    "0122",
    "0209",
    "0129",
    "0218",
    "0207",
    "0126",
    "0214",
    "0203",
    "0123",
    "0210",
    "0131",
    "0219",
    "0208",
    "0128",
    "0216",
    "0205",
    "0125",
    "0212",
    "0201",
    "0122",
    "0210",
    "0129",
    "0217",
    "0206",
    "0126",
    "0213",
    "0203",
    "0123",
    "0211",
    "0131",
    "0219",
    "0208",
    "0128",
    "0215",
    "0204",
    "0124",
    "0212",
    "0201",
    "0122",
    "0210",
    "0130",
    "0217",
    "0206",
    "0126",
    "0214",
    "0202",
    "0123",
]

SPRING_FESTIVAL: dict[int, date] = {
    year: date(year, int(day[:2]), int(day[2:])) for year, day in enumerate(_DAYS, FIRST_YEAR)
}
"""First day of the first month of the Chinese calendar, 2000 to 2050."""

LAST_YEAR = max(SPRING_FESTIVAL)
"""Last year of the table of dates."""

NO_WINDOW = "none"
"""The festival is left out."""

WINDOWS: dict[str, tuple[tuple[int, int], ...]] = {
    "two_weeks": ((-7, 6), (7, 20)),
    "holiday_week": ((-6, -1), (0, 6)),
    NO_WINDOW: (),
}
"""The declared list of windows, in days from the festival; one regressor each part."""


class FestivalError(ValueError):
    """No such window, or a month outside the table of festival dates."""


def month_starts(first: date, months: int) -> list[date]:
    """The first days of ``months`` months in a row.

    >>> month_starts(date(2026, 12, 1), 2)
    [datetime.date(2026, 12, 1), datetime.date(2027, 1, 1)]
    """
    start = first.year * 12 + first.month - 1
    return [date(index // 12, index % 12 + 1, 1) for index in range(start, start + months)]


def festival_regressors(first: date, months: int, window: str = "two_weeks") -> pl.DataFrame:
    """How much more or less of the festival than usual falls into each month.

    Formula: part i of the window has d days; day_share_i(month) = days of the part in the month / d;
    festival_i = day_share_i - mean of day_share_i over the same calendar month of 2000 to 2050.
    Options: ``first`` (first day of a month), ``months`` (how many), ``window``: two_weeks (days -7
    to 6 and 7 to 20 from the festival), holiday_week (-6 to -1 and 0 to 6) or none.
    Columns out: period Date, festival_1, festival_2 Float64 (share of the part, -1..1; over 2000 to
    2050 each calendar month has mean 0); with window none only period.
    A month outside January to March is 0. Raises FestivalError for an unknown window, or a month
    outside 2000 to 2050. Source: U.S. Census Bureau, genhol (centred by calendar month); dates:
    the first day named 春节 in the package holidays, China.

    >>> shares = festival_regressors(date(2026, 1, 1), 3)
    >>> [round(share, 3) for share in shares["festival_1"]]
    [-0.398, 0.398, 0.0]
    """
    columns = regressors(first, months, window).T
    named = {f"festival_{number}": column for number, column in enumerate(columns, 1)}
    return pl.DataFrame({"period": month_starts(first, months)} | named, schema_overrides={"period": pl.Date})


def festivals(first: date, last: date, without: Sequence[date] = ()) -> int:
    """How many Spring Festivals fall into the months ``first`` to ``last``, those in the months ``without`` left out.

    >>> first, last = date(2022, 1, 1), date(2025, 12, 1)
    >>> festivals(first, last), festivals(first, last, [date(2023, 1, 1)])
    (4, 3)
    """
    months = (festival.replace(day=1) for festival in SPRING_FESTIVAL.values())
    return sum(first <= month <= last and month not in without for month in months)


def regressors(first: date, months: int, window: str) -> NDArray[np.float64]:
    """``festival_regressors`` as an array, a row a month and a column a part of the window.

    >>> regressors(date(2026, 7, 1), 2, "holiday_week").tolist()
    [[0.0, 0.0], [0.0, 0.0]]
    """
    if window not in WINDOWS:
        raise FestivalError(f"there is no window '{window}'; accepted: {', '.join(WINDOWS)}; choose one of them.")
    parts = WINDOWS[window]
    if not parts:
        return np.zeros((months, 0))
    periods = month_starts(first, months)
    _require_in_table(periods)
    table = _centred(window)
    start = (first.year - FIRST_YEAR) * 12 + first.month - 1
    return table[start : start + months].copy()


def _require_in_table(periods: Sequence[date]) -> None:
    outside = [period for period in periods if period.year not in SPRING_FESTIVAL]
    if outside:
        raise FestivalError(
            f"the Spring Festival of {outside[0]:%Y-%m} is not known; accepted: months from {FIRST_YEAR}-01 to "
            f"{LAST_YEAR}-12; shorten the series or choose the window {NO_WINDOW}."
        )


@lru_cache
def _centred(window: str) -> NDArray[np.float64]:
    """Day shares of every month of the table less the mean of their calendar month."""
    shares = np.column_stack([_day_shares(part) for part in WINDOWS[window]])
    by_month = shares.reshape(-1, 12, shares.shape[1])
    return np.asarray((by_month - by_month.mean(axis=0)).reshape(shares.shape))


def _day_shares(part: tuple[int, int]) -> NDArray[np.float64]:
    """Share of the days of one part of the window in every month of the table."""
    low, high = part
    shares = []
    for year, festival in SPRING_FESTIVAL.items():
        begin, end = festival + timedelta(low), festival + timedelta(high + 1)
        for start, stop in pairwise(month_starts(date(year, 1, 1), 13)):
            shares.append(max((min(end, stop) - max(begin, start)).days, 0) / (high - low + 1))
    return np.array(shares)
