"""The questionnaire, the programmes and the industries of the registers are complete and unambiguous."""

from __future__ import annotations

import datetime as dt
import math

import polars as pl

from data import registry
from indicators.frames import ITEMS, require


def test_weights_of_every_questionnaire_sum_to_one() -> None:
    for _, items in registry.survey_items().group_by("questionnaire_id", "version"):
        assert math.isclose(items["weight"].sum(), 1.0, abs_tol=1e-9)


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
    for row in registry.survey_items().iter_rows(named=True):
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
    industries = registry.industries()
    assert dict(industries.group_by("level").len().iter_rows()) == {"section": 20, "division": 97, "class": 9}
    divisions = industries.filter(pl.col("level") == "division")
    assert divisions["code"].to_list() == [f"{number:02d}" for number in range(1, 98)]
    sections = industries.filter(pl.col("level") == "section")["code"].to_list()
    assert sections == list("ABCDEFGHIJKLMNOPQRST")
    per_section = dict(divisions.group_by("parent_code").len().iter_rows())
    assert [per_section[code] for code in sections] == [5, 7, 31, 3, 4, 2, 8, 2, 3, 4, 1, 2, 3, 4, 3, 1, 2, 5, 6, 1]
    assert industries.select("scheme", "code").is_duplicated().sum() == 0
    names = dict(divisions.select("code", "name_zh").iter_rows())
    assert (names["65"], names["87"], names["72"]) == (
        "软件和信息技术服务业",
        "广播、电视、电影和录音制作业",
        "商务服务业",
    )


def test_culture_classes_are_core_or_related() -> None:
    classes = registry.industries().filter(pl.col("level") == "class")
    assert classes["domain"].to_list() == ["core"] * 6 + ["related"] * 3
    assert classes["code"].to_list() == [f"{number:02d}" for number in range(1, 10)]
