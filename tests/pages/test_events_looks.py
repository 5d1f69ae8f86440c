"""The further views of the page of events: who came, what was signed, what is published, prosperity, the list."""

from __future__ import annotations

import json
from datetime import date

import numpy as np
import polars as pl
import pytest
from statsmodels.stats.proportion import proportion_confint
from statsmodels.stats.rates import confint_poisson

from data import registry
from data.current_registers import registers
from data.entries import entry
from pages.parts.events import cached_events

pytestmark = pytest.mark.usefixtures("demo")
TODAY = date(2026, 11, 22)
YEAR = (pl.date(2025, 11, 1), pl.date(2026, 10, 31))
LATELY = (pl.date(2026, 8, 1), pl.date(2026, 10, 31))


@pytest.fixture
def events(demo, stored):
    return stored().events().filter(pl.col("city_id") == "beijing").collect()


def feet(at):
    return [caption.value for caption in at.caption]


def test_people_are_those_of_events_that_state_all_of_them(look, screen, events):
    rows = events.filter(pl.col("date").is_between(*YEAR)).to_dicts()
    parts = {"online": ("online",), "onsite": ("onsite",), "hybrid": ("online", "onsite")}
    stated = [[row[f"participants_{part}"] for part in parts[row["mode"]]] for row in rows if row["mode"]]
    whole = [sum(people) for people in stated if None not in people]
    at = look("events", lang="en", look="reach")
    figures = screen(at).figures()
    assert figures["People, 12 months"] == f"{sum(whole) / 1000:.1f}k"
    assert figures["People per event"] == f"{sum(whole) / len(whole):.1f}"
    assert any(f"{len(whole)} of {len(rows)} events state all their people" in foot for foot in feet(at))


def test_reach_names_parks_and_districts_and_what_it_cannot_place(look, screen, events, stored):
    rows = events.filter(pl.col("date").is_between(*LATELY))
    parks = stored().parks().filter(pl.col("city_id") == "beijing").collect()
    districts = registry.districts_of("beijing").height
    at = look("events", lang="en", look="reach")
    figures = screen(at).figures()
    share = 100 * rows["park_id"].drop_nulls().n_unique() / parks.height
    assert figures["Parks with an event lately"] == f"{share:.1f}%"
    share = 100 * rows["district_code"].drop_nulls().n_unique() / districts
    assert figures["Districts with an event lately"] == f"{share:.1f}%"
    assert any(f"{rows['park_id'].null_count()} of {rows.height} events name no park" in foot for foot in feet(at))


def test_the_table_of_people_says_which_events_stand_behind_each_column(look, screen, events):
    rows = events.filter(pl.col("date").is_between(*YEAR))
    table = screen(look("events", lang="en", look="reach")).table("Programme", "People online", "Events: online")
    row = table.filter(pl.col("Programme") == "Beijing Cultural Park SHOW").row(0, named=True)
    show = rows.filter(pl.col("programme_id") == "park_show")
    for part, column in (("online", "People online"), ("onsite", "People on site")):
        assert row[column] == show[f"participants_{part}"].sum()
        n = row["Events: online" if part == "online" else "Events: on site"]
        assert n == show[f"participants_{part}"].drop_nulls().len()
    told = rows["participants_online"].drop_nulls().len()
    at = look("events", lang="en", look="reach")
    assert any(f"online: {told}," in foot and "do not add up" in foot for foot in feet(at))


def test_a_district_is_reached_through_its_parks_only(look, screen):
    groups = [
        set(screen(look("events", lang="en", look="reach", **place)).table("Of", "Reached")["Of"])
        for place in ({}, {"district": "110105"})
    ]
    assert groups == [{"Parks", "Districts"}, {"Parks"}]


def test_the_spread_is_said_in_words(look):
    at = look("events", lang="en", look="reach")
    value = next(metric.value for metric in at.metric if metric.label == "Equivalent districts")
    assert any(f"as if evenly spread over {value} districts" in foot for foot in feet(at))


