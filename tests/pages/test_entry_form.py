"""One entry of a register on screen: added, changed, refused, retired and taken back, with its history."""

from __future__ import annotations

import polars as pl
import pytest

ANALYST = {"as": "analyst", "lang": "en"}


def button(at, label):
    return next(one for one in at.button if one.label == label)


def field(at, label):
    widgets = [*at.text_input, *at.selectbox, *at.text_area, *at.date_input, *at.number_input, *at.multiselect]
    return next(one for one in widgets if one.label in (label, f"{label} *"))


def opened(at, dataset, place):
    at.selectbox(key=f"entry-which-{dataset}").set_value(place).run()
    return button(at, "Edit, retire, history").click().run()


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
    assert at.success[0].value.startswith("Stored night_tour as upload")
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
    assert ("demo-analyst", "English name", old, "A new name") in told.select("By", "Field", "Old", "New").rows()


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
    from datetime import date

    from data.current_registers import registers
    from data.entries import entry

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
