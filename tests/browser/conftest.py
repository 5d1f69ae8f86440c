"""The product as a newcomer starts it, and a visitor in a real Chromium who notes everything that should not happen."""

from __future__ import annotations

import contextlib
import io
import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Error,
    Locator,
    Page,
    Request,
    TimeoutError,
    ViewportSize,
    WebSocket,
    expect,
    sync_playwright,
)

ROOT = Path(__file__).parents[2]
IMAGES = ROOT / "docs" / "images"
LOCAL = {"localhost", "127.0.0.1", "::1"}
PATIENCE_MS = 60_000
DRAWN_COLOURS = 40  # an empty map has one or two
LARGEST_BYTES = 300_000
DESKTOP: ViewportSize = {"width": 1440, "height": 900}
MAP = "[data-testid=stDeckGlJsonChart] canvas"
SETTLED = "[data-testid=stApp][data-test-script-state=notRunning]"
GL = ["--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"]
OPTIONS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu-compositing", *GL]  # WebGL in software, only it


@contextlib.contextmanager
def free_port() -> Iterator[int]:
    """A port that nobody else is given while our server starts: held by a socket that is bound and does not listen."""
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        port = int(holder.getsockname()[1])
        if sys.platform != "linux":  # elsewhere only one can bind it
            holder.close()
        yield port


def environment(home: Path) -> dict[str, str]:
    """The environment of a newcomer: nothing set but the data folder; no proxy between browser and server."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PARK_", "STREAMLIT_"))}
    return {**kept, "PARK_HOME": str(home), "NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost"}


@dataclass(frozen=True)
class Server:
    """A running dashboard."""

    url: str
    home: Path


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The dashboard started as `make run` starts it, in an empty data folder and on a free port."""
    folder = tmp_path_factory.mktemp("served")
    home, log = folder / "home", folder / "server.log"
    run = {"cwd": ROOT, "env": environment(home)}
    done = subprocess.run([sys.executable, "-m", "data", "init"], capture_output=True, text=True, timeout=180, **run)
    assert done.returncode == 0, done.stderr
    command = [sys.executable, "-m", "streamlit", "run", "dashboard.py", "--server.address", "127.0.0.1"]
    with (
        free_port() as port,
        log.open("wb") as out,
        subprocess.Popen([*command, "--server.port", str(port)], stdout=out, stderr=out, **run) as served,
    ):
        try:
            wait_until_healthy(f"http://127.0.0.1:{port}", served, log)
            yield Server(f"http://127.0.0.1:{port}", home)
        finally:
            served.terminate()
            try:
                served.wait(15)
            except subprocess.TimeoutExpired:
                served.kill()


def wait_until_healthy(url: str, run: subprocess.Popen[bytes], log: Path) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            with opener.open(f"{url}/_stcore/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            assert run.poll() is None, log.read_text(encoding="utf-8", errors="replace")
            time.sleep(0.25)
    pytest.fail(f"the server did not answer within 60 s: {log.read_text(encoding='utf-8', errors='replace')}")


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=OPTIONS)
        yield opened
        opened.close()


