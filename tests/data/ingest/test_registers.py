"""Spellings to ids: parks by id, name and alias, and the likeliest parks for what is not known."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from data.ingest.problems import Refused, Rule
from data.ingest.registers import NEAR_PARKS, Lookup


@pytest.fixture
def lookup(registers):
    aliases = pl.Series("aliases", ["七九八|大山子艺术区", None, None, None, None, None], dtype=pl.String)
    return Lookup(replace(registers, parks=registers.parks.with_columns(aliases)))


@pytest.mark.parametrize("raw", ["BJ-005", "bj005", "798艺术区", "798 ART ZONE", "七九八", " 大山子艺术区 "])
def test_a_park_by_id_name_and_alias(lookup, raw):
    assert lookup.park(raw) == "BJ-005"


def test_registers_without_aliases_have_names_and_ids_only(registers):
    with pytest.raises(Refused) as caught:
        Lookup(registers).park("七九八")
    assert caught.value.rule is Rule.UNKNOWN_PARK


def test_parks_are_ranked_by_likeness(lookup):
    near = lookup.near_parks(["首钢文化园", "大山子艺术", "MOON BASE ALPHA", "", "x" * 99])
    assert near.schema == pl.Schema(NEAR_PARKS)
    first = near.filter(pl.col("rank") == 1)
    assert first.select("value", "park_id", "name").rows() == [
        ("首钢文化园", "BJ-011", "首钢文化产业园"),
        ("大山子艺术", "BJ-005", "798艺术区"),
    ]
    for _, group in near.group_by("value"):
        assert group["rank"].to_list() == list(range(1, group.height + 1))
        assert group["score"].is_sorted(descending=True)
        assert group["park_id"].is_unique().all()
        assert group.height <= 5
    assert near["score"].is_between(0, 100).all()


def test_a_name_of_two_parks_is_refused_with_both(registers):
    twice = registers.parks.with_columns(name_en=pl.lit("Same"))
    with pytest.raises(Refused) as caught:
        Lookup(replace(registers, parks=twice)).park("same")
    assert caught.value.suggestion.count("|") == 2
    assert Lookup(replace(registers, parks=twice)).park_named("same") is None


def test_each_register_has_its_own_share_of_suggestions(lookup):
    for number in range(600):
        with pytest.raises(Refused):
            lookup.park(f"798艺木区{number}")
    with pytest.raises(Refused) as caught:
        lookup.programme("培训班")
    assert caught.value.suggestion == "training"
