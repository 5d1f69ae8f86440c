"""Codes of the registers are read as words, and two columns of a register never have one title, in both languages."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from data import registry
from data.access import DEMO_VIEWERS
from data.current_registers import registers
from data.ingest import fields_of
from data.keys import KEYS
from pages.parts.registers import entry_fields, register_list
from pages.parts.session import Visit
from pages.parts.text import LANGUAGES, TEXTS

REGISTERS = tuple(dataset for dataset in KEYS if dataset not in ("answers", "figures", "enterprises"))
SAMPLE = {"date": date(2026, 5, 1), "month": date(2026, 5, 1), "yes_no": True}
NUMBERS = ("number", "percent", "whole", "year")


@pytest.fixture
def known(demo, stored):
    return registers(stored())


def visit(language: str) -> Visit:
    return Visit(DEMO_VIEWERS["analyst"], language, False, None, 0, "", "")  # type: ignore[arg-type]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("dataset", REGISTERS)
def test_every_choice_of_every_field_has_a_word(known, dataset, language):
    missing = [
        f"code.{field.name}.{code}"
        for field in fields_of(dataset, known)
        for code in field.choices
        if f"code.{field.name}.{code}" not in TEXTS.keys(language) and field.name != "coord_system"
    ]
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_that_is_shipped_or_sampled_has_a_word(demo, stored, language):
    store = stored()
    topics = registry.library()["topic"].drop_nulls().unique()
    parks = registry.parks().select("grade", "conversion_mode")
    coded = {"topic": topics} | {name: parks[name].drop_nulls().unique() for name in parks.columns}
    members, offers = store.members().collect(), store.offers().collect()
    coded |= {name: members[name].drop_nulls().unique() for name in ("member_type", "province")}
    coded["service_package"] = offers["service_package"].drop_nulls().unique()
    coded["tags"] = offers["tags"].str.split(";").explode().unique()
    words = TEXTS.keys(language)
    told = [f"code.{name}.{code}" for name, codes in coded.items() for code in codes]
    assert [key for key in told if key not in words] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("dataset", REGISTERS)
def test_no_two_columns_of_a_register_have_one_title(known, monkeypatch, dataset, language):
    monkeypatch.setattr(register_list.cached_desk, "registers", lambda _visit: known)
    monkeypatch.setattr(register_list.cached_registers, "event_names", lambda *_given: {})
    row = {
        field.name: SAMPLE.get(field.kind, 1 if field.kind in NUMBERS else next(iter(field.choices), "x"))
        for field in fields_of(dataset, known)
    } | {"is_synthetic": True}
    if "retired_on" in row:
        row |= {"retired_on": date(2026, 5, 1), "retired_reason": "x"}
    shown = register_list.as_shown(visit(language), dataset, pl.DataFrame([row]), retired="retired_on" in row)
    hidden = set(register_list.HIDDEN)
    assert shown.width == len(set(row) - hidden) + 1 + (2 if "retired_on" in row else 0)
    assert not [title for title in shown.columns if title.endswith(" (2)")]


def test_equal_titles_are_told_apart():
    assert entry_fields.told_apart(["a", "b", "a", "a"]) == ["a", "b", "a (2)", "a (3)"]


def test_free_text_without_a_word_stays_as_it_is():
    assert entry_fields.worded(visit("en"), "tags", "招商;屋顶花园") == "tenant recruitment; 屋顶花园"
    assert entry_fields.worded(visit("en"), "province", "北京市") == "Beijing"
    assert entry_fields.vocabulary(visit("en"), "note") == {}
