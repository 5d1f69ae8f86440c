"""Lines of published figures: what is never joined, where a line is cut, which changes are refused."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from data import registry
from indicators.cities.comparability import COLUMNS, PAIR, ComparabilityError, chosen
from indicators.cities.lines import (
    LINE,
    changes_over,
    figure_lines,
    left_out,
    level_breaks,
    require_one_basis,
    year_on_year,
)  # fmt: skip
from indicators.frames import FIGURES, ContractError

FACTS = Path(__file__).parents[3].parent / "shared" / "facts" / "city_figures.csv"
small = settings(max_examples=40, deadline=None)


def figure(period: str, value: float = 1.0, **other: str | None) -> dict:
    row = dict.fromkeys(FIGURES.schema, "x") | {"city_id": "ruhr", "indicator_id": "gdp", "trust": "A", "unit": "EUR"}
    return row | {"period": period, "value": value, "definition": None} | other


def figures_of(*rows: dict) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=FIGURES.schema)


def register(city: str, indicator: str, *extra: dict) -> pl.DataFrame:
    """The shipped figures of a pair, and rows a user might add."""
    rows = chosen(registry.city_figures().select(list(FIGURES.schema)), [city], [indicator])
    return pl.concat([rows, figures_of(*extra).select(rows.columns)]) if extra else rows


rows = st.builds(
    figure,
    st.sampled_from(["2004", "2005", "2006", "2010", "2005-06"]),
    st.sampled_from([1.0, 2.0, 0.0]),
    city_id=st.sampled_from(["ruhr", "shenzhen"]),
    territory=st.sampled_from(["city", "region"]),
    unit=st.sampled_from(["EUR", "%"]),
    definition=st.sampled_from([
        None, "local definition", "NBS definition", "rounded", "Jan-Jun", "new vintage",
        "current prices; LEVEL BREAK 2004/2005 (+44.6%): census", "2005 jump = registration",
    ]),
    trust=st.sampled_from(["A", "B", "seed"]),
)  # fmt: skip
tables = st.lists(rows, max_size=20).map(lambda given_rows: figures_of(*given_rows))


@small
@given(tables, st.integers(0, 5))
def test_every_figure_is_in_one_line_or_left_out_whatever_the_order(figures, seed):
    lines, others = figure_lines(figures), left_out(figures)
    assert lines.height + others.height == figures.height
    both = pl.concat([lines.select(COLUMNS), others.select(COLUMNS)]).sort(pl.all())
    assert_frame_equal(both, figures.select(COLUMNS).sort(pl.all()))
    assert_frame_equal(figure_lines(figures.sample(fraction=1, shuffle=True, seed=seed)), lines)


@small
@given(tables)
def test_a_line_holds_one_of_everything(figures):
    lines = figure_lines(figures)
    for name in ("territory", "unit", "basis", "counted"):
        assert (lines.group_by(LINE).agg(pl.col(name).n_unique())[name] == 1).all()
    assert not lines.select([*LINE, "period"]).is_duplicated().any()
    assert (lines["period"].str.len_chars() == 4).all()
    assert lines.filter(pl.col("basis") == "national", pl.col("definition").str.contains("local")).is_empty()
    alone = lines.group_by(PAIR).agg(pl.col("line").n_unique(), pl.col("apart").null_count(), pl.len())
    assert ((alone["line"] == 1) == (alone["apart"] == alone["len"])).all()


@small
@given(tables, st.sampled_from(["2004", "2006", "2010"]))
def test_a_change_never_crosses_a_break(figures, year):
    breaks = pl.DataFrame({"city_id": ["ruhr"], "indicator_id": ["gdp"], "period": [year], "reason": ["moved"]})
    moved = changes_over(figures, breaks=breaks).filter(pl.col("change").is_not_null())
    for row in moved.filter(pl.col("city_id") == "ruhr").iter_rows(named=True):
        assert not row["period_from"] < year <= row["period"]
    assert moved["reason"].null_count() == moved.height
    assert not moved["change"].is_infinite().any()
    assert (moved["period"].cast(pl.Int64) - moved["period_from"].cast(pl.Int64) == moved["years"]).all()


def test_shenzhen_gdp_growth_of_2005_is_refused_and_marked():
    figures = register("shenzhen", "gdp")
    lines = figure_lines(figures)
    assert lines["line"].unique().to_list() == [1]
    assert lines.filter(pl.col("segment") == 1)["period"].to_list() == ["2001", "2002", "2003", "2004"]
    (reason,) = lines["break_reason"].drop_nulls()
    assert reason.startswith("LEVEL BREAK 2004/2005 (+44.6%)")
    growth = changes_over(figures, (1,), "2005").row(0, named=True)
    assert growth["change"] is None
    assert growth["value_from"] == 3422.8
    assert growth["reason"].startswith("level_break: LEVEL BREAK 2004/2005")
    assert changes_over(figures, (1,), "2006")["change"].item() == pytest.approx(100 * (5813.56 / 4950.91 - 1))


@small
@given(tables)
def test_year_on_year_is_the_change_over_one_year_of_every_figure(figures):
    every = year_on_year(figures)
    assert every.height == figure_lines(figures).height
    newest = every.filter(pl.col("period") == pl.col("period").max().over(LINE))
    assert_frame_equal(newest, changes_over(figures, (1,)))


def test_each_year_of_shenzhen_has_a_growth_but_those_at_the_break_and_the_start():
    growth = year_on_year(register("shenzhen", "gdp"))
    refused = dict(growth.filter(pl.col("change").is_null()).select("period", "reason").iter_rows())
    assert list(refused) == ["2001", "2005"]
    assert refused["2001"] == "no_figure"
    assert refused["2005"].startswith("level_break: LEVEL BREAK 2004/2005 (+44.6%)")


def test_the_breaks_told_in_the_register():
    breaks = level_breaks(registry.city_figures())
    assert breaks.group_by("period", "indicator_id").len().sort("period", "indicator_id").rows() == [
        ("2005", "gdp", 2), ("2005", "unemployed", 4), ("2019", "establishments_arts", 4),
        ("2019", "establishments_ict", 4), ("2019", "establishments_manufacturing", 4),
        ("2019", "establishments_total", 4),
    ]  # fmt: skip
    assert breaks.drop_nulls("size_pct").select("city_id", "size_pct").rows() == [
        ("guangzhou", 25.2),
        ("shenzhen", 44.6),
    ]


def test_beijing_2023_stands_apart_from_the_older_vintage():
    lines = figure_lines(register("beijing", "gdp"))
    assert lines.group_by("line").agg(pl.col("period").min(), pl.len()).sort("line").rows() == [
        (1, "1999", 19),
        (2, "2023", 1),
    ]
    assert lines["apart"].unique().to_list() == ["vintage"]
    ten = changes_over(register("beijing", "secondary_share_gdp"), (10,)).filter(pl.col("period") == "2023")
    assert ten.select("change", "reason").row(0) == (None, "other_line: vintage")


def test_hangzhou_2015_shows_two_values_never_a_sum_or_mean():
    local = register("hangzhou", "cci_value_added_local").with_columns(indicator_id=pl.lit("culture"))
    national = local.with_columns(value=pl.lit(855.0), definition=pl.lit("NBS definition"))
    both = pl.concat([local, national])
    lines = figure_lines(both)
    assert lines.select("period", "value", "line", "basis", "apart").rows() == [
        ("2015", 855.0, 1, "national", "basis"),
        ("2015", 2232.14, 2, "local", "basis"),
    ]
    with pytest.raises(ComparabilityError, match="national and local definitions must not be mixed: hangzhou"):
        require_one_basis(both)
    assert require_one_basis(local)["basis"].to_list() == ["local"]


def test_shenzhen_local_2018_and_national_2022_are_never_joined():
    figures = registry.city_figures().select(list(FIGURES.schema))
    pair = chosen(figures, ["shenzhen"], ["cci_value_added_local", "culture_value_added"])
    one_name = pair.with_columns(indicator_id=pl.lit("culture"))
    lines = figure_lines(one_name)
    assert lines.select("period", "value", "line", "basis").rows() == [
        ("2022", 2462.03, 1, "national"),
        ("2014", 1553.64, 2, "local"),
        ("2018", 2621.77, 2, "local"),
    ]
    newest = changes_over(one_name, (4, 8)).filter(pl.col("period") == "2022")
    assert newest.select("change", "reason").rows() == [(None, "other_line: basis")] * 2
    with pytest.raises(ComparabilityError, match="mixed"):
        require_one_basis(pair)


def test_chaoyang_park_counts_never_form_a_line():
    territory = "Chaoyang District"
    more = {"city_id": "beijing", "indicator_id": "cultural_parks", "unit": "parks", "territory": territory}
    figures = register(
        "beijing", "cultural_parks",
        figure("2020", 32.0, definition="municipal-level parks located in the district", **more),
        figure("2020", 59.0, definition="converted characteristic parks of the pilot zone", **more),
        figure("2019", 63.0, definition="parks with public culture space", **more),
    )  # fmt: skip
    lines = figure_lines(figures).filter(pl.col("territory") == territory)
    assert sorted(lines["value"]) == [32.0, 59.0, 63.0, 84.0]
    assert lines["line"].n_unique() == 4
    assert set(lines["apart"]) == {"territory; definition"}
    assert changes_over(figures, (1,))["change"].null_count() == changes_over(figures, (1,)).height


def test_half_a_year_never_stands_beside_years():
    half = {"city_id": "beijing", "indicator_id": "culture_revenue_above_size", "unit": "100 million CNY"}
    territory = "Whole municipality (市域)"
    figures = register(
        "beijing",
        "culture_revenue_above_size",
        figure("2022", 7955.3, definition="Jan-Jun", territory=territory, **half),
    )
    assert figure_lines(figures)["period"].to_list() == ["2019", "2021"]
    assert left_out(figures).select("period", "reason").rows() == [("2022", "part_of_year")]


def test_months_are_in_no_annual_line():
    figures = register("pittsburgh", "employment_manufacturing")
    assert figure_lines(figures)["period"].to_list() == ["1970", "1971", "1979", "1990", "2011"]
    assert set(left_out(figures)["reason"]) == {"month"}


def test_two_territories_are_two_lines():
    lines = figure_lines(register("pittsburgh", "population"))
    assert (lines.group_by("line").agg(pl.col("territory").n_unique())["territory"] == 1).all()
    msa = lines.filter(pl.col("territory").str.starts_with("Pittsburgh, PA MSA"), pl.col("period") == "2020")
    assert sorted(msa["value"]) == [2309246.0, 2455372.0]
    assert msa["line"].n_unique() == 2


def test_the_census_base_of_1987_and_2011_are_two_lines():
    lines = figure_lines(register("essen", "population")).filter(pl.col("territory") == "City proper (UNSD)")
    held = lines.group_by("line").agg(pl.col("period")).sort("line")["period"].to_list()
    assert ["1999", "2012"] in held
    assert ["2013"] in held


def test_breaks_given_by_hand():
    figures = figures_of(*(figure(str(year), 100.0 + year - 2000) for year in range(2000, 2006)))
    breaks = pl.DataFrame({"city_id": ["ruhr"] * 2, "indicator_id": ["gdp"] * 2, "territory": ["x", "elsewhere"],
                           "period": ["2002", "2004"], "reason": ["new office", "not here"]})  # fmt: skip
    assert figure_lines(figures, breaks)["segment"].to_list() == [1, 1, 2, 2, 2, 2]
    later = changes_over(figures, (1, 5), breaks=breaks).select("change", "reason").rows()
    assert later[0][0] == pytest.approx(100 * (105 / 104 - 1))
    assert later[1] == (None, "level_break: new office")
    with pytest.raises(ContractError, match="period: '2002-05' is not accepted; accepted: a year"):
        figure_lines(figures, breaks.with_columns(period=pl.lit("2002-05")))


def test_per_cent_move_in_points_and_zero_has_no_per_cent():
    share = figures_of(figure("2010", 40.0, unit="%"), figure("2015", 30.0, unit="%"))
    assert changes_over(share, (5,)).select("change", "change_unit").row(0) == (-10.0, "points")
    assert changes_over(share.with_columns(unit=pl.lit("km2"), value=pl.Series([0.0, 4.0])), (5,))["reason"].item() == (
        "zero"
    )
    for years in ((0,), ()):
        with pytest.raises(ContractError, match="is not accepted; accepted: whole numbers from 1"):
            changes_over(share, years)


def test_no_figures_give_no_rows_of_the_same_columns():
    empty = figures_of()
    some = figures_of(figure("2010"))
    assert figure_lines(empty).schema == figure_lines(some).schema
    assert left_out(empty).schema == left_out(some).schema
    assert changes_over(empty).schema == changes_over(some).schema
    assert level_breaks(empty).schema == level_breaks(some).schema


@pytest.mark.reference
@pytest.mark.skipif(not FACTS.exists(), reason="the facts file is not here")
def test_the_full_file_keeps_chaoyang_hangzhou_and_half_years_apart():
    told = pl.read_csv(FACTS, infer_schema=False).rename({"definition_note": "definition"})
    note = pl.col("definition")
    figures = told.with_columns(
        pl.col("value").cast(pl.Float64), note.str.replace(r"^\[[^\]]*\]\s*", "").alias("definition"), trust=pl.lit("B")
    ).with_columns(pl.when(note != "").then(note).alias("definition"))
    lines = figure_lines(figures)
    assert lines.height + left_out(figures).height == figures.height
    chaoyang = lines.filter(pl.col("indicator_id") == "cultural_parks", pl.col("territory").str.contains("Chaoyang"))
    assert chaoyang.filter(pl.col("territory") == "Chaoyang District")["line"].n_unique() == 2
    assert (lines.group_by(LINE).agg(pl.col("territory").n_unique())["territory"] == 1).all()
    hangzhou = lines.filter(pl.col("city_id") == "hangzhou", pl.col("period") == "2015", pl.col("basis").is_not_null())
    assert sorted(hangzhou.filter(pl.col("unit") == "100 million CNY")["value"]) == [855.0, 2232.14]
    with pytest.raises(ComparabilityError):
        require_one_basis(hangzhou.select(list(FIGURES.schema)))
