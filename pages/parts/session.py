"""Who is looking, in which language, and through which scoped store: the one door every page opens."""

from __future__ import annotations

import contextlib
import ipaddress
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import available_timezones

import polars as pl
import streamlit as st
from streamlit.errors import StreamlitAPIException

from data import registry
from data.access import DEMO_VIEWERS, Action, Viewer, decide, sees_rows
from data.settings import Settings, SettingsError
from data.store import ScopedStore, Store, StoreError
from pages.parts import theme
from pages.parts.text import LANGUAGES, TEXTS, language_of, name_column, say

FRAMED, WANTED, DEFAULT_PAGE = "_framed", "_wanted", "overview"
LOOKS = "_looks_audited"
DOCUMENT_LANGUAGE = {"zh": "zh-CN", "en": "en"}


@dataclass(frozen=True)
class Visit:
    """One look at one page: the viewer, the language, the store as this viewer may see it."""

    viewer: Viewer
    language: str
    dark: bool
    store: ScopedStore
    revision: int
    home: str
    origin: str

    @property
    def key(self) -> str:
        """What a cached figure depends on besides the selection: store, revision, role and scope."""
        return f"{self.origin}|{self.revision}|{self.viewer.role}|{self.viewer.scope.key()}"

    @property
    def name(self) -> str:
        """The register column with names in the visitor's language."""
        return name_column(self.language)

    def named(self) -> pl.Expr:
        """The name of a register's row in the visitor's language, or in the other one where there is none."""
        return pl.coalesce(self.name, *(name_column(other) for other in LANGUAGES if other != self.language))

    def unit(self, unit: str) -> str:
        """A register's unit as it is read in the visitor's language; one that only an upload knows as it is written."""
        return say(f"units.{unit}", self.language) if f"units.{unit}" in TEXTS.keys(self.language) else unit

    def say(self, key: str, **values: object) -> str:
        """A sentence in the visitor's language."""
        return say(key, self.language, **values)


@st.cache_resource(show_spinner=False)
def _store(database_url: str, home: str) -> Store:
    return Store.open(Settings.from_environment())


def is_loopback(address: str | None) -> bool:
    """Whether a server address can be reached from this machine only; no address means every address."""
    if not address:
        return False
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return False


def remembered(key: str, options: list[str], default: str) -> str:
    """The current choice `key`: session first, then the address, then the default; never a value outside `options`.

    A changed address (a link opened in the same tab, the back button) wins over the session once.
    """
    linked, written = st.query_params.get(key), st.session_state.get(f"_linked_{key}")
    current = st.session_state.get(key)
    if linked in options and linked != written:
        current = linked
    value = current if current in options else default
    if st.session_state.get(key) != value:
        st.session_state[key] = value
    return str(value)


def link(key: str, default: str) -> None:
    """Write the choice `key` into the address, or leave the default out of it."""
    value = st.session_state[key]
    if value != default:
        st.query_params[key] = value
    elif key in st.query_params:
        del st.query_params[key]
    st.session_state[f"_linked_{key}"] = value


def language() -> str:
    """The interface language: the choice made here or in the address, else the browser's locale."""
    return remembered("lang", list(LANGUAGES), language_of(st.context.locale))


def frame() -> None:
    """What stands around every page: style, language switch and, in demonstration mode, the switch of roles."""
    spoken = language()
    st.session_state[FRAMED] = True
    st.html(f"<style>{theme.page_css(dark())}</style>")
    code = DOCUMENT_LANGUAGE[spoken]
    st.html(f"<script>document.documentElement.lang='{code}'</script>", unsafe_allow_javascript=True)
    viewers = list(DEMO_VIEWERS)
    st.session_state["lang"], st.session_state["as"] = spoken, remembered("as", viewers, "leadership")
    with st.sidebar:
        label, names = say("frame.language", spoken), {"zh": "中文", "en": "English"}
        st.segmented_control(
            label, LANGUAGES, key="lang", format_func=names.__getitem__, required=True, persist_state="session"
        )
        label = say("frame.view_as", spoken)
        st.selectbox(
            label, viewers, key="as", format_func=lambda role: say(f"role.{role}", spoken), persist_state="session"
        )
        st.caption(scope_line(DEMO_VIEWERS[st.session_state["as"]], spoken))
        st.caption(say("frame.demo_mode", spoken))
    link("lang", language_of(st.context.locale))
    link("as", "leadership")


