"""Which industries the demonstration's enterprises belong to, city by city and district by district."""

from __future__ import annotations

from random import Random
from typing import NamedTuple


class Industry(NamedTuple):
    """A GB/T 4754 division: weight in and outside parks, typical employees, culture classes with their chances."""

    in_park: float
    outside: float
    employees: float
    culture: tuple[tuple[str, float], ...]


# Culture classes: 01 news, 02 content, 03 design, 04 channels, 05 investment and operation, 06 leisure,
# 07 support and brokerage, 08 equipment, 09 consumer goods. What is left of 1.0 belongs to no culture class.
INDUSTRIES: dict[str, Industry] = {
    "23": Industry(0.8, 0.8, 22, (("07", 0.9),)),
    "24": Industry(1.0, 0.9, 26, (("02", 0.45), ("09", 0.40))),
    "35": Industry(0.2, 0.7, 40, (("08", 0.25),)),
    "39": Industry(0.8, 2.2, 60, (("08", 0.30), ("09", 0.25))),
    "40": Industry(0.2, 0.7, 35, (("08", 0.10),)),
    "51": Industry(2.5, 7.0, 9, (("04", 0.20), ("09", 0.10))),
    "52": Industry(3.5, 9.5, 7, (("04", 0.30),)),
    "54": Industry(0.2, 1.6, 18, ()),
    "59": Industry(0.2, 0.8, 16, ()),
    "61": Industry(0.4, 1.4, 20, ()),
    "62": Industry(3.0, 5.5, 12, ()),
    "63": Industry(0.4, 0.6, 45, (("04", 0.40),)),
    "64": Industry(7.5, 4.0, 26, (("01", 0.30), ("02", 0.15), ("04", 0.25))),
    "65": Industry(14.5, 12.0, 24, (("02", 0.35), ("03", 0.10))),
    "67": Industry(0.6, 1.5, 14, ()),
    "69": Industry(0.7, 1.0, 12, (("05", 0.15),)),
    "70": Industry(1.6, 3.2, 15, (("05", 0.20),)),
    "71": Industry(0.5, 1.2, 9, (("07", 0.20),)),
    "72": Industry(17.0, 14.0, 11, (("03", 0.40), ("07", 0.20), ("05", 0.08))),
    "73": Industry(1.6, 2.2, 18, ()),
    "74": Industry(9.5, 6.0, 13, (("03", 0.60),)),
    "75": Industry(6.0, 9.0, 10, ()),
    "78": Industry(0.4, 0.6, 30, (("06", 0.50),)),
    "80": Industry(0.4, 1.6, 7, ()),
    "83": Industry(2.2, 3.0, 15, (("02", 0.10),)),
    "86": Industry(4.5, 1.4, 21, (("01", 0.35), ("02", 0.60))),
    "87": Industry(9.5, 2.4, 12, (("02", 0.75), ("04", 0.25))),
    "88": Industry(8.5, 2.6, 9, (("02", 0.85), ("06", 0.10))),
    "89": Industry(0.7, 0.9, 10, ()),
    "90": Industry(1.7, 2.0, 13, (("06", 0.85),)),
}

