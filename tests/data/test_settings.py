"""Settings: defaults, every variable, and one sentence for every value that cannot be used."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import sqlalchemy as sa

from data.settings import REPOSITORY, Settings, SettingsError, is_loopback


def test_defaults():
    settings = Settings.from_environment({})
    assert settings.home == REPOSITORY / ".parkpulse"
    assert sa.make_url(settings.database_url).database == str(REPOSITORY / ".parkpulse" / "parkpulse.db")
    assert (settings.port, settings.address, settings.auth) == (8501, "127.0.0.1", "demo")


def test_every_variable_is_read(tmp_path):
    given = {
        "PARK_HOME": str(tmp_path / "here"),
        "PARK_DATABASE_URL": "postgresql://ann@db/park",
        "PARK_PORT": "8600",
        "PARK_ADDRESS": "::1",
        "PARK_AUTH": "demo",
        "HOME": "/elsewhere",
    }
    assert Settings.from_environment(given) == Settings(
        tmp_path / "here", "postgresql://ann@db/park", 8600, "::1", "demo"
    )


def test_empty_and_blank_variables_are_unset():
    names = ("PARK_HOME", "PARK_DATABASE_URL", "PARK_PORT", "PARK_ADDRESS", "PARK_AUTH")
    assert Settings.from_environment(dict.fromkeys(names, " ")) == Settings.from_environment({})


@pytest.mark.parametrize("folder", ["plain", "with space", "数据", "100%", "50%20off", "what?now", "a#b"])
def test_the_store_file_is_in_the_data_folder_whatever_its_name(tmp_path, folder):
    settings = Settings.from_environment({"PARK_HOME": str(tmp_path / folder)})
    assert sa.make_url(settings.database_url).database == str(tmp_path / folder / "parkpulse.db")


def test_a_relative_home_and_a_tilde_become_full_paths(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert Settings.from_environment({"PARK_HOME": "here"}).home == tmp_path / "here"
    assert Settings.from_environment({"PARK_HOME": "~/here"}).home == tmp_path / "here"


@pytest.mark.parametrize("port", ["0", "65536", "-1", "many", "8501.5", "８５０１", "²"])
def test_a_port_that_is_none(port):
    with pytest.raises(SettingsError, match=r"^PARK_PORT=.*from 1 to 65535"):
        Settings.from_environment({"PARK_PORT": port})


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "10.0.0.7", "park.example", "127.0.0.1.example"])
def test_demonstration_mode_listens_on_this_machine_only(address):
    with pytest.raises(SettingsError, match=rf"^PARK_ADDRESS={address}: without sign-in .* 127\.0\.0\.1\.$"):
        Settings.from_environment({"PARK_ADDRESS": address})


@pytest.mark.parametrize("address", ["127.0.0.1", "127.5.5.5", "localhost", "LOCALHOST", "::1", "[::1]"])
def test_loopback_addresses(address):
    assert is_loopback(address)


@pytest.mark.parametrize("auth", ["oidc", "accounts", "none", "Demo"])
def test_only_demo_exists(auth):
    with pytest.raises(SettingsError, match=rf"^PARK_AUTH={auth}: only `demo` exists in this version"):
        Settings.from_environment({"PARK_AUTH": auth})


def test_an_unknown_home_user():
    with pytest.raises(SettingsError, match=r"^PARK_HOME=~nobody-here-x/park: there is no such user"):
        Settings.from_environment({"PARK_HOME": "~nobody-here-x/park"})


def test_a_password_is_not_in_the_text_form_and_nothing_can_be_changed(tmp_path):
    settings = Settings(Path(tmp_path), "postgresql://ann:secret@db/park", 8501, "127.0.0.1", "demo")
    assert "secret" not in repr(settings)
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.port = 80
