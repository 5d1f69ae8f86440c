"""Comparable metrics: one unit, one definition, one span; ratios and changes; goalposts."""

from __future__ import annotations

import math

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.cities.metrics import change_values, comparable_values, ratio_figures, round_goalposts
from indicators.frames import ContractError

UN = "Urban agglomeration"


def figure(city, indicator, period, value, **more):
    row = {"city_id": city, "territory": "city", "indicator_id": indicator, "period": str(period)}
    row |= {"value": float(value), "unit": "persons", "definition": None, "trust": "A"}
    row |= {"source_title": "office", "source_url": "https://a.example"}
    return row | more


def table(*rows):
    return pl.DataFrame(list(rows), schema_overrides={"definition": pl.String, "source_url": pl.String})


def taken(values):
    return {(c, i): (p, v) for c, i, p, v in values.select("city_id", "indicator_id", "period", "value").iter_rows()}


RATIO = pl.DataFrame(
    {"indicator_id": ["rate"], "numerator_id": ["jobless"], "denominator_id": ["people"], "factor": [1000.0],
     "unit": ["per 1000"]}
)  # fmt: skip


def test_the_span_with_most_cities_wins_over_the_newest_figure():
    rows = table(figure("a", "x", 2023, 9), *(figure(c, "x", y, y) for c in "abc" for y in (2016, 2017)))
    assert taken(comparable_values(rows)) == {(c, "x"): ("2017", 2017.0) for c in "abc"}


@pytest.mark.parametrize(("gap", "expected"), [(0, {"a"}), (2, {"a"}), (3, {"a", "b"})])
def test_figures_further_apart_than_the_gap_are_not_compared(gap, expected):
    rows = table(figure("a", "x", 2020, 1), figure("b", "x", 2017, 2))
    assert set(comparable_values(rows, max_gap=gap)["city_id"]) == expected


def test_units_and_definitions_are_never_mixed():
    rows = table(
        figure("a", "x", 2020, 1, unit="CNY"), figure("b", "x", 2020, 2, unit="EUR"), figure("c", "x", 2020, 3),
        figure("d", "x", 2020, 4), figure("a", "y", 2020, 5, definition="NBS definition"),
        figure("b", "y", 2020, 6, definition="local definition"),
        figure("c", "y", 2020, 7, definition="NBS definition"),
    )  # fmt: skip
    assert taken(comparable_values(rows)) == {
        ("c", "x"): ("2020", 3.0), ("d", "x"): ("2020", 4.0), ("a", "y"): ("2020", 5.0), ("c", "y"): ("2020", 7.0),
    }  # fmt: skip
    assert taken(comparable_values(rows, focal="b")) == {
        ("b", "x"): ("2020", 2.0), ("b", "y"): ("2020", 6.0),
    }  # fmt: skip


def test_a_figure_that_states_no_definition_joins_a_stated_one():
    rows = table(
        figure("a", "x", 2020, 1, definition="registered"), figure("b", "x", 2020, 2), figure("a", "x", 2020, 8)
    )
    assert taken(comparable_values(rows)) == {("a", "x"): ("2020", 1.0), ("b", "x"): ("2020", 2.0)}


def test_whole_cities_only_and_harmonised_areas_among_themselves():
    rows = table(
        figure("a", "x", 2020, 1, territory="a museum"), figure("a", "y", 2020, 2, territory="whole a"),
        figure("b", "y", 2020, 3, territory="whole b"), figure("a", "y", 2020, 4, territory=UN),
        figure("b", "y", 2020, 5, territory=UN), figure("c", "y", 2020, 6, territory=UN),
    )  # fmt: skip
    found = comparable_values(rows, {"a": "whole a", "b": "whole b", "c": "whole c"}, [UN])
    assert taken(found) == {("a", "y"): ("2020", 4.0), ("b", "y"): ("2020", 5.0), ("c", "y"): ("2020", 6.0)}
    assert found["n_cities"].to_list() == [3, 3, 3]


