"""The registers a file is checked against, and how a cell finds its row there: by id or by Chinese or English name."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache

import polars as pl

from data.ingest.headers import ranked
from data.ingest.problems import Refused, Rule
from data.ingest.values import folded, name_key, text
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
NATIONAL = frozenset({"national", "nationwide", "全国"})
LONGEST_COMPARED = 40
MOST_SUGGESTIONS = 500
MOST_PARKS = 5
NEAR_PARKS: dict[str, pl.DataType | type[pl.DataType]] = {
    "value": pl.String,
    "rank": pl.UInt32,
    "park_id": pl.String,
    "name": pl.String,
    "score": pl.Float64,
}


@dataclass(frozen=True, eq=False)
class Registers:
    """What is known and may be referred to; one frame per register, more columns than these do no harm.

    parks: park_id, name_zh, name_en, city_id, district_code, optional aliases. items: item_id, name_zh, name_en,
    aliases, optional questionnaire_id, scale_id, valid_from (Date) and version. answers: answer, label_zh, label_en,
    aliases, optional scale_id. programmes: programme_id, name_zh, name_en, optional retired_on (Date). districts:
    district_code, city_id, name_zh, name_en. industries: scheme, code. partners: partner_id, name_zh, name_en. offers:
    offer_id, title. needs: need_id, title. Columns without a type here are text; aliases have | between spellings.
    """

    parks: pl.DataFrame
    items: pl.DataFrame
    answers: pl.DataFrame
    programmes: pl.DataFrame
    districts: pl.DataFrame
    industries: pl.DataFrame
    partners: pl.DataFrame = field(default_factory=lambda: _no_rows("partner_id", "name_zh", "name_en"))
    offers: pl.DataFrame = field(default_factory=lambda: _no_rows("offer_id", "title"))
    needs: pl.DataFrame = field(default_factory=lambda: _no_rows("need_id", "title"))


def _no_rows(*columns: str) -> pl.DataFrame:
    return pl.DataFrame(schema=dict.fromkeys(columns, pl.String))


class Spellings:
    """The registers turned round, once for all files: from what a file may say to the ids it may mean."""

    def __init__(self, registers: Registers) -> None:
        self.registers = registers
        self._districts_of: dict[str | None, dict[str, set[str]]] = {}

    @cached_property
    def park_labels(self) -> dict[str, str]:
        """The name of each park, Chinese first."""
        rows = self.registers.parks.select("park_id", "name_zh", "name_en").iter_rows()
        return {park_id: name_zh or name_en or "" for park_id, name_zh, name_en in rows}

    @cached_property
    def park_names(self) -> dict[str, set[str]]:
        """Names and aliases of parks, to the parks that have them."""
        parks = self.registers.parks
        if "aliases" not in parks.columns:
            return _keyed(parks, "park_id", ("name_zh", "name_en"))
        also = parks.with_columns(pl.col("aliases").str.split("|")).explode("aliases")
        return _keyed(also, "park_id", ("name_zh", "name_en", "aliases"))

    @cached_property
    def parks(self) -> dict[str, set[str]]:
        """Names, aliases and ids of parks."""
        return self.park_names | _keyed(self.registers.parks, "park_id", ("park_id",))

    @cached_property
    def programmes(self) -> dict[str, set[str]]:
        """Names and ids of programmes."""
        return _named(self.registers.programmes, "programme_id", "name_zh", "name_en")

    @cached_property
    def programme_ends(self) -> dict[str, date]:
        """The day each retired programme was retired on."""
        programmes = self.registers.programmes
        if "retired_on" not in programmes.columns:
            return {}
        return dict(programmes.select("programme_id", "retired_on").drop_nulls().iter_rows())

    @cached_property
    def partners(self) -> dict[str, set[str]]:
        """Names and ids of partners."""
        return _named(self.registers.partners, "partner_id", "name_zh", "name_en")

    @cached_property
    def offers(self) -> dict[str, set[str]]:
        """Titles and ids of offers."""
        return _named(self.registers.offers, "offer_id", "title")

    @cached_property
    def needs(self) -> dict[str, set[str]]:
        """Titles and ids of needs."""
        return _named(self.registers.needs, "need_id", "title")

    @cached_property
    def park_places(self) -> dict[str, tuple[str | None, str | None]]:
        """The city and the district of each park."""
        rows = self.registers.parks.select("park_id", "city_id", "district_code").iter_rows()
        return {park_id: (city, district) for park_id, city, district in rows}

    @cached_property
    def programmes_accepted(self) -> str:
        """All programmes, for people."""
        rows = self.registers.programmes.select("programme_id", "name_zh").iter_rows()
        return ", ".join(f"{programme_id} {name_zh or ''}".strip() for programme_id, name_zh in rows)

    @cached_property
    def cities(self) -> dict[str, set[str]]:
        """Ids of cities and names of the main ones."""
        ids = {*self.registers.districts["city_id"], *self.registers.parks["city_id"]} - {None}
        names = {name_key(name): {city_id} for city_id in ids for name in CITY_NAMES.get(city_id, ())}
        return names | {name_key(city_id): {city_id} for city_id in ids}

    @cached_property
    def cities_accepted(self) -> str:
        """The main cities, for people."""
        return ", ".join(sorted(city_id for ids in self.cities.values() for city_id in ids if city_id in CITY_NAMES))

    @cached_property
    def districts(self) -> dict[str, set[str]]:
        """Names and codes of districts; 朝阳 is 朝阳区."""
        known = _keyed(self.registers.districts, "district_code", ("name_zh", "name_en"))
        for name, codes in list(known.items()):
            if name.endswith("区") and len(name) > 2:
                known.setdefault(name[:-1], set()).update(codes)
        return known | _keyed(self.registers.districts, "district_code", ("district_code",))

    def districts_of(self, city_id: str | None) -> dict[str, set[str]]:
        """Names and codes of the districts of one city; of all for none."""
        if city_id not in self._districts_of:
            cities = self.district_cities
            self._districts_of[city_id] = {
                key: codes
                for key, codes in self.districts.items()
                if city_id is None or any(cities[code] == city_id for code in codes)
            }
        return self._districts_of[city_id]

    @cached_property
    def district_cities(self) -> dict[str, str]:
        """The city of each district."""
        return dict(self.registers.districts.select("district_code", "city_id").iter_rows())

    @cached_property
    def district_labels(self) -> dict[str, str]:
        """The name of each district, Chinese first."""
        rows = self.registers.districts.select("district_code", "name_zh", "name_en").iter_rows()
        return {code: name_zh or name_en or "" for code, name_zh, name_en in rows}

    @cached_property
    def divisions(self) -> frozenset[str]:
        """The divisions of GB/T 4754."""
        return self._codes(GB_SCHEME)

    @cached_property
    def culture_classes(self) -> frozenset[str]:
        """The major classes of the culture classification."""
        return self._codes(CULTURE_SCHEME)

    def _codes(self, scheme: str) -> frozenset[str]:
        codes = self.registers.industries.filter(pl.col("scheme").str.starts_with(scheme))["code"]
        return frozenset(code for code in codes if code is not None and len(code) == 2 and code.isdigit())

    @cached_property
    def answer_rows(self) -> list[tuple[str, str, list[str]]]:
        """Scale, code and accepted spellings of every answer."""
        scale = "scale_id" if "scale_id" in self.registers.answers.columns else pl.lit(CHANGE).alias("scale_id")
        rows = self.registers.answers.select(scale, "answer", "label_zh", "label_en", "aliases").iter_rows()
        return [(scale_id, answer, _spellings(*spellings)) for scale_id, answer, *spellings in rows]

    @cached_property
    def answers(self) -> dict[str, dict[str, str]]:
        """Accepted spellings by scale, to the code of the answer."""
        known: defaultdict[str, dict[str, str]] = defaultdict(dict)
        for scale_id, answer, spellings in self.answer_rows:
            for spelling in (answer, *spellings):
                known[scale_id].setdefault(folded(spelling), answer)
        return dict(known)

    @cached_property
    def answers_accepted(self) -> dict[str, str]:
        """The answers of each scale, for people."""
        told: defaultdict[str, list[str]] = defaultdict(list)
        for scale_id, _, spellings in self.answer_rows:
            told[scale_id].append(", ".join(dict.fromkeys(spellings)))
        return {scale_id: "; ".join(groups) for scale_id, groups in told.items()}


@lru_cache(maxsize=8)
def spellings_of(registers: Registers) -> Spellings:
    """The registers turned round; kept, as turning them takes longer than checking a small file."""
    return Spellings(registers)


class Lookup:
    """From what one file says to the ids that are stored."""

    def __init__(self, registers: Registers) -> None:
        self._known = spellings_of(registers)
        self._suggestions: Counter[Rule] = Counter()

    def park(self, raw: str) -> str:
        """park_id from an id or a name.

        Errors: Refused unknown_park, with the closest park.
        """
        return self._found(self._known.parks, name_key(raw), Rule.UNKNOWN_PARK, self.park_label)

    def park_named(self, raw: str) -> str | None:
        """park_id from a name alone, None when no park or more than one has it."""
        ids = self._known.park_names.get(name_key(raw), ())
        return next(iter(ids)) if len(ids) == 1 else None

    def near_parks(self, values: Iterable[str]) -> pl.DataFrame:
        """The parks that spellings which are not known may mean, at most five each, the likeliest first.

        Columns out: value, rank (from 1), park_id, name, score (0 to 100); a value with no park near it has no row.
        """
        rows: list[tuple[str, int, str, str, float]] = []
        for value in [value for value in values if len(value) <= LONGEST_COMPARED][:MOST_SUGGESTIONS]:
            best: dict[str, float] = {}
            for key, score in ranked(name_key(value), list(self._known.parks), 4 * MOST_PARKS):
                for park_id in sorted(self._known.parks[key]):
                    best.setdefault(park_id, score)
            for rank, (park_id, score) in enumerate(list(best.items())[:MOST_PARKS], start=1):
                rows.append((value, rank, park_id, self._known.park_labels.get(park_id, ""), score))
        return pl.DataFrame(rows, schema=NEAR_PARKS, orient="row")

    def park_label(self, park_id: str) -> str:
        """The park as people know it: id and name."""
        return f"{park_id} {self._known.park_labels.get(park_id, '')}".strip()

    def programme(self, raw: str) -> str:
        """programme_id from an id or a name. Errors: Refused unknown_programme."""
        return self._found(
            self._known.programmes, name_key(raw), Rule.UNKNOWN_PROGRAMME, str, self._known.programmes_accepted
        )

    def programme_end(self, programme_id: str) -> date | None:
        """The day a programme was retired on; None for one that still runs."""
        return self._known.programme_ends.get(programme_id)

    def named(self, register: str, raw: str) -> set[str]:
        """The ids of the programmes or partners (`register`) that have this name or id."""
        known: dict[str, set[str]] = getattr(self._known, register)
        return known.get(name_key(raw), set())

    def partner(self, raw: str) -> str:
        """partner_id from an id or a name. Errors: Refused unknown_partner."""
        return self._found(self._known.partners, name_key(raw), Rule.UNKNOWN_PARTNER, str)

    def offer(self, raw: str) -> str:
        """offer_id from an id or a title. Errors: Refused unknown_offer."""
        return self._found(self._known.offers, name_key(raw), Rule.UNKNOWN_OFFER, str)

    def need(self, raw: str) -> str:
        """need_id from an id or a title. Errors: Refused unknown_need."""
        return self._found(self._known.needs, name_key(raw), Rule.UNKNOWN_NEED, str)

    def park_place(self, park_id: str) -> tuple[str | None, str | None]:
        """The city and the district of a park, as far as the register knows them."""
        return self._known.park_places.get(park_id, (None, None))

    def region(self, raw: str) -> str:
        """Where something holds: national, a city_id, or a province as written. Errors: Refused text_too_long."""
        if name_key(raw) in NATIONAL:
            return "national"
        ids = self._known.cities.get(name_key(raw), set())
        return next(iter(ids)) if len(ids) == 1 else text(raw, 40)

    def city(self, raw: str) -> str:
        """city_id from an id or the name of one of the main cities. Errors: Refused unknown_city."""
        return self._found(self._known.cities, name_key(raw), Rule.UNKNOWN_CITY, str, self._known.cities_accepted)

    def district(self, raw: str, city_id: str | None) -> str:
        """district_code from a code or a name; a name that several cities have is settled by the row's city.

        Errors: Refused unknown_district, district_of_other_city.
        """
        codes = self._known.districts.get(name_key(raw), set())
        own = {code for code in codes if self._known.district_cities[code] == city_id}
        if codes and not own and city_id is not None:
            raise Refused(Rule.DISTRICT_OF_OTHER_CITY, accepted=self._known.district_cities[min(codes)])
        if len(own or codes) == 1:
            return next(iter(own or codes))
        near = self._known.districts_of(city_id)
        key = name_key(raw)
        raise Refused(Rule.UNKNOWN_DISTRICT, self._closest(near, key, Rule.UNKNOWN_DISTRICT, self._district_label))

    def industry(self, raw: str) -> str:
        """GB/T 4754 division (two digits) of a division, group or class code, with or without its section letter.

        Errors: Refused unknown_industry.
        """
        return self._division(raw, self._known.divisions)

    def culture(self, raw: str) -> str:
        """Major class 01 to 09 of the culture classification. Errors: Refused unknown_industry."""
        return self._division(raw, self._known.culture_classes)

    def answer(self, raw: str, scale: str = "") -> str:
        """The code of an answer from any spelling its scale accepts; no scale: up, same or down.

        Errors: Refused bad_answer, with the spellings of the scale.
        """
        spellings = self._known.answers.get(scale or CHANGE, {})
        if folded(raw) not in spellings:
            raise Refused(Rule.BAD_ANSWER, accepted=self._known.answers_accepted.get(scale or CHANGE, ""))
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
        if ids:
            raise Refused(rule, " | ".join(show(found) for found in sorted(ids)[:3]), accepted)
        raise Refused(rule, self._closest(known, key, rule, show), accepted)

    def _closest(self, known: Mapping[str, set[str]], key: str, rule: Rule, show: Callable[[str], str]) -> str:
        """The most similar known spelling; only so many are looked for in one file, and only short ones."""
        if not key or len(key) > LONGEST_COMPARED or self._suggestions[rule] >= MOST_SUGGESTIONS:
            return ""
        self._suggestions[rule] += 1
        found = ranked(key, list(known), 1)
        return show(min(known[found[0][0]])) if found else ""

    def _district_label(self, code: str) -> str:
        return f"{code} {self._known.district_labels.get(code, '')}".strip()


def _spellings(*cells: str | None) -> list[str]:
    return [spelling.strip() for cell in cells if cell for spelling in cell.split("|") if spelling.strip()]


def _named(frame: pl.DataFrame, id_column: str, *names: str) -> dict[str, set[str]]:
    """Names, and ids before names."""
    return _keyed(frame, id_column, names) | _keyed(frame, id_column, (id_column,))


def _keyed(frame: pl.DataFrame, id_column: str, columns: Iterable[str]) -> dict[str, set[str]]:
    known: defaultdict[str, set[str]] = defaultdict(set)
    for column in columns:
        for identity, spelling in frame.select(pl.col(id_column), pl.col(column).alias("spelling")).iter_rows():
            if spelling and name_key(spelling):
                known[name_key(spelling)].add(identity)
    return dict(known)
