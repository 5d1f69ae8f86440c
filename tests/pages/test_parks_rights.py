"""Whose answers and needs a park's page shows: all to the analyst, needs of the own district to an official."""

from __future__ import annotations

import polars as pl
import pytest

from data.access import DEMO_VIEWERS, Role, Scope, Viewer, sees_park_answers
from pages.parts.text import TEXTS

OWN = "110105"
DATASETS = ("events", "enterprises", "offers", "partners", "scorecards", "members")


def say(key: str) -> str:
    return TEXTS.sentence(key, "en")


@pytest.fixture
def sampled(demo, stored):
    """The parks with answers or needs, in and outside the official's district."""
    store = stored("analyst")
    answered = store.answers().filter(pl.col("questionnaire_id") == "monthly").select("park_id", "district_code")
    asked = store.needs().select("park_id").join(store.parks().select("park_id", "district_code"), on="park_id")
    rows = pl.concat([answered, asked]).unique().sort("park_id").collect()
    own = pl.col("district_code") == OWN
    return rows.filter(own)["park_id"].to_list(), rows.filter(~own)["park_id"].to_list()


def has_answers(shown) -> bool:
    return any("Question" in table.columns for table in shown.tables())


def test_the_analyst_reads_the_answers_as_they_were_given(demo, look, screen, stored, sampled):
    park = sampled[1][0]
    rows = stored().answers().filter((pl.col("park_id") == park) & (pl.col("questionnaire_id") == "monthly")).collect()
    newest = rows.filter(pl.col("period") == rows["period"].max())
    words = {"up": "Up", "same": "Same", "down": "Down"}
    table = screen(look("parks", park=park, lang="en", **{"as": "analyst"})).table("Question")
    column = f"{rows['period'].max():%Y-%m}"
    assert table.columns[1] == column
    assert sorted(table[column].drop_nulls()) == sorted(words[answer] for answer in newest["answer"])
    assert len(table.columns) == 1 + min(12, rows["period"].n_unique())


def test_an_official_reads_no_single_answer_in_the_own_district_or_elsewhere(demo, look, screen, sampled):
    own, others = sampled
    for park in (own[0], *others[:3]):
        shown = screen(look("parks", park=park, lang="en", **{"as": "official"}))
        assert not has_answers(shown)
        assert say("parks.answers_confidential") in shown.said()


def test_leadership_reads_no_single_answer_and_no_enterprise(demo, look, screen, stored, sampled):
    named = stored("analyst").needs().collect().drop_nulls("enterprise_name")
    park, enterprise = named["park_id"][0], named["enterprise_name"][0]
    shown = screen(look("parks", park=park, lang="en", **{"as": "leadership"}))
    assert not has_answers(shown)
    assert say("parks.answers_confidential") in shown.said()
    assert enterprise not in shown.said()
    assert enterprise in screen(look("parks", park=park, lang="en", **{"as": "analyst"})).said()


def test_the_store_decides_whatever_a_page_asks_for(demo, stored, sampled):
    own, others = sampled
    rows = {role: stored(role).answers_of_park(others[0]).collect().height for role in DEMO_VIEWERS}
    assert rows["analyst"] > 0
    assert rows["leadership"] == rows["official"] == 0
    assert stored("official").answers_of_park(own[0]).collect().height == 0
    assert stored("leadership").answers_of_park(own[0]).collect().height == 0


def test_no_official_and_no_analyst_of_another_district_reads_a_single_answer():
    for scope in (Scope(None), Scope(frozenset({OWN}))):
        assert not sees_park_answers(Viewer("official", Role.OFFICIAL, scope), OWN)
    local = Viewer("analyst", Role.ANALYST, Scope(frozenset({OWN})))
    assert (sees_park_answers(local, OWN), sees_park_answers(local, "110106")) == (True, False)


@pytest.fixture
def own_rows_only(stored, filled):
    """A store like the demonstration store that never saw an answer, need or follow-up of another district."""
    official, full = stored("official"), stored("analyst")
    added = full.parks().filter(pl.col("is_synthetic")).collect()
    needs = full.needs().join(official.needs().select("need_id"), on="need_id", how="semi").collect()
    followups = full.followups().join(official.needs().select("need_id"), on="need_id", how="semi").collect()
    answers = full.answers().filter(pl.col("district_code") == OWN).drop("city_id", "district_code").collect()
    frames = {"parks": added} | {name: getattr(full, name)().collect() for name in DATASETS}
    frames |= {"answers": answers, "needs": needs, "followups": followups}
    return filled(frames)


def test_no_park_page_of_an_official_depends_on_the_answers_or_needs_of_other_districts(
    demo, own_rows_only, look, screen, sampled, monkeypatch
):
    """The same pages from a store that never had them: not one character may differ."""
    parks = [None, sampled[0][0], *sampled[1][:3]]
    query = {"lang": "en", "as": "official"}

    def pages() -> list[list[str]]:
        return [screen(look("parks", **query, **({"park": park} if park else {}))).strings() for park in parks]

    everything = pages()
    monkeypatch.setenv("PARK_HOME", str(own_rows_only))
    alone = pages()
    for park, before, after in zip(parks, everything, alone, strict=True):
        assert after == before, park
        assert len(after) > 20
