"""The special surveys of the demonstration: waves, parks and answers that fit, and findings that can be told."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from data import registry
from data.demo.parks import demo_parks, sample_parks
from data.demo.special import SURVEYS, special_rows
from data.demo.survey import memberships

SHIPPED = Path(registry.__file__).parent / "demo"
SEED = 20220101
WAVES = {"digitalisation": ["2025-06", "2026-06"], "rent_relief": ["2022-06", "2022-12", "2023-06"]}


def read(questionnaire: str) -> pl.DataFrame:
    return pl.read_csv(SHIPPED / f"survey_{questionnaire}.csv", infer_schema=False)


@pytest.fixture(scope="module")
def parks():
    return demo_parks(registry.parks(), sample_parks(registry.parks(), registry.districts(), SEED))


@pytest.mark.parametrize("questionnaire", WAVES)
def test_waves_columns_and_answers_are_those_of_the_registers(questionnaire):
    rows, items = read(questionnaire), registry.survey_items(questionnaire)
    assert rows.columns == ["月份", "园区编号", "园区名称", *items["name_zh"], "合成数据"]
    assert rows["月份"].unique().sort().to_list() == WAVES[questionnaire]
    assert rows.select("月份", "园区编号").is_duplicated().sum() == 0
    for name, scale in items.select("name_zh", "scale_id").iter_rows():
        labels = set(registry.survey_answers(scale)["label_zh"])
        assert set(rows[name].drop_nulls()) <= labels
        assert rows[name].n_unique() > 2


@pytest.mark.parametrize("questionnaire", WAVES)
def test_the_parks_are_those_of_the_monthly_survey_while_they_belong_to_it(questionnaire, parks):
    spans = {span.park.park_id: span for span in memberships(parks, SEED)}
    for wave, park_id in read(questionnaire).select("月份", "园区编号").iter_rows():
        assert spans[park_id].first.strftime("%Y-%m") <= wave <= spans[park_id].last.strftime("%Y-%m")
    for _, rows in read(questionnaire).group_by("月份"):
        assert 0.6 <= rows.height / 149 <= 0.9


def share(rows: pl.DataFrame, wave: str, name: str, *answers: str) -> float:
    given = rows.filter(pl.col("月份") == wave)[name].drop_nulls()
    return given.is_in(list(answers)).mean()


def test_digitalisation_moves_on():
    rows = read("digitalisation")
    for name in ("数字化管理平台", "智慧门禁与停车", "能耗在线计量", "线上招商与签约"):
        before, after = (share(rows, wave, name, "全面应用", "部分应用") for wave in WAVES["digitalisation"])
        assert after > before


def test_relief_comes_peaks_and_names_no_bearer_where_none_was_granted():
    rows = read("rent_relief")
    first, second, third = (share(rows, w, "减免落实情况", "已全部减免", "已部分减免") for w in WAVES["rent_relief"])
    assert first < third < second
    waiting = rows.filter(pl.col("减免落实情况").is_in(["正在办理", "未减免"]))
    assert waiting.height > 50
    assert waiting["减免成本承担方"].null_count() == waiting["减免覆盖面"].null_count() == waiting.height


def test_the_same_seed_gives_the_same_rows(parks):
    items = registry.survey_items("digitalisation")
    names = dict(items.select("item_id", "name_zh").iter_rows())
    scales = items.join(registry.answer_scales(), on="scale_id")
    labels = {(item, code): label for item, code, label in scales.select("item_id", "answer", "label_zh").iter_rows()}
    once, again = (special_rows("digitalisation", parks, names, labels, 5) for _ in range(2))
    assert once == again
    assert once != special_rows("digitalisation", parks, names, labels, 6)
    assert set(SURVEYS) == set(WAVES)
