"""One entry of a register on screen: added, changed, refused, retired and taken back, with its history."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest

from data import registry
from data.current_registers import registers
from data.entries import entry
from data.ingest import check, fields_of
from data.store import StoreError
from pages.parts.registers import entry_form, entry_history

ANALYST = {"as": "analyst", "lang": "en"}


def button(at, label):
    return next(one for one in at.button if one.label == label)


def field(at, label):
    widgets = [*at.text_input, *at.selectbox, *at.text_area, *at.date_input, *at.number_input, *at.multiselect]
    return next(one for one in widgets if one.label in (label, f"{label} *"))


def opened(at, dataset, place):
    box = at.selectbox(key=f"entry-which-{dataset}")
    box.set_value(keys_of(box)[place]).run()
    return button(at, "Edit, retire, history").click().run()


def keys_of(box):
    """The keys of the entries in the order of the box: what is shown there is only their names."""
    return list(
        next(cell.cell_contents for cell in box.format_func.__closure__ if isinstance(cell.cell_contents, dict))
    )


@pytest.fixture
def programmes(copied, look):
    return look("registers", register="programmes", **ANALYST)


def test_a_new_entry_is_stored_and_told(programmes, stored):
    at = button(programmes, "Add").click().run()
    assert button(at, "Store").disabled
    field(at, "Programme code").set_value("night_tour").run()
    field(at, "Chinese name").set_value("夜游园区").run()
    button(at, "Store").click().run()
    assert not at.error
    assert at.success[0].value.startswith("Stored “夜游园区” as upload")
    row = stored().programmes().filter(pl.col("programme_id") == "night_tour").collect().row(0, named=True)
    assert (row["name_zh"], row["origin"], row["is_synthetic"]) == ("夜游园区", "stored", False)
    assert "Store" not in [one.label for one in at.button]


def test_what_is_wrong_is_a_sentence_with_the_field_and_nothing_is_stored(programmes, stored):
    before = stored().revision()
    at = button(programmes, "Add").click().run()
    field(at, "Programme code").set_value("other_show").run()
    field(at, "Chinese name").set_value("文科汇").run()
    button(at, "Store").click().run()
    assert "Nothing was stored" in at.error[0].value
    assert "**Chinese name**" in at.error[0].value
    assert "“文科汇” in “Chinese name” is already the name of another entry" in at.error[0].value
    assert "line 3" not in at.error[0].value
    assert stored().revision() == before
    assert field(at, "Chinese name").value == "文科汇"


def test_a_shipped_entry_is_changed_and_its_history_tells_old_and_new(programmes, screen, stored):
    at = opened(programmes, "programmes", 0)
    key = field(at, "Programme code")
    assert key.disabled
    code = key.value
    old = field(at, "English name").value
    field(at, "English name").set_value("A new name").run()
    change = screen(at).table("Field", "Old", "New").row(0)
    assert change == ("English name", old, "A new name")
    button(at, "Store").click().run()
    assert at.success
    row = stored().programmes().filter(pl.col("programme_id") == code).collect().row(0, named=True)
    assert row["name_en"] == "A new name"
    assert row["name_zh"]
    at = button(at, "Edit, retire, history").click().run()
    told = screen(at).table("Time", "By", "Field", "Old", "New")
    assert told.columns[:4] == ["Field", "Old", "New", "Time"]
    assert ("demonstration · Analyst", "English name", old, "A new name") in told.select(
        "By", "Field", "Old", "New"
    ).rows()


def test_an_entry_is_retired_with_a_reason_and_taken_back(programmes, stored):
    at = opened(programmes, "programmes", 1)
    code = field(at, "Programme code").value

    def end():
        return (
            stored()
            .programmes()
            .filter(pl.col("programme_id") == code)
            .collect()
            .select("retired_on", "retired_reason")
        )

    assert button(at, "Retire this entry").disabled
    field(at, "Reason for retiring").set_value("merged with another").run()
    button(at, "Retire this entry").click().run()
    assert at.success[0].value.startswith("Retired “")
    assert at.selectbox(key="entry-which-programmes").value is None
    assert end()["retired_reason"].item() == "merged with another"
    assert end()["retired_on"].item() is not None
    shown = pl.concat(
        [pl.from_pandas(table.value).select(pl.all().cast(pl.String)) for table in at.dataframe], how="diagonal"
    )
    assert code not in shown["Programme code"].to_list()
    at.checkbox(key="retired_programmes").set_value(True).run()
    places = at.selectbox(key="entry-which-programmes").options
    at = opened(at, "programmes", next(n for n, name in enumerate(places) if name.startswith(f"{code} ")))
    assert "merged with another" in "".join(text.value for text in at.markdown)
    button(at, "Take back into use").click().run()
    assert end().row(0) == (None, None)


def test_two_who_change_the_same_entry_are_told(programmes, stored):
    at = opened(programmes, "programmes", 0)
    code = field(at, "Programme code").value
    other = stored()
    entry(other, "programmes", {"programme_id": code, "organiser": "somebody"}, registers(other), date.today(), "eve")
    field(at, "English name").set_value("Mine").run()
    button(at, "Store").click().run()
    assert "stored another version; nothing was stored" in at.error[0].value
    button(at, "Store").click().run()
    assert at.success
    row = stored().programmes().filter(pl.col("programme_id") == code).collect().row(0, named=True)
    assert (row["name_en"], row["organiser"]) == ("Mine", "somebody")


@pytest.mark.parametrize(
    ("view", "dataset", "labels"),
    [
        ("members", "members", {"Body *", "Joined on", "City"}),
        ("partners", "offers", {"Partner *", "Tags *", "Stage", "Region", "Until"}),
        ("partners", "needs", {"Park *", "Tags *", "Region"}),
        ("library", "documents", {"Level *", "Parks concerned", "Link", "Summary"}),
        ("communication", "publications", {"Channel *", "Month *", "Items *"}),
    ],
)
def test_every_register_has_its_boxes_and_opens_as_it_is_stored(demo, look, view, dataset, labels):
    at = look("registers", register=view, **ANALYST)
    at = opened(at, dataset, 0)
    assert not at.exception
    widgets = [*at.text_input, *at.selectbox, *at.text_area, *at.date_input, *at.number_input, *at.multiselect]
    assert {name.rstrip(" *") for name in labels} <= {one.label.rstrip(" *") for one in widgets}
    assert button(at, "Store").disabled
    assert not [table for table in at.dataframe if "New" in table.value.columns and "Time" not in table.value.columns]


@pytest.mark.parametrize(("language", "asked"), [("zh", ("经度", "纬度", "坐标系")), ("en", ("Longitude", "Latitude"))])
def test_a_park_placed_by_its_district_starts_without_a_position(demo, look, language, asked):
    edit = {"zh": "修改、停用、变更记录", "en": "Edit, retire, history"}[language]
    at = button(look("parks", park="BJ-018", **ANALYST | {"lang": language}), edit).click().run()
    assert [field(at, label).value for label in asked] == [None] * len(asked)
    at = button(look("parks", park="RU-001", **ANALYST | {"lang": language}), edit).click().run()
    assert None not in [field(at, label).value for label in asked]


def test_half_a_position_is_refused_in_a_sentence(copied, look, stored):
    before = stored().revision()
    at = button(look("parks", park="BJ-018", **ANALYST), "Edit, retire, history").click().run()
    field(at, "Longitude").set_value(116.5).run()
    button(at, "Store").click().run()
    assert "half a position" in at.error[0].value
    assert "**Latitude**" in at.error[0].value
    assert stored().revision() == before
    field(at, "Latitude").set_value(39.9).run()
    field(at, "Coordinate system").set_value("WGS84").run()
    button(at, "Store").click().run()
    assert not at.error
    row = stored().parks().filter(pl.col("park_id") == "BJ-018").collect().row(0, named=True)
    assert (row["lon"], row["lat"], row["coord_precision"]) == (116.5, 39.9, "site")


def test_the_place_of_a_shipped_site_moves_by_one_number(copied, look, stored):
    old = stored().parks().filter(pl.col("park_id") == "RU-001").collect().row(0, named=True)
    at = button(look("parks", park="RU-001", **ANALYST), "Edit, retire, history").click().run()
    field(at, "Longitude").set_value(7.05).run()
    button(at, "Store").click().run()
    assert not at.error
    row = stored().parks().filter(pl.col("park_id") == "RU-001").collect().row(0, named=True)
    assert (row["lon"], row["lat"]) == (7.05, old["lat"])


EVENT = {"event_id": "E-1", "date": date(2026, 10, 5), "programme_id": "training", "city_id": "beijing"}
CHANGE = {"mode": "online", "district_code": "110105", "park_id": "BJ-018", "participants_online": 40}


class Seen:
    """What the history asks of a visit, without a page: a language."""

    def __init__(self, language):
        from pages.parts.session import Visit

        self.visit = Visit(None, language, False, None, 0, "", "")


def changes(store, dataset, language, key):
    rows = store.entry_history(dataset, key)
    return entry_history.worded(Seen(language).visit, dataset, rows, registers(store), "Asia/Shanghai")


def test_the_history_of_an_entry_is_told_in_words(copied, stored):
    store, key = stored(), {"event_id": "E-1"}
    entry(store, "events", EVENT, registers(store), date.today(), "ann")
    entry(store, "events", key | CHANGE, registers(store), date.today(), "ann")
    told = changes(store, "events", "zh", key)
    cells = {name: (old, new) for name, old, new in told.select("字段", "旧", "新").rows()[: len(CHANGE)]}
    assert cells == {
        "形式": (None, "线上"),
        "区": (None, "北京 · 朝阳区 (110105)"),
        "园区": (None, "首创·郎园Station (BJ-018)"),
        "线上人数": (None, "40"),
    }
    told = changes(store, "events", "en", key)
    words = dict(told.select("Field", "New").rows())
    assert words["Mode"] == "online"
    assert words["District"] == "Beijing · Chaoyang (110105)"
    assert words["Programme"].endswith("(training)")
    assert words["Programme"] != "training (training)"
    assert (words["City"], words["Synthetic"], words["Event id"]) == ("Beijing", "no", "E-1")
    assert set(told["By"]) == {"demonstration · Analyst"}
    assert set(told["State"]) == {"active"}
    first = store.entry_history("events", key)["at"][0]
    moment = datetime.strptime(told["Time"][0], "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
    assert round((moment - first.replace(second=0, microsecond=0)).total_seconds()) == 8 * 3600


def test_follow_ups_publications_and_scorecards_are_told_in_words_and_retired_entries_by_name(copied, stored):
    store = stored()
    step = store.followups().filter(pl.col("status") == "signed").collect().row(0, named=True)
    key = {name: step[name] for name in ("need_id", "offer_id", "date")}
    need = store.needs().filter(pl.col("need_id") == step["need_id"]).collect().row(0, named=True)
    entry(store, "needs", {"need_id": step["need_id"]}, registers(store), date.today(), "ann", retire="met")
    entry(store, "followups", key | {"status": "declined"}, registers(store), date.today(), "ann")
    told = changes(store, "followups", "en", key)
    assert told.select("Field", "Old", "New").row(0) == ("Status", "signed", "declined")
    assert dict(told.select("Field", "New").rows())["Need"] == f"{need['title']} ({step['need_id']})"
    paper = store.publications().collect().row(0, named=True)
    key = {name: paper[name] for name in ("channel", "period", "kind")}
    words = dict(changes(store, "publications", "en", key).select("Field", "New").rows())
    assert words["Month"] == f"{paper['period']:%Y-%m}"
    assert words["Synthetic"] == "yes"
    card = store.scorecards().filter(pl.col("services").is_not_null()).collect().row(0, named=True)
    words = dict(
        changes(store, "scorecards", "zh", {"park_id": card["park_id"], "year": card["year"]})
        .select("字段", "新")
        .rows()
    )
    assert not set(words["服务设施"].split("; ")) & {"canteen", "housing", "legal"}


@pytest.mark.parametrize(
    ("view", "dataset"), [("matching", "followups"), ("communication", "publications"), ("programmes", "programmes")]
)
def test_an_entry_of_any_list_is_retired_hidden_and_shown_again(copied, look, screen, stored, view, dataset):
    at = look("registers", register=view, **ANALYST)
    before = stored().entries(dataset).filter(pl.col("retired_on").is_null()).collect().height
    at = opened(at, dataset, 0)
    field(at, "Reason for retiring").set_value("entered twice").run()
    button(at, "Retire this entry").click().run()
    assert not at.error
    assert stored().entries(dataset).filter(pl.col("retired_on").is_null()).collect().height == before - 1
    assert at.checkbox(key=f"retired_{dataset}").label == "Also show the 1 retired"
    at.checkbox(key=f"retired_{dataset}").set_value(True).run()
    assert "entered twice" in screen(at).said()


def test_the_scorecards_of_a_park_are_kept_on_its_page(copied, look, screen, stored):
    card = stored().scorecards().sort("park_id").collect().row(0, named=True)
    at = look("parks", park=card["park_id"], **ANALYST)
    assert "Scorecards of this park by year (1)" in [part.label for part in at.expander]
    at.selectbox(key="entry-which-scorecards").set_value((card["park_id"], card["year"])).run()
    [one for one in at.button if one.label == "Edit, retire, history"][-1].click().run()
    field(at, "Reason for retiring").set_value("wrong park").run()
    button(at, "Retire this entry").click().run()
    assert not at.error
    assert "There is no scorecard of this park" in screen(at).said()
    at.checkbox(key="retired_scorecards").set_value(True).run()
    assert "wrong park" in screen(at).said()
    leader = look("parks", park=card["park_id"], lang="en", **{"as": "leadership"})
    assert not [part for part in leader.expander if part.label.startswith("Scorecards of this park")]


def test_an_export_is_made_on_the_click_and_comes_back_as_it_is(demo, look, stored):
    at = look("registers", register="matching", **ANALYST)
    labels = [one.proto.label for one in at.get("download_button")]
    assert {"Download as Excel", "Download as CSV"} <= set(labels)
    store = stored()
    visit = Seen("zh").visit
    data = entry_form.entries_csv(store, "followups", registers(store), visit.language)
    back = check("followups", data, "f.csv", registers(store), date.today()).accepted
    names = [one.name for one in fields_of("followups", registers(store))]
    key = ["need_id", "offer_id", "date"]
    assert back.sort(key).equals(store.followups().select(names).sort(key).collect())


def test_a_choice_leaves_the_box_with_its_row_and_a_new_one_opens(copied, look):
    at = look("registers", register="members", **ANALYST)
    box = at.selectbox(key="entry-which-members")
    box.set_value(("association", "DEMO-M002")).run()
    assert button(at, "Edit, retire, history")
    at.text_input(key="search_members").set_value("合成会员05").run()
    assert at.selectbox(key="entry-which-members").value is None
    assert "Edit, retire, history" not in [one.label for one in at.button]
    at.selectbox(key="entry-which-members").set_value(("association", "DEMO-M051")).run()
    at.text_input(key="search_members").set_value("合成会员051").run()
    at = button(at, "Edit, retire, history").click().run()
    assert field(at, "Member id").value == "DEMO-M051"


@pytest.mark.parametrize(
    ("language", "said"), [("zh", "还须填写：会员编号"), ("en", "Still to be filled in: Member id")]
)
def test_what_is_required_is_named_and_the_body_is_that_of_the_tab(demo, look, language, said):
    add, store = {"zh": ("新增", "保存"), "en": ("Add", "Store")}[language]
    at = look("registers", register="members", body="alliance", **ANALYST | {"lang": language})
    at = button(at, add).click().run()
    assert button(at, store).disabled
    assert [warning.value for warning in at.warning] == [said]
    body, number = {"zh": ("组织", "会员编号"), "en": ("Body", "Member id")}[language]
    assert field(at, body).value == "alliance"
    field(at, number).set_value("T-1").run()
    assert not at.warning
    assert not button(at, store).disabled


@pytest.mark.parametrize(("language", "said"), [("zh", "未能保存"), ("en", "Nothing was stored.")])
def test_a_store_that_fails_is_told_in_the_language_of_the_page(copied, look, monkeypatch, language, said):
    def failing(*_given):
        raise StoreError("the disk is full")

    monkeypatch.setattr(entry_form, "entry", failing)
    add, store, code = {"zh": ("新增", "保存", "栏目编号"), "en": ("Add", "Store", "Programme code")}[language]
    at = button(look("registers", register="programmes", **ANALYST | {"lang": language}), add).click().run()
    field(at, code).set_value("night_tour").run()
    button(at, store).click().run()
    assert at.error[0].value.startswith(said)
    assert "the disk is full" in at.error[0].value


@pytest.mark.parametrize(
    ("view", "place", "said"), [("partners", 2, "title and the tags"), ("matching", 0, "the note")]
)
def test_the_forms_of_needs_and_follow_ups_say_who_reads_what(demo, look, view, place, said):
    at = look("registers", register=view, **ANALYST)
    at = [one for one in at.button if one.label == "Add"][place].click().run()
    assert [note.value for note in at.info if note.value.startswith("Everybody reads") and said in note.value]


def test_words_of_free_text_are_offered_in_the_language(demo, look):
    at = look("registers", register="library", **ANALYST)
    at = opened(at, "documents", 0)
    [topic] = [box for box in at.selectbox if box.label == "Topic" and box.key != "topic"]
    assert "Park policy" in topic.options
    assert topic.value in registry.library()["topic"].to_list()
