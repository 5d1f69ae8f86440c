"""The demonstration files: reproducible, synthetic throughout, anchored in the published figures, alive."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from data import ingest, registry
from data.demo.enterprises import ENTERPRISE_COLUMNS
from data.demo.events import EVENT_COLUMNS, apportioned
from data.demo.festival import SHOCK_MONTHS, SPRING_FESTIVAL, festival_share, months, shifted
from data.demo.generate import SURVEY_MARK, generate
from data.demo.parks import PARK_COLUMNS, DemoPark, demo_parks, sample_parks
from data.demo.survey import cycle_points, item_points, memberships

SHIPPED = Path(registry.__file__).parent / "demo"
SPECIAL = ("survey_digitalisation.csv", "survey_rent_relief.csv")
REGISTERS = ("members", "partners", "offers", "needs", "followups", "publications", "scorecards")
BY_HAND = tuple(f"{name}.csv" for name in REGISTERS)
FILES = ("parks.csv", "survey.csv", "survey_2026-11.csv", "events.csv", "enterprises.csv", *SPECIAL, *BY_HAND)
SCORES = {"上升": 100.0, "持平": 50.0, "下降": 0.0}
CORE_FOUR = ["110101", "110102", "110105", "110108"]
SEED = 20220101


def read(name: str) -> pl.DataFrame:
    return pl.read_csv(SHIPPED / name, infer_schema_length=0)


@pytest.fixture(scope="module")
def survey() -> pl.DataFrame:
    return pl.concat([read("survey.csv"), read("survey_2026-11.csv")])


@pytest.fixture(scope="module")
def events() -> pl.DataFrame:
    return read("events.csv")


@pytest.fixture(scope="module")
def parks() -> list[DemoPark]:
    return demo_parks(registry.parks(), sample_parks(registry.parks(), registry.districts(), SEED))


def headline(rows: pl.DataFrame) -> dict[str, float]:
    """The index by month, worked out here on its own from the shipped weights and directions."""
    items = registry.survey_items().filter(pl.col("weight") > 0)
    terms = []
    for name, weight, direction in items.select("name_zh", "weight", "direction").iter_rows():
        score = pl.col(name).replace_strict(SCORES, default=None, return_dtype=pl.Float64).mean()
        terms.append(weight * (score if direction == 1 else 100 - score))
    return dict(rows.group_by("月份").agg(pl.sum_horizontal(terms).alias("index")).sort("月份").iter_rows())


def published(metric: str) -> tuple[float, str]:
    row = registry.events_published().filter(
        (pl.col("metric") == metric) & (pl.col("year") == 2022) & (pl.col("city_id") == "beijing")
    )
    return row["value"].item(), row["qualifier"].item()


def test_generating_again_gives_the_shipped_bytes(tmp_path):
    generate(tmp_path / "new")
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == sorted(FILES)
    for name in FILES:
        assert (tmp_path / "new" / name).read_bytes() == (SHIPPED / name).read_bytes(), f"{name}: generate it again"


def test_another_seed_gives_other_rows(tmp_path):
    generate(tmp_path, seed=1)
    assert (tmp_path / "survey.csv").read_bytes() != (SHIPPED / "survey.csv").read_bytes()


def test_the_files_stay_small():
    assert sum((SHIPPED / name).stat().st_size for name in FILES) < 3_000_000


@pytest.mark.parametrize("name", FILES)
def test_every_row_says_it_is_synthetic(name):
    rows = read(name)
    if SURVEY_MARK in rows.columns:
        assert rows[SURVEY_MARK].unique().to_list() == ["是"]
    else:
        assert rows["is_synthetic"].unique().to_list() == ["true"]


def test_columns_are_those_of_the_contract(survey, events):
    names = registry.survey_items().sort("position")["name_zh"].to_list()
    assert survey.columns == ["月份", "园区编号", "园区名称", *names, SURVEY_MARK]
    assert events.columns == list(EVENT_COLUMNS)
    assert read("enterprises.csv").columns == list(ENTERPRISE_COLUMNS)
    assert read("parks.csv").columns == list(PARK_COLUMNS)


def test_readme_counts_the_rows():
    text = (SHIPPED / "README.md").read_text(encoding="utf-8")
    for name in FILES:
        assert f"| `{name}` | {read(name).height:,} |" in text


# Parks


def test_beijing_districts_resemble_the_published_distribution(parks):
    beijing = [park for park in parks if park.city_id == "beijing"]
    core = [park for park in beijing if park.district_code in CORE_FOUR]
    assert len(beijing) == 98
    assert sum(park.district_code == "110105" for park in beijing) == 32
    assert len(core) == 74


def test_sample_parks_are_recognisable_and_mostly_converted():
    samples = read("parks.csv")
    assert samples["park_id"].str.contains(r"^BJ-X\d\d$").all()
    assert samples["park_id"].is_unique().all()
    assert samples["name_zh"].str.starts_with("示例园区").all()
    assert samples["name_en"].str.contains(r"^Sample park \d\d \([A-Z][a-z]+\)$").all()
    assert samples["conversion_mode"].value_counts(normalize=True).filter(
        pl.col("conversion_mode") == "converted_factory"
    )["proportion"].item() == pytest.approx(0.6, abs=0.02)


def test_no_park_without_a_district_and_no_whole_area(parks):
    assert all(park.district_code for park in parks)
    assert not {"SZ-001", "SH-033", "BJ-003"} & {park.park_id for park in parks}


# Survey


def test_months_parks_and_answers_are_valid(survey, parks):
    names = {park.park_id: park.name_zh for park in parks}
    assert read("survey.csv")["月份"].unique().sort().to_list() == [month.strftime("%Y-%m") for month in months()]
    assert read("survey_2026-11.csv")["月份"].unique().to_list() == ["2026-11"]
    assert survey.select("月份", "园区编号").is_duplicated().sum() == 0
    assert all(names[park_id] == name for park_id, name in survey.select("园区编号", "园区名称").unique().iter_rows())
    answers = survey.select(registry.survey_items()["name_zh"].to_list()).unpivot()["value"]
    assert set(answers.drop_nulls()) == set(SCORES)
    assert 0.02 < answers.null_count() / len(answers) < 0.04


def test_three_quarters_to_nine_tenths_of_the_frame_answer(survey, parks):
    spans = memberships(parks, SEED)
    answered = dict(survey.group_by("月份").len().iter_rows())
    for month in months():
        frame = sum(span.first <= month <= span.last for span in spans)
        assert 135 <= frame <= 155
        assert 0.68 <= answered[month.strftime("%Y-%m")] / frame <= 0.92
    rates = [
        answered[month.strftime("%Y-%m")] / sum(span.first <= month <= span.last for span in spans)
        for month in months()
    ]
    assert 0.75 <= sum(rates) / len(rates) <= 0.90
    assert 100 <= answered["2026-11"] <= 120


def test_some_parks_are_habitually_absent(survey, parks):
    full = [span.park.park_id for span in memberships(parks, SEED) if span.first == date(2022, 1, 1)]
    months_answered = dict(survey.group_by("园区编号").len().iter_rows())
    seldom = [park_id for park_id in full if months_answered[park_id] < 0.65 * 59]
    assert 6 <= len(seldom) <= 24


def test_eight_sample_parks_enter_and_eight_leave(survey, parks):
    spans = memberships(parks, SEED)
    entrants = {span.park.park_id for span in spans if span.first > date(2022, 1, 1)}
    leavers = {span.park.park_id for span in spans if span.last < date(2026, 10, 1)}
    assert len(entrants) == len(leavers) == 8
    assert not entrants & leavers
    assert all(park_id.startswith("BJ-X") for park_id in entrants | leavers)
    for span in spans:
        answered = survey.filter(pl.col("园区编号") == span.park.park_id)["月份"]
        assert answered.min() >= span.first.strftime("%Y-%m")
        assert answered.max() <= span.last.strftime("%Y-%m")


def test_the_core_four_districts_always_have_five_answers(survey, parks):
    district = {park.park_id: park.district_code for park in parks}
    counts = (
        survey.with_columns(pl.col("园区编号").replace_strict(district).alias("district_code"))
        .filter(pl.col("district_code").is_in(CORE_FOUR))
        .group_by("district_code", "月份")
        .len()
    )
    assert counts.height == 4 * 59
    assert counts["len"].min() >= 5


def test_the_lowest_month_lies_in_the_shock_and_the_index_recovers(survey):
    index = headline(survey)
    shock = {month.strftime("%Y-%m") for month in SHOCK_MONTHS}
    assert min(index, key=index.get) in shock
    assert max(index[month] for month in shock) < 45
    assert min(index[month] for month in ("2023-02", "2023-03", "2023-04", "2023-05")) > 53


@pytest.mark.parametrize(("festive", "after"), [("2024-02", "2024-03"), ("2025-01", "2025-02"), ("2026-02", "2026-03")])
def test_the_spring_festival_month_is_weak_and_the_next_one_strong(survey, festive, after):
    index = headline(survey)
    usual = sum(index.values()) / len(index)
    assert index[festive] < usual - 2
    assert index[after] > index[festive] + 4


def test_the_newest_month_is_interesting_and_the_next_file_raises_it(survey):
    index = headline(survey)
    assert 51 <= index["2026-10"] <= 53
    assert 0.3 < index["2026-10"] - index["2026-09"] < 3
    assert 2 <= index["2026-11"] - index["2026-10"] <= 4
    assert 44 < min(index[f"2025-{number:02d}"] for number in range(3, 13)) < 48  # the mild slowdown


def test_questions_follow_a_common_cycle(survey):
    names = registry.survey_items().filter(pl.col("item_id").is_in(["business_volume", "new_leases"]))["name_zh"]
    scored = survey.group_by("月份").agg(
        pl.col(names.to_list()).replace_strict(SCORES, default=None, return_dtype=pl.Float64).mean()
    )
    assert scored.select(pl.corr(*names)).item() > 0.7


def test_festival_windows_and_cycle_by_hand():
    assert festival_share(date(2026, 2, 1), -7, 6) == 1.0
    assert festival_share(date(2026, 3, 1), 7, 27) == pytest.approx(16 / 21)
    assert festival_share(date(2030, 2, 1), -7, 6) == 0.0
    assert shifted(date(2022, 1, 1), -1) == date(2021, 12, 1)
    assert cycle_points(date(2020, 1, 1)) == cycle_points(date(2022, 1, 1))
    assert cycle_points(date(2030, 1, 1)) == cycle_points(date(2026, 11, 1))
    assert item_points("business_volume", date(2022, 12, 1)) < item_points("occupancy", date(2022, 12, 1))


@pytest.mark.reference
def test_festival_dates_agree_with_the_reference_table():
    table = Path(__file__).parents[2].parent / "shared" / "facts" / "index_validation_cny_dates.csv"
    if not table.exists():
        pytest.skip("the reference files are absent")
    dates = pl.read_csv(table, infer_schema_length=0).filter(pl.col("year").is_in([str(y) for y in SPRING_FESTIVAL]))
    assert dates["chinese_new_year"].to_list() == [day.isoformat() for day in SPRING_FESTIVAL.values()]


# Events


@pytest.mark.parametrize(
    ("metric", "programme_id"),
    [
        ("gov_enterprise_meetings", "gov_enterprise"),
        ("cooperation_matchmaking", "matchmaking"),
        ("park_talk_sessions", "park_voice"),
        ("wenkehui_sessions", "wenkehui"),
        ("themed_events", "park_show"),
        ("member_site_visits", "case_visit"),
    ],
)
def test_beijing_2022_counts_respect_the_published_totals(events, metric, programme_id):
    value, qualifier = published(metric)
    count = events.filter(
        (pl.col("city_id") == "beijing")
        & (pl.col("programme_id") == programme_id)
        & pl.col("date").str.starts_with("2022")
    ).height
    if qualifier == "exact":
        assert count == value
    else:
        assert qualifier == "at_least"
        assert value <= count <= 1.1 * value


@pytest.mark.parametrize(
    ("metric", "column"),
    [
        ("wenkehui_attendance_online", "participants_online"),
        ("wenkehui_attendance_offline", "participants_onsite"),
        ("wenkehui_enterprises", "enterprises"),
    ],
)
def test_wenkehui_2022_adds_up_to_the_published_heads(events, metric, column):
    sessions = events.filter((pl.col("programme_id") == "wenkehui") & pl.col("date").str.starts_with("2022"))
    assert sessions[column].cast(pl.Int64).sum() == published(metric)[0]


def test_events_are_dated_placed_and_known(events, parks):
    district = {park.park_id: park.district_code for park in parks}
    assert events["event_id"].is_unique().all()
    assert events["date"].min() >= "2022-01-01"
    held = events.drop_nulls("participants_online")["date"]
    assert "2026-10-01" <= held.max() <= "2026-10-31"
    assert events["date"].str.to_date().is_sorted()
    assert set(events["programme_id"]) == set(registry.programmes()["programme_id"])
    assert set(events["mode"]) == {"online", "onsite", "hybrid"}
    placed = events.drop_nulls("park_id").select("park_id", "district_code").iter_rows()
    assert all(district[park_id] == code for park_id, code in placed)
    by_city = dict(events.group_by("city_id").len().iter_rows())
    assert by_city["beijing"] > 2 * by_city["shanghai"] > by_city["shenzhen"]


def test_what_is_planned_comes_after_the_last_month_without_people_or_results(events):
    planned = events.filter(pl.col("date") > "2026-10-31")
    assert dict(planned.group_by("city_id").len().iter_rows()) == {"beijing": 6, "shanghai": 3, "shenzhen": 3}
    assert planned["date"].is_between(pl.lit("2026-11-23"), pl.lit("2027-03-31")).all()
    assert planned["date"].str.to_date().dt.weekday().max() <= 5
    counts = planned.select("^participants_.*$", "enterprises", "^projects_.*$", "cooperations_signed", "media_items")
    assert counts.width == 7
    assert counts.null_count().sum_horizontal().item() == 7 * planned.height
    assert (planned["start_time"] < planned["end_time"]).all()


def test_titles_and_hosts_are_plainly_examples(events):
    assert events["title"].str.contains(r"^.+·示例\d{3}$").all()
    assert events.select("city_id", "title").is_duplicated().sum() == 0
    assert events["host"].str.contains(r"^示例主办方0[1-7]$").all()


def test_unknown_heads_are_empty_and_never_zero(events):
    for column in ("participants_online", "participants_onsite", "enterprises"):
        assert events[column].cast(pl.Int64).min() > 0
    assert events.filter(pl.col("mode") == "online")["participants_onsite"].null_count() > 0


def test_apportioned_parts_add_up():
    assert apportioned(7, [1.0, 1.0, 2.0]) == [2, 2, 3]
    assert apportioned(5, []) == []
    assert sum(apportioned(1038, [0.7, 1.3, 0.9, 1.1, 1.0])) == 1038


# The road a person's file takes


@pytest.mark.parametrize("name", FILES)
def test_the_strict_check_takes_every_row(name):
    fields = ["park_id", "name_zh", "name_en", "city_id", "district_code"]
    shipped = registry.parks().select(fields)
    registers = ingest.Registers(
        parks=shipped if name == "parks.csv" else pl.concat([shipped, read("parks.csv").select(fields)]),
        items=registry.questionnaire_items(),
        answers=registry.answer_scales(),
        programmes=registry.programmes(),
        districts=registry.districts(),
        industries=registry.industries(),
        partners=read("partners.csv"),
        offers=read("offers.csv"),
        needs=read("needs.csv"),
    )
    special = name.removeprefix("survey_").removesuffix(".csv")
    dataset = special if name in SPECIAL else "answers" if name.startswith("survey") else special
    checked = ingest.check(dataset, (SHIPPED / name).read_bytes(), name, registers, date(2026, 11, 22))
    assert checked.rejected.height == 0, checked.rejected.head(5)
    assert checked.n_rows == read(name).height
    assert checked.accepted["is_synthetic"].all()
