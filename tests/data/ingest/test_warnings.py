"""Warnings against the history: each finds what it is for, at its line, and nothing in ordinary months."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.ingest import Registers, check, explained
from data.ingest.warnings import event_warnings, history_warnings, survey_warnings, value_warnings

TODAY = date(2026, 11, 22)
ITEMS = ("a", "b", "c", "d", "e", "f")
NOBODY = pl.DataFrame(
    schema={
        "questionnaire_id": pl.String,
        "period": pl.Date,
        "park_id": pl.String,
        "item_id": pl.String,
        "answer": pl.String,
    }
)


@pytest.fixture(scope="session")
def survey(registers) -> Registers:
    """Six questions on three levels; the last is turned round."""
    items = pl.DataFrame(
        {
            "questionnaire_id": ["monthly"] * 6,
            "item_id": ITEMS,
            "name_zh": [f"问题{item}" for item in ITEMS],
            "name_en": [f"Question {item}" for item in ITEMS],
            "aliases": [None] * 6,
            "direction": [1, 1, 1, 1, 1, -1],
        },
        schema_overrides={"aliases": pl.String},
    )
    return replace(registers, items=items)


def sent(registers, *rows: tuple[str, str, str]):
    """A checked file: month, park, one letter an answer (u, s, d)."""
    words = {"u": "up", "s": "same", "d": "down", "-": ""}
    lines = [",".join([month, park, *(words[letter] for letter in letters)]) for month, park, letters in rows]
    header = ",".join(["month", "park_id", *(f"Question {item}" for item in ITEMS)])
    return check("answers", "\n".join([header, *lines]).encode(), "survey.csv", registers, TODAY)


def months(count: int, letters: str, park: str = "BJ-005", year: int = 2025):
    return [(f"{year + (place // 12)}-{place % 12 + 1:02d}", park, letters) for place in range(count)]


def told(found):
    return found.select("line", "rule", "value", "accepted").rows()


def test_one_answer_to_every_question(survey):
    checked = sent(
        survey, ("2026-10", "BJ-005", "ssssss"), ("2026-10", "BJ-021", "ssss--"), ("2026-10", "BJ-011", "ususud")
    )
    found = survey_warnings(checked, NOBODY, survey)
    assert told(found) == [(2, "straight_line", "same", "6")]
    assert found["column"].item() == "park_id"
    assert found.columns == checked.warnings.columns


def test_the_third_month_running_weighs_more(survey):
    history = sent(survey, ("2026-08", "BJ-005", "ssssss"), ("2026-09", "BJ-005", "dddddd")).accepted
    now = sent(survey, ("2026-10", "BJ-005", "ssssss"))
    assert (2, "lasting_straight_line", "same", "3") in told(survey_warnings(now, history, survey))
    gap = history.filter(pl.col("period") != date(2026, 9, 1))
    assert told(survey_warnings(now, gap, survey)) == [(2, "straight_line", "same", "6")]


def test_three_months_in_one_file(survey):
    checked = sent(survey, *((f"2026-{month:02d}", "BJ-005", "ssssss") for month in (8, 9, 10)))
    rules = [rule for _, rule, _, _ in told(survey_warnings(checked, NOBODY, survey))]
    assert rules == ["straight_line", "straight_line", "lasting_straight_line"]


@pytest.mark.parametrize(("before", "now", "jump"), [("ususus", "uuuuus", True), ("ususus", "uuusus", False)])
def test_a_jump_against_the_last_answer(survey, before, now, jump):
    """Scores 1, .5, 0 and the sixth turned round: ususus is 50 points, uuuuus 83.3, uuusus 66.7."""
    history = sent(survey, ("2026-07", "BJ-005", before)).accepted
    found = survey_warnings(sent(survey, ("2026-10", "BJ-005", now)), history, survey)
    expected = [(2, "balance_jump", "83.3", "50.0 (2026-07)")] if jump else []
    assert told(found) == expected


def test_far_from_its_own_history(survey):
    history = sent(survey, *months(12, "usdsss")[:11]).accepted
    steady = survey_warnings(sent(survey, ("2026-10", "BJ-005", "usdsss")), history, survey)
    assert steady.is_empty()
    wavering = [
        (month, park, "uusdss" if place % 2 else "usdsss") for place, (month, park, _) in enumerate(months(11, ""))
    ]
    past = sent(survey, *wavering).accepted
    out = survey_warnings(sent(survey, ("2026-10", "BJ-005", "uuuuud")), past, survey)
    assert "unusual_balance" in out["rule"].to_list()
    assert out.filter(pl.col("rule") == "unusual_balance")["accepted"].item().endswith("(n = 11)")
    usual = survey_warnings(sent(survey, ("2026-10", "BJ-005", "uusdss")), past, survey)
    assert usual.is_empty()


def test_less_than_six_months_are_no_history_to_judge_by(survey):
    wavering = [
        (month, park, "uusdss" if place % 2 else "usdsss") for place, (month, park, _) in enumerate(months(5, ""))
    ]
    past = sent(survey, *wavering).accepted
    rules = survey_warnings(sent(survey, ("2026-10", "BJ-005", "uuuuud")), past, survey)["rule"].to_list()
    assert rules == ["balance_jump"]


def test_a_park_that_never_answered(survey):
    history = sent(survey, ("2026-09", "BJ-021", "ususus")).accepted
    now = sent(
        survey, ("2026-10", "BJ-005", "ususus"), ("2026-11", "BJ-005", "ususus"), ("2026-10", "BJ-021", "ususus")
    )
    assert told(survey_warnings(now, history, survey)) == [(2, "first_answer", "BJ-005", "")]
    assert survey_warnings(now, NOBODY, survey).is_empty()


def test_a_correction_is_judged_in_place_of_what_it_corrects(survey):
    history = sent(survey, ("2026-09", "BJ-005", "ususus"), ("2026-10", "BJ-005", "dddddu")).accepted
    again = sent(survey, ("2026-10", "BJ-005", "ususus"))
    assert survey_warnings(again, history, survey).is_empty()


def test_answers_off_the_scales_have_no_balance(survey):
    scales = pl.DataFrame({"scale_id": ["change3"] * 3, "answer": ["up", "same", "down"], "score": [None, None, None]})
    unscored = replace(survey, answers=scales.with_columns(label_zh=pl.lit("x"), label_en="answer", aliases=pl.lit("")))
    history = sent(survey, ("2026-09", "BJ-005", "dddddu")).accepted
    found = survey_warnings(sent(survey, ("2026-10", "BJ-005", "uuuuud")), history, unscored)
    assert "balance_jump" not in found["rule"].to_list()


def test_the_scale_of_the_month_counts(survey):
    """From July on the questions have five levels: an up is then only .75."""
    versions = [
        survey.items.with_columns(scale_id=pl.lit(scale), valid_from=pl.lit(day))
        for scale, day in (("change3", date(2022, 1, 1)), ("change5", date(2026, 7, 1)))
    ]
    rows = [("change3", "up", 1.0), ("change3", "same", 0.5), ("change3", "down", 0.0)]
    rows += [("change5", "up", 0.75), ("change5", "same", 0.5), ("change5", "down", 0.25)]
    scales = pl.DataFrame(rows, schema=["scale_id", "answer", "score"], orient="row")
    later = replace(survey, items=pl.concat(versions), answers=scales)
    history = sent(survey, ("2026-06", "BJ-005", "uuuuud")).accepted
    found = survey_warnings(sent(survey, ("2026-07", "BJ-005", "uuuuud")), history, later)
    assert told(found) == [(2, "balance_jump", "50.0", "100.0 (2026-06)")]


def test_the_warnings_are_sentences(survey):
    history = sent(survey, ("2026-09", "BJ-005", "dddddu"), ("2026-09", "BJ-021", "ususus")).accepted
    now = sent(survey, ("2026-10", "BJ-005", "uuuuud"), ("2026-10", "BJ-011", "ssssss"))
    found = survey_warnings(now, history, survey)
    assert set(found["rule"]) == {"balance_jump", "first_answer", "straight_line"}
    for language in ("zh", "en"):
        sentences = explained(found, language)["what"].to_list()
        assert len(sentences) == found.height
        assert any("-100.0 (2026-09)" in sentence for sentence in sentences)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from(["ususus", "ssssss", "uuuuud", "dddddu", "us----"]), min_size=1, max_size=12))
def test_splitting_a_file_in_history_and_news_changes_no_warning_of_the_news(survey, letters):
    """What is told of the last month is the same whether the months before it came before or in the same file."""
    rows = [(f"2025-{place + 1:02d}", "BJ-005", answers) for place, answers in enumerate(letters)]
    whole = survey_warnings(sent(survey, *rows), NOBODY, survey)
    last = survey_warnings(sent(survey, rows[-1]), sent(survey, *rows[:-1]).accepted if rows[1:] else NOBODY, survey)
    line = len(rows) + 1
    assert told(whole.filter(pl.col("line") == line).with_columns(line=2)) == told(last)


EVENT = "event_id,date,programme_id,city_id,district_code,park_id,participants_onsite,enterprises"


def events(registers, *rows: str):
    return check("events", "\n".join([EVENT, *rows]).encode(), "events.csv", registers, TODAY)


def test_numbers_ten_times_as_large_or_small(registers):
    stored = events(
        registers,
        "E1,2026-10-05,training,beijing,,,120,10",
        "E2,2026-10-06,training,beijing,,,50,0",
        "E3,2026-10-07,training,beijing,,,,4",
    ).accepted
    checked = events(
        registers,
        "E1,2026-10-05,training,beijing,,,1200,1",
        "E2,2026-10-06,training,beijing,,,499,7",
        "E3,2026-10-07,training,beijing,,,5,4",
        "E9,2026-10-09,training,beijing,,,9999,4",
    )
    found = value_warnings(checked, stored)
    assert found.select("line", "column", "value", "accepted").rows() == [
        (2, "participants_onsite", "1200", "120"),
        (2, "enterprises", "1", "10"),
    ]
    assert set(found["rule"]) == {"tenfold_change"}
    assert value_warnings(checked, stored.clear()).is_empty()


def test_one_event_under_two_ids(registers):
    stored = events(
        registers, "E1,2026-10-05,training,beijing,110105,BJ-005,1,1", "E2,2026-10-05,park_show,beijing,,,1,1"
    ).accepted
    checked = events(
        registers,
        "E1,2026-10-05,training,beijing,110105,BJ-005,2,2",
        "E3,2026-10-05,training,beijing,110105,BJ-005,3,3",
        "E4,2026-10-05,park_show,beijing,,,3,3",
        "E5,2026-10-06,park_show,beijing,,,3,3",
    )
    found = event_warnings(checked, stored)
    assert told(found) == [
        (2, "event_twice", "E1", "E3"),
        (3, "event_twice", "E3", "E1"),
        (4, "event_twice", "E4", "E2"),
    ]
    assert event_warnings(checked, stored.clear()).height == 2


def test_a_retired_event_is_no_other_event(registers):
    def gone(frame, *ids):
        day = pl.when(pl.col("event_id").is_in(ids)).then(pl.lit(TODAY))
        return frame.with_columns(retired_on=day)

    two = ("E1,2026-10-05,training,beijing,110105,BJ-005,1,1", "E2,2026-10-06,training,beijing,110105,BJ-005,90,9")
    stored = events(registers, *two).accepted
    again = events(registers, "E3,2026-10-05,training,beijing,110105,BJ-005,1,1")
    assert told(event_warnings(again, stored)) == [(2, "event_twice", "E3", "E1")]
    assert event_warnings(again, gone(stored, "E1")).is_empty()
    retired = replace(again, accepted=gone(again.accepted, "E3"))
    assert event_warnings(retired, stored).is_empty()
    both = events(registers, *two, "E3,2026-10-05,training,beijing,110105,BJ-005,1,1")
    both = replace(both, accepted=gone(both.accepted, "E1"))
    assert event_warnings(both, stored).is_empty()  # the file retires the stored one
    small = events(registers, "E2,2026-10-06,training,beijing,110105,BJ-005,900,9")
    assert history_warnings(small, stored, registers)["rule"].to_list() == ["tenfold_change"]
    assert history_warnings(small, gone(stored, "E2"), registers).is_empty()
    moved = events(registers, "E1,2026-10-07,training,beijing,110105,BJ-005,1,1", two[0].replace("E1", "E4"))
    assert event_warnings(moved, stored).is_empty()  # what the file moves is no longer there


FIGURE = "city_id,territory,indicator_id,period,value,unit,definition,source_title"


def figures(registers, *rows: str):
    return check("figures", "\n".join([FIGURE, *rows]).encode(), "figures.csv", registers, TODAY)


def test_a_figure_is_compared_with_the_last_of_its_series(registers):
    stored = figures(
        registers, "beijing,,gdp,2022,100,亿元,,S", "beijing,,gdp,2024,110,亿元,,S", "beijing,,gdp,2024-06,9,亿元,,S"
    ).accepted
    checked = figures(
        registers,
        "beijing,,gdp,2025,1200,亿元,,S",
        "beijing,,gdp,2023,1000,亿元,,S",
        "beijing,,gdp,2021,9000,亿元,,S",
        "beijing,,gdp,2020,1,EUR,,S",
        "beijing,,gdp,2024-07,10,亿元,,S",
        "beijing,,gdp,2024,11,亿元,,S",
    )
    assert value_warnings(checked, stored).select("line", "value", "accepted").rows() == [
        (2, "1200", "110"),
        (3, "1000", "100"),
        (7, "11", "110"),
    ]


def test_the_way_in_for_every_data_set(registers, survey):
    checked = events(registers, "E1,2026-10-05,training,beijing,,,1,1", "E2,2026-10-05,training,beijing,,,1,1")
    assert set(history_warnings(checked, checked.accepted.clear(), registers)["rule"]) == {"event_twice"}
    answered = sent(survey, ("2026-10", "BJ-005", "ssssss"))
    assert history_warnings(answered, NOBODY, survey)["rule"].to_list() == ["straight_line"]
    parks = check(
        "parks", b"park_id,name_zh,city_id\nBJ-900,\xe6\x96\xb0\xe5\x9b\xad,beijing\n", "p.csv", registers, TODAY
    )
    assert history_warnings(parks, parks.accepted, registers).is_empty()
    nothing = events(registers, "E1,2026-13-05,training,beijing,,,1,1")
    assert history_warnings(nothing, checked.accepted, registers).is_empty()
