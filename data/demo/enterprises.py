"""Synthetic name-free enterprises in and outside the parks of Beijing, Shanghai and Shenzhen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from data.demo.events import apportioned
from data.demo.mix import INDUSTRIES, culture_code, division_weights
from data.demo.parks import DEMO_CITIES, DemoPark
from data.demo.places import PLACES, Place, places_of, point_near

ENTERPRISE_COLUMNS = (
    "enterprise_id",
    "city_id",
    "district_code",
    "lon",
    "lat",
    "coord_system",
    "industry_code",
    "culture_code",
    "park_id",
    "opened_on",
    "closed_on",
    "employees",
    "status",
    "is_synthetic",
)
CITY_TOTALS = {"beijing": (3000, 3100), "shanghai": (950, 1080), "shenzhen": (720, 800)}  # inside, outside parks
PREFIX = {"beijing": "BJ", "shanghai": "SH", "shenzhen": "SZ"}
FIRST_OPENING, LAST_DAY = date(2005, 1, 1), date(2026, 10, 31)
PLACEHOLDER_DAY = date(2010, 1, 1)
QUIRKS = {"vacant": 0.020, "no_point": 0.012, "no_district": 0.005, "no_industry": 0.006, "placeholder": 0.008}
CLOSED_SHARE, NO_EMPLOYEES_SHARE, NO_OPENING_SHARE = 0.10, 0.06, 0.015
SHARED_BUILDING_SHARE = 0.35


class Seat(NamedTuple):
    """Where one enterprise sits: city, district, position in WGS84 degrees and, inside a park, its park."""

    city_id: str
    district_code: str
    lon: float
    lat: float
    park_id: str


def enterprise_rows(parks: Sequence[DemoPark], seed: int) -> list[dict[str, str]]:
    """Rows of enterprises.csv, numbered city by city: DEMO-BJ-00001, DEMO-SH-00001, DEMO-SZ-00001 on.

    Formula: seats first (parks by lognormal size, places by weight), then industry by the district's mix, dates, size.
    Columns out: ENTERPRISE_COLUMNS, all text; lon and lat in WGS84 degrees, employees in persons, dates YYYY-MM-DD. A
    few rows are vacant, closed, without a point, district, industry or employees: empty, never zero. A city without
    parks has only enterprises outside. Errors: none. Source: our choice.

    >>> rows = enterprise_rows([DemoPark("BJ-005", "798", "beijing", "110105", False)], 1)
    >>> sum(row["park_id"] == "BJ-005" for row in rows)
    3000
    """
    draw = Random(f"{seed}-enterprises")
    rows = []
    for city_id in DEMO_CITIES:
        inside, outside = CITY_TOTALS[city_id]
        local = [park for park in parks if park.city_id == city_id]
        seats = _park_seats(local, inside, draw) + _place_seats(city_id, outside, draw)
        for number, seat in enumerate(sorted(seats), start=1):
            rows.append(_enterprise(f"DEMO-{PREFIX[city_id]}-{number:05d}", seat, draw))
    return rows


def _park_seats(parks: Sequence[DemoPark], total: int, draw: Random) -> list[Seat]:
    """Seats inside parks: a park has one to four buildings close together, and its enterprises share their points."""
    sizes = apportioned(total, [draw.lognormvariate(0.0, 0.6) for _ in parks])
    seats = []
    for park, size in zip(parks, sizes, strict=True):
        buildings = _buildings(park, 1 + min(3, size // 20), draw)
        for _ in range(size):
            lon, lat = draw.choice(buildings)
            seats.append(Seat(park.city_id, park.district_code, lon, lat, park.park_id))
    return seats


def _buildings(park: DemoPark, count: int, draw: Random) -> list[tuple[float, float]]:
    places = places_of(park.district_code)
    place = draw.choices(places, [place.weight for place in places])[0]
    lon, lat = point_near(place, 0.9, draw)
    towards = [(draw.uniform(-0.0008, 0.0008), draw.uniform(-0.0008, 0.0008)) for _ in range(count - 1)]
    return [(lon, lat)] + [(round(lon + east, 5), round(lat + north, 5)) for east, north in towards]


def _place_seats(city_id: str, total: int, draw: Random) -> list[Seat]:
    """Seats outside parks: around the city's places, a third of them in a building that others use too."""
    places = [place for place in PLACES if place.city_id == city_id]
    seats = []
    for place, size in zip(places, apportioned(total, [place.weight for place in places]), strict=True):
        towers = [point_near(place, 0.6, draw) for _ in range(1 + size // 25)]
        for _ in range(size):
            lon, lat = draw.choice(towers) if draw.random() < SHARED_BUILDING_SHARE else _scattered(place, draw)
            seats.append(Seat(city_id, place.district_code, lon, lat, ""))
    return seats


def _scattered(place: Place, draw: Random) -> tuple[float, float]:
    return point_near(place, 2.5 if draw.random() < 0.2 else 0.7, draw)


def _enterprise(enterprise_id: str, seat: Seat, draw: Random) -> dict[str, str]:
    quirks = {name for name, chance in QUIRKS.items() if draw.random() < chance}
    in_park = bool(seat.park_id)
    weights = division_weights(seat.city_id, seat.district_code, in_park)
    division = draw.choices(list(weights), list(weights.values()))[0]
    culture = culture_code(division, draw)
    opened, closed = _life(draw)
    row = {
        "enterprise_id": enterprise_id,
        "city_id": seat.city_id,
        "district_code": seat.district_code,
        "lon": f"{seat.lon:.5f}",
        "lat": f"{seat.lat:.5f}",
        "coord_system": "WGS84",
        "industry_code": division,
        "culture_code": culture,
        "park_id": seat.park_id,
        "opened_on": opened.isoformat(),
        "closed_on": closed.isoformat() if closed else "",
        "employees": _employees(division, draw),
        "status": "closed" if closed else "active",
        "is_synthetic": "true",
    }
    return row | _blanks(row, quirks, draw)


def _blanks(row: dict[str, str], quirks: set[str], draw: Random) -> dict[str, str]:
    """What the quirks of real registers change in a row: vacant premises, blanks, a placeholder opening date."""
    changes: dict[str, str] = {}
    if draw.random() < NO_OPENING_SHARE:
        changes["opened_on"] = ""
    if "placeholder" in quirks and row["status"] == "active":
        changes["opened_on"] = PLACEHOLDER_DAY.isoformat()
    if "no_point" in quirks:
        changes |= {"lon": "", "lat": ""}
    if "no_district" in quirks and not row["park_id"]:
        changes["district_code"] = ""
    if "no_industry" in quirks:
        changes |= {"industry_code": "", "culture_code": ""}
    if "vacant" in quirks:
        empty = ("industry_code", "culture_code", "opened_on", "closed_on", "employees")
        changes |= dict.fromkeys(empty, "") | {"status": "vacant"}
    return changes


def _life(draw: Random) -> tuple[date, date | None]:
    """When an enterprise opened (later years more often) and, for one in ten, when it closed."""
    span = (LAST_DAY - FIRST_OPENING).days
    opened = FIRST_OPENING + timedelta(days=int(span * draw.random() ** 0.6))
    if draw.random() >= CLOSED_SHARE or (LAST_DAY - opened).days < 200:
        return opened, None
    lived = 120 + int(draw.random() ** 1.3 * ((LAST_DAY - opened).days - 120))
    return opened, opened + timedelta(days=lived)


def _employees(division: str, draw: Random) -> str:
    """Employees around the division's typical size, at least one; about one in seventeen is unknown and empty."""
    known = draw.random() >= NO_EMPLOYEES_SHARE
    count = max(1, min(6000, round(INDUSTRIES[division].employees * draw.lognormvariate(0.0, 1.0))))
    return str(count) if known else ""