@dataclass
class Visitor:
    """One person at one browser window, and what the window asked for and complained about."""

    page: Page
    url: str
    folder: Path
    outside: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    sent: int = 0

    def __post_init__(self) -> None:
        self.page.set_default_timeout(PATIENCE_MS)
        self.page.on("request", self._asked)
        self.page.on("websocket", self._connected)
        self.page.on("console", self._said)
        self.page.on("pageerror", self._failed)

    def _note(self, url: str) -> None:
        asked = urllib.parse.urlparse(url)
        if asked.scheme in ("http", "https", "ws", "wss") and asked.hostname not in LOCAL:
            self.outside.append(url[:200])

    def _asked(self, request: Request) -> None:
        self._note(request.url)

    def _connected(self, socket: WebSocket) -> None:
        self._note(socket.url)
        socket.on("framesent", self._counted)

    def _counted(self, _: object) -> None:
        self.sent += 1

    def _said(self, message: ConsoleMessage) -> None:
        if message.type != "error":
            return
        where = message.location.get("url", "")
        if "404" in message.text:
            self.missing.append(urllib.parse.urlparse(where).path)
        else:
            self.complaints.append(f"{message.text[:400]} ({where})")

    def _failed(self, error: Error) -> None:
        self.complaints.append(f"page error: {error}"[:400])

    def open(self, address: str = "/") -> None:
        """Opens an address of the dashboard and waits until the page has run."""
        self.page.goto(self.url + address)
        self.settle()

    def settle(self) -> None:
        """Waits until the script has run and nothing on the page is a leftover of the run before."""
        self.page.locator(SETTLED).wait_for()
        title, failure = self.page.locator("[data-testid=stMain] h1"), self.page.get_by_test_id("stException")
        expect(title.or_(failure).first).to_be_visible(timeout=PATIENCE_MS)
        assert failure.all_inner_texts() == []
        expect(self.page.locator("[data-testid=stSkeleton]")).to_have_count(0)
        expect(self.page.locator("[data-stale=true]")).to_have_count(0)

    def box(self, label: str) -> Locator:
        """The select box with that label; its value is the text shown."""
        return self.page.get_by_role("combobox", name=label, exact=True)

    def options(self, label: str) -> list[str]:
        """What the select box offers."""
        self.box(label).click()
        listed = self.page.get_by_role("option")
        listed.first.wait_for()
        names = listed.all_inner_texts()
        self.page.keyboard.press("Escape")
        return names

    def choose(self, label: str, option: str) -> None:
        """Chooses in a select box and waits until the page followed."""
        self.box(label).click()
        self.box(label).fill(option)  # a long list holds only what is in sight
        before = self.sent
        self.page.get_by_role("option", name=option, exact=True).click()
        expect(self.box(label)).to_have_value(option)
        for _ in range(50):  # the box shows its value before the server has heard of it
            if self.sent == before:
                self.page.wait_for_timeout(100)
        self.page.wait_for_timeout(100)
        self.settle()

    def sidebar(self) -> Locator:
        """The sidebar, opened if it is closed."""
        bar, opener = self.page.get_by_test_id("stSidebar"), self.page.get_by_test_id("stExpandSidebarButton")
        end = time.monotonic() + PATIENCE_MS / 1000
        while (frame := bar.bounding_box()) is None or frame["x"] < 0 or frame["width"] < 100:
            assert time.monotonic() < end, "the sidebar stays closed"
            if opener.is_visible():
                with contextlib.suppress(TimeoutError):  # a widened window opens it by itself
                    opener.click(timeout=1000)
            self.page.wait_for_timeout(200)
        return bar

    def go(self, title: str) -> None:
        """Goes to a page by its link in the sidebar."""
        links = self.sidebar().get_by_test_id("stSidebarNavLink")
        link = links.filter(has=self.page.get_by_text(title, exact=True))
        link.click()
        expect(link).to_have_attribute("aria-current", "page")
        self.settle()

    def figure(self, label: str) -> Locator:
        """The number of the metric with that label."""
        metric = self.page.get_by_test_id("stMetric").filter(has=self.page.get_by_text(label, exact=True))
        return metric.get_by_test_id("stMetricValue")

    def map(self) -> Locator:
        """The first map of the page, drawn."""
        canvas = self.page.locator(MAP).first
        canvas.scroll_into_view_if_needed()
        end = time.monotonic() + PATIENCE_MS / 1000
        while (found := len(colours(canvas))) < DRAWN_COLOURS:
            assert time.monotonic() < end, f"the map stayed empty: {found} colours"
            self.page.wait_for_timeout(300)
        return canvas

    def click_map(self, right: float, down: float, name: str) -> None:
        """Clicks so many pixels right of and below the centre of the map, once its tooltip says `name` there."""
        canvas = self.map()
        frame = canvas.bounding_box()
        assert frame is not None
        x, y = frame["x"] + frame["width"] / 2 + right, frame["y"] + frame["height"] / 2 + down
        tooltip = self.page.locator("[data-testid=stDeckGlJsonChart] .deck-tooltip").first
        end = time.monotonic() + PATIENCE_MS / 1000
        while name not in (tooltip.text_content() or "") or not tooltip.is_visible():
            assert time.monotonic() < end, f"the map shows {tooltip.text_content()!r} where {name} should be"
            self.page.mouse.move(x + 3, y + 3)
            self.page.mouse.move(x, y, steps=3)
            self.page.wait_for_timeout(100)
        before = self.sent
        while self.sent == before:  # a slow machine takes a click for a long press
            assert time.monotonic() < end, f"no click on {name} reached the server"
            self.page.mouse.click(x, y)
            for _ in range(60):
                if self.sent == before:
                    self.page.wait_for_timeout(100)

    def switch(self, name: str) -> None:
        """Switches the language by its button in the sidebar."""
        self.sidebar().get_by_role("radio", name=name).click()
        code = {"English": "en", "中文": "zh-CN"}[name]
        self.page.wait_for_function("code => document.documentElement.lang === code", arg=code)
        self.settle()

    def check(self, missing: str = "nothing") -> None:
        """No exception on the page, no outside request, no error; answers 404 only where `missing` allows them."""
        assert self.page.get_by_test_id("stException").all_inner_texts() == []
        assert self.outside == []
        assert self.complaints == []
        assert [path for path in self.missing if not re.fullmatch(missing, path)] == []

    def shot(self, name: str, tallest: int = 2600) -> None:
        """A picture of the whole page in docs/images if PARK_SCREENSHOTS=1, else of the window in the test's folder."""
        self.page.mouse.move(2, 2)
        if os.environ.get("PARK_SCREENSHOTS") != "1":
            self.page.screenshot(path=str(self.folder / f"{name}.png"))
            return
        before, height = (
            self.page.viewport_size,
            self.page.get_by_test_id("stMain").evaluate("main => main.scrollHeight"),
        )
        assert before is not None
        self.page.set_viewport_size({"width": before["width"], "height": min(max(height, before["height"]), tallest)})
        if self.page.locator(MAP).count():
            self.map()
        self.page.wait_for_timeout(1500)  # the charts fade in
        whole = Image.open(io.BytesIO(self.page.screenshot(animations="disabled"))).convert("RGB")
        self.page.set_viewport_size(before)
        path = IMAGES / f"{name}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        whole.quantize(256, dither=Image.Dither.FLOYDSTEINBERG).save(path, optimize=True)
        assert path.stat().st_size < LARGEST_BYTES


