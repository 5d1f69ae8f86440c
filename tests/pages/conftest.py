"""The dashboard driven without a browser: a store to look at, a visitor who looks, and what is on the page."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest
import streamlit as st
from google.protobuf.message import Message
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from data import registry
from data.access import DEMO_VIEWERS
from data.cli.entry import main
from data.current_registers import registers
from data.ingest import check
from data.settings import Settings
from data.store import Provenance, ScopedStore, Store
from pages.parts.events import cached_events
from pages.parts.surveys import board
from pages.parts.upload import desk

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 11, 22)
LOOPBACK = "127.0.0.1"
FIGURES_HEADER = "city_id,city_name,territory,indicator_id,period,value,unit,definition,trust,source_title,source_url"
SECONDS = 60
SETTINGS = ("PARK_HOME", "PARK_DATABASE_URL", "PARK_PORT", "PARK_ADDRESS", "PARK_AUTH", "PARK_LANG")

Look = Callable[..., AppTest]


class Clock(date):
    """A calendar that stands still, so that the demonstration month is not in the future."""

    @classmethod
    def today(cls) -> date:
        return TODAY


class Screen:
    """What a page shows, found without knowing how it is laid out."""

    def __init__(self, at: AppTest) -> None:
        self.at = at
        self.elements = [element for part in (at.main, at.sidebar) for element in part if element.proto is not None]

    def figures(self) -> dict[str, str]:
        """The metrics by label."""
        return {metric.label: metric.value for metric in self.at.metric}

    def decks(self) -> list[dict[str, Any]]:
        """The maps as the browser gets them."""
        return [json.loads(deck.proto.json) for deck in self.at.get("deck_gl_json_chart")]

    def districts(self, place: int = 0) -> dict[str, tuple[str, Any]]:
        """The tooltip and the fill of every district of a map by code."""
        layer = next(layer for layer in self.decks()[place]["layers"] if layer["id"] == "districts")
        rows = layer["data"]["features"] if isinstance(layer["data"], dict) else layer["data"]
        plain = [row.get("properties", row) | {k: v for k, v in row.items() if k != "properties"} for row in rows]
        return {row["district_code"]: (row["text"], row.get("fill")) for row in plain}

    def tables(self) -> list[pl.DataFrame]:
        """Every table of the page, also those behind a menu."""
        return [pl.from_pandas(frame.value) for frame in self.at.dataframe]

    def table(self, *columns: str) -> pl.DataFrame:
        """The first table that has these columns."""
        return next(table for table in self.tables() if set(columns) <= set(table.columns))

    def strings(self) -> list[str]:
        """Every piece of text of every element, maps and charts included, style and scripts left out."""
        told: list[str] = []
        for element in self.elements:
            if element.type != "html":
                told += _strings(element.proto)
        return told + [str(cell) for table in self.tables() for cell in [*table.columns, *_cells(table)]]

    def said(self) -> str:
        """The text of the page in one piece."""
        return "\n".join(self.strings())


def _cells(table: pl.DataFrame) -> list[Any]:
    return [cell for column in table.columns for cell in table[column].to_list() if cell is not None]


def _strings(message: Message) -> list[str]:
    found: list[str] = []
    for field, value in message.ListFields():
        if field.name in ("id", "url", "element_id", "deferred_file_id"):
            continue
        for one in value if isinstance(value, (list, tuple)) or hasattr(value, "append") else [value]:
            if isinstance(one, str):
                found.append(one)
            elif isinstance(one, Message):
                found += _strings(one)
    return found


@pytest.fixture(scope="session")
def first_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder after the first start, with demonstration data and boundaries; tests that write copy it."""
    home = tmp_path_factory.mktemp("first") / "home"
    with pytest.MonkeyPatch.context() as patch:
        for name in SETTINGS:
            patch.delenv(name, raising=False)
        patch.setenv("PARK_HOME", str(home))
        assert main(["init"]) == 0
    return home


@pytest.fixture(autouse=True)
def _machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No settings but the test's own, a loopback address, a calendar that stands still."""
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PARK_HOME", str(tmp_path / "home"))
    for module in (board, cached_events, desk):
        monkeypatch.setattr(module, "date", Clock)
    monkeypatch.setattr(manifest_scanner, "scan_component_manifests", list)  # 0.4 s a visitor, and we ship none
    served_at(monkeypatch, LOOPBACK)


def served_at(monkeypatch: pytest.MonkeyPatch, address: str | None) -> None:
    """The dashboard as if the server listened on this address."""
    option = st.config.get_option
    monkeypatch.setattr(st, "get_option", lambda name: address if name == "server.address" else option(name))


@pytest.fixture
def at_address(monkeypatch: pytest.MonkeyPatch) -> Callable[[str | None], None]:
    return lambda address: served_at(monkeypatch, address)


