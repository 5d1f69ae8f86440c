"""The page of the prosperity index: the bulletin's sentence, the items, the months, and the month one chooses."""

from __future__ import annotations

import re

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
        f"2026年10月，北京园区景气指数为{published(now['prosperity_index'])}，"
        f"比上月上升{published(now['change_month'])}个百分点，高于临界点。"
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


@pytest.fixture
def frame(demo, stored):
    rows = stored().parks().filter((pl.col("city_id") == "beijing") & pl.col("district_code").is_not_null())
    return rows.select("park_id", "district_code").collect()


def test_responses_are_accounted_for_by_district_and_item(demo, look, screen, monthly, frame):
    answers = monthly().filter((pl.col("city_id") == "beijing") & (pl.col("period") == pl.date(2026, 10, 1))).collect()
    valid = answers.drop_nulls("answer")
    table = screen(look("prosperity", lang="en")).table("District", "Parks invited")
    rows = {row["District"]: row for row in table.to_dicts()}
    names = dict(registry.districts().select("district_code", "name_en").iter_rows())
    items = dict(registry.survey_items().filter(MONTHLY).select("item_id", "name_en").iter_rows())
    assert set(rows) == {"Total", *(names[code] for code in frame["district_code"].unique())}
    for code, name in [*((code, names[code]) for code in frame["district_code"].unique()), (None, "Total")]:
        parks = frame if code is None else frame.filter(pl.col("district_code") == code)
        given = valid if code is None else valid.filter(pl.col("district_code") == code)
        n, row = given["park_id"].n_unique(), rows[name]
        assert (row["Parks in the frame"], row["Parks invited"], row["Parks answered"]) == (parks.height,) * 2 + (n,)
        assert row["Response rate %"] == float(half_up(100 * n / parks.height, 1))
        for item, label in items.items():
            assert row[label] == given.filter(pl.col("item_id") == item)["park_id"].n_unique()


def test_the_item_table_says_how_many_of_those_who_answered_answered_the_item(demo, look, screen, monthly):
    answers = monthly().filter((pl.col("city_id") == "beijing") & (pl.col("period") == pl.date(2026, 10, 1))).collect()
    valid = answers.drop_nulls("answer")
    row = screen(look("prosperity", lang="en")).table("Item", "Item response %").row(0, named=True)
    item = registry.survey_items().filter(MONTHLY & (pl.col("name_en") == row["Item"]))["item_id"].item()
    given = valid.filter(pl.col("item_id") == item)["park_id"].n_unique()
    assert row["Item response %"] == float(half_up(100 * given / valid["park_id"].n_unique(), 1))


def test_the_page_says_which_weights_of_the_parks_there_are_and_why_area_is_none(look):
    told = [caption.value for caption in look("prosperity", lang="en").caption if "Not by area" in caption.value]
    assert len(told) == 1
    assert "of 98 parks have enterprises on record" in told[0]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("page", ["overview", "prosperity", "surveys", "events", "clustering", "cities", "parks"])
def test_no_table_has_a_raw_field_name_or_code(look, screen, page, language):
    raw = re.compile(r"[a-z0-9]+(_[a-z0-9]+)+")
    for table in screen(look(page, lang=language, **{"as": "analyst"})).tables():
        assert [column for column in table.columns if raw.fullmatch(column)] == []
        coded = [column for column in table.columns if "code" not in column.lower() and "代码" not in column]
        cells = [cell for column in coded for cell in table[column].unique() if isinstance(cell, str)]
        assert [cell for cell in cells if raw.fullmatch(cell)] == []
