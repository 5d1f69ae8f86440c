"""Limits as settings."""

from __future__ import annotations

from dataclasses import fields

import pytest

from data.ingest.limits import PREFIX, Limits
from data.settings import SettingsError


def test_every_limit_is_a_setting_that_the_docstring_names():
    for limit in fields(Limits):
        name = f"{PREFIX}{limit.name.upper()}"
        assert getattr(Limits.from_environment({name: " 7 "}), limit.name) == 7
        assert name in (Limits.__doc__ or "")


def test_unset_and_empty_are_the_defaults():
    assert Limits.from_environment({"PARK_LIMIT_ROWS": "  ", "PARK_HOME": "x"}) == Limits()


@pytest.mark.parametrize("value", ["0", "-1", "1e6", "many", "1.5", "１０"])
def test_a_wrong_value_is_one_sentence(value):
    with pytest.raises(SettingsError, match=f"PARK_LIMIT_ROWS={value}: .*for example 1000000"):
        Limits.from_environment({"PARK_LIMIT_ROWS": value})
