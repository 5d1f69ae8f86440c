"""Industry classifications: what their codes look like, and whose names are people's."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.ingest.problems import Refused, Rule
from data.ingest.registers import Lookup
from data.ingest.schemes import ANZSIC, CHOICES, CULTURE, GB, NACE, NAICS, OTHER, SCHEMES, code_in
from data.ingest.values import folded


@pytest.mark.parametrize("scheme", [NACE, NAICS, ANZSIC, CULTURE])
def test_the_examples_given_to_people_are_accepted(registers, scheme):
    for code in SCHEMES[scheme].accepted.split(", "):
        assert code_in(code, scheme, Lookup(registers)) == code


def test_of_the_chinese_classification_the_division_counts(registers):
    lookup = Lookup(registers)
    assert [code_in(code, GB, lookup) for code in ("87", "R87", "8710")] == ["87", "87", "87"]
    with pytest.raises(Refused) as caught:
        code_in("99", GB, lookup)
    assert caught.value.rule is Rule.UNKNOWN_INDUSTRY


def test_every_spelling_names_one_classification():
    spellings = [spelling for name, words in CHOICES.items() for spelling in {folded(word) for word in (name, *words)}]
    assert len(spellings) == len(set(spellings))


@given(st.text(min_size=1, max_size=8), st.sampled_from([NACE, NAICS, ANZSIC, CULTURE, OTHER]))
def test_a_code_is_kept_as_written_or_refused(raw, scheme):
    try:
        code = code_in(raw, scheme, None)
    except Refused:
        return
    assert re.fullmatch(SCHEMES[scheme].pattern, code)
    if scheme != OTHER:
        assert code.isascii()
        assert code == raw.strip() or not raw.isascii()


@pytest.mark.parametrize(
    ("scheme", "personal", "other"),
    [
        (GB, ["84", "85"], ["72", "87"]),
        (NACE, ["69", "6920", "86.90", "Q86"], ["59", "8559", "70"]),
        (NAICS, ["62", "6211", "541110", "5412"], ["5413", "71"]),
        (ANZSIC, ["8511", "6931", "Q84"], ["8210", "7000", "9001"]),
    ],
)
def test_whose_names_are_left_out(scheme, personal, other):
    matches = [re.fullmatch(SCHEMES[scheme].personal, code) is not None for code in (*personal, *other[:2])]
    assert matches == [True] * len(personal) + [False] * 2
