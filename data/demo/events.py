"""Synthetic dated events of the three associations; 2022 in Beijing respects the published totals."""

from __future__ import annotations

import calendar
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from random import Random
from typing import NamedTuple

from data.demo.festival import SHOCK_MONTHS, SPRING_FESTIVAL, months
from data.demo.parks import DemoPark

EVENT_COLUMNS = (
    "event_id",
    "title",
    "date",
    "start_time",
    "end_time",
    "programme_id",
    "city_id",
    "district_code",
    "park_id",
    "mode",
    "host",
    "participants_online",
    "participants_onsite",
    "enterprises",
    "projects_published",
    "projects_pitched",
    "cooperations_signed",
    "media_items",
    "is_synthetic",
)
# Events a year and city in 2022, 2023, 2024, 2025 and January to October 2026.
# Beijing 2022: 16, 7, 22 and 5 are published, park_show as 120+ and case_visit as 30+; the rest is invented.
PLAN: dict[tuple[str, str], tuple[int, int, int, int, int]] = {
    ("beijing", "park_show"): (124, 138, 146, 141, 129),
    ("beijing", "gov_enterprise"): (16, 19, 20, 18, 17),
    ("beijing", "matchmaking"): (7, 11, 12, 12, 11),
    ("beijing", "park_voice"): (22, 24, 22, 20, 18),
    ("beijing", "wenkehui"): (5, 7, 8, 8, 7),
    ("beijing", "case_visit"): (32, 36, 34, 36, 31),
    ("beijing", "forum"): (1, 3, 3, 3, 3),
    ("beijing", "services"): (8, 14, 18, 20, 19),
    ("beijing", "training"): (4, 8, 9, 10, 8),
    ("beijing", "exhibition"): (1, 3, 4, 4, 4),
    ("beijing", "alliance_meeting"): (1, 1, 1, 1, 0),
    ("shanghai", "park_show"): (26, 38, 42, 44, 38),
    ("shanghai", "gov_enterprise"): (4, 6, 7, 8, 7),
    ("shanghai", "matchmaking"): (2, 4, 5, 5, 4),
    ("shanghai", "case_visit"): (5, 10, 10, 11, 9),
    ("shanghai", "forum"): (1, 2, 2, 2, 2),
    ("shanghai", "training"): (2, 4, 4, 5, 4),
    ("shenzhen", "park_show"): (22, 30, 34, 38, 33),
    ("shenzhen", "gov_enterprise"): (3, 5, 6, 6, 5),
    ("shenzhen", "matchmaking"): (2, 4, 5, 6, 5),
    ("shenzhen", "case_visit"): (4, 8, 8, 9, 8),
    ("shenzhen", "exhibition"): (1, 2, 3, 3, 2),
    ("shenzhen", "training"): (2, 3, 4, 4, 4),
}
# What is planned after the demonstration's last month: one event of each name, spread over four months.
PLANNED: dict[str, tuple[str, ...]] = {
    "beijing": ("forum", "park_show", "matchmaking", "training", "services", "gov_enterprise"),
    "shanghai": ("park_show", "matchmaking", "training"),
    "shenzhen": ("exhibition", "park_show", "training"),
}
PLANNED_MONTHS = (date(2026, 12, 1), date(2027, 3, 1))
TIMES = (("09:30", "11:30"), ("14:00", "16:00"), ("14:00", "17:00"))
HOSTS = {
    "beijing": ("示例主办方01", "示例主办方02", "示例主办方03"),
    "shanghai": ("示例主办方04", "示例主办方05"),
    "shenzhen": ("示例主办方06", "示例主办方07"),
}
PEOPLE = ("participants_online", "participants_onsite", "enterprises")
RESULTS = ("projects_published", "projects_pitched", "cooperations_signed", "media_items")
# published sums of 2022; the 37 deals ("37+") are more than the 27 projects pitched
RESULTS_2022 = {"projects_published": 64, "projects_pitched": 27, "cooperations_signed": 37}
WENKEHUI_2022 = {"participants_online": 1038, "participants_onsite": 277, "enterprises": 157}  # published sums
# Calendar-month weight, January to December: quiet around the Spring Festival and in high summer.
MONTH_WEIGHT = (0.5, 0.5, 1.0, 1.1, 1.2, 1.1, 0.9, 0.9, 1.3, 1.2, 1.1, 1.1)


class Programme(NamedTuple):
    """Habits of a programme: share online, share hybrid, typical heads online and on site, typical firms, in a park."""

    online: float
    hybrid: float
    heads_online: float
    heads_onsite: float
    firms: float
    in_park: float


