"""Synthetic partners, offers, needs and follow-ups: enough to show how offers and needs are matched."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from random import Random

Row = dict[str, str]

PARTNER_COLUMNS = (
    "partner_id",
    "name_zh",
    "name_en",
    "partner_type",
    "stage",
    "city_id",
    "province",
    "tags",
    "since",
    "is_synthetic",
)
OFFER_COLUMNS = (
    "offer_id",
    "partner_id",
    "title",
    "tags",
    "stage",
    "region",
    "service_package",
    "since",
    "until",
    "is_synthetic",
)
NEED_COLUMNS = (
    "need_id",
    "park_id",
    "enterprise_name",
    "title",
    "tags",
    "stage",
    "region",
    "since",
    "is_synthetic",
)
FOLLOWUP_COLUMNS = ("need_id", "offer_id", "date", "status", "event_id", "is_synthetic")

PARTNERS, OFFERS, NEEDS, PAIRS = 24, 40, 40, 30
TYPES = ("industry", "value_chain", "media", "government", "research", "other")
TYPE_WEIGHTS = (8, 6, 4, 2, 3, 1)
STAGES = ("construction", "operation", "both")
STAGE_WEIGHTS = (3, 5, 2)
CITIES = (("beijing", "北京市"), ("shanghai", "上海市"), ("shenzhen", "广东省"))
TAGS = (
    "改造设计",
    "消防改造",
    "节能改造",
    "招商",
    "物业运营",
    "数字化平台",
    "展览策划",
    "品牌传播",
    "投融资",
    "法律服务",
    "人才培训",
    "版权服务",
)
PACKAGES = ("建设服务包", "运营服务包", "传播服务包", "")
LAST = date(2026, 10, 31)
STAGED = {"pitched": "wenkehui", "signed": "matchmaking"}  # the programme at whose events a step is made
# how far a pair comes, one status a step; 30 pairs make 60 steps
PATHS = (
    ("suggested",),
    ("suggested", "contacted"),
    ("suggested", "contacted", "declined"),
    ("contacted", "pitched", "signed"),
    ("meeting",),
)


def partner_rows(seed: int) -> list[Row]:
    """Rows of partners.csv. Columns out: PARTNER_COLUMNS, all text. Source: our choice, all of it.

    >>> len(partner_rows(1)), partner_rows(1)[0]["name_en"]
    (24, 'Synthetic partner 01')
    """
    draw = Random(f"{seed}-partners")
    rows = []
    for number in range(1, PARTNERS + 1):
        city_id, province = draw.choices(CITIES, (6, 2, 2))[0]
        rows.append(
            {
                "partner_id": f"DEMO-P{number:02d}",
                "name_zh": f"合成伙伴{number:02d}",
                "name_en": f"Synthetic partner {number:02d}",
                "partner_type": draw.choices(TYPES, TYPE_WEIGHTS)[0],
                "stage": draw.choices(STAGES, STAGE_WEIGHTS)[0],
                "city_id": city_id,
                "province": province,
                "tags": _tags(draw, 3),
                "since": _day(draw, date(2022, 1, 10)).isoformat(),
                "is_synthetic": "true",
            }
        )
    return rows


def offer_rows(partners: Sequence[Row], seed: int) -> list[Row]:
    """Rows of offers.csv, of the partners given. Columns out: OFFER_COLUMNS, all text. Source: our choice."""
    draw = Random(f"{seed}-offers")
    rows = []
    for number in range(1, OFFERS + 1):
        partner = draw.choice(partners)
        tags = _tags(draw, 3)
        since = _day(draw, date(2024, 1, 10))
        rows.append(
            {
                "offer_id": f"DEMO-O{number:02d}",
                "partner_id": partner["partner_id"],
                "title": f"合成供给{number:02d}:{tags.split(';')[0]}",
                "tags": tags,
                "stage": partner["stage"],
                "region": draw.choice((partner["city_id"], partner["city_id"], "national")),
                "service_package": draw.choice(PACKAGES),
                "since": since.isoformat(),
                "until": (since + timedelta(days=1_095)).isoformat() if draw.random() < 0.5 else "",
                "is_synthetic": "true",
            }
        )
    return rows


def need_rows(park_ids: Sequence[str], seed: int) -> list[Row]:
    """Rows of needs.csv, of the parks given; half of them name an enterprise, which is invented.

    Columns out: NEED_COLUMNS, all text. Source: our choice.
    """
    draw = Random(f"{seed}-needs")
    rows = []
    for number in range(1, NEEDS + 1):
        tags = _tags(draw, 3)
        rows.append(
            {
                "need_id": f"DEMO-N{number:02d}",
                "park_id": draw.choice(park_ids),
                "enterprise_name": f"合成企业{number:02d}" if number % 2 else "",
                "title": f"合成需求{number:02d}:{tags.split(';')[0]}",
                "tags": tags,
                "stage": draw.choices(STAGES, STAGE_WEIGHTS)[0],
                "region": draw.choice(("beijing", "beijing", "national")),
                "since": _day(draw, date(2024, 6, 1)).isoformat(),
                "is_synthetic": "true",
            }
        )
    return rows


def followup_rows(needs: Sequence[Row], offers: Sequence[Row], events: Sequence[Row], seed: int) -> list[Row]:
    """Rows of followups.csv: pairs that share a tag, each with its steps; a pitch names the 文科汇 it was made at,
    every second signing the matchmaking it was signed at.

    In: rows of needs.csv, offers.csv and events.csv. Columns out: FOLLOWUP_COLUMNS, all text. Source: our choice.
    """
    draw = Random(f"{seed}-followups")
    pairs = [
        (need, offer)
        for need in needs
        for offer in offers
        if set(need["tags"].split(";")) & set(offer["tags"].split(";"))
    ]
    past = [row for row in events if row["city_id"] == "beijing" and "2025" <= row["date"] <= LAST.isoformat()]
    rows = []
    for number, (need, offer) in enumerate(draw.sample(pairs, PAIRS)):
        day = date.fromisoformat(max(need["since"], offer["since"])) + timedelta(days=draw.randint(5, 40))
        for status in PATHS[number % len(PATHS)]:
            kind = "" if status == "signed" and number % 2 else STAGED.get(status, "")
            held = [row for row in past if row["programme_id"] == kind and row["date"] >= day.isoformat()]
            day = date.fromisoformat(held[0]["date"]) if held else day
            step = {"need_id": need["need_id"], "offer_id": offer["offer_id"], "date": min(day, LAST).isoformat()}
            step |= {"status": status, "event_id": held[0]["event_id"] if held else "", "is_synthetic": "true"}
            rows.append(step)
            day += timedelta(days=draw.randint(7, 45))
    return sorted(_one_a_day(rows), key=lambda row: (row["need_id"], row["offer_id"], row["date"]))


def state_signed(events: Sequence[Row], followups: Sequence[Row]) -> None:
    """Let every event at which a follow-up was signed state so many cooperations; no other event is changed.

    >>> event = {"event_id": "E1", "cooperations_signed": ""}
    >>> state_signed([event], [{"status": "signed", "event_id": "E1"}, {"status": "meeting", "event_id": "E1"}])
    >>> event["cooperations_signed"]
    '1'
    """
    signed = Counter(row["event_id"] for row in followups if row["status"] == "signed" and row["event_id"])
    for row in events:
        if row["event_id"] in signed:
            row["cooperations_signed"] = str(signed[row["event_id"]])


def _one_a_day(rows: Sequence[Row]) -> list[Row]:
    """One step of a pair a day: the last one."""
    return list({(row["need_id"], row["offer_id"], row["date"]): row for row in rows}.values())


def _tags(draw: Random, most: int) -> str:
    return ";".join(draw.sample(TAGS, draw.randint(1, most)))


def _day(draw: Random, first: date) -> date:
    """A day from the first one to half a year before the end of the demonstration."""
    return first + timedelta(days=draw.randint(0, (LAST - first).days - 183))
