"""Sample parks that bring Beijing's district distribution to the published one, and the parks the demo speaks about."""

from __future__ import annotations

from random import Random
from typing import NamedTuple

import polars as pl

DEMO_CITIES = ("beijing", "shanghai", "shenzhen")

# Published for the 98 parks of 2020: Chaoyang 32; Dongcheng, Xicheng, Chaoyang and Haidian together 74 (75.6 %).
# How the 74 - 32 and the remaining 24 are spread over the districts is our choice.
BEIJING_TARGET = {
    "110101": 16,
    "110102": 12,
    "110105": 32,
    "110106": 3,
    "110107": 5,
    "110108": 14,
    "110109": 1,
    "110111": 1,
    "110112": 6,
    "110113": 1,
    "110114": 2,
    "110115": 4,
    "110116": 1,
}
CONVERTED_SHARE = 0.60  # published: 60 % of the 98 parks stand in converted old factories
NEW_BUILD_SHARE = 0.27  # our choice; the rest is "other"

PARK_COLUMNS = ("park_id", "name_zh", "name_en", "city_id", "district_code", "conversion_mode", "is_synthetic")


class DemoPark(NamedTuple):
    """A park the demonstration has answers and enterprises for; is_sample marks the invented ones (BJ-X..)."""

    park_id: str
    name_zh: str
    city_id: str
    district_code: str
    is_sample: bool


def sample_parks(register: pl.DataFrame, districts: pl.DataFrame, seed: int) -> list[dict[str, str]]:
    """The invented parks that fill each Beijing district up to its target, as rows of parks.csv.

    Formula: target of the district minus its parks in the register, never below zero; 60 % converted_factory, 27 %
    new_build, the rest other, in seeded order.
    Columns in: register city_id, district_code (text); districts district_code, name_zh, name_en (text). Columns out:
    PARK_COLUMNS, all text. Parks without a district are not counted. Errors: KeyError when a target district is missing
    from districts. Source: published distribution of the 98 Beijing parks (2020).

    >>> none = pl.DataFrame({"city_id": ["beijing"] * 32, "district_code": ["110105"] * 32})
    >>> names = pl.DataFrame({"district_code": list(BEIJING_TARGET), "name_zh": ["某区"] * 13, "name_en": ["N"] * 13})
    >>> rows = sample_parks(none, names, 1)
    >>> len(rows), rows[0]["name_zh"]
    (66, '示例园区01(某区)')
    """
    known = register.filter(pl.col("city_id") == "beijing").get_column("district_code").to_list()
    wanted = [code for code, target in BEIJING_TARGET.items() for _ in range(max(0, target - known.count(code)))]
    names = {row["district_code"]: row for row in districts.iter_rows(named=True)}
    modes = _conversion_modes(len(wanted), Random(f"{seed}-parks"))
    rows = []
    for number, (code, mode) in enumerate(zip(wanted, modes, strict=True), start=1):
        english = str(names[code]["name_en"]).removesuffix(" district")
        rows.append(
            {
                "park_id": f"BJ-X{number:02d}",
                "name_zh": f"示例园区{number:02d}({names[code]['name_zh']})",
                "name_en": f"Sample park {number:02d} ({english})",
                "city_id": "beijing",
                "district_code": code,
                "conversion_mode": mode,
                "is_synthetic": "true",
            }
        )
    return rows


def _conversion_modes(count: int, draw: Random) -> list[str]:
    converted, new = round(count * CONVERTED_SHARE), round(count * NEW_BUILD_SHARE)
    modes = ["converted_factory"] * converted + ["new_build"] * new + ["other"] * (count - converted - new)
    draw.shuffle(modes)
    return modes


def demo_parks(register: pl.DataFrame, samples: list[dict[str, str]]) -> list[DemoPark]:
    """All parks of the demonstration: register parks of Beijing, Shanghai and Shenzhen with a district, then samples.

    Columns in: register park_id, name_zh, city_id, district_code, area_kind (text). Parks without a district and whole
    areas (area_kind district_scale) are left out. Errors: none. Source: shipped register and sample_parks.

    >>> register = pl.DataFrame({"park_id": ["BJ-005", "BJ-003"], "name_zh": ["798艺术区", "某园"],
    ...     "city_id": ["beijing"] * 2, "district_code": ["110105", None], "area_kind": ["site", None]})
    >>> [park.park_id for park in demo_parks(register, [])]
    ['BJ-005']
    """
    usable = register.filter(
        pl.col("city_id").is_in(DEMO_CITIES)
        & pl.col("district_code").is_not_null()
        & pl.col("area_kind").ne_missing("district_scale")
    ).sort("park_id")
    fields = ("park_id", "name_zh", "city_id", "district_code")
    rows = usable.select(fields).iter_rows()
    named = [DemoPark(park_id, name, city_id, code, False) for park_id, name, city_id, code in rows]
    invented = [DemoPark(row["park_id"], row["name_zh"], row["city_id"], row["district_code"], True) for row in samples]
    return sorted(named + invented)