def scope_line(viewer: Viewer, spoken: str) -> str:
    """The sentence that says which districts the viewer may see."""
    if viewer.scope.districts is None:
        return say("frame.scope_all", spoken)
    names = registry.districts().filter(registry.districts()["district_code"].is_in(sorted(viewer.scope.districts)))
    return say("frame.scope_some", spoken, districts=", ".join(names[name_column(spoken)]))


def zone() -> str:
    """The visitor's time zone as the browser tells it; UTC where it tells none that is known."""
    told = st.context.timezone
    return told if told in available_timezones() else "UTC"


def dark() -> bool:
    """Whether the visitor's theme is dark."""
    return st.context.theme.type == "dark"


def enter_by_the_door(page_file: str) -> None:
    """Send a visitor who opened a page's address before the entry script ever ran through it, and back to that page.

    Streamlit runs `pages/x.py` on its own until `st.navigation` was called once in the server's life.
    """
    if st.session_state.pop(FRAMED, False):
        return
    st.session_state[WANTED] = (Path(page_file).stem, st.query_params.to_dict())
    with contextlib.suppress(StreamlitAPIException):
        st.switch_page("dashboard.py")


def resume(pages: Iterable[st.Page]) -> None:
    """Go on to the page a visitor wanted before being sent through the entry script, with its address."""
    name, query = st.session_state.pop(WANTED, ("", {}))
    for page in pages:
        if name and name in (page.url_path, page.url_path or DEFAULT_PAGE):
            st.session_state.pop(FRAMED, None)
            st.switch_page(page, query_params=query)


def _refuse(reason: str) -> None:
    st.error(f"**{say('refuse.title', language())}**\n\n{reason}")
    st.stop()


def open_page(action: Action) -> Visit:
    """The visit, if this viewer may do `action` here; otherwise one clear sentence and nothing else."""
    enter_by_the_door(sys._getframe(1).f_globals.get("__file__", ""))  # the page is run, not imported
    spoken = language()
    address = st.get_option("server.address")
    if not is_loopback(address):
        _refuse(say("refuse.address", spoken, address=address or "0.0.0.0"))
    viewer = DEMO_VIEWERS[remembered("as", list(DEMO_VIEWERS), "leadership")]
    verdict = decide(viewer, action)
    if not verdict.allowed:
        _refuse(say(verdict.reason, spoken, role=say(f"role.{viewer.role}", spoken)))
    try:
        settings = Settings.from_environment()
        store = _store(settings.database_url, str(settings.home)).for_viewer(viewer)
        return Visit(viewer, spoken, dark(), store, store.revision(), str(settings.home), settings.database_url)
    except (SettingsError, StoreError) as error:
        _refuse(say("refuse.store", spoken, why=error))
        raise


def may_show(visit: Visit, about: str | None) -> bool:
    """Whether single answers may be shown now: the look at them stands in the audit log, once a day and visit.

    about: what is looked at (`data.looks`); None where no stored answer of others is. Where the log cannot be written
    the page says so in one sentence and shows nothing of them.
    """
    if about is None:
        return True
    try:
        visit.store.viewed(about, st.session_state.setdefault(LOOKS, set()))
    except StoreError as error:
        st.error(visit.say("refuse.not_audited", why=error))
        return False
    return True


def minimum_cell(visit: Visit) -> int:
    """The smallest number of answering parks a shown cell may have: 1 for those who see rows, 5 for all others."""
    return 1 if sees_rows(visit.viewer) else 5