# How a city or district departs from that mix: multipliers by division.
TILTS: dict[str, dict[str, float]] = {
    "beijing": {"86": 1.4, "87": 1.3, "39": 0.4},
    "shanghai": {"74": 1.4, "72": 1.2, "71": 1.3},
    "shenzhen": {"39": 2.6, "24": 2.2, "65": 1.2, "86": 0.4, "87": 0.6},
    "110101": {"88": 2.2, "86": 1.6, "61": 1.8, "62": 1.5, "65": 0.5},
    "110102": {"86": 2.4, "67": 3.0, "69": 3.0, "65": 0.6},
    "110105": {"72": 1.5, "87": 1.9, "88": 1.4, "64": 1.2, "75": 0.6},
    "110106": {"54": 2.0, "59": 2.2, "51": 1.5, "87": 0.6},
    "110107": {"90": 2.2, "89": 2.4, "65": 1.3, "78": 2.5},
    "110108": {"65": 2.4, "64": 1.7, "73": 2.4, "75": 1.8, "83": 1.6, "88": 0.5, "72": 0.7},
    "110109": {"78": 3.0, "61": 1.8},
    "110111": {"39": 2.0, "35": 2.5, "78": 1.8},
    "110112": {"24": 3.2, "88": 2.0, "23": 2.4, "90": 1.6, "65": 0.5},
    "110113": {"54": 3.0, "59": 2.5, "23": 1.8, "39": 1.8},
    "110114": {"75": 1.7, "73": 1.6, "83": 1.4},
    "110115": {"23": 3.4, "39": 2.8, "35": 2.4, "64": 1.3, "87": 1.2},
    "110116": {"87": 4.0, "61": 2.0, "78": 2.2},
    "310101": {"62": 1.9, "52": 1.6, "88": 1.8, "61": 1.6},
    "310104": {"65": 1.5, "87": 1.8, "73": 1.3},
    "310105": {"74": 1.6, "72": 1.3, "64": 1.4},
    "310106": {"72": 1.8, "87": 1.5, "90": 1.5, "39": 0.3},
    "310107": {"88": 2.4, "24": 1.6, "51": 1.4},
    "310109": {"72": 1.3, "69": 1.7, "54": 2.0},
    "310110": {"74": 2.4, "65": 1.5, "83": 1.5, "73": 1.5, "52": 0.6},
    "310112": {"39": 1.8, "35": 2.0},
    "310113": {"51": 1.6, "59": 2.5, "24": 1.5},
    "310114": {"35": 2.8, "39": 1.8, "87": 1.4},
    "310115": {"65": 1.8, "69": 2.4, "39": 1.9, "73": 1.6},
    "310117": {"87": 2.8, "35": 2.2},
    "310120": {"24": 1.8, "35": 2.2, "51": 1.5},
    "440303": {"24": 3.4, "51": 2.0, "52": 1.6, "65": 0.5},
    "440304": {"72": 1.7, "74": 1.7, "69": 2.0, "39": 0.6},
    "440305": {"65": 2.2, "64": 1.9, "75": 1.4, "24": 0.3},
    "440306": {"39": 1.9, "35": 2.2, "40": 2.0, "65": 0.7},
    "440307": {"88": 2.2, "24": 1.7, "23": 1.8, "39": 1.2},
    "440308": {"54": 3.0, "59": 2.5, "78": 2.4},
    "440309": {"39": 1.6, "24": 1.7, "88": 1.4, "35": 1.6},
    "440310": {"39": 1.7, "35": 2.4, "24": 1.5},
    "440311": {"39": 1.9, "73": 1.6, "40": 1.9},
}


def division_weights(city_id: str, district_code: str, in_park: bool) -> dict[str, float]:
    """The relative frequency of each division in a district, inside or outside parks (no unit, not normalised).

    Formula: base weight * city multiplier * district multiplier (1 where none is given). Unknown codes take the base
    weights. Errors: none. Source: our choice.

    >>> round(division_weights("beijing", "110108", False)["65"], 2)
    28.8
    """
    weights = {}
    for code, industry in INDUSTRIES.items():
        base = industry.in_park if in_park else industry.outside
        weights[code] = base * TILTS.get(city_id, {}).get(code, 1.0) * TILTS.get(district_code, {}).get(code, 1.0)
    return weights


def culture_code(division: str, draw: Random) -> str:
    """A culture class for an enterprise of this division by its chances, or an empty text for none.

    Errors: KeyError for a division outside INDUSTRIES. Source: 文化及相关产业分类(2018) for the classes; our chances.

    >>> culture_code("54", Random(1))
    ''
    """
    turn = draw.random()
    for code, chance in INDUSTRIES[division].culture:
        if turn < chance:
            return code
        turn -= chance
    return ""