def test_old_figures_months_and_parts_of_a_year_do_not_count():
    rows = table(
        figure("a", "x", 1990, 1),
        figure("a", "y", "2020-05", 2),
        figure("a", "z", 2020, 3, definition="Jan-Jun", unit="CNY"),
    )
    assert comparable_values(rows, not_before=2010).is_empty()
    assert comparable_values(rows)["indicator_id"].to_list() == ["x"]


def test_a_negative_gap_is_refused():
    with pytest.raises(ContractError, match="max_gap -1"):
        comparable_values(table(figure("a", "x", 2020, 1)), max_gap=-1)


def test_ratios_take_one_year_and_territory_and_name_both_sources():
    rows = table(
        figure("a", "jobless", 2024, 30, trust="B", definition="registered"),
        figure("a", "people", 2024, 600, source_title="census", source_url=None, definition="31 Dec"),
        figure("a", "people", 2023, 10), figure("b", "jobless", 2024, 5), figure("b", "people", 2024, 0),
        figure("c", "jobless", 2024, 5), figure("c", "people", 2024, 50, territory="district"),
    )  # fmt: skip
    [row] = ratio_figures(rows, RATIO).rows(named=True)
    assert (row["city_id"], row["value"], row["unit"], row["trust"]) == ("a", 50.0, "per 1000", "B")
    assert (row["source_title"], row["source_url"]) == ("office | census", "https://a.example | ")
    assert row["definition"] == "registered"


def test_a_ratio_of_one_source_names_it_once():
    rows = table(figure("a", "jobless", 2024, 30), figure("a", "people", 2024, 600))
    row = ratio_figures(rows, RATIO).row(0, named=True)
    assert (row["source_title"], row["source_url"], row["definition"]) == ("office", "https://a.example", None)


def test_changes_stop_at_the_compared_year_and_at_level_breaks():
    rows = table(
        *(figure("a", "x", y, v) for y, v in ((2007, 100), (2012, 150), (2017, 300), (2023, 999))),
        figure("b", "x", 2012, 100), figure("b", "x", 2017, 200, definition="2015 jump = new register"),
    )  # fmt: skip
    values = comparable_values(rows)
    assert taken(values)["a", "x"] == ("2017", 300.0)
    changes = change_values(rows, values, (5, 10))
    assert taken(changes) == {("a", "x~5"): ("2012–2017", 100.0), ("a", "x~10"): ("2007–2017", 200.0)}
    assert changes["unit"].to_list() == ["%", "%"]


def test_no_figures_give_no_metrics():
    nothing = table(figure("a", "x", 2020, 1)).clear()
    values = comparable_values(nothing)
    assert values.is_empty()
    assert change_values(nothing, values).is_empty()
    assert ratio_figures(nothing, RATIO).is_empty()


@given(
    low=st.floats(-1e9, 1e9).filter(lambda x: abs(x) > 1e-6 or x == 0),
    spread=st.floats(1e-3, 1e9),
)
def test_goalposts_hold_the_range_with_at_most_a_step_to_spare(low, spread):
    high = low + spread
    a, b = round_goalposts(low, high)
    room = 2.001 * (high - low) / 10 * 2.5 + 1e-6
    assert a <= low + 1e-6
    assert high <= b + 1e-6
    assert low - a <= room
    assert b - high <= room
    assert all(map(math.isfinite, (a, b)))


@settings(deadline=None, max_examples=25)
@given(order=st.permutations(range(6)))
def test_the_order_of_rows_decides_nothing(order):
    rows = [figure(c, "x", y, i, definition=d) for i, (c, y, d) in enumerate(
        [("a", 2020, None), ("a", 2019, "k"), ("b", 2020, "k"), ("b", 2018, None), ("c", 2020, "l"), ("c", 2020, "k")]
    )]  # fmt: skip
    whole = comparable_values(table(*rows))
    assert comparable_values(table(*(rows[i] for i in order))).equals(whole)
