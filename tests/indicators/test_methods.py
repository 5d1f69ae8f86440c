"""Every method runs on a CSV as read, gives the columns it promises, and refuses with a sentence."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from indicators.balance import half_up
from indicators.frames import ContractError
from indicators.methods import METHODS, MethodError, run
from indicators.prosperity import WeightError

GOLDEN = Path(__file__).parents[1] / "golden"
OPTIONS = {
    ("breakdown", "hand"): {"by": "district_code", "minimum": "1"},
    ("breakdown", "hand_all"): {"minimum": "1"},
    ("changes", "hand"): {"value": "index", "by": "city_id"},
    ("composite", "ifo"): {"kind": "geometric", "scale": "balance"},
    ("composite", "kansas_city"): {"scale": "balance"},
    ("composite", "nbs_eci"): {"scale": "0-200", "places": "1"},
    ("composite", "nbs_pmi"): {"places": "1"},
    ("composite", "richmond"): {"scale": "balance"},
    ("frozen_weights", "hand"): {"kind": "sqrt", "cap_pct": "100"},
    ("park_weights", "hand"): {"kind": "size", "cap_pct": "40"},
    ("scales", "dallas"): {"places": "1"},
    ("scales", "pboc"): {"places": "1"},
    ("standard_errors", "hand"): {"strata": "district_code"},
    ("event_counts", "hand"): {"first": "2026-01", "last": "2026-03"},
    ("attendance", "hand"): {"by": "programme_id"},
    ("period_counts", "hand"): {"by": "", "every": "quarter", "first": "2025-11", "last": "2026-03"},
    ("event_calendar", "hand"): {"first": "2026-01-04", "last": "2026-01-06"},
    ("reach", "hand"): {"units": "a,b,c,d", "months": "2"},
    ("event_concentration", "hand"): {"by": "year", "districts": "a,b,c,d"},
    ("activity_and_prosperity", "hand"): {"lags": "0"},
    ("match_scores", "hand"): {"cities": "beijing=北京市"},
    ("scorecard", "hand"): {"minimum": "2"},
    ("group_contributions", "hand"): {"by": "district_code", "minimum": "1"},
    ("hexagons", "hand"): {"epsg": "32650", "side_m": "500"},
    ("dbscan", "hand"): {"eps_m": "300", "minimum": "4"},
    ("hot_spots", "hand"): {"level": "0.2"},
    ("local_statistics", "six_points"): {"distance_m": "15", "coordinates": "metres", "weights": "row"},
    ("survival_curve", "freireich_1963"): {"by": "treatment"},
    ("survival_test", "freireich_1963"): {"by": "treatment"},
    ("location_quotients", "hand_employees"): {"measure": "employees"},
    ("location_quotients", "hand_class"): {"class_column": "ownership", "class_value": "private", "base": "all"},
    ("group_coagglomeration", "hand"): {"industries": "a,b", "minimum": "1"},
    ("k_density", "hand"): {"reach_m": "400", "step_m": "400"},
    ("park_linkage", "hand"): {"chains": "a>b"},
    ("relative_density", "hand"): {"industry": "a", "reach_m": "200", "step_m": "100", "draws": "0"},
    ("share_indices", "hand"): {"by": "district_code"},
    ("cluster_stars", "hand"): {"top_pct": "40"},
    ("location_quotients", "bls_qcew_2016_q4"): {"measure": "employees"},
    ("runs", "hand"): {"value": "index", "places": "1"},
    ("latest_figures", "hand"): {"cities": "alpha, beta", "territories": "alpha=whole"},
    ("aggregated_values", "copeland"): {"kind": "copeland"},
    ("aggregated_values", "gmean"): {"kind": "geometric"},
    ("aggregated_values", "hmean"): {"kind": "harmonic"},
    ("changes_over_years", "shenzhen_2005"): {"not_after": "2005"},
    ("derived_weights", "shuai_2012"): {"kind": "variation"},
    ("derived_weights", "tus_2019"): {"kind": "critic"},
    ("human_development", "undp_2021"): {"places": "3"},
    ("multi_criteria_scores", "papathanasiou_2018"): {"kind": "vikor", "majority": "0.625"},
    ("nearest_peers", "hand"): {"city_id": "a"},
    ("ratio_figures", "hand"): {"numerator": "ict", "denominator": "all"},
    ("normalised_values", "goalposts"): {"method": "goalposts", "low": "2", "high": "4"},
    ("normalised_values", "scaled"): {"method": "scaled", "low": "1", "high": "5"},
    ("rank_intervals", "hand"): {"normalisation": "min_max"},
}
LOOSE = {
    ("composite", "kansas_city"): 1.0,
    ("composite", "richmond"): 0.5 + 1e-9,
    ("scales", "pboc"): 0.1 + 1e-9,
    ("standard_errors", "hand"): 1e-6,
    ("adjusted_composite", "hand"): 1e-6,
    ("factors_ahead", "hand"): 1e-6,
    ("hexagons", "hand"): 1e-6,
    ("location_quotients", "bls_qcew_2016_q4"): 0.005,
    ("published_quotients", "bls_qcew_2016_q4"): 0.005,
    ("seasonally_adjusted", "hand"): 1e-6,
    ("local_statistics", "six_points"): 1e-7,
    ("survival_curve", "freireich_1963"): 5e-5,
    ("survival_test", "freireich_1963"): 5e-3,
    ("derived_weights", "ersoy_2021"): 5e-4,
    ("derived_weights", "shuai_2012"): 5e-5,
    ("derived_weights", "tus_2019"): 5e-4,
    ("derived_weights", "xu_2004"): 5e-5,
    ("multi_criteria_scores", "ersoy_2021"): 5e-3,
    ("multi_criteria_scores", "papathanasiou_2018"): 5e-4,
    ("ranking_agreement", "salabun_2020"): 5e-5,
}
PART = {("location_quotients", "bls_qcew_2016_q4"), ("city_composite", "asem")}
"""Cases that state the rows of interest only."""
CASES = sorted(
    (path.parent.name, path.name.removesuffix("_input.csv"))
    for path in GOLDEN.glob("*/*_input.csv")
    if path.parent.name in METHODS
)
FEWEST = {
    "changes": {"value": "index"},
    "composite": {"by": "period"},
    "group_contributions": {"by": "district_code"},
    "hexagons": {"epsg": "32650"},
    "park_linkage": {"chains": "a>b"},
    "relative_density": {"industry": "a"},
    "cell_counts": {"epsg": "32650", "outline": "POLYGON ((116 39, 117 39, 117 40, 116 39))", "side_m": "5000"},
    "cluster_industries": {"epsg": "32650"},
    "cluster_members": {"epsg": "32650"},
    "cluster_snapshots": {"epsg": "32650"},
    "clusters": {"epsg": "32650"},
    "hexagon_frame": {"epsg": "32650"},
    "survival_test": {"by": "industry_code"},
    "ratio_figures": {"numerator": "a", "denominator": "b"},
    "runs": {"value": "index"},
    "suppress": {"values": "index"},
}


def text(rows: str) -> pl.DataFrame:
    lines = [line.split(",") for line in rows.strip().splitlines()]
    return pl.DataFrame(lines[1:], schema=dict.fromkeys(lines[0], pl.String), orient="row")


def golden(method: str, case: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    file = GOLDEN / method / case
    return tuple(pl.read_csv(f"{file}_{part}.csv", infer_schema=False) for part in ("input", "expected"))


@pytest.mark.parametrize(("method", "case"), CASES)
def test_golden_cases(method, case):
    given, expected = golden(method, case)
    result = run(method, given, **OPTIONS.get((method, case), {}))
    as_result = expected.with_columns(
        pl.col(name) == "true" if result.schema[name] == pl.Boolean else pl.col(name).cast(result.schema[name])
        for name in expected.columns
        if result.schema[name] not in (pl.String, pl.Date)
    ).with_columns(pl.col(name).str.to_date() for name in expected.columns if result.schema[name] == pl.Date)
    shown = result.select(expected.columns)
    if (method, case) in PART:
        keys = [name for name in expected.columns if result.schema[name] == pl.String]
        shown = shown.join(as_result, on=keys, how="semi", maintain_order="left")
    assert_frame_equal(shown, as_result, abs_tol=LOOSE.get((method, case), 1e-9))


def test_published_figures_are_met_when_rounded_half_up():
    dallas = run("diffusion_index", golden("diffusion_index", "dallas_2013_09")[0])
    assert str(half_up(dallas["balance"].item(), 1)) == "11.5"
    bank = run("diffusion_index", golden("diffusion_index", "pboc_2023_q1")[0])
    assert str(half_up(bank["diffusion_index"].item(), 1)) == "33.8"
    managers = run("prosperity_index", golden("prosperity_index", "nbs_pmi_2017_02")[0])
    assert str(half_up(managers["prosperity_index"].item(), 1)) == "51.6"
    climate = run("prosperity_index", golden("prosperity_index", "nbs_eci_2013_q3")[0])
    assert str(half_up(2 * climate["prosperity_index"].item(), 1)) == "121.5"


@pytest.mark.parametrize("name", METHODS)
def test_an_empty_file_gives_the_promised_columns_that_a_csv_can_hold(name):
    method = METHODS[name]
    options = FEWEST.get(name, {})
    columns = [column.name for column in method.columns_in.columns] + [
        options[key] for key in ("value", "values", "by") if key in options
    ]
    result = run(name, pl.DataFrame(schema=dict.fromkeys(columns, pl.String)), **options)
    promised = [name for name, _ in method.columns_out if " " not in name]
    assert [column for column in promised if column not in result.columns] == []
    assert result.is_empty()
    assert not any(dtype.is_nested() for dtype in result.dtypes)


@pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)
def test_the_catalogue_is_complete(method):
    assert method.summary.endswith(".")
    assert method.source
    assert all(unit for _, unit in method.columns_out)
    assert all(option.note for option in method.options.values())
    assert set(method.named) <= set(method.options)
    section = (Path(__file__).parents[2] / "docs" / "methods.md").read_text(encoding="utf-8")
    assert f"\n## {method.name}\n" in section
    assert not [name for name, _ in method.columns_out if " " not in name and f"`{name}`" not in section]
    assert not [column.name for column in method.columns_in.columns if f"`{column.name}`" not in section]
    assert not [name for name in method.options if f"`{name}`" not in section]


def test_hexagons_can_be_fed_to_clusters():
    points = pl.DataFrame({"enterprise_id": [str(i) for i in range(30)], "lon": ["116.5"] * 30, "lat": ["39.9"] * 30})
    cells = run("hexagons", points, epsg=32650)
    assert cells["ring_wkt"].item().startswith("POLYGON ((116.")
    assert cells["ring_wkt"].item().count(", ") == 6
    written = cells.with_columns(pl.all().cast(pl.String))
    assert run("hexagon_clusters", written, minimum="30").select("n_enterprises", "n_sites", "n_hexagons").row(0) == (
        30,
        1,
        1,
    )
    assert run("hexagon_clusters", written, minimum="31").is_empty()


def test_options_that_name_columns():
    table = text("district,parks,index,balance\na,3,40,-20\nb,9,50,\nc,7,60.5,21")
    result = run("suppress", table, n="parks", values="index, balance", within="", minimum="5")
    assert result["index"].to_list() == [None, 50.0, None]
    assert result["suppressed"].to_list() == [True, False, True]
    series = text("period,city_id,index\n2026-09,a,50\n2026-10,a,51.5")
    assert run("changes", series, value="index", by="city_id")["change_month"].to_list() == [None, 1.5]
    firms = text("enterprise_id,city_id,culture_code\n1,a,01\n2,b,02")
    quotients = run("location_quotients", firms, region="city_id", industry="culture_code", minimum="1")
    assert quotients["location_quotient"].to_list() == [2.0, 0.0, 0.0, 2.0]


def test_typed_frames_and_typed_options_are_taken_too():
    events = pl.DataFrame(
        {
            "event_id": ["1"],
            "date": [date(2026, 2, 3)],
            "programme_id": ["forum"],
            "city_id": ["a"],
            "district_code": [None],
        }
    )
    result = run("event_counts", events, by=("city_id",), first=date(2026, 1, 1))
    assert result.rows() == [(date(2026, 1, 1), "a", 0), (date(2026, 2, 1), "a", 1)]
    assert run("event_counts", events, by="")["n_events"].to_list() == [1]


@pytest.mark.parametrize(
    ("name", "options", "sentence"),
    [
        ("index", {}, "there is no method 'index'; accepted: shares, diffusion_index, prosperity_index,"),
        ("shares", {"per": "x"}, "shares has no option 'per'; accepted: by;"),
        ("hexagons", {}, "hexagons needs the option 'epsg' (the projected system in metres"),
        ("hexagons", {"epsg": "Beijing"}, "hexagons: option epsg 'Beijing' is not accepted; accepted: a whole number"),
        ("hexagons", {"epsg": 1, "side_m": "wide"}, "hexagons: option side_m 'wide' is not accepted; accepted: a"),
        ("event_counts", {"first": "May"}, "event_counts: option first 'May' is not accepted; accepted: a date"),
        ("changes", {"by": "city_id"}, "changes needs the option 'value'"),
    ],
)  # fmt: skip
def test_wrong_methods_and_options_are_refused(name, options, sentence):
    with pytest.raises(MethodError) as error:
        run(name, pl.DataFrame(), **options)
    assert str(error.value).startswith(sentence)


def test_wrong_territories_are_refused():
    given, _ = golden("latest_figures", "hand")
    with pytest.raises(MethodError, match="option territories 'whole' is not accepted; accepted: city_id=territory"):
        run("latest_figures", given, territories="whole")


def test_wrong_cells_are_refused_with_row_and_column():
    answers = text("period,park_id,item_id,answer\n2026-10,a,rent,up\n2026-10,b,rent,better")
    with pytest.raises(
        ContractError, match="answers: column answer, row 2: 'better' is not accepted; accepted: up, same"
    ):
        run("shares", answers)
    with pytest.raises(ContractError, match="column index, row 1: 'n/a' is not accepted; accepted: a number"):
        run("changes", text("period,index\n2026-10,n/a"), value="index")
    with pytest.raises(ContractError, match="column balance is missing"):
        run("changes", text("period,index\n2026-10,5"), value="balance")
    with pytest.raises(ContractError, match="column employees is missing"):
        run("location_quotients", text("enterprise_id,district_code,industry_code\n1,a,b"), measure="employees")


def test_weights_of_questions_are_checked():
    answers = text(
        "period,park_id,item_id,answer,direction,item_weight\n2026-10,a,rent,up,1,0.5\n2026-10,b,rent,up,1,0.6"
    )
    with pytest.raises(ContractError, match="question 'rent' has more than one direction or weight"):
        run("prosperity_index", answers)
    with pytest.raises(WeightError, match=r"the weights sum to 0\.5 \(rent 0\.5\)"):
        run("prosperity_index", answers.head(1))
