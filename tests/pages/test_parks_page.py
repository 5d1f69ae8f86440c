"""One park's own page: what is on record about it, and nothing that nobody said."""

from __future__ import annotations

import re
from datetime import date

import polars as pl
import pytest

from data.current_registers import registers
from data.entries import entry
from pages.parts.parks import park_activity, park_answers
from pages.parts.session import Visit
from pages.parts.text import TEXTS

TODAY = date(2026, 11, 22)


def say(key: str, **values: object) -> str:
    return TEXTS.sentence(key, "en", **values)


@pytest.fixture
def keep(copied, stored):
    """One entry stored as an analyst would: `keep("parks", park_id="BJ-005", …)`."""

    def kept(dataset: str, retire: str | None = None, **values: object) -> None:
        store = stored("analyst")
        found = entry(store, dataset, values, registers(store), TODAY, "test", retire)
        assert found.checked.rejected.is_empty(), found.checked.rejected
        assert found.stored is not None

    return kept


def test_a_link_opens_the_park_with_what_the_register_says(demo, look, screen):
    at = look("parks", park="BJ-005", lang="en")
    assert not at.exception
    assert at.title[0].value == "798 Art Zone"
    assert "Beijing · Chaoyang" in at.caption[0].value
    shown = screen(at)
    figures = shown.figures()
    assert figures == {"Opened": "2002"}
    missing = say("parks.figures_missing", names="Area, Enterprises, Public cultural spaces")
    assert missing in [text.value for text in at.markdown]
    identity = dict(shown.table("Field", "Value").iter_rows())
    assert identity["Conversion mode"] == "led by artists, managed by government (798 model)"
    assert identity["Former use"].startswith("718")
    assert identity["Position"] == "district only"
    assert identity["Operator"] is None
    assert any("digitalpaper.stdaily.com" in caption.value for caption in at.caption)


def test_a_link_to_an_unknown_park_is_the_register(demo, look):
    at = look("parks", park="BJ-999", lang="en")
    assert at.title[0].value == "Park register"
    assert "park" not in at.query_params


def test_the_way_in_and_out(demo, look):
    at = look("parks", lang="en")
    at.selectbox(key="park").select("BJ-005").run()
    assert (at.title[0].value, at.query_params["park"]) == ("798 Art Zone", "BJ-005")
    at.button(key="park_back").click().run()
    assert at.title[0].value == "Park register"
    assert "park" not in at.query_params


def test_the_events_of_a_park_are_its_own_and_planned_ones_are_not_counted(demo, look, screen, stored, monkeypatch):
    class Clock(date):
        @classmethod
        def today(cls) -> date:
            return date(2025, 6, 30)

    monkeypatch.setattr(park_activity, "date", Clock)
    events = stored().events().collect().drop_nulls("park_id")
    park = events.group_by("park_id").len().sort("len", "park_id", descending=True)["park_id"][0]
    own = events.filter(pl.col("park_id") == park)
    held = own.filter(pl.col("date") <= date(2025, 6, 30))
    assert 0 < held.height < own.height
    shown = screen(look("parks", park=park, lang="en"))
    table = shown.table("Date", "State")
    assert table.height == own.height
    assert (table["State"] == "planned").sum() == own.height - held.height
    assert f"Events: {held.height} held" in shown.said()
    assert table["Date"].to_list() == sorted(table["Date"], reverse=True)
    assert table["Participants online"].null_count() == own["participants_online"].null_count()


def test_a_park_without_events_says_so_and_has_no_zero(demo, look, screen, stored):
    used = set(stored().events().collect()["park_id"])
    free = stored().parks().filter((pl.col("city_id") == "beijing") & ~pl.col("park_id").is_in(used)).collect()
    at = look("parks", park=free["park_id"][0], lang="en")
    assert not at.exception
    assert say("parks.events_none") in [caption.value for caption in at.caption]
    assert "0" not in screen(at).figures().values()


def test_a_district_position_is_no_place_and_the_district_is_told_instead(demo, look, screen, stored):
    shown = screen(look("parks", park="BJ-005", lang="en"))
    open_firms = (
        stored()
        .enterprises()
        .filter((pl.col("district_code") == "110105") & (pl.col("status") == "active") & pl.col("closed_on").is_null())
    )
    n = open_firms.select(pl.len()).collect().item()
    assert say("parks.around_no_place") in shown.said()
    assert f"Chaoyang has **{n:,}** open enterprises" in shown.said()
    assert "within 500 m" not in shown.said()


@pytest.mark.parametrize(("park", "clustered"), [("BJ-041", True), ("BJ-005", False)])
def test_a_park_with_its_own_place_has_enterprises_around_it_and_its_cluster(
    keep, look, screen, stored, park, clustered
):
    """The sample enterprises of BJ-005 are fewer than make a cluster; those of BJ-041 are one."""
    firms = stored().enterprises().filter(pl.col("park_id") == park).collect()
    working = firms.filter((pl.col("status") == "active") & pl.col("closed_on").is_null()).drop_nulls(["lon", "lat"])
    assert (working.height >= 20) == clustered
    keep("parks", park_id=park, lon=working["lon"].median(), lat=working["lat"].median(), coord_system="WGS84")
    said = screen(look("parks", park=park, lang="en")).said()
    near = re.search(r"\*\*([0-9,]+)\*\* open enterprises within 500 m", said)
    assert near is not None
    assert int(near[1].replace(",", "")) >= working.height
    assert ("It lies in cluster **" in said) == clustered
    assert ("It lies in no cluster of enterprises" in said) != clustered
    assert say("parks.around_no_place") not in said