def test_concentration_is_that_of_all_districts(look, screen, events):
    rows = events.filter(pl.col("date").is_between(*YEAR)).drop_nulls("district_code")
    held = dict(rows.group_by("district_code").len().iter_rows())
    shares = np.array([held.get(code, 0) for code in registry.districts_of("beijing")["district_code"]]) / rows.height
    figures = screen(look("events", lang="en", look="reach")).figures()
    assert figures["Herfindahl index (HHI)"] == f"{(shares**2).sum():.3f}"
    gaps = np.abs(shares[:, None] - shares[None, :]).sum()
    assert figures["Gini coefficient"] == f"{gaps / (2 * len(shares)):.3f}"


def test_density_stands_beside_the_number_of_enterprises(look, screen, events, stored):
    table = screen(look("events", lang="en", look="reach")).table("District", "Enterprises on record", "Rank")
    firms = stored().enterprises().filter((pl.col("district_code") == "110105") & (pl.col("status") == "active"))
    n = firms.filter(pl.col("closed_on").is_null()).collect().height
    held = events.filter(pl.col("date").is_between(*YEAR) & (pl.col("district_code") == "110105")).height
    row = table.filter(pl.col("District") == "Chaoyang").row(0, named=True)
    assert (row["Events"], row["Enterprises on record"]) == (held, n)
    assert row["Events per 100 enterprises"] == pytest.approx(100 * held / n, abs=0.006)
    low, high = (100 * end / n for end in confint_poisson(held, 1, method="exact-c"))
    assert (row["95 % low"], row["95 % high"]) == pytest.approx((low, high), abs=0.006)
    at = look("events", lang="en", look="reach")
    specs = [json.loads(part.proto.spec) for part in at.get("plotly_chart")]
    figure = next(spec for spec in specs if f"({held}/{n:,})" in str(spec["data"]))
    few = [opacity < 1 for opacity in figure["data"][0]["marker"]["opacity"]]
    shown = table.drop_nulls("Events per 100 enterprises")
    assert few == [events_of < 5 for events_of in shown["Events"]]
    hidden = table.filter(pl.col("Events per 100 enterprises").is_null())["District"].to_list()
    assert hidden
    assert any("not shown: " + ", ".join(hidden) in foot for foot in feet(at))


def test_the_funnel_of_2022_widens_and_has_no_rate(look, screen):
    at = look("events", lang="en", look="funnel", of_year="2022")
    table = screen(at).table("Step", "Rate %", "Flag")
    steps = {row["Step"]: row for row in table.to_dicts()}
    first, second = steps["published → pitched"], steps["pitched → signed"]
    assert (first["From (all events)"], first["To (all events)"]) == (64, 27)
    assert second["To (all events)"] == 37
    assert second["Rate %"] is None
    assert second["Flag"] == "widens"
    assert any("it widens (27 → 37)" in foot for foot in feet(at))


def test_rates_have_the_interval_of_wilson(look, screen, events):
    stages = ("projects_published", "projects_pitched")
    rows = events.filter(pl.col("date").dt.year() == 2025).drop_nulls(stages)
    n, x = (rows[stage].sum() for stage in stages)
    low, high = proportion_confint(x, n, method="wilson")
    table = screen(look("events", lang="en", look="funnel", of_year="2025")).table("Step", "Rate %", "95 % low")
    row = table.filter(pl.col("Step") == "published → pitched").row(0, named=True)
    assert row["Rate %"] == pytest.approx(100 * x / n, abs=0.051)
    assert (row["95 % low"], row["95 % high"]) == (
        pytest.approx(100 * low, abs=0.051),
        pytest.approx(100 * high, abs=0.051),
    )


def test_follow_ups_are_those_the_viewer_may_see(look, screen, stored):
    def newest(role):
        found = stored(role).followups().sort("date").group_by("need_id", "offer_id").agg(pl.col("status").last())
        here = stored(role).needs().join(stored(role).parks().filter(pl.col("city_id") == "beijing"), on="park_id")
        return found.join(here.select("need_id"), on="need_id", how="semi").collect()

    totals = {}
    for role in ("analyst", "official"):
        rows = screen(look("events", lang="en", look="funnel", **{"as": role})).table("Status", "Offers for needs")
        assert (
            dict(rows.select("Status", "Offers for needs").iter_rows()).get("signed", 0)
            == newest(role).filter(pl.col("status") == "signed").height
        )
        totals[role] = rows["Offers for needs"].sum()
        assert totals[role] == newest(role).height
    assert totals["official"] < totals["analyst"]


