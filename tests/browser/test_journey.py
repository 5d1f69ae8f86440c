"""One journey through the product as a person makes it: read, click, share, switch language, upload, read again."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from playwright.sync_api import expect

from data import boundaries, registry
from pages.parts import blocks, placement
from pages.parts.text import say

pytestmark = pytest.mark.browser
SURVEY = Path(__file__).parents[2] / "data" / "demo" / "survey_2026-11.csv"


def pixels(home: Path, district: str) -> tuple[float, float]:
    """Where the label point of a Beijing district lies on its map, right of and below the centre."""
    shapes = boundaries.load(home, "beijing")
    assert shapes is not None
    view = placement.view_of(shapes, width=blocks.NARROW_MAP)
    row = registry.districts().filter(pl.col("district_code") == district).row(0, named=True)
    return view.pixels(row["centroid_lon"], row["centroid_lat"])


def value(visitor, key: str, language: str) -> str:
    """The number of a metric, read when the page stands still."""
    visitor.settle()
    return visitor.figure(say(key, language)).inner_text().strip()


def click_district(visitor, home: Path, district: str, name: str, label: str, then: str) -> None:
    """Clicks a district on the map and waits until the box with that label shows `then`."""
    visitor.click_map(*pixels(home, district), name)
    expect(visitor.box(label)).to_have_value(then)
    visitor.settle()


@pytest.mark.skipif(
    date.today() < date(2026, 11, 1), reason="the file to try is of a month this machine has yet to see"
)
def test_a_person_reads_clicks_shares_uploads_and_sees_the_headline_move(visitor: Callable, server) -> None:
    person = visitor(locale="zh-CN")
    person.open("/")
    title = person.page.locator("h1").first
    expect(title).to_contain_text("2026年10月景气")
    before = value(person, "overview.headline", "zh")
    assert 0 < float(before) < 100
    person.shot("overview-zh")

    click_district(person, server.home, "110105", "朝阳区", "区", then="朝阳区")
    expect(person.page).to_have_url(re.compile("district=110105"))
    chaoyang = value(person, "overview.headline", "zh")
    assert chaoyang != before
    assert shared(visitor, person.page.url.removeprefix(server.url)) == (chaoyang, title.inner_text(), person.page.url)

    click_district(person, server.home, "110105", "朝阳区", "区", then="全部区")
    expect(person.page).not_to_have_url(re.compile("district"))
    assert value(person, "overview.headline", "zh") == before

    person.switch("English")
    expect(title).to_contain_text("Oct 2026")
    expect(person.page).to_have_url(re.compile("lang=en"))
    assert value(person, "overview.headline", "en") == before
    person.shot("overview-en")

    person.choose(say("frame.view_as", "en"), say("role.analyst", "en"))
    person.go(say("nav.upload", "en"))
    after = store(person)
    person.go(say("nav.overview", "en"))
    expect(title).to_contain_text("Nov 2026")
    moved = value(person, "overview.headline", "en")
    assert moved == after
    assert moved != before
    person.check()
    person.page.close()


def shared(visitor: Callable, address: str) -> tuple[str, str, str]:
    """The address opened by somebody else, in a browser that was never here: headline, finding and address there."""
    friend = visitor(locale="zh-CN", name="friend")
    friend.open(address)
    expect(friend.box("区")).to_have_value("朝阳区")
    seen = value(friend, "overview.headline", "zh"), friend.page.locator("h1").first.inner_text(), friend.page.url
    friend.check()
    friend.page.close()
    return seen


def store(person) -> str:
    """Sends the file of November, reads the preview, stores it; the headline that the preview announced."""
    page = person.page
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(SURVEY)
    button = page.get_by_role("button", name=say("upload.store", "en"), exact=True)
    expect(button).to_be_visible()
    person.settle()
    expect(person.figure(say("upload.before", "en"))).to_have_text("—")
    after = person.figure(say("upload.after", "en")).inner_text().strip()
    expect(page.get_by_text("Nov 2026").first).to_be_visible()
    person.shot("upload-en")
    button.click()
    told = say("upload.stored", "en", id=0, n=0).split("0")[0]
    expect(page.get_by_test_id("stAlert").filter(has_text=told)).to_be_visible()
    person.settle()
    return after


def test_a_district_click_works_in_english(visitor: Callable, server) -> None:
    reader = visitor(locale="en-US")
    reader.open("/")
    expect(reader.page.locator("h1").first).to_contain_text("Prosperity")
    click_district(reader, server.home, "110108", "Haidian", "District", then="Haidian")
    expect(reader.page).to_have_url(re.compile("district=110108"))
    assert "lang=" not in reader.page.url
    reader.choose("District", "All districts")
    expect(reader.page).not_to_have_url(re.compile("district"))  # the box shows its value before the page has run
    reader.check()
    reader.page.close()


def test_an_official_finds_and_reaches_only_the_own_district(visitor: Callable, server) -> None:
    official = visitor(locale="zh-CN")
    official.open("/?as=official&district=110108")
    expect(official.box("区")).to_have_value("朝阳区")
    assert official.options("区") == ["朝阳区"]
    assert official.options("城市") == ["北京"]
    own = value(official, "overview.headline", "zh")
    official.click_map(*pixels(server.home, "110108"), "海淀区")
    official.page.wait_for_timeout(400)  # the click has reached the server; its answer is on the way
    official.settle()
    expect(official.box("区")).to_have_value("朝阳区")
    assert value(official, "overview.headline", "zh") == own
    assert "110108" not in official.page.url
    official.check()
