"""The questionnaire, the programmes and the industries of the registers are complete and unambiguous."""

from __future__ import annotations

import datetime as dt
import math
import re

import polars as pl
import pytest

from data import registry
from data.ingest.schemes import SCHEMES
from data.ingest.values import folded, is_missing
from indicators.frames import ITEMS, require
from indicators.levels import LEVELS, SCORES


def test_weights_of_every_questionnaire_with_an_index_sum_to_one() -> None:
    totals = {}
    for (questionnaire, _), items in registry.questionnaire_items().group_by("questionnaire_id", "version"):
        totals[questionnaire] = items["weight"].sum()
    assert math.isclose(totals.pop("monthly"), 1.0, abs_tol=1e-9)
    assert totals == {"digitalisation": 0.0, "rent_relief": 0.0}


def test_the_monthly_questionnaire() -> None:
    items = registry.survey_items()
    assert items["position"].to_list() == list(range(1, 11))
    assert items["item_id"].is_unique().all()
    assert set(items["direction"]) == {1, -1}
    assert items.filter(pl.col("direction") == -1)["item_id"].to_list() == ["cost_pressure"]
    assert items.filter(pl.col("horizon") != "this_month")["item_id"].to_list() == ["expectations"]
    assert dict(items.filter(pl.col("weight") > 0).select("item_id", "weight").iter_rows()) == {
        "business_volume": 0.25,
        "new_leases": 0.30,
        "occupancy": 0.10,
        "employment": 0.20,
        "cost_pressure": 0.15,
    }
    assert set(items["valid_from"]) == {dt.date(2022, 1, 1)}
    assert items["question_zh"].str.contains("^(与上月相比|预计未来三个月),本园区.+[升转].*持平.*[降差]\\?$").all()
    assert items["question_en"].str.contains("your park").all()
    assert require(items, ITEMS).height == 10


def test_no_heading_names_two_items() -> None:
    owners: dict[str, set[str]] = {}
    for row in registry.questionnaire_items().iter_rows(named=True):
        for spelling in (*row["aliases"].split("|"), row["item_id"], row["name_zh"], row["name_en"]):
            assert spelling
            assert spelling == spelling.strip()
            owners.setdefault(spelling.lower(), set()).add(row["item_id"])
    assert {spelling: ids for spelling, ids in owners.items() if len(ids) > 1} == {}


def test_no_spelling_means_two_answers_and_a_dash_means_none() -> None:
    answers = registry.survey_answers()
    spellings = [spelling for aliases in answers["aliases"] for spelling in aliases.split("|")]
    assert len(spellings) == len(set(spellings))
    assert "-" not in spellings
    assert {"上升", "持平", "下降", "up", "same", "down", "+", "="} <= set(spellings)


def test_every_question_has_its_scale_and_every_scale_its_answers() -> None:
    items, scales = registry.questionnaire_items(), registry.answer_scales()
    assert set(items["scale_id"]) <= set(scales["scale_id"])
    assert scales.select("scale_id", "answer").is_duplicated().sum() == 0
    for _, answers in scales.group_by("scale_id", maintain_order=True):
        assert answers["position"].to_list() == list(range(1, answers.height + 1))
        assert answers["followed"].sum() in (0, 1, 2, 3)
        assert answers["followed"].to_list() == sorted(answers["followed"], reverse=True)
    levels = items.filter(pl.col("scale_id").str.starts_with("change"))
    assert (levels["levels"].cast(pl.String) == levels["scale_id"].str.strip_prefix("change")).all()
    assert items.filter(~pl.col("scale_id").str.starts_with("change"))["levels"].drop_nulls().is_empty()


@pytest.mark.parametrize("levels", [3, 5, 7])
def test_codes_and_scores_of_change_are_those_of_the_engine(levels: int) -> None:
    answers = registry.survey_answers(f"change{levels}")
    assert dict(answers.select("answer", "score").iter_rows()) == SCORES[levels]
    assert answers["answer"].to_list() == list(LEVELS[levels])


def test_no_spelling_means_two_answers_of_one_scale_or_a_missing_one() -> None:
    owners: dict[tuple[str, str], set[str]] = {}
    for row in registry.answer_scales().iter_rows(named=True):
        for spelling in (row["answer"], row["label_zh"], row["label_en"], *row["aliases"].split("|")):
            assert not is_missing(spelling), spelling
            owners.setdefault((row["scale_id"], folded(spelling)), set()).add(row["answer"])
    assert {spelling: codes for spelling, codes in owners.items() if len(codes) > 1} == {}


