"""Each month is weighed by the version of the questionnaire that holds in it."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import polars as pl
import pytest
import streamlit as st
from polars.testing import assert_frame_equal

from data import registry
from data.access import DEMO_VIEWERS
from data.settings import Settings
from data.store import Provenance, Store
from pages.parts import cached, weighting
from pages.parts.filters import Selection
from pages.parts.session import Visit
from pages.parts.surveys import cached_survey

BEIJING = Selection("beijing")
FIRST, SECOND = date(2022, 1, 1), date(2026, 9, 1)
MONTHS = tuple(date(2026, month, 1) for month in (7, 8, 9, 10))


def version_two(**weights: float) -> pl.DataFrame:
    """The shipped questions and a version 2 of the monthly ones from September 2026 with other weights."""
    items = registry.questionnaire_items()
    other = pl.col("item_id").replace_strict(weights, default=0.0, return_dtype=pl.Float64)
    second = items.filter(pl.col("questionnaire_id") == "monthly").with_columns(
        version=pl.lit(2, items.schema["version"]), valid_from=pl.lit(SECOND), weight=other
    )
    return pl.concat([items, second])


@pytest.fixture
def revised(monkeypatch):
    """A register in which occupancy and rent carry all the weight from September 2026 on."""
    items = version_two(occupancy=0.5, rent_level=0.5)
    monkeypatch.setattr(registry, "questionnaire_items", lambda: items)


@pytest.fixture
def visit(empty):
    """Eight parks: business, leases and jobs up until August; from September on occupancy and rent down."""
    parks = registry.parks().filter(pl.col("district_code") == "110105")["park_id"].sort().head(8)
    items = registry.survey_items()["item_id"]
    favourable = {"occupancy": "down", "rent_level": "down", "cost_pressure": "down"}
    rows = [
        ("monthly", month, park, item, favourable.get(item, "up"), False)
        for month in MONTHS
        for park in parks
        for item in items
    ]
    names = ["questionnaire_id", "period", "park_id", "item_id", "answer", "is_synthetic"]
    frame = pl.DataFrame(rows, schema=names, orient="row")
    store = Store.open(Settings.from_environment())
    analyst = store.for_viewer(DEMO_VIEWERS["analyst"])
    analyst.add(SimpleNamespace(dataset="answers", accepted=frame), Provenance("a.csv", b"a", "test"))
    yield Visit(DEMO_VIEWERS["analyst"], "en", False, analyst, analyst.revision(), str(empty), str(empty))
    store.close()


def headline(visit) -> dict[date, float]:
    index = cached.prosperity(visit.key, BEIJING, False, visit)
    return dict(index.select("period", "prosperity_index").iter_rows())


def test_weights_sum_to_one_in_every_version():
    for start in weighting.starts():
        assert weighting.item_weights(start)["weight"].sum() == pytest.approx(1)
    assert weighting.spans()[0][0] is weighting.spans()[-1][1] is None


def test_the_version_of_the_month_holds(revised):
    assert weighting.starts() == [FIRST, SECOND]
    assert weighting.spans() == [(None, SECOND), (SECOND, None)]
    weights = {month: dict(weighting.item_weights(month).select("item_id", "weight").iter_rows()) for month in MONTHS}
    assert weights[MONTHS[1]]["occupancy"] == 0.1
    assert weights[MONTHS[2]]["occupancy"] == 0.5
    assert weighting.item_weights()["weight"].sort(descending=True).to_list()[:3] == [0.5, 0.5, 0.0]
    assert weighting.item_weights(date(1999, 1, 1)).equals(weighting.item_weights(FIRST)), "before the first: the first"
    assert [month for month in MONTHS if weighting.begins(month)] == [SECOND]


def test_a_second_version_changes_nothing_before_it_holds(visit, monkeypatch):
    before = headline(visit)
    assert list(before.values()) == pytest.approx([90] * 4), "occupancy, a tenth of the weight, is down"
    bands = cached_survey.banded(visit.key, BEIJING, "none", visit)
    st.cache_data.clear()
    items = version_two(occupancy=0.5, rent_level=0.5)
    monkeypatch.setattr(registry, "questionnaire_items", lambda: items)
    after = headline(visit)
    assert [after[month] for month in MONTHS] == pytest.approx([90, 90, 0, 0])
    both = cached_survey.banded(visit.key, BEIJING, "none", visit)
    earlier = pl.col("period") < SECOND
    assert_frame_equal(both.filter(earlier), bands.filter(earlier), abs_tol=1e-9)
    assert both.filter(pl.col("period") >= SECOND)["index"].to_list() == pytest.approx([0, 0])


def test_every_figure_of_the_page_follows_the_version(visit, revised):
    key = visit.key
    parts = cached_survey.item_parts(key, BEIJING, visit)
    first = parts.filter(pl.col("period") == SECOND)
    assert first["contribution"].null_count() == first.height, "the change mixes two sets of weights"
    after = parts.filter((pl.col("period") == MONTHS[3]) & (pl.col("weight") > 0))
    assert set(after["item_id"]) == {"occupancy", "rent_level"}
    groups = cached_survey.groups(key, BEIJING, "district_code", visit).sort("period")
    assert groups.drop_nulls("prosperity_index")["prosperity_index"].to_list() == pytest.approx([90, 90, 0, 0])
    shares = cached_survey.headline_shares(key, BEIJING, visit)
    assert shares["up_pct"].to_list() == pytest.approx([90, 90, 0, 0])
    panel = cached_survey.panel(key, BEIJING, visit)
    assert panel["matched_change"].to_list() == [None, 0, None, 0]
    what = cached_survey.reweighted(key, BEIJING, (("business_volume", 1.0),), MONTHS[3], visit)
    assert what["prosperity_index"].to_list() == [100]
    assert cached_survey.adjusted(key, BEIJING, visit)["status"].unique().to_list() == ["not_adjusted_short"]


def test_the_page_says_that_other_weights_hold_from_this_month(visit, revised, look):
    told = "Version 2 of the questionnaire weights holds from this month"
    assert told in look("prosperity", lang="en", month="2026-09", **{"as": "analyst"}).markdown[0].value
    assert told not in look("prosperity", lang="en", month="2026-10", **{"as": "analyst"}).markdown[0].value


def test_a_preview_of_a_file_weighs_each_month_by_its_version(visit, revised):
    parks = registry.parks().filter(pl.col("district_code") == "110105")["park_id"].sort().head(8)
    rows = [("monthly", month, park, item, "up", False) for month in MONTHS for park in parks
            for item in registry.survey_items()["item_id"]]  # fmt: skip
    names = ["questionnaire_id", "period", "park_id", "item_id", "answer", "is_synthetic"]
    after = cached.with_answers(visit, BEIJING, pl.DataFrame(rows, schema=names, orient="row")).sort("period")
    assert after["prosperity_index"].to_list() == pytest.approx([85, 85, 100, 100]), "cost pressure up is unfavourable"
