"""The sentences about one entry: no line of a file, the field by its label, for every rule in both languages."""

from __future__ import annotations

import re

import polars as pl
import pytest

from data.ingest import Rule
from pages.parts.registers import entry_problems

LINE, NAME, LABEL = 3, "participants_online", "Participants online"
SCHEMA = {
    "line": pl.UInt32, "column": pl.String, "value": pl.String, "rule": pl.String, "suggestion": pl.String,
    "accepted": pl.String, "limit": pl.String,
}  # fmt: skip
OF_FILES = {"wrong_encoding", "open_quote", "too_many_rows", "no_rows", "header_not_found"}  # never of one entry


def problem(rule: str) -> pl.DataFrame:
    row = (LINE, NAME, "V", rule, "", "A", "L")
    return pl.DataFrame([row], schema=SCHEMA, orient="row")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("rule", [str(rule) for rule in Rule if str(rule) not in OF_FILES])
def test_no_rule_tells_a_line_or_the_name_of_a_column(rule, language):
    [said] = entry_problems.sentences(problem(rule), lambda name: LABEL, language)
    assert said.startswith(f"**{LABEL}** · ")
    assert NAME not in said
    assert not re.search(r"\b[Ll]ines? 3\b|第 ?3 ?行", said)
    assert "  " not in said


def test_a_number_that_is_too_small_is_told_with_what_is_accepted():
    [said] = entry_problems.sentences(problem("negative_number"), lambda name: LABEL, "en")
    assert said.startswith("**Participants online** · “V” in “Participants online” is too small. ")
    assert "A" in said.split(". ", 1)[1]
