"""The registers a file is checked against, and how a cell finds its row there: by id or by Chinese or English name."""

from __future__ import annotations

import difflib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from data.ingest.problems import Refused, Rule
from data.ingest.values import folded, name_key
from data.questionnaires import CHANGE

GB_SCHEME = "GB/T 4754"
CULTURE_SCHEME = "文化及相关产业分类"
CITY_NAMES = {
    "beijing": ("北京", "北京市"),
    "shanghai": ("上海", "上海市"),
    "shenzhen": ("深圳", "深圳市"),
    "ruhr": ("鲁尔", "鲁尔区", "Ruhrgebiet"),
    "pittsburgh": ("匹兹堡",),
}
LONGEST_COMPARED = 40
MOST_SUGGESTIONS = 50


@dataclass(frozen=True, eq=False)
class Registers:
    """What is known and may be referred to; one frame per register, more columns than these do no harm.

    parks: park_id, name_zh, name_en, city_id, district_code. items: item_id, name_zh, name_en, aliases (| between
    spellings), optional questionnaire_id, scale_id, valid_from (Date) and version. answers: answer, label_zh, label_en,
    aliases, optional scale_id. programmes: programme_id, name_zh, name_en. districts: district_code, city_id, name_zh,
    name_en. industries: scheme, code. Columns without a type here are text.
    """

    parks: pl.DataFrame
    items: pl.DataFrame
    answers: pl.DataFrame
    programmes: pl.DataFrame
    districts: pl.DataFrame
    industries: pl.DataFrame


