"""Synthetic monthly survey: each park answers ten questions with 上升, 持平 or 下降, or does not answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import pairwise
from random import Random
from typing import NamedTuple

from data.demo.festival import FIRST_MONTH, LAST_MONTH, NEXT_MONTH, SHOCK_MONTHS, festival_share, months, shifted
from data.demo.parks import DemoPark

ANSWER_LABELS = {"up": "上升", "same": "持平", "down": "下降"}
POINTS_PER_UNIT = 34.0  # index points one unit of mood moves a diffusion index near 50
ENTRANTS = LEAVERS = 8
HABITUALLY_ABSENT_EVERY = 12  # one park in twelve, spread evenly over the districts
ITEM_BLANK_SHARE = 0.03
NEXT_MONTH_RESPONSE = 0.88  # the file to try an upload with comes early: fewer parks than usual

# The common cycle in index points above or below neutral; straight lines between the knots.
CYCLE_KNOTS = (
    (date(2022, 1, 1), 2.5),
    (date(2022, 10, 1), 1.0),
    (date(2022, 11, 1), -7.5),
    (date(2022, 12, 1), -16.0),
    (date(2023, 1, 1), -7.0),
    (date(2023, 2, 1), 0.5),
    (date(2023, 3, 1), 7.0),
    (date(2023, 5, 1), 7.0),
    (date(2023, 12, 1), 2.5),
    (date(2024, 8, 1), 0.0),
    (date(2025, 2, 1), -2.5),
    (date(2025, 8, 1), -2.0),
    (date(2026, 3, 1), 0.5),
    (date(2026, 9, 1), 0.4),
    (date(2026, 10, 1), 2.4),
    (date(2026, 11, 1), 5.6),
)
# Calendar-month effect in index points, January to December; sums to zero.
SEASON = (-1.0, -0.5, 2.5, 1.0, 0.5, -0.5, -1.5, -1.5, 2.0, 1.0, -0.5, -1.5)
CITY_POINTS = {"beijing": 0.0, "shanghai": 0.6, "shenzhen": 1.4}


class ItemDynamics(NamedTuple):
    """How one question follows the cycle: multipliers, level in index points, half width of "same", months ahead."""

    cycle: float
    season: float
    festival: float
    level: float
    same_width: float
    lead: int


ITEMS: dict[str, ItemDynamics] = {
    "business_volume": ItemDynamics(1.15, 1.0, 1.2, 0.0, 0.60, 0),
    "new_leases": ItemDynamics(1.25, 1.0, 1.3, 0.0, 0.60, 0),
    "occupancy": ItemDynamics(0.60, 0.3, 0.3, 0.0, 0.90, 0),
    "rent_level": ItemDynamics(0.40, 0.2, 0.1, -2.0, 1.05, -2),
    "employment": ItemDynamics(0.90, 0.6, 0.9, 0.0, 0.75, 0),
    "rent_collection": ItemDynamics(0.70, 0.3, 0.5, 0.5, 0.85, -1),
    "event_activity": ItemDynamics(1.30, 1.6, 0.5, 1.0, 0.55, 0),
    "cost_pressure": ItemDynamics(-0.30, 0.2, -0.3, 4.5, 0.70, 0),
    "investment_intention": ItemDynamics(0.80, 0.3, 0.2, -1.0, 0.80, 1),
    "expectations": ItemDynamics(1.00, 0.6, -0.6, 3.5, 0.60, 2),
}


class Membership(NamedTuple):
    """The months a park belongs to the survey's frame, first and last included."""

    park: DemoPark
    first: date
    last: date


