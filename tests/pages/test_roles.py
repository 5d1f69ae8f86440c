"""Whose figures a page may show: an official's screen holds nothing of other districts, leadership's no small cell."""

from __future__ import annotations

import json
import re
from pathlib import Path

import polars as pl
import pytest

from pages.parts import theme
from pages.parts.text import TEXTS

OWN = "110105"
NEWEST = pl.date(2026, 10, 1)
SURVEY_PAGES = ("overview", "prosperity")
ANSWER_PAGES = (*SURVEY_PAGES, "surveys")  # those with a map of answers
FILES = (Path(__file__).parents[2] / "pages").glob("*.py")
ANALYST_ONLY = {"upload", "history"}  # nothing to show to an official
PAGES = sorted({path.stem for path in FILES} - {"__init__"} - ANALYST_ONLY)
GREY = [int(theme.tokens(False).missing[place : place + 2], 16) for place in (1, 3, 5)]
LONG = re.compile(r"-?\d+\.\d{7,}")


def answers_of(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select("questionnaire_id", "period", "park_id", "item_id", "answer", "is_synthetic")


def parks_that_answered(rows: pl.DataFrame) -> dict[str, int]:
    """Parks with an answer to a weighted item in the newest month, by district."""
    unweighted = ["rent_level", "rent_collection", "event_activity", "investment_intention", "expectations"]
    now = rows.filter((pl.col("period") == NEWEST) & ~pl.col("item_id").is_in(unweighted))
    return dict(now.group_by("district_code").agg(pl.col("park_id").n_unique()).iter_rows())


def rounded_texts(shown) -> list[str]:
    """All text of the page; sums of the same numbers in another order may differ in the last digits."""
    return [LONG.sub(lambda number: f"{float(number[0]):.6f}", text) for text in shown.strings()]


def test_an_official_finds_only_the_own_district(demo, look):
    at = look("overview", **{"as": "official"})
    assert at.selectbox(key="city").options == ["北京"]
    assert at.selectbox(key="district").options == ["朝阳区"]
    assert at.session_state["district"] == OWN


@pytest.mark.parametrize("page", [page for page in PAGES if page != "methods"])
def test_a_link_to_another_district_is_dropped(demo, look, page):
    at = look(page, city="shanghai", district="310101", **{"as": "official"})
    assert not at.exception
    if page == "cities":  # the published figures of every city are public, its districts are not offered
        assert at.query_params == {"as": "official", "city": "shanghai"}
        assert at.selectbox(key="district").options == ["全部区"]
    else:
        assert at.query_params == {"as": "official"}
        assert (at.session_state["city"], at.session_state["district"]) == ("beijing", OWN)


def test_the_officials_figures_are_those_of_the_district(demo, look, screen, monthly, by_hand):
    own = monthly("official").filter(pl.col("period") == NEWEST).collect()
    assert set(own["district_code"]) == {OWN}
    figures = screen(look("overview", **{"as": "official", "lang": "en"})).figures()
    assert figures["Park prosperity index"] == f"{by_hand(own):.1f}"
    assert figures["Parks that answered"] == str(parks_that_answered(own)[OWN])


@pytest.mark.parametrize("page", ANSWER_PAGES)
def test_the_map_of_an_official_has_a_value_for_the_own_district_only(demo, look, screen, page):
    districts = screen(look(page, **{"as": "official"})).districts()
    text, fill = districts.pop(OWN)
    assert re.search(r"\d", text)
    assert fill[:3] != GREY
    assert len(districts) > 10
    for text, fill in districts.values():
        assert text.endswith("— (缺失)")
        assert fill[:3] == GREY


@pytest.fixture
def own_rows_only(stored, filled):
    """A store like the demonstration store that never saw a survey answer or a need of another district."""
    full = stored("analyst")
    frames = {
        "parks": full.parks().filter(pl.col("is_synthetic")).collect(),
        "events": full.events().collect(),
        "enterprises": full.enterprises().collect(),
        "answers": answers_of(full.answers().filter(pl.col("district_code") == OWN).collect()),
    }
    for dataset in ("members", "partners", "offers", "publications", "scorecards"):
        frames[dataset] = full.entries(dataset).collect()
    own = full.parks().filter(pl.col("district_code") == OWN).select("park_id")
    frames["needs"] = full.needs().join(own, on="park_id", how="semi").collect()
    frames["followups"] = full.followups().collect().join(frames["needs"], on="need_id", how="semi")
    return filled(frames)


def test_no_element_of_any_page_depends_on_the_answers_of_other_districts(
    demo, own_rows_only, look, screen, turn, monkeypatch
):
    """The same pages from a store without any other district's answer: not one character may differ."""
    at = look("overview", **{"as": "official"})
    everything = {page: rounded_texts(screen(turn(at, page))) for page in PAGES}
    monkeypatch.setenv("PARK_HOME", str(own_rows_only))
    at = look("overview", **{"as": "official"})
    alone = {page: rounded_texts(screen(turn(at, page))) for page in PAGES}
    for page in PAGES:
        assert alone[page] == everything[page], page
        assert len(alone[page]) > 20


def test_leadership_sees_no_cell_of_fewer_than_five_parks(demo, look, screen, monthly):
    n = parks_that_answered(monthly("analyst").filter(pl.col("city_id") == "beijing").collect())
    small, large = {code for code in n if n[code] < 5}, {code for code in n if n[code] >= 5}
    assert small
    assert large
    for page in SURVEY_PAGES:
        districts = screen(look(page, **{"as": "leadership"})).districts()
        for code in small:
            assert districts[code][0].endswith("样本不足 5 家，不予显示")
            assert districts[code][1][:3] == GREY
        for code in large:
            assert f"(n={n[code]})" in districts[code][0]


def test_the_analyst_sees_every_cell(demo, look, screen, monthly):
    n = parks_that_answered(monthly("analyst").filter(pl.col("city_id") == "beijing").collect())
    districts = screen(look("overview", **{"as": "analyst"})).districts()
    for code, parks in n.items():
        assert f"(n={parks})" in districts[code][0]
        assert districts[code][1][:3] != GREY


def test_a_small_district_chosen_by_leadership_stays_hidden(demo, look, screen, monthly):
    n = parks_that_answered(monthly("analyst").filter(pl.col("city_id") == "beijing").collect())
    smallest = min(n, key=lambda code: (n[code], code))
    for page in SURVEY_PAGES:
        at = look(page, district=smallest, lang="en")
        assert not at.exception
        assert "Park prosperity index" not in screen(at).figures()
        assert [info.value for info in at.info] == [
            "Fewer than 5 parks answer a month in this selection; "
            "nothing is shown so that no single park's answer can be read."
        ]
        assert not screen(at).at.get("plotly_chart")


def test_a_special_survey_of_a_small_district_stays_hidden_from_leadership(demo, look, screen, stored):
    answers = stored("analyst").answers().filter(pl.col("questionnaire_id") == "digitalisation").collect()
    n = answers.filter(pl.col("city_id") == "beijing").group_by("district_code").agg(pl.col("park_id").n_unique())
    smallest = n.filter(pl.col("park_id") < 5).sort("park_id", "district_code")["district_code"][0]
    at = look("surveys", district=smallest, lang="en")
    assert not at.exception
    assert [info.value for info in at.info] == [
        TEXTS.sentence("empty.special_small", "en", survey="Digitalisation survey", minimum=5)
    ]
    assert not screen(at).at.get("plotly_chart")
    assert screen(look("surveys", district=smallest, lang="en", **{"as": "analyst"})).at.get("plotly_chart")


@pytest.mark.parametrize("role", ["leadership", "official"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_upload_is_for_the_analyst(demo, look, role, language):
    at = look("upload", **{"as": role, "lang": language})
    assert not at.exception
    assert not at.file_uploader
    assert not at.dataframe
    assert not at.title
    assert {"zh": "分析员", "en": "analyst"}[language] in at.error[0].value


def test_the_switch_of_roles_opens_and_closes_the_upload(demo, look):
    at = look("upload")
    assert at.error
    at.selectbox(key="as").select("analyst").run()
    assert not at.error
    assert at.file_uploader
    assert at.query_params == {"as": "analyst"}
    at.selectbox(key="as").select("official").run()
    assert at.error
    assert not at.file_uploader


def test_a_role_that_does_not_exist_is_the_one_with_the_least_surprise(demo, look):
    at = look("upload", **{"as": "administrator"})
    assert at.session_state["as"] == "leadership"
    assert at.error


def test_charts_of_an_official_are_drawn_from_the_own_answers(demo, look, monthly, by_hand):
    own = monthly("official").collect()
    at = look("overview", **{"as": "official"})
    drawn = json.loads(at.get("plotly_chart")[0].proto.spec)["data"]
    values = [value for trace in drawn for value in numbers(trace["y"]) if value is not None]
    assert values
    expected = [by_hand(rows) for rows in own.partition_by("period", maintain_order=True)]
    assert all(min(abs(value - other) for other in [*expected, 50.0]) < 0.051 for value in values)


def numbers(values) -> list[float | None]:
    """The numbers of a chart's axis, plain or packed."""
    if not isinstance(values, dict):
        return list(values)
    import base64

    import numpy as np

    return np.frombuffer(base64.b64decode(values["bdata"]), dtype=values["dtype"]).tolist()
