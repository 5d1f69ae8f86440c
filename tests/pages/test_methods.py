"""The page of methods and sources: every method with its command, every register with its licence."""

from __future__ import annotations

from data import registry
from indicators.methods import METHODS


def test_every_method_has_its_command_columns_and_source(demo, look, screen):
    at = look("methods", lang="en")
    assert {f"python -m data compute {name} FILE.csv" for name in METHODS} == {code.value for code in at.code}
    assert {subheader.value for subheader in at.subheader} >= set(METHODS)
    tables = [table for table in screen(at).tables() if {"Column", "Type", "Unit", "Note"} <= set(table.columns)]
    assert len(tables) == len(METHODS)
    for method in METHODS.values():
        assert any(method.source in caption.value for caption in at.caption)


def test_a_foot_line_links_to_an_anchor_that_is_there(demo, look):
    anchors = {subheader.proto.anchor for subheader in look("methods").subheader}
    feet = [caption.value for page in ("overview", "clustering", "prosperity") for caption in look(page).caption]
    linked = {foot.split("/methods#", 1)[1].split(")", 1)[0] for foot in feet if "/methods#" in foot}
    assert linked
    assert linked <= anchors


def test_every_register_states_its_licence(demo, look, screen):
    table = screen(look("methods", lang="en")).table("Register", "Licence")
    assert table.height == registry.sources().height
    assert table["Licence"].null_count() == 0