def test_questionnaires_are_those_of_the_questions_with_their_newest_version() -> None:
    register = registry.questionnaires()
    newest = registry.questionnaire_items().group_by("questionnaire_id").agg(pl.col("version", "valid_from").max())
    both = register.join(newest, on="questionnaire_id", suffix="_items")
    assert both.height == register.height == newest.height == 3
    assert (both["version"] == both["version_items"]).all()
    assert (both["valid_from"] == both["valid_from_items"]).all()
    assert set(register["frequency"]) <= {"monthly", "half_yearly", "yearly"}


def test_questions_of_a_month() -> None:
    assert registry.survey_items("digitalisation", dt.date(2025, 6, 1)).height == 8
    assert registry.survey_items("rent_relief")["position"].to_list() == list(range(1, 8))
    assert registry.survey_items("monthly", dt.date(2021, 12, 1)).is_empty()
    assert registry.survey_items("monthly", dt.date(2026, 10, 1)).equals(registry.survey_items())
    assert registry.survey_items("wages").is_empty()


def test_programmes_say_which_names_are_published() -> None:
    programmes = registry.programmes()
    assert programmes["programme_id"].to_list() == [
        "park_show",
        "gov_enterprise",
        "matchmaking",
        "park_voice",
        "wenkehui",
        "case_visit",
        "forum",
        "services",
        "training",
        "exhibition",
        "alliance_meeting",
    ]
    own = programmes.filter(pl.col("organiser").is_null())
    assert (own.height, own["source_title"].str.contains("自定").all()) == (5, True)


def test_industries_have_97_divisions_in_20_sections_and_9_classes() -> None:
    whole = registry.industries()
    assert whole.select("scheme", "code").is_duplicated().sum() == 0
    industries = whole.filter(~pl.col("scheme").is_in(["NACE", "NAICS", "ANZSIC"]))
    assert dict(industries.group_by("level").len().iter_rows()) == {"section": 20, "division": 97, "class": 9}
    divisions = industries.filter(pl.col("level") == "division")
    assert divisions["code"].to_list() == [f"{number:02d}" for number in range(1, 98)]
    sections = industries.filter(pl.col("level") == "section")["code"].to_list()
    assert sections == list("ABCDEFGHIJKLMNOPQRST")
    per_section = dict(divisions.group_by("parent_code").len().iter_rows())
    assert [per_section[code] for code in sections] == [5, 7, 31, 3, 4, 2, 8, 2, 3, 4, 1, 2, 3, 4, 3, 1, 2, 5, 6, 1]
    names = dict(divisions.select("code", "name_zh").iter_rows())
    assert (names["65"], names["87"], names["72"]) == (
        "软件和信息技术服务业",
        "广播、电视、电影和录音制作业",
        "商务服务业",
    )


@pytest.mark.parametrize(("scheme", "sections", "divisions"), [("NACE", 21, 88), ("NAICS", 20, 7), ("ANZSIC", 19, 86)])
def test_foreign_classifications_are_whole_and_named_in_both_languages(scheme, sections, divisions) -> None:
    rows = registry.industries().filter(pl.col("scheme") == scheme)
    assert dict(rows.group_by("level").len().iter_rows()) == {"section": sections, "division": divisions}
    assert rows.select("name_zh", "name_en", "source_title").null_count().sum_horizontal().item() == 0
    below = rows.filter(pl.col("level") == "division")
    assert set(below["parent_code"]) <= set(rows.filter(pl.col("level") == "section")["code"])
    assert below["code"].str.contains("^[0-9]{2}$").all()
    accepted = re.compile(SCHEMES[scheme].pattern)
    assert all(accepted.fullmatch(code) for code in rows["code"])


def test_well_known_divisions_of_foreign_classifications() -> None:
    rows = registry.industries().select("scheme", "code", "parent_code", "name_en")
    known = {(scheme, code): (parent, name) for scheme, code, parent, name in rows.iter_rows()}
    assert known["NACE", "62"] == ("J", "Computer programming, consultancy and related activities")
    assert known["NACE", "90"] == ("R", "Creative, arts and entertainment activities")
    assert known["NAICS", "31-33"] == (None, "Manufacturing")
    assert known["NAICS", "45"][0] == "44-45"
    assert known["ANZSIC", "90"] == ("R", "Creative and Performing Arts Activities")
    assert known["ANZSIC", "45"] == ("H", "Food and Beverage Services")


def test_culture_classes_are_core_or_related() -> None:
    classes = registry.industries().filter(pl.col("level") == "class")
    assert classes["domain"].to_list() == ["core"] * 6 + ["related"] * 3
    assert classes["code"].to_list() == [f"{number:02d}" for number in range(1, 10)]
