"""Versions of a questionnaire: the newest not after the month, questions that come and go, scales that change."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.questionnaires import further, newest, questions_of, valid_in, version_in, versions

FIRST, SECOND = date(2022, 1, 1), date(2024, 7, 1)
ITEMS = pl.DataFrame(
    [
        ("monthly", 1, FIRST, "rent", "change3"),
        ("monthly", 1, FIRST, "fairs", "change3"),
        ("monthly", 2, SECOND, "rent", "change5"),
        ("monthly", 2, SECOND, "jobs", "change5"),
        ("energy", 1, SECOND, "solar", "yes_no"),
    ],
    schema=["questionnaire_id", "version", "valid_from", "item_id", "scale_id"],
    orient="row",
)


@pytest.mark.parametrize(
    ("month", "found"),
    [
        (date(2021, 12, 1), []),
        (FIRST, ["rent", "fairs"]),
        (date(2024, 6, 1), ["rent", "fairs"]),
        (SECOND, ["rent", "jobs", "solar"]),
        (date(2030, 1, 1), ["rent", "jobs", "solar"]),
    ],
)
def test_the_newest_version_not_after_the_month_holds(month, found):
    assert valid_in(ITEMS, month)["item_id"].to_list() == found


def test_two_versions_from_the_same_month_the_higher_number_holds():
    corrected = ITEMS.with_columns(valid_from=pl.lit(FIRST))
    assert valid_in(corrected, FIRST)["item_id"].to_list() == ["rent", "jobs", "solar"]


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)))
def test_one_version_of_each_questionnaire_holds_and_none_of_later(day):
    held = valid_in(ITEMS, day)
    assert held.group_by("questionnaire_id").agg(pl.col("version").n_unique())["version"].to_list() in ([], [1], [1, 1])
    assert (held["valid_from"] <= day).all()


def test_newest_and_names():
    assert newest(ITEMS)["item_id"].to_list() == ["rent", "jobs", "solar"]
    assert newest(ITEMS.clear()).is_empty()
    assert further(ITEMS) == ("energy",)
    assert further(ITEMS.drop("questionnaire_id")) == ()
    assert questions_of(ITEMS, "energy")["item_id"].to_list() == ["solar"]
    assert questions_of(ITEMS.drop("questionnaire_id"), "monthly").height == 5
    assert questions_of(ITEMS.drop("questionnaire_id"), "energy").is_empty()


def test_versions_carry_the_scale_of_each_question():
    found = versions(questions_of(ITEMS, "monthly"))
    assert [version.valid_from for version in found] == [FIRST, SECOND]
    assert found[1].scales == {"rent": "change5", "jobs": "change5"}
    assert version_in(found, date(2024, 6, 1)) == 0
    assert version_in(found, None) == 1
