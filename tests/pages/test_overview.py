"""The overview: its figures are those a person computes from the answers; they follow the district and the store."""

from __future__ import annotations

import csv
from pathlib import Path

import polars as pl

from data import registry
from data.store import Provenance
from indicators.clustering.clusters import cluster_members
from indicators.events import event_counts
from indicators.prosperity import prosperity_index
from indicators.rebase import changes

DEMO = Path(__file__).parents[2] / "data" / "demo"
MONTHLY = pl.col("questionnaire_id") == "monthly"
NEWEST = pl.date(2026, 10, 1)
VALUES = {"上升": 100.0, "持平": 50.0, "下降": 0.0}


def by_spreadsheet(month: str, park_start: str) -> float:
    """The headline from the file as it was sent: weighted means of 100, 50 and 0, cost pressure turned."""
    weighted = registry.survey_items().filter(MONTHLY & (pl.col("weight") > 0)).to_dicts()
    with (DEMO / "survey.csv").open(encoding="utf-8-sig") as file:
        rows = [row for row in csv.DictReader(file) if row["月份"] == month and row["园区编号"].startswith(park_start)]
    total = 0.0
    for item in weighted:
        points = [VALUES[row[item["name_zh"]]] for row in rows if row[item["name_zh"]]]
        mean = sum(points) / len(points)
        total += item["weight"] * (mean if item["direction"] == 1 else 100 - mean)
    return total


def test_the_headline_is_what_a_spreadsheet_gives(demo, look, screen):
    for city, start in {"beijing": "BJ-", "shanghai": "SH-"}.items():
        figures = screen(look("overview", city=city, lang="en")).figures()
        assert figures["Park prosperity index"] == f"{by_spreadsheet('2026-10', start):.1f}"


def test_every_figure_is_that_of_the_public_indicator_functions(demo, look, screen, stored, monthly):
    store = stored("leadership")
    here = pl.col("city_id") == "beijing"
    answers = monthly("leadership").filter(here).collect()
    items = registry.survey_items().filter(MONTHLY).select("item_id", "direction", "weight")
    index = changes(prosperity_index(answers, items, ["period"]), "prosperity_index", []).sort("period")
    now = index.row(-1, named=True)
    at = look("overview", lang="en")
    shown = {metric.label: metric for metric in at.metric}
    assert shown["Park prosperity index"].value == f"{now['prosperity_index']:.1f}"
    assert shown["Park prosperity index"].delta == f"{now['change_month']:+.1f}"
    year = f"On the year {now['change_year']:+.1f}".lower()
    assert any(year in caption.value.lower() for caption in at.caption)
    assert shown["Parks that answered"].value == str(now["n_parks"])

    counts = event_counts(
        store.events().filter(here, pl.col("date") < NEWEST.dt.offset_by("1mo")).collect(), by=()
    ).sort("period")
    assert shown["Events this month"].value == str(counts["n_events"][-1])

    active = store.enterprises().filter(here & (pl.col("status") == "active") & pl.col("closed_on").is_null()).collect()
    points = active.drop_nulls(["lon", "lat"]).select("enterprise_id", "lon", "lat")
    epsg = int(registry.cities().filter(here)["epsg"].item())
    clusters = cluster_members(points, epsg, 300.0, 20)["cluster"].drop_nulls().n_unique()
    assert shown["Enterprise clusters"].value == str(clusters)


def test_the_three_cities_stand_side_by_side_with_what_is_published_apart(demo, look, screen, monthly, by_hand):
    table = screen(look("overview", lang="en")).table("Beijing", "Shanghai", "Shenzhen")
    answers = monthly().filter(pl.col("period") == NEWEST).collect()
    for city in ("Beijing", "Shanghai", "Shenzhen"):
        rows = answers.filter(pl.col("city_id") == city.lower())
        assert table[city][0] == f"{by_hand(rows):.1f}"
        assert table[city][1] == str(rows["park_id"].n_unique())
    published = table.tail(table.height - 5)
    assert published.height >= 3
    for row in published.rows(named=True):
        for city in ("Beijing", "Shanghai", "Shenzhen"):
            assert row[city] == "—" or row[city].endswith(")"), "a published value stands with its year"


def test_a_district_changes_the_headline_and_stands_in_the_address(demo, look, screen, monthly, by_hand):
    at = look("overview", lang="en")
    whole = screen(at).figures()
    at.selectbox(key="district").select("110105").run()
    part = screen(at).figures()
    rows = monthly().filter((pl.col("period") == NEWEST) & (pl.col("district_code") == "110105")).collect()
    assert part["Park prosperity index"] == f"{by_hand(rows):.1f}" != whole["Park prosperity index"]
    assert part["Parks that answered"] != whole["Parks that answered"]
    assert part["Enterprise clusters"] != whole["Enterprise clusters"]
    assert at.query_params == {"lang": "en", "district": "110105"}
    assert screen(look("overview", **at.query_params)).figures() == part
    at.selectbox(key="district").select("all").run()
    assert at.query_params == {"lang": "en"}
    assert screen(at).figures() == whole


def test_another_city_forgets_the_district(demo, look):
    at = look("overview", district="110105")
    at.selectbox(key="city").select("shanghai").run()
    assert at.query_params == {"city": "shanghai"}
    assert at.session_state["district"] == "all"


class Changed:
    """One answer as a checked file would hand it over."""

    dataset = "answers"

    def __init__(self, accepted: pl.DataFrame) -> None:
        self.accepted = accepted


def test_one_changed_answer_changes_the_figure(copied, look, screen, stored, by_hand, monthly):
    """No page may take a new table for the old one: frames are never hashed, the revision is."""
    before = screen(look("overview", district="110102", **{"as": "analyst", "lang": "en"})).figures()
    store = stored("analyst")
    here = (pl.col("period") == NEWEST) & (pl.col("district_code") == "110102")
    rows = monthly().filter(here).collect().sort("park_id", "item_id")
    chosen = rows.filter((pl.col("item_id") == "new_leases") & (pl.col("answer") == "up")).head(1)
    park = rows.filter(pl.col("park_id") == chosen["park_id"].item())
    turned = pl.when(pl.col("item_id") == "new_leases").then(pl.lit("down")).otherwise("answer").alias("answer")
    one = park.with_columns(turned).select("questionnaire_id", "period", "park_id", "item_id", "answer", "is_synthetic")
    store.add(Changed(one), Provenance("one.csv", b"one", "test"))
    after = screen(look("overview", district="110102", **{"as": "analyst", "lang": "en"})).figures()
    now = monthly("analyst").filter(here).collect()
    assert after["Park prosperity index"] == f"{by_hand(now):.1f}" != before["Park prosperity index"]
    assert after["Parks that answered"] == before["Parks that answered"]
