"""The page of the prosperity index: the bulletin's sentence, the items, the months, and the month one chooses."""

from __future__ import annotations

import polars as pl
import pytest

from data import registry
from indicators.balance import half_up
from indicators.prosperity import prosperity_index, sub_indices
from indicators.rebase import changes

MONTHLY = pl.col("questionnaire_id") == "monthly"
ITEMS = ("item_id", "direction", "weight")

pytestmark = pytest.mark.usefixtures("demo")


@pytest.fixture
def index(demo, monthly):
    answers = monthly().filter(pl.col("city_id") == "beijing").collect()
    items = registry.survey_items().filter(MONTHLY).select(ITEMS)
    return changes(prosperity_index(answers, items, ["period"]), "prosperity_index", []).sort("period")


def published(value: float) -> str:
    return f"{half_up(value, 1)}"


def test_the_sentence_says_value_change_and_side(look, index):
    now = index.row(-1, named=True)
    said = look("prosperity", lang="zh").markdown[0].value
    assert said.startswith(
        f"2026年10月,北京园区景气指数为{published(now['prosperity_index'])},"
        f"比上月上升{published(now['change_month'])}个百分点,高于临界点。"
    )


def test_an_earlier_month_is_chosen_in_the_box_and_kept_in_the_address(look, screen, index):
    at = look("prosperity", lang="en", month="2024-02")
    row = index.filter(pl.col("period") == pl.date(2024, 2, 1)).row(0, named=True)
    assert published(row["prosperity_index"]) in at.markdown[0].value
    assert at.markdown[0].value.startswith("In Feb 2024 ")
    assert at.query_params == {"lang": "en", "month": "2024-02"}
    months = screen(at).table("Month", "Index")
    assert months["Month"].to_list()[0] == "2024-02"
    assert months.height == 13
    at.selectbox(key="month").select("2026-10").run()
    assert at.query_params == {"lang": "en"}


def test_a_month_that_is_not_on_record_is_the_newest(look):
    at = look("prosperity", lang="en", month="1999-01")
    assert not at.exception
    assert "Oct 2026" in at.title[0].value


def test_the_items_are_those_of_the_sub_indices(demo, look, screen, monthly):
    answers = monthly().filter(pl.col("city_id") == "beijing").collect()
    items = registry.survey_items().filter(MONTHLY)
    expected = sub_indices(answers, items.select(ITEMS), ["period"]).filter(pl.col("period") == pl.date(2026, 10, 1))
    names = dict(items.select("item_id", "name_en").iter_rows())
    by_name = {names[row["item_id"]]: row for row in expected.to_dicts()}
    table = screen(look("prosperity", lang="en")).table("Item", "Weight")
    assert table.height == items.height
    for row in table.to_dicts():
        known = by_name[row["Item"]]
        assert row["Index"] == float(half_up(known["diffusion_index"], 1))
        assert row["Valid answers"] == known["n"]
        assert row["Up / favourable %"] == float(half_up(known["up_pct"], 1))


def test_thirteen_months_newest_first_with_their_changes(look, screen, index):
    table = screen(look("prosperity", lang="en")).table("Month", "Index")
    assert table["Month"].to_list()[0] == "2026-10"
    assert table["Month"].to_list()[-1] == "2025-10"
    known = index.tail(13).reverse()
    assert table["Index"].to_list() == [float(half_up(value, 1)) for value in known["prosperity_index"]]
    assert table["On the year"].to_list() == [float(half_up(value, 1)) for value in known["change_year"]]
    assert table["Parks answered"].to_list() == known["n_parks"].to_list()


def test_the_first_month_has_no_change_and_no_zero_for_it(look, screen):
    at = look("prosperity", lang="en", month="2022-01")
    assert not at.exception
    table = screen(at).table("Month", "Index")
    assert table.height == 1
    assert table["On the month"].to_list() == [None]
    assert "no comparable" in at.markdown[0].value or "previous month" in at.markdown[0].value
