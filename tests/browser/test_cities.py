"""A weight moved on the composite: the rank intervals follow at once, and a reset takes it back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from pages.parts.text import say

pytestmark = pytest.mark.browser
PROBES = "/cities/_stcore/(health|host-config)"  # asked by Streamlit itself when a page is opened by its address
CHART = ".st-key-rank-intervals .js-plotly-plot"
WATCH = """chart => {
  const marks = () => [...chart.querySelectorAll('.scatterlayer path')].map(p => p.getAttribute('d')
    + p.getAttribute('transform')).join();
  const before = marks(), seen = {drawn: null};
  window.moved = seen;
  document.addEventListener('keydown', () => { seen.pressed ??= performance.now(); }, {capture: true});
  const look = () => { if (seen.drawn === null && marks() !== before) seen.drawn = performance.now();
    if (seen.drawn === null) requestAnimationFrame(look); };
  look();
}"""


def moved(page: Page, label: str, key: str) -> float:
    """Presses a key on the slider with that name; the milliseconds until the intervals of the chart are others."""
    handle = page.get_by_role("slider", name=label).first
    handle.focus()
    page.locator(CHART).evaluate(WATCH)
    page.keyboard.press(key)
    page.wait_for_function("() => window.moved.drawn !== null")
    return float(page.evaluate("() => window.moved.drawn - window.moved.pressed"))


def test_rank_intervals_follow_a_slider(visitor: Callable) -> None:
    person = visitor(locale="en-US")
    person.open("/cities?look=composite&city=essen")
    page = person.page
    heading = page.locator("[data-testid=stMain] h3").first
    expect(heading).to_contain_text("Bochum comes first as a point, but is not distinguishable from Dortmund")
    page.locator(f"{CHART} .scatterlayer path").first.wait_for(state="attached")
    label = "Insured employees living here, per 1,000 residents"
    times = [moved(page, label, "End"), moved(page, label, "Home"), moved(page, label, "End")]
    print("slider move to redrawn intervals, ms:", [round(one) for one in times])
    for other in ("Arts, entertainment & recreation among all", "Information & communication among all"):
        moved(page, other, "Home")
        person.settle()
    expect(page.get_by_text("Against equal weights:")).to_be_visible()
    person.settle()
    page.get_by_role("button", name=say("cities.composite_reset", "en"), exact=True).click()
    expect(page.get_by_text(say("cities.composite_unmoved", "en"))).to_be_visible()
    expect(heading).to_contain_text("Bochum comes first as a point, but is not distinguishable from Dortmund")
    person.settle()
    person.check(missing=PROBES)
    page.close()