@pytest.mark.parametrize(
    ("park", "position", "sentence", "others"),
    [
        ("BJ-005", "district only", "around_no_place", "around_nowhere"),
        ("BJ-068", "not known", "around_nowhere", "around_no_place"),
        ("BJ-X01", "district only", "around_no_place", "around_nowhere"),
    ],
)
def test_what_is_known_of_a_place_is_told_once_and_the_same(demo, look, screen, park, position, sentence, others):
    shown = screen(look("parks", park=park, lang="en"))
    assert dict(shown.table("Field", "Value").iter_rows())["Position"] == position
    assert say(f"parks.{sentence}") in shown.said()
    assert say(f"parks.{others}") not in shown.said()


def test_a_month_without_an_answer_is_a_blank_column():
    rows = pl.DataFrame(
        {
            "period": [date(2026, 6, 1), date(2026, 8, 1)],
            "item_id": ["business_volume"] * 2,
            "answer": ["up", "down"],
        }
    )
    shown = park_answers.as_shown(Visit(None, "en", False, None, 0, "", ""), rows)  # type: ignore[arg-type]
    assert shown.columns == ["Question", "2026-08", "2026-07", "2026-06"]
    assert shown["2026-07"].null_count() == shown.height == 1


def test_a_city_without_enterprises_says_that_nothing_is_known(demo, look, screen):
    assert say("parks.around_no_firms") in screen(look("parks", park="PG-002", lang="en")).said()


def test_the_scorecard_is_for_parks_with_data_only(demo, look, screen, stored):
    card = stored().scorecards().collect().drop_nulls(["occupancy_pct", "services"]).row(0, named=True)
    at = look("parks", park=card["park_id"], lang="en")
    table = screen(at).table("Side", "Score")
    use = table.filter(pl.col("Side") == "Use of space").row(0, named=True)
    assert use["Score"] == use["Value"] == card["occupancy_pct"]
    others = stored().scorecards().filter(pl.col("park_id") != card["park_id"]).collect()["occupancy_pct"].drop_nulls()
    assert use["Median of the peers"] == pytest.approx(others.median())
    assert use["Peers"] == others.len()
    services = card["services"].split(";")
    pairs = [table.rows() for table in screen(at).tables() if table.columns == ["Field", "Value"]]
    assert {field: value for rows in pairs for field, value in rows}["Services"] == f"{len(services)} of 12"
    assert any(note.value.startswith("Services: ") and services[0] in note.value for note in at.caption)
    assert len(at.get("plotly_chart")) == 1
    at = look("parks", park="BJ-005", lang="en")
    assert not at.get("plotly_chart")
    assert say("parks.scorecard_none") in [caption.value for caption in at.caption]


def test_a_side_that_is_not_known_is_named_and_no_zero(keep, look, screen):
    cards = [("BJ-001", 40.0), ("BJ-002", 60.0), ("BJ-004", 80.0), ("BJ-005", 70.0)]
    for park, use in cards:
        keep("scorecards", park_id=park, year=2025, occupancy_pct=use, source_title="test")
    at = look("parks", park="BJ-005", lang="en")
    table = screen(at).table("Side", "Score")
    assert table.select("Side", "Score", "Median of the peers", "Peers").rows() == [("Use of space", 70.0, 60.0, 3)]
    assert not at.get("plotly_chart")
    unknown = "Mix of functions, Services, Opening hours, Local linkage"
    assert say("parks.sides_unknown", sides=unknown) in [caption.value for caption in at.caption]


def test_documents_that_name_the_park_are_listed(keep, look, screen):
    keep(
        "documents", document_id="DOC-1", title="A list", issuer="City", level="municipal", link="https://a.example/x",
        parks="BJ-004;BJ-005",
    )  # fmt: skip
    titles = screen(look("parks", park="BJ-005", lang="en")).table("Title", "Issuer")["Title"].to_list()
    assert titles == ["2020年度北京市级文化产业园区名单", "A list"]  # shipped, and added
    assert say("parks.documents_none") in screen(look("parks", park="BJ-013", lang="en")).said()


def test_a_retired_park_leaves_the_register_and_its_page_says_why(keep, look, screen):
    assert "retired" not in screen(look("parks", lang="en")).said()
    keep("parks", retire="demolished", park_id="BJ-005")
    at = look("parks", lang="en")
    before = screen(at).table("Park", "Source")
    assert "798 Art Zone" not in before["Park"].to_list()
    at.checkbox(key="park_retired").check().run()
    after = screen(at).table("Park", "Source")
    assert after.height == before.height + 1
    assert after["Park"].str.contains("798 Art Zone (retired 2026-11-22)", literal=True).any()
    warned = look("parks", park="BJ-005", lang="en").warning
    assert [warning.value for warning in warned] == [say("parks.retired", day="2026-11-22", reason="demolished")]


@pytest.mark.parametrize(("role", "edits"), [("analyst", True), ("official", False), ("leadership", False)])
def test_only_who_may_edit_has_a_form(demo, look, role, edits):
    for query, label in (({}, "parks.add"), ({"park": "BJ-005"}, "parks.edit")):
        at = look("parks", lang="en", **{"as": role}, **query)
        assert (say(label) in [button.label for button in at.button]) == edits


def test_an_edit_shows_at_once(keep, look, screen):
    assert "Enterprises" not in screen(look("parks", park="BJ-005", lang="en")).figures()
    keep("parks", park_id="BJ-005", enterprises=600, enterprises_year=2025, source_title="test")
    at = look("parks", park="BJ-005", lang="en")
    assert screen(at).figures()["Enterprises"] == "600"
    assert any("enterprises · 2025" in caption.value for caption in at.caption)
    assert any(say("parks.origin_stored") in caption.value for caption in at.caption)
