"""The adjusted index is the weighted sum of the adjusted questions."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from indicators.frames import ContractError
from indicators.methods import run
from indicators.prosperity import WeightError
from indicators.seasonal.components import SeasonalError
from indicators.seasonal.indirect import adjusted_composite
from indicators.seasonal.policy import seasonally_adjusted

PLAIN = {"engine": "structural"}
ITEMS = pl.DataFrame({"item_id": ["rent", "jobs", "mood"], "direction": [1, -1, 1], "weight": [0.7, 0.3, 0.0]})


@pytest.fixture
def questions(simulate):
    def build(months=48):
        frames = [
            simulate(seed, months).frame.rename({"value": "diffusion_index"}).with_columns(item_id=pl.lit(item))
            for seed, item in enumerate(("rent", "jobs", "mood"), 1)
        ]
        return pl.concat(frames)

    return build


def test_the_parts_are_weighted_sums(questions):
    frame = questions()
    result = adjusted_composite(frame, ITEMS, **PLAIN)
    each = seasonally_adjusted(frame, "diffusion_index", "item_id", **PLAIN)
    for column in ("adjusted", "seasonal_factor", "festival_effect", "outlier_effect"):
        rent, jobs = (each.filter(pl.col("item_id") == item)[column] for item in ("rent", "jobs"))
        assert result[column].to_list() == pytest.approx((0.7 * rent + 0.3 * jobs).to_list())
    rest = result["prosperity_index"] - result["seasonal_factor"] - result["festival_effect"]
    assert result["adjusted"].to_list() == pytest.approx(rest.to_list())
    assert result.select("status", "engine").unique().rows() == [("adjusted", "structural")]


def test_a_short_series_has_the_index_only(questions):
    result = adjusted_composite(questions(12), ITEMS)
    assert result["prosperity_index"].null_count() == 0
    assert result["adjusted"].null_count() == result["engine"].null_count() == 12
    assert result["status"].unique().to_list() == ["not_adjusted_short"]


def test_groups_keep_apart(questions):
    both = pl.concat([questions(30).with_columns(city_id=pl.lit("a")), questions(12).with_columns(city_id=pl.lit("b"))])
    result = adjusted_composite(both, ITEMS, "city_id", **PLAIN)
    assert result.columns[:3] == ["period", "city_id", "prosperity_index"]
    assert result.group_by("city_id").agg(pl.col("status").first()).sort("city_id").rows() == [
        ("a", "experimental"),
        ("b", "not_adjusted_short"),
    ]
    alone = adjusted_composite(questions(30), ITEMS, **PLAIN)
    assert result.filter(pl.col("city_id") == "a")["adjusted"].to_list() == pytest.approx(alone["adjusted"].to_list())


def test_a_missing_question_is_refused_by_name_and_month(questions):
    frame = questions(30)
    february = (pl.col("period") == date(2020, 2, 1)) & (pl.col("item_id") == "jobs")
    with pytest.raises(
        SeasonalError, match="question 'jobs' has no row for 2020-02; accepted: every weighted question"
    ):
        adjusted_composite(frame.filter(~february), ITEMS)
    with pytest.raises(SeasonalError, match="question 'jobs' has no row for 2019-01 and 29 more"):
        adjusted_composite(frame.filter(pl.col("item_id") != "jobs"), ITEMS)
    hollow = frame.with_columns(pl.when(~february).then("diffusion_index").alias("diffusion_index"))
    with pytest.raises(SeasonalError, match="item_id jobs: 2020-02 has no value"):
        adjusted_composite(hollow, ITEMS)
    assert adjusted_composite(frame.filter(pl.col("item_id") != "mood"), ITEMS, **PLAIN).height == 30


def test_weights_that_do_not_sum_to_one_are_refused(questions):
    with pytest.raises(WeightError, match=r"the weights sum to 0\.3"):
        adjusted_composite(questions(3), ITEMS.filter(pl.col("item_id") != "rent"))


def test_the_command_line_refuses_two_weights_of_one_question():
    rows = pl.DataFrame(
        {
            "period": ["2026-01", "2026-02"],
            "item_id": ["rent", "rent"],
            "diffusion_index": ["50", "51"],
            "item_weight": ["1", "0.9"],
        }
    )
    with pytest.raises(ContractError, match="question 'rent' has more than one weight"):
        run("adjusted_composite", rows)
    assert run("adjusted_composite", rows.with_columns(item_weight=pl.lit("1")))["prosperity_index"].to_list() == [
        50,
        51,
    ]