def test_follow_ups_stand_in_the_order_of_the_process(look, screen):
    at = look("events", lang="en", look="funnel")
    order = ["suggested", "contacted", "met", "pitched", "signed", "declined"]
    shown = screen(at).table("Status", "Offers for needs")["Status"].to_list()
    assert shown == [status for status in order if status in shown]
    bars = json.loads(at.get("plotly_chart")[-1].proto.spec)["data"][0]
    assert bars["y"] == shown


def test_the_funnel_without_a_flag_has_no_empty_columns(look, screen):
    table = screen(look("events", lang="en", look="funnel", of_year="2025")).table("Programme", "Step", "Rate %")
    for column in {"Flag", "Why there is no rate"} & set(table.columns):
        assert table[column].count()
    assert "Events that widen" not in table.columns or table["Events that widen"].sum()


def test_activity_and_prosperity_warns_and_gives_n_and_intervals(look, screen):
    at = look("events", lang="en", look="activity")
    assert any("no proof of cause" in text.value for text in at.markdown)
    table = screen(at).table("Lag (months)", "Correlation", "District-months")
    assert table["Lag (months)"].to_list() == list(range(-6, 7))
    known = table.drop_nulls("Correlation")
    assert known["Correlation"].is_between(-1, 1).all()
    assert (known["95 % low"] <= known["Correlation"]).all()
    assert (known["Correlation"] <= known["95 % high"]).all()
    assert known["District-months"].min() >= 12
    assert table["Worth independent pairs"].dtype.is_integer()
    told = known.filter((pl.col("95 % low") > 0) | (pl.col("95 % high") < 0))
    begins = "No sign" if not told.height else "Only one lag" if told.height == 1 else "Strongest"
    assert at.subheader[0].value.startswith(begins)
    among = told if told.height else known
    row = among.sort(pl.col("Correlation").abs(), descending=True).row(0, named=True)
    assert f"r = {row['Correlation']:+.2f}".replace("-", "−") in at.subheader[0].value
    assert f"n = {row['District-months']}" in at.subheader[0].value


def test_the_foot_of_the_correlation_names_the_districts_used_and_those_hidden(look, screen, stored):
    monthly = stored().answers().filter(pl.col("questionnaire_id") == "monthly", pl.col("city_id") == "beijing")
    asked = monthly.group_by("period", "district_code").agg(n=pl.col("park_id").n_unique()).collect()
    many = asked.filter(pl.col("n") >= 5).group_by("district_code").len().filter(pl.col("len") >= 12)
    names = dict(registry.districts_of("beijing").select("district_code", "name_en").iter_rows())
    at = look("events", lang="en", look="activity")
    foot = next(foot for foot in feet(at) if "correlation (−1 to 1)" in foot)
    assert ", ".join(names[code] for code in many["district_code"].sort()) in foot
    note = next(foot for foot in feet(at) if "cannot be shown to you" in foot)
    few = set(asked["district_code"].unique()) - set(many["district_code"])
    assert few
    assert all(names[code] in note.split("cannot be shown to you")[1] for code in few)
    assert "Each district minus its own mean" in note
    assert "district" not in {box.key for box in at.selectbox}
    figure = json.loads(at.get("plotly_chart")[0].proto.spec)
    assert figure["layout"]["xaxis"]["title"]["text"].startswith("months the index comes after")


def test_an_official_sees_the_correlation_of_the_own_district_only(look, screen):
    table = screen(look("events", lang="en", look="activity", **{"as": "official"})).table("Lag (months)", "Districts")
    assert set(table["Districts"]) <= {0, 1}
    at = look("events", lang="en", look="activity", **{"as": "official"})
    told = " ".join(feet(at))
    assert "your own district only" in told
    assert "Each district minus" not in told
    assert any("correlation" in foot and " · Chaoyang · " in foot for foot in feet(at))


