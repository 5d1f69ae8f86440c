"""Every page in both languages, on a desktop and on a phone: drawn, inside its frame, and silent."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from pages.parts.text import say

pytestmark = pytest.mark.browser
PROBES = "/{page}/_stcore/(health|host-config)"  # asked by Streamlit itself when a page is opened by its address
PAGES = ("overview", "prosperity", "events", "clustering", "cities", "parks", "upload", "methods")
MAPS = {"overview", "prosperity", "events", "clustering", "cities", "parks"}
SHOTS = {("prosperity", "zh"), ("events", "zh"), ("clustering", "zh"), ("cities", "en"), ("parks", "zh")}
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1360, "height": 900}

CUT_OFF = """() => [...document.querySelectorAll('[data-testid=stMain] *')].filter(one => {
  const text = [...one.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
  const style = getComputedStyle(one);
  return text && one.clientWidth > 0 && style.overflowX !== 'visible' && one.scrollWidth > one.clientWidth + 1
    && !one.closest('[data-testid=stDataFrame], pre');
}).map(one => one.textContent.trim())"""

COLLIDING = """() => [...document.querySelectorAll('.js-plotly-plot')].flatMap(plot => {
  const frame = plot.getBoundingClientRect();
  const texts = [...plot.querySelectorAll('svg text')].filter(text => text.textContent.trim() && text.getBBox().width);
  const boxes = texts.map(text => [text.textContent, text.getBoundingClientRect()]);
  const found = boxes.filter(([, box]) => box.left < frame.left - 2 || box.right > frame.right + 2)
    .map(([text]) => `outside: ${text}`);
  boxes.forEach(([text, a], i) => boxes.slice(i + 1).forEach(([other, b]) => {
    const across = Math.min(a.right, b.right) - Math.max(a.left, b.left);
    const along = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
    if (across > 2 && along > 4) found.push(`${text} | ${other}`);
  }));
  return found;
})"""

TOO_WIDE = """() => {
  const main = document.querySelector('[data-testid=stMain]');
  const block = document.querySelector('[data-testid=stMainBlockContainer]');
  return [main.scrollWidth - main.clientWidth, block.scrollWidth - block.clientWidth];
}"""


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_in_both_languages_and_on_a_phone(name: str, visitor: Callable) -> None:
    person = visitor(locale="zh-CN")
    person.open(f"/{name}?as=analyst" if name != "overview" else "/?as=analyst")
    for language in ("zh", "en"):
        if language == "en":
            person.switch("English")
        complete(person, name, language)
        if (name, language) in SHOTS:
            person.shot(f"{name}-{language}")
    person.page.set_viewport_size(PHONE)
    person.settle()
    person.page.wait_for_function(f"() => ({TOO_WIDE})().every(excess => excess <= 1)", timeout=15_000)
    person.shot(f"{name}-phone", keep=False)
    person.check(missing=PROBES.format(page=name))


def complete(person, name: str, language: str) -> None:
    """The page in one language: its link is the chosen one, its map is drawn, no text is cut off or in the way."""
    chosen = person.page.locator("[data-testid=stSidebarNavLink][aria-current=page]")
    expect(chosen).to_have_text(say(f"nav.{name}", language))
    if name in MAPS:
        person.map()
    assert person.page.evaluate(CUT_OFF) == []
    assert person.page.evaluate(COLLIDING) == []
