"""Synthetic special surveys: two waves on digitalisation, three on rent relief, answered by the parks of the survey."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from random import Random
from typing import NamedTuple

from data.demo.parks import DemoPark
from data.demo.survey import memberships

ITEM_BLANK_SHARE = 0.03
CITY_MATURITY = {"beijing": 0.0, "shanghai": 0.15, "shenzhen": 0.30}
ADOPTION = ("fully", "partly", "planned", "not_planned")
ADOPTION_LEVELS = {"management_platform": 0.55, "smart_access": 0.80, "energy_metering": 0.10, "online_leasing": -0.25}
OBSTACLES = ("funds", "talent", "standards", "data_security", "unclear_benefit", "no_obstacle")


class Wave(NamedTuple):
    """One wave: its month, the share of parks that answer, and how far things have moved since the first."""

    month: date
    response: float
    moved: float


class Park(NamedTuple):
    """What stays the same for a park from wave to wave; sides are its leanings in single questions."""

    park: DemoPark
    standing: float
    state_owned: bool
    sides: Mapping[str, float]


DIGITALISATION = (Wave(date(2025, 6, 1), 0.72, 0.0), Wave(date(2026, 6, 1), 0.78, 0.45))
RENT_RELIEF = (
    Wave(date(2022, 6, 1), 0.74, 0.0),
    Wave(date(2022, 12, 1), 0.68, 0.75),
    Wave(date(2023, 6, 1), 0.71, 0.35),
)
Answers = Callable[[Park, Wave, Random], dict[str, str]]


def stepped(value: float, limits: Sequence[float], codes: Sequence[str]) -> str:
    """The code whose step the value stands on; limits fall, one fewer than the codes.

    Errors: IndexError with fewer codes than steps. Source: our choice.

    >>> [stepped(value, (1.0, 0.0), ("high", "middle", "low")) for value in (1.5, 0.5, -2.0)]
    ['high', 'middle', 'low']
    """
    return codes[sum(value <= limit for limit in limits)]


def digitalisation_answers(park: Park, wave: Wave, draw: Random) -> dict[str, str]:
    """The answers of one park to the digitalisation survey: riper parks use more, spend more and fear for their data.

    Formula: adoption = standing + level of the system + leaning + movement since the first wave, on steps.
    Columns out: item_id to code. Errors: none. Source: our choice.
    """
    ripe = park.standing + wave.moved
    answers = {
        item_id: stepped(ripe + level + park.sides[item_id] - 0.4, (1.0, 0.0, -0.8), ADOPTION)
        for item_id, level in ADOPTION_LEVELS.items()
    }
    fears = (1.4 - 0.5 * ripe, 1.0, 0.7 + 0.2 * ripe, 0.6 + 0.5 * ripe, 0.9 - 0.3 * ripe, 0.3 + 0.3 * ripe)
    budget = stepped(0.3 * ripe + draw.gauss(0.1, 0.9), (1.3, 0.4, -0.5, -1.3), ("up2", "up", "same", "down", "down2"))
    plan = stepped(0.4 * ripe + draw.gauss(0.0, 0.8), (0.9, 0.1, -0.9), ("start_new", "extend", "maintain", "no_plan"))
    return answers | {
        "data_sharing": "yes" if ripe + park.sides["data_sharing"] > 0.7 else "no",
        "digital_budget": budget,
        "main_obstacle": draw.choices(OBSTACLES, [max(0.05, fear) for fear in fears])[0],
        "digital_plan": plan,
    }


def rent_relief_answers(park: Park, wave: Wave, draw: Random) -> dict[str, str]:
    """The answers of one park to the rent-relief survey; a park that granted nothing names no cost bearer.

    Formula: readiness = standing + 0.8 for a state-owned landlord + movement of the wave, on steps; relief in the
    first wave is often still in process. Columns out: item_id to code, "" for no answer. Source: our choice.
    """
    ready = park.standing + (0.8 if park.state_owned else -0.3) + wave.moved
    steps = (0.9, 0.0, -0.7) if wave.moved else (1.5, 0.5, -0.9)
    relief = stepped(
        ready + 0.5 * park.sides["relief_granted"],
        steps,
        ("granted_in_full", "granted_in_part", "in_process", "not_granted"),
    )
    granted = relief.startswith("granted")
    months = stepped(ready + draw.gauss(0.0, 0.5), (1.6, 0.2), ("months_6", "months_3_5", "months_1_2"))
    covered = stepped(ready + draw.gauss(0.3, 0.6), (1.3, 0.4, -0.3), ("cover_90", "cover_60", "cover_30", "cover_0"))
    owners = (6, 0, 1, 1, 1) if park.state_owned else (0, 3, 3, 3, 1)
    bearer = draw.choices(("state_owner", "private_owner", "operator", "shared", "subsidy"), owners)[0]
    vacancy = stepped(draw.gauss(0.7 - wave.moved, 0.7), (0.5, -0.5), ("up", "same", "down"))
    need = stepped(draw.gauss(0.5 + 0.6 * wave.moved - 0.3 * ready, 0.8), (0.6, -0.5), ("urgent", "some", "not_needed"))
    return {
        "relief_granted": relief,
        "relief_months": months if granted else "months_0",
        "tenants_covered": covered if granted else "",
        "cost_bearer": bearer if granted else "",
        "application_procedure": stepped(
            0.4 * wave.moved + draw.gauss(0.0, 0.8), (0.4, -0.7), ("simple", "acceptable", "cumbersome")
        ),
        "vacancy_effect": vacancy,
        "further_policy": need,
    }


SURVEYS: dict[str, tuple[tuple[Wave, ...], Answers]] = {
    "digitalisation": (DIGITALISATION, digitalisation_answers),
    "rent_relief": (RENT_RELIEF, rent_relief_answers),
}


def special_rows(
    questionnaire_id: str,
    parks: Sequence[DemoPark],
    item_names: Mapping[str, str],
    labels: Mapping[tuple[str, str], str],
    seed: int,
) -> list[dict[str, str]]:
    """Rows of survey_<questionnaire>.csv, one a park and wave that answered.

    item_names: item_id to heading. labels: (item_id, code) to the answer as written. Columns out: 月份 (YYYY-MM),
    园区编号, 园区名称, one per question (empty = not answered), 合成数据 (是). A park that does not answer has no row.
    Errors: KeyError for an unknown questionnaire, or an item or answer without a name. Source: our choice.

    >>> special_rows("digitalisation", [], {}, {}, 1)
    []
    """
    waves, answers = SURVEYS[questionnaire_id]
    draw = Random(f"{seed}-{questionnaire_id}")
    rows = []
    for span in sorted(memberships(parks, seed), key=lambda span: (span.park.district_code, span.park.park_id)):
        park = _standing(span.park, item_names, draw)
        for wave in waves:
            answered = draw.random() < wave.response and span.first <= wave.month <= span.last
            given = answers(park, wave, draw)
            blank = {item_id for item_id in item_names if draw.random() < ITEM_BLANK_SHARE}
            if answered:
                cells = {i: labels[i, given[i]] if given[i] and i not in blank else "" for i in item_names}
                rows.append(_row(span.park, wave, {item_names[i]: cell for i, cell in cells.items()}))
    return sorted(rows, key=lambda row: (row["月份"], row["园区编号"]))


def _standing(park: DemoPark, items: Mapping[str, str], draw: Random) -> Park:
    sides = {item_id: draw.gauss(0.0, 0.7) for item_id in items}
    standing = CITY_MATURITY[park.city_id] + draw.gauss(0.0, 0.7)
    return Park(park, standing, draw.random() < 0.45, sides)


def _row(park: DemoPark, wave: Wave, cells: Mapping[str, str]) -> dict[str, str]:
    head = {"月份": wave.month.strftime("%Y-%m"), "园区编号": park.park_id, "园区名称": park.name_zh}
    return head | dict(cells) | {"合成数据": "是"}
