"""One index from several: arithmetic, geometric, present with expected; weights that do not add up are refused."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.composite import SCALES, composite, current_expected
from indicators.frames import ContractError
from indicators.prosperity import WeightError

small = settings(max_examples=30, deadline=None)

HALVES = pl.DataFrame({"component_id": ["now", "ahead"], "weight": [0.5, 0.5]})


def parts(*values: float | None, period: str = "2026-10") -> pl.DataFrame:
    names = ["now", "ahead"][: len(values)]
    columns = {"period": [period] * len(values), "component_id": names, "value": list(values)}
    return pl.DataFrame(columns, schema_overrides={"value": pl.Float64})


def test_the_tie_of_february_2017_is_published_half_up():
    values = {"orders": 53.0, "output": 53.7, "jobs": 49.7, "delivery": 50.5, "stocks": 48.6}
    frame = pl.DataFrame({"period": ["2017-02"] * 5, "component_id": list(values), "value": list(values.values())})
    weights = pl.DataFrame(
        {"component_id": list(values), "weight": [0.3, 0.25, 0.2, 0.15, 0.1], "direction": [1, 1, 1, -1, 1]}
    )
    assert composite(frame, weights, places=1)["composite"].item() == 51.6
    assert composite(frame, weights)["composite"].item() == pytest.approx(51.55, abs=1e-12)


@small
@given(st.floats(-100, 100), st.floats(-100, 100))
def test_the_geometric_mean_is_the_climate_formula_and_below_the_arithmetic(now, ahead):
    geometric = composite(parts(now, ahead), HALVES, "geometric", scale="balance")["composite"].item()
    assert geometric == pytest.approx(((now + 200) * (ahead + 200)) ** 0.5 - 200, abs=1e-9)
    assert geometric <= (now + ahead) / 2 + 1e-9


@small
@given(st.floats(-100, 100), st.floats(-100, 100), st.sampled_from(["arithmetic", "geometric"]))
def test_the_three_scales_give_one_result(now, ahead, kind):
    balance = composite(parts(now, ahead), HALVES, kind, scale="balance")["composite"].item()
    for scale, (low, high) in SCALES.items():
        half = (high - low) / 200
        moved = [min(max((value + 100) * half + low, low), high) for value in (now, ahead)]
        result = composite(parts(*moved), HALVES, kind, scale=scale)["composite"].item()
        assert result == pytest.approx((balance + 100) * half + low, abs=1e-9)


@pytest.mark.parametrize(("scale", "turned"), [("0-100", 70.0), ("balance", -30.0), ("0-200", 170.0)])
def test_an_inverse_component_is_turned_on_its_own_scale(scale, turned):
    weights = pl.DataFrame({"component_id": ["now"], "weight": [1.0], "direction": [-1]})
    assert composite(parts(30.0), weights, scale=scale)["composite"].item() == turned


def test_a_missing_component_leaves_no_composite():
    frame = pl.concat([parts(50.0, None), parts(50.0, period="2026-11"), parts(50.0, 60.0, period="2026-12")])
    result = composite(frame, HALVES)
    assert result["composite"].to_list() == [None, None, 55.0]
    assert result["n_components"].to_list() == [1, 1, 2]
    assert (
        composite(frame, pl.DataFrame({"component_id": ["other"], "weight": [1.0]}))["n_components"].to_list()
        == [0] * 3
    )
    assert composite(frame.clear(), HALVES, places=1).is_empty()


def test_components_without_weight_need_no_value():
    weights = pl.DataFrame({"component_id": ["now", "ahead"], "weight": [1.0, 0.0]})
    assert composite(parts(50.0, None), weights)["composite"].item() == 50.0


@pytest.mark.parametrize(
    ("weights", "error", "sentence"),
    [
        (
            {"weight": [0.5, 0.6]},
            WeightError,
            r"the weights sum to 1\.1 \(now 0\.5, ahead 0\.6\); accepted: a sum of 1",
        ),
        ({"weight": [0.5, None]}, ContractError, "component 'ahead' has no weight; accepted: 0 to 1"),
        ({"weight": [0.5, 0.5], "direction": [1, None]}, ContractError, "component 'ahead' has no direction; accepted"),
        ({"weight": [0.5, 0.5], "direction": [1, 2]}, ContractError, "column direction, row 2: 2 is not accepted"),
    ],
)
def test_wrong_weights_are_refused_by_name(weights, error, sentence):
    with pytest.raises(error, match=sentence):
        composite(parts(50.0, 50.0), pl.DataFrame({"component_id": ["now", "ahead"]} | weights))


def test_wrong_components_and_choices_are_refused():
    with pytest.raises(
        ContractError, match="component 'ahead' has the value 101; accepted: 0 to 100 on the scale 0-100"
    ):
        composite(parts(50.0, 101.0), HALVES)
    with pytest.raises(ContractError, match="'2026-10', 'now' was given in an earlier row"):
        composite(pl.concat([parts(50.0), parts(50.0)]), HALVES)
    with pytest.raises(ContractError, match="kind 'harmonic' is not accepted; accepted: arithmetic, geometric"):
        composite(parts(50.0, 50.0), HALVES, "harmonic")
    with pytest.raises(ContractError, match="scale 'index' is not accepted; accepted: 0-100, balance, 0-200"):
        composite(parts(50.0, 50.0), HALVES, scale="index")
    with pytest.raises(ContractError, match="column quarter is missing"):
        composite(parts(50.0, 50.0), HALVES, by="quarter")


def test_present_and_expected_in_one():
    assert current_expected(100.0, 110.0) == pytest.approx(106)
    frame = pl.DataFrame({"now": [100.0, None], "ahead": [110.0, 120.0]})
    assert frame.select(both=current_expected(pl.col("now"), pl.col("ahead"), 0.5))["both"].to_list() == [105.0, None]
    with pytest.raises(WeightError, match=r"share 1\.5 is not accepted; accepted: 0 to 1"):
        current_expected(1.0, 2.0, 1.5)
