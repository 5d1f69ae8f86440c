"""The one door: loopback only, a known role, a language, a store that opens - or one sentence and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from data.access import DEMO_VIEWERS, Role, Scope, Viewer
from pages.parts.session import Visit, is_loopback, minimum_cell, scope_line


def visit(viewer: Viewer = DEMO_VIEWERS["leadership"], revision: int = 1, origin: str = "sqlite:///a") -> Visit:
    return Visit(viewer, "zh", False, None, revision, "home", origin)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("address", "local"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("[::1]", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("192.168.1.5", False),
        ("example.org", False),
        ("localhost.example.org", False),
        ("127.0.0.1.example.org", False),
        ("", False),
        (None, False),
    ],
)
def test_only_an_address_of_this_machine_is_loopback(address, local):
    assert is_loopback(address) is local


@pytest.mark.parametrize("address", ["0.0.0.0", "192.168.1.5", "", None])
@pytest.mark.parametrize("page", ["overview", "upload", "parks"])
def test_any_other_address_is_refused_on_every_page(demo, look, at_address, address, page):
    at_address(address)
    at = look(page, **{"as": "analyst", "lang": "en"})
    assert not at.exception
    assert len(at.error) == 1
    assert f"listens on {address or '0.0.0.0'}" in at.error[0].value
    assert not at.title
    assert not at.metric
    assert not at.dataframe
    assert not at.file_uploader


def test_the_key_of_the_caches_holds_store_revision_role_and_scope():
    official = Viewer("o", Role.OFFICIAL, Scope(frozenset({"110105"})))
    visits = [
        visit(),
        visit(revision=2),
        visit(origin="sqlite:///b"),
        visit(DEMO_VIEWERS["analyst"]),
        visit(official),
        visit(replace(official, scope=Scope(frozenset({"110106"})))),
        visit(replace(official, scope=Scope(frozenset({"110105", "110106"})))),
        visit(replace(official, scope=Scope(frozenset()))),
    ]
    assert len({one.key for one in visits}) == len(visits)
    assert visit(replace(official, name="another")).key == visit(official).key


def test_small_cells_are_shown_to_those_who_see_rows():
    assert {role: minimum_cell(visit(viewer)) for role, viewer in DEMO_VIEWERS.items()} == {
        "leadership": 5,
        "analyst": 1,
        "official": 5,
    }


@pytest.mark.parametrize(("role", "words"), [("leadership", "every district"), ("official", "Chaoyang")])
def test_the_frame_names_the_scope_and_the_mode(demo, look, role, words):
    at = look("parks", **{"as": role, "lang": "en"})
    assert scope_line(DEMO_VIEWERS[role], "en") in [caption.value for caption in at.sidebar.caption]
    assert words in scope_line(DEMO_VIEWERS[role], "en")
    assert any("Demonstration mode" in caption.value for caption in at.sidebar.caption)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PARK_AUTH", "oidc", "demo"),
        ("PARK_ADDRESS", "0.0.0.0", "PARK_ADDRESS"),
        ("PARK_PORT", "many", "PARK_PORT"),
        ("PARK_DATABASE_URL", "nonsense", "PARK_DATABASE_URL"),
    ],
)
def test_wrong_settings_are_one_sentence(demo, look, monkeypatch, name, value, words):
    monkeypatch.setenv(name, value)
    at = look("parks", lang="en")
    assert not at.exception
    assert not at.title
    assert len(at.error) == 1
    assert "The store cannot be opened" in at.error[0].value
    assert words in at.error[0].value


def test_a_broken_store_file_is_one_sentence(look, monkeypatch, tmp_path):
    home = tmp_path / "broken"
    home.mkdir()
    (home / "parkpulse.db").write_bytes(b"this is no database" * 100)
    monkeypatch.setenv("PARK_HOME", str(home))
    at = look("overview", lang="en")
    assert not at.exception
    assert not at.title
    assert len(at.error) == 1
    assert "parkpulse.db" in at.error[0].value


def test_the_language_is_that_of_the_browser_until_one_is_chosen(demo, look):
    at = look("parks")
    at.context = {"locale": "de-DE"}
    at.run()
    assert at.title[0].value == "园区名录", "the language of the first run stays"
    at = look("parks", lang="xx")
    assert at.title[0].value == "园区名录"
    at.sidebar.segmented_control(key="lang").set_value("en").run()
    assert at.title[0].value == "Park register"
    assert at.query_params == {"lang": "en"}


def chosen() -> None:
    """A page with one choice, remembered and linked as the pages do it."""
    import streamlit as st

    from pages.parts.session import link, remembered

    st.text(remembered("thing", ["a", "b", "c"], "a"))
    link("thing", "a")


def choice(at: AppTest) -> tuple[str, dict[str, str]]:
    assert not at.exception
    return at.text[0].value, at.query_params


def test_a_choice_comes_from_the_address_the_session_or_the_default():
    at = AppTest.from_function(chosen)
    assert choice(at.run()) == ("a", {})
    at.query_params = {"thing": "b"}
    assert choice(at.run()) == ("b", {"thing": "b"})
    at.query_params = {}
    assert choice(at.run()) == ("b", {"thing": "b"}), "a page without the choice in its address keeps it"


def test_a_value_that_does_not_exist_is_the_default_and_leaves_the_address():
    at = AppTest.from_function(chosen)
    at.query_params = {"thing": "z"}
    assert choice(at.run()) == ("a", {})


def test_the_session_wins_over_an_address_it_wrote_itself():
    at = AppTest.from_function(chosen)
    at.query_params = {"thing": "b"}
    at.run()
    at.session_state["thing"] = "c"
    assert choice(at.run()) == ("c", {"thing": "c"})
    at.query_params = {"thing": "b"}
    assert choice(at.run()) == ("b", {"thing": "b"}), "a new link wins once"


def test_a_value_in_the_session_that_is_no_option_any_more_is_the_default():
    at = AppTest.from_function(chosen)
    at.session_state["thing"] = "gone"
    assert choice(at.run()) == ("a", {})