class Lookup:
    """The registers turned round: from what a file may say to the id that is stored."""

    def __init__(self, registers: Registers) -> None:
        self.registers = registers
        self._suggestions = 0

    def park(self, raw: str) -> str:
        """park_id from an id or a name.

        Errors: Refused unknown_park, with the closest park.
        """
        return self._found(self._parks, name_key(raw), Rule.UNKNOWN_PARK, self.park_label)

    def park_named(self, raw: str) -> str | None:
        """park_id from a name alone, None when no park or more than one has it."""
        ids = self._park_names.get(name_key(raw), ())
        return next(iter(ids)) if len(ids) == 1 else None

    def park_label(self, park_id: str) -> str:
        """The park as people know it: id and name."""
        return f"{park_id} {self._park_labels.get(park_id, '')}".strip()

    def programme(self, raw: str) -> str:
        """programme_id from an id or a name. Errors: Refused unknown_programme."""
        return self._found(self._programmes, name_key(raw), Rule.UNKNOWN_PROGRAMME, str, self._programmes_accepted)

    def city(self, raw: str) -> str:
        """city_id from an id or the name of one of the main cities. Errors: Refused unknown_city."""
        return self._found(self._cities, name_key(raw), Rule.UNKNOWN_CITY, str, self._cities_accepted)

    def district(self, raw: str, city_id: str | None) -> str:
        """district_code from a code or a name; a name that several cities have is settled by the row's city.

        Errors: Refused unknown_district, district_of_other_city.
        """
        codes = self._districts.get(name_key(raw), set())
        own = {code for code in codes if self._district_cities[code] == city_id}
        if codes and not own and city_id is not None:
            raise Refused(Rule.DISTRICT_OF_OTHER_CITY, accepted=self._district_cities[min(codes)])
        if len(own or codes) == 1:
            return next(iter(own or codes))
        near = {key: ids for key, ids in self._districts.items() if self._in_city(ids, city_id)}
        raise Refused(Rule.UNKNOWN_DISTRICT, self._closest(near, name_key(raw), self._district_label))

    def industry(self, raw: str) -> str:
        """GB/T 4754 division (two digits) of a division, group or class code, with or without its section letter.

        Errors: Refused unknown_industry.
        """
        return self._division(raw, self._divisions)

    def culture(self, raw: str) -> str:
        """Major class 01 to 09 of the culture classification. Errors: Refused unknown_industry."""
        return self._division(raw, self._culture_classes)

    def answer(self, raw: str, scale: str = "") -> str:
        """The code of an answer from any spelling its scale accepts; no scale: up, same or down.

        Errors: Refused bad_answer, with the spellings of the scale.
        """
        spellings = self._answers.get(scale or CHANGE, {})
        if folded(raw) not in spellings:
            raise Refused(Rule.BAD_ANSWER, accepted=self._answers_accepted.get(scale or CHANGE, ""))
        return spellings[folded(raw)]

    def _division(self, raw: str, known: frozenset[str]) -> str:
        code = name_key(raw)
        digits = code[1:] if code[:1].isascii() and code[:1].isalpha() else code
        if digits.isascii() and digits.isdigit() and 2 <= len(digits) <= 4 and digits[:2] in known:
            return digits[:2]
        span = f"{min(known)}–{max(known)}" if known else ""
        raise Refused(Rule.UNKNOWN_INDUSTRY, digits.zfill(2) if digits.zfill(2) in known else "", span)

    def _found(
        self, known: Mapping[str, set[str]], key: str, rule: Rule, show: Callable[[str], str], accepted: str = ""
    ) -> str:
        ids = known.get(key, set())
        if len(ids) == 1:
            return next(iter(ids))
        suggestion = " | ".join(show(found) for found in sorted(ids)[:3]) if ids else self._closest(known, key, show)
        raise Refused(rule, suggestion, accepted)

    def _closest(self, known: Mapping[str, set[str]], key: str, show: Callable[[str], str]) -> str:
        near = self._near(key, known)
        return show(min(known[near])) if near else ""

    def _near(self, key: str, keys: Iterable[str]) -> str:
        """The most similar key; only so many are looked for in one file, and only short ones: it is slow."""
        if not key or len(key) > LONGEST_COMPARED or self._suggestions >= MOST_SUGGESTIONS:
            return ""
        self._suggestions += 1
        return next(iter(difflib.get_close_matches(key, list(keys), n=1, cutoff=0.6)), "")

    def _in_city(self, codes: Iterable[str], city_id: str | None) -> bool:
        return city_id is None or any(self._district_cities[code] == city_id for code in codes)

    def _district_label(self, code: str) -> str:
        return f"{code} {self._district_labels.get(code, '')}".strip()

    @cached_property
    def _park_labels(self) -> dict[str, str]:
        rows = self.registers.parks.select("park_id", "name_zh", "name_en").iter_rows()
        return {park_id: name_zh or name_en or "" for park_id, name_zh, name_en in rows}

    @cached_property
    def _park_names(self) -> dict[str, set[str]]:
        return _keyed(self.registers.parks, "park_id", ("name_zh", "name_en"))

    @cached_property
    def _parks(self) -> dict[str, set[str]]:
        return self._park_names | _keyed(self.registers.parks, "park_id", ("park_id",))

    @cached_property
    def _programmes(self) -> dict[str, set[str]]:
        names = _keyed(self.registers.programmes, "programme_id", ("name_zh", "name_en"))
        return names | _keyed(self.registers.programmes, "programme_id", ("programme_id",))

    @cached_property
    def _programmes_accepted(self) -> str:
        rows = self.registers.programmes.select("programme_id", "name_zh").iter_rows()
        return ", ".join(f"{programme_id} {name_zh or ''}".strip() for programme_id, name_zh in rows)

    @cached_property
    def _cities(self) -> dict[str, set[str]]:
        ids = {*self.registers.districts["city_id"], *self.registers.parks["city_id"]} - {None}
        names = {name_key(name): {city_id} for city_id in ids for name in CITY_NAMES.get(city_id, ())}
        return names | {name_key(city_id): {city_id} for city_id in ids}

    @cached_property
    def _cities_accepted(self) -> str:
        return ", ".join(sorted(city_id for ids in self._cities.values() for city_id in ids if city_id in CITY_NAMES))

    @cached_property
    def _districts(self) -> dict[str, set[str]]:
        known = _keyed(self.registers.districts, "district_code", ("name_zh", "name_en"))
        for name, codes in list(known.items()):
            if name.endswith("区") and len(name) > 2:
                known.setdefault(name[:-1], set()).update(codes)
        return known | _keyed(self.registers.districts, "district_code", ("district_code",))

    @cached_property
    def _district_cities(self) -> dict[str, str]:
        return dict(self.registers.districts.select("district_code", "city_id").iter_rows())

    @cached_property
    def _district_labels(self) -> dict[str, str]:
        rows = self.registers.districts.select("district_code", "name_zh", "name_en").iter_rows()
        return {code: name_zh or name_en or "" for code, name_zh, name_en in rows}

    @cached_property
    def _divisions(self) -> frozenset[str]:
        return self._codes(GB_SCHEME)

    @cached_property
    def _culture_classes(self) -> frozenset[str]:
        return self._codes(CULTURE_SCHEME)

    def _codes(self, scheme: str) -> frozenset[str]:
        codes = self.registers.industries.filter(pl.col("scheme").str.starts_with(scheme))["code"]
        return frozenset(code for code in codes if code is not None and len(code) == 2 and code.isdigit())

    @cached_property
    def _answer_rows(self) -> list[tuple[str, str, list[str]]]:
        """Scale, code and accepted spellings of every answer."""
        scale = "scale_id" if "scale_id" in self.registers.answers.columns else pl.lit(CHANGE).alias("scale_id")
        rows = self.registers.answers.select(scale, "answer", "label_zh", "label_en", "aliases").iter_rows()
        return [(scale_id, answer, _spellings(*spellings)) for scale_id, answer, *spellings in rows]

    @cached_property
    def _answers(self) -> dict[str, dict[str, str]]:
        known: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for scale_id, answer, spellings in self._answer_rows:
            for spelling in (answer, *spellings):
                known[scale_id].setdefault(folded(spelling), answer)
        return dict(known)

    @cached_property
    def _answers_accepted(self) -> dict[str, str]:
        told: defaultdict[str, list[str]] = defaultdict(list)
        for scale_id, _, spellings in self._answer_rows:
            told[scale_id].append(", ".join(dict.fromkeys(spellings)))
        return {scale_id: "; ".join(groups) for scale_id, groups in told.items()}


def _spellings(*cells: str | None) -> list[str]:
    return [spelling.strip() for cell in cells if cell for spelling in cell.split("|") if spelling.strip()]


def _keyed(frame: pl.DataFrame, id_column: str, columns: Iterable[str]) -> dict[str, set[str]]:
    known: defaultdict[str, set[str]] = defaultdict(set)
    for column in columns:
        for identity, spelling in frame.select(pl.col(id_column), pl.col(column).alias("spelling")).iter_rows():
            if spelling and name_key(spelling):
                known[name_key(spelling)].add(identity)
    return dict(known)