def cycle_points(month: date) -> float:
    """The common cycle of a month in index points around neutral, by straight lines between the knots.

    Formula: left + (right - left) * months passed / months between. Before the first and after the last knot the
    nearest knot's value holds. Errors: none. Source: our choice: one shock 2022-11..2023-01, then recovery, mild
    slowdown, pick-up.

    >>> cycle_points(date(2022, 12, 1))
    -16.0
    """
    position = month.year * 12 + month.month
    knots = [(knot.year * 12 + knot.month, value) for knot, value in CYCLE_KNOTS]
    if position <= knots[0][0]:
        return knots[0][1]
    for (left, low), (right, high) in pairwise(knots):
        if position <= right:
            return low + (high - low) * (position - left) / (right - left)
    return knots[-1][1]


def item_points(item_id: str, month: date) -> float:
    """Expected index points of one question in a month: cycle, season, Spring Festival and the question's own level.

    Formula: cycle * C(month + lead) + season * S(month) + festival * F(month) + level, where F is -9 times the share of
    days -7..6 around the festival plus 6 times the share of days 7..27. Errors: KeyError for an unknown question.
    Source: our choice.

    >>> item_points("business_volume", date(2026, 10, 1))
    3.76
    """
    item = ITEMS[item_id]
    ahead = cycle_points(shifted(month, item.lead))
    if item.lead and month in SHOCK_MONTHS:
        ahead = 0.5 * (ahead + cycle_points(month))
    festival = -9.0 * festival_share(month, -7, 6) + 6.0 * festival_share(month, 7, 27)
    points = item.cycle * ahead + item.season * SEASON[month.month - 1] + item.festival * festival + item.level
    return round(points, 6)


def memberships(parks: Sequence[DemoPark], seed: int) -> list[Membership]:
    """When each park belongs to the frame: eight sample parks leave, eight others enter, the rest stay throughout.

    Columns: none. With fewer than sixteen sample parks fewer enter and leave. Only invented parks come and go, so that
    nothing is said about a real park. Errors: none. Source: our choice.

    >>> [m.first for m in memberships([DemoPark("BJ-005", "798", "beijing", "110105", False)], 1)]
    [datetime.date(2022, 1, 1)]
    """
    draw = Random(f"{seed}-membership")
    samples = [park.park_id for park in parks if park.is_sample]
    moving = _evenly(samples, ENTRANTS + LEAVERS)
    inner = months(date(2022, 7, 1), date(2026, 6, 1))
    turning = {park_id: draw.choice(inner) for park_id in moving}
    entering = set(moving[::2])
    spans = []
    for park in parks:
        turn = turning.get(park.park_id)
        first = turn if turn and park.park_id in entering else FIRST_MONTH
        last = turn if turn and park.park_id not in entering else NEXT_MONTH
        spans.append(Membership(park, first, last))
    return spans


