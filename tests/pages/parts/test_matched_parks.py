"""What the parks that answered in both months, joined or left tell is shown of at least five of them only."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import polars as pl
import pytest
import streamlit as st

from data import registry
from data.access import DEMO_VIEWERS
from data.settings import Settings
from data.store import Provenance, Store
from pages.parts.filters import Selection
from pages.parts.session import Visit
from pages.parts.surveys import cached_survey

ANSWERING = {7: 8, 8: 9, 9: 14, 10: 14}
"""Parks answering in each month of 2026: one joins in August, five in September, none in October."""


@pytest.fixture
def panel(empty):
    """The panel of Beijing as somebody sees it."""
    parks = registry.parks().filter(pl.col("district_code") == "110105")["park_id"].sort()
    rows = [
        ("monthly", date(2026, month, 1), park, item, "up", False)
        for month, n in ANSWERING.items()
        for park in parks.head(n)
        for item in registry.survey_items()["item_id"]
    ]
    names = ["questionnaire_id", "period", "park_id", "item_id", "answer", "is_synthetic"]
    frame = pl.DataFrame(rows, schema=names, orient="row")
    store = Store.open(Settings.from_environment())
    sent = Provenance("a.csv", b"a", "test")
    store.for_viewer(DEMO_VIEWERS["analyst"]).add(SimpleNamespace(dataset="answers", accepted=frame), sent)

    def seen(who: str) -> pl.DataFrame:
        viewer = DEMO_VIEWERS[who]
        visit = Visit(viewer, "en", False, store.for_viewer(viewer), store.revision(), str(empty), str(empty))
        return cached_survey.panel(visit.key, Selection("beijing"), visit).sort("period")

    yield seen
    store.close()
    st.cache_data.clear()


@pytest.mark.parametrize("figure", ["matched_change", "composition_effect"])
def test_one_park_that_joins_gives_no_figure_to_those_who_see_no_rows(panel, figure):
    shown = panel("leadership")
    assert shown["n_joined"].to_list() == [None, 1, 5, 0]
    assert shown[figure].is_null().to_list() == [True, True, False, False]
    assert panel("analyst")[figure].is_null().to_list() == [True, False, False, False]
