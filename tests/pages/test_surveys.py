"""The page of special surveys: shares that can be counted again, no small cell, and the survey that was chosen."""

from __future__ import annotations

import json
from datetime import date

import polars as pl
import pytest

pytestmark = pytest.mark.usefixtures("demo")
NEWEST, EARLIER = date(2026, 6, 1), date(2025, 6, 1)


@pytest.fixture
def digitalisation(demo, stored):
    rows = (
        stored().answers().filter((pl.col("questionnaire_id") == "digitalisation") & (pl.col("city_id") == "beijing"))
    )
    return rows.collect()


def counted(rows: pl.DataFrame, item: str, *answers: str) -> float:
    given = rows.filter(pl.col("item_id") == item)["answer"].to_list()
    return round(100 * sum(answer in answers for answer in given) / len(given) + 1e-9, 1)


def drawn(at) -> list[dict]:
    return [json.loads(chart.proto.spec) for chart in at.get("plotly_chart")]


def test_the_title_counts_the_parks_of_the_newest_wave(look, digitalisation):
    n = digitalisation.filter(pl.col("period") == NEWEST)["park_id"].n_unique()
    assert look("surveys", lang="en").title[0].value == f"Digitalisation survey, Jun 2026: {n} parks answered"
    assert look("surveys").title[0].value == f"2026年6月园区数字化调查：{n}家园区作答"


def test_shares_are_those_counted_by_hand_and_every_answer_has_a_row(look, screen, digitalisation):
    table = screen(look("surveys", lang="en")).table("Question", "Answer", "Share %")
    now = digitalisation.filter(pl.col("period") == NEWEST)
    parking = table.filter(pl.col("Question") == "Smart access and parking")
    expected = [counted(now, "smart_access", code) for code in ("fully", "partly", "planned", "not_planned")]
    assert parking["Share %"].to_list() == expected
    assert parking["Answer"].to_list() == ["Fully in use", "Partly in use", "Planned", "Not planned"]
    assert table["Question"].n_unique() == 8
    totals = table.group_by("Question").agg(pl.col("Share %").sum())["Share %"]
    assert totals.is_between(99.7, 100.3).all()


def test_another_survey_wave_and_question(look, screen):
    at = look("surveys", lang="en", questionnaire="rent_relief", wave="2022-12", question="vacancy_effect")
    assert not at.exception
    assert at.title[0].value.startswith("Rent relief survey, Dec 2022: ")
    assert at.query_params == {
        "lang": "en",
        "questionnaire": "rent_relief",
        "wave": "2022-12",
        "question": "vacancy_effect",
    }
    assert {"Down %", "Same %", "Up %"} <= set(screen(at).table("District", "Valid answers").columns)
    assert any("Source: Rent relief survey (synthetic)" in caption.value for caption in at.caption)


def test_a_wave_of_another_survey_falls_back_to_the_newest(look):
    at = look("surveys", lang="en", wave="2022-12")
    assert at.title[0].value.startswith("Digitalisation survey, Jun 2026")
    assert "month" not in at.session_state


def test_over_the_waves_the_leading_answers_are_counted_together(look, screen, digitalisation):
    table = screen(look("surveys", lang="en")).table("Question", "Answers counted", "Wave")
    assert "Main obstacle to digitalisation" not in table["Question"]
    rows = table.filter(pl.col("Question") == "Online energy metering")
    assert rows["Answers counted"].unique().to_list() == ["Fully in use / Partly in use"]
    by_wave = [digitalisation.filter(pl.col("period") == wave) for wave in (EARLIER, NEWEST)]
    assert rows["Share %"].to_list() == [counted(wave, "energy_metering", "fully", "partly") for wave in by_wave]


def test_an_unfavourable_up_is_turned_round(look, screen):
    at = look("surveys", lang="en", questionnaire="rent_relief")
    over = screen(at).table("Question", "Answers counted", "Wave")
    assert over.filter(pl.col("Question") == "Vacancy after relief")["Answers counted"].unique().to_list() == ["Down"]
    shares = screen(at).table("Question", "Answer", "Share %").filter(pl.col("Question") == "Vacancy after relief")
    assert shares["Answer"].to_list() == ["Down", "Same", "Up"]


