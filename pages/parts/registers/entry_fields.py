"""The boxes of one entry: each field of a data set asked in the way its kind allows, read back as it is stored."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import polars as pl
import streamlit as st

from data import registry
from data.ingest import Field, Registers
from data.ingest.row_rules import YEARS_AHEAD
from pages.parts.session import Visit
from pages.parts.text import TEXTS

FIRST_DAY = date(1900, 1, 1)
LONG_TEXT = ("summary", "note", "retired_reason")
SEVERAL = ";"
OWN = {"id": "own", "named": "named"}  # kind of a field -> what its own text key has in front of its name
NATIONAL = "national"
POINTING = ("city", "district", "region", "park", "parks", "programme", "partner", "offer", "need")
Names = dict[str, str]


def label(visit: Visit, name: str, kind: str = "") -> str:
    """A field in the visitor's language; of kind id the code of the entry itself, else what the code stands for.

    kind: of the field, or "named" where names stand in place of its codes.
    """
    known = TEXTS.keys(visit.language)
    own = [f"field.{OWN[kind]}_{name}"] if kind in OWN else []
    return next((visit.say(key) for key in (*own, f"field.{name}", f"column.{name}") if key in known), name)


def worded(visit: Visit, name: str, value: object) -> str | None:
    """A cell as it is read: codes as words, several codes with ; between; nothing for nothing."""
    if value is None:
        return None
    known, cells = TEXTS.keys(visit.language), str(value).split(SEVERAL)
    keys = [(f"code.{name}.{cell}", cell) for cell in cells]
    return f"{SEVERAL} ".join(visit.say(key) if key in known else cell for key, cell in keys)


def told(visit: Visit, field: Field, value: object, known: Names) -> str | None:
    """A cell as it is read in a change: words for codes, the code behind the name of what has one; months as 2026-11.

    known: `choices` of the field, with the retired ones.
    """
    if value is None:
        return None
    if field.kind == "yes_no":
        return visit.say("entry.yes" if value is True or value == "yes" else "entry.no")
    if field.kind == "month":
        return str(value)[:7]
    if field.kind not in POINTING:
        return worded(visit, field.name, value)
    names = [(code, known.get(code, code).removeprefix(f"{code} ")) for code in str(value).split(SEVERAL)]
    plain = field.kind in ("city", "region")
    return f"{SEVERAL} ".join(name if plain or name == code else f"{name} ({code})" for code, name in names)


def plain(names: Mapping[str, str]) -> Names:
    """The names without the codes in front of them.

    >>> plain({"P1": "P1 Red brick", "beijing": "Beijing", "P2": "P2"})
    {'P1': 'Red brick', 'beijing': 'Beijing', 'P2': 'P2'}
    """
    return {code: name.removeprefix(f"{code} ") for code, name in names.items()}


def joined(names: Mapping[str, str], cell: str) -> str:
    """The names of the codes of a cell, several with ; between; a code without a name as it is.

    >>> joined({"P1": "Red brick"}, "P1;P2")
    'Red brick; P2'
    """
    return f"{SEVERAL} ".join(names.get(code.strip(), code.strip()) for code in cell.split(SEVERAL))


def told_apart(titles: Sequence[str]) -> list[str]:
    """The titles in their order, no two of them equal: the second of two has a number.

    >>> told_apart(["Kind", "Month", "Kind"])
    ['Kind', 'Month', 'Kind (2)']
    """
    seen: Counter[str] = Counter()
    out = []
    for title in titles:
        seen[title] += 1
        out.append(title if seen[title] == 1 else f"{title} ({seen[title]})")
    return out


def vocabulary(visit: Visit, name: str) -> Names:
    """The words a field of free text mostly has, by what is stored, in the order of what is shown; often none."""
    begin = f"code.{name}."
    known = {key.removeprefix(begin): visit.say(key) for key in TEXTS.keys(visit.language) if key.startswith(begin)}
    return dict(sorted(known.items(), key=lambda pair: pair[1]))


def choices(visit: Visit, field: Field, registers: Registers, retired: bool = False) -> Names:
    """What a box of this field offers: stored value -> shown name; empty where anything may be written.

    retired: the entries of other registers that no longer hold too.
    """
    if field.choices:
        return {code: worded(visit, field.name, code) or code for code in field.choices}
    if field.kind == "text":
        return vocabulary(visit, field.name)
    if field.kind in ("park", "parks"):
        rows = registers.parks.sort("city_id", "park_id").select("park_id", visit.named())
        return {code: f"{code} {name}" for code, name in rows.iter_rows()}
    if field.kind in ("programme", "partner", "offer", "need"):
        return _registered(visit, field.kind, registers, retired)
    if field.kind == "city":
        return dict(registry.cities().select("city_id", visit.named()).iter_rows())
    if field.kind == "district":
        return _districts(visit)
    return _regions(visit, registers) if field.kind == "region" else {}


def _registered(visit: Visit, kind: str, registers: Registers, retired: bool) -> Names:
    """The entries of another register by id and name; those that still hold, or all."""
    rows: pl.DataFrame = getattr(registers, f"{kind}s")
    if "retired_on" in rows.columns and not retired:
        rows = rows.filter(pl.col("retired_on").is_null())
    name = pl.col("title") if "title" in rows.columns else visit.named()
    pairs = rows.sort(f"{kind}_id").select(f"{kind}_id", name.alias("name")).iter_rows()
    return {code: f"{code} {name or ''}".strip() for code, name in pairs}


def _districts(visit: Visit) -> Names:
    cities = registry.cities().select("city_id", city=visit.named())
    rows = registry.districts().select("city_id", "district_code", name=visit.named())
    joined = rows.join(cities, on="city_id", how="left", maintain_order="left").filter(pl.col("name").is_not_null())
    return dict(joined.select("district_code", pl.format("{} · {}", "city", "name")).iter_rows())


def _regions(visit: Visit, registers: Registers) -> Names:
    """The whole country, the cities that have parks, and the provinces that are in use."""
    cities = registry.cities().filter(pl.col("city_id").is_in(registers.parks["city_id"].unique().to_list()))
    known = {NATIONAL: visit.say("code.region.national")}
    known |= dict(cities.select("city_id", visit.named()).iter_rows())
    used = [rows["region"] for rows in (registers.offers, registers.needs) if "region" in rows.columns]
    words = vocabulary(visit, "province")
    wider = [name for column in used for name in column.drop_nulls().unique().sort() if name not in known]
    return known | {name: words.get(name, name) for name in wider}


def tags_in_use(registers: Registers) -> list[str]:
    """Every tag a partner, an offer or a need has, so that the same thing gets the same word."""
    used = [rows["tags"] for rows in (registers.partners, registers.offers, registers.needs) if "tags" in rows.columns]
    return sorted({tag for column in used for cell in column.drop_nulls() for tag in cell.split(SEVERAL)})


def _tags(visit: Visit, registers: Registers) -> Names:
    """Every tag in use and every one that has a word in both languages."""
    known = vocabulary(visit, "tags")
    return known | {tag: tag for tag in tags_in_use(registers) if tag not in known}


def box(visit: Visit, field: Field, start: object, key: str, registers: Registers, fixed: bool = False) -> object:
    """One field asked for; what is answered as the store has it, None for nothing.

    fixed: shown, not asked: the key of an entry that exists.
    """
    title = label(visit, field.name, field.kind) + (" *" if field.required else "")
    if field.kind in ("several", "parks", "tags"):
        return _several(visit, field, title, start, key, registers)
    offered = choices(visit, field, registers)
    if offered:
        return _one(visit, field, title, start, key, offered, fixed)
    if field.kind in ("date", "month"):
        return _day(visit, field, title, start, key, fixed)
    if field.kind in ("number", "percent", "whole", "year"):
        return _number(field, title, start, key, fixed)
    ask = st.text_area if field.name in LONG_TEXT else st.text_input
    hint = "14:00" if field.kind == "time" else ""
    said = ask(title, str(start or ""), key=key, disabled=fixed, placeholder=hint)
    return str(said).strip() or None


def _one(
    visit: Visit, field: Field, title: str, start: object, key: str, offered: Mapping[str, str], fixed: bool
) -> object:
    names = dict(offered) if start is None or str(start) in offered else {str(start): str(start), **offered}
    return st.selectbox(
        title, list(names), index=None if start is None else list(names).index(str(start)), key=key, disabled=fixed,
        format_func=lambda code: names.get(code, code), placeholder=visit.say("entry.choose"),
        accept_new_options=field.kind in ("region", "text"),
    )  # fmt: skip


def _several(visit: Visit, field: Field, title: str, start: object, key: str, registers: Registers) -> object:
    chosen = [part for part in str(start or "").split(SEVERAL) if part]
    free = field.kind == "tags"
    offered = _tags(visit, registers) if free else choices(visit, field, registers)
    names = offered | {part: part for part in chosen if part not in offered}
    said = st.multiselect(
        title, list(names), chosen, key=key, format_func=lambda code: names.get(code, code), accept_new_options=free,
        placeholder=visit.say("entry.choose_several"),
    )  # fmt: skip
    return SEVERAL.join(said) or None


def _day(visit: Visit, field: Field, title: str, start: object, key: str, fixed: bool) -> object:
    """A day; of a month any day of it."""
    month = field.kind == "month"
    last = date.today() + timedelta(days=YEARS_AHEAD)
    said = st.date_input(
        title, start if isinstance(start, date) else None, key=key, disabled=fixed, format="YYYY-MM-DD",
        min_value=FIRST_DAY, max_value=last, help=visit.say("entry.any_day") if month else None,
    )  # fmt: skip
    return said.replace(day=1) if month and isinstance(said, date) else said


def _number(field: Field, title: str, start: object, key: str, fixed: bool) -> object:
    if field.kind in ("whole", "year"):
        whole = None if start is None else int(str(start))
        return st.number_input(title, value=whole, step=1, format="%d", key=key, disabled=fixed)
    real = None if start is None else float(str(start))
    return st.number_input(title, value=real, step=0.1, format="%.10g", key=key, disabled=fixed)