PROGRAMMES: dict[str, Programme] = {
    "park_show": Programme(0.08, 0.17, 180, 75, 0, 0.85),
    "gov_enterprise": Programme(0.15, 0.25, 60, 28, 16, 0.45),
    "matchmaking": Programme(0.10, 0.40, 90, 40, 22, 0.40),
    "park_voice": Programme(0.85, 0.15, 320, 25, 0, 0.20),
    "wenkehui": Programme(0.00, 1.00, 215, 58, 32, 0.80),
    "case_visit": Programme(0.25, 0.25, 150, 18, 6, 1.00),
    "forum": Programme(0.00, 0.80, 600, 180, 60, 0.30),
    "services": Programme(0.10, 0.10, 40, 35, 18, 0.90),
    "training": Programme(0.45, 0.20, 120, 45, 30, 0.30),
    "exhibition": Programme(0.00, 0.10, 500, 900, 45, 0.40),
    "alliance_meeting": Programme(0.00, 1.00, 140, 110, 70, 0.00),
}


def event_rows(parks: Sequence[DemoPark], names: Mapping[str, str], seed: int) -> list[dict[str, str]]:
    """Rows of events.csv in date order, numbered DEMO-E0001 on.

    Formula: the planned number of events a year is spread over its months by weight; days avoid the holidays; places
    follow the parks; heads are lognormal around the programme's habit; what is planned has none. names: of the
    programmes, for the titles. Columns out: EVENT_COLUMNS, all text, heads in persons. Unknown heads and places are
    empty, never zero. Errors: none. Source: published Beijing totals of 2022
    (events_published.csv); everything else our choice.

    >>> rows = event_rows([DemoPark("BJ-005", "798", "beijing", "110105", False)], {}, 1)
    >>> sum(row["programme_id"] == "wenkehui" and row["date"][:4] == "2022" for row in rows)
    5
    """
    draw = Random(f"{seed}-events")
    rows = []
    for (city_id, programme_id), counts in PLAN.items():
        local = [park for park in parks if park.city_id == city_id]
        for year, count in zip(range(2022, 2027), counts, strict=True):
            for day in _days(year, count, programme_id, draw):
                rows.append(_event(day, programme_id, city_id, local, draw))
    rows.sort(key=lambda row: (row["date"], row["city_id"], row["programme_id"], row["park_id"]))
    _publish_wenkehui_2022(rows, draw)
    _give_results(rows, Random(f"{seed}-results"))
    rows += _planned(parks, Random(f"{seed}-planned"))
    for number, row in enumerate(rows, start=1):
        row["event_id"] = f"DEMO-E{number:04d}"
    _entitle(rows, names, Random(f"{seed}-hosts"))
    return rows


def _planned(parks: Sequence[DemoPark], draw: Random) -> list[dict[str, str]]:
    """Events still to come, in date order: with their times, without people and results."""
    offered, rows = months(*PLANNED_MONTHS), []
    for city_id, programmes in PLANNED.items():
        local = [park for park in parks if park.city_id == city_id]
        for place, programme_id in enumerate(programmes):
            row = _event(_workday(offered[place % len(offered)], draw), programme_id, city_id, local, draw)
            start, end = draw.choice(TIMES)
            rows.append(row | dict.fromkeys((*PEOPLE, *RESULTS), "") | {"start_time": start, "end_time": end})
    return sorted(rows, key=lambda row: (row["date"], row["city_id"]))


def _workday(month: date, draw: Random) -> date:
    """A working day of the month, not in the first days of a year."""
    while True:
        day = _day(month, "training", draw)
        if day.weekday() < 5 and (day.month > 1 or day.day > 3):
            return day


def _entitle(rows: Sequence[dict[str, str]], names: Mapping[str, str], draw: Random) -> None:
    """Titles that nobody takes for real ones (the programme's name and a number in its city), and invented hosts."""
    numbers: Counter[tuple[str, str]] = Counter()
    for row in rows:
        series = (row["city_id"], row["programme_id"])
        numbers[series] += 1
        name = names.get(row["programme_id"], row["programme_id"])
        name = name if row["city_id"] == "beijing" else name.removeprefix("北京")
        row["title"] = f"{name}·示例{numbers[series]:03d}"
        row["host"] = draw.choice(HOSTS[row["city_id"]])


