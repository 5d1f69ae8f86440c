"""Months of the demonstration period and the Spring Festival dates that shape them."""

from __future__ import annotations

from datetime import date, timedelta

FIRST_MONTH = date(2022, 1, 1)
LAST_MONTH = date(2026, 10, 1)
NEXT_MONTH = date(2026, 11, 1)
SHOCK_MONTHS = (date(2022, 11, 1), date(2022, 12, 1), date(2023, 1, 1))

# First day of the Chinese lunar year (public calendar).
SPRING_FESTIVAL = {
    2022: date(2022, 2, 1),
    2023: date(2023, 1, 22),
    2024: date(2024, 2, 10),
    2025: date(2025, 1, 29),
    2026: date(2026, 2, 17),
    2027: date(2027, 2, 6),
}


def months(first: date = FIRST_MONTH, last: date = LAST_MONTH) -> list[date]:
    """First days of all months from first to last, both included.

    Columns: none. One month in gives one month out; last before first gives an empty list. Errors: none.
    Source: our choice, the demonstration covers 2022-01 to 2026-10.

    >>> len(months())
    58
    """
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return [shifted(first, step) for step in range(count)]


def shifted(month: date, step: int) -> date:
    """The first day of the month that lies step months later (earlier when negative).

    Formula: months are counted as 12 * year + month - 1. Errors: ValueError outside the years 1-9999.
    Source: calendar arithmetic.

    >>> shifted(date(2022, 11, 1), 3)
    datetime.date(2023, 2, 1)
    """
    number = month.year * 12 + month.month - 1 + step
    return date(number // 12, number % 12 + 1, 1)


def festival_share(month: date, first_day: int, last_day: int) -> float:
    """Share (0-1) of a window around the Spring Festival that falls into the month.

    Formula: days of the window inside the month / days of the window; the window runs from first_day to last_day,
    counted from the first day of the lunar year. A year outside the table counts as no festival (0.0).
    Errors: ZeroDivisionError when last_day lies just before first_day. Source: our choice, the usual [-7, 6] windows.

    >>> festival_share(date(2022, 1, 1), -7, 6)
    0.5
    """
    start = SPRING_FESTIVAL.get(month.year)
    if start is None:
        return 0.0
    days = [start + timedelta(days=offset) for offset in range(first_day, last_day + 1)]
    inside = sum(day.year == month.year and day.month == month.month for day in days)
    return inside / len(days)
