"""What the prosperity page says beyond the index: bands, scales, contributions, groups, what-if."""

from __future__ import annotations

import json
import re
from datetime import date

import polars as pl
import pytest

from data import registry
from indicators.prosperity import prosperity_index, sub_indices
from pages.parts.surveys import cached_survey

MONTH = date(2026, 10, 1)
ITEMS = ("item_id", "direction", "weight")

pytestmark = pytest.mark.usefixtures("demo")


@pytest.fixture
def answers(monthly):
    return monthly().filter(pl.col("city_id") == "beijing").collect()


@pytest.fixture
def items():
    return registry.survey_items().filter(pl.col("questionnaire_id") == "monthly").select(ITEMS)


def charts(at) -> list[dict]:
    return [json.loads(chart.proto.spec) for chart in at.get("plotly_chart")]


def test_the_band_encloses_the_index_and_the_index_is_the_headline(look, screen, answers, items):
    table = screen(look("prosperity", lang="en", view="both")).table("Series", "95 % low", "95 % high")
    raw = table.filter(pl.col("Series") == "Raw")
    index = prosperity_index(answers, items, ["period"]).sort("period")
    assert raw.height == index.height
    assert (raw["Value"] - index["prosperity_index"]).abs().max() <= 0.05 + 1e-9
    assert (raw["95 % low"] <= raw["Value"]).all()
    assert (raw["Value"] <= raw["95 % high"]).all()
    assert table.filter(pl.col("Series") == "Seasonally adjusted").height == index.height


@pytest.mark.parametrize(("scale", "factor", "shift"), [("balance", 2, -100), ("0-200", 2, 0)])
def test_a_scale_is_an_exact_conversion_and_stands_under_the_chart(look, screen, scale, factor, shift):
    plain = screen(look("prosperity", lang="en", view="raw")).table("Series", "95 % low", "95 % high")
    at = look("prosperity", lang="en", view="raw", scale=scale)
    other = screen(at).table("Series", "95 % low", "95 % high")
    assert (other["Value"] - (plain["Value"] * factor + shift)).abs().max() <= 0.15 + 1e-9
    assert ("balance −100–100" if scale == "balance" else "0–200") in screen(at).said()


def test_the_contributions_of_the_items_add_up_to_the_change(look, screen, answers, items):
    table = screen(look("prosperity", lang="en")).table("Name", "Contribution (points)")
    index = prosperity_index(answers, items, ["period"]).filter(pl.col("period") <= MONTH).sort("period")
    change = index["prosperity_index"][-1] - index["prosperity_index"][-2]
    assert table["Contribution (points)"].sum() == pytest.approx(change, abs=0.03)
    parts = sub_indices(answers, items, ["period"]).join(items, on="item_id").filter(pl.col("weight") > 0)
    assert table.height == parts["item_id"].n_unique()


@pytest.mark.parametrize("role", ["leadership", "analyst"])
def test_the_waterfall_by_district_ends_in_the_change_and_hides_small_districts(look, screen, answers, items, role):
    at = look("prosperity", lang="en", parts="district_code", **{"as": role})
    index = prosperity_index(answers, items, ["period"]).filter(pl.col("period") <= MONTH).sort("period")
    change = index["prosperity_index"][-1] - index["prosperity_index"][-2]
    bars = next(trace for chart in charts(at) for trace in chart["data"] if trace["type"] == "waterfall")
    assert bars["text"][-1] == f"{change:+.2f}".replace("-", "−")
    names = {name.replace("<br>", " ") for name in bars["y"]}
    assert ("Others (not shown)" in names) == (role == "leadership")
    assert ("Huairou" in names) == (role == "analyst")


def test_small_groups_are_blank_for_leadership_only(look, screen):
    for role, blank in (("leadership", True), ("analyst", False)):
        table = screen(look("prosperity", lang="en", **{"as": role})).table("Group", "Parks in the frame")
        small = table.filter((pl.col("Parks answered") > 0) & (pl.col("Parks answered") < 5))
        assert small.height
        assert (small["Index"].null_count() == small.height) == blank


def test_the_three_cities_stand_side_by_side_but_not_for_an_official(look, screen):
    table = screen(look("prosperity", lang="en", groups="city_id")).table("Group", "Parks in the frame")
    assert set(table["Group"]) == {"Beijing", "Shanghai", "Shenzhen"}
    at = look("prosperity", lang="en", groups="city_id", **{"as": "official"})
    assert not at.exception
    assert screen(at).table("Group", "Parks in the frame").height == 0


def test_the_text_says_when_a_change_is_not_more_than_chance(look):
    said = look("prosperity", lang="zh").markdown[0].value
    assert "答复 73/98 个园区" in said
    assert "与上月无显著差异" in said or "本月变动显著" in said