def _evenly(names: Sequence[str], wanted: int) -> list[str]:
    """At most as many names as wanted, evenly spaced along the list (sample parks are listed district by district)."""
    count = min(len(names), wanted)
    return [names[place * len(names) // count] for place in range(count)]


class _Respondent:
    """One park's habits: its optimism, how often it answers, and the moods it carries from month to month."""

    def __init__(self, park: DemoPark, absent: bool, draw: Random, district_points: Mapping[str, float]) -> None:
        self.park = park
        self.optimism = draw.gauss(0.0, 0.25) + district_points[park.district_code] / POINTS_PER_UNIT
        self.response = draw.uniform(0.35, 0.60) if absent else draw.uniform(0.78, 0.96)
        self.mood = draw.gauss(0.0, 0.35)
        self.item_moods = {item_id: draw.gauss(0.0, 0.85) for item_id in ITEMS}

    def move_on(self, draw: Random) -> None:
        """Carry the moods into the next month: 85 % of the park's mood and 60 % of each question's stay."""
        self.mood = 0.85 * self.mood + draw.gauss(0.0, 0.35 * (1 - 0.85**2) ** 0.5)
        for item_id, mood in self.item_moods.items():
            self.item_moods[item_id] = 0.6 * mood + draw.gauss(0.0, 0.85 * (1 - 0.6**2) ** 0.5)

    def answer(self, item_id: str, points: float, centre: float) -> str:
        """The answer to one question from the month's expected points and the city's mean mood, which is taken off."""
        favourable = -1.0 if item_id == "cost_pressure" else 1.0
        shift = (points + favourable * CITY_POINTS[self.park.city_id]) / POINTS_PER_UNIT
        mood = favourable * (self.optimism + self.mood) + self.item_moods[item_id] - centre + shift
        width = ITEMS[item_id].same_width
        return "up" if mood > width else "down" if mood < -width else "same"


def survey_rows(
    parks: Sequence[DemoPark], item_names: Mapping[str, str], seed: int
) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Rows of survey.csv (2022-01..2026-10) and of survey_2026-11.csv, one row a park and month that answered.

    Formula: answer = up / same / down as optimism + mood + question's mood + expected points lies above, within or
    below the width of "same"; moods are centred over each city's frame every month, so the index follows the cycle.
    Columns out: 月份 (YYYY-MM), 园区编号, 园区名称, one per question (empty = not answered), 合成数据 (是).
    A park that does not answer has no row. Errors: KeyError when item_names lacks a question. Source: our choice.

    >>> rows, following = survey_rows([], {item_id: item_id for item_id in ITEMS}, 1)
    >>> rows, following
    ([], [])
    """
    draw = Random(f"{seed}-replies")
    codes = sorted({park.district_code for park in parks})
    district_points = {code: draw.gauss(0.0, 1.2) for code in codes}
    spans = sorted(memberships(parks, seed), key=lambda span: (span.park.district_code, span.park.park_id))
    absent = {span.park.park_id for span in spans[5::HABITUALLY_ABSENT_EVERY]}
    people = [(_Respondent(span.park, span.park.park_id in absent, draw, district_points), span) for span in spans]
    rows: list[dict[str, str]] = []
    for month in months(FIRST_MONTH, NEXT_MONTH):
        present = [person for person, span in people if span.first <= month <= span.last]
        rows += _month_rows(month, present, item_names, draw)
        for person, _span in people:
            person.move_on(draw)
    newest = LAST_MONTH.strftime("%Y-%m")
    rows.sort(key=lambda row: (row["月份"], row["园区编号"]))
    return [row for row in rows if row["月份"] <= newest], [row for row in rows if row["月份"] > newest]


def _month_rows(
    month: date, present: Sequence[_Respondent], item_names: Mapping[str, str], draw: Random
) -> list[dict[str, str]]:
    cities = {person.park.city_id for person in present}
    centres = {
        city_id: {item_id: _centre(item_id, [p for p in present if p.park.city_id == city_id]) for item_id in ITEMS}
        for city_id in cities
    }
    expected = {item_id: item_points(item_id, month) for item_id in ITEMS}
    rows = []
    for person in present:
        if draw.random() >= _response(person, month):
            continue
        row = {"月份": month.strftime("%Y-%m"), "园区编号": person.park.park_id, "园区名称": person.park.name_zh}
        for item_id in ITEMS:
            answer = person.answer(item_id, expected[item_id], centres[person.park.city_id][item_id])
            blank = draw.random() < ITEM_BLANK_SHARE
            row[item_names[item_id]] = "" if blank else ANSWER_LABELS[answer]
        rows.append(row | {"合成数据": "是"})
    return rows


def _centre(item_id: str, present: Sequence[_Respondent]) -> float:
    if not present:
        return 0.0
    favourable = -1.0 if item_id == "cost_pressure" else 1.0
    total = sum(favourable * (person.optimism + person.mood) + person.item_moods[item_id] for person in present)
    return total / len(present)


def _response(person: _Respondent, month: date) -> float:
    """Chance that a park answers in a month: its habit, less around the festival and in the shock, slowly improving."""
    if month == NEXT_MONTH:
        return person.response * NEXT_MONTH_RESPONSE
    lost = 0.06 * festival_share(month, -7, 6) + (0.07 if month in SHOCK_MONTHS else 0.0)
    gained = 0.005 * (month.year - FIRST_MONTH.year)
    return min(0.985, person.response - lost + gained)
