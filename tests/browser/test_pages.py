"""Every page in both languages, on a desktop and on a phone: drawn, inside its frame, and silent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from pages.parts.text import say

pytestmark = pytest.mark.browser
PROBES = "/prosperity/_stcore/(health|host-config)"  # asked by Streamlit itself when a page is opened by its address
FILES = (Path(__file__).parents[2] / "pages").glob("*.py")
PAGES = sorted({path.stem for path in FILES} - {"__init__"})
SHOTS = {("prosperity", "zh"), ("events", "zh"), ("clustering", "zh"), ("cities", "en"), ("parks", "zh")}
PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1440, "height": 900}

CUT_OFF = """() => {
  const cut = [], main = document.querySelector('[data-testid=stMain]'), frames = new Map();
  const frameOf = one => {
    if (!frames.has(one)) {
      const style = getComputedStyle(one), [x, y] = [style.overflowX !== 'visible', style.overflowY === 'hidden'];
      const above = one === main ? null : frameOf(one.parentElement);
      frames.set(one, x || y ? {box: one.getBoundingClientRect(), x, y, above} : above);
    }
    return frames.get(one);
  };
  const walker = document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const parent = node.parentElement, range = document.createRange();
    if (!node.textContent.trim() || parent.closest('[data-testid=stDataFrame], pre, style, script, .js-plotly-plot'))
      continue;
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) {
      if (box.width < 2 || box.height < 2 || !parent.checkVisibility()) continue;
      for (let clip = frameOf(parent); clip; clip = clip.above) {
        const frame = clip.box;
        const sides = clip.x && (box.right > frame.right + 1 || box.left < frame.left - 1);
        const below = clip.y && (box.bottom > frame.bottom + 2 || box.top < frame.top - 2);
        if (frame.width > 1 && (sides || below)) { cut.push(node.textContent.trim()); break; }
      }
    }
  }
  return [...new Set(cut)];
}"""

COLLIDING = """() => [...document.querySelectorAll('.js-plotly-plot')].flatMap(plot => {
  const frame = plot.getBoundingClientRect();
  const texts = [...plot.querySelectorAll('svg text')].filter(text =>
    text.textContent.trim() && text.getBBox().width && text.getScreenCTM().b === 0);
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

TITLE_OF = """name => [...document.querySelectorAll('[data-testid=stSidebarNavLink]')].find(link =>
  new URL(link.href).pathname === (name === 'overview' ? '/' : '/' + name)).textContent.trim()"""

TOO_WIDE = """() => {
  const main = document.querySelector('[data-testid=stMain]');
  const block = document.querySelector('[data-testid=stMainBlockContainer]');
  return [main.scrollWidth - main.clientWidth, block.scrollWidth - block.clientWidth];
}"""


@pytest.fixture(scope="module")
def window(visitor: Callable):
    """One window, opened at a page's own address by an analyst (who may open every page); it goes from page to page."""
    person = visitor(locale="zh-CN")
    person.open("/prosperity?district=110105&lang=en&as=analyst")
    yield person
    person.page.close()


def test_a_page_opened_by_its_address_shows_what_the_address_says(window) -> None:
    expect(window.box("District")).to_have_value("Chaoyang")
    expect(window.box("View as")).to_have_value("Analyst")
    expect(window.page.locator("h1").first).to_contain_text("Prosperity")
    window.switch("中文")
    expect(window.box("区")).to_have_value("朝阳区")
    window.choose("区", "全部区")
    window.check(missing=PROBES)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_whole_in_both_languages_and_on_a_phone(name: str, window) -> None:
    """Drawn, no text cut off on a desktop of 1440 pixels, not wider than a phone of 390, and silent."""
    window.page.set_viewport_size(DESKTOP)
    window.go(window.page.evaluate(TITLE_OF, name))
    first = window.page.evaluate("() => document.documentElement.lang.slice(0, 2)")
    if window.page.get_by_test_id("stDeckGlJsonChart").count():
        window.map()
    complete(window, name, first)
    window.switch({"zh": "English", "en": "中文"}[first])
    complete(window, name, {"zh": "en", "en": "zh"}[first])
    window.page.set_viewport_size(PHONE)
    window.page.wait_for_function(f"() => ({TOO_WIDE})().every(excess => excess <= 1)", timeout=15_000)
    window.settle()
    assert window.page.evaluate(TOO_WIDE) == [0, 0]
    window.check(missing=PROBES)


def complete(person, name: str, language: str) -> None:
    """The page in one language: its link is the chosen one, no text is cut off or in the way of another."""
    chosen = person.page.locator("[data-testid=stSidebarNavLink][aria-current=page]")
    expect(chosen).to_have_text(say(f"nav.{name}", language))
    for _ in range(50):  # a chart settles a moment after its page
        if not (found := person.page.evaluate(CUT_OFF) + person.page.evaluate(COLLIDING)):
            break
        person.page.wait_for_timeout(200)
    assert not found
    if (name, language) in SHOTS:
        person.shot(f"{name}-{language}")
