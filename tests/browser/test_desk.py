"""An analyst at the data desk: a messy file is understood, mended, stored, and taken back again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import expect

from pages.parts.text import say

pytestmark = pytest.mark.browser
SURVEY = Path(__file__).parents[2] / "data" / "demo" / "survey_2026-11.csv"
HEADER = "新签租约与问询"


def messy(folder: Path) -> Path:
    """The November survey as a park office sends it: two title rows, GB18030, an own heading, an unknown park."""
    text = SURVEY.read_text(encoding="utf-8-sig").replace("BJ-001", "BJ-999").replace(HEADER, "新签约情况", 1)
    path = folder / "朝阳月报_2026-11.csv"
    path.write_bytes(f"月度调查表\n填报单位:协会\n{text}".encode("gb18030"))
    return path


@pytest.mark.skipif(date.today() < date(2026, 11, 1), reason="the file is of a month this machine has yet to see")
def test_a_messy_file_goes_in_is_mended_and_comes_out_again(visitor: Callable, tmp_path: Path) -> None:
    person = visitor(locale="en-US")
    person.open("/?as=analyst&lang=en")
    before = person.page.locator("h1").first.inner_text()
    person.go(say("nav.upload", "en"))
    page = person.page
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(messy(tmp_path))
    use = page.get_by_role("button", name=say("desk.use_columns", "en"))
    expect(use).to_be_visible()
    person.settle()
    use.click()
    expect(use).to_be_hidden()
    person.settle()
    person.choose("BJ-999", "BJ-001 嘉诚胡同创意工场")
    page.get_by_role("button", name=say("desk.use_parks", "en")).click()
    button = page.get_by_role("button", name=say("upload.store", "en"), exact=True)
    expect(button).to_be_visible()
    person.settle()
    button.click()
    told = say("upload.stored", "en", id=0, n=0).split("0")[0]
    expect(page.get_by_test_id("stAlert").filter(has_text=told)).to_be_visible()
    person.settle()
    person.go(say("nav.history", "en"))
    undo = page.get_by_role("button", name=say("history.undo", "en", id=0).split("0")[0])
    expect(undo).to_be_visible()
    undo.click()
    expect(page.get_by_role("button", name=say("history.redo", "en", id=0).split("0")[0])).to_be_visible()
    person.settle()
    person.go(say("nav.overview", "en"))
    expect(page.locator("h1").first).to_have_text(before)
    person.check()
    page.close()
