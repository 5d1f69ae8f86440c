"""The response board: who has answered, who has not, the list to remind them by, and whose districts one sees."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

ANALYST = {"as": "analyst", "lang": "en"}


def test_the_board_counts_what_the_store_holds(demo, look, screen, monthly):
    at = look("responses", **ANALYST)
    assert not at.exception
    rows = monthly().filter((pl.col("period") == date(2026, 10, 1)) & (pl.col("city_id") == "beijing")).collect()
    answered = rows["park_id"].n_unique()
    assert at.title[0].value == f"Oct 2026: {answered} of 98 parks have answered"
    figures = screen(at).figures()
    assert (figures["Parks asked"], figures["Have answered"]) == ("98", str(answered))
    assert figures["Not yet"] == str(98 - answered)


def test_the_list_to_remind_by_holds_exactly_the_parks_without_an_answer(demo, look, screen, monthly):
    at = look("responses", **ANALYST)
    reminders = screen(at).table("Park", "Park id", "Months missing")
    rows = monthly().filter(pl.col("city_id") == "beijing").collect()
    answered = set(rows.filter(pl.col("period") == date(2026, 10, 1))["park_id"])
    assert not set(reminders["Park id"]) & answered
    assert reminders.height + len(answered) == 98
    missing = reminders["Months missing"].cast(pl.Int64)
    assert missing.to_list() == sorted(missing.to_list(), reverse=True), "those longest silent come first"
    park = reminders.row(0, named=True)
    last = rows.filter(pl.col("park_id") == park["Park id"])["period"].max()
    assert park["Last answered"] == f"{last:%Y-%m}"
    assert [button for button in at.download_button if "Excel" in button.label]


def test_a_month_nobody_has_answered_yet_asks_everybody(demo, look, screen):
    at = look("responses", month="2026-11", **ANALYST)
    assert at.title[0].value == "Nov 2026: 0 of 98 parks have answered"
    assert screen(at).figures()["Not yet"] == "98"


def test_an_official_sees_the_own_district_and_no_zero_elsewhere(demo, look, screen):
    at = look("responses", **{"as": "official", "lang": "en"})
    assert not at.exception
    assert set(screen(at).table("Park", "District", "Months missing")["District"]) == {"Chaoyang"}
    shown = screen(at).districts()
    assert "%" in shown["110105"][0]
    others = [text for code, (text, _) in shown.items() if code != "110105"]
    assert others
    assert all("%" not in text and "missing" in text for text in others)


@pytest.mark.parametrize("city", ["shanghai", "ruhr"])
def test_other_cities_have_their_board_or_say_what_is_missing(demo, look, city):
    at = look("responses", city=city, **ANALYST)
    assert not at.exception
    if city == "ruhr":
        assert "No park of this city has answered" in at.info[0].value
    else:
        assert "parks have answered" in at.title[0].value