@pytest.fixture
def demo(first_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The demonstration store, shared: look, do not touch."""
    monkeypatch.setenv("PARK_HOME", str(first_home))
    return first_home


@pytest.fixture
def copied(first_home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A demonstration store of the test's own."""
    home = tmp_path / "copied"
    shutil.copytree(first_home, home)
    monkeypatch.setenv("PARK_HOME", str(home))
    yield home
    forget()


@pytest.fixture
def empty(first_home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A store that was just created and holds nothing, with the district boundaries."""
    home = tmp_path / "empty"
    monkeypatch.setenv("PARK_HOME", str(home))
    Store.open(Settings.from_environment()).close()
    shutil.copytree(first_home / "boundaries", home / "boundaries")
    yield home
    forget()


def forget() -> None:
    """Nothing cached by one store is left for the next."""
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.fixture
def stored() -> Iterator[Callable[[str], ScopedStore]]:
    """The store the pages see, opened beside them: `stored("analyst")`."""
    opened: list[Store] = []

    def through(role: str = "analyst") -> ScopedStore:
        opened.append(Store.open(Settings.from_environment()))
        return opened[-1].for_viewer(DEMO_VIEWERS[role])

    yield through
    for store in opened:
        store.close()


@pytest.fixture
def upload_figures(stored: Callable[[str], ScopedStore]) -> Callable[..., None]:
    """City figures as an analyst uploads them, checked and then stored: `upload_figures(line, …)`."""

    def upload(*lines: str) -> None:
        store, text = stored("analyst"), "\n".join([FIGURES_HEADER, *lines]).encode()
        checked = check("figures", text, "figures.csv", registers(store), TODAY)
        assert checked.rejected.is_empty()
        store.add(checked, Provenance("figures.csv", text, "test"))

    return upload


@pytest.fixture
def filled(demo: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[dict[str, pl.DataFrame]], Path]:
    """The home of a store that holds nothing but these rows of its data sets, with the district boundaries."""

    def made(frames: dict[str, pl.DataFrame]) -> Path:
        home = tmp_path / "own"
        with monkeypatch.context() as patch:
            patch.setenv("PARK_HOME", str(home))
            store = Store.open(Settings.from_environment())
            for dataset, rows in frames.items():
                checked = SimpleNamespace(dataset=dataset, accepted=rows)
                store.for_viewer(DEMO_VIEWERS["analyst"]).add(checked, Provenance(dataset, dataset.encode(), "test"))
            store.close()
        shutil.copytree(demo / "boundaries", home / "boundaries")
        return home

    return made


@pytest.fixture
def monthly(stored: Callable[[str], ScopedStore]) -> Callable[..., pl.LazyFrame]:
    """The answers to the monthly questionnaire as a role may use them: `monthly("official")`."""
    return lambda role="analyst": stored(role).answers().filter(pl.col("questionnaire_id") == "monthly")


def plain_index(rows: pl.DataFrame) -> float:
    """The prosperity index of some answers, with nothing but a loop: the sum of weight × (up + same / 2) / n."""
    index = 0.0
    weighted = (pl.col("questionnaire_id") == "monthly") & (pl.col("weight") > 0)
    for item in registry.survey_items().filter(weighted).to_dicts():
        answers = rows.filter(pl.col("item_id") == item["item_id"])["answer"].to_list()
        up, same = answers.count("up"), answers.count("same")
        value = 100 * (up + same / 2) / len(answers)
        index += item["weight"] * (value if item["direction"] == 1 else 100 - value)
    return index


@pytest.fixture
def by_hand() -> Callable[[pl.DataFrame], float]:
    return plain_index


@pytest.fixture
def look(monkeypatch: pytest.MonkeyPatch) -> Look:
    """A visitor who opens a page: `look("events", city="shanghai", lang="en")`.

    AppTest would run every page as if nobody had called st.navigation before; a running server knows better.
    """
    begin = PagesManager.__init__

    def begun(self: PagesManager, *arguments: Any, **options: Any) -> None:
        PagesManager.uses_pages_directory = False
        begin(self, *arguments, **options)

    monkeypatch.setattr(PagesManager, "__init__", begun)

    def opened(page: str = "overview", **query: str) -> AppTest:
        at = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=SECONDS)
        at.query_params = dict(query)
        if page != "overview":
            return turned(at, page, first=True)
        return at.run()

    return opened


def turned(at: AppTest, page: str, first: bool = False) -> AppTest:
    """The visitor on another page; the first page is found by its address, as a link opens it.

    A browser that turns the page sends the widgets of the frame and forgets those of the page it leaves.
    """
    if first:
        at._page_hash = calc_hash(page)
        return at.run()
    at.main.children.clear()
    return at.switch_page(f"pages/{page}.py").run()


@pytest.fixture
def turn() -> Callable[[AppTest, str], AppTest]:
    return turned


@pytest.fixture
def screen() -> type[Screen]:
    return Screen