def test_leadership_sees_no_cell_of_fewer_than_five_parks_and_the_analyst_all(look, screen, digitalisation):
    for role, minimum in (("leadership", 5), ("analyst", 1)):
        table = screen(look("surveys", lang="en", **{"as": role})).table("District", "Valid answers")
        shares = table.drop("District", "Valid answers")
        hidden = pl.Series([row[0] is None for row in shares.iter_rows()])
        assert (hidden == (table["Valid answers"] < minimum)).all()
        assert hidden.any() == (role == "leadership")
        asked = digitalisation.filter((pl.col("period") == NEWEST) & (pl.col("item_id") == "management_platform"))
        assert table["Valid answers"].sum() == asked.height


def test_a_small_district_chosen_by_leadership_stays_hidden(look, digitalisation):
    now = (
        digitalisation.group_by("district_code").agg(pl.col("park_id").n_unique().alias("n")).sort("n", "district_code")
    )
    at = look("surveys", lang="en", district=now["district_code"][0])
    assert not at.exception
    assert "Fewer than 5 parks" in at.info[0].value
    assert not at.metric


def test_a_district_shows_what_it_shows_among_the_others(look, screen):
    whole = screen(look("surveys", lang="en")).table("District", "Valid answers")
    alone = screen(look("surveys", lang="en", district="110105")).table("Question", "Answer", "Share %")
    row = whole.filter(pl.col("District") == "Chaoyang").row(0)
    assert alone.filter(pl.col("Question") == "Digital management platform")["Share %"].to_list() == list(row[2:])


def test_an_official_sees_the_own_district_only(look, screen):
    at = look("surveys", lang="en", **{"as": "official"})
    assert screen(at).table("District", "Valid answers")["District"].to_list() == ["Chaoyang"]
    texts = screen(at).districts()
    assert [code for code, (text, _) in texts.items() if not text.endswith("— (missing)")] == ["110105"]
    assert not [text for text, _ in texts.values() if text.endswith(": 0 parks")], "unknown is not zero"


def test_the_map_counts_the_parks_that_answered(look, screen, digitalisation):
    districts = screen(look("surveys", lang="en")).districts()
    now = digitalisation.filter(pl.col("period") == NEWEST)
    for code, n in now.group_by("district_code").agg(pl.col("park_id").n_unique()).iter_rows():
        assert districts[code][0].endswith(f": {n} parks")


def test_every_question_is_drawn(look):
    bars, dots = drawn(look("surveys"))
    assert len(bars["layout"]["annotations"]) == 8
    assert {trace["type"] for trace in bars["data"]} == {"bar"}
    assert len(dots["layout"]["annotations"]) == 7


def test_a_city_without_answers_says_so(look):
    at = look("surveys", lang="en", city="pittsburgh")
    assert at.title[0].value == "Special surveys"
    assert "No answers to the survey “Digitalisation survey”" in at.info[0].value


def test_an_uploaded_wave_is_on_the_page(copied, look, turn, screen):
    parks = [f"BJ-{number:03}" for number in (1, 2, 4, 5, 6, 7)]
    lines = "".join(f"2026-11,{park},全面应用,持平\n" for park in parks)
    at = look("upload", lang="en", dataset="digitalisation", **{"as": "analyst"})
    at.file_uploader[0].upload("wave.csv", f"月份,园区编号,智慧停车,数字化预算\n{lines}".encode()).run()
    assert not at.exception
    assert not at.metric
    at.button(key="store").click().run()
    assert screen(turn(at, "history")).table("Data set", "File").row(0)[1:3] == ("Digitalisation survey", "wave.csv")
    assert turn(at, "surveys").title[0].value == "Digitalisation survey, Nov 2026: 6 parks answered"


def test_the_template_names_questions_and_answers(look, screen):
    at = look("upload", dataset="rent_relief", **{"as": "analyst"})
    fields = screen(at).table("字段")
    row = fields.filter(pl.col("字段") == "cost_bearer").row(0)
    assert "减免成本承担方" in row
    assert any("国有房东 / 民营房东 / 园区运营方 / 各方分担 / 政府补贴" in str(cell) for cell in row)
