"""An analyst keeps a register by hand; leadership looks at events and a park; an official sees the same and no more."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from data import registry
from pages.parts.text import say

pytestmark = pytest.mark.browser
PROBES = r"/[^/]*/_stcore/(health|host-config)"
"""What the library itself asks for below a page before it asks at the root."""

PROGRAMME, NAME, NEW_NAME = "journey_day", "园区开放日(浏览器)", "园区开放夜(浏览器)"


def button(page: Page, key: str, **told: object) -> Locator:
    """The button with the words of that key."""
    return page.get_by_role("button", name=say(key, "zh", **told), exact=True)


def box(dialog: Locator, key: str) -> Locator:
    """The text box of a field, required ones are marked behind their name."""
    return dialog.get_by_role("textbox", name=say(key, "zh")).first


def stored(visitor, page: Page, key: str, name: str) -> None:
    """Waits until the page says what became of an entry, by its name, and the dialog is gone."""
    told = say(key, "zh", name=name, id=0).split("0")[0]
    expect(page.get_by_test_id("stAlert").filter(has_text=told).first).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    visitor.settle()


def opened(visitor, page: Page) -> Locator:
    """The dialog of the programme of this journey, found by its name."""
    search = page.get_by_role("textbox", name=say("registers.search", "zh"))
    search.fill(NAME[:4])  # the two names begin alike
    search.press("Enter")
    visitor.settle()
    which = visitor.box(say("entry.which", "zh"))
    if PROGRAMME not in which.input_value():  # an entry that was open before stays chosen
        which.click()
        page.get_by_role("option").filter(has_text=PROGRAMME).click()
        visitor.settle()
    button(page, "entry.edit_chosen").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    return dialog


def test_an_analyst_adds_changes_and_retires_a_programme_and_reads_its_history(visitor: Callable) -> None:
    person = visitor(locale="zh-CN", name="register")
    person.open("/registers?as=analyst&lang=zh&register=programmes")
    page = person.page

    button(page, "entry.add").click()
    dialog = page.get_by_role("dialog")
    expect(button(page, "entry.store")).to_be_disabled()
    for key, text in (("field.own_programme_id", PROGRAMME), ("field.name_zh", NAME), ("field.source_title", "测试")):
        box(dialog, key).fill(text)
        box(dialog, key).press("Enter")
        expect(page.locator("[data-stale=true]")).to_have_count(0)
    button(page, "entry.store").click()
    stored(person, page, "entry.stored", NAME)

    dialog = opened(person, page)
    box(dialog, "field.name_zh").fill(NEW_NAME)
    box(dialog, "field.name_zh").press("Enter")
    expect(dialog.get_by_text(say("entry.preview", "zh"))).to_be_visible()
    button(page, "entry.store").click()
    stored(person, page, "entry.stored", NEW_NAME)

    dialog = opened(person, page)
    dialog.get_by_role("tab", name=say("entry.retire", "zh"), exact=True).click()
    expect(button(page, "entry.retire_now")).to_be_disabled()
    reason = dialog.get_by_role("textbox", name=say("field.retired_reason", "zh"))
    reason.fill("试办一年")
    reason.press("Control+Enter")
    expect(button(page, "entry.retire_now")).to_be_enabled()
    button(page, "entry.retire_now").click()
    stored(person, page, "entry.retired", NEW_NAME)

    page.get_by_text(say("registers.also_retired", "zh", n=1), exact=True).click()
    person.settle()
    dialog = opened(person, page)
    dialog.get_by_role("tab", name=say("entry.history", "zh"), exact=True).click()
    expect(dialog.get_by_test_id("stDataFrame")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    person.settle()

    button(page, "entry.export").click()
    with page.expect_download() as sent:
        page.get_by_role("button", name=say("entry.export_csv", "zh"), exact=True).click()
    lines = sent.value.path().read_text(encoding="utf-8-sig").splitlines()
    rows = [row for row in csv.reader(lines) if row and row[0] == PROGRAMME]
    assert len(rows) == 1
    assert {NEW_NAME, "试办一年"} <= set(rows[0])
    person.check(missing=PROBES)
    page.close()


def test_leadership_walks_the_events_and_a_park(visitor: Callable) -> None:
    person = visitor(locale="zh-CN", name="register")
    person.open("/events?as=leadership&lang=zh")
    page = person.page
    for look in ("reach", "funnel", "published", "activity", "list", "overview"):
        page.get_by_role("radio", name=say(f"events.look_{look}", "zh"), exact=True).click()
        person.settle()
        address = expect(page)
        (address.not_to_have_url if look == "overview" else address.to_have_url)(re.compile(f"look={look}"))
        assert page.locator("[data-testid=stMain] h3").count(), f"nothing on the view {look}"
    before = page.locator("h1").first.inner_text()
    person.choose(say("filter.district", "zh"), "朝阳区")
    expect(page).to_have_url(re.compile("district=110105"))
    expect(page.locator("h1").first).not_to_have_text(before)
    expect(button(page, "entry.add")).to_have_count(0)
    person.open("/parks?as=leadership&lang=zh&park=BJ-002")
    name = registry.parks().filter(park_id="BJ-002")["name_zh"].item()
    expect(page.locator("h1").first).to_contain_text(name)
    expect(page.get_by_text(say("parks.answers_confidential", "zh"))).to_be_visible()
    person.check(missing=PROBES)
    page.close()


def test_the_library_is_searched_and_an_official_finds_no_button_to_edit(visitor: Callable) -> None:
    person = visitor(locale="zh-CN", name="official")
    person.open("/registers?as=official&lang=zh&register=library")
    page = person.page
    search = page.get_by_role("textbox").first
    search.fill("工业遗产")
    search.press("Enter")
    person.settle()
    expect(page.locator("[data-testid=stMain]").get_by_text("工业遗产").first).to_be_visible()
    for register in ("members", "partners", "matching", "library", "communication", "programmes"):
        page.get_by_role("radio", name=say(f"registers.view_{register}", "zh"), exact=True).click()
        person.settle()
        expect(button(page, "entry.add")).to_have_count(0)
        expect(button(page, "entry.export")).to_have_count(0)
    person.check(missing=PROBES)
    page.close()
