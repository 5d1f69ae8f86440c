"""Figures behind the pages: what one table hides no other gives back, and a missing item is missing, not guessed."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import polars as pl
import pytest

from data import registry
from data.access import DEMO_VIEWERS
from data.settings import Settings
from data.store import Provenance, Store
from pages.parts import cached
from pages.parts.filters import Selection
from pages.parts.session import Visit

MONTHS = (date(2026, 9, 1), date(2026, 10, 1))
PARKS = {"110102": 3, "110101": 6, "110105": 7}
BEIJING = Selection("beijing")


def answers(parks: dict[str, int], without: str = "") -> pl.DataFrame:
    """All parks say 'up' to everything: so many parks of each district."""
    register = registry.parks()
    chosen = [
        park
        for district, n in parks.items()
        for park in register.filter(pl.col("district_code") == district)["park_id"].sort().head(n)
    ]
    assert len(chosen) == sum(parks.values())
    monthly = registry.survey_items().filter(pl.col("questionnaire_id") == "monthly")
    items = [item for item in monthly["item_id"] if item != without]
    rows = [("monthly", month, park, item, "up", False) for month in MONTHS for park in chosen for item in items]
    names = ["questionnaire_id", "period", "park_id", "item_id", "answer", "is_synthetic"]
    return pl.DataFrame(rows, schema=names, orient="row")


@pytest.fixture
def visit(empty):
    """A store with the given answers, through the eyes of a role."""
    opened = []

    def through(role: str, rows: pl.DataFrame) -> Visit:
        store = Store.open(Settings.from_environment())
        opened.append(store)
        analyst = store.for_viewer(DEMO_VIEWERS["analyst"])
        analyst.add(SimpleNamespace(dataset="answers", accepted=rows), Provenance("a.csv", b"a", "test"))
        seen = store.for_viewer(DEMO_VIEWERS[role])
        return Visit(DEMO_VIEWERS[role], "zh", False, seen, seen.revision(), str(empty), str(empty))

    yield through
    for store in opened:
        store.close()


def test_a_district_hidden_on_the_map_is_hidden_alone_too(visit):
    one = visit("leadership", answers(PARKS))
    by_district = cached.prosperity(one.key, BEIJING, True, one).filter(pl.col("period") == MONTHS[1])
    values = dict(by_district.select("district_code", "prosperity_index").iter_rows())
    assert values["110102"] is None, "three parks"
    assert values["110101"] is None, "the smallest of the others, or the total would give back the three"
    assert values["110105"] is not None
    for district, value in values.items():
        place = Selection("beijing", district)
        alone = cached.prosperity(one.key, place, False, one)
        assert alone.filter(pl.col("period") == MONTHS[1])["prosperity_index"].to_list() == [value]
        items = cached.items(one.key, place, one)
        assert (items["diffusion_index"].null_count() == items.height) == (value is None)
        assert items.select("up_pct", "same_pct", "down_pct").drop_nulls().is_empty() == (value is None)


def test_the_analyst_sees_all_three(visit):
    one = visit("analyst", answers(PARKS))
    assert cached.prosperity(one.key, BEIJING, True, one)["prosperity_index"].null_count() == 0
    assert cached.items(one.key, Selection("beijing", "110102"), one)["diffusion_index"].null_count() == 0


def test_an_official_sees_the_own_district_and_of_the_city_no_more_than_that(visit):
    one = visit("official", answers(PARKS))
    everything = cached.prosperity(one.key, BEIJING, True, one)
    assert set(everything["district_code"]) == {"110105"}
    assert set(everything["n_parks"]) == {7}
    own = cached.prosperity(one.key, Selection("beijing", "110105"), False, one)
    assert own["prosperity_index"].to_list() == everything["prosperity_index"].to_list()
    assert cached.prosperity(one.key, Selection("beijing", "110101"), False, one).is_empty()


def test_a_weighted_item_without_answers_leaves_no_index(visit, look):
    one = visit("analyst", answers(PARKS, without="new_leases"))
    index = cached.prosperity(one.key, BEIJING, False, one)
    assert index["prosperity_index"].null_count() == index.height == 2
    at = look("overview", lang="en", **{"as": "analyst"})
    assert not at.exception
    assert "weighted item" in at.info[0].value
    assert "Park prosperity index" not in {metric.label for metric in at.metric}


def test_the_table_of_a_district_has_the_columns_of_the_city(visit):
    one = visit("leadership", answers(PARKS))
    city = cached.prosperity(one.key, BEIJING, False, one)
    district = cached.prosperity(one.key, Selection("beijing", "110105"), False, one)
    assert city.schema == district.schema


def test_what_a_file_would_change_replaces_a_parks_month_as_a_whole(visit):
    one = visit("analyst", answers(PARKS))
    down = answers(PARKS).with_columns(answer=pl.lit("down"))
    now = cached.prosperity(one.key, BEIJING, False, one)
    after = cached.with_answers(one, BEIJING, down.filter(pl.col("period") == MONTHS[1]))
    both = after.join(now, on="period", suffix="_now").sort("period")
    assert both["prosperity_index"][0] == both["prosperity_index_now"][0]
    assert both["prosperity_index"][1] == pytest.approx(100 - both["prosperity_index_now"][1])
