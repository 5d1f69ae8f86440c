"""Industry classifications a file of enterprises may use, and what a code of each looks like.

Codes stay text: leading zeros (ANZSIC 0000), ranges (NAICS 31-33) and dots (NACE 59.11) belong to them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from data.ingest.problems import Refused, Rule
from data.ingest.registers import Lookup
from data.ingest.values import identifier

GB, NACE, NAICS, ANZSIC, CULTURE, OTHER = "GB/T 4754-2017", "NACE", "NAICS", "ANZSIC", "culture", "other"


@dataclass(frozen=True)
class Scheme:
    """One classification.

    spellings: how files name it. pattern: what its codes look like. accepted: the same for people.
    personal: codes of health, social, legal and accounting work, where the name of a business often is a person's
    (empty: none).
    """

    spellings: tuple[str, ...]
    pattern: str
    accepted: str
    personal: str = ""


SCHEMES: Mapping[str, Scheme] = MappingProxyType(
    {
        GB: Scheme(
            ("GB/T 4754", "GB/T4754", "GBT4754", "GB", "国民经济行业分类", "国标"), "[0-9]{2}", "87, R87, 8710", "8[45]"
        ),
        NACE: Scheme(
            ("NACE Rev. 2", "NACE Rev. 2.1", "NACE2", "NACE2-4 (WZ2008)", "WZ 2008", "WZ2008", "WZ 2025", "WZ2025"),
            r"[A-V]|[A-V]?[0-9]{2}(?:\.?[0-9]{1,2}(?:\.?[0-9])?)?",
            "59, 591, 5911, 59.11, J59",
            r"[A-V]?(?:69|8[678]).*",
        ),
        NAICS: Scheme(
            ("NAICS2012", "NAICS2017", "NAICS2022", "NAICS2012-4", "NAICS 2017", "NAICS 2022"),
            "[1-9][0-9]{1,5}|31-33|44-45|48-49",
            "71, 7112, 711211, 44-45",
            "62.*|541[12].*",
        ),
        ANZSIC: Scheme(
            ("ANZSIC2006", "ANZSIC 2006", "ANZSIC2006-4", "ANZSIC 2006 4-digit"),
            "[A-S]|[A-S]?[0-9]{2,4}",
            "90, 9001, R90, 0000",
            "[A-S]?(?:8[4567]|693).*",
        ),
        CULTURE: Scheme(
            ("文化及相关产业分类", "文化及相关产业分类(2018)", "文化产业分类"), "0[1-9][0-9]{0,2}", "01, 011, 0111"
        ),
        OTHER: Scheme(("其他", "自定义", "own codes"), ".{1,60}", "1–60 characters"),
    }
)
CHOICES: Mapping[str, tuple[str, ...]] = MappingProxyType({name: scheme.spellings for name, scheme in SCHEMES.items()})


def code_in(raw: str, scheme: str, lookup: Lookup) -> str:
    """A cell as a code of a classification; of GB/T 4754 the two-digit division, of all others the code as written.

    Errors: Refused unknown_industry (GB/T 4754), bad_code (others), bad_id for 4.5E+03.

    >>> code_in("44-45", "NAICS", None), code_in("0000", "ANZSIC", None)
    ('44-45', '0000')
    """
    if scheme == GB:
        return lookup.industry(raw)
    code = identifier(raw)
    if re.fullmatch(SCHEMES[scheme].pattern, code) is None:
        raise Refused(Rule.BAD_CODE, accepted=f"{scheme}: {SCHEMES[scheme].accepted}")
    return code
