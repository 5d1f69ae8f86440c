"""The page of registers: members beside published numbers, matching, the library, communication, programmes, roles."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from types import SimpleNamespace

import polars as pl
import pytest

from data import registry
from data.city_groups import provinces
from data.current_registers import registers
from data.entries import entry
from data.keys import KEYS
from data.library_search import LibraryIndex
from data.store import StoreError
from indicators.registers import match_scores
from pages.parts.events import cached_events
from pages.parts.filters import Selection
from pages.parts.parks import cached_parks
from pages.parts.registers import (
    cached_registers,
    register_exchange,
    register_library,
    register_matching,
    register_members,
)
from pages.parts.text import TEXTS

TODAY = date(2026, 11, 22)
ANALYST = {"as": "analyst", "lang": "en"}
VIEWS = ("members", "partners", "matching", "library", "communication", "programmes")


class Clock(date):
    @classmethod
    def today(cls):
        return TODAY


@pytest.fixture(autouse=True)
def _calendar(monkeypatch):
    """A day on which every offer of the demonstration still holds."""
    for module in (cached_registers, register_exchange, register_matching, register_members):
        monkeypatch.setattr(module, "date", Clock)


def metrics(at):
    return [(metric.label, metric.value) for metric in at.metric]


def said(at):
    return "\n".join(caption.value for caption in at.caption)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("role", ["leadership", "official"])
@pytest.mark.parametrize("view", VIEWS)
def test_every_view_opens_for_every_role_and_only_editors_get_forms(demo, look, view, role, language):
    at = look("registers", register=view, lang=language, **{"as": role})
    assert not at.exception
    assert not at.error
    assert at.title[0].value == {"zh": "名录", "en": "Registers"}[language]
    assert not [button for button in at.button if (button.key or "").startswith("entry")]
    assert not [box for box in at.selectbox if (box.key or "").startswith("entry")]


def test_published_members_stand_beside_the_counted_ones(demo, look, screen, stored):
    at = look("registers", **ANALYST)
    counted = stored().members().filter(pl.col("body") == "association", pl.col("left_on").is_null()).collect().height
    assert metrics(at) == [
        ("Members, published, 2022-01-26", "86"),
        ("Members, published, 2023-01-10", "105"),
        ("Members in the register now", str(counted)),
    ]
    assert "Growth: published 86 → 105" in at.subheader[0].value
    months = screen(at).table("Month", "Members at month end")
    by_month = dict(months.select("Month", "Members at month end").iter_rows())
    assert by_month["2022-01"] == 86
    assert by_month["2023-01"] == 105
    assert (months["Members at month end"].diff().drop_nulls() == months["Net growth"][1:]).all()
    kinds = screen(at).table("Member type", "Members at month end")
    assert kinds["Members at month end"].sum() == counted


def test_the_alliance_has_published_numbers_and_no_count_of_its_own(demo, look):
    at = look("registers", body="alliance", **ANALYST)
    assert not at.exception
    assert [value for _, value in metrics(at)] == ["110", "23", "19", "—"]
    assert "published 94 → 110" in at.subheader[0].value
    told = said(at)
    assert "另一报道作27" in told
    assert "北京晚报作近100家" in told
    growth = next(caption.value for caption in at.caption if "北京晚报作近100家" in caption.value)
    assert growth.endswith("published")
    assert "register: Members" not in growth
    assert "computed" not in growth


def test_the_counted_members_have_their_n_and_the_unit_of_the_published_ones(demo, look, screen):
    at = look("registers", **ANALYST | {"lang": "zh"})
    counted = dict(metrics(at))["名录中现有会员"]
    captions = [caption.value for caption in at.caption]
    assert any(f"n={counted}" in caption and caption.startswith("家会员") for caption in captions)
    assert not [caption for caption in captions if caption.startswith(("家 ", "会员 "))]
    english = look("registers", members_by="province", **ANALYST)
    assert screen(english).table("Province", "Members at month end")["Province"].to_list() == ["Beijing"]


def test_members_are_grouped_by_city_by_name(demo, look, screen):
    at = look("registers", members_by="city_id", **ANALYST)
    assert screen(at).table("City", "Members at month end")["City"].to_list() == ["Beijing"]


def test_every_tag_needed_and_offered_is_counted(demo, look, screen, stored):
    at = look("registers", register="partners", **ANALYST)
    assert [label for label, _ in metrics(at)] == ["Partners", "Offers that hold", "Needs that hold"]
    needs = stored().needs().collect()
    counts: dict[str, int] = {}
    for cell in needs["tags"]:
        for tag in cell.split(";"):
            counts[tag] = counts.get(tag, 0) + 1
    table = screen(at).table("Tags", "Needs", "Offers of partners")
    words = {tag: TEXTS.sentence(f"code.tags.{tag}", "en") for tag in counts}
    assert dict(table.select("Tags", "Needs").iter_rows()) == {words[tag]: n for tag, n in counts.items()}
    assert any("register: Needs, Offers of partners" in caption.value for caption in at.caption)


def test_filters_narrow_the_figures_and_the_chart_of_tags_too(demo, look, screen, stored):
    at = look("registers", register="partners", partner_type="media", stage="operation", region="beijing", **ANALYST)
    assert not at.exception
    stages, places = ["operation", "both"], ["beijing", "北京市", "national"]
    media = stored().partners().collect().filter(pl.col("partner_type") == "media")
    offers = stored().offers().collect().join(media, on="partner_id", how="semi")
    offers = offers.filter(pl.col("region").is_in(places))
    served = media.join(offers, on="partner_id", how="semi").filter(pl.col("stage").is_in(stages))
    offers = offers.filter(pl.col("stage").is_in(stages), (pl.col("until") >= TODAY).fill_null(value=True))
    needs = stored().needs().collect().filter(pl.col("stage").is_in(stages), pl.col("region").is_in(places))
    needs = needs.filter((pl.col("until") >= TODAY).fill_null(value=True))
    assert [value for _, value in metrics(at)] == [str(rows.height) for rows in (served, offers, needs)]
    tags = screen(at).table("Tags", "Needs", "Offers of partners")
    assert tags["Needs"].sum() == sum(len(cell.split(";")) for cell in needs["tags"])
    assert tags["Offers of partners"].sum() == sum(len(cell.split(";")) for cell in offers["tags"])
    assert any("media · operation · Beijing" in caption.value for caption in at.caption)


def test_filters_leave_what_fits_and_both_stages_are_either(demo, look, screen, stored):
    at = look("registers", register="partners", stage="construction", tag="招商", **ANALYST)
    shown = screen(at).table("Offer code", "Partner")
    rows = (
        stored()
        .offers()
        .collect()
        .filter(pl.col("stage").is_in(["construction", "both"]), pl.col("tags").str.contains("招商"))
    )
    assert sorted(shown["Offer code"]) == sorted(rows["offer_id"])
    assert shown.height
    assert set(shown["Stage"]) <= {"construction", "construction and operation"}


def test_the_search_of_a_register_takes_every_word(demo, look, screen):
    at = look("registers", register="partners", **ANALYST)
    at.text_input(key="search_partners").set_value("合成伙伴03 产业").run()
    assert [heading.value for heading in at.subheader if "24 entries" in heading.value] == [
        "0 of 24 entries"
    ] or at.info
    at.text_input(key="search_partners").set_value("合成伙伴03").run()
    assert screen(at).table("Partner code", "Tags")["Partner code"].to_list() == ["DEMO-P03"]


def test_a_pair_has_one_score_for_every_viewer(demo, stored):
    """An official sees the needs of one district only; the weights of tags are counted over offers, which all see."""
    found = {}
    for role in ("analyst", "official", "leadership"):
        visit = SimpleNamespace(store=stored(role), key=f"scores of {role}")
        rows = cached_registers.matches.__wrapped__(visit.key, TODAY, visit)
        found[role] = {row[:2]: row[2:] for row in rows.select("need_id", "offer_id", "score", "tag_score").rows()}
    assert found["official"].items() <= found["analyst"].items()
    assert found["leadership"] == found["analyst"]
    assert 0 < len(found["official"]) < len(found["analyst"])


@pytest.mark.parametrize(
    ("need", "offer", "score"), [("广州", "广东省", 1.0), ("guangzhou", "Guangdong", 1.0), ("广州市", "shenzhen", 0.0)]
)
def test_a_need_of_guangzhou_fits_an_offer_for_its_province(copied, stored, need, offer, score):
    store = stored()
    rows = {
        "partners": {"partner_id": "GP", "name_zh": "伙伴", "partner_type": "media"},
        "offers": {"offer_id": "GO", "partner_id": "GP", "title": "t", "tags": "粤", "region": offer},
        "needs": {"need_id": "GN", "park_id": "GZ-002", "title": "t", "tags": "粤", "region": need},
    }
    for dataset, row in rows.items():
        assert entry(store, dataset, row, registers(store), TODAY, "ann").checked.rejected.is_empty()
    visit = SimpleNamespace(store=store, key=f"{need} {offer}")
    found = cached_registers.matches.__wrapped__(visit.key, TODAY, visit)
    assert found.filter(pl.col("need_id") == "GN").select("offer_id", "region_score").rows() == [("GO", score)]


def test_the_offers_for_a_need_are_ranked_with_every_part_of_the_score(demo, look, screen, stored):
    at = look("registers", register="matching", need="DEMO-N02", **ANALYST)
    table = screen(at).table("Offer", "Score", "Tags (0–1)", "Shared tags")
    assert table.columns[:2] == ["Offer", "Score"]
    scores = match_scores(stored().needs().collect(), stored().offers().collect(), provinces())
    best = scores.filter(pl.col("need_id") == "DEMO-N02").sort("rank", "offer_id").row(0, named=True)
    first = table.row(0, named=True)
    title = stored().offers().collect().filter(pl.col("offer_id") == best["offer_id"])["title"].item()
    assert first["Offer"] == title
    assert first["Score"] == pytest.approx(best["score"])
    parts = 0.7 * first["Tags (0–1)"] + 0.2 * first["Stage (0–1)"] + 0.1 * first["Region (0–1)"]
    assert first["Score"] == pytest.approx(parts)
    assert table["Score"].is_sorted(descending=True)


def test_an_offer_whose_stage_does_not_fit_says_so_first(demo, look, screen):
    at = look("registers", register="matching", **ANALYST)
    table = screen(at).table("Need", "Score", "Offer", "Does it fit")
    assert table.columns[:4] == ["Need", "Score", "Offer", "Does it fit"]
    assert not table["Need"].str.contains("DEMO-N").any()
    assert not table["Partner"].str.contains("DEMO-P").any()
    misfits = table.filter(pl.col("Stage (0–1)") == 0)
    assert misfits.height
    assert misfits["Does it fit"].str.contains("stage does not fit").all()
    assert not table.filter(pl.col("Stage (0–1)") == 1)["Does it fit"].str.contains("stage (does|fits)").any()


@pytest.mark.parametrize(
    ("scores", "said"),
    [
        ((1.0, 0.0, 1.0), "stage does not fit"),
        ((0.4, 0.5, None), "some tags shared; stage fits in part; region not known"),
        ((1.0, 1.0, 1.0), "tags, stage and region fit"),
    ],
)
def test_why_a_pair_fits_is_told_part_by_part(scores, said):
    row = dict(zip(("tag_score", "stage_score", "region_score"), scores, strict=True))
    visit = SimpleNamespace(say=lambda key, **values: TEXTS.sentence(key, "en", **values))
    assert register_matching.reason(visit, row) == said


def test_events_of_steps_are_told_by_name(demo, look, screen, stored):
    steps = stored().followups().collect().drop_nulls("event_id")
    assert steps.height
    shown = screen(look("registers", register="matching", **ANALYST)).table("Need", "Offer", "Status", "Event")
    named = shown["Event"].drop_nulls()
    assert named.len() == steps.height
    assert not named.is_in(steps["event_id"].to_list()).any()


def test_pairs_are_counted_once_at_every_step_up_to_the_furthest(demo, look, screen, stored):
    at = look("registers", register="matching", **ANALYST)
    steps = dict(
        screen(at).table("Status", "Pairs that reached it").select("Status", "Pairs that reached it").iter_rows()
    )
    rows = stored().followups().collect()
    signed = rows.filter(pl.col("status") == "signed").select("need_id", "offer_id").unique().height
    assert steps["signed"] == signed
    assert steps["suggested"] >= steps["contacted"] >= steps["met"] >= steps["pitched"] >= steps["signed"] > 0
    pairs = rows.select("need_id", "offer_id").unique().height
    assert f"{signed} of {pairs} pairs of a need and an offer are signed" in [h.value for h in at.subheader]


def test_a_pair_is_taken_to_signed_on_the_page(copied, look, screen, stored):
    at = look("registers", register="matching", need="DEMO-N02", **ANALYST)
    before = stored().followups().collect().height
    [button] = [button for button in at.button if button.label == "Write down a step"]
    button.click().run()
    [status] = [box for box in at.selectbox if box.label == "Status *"]
    assert status.value == "suggested"
    status.set_value("signed").run()
    [button] = [button for button in at.button if button.label == "Store"]
    button.click().run()
    assert at.success[0].value.startswith("Stored “")
    assert "DEMO-N02" in at.success[0].value
    now = stored().followups().collect()
    assert now.height == before + 1
    best = screen(at).table("Offer", "Last step").row(0, named=True)
    assert best["Last step"] == "signed"


def test_words_are_found_in_the_library_and_marked(demo, look, screen):
    at = look("registers", register="library", **ANALYST)
    at.text_input(key="library_words").set_value("工业遗产").run()
    assert at.subheader[0].value == "7 documents hold “工业遗产”"
    finds = [block.proto.body for block in at.get("html") if "<mark" in block.proto.body]
    assert len(finds) == 1
    assert finds[0].count("<a href=") == 7
    assert ">工业遗产</mark>" in finds[0]
    assert finds[0].count("compiled list, not the document itself") == 7
    listed = screen(at).table("Title", "Issuer", "Topic")
    assert listed.height == 7
    assert set(listed["Kind of text"]) == {"compiled list, not the document itself"}
    assert "7 of 22 entries" in [heading.value for heading in at.subheader]
    assert not [box for box in at.text_input if box.key == "search_documents"]
    at.text_input(key="library_words").set_value("课题研究").run()
    assert at.subheader[0].value == "1 documents hold “课题研究”"
    at.text_input(key="library_words").set_value("没有这样的词").run()
    assert "No document holds" in at.info[0].value


def test_a_store_that_cannot_be_searched_is_told_above_the_list(demo, look, screen, monkeypatch):
    def failing(_index, _words):
        raise StoreError("The store file p.db cannot be read and written: mend the rights.")

    monkeypatch.setattr(LibraryIndex, "found", failing)
    at = look("registers", register="library", **ANALYST)
    at.text_input(key="library_words").set_value("工业遗产").run()
    assert "mend the rights" in at.error[0].value
    assert not at.exception
    assert screen(at).table("Title", "Issuer", "Topic").height == registry.library().height


def test_the_library_is_filtered_by_level_and_topic(demo, look, screen):
    at = look("registers", register="library", level="national", topic="industrial_heritage", **ANALYST)
    shown = screen(at).table("Title", "Issuer", "Topic")
    wanted = registry.library().filter(pl.col("topic") == "industrial_heritage", pl.col("level") == "national")
    assert shown.height == wanted.height == 7
    assert set(shown["Topic"]) == {"Industrial heritage"}
    assert set(shown["Level"]) == {"national"}


def test_a_text_of_a_document_is_never_read_as_html(demo):
    class Visit:
        language, dark = "en", False

        def say(self, key, **values):
            return key

    row = dict.fromkeys(("issuer", "level", "date", "topic_words", "summary", "made"))
    row |= {"title": "<script>x</script>", "link": "javascript:alert(1)", "column": "title"}
    told = register_library.find(Visit(), row, "x")  # type: ignore[arg-type]
    assert "<script" not in told
    assert "javascript" not in told


def test_items_are_shown_beside_the_events_of_the_month(demo, look, screen, stored):
    at = look("registers", register="communication", **ANALYST)
    assert [value for _, value in metrics(at)] == ["≥ 200", "≥ 100"]
    covered = [caption.value for caption in at.caption if re.search(r"n\s?=\s?[\d,]+ events", caption.value)]
    assert len(covered) == 2
    tables = [table for table in screen(at).tables() if {"Month", "Items per event"} <= set(table.columns)]
    table = next(table for table in tables if "Channel" not in table.columns)
    may = date(2026, 5, 1)
    items = stored().publications().filter(pl.col("period") == may).collect()["n"].sum()
    events = stored().events().filter(pl.col("city_id") == "beijing", pl.col("date").dt.truncate("1mo") == may)
    n = events.collect().height
    row = table.filter(pl.col("Month") == "2026-05").row(0, named=True)
    assert (row["Items"], row["Events"]) == (items, n)
    assert row["Items per event"] == pytest.approx(items / n)


def test_a_city_without_items_says_so_and_has_no_published_totals(demo, look):
    at = look("registers", register="communication", city="shanghai", **ANALYST)
    assert not at.exception
    assert not at.metric
    assert "has no entries yet" in at.info[0].value


def test_programmes_are_counted(demo, look, screen, stored):
    at = look("registers", register="programmes", **ANALYST)
    shown = dict(screen(at).table("Programme code", "Events").select("Programme code", "Events").iter_rows())
    held = stored().events().filter(pl.col("date") <= TODAY).collect()
    for programme, n in shown.items():
        assert n == held.filter(pl.col("programme_id") == programme).height


def test_an_official_sees_the_needs_of_the_own_district_only_and_nobody_else_names(demo, look, screen, stored):
    own = stored("official").needs().collect()
    every = stored().needs().collect()
    others = every.filter(~pl.col("need_id").is_in(own["need_id"].to_list()))
    assert own.height
    assert others.height
    names = every["enterprise_name"].drop_nulls().to_list()
    for role in ("official", "leadership"):
        for view in ("partners", "matching"):
            shown = screen(look("registers", register=view, lang="zh", **{"as": role})).said()
            assert not [name for name in names if name in shown]
            if role == "official":
                assert not [word for word in (*others["need_id"], *others["title"]) if word in shown]
                assert [title for title in own["title"] if title in shown]
    at = look("registers", register="matching", need=others["need_id"][0], lang="en", **{"as": "official"})
    assert at.selectbox(key="need").value == "all"


@pytest.mark.parametrize("view", VIEWS)
def test_an_empty_store_says_what_is_missing(empty, look, screen, view):
    at = look("registers", register=view, **ANALYST)
    assert not at.exception
    assert not at.error
    assert set(screen(at).figures().values()) <= {"—", "86", "105", "≥ 200", "≥ 100"}


def test_retired_entries_count_nowhere_and_stay_in_the_past(copied, stored):
    """Follow-ups, publications and scorecards that are retired: the figures are those of a store without them."""
    store, moment = stored(), datetime.now(UTC)
    seen = SimpleNamespace(store=store, key="before")
    step = store.followups().filter(pl.col("status") == "signed").collect().row(0, named=True)
    articles = store.publications().filter(pl.col("kind") == "article", pl.col("period").dt.year() == 2025)
    paper = articles.sort("period").collect().row(0, named=True)
    card = store.scorecards().sort("park_id").collect().row(0, named=True)

    def figures(visit):
        progress = cached_registers.progress.__wrapped__(visit.key, visit)
        published = cached_registers.published.__wrapped__(visit.key, "beijing", "", (), visit)
        scores = cached_parks.scores.__wrapped__(visit.key, "beijing", visit)
        funnel = cached_events.followups.__wrapped__(visit.key, Selection("beijing"), visit)
        items = cached_events.published_items.__wrapped__(visit.key, "beijing", "article", 2025, visit)
        return progress, published, scores, funnel, items

    before = figures(seen)
    for dataset, row in (("followups", step), ("publications", paper), ("scorecards", card)):
        key = {name: row[name] for name in KEYS[dataset]}
        entry(store, dataset, key, registers(store), TODAY, "ann", retire="wrong")
    after = figures(SimpleNamespace(store=store, key="after"))
    signed = [table.filter(pl.col("status") == "signed")["n"].item() for table in (before[0], after[0])]
    assert signed[1] == signed[0] - 1
    totals = [table.filter(pl.col("period") == paper["period"])["n_items"].sum() for table in (before[1], after[1])]
    assert totals[1] == totals[0] - paper["n"]
    assert card["park_id"] in before[2]["park_id"]
    assert card["park_id"] not in after[2]["park_id"]
    peers = [table.filter(pl.col("dimension") == "mix")["n_peers"].max() for table in (before[2], after[2])]
    assert peers[1] == peers[0] - 1
    assert [table.filter(pl.col("status") == "signed")["n"].sum() for table in (before[3], after[3])] == signed
    assert before[4][0] is not None
    assert (before[4][1], after[4]) == (12, (None, 11)), "a year without one of its months is not complete"
    for dataset in ("followups", "publications", "scorecards"):
        assert (
            store.as_of(dataset, moment).collect()["retired_on"].null_count() == store.entries(dataset).collect().height
        )
