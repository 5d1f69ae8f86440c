"""Synthetic members, publications and scorecards; the number of members follows the published counts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

from data.demo.events import apportioned

Row = dict[str, str]

MEMBER_COLUMNS = (
    "body",
    "member_id",
    "name_zh",
    "name_en",
    "member_type",
    "city_id",
    "province",
    "joined_on",
    "is_synthetic",
)
PUBLICATION_COLUMNS = ("channel", "period", "kind", "city_id", "n", "reads", "likes", "is_synthetic")
SHARES = ("share_production", "share_research", "share_commerce", "share_housing", "share_public")
SCORECARD_COLUMNS = (
    "park_id",
    "year",
    *SHARES,
    "occupancy_pct",
    "open_hours_week",
    "services",
    "governance",
    "local_linkage_pct",
    "is_synthetic",
)

# published: 86 members on the first day, 84 of them municipal parks; 105 on the second
FIRST, SECOND = date(2022, 1, 26), date(2023, 1, 10)
NEXT = date(2022, 2, 1)  # the first day of the others, so that the month of the founding ends with the published count
N_FIRST, N_PARKS, N_SECOND = 86, 84, 105
CHANNELS = (
    ("wechat", "article", 18, 420),
    ("wechat_video", "video", 6, 900),
    ("douyin", "video", 5, 1_600),
    ("weibo", "image", 9, 260),
)
MONTHS = 58
FIRST_MONTH = date(2022, 1, 1)
SERVICES = ("canteen", "housing", "childcare", "health", "transport", "legal", "finance", "incubation", "culture")
GOVERNANCE = ("enterprise", "government", "mixed", "community")
SCORECARDS, YEAR = 12, 2025


def member_rows(seed: int) -> list[Row]:
    """Rows of members.csv: the association from its founding, on the two days its size was published; nobody has left.

    Columns out: MEMBER_COLUMNS, all text. Source: 86 and 105 members, 84 municipal parks (events_published.csv
    EV-019, EV-020, EV-021); the first ones joined on the day it was founded, names, later days and types are invented.

    >>> rows = member_rows(1)
    >>> len(rows), sum(row["joined_on"] == "2022-01-26" for row in rows)
    (105, 86)
    """
    draw = Random(f"{seed}-members")
    rows = []
    for number in range(1, N_SECOND + 1):
        early = number <= N_FIRST
        joined = FIRST if early else NEXT + timedelta(days=draw.randint(0, (SECOND - NEXT).days))
        kind = (
            "市级文化产业园区" if number <= N_PARKS else "服务机构" if early or draw.random() < 0.3 else "文化产业园区"
        )
        rows.append(
            {
                "body": "association",
                "member_id": f"DEMO-M{number:03d}",
                "name_zh": f"合成会员{number:03d}",
                "name_en": f"Synthetic member {number:03d}",
                "member_type": kind,
                "city_id": "beijing",
                "province": "北京市",
                "joined_on": joined.isoformat(),
                "is_synthetic": "true",
            }
        )
    return rows


def publication_rows(seed: int) -> list[Row]:
    """Rows of publications.csv: four channels from 2022 on; one count of reads in ten was not written down.

    Columns out: PUBLICATION_COLUMNS, all text; n in items. Source: our choice; the articles and the videos of 2022 are
    more than 200 and 100, as published (events_published.csv EV-013, EV-014).
    """
    draw = Random(f"{seed}-publications")
    rows = []
    for step in range(MONTHS):
        years, months = divmod(FIRST_MONTH.month - 1 + step, 12)
        month = date(FIRST_MONTH.year + years, months + 1, 1)
        for channel, kind, typical, reads in CHANNELS:
            n = max(1, round(typical * draw.lognormvariate(0.0, 0.2) * (0.7 if month.month in (1, 2) else 1.0)))
            seen = round(n * reads * draw.lognormvariate(0.0, 0.3))
            known = draw.random() >= 0.1
            row = {"channel": channel, "period": f"{month:%Y-%m}", "kind": kind, "city_id": "beijing", "n": str(n)}
            row |= {"reads": str(seen) if known else "", "likes": str(round(seen * 0.02)) if known else ""}
            rows.append(row | {"is_synthetic": "true"})
    return rows


def scorecard_rows(park_ids: Sequence[str], seed: int) -> list[Row]:
    """Rows of scorecards.csv: the first twelve of the parks given, one year; a cell in ten is empty.

    Columns out: SCORECARD_COLUMNS, all text; shares in per cent of floor area, adding up to 100 where none is empty.
    Source: our choice.
    """
    draw = Random(f"{seed}-scorecards")
    rows = []
    for park_id in park_ids[:SCORECARDS]:
        parts = apportioned(100, [draw.gammavariate(1.5, weight) for weight in (1.0, 2.0, 2.5, 0.6, 1.2)])
        row = {"park_id": park_id, "year": str(YEAR)}
        row |= {name: str(part) for name, part in zip(SHARES, parts, strict=True)}
        rest = {
            "occupancy_pct": str(draw.randint(62, 98)),
            "open_hours_week": str(draw.choice((40, 56, 84, 112, 168))),
            "services": ";".join(sorted(draw.sample(SERVICES, draw.randint(2, 7)))),
            "governance": draw.choices(GOVERNANCE, (6, 2, 3, 1))[0],
            "local_linkage_pct": str(draw.randint(15, 70)),
        }
        rows.append(row | {name: cell if draw.random() >= 0.1 else "" for name, cell in rest.items()})
        rows[-1]["is_synthetic"] = "true"
    return rows