def test_weights_by_size_change_the_index_and_are_named(look, screen):
    plain = screen(look("prosperity", lang="en", view="raw")).table("Series", "95 % low", "95 % high")
    at = look("prosperity", lang="en", view="raw", weights="sqrt")
    weighed = screen(at).table("Series", "95 % low", "95 % high")
    assert not weighed["Value"].equals(plain["Value"])
    assert "√enterprises" in screen(at).said()


def test_only_who_sees_rows_may_try_other_weights(look):
    assert [e.label for e in look("prosperity", lang="en", **{"as": "analyst"}).expander if "What if" in e.label]
    assert not [e.label for e in look("prosperity", lang="en").expander if "What if" in e.label]


def test_months_with_projected_factors_are_marked_and_said(look, screen):
    at = look("prosperity", lang="en", view="both")
    table = screen(at).table("Series", "Status")
    adjusted = table.filter(pl.col("Series") == "Seasonally adjusted")
    projected = adjusted.filter(pl.col("Status") == "projected factors")
    assert projected["Month"].to_list() == [f"2026-{month:02}" for month in range(1, 11)]
    assert set(adjusted["Status"]) == {"adjusted", "projected factors"}
    assert table.filter(pl.col("Series") == "Raw")["Status"].null_count() == len(set(table["Month"]))
    marks = [note["text"] for note in charts(at)[0]["layout"]["annotations"]]
    assert "projected factors" in marks
    said = screen(at).said()
    assert "from Jan 2026 with factors estimated to Dec 2025 (3 Spring Festivals)" in said
    assert "under 5 festivals, January to March are experimental" in said
    raw = charts(look("prosperity", lang="en", view="raw"))[0]["layout"]["annotations"]
    assert "projected factors" not in [note["text"] for note in raw]


def test_the_festival_of_the_first_year_after_the_estimation_is_not_overdone(look, screen):
    table = screen(look("prosperity", lang="en", view="both")).table("Series", "Status")
    adjusted = table.filter(pl.col("Series") == "Seasonally adjusted").tail(12)["Value"]
    assert adjusted.max() - adjusted.min() < 8
    raw = table.filter(pl.col("Series") == "Raw").tail(12)["Value"]
    assert raw.max() - raw.min() > 12


def test_a_district_with_a_hidden_month_is_not_adjusted_and_says_so(look, screen):
    at = look("prosperity", lang="en", district="110112", view="both")
    assert not at.exception
    assert "not seasonally adjusted: under 24 months, or a month is missing" in screen(at).said()


def test_the_diagnostics_are_read_line_by_line(look, screen):
    at = look("prosperity", lang="en")
    assert not [table for table in screen(at).tables() if "Figure" in table.columns], "nothing is adjusted unasked"
    at.session_state["quality"] = True
    table = screen(at.run()).table("Figure", "How to read it")
    figures = dict(table.select("Figure", "Value").iter_rows())
    assert figures["Estimated to"] == "2025-12"
    assert figures["Spring Festivals estimated from"] == "3"
    assert figures["Status"] == "adjusted"
    assert float(figures["Seasonality p before"]) < 0.05


@pytest.mark.parametrize("page", ["overview", "prosperity"])
@pytest.mark.parametrize("significant", [True, False])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_title_speaks_of_a_rise_or_fall_only_where_it_is_more_than_chance(
    look, screen, monkeypatch, page, significant, language
):
    """The same month of the same answers, with the change test saying the one or the other."""
    plain = cached_survey.significance

    def told(*arguments):
        return plain(*arguments).with_columns(significant=pl.lit(significant))

    monkeypatch.setattr(cached_survey, "significance", told)
    at = look(page, lang=language)
    moved = {"zh": r"回升|回落", "en": r"\b(rose|fell)\b"}[language]
    assert bool(re.search(moved, at.title[0].value)) == significant
    little = {"zh": "基本持平", "en": "little changed"}[language]
    assert (little in at.title[0].value) != significant
    note = {"zh": ("与上月无显著差异", "变动显著"), "en": ("Not distinguishable", "is significant")}[language]
    assert note[significant] in screen(at).said(), "the note stands with the title"
    assert note[not significant] not in screen(at).said()


@pytest.mark.parametrize(("month", "word"), [("2023-02", "rose"), ("2022-11", "fell"), ("2026-10", "little changed")])
def test_the_title_of_a_month_is_what_its_note_says(look, screen, month, word):
    """Without any patch: the reopening of 2023 and the wave before it were more than chance, last October was not."""
    at = look("prosperity", lang="en", month=month)
    assert word in at.title[0].value
    assert ("The change on the month is significant" in screen(at).said()) == (word != "little changed")