def colours(canvas: Locator) -> set[object]:
    """The distinct colours of an element as it is on screen."""
    picture = Image.open(io.BytesIO(canvas.screenshot(animations="disabled"))).convert("RGB")
    return {colour for _, colour in picture.getcolors(picture.width * picture.height) or []}


@pytest.fixture(scope="session")
def profile(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """Browser profiles by locale and name, kept for the session: the second window finds the scripts in the cache."""
    kept: dict[tuple[str, str], BrowserContext] = {}

    def opened(locale: str, name: str) -> BrowserContext:
        if (locale, name) not in kept:
            one = browser.new_context(
                locale=locale, viewport=DESKTOP, timezone_id="Asia/Shanghai", reduced_motion="reduce"
            )
            one.route(lambda url: urllib.parse.urlparse(url).hostname not in LOCAL, lambda route: route.abort())
            kept[locale, name] = one
        return kept[locale, name]

    yield opened
    for one in kept.values():
        one.close()


@pytest.fixture(scope="session")
def visitor(
    server: Server, profile: Callable[..., BrowserContext], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., Visitor]:
    """Opens windows: `visitor(locale="zh-CN", name="first")`; another name is another browser profile."""

    def opened(locale: str = "zh-CN", name: str = "first") -> Visitor:
        return Visitor(profile(locale, name).new_page(), server.url, tmp_path_factory.mktemp("shots"))

    return opened