def _days(year: int, count: int, programme_id: str, draw: Random) -> list[date]:
    offered = [month for month in months() if month.year == year]
    weights = [MONTH_WEIGHT[month.month - 1] * _slack(month, programme_id) for month in offered]
    chosen = draw.choices(offered, weights, k=count)
    if programme_id in {"wenkehui", "forum", "alliance_meeting"}:
        chosen = [
            offered[min(len(offered) - 1, 2 + step * (len(offered) - 2) // max(count, 1))] for step in range(count)
        ]
    return [_day(month, programme_id, draw) for month in chosen]


def _slack(month: date, programme_id: str) -> float:
    """What a month leaves of the plan: in the shock months a half, and a quarter of the events on site."""
    if month not in SHOCK_MONTHS:
        return 1.0
    return 0.9 if PROGRAMMES[programme_id].online > 0.5 else 0.35


def _day(month: date, programme_id: str, draw: Random) -> date:
    festival = SPRING_FESTIVAL[month.year]
    weekend_share = 0.4 if programme_id in {"park_show", "exhibition"} else 0.03
    while True:
        day = month.replace(day=draw.randint(1, calendar.monthrange(month.year, month.month)[1]))
        holiday = -2 <= (day - festival).days <= 6 or (day.month == 10 and day.day <= 7)
        if not holiday and (day.weekday() < 5 or draw.random() < weekend_share):
            return day


def _event(day: date, programme_id: str, city_id: str, parks: Sequence[DemoPark], draw: Random) -> dict[str, str]:
    habit = PROGRAMMES[programme_id]
    park = draw.choice(parks) if parks else None
    in_park = park is not None and draw.random() < habit.in_park
    in_district = park is not None and (in_park or draw.random() < 0.6)
    mode = _mode(day, habit, draw)
    return {
        **dict.fromkeys(("event_id", "title", "start_time", "end_time", "host"), ""),
        "date": day.isoformat(),
        "programme_id": programme_id,
        "city_id": city_id,
        "district_code": park.district_code if park and in_district else "",
        "park_id": park.park_id if park and in_park else "",
        "mode": mode,
        "participants_online": _heads(habit.heads_online, draw) if mode != "onsite" else "",
        "participants_onsite": _heads(habit.heads_onsite, draw) if mode != "online" else "",
        "enterprises": _heads(habit.firms, draw) if habit.firms else "",
        **dict.fromkeys(RESULTS, ""),
        "is_synthetic": "true",
    }


def _mode(day: date, habit: Programme, draw: Random) -> str:
    online = max(habit.online, 0.8) if day.replace(day=1) in SHOCK_MONTHS and habit.hybrid < 1 else habit.online
    turn = draw.random()
    return "online" if turn < online else "hybrid" if turn < online + habit.hybrid else "onsite"


def _heads(typical: float, draw: Random) -> str:
    """A head count around the typical one; about one in twelve was not written down and stays empty."""
    known = draw.random() >= 0.08
    count = max(3, round(typical * draw.lognormvariate(0.0, 0.45)))
    return str(count) if known else ""


def _publish_wenkehui_2022(rows: Sequence[dict[str, str]], draw: Random) -> None:
    """Set the heads of Beijing's 2022 文科汇 sessions so that they add up to the published sums."""
    sessions = [
        row
        for row in rows
        if row["programme_id"] == "wenkehui" and row["city_id"] == "beijing" and row["date"].startswith("2022")
    ]
    for column, total in WENKEHUI_2022.items():
        weights = [draw.uniform(0.7, 1.3) for _ in sessions]
        for row, part in zip(sessions, apportioned(total, weights), strict=True):
            row[column] = str(part)


def _give_results(rows: Sequence[dict[str, str]], draw: Random) -> None:
    """What came of the 文科汇 sessions in Beijing: 2022 as published in sum, later years invented; no other event."""
    sessions = [row for row in rows if row["programme_id"] == "wenkehui" and row["city_id"] == "beijing"]
    first = [row for row in sessions if row["date"].startswith("2022")]
    for column, total in RESULTS_2022.items():
        for row, part in zip(first, apportioned(total, [draw.uniform(0.7, 1.3) for _ in first]), strict=True):
            row[column] = str(part)
    for row in sessions:
        row["media_items"] = str(draw.randint(1, 6)) if draw.random() >= 0.2 else ""
        if row not in first:
            published = draw.randint(8, 18)
            pitched = round(published * draw.uniform(0.35, 0.7))
            counts = (published, pitched, round(pitched * draw.uniform(0.2, 0.8)))
            row |= {name: str(n) for name, n in zip(RESULTS, counts, strict=False)}


def apportioned(total: int, weights: Sequence[float]) -> list[int]:
    """Whole numbers in proportion to the weights that add up exactly to the total (largest remainders).

    Formula: floor of total * weight / sum of weights, the missing units to the largest remainders, first come first.
    No weights give an empty list. Errors: ZeroDivisionError when all weights are zero. Source: Hamilton's method.

    >>> apportioned(10, [1.0, 1.0, 1.0])
    [4, 3, 3]
    """
    whole = sum(weights)
    exact = [total * weight / whole for weight in weights]
    parts = [int(value) for value in exact]
    by_remainder = sorted(range(len(parts)), key=lambda place: (parts[place] - exact[place], place))
    for place in by_remainder[: total - sum(parts)]:
        parts[place] += 1
    return parts