def test_the_list_is_searched_by_programme_park_and_id(look, screen, events):
    at = look("events", lang="en", look="list")
    assert at.subheader[0].value == f"{events.height:,} events, 6 of them planned"
    at.text_input(key="event_search").set_value("文科汇").run()
    n = events.filter(pl.col("programme_id") == "wenkehui").height
    assert at.subheader[0].value.startswith(f"{n} events")
    at.text_input(key="event_search").set_value("wenkehui DEMO-E0").run()
    found = events.filter((pl.col("programme_id") == "wenkehui") & pl.col("event_id").str.contains("DEMO-E0")).height
    assert at.subheader[0].value.startswith(f"{found} events")
    at.text_input(key="event_search").set_value("no such thing").run()
    assert any("No event has these words" in info.value for info in at.info)


def test_a_long_list_is_cut_and_says_so(look, screen):
    at = look("events", lang="en", look="list")
    assert screen(at).table("Programme", "Event id").height == 500
    assert any("The newest 500 of 1,288" in foot for foot in feet(at))


@pytest.mark.parametrize(("role", "drawn"), [("analyst", True), ("leadership", False), ("official", False)])
def test_forms_are_drawn_for_who_may_edit(look, role, drawn):
    at = look("events", lang="en", look="list", event="DEMO-E0001", **{"as": role})
    assert not at.exception
    assert ({"Add an event", "Edit DEMO-E0001"} <= {button.label for button in at.button}) == drawn


def test_an_event_that_is_not_on_record_cannot_be_edited(look):
    for query in ({"event": "NO-SUCH"}, {"event": "DEMO-E0001", "city": "shanghai"}):
        at = look("events", lang="en", look="list", **query, **{"as": "analyst"})
        assert not any(button.label.startswith("Edit") for button in at.button)
        assert any("not on record for this city" in foot for foot in feet(at))


def test_an_analyst_changes_an_event_and_the_page_counts_anew(copied, look, stored):
    at = look("events", lang="en", look="list", event="DEMO-E0001", **{"as": "analyst"})
    next(button for button in at.button if button.label == "Edit DEMO-E0001").click()
    at.run()
    host = next(box for box in at.text_input if box.label.startswith("Host"))
    host.set_value("朝阳区文化馆")
    at.run()
    next(button for button in at.button if str(button.key).startswith("entry_store")).click()
    at.run()
    assert not at.exception
    row = stored().events().filter(pl.col("event_id") == "DEMO-E0001").collect().row(0, named=True)
    assert (row["host"], row["date"], row["programme_id"]) == ("朝阳区文化馆", date(2022, 1, 2), "park_show")


def test_a_retired_event_is_listed_on_request_only(copied, look, screen, stored, events):
    analyst = stored()
    for event_id in ("DEMO-E0001", "DEMO-E1865"):
        assert entry(analyst, "events", {"event_id": event_id}, registers(analyst), TODAY, "ann", retire="取消").stored
    at = look("events", lang="en", look="list", **{"as": "analyst"})
    heading = f"{events.height - 2:,} events, 5 of them planned"
    assert at.subheader[0].value == heading
    assert at.checkbox(key="event_retired").label == "Also show the 2 retired"
    at.text_input(key="event_search").set_value("DEMO-E1865").run()
    assert any("No event has these words" in info.value for info in at.info)
    at.checkbox(key="event_retired").check().run()
    row = screen(at).table("Event id", "Reason for retiring").row(0, named=True)
    assert (row["Event id"], row["Reason for retiring"], row["Retired on"]) == ("DEMO-E1865", "取消", "2026-11-22")
    assert at.subheader[0].value.startswith("0 events, 0 of them planned")
    assert "event_retired" not in {box.key for box in look("events", lang="en", look="list", city="shanghai").checkbox}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", ["reach", "funnel", "published", "activity", "list"])
def test_every_view_opens_for_every_role(look, name, language):
    for role in ("leadership", "analyst", "official"):
        at = look("events", lang=language, look=name, **{"as": role})
        assert not at.exception
        assert not at.error
        told = {"zh": "来源：", "en": "Source: "}[language]
        blocks = [*at.get("plotly_chart"), *at.metric]
        assert sum(told in foot for foot in feet(at)) >= len(blocks)


def test_today_is_the_day_of_the_calendar():
    assert cached_events.today() == date(2026, 11, 22)
